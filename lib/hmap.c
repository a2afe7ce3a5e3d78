/* SPDX-License-Identifier: Apache-2.0 */
/* Hash maps for one thread, whose links stand inside the elements. */
#include "lib/hmap.h"

#include <stdlib.h>

/* Buckets are chains of nodes.  The array doubles when there are more nodes than buckets, so that a
 * chain has one node on average; nodes keep their hash, so nothing is hashed again.  An empty map
 * points at a bucket inside itself and costs no memory.  Removing leaves the array as it is, for it
 * may happen within a walk; who walks over a map that was once large shrinks it. */

enum { SPARSE = 8 /* Buckets per node from which on a map is worth shrinking. */ };

void hmap_init(struct hmap *map)
{
    map->buckets = &map->one;
    map->one = NULL;
    map->mask = 0;
    map->count = 0;
}

void hmap_uninit(struct hmap *map)
{
    if (map->buckets != &map->one) {
        free(map->buckets);
    }
    hmap_init(map);
}

/* Puts 'node' first in its bucket. */
static void link_node(struct hmap *map, struct hmap_node *node)
{
    struct hmap_node **bucket = &map->buckets[node->hash & map->mask];
    node->next = *bucket;
    *bucket = node;
}

/* Gives 'map' 'n' buckets, a power of two. */
static void resize(struct hmap *map, size_t n)
{
    struct hmap old = *map;
    struct hmap_node **from = old.buckets == &map->one ? &old.one : old.buckets;
    map->buckets = xcalloc(n, sizeof *map->buckets);
    map->mask = (uint32_t) (n - 1);
    for (size_t i = 0; i <= old.mask; i++) {
        for (struct hmap_node *node = from[i], *next; node; node = next) {
            next = node->next;
            link_node(map, node);
        }
    }
    if (from != &old.one) {
        free(from);
    }
}

void hmap_insert(struct hmap *map, struct hmap_node *node, uint32_t hash)
{
    if (UNLIKELY(map->count > map->mask && map->mask < UINT32_MAX / 2)) {
        resize(map, ((size_t) map->mask + 1) * 2);
    }
    node->hash = hash;
    link_node(map, node);
    map->count++;
}

void hmap_remove(struct hmap *map, struct hmap_node *node)
{
    struct hmap_node **link = &map->buckets[node->hash & map->mask];
    while (*link != node) {
        link = &(*link)->next;
    }
    *link = node->next;
    map->count--;
}

void hmap_shrink(struct hmap *map)
{
    size_t n = 1;
    while (n < map->count) {
        n *= 2;
    }
    if (hmap_buckets(map) >= SPARSE * n) {
        resize(map, n);
    }
}

/* Returns the first node of the buckets from 'i' on, or NULL. */
static struct hmap_node *first_from(const struct hmap *map, size_t i)
{
    for (; i <= map->mask; i++) {
        if (map->buckets[i]) {
            return map->buckets[i];
        }
    }
    return NULL;
}

struct hmap_node *hmap_first(const struct hmap *map)
{
    return first_from(map, 0);
}

struct hmap_node *hmap_next(const struct hmap *map, const struct hmap_node *node)
{
    return node->next ? node->next : first_from(map, (size_t) (node->hash & map->mask) + 1);
}
