/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the kernel's links by rtnetlink: read, and set. */
#ifndef DATAPATH_NETDEV_LINK_STATUS_H
#define DATAPATH_NETDEV_LINK_STATUS_H

#include <stdbool.h>
#include <stdint.h>

struct netdev_status;

/* All of this is for the control thread, and about the links of its network namespace. */

/* What a link is, beside its status. */
struct link_kind {
    char kind[16];    /* "veth", "tun", ...; empty for a physical one. */
    char qdisc[16];   /* Root queueing discipline; "noqueue" for none. */
    uint16_t arphrd;  /* ARPHRD_*: ARPHRD_ETHER or something that is no Ethernet. */
    bool is_tap;      /* A tun device that carries Ethernet. */
    bool multi_queue; /* Of a tap: made with IFF_MULTI_QUEUE. */
    bool has_queues;  /* Of such a tap: somebody has it open. */
};

/* Reads the status of link 'name', and its kind unless 'kind' is NULL. Returns 0, ENODEV if there
 * is no such link, or another errno. */
int link_status_get(const char *name, struct netdev_status *status, struct link_kind *kind);

/* Change link 'name'. Each returns 0 or an errno. */
int link_status_set_admin(const char *name, bool up);
int link_status_set_mtu(const char *name, unsigned mtu);
int link_status_set_address(const char *name, const uint8_t addr[6]);

#endif
