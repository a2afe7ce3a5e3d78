/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/channel/stream: real sockets on loopback, Unix sockets, pairs in memory. */
#include "lib/channel/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/channel/stream-provider.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "tests/channel/fixture.h"
#include "tests/unit.h"

static void tcp_carries_bytes_both_ways_and_knows_addresses(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.echoes = true};
    struct recorder r = {.wants = 5};
    acceptor_listen(&a, f, "ptcp:0");
    recorder_open(&r, f, dial_name(&a, "tcp", "127.0.0.1"));
    assert_false(r.connected);
    fixture_wait(f, &r.connected);
    recorder_say(&r, "hello");
    assert_int_equal(stream_backlog(r.stream), 5);
    fixture_wait(f, &r.has_all);
    assert_memory_equal(r.in.data, "hello", 5);
    assert_int_equal(stream_backlog(r.stream), 0);
    assert_true(r.drained);
    assert_string_equal(stream_remote(r.stream), stream_local(a.last.stream));
    assert_string_equal(stream_local(r.stream), stream_remote(a.last.stream));
    assert_string_equal(stream_name(r.stream), dial_name(&a, "tcp", "127.0.0.1"));
    assert_string_equal(stream_name(a.last.stream) + 4, stream_local(r.stream));
    recorder_uninit(&r);
    fixture_wait(f, &a.last.closed);
    assert_int_equal(a.last.error, 0);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void ipv6_addresses_stand_in_brackets(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 0};
    char *error = NULL;
    struct stream_listener *probe;
    if (stream_listen(&f->env, "ptcp:0:[::1]", 0, NULL, NULL, &probe, &error)) {
        print_message("no IPv6 here: %s\n", error);
        free(error);
        fixture_destroy(f);
        skip();
    }
    stream_listener_destroy(probe);
    acceptor_listen(&a, f, "ptcp:0:[::1]");
    recorder_open(&r, f, dial_name(&a, "tcp", "[::1]"));
    fixture_wait(f, &r.connected);
    assert_non_null(strstr(stream_remote(r.stream), "[::1]:"));
    recorder_uninit(&r);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void host_names_are_looked_up(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 0}, lost = {.wants = 0};
    acceptor_listen(&a, f, "ptcp:0");
    recorder_open(&r, f, dial_name(&a, "tcp", "localhost"));
    fixture_wait(f, &r.connected);
    recorder_open(&lost, f, "tcp:no-such-host.invalid");
    fixture_wait(f, &lost.closed);
    assert_int_not_equal(lost.error, 0);
    assert_non_null(strstr(lost.reason, "host name"));
    recorder_uninit(&r);
    recorder_uninit(&lost);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void a_lookup_may_be_abandoned(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct recorder r = {.wants = 0};
    recorder_open(&r, f, "tcp:no-such-host.invalid");
    recorder_uninit(&r);
    fixture_destroy(f);
}

static void a_refused_connection_says_so_from_the_loop_only(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct recorder r = {.wants = 0};
    char *dir = temporary_create();
    uint16_t port = 0;
    int fd = port_hold("127.0.0.1", &port);
    char *name = xasprintf("tcp:127.0.0.1:%u", port);
    recorder_open(&r, f, name);
    assert_false(r.closed);
    fixture_wait(f, &r.closed);
    assert_int_equal(r.error, ECONNREFUSED);
    recorder_uninit(&r);
    close(fd);

    free(name);
    name = xasprintf("unix:%s/none", dir);
    recorder_open(&r, f, name);
    assert_false(r.closed);
    fixture_wait(f, &r.closed);
    assert_int_equal(r.error, ENOENT);
    recorder_uninit(&r);
    free(name);
    temporary_remove(dir);
    fixture_destroy(f);
}

