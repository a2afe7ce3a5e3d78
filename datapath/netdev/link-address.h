/* SPDX-License-Identifier: Apache-2.0 */
/* IP addresses by rtnetlink: which ones an interface of the host has. */
#ifndef DATAPATH_NETDEV_LINK_ADDRESS_H
#define DATAPATH_NETDEV_LINK_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An IP address of either version. */
struct link_ip {
    int family;        /* AF_INET or AF_INET6; AF_UNSPEC (0): none. */
    uint8_t bytes[16]; /* Network byte order; of IPv4 the first 4, the others are 0. */
};

/* An address of an interface. */
struct link_address {
    struct link_ip ip; /* Itself. */
    bool is_tentative; /* Whether another host has it is still being asked, or one has (IPv6). */
    bool is_dynamic;   /* It ends unless it is given again, as router advertisements do. */
};

/* Bytes of the address 'ip': 4, 16 or 0. */
size_t link_ip_size(const struct link_ip *ip);

/* True if both are the same address. */
bool link_ip_equal(const struct link_ip *a, const struct link_ip *b);

/* Sets '*ip' to 'family' and the address in network byte order at 'bytes'. */
void link_ip_set(struct link_ip *ip, int family, const void *bytes);

/* Reads 'text', an address without zone. An IPv4 address that is written as one of IPv6
 * (::ffff:10.0.0.1) is one of IPv4: so its packets are. Returns false, '*ip' none, if it is no
 * address. */
bool link_ip_parse(const char *text, struct link_ip *ip);

/* Writes 'ip' to 'text' as people do, and returns 'text'. */
const char *link_ip_format(const struct link_ip *ip, char text[INET6_ADDRSTRLEN]);

/* True for fe80::/10, which means something on one link only. */
bool link_ip_is_link_local(const struct link_ip *ip);

/* Sets '*addresses' to an array of the '*n' addresses of the interface 'ifindex', in the calling
 * thread's network namespace, none if there is no such interface; the caller frees it. Returns 0;
 * or an errno, with nothing to free (EINTR: they change too fast to be read). Control thread. */
int link_addresses_get(unsigned ifindex, struct link_address **addresses, size_t *n);

/* True if it has any that means something beyond the link, as far as that can be read. */
bool link_has_address(unsigned ifindex);

#endif
