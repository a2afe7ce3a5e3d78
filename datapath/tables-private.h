/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the tables share. */
#ifndef DATAPATH_TABLES_PRIVATE_H
#define DATAPATH_TABLES_PRIVATE_H

#include "datapath/change-ring.h"
#include "datapath/classifier.h"
#include "datapath/counters.h"

/* A table. */
struct table {
    struct classifier *newest; /* What the next version uses, then older ones.  Atomic. */
    uint32_t n_rules;          /* Rules as the next version sees them. */
};

/* Where packets begin; immutable but for 'table_id' before 'since' has come. */
struct tables_start {
    uint64_t since;             /* First version. */
    uint8_t table_id;           /* Table.  Atomic. */
    struct tables_start *older; /* For versions before; dangles when nobody has one. */
};

/* All bits that rules of the first tables have looked at; immutable. */
struct interest {
    struct flow mask; /* The bits. */
    uint32_t map;     /* Words that are not 0. */
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
    struct interest *interest;     /* The newest.  Atomic. */
    struct tables_start *start;    /* The newest.  Atomic. */
    struct table *tables;          /* By number. */
    struct table *front;           /* Looked into before all others, or NULL. */
    struct counters *counters;     /* Of all rules. */
    struct table_counts **lookups; /* By thread, then table. */

    struct change_ring ring CACHE_ALIGNED; /* The last changes of table 0. */

    /* The control thread's. */
    bool changed;            /* There is something to commit. */
    struct removal *pending; /* What is removed by the next version, or NULL. */
    struct list removed;     /* Removals committed: readers of older versions still see them. */
    struct list unlinked;    /* Removals unlinked: readers may still stand on the rules. */
    struct list dismantled;  /* Flushed classifiers that nobody reaches. */

    /* From struct tables_config. */
    unsigned n_tables;  /* Tables that 0xff means. */
    unsigned n_all;     /* Those and the switch's own. */
    unsigned n_threads; /* Threads that count. */
    struct rcu *rcu;    /* Borrowed. */
    uint32_t max_rules; /* Per table. */
    uint64_t seed;      /* For the hashes. */
    void (*gone)(void *aux, struct rule *rule, const struct rule_counters *counters,
                 bool counters_moved); /* Takes removed rules. */
    void *aux;                         /* For 'gone'. */
};

#endif
