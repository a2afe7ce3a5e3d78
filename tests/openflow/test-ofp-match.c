/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the 40 bytes of a match: what they mean for packets, and what comes back. */
#include "lib/openflow/ofp-match.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* A packet's fields as the standard tells them, for an obviously right comparison. */
struct naive_packet {
    uint16_t in_port;    /* Port. */
    uint8_t dl_src[6];   /* Ethernet source. */
    uint8_t dl_dst[6];   /* Ethernet destination. */
    uint16_t dl_vlan;    /* VLAN id, 0xffff untagged. */
    uint8_t dl_vlan_pcp; /* VLAN priority, 0 untagged. */
    uint16_t dl_type;    /* Ethernet type. */
    uint8_t nw_tos;      /* All 8 bits. */
    uint8_t nw_proto;    /* IP protocol or ARP opcode. */
    uint32_t nw_src;     /* Host order. */
    uint32_t nw_dst;     /* Host order. */
    uint16_t tp_src;     /* Port or ICMP type. */
    uint16_t tp_dst;     /* Port or ICMP code. */
};

/* A number from a small generator, so that a failure repeats. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* One of the 'n' numbers at 'choices'. */
static uint16_t choose(uint32_t *seed, const uint16_t *choices, size_t n)
{
    return choices[next_random(seed) % n];
}

static const uint16_t dl_types[] = {0x0800, 0x0800, 0x86dd, 0x0806, 0x8035, 0x88cc, 0x05ff};
static const uint16_t vlans[] = {0xffff, 0, 5};
static const uint16_t protos[] = {1, 6, 17, 58, 132, 47};

/* Random fields out of few values, so that matches often hit. */
static struct naive_packet random_packet(uint32_t *seed)
{
    struct naive_packet p = {
        .in_port = (uint16_t) (1 + next_random(seed) % 2),
        .dl_src = {2, 0, 0, 0, 0, (uint8_t) (next_random(seed) % 2)},
        .dl_dst = {2, 0, 0, 0, 1, (uint8_t) (next_random(seed) % 2)},
        .dl_vlan = choose(seed, vlans, ARRAY_SIZE(vlans)),
        .dl_vlan_pcp = next_random(seed) % 2,
        .dl_type = choose(seed, dl_types, ARRAY_SIZE(dl_types)),
        .nw_tos = (uint8_t) (next_random(seed) % 8),
        .nw_proto = (uint8_t) choose(seed, protos, ARRAY_SIZE(protos)),
        .nw_src = 0x0a000000 | next_random(seed) % 4,
        .nw_dst = 0x0a000000 | next_random(seed) % 4,
        .tp_src = (uint16_t) (next_random(seed) % 2),
        .tp_dst = (uint16_t) (next_random(seed) % 2),
    };
    if (p.dl_vlan == 0xffff) {
        p.dl_vlan_pcp = 0;
    }
    return p;
}

static bool has_nw_addr(uint16_t dl_type)
{
    return dl_type == 0x0800 || dl_type == 0x0806 || dl_type == 0x8035;
}

static bool has_nw_tos(uint16_t dl_type)
{
    return dl_type == 0x0800 || dl_type == 0x86dd;
}

static bool has_nw_proto(uint16_t dl_type)
{
    return has_nw_addr(dl_type) || has_nw_tos(dl_type);
}

static bool has_ports(uint16_t dl_type, uint8_t nw_proto)
{
    bool ported = nw_proto == 6 || nw_proto == 17 || nw_proto == 132;
    return (dl_type == 0x0800 && (ported || nw_proto == 1))
           || (dl_type == 0x86dd && (ported || nw_proto == 58));
}

