/* SPDX-License-Identifier: Apache-2.0 */
/* An index of a long chain of rules, to find the place of one more. */
#ifndef DATAPATH_CHAIN_INDEX_H
#define DATAPATH_CHAIN_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "datapath/rule.h"
#include "lib/hmap.h"

/* Holds the rules of a chain in its order: by falling rank, then falling serial.  Of rules with the
 * same rank and serial (one that replaced another) it holds one only.  Work is logarithmic.
 *
 * The owner embeds or allocates it, zeroed, and keeps the rules.  Threads: the control thread. */
struct chain_index {
    struct hmap_node node; /* For the owner. */
    struct rule *root;     /* Root of the tree (rule->index); NULL if it is empty. */
    uint64_t steps;        /* Rules looked at, ever. */
};

/* Does 'a' come before 'b' in a chain?  True if they are equal. */
bool chain_is_before(const struct rule *a, const struct rule *b);

/* Adds 'rule', whose like is not in the index. */
void chain_index_insert(struct chain_index *index, struct rule *rule);

/* Removes 'rule', which is in the index. */
void chain_index_remove(struct chain_index *index, struct rule *rule);

/* The first rule in the index that 'rule' comes before, or NULL. */
struct rule *chain_index_after(struct chain_index *index, const struct rule *rule);

/* The last rule in the index, which is not empty. */
struct rule *chain_index_last(struct chain_index *index);

#endif
