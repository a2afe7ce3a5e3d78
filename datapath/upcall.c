/* SPDX-License-Identifier: Apache-2.0 */
/* The ring that carries packets from a forwarding thread up to the control thread. */
#include "datapath/upcall.h"

#include <stdlib.h>
#include <string.h>

#include "lib/rcu.h"

/* Theory
 * ======
 *
 * A lane is a power of two of bytes.  'head' and 'tail' count the bytes ever put and taken; their
 * difference is what lies in between, so no byte is wasted to tell full from empty.  A record is
 * never cut: one that would cross the end of the memory is preceded by a filler up to there.
 *
 * The filler stores 'head' with release after the record, the emptier loads it with acquire before;
 * 'tail' goes the other way likewise, so bytes are overwritten only after they were read.
 *
 * The rule for shares is a dynamic threshold: the limit for everybody is what is still free.  It
 * needs no count of ports and no configuration, and it leaves something free however many ports
 * storm. */

enum {
    DEFAULT_SIZE = 1024 * 1024,  /* Bytes of a packet lane. */
    LEARN_SIZE = 256 * 1024,     /* Bytes of a lane for learnt rules: some hundred. */
    PROTOCOL_SIZE = 256 * 1024,  /* Bytes of a protocol lane: a few super-frames too. */
    MIN_SIZE = 4096,             /* Bytes of the smallest packet lane. */
    ALIGN = 8,                   /* Records begin at multiples of it. */
};

struct upcall_lane_ring {
    uint64_t head CACHE_ALIGNED; /* Bytes ever put. Atomic, the filler's. */
    uint64_t tail CACHE_ALIGNED; /* Bytes ever taken. Atomic, the emptier's. */
    uint64_t size CACHE_ALIGNED; /* Bytes of 'memory', a power of two. */
    uint8_t *memory;             /* Owned. */
};

struct upcall_ring {
    struct upcall_lane_ring lanes[N_UPCALL_LANES]; /* By enum upcall_lane. */
};

/* Gives 'lane' memory of at least 'size' bytes. */
static void lane_init(struct upcall_lane_ring *lane, size_t size)
{
    *lane = (struct upcall_lane_ring) {.size = MIN_SIZE};
    while (lane->size < size) {
        lane->size *= 2;
    }
    lane->memory = xmalloc(lane->size);
}

struct upcall_ring *upcall_ring_create(size_t size)
{
    struct upcall_ring *r = xaligned_alloc(CACHE_LINE, sizeof *r);
    lane_init(&r->lanes[UPCALL_LANE_PROTOCOL], PROTOCOL_SIZE);
    lane_init(&r->lanes[UPCALL_LANE_LEARN], LEARN_SIZE);
    lane_init(&r->lanes[UPCALL_LANE_PACKET], size ? size : DEFAULT_SIZE);
    return r;
}

void upcall_ring_destroy(struct upcall_ring *r)
{
    if (r) {
        for (int i = 0; i < N_UPCALL_LANES; i++) {
            free(r->lanes[i].memory);
        }
        free(r);
    }
}

/* The record at the count 'at' of bytes. */
static struct upcall_record *record_at(const struct upcall_lane_ring *lane, uint64_t at)
{
    return (struct upcall_record *) (void *) (lane->memory + (at & (lane->size - 1)));
}

/* Bytes that 'quota' has in its lane now. */
static uint64_t quota_used(const struct upcall_quota *quota)
{
    return RCU_READ(&quota->put) - RCU_READ(&quota->taken);
}

/* Bytes from 'head' to the end of the memory if 'need' bytes would cross it, else 0. */
static uint64_t filler_size(const struct upcall_lane_ring *lane, uint64_t head, uint64_t need)
{
    uint64_t to_end = lane->size - (head & (lane->size - 1));
    return need > to_end ? to_end : 0;
}

/* Bytes of a record up to the end of its frame of 'frame_size' bytes, aligned. */
static uint64_t size_to_frame_end(uint64_t frame_size)
{
    return ROUND_UP(sizeof(struct upcall_record) + frame_size, ALIGN);
}

