/* SPDX-License-Identifier: Apache-2.0 */
/* A FIFO of packets in bounded memory, perhaps between two threads. */
#include "datapath/packet-ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/rcu.h"

/* Theory
 * ======
 *
 * The memory is a power of two of bytes; 'head', 'next' and 'tail' count bytes since ever, so full
 * and empty differ without a byte being wasted.  A record is never cut: one that would cross the
 * end of the memory is preceded by a filler up to there.
 *
 * The filler stores 'head' with release after the record, the emptier loads it with acquire before
 * it reads; 'tail' goes the other way, so bytes are overwritten only after they were read. */

enum {
    ALIGN = 16, /* Records begin at multiples of it. */
};

/* A packet in the ring. */
struct packet_record {
    uint32_t size;        /* Bytes to the next record, a multiple of ALIGN. */
    uint32_t is_filler;   /* Nothing but the rest of the memory: the other members may not fit. */
    uint32_t tag;         /* As it was put. */
    struct packet packet; /* Describes 'frame'. */
    uint8_t frame[] __attribute__((aligned(ALIGN))); /* The frame. */
};

void packet_ring_init(struct packet_ring *r, size_t size)
{
    *r = (struct packet_ring) {.size = PACKET_SMALL};
    while (r->size < size) {
        r->size *= 2;
    }
    r->memory = xaligned_alloc(ALIGN, r->size);
}

void packet_ring_uninit(struct packet_ring *r)
{
    free(r->memory);
}

/* The record at the count 'at' of bytes. */
static struct packet_record *record_at(const struct packet_ring *r, uint64_t at)
{
    return (struct packet_record *) (void *) (r->memory + (at & (r->size - 1)));
}

/* Bytes from the count 'at' to the end of the memory if 'need' bytes would cross it, else 0. */
static uint64_t filler_size(const struct packet_ring *r, uint64_t at, uint64_t need)
{
    uint64_t to_end = r->size - (at & (r->size - 1));
    return need > to_end ? to_end : 0;
}

/* Writes 'p' and 'tag' as a record of 'need' bytes at the count 'at'. */
static void record_write(struct packet_ring *r, uint64_t at, uint64_t need, const struct packet *p,
                         uint32_t tag)
{
    struct packet_record *to = record_at(r, at);
    to->size = need;
    to->is_filler = false;
    to->tag = tag;
    to->packet = *p;
    to->packet.data = to->packet.base = to->frame;
    to->packet.allocated = p->size;
    to->packet.refs = 0;
    to->packet.pool = NULL;
    memcpy(to->frame, p->data, p->size);
}

bool packet_ring_put(struct packet_ring *r, const struct packet *p, uint32_t tag)
{
    uint64_t need = ROUND_UP(sizeof(struct packet_record) + p->size, (uint64_t) ALIGN);
    uint64_t head = r->head;
    uint64_t filler = filler_size(r, head, need);
    if (need + filler > r->size - (head - RCU_GET(&r->tail))) {
        return false;
    }
    if (filler) {
        struct packet_record *f = record_at(r, head);
        f->size = filler;
        f->is_filler = true;
    }
    record_write(r, head + filler, need, p, tag);
    RCU_SET(&r->head, head + filler + need);
    return true;
}

/* Moves 'next' to the next packet, and returns its record; NULL if there is none. */
static struct packet_record *next_record(struct packet_ring *r)
{
    while (!packet_ring_is_empty(r)) {
        struct packet_record *record = record_at(r, r->next);
        if (!record->is_filler) {
            return record;
        }
        r->next += record->size;
    }
    return NULL;
}

struct packet *packet_ring_peek(struct packet_ring *r, uint32_t *tag)
{
    struct packet_record *record = next_record(r);
    if (!record) {
        return NULL;
    }
    *tag = record->tag;
    return &record->packet;
}

struct packet *packet_ring_take(struct packet_ring *r)
{
    struct packet_record *record = next_record(r);
    if (!record) {
        return NULL;
    }
    r->next += record->size;
    return &record->packet;
}

void packet_ring_release(struct packet_ring *r)
{
    RCU_SET(&r->tail, r->next);
}
