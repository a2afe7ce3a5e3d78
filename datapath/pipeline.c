/* SPDX-License-Identifier: Apache-2.0 */
/* The way of packets through a bridge: port, flow, table, actions or miss. */
#include "datapath/pipeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/crossing.h"
#include "datapath/datapath-private.h"
#include "datapath/flow-cache.h"
#include "datapath/normal.h"
#include "datapath/output.h"
#include "datapath/port.h"
#include "datapath/table-cache.h"
#include "datapath/transmit.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/packet/flow.h"
#include "lib/packet/headers.h"
#include "lib/packet/reassembly.h"

/* The version of the tables is read once for a batch, after it was received.  So no packet that is
 * received after a change is looked up as of before it, and all packets of a batch see the same
 * tables. */

enum {
    N_CREDITS = 32, /* Rules whose counts are gathered before they are stored. */
};

/* Bits of a port's 'receive' for which frames of spanning tree are told from others. */
static const uint32_t SIFTS = OFPPC_NO_RECV | OFPPC_NO_RECV_STP | PORT_TREE_TAKES
                              | PORT_TREE_NO_RECEIVE;

/* What a rule gets for this batch. */
struct credit {
    const struct rule *rule; /* NULL: not in use. */
    uint64_t packets;        /* Packets that matched. */
    uint64_t bytes;          /* Their bytes as received. */
};

/* A batch on its way: the packets that are left, with their flows and rules. */
struct lookup {
    struct forwarder *fw;                      /* Thread. */
    struct datapath *dp;                       /* Bridge. */
    uint64_t version;                          /* Of the tables. */
    unsigned n;                                /* Packets. */
    struct packet *packets[PACKET_BATCH_MAX];  /* Packets. */
    const struct flow *flows[PACKET_BATCH_MAX]; /* Their flows, in 'storage'. */
    struct rule *rules[PACKET_BATCH_MAX];      /* Their rules, NULL none. */
    struct flow storage[PACKET_BATCH_MAX];     /* Flows. */
};

static void table(struct execution *outer);
static void resubmit(struct execution *x, uint32_t in_port, uint8_t table_id);
static const struct action_sink sink = {.table = table, .resubmit = resubmit};

/* Whether 'p' is a spanning tree frame: what NO_RECV lets pass and NO_RECV_STP does not. */
static bool is_bpdu(const struct packet *p)
{
    static const uint8_t address[] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x00};
    return !memcmp(p->data, address, sizeof address);
}

/* Whether a port with 'config', which tells frames of spanning tree from others, takes 'p'. */
static bool sift(uint32_t config, const struct packet *p)
{
    return !(config & (is_bpdu(p) ? OFPPC_NO_RECV_STP : OFPPC_NO_RECV | PORT_TREE_NO_RECEIVE));
}

/* Whether a port with 'config' takes 'p'; if not, '*reason' tells why. */
static bool admit(uint32_t config, const struct packet *p, enum drop_reason *reason)
{
    if (p->size < sizeof(struct eth_header)) {
        *reason = DROP_RUNT;
        return false;
    }
    if (config & OFPPC_PORT_DOWN) {
        *reason = DROP_PORT_DOWN;
        return false;
    }
    *reason = config & PORT_TREE_NO_RECEIVE ? DROP_BLOCKED : DROP_NO_RECV;
    return LIKELY(!(config & SIFTS)) || sift(config, p);
}

/* OFPC_FRAG_NORMAL: a fragment is like any packet. */
static struct packet *fragment_normal(struct lookup *l UNUSED, struct packet *p,
                                      struct flow *flow UNUSED)
{
    return p;
}

/* OFPC_FRAG_DROP. */
static struct packet *fragment_drop(struct lookup *l, struct packet *p UNUSED,
                                    struct flow *flow UNUSED)
{
    datapath_drop(l->dp, l->fw->netdev.id, DROP_FRAGMENT, 1);
    return NULL;
}

/* OFPC_FRAG_REASM: the last fragment of an IPv4 packet is followed by the whole. What is dropped
 * counts for this bridge, although a few fragments may be another's. */
