/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of bundles: cut apart they are the frames that went in. */
#include "datapath/netdev/tunnel-bundle.h"

#include "lib/byte-order.h"
#include "lib/packet/checksum.h"
#include "lib/packet/offload.h"
#include "lib/util.h"
#include "tests/packet/testing.h"

enum {
    MAX_FRAMES = 200,  /* Frames of a super-frame at most. */
    OUTER_UDP = 34,    /* Where the outer UDP header stands behind Ethernet and IPv4. */
};

/* Frames in order. */
struct frames {
    unsigned n;                     /* How many. */
    struct bytes frame[MAX_FRAMES]; /* Each. */
};

static void frames_free(struct frames *f)
{
    for (unsigned i = 0; i < f->n; i++) {
        bytes_uninit(&f->frame[i]);
    }
    f->n = 0;
}

static void keep_frame(void *frames, struct packet *frame)
{
    struct frames *f = frames;
    assert_true(f->n < MAX_FRAMES);
    f->frame[f->n] = (struct bytes) BYTES_INIT;
    bytes_put(&f->frame[f->n++], frame->data, frame->size);
}

/* Makes '*p' the super-frame of TCP with 'size' bytes and MSS 'mss' in VXLAN, its outer headers
 * given by 'outer' up to the data. */
static void make_vxlan(struct packet *p, const char *outer, unsigned size, uint16_t mss)
{
    struct bytes inner = BYTES_INIT, text = BYTES_INIT;
    char *tcp = xasprintf("tcp(10.0.0.1:1 > 10.0.0.2:2, flags ack|psh, size %u)", size);
    frame_from(tcp, &inner);
    bytes_printf(&text, "%s, data 0800000000000700", outer);
    for (size_t i = 0; i < inner.size; i++) {
        bytes_printf(&text, "%02x", inner.data[i]);
    }
    bytes_printf(&text, ")");
    packet_from(p, bytes_string(&text));
    uint16_t start = p->size - size - 20;
    p->offload = (struct packet_offload) {
        .flags = PACKET_CSUM_PARTIAL, .gso = PACKET_GSO_TCP4, .gso_size = mss,
        .csum_start = start, .csum_offset = 16,
    };
    free(tcp);
    bytes_uninit(&inner);
    bytes_uninit(&text);
}

/* Cuts 'bundle' into 'frames' and gives it back. */
static void cut_bundle(struct packet *bundle, struct frames *frames)
{
    void *scratch = xmalloc(PACKET_LARGE);
    assert_true(bundle->size - 14 <= UINT16_MAX);
    assert_true(offload_can_pass(bundle, OFFLOAD_ALL));
    assert_int_equal(offload_segment(bundle, scratch, keep_frame, frames), 0);
    packet_pool_put(bundle);
    free(scratch);
}

/* Packs the 'n' super-frames 'p' as often as a bundle is full, cuts the bundles again. Returns
 * their number. */
static unsigned pack_and_cut(const struct packet p[], unsigned n, struct packet_pool *pool,
                             struct frames *again)
{
    struct tunnel_bundle b = {.packet = NULL};
    unsigned n_bundles = 0;
    for (unsigned i = 0; i < n; i++) {
        struct cutter c;
        assert_int_equal(cutter_init(&c, &p[i]), 0);
        assert_true(tunnel_bundle_takes(&c));
        while (cutter_next_size(&c)) {
            if (!tunnel_bundle_add(&b, &c, pool)) {
                cut_bundle(tunnel_bundle_take(&b), again);
                n_bundles++;
                assert_true(tunnel_bundle_add(&b, &c, pool));
            }
        }
    }
    cut_bundle(tunnel_bundle_take(&b), again);
    return n_bundles + 1;
}

/* Expects the same frames, but that those of 'y' may have a checksum at 'sum_at' where those of 'x'
 * have 0. */
static void check_frames_equal(const struct frames *x, const struct frames *y, unsigned sum_at)
{
    assert_int_equal(x->n, y->n);
    for (unsigned i = 0; i < x->n; i++) {
        uint8_t *sum = x->frame[i].data + sum_at;
        if (!get_be16(sum)) {
            assert_true(get_be16(y->frame[i].data + sum_at) != 0);
            memcpy(sum, y->frame[i].data + sum_at, 2);
        }
        assert_int_equal(x->frame[i].size, y->frame[i].size);
        assert_memory_equal(x->frame[i].data, y->frame[i].data, x->frame[i].size);
    }
}

