/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/packet/offload: what a device would have done, judged by an oracle. */
#include "lib/packet/offload.h"

#include <errno.h>

#include "lib/util.h"
#include "tests/packet/cutting.h"
#include "tests/packet/oracle.h"
#include "tests/packet/testing.h"

static void unfinished_checksums_are_finished(void **state UNUSED)
{
    static const char *const texts[] = {
        "tcp(10.0.0.1:1 > 10.0.0.2:2, size 100)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, size 101)",
        "udp(10.0.0.1:1 > 10.0.0.2:2, qinq 1, vlan 5, size 3)",
        "tcp([fc00::1]:1 > [fc00::2]:2, size 99)",
        "udp([fc00::1]:1 > [fc00::2]:2)",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct packet p;
        packet_from(&p, texts[i]);
        uint8_t *finished = xmemdup(p.data, p.size);
        unfinish(&p);
        assert_memory_not_equal(p.data, finished, p.size);
        offload_finish_checksum(&p);
        assert_memory_equal(p.data, finished, p.size);
        assert_int_equal(p.offload.flags, 0);
        free(finished);
        packet_free(&p);
    }
}

static void udp_checksum_of_zero_is_sent_as_ffff(void **state UNUSED)
{
    struct packet p;
    packet_from(&p, "udp(10.0.0.1:1 > 10.0.0.2:2, data ebd4)"); /* Makes all the words up. */
    assert_int_equal(get_be16(p.data + 40), 0xffff);
    unfinish(&p);
    offload_finish_checksum(&p);
    assert_int_equal(get_be16(p.data + 40), 0xffff);
    packet_free(&p);
}

static void unfinished_sctp_gets_its_crc(void **state UNUSED)
{
    struct packet p;
    packet_from(&p, "sctp(10.0.0.1:1 > 10.0.0.2:2, size 16)");
    uint8_t *finished = xmemdup(p.data, p.size);
    memset(p.data + 42, 0, 4);
    struct vnet_header vh = {.flags = 1, .csum_start = 34, .csum_offset = 8};
    assert_int_equal(offload_from_vnet(&p, &vh), 0);
    assert_false(offload_can_pass(&p, OFFLOAD_ALL));
    offload_finish_checksum(&p);
    assert_memory_equal(p.data, finished, p.size);
    free(finished);
    packet_free(&p);
}

static void super_frames_are_cut_into_right_segments(void **state UNUSED)
{
    static const char *const texts[] = {
        "tcp(10.0.0.1:1 > 10.0.0.2:2, size 10000, flags fin|psh|ack|cwr|ece, ipid 65534)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, pcp 3, size 5000, seq 0xfffff000, flags psh|ack)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, qinq 9, vlan 5, size 5000, df)",
        "tcp([fc00::1]:1 > [fc00::2]:2, size 5000, flags fin|ack)",
        "tcp([fc00::1]:1 > [fc00::2]:2, qinq 9, vlan 5, size 1001)",
        "udp(10.0.0.1:1 > 10.0.0.2:2, size 5001)",
        "udp([fc00::1]:1 > [fc00::2]:2, vlan 5, size 5001)",
    };
    static const uint16_t sizes[] = {1, 100, 999, 1000, 1448, 5000, 5001};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
            struct packet p;
            packet_from(&p, texts[i]);
            check_cut(&p, sizes[k]);
            packet_free(&p);
        }
    }
}

static void super_frame_of_64_kib_is_cut(void **state UNUSED)
{
    struct packet p;
    packet_from(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 4, size 65000)");
    check_cut(&p, 1448);
    packet_free(&p);
}

static void super_frames_in_tunnels_are_cut_inside(void **state UNUSED)
{
    static const char tcp4[] = "tcp(10.0.0.1:1 > 10.0.0.2:2, size 5000, flags fin|psh|ack|cwr)";
    static const char tcp6[] = "tcp([fc00::1]:1 > [fc00::2]:2, vlan 7, size 5000)";
    static const char udp4[] = "udp(10.0.0.1:1 > 10.0.0.2:2, size 5000)";
    static const char *const inner[] = {tcp4, tcp6, udp4};
    static const char *const outer[] = {
        "udp(1.0.0.1:5 > 1.0.0.2:4789, ipid 9, nosum, data 0800000000000700 ",
        "udp(1.0.0.1:5 > 1.0.0.2:4789, vlan 3, data 0800000000000700 ",
        "udp([fd00::1]:5 > [fd00::2]:4789, data 0800000000000700 ",
        "udp(1.0.0.1:5 > 1.0.0.2:6081, data 0200655800000700 0102030405060708",
        "ip(1.0.0.1 > 1.0.0.2, proto 47, data 00006558",
        "ip(1.0.0.1 > 1.0.0.2, qinq 4, proto 47, data 20006558 00000007",
    };
    for (size_t i = 0; i < ARRAY_SIZE(outer); i++) {
        for (size_t k = 0; k < ARRAY_SIZE(inner); k++) {
            struct packet p;
            tunnel_from(&p, outer[i], inner[k]);
            check_cut(&p, 1400);
            assert_false(offload_can_pass(&p, OFFLOAD_ALL));
            packet_free(&p);
        }
    }
}

