/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/packet/flow: fields of frames, truncation, and a naive twin. */
#include "lib/packet/flow.h"

#include "lib/util.h"
#include "tests/packet/naive-flow.h"
#include "tests/packet/testing.h"

/* Extracts the flow of the frame of 'text'; the offsets go where they are wanted. */
static struct flow flow_of(const char *text, uint16_t *l3_offset, uint16_t *l4_offset)
{
    struct packet p;
    struct flow flow;
    packet_from(&p, text);
    p.in_port = 3;
    flow_extract(&p, &flow);
    if (l3_offset) {
        *l3_offset = p.l3_offset;
    }
    if (l4_offset) {
        *l4_offset = p.l4_offset;
    }
    packet_free(&p);
    return flow;
}

/* Frames of all kinds that flow_extract() reads, and some that it does not. */
static const char *const corpus[] = {
    "tcp(10.0.0.1:1234 > 10.0.0.2:80, flags syn|ack, tos 0xb9, ttl 17, size 10)",
    "tcp(10.0.0.1:1234 > 10.0.0.2:80, vlan 5, pcp 3, data 00)",
    "tcp(10.0.0.1:1234 > 10.0.0.2:80, qinq 5)",
    "tcp(10.0.0.1:1234 > 10.0.0.2:80, qinq 5, vlan 6)",
    "tcp(10.0.0.1:1234 > 10.0.0.2:80, snap)",
    "udp(10.0.0.1:53 > 10.0.0.2:54, vlan 7, snap, size 4)",
    "udp(10.0.0.1:53 > 10.0.0.2:54, frag 0+, size 16)",
    "udp(10.0.0.1 > 10.0.0.2, frag 24, size 16)",
    "udp(10.0.0.1:53 > 10.0.0.2:54, pad 60)",
    "sctp(10.0.0.1:53 > 10.0.0.2:54, size 12)",
    "icmp(10.0.0.1 > 10.0.0.2, type 3, code 1, size 8)",
    "ip(10.0.0.1 > 10.0.0.2, proto 47, size 8)",
    "ip(10.0.0.1 > 10.0.0.2, proto 58, size 8)",
    "tcp([fc00::1]:1234 > [fc00::2]:80, tos 0xb9, label 0x12345, ttl 3)",
    "udp([fc00::1]:1234 > [fc00::2]:80, frag 0+, size 8)",
    "udp([fc00::1] > [fc00::2], frag 8, size 8)",
    "udp([fc00::1]:1234 > [fc00::2]:80, frag 0, size 8)",
    "icmp([fe80::1] > [ff02::1], type 135, data fe800000000000000000000000000007010102aabbccddee)",
    "icmp([fe80::1] > [fe80::2], type 136, data fe800000000000000000000000000007020102aabbccddee"
    "0101020000000099)",
    "ip([fc00::1] > [fc00::2], proto 0, data 2b00000000000000 3c01000000000000 0000000000000000"
    "3300000000000000 110100000000000000000000 0035003600080000)",
    "ip([fc00::1] > [fc00::2], proto 60, data 3c00000000000000 3c00000000000000 3c00000000000000"
    "3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000 1100000000000000"
    "0035003600080000)",
    /* An option of size 0, and more options than we look at. */
    "icmp([fe80::1] > [fe80::2], type 136, data fe800000000000000000000000000007 0900000000000000"
    "0901000000000000 0901000000000000 0901000000000000 0901000000000000 0901000000000000"
    "0901000000000000 0901000000000000 02010200000001ff)",
    "icmp([fe80::1] > [fe80::2], type 136, data fe800000000000000000000000000007 0901000000000000"
    "0901000000000000 0901000000000000 0901000000000000 0901000000000000 0901000000000000"
    "0901000000000000 02010200000001ff 01010200000001fe)",
    "arp(request, 10.0.0.1 > 10.0.0.2)",
    "arp(reply, 10.0.0.1 > 10.0.0.2, vlan 5)",
    "eth(02:00:00:00:00:01 > 01:80:c2:00:00:00, data 42420300000000)",
    "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, type 0x88cc, data 0207)",
};

