/* SPDX-License-Identifier: Apache-2.0 */
/* Which queue of a port sends its next packet, and when: guarantees, limits, shares. */
#include "datapath/queue-scheduler.h"

#include <stdlib.h>

#include "lib/packet/offload.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Shares.  This is start-time fair queueing (Goyal, Vin, Cheng 1996).  A queue has a weight and a
 * virtual time 'start'; the queue with the least start sends, and its start moves on by the size of
 * the packet over the weight.  So queues that always have something send in proportion to their
 * weights, whatever the sizes of packets, whatever the speed of the port, and without any rounds: a
 * packet of 64 KiB delays others by itself only.  A queue that was empty starts at 'turn', where
 * the others are: it has saved nothing, but is next, or nearly.  That is why queues with little to
 * send see a short delay even with a small weight.
 *
 * Weights.  A queue's weight is what it is guaranteed, plus an even part of what nobody is.  The
 * weights add up to the cap, so a queue's share is never less than its weight; when others rest, it
 * is more, in proportion.  Where everything is guaranteed the even part would be nothing and queues
 * without a guarantee would starve: it is a thousandth of the port at least.
 *
 * Virtual time begins anew whenever nothing waits, and is put back to 0 when it has become large:
 * it may run SHARE_MIN times as fast as the clock, and something may wait for months.
 *
 * Rates.  Buckets of the port and of a queue are asked for a whole packet, or if that does not fit
 * for a full bucket, and charged the whole packet: a super-frame larger than the bucket passes, and
 * others then wait longer.  The bucket of the port is asked for the packet whose turn it is; nobody
 * overtakes it.  A queue whose own bucket is not ready is passed over, and its start moves along,
 * for what it may not send is not lost to it but limited.
 *
 * Bursts are for the inaccuracy of sleep: as much as passes in BURST_MSEC. */

#define RATE_UNCAPPED 1000000000ULL /* Shared by queues of a port without a cap. */
#define TURN_LARGE    (INT64_MAX / 2) /* Virtual time from which on it is put back. */

enum {
    BURST_MSEC = 5,           /* Milliseconds at full rate that may go at once after a rest. */
    BURST_MIN = 2 * 1514 * 8, /* Bits of the smallest bucket. */
    LIMIT_MSEC = 50,          /* Milliseconds at full rate that a queue holds unless asked, */
    LIMIT_LEAST = 128 * 1024, /* but bytes at least */
    LIMIT_MOST = 4 << 20,     /* and at most. */
    PACKETS_MAX = 1000,       /* Packets in a queue. */
    SHARE_MIN = 1000,         /* Part of the port that is shared evenly at least: one of so many. */
};

/* Makes 'tb' a bucket for 'rate'. */
static void bucket_init(struct token_bucket *tb, uint64_t rate)
{
    token_bucket_init(tb, rate, MAX(rate * BURST_MSEC / 1000, (uint64_t) BURST_MIN));
}

/* When 'bits' may pass 'tb'. */
static int64_t bucket_ready_at(const struct token_bucket *tb, uint64_t bits)
{
    return token_bucket_ready_at(tb, MIN(bits, tb->burst));
}

/* Bytes that queue 'c' holds if the port has the cap 'cap', 0 none. */
static uint64_t default_limit(const struct queue_config *c, uint64_t cap)
{
    uint64_t rate = c->max_rate && (!cap || c->max_rate < cap) ? c->max_rate : cap;
    uint64_t bytes = rate ? rate / 8 * LIMIT_MSEC / 1000 : LIMIT_MOST;
    return MIN(MAX(bytes, (uint64_t) LIMIT_LEAST), (uint64_t) LIMIT_MOST);
}

/* What each queue of 'config' gets of what nobody is guaranteed, bit/s. */
static uint64_t even_share(const struct queues_config *config)
{
    uint64_t rest = config->max_rate ? config->max_rate : RATE_UNCAPPED;
    for (unsigned i = 0; i < config->n; i++) {
        rest -= MIN(rest, config->queues[i].min_rate);
    }
    return MAX(MAX(rest / config->n, config->max_rate / SHARE_MIN), (uint64_t) 1);
}

/* Makes 'q' a queue as 'c' says, of a port with the cap 'cap'. */
static void queue_init(struct queue *q, const struct queue_config *c, uint64_t cap, uint64_t share)
{
    *q = (struct queue) {.config = *c, .weight = c->min_rate + share};
    if (!q->config.limit) {
        q->config.limit = default_limit(c, cap);
    }
    if (c->max_rate) {
        bucket_init(&q->bucket, c->max_rate);
    }
    packet_ring_init(&q->ring, 2 * (q->config.limit + PACKET_LARGE));
}