/* Bytes of the IP packet in the frame of 'text', in hexadecimal, behind 'outer', in parentheses. */
static void ip_tunnel_from(struct packet *p, const char *outer, const char *inner)
{
    struct bytes frame = BYTES_INIT, text = BYTES_INIT;
    frame_from(inner, &frame);
    bytes_printf(&text, "%s", outer);
    for (size_t i = 14; i < frame.size; i++) {
        bytes_printf(&text, "%02x", frame.data[i]);
    }
    bytes_printf(&text, ")");
    packet_from(p, bytes_string(&text));
    bytes_uninit(&frame);
    bytes_uninit(&text);
}

static void super_frames_in_ip_in_ip_are_cut_inside(void **state UNUSED)
{
    static const char tcp4[] = "tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)";
    static const char tcp6[] = "tcp([fc00::1]:1 > [fc00::2]:2, size 3000)";
    static const struct {
        const char *outer, *inner;
    } rows[] = {
        {"ip(1.0.0.1 > 1.0.0.2, proto 4, data ", tcp4},
        {"ip(1.0.0.1 > 1.0.0.2, proto 41, data ", tcp6},
        {"ip([fd00::1] > [fd00::2], proto 4, data ", tcp4},
        {"ip([fd00::1] > [fd00::2], proto 41, data ", tcp6},
        {"ip(1.0.0.1 > 1.0.0.2, proto 47, data 00000800", tcp4},
        {"ip(1.0.0.1 > 1.0.0.2, proto 47, data 000086dd", tcp6},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct packet p;
        ip_tunnel_from(&p, rows[i].outer, rows[i].inner);
        check_cut(&p, 1000);
        packet_free(&p);
    }
}

static void gre_checksum_is_right_in_each_segment(void **state UNUSED)
{
    struct packet p;
    ip_tunnel_from(&p, "ip(1.0.0.1 > 1.0.0.2, proto 47, data 80000800 00000000",
                   "tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)");
    put_be16(p.data + 38, ~oracle_sum(0, p.data + 34, p.size - 34));
    check_cut(&p, 1000);
    packet_free(&p);
}

static void vxlan_on_any_port_is_found_by_the_checksum_start(void **state UNUSED)
{
    struct packet p, q;
    tunnel_from(&p, "udp(1.0.0.1:5 > 1.0.0.2:4789, data 0800000000000700 ",
                "tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)");
    make_super(&p, 1000);
    packet_exact(&q, p.data, p.size);
    q.offload = p.offload;
    put_be16(q.data + 36, 7777);
    struct catch c = {.gso_size = 1000};
    uint8_t *scratch = xmalloc(PACKET_LARGE);
    /* With port 7777 the oracle sees no tunnel: an outer UDP datagram that must be right. */
    struct oracle *o = &c.original;
    *o = (struct oracle) {.n_ids = 1, .l4 = q.data + 34};
    c.wanted = 3;
    c.gso_size = 1000 + 8 + 14 + 20 + 20;
    assert_int_equal(offload_segment(&q, scratch, catch_frame, &c), 0);
    assert_int_equal(c.n, 3);
    free(scratch);
    bytes_uninit(&c.payload);
    packet_free(&p);
    packet_free(&q);
}

/* Counts frames. */
static void count_frame(void *aux, struct packet *frame)
{
    ++*(int *) aux;
    memset(frame->data, 0, frame->size);
}

/* Keeps the frame, which is lent for the call only. */
static void keep_frame(void *aux, struct packet *frame)
{
    *(struct packet *) aux = *frame;
}

