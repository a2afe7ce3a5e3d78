/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of action lists on the wire and in memory. */
#include "lib/openflow/ofp-actions.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* Decodes the actions 'hex' and releases them; returns the error. */
static int decode(const char *hex, bool in_flow)
{
    size_t size;
    uint8_t *data = wire_from_hex(hex, &size);
    struct action_list list;
    int error = action_list_decode(&list, data, size, in_flow);
    if (error) {
        assert_null(list.first);
        assert_int_equal(list.size, 0);
    }
    action_list_uninit(&list);
    free(data);
    return error;
}

/* Decodes 'n' times the action of 'size' bytes at 'wire'. */
static int decode_many(const void *wire, size_t size, size_t n, bool in_flow)
{
    struct bytes b = BYTES_INIT;
    for (size_t i = 0; i < n; i++) {
        bytes_put(&b, wire, size);
    }
    struct action_list list;
    int error = action_list_decode(&list, b.data, b.size, in_flow);
    action_list_uninit(&list);
    bytes_uninit(&b);
    return error;
}

static void every_action_is_decoded(void **state UNUSED)
{
    static const char hex[] = "0000 0008 0001 0080 "
                              "0001 0008 0fff 0000 "
                              "0002 0008 07 000000 "
                              "0003 0008 00000000 "
                              "0004 0010 020000000003 00*6 "
                              "0005 0010 020000000004 00*6 "
                              "0006 0008 0a000003 "
                              "0007 0008 0a000004 "
                              "0008 0008 fc 000000 "
                              "0009 0008 1234 0000 "
                              "000a 0008 0050 0000 "
                              "000b 0010 fff8 00*6 01020304 ";
    size_t size;
    uint8_t *data = wire_from_hex(hex, &size);
    struct action_list list;
    assert_int_equal(action_list_decode(&list, data, size, true), 0);
    assert_int_equal(list.size, N_STANDARD_ACTIONS * sizeof(struct action));

    struct action *a;
    int type = 0;
    ACTION_FOR_EACH (a, &list) {
        assert_int_equal(a->type, type);
        assert_int_equal(a->size, sizeof *a);
        type++;
    }
    a = list.first;
    assert_int_equal(a[ACTION_OUTPUT].output.port, 1);
    assert_int_equal(a[ACTION_OUTPUT].output.max_len, 128);
    assert_int_equal(a[ACTION_SET_VLAN_VID].vlan_vid, 4095);
    assert_int_equal(a[ACTION_SET_VLAN_PCP].vlan_pcp, 7);
    assert_memory_equal(a[ACTION_SET_DL_SRC].dl_addr, "\2\0\0\0\0\3", 6);
    assert_memory_equal(a[ACTION_SET_DL_DST].dl_addr, "\2\0\0\0\0\4", 6);
    assert_int_equal(a[ACTION_SET_NW_SRC].nw_addr, htonl(0x0a000003));
    assert_int_equal(a[ACTION_SET_NW_DST].nw_addr, htonl(0x0a000004));
    assert_int_equal(a[ACTION_SET_NW_TOS].nw_tos, 0xfc);
    assert_int_equal(a[ACTION_SET_TP_SRC].tp_port, htons(0x1234));
    assert_int_equal(a[ACTION_SET_TP_DST].tp_port, htons(80));
    assert_int_equal(a[ACTION_ENQUEUE].enqueue.port, OFPP_IN_PORT);
    assert_int_equal(a[ACTION_ENQUEUE].enqueue.queue, 0x01020304);

    assert_int_equal(action_list_wire_size(&list), size);
    action_list_uninit(&list);
    free(data);
}

