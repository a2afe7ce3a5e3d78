/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's routes by rtnetlink: who is next on the way to an address. */
#include "datapath/netdev/link-route.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "datapath/netdev/netlink.h"

/* An answer about a route. */
struct route_answer {
    int family;               /* Of the address asked for. */
    int error;                /* 0 if there is a way. */
    struct link_route *route; /* Filled in. */
};

/* Reads interface and router among the attributes of a route. */
static int read_route_attribute(const struct nlattr *attr, void *answer_)
{
    struct route_answer *answer = answer_;
    struct link_ip ip = {.family = answer->family};
    size_t size = mnl_attr_get_payload_len(attr);
    if (mnl_attr_get_type(attr) == RTA_GATEWAY && size == link_ip_size(&ip)) {
        link_ip_set(&answer->route->gateway, ip.family, mnl_attr_get_payload(attr));
    } else if (mnl_attr_get_type(attr) == RTA_OIF && size == sizeof(uint32_t)) {
        answer->route->ifindex = mnl_attr_get_u32(attr);
    }
    return MNL_CB_OK;
}

/* Reads an RTM_NEWROUTE. One that refuses packets is no way. */
static int read_route(const struct nlmsghdr *header, void *answer_)
{
    struct route_answer *answer = answer_;
    const struct rtmsg *info = mnl_nlmsg_get_payload(header);
    if (mnl_nlmsg_get_payload_len(header) < sizeof *info) {
        return MNL_CB_OK;
    }
    bool is_way = info->rtm_type == RTN_UNICAST || info->rtm_type == RTN_LOCAL;
    answer->error = is_way ? 0 : ENETUNREACH;
    return mnl_attr_parse(header, sizeof *info, read_route_attribute, answer);
}

int link_route_get(const struct link_ip *to, unsigned ifindex, struct link_route *route)
{
    struct netlink_request request;
    struct route_answer answer = {.family = to->family, .error = ENETUNREACH, .route = route};
    size_t size = link_ip_size(to);
    struct rtmsg *info = netlink_request_init(&request, RTM_GETROUTE, 0, sizeof *info);
    info->rtm_family = (unsigned char) to->family;
    info->rtm_dst_len = (unsigned char) (8 * size);
    mnl_attr_put(request.header, RTA_DST, size, to->bytes);
    if (ifindex) {
        mnl_attr_put_u32(request.header, RTA_OIF, ifindex);
    }
    *route = (struct link_route){.ifindex = 0};
    int error = netlink_transact(NETLINK_ROUTE, &request, read_route, &answer);
    return error ? error : answer.error;
}

/* An answer about a neighbour. */
struct neighbour_answer {
    uint8_t *mac; /* Filled in if it is known. */
    int error;    /* 0 if it is. */
};

/* Reads the Ethernet address among the attributes of a neighbour. */
static int read_neighbour_attribute(const struct nlattr *attr, void *answer_)
{
    struct neighbour_answer *answer = answer_;
    if (mnl_attr_get_type(attr) == NDA_LLADDR && mnl_attr_get_payload_len(attr) == 6) {
        memcpy(answer->mac, mnl_attr_get_payload(attr), 6);
        answer->error = 0;
    }
    return MNL_CB_OK;
}

/* Reads an RTM_NEWNEIGH; one whose address is no longer believed is none. */
static int read_neighbour(const struct nlmsghdr *header, void *answer)
{
    const struct ndmsg *info = mnl_nlmsg_get_payload(header);
    int believed = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;
    if (mnl_nlmsg_get_payload_len(header) < sizeof *info || !(info->ndm_state & believed)) {
        return MNL_CB_OK;
    }
    return mnl_attr_parse(header, sizeof *info, read_neighbour_attribute, answer);
}

int link_neighbour_get(unsigned ifindex, const struct link_ip *ip, uint8_t mac[6])
{
    struct netlink_request request;
    struct neighbour_answer answer = {mac, ENOENT};
    struct ndmsg *info = netlink_request_init(&request, RTM_GETNEIGH, 0, sizeof *info);
    info->ndm_family = (unsigned char) ip->family;
    info->ndm_ifindex = (int) ifindex;
    mnl_attr_put(request.header, NDA_DST, link_ip_size(ip), ip->bytes);
    int error = netlink_transact(NETLINK_ROUTE, &request, read_neighbour, &answer);
    return error ? error : answer.error;
}
