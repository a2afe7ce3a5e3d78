/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the ring of upcalls: order, wrapping, lanes, shares of ports, two threads. */
#include "datapath/upcall.h"

#include "tests/unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { LANE_SIZE = 64 * 1024 };

/* Is the record with 'tag' put with metadata? */
static bool has_metadata(uint64_t tag)
{
    return tag > 8 && tag % 3 == 1;
}

/* Puts a frame of 'size' bytes, all of which are 'tag', behind the cookie 'tag', some of them with
 * metadata. */
static enum upcall_put put(struct upcall_ring *r, enum upcall_lane lane, uint64_t tag, size_t size,
                           struct upcall_quota *quota)
{
    uint8_t frame[2000];
    struct packet p;
    struct upcall_record record = {.cookie = tag, .in_port = 1};
    struct flow_metadata metadata = {.metadata = ~tag, .regs = {[FLOW_REGS - 1] = (uint32_t) tag}};
    memset(frame, (int) tag, size);
    packet_use(&p, frame, size, frame, size);
    return upcall_ring_put(r, lane, &record, &p, has_metadata(tag) ? &metadata : NULL, quota);
}

/* Takes the oldest record of 'lane', which must be whole; returns its cookie. */
static uint64_t take(struct upcall_ring *r, enum upcall_lane lane, struct upcall_quota *quota)
{
    const struct upcall_record *record = upcall_ring_peek(r, lane);
    assert_non_null(record);
    uint64_t tag = record->cookie;
    for (uint32_t i = 0; i < record->frame_size; i++) {
        assert_int_equal(record->frame[i], (uint8_t) tag);
    }
    const struct flow_metadata *metadata = upcall_metadata(record);
    assert_int_equal(metadata != NULL, has_metadata(tag));
    if (metadata) {
        assert_true(metadata->metadata == ~tag);
        assert_int_equal(metadata->regs[FLOW_REGS - 1], (uint32_t) tag);
    }
    if (quota) {
        upcall_quota_take(quota, record);
    }
    upcall_ring_pop(r, lane);
    return tag;
}

static void records_come_out_in_order_around_the_end_of_the_memory(void **state UNUSED)
{
    struct upcall_ring *r = upcall_ring_create(4096);
    uint64_t in = 0, out = 0;
    for (int i = 0; i < 10000; i++) {
        while (put(r, UPCALL_LANE_PACKET, in, in * 7 % 900, NULL) == UPCALL_PUT) {
            in++;
        }
        for (int j = 0; j < 1 + i % 3; j++) {
            assert_int_equal(take(r, UPCALL_LANE_PACKET, NULL), out);
            out++;
        }
    }
    while (out < in) {
        assert_int_equal(take(r, UPCALL_LANE_PACKET, NULL), out);
        out++;
    }
    assert_true(upcall_ring_is_empty(r));
    assert_null(upcall_ring_peek(r, UPCALL_LANE_PACKET));
    upcall_ring_destroy(r);
}

static void one_port_gets_half_and_leaves_room_for_others(void **state UNUSED)
{
    struct upcall_ring *r = upcall_ring_create(LANE_SIZE);
    struct upcall_quota quotas[4] = {{0, 0}};
    int n[4] = {0};
    while (put(r, UPCALL_LANE_PACKET, 0, 200, &quotas[0]) == UPCALL_PUT) {
        n[0]++;
    }
    assert_int_equal(put(r, UPCALL_LANE_PACKET, 0, 200, &quotas[0]), UPCALL_OVER_QUOTA);
    assert_in_range(quotas[0].put, LANE_SIZE / 2 - 512, LANE_SIZE / 2);
    for (int i = 1; i < 4; i++) {
        while (put(r, UPCALL_LANE_PACKET, i, 200, &quotas[i]) == UPCALL_PUT) {
            n[i]++;
        }
        assert_in_range(n[i], n[i - 1] / 2 - 1, n[i - 1] / 2 + 1);
    }
    /* What one takes out, others may use. */
    for (int i = 0; i < n[0]; i++) {
        assert_int_equal(take(r, UPCALL_LANE_PACKET, &quotas[0]), 0);
    }
    assert_int_equal(quotas[0].put, quotas[0].taken);
    assert_int_equal(put(r, UPCALL_LANE_PACKET, 3, 200, &quotas[3]), UPCALL_PUT);
    assert_int_equal(put(r, UPCALL_LANE_PACKET, 0, 200, &quotas[0]), UPCALL_PUT);
    upcall_ring_destroy(r);
}

static void a_full_packet_lane_does_not_hold_up_protocols(void **state UNUSED)
{
    struct upcall_ring *r = upcall_ring_create(4096);
    while (put(r, UPCALL_LANE_PACKET, 1, 100, NULL) == UPCALL_PUT) {
    }
    assert_int_equal(put(r, UPCALL_LANE_PACKET, 1, 100, NULL), UPCALL_FULL);
    assert_int_equal(put(r, UPCALL_LANE_PROTOCOL, 2, 100, NULL), UPCALL_PUT);
    assert_int_equal(take(r, UPCALL_LANE_PROTOCOL, NULL), 2);
    upcall_ring_destroy(r);
}

static void what_never_fits_is_refused(void **state UNUSED)
{
    struct upcall_ring *r = upcall_ring_create(4096);
    uint8_t *frame = calloc(1, PACKET_LARGE);
    struct upcall_record record = {.cookie = 0};
    struct packet p;
    packet_use(&p, frame, PACKET_LARGE, frame, PACKET_LARGE);
    assert_int_equal(upcall_ring_put(r, UPCALL_LANE_PACKET, &record, &p, NULL, NULL), UPCALL_FULL);
    assert_int_equal(upcall_ring_put(r, UPCALL_LANE_PROTOCOL, &record, &p, NULL, NULL), UPCALL_PUT);
    free(frame);
    upcall_ring_destroy(r);
}

enum { N_RECORDS = 100000 };

static void *fill(void *ring)
{
    for (uint64_t i = 0; i < N_RECORDS; i++) {
        while (put(ring, UPCALL_LANE_PACKET, i, i % 300, NULL) != UPCALL_PUT) {
            sched_yield();
        }
    }
    return NULL;
}

static void two_threads_pass_records_whole_and_in_order(void **state UNUSED)
{
    struct upcall_ring *r = upcall_ring_create(4096);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, fill, r), 0);
    for (uint64_t i = 0; i < N_RECORDS; i++) {
        while (upcall_ring_is_empty(r)) {
            sched_yield();
        }
        assert_int_equal(take(r, UPCALL_LANE_PACKET, NULL), i);
    }
    pthread_join(thread, NULL);
    upcall_ring_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_out_in_order_around_the_end_of_the_memory),
        cmocka_unit_test(one_port_gets_half_and_leaves_room_for_others),
        cmocka_unit_test(a_full_packet_lane_does_not_hold_up_protocols),
        cmocka_unit_test(what_never_fits_is_refused),
        cmocka_unit_test(two_threads_pass_records_whole_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
