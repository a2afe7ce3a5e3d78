/* SPDX-License-Identifier: Apache-2.0 */
/* Packets kept for controllers that were sent only their start. */
#include "ofproto/buffers.h"

#include <stdlib.h>

#include "lib/list.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/packet.h"
#include "lib/util.h"

/* A slot is free (on 'free', least recently freed first, so that ids return as late as possible) or
 * holds a packet (on 'kept', oldest first). The generation counts its uses. */
struct slot {
    struct list node;         /* In buffers->free or buffers->kept. */
    struct packet *packet;    /* Owned; NULL if free. */
    uint32_t generation;      /* Of the packet in it, or of the last one. */
    uint32_t used_generation; /* Of the last packet that was taken. */
    uint64_t told;            /* Bit for each peer that knows the id. */
    int64_t kept_at;          /* When it came. */
};

struct buffers {
    unsigned n;         /* Slots, a power of two. */
    unsigned n_kept;    /* Packets. */
    size_t bytes;       /* Of all packets. */
    struct list free;   /* Free slots. */
    struct list kept;   /* Slots with packets. */
    struct slot *slots; /* Owned. */
};

struct buffers *buffers_create(unsigned n)
{
    struct buffers *b = xzalloc(sizeof *b);
    b->n = n;
    b->slots = xcalloc(n, sizeof *b->slots);
    list_init(&b->free);
    list_init(&b->kept);
    for (unsigned i = 0; i < n; i++) {
        list_push_back(&b->free, &b->slots[i].node);
        b->slots[i].used_generation = UINT32_MAX;
    }
    return b;
}

void buffers_destroy(struct buffers *b)
{
    if (b) {
        for (unsigned i = 0; i < b->n; i++) {
            free(b->slots[i].packet);
        }
        free(b->slots);
        free(b);
    }
}

unsigned buffers_capacity(const struct buffers *b)
{
    return b->n;
}

unsigned buffers_count(const struct buffers *b)
{
    return b->n_kept;
}

/* Takes the packet out of 'slot', which becomes free. The caller owns the result. */
static struct packet *slot_empty(struct buffers *b, struct slot *slot)
{
    struct packet *packet = slot->packet;
    slot->packet = NULL;
    b->n_kept--;
    b->bytes -= packet->size;
    list_remove(&slot->node);
    list_push_back(&b->free, &slot->node);
    return packet;
}

/* Forgets what has aged. */
static void buffers_expire(struct buffers *b, int64_t now)
{
    struct slot *slot, *next;
    LIST_FOR_EACH_SAFE (slot, next, node, &b->kept) {
        if (now - slot->kept_at < BUFFERS_AGE) {
            break;
        }
        free(slot_empty(b, slot));
    }
}

/* The id of the packet in 'slot'. Never OFP_NO_BUFFER: the generation's top bit stays 0. */
static uint32_t slot_id(const struct buffers *b, const struct slot *slot)
{
    return slot->generation * b->n + (uint32_t) (slot - b->slots);
}

/* The slot whose index 'id' bears. */
static struct slot *id_slot(const struct buffers *b, uint32_t id)
{
    return &b->slots[id & (b->n - 1)];
}

/* The slot that holds 'id' now, or NULL. */
static struct slot *id_find(const struct buffers *b, uint32_t id)
{
    struct slot *slot = id_slot(b, id);
    return slot->packet && slot_id(b, slot) == id ? slot : NULL;
}

uint32_t buffers_put(struct buffers *b, const struct packet *p, int64_t now)
{
    buffers_expire(b, now);
    struct list *node = list_front(&b->free);
    if (!node || b->bytes + p->size > BUFFERS_MAX_BYTES) {
        return OFP_NO_BUFFER;
    }
    struct slot *slot = CONTAINER_OF(node, struct slot, node);
    list_remove(node);
    list_push_back(&b->kept, node);
    slot->packet = packet_clone(p);
    slot->generation = (slot->generation + 1) & (INT32_MAX / b->n);
    slot->told = 0;
    slot->kept_at = now;
    b->n_kept++;
    b->bytes += p->size;
    return slot_id(b, slot);
}

void buffers_tell(struct buffers *b, uint32_t id, unsigned peer)
{
    struct slot *slot = id_find(b, id);
    if (slot) {
        slot->told |= UINT64_C(1) << peer;
    }
}

void buffers_drop_untold(struct buffers *b, uint32_t id)
{
    struct slot *slot = id_find(b, id);
    if (slot && !slot->told) {
        free(slot_empty(b, slot));
    }
}

void buffers_forget_peer(struct buffers *b, unsigned peer)
{
    struct slot *slot, *next;
    LIST_FOR_EACH_SAFE (slot, next, node, &b->kept) {
        slot->told &= ~(UINT64_C(1) << peer);
        if (!slot->told) {
            free(slot_empty(b, slot));
        }
    }
}

int buffers_take(struct buffers *b, uint32_t id, struct packet **p, int64_t now)
{
    buffers_expire(b, now);
    struct slot *slot = id_find(b, id);
    if (slot) {
        slot->used_generation = slot->generation;
        *p = slot_empty(b, slot);
        return 0;
    }
    *p = NULL;
    slot = id_slot(b, id);
    return id / b->n == slot->used_generation ? OFPERR_BAD_REQUEST_BUFFER_EMPTY
                                              : OFPERR_BAD_REQUEST_BUFFER_UNKNOWN;
}

bool buffers_get_port(const struct buffers *b, uint32_t id, uint32_t *in_port)
{
    const struct slot *slot = id_find(b, id);
    if (slot) {
        *in_port = slot->packet->in_port;
    }
    return slot;
}
