/* SPDX-License-Identifier: Apache-2.0 */
/* Hash map that one thread changes while others read it. */
#include "lib/cmap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Theory
 * ======
 *
 * A table is an array of buckets of one cache line: five pointers to nodes, the upper 16 bits of
 * their hashes (so that a search touches almost no node in vain), and a link to an overflow bucket.
 *
 * Insertion writes the tag, then the node's pointer with release; a reader that acquires the
 * pointer sees the node whole.  A reader that sees a new tag with an old pointer, or the other way
 * round, looks at a slot that is being reused: what was there was removed, what will be there was
 * not inserted before the search, and the full hash in the node tells them apart.
 *
 * Growth.  When a table has more than three nodes a bucket, one of twice the size is published,
 * which points at the old one.  Each change then moves the bucket that it concerns, if it was not
 * moved yet, and two more in order; so the old table is empty long before the new one is full.  To
 * move a bucket is to copy its pointers into the two new buckets and then to mark it: its own slots
 * stay as they are, frozen.  From then on changes of those hashes go to the new table only.
 *
 * A reader asks the mark first.  If it is set, the copies happened before, and the new bucket is
 * complete.  If it is not set, the old bucket holds everything inserted before the search began: a
 * later mover freezes it but takes nothing out.  What it holds too long (nodes removed after the
 * move) lives for a grace period, and readers that begin after the removal see the mark.  The same
 * goes for a reader that loaded 'table' before the growth and searches the frozen table.
 *
 * The old table, and each moved bucket's overflow, is freed after a grace period.  Large tables are
 * mapped, hence zeroed page by page when they are first touched: doubling a table of a million
 * nodes stalls nobody.
 *
 * Shrinking.  Tables stay, but an overflow bucket that has become empty is unlinked: else each
 * chain would for ever be as long as it was in its worst moment, and searches slower with the years
 * though the map has no more nodes.  A reader that stands in it finds the rest of the chain by its
 * link, which stays; what is linked behind another bucket later was inserted after the search
 * began. */

enum {
    MAX_LOAD = 3,         /* Nodes per bucket at which the table doubles. */
    MOVES = 2,            /* Buckets moved by each change while it grows. */
    MAP_SIZE = 64 * 1024, /* Bytes from which on a table is mapped, not malloc()ed. */
};

_Static_assert(sizeof(struct cmap_bucket) == CACHE_LINE, "a bucket is one cache line");

/* An overflow bucket, in the list of those that the map owns. */
struct cmap_overflow {
    struct cmap_bucket bucket;   /* What the chain links. */
    struct cmap_overflow *next;  /* In the list of all. */
    struct cmap_overflow **link; /* What points at this one in the list. */
};

/* A table of 'n' empty buckets. */
static struct cmap_table *table_create(uint64_t n)
{
    size_t size = sizeof(struct cmap_table) + n * sizeof(struct cmap_bucket);
    struct cmap_table *table;
    if (size < MAP_SIZE) {
        table = xaligned_alloc(CACHE_LINE, size);
        memset(table, 0, size);
    } else {
        table = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (table == MAP_FAILED) {
            out_of_memory(size);
        }
    }
    table->mask = (uint32_t) (n - 1);
    table->size = size;
    return table;
}

/* Frees a table, without the overflow of its buckets; for rcu_defer(). */
static void table_free(void *table_)
{
    struct cmap_table *table = table_;
    if (table->size < MAP_SIZE) {
        free(table);
    } else {
        munmap(table, table->size);
    }
}

void cmap_init(struct cmap *map, struct rcu *rcu)
{
    *map = (struct cmap) {.table = table_create(1), .rcu = rcu};
}

void cmap_uninit(struct cmap *map)
{
    struct cmap_overflow *o = map->overflow;
    while (o) {
        struct cmap_overflow *next = o->next;
        free(o);
        o = next;
    }
    if (map->table->old) {
        table_free(map->table->old);
    }
    table_free(map->table);
    *map = (struct cmap) {.table = NULL};
}

/* Appends an overflow bucket with 'node' to the chain that ends with 'last'. */
static void overflow_add(struct cmap *map, struct cmap_bucket *last, struct cmap_node *node,
                         uint32_t hash)
{
    struct cmap_overflow *o = xaligned_alloc(CACHE_LINE, sizeof *o);
    *o = (struct cmap_overflow) {
        .bucket = {.nodes[0] = node, .tags[0] = cmap_tag(hash)},
        .next = map->overflow,
        .link = &map->overflow,
    };
    if (o->next) {
        o->next->link = &o->next;
    }
    map->overflow = o;
    RCU_SET(&last->next, &o->bucket);
}

/* Gives the overflow 'bucket', which newer readers do not get to, back after a grace period. */
static void overflow_free(struct cmap *map, struct cmap_bucket *bucket)
{
    struct cmap_overflow *o = CONTAINER_OF(bucket, struct cmap_overflow, bucket);
    *o->link = o->next;
    if (o->next) {
        o->next->link = o->link;
    }
    rcu_defer(map->rcu, free, o);
}