/* rows: A5.20. Byte for byte, but paddings are zeroed. */
static void list_is_encoded_as_it_came_with_zero_paddings(void **state UNUSED)
{
    size_t size, clean_size;
    uint8_t *data = wire_from_hex("0001 0008 0005 ffff 0003 0008 ffffffff "
                                  "0004 0010 020000000003 ffffffffffff "
                                  "000b 0010 0001 ffffffffffff 00000007", &size);
    uint8_t *clean = wire_from_hex("0001 0008 0005 0000 0003 0008 00000000 "
                                   "0004 0010 020000000003 00*6 "
                                   "000b 0010 0001 00*6 00000007", &clean_size);
    struct action_list list;
    assert_int_equal(action_list_decode(&list, data, size, true), 0);

    struct bytes out = BYTES_INIT;
    action_list_encode(&list, &out);
    assert_int_equal(out.size, clean_size);
    assert_memory_equal(out.data, clean, clean_size);
    bytes_uninit(&out);
    action_list_uninit(&list);
    free(data);
    free(clean);
}

static void empty_list_means_drop(void **state UNUSED)
{
    struct action_list list;
    assert_int_equal(action_list_decode(&list, "", 0, true), 0);
    assert_null(list.first);
    assert_int_equal(list.size, 0);
    action_list_uninit(&list);
}

/* rows: A5.2 */
static void wrong_lengths_are_bad_len(void **state UNUSED)
{
    static const char *const hexes[] = {
        "00",                                    /* Header cut off. */
        "0000 0008 0001 00",                     /* Action cut off. */
        "0000 0000 0001 0000",                   /* Length 0 must not loop. */
        "0000 0004 0001 0000",                   /* Shorter than the header. */
        "0000 0007 0001 0000",                   /* No multiple of 8. */
        "0000 000c 0001 0000 00000000",          /* No multiple of 8. */
        "0000 0010 0001 0000 00000000 00000000", /* Not that of the type. */
        "0000 0010 0001 0000",                   /* Beyond the end. */
        "0000 fff8 0001 0000",                   /* Far beyond the end. */
        "0004 0008 0200 0000",                   /* Too short for the type. */
        "000b 0008 0001 0000",                   /* Too short for the type. */
        "0003 0010 00000000 00000000 00000000",  /* Too long for the type. */
        "0000 0008 0001 0000 00000000",          /* Rest behind the last action. */
        "ffff 0000 00002320",                    /* Vendor action of length 0. */
        "ffff 0008 00002320",                    /* Nicira's without a subtype. */
    };
    for (size_t i = 0; i < ARRAY_SIZE(hexes); i++) {
        assert_int_equal(decode(hexes[i], true), OFPERR_BAD_ACTION_BAD_LEN);
        assert_int_equal(decode(hexes[i], false), OFPERR_BAD_ACTION_BAD_LEN);
    }
}

/* rows: A5.2. Every type that is not in the standard. */
static void unknown_types_are_bad_type(void **state UNUSED)
{
    uint8_t wire[8] = {0, 0, 0, 8};
    for (unsigned type = OFPAT_ENQUEUE + 1; type < OFPAT_VENDOR; type++) {
        put_be16(wire, (uint16_t) type);
        struct action_list list;
        assert_int_equal(action_list_decode(&list, wire, sizeof wire, true),
                         OFPERR_BAD_ACTION_BAD_TYPE);
    }
}

/* rows: A5.18 */
static void vendor_actions_are_bad_vendor_or_bad_vendor_type(void **state UNUSED)
{
    assert_int_equal(decode("ffff 0008 00000000", true), OFPERR_BAD_ACTION_BAD_VENDOR);
    assert_int_equal(decode("ffff 0010 005c16c7 00*8", true), OFPERR_BAD_ACTION_BAD_VENDOR);
    assert_int_equal(decode("ffff 0010 00002320 270f 00*6", true),
                     OFPERR_BAD_ACTION_BAD_VENDOR_TYPE);
}

