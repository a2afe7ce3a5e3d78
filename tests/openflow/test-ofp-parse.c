/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the flow syntax: what users type, what they get, and what they are told instead. */
#include "lib/openflow/ofp-parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-match.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-parse-match.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"
#include "tests/unit.h"

/* A bridge with two ports. */
static bool look_up(void *aux UNUSED, const char *name, uint16_t *port)
{
    static const char *const names[] = {"", "eth0", "s1-eth2", "flood"};
    for (uint16_t i = 1; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(name, names[i])) {
            *port = i;
            return true;
        }
    }
    return false;
}

static const struct ofp_parse how = {.port_lookup = look_up};

/* The flow mod that 'text' makes, encoded, decoded by the switch's side and printed. */
static char *round_trip(const char *text, int command)
{
    struct ofp_message m = {.kind = OFP_FLOW_MOD, .xid = 1};
    struct bytes out = BYTES_INIT;
    char *error = NULL;
    if (ofp_parse_flow_mod(&m.flow_mod, text, command, &how, &error)) {
        return error;
    }
    unsigned needs = ofp_flow_mod_needs(&m.flow_mod);
    if (needs & OFP_NEEDS_NXM) {
        m.kind = OFP_NXT_FLOW_MOD;
    }
    if (needs & OFP_NEEDS_TABLE_ID) {
        ofp_flow_mod_put_table(&m.flow_mod);
    }
    struct bytes *msg = ofp_message_encode(&m);
    ofp_print(&out, msg->data, msg->size, 0);
    char *result = xstrdup(strstr(bytes_string(&out), " (xid=0x1): ") + strlen(" (xid=0x1): "));
    result[strlen(result) - 1] = '\0';
    action_list_uninit(&m.flow_mod.actions);
    bytes_destroy(msg);
    bytes_uninit(&out);
    return result;
}

/* What is typed, and what it is or why it is refused. */
struct example {
    const char *text;   /* Typed. */
    const char *result; /* Printed. */
};

static void check_all(const struct example *examples, size_t n, int command)
{
    for (size_t i = 0; i < n; i++) {
        char *result = round_trip(examples[i].text, command);
        assert_string_equal(result, examples[i].result);
        free(result);
    }
}

static void fields_have_all_their_names(void **state UNUSED)
{
    static const struct example examples[] = {
        {"actions=drop", "ADD actions=drop"},
        {"in_port=1 actions=2", "ADD in_port=1 actions=output:2"},
        {"in_port=eth0,actions=s1-eth2", "ADD in_port=1 actions=output:2"},
        {"in_port=LOCAL actions=1", "ADD in_port=LOCAL actions=output:1"},
        {"dl_vlan=5,dl_vlan_pcp=3 actions=1", "ADD dl_vlan=5,dl_vlan_pcp=3 actions=output:1"},
        {"vlan_vid=5,vlan_pcp=3 actions=1", "ADD dl_vlan=5,dl_vlan_pcp=3 actions=output:1"},
        {"dl_vlan=0xffff actions=1", "ADD vlan_tci=0x0000 actions=output:1"},
        {"vlan_tci=0x0000 actions=1", "ADD vlan_tci=0x0000 actions=output:1"},
        {"eth_src=1:2:3:4:5:6,dl_dst=ff:FF:ff:ff:ff:ff actions=1",
         "ADD dl_src=01:02:03:04:05:06,dl_dst=ff:ff:ff:ff:ff:ff actions=output:1"},
        {"eth_type=0x800 actions=1", "ADD ip actions=output:1"},
        {"dl_type=0x88cc actions=1", "ADD dl_type=0x88cc actions=output:1"},
        {"ip,nw_src=1.2.3.4/24,ip_dst=1.2.3.4/255.255.0.0 actions=1",
         "ADD ip,nw_src=1.2.3.0/24,nw_dst=1.2.0.0/16 actions=output:1"},
        {"ip,ip_proto=47,nw_tos=32 actions=1", "ADD ip,nw_proto=47,nw_tos=32 actions=output:1"},
        {"ip,ip_dscp=8 actions=1", "ADD ip,nw_tos=32 actions=output:1"},
        {"arp,arp_spa=1.2.3.4,nw_dst=1.2.3.5,arp_op=1 actions=1",
         "ADD arp,arp_spa=1.2.3.4,arp_tpa=1.2.3.5,arp_op=1 actions=output:1"},
        {"tp_dst=80,tcp actions=1", "ADD tcp,tp_dst=80 actions=output:1"},
        {"udp,udp_src=7,udp_dst=8 actions=1", "ADD udp,tp_src=7,tp_dst=8 actions=output:1"},
        {"icmp,icmp_type=8,tp_dst=0 actions=1",
         "ADD icmp,icmp_type=8,icmp_code=0 actions=output:1"},
        {"dl_type=2048,nw_proto=6,tcp actions=1", "ADD tcp actions=output:1"},
        {"ip,nw_src=*,nw_tos=ANY actions=1", "ADD ip actions=output:1"},
    };
    check_all(examples, ARRAY_SIZE(examples), OFPFC_ADD);
}

