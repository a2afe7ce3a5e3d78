/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the way from header to header inside a frame. */
#include "lib/packet/headers.h"

#include <string.h>

#include "lib/util.h"

/* Theory
 * ======
 *
 * All sizes are compared before a header is read, and a datagram's own idea of its size only ever
 * shortens what is there ('end'), so that Ethernet padding never counts as payload and no size
 * field leads past the frame.  The chain of IPv6 extension headers is the only loop; it is bounded,
 * for each header may be as small as 8 bytes and a frame as large as 64 KiB. */

const struct l4_info headers_l4[256] = {
    [IP_NUMBER_ICMP] = {.min = sizeof(struct icmp_header), .checksum = 2},
    [IP_NUMBER_TCP] = {.min = sizeof(struct tcp_header), .checksum = 16},
    [IP_NUMBER_UDP] = {.min = sizeof(struct udp_header), .checksum = 6},
    [IP_NUMBER_ICMPV6] = {.min = sizeof(struct icmpv6_header), .checksum = 2},
    [IP_NUMBER_SCTP] = {.min = sizeof(struct sctp_header), .checksum = 8},
};

/* An extension header has 8 bytes and as many units as its size field says. */
struct ext_row {
    bool known;   /* It is an extension header. */
    uint8_t unit; /* Bytes of a unit; 0: there is no size field. */
};

static const struct ext_row ext_rows[256] = {
    [IP_NUMBER_HOPOPTS] = {.known = true, .unit = 8},
    [IP_NUMBER_ROUTING] = {.known = true, .unit = 8},
    [IP_NUMBER_FRAGMENT] = {.known = true, .unit = 0},
    [IP_NUMBER_AH] = {.known = true, .unit = 4},
    [IP_NUMBER_DSTOPTS] = {.known = true, .unit = 8},
    [IP_NUMBER_MOBILITY] = {.known = true, .unit = 8},
    [IP_NUMBER_HIP] = {.known = true, .unit = 8},
    [IP_NUMBER_SHIM6] = {.known = true, .unit = 8},
};

/* Reads the extension header at info->l4_offset and steps over it; false if it is truncated. */
static bool step_over(const uint8_t *ip6, struct ip_info *info)
{
    size_t left = info->end - info->l4_offset;
    if (left < sizeof(struct ipv6_frag_header)) {
        return false;
    }
    const struct ipv6_ext_header *ext = (const void *) (ip6 + info->l4_offset);
    size_t step = 8 + ext->size * ext_rows[info->proto].unit;
    if (step > left) {
        return false;
    }
    if (info->proto == IP_NUMBER_FRAGMENT) {
        uint16_t frag = ntohs(((const struct ipv6_frag_header *) ext)->frag);
        info->fragment |= (frag & (IPV6_MF | IPV6_FRAG_MASK)) != 0;
        info->later |= (frag & IPV6_FRAG_MASK) != 0;
    }
    if (info->proto == IP_NUMBER_ROUTING) {
        info->is_routed |= ((const struct ipv6_routing_header *) ext)->segments_left != 0;
    }
    info->proto = ext->next;
    info->l4_offset += step;
    return true;
}

bool headers_parse_ipv6(const void *ip6, size_t size, struct ip_info *info)
{
    const struct ipv6_header *h = ip6;
    if (size < sizeof *h) {
        return false;
    }
    info->l4_offset = sizeof *h;
    info->end = MIN(sizeof *h + ntohs(h->payload_size), size);
    info->proto = h->next;
    info->fragment = info->later = info->is_routed = false;
    for (int i = 0; ext_rows[info->proto].known && !info->later; i++) {
        if (i == HEADERS_MAX_EXT || !step_over(ip6, info)) {
            info->proto = 0;
            info->l4_offset = info->end;
            return true;
        }
    }
    return true;
}

bool headers_parse_ip(uint16_t type, const void *ip, size_t size, struct ip_info *info)
{
    return type == ETHER_TYPE_IPV4 ? headers_parse_ipv4(ip, size, info)
           : type == ETHER_TYPE_IPV6 && headers_parse_ipv6(ip, size, info);
}

uint16_t headers_snap_type(const void *llc, size_t size)
{
    static const uint8_t snap[6] = {0xaa, 0xaa, 3, 0, 0, 0};
    const struct snap_header *h = llc;
    if (size < sizeof *h || memcmp(h, snap, sizeof snap)) {
        return 0;
    }
    return ntohs(h->type) < ETHER_TYPE_MIN ? 0 : ntohs(h->type);
}

size_t headers_length_offset(const void *frame, size_t l3_offset)
{
    if (l3_offset < sizeof(struct eth_header) + sizeof(struct snap_header)) {
        return 0;
    }
    size_t offset = l3_offset - sizeof(struct snap_header) - sizeof(be16);
    return get_be16((const uint8_t *) frame + offset) < ETHER_TYPE_MIN ? offset : 0;
}

size_t headers_skip_l2(const void *frame, size_t size, uint16_t *type)
{
    const uint8_t *data = frame;
    size_t offset = sizeof(struct eth_header);
    if (size < offset) {
        return 0;
    }
    *type = get_be16(data + offset - 2);
    for (int tags = 0; tags < 2 && headers_is_tpid(*type); tags++) {
        offset += sizeof(struct vlan_header);
        if (size < offset) {
            return 0;
        }
        *type = get_be16(data + offset - 2);
    }
    if (*type < ETHER_TYPE_MIN) {
        *type = headers_snap_type(data + offset, size - offset);
        offset += *type ? sizeof(struct snap_header) : 0;
    }
    return offset;
}

size_t headers_l4_size(const uint8_t *frame, size_t size, size_t l4, uint8_t proto)
{
    size_t min = headers_l4[proto].min;
    if (l4 > size || size - l4 < min) {
        return 0;
    }
    if (proto != IP_NUMBER_TCP) {
        return min;
    }
    const struct tcp_header *tcp = (const void *) (frame + l4);
    size_t header = (ntohs(tcp->size_flags) >> 12) * 4;
    return header < min || header > size - l4 ? 0 : header;
}
