/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of packet_in and packet_out. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* Decodes 'hex'; '*data' must live as long as '*m', and the caller frees it. */
static int decode(struct ofp_message *m, const char *hex, bool from_controller, uint8_t **data)
{
    size_t size;
    *data = wire_from_hex(hex, &size);
    return ofp_message_decode(m, *data, size, from_controller);
}

/* rows: A6.1. The frame begins at offset 18, not 20. */
static void packet_in_data_begins_at_offset_18(void **state UNUSED)
{
    static const uint8_t frame[5] = {0xf1, 0xf2, 0xf3, 0xf4, 0xf5};
    struct ofp_message m = {
        .kind = OFP_PACKET_IN,
        .packet_in = {.buffer_id = 0x01020304, .total_len = 1500, .in_port = 7,
                      .reason = OFPR_ACTION, .data = {frame, sizeof frame}},
    };
    struct bytes *msg = ofp_message_encode(&m);
    size_t size;
    uint8_t *wanted = wire_from_hex("01 0a 0017 00000000 01020304 05dc 0007 01 00 f1f2f3f4f5",
                                    &size);
    assert_int_equal(msg->size, size);
    assert_memory_equal(msg->data, wanted, size);

    struct ofp_message again;
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, false), 0);
    assert_int_equal(again.packet_in.buffer_id, 0x01020304);
    assert_int_equal(again.packet_in.total_len, 1500);
    assert_int_equal(again.packet_in.in_port, 7);
    assert_int_equal(again.packet_in.reason, OFPR_ACTION);
    assert_int_equal(again.packet_in.data.size, 5);
    assert_memory_equal(again.packet_in.data.data, frame, 5);
    bytes_destroy(msg);
    free(wanted);
}

/* rows: A6.2. Buffered with miss_send_len 0. */
static void packet_in_may_carry_no_bytes(void **state UNUSED)
{
    struct ofp_message m = {.kind = OFP_PACKET_IN, .packet_in = {.total_len = 60}};
    struct bytes *msg = ofp_message_encode(&m);
    assert_int_equal(msg->size, 18);
    assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
    assert_int_equal(m.packet_in.data.size, 0);
    bytes_destroy(msg);
}

static void packet_in_of_a_frame_too_long_is_cut(void **state UNUSED)
{
    uint8_t *frame = xzalloc(70000);
    struct ofp_message m = {
        .kind = OFP_PACKET_IN,
        .packet_in = {.total_len = UINT16_MAX, .data = {frame, 70000}},
    };
    struct bytes *msg = ofp_message_encode(&m);
    assert_int_equal(msg->size, OFP_MAX_MESSAGE);
    bytes_destroy(msg);
    free(frame);
}

static void packet_out_has_actions_and_a_frame(void **state UNUSED)
{
    struct ofp_message m;
    uint8_t *data;
    assert_int_equal(decode(&m, "01 0d 001b 00000008 ffffffff 0003 0008 0000 0008 fffb 0000 "
                                "a1a2a3", true, &data), 0);
    assert_int_equal(m.packet_out.buffer_id, OFP_NO_BUFFER);
    assert_int_equal(m.packet_out.in_port, 3);
    assert_int_equal(m.packet_out.actions.first->output.port, OFPP_FLOOD);
    assert_int_equal(m.packet_out.data.size, 3);
    assert_memory_equal(m.packet_out.data.data, "\xa1\xa2\xa3", 3);
    ofp_message_uninit(&m);
    free(data);
}

/* rows: A6.7. No actions drop the buffer. */
static void packet_out_may_have_no_actions(void **state UNUSED)
{
    struct ofp_message m;
    uint8_t *data;
    assert_int_equal(decode(&m, "01 0d 0010 00000008 00000101 ffff 0000", true, &data), 0);
    assert_int_equal(m.packet_out.actions.size, 0);
    assert_int_equal(m.packet_out.data.size, 0);
    ofp_message_uninit(&m);
    free(data);
}

/* rows: A6.7. The length comes before the actions. */
static void packet_out_faults(void **state UNUSED)
{
    static const struct {
        const char *hex; /* Message. */
        int error;       /* Expected. */
    } cases[] = {
        {"01 0d 0010 00000008 ffffffff ffff 0001", OFPERR_BAD_REQUEST_BAD_LEN},
        {"01 0d 0018 00000008 ffffffff ffff 0010 00ff 0008 00000000", OFPERR_BAD_REQUEST_BAD_LEN},
        {"01 0d 0018 00000008 ffffffff ffff ffff 00ff 0008 00000000", OFPERR_BAD_REQUEST_BAD_LEN},
        {"01 0d 0018 00000008 ffffffff ffff 0007 0000 0008 0001 0000", OFPERR_BAD_ACTION_BAD_LEN},
        {"01 0d 0018 00000008 ffffffff ffff 0008 00ff 0008 00000000", OFPERR_BAD_ACTION_BAD_TYPE},
        {"01 0d 0018 00000008 ffffffff ffff 0008 0000 0008 ffff 0000",
         OFPERR_BAD_ACTION_BAD_OUT_PORT},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct ofp_message m;
        uint8_t *data;
        assert_int_equal(decode(&m, cases[i].hex, true, &data), cases[i].error);
        free(data);
    }
}

/* rows: A5.6 */
static void packet_out_may_go_through_the_table(void **state UNUSED)
{
    struct ofp_message m;
    uint8_t *data;
    assert_int_equal(decode(&m, "01 0d 0018 00000008 ffffffff 0001 0008 0000 0008 fff9 0000",
                            true, &data), 0);
    ofp_message_uninit(&m);
    free(data);
}

/* rows: A6.8. In_port is the switch's to judge. */
static void packet_out_from_all_65536_ports_is_decoded(void **state UNUSED)
{
    uint8_t msg[16] = {1, OFPT_PACKET_OUT, 0, 16};
    for (unsigned port = 0; port < 65536; port++) {
        put_be16(msg + 12, (uint16_t) port);
        struct ofp_message m;
        assert_int_equal(ofp_message_decode(&m, msg, sizeof msg, true), 0);
        assert_int_equal(m.packet_out.in_port, port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packet_in_data_begins_at_offset_18),
        cmocka_unit_test(packet_in_may_carry_no_bytes),
        cmocka_unit_test(packet_in_of_a_frame_too_long_is_cut),
        cmocka_unit_test(packet_out_has_actions_and_a_frame),
        cmocka_unit_test(packet_out_may_have_no_actions),
        cmocka_unit_test(packet_out_faults),
        cmocka_unit_test(packet_out_may_go_through_the_table),
        cmocka_unit_test(packet_out_from_all_65536_ports_is_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
