/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the host's own stack away from the frames of a device that we forward. */
#ifndef DATAPATH_NETDEV_HOST_DROP_H
#define DATAPATH_NETDEV_HOST_DROP_H

/* An nftables table "sluice_DEVICE" with one chain that drops at the device's ingress, behind the
 * point where packet sockets see the frames. The kernel removes it when its owner dies (Linux
 * 5.12); where it can't, the next host_drop_keep() for the device does. Control thread. */
struct host_drop;

/* Installs the drop on device 'name' of the calling thread's network namespace, or installs it
 * again after the device came back: 'drop' is then what an earlier call returned, else NULL. What
 * the user may want to know (that it can't be done, or that the device has an IP address) goes to
 * the log. Returns the drop; NULL if there is none. */
struct host_drop *host_drop_keep(struct host_drop *drop, const char *name);

/* Removes the drop and frees 'drop', which may be NULL. */
void host_drop_remove(struct host_drop *drop);

#endif
