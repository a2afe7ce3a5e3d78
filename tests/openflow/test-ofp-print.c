/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of OpenFlow messages as text: bytes of the standard, and the lines that scripts know. */
#include "lib/openflow/ofp-print.h"

#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-match.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/openflow-1.0.h"
#include "tests/unit.h"

/* Checks that the message with the bytes 'hex' is printed as 'text'. */
static void check(const char *hex, const char *text)
{
    struct bytes msg = BYTES_INIT;
    struct bytes out = BYTES_INIT;
    assert_true(ofp_parse_hex(hex, &msg));
    ofp_print(&out, msg.data, msg.size, 2);
    assert_string_equal(bytes_string(&out), text);
    bytes_uninit(&msg);
    bytes_uninit(&out);
}

static void hello_lists_the_versions_of_its_header(void **state UNUSED)
{
    check("0400000800000011",
          "OFPT_HELLO (OF1.3) (xid=0x11):\n"
          " version bitmap: 0x01, 0x02, 0x03, 0x04\n");
}

static void hello_lists_the_versions_of_its_bitmap(void **state UNUSED)
{
    check("01000010000000110001000800000012",
          "OFPT_HELLO (xid=0x11):\n"
          " version bitmap: 0x01, 0x04\n");
}

static void error_is_followed_by_the_message_that_failed(void **state UNUSED)
{
    check("0101005c0000001100020004010e005000000011003820ff00000000000000000000000000000000"
          "000000000000000000000000000000000000000000000000000000000000000000008000ffffffff"
          "ffff00000000000800050000",
          "OFPT_ERROR (xid=0x11): OFPBAC_BAD_OUT_PORT\n"
          "OFPT_FLOW_MOD (xid=0x11): ADD actions=output:5\n");
}

static void error_of_a_vendor_has_a_name_too(void **state UNUSED)
{
    check("0101001c00000011b0c2000000002320000102020112000800000011",
          "OFPT_ERROR (xid=0x11): OFPBRC_BAD_PORT\n"
          "OFPT_BARRIER_REQUEST (xid=0x11):\n");
}

/* Prints 'n' errors, each about the next. Returns how many are told. */
static unsigned count_errors(unsigned n)
{
    struct bytes in = BYTES_INIT, out = BYTES_INIT;
    unsigned n_told = 0;
    for (unsigned size = 12 * n; size; size -= 12) {
        bytes_put(&in, (uint8_t[12]) {1, 1, size >> 8, size & 255, [9] = 1}, 12);
    }
    ofp_print(&out, in.data, in.size, 1);
    for (const char *s = bytes_string(&out); (s = strstr(s, "OFPT_ERROR")) != NULL; s++) {
        n_told++;
    }
    bytes_uninit(&in);
    bytes_uninit(&out);
    return n_told;
}

static void errors_about_errors_are_told_if_they_are_few(void **state UNUSED)
{
    assert_int_equal(count_errors(5), 5);
    assert_int_equal(count_errors(5000), 1);
}

static void hello_failed_has_a_text(void **state UNUSED)
{
    check("0101001500000011000000004f6e6c79202231220a",
          "OFPT_ERROR (xid=0x11): OFPHFC_INCOMPATIBLE\n"
          "Only \\0421\\042\\012\n");
}

static void echo_payload_is_dumped(void **state UNUSED)
{
    check("010200270000001168656c6c6f0001027468657265206d6f7265207468616e207369787465656e",
          "OFPT_ECHO_REQUEST (xid=0x11): 31 bytes of payload\n"
          "00000000  68 65 6c 6c 6f 00 01 02-74 68 65 72 65 20 6d 6f |hello...there mo|\n"
          "00000010  72 65 20 74 68 61 6e 20-73 69 78 74 65 65 6e    |re than sixteen |\n");
}

static void role_request_is_known_by_name(void **state UNUSED)
{
    check("0104001400000011000023200000000a00000001",
          "NXT_ROLE_REQUEST (xid=0x11): role=primary\n");
}

