/* SPDX-License-Identifier: Apache-2.0 */
/* An index of a long chain of rules, to find the place of one more. */
#include "datapath/chain-index.h"

#include <stddef.h>

#include "lib/hash.h"

/* Theory
 * ======
 *
 * A treap: a search tree by the order of the chain and a heap by a hash of the serial, hence as
 * balanced as a tree of random insertions, whatever order the rules come in: the depth is about
 * twice the logarithm, 40 for the 65 536 priorities that one match can have.  The recursion goes as
 * deep. */

bool chain_is_before(const struct rule *a, const struct rule *b)
{
    return a->rank != b->rank ? a->rank > b->rank : a->serial >= b->serial;
}

/* Does 'a' stand above 'b' in the tree? */
static bool is_above(const struct rule *a, const struct rule *b)
{
    return hash_u64(a->serial, 0) > hash_u64(b->serial, 0);
}

/* Splits the tree 'root' into what comes before 'rule' and what comes after it. */
static void split(struct rule *root, const struct rule *rule, struct rule **before,
                  struct rule **after)
{
    if (!root) {
        *before = *after = NULL;
    } else if (chain_is_before(rule, root)) {
        *after = root;
        split(root->index.before, rule, before, &root->index.before);
    } else {
        *before = root;
        split(root->index.after, rule, &root->index.after, after);
    }
}

/* Joins two trees, of which 'a' comes before 'b'. */
static struct rule *join(struct rule *a, struct rule *b)
{
    if (!a || !b) {
        return a ? a : b;
    }
    if (is_above(a, b)) {
        a->index.after = join(a->index.after, b);
        return a;
    }
    b->index.before = join(a, b->index.before);
    return b;
}

void chain_index_insert(struct chain_index *index, struct rule *rule)
{
    struct rule **at = &index->root;
    while (*at && is_above(*at, rule)) {
        at = chain_is_before(rule, *at) ? &(*at)->index.before : &(*at)->index.after;
        index->steps++;
    }
    split(*at, rule, &rule->index.before, &rule->index.after);
    rule->index.is_in = true;
    *at = rule;
}

void chain_index_remove(struct chain_index *index, struct rule *rule)
{
    struct rule **at = &index->root;
    while (*at != rule) {
        at = chain_is_before(rule, *at) ? &(*at)->index.before : &(*at)->index.after;
        index->steps++;
    }
    *at = join(rule->index.before, rule->index.after);
    rule->index.is_in = false;
}

struct rule *chain_index_after(struct chain_index *index, const struct rule *rule)
{
    struct rule *found = NULL;
    for (struct rule *at = index->root; at;) {
        bool before = chain_is_before(rule, at);
        found = before ? at : found;
        at = before ? at->index.before : at->index.after;
        index->steps++;
    }
    return found;
}

struct rule *chain_index_last(struct chain_index *index)
{
    struct rule *at = index->root;
    while (at->index.after) {
        at = at->index.after;
        index->steps++;
    }
    return at;
}