/* Packs and cuts the 'n' super-frames 'p' and frees them; 'sum_at': where the outer UDP checksum is
 * that may have come to be. Expects 'n_bundles'. */
static void check_packing(struct packet p[], unsigned n, unsigned sum_at, unsigned n_bundles)
{
    struct frames direct = {.n = 0}, again = {.n = 0};
    struct packet_pool *pool = packet_pool_create(4, 2);
    void *scratch = xmalloc(PACKET_LARGE);
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(offload_segment(&p[i], scratch, keep_frame, &direct), 0);
    }
    assert_int_equal(pack_and_cut(p, n, pool, &again), n_bundles);
    check_frames_equal(&direct, &again, sum_at);
    frames_free(&direct);
    frames_free(&again);
    assert_int_equal(packet_pool_count(pool), 6);
    packet_pool_destroy(pool);
    for (unsigned i = 0; i < n; i++) {
        packet_free(&p[i]);
    }
    free(scratch);
}

/* Packs and cuts the super-frame of make_vxlan(). */
static void check_round_trip(const char *outer, unsigned size, uint16_t mss, unsigned sum_at,
                             unsigned n_bundles)
{
    struct packet p;
    make_vxlan(&p, outer, size, mss);
    check_packing(&p, 1, sum_at, n_bundles);
}

static void a_bundle_cut_apart_is_the_frames_that_went_in(void **state UNUSED)
{
    check_round_trip("udp(1.0.0.1:5 > 1.0.0.2:4789", 20000, 1400, OUTER_UDP + 6, 1);
}

static void a_missing_outer_checksum_becomes_a_right_one(void **state UNUSED)
{
    check_round_trip("udp(1.0.0.1:5 > 1.0.0.2:4789, nosum", 20000, 1400, OUTER_UDP + 6, 1);
}

static void tags_and_ipv6_stand_before_bundles_too(void **state UNUSED)
{
    check_round_trip("udp(1.0.0.1:5 > 1.0.0.2:4789, vlan 7", 20000, 1400, OUTER_UDP + 10, 1);
    check_round_trip("udp([fc00::1]:5 > [fc00::2]:4789", 20000, 1400, OUTER_UDP + 26, 1);
}

static void more_datagrams_than_kernels_take_make_two_bundles(void **state UNUSED)
{
    check_round_trip("udp(1.0.0.1:5 > 1.0.0.2:4789", 64 * 200, 200, OUTER_UDP + 6, 1);
    check_round_trip("udp(1.0.0.1:5 > 1.0.0.2:4789", 65 * 200, 200, OUTER_UDP + 6, 2);
}

static void what_no_datagram_holds_makes_two_bundles(void **state UNUSED)
{
    /* The headers of each frame add to 64 KiB of payload. */
    check_round_trip("udp(1.0.0.1:5 > 1.0.0.2:4789", 64000, 1000, OUTER_UDP + 6, 2);
}

/* Packs and cuts two super-frames in a row, each given as 'outer' of make_vxlan() with its
 * identification and its size. Expects 'n_bundles'. */
static void check_two(const char *outer1, uint16_t id1, unsigned size1, const char *outer2,
                      uint16_t id2, unsigned n_bundles)
{
    struct packet p[2];
    bool v6 = strchr(outer1, '[');
    make_vxlan(&p[0], outer1, size1, 1000);
    make_vxlan(&p[1], outer2, 4500, 1000);
    if (!v6) {
        put_be16(p[0].data + 18, id1);
        put_be16(p[1].data + 18, id2);
    }
    check_packing(p, 2, OUTER_UDP + (v6 ? 26 : 6), n_bundles);
}

static void the_next_super_frame_of_a_flow_joins_the_bundle(void **state UNUSED)
{
    const char *outer = "udp(1.0.0.1:5 > 1.0.0.2:4789";
    check_two(outer, 100, 7000, outer, 107, 1);
    check_two(outer, 0xfffe, 7000, outer, 5, 1);
    outer = "udp([fc00::1]:5 > [fc00::2]:4789";
    check_two(outer, 0, 7000, outer, 0, 1);
}

