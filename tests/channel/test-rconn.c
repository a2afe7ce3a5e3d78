/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/channel/rconn: redialling, probing and bounded queues, virtual clock and sockets. */
#include "lib/channel/rconn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/byte-order.h"
#include "lib/channel/vconn.h"
#include "lib/util.h"
#include "tests/channel/fixture.h"
#include "tests/unit.h"

/* An rconn that remembers, and who listens for it. */
struct pair {
    struct fixture *f;           /* Environment. */
    struct acceptor a;           /* The controller's side. */
    struct rconn *rconn;         /* Under test. */
    struct rconn_config config;  /* Its configuration. */
    bool is_connected;           /* As told. */
    size_t n_connected;          /* connected() calls. */
    size_t n_disconnected;       /* disconnected() calls. */
    bool was_connected;          /* Of the last one. */
    char reason[200];            /* Of the last one. */
    size_t n_messages;           /* Messages. */
    struct bytes messages;       /* All of them. */
    bool destroys;               /* Destroys the rconn in the next handler. */
};

static const uint8_t hello[] = {1, 0, 0, 8, 0, 0, 0, 7};
static const uint8_t echo_request[] = {1, 2, 0, 8, 0, 0, 0, 42};

static void destroy_if_wanted(struct pair *p)
{
    if (p->destroys) {
        rconn_destroy(p->rconn);
        p->rconn = NULL;
    }
}

static void connected(void *aux)
{
    struct pair *p = (struct pair *) aux;
    p->is_connected = true;
    p->n_connected++;
    destroy_if_wanted(p);
}

static void message(void *aux, const uint8_t *data, size_t size)
{
    struct pair *p = (struct pair *) aux;
    assert_true(p->is_connected);
    p->n_messages++;
    bytes_put(&p->messages, data, size);
    destroy_if_wanted(p);
}

static void disconnected(void *aux, bool was_connected, const char *reason)
{
    struct pair *p = (struct pair *) aux;
    assert_int_equal(was_connected, p->is_connected);
    p->is_connected = false;
    p->was_connected = was_connected;
    p->n_disconnected++;
    snprintf(p->reason, sizeof p->reason, "%s", reason);
    destroy_if_wanted(p);
}

static const struct rconn_handlers handlers = {
    .connected = connected,
    .message = message,
    .disconnected = disconnected,
};

static void dial(struct pair *p, const char *target)
{
    char *error = NULL;
    if (rconn_create(&p->f->env, target, &p->config, &handlers, p, &p->rconn, &error)) {
        fail_msg("%s", error);
    }
}

/* In memory: a controller that listens and an rconn that has not dialled yet. */
static void pair_init(struct pair *p, struct rconn_config config)
{
    memset(p, 0, sizeof *p);
    p->f = fixture_create_memory();
    p->config = config;
    acceptor_listen(&p->a, p->f, "pmemory:c");
    dial(p, "memory:c");
}

static void pair_uninit(struct pair *p)
{
    rconn_destroy(p->rconn);
    acceptor_uninit(&p->a);
    bytes_uninit(&p->messages);
    fixture_destroy(p->f);
}

/* The controller says something; the clock does not move. */
static void say(struct pair *p, const void *data, size_t size)
{
    recorder_send(&p->a.last, data, size);
    fixture_settle(p->f);
}

/* Lets the rconn dial what is due at 'after', and the controller answer. */
static void connect_after(struct pair *p, int64_t after)
{
    fixture_advance(p->f, after);
    say(p, hello, sizeof hello);
    assert_true(p->is_connected);
    bytes_clear(&p->a.last.in);
}

static struct bytes *make_message(uint8_t type, size_t size, uint32_t xid)
{
    struct bytes *msg = bytes_create(size);
    bytes_put_u8(msg, 1);
    bytes_put_u8(msg, type);
    bytes_put_be16(msg, (uint16_t) size);
    bytes_put_be32(msg, xid);
    bytes_put_zeros(msg, size - 8);
    return msg;
}

