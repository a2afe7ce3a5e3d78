/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenFlow tables of a bridge: versioned rules with their counters. */
#ifndef DATAPATH_TABLES_H
#define DATAPATH_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/rule.h"
#include "datapath/tables-interest.h"

struct rcu;
struct tables;

/* Versions.  The bridge has one version number.  Changes gather for version + 1 and become visible
 * together with tables_commit().  A rule is visible at v if added <= v < removed.
 *
 * Threads.  Functions of the first group: control thread only.  Second group: any thread that is an
 * online RCU reader.  Whoever calls tables_run() calls rcu_run() as often. */

struct tables_config {
    unsigned n_tables;  /* Tables, from 0 on; 1 at least, with the switch's own 256 at most. */
    unsigned n_own;     /* Tables of the switch's own, after those, not in OFPTT_ALL. */
    bool has_front;     /* The last of its own is looked into before all others. */
    unsigned n_threads; /* Threads that count; the control thread is 0. */
    struct rcu *rcu;    /* Borrowed. */
    uint32_t max_rules; /* Per table but the front one; more are refused with ENOSPC. */
    uint64_t seed;      /* For the hashes. */
    /* Called once for each removed rule when no thread can see it any more, with its final
     * counters; takes ownership of the rule.  'counters_moved': another rule goes on with its
     * counters.  May call any function of the first group but tables_run() and tables_destroy(). */
    void (*gone)(void *aux, struct rule *rule, const struct rule_counters *counters,
                 bool counters_moved);
    void *aux; /* For 'gone'. */
};

/* Returns tables without rules, at version 1. */
struct tables *tables_create(const struct tables_config *config);

/* No thread may use them any more.  Rules left are destroyed without 'gone'.  Accepts NULL. */
void tables_destroy(struct tables *t);

/* Changes how many rules fit into a table; what is in it stays. */
void tables_set_max_rules(struct tables *t, uint32_t max_rules);

/* Inserts 'rule' into table 'table_id' for the next version; the tables own it then.  Returns 0,
 * ENOSPC if the table is full, EEXIST if a rule of the same match and precedence is there (use
 * tables_replace()).  'now' becomes its creation and the start of its idle time.  Steps do not
 * depend on the number of rules.  A rule with a quota counts in it from here on, and until it is
 * removed, replaced or flushed. */
int tables_insert(struct tables *t, uint8_t table_id, struct rule *rule, int64_t now);

/* Puts 'rule' in the place of 'old', which is in a table and has the same match and precedence,
 * for the next version; 'keep_counters' hands the counters over and keeps the creation, else 'now'
 * is the creation. */
void tables_replace(struct tables *t, struct rule *old, struct rule *rule, bool keep_counters,
                    int64_t now);

/* Takes 'rule' out for the next version.  Does nothing if it was flushed but not yet handed to
 * 'gone'. */
void tables_remove(struct tables *t, struct rule *rule);

/* Takes every rule out of table 'table_id' (OFPTT_ALL: of all but the switch's own) for the next
 * version in one step, whatever their number; 'reason' becomes rule->reason of each.  They are
 * handed to 'gone' in slices by tables_run(). */
void tables_flush(struct tables *t, uint8_t table_id, uint8_t reason);

/* The same for the front table, whatever its number. */
void tables_flush_front(struct tables *t, uint8_t reason);

/* Lets packets begin in table 'table_id', at first 0, from the next version on. */
void tables_set_first(struct tables *t, uint8_t table_id);

/* Makes all pending changes visible at once. */
void tables_commit(struct tables *t);

/* Goes on with reclaiming, at most 'budget' rules; true if more is left to do now. */
bool tables_run(struct tables *t, size_t budget);

/* True if every removed rule has been handed to 'gone'. */
bool tables_is_settled(const struct tables *t);

/* True if every rule has been handed to 'gone' whose removal was committed before 'token', of
 * rcu_start(), was started. What is removed later does not count. */
bool tables_is_settled_before(const struct tables *t, uint64_t token);

/* True if the next version has 'rule', which was inserted and not yet handed to 'gone'. */
bool tables_contains(const struct tables *t, const struct rule *rule);

/* A walk over the rules of table 'table_id' (OFPTT_ALL: of all but the switch's own) that are equal
 * to or more specific than 'match' and, if out_port is not OFPP_NONE, output to it.  Between calls
 * rules may come and go and the walk may rest for as long as it likes: a rule that is there
 * throughout comes exactly once, and so does one that is replaced.  Fixed order.  Only compatible
 * subtables are walked.  A cursor can't be moved in memory and must be uninitialised before the
 * tables are destroyed. */
struct rule_cursor {
    struct tables *tables; /* Walked. */
    struct match match;    /* Criterion. */
    uint16_t out_port;     /* Criterion. */
    bool is_overlap;       /* Criterion is rather to overlap 'match' and have 'precedence'. */
    uint32_t precedence;   /* Criterion then. */