static void ordinary_frames_are_lent_or_finished_in_a_copy(void **state UNUSED)
{
    struct packet p, out;
    uint8_t *scratch = xmalloc(PACKET_LARGE);
    packet_from(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 100)");
    uint8_t *finished = xmemdup(p.data, p.size);
    assert_int_equal(offload_segment(&p, scratch, keep_frame, &out), 0);
    assert_ptr_equal(out.data, p.data);
    assert_int_equal(out.refs, 1);
    unfinish(&p);
    assert_int_equal(offload_segment(&p, scratch, keep_frame, &out), 0);
    assert_ptr_equal(out.data, scratch + PACKET_HEADROOM);
    assert_int_equal(out.size, p.size);
    assert_memory_equal(out.data, finished, p.size);
    assert_int_equal(out.refs, 0);
    assert_int_equal(p.offload.flags, PACKET_CSUM_PARTIAL);
    free(finished);
    free(scratch);
    packet_free(&p);
}

static void vnet_header_survives_the_way_in_and_out(void **state UNUSED)
{
    static const struct {
        const char *text;      /* Frame. */
        struct vnet_header vh; /* As the kernel gives it. */
    } rows[] = {
        {"tcp(10.0.0.1:1 > 10.0.0.2:2)", {0}},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2)", {.flags = 1, .csum_start = 34, .csum_offset = 16}},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)", {1, 1, 54, 1000, 34, 16}},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, size 3000)", {1, 0x81, 58, 1000, 38, 16}},
        {"tcp([fc00::1]:1 > [fc00::2]:2, size 3000)", {1, 4, 74, 1000, 54, 16}},
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 3000)", {1, 5, 42, 1000, 34, 6}},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct packet p;
        struct vnet_header vh;
        packet_from(&p, rows[i].text);
        assert_int_equal(offload_from_vnet(&p, &rows[i].vh), 0);
        assert_true(offload_can_pass(&p, OFFLOAD_ALL));
        offload_to_vnet(&p, &vh);
        assert_memory_equal(&vh, &rows[i].vh, sizeof vh);
        p.offload.header_size = 0; /* Only a hint. */
        offload_to_vnet(&p, &vh);
        assert_int_equal(vh.hdr_len, vh.gso_type ? rows[i].vh.hdr_len : 0);
        packet_free(&p);
    }
}

static void vnet_header_that_does_not_fit_is_refused(void **state UNUSED)
{
    static const struct vnet_header bad[] = {
        {1, 0, 0, 0, 3053, 16},    /* Checksum outside. */
        {1, 0, 0, 0, 65535, 65535},
        {1, 0, 0, 0, 13, 16},      /* Checksum in Ethernet. */
        {1, 1, 54, 0, 34, 16},     /* Segments of nothing. */
        {1, 1, 54, 1000, 34, 6},   /* TCP with the checksum of UDP. */
        {1, 5, 54, 1000, 34, 16},
        {1, 1, 54, 1000, 3040, 16}, /* Half a TCP header. */
        {1, 3, 42, 1000, 34, 6},   /* UDP fragmentation. */
        {1, 2, 42, 1000, 34, 6},   /* No type at all. */
        {1, 0x80, 42, 1000, 34, 6},
        {1, 1, 54, 1, 34, 16},     /* Thousands of segments. */
        {1, 1, 54, 1000, 30, 16},  /* TCP in the addresses. */
        {1, 1, 520, 1000, 500, 16}, /* Far too many headers, */
        {1, 1, 420, 1000, 400, 16}, /* and fewer, that are not there. */
    };
    struct packet p;
    packet_from(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)");
    p.data[500 + 12] = p.data[400 + 12] = 0x50; /* As if a TCP header began there. */
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        p.offload.gso = PACKET_GSO_TCP4;
        assert_int_equal(offload_from_vnet(&p, &bad[i]), EPROTO);
        assert_int_equal(p.offload.flags | p.offload.gso | p.offload.gso_size, 0);
    }
    packet_free(&p);
}

/* The fields that rules match must not change when the checksum is finished on the way out. */
static void checksum_in_a_field_that_rules_match_is_finished_on_the_way_in(void **state UNUSED)
{
    static const struct {
        const char *frame;       /* Frame. */
        struct vnet_header vnet; /* Its header. */
        bool finished;           /* On the way in. */
    } rows[] = {
        {"udp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, size 30)", {1, 0, 0, 0, 14, 0}, true},   /* TCI. */
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 30)", {1, 0, 0, 0, 14, 12}, true},    /* nw_src. */
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 30)", {1, 0, 0, 0, 34, 2}, true},     /* tp_dst. */
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 30)", {1, 0, 0, 0, 35, 1}, true},     /* tp_dst. */
        {"arp(request, 10.0.0.1 > 10.0.0.2)", {1, 0, 0, 0, 14, 14}, true},        /* nw_src. */
        {"udp(10.0.0.1:1 > 10.0.0.2:2, frag 0+, size 32)", {1, 0, 0, 0, 34, 6}, true},
        {"icmp([fc00::1] > [fc00::2], type 136, size 32)", {1, 0, 0, 0, 58, 18}, true}, /* ND. */
        {"icmp([fc00::1] > [fc00::2], type 136, size 32)", {1, 0, 0, 0, 54, 2}, false},
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 30)", {1, 0, 0, 0, 34, 6}, false},
        {"udp(10.0.0.1:1 > 10.0.0.2:4789, size 70)", {1, 0, 0, 0, 84, 6}, false}, /* In VXLAN. */
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct packet p;
        packet_from(&p, rows[i].frame);
        const struct vnet_header *vh = &rows[i].vnet;
        uint8_t *field = p.data + vh->csum_start + vh->csum_offset;
        uint16_t sum = oracle_sum(0, p.data + vh->csum_start, p.size - vh->csum_start);
        assert_int_equal(offload_from_vnet(&p, vh), 0);
        assert_int_equal(!(p.offload.flags & PACKET_CSUM_PARTIAL), rows[i].finished);
        if (rows[i].finished) {
            assert_int_equal(get_be16(field), (uint16_t) ~sum);
        }
        packet_free(&p);
    }
}