/* The fields as flow_extract() would give them: what a packet does not have is 0. */
static struct flow naive_flow(const struct naive_packet *p)
{
    struct flow flow = {
        .in_port = p->in_port,
        .dl_type = htons(p->dl_type),
    };
    memcpy(flow.dl_src, p->dl_src, 6);
    memcpy(flow.dl_dst, p->dl_dst, 6);
    if (p->dl_vlan != 0xffff) {
        flow.vlan_tci = htons((uint16_t) (0x1000 | p->dl_vlan | p->dl_vlan_pcp << 13));
    }
    if (has_nw_tos(p->dl_type)) {
        flow.nw_tos = p->nw_tos;
    }
    if (has_nw_proto(p->dl_type)) {
        flow.nw_proto = p->nw_proto;
    }
    if (has_nw_addr(p->dl_type)) {
        flow.nw_src = htonl(p->nw_src);
        flow.nw_dst = htonl(p->nw_dst);
    }
    if (has_ports(p->dl_type, p->nw_proto)) {
        flow.tp_src = htons(p->tp_src);
        flow.tp_dst = htons(p->tp_dst);
    }
    return flow;
}

/* The wire's match with all fields of 'p' and 'wildcards'. */
static struct ofp10_match naive_match(const struct naive_packet *p, uint32_t wildcards)
{
    struct ofp10_match w = {
        .wildcards = htonl(wildcards),
        .in_port = htons(p->in_port),
        .dl_vlan = htons(p->dl_vlan),
        .dl_vlan_pcp = p->dl_vlan_pcp,
        .dl_type = htons(p->dl_type),
        .nw_tos = p->nw_tos,
        .nw_proto = p->nw_proto,
        .nw_src = htonl(p->nw_src),
        .nw_dst = htonl(p->nw_dst),
        .tp_src = htons(p->tp_src),
        .tp_dst = htons(p->tp_dst),
    };
    memcpy(w.dl_src, p->dl_src, 6);
    memcpy(w.dl_dst, p->dl_dst, 6);
    return w;
}

/* True if the upper bits of 'a' and 'b' agree when 'ignored' low ones don't count. */
static bool naive_address_matches(uint32_t a, uint32_t b, unsigned ignored)
{
    for (unsigned bit = ignored; bit < 32; bit++) {
        if ((a >> bit & 1) != (b >> bit & 1)) {
            return false;
        }
    }
    return true;
}

/* True if the fields below IP of 'p' agree with those of 'q' that have no wildcard. */
static bool naive_link_matches(const struct naive_packet *q, uint32_t wildcards,
                               const struct naive_packet *p)
{
    return (wildcards & OFPFW_IN_PORT || q->in_port == p->in_port)
           && (wildcards & OFPFW_DL_SRC || !memcmp(q->dl_src, p->dl_src, 6))
           && (wildcards & OFPFW_DL_DST || !memcmp(q->dl_dst, p->dl_dst, 6))
           && (wildcards & OFPFW_DL_VLAN || q->dl_vlan == p->dl_vlan)
           && (wildcards & OFPFW_DL_VLAN_PCP || q->dl_vlan_pcp == p->dl_vlan_pcp)
           && (wildcards & OFPFW_DL_TYPE || q->dl_type == p->dl_type);
}

/* The same for the fields from IP on; fields that cannot apply are ignored. */
static bool naive_network_matches(const struct naive_packet *q, uint32_t wildcards,
                                  const struct naive_packet *p)
{
    uint16_t dl_type = wildcards & OFPFW_DL_TYPE ? 0 : q->dl_type;
    uint8_t nw_proto = wildcards & OFPFW_NW_PROTO ? 0 : q->nw_proto;
    if (has_nw_addr(dl_type)
        && (!naive_address_matches(q->nw_src, p->nw_src, wildcards >> 8 & 63)
            || !naive_address_matches(q->nw_dst, p->nw_dst, wildcards >> 14 & 63))) {
        return false;
    }
    if (has_nw_tos(dl_type) && !(wildcards & OFPFW_NW_TOS) && q->nw_tos / 4 != p->nw_tos / 4) {
        return false;
    }
    if (has_nw_proto(dl_type) && !(wildcards & OFPFW_NW_PROTO) && nw_proto != p->nw_proto) {
        return false;
    }
    return !has_ports(dl_type, nw_proto)
           || ((wildcards & OFPFW_TP_SRC || q->tp_src == p->tp_src)
               && (wildcards & OFPFW_TP_DST || q->tp_dst == p->tp_dst));
}