static void fields_of_tcp_over_ipv4(void **state UNUSED)
{
    uint16_t l3, l4;
    struct flow f = flow_of(corpus[0], &l3, &l4);
    static const uint8_t src[] = {2, 0, 10, 0, 0, 1}, dst[] = {2, 0, 10, 0, 0, 2};
    assert_int_equal(f.in_port, 3);
    assert_memory_equal(f.dl_src, src, 6);
    assert_memory_equal(f.dl_dst, dst, 6);
    assert_int_equal(ntohs(f.dl_type), 0x0800);
    assert_int_equal(f.vlan_tci, 0);
    assert_int_equal(f.nw_proto, 6);
    assert_int_equal(f.nw_tos, 0xb9); /* A3.6: DSCP and ECN are here, a mask chooses. */
    assert_int_equal(f.nw_ttl, 17);
    assert_int_equal(ntohl(f.nw_src), 0x0a000001);
    assert_int_equal(ntohl(f.nw_dst), 0x0a000002);
    assert_int_equal(ntohs(f.tp_src), 1234);
    assert_int_equal(ntohs(f.tp_dst), 80);
    assert_int_equal(ntohs(f.tcp_flags), 0x12);
    assert_int_equal(l3, 14);
    assert_int_equal(l4, 34);
}

static void tag_of_either_tpid_is_a_tag_and_a_second_ends_the_parse(void **state UNUSED)
{
    uint16_t l3;
    struct flow f = flow_of(corpus[1], &l3, NULL);
    assert_int_equal(ntohs(f.vlan_tci), 0x7005);
    assert_int_equal(ntohs(f.dl_type), 0x0800);
    assert_int_equal(ntohs(f.tp_dst), 80);
    assert_int_equal(l3, 18);

    f = flow_of(corpus[2], NULL, NULL); /* A11.14. */
    assert_int_equal(ntohs(f.vlan_tci), 0x1005);
    assert_int_equal(ntohs(f.tp_dst), 80);

    f = flow_of(corpus[3], &l3, NULL); /* A3.4. */
    assert_int_equal(ntohs(f.vlan_tci), 0x1005);
    assert_int_equal(ntohs(f.vlan_tci2), 0x1006);
    assert_int_equal(ntohs(f.dl_type), 0x8100);
    assert_int_equal(f.nw_src | f.tp_dst | f.nw_proto, 0);
    assert_int_equal(l3, UINT16_MAX);
}

static void priority_tag_differs_from_no_tag(void **state UNUSED)
{
    struct flow f = flow_of("icmp(10.0.0.1 > 10.0.0.2, vlan 0)", NULL, NULL);
    assert_int_equal(ntohs(f.vlan_tci), 0x1000);
    f = flow_of("icmp(10.0.0.1 > 10.0.0.2)", NULL, NULL);
    assert_int_equal(ntohs(f.vlan_tci), 0);
}

static void dei_bit_of_the_frame_is_not_seen(void **state UNUSED)
{
    struct flow f = flow_of("hex 020000000002 020000000001 8100 0005 88cc 00", NULL, NULL);
    assert_int_equal(ntohs(f.vlan_tci), 0x1005);
    f = flow_of("hex 020000000002 020000000001 8100 1005 88cc 00", NULL, NULL);
    assert_int_equal(ntohs(f.vlan_tci), 0x1005);
}

/* rows: A3.5 */
static void snap_with_oui_0_gives_its_type_and_other_802_3_is_05ff(void **state UNUSED)
{
    uint16_t l3;
    struct flow f = flow_of(corpus[4], &l3, NULL);
    assert_int_equal(ntohs(f.dl_type), 0x0800);
    assert_int_equal(ntohs(f.tp_dst), 80);
    assert_int_equal(l3, 22);
    static const char *const bare[] = {
        "eth(02:00:00:00:00:01 > 01:80:c2:00:00:00, data 42420300000000)",
        "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, data aaaa0300000108004500)",
        "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, data aaaa0300000005ff4500)",
        "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, data aaaa0300000008)",
        "eth(02:00:00:00:00:01 > 02:00:00:00:00:02)",
        "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, vlan 5)",
    };
    for (size_t i = 0; i < ARRAY_SIZE(bare); i++) {
        f = flow_of(bare[i], &l3, NULL);
        assert_int_equal(ntohs(f.dl_type), FLOW_DL_TYPE_NONE);
        assert_int_equal(l3, UINT16_MAX);
    }
    f = flow_of("eth(02:00:00:00:00:01 > 02:00:00:00:00:02, snap, type 0x8100, data 00050800)",
                NULL, NULL);
    assert_int_equal(ntohs(f.dl_type), 0x8100);
    assert_int_equal(f.vlan_tci, 0);
}

