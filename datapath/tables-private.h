/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the tables share. */
#ifndef DATAPATH_TABLES_PRIVATE_H
#define DATAPATH_TABLES_PRIVATE_H

#include "datapath/change-ring.h"
#include "datapath/classifier.h"
#include "datapath/counters.h"

struct tables_interest;

/* A table. */
struct table {
    struct classifier *newest; /* What the next version uses, then older ones.  Atomic. */
    struct tables_interest *interest; /* Of its rules; NULL if there never was one.  Atomic. */
    uint64_t changed;          /* Version with the last change of it.  Atomic. */
    uint32_t n_rules;          /* Rules as the next version sees them. */
};

/* Where packets begin; immutable but for 'table_id' before 'since' has come. */
struct tables_start {
    uint64_t since;             /* First version. */
    uint8_t table_id;           /* Table.  Atomic. */
    struct tables_start *older; /* For versions before; dangles when nobody has one. */
};

/* Packets that one thread looked up in one table. */
struct table_counts {
    uint64_t lookups; /* Looked up.  Atomic. */
    uint64_t matches; /* Found.  Atomic. */
};

/* What was removed together and waits for one grace period. */
struct removal {
    struct list node;        /* In a list of them, oldest first. */
    uint64_t token;          /* Of the grace period. */
    uint64_t since;          /* Token of its oldest rule's first grace period. */
    struct list rules;       /* Rules (rule->link). */
    struct list classifiers; /* Flushed classifiers (classifier->node). */
};

/* The tables. */
struct tables {
    /* Read by all threads. */
    uint64_t version;              /* Version.  Atomic. */
    struct tables_interest *interest; /* Of the tables where packets begin.  Atomic. */
    struct tables_start *start;    /* The newest.  Atomic. */
    struct table *tables;          /* By number. */
    struct table *front;           /* Looked into before all others, or NULL. */
    struct counters *counters;     /* Of all rules. */
    struct table_counts **lookups; /* By thread, then table. */

    struct change_ring *later;     /* The last changes of other tables than those where packets
                                    * begin; NULL: there was none.  Atomic. */

    struct change_ring ring CACHE_ALIGNED; /* The last changes of the tables where packets begin. */

    /* The control thread's. */
    bool changed;            /* There is something to commit. */
    uint64_t serial;         /* Of the newest interest. */
    int64_t interest_since;  /* When an interest was widened last, or all were narrowed. */
    bool has_lost;           /* Since then rules were unlinked. */
    struct removal *pending; /* What is removed by the next version, or NULL. */
    struct list removed;     /* Removals committed: readers of older versions still see them. */
    struct list unlinked;    /* Removals unlinked: readers may still stand on the rules. */
    struct list dismantled;  /* Flushed classifiers that nobody reaches. */
    struct list quotas;      /* struct rule_quota that a rule was counted in. */

    /* From struct tables_config. */
    unsigned n_tables;  /* Tables that OFPTT_ALL means. */
    unsigned n_all;     /* Those and the switch's own. */
    unsigned n_threads; /* Threads that count. */
    struct rcu *rcu;    /* Borrowed. */
    uint32_t max_rules; /* Per table. */
    uint64_t seed;      /* For the hashes. */
    void (*gone)(void *aux, struct rule *rule, const struct rule_counters *counters,
                 bool counters_moved); /* Takes removed rules. */
    void *aux;                         /* For 'gone'. */
};

/* Can packets begin in 'table_id'? Of these tables interest and ring are. */
static inline bool tables_is_first(const struct tables *t, uint8_t table_id)
{
    return table_id == 0 || table_id >= t->n_tables;
}

#endif