/* rows: A3.1 A3.2 A3.12. Random matches against random packets, compared with the naive twin; every
 * other match has few wildcards, so that both answers occur. */
static void random_matches_agree_with_a_naive_comparison(void **state UNUSED)
{
    uint32_t seed = 7;
    unsigned n_hits = 0;
    for (int round = 0; round < 200000; round++) {
        struct naive_packet q = random_packet(&seed);
        struct naive_packet p = random_packet(&seed);
        uint32_t wildcards = next_random(&seed) | next_random(&seed) | next_random(&seed) << 20;
        struct ofp10_match w = naive_match(&q, wildcards);
        struct match m;
        assert_int_equal(ofp_match_decode(&w, &m), (wildcards & OFPFW_ALL) == 0);

        struct flow flow = naive_flow(&p);
        bool hit = naive_link_matches(&q, wildcards, &p)
                   && naive_network_matches(&q, wildcards, &p);
        assert_int_equal(match_matches(&m, &flow), hit);
        n_hits += hit;
    }
    assert_in_range(n_hits, 1000, 199000);
}

/* Decodes 40 bytes 'hex', encodes them and compares with 'expected'. */
static void assert_comes_back_as(const char *hex, const char *expected)
{
    size_t size, expected_size;
    uint8_t *data = wire_from_hex(hex, &size);
    uint8_t *wanted = wire_from_hex(expected, &expected_size);
    assert_int_equal(size, OFP10_MATCH_SIZE);
    assert_int_equal(expected_size, OFP10_MATCH_SIZE);

    struct match m;
    struct bytes out = BYTES_INIT;
    ofp_match_decode(data, &m);
    ofp_match_encode(&m, false, &out);
    assert_int_equal(out.size, OFP10_MATCH_SIZE);
    assert_memory_equal(out.data, wanted, OFP10_MATCH_SIZE);
    bytes_uninit(&out);
    free(data);
    free(wanted);
}

/* A3.12, as Open vSwitch shows them. */
static void inapplicable_fields_come_back_wild(void **state UNUSED)
{
    /* LLDP with L3 and L4 values and no wildcards. */
    assert_comes_back_as(
        "00000000 0001 020000000001 020000000002 0005 03 00 88cc 20 06 0000 "
        "0a000001 0a000002 04d2 0050",
        "002820e0 0001 020000000001 020000000002 0005 03 00 88cc 00 00 0000 "
        "00000000 00000000 0000 0000");
    /* tp_src alone. */
    assert_comes_back_as(
        "003fffbf 0000 00*6 00*6 0000 00 00 0000 00 00 0000 00000000 00000000 04d2 0000",
        "003820ff 00*36");
    /* IPv4 and ports, without a protocol. */
    assert_comes_back_as(
        "003fff2f 0000 00*6 00*6 0000 00 00 0800 00 00 0000 00000000 00000000 04d2 0050",
        "003820ef 0000 00*6 00*6 0000 00 00 0800 00 00 0000 00*12");
    /* GRE has no ports. */
    assert_comes_back_as(
        "003fff0f 0000 00*6 00*6 0000 00 00 0800 00 2f 0000 00000000 00000000 04d2 0050",
        "003820cf 0000 00*6 00*6 0000 00 00 0800 00 2f 0000 00*12");
    /* ARP has no TOS and no ports. */
    assert_comes_back_as(
        "00100000 0001 020000000001 020000000002 ffff 00 00 0806 fc 01 0000 "
        "0a000001 0a000002 0001 0002",
        "003000c0 0001 020000000001 020000000002 ffff 00 00 0806 00 01 0000 "
        "0a000001 0a000002 0000 0000");
    /* IPv6 has no IPv4 addresses (A11.22). */
    assert_comes_back_as(
        "00000000 0001 020000000001 020000000002 ffff 00 00 86dd 20 06 0000 "
        "0a000001 0a000002 04d2 0050",
        "00082000 0001 020000000001 020000000002 ffff 00 00 86dd 20 06 0000 "
        "00000000 00000000 04d2 0050");
}

