/* SPDX-License-Identifier: Apache-2.0 */
/* The end of rules: idle and hard timeouts, and flow_removed. */
#include "ofproto/expire.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/util.h"
#include "ofproto/learnt-cookies.h"
#include "ofproto/ofproto-private.h"

/* A rule with timeouts has one timer. It is set for the earliest moment when the rule can end;
 * when it fires for an idle timeout and the rule has been used meanwhile, it is set again, so a
 * packet never touches a timer. hard_timeout counts from the insertion, also over a modify
 * (A11.2). One that fires while somebody's flow_mod is half done is due until that has ended.
 *
 * Where the whole process stood still, packets that used the rule may wait to be received. So an
 * idle timeout that is found late is judged once more, when these have been. */
struct expiry {
    struct list node;   /* In p->expiries of its table. */
    struct list due;    /* In p->due, or empty. */
    struct timer timer; /* Fires expiry_fire(). */
    struct ofproto *p;  /* Whose rule. */
    struct rule *rule;  /* Which. */
    bool is_second;     /* Its idle timeout is judged once more. */
};

enum {
    EVICT_CHOICE = 32, /* Rules that an eviction chooses from. */
    EVICT_LOOK = 1024, /* Rules that it looks at to find them. */
};

/* An idle timeout is late after so long, and so long its rule may still be used then. */
static const int64_t late = 100 * MSEC;

/* When the hard timeout ends the rule; INT64_MAX never. It counts from when the rule was learnt
 * last, if that is later than its insertion (B17). */
static int64_t hard_deadline(const struct rule *rule)
{
    int64_t since = MAX(rule->created, rule_learnt(rule));
    return rule->hard_timeout ? since + rule->hard_timeout * SEC : INT64_MAX;
}

/* When the idle timeout ends the rule if no packet comes; INT64_MAX never. */
static int64_t idle_deadline(const struct ofproto *p, const struct rule *rule)
{
    struct rule_counters counters;
    if (!rule->idle_timeout) {
        return INT64_MAX;
    }
    tables_get_counters(p->tables, rule, &counters);
    return counters.last_used + rule->idle_timeout * SEC;
}

/* A timeout may have come. A rule that was flushed is told by its table only. */
static void expiry_fire(struct timer *timer, int64_t now)
{
    struct expiry *e = CONTAINER_OF(timer, struct expiry, timer);
    struct ofproto *p = e->p;
    struct rule *rule = e->rule;
    if (p->writer) {
        list_remove(&e->due);
        list_push_back(&p->due, &e->due);
        return;
    }
    int64_t hard = hard_deadline(rule);
    int64_t idle = idle_deadline(p, rule);
    int64_t first = MIN(hard, idle);
    if (first <= now && hard > now && now - idle > late && !e->is_second) {
        e->is_second = true;
        timer_set(p->env->wheel, timer, MIN(hard, now + late));
        return;
    }
    e->is_second = false;
    if (first > now) {
        timer_set(p->env->wheel, timer, first);
    } else if (tables_contains(p->tables, rule)) {
        learnt_cookies_remove_rule(p, rule,
                                   hard <= idle ? OFPRR_HARD_TIMEOUT : OFPRR_IDLE_TIMEOUT);
        learnt_cookies_commit(p);
    }
}

void expire_init(struct ofproto *p)
{
    for (unsigned i = 0; i < OFPROTO_N_ALL_TABLES; i++) {
        list_init(&p->expiries[i]);
    }
    list_init(&p->due);
}

void expire_run(struct ofproto *p)
{
    struct list *node;
    while ((node = list_pop_front(&p->due))) {
        struct expiry *e = CONTAINER_OF(node, struct expiry, due);
        timer_cancel(p->env->wheel, &e->timer);
        expiry_fire(&e->timer, ofproto_now(p));
    }
}

void expire_start(struct ofproto *p, struct rule *rule)
{
    if (rule->idle_timeout || rule->hard_timeout) {
        struct expiry *e = xzalloc(sizeof *e);
        e->p = p;
        e->rule = rule;
        rule->owner = e;
        list_push_back(&p->expiries[rule->table_id], &e->node);
        list_init(&e->due);
        timer_init(&e->timer, expiry_fire);
        int64_t idle = rule->idle_timeout ? rule->created + rule->idle_timeout * SEC : INT64_MAX;
        timer_set(p->env->wheel, &e->timer, MIN(idle, hard_deadline(rule)));
    }
}

/* Makes '*timeout' no longer than 'limit', if there is one. */
static void cut(uint16_t *timeout, uint16_t limit)
{
    if (limit && (!*timeout || *timeout > limit)) {
        *timeout = limit;
    }
}

