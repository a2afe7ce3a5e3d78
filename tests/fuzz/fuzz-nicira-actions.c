/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a hostile list of actions in wire form, Nicira's among them, is done to a frame. */
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "lib/bytes.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/frame.h"
#include "lib/util.h"
#include "tests/fuzz/bridge.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/packet-model.h"
#include "tests/openflow/wire.h"

/* An input is a byte of options, the bytes of the actions in 16 bits, the actions, and the frame.
 *
 * The list is the rule of table 0, or that of a packet_out; table 1 has a rule of its own, which
 * goes back to table 0 for some.  What is learnt is put into tables 2 and 3.  Sizes and checksums
 * that are right in the frame, below each of its tags, are right in all that is sent. */
enum {
    OPTION_OUT = 1,   /* A packet_out instead. */
    N_TABLES = 4,     /* Tables of the bridge. */
    FRAME_MAX = 2000, /* Bytes of a frame. */
    ETH_LEN = 14,     /* Bytes of an Ethernet header. */
};

static struct bridge bridge; /* For all inputs. */
static bool came_right;      /* Sizes and checksums of the frame were right. */

/* Whether sizes and checksums are right, whichever tags are taken off. */
static bool is_right(const uint8_t *data, size_t size)
{
    struct model m = {.size = size};
    memcpy(m.data, data, size);
    while (m.size >= ETH_LEN && model_is_right(m.data, m.size)) {
        size_t before = m.size;
        model_strip_vlan(&m);
        if (m.size == before) {
            return true;
        }
    }
    return false;
}

static void packet(void *aux UNUSED, const struct datapath_upcall *upcall, int64_t now UNUSED)
{
    promise(!came_right || model_is_right(upcall->packet->data, upcall->packet->size));
    promise(upcall->packet->size <= FRAME_MAX + 4096);
}

/* Puts a rule into 'table_id' at 'priority'. */
static void insert(uint8_t table_id, const struct match *match, uint16_t priority,
                   const struct action_list *actions)
{
    struct tables *tables = datapath_tables(bridge.dp);
    struct action_list copy;
    action_list_clone(&copy, actions);
    struct rule *rule = rule_create(match, false, priority, &copy);
    struct rule *old = tables_find(tables, table_id, match, rule->precedence);
    if (old) {
        tables_replace(tables, old, rule, true, SEC);
    } else if (tables_insert(tables, table_id, rule, SEC)) {
        rule_destroy(rule);
    }
    tables_commit(tables);
}

/* What is learnt is as whole as what a controller adds. */
static void learn(void *aux UNUSED, const struct learnt_rule *learnt, int64_t now UNUSED)
{
    const struct action_list actions = learnt_actions(learnt);
    promise(learnt->table_id < N_TABLES && !wire_check_actions(&actions, true));
    insert(learnt->table_id < 2 ? 2 : learnt->table_id, &learnt->match, learnt->priority, &actions);
}

/* Fills table 1. */
static void insert_second_table(void)
{
    static const char text[] = "load:0x2->NXM_NX_REG0[],dec_ttl,output:NXM_NX_REG0[],"
                               "learn(table=2,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"
                               "load:NXM_OF_IN_PORT[]->NXM_NX_REG1[0..15]),resubmit(7,2),"
                               "resubmit(,0)";
    struct match any;
    struct action_list list;
    char *error = NULL;
    match_init_any(&any);
    promise(!ofp_parse_actions(&list, text, true, NULL, &error));
    insert(1, &any, 1, &list);
    action_list_uninit(&list);
}

/* What was decoded is encoded as it was, but for paddings, and can be printed. */
static void check_codec(const struct action_list *list)
{
    struct bytes once = BYTES_INIT, twice = BYTES_INIT, text = BYTES_INIT;
    struct action_list again;
    action_list_encode(list, &once);
    promise(once.size == action_list_wire_size(list));
    promise(!action_list_decode(&again, once.data, once.size, false));
    promise(action_list_equal(list, &again));
    action_list_encode(&again, &twice);
    promise(once.size == twice.size && (!once.size || !memcmp(once.data, twice.data, once.size)));
    ofp_print_actions(&text, list);
    action_list_uninit(&again);
    bytes_uninit(&once);
    bytes_uninit(&twice);
    bytes_uninit(&text);
}

/* Does 'list' to 'p', as a packet_out or by a rule. */
static void play(struct packet *p, const struct action_list *list, bool out)
{
    struct match any;
    match_init_any(&any);
    insert_second_table();
    if (out) {
        bridge_packet_out(&bridge, p, list);
    } else {
        insert(0, &any, 1, list);
        promise(netdev_memory_inject(datapath_port_netdev(bridge.dp, 1), p));
        bridge_run(&bridge);
        promise(netdev_memory_inject(datapath_port_netdev(bridge.dp, 1), p));
    }
    bridge_run(&bridge);
    tables_flush(datapath_tables(bridge.dp), OFPTT_ALL, 0);
    tables_commit(datapath_tables(bridge.dp));
    bridge_run(&bridge);
    promise(tables_is_settled(datapath_tables(bridge.dp)));
    for (uint16_t port = 1; port <= 2; port++) {
        struct packet_offload offload;
        struct bytes frame = BYTES_INIT;
        while (netdev_memory_take(datapath_port_netdev(bridge.dp, port), &frame, &offload)) {
            promise(!came_right || model_is_right(frame.data, frame.size));
            bytes_clear(&frame);
        }
        bytes_uninit(&frame);
    }
}

