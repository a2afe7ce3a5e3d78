/* SPDX-License-Identifier: Apache-2.0 */
/* The last changes of the rules, for readers that want to know whether one concerns a flow. */
#ifndef DATAPATH_CHANGE_RING_H
#define DATAPATH_CHANGE_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/packet/match.h"

enum {
    CHANGE_RING_SIZE = 256 /* Changes that are remembered, a power of two. */
};

/* A change: a rule with this match was added or removed. */
struct change {
    uint64_t number;   /* Number of the change, from 1 on; 0 while it is written.  Atomic. */
    uint64_t version;  /* Version that shows the change.  Atomic. */
    uint64_t map;      /* Words of the match with a mask.  Atomic. */
    uint64_t words[2 * FLOW_WORDS]; /* The values of these words, then the masks.  Atomic. */
};

/* Threads: change_ring_add() for the control thread, change_ring_concerns() for any. */
struct change_ring {
    uint64_t head;                           /* Number of the last change.  Atomic. */
    struct change changes[CHANGE_RING_SIZE]; /* Change n at n modulo the size. */
};

/* Remembers that a rule with 'match' comes or goes with 'version', which never falls. */
void change_ring_add(struct change_ring *ring, uint64_t version, const struct minimatch *match);

/* True if one of the changes after version 'from' up to 'to' may concern 'flow': its match fits, it
 * is no longer remembered, or there are more than 'limit' of them.  The caller has read a version
 * that is at least 'to'. */
bool change_ring_concerns(const struct change_ring *ring, uint64_t from, uint64_t to,
                          const struct flow *flow, unsigned limit);

#endif
