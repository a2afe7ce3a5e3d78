/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the message table: every type, direction, version and length. */
#include "lib/openflow/ofp-msgs.h"

#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* Decodes, releases and returns the error; '*kind' is what it was. */
static int decode(const void *data, size_t size, bool from_controller, enum ofp_kind *kind)
{
    struct ofp_message m;
    int error = ofp_message_decode(&m, data, size, from_controller);
    *kind = m.kind;
    ofp_message_uninit(&m);
    return error;
}

/* Decodes a message of 'size' bytes that is all zero behind its header. */
static int decode_blank(uint8_t version, uint8_t type, size_t size, bool from_controller)
{
    uint8_t *data = xzalloc(size);
    data[0] = version;
    data[1] = type;
    put_be16(data + 2, (uint16_t) size);
    enum ofp_kind kind;
    int error = decode(data, size, from_controller, &kind);
    free(data);
    return error;
}

static void every_kind_has_a_sample(void **state UNUSED)
{
    bool seen[N_OFP_KINDS] = {false};
    for (size_t i = 0; i < n_wire_samples; i++) {
        seen[wire_samples[i].kind] = true;
    }
    for (int kind = 0; kind < N_OFP_KINDS; kind++) {
        assert_true(seen[kind]);
    }
}

static void every_sample_decodes_and_encodes_to_the_same_bytes(void **state UNUSED)
{
    for (size_t i = 0; i < n_wire_samples; i++) {
        const struct wire_sample *s = &wire_samples[i];
        size_t size;
        uint8_t *data = wire_from_hex(s->hex, &size);

        struct ofp_message m;
        assert_int_equal(ofp_message_decode(&m, data, size, s->from_controller), 0);
        assert_int_equal(m.kind, s->kind);
        assert_int_equal(m.version, data[0]);
        assert_int_equal(m.xid, get_be32(data + 4));
        assert_ptr_equal(m.raw, data);
        assert_int_equal(m.raw_size, size);

        struct bytes *again = ofp_message_encode(&m);
        assert_non_null(again);
        assert_int_equal(again->size, size);
        assert_memory_equal(again->data, data, size);
        bytes_destroy(again);
        ofp_message_uninit(&m);
        ofp_message_uninit(&m);
        free(data);
    }
}

/* rows: A1.14. What only the other side sends is BAD_TYPE; symmetric ones pass either way. */
static void every_sample_from_the_wrong_side_is_bad_type(void **state UNUSED)
{
    for (size_t i = 0; i < n_wire_samples; i++) {
        const struct wire_sample *s = &wire_samples[i];
        size_t size;
        uint8_t *data = wire_from_hex(s->hex, &size);
        enum ofp_kind kind;
        bool symmetric = s->kind <= OFP_VENDOR;
        assert_int_equal(decode(data, size, !s->from_controller, &kind),
                         symmetric ? 0 : OFPERR_BAD_REQUEST_BAD_TYPE);
        assert_int_equal(kind, symmetric ? s->kind : N_OFP_KINDS);
        free(data);
    }
}

/* rows: A1.15. Every length of every message, with a length field that agrees; under a sanitizer
 * this finds a decoder that trusts a length. */
static void every_truncation_of_every_sample_is_safe(void **state UNUSED)
{
    for (size_t i = 0; i < n_wire_samples; i++) {
        const struct wire_sample *s = &wire_samples[i];
        size_t full;
        uint8_t *data = wire_from_hex(s->hex, &full);
        for (size_t size = 0; size < full + 64; size++) {
            uint8_t *cut = wire_cut(data, full, size);
            enum ofp_kind kind;
            int error = decode(cut, size, s->from_controller, &kind);
            assert_true(error == 0 || ofperr_is(error));
            assert_true(size >= OFP_HEADER_SIZE || error == OFPERR_BAD_REQUEST_BAD_LEN);
            assert_true((kind == N_OFP_KINDS) == (error != 0));
            free(cut);
        }
        free(data);
    }
}

