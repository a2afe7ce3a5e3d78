/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of rules by the bits of one mask. */
#include "datapath/subtable.h"

#include <stdlib.h>

#include "datapath/chain-index.h"
#include "lib/rcu.h"

/* Theory
 * ======
 *
 * Chains.  A reader walks a chain by 'next' while the control thread changes it.  Insertion fills
 * in the rule and then sets the one pointer that makes it reachable; unlinking moves one pointer
 * past the rule and leaves the rule's own 'next', so a reader that stands on it finds the rest.
 * The first rule of a chain is exchanged in the map by cmap_replace(), which is one step for a
 * search.  A search that took an old first rule, or walks past a place before something is inserted
 * there, misses only what is inserted after the search began, which its version does not show
 * anyway.
 *
 * A reader takes the first visible rule that matches.  That is the highest rank in the subtable,
 * because all rules that match the flow have its value under the mask and so are in one chain.
 * Chains of other values with the same hash match nothing.
 *
 * 'prev' is the control thread's own, and makes unlinking constant work.  To insert, it walks from
 * the first rule to the place: chains are short, but for those of one match at many priorities.  An
 * insertion that meets more than SUBTABLE_LONG_CHAIN rules makes an index of the chain, which stays
 * as long as there is a rule in it.  So no insertion walks further.  A rule that was replaced and
 * is still linked stands right behind the one that replaced it, and leaves the index to it.
 *
 * max_rank is a bound: never too low, sometimes too high.  It is made of the highest precedence of
 * a linked rule and of the highest rest of a rank that was ever here (in a subtable whose rules all
 * have its own mask that is exact).  Insertion raises it at once.  When the last rule of the
 * highest precedence goes, the precedences are searched for the next one, but no more often than
 * once per so many removals as there are precedences: constant work per removal on average, as the
 * map is shrunk to them each time. */

enum { PRECEDENCE_SHIFT = 47 };
#define RANK_TAIL ((UINT64_C(1) << PRECEDENCE_SHIFT) - 1)

/* How many linked rules have a precedence. */
struct precedence {
    struct hmap_node node; /* In the subtable's index; the hash is the precedence. */
    size_t n;              /* Linked rules that have it. */
};

struct subtable *subtable_create(const struct flow *mask, uint32_t seed, struct rcu *rcu)
{
    struct subtable *sub = xaligned_alloc(CACHE_LINE, ROUND_UP(sizeof *sub, CACHE_LINE));
    *sub = (struct subtable) {.mask = *mask, .seed = seed};
    for (unsigned i = 0; i < FLOW_WORDS; i++) {
        sub->map |= (uint32_t) (mask->word[i] != 0) << i;
    }
    cmap_init(&sub->values, rcu);
    hmap_init(&sub->precedences);
    hmap_init(&sub->long_chains);
    list_init(&sub->rules);
    list_init(&sub->node);
    return sub;
}

void subtable_destroy(struct subtable *sub)
{
    struct precedence *p, *next;
    HMAP_FOR_EACH_SAFE (p, next, node, &sub->precedences) {
        free(p);
    }
    hmap_uninit(&sub->precedences);
    struct chain_index *index, *next_index;
    HMAP_FOR_EACH_SAFE (index, next_index, node, &sub->long_chains) {
        free(index);
    }
    hmap_uninit(&sub->long_chains);
    cmap_uninit(&sub->values);
    free(sub);
}

bool subtable_mask_is_within(const struct flow *mask, const struct flow *of)
{
    uint64_t outside = 0;
    for (unsigned i = 0; i < FLOW_WORDS; i++) {
        outside |= mask->word[i] & ~of->word[i];
    }
    return !outside;
}

bool subtable_accepts(const struct subtable *sub, const struct match *match)
{
    return subtable_mask_is_within(&sub->mask, &match->mask);
}

/* Word 'i' of the values of 'match'; its mask has bits there. */
static uint64_t word_of(const struct minimatch *match, unsigned i)
{
    return match->words[__builtin_popcount(match->map & ((UINT32_C(1) << i) - 1))];
}

/* Has 'rule', which is in 'sub', the value of 'flow' under the mask? */
static bool has_value(const struct subtable *sub, const struct rule *rule, const struct flow *flow)
{
    for (uint32_t map = sub->map; map; map &= map - 1) {
        unsigned i = (unsigned) __builtin_ctz(map);
        if ((word_of(&rule->match, i) ^ flow->word[i]) & sub->mask.word[i]) {
            return false;
        }
    }
    return true;
}

