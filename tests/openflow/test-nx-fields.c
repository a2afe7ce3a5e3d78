/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the fields of Nicira's extensions: their table, their bits, ranges as text. */
#include "lib/openflow/nx-fields.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/util.h"
#include "tests/unit.h"

/* The field 'name'. */
static const struct nx_field *field(const char *name)
{
    const struct nx_field *f = nx_field_by_name(name, strlen(name));
    assert_non_null(f);
    return f;
}

/* The range that 'text' writes. */
static struct nx_subfield range(const char *text)
{
    struct nx_subfield s;
    const char *end;
    assert_null(nx_subfield_parse(&s, text, &end));
    assert_string_equal(end, "");
    return s;
}

/* rows: B6 */
static void every_row_is_found_by_its_header_and_its_names(void **state UNUSED)
{
    for (size_t i = 0; i < nx_n_fields; i++) {
        const struct nx_field *f = &nx_fields[i];
        assert_ptr_equal(nx_field_by_header(f->header), f);
        assert_null(nx_field_by_header(f->header | NX_HEADER_MASKED));
        assert_ptr_equal(field(f->name), f);
        assert_ptr_equal(nx_field_by_name(f->words, strcspn(f->words, " ")), f);
        assert_int_equal(f->header & NX_HEADER_LENGTH, f->wire_size);
        assert_true(f->n_bits <= 8 * f->wire_size && f->n_bits > 0);
        assert_true(f->offset + f->size <= sizeof(struct flow));
    }
    assert_null(nx_field_by_header(nx_cookie_header));
    assert_null(nx_field_by_name("NXM_OF_", 7));
}

/* rows: B6 */
static void headers_are_the_numbers_of_the_extension(void **state UNUSED)
{
    assert_int_equal(field("NXM_OF_IN_PORT")->header, 0x00000002);
    assert_int_equal(field("NXM_OF_ETH_DST")->header, 0x00000206);
    assert_int_equal(field("NXM_OF_ARP_TPA")->header, 0x00002204);
    assert_int_equal(field("NXM_NX_REG0")->header, 0x00010004);
    assert_int_equal(field("NXM_NX_TUN_ID")->header, 0x00012008);
    assert_int_equal(field("NXM_NX_IPV6_DST")->header, 0x00012810);
    assert_int_equal(field("NXM_NX_TCP_FLAGS")->header, 0x00014402);
    assert_int_equal(nx_cookie_header, 0x00013c08);
}

/* Stores and loads touch no bit but the field's; all bits of a value come back. */
static void values_keep_to_their_bits(void **state UNUSED)
{
    for (size_t i = 0; i < nx_n_fields; i++) {
        const struct nx_field *f = &nx_fields[i];
        struct flow zeros, ones, before;
        memset(&zeros, 0, sizeof zeros);
        memset(&ones, 0xff, sizeof ones);
        before = ones;
        nx_field_store(f, ~(nx_value) 0, &zeros);
        nx_field_store(f, 0, &ones);
        assert_true(nx_field_load(f, &zeros) == nx_field_ones(f));
        assert_true(nx_field_load(f, &ones) == 0);
        for (size_t byte = 0; byte < sizeof zeros; byte++) {
            bool outside = byte < f->offset || byte >= (size_t) f->offset + f->size;
            const uint8_t *z = (const uint8_t *) &zeros + byte;
            const uint8_t *o = (const uint8_t *) &ones + byte;
            assert_true(!outside || (*z == 0 && *o == 0xff));
        }
        nx_field_store(f, ~(nx_value) 0, &ones);
        assert_true(nx_field_load(f, &ones) == nx_field_load(f, &before));
    }
}

static void members_stand_in_their_order(void **state UNUSED)
{
    struct flow flow = {.in_port = 5, .tp_src = htons(8), .regs = {[3] = 0x12345678}};
    const uint8_t mac[6] = {1, 2, 3, 4, 5, 6};
    memcpy(flow.dl_src, mac, sizeof mac);
    assert_true(nx_field_load(field("in_port"), &flow) == 5);
    assert_true(nx_field_load(field("icmp_type"), &flow) == 8);
    assert_true(nx_field_load(field("reg3"), &flow) == 0x12345678);
    assert_true(nx_field_load(field("dl_src"), &flow) == 0x010203040506);
    nx_field_store(field("NXM_OF_TCP_DST"), 443, &flow);
    assert_int_equal(ntohs(flow.tp_dst), 443);
    nx_field_store(field("NXM_NX_TUN_ID"), 7, &flow);
    assert_true(ntohll(flow.tun_id) == 7);
}

