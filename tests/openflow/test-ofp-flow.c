/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the messages about rules: flow_mod, flow_removed, flow and aggregate statistics. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* TCP to port 80 from port 1. */
#define MATCH_TCP80 \
    "0038204e 0001 00*6 00*6 0000 00 00 0800 00 06 0000 00000000 00000000 0000 0050 "

/* Decodes 'hex'; '*data' must live as long as '*m', and the caller frees it. */
static int decode(struct ofp_message *m, const char *hex, bool from_controller, uint8_t **data)
{
    size_t size;
    *data = wire_from_hex(hex, &size);
    return ofp_message_decode(m, *data, size, from_controller);
}

/* The error of the flow_mod 'hex'. */
static int decode_error(const char *hex)
{
    struct ofp_message m;
    uint8_t *data;
    int error = decode(&m, hex, true, &data);
    ofp_message_uninit(&m);
    free(data);
    return error;
}

static void flow_mod_has_every_field(void **state UNUSED)
{
    struct ofp_message m;
    uint8_t *data;
    assert_int_equal(decode(&m, "01 0e 0050 00000009 " MATCH_TCP80
                                "0102030405060708 0002 003c 012c 8000 00000101 0003 0006 "
                                "0000 0008 fffd 0080", true, &data), 0);
    const struct ofp_flow_mod *fm = &m.flow_mod;
    assert_int_equal(fm->match.flow.in_port, 1);
    assert_int_equal(fm->match.flow.tp_dst, htons(80));
    assert_false(fm->exact);
    assert_true(fm->cookie == UINT64_C(0x0102030405060708));
    assert_int_equal(fm->command, OFPFC_MODIFY_STRICT);
    assert_int_equal(fm->idle_timeout, 60);
    assert_int_equal(fm->hard_timeout, 300);
    assert_int_equal(fm->priority, 0x8000);
    assert_int_equal(fm->buffer_id, 0x101);
    assert_int_equal(fm->out_port, 3);
    assert_int_equal(fm->flags, OFPFF_CHECK_OVERLAP | OFPFF_EMERG);
    assert_int_equal(fm->actions.first->output.port, OFPP_CONTROLLER);
    assert_int_equal(fm->actions.first->output.max_len, 128);
    ofp_message_uninit(&m);
    free(data);
}

/* rows: A4.1 A4.9. The command and the flags are the switch's to judge, so all 16 bits arrive
 * (B3). */
static void flow_mod_keeps_unknown_commands_and_flags(void **state UNUSED)
{
    struct ofp_message m;
    uint8_t *data;
    assert_int_equal(decode(&m, "01 0e 0048 00000009 003820ff 00*36 00*8 ab05 0000 0000 0000 "
                                "ffffffff ffff 4008", true, &data), 0);
    assert_int_equal(m.flow_mod.command, 0xab05);
    assert_int_equal(m.flow_mod.flags, 0x4008);
    ofp_message_uninit(&m);
    free(data);
}

/* rows: A4.11. The length comes before the actions. */
static void flow_mod_length_is_judged_before_its_actions(void **state UNUSED)
{
    assert_int_equal(decode_error("01 0e 004c 00000009 003820ff 00*36 00*24 00ff 0008"),
                     OFPERR_BAD_REQUEST_BAD_LEN);
    assert_int_equal(decode_error("01 0e 0050 00000009 003820ff 00*36 00*24 00ff 0008 00000000"),
                     OFPERR_BAD_ACTION_BAD_TYPE);
    assert_int_equal(decode_error("01 0e 0050 00000009 003820ff 00*36 00*24 00*8"),
                     OFPERR_BAD_ACTION_BAD_LEN);
}

/* rows: A5.6. TABLE is for packet_out alone. */
static void flow_mod_with_output_to_table_is_refused(void **state UNUSED)
{
    assert_int_equal(decode_error("01 0e 0050 00000009 003820ff 00*36 00*24 0000 0008 fff9 0000"),
                     OFPERR_BAD_ACTION_BAD_OUT_PORT);
}

static void handler_may_steal_the_actions(void **state UNUSED)
{
    struct ofp_message m;
    uint8_t *data;
    assert_int_equal(decode(&m, "01 0e 0050 00000009 003820ff 00*36 00*24 0000 0008 0001 0000",
                            true, &data), 0);
    struct action_list stolen = m.flow_mod.actions;
    action_list_init(&m.flow_mod.actions);
    ofp_message_uninit(&m);
    assert_int_equal(stolen.first->output.port, 1);
    action_list_uninit(&stolen);
    free(data);
}