/* rows: A3.7 */
static void arp_gives_low_byte_of_opcode_and_ipv4_addresses(void **state UNUSED)
{
    struct flow f = flow_of("arp(request, 10.0.0.1 > 10.0.0.2)", NULL, NULL);
    static const uint8_t sha[] = {2, 0, 10, 0, 0, 1};
    assert_int_equal(f.nw_proto, 1);
    assert_int_equal(ntohl(f.nw_src), 0x0a000001);
    assert_int_equal(ntohl(f.nw_dst), 0x0a000002);
    assert_memory_equal(f.arp_sha, sha, 6);

    f = flow_of("arp(0x0101, 10.0.0.1 > 10.0.0.2)", NULL, NULL);
    assert_int_equal(f.nw_proto, 1);
    f = flow_of("eth(02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, type 0x8035, data 0001 0800 06 04 0003"
                "020000000001 00000000 020000000001 0a000007)", NULL, NULL);
    assert_int_equal(f.nw_proto, 3);
    assert_int_equal(ntohl(f.nw_dst), 0x0a000007);
}

static void arp_of_odd_sizes_is_read_by_its_sizes(void **state UNUSED)
{
    /* Hardware addresses of 8 bytes, protocol addresses of 4. */
    struct flow f = flow_of("eth(02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, type 0x0806, data 0020 0800"
                            "08 04 0002 1111111111111111 0a000001 2222222222222222 0a000002)",
                            NULL, NULL);
    static const uint8_t zero[6];
    assert_int_equal(f.nw_proto, 2);
    assert_int_equal(ntohl(f.nw_src), 0x0a000001);
    assert_int_equal(ntohl(f.nw_dst), 0x0a000002);
    assert_memory_equal(f.arp_sha, zero, 6);

    /* Protocol addresses of 3 bytes. */
    f = flow_of("eth(02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, type 0x0806, data 0001 0800 06 03 0002"
                "020000000001 0a0000 020000000002 0b0000 0000)", NULL, NULL);
    assert_int_equal(f.nw_proto, 2);
    assert_int_equal(f.nw_src | f.nw_dst, 0);

    /* Sizes that lead outside the frame. */
    f = flow_of("eth(02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, type 0x0806, data 0001 0800 ff 04 0002"
                "020000000001 0a000001 020000000002 0a000002)", NULL, NULL);
    assert_int_equal(f.nw_proto | f.nw_src | f.nw_dst, 0);
}

/* rows: A3.8 */
static void l4_ports_are_those_of_tcp_udp_sctp_and_icmp_only(void **state UNUSED)
{
    uint16_t l4;
    struct flow f = flow_of(corpus[10], NULL, &l4);
    assert_int_equal(ntohs(f.tp_src), 3);
    assert_int_equal(ntohs(f.tp_dst), 1);
    assert_int_equal(l4, 34);
    f = flow_of(corpus[9], NULL, NULL);
    assert_int_equal(f.nw_proto, 132);
    assert_int_equal(ntohs(f.tp_dst), 54);
    f = flow_of(corpus[11], NULL, &l4);
    assert_int_equal(f.nw_proto, 47);
    assert_int_equal(f.tp_src | f.tp_dst, 0);
    assert_int_equal(l4, UINT16_MAX);
    f = flow_of(corpus[12], NULL, &l4); /* ICMPv6 over IPv4 is nothing. */
    assert_int_equal(f.nw_proto, 58);
    assert_int_equal(f.tp_src | f.tp_dst, 0);
    assert_int_equal(l4, UINT16_MAX);
}

