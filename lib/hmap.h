/* SPDX-License-Identifier: Apache-2.0 */
/* Hash maps for one thread, whose links stand inside the elements. */
#ifndef LIB_HMAP_H
#define LIB_HMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/util.h"

/* A map from hashes to elements.  An element is any struct with a struct hmap_node in it; the map
 * knows its hash but not its key, so the caller compares keys:
 *
 *     HMAP_FOR_EACH_WITH_HASH (port, node, hash_u32(number, seed), &ports) {
 *         if (port->number == number) {
 *             return port;
 *         }
 *     }
 *
 * Equal keys are not refused.  The map owns its array of buckets only: whoever inserts an element
 * keeps it alive until it is removed.  It grows as it is filled and does not shrink.
 *
 * The order of a walk depends on hashes and history: what is shown to users is sorted first.
 *
 * Threads: the owner's only. */

/* The link of an element. */
struct hmap_node {
    struct hmap_node *next; /* Next in the same bucket, or NULL. */
    uint32_t hash;          /* Hash of the element's key. */
};

/* A map. */
struct hmap {
    struct hmap_node **buckets; /* First of each bucket; owned, or &one. */
    struct hmap_node *one;      /* The bucket of a map that never grew, so it needs no memory. */
    uint32_t mask;              /* Number of buckets, a power of two, minus 1. */
    size_t count;               /* Number of elements. */
};

/* Makes 'map' an empty map.  It can't be moved in memory afterwards. */
void hmap_init(struct hmap *map);

/* Frees what the map itself allocated.  The elements, if any are left, stay with the caller. */
void hmap_uninit(struct hmap *map);

/* Inserts 'node' with 'hash' (of a longer hash, the lower 32 bits).  Amortised O(1). */
void hmap_insert(struct hmap *map, struct hmap_node *node, uint32_t hash);

/* Removes 'node', which must be in 'map'. */
void hmap_remove(struct hmap *map, struct hmap_node *node);

/* Gives most of the buckets back if there are many more than elements, so that a walk costs what
 * the elements cost.  Not within a walk. */
void hmap_shrink(struct hmap *map);

/* Returns the first element of the whole map, or NULL.  It looks for a bucket that is not empty, so
 * a loop that takes the first until none is left is quadratic: use HMAP_FOR_EACH_SAFE. */
struct hmap_node *hmap_first(const struct hmap *map);

/* Returns the element after 'node' in the walk over the whole map, or NULL. */
struct hmap_node *hmap_next(const struct hmap *map, const struct hmap_node *node);

/* Returns the number of elements. */
static inline size_t hmap_count(const struct hmap *map)
{
    return map->count;
}

/* Returns the number of buckets, which a walk looks at. */
static inline size_t hmap_buckets(const struct hmap *map)
{
    return (size_t) map->mask + 1;
}

/* Is there no element? */
static inline bool hmap_is_empty(const struct hmap *map)
{
    return map->count == 0;
}

/* Returns 'node' or the first node after it in its bucket whose hash is 'hash', or NULL. */
static inline struct hmap_node *hmap_skip_to_hash(struct hmap_node *node, uint32_t hash)
{
    while (node && node->hash != hash) {
        node = node->next;
    }
    return node;
}

/* Returns the first node with 'hash', or NULL. */
static inline struct hmap_node *hmap_first_with_hash(const struct hmap *map, uint32_t hash)
{
    return hmap_skip_to_hash(map->buckets[hash & map->mask], hash);
}

/* The struct whose 'member' is at 'node', or NULL if 'node' is NULL. */
#define HMAP_ENTRY(node, var, member) \
    ({ \
        struct hmap_node *hmap_entry_ = (node); \
        hmap_entry_ ? CONTAINER_OF(hmap_entry_, __typeof__(*(var)), member) : NULL; \
    })

/* Runs over all elements with the hash 'hash_' (its lower 32 bits count; evaluated once).  'var'
 * may be removed in the body only if the body then leaves the loop.  Afterwards, unless left by
 * break, 'var' is NULL; that holds for the two loops below as well. */
#define HMAP_FOR_EACH_WITH_HASH(var, member, hash_, map) \
    for ((var) = HMAP_ENTRY(hmap_first_with_hash(map, (uint32_t) (hash_)), var, member); (var); \
         (var) = HMAP_ENTRY(hmap_skip_to_hash((var)->member.next, (var)->member.hash), var, member))

/* Runs over all elements.  In the body nothing may be inserted or removed. */
#define HMAP_FOR_EACH(var, member, map) \
    for ((var) = HMAP_ENTRY(hmap_first(map), var, member); (var); \
         (var) = HMAP_ENTRY(hmap_next(map, &(var)->member), var, member))

/* Runs over all elements; in the body 'var', and nothing else, may be removed and freed.  'next_'
 * is another pointer like 'var', for the macro's own use. */
#define HMAP_FOR_EACH_SAFE(var, next_, member, map) \
    for ((var) = HMAP_ENTRY(hmap_first(map), var, member); \
         (var) && ((next_) = HMAP_ENTRY(hmap_next(map, &(var)->member), var, member), true); \
         (var) = (next_))

#endif
