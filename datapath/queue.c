/* SPDX-License-Identifier: Apache-2.0 */
/* The queues of a port: packets of all threads wait in them and are sent by one. */
#include "datapath/queue.h"

#include <stdlib.h>

#include "datapath/queue-scheduler.h"
#include "datapath/wakeup.h"
#include "lib/rcu.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * A guarantee is about the port as a whole, so one scheduler must see all that is sent out of it.
 * Were each thread to have a part of the rates, a flow would get a part too, since its packets
 * stay with one thread.  A scheduler that threads share needs a lock, which forwarding must not
 * wait for.  So it belongs to one thread, and each other thread has a ring to it, a FIFO between
 * two: no waiting, no allocation, and a thread that sends too much fills its own ring.
 *
 * The owner looks at the rings once a round.  Before it sleeps it arms its wake-up and looks once
 * more, as wakeup.c explains.
 *
 * Counting.  Each run of packets of one queue is given to the device at once, and what the thread's
 * counters of the device grow by is the queue's.  So a super-frame counts in both as one packet or
 * as many, and what the device drops is an error of the queue that it came from. */

enum {
    HANDED_SIZE = 1 << 20, /* Bytes that a thread can hand over before the owner looks. */
};

struct port_queues {
    struct queues_config config;       /* As asked for. */
    struct queue_scheduler *scheduler; /* What waits; the owner's, except for the numbers. */
    struct wakeup *wakeup;             /* Wakes the owner; borrowed. */
    unsigned owner;                    /* Thread that sends. */
    unsigned n_threads;                /* Elements of 'handed'. */
    struct queue_counters *counters;   /* By index; owned. Atomic: tx_errors is everybody's, the
                                        * others the owner's. */
    uint64_t overruns;                 /* Packets lost in front of the device. Atomic. */
    struct port_queues *followed;      /* In whose place these are; NULL: they are gone. */
    bool counts_on;                    /* From what 'followed' counts. */
    struct queue_counters *carried;    /* By index; what those before counted. Owned. */
    uint64_t carried_overruns;         /* And lost. */
    struct packet_ring handed[];       /* By thread; tag: index of the queue. The owner's, none. */
};

struct port_queues *port_queues_create(const struct queues_config *config, unsigned owner,
                                       unsigned n_threads, struct wakeup *wakeup)
{
    size_t size = sizeof(struct port_queues) + n_threads * sizeof(struct packet_ring);
    struct port_queues *q = xaligned_alloc(CACHE_LINE, ROUND_UP(size, (size_t) CACHE_LINE));
    *q = (struct port_queues) {
        .config = *config,
        .scheduler = queue_scheduler_create(config),
        .wakeup = wakeup,
        .owner = owner,
        .n_threads = n_threads,
        .counters = xcalloc(config->n, sizeof *q->counters),
        .carried = xcalloc(config->n, sizeof *q->carried),
    };
    for (unsigned i = 0; i < n_threads; i++) {
        packet_ring_init(&q->handed[i], i == owner ? 0 : HANDED_SIZE);
    }
    return q;
}

void port_queues_destroy(struct port_queues *q)
{
    if (q) {
        for (unsigned i = 0; i < q->n_threads; i++) {
            packet_ring_uninit(&q->handed[i]);
        }
        queue_scheduler_destroy(q->scheduler);
        port_queues_destroy(q->followed);
        free(q->counters);
        free(q->carried);
        free(q);
    }
}

bool port_queues_have(const struct port_queues *q, uint32_t id)
{
    return q->config.queues[queue_scheduler_find(q->scheduler, id)].id == id;
}

const struct queues_config *port_queues_config(const struct port_queues *q)
{
    return &q->config;
}

unsigned port_queues_owner(const struct port_queues *q)
{
    return q->owner;
}

/* Adds what the queue 'i' of 'q' has done, and those of its number before it, to '*sum'. */
static void add_counters(const struct port_queues *q, unsigned i, struct queue_counters *sum)
{
    sum->tx_packets += RCU_READ(&q->counters[i].tx_packets) + q->carried[i].tx_packets;
    sum->tx_bytes += RCU_READ(&q->counters[i].tx_bytes) + q->carried[i].tx_bytes;
    sum->tx_errors += RCU_READ(&q->counters[i].tx_errors) + q->carried[i].tx_errors;
    const struct port_queues *f = q->counts_on ? q->followed : NULL;
    for (unsigned k = 0; f && k < f->config.n; k++) {
        if (f->config.queues[k].id == q->config.queues[i].id) {
            add_counters(f, k, sum);
        }
    }
}

void port_queues_get_counters(const struct port_queues *q, unsigned i, struct queue_counters *c)
{
    *c = (struct queue_counters) {.tx_packets = 0};
    add_counters(q, i, c);
}

uint64_t port_queues_overruns(const struct port_queues *q)
{
    return RCU_READ(&q->overruns) + q->carried_overruns
           + (q->followed ? port_queues_overruns(q->followed) : 0);
}