/* rows: B6 */
static void a_match_of_all_bits_is_the_one_of_openflow_1_0(void **state UNUSED)
{
    struct match m;
    match_init_any(&m);
    nx_field_match(field("in_port"), 3, ~(nx_value) 0, &m);
    nx_field_match(field("icmp_type"), 8, 0xff, &m);
    nx_field_match(field("nw_tos"), 0x20, 0xff, &m);
    assert_int_equal(m.mask.in_port, UINT32_MAX);
    assert_int_equal(m.mask.tp_src, UINT16_MAX);
    assert_int_equal(m.mask.nw_tos, 0xfc);
    nx_field_match(field("nw_ecn"), 1, 3, &m);
    assert_int_equal(m.mask.nw_tos, 0xff);
    assert_int_equal(m.flow.nw_tos, 0x21);
}

/* rows: B6 */
static void prerequisites_are_asked_of_flows_and_matches(void **state UNUSED)
{
    struct match m;
    match_init_any(&m);
    assert_true(nx_field_fits_match(field("reg0"), &m));
    assert_false(nx_field_fits_match(field("nd_sll"), &m));
    nx_field_match(field("eth_type"), 0x86dd, 0xffff, &m);
    assert_true(nx_field_fits_match(field("ipv6_src"), &m));
    assert_false(nx_field_fits_match(field("ip_src"), &m));
    nx_field_match(field("ip_proto"), 58, 0xff, &m);
    nx_field_match(field("icmpv6_type"), 135, 0xff, &m);
    assert_false(nx_field_fits_match(field("nd_sll"), &m));
    assert_true(nx_field_fits_flow(field("nd_sll"), &m.flow));
    nx_field_match(field("icmpv6_code"), 0, 0xff, &m);
    assert_true(nx_field_fits_match(field("nd_sll"), &m));
    assert_true(nx_field_fits_match(field("nd_target"), &m));
    assert_false(nx_field_fits_match(field("nd_tll"), &m));
}

/* rows: B16 */
static void ranges_move_their_bits_and_no_others(void **state UNUSED)
{
    struct flow flow = {.regs = {[0] = 0xaabbccdd, [1] = 0x11223344}};
    struct nx_subfield from = range("NXM_NX_REG0[8..23]"), to = range("reg1[4..19]");
    assert_int_equal(nx_subfield_get(&from, &flow), 0xbbcc);
    nx_subfield_copy(&from, &flow, &to, &flow);
    assert_int_equal(flow.regs[1], 0x112bbcc4);
    nx_subfield_set(&to, 0xffff0000, &flow);
    assert_int_equal(flow.regs[1], 0x11200004);

    for (int i = 0; i < 16; i++) {
        flow.ipv6_src[i] = (uint8_t) i;
    }
    from = range("ipv6_src[0..119]");
    to = range("ipv6_src[8..127]");
    nx_subfield_copy(&from, &flow, &to, &flow);
    assert_int_equal(flow.ipv6_src[0], 1);
    assert_int_equal(flow.ipv6_src[14], 15);
    assert_int_equal(flow.ipv6_src[15], 15);
}

/* rows: B16 */
static void ranges_are_written_as_they_are_read(void **state UNUSED)
{
    static const char *const texts[] = {"NXM_NX_REG0[]", "NXM_NX_REG0[0..15]", "NXM_OF_ETH_SRC[40]",
                                        "NXM_NX_IPV6_SRC[64..127]"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct nx_subfield s = range(texts[i]);
        struct bytes out = BYTES_INIT;
        nx_subfield_print(&out, &s);
        assert_string_equal(bytes_string(&out), texts[i]);
        bytes_uninit(&out);
    }
}

static void ranges_that_make_no_sense_are_refused_in_words(void **state UNUSED)
{
    static const char *const texts[] = {"NXM_NX_REG99[]", "reg0[32]", "reg0[5..4]", "reg0[0..32]",
                                        "reg0[", "reg0[1", "reg0[1..", "reg0[x]", "",
                                        "reg0[99999999999]"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct nx_subfield s;
        const char *end;
        char *error = nx_subfield_parse(&s, texts[i], &end);
        assert_non_null(error);
        free(error);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_found_by_its_header_and_its_names),
        cmocka_unit_test(headers_are_the_numbers_of_the_extension),
        cmocka_unit_test(values_keep_to_their_bits),
        cmocka_unit_test(members_stand_in_their_order),
        cmocka_unit_test(a_match_of_all_bits_is_the_one_of_openflow_1_0),
        cmocka_unit_test(prerequisites_are_asked_of_flows_and_matches),
        cmocka_unit_test(ranges_move_their_bits_and_no_others),
        cmocka_unit_test(ranges_are_written_as_they_are_read),
        cmocka_unit_test(ranges_that_make_no_sense_are_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
