/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's routes by rtnetlink: who is next on the way to an address. */
#ifndef DATAPATH_NETDEV_LINK_ROUTE_H
#define DATAPATH_NETDEV_LINK_ROUTE_H

#include <stdint.h>

#include "datapath/netdev/link-address.h"

/* The first step of the way to an address. */
struct link_route {
    unsigned ifindex;       /* Interface that it leaves by. */
    struct link_ip gateway; /* Router that it goes to; none if the address is on the link itself. */
};

/* Sets '*route' to how the kernel of the calling thread's network namespace sends what is for 'to',
 * by the interface 'ifindex' (0: any; a link-local address needs one). Returns 0, or an errno if
 * there is no way (ENETUNREACH). Control thread. */
int link_route_get(const struct link_ip *to, unsigned ifindex, struct link_route *route);

/* Sets 'mac' to the Ethernet address that the kernel knows for 'ip', which is on the link of the
 * interface 'ifindex'. Returns 0, or an errno if it knows none (ENOENT). Control thread. */
int link_neighbour_get(unsigned ifindex, const struct link_ip *ip, uint8_t mac[6]);

#endif