static void super_frame_of_one_segment_is_none(void **state UNUSED)
{
    struct packet p;
    packet_from(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 1000)");
    struct vnet_header vh = {1, 1, 54, 1000, 34, 16};
    assert_int_equal(offload_from_vnet(&p, &vh), 0);
    assert_int_equal(p.offload.gso, PACKET_GSO_NONE);
    assert_int_equal(p.offload.flags, PACKET_CSUM_PARTIAL);
    vh.gso_size = 999;
    assert_int_equal(offload_from_vnet(&p, &vh), 0);
    assert_int_equal(p.offload.gso, PACKET_GSO_TCP4);
    packet_free(&p);
}

static void super_frame_without_checksum_metadata_is_cut_by_its_headers(void **state UNUSED)
{
    struct packet p;
    packet_from(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)");
    struct catch c = {.gso_size = 1000, .wanted = 3};
    struct bytes original = BYTES_INIT;
    bytes_put(&original, p.data, p.size);
    oracle_check(original.data, original.size, &c.original);
    struct vnet_header vh = {2, 1, 54, 1000, 0, 0};
    assert_int_equal(offload_from_vnet(&p, &vh), 0);
    uint8_t *scratch = xmalloc(PACKET_LARGE);
    assert_int_equal(offload_segment(&p, scratch, catch_frame, &c), 0);
    assert_int_equal(c.n, 3);
    free(scratch);
    bytes_uninit(&c.payload);
    bytes_uninit(&original);
    packet_free(&p);
}

static void way_out_takes_what_it_can(void **state UNUSED)
{
    static const struct {
        const char *text;   /* Frame of 3000 bytes of payload. */
        unsigned needed;    /* What a way out must be able to. */
    } rows[] = {
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)", OFFLOAD_CSUM | OFFLOAD_TSO4},
        {"tcp([fc00::1]:1 > [fc00::2]:2, vlan 5, size 3000)", OFFLOAD_CSUM | OFFLOAD_TSO6},
        {"udp(10.0.0.1:1 > 10.0.0.2:2, size 3000)", OFFLOAD_CSUM | OFFLOAD_USO},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct packet p;
        packet_from(&p, rows[i].text);
        assert_true(offload_can_pass(&p, 0));
        make_super(&p, 1000);
        for (unsigned can = 0; can <= OFFLOAD_ALL; can++) {
            assert_int_equal(offload_can_pass(&p, can), (can & rows[i].needed) == rows[i].needed);
        }
        p.offload.gso = PACKET_GSO_NONE;
        for (unsigned can = 0; can <= OFFLOAD_ALL; can++) {
            assert_int_equal(offload_can_pass(&p, can), (can & OFFLOAD_CSUM) != 0);
        }
        packet_free(&p);
    }
}

static void label_that_is_not_the_frame_is_refused(void **state UNUSED)
{
    struct packet p;
    int n = 0;
    uint8_t *scratch = xmalloc(PACKET_LARGE);
    packet_from(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)");
    make_super(&p, 1000);
    const struct packet_offload good = p.offload;
    struct packet_offload bad[6] = {good, good, good, good, good, good};
    bad[0].gso = PACKET_GSO_TCP6;
    bad[1].gso = PACKET_GSO_UDP;
    bad[2].gso_size = 0;
    bad[3].csum_start = 35;
    bad[4].csum_start = 60000;
    bad[5].gso = 77;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        p.offload = bad[i];
        assert_int_equal(offload_segment(&p, scratch, count_frame, &n), EPROTO);
        assert_true(i == 2 || i == 5 || !offload_can_pass(&p, OFFLOAD_ALL));
    }
    assert_int_equal(n, 0);
    p.offload = good;
    p.data[46] = 0x10; /* A TCP header of 4 bytes. */
    assert_int_equal(offload_segment(&p, scratch, count_frame, &n), EPROTO);
    p.data[46] = 0x50;
    p.data[20] = 0x20; /* A fragment. */
    assert_int_equal(offload_segment(&p, scratch, count_frame, &n), EPROTO);
    assert_int_equal(n, 0);
    free(scratch);
    packet_free(&p);
}

