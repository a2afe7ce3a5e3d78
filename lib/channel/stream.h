/* SPDX-License-Identifier: Apache-2.0 */
/* Byte streams by name: tcp:, tls: (ssl:), unix:, their passive twins, and pairs in memory. */
#ifndef LIB_CHANNEL_STREAM_H
#define LIB_CHANNEL_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;
struct channel_env;
struct stream;
struct stream_listener;

/* What a stream tells its owner, from the event loop, never from inside a call of the owner's into the
 * stream. Within any of them the owner may destroy the stream. */
struct stream_handlers {
    /* Connected (and TLS handshaken). */
    void (*connected)(void *aux);
    /* 'size' bytes came; borrowed during the call. */
    void (*received)(void *aux, const uint8_t *data, size_t size);
    /* The send queue became empty. May be NULL. */
    void (*drained)(void *aux);
    /* The stream is dead: 'error' is an errno, 0 for an orderly close by the peer; 'reason' says it in
     * words (for TLS: wrong CA, expired, not yet valid, no certificate, wrong purpose ...). Nothing follows. */
    void (*closed)(void *aux, int error, const char *reason);
};

/* Begins to connect to 'name' ("tcp:HOST[:PORT]", "tls:...", "ssl:...", "unix:PATH"), with 'default_port'
 * where none is given. Returns 0 with *s, or an errno with *error a malloc()ed sentence. */
int stream_open(const struct channel_env *env, const char *name, uint16_t default_port,
                const struct stream_handlers *handlers, void *aux, struct stream **s, char **error);

/* Replaces the handlers (an accepted stream comes without). */
void stream_set_handlers(struct stream *s, const struct stream_handlers *handlers, void *aux);

/* Closes at once what is unsent included, and frees; no handler is called any more. Accepts NULL. */
void stream_destroy(struct stream *s);

/* Queues 'msg' and takes ownership. Never fails: a dead stream drops it. */
void stream_send(struct stream *s, struct bytes *msg);

/* Bytes accepted by stream_send() and not yet taken by the kernel. */
size_t stream_backlog(const struct stream *s);

/* Stops and resumes reading; the kernel's window then holds the peer back. */
void stream_pause(struct stream *s, bool pause);

/* Name as given, or "tcp:ADDRESS:PORT" of the peer of an accepted one. */
const char *stream_name(const struct stream *s);

/* Local and remote IP address and port as text ("" if none), e.g. for in-band rules and logs. */
const char *stream_local(const struct stream *s);
const char *stream_remote(const struct stream *s);

/* Listens on "ptcp:[PORT][:ADDRESS]", "ptls:"/"pssl:" alike, "punix:PATH" (mode 0600, a stale socket is
 * replaced, a live one refused). 'accept' is given each new stream, connected and handshaken, and owns it. */
int stream_listen(const struct channel_env *env, const char *name, uint16_t default_port,
                  void (*accept)(void *aux, struct stream *s), void *aux,
                  struct stream_listener **l, char **error);
void stream_listener_destroy(struct stream_listener *l);

/* Port that a passive TCP or TLS listener got (useful with ptcp:0). */
uint16_t stream_listener_port(const struct stream_listener *l);

/* True if 'name' is that of a passive stream. */
bool stream_name_is_passive(const char *name);

/* Two connected streams in memory: what one sends the other receives when stream_pair_deliver() is called
 * (simulation and tests: deterministic, no loop). Returns true if something was delivered. */
void stream_pair(const struct channel_env *env, struct stream **a, struct stream **b);
bool stream_pair_deliver(struct stream *either);

#endif