static void async_config_is_listed_for_both_roles(void **state UNUSED)
{
    check("0104002800000011000023200000001300000001000000020000000500000007"
          "0000000300000000",
          "NXT_SET_ASYNC_CONFIG (xid=0x11):\n"
          " primary:\n"
          "       PACKET_IN: no_match\n"
          "     PORT_STATUS: add modify\n"
          "    FLOW_REMOVED: idle hard\n\n"
          " secondary:\n"
          "       PACKET_IN: action\n"
          "     PORT_STATUS: add delete modify\n"
          "    FLOW_REMOVED: (off)\n");
}

static void controller_id_and_role_are_printed(void **state UNUSED)
{
    check("010400180000001100002320000000140000000000000007",
          "NXT_SET_CONTROLLER_ID (xid=0x11): id=7\n");
    check("0104001400000011000023200000000b00000002",
          "NXT_ROLE_REPLY (xid=0x11): role=secondary\n");
}

static void features_reply_sorts_its_ports_by_number(void **state UNUSED)
{
    check("010600b00000001100000000000012340000010002000000000000ff00000fff0002020000000002"
          "73312d65746832000000000000000000000000010000000100000fff000002810000003f00000140"
          "fffe0200000000fe7331000000000000000000000000000000000000000002000000000000000000"
          "0000000000000000000102000000000173312d657468310000000000000000000000000000000000"
          "000000c0000000000000000000000000",
          "OFPT_FEATURES_REPLY (xid=0x11): dpid:0000000000001234\n"
          "n_tables:2, n_buffers:256\n"
          "capabilities: FLOW_STATS TABLE_STATS PORT_STATS STP IP_REASM QUEUE_STATS "
          "ARP_MATCH_IP\n"
          "actions: output enqueue set_vlan_vid set_vlan_pcp strip_vlan mod_dl_src "
          "mod_dl_dst mod_nw_src mod_nw_dst mod_nw_tos mod_tp_src mod_tp_dst\n"
          " 1(s1-eth1): addr:02:00:00:00:00:01\n"
          "     config:     0\n"
          "     state:      0\n"
          "     current:    10GB-FD COPPER\n"
          "     speed: 10000 Mbps now, 0 Mbps max\n"
          " 2(s1-eth2): addr:02:00:00:00:00:02\n"
          "     config:     PORT_DOWN\n"
          "     state:      LINK_DOWN\n"
          "     current:    10MB-HD 10MB-FD 100MB-HD 100MB-FD 1GB-HD 1GB-FD 10GB-FD COPPER "
          "FIBER AUTO_NEG AUTO_PAUSE AUTO_PAUSE_ASYM\n"
          "     advertised: 10MB-HD COPPER AUTO_NEG\n"
          "     supported:  10MB-HD 10MB-FD 100MB-HD 100MB-FD 1GB-HD 1GB-FD\n"
          "     peer:       10GB-FD FIBER\n"
          "     speed: 10000 Mbps now, 1000 Mbps max\n"
          " LOCAL(s1): addr:02:00:00:00:00:fe\n"
          "     config:     0\n"
          "     state:      STP_FORWARD\n"
          "     speed: 0 Mbps now, 0 Mbps max\n");
}

static void switch_config_names_the_fragment_mode(void **state UNUSED)
{
    check("0108000c0000001100010080",
          "OFPT_GET_CONFIG_REPLY (xid=0x11): frags=drop miss_send_len=128\n");
}

static void packet_in_describes_the_frame(void **state UNUSED)
{
    check("010a003c00000011ffffffff002a00010000ffffffffffff02000000000a08060001080006040001"
          "02000000000a0a0000010000000000000a000002",
          "OFPT_PACKET_IN (xid=0x11): total_len=42 in_port=1 (via no_match) data_len=42 "
          "(unbuffered)\n"
          "arp,vlan_tci=0x0000,dl_src=02:00:00:00:00:0a,dl_dst=ff:ff:ff:ff:ff:ff,"
          "arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_op=1,arp_sha=02:00:00:00:00:0a,"
          "arp_tha=00:00:00:00:00:00\n");
}