static struct packet *fragment_reassemble(struct lookup *l, struct packet *p, struct flow *flow)
{
    static const enum drop_reason reasons[] = {
        [REASSEMBLY_LATE] = DROP_FRAGMENT_LATE,
        [REASSEMBLY_CROWDED] = DROP_FRAGMENT_CROWDED,
        [REASSEMBLY_BAD] = DROP_FRAGMENT_BAD,
    };
    static_assert(ARRAY_SIZE(reasons) == N_REASSEMBLY_REASONS, "every reason is counted");
    struct reassembly *r = RCU_GET(&l->fw->reassembly);
    unsigned drops[N_REASSEMBLY_REASONS] = {0};
    if (flow->dl_type != htons(ETHER_TYPE_IPV4) || !r) {
        return p;
    }
    struct packet *whole = reassembly_add(r, l->dp->id, flow, p, l->fw->netdev.now, drops);
    for (unsigned i = 0; i < N_REASSEMBLY_REASONS; i++) {
        datapath_drop(l->dp, l->fw->netdev.id, reasons[i], drops[i]);
    }
    if (whole) {
        flow_extract(whole, flow);
    }
    return whole;
}

/* Nicira's mode: ports of first fragments can be matched. */
static struct packet *fragment_add_ports(struct lookup *l UNUSED, struct packet *p,
                                         struct flow *flow)
{
    flow_add_fragment_ports(p, flow);
    return p;
}

/* What becomes of the fragment 'p' with 'flow': the packet that takes its place, with its flow in
 * 'flow', or NULL. */
static struct packet *(*const fragment_modes[])(struct lookup *l, struct packet *p,
                                                struct flow *flow) = {
    [OFPC_FRAG_NORMAL] = fragment_normal,
    [OFPC_FRAG_DROP] = fragment_drop,
    [OFPC_FRAG_REASM] = fragment_reassemble,
    [OFPC_FRAG_NX_MATCH] = fragment_add_ports,
};
static_assert(ARRAY_SIZE(fragment_modes) == OFPC_FRAG_MASK + 1, "every mode is there");

/* Adds 'p' to 'l', or what takes its place if it is a fragment. Returns what it has added; NULL:
 * nothing. */
static struct packet *lookup_add(struct lookup *l, struct packet *p)
{
    struct flow *flow = &l->storage[l->n];
    flow_extract(p, flow);
    if (UNLIKELY(flow->nw_frag)) {
        p = fragment_modes[RCU_READ(&l->dp->frag_mode)](l, p, flow);
        if (!p) {
            return NULL;
        }
    }
    l->packets[l->n] = p;
    l->flows[l->n++] = flow;
    return p;
}

/* Stores what 'c' has gathered. */
static void credit_store(struct lookup *l, struct credit *c)
{
    if (c->rule) {
        tables_credit(l->dp->tables, l->fw->netdev.id, c->rule, c->packets, c->bytes,
                      l->fw->netdev.now);
    }
}

/* Counts the packets of 'l' for their rules and for table 'table_id'. */
static void lookup_count(struct lookup *l, uint8_t table_id)
{
    struct credit credits[N_CREDITS];
    unsigned matches = 0;
    memset(credits, 0, sizeof credits);
    for (unsigned i = 0; i < l->n; i++) {
        const struct rule *rule = l->rules[i];
        if (!rule) {
            continue;
        }
        struct credit *c = &credits[rule->counters % N_CREDITS];
        if (c->rule != rule) {
            credit_store(l, c);
            *c = (struct credit) {.rule = rule};
        }
        c->packets++;
        c->bytes += l->packets[i]->size;
        matches++;
    }
    for (unsigned i = 0; i < N_CREDITS; i++) {
        credit_store(l, &credits[i]);
    }
    tables_count_lookups(l->dp->tables, l->fw->netdev.id, table_id, l->n, matches);
}

/* Asks for what counting for the rules of 'l' and executing them will touch, for all at once: with
 * many rules each would else be waited for. */
static void lookup_prefetch(const struct lookup *l)
{
    for (unsigned i = 0; i < l->n; i++) {
        const struct rule *rule = l->rules[i];
        if (rule) {
            tables_prefetch_counters(l->dp->tables, l->fw->netdev.id, rule);
            __builtin_prefetch(rule->actions.first);
        }
    }
}

/* Finds the rules of 'l' and counts. */
static void lookup_run(struct lookup *l)
{
    struct datapath_thread *thread = &l->dp->threads[l->fw->netdev.id];
    l->version = tables_version(l->dp->tables);
    if (l->n) {
        flow_cache_lookup(thread->cache, l->dp->tables, l->version, l->flows, l->rules, l->n);
        lookup_prefetch(l);
        lookup_count(l, tables_first(l->dp->tables, l->version));
    }
}

