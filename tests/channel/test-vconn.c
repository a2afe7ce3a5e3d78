/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/channel/vconn: the standard's bytes, in every portion, under a virtual clock. */
#include "lib/channel/vconn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/util.h"
#include "tests/channel/fixture.h"
#include "tests/unit.h"

/* A vconn that remembers, and a plain stream as its peer. */
struct pair {
    struct fixture *f;     /* In memory. */
    struct recorder peer;  /* The other end. */
    struct vconn *vconn;   /* Under test. */
    bool connected;        /* connected() came. */
    bool closed;           /* closed() came ... */
    int error;             /* ... with this errno ... */
    char reason[200];      /* ... and these words. */
    size_t n;              /* Messages so far. */
    struct bytes messages; /* All of them. */
    size_t pause_at;       /* Pauses with this message; 0 never. */
    size_t destroy_at;     /* Destroys the vconn with this message; 0 never. */
    bool drained;          /* drained() came. */
};

static const uint8_t hello[] = {1, 0, 0, 8, 0, 0, 0, 7};

static void connected(void *aux)
{
    struct pair *p = (struct pair *) aux;
    assert_false(p->connected);
    p->connected = true;
}

static void message(void *aux, const uint8_t *data, size_t size)
{
    struct pair *p = (struct pair *) aux;
    assert_true(p->connected && !p->closed);
    assert_int_equal(get_be16(data + 2), size);
    bytes_put(&p->messages, data, size);
    p->n++;
    if (p->n == p->pause_at) {
        vconn_pause(p->vconn, true);
    }
    if (p->n == p->destroy_at) {
        vconn_destroy(p->vconn);
        p->vconn = NULL;
    }
}

static void drained(void *aux)
{
    ((struct pair *) aux)->drained = true;
}

static void closed(void *aux, int error, const char *reason)
{
    struct pair *p = (struct pair *) aux;
    assert_false(p->closed);
    p->closed = true;
    p->error = error;
    snprintf(p->reason, sizeof p->reason, "%s", reason);
}

static const struct vconn_handlers handlers = {
    .connected = connected,
    .message = message,
    .drained = drained,
    .closed = closed,
};

static void pair_init(struct pair *p)
{
    struct stream *s;
    memset(p, 0, sizeof *p);
    p->f = fixture_create_memory();
    stream_pair(&p->f->env, &p->peer.stream, &s);
    stream_set_handlers(p->peer.stream, &recorder_handlers, &p->peer);
    p->vconn = vconn_from_stream(&p->f->env, s, &handlers, p);
    fixture_settle(p->f);
}

static void pair_uninit(struct pair *p)
{
    vconn_destroy(p->vconn);
    recorder_uninit(&p->peer);
    bytes_uninit(&p->messages);
    fixture_destroy(p->f);
}

/* The peer says 'data'. */
static void say(struct pair *p, const void *data, size_t size)
{
    recorder_send(&p->peer, data, size);
    fixture_settle(p->f);
}

/* A pair whose HELLOs are exchanged and whose peer's record is empty. */
static void pair_init_connected(struct pair *p)
{
    pair_init(p);
    say(p, hello, sizeof hello);
    assert_true(p->connected);
    bytes_clear(&p->peer.in);
}

static void hello_is_sent_at_once_with_our_version(void **state UNUSED)
{
    struct pair p;
    pair_init(&p);
    assert_int_equal(p.peer.in.size, 8);
    assert_memory_equal(p.peer.in.data, "\1\0\0\x08", 4);
    assert_false(p.connected);
    say(&p, hello, sizeof hello);
    assert_true(p.connected);
    pair_uninit(&p);
}

