/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of matches in Nicira's form: their bytes, what is refused, and that nothing gets lost. */
#include "lib/openflow/nx-match.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/nx-fields.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-match.h"
#include "lib/openflow/ofp-message.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* Decodes the entries of 'hex', with padding behind them. */
static int decode(const char *hex, struct match *m, struct nx_cookie *cookie)
{
    size_t size, padded;
    uint8_t *data = wire_from_hex(hex, &size);
    padded = ROUND_UP(size, (size_t) 8);
    uint8_t *copy = xzalloc(padded + 1);
    memcpy(copy, data, size);
    const uint8_t *at = copy;
    size_t left = padded;
    int error = nx_match_decode(&at, &left, size, m, cookie);
    assert_true(error || (at == copy + padded && !left));
    free(copy);
    free(data);
    return error;
}

/* rows: B6 */
static void entries_need_no_alignment(void **state UNUSED)
{
    struct match m;
    struct nx_cookie cookie;
    assert_int_equal(decode("00000002 0001 00000602 0800 00000c01 06 00001402 0050 "
                            "00000f08 0a000000 ff000000 00010108 00000005 0000000f",
                            &m, &cookie), 0);
    assert_int_equal(m.flow.in_port, 1);
    assert_int_equal(m.mask.in_port, UINT32_MAX);
    assert_int_equal(m.flow.tp_dst, htons(80));
    assert_int_equal(m.flow.nw_src, htonl(0x0a000000));
    assert_int_equal(m.mask.nw_src, htonl(0xff000000));
    assert_int_equal(m.flow.regs[0], 5);
    assert_int_equal(m.mask.regs[0], 15);
    assert_int_equal(cookie.mask, 0);
}

/* rows: B6 */
static void match_without_entries_is_everything(void **state UNUSED)
{
    struct match m, any;
    match_init_any(&any);
    assert_int_equal(decode("", &m, NULL), 0);
    assert_true(match_equal(&m, &any));
}

/* rows: B6 B27 */
static void damaged_entries_are_refused(void **state UNUSED)
{
    static const struct {
        const char *hex; /* Entries. */
        int error;       /* Expected. */
    } cases[] = {
        {"00", OFPERR_NXM_INVALID},                       /* Header cut off. */
        {"000000", OFPERR_NXM_INVALID},
        {"00000002", OFPERR_NXM_INVALID},                 /* Value cut off. */
        {"00000002 00", OFPERR_NXM_INVALID},
        {"00000000", OFPERR_NXM_INVALID},                 /* No value. */
        {"000000ff 00*254", OFPERR_NXM_INVALID},
        {"000000ff 00*255", OFPERR_NXM_BAD_TYPE},         /* Longer than any field. */
        {"000001ff 00*255", OFPERR_NXM_BAD_TYPE},         /* Mask of half a byte. */
        {"00000001 01", OFPERR_NXM_BAD_TYPE},             /* Wrong length. */
        {"00000004 00000001", OFPERR_NXM_BAD_TYPE},
        {"0001fe04 00000001", OFPERR_NXM_BAD_TYPE},       /* Unknown field. */
        {"40000004 00000001", OFPERR_NXM_BAD_TYPE},       /* Unknown class. */
        {"00013c08 0000000000000001", OFPERR_NXM_BAD_TYPE}, /* The cookie, not allowed. */
        {"00010108 000000f5 0000000f", OFPERR_NXM_BAD_WILDCARDS}, /* Value outside the mask. */
        {"00000104 0001 0001", OFPERR_NXM_BAD_MASK},      /* A field without masks. */
        {"00000602 0800 00000a01 01", OFPERR_NXM_BAD_VALUE}, /* ECN in TOS. */
        {"00000602 0800 00013801 04", OFPERR_NXM_BAD_VALUE}, /* ECN has 2 bits. */
        {"00000602 0800 00013401 04", OFPERR_NXM_BAD_VALUE}, /* Fragments too. */
        {"00000602 0806 00001e02 0100", OFPERR_NXM_BAD_VALUE}, /* Opcodes have 8 bits here. */
        {"00000602 86dd 00013604 00100000", OFPERR_NXM_BAD_VALUE}, /* Labels have 20 bits. */
        {"00000e04 0a000001", OFPERR_NXM_BAD_PREREQ},     /* IP without its type. */
        {"00000602 86dd 00000e04 0a000001", OFPERR_NXM_BAD_PREREQ},
        {"00000e04 0a000001 00000602 0800", OFPERR_NXM_BAD_PREREQ}, /* Too early. */
        {"00000602 0800 00001402 0050", OFPERR_NXM_BAD_PREREQ},
        {"00000602 0800 00000c01 11 00001402 0050", OFPERR_NXM_BAD_PREREQ},
        {"00000602 86dd 00000c01 3a 00012e10 00*16", OFPERR_NXM_BAD_PREREQ},
        {"00000602 86dd 00000c01 3a 00012a01 88 00012c01 00 00013006 00*6",
         OFPERR_NXM_BAD_PREREQ},                          /* SLL in an advertisement. */
        {"00000602 0800 00000c01 06 00013401 03 00001202 0050", OFPERR_NXM_BAD_PREREQ},
        {"00000602 0800 00000c01 06 00001202 0050 00013401 03", OFPERR_NXM_BAD_PREREQ}, /* Later. */
        {"00000602 0800 00000c01 06 00001202 0050 00013401 01", 0},
        {"00000602 0800 00000c01 01 00001a01 08 00013401 03", 0}, /* Others take this too. */
        {"00000002 0001 00000002 0001", OFPERR_NXM_DUP_TYPE},
        {"00010004 00000001 00010108 00000000 00000002", OFPERR_NXM_DUP_TYPE},
        {"00010108 00000000 00000000 00010108 00000001 00000001", 0}, /* A mask of 0 is none. */
        {"00000104 0001 ffff", 0},                        /* A mask of all ones is none. */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct match m;
        int error = decode(cases[i].hex, &m, NULL);
        if (error != cases[i].error) {
            fail_msg("%s: %s", cases[i].hex, ofperr_name(error));
        }
    }
}

