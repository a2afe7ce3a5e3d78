/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the winning rule for a flow among the rules of one table. */
#include "datapath/classifier.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"

/* Theory
 * ======
 *
 * Tuple space search with merging (the idea of TupleMerge, Daly et al. 2019).  Each rule lies in a
 * subtable whose mask is part of the rule's own mask, so all packets that the rule matches have one
 * value under the subtable's mask, and one look into its hash table finds the rule.
 *
 * Which subtable?  A rule has at most three homes: its own mask with all address prefixes rounded
 * down to whole bytes (IPv6: two bytes), to half of that, and its own mask.  It goes to the first
 * one where its chain has less than CLASSIFIER_CHAIN_MAX rules; the last one takes all, because
 * there a chain is one match at several precedences (and perhaps a few merged ones), of which
 * lookups look at the first visible.  So 32 prefix lengths make four subtables as long as the rules
 * are spread, and masks that are not prefixes are left alone.  Subtables come from rules only,
 * never from packets: no traffic can make lookups slower.
 *
 * A lookup goes through the subtables by falling max_rank and stops at one that can't beat what it
 * has.  Exact rules, whose precedence is the highest, are thus found first.
 *
 * Why may it stop, while the ranks change?  Call a rule r that is visible to the reader's version:
 * it was inserted before the version was committed, hence before (in the sense of happens-before)
 * the lookup, and it is unlinked only after the lookup.  The writer keeps three invariants at each
 * of its steps from the insertion of r to its unlinking: the newest ranking has r's subtable s, its
 * rows' ranks fall, and the row of s is at least the rank of r.  The reader loads a ranking that
 * was the newest at some moment m after the commit (or at it), and each row's rank as it stood at
 * some moment after m or at m.  Say it stops at row i because of the value x there, and the row of
 * s comes later in this ranking.  When x was written, or at m if that was later, the rows fell: x
 * is at least the rank of s's row then, which is at least r's.  So r can't beat what the reader
 * has.
 *
 * Changing a rank in place is allowed as long as the rows still fall; else the ranking is copied:
 * work in proportion to the number of subtables, when their order changes.
 *
 * Ranks of two rules that match the same flow differ (see rule.c), so a subtable whose max_rank is
 * equal to the best rank can't improve on it. */

/* Rounds the prefix of 'size' bytes at 'mask' down to a multiple of 'step' bits; what is no prefix
 * is left alone. */
static void round_prefix(uint8_t *mask, size_t size, unsigned step)
{
    unsigned length = 0;
    size_t i = 0;
    while (i < size && mask[i] == 0xff) {
        i++;
        length += 8;
    }
    if (i < size) {
        unsigned bits = (unsigned) __builtin_popcount(mask[i]);
        if (mask[i] != (uint8_t) (0xff00 >> bits)) {
            return;
        }
        length += bits;
        for (size_t j = i + 1; j < size; j++) {
            if (mask[j]) {
                return;
            }
        }
    }
    length -= length % step;
    for (i = 0; i < size; i++) {
        unsigned bits = length > i * 8 ? MIN(length - (unsigned) i * 8, 8u) : 0;
        mask[i] = (uint8_t) (0xff00 >> bits);
    }
}

/* An address in struct flow. */
struct address {
    uint16_t offset; /* In struct flow, bytes. */
    uint16_t size;   /* Bytes. */
};

static const struct address addresses[] = {
    {offsetof(struct flow, nw_src), 4},    {offsetof(struct flow, nw_dst), 4},
    {offsetof(struct flow, ipv6_src), 16}, {offsetof(struct flow, ipv6_dst), 16},
    {offsetof(struct flow, tun_src), 4},   {offsetof(struct flow, tun_dst), 4},
};

/* Makes '*rounded' the home of rank 'level' for rules with 'mask': 0 the coarsest, N_HOMES - 1
 * 'mask' itself. */
enum { N_HOMES = 3 };
static void round_mask(struct flow *rounded, const struct flow *mask, unsigned level)
{
    *rounded = *mask;
    if (level == N_HOMES - 1) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
        const struct address *a = &addresses[i];
        unsigned step = (a->size == 4 ? 8 : 16) >> level;
        round_prefix((uint8_t *) rounded + a->offset, a->size, step);
    }
}

struct classifier *classifier_create(struct rcu *rcu, uint64_t seed, uint64_t since)
{
    struct classifier *c = xzalloc(sizeof *c);
    c->ranking = xzalloc(sizeof *c->ranking);
    c->since = since;
    c->rcu = rcu;
    c->seed = seed;
    cmap_init(&c->identities, rcu);
    hmap_init(&c->by_mask);
    list_init(&c->subtables);
    list_init(&c->node);
    return c;
}