/* rows: A1.4. Whatever the peer's highest version is, ours is spoken. */
static void every_version_but_0_is_met_with_version_1(void **state UNUSED)
{
    static const uint8_t versions[] = {1, 2, 4, 6, 0x81, 0xff};
    for (size_t i = 0; i < sizeof versions; i++) {
        struct pair p;
        uint8_t theirs[16] = {versions[i], 0, 0, 16, 0, 0, 0, 1, 0, 1, 0, 8, 0, 0, 0, 0x10};
        pair_init(&p);
        say(&p, theirs, sizeof theirs);
        assert_true(p.connected);
        assert_memory_equal(p.peer.in.data, "\1\0\0\x08", 4);
        pair_uninit(&p);
    }
}

/* rows: A1.6 */
static void version_0_gets_hello_failed_with_its_xid_and_a_text(void **state UNUSED)
{
    struct pair p;
    static const uint8_t theirs[] = {0, 0, 0, 8, 0x12, 0x34, 0x56, 0x78};
    pair_init(&p);
    bytes_clear(&p.peer.in);
    say(&p, theirs, sizeof theirs);
    const uint8_t *error = p.peer.in.data;
    assert_true(p.peer.in.size > 12);
    assert_memory_equal(error, "\1\1", 2);
    assert_int_equal(get_be16(error + 2), p.peer.in.size);
    assert_memory_equal(error + 4, "\x12\x34\x56\x78\0\0\0\0", 8);
    for (size_t i = 12; i < p.peer.in.size; i++) {
        assert_in_range(error[i], ' ', '~');
    }
    assert_false(p.connected);
    assert_true(p.peer.closed);
    fixture_advance(p.f, 1 * SEC);
    assert_true(p.closed);
    assert_int_equal(p.error, EPROTO);
    assert_non_null(strstr(p.reason, "version"));
    pair_uninit(&p);
}

/* rows: A10.2 */
static void a_peer_that_can_not_prove_its_name_is_refused(void **state UNUSED)
{
    struct pair p;
    pair_init(&p);
    bytes_clear(&p.peer.in);
    vconn_expect_peer(p.vconn, "somebody");
    say(&p, hello, sizeof hello);
    const char text[] = "without TLS there is no certificate that says somebody";
    const uint8_t *error = p.peer.in.data;
    assert_int_equal(p.peer.in.size, 12 + strlen(text));
    assert_memory_equal(error, "\1\1", 2);
    assert_int_equal(get_be16(error + 2), p.peer.in.size);
    assert_memory_equal(error + 4, "\0\0\0\7\0\0\0\1", 8);
    assert_memory_equal(error + 12, text, strlen(text));
    assert_false(p.connected);
    assert_true(p.peer.closed);
    say(&p, hello, sizeof hello);
    fixture_advance(p.f, 1 * SEC);
    assert_true(p.closed);
    assert_false(p.connected);
    assert_int_equal(p.error, EPROTO);
    assert_string_equal(p.reason, text);
    pair_uninit(&p);
}

static void after_hello_failed_the_peer_s_close_ends_the_wait(void **state UNUSED)
{
    struct pair p;
    pair_init(&p);
    say(&p, "\0\0\0\x08\0\0\0\1\1\5\0\x08\0\0\0\2", 16);
    assert_false(p.closed);
    recorder_uninit(&p.peer);
    fixture_settle(p.f);
    assert_true(p.closed);
    assert_int_equal(p.error, EPROTO);
    assert_int_equal(p.n, 0);
    pair_uninit(&p);
}

/* rows: A1.5 */
static void the_largest_hello_body_is_ignored(void **state UNUSED)
{
    struct pair p;
    uint8_t *large = xzalloc(65535 + 8);
    memcpy(large, "\4\0\xff\xff\0\0\0\1", 8);
    memset(large + 8, 0xa5, 65527);
    memcpy(large + 65535, "\1\2\0\x08\0\0\0\2", 8);
    pair_init(&p);
    say(&p, large, 65535 + 8);
    assert_true(p.connected);
    assert_int_equal(p.n, 1);
    free(large);
    pair_uninit(&p);
}

