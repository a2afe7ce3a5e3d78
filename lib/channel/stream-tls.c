/* SPDX-License-Identifier: Apache-2.0 */
/* Streams that carry another stream's bytes in TLS. */
#include "lib/channel/stream-tls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/channel/tls.h"
#include "lib/list.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(stream_tls);

/* Theory
 * ======
 *
 * Sending.  What is sent in one round of the loop gathers in 'out'; when the inner stream wakes us
 * it becomes as few TLS records as possible.
 *
 * Receiving.  Plain bytes that the owner does not want yet (paused, or an accepted stream whose
 * owner has set no handlers) wait in 'plain', and so does the end of the session behind them, in
 * 'end'.  deliver() hands both out; when it could not, update_reading() has us woken.  The owner
 * may keep bytes that it got back for later, while it is paused; so an orderly end waits until it
 * wants more, as that of a socket would.
 *
 * The peer's end is not ours: what the owner sends after an orderly one still goes out, and the
 * owner is not told of it while something waits for the peer, unless that lasts too long.
 *
 * The inner stream is paused while the owner is, but not before the handshake is done. */

enum { GATHER_BYTES = 64 * 1024 /* When as much is queued it is encrypted at once. */ };
#define HANDSHAKE_TIMEOUT (10 * SEC)

struct tls_stream {
    struct stream base;   /* What all streams have. */
    struct stream *inner; /* Carries the wire bytes; owned.  NULL after the owner's destroy. */
    struct tls *tls;      /* The session; owned. */
    struct timer timeout; /* Ends the handshake; later the lingering behind an orderly end. */
    struct bytes out;     /* Plain bytes to be encrypted. */
    struct bytes plain;   /* Plain bytes that the owner has still to get. */
    bool is_told;         /* The owner knows that it is connected. */
    bool is_ended;        /* No more will come in; see 'end_error'. */
    bool is_late;         /* The peer had its time to take what waits. */
    bool woken;           /* The owner called stream_wake(). */
    bool wants_shutdown;  /* The owner sends no more. */
    int end_error;        /* For closed(), once 'plain' is delivered. */
    char *end_reason;     /* For closed(), likewise; owned. */
};

static const struct stream_class tls_stream_class;

static struct tls_stream *tls_stream_cast(const struct stream *s)
{
    return CONTAINER_OF((void *) (uintptr_t) s, struct tls_stream, base);
}

/* Notes the end of the session; the first one counts. */
static void end(struct tls_stream *t, int error, const char *reason)
{
    struct timer_wheel *wheel = t->base.env->wheel;
    if (!t->is_ended) {
        if (error) {
            timer_cancel(wheel, &t->timeout);
        } else {
            timer_set(wheel, &t->timeout, timer_wheel_now(wheel) + STREAM_LINGER);
            t->base.is_ending = true;
        }
        t->is_ended = true;
        t->end_error = error;
        t->end_reason = xstrdup(reason);
    }
}

/* Passes 'wire', which becomes empty, to the inner stream. */
static void send_wire(struct tls_stream *t, struct bytes *wire)
{
    if (wire->size) {
        struct bytes *msg = bytes_create(0);
        *msg = *wire;
        bytes_init(wire);
        stream_send(t->inner, msg);
    } else {
        bytes_uninit(wire);
    }
}

/* Encrypts what waits. */
static void encrypt(struct tls_stream *t)
{
    struct bytes wire = BYTES_INIT;
    if (!tls_is_established(t->tls) || t->end_error) {
        return;
    }
    if (t->out.size && tls_write(t->tls, t->out.data, t->out.size, &wire)) {
        end(t, EPROTO, tls_reason(t->tls));
    }
    bytes_clear(&t->out);
    if (t->wants_shutdown) {
        tls_finish(t->tls, &wire);
    }
    send_wire(t, &wire);
    if (t->wants_shutdown) {
        stream_shutdown(t->inner);
    }
}