/* rows: A11.21. A proxy sends an exact flow_mod on as an exact one, although it was normalised. */
static void exact_flow_mod_stays_exact_when_sent_on(void **state UNUSED)
{
    struct ofp_message m, again;
    uint8_t *data;
    assert_int_equal(decode(&m, "01 0e 0048 00000009 "
                                "00000000 0001 00*12 ffff 0000 88cc 20 06 00*14 "
                                "00*8 0000 0000 0000 0007 ffffffff ffff 0000", true, &data), 0);
    assert_true(m.flow_mod.exact);
    struct bytes *msg = ofp_message_encode(&m);
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, true), 0);
    assert_true(again.flow_mod.exact);
    assert_true(match_equal(&m.flow_mod.match, &again.flow_mod.match));
    assert_int_equal(again.flow_mod.priority, 7);
    bytes_destroy(msg);
    ofp_message_uninit(&m);
    ofp_message_uninit(&again);
    free(data);
}

/* rows: A7.1 A7.2 */
static void flow_removed_has_every_field(void **state UNUSED)
{
    struct ofp_message m;
    uint8_t *data;
    assert_int_equal(decode(&m, "01 0b 0058 00000000 " MATCH_TCP80
                                "0000000000000abc 8000 01 00 0000000a 3b9ac9ff 003c 0000 "
                                "0000000000000003 00000000000000b4", false, &data), 0);
    const struct ofp_flow_removed *fr = &m.flow_removed;
    assert_int_equal(fr->match.flow.nw_proto, 6);
    assert_int_equal(fr->cookie, 0xabc);
    assert_int_equal(fr->priority, 0x8000);
    assert_int_equal(fr->reason, OFPRR_HARD_TIMEOUT);
    assert_int_equal(fr->duration_sec, 10);
    assert_int_equal(fr->duration_nsec, 999999999);
    assert_int_equal(fr->idle_timeout, 60);
    assert_int_equal(fr->packet_count, 3);
    assert_int_equal(fr->byte_count, 180);
    ofp_message_uninit(&m);
    free(data);
}

/* rows: A8.5 */
static void flow_stats_request_has_table_and_out_port(void **state UNUSED)
{
    struct ofp_message m;
    uint8_t *data;
    assert_int_equal(decode(&m, "01 10 0038 00000013 0001 0000 " MATCH_TCP80 "fe 00 0002",
                            true, &data), 0);
    assert_int_equal(m.flow_stats_request.table_id, OFPTT_EMERG);
    assert_int_equal(m.flow_stats_request.out_port, 2);
    assert_int_equal(m.flow_stats_request.match.flow.tp_dst, htons(80));
    free(data);
}

/* An entry with some of everything. */
static struct ofp_flow_stats an_entry(void)
{
    struct ofp_flow_stats fs = {
        .table_id = 1,
        .duration_sec = 2,
        .duration_nsec = 3,
        .priority = 4,
        .idle_timeout = 5,
        .hard_timeout = 6,
        .cookie = 7,
        .packet_count = 8,
        .byte_count = 9,
    };
    match_init_any(&fs.match);
    fs.match.mask.in_port = UINT32_MAX;
    fs.match.flow.in_port = OFPP_LOCAL;
    action_list_append(&fs.actions, ACTION_OUTPUT)->output.port = 2;
    action_list_append(&fs.actions, ACTION_ENQUEUE)->enqueue.port = 3;
    return fs;
}

/* rows: A8.5. The entry's bytes. */
static void flow_stats_entry_is_88_bytes_and_its_actions(void **state UNUSED)
{
    struct ofp_flow_stats fs = an_entry();
    assert_int_equal(ofp_flow_stats_size(&fs), 112);

    struct bytes *msg = ofp_msg_start(OFP_FLOW_STATS_REPLY, 0x13);
    ofp_flow_stats_put(msg, &fs);
    ofp_msg_finish(msg);
    size_t size;
    uint8_t *wanted = wire_from_hex(
        "01 11 007c 00000013 0001 0000 0070 01 00 003820fe fffe 00*34 00000002 00000003 "
        "0004 0005 0006 00*6 0000000000000007 0000000000000008 0000000000000009 "
        "0000 0008 0002 0000 000b 0010 0003 00*6 00000000", &size);
    assert_int_equal(msg->size, size);
    assert_memory_equal(msg->data, wanted, size);

    struct ofp_message m;
    struct ofp_flow_stats again;
    assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
    assert_true(ofp_flow_stats_next(&m.entries, &again));
    assert_true(match_equal(&fs.match, &again.match));
    assert_true(action_list_equal(&fs.actions, &again.actions));
    assert_int_equal(again.table_id, 1);
    assert_int_equal(again.hard_timeout, 6);
    assert_int_equal(again.byte_count, 9);
    assert_false(ofp_flow_stats_next(&m.entries, &again));
    action_list_uninit(&again.actions);
    action_list_uninit(&fs.actions);
    bytes_destroy(msg);
    free(wanted);
}

