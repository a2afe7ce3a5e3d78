/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the messages about the switch as a whole. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* Compares 'msg' with 'hex'. */
static void assert_bytes(const struct bytes *msg, const char *hex)
{
    size_t size;
    uint8_t *wanted = wire_from_hex(hex, &size);
    assert_int_equal(msg->size, size);
    assert_memory_equal(msg->data, wanted, size);
    free(wanted);
}

/* rows: A2.1 */
static void features_reply_is_32_bytes_and_its_ports(void **state UNUSED)
{
    struct ofp_message m = {
        .kind = OFP_FEATURES_REPLY,
        .xid = 5,
        .features = {.datapath_id = UINT64_C(0x00000a0b0c0d0e0f), .n_buffers = 256, .n_tables = 2,
                     .capabilities = OFPC_FLOW_STATS | OFPC_TABLE_STATS | OFPC_PORT_STATS
                                     | OFPC_ARP_MATCH_IP,
                     .actions = action_bitmap()},
    };
    struct bytes *msg = ofp_message_encode(&m);
    assert_bytes(msg, "01 06 0020 00000005 00000a0b0c0d0e0f 00000100 02 000000 00000087 00000fff");

    struct ofp_port port = {.port_no = OFPP_LOCAL, .name = "br0"};
    ofp_port_put(msg, &port);
    ofp_msg_finish(msg);
    assert_int_equal(get_be16(msg->data + 2), 80);

    struct ofp_message again;
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, false), 0);
    assert_true(again.features.datapath_id == UINT64_C(0x00000a0b0c0d0e0f));
    assert_int_equal(again.features.n_buffers, 256);
    assert_int_equal(again.features.n_tables, 2);
    assert_int_equal(again.features.capabilities, 0x87);
    assert_int_equal(again.features.actions, 0xfff);
    assert_true(ofp_port_next(&again.features.ports, &port));
    assert_string_equal(port.name, "br0");
    assert_false(ofp_port_next(&again.features.ports, &port));
    bytes_destroy(msg);
}

/* rows: A2.7. Any flags and any length arrive. */
static void set_config_keeps_flags_and_length(void **state UNUSED)
{
    static const uint16_t lengths[] = {0, 1, 128, 0xffff};
    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
        struct ofp_message m = {
            .kind = OFP_SET_CONFIG,
            .config = {.flags = (uint16_t) i, .miss_send_len = lengths[i]},
        };
        struct bytes *msg = ofp_message_encode(&m);
        struct ofp_message again;
        assert_int_equal(msg->size, 12);
        assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, true), 0);
        assert_int_equal(again.config.flags, i);
        assert_int_equal(again.config.miss_send_len, lengths[i]);
        bytes_destroy(msg);
    }
}

/* rows: A8.4. 1056 bytes, padded with NULs. */
static void description_is_1056_bytes_of_padded_strings(void **state UNUSED)
{
    struct ofp_message m = {
        .kind = OFP_DESC_REPLY,
        .xid = 0x12,
        .desc = {.mfr_desc = "Sluice", .hw_desc = "vir", .sw_desc = "1.0", .serial_num = "42",
                 .dp_desc = "br0"},
    };
    struct bytes *msg = ofp_message_encode(&m);
    assert_bytes(msg, "01 11 042c 00000012 0000 0000 "
                      "536c75696365 00*250 766972 00*253 312e30 00*253 3432 00*30 627230 00*253");

    struct ofp_message again;
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, false), 0);
    assert_string_equal(again.desc.mfr_desc, "Sluice");
    assert_string_equal(again.desc.hw_desc, "vir");
    assert_string_equal(again.desc.sw_desc, "1.0");
    assert_string_equal(again.desc.serial_num, "42");
    assert_string_equal(again.desc.dp_desc, "br0");
    bytes_destroy(msg);
}

static void strings_that_fill_their_field_are_terminated(void **state UNUSED)
{
    uint8_t *data = xzalloc(1068);
    memset(data, 'x', 1068);
    memcpy(data, "\1\x11\4\x2c\0\0\0\0\0\0\0\0", 12);

    struct ofp_message m;
    assert_int_equal(ofp_message_decode(&m, data, 1068, false), 0);
    assert_int_equal(strlen(m.desc.mfr_desc), 256);
    assert_int_equal(strlen(m.desc.serial_num), 32);
    assert_int_equal(strlen(m.desc.dp_desc), 256);

    struct bytes *msg = ofp_message_encode(&m);
    assert_int_equal(msg->data[12 + 254], 'x');
    assert_int_equal(msg->data[12 + 255], 0);
    assert_int_equal(msg->data[1067], 0);
    bytes_destroy(msg);
    free(data);
}