/* rows: A1.7 */
static void anything_before_hello_closes(void **state UNUSED)
{
    for (unsigned type = 1; type < 256; type++) {
        struct pair p;
        uint8_t first[12] = {1, (uint8_t) type, 0, 12, 0, 0, 0, 1, 0, 0, 0, 1};
        pair_init(&p);
        say(&p, first, sizeof first);
        assert_true(p.closed);
        assert_int_equal(p.error, EPROTO);
        assert_int_equal(p.n, 0);
        pair_uninit(&p);
    }
}

static void the_peer_s_own_hello_failed_is_told_in_words(void **state UNUSED)
{
    struct pair p;
    static const char refusal[] = "\1\1\0\x14\0\0\0\1\0\0\0\0go away\n";
    pair_init(&p);
    say(&p, refusal, sizeof refusal - 1);
    assert_true(p.closed);
    assert_non_null(strstr(p.reason, "go away."));
    pair_uninit(&p);
}

/* rows: A1.7 */
/* rows: A10.2 */
static void hello_failed_after_the_peer_s_hello_is_the_reason_of_the_end(void **state UNUSED)
{
    struct pair p;
    static const uint8_t error[] = {1, 1, 0, 14, 0, 0, 0, 1, 0, 0, 0, 1, 'n', 'o'};
    pair_init_connected(&p);
    say(&p, error, sizeof error);
    say(&p, error, sizeof error);
    assert_int_equal(p.n, 2);
    assert_false(p.closed);
    stream_destroy(p.peer.stream);
    p.peer.stream = NULL;
    fixture_settle(p.f);
    assert_true(p.closed);
    assert_int_equal(p.error, EPROTO);
    assert_string_equal(p.reason, "the peer refused: error type 0 code 1: no");
    pair_uninit(&p);
}

static void a_peer_that_says_no_hello_within_5_s_is_dropped(void **state UNUSED)
{
    struct pair p;
    pair_init(&p);
    fixture_advance(p.f, 3 * SEC);
    say(&p, hello, 7);
    fixture_advance(p.f, 2 * SEC - MSEC);
    assert_false(p.closed);
    fixture_advance(p.f, MSEC);
    assert_true(p.closed);
    assert_int_equal(p.error, ETIMEDOUT);
    pair_uninit(&p);
}

static void after_hello_there_is_no_deadline(void **state UNUSED)
{
    struct pair p;
    pair_init_connected(&p);
    fixture_advance(p.f, 3600 * SEC);
    assert_false(p.closed);
    pair_uninit(&p);
}

/* rows: A1.1 */
static void lengths_below_8_lose_the_framing_and_close(void **state UNUSED)
{
    for (uint8_t length = 0; length < 8; length++) {
        struct pair p;
        uint8_t bad[16] = {1, 2, 0, 8, 0, 0, 0, 1, 1, 2, 0, length, 0, 0, 0, 2};
        pair_init_connected(&p);
        say(&p, bad, sizeof bad);
        assert_int_equal(p.n, 1);
        assert_true(p.closed);
        assert_int_equal(p.error, EPROTO);
        pair_uninit(&p);
    }
}

/* Fills 'b' with messages of all types and many lengths, of version bytes good and bad. */
static size_t make_messages(struct bytes *b)
{
    size_t n = 0;
    for (unsigned i = 1; i < 256; i++) {
        size_t length = 8 + i * i % 200;
        bytes_put_u8(b, (uint8_t) (i % 5));
        bytes_put_u8(b, (uint8_t) i);
        bytes_put_be16(b, (uint16_t) length);
        bytes_put_be32(b, i);
        memset(bytes_put_uninit(b, length - 8), (int) i, length - 8);
        n++;
    }
    return n;
}