/* rows: A3.12. An entry is shown normalised, whatever it was sent as. */
static void flow_stats_show_inapplicable_fields_wild(void **state UNUSED)
{
    struct ofp_flow_stats fs = {.exact = true};
    memset(&fs.match.mask, 0, sizeof fs.match.mask);
    fs.match.mask.dl_type = UINT16_MAX;
    fs.match.flow.dl_type = htons(0x88cc);
    struct bytes *msg = ofp_msg_start(OFP_FLOW_STATS_REPLY, 1);
    ofp_flow_stats_put(msg, &fs);
    assert_int_equal(get_be32(msg->data + 12 + 4), 0x3820ef);
    bytes_destroy(msg);
}

/* Entries whose lengths lie. */
static void damaged_flow_stats_are_refused_as_a_whole(void **state UNUSED)
{
    static const struct {
        const char *hex; /* Message. */
        int error;       /* Expected. */
    } cases[] = {
        {"01 11 000e 00000001 0001 0000 0058", OFPERR_BAD_REQUEST_BAD_LEN},
        {"01 11 0064 00000001 0001 0000 0000 00*86", OFPERR_BAD_REQUEST_BAD_LEN},
        {"01 11 0064 00000001 0001 0000 0057 00*86", OFPERR_BAD_REQUEST_BAD_LEN},
        {"01 11 0064 00000001 0001 0000 0059 00*86", OFPERR_BAD_REQUEST_BAD_LEN},
        {"01 11 0064 00000001 0001 0000 ffff 00*86", OFPERR_BAD_REQUEST_BAD_LEN},
        {"01 11 0065 00000001 0001 0000 0058 00*87", OFPERR_BAD_REQUEST_BAD_LEN},
        {"01 11 0065 00000001 0001 0000 0059 00*87", OFPERR_BAD_ACTION_BAD_LEN},
        {"01 11 006c 00000001 0001 0000 0060 00*94", OFPERR_BAD_ACTION_BAD_LEN},
        {"01 11 0064 00000001 0001 0000 0058 00*86", 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct ofp_message m;
        uint8_t *data;
        assert_int_equal(decode(&m, cases[i].hex, false, &data), cases[i].error);
        free(data);
    }
}

/* A reader that did not come out of a checked message must not be trusted either. */
static void next_entry_of_damaged_bytes_is_the_end(void **state UNUSED)
{
    static const uint8_t lies[90] = {0xff, 0xff};
    for (size_t size = 0; size <= sizeof lies; size++) {
        struct reader r;
        struct ofp_flow_stats fs;
        reader_init(&r, lies, size);
        assert_false(ofp_flow_stats_next(&r, &fs));
    }
}

/* rows: A8.6 */
static void aggregate_has_three_sums(void **state UNUSED)
{
    struct ofp_message m;
    uint8_t *data;
    assert_int_equal(decode(&m, "01 11 0024 00000014 0002 0000 0000000000000003 "
                                "00000000000000b4 00000002 00000000", false, &data), 0);
    assert_int_equal(m.aggregate.packet_count, 3);
    assert_int_equal(m.aggregate.byte_count, 180);
    assert_int_equal(m.aggregate.flow_count, 2);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flow_mod_has_every_field),
        cmocka_unit_test(flow_mod_keeps_unknown_commands_and_flags),
        cmocka_unit_test(flow_mod_length_is_judged_before_its_actions),
        cmocka_unit_test(flow_mod_with_output_to_table_is_refused),
        cmocka_unit_test(handler_may_steal_the_actions),
        cmocka_unit_test(exact_flow_mod_stays_exact_when_sent_on),
        cmocka_unit_test(flow_removed_has_every_field),
        cmocka_unit_test(flow_stats_request_has_table_and_out_port),
        cmocka_unit_test(flow_stats_entry_is_88_bytes_and_its_actions),
        cmocka_unit_test(flow_stats_show_inapplicable_fields_wild),
        cmocka_unit_test(damaged_flow_stats_are_refused_as_a_whole),
        cmocka_unit_test(next_entry_of_damaged_bytes_is_the_end),
        cmocka_unit_test(aggregate_has_three_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
