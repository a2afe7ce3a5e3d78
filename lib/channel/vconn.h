/* SPDX-License-Identifier: Apache-2.0 */
/* One OpenFlow connection: messages framed over a stream, version agreed by HELLO. */
#ifndef LIB_CHANNEL_VCONN_H
#define LIB_CHANNEL_VCONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;
struct channel_env;
struct stream;
struct vconn;

/* What a vconn tells its owner, never from inside a call of the owner's.  The owner may destroy the
 * vconn within any of them.  'drained' may be NULL. */
struct vconn_handlers {
    /* HELLO exchanged, version agreed. */
    void (*connected)(void *aux);
    /* One whole message after the HELLOs (any version byte; ECHO included), borrowed during the
     * call.  'data' has no alignment. */
    void (*message)(void *aux, const uint8_t *data, size_t size);
    /* The send queue became empty. */
    void (*drained)(void *aux);
    /* Dead; 'error' is an errno, 0 for an orderly close.  Nothing follows. */
    void (*closed)(void *aux, int error, const char *reason);
};

/* Dials 'name'.  HELLO is sent at once on connection; a peer that says none within 5 s is dropped
 * (A1.7), and so is one that says anything else before it.  Incompatible versions: HELLO_FAILED is
 * sent, then the connection is closed (A1.6).  Returns 0, or an errno with '*error' malloc()ed. */
int vconn_open(const struct channel_env *env, const char *name, uint16_t default_port,
               const struct vconn_handlers *handlers, void *aux, struct vconn **v, char **error);

/* Takes over a connected stream (accepted, or half of a pair) and its ownership. */
struct vconn *vconn_from_stream(const struct channel_env *env, struct stream *s,
                                const struct vconn_handlers *handlers, void *aux);

/* Lets no other peer in than 'name', which is copied: one whose certificate is of somebody else, or
 * that has none, is sent HELLO_FAILED/EPERM with a text that tells why when its HELLO has come, and
 * the connection is closed (A10.2).  To be said before that. */
void vconn_expect_peer(struct vconn *v, const char *name);

/* Closes and frees, as stream_destroy() does.  Accepts NULL. */
void vconn_destroy(struct vconn *v);

/* Queues a whole message; takes ownership.  Before connected() and after closed() it is dropped. */
void vconn_send(struct vconn *v, struct bytes *msg);

/* Bytes queued. */
size_t vconn_backlog(const struct vconn *v);

/* As stream_is_ending(). */
bool vconn_is_ending(const struct vconn *v);

/* Suspends the delivery of messages: no later message is given until resumed, even those already
 * read (a barrier waits, A1.12).  At most one read's worth is kept.  Only after connected(). */
void vconn_pause(struct vconn *v, bool pause);

/* When bytes last came (or the vconn was made): nanoseconds of the wheel's time. */
int64_t vconn_last_received(const struct vconn *v);

#endif
