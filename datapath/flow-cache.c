/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's exact-match cache in front of the tables: flow to rules. */
#include "datapath/flow-cache.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/tables.h"
#include "lib/packet/packet.h"
#include "lib/rcu.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Key.  Two flows that agree in the interest (every bit that any rule ever looked at) get the same
 * rule.  So the words of the interest, masked, are the key: five words for what OpenFlow 1.0 can
 * match, which makes an entry one cache line.
 *
 * Table.  Buckets of eight ways.  A bucket is one cache line with the hash of each way and when it
 * was last used; the entries stand in an array of their own.  A flow has two buckets, by its hash
 * and by a permutation of it, and lies in the first one unless that was full; so the table can be
 * filled to more than three quarters before flows displace each other.  Mostly a lookup touches two
 * lines, and a batch asks for all of the first kind, then for all of the second, before it uses
 * any.  If both buckets are full, what was not used for longest goes.
 *
 * Growth is linear hashing: one bucket at a time is split in two, in order, and the new one is
 * appended.  So there is never much to do, nothing is forgotten, and memory is touched as it is
 * needed.  When an entry that was used lately is about to be displaced, a few buckets are split,
 * unless the cache is rather empty.  What is no longer used makes nothing grow.
 *
 * Versions.  Why may 'rule' in an entry be used (it is a bare pointer, and rules get freed)?  The
 * caller read version v since its last quiescence, so a rule that is visible at v is not freed
 * before its next one: removal at a later version w > v waits for a grace period after the commit
 * of w, which is after the caller's reading of v, and that grace period waits for the caller.  A
 * rule is visible at v if
 *  - the entry bears v: the rule was found by a lookup at v; or
 *  - the entry bears an older version u and no change after u up to v concerns the flow.  Removing
 *    the rule would have been such a change, since the rule matches the flow.  So it is still
 *    visible at v; and since no rule that matches came either, it is still the answer.
 * In any other case the pointer is overwritten without being looked at.
 *
 * Interest.  All keys belong to the copy of the interest that the cache keeps; when the tables have
 * another one, all is forgotten.  An entry made at u under interest I may be used for any flow that
 * agrees in I, as I covers the rules visible at u.  If it is revived for v, by the answer for
 * one flow, then the interest, read after v, is still I and covers the rules that changed up to v;
 * so the answer is the same for all flows that agree in I. */

enum {
    WAYS = 8,           /* Entries in a bucket. */
    FIRST_BUCKETS = 64, /* Buckets at first. */
    FULL = 5,           /* Entries per bucket from which on the cache may grow. */
    SPLITS = 4,         /* Buckets split at once. */
    RECENT = 4 * WAYS,  /* An entry is recent for this many lookups per bucket. */
};

/* A flow and its rule.  As many words of the key follow as the interest has. */
struct entry {
    uint64_t version;  /* Version that 'rule' belongs to. */
    struct rule *rule; /* Its rule, or NULL if there is none; see above before using it. */
    uint64_t key[];    /* The words of the interest, masked. */
};

enum { ENTRY_MAX = ROUND_UP(sizeof(struct entry) + FLOW_WORDS * 8, CACHE_LINE) };

/* What a lookup looks at first. */
struct bucket {
    uint32_t hashes[WAYS]; /* Hash by which each entry is here; 0 if the way is free. */
    uint32_t used[WAYS];   /* Clock when it was last used. */
};

_Static_assert(sizeof(struct bucket) == CACHE_LINE, "a bucket is one cache line");

struct flow_cache {
    struct bucket *buckets; /* Mapped; room for max_buckets. */
    char *entries;          /* Mapped; room for max_buckets times WAYS of the largest size. */
    size_t max_buckets;     /* Bound. */
    size_t n_buckets;       /* Now.  Atomic: others may ask. */
    size_t base;            /* Largest power of two that is at most n_buckets. */
    uint32_t seed;          /* Of the hash. */
    uint32_t clock;         /* Lookups so far, modulo 2^32. */

    uint32_t map;           /* Words of the interest. */
    size_t entry_size;      /* Bytes from one entry to the next. */
    struct flow interest;   /* What the keys belong to. */

    struct flow_cache_stats stats; /* For others; its words are atomic. */
};

