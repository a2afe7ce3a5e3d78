/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to statistics requests (A8). */
#include "ofproto/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "ofproto/fail-mode.h"
#include "ofproto/ofproto-private.h"

enum {
    STATS_BACKLOG = 1 << 20,  /* Bytes unsent at which a dump waits for its reader. */
    STATS_SLICE = 256 * 1024, /* Bytes after which a slice of a dump ends: rules may be long. */
};

/* Sends what a writer has finished.  Returns how many bytes that is. */
static size_t send_parts(struct ofconn *c, struct list *parts)
{
    size_t sent = 0;
    for (struct bytes *msg; (msg = ofp_parts_pop(parts));) {
        sent += msg->size;
        ofconn_send(c, msg);
    }
    return sent;
}

/* Description ---------------------------------------------------------------------------------- */

int desc_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    struct ofp_message reply = {.version = OFP10_VERSION, .kind = OFP_DESC_REPLY, .xid = m->xid};
    reply.desc = p->desc;
    ofconn_send(c, ofp_message_encode(&reply));
    return 0;
}

/* Flow and aggregate statistics: walks that may rest ------------------------------------------- */

/* A walk over the rules for one request. */
struct flow_walk {
    struct ofop op;                 /* For the connection. */
    struct ofproto *p;              /* Whose rules. */
    struct ofconn *c;               /* Who asked. */
    struct rule_cursor cursor;      /* Where we are. */
    void (*visit)(struct flow_walk *walk, const struct rule *rule); /* For each rule. */
    void (*finish)(struct flow_walk *walk);                         /* At the end. */
    struct nx_cookie which;         /* Cookies of the rules wanted. */
    enum ofp_kind kind;             /* Of the reply. */
    uint32_t xid;                   /* Of the request. */
    struct list parts;              /* Flow statistics: finished messages. */
    struct ofp_stats_writer writer; /* Flow statistics: the one being filled. */
    struct ofp_aggregate sum;       /* Aggregate statistics. */
};

/* Frees the walk and what it has not sent. */
static void flow_walk_destroy(struct flow_walk *walk)
{
    for (struct bytes *msg; (msg = ofp_parts_pop(&walk->parts));) {
        bytes_destroy(msg);
    }
    rule_cursor_uninit(&walk->cursor);
    free(walk);
}

/* Visits rules, and sends what that fills, until a slice's share of bytes is sent or '*budget' is
 * used up.  Returns whether there are no more rules. */
static bool flow_walk_visit(struct flow_walk *walk, size_t *budget)
{
    const struct rule *rule;
    size_t sent = 0;
    while (sent < STATS_SLICE && (rule = rule_cursor_next(&walk->cursor, budget))) {
        if (ofproto_cookie_fits(&walk->which, rule)) {
            walk->visit(walk, rule);
            sent += send_parts(walk->c, &walk->parts);
        }
    }
    return sent < STATS_SLICE && *budget;
}

/* Walks on for one slice. */
static enum ofop_state flow_walk_step(struct ofop *op, int64_t now UNUSED)
{
    struct flow_walk *walk = CONTAINER_OF(op, struct flow_walk, op);
    size_t slice = MIN(ofconn_op_budget(walk->c), (size_t) OFPROTO_SLICE), budget = slice;
    if (ofconn_backlog(walk->c) > STATS_BACKLOG) {
        return OFOP_WAITS;
    }
    if (!budget) {
        return OFOP_MORE;
    }
    bool is_done = flow_walk_visit(walk, &budget);
    ofconn_op_worked(walk->c, slice - budget);
    if (!is_done) {
        return OFOP_MORE;
    }
    walk->finish(walk);
    send_parts(walk->c, &walk->parts);
    flow_walk_destroy(walk);
    return OFOP_DONE;
}

/* ofop: the peer is gone. */
static void flow_walk_cancel(struct ofop *op, int64_t now UNUSED)
{
    struct flow_walk *walk = CONTAINER_OF(op, struct flow_walk, op);
    ofp_stats_abort(&walk->writer);
    flow_walk_destroy(walk);
}