/* rows: A1.1. The same messages, whatever the portions they come in. */
static void messages_come_out_whole_however_they_came_in(void **state UNUSED)
{
    static const size_t portions[] = {1, 2, 3, 7, 8, 9, 100, 1000, 100000};
    struct bytes all = BYTES_INIT;
    size_t n = make_messages(&all);
    for (size_t i = 0; i < ARRAY_SIZE(portions); i++) {
        struct pair p;
        pair_init_connected(&p);
        for (size_t at = 0; at < all.size; at += portions[i]) {
            say(&p, all.data + at, MIN(portions[i], all.size - at));
        }
        assert_int_equal(p.n, n);
        assert_int_equal(p.messages.size, all.size);
        assert_memory_equal(p.messages.data, all.data, all.size);
        pair_uninit(&p);
    }
    bytes_uninit(&all);
}

static void ten_thousand_messages_in_one_write_are_ten_thousand(void **state UNUSED)
{
    struct pair p;
    struct bytes all = BYTES_INIT;
    bytes_put(&all, hello, sizeof hello);
    for (uint32_t i = 0; i < 10000; i++) {
        bytes_put(&all, "\1\x12\0\x08", 4);
        bytes_put_be32(&all, i);
    }
    pair_init(&p);
    say(&p, all.data, all.size);
    assert_int_equal(p.n, 10000);
    assert_memory_equal(p.messages.data, all.data + 8, all.size - 8);
    bytes_uninit(&all);
    pair_uninit(&p);
}

static void the_largest_message_comes_in_single_bytes(void **state UNUSED)
{
    struct pair p;
    uint8_t *large = xzalloc(65535);
    memcpy(large, "\1\2\xff\xff\0\0\0\1", 8);
    pair_init_connected(&p);
    for (size_t i = 0; i < 65535; i++) {
        say(&p, large + i, 1);
        assert_int_equal(p.n, i == 65534);
    }
    assert_memory_equal(p.messages.data, large, 65535);
    free(large);
    pair_uninit(&p);
}

/* rows: A1.12. After a barrier not even what was already read is delivered. */
static void a_pause_holds_back_what_was_read_and_resuming_gives_it_in_order(void **state UNUSED)
{
    struct pair p;
    struct bytes all = BYTES_INIT;
    size_t n = make_messages(&all);
    pair_init_connected(&p);
    p.pause_at = 10;
    say(&p, all.data, all.size);
    assert_int_equal(p.n, 10);
    fixture_advance(p.f, 60 * SEC);
    assert_int_equal(p.n, 10);
    say(&p, all.data, all.size);
    assert_int_equal(p.n, 10);
    assert_true(stream_backlog(p.peer.stream) >= all.size);
    p.pause_at = 11;
    vconn_pause(p.vconn, false);
    assert_int_equal(p.n, 10);
    fixture_settle(p.f);
    assert_int_equal(p.n, 11);
    assert_true(stream_backlog(p.peer.stream) >= all.size);
    vconn_pause(p.vconn, false);
    fixture_settle(p.f);
    assert_int_equal(p.n, 2 * n);
    assert_memory_equal(p.messages.data, all.data, all.size);
    assert_memory_equal(p.messages.data + all.size, all.data, all.size);
    bytes_uninit(&all);
    pair_uninit(&p);
}

static void messages_sent_before_an_orderly_close_are_delivered_first(void **state UNUSED)
{
    struct pair p;
    pair_init_connected(&p);
    p.pause_at = 1;
    recorder_send(&p.peer, "\1\x12\0\x08\0\0\0\1\1\x12\0\x08\0\0\0\2", 16);
    recorder_uninit(&p.peer);
    fixture_settle(p.f);
    assert_int_equal(p.n, 1);
    assert_false(p.closed);
    vconn_pause(p.vconn, false);
    fixture_settle(p.f);
    assert_int_equal(p.n, 2);
    assert_true(p.closed);
    assert_int_equal(p.error, 0);
    pair_uninit(&p);
}

