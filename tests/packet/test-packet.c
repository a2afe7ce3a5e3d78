/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/packet/packet: pools, copies, and what moves with the start of a frame. */
#include "lib/packet/packet.h"

#include <errno.h>

#include "lib/packet/flow.h"
#include "lib/util.h"
#include "tests/packet/testing.h"

/* Takes a packet from 'pool' and puts the frame of 'text' into it. */
static struct packet *pool_frame(struct packet_pool *pool, const char *text)
{
    struct bytes frame = BYTES_INIT;
    frame_from(text, &frame);
    struct packet *p = packet_pool_get(pool, frame.size);
    assert_non_null(p);
    memcpy(p->data, frame.data, frame.size);
    p->size = frame.size;
    bytes_uninit(&frame);
    return p;
}

/* The frame of 'p' must be that of 'text'. */
static void assert_frame(const struct packet *p, const char *text)
{
    struct bytes frame = BYTES_INIT;
    frame_from(text, &frame);
    assert_int_equal(p->size, frame.size);
    assert_memory_equal(p->data, frame.data, frame.size);
    bytes_uninit(&frame);
}

static void pool_gives_what_was_put_last_first_and_then_null(void **state UNUSED)
{
    struct packet_pool *pool = packet_pool_create(3, 1);
    assert_int_equal(packet_pool_count(pool), 4);
    struct packet *a = packet_pool_get(pool, 100), *b = packet_pool_get(pool, 100);
    struct packet *c = packet_pool_get(pool, 100);
    assert_true(a && b && c && a != b && b != c && a != c);
    assert_null(packet_pool_get(pool, 100));
    packet_pool_put(a);
    packet_pool_put(b);
    assert_ptr_equal(packet_pool_get(pool, 100), b);
    assert_ptr_equal(packet_pool_get(pool, 100), a);
    assert_int_equal(packet_pool_count(pool), 1);
    packet_pool_destroy(pool);
    packet_pool_destroy(NULL);
}

static void pool_has_room_for_what_was_asked(void **state UNUSED)
{
    static const size_t sizes[] = {0, 60, PACKET_SMALL - PACKET_HEADROOM,
                                   PACKET_SMALL - PACKET_HEADROOM + 1,
                                   PACKET_LARGE - PACKET_HEADROOM};
    struct packet_pool *pool = packet_pool_create(3, 2);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct packet *p = packet_pool_get(pool, sizes[i]);
        assert_non_null(p);
        assert_int_equal(p->large, sizes[i] > PACKET_SMALL - PACKET_HEADROOM);
        assert_int_equal(packet_headroom(p), PACKET_HEADROOM);
        assert_true(packet_tailroom(p) >= sizes[i]);
        memset(p->base, i, p->allocated);
    }
    assert_null(packet_pool_get(pool, PACKET_LARGE - PACKET_HEADROOM + 1));
    packet_pool_destroy(pool);
}

static void pool_gives_packets_without_a_past(void **state UNUSED)
{
    struct packet_pool *pool = packet_pool_create(1, 0);
    struct packet *p = packet_pool_get(pool, 100);
    p->size = 100;
    p->in_port = 7;
    p->refs = 2;
    p->hops = 9;
    p->l3_offset = p->l4_offset = 14;
    p->offload.gso = PACKET_GSO_TCP4;
    packet_push(p, 10);
    packet_pool_put(p);
    assert_ptr_equal(packet_pool_get(pool, 100), p);
    assert_int_equal(p->size + p->in_port + p->refs + p->hops + p->offload.gso, 0);
    assert_int_equal(p->l3_offset & p->l4_offset, UINT16_MAX);
    assert_int_equal(packet_headroom(p), PACKET_HEADROOM);
    packet_pool_destroy(pool);
}

static void copy_and_clone_carry_everything_but_refs(void **state UNUSED)
{
    struct packet_pool *pool = packet_pool_create(2, 0);
    struct packet *p = pool_frame(pool, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 500)");
    p->in_port = 5;
    p->hops = 3;
    p->refs = 4;
    p->l3_offset = 14;
    p->l4_offset = 34;
    p->offload = (struct packet_offload) {.flags = PACKET_CSUM_PARTIAL, .csum_start = 34};
    struct packet *copies[] = {packet_copy(pool, p), packet_clone(p)};
    for (size_t i = 0; i < ARRAY_SIZE(copies); i++) {
        const struct packet *copy = copies[i];
        assert_frame(copy, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 500)");
        assert_ptr_not_equal(copy->data, p->data);
        assert_int_equal(copy->in_port, 5);
        assert_int_equal(copy->hops, 3);
        assert_int_equal(copy->refs, 0);
        assert_int_equal(copy->l3_offset, 14);
        assert_int_equal(copy->l4_offset, 34);
        assert_memory_equal(&copy->offload, &p->offload, sizeof p->offload);
        assert_int_equal(packet_headroom(copy), PACKET_HEADROOM);
    }
    assert_null(packet_copy(pool, p));
    packet_pool_put(copies[1]); /* Not of a pool: nothing happens. */
    free(copies[1]);
    packet_pool_destroy(pool);
}