static void what_is_not_the_same_flow_or_does_not_follow_begins_a_bundle(void **state UNUSED)
{
    const char *outer = "udp(1.0.0.1:5 > 1.0.0.2:4789";
    check_two(outer, 100, 7000, outer, 108, 2);     /* Identifications with a gap. */
    check_two(outer, 100, 6999, outer, 107, 2);     /* A shorter datagram between them. */
    check_two(outer, 100, 7000, "udp(1.0.0.1:6 > 1.0.0.2:4789", 107, 2);
    check_two(outer, 100, 7000, "udp(1.0.0.1:5 > 1.0.0.3:4789", 107, 2);
    check_two(outer, 100, 7000, "udp(1.0.0.1:5 > 1.0.0.2:4789, tos 4", 107, 2);
    check_two(outer, 100, 7000, "udp(1.0.0.1:5 > 1.0.0.2:4789, ttl 9", 107, 2);
    outer = "udp([fc00::1]:5 > [fc00::2]:4789";
    check_two(outer, 0, 7000, "udp([fc00::1]:5 > [fc00::3]:4789", 0, 2);
}

static void a_frame_alone_stays_as_it_is(void **state UNUSED)
{
    struct packet p, room;
    struct tunnel_bundle b = {.packet = NULL};
    struct cutter c, again;
    uint8_t memory[2048];
    struct packet_pool *pool = packet_pool_create(1, 1);
    make_vxlan(&p, "udp(1.0.0.1:5 > 1.0.0.2:4789", 2000, 1400);
    assert_int_equal(cutter_init(&c, &p), 0);
    again = c;
    assert_true(tunnel_bundle_add(&b, &c, pool));
    struct packet *alone = tunnel_bundle_take(&b);
    packet_use(&room, memory, sizeof memory, memory, 0);
    cutter_next(&again, &room);
    assert_int_equal(alone->size, room.size);
    assert_memory_equal(alone->data, room.data, room.size);
    assert_int_equal(alone->offload.gso, PACKET_GSO_NONE);
    packet_pool_put(alone);
    packet_free(&p);
    packet_pool_destroy(pool);
}

static void an_exhausted_pool_refuses(void **state UNUSED)
{
    struct packet p;
    struct tunnel_bundle b = {.packet = NULL};
    struct cutter c;
    struct packet_pool *pool = packet_pool_create(1, 0);
    make_vxlan(&p, "udp(1.0.0.1:5 > 1.0.0.2:4789", 2000, 1400);
    assert_int_equal(cutter_init(&c, &p), 0);
    assert_false(tunnel_bundle_add(&b, &c, pool));
    assert_null(b.packet);
    assert_int_equal(c.index, 0);
    packet_free(&p);
    packet_pool_destroy(pool);
}

static void only_super_frames_in_tunnels_over_udp_are_packed(void **state UNUSED)
{
    struct packet p;
    struct cutter c;
    packet_from(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)");
    p.offload = (struct packet_offload) {.flags = PACKET_CSUM_PARTIAL, .gso = PACKET_GSO_TCP4,
                                         .gso_size = 1000, .csum_start = 34, .csum_offset = 16};
    assert_int_equal(cutter_init(&c, &p), 0);
    assert_false(tunnel_bundle_takes(&c));
    packet_free(&p);
    packet_from(&p, "udp(10.0.0.1:1 > 10.0.0.2:4789, size 3000)");
    p.offload = (struct packet_offload) {.flags = PACKET_CSUM_PARTIAL, .gso = PACKET_GSO_UDP,
                                         .gso_size = 1000, .csum_start = 34, .csum_offset = 6};
    assert_int_equal(cutter_init(&c, &p), 0);
    assert_false(tunnel_bundle_takes(&c));
    packet_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_cut_apart_is_the_frames_that_went_in),
        cmocka_unit_test(a_missing_outer_checksum_becomes_a_right_one),
        cmocka_unit_test(tags_and_ipv6_stand_before_bundles_too),
        cmocka_unit_test(more_datagrams_than_kernels_take_make_two_bundles),
        cmocka_unit_test(what_no_datagram_holds_makes_two_bundles),
        cmocka_unit_test(a_frame_alone_stays_as_it_is),
        cmocka_unit_test(the_next_super_frame_of_a_flow_joins_the_bundle),
        cmocka_unit_test(what_is_not_the_same_flow_or_does_not_follow_begins_a_bundle),
        cmocka_unit_test(an_exhausted_pool_refuses),
        cmocka_unit_test(only_super_frames_in_tunnels_over_udp_are_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
