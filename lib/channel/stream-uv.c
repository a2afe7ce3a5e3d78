/* SPDX-License-Identifier: Apache-2.0 */
/* TCP and Unix streams on the event loop. */
#include "lib/channel/stream-uv.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/dial.h"
#include "lib/channel/loop-clock.h"
#include "lib/channel/stream-name.h"
#include "lib/channel/stream.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Sending.  stream_send() appends to 'out' and starts the idle handle; so all that is sent in one
 * round of the loop leaves in one system call, when the idle callback tries to write 'out'.  What
 * the kernel does not take moves to 'writing' and waits in a uv_write(); meanwhile 'out' gathers
 * anew.  There is never more than one uv_write().  Copying a small message costs less than a row of
 * its own in an I/O vector.
 *
 * Ending.  The owner destroys a stream that it is told is closed.  But a peer that has ended its
 * side may still read, so its end is told when all is sent that waits: we linger, for a while.
 * Nothing is read meanwhile, and what goes wrong then only ends it earlier.
 *
 * No handler of the owner is called from within a call of the owner's: errors found there are kept
 * in 'error' and told by the idle callback.  The idle handle makes the loop's next wait one of zero
 * length, so that "soon" is at once.
 *
 * Memory.  libuv gives a handle back in its close callback only.  Each open handle holds a
 * reference; so the struct outlives stream_destroy() by a round of the loop, and any callback may
 * look at it after a handler of the owner's returned. */

enum {
    READ_BYTES = 64 * 1024,   /* Buffer of one read. */
    GATHER_BYTES = 64 * 1024, /* When as much is queued it is written without waiting for idle. */
    KEEP_BYTES = 256 * 1024,  /* A larger buffer is given back when it is empty. */
    KEEPALIVE_SECONDS = 60,   /* Silence before the first TCP keepalive. */
};
#define CONNECT_TIMEOUT (10 * SEC) /* For a Unix socket. */

struct uv_stream {
    struct stream base; /* What all streams have. */
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;               /* The socket, while 'is_open'. */
    uv_idle_t idle;     /* Runs what has to be done soon. */
    bool is_open;       /* Is 'uv' an initialised handle? */
    bool is_connected;  /* Is the connection made? */

    /* Connecting. */
    struct dial dial;     /* TCP: finds the socket. */
    uv_connect_t connect; /* Unix socket: under way. */
    struct timer timeout; /* Ends that; later the lingering. */

    /* Sending. */
    struct bytes out;       /* Queued by the owner. */
    struct bytes writing;   /* Waits in 'write'; empty if no uv_write() is under way. */
    uv_write_t write;       /* Request for 'writing'. */
    uv_shutdown_t shutdown; /* Request to end the sending side. */
    bool wants_shutdown;    /* Shut down when all is written. */
    bool drained_due;       /* The queue became empty and the owner was not told. */

    /* To be told by the idle callback. */
    bool woken;   /* stream_wake() was called. */
    int error;    /* errno to close with; 0 none. */
    char *reason; /* The same in words; owned. */
};

static const struct stream_class uv_stream_class;
static void run_soon(uv_idle_t *idle);

static struct uv_stream *uv_stream_cast(struct stream *s)
{
    return CONTAINER_OF(s, struct uv_stream, base);
}

/* Keeps an error for the idle callback; the first one counts. */
static void fail(struct uv_stream *u, int error, const char *what, const char *detail)
{
    if (!u->error && stream_is_alive(&u->base)) {
        timer_cancel(u->base.env->wheel, &u->timeout);
        u->error = error;
        u->reason = xasprintf("%s: %s", what, detail);
        uv_idle_start(&u->idle, run_soon);
    }
}

/* The same for an error of libuv, negative. */
static void fail_uv(struct uv_stream *u, int error, const char *what)
{
    fail(u, -error, what, strerror(-error));
}

/* Begins each I/O callback: tells the time.  Returns false if the stream is of no use to its owner
 * any more (then the program's things may not be touched either). */
static bool update_clock(struct uv_stream *u)
{
    if (!u->base.is_destroyed) {
        loop_clock_update(u->base.env->clock);
    }
    return stream_is_alive(&u->base);
}