/* Is it time to tell the owner of the end? */
static bool end_is_due(const struct tls_stream *t)
{
    if (!t->is_ended || !stream_is_alive(&t->base) || !t->base.handlers) {
        return false;
    }
    bool is_last_call = !stream_is_alive(t->inner); /* Nothing will wake us any more. */
    bool is_done = t->is_late || !stream_backlog(&t->base);
    return is_last_call
           || (!t->plain.size && (t->end_error || (is_done && stream_wants_bytes(&t->base))));
}

/* Gives the owner what waits for it.  The caller holds a reference. */
static void deliver(struct tls_stream *t)
{
    if (t->plain.size && stream_wants_bytes(&t->base)) {
        struct bytes plain = t->plain;
        bytes_init(&t->plain);
        stream_tell_received(&t->base, plain.data, plain.size);
        bytes_uninit(&plain);
    }
    if (end_is_due(t)) {
        stream_tell_closed(&t->base, t->end_error, t->end_reason);
    }
}

static void tls_stream_update_reading(struct stream *s)
{
    struct tls_stream *t = tls_stream_cast(s);
    if (t->inner && stream_is_alive(s)) {
        stream_pause(t->inner, t->is_told && !stream_wants_bytes(s));
        if (t->plain.size || t->is_ended) {
            stream_wake(t->inner);
        }
    }
}

/* The handshake is done: tells the owner. */
static void tell_connected(struct tls_stream *t)
{
    timer_cancel(t->base.env->wheel, &t->timeout);
    t->is_told = true;
    VLOG_DBG("%s: %s", t->base.name, tls_describe(t->tls));
    stream_tell_connected(&t->base);
    if (stream_is_alive(&t->base)) {
        tls_stream_update_reading(&t->base);
        stream_wake(t->inner);
    }
}

/* Takes over the addresses of the inner stream, once they are known. */
static void copy_addresses(struct tls_stream *t)
{
    if (!t->base.local) {
        t->base.local = xstrdup(stream_local(t->inner));
        t->base.remote = xstrdup(stream_remote(t->inner));
    }
}

static void inner_connected(void *aux)
{
    struct tls_stream *t = (struct tls_stream *) aux;
    struct bytes wire = BYTES_INIT;
    copy_addresses(t);
    timer_set(t->base.env->wheel, &t->timeout,
              timer_wheel_now(t->base.env->wheel) + HANDSHAKE_TIMEOUT);
    tls_start(t->tls, &wire);
    send_wire(t, &wire);
}

static void inner_received(void *aux, const uint8_t *data, size_t size)
{
    struct tls_stream *t = (struct tls_stream *) aux;
    struct bytes wire = BYTES_INIT;
    if (t->is_ended) {
        return;
    }
    stream_ref(&t->base);
    int retval = tls_feed(t->tls, data, size, &t->plain, &wire);
    send_wire(t, &wire);
    if (!retval && !t->is_told && tls_is_established(t->tls)) {
        tell_connected(t);
    }
    if (retval) {
        end(t, retval == ECONNRESET ? 0 : retval,
            retval == ECONNRESET ? "closed by the peer" : tls_reason(t->tls));
    }
    deliver(t);
    stream_unref(&t->base);
}

static void inner_drained(void *aux)
{
    struct tls_stream *t = (struct tls_stream *) aux;
    stream_ref(&t->base);
    if (t->is_told && !t->out.size) {
        stream_tell_drained(&t->base);
    }
    deliver(t);
    stream_unref(&t->base);
}

static void inner_woken(void *aux)
{
    struct tls_stream *t = (struct tls_stream *) aux;
    stream_ref(&t->base);
    if (t->woken) {
        t->woken = false;
        stream_tell_woken(&t->base);
    }
    if (stream_is_alive(&t->base)) {
        encrypt(t);
        deliver(t);
    }
    stream_unref(&t->base);
}