static void packet_in_shows_buffer_and_reason(void **state UNUSED)
{
    check("010a00120000001100000100003cfffe0100",
          "OFPT_PACKET_IN (xid=0x11): total_len=60 in_port=LOCAL (via action) data_len=0 "
          "buffer=0x00000100\n"
          "vlan_tci=0x0000,dl_src=00:00:00:00:00:00,dl_dst=00:00:00:00:00:00,dl_type=0x0000\n");
}

static void flow_removed_keeps_the_spelling_that_scripts_know(void **state UNUSED)
{
    check("010b005800000011003820ef00000000000000000000000000000000000008060000000000000000"
          "00000000000000000000000000000010006400000000000500989680003c00000000000000000003"
          "00000000000000b4",
          "OFPT_FLOW_REMOVED (xid=0x11): priority=100,arp reason=idle cookie:0x10 "
          "duration5.010s idle60 pkts3 bytes180\n");
}

static void port_status_says_what_happened(void **state UNUSED)
{
    check("010c0040000000110200000000000000000502000000000576657468350000000000000000000000"
          "000000000000000100000020000000000000000000000000",
          "OFPT_PORT_STATUS (xid=0x11): MOD: 5(veth5): addr:02:00:00:00:00:05\n"
          "     config:     0\n"
          "     state:      LINK_DOWN\n"
          "     current:    1GB-FD\n"
          "     speed: 1000 Mbps now, 0 Mbps max\n");
}

static void packet_out_with_a_frame(void **state UNUSED)
{
    check("010d004200000011ffffffffffff000800000008fffb0000ffffffffffff02000000000a08060001"
          "08000604000102000000000a0a0000010000000000000a000002",
          "OFPT_PACKET_OUT (xid=0x11): in_port=ANY actions=FLOOD data_len=42\n"
          "arp,vlan_tci=0x0000,dl_src=02:00:00:00:00:0a,dl_dst=ff:ff:ff:ff:ff:ff,"
          "arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_op=1,arp_sha=02:00:00:00:00:0a,"
          "arp_tha=00:00:00:00:00:00\n");
}

static void packet_out_with_a_buffer(void **state UNUSED)
{
    check("010d0010000000110000011100010000",
          "OFPT_PACKET_OUT (xid=0x11): in_port=1 actions=drop buffer=0x00000111\n");
}

static void flow_mod_shows_all_kinds_of_action(void **state UNUSED)
{
    check("010e00a800000011003820ff00000000000000000000000000000000000000000000000000000000"
          "000000000000000000000000000000000000000000008000ffffffffffff00000000000800010000"
          "00000008fffd00800001000800050000000200080300000000030008000000000004001002000000"
          "0001000000000000000700080a00000200080008200000000009000800500000000b001000030000"
          "0000000000000007",
          "OFPT_FLOW_MOD (xid=0x11): ADD actions=output:1,CONTROLLER:128,mod_vlan_vid:5,"
          "mod_vlan_pcp:3,strip_vlan,mod_dl_src:02:00:00:00:00:01,mod_nw_dst:10.0.0.2,"
          "mod_nw_tos:32,mod_tp_src:80,enqueue:3:7\n");
}

static void flow_mod_shows_what_differs_from_the_default(void **state UNUSED)
{
    check("010e004800000011003820ef00000000000000000000000000000000000008000000000000000000"
          "0000000000000000000000000000001000030005000600030000000700010007",
          "OFPT_FLOW_MOD (xid=0x11): DEL priority=3,ip cookie:0x10 idle:5 hard:6 buf:0x7 "
          "out_port:1 send_flow_rem check_overlap emerg actions=drop\n");
}

static void port_mod_shows_config_and_mask(void **state UNUSED)
{
    check("010f0020000000110001020000000001000000010000007f0000000000000000",
          "OFPT_PORT_MOD (xid=0x11): port: 1: addr:02:00:00:00:00:01\n"
          "     config: PORT_DOWN\n"
          "     mask:   PORT_DOWN NO_STP NO_RECV NO_RECV_STP NO_FLOOD NO_FWD NO_PACKET_IN\n"
          "     advertise: UNCHANGED\n");
}

