/* SPDX-License-Identifier: Apache-2.0 */
/* Devices of the kernel (veth, physical ones, ...) by raw packet sockets. */
#ifndef DATAPATH_NETDEV_NETDEV_RAW_H
#define DATAPATH_NETDEV_NETDEV_RAW_H

struct netdev_class;

/* Kind "raw".  Options:
 *
 *     host=drop     (default) keeps the host's own stack from seeing what the device receives
 *     host=keep     leaves it in
 *     bypass=auto   (default) sends past the queueing discipline where nobody notices, see
 *                   raw-bypass.h
 *     bypass=yes    always
 *     bypass=no     never
 *     ring=N        slots of 2 KiB in the receive ring, default 2048 */
extern const struct netdev_class netdev_raw_class;

#endif
