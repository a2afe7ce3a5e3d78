/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the messages about ports. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* A port with a different number in each field. */
static const struct ofp_port a_port = {
    .port_no = 0x0102,
    .hw_addr = {2, 3, 4, 5, 6, 7},
    .name = "eth1",
    .config = OFPPC_NO_FLOOD,
    .state = OFPPS_STP_BLOCK | OFPPS_LINK_DOWN,
    .curr = OFPPF_10GB_FD,
    .advertised = OFPPF_10MB_HD,
    .supported = OFPPF_PAUSE_ASYM,
    .peer = OFPPF_AUTONEG,
};

/* Its 48 bytes. */
#define A_PORT \
    "0102 020304050607 65746831 00*12 00000010 00000301 00000040 00000001 00000800 00000200"

/* Compares 'msg' with 'hex'. */
static void assert_bytes(const struct bytes *msg, const char *hex)
{
    size_t size;
    uint8_t *wanted = wire_from_hex(hex, &size);
    assert_int_equal(msg->size, size);
    assert_memory_equal(msg->data, wanted, size);
    free(wanted);
}

/* Compares two ports, member by member for the sake of paddings. */
static void assert_ports_equal(const struct ofp_port *a, const struct ofp_port *b)
{
    assert_int_equal(a->port_no, b->port_no);
    assert_memory_equal(a->hw_addr, b->hw_addr, 6);
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->config, b->config);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->curr, b->curr);
    assert_int_equal(a->advertised, b->advertised);
    assert_int_equal(a->supported, b->supported);
    assert_int_equal(a->peer, b->peer);
}

/* rows: A2.5 */
static void port_is_48_bytes_in_the_order_of_the_standard(void **state UNUSED)
{
    struct bytes *msg = ofp_msg_start(OFP_PORT_DESC_REPLY, 0x18);
    assert_true(ofp_port_put(msg, &a_port));
    ofp_msg_finish(msg);
    assert_bytes(msg, "01 11 003c 00000018 000d 0000 " A_PORT);

    struct ofp_message m;
    struct ofp_port port;
    assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
    assert_true(ofp_port_next(&m.entries, &port));
    assert_ports_equal(&port, &a_port);
    assert_false(ofp_port_next(&m.entries, &port));
    bytes_destroy(msg);
}

/* rows: A2.5. 15 characters and a NUL, whatever the sender does. */
static void port_name_always_ends_in_a_nul(void **state UNUSED)
{
    uint8_t wire[48] = {0, 1};
    memset(wire + 8, 'x', 16);
    struct reader r;
    struct ofp_port port;
    reader_init(&r, wire, sizeof wire);
    assert_true(ofp_port_next(&r, &port));
    assert_string_equal(port.name, "xxxxxxxxxxxxxxx");

    memset(port.name, 'y', sizeof port.name);
    struct bytes *msg = ofp_msg_start(OFP_PORT_DESC_REPLY, 0);
    ofp_port_put(msg, &port);
    assert_int_equal(msg->data[12 + 8 + 14], 'y');
    assert_int_equal(msg->data[12 + 8 + 15], 0);
    bytes_destroy(msg);
}

/* rows: A2.4. 1364 ports fit into a features reply. */
static void port_1365_of_a_features_reply_does_not_fit(void **state UNUSED)
{
    struct ofp_features f = {.n_tables = 1};
    struct bytes *msg = ofp_msg_start(OFP_FEATURES_REPLY, 1);
    ofp_features_put(msg, &f);
    for (int i = 0; i < 1364; i++) {
        assert_true(ofp_port_put(msg, &a_port));
    }
    size_t size = msg->size;
    assert_false(ofp_port_put(msg, &a_port));
    assert_int_equal(msg->size, size);
    ofp_msg_finish(msg);

    struct ofp_message m;
    assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
    assert_int_equal(m.features.ports.left, 1364 * 48);
    bytes_destroy(msg);
}

