/* SPDX-License-Identifier: Apache-2.0 */
/* Devices in memory, for simulation and tests: frames are put in and taken out by calls. */
#ifndef DATAPATH_NETDEV_NETDEV_MEMORY_H
#define DATAPATH_NETDEV_NETDEV_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/packet/packet.h"

struct bytes;
struct netdev;
struct netdev_class;

/* Kind "memory".  Options: mtu=N (default 1500, 0 unlimited), mac=ADDRESS, offload=yes (takes
 * super-frames and partial checksums as they are).
 *
 * Without mac= a device has the address 02:00:00:00:NN:NN, NN:NN being the number at the end of its
 * name (p1, p2, ...): the same in every run, whatever else has been opened.
 *
 * All functions here may be called by any thread; a lock makes that safe. */
extern const struct netdev_class netdev_memory_class;

enum {
    NETDEV_MEMORY_QUEUE = 4096, /* Frames that wait at most, in each direction. */
};

/* Queues a copy of 'p' (frame and offloads) to be received, and makes the receive descriptor
 * readable. Returns false if the queue is full. */
bool netdev_memory_inject(struct netdev *dev, const struct packet *p);

/* Takes the oldest frame that was sent out of 'dev', appending its bytes to 'frame' and setting
 * '*offload' if not NULL; false if there is none. */
bool netdev_memory_take(struct netdev *dev, struct bytes *frame, struct packet_offload *offload);

/* Sets the carrier as the status will tell it after netdev_refresh(). */
void netdev_memory_set_link(struct netdev *dev, bool carrier);

/* Makes the device vanish or come back, as the status will tell it after netdev_refresh(). While it
 * is gone nothing is received, and what is sent is lost. */
void netdev_memory_set_present(struct netdev *dev, bool present);

#endif
