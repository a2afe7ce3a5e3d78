/* SPDX-License-Identifier: Apache-2.0 */
/* IP addresses by rtnetlink: which ones an interface of the host has. */
#include "datapath/netdev/link-address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "datapath/netdev/netlink.h"
#include "lib/util.h"

enum { TRIES_MAX = 10 /* Times that addresses are read that change meanwhile. */ };

size_t link_ip_size(const struct link_ip *ip)
{
    return ip->family == AF_INET ? 4 : ip->family == AF_INET6 ? 16 : 0;
}

bool link_ip_equal(const struct link_ip *a, const struct link_ip *b)
{
    return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

void link_ip_set(struct link_ip *ip, int family, const void *bytes)
{
    *ip = (struct link_ip){.family = family};
    memcpy(ip->bytes, bytes, link_ip_size(ip));
}

bool link_ip_parse(const char *text, struct link_ip *ip)
{
    struct in6_addr address;
    *ip = (struct link_ip){.family = AF_UNSPEC};
    if (inet_pton(AF_INET, text, &address) == 1) {
        link_ip_set(ip, AF_INET, &address);
    } else if (inet_pton(AF_INET6, text, &address) == 1) {
        bool is_ip4 = IN6_IS_ADDR_V4MAPPED(&address);
        link_ip_set(ip, is_ip4 ? AF_INET : AF_INET6, address.s6_addr + (is_ip4 ? 12 : 0));
    }
    return ip->family != AF_UNSPEC;
}

const char *link_ip_format(const struct link_ip *ip, char text[INET6_ADDRSTRLEN])
{
    if (!inet_ntop(ip->family, ip->bytes, text, INET6_ADDRSTRLEN)) {
        *text = '\0';
    }
    return text;
}

bool link_ip_is_link_local(const struct link_ip *ip)
{
    return ip->family == AF_INET6 && ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

/* The addresses that are being collected. */
struct collection {
    unsigned ifindex;            /* Whose. */
    struct link_address *s;      /* So far; owned by the caller in the end. */
    size_t n;                    /* How many. */
};

/* Reads the address out of an attribute. That of a link to one peer has the peer's too; then
 * IFA_LOCAL is ours. */
static int read_attribute(const struct nlattr *attr, void *address_)
{
    struct link_address *address = address_;
    uint16_t type = mnl_attr_get_type(attr);
    bool is_none_yet = address->ip.family == AF_UNSPEC;
    if (type == IFA_LOCAL || (type == IFA_ADDRESS && is_none_yet)) {
        size_t size = mnl_attr_get_payload_len(attr);
        if (size == 4 || size == 16) {
            link_ip_set(&address->ip, size == 4 ? AF_INET : AF_INET6, mnl_attr_get_payload(attr));
        }
    }
    return MNL_CB_OK;
}

/* Adds an RTM_NEWADDR to the collection if it is of our interface. */
static int read_address(const struct nlmsghdr *header, void *collection)
{
    struct collection *c = collection;
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(header);
    if (mnl_nlmsg_get_payload_len(header) < sizeof *info || info->ifa_index != c->ifindex) {
        return MNL_CB_OK;
    }
    struct link_address address = {
        .is_tentative = info->ifa_flags & IFA_F_TENTATIVE,
        .is_dynamic = !(info->ifa_flags & IFA_F_PERMANENT),
    };
    mnl_attr_parse(header, sizeof *info, read_attribute, &address);
    if (address.ip.family != AF_UNSPEC) {
        c->s = xrealloc(c->s, (c->n + 1) * sizeof *c->s);
        c->s[c->n++] = address;
    }
    return MNL_CB_OK;
}

int link_addresses_get(unsigned ifindex, struct link_address **addresses, size_t *n)
{
    struct collection c;
    int error = EINTR;
    for (int tries = 0; error == EINTR && tries < TRIES_MAX; tries++) {
        struct netlink_request request;
        struct ifaddrmsg *info = netlink_request_init(&request, RTM_GETADDR, NLM_F_DUMP,
                                                      sizeof *info);
        info->ifa_index = ifindex;
        c = (struct collection){.ifindex = ifindex};
        error = netlink_transact(NETLINK_ROUTE, &request, read_address, &c);
        error = error == ENODEV ? 0 : error;
        if (error) {
            free(c.s);
        }
    }
    if (!error) {
        *addresses = c.s;
        *n = c.n;
    }
    return error;
}

bool link_has_address(unsigned ifindex)
{
    struct link_address *addresses = NULL;
    size_t n = 0;
    bool found = false;
    if (!link_addresses_get(ifindex, &addresses, &n)) {
        for (size_t i = 0; i < n; i++) {
            found |= !link_ip_is_link_local(&addresses[i].ip);
        }
        free(addresses);
    }
    return found;
}