/* rows: A3.9 A11.13 T6 */
static void fragments_have_no_ports_but_the_first_in_mode_nx_match(void **state UNUSED)
{
    static const struct {
        const char *text;
        uint8_t frag;
        uint16_t nx_port;
    } rows[] = {
        {"udp(10.0.0.1:53 > 10.0.0.2:54, frag 0+, size 16)", FLOW_FRAG_ANY, 54},
        {"udp(10.0.0.1 > 10.0.0.2, frag 24+, size 16)", FLOW_FRAG_ANY | FLOW_FRAG_LATER, 0},
        {"udp(10.0.0.1 > 10.0.0.2, frag 65528, size 16)", FLOW_FRAG_ANY | FLOW_FRAG_LATER, 0},
        {"udp([fc00::1]:53 > [fc00::2]:54, frag 0+, size 16)", FLOW_FRAG_ANY, 54},
        {"udp([fc00::1] > [fc00::2], frag 24, size 16)", FLOW_FRAG_ANY | FLOW_FRAG_LATER, 0},
        {"ip(10.0.0.1 > 10.0.0.2, proto 17, frag 0+, data 00350036)", FLOW_FRAG_ANY, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct packet p;
        struct flow f;
        packet_from(&p, rows[i].text);
        flow_extract(&p, &f);
        assert_int_equal(f.nw_frag, rows[i].frag);
        assert_int_equal(f.nw_proto, 17);
        assert_int_equal(f.tp_src | f.tp_dst, 0);
        flow_add_fragment_ports(&p, &f);
        assert_int_equal(ntohs(f.tp_dst), rows[i].nx_port);
        packet_free(&p);
    }
    struct flow f = flow_of(corpus[16], NULL, NULL); /* A fragment header, but all is there. */
    assert_int_equal(f.nw_frag, 0);
    assert_int_equal(ntohs(f.tp_dst), 80);
}

static void first_fragments_have_flags_and_nx_match_leaves_whole_packets(void **state UNUSED)
{
    struct packet p;
    struct flow before, after;
    packet_from(&p, "tcp(10.0.0.1:53 > 10.0.0.2:54, frag 0+, flags syn)");
    flow_extract(&p, &after);
    assert_int_equal(ntohs(after.tcp_flags), 2);
    flow_add_fragment_ports(&p, &after);
    assert_int_equal(ntohs(after.tcp_flags), 2);
    packet_free(&p);
    packet_from(&p, corpus[0]);
    flow_extract(&p, &before);
    after = before;
    flow_add_fragment_ports(&p, &after);
    assert_memory_equal(&before, &after, sizeof after);
    packet_free(&p);
}

/* rows: A3.11 */
static void truncated_l4_header_matches_nothing_that_names_ports(void **state UNUSED)
{
    static const char *const texts[] = {
        "ip(10.0.0.1 > 10.0.0.2, proto 6, data 04d2005000000000000000005002ffff000000)",
        "ip(10.0.0.1 > 10.0.0.2, proto 17, data 00350036000800)",
        "ip(10.0.0.1 > 10.0.0.2, proto 132, data 0035003600000000000000)",
        "ip(10.0.0.1 > 10.0.0.2, proto 1, data 08000000000000)",
        "ip([fc00::1] > [fc00::2], proto 58, data 800000)",
        /* The padding is no part of the packet. */
        "ip(10.0.0.1 > 10.0.0.2, proto 17, data 00350036000800, pad 60)",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        uint16_t l3, l4;
        struct flow f = flow_of(texts[i], &l3, &l4);
        assert_int_equal(f.nw_proto | f.tp_src | f.tp_dst, 0);
        assert_int_equal(f.nw_ttl, 64);
        assert_int_equal(l3, 14);
        assert_int_equal(l4, UINT16_MAX);
    }
}

static void ipv4_header_size_finds_l4_and_must_be_possible(void **state UNUSED)
{
    uint16_t l3, l4;
    enum { NONE = UINT16_MAX };
    static const char l2[] = "hex 020000000002 020000000001 0800 ";
    static const struct {
        const char *ip;   /* The packet. */
        uint16_t l3, l4;  /* Offsets expected. */
        uint16_t tp_dst;  /* Port expected. */
    } rows[] = {
        {"46000020 00000000 40110000 0a000001 0a000002 01010101 00350036 00080000", 14, 38, 54},
        {"44000020 00000000 40110000 0a000001 0a000002 01010101 00350036 00080000", NONE, NONE, 0},
        {"4f000020 00000000 40110000 0a000001 0a000002 01010101 00350036 00080000", NONE, NONE, 0},
        /* Total sizes larger than the frame, and smaller than the header. */
        {"46000fff 00000000 40110000 0a000001 0a000002 01010101 00350036 00080000", 14, 38, 54},
        {"46000010 00000000 40110000 0a000001 0a000002 01010101 00350036 00080000", 14, NONE, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *text = xasprintf("%s%s", l2, rows[i].ip);
        struct flow f = flow_of(text, &l3, &l4);
        assert_int_equal(l3, rows[i].l3);
        assert_int_equal(l4, rows[i].l4);
        assert_int_equal(ntohs(f.tp_dst), rows[i].tp_dst);
        free(text);
    }
}

/* rows: A11.22 */
static void fields_of_ipv6_and_its_extension_headers(void **state UNUSED)
{
    uint16_t l3, l4;
    struct flow f = flow_of(corpus[13], &l3, &l4);
    assert_int_equal(ntohs(f.dl_type), 0x86dd);
    assert_int_equal(f.nw_proto, 6);
    assert_int_equal(f.nw_tos, 0xb9);
    assert_int_equal(f.nw_ttl, 3);
    assert_int_equal(ntohl(f.ipv6_label), 0x12345);
    assert_int_equal(f.ipv6_src[0], 0xfc);
    assert_int_equal(f.ipv6_dst[15], 2);
    assert_int_equal(f.nw_src | f.nw_dst, 0);
    assert_int_equal(ntohs(f.tp_dst), 80);
    assert_int_equal(l3, 14);
    assert_int_equal(l4, 54);

    f = flow_of(corpus[19], NULL, &l4); /* Hop-by-hop, routing, options, authentication. */
    assert_int_equal(f.nw_proto, 0x11);
    assert_int_equal(ntohs(f.tp_dst), 54);
    f = flow_of(corpus[20], NULL, &l4); /* As many as we follow. */
    assert_int_equal(f.nw_proto, 17);
    assert_int_equal(ntohs(f.tp_dst), 54);
    f = flow_of("ip([fc00::1] > [fc00::2], proto 60, data 3c00000000000000 3c00000000000000"
                "3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000"
                "3c00000000000000 3c00000000000000 1100000000000000 0035003600080000)", NULL, &l4);
    assert_int_equal(f.nw_proto, 0);
    assert_int_equal(f.tp_dst, 0);
    assert_int_equal(l4, UINT16_MAX);
}

static void neighbour_discovery_gives_target_and_addresses(void **state UNUSED)
{
    static const uint8_t mac[] = {2, 0xaa, 0xbb, 0xcc, 0xdd, 0xee}, zero[6];
    struct flow f = flow_of(corpus[17], NULL, NULL);
    assert_int_equal(ntohs(f.tp_src), 135);
    assert_int_equal(f.nd_target[0], 0xfe);
    assert_int_equal(f.nd_target[15], 7);
    assert_memory_equal(f.arp_sha, mac, 6);
    assert_memory_equal(f.arp_tha, zero, 6);
    f = flow_of(corpus[18], NULL, NULL);
    assert_memory_equal(f.arp_tha, mac, 6);
    assert_int_equal(f.arp_sha[5], 0x99);
}

/* Extracts with both and compares everything that they fill. */
static void compare_with_twin(const uint8_t *data, size_t size)
{
    struct packet p, q;
    struct flow fast, naive;
    packet_exact(&p, data, size);
    p.in_port = 9;
    q = p;
    memset(&fast, 0xee, sizeof fast); /* Bytes of the packet before. */
    flow_extract(&p, &fast);
    naive_flow_extract(&q, &naive);
    assert_memory_equal(&fast, &naive, sizeof fast);
    assert_int_equal(p.l3_offset, q.l3_offset);
    assert_int_equal(p.l4_offset, q.l4_offset);
    flow_add_fragment_ports(&p, &fast);
    packet_free(&p);
}

static void every_truncation_of_every_frame_is_as_the_naive_twin_has_it(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(corpus); i++) {
        struct bytes frame = BYTES_INIT;
        frame_from(corpus[i], &frame);
        for (size_t size = 0; size <= frame.size; size++) {
            compare_with_twin(frame.data, size);
        }
        bytes_uninit(&frame);
    }
}

static void mutated_frames_are_as_the_naive_twin_has_them(void **state UNUSED)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x04, 0x06, 0x08, 0x11, 0x2c, 0x33,
                                      0x3a, 0x3c, 0x45, 0x81, 0x87, 0x88, 0xaa, 0xff};
    uint64_t seed = 6;
    for (size_t i = 0; i < ARRAY_SIZE(corpus); i++) {
        struct bytes frame = BYTES_INIT;
        frame_from(corpus[i], &frame);
        for (int round = 0; round < 2000; round++) {
            uint8_t *copy = xmemdup(frame.data, frame.size);
            for (uint32_t n = random_below(&seed, 6); n > 0; n--) {
                uint32_t at = 12 + random_below(&seed, frame.size - 12);
                uint64_t r = random_next(&seed);
                copy[at] = r & 1 ? telling[r >> 8 & 15] : r >> 8;
            }
            compare_with_twin(copy, frame.size - random_below(&seed, 3));
            free(copy);
        }
        bytes_uninit(&frame);
    }
}