static void queue_config_shows_minimal_rates(void **state UNUSED)
{
    check("011500480000001100010000000000000000000100180000000100100000000001f4000000000000"
          "0000000200180000000100100000000003e90000000000000000000300080000",
          "OFPT_QUEUE_GET_CONFIG_REPLY (xid=0x11): port=1\n"
          "queue 1: min_rate:50.0%\n"
          "queue 2: min_rate:(disabled)\n"
          "queue 3:\n");
}

static void description_has_five_lines(void **state UNUSED)
{
    check("0111042c00000011000000004d667200000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000687700000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000737700000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000004e6f6e6500000000000000000000000000000000"
          "00000000000000000000000064700000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "00000000000000000000000000000000000000000000000000000000",
          "OFPST_DESC reply (xid=0x11):\n"
          "Manufacturer: Mfr\n"
          "Hardware: hw\n"
          "Software: sw\n"
          "Serial Num: None\n"
          "DP Description: dp\n");
}

static void flow_request_shows_its_filters(void **state UNUSED)
{
    check("011000380000001100010000003820ef000000000000000000000000000000000000080600000000"
          "00000000000000000000000000000001",
          "OFPST_FLOW request (xid=0x11): table=0 out_port=1 arp\n");
}

static void flow_reply_has_a_line_for_each_rule(void **state UNUSED)
{
    check("0111011c000000110001000100600000003820ff0000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000004054e084080000000000000000000000000000000"
          "000000000000000000000001000000000000003c000000080002000000580100003820ef00000000"
          "00000000000000000000000000000800000000000000000000000000000000000000000000000000"
          "0064003c012c00000000000000000000000000100000000000000001000000000000003c00580000"
          "002820fd0000000000000000000000000000ffff0000000000000000000000000000000000000000"
          "00000004000000018000000000000000000000000000000000000000ffffffffffffffffffffffff"
          "ffffffff",
          "OFPST_FLOW reply (xid=0x11): flags=[more]\n"
          " cookie=0x0, duration=4.089s, table=0, n_packets=1, n_bytes=60, actions=output:2\n"
          " cookie=0x10, duration=0s, table=1, n_packets=1, n_bytes=60, idle_timeout=60, "
          "hard_timeout=300, priority=100,ip actions=drop\n"
          " cookie=0x0, duration=4.000000001s, table=0, n_packets=?, n_bytes=?, "
          "vlan_tci=0x0000 actions=drop\n");
}

static void aggregate_reply_is_one_line(void **state UNUSED)
{
    check("011100240000001100020000000000000000000100000000000000020000000300000000",
          "OFPST_AGGREGATE reply (xid=0x11): packet_count=1 byte_count=2 flow_count=3\n");
}

static void table_reply_joins_equal_tables(void **state UNUSED)
{
    check("0111014c000000110003000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000003fffff00000064000000030000000000000004000000000000000501000000"
          "0000000000000000000000000000000000000000000000000000000000000000003820ff00000064"
          "00000000000000000000000000000000000000000200000000000000000000000000000000000000"
          "00000000000000000000000000000000003820ff0000006400000000000000000000000000000000"
          "00000000030000000000000000000000000000000000000000000000000000000000000000000000"
          "003820ff000000640000000000000000000000000000000000000000040000000000000000000000"
          "000000000000000000000000000000000000000000000000003820ff000000640000000000000000"
          "000000000000000000000000",
          "OFPST_TABLE reply (xid=0x11):\n"
          "  table 0:\n"
          "    active=3, lookup=4, matched=5\n"
          "    max_entries=100\n"
          "    matching:\n"
          "      exact match or wildcard: in_port eth_{src,dst,type} vlan_{vid,pcp} "
          "ip_{src,dst} nw_{proto,tos} tcp_{src,dst}\n"
          "\n"
          "  table 1:\n"
          "    active=0, lookup=0, matched=0\n"
          "    (same features)\n"
          "\n"
          "  tables 2...4: ditto\n");
}

