/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving from a kernel device through an AF_PACKET ring in shared memory. */
#ifndef DATAPATH_NETDEV_RAW_RING_H
#define DATAPATH_NETDEV_RAW_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/packet/packet.h"

struct netdev;
struct netdev_thread;

/* Life cycle: raw_ring_open(), raw_ring_bind() as often as the device appears, raw_ring_receive()
 * and raw_ring_release() in turn, raw_ring_close().
 *
 * Threads: receive and release belong to the receiving thread; the others to the control thread,
 * and all of those but raw_ring_open() and raw_ring_close() may run while the other receives. */
struct raw_ring {
    int fd;              /* Packet socket. */
    uint8_t *memory;     /* The ring, 'n_slots' of 'slot_size' bytes, shared with the kernel. */
    unsigned n_slots;    /* Slots in the ring. */
    unsigned slot_size;  /* Bytes of each. */
    unsigned head;       /* Oldest slot that may be ours. Atomic: raw_ring_renew() sets it. */
    uint64_t released;   /* Slots given back, ever. Atomic: the receiving thread writes it. */
    uint64_t looked;     /* 'released' when raw_ring_is_stuck() was last asked. Control thread. */
    bool is_old;         /* To be made anew before it is bound. Control thread. */
    unsigned taken;      /* Slots from there on that the last receive took. */
    unsigned idle;       /* Receives since the last one that found something. */
    unsigned n_copies;   /* Pool packets that the last receive gave out. */
    struct packet *copies[PACKET_BATCH_MAX]; /* Those. */
    struct packet slots[PACKET_BATCH_MAX];   /* Packets that describe frames in slots. */
};

enum { RAW_RING_SLOTS = 2048 /* Where a user asks for nothing else. */ };

/* Opens a ring of about 'n_slots' slots of 2 KiB that receives nothing yet. Returns 0 or an errno.
 * */
int raw_ring_open(struct raw_ring *ring, unsigned n_slots);

/* Closes 'ring' and frees its memory. */
void raw_ring_close(struct raw_ring *ring);

/* Starts to receive everything that arrives at the device 'ifindex'. Returns 0 or an errno. */
int raw_ring_bind(struct raw_ring *ring, int ifindex);

/* Receives nothing any more and leaves the device 'ifindex', to which it is bound and which may be
 * gone, as it was. */
void raw_ring_unbind(struct raw_ring *ring, int ifindex);

/* Whether it is still bound to the device 'ifindex': the kernel ends that when the device goes,
 * even if one with the same index comes. */
bool raw_ring_is_bound(const struct raw_ring *ring, int ifindex);

/* Whether the kernel has stopped putting frames into the ring (see raw-ring.c). To be asked now and
 * then, with whether raw_ring_lost() has told of any since it was last asked. */
bool raw_ring_is_stuck(struct raw_ring *ring, bool has_lost);

/* Lets the kernel, which is stuck, begin with an empty ring; the device 'ifindex' stays bound.
 * Returns 0, or an errno: then the ring receives nothing until raw_ring_bind() succeeds. */
int raw_ring_renew(struct raw_ring *ring, int ifindex);

/* As the hooks of struct netdev_class. */
unsigned raw_ring_receive(struct raw_ring *ring, struct netdev *dev, struct netdev_thread *thread,
                          struct packet_batch *batch);
void raw_ring_release(struct raw_ring *ring);

/* Frames that the kernel dropped for want of room, since this was last asked. */
unsigned raw_ring_lost(struct raw_ring *ring);

#endif
