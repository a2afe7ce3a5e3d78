/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of rules by the bits of one mask. */
#ifndef DATAPATH_SUBTABLE_H
#define DATAPATH_SUBTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/rule.h"
#include "lib/cmap.h"
#include "lib/hmap.h"
#include "lib/list.h"
#include "lib/packet/match.h"

struct classifier;

enum {
    SUBTABLE_LONG_CHAIN = 32 /* Rules from which on a chain is indexed. */
};

/* A subtable holds rules whose masks contain its own mask.  Rules of one value under that mask form
 * a chain by falling rank, whose first one is in the map.
 *
 * A rule is linked (readers find it), listed (the next version has it), or both: insertion does
 * both, removal takes it off the list, and what readers can no longer need is unlinked later.
 *
 * Threads: subtable_lookup() is for readers, all else for the control thread; members marked (W)
 * are read by workers. */
struct subtable {
    struct flow mask;   /* Bits that the hash covers (W). */
    struct cmap values; /* First rules of the chains (W). */
    uint32_t map;       /* Words of 'mask' that are not 0 (W). */
    uint32_t seed;      /* Of the hash (W). */

    struct classifier *classifier; /* Where it belongs; NULL once that was dismantled. */
    struct hmap_node by_mask;      /* In the classifier's index. */
    struct list node;              /* In the classifier's list, by age. */
    struct list rules;             /* Listed rules by age, and marks (struct rule_link). */
    size_t n_linked;               /* Linked rules. */
    unsigned refs;                 /* Walks that rest here. */

    struct hmap long_chains;   /* Indexes of chains that once were long, by hash of the value. */
    struct flow all_masks;     /* Union of the masks of all rules that ever were here. */
    struct hmap precedences;   /* Linked rules counted by precedence. */
    uint64_t rank_tail;        /* Highest rank of a rule ever here, its precedence left out. */
    uint64_t max_rank;         /* No linked rule has a higher rank. */
    size_t unlinked_since;     /* Rules unlinked since max_rank was computed. */
    uint64_t steps;            /* Rules and precedences looked at by changes, ever. */
};

/* Returns an empty subtable for 'mask'. */
struct subtable *subtable_create(const struct flow *mask, uint32_t seed, struct rcu *rcu);

/* Frees 'sub' at once: no reader may use it any more.  Rules left stay with the caller. */
void subtable_destroy(struct subtable *sub);

/* True if every bit of 'mask' is in 'of'. */
bool subtable_mask_is_within(const struct flow *mask, const struct flow *of);

/* True if 'sub' can hold rules with the mask of 'match': it has no bit that the match lacks. */
bool subtable_accepts(const struct subtable *sub, const struct match *match);

/* Number of linked rules with the value of 'match', which 'sub' accepts; 'limit' if more. */
size_t subtable_count_chain(const struct subtable *sub, const struct match *match, size_t limit);

/* First rule of the chain with the value of 'match', which 'sub' accepts, or NULL. */
struct rule *subtable_chain(const struct subtable *sub, const struct match *match);

/* Links and lists 'rule', whose match is 'match' too.  Raises max_rank if need be. */
void subtable_insert(struct subtable *sub, struct rule *rule, const struct match *match);

/* Links 'rule' and lists it in the place of 'old', a listed rule of the same rank and match. */
void subtable_replace(struct subtable *sub, struct rule *old, struct rule *rule);

/* Unlinks 'rule', which is off the list.  Lowers max_rank now and then. */
void subtable_unlink(struct subtable *sub, struct rule *rule);

/* True if a linked rule has 'precedence'. */
bool subtable_has_precedence(const struct subtable *sub, uint32_t precedence);

/* Reader.  The rule of the highest rank that is visible at 'version' and matches, or NULL. */
static inline struct rule *subtable_lookup(const struct subtable *sub, uint64_t version,
                                           const struct flow *flow)
{
    uint32_t hash = flow_hash_masked(flow, &sub->mask, sub->map, sub->seed);
    struct rule *first;
    CMAP_FOR_EACH_WITH_HASH (first, node, hash, &sub->values) {
        for (struct rule *rule = first; rule; rule = RCU_GET(&rule->next)) {
            if (rule_is_visible(rule, version) && minimatch_matches(&rule->match, flow)) {
                return rule;
            }
        }
    }
    return NULL;
}

#endif
