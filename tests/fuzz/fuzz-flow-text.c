/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a hostile text in the flow syntax; what is read survives the wire and printing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/ofp-message.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"
#include "tests/openflow/wire.h"

/* An input is a byte that chooses a reader below, and a line of text. */

const uint64_t fuzz_mutations = 5000;

/* Two ports have names. */
static bool look_up(void *aux UNUSED, const char *name, uint16_t *port)
{
    *port = (uint16_t) (!strcmp(name, "eth0") ? 1 : !strcmp(name, "a port") ? 2 : 0);
    return *port != 0;
}

static const struct ofp_parse how = {.port_lookup = look_up};

/* A refusal is one sentence. */
static void check_refusal(int err, char *error)
{
    promise(err == EINVAL && error && *error);
    promise(!strchr(error, '\n'));
    free(error);
}

/* A flow as dump-flows prints it is read as the same flow. */
static void check_printed(const struct ofp_flow_mod *fm)
{
    struct ofp_flow_stats fs = {
        .match = fm->match, .priority = fm->priority, .cookie = fm->cookie,
        .idle_timeout = fm->idle_timeout, .hard_timeout = fm->hard_timeout,
        .actions = fm->actions,
    };
    struct ofp_flow_mod again;
    struct bytes text = BYTES_INIT;
    char *error = NULL;
    ofp_print_flow_stats(&text, &fs);
    if (ofp_parse_flow_mod(&again, bytes_string(&text), OFPFC_ADD, &how, &error)) {
        fprintf(stderr, "%s: %s\n", bytes_string(&text), error);
        abort();
    }
    promise(match_equal(&again.match, &fm->match) && again.priority == fm->priority);
    promise(again.cookie == fm->cookie && again.idle_timeout == fm->idle_timeout);
    promise(again.hard_timeout == fm->hard_timeout);
    promise(action_list_equal(&again.actions, &fm->actions));
    action_list_uninit(&again.actions);
    bytes_uninit(&text);
}

/* A flow_mod arrives at the switch as it was read. */
static void check_wire(const struct ofp_flow_mod *fm)
{
    struct ofp_message m = {.kind = OFP_FLOW_MOD, .flow_mod = *fm}, again;
    if (ofp_flow_mod_needs(fm) & OFP_NEEDS_NXM) {
        m.kind = OFP_NXT_FLOW_MOD;
    }
    struct bytes *msg = ofp_message_encode(&m);
    promise(!ofp_message_decode(&again, msg->data, msg->size, true));
    promise(match_equal(&again.flow_mod.match, &fm->match));
    promise(again.flow_mod.command == fm->command && again.flow_mod.cookie == fm->cookie);
    promise(again.flow_mod.priority == fm->priority && again.flow_mod.flags == fm->flags);
    promise(again.flow_mod.out_port == fm->out_port);
    promise(again.flow_mod.which.value == fm->which.value);
    promise(again.flow_mod.which.mask == fm->which.mask);
    promise(action_list_equal(&again.flow_mod.actions, &fm->actions));
    ofp_message_uninit(&again);
    bytes_destroy(msg);
}

/* Reads 'text' as a flow_mod with 'command', or any. */
static void read_command(const char *text, int command)
{
    struct ofp_flow_mod fm;
    char *error = NULL;
    int err = ofp_parse_flow_mod(&fm, text, command, &how, &error);
    if (err) {
        check_refusal(err, error);
        return;
    }
    promise(command < 0 || fm.command == command);
    check_wire(&fm);
    if (fm.command == OFPFC_ADD) {
        check_printed(&fm);
    }
    action_list_uninit(&fm.actions);
}

static void read_flow_mod(const char *text)
{
    read_command(text, -1);
}

static void read_add(const char *text)
{
    read_command(text, OFPFC_ADD);
}

static void read_delete(const char *text)
{
    read_command(text, OFPFC_DELETE);
}

static void read_request(const char *text)
{
    struct ofp_flow_stats_request request;
    char *error = NULL;
    int err = ofp_parse_flow_request(&request, text, &how, &error);
    if (err) {
        check_refusal(err, error);
    }
}

/* Reads 'text' as actions; printed and read again they are the same. */
static void read_some_actions(const char *text, bool in_flow)
{
    struct action_list actions, again;
    struct bytes printed = BYTES_INIT;
    char *error = NULL;
    int err = ofp_parse_actions(&actions, text, in_flow, &how, &error);
    if (err) {
        check_refusal(err, error);
        return;
    }
    promise(!wire_check_actions(&actions, in_flow));
    ofp_print_actions(&printed, &actions);
    promise(!ofp_parse_actions(&again, bytes_string(&printed), in_flow, &how, &error));
    promise(action_list_equal(&actions, &again));
    action_list_uninit(&again);
    action_list_uninit(&actions);
    bytes_uninit(&printed);
}

