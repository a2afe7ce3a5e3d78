/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a hostile frame finds its rule and goes through a hostile list of actions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "datapath/tables.h"
#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/frame.h"
#include "lib/packet/offload.h"
#include "lib/util.h"
#include "tests/fuzz/bridge.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/packet-model.h"
#include "tests/packet/naive-flow.h"
#include "tests/random.h"

/* An input is a byte of options, the frame's virtio-net header, a byte with the number of actions,
 * three bytes for each of them, and the frame.
 *
 * The bridge has three ports.  Frames come in by 1; 2 takes no offloads, so all that leaves there
 * must be finished; 3 takes all of them.  What a port sends is compared with what the model says,
 * which finishes the checksum first, where the bridge does so last or leaves it to the device.
 * Super-frames are modelled as one long frame: what is cut from one must be right in itself and
 * have its headers, what leaves whole must be it.
 *
 * The rule with the actions may match some bits of what a naive reading finds in the frame.  Others
 * with a higher priority then differ from it in a bit, and one that matches all has a lower one:
 * who takes one of them sends a frame that nobody expects. */
enum {
    OPTION_BATCH = 3,     /* Frames in the batch, less 1: copies of the one. */
    OPTION_OUT = 1 << 2,  /* A packet_out instead; OFPP_TABLE leads to a rule of ours. */
    OPTION_RULES = 3,     /* Shift: if not 0, it selects what the rules match. */
    N_DECOYS = 3,         /* Rules that differ from the frame in a bit. */
    PRIORITY = 10,        /* Of the rule with the actions. */
    ACTIONS_MAX = 24,     /* Actions in a list. */
    ACTION_BYTES = 3,     /* Bytes of each. */
    N_PORTS = 3,          /* Ports. */
    UP = 0,               /* "Port" of what goes up to the controller. */
    FRAMES_MAX = 512,     /* Frames expected by a port. */
    GSO_MODELLED = 64,    /* Least gso_size with which payload is counted: queues are finite. */
};

#define TABLE_SOURCE UINT32_C(0xc0000201) /* nw_src that the rule behind OFPP_TABLE sets. */

/* Frames in the order in which they are expected to leave by a port. */
struct expected {
    struct bytes frames[FRAMES_MAX]; /* Frames. */
    unsigned n;                      /* How many. */
    unsigned next;                   /* First that has not left yet. */
};

static struct bridge bridge; /* For all inputs. */

/* What is expected of it. */
static struct {
    struct expected expected[N_PORTS + 1];  /* By port; UP what goes up. */
    bool super;                             /* The input is a super-frame. */
    size_t payload;                         /* Its payload if the model understands it, or 0. */
    size_t sent[N_PORTS + 1];               /* Super-frame: bytes of payload sent by port. */
} fuzz;

/* Checks a frame that left finished by 'port'. */
static void check_frame(unsigned port, const uint8_t *data, size_t size)
{
    struct expected *e = &fuzz.expected[port];
    if (fuzz.super) {
        promise(model_is_right(data, size));
        if (fuzz.payload) {
            size_t i = fuzz.sent[port] / fuzz.payload;
            promise(i < e->n && model_has_headers(&e->frames[i], data, size));
        }
        fuzz.sent[port] += model_payload(data, size);
        return;
    }
    promise(e->next < e->n);
    promise(model_equal(&e->frames[e->next++], data, size));
}

static void packet(void *aux UNUSED, const struct datapath_upcall *upcall, int64_t now UNUSED)
{
    promise(upcall->reason == UPCALL_ACTION && !upcall->packet->offload.gso
            && !(upcall->packet->offload.flags & PACKET_CSUM_PARTIAL));
    check_frame(UP, upcall->packet->data, upcall->packet->size);
}

/* Expects 'm' at 'port'. */
static void expect(unsigned port, const struct model *m)
{
    struct expected *e = &fuzz.expected[port];
    promise(e->n < FRAMES_MAX);
    bytes_put(&e->frames[e->n++], m->data, m->size);
}