void port_queues_follow(struct port_queues *q, struct port_queues *old, bool counts_on)
{
    q->followed = old;
    q->counts_on = counts_on;
}

/* Counts 'n' packets as lost by queue 'i' in front of the device. */
static void count_overrun(struct port_queues *q, unsigned i, uint64_t n)
{
    __atomic_fetch_add(&q->counters[i].tx_errors, n, __ATOMIC_RELAXED);
    __atomic_fetch_add(&q->overruns, n, __ATOMIC_RELAXED);
}

void port_queues_output(struct port_queues *q, struct forwarder *fw, const struct packet *p)
{
    unsigned id = fw->netdev.id;
    unsigned i = queue_scheduler_find(q->scheduler, fw->queue);
    bool is_in = id == q->owner ? queue_scheduler_put(q->scheduler, i, p)
                                : packet_ring_put(&q->handed[id], p, i);
    if (!is_in) {
        count_overrun(q, i, 1);
    } else if (id != q->owner || !id) {
        wakeup_wake(q->wakeup);
    }
}

bool port_queues_has_news(const struct port_queues *q)
{
    if (queue_scheduler_due(q->scheduler) == INT64_MIN) {
        return true;
    }
    for (unsigned i = 0; i < q->n_threads; i++) {
        if (!packet_ring_is_empty(&q->handed[i])) {
            return true;
        }
    }
    return false;
}

/* Takes what the thread 'from' has handed over. */
static void take_handed(struct port_queues *q, struct packet_ring *from)
{
    uint32_t i;
    while (packet_ring_peek(from, &i)) {
        if (!queue_scheduler_put(q->scheduler, i, packet_ring_take(from))) {
            count_overrun(q, i, 1);
        }
    }
    packet_ring_release(from);
}

/* Sends the 'n' packets of 'run', taken from queue 'i'. */
static void send_run(struct port_queues *q, unsigned i, struct netdev *dev,
                     struct netdev_thread *thread, struct packet *const run[], unsigned n)
{
    if (dev) {
        struct queue_counters *c = &q->counters[i];
        const struct netdev_counters *after = netdev_thread_counters(dev, thread);
        struct netdev_counters before = *after;
        netdev_send(dev, thread, run, n);
        uint64_t lost = after->tx_dropped + after->tx_errors - before.tx_dropped - before.tx_errors;
        RCU_ADD(&c->tx_packets, after->tx_packets - before.tx_packets);
        RCU_ADD(&c->tx_bytes, after->tx_bytes - before.tx_bytes);
        if (UNLIKELY(lost)) {
            __atomic_fetch_add(&c->tx_errors, lost, __ATOMIC_RELAXED);
        }
    } else {
        count_overrun(q, i, n);
    }
    queue_scheduler_release(q->scheduler, i);
}

/* Counts what waits in 'q', which nobody uses any more, as lost. */
static void lose_waiting(struct port_queues *q)
{
    for (unsigned from = 0; from < q->n_threads; from++) {
        take_handed(q, &q->handed[from]);
    }
    for (unsigned i = 0; i < q->config.n; i++) {
        count_overrun(q, i, q->scheduler->queues[i].n_waiting);
    }
}

void port_queues_retire(struct port_queues *q)
{
    struct port_queues *old = q->followed;
    lose_waiting(old);
    for (unsigned i = 0; i < q->config.n; i++) {
        for (unsigned k = 0; q->counts_on && k < old->config.n; k++) {
            if (old->config.queues[k].id == q->config.queues[i].id) {
                add_counters(old, k, &q->carried[i]);
            }
        }
    }
    q->carried_overruns = port_queues_overruns(old);
    q->followed = NULL;
    port_queues_destroy(old);
}

uint64_t port_queues_end(struct port_queues *q)
{
    lose_waiting(q);
    uint64_t overruns = port_queues_overruns(q);
    port_queues_destroy(q);
    return overruns;
}

int64_t port_queues_run(struct port_queues *q, struct netdev *dev, struct netdev_thread *thread)
{
    struct packet *run[PACKET_BATCH_MAX], *p;
    unsigned n = 0, last = 0, i;
    for (unsigned from = 0; from < q->n_threads; from++) {
        if (!packet_ring_is_empty(&q->handed[from])) {
            take_handed(q, &q->handed[from]);
        }
    }
    while ((p = queue_scheduler_next(q->scheduler, thread->now, &i))) {
        if (n && i != last) {
            send_run(q, last, dev, thread, run, n);
            n = 0;
        }
        run[n++] = p;
        last = i;
        if (n == PACKET_BATCH_MAX) {
            send_run(q, last, dev, thread, run, n);
            n = 0;
        }
    }
    if (n) {
        send_run(q, last, dev, thread, run, n);
    }
    return queue_scheduler_due(q->scheduler);
}
