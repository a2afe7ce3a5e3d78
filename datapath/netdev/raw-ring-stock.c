/* SPDX-License-Identifier: Apache-2.0 */
/* Rings that are made ahead, many at a time. */
#include "datapath/netdev/raw-ring-stock.h"

#include <stdlib.h>

#include "datapath/netdev/raw-ring.h"
#include "lib/parallel.h"
#include "lib/util.h"

/* Opens ring 'i'; one that can't be opened has no memory. */
static void open_one(void *rings_, size_t i)
{
    struct raw_ring *ring = (struct raw_ring *) rings_ + i;
    if (raw_ring_open(ring, RAW_RING_SLOTS)) {
        ring->memory = NULL;
    }
}

static void close_one(void *rings, size_t i)
{
    raw_ring_close((struct raw_ring *) rings + i);
}

void raw_ring_stock_fill(struct raw_ring_stock *stock, size_t n)
{
    stock->rings = xcalloc(MAX(n, (size_t) 1), sizeof *stock->rings);
    parallel_for(n, open_one, stock->rings);
    for (size_t i = 0; i < n; i++) {
        if (stock->rings[i].memory) {
            stock->rings[stock->n++] = stock->rings[i];
        }
    }
}

bool raw_ring_stock_take(struct raw_ring_stock *stock, unsigned n_slots, struct raw_ring *ring)
{
    bool has = stock->n && n_slots == RAW_RING_SLOTS;
    if (has) {
        *ring = stock->rings[--stock->n];
    }
    return has;
}

void raw_ring_stock_empty(struct raw_ring_stock *stock)
{
    parallel_for(stock->n, close_one, stock->rings);
    free(stock->rings);
    *stock = (struct raw_ring_stock) RAW_RING_STOCK_INIT;
}