/* What OUTPUT to 'port' makes of 'm'. */
static void model_output(struct model *m, uint16_t port)
{
    if (port == OFPP_CONTROLLER) {
        expect(UP, m);
    } else if (port == OFPP_ALL || port == OFPP_FLOOD) {
        expect(2, m);
        expect(3, m);
    } else if (port == OFPP_IN_PORT) {
        expect(1, m);
    } else if (port == OFPP_TABLE) {
        struct model copy = *m;
        model_set_nw(&copy, 12, TABLE_SOURCE);
        expect(2, &copy);
    } else if (port > 1 && port <= N_PORTS) {
        expect(port, m);
    }
}

/* Ports that an input can name. */
static const uint16_t ports[] = {
    1, 2, 2, 2, 3, 3, OFPP_ALL, OFPP_FLOOD, OFPP_IN_PORT, OFPP_CONTROLLER, OFPP_TABLE, 77,
};

/* Appends the action of three bytes at 'a' to 'list' and does it to 'm'. */
static void add_action(struct action_list *list, struct model *m, const uint8_t *a, bool out)
{
    enum action_type type = a[0] % N_STANDARD_ACTIONS;
    uint16_t value = get_be16(a + 1), port = ports[value % ARRAY_SIZE(ports)];
    port = port == OFPP_TABLE && !out ? OFPP_ALL : port;
    type = type == ACTION_ENQUEUE ? ACTION_OUTPUT : type;
    uint8_t addr[6] = {2, 0, 0, 0, a[1], a[2]};
    uint32_t ip = (uint32_t) value << 16 | value;
    struct action *action = action_list_append(list, type);
    switch (type) {
    case ACTION_OUTPUT:
        action->output.port = port;
        action->output.max_len = UINT16_MAX;
        model_output(m, port);
        break;
    case ACTION_SET_VLAN_VID:
        action->vlan_vid = value & 0xfff;
        model_set_vlan(m, 0x0fff, value & 0xfff);
        break;
    case ACTION_SET_VLAN_PCP:
        action->vlan_pcp = value & 7;
        model_set_vlan(m, 0xe000, (uint16_t) ((value & 7) << 13));
        break;
    case ACTION_STRIP_VLAN:
        model_strip_vlan(m);
        break;
    case ACTION_SET_DL_SRC:
    case ACTION_SET_DL_DST:
        memcpy(action->dl_addr, addr, 6);
        memcpy(m->data + (type == ACTION_SET_DL_SRC ? 6 : 0), addr, 6);
        break;
    case ACTION_SET_NW_SRC:
    case ACTION_SET_NW_DST:
        action->nw_addr = htonl(ip);
        model_set_nw(m, type == ACTION_SET_NW_SRC ? 12 : 16, ip);
        break;
    case ACTION_SET_NW_TOS:
        action->nw_tos = value & 0xfc;
        model_set_tos(m, value & 0xfc);
        break;
    default:
        action->tp_port = htons(value);
        model_set_tp(m, type == ACTION_SET_TP_SRC ? 0 : 2, value);
        break;
    }
}

/* Makes 'list' of the 'n' actions at 'a' and expects what they send of 'm', 'times' times. */
static void add_actions(struct action_list *list, const struct model *m, const uint8_t *a,
                        unsigned n, unsigned times, bool out)
{
    action_list_init(list);
    while (times--) {
        struct model *copy = xmemdup(m, sizeof *m);
        action_list_uninit(list);
        for (unsigned i = 0; i < n; i++) {
            add_action(list, copy, a + i * ACTION_BYTES, out);
        }
        free(copy);
    }
}

/* Inserts a rule with 'actions' for what 'match' says. */
static void insert_rule(const struct match *match, uint16_t priority, struct action_list *actions)
{
    struct rule *rule = rule_create(match, false, priority, actions);
    promise(!tables_insert(datapath_tables(bridge.dp), 0, rule, SEC));
}