/* Forgets everything and goes on with the interest 'mask', whose words are 'map'. */
static void reset(struct flow_cache *cache, const struct flow *mask, uint32_t map)
{
    size_t key_size = (size_t) __builtin_popcount(map) * sizeof(uint64_t);
    cache->interest = *mask;
    cache->map = map;
    cache->entry_size = ROUND_UP(sizeof(struct entry) + key_size, (size_t) CACHE_LINE);
    cache->base = FIRST_BUCKETS;
    while (cache->base > cache->max_buckets) {
        cache->base /= 2;
    }
    memset(cache->buckets, 0, cache->base * sizeof *cache->buckets);
    RCU_WRITE(&cache->n_buckets, cache->base);
    RCU_WRITE(&cache->stats.n_entries, 0);
}

struct flow_cache *flow_cache_create(size_t max_entries, uint64_t seed)
{
    static const struct flow nothing;
    struct flow_cache *cache = xzalloc(sizeof *cache);
    cache->max_buckets = MAX(DIV_ROUND_UP(max_entries, (size_t) WAYS), (size_t) 1);
    cache->seed = (uint32_t) (seed ^ seed >> 32);
    cache->buckets = xreserve(cache->max_buckets * sizeof *cache->buckets);
    cache->entries = xreserve(cache->max_buckets * WAYS * ENTRY_MAX);
    reset(cache, &nothing, 0);
    return cache;
}

void flow_cache_destroy(struct flow_cache *cache)
{
    if (cache) {
        unreserve(cache->buckets, cache->max_buckets * sizeof *cache->buckets);
        unreserve(cache->entries, cache->max_buckets * WAYS * ENTRY_MAX);
        free(cache);
    }
}

/* Forgets everything if the interest has changed. */
static void refresh_interest(struct flow_cache *cache, const struct tables *t)
{
    uint32_t map;
    const struct flow *mask = tables_interest(t, &map);
    uint64_t differ = map ^ cache->map;
    for (uint32_t left = map; left; left &= left - 1) {
        unsigned i = (unsigned) __builtin_ctz(left);
        differ |= mask->word[i] ^ cache->interest.word[i];
    }
    if (differ) {
        reset(cache, mask, map);
    }
}

/* Hash of 'flow', not 0. */
static uint32_t hash_of(const struct flow_cache *cache, const struct flow *flow)
{
    uint32_t hash = flow_hash_masked(flow, &cache->interest, cache->map, cache->seed);
    return hash ? hash : 1;
}

/* The hash by which a flow with 'hash' has its second bucket: low bits from high ones; not 0. */
static uint32_t second_hash(uint32_t hash)
{
    return (hash << 16 | hash >> 16) * UINT32_C(0x9e3779b1);
}

/* Index of the bucket for 'hash': those below the split have been split already. */
static size_t index_of(const struct flow_cache *cache, uint32_t hash)
{
    size_t index = hash & (cache->base - 1);
    if (index < cache->n_buckets - cache->base) {
        index = hash & (2 * cache->base - 1);
    }
    return index;
}

/* The entry of 'way' in the bucket with 'index'. */
static struct entry *entry_at(const struct flow_cache *cache, size_t index, unsigned way)
{
    return (struct entry *) (void *) (cache->entries + (index * WAYS + way) * cache->entry_size);
}

/* Asks for the bucket of 'hash'. */
static void prefetch_bucket(const struct flow_cache *cache, uint32_t hash)
{
    __builtin_prefetch(&cache->buckets[index_of(cache, hash)], 1);
}

/* The ways of 'bucket' that have 'hash', a bit for each; without branches, as none can be foretold.
 * */
static unsigned ways_with(const struct bucket *bucket, uint32_t hash)
{
    unsigned ways = 0;
#pragma GCC unroll 8
    for (unsigned way = 0; way < WAYS; way++) {
        ways |= (unsigned) (bucket->hashes[way] == hash) << way;
    }
    return ways;
}

/* What a lookup will probably find: an entry with the right hash. */
struct guess {
    struct bucket *bucket; /* First bucket of the flow. */
    unsigned way;          /* Way in it; WAYS if there is none. */
    struct entry *entry;   /* The entry there. */
};

/* Guesses where the entry for a flow with 'hash' is and asks for it, or for its second bucket. */
static struct guess guess_entry(const struct flow_cache *cache, uint32_t hash)
{
    size_t index = index_of(cache, hash);
    struct guess guess = {.bucket = &cache->buckets[index], .way = WAYS};
    unsigned ways = ways_with(guess.bucket, hash);
    if (LIKELY(ways)) {
        guess.way = (unsigned) __builtin_ctz(ways);
        guess.entry = entry_at(cache, index, guess.way);
        __builtin_prefetch(guess.entry, 1);
    } else {
        prefetch_bucket(cache, second_hash(hash));
    }
    return guess;
}