/* rows: A5.4 A5.6 A11.8 A11.18. Each of the 65536 port numbers. */
static void output_to_all_65536_ports(void **state UNUSED)
{
    uint8_t wire[8] = {0, OFPAT_OUTPUT, 0, 8};
    for (unsigned port = 0; port < 65536; port++) {
        put_be16(wire + 4, (uint16_t) port);
        bool physical = port >= 1 && port <= 0xfeff;
        bool reserved = port >= 0xfff8 && port <= 0xfffe;
        bool table = port == 0xfff9;
        for (int in_flow = 0; in_flow < 2; in_flow++) {
            struct action_list list;
            int error = action_list_decode(&list, wire, sizeof wire, in_flow);
            bool valid = physical || (reserved && !(table && in_flow));
            assert_int_equal(error, valid ? 0 : OFPERR_BAD_ACTION_BAD_OUT_PORT);
            assert_int_equal(action_port_is_valid((uint16_t) port, in_flow), valid);
            action_list_uninit(&list);
        }
    }
}

/* rows: A5.17. A physical port, IN_PORT or LOCAL. */
static void enqueue_to_all_65536_ports(void **state UNUSED)
{
    uint8_t wire[16] = {0, OFPAT_ENQUEUE, 0, 16};
    for (unsigned port = 0; port < 65536; port++) {
        put_be16(wire + 4, (uint16_t) port);
        struct action_list list;
        int error = action_list_decode(&list, wire, sizeof wire, true);
        bool valid = (port >= 1 && port <= 0xfeff) || port == 0xfff8 || port == 0xfffe;
        assert_int_equal(error, valid ? 0 : OFPERR_BAD_ACTION_BAD_OUT_PORT);
        action_list_uninit(&list);
    }
}

/* rows: A5.11 A5.12 A5.15 */
static void arguments_out_of_range_are_bad_argument(void **state UNUSED)
{
    uint8_t vid[8] = {0, OFPAT_SET_VLAN_VID, 0, 8};
    for (unsigned x = 0; x < 65536; x++) {
        put_be16(vid + 4, (uint16_t) x);
        assert_int_equal(decode_many(vid, sizeof vid, 1, true),
                         x <= 4095 ? 0 : OFPERR_BAD_ACTION_BAD_ARGUMENT);
    }
    for (unsigned x = 0; x < 256; x++) {
        uint8_t pcp[8] = {0, OFPAT_SET_VLAN_PCP, 0, 8, (uint8_t) x};
        assert_int_equal(decode_many(pcp, sizeof pcp, 1, true),
                         x <= 7 ? 0 : OFPERR_BAD_ACTION_BAD_ARGUMENT);
        uint8_t tos[8] = {0, OFPAT_SET_NW_TOS, 0, 8, (uint8_t) x};
        assert_int_equal(decode_many(tos, sizeof tos, 1, true),
                         x % 4 == 0 ? 0 : OFPERR_BAD_ACTION_BAD_ARGUMENT);
    }
}

/* rows: A5.19 */
static void more_than_2048_outputs_are_too_many(void **state UNUSED)
{
    static const uint8_t output[8] = {0, OFPAT_OUTPUT, 0, 8, 0, 1};
    static const uint8_t enqueue[16] = {0, OFPAT_ENQUEUE, 0, 16, 0, 1};
    assert_int_equal(decode_many(output, 8, 2048, true), 0);
    assert_int_equal(decode_many(output, 8, 2049, true), OFPERR_BAD_ACTION_TOO_MANY);
    assert_int_equal(decode_many(output, 8, 2048, false), 0);
    assert_int_equal(decode_many(output, 8, 2049, false), OFPERR_BAD_ACTION_TOO_MANY);
    assert_int_equal(decode_many(enqueue, 16, 2048, true), 0);
    assert_int_equal(decode_many(enqueue, 16, 2049, true), OFPERR_BAD_ACTION_TOO_MANY);
}

static void rule_whose_statistics_would_not_fit_is_too_many(void **state UNUSED)
{
    static const uint8_t strip[8] = {0, OFPAT_STRIP_VLAN, 0, 8};
    size_t most = ACTION_MAX_WIRE_SIZE / 8;
    assert_true(12 + 88 + most * 8 <= 65535);
    assert_int_equal(decode_many(strip, 8, most, true), 0);
    assert_int_equal(decode_many(strip, 8, most + 1, true), OFPERR_BAD_ACTION_TOO_MANY);
    assert_int_equal(decode_many(strip, 8, most + 1, false), 0);
}