static void keywords_say_type_and_protocol(void **state UNUSED)
{
    static const char *const words[] = {"ip",   "icmp",  "tcp",  "udp",  "sctp", "ipv6", "icmp6",
                                        "tcp6", "udp6",  "arp",  "rarp", "sctp6", "mpls", "mplsm"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        char *text = xasprintf("%s,actions=1", words[i]);
        char *expected = xasprintf("ADD %s actions=output:1", words[i]);
        check_all(&(struct example){text, expected}, 1, OFPFC_ADD);
        free(text);
        free(expected);
    }
}

static void spelling_is_free(void **state UNUSED)
{
    static const struct example examples[] = {
        {"  TCP,, Tp_Dst=80\tPRIORITY=5 Actions=OUTPUT:2, Flood ",
         "ADD priority=5,tcp,tp_dst=80 actions=output:2,FLOOD"},
        {"in_port:1 actions=2", "ADD in_port=1 actions=output:2"},
        {"in_port(1) action=2", "ADD in_port=1 actions=output:2"},
        {"in_port =1 actions =2", "ADD in_port=1 actions=output:2"},
        {"in_port=\"s1-eth2\",actions=\"s1-eth2\",output:\"s1-eth2\"",
         "ADD in_port=2 actions=output:2,output:2"},
        {"actions=controller(reason=5)", "ADD actions=controller(reason=packet_out)"},
        {"actions=controller(reason=7,max_len=5)", "ADD actions=controller(reason=7,max_len=5)"},
        {"actions=output:CONTROLLER", "ADD actions=CONTROLLER:65535"},
        {"actions=flood,\"flood\" # not the same", "ADD actions=FLOOD,output:3"},
        {"add in_port=1 actions=2", "ADD in_port=1 actions=output:2"},
        {"modify_strict in_port=1 actions=2", "MOD_STRICT in_port=1 actions=output:2"},
        {"delete,in_port=1", "DEL in_port=1 actions=drop"},
        {"delete_strict priority=3", "DEL_STRICT priority=3 actions=drop"},
    };
    check_all(examples, ARRAY_SIZE(examples), -1);
}

static void all_actions_are_known(void **state UNUSED)
{
    static const struct example examples[] = {
        {"actions=", "ADD actions=drop"},
        {"actions=all,in_port,local,flood,normal", "ADD actions=ALL,IN_PORT,LOCAL,FLOOD,NORMAL"},
        {"actions=controller,controller:20,controller(max_len=0),65533",
         "ADD actions=CONTROLLER:65535,CONTROLLER:20,CONTROLLER:0,CONTROLLER:0"},
        {"actions=enqueue:1:2,enqueue(eth0,3),enqueue:LOCAL:0x7",
         "ADD actions=enqueue:1:2,enqueue:1:3,enqueue:LOCAL:7"},
        {"actions=mod_vlan_vid:5,set_vlan_pcp:7,strip_vlan,pop_vlan",
         "ADD actions=mod_vlan_vid:5,mod_vlan_pcp:7,strip_vlan,strip_vlan"},
        {"actions=mod_dl_src:1:2:3:4:5:6,mod_dl_dst(1:2:3:4:5:6),mod_nw_src=1.2.3.4",
         "ADD actions=mod_dl_src:01:02:03:04:05:06,mod_dl_dst:01:02:03:04:05:06,"
         "mod_nw_src:1.2.3.4"},
        {"actions=mod_nw_dst:4.3.2.1,mod_nw_tos:32,mod_tp_src:1,mod_tp_dst:65535",
         "ADD actions=mod_nw_dst:4.3.2.1,mod_nw_tos:32,mod_tp_src:1,mod_tp_dst:65535"},
    };
    check_all(examples, ARRAY_SIZE(examples), OFPFC_ADD);
}

static void what_dump_flows_prints_can_be_added(void **state UNUSED)
{
    static const struct example examples[] = {
        {" cookie=0x10, duration=4.089s, table=0, n_packets=0, n_bytes=0, idle_timeout=60, "
         "hard_timeout=300, idle_age=3, priority=100,tcp,nw_src=10.0.0.0/8,tp_dst=80 "
         "actions=mod_nw_tos:32,output:2",
         "ADD priority=100,tcp,nw_src=10.0.0.0/8,tp_dst=80 cookie:0x10 idle:60 hard:300 "
         "actions=mod_nw_tos:32,output:2"},
        {"send_flow_rem,check_overlap,emerg,actions=drop",
         "ADD send_flow_rem check_overlap emerg actions=drop"},
    };
    check_all(examples, ARRAY_SIZE(examples), OFPFC_ADD);
}

