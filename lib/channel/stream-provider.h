/* SPDX-License-Identifier: Apache-2.0 */
/* The contract between streams in general and each kind of stream. */
#ifndef LIB_CHANNEL_STREAM_PROVIDER_H
#define LIB_CHANNEL_STREAM_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/util.h"

struct bytes;
struct channel_env;
struct stream;
struct stream_handlers;
struct stream_listener;
struct stream_name;

/* Nanoseconds for which a peer that has ended its side in order may take what waits for it, before
 * the owner is told of the end. */
#define STREAM_LINGER (10 * SEC)

/* A kind of stream embeds struct stream as its first member and fills in a struct stream_class.
 *
 * References: the owner has one.  A kind holds others while something outside (the event loop, a
 * caller further up the stack) may still come back to it: stream_ref(), stream_unref().  The last
 * one calls free().  So a kind that calls a stream_tell_*() function holds a reference around the
 * call and asks stream_is_alive() afterwards: if false, the owner has destroyed it within.
 *
 * Order of events: connected once (not if accepted), then received, drained and woken, then closed
 * at most once; after it, and after close(), stream_tell_*() functions do nothing. */
struct stream_class {
    /* Queues bytes and takes ownership.  Not called after closed. */
    void (*send)(struct stream *s, struct bytes *msg);
    /* Bytes queued. */
    size_t (*backlog)(const struct stream *s);
    /* s->is_paused or s->handlers changed: read or don't, and hand out what was kept. */
    void (*update_reading)(struct stream *s);
    /* Has the loop call stream_tell_woken() soon. */
    void (*wake)(struct stream *s);
    /* Ends the sending side after what is queued. */
    void (*shutdown)(struct stream *s);
    /* As stream_check_peer(), of a stream that is connected.  NULL: peers have no names. */
    char *(*check_peer)(const struct stream *s, const char *name);
    /* The owner is gone: release everything outside that can be, at once. */
    void (*close)(struct stream *s);
    /* The last reference is gone: free the kind's own struct. */
    void (*free)(struct stream *s);
};

/* What all streams have. */
struct stream {
    const struct stream_class *class;       /* Its kind. */
    const struct channel_env *env;          /* Borrowed from the program. */
    const struct stream_handlers *handlers; /* The owner's; NULL before they are set. */
    void *aux;                              /* Argument of the handlers. */
    char *name;                             /* As given, or made for an accepted one; owned. */
    char *local;                            /* Local address and port, or NULL; owned. */
    char *remote;                           /* Remote address and port, or NULL; owned. */
    unsigned refs;                          /* References; the struct lives while there are any. */
    bool is_paused;                         /* The owner wants no bytes now. */
    bool is_ending;                         /* The peer has ended its side; set by the kind. */
    bool is_destroyed;                      /* The owner has destroyed it. */
    bool is_closed;                         /* closed() was told, or would have been. */
};

/* What all listeners have. */
struct stream_listener {
    /* Stops listening; frees 'l', or lets it go when the loop is done with it. */
    void (*destroy)(struct stream_listener *l);
    uint16_t port; /* TCP port that it listens on; 0 for others. */
};

/* Who is given the streams that a listener accepts. */
struct stream_acceptor {
    void (*accept)(void *aux, struct stream *s); /* Owns 's'. */
    void *aux;                                   /* Argument of accept(). */
};

/* Initialises what all streams have, with the owner's reference; copies 'name'. */
void stream_init(struct stream *s, const struct stream_class *class, const struct channel_env *env,
                 const char *name);

/* Takes and drops a reference. */
void stream_ref(struct stream *s);
void stream_unref(struct stream *s);

/* Is the stream neither destroyed nor closed? */
bool stream_is_alive(const struct stream *s);

/* Does the owner want bytes: has it handlers, and not paused? */
bool stream_wants_bytes(const struct stream *s);

/* Each calls one handler of the owner, if the stream is alive and the handler is there. */
void stream_tell_connected(struct stream *s);
void stream_tell_received(struct stream *s, const uint8_t *data, size_t size);
void stream_tell_drained(struct stream *s);
void stream_tell_woken(struct stream *s);
void stream_tell_closed(struct stream *s, int error, const char *reason);

#endif
