/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of Nicira's actions on the wire, in memory and as text. */
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/nx-learn.h"
#include "lib/openflow/ofp-actions.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* Head of an action of 'len' bytes: type, length, vendor, subtype. */
#define NX(len, subtype) "ffff " len " 00002320 " subtype " "

/* An action on the wire and as text. */
struct sample {
    const char *hex;  /* Bytes. */
    const char *text; /* As it is printed, and can be read. */
    bool is_other;    /* The text is read as something else. */
};

static const struct sample samples[] = {
    {NX("0010", "0001") "0002 00 000000", "resubmit:2", false},
    {NX("0010", "000e") "fff8 01 000000", "resubmit(,1)", false},
    {NX("0010", "000e") "0002 05 000000", "resubmit(2,5)", false},
    {NX("0010", "000e") "fffe ff 000000", "resubmit:LOCAL", true},
    {NX("0010", "000e") "fff8 ff 000000", "resubmit:IN_PORT", true},
    {NX("0010", "0002") "0000 12345678", "set_tunnel:0x12345678", false},
    {NX("0018", "0009") "00*6 1122334455667788", "set_tunnel64:0x1122334455667788", false},
    {NX("0010", "0004") "0000 00000007", "set_queue:7", false},
    {NX("0010", "0005") "00*6", "pop_queue", false},
    {NX("0018", "0006") "0030 0000 0000 00000406 00000206",
     "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]", false},
    {NX("0018", "0006") "0004 0008 001c 00010004 00010204",
     "move:NXM_NX_REG0[8..11]->NXM_NX_REG1[28..31]", false},
    {NX("0018", "0007") "000f 00010004 0000000000000005", "load:0x5->NXM_NX_REG0[0..15]", false},
    {NX("0018", "0007") "0140 00000802 0000000000000001", "load:0x1->NXM_OF_VLAN_TCI[5]", false},
    {NX("0010", "0008") "001122334455", "note:00.11.22.33.44.55", false},
    {NX("0018", "0008") "001122334455 6677000000000000",
     "note:00.11.22.33.44.55.66.77.00.00.00.00.00.00", false},
    {NX("0018", "000f") "001f 00010004 ffff 00*6", "output:NXM_NX_REG0[]", false},
    {NX("0018", "000f") "040f 00010204 0040 00*6", "output:NXM_NX_REG1[16..31]", true},
    {NX("0010", "0011") "00*6", "exit", false},
    {NX("0010", "0012") "00*6", "dec_ttl", false},
    {NX("0010", "0013") "0005 0007 0000", "fin_timeout(idle_timeout=5,hard_timeout=7)", false},
    {NX("0010", "0013") "0000 0007 0000", "fin_timeout(hard_timeout=7)", false},
    {NX("0010", "0013") "ffff 0000 0000", "fin_timeout(idle_timeout=65535)", false},
    {NX("0010", "0013") "0000 0000 0000", "fin_timeout()", false},
    {NX("0010", "0014") "0080 0005 01 00", "controller(max_len=128,id=5)", false},
    {NX("0010", "0014") "ffff 0000 02 00", "controller(reason=invalid_ttl)", false},
    {NX("0010", "0014") "0040 0000 01 00", "CONTROLLER:64", true},
    {NX("0048", "0010") "0000 003c 8000 0000000000000000 0000 01 00 0000 0000 "
     "000c 00000802 0000 00000802 0000 0030 00000406 0000 00000206 0000 "
     "1010 00000002 0000 00000000",
     "learn(table=1,hard_timeout=60,NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"
     "output:NXM_OF_IN_PORT[])", false},
    {NX("0050", "0010") "000a 0000 0007 00000000000000aa 0001 0a 00 0000 0000 "
     "2010 0800 00000602 0000 0820 00010004 0000 00010204 0000 "
     "2820 00000012 00010404 0000 2008 0006 00000c01 0000 0000",
     "learn(table=10,idle_timeout=10,priority=7,send_flow_rem,cookie=0xaa,NXM_OF_ETH_TYPE[]=0x800,"
     "load:NXM_NX_REG0[]->NXM_NX_REG1[],load:0x12->NXM_NX_REG2[],NXM_OF_IP_PROTO[]=0x6)", false},
    {NX("0030", "0010") "0009 0008 0003 0000000000000005 0003 01 00 0005 0006 "
     "0030 00000406 0000 00000206 0000 0000",
     "learn(table=1,idle_timeout=9,hard_timeout=8,fin_idle_timeout=5,fin_hard_timeout=6,"
     "priority=3,send_flow_rem,delete_learned,cookie=0x5,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[])",
     false},
    {NX("0020", "0010") "0000 0000 8000 00*8 0002 07 00 0000 ffff",
     "learn(table=7,fin_hard_timeout=65535,delete_learned)", false},
};

