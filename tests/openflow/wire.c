/* SPDX-License-Identifier: Apache-2.0 */
/* Messages written by hand for the tests of the wire: hexadecimal notation and a sample of each. */
#include "tests/openflow/wire.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/ofp-actions.h"
#include "lib/util.h"

/* The value of the hexadecimal digit 'c'. */
static uint8_t digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *p = c ? strchr(digits, c) : NULL;
    if (!p) {
        abort();
    }
    return (uint8_t) (p - digits);
}

uint8_t *wire_from_hex(const char *hex, size_t *size)
{
    struct bytes b = BYTES_INIT;
    while (*hex) {
        if (isspace((unsigned char) *hex)) {
            hex++;
        } else if (*hex == '*') {
            char *end;
            size_t n = strtoul(hex + 1, &end, 10);
            uint8_t last = b.data[b.size - 1];
            memset(bytes_put_uninit(&b, n - 1), last, n - 1);
            hex = end;
        } else {
            bytes_put_u8(&b, (uint8_t) (digit(hex[0]) << 4 | digit(hex[1])));
            hex += 2;
        }
    }
    uint8_t *data = xmemdup(b.data, b.size);
    *size = b.size;
    bytes_uninit(&b);
    return data;
}

uint8_t *wire_cut(const uint8_t *data, size_t data_size, size_t size)
{
    uint8_t *copy = xzalloc(size);
    memcpy(copy, data, MIN(size, data_size));
    if (size >= 4) {
        put_be16(copy + 2, (uint16_t) size);
    }
    return copy;
}

int wire_check_actions(const struct action_list *list, bool in_flow)
{
    struct bytes wire = BYTES_INIT;
    struct action_list again;
    action_list_encode(list, &wire);
    int error = action_list_decode(&again, wire.data, wire.size, in_flow);
    action_list_uninit(&again);
    bytes_uninit(&wire);
    return error;
}

/* A match: TCP to port 80 from port 1, all else wild, as it is normalised. */
#define MATCH_TCP80 \
    "0038204e 0001 00*6 00*6 0000 00 00 0800 00 06 0000 00000000 00000000 0000 0050 "

/* The same with register 0, as Nicira's list of fields. */
#define NXM_TCP80 \
    "00000002 0001 00000602 0800 00000c01 06 00001402 0050 00010004 00000005 "

/* A match: everything. */
#define MATCH_ANY "003820ff 00*36 "

/* A match without wildcards: TCP with VLAN 5, priority 3, TOS 0x20. */
#define MATCH_EXACT \
    "00000000 0001 020000000001 020000000002 0005 03 00 0800 20 06 0000 " \
    "0a000001 0a000002 04d2 0050 "

/* A port: number 1, eth1, no flood, forwarding, 10 Gbit/s over copper. */
#define PORT_ETH1 \
    "0001 020000000001 65746831 00*12 00000010 00000200 000000c0 00000000 00000000 00000000 "

/* An Ethernet header. */
#define FRAME "ffffffffffff 020000000001 0806 "

/* Every action that there is: 120 bytes. */
#define ALL_ACTIONS \
    "0000 0008 0001 0000 " \
    "0001 0008 0005 0000 " \
    "0002 0008 03 000000 " \
    "0003 0008 00000000 " \
    "0004 0010 020000000003 00*6 " \
    "0005 0010 020000000004 00*6 " \
    "0006 0008 0a000003 " \
    "0007 0008 0a000004 " \
    "0008 0008 fc 000000 " \
    "0009 0008 1234 0000 " \
    "000a 0008 0050 0000 " \
    "000b 0010 fff8 00*6 00000007 "