/* Gives back the memory of an empty buffer that was large. */
static void trim(struct bytes *b)
{
    if (b->allocated > KEEP_BYTES) {
        bytes_uninit(b);
    } else {
        bytes_clear(b);
    }
}

static void flush(struct uv_stream *u);

/* The kernel took all of 'writing', or the handle is being closed. */
static void written(uv_write_t *request, int status)
{
    struct uv_stream *u = CONTAINER_OF(request, struct uv_stream, write);
    trim(&u->writing);
    if (status == UV_ECANCELED || !update_clock(u)) {
        return;
    }
    if (status < 0) {
        fail_uv(u, status, "write");
        return;
    }
    u->drained_due = !u->out.size;
    flush(u);
    uv_idle_start(&u->idle, run_soon);
}

/* Gives the kernel what it takes of 'out'. */
static void flush(struct uv_stream *u)
{
    if (!u->is_connected || !u->out.size || u->writing.size || u->error) {
        return;
    }
    unsigned size = (unsigned) MIN(u->out.size, (size_t) INT32_MAX);
    uv_buf_t buf = uv_buf_init((char *) u->out.data, size);
    int n = uv_try_write(&u->uv.stream, &buf, 1);
    if (n < 0 && n != UV_EAGAIN) {
        fail_uv(u, n, "write");
        return;
    }
    bytes_pull(&u->out, n < 0 ? 0 : (size_t) n);
    u->drained_due = !u->out.size;
    if (u->drained_due) {
        trim(&u->out);
        return;
    }
    struct bytes empty = u->writing;
    u->writing = u->out;
    u->out = empty;
    buf = uv_buf_init((char *) u->writing.data, (unsigned) u->writing.size);
    int retval = uv_write(&u->write, &u->uv.stream, &buf, 1, written);
    if (retval) {
        trim(&u->writing);
        fail_uv(u, retval, "write");
    }
}

/* Nothing to do when it is done: the peer's answer comes by reading. */
static void shutdown_done(uv_shutdown_t *request, int status)
{
    (void) request;
    (void) status;
}

/* Ends the sending side if that was asked for and all is written. */
static void shut_down_if_done(struct uv_stream *u)
{
    if (u->wants_shutdown && u->is_connected && !u->out.size && !u->writing.size) {
        u->wants_shutdown = false;
        uv_shutdown(&u->shutdown, &u->uv.stream, shutdown_done);
    }
}

/* The peer has ended its side: tells the owner, as soon as there is nothing to linger for. */
static void linger(struct uv_stream *u)
{
    struct timer_wheel *wheel = u->base.env->wheel;
    if (!u->error && (u->out.size || u->writing.size)) {
        if (!u->base.is_ending) {
            u->base.is_ending = true;
            timer_set(wheel, &u->timeout, timer_wheel_now(wheel) + STREAM_LINGER);
        }
    } else {
        timer_cancel(wheel, &u->timeout);
        stream_tell_closed(&u->base, 0, "closed by the peer");
    }
}

/* Does everything that was put off. */
static void run_soon(uv_idle_t *idle)
{
    struct uv_stream *u = CONTAINER_OF(idle, struct uv_stream, idle);
    stream_ref(&u->base);
    uv_idle_stop(idle);
    if (u->woken) {
        u->woken = false;
        stream_tell_woken(&u->base);
    }
    if (stream_is_alive(&u->base)) {
        flush(u);
        shut_down_if_done(u);
    }
    if (u->base.is_ending && stream_is_alive(&u->base)) {
        linger(u);
    } else if (u->error) {
        stream_tell_closed(&u->base, u->error, u->reason);
    } else if (u->drained_due) {
        u->drained_due = false;
        stream_tell_drained(&u->base);
    }
    stream_unref(&u->base);
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void) handle;
    (void) suggested;
    *buf = uv_buf_init(xmalloc(READ_BYTES), READ_BYTES);
}

/* Bytes, the end, or an error came. */
static void bytes_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct uv_stream *u = CONTAINER_OF((void *) stream, struct uv_stream, uv);
    stream_ref(&u->base);
    bool is_alive = update_clock(u);
    if (is_alive && n > 0) {
        stream_tell_received(&u->base, (const uint8_t *) buf->base, (size_t) n);
    } else if (is_alive && n < 0) {
        uv_read_stop(stream);
        if (n == UV_EOF) {
            flush(u);
            linger(u);
        } else {
            stream_tell_closed(&u->base, (int) -n, strerror((int) -n));
        }
    }
    free(buf->base);
    stream_unref(&u->base);
}