static void a_field_without_what_it_needs_is_refused_with_the_remedy(void **state UNUSED)
{
    static const struct example examples[] = {
        {"tp_dst=80,actions=1", "tp_dst needs nw_proto; did you mean tcp,tp_dst=80?"},
        {"ip,tp_dst=80,actions=1", "tp_dst needs nw_proto; did you mean tcp,tp_dst=80?"},
        {"nw_src=1.2.3.4,actions=1", "nw_src needs dl_type; did you mean ip,nw_src=1.2.3.4?"},
        {"nw_proto=6,actions=1", "nw_proto needs dl_type; did you mean ip,nw_proto=6?"},
        {"arp_op=1,actions=1", "arp_op needs dl_type; did you mean arp,arp_op=1?"},
        {"icmp_type=8,actions=1", "icmp_type needs nw_proto; did you mean icmp,icmp_type=8?"},
        {"udp,tcp_dst=80,actions=1",
         "tcp_dst does not apply to this nw_proto; it does in tcp,tcp_dst=80"},
        {"ipv6,nw_src=1.2.3.4,actions=1",
         "nw_src does not apply to this dl_type; it does in ip,nw_src=1.2.3.4"},
        {"icmp,tp_src=256,actions=1",
         "tp_src=256 does not apply to ICMP, where it is the type: give a number from 0 to 255"},
        {"ipv6,nw_proto=58,tp_dst=300,actions=1",
         "tp_dst=300 does not apply to ICMP, where it is the code: give a number from 0 to 255"},
    };
    check_all(examples, ARRAY_SIZE(examples), OFPFC_ADD);
}

static void unknown_words_are_answered_with_the_nearest(void **state UNUSED)
{
    static const struct example examples[] = {
        {"tp_dts=80,actions=1", "unknown field tp_dts; did you mean tp_dst?"},
        {"priorty=80,actions=1", "unknown field priorty; did you mean priority?"},
        {"actions=outptu:1", "unknown action outptu; did you mean output?"},
        {"actions=\"normal\"",
         "there is no port \"normal\": in quotes stands only the name of a port of this bridge"},
        {"actions=group:1", "group is no action of OpenFlow 1.0, and nothing here does the same"},
        {"actions=goto_table:1", "goto_table is no action of OpenFlow 1.0; write resubmit(,TABLE)"},
        {"actions=set_field:1.2.3.4->nw_src",
         "set_field is no action of OpenFlow 1.0; write load:NUMBER->FIELD[], or mod_nw_src and "
         "its like"},
        {"qqqqqq=80,actions=1", "unknown field qqqqqq: it is none that can be matched; "
                               "sluice-ofctl(8) lists these"},
        {"nw_ttl=3,actions=1", "nw_ttl needs dl_type; did you mean ip,nw_ttl=3?"},
        {"vlan_tci1=3,actions=1", "vlan_tci1 can't be matched: leave it out"},
    };
    check_all(examples, ARRAY_SIZE(examples), OFPFC_ADD);
}

