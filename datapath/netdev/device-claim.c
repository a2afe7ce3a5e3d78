/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a device of the kernel ours beside our sockets: its lock and the ingress drop. */
#include "datapath/netdev/device-claim.h"

#include <stddef.h>

#include "datapath/netdev/host-drop.h"
#include "datapath/netdev/netdev-options.h"
#include "lib/util.h"

int device_claim_read(struct device_claim *claim, const struct netdev_options *options,
                      char **error)
{
    static const char *const hosts[] = {"drop", "keep"};
    unsigned host = 0;
    int retval = netdev_options_get_choice(options, "host", hosts, ARRAY_SIZE(hosts), &host,
                                           error);
    claim->host_keep = host;
    return retval;
}

void device_claim_take(struct device_claim *claim, const char *name, int ifindex)
{
    device_lock_take(&claim->lock, name, ifindex);
    claim->drop = claim->host_keep ? NULL : host_drop_keep(claim->drop, name);
}

void device_claim_look(struct device_claim *claim, const char *name, int ifindex)
{
    device_lock_take(&claim->lock, name, ifindex);
}

void device_claim_release(struct device_claim *claim)
{
    host_drop_remove(claim->drop);
    claim->drop = NULL;
    device_lock_release(&claim->lock);
}
