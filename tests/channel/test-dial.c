/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/channel/dial and lookup: names with several addresses, and names that hang. */
#include "lib/channel/dial.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/util.h"
#include "tests/channel/fixture.h"
#include "tests/unit.h"

/* Lookups of names that end in ".hangs" wait until the second of these is closed. */
static int hanging[2];

typedef int lookup_function(const char *, const char *, const struct addrinfo *,
                            struct addrinfo **);

/* The name "A.B.C.D-E.F.G.H", and the same with ".hangs" behind, have these addresses. */
static int resolve(lookup_function *real, const char *name, const char *service,
                   struct addrinfo *hints, struct addrinfo **result)
{
    char *copy = xstrdup(name), *rest = copy, *address;
    struct addrinfo **end = result;
    int error = 0;
    char *suffix = strstr(copy, ".hangs");
    if (suffix) {
        *suffix = '\0';
    }
    hints->ai_flags |= AI_NUMERICHOST;
    while (!error && (address = strsep(&rest, "-")) != NULL) {
        error = real(address, service, hints, end);
        end = error ? end : &(*end)->ai_next;
    }
    free(copy);
    return error;
}

/* In place of the C library's, which is asked for the rest. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    lookup_function *real;
    char byte;
    *(void **) &real = dlsym(RTLD_NEXT, "getaddrinfo");
    bool is_hanging = strstr(name, ".hangs");
    if (hints->ai_flags & AI_NUMERICHOST || !(is_hanging || strchr(name, '-'))) {
        return real(name, service, hints, result);
    }
    if (is_hanging) {
        assert_int_equal(read(hanging[0], &byte, 1), 0);
    }
    struct addrinfo changed = *hints;
    return resolve(real, name, service, &changed, result);
}

/* Lets such lookups hang from now on ... */
static void begin_hanging(void)
{
    assert_int_equal(pipe(hanging), 0);
}

/* ... and those that do go on. */
static void end_hanging(void)
{
    close(hanging[1]);
}

/* A host that answers to nobody, for its queue is full. */
struct silent_host {
    int fd;     /* Listens. */
    int caller; /* Fills the queue. */
};

/* At 'address', and 'port' in network byte order, 0 any; returns the port. */
static in_port_t silent_host_init(struct silent_host *h, const char *address, in_port_t port)
{
    uint16_t number = ntohs(port);
    h->fd = port_hold_silent(address, &number, &h->caller);
    return htons(number);
}

static void silent_host_uninit(struct silent_host *h)
{
    close(h->fd);
    close(h->caller);
}

/* Opens a stream to 'host'. */
static void open_host(struct recorder *r, struct fixture *f, const char *host, in_port_t port)
{
    char *name = xasprintf("tcp:%s:%u", host, (unsigned) ntohs(port));
    recorder_open(r, f, name);
    free(name);
}

static void a_silent_address_does_not_hide_the_next_one(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 0};
    struct silent_host silent;
    in_port_t port = silent_host_init(&silent, "127.0.0.2", 0);
    char *name = xasprintf("ptcp:%u:127.0.0.3", (unsigned) ntohs(port));
    acceptor_listen(&a, f, name);
    open_host(&r, f, "127.0.0.2-127.0.0.3", port);
    fixture_wait(f, &r.connected);
    assert_true(strstr(stream_remote(r.stream), "127.0.0.3:") == stream_remote(r.stream));
    free(name);
    recorder_uninit(&r);
    acceptor_uninit(&a);
    silent_host_uninit(&silent);
    fixture_destroy(f);
}

