/* SPDX-License-Identifier: Apache-2.0 */
/* What devices share, so that what is costly is done once for many of them. */
#ifndef DATAPATH_NETDEV_NETDEV_SHARED_H
#define DATAPATH_NETDEV_NETDEV_SHARED_H

#include "datapath/netdev/raw-ring-stock.h"

struct egress_watchers;
struct raw_xdp;

/* Outlives the devices that were opened with it. What it knows of the network is that of a round,
 * which its owner begins and ends. Threads: the control thread. */
struct netdev_shared {
    struct egress_watchers *watchers; /* Asked in rounds (egress-watchers.h); owned. */
    struct raw_ring_stock rings;      /* For devices that are about to be opened. */
    struct raw_xdp *unused;           /* List of sockets to be closed (raw-xdp.h); owned. */
};

/* Nothing is known and nothing is made yet. */
void netdev_shared_init(struct netdev_shared *shared);

/* Begins a round: what is asked in it is read anew. */
void netdev_shared_begin_round(struct netdev_shared *shared);

/* Ends a round: what devices have no use for any more is closed, all together. */
void netdev_shared_end_round(struct netdev_shared *shared);

/* No device uses it any more. */
void netdev_shared_uninit(struct netdev_shared *shared);

#endif
