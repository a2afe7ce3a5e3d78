/* SPDX-License-Identifier: Apache-2.0 */
/* What devices share, so that what is costly is done once for many of them. */
#include "datapath/netdev/netdev-shared.h"

#include "datapath/netdev/egress-watchers.h"
#include "datapath/netdev/raw-xdp.h"

void netdev_shared_init(struct netdev_shared *shared)
{
    *shared = (struct netdev_shared) {
        .watchers = egress_watchers_create(),
        .rings = RAW_RING_STOCK_INIT,
    };
}

void netdev_shared_begin_round(struct netdev_shared *shared)
{
    egress_watchers_forget(shared->watchers);
}

void netdev_shared_end_round(struct netdev_shared *shared)
{
    raw_xdp_close_all(&shared->unused);
}

void netdev_shared_uninit(struct netdev_shared *shared)
{
    raw_xdp_close_all(&shared->unused);
    egress_watchers_destroy(shared->watchers);
    raw_ring_stock_empty(&shared->rings);
}