/* MISS_CONTROLLER: asks, unless the port has NO_PACKET_IN. */
static void miss_controller(struct forwarder *fw, struct datapath *dp, struct packet *p)
{
    static const struct output_upcall upcall = {
        .reason = UPCALL_MISS, .packet_in_reason = OFPR_NO_MATCH, .cookie = UINT64_MAX};
    const struct port *port = p->in_port <= OFPP_LOCAL ? port_map_get(&dp->ports, p->in_port)
                                                       : NULL;
    if (port && RCU_READ(&port->config) & OFPPC_NO_PACKET_IN) {
        datapath_drop(dp, fw->netdev.id, DROP_NO_PACKET_IN, 1);
    } else {
        output_upcall(fw, dp, &upcall, p);
    }
}

/* MISS_DROP. */
static void miss_drop(struct forwarder *fw, struct datapath *dp, struct packet *p UNUSED)
{
    datapath_drop(dp, fw->netdev.id, DROP_MISS, 1);
}

static void (*const misses[])(struct forwarder *fw, struct datapath *dp, struct packet *p) = {
    [MISS_CONTROLLER] = miss_controller,
    [MISS_DROP] = miss_drop,
    [MISS_NORMAL] = normal_forward,
};
static_assert(ARRAY_SIZE(misses) == MISS_NORMAL + 1, "every way to miss is there");

/* Does with packet 'i' of 'l' what its rule says, or what becomes of a miss; 'n_resubmits' have
 * been made for it. Returns how many there are then. */
static uint16_t apply(struct lookup *l, unsigned i, uint16_t n_resubmits)
{
    struct rule *rule = l->rules[i];
    struct packet *p = l->packets[i];
    if (!rule) {
        misses[RCU_READ(&l->dp->miss)](l->fw, l->dp, p);
        return n_resubmits;
    }
    struct execution x = {
        .fw = l->fw,
        .dp = l->dp,
        .sink = &sink,
        .packet = p,
        .flow = &l->storage[i],
        .version = l->version,
        .rule = rule,
        .size = p->size,
        .n_resubmits = n_resubmits,
        .table_id = rule->table_id,
    };
    actions_execute(&x, &rule->actions);
    return x.n_resubmits;
}

/* OFPP_TABLE in the list that 'outer' executes: its packet goes through the table, with what the
 * list has loaded into registers and the like. */
static void table(struct execution *outer)
{
    struct flow_metadata metadata;
    struct lookup l;
    l.fw = outer->fw;
    l.dp = outer->dp;
    l.n = 0;
    lookup_add(&l, outer->packet);
    if (flow_get_metadata(outer->flow, &metadata)) {
        flow_set_metadata(&l.storage[0], &metadata);
    }
    lookup_run(&l);
    if (l.n) {
        outer->n_resubmits = apply(&l, 0, outer->n_resubmits);
    }
}

/* A resubmit in the list of 'x'. */
static void resubmit(struct execution *x, uint32_t in_port, uint8_t table_id)
{
    struct tables *tables = x->dp->tables;
    struct flow *flow = x->flow;
    uint32_t own_port = flow->in_port;
    if (table_id >= tables_count(tables) && table_id != x->table_id) {
        return;
    }
    flow->in_port = in_port;
    struct rule *rule = table_cache_lookup(x->dp->threads[x->fw->netdev.id].later, tables,
                                           table_id, x->version, flow);
    flow->in_port = own_port;
    tables_count_lookups(tables, x->fw->netdev.id, table_id, 1, rule != NULL);
    if (rule) {
        struct rule *outer = x->rule;
        uint8_t from = x->table_id;
        tables_credit(tables, x->fw->netdev.id, rule, 1, x->size, x->fw->netdev.now);
        x->rule = rule;
        x->table_id = table_id;
        actions_execute(x, &rule->actions);
        x->rule = outer;
        x->table_id = from;
    }
}

/* Hands 'p', a frame of spanning tree that 'port' received, up; no more than a port can have in
 * earnest, so that none keeps others' frames and misses from coming up. */
static void hand_up(struct lookup *l, struct port *port, const struct packet *p)
{
    static const struct output_upcall upcall = {
        .reason = UPCALL_PROTOCOL, .cookie = UINT64_MAX, .max_len = UINT16_MAX};
    struct netdev_thread *thread = &l->fw->netdev;
    if (token_bucket_take(&port->threads[thread->id].bpdus, 1, thread->now)) {
        output_upcall(l->fw, l->dp, &upcall, p);
    } else {
        datapath_drop(l->dp, thread->id, DROP_UPCALL_PROTOCOL, 1);
    }
}

