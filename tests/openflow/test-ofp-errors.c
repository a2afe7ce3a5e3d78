/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of OpenFlow errors as numbers, names and messages. */
#include "lib/openflow/ofp-errors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* A10: the standard's errors, in its order. */
static const struct {
    int error;        /* Ours. */
    uint16_t type;    /* The standard's. */
    uint16_t code;    /* The standard's. */
    const char *name; /* As tools print it. */
} standard[] = {
    {OFPERR_HELLO_FAILED_INCOMPATIBLE, 0, 0, "OFPHFC_INCOMPATIBLE"},
    {OFPERR_HELLO_FAILED_EPERM, 0, 1, "OFPHFC_EPERM"},
    {OFPERR_BAD_REQUEST_BAD_VERSION, 1, 0, "OFPBRC_BAD_VERSION"},
    {OFPERR_BAD_REQUEST_BAD_TYPE, 1, 1, "OFPBRC_BAD_TYPE"},
    {OFPERR_BAD_REQUEST_BAD_STAT, 1, 2, "OFPBRC_BAD_STAT"},
    {OFPERR_BAD_REQUEST_BAD_VENDOR, 1, 3, "OFPBRC_BAD_VENDOR"},
    {OFPERR_BAD_REQUEST_BAD_SUBTYPE, 1, 4, "OFPBRC_BAD_SUBTYPE"},
    {OFPERR_BAD_REQUEST_EPERM, 1, 5, "OFPBRC_EPERM"},
    {OFPERR_BAD_REQUEST_BAD_LEN, 1, 6, "OFPBRC_BAD_LEN"},
    {OFPERR_BAD_REQUEST_BUFFER_EMPTY, 1, 7, "OFPBRC_BUFFER_EMPTY"},
    {OFPERR_BAD_REQUEST_BUFFER_UNKNOWN, 1, 8, "OFPBRC_BUFFER_UNKNOWN"},
    {OFPERR_BAD_ACTION_BAD_TYPE, 2, 0, "OFPBAC_BAD_TYPE"},
    {OFPERR_BAD_ACTION_BAD_LEN, 2, 1, "OFPBAC_BAD_LEN"},
    {OFPERR_BAD_ACTION_BAD_VENDOR, 2, 2, "OFPBAC_BAD_VENDOR"},
    {OFPERR_BAD_ACTION_BAD_VENDOR_TYPE, 2, 3, "OFPBAC_BAD_VENDOR_TYPE"},
    {OFPERR_BAD_ACTION_BAD_OUT_PORT, 2, 4, "OFPBAC_BAD_OUT_PORT"},
    {OFPERR_BAD_ACTION_BAD_ARGUMENT, 2, 5, "OFPBAC_BAD_ARGUMENT"},
    {OFPERR_BAD_ACTION_EPERM, 2, 6, "OFPBAC_EPERM"},
    {OFPERR_BAD_ACTION_TOO_MANY, 2, 7, "OFPBAC_TOO_MANY"},
    {OFPERR_BAD_ACTION_BAD_QUEUE, 2, 8, "OFPBAC_BAD_QUEUE"},
    {OFPERR_FLOW_MOD_FAILED_ALL_TABLES_FULL, 3, 0, "OFPFMFC_TABLE_FULL"},
    {OFPERR_FLOW_MOD_FAILED_OVERLAP, 3, 1, "OFPFMFC_OVERLAP"},
    {OFPERR_FLOW_MOD_FAILED_EPERM, 3, 2, "OFPFMFC_EPERM"},
    {OFPERR_FLOW_MOD_FAILED_BAD_EMERG_TIMEOUT, 3, 3, "OFPFMFC_BAD_EMERG_TIMEOUT"},
    {OFPERR_FLOW_MOD_FAILED_BAD_COMMAND, 3, 4, "OFPFMFC_BAD_COMMAND"},
    {OFPERR_FLOW_MOD_FAILED_UNSUPPORTED, 3, 5, "OFPFMFC_UNSUPPORTED"},
    {OFPERR_PORT_MOD_FAILED_BAD_PORT, 4, 0, "OFPPMFC_BAD_PORT"},
    {OFPERR_PORT_MOD_FAILED_BAD_HW_ADDR, 4, 1, "OFPPMFC_BAD_HW_ADDR"},
    {OFPERR_QUEUE_OP_FAILED_BAD_PORT, 5, 0, "OFPQOFC_BAD_PORT"},
    {OFPERR_QUEUE_OP_FAILED_BAD_QUEUE, 5, 1, "OFPQOFC_BAD_QUEUE"},
    {OFPERR_QUEUE_OP_FAILED_EPERM, 5, 2, "OFPQOFC_EPERM"},
};

