/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's cache for resubmits: table and flow to rule. */
#ifndef DATAPATH_TABLE_CACHE_H
#define DATAPATH_TABLE_CACHE_H

#include <stddef.h>
#include <stdint.h>

struct flow;
struct rule;
struct table_cache;
struct tables;

/* One cache per thread and bridge, for all its tables; used by that thread alone, created and
 * destroyed by the control thread while the thread does not use it.  Nothing is allocated later:
 * address space is reserved and touched when a resubmit needs it, more of it as more flows are met
 * in more tables.
 *
 * An entry is about one table and the bits that the rules of this table look at.  It bears the
 * version read before its lookup, like that of a struct flow_cache, and becomes stale only by
 * changes of its own table. */

/* What happened in a cache since it was created.  Any thread may ask. */
struct table_cache_stats {
    uint64_t hits;   /* Answers from the cache. */
    uint64_t misses; /* Looked up in the table and remembered. */
    uint64_t past;   /* Looked up in the table without asking the cache. */
    size_t n_slots;  /* Entries that there is room for now. */
};

/* Returns an empty cache for about 'max_entries' entries, a power of two at least. */
struct table_cache *table_cache_create(size_t max_entries, uint64_t seed);

/* Frees 'cache'.  Accepts NULL. */
void table_cache_destroy(struct table_cache *cache);

/* What tables_lookup() says about 'flow' in table 'table_id' as of 'version' (from
 * tables_version(), read by the caller since it was last quiescent).  The rule may be used until
 * the caller is quiescent.  Counts neither rules nor tables. */
struct rule *table_cache_lookup(struct table_cache *cache, const struct tables *t,
                                uint8_t table_id, uint64_t version, const struct flow *flow);

/* Fills '*stats'. */
void table_cache_get_stats(const struct table_cache *cache, struct table_cache_stats *stats);

#endif