/* rows: A3.13 */
static void garbage_under_wildcards_comes_back_zero(void **state UNUSED)
{
    assert_comes_back_as("ffffffff ff*36", "003820ff 00*36");
    assert_comes_back_as("ffc00000 ff*12 ff*2 ffff ff ff 0800 ff 06 ff*2 ff*12",
                         "00000000 ff*12 ff*2 ffff 00 00 0800 fc 06 00*2 ff*12");
}

/* rows: A3.2 A11.23. Every count, both fields. */
static void all_64_prefix_counts(void **state UNUSED)
{
    for (unsigned count = 0; count < 64; count++) {
        struct ofp10_match w = {
            .wildcards = htonl((OFPFW_ALL & ~(OFPFW_DL_TYPE | OFPFW_NW_SRC_MASK
                                              | OFPFW_NW_DST_MASK))
                               | count << OFPFW_NW_SRC_SHIFT
                               | (63 - count) << OFPFW_NW_DST_SHIFT),
            .dl_type = htons(0x0800),
            .nw_src = htonl(0xa5a5a5a5),
            .nw_dst = htonl(0x5a5a5a5a),
        };
        struct match m;
        ofp_match_decode(&w, &m);
        uint32_t src_mask = count >= 32 ? 0 : 0xffffffff << count;
        uint32_t dst_mask = 63 - count >= 32 ? 0 : 0xffffffff << (63 - count);
        assert_int_equal(m.mask.nw_src, htonl(src_mask));
        assert_int_equal(m.flow.nw_src, htonl(0xa5a5a5a5 & src_mask));
        assert_int_equal(m.mask.nw_dst, htonl(dst_mask));
        assert_int_equal(m.flow.nw_dst, htonl(0x5a5a5a5a & dst_mask));

        struct bytes out = BYTES_INIT;
        ofp_match_encode(&m, false, &out);
        uint32_t wildcards = get_be32(out.data);
        assert_int_equal(wildcards >> OFPFW_NW_SRC_SHIFT & 63, MIN(count, 32U));
        assert_int_equal(wildcards >> OFPFW_NW_DST_SHIFT & 63, MIN(63 - count, 32U));
        bytes_uninit(&out);
    }
}

/* The VLAN part of the match with the VLAN fields given. */
static struct match vlan_match(bool vlan_wild, uint16_t vlan, bool pcp_wild, uint8_t pcp)
{
    struct ofp10_match w = {
        .wildcards = htonl((OFPFW_ALL & ~(OFPFW_DL_VLAN | OFPFW_DL_VLAN_PCP))
                           | (vlan_wild ? OFPFW_DL_VLAN : 0)
                           | (pcp_wild ? OFPFW_DL_VLAN_PCP : 0)),
        .dl_vlan = htons(vlan),
        .dl_vlan_pcp = pcp,
    };
    struct match m;
    ofp_match_decode(&w, &m);
    return m;
}

/* True if 'm' matches a frame with 'tci', which is 0 if it is untagged. */
static bool matches_tci(struct match m, uint16_t tci)
{
    struct flow flow = {.vlan_tci = htons(tci)};
    return match_matches(&m, &flow);
}