/* Is 'flow' the one that 'entry' is for? */
static bool has_key(const struct flow_cache *cache, const struct entry *entry,
                    const struct flow *flow)
{
    const uint64_t *key = entry->key;
    uint64_t differ = 0;
    for (uint32_t map = cache->map; map; map &= map - 1) {
        unsigned i = (unsigned) __builtin_ctz(map);
        differ |= *key++ ^ (flow->word[i] & cache->interest.word[i]);
    }
    return !differ;
}

/* The entry for 'flow' in the bucket for 'hash', marked as used, or NULL. */
static struct entry *find_in_bucket(struct flow_cache *cache, const struct flow *flow,
                                    uint32_t hash)
{
    size_t index = index_of(cache, hash);
    struct bucket *bucket = &cache->buckets[index];
    for (unsigned ways = ways_with(bucket, hash); ways; ways &= ways - 1) {
        unsigned way = (unsigned) __builtin_ctz(ways);
        struct entry *entry = entry_at(cache, index, way);
        if (has_key(cache, entry, flow)) {
            bucket->used[way] = cache->clock;
            return entry;
        }
    }
    return NULL;
}

/* Moves 'entry', which is in the second bucket of a flow with 'hash', to the first one if there is
 * a free way.  Returns where it is then. */
static struct entry *promote(struct flow_cache *cache, uint32_t hash, struct entry *entry)
{
    size_t first = index_of(cache, hash);
    size_t second = index_of(cache, second_hash(hash));
    unsigned ways = ways_with(&cache->buckets[first], 0);
    if (!ways) {
        return entry;
    }
    unsigned to = (unsigned) __builtin_ctz(ways);
    unsigned from = (unsigned) (((char *) entry - (char *) entry_at(cache, second, 0))
                                / (ptrdiff_t) cache->entry_size);
    cache->buckets[first].hashes[to] = hash;
    cache->buckets[first].used[to] = cache->clock;
    cache->buckets[second].hashes[from] = 0;
    return memcpy(entry_at(cache, first, to), entry, cache->entry_size);
}

/* The entry for 'flow', marked as used, or NULL.  The guess may be outdated. */
static struct entry *find(struct flow_cache *cache, const struct flow *flow, uint32_t hash,
                          const struct guess *guess)
{
    if (LIKELY(guess->way < WAYS && guess->bucket->hashes[guess->way] == hash
               && has_key(cache, guess->entry, flow))) {
        guess->bucket->used[guess->way] = cache->clock;
        return guess->entry;
    }
    struct entry *entry = find_in_bucket(cache, flow, hash);
    if (!entry) {
        entry = find_in_bucket(cache, flow, second_hash(hash));
        entry = entry ? promote(cache, hash, entry) : NULL;
    }
    return entry;
}

/* A place for an entry. */
struct place {
    size_t index;  /* Bucket. */
    unsigned way;  /* Way in it. */
    uint32_t hash; /* Hash by which it is the flow's. */
    uint32_t age;  /* Lookups since what is there was used; UINT32_MAX if the way is free. */
};

/* Makes '*best' a free way of the bucket for 'hash', or else one not used for longer than '*best'.
 * */
static void choose_in_bucket(const struct flow_cache *cache, uint32_t hash, struct place *best)
{
    size_t index = index_of(cache, hash);
    const struct bucket *bucket = &cache->buckets[index];
    for (unsigned way = 0; way < WAYS; way++) {
        uint32_t age = bucket->hashes[way] ? cache->clock - bucket->used[way] : UINT32_MAX;
        if (age > best->age) {
            *best = (struct place) {.index = index, .way = way, .hash = hash, .age = age};
        }
    }
}

/* Where to put an entry for a flow with 'hash': a free way, or the one not used for longest. */
static struct place choose(const struct flow_cache *cache, uint32_t hash)
{
    struct place best = {.index = index_of(cache, hash), .hash = hash};
    choose_in_bucket(cache, hash, &best);
    if (best.age != UINT32_MAX) {
        choose_in_bucket(cache, second_hash(hash), &best);
    }
    return best;
}

/* Splits the next bucket in two: what has the next bit of the hash set goes to a new one at the
 * end. */