/* rows: B6 */
static void fields_of_nicira_are_read_and_printed(void **state UNUSED)
{
    static const struct example examples[] = {
        {"pkt_mark=5,tcp,reg0=1/0xff,reg15=7,tunnel_id=0x9/0xff,tun_src=1.2.3.4,"
         "tun_dst=1.2.9.9/16,metadata=5,in_port=1,dl_vlan=5,"
         "dl_src=00:00:00:00:00:01/00:00:00:00:00:ff,"
         "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,nw_src=1.2.3.4/255.0.255.0,nw_tos=32,"
         "nw_ecn=2,nw_ttl=64,ip_frag=no,tp_src=0x10/0xfff0,tp_dst=80,tcp_flags=+syn-ack,"
         "actions=drop",
         "ADD pkt_mark=0x5,tcp,reg0=0x1/0xff,reg15=0x7,tun_id=0x9/0xff,tun_src=1.2.3.4,"
         "tun_dst=1.2.0.0/16,metadata=0x5,in_port=1,dl_vlan=5,"
         "dl_src=00:00:00:00:00:01/00:00:00:00:00:ff,"
         "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,nw_src=1.0.3.0/255.0.255.0,nw_tos=32,"
         "nw_ecn=2,nw_ttl=64,nw_frag=no,tp_src=0x10/0xfff0,tp_dst=80,tcp_flags=+syn-ack "
         "actions=drop"},
        {"ip,ip_frag=yes,actions=drop", "ADD ip,nw_frag=yes actions=drop"},
        {"ip,ip_frag=not_later,actions=drop", "ADD ip,nw_frag=not_later actions=drop"},
        {"ip,ip_frag=later,actions=drop", "ADD ip,nw_frag=later actions=drop"},
        {"ip,ip_frag=2/2,actions=drop", "ADD ip,nw_frag=0x2/0x2 actions=drop"},
        {"ip,ip_frag=0/0x1,actions=drop", "ADD ip,nw_frag=0/0x1 actions=drop"},
        {"ip,ip_frag=2,actions=drop", "ADD ip,nw_frag=0x2/0x3 actions=drop"},
        {"ip,ip_frag=3/1,actions=drop", "ADD ip,nw_frag=yes actions=drop"},
        {"ipv6,ipv6_src=fe80::1/ffff::ff00,ipv6_dst=2001:db8::9/64,ipv6_label=0x12345/0xff,"
         "actions=drop", "ADD ipv6,ipv6_src=fe80::/ffff::ff00,ipv6_dst=2001:db8::/64,"
         "ipv6_label=0x00045/0x000ff actions=drop"},
        {"icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::/16,nd_sll=0:0:0:0:0:5,actions=drop",
         "ADD icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::/16,nd_sll=00:00:00:00:00:05 "
         "actions=drop"},
        {"arp,arp_sha=0:0:0:0:0:5,arp_tha=00:00:00:00:00:06/ff:ff:ff:00:00:00,actions=drop",
         "ADD arp,arp_sha=00:00:00:00:00:05,arp_tha=00:00:00:00:00:00/ff:ff:ff:00:00:00 "
         "actions=drop"},
        {"vlan_tci=0x1000/0x1000,actions=drop", "ADD vlan_tci=0x1000/0x1000 actions=drop"},
        {"vlan_tci=0/0x1fff,actions=drop", "ADD vlan_tci=0x0000/0x1fff actions=drop"},
        {"vlan_tci=0/0x1000,actions=drop", "ADD vlan_tci=0x0000/0x1000 actions=drop"},
        {"vlan_tci=0x1005/0x1fff,actions=drop", "ADD dl_vlan=5 actions=drop"},
        {"vlan_tci=0xf005,actions=drop", "ADD dl_vlan=5,dl_vlan_pcp=7 actions=drop"},
        {"vlan_tci=0x1003/0x100f,actions=drop", "ADD vlan_tci=0x1003/0x100f actions=drop"},
        {"vlan_tci=0x6000/0x6000,actions=drop", "ADD vlan_tci=0x6000/0x6000 actions=drop"},
        {"tcp,tcp_flags=0x12/0xff,actions=drop",
         "ADD tcp,tcp_flags=-fin+syn-rst-psh+ack-urg-ece-cwr actions=drop"},
        {"tcp,tcp_flags=0x12,actions=drop", "ADD tcp,tcp_flags=syn|ack actions=drop"},
        {"tcp,tcp_flags=SYN|ack,actions=drop", "ADD tcp,tcp_flags=syn|ack actions=drop"},
        {"tcp,tcp_flags=0,actions=drop", "ADD tcp,tcp_flags=0 actions=drop"},
        {"sctp,sctp_src=5/0xff,actions=drop", "ADD sctp,tp_src=0x5/0xff actions=drop"},
        {"dl_type=0x1234,reg3=0xffffffff/0xff00ff00,actions=drop",
         "ADD reg3=0xff00ff00/0xff00ff00,dl_type=0x1234 actions=drop"},
        {"table=3,cookie=7,reg3=1,actions=drop", "ADD table:3 reg3=0x1 cookie:0x7 actions=drop"},
    };
    check_all(examples, ARRAY_SIZE(examples), OFPFC_ADD);
}

/* rows: B7 B3 */
static void cookies_and_tables_choose_rules(void **state UNUSED)
{
    static const struct example deletes[] = {
        {"cookie=1/-1", "DEL cookie:0x1/0xffffffffffffffff actions=drop"},
        {"table=3,cookie=0x1f/0xf,tcp", "DEL table:3 tcp cookie:0xf/0xf actions=drop"},
        {"table=0", "DEL actions=drop"},
    };
    static const struct example modifies[] = {
        {"cookie=1/-1,actions=2", "MOD cookie:0x1/0xffffffffffffffff actions=output:2"},
        {"cookie=5,cookie=1/1,actions=2", "MOD cookie:0x5 cookie:0x1/0x1 actions=output:2"},
        {"cookie=5,actions=2", "MOD cookie:0x5 actions=output:2"},
    };
    check_all(deletes, ARRAY_SIZE(deletes), OFPFC_DELETE);
    check_all(modifies, ARRAY_SIZE(modifies), OFPFC_MODIFY);
}

