/* SPDX-License-Identifier: Apache-2.0 */
/* A FIFO of packets in bounded memory, perhaps between two threads. */
#ifndef DATAPATH_PACKET_RING_H
#define DATAPATH_PACKET_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/packet/packet.h"
#include "lib/util.h"

/* Copies of packets, frames and all, stand one behind the other in one block of memory.  Nothing is
 * allocated after packet_ring_create(), and memory that is never used is never touched.
 *
 * Threads: packet_ring_put() by one, the filler; the functions behind it by one, the emptier, which
 * may be the same; create and destroy while nobody uses the ring.  No function waits. */
struct packet_ring {
    uint64_t head CACHE_ALIGNED; /* Bytes ever put. Atomic, the filler's. */
    uint64_t tail CACHE_ALIGNED; /* Bytes ever freed. Atomic, the emptier's. */
    uint64_t next;               /* Bytes ever taken. The emptier's own. */
    uint64_t size CACHE_ALIGNED; /* Bytes of 'memory', a power of two. */
    uint8_t *memory;             /* Owned. */
};

/* Makes '*r' an empty ring of at least 'size' bytes. */
void packet_ring_init(struct packet_ring *r, size_t size);

/* Frees the memory with all that is in it. */
void packet_ring_uninit(struct packet_ring *r);

/* Puts a copy of 'p' and 'tag' behind the others. False if there is no room for it. */
bool packet_ring_put(struct packet_ring *r, const struct packet *p, uint32_t tag);

/* Emptier: the oldest packet not yet taken with its '*tag', or NULL. Nothing is taken. */
struct packet *packet_ring_peek(struct packet_ring *r, uint32_t *tag);

/* Takes the packet that packet_ring_peek() would give now, and does give: it stays as it is until
 * packet_ring_release(). It has refs 0, no pool and no headroom. */
struct packet *packet_ring_take(struct packet_ring *r);

/* Frees the memory of all packets taken. */
void packet_ring_release(struct packet_ring *r);

/* True if there is no packet that could be taken. */
static inline bool packet_ring_is_empty(const struct packet_ring *r)
{
    return __atomic_load_n(&r->head, __ATOMIC_ACQUIRE) == r->next;
}

#endif
