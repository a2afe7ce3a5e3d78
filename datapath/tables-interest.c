/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of the tables look at, which is what caches in front of them must compare. */
#include "datapath/tables-interest.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/tables-private.h"

/* Theory
 * ======
 *
 * An interest holds at least the masks of all rules that are visible at any version that a reader
 * may have.  It is widened before the version that shows a new rule.  It is narrowed to the masks
 * of the rules that are linked, visible or not: a rule that is unlinked is one that no reader's
 * version shows, since the grace period after its removal has passed.  So whoever reads a version
 * and then an interest, old or new, finds in it what all rules of that version look at; and an
 * interest that comes back, as wide as before, was narrower only while no reader's version had a
 * rule that needed more.
 *
 * Without narrowing, one rule that looked at ports for a minute would have the caches tell all
 * connections apart for ever; and one that looked at much would keep a table out of the cache for
 * resubmits.  But whenever an interest changes, all that caches know under it is lost.  So nothing
 * is narrowed before there was some peace: rules that come and go with the same masks cost at most
 * two new beginnings in that time.
 *
 * To narrow means to look at all subtables, not rules.  Where there are very many, lookups are slow
 * whatever the caches compare, and it is left alone, so that nobody waits for it. */

#define PEACE (60 * SEC) /* So long nothing was widened before anything is narrowed. */
enum { MOST_SUBTABLES = 4096 /* Of all tables, to be looked at at once. */ };

/* Replaces the interest at '*at' by one with 'mask'. */
static void publish(struct tables *t, struct tables_interest **at, const struct flow *mask)
{
    struct tables_interest *old = *at, *interest = xzalloc(sizeof *interest);
    interest->mask = *mask;
    for (unsigned i = 0; i < FLOW_WORDS; i++) {
        interest->map |= (uint32_t) (mask->word[i] != 0) << i;
    }
    interest->n = (uint32_t) __builtin_popcount(interest->map);
    interest->serial = ++t->serial;
    RCU_SET(at, interest);
    if (old) {
        rcu_defer(t->rcu, free, old);
    }
}

/* Whether the mask of 'match' has bits that 'mask' lacks. */
static bool is_outside(const struct minimatch *match, const struct flow *mask)
{
    const uint64_t *bits = match->words + match->n;
    uint64_t missing = 0;
    for (uint32_t map = match->map; map; map &= map - 1) {
        missing |= *bits++ & ~mask->word[__builtin_ctz(map)];
    }
    return missing;
}

/* Publishes at '*at' an interest with the mask of 'match' in it, unless it is; says whether it did.
 */
static bool widen(struct tables *t, struct tables_interest **at, const struct minimatch *match)
{
    const uint64_t *bits = match->words + match->n;
    struct flow wider = {.in_port = 0};
    if (*at && !is_outside(match, &(*at)->mask)) {
        return false;
    }
    if (*at) {
        wider = (*at)->mask;
    }
    for (uint32_t map = match->map; map; map &= map - 1) {
        wider.word[__builtin_ctz(map)] |= *bits++;
    }
    publish(t, at, &wider);
    return true;
}

void tables_widen(struct tables *t, uint8_t table_id, const struct minimatch *match, int64_t now)
{
    bool is_wider = widen(t, &t->tables[table_id].interest, match);
    if (tables_is_first(t, table_id)) {
        is_wider |= widen(t, &t->interest, match);
    }
    t->interest_since = is_wider ? now : t->interest_since;
}

/* Publishes 'mask' at '*at', if there is an interest that differs. */
static void narrow(struct tables *t, struct tables_interest **at, const struct flow *mask)
{
    if (*at && memcmp(&(*at)->mask, mask, sizeof *mask) != 0) {
        publish(t, at, mask);
    }
}

/* Adds to '*mask' what the rules linked in 'table' look at. */
static void add_masks(const struct table *table, struct flow *mask)
{
    for (const struct classifier *c = table->newest; c; c = c->older) {
        const struct subtable *sub;
        LIST_FOR_EACH (sub, node, &c->subtables) {
            for (unsigned i = 0; sub->n_linked && i < FLOW_WORDS; i++) {
                mask->word[i] |= sub->all_masks.word[i];
            }
        }
    }
}

/* Subtables of all tables, the flushed ones included that readers may still use. */
static size_t count_subtables(const struct tables *t)
{
    size_t n = 0;
    for (unsigned i = 0; i < t->n_all; i++) {
        for (const struct classifier *c = t->tables[i].newest; c; c = c->older) {
            n += classifier_count_subtables(c);
        }
    }
    return n;
}

/* Narrows all interests. */
static void narrow_all(struct tables *t)
{
    struct flow first = {.in_port = 0};
    for (unsigned id = 0; id < t->n_all; id++) {
        struct flow mask = {.in_port = 0};
        add_masks(&t->tables[id], &mask);
        narrow(t, &t->tables[id].interest, &mask);
        for (unsigned i = 0; tables_is_first(t, (uint8_t) id) && i < FLOW_WORDS; i++) {
            first.word[i] |= mask.word[i];
        }
    }
    narrow(t, &t->interest, &first);
}

void tables_narrow(struct tables *t, int64_t now)
{
    if (LIKELY(!t->has_lost || now - t->interest_since < PEACE)) {
        return;
    }
    t->has_lost = false;
    t->interest_since = now;
    if (count_subtables(t) <= MOST_SUBTABLES) {
        narrow_all(t);
    }
}

const struct flow *tables_interest(const struct tables *t, uint32_t *map)
{
    const struct tables_interest *interest = RCU_GET(&t->interest);
    *map = interest->map;
    return &interest->mask;
}

const struct tables_interest *tables_interest_in(const struct tables *t, uint8_t table_id)
{
    return RCU_GET(&t->tables[table_id].interest);
}