static void first_fault_on_the_wire_decides(void **state UNUSED)
{
    assert_int_equal(decode("0001 0008 ffff 0000 00ff 0008 00000000", true),
                     OFPERR_BAD_ACTION_BAD_ARGUMENT);
    assert_int_equal(decode("00ff 0008 00000000 0001 0008 ffff 0000", true),
                     OFPERR_BAD_ACTION_BAD_TYPE);
    assert_int_equal(decode("0000 0008 0000 0000 0000 0000 0000 0000", true),
                     OFPERR_BAD_ACTION_BAD_OUT_PORT);
    assert_int_equal(decode("0000 0008 0001 0000 0000 0000 0000 0000", true),
                     OFPERR_BAD_ACTION_BAD_LEN);
}

/* Other switches allow what we refuse; their statistics must be readable. */
static void what_another_switch_reports_is_taken_as_it_is(void **state UNUSED)
{
    static const char hex[] = "0000 0008 0000 0000 0000 0008 fff9 0000 "
                              "0001 0008 ffff 0000 0008 0008 03 000000";
    size_t size;
    uint8_t *data = wire_from_hex(hex, &size);
    assert_int_equal(action_list_validate_any(data, size), 0);

    struct action_list list;
    assert_int_equal(action_list_decode_any(&list, data, size), 0);
    assert_int_equal(list.size, 4 * sizeof(struct action));
    assert_int_equal(wire_check_actions(&list, false), OFPERR_BAD_ACTION_BAD_OUT_PORT);
    action_list_uninit(&list);

    assert_int_equal(action_list_validate_any(data, size - 1), OFPERR_BAD_ACTION_BAD_LEN);
    assert_int_equal(action_list_decode_any(&list, data, size - 1), OFPERR_BAD_ACTION_BAD_LEN);
    free(data);
}

static void what_was_made_is_judged_as_what_came(void **state UNUSED)
{
    struct action_list list;
    action_list_init(&list);
    assert_int_equal(wire_check_actions(&list, true), 0);
    action_list_append(&list, ACTION_OUTPUT)->output.port = OFPP_TABLE;
    assert_int_equal(wire_check_actions(&list, false), 0);
    assert_int_equal(wire_check_actions(&list, true), OFPERR_BAD_ACTION_BAD_OUT_PORT);
    list.first->output.port = 1;
    for (int i = 1; i < ACTION_MAX_OUTPUTS; i++) {
        action_list_append(&list, ACTION_OUTPUT)->output.port = 1;
    }
    assert_int_equal(wire_check_actions(&list, true), 0);
    action_list_append(&list, ACTION_OUTPUT)->output.port = 1;
    assert_int_equal(wire_check_actions(&list, true), OFPERR_BAD_ACTION_TOO_MANY);
    action_list_uninit(&list);
}

/* rows: A4.7 A11.7 */
static void out_port_filter_sees_outputs_and_enqueues(void **state UNUSED)
{
    struct action_list list;
    action_list_init(&list);
    assert_false(action_list_outputs_to(&list, 1));
    action_list_append(&list, ACTION_SET_VLAN_VID)->vlan_vid = 3;
    action_list_append(&list, ACTION_OUTPUT)->output.port = 1;
    action_list_append(&list, ACTION_ENQUEUE)->enqueue.port = 2;
    action_list_append(&list, ACTION_OUTPUT)->output.port = OFPP_CONTROLLER;
    assert_true(action_list_outputs_to(&list, 1));
    assert_true(action_list_outputs_to(&list, 2));
    assert_false(action_list_outputs_to(&list, 3));
    assert_true(action_list_outputs_to(&list, OFPP_CONTROLLER));
    action_list_uninit(&list);
}

