/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's cache for resubmits: table and flow to rule. */
#include "datapath/table-cache.h"

#include <assert.h>
#include <stdlib.h>

#include "datapath/tables.h"
#include "lib/packet/flow.h"
#include "lib/rcu.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Why not remember the whole way of a packet through the tables?  Flows differ in what different
 * tables look at: a thousand senders, receivers and services are three thousand entries if each
 * table is remembered by itself, but as many ways as there are combinations.  And what actions do
 * between the tables depends on more than what rules match (a TTL that runs out, a header that is
 * cut off, a field that is moved).  Here the second lookup simply asks with the flow as it is by
 * then, registers and all; nothing has to be known about actions.
 *
 * Key.  Two flows that agree in every bit that a rule of the table ever looked at get the same rule
 * of it.  The words of that interest, masked, are the key, and the serial number of the interest,
 * which tells tables apart and keys made under older interests from newer ones.  Keys of more than
 * KEY_MAX words are not remembered: then an entry would be longer than two cache lines.
 *
 * Versions.  That the rule in an entry may be used is argued in flow-cache.c; the same holds for
 * one table with its own interest and its own changes.
 *
 * Slots.  A flow has two of them, by the lower and by the upper half of its hash.  An entry tells
 * all about itself, so there is no other bookkeeping, and a lookup touches no line but those of the
 * entry.  If both slots are taken, one of another version goes, else either.  When as many entries
 * have been displaced as would fill half of the slots, twice as many slots are used: what is then
 * looked for in a wrong place is met anew.
 *
 * When it does not pay.  A table of one subtable answers about as fast as the cache, which is never
 * slower then.  But if most flows are new, whether there are too many of them or someone makes them
 * up, remembering them costs about as much as looking up.  So for each table there is a watch: of
 * WINDOW lookups it counts those that were in vain, because the entry was stale or another flow's
 * had to go, and if they were more than half, the next REST lookups go past the cache.  So traffic
 * that was made to miss costs hardly more than without any cache, and what other tables are asked
 * is not concerned. */

enum {
    KEY_MAX = 13,       /* Words of a key. */
    FIRST_SLOTS = 1024, /* Slots at first. */
    MAX_SLOTS = 65536,  /* Slots at last: as many as there are halves of a hash. */
    WINDOW = 256,       /* Lookups that a watch looks at. */
    REST = 4096,        /* Lookups past the cache after a bad window. */
    N_TABLES = UINT8_MAX + 1, /* Tables that there can be. */
};

/* What is remembered of one flow in one table. */
struct slot {
    uint64_t serial;       /* Of the interest that the key belongs to; 0: free. */
    uint64_t version;      /* Version that 'rule' belongs to. */
    struct rule *rule;     /* Its rule, or NULL if there is none; not to be used before the
                            * version is. */
    uint64_t key[KEY_MAX]; /* The words of the interest, masked. */
};

static_assert(sizeof(struct slot) == 2 * CACHE_LINE, "an entry is two cache lines");

/* How the cache does for one table. */
struct watch {
    uint16_t seen; /* Lookups of this window. */
    uint16_t vain; /* Those that were in vain. */
    uint16_t rest; /* Lookups that still go past. */
};

struct table_cache {
    struct slot *slots;              /* Reserved; room for max_slots. */
    size_t max_slots;                /* Bound; a power of two. */
    size_t n_slots;                  /* In use, a power of two.  Atomic: others may ask. */
    size_t displaced;                /* Entries displaced since n_slots is as it is. */
    uint32_t seed;                   /* Of the hash. */
    struct table_cache_stats stats;  /* For others; its words are atomic. */
    struct watch watches[N_TABLES];  /* By number of the table. */
};

struct table_cache *table_cache_create(size_t max_entries, uint64_t seed)
{
    struct table_cache *cache = xzalloc(sizeof *cache);
    cache->max_slots = 2;
    while (cache->max_slots < MIN(max_entries, (size_t) MAX_SLOTS)) {
        cache->max_slots *= 2;
    }
    cache->n_slots = MIN((size_t) FIRST_SLOTS, cache->max_slots);
    cache->seed = (uint32_t) (seed ^ seed >> 32);
    cache->slots = xreserve(cache->max_slots * sizeof *cache->slots);
    return cache;
}

void table_cache_destroy(struct table_cache *cache)
{
    if (cache) {
        unreserve(cache->slots, cache->max_slots * sizeof *cache->slots);
        free(cache);
    }
}

/* What is looked for. */
struct wanted {
    const struct tables *t;                 /* Tables. */
    const struct tables_interest *interest; /* Of the table. */
    const struct flow *flow;                /* Flow. */
    uint64_t version;                       /* Version. */
    uint8_t table_id;                       /* Table. */
};

/* Is 'slot' about what is wanted? */
static bool has_key(const struct slot *slot, const struct wanted *w)
{
    const struct tables_interest *interest = w->interest;
    const uint64_t *key = slot->key;
    uint64_t differ = slot->serial ^ interest->serial;
    for (uint32_t map = interest->map; map; map &= map - 1) {
        unsigned i = (unsigned) __builtin_ctz(map);
        differ |= *key++ ^ (w->flow->word[i] & interest->mask.word[i]);
    }
    return !differ;
}

