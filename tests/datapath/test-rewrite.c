/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of rewriting headers of frames whose checksum or segmentation is left to the device. */
#include "datapath/rewrite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/packet/flow.h"
#include "lib/packet/offload.h"
#include "tests/packet/oracle.h"
#include "tests/packet/testing.h"

/* Makes '*p' the packet of 'text', with headroom for a tag and its offsets set. */
static void make(struct packet *p, const char *text)
{
    struct bytes frame = BYTES_INIT;
    struct flow flow;
    frame_from(text, &frame);
    uint8_t *base = malloc(PACKET_HEADROOM + frame.size);
    assert_non_null(base);
    memcpy(base + PACKET_HEADROOM, frame.data, frame.size);
    packet_use(p, base, PACKET_HEADROOM + frame.size, base + PACKET_HEADROOM, frame.size);
    bytes_uninit(&frame);
    flow_extract(p, &flow);
}

/* Makes the L4 checksum of 'p' unfinished: the field holds the sum of the pseudo header. */
static void unfinish(struct packet *p)
{
    struct oracle o;
    oracle_check(p->data, p->size, &o);
    size_t offset = o.proto == 6 ? 16 : 6, start = o.l4 - p->data;
    put_be16(p->data + start + offset,
             oracle_pseudo(o.ip, o.ipv6, o.proto, p->size - start));
    p->offload = (struct packet_offload) {
        .flags = PACKET_CSUM_PARTIAL,
        .csum_start = start,
        .csum_offset = offset,
        .header_size = o.payload - p->data,
    };
}

/* Fails unless 'p' is the frame of 'text'. */
static void expect(const struct packet *p, const char *text)
{
    struct bytes wanted = BYTES_INIT;
    frame_from(text, &wanted);
    assert_int_equal(p->size, wanted.size);
    assert_memory_equal(p->data, wanted.data, wanted.size);
    bytes_uninit(&wanted);
}

/* All rewrites that concern checksums and offsets, one after the other. */
static void rewrite_all(struct packet *p)
{
    rewrite_nw_src(p, inet_addr("192.168.77.1"));
    assert_int_equal(rewrite_vlan_vid(p, 5), 0);
    rewrite_nw_dst(p, inet_addr("255.254.253.252"));
    rewrite_tp_src(p, htons(1000));
    assert_int_equal(rewrite_vlan_pcp(p, 6), 0);
    rewrite_nw_tos(p, 0xb8);
    rewrite_tp_dst(p, htons(2000));
}

#define ETH "eth 02:00:00:00:00:01 > 02:00:00:00:00:02"
#define REWRITTEN \
    "(192.168.77.1:1000 > 255.254.253.252:2000, vlan 5, pcp 6, tos 184, size 99, " ETH ")"

static void an_unfinished_checksum_is_right_when_finished_later(void **state UNUSED)
{
    static const char *const protos[] = {"tcp", "udp"};
    for (int i = 0; i < 2; i++) {
        char before[200], after[200];
        struct packet p;
        snprintf(before, sizeof before, "%s(10.0.0.1:1 > 10.0.0.2:2, size 99, " ETH ")",
                 protos[i]);
        snprintf(after, sizeof after, "%s" REWRITTEN, protos[i]);
        make(&p, before);
        unfinish(&p);
        rewrite_all(&p);
        assert_int_equal(p.offload.csum_start, 14 + 4 + 20);
        offload_finish_checksum(&p);
        expect(&p, after);
        packet_free(&p);
    }
}

/* Counts the segments, each of which must be right. */
static void check_segment(void *n, struct packet *frame)
{
    struct oracle o;
    oracle_check(frame->data, frame->size, &o);
    assert_int_equal(get_be16(o.l4), 1000);
    assert_int_equal(get_be16(o.l4 + 2), 2000);
    assert_int_equal(get_be32(o.ip + 12), 0xc0a84d01);
    ++*(int *) n;
}

static void a_rewritten_super_frame_gives_right_segments(void **state UNUSED)
{
    static uint8_t scratch[PACKET_LARGE];
    struct packet p;
    int n = 0;
    make(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 10000, " ETH ")");
    unfinish(&p);
    p.offload.gso = PACKET_GSO_TCP4;
    p.offload.gso_size = 1448;
    rewrite_all(&p);
    assert_int_equal(offload_segment(&p, scratch, check_segment, &n), 0);
    assert_int_equal(n, 7);
    packet_free(&p);
}

/* Checks a segment of a tunnel whose outer header was rewritten. */
static void check_tunnel_segment(void *sum_is_0, struct packet *frame)
{
    struct oracle o;
    oracle_check(frame->data, frame->size, &o);
    assert_int_equal(get_be32(frame->data + 14 + 12), 0x09090909);
    assert_int_equal(o.udp_sums[0] == 0, *(bool *) sum_is_0);
}