/* First rule of the chain with the value of 'flow', whose hash is 'hash', or NULL. */
static struct rule *find_chain(const struct subtable *sub, const struct flow *flow, uint32_t hash)
{
    struct rule *first;
    CMAP_FOR_EACH_WITH_HASH (first, node, hash, &sub->values) {
        if (has_value(sub, first, flow)) {
            return first;
        }
    }
    return NULL;
}

struct rule *subtable_chain(const struct subtable *sub, const struct match *match)
{
    return find_chain(sub, &match->flow,
                      flow_hash_masked(&match->flow, &sub->mask, sub->map, sub->seed));
}

size_t subtable_count_chain(const struct subtable *sub, const struct match *match, size_t limit)
{
    size_t n = 0;
    for (const struct rule *rule = subtable_chain(sub, match); rule && n < limit;
         rule = rule->next) {
        n++;
    }
    return n;
}

/* The count of 'precedence', or NULL. */
static struct precedence *find_precedence(const struct subtable *sub, uint32_t precedence)
{
    return HMAP_ENTRY(hmap_first_with_hash(&sub->precedences, precedence), (struct precedence *) 0,
                      node);
}

bool subtable_has_precedence(const struct subtable *sub, uint32_t precedence)
{
    return find_precedence(sub, precedence) != NULL;
}

/* Counts 'rule', which is being linked. */
static void count_rule(struct subtable *sub, const struct rule *rule)
{
    struct precedence *p = find_precedence(sub, rule->precedence);
    if (!p) {
        p = xzalloc(sizeof *p);
        hmap_insert(&sub->precedences, &p->node, rule->precedence);
    }
    p->n++;
    sub->n_linked++;
    for (uint32_t map = rule->match.map, i = 0; map; map &= map - 1, i++) {
        sub->all_masks.word[__builtin_ctz(map)] |= rule->match.words[rule->match.n + i];
    }
    sub->rank_tail = MAX(sub->rank_tail, rule->rank & RANK_TAIL);
    uint64_t max = MAX(sub->max_rank >> PRECEDENCE_SHIFT, (uint64_t) rule->precedence);
    sub->max_rank = max << PRECEDENCE_SHIFT | sub->rank_tail;
}

/* Makes max_rank fit the highest precedence that is left. */
static void lower_max_rank(struct subtable *sub)
{
    uint64_t max = 0;
    const struct precedence *p;
    sub->steps += hmap_buckets(&sub->precedences);
    HMAP_FOR_EACH (p, node, &sub->precedences) {
        max = MAX(max, (uint64_t) p->node.hash);
        sub->steps++;
    }
    hmap_shrink(&sub->precedences);
    sub->max_rank = max << PRECEDENCE_SHIFT | sub->rank_tail;
    sub->unlinked_since = 0;
}

/* Stops counting 'rule', which is being unlinked. */
static void uncount_rule(struct subtable *sub, const struct rule *rule)
{
    struct precedence *p = find_precedence(sub, rule->precedence);
    sub->n_linked--;
    sub->unlinked_since++;
    if (--p->n == 0) {
        hmap_remove(&sub->precedences, &p->node);
        free(p);
    }
    if (!find_precedence(sub, (uint32_t) (sub->max_rank >> PRECEDENCE_SHIFT))
        && sub->unlinked_since >= hmap_count(&sub->precedences)) {
        lower_max_rank(sub);
    }
}

/* The index of the chain that 'rule' belongs to, or NULL.  'flow' has its value. */
static struct chain_index *find_index(const struct subtable *sub, const struct flow *flow,
                                      uint32_t hash)
{
    struct chain_index *index;
    HMAP_FOR_EACH_WITH_HASH (index, node, hash, &sub->long_chains) {
        if (has_value(sub, index->root, flow)) {
            return index;
        }
    }
    return NULL;
}

/* The index that 'rule' is in. */
static struct chain_index *index_of(const struct subtable *sub, const struct rule *rule)
{
    struct match match;
    minimatch_expand(&rule->match, &match);
    return find_index(sub, &match.flow, rule->node.hash);
}