/* Decodes 'hex'; returns the error. */
static int decode(struct action_list *list, const char *hex, bool in_flow)
{
    size_t size;
    uint8_t *data = wire_from_hex(hex, &size);
    int error = action_list_decode(list, data, size, in_flow);
    free(data);
    return error;
}

/* Every sample survives memory byte for byte.
 *
 * rows: A5.20 B15 B16 B17 B18 B19 B20 B22 B23 */
static void every_action_is_reproduced_byte_for_byte(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        size_t size;
        uint8_t *data = wire_from_hex(samples[i].hex, &size);
        struct action_list list, any;
        struct bytes out = BYTES_INIT;
        assert_int_equal(action_list_decode(&list, data, size, true), 0);
        assert_int_equal(action_list_wire_size(&list), size);
        action_list_encode(&list, &out);
        assert_int_equal(out.size, size);
        assert_memory_equal(out.data, data, size);
        assert_int_equal(action_list_decode_any(&any, data, size), 0);
        assert_true(action_list_equal(&list, &any));
        assert_int_equal(action_list_validate_any(data, size), 0);
        action_list_uninit(&list);
        action_list_uninit(&any);
        bytes_uninit(&out);
        free(data);
    }
}

/* An error for every length that is not the action's own. */
static void other_lengths_are_refused(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        struct action_list list;
        size_t size;
        uint8_t *data = wire_from_hex(samples[i].hex, &size);
        for (size_t n = 8; n < size; n += 8) {
            uint8_t *cut = xmemdup(data, n);
            cut[2] = (uint8_t) (n >> 8);
            cut[3] = (uint8_t) n;
            bool is_note = !strncmp(samples[i].text, "note", 4) && n >= 16;
            bool is_learn = !strncmp(samples[i].text, "learn", 5) && n >= 32;
            if (!is_note && !is_learn) {
                assert_int_equal(action_list_decode(&list, cut, n, true),
                                 OFPERR_BAD_ACTION_BAD_LEN);
            } else if (!action_list_decode(&list, cut, n, true)) {
                action_list_uninit(&list);
            }
            free(cut);
        }
        free(data);
    }
}

