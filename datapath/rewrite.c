/* SPDX-License-Identifier: Apache-2.0 */
/* Changing header fields of a frame, with the checksums that cover them. */
#include "datapath/rewrite.h"

#include <stdbool.h>
#include <string.h>

#include "lib/packet/checksum.h"
#include "lib/packet/flow.h"
#include "lib/packet/headers.h"

/* Theory
 * ======
 *
 * The frame can have four kinds of L4 checksum:
 *
 * - complete: over pseudo header, header and payload, complemented.  Any change of a covered field
 *   is carried over by RFC 1624.  UDP's 0 means "none" and stays; a result of 0 is stored as
 *   0xffff.
 * - unfinished, of this L4 header (csum_start is where it begins): the field holds the folded sum
 *   of the pseudo header, not complemented; header and payload are added by whoever finishes it.
 *   So a change of an address is carried over in the complement, and a change of a port needs
 *   nothing.
 * - of the outer UDP header of a tunnel super-frame (csum_start lies further in): likewise the sum
 *   of the pseudo header, because the final sum differs from segment to segment; or 0.
 * - of the outer UDP header of a single tunnelled frame whose inner checksum is unfinished:
 *   complete, since an inner header, payload and checksum together sum up to what the inner pseudo
 *   header says, which does not change when the inner checksum is finished.
 *
 * SCTP's CRC32c is linear: crc(new) = crc(old) ^ computed(old) ^ computed(new) keeps an error an
 * error. */

/* The L4 header of a packet, to be changed. */
struct l4 {
    uint8_t *header; /* First byte. */
    uint8_t *end;    /* Behind the payload. */
    uint8_t proto;   /* enum ip_number; 0: none that we could change. */
    bool partial;    /* Its checksum holds the sum of the pseudo header only. */
    bool own;        /* It is the one that is to be finished, so that 0 does not mean "none". */
    bool fragment;   /* The payload is not all there. */
};

/* EtherType of the header at l3_offset, which stands before it. */
static uint16_t l3_type(const struct packet *p)
{
    return p->l3_offset == UINT16_MAX ? 0 : get_be16(p->data + p->l3_offset - 2);
}

/* The IPv4 header of 'p', or NULL. */
static struct ipv4_header *ipv4_of(struct packet *p)
{
    return l3_type(p) == ETHER_TYPE_IPV4 ? (void *) (p->data + p->l3_offset) : NULL;
}

/* Describes the L4 header of 'p' in '*l4'. */
static void l4_of(struct packet *p, struct l4 *l4)
{
    uint8_t *ip = p->data + p->l3_offset;
    struct ip_info info;
    *l4 = (struct l4) {.proto = 0};
    if (p->l4_offset == UINT16_MAX
        || !headers_parse_ip(l3_type(p), ip, p->size - p->l3_offset, &info)) {
        return;
    }
    l4->header = p->data + p->l4_offset;
    l4->end = ip + info.end;
    l4->proto = info.proto;
    l4->fragment = info.fragment;
    if (p->offload.flags & PACKET_CSUM_PARTIAL) {
        l4->own = p->offload.csum_start == p->l4_offset;
        l4->partial = l4->own || p->offload.gso != PACKET_GSO_NONE;
    }
}

/* The field at 'p' in network byte order, which needs no alignment. */
static be16 load16(const uint8_t *p)
{
    be16 x;
    memcpy(&x, p, sizeof x);
    return x;
}

/* The checksum field of TCP or ICMPv6, or of UDP if it is in use; NULL if none covers a pseudo
 * header. */
static uint8_t *l4_checksum(const struct l4 *l4)
{
    if (l4->proto == IP_NUMBER_TCP) {
        return l4->header + offsetof(struct tcp_header, checksum);
    }
    if (l4->proto == IP_NUMBER_ICMPV6) {
        return l4->header + offsetof(struct icmp_header, checksum);
    }
    uint8_t *field = l4->header + offsetof(struct udp_header, checksum);
    return l4->proto == IP_NUMBER_UDP && (l4->own || load16(field)) ? field : NULL;
}