/* The sizes that each kind may have, told independently of the table. */
static const struct {
    enum ofp_kind kind; /* Kind. */
    size_t size;        /* Least size. */
    size_t step;        /* And multiples of this more; 0 none, 1 any. */
} sizes[] = {
    {OFP_HELLO, 8, 1},
    {OFP_ERROR, 12, 1},
    {OFP_ECHO_REQUEST, 8, 1},
    {OFP_ECHO_REPLY, 8, 1},
    {OFP_VENDOR, 12, 1},
    {OFP_FEATURES_REQUEST, 8, 0},
    {OFP_FEATURES_REPLY, 32, 48},
    {OFP_GET_CONFIG_REQUEST, 8, 0},
    {OFP_GET_CONFIG_REPLY, 12, 0},
    {OFP_SET_CONFIG, 12, 0},
    {OFP_PACKET_IN, 18, 1},
    {OFP_FLOW_REMOVED, 88, 0},
    {OFP_PORT_STATUS, 64, 0},
    {OFP_PACKET_OUT, 16, 1},
    {OFP_FLOW_MOD, 72, 8},
    {OFP_PORT_MOD, 32, 0},
    {OFP_BARRIER_REQUEST, 8, 0},
    {OFP_BARRIER_REPLY, 8, 0},
    {OFP_QUEUE_GET_CONFIG_REQUEST, 12, 0},
    {OFP_QUEUE_GET_CONFIG_REPLY, 16, 1},
    {OFP_DESC_REQUEST, 12, 0},
    {OFP_DESC_REPLY, 1068, 0},
    {OFP_FLOW_STATS_REQUEST, 56, 0},
    {OFP_FLOW_STATS_REPLY, 12, 1},
    {OFP_AGGREGATE_REQUEST, 56, 0},
    {OFP_AGGREGATE_REPLY, 36, 0},
    {OFP_TABLE_STATS_REQUEST, 12, 0},
    {OFP_TABLE_STATS_REPLY, 12, 64},
    {OFP_PORT_STATS_REQUEST, 20, 0},
    {OFP_PORT_STATS_REPLY, 12, 104},
    {OFP_QUEUE_STATS_REQUEST, 20, 0},
    {OFP_QUEUE_STATS_REPLY, 12, 32},
    {OFP_PORT_DESC_REQUEST, 12, 0},
    {OFP_PORT_DESC_REPLY, 12, 48},
    {OFP_VENDOR_STATS_REQUEST, 16, 1},
    {OFP_VENDOR_STATS_REPLY, 16, 1},
    {OFP_NXT_ROLE_REQUEST, 20, 0},
    {OFP_NXT_ROLE_REPLY, 20, 0},
    {OFP_NXT_SET_ASYNC_CONFIG, 40, 0},
    {OFP_NXT_SET_CONTROLLER_ID, 24, 0},
    {OFP_NXT_SET_FLOW_FORMAT, 20, 0},
    {OFP_NXT_FLOW_MOD, 48, 8},
    {OFP_NXT_FLOW_REMOVED, 56, 8},
    {OFP_NXT_FLOW_MOD_TABLE_ID, 24, 0},
    {OFP_NXT_SET_PACKET_IN_FORMAT, 20, 0},
    {OFP_NXT_PACKET_IN, 40, 1},
    {OFP_NXT_FLOW_AGE, 16, 0},
    {OFP_NXST_FLOW_REQUEST, 32, 8},
    {OFP_NXST_FLOW_REPLY, 24, 8},
    {OFP_NXST_AGGREGATE_REQUEST, 32, 8},
    {OFP_NXST_AGGREGATE_REPLY, 48, 0},
};
_Static_assert(ARRAY_SIZE(sizes) == N_OFP_KINDS, "a kind has no size in this test");

/* True if 'size' bytes are a right length for 'kind'. */
static bool size_is_right(enum ofp_kind kind, size_t size)
{
    assert_int_equal(sizes[kind].kind, kind);
    if (size < sizes[kind].size) {
        return false;
    }
    size_t more = size - sizes[kind].size;
    return sizes[kind].step ? more % sizes[kind].step == 0 : more == 0;
}

/* rows: A1.15. A wrong length is BAD_REQUEST/BAD_LEN, and a right one never is unless a list
 * inside the body is cut. */