/* Asserts that 'error' is sent with 'type' and 'code'. */
static void assert_sent_as(int error, uint16_t type, uint16_t code)
{
    static const uint8_t request[8] = {1, 14, 0, 8, 0, 0, 0, 5};
    struct bytes *msg = ofperr_encode(error, request, sizeof request);
    assert_int_equal(get_be16(msg->data + 8), type);
    assert_int_equal(get_be16(msg->data + 10), code);
    bytes_destroy(msg);
}

static void errors_have_the_standards_numbers_and_names(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(standard); i++) {
        int error = standard[i].error;
        assert_true(ofperr_is(error));
        assert_sent_as(error, standard[i].type, standard[i].code);
        assert_string_equal(ofperr_name(error), standard[i].name);
        assert_int_equal(ofperr_from_wire(standard[i].type, standard[i].code), error);
    }
}

static void every_error_has_a_name_and_a_text(void **state UNUSED)
{
    for (int error = OFPERR_BASE; error < OFPERR_END; error++) {
        assert_true(strlen(ofperr_name(error)) > 0);
        assert_true(strlen(ofperr_text(error)) > 0);
    }
}

static void numbers_outside_the_standard_are_no_error(void **state UNUSED)
{
    assert_int_equal(ofperr_from_wire(0, 2), 0);
    assert_int_equal(ofperr_from_wire(6, 0), 0);
    assert_int_equal(ofperr_from_wire(3, 258), 0);
    assert_int_equal(ofperr_from_wire(OFPET_VENDOR, 0), 0);
}

static void errno_is_no_openflow_error_and_is_sent_as_eperm(void **state UNUSED)
{
    assert_false(ofperr_is(0));
    assert_false(ofperr_is(ENOMEM));
    assert_false(ofperr_is(OFPERR_END));
    assert_string_equal(ofperr_text(ENOMEM), strerror(ENOMEM));
    assert_sent_as(ENOMEM, 1, 5);
}

/* Compares '*msg' with 'hex' and destroys it. */
static void assert_message(struct bytes *msg, const char *hex)
{
    size_t size;
    uint8_t *data = wire_from_hex(hex, &size);
    assert_int_equal(msg->size, size);
    assert_memory_equal(msg->data, data, size);
    free(data);
    bytes_destroy(msg);
}

/* rows: A1.11 A1.16. The offender's xid and the whole offender. */
static void error_bears_the_xid_and_the_whole_request(void **state UNUSED)
{
    static const uint8_t request[12] = {1, 16, 0, 12, 0xde, 0xad, 0xbe, 0xef, 0, 99, 0, 0};
    assert_message(ofperr_encode(OFPERR_BAD_REQUEST_BAD_STAT, request, sizeof request),
                   "01 01 0018 deadbeef 0001 0002 01 10 000c deadbeef 0063 0000");
}

/* B27. */
static void vendor_error_bears_its_own_numbers_before_the_request(void **state UNUSED)
{
    static const uint8_t request[8] = {1, 14, 0, 8, 0, 0, 0, 5};
    assert_message(ofperr_encode(OFPERR_NICIRA_FLOW_MOD_BAD_FLAGS, request, sizeof request),
                   "01 01 001c 00000005 b0c2 0000 00002320 0003 0102 01 0e 0008 00000005");
}

