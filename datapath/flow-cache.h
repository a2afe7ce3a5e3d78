/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's exact-match cache in front of the tables: flow to rules. */
#ifndef DATAPATH_FLOW_CACHE_H
#define DATAPATH_FLOW_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/packet/flow.h"

struct flow_cache;
struct rule;
struct tables;

/* One cache per thread and bridge; used by that thread alone, created and destroyed by the control
 * thread while the thread does not use it.  Grows with the working set up to 'max_entries' without
 * allocating on the packet path (address space is reserved up front with mmap and touched as it
 * grows).
 *
 * An entry bears the version read before its lookup; it is compared before anything in it is used.
 * A stale entry is kept if tables_unchanged_for() says so, else looked up anew.  When the interest
 * of the tables grows, all entries are forgotten. */

/* What happened in a cache since it was created.  Any thread may ask. */
struct flow_cache_stats {
    uint64_t hits;      /* Answers from the cache, revived ones included. */
    uint64_t misses;    /* Looked up in the tables. */
    uint64_t revived;   /* Stale entries that could stay. */
    uint64_t evictions; /* Entries displaced by others. */
    size_t n_entries;   /* In use. */
    size_t n_buckets;   /* Size now, in buckets of 8 entries. */
};

/* Returns an empty cache for at most 'max_entries' entries, rounded up to a multiple of 8. */
struct flow_cache *flow_cache_create(size_t max_entries, uint64_t seed);

/* Frees 'cache'.  Accepts NULL. */
void flow_cache_destroy(struct flow_cache *cache);

/* Rules of table 0 for 'n' flows at once (n <= PACKET_BATCH_MAX), NULL where nothing matches, as of
 * 'version' (from tables_version(), read by the caller since it was last quiescent; never lower
 * than in an earlier call).  Prefetches; falls back to tables_lookup() and remembers, misses (no
 * rule) included.  The rules may be used until the caller is quiescent.  Counts neither rules nor
 * tables. */
void flow_cache_lookup(struct flow_cache *cache, const struct tables *t, uint64_t version,
                       const struct flow *const flows[], struct rule *rules[], unsigned n);

/* Fills '*stats'. */
void flow_cache_get_stats(const struct flow_cache *cache, struct flow_cache_stats *stats);

#endif