static void bad_values_are_refused_with_what_is_expected(void **state UNUSED)
{
    static const struct example examples[] = {
        {"in_port=1", "must specify an action: add actions=..., or actions=drop to drop"},
        {"priority=70000,actions=1",
         "priority=70000 is not understood: priority takes a number from 0 to 65535"},
        {"priority=,actions=1", "priority needs a value, as in priority=VALUE"},
        {"in_port=eth9,actions=1", "in_port=eth9 is not understood: in_port takes a port number, "
         "LOCAL, or the name of a port of this bridge"},
        {"dl_vlan=4096,actions=1", "dl_vlan=4096 is not understood: dl_vlan takes a VLAN id from "
         "0 to 4095, or 0xffff for frames without a tag"},
        {"ip,nw_tos=33,actions=1", "nw_tos=33 is not understood: nw_tos takes a multiple of 4 "
         "from 0 to 252: the DSCP is the upper 6 bits"},
        {"tcp,udp,actions=1", "udp contradicts what the text says before: leave one of them out"},
        {"in_port=1,in_port=2,actions=1",
         "in_port=2 contradicts what the text says before: leave one of them out"},
        {"table=256,actions=1", "table=256 is not understood: table takes a number from 0 to 255"},
        {"emerg,table=3,actions=1", "emerg is a table of its own, and not part of table=3: leave "
         "one of them out"},
        {"cookie=1/1,actions=1", "cookie=1/1 is not understood: cookie takes no mask where a rule "
         "is added: a rule has one cookie"},
        {"cookie=x,actions=1", "cookie=x is not understood: cookie takes a number of at most 64 "
         "bits, perhaps with /MASK"},
        {"icmp6,nd_target=fe80::1,actions=1", "nd_target needs a type of message; did you mean "
         "icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::1?"},
        {"icmp,tp_src=8/8,actions=1",
         "type and code of ICMP can't have a mask: give a number alone"},
        {"tcp,tcp_flags=+syn|ack,actions=1", "tcp_flags=+syn|ack is not understood: tcp_flags "
         "takes flags that must be set and clear, as +syn-ack, all that may be set, as syn|ack, "
         "or a number, perhaps with /MASK"},
        {"reg0=0x100000000,actions=1", "reg0=0x100000000 is not understood: reg0 takes a number "
         "from 0 to 0xffffffff, perhaps with /MASK"},
        {"ip,ip_frag=maybe,actions=1", "ip_frag=maybe is not understood: ip_frag takes no, yes, "
         "first, later or not_later, or a number from 0 to 3, perhaps with /MASK"},
        {"ip,ip_frag=4/7,actions=1", "ip_frag=4/7 is not understood: ip_frag takes no, yes, "
         "first, later or not_later, or a number from 0 to 3, perhaps with /MASK"},
        {"ipv6,ipv6_src=10.0.0.1,actions=1", "ipv6_src=10.0.0.1 is not understood: ipv6_src takes "
         "an IPv6 address, perhaps with /LENGTH or /MASK, as fe80::/10"},
        {"dl_src=1:2:3:4:5:6/7,actions=1", "dl_src=1:2:3:4:5:6/7 is not understood: dl_src takes "
         "an Ethernet address as 02:00:00:00:00:01, perhaps with /MASK of that form"},
        {"out_port=1,actions=1",
         "out_port can't stand here: it chooses rules that are deleted or listed only: leave it "
         "out"},
        {"actions=drop,1", "drop must be the only action: leave it out, or the others"},
        {"actions=table",
         "output to TABLE is possible in a packet-out only, not in a flow"},
        {"actions=output:0", "output to port 0 is not possible: ports are 1 to 65279, and IN_PORT, "
         "NORMAL, FLOOD, ALL, CONTROLLER, LOCAL"},
        {"actions=mod_vlan_vid:4096",
         "mod_vlan_vid:4096 is not understood: mod_vlan_vid takes a number from 0 to 4095"},
        {"actions=enqueue:1",
         "enqueue:1 is not understood: enqueue takes a port (1 to 65279, IN_PORT or LOCAL) and the "
         "number of a queue, as enqueue:PORT:QUEUE"},
        {"actions=mod_vlan_pcp",
         "mod_vlan_pcp needs an argument: mod_vlan_pcp takes a number from 0 to 7"},
        {"ip=10.0.0.1,actions=1", "ip takes no value: leave \"=10.0.0.1\" out, or name a field, as "
         "in ip,FIELD=VALUE"},
        {"send_flow_rem=no,actions=1", "send_flow_rem=no is not understood: send_flow_rem takes "
         "no value"},
        {"actions=flood:7", "flood:7 is not understood: flood takes no argument"},
        {"actions=drop:7", "drop:7 is not understood: drop takes no argument"},
        {"tcp,tp_dst=80/0x10000,actions=1", "tp_dst=80/0x10000 is not understood: tp_dst takes a "
         "number from 0 to 0xffff, perhaps with /MASK"},
        {"reg0=1/0x100000000,actions=1", "reg0=1/0x100000000 is not understood: reg0 takes a "
         "number from 0 to 0xffffffff, perhaps with /MASK"},
        {"tcp,nw_frag=later,tp_dst=80,actions=1", "tp_dst is in no later fragment: leave tp_dst=80 "
         "out, or nw_frag"},
        {"tcp6,tcp_flags=+syn,ip_frag=later,actions=1",
         "tcp_flags is in no later fragment: leave tcp_flags=+syn out, or nw_frag"},
        {"actions=mod_nw_dst:1.2.3", "mod_nw_dst:1.2.3 is not understood: mod_nw_dst takes an IPv4 "
         "address"},
    };
    check_all(examples, ARRAY_SIZE(examples), OFPFC_ADD);
}

