/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the winning rule for a flow among the rules of one table. */
#ifndef DATAPATH_CLASSIFIER_H
#define DATAPATH_CLASSIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/subtable.h"
#include "lib/cmap.h"
#include "lib/hmap.h"
#include "lib/list.h"
#include "lib/rcu.h"

enum {
    CLASSIFIER_CHAIN_MAX = 10 /* Rules in a chain beyond which rules go to a finer mask. */
};

/* A subtable and how good a rule it may hold. */
struct ranked {
    struct subtable *subtable; /* The subtable. */
    uint64_t max_rank;         /* Its max_rank.  Atomic. */
};

/* The subtables by falling max_rank; immutable but for the ranks. */
struct ranking {
    size_t n;             /* Rows. */
    struct ranked rows[]; /* Subtables. */
};

/* The rules of a table between two flushes.
 *
 * Life of a rule in it: classifier_insert() or classifier_replace(); classifier_hide() when the
 * next version has it no more; classifier_unlink() a grace period after that version was committed;
 * it may be freed after another grace period.
 *
 * The classifier owns its subtables, not the rules.  Rules' 'added' and 'removed' are the caller's
 * work.
 *
 * Threads: classifier_lookup() and classifier_find() are for readers of 'rcu', all else for the
 * control thread; members marked (W) are read by workers. */
struct classifier {
    struct ranking *ranking;  /* What lookups go through.  Atomic (W). */
    uint64_t since;           /* First version that uses it (W). */
    struct classifier *older; /* What versions before 'since' use, or NULL.  Atomic (W). */

    struct classifier *newer; /* Whose 'older' this is, or NULL. */
    struct list node;         /* For the tables: in a list of flushed ones. */
    bool flushed;             /* The next version does not use it. */
    uint8_t reason;           /* OFPRR_* of the flush. */
    uint64_t token;           /* For the tables: of the grace period after the flush. */

    struct rcu *rcu;        /* Domain of the readers; borrowed. */
    uint64_t seed;          /* For hashes (W). */
    struct cmap identities; /* Listed rules by match and precedence (W). */
    struct hmap by_mask;    /* Subtables by mask. */
    struct list subtables;  /* Subtables by age. */
    uint64_t serial;        /* Rules inserted so far. */
    uint64_t steps;         /* Rules, rows and subtables looked at by changes, ever. */
};

/* Returns an empty classifier for the versions from 'since' on. */
struct classifier *classifier_create(struct rcu *rcu, uint64_t seed, uint64_t since);

/* Takes any listed rule off for good, without unlinking it, when no reader can reach the classifier
 * any more; NULL if none is left.  Subtables on the way are freed.  The caller owns the rule. */
struct rule *classifier_pop(struct classifier *c);

/* Frees 'c', which no reader can reach and classifier_pop() has emptied.  Accepts NULL. */
void classifier_destroy(struct classifier *c);

/* Inserts 'rule', of whose match and precedence none is there. */
void classifier_insert(struct classifier *c, struct rule *rule);

/* Inserts 'rule' in the place of 'old', which has the same match and precedence and is hidden. */
void classifier_replace(struct classifier *c, struct rule *old, struct rule *rule);

/* Takes 'rule' off the lists that show the next version; readers still find it. */
void classifier_hide(struct classifier *c, struct rule *rule);

/* Makes readers that begin from now on not find 'rule', which is hidden. */
void classifier_unlink(struct classifier *c, struct rule *rule);

/* Reader.  The rule of exactly this match and precedence that is not hidden, or NULL. */
struct rule *classifier_find(const struct classifier *c, const struct minimatch *match,
                             uint32_t precedence);

/* Number of subtables. */
size_t classifier_count_subtables(const struct classifier *c);

/* Work of all changes so far: rules, rows, subtables and buckets looked at. */
uint64_t classifier_steps(const struct classifier *c);

/* Holds 'sub' for a walk that rests in it: it stays in its place in the classifier's list. */
void classifier_hold(struct subtable *sub);

/* Gives 'sub' back; an empty one goes away. */
void classifier_release(struct subtable *sub);

/* Reader.  The rule of the highest rank that is visible at 'version' and matches 'flow', or NULL.
 * Adds the number of subtables looked into to '*visited'. */
struct rule *classifier_lookup(const struct classifier *c, uint64_t version,
                               const struct flow *flow, unsigned *visited);

#endif
