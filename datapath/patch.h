/* SPDX-License-Identifier: Apache-2.0 */
/* One end of a patch: what a port has in place of a device to lead into another bridge. */
#ifndef DATAPATH_PATCH_H
#define DATAPATH_PATCH_H

#include <stdint.h>

#include "datapath/netdev/netdev.h"

/* A patch ties two ports of bridges in this process together.  What is sent out of one port is
 * received by the other, by the same thread and before its batch ends (see crossing.h).  The two
 * ends name each other; as long as one of them is missing or administratively down the other's link
 * is down.
 *
 * Life cycle: made and freed with its port.  Connected by the control thread when both ends are
 * there and disconnected before one of them goes; packets may be on their way between the ends
 * until a grace period later.
 *
 * Threads: the control thread writes; members marked (A) are read by all threads and are atomic. */

struct port;

struct patch {
    char *peer_name;                   /* Name of the port at the other end; owned. */
    struct port *peer;                 /* That port, NULL while it is missing. RCU (A). */
    uint8_t hw_addr[6];                /* Address of the port. */
    unsigned n_threads;                /* Number of elements of 'counters'. */
    struct netdev_counters counters[]; /* By thread, each written by its own. Atomic. */
};

/* Returns an end, not connected, for the port 'name' in a datapath of 'n_threads' threads. Takes
 * over 'peer_name'. */
struct patch *patch_create(const char *name, char *peer_name, unsigned n_threads);

/* Accepts NULL. */
void patch_destroy(struct patch *patch);

/* Sum of the counters of all threads. Any thread. */
void patch_get_counters(const struct patch *patch, struct netdev_counters *sum);

#endif