static void a_text_has_only_so_many_fields(void **state UNUSED)
{
    struct bytes text = BYTES_INIT;
    for (int i = 0; i < OFP_GIVEN_MAX; i++) {
        bytes_printf(&text, "in_port=1,");
    }
    bytes_printf(&text, "tp_dst=80,actions=drop");
    const struct example too_many = {
        bytes_string(&text), "there are more than 64 fields: leave out those that are there twice"};
    check_all(&too_many, 1, OFPFC_ADD);
    bytes_uninit(&text);
}

static void deletes_take_no_actions_and_mostly_no_priority(void **state UNUSED)
{
    static const struct example examples[] = {
        {"", "DEL actions=drop"},
        {"out_port=LOCAL,tcp", "DEL tcp out_port:LOCAL actions=drop"},
        {"actions=drop", "actions can't stand here: rules are chosen by their fields only, leave "
         "actions= out"},
        {"priority=3", "priority can't stand here: rules of any priority are meant here: "
         "leave it out, or give --strict where rules are deleted"},
        {"cookie=3", "cookie=3 is not understood: cookie takes a mask where rules are chosen: try "
         "cookie=3/-1"},
    };
    check_all(examples, ARRAY_SIZE(examples), OFPFC_DELETE);
}

/* rows: A4.16 B3. In requests the emergency table has a word too. */
static void requests_name_the_emergency_table(void **state UNUSED)
{
    static const struct {
        const char *text; /* Of a request. */
        int table_id;     /* That it means; -1: it is refused. */
    } cases[] = {
        {"", 255}, {"emerg", 254}, {"table=254", 254}, {"in_port=1,emerg", 254},
        {"emerg,table=254", 254}, {"emerg,table=255", 254}, {"emerg,table=0", -1}, {"table=3", 3},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct ofp_flow_stats_request request;
        char *error = NULL;
        int result = ofp_parse_flow_request(&request, cases[i].text, NULL, &error);
        assert_int_equal(result, cases[i].table_id < 0 ? EINVAL : 0);
        if (result) {
            assert_string_equal(error, "emerg is a table of its own, and not part of table=0: "
                                       "leave one of them out");
            free(error);
        } else {
            assert_int_equal(request.table_id, cases[i].table_id);
        }
    }
}

/* rows: A11.21. A rule without wildcards is sent without any. */
static void a_flow_that_gives_every_field_is_exact(void **state UNUSED)
{
    struct ofp_flow_mod fm;
    char *error;
    assert_int_equal(ofp_parse_flow_mod(&fm,
                                        "in_port=1,dl_vlan=5,dl_vlan_pcp=0,dl_src=1:2:3:4:5:6,"
                                        "dl_dst=1:2:3:4:5:6,tcp,nw_src=1.2.3.4,nw_dst=1.2.3.4,"
                                        "nw_tos=0,tp_src=1,tp_dst=2,actions=1",
                                        OFPFC_ADD, NULL, &error),
                     0);
    assert_true(fm.exact);
    action_list_uninit(&fm.actions);
    assert_int_equal(ofp_parse_flow_mod(&fm, "in_port=1,actions=1", OFPFC_ADD, NULL, &error), 0);
    assert_false(fm.exact);
    action_list_uninit(&fm.actions);
}