static void it_dials_at_once_and_carries_messages(void **state UNUSED)
{
    struct pair p;
    struct rconn_stats stats;
    pair_init(&p, (struct rconn_config){.seed = 1});
    assert_string_equal(rconn_state(p.rconn), "BACKOFF");
    assert_int_equal(rconn_send(p.rconn, make_message(5, 8, 1), RCONN_REPLY), ENOTCONN);
    fixture_advance(p.f, 0);
    assert_string_equal(rconn_state(p.rconn), "CONNECTING");
    say(&p, hello, sizeof hello);
    assert_string_equal(rconn_state(p.rconn), "ACTIVE");
    assert_true(rconn_is_connected(p.rconn));
    assert_string_equal(rconn_target(p.rconn), "memory:c");
    say(&p, echo_request, sizeof echo_request);
    assert_int_equal(p.n_messages, 1);
    assert_int_equal(rconn_send(p.rconn, make_message(3, 8, 42), RCONN_REPLY), 0);
    fixture_settle(p.f);
    assert_int_equal(p.a.last.n_in, 16);
    rconn_get_stats(p.rconn, &stats);
    assert_int_equal(stats.attempts, 1);
    assert_int_equal(stats.connections, 1);
    assert_int_equal(stats.messages_sent, 1);
    assert_int_equal(stats.messages_received, 1);
    pair_uninit(&p);
}

static void bad_targets_are_refused_at_once(void **state UNUSED)
{
    struct fixture *f = fixture_create_memory();
    static const char *const targets[] = {"nonsense", "pmemory:c", "tcp:127.0.0.1", "tls:h"};
    for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
        struct rconn_config config = {.seed = 1};
        struct rconn *r;
        char *error = NULL;
        assert_int_equal(rconn_create(&f->env, targets[i], &config, &handlers, NULL, &r, &error),
                         EINVAL);
        assert_non_null(error);
        free(error);
    }
    fixture_destroy(f);
}

/* rows: T13 */
static void after_an_orderly_close_it_redials_at_once(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1});
    connect_after(&p, 0);
    fixture_advance(p.f, 60 * SEC);
    recorder_uninit(&p.a.last);
    fixture_settle(p.f);
    assert_int_equal(p.n_disconnected, 1);
    assert_true(p.was_connected);
    connect_after(&p, 0);
    assert_int_equal(p.n_connected, 2);
    pair_uninit(&p);
}

static void failures_back_off_and_tell_each_time(void **state UNUSED)
{
    struct pair p;
    struct rconn_stats stats;
    pair_init(&p, (struct rconn_config){.seed = 1});
    acceptor_uninit(&p.a);
    for (unsigned s = 0; s < 60; s++) {
        fixture_advance(p.f, 1 * SEC);
    }
    rconn_get_stats(p.rconn, &stats);
    assert_in_range(stats.attempts, 10, 13);
    assert_int_equal(p.n_disconnected, stats.attempts);
    assert_false(p.was_connected);
    assert_non_null(strstr(p.reason, "refused"));
    acceptor_listen(&p.a, p.f, "pmemory:c");
    connect_after(&p, 8 * SEC);
    pair_uninit(&p);
}

static void told_that_it_will_do_better_now_it_dials_at_once(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1});
    acceptor_uninit(&p.a);
    for (unsigned s = 0; s < 60; s++) {
        fixture_advance(p.f, 1 * SEC);
    }
    acceptor_listen(&p.a, p.f, "pmemory:c");
    unsigned n = p.n_disconnected;
    rconn_redial(p.rconn);
    fixture_advance(p.f, 0);
    assert_string_equal(rconn_state(p.rconn), "CONNECTING");
    size_t accepted = p.a.n;
    rconn_redial(p.rconn);
    connect_after(&p, 0);
    assert_int_equal(p.a.n, accepted + 1);
    rconn_redial(p.rconn);
    fixture_advance(p.f, 0);
    assert_true(rconn_is_connected(p.rconn));
    assert_int_equal(p.n_connected, 1);
    assert_int_equal(p.n_disconnected, n);
    pair_uninit(&p);
}