const struct flow_metadata *upcall_metadata(const struct upcall_record *record)
{
    const uint8_t *at = (const uint8_t *) record + size_to_frame_end(record->frame_size);
    return record->has_metadata ? (const struct flow_metadata *) (const void *) at : NULL;
}

/* Writes the record of 'need' bytes at the count 'at'. */
static void record_write(struct upcall_lane_ring *lane, uint64_t at, uint64_t need,
                         const struct upcall_record *record, const struct packet *p,
                         const struct flow_metadata *metadata)
{
    struct upcall_record *to = record_at(lane, at);
    *to = *record;
    to->size = need;
    to->frame_size = p->size;
    to->offload = p->offload;
    to->is_filler = false;
    to->has_metadata = metadata != NULL;
    memcpy(to->frame, p->data, p->size);
    if (UNLIKELY(metadata)) {
        memcpy((uint8_t *) to + size_to_frame_end(p->size), metadata, sizeof *metadata);
    }
}

/* Writes a filler of 'size' bytes at the count 'at'. Only the two members that matter: there may be
 * no room for a whole record. */
static void filler_write(struct upcall_lane_ring *lane, uint64_t at, uint64_t size)
{
    if (size >= sizeof(struct upcall_record)) {
        struct upcall_record *filler = record_at(lane, at);
        filler->size = size;
        filler->is_filler = true;
    }
}

enum upcall_put upcall_ring_put(struct upcall_ring *r, enum upcall_lane lane_no,
                                const struct upcall_record *record, const struct packet *p,
                                const struct flow_metadata *metadata, struct upcall_quota *quota)
{
    struct upcall_lane_ring *lane = &r->lanes[lane_no];
    uint64_t head = lane->head;
    uint64_t need = size_to_frame_end(p->size) + (metadata ? sizeof *metadata : 0);
    uint64_t filler = filler_size(lane, head, need);
    uint64_t left = lane->size - (head - RCU_GET(&lane->tail));
    if (need + filler > left) {
        return UPCALL_FULL;
    }
    left -= need + filler;
    if (quota && quota_used(quota) + need > left) {
        return UPCALL_OVER_QUOTA;
    }
    filler_write(lane, head, filler);
    record_write(lane, head + filler, need, record, p, metadata);
    if (quota) {
        RCU_ADD(&quota->put, need);
    }
    RCU_SET(&lane->head, head + filler + need);
    return UPCALL_PUT;
}

uint64_t upcall_ring_position(const struct upcall_ring *r, enum upcall_lane lane_no)
{
    return r->lanes[lane_no].head;
}

bool upcall_ring_is_taken(const struct upcall_ring *r, enum upcall_lane lane_no, uint64_t position)
{
    return RCU_GET(&r->lanes[lane_no].tail) >= position;
}

/* Steps 'tail' over a filler, if there is one. */
static void skip_filler(struct upcall_lane_ring *lane)
{
    uint64_t to_end = lane->size - (lane->tail & (lane->size - 1));
    if (to_end < sizeof(struct upcall_record) || record_at(lane, lane->tail)->is_filler) {
        RCU_SET(&lane->tail, lane->tail + to_end);
    }
}

const struct upcall_record *upcall_ring_peek(struct upcall_ring *r, enum upcall_lane lane_no)
{
    struct upcall_lane_ring *lane = &r->lanes[lane_no];
    if (RCU_GET(&lane->head) == lane->tail) {
        return NULL;
    }
    skip_filler(lane);
    return record_at(lane, lane->tail);
}

void upcall_ring_pop(struct upcall_ring *r, enum upcall_lane lane_no)
{
    struct upcall_lane_ring *lane = &r->lanes[lane_no];
    RCU_SET(&lane->tail, lane->tail + record_at(lane, lane->tail)->size);
}

void upcall_quota_take(struct upcall_quota *quota, const struct upcall_record *record)
{
    RCU_ADD(&quota->taken, record->size);
}

bool upcall_ring_is_empty(struct upcall_ring *r)
{
    for (int i = 0; i < N_UPCALL_LANES; i++) {
        if (RCU_GET(&r->lanes[i].head) != r->lanes[i].tail) {
            return false;
        }
    }
    return true;
}
