/* SPDX-License-Identifier: Apache-2.0 */
/* What a forwarding thread owns: buffers, upcall ring, transmit queues it has filled. */
#ifndef DATAPATH_FORWARDER_H
#define DATAPATH_FORWARDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/netdev/netdev.h"
#include "datapath/upcall.h"
#include "lib/openflow/nx-learn.h"
#include "lib/packet/packet.h"

struct port;
struct reassembly;
struct wakeup;

/* Every thread that forwards has one: number 0 is the control thread (for packet_out, and for
 * everything if there are no workers), workers count from 1.  Created and destroyed by the control
 * thread, used by its own thread alone, but for the emptying of the ring. */

enum {
    TRANSMIT_MAX = 64,      /* Packets in a transmit queue at most. */
    FORWARDER_COPIES = 512, /* Copies of packets in a batch at most. */
    FORWARDER_DEPTH = 8,    /* Action lists in one another at most (OFPP_TABLE). */
    FORWARDER_LEARNS = 64,  /* Learnt rules on their way up that are remembered. */
    FORWARDER_CROSSINGS = 512, /* Packets on their way through patch ports at most. */
};

/* Packets of this batch that one thread will send out of one port.  Each counts in packet->refs.
 * Empty between batches. */
struct transmit_queue {
    struct port *port;                    /* Where to. */
    struct transmit_queue *next;          /* Filled after this one. */
    bool in_use;                          /* Is in the thread's list. */
    unsigned n;                           /* How many of 'packets' are in use. */
    struct packet *packets[TRANSMIT_MAX]; /* Borrowed for the batch. */
};

/* A packet on its way through a patch port; counts in packet->refs. */
struct crossing {
    struct port *port;     /* Where it is to be received. RCU. */
    struct packet *packet; /* Borrowed for the batch. */
    uint8_t hops;          /* Patch ports crossed, this one included. */
};

/* A learnt rule on its way up to the control thread. */
struct learn_memory {
    uint64_t hash;     /* Of the rule; 0 none. */
    uint64_t position; /* Of its record in the lane. */
    int64_t when;      /* When it was put there. Nanoseconds. */
};

struct forwarder {
    struct netdev_thread netdev;     /* As devices see it; owns pool and scratch. */
    struct upcall_ring *upcalls;     /* Ring to the control thread; owned. */
    struct wakeup *control;          /* To wake the control thread; borrowed. */
    bool has_upcalls;                /* Something was put into the ring in this batch. */
    struct reassembly *reassembly;   /* Fragments being put together; NULL until a bridge has
                                      * wanted that. RCU; owned. */
    unsigned depth;                  /* Action lists in execution. */
    uint32_t queue;                  /* Queue that output goes through on ports that have some;
                                      * whoever sets it sets it back. */
    struct transmit_queue *first;    /* Queues of this batch in the order of filling. */
    struct transmit_queue *last;     /* The last one, if there is a first. */
    uint64_t n_sent;                 /* Packets sent out of a port so far, lost ones included. */
    unsigned n_copies;               /* How many of 'copies' are in use. */
    struct packet *copies[FORWARDER_COPIES]; /* Copies made in this batch; of netdev.pool. */
    struct learnt_rule *learnt;      /* LEARNT_MAX_SIZE bytes to learn in; owned. */
    bool defers;                     /* The packet in execution is sent by the control thread, when
                                      * that is done with what this thread has sent up to learn. */
    bool sends_at_once;              /* No packet may be deferred. */
    bool has_deferred;               /* There is something for which packets are deferred, */
    int64_t deferred_since;          /* since then (nanoseconds), */
    uint64_t deferred_until;         /* up to this position in the lane. */
    struct upcall_quota deferred;    /* Deferred packets in the lane. */
    struct learn_memory learn_memory[FORWARDER_LEARNS]; /* By hash. */
    unsigned first_crossing;         /* Oldest one of 'crossings', a ring. Empty between batches. */
    unsigned n_crossings;            /* How many of 'crossings' are in use. */
    struct crossing crossings[FORWARDER_CROSSINGS]; /* Packets on their way to other bridges. */
};

/* Makes '*fw' the forwarder number 'id', whose ring has 'upcall_size' bytes (0: default). */
void forwarder_init(struct forwarder *fw, unsigned id, size_t upcall_size, struct wakeup *control);
void forwarder_uninit(struct forwarder *fw);

#endif