static void port_reply_has_a_question_mark_for_what_is_not_known(void **state UNUSED)
{
    check("011100dc000000110004000000010000000000000000000000000001000000000000000200000000"
          "00000003000000000000000400000000000000050000000000000006000000000000000700000000"
          "000000080000000000000009000000000000000a000000000000000b000000000000000cfffe0000"
          "00000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
          "ffffffffffffffffffffffffffffffffffffffff",
          "OFPST_PORT reply (xid=0x11): 2 ports\n"
          "  port  1: rx pkts=1, bytes=3, drop=5, errs=7, frame=9, over=10, crc=11\n"
          "           tx pkts=2, bytes=4, drop=6, errs=8, coll=12\n"
          "  port LOCAL: rx pkts=?, bytes=?, drop=?, errs=?, frame=?, over=?, crc=?\n"
          "           tx pkts=?, bytes=?, drop=?, errs=?, coll=?\n");
}

static void queue_reply_has_a_line_for_each_queue(void **state UNUSED)
{
    check("0111004c000000110005000000010000000000020000000000000003000000000000000400000000"
          "00000005fffe0000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
          "OFPST_QUEUE reply (xid=0x11): 2 queues\n"
          "  port 1 queue 2: bytes=3, pkts=4, errors=5, duration=?\n"
          "  port LOCAL queue ALL: bytes=?, pkts=?, errors=?, duration=?\n");
}

static void unknown_type_is_dumped_in_hex(void **state UNUSED)
{
    check("014d000800000011",
          "***decode error: OFPBRC_BAD_TYPE***\n"
          "00000000  01 4d 00 08 00 00 00 11-                        |.M......        |\n");
}

static void message_that_is_cut_off_says_so(void **state UNUSED)
{
    check("010e004800000011003820ff",
          "OFPT_FLOW_MOD (xid=0x11):\n"
          "(***truncated to 12 bytes from 72***)\n"
          "00000000  01 0e 00 48 00 00 00 11-00 38 20 ff             |...H.....8 .    |\n");
}

static void message_that_is_too_long_says_so(void **state UNUSED)
{
    check("01000008000000117879",
          "(***only uses 8 bytes out of 10***)\n"
          "00000000  01 00 00 08 00 00 00 11-78 79                   |........xy      |\n");
}

static void bad_action_keeps_the_name_of_the_message(void **state UNUSED)
{
    check("010e005000000011003820ff00000000000000000000000000000000000000000000000000000000"
          "000000000000000000000000000000000000000000008000ffffffffffff000000000008ff000000",
          "OFPT_FLOW_MOD (xid=0x11): ***decode error: OFPBAC_BAD_OUT_PORT***\n"
          "00000000  01 0e 00 50 00 00 00 11-00 38 20 ff 00 00 00 00 |...P.....8 .....|\n"
          "00000010  00 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00 |................|\n"
          "00000020  00 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00 |................|\n"
          "00000030  00 00 00 00 00 00 00 00-00 00 00 00 00 00 80 00 |................|\n"
          "00000040  ff ff ff ff ff ff 00 00-00 00 00 08 ff 00 00 00 |................|\n");
}