static void a_host_that_does_not_answer_is_given_up_after_10_s(void **state UNUSED)
{
    struct fixture *f = fixture_create_frozen();
    struct recorder r[8] = {{.wants = 0}};
    uint16_t port = 0;
    int caller, fd = port_hold_silent("127.0.0.1", &port, &caller);
    char *name = xasprintf("tcp:127.0.0.1:%u", port);
    for (size_t i = 0; i < ARRAY_SIZE(r); i++) {
        recorder_open(&r[i], f, name);
    }
    fixture_spin(f);
    struct recorder *last = &r[ARRAY_SIZE(r) - 1];
    assert_false(last->connected);
    fixture_advance(f, 10 * SEC - MSEC);
    assert_false(last->closed);
    fixture_advance(f, MSEC);
    assert_true(last->closed);
    assert_int_equal(last->error, ETIMEDOUT);
    for (size_t i = 0; i < ARRAY_SIZE(r); i++) {
        recorder_uninit(&r[i]);
    }
    close(caller);
    close(fd);
    free(name);
    fixture_destroy(f);
}

static void a_unix_socket_is_private_and_removed_at_the_end(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.echoes = true};
    struct recorder r = {.wants = 2};
    struct stat st;
    char *dir = temporary_create();
    char *path = xasprintf("%s/sock", dir);
    char *passive = xasprintf("punix:%s", path);
    acceptor_listen(&a, f, passive);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    recorder_open(&r, f, passive + 1);
    recorder_say(&r, "hi");
    fixture_wait(f, &r.has_all);
    assert_string_equal(stream_remote(r.stream), "");
    assert_string_equal(stream_name(a.last.stream), passive + 1);
    recorder_uninit(&r);
    acceptor_uninit(&a);
    assert_int_equal(stat(path, &st), -1);
    free(passive);
    free(path);
    temporary_remove(dir);
    fixture_destroy(f);
}

/* Asserts that listening fails with 'wanted' and a text with 'part' in it. */
static void assert_refused(struct fixture *f, const char *name, int wanted, const char *part)
{
    struct stream_listener *l;
    char *error = NULL;
    assert_int_equal(stream_listen(&f->env, name, 6653, NULL, NULL, &l, &error), wanted);
    assert_contains(error, part);
    free(error);
}

static void a_stale_unix_socket_is_replaced_and_others_are_refused(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    char *dir = temporary_create();
    char *passive = xasprintf("punix:%s/sock", dir);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/sock", dir);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *) &address, sizeof address), 0);
    close(fd);
    acceptor_listen(&a, f, passive);
    assert_refused(f, passive, EADDRINUSE, "somebody listens");
    acceptor_uninit(&a);

    FILE *file = fopen(address.sun_path, "w");
    fclose(file);
    assert_refused(f, passive, EEXIST, "no socket");
    assert_int_equal(access(address.sun_path, F_OK), 0);
    free(passive);
    passive = xasprintf("punix:%s/none/sock", dir);
    assert_refused(f, passive, ENOENT, "No such file");
    free(passive);
    temporary_remove(dir);
    fixture_destroy(f);
}

static void a_socket_put_in_our_place_is_not_removed(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0}, b = {.n = 0};
    char *dir = temporary_create();
    char *passive = xasprintf("punix:%s/sock", dir);
    acceptor_listen(&a, f, passive);
    unlink(passive + 6);
    acceptor_listen(&b, f, passive);
    acceptor_uninit(&a);
    assert_int_equal(access(passive + 6, F_OK), 0);
    acceptor_uninit(&b);
    free(passive);
    temporary_remove(dir);
    fixture_destroy(f);
}

static void names_that_cannot_be_served_are_refused(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    static const struct recorder *none;
    struct stream *s;
    char *error = NULL;
    assert_refused(f, "tcp:127.0.0.1", EINVAL, "to listen");
    assert_refused(f, "ptls:0", EINVAL, "--private-key");
    assert_refused(f, "ptcp:0:localhost", EINVAL, "no IP address");
    assert_refused(f, "ptcp:0:192.0.2.1", EADDRNOTAVAIL, "no interface");
    assert_refused(f, "pmemory:x", EINVAL, "simulation");
    assert_int_equal(stream_open(&f->env, "ptcp:1", 1, NULL, (void *) none, &s, &error), EINVAL);
    free(error);
    assert_int_equal(stream_check_name(&f->env, "tls:127.0.0.1", &error), EINVAL);
    free(error);
    assert_int_equal(stream_check_name(&f->env, "tcp:127.0.0.1", &error), 0);
    assert_true(stream_name_is_passive("pssl:"));
    assert_false(stream_name_is_passive("ssl:x"));
    assert_false(stream_name_is_passive("nonsense"));
    fixture_destroy(f);
}

