/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of streams that carry TLS, over real sockets. */
#include "lib/channel/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/channel/tls.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "tests/channel/certs.h"
#include "tests/channel/fixture.h"
#include "tests/unit.h"

static struct tls_config *make_identity(const char *dir, const char *name, const char *ca)
{
    char *key = xasprintf("%s/%s-privkey.pem", dir, name);
    char *certificate = xasprintf("%s/%s-cert.pem", dir, name);
    char *ca_cert = xasprintf("%s/%s-cert.pem", dir, ca);
    struct tls_files files = {.private_key = key, .certificate = certificate, .ca_cert = ca_cert};
    struct tls_config *config;
    char *error = NULL;
    if (tls_config_create(&files, &config, &error)) {
        fail_msg("%s", error);
    }
    free(key);
    free(certificate);
    free(ca_cert);
    return config;
}

/* A switch and a controller with their certificates on one loop. */
struct tls_fixture {
    struct fixture *f;              /* Environment of the controller. */
    struct fixture client;          /* The same for the switch, with other keys. */
    struct tls_config *controller;  /* Owned. */
    struct tls_config *peer;        /* Owned. */
    char *dir;                      /* Certificates. */
};

static void tls_fixture_init(struct tls_fixture *t, struct fixture *f, const char *identity)
{
    static const struct cert_spec specs[] = {
        {.name = "switchca"},
        {.name = "controllerca"},
        {.name = "switch", .ca = "switchca", .purpose = "clientAuth"},
        {.name = "expired", .ca = "switchca", .purpose = "clientAuth", .begins = -9, .ends = -5},
        {.name = "controller", .ca = "controllerca", .purpose = "serverAuth",
         .host = "DNS:localhost,DNS:*.example.com"},
    };
    t->dir = temporary_create();
    certs_make_all(t->dir, specs, ARRAY_SIZE(specs));
    t->f = f;
    t->controller = make_identity(t->dir, "controller", "switchca");
    t->peer = make_identity(t->dir, identity, "controllerca");
    f->env.tls = t->controller;
    t->client.env = f->env;
    t->client.env.tls = t->peer;
}

static void tls_fixture_uninit(struct tls_fixture *t)
{
    tls_config_destroy(t->controller);
    tls_config_destroy(t->peer);
    temporary_remove(t->dir);
    fixture_destroy(t->f);
}

static void tls_streams_carry_megabytes_and_close_in_order(void **state UNUSED)
{
    enum { SIZE = 3 * 1024 * 1024 };
    struct tls_fixture t;
    struct acceptor a = {.echoes = true};
    struct recorder r = {.wants = SIZE};
    uint8_t *data = xmalloc(SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        data[i] = (uint8_t) (i * 2654435761u >> 11);
    }
    tls_fixture_init(&t, fixture_create_real(), "switch");
    acceptor_listen(&a, t.f, "ptls:0");
    recorder_open(&r, &t.client, dial_name(&a, "tls", "127.0.0.1"));
    for (size_t i = 0; i < 1000; i++) {
        recorder_send(&r, data + i, 1);
    }
    recorder_send(&r, data + 1000, SIZE - 1000);
    assert_int_equal(stream_backlog(r.stream), SIZE);
    fixture_wait(t.f, &r.has_all);
    assert_memory_equal(r.in.data, data, SIZE);
    assert_int_equal(stream_backlog(r.stream), 0);
    assert_string_equal(stream_remote(r.stream), stream_local(a.last.stream));
    assert_int_equal(strncmp(stream_name(a.last.stream), "tls:127.0.0.1:", 14), 0);
    recorder_uninit(&r);
    fixture_wait(t.f, &a.last.closed);
    assert_int_equal(a.last.error, 0);
    free(data);
    acceptor_uninit(&a);
    tls_fixture_uninit(&t);
}

/* A switch says "ask" and that it sends no more; the other side, which pauses, has read both. */
static void ask_and_end(struct tls_fixture *t, struct acceptor *a, struct recorder *r)
{
    tls_fixture_init(t, fixture_create_real(), "switch");
    acceptor_listen(a, t->f, "ptls:0");
    recorder_open(r, &t->client, dial_name(a, "tls", "127.0.0.1"));
    fixture_wait(t->f, &a->accepted);
    a->last.pauses = true;
    recorder_say(r, "ask");
    stream_shutdown(r->stream);
    fixture_wait_number(t->f, &a->last.n_in, 3);
    fixture_spin(t->f);
}

static void the_end_of_a_tls_stream_waits_while_its_owner_pauses(void **state UNUSED)
{
    struct tls_fixture t;
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 0};
    ask_and_end(&t, &a, &r);
    assert_false(a.last.closed);
    stream_wake(a.last.stream);
    fixture_wait(t.f, &a.last.woken);
    fixture_spin(t.f);
    assert_false(a.last.closed);
    stream_pause(a.last.stream, false);
    fixture_wait(t.f, &a.last.closed);
    assert_int_equal(a.last.error, 0);
    assert_string_equal(a.last.reason, "closed by the peer");
    recorder_uninit(&r);
    acceptor_uninit(&a);
    tls_fixture_uninit(&t);
}