/* Stores the checksum 'sum' of 'l4' at 'field': UDP has 0xffff for 0. */
static void store_checksum(const struct l4 *l4, uint8_t *field, be16 sum)
{
    if (l4->proto == IP_NUMBER_UDP && sum == 0) {
        sum = 0xffff;
    }
    memcpy(field, &sum, sizeof sum);
}

int rewrite_vlan_vid(struct packet *p, uint16_t vid)
{
    uint8_t *tag = p->data + 2 * ETHER_ADDR_SIZE;
    if (p->size < sizeof(struct eth_header) + sizeof(struct vlan_header)
        || !headers_is_tpid(get_be16(tag))) {
        return packet_push_vlan(p, ETHER_TYPE_VLAN, vid);
    }
    put_be16(tag + 2, (get_be16(tag + 2) & 0xf000) | vid);
    return 0;
}

int rewrite_vlan_pcp(struct packet *p, uint8_t pcp)
{
    uint8_t *tag = p->data + 2 * ETHER_ADDR_SIZE;
    if (p->size < sizeof(struct eth_header) + sizeof(struct vlan_header)
        || !headers_is_tpid(get_be16(tag))) {
        return packet_push_vlan(p, ETHER_TYPE_VLAN, pcp << 13);
    }
    put_be16(tag + 2, (get_be16(tag + 2) & 0x1fff) | pcp << 13);
    return 0;
}

int rewrite_vlan_tci(struct packet *p, uint16_t tci)
{
    if (!(tci & FLOW_TCI_PRESENT)) {
        rewrite_strip_vlan(p);
        return 0;
    }
    int error = rewrite_vlan_vid(p, tci & 0xfff);
    return error ? error : rewrite_vlan_pcp(p, (uint8_t) (tci >> 13));
}

void rewrite_strip_vlan(struct packet *p)
{
    packet_pop_vlan(p);
    if (p->l3_offset == UINT16_MAX) {
        /* Behind a second tag nothing was read; it may be the first now. */
        struct flow flow;
        flow_extract(p, &flow);
    }
}

void rewrite_dl_src(struct packet *p, const uint8_t addr[6])
{
    memcpy(p->data + ETHER_ADDR_SIZE, addr, ETHER_ADDR_SIZE);
}

void rewrite_dl_dst(struct packet *p, const uint8_t addr[6])
{
    memcpy(p->data, addr, ETHER_ADDR_SIZE);
}

/* Carries the change of an address of the pseudo header over to the L4 checksum of 'p'. */
static void update_pseudo(struct packet *p, be32 from, be32 to)
{
    struct l4 l4;
    l4_of(p, &l4);
    uint8_t *field = l4.proto ? l4_checksum(&l4) : NULL;
    if (field) {
        be16 flip = l4.partial ? 0xffff : 0;
        be16 sum = checksum_update32(load16(field) ^ flip, from, to);
        store_checksum(&l4, field, sum ^ flip);
    }
}

/* Sets the address at 'offset' of the IPv4 header of 'p', if it has one. */
static void rewrite_nw_addr(struct packet *p, size_t offset, be32 to)
{
    struct ipv4_header *ip = ipv4_of(p);
    be32 from;
    if (ip) {
        uint8_t *field = (uint8_t *) ip + offset;
        memcpy(&from, field, sizeof from);
        update_pseudo(p, from, to);
        ip->checksum = checksum_update32(ip->checksum, from, to);
        memcpy(field, &to, sizeof to);
    }
}

void rewrite_nw_src(struct packet *p, be32 addr)
{
    rewrite_nw_addr(p, offsetof(struct ipv4_header, src), addr);
}

void rewrite_nw_dst(struct packet *p, be32 addr)
{
    rewrite_nw_addr(p, offsetof(struct ipv4_header, dst), addr);
}