static void a_controller_without_hello_is_left_after_5_s(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1});
    fixture_advance(p.f, 0);
    fixture_advance(p.f, 5 * SEC);
    assert_int_equal(p.n_disconnected, 1);
    assert_non_null(strstr(p.reason, "HELLO"));
    pair_uninit(&p);
}

/* rows: A1.10 */
static void a_silent_peer_is_probed_and_dropped(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1, .inactivity_probe = 5 * SEC});
    connect_after(&p, 0);
    fixture_advance(p.f, 5 * SEC - MSEC);
    assert_int_equal(p.a.last.in.size, 0);
    fixture_advance(p.f, MSEC);
    assert_int_equal(p.a.last.in.size, 8);
    assert_memory_equal(p.a.last.in.data, "\1\2\0\x08", 4);
    assert_string_equal(rconn_state(p.rconn), "IDLE");
    fixture_advance(p.f, 5 * SEC - MSEC);
    assert_int_equal(p.n_disconnected, 0);
    fixture_advance(p.f, MSEC);
    assert_int_equal(p.n_disconnected, 1);
    assert_non_null(strstr(p.reason, "probe"));
    pair_uninit(&p);
}

static void after_a_jump_of_the_clock_the_peer_is_asked_before_it_is_left(void **state UNUSED)
{
    static const uint8_t echo_reply[] = {1, 3, 0, 8, 0, 0, 0, 0};
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1, .inactivity_probe = 5 * SEC});
    connect_after(&p, 0);
    for (unsigned i = 0; i < 3; i++) {
        fixture_advance(p.f, 3600 * SEC);
        assert_true(p.is_connected);
        assert_int_equal(p.a.last.in.data[1], 2);
        uint8_t reply[8];
        memcpy(reply, echo_reply, sizeof reply);
        memcpy(reply + 4, p.a.last.in.data + 4, 4);
        bytes_clear(&p.a.last.in);
        say(&p, reply, sizeof reply);
    }
    assert_int_equal(p.n_connected, 1);
    pair_uninit(&p);
}

static void the_answer_to_a_probe_is_not_the_owner_s_but_other_replies_are(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1, .inactivity_probe = 5 * SEC});
    connect_after(&p, 0);
    for (int i = 1; i <= 3; i++) {
        bytes_clear(&p.a.last.in);
        fixture_advance(p.f, 5 * SEC);
        assert_int_equal(p.a.last.in.size, 8);
        uint8_t reply[8];
        memcpy(reply, p.a.last.in.data, sizeof reply);
        reply[1] = 3;
        say(&p, reply, sizeof reply);
        assert_string_equal(rconn_state(p.rconn), "ACTIVE");
        assert_int_equal(p.n_messages, i - 1);
        reply[7] ^= 1;
        say(&p, reply, sizeof reply);
        assert_int_equal(p.n_messages, i);
    }
    assert_int_equal(p.n_disconnected, 0);
    pair_uninit(&p);
}

static void a_message_that_trickles_in_is_a_sign_of_life(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1, .inactivity_probe = 5 * SEC});
    connect_after(&p, 0);
    say(&p, "\1\2\xff\xff", 4);
    for (int i = 0; i < 100; i++) {
        fixture_advance(p.f, 4 * SEC);
        say(&p, "x", 1);
    }
    assert_int_equal(p.a.last.in.size, 0);
    assert_int_equal(p.n_disconnected, 0);
    pair_uninit(&p);
}

