/* SPDX-License-Identifier: Apache-2.0 */
/* Rings that are made ahead, many at a time. */
#ifndef DATAPATH_NETDEV_RAW_RING_STOCK_H
#define DATAPATH_NETDEV_RAW_RING_STOCK_H

#include <stdbool.h>
#include <stddef.h>

struct raw_ring;

/* To make a ring is to wait some ten milliseconds for the kernel, but those who wait together wait
 * no longer. So before many devices are opened, one after the other, their rings are made.
 *
 * Life cycle: RAW_RING_STOCK_INIT, raw_ring_stock_fill(), takes, raw_ring_stock_empty(). Threads:
 * the control thread. */
struct raw_ring_stock {
    struct raw_ring *rings; /* Bound to nothing; owned. */
    size_t n;               /* How many are left. */
};

#define RAW_RING_STOCK_INIT {.n = 0}

/* Fills an empty stock with 'n' rings of RAW_RING_SLOTS slots, in the calling thread's network
 * namespace, or with as many as can be made. */
void raw_ring_stock_fill(struct raw_ring_stock *stock, size_t n);

/* Takes '*ring', which is the caller's then, if there is one for 'n_slots' slots. */
bool raw_ring_stock_take(struct raw_ring_stock *stock, unsigned n_slots, struct raw_ring *ring);

/* Closes what is left. */
void raw_ring_stock_empty(struct raw_ring_stock *stock);

#endif