/* Inserts a rule that nobody should find; where it sends to shows which it was. */
static void insert_decoy(const struct match *match, uint16_t priority)
{
    struct action_list list;
    action_list_init(&list);
    action_list_append(&list, ACTION_OUTPUT)->output.port = OFPP_IN_PORT;
    insert_rule(match, priority, &list);
}

/* Inserts the rule to which OFPP_TABLE leads. */
static void insert_table_rule(void)
{
    struct action_list list;
    struct match any;
    match_init_any(&any);
    action_list_init(&list);
    action_list_append(&list, ACTION_SET_NW_SRC)->nw_addr = htonl(TABLE_SOURCE);
    action_list_append(&list, ACTION_OUTPUT)->output.port = 2;
    insert_rule(&any, PRIORITY, &list);
}

/* Makes '*m' match some bits of 'flow', of which '*random' selects. */
static void select_match(struct match *m, const struct flow *flow, uint64_t *random)
{
    match_init_any(m);
    for (unsigned i = 0; i < FLOW_WORDS; i++) {
        uint64_t kind = random_next(random) % 4;
        m->mask.word[i] = kind == 0 ? UINT64_MAX : kind == 1 ? random_next(random) : 0;
        m->flow.word[i] = flow->word[i];
    }
    m->mask.in_port = UINT32_MAX;
    match_zero_unmasked(m);
}

/* Inverts a bit of 'm' that counts. */
static void spoil_match(struct match *m, uint64_t *random)
{
    unsigned bit;
    do {
        bit = (unsigned) (random_next(random) % (FLOW_WORDS * 64));
    } while (!(m->mask.word[bit / 64] >> bit % 64 & 1));
    m->flow.word[bit / 64] ^= UINT64_C(1) << bit % 64;
}

/* Inserts the rule with 'list' for 'p', and others beside it as 'selector' has it. */
static void insert_rules(const struct packet *p, struct action_list *list, uint64_t selector)
{
    struct packet copy = *p;
    struct flow flow;
    struct match m;
    match_init_any(&m);
    if (selector) {
        copy.in_port = 1;
        naive_flow_extract(&copy, &flow);
        insert_decoy(&m, PRIORITY - 1);
        for (uint16_t i = 1; i <= N_DECOYS; i++) {
            select_match(&m, &flow, &selector);
            spoil_match(&m, &selector);
            insert_decoy(&m, PRIORITY + i);
        }
        select_match(&m, &flow, &selector);
    }
    insert_rule(&m, PRIORITY, list);
}

/* Lets 'p' come in 'times' times, or go out, and does 'list' with it. */
static void play(struct packet *p, struct action_list *list, unsigned times, uint8_t options)
{
    bool out = options & OPTION_OUT;
    if (out) {
        insert_table_rule();
    } else {
        insert_rules(p, list, options >> OPTION_RULES);
    }
    tables_commit(datapath_tables(bridge.dp));
    for (; times && out; times--) {
        bridge_packet_out(&bridge, p, list);
    }
    for (; times; times--) {
        promise(netdev_memory_inject(datapath_port_netdev(bridge.dp, 1), p));
    }
    bridge_run(&bridge);
    tables_flush(datapath_tables(bridge.dp), OFPTT_ALL, 0);
    tables_commit(datapath_tables(bridge.dp));
    bridge_run(&bridge);
    promise(tables_is_settled(datapath_tables(bridge.dp)));
}

/* Checks a super-frame that left whole: as a long frame, it is what is expected. */
static void check_whole(struct packet *p)
{
    struct expected *e = &fuzz.expected[3];
    promise(p->offload.flags & PACKET_CSUM_PARTIAL && p->offload.gso_size >= GSO_MODELLED);
    p->offload.gso = 0;
    offload_finish_checksum(p);
    promise(e->next < e->n);
    promise(model_equal(&e->frames[e->next++], p->data, p->size));
}