/* rows: A1.15 */
static void every_wrong_length_is_bad_len(void **state UNUSED)
{
    for (size_t i = 0; i < n_wire_samples; i++) {
        const struct wire_sample *s = &wire_samples[i];
        size_t full;
        uint8_t *data = wire_from_hex(s->hex, &full);
        assert_true(size_is_right(s->kind, full));
        for (size_t size = OFP_HEADER_SIZE; size < full + 64; size++) {
            if (!size_is_right(s->kind, size)) {
                uint8_t *cut = wire_cut(data, full, size);
                enum ofp_kind kind;
                assert_int_equal(decode(cut, size, s->from_controller, &kind),
                                 OFPERR_BAD_REQUEST_BAD_LEN);
                free(cut);
            }
        }
        free(data);
    }
}

static void length_field_that_differs_from_the_size_is_bad_len(void **state UNUSED)
{
    static const uint16_t lengths[] = {0, 7, 9, 16, 65535};
    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
        uint8_t hello[8] = {1, OFPT_HELLO};
        put_be16(hello + 2, lengths[i]);
        enum ofp_kind kind;
        assert_int_equal(decode(hello, sizeof hello, true, &kind), OFPERR_BAD_REQUEST_BAD_LEN);
    }
}

/* rows: A1.14. Types from a controller. */
static void all_256_types_from_a_controller(void **state UNUSED)
{
    static const uint8_t from_switch[] = {6, 8, 10, 11, 12, 17, 19, 21};
    for (unsigned type = 0; type < 256; type++) {
        bool bad = type > 21 || memchr(from_switch, (int) type, sizeof from_switch);
        for (size_t size = 8; size < 128; size++) {
            int error = decode_blank(1, (uint8_t) type, size, true);
            assert_int_equal(error == OFPERR_BAD_REQUEST_BAD_TYPE, bad);
        }
    }
}

/* rows: A1.14. Types from a switch. */
static void all_256_types_from_a_switch(void **state UNUSED)
{
    static const uint8_t from_controller[] = {5, 7, 9, 13, 14, 15, 16, 18, 20};
    for (unsigned type = 0; type < 256; type++) {
        bool bad = type > 21 || memchr(from_controller, (int) type, sizeof from_controller);
        int error = decode_blank(1, (uint8_t) type, 64, false);
        assert_int_equal(error == OFPERR_BAD_REQUEST_BAD_TYPE, bad);
    }
}

/* rows: A1.8. Another version is refused before anything else is looked at; HELLO negotiates
 * (A1.4) and an ERROR must be readable whatever the peer speaks. */
static void other_versions_are_bad_version_but_for_hello_and_error(void **state UNUSED)
{
    static const uint8_t versions[] = {0, 2, 4, 5, 6, 0x81, 255};
    for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
        for (unsigned type = 0; type < 256; type++) {
            int error = decode_blank(versions[i], (uint8_t) type, 72, true);
            bool any = type == OFPT_HELLO || type == OFPT_ERROR;
            assert_int_equal(error, any ? 0 : OFPERR_BAD_REQUEST_BAD_VERSION);
        }
    }
}

static void all_65536_types_of_statistics(void **state UNUSED)
{
    uint8_t msg[12] = {1, OFPT_STATS_REQUEST, 0, 12};
    for (unsigned type = 0; type < 65536; type++) {
        put_be16(msg + 8, (uint16_t) type);
        enum ofp_kind kind;
        int error = decode(msg, sizeof msg, true, &kind);
        bool known = type <= OFPST_QUEUE || type == OFPST_PORT_DESC || type == OFPST_VENDOR;
        assert_int_equal(error == OFPERR_BAD_REQUEST_BAD_STAT, !known);
    }
}

/* rows: A8.3. Flags of a request mean nothing and are no error. */
static void flags_of_a_statistics_request_are_taken_as_they_are(void **state UNUSED)
{
    uint8_t msg[12] = {1, OFPT_STATS_REQUEST, 0, 12, 0, 0, 0, 1, 0, OFPST_DESC, 0xff, 0xff};
    struct ofp_message m;
    assert_int_equal(ofp_message_decode(&m, msg, sizeof msg, true), 0);
    assert_int_equal(m.kind, OFP_DESC_REQUEST);
    assert_int_equal(m.flags, 0xffff);
}