/* rows: B6 */
static void padding_that_is_missing_is_refused(void **state UNUSED)
{
    static const uint8_t data[8] = {0, 0, 0, 2, 0, 1};
    for (size_t there = 0; there <= 8; there++) {
        const uint8_t *at = data;
        size_t left = there;
        struct match m;
        assert_int_equal(nx_match_decode(&at, &left, 6, &m, NULL),
                         there == 8 ? 0 : OFPERR_NXM_INVALID);
    }
}

/* rows: B7 */
static void cookie_is_told_apart(void **state UNUSED)
{
    struct match m;
    struct nx_cookie cookie;
    assert_int_equal(decode("00013c08 0000000000000007", &m, &cookie), 0);
    assert_true(cookie.value == 7 && cookie.mask == UINT64_MAX);
    assert_int_equal(decode("00013d10 0000000000000007 000000000000000f 00000002 0001", &m,
                            &cookie), 0);
    assert_true(cookie.value == 7 && cookie.mask == 15);
    assert_int_equal(decode("00013c08 0000000000000007 00013c08 0000000000000007", &m, &cookie),
                     OFPERR_NXM_DUP_TYPE);
    assert_int_equal(decode("00013d10 0000000000000010 000000000000000f", &m, &cookie),
                     OFPERR_NXM_BAD_WILDCARDS);
}

/* A number from a small generator, so that a failure repeats. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* A value of a field, often with few bits. */
static nx_value random_value(uint32_t *seed)
{
    nx_value x = 0;
    for (int i = 0; i < 6; i++) {
        x = x << 24 | next_random(seed);
    }
    return next_random(seed) % 2 ? x : x >> (next_random(seed) % 120);
}

/* A value that other fields may need. */
static nx_value useful_value(const struct nx_field *f, uint32_t *seed)
{
    static const uint16_t types[] = {0x0800, 0x86dd, 0x0806, 0x8035};
    static const uint8_t protos[] = {1, 6, 17, 58, 132};
    if (f->offset == offsetof(struct flow, dl_type)) {
        return types[next_random(seed) % ARRAY_SIZE(types)];
    }
    if (f->offset == offsetof(struct flow, nw_proto) && f->prereq == NX_PREREQ_IP) {
        return protos[next_random(seed) % ARRAY_SIZE(protos)];
    }
    if (f->prereq == NX_PREREQ_ICMPV6) {
        return f->offset == offsetof(struct flow, tp_src) ? 135 + next_random(seed) % 2 : 0;
    }
    return random_value(seed);
}

/* A match of fields that may stand together, of each the one with 'chance' in 256. */
static void random_match(struct match *m, uint32_t chance, uint32_t *seed)
{
    match_init_any(m);
    for (size_t i = 0; i < nx_n_fields; i++) {
        const struct nx_field *f = &nx_fields[i];
        bool has_mask = f->is_maskable && next_random(seed) % 2;
        nx_value mask = has_mask ? random_value(seed) : ~(nx_value) 0;
        bool is_base = f->prereq == NX_PREREQ_NONE && !f->is_maskable;
        bool is_missing = m->flow.nw_frag & FLOW_FRAG_LATER && f->prereq >= NX_PREREQ_TCP;
        if (!is_missing && nx_field_fits_match(f, m) && !nx_field_load(f, &m->mask)
            && (is_base || next_random(seed) % 256 < chance)) {
            nx_field_match(f, useful_value(f, seed), mask, m);
        }
    }
}