static void push_vlan_moves_offsets_and_checksum_start(void **state UNUSED)
{
    struct packet_pool *pool = packet_pool_create(1, 0);
    struct packet *p = pool_frame(pool, "udp(10.0.0.1:1 > 10.0.0.2:2, size 30)");
    struct flow flow;
    flow_extract(p, &flow);
    p->offload = (struct packet_offload) {
        .flags = PACKET_CSUM_PARTIAL, .csum_start = 34, .csum_offset = 6, .header_size = 42};
    assert_int_equal(packet_push_vlan(p, 0x8100, 0xa005), 0);
    assert_frame(p, "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, pcp 5, size 30)");
    assert_int_equal(packet_push_vlan(p, 0x88a8, 9), 0);
    assert_frame(p, "udp(10.0.0.1:1 > 10.0.0.2:2, qinq 9, vlan 5, pcp 5, size 30)");
    assert_int_equal(p->l3_offset, 22);
    assert_int_equal(p->l4_offset, 42);
    assert_int_equal(p->offload.csum_start, 42);
    assert_int_equal(p->offload.csum_offset, 6);
    assert_int_equal(p->offload.header_size, 50);
    for (int i = 0; i < 3; i++) {
        packet_pop_vlan(p); /* The third finds no tag. */
    }
    assert_frame(p, "udp(10.0.0.1:1 > 10.0.0.2:2, size 30)");
    assert_int_equal(p->l3_offset, 14);
    assert_int_equal(p->l4_offset, 34);
    assert_int_equal(p->offload.csum_start, 34);
    packet_pool_destroy(pool);
}

static void push_vlan_without_room_changes_nothing(void **state UNUSED)
{
    struct packet p;
    packet_from(&p, "icmp(10.0.0.1 > 10.0.0.2)");
    p.l3_offset = 14;
    assert_int_equal(packet_push_vlan(&p, 0x8100, 5), ENOBUFS);
    assert_frame(&p, "icmp(10.0.0.1 > 10.0.0.2)");
    assert_int_equal(p.l3_offset, 14);
    p.data += 4;
    p.size = 13;
    assert_int_equal(packet_push_vlan(&p, 0x8100, 5), EINVAL);
    packet_free(&p);
}

static void pop_vlan_leaves_what_is_no_whole_tag(void **state UNUSED)
{
    static const uint8_t runt[17] = {[12] = 0x81};
    struct packet p;
    packet_exact(&p, runt, sizeof runt);
    packet_pop_vlan(&p);
    assert_int_equal(p.size, sizeof runt);
    packet_free(&p);
}

static void pull_beyond_a_header_forgets_it(void **state UNUSED)
{
    struct packet p;
    packet_from(&p, "udp(10.0.0.1:1 > 10.0.0.2:2, size 30)");
    p.l3_offset = 14;
    p.l4_offset = 34;
    p.offload = (struct packet_offload) {
        .flags = PACKET_CSUM_PARTIAL, .csum_start = 34, .header_size = 42};
    packet_pull(&p, 20);
    assert_int_equal(p.l3_offset, UINT16_MAX);
    assert_int_equal(p.l4_offset, 14);
    assert_int_equal(p.offload.csum_start, 14);
    packet_pull(&p, 20);
    assert_int_equal(p.l4_offset, UINT16_MAX);
    assert_int_equal(p.offload.flags, 0);
    packet_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_gives_what_was_put_last_first_and_then_null),
        cmocka_unit_test(pool_has_room_for_what_was_asked),
        cmocka_unit_test(pool_gives_packets_without_a_past),
        cmocka_unit_test(copy_and_clone_carry_everything_but_refs),
        cmocka_unit_test(push_vlan_moves_offsets_and_checksum_start),
        cmocka_unit_test(push_vlan_without_room_changes_nothing),
        cmocka_unit_test(pop_vlan_leaves_what_is_no_whole_tag),
        cmocka_unit_test(pull_beyond_a_header_forgets_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