static void read_flow_actions(const char *text)
{
    read_some_actions(text, true);
}

static void read_packet_actions(const char *text)
{
    read_some_actions(text, false);
}

static void read_packet_out(const char *text)
{
    struct ofp_packet_out po;
    struct bytes frame = BYTES_INIT;
    char *error = NULL;
    int err = ofp_parse_packet_out(&po, text, &frame, &how, &error);
    if (err) {
        check_refusal(err, error);
    } else {
        promise(po.data.size == frame.size);
        action_list_uninit(&po.actions);
    }
    bytes_uninit(&frame);
}

static void read_match(const char *text)
{
    struct match m, again;
    struct bytes printed = BYTES_INIT;
    char *error = NULL;
    int err = ofp_parse_match(&m, text, &how, &error);
    if (err) {
        check_refusal(err, error);
        return;
    }
    ofp_print_match(&printed, &m);
    promise(!ofp_parse_match(&again, bytes_string(&printed), &how, &error));
    promise(match_equal(&m, &again));
    bytes_uninit(&printed);
}

static void (*const readers[])(const char *text) = {
    read_flow_mod, read_add, read_delete, read_request, read_flow_actions, read_packet_actions,
    read_packet_out, read_match,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size) {
        char *text = fuzz_text(data + 1, size - 1, 20000);
        text[strcspn(text, "\n")] = '\0';
        readers[data[0] % ARRAY_SIZE(readers)](text);
        free(text);
    }
    return 0;
}

/* The first letter is the reader: its code modulo 8. */
static const char *const seeds[] = {
    "0priority=5,idle_timeout=7,hard_timeout=8,cookie=0x12,send_flow_rem,check_overlap,tcp,"
    "nw_src=10.0.0.0/8,nw_dst=10.1.2.3,tp_src=80,tp_dst=0x50,nw_tos=32,actions=output:2",
    "0delete_strict priority=9,arp,arp_spa=1.2.3.4,nw_proto=1,out_port=LOCAL",
    "0modify in_port=\"a port\",dl_vlan=5,dl_vlan_pcp=3,dl_src=02:00:00:00:00:01,actions=drop",
    "1 cookie=0x0, duration=4.089s, table=0, n_packets=1, n_bytes=60, idle_age=4, "
    "priority=65535,udp,in_port=1,vlan_tci=0x0000,dl_dst=01:80:c2:00:00:00 actions=IN_PORT",
    "1icmp,icmp_type=8,icmp_code=0,actions=mod_vlan_vid:5,mod_vlan_pcp:3,strip_vlan,"
    "mod_dl_src:02:00:00:00:00:01,mod_nw_dst:10.0.0.1,mod_nw_tos:32,mod_tp_dst:80,CONTROLLER:64",
    "1ipv6,nw_proto=58,tp_src=135,actions=enqueue:3:7,NORMAL,FLOOD,ALL,LOCAL",
    "0table=3,actions=learn(table=1,hard_timeout=60,priority=5,cookie=7,send_flow_rem,"
    "delete_learned,fin_idle_timeout=5,fin_hard_timeout=0x10,"
    "NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],NXM_OF_ETH_TYPE[]=0x800,"
    "load:0x5->NXM_NX_REG1[4..7],load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15],"
    "output:NXM_OF_IN_PORT[])",
    "4resubmit:2,resubmit(,1),resubmit(eth0,7),load:5->NXM_NX_REG0[0..15],dec_ttl,exit,note:00.11,"
    "move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[],output:NXM_NX_REG0[],set_tunnel:5,set_queue:1,pop_queue,"
    "controller(id=5,max_len=9,reason=invalid_ttl)",
    "2table=0,out_port=eth0,dl_type=0x88cc # comment",
    "3table=255,tcp6,tp_dst=80",
    "4output:1,enqueue(2,3),mod_tp_src:1,normal",
    "5table,output:65533,all",
    "6in_port=CONTROLLER,packet=0200000000020200000000010800,actions=output:1",
    "7sctp,nw_src=10.0.0.1/255.255.0.0,tp_dst=9",
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    return fuzz_text_seed(seeds, ARRAY_SIZE(seeds), index, size);
}