/* rows: A5.18 B15 B16 B17 B22 */
static void bad_arguments_are_refused(void **state UNUSED)
{
    static const struct {
        const char *hex; /* Bytes. */
        int error;       /* What is said to them. */
    } bad[] = {
        {NX("0010", "0000") "00*6", OFPERR_BAD_ACTION_BAD_VENDOR_TYPE},
        {NX("0010", "0003") "00*6", OFPERR_BAD_ACTION_BAD_VENDOR_TYPE},
        {NX("0010", "0030") "00*6", OFPERR_BAD_ACTION_BAD_VENDOR_TYPE},
        {NX("0010", "ffff") "00*6", OFPERR_BAD_ACTION_BAD_VENDOR_TYPE},
        {"ffff 0010 00002321 0001 00*6", OFPERR_BAD_ACTION_BAD_VENDOR},
        {"ffff 0008 00002320", OFPERR_BAD_ACTION_BAD_LEN},
        /* The emergency table. */
        {NX("0010", "000e") "fff8 fe 000000", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        /* An unknown field, one with a mask, one that can't be written. */
        {NX("0018", "0007") "000f 0001fe04 0000000000000005", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0018", "0007") "000f 00010108 0000000000000005", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0018", "0007") "000f 00000602 0000000000000005", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        /* Bits that are not there, a number that is too large. */
        {NX("0018", "0007") "080f 00010004 0000000000000005", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0018", "0007") "000f 00010004 0000000000010000", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0018", "0006") "0000 0000 0000 00010004 00010204", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0018", "0006") "0008 001c 0000 00010004 00010204", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0018", "0006") "0008 0000 ffff 00010004 00010204", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        /* What must be zero is not. */
        {NX("0018", "000f") "001f 00010004 ffff 000000000001", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0010", "0014") "0080 0005 01 01", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        /* learn: table, flags, padding. */
        {NX("0020", "0010") "0000 0000 8000 00*8 0000 ff 00 0000 0000",
         OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0020", "0010") "0000 0000 8000 00*8 0004 01 00 0000 0000",
         OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0020", "0010") "0000 0000 8000 00*8 0000 01 01 0000 0000",
         OFPERR_BAD_ACTION_BAD_ARGUMENT},
        /* learn: a spec cut short, one of a kind that is not there, an address without its type, a
         * number with too many bits, a part of what has no mask, an output to a number, bytes
         * behind the end. */
        {NX("0028", "0010") "0000 0000 8000 00*8 0000 01 00 0000 0000 000c 00000802 0000",
         OFPERR_BAD_ACTION_BAD_LEN},
        {NX("0028", "0010") "0000 0000 8000 00*8 0000 01 00 0000 0000 1810 00000002 0000",
         OFPERR_BAD_ACTION_BAD_LEN},
        {NX("0030", "0010") "0000 0000 8000 00*8 0000 01 00 0000 0000 "
         "0020 00000e04 0000 00000e04 0000 0000", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0030", "0010") "0000 0000 8000 00*8 0000 01 00 0000 0000 "
         "2008 0106 00000c01 0000 00*6", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0030", "0010") "0000 0000 8000 00*8 0000 01 00 0000 0000 "
         "0008 00000002 0000 00000002 0000 0000", OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0028", "0010") "0000 0000 8000 00*8 0000 01 00 0000 0000 3010 0002 00000000",
         OFPERR_BAD_ACTION_BAD_ARGUMENT},
        {NX("0028", "0010") "0000 0000 8000 00*8 0000 01 00 0000 0000 0000 000000000001",
         OFPERR_BAD_ACTION_BAD_ARGUMENT},
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        size_t size;
        uint8_t *data = wire_from_hex(bad[i].hex, &size);
        struct action_list list;
        int error = action_list_decode(&list, data, size, true);
        if (error != bad[i].error) {
            fail_msg("%s: %s", bad[i].hex, ofperr_name(error));
        }
        free(data);
    }
}

static void too_many_specs_are_refused(void **state UNUSED)
{
    static const uint8_t spec[] = {0x10, 0x10, 0, 0, 0, 2, 0, 0};
    for (size_t n = LEARN_MAX_SPECS; n <= LEARN_MAX_SPECS + 1; n++) {
        struct bytes b = BYTES_INIT;
        size_t size;
        uint8_t *head = wire_from_hex(NX("0020", "0010") "0000 0000 8000 00*8 0000 01 00 00*4",
                                      &size);
        struct action_list list;
        bytes_put(&b, head, size);
        for (size_t i = 0; i < n; i++) {
            bytes_put(&b, spec, sizeof spec);
        }
        put_be16(b.data + 2, (uint16_t) b.size);
        assert_int_equal(action_list_decode(&list, b.data, b.size, true),
                         n > LEARN_MAX_SPECS ? OFPERR_BAD_ACTION_TOO_MANY : 0);
        action_list_uninit(&list);
        bytes_uninit(&b);
        free(head);
    }
}

/* rows: B15 B16 B17 B18 B19 B20 B22 B23 */
static void texts_are_printed_and_read(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        size_t size;
        uint8_t *data = wire_from_hex(samples[i].hex, &size);
        struct action_list list, again;
        struct bytes text = BYTES_INIT;
        char *error = NULL;
        assert_int_equal(action_list_decode(&list, data, size, true), 0);
        ofp_print_actions(&text, &list);
        assert_string_equal(bytes_string(&text), samples[i].text);
        if (ofp_parse_actions(&again, bytes_string(&text), true, NULL, &error)) {
            fail_msg("%s: %s", samples[i].text, error);
        }
        assert_true(samples[i].is_other || action_list_equal(&list, &again));
        action_list_uninit(&again);
        action_list_uninit(&list);
        bytes_uninit(&text);
        free(data);
    }
}