/* rows: B6 */
static void every_match_comes_back_from_its_bytes(void **state UNUSED)
{
    uint32_t seed = 1;
    uint64_t seen = 0;
    for (int i = 0; i < 20000; i++) {
        struct match m, again;
        struct nx_cookie cookie = {.value = 5, .mask = i % 3 ? 0 : 15}, cookie_again;
        struct bytes out = BYTES_INIT;
        random_match(&m, 40u << (i % 4), &seed);
        size_t size = nx_match_encode(&m, &cookie, &out);
        assert_int_equal(out.size, nx_match_wire_size(&m, &cookie));
        assert_int_equal(out.size, ROUND_UP(size, (size_t) 8));

        const uint8_t *at = out.data;
        size_t left = out.size;
        assert_int_equal(nx_match_decode(&at, &left, size, &again, &cookie_again), 0);
        assert_true(match_equal(&m, &again));
        assert_true(cookie.mask == cookie_again.mask);
        for (size_t f = 0; f < nx_n_fields; f++) {
            bool there = nx_field_fits_match(&nx_fields[f], &m)
                         && nx_field_load(&nx_fields[f], &m.mask);
            seen |= (uint64_t) there << f;
        }
        bytes_uninit(&out);
    }
    assert_true(seen == UINT64_MAX >> (64 - nx_n_fields));
}

/* rows: B6 */
static void what_openflow_1_0_can_tell_is_the_same_in_both_forms(void **state UNUSED)
{
    uint32_t seed = 2;
    for (int i = 0; i < 20000; i++) {
        uint8_t wire[OFP10_MATCH_SIZE];
        struct match m, again;
        struct bytes out = BYTES_INIT;
        for (size_t j = 0; j < sizeof wire; j++) {
            wire[j] = (uint8_t) next_random(&seed);
        }
        static const uint8_t types[][2] = {{8, 0}, {8, 6}, {0x86, 0xdd}, {0x80, 0x35}};
        static const uint8_t protos[] = {1, 6, 17, 58, 132, 47};
        memcpy(wire + 22, types[next_random(&seed) % 4], 2);
        wire[25] = protos[next_random(&seed) % 6];
        ofp_match_decode(wire, &m);
        assert_true(nx_match_is_standard(&m));
        size_t size = nx_match_encode(&m, NULL, &out);
        const uint8_t *at = out.data;
        size_t left = out.size;
        assert_int_equal(nx_match_decode(&at, &left, size, &again, NULL), 0);
        assert_true(match_equal(&m, &again));
        bytes_uninit(&out);
    }
}

/* rows: B6 */
static void what_only_nicira_has_is_not_standard(void **state UNUSED)
{
    static const char *const hex[] = {"00010004 00000001",       "00000904 1000 1000",
                                      "0000030c 01*6 01*6",      "00000602 0800 00013801 01",
                                      "00000602 0800 00013a01 40",
                                      "00000602 0800 00000f08 0a000001 ff0000ff"};
    for (size_t i = 0; i < ARRAY_SIZE(hex); i++) {
        struct match m;
        assert_string_equal(ofperr_name(decode(hex[i], &m, NULL)), "Success");
        assert_false(nx_match_is_standard(&m));
    }
}

/* The longest match still leaves room for the longest list of actions in a statistics entry. */
static void greatest_rule_fits_into_a_reply(void **state UNUSED)
{
    struct ofp_flow_stats fs = {.table_id = 0};
    size_t longest = 0;
    uint32_t seed = 3;
    for (int i = 0; i < 5000; i++) {
        struct match m;
        random_match(&m, 256, &seed);
        size_t size = nx_match_wire_size(&m, NULL);
        if (size > longest) {
            longest = size;
            fs.match = m;
        }
    }
    assert_in_range(longest, 300, 1024);

    struct list parts;
    struct ofp_stats_writer w;
    for (int i = 0; i < ACTION_MAX_WIRE_SIZE / 8; i++) {
        action_list_append(&fs.actions, ACTION_STRIP_VLAN);
    }
    list_init(&parts);
    ofp_stats_start(&w, OFP_NXST_FLOW_REPLY, 9, &parts);
    ofp_stats_put_flow(&w, &fs);
    ofp_stats_finish(&w);
    bytes_destroy(ofp_parts_pop(&parts));
    action_list_uninit(&fs.actions);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_need_no_alignment),
        cmocka_unit_test(match_without_entries_is_everything),
        cmocka_unit_test(damaged_entries_are_refused),
        cmocka_unit_test(padding_that_is_missing_is_refused),
        cmocka_unit_test(cookie_is_told_apart),
        cmocka_unit_test(every_match_comes_back_from_its_bytes),
        cmocka_unit_test(what_openflow_1_0_can_tell_is_the_same_in_both_forms),
        cmocka_unit_test(what_only_nicira_has_is_not_standard),
        cmocka_unit_test(greatest_rule_fits_into_a_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