void expire_connection_ended(struct ofproto *p, struct rule *rule)
{
    const struct action *a;
    if (rule->table_id == OFPROTO_EMERGENCY_TABLE) {
        return;
    }
    ACTION_FOR_EACH (a, &rule->actions) {
        if (a->type == ACTION_FIN_TIMEOUT) {
            cut(&rule->idle_timeout, a->fin_timeout.idle);
            cut(&rule->hard_timeout, a->fin_timeout.hard);
        }
    }
    struct expiry *e = rule->owner;
    if (e) {
        timer_set(p->env->wheel, &e->timer, MIN(hard_deadline(rule), idle_deadline(p, rule)));
    } else {
        expire_start(p, rule);
    }
}

void expire_move(struct ofproto *p UNUSED, struct rule *old, struct rule *rule)
{
    struct expiry *e = old->owner;
    old->owner = NULL;
    rule->owner = e;
    if (e) {
        e->rule = rule;
    }
}

/* Ends the timers of a rule; NULL if it has none. */
static void expiry_destroy(struct expiry *e)
{
    if (e) {
        timer_cancel(e->p->env->wheel, &e->timer);
        list_remove(&e->node);
        list_remove(&e->due);
        free(e);
    }
}

/* Eviction chooses from the first few of the table's list, the oldest rules that have timeouts, so
 * it costs the same however many there are. What was removed and is not yet reclaimed stands in the
 * list still, and is passed over. */
int expire_evict(struct ofproto *p, uint8_t table_id)
{
    struct expiry *e, *victim = NULL;
    int64_t soonest = INT64_MAX;
    unsigned choice = EVICT_CHOICE, look = EVICT_LOOK;
    LIST_FOR_EACH (e, node, &p->expiries[table_id]) {
        if (!choice || !look--) {
            break;
        }
        if (!tables_contains(p->tables, e->rule)) {
            continue;
        }
        int64_t end = MIN(hard_deadline(e->rule), idle_deadline(p, e->rule));
        if (end < soonest) {
            soonest = end;
            victim = e;
        }
        choice--;
    }
    if (!victim) {
        return ENOENT;
    }
    struct rule *rule = victim->rule;
    rule->owner = NULL;
    expiry_destroy(victim);
    learnt_cookies_remove_rule(p, rule, OFPRR_DELETE);
    return 0;
}

void expire_stop_all(struct ofproto *p)
{
    for (unsigned i = 0; i < OFPROTO_N_ALL_TABLES; i++) {
        struct expiry *e, *next;
        LIST_FOR_EACH_SAFE (e, next, node, &p->expiries[i]) {
            e->rule->owner = NULL;
            expiry_destroy(e);
        }
    }
}

/* Sends everybody who wants it the flow_removed of 'rule', in the form wanted (B8). */
static void send_flow_removed(struct ofproto *p, const struct rule *rule,
                              const struct rule_counters *counters)
{
    int64_t duration = ofproto_now(p) - rule->created;
    struct ofconn *c = NULL;
    struct ofp_message m = {
        .version = OFP10_VERSION,
        .flow_removed = {
            .table_id = rule->table_id,
            .cookie = rule->cookie,
            .priority = rule->priority,
            .reason = rule->reason,
            .duration_sec = (uint32_t) MIN(duration / SEC, (int64_t) UINT32_MAX),
            .duration_nsec = (uint32_t) (duration % SEC),
            .idle_timeout = rule->idle_timeout,
            .packet_count = counters->packets,
            .byte_count = counters->bytes,
        },
    };
    minimatch_expand(&rule->match, &m.flow_removed.match);
    while ((c = connmgr_next_async(p->connmgr, c, ASYNC_FLOW_REMOVED, rule->reason))) {
        m.kind = c->flow_format == NX_FLOW_FORMAT_NXM ? OFP_NXT_FLOW_REMOVED : OFP_FLOW_REMOVED;
        ofconn_send(c, ofp_message_encode(&m));
    }
}

void expire_rule_gone(struct ofproto *p, struct rule *rule, const struct rule_counters *counters,
                      bool counters_moved)
{
    expiry_destroy(rule->owner);
    learnt_cookies_rule_goes(p, rule);
    if (!counters_moved && rule->reason != OFPROTO_REASON_NONE
        && rule->table_id != OFPROTO_EMERGENCY_TABLE && rule->flags & OFPFF_SEND_FLOW_REM) {
        send_flow_removed(p, rule, counters);
    }
    rule_destroy(rule);
}
