/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of devices that there are. */
#ifndef DATAPATH_NETDEV_NETDEV_REGISTRY_H
#define DATAPATH_NETDEV_NETDEV_REGISTRY_H

struct netdev_class;

/* The kind called 'kind', or NULL. Any thread. */
const struct netdev_class *netdev_class_find(const char *kind);

#endif