/* rows: A3.3 A11.20. The cases of a tag, against untagged, VID 0, VID 5, and priority 3. */
static void vlan_cases(void **state UNUSED)
{
    static const struct {
        bool vlan_wild;        /* Wildcard. */
        uint16_t vlan;         /* dl_vlan. */
        bool pcp_wild;         /* Wildcard. */
        uint8_t pcp;           /* dl_vlan_pcp. */
        bool untagged;         /* Matches a frame without a tag. */
        bool vid0;             /* Matches VID 0, PCP 0. */
        bool vid5;             /* Matches VID 5, PCP 0. */
        bool vid5_pcp3;        /* Matches VID 5, PCP 3. */
        uint16_t shown_vlan;   /* dl_vlan in statistics. */
        uint8_t shown_pcp;     /* dl_vlan_pcp in statistics. */
    } cases[] = {
        {true, 77, true, 7, true, true, true, true, 0, 0},
        {false, 0xffff, true, 7, true, false, false, false, 0xffff, 0},
        {false, 0xffff, false, 3, true, false, false, false, 0xffff, 0},
        {false, 0, true, 7, false, true, false, false, 0, 0},
        {false, 5, true, 7, false, false, true, true, 5, 0},
        {false, 5, false, 3, false, false, false, true, 5, 3},
        {false, 5, false, 0, false, false, true, false, 5, 0},
        {true, 77, false, 3, false, false, false, true, 0, 3},
        {true, 77, false, 0, true, true, true, false, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct match m = vlan_match(cases[i].vlan_wild, cases[i].vlan, cases[i].pcp_wild,
                                    cases[i].pcp);
        assert_int_equal(matches_tci(m, 0), cases[i].untagged);
        assert_int_equal(matches_tci(m, 0x1000), cases[i].vid0);
        assert_int_equal(matches_tci(m, 0x1005), cases[i].vid5);
        assert_int_equal(matches_tci(m, 0x7005), cases[i].vid5_pcp3);

        struct bytes out = BYTES_INIT;
        ofp_match_encode(&m, false, &out);
        const struct ofp10_match *w = bytes_at(&out, 0);
        assert_int_equal(!!(ntohl(w->wildcards) & OFPFW_DL_VLAN), cases[i].vlan_wild);
        assert_int_equal(!!(ntohl(w->wildcards) & OFPFW_DL_VLAN_PCP), cases[i].pcp_wild);
        assert_int_equal(ntohs(w->dl_vlan), cases[i].shown_vlan);
        assert_int_equal(w->dl_vlan_pcp, cases[i].shown_pcp);
        bytes_uninit(&out);
    }
}

/* rows: A3.8. Type and code are 8 bits. */
static void icmp_type_and_code_are_low_bytes(void **state UNUSED)
{
    assert_comes_back_as(
        "003fff0f 0000 00*6 00*6 0000 00 00 0800 00 01 0000 00*8 ff08 ff00",
        "0038200f 0000 00*6 00*6 0000 00 00 0800 00 01 0000 00*8 0008 0000");
    assert_comes_back_as(
        "003fff0f 0000 00*6 00*6 0000 00 00 86dd 00 3a 0000 00*8 ff87 ff00",
        "0038200f 0000 00*6 00*6 0000 00 00 86dd 00 3a 0000 00*8 0087 0000");
}

/* rows: A3.15 */
static void in_port_may_be_any_number(void **state UNUSED)
{
    for (unsigned port = 0; port < 65536; port++) {
        struct ofp10_match w = {.wildcards = htonl(OFPFW_ALL & ~OFPFW_IN_PORT),
                                .in_port = htons((uint16_t) port)};
        struct match m;
        ofp_match_decode(&w, &m);
        assert_int_equal(m.flow.in_port, port);
        assert_int_equal(m.mask.in_port, UINT32_MAX);
    }
}

/* rows: A11.21. As sent, before normalisation; the upper 10 bits don't count (A3.1). */
static void exact_is_judged_as_sent(void **state UNUSED)
{
    struct ofp10_match w = {.dl_type = htons(0x88cc)};
    struct match m;
    assert_true(ofp_match_decode(&w, &m));
    w.wildcards = htonl(0xffc00000);
    assert_true(ofp_match_decode(&w, &m));
    for (int bit = 0; bit < 22; bit++) {
        w.wildcards = htonl(UINT32_C(1) << bit);
        assert_false(ofp_match_decode(&w, &m));
    }
}

/* For a flow_mod that is sent on, as a proxy does. */
static void exact_is_encoded_without_wildcards(void **state UNUSED)
{
    struct ofp10_match w = {.in_port = htons(1), .dl_type = htons(0x88cc),
                            .dl_vlan = htons(OFP_VLAN_NONE)};
    struct match m, again;
    ofp_match_decode(&w, &m);
    struct bytes out = BYTES_INIT;
    ofp_match_encode(&m, true, &out);
    assert_int_equal(get_be32(out.data), 0);
    assert_true(ofp_match_decode(out.data, &again));
    assert_true(match_equal(&m, &again));
    bytes_uninit(&out);
}

/* Any 40 bytes are a match; what is decoded obeys the invariant and is a fixed point. */
static void random_bytes_settle_after_one_decoding(void **state UNUSED)
{
    uint32_t seed = 3;
    for (int round = 0; round < 50000; round++) {
        uint8_t data[OFP10_MATCH_SIZE];
        for (size_t i = 0; i < sizeof data; i++) {
            data[i] = (uint8_t) next_random(&seed);
        }
        if (round % 2) {
            put_be16(data + 22, choose(&seed, dl_types, ARRAY_SIZE(dl_types)));
            data[25] = (uint8_t) choose(&seed, protos, ARRAY_SIZE(protos));
        }

        struct match m, zeroed, again;
        ofp_match_decode(data, &m);
        zeroed = m;
        match_zero_unmasked(&zeroed);
        assert_true(match_equal(&m, &zeroed));
        ofp_match_normalize(&zeroed);
        assert_true(match_equal(&m, &zeroed));

        struct bytes out = BYTES_INIT;
        ofp_match_encode(&m, false, &out);
        ofp_match_decode(out.data, &again);
        assert_true(match_equal(&m, &again));
        bytes_uninit(&out);
    }
}

/* Masks that Nicira's matches can have and OpenFlow 1.0 can't. */
static void mask_that_can_not_be_expressed_is_written_wider(void **state UNUSED)
{
    struct match m;
    match_init_any(&m);
    m.mask.dl_type = 0xffff;
    m.flow.dl_type = htons(0x0800);
    m.mask.nw_src = htonl(0xff00ff00);
    m.flow.nw_src = htonl(0x0a000100);
    m.mask.dl_dst[0] = 1;
    m.flow.dl_dst[0] = 1;
    struct bytes out = BYTES_INIT;
    ofp_match_encode(&m, false, &out);
    size_t size;
    uint8_t *wanted = wire_from_hex(
        "003818ef 0000 00*6 00*6 0000 00 00 0800 00 00 0000 0a000000 00*8", &size);
    assert_memory_equal(out.data, wanted, size);
    free(wanted);
    bytes_uninit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_matches_agree_with_a_naive_comparison),
        cmocka_unit_test(inapplicable_fields_come_back_wild),
        cmocka_unit_test(garbage_under_wildcards_comes_back_zero),
        cmocka_unit_test(all_64_prefix_counts),
        cmocka_unit_test(vlan_cases),
        cmocka_unit_test(icmp_type_and_code_are_low_bytes),
        cmocka_unit_test(in_port_may_be_any_number),
        cmocka_unit_test(exact_is_judged_as_sent),
        cmocka_unit_test(exact_is_encoded_without_wildcards),
        cmocka_unit_test(random_bytes_settle_after_one_decoding),
        cmocka_unit_test(mask_that_can_not_be_expressed_is_written_wider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
