/* SPDX-License-Identifier: Apache-2.0 */
/* Whether anybody would miss frames that go past a device's queueing discipline. */
#ifndef DATAPATH_NETDEV_RAW_BYPASS_H
#define DATAPATH_NETDEV_RAW_BYPASS_H

#include <stdbool.h>
#include <sys/types.h>

struct egress_watchers;

/* True if the device 'name' with index 'ifindex' and root queueing discipline 'qdisc' has none
 * worth the name, no egress filter (clsact, tcx, nftables), takes super-frames whole, and if nobody
 * but the socket with the inode 'own' listens on it. In case of doubt false. Chains and sockets are
 * those that 'watchers' has read or, if it is NULL, as they are now. Control thread. */
bool raw_bypass_is_unnoticed(const char *name, int ifindex, const char *qdisc, ino_t own,
                             struct egress_watchers *watchers);

#endif