static void who_ends_a_tls_stream_still_gets_its_answers(void **state UNUSED)
{
    struct tls_fixture t;
    struct acceptor a = {.echoes = true};
    struct recorder r = {.wants = 3};
    ask_and_end(&t, &a, &r);
    fixture_wait(t.f, &r.has_all);
    recorder_say(&a.last, "more");
    r.wants += 4;
    r.has_all = false;
    recorder_uninit(&a.last);
    fixture_wait(t.f, &r.has_all);
    assert_memory_equal(r.in.data, "askmore", 7);
    fixture_wait(t.f, &r.closed);
    assert_int_equal(r.error, 0);
    recorder_uninit(&r);
    acceptor_uninit(&a);
    tls_fixture_uninit(&t);
}

/* Has a switch ask and end its side; then megabytes wait for it, which reads none of them. */
static void ask_for_much(struct tls_fixture *t, struct acceptor *a, struct recorder *r)
{
    uint8_t *data = xcalloc(1, r->wants);
    tls_fixture_init(t, fixture_create_frozen(), "switch");
    acceptor_listen(a, t->f, "ptls:0");
    recorder_open(r, &t->client, dial_name(a, "tls", "127.0.0.1"));
    fixture_wait(t->f, &a->accepted);
    a->last.destroys_itself = true;
    stream_pause(r->stream, true);
    recorder_send(&a->last, data, r->wants);
    stream_shutdown(r->stream);
    fixture_wait_ending(t->f, a->last.stream);
    assert_false(a->last.closed);
    free(data);
}

static void who_ends_a_tls_stream_gets_all_that_waits(void **state UNUSED)
{
    struct tls_fixture t;
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 32 * 1024 * 1024};
    ask_for_much(&t, &a, &r);
    stream_pause(r.stream, false);
    fixture_wait(t.f, &r.has_all);
    fixture_wait(t.f, &a.last.closed);
    assert_int_equal(a.last.error, 0);
    recorder_uninit(&r);
    acceptor_uninit(&a);
    tls_fixture_uninit(&t);
}

static void who_ends_a_tls_stream_and_reads_nothing_is_waited_for_10_s(void **state UNUSED)
{
    struct tls_fixture t;
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 32 * 1024 * 1024};
    ask_for_much(&t, &a, &r);
    fixture_advance(t.f, 10 * SEC - MSEC);
    assert_false(a.last.closed);
    fixture_advance(t.f, MSEC);
    assert_true(a.last.closed);
    assert_int_equal(a.last.error, 0);
    assert_string_equal(a.last.reason, "closed by the peer");
    recorder_uninit(&r);
    acceptor_uninit(&a);
    tls_fixture_uninit(&t);
}

/* Asserts that the peer of 's' is 'name', or, with 'who', somebody else, who is told of. */
static void assert_peer(const struct stream *s, const char *name, const char *who)
{
    char *why = stream_check_peer(s, name);
    char *wanted = who ? xasprintf("%s %s", who, name) : NULL;
    if (who) {
        assert_string_equal(why, wanted);
    } else {
        assert_null(why);
    }
    free(why);
    free(wanted);
}

/* rows: A10.2 */
static void a_peer_is_known_by_the_names_of_its_certificate(void **state UNUSED)
{
    static const char *const strangers[] = {
        "control", "CN=controller", "controllerca", "127.0.0.1", "*", "localhos",
        "host.example.com", "example.com", "switch",
    };
    struct tls_fixture t;
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 0};
    tls_fixture_init(&t, fixture_create_real(), "switch");
    acceptor_listen(&a, t.f, "ptls:0");
    recorder_open(&r, &t.client, dial_name(&a, "tls", "127.0.0.1"));
    assert_peer(r.stream, "controller", "the peer has shown no certificate, but has to be");
    fixture_wait(t.f, &r.connected);
    fixture_wait(t.f, &a.accepted);
    assert_peer(r.stream, "controller", NULL);
    assert_peer(r.stream, "Controller", NULL);
    assert_peer(r.stream, "localhost", NULL);
    for (size_t i = 0; i < ARRAY_SIZE(strangers); i++) {
        assert_peer(r.stream, strangers[i], "the certificate of CN=controller is not that of");
    }
    assert_peer(a.last.stream, "switch", NULL);
    assert_peer(a.last.stream, "controller", "the certificate of CN=switch is not that of");
    recorder_uninit(&r);
    acceptor_uninit(&a);
    tls_fixture_uninit(&t);
}