static void a_rewritten_tunnel_super_frame_gives_right_segments(void **state UNUSED)
{
    static uint8_t scratch[PACKET_LARGE];
    for (int nosum = 0; nosum < 2; nosum++) {
        struct bytes inner = BYTES_INIT, text = BYTES_INIT;
        struct packet p;
        bool sum_is_0 = nosum;
        frame_from("tcp(10.1.0.1:1 > 10.1.0.2:2, size 5000)", &inner);
        bytes_printf(&text, "udp(10.0.0.1:5 > 10.0.0.2:4789, %s" ETH ", data 0800000000000100",
                     nosum ? "nosum, " : "");
        for (size_t i = 0; i < inner.size; i++) {
            bytes_printf(&text, "%02x", inner.data[i]);
        }
        bytes_printf(&text, ")");
        make(&p, bytes_string(&text));
        unfinish(&p);
        if (!nosum) {
            /* What the kernel leaves in the outer header of a super-frame. */
            put_be16(p.data + 14 + 20 + 6,
                     oracle_pseudo(p.data + 14, false, 17, p.size - 14 - 20));
        }
        p.offload.gso = PACKET_GSO_TCP4;
        p.offload.gso_size = 1000;
        rewrite_nw_src(&p, inet_addr("9.9.9.9"));
        rewrite_tp_src(&p, htons(4444));
        assert_int_equal(offload_segment(&p, scratch, check_tunnel_segment, &sum_is_0), 0);
        packet_free(&p);
        bytes_uninit(&inner);
        bytes_uninit(&text);
    }
}

static void a_wrong_checksum_stays_wrong(void **state UNUSED)
{
    struct packet p;
    make(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 99, badsum, " ETH ")");
    uint16_t wrong = get_be16(p.data + 14 + 20 + 16);
    rewrite_nw_src(&p, inet_addr("10.0.0.9"));
    rewrite_nw_src(&p, inet_addr("10.0.0.1"));
    rewrite_tp_dst(&p, htons(3));
    rewrite_tp_dst(&p, htons(2));
    assert_int_equal(get_be16(p.data + 14 + 20 + 16), wrong);
    packet_free(&p);

    make(&p, "sctp(10.0.0.1:1 > 10.0.0.2:2, size 20, " ETH ")");
    p.data[p.size - 1] ^= 1;
    uint32_t sum = get_be32(p.data + 14 + 20 + 8);
    rewrite_tp_dst(&p, htons(3));
    assert_int_not_equal(get_be32(p.data + 14 + 20 + 8), sum);
    rewrite_tp_dst(&p, htons(2));
    assert_int_equal(get_be32(p.data + 14 + 20 + 8), sum);
    packet_free(&p);
}

static void a_udp_checksum_never_becomes_0(void **state UNUSED)
{
    /* Among 65536 source ports one has the checksum 0, which is written as 0xffff. */
    struct packet p;
    int all_ones = 0;
    make(&p, "udp(10.0.0.1:1 > 10.0.0.2:2, size 8, " ETH ")");
    for (int port = 0; port < 65536; port++) {
        rewrite_tp_src(&p, htons(port));
        uint16_t sum = get_be16(p.data + 14 + 20 + 6);
        assert_int_not_equal(sum, 0);
        all_ones += sum == 0xffff;
    }
    assert_in_range(all_ones, 1, 2);
    packet_free(&p);
}

static void random_rewrites_agree_with_frames_built_anew(void **state UNUSED)
{
    uint64_t seed = 1;
    for (int i = 0; i < 2000; i++) {
        char text[200];
        struct packet p;
        const char *proto = random_below(&seed, 2) ? "tcp" : "udp";
        uint32_t src = random_next(&seed), dst = random_next(&seed);
        uint32_t sport = random_below(&seed, 65536), dport = random_below(&seed, 65536);
        uint32_t size = random_below(&seed, 200);
        uint32_t tos = random_below(&seed, 256), ttl = random_below(&seed, 256);
        snprintf(text, sizeof text, "%s(10.0.0.1:1 > 10.0.0.2:2, size %u, tos %u, ttl %u, " ETH ")",
                 proto, size, random_below(&seed, 256), random_below(&seed, 256));
        make(&p, text);
        rewrite_ttl(&p, (uint8_t) ttl);
        rewrite_nw_tos(&p, tos & 0xfc);
        rewrite_nw_ecn(&p, tos & 3);
        rewrite_nw_src(&p, htonl(src));
        rewrite_nw_dst(&p, htonl(dst));
        rewrite_tp_src(&p, htons(sport));
        rewrite_tp_dst(&p, htons(dport));
        snprintf(text, sizeof text,
                 "%s(%u.%u.%u.%u:%u > %u.%u.%u.%u:%u, size %u, tos %u, ttl %u, " ETH ")", proto,
                 src >> 24, src >> 16 & 255, src >> 8 & 255, src & 255, sport, dst >> 24,
                 dst >> 16 & 255, dst >> 8 & 255, dst & 255, dport, size, tos, ttl);
        expect(&p, text);
        packet_free(&p);
    }
}

/* Rewrites both addresses of 'p' to random ones if it is IPv6, and writes the addresses that it has
 * then to 'who'. */
