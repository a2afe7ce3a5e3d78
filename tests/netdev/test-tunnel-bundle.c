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

/* Packs 'frames' as often as a bundle is full, cuts the bundles again. Returns their number. */
static unsigned pack_and_cut(const struct packet *p, const struct frames *frames,
                             struct packet_pool *pool, struct frames *again)
{
    struct tunnel_bundle b;
    unsigned n = 0, i = 0;
    void *scratch = xmalloc(PACKET_LARGE);
    assert_true(tunnel_bundle_init(&b, p));
    while (i < frames->n) {
        struct packet frame;
        do {
            packet_use(&frame, frames->frame[i].data, frames->frame[i].size, frames->frame[i].data,
                       frames->frame[i].size);
        } while (tunnel_bundle_add(&b, &frame, pool) && ++i < frames->n);
        struct packet *bundle = tunnel_bundle_take(&b);
        assert_non_null(bundle);
        assert_true(bundle->size - 14 <= UINT16_MAX);
        assert_true(offload_can_pass(bundle, OFFLOAD_ALL));
        assert_int_equal(offload_segment(bundle, scratch, keep_frame, again), 0);
        packet_pool_put(bundle);
        n++;
    }
    assert_null(tunnel_bundle_take(&b));
    free(scratch);
    return n;
}

/* Packs and cuts the super-frame of make_vxlan(); 'sum_at': where the outer UDP checksum is that
 * may have come to be. Expects 'n_bundles'. */
static void check_round_trip(const char *outer, unsigned size, uint16_t mss, unsigned sum_at,
                             unsigned n_bundles)
{
    struct packet p;
    struct frames direct = {.n = 0}, again = {.n = 0};
    struct packet_pool *pool = packet_pool_create(4, 2);
    void *scratch = xmalloc(PACKET_LARGE);
    make_vxlan(&p, outer, size, mss);
    assert_int_equal(offload_segment(&p, scratch, keep_frame, &direct), 0);
    assert_int_equal(pack_and_cut(&p, &direct, pool, &again), n_bundles);
    assert_int_equal(direct.n, (size + mss - 1) / mss);
    assert_int_equal(again.n, direct.n);
    for (unsigned i = 0; i < direct.n; i++) {
        uint8_t *sum = direct.frame[i].data + sum_at;
        if (!get_be16(sum)) {
            assert_true(get_be16(again.frame[i].data + sum_at) != 0);
            memcpy(sum, again.frame[i].data + sum_at, 2);
        }
        assert_int_equal(direct.frame[i].size, again.frame[i].size);
        assert_memory_equal(direct.frame[i].data, again.frame[i].data, direct.frame[i].size);
    }
    frames_free(&direct);
    frames_free(&again);
    assert_int_equal(packet_pool_count(pool), 6);
    packet_pool_destroy(pool);
    packet_free(&p);
    free(scratch);
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

static void what_no_datagram_holds_makes_two_bundles(void **state UNUSED)
{
    /* The headers of each frame add to 64 KiB of payload. */
    check_round_trip("udp(1.0.0.1:5 > 1.0.0.2:4789", 64000, 1000, OUTER_UDP + 6, 2);
}

static void a_frame_alone_stays_as_it_is(void **state UNUSED)
{
    struct packet p;
    struct tunnel_bundle b;
    struct packet_pool *pool = packet_pool_create(1, 1);
    make_vxlan(&p, "udp(1.0.0.1:5 > 1.0.0.2:4789", 2000, 1400);
    assert_true(tunnel_bundle_init(&b, &p));
    assert_true(tunnel_bundle_add(&b, &p, pool));
    struct packet *alone = tunnel_bundle_take(&b);
    assert_int_equal(alone->size, p.size);
    assert_memory_equal(alone->data, p.data, p.size);
    assert_int_equal(alone->offload.gso, PACKET_GSO_NONE);
    packet_pool_put(alone);
    packet_free(&p);
    packet_pool_destroy(pool);
}

static void nothing_follows_a_shorter_frame(void **state UNUSED)
{
    struct packet p;
    struct tunnel_bundle b;
    struct packet_pool *pool = packet_pool_create(1, 1);
    make_vxlan(&p, "udp(1.0.0.1:5 > 1.0.0.2:4789", 2000, 1400);
    assert_true(tunnel_bundle_init(&b, &p));
    assert_true(tunnel_bundle_add(&b, &p, pool));
    p.size -= 100;
    assert_true(tunnel_bundle_add(&b, &p, pool));
    assert_false(tunnel_bundle_add(&b, &p, pool));
    packet_pool_put(tunnel_bundle_take(&b));
    packet_free(&p);
    packet_pool_destroy(pool);
}

static void an_exhausted_pool_refuses(void **state UNUSED)
{
    struct packet p;
    struct tunnel_bundle b;
    struct packet_pool *pool = packet_pool_create(1, 0);
    make_vxlan(&p, "udp(1.0.0.1:5 > 1.0.0.2:4789", 2000, 1400);
    assert_true(tunnel_bundle_init(&b, &p));
    assert_false(tunnel_bundle_add(&b, &p, pool));
    assert_null(tunnel_bundle_take(&b));
    packet_free(&p);
    packet_pool_destroy(pool);
}

static void only_super_frames_in_tunnels_over_udp_are_packed(void **state UNUSED)
{
    struct packet p;
    struct tunnel_bundle b;
    make_vxlan(&p, "udp(1.0.0.1:5 > 1.0.0.2:4789", 2000, 1400);
    p.offload.gso = PACKET_GSO_NONE;
    assert_false(tunnel_bundle_init(&b, &p));
    p.offload.gso = PACKET_GSO_UDP;
    p.offload.csum_start = OUTER_UDP;
    assert_false(tunnel_bundle_init(&b, &p));
    packet_free(&p);
    packet_from(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)");
    p.offload = (struct packet_offload) {.flags = PACKET_CSUM_PARTIAL, .gso = PACKET_GSO_TCP4,
                                         .gso_size = 1000, .csum_start = 34, .csum_offset = 16};
    assert_false(tunnel_bundle_init(&b, &p));
    packet_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_cut_apart_is_the_frames_that_went_in),
        cmocka_unit_test(a_missing_outer_checksum_becomes_a_right_one),
        cmocka_unit_test(tags_and_ipv6_stand_before_bundles_too),
        cmocka_unit_test(what_no_datagram_holds_makes_two_bundles),
        cmocka_unit_test(a_frame_alone_stays_as_it_is),
        cmocka_unit_test(nothing_follows_a_shorter_frame),
        cmocka_unit_test(an_exhausted_pool_refuses),
        cmocka_unit_test(only_super_frames_in_tunnels_over_udp_are_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
