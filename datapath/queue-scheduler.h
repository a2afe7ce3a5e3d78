/* SPDX-License-Identifier: Apache-2.0 */
/* Which queue of a port sends its next packet, and when: guarantees, limits, shares. */
#ifndef DATAPATH_QUEUE_SCHEDULER_H
#define DATAPATH_QUEUE_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#include "datapath/packet-ring.h"
#include "datapath/queue-config.h"
#include "lib/token-bucket.h"

/* A scheduler holds copies of packets until they may go: in order within a queue, all queues
 * together no faster than the port's cap, a queue no faster than its own limit.  Of the cap each
 * queue that has something gets at least what it is guaranteed; what nobody is guaranteed is shared
 * evenly, and what a queue leaves goes to the others in proportion.  Rates are in bits of frames as
 * they stand on the wire, without FCS: a super-frame counts with the headers of all its frames.
 *
 * Time is what the caller says.  Nothing is allocated but by queue_scheduler_create().
 *
 * Threads: one. */

/* One queue. */
struct queue {
    struct queue_config config; /* As asked for, with a limit. */
    struct packet_ring ring;    /* What waits. */
    unsigned n_waiting;         /* Packets there. */
    uint64_t bytes_waiting;     /* Their bytes on the wire. */
    uint64_t weight;            /* Its share of the port, bit/s. */
    struct token_bucket bucket; /* Bits that it may send, if it has a limit. */
    int64_t start;              /* Virtual time when its first packet's turn begins. */
};

struct queue_scheduler {
    bool is_capped;             /* The port has a cap. */
    struct token_bucket bucket; /* Bits that it may send then. */
    int64_t turn;               /* Virtual time: 'start' of the queue that sent last. */
    unsigned n_waiting;         /* Packets in all queues. */
    int64_t due;                /* When queue_scheduler_next() is worth another call. */
    unsigned n;                 /* Elements of 'queues'. */
    struct queue queues[];      /* By rising number. */
};

/* Returns a scheduler for the queues of 'config', which is complete. */
struct queue_scheduler *queue_scheduler_create(const struct queues_config *config);

/* Drops what waits. Accepts NULL. */
void queue_scheduler_destroy(struct queue_scheduler *s);

/* Index of the queue 'id'; that of the default one if there is none. */
unsigned queue_scheduler_find(const struct queue_scheduler *s, uint32_t id);

/* Puts a copy of 'p' at the end of the queue with the index 'i'. False if the queue is full. */
bool queue_scheduler_put(struct queue_scheduler *s, unsigned i, const struct packet *p);

/* Takes the packet that is to be sent at the time 'now', from the queue '*i': it stays until
 * queue_scheduler_release(). NULL if none may go now. */
struct packet *queue_scheduler_next(struct queue_scheduler *s, int64_t now, unsigned *i);

/* The packets taken from the queue 'i' have been sent. */
void queue_scheduler_release(struct queue_scheduler *s, unsigned i);

/* When a packet may go, after queue_scheduler_next() found none; INT64_MAX if none waits, INT64_MIN
 * if one was put in since then. */
int64_t queue_scheduler_due(const struct queue_scheduler *s);

#endif