/* rows: A8.7. 64 bytes. */
static void table_stats_are_64_bytes(void **state UNUSED)
{
    struct ofp_table_stats ts = {.table_id = 1, .name = "main", .wildcards = OFPFW_ALL,
                                 .max_entries = 1 << 20, .active_count = 2, .lookup_count = 7,
                                 .matched_count = 5};
    struct bytes *msg = ofp_msg_start(OFP_TABLE_STATS_REPLY, 0x15);
    ofp_table_stats_put(msg, &ts);
    ofp_msg_finish(msg);
    assert_bytes(msg, "01 11 004c 00000015 0003 0000 01 000000 6d61696e 00*28 "
                      "003fffff 00100000 00000002 0000000000000007 0000000000000005");

    struct ofp_message m;
    struct ofp_table_stats again;
    assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
    assert_true(ofp_table_stats_next(&m.entries, &again));
    assert_int_equal(again.table_id, 1);
    assert_string_equal(again.name, "main");
    assert_int_equal(again.wildcards, OFPFW_ALL);
    assert_int_equal(again.max_entries, 1 << 20);
    assert_int_equal(again.active_count, 2);
    assert_int_equal(again.lookup_count, 7);
    assert_int_equal(again.matched_count, 5);
    assert_false(ofp_table_stats_next(&m.entries, &again));
    bytes_destroy(msg);
}

/* rows: A1.13 */
static void vendor_message_has_vendor_and_rest(void **state UNUSED)
{
    static const uint8_t rest[] = {0, 0, 0, 10, 0, 0, 0, 1};
    struct ofp_message m = {.kind = OFP_VENDOR, .xid = 4,
                            .vendor = {.vendor = 0x5c16, .data = {rest, sizeof rest}}};
    struct bytes *msg = ofp_message_encode(&m);
    assert_bytes(msg, "01 04 0014 00000004 00005c16 0000000a 00000001");

    struct ofp_message again;
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, true), 0);
    assert_int_equal(again.vendor.vendor, 0x5c16);
    assert_int_equal(again.vendor.data.size, 8);
    assert_memory_equal(again.vendor.data.data, rest, sizeof rest);
    bytes_destroy(msg);
}

/* rows: A8.10 */
static void vendor_statistics_have_vendor_and_rest(void **state UNUSED)
{
    static const uint8_t rest[] = {1, 2, 3};
    struct ofp_message m = {.kind = OFP_VENDOR_STATS_REQUEST, .xid = 4, .flags = 1,
                            .vendor_stats = {.vendor = 0x5c16, .data = {rest, sizeof rest}}};
    struct bytes *msg = ofp_message_encode(&m);
    assert_bytes(msg, "01 10 0013 00000004 ffff 0001 00005c16 010203");

    struct ofp_message again;
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, true), 0);
    assert_int_equal(again.vendor_stats.vendor, 0x5c16);
    assert_memory_equal(again.vendor_stats.data.data, rest, sizeof rest);
    bytes_destroy(msg);
}

/* rows: A1.5. A hello of any version and any length. */
static void hello_body_is_kept_and_means_nothing(void **state UNUSED)
{
    static const uint8_t hello[] = {6, 0, 0, 11, 0, 0, 0, 1, 0xff, 0xff, 0xff};
    struct ofp_message m;
    assert_int_equal(ofp_message_decode(&m, hello, sizeof hello, true), 0);
    assert_int_equal(m.version, 6);
    assert_int_equal(m.body.size, 3);
    struct bytes *msg = ofp_message_encode(&m);
    assert_memory_equal(msg->data, hello, sizeof hello);
    bytes_destroy(msg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_reply_is_32_bytes_and_its_ports),
        cmocka_unit_test(set_config_keeps_flags_and_length),
        cmocka_unit_test(description_is_1056_bytes_of_padded_strings),
        cmocka_unit_test(strings_that_fill_their_field_are_terminated),
        cmocka_unit_test(table_stats_are_64_bytes),
        cmocka_unit_test(vendor_message_has_vendor_and_rest),
        cmocka_unit_test(vendor_statistics_have_vendor_and_rest),
        cmocka_unit_test(hello_body_is_kept_and_means_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
