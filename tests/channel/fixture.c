/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of connections share: an environment, streams that remember, a directory. */
#include "tests/channel/fixture.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/channel/loop-clock.h"
#include "lib/util.h"
#include "tests/unit.h"

#define START (1000 * SEC) /* Virtual time at the beginning. */

enum { PATIENCE = 120 /* Seconds that nothing takes, however slow the machine. */ };

static struct fixture *create(bool loop, bool real)
{
    struct fixture *f = xzalloc(sizeof *f);
    f->now = real ? loop_clock_now() : START;
    timer_wheel_init(&f->wheel, f->now);
    f->env.wheel = &f->wheel;
    if (loop) {
        signal(SIGPIPE, SIG_IGN);
        uv_loop_init(&f->loop);
        f->env.loop = &f->loop;
        f->env.clock = real ? loop_clock_create(&f->loop, &f->wheel) : NULL;
    } else {
        f->env.hub = stream_hub_create();
    }
    return f;
}

struct fixture *fixture_create_real(void)
{
    return create(true, true);
}

struct fixture *fixture_create_frozen(void)
{
    return create(true, false);
}

struct fixture *fixture_create_memory(void)
{
    return create(false, false);
}

void fixture_destroy(struct fixture *f)
{
    assert_int_equal(timer_wheel_next(&f->wheel), INT64_MAX);
    if (f->env.loop) {
        loop_clock_destroy(f->env.clock);
        uv_run(&f->loop, UV_RUN_DEFAULT);
        assert_int_equal(uv_loop_close(&f->loop), 0);
    }
    stream_hub_destroy(f->env.hub);
    timer_wheel_uninit(&f->wheel);
    free(f);
}

void fixture_settle(struct fixture *f)
{
    while (stream_hub_deliver(f->env.hub)) {
        continue;
    }
}

void fixture_spin(struct fixture *f)
{
    for (int i = 0; i < 20; i++) {
        uv_run(&f->loop, UV_RUN_NOWAIT);
    }
}

void fixture_advance(struct fixture *f, int64_t by)
{
    f->now += by;
    timer_wheel_advance(&f->wheel, f->now);
    if (f->env.loop) {
        fixture_spin(f);
    } else {
        fixture_settle(f);
    }
}

static void too_late(uv_timer_t *timer)
{
    *(bool *) timer->data = true;
}

void fixture_wait_until(struct fixture *f, bool (*is_so)(const void *aux), const void *aux)
{
    bool late = false;
    uv_timer_t timer;
    uv_timer_init(&f->loop, &timer);
    timer.data = &late;
    uv_timer_start(&timer, too_late, PATIENCE * 1000, 0);
    while (!is_so(aux) && !late) {
        uv_run(&f->loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *) &timer, NULL);
    uv_run(&f->loop, UV_RUN_NOWAIT);
    assert_false(late);
}

static bool is_true(const void *flag)
{
    return *(const bool *) flag;
}

void fixture_wait(struct fixture *f, const bool *flag)
{
    fixture_wait_until(f, is_true, flag);
}

/* A number that is to grow. */
struct growth {
    const size_t *number; /* It. */
    size_t wanted;        /* How large it must become. */
};

static bool is_reached(const void *growth)
{
    const struct growth *g = (const struct growth *) growth;
    return *g->number >= g->wanted;
}

void fixture_wait_number(struct fixture *f, const size_t *number, size_t wanted)
{
    fixture_wait_until(f, is_reached, &(struct growth){number, wanted});
}

static bool is_ending(const void *stream)
{
    return stream_is_ending((const struct stream *) stream);
}

void fixture_wait_ending(struct fixture *f, const struct stream *s)
{
    fixture_wait_until(f, is_ending, s);
}

/* Destroys the stream from within a handler, if that is wanted; returns whether it did. */
static bool destroy_if_wanted(struct recorder *r)
{
    if (r->destroys_itself) {
        stream_destroy(r->stream);
        r->stream = NULL;
    }
    return r->destroys_itself;
}

static void recorder_connected(void *aux)
{
    struct recorder *r = (struct recorder *) aux;
    assert_false(r->connected);
    r->connected = true;
    destroy_if_wanted(r);
}

static void recorder_received(void *aux, const uint8_t *data, size_t size)
{
    struct recorder *r = (struct recorder *) aux;
    assert_false(r->closed);
    bytes_put(&r->in, data, size);
    r->n_in += size;
    r->has_all = r->wants && r->n_in >= r->wants;
    if (r->pauses) {
        stream_pause(r->stream, true);
    }
    if (!destroy_if_wanted(r) && r->echoes) {
        recorder_send(r, data, size);
    }
}