/* rows: A1.9. The largest echo. */
static void echo_carries_65527_bytes(void **state UNUSED)
{
    uint8_t *msg = xzalloc(OFP_MAX_MESSAGE);
    memset(msg, 0xa5, OFP_MAX_MESSAGE);
    msg[0] = OFP10_VERSION;
    msg[1] = OFPT_ECHO_REQUEST;
    put_be16(msg + 2, OFP_MAX_MESSAGE);

    struct ofp_message m;
    assert_int_equal(ofp_message_decode(&m, msg, OFP_MAX_MESSAGE, true), 0);
    assert_int_equal(m.body.size, 65527);

    m.kind = OFP_ECHO_REPLY;
    struct bytes *reply = ofp_message_encode(&m);
    assert_int_equal(reply->size, OFP_MAX_MESSAGE);
    assert_int_equal(reply->data[1], OFPT_ECHO_REPLY);
    assert_memory_equal(reply->data + 4, msg + 4, OFP_MAX_MESSAGE - 4);
    bytes_destroy(reply);
    free(msg);
}

static void message_that_would_be_too_long_is_not_encoded(void **state UNUSED)
{
    uint8_t *data = xzalloc(OFP_MAX_MESSAGE);
    struct ofp_message m = {.kind = OFP_ECHO_REQUEST,
                            .body = {.data = data, .size = OFP_MAX_MESSAGE - 7}};
    assert_null(ofp_message_encode(&m));
    m.body.size--;
    struct bytes *msg = ofp_message_encode(&m);
    assert_non_null(msg);
    assert_int_equal(msg->data[0], OFP10_VERSION);
    bytes_destroy(msg);
    free(data);
}

static void error_of_the_header_still_tells_the_xid(void **state UNUSED)
{
    uint8_t msg[8] = {9, 77, 0, 8, 0x12, 0x34, 0x56, 0x78};
    struct ofp_message m;
    assert_int_equal(ofp_message_decode(&m, msg, sizeof msg, true),
                     OFPERR_BAD_REQUEST_BAD_VERSION);
    assert_int_equal(m.xid, 0x12345678);
    assert_int_equal(m.version, 9);
    assert_int_equal(m.raw_size, 8);
}

/* rows: A1.13 A8.10 */
static void unknown_vendors_and_subtypes_are_told_apart(void **state UNUSED)
{
    assert_int_equal(ofp_vendor_error(0x00002320), OFPERR_BAD_REQUEST_BAD_SUBTYPE);
    assert_int_equal(ofp_vendor_error(0), OFPERR_BAD_REQUEST_BAD_VENDOR);
    assert_int_equal(ofp_vendor_error(0x005c16c7), OFPERR_BAD_REQUEST_BAD_VENDOR);
}

/* Decodes the message of 'hex', as a controller's or a switch's. */
static int decode_hex(const char *hex, bool from_controller)
{
    size_t size;
    uint8_t *data = wire_from_hex(hex, &size);
    enum ofp_kind kind;
    int error = decode(data, size, from_controller, &kind);
    free(data);
    return error;
}

/* rows: A1.13 B2 */
static void subtype_is_needed_of_a_vendor_that_we_know(void **state UNUSED)
{
    assert_int_equal(decode_hex("01 04 000f 00000004 00002320 000000", true),
                     OFPERR_BAD_REQUEST_BAD_LEN);
    assert_int_equal(decode_hex("01 04 000f 00000004 00005c16 000000", true), 0);
    assert_int_equal(decode_hex("01 04 0010 00000004 00002320 0000270f", true), 0);
    assert_int_equal(decode_hex("01 04 0010 00000004 00002320 0000000a", true),
                     OFPERR_BAD_REQUEST_BAD_LEN);
}

/* rows: A1.14 B1 */
static void role_of_the_wrong_side_is_bad_type(void **state UNUSED)
{
    static const char *const reply = "01 04 0014 00000004 00002320 0000000b 00000002";
    assert_int_equal(decode_hex(reply, true), OFPERR_BAD_REQUEST_BAD_TYPE);
    assert_int_equal(decode_hex(reply, false), 0);
}