/* Takes 'sub' off the lists of 'c'; lookups may still know it. */
static void remove_subtable(struct classifier *c, struct subtable *sub)
{
    hmap_remove(&c->by_mask, &sub->by_mask);
    list_remove(&sub->node);
    sub->classifier = NULL;
}

struct rule *classifier_pop(struct classifier *c)
{
    while (!list_is_empty(&c->subtables)) {
        struct subtable *sub = LIST_ENTRY(list_front(&c->subtables), sub, node);
        struct list *node;
        while ((node = list_pop_front(&sub->rules)) != NULL) {
            struct rule_link *link = LIST_ENTRY(node, link, node);
            if (link->rule) {
                return link->rule;
            }
        }
        remove_subtable(c, sub);
        if (!sub->refs) {
            subtable_destroy(sub);
        }
    }
    return NULL;
}

void classifier_destroy(struct classifier *c)
{
    if (c) {
        hmap_uninit(&c->by_mask);
        cmap_uninit(&c->identities);
        free(c->ranking);
        free(c);
    }
}

/* Hash of a rule's identity. */
static uint32_t identity_hash(const struct classifier *c, const struct minimatch *match,
                              uint32_t precedence)
{
    uint64_t seed = hash_u64((uint64_t) match->map << 32 | precedence, c->seed);
    return (uint32_t) hash_bytes(match->words, 2 * match->n * sizeof match->words[0], seed);
}

struct rule *classifier_find(const struct classifier *c, const struct minimatch *match,
                             uint32_t precedence)
{
    struct rule *rule;
    CMAP_FOR_EACH_WITH_HASH (rule, identity, identity_hash(c, match, precedence), &c->identities) {
        if (rule->precedence == precedence && minimatch_equal(&rule->match, match)) {
            return rule;
        }
    }
    return NULL;
}

static uint32_t mask_hash(const struct classifier *c, const struct flow *mask)
{
    return (uint32_t) hash_bytes(mask, sizeof *mask, c->seed);
}

/* The subtable for 'mask', or NULL. */
static struct subtable *find_subtable(const struct classifier *c, const struct flow *mask)
{
    struct subtable *sub;
    HMAP_FOR_EACH_WITH_HASH (sub, by_mask, mask_hash(c, mask), &c->by_mask) {
        if (!memcmp(&sub->mask, mask, sizeof *mask)) {
            return sub;
        }
    }
    return NULL;
}

/* Adds an empty subtable for 'mask', which has none. */
static struct subtable *add_subtable(struct classifier *c, const struct flow *mask)
{
    struct subtable *sub = subtable_create(mask, (uint32_t) c->seed, c->rcu);
    sub->classifier = c;
    hmap_insert(&c->by_mask, &sub->by_mask, mask_hash(c, mask));
    list_push_back(&c->subtables, &sub->node);
    return sub;
}

/* The subtable in which a rule with 'match' shall lie. */
static struct subtable *choose_subtable(struct classifier *c, const struct match *match)
{
    for (unsigned level = 0;; level++) {
        struct flow mask;
        round_mask(&mask, &match->mask, level);
        struct subtable *sub = find_subtable(c, &mask);
        c->steps++;
        if (!sub) {
            return add_subtable(c, &mask);
        }
        if (!memcmp(&mask, &match->mask, sizeof mask)) {
            return sub;
        }
        size_t n = subtable_count_chain(sub, match, CLASSIFIER_CHAIN_MAX);
        c->steps += n;
        if (n < CLASSIFIER_CHAIN_MAX) {
            return sub;
        }
    }
}

/* Publishes 'ranking' in the place of the one that is there. */
static void publish_ranking(struct classifier *c, struct ranking *ranking)
{
    struct ranking *old = c->ranking;
    c->steps += ranking->n;
    RCU_SET(&c->ranking, ranking);
    rcu_defer(c->rcu, free, old);
}

/* Returns a ranking with 'sub' taken out and, if 'place', put in again by its max_rank. */
static struct ranking *rank_anew(const struct ranking *old, struct subtable *sub, bool place)
{
    struct ranking *r = xmalloc(sizeof *r + (old->n + 1) * sizeof r->rows[0]);
    struct ranked row = {.subtable = sub, .max_rank = sub->max_rank};
    r->n = 0;
    for (size_t i = 0; i < old->n; i++) {
        if (place && old->rows[i].max_rank < row.max_rank) {
            r->rows[r->n++] = row;
            place = false;
        }
        if (old->rows[i].subtable != sub) {
            r->rows[r->n++] = old->rows[i];
        }
    }
    if (place) {
        r->rows[r->n++] = row;
    }
    return r;
}