/* Gives the overflow of the moved 'bucket' back after a grace period. */
static void overflow_drop(struct cmap *map, const struct cmap_bucket *bucket)
{
    for (struct cmap_bucket *b = bucket->next; b; b = b->next) {
        overflow_free(map, b);
    }
}

/* Puts 'node' into the first free slot of the chain that begins with 'bucket'. */
static void chain_add(struct cmap *map, struct cmap_bucket *bucket, struct cmap_node *node,
                      uint32_t hash)
{
    for (;;) {
        map->steps++;
        for (size_t i = 0; i < CMAP_SLOTS; i++) {
            if (!bucket->nodes[i]) {
                RCU_WRITE(&bucket->tags[i], cmap_tag(hash));
                RCU_SET(&bucket->nodes[i], node);
                return;
            }
        }
        if (!bucket->next) {
            overflow_add(map, bucket, node, hash);
            return;
        }
        bucket = bucket->next;
    }
}

/* Copies what 'bucket' of the old table holds to the new one and marks it, unless it is marked. */
static void bucket_move(struct cmap *map, struct cmap_bucket *bucket)
{
    struct cmap_table *table = map->table;
    map->steps++;
    if (bucket->moved) {
        return;
    }
    for (const struct cmap_bucket *b = bucket; b; b = b->next) {
        for (size_t i = 0; i < CMAP_SLOTS; i++) {
            if (b->nodes[i]) {
                uint32_t hash = b->nodes[i]->hash;
                chain_add(map, &table->buckets[hash & table->mask], b->nodes[i], hash);
            }
        }
    }
    RCU_SET(&bucket->moved, 1);
    overflow_drop(map, bucket);
}

/* Goes on with moving the old table, 'hash' first: a change of 'hash' then concerns the new one. */
static void table_move(struct cmap *map, uint32_t hash)
{
    struct cmap_table *table = map->table;
    struct cmap_table *old = table->old;
    if (!old) {
        return;
    }
    bucket_move(map, &old->buckets[hash & old->mask]);
    for (int i = 0; i < MOVES && table->n_moved <= old->mask; i++) {
        bucket_move(map, &old->buckets[table->n_moved++]);
    }
    if (table->n_moved > old->mask) {
        RCU_SET(&table->old, NULL);
        rcu_defer(map->rcu, table_free, old);
    }
}

/* Publishes a table of twice the size if this one is full. */
static void table_grow(struct cmap *map)
{
    struct cmap_table *old = map->table;
    uint64_t n = (uint64_t) old->mask + 1;
    if (map->count < n * MAX_LOAD || old->old || n > UINT32_MAX / 2) {
        return;
    }
    struct cmap_table *table = table_create(n * 2);
    table->old = old;
    RCU_SET(&map->table, table);
}

void cmap_insert(struct cmap *map, struct cmap_node *node, uint32_t hash)
{
    table_grow(map);
    table_move(map, hash);
    if (node->hash != hash) {
        node->hash = hash;
    }
    chain_add(map, &map->table->buckets[hash & map->table->mask], node, hash);
    map->count++;
}

/* Where a node is. */
struct place {
    struct cmap_bucket *before; /* The bucket in front of it in the chain; NULL: it is the first. */
    struct cmap_bucket *bucket; /* Its bucket. */
    size_t slot;                /* Its slot there. */
};

/* The place of 'node'; moves its bucket to the newest table first. */
static struct place place_find(struct cmap *map, const struct cmap_node *node)
{
    table_move(map, node->hash);
    struct place at = {.bucket = &map->table->buckets[node->hash & map->table->mask]};
    for (; at.bucket; at.before = at.bucket, at.bucket = at.bucket->next) {
        map->steps++;
        for (at.slot = 0; at.slot < CMAP_SLOTS; at.slot++) {
            if (at.bucket->nodes[at.slot] == node) {
                return at;
            }
        }
    }
    abort();
}

static bool bucket_is_empty(const struct cmap_bucket *bucket)
{
    for (size_t i = 0; i < CMAP_SLOTS; i++) {
        if (bucket->nodes[i]) {
            return false;
        }
    }
    return true;
}

void cmap_remove(struct cmap *map, struct cmap_node *node)
{
    struct place at = place_find(map, node);
    RCU_SET(&at.bucket->nodes[at.slot], NULL);
    map->count--;
    if (at.before && bucket_is_empty(at.bucket)) {
        RCU_SET(&at.before->next, at.bucket->next);
        overflow_free(map, at.bucket);
    }
}

void cmap_replace(struct cmap *map, struct cmap_node *old, struct cmap_node *node)
{
    if (node->hash != old->hash) {
        node->hash = old->hash;
    }
    struct place at = place_find(map, old);
    RCU_SET(&at.bucket->nodes[at.slot], node);
}