/* Takes all callers of the silent host at 'data', so that it can be reached. */
static void answer(uv_timer_t *timer)
{
    const struct silent_host *h = (const struct silent_host *) timer->data;
    for (int fd; (fd = accept4(h->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        close(fd);
    }
}

static void a_slow_address_may_still_win_when_the_next_one_is_tried(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct recorder r = {.wants = 0};
    struct silent_host slow, silent;
    uv_timer_t timer = {.data = &slow};
    in_port_t port = silent_host_init(&slow, "127.0.0.2", 0);
    silent_host_init(&silent, "127.0.0.3", port);
    open_host(&r, f, "127.0.0.2-127.0.0.3", port);
    uv_timer_init(&f->loop, &timer);
    uv_timer_start(&timer, answer, 1500, 20);
    fixture_wait(f, &r.connected);
    assert_true(strstr(stream_remote(r.stream), "127.0.0.2:") == stream_remote(r.stream));
    uv_close((uv_handle_t *) &timer, NULL);
    recorder_uninit(&r);
    silent_host_uninit(&slow);
    silent_host_uninit(&silent);
    fixture_destroy(f);
}

/* rows: A1.2. Who redials at another port if nobody listens at this one has to hear of it. */
static void a_refusal_counts_more_than_what_fails_after_it(void **state UNUSED)
{
    static const char *const hosts[] = {"127.0.0.2-224.0.0.1", "224.0.0.1-127.0.0.2"};
    struct fixture *f = fixture_create_real();
    struct recorder r = {.wants = 0};
    uint16_t number = 0;
    int fd = port_hold("127.0.0.2", &number);
    in_port_t port = htons(number);
    for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
        open_host(&r, f, hosts[i], port);
        fixture_wait(f, &r.closed);
        assert_int_equal(r.error, ECONNREFUSED);
        recorder_uninit(&r);
    }
    open_host(&r, f, "224.0.0.1-224.0.0.1", port);
    fixture_wait(f, &r.closed);
    assert_int_equal(r.error, ENETUNREACH);
    close(fd);
    recorder_uninit(&r);
    fixture_destroy(f);
}

static void names_that_hang_hold_up_neither_others_nor_the_end(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 0}, hangs[20] = {{.wants = 0}};
    acceptor_listen(&a, f, "ptcp:0");
    in_port_t port = htons(stream_listener_port(a.listener));
    begin_hanging();
    for (size_t i = 0; i < ARRAY_SIZE(hangs); i++) {
        open_host(&hangs[i], f, "127.0.0.1.hangs", port);
    }
    open_host(&r, f, "127.0.0.1-127.0.0.1", port);
    fixture_wait(f, &r.connected);
    assert_int_equal(a.n, 1);
    recorder_uninit(&r);
    acceptor_uninit(&a);
    for (size_t i = 0; i < ARRAY_SIZE(hangs); i++) {
        assert_false(hangs[i].closed);
        recorder_uninit(&hangs[i]);
    }
    fixture_destroy(f);
    end_hanging();
}

static void a_lookup_has_30_s_and_then_comes_the_time_to_connect(void **state UNUSED)
{
    struct fixture *f = fixture_create_frozen();
    struct acceptor a = {.n = 0};
    struct recorder slow = {.wants = 0}, slower = {.wants = 0};
    acceptor_listen(&a, f, "ptcp:0");
    in_port_t port = htons(stream_listener_port(a.listener));
    begin_hanging();
    open_host(&slower, f, "127.0.0.1.hangs", port);
    fixture_advance(f, MSEC);
    open_host(&slow, f, "127.0.0.1.hangs", port);
    fixture_advance(f, 30 * SEC - 2 * MSEC);
    assert_false(slower.closed);
    fixture_advance(f, MSEC);
    assert_true(slower.closed);
    assert_int_equal(slower.error, ETIMEDOUT);
    assert_string_equal(slower.reason, "host name: no answer within 30 s");
    assert_false(slow.closed);
    end_hanging();
    fixture_wait(f, &slow.connected);
    recorder_uninit(&slow);
    recorder_uninit(&slower);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_address_does_not_hide_the_next_one),
        cmocka_unit_test(a_slow_address_may_still_win_when_the_next_one_is_tried),
        cmocka_unit_test(a_refusal_counts_more_than_what_fails_after_it),
        cmocka_unit_test(names_that_hang_hold_up_neither_others_nor_the_end),
        cmocka_unit_test(a_lookup_has_30_s_and_then_comes_the_time_to_connect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