/* A walk for request 'm', to be answered in the form in which it came. */
static struct flow_walk *flow_walk_create(struct ofproto *p, struct ofconn *c,
                                          const struct ofp_message *m)
{
    static const enum ofp_kind replies[N_OFP_KINDS] = {
        [OFP_FLOW_STATS_REQUEST] = OFP_FLOW_STATS_REPLY,
        [OFP_AGGREGATE_REQUEST] = OFP_AGGREGATE_REPLY,
        [OFP_NXST_FLOW_REQUEST] = OFP_NXST_FLOW_REPLY,
        [OFP_NXST_AGGREGATE_REQUEST] = OFP_NXST_AGGREGATE_REPLY,
    };
    const struct ofp_flow_stats_request *request = &m->flow_stats_request;
    struct flow_walk *walk = xzalloc(sizeof *walk);
    walk->op = (struct ofop){.step = flow_walk_step, .cancel = flow_walk_cancel};
    walk->p = p;
    walk->c = c;
    walk->which = request->which;
    walk->kind = replies[m->kind];
    walk->xid = m->xid;
    list_init(&walk->parts);
    rule_cursor_init(&walk->cursor, p->tables, request->table_id,
                     &request->match, request->out_port);
    return walk;
}

/* Does the first slice, if there is time in this turn; what is left is done later. */
static void flow_walk_start(struct flow_walk *walk)
{
    struct ofconn *c = walk->c;
    if (flow_walk_step(&walk->op, ofproto_now(walk->p)) != OFOP_DONE) {
        ofconn_start_op(c, &walk->op);
    }
}

/* Whole seconds from 'then' to 'now' (B10). */
static int32_t seconds_since(int64_t then, int64_t now)
{
    return (int32_t) MIN(MAX(now - then, (int64_t) 0) / SEC, (int64_t) INT32_MAX);
}

/* Adds 'rule' to a flow statistics reply. OpenFlow 1.0's form tells of its match what it can. */
static void flow_stats_visit(struct flow_walk *walk, const struct rule *rule)
{
    struct rule_counters counters;
    tables_get_counters(walk->p->tables, rule, &counters);
    int64_t now = ofproto_now(walk->p), duration = now - rule->created;
    struct ofp_flow_stats fs = {
        .exact = rule->exact,
        .table_id = rule->table_id,
        .duration_sec = (uint32_t) MIN(duration / SEC, (int64_t) UINT32_MAX),
        .duration_nsec = (uint32_t) (duration % SEC),
        .priority = rule->priority,
        .idle_timeout = rule->idle_timeout,
        .hard_timeout = rule->hard_timeout,
        .idle_age = seconds_since(counters.last_used, now),
        .hard_age = seconds_since(rule->modified, now),
        .cookie = rule->cookie,
        .packet_count = counters.packets,
        .byte_count = counters.bytes,
        .actions = rule->actions,
    };
    minimatch_expand(&rule->match, &fs.match);
    ofp_stats_put_flow(&walk->writer, &fs);
}

static void flow_stats_finish(struct flow_walk *walk)
{
    ofp_stats_finish(&walk->writer);
}

int flow_stats_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    struct flow_walk *walk = flow_walk_create(p, c, m);
    walk->visit = flow_stats_visit;
    walk->finish = flow_stats_finish;
    ofp_stats_start(&walk->writer, walk->kind, m->xid, &walk->parts);
    flow_walk_start(walk);
    return 0;
}

static void aggregate_visit(struct flow_walk *walk, const struct rule *rule)
{
    struct rule_counters counters;
    tables_get_counters(walk->p->tables, rule, &counters);
    walk->sum.packet_count += counters.packets;
    walk->sum.byte_count += counters.bytes;
    walk->sum.flow_count++;
}