/* Brings the ranking up to date with the max_rank of 'sub'. */
static void rank_subtable(struct classifier *c, struct subtable *sub)
{
    struct ranking *r = c->ranking;
    size_t i = 0;
    while (i < r->n && r->rows[i].subtable != sub) {
        i++;
    }
    c->steps += i;
    if (i < r->n && (i == 0 || r->rows[i - 1].max_rank >= sub->max_rank)
        && (i + 1 == r->n || r->rows[i + 1].max_rank <= sub->max_rank)) {
        RCU_SET(&r->rows[i].max_rank, sub->max_rank);
    } else {
        publish_ranking(c, rank_anew(r, sub, true));
    }
}

/* Frees a subtable after a grace period. */
static void free_subtable(void *sub)
{
    subtable_destroy(sub);
}

/* Takes 'sub', which is empty, out. */
static void drop_subtable(struct classifier *c, struct subtable *sub)
{
    publish_ranking(c, rank_anew(c->ranking, sub, false));
    remove_subtable(c, sub);
    rcu_defer(c->rcu, free_subtable, sub);
}

/* Puts 'rule' into the index by identity. */
static void index_rule(struct classifier *c, struct rule *rule)
{
    cmap_insert(&c->identities, &rule->identity,
                identity_hash(c, &rule->match, rule->precedence));
}

/* Adds the work that 'sub' has done since it had done 'before'. */
static void add_steps(struct classifier *c, const struct subtable *sub, uint64_t before)
{
    c->steps += sub->steps + cmap_steps(&sub->values) - before;
}

void classifier_insert(struct classifier *c, struct rule *rule)
{
    struct match match;
    minimatch_expand(&rule->match, &match);
    struct subtable *sub = choose_subtable(c, &match);
    uint64_t steps = sub->steps + cmap_steps(&sub->values), rank = sub->max_rank;
    bool is_new = !sub->n_linked;
    rule->serial = c->serial++;
    subtable_insert(sub, rule, &match);
    add_steps(c, sub, steps);
    if (is_new || sub->max_rank != rank) {
        rank_subtable(c, sub);
    }
    index_rule(c, rule);
}

void classifier_replace(struct classifier *c, struct rule *old, struct rule *rule)
{
    rule->serial = old->serial;
    subtable_replace(old->subtable, old, rule);
    cmap_remove(&c->identities, &old->identity);
    index_rule(c, rule);
}

void classifier_hide(struct classifier *c, struct rule *rule)
{
    list_remove(&rule->link.node);
    cmap_remove(&c->identities, &rule->identity);
}

void classifier_unlink(struct classifier *c, struct rule *rule)
{
    struct subtable *sub = rule->subtable;
    uint64_t steps = sub->steps + cmap_steps(&sub->values), rank = sub->max_rank;
    subtable_unlink(sub, rule);
    add_steps(c, sub, steps);
    if (!sub->n_linked && !sub->refs) {
        drop_subtable(c, sub);
    } else if (sub->max_rank != rank) {
        rank_subtable(c, sub);
    }
}

size_t classifier_count_subtables(const struct classifier *c)
{
    return hmap_count(&c->by_mask);
}

uint64_t classifier_steps(const struct classifier *c)
{
    return c->steps + cmap_steps(&c->identities);
}

void classifier_hold(struct subtable *sub)
{
    sub->refs++;
}

void classifier_release(struct subtable *sub)
{
    if (--sub->refs) {
        return;
    }
    if (!sub->classifier) {
        subtable_destroy(sub);
    } else if (!sub->n_linked && !sub->classifier->flushed) {
        drop_subtable(sub->classifier, sub);
    }
}

struct rule *classifier_lookup(const struct classifier *c, uint64_t version,
                               const struct flow *flow, unsigned *visited)
{
    const struct ranking *ranking = RCU_GET(&c->ranking);
    struct rule *best = NULL;
    size_t i;
    for (i = 0; i < ranking->n; i++) {
        const struct ranked *row = &ranking->rows[i];
        if (best && RCU_GET(&row->max_rank) <= best->rank) {
            break;
        }
        struct rule *rule = subtable_lookup(row->subtable, version, flow);
        if (rule && (!best || rule->rank > best->rank)) {
            best = rule;
        }
    }
    *visited += (unsigned) i;
    return best;
}