/* Fields of matches, by wildcards and values. */
static const struct {
    const char *hex;  /* struct ofp_match. */
    const char *text; /* What it is. */
} matches[] = {
    {"003820ff00000000000000000000000000000000"
     "0000000000000000000000000000000000000000",
     ""},
    {"003820fe00050000000000000000000000000000"
     "0000000000000000000000000000000000000000",
     "in_port=5"},
    {"003820fefffe0000000000000000000000000000"
     "0000000000000000000000000000000000000000",
     "in_port=LOCAL"},
    {"003820fd00000000000000000000000000000005"
     "0000000000000000000000000000000000000000",
     "dl_vlan=5"},
    {"003820fd0000000000000000000000000000ffff"
     "0000000000000000000000000000000000000000",
     "vlan_tci=0x0000/0x1fff"},
    {"002820fd0000000000000000000000000000ffff"
     "0000000000000000000000000000000000000000",
     "vlan_tci=0x0000"},
    {"002820fd00000000000000000000000000000005"
     "0300000000000000000000000000000000000000",
     "dl_vlan=5,dl_vlan_pcp=3"},
    {"002820ff00000000000000000000000000000000"
     "0300000000000000000000000000000000000000",
     "dl_vlan_pcp=3"},
    {"003820f30000010203040506ffffffffffff0000"
     "0000000000000000000000000000000000000000",
     "dl_src=01:02:03:04:05:06,dl_dst=ff:ff:ff:ff:ff:ff"},
    {"003820ef00000000000000000000000000000000"
     "000088cc00000000000000000000000000000000",
     "dl_type=0x88cc"},
    {"0010080f00000000000000000000000000000000"
     "00000800200600000a0000010a00000200080050",
     "tcp,nw_src=10.0.0.0/24,nw_dst=10.0.0.2,nw_tos=32,tp_src=8,tp_dst=80"},
    {"003200cf00000000000000000000000000000000"
     "00000806000100000a0000010a00000200000000",
     "arp,arp_spa=10.0.0.1,arp_tpa=10.0.0.0/24,arp_op=1"},
    {"0038200f00000000000000000000000000000000"
     "0000080000010000000000000000000000080000",
     "icmp,icmp_type=8,icmp_code=0"},
    {"0038200f00000000000000000000000000000000"
     "000086dd003a0000000000000000000000800000",
     "icmp6,icmp_type=128,icmp_code=0"},
    {"0038204f00000000000000000000000000000000"
     "000086dd00110000000000000000000000000035",
     "udp6,tp_dst=53"},
    {"003820cf00000000000000000000000000000000"
     "00000800002f0000000000000000000000000000",
     "ip,nw_proto=47"},
};

static void matches_are_printed_as_they_are_typed(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
        struct bytes wire = BYTES_INIT;
        struct bytes out = BYTES_INIT;
        struct match m;
        assert_true(ofp_parse_hex(matches[i].hex, &wire));
        assert_int_equal(wire.size, OFP10_MATCH_SIZE);
        ofp_match_decode(wire.data, &m);
        ofp_print_match(&out, &m);
        assert_string_equal(bytes_string(&out), matches[i].text);
        bytes_uninit(&wire);
        bytes_uninit(&out);
    }
}

/* Printing must not need more of a message than there is, nor trust what it says. */
static void every_cut_and_every_byte_flipped_prints_something(void **state UNUSED)
{
    for (enum ofp_kind kind = 0; kind < N_OFP_KINDS; kind++) {
        struct bytes *msg = ofp_msg_start(kind, 1);
        bytes_put_zeros(msg, 128);
        ofp_msg_finish(msg);
        for (size_t size = 0; size < msg->size; size++) {
            void *copy = xmemdup(msg->data, size);
            struct bytes out = BYTES_INIT;
            ofp_print(&out, copy, size, 3);
            assert_true(out.size > 0 && out.data[out.size - 1] == '\n');
            bytes_uninit(&out);
            free(copy);
        }
        for (size_t i = 0; i < msg->size; i++) {
            struct bytes out = BYTES_INIT;
            msg->data[i] ^= 0xff;
            ofp_print(&out, msg->data, msg->size, 3);
            assert_true(out.size > 0 && out.data[out.size - 1] == '\n');
            bytes_uninit(&out);
            msg->data[i] ^= 0xff;
        }
        bytes_destroy(msg);
    }
}

/* What an error of 'verbosity' is printed as that is about the 'size' bytes at 'data'. */
static char *error_about(const void *data, size_t size, int verbosity)
{
    struct ofp_message m = {.kind = OFP_ERROR, .xid = 1};
    struct bytes out = BYTES_INIT;
    m.error.type = OFPET_BAD_REQUEST;
    m.error.code = OFPBRC_EPERM;
    m.error.data = (struct ofp_data){.data = data, .size = size};
    struct bytes *msg = ofp_message_encode(&m);
    ofp_print(&out, msg->data, msg->size, verbosity);
    char *text = xstrdup(bytes_string(&out));
    bytes_destroy(msg);
    bytes_uninit(&out);
    return text;
}

