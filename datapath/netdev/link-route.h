/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's routes by rtnetlink: who is next on the way to an address. */
#ifndef DATAPATH_NETDEV_LINK_ROUTE_H
#define DATAPATH_NETDEV_LINK_ROUTE_H

#include "lib/byte-order.h"

/* Sets '*gateway' to the router to which the kernel of the calling thread's network namespace sends
 * what is for the IPv4 address 'to', 0 if that is on a link of its own. Returns 0, or an errno if
 * there is no way (ENETUNREACH). Control thread. */
int link_route_get(be32 to, be32 *gateway);

#endif
