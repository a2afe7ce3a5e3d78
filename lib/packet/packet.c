/* SPDX-License-Identifier: Apache-2.0 */
/* Packets, their pools and copies, and what moves when a frame grows or shrinks at its start. */
#include "lib/packet/packet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/packet/headers.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * A pool is one block: the struct, the packets, the small buffers, the large ones.  Each packet is
 * bound to its buffer for ever, so taking one is a pop from a list and a few stores.  The lists are
 * LIFO, for the buffer that was used last is the one still in the CPU's cache.  Memory of buffers
 * never used is never touched, so large ones cost address space until they are needed.
 *
 * All offsets are relative to packet->data.  That makes tags the one place where they shift. */

struct packet_pool {
    struct packet *free[2];     /* Packets in the pool; [1]: with large buffers. */
    size_t n_free;              /* How many packets both lists hold. */
};

/* Resets everything of 'p' that describes a frame. */
static void packet_reset(struct packet *p, uint8_t *data, size_t size)
{
    p->data = data;
    p->size = size;
    p->in_port = 0;
    p->l3_offset = p->l4_offset = UINT16_MAX;
    p->offload = (struct packet_offload) {.gso = PACKET_GSO_NONE};
    p->refs = 0;
    p->hops = 0;
    p->ring_slot = 0;
    p->captured = 0;
    p->next_free = NULL;
}

void packet_use(struct packet *p, void *base, size_t allocated, void *data, size_t size)
{
    p->base = base;
    p->allocated = allocated;
    p->large = false;
    p->pool = NULL;
    packet_reset(p, data, size);
}

size_t packet_headroom(const struct packet *p)
{
    return p->data - p->base;
}

size_t packet_tailroom(const struct packet *p)
{
    return p->allocated - packet_headroom(p) - p->size;
}

/* An offset after the frame's start moved by 'n' bytes (negative: towards the end). */
static uint16_t offset_moved(uint16_t offset, long n)
{
    long moved = offset + n;
    return offset == UINT16_MAX || moved < 0 || moved >= UINT16_MAX ? UINT16_MAX : moved;
}

/* Moves all offsets of 'p' by 'n' bytes. */
static void packet_shift(struct packet *p, long n)
{
    struct packet_offload *o = &p->offload;
    p->l3_offset = offset_moved(p->l3_offset, n);
    p->l4_offset = offset_moved(p->l4_offset, n);
    if (o->flags & PACKET_CSUM_PARTIAL) {
        o->csum_start = offset_moved(o->csum_start, n);
        if (o->csum_start == UINT16_MAX) {
            *o = (struct packet_offload) {.gso = PACKET_GSO_NONE};
        }
    }
    if (o->header_size) {
        uint16_t moved = offset_moved(o->header_size, n);
        o->header_size = moved == UINT16_MAX ? 0 : moved;
    }
}

void packet_push(struct packet *p, size_t n)
{
    p->data -= n;
    p->size += n;
    packet_shift(p, n);
}

void packet_pull(struct packet *p, size_t n)
{
    p->data += n;
    p->size -= n;
    packet_shift(p, -(long) n);
}

int packet_push_vlan(struct packet *p, uint16_t tpid, uint16_t tci)
{
    enum { ADDRS = 2 * ETHER_ADDR_SIZE, TAG = sizeof(struct vlan_header) };
    if (p->size < sizeof(struct eth_header)) {
        return EINVAL;
    }
    if (packet_headroom(p) < TAG) {
        return ENOBUFS;
    }
    packet_push(p, TAG);
    memmove(p->data, p->data + TAG, ADDRS);
    put_be16(p->data + ADDRS, tpid);
    put_be16(p->data + ADDRS + 2, tci);
    return 0;
}

void packet_pop_vlan(struct packet *p)
{
    enum { ADDRS = 2 * ETHER_ADDR_SIZE, TAG = sizeof(struct vlan_header) };
    if (p->size >= sizeof(struct eth_header) + TAG
        && headers_is_tpid(get_be16(p->data + ADDRS))) {
        memmove(p->data + TAG, p->data, ADDRS);
        packet_pull(p, TAG);
    }
}

/* Binds 'n' packets at '*p' to buffers of 'size' bytes at '*memory', puts them into the pool, and
 * steps '*p' and '*memory' behind them. */
static void pool_fill(struct packet_pool *pool, struct packet **p, uint8_t **memory, size_t n,
                      size_t size)
{
    for (size_t i = 0; i < n; i++) {
        packet_use(*p, *memory, size, *memory, 0);
        (*p)->pool = pool;
        (*p)->large = size == PACKET_LARGE;
        packet_pool_put((*p)++);
        *memory += size;
    }
}

struct packet_pool *packet_pool_create(size_t n_small, size_t n_large)
{
    size_t descriptors = (n_small + n_large) * sizeof(struct packet);
    size_t head = ROUND_UP(sizeof(struct packet_pool) + descriptors, CACHE_LINE);
    size_t size = head + n_small * PACKET_SMALL + n_large * PACKET_LARGE;
    struct packet_pool *pool = xaligned_alloc(CACHE_LINE, ROUND_UP(size, CACHE_LINE));
    *pool = (struct packet_pool) {.n_free = 0};

    struct packet *p = (struct packet *) (pool + 1);
    uint8_t *memory = (uint8_t *) pool + head;
    pool_fill(pool, &p, &memory, n_small, PACKET_SMALL);
    pool_fill(pool, &p, &memory, n_large, PACKET_LARGE);
    return pool;
}

void packet_pool_destroy(struct packet_pool *pool)
{
    free(pool);
}

size_t packet_pool_count(const struct packet_pool *pool)
{
    return pool->n_free;
}

struct packet *packet_pool_get(struct packet_pool *pool, size_t size)
{
    if (size > PACKET_LARGE - PACKET_HEADROOM) {
        return NULL;
    }
    struct packet **list = &pool->free[size > PACKET_SMALL - PACKET_HEADROOM];
    struct packet *p = *list;
    if (p) {
        *list = p->next_free;
        pool->n_free--;
        packet_reset(p, p->base + PACKET_HEADROOM, 0);
    }
    return p;
}

void packet_pool_put(struct packet *p)
{
    struct packet_pool *pool = p->pool;
    if (pool) {
        p->next_free = pool->free[p->large];
        pool->free[p->large] = p;
        pool->n_free++;
    }
}

void packet_copy_frame(struct packet *to, const struct packet *from)
{
    memcpy(to->data, from->data, from->size);
    to->size = from->size;
    to->offload = from->offload;
    packet_follow(to, from);
}

struct packet *packet_copy(struct packet_pool *pool, const struct packet *p)
{
    struct packet *copy = packet_pool_get(pool, p->size);
    if (copy) {
        packet_copy_frame(copy, p);
    }
    return copy;
}

struct packet *packet_clone(const struct packet *p)
{
    size_t allocated = PACKET_HEADROOM + p->size;
    struct packet *clone = xmalloc(sizeof *clone + allocated);
    uint8_t *base = (uint8_t *) (clone + 1);
    packet_use(clone, base, allocated, base + PACKET_HEADROOM, 0);
    packet_copy_frame(clone, p);
    return clone;
}