/* rows: A1.12. A barrier may take its time. */
static void a_pause_of_the_owner_is_not_taken_for_silence_of_the_peer(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1, .inactivity_probe = 5 * SEC});
    connect_after(&p, 0);
    rconn_pause(p.rconn, true);
    say(&p, echo_request, sizeof echo_request);
    for (int i = 0; i < 10; i++) {
        fixture_advance(p.f, 5 * SEC);
    }
    assert_int_equal(p.n_messages, 0);
    assert_int_equal(p.n_disconnected, 0);
    rconn_pause(p.rconn, false);
    fixture_settle(p.f);
    assert_int_equal(p.n_messages, 1);
    pair_uninit(&p);
}

/* rows: A1.10. While its request is being worked on, a peer shows life by reading. */
static void during_a_pause_a_peer_that_does_not_read_is_given_up(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1, .inactivity_probe = 5 * SEC});
    connect_after(&p, 0);
    stream_pause(p.a.last.stream, true);
    rconn_send(p.rconn, make_message(17, 60000, 1), RCONN_REPLY);
    rconn_pause(p.rconn, true);
    fixture_advance(p.f, 5 * SEC);
    assert_int_equal(p.n_disconnected, 0);
    fixture_advance(p.f, 5 * SEC);
    assert_int_equal(p.n_disconnected, 1);
    pair_uninit(&p);
}

/* rows: A1.18. A peer that does not read costs a bounded amount; replies are never dropped. */
static void packet_ins_are_bounded_counted_and_dropped_before_replies(void **state UNUSED)
{
    struct pair p;
    struct rconn_stats stats;
    pair_init(&p, (struct rconn_config){.seed = 1, .packet_in_count = 100});
    connect_after(&p, 0);
    stream_pause(p.a.last.stream, true);
    size_t accepted = 0;
    for (uint32_t i = 0; i < 10000; i++) {
        int retval = rconn_send(p.rconn, make_message(10, 146, i), RCONN_PACKET_IN);
        assert_true(retval == 0 || retval == EAGAIN);
        accepted += !retval;
        fixture_settle(p.f);
    }
    assert_in_range(accepted, 100, 100 + 64 * 1024 / 146 + 1);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(rconn_send(p.rconn, make_message(19, 8, i), RCONN_REPLY), 0);
    }
    assert_true(rconn_backlog(p.rconn) < 100 * 1024);
    rconn_get_stats(p.rconn, &stats);
    assert_int_equal(stats.packet_in_dropped, 10000 - accepted);

    stream_pause(p.a.last.stream, false);
    fixture_settle(p.f);
    assert_int_equal(p.a.last.in.size, accepted * 146 + 100 * 8);
    assert_int_equal(rconn_backlog(p.rconn), 0);
    assert_int_equal(rconn_send(p.rconn, make_message(10, 146, 1), RCONN_PACKET_IN), 0);
    fixture_settle(p.f);
    assert_int_equal(p.a.last.in.size, (accepted + 1) * 146 + 100 * 8);
    pair_uninit(&p);
}

static void packet_ins_are_bounded_in_bytes_too(void **state UNUSED)
{
    struct pair p;
    size_t accepted = 0;
    pair_init(&p, (struct rconn_config){.seed = 1, .packet_in_bytes = 200 * 1000});
    connect_after(&p, 0);
    stream_pause(p.a.last.stream, true);
    for (uint32_t i = 0; i < 100; i++) {
        accepted += !rconn_send(p.rconn, make_message(10, 60000, i), RCONN_PACKET_IN);
    }
    assert_int_equal(accepted, 2 + 3);
    pair_uninit(&p);
}

static void when_replies_pile_up_nothing_more_is_read_until_the_peer_reads(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1});
    connect_after(&p, 0);
    stream_pause(p.a.last.stream, true);
    for (uint32_t i = 0; i < 100; i++) {
        rconn_send(p.rconn, make_message(17, 60000, i), RCONN_REPLY);
    }
    say(&p, echo_request, sizeof echo_request);
    assert_int_equal(p.n_messages, 0);
    stream_pause(p.a.last.stream, false);
    fixture_settle(p.f);
    assert_int_equal(p.a.last.n_in, 8 + 100 * 60000);
    assert_int_equal(p.n_messages, 1);
    pair_uninit(&p);
}