/* As lines of a hex dump, or as one long line: a flow_mod with a note. */
static void a_long_message_that_an_error_is_about_is_cut_short(void **state UNUSED)
{
    struct ofp_message m = {.kind = OFP_FLOW_MOD, .xid = 1};
    static const uint8_t note[30000];
    match_init_any(&m.flow_mod.match);
    action_list_init(&m.flow_mod.actions);
    action_list_append_note(&m.flow_mod.actions, note, sizeof note);
    struct bytes *msg = ofp_message_encode(&m);
    const size_t sizes[] = {msg->size, msg->size - 1000, 200};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        char *part = error_about(msg->data, sizes[i], 2);
        char *all = error_about(msg->data, sizes[i], 3);
        bool is_long = sizes[i] > 1000;
        assert_true(strlen(all) > (is_long ? 50000 : 500));
        assert_true(strlen(part) < 4300);
        assert_int_equal(!!strstr(part, " more characters are left out***)\n"), is_long);
        assert_null(strstr(all, "left out"));
        size_t same = is_long ? 2000 : strlen(all);
        assert_memory_equal(part, all, same);
        assert_int_equal(part[strlen(part) - 1], '\n');
        free(part);
        free(all);
    }
    action_list_uninit(&m.flow_mod.actions);
    bytes_destroy(msg);
}

/* Names as a bridge could have them. */
static const char *name_port(void *aux UNUSED, uint16_t port)
{
    return port == 1 ? "eth0" : port == 2 ? "s1-eth2" : NULL;
}

static void styles_name_ports_and_quote_what_is_no_word(void **state UNUSED)
{
    const struct ofp_print_style style = {.port_name = name_port};
    static const char *const texts[] = {"eth0", "\"s1-eth2\"", "3", "LOCAL"};
    static const uint16_t ports[] = {1, 2, 3, OFPP_LOCAL};
    for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
        struct bytes out = BYTES_INIT;
        ofp_print_port_styled(&out, ports[i], &style);
        assert_string_equal(bytes_string(&out), texts[i]);
        bytes_uninit(&out);
    }
}

static void style_without_statistics_leaves_the_rule(void **state UNUSED)
{
    const struct ofp_print_style style = {.no_stats = true};
    struct ofp_flow_stats fs = {.priority = 5, .idle_timeout = 7, .packet_count = 3};
    struct bytes out = BYTES_INIT;
    match_init_any(&fs.match);
    action_list_init(&fs.actions);
    ofp_print_flow_stats_styled(&out, &fs, &style);
    assert_string_equal(bytes_string(&out), " idle_timeout=7, priority=5 actions=drop");
    bytes_uninit(&out);
}

/* For ofp_print_each_field(): "name=value;". */
static void append_field(void *aux, const char *name, const char *value)
{
    bytes_printf(aux, "%s=%s;", name, value);
}