static void inner_closed(void *aux, int error, const char *reason)
{
    struct tls_stream *t = (struct tls_stream *) aux;
    stream_ref(&t->base);
    if (!error && !tls_is_established(t->tls)) {
        end(t, ECONNRESET, "the peer closed within the TLS handshake: perhaps it expects tcp:");
    } else {
        end(t, error, reason);
    }
    deliver(t);
    stream_unref(&t->base);
}

static const struct stream_handlers inner_handlers = {
    .connected = inner_connected,
    .received = inner_received,
    .drained = inner_drained,
    .woken = inner_woken,
    .closed = inner_closed,
};

static void timed_out(struct timer *timer, int64_t now)
{
    (void) now;
    struct tls_stream *t = CONTAINER_OF(timer, struct tls_stream, timeout);
    stream_ref(&t->base);
    t->is_late = true;
    end(t, ETIMEDOUT, "TLS handshake not done within 10 s");
    deliver(t);
    stream_unref(&t->base);
}

/* Reads changed key files; if they are no good the old ones stay in use. */
static void reload(struct tls_config *config)
{
    char *error;
    if (tls_config_reload(config, &error)) {
        VLOG_WARN("keeping the old keys and certificates: %s", error);
        free(error);
    }
}

static struct tls_stream *tls_stream_create(const struct channel_env *env, const char *text,
                                            const char *host, struct stream *inner)
{
    struct tls_stream *t = xzalloc(sizeof *t);
    stream_init(&t->base, &tls_stream_class, env, text);
    reload(env->tls);
    t->inner = inner;
    t->tls = tls_create(env->tls, !host, host);
    timer_init(&t->timeout, timed_out);
    return t;
}

struct stream *stream_tls_client(const struct channel_env *env, const char *text, const char *host,
                                 struct stream *inner)
{
    struct tls_stream *t = tls_stream_create(env, text, host, inner);
    stream_set_handlers(inner, &inner_handlers, t);
    return &t->base;
}

/* A TLS server over 'inner', which was accepted. */
static struct stream *stream_tls_server(const struct channel_env *env, struct stream *inner)
{
    const char *address = strchr(stream_name(inner), ':');
    char *name = xasprintf("tls%s", address ? address : ":");
    struct tls_stream *t = tls_stream_create(env, name, NULL, inner);
    free(name);
    copy_addresses(t);
    timer_set(env->wheel, &t->timeout, timer_wheel_now(env->wheel) + HANDSHAKE_TIMEOUT);
    stream_set_handlers(inner, &inner_handlers, t);
    return &t->base;
}

static void tls_stream_send(struct stream *s, struct bytes *msg)
{
    struct tls_stream *t = tls_stream_cast(s);
    bytes_put(&t->out, msg->data, msg->size);
    bytes_destroy(msg);
    if (t->out.size >= GATHER_BYTES) {
        encrypt(t);
    }
    stream_wake(t->inner);
}

static size_t tls_stream_backlog(const struct stream *s)
{
    const struct tls_stream *t = tls_stream_cast(s);
    return t->out.size + stream_backlog(t->inner);
}

static void tls_stream_wake(struct stream *s)
{
    struct tls_stream *t = tls_stream_cast(s);
    t->woken = true;
    stream_wake(t->inner);
}

static void tls_stream_shutdown(struct stream *s)
{
    struct tls_stream *t = tls_stream_cast(s);
    t->wants_shutdown = true;
    stream_wake(t->inner);
}

static char *tls_stream_check_peer(const struct stream *s, const char *name)
{
    return tls_check_peer(tls_stream_cast(s)->tls, name);
}

static void tls_stream_close(struct stream *s)
{
    struct tls_stream *t = tls_stream_cast(s);
    t->wants_shutdown = true;
    encrypt(t);
    timer_cancel(s->env->wheel, &t->timeout);
    stream_destroy(t->inner);
    t->inner = NULL;
}

static void tls_stream_free(struct stream *s)
{
    struct tls_stream *t = tls_stream_cast(s);
    tls_destroy(t->tls);
    bytes_uninit(&t->out);
    bytes_uninit(&t->plain);
    free(t->end_reason);
    free(t);
}

