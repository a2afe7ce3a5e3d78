/* SPDX-License-Identifier: Apache-2.0 */
/* A rule: match, precedence, actions, life time, place of its counters. */
#ifndef DATAPATH_RULE_H
#define DATAPATH_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "datapath/rule-quota.h"
#include "lib/cmap.h"
#include "lib/list.h"
#include "lib/openflow/ofp-actions.h"
#include "lib/packet/match.h"

struct rule;
struct subtable;

enum { RULE_EXACT_PRECEDENCE = UINT16_MAX + 1 }; /* Precedence of an exact rule (A3.14). */

/* An element of a subtable's list: a rule, or the mark of a walk that rests there. */
struct rule_link {
    struct list node;  /* In the list. */
    struct rule *rule; /* The rule, or NULL for a mark. */
};

/* A rule's place in the index of its chain, if that is long (chain-index.h). */
struct rule_index {
    struct rule *before; /* Root of the subtree that comes before. */
    struct rule *after;  /* Root of the subtree that comes after. */
    bool is_in;          /* It is in the index. */
};

/* Life cycle: rule_create(), tables_insert() (the tables own it), tables_remove(), then after the
 * commit and a grace period the tables hand it to their 'gone' callback, whose owner calls
 * rule_destroy().  A rule that was never inserted is destroyed by its creator.  To modify a rule,
 * insert a new one in its place (tables_replace()), which may take over the counters.
 *
 * Which of two rules wins that match one packet?  The one of the higher precedence; if that is
 * equal, the one that compares more bits; if that is equal too, one of the two by a fixed order of
 * masks.  So the answer depends on the rules alone, not on the order in which they came.  'rank'
 * is that order in one number.
 *
 * Threads: created, changed and destroyed by the control thread; workers read what is marked (W),
 * which does not change while the rule is in a table, but for the words marked atomic.  Packets
 * need the last members only, and the match behind them, so these stand together. */
struct rule {
    /* For the tables. */
    bool in_table;             /* Inserted and neither removed nor yet reclaimed after a flush. */
    bool counters_moved;       /* Another rule goes on with its counters. */
    uint64_t serial;           /* Order of insertion in its table; kept over a replacement. */
    struct subtable *subtable; /* Where it lies. */
    struct rule *prev;         /* Previous of the same masked value, or NULL. */
    struct rule_index index;   /* In the index of these, if they are many. */
    struct rule_link link;     /* In the subtable's list, or of removed ones. */
    struct cmap_node identity; /* In the table's index by match and precedence. */

    /* For the owner, as sent. */
    bool exact;            /* No wildcards: beats every other rule (A11.21). */
    uint16_t priority;     /* Priority. */
    uint16_t idle_timeout; /* Seconds, 0 never. */
    uint16_t hard_timeout; /* Seconds, 0 never. */
    uint16_t flags;        /* OFPFF_*. */
    uint64_t cookie;       /* Opaque, of the controller (W). */

    /* For the owner, its life. */
    uint8_t reason;  /* OFPRR_* of its removal. */
    bool teaches;    /* learnt-cookies.h of ofproto counts its learn actions. */
    bool has_fin;    /* A FIN or RST met its fin_timeout and was told of, or is.  Atomic (W). */
    int64_t learnt;  /* When a packet last taught it; 0 never.  Nanoseconds.  Atomic (W). */
    int64_t created; /* When inserted, kept over a modify; set by tables.h.  Nanoseconds. */
    int64_t modified; /* When inserted or last modified.  Nanoseconds. */
    void *owner;     /* For ofproto: timers; NULL at first. */
    struct rule_quota *quota; /* In which it counts, or NULL; a reference. */

    /* For the packet path: one cache line's worth, and what misses look at behind it. */
    struct cmap_node node;      /* In its subtable, if it is the first of its value (W). */
    uint32_t counters;          /* Index of its counters in the tables (W). */
    uint64_t added;             /* Version from which on it is visible (W). */
    uint64_t removed;           /* Version from which on it is not; UINT64_MAX.  Atomic (W). */
    struct rule *next;          /* Next of the same masked value, by falling rank.  Atomic (W). */
    struct action_list actions; /* What to do; owned (W). */
    uint32_t precedence;        /* rule_precedence(): higher wins (W). */
    uint8_t table_id;           /* Table it is in (W). */
    uint64_t rank;              /* Order in which rules win: higher first (W). */
    struct minimatch match;     /* What it matches (W).  Last: variable size. */
};

/* What a rule is found by among those of a bridge. */
struct rule_key {
    struct match match;  /* Match. */
    uint32_t precedence; /* rule_precedence(). */
    uint32_t table_id;   /* Table. */
};

/* What a rule has counted. */
struct rule_counters {
    uint64_t packets;  /* Packets that matched. */
    uint64_t bytes;    /* Their bytes, as received. */
    int64_t last_used; /* When last; its creation if never.  Nanoseconds. */
};

/* Precedence of a rule: an exact one stands above all priorities, whatever its own. */
uint32_t rule_precedence(bool exact, uint16_t priority);

/* Returns a rule that is in no table yet; takes over '*actions' (left empty).  The caller fills the
 * members for the owner and owns the rule. */
struct rule *rule_create(const struct match *match, bool exact, uint16_t priority,
                         struct action_list *actions);

/* Fills '*key' for 'rule', which is in a table. Any thread. */
void rule_get_key(const struct rule *rule, struct rule_key *key);

/* Lets 'rule', which was not inserted yet, count in 'quota' (may be NULL). */
void rule_set_quota(struct rule *rule, struct rule_quota *quota);

/* Frees 'rule', which is in no table, with its actions.  Accepts NULL. */
void rule_destroy(struct rule *rule);

/* Asks the processor for what packets need of 'rule'; nothing for NULL. */
static inline void rule_prefetch(const struct rule *rule)
{
    if (rule) {
        __builtin_prefetch(&rule->node);
        __builtin_prefetch(&rule->rank);
    }
}

/* A packet teaches 'rule' at 'now'. Any thread. Written once a millisecond at most, so that threads
 * don't fight for the line. */
static inline void rule_learn(struct rule *rule, int64_t now)
{
    if (now - __atomic_load_n(&rule->learnt, __ATOMIC_RELAXED) >= MSEC) {
        __atomic_store_n(&rule->learnt, now, __ATOMIC_RELAXED);
    }
}

/* When that was last. Any thread. */
static inline int64_t rule_learnt(const struct rule *rule)
{
    return __atomic_load_n(&rule->learnt, __ATOMIC_RELAXED);
}

/* Marks 'rule', or takes the mark back, and whether it has it: see 'has_fin'. Any thread. */
static inline void rule_set_fin(struct rule *rule, bool has_fin)
{
    __atomic_store_n(&rule->has_fin, has_fin, __ATOMIC_RELAXED);
}

static inline bool rule_has_fin(const struct rule *rule)
{
    return __atomic_load_n(&rule->has_fin, __ATOMIC_RELAXED);
}

/* Can a packet that goes by 'version' see 'rule'? */
static inline bool rule_is_visible(const struct rule *rule, uint64_t version)
{
    return rule->added <= version && version < __atomic_load_n(&rule->removed, __ATOMIC_RELAXED);
}

#endif