const struct wire_sample wire_samples[] = {
    {"hello", OFP_HELLO, true, "01 00 0008 00000001"},
    {"hello of version 4 with an element", OFP_HELLO, false,
     "04 00 0010 00000002 0001 0008 00000012"},
    {"error", OFP_ERROR, false, "01 01 0014 0000000a 0003 0004 01 0e 0050 0000000a"},
    {"vendor error", OFP_ERROR, false,
     "01 01 001c 0000000a b0c2 0000 00002320 0003 0102 01 0e 0048 0000000a"},
    {"echo request", OFP_ECHO_REQUEST, true, "01 02 000c 00000003 deadbeef"},
    {"echo reply", OFP_ECHO_REPLY, false, "01 03 000c 00000003 deadbeef"},
    {"vendor message", OFP_VENDOR, true, "01 04 0014 00000004 00005c16 0000000a 00000001"},
    {"Nicira message of an unknown subtype", OFP_VENDOR, true,
     "01 04 0014 00000004 00002320 0000270f 00000001"},
    {"role request", OFP_NXT_ROLE_REQUEST, true,
     "01 04 0014 00000004 00002320 0000000a 00000001"},
    {"role reply", OFP_NXT_ROLE_REPLY, false,
     "01 04 0014 00000004 00002320 0000000b 00000002"},
    {"set async config", OFP_NXT_SET_ASYNC_CONFIG, true,
     "01 04 0028 00000004 00002320 00000013 00000001 00000002 00000005 00000007 00000003 00000000"},
    {"set controller id", OFP_NXT_SET_CONTROLLER_ID, true,
     "01 04 0018 00000004 00002320 00000014 00*6 0007"},
    {"set flow format", OFP_NXT_SET_FLOW_FORMAT, true,
     "01 04 0014 00000004 00002320 0000000c 00000002"},
    {"flow mod with a match of Nicira's", OFP_NXT_FLOW_MOD, true,
     "01 04 0070 0000000c 00002320 0000000d 0000000000000007 0001 0005 0006 0064 ffffffff ffff "
     "0001 0033 00*6 " NXM_TCP80 " 00013d10 0000000000000001 00000000000000ff 00*5 "
     "0000 0008 0002 0000"},
    {"flow removed with a match of Nicira's", OFP_NXT_FLOW_REMOVED, false,
     "01 04 0058 00000000 00002320 0000000e 0000000000000007 0064 01 04 00000003 1dcd6500 0005 "
     "001f 000000000000000a 0000000000000064 " NXM_TCP80 " 00"},
    {"flow mod table id", OFP_NXT_FLOW_MOD_TABLE_ID, true,
     "01 04 0018 00000004 00002320 0000000f 01 00*7"},
    {"set packet in format", OFP_NXT_SET_PACKET_IN_FORMAT, true,
     "01 04 0014 00000004 00002320 00000010 00000001"},
    {"packet in with metadata", OFP_NXT_PACKET_IN, false,
     "01 04 004a 00000000 00002320 00000011 ffffffff 003c 01 02 0000000000000055 000e 00*6 "
     "00000002 0003 00010004 00000005 00 00 0000 020000000001020000000002 88cc 00 00"},
    {"flow age", OFP_NXT_FLOW_AGE, true, "01 04 0010 00000004 00002320 00000012"},
    {"Nicira's flow request", OFP_NXST_FLOW_REQUEST, true,
     "01 10 0040 00000019 ffff 0000 00002320 00000000 00000000 ffff 001f ff 000000 " NXM_TCP80
     " 00"},
    {"Nicira's flow reply", OFP_NXST_FLOW_REPLY, false,
     "01 11 0070 00000019 ffff 0001 00002320 00000000 00000000 "
     "0058 01 00 0000000a 004c4b40 0064 0005 0006 001f 0003 0008 0000000000000077 "
     "000000000000000a 00000000000003e8 " NXM_TCP80 " 00 0000 0008 0002 0000"},
    {"Nicira's aggregate request", OFP_NXST_AGGREGATE_REQUEST, true,
     "01 10 0038 00000019 ffff 0000 00002320 00000001 00000000 0002 0014 00 000000 "
     "00013d10 0000000000000001 00000000000000ff 00*4"},
    {"Nicira's aggregate reply", OFP_NXST_AGGREGATE_REPLY, false,
     "01 11 0030 00000019 ffff 0000 00002320 00000001 00000000 0000000000000001 0000000000000002 "
     "00000003 00000000"},
    {"features request", OFP_FEATURES_REQUEST, true, "01 05 0008 00000005"},
    {"features reply", OFP_FEATURES_REPLY, false,
     "01 06 0050 00000005 0000 0a0b0c0d0e0f 00000100 02 000000 00000087 00000fff " PORT_ETH1},
    {"get config request", OFP_GET_CONFIG_REQUEST, true, "01 07 0008 00000006"},
    {"get config reply", OFP_GET_CONFIG_REPLY, false, "01 08 000c 00000006 0001 0080"},
    {"set config", OFP_SET_CONFIG, true, "01 09 000c 00000007 0000 ffff"},
    {"packet in", OFP_PACKET_IN, false,
     "01 0a 0020 00000000 00000101 002a 0003 01 00 " FRAME},
    {"flow removed", OFP_FLOW_REMOVED, false,
     "01 0b 0058 00000000 " MATCH_TCP80 "0000000000000abc 8000 02 00 0000000a 3b9ac9ff "
     "003c 0000 0000000000000003 00000000000000b4"},
    {"port status", OFP_PORT_STATUS, false, "01 0c 0040 00000000 02 00*7 " PORT_ETH1},
    {"packet out", OFP_PACKET_OUT, true,
     "01 0d 0026 00000008 ffffffff ffff 0008 0000 0008 fffb 0000 " FRAME},
    {"packet out of a buffer", OFP_PACKET_OUT, true,
     "01 0d 0018 00000008 00000101 0003 0008 0000 0008 fff9 0000"},
    {"flow mod", OFP_FLOW_MOD, true,
     "01 0e 0050 00000009 " MATCH_TCP80 "0000000000000abc 0000 003c 0000 8000 "
     "ffffffff ffff 0001 0000 0008 fffd 0080"},
    {"flow mod without wildcards, with every action", OFP_FLOW_MOD, true,
     "01 0e 00c0 00000009 " MATCH_EXACT "ffffffffffffffff 0000 0000 012c ffff "
     "00000101 ffff 0007 " ALL_ACTIONS},
    {"flow mod to delete", OFP_FLOW_MOD, true,
     "01 0e 0048 00000009 " MATCH_ANY "0000000000000000 0003 0000 0000 0000 "
     "ffffffff 0002 0000"},
    {"flow mod with Nicira's actions", OFP_FLOW_MOD, true,
     "01 0e 00f0 00000009 " MATCH_ANY "0000000000000000 0000 0000 0000 0005 "
     "ffffffff ffff 0000 "
     "ffff 0010 00002320 000e fff8 01 000000 "
     "ffff 0018 00002320 0007 000f 00010004 0000000000000005 "
     "ffff 0018 00002320 0006 0030 0000 0000 00000406 00000206 "
     "ffff 0048 00002320 0010 0000 003c 8000 0000000000000000 0000 01 00 0000 0000 "
     "000c 00000802 0000 00000802 0000 0030 00000406 0000 00000206 0000 "
     "1010 00000002 0000 00000000 "
     "ffff 0010 00002320 0008 001122334455 "
     "ffff 0010 00002320 0014 0080 0005 01 00"},
    {"port mod", OFP_PORT_MOD, true,
     "01 0f 0020 0000000a 0001 020000000001 00000001 00000041 00000080 00000000"},
    {"barrier request", OFP_BARRIER_REQUEST, true, "01 12 0008 00000010"},
    {"barrier reply", OFP_BARRIER_REPLY, false, "01 13 0008 00000010"},
    {"queue config request", OFP_QUEUE_GET_CONFIG_REQUEST, true,
     "01 14 000c 00000011 0001 0000"},
    {"queue config reply", OFP_QUEUE_GET_CONFIG_REPLY, false,
     "01 15 0030 00000011 0001 00*6 "
     "00000001 0018 0000 0001 0010 00000000 00c8 00*6 "
     "00000002 0008 0000"},
    {"description request", OFP_DESC_REQUEST, true, "01 10 000c 00000012 0000 0000"},
    {"description reply", OFP_DESC_REPLY, false,
     "01 11 042c 00000012 0000 0000 "
     "536c75696365 00*250 766972 00*253 312e30 00*253 3432 00*30 627230 00*253"},
    {"flow statistics request", OFP_FLOW_STATS_REQUEST, true,
     "01 10 0038 00000013 0001 0000 " MATCH_ANY "ff 00 ffff"},
    {"flow statistics reply", OFP_FLOW_STATS_REPLY, false,
     "01 11 00c4 00000013 0001 0001 "
     "0060 00 00 " MATCH_TCP80 "00000001 00000002 8000 003c 0000 00*6 0000000000000abc "
     "0000000000000003 00000000000000b4 0000 0008 fffd 0080 "
     "0058 01 00 " MATCH_EXACT "00000005 00000006 0007 0000 0008 00*6 ffffffffffffffff "
     "0000000000000000 0000000000000000"},
    {"aggregate request", OFP_AGGREGATE_REQUEST, true,
     "01 10 0038 00000014 0002 0000 " MATCH_TCP80 "fe 00 0001"},
    {"aggregate reply", OFP_AGGREGATE_REPLY, false,
     "01 11 0024 00000014 0002 0000 0000000000000003 00000000000000b4 00000002 00000000"},
    {"table statistics request", OFP_TABLE_STATS_REQUEST, true,
     "01 10 000c 00000015 0003 0000"},
    {"table statistics reply", OFP_TABLE_STATS_REPLY, false,
     "01 11 004c 00000015 0003 0000 "
     "00 000000 6d61696e 00*28 003fffff 00100000 00000002 0000000000000007 0000000000000005"},
    {"port statistics request", OFP_PORT_STATS_REQUEST, true,
     "01 10 0014 00000016 0004 0000 ffff 00*6"},
    {"port statistics reply", OFP_PORT_STATS_REPLY, false,
     "01 11 0074 00000016 0004 0000 0001 00*6 "
     "0000000000000001 0000000000000002 0000000000000003 0000000000000004 "
     "0000000000000005 0000000000000006 0000000000000007 0000000000000008 "
     "ffffffffffffffff ffffffffffffffff ffffffffffffffff ffffffffffffffff"},
    {"queue statistics request", OFP_QUEUE_STATS_REQUEST, true,
     "01 10 0014 00000017 0005 0000 fffc 0000 ffffffff"},
    {"queue statistics reply", OFP_QUEUE_STATS_REPLY, false,
     "01 11 002c 00000017 0005 0000 "
     "0001 0000 00000007 0000000000000064 0000000000000001 0000000000000000"},
    {"port description request", OFP_PORT_DESC_REQUEST, true,
     "01 10 000c 00000018 000d 0000"},
    {"port description reply", OFP_PORT_DESC_REPLY, false,
     "01 11 003c 00000018 000d 0000 " PORT_ETH1},
    {"vendor statistics request", OFP_VENDOR_STATS_REQUEST, true,
     "01 10 0018 00000019 ffff 0000 00005c16 00000000 00000000"},
    {"vendor statistics reply", OFP_VENDOR_STATS_REPLY, false,
     "01 11 0010 00000019 ffff 0000 00005c16"},
};
const size_t n_wire_samples = ARRAY_SIZE(wire_samples);