static void requests_have_match_table_and_out_port(void **state UNUSED)
{
    struct ofp_flow_stats_request r;
    char *error;
    assert_int_equal(ofp_parse_flow_request(&r, NULL, NULL, &error), 0);
    assert_int_equal(r.table_id, OFPTT_ALL);
    assert_int_equal(r.out_port, OFPP_NONE);
    assert_int_equal(ofp_parse_flow_request(&r, "table=3,out_port=5,arp", NULL, &error), 0);
    assert_int_equal(r.table_id, 3);
    assert_int_equal(r.out_port, 5);
    assert_int_equal(r.match.mask.dl_type, 0xffff);
    assert_int_equal(ofp_parse_flow_request(&r, "idle_timeout=3", NULL, &error), EINVAL);
    free(error);
}

static void packet_outs_have_port_packet_and_actions(void **state UNUSED)
{
    struct ofp_packet_out po;
    struct bytes frame = BYTES_INIT;
    char *error;
    assert_int_equal(ofp_parse_packet_out(&po,
                                          "in_port=LOCAL packet=ffffffffffff02000000000a0806 "
                                          "actions=2,table",
                                          &frame, NULL, &error),
                     0);
    assert_int_equal(po.in_port, OFPP_LOCAL);
    assert_int_equal(po.data.size, 14);
    assert_int_equal(po.actions.size, 2 * sizeof(struct action));
    action_list_uninit(&po.actions);
    bytes_clear(&frame);
    assert_int_equal(ofp_parse_packet_out(&po, "packet=arp(request, 10.0.0.1 > 10.0.0.2),actions=1",
                                          &frame, NULL, &error),
                     0);
    assert_int_equal(po.in_port, OFPP_NONE);
    assert_int_equal(po.data.size, 42);
    action_list_uninit(&po.actions);
    bytes_clear(&frame);
    assert_int_equal(ofp_parse_packet_out(&po, "in_port=1,actions=2", &frame, NULL, &error),
                     EINVAL);
    assert_string_equal(error, "must specify a packet: add packet=HEX");
    free(error);
    bytes_uninit(&frame);
}

static void lines_of_blanks_and_comments_are_empty(void **state UNUSED)
{
    assert_true(ofp_parse_is_blank(""));
    assert_true(ofp_parse_is_blank(" \t\r\n"));
    assert_true(ofp_parse_is_blank("  # in_port=1\n"));
    assert_false(ofp_parse_is_blank("in_port=1"));
}

/* Random numbers that are the same every time. */
static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return *seed >> 33;
}

/* A random match as the switch has them: normalised. */
static void random_match(uint64_t *seed, struct match *m)
{
    static const uint16_t types[] = {0x0800, 0x0806, 0x8035, 0x86dd, 0x88cc, 0x05ff};
    static const uint8_t protos[] = {1, 6, 17, 58, 132, 47};
    struct bytes wire = BYTES_INIT;
    for (int i = 0; i < OFP10_MATCH_SIZE; i++) {
        bytes_put_u8(&wire, next_random(seed));
    }
    struct ofp10_match *w = (void *) wire.data;
    w->wildcards = htonl(next_random(seed) & next_random(seed) & OFPFW_ALL & ~OFPFW_DL_TYPE);
    w->dl_type = htons(types[next_random(seed) % ARRAY_SIZE(types)]);
    w->nw_proto = protos[next_random(seed) % ARRAY_SIZE(protos)];
    w->dl_vlan = htons(next_random(seed) % 8 ? next_random(seed) & 0xfff : OFP_VLAN_NONE);
    if (w->dl_vlan == htons(OFP_VLAN_NONE)) {
        w->dl_vlan_pcp = 0;
        w->wildcards &= ~htonl(OFPFW_DL_VLAN_PCP);
    }
    ofp_match_decode(wire.data, m);
    bytes_uninit(&wire);
}

/* Random actions that a flow may have. */
static void random_actions(uint64_t *seed, struct action_list *actions)
{
    action_list_init(actions);
    for (uint32_t n = next_random(seed) % 6; n > 0; n--) {
        enum action_type type = next_random(seed) % N_STANDARD_ACTIONS;
        struct action *a = action_list_append(actions, type);
        switch (type) {
        case ACTION_OUTPUT:
            a->output.port = next_random(seed) % 4 ? 1 + next_random(seed) % 0xfe00
                                                   : OFPP_NORMAL + next_random(seed) % 5;
            if (a->output.port == OFPP_CONTROLLER) {
                a->output.max_len = next_random(seed);
            }
            break;
        case ACTION_ENQUEUE:
            a->enqueue.port = 1 + next_random(seed) % 0xfe00;
            a->enqueue.queue = next_random(seed);
            break;
        case ACTION_SET_VLAN_VID: a->vlan_vid = next_random(seed) & 0xfff; break;
        case ACTION_SET_VLAN_PCP: a->vlan_pcp = next_random(seed) & 7; break;
        case ACTION_SET_DL_SRC:
        case ACTION_SET_DL_DST: memset(a->dl_addr, (int) next_random(seed), 6); break;
        case ACTION_SET_NW_SRC:
        case ACTION_SET_NW_DST: a->nw_addr = next_random(seed); break;
        case ACTION_SET_NW_TOS: a->nw_tos = next_random(seed) & 0xfc; break;
        case ACTION_SET_TP_SRC:
        case ACTION_SET_TP_DST: a->tp_port = next_random(seed); break;
        case ACTION_STRIP_VLAN:
        default: break;
        }
    }
}