/* Can the rule of 'slot', which is about what is wanted, be used? */
static bool is_fresh(struct slot *slot, const struct wanted *w)
{
    if (LIKELY(slot->version == w->version)) {
        return true;
    }
    if (slot->version > w->version
        || !tables_unchanged_in(w->t, w->table_id, slot->version, w->version, w->flow)) {
        return false;
    }
    slot->version = w->version;
    return true;
}

/* Uses more slots if too much has been displaced. */
static void count_displaced(struct table_cache *cache)
{
    if (++cache->displaced > cache->n_slots / 2 && cache->n_slots < cache->max_slots) {
        RCU_WRITE(&cache->n_slots, cache->n_slots * 2);
        cache->displaced = 0;
    }
}

/* Makes 'slot' say what the table says. */
static struct rule *fill(struct slot *slot, const struct wanted *w)
{
    const struct tables_interest *interest = w->interest;
    uint64_t *key = slot->key;
    slot->serial = interest->serial;
    slot->version = w->version;
    for (uint32_t map = interest->map; map; map &= map - 1) {
        unsigned i = (unsigned) __builtin_ctz(map);
        *key++ = w->flow->word[i] & interest->mask.word[i];
    }
    slot->rule = tables_lookup(w->t, w->table_id, w->version, w->flow, NULL);
    return slot->rule;
}

/* Counts a lookup of the window that was in vain or not; at its end decides how to go on. */
static void watch_lookup(struct watch *watch, bool in_vain)
{
    watch->vain = (uint16_t) (watch->vain + in_vain);
    if (UNLIKELY(++watch->seen == WINDOW)) {
        watch->rest = watch->vain > WINDOW / 2 ? REST : 0;
        watch->seen = watch->vain = 0;
    }
}

/* Which of two slots to use for an entry of 'version': a free one, one of another version, or
 * either in turn. */
static struct slot *choose(const struct table_cache *cache, struct slot *a, struct slot *b,
                           uint64_t version)
{
    if (!a->serial || !b->serial) {
        return a->serial ? b : a;
    }
    if (a->version == version && b->version == version) {
        return cache->stats.misses % 2 ? a : b;
    }
    return a->version == version ? b : a;
}

/* Makes an entry in one of two slots, as neither has it. */
static struct rule *add(struct table_cache *cache, struct watch *watch, struct slot *a,
                        struct slot *b, const struct wanted *w)
{
    struct slot *slot = choose(cache, a, b, w->version);
    watch_lookup(watch, slot->serial != 0);
    RCU_ADD(&cache->stats.misses, 1);
    if (slot->serial) {
        count_displaced(cache);
    }
    return fill(slot, w);
}

/* Looks 'w' up in the cache. */
static struct rule *lookup(struct table_cache *cache, struct watch *watch, const struct wanted *w)
{
    const struct tables_interest *interest = w->interest;
    uint32_t hash = flow_hash_masked(w->flow, &interest->mask, interest->map,
                                     cache->seed + (uint32_t) interest->serial);
    struct slot *a = &cache->slots[hash & (cache->n_slots - 1)], *slot = a;
    if (UNLIKELY(!has_key(a, w))) {
        struct slot *b = &cache->slots[hash >> 16 & (cache->n_slots - 1)];
        slot = has_key(b, w) ? b : NULL;
        if (!slot) {
            return add(cache, watch, a, b, w);
        }
    }
    bool is_miss = UNLIKELY(!is_fresh(slot, w));
    watch_lookup(watch, is_miss);
    RCU_ADD(is_miss ? &cache->stats.misses : &cache->stats.hits, 1);
    return is_miss ? fill(slot, w) : slot->rule;
}

struct rule *table_cache_lookup(struct table_cache *cache, const struct tables *t,
                                uint8_t table_id, uint64_t version, const struct flow *flow)
{
    struct watch *watch = &cache->watches[table_id];
    const struct tables_interest *interest = tables_interest_in(t, table_id);
    if (!interest) {
        return NULL;
    }
    if (UNLIKELY(watch->rest || interest->n > KEY_MAX)) {
        watch->rest = (uint16_t) (watch->rest - (watch->rest > 0));
        RCU_ADD(&cache->stats.past, 1);
        return tables_lookup(t, table_id, version, flow, NULL);
    }
    const struct wanted w = {t, interest, flow, version, table_id};
    return lookup(cache, watch, &w);
}

void table_cache_get_stats(const struct table_cache *cache, struct table_cache_stats *stats)
{
    const struct table_cache_stats *s = &cache->stats;
    *stats = (struct table_cache_stats) {
        .hits = RCU_READ(&s->hits),
        .misses = RCU_READ(&s->misses),
        .past = RCU_READ(&s->past),
        .n_slots = RCU_READ(&cache->n_slots),
    };
}
