/* SPDX-License-Identifier: Apache-2.0 */
/* How long answers took: requests and replies, packet_ins and what controllers made of them. */
#include "utilities/ofctl-latency.h"

#include <stdlib.h>
#include <string.h>

#include "lib/list.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/packet.h"
#include "lib/util.h"

/* A reply belongs to the request with its transaction id that went the other way.  What a
 * controller does to a packet_in has no such mark.  It is recognised by the buffer, or else by the
 * packet: a packet_out has its bytes, a flow_mod matches them; of several packet_ins it is the
 * oldest.
 *
 * A controller is done with a packet_in when it sends a packet_out, or a flow_mod that names the
 * buffer.  A flow_mod without the buffer comes before the packet_out, if there is one, and answers
 * all packet_ins that it matches, though only the oldest is measured.  So a packet that was flooded
 * once is not taken for one that waited until the controller knew the way. */

enum {
    OPEN_MAX = 4096, /* Requests and packet_ins of a connection that may be open. */
};

/* What is measured: each request, and the two things that a packet_in can lead to. */
static const struct {
    enum ofp_kind request; /* From here. */
    enum ofp_kind reply;   /* To here. */
} rows[] = {
    {OFP_ECHO_REQUEST, OFP_ECHO_REPLY},
    {OFP_FEATURES_REQUEST, OFP_FEATURES_REPLY},
    {OFP_GET_CONFIG_REQUEST, OFP_GET_CONFIG_REPLY},
    {OFP_BARRIER_REQUEST, OFP_BARRIER_REPLY},
    {OFP_QUEUE_GET_CONFIG_REQUEST, OFP_QUEUE_GET_CONFIG_REPLY},
    {OFP_DESC_REQUEST, OFP_DESC_REPLY},
    {OFP_FLOW_STATS_REQUEST, OFP_FLOW_STATS_REPLY},
    {OFP_AGGREGATE_REQUEST, OFP_AGGREGATE_REPLY},
    {OFP_TABLE_STATS_REQUEST, OFP_TABLE_STATS_REPLY},
    {OFP_PORT_STATS_REQUEST, OFP_PORT_STATS_REPLY},
    {OFP_QUEUE_STATS_REQUEST, OFP_QUEUE_STATS_REPLY},
    {OFP_PORT_DESC_REQUEST, OFP_PORT_DESC_REPLY},
    {OFP_VENDOR_STATS_REQUEST, OFP_VENDOR_STATS_REPLY},
    {OFP_NXST_FLOW_REQUEST, OFP_NXST_FLOW_REPLY},
    {OFP_NXST_AGGREGATE_REQUEST, OFP_NXST_AGGREGATE_REPLY},
    {OFP_NXT_ROLE_REQUEST, OFP_NXT_ROLE_REPLY},
    {OFP_PACKET_IN, OFP_FLOW_MOD},
    {OFP_PACKET_IN, OFP_PACKET_OUT},
};
enum {
    ROW_FLOW_MOD = ARRAY_SIZE(rows) - 2,   /* A packet_in's flow_mod. */
    ROW_PACKET_OUT = ARRAY_SIZE(rows) - 1, /* A packet_in's packet_out. */
};

/* What one row amounts to. */
struct sum {
    int64_t *times;   /* Nanoseconds of each answer; owned. */
    size_t n;         /* How many. */
    size_t allocated; /* Room. */
    size_t errors;    /* Requests that an ERROR answered. */
    size_t none;      /* Without an answer. */
};

struct latencies {
    struct sum sums[ARRAY_SIZE(rows)]; /* By row. */
};

/* A request, or a packet_in, that may still be answered. */
struct open {
    struct list node;       /* In latency_session.open. */
    size_t row;             /* Of the request; ROW_FLOW_MOD for a packet_in. */
    int direction;          /* In which it went. */
    int64_t when;           /* At which time. */
    uint32_t xid;           /* Of a request. */
    uint32_t buffer_id;     /* Of a packet_in; OFP_NO_BUFFER none. */
    struct flow flow;       /* Of its packet. */
    uint8_t *frame;         /* Its bytes; owned. */
    size_t size;            /* How many. */
    bool has_rule;          /* A packet_in: a flow_mod came. */
};

struct latency_session {
    struct latencies *all; /* Where it is summed up. */
    struct list open;      /* Oldest first: struct open. */
    size_t n_open;         /* How many. */
};

/* Sums ----------------------------------------------------------------------------------------- */

struct latencies *latencies_create(void)
{
    return xzalloc(sizeof(struct latencies));
}

