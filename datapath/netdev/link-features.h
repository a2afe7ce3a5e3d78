/* SPDX-License-Identifier: Apache-2.0 */
/* Speeds and media of a link, from ethtool, in OpenFlow's bits. */
#ifndef DATAPATH_NETDEV_LINK_FEATURES_H
#define DATAPATH_NETDEV_LINK_FEATURES_H

struct netdev_status;

/* Sets the four feature words of '*status' for link 'name' of the calling thread's network
 * namespace (OFPPF_*, section 5.2.1 of OpenFlow 1.0); 0 for what the link doesn't tell. Control
 * thread. */
void link_features_get(const char *name, struct netdev_status *status);

#endif
