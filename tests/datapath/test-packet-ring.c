/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the FIFO of packets: order, bounds, and two threads. */
#include "tests/unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/packet-ring.h"
#include "lib/util.h"

enum { SIZE = 64 * 1024 }; /* Bytes of the rings. */

/* Puts a packet of 'size' bytes, all of them 'tag', into 'r'. */
static bool put(struct packet_ring *r, uint32_t size, uint32_t tag)
{
    static uint8_t frame[PACKET_LARGE];
    struct packet p;
    packet_use(&p, frame, sizeof frame, frame, size);
    memset(frame, (int) tag, size);
    p.in_port = tag;
    p.offload.gso_size = (uint16_t) size;
    p.refs = 5;
    return packet_ring_put(r, &p, tag);
}

/* Takes the next packet, which has to be that of put(). */
static void take(struct packet_ring *r, uint32_t size, uint32_t tag)
{
    uint32_t got;
    assert_non_null(packet_ring_peek(r, &got));
    assert_int_equal(got, tag);
    const struct packet *p = packet_ring_take(r);
    assert_int_equal(p->size, size);
    assert_int_equal(p->in_port, tag);
    assert_int_equal(p->offload.gso_size, (uint16_t) size);
    assert_int_equal(p->refs, 0);
    assert_null(p->pool);
    for (uint32_t i = 0; i < size; i++) {
        assert_int_equal(p->data[i], (uint8_t) tag);
    }
}

static void it_begins_and_ends_empty(void **state UNUSED)
{
    struct packet_ring r;
    uint32_t tag;
    packet_ring_init(&r, SIZE);
    assert_true(packet_ring_is_empty(&r));
    assert_null(packet_ring_peek(&r, &tag));
    assert_null(packet_ring_take(&r));
    assert_true(put(&r, 60, 7));
    assert_false(packet_ring_is_empty(&r));
    take(&r, 60, 7);
    assert_true(packet_ring_is_empty(&r));
    packet_ring_uninit(&r);
}

static void memory_is_free_again_after_release_alone(void **state UNUSED)
{
    struct packet_ring r;
    packet_ring_init(&r, SIZE);
    unsigned n = 0;
    while (put(&r, 1000, n)) {
        n++;
    }
    assert_in_range(n, SIZE / 1200, SIZE / 1000);
    for (unsigned i = 0; i < n; i++) {
        take(&r, 1000, i);
    }
    assert_false(put(&r, 1000, 0));
    packet_ring_release(&r);
    assert_true(put(&r, 1000, 1));
    take(&r, 1000, 1);
    packet_ring_uninit(&r);
}

static void a_packet_that_never_fits_is_refused(void **state UNUSED)
{
    struct packet_ring r;
    packet_ring_init(&r, SIZE);
    assert_false(put(&r, SIZE, 0));
    assert_true(packet_ring_is_empty(&r));
    packet_ring_uninit(&r);
}

/* Sizes of any kind, against a list of what has to come. */
static void order_is_kept_around_the_end_of_the_memory(void **state UNUSED)
{
    struct packet_ring r;
    uint32_t sizes[1024], first = 0, last = 0;
    srand(1);
    packet_ring_init(&r, SIZE);
    for (int i = 0; i < 200000; i++) {
        uint32_t size = rand() % 8 ? 14 + rand() % 1500 : 14 + rand() % 20000;
        if (rand() % 2 && last - first < ARRAY_SIZE(sizes)) {
            if (put(&r, size, last & 0xff)) {
                sizes[last++ % ARRAY_SIZE(sizes)] = size;
            }
        } else if (first < last) {
            take(&r, sizes[first % ARRAY_SIZE(sizes)], first & 0xff);
            first++;
            packet_ring_release(&r);
        }
    }
    assert_true(last > 10000);
    packet_ring_uninit(&r);
}

enum { N_HANDED = 20000 }; /* Packets between the threads. */

/* Size of the packet with the number 'i'. */
static uint32_t size_of(uint32_t i)
{
    return 14 + i * 7919 % 3000;
}

/* The thread that fills. */
static void *fill(void *r)
{
    for (uint32_t i = 0; i < N_HANDED;) {
        if (put(r, size_of(i), i & 0xff)) {
            i++;
        } else {
            sched_yield();
        }
    }
    return NULL;
}

static void two_threads_see_the_same_order(void **state UNUSED)
{
    struct packet_ring r;
    pthread_t filler;
    packet_ring_init(&r, SIZE);
    assert_int_equal(pthread_create(&filler, NULL, fill, &r), 0);
    for (uint32_t i = 0; i < N_HANDED;) {
        if (packet_ring_is_empty(&r)) {
            sched_yield();
            continue;
        }
        take(&r, size_of(i), i & 0xff);
        packet_ring_release(&r);
        i++;
    }
    pthread_join(filler, NULL);
    assert_true(packet_ring_is_empty(&r));
    packet_ring_uninit(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_begins_and_ends_empty),
        cmocka_unit_test(memory_is_free_again_after_release_alone),
        cmocka_unit_test(a_packet_that_never_fits_is_refused),
        cmocka_unit_test(order_is_kept_around_the_end_of_the_memory),
        cmocka_unit_test(two_threads_see_the_same_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
