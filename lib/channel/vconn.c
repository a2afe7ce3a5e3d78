/* SPDX-License-Identifier: Apache-2.0 */
/* One OpenFlow connection: messages framed over a stream, version agreed by HELLO. */
#include "lib/channel/vconn.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Only the length field frames messages (A1.1).  What was read is delivered from where it stands;
 * the beginning of a message whose rest has not come is copied to 'in', and then that is where
 * messages are delivered from.  A message may have 65535 bytes, so 'in' never holds more than that
 * and one read.
 *
 * A handler may destroy the vconn.  While messages are being delivered vconn_destroy() lets go of
 * all but the struct itself, which receive_all() then frees. */

#define HELLO_TIMEOUT  (5 * SEC) /* For the peer's HELLO, from connection on (A1.7). */
#define LINGER_TIMEOUT (1 * SEC) /* For the peer to read our HELLO_FAILED. */

enum state {
    CONNECTING, /* The stream is not connected. */
    GREETING,   /* Our HELLO is sent, the peer's has not come. */
    OPEN,       /* Version agreed. */
    LINGERING,  /* HELLO_FAILED is sent; waits for the peer to close. */
    CLOSED,     /* The owner has been told. */
};

struct vconn {
    const struct channel_env *env;         /* Borrowed. */
    const struct vconn_handlers *handlers; /* The owner's. */
    void *aux;                             /* Argument of the handlers. */
    struct stream *stream;                 /* Owned. */
    enum state state;                      /* See above. */
    bool is_paused;                        /* The owner wants no messages. */
    int64_t last_received;                 /* When bytes last came, ns. */
    struct bytes in;                       /* Bytes read and not delivered. */
    struct timer timeout;                  /* HELLO_TIMEOUT, LINGER_TIMEOUT. */
    char *reason;                          /* Of the end, if it is known before; owned. */
    char *peer_name;                       /* Who may be the peer; NULL anybody.  Owned. */
    bool is_delivering;                    /* Inside receive_all(). */
    bool is_destroyed;                     /* The owner destroyed it meanwhile. */
};

/* Tells the owner of the end.  The vconn may be gone afterwards. */
static void tell_closed(struct vconn *v, int error, const char *reason)
{
    if (v->state != CLOSED) {
        timer_cancel(v->env->wheel, &v->timeout);
        v->state = CLOSED;
        v->handlers->closed(v->aux, error, reason);
    }
}

/* Arms the timer. */
static void set_timeout(struct vconn *v, int64_t after)
{
    timer_set(v->env->wheel, &v->timeout, timer_wheel_now(v->env->wheel) + after);
}

/* Says HELLO and waits for the peer's. */
static void greet(struct vconn *v)
{
    static const uint8_t hello[8] = {OFP10_VERSION, OFPT_HELLO, 0, 8, 0, 0, 0, 1};
    struct bytes *msg = bytes_create(sizeof hello);
    bytes_put(msg, hello, sizeof hello);
    stream_send(v->stream, msg);
    v->state = GREETING;
    v->last_received = timer_wheel_now(v->env->wheel);
    set_timeout(v, HELLO_TIMEOUT);
}

/* Answers 'hello' with 'error', and closes when the peer has had time to read it.  'reason', which
 * becomes ours, says it to us. */
static bool refuse(struct vconn *v, const uint8_t *hello, int error, const char *text, char *reason)
{
    stream_send(v->stream, ofperr_encode_hello(error, get_be32(hello + 4), text));
    stream_shutdown(v->stream);
    v->reason = reason;
    v->state = LINGERING;
    set_timeout(v, LINGER_TIMEOUT);
    return false;
}

/* The versions don't fit. */
static bool refuse_version(struct vconn *v, const uint8_t *hello)
{
    char *text = xasprintf("version 0x%02x is not supported here, only 0x%02x is", hello[0],
                           OFP10_VERSION);
    refuse(v, hello, OFPERR_HELLO_FAILED_INCOMPATIBLE, text,
           xasprintf("no common version of OpenFlow: %s", text));
    free(text);
    return false;
}

/* The peer is another one, as 'why' says, which becomes ours.  It is sent in ASCII. */
static bool refuse_peer(struct vconn *v, const uint8_t *hello, char *why)
{
    for (char *c = why; *c; c++) {
        *c = *c & 0x80 ? '?' : *c;
    }
    return refuse(v, hello, OFPERR_HELLO_FAILED_EPERM, why, why);
}