static void a_peer_that_never_reads_its_replies_is_dropped_by_the_probe(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1, .inactivity_probe = 5 * SEC});
    connect_after(&p, 0);
    stream_pause(p.a.last.stream, true);
    for (uint32_t i = 0; i < 100; i++) {
        rconn_send(p.rconn, make_message(17, 60000, i), RCONN_REPLY);
    }
    fixture_advance(p.f, 5 * SEC);
    fixture_advance(p.f, 5 * SEC);
    assert_int_equal(p.n_disconnected, 1);
    pair_uninit(&p);
}

static void more_than_the_bound_waiting_is_too_much(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1, .max_bytes = 8 * 1024 * 1024});
    connect_after(&p, 0);
    stream_pause(p.a.last.stream, true);
    for (uint32_t i = 0; i < 8 * 1024 * 1024 / 65000 + 10; i++) {
        rconn_send(p.rconn, make_message(11, 65000, i), RCONN_REPLY);
    }
    assert_int_equal(p.n_disconnected, 0);
    fixture_advance(p.f, 0);
    assert_int_equal(p.n_disconnected, 1);
    assert_non_null(strstr(p.reason, "does not read"));
    pair_uninit(&p);
}

static void it_may_be_destroyed_in_each_of_its_handlers(void **state UNUSED)
{
    for (int i = 0; i < 5; i++) {
        struct pair p;
        pair_init(&p, (struct rconn_config){.seed = 1, .inactivity_probe = 5 * SEC});
        p.destroys = i == 0;
        if (i == 1) {
            acceptor_uninit(&p.a);
            p.destroys = true;
            fixture_advance(p.f, 0);
        } else {
            connect_after(&p, 0);
            p.destroys = true;
            if (i == 2) {
                say(&p, "\1\2\0\x08\0\0\0\1\1\2\0\x08\0\0\0\2", 16);
                assert_int_equal(p.n_messages, 1);
            } else if (i == 3) {
                recorder_uninit(&p.a.last);
                fixture_settle(p.f);
            } else if (i == 4) {
                fixture_advance(p.f, 5 * SEC);
                fixture_advance(p.f, 5 * SEC);
            }
        }
        assert_null(p.rconn);
        pair_uninit(&p);
    }
}

static void one_made_of_a_stream_dies_with_it(void **state UNUSED)
{
    struct pair p;
    struct stream *s;
    memset(&p, 0, sizeof p);
    p.f = fixture_create_memory();
    stream_pair(&p.f->env, &p.a.last.stream, &s);
    stream_set_handlers(p.a.last.stream, &recorder_handlers, &p.a.last);
    p.rconn = rconn_from_stream(&p.f->env, s, &p.config, &handlers, &p);
    assert_string_equal(rconn_state(p.rconn), "CONNECTING");
    connect_after(&p, 0);
    recorder_uninit(&p.a.last);
    fixture_settle(p.f);
    assert_int_equal(p.n_disconnected, 1);
    assert_string_equal(rconn_state(p.rconn), "CLOSED");
    fixture_advance(p.f, 3600 * SEC);
    assert_int_equal(p.n_disconnected, 1);
    assert_int_equal(rconn_send(p.rconn, make_message(3, 8, 1), RCONN_REPLY), ENOTCONN);
    pair_uninit(&p);
}

/* Over sockets. */

/* Makes '*a' listen, and '*fd' the holder of a port where nobody does, which is returned. */
static uint16_t listen_and_hold_port(struct acceptor *a, struct fixture *f, int *fd)
{
    uint16_t port = 0;
    acceptor_listen(a, f, "ptcp:0");
    *fd = port_hold("127.0.0.1", &port);
    return port;
}

