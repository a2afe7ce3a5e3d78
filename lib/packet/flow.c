/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the header fields of a frame into a struct flow. */
#include "lib/packet/flow.h"

#include <string.h>

#include "lib/packet/headers.h"
#include "lib/packet/packet.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Extraction is one walk from the destination address to the L4 ports, without a look back.  The
 * flow is cleared once and then filled, so a header that is missing or truncated leaves zeros and
 * never the bytes of the packet before.  Each header is compared with what is left first; see
 * headers.c for how sizes inside the packet are kept from leading outside it.
 *
 * A truncated L4 header must not match an entry that names ports, not even port 0 (A3.11).  Ports
 * of 0 alone would not do, so nw_proto becomes 0 too: an entry cannot name ports without naming the
 * protocol.  Fragments are the exception that the standard makes: they keep nw_proto, with ports 0
 * (section 3.4).
 *
 * Hashing.  A word w of index i adds fold((w ^ s_i) * K) to the sum, where fold() is the exclusive
 * or of the halves of a 128-bit product and s_i comes from the seed.  The products do not depend on
 * each other, so the CPU has several in flight.  Since the operand is secret, no difference between
 * two words gives a difference of products that is known without the seed, and so none that a
 * second word could cancel; with a plain multiplication modulo 2^64, bit 63 would give one. */

/* Odd 64-bit constants without structure, from the fractional digits of square roots. */
#define HASH_K UINT64_C(0xbb67ae8584caa73b)
#define HASH_STEP UINT64_C(0x3c6ef372fe94f82b)
#define HASH_FINAL UINT64_C(0xa54ff53a5f1d36f1)

/* Offsets have 16 bits: enough for two tags, SNAP and the longest chain of extension headers. */
_Static_assert(14 + 8 + 8 + 40 + HEADERS_MAX_EXT * 256 * 8 < UINT16_MAX, "headers out of reach");

/* Copies TCI 'tci' (at any address) as vlan_tci has it. */
static be16 flow_tci(const uint8_t *tci)
{
    return htons(get_be16(tci) | FLOW_TCI_PRESENT);
}

/* Reads tags, EtherType or LLC/SNAP. Returns the offset of what follows. */
static size_t extract_type(struct flow *flow, const uint8_t *data, size_t size)
{
    size_t offset = sizeof(struct eth_header);
    uint16_t type = get_be16(data + offset - 2);
    if (headers_is_tpid(type) && size >= offset + sizeof(struct vlan_header)) {
        flow->vlan_tci = flow_tci(data + offset);
        offset += sizeof(struct vlan_header);
        type = get_be16(data + offset - 2);
        if (headers_is_tpid(type) && size >= offset + sizeof(struct vlan_header)) {
            flow->vlan_tci2 = flow_tci(data + offset);
        }
    }
    if (UNLIKELY(type < ETHER_TYPE_MIN)) {
        type = headers_snap_type(data + offset, size - offset);
        offset += sizeof(struct snap_header);
    }
    flow->dl_type = htons(type ? type : FLOW_DL_TYPE_NONE);
    return offset;
}

/* Reads addresses and opcode of the ARP or RARP packet (RFC 826) at 'offset'. */
static void extract_arp(struct packet *p, struct flow *flow, size_t offset, size_t size)
{
    const struct arp_header *arp = (const void *) (p->data + offset);
    if (size < sizeof *arp || size < sizeof *arp + 2u * (arp->hln + arp->pln)) {
        return;
    }
    p->l3_offset = offset;
    flow->nw_proto = ntohs(arp->op) & 0xff;

    const uint8_t *sender = (const uint8_t *) (arp + 1);
    const uint8_t *target = sender + arp->hln + arp->pln;
    if (arp->hln == ETHER_ADDR_SIZE) {
        memcpy(flow->arp_sha, sender, ETHER_ADDR_SIZE);
        memcpy(flow->arp_tha, target, ETHER_ADDR_SIZE);
    }
    if (ntohs(arp->pro) == ETHER_TYPE_IPV4 && arp->pln == sizeof flow->nw_src) {
        memcpy(&flow->nw_src, sender + arp->hln, sizeof flow->nw_src);
        memcpy(&flow->nw_dst, target + arp->hln, sizeof flow->nw_dst);
    }
}

