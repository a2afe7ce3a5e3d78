/* SPDX-License-Identifier: Apache-2.0 */
/* Hash map that one thread changes while others read it. */
#ifndef LIB_CMAP_H
#define LIB_CMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/rcu.h"
#include "lib/util.h"

/* Like struct hmap a map of elements that embed a node and are found by a hash, but one that
 * readers may search while its owner changes it:
 *
 *     struct port *port;
 *     CMAP_FOR_EACH_WITH_HASH (port, by_number, hash, &ports) {
 *         if (port->number == number) {
 *             return port;
 *         }
 *     }
 *
 * The map points at the nodes and writes nothing into them but the hash, so a node that was removed
 * may still be met by readers for a grace period: free it by rcu_defer() or after a token.  A
 * search finds every node whose insertion happened before it and whose removal did not; of one that
 * is inserted or removed meanwhile it may see either.  cmap_replace() is one step: a search finds
 * the old node or the new one.
 *
 * No call takes more than a bounded number of steps, whatever the number of elements: the map grows
 * a few buckets at a time.  Its table does not shrink; what hangs on it where many nodes met does.
 *
 * The map owns its buckets only.  Equal hashes are not refused.
 *
 * Threads: "owner" functions belong to the thread that is the writer of the RCU domain; "reader"
 * functions to any online reader of it, or to the owner. */

/* What an element embeds. */
struct cmap_node {
    uint32_t hash; /* Hash of the element's key; set when inserted, does not change in the map. */
};

enum { CMAP_SLOTS = 5 }; /* Nodes in a bucket. */

/* A bucket: one cache line. */
struct cmap_bucket {
    struct cmap_bucket *next;            /* Overflow, or NULL.  Atomic. */
    struct cmap_node *nodes[CMAP_SLOTS]; /* Elements, NULL where free.  Atomic. */
    uint16_t tags[CMAP_SLOTS];           /* Upper bits of their hashes.  Atomic. */
    uint8_t moved;                       /* Its nodes are in the next larger table.  Atomic. */
} CACHE_ALIGNED;

struct cmap_overflow;

/* An array of buckets. */
struct cmap_table {
    struct cmap_table *old;       /* Smaller one, while its buckets are moved; NULL.  Atomic. */
    uint32_t mask;                /* Number of buckets, a power of two, minus 1. */
    uint32_t n_moved;             /* Owner: buckets of 'old' moved in order so far. */
    size_t size;                  /* Bytes of this struct with its buckets. */
    struct cmap_bucket buckets[]; /* The buckets. */
};

/* A map. */
struct cmap {
    struct cmap_table *table;       /* Newest table; owned.  Atomic. */
    struct rcu *rcu;                /* Domain of the readers; borrowed. */
    struct cmap_overflow *overflow; /* Owner: list of overflow buckets, for cmap_uninit(). */
    size_t count;                   /* Owner: number of elements. */
    uint64_t steps;                 /* Owner: buckets looked at by changes, ever. */
};

/* Owner.  Makes 'map' an empty map with readers of 'rcu', which it borrows. */
void cmap_init(struct cmap *map, struct rcu *rcu);

/* Owner.  Frees what the map itself allocated, at once: no reader may use it any more.  Elements
 * that are left stay with the caller. */
void cmap_uninit(struct cmap *map);

/* Owner.  Inserts 'node', which is not in 'map', with 'hash'. */
void cmap_insert(struct cmap *map, struct cmap_node *node, uint32_t hash);

/* Owner.  Removes 'node', which is in 'map'.  Readers may meet it for a grace period more. */
void cmap_remove(struct cmap *map, struct cmap_node *node);

/* Owner.  Puts 'node' in the place of 'old', which is in 'map', with the same hash, in one step. */
void cmap_replace(struct cmap *map, struct cmap_node *old, struct cmap_node *node);

/* Owner.  Number of elements. */
static inline size_t cmap_count(const struct cmap *map)
{
    return map->count;
}

/* Owner.  Number of buckets that changes have looked at since cmap_init(): their work. */
static inline uint64_t cmap_steps(const struct cmap *map)
{
    return map->steps;
}

/* Reader.  The bucket in which to search for 'hash'. */
static inline const struct cmap_bucket *cmap_bucket(const struct cmap *map, uint32_t hash)
{
    const struct cmap_table *table = RCU_GET(&map->table);
    const struct cmap_table *old = RCU_GET(&table->old);
    if (UNLIKELY(old != NULL)) {
        const struct cmap_bucket *bucket = &old->buckets[hash & old->mask];
        if (!RCU_GET(&bucket->moved)) {
            return bucket;
        }
    }
    return &table->buckets[hash & table->mask];
}

/* The tag of 'hash': bits that differ in most nodes of one bucket. */
static inline uint16_t cmap_tag(uint32_t hash)
{
    return (uint16_t) (hash >> 16);
}

/* Where a search stands. */
struct cmap_search {
    const struct cmap_bucket *bucket; /* Here, or NULL at the end. */
    uint32_t hash;                    /* Wanted. */
    uint32_t slot;                    /* Next slot to look at. */
};

/* Reader.  Begins a search for nodes with 'hash'. */
static inline struct cmap_search cmap_search(const struct cmap *map, uint32_t hash)
{
    return (struct cmap_search) {.bucket = cmap_bucket(map, hash), .hash = hash};
}

/* Reader.  The next node found, or NULL at the end. */
static inline struct cmap_node *cmap_search_next(struct cmap_search *s)
{
    for (; s->bucket; s->bucket = RCU_GET(&s->bucket->next), s->slot = 0) {
        while (s->slot < CMAP_SLOTS) {
            uint32_t i = s->slot++;
            if (RCU_READ(&s->bucket->tags[i]) == cmap_tag(s->hash)) {
                struct cmap_node *node = RCU_GET(&s->bucket->nodes[i]);
                if (node && node->hash == s->hash) {
                    return node;
                }
            }
        }
    }
    return NULL;
}

/* The struct whose 'member' is at 'node', or NULL if 'node' is NULL. */
#define CMAP_ENTRY(node, var, member) \
    ({ \
        struct cmap_node *cmap_entry_ = (node); \
        cmap_entry_ ? CONTAINER_OF(cmap_entry_, __typeof__(*(var)), member) : NULL; \
    })

/* Reader.  Runs over all elements with 'hash'.  The owner may remove 'var' in the body.
 * Afterwards, unless left by break, 'var' is NULL. */
#define CMAP_FOR_EACH_WITH_HASH(var, member, hash, map) \
    CMAP_LOOP_(var, member, hash, map, __COUNTER__)

/* For the loop only: unique names, so that it can be nested without shadowing. */
#define CMAP_LOOP_(var, member, hash, map, id) CMAP_LOOP_AS_(var, member, hash, map, id)
#define CMAP_LOOP_AS_(var, member, hash, map, id) \
    for (struct cmap_search cmap_at_##id = cmap_search(map, hash); \
         ((var) = CMAP_ENTRY(cmap_search_next(&cmap_at_##id), var, member)) != NULL;)

#endif