/* rows: A1.2 */
static void where_no_port_is_given_the_second_default_follows_a_refusal(void **state UNUSED)
{
    struct pair p;
    struct rconn_stats stats;
    int fd;
    memset(&p, 0, sizeof p);
    p.f = fixture_create_real();
    p.config.default_ports[0] = listen_and_hold_port(&p.a, p.f, &fd);
    p.config.default_ports[1] = stream_listener_port(p.a.listener);
    dial(&p, "tcp:127.0.0.1");
    fixture_wait(p.f, &p.a.accepted);
    recorder_send(&p.a.last, hello, sizeof hello);
    fixture_wait(p.f, &p.is_connected);
    assert_int_equal(p.n_disconnected, 0);
    rconn_get_stats(p.rconn, &stats);
    assert_int_equal(stats.attempts, 2);
    close(fd);
    pair_uninit(&p);
}

static void where_a_port_is_given_no_other_is_tried(void **state UNUSED)
{
    struct pair p;
    int fd;
    memset(&p, 0, sizeof p);
    p.f = fixture_create_real();
    uint16_t port = listen_and_hold_port(&p.a, p.f, &fd);
    p.config.default_ports[0] = p.config.default_ports[1] = stream_listener_port(p.a.listener);
    char *target = xasprintf("tcp:127.0.0.1:%u", port);
    dial(&p, target);
    fixture_wait_number(p.f, &p.n_disconnected, 1);
    assert_int_equal(p.a.n, 0);
    close(fd);
    free(target);
    pair_uninit(&p);
}

/* rows: A1.18. With the kernel's buffers between: what waits here is bounded, whatever they
 * hold. */
static void a_socket_that_is_never_read_keeps_memory_flat(void **state UNUSED)
{
    struct pair p;
    memset(&p, 0, sizeof p);
    p.f = fixture_create_real();
    acceptor_listen(&p.a, p.f, "ptcp:0");
    char *target = xasprintf("tcp:127.0.0.1:%u", stream_listener_port(p.a.listener));
    dial(&p, target);
    fixture_wait(p.f, &p.a.accepted);
    recorder_send(&p.a.last, hello, sizeof hello);
    fixture_wait(p.f, &p.is_connected);
    stream_pause(p.a.last.stream, true);
    struct rconn_stats stats = {.packet_in_dropped = 0};
    for (uint32_t i = 0; i < 100000 && stats.packet_in_dropped < 1000; i++) {
        rconn_send(p.rconn, make_message(10, 1518, i), RCONN_PACKET_IN);
        if (i % 32 == 0) {
            uv_run(&p.f->loop, UV_RUN_NOWAIT);
        }
        assert_true(rconn_backlog(p.rconn) <= 1024 * 1024 + 64 * 1024 + 1518);
        rconn_get_stats(p.rconn, &stats);
    }
    assert_int_equal(stats.packet_in_dropped, 1000);
    rconn_send(p.rconn, make_message(19, 8, 1), RCONN_REPLY);
    rconn_get_stats(p.rconn, &stats);
    size_t sent = 8 + 8 + ((size_t) stats.messages_sent - 1) * 1518;
    stream_pause(p.a.last.stream, false);
    fixture_wait_number(p.f, &p.a.last.n_in, sent);
    free(target);
    pair_uninit(&p);
}