/* Text of the error message 'data', for people; the caller frees it. */
static char *error_text(const uint8_t *data, size_t size)
{
    struct bytes text = BYTES_INIT;
    for (size_t i = 12; i < MIN(size, (size_t) 200); i++) {
        bytes_printf(&text, "%c", isprint(data[i]) ? data[i] : '.');
    }
    char *result = xasprintf("the peer refused: error type %u code %u: %s",
                             size >= 10 ? get_be16(data + 8) : 0u,
                             size >= 12 ? get_be16(data + 10) : 0u, bytes_string(&text));
    bytes_uninit(&text);
    return result;
}

/* The first message of the peer.  Returns false if nothing may be delivered after it. */
static bool receive_first(struct vconn *v, const uint8_t *data, size_t size)
{
    if (data[1] != OFPT_HELLO) {
        char *reason = data[1] == OFPT_ERROR
                           ? error_text(data, size)
                           : xasprintf("the peer sent a message of type %u before HELLO", data[1]);
        tell_closed(v, EPROTO, reason);
        free(reason);
        return false;
    }
    if (data[0] < OFP10_VERSION) {
        return refuse_version(v, data);
    }
    char *why = v->peer_name ? stream_check_peer(v->stream, v->peer_name) : NULL;
    if (why) {
        return refuse_peer(v, data, why);
    }
    timer_cancel(v->env->wheel, &v->timeout);
    v->state = OPEN;
    v->handlers->connected(v->aux);
    return true;
}

/* Keeps why the peer is about to close, if the message says so: it may refuse after its HELLO. */
static void note_refusal(struct vconn *v, const uint8_t *data, size_t size)
{
    if (data[1] == OFPT_ERROR && size >= 12 && get_be16(data + 8) == OFPET_HELLO_FAILED
        && !v->reason) {
        v->reason = error_text(data, size);
    }
}

/* One whole message.  Returns false if nothing may be delivered after it. */
static bool receive_message(struct vconn *v, const uint8_t *data, size_t size)
{
    if (v->state == GREETING) {
        return receive_first(v, data, size);
    }
    if (data[1] != OFPT_HELLO) {
        note_refusal(v, data, size);
        v->handlers->message(v->aux, data, size);
    }
    return true;
}

/* A message says that it is shorter than its header: where the next one begins nobody knows. */
static void framing_lost(struct vconn *v, unsigned length)
{
    char *reason = xasprintf("the peer sent a message whose length is %u, less than a header's 8",
                             length);
    tell_closed(v, EPROTO, reason);
    free(reason);
}

/* Delivers the whole messages among the 'size' bytes at 'data'.  Returns how many bytes are done
 * with, or SIZE_MAX if the vconn is gone or delivers no more. */
static size_t receive_all(struct vconn *v, const uint8_t *data, size_t size)
{
    size_t done = 0;
    bool go_on = true;
    v->is_delivering = true;
    while (go_on && !v->is_destroyed && !v->is_paused
           && size - done >= sizeof(struct ofp10_header)) {
        const uint8_t *message = data + done;
        size_t length = get_be16(message + 2);
        if (length < sizeof(struct ofp10_header)) {
            framing_lost(v, (unsigned) length);
            go_on = false;
        } else if (length > size - done) {
            break;
        } else {
            done += length;
            go_on = receive_message(v, message, length);
        }
    }
    v->is_delivering = false;
    if (v->is_destroyed) {
        free(v);
        return SIZE_MAX;
    }
    return go_on ? done : SIZE_MAX;
}

/* Delivers messages from 'in'.  Returns false if the vconn is gone or delivers no more. */
static bool receive_from_in(struct vconn *v)
{
    struct bytes in = v->in;
    bytes_init(&v->in);
    size_t done = receive_all(v, in.data, in.size);
    if (done >= in.size) {
        bytes_uninit(&in);
        return done != SIZE_MAX;
    }
    bytes_pull(&in, done);
    v->in = in;
    return true;
}

static void stream_received(void *aux, const uint8_t *data, size_t size)
{
    struct vconn *v = (struct vconn *) aux;
    v->last_received = timer_wheel_now(v->env->wheel);
    if (v->state >= LINGERING) {
        return;
    }
    if (v->in.size) {
        bytes_put(&v->in, data, size);
        receive_from_in(v);
        return;
    }
    size_t done = receive_all(v, data, size);
    if (done < size) {
        bytes_put(&v->in, data + done, size - done);
    }
}

