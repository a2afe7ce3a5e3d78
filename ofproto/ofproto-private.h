/* SPDX-License-Identifier: Apache-2.0 */
/* The struct that the handlers of the OpenFlow switch share, below all of them. */
#ifndef OFPROTO_OFPROTO_PRIVATE_H
#define OFPROTO_OFPROTO_PRIVATE_H

#include "datapath/datapath.h"
#include "lib/channel/channel.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/timer-wheel.h"
#include "ofproto/buffers.h"
#include "ofproto/connmgr.h"
#include "ofproto/ofproto-config.h"

struct spanning;

enum {
    OFPROTO_SLICE = 2048,      /* Rules that a long operation looks at, or packets that it sends,
                                * before it lets others run. */
    OFPROTO_N_TABLES = 254,    /* Tables of a bridge (B4). */
    OFPROTO_EMERGENCY_TABLE = OFPROTO_N_TABLES, /* The switch's own tables: of emergency rules. */
    OFPROTO_IN_BAND_TABLE,     /* Of in-band control: the front table. */
    OFPROTO_N_OWN_TABLES = 2,  /* How many those are. */
    OFPROTO_N_ALL_TABLES = OFPROTO_N_TABLES + OFPROTO_N_OWN_TABLES, /* And all together. */
    OFPROTO_MAX_RULES = 1 << 20, /* Rules of a table, if not configured. */
    OFPROTO_REASON_NONE = 0xff,  /* rule->reason: no flow_removed (replaced). */
};

_Static_assert((int) OFPROTO_EMERGENCY_TABLE == OFPTT_EMERG, "its number on the wire");

/* A bridge's OpenFlow switch. */
struct ofproto {
    const struct channel_env *env; /* Loop and timers; borrowed. */
    struct workers *workers;       /* Threads; borrowed. */
    struct datapath *dp;           /* Ports and tables; owned. */
    struct tables *tables;         /* Of 'dp'. */
    struct connmgr *connmgr;       /* Connections; owned. */
    struct buffers *buffers;       /* Packets kept for controllers; owned. */
    struct ofproto_config config;  /* As given; strings owned. */
    struct ofp_desc desc;          /* What DESC tells. */
    uint16_t frag_mode;            /* OFPC_FRAG_*. */
    struct spanning *spanning;     /* Spanning tree; NULL: none. Owned. */

    struct in_band *in_band;       /* In-band control, or NULL; owned. */
    struct list learnt;            /* Rules learnt that wait for 'writer', for learn.c. */
    unsigned n_learnt;             /* How many. */
    struct learnt_cookies *learnt_cookies; /* What goes with which rules; owned. */
    struct list expiries[OFPROTO_N_ALL_TABLES]; /* Timers of each table's rules, for expire.c. */
    struct list due;               /* Those that fired and wait for 'writer', for expire.c. */
    struct ofconn *writer;         /* Whose flow_mod is half done, or NULL: others' wait. */
    bool has_written;              /* One has ended; who waited comes before the next one. */

    enum datapath_miss miss;       /* What the datapath does with misses now. */
    bool is_alone;                 /* Acts on its own, for want of a controller. */
    enum fail_mode alone_mode;     /* How, if so. */
    int64_t lost_at;               /* When the last controller was lost, or when we started. */
    bool has_lost;                 /* A controller was. */
    struct timer alone_timer;      /* When to go on our own. */
};

/* A handler of one kind of message: returns 0, or the error to answer with. May steal what 'm'
 * owns. */
typedef int ofproto_handler(struct ofproto *p, struct ofconn *c, struct ofp_message *m);

/* True if a request that asks for cookies like 'which' concerns 'rule' (B7). */
static inline bool ofproto_cookie_fits(const struct nx_cookie *which, const struct rule *rule)
{
    return !((rule->cookie ^ which->value) & which->mask);
}

/* The wheel's time. */
static inline int64_t ofproto_now(const struct ofproto *p)
{
    return timer_wheel_now(p->env->wheel);
}

#endif
