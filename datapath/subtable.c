/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of rules by the bits of one mask. */
#include "datapath/subtable.h"

#include <stdlib.h>

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
 * 'prev' is the control thread's own, and makes unlinking constant work.
 *
 * max_rank is a bound: never too low, sometimes too high.  It is made of the highest precedence of
 * a linked rule and of the highest rest of a rank that was ever here (in a subtable whose rules all
 * have its own mask that is exact).  Insertion raises it at once.  When the last rule of the
 * highest precedence goes, the precedences are searched for the next one, but no more often than
 * once per so many removals as there are precedences: constant work per removal on average. */

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
    HMAP_FOR_EACH (p, node, &sub->precedences) {
        max = MAX(max, (uint64_t) p->node.hash);
        sub->steps++;
    }
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

/* Does 'a' stand before 'b' in a chain?  Of equal ranks the later one; a replacement, which shares
 * its predecessor's serial, before that. */
static bool is_before(const struct rule *a, const struct rule *b)
{
    return a->rank != b->rank ? a->rank > b->rank : a->serial >= b->serial;
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

/* Makes 'rule' reachable at its place in the chain that begins with 'first'. */
static void link_into(struct subtable *sub, struct rule *rule, struct rule *first)
{
    struct rule *last = NULL;
    for (struct rule *at = first; at; at = at->next) {
        sub->steps++;
        if (is_before(rule, at)) {
            link_before(sub, rule, at);
            return;
        }
        last = at;
    }
    rule->next = NULL;
    rule->prev = last;
    RCU_SET(&last->next, rule);
}

void subtable_insert(struct subtable *sub, struct rule *rule, const struct match *match)
{
    uint32_t hash = flow_hash_masked(&match->flow, &sub->mask, sub->map, sub->seed);
    struct rule *first = find_chain(sub, &match->flow, hash);
    rule->subtable = sub;
    rule->node.hash = hash;
    count_rule(sub, rule);
    list_push_back(&sub->rules, &rule->link.node);
    if (first) {
        link_into(sub, rule, first);
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
    uncount_rule(sub, rule);
}