static void vendor_error_is_recognised_by_its_data(void **state UNUSED)
{
    static const uint8_t data[8] = {0, 0, 0x23, 0x20, 0, 1, 0x02, 0x02};
    size_t skip;
    assert_int_equal(ofperr_from_data(OFPET_VENDOR, 0, data, sizeof data, &skip),
                     OFPERR_NICIRA_PACKET_OUT_BAD_IN_PORT);
    assert_int_equal(skip, 8);
    assert_int_equal(ofperr_from_data(OFPET_VENDOR, 0, data, 7, &skip), 0);
    assert_int_equal(skip, 0);
    assert_int_equal(ofperr_from_data(OFPET_VENDOR, 1, data, sizeof data, &skip), 0);
    assert_int_equal(ofperr_from_data(2, 4, data, sizeof data, &skip),
                     OFPERR_BAD_ACTION_BAD_OUT_PORT);
    assert_int_equal(skip, 0);

    static const uint8_t of_no_vendor[8] = {0, 0, 0, 0, 0, 2, 0, 4};
    assert_int_equal(ofperr_from_data(OFPET_VENDOR, 0, of_no_vendor, 8, &skip), 0);
}

/* rows: A1.16. Near 64 KiB the request is cut, at 65523 bytes. */
static void request_of_65535_bytes_is_cut_to_what_fits(void **state UNUSED)
{
    uint8_t *request = xzalloc(65535);
    memset(request, 0x5a, 65535);

    struct bytes *msg = ofperr_encode(OFPERR_BAD_REQUEST_BAD_LEN, request, 65535);
    assert_int_equal(msg->size, 65535);
    assert_int_equal(get_be16(msg->data + 2), 65535);
    assert_memory_equal(msg->data + 12, request, 65523);
    bytes_destroy(msg);

    msg = ofperr_encode(OFPERR_NICIRA_FLOW_MOD_BAD_FLAGS, request, 65535);
    assert_int_equal(msg->size, 65535);
    bytes_destroy(msg);
    free(request);
}

static void request_without_a_whole_header_has_xid_0(void **state UNUSED)
{
    assert_message(ofperr_encode(OFPERR_BAD_REQUEST_BAD_LEN, "\1\0\0", 3),
                   "01 01 000f 00000000 0001 0006 01 00 00");
    assert_message(ofperr_encode(OFPERR_BAD_REQUEST_BAD_LEN, NULL, 0),
                   "01 01 000c 00000000 0001 0006");
}

/* rows: A1.6 */
static void failed_hello_says_so_in_words(void **state UNUSED)
{
    assert_message(ofperr_encode_hello(OFPERR_HELLO_FAILED_INCOMPATIBLE, 0x1234, "no"),
                   "01 01 000e 00001234 0000 0000 6e6f");
    assert_message(ofperr_encode_hello(OFPERR_HELLO_FAILED_EPERM, 0x1234, "no"),
                   "01 01 000e 00001234 0000 0001 6e6f");
}

static void errors_can_be_decoded_again(void **state UNUSED)
{
    for (int error = OFPERR_BASE; error < OFPERR_END; error++) {
        struct bytes *msg = ofperr_encode(error, "\1\2\0\10\0\0\0\7", 8);
        struct ofp_message m;
        assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
        assert_int_equal(m.kind, OFP_ERROR);
        assert_int_equal(m.xid, 7);

        size_t skip;
        assert_int_equal(ofperr_from_data(m.error.type, m.error.code, m.error.data.data,
                                          m.error.data.size, &skip), error);
        assert_int_equal(m.error.data.size - skip, 8);
        bytes_destroy(msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_the_standards_numbers_and_names),
        cmocka_unit_test(every_error_has_a_name_and_a_text),
        cmocka_unit_test(numbers_outside_the_standard_are_no_error),
        cmocka_unit_test(errno_is_no_openflow_error_and_is_sent_as_eperm),
        cmocka_unit_test(error_bears_the_xid_and_the_whole_request),
        cmocka_unit_test(vendor_error_bears_its_own_numbers_before_the_request),
        cmocka_unit_test(vendor_error_is_recognised_by_its_data),
        cmocka_unit_test(request_of_65535_bytes_is_cut_to_what_fits),
        cmocka_unit_test(request_without_a_whole_header_has_xid_0),
        cmocka_unit_test(failed_hello_says_so_in_words),
        cmocka_unit_test(errors_can_be_decoded_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