/* Other ways to write them, and what is printed. */
static void texts_may_be_written_otherwise(void **state UNUSED)
{
    static const char *const texts[][2] = {
        {"resubmit(3)", "resubmit:3"},
        {"resubmit(LOCAL, 7)", "resubmit(LOCAL,7)"},
        {"resubmit(,255)", "resubmit:IN_PORT"},
        {"controller", "CONTROLLER:65535"},
        {"controller(max_len=10)", "CONTROLLER:10"},
        {"controller(reason=no_match,id=7)", "controller(reason=no_match,id=7)"},
        {"set_tunnel:0x123456789", "set_tunnel64:0x123456789"},
        {"note:1122.33", "note:11.22.33.00.00.00"},
        {"note:", "note:00.00.00.00.00.00"},
        {"fin_timeout", "fin_timeout()"},
        {"fin_timeout(hard_timeout=0x10, IDLE_TIMEOUT=3)",
         "fin_timeout(idle_timeout=3,hard_timeout=16)"},
        {"load:10.0.0.1->NXM_OF_IP_SRC[]", "load:0xa000001->NXM_OF_IP_SRC[]"},
        {"load:02:00:00:00:00:01->NXM_OF_ETH_DST[]", "load:0x20000000001->NXM_OF_ETH_DST[]"},
        {"load:0x20010db8000000000000000000000001->NXM_NX_IPV6_DST[]",
         "load:0x1->NXM_NX_IPV6_DST[0..63],load:0x20010db800000000->NXM_NX_IPV6_DST[64..127]"},
        {"learn(NXM_OF_ETH_SRC[]=02:00:00:00:00:01,load:5->reg3[3..5])",
         "learn(table=1,NXM_OF_ETH_SRC[]=0x20000000001,load:0x5->NXM_NX_REG3[3..5])"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct action_list list;
        struct bytes text = BYTES_INIT;
        char *error = NULL;
        if (ofp_parse_actions(&list, texts[i][0], true, NULL, &error)) {
            fail_msg("%s: %s", texts[i][0], error);
        }
        ofp_print_actions(&text, &list);
        assert_string_equal(bytes_string(&text), texts[i][1]);
        action_list_uninit(&list);
        bytes_uninit(&text);
    }
}

/* What is refused, and with what sentence. */
static const struct {
    const char *text;  /* Actions. */
    const char *error; /* Why they are none. */
} bad_texts[] = {
    {"resubmit",
     "resubmit needs an argument: resubmit takes an ingress port, a table from 0 to 253, or both, "
     "as resubmit:PORT, resubmit(,TABLE), resubmit(PORT,TABLE)"},
    {"resubmit()",
     "resubmit needs an argument: resubmit takes an ingress port, a table from 0 to 253, or both, "
     "as resubmit:PORT, resubmit(,TABLE), resubmit(PORT,TABLE)"},
    {"resubmit(,)",
     "resubmit:, is not understood: resubmit takes an ingress port, a table from 0 to 253, or "
     "both, as resubmit:PORT, resubmit(,TABLE), resubmit(PORT,TABLE)"},
    {"resubmit(,254)",
     "resubmit:,254 is not understood: resubmit takes an ingress port, a table from 0 to 253, or "
     "both, as resubmit:PORT, resubmit(,TABLE), resubmit(PORT,TABLE)"},
    {"resubmit(,256)",
     "resubmit:,256 is not understood: resubmit takes an ingress port, a table from 0 to 253, or "
     "both, as resubmit:PORT, resubmit(,TABLE), resubmit(PORT,TABLE)"},
    {"resubmit:x",
     "resubmit:x is not understood: resubmit takes an ingress port, a table from 0 to 253, or "
     "both, as resubmit:PORT, resubmit(,TABLE), resubmit(PORT,TABLE)"},
    {"move:NXM_NX_REG0[]",
     "move:NXM_NX_REG0[] is not understood: a source and a target with -> between are needed; "
     "write it as move:NXM_NX_REG0[]->NXM_NX_REG1[]"},
    {"move:NXM_NX_REG0[]->NXM_NX_REG1[0..15]",
     "move:NXM_NX_REG0[]->NXM_NX_REG1[0..15] is not understood: the source has 32 bits and the "
     "target 16; give both as many"},
    {"load:5->NXM_NX_REG0[40]",
     "load:5->NXM_NX_REG0[40] is not understood: NXM_NX_REG0 has no bit 40; its bits are 0 to 31"},
    {"move:NXM_NX_REG0[]->NXM_OF_ETH_TYPE[]",
     "move:NXM_NX_REG0[]->NXM_OF_ETH_TYPE[] is not understood: NXM_OF_ETH_TYPE can't be changed; "
     "give a field that can, as NXM_NX_REG0[]"},
    {"load:5->NXM_OF_ETH_TYPE[]",
     "load:5->NXM_OF_ETH_TYPE[] is not understood: NXM_OF_ETH_TYPE can't be changed; give a field "
     "that can, as NXM_NX_REG0[]"},
    {"load:5",
     "load:5 is not understood: a source and a target with -> between are needed; write it as "
     "load:5->NXM_NX_REG0[0..15]"},
    {"load:x->NXM_NX_REG0[]",
     "load:x->NXM_NX_REG0[] is not understood: \"x\" is no number that fits into 32 bits; give "
     "one, as 0x1, or name more bits behind ->"},
    {"load:0x10000->NXM_NX_REG0[0..15]",
     "load:0x10000->NXM_NX_REG0[0..15] is not understood: \"0x10000\" is no number that fits into "
     "16 bits; give one, as 0x1, or name more bits behind ->"},
    {"output:NXM_NX_REGX[]",
     "output:NXM_NX_REGX[] is not understood: NXM_NX_REGX is no field; give one as "
     "NXM_NX_REG0[0..15]"},
    {"output:NXM_NX_IPV6_SRC[]",
     "output:NXM_NX_IPV6_SRC[] is not understood: NXM_NX_IPV6_SRC has 128 bits, and a port number "
     "has 16; give 64 at most"},
    {"output:NXM_NX_REG0[]x",
     "output:NXM_NX_REG0[]x is not understood: nothing may stand behind NXM_NX_REG0[]; leave x "
     "out"},
    {"note:1",
     "note:1 is not understood: note takes bytes of two hex digits, with dots between, as "
     "note:00.11.22"},
    {"note:xx",
     "note:xx is not understood: note takes bytes of two hex digits, with dots between, as "
     "note:00.11.22"},
    {"exit:1",
     "exit:1 is not understood: it takes no argument; leave that out"},
    {"dec_ttl(x)",
     "dec_ttl:x is not understood: it takes no argument; leave that out"},
    {"pop_queue:1",
     "pop_queue:1 is not understood: it takes no argument; leave that out"},
    {"set_queue",
     "set_queue needs an argument: set_queue takes the number of a queue"},
    {"set_tunnel",
     "set_tunnel needs an argument: a tunnel key is a number of up to 64 bits"},
    {"controller(id=x)",
     "controller:id=x is not understood: controller takes the number of bytes to send, from 0 to "
     "65535, or in parentheses max_len=, id= (both numbers) and reason= (action, no_match, "
     "invalid_ttl or a number)"},
    {"controller(reason=why)",
     "controller:reason=why is not understood: controller takes the number of bytes to send, from "
     "0 to 65535, or in parentheses max_len=, id= (both numbers) and reason= (action, no_match, "
     "invalid_ttl or a number)"},
    {"controller(what=1)",
     "controller:what=1 is not understood: controller takes the number of bytes to send, from 0 "
     "to 65535, or in parentheses max_len=, id= (both numbers) and reason= (action, no_match, "
     "invalid_ttl or a number)"},
    {"learn(table=255)",
     "learn:table=255 is not understood: table takes a number from 0 to 253"},
    {"learn(priority=x)",
     "learn:priority=x is not understood: priority takes a number from 0 to 65535"},
    {"learn(bogus)",
     "learn:bogus is not understood: bogus is neither a field nor a setting of learn; write "
     "FIELD, FIELD=SOURCE, load:SOURCE->FIELD, output:FIELD, or a setting as priority=5"},
    {"learn(NXM_OF_ICMP_TYPE[])",
     "learn:NXM_OF_ICMP_TYPE[] is not understood: packets need not have NXM_OF_ICMP_TYPE; write "
     "before it what they must be, as eth_type=0x800,ip_proto=6 before a TCP port"},
    {"learn(NXM_OF_IN_PORT[0..7])",
     "learn:NXM_OF_IN_PORT[0..7] is not understood: NXM_OF_IN_PORT is matched whole or not at all; "
     "write NXM_OF_IN_PORT[]"},
    {"learn(load:5)",
     "learn:load:5 is not understood: a source and a target with -> between are needed; write it "
     "as load:NXM_NX_REG0[]->NXM_NX_REG1[]"},
    {"learn(output:5)",
     "learn:output:5 is not understood: 5 is no field; give one as NXM_NX_REG0[0..15]"},
    {"learn(NXM_OF_ETH_DST[]=NXM_NX_REG0[])",
     "learn:NXM_OF_ETH_DST[]=NXM_NX_REG0[] is not understood: NXM_NX_REG0[] has 32 bits and the "
     "target 48; give both as many"},
    {"learn(load:NXM_NX_REG0[]->NXM_OF_ETH_TYPE[])",
     "learn:load:NXM_NX_REG0[]->NXM_OF_ETH_TYPE[] is not understood: NXM_OF_ETH_TYPE can't be "
     "changed; give a field that can, as NXM_NX_REG0[]"},
    {"learn(NXM_OF_IP_PROTO[]=256)",
     "learn:NXM_OF_IP_PROTO[]=256 is not understood: 256 does not fit into 8 bits; give a smaller "
     "number"},
    {"output",
     "output needs an argument: output takes a port number, or the name of a port where there is a "
     "switch to ask"},
    {"output:x",
     "output:x is not understood: output takes a port number, or the name of a port where there "
     "is a switch to ask"},
    {"load",
     "load needs an argument: a source and a target with -> between are needed; write it as "
     "load:5->NXM_NX_REG0[0..15]"},
    {"load:->NXM_NX_REG0[]",
     "load:->NXM_NX_REG0[] is not understood: \"\" is no number that fits into 32 bits; give one, "
     "as 0x1, or name more bits behind ->"},
    {"load:5->",
     "load:5-> is not understood: a field is missing; give one as NXM_NX_REG0[0..15]"},
    {"load:5->NXM_NX_REG99[]",
     "load:5->NXM_NX_REG99[] is not understood: NXM_NX_REG99 is no field; give one as "
     "NXM_NX_REG0[0..15]"},
    {"load:5->NXM_NX_REG0[x]",
     "load:5->NXM_NX_REG0[x] is not understood: NXM_NX_REG0[x] names no bits; write "
     "NXM_NX_REG0[0..15], [3] for one, [] for all"},
    {"load:5->NXM_NX_REG0[7..3]",
     "load:5->NXM_NX_REG0[7..3] is not understood: bits 7..3 are the wrong way round; write "
     "[3..7]"},
    {"load:5->NXM_NX_REG0[0..3]x",
     "load:5->NXM_NX_REG0[0..3]x is not understood: nothing may stand behind NXM_NX_REG0[0..3]; "
     "leave x out"},
    {"move:NXM_NX_REG0[]->",
     "move:NXM_NX_REG0[]-> is not understood: a field is missing; give one as NXM_NX_REG0[0..15]"},
    {"set_tunnel:x",
     "set_tunnel:x is not understood: a tunnel key is a number of up to 64 bits"},
    {"set_tunnel64",
     "set_tunnel64 needs an argument: a tunnel key is a number of up to 64 bits"},
    {"set_queue:-1",
     "set_queue:-1 is not understood: set_queue takes the number of a queue"},
    {"controller:70000",
     "controller:70000 is not understood: controller takes the number of bytes to send, from 0 to "
     "65535, or in parentheses max_len=, id= (both numbers) and reason= (action, no_match, "
     "invalid_ttl or a number)"},
    {"learn(NXM_OF_ETH_DST[]=x)",
     "learn:NXM_OF_ETH_DST[]=x is not understood: x is neither a number nor a field; give one of "
     "48 bits"},
    {"learn(NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]x)",
     "learn:NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]x is not understood: nothing may stand behind "
     "NXM_OF_ETH_SRC[]; leave x out"},
    {"learn(load:5->NXM_NX_REG0[40])",
     "learn:load:5->NXM_NX_REG0[40] is not understood: NXM_NX_REG0 has no bit 40; its bits are 0 "
     "to 31"},
    {"learn(output:NXM_NX_REG0[50])",
     "learn:output:NXM_NX_REG0[50] is not understood: NXM_NX_REG0 has no bit 50; its bits are 0 "
     "to 31"},
    {"learn(idle_timout=5)",
     "learn:idle_timout=5 is not understood: idle_timout is neither a field nor a setting of "
     "learn; write FIELD, FIELD=SOURCE, load:SOURCE->FIELD, output:FIELD, or a setting as "
     "priority=5"},
    {"learn(cookie=x)",
     "learn:cookie=x is not understood: cookie takes a number of up to 64 bits"},
    {"learn(NXM_OF_VLAN_TCI[]=)",
     "learn:NXM_OF_VLAN_TCI[]= is not understood: an empty word is neither a number nor a field; "
     "give one of 16 bits"},
    {"learn(priority=)",
     "learn:priority= is not understood: priority takes a number from 0 to 65535"},
    {"fin_timeout(1)",
     "fin_timeout:1 is not understood: fin_timeout takes in parentheses idle_timeout= and "
     "hard_timeout=, seconds from 0 to 65535"},
    {"fin_timeout(idle_timeout)",
     "fin_timeout:idle_timeout is not understood: fin_timeout takes in parentheses idle_timeout= "
     "and hard_timeout=, seconds from 0 to 65535"},
    {"fin_timeout(idle_timeout=65536)",
     "fin_timeout:idle_timeout=65536 is not understood: fin_timeout takes in parentheses "
     "idle_timeout= and hard_timeout=, seconds from 0 to 65535"},
    {"fin_timeout(timeout=5)",
     "fin_timeout:timeout=5 is not understood: fin_timeout takes in parentheses idle_timeout= and "
     "hard_timeout=, seconds from 0 to 65535"},
    {"learn(fin_idle_timeout=x)",
     "learn:fin_idle_timeout=x is not understood: fin_idle_timeout takes a number from 0 to 65535"},
    {"learn(delete_learned=1)",
     "learn:delete_learned=1 is not understood: delete_learned takes no value; leave =1 out"},
};

static void bad_texts_are_refused(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(bad_texts); i++) {
        struct action_list list;
        char *error = NULL;
        if (!ofp_parse_actions(&list, bad_texts[i].text, true, NULL, &error)) {
            fail_msg("%s is no action", bad_texts[i].text);
        }
        assert_null(list.first);
        assert_string_equal(error, bad_texts[i].error);
        free(error);
    }
}