/* Makes an index of the chain that begins with 'first'. */
static void create_index(struct subtable *sub, struct rule *first)
{
    struct chain_index *index = xzalloc(sizeof *index);
    for (struct rule *rule = first; rule; rule = rule->next) {
        if (!rule->prev || rule->prev->serial != rule->serial) {
            chain_index_insert(index, rule);
        }
    }
    sub->steps += index->steps;
    hmap_insert(&sub->long_chains, &index->node, first->node.hash);
}

/* Makes 'rule' reachable in front of 'at'. */
static void link_before(struct subtable *sub, struct rule *rule, struct rule *at)
{
    rule->next = at;
    rule->prev = at->prev;
    if (rule->prev) {
        RCU_SET(&rule->prev->next, rule);
    } else {
        cmap_replace(&sub->values, &at->node, &rule->node);
    }
    at->prev = rule;
}

/* Makes 'rule' reachable behind 'last', the last one of its chain. */
static void link_behind(struct rule *rule, struct rule *last)
{
    rule->next = NULL;
    rule->prev = last;
    RCU_SET(&last->next, rule);
}

/* Makes 'rule' reachable at its place in the indexed chain. */
static void link_by_index(struct subtable *sub, struct rule *rule, struct chain_index *index)
{
    uint64_t steps = index->steps;
    struct rule *at = chain_index_after(index, rule);
    if (at) {
        link_before(sub, rule, at);
    } else {
        struct rule *last = chain_index_last(index);
        while (last->next) {
            last = last->next;
            sub->steps++;
        }
        link_behind(rule, last);
    }
    chain_index_insert(index, rule);
    sub->steps += index->steps - steps;
}

/* Makes 'rule' reachable at its place in the chain that begins with 'first'. */
static void link_by_walk(struct subtable *sub, struct rule *rule, struct rule *first)
{
    struct rule *at = first, *last = NULL;
    size_t n = 0;
    for (; at && !chain_is_before(rule, at); at = at->next) {
        last = at;
        n++;
    }
    if (at) {
        link_before(sub, rule, at);
    } else {
        link_behind(rule, last);
    }
    first = last ? first : rule;
    for (; at && n < SUBTABLE_LONG_CHAIN; at = at->next) {
        n++;
    }
    sub->steps += n;
    if (n >= SUBTABLE_LONG_CHAIN) {
        create_index(sub, first);
    }
}

void subtable_insert(struct subtable *sub, struct rule *rule, const struct match *match)
{
    uint32_t hash = flow_hash_masked(&match->flow, &sub->mask, sub->map, sub->seed);
    struct rule *first = find_chain(sub, &match->flow, hash);
    rule->subtable = sub;
    rule->node.hash = hash;
    count_rule(sub, rule);
    list_push_back(&sub->rules, &rule->link.node);
    struct chain_index *index = find_index(sub, &match->flow, hash);
    if (index) {
        link_by_index(sub, rule, index);
    } else if (first) {
        link_by_walk(sub, rule, first);
    } else {
        rule->next = rule->prev = NULL;
        cmap_insert(&sub->values, &rule->node, hash);
    }
}

void subtable_replace(struct subtable *sub, struct rule *old, struct rule *rule)
{
    rule->subtable = sub;
    rule->node.hash = old->node.hash;
    count_rule(sub, rule);
    list_insert(&old->link.node, &rule->link.node);
    list_remove(&old->link.node);
    link_before(sub, rule, old);
    if (old->index.is_in) {
        struct chain_index *index = index_of(sub, old);
        chain_index_remove(index, old);
        chain_index_insert(index, rule);
    }
}

/* Takes 'rule' out of the index that it is in. */
static void unindex(struct subtable *sub, struct rule *rule)
{
    struct chain_index *index = index_of(sub, rule);
    uint64_t steps = index->steps;
    chain_index_remove(index, rule);
    sub->steps += index->steps - steps;
    if (!index->root) {
        hmap_remove(&sub->long_chains, &index->node);
        free(index);
    }
}

void subtable_unlink(struct subtable *sub, struct rule *rule)
{
    if (rule->prev) {
        RCU_SET(&rule->prev->next, rule->next);
    } else if (rule->next) {
        cmap_replace(&sub->values, &rule->node, &rule->next->node);
    } else {
        cmap_remove(&sub->values, &rule->node);
    }
    if (rule->next) {
        rule->next->prev = rule->prev;
    }
    if (rule->index.is_in) {
        unindex(sub, rule);
    }
    uncount_rule(sub, rule);
}