static const struct stream_class tls_stream_class = {
    .send = tls_stream_send,
    .backlog = tls_stream_backlog,
    .update_reading = tls_stream_update_reading,
    .wake = tls_stream_wake,
    .shutdown = tls_stream_shutdown,
    .check_peer = tls_stream_check_peer,
    .close = tls_stream_close,
    .free = tls_stream_free,
};

/* Listeners. */

struct tls_listener {
    struct stream_listener base;     /* What all listeners have. */
    const struct channel_env *env;   /* Borrowed. */
    struct stream_acceptor acceptor; /* Who is given the streams. */
    struct stream_listener *inner;   /* Accepts the wire streams; owned. */
    struct list handshaking;         /* Of struct newcomer. */
};

/* A stream that is not handshaken yet, and so is still the listener's. */
struct newcomer {
    struct list in_listener;       /* In the listener's 'handshaking'. */
    struct tls_listener *listener; /* The listener. */
    struct stream *stream;         /* The stream; owned. */
};

static struct vlog_limit refused_limit = VLOG_LIMIT_INIT(60, 20);

/* Forgets 'n' and returns its stream, which becomes the caller's. */
static struct stream *newcomer_release(struct newcomer *n)
{
    struct stream *s = n->stream;
    list_remove(&n->in_listener);
    free(n);
    return s;
}

static void newcomer_connected(void *aux)
{
    struct newcomer *n = (struct newcomer *) aux;
    struct stream_acceptor acceptor = n->listener->acceptor;
    struct stream *s = newcomer_release(n);
    stream_set_handlers(s, NULL, NULL);
    acceptor.accept(acceptor.aux, s);
}

static void newcomer_closed(void *aux, int error, const char *reason)
{
    struct newcomer *n = (struct newcomer *) aux;
    (void) error;
    VLOG_WARN_RL(&refused_limit, "%s: refused: %s", stream_name(n->stream), reason);
    stream_destroy(newcomer_release(n));
}

static const struct stream_handlers newcomer_handlers = {
    .connected = newcomer_connected,
    .closed = newcomer_closed,
};

/* The inner listener accepted a stream. */
static void somebody_came(void *aux, struct stream *inner)
{
    struct tls_listener *l = (struct tls_listener *) aux;
    struct newcomer *n = xmalloc(sizeof *n);
    list_push_back(&l->handshaking, &n->in_listener);
    n->listener = l;
    n->stream = stream_tls_server(l->env, inner);
    stream_set_handlers(n->stream, &newcomer_handlers, n);
}

static void tls_listener_destroy(struct stream_listener *base)
{
    struct tls_listener *l = CONTAINER_OF(base, struct tls_listener, base);
    while (!list_is_empty(&l->handshaking)) {
        struct newcomer *n = CONTAINER_OF(list_front(&l->handshaking), struct newcomer,
                                          in_listener);
        stream_destroy(newcomer_release(n));
    }
    stream_listener_destroy(l->inner);
    free(l);
}

struct stream_listener *stream_tls_listener_create(const struct channel_env *env,
                                                   const struct stream_acceptor *acceptor)
{
    struct tls_listener *l = xzalloc(sizeof *l);
    l->base.destroy = tls_listener_destroy;
    l->env = env;
    l->acceptor = *acceptor;
    list_init(&l->handshaking);
    return &l->base;
}

struct stream_acceptor stream_tls_acceptor(struct stream_listener *l)
{
    return (struct stream_acceptor){.accept = somebody_came,
                                    .aux = CONTAINER_OF(l, struct tls_listener, base)};
}

void stream_tls_listener_set_inner(struct stream_listener *base, struct stream_listener *inner)
{
    struct tls_listener *l = CONTAINER_OF(base, struct tls_listener, base);
    l->inner = inner;
    base->port = inner->port;
}