/* rows: B1 */
static void unknown_role_is_bad_role(void **state UNUSED)
{
    assert_int_equal(decode_hex("01 04 0014 00000004 00002320 0000000a 00000003", true),
                     OFPERR_NICIRA_BAD_ROLE);
}

/* rows: B12 */
static void padding_of_a_controller_id_must_be_zero(void **state UNUSED)
{
    assert_int_equal(decode_hex("01 04 0018 00000004 00002320 00000014 00*5 01 0007", true),
                     OFPERR_NICIRA_MUST_BE_ZERO);
}

static void vendor_is_told_of_vendor_messages_alone(void **state UNUSED)
{
    static const uint8_t role[] = {1, 4, 0, 20, 0, 0, 0, 4, 0, 0, 0x23, 0x20,
                                   0, 0, 0, 10, 0, 0, 0, 1};
    static const uint8_t stats[] = {1, 16, 0, 16, 0, 0, 0, 4, 0xff, 0xff, 0, 0, 0, 0, 0x23, 0x20};
    static const uint8_t echo[] = {1, 2, 0, 12, 0, 0, 0, 4, 0, 0, 0x23, 0x20};
    uint32_t vendor = 0;
    assert_true(ofp_message_vendor(role, sizeof role, &vendor));
    assert_int_equal(vendor, 0x2320);
    vendor = 0;
    assert_true(ofp_message_vendor(stats, sizeof stats, &vendor));
    assert_int_equal(vendor, 0x2320);
    assert_false(ofp_message_vendor(echo, sizeof echo, &vendor));
    assert_false(ofp_message_vendor(role, 11, &vendor));
    assert_false(ofp_message_vendor(stats, 15, &vendor));
    assert_false(ofp_message_vendor(stats, 9, &vendor));
    assert_int_equal(ofp_kind_of(role, 16), OFP_NXT_ROLE_REQUEST);
    assert_int_equal(ofp_kind_of(role, 15), N_OFP_KINDS);
    assert_int_equal(ofp_kind_of(stats, sizeof stats), N_OFP_KINDS);
}

static void kinds_are_named_as_tools_print_them(void **state UNUSED)
{
    assert_string_equal(ofp_kind_name(OFP_FLOW_MOD), "OFPT_FLOW_MOD");
    assert_string_equal(ofp_kind_name(OFP_FLOW_STATS_REPLY), "OFPST_FLOW reply");
    assert_string_equal(ofp_kind_name(OFP_PORT_DESC_REQUEST), "OFPST_PORT_DESC request");
    for (int kind = 0; kind < N_OFP_KINDS; kind++) {
        assert_non_null(ofp_kind_name((enum ofp_kind) kind));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_sample),
        cmocka_unit_test(every_sample_decodes_and_encodes_to_the_same_bytes),
        cmocka_unit_test(every_sample_from_the_wrong_side_is_bad_type),
        cmocka_unit_test(every_truncation_of_every_sample_is_safe),
        cmocka_unit_test(every_wrong_length_is_bad_len),
        cmocka_unit_test(length_field_that_differs_from_the_size_is_bad_len),
        cmocka_unit_test(all_256_types_from_a_controller),
        cmocka_unit_test(all_256_types_from_a_switch),
        cmocka_unit_test(other_versions_are_bad_version_but_for_hello_and_error),
        cmocka_unit_test(all_65536_types_of_statistics),
        cmocka_unit_test(flags_of_a_statistics_request_are_taken_as_they_are),
        cmocka_unit_test(echo_carries_65527_bytes),
        cmocka_unit_test(message_that_would_be_too_long_is_not_encoded),
        cmocka_unit_test(error_of_the_header_still_tells_the_xid),
        cmocka_unit_test(unknown_vendors_and_subtypes_are_told_apart),
        cmocka_unit_test(subtype_is_needed_of_a_vendor_that_we_know),
        cmocka_unit_test(role_of_the_wrong_side_is_bad_type),
        cmocka_unit_test(unknown_role_is_bad_role),
        cmocka_unit_test(padding_of_a_controller_id_must_be_zero),
        cmocka_unit_test(vendor_is_told_of_vendor_messages_alone),
        cmocka_unit_test(kinds_are_named_as_tools_print_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
