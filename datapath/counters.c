/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of rules: a dense array for each thread. */
#include "datapath/counters.h"

#include <stdlib.h>
#include <string.h>

/* Theory
 * ======
 *
 * Each word has one writer, so counting is a load and a store: no locked instruction, no line that
 * two workers write.  Sums are exact because no count is ever lost: a word is set to 0 only when
 * its index is given back, which is after a grace period in which every thread let go of the rule,
 * and whoever uses the index next got to know it by a version published after that.
 *
 * Counters come in chunks that stay where they are.  A full directory is copied to one of twice the
 * size; readers that have the old one find the same chunks, and not the new ones, whose indexes
 * they can't know yet. */

enum { NO_INDEX = UINT32_MAX };

struct counters *counters_create(unsigned n_threads, struct rcu *rcu)
{
    struct counters *c;
    size_t size = sizeof *c + n_threads * sizeof c->threads[0];
    c = xaligned_alloc(CACHE_LINE, size);
    memset(c, 0, size);
    c->rcu = rcu;
    c->n_threads = n_threads;
    c->free = NO_INDEX;
    return c;
}

void counters_destroy(struct counters *c)
{
    if (!c) {
        return;
    }
    for (unsigned i = 0; i < c->n_threads; i++) {
        for (uint32_t j = 0; j < c->n_chunks; j++) {
            free(c->threads[i].chunks[j]);
        }
        free(c->threads[i].chunks);
    }
    free(c);
}

/* Makes room for twice as many chunks in the directories. */
static void grow_directories(struct counters *c)
{
    c->allocated = MAX(c->allocated * 2, 4u);
    for (unsigned i = 0; i < c->n_threads; i++) {
        struct counter **old = c->threads[i].chunks;
        struct counter **chunks = xcalloc(c->allocated, sizeof *chunks);
        if (old) {
            memcpy(chunks, old, c->n_chunks * sizeof *chunks);
            rcu_defer(c->rcu, free, old);
        }
        RCU_SET(&c->threads[i].chunks, chunks);
    }
}

/* Puts 'index' in front of the free ones. */
static void push_free(struct counters *c, uint32_t index)
{
    counters_at(c, 0, index)->packets = c->free;
    c->free = index;
}

/* Adds a chunk for each thread; the lowest of its indexes will be used first. */
static void add_chunk(struct counters *c)
{
    if (c->n_chunks == c->allocated) {
        grow_directories(c);
    }
    for (unsigned i = 0; i < c->n_threads; i++) {
        c->threads[i].chunks[c->n_chunks] = xcalloc(COUNTERS_CHUNK, sizeof(struct counter));
    }
    uint32_t first = c->n_chunks++ * COUNTERS_CHUNK;
    for (uint32_t i = COUNTERS_CHUNK; i-- > 0;) {
        push_free(c, first + i);
    }
}

uint32_t counters_alloc(struct counters *c, int64_t now)
{
    if (c->free == NO_INDEX) {
        add_chunk(c);
    }
    uint32_t index = c->free;
    struct counter *counter = counters_at(c, 0, index);
    c->free = (uint32_t) counter->packets;
    counter->packets = 0;
    counter->last_used = now;
    return index;
}

void counters_free(struct counters *c, uint32_t index)
{
    for (unsigned i = 0; i < c->n_threads; i++) {
        struct counter *counter = counters_at(c, i, index);
        RCU_WRITE(&counter->packets, 0);
        RCU_WRITE(&counter->bytes, 0);
        RCU_WRITE(&counter->last_used, 0);
    }
    push_free(c, index);
}

void counters_sum(const struct counters *c, uint32_t index, struct rule_counters *sum)
{
    *sum = (struct rule_counters) {.last_used = RCU_READ(&counters_at(c, 0, index)->last_used)};
    for (unsigned i = 0; i < c->n_threads; i++) {
        const struct counter *counter = counters_at(c, i, index);
        int64_t last_used = RCU_READ(&counter->last_used);
        sum->packets += RCU_READ(&counter->packets);
        sum->bytes += RCU_READ(&counter->bytes);
        sum->last_used = MAX(sum->last_used, last_used);
    }
}