static void random_frames_are_as_the_naive_twin_has_them(void **state UNUSED)
{
    static const uint16_t types[] = {0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8, 0x0010, 0x8035};
    uint64_t seed = 7;
    for (int round = 0; round < 30000; round++) {
        uint8_t data[160];
        for (size_t i = 0; i < sizeof data; i++) {
            data[i] = random_next(&seed) & random_next(&seed);
        }
        put_be16(data + 12, types[random_below(&seed, ARRAY_SIZE(types))]);
        put_be16(data + 16, types[random_below(&seed, ARRAY_SIZE(types))]);
        compare_with_twin(data, random_below(&seed, sizeof data + 1));
    }
}

static void longest_chain_of_extension_headers_is_followed(void **state UNUSED)
{
    static uint8_t frame[70000];
    struct bytes start = BYTES_INIT;
    frame_from("ip([fc00::1] > [fc00::2], proto 60)", &start);
    memcpy(frame, start.data, start.size);
    put_be16(frame + 18, 65535);
    size_t at = 54;
    for (int i = 0; i < 8; i++, at += 2048) {
        frame[at] = i < 7 ? 60 : 17;
        frame[at + 1] = 255;
    }
    put_be16(frame + at + 2, 53);
    bytes_uninit(&start);
    struct packet p;
    struct flow flow;
    packet_exact(&p, frame, sizeof frame);
    flow_extract(&p, &flow);
    assert_int_equal(p.l4_offset, at);
    assert_int_equal(ntohs(flow.tp_dst), 53);
    packet_free(&p);
    compare_with_twin(frame, sizeof frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_tcp_over_ipv4),
        cmocka_unit_test(tag_of_either_tpid_is_a_tag_and_a_second_ends_the_parse),
        cmocka_unit_test(priority_tag_differs_from_no_tag),
        cmocka_unit_test(dei_bit_of_the_frame_is_not_seen),
        cmocka_unit_test(snap_with_oui_0_gives_its_type_and_other_802_3_is_05ff),
        cmocka_unit_test(arp_gives_low_byte_of_opcode_and_ipv4_addresses),
        cmocka_unit_test(arp_of_odd_sizes_is_read_by_its_sizes),
        cmocka_unit_test(l4_ports_are_those_of_tcp_udp_sctp_and_icmp_only),
        cmocka_unit_test(fragments_have_no_ports_but_the_first_in_mode_nx_match),
        cmocka_unit_test(first_fragments_have_flags_and_nx_match_leaves_whole_packets),
        cmocka_unit_test(truncated_l4_header_matches_nothing_that_names_ports),
        cmocka_unit_test(ipv4_header_size_finds_l4_and_must_be_possible),
        cmocka_unit_test(fields_of_ipv6_and_its_extension_headers),
        cmocka_unit_test(neighbour_discovery_gives_target_and_addresses),
        cmocka_unit_test(every_truncation_of_every_frame_is_as_the_naive_twin_has_it),
        cmocka_unit_test(mutated_frames_are_as_the_naive_twin_has_them),
        cmocka_unit_test(random_frames_are_as_the_naive_twin_has_them),
        cmocka_unit_test(longest_chain_of_extension_headers_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