static void uv_stream_update_reading(struct stream *s)
{
    struct uv_stream *u = uv_stream_cast(s);
    if (!u->is_connected || u->base.is_ending) {
        return;
    }
    if (!stream_wants_bytes(s)) {
        uv_read_stop(&u->uv.stream);
        return;
    }
    int retval = uv_read_start(&u->uv.stream, allocate, bytes_read);
    if (retval && retval != UV_EALREADY) {
        fail_uv(u, retval, "read");
    }
}

/* The socket address 'sa' as text, with the interface of a link-local one, or NULL if it is none of
 * IP; the caller frees it. */
static char *format_sockaddr(const struct sockaddr_storage *sa, int size)
{
    char address[NI_MAXHOST], port[8];
    uint16_t number;
    bool is_ip = sa->ss_family == AF_INET || sa->ss_family == AF_INET6;
    if (!is_ip || getnameinfo((const struct sockaddr *) sa, (socklen_t) size, address,
                              sizeof address, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV)
        || !str_to_u16(port, 10, &number)) {
        return NULL;
    }
    return stream_name_format_address(address, number);
}

/* The connection is made: sets up the socket. */
static void set_connected(struct uv_stream *u)
{
    struct sockaddr_storage sa;
    u->is_connected = true;
    timer_cancel(u->base.env->wheel, &u->timeout);
    if (u->uv.handle.type == UV_TCP) {
        uv_tcp_nodelay(&u->uv.tcp, 1);
        uv_tcp_keepalive(&u->uv.tcp, 1, KEEPALIVE_SECONDS);
        int size = sizeof sa;
        if (!uv_tcp_getsockname(&u->uv.tcp, (struct sockaddr *) &sa, &size)) {
            u->base.local = format_sockaddr(&sa, size);
        }
        size = sizeof sa;
        if (!uv_tcp_getpeername(&u->uv.tcp, (struct sockaddr *) &sa, &size)) {
            u->base.remote = format_sockaddr(&sa, size);
        }
    }
}

static void socket_closed(uv_handle_t *handle)
{
    stream_unref(&CONTAINER_OF((void *) handle, struct uv_stream, uv)->base);
}

static void idle_closed(uv_handle_t *handle)
{
    stream_unref(&CONTAINER_OF((void *) handle, struct uv_stream, idle)->base);
}

/* The connection is made that the owner wants: tells it. */
static void begin(struct uv_stream *u)
{
    stream_ref(&u->base);
    set_connected(u);
    stream_tell_connected(&u->base);
    if (stream_is_alive(&u->base)) {
        uv_stream_update_reading(&u->base);
        uv_idle_start(&u->idle, run_soon);
    }
    stream_unref(&u->base);
}

/* A Unix socket is connected, or not. */
static void connected(uv_connect_t *request, int status)
{
    struct uv_stream *u = CONTAINER_OF(request, struct uv_stream, connect);
    if (status == UV_ECANCELED || !update_clock(u) || u->error) {
        return;
    }
    if (status < 0) {
        fail_uv(u, status, "connect");
    } else {
        begin(u);
    }
}

/* Makes a connected socket, of TCP or else of a Unix socket, a handle of the loop. */
static int adopt(struct uv_stream *u, int fd, bool is_tcp)
{
    int retval;
    if (is_tcp) {
        uv_tcp_init(u->base.env->loop, &u->uv.tcp);
        retval = uv_tcp_open(&u->uv.tcp, fd);
    } else {
        uv_pipe_init(u->base.env->loop, &u->uv.pipe, 0);
        retval = uv_pipe_open(&u->uv.pipe, fd);
    }
    u->is_open = true;
    stream_ref(&u->base);
    if (retval) {
        close(fd);
    }
    return retval;
}

/* The dial is done. */
static void dialled(void *aux, int fd, int error, const char *what, const char *detail)
{
    struct uv_stream *u = (struct uv_stream *) aux;
    if (error) {
        fail(u, error, what, detail);
        return;
    }
    int retval = adopt(u, fd, true);
    if (retval) {
        fail_uv(u, retval, "connect");
    } else {
        begin(u);
    }
}

