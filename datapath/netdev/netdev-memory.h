/* SPDX-License-Identifier: Apache-2.0 */
/* Devices in memory, for simulation and tests: frames are put in and taken out by calls. */
#ifndef DATAPATH_NETDEV_NETDEV_MEMORY_H
#define DATAPATH_NETDEV_NETDEV_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/packet/packet.h"

struct netdev;
struct bytes;

/* Kind "memory". Options: mtu=N, offload=yes (takes super-frames and partial checksums as they are).
 * netdev_memory_inject() may be called by any thread; it wakes the device's receiver. */

/* Queues a copy of 'p' (frame and offloads) to be received. Returns false if the queue (4096) is full. */
bool netdev_memory_inject(struct netdev *dev, const struct packet *p);

/* Takes the oldest frame that was sent out of 'dev', appending its bytes to 'frame' and setting
 * '*offload' if not NULL; false if there is none. */
bool netdev_memory_take(struct netdev *dev, struct bytes *frame, struct packet_offload *offload);

/* Sets carrier and presence as the status will tell them after netdev_refresh(). */
void netdev_memory_set_link(struct netdev *dev, bool carrier);

/* Gives every device its address: 02:00:00:00:00:NN by order of opening unless option mac= is given. */

#endif