static void a_close_within_a_message_or_before_hello_is_not_orderly(void **state UNUSED)
{
    struct pair p;
    pair_init_connected(&p);
    say(&p, "\1\2\0\x10\0", 5);
    recorder_uninit(&p.peer);
    fixture_settle(p.f);
    assert_true(p.closed);
    assert_int_equal(p.error, ECONNRESET);
    pair_uninit(&p);

    pair_init(&p);
    recorder_uninit(&p.peer);
    fixture_settle(p.f);
    assert_true(p.closed);
    assert_int_equal(p.error, ECONNRESET);
    pair_uninit(&p);
}

static void a_vconn_may_be_destroyed_in_the_middle_of_a_read(void **state UNUSED)
{
    struct pair p;
    struct bytes all = BYTES_INIT;
    make_messages(&all);
    pair_init_connected(&p);
    p.destroy_at = 5;
    say(&p, all.data, all.size);
    assert_int_equal(p.n, 5);
    assert_null(p.vconn);
    assert_true(p.peer.closed);
    bytes_uninit(&all);
    pair_uninit(&p);
}

static void later_hellos_are_not_delivered(void **state UNUSED)
{
    struct pair p;
    pair_init_connected(&p);
    say(&p, hello, sizeof hello);
    assert_int_equal(p.n, 0);
    assert_false(p.closed);
    pair_uninit(&p);
}

static struct bytes *make_message(void)
{
    struct bytes *msg = bytes_create(8);
    bytes_put(msg, "\1\2\0\x08\0\0\0\x09", 8);
    return msg;
}

static void nothing_but_hello_is_sent_before_the_peer_s_hello(void **state UNUSED)
{
    struct pair p;
    pair_init(&p);
    vconn_send(p.vconn, make_message());
    fixture_settle(p.f);
    assert_int_equal(p.peer.in.size, 8);
    say(&p, hello, sizeof hello);
    vconn_send(p.vconn, make_message());
    assert_int_equal(vconn_backlog(p.vconn), 8);
    fixture_settle(p.f);
    assert_int_equal(p.peer.in.size, 16);
    assert_true(p.drained);
    pair_uninit(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_is_sent_at_once_with_our_version),
        cmocka_unit_test(every_version_but_0_is_met_with_version_1),
        cmocka_unit_test(version_0_gets_hello_failed_with_its_xid_and_a_text),
        cmocka_unit_test(a_peer_that_can_not_prove_its_name_is_refused),
        cmocka_unit_test(hello_failed_after_the_peer_s_hello_is_the_reason_of_the_end),
        cmocka_unit_test(after_hello_failed_the_peer_s_close_ends_the_wait),
        cmocka_unit_test(the_largest_hello_body_is_ignored),
        cmocka_unit_test(anything_before_hello_closes),
        cmocka_unit_test(the_peer_s_own_hello_failed_is_told_in_words),
        cmocka_unit_test(a_peer_that_says_no_hello_within_5_s_is_dropped),
        cmocka_unit_test(after_hello_there_is_no_deadline),
        cmocka_unit_test(lengths_below_8_lose_the_framing_and_close),
        cmocka_unit_test(messages_come_out_whole_however_they_came_in),
        cmocka_unit_test(ten_thousand_messages_in_one_write_are_ten_thousand),
        cmocka_unit_test(the_largest_message_comes_in_single_bytes),
        cmocka_unit_test(a_pause_holds_back_what_was_read_and_resuming_gives_it_in_order),
        cmocka_unit_test(messages_sent_before_an_orderly_close_are_delivered_first),
        cmocka_unit_test(a_close_within_a_message_or_before_hello_is_not_orderly),
        cmocka_unit_test(a_vconn_may_be_destroyed_in_the_middle_of_a_read),
        cmocka_unit_test(later_hellos_are_not_delivered),
        cmocka_unit_test(nothing_but_hello_is_sent_before_the_peer_s_hello),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