/* Sets the bits 'which' of the IPv4 TOS or the IPv6 traffic class. */
static void rewrite_tos_bits(struct packet *p, uint8_t tos, uint8_t which)
{
    struct ipv4_header *ip = ipv4_of(p);
    if (ip) {
        be16 from = load16(&ip->version_ihl);
        ip->tos = (tos & which) | (ip->tos & ~which);
        ip->checksum = checksum_update16(ip->checksum, from, load16(&ip->version_ihl));
    } else if (l3_type(p) == ETHER_TYPE_IPV6) {
        struct ipv6_header *ip6 = (void *) (p->data + p->l3_offset);
        uint32_t first = ntohl(ip6->version_class_label);
        first = (first & ~((uint32_t) which << 20)) | (uint32_t) (tos & which) << 20;
        ip6->version_class_label = htonl(first);
    }
}

void rewrite_nw_tos(struct packet *p, uint8_t tos)
{
    rewrite_tos_bits(p, tos, 0xfc);
}

void rewrite_nw_ecn(struct packet *p, uint8_t ecn)
{
    rewrite_tos_bits(p, ecn, 0x03);
}

/* Sets the address at 'offset' of the IPv6 header of 'p', if it has one. */
static void rewrite_ipv6_addr(struct packet *p, size_t offset, const uint8_t addr[16])
{
    struct ip_info info;
    if (l3_type(p) != ETHER_TYPE_IPV6
        || !headers_parse_ipv6(p->data + p->l3_offset, p->size - p->l3_offset, &info)) {
        return;
    }
    bool is_covered = offset != offsetof(struct ipv6_header, dst) || !info.is_routed;
    for (size_t i = 0; i < 16; i += sizeof(be32)) {
        uint8_t *field = p->data + p->l3_offset + offset + i;
        be32 from, to;
        memcpy(&from, field, sizeof from);
        memcpy(&to, addr + i, sizeof to);
        if (from != to) {
            if (is_covered) {
                update_pseudo(p, from, to);
            }
            memcpy(field, &to, sizeof to);
        }
    }
}

void rewrite_ipv6_src(struct packet *p, const uint8_t addr[16])
{
    rewrite_ipv6_addr(p, offsetof(struct ipv6_header, src), addr);
}

void rewrite_ipv6_dst(struct packet *p, const uint8_t addr[16])
{
    rewrite_ipv6_addr(p, offsetof(struct ipv6_header, dst), addr);
}

void rewrite_ipv6_label(struct packet *p, be32 label)
{
    const uint32_t bits = 0xfffff;
    if (l3_type(p) == ETHER_TYPE_IPV6) {
        struct ipv6_header *ip6 = (void *) (p->data + p->l3_offset);
        ip6->version_class_label = (ip6->version_class_label & htonl(~bits))
                                   | (label & htonl(bits));
    }
}

/* The ARP header of 'p', or NULL. */
static struct arp_header *arp_of(struct packet *p)
{
    uint16_t type = l3_type(p);
    return type == ETHER_TYPE_ARP || type == ETHER_TYPE_RARP ? (void *) (p->data + p->l3_offset)
                                                            : NULL;
}

void rewrite_arp_op(struct packet *p, uint16_t op)
{
    struct arp_header *arp = arp_of(p);
    if (arp) {
        arp->op = htons(op);
    }
}

/* Sets the hardware address of the sender, or of the target. */
static void rewrite_arp_ha(struct packet *p, bool is_target, const uint8_t addr[6])
{
    struct arp_header *arp = arp_of(p);
    if (arp && arp->hln == ETHER_ADDR_SIZE) {
        memcpy((uint8_t *) (arp + 1) + (is_target ? arp->hln + arp->pln : 0), addr, arp->hln);
    }
}

/* Sets the protocol address of the sender, or of the target. */
static void rewrite_arp_pa(struct packet *p, bool is_target, be32 addr)
{
    struct arp_header *arp = arp_of(p);
    if (arp && ntohs(arp->pro) == ETHER_TYPE_IPV4 && arp->pln == sizeof addr) {
        uint8_t *sender = (uint8_t *) (arp + 1) + arp->hln;
        memcpy(sender + (is_target ? arp->hln + arp->pln : 0), &addr, sizeof addr);
    }
}