static void clone_is_equal_until_changed(void **state UNUSED)
{
    struct action_list list, copy;
    action_list_init(&list);
    action_list_clone(&copy, &list);
    assert_null(copy.first);
    assert_true(action_list_equal(&list, &copy));
    action_list_append(&list, ACTION_STRIP_VLAN);
    action_list_append(&list, ACTION_ENQUEUE)->enqueue.queue = 9;
    assert_false(action_list_equal(&list, &copy));
    action_list_clone(&copy, &list);
    assert_true(action_list_equal(&list, &copy));
    copy.first[1].enqueue.queue = 8;
    assert_false(action_list_equal(&list, &copy));
    action_list_uninit(&list);
    action_list_uninit(&copy);
}

/* A number from a small generator, so that a failure repeats. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* A random valid action. */
static void append_random(struct action_list *list, uint32_t *seed)
{
    enum action_type type = next_random(seed) % N_STANDARD_ACTIONS;
    struct action *a = action_list_append(list, type);
    uint32_t x = next_random(seed);
    switch ((enum action_type) a->type) {
    case ACTION_OUTPUT:
        a->output.port = (uint16_t) (1 + x % 0xfeff);
        a->output.max_len = (uint16_t) next_random(seed);
        break;
    case ACTION_ENQUEUE:
        a->enqueue.port = (uint16_t) (1 + x % 0xfeff);
        a->enqueue.queue = next_random(seed);
        break;
    case ACTION_SET_VLAN_VID:
        a->vlan_vid = x & 0xfff;
        break;
    case ACTION_SET_VLAN_PCP:
        a->vlan_pcp = x & 7;
        break;
    case ACTION_SET_NW_TOS:
        a->nw_tos = x & 0xfc;
        break;
    case ACTION_SET_DL_SRC:
    case ACTION_SET_DL_DST:
        memcpy(a->dl_addr, &x, sizeof x);
        break;
    case ACTION_SET_NW_SRC:
    case ACTION_SET_NW_DST:
        a->nw_addr = x;
        break;
    case ACTION_SET_TP_SRC:
    case ACTION_SET_TP_DST:
        a->tp_port = (be16) x;
        break;
    case ACTION_STRIP_VLAN:
    default:
        break;
    }
}

/* rows: A5.20 */
static void random_lists_survive_the_wire(void **state UNUSED)
{
    uint32_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        struct action_list list, again;
        action_list_init(&list);
        for (uint32_t n = next_random(&seed) % 20; n > 0; n--) {
            append_random(&list, &seed);
        }
        struct bytes wire = BYTES_INIT;
        action_list_encode(&list, &wire);
        assert_int_equal(wire.size, action_list_wire_size(&list));
        assert_int_equal(action_list_decode(&again, wire.data, wire.size, true), 0);
        assert_true(action_list_equal(&list, &again));
        bytes_uninit(&wire);
        action_list_uninit(&list);
        action_list_uninit(&again);
    }
}

/* rows: A2.3. The standard's twelve actions. */
static void bitmap_is_that_of_the_features_reply(void **state UNUSED)
{
    assert_int_equal(action_bitmap(), 0xfff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_is_decoded),
        cmocka_unit_test(list_is_encoded_as_it_came_with_zero_paddings),
        cmocka_unit_test(empty_list_means_drop),
        cmocka_unit_test(wrong_lengths_are_bad_len),
        cmocka_unit_test(unknown_types_are_bad_type),
        cmocka_unit_test(vendor_actions_are_bad_vendor_or_bad_vendor_type),
        cmocka_unit_test(output_to_all_65536_ports),
        cmocka_unit_test(enqueue_to_all_65536_ports),
        cmocka_unit_test(arguments_out_of_range_are_bad_argument),
        cmocka_unit_test(more_than_2048_outputs_are_too_many),
        cmocka_unit_test(rule_whose_statistics_would_not_fit_is_too_many),
        cmocka_unit_test(first_fault_on_the_wire_decides),
        cmocka_unit_test(what_another_switch_reports_is_taken_as_it_is),
        cmocka_unit_test(what_was_made_is_judged_as_what_came),
        cmocka_unit_test(out_port_filter_sees_outputs_and_enqueues),
        cmocka_unit_test(clone_is_equal_until_changed),
        cmocka_unit_test(random_lists_survive_the_wire),
        cmocka_unit_test(bitmap_is_that_of_the_features_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