/* The owner resumed the delivery: first of what was read, then of what comes. */
static void stream_woken(void *aux)
{
    struct vconn *v = (struct vconn *) aux;
    if (v->state == OPEN && receive_from_in(v) && !v->is_paused) {
        stream_pause(v->stream, false);
    }
}

static void stream_connected(void *aux)
{
    greet((struct vconn *) aux);
}

static void stream_drained(void *aux)
{
    struct vconn *v = (struct vconn *) aux;
    if (v->state == OPEN && v->handlers->drained) {
        v->handlers->drained(v->aux);
    }
}

static void stream_closed(void *aux, int error, const char *reason)
{
    struct vconn *v = (struct vconn *) aux;
    if (v->state == LINGERING || (!error && v->reason)) {
        tell_closed(v, EPROTO, v->reason);
    } else if (!error && v->state == GREETING) {
        tell_closed(v, ECONNRESET, "closed by the peer before its HELLO");
    } else if (!error && v->in.size && !v->is_paused) {
        tell_closed(v, ECONNRESET, "closed by the peer within a message");
    } else {
        tell_closed(v, error, reason);
    }
}

static const struct stream_handlers handlers = {
    .connected = stream_connected,
    .received = stream_received,
    .drained = stream_drained,
    .woken = stream_woken,
    .closed = stream_closed,
};

static void timed_out(struct timer *timer, int64_t now)
{
    (void) now;
    struct vconn *v = CONTAINER_OF(timer, struct vconn, timeout);
    if (v->state == LINGERING) {
        tell_closed(v, EPROTO, v->reason);
    } else {
        tell_closed(v, ETIMEDOUT, "the peer said no HELLO within 5 s");
    }
}

static struct vconn *vconn_create(const struct channel_env *env,
                                  const struct vconn_handlers *vconn_handlers, void *aux)
{
    struct vconn *v = xzalloc(sizeof *v);
    v->env = env;
    v->handlers = vconn_handlers;
    v->aux = aux;
    v->last_received = timer_wheel_now(env->wheel);
    timer_init(&v->timeout, timed_out);
    return v;
}

int vconn_open(const struct channel_env *env, const char *name, uint16_t default_port,
               const struct vconn_handlers *vconn_handlers, void *aux, struct vconn **vconn,
               char **error)
{
    struct vconn *v = vconn_create(env, vconn_handlers, aux);
    int retval = stream_open(env, name, default_port, &handlers, v, &v->stream, error);
    if (retval) {
        free(v);
        return retval;
    }
    *vconn = v;
    return 0;
}

struct vconn *vconn_from_stream(const struct channel_env *env, struct stream *s,
                                const struct vconn_handlers *vconn_handlers, void *aux)
{
    struct vconn *v = vconn_create(env, vconn_handlers, aux);
    v->stream = s;
    greet(v);
    stream_set_handlers(s, &handlers, v);
    return v;
}

void vconn_expect_peer(struct vconn *v, const char *name)
{
    free(v->peer_name);
    v->peer_name = xstrdup(name);
}

void vconn_destroy(struct vconn *v)
{
    if (!v) {
        return;
    }
    timer_cancel(v->env->wheel, &v->timeout);
    stream_destroy(v->stream);
    bytes_uninit(&v->in);
    free(v->reason);
    free(v->peer_name);
    v->is_destroyed = true;
    if (!v->is_delivering) {
        free(v);
    }
}

void vconn_send(struct vconn *v, struct bytes *msg)
{
    if (v->state == OPEN) {
        stream_send(v->stream, msg);
    } else {
        bytes_destroy(msg);
    }
}

size_t vconn_backlog(const struct vconn *v)
{
    return stream_backlog(v->stream);
}

bool vconn_is_ending(const struct vconn *v)
{
    return stream_is_ending(v->stream);
}

void vconn_pause(struct vconn *v, bool pause)
{
    if (v->is_paused != pause) {
        v->is_paused = pause;
        if (pause) {
            stream_pause(v->stream, true);
        } else {
            stream_wake(v->stream);
        }
    }
}

int64_t vconn_last_received(const struct vconn *v)
{
    return v->last_received;
}