/* Reads target and link-layer address options of the neighbour discovery message of 'size' bytes at
 * 'nd' (RFC 4861). Of several options of a type the first counts. */
static void extract_nd(struct flow *flow, const struct nd_header *nd, size_t size)
{
    if (size < sizeof *nd) {
        return;
    }
    memcpy(flow->nd_target, nd->target, sizeof nd->target);

    const struct nd_option *option = (const void *) (nd + 1);
    unsigned seen = 0;
    size -= sizeof *nd;
    for (int i = 0; i < HEADERS_MAX_EXT && size >= sizeof *option; i++) {
        size_t step = option->size * sizeof *option;
        if (!step || step > size) {
            return;
        }
        uint8_t *to = option->type == ND_OPT_SOURCE   ? flow->arp_sha
                      : option->type == ND_OPT_TARGET ? flow->arp_tha
                                                      : NULL;
        if (to && !(seen & 1u << option->type)) {
            memcpy(to, option->addr, sizeof option->addr);
            seen |= 1u << option->type;
        }
        option += option->size;
        size -= step;
    }
}

/* Reads the flags of the L4 header at 'l4' if it is that of TCP. */
static inline void extract_tcp_flags(struct flow *flow, uint8_t proto, const uint8_t *l4)
{
    if (proto == IP_NUMBER_TCP) {
        flow->tcp_flags = htons(get_be16(l4 + offsetof(struct tcp_header, size_flags)) & TCP_FLAGS);
    }
}

/* Reads ports, or type and code, of the complete L4 header at 'l4' of protocol 'proto'. */
static void extract_ports(struct flow *flow, uint8_t proto, const uint8_t *l4)
{
    if (proto == IP_NUMBER_ICMP || proto == IP_NUMBER_ICMPV6) {
        flow->tp_src = htons(l4[0]);
        flow->tp_dst = htons(l4[1]);
        return;
    }
    memcpy(&flow->tp_src, l4, 4);
    extract_tcp_flags(flow, proto, l4);
}

/* Reads the L4 header of the IP packet at 'offset' that 'info' describes; 'foreign' is the ICMP of
 * the other IP version, which is no ICMP here. Inline, so that '*info' stays in registers. */
static inline __attribute__((always_inline)) void extract_l4(struct packet *p, struct flow *flow,
                                                             size_t offset,
                                                             const struct ip_info *info,
                                                             uint8_t foreign)
{
    size_t min = headers_l4[info->proto].min;
    size_t left = info->end - info->l4_offset;
    flow->nw_proto = info->proto;
    if (UNLIKELY(info->fragment)) {
        flow->nw_frag = info->later ? FLOW_FRAG_ANY | FLOW_FRAG_LATER : FLOW_FRAG_ANY;
    }
    if (!min || info->later || info->proto == foreign) {
        return;
    }
    if (left < min) {
        flow->nw_proto = info->fragment ? info->proto : 0;
        return;
    }
    p->l4_offset = offset + info->l4_offset;
    if (!info->fragment) {
        const uint8_t *l4 = p->data + p->l4_offset;
        extract_ports(flow, info->proto, l4);
        if (info->proto == IP_NUMBER_ICMPV6 && (l4[0] == ND_SOLICIT || l4[0] == ND_ADVERT)) {
            extract_nd(flow, (const void *) l4, left);
        }
    } else {
        extract_tcp_flags(flow, info->proto, p->data + p->l4_offset);
    }
}

/* Reads the IPv4 packet (RFC 791) at 'offset' of which 'size' bytes are there. */
static void extract_ipv4(struct packet *p, struct flow *flow, size_t offset, size_t size)
{
    const struct ipv4_header *ip = (const void *) (p->data + offset);
    struct ip_info info;
    if (!headers_parse_ipv4(ip, size, &info)) {
        return;
    }
    p->l3_offset = offset;
    flow->nw_tos = ip->tos;
    flow->nw_ttl = ip->ttl;
    flow->nw_src = ip->src;
    flow->nw_dst = ip->dst;
    extract_l4(p, flow, offset, &info, IP_NUMBER_ICMPV6);
}