void rewrite_arp_sha(struct packet *p, const uint8_t addr[6])
{
    rewrite_arp_ha(p, false, addr);
}

void rewrite_arp_tha(struct packet *p, const uint8_t addr[6])
{
    rewrite_arp_ha(p, true, addr);
}

void rewrite_arp_spa(struct packet *p, be32 addr)
{
    rewrite_arp_pa(p, false, addr);
}

void rewrite_arp_tpa(struct packet *p, be32 addr)
{
    rewrite_arp_pa(p, true, addr);
}

void rewrite_icmp(struct packet *p, uint8_t type, uint8_t code)
{
    struct l4 l4;
    l4_of(p, &l4);
    if (l4.proto != IP_NUMBER_ICMP && l4.proto != IP_NUMBER_ICMPV6) {
        return;
    }
    struct icmp_header *icmp = (void *) l4.header;
    be16 from = load16(l4.header);
    icmp->type = type;
    icmp->code = code;
    if (!l4.partial) {
        icmp->checksum = checksum_update16(icmp->checksum, from, load16(l4.header));
    }
}

int rewrite_get_ttl(const struct packet *p)
{
    const uint8_t *ip = p->data + p->l3_offset;
    switch (l3_type(p)) {
    case ETHER_TYPE_IPV4:
        return ((const struct ipv4_header *) ip)->ttl;
    case ETHER_TYPE_IPV6:
        return ((const struct ipv6_header *) ip)->hop_limit;
    default:
        return -1;
    }
}

void rewrite_ttl(struct packet *p, uint8_t ttl)
{
    struct ipv4_header *ip = ipv4_of(p);
    if (ip) {
        be16 from = load16(&ip->ttl);
        ip->ttl = ttl;
        ip->checksum = checksum_update16(ip->checksum, from, load16(&ip->ttl));
    } else if (l3_type(p) == ETHER_TYPE_IPV6) {
        struct ipv6_header *ip6 = (void *) (p->data + p->l3_offset);
        ip6->hop_limit = ttl;
    }
}

/* CRC32c of the whole SCTP packet 'l4'. */
static uint32_t sctp_crc(const struct l4 *l4)
{
    return checksum_crc32c(l4->header, l4->end - l4->header);
}

/* Sets the port at 'field' of the SCTP packet 'l4'. */
static void rewrite_sctp_port(const struct l4 *l4, uint8_t *field, be16 to)
{
    struct sctp_header *sctp = (void *) l4->header;
    if (!l4->fragment) {
        uint32_t before = sctp_crc(l4);
        memcpy(field, &to, sizeof to);
        sctp->checksum ^= l4->partial ? 0 : before ^ sctp_crc(l4);
    }
}

/* Sets the port at 'offset' of the L4 header of 'p', if it has one with ports. */
static void rewrite_tp_port(struct packet *p, size_t offset, be16 to)
{
    struct l4 l4;
    l4_of(p, &l4);
    uint8_t *field = l4.proto ? l4.header + offset : NULL;
    if (l4.proto == IP_NUMBER_SCTP) {
        rewrite_sctp_port(&l4, field, to);
    } else if (l4.proto == IP_NUMBER_TCP || l4.proto == IP_NUMBER_UDP) {
        uint8_t *checksum = l4.partial ? NULL : l4_checksum(&l4);
        if (checksum) {
            store_checksum(&l4, checksum,
                           checksum_update16(load16(checksum), load16(field), to));
        }
        memcpy(field, &to, sizeof to);
    }
}

void rewrite_tp_src(struct packet *p, be16 port)
{
    rewrite_tp_port(p, offsetof(struct udp_header, src), port);
}

void rewrite_tp_dst(struct packet *p, be16 port)
{
    rewrite_tp_port(p, offsetof(struct udp_header, dst), port);
}
