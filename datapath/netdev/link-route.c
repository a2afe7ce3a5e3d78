/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's routes by rtnetlink: who is next on the way to an address. */
#include "datapath/netdev/link-route.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "datapath/netdev/netlink.h"

/* Reads the router among the attributes of a route. */
static int read_attribute(const struct nlattr *attr, void *gateway)
{
    if (mnl_attr_get_type(attr) == RTA_GATEWAY
        && mnl_attr_get_payload_len(attr) == sizeof(be32)) {
        memcpy(gateway, mnl_attr_get_payload(attr), sizeof(be32));
    }
    return MNL_CB_OK;
}

/* Reads an RTM_NEWROUTE. */
static int read_route(const struct nlmsghdr *header, void *gateway)
{
    return mnl_attr_parse(header, sizeof(struct rtmsg), read_attribute, gateway);
}

int link_route_get(be32 to, be32 *gateway)
{
    struct netlink_request request;
    struct rtmsg *route = netlink_request_init(&request, RTM_GETROUTE, 0, sizeof *route);
    route->rtm_family = AF_INET;
    route->rtm_dst_len = 8 * sizeof to;
    mnl_attr_put(request.header, RTA_DST, sizeof to, &to);
    *gateway = 0;
    return netlink_transact(NETLINK_ROUTE, &request, read_route, gateway);
}