static void fields_are_told_one_by_one_without_keywords(void **state UNUSED)
{
    static const struct {
        const char *match;  /* As typed. */
        const char *fields; /* As told. */
    } cases[] = {
        {"", ""},
        {"in_port=LOCAL", "in_port=LOCAL;"},
        {"tcp,nw_dst=10.0.0.0/8,tp_dst=80",
         "dl_type=0x0800;nw_dst=10.0.0.0/8;nw_proto=6;tp_dst=80;"},
        {"arp,arp_op=1,arp_spa=10.0.0.1", "dl_type=0x0806;arp_spa=10.0.0.1;arp_op=1;"},
        {"dl_vlan=5,dl_vlan_pcp=3,icmp,icmp_type=8",
         "dl_vlan=5;dl_vlan_pcp=3;dl_type=0x0800;nw_proto=1;icmp_type=8;"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct ofp_parse how = {.port_lookup = NULL};
        struct bytes out = BYTES_INIT;
        struct match m;
        char *error;
        assert_int_equal(ofp_parse_match(&m, cases[i].match, &how, &error), 0);
        ofp_print_each_field(&m, NULL, append_field, &out);
        assert_string_equal(bytes_string(&out), cases[i].fields);
        bytes_uninit(&out);
    }
}

static void bits_have_names_in_the_order_of_printing(void **state UNUSED)
{
    uint32_t bits = OFPPC_NO_FLOOD | OFPPC_PORT_DOWN | 1u << 31;
    assert_string_equal(ofp_bit_name_next(OFP_BITS_PORT_CONFIG, &bits), "PORT_DOWN");
    assert_string_equal(ofp_bit_name_next(OFP_BITS_PORT_CONFIG, &bits), "NO_FLOOD");
    assert_null(ofp_bit_name_next(OFP_BITS_PORT_CONFIG, &bits));
    assert_int_equal(bits, 1u << 31);
    bits = 1 << OFPAT_ENQUEUE;
    assert_string_equal(ofp_bit_name_next(OFP_BITS_ACTIONS, &bits), "enqueue");
    bits = OFPC_STP;
    assert_string_equal(ofp_bit_name_next(OFP_BITS_CAPABILITIES, &bits), "STP");
    bits = OFPPF_10GB_FD;
    assert_string_equal(ofp_bit_name_next(OFP_BITS_PORT_FEATURES, &bits), "10GB-FD");
    assert_int_equal(ofp_port_speed(OFPPF_10MB_HD | OFPPF_100MB_FD | OFPPF_COPPER), 100);
    assert_int_equal(ofp_port_speed(OFPPF_COPPER), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_lists_the_versions_of_its_header),
        cmocka_unit_test(hello_lists_the_versions_of_its_bitmap),
        cmocka_unit_test(error_is_followed_by_the_message_that_failed),
        cmocka_unit_test(error_of_a_vendor_has_a_name_too),
        cmocka_unit_test(errors_about_errors_are_told_if_they_are_few),
        cmocka_unit_test(hello_failed_has_a_text),
        cmocka_unit_test(echo_payload_is_dumped),
        cmocka_unit_test(role_request_is_known_by_name),
        cmocka_unit_test(async_config_is_listed_for_both_roles),
        cmocka_unit_test(controller_id_and_role_are_printed),
        cmocka_unit_test(features_reply_sorts_its_ports_by_number),
        cmocka_unit_test(switch_config_names_the_fragment_mode),
        cmocka_unit_test(packet_in_describes_the_frame),
        cmocka_unit_test(packet_in_shows_buffer_and_reason),
        cmocka_unit_test(flow_removed_keeps_the_spelling_that_scripts_know),
        cmocka_unit_test(port_status_says_what_happened),
        cmocka_unit_test(packet_out_with_a_frame),
        cmocka_unit_test(packet_out_with_a_buffer),
        cmocka_unit_test(flow_mod_shows_all_kinds_of_action),
        cmocka_unit_test(flow_mod_shows_what_differs_from_the_default),
        cmocka_unit_test(port_mod_shows_config_and_mask),
        cmocka_unit_test(queue_config_shows_minimal_rates),
        cmocka_unit_test(description_has_five_lines),
        cmocka_unit_test(flow_request_shows_its_filters),
        cmocka_unit_test(flow_reply_has_a_line_for_each_rule),
        cmocka_unit_test(aggregate_reply_is_one_line),
        cmocka_unit_test(table_reply_joins_equal_tables),
        cmocka_unit_test(port_reply_has_a_question_mark_for_what_is_not_known),
        cmocka_unit_test(queue_reply_has_a_line_for_each_queue),
        cmocka_unit_test(unknown_type_is_dumped_in_hex),
        cmocka_unit_test(message_that_is_cut_off_says_so),
        cmocka_unit_test(message_that_is_too_long_says_so),
        cmocka_unit_test(bad_action_keeps_the_name_of_the_message),
        cmocka_unit_test(matches_are_printed_as_they_are_typed),
        cmocka_unit_test(every_cut_and_every_byte_flipped_prints_something),
        cmocka_unit_test(a_long_message_that_an_error_is_about_is_cut_short),
        cmocka_unit_test(styles_name_ports_and_quote_what_is_no_word),
        cmocka_unit_test(style_without_statistics_leaves_the_rule),
        cmocka_unit_test(fields_are_told_one_by_one_without_keywords),
        cmocka_unit_test(bits_have_names_in_the_order_of_printing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
