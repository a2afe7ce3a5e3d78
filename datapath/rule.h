/* SPDX-License-Identifier: Apache-2.0 */
/* A rule: match, precedence, actions, life time, and where its counters are. */
#ifndef DATAPATH_RULE_H
#define DATAPATH_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/cmap.h"
#include "lib/list.h"
#include "lib/openflow/ofp-actions.h"
#include "lib/packet/match.h"

struct subtable;

/* Life cycle: rule_create(), tables_insert() (the tables own it), tables_remove(), then after the commit and a
 * grace period the tables hand it to their 'gone' callback, whose owner calls rule_destroy(). A rule that was
 * never inserted is destroyed by its creator. To modify a rule, insert a new one in its place
 * (tables_replace()), which may take over the counters.
 *
 * Threads: created, changed and destroyed by the control thread; workers read what is marked (W), which does
 * not change while the rule is in a table, but for the two version words. */
struct rule {
    /* For the packet path. */
    struct cmap_node node;      /* In its subtable (W). */
    uint32_t precedence;        /* rule_precedence(): higher wins (W). */
    uint32_t counters;          /* Index of its counters in the tables (W). */
    uint64_t added;             /* Version from which on it is visible (W). */
    uint64_t removed;           /* Version from which on it is not; UINT64_MAX. Atomic (W). */
    struct action_list actions; /* What to do; owned (W). */
    struct rule *next;          /* Next of the same masked value, by falling precedence. Atomic (W). */
    uint8_t table_id;           /* Table it is in (W). */

    /* For the control thread. */
    bool exact;              /* No wildcards as sent: beats every other rule (A11.21). */
    bool in_table;           /* Inserted and not yet removed. */
    uint16_t priority;       /* As sent. */
    uint16_t idle_timeout;   /* Seconds, 0 never. */
    uint16_t hard_timeout;   /* Seconds, 0 never. */
    uint16_t flags;          /* OFPFF_* as sent. */
    uint8_t reason;          /* OFPRR_* of its removal, for its owner. */
    uint64_t cookie;         /* Opaque, of the controller. */
    int64_t created;         /* When inserted; kept over a modify. Nanoseconds. */
    struct subtable *subtable; /* Where it lies. */
    struct list in_subtable; /* In the subtable's list. */
    struct cmap_node identity; /* In the table's index by (match, precedence). */
    void *owner;             /* For ofproto: timers; NULL at first. */

    struct minimatch match;  /* What it matches (W). Last: variable size. */
};

/* What a rule has counted. */
struct rule_counters {
    uint64_t packets;  /* Packets that matched. */
    uint64_t bytes;    /* Their bytes, as received. */
    int64_t last_used; /* When last; its creation if never. Nanoseconds. */
};

/* Precedence of a rule: an exact one stands above all priorities. */
uint32_t rule_precedence(bool exact, uint16_t priority);

/* A rule that is in no table yet; takes over '*actions' (left empty). The caller fills the members for the
 * control thread and owns the rule. */
struct rule *rule_create(const struct match *match, bool exact, uint16_t priority,
                         struct action_list *actions);
void rule_destroy(struct rule *rule);

#endif