/* Over a Unix socket: there nothing is under way, neither bytes nor the end. */
static void a_peer_that_has_ended_its_side_is_waited_for_and_not_probed(void **state UNUSED)
{
    struct pair p;
    memset(&p, 0, sizeof p);
    p.f = fixture_create_frozen();
    p.config = (struct rconn_config){.seed = 1, .inactivity_probe = 1 * SEC};
    char *dir = temporary_create();
    char *passive = xasprintf("punix:%s/sock", dir);
    acceptor_listen(&p.a, p.f, passive);
    dial(&p, passive + 1);
    fixture_advance(p.f, 0);
    fixture_wait(p.f, &p.a.accepted);
    recorder_send(&p.a.last, hello, sizeof hello);
    fixture_wait(p.f, &p.is_connected);
    stream_pause(p.a.last.stream, true);
    for (uint32_t i = 0; rconn_backlog(p.rconn) < 1024 * 1024; i++) {
        rconn_send(p.rconn, make_message(17, 60000, i), RCONN_REPLY);
        uv_run(&p.f->loop, UV_RUN_NOWAIT);
    }
    stream_shutdown(p.a.last.stream);
    fixture_spin(p.f);
    for (unsigned s = 0; s < 9; s++) {
        fixture_advance(p.f, 1 * SEC);
        assert_int_equal(p.n_disconnected, 0);
    }
    fixture_advance(p.f, 1 * SEC);
    assert_int_equal(p.n_disconnected, 1);
    assert_string_equal(p.reason, "closed by the peer");
    pair_uninit(&p);
    free(passive);
    temporary_remove(dir);
}

static void told_to_reconnect_it_does_so_soon_and_at_once(void **state UNUSED)
{
    struct pair p;
    pair_init(&p, (struct rconn_config){.seed = 1});
    rconn_reconnect(p.rconn, "too early");
    connect_after(&p, 0);
    rconn_reconnect(p.rconn, "a new name");
    assert_int_equal(p.n_disconnected, 0);
    fixture_advance(p.f, 0);
    assert_int_equal(p.n_disconnected, 1);
    assert_string_equal(p.reason, "a new name");
    connect_after(&p, 0);
    assert_int_equal(p.n_connected, 2);
    p.destroys = true;
    rconn_reconnect(p.rconn, "the last one");
    assert_non_null(p.rconn);
    fixture_advance(p.f, 0);
    assert_null(p.rconn);
    pair_uninit(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_dials_at_once_and_carries_messages),
        cmocka_unit_test(bad_targets_are_refused_at_once),
        cmocka_unit_test(after_an_orderly_close_it_redials_at_once),
        cmocka_unit_test(failures_back_off_and_tell_each_time),
        cmocka_unit_test(told_that_it_will_do_better_now_it_dials_at_once),
        cmocka_unit_test(a_controller_without_hello_is_left_after_5_s),
        cmocka_unit_test(a_silent_peer_is_probed_and_dropped),
        cmocka_unit_test(after_a_jump_of_the_clock_the_peer_is_asked_before_it_is_left),
        cmocka_unit_test(the_answer_to_a_probe_is_not_the_owner_s_but_other_replies_are),
        cmocka_unit_test(a_message_that_trickles_in_is_a_sign_of_life),
        cmocka_unit_test(a_pause_of_the_owner_is_not_taken_for_silence_of_the_peer),
        cmocka_unit_test(during_a_pause_a_peer_that_does_not_read_is_given_up),
        cmocka_unit_test(packet_ins_are_bounded_counted_and_dropped_before_replies),
        cmocka_unit_test(packet_ins_are_bounded_in_bytes_too),
        cmocka_unit_test(when_replies_pile_up_nothing_more_is_read_until_the_peer_reads),
        cmocka_unit_test(a_peer_that_never_reads_its_replies_is_dropped_by_the_probe),
        cmocka_unit_test(more_than_the_bound_waiting_is_too_much),
        cmocka_unit_test(it_may_be_destroyed_in_each_of_its_handlers),
        cmocka_unit_test(one_made_of_a_stream_dies_with_it),
        cmocka_unit_test(where_no_port_is_given_the_second_default_follows_a_refusal),
        cmocka_unit_test(where_a_port_is_given_no_other_is_tried),
        cmocka_unit_test(a_socket_that_is_never_read_keeps_memory_flat),
        cmocka_unit_test(a_peer_that_has_ended_its_side_is_waited_for_and_not_probed),
        cmocka_unit_test(told_to_reconnect_it_does_so_soon_and_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