/* Text, wire and memory say the same: print, parse, encode, decode, and nothing is lost. */
static void random_flows_survive_print_parse_encode_and_decode(void **state UNUSED)
{
    uint64_t seed = 1;
    for (int i = 0; i < 3000; i++) {
        struct ofp_flow_stats fs = {.priority = next_random(&seed), .cookie = next_random(&seed)};
        struct ofp_message m = {.kind = OFP_FLOW_MOD}, back;
        struct bytes text = BYTES_INIT;
        char *error = NULL;
        random_match(&seed, &fs.match);
        random_actions(&seed, &fs.actions);
        ofp_print_flow_stats(&text, &fs);
        if (ofp_parse_flow_mod(&m.flow_mod, bytes_string(&text), OFPFC_ADD, NULL, &error)) {
            fail_msg("%s: %s", bytes_string(&text), error);
        }
        struct bytes *msg = ofp_message_encode(&m);
        assert_int_equal(ofp_message_decode(&back, msg->data, msg->size, true), 0);
        assert_true(match_equal(&back.flow_mod.match, &fs.match));
        assert_int_equal(back.flow_mod.priority, fs.priority);
        assert_true(back.flow_mod.cookie == fs.cookie);
        assert_true(action_list_equal(&back.flow_mod.actions, &fs.actions));
        ofp_message_uninit(&back);
        action_list_uninit(&m.flow_mod.actions);
        action_list_uninit(&fs.actions);
        bytes_destroy(msg);
        bytes_uninit(&text);
    }
}

/* Whatever is typed, the answer is a flow or a sentence. */
static void random_texts_are_flows_or_errors(void **state UNUSED)
{
    static const char *const pieces[] = {"tcp", ",", " ", "=", "actions=", "(", ")", "\"", "#", ":",
                                         "in_port", "1", "nw_src", "1.2.3.4/", "drop", "output",
                                         "enqueue", "priority", "add", "dl_vlan", "0xffff", "*"};
    uint64_t seed = 2;
    for (int i = 0; i < 20000; i++) {
        struct bytes text = BYTES_INIT;
        struct ofp_flow_mod fm;
        char *error = NULL;
        for (uint32_t n = next_random(&seed) % 12; n > 0; n--) {
            bytes_printf(&text, "%s", pieces[next_random(&seed) % ARRAY_SIZE(pieces)]);
        }
        if (ofp_parse_flow_mod(&fm, bytes_string(&text), -1, &how, &error)) {
            assert_true(error && *error && !strchr(error, '\n'));
            free(error);
        } else {
            action_list_uninit(&fm.actions);
        }
        bytes_uninit(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_have_all_their_names),
        cmocka_unit_test(keywords_say_type_and_protocol),
        cmocka_unit_test(spelling_is_free),
        cmocka_unit_test(all_actions_are_known),
        cmocka_unit_test(what_dump_flows_prints_can_be_added),
        cmocka_unit_test(a_field_without_what_it_needs_is_refused_with_the_remedy),
        cmocka_unit_test(unknown_words_are_answered_with_the_nearest),
        cmocka_unit_test(fields_of_nicira_are_read_and_printed),
        cmocka_unit_test(cookies_and_tables_choose_rules),
        cmocka_unit_test(bad_values_are_refused_with_what_is_expected),
        cmocka_unit_test(a_text_has_only_so_many_fields),
        cmocka_unit_test(deletes_take_no_actions_and_mostly_no_priority),
        cmocka_unit_test(requests_name_the_emergency_table),
        cmocka_unit_test(a_flow_that_gives_every_field_is_exact),
        cmocka_unit_test(requests_have_match_table_and_out_port),
        cmocka_unit_test(packet_outs_have_port_packet_and_actions),
        cmocka_unit_test(lines_of_blanks_and_comments_are_empty),
        cmocka_unit_test(random_flows_survive_print_parse_encode_and_decode),
        cmocka_unit_test(random_texts_are_flows_or_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