void latencies_destroy(struct latencies *all)
{
    if (all) {
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
            free(all->sums[i].times);
        }
        free(all);
    }
}

static void sum_add(struct sum *s, int64_t time)
{
    if (s->n == s->allocated) {
        s->allocated = MAX(2 * s->allocated, (size_t) 64);
        s->times = xrealloc(s->times, s->allocated * sizeof *s->times);
    }
    s->times[s->n++] = time;
}

/* Sessions ------------------------------------------------------------------------------------- */

struct latency_session *latency_session_create(struct latencies *all)
{
    struct latency_session *s = xzalloc(sizeof *s);
    s->all = all;
    list_init(&s->open);
    return s;
}

static void open_destroy(struct latency_session *s, struct open *o)
{
    list_remove(&o->node);
    s->n_open--;
    free(o->frame);
    free(o);
}

/* Gives up waiting for an answer to 'o'. */
static void open_give_up(struct latency_session *s, struct open *o)
{
    if (o->row != ROW_FLOW_MOD) {
        s->all->sums[o->row].none++;
    } else if (!o->has_rule) {
        s->all->sums[ROW_FLOW_MOD].none++;
        s->all->sums[ROW_PACKET_OUT].none++;
    }
    open_destroy(s, o);
}

void latency_session_destroy(struct latency_session *s)
{
    if (s) {
        while (!list_is_empty(&s->open)) {
            open_give_up(s, CONTAINER_OF(s->open.next, struct open, node));
        }
        free(s);
    }
}

/* A new one at the end of the list. */
static struct open *open_create(struct latency_session *s, size_t row, int direction, int64_t now)
{
    struct open *o = xzalloc(sizeof *o);
    o->row = row;
    o->direction = direction;
    o->when = now;
    list_push_back(&s->open, &o->node);
    if (++s->n_open > OPEN_MAX) {
        open_give_up(s, CONTAINER_OF(s->open.next, struct open, node));
    }
    return o;
}

/* Messages ------------------------------------------------------------------------------------- */

/* Notes a request, if 'm' is one. */
static void note_request(struct latency_session *s, int direction, const struct ofp_message *m,
                         int64_t now)
{
    for (size_t i = 0; i < ROW_FLOW_MOD; i++) {
        if (rows[i].request == m->kind) {
            open_create(s, i, direction, now)->xid = m->xid;
        }
    }
}

/* Ends the request that the reply or error 'm' answers. */
static void note_reply(struct latency_session *s, int direction, const struct ofp_message *m,
                       int64_t now)
{
    struct open *o;
    LIST_FOR_EACH (o, node, &s->open) {
        if (o->row != ROW_FLOW_MOD && o->direction != direction && o->xid == m->xid
            && (m->kind == OFP_ERROR || rows[o->row].reply == m->kind)) {
            if (m->kind == OFP_ERROR) {
                s->all->sums[o->row].errors++;
            } else {
                sum_add(&s->all->sums[o->row], now - o->when);
            }
            open_destroy(s, o);
            return;
        }
    }
}

/* The flow of the frame of 'size' bytes. */
static void extract(uint8_t *frame, size_t size, uint16_t in_port, struct flow *flow)
{
    struct packet p;
    packet_use(&p, frame, size, frame, size);
    p.in_port = in_port;
    flow_extract(&p, flow);
}

static void note_packet_in(struct latency_session *s, int direction, const struct ofp_packet_in *pi,
                           int64_t now)
{
    struct open *o = open_create(s, ROW_FLOW_MOD, direction, now);
    o->buffer_id = pi->buffer_id;
    o->size = pi->data.size;
    o->frame = xmemdup(pi->data.data, pi->data.size);
    extract(o->frame, o->size, pi->in_port, &o->flow);
}

/* Has the packet_out 'po' the packet of 'o'? */
static bool is_packet_of(const struct ofp_packet_out *po, const struct open *o)
{
    return po->buffer_id != OFP_NO_BUFFER
               ? po->buffer_id == o->buffer_id
               : po->data.size >= o->size && !memcmp(po->data.data, o->frame, o->size);
}

/* Is the rule 'fm' for the packet of 'o'? */
static bool is_rule_of(const struct ofp_flow_mod *fm, const struct open *o)
{
    bool adds = (fm->command & 0xff) <= OFPFC_MODIFY_STRICT; /* Above: a table (B3). */
    return adds && (fm->buffer_id != OFP_NO_BUFFER ? fm->buffer_id == o->buffer_id
                                                   : match_matches(&fm->match, &o->flow));
}