struct queue_scheduler *queue_scheduler_create(const struct queues_config *config)
{
    size_t size = sizeof(struct queue_scheduler) + config->n * sizeof(struct queue);
    struct queue_scheduler *s = xaligned_alloc(CACHE_LINE, ROUND_UP(size, (size_t) CACHE_LINE));
    *s = (struct queue_scheduler) {
        .is_capped = config->max_rate != 0,
        .due = INT64_MAX,
        .n = config->n,
    };
    if (s->is_capped) {
        bucket_init(&s->bucket, config->max_rate);
    }
    uint64_t share = even_share(config);
    for (unsigned i = 0; i < s->n; i++) {
        queue_init(&s->queues[i], &config->queues[i], config->max_rate, share);
    }
    return s;
}

void queue_scheduler_destroy(struct queue_scheduler *s)
{
    for (unsigned i = 0; s && i < s->n; i++) {
        packet_ring_uninit(&s->queues[i].ring);
    }
    free(s);
}

unsigned queue_scheduler_find(const struct queue_scheduler *s, uint32_t id)
{
    unsigned otherwise = 0;
    for (unsigned i = 0; i < s->n; i++) {
        if (s->queues[i].config.id == id) {
            return i;
        }
        otherwise = s->queues[i].config.id == QUEUE_DEFAULT ? i : otherwise;
    }
    return otherwise;
}

/* Begins virtual time anew: nothing waits. */
static void restart(struct queue_scheduler *s)
{
    s->turn = 0;
    for (unsigned i = 0; i < s->n; i++) {
        s->queues[i].start = 0;
    }
}

/* Makes the turn of the queue that sends the time 0. A queue before it is empty or limited, so it
 * loses nothing. */
static void put_back(struct queue_scheduler *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        s->queues[i].start = MAX(s->queues[i].start - s->turn, (int64_t) 0);
    }
    s->turn = 0;
}

bool queue_scheduler_put(struct queue_scheduler *s, unsigned i, const struct packet *p)
{
    struct queue *q = &s->queues[i];
    uint32_t size = offload_wire_size(p);
    if (q->n_waiting >= PACKETS_MAX || q->bytes_waiting >= q->config.limit
        || !packet_ring_put(&q->ring, p, size)) {
        return false;
    }
    if (!s->n_waiting++) {
        restart(s);
    }
    if (!q->n_waiting++) {
        q->start = MAX(q->start, s->turn);
    }
    q->bytes_waiting += size;
    s->due = INT64_MIN;
    return true;
}

/* Bits of the first packet of 'q', which has one. */
static uint64_t first_bits(struct queue *q)
{
    uint32_t size = 0;
    packet_ring_peek(&q->ring, &size);
    return (uint64_t) size * 8;
}

/* The queue whose turn it is at the time 'now', or NULL; then 'due' tells when one is ready. */
static struct queue *pick(struct queue_scheduler *s, int64_t now)
{
    struct queue *best = NULL;
    s->due = INT64_MAX;
    for (unsigned i = 0; i < s->n; i++) {
        struct queue *q = &s->queues[i];
        if (!q->n_waiting) {
            continue;
        }
        int64_t ready = q->config.max_rate ? bucket_ready_at(&q->bucket, first_bits(q)) : INT64_MIN;
        if (ready > now) {
            q->start = MAX(q->start, s->turn);
            s->due = MIN(s->due, ready);
        } else if (!best || q->start < best->start) {
            best = q;
        }
    }
    return best;
}

/* Counts 'bits' as sent by 'q' at the time 'now'. */
static void charge(struct queue_scheduler *s, struct queue *q, uint64_t bits, int64_t now)
{
    if (s->is_capped) {
        token_bucket_charge(&s->bucket, bits, now);
    }
    if (q->config.max_rate) {
        token_bucket_charge(&q->bucket, bits, now);
    }
    s->turn = MAX(s->turn, q->start);
    if (UNLIKELY(s->turn >= TURN_LARGE)) {
        put_back(s);
    }
    q->start += (int64_t) (bits * SEC / q->weight) + 1;
    q->bytes_waiting -= bits / 8;
    q->n_waiting--;
    s->n_waiting--;
}

struct packet *queue_scheduler_next(struct queue_scheduler *s, int64_t now, unsigned *i)
{
    struct queue *q = now >= s->due ? pick(s, now) : NULL;
    if (!q) {
        return NULL;
    }
    uint64_t bits = first_bits(q);
    int64_t ready = s->is_capped ? bucket_ready_at(&s->bucket, bits) : INT64_MIN;
    if (ready > now) {
        s->due = ready;
        return NULL;
    }
    charge(s, q, bits, now);
    s->due = now;
    *i = q - s->queues;
    return packet_ring_take(&q->ring);
}

void queue_scheduler_release(struct queue_scheduler *s, unsigned i)
{
    packet_ring_release(&s->queues[i].ring);
}

int64_t queue_scheduler_due(const struct queue_scheduler *s)
{
    return s->due;
}