static void timed_out(struct timer *timer, int64_t now)
{
    (void) now;
    fail(CONTAINER_OF(timer, struct uv_stream, timeout), ETIMEDOUT, "connect",
         "no answer within 10 s");
}

static struct uv_stream *uv_stream_create(const struct channel_env *env, const char *name)
{
    struct uv_stream *u = xzalloc(sizeof *u);
    stream_init(&u->base, &uv_stream_class, env, name);
    timer_init(&u->timeout, timed_out);
    uv_idle_init(env->loop, &u->idle);
    stream_ref(&u->base);
    return u;
}

struct stream *stream_uv_dial_tcp(const struct channel_env *env, const char *text, const char *host,
                                  uint16_t port)
{
    struct uv_stream *u = uv_stream_create(env, text);
    dial_start(&u->dial, env, host, port, dialled, u);
    return &u->base;
}

struct stream *stream_uv_dial_unix(const struct channel_env *env, const char *text,
                                   const char *path)
{
    struct uv_stream *u = uv_stream_create(env, text);
    timer_set(env->wheel, &u->timeout, timer_wheel_now(env->wheel) + CONNECT_TIMEOUT);
    uv_pipe_init(env->loop, &u->uv.pipe, 0);
    u->is_open = true;
    stream_ref(&u->base);
    uv_pipe_connect(&u->connect, &u->uv.pipe, path, connected);
    return &u->base;
}

struct stream *stream_uv_from_fd(const struct channel_env *env, int fd, bool is_tcp,
                                 const char *text)
{
    struct uv_stream *u = uv_stream_create(env, text);
    int retval = adopt(u, fd, is_tcp);
    if (retval) {
        fail_uv(u, retval, "accept");
        return &u->base;
    }
    set_connected(u);
    if (u->base.remote) {
        free(u->base.name);
        u->base.name = xasprintf("tcp:%s", u->base.remote);
    }
    return &u->base;
}

static void uv_stream_send(struct stream *s, struct bytes *msg)
{
    struct uv_stream *u = uv_stream_cast(s);
    if (!u->out.size && msg->size >= READ_BYTES) {
        struct bytes empty = u->out;
        u->out = *msg;
        *msg = empty;
    } else {
        bytes_put(&u->out, msg->data, msg->size);
    }
    bytes_destroy(msg);
    u->drained_due = false;
    if (u->out.size >= GATHER_BYTES) {
        flush(u);
    }
    uv_idle_start(&u->idle, run_soon);
}

static size_t uv_stream_backlog(const struct stream *s)
{
    struct uv_stream *u = uv_stream_cast((struct stream *) s);
    return u->out.size + (u->writing.size ? uv_stream_get_write_queue_size(&u->uv.stream) : 0);
}

static void uv_stream_wake(struct stream *s)
{
    struct uv_stream *u = uv_stream_cast(s);
    u->woken = true;
    uv_idle_start(&u->idle, run_soon);
}

static void uv_stream_shutdown(struct stream *s)
{
    struct uv_stream *u = uv_stream_cast(s);
    u->wants_shutdown = true;
    uv_idle_start(&u->idle, run_soon);
}

static void uv_stream_close(struct stream *s)
{
    struct uv_stream *u = uv_stream_cast(s);
    flush(u);
    timer_cancel(s->env->wheel, &u->timeout);
    dial_cancel(&u->dial);
    uv_close((uv_handle_t *) &u->idle, idle_closed);
    if (u->is_open && !uv_is_closing(&u->uv.handle)) {
        uv_close(&u->uv.handle, socket_closed);
    }
}

static void uv_stream_free(struct stream *s)
{
    struct uv_stream *u = uv_stream_cast(s);
    bytes_uninit(&u->out);
    bytes_uninit(&u->writing);
    free(u->reason);
    free(u);
}

static const struct stream_class uv_stream_class = {
    .send = uv_stream_send,
    .backlog = uv_stream_backlog,
    .update_reading = uv_stream_update_reading,
    .wake = uv_stream_wake,
    .shutdown = uv_stream_shutdown,
    .close = uv_stream_close,
    .free = uv_stream_free,
};