/* rows: A2.8. 64 bytes. */
static void port_status_is_64_bytes(void **state UNUSED)
{
    struct ofp_message m = {
        .kind = OFP_PORT_STATUS,
        .port_status = {.reason = OFPPR_DELETE, .port = a_port},
    };
    struct bytes *msg = ofp_message_encode(&m);
    assert_bytes(msg, "01 0c 0040 00000000 01 00*7 " A_PORT);

    struct ofp_message again;
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, false), 0);
    assert_int_equal(again.port_status.reason, OFPPR_DELETE);
    assert_ports_equal(&again.port_status.port, &a_port);
    bytes_destroy(msg);
}

/* rows: A7.4 */
static void port_mod_is_32_bytes(void **state UNUSED)
{
    struct ofp_message m = {
        .kind = OFP_PORT_MOD,
        .xid = 10,
        .port_mod = {.port_no = 1, .hw_addr = {2, 3, 4, 5, 6, 7}, .config = OFPPC_PORT_DOWN,
                     .mask = OFPPC_PORT_DOWN | OFPPC_NO_PACKET_IN, .advertise = OFPPF_COPPER},
    };
    struct bytes *msg = ofp_message_encode(&m);
    assert_bytes(msg, "01 0f 0020 0000000a 0001 020304050607 00000001 00000041 00000080 00000000");

    struct ofp_message again;
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, true), 0);
    assert_int_equal(again.port_mod.port_no, 1);
    assert_memory_equal(again.port_mod.hw_addr, m.port_mod.hw_addr, 6);
    assert_int_equal(again.port_mod.config, OFPPC_PORT_DOWN);
    assert_int_equal(again.port_mod.mask, OFPPC_PORT_DOWN | OFPPC_NO_PACKET_IN);
    assert_int_equal(again.port_mod.advertise, OFPPF_COPPER);
    bytes_destroy(msg);
}

/* rows: A8.8 */
static void port_stats_request_names_a_port(void **state UNUSED)
{
    struct ofp_message m = {.kind = OFP_PORT_STATS_REQUEST, .xid = 0x16, .port_no = OFPP_NONE};
    struct bytes *msg = ofp_message_encode(&m);
    assert_bytes(msg, "01 10 0014 00000016 0004 0000 ffff 00*6");
    struct ofp_message again;
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, true), 0);
    assert_int_equal(again.port_no, OFPP_NONE);
    bytes_destroy(msg);
}

/* rows: A8.8. 104 bytes, the counters in the order of the standard, -1 for what is not known. */
static void port_stats_are_104_bytes(void **state UNUSED)
{
    struct ofp_port_stats ps = {
        .port_no = 1, .rx_packets = 1, .tx_packets = 2, .rx_bytes = 3, .tx_bytes = 4,
        .rx_dropped = 5, .tx_dropped = 6, .rx_errors = 7, .tx_errors = 8, .rx_frame_err = 9,
        .rx_over_err = 10, .rx_crc_err = 11, .collisions = UINT64_MAX,
    };
    struct bytes *msg = ofp_msg_start(OFP_PORT_STATS_REPLY, 0x16);
    ofp_port_stats_put(msg, &ps);
    ofp_msg_finish(msg);
    assert_bytes(msg, "01 11 0074 00000016 0004 0000 0001 00*6 "
                      "0000000000000001 0000000000000002 0000000000000003 0000000000000004 "
                      "0000000000000005 0000000000000006 0000000000000007 0000000000000008 "
                      "0000000000000009 000000000000000a 000000000000000b ffffffffffffffff");

    struct ofp_message m;
    struct ofp_port_stats again = {0};
    assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
    assert_true(ofp_port_stats_next(&m.entries, &again));
    assert_int_equal(again.rx_packets, 1);
    assert_int_equal(again.tx_packets, 2);
    assert_int_equal(again.rx_over_err, 10);
    assert_true(again.collisions == UINT64_MAX);
    assert_false(ofp_port_stats_next(&m.entries, &again));
    bytes_destroy(msg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(port_is_48_bytes_in_the_order_of_the_standard),
        cmocka_unit_test(port_name_always_ends_in_a_nul),
        cmocka_unit_test(port_1365_of_a_features_reply_does_not_fit),
        cmocka_unit_test(port_status_is_64_bytes),
        cmocka_unit_test(port_mod_is_32_bytes),
        cmocka_unit_test(port_stats_request_names_a_port),
        cmocka_unit_test(port_stats_are_104_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