static void aggregate_finish(struct flow_walk *walk)
{
    struct ofp_message reply = {
        .version = OFP10_VERSION, .kind = walk->kind, .xid = walk->xid};
    reply.aggregate = walk->sum;
    ofconn_send(walk->c, ofp_message_encode(&reply));
}

int aggregate_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    struct flow_walk *walk = flow_walk_create(p, c, m);
    walk->visit = aggregate_visit;
    walk->finish = aggregate_finish;
    flow_walk_start(walk);
    return 0;
}

/* Tables --------------------------------------------------------------------------------------- */

/* Adds table 'table_id' to 'w'. */
static void put_table(const struct ofproto *p, struct ofp_stats_writer *w, uint8_t table_id)
{
    struct table_summary s;
    tables_get_summary(p->tables, table_id, &s);
    struct ofp_table_stats ts = {
        .table_id = table_id,
        .wildcards = OFPFW_ALL,
        .max_entries = s.max_rules,
        .active_count = s.n_rules,
        .lookup_count = s.lookups,
        .matched_count = s.matches,
    };
    snprintf(ts.name, sizeof ts.name, "%s",
             table_id == OFPROTO_EMERGENCY_TABLE ? "emergency" : table_id ? "" : "classifier");
    ofp_table_stats_put(ofp_stats_room(w, OFP_TABLE_STATS_SIZE), &ts);
}

/* The emergency table is one of them where it can be used. */
int table_stats_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    struct list parts;
    struct ofp_stats_writer w;
    list_init(&parts);
    ofp_stats_start(&w, OFP_TABLE_STATS_REPLY, m->xid, &parts);
    for (uint8_t id = 0; id < OFPROTO_N_TABLES; id++) {
        put_table(p, &w, id);
    }
    if (fail_mode_get(p) == FAIL_EMERGENCY) {
        put_table(p, &w, OFPROTO_EMERGENCY_TABLE);
    }
    ofp_stats_finish(&w);
    send_parts(c, &parts);
    return 0;
}

/* Ports ---------------------------------------------------------------------------------------- */

/* Adds one port to 'w' in the form of the reply. */
typedef void port_writer(const struct ofproto *p, struct ofp_stats_writer *w, uint16_t port_no);

static void put_port_stats(const struct ofproto *p, struct ofp_stats_writer *w, uint16_t port_no)
{
    struct ofp_port_stats stats;
    if (!datapath_port_get_stats(p->dp, port_no, &stats)) {
        ofp_port_stats_put(ofp_stats_room(w, OFP_PORT_STATS_SIZE), &stats);
    }
}

static void put_port_desc(const struct ofproto *p, struct ofp_stats_writer *w, uint16_t port_no)
{
    struct ofp_port port;
    if (!datapath_port_get(p->dp, port_no, &port)) {
        ofp_port_put(ofp_stats_room(w, OFP_PORT_SIZE), &port);
    }
}

/* Answers with 'put' for 'port_no', or for all ports if it is OFPP_NONE. */
static void port_reply(struct ofproto *p, struct ofconn *c, enum ofp_kind kind, uint32_t xid,
                       uint16_t port_no, port_writer *put)
{
    struct list parts;
    struct ofp_stats_writer w;
    list_init(&parts);
    ofp_stats_start(&w, kind, xid, &parts);
    if (port_no != OFPP_NONE) {
        put(p, &w, port_no);
    } else {
        for (uint16_t no = 0; (no = datapath_port_next(p->dp, no));) {
            put(p, &w, no);
            ofconn_charge(c, 1);
        }
    }
    ofp_stats_finish(&w);
    send_parts(c, &parts);
}

int port_stats_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    port_reply(p, c, OFP_PORT_STATS_REPLY, m->xid, m->port_no, put_port_stats);
    return 0;
}

int port_desc_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    port_reply(p, c, OFP_PORT_DESC_REPLY, m->xid, OFPP_NONE, put_port_desc);
    return 0;
}