static void a_refused_tls_client_is_never_accepted_and_learns_why(void **state UNUSED)
{
    struct tls_fixture t;
    struct acceptor a = {.n = 0};
    struct recorder r = {.wants = 0};
    size_t warnings = 0;
    tls_fixture_init(&t, fixture_create_real(), "expired");
    acceptor_listen(&a, t.f, "ptls:0");
    vlog_set_sink(count_warnings, &warnings);
    recorder_open(&r, &t.client, dial_name(&a, "tls", "127.0.0.1"));
    fixture_wait(t.f, &r.closed);
    fixture_wait_number(t.f, &warnings, 1);
    vlog_set_sink(NULL, NULL);
    assert_int_equal(r.error, EPROTO);
    assert_non_null(strstr(r.reason, "expired"));
    assert_int_equal(a.n, 0);
    recorder_uninit(&r);
    acceptor_uninit(&a);
    tls_fixture_uninit(&t);
}

static void a_tls_handshake_must_be_done_within_10_s(void **state UNUSED)
{
    struct tls_fixture t;
    struct acceptor a = {.n = 0};
    char byte;
    size_t warnings = 0;
    tls_fixture_init(&t, fixture_create_frozen(), "switch");
    acceptor_listen(&a, t.f, "ptls:0");
    int fd = raw_connect(&a);
    fixture_spin(t.f);
    vlog_set_sink(count_warnings, &warnings);
    fixture_advance(t.f, 10 * SEC - MSEC);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    fixture_advance(t.f, MSEC);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    vlog_set_sink(NULL, NULL);
    assert_int_equal(warnings, 1);
    close(fd);
    acceptor_uninit(&a);
    tls_fixture_uninit(&t);
}

static void a_listener_that_ends_takes_unfinished_handshakes_along(void **state UNUSED)
{
    struct tls_fixture t;
    struct acceptor a = {.n = 0};
    char byte;
    tls_fixture_init(&t, fixture_create_frozen(), "switch");
    acceptor_listen(&a, t.f, "ptls:0");
    int fd = raw_connect(&a);
    fixture_spin(t.f);
    acceptor_uninit(&a);
    fixture_spin(t.f);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
    tls_fixture_uninit(&t);
}

/* A stream and who is to accept it. */
struct meeting {
    const struct recorder *r; /* Who dials. */
    const struct acceptor *a; /* Who accepts, perhaps somewhat later. */
};

/* Is the last stream that was accepted the other end of the one that was opened? */
static bool have_met(const void *meeting)
{
    const struct meeting *m = (const struct meeting *) meeting;
    return m->a->last.stream
           && !strcmp(stream_remote(m->a->last.stream), stream_local(m->r->stream));
}

static void a_tls_stream_may_be_destroyed_in_each_of_its_handlers(void **state UNUSED)
{
    struct tls_fixture t;
    struct acceptor a = {.echoes = true};
    tls_fixture_init(&t, fixture_create_real(), "switch");
    acceptor_listen(&a, t.f, "ptls:0");
    for (int i = 0; i < 5; i++) {
        struct recorder r = {.destroys_itself = i == 0};
        recorder_open(&r, &t.client, dial_name(&a, "tls", "127.0.0.1"));
        fixture_wait(t.f, &r.connected);
        r.destroys_itself = true;
        if (i == 1) {
            r.drained = false;
            recorder_say(&r, "x");
            fixture_wait(t.f, &r.drained);
        } else if (i == 2) {
            stream_wake(r.stream);
            fixture_wait(t.f, &r.woken);
        } else if (i == 3) {
            fixture_wait_until(t.f, have_met, &(struct meeting){&r, &a});
            recorder_say(&a.last, "x");
            fixture_wait_number(t.f, &r.n_in, 1);
        } else if (i == 4) {
            fixture_wait_until(t.f, have_met, &(struct meeting){&r, &a});
            recorder_uninit(&a.last);
            fixture_wait(t.f, &r.closed);
        }
        assert_null(r.stream);
        recorder_uninit(&r);
    }
    acceptor_uninit(&a);
    tls_fixture_uninit(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_streams_carry_megabytes_and_close_in_order),
        cmocka_unit_test(the_end_of_a_tls_stream_waits_while_its_owner_pauses),
        cmocka_unit_test(who_ends_a_tls_stream_still_gets_its_answers),
        cmocka_unit_test(who_ends_a_tls_stream_gets_all_that_waits),
        cmocka_unit_test(who_ends_a_tls_stream_and_reads_nothing_is_waited_for_10_s),
        cmocka_unit_test(a_peer_is_known_by_the_names_of_its_certificate),
        cmocka_unit_test(a_refused_tls_client_is_never_accepted_and_learns_why),
        cmocka_unit_test(a_tls_handshake_must_be_done_within_10_s),
        cmocka_unit_test(a_listener_that_ends_takes_unfinished_handshakes_along),
        cmocka_unit_test(a_tls_stream_may_be_destroyed_in_each_of_its_handlers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