static void rewrite_addresses(uint64_t *seed, struct packet *p, bool is_ipv6, char who[100])
{
    char text[2][INET6_ADDRSTRLEN];
    uint8_t addr[2][16];
    for (int i = 0; i < 32; i++) {
        addr[i / 16][i % 16] = (uint8_t) random_next(seed);
    }
    rewrite_ipv6_src(p, addr[0]);
    rewrite_ipv6_dst(p, addr[1]);
    inet_ntop(AF_INET6, addr[0], text[0], sizeof text[0]);
    inet_ntop(AF_INET6, addr[1], text[1], sizeof text[1]);
    if (is_ipv6) {
        snprintf(who, 100, "[%s] > [%s]", text[0], text[1]);
    } else {
        snprintf(who, 100, "10.0.0.1 > 10.0.0.2");
    }
}

/* ICMPv6 is below the sum over the addresses too, ICMP not. */
static void so_do_those_of_ipv6_and_of_icmp(void **state UNUSED)
{
    uint64_t seed = 2;
    for (int i = 0; i < 2000; i++) {
        char text[300], who[100];
        struct packet p;
        uint8_t type = (uint8_t) random_next(&seed), code = (uint8_t) random_next(&seed);
        uint32_t size = random_below(&seed, 200), id = random_below(&seed, 65536);
        uint32_t tos = random_below(&seed, 256), ttl = random_below(&seed, 256);
        bool is_ipv6 = random_below(&seed, 2);
        snprintf(text, sizeof text, "icmp(%s, id %u, size %u, " ETH ")",
                 is_ipv6 ? "[::1] > [::2]" : "10.0.0.1 > 10.0.0.2", id, size);
        make(&p, text);
        rewrite_addresses(&seed, &p, is_ipv6, who);
        rewrite_icmp(&p, type, code);
        rewrite_nw_tos(&p, tos & 0xfc);
        rewrite_nw_ecn(&p, tos & 3);
        rewrite_ttl(&p, (uint8_t) ttl);
        snprintf(text, sizeof text,
                 "icmp(%s, type %u, code %u, id %u, size %u, tos %u, ttl %u, " ETH ")", who, type,
                 code, id, size, tos, ttl);
        expect(&p, text);
        packet_free(&p);
    }
}

static void vid_and_priority_leave_the_rest_of_a_tag(void **state UNUSED)
{
    struct packet p;
    make(&p, "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, " ETH ")");
    for (unsigned tci = 0; tci < 65536; tci += 0x0fff) {
        put_be16(p.data + 14, (uint16_t) tci);
        assert_int_equal(rewrite_vlan_vid(&p, 0x123), 0);
        assert_int_equal(get_be16(p.data + 14), (tci & 0xf000) | 0x123);
        put_be16(p.data + 14, (uint16_t) tci);
        assert_int_equal(rewrite_vlan_pcp(&p, 5), 0);
        assert_int_equal(get_be16(p.data + 14), (tci & 0x1fff) | 0xa000);
    }
    packet_free(&p);
}

static void without_headroom_no_tag_is_added(void **state UNUSED)
{
    struct packet p;
    packet_from(&p, "udp(10.0.0.1:1 > 10.0.0.2:2, " ETH ")");
    assert_int_equal(rewrite_vlan_vid(&p, 5), ENOBUFS);
    assert_int_equal(rewrite_vlan_pcp(&p, 5), ENOBUFS);
    expect(&p, "udp(10.0.0.1:1 > 10.0.0.2:2, " ETH ")");
    packet_free(&p);
}

static void truncated_frames_are_left_alone(void **state UNUSED)
{
    enum { IP = 14 + 4, TCP = IP + 20, PAYLOAD = TCP + 20 };
    struct bytes frame = BYTES_INIT;
    frame_from("tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 3, size 4)", &frame);
    for (size_t size = 14; size < frame.size; size++) {
        struct packet p;
        struct flow flow;
        packet_exact(&p, frame.data, size);
        flow_extract(&p, &flow);
        rewrite_nw_src(&p, inet_addr("1.2.3.4"));
        rewrite_nw_tos(&p, 4);
        rewrite_tp_src(&p, htons(3));
        rewrite_tp_dst(&p, htons(3));
        if (size < TCP) {
            assert_memory_equal(p.data, frame.data, size);
        } else if (size < PAYLOAD) {
            assert_memory_equal(p.data + TCP, frame.data + TCP, size - TCP);
        }
        rewrite_strip_vlan(&p);
        packet_free(&p);
    }
    bytes_uninit(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unfinished_checksum_is_right_when_finished_later),
        cmocka_unit_test(a_rewritten_super_frame_gives_right_segments),
        cmocka_unit_test(a_rewritten_tunnel_super_frame_gives_right_segments),
        cmocka_unit_test(a_wrong_checksum_stays_wrong),
        cmocka_unit_test(a_udp_checksum_never_becomes_0),
        cmocka_unit_test(random_rewrites_agree_with_frames_built_anew),
        cmocka_unit_test(so_do_those_of_ipv6_and_of_icmp),
        cmocka_unit_test(vid_and_priority_leave_the_rest_of_a_tag),
        cmocka_unit_test(without_headroom_no_tag_is_added),
        cmocka_unit_test(truncated_frames_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