    /* Private: the position. */
    unsigned at_table;     /* Table. */
    unsigned end_table;    /* First table not to walk. */
    struct subtable *at;   /* Subtable; held; NULL before the first of the table. */
    bool in_chain;         /* All rules looked for are in one chain of it. */
    uint64_t rank;         /* In the chain: of the last rule. */
    uint64_t serial;       /* In the chain: of the last rule. */
    struct rule_link mark; /* Else: in the subtable's list, before the next rule. */
};

/* Begins a walk; 'match' is copied.  A table that is not there has no rules. */
void rule_cursor_init(struct rule_cursor *c, struct tables *t, uint8_t table_id,
                      const struct match *match, uint16_t out_port);

/* Begins a walk over the rules that overlap 'match' and have 'precedence' (A4.3) instead.  Only
 * subtables with rules of the precedence are walked, and of those whose mask has no bit that
 * 'match' leaves open only one chain. */
void rule_cursor_init_overlap(struct rule_cursor *c, struct tables *t, uint8_t table_id,
                              const struct match *match, uint32_t precedence);

/* Next rule, or NULL at the end or when '*budget' (rules looked at, counted down) is used up;
 * *budget tells which: it is not 0 at the end. */
struct rule *rule_cursor_next(struct rule_cursor *c, size_t *budget);

/* Ends the walk, at the end or before. */
void rule_cursor_uninit(struct rule_cursor *c);

/* Sum of a rule's counters over all threads. */
void tables_get_counters(const struct tables *t, const struct rule *rule,
                         struct rule_counters *counters);

/* First table from 'table_id' on that has rules as the next version sees them, the switch's own
 * included; a number beyond all of them if there is none. */
unsigned tables_next_used(const struct tables *t, unsigned table_id);

/* Numbers for table statistics. */
struct table_summary {
    uint32_t n_rules;   /* Rules as the next version sees them. */
    uint32_t max_rules; /* How many fit. */
    uint64_t lookups;   /* Packets looked up. */
    uint64_t matches;   /* Of them found. */
    size_t n_subtables; /* Hash tables. */
    uint64_t steps;     /* Work of all changes since the last flush: rules, buckets ... visited. */
};

/* Fills '*s' for table 'table_id', which is there. */
void tables_get_summary(const struct tables *t, uint8_t table_id, struct table_summary *s);

/* Packet path ------------------------------------------------------------------------------- */

/* Version to use for a packet (acquire). */
uint64_t tables_version(const struct tables *t);

/* Number of tables but the switch's own. */
unsigned tables_count(const struct tables *t);

/* Highest-precedence rule of 'table_id' visible at 'version' that matches, or NULL (see rule.h for
 * ties).  '*visited' (may be NULL) is increased by the subtables looked into. */
struct rule *tables_lookup(const struct tables *t, uint8_t table_id, uint64_t version,
                           const struct flow *flow, unsigned *visited);

/* The table in which packets begin at 'version'. */
uint8_t tables_first(const struct tables *t, uint64_t version);

/* The same in the table where packets begin, or, before it, the switch's own front table. */
struct rule *tables_lookup_first(const struct tables *t, uint64_t version, const struct flow *flow,
                                 unsigned *visited);

/* The rule of 'table_id' with exactly this match and precedence as the next version sees it, or
 * NULL; to a worker it may be one that is about to be committed. */
struct rule *tables_find(const struct tables *t, uint8_t table_id, const struct match *match,
                         uint32_t precedence);

/* True if no change of those tables after version 'from' up to 'to', which is at most the version
 * that the caller has read, can concern 'flow'; false if one may, or if the ring of changes does
 * not reach back that far (or it is cheaper to look up).  About 'flow' alone: that another flow is
 * equal to it under an older interest does not make the answer true for that one. */
bool tables_unchanged_for(const struct tables *t, uint64_t from, uint64_t to,
                          const struct flow *flow);

/* The same about table 'table_id' alone. */
bool tables_unchanged_in(const struct tables *t, uint8_t table_id, uint64_t from, uint64_t to,
                         const struct flow *flow);

/* Counts for 'rule' by 'thread' (relaxed atomics in this thread's dense array). */
void tables_credit(struct tables *t, unsigned thread, const struct rule *rule, uint64_t packets,
                   uint64_t bytes, int64_t now);

/* Asks the processor for the counters that tables_credit() of 'rule' (not NULL) will change: worth
 * it for all rules of a batch before the first is credited. */
void tables_prefetch_counters(const struct tables *t, unsigned thread, const struct rule *rule);

/* Counts lookups and matches of a table by 'thread'. */
void tables_count_lookups(struct tables *t, unsigned thread, uint8_t table_id, uint64_t lookups,
                          uint64_t matches);

#endif