static void megabytes_arrive_whole_however_they_were_sent(void **state UNUSED)
{
    enum { SIZE = 8 * 1024 * 1024 };
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 0};
    uint8_t *data = xmalloc(SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        data[i] = (uint8_t) (i * 2654435761u >> 13);
    }
    acceptor_listen(&a, f, "ptcp:0");
    recorder_open(&r, f, dial_name(&a, "tcp", "127.0.0.1"));
    fixture_wait(f, &a.accepted);
    a.last.wants = SIZE;
    size_t sent = 0;
    for (size_t size = 1; sent < SIZE; size = size * 3 + 1) {
        size = MIN(size, (size_t) SIZE - sent);
        recorder_send(&r, data + sent, size);
        sent += size;
    }
    assert_true(stream_backlog(r.stream) > 0);
    fixture_wait(f, &a.last.has_all);
    assert_memory_equal(a.last.in.data, data, SIZE);
    assert_int_equal(stream_backlog(r.stream), 0);
    free(data);
    recorder_uninit(&r);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void a_paused_reader_holds_the_sender_back(void **state UNUSED)
{
    enum { SIZE = 32 * 1024 * 1024 };
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 0};
    uint8_t *data = xzalloc(SIZE);
    acceptor_listen(&a, f, "ptcp:0");
    recorder_open(&r, f, dial_name(&a, "tcp", "127.0.0.1"));
    fixture_wait(f, &a.accepted);
    stream_pause(a.last.stream, true);
    recorder_send(&r, data, SIZE);
    fixture_wait(f, &r.connected);
    fixture_spin(f);
    assert_int_equal(a.last.n_in, 0);
    assert_true(stream_backlog(r.stream) > SIZE / 2);
    assert_false(r.drained);
    stream_pause(a.last.stream, false);
    fixture_wait(f, &r.drained);
    a.last.wants = SIZE;
    fixture_wait_number(f, &a.last.n_in, SIZE);
    free(data);
    recorder_uninit(&r);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void what_was_sent_before_destroying_still_leaves(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 0};
    acceptor_listen(&a, f, "ptcp:0");
    recorder_open(&r, f, dial_name(&a, "tcp", "127.0.0.1"));
    fixture_wait(f, &r.connected);
    recorder_say(&r, "goodbye");
    recorder_uninit(&r);
    fixture_wait_number(f, &a.last.n_in, 7);
    fixture_wait(f, &a.last.closed);
    assert_memory_equal(a.last.in.data, "goodbye", 7);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void shutdown_ends_our_side_only(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    acceptor_listen(&a, f, "ptcp:0");
    int fd = raw_connect(&a);
    char buf[16];
    fixture_wait(f, &a.accepted);
    recorder_say(&a.last, "end");
    stream_shutdown(a.last.stream);
    fixture_spin(f);
    assert_int_equal(recv(fd, buf, sizeof buf, 0), 3);
    assert_int_equal(recv(fd, buf, sizeof buf, 0), 0);
    assert_int_equal(write(fd, "more", 4), 4);
    fixture_wait_number(f, &a.last.n_in, 4);
    close(fd);
    fixture_wait(f, &a.last.closed);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void an_aborted_connection_is_no_orderly_close(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    acceptor_listen(&a, f, "ptcp:0");
    int fd = raw_connect(&a);
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    fixture_wait(f, &a.accepted);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(fd);
    fixture_wait(f, &a.last.closed);
    assert_int_equal(a.last.error, ECONNRESET);
    recorder_say(&a.last, "a dead stream drops it");
    assert_int_equal(stream_backlog(a.last.stream), 0);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void a_stream_may_be_destroyed_in_each_of_its_handlers(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    acceptor_listen(&a, f, "ptcp:0");

    struct recorder connected = {.destroys_itself = true};
    recorder_open(&connected, f, dial_name(&a, "tcp", "127.0.0.1"));
    fixture_wait(f, &connected.connected);
    fixture_wait(f, &a.last.closed);

    for (int i = 0; i < 4; i++) {
        a.accepted = false;
        int fd = raw_connect(&a);
        fixture_wait(f, &a.accepted);
        a.last.destroys_itself = true;
        if (i == 0) {
            assert_int_equal(write(fd, "x", 1), 1);
            fixture_wait_number(f, &a.last.n_in, 1);
        } else if (i == 1) {
            recorder_say(&a.last, "x");
            fixture_wait(f, &a.last.drained);
        } else if (i == 2) {
            stream_wake(a.last.stream);
            fixture_wait(f, &a.last.woken);
        } else {
            shutdown(fd, SHUT_WR);
            fixture_wait(f, &a.last.closed);
        }
        assert_null(a.last.stream);
        close(fd);
    }
    recorder_uninit(&connected);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

/* Destroys its listener with the first stream that it accepts. */
static void accept_one(void *aux, struct stream *s)
{
    struct acceptor *a = (struct acceptor *) aux;
    a->n++;
    a->accepted = true;
    stream_destroy(s);
    stream_listener_destroy(a->listener);
    a->listener = NULL;
}

static void a_listener_may_be_destroyed_in_accept(void **state UNUSED)
{
    struct fixture *f = fixture_create_real();
    struct acceptor a = {.n = 0};
    char *error = NULL;
    assert_int_equal(stream_listen(&f->env, "ptcp:0", 0, accept_one, &a, &a.listener, &error), 0);
    int first = raw_connect(&a);
    int second = raw_connect(&a);
    fixture_wait(f, &a.accepted);
    fixture_spin(f);
    assert_int_equal(a.n, 1);
    close(first);
    close(second);
    fixture_destroy(f);
}

static void a_listener_without_descriptors_waits_and_recovers(void **state UNUSED)
{
    struct fixture *f = fixture_create_frozen();
    struct acceptor a = {.n = 0};
    struct rlimit old, limit;
    size_t warnings = 0;
    acceptor_listen(&a, f, "ptcp:0");
    int fd = raw_connect(&a);
    int lowest = dup(0);
    getrlimit(RLIMIT_NOFILE, &old);
    limit = old;
    limit.rlim_cur = (rlim_t) lowest;
    close(lowest);
    vlog_set_sink(count_warnings, &warnings);
    setrlimit(RLIMIT_NOFILE, &limit);
    fixture_wait_number(f, &warnings, 1);
    fixture_advance(f, 2 * SEC);
    vlog_set_sink(NULL, NULL);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_int_equal(a.n, 0);
    assert_in_range(warnings, 1, 3);
    fixture_advance(f, 2 * SEC);
    assert_int_equal(a.n, 1);
    close(fd);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

/* Accepts into a row of recorders. */
struct crowd {
    struct recorder *members; /* As many as are expected. */
    size_t n;                 /* Accepted so far. */
};

static void crowd_accept(void *aux, struct stream *s)
{
    struct crowd *c = (struct crowd *) aux;
    struct recorder *r = &c->members[c->n++];
    r->stream = s;
    r->echoes = true;
    stream_set_handlers(s, &recorder_handlers, r);
}

static void a_thousand_connections_work_at_once(void **state UNUSED)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    size_t n = MIN((size_t) 1000, (size_t) limit.rlim_cur / 2 - 50);
    struct fixture *f = fixture_create_real();
    struct recorder *clients = xcalloc(n, sizeof *clients);
    struct crowd crowd = {.members = xcalloc(n, sizeof *clients)};
    struct acceptor a = {.n = 0};
    char *error = NULL;
    assert_int_equal(stream_listen(&f->env, "ptcp:0", 0, crowd_accept, &crowd, &a.listener,
                                   &error), 0);
    for (size_t i = 0; i < n; i++) {
        clients[i].wants = sizeof i;
        recorder_open(&clients[i], f, dial_name(&a, "tcp", "127.0.0.1"));
        recorder_send(&clients[i], &i, sizeof i);
    }
    for (size_t i = 0; i < n; i++) {
        fixture_wait(f, &clients[i].has_all);
        assert_memory_equal(clients[i].in.data, &i, sizeof i);
    }
    assert_int_equal(crowd.n, n);
    for (size_t i = 0; i < n; i++) {
        recorder_uninit(&clients[i]);
        recorder_uninit(&crowd.members[i]);
    }
    free(clients);
    free(crowd.members);
    stream_listener_destroy(a.listener);
    fixture_destroy(f);
}

/* Streams in memory. */

static void a_memory_pair_delivers_when_told_to(void **state UNUSED)
{
    struct fixture *f = fixture_create_memory();
    struct recorder a = {.wants = 0}, b = {.wants = 0};
    stream_pair(&f->env, &a.stream, &b.stream);
    stream_set_handlers(a.stream, &recorder_handlers, &a);
    stream_set_handlers(b.stream, &recorder_handlers, &b);
    recorder_say(&a, "hello");
    assert_int_equal(stream_backlog(a.stream), 5);
    assert_int_equal(b.n_in, 0);
    assert_true(stream_pair_deliver(a.stream));
    assert_int_equal(b.n_in, 5);
    assert_true(stream_pair_deliver(b.stream));
    assert_true(a.drained);
    assert_false(stream_pair_deliver(b.stream));
    stream_pause(b.stream, true);
    recorder_say(&a, "later");
    assert_false(stream_pair_deliver(a.stream));
    recorder_uninit(&a);
    stream_pause(b.stream, false);
    fixture_settle(f);
    assert_int_equal(b.n_in, 10);
    assert_true(b.closed);
    assert_int_equal(b.error, 0);
    recorder_uninit(&b);
    fixture_destroy(f);
}

static void memory_names_meet_in_the_hub(void **state UNUSED)
{
    struct fixture *f = fixture_create_memory();
    struct acceptor a = {.echoes = true};
    struct recorder r = {.wants = 3}, lost = {.wants = 0};
    acceptor_listen(&a, f, "pmemory:c1");
    assert_refused(f, "pmemory:c1", EADDRINUSE, "somebody listens");
    recorder_open(&r, f, "memory:c1");
    recorder_open(&lost, f, "memory:c2");
    fixture_settle(f);
    assert_true(r.connected);
    assert_int_equal(lost.error, ECONNREFUSED);
    recorder_say(&r, "abc");
    fixture_settle(f);
    assert_true(r.has_all);
    recorder_uninit(&a.last);
    fixture_settle(f);
    assert_true(r.closed);
    recorder_uninit(&r);
    recorder_uninit(&lost);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

/* A peer for which megabytes wait and which has ended its side. */
static int half_close(struct fixture *f, struct acceptor *a, size_t size)
{
    uint8_t *data = xcalloc(1, size);
    acceptor_listen(a, f, "ptcp:0");
    int fd = raw_connect(a);
    fixture_wait(f, &a->accepted);
    a->last.destroys_itself = true;
    recorder_send(&a->last, data, size);
    free(data);
    shutdown(fd, SHUT_WR);
    fixture_wait_ending(f, a->last.stream);
    return fd;
}

static void who_has_ended_its_side_still_gets_what_waits(void **state UNUSED)
{
    enum { SIZE = 32 * 1024 * 1024, TRIES = 12000 };
    static uint8_t data[64 * 1024];
    struct fixture *f = fixture_create_frozen();
    struct acceptor a = {.n = 0};
    int fd = half_close(f, &a, SIZE);
    struct pollfd pfd = {.fd = fd, .events = POLLIN};
    size_t n_in = 0;
    assert_false(a.last.closed);
    for (unsigned tries = 0; tries < TRIES; tries++) {
        ssize_t n = recv(fd, data, sizeof data, MSG_DONTWAIT);
        if (!n) {
            break;
        }
        n_in += n > 0 ? (size_t) n : 0;
        tries = n > 0 ? 0 : tries;
        uv_run(&f->loop, UV_RUN_NOWAIT);
        poll(&pfd, 1, 10);
    }
    assert_int_equal(n_in, SIZE);
    assert_true(a.last.closed);
    assert_int_equal(a.last.error, 0);
    close(fd);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void who_has_ended_its_side_and_does_not_read_is_waited_for_10_s(void **state UNUSED)
{
    struct fixture *f = fixture_create_frozen();
    struct acceptor a = {.n = 0};
    int fd = half_close(f, &a, 32 * 1024 * 1024);
    fixture_advance(f, 10 * SEC - MSEC);
    assert_false(a.last.closed);
    fixture_advance(f, MSEC);
    assert_true(a.last.closed);
    assert_int_equal(a.last.error, 0);
    assert_string_equal(a.last.reason, "closed by the peer");
    close(fd);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void who_is_waited_for_and_breaks_off_is_gone(void **state UNUSED)
{
    struct fixture *f = fixture_create_frozen();
    struct acceptor a = {.n = 0};
    int fd = half_close(f, &a, 32 * 1024 * 1024);
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    stream_pause(a.last.stream, true);
    stream_pause(a.last.stream, false);
    fixture_spin(f);
    assert_false(a.last.closed);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(fd);
    fixture_wait(f, &a.last.closed);
    assert_int_equal(a.last.error, 0);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

static void who_is_waited_for_may_be_destroyed(void **state UNUSED)
{
    struct fixture *f = fixture_create_frozen();
    struct acceptor a = {.n = 0};
    int fd = half_close(f, &a, 32 * 1024 * 1024);
    assert_true(stream_is_ending(a.last.stream));
    recorder_uninit(&a.last);
    fixture_advance(f, 10 * SEC);
    close(fd);
    acceptor_uninit(&a);
    fixture_destroy(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_carries_bytes_both_ways_and_knows_addresses),
        cmocka_unit_test(ipv6_addresses_stand_in_brackets),
        cmocka_unit_test(host_names_are_looked_up),
        cmocka_unit_test(a_lookup_may_be_abandoned),
        cmocka_unit_test(a_refused_connection_says_so_from_the_loop_only),
        cmocka_unit_test(a_host_that_does_not_answer_is_given_up_after_10_s),
        cmocka_unit_test(a_unix_socket_is_private_and_removed_at_the_end),
        cmocka_unit_test(a_stale_unix_socket_is_replaced_and_others_are_refused),
        cmocka_unit_test(a_socket_put_in_our_place_is_not_removed),
        cmocka_unit_test(names_that_cannot_be_served_are_refused),
        cmocka_unit_test(megabytes_arrive_whole_however_they_were_sent),
        cmocka_unit_test(a_paused_reader_holds_the_sender_back),
        cmocka_unit_test(what_was_sent_before_destroying_still_leaves),
        cmocka_unit_test(shutdown_ends_our_side_only),
        cmocka_unit_test(who_has_ended_its_side_still_gets_what_waits),
        cmocka_unit_test(who_has_ended_its_side_and_does_not_read_is_waited_for_10_s),
        cmocka_unit_test(who_is_waited_for_and_breaks_off_is_gone),
        cmocka_unit_test(who_is_waited_for_may_be_destroyed),
        cmocka_unit_test(an_aborted_connection_is_no_orderly_close),
        cmocka_unit_test(a_stream_may_be_destroyed_in_each_of_its_handlers),
        cmocka_unit_test(a_listener_may_be_destroyed_in_accept),
        cmocka_unit_test(a_listener_without_descriptors_waits_and_recovers),
        cmocka_unit_test(a_thousand_connections_work_at_once),
        cmocka_unit_test(a_memory_pair_delivers_when_told_to),
        cmocka_unit_test(memory_names_meet_in_the_hub),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