/* Takes 'p', which port 'port' with 'config' received, into 'l', unless it is dropped or handed up
 * to spanning tree. Returns what lookup_add() does. */
static struct packet *take_in(struct lookup *l, struct port *port, uint32_t config,
                              struct packet *p)
{
    enum drop_reason reason;
    p->in_port = port->number;
    if (UNLIKELY(!admit(config, p, &reason))) {
        datapath_drop(l->dp, l->fw->netdev.id, reason, 1);
        return NULL;
    }
    if (UNLIKELY(config & PORT_TREE_TAKES) && is_bpdu(p)) {
        hand_up(l, port, p);
        return NULL;
    }
    return lookup_add(l, p);
}

/* Handles 'batch', received from 'port'. Whoever gave it holds 'refs' of each packet, which are
 * given up when the packet's turn comes: until then nobody may change it or take it back. */
static void handle(struct forwarder *fw, struct port *port, const struct packet_batch *batch,
                   uint16_t refs)
{
    uint32_t config = RCU_READ(&port->receive);
    struct lookup l;
    l.fw = fw;
    l.dp = port->dp;
    l.n = 0;
    for (unsigned i = 0; i < batch->n; i++) {
        struct packet *p = batch->packets[i], *taken = take_in(&l, port, config, p);
        if (UNLIKELY(taken != p)) {
            p->refs -= refs;
            if (taken) {
                taken->refs += refs;
            }
        }
    }
    lookup_run(&l);
    for (unsigned i = 0; i < l.n; i++) {
        l.packets[i]->refs -= refs;
        apply(&l, i, 0);
    }
}

/* Ends a batch: handles what crosses into other bridges until nothing does, and sends it all. */
static void finish(struct forwarder *fw)
{
    struct packet_batch batch;
    struct port *port;
    while (UNLIKELY(fw->n_crossings) && (port = crossing_take(fw, &batch))) {
        handle(fw, port, &batch, 1);
    }
    transmit_finish(fw);
    struct reassembly *r = RCU_GET(&fw->reassembly);
    if (UNLIKELY(r)) {
        reassembly_recycle(r);
    }
}

void pipeline_receive(struct forwarder *fw, struct port *port, struct packet_batch *batch)
{
    handle(fw, port, batch, 0);
    finish(fw);
}

/* Notes in 'po' where 'x' rests, and gives back all that the thread lends for a batch only. A
 * packet that is on its way belongs to where it goes, perhaps another bridge that changes it. */
static void rest(struct packet_out *po, struct execution *x)
{
    bool is_lent = x->packet != po->packet || x->packet->refs;
    struct packet *kept = is_lent ? packet_clone(x->packet) : po->packet;
    flow_get_metadata(x->flow, &po->metadata);
    po->n_resubmits = x->n_resubmits;
    finish(x->fw);
    if (is_lent) {
        free(po->packet);
        po->packet = kept;
    }
}

void pipeline_execute(struct forwarder *fw, struct datapath *dp, struct packet_out *po,
                      size_t budget)
{
    struct flow flow;
    struct execution x = {
        .fw = fw,
        .dp = dp,
        .sink = &sink,
        .packet = po->packet,
        .flow = &flow,
        .version = tables_version(dp->tables),
        .size = po->size,
        .n_resubmits = po->n_resubmits,
    };
    if (po->packet->size < sizeof(struct eth_header)) {
        datapath_drop(dp, fw->netdev.id, DROP_RUNT, 1);
        po->done = po->actions->size;
        return;
    }
    execution_extract(dp, po->packet, &flow);
    flow_set_metadata(&flow, &po->metadata);
    fw->sends_at_once = true;
    fw->queue = po->queue;
    actions_execute_some(&x, po->actions, &po->done, budget);
    po->queue = fw->queue;
    fw->queue = 0;
    if (packet_out_is_done(po)) {
        finish(fw);
    } else {
        rest(po, &x);
    }
    fw->sends_at_once = false;
}

void pipeline_output(struct forwarder *fw, struct port *port, struct packet *p, uint32_t queue)
{
    if (port_can_send(port)) {
        fw->queue = queue;
        output_send(fw, port, p);
        fw->queue = 0;
        finish(fw);
    } else {
        datapath_drop(port->dp, fw->netdev.id, DROP_NOT_FORWARDING, 1);
    }
}

void pipeline_send(struct forwarder *fw, struct port *port, struct packet *p)
{
    output_past_queues(fw, port, p);
    finish(fw);
}