/* Is 'o' a packet_in that went the other way? */
static bool is_packet_in(const struct open *o, int direction)
{
    return o->row == ROW_FLOW_MOD && o->direction != direction;
}

/* Ends the packet_in that the packet_out is about. */
static void note_packet_out(struct latency_session *s, int direction,
                            const struct ofp_packet_out *po, int64_t now)
{
    struct open *o;
    LIST_FOR_EACH (o, node, &s->open) {
        if (is_packet_in(o, direction) && is_packet_of(po, o)) {
            sum_add(&s->all->sums[ROW_PACKET_OUT], now - o->when);
            open_destroy(s, o);
            return;
        }
    }
}

/* Answers the packet_ins that the flow_mod is for. */
static void note_flow_mod(struct latency_session *s, int direction, const struct ofp_flow_mod *fm,
                          int64_t now)
{
    struct open *o, *next;
    bool is_first = true;
    LIST_FOR_EACH_SAFE (o, next, node, &s->open) {
        if (!is_packet_in(o, direction) || o->has_rule || !is_rule_of(fm, o)) {
            continue;
        }
        if (is_first) {
            sum_add(&s->all->sums[ROW_FLOW_MOD], now - o->when);
            is_first = false;
        }
        o->has_rule = true;
        if (fm->buffer_id != OFP_NO_BUFFER) {
            open_destroy(s, o);
        }
    }
}

void latency_message(struct latency_session *s, int direction, const uint8_t *data, size_t size,
                     int64_t now)
{
    struct ofp_message m;
    bool from_controller = true;
    int error = ofp_message_decode(&m, data, size, true);
    if (error) {
        from_controller = false;
        error = ofp_message_decode(&m, data, size, false);
    }
    if (error) {
        return;
    }
    if (m.kind == OFP_FLOW_MOD || m.kind == OFP_NXT_FLOW_MOD) {
        note_flow_mod(s, direction, &m.flow_mod, now);
    } else if (m.kind == OFP_PACKET_OUT) {
        note_packet_out(s, direction, &m.packet_out, now);
    } else if (m.kind == OFP_PACKET_IN || m.kind == OFP_NXT_PACKET_IN) {
        note_packet_in(s, direction, &m.packet_in, now);
    } else if (from_controller && m.kind != OFP_ERROR && m.kind != OFP_ECHO_REPLY) {
        note_request(s, direction, &m, now);
    } else if (from_controller || data[1] != OFPT_STATS_REPLY || !(m.flags & OFPSF_REPLY_MORE)) {
        note_reply(s, direction, &m, now);
    }
    ofp_message_uninit(&m);
}

/* Printing ------------------------------------------------------------------------------------- */

/* For qsort(). */
static int compare(const void *a_, const void *b_)
{
    const int64_t *a = a_;
    const int64_t *b = b_;
    return (*a > *b) - (*a < *b);
}

/* A line of a table. */
static void print_row(const char *name, const struct sum *s, FILE *stream)
{
    fprintf(stream, "  %-34s %8zu %7zu %7zu", name, s->n, s->errors, s->none);
    if (s->n) {
        const size_t at[] = {0, (s->n - 1) / 2, (s->n * 99 + 99) / 100 - 1, s->n - 1};
        for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
            fprintf(stream, " %9.3f", (double) s->times[at[i]] / MSEC);
        }
    }
    fputc('\n', stream);
}

/* The rows from 'first' to before 'end', if there is anything in them. */
static void print_rows(const struct latencies *all, const char *title, size_t first, size_t end,
                       FILE *stream)
{
    bool has_title = false;
    for (size_t i = first; i < end; i++) {
        const struct sum *s = &all->sums[i];
        if (!s->n && !s->errors && !s->none) {
            continue;
        }
        if (!has_title) {
            fprintf(stream, "\n%-36s %8s %7s %7s %9s %9s %9s %9s\n", title, "answered", "errors",
                    "none", "min ms", "median", "p99", "max");
            has_title = true;
        }
        if (s->n) {
            qsort(s->times, s->n, sizeof *s->times, compare);
        }
        print_row(ofp_kind_name(i < ROW_FLOW_MOD ? rows[i].request : rows[i].reply), s, stream);
    }
}

void latencies_print(const struct latencies *all, FILE *stream)
{
    print_rows(all, "Replies to", 0, ROW_FLOW_MOD, stream);
    print_rows(all, "From OFPT_PACKET_IN to", ROW_FLOW_MOD, ARRAY_SIZE(rows), stream);
}