static void any_metadata_on_any_frame_stay_in_bounds(void **state UNUSED)
{
    static const char *const texts[] = {
        "tcp(10.0.0.1:1 > 10.0.0.2:2, qinq 9, vlan 5, size 300)",
        "tcp([fc00::1]:1 > [fc00::2]:2, size 300)",
        ("udp(1.0.0.1:5 > 1.0.0.2:4789, data 0800000000000700 02000a00000202000a0000010800450000"
         "3200000000400666c40a0000010a000002000100020000000000000000 5010000000000000010203040506"
         "0708090a)"),
        ("ip(1.0.0.1 > 1.0.0.2, proto 47, data a0000800 00000000 00000001 4500003200000000400666c4"
         "0a0000010a000002000100020000000000000000 50100000000000000102030405060708090a)"),
    };
    static const uint8_t gso_types[] = {0, 1, 4, 5, 0x81, 3};
    uint64_t seed = 9;
    uint8_t *scratch = xmalloc(PACKET_LARGE);
    for (int round = 0; round < 40000; round++) {
        struct bytes frame = BYTES_INIT;
        struct packet p;
        int n = 0;
        frame_from(texts[round % ARRAY_SIZE(texts)], &frame);
        for (uint32_t k = random_below(&seed, 4); k > 0; k--) {
            frame.data[random_below(&seed, frame.size)] = random_next(&seed);
        }
        size_t cut = random_below(&seed, 3) * random_below(&seed, 40);
        packet_exact(&p, frame.data, frame.size - cut);
        struct vnet_header vh = {
            .flags = random_below(&seed, 3),
            .gso_type = gso_types[random_below(&seed, ARRAY_SIZE(gso_types))],
            .hdr_len = random_next(&seed),
            .gso_size = random_below(&seed, 100),
            .csum_start = random_below(&seed, 2) ? 34 : random_below(&seed, 120),
            .csum_offset = random_below(&seed, 2) ? 16 : random_below(&seed, 20),
        };
        if (round % 3) {
            offload_from_vnet(&p, &vh);
        } else {
            offload_guess(&p, 60 + random_below(&seed, 300));
        }
        if (!(round % 5)) {
            p.offload.csum_start = random_next(&seed);
            p.offload.csum_offset = random_next(&seed) >> random_below(&seed, 16);
        }
        offload_can_pass(&p, OFFLOAD_ALL);
        offload_to_vnet(&p, &vh);
        offload_segment(&p, scratch, count_frame, &n);
        offload_finish_checksum(&p);
        packet_free(&p);
        bytes_uninit(&frame);
    }
    free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unfinished_checksums_are_finished),
        cmocka_unit_test(udp_checksum_of_zero_is_sent_as_ffff),
        cmocka_unit_test(unfinished_sctp_gets_its_crc),
        cmocka_unit_test(super_frames_are_cut_into_right_segments),
        cmocka_unit_test(super_frame_of_64_kib_is_cut),
        cmocka_unit_test(super_frames_in_tunnels_are_cut_inside),
        cmocka_unit_test(super_frames_in_ip_in_ip_are_cut_inside),
        cmocka_unit_test(gre_checksum_is_right_in_each_segment),
        cmocka_unit_test(vxlan_on_any_port_is_found_by_the_checksum_start),
        cmocka_unit_test(ordinary_frames_are_lent_or_finished_in_a_copy),
        cmocka_unit_test(vnet_header_survives_the_way_in_and_out),
        cmocka_unit_test(vnet_header_that_does_not_fit_is_refused),
        cmocka_unit_test(checksum_in_a_field_that_rules_match_is_finished_on_the_way_in),
        cmocka_unit_test(super_frame_of_one_segment_is_none),
        cmocka_unit_test(super_frame_without_checksum_metadata_is_cut_by_its_headers),
        cmocka_unit_test(way_out_takes_what_it_can),
        cmocka_unit_test(label_that_is_not_the_frame_is_refused),
        cmocka_unit_test(any_metadata_on_any_frame_stay_in_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
