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

/* Names
 * =====
 *
 * Active:  "tcp:HOST[:PORT]", "tls:HOST[:PORT]" ("ssl:" means the same), "unix:PATH".
 * Passive: "ptcp:[PORT][:ADDRESS]", "ptls:[PORT][:ADDRESS]" ("pssl:" too), "punix:PATH"; without
 *          an address they listen on the loopback address 127.0.0.1 only.
 * Memory:  "memory:NAME" and "pmemory:NAME" meet in env->hub, for simulation and tests.
 * IPv6 addresses stand in brackets.  HOST may be a name, which is looked up without blocking.
 *
 * Life cycle: stream_open() or a listener's accept() gives a stream to its owner, who destroys it.
 * After closed() it still has to be destroyed.
 *
 * Threads: the loop's only. */

/* What a stream tells its owner, from the event loop (memory streams: from stream_pair_deliver() or
 * stream_hub_deliver()), never from inside a call of the owner's into the stream.  Within any of
 * them the owner may destroy the stream.  Each may be NULL. */
struct stream_handlers {
    /* Connected (and TLS handshaken).  Not called for a stream that came from accept(). */
    void (*connected)(void *aux);
    /* 'size' bytes came; borrowed during the call. */
    void (*received)(void *aux, const uint8_t *data, size_t size);
    /* The send queue became empty. */
    void (*drained)(void *aux);
    /* The owner called stream_wake(). */
    void (*woken)(void *aux);
    /* The stream is dead: 'error' is an errno, 0 for an orderly close by the peer; 'reason' says it
     * in words (for TLS: wrong CA, expired, not yet valid, no certificate, wrong purpose ...).
     * Nothing follows.  Sockets tell of an orderly close when what waits for the peer is sent (of
     * which drained() does not tell any more), or after 10 s. */
    void (*closed)(void *aux, int error, const char *reason);
};

/* Begins to connect to 'name', with 'default_port' where none is given.  Gives up 10 s after the
 * last address was tried (dial.h says how, and how long names are looked up before), for TLS 10 s
 * more for the handshake.  Returns 0 with '*s', or an errno with '*error' a malloc()ed sentence.
 * 'handlers' is borrowed and outlives the stream. */
int stream_open(const struct channel_env *env, const char *name, uint16_t default_port,
                const struct stream_handlers *handlers, void *aux, struct stream **s, char **error);

/* Checks 'name' as stream_open() would, without opening anything.  Returns 0, or EINVAL with
 * '*error' a malloc()ed sentence that names the fault and the remedy. */
int stream_check_name(const struct channel_env *env, const char *name, char **error);

/* Replaces the handlers (an accepted stream comes without, and reads nothing until it has some). */
void stream_set_handlers(struct stream *s, const struct stream_handlers *handlers, void *aux);

/* Closes at once and frees; no handler is called any more.  Of what is unsent, the kernel is given
 * what it takes without waiting; the rest is lost.  Accepts NULL. */
void stream_destroy(struct stream *s);

/* Queues 'msg' and takes ownership.  Never fails: a dead stream drops it.  What is queued within
 * one round of the event loop leaves in as few system calls as possible. */
void stream_send(struct stream *s, struct bytes *msg);

/* Tells the peer, after all that is queued, that nothing more will be sent; reading goes on. */
void stream_shutdown(struct stream *s);

/* Has woken() called soon, once, before the event loop waits again. */
void stream_wake(struct stream *s);

/* Bytes accepted by stream_send() and not yet taken by the kernel. */
size_t stream_backlog(const struct stream *s);

/* True if the peer has ended its side, but closed() waits until it has taken what waits for it. */
bool stream_is_ending(const struct stream *s);

/* Stops and resumes reading; the kernel's window then holds the peer back.  While it is paused, the
 * end of the connection may go unnoticed too. */
void stream_pause(struct stream *s, bool pause);

/* Name as given, or "tcp:ADDRESS:PORT" of the peer of an accepted one. */
const char *stream_name(const struct stream *s);

/* Local and remote IP address and port as text, "ADDRESS:PORT" or "[ADDRESS]:PORT" ("" if there is
 * none, or not yet), e.g. for in-band rules and logs. */
const char *stream_local(const struct stream *s);
const char *stream_remote(const struct stream *s);

/* Checks that the peer of a connected stream is 'name', by its certificate (tls_check_peer()).
 * Returns NULL; or a malloc()ed sentence that tells why not, as of every stream without TLS. */
char *stream_check_peer(const struct stream *s, const char *name);

/* Listens on the passive name 'name' (for punix: mode 0600, a stale socket is replaced, a live one
 * refused).  'accept' is given each new stream, connected and handshaken, and owns it; it may
 * destroy the listener.  Returns 0 with '*l', or an errno with '*error' a malloc()ed sentence. */
int stream_listen(const struct channel_env *env, const char *name, uint16_t default_port,
                  void (*accept)(void *aux, struct stream *s), void *aux,
                  struct stream_listener **l, char **error);

/* Stops listening; streams that were accepted live on.  A punix: socket is removed.  Accepts
 * NULL. */
void stream_listener_destroy(struct stream_listener *l);

/* Port that a passive TCP or TLS listener got (useful with ptcp:0); 0 for others. */
uint16_t stream_listener_port(const struct stream_listener *l);

/* True if 'name' is that of a passive stream. */
bool stream_name_is_passive(const char *name);

/* Two connected streams in memory: what one sends the other receives when stream_pair_deliver() is
 * called (simulation and tests: deterministic, no loop).  That returns true if it did anything:
 * delivered bytes, or called any handler.  A stream must not be its argument after it was
 * destroyed, the peer of a destroyed one may.  With env->hub, stream_hub_deliver() does it too. */
void stream_pair(const struct channel_env *env, struct stream **a, struct stream **b);
bool stream_pair_deliver(struct stream *either);

/* A place where memory: and pmemory: names meet.  Destroy it after all streams of its names. */
struct stream_hub *stream_hub_create(void);
void stream_hub_destroy(struct stream_hub *hub);

/* One round for each memory stream of the hub, in order of their creation: connects, delivers bytes
 * and closes.  Returns true if anything was done; simulation repeats it until it returns false. */
bool stream_hub_deliver(struct stream_hub *hub);

#endif
