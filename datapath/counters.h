/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of rules: a dense array for each thread. */
#ifndef DATAPATH_COUNTERS_H
#define DATAPATH_COUNTERS_H

#include <stdint.h>

#include "datapath/rule.h"
#include "lib/rcu.h"
#include "lib/util.h"

enum {
    COUNTERS_CHUNK = 4096 /* Counters that are allocated together. */
};

/* One thread's count for one rule. */
struct counter {
    uint64_t packets;  /* Packets.  Atomic. */
    uint64_t bytes;    /* Bytes.  Atomic. */
    int64_t last_used; /* When last, nanoseconds; 0 if not by this thread.  Atomic. */
};

/* One thread's counters. */
struct counters_thread {
    struct counter **chunks; /* Directory of the chunks: it moves, they do not.  Atomic. */
} CACHE_ALIGNED;

/* The counters of all rules of all threads.  A rule has an index, the same for each thread.
 *
 * Threads: counters_add() and counters_at() belong to the thread whose number they take, an online
 * reader of the RCU domain; all else, and counters_at() of any, to the control thread, which is
 * thread 0. */
struct counters {
    struct rcu *rcu;    /* Domain of the threads; borrowed. */
    unsigned n_threads; /* Threads that count. */
    uint32_t n_chunks;  /* Chunks there are. */
    uint32_t allocated; /* Chunks that fit into the directories. */
    uint32_t free;      /* First free index, or UINT32_MAX; the next is in thread 0's 'packets'. */
    struct counters_thread threads[]; /* By number. */
};

/* Returns counters for 'n_threads' threads. */
struct counters *counters_create(unsigned n_threads, struct rcu *rcu);

/* Frees them at once: no thread may use them any more.  Accepts NULL. */
void counters_destroy(struct counters *c);

/* Returns a free index, whose counters are 0 and were last used at 'now'. */
uint32_t counters_alloc(struct counters *c, int64_t now);

/* Gives 'index' back.  No thread may count with it any more, nor have counted since its last
 * quiescence that the caller waited for. */
void counters_free(struct counters *c, uint32_t index);

/* Sums over all threads.  Exact for what happened before; each thread's numbers only grow. */
void counters_sum(const struct counters *c, uint32_t index, struct rule_counters *sum);

/* The counter of 'thread' for 'index'. */
static inline struct counter *counters_at(const struct counters *c, unsigned thread,
                                          uint32_t index)
{
    struct counter **chunks = RCU_GET(&c->threads[thread].chunks);
    return &chunks[index / COUNTERS_CHUNK][index % COUNTERS_CHUNK];
}

/* Counts 'packets' of together 'bytes' at the time 'now' for 'index'. */
static inline void counters_add(struct counters *c, unsigned thread, uint32_t index,
                                uint64_t packets, uint64_t bytes, int64_t now)
{
    struct counter *counter = counters_at(c, thread, index);
    RCU_ADD(&counter->packets, packets);
    RCU_ADD(&counter->bytes, bytes);
    RCU_WRITE(&counter->last_used, MAX(RCU_READ(&counter->last_used), now));
}

#endif