/* Takes what left by 'port' and checks it. */
static void check_port(uint16_t port)
{
    struct packet_offload offload;
    struct bytes frame = BYTES_INIT;
    while (netdev_memory_take(datapath_port_netdev(bridge.dp, port), &frame, &offload)) {
        struct packet p;
        struct vnet_header vnet;
        packet_use(&p, frame.data, frame.size, frame.data, frame.size);
        p.offload = offload;
        offload_to_vnet(&p, &vnet);
        promise(port == 3 || (!offload.gso && !(offload.flags & PACKET_CSUM_PARTIAL)));
        if (!offload.gso) {
            offload_finish_checksum(&p);
            check_frame(port, p.data, p.size);
        } else if (fuzz.payload) {
            check_whole(&p);
        }
        bytes_clear(&frame);
    }
    bytes_uninit(&frame);
}

/* Checks that all came that was expected, and forgets it. */
static void check_all(void)
{
    for (uint16_t port = 1; port <= N_PORTS; port++) {
        check_port(port);
    }
    for (unsigned port = UP; port <= N_PORTS; port++) {
        struct expected *e = &fuzz.expected[port];
        promise(e->next == e->n || (fuzz.super && (port != 3 || !fuzz.payload)));
        promise(port == 3 || !fuzz.payload || fuzz.sent[port] == fuzz.payload * e->n);
        for (unsigned i = 0; i < e->n; i++) {
            bytes_clear(&e->frames[i]);
        }
        e->n = e->next = 0;
        fuzz.sent[port] = 0;
    }
}

/* Payload of the super-frame 'p' if the model understands it, or 0. One whose label names another
 * version of IP than its header can't be cut, and leaves by port 3 only. */
static size_t super_payload(const struct packet *p)
{
    const struct packet_offload *o = &p->offload;
    unsigned version = o->gso == PACKET_GSO_TCP4 ? 4 : o->gso == PACKET_GSO_TCP6 ? 6 : 0;
    bool plain = o->flags & PACKET_CSUM_PARTIAL && o->gso_size >= GSO_MODELLED
                 && (!version || model_ip_version(p->data, p->size) == version)
                 && model_l4(p->data, p->size) == o->csum_start;
    return plain ? p->size - o->header_size : 0;
}

const uint64_t fuzz_mutations = 2000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 2 + sizeof(struct vnet_header) };
    static const char *const devices[] = {
        "p1,type=memory,mtu=0,offload=no", "p2,type=memory,mtu=0,offload=no",
        "p3,type=memory,mtu=0,offload=yes", NULL};
    if (size < HEAD) {
        return 0;
    }
    unsigned n = MIN(data[HEAD - 1] % (ACTIONS_MAX + 1u), (unsigned) (size - HEAD) / ACTION_BYTES);
    const uint8_t *frame = data + HEAD + n * ACTION_BYTES;
    size_t frame_size = (size_t) (data + size - frame);
    struct vnet_header vnet;
    struct packet p;
    memcpy(&vnet, data + 1, sizeof vnet);
    if (frame_size < 14 || frame_size > MODEL_FRAME_MAX
        || !model_can_finish(frame, frame_size, &vnet)) {
        return 0;
    }
    if (!bridge.workers) {
        bridge_make(&bridge, 1, devices, packet, NULL);
    }
    uint8_t *bytes = xmemdup(frame, frame_size);
    packet_use(&p, bytes, frame_size, bytes, frame_size);
    if (!offload_from_vnet(&p, &vnet)) {
        struct model m;
        struct action_list list;
        bool out = data[0] & OPTION_OUT;
        unsigned times = 1 + (data[0] & OPTION_BATCH);
        fuzz.super = p.offload.gso;
        model_init(&m, frame, frame_size, &vnet);
        add_actions(&list, &m, data + HEAD, n, times, out);
        fuzz.payload = fuzz.super ? super_payload(&p) : 0;
        play(&p, &list, times, data[0]);
        action_list_uninit(&list);
        check_all();
    }
    free(bytes);
    return 0;
}