/* Reads the IPv6 packet (RFC 8200) at 'offset' of which 'size' bytes are there. */
static void extract_ipv6(struct packet *p, struct flow *flow, size_t offset, size_t size)
{
    const struct ipv6_header *ip = (const void *) (p->data + offset);
    struct ip_info info;
    if (!headers_parse_ipv6(ip, size, &info)) {
        return;
    }
    uint32_t first = ntohl(ip->version_class_label);
    p->l3_offset = offset;
    flow->nw_tos = first >> 20;
    flow->nw_ttl = ip->hop_limit;
    flow->ipv6_label = htonl(first & 0xfffff);
    memcpy(flow->ipv6_src, ip->src, sizeof ip->src);
    memcpy(flow->ipv6_dst, ip->dst, sizeof ip->dst);
    extract_l4(p, flow, offset, &info, IP_NUMBER_ICMP);
}

/* Clears '*flow'. In pieces, since of the whole the compiler makes "rep stos", which takes longer
 * to start than all the rest of the extraction. */
static inline void flow_clear(struct flow *flow)
{
    enum { PIECE = sizeof *flow / 4 };
    uint8_t *bytes = (uint8_t *) flow;
    memset(bytes, 0, PIECE);
    memset(bytes + PIECE, 0, PIECE);
    memset(bytes + 2 * PIECE, 0, PIECE);
    memset(bytes + 3 * PIECE, 0, PIECE);
}

void flow_extract(struct packet *p, struct flow *flow)
{
    flow_clear(flow);
    flow->in_port = p->in_port;
    p->l3_offset = p->l4_offset = UINT16_MAX;

    size_t size = p->size;
    if (size < sizeof(struct eth_header)) {
        return;
    }
    memcpy(flow->dl_dst, p->data, sizeof flow->dl_dst);
    memcpy(flow->dl_src, p->data + sizeof flow->dl_dst, sizeof flow->dl_src);

    size_t offset = extract_type(flow, p->data, size);
    if (LIKELY(flow->dl_type == htons(ETHER_TYPE_IPV4))) {
        extract_ipv4(p, flow, offset, size - offset);
    } else if (flow->dl_type == htons(ETHER_TYPE_IPV6)) {
        extract_ipv6(p, flow, offset, size - offset);
    } else if (flow->dl_type == htons(ETHER_TYPE_ARP) || flow->dl_type == htons(ETHER_TYPE_RARP)) {
        extract_arp(p, flow, offset, size - offset);
    }
}

void flow_add_fragment_ports(const struct packet *p, struct flow *flow)
{
    if (flow->nw_frag == FLOW_FRAG_ANY && p->l4_offset != UINT16_MAX) {
        extract_ports(flow, flow->nw_proto, p->data + p->l4_offset);
    }
}

/* The two halves of the product of 'a' and 'b', mixed. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128) a * b;
    return (uint64_t) product ^ (uint64_t) (product >> 64);
}

uint32_t flow_hash_masked(const struct flow *flow, const struct flow *mask, uint32_t map,
                          uint32_t seed)
{
    uint64_t secret = fold(seed ^ HASH_STEP, HASH_FINAL);
    uint64_t sum = secret;
    for (; map; map &= map - 1) {
        unsigned i = __builtin_ctz(map);
        sum += fold((flow->word[i] & mask->word[i]) ^ (secret + i * HASH_STEP), HASH_K);
    }
    sum = fold(sum ^ HASH_K, HASH_FINAL);
    return sum ^ sum >> 32;
}

bool flow_get_metadata(const struct flow *flow, struct flow_metadata *m)
{
    *m = (struct flow_metadata){
        .metadata = flow->metadata,
        .tun_id = flow->tun_id,
        .tun_src = flow->tun_src,
        .tun_dst = flow->tun_dst,
        .pkt_mark = flow->pkt_mark,
    };
    memcpy(m->regs, flow->regs, sizeof m->regs);
    uint64_t all = m->metadata | m->tun_id | m->tun_src | m->tun_dst | m->pkt_mark;
    for (unsigned i = 0; i < FLOW_REGS; i++) {
        all |= m->regs[i];
    }
    return all != 0;
}

void flow_set_metadata(struct flow *flow, const struct flow_metadata *m)
{
    flow->metadata = m->metadata;
    flow->tun_id = m->tun_id;
    flow->tun_src = m->tun_src;
    flow->tun_dst = m->tun_dst;
    flow->pkt_mark = m->pkt_mark;
    memcpy(flow->regs, m->regs, sizeof flow->regs);
}
