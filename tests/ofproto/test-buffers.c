/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the packet buffers: ids, ages, bounds, peers. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/packet.h"
#include "lib/util.h"
#include "ofproto/buffers.h"
#include "tests/unit.h"

enum { N = 16, PEER = 3 };

/* Buffers and a frame to put in. */
struct fixture {
    struct buffers *b;     /* Owned. */
    struct packet packet;  /* 100 bytes of 'memory'. */
    uint8_t memory[65000]; /* Content. */
};

static int setup(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);
    f->b = buffers_create(N);
    packet_use(&f->packet, f->memory, sizeof f->memory, f->memory, 100);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    buffers_destroy(f->b);
    free(f);
    return 0;
}

/* Keeps a frame of 'size' bytes whose first byte is 'mark', known to PEER. */
static uint32_t put(struct fixture *f, uint8_t mark, size_t size, int64_t now)
{
    f->memory[0] = mark;
    f->packet.size = (uint32_t) size;
    uint32_t id = buffers_put(f->b, &f->packet, now);
    buffers_tell(f->b, id, PEER);
    return id;
}

/* Takes 'id' and returns the first byte of its frame, or the error. */
static int take(struct fixture *f, uint32_t id, int64_t now)
{
    struct packet *p;
    int error = buffers_take(f->b, id, &p, now);
    int result = error ? error : p->data[0];
    free(p);
    return result;
}

static void a_packet_is_taken_once(void **state)
{
    struct fixture *f = *state;
    uint32_t id = put(f, 7, 100, 0);
    assert_int_equal(buffers_count(f->b), 1);
    assert_int_equal(take(f, id, 0), 7);
    assert_int_equal(buffers_count(f->b), 0);
    assert_int_equal(take(f, id, 0), OFPERR_BAD_REQUEST_BUFFER_EMPTY);
}

/* rows: A6.5 */
static void an_id_that_was_never_given_is_unknown(void **state)
{
    struct fixture *f = *state;
    uint32_t id = put(f, 7, 100, 0);
    for (uint32_t other = 0; other < 64 * N; other++) {
        if (other != id) {
            assert_int_equal(take(f, other, 0), OFPERR_BAD_REQUEST_BUFFER_UNKNOWN);
        }
    }
    assert_int_equal(take(f, OFP_NO_BUFFER, 0), OFPERR_BAD_REQUEST_BUFFER_UNKNOWN);
    assert_int_equal(take(f, id, 0), 7);
}

static void an_old_id_never_names_a_newer_packet(void **state)
{
    struct fixture *f = *state;
    uint32_t first = put(f, 1, 100, 0);
    assert_int_equal(take(f, first, 0), 1);
    for (int i = 0; i < 100 * N; i++) {
        uint32_t id = put(f, 2, 100, 0);
        assert_int_not_equal(id, first);
        assert_int_not_equal(id, OFP_NO_BUFFER);
        assert_int_not_equal(take(f, first, 0), 2);
        assert_int_equal(take(f, id, 0), 2);
    }
}

/* rows: A6.6 */
static void a_packet_that_nobody_asks_for_is_forgotten(void **state)
{
    struct fixture *f = *state;
    uint32_t id = put(f, 1, 100, 0);
    uint32_t later = put(f, 2, 100, BUFFERS_AGE / 2);
    assert_int_equal(take(f, id, BUFFERS_AGE), OFPERR_BAD_REQUEST_BUFFER_UNKNOWN);
    assert_int_equal(buffers_count(f->b), 1);
    assert_int_equal(take(f, later, BUFFERS_AGE), 2);
}

static void when_all_are_in_use_none_is_given_and_none_is_lost(void **state)
{
    struct fixture *f = *state;
    uint32_t ids[N];
    for (uint8_t i = 0; i < N; i++) {
        ids[i] = put(f, i, 100, 0);
        assert_int_not_equal(ids[i], OFP_NO_BUFFER);
    }
    assert_int_equal(put(f, 99, 100, 0), OFP_NO_BUFFER);
    for (uint8_t i = 0; i < N; i++) {
        assert_int_equal(take(f, ids[i], 0), i);
    }
    assert_int_not_equal(put(f, 99, 100, 0), OFP_NO_BUFFER);
}

static void bytes_are_bounded_too(void **state UNUSED)
{
    struct fixture *f;
    assert_int_equal(setup((void **) &f), 0);
    buffers_destroy(f->b);
    f->b = buffers_create(1024);
    size_t n = 0;
    while (put(f, 1, sizeof f->memory, 0) != OFP_NO_BUFFER) {
        n++;
    }
    assert_int_equal(n, BUFFERS_MAX_BYTES / sizeof f->memory);
    assert_int_not_equal(put(f, 1, sizeof f->memory, BUFFERS_AGE), OFP_NO_BUFFER);
    teardown((void **) &f);
}

static void a_packet_goes_with_the_last_peer_that_was_told(void **state)
{
    struct fixture *f = *state;
    uint32_t shared = put(f, 1, 100, 0);
    uint32_t own = put(f, 2, 100, 0);
    buffers_tell(f->b, shared, 0);
    buffers_forget_peer(f->b, PEER);
    assert_int_equal(take(f, own, 0), OFPERR_BAD_REQUEST_BUFFER_UNKNOWN);
    assert_int_equal(take(f, shared, 0), 1);
}

static void a_packet_that_nobody_was_told_of_can_be_dropped(void **state)
{
    struct fixture *f = *state;
    uint32_t told = put(f, 1, 100, 0);
    uint32_t untold = buffers_put(f->b, &f->packet, 0);
    buffers_drop_untold(f->b, told);
    buffers_drop_untold(f->b, untold);
    assert_int_equal(buffers_count(f->b), 1);
    assert_int_equal(take(f, told, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_packet_is_taken_once, setup, teardown),
        cmocka_unit_test_setup_teardown(an_id_that_was_never_given_is_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(an_old_id_never_names_a_newer_packet, setup, teardown),
        cmocka_unit_test_setup_teardown(a_packet_that_nobody_asks_for_is_forgotten, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(when_all_are_in_use_none_is_given_and_none_is_lost, setup,
                                        teardown),
        cmocka_unit_test(bytes_are_bounded_too),
        cmocka_unit_test_setup_teardown(a_packet_goes_with_the_last_peer_that_was_told, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_packet_that_nobody_was_told_of_can_be_dropped, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