/* Frames to begin with, their virtio-net headers, and actions. */
static const struct {
    const char *frame;       /* As frame_build() takes it. */
    struct vnet_header vnet; /* Header. */
} seeds[] = {
    {"tcp(10.0.0.1:1 > 10.0.0.2:80, size 300)", {.flags = 0}},
    {"tcp(10.0.0.1:1 > 10.0.0.2:80, vlan 5, size 300)", {1, 0, 0, 0, 38, 16}},
    {"tcp(10.0.0.1:1 > 10.0.0.2:80, size 900)", {1, 1, 54, 100, 34, 16}},
    {"tcp([fc00::1]:1 > [fc00::2]:80, size 900)", {1, 4, 74, 100, 54, 16}},
    {"udp(10.0.0.1:1 > 10.0.0.2:80, size 900)", {1, 5, 42, 100, 34, 6}},
    {"udp([fc00::1]:53 > [fc00::2]:4000, vlan 7, data 00ff)", {1, 0, 0, 0, 58, 6}},
    {"udp(10.0.0.1:1 > 10.0.0.2:53, nosum, data 001122)", {.flags = 0}},
    {"sctp(10.0.0.1:1 > 10.0.0.2:80, size 33)", {1, 0, 0, 0, 34, 8}},
    {"sctp(10.0.0.1:1 > 10.0.0.2:80, size 32)", {.flags = 0}},
    {"icmp(10.0.0.1 > 10.0.0.2, qinq 3)", {.flags = 2}},
    {"tcp(10.0.0.1:1 > 10.0.0.2:80, qinq 9, vlan 5, size 20)", {.flags = 0}},
    {"udp(10.0.0.1:1 > 10.0.0.2:80, frag 0+, size 64)", {.flags = 0}},
    {"udp(10.0.0.1 > 10.0.0.2, frag 64, size 64)", {.flags = 0}},
    {"arp(request, 10.0.0.1 > 10.0.0.2)", {1, 0, 0, 0, 14, 14}},
    {"tcp(10.0.0.1:1 > 10.0.0.2:80, snap, size 10)", {.flags = 0}},
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    static const uint8_t actions[] = {
        ACTION_OUTPUT, 0, 1, ACTION_SET_NW_SRC, 1, 2, ACTION_SET_TP_DST, 3, 4,
        ACTION_OUTPUT, 0, 6, ACTION_SET_VLAN_VID, 0, 9, ACTION_OUTPUT, 0, 9,
        ACTION_SET_NW_TOS, 0, 0x28, ACTION_OUTPUT, 0, 10, ACTION_STRIP_VLAN, 0, 0,
        ACTION_SET_NW_DST, 5, 6, ACTION_SET_TP_SRC, 7, 8, ACTION_OUTPUT, 0, 4,
        ACTION_SET_DL_SRC, 0, 0, ACTION_OUTPUT, 0, 2,
    };
    if (index >= 2 * ARRAY_SIZE(seeds)) {
        return NULL;
    }
    struct bytes b = BYTES_INIT;
    char *error = NULL;
    uint8_t options = index & 1 ? OPTION_OUT | 1 : (uint8_t) (index << (OPTION_RULES - 1));
    uint8_t n = sizeof actions / ACTION_BYTES;
    bytes_put(&b, &options, 1);
    bytes_put(&b, &seeds[index / 2].vnet, sizeof seeds[0].vnet);
    bytes_put(&b, &n, 1);
    bytes_put(&b, actions, sizeof actions);
    promise(!frame_build(seeds[index / 2].frame, &b, &error));
    *size = b.size;
    return b.data;
}