const uint64_t fuzz_mutations = 4000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 3 };
    static const char *const ports[] = {"p1,type=memory,offload=no", "p2,type=memory,offload=no",
                                        NULL};
    struct action_list list;
    size_t wire_size = size < HEAD ? 0 : get_be16(data + 1);
    if (size < HEAD + wire_size || size - HEAD - wire_size > FRAME_MAX) {
        return 0;
    }
    if (!bridge.workers) {
        bridge_make(&bridge, N_TABLES, ports, packet, learn);
    }
    bool out = data[0] & OPTION_OUT;
    uint8_t *wire = xmemdup(data + HEAD, wire_size);
    int error = action_list_decode(&list, wire, wire_size, !out);
    free(wire);
    if (error) {
        promise(ofperr_is(error) && !list.first);
        return 0;
    }
    check_codec(&list);
    size_t frame_size = size - HEAD - wire_size;
    uint8_t *memory = xmalloc(PACKET_HEADROOM + frame_size);
    memcpy(memory + PACKET_HEADROOM, data + HEAD + wire_size, frame_size);
    struct packet p;
    packet_use(&p, memory, PACKET_HEADROOM + frame_size, memory + PACKET_HEADROOM, frame_size);
    came_right = is_right(p.data, p.size);
    play(&p, &list, out);
    action_list_uninit(&list);
    free(memory);
    return 0;
}

/* Lists to begin with, and frames. */
static const char *const lists[] = {
    "resubmit(,1),output:2",
    "resubmit(,0),resubmit(,1)",
    "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],load:0x1007->NXM_OF_VLAN_TCI[],output:2,dec_ttl,"
    "output:2",
    "load:0x0a000009->NXM_OF_IP_SRC[],load:5->NXM_OF_TCP_DST[],load:9->NXM_OF_UDP_SRC[],output:2",
    "load:1->NXM_OF_ICMP_TYPE[],load:2->NXM_OF_ARP_OP[],move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],"
    "load:0x020000000001->NXM_NX_ARP_SHA[],output:2",
    "load:5->NXM_NX_IPV6_SRC[],load:0x12345->NXM_NX_IPV6_LABEL[],load:3->NXM_NX_IP_ECN[],output:2",
    "learn(table=3,hard_timeout=9,NXM_OF_VLAN_TCI[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"
    "NXM_OF_ETH_TYPE[]=0x800,load:7->NXM_NX_REG2[0..3],output:NXM_OF_IN_PORT[]),resubmit(,3),"
    "output:NXM_NX_REG2[]",
    "fin_timeout(idle_timeout=5),learn(table=3,fin_idle_timeout=1,fin_hard_timeout=2,"
    "delete_learned,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),resubmit(,3),"
    "output:2,load:5->NXM_NX_REG3[],controller",
    "note:00.11.22,set_queue:3,set_tunnel:5,set_tunnel64:0x123456789,pop_queue,"
    "controller(id=5,max_len=9,reason=invalid_ttl),exit,output:2",
    "load:0->NXM_OF_IN_PORT[],output:1,all,mod_nw_dst:1.2.3.4,resubmit:9,strip_vlan,output:2",
};
static const char *const frames[] = {
    "tcp(10.0.0.1:1 > 10.0.0.2:80, vlan 5, size 30)",
    "udp([fc00::1]:1 > [fc00::2]:80, ttl 2, size 10)",
    "icmp(10.0.0.1 > 10.0.0.2)",
    "arp(request, 10.0.0.1 > 10.0.0.2)",
    "udp(10.0.0.1:1 > 10.0.0.2:80, frag 0+, size 64)",
    "tcp(10.0.0.1:1 > 10.0.0.2:80, flags fin|ack)",
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    struct bytes b = BYTES_INIT;
    struct action_list list;
    char *error = NULL;
    if (index >= ARRAY_SIZE(lists) * ARRAY_SIZE(frames)) {
        return NULL;
    }
    promise(!ofp_parse_actions(&list, lists[index % ARRAY_SIZE(lists)], true, NULL, &error));
    bytes_put_u8(&b, index & OPTION_OUT);
    bytes_put_be16(&b, (uint16_t) action_list_wire_size(&list));
    action_list_encode(&list, &b);
    promise(!frame_build(frames[index / ARRAY_SIZE(lists)], &b, &error));
    action_list_uninit(&list);
    *size = b.size;
    return bytes_steal(&b);
}
