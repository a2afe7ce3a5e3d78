/* SPDX-License-Identifier: Apache-2.0 */
/* From the name of a host to a TCP connection with it, at one of its addresses. */
#include "lib/channel/dial.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "lib/channel/channel.h"
#include "lib/channel/lookup.h"
#include "lib/channel/loop-clock.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * An address that is silent (IPv6 that leads nowhere, a filter) must not hide those that come after
 * it, nor may a slow one be given up because it is slow: so attempts overlap, and each has 10 s.
 *
 * libuv gives a handle back in its close callback only.  So each attempt is a struct of its own,
 * which outlives the dial by a round of the loop and knows nothing of it then.  A socket that is
 * connected is taken out of its attempt. */

#define LOOKUP_TIMEOUT  (30 * SEC) /* Three name servers that are dead, asked twice. */
#define CONNECT_TIMEOUT (10 * SEC) /* From the beginning of the last attempt. */
#define PATIENCE        (1 * SEC)  /* Before the next address is tried too. */

/* One address that is being connected to. */
struct attempt {
    struct list node;  /* In the dial's 'attempts'. */
    struct dial *dial; /* Whose it is. */
    uv_poll_t poll;    /* On 'fd'; freed with the struct. */
    int fd;            /* Owned. */
};

static void poll_closed(uv_handle_t *handle)
{
    free(CONTAINER_OF((void *) handle, struct attempt, poll));
}

/* Ends an attempt and returns its socket, which the loop knows no more. */
static int end_attempt(struct attempt *a)
{
    list_remove(&a->node);
    uv_poll_stop(&a->poll);
    uv_close((uv_handle_t *) &a->poll, poll_closed);
    return a->fd;
}

void dial_cancel(struct dial *d)
{
    if (!d->env) {
        return;
    }
    lookup_abandon(d->lookup);
    d->lookup = NULL;
    while (!list_is_empty(&d->attempts)) {
        close(end_attempt(CONTAINER_OF(list_front(&d->attempts), struct attempt, node)));
    }
    timer_cancel(d->env->wheel, &d->patience);
    timer_cancel(d->env->wheel, &d->limit);
    if (d->addresses) {
        freeaddrinfo(d->addresses);
    }
    d->addresses = d->next = NULL;
}

static void fail(struct dial *d, int error, const char *what, const char *detail)
{
    dial_cancel(d);
    d->done(d->aux, -1, error, what, detail);
}

/* Keeps why an attempt failed. */
static void note_error(struct dial *d, int error)
{
    if (d->error != ECONNREFUSED) {
        d->error = error;
    }
}

static void try_next(struct dial *d);

/* The socket of an attempt has an answer. */
static void answered(uv_poll_t *poll, int status, int events UNUSED)
{
    struct attempt *a = CONTAINER_OF(poll, struct attempt, poll);
    struct dial *d = a->dial;
    int error = 0;
    socklen_t size = sizeof error;
    loop_clock_update(d->env->clock);
    int fd = end_attempt(a);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size)) {
        error = errno;
    }
    error = error ? error : -status;
    if (error) {
        close(fd);
        note_error(d, error);
        try_next(d);
    } else {
        dial_cancel(d);
        d->done(d->aux, fd, 0, NULL, NULL);
    }
}

/* Begins an attempt.  Returns 0 or an errno. */
static int begin_attempt(struct dial *d, const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    int err = connect(fd, address->ai_addr, address->ai_addrlen) ? errno : 0;
    if (err && err != EINPROGRESS) {
        close(fd);
        return err;
    }
    struct attempt *a = xzalloc(sizeof *a);
    a->dial = d;
    a->fd = fd;
    list_push_back(&d->attempts, &a->node);
    uv_poll_init(d->env->loop, &a->poll, fd);
    uv_poll_start(&a->poll, UV_WRITABLE, answered);
    return 0;
}

/* Begins an attempt with the next address that can be tried; if there is none, waits for those
 * under way, or gives up. */
static void try_next(struct dial *d)
{
    struct timer_wheel *wheel = d->env->wheel;
    int64_t now = timer_wheel_now(wheel);
    while (d->next) {
        const struct addrinfo *address = d->next;
        d->next = address->ai_next;
        int err = begin_attempt(d, address);
        if (!err) {
            timer_set(wheel, &d->patience, d->next ? now + PATIENCE : INT64_MAX);
            timer_set(wheel, &d->limit, now + CONNECT_TIMEOUT);
            return;
        }
        note_error(d, err);
    }
    if (list_is_empty(&d->attempts)) {
        fail(d, d->error, "connect", strerror(d->error));
    }
}

/* No answer yet: tries the next address too. */
static void grew_impatient(struct timer *timer, int64_t now UNUSED)
{
    try_next(CONTAINER_OF(timer, struct dial, patience));
}

static void timed_out(struct timer *timer, int64_t now UNUSED)
{
    struct dial *d = CONTAINER_OF(timer, struct dial, limit);
    if (d->lookup) {
        fail(d, ETIMEDOUT, "host name", "no answer within 30 s");
    } else if (d->error == ECONNREFUSED) {
        fail(d, d->error, "connect", strerror(d->error));
    } else {
        fail(d, ETIMEDOUT, "connect", "no answer within 10 s");
    }
}

static void looked_up(void *aux, int error, struct addrinfo *addresses)
{
    struct dial *d = (struct dial *) aux;
    loop_clock_update(d->env->clock);
    d->lookup = NULL;
    if (error) {
        fail(d, EHOSTUNREACH, "host name", gai_strerror(error));
    } else {
        d->addresses = d->next = addresses;
        try_next(d);
    }
}

/* Has the host name looked up. */
static void look_up(struct dial *d, const char *host, uint16_t port)
{
    int err = lookup_start(d->env->loop, host, port, looked_up, d, &d->lookup);
    if (err) {
        fail(d, err, "host name", strerror(err));
    } else {
        timer_set(d->env->wheel, &d->limit, timer_wheel_now(d->env->wheel) + LOOKUP_TIMEOUT);
    }
}

void dial_start(struct dial *d, const struct channel_env *env, const char *host, uint16_t port,
                void (*done)(void *aux, int fd, int error, const char *what, const char *detail),
                void *aux)
{
    *d = (struct dial){.env = env, .done = done, .aux = aux};
    list_init(&d->attempts);
    timer_init(&d->patience, grew_impatient);
    timer_init(&d->limit, timed_out);

    char service[8];
    snprintf(service, sizeof service, "%u", (unsigned) port);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    const char *zone = strchr(host, '%');
    if (!getaddrinfo(host, service, &hints, &d->addresses)) {
        d->next = d->addresses;
        try_next(d);
    } else if (zone) {
        fail(d, ENODEV, zone + 1, "no such interface here");
    } else {
        d->addresses = NULL;
        look_up(d, host, port);
    }
}