static void split_bucket(struct flow_cache *cache)
{
    size_t from = cache->n_buckets - cache->base, to = cache->n_buckets;
    struct bucket *old = &cache->buckets[from], *new = &cache->buckets[to];
    for (unsigned way = 0; way < WAYS; way++) {
        bool moves = old->hashes[way] & cache->base;
        new->hashes[way] = moves ? old->hashes[way] : 0;
        new->used[way] = old->used[way];
        if (moves) {
            memcpy(entry_at(cache, to, way), entry_at(cache, from, way), cache->entry_size);
            old->hashes[way] = 0;
        }
    }
    RCU_ADD(&cache->n_buckets, 1);
    if (cache->n_buckets == 2 * cache->base) {
        cache->base *= 2;
    }
}

/* Should the cache grow rather than lose what is at 'place'? */
static bool should_grow(const struct flow_cache *cache, const struct place *place)
{
    return place->age < cache->n_buckets * RECENT && cache->n_buckets < cache->max_buckets
           && cache->stats.n_entries > cache->n_buckets * FULL;
}

/* Makes an entry for 'flow', which has none, and returns it; version and rule are to be filled in.
 * */
static struct entry *add(struct flow_cache *cache, const struct flow *flow, uint32_t hash)
{
    struct place place = choose(cache, hash);
    for (int i = 0; i < SPLITS && should_grow(cache, &place); i++) {
        split_bucket(cache);
        place = choose(cache, hash);
    }
    struct bucket *bucket = &cache->buckets[place.index];
    if (bucket->hashes[place.way]) {
        RCU_ADD(&cache->stats.evictions, 1);
    } else {
        RCU_ADD(&cache->stats.n_entries, 1);
    }
    bucket->hashes[place.way] = place.hash;
    bucket->used[place.way] = cache->clock;
    struct entry *entry = entry_at(cache, place.index, place.way);
    uint64_t *key = entry->key;
    for (uint32_t map = cache->map; map; map &= map - 1) {
        unsigned i = (unsigned) __builtin_ctz(map);
        *key++ = flow->word[i] & cache->interest.word[i];
    }
    return entry;
}

/* Makes 'entry' say what the tables say about 'flow' at 'version'. */
static void refresh(struct flow_cache *cache, const struct tables *t, uint64_t version,
                    const struct flow *flow, struct entry *entry)
{
    RCU_ADD(&cache->stats.misses, 1);
    entry->version = version;
    entry->rule = tables_lookup_first(t, version, flow, NULL);
}

/* The rule for one flow. */
static struct rule *lookup(struct flow_cache *cache, const struct tables *t, uint64_t version,
                           const struct flow *flow, uint32_t hash, const struct guess *guess)
{
    cache->clock++;
    struct entry *entry = find(cache, flow, hash, guess);
    if (UNLIKELY(!entry)) {
        entry = add(cache, flow, hash);
        refresh(cache, t, version, flow, entry);
    } else if (UNLIKELY(entry->version != version)) {
        if (entry->version < version
            && tables_unchanged_for(t, entry->version, version, flow)) {
            RCU_ADD(&cache->stats.revived, 1);
            entry->version = version;
        } else {
            refresh(cache, t, version, flow, entry);
        }
    }
    return entry->rule;
}

void flow_cache_lookup(struct flow_cache *cache, const struct tables *t, uint64_t version,
                       const struct flow *const flows[], struct rule *rules[], unsigned n)
{
    uint32_t hashes[PACKET_BATCH_MAX];
    struct guess guesses[PACKET_BATCH_MAX];
    uint64_t misses = cache->stats.misses;
    refresh_interest(cache, t);
    for (unsigned i = 0; i < n; i++) {
        hashes[i] = hash_of(cache, flows[i]);
        prefetch_bucket(cache, hashes[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        guesses[i] = guess_entry(cache, hashes[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        rules[i] = lookup(cache, t, version, flows[i], hashes[i], &guesses[i]);
        rule_prefetch(rules[i]);
    }
    RCU_ADD(&cache->stats.hits, n - (cache->stats.misses - misses));
}

void flow_cache_get_stats(const struct flow_cache *cache, struct flow_cache_stats *stats)
{
    const struct flow_cache_stats *s = &cache->stats;
    *stats = (struct flow_cache_stats) {
        .hits = RCU_READ(&s->hits),
        .misses = RCU_READ(&s->misses),
        .revived = RCU_READ(&s->revived),
        .evictions = RCU_READ(&s->evictions),
        .n_entries = RCU_READ(&s->n_entries),
        .n_buckets = RCU_READ(&cache->n_buckets),
    };
}
