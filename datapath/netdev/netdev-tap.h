/* SPDX-License-Identifier: Apache-2.0 */
/* TAP devices: the host's end is an interface, ours a descriptor. */
#ifndef DATAPATH_NETDEV_NETDEV_TAP_H
#define DATAPATH_NETDEV_NETDEV_TAP_H

struct netdev_class;

/* Kind "tap".  A persistent tap of the name is used as it is and stays when we close it; otherwise
 * one is made, down, that lives as long as it is open.  It keeps working when it is moved to
 * another network namespace; its status then stays as it was last read, but it is taken to be up.
 * Options:
 *
 *     owner=USER    who else may open a tap that we make, by name or number
 *     group=GROUP   the same of a group
 *     mac=ADDRESS   the interface's address
 *     mtu=N         its MTU */
extern const struct netdev_class netdev_tap_class;

#endif