/* rows: A4.7 */
static void controller_action_is_an_output_to_the_controller(void **state UNUSED)
{
    struct action_list list;
    assert_int_equal(decode(&list, NX("0010", "0014") "0080 0005 01 00", true), 0);
    assert_true(action_list_outputs_to(&list, OFPP_CONTROLLER));
    assert_false(action_list_outputs_to(&list, 128));
    action_list_uninit(&list);
}

/* What a list teaches by the flow of a packet.
 *
 * rows: B17 B23 */
static void learnt_rule_is_made_of_packet_and_numbers(void **state UNUSED)
{
    struct action_list list;
    struct learnt_rule *rule = xmalloc(LEARNT_MAX_SIZE);
    struct flow flow = {.in_port = 3, .vlan_tci = htons(0x1005), .dl_type = htons(0x0800)};
    struct bytes text = BYTES_INIT;
    char *error = NULL;
    flow.regs[2] = 0xdeadbeef;
    assert_int_equal(
        ofp_parse_actions(&list,
                          "learn(table=4,priority=9,cookie=5,idle_timeout=1,hard_timeout=2,"
                          "fin_idle_timeout=3,fin_hard_timeout=4,delete_learned,"
                          "send_flow_rem,NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_TYPE[]=0x800,"
                          "NXM_NX_REG1[8..15]=NXM_NX_REG2[0..7],load:NXM_NX_REG2[16..31]->"
                          "NXM_NX_REG4[0..15],load:7->NXM_NX_REG5[],output:NXM_OF_IN_PORT[],"
                          "output:NXM_NX_REG2[])",
                          true, NULL, &error), 0);
    learn_from((const struct action_learn *) list.first, &flow, rule);
    assert_int_equal(rule->table_id, 4);
    assert_int_equal(rule->priority, 9);
    assert_int_equal(rule->cookie, 5);
    assert_int_equal(rule->idle_timeout, 1);
    assert_int_equal(rule->hard_timeout, 2);
    assert_int_equal(rule->flags, OFPFF_SEND_FLOW_REM);
    assert_true(rule->is_bound);
    assert_int_equal(rule->match.flow.vlan_tci, htons(0x0005));
    assert_int_equal(rule->match.mask.vlan_tci, htons(0x0fff));
    assert_int_equal(rule->match.flow.dl_type, htons(0x0800));
    assert_int_equal(rule->match.mask.dl_type, 0xffff);
    assert_int_equal(rule->match.flow.regs[1], 0xef00);
    assert_int_equal(rule->match.mask.regs[1], 0xff00);
    struct action_list learnt = learnt_actions(rule);
    ofp_print_actions(&text, &learnt);
    assert_string_equal(bytes_string(&text), "fin_timeout(idle_timeout=3,hard_timeout=4),"
                                             "load:0xdead->NXM_NX_REG4[0..15],"
                                             "load:0x7->NXM_NX_REG5[],output:3");
    bytes_uninit(&text);
    action_list_uninit(&list);
    free(rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_is_reproduced_byte_for_byte),
        cmocka_unit_test(other_lengths_are_refused),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(too_many_specs_are_refused),
        cmocka_unit_test(texts_are_printed_and_read),
        cmocka_unit_test(texts_may_be_written_otherwise),
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(controller_action_is_an_output_to_the_controller),
        cmocka_unit_test(learnt_rule_is_made_of_packet_and_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