static void recorder_drained(void *aux)
{
    struct recorder *r = (struct recorder *) aux;
    r->drained = true;
    destroy_if_wanted(r);
}

static void recorder_woken(void *aux)
{
    struct recorder *r = (struct recorder *) aux;
    r->woken = true;
    destroy_if_wanted(r);
}

static void recorder_closed(void *aux, int error, const char *reason)
{
    struct recorder *r = (struct recorder *) aux;
    assert_false(r->closed);
    r->closed = true;
    r->error = error;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    destroy_if_wanted(r);
}

const struct stream_handlers recorder_handlers = {
    .connected = recorder_connected,
    .received = recorder_received,
    .drained = recorder_drained,
    .woken = recorder_woken,
    .closed = recorder_closed,
};

void recorder_open(struct recorder *r, struct fixture *f, const char *name)
{
    char *error = NULL;
    int retval = stream_open(&f->env, name, 1, &recorder_handlers, r, &r->stream, &error);
    if (retval) {
        fail_msg("%s: %s", name, error);
    }
}

void recorder_uninit(struct recorder *r)
{
    stream_destroy(r->stream);
    bytes_uninit(&r->in);
    memset(r, 0, sizeof *r);
}

void recorder_send(struct recorder *r, const void *data, size_t size)
{
    struct bytes *msg = bytes_create(size);
    bytes_put(msg, data, size);
    stream_send(r->stream, msg);
}

void recorder_say(struct recorder *r, const char *text)
{
    recorder_send(r, text, strlen(text));
}

static void accept_stream(void *aux, struct stream *s)
{
    struct acceptor *a = (struct acceptor *) aux;
    recorder_uninit(&a->last);
    a->n++;
    a->accepted = true;
    a->last.stream = s;
    a->last.echoes = a->echoes;
    stream_set_handlers(s, &recorder_handlers, &a->last);
}

void acceptor_listen(struct acceptor *a, struct fixture *f, const char *name)
{
    char *error = NULL;
    if (stream_listen(&f->env, name, 0, accept_stream, a, &a->listener, &error)) {
        fail_msg("%s: %s", name, error);
    }
}

void acceptor_uninit(struct acceptor *a)
{
    stream_listener_destroy(a->listener);
    recorder_uninit(&a->last);
    memset(a, 0, sizeof *a);
}

const char *dial_name(const struct acceptor *a, const char *kind, const char *host)
{
    static char name[64];
    snprintf(name, sizeof name, "%s:%s:%u", kind, host,
             (unsigned) stream_listener_port(a->listener));
    return name;
}

int raw_connect(const struct acceptor *a)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct timeval patience = {.tv_sec = PATIENCE};
    address.sin_port = htons(stream_listener_port(a->listener));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *) &address, sizeof address), 0);
    return fd;
}

int port_hold(const char *host, uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = inet_addr(host);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *) &address, size), 0);
    getsockname(fd, (struct sockaddr *) &address, &size);
    *port = ntohs(address.sin_port);
    return fd;
}

int port_hold_silent(const char *host, uint16_t *port, int *caller)
{
    int fd = port_hold(host, port);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
    struct pollfd pfd = {.fd = fd, .events = POLLIN};
    address.sin_addr.s_addr = inet_addr(host);
    assert_int_equal(listen(fd, 0), 0);
    *caller = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(*caller, (struct sockaddr *) &address, sizeof address), 0);
    assert_int_equal(poll(&pfd, 1, PATIENCE * 1000), 1);
    return fd;
}

void count_warnings(const char *module, enum vlog_level level, const char *text, void *aux)
{
    (void) module;
    (void) text;
    *(size_t *) aux += level == VLOG_LEVEL_WARN;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void) st;
    (void) flag;
    (void) ftw;
    return remove(path);
}

static char *directories[32]; /* Those that are there. */

/* Removes what a case that failed has left. */
static void remove_all(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
        temporary_remove(directories[i]);
    }
}

char *temporary_create(void)
{
    static bool removes_all;
    size_t i = 0;
    while (directories[i]) {
        assert_true(++i < ARRAY_SIZE(directories));
    }
    if (!removes_all) {
        removes_all = true;
        assert_int_equal(atexit(remove_all), 0);
    }
    char *directory = xstrdup("/tmp/sluice-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return directories[i] = directory;
}

void temporary_remove(char *directory)
{
    for (size_t i = 0; directory && i < ARRAY_SIZE(directories); i++) {
        if (directories[i] == directory) {
            directories[i] = NULL;
            nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
            free(directory);
            break;
        }
    }
}
