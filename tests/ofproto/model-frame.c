/* SPDX-License-Identifier: Apache-2.0 */
/* Frames as the model of a switch sees them: fields, and the bytes that they make. */
#include "tests/ofproto/model-frame.h"

#include <string.h>

enum { TYPE_VLAN = 0x8100, MORE_FRAGMENTS = 0x2000, LATER_OFFSET = 8 };

/* Appends the low 'size' bytes of 'x', the highest first. */
static void put(struct bytes *b, uint64_t x, unsigned size)
{
    while (size--) {
        bytes_put_u8(b, (uint8_t) (x >> 8 * size));
    }
}

/* The Internet checksum of 'size' bytes to which 'sum' is added. */
static uint16_t checksum(const uint8_t *p, size_t size, uint32_t sum)
{
    for (size_t i = 0; i < size; i++) {
        sum += i & 1 ? p[i] : (uint32_t) p[i] << 8;
    }
    while (sum > UINT16_MAX) {
        sum = (sum & UINT16_MAX) + (sum >> 16);
    }
    return (uint16_t) ~sum;
}

/* Does 'f' have a header of its protocol? */
static bool has_l4(const struct model_frame *f)
{
    return f->fragment != FRAGMENT_LATER;
}

/* Appends what stands behind IP, its checksum not filled in. Returns the offset of that in it, or
 * 0. */
static size_t put_l4(const struct model_frame *f, struct bytes *b)
{
    size_t sum = 0;
    if (f->proto == PROTO_TCP && has_l4(f)) {
        put(b, f->sport, 2);
        put(b, f->dport, 2);
        put(b, 0, 8);
        put(b, 0x5010, 2);
        put(b, 0xffff, 2);
        put(b, 0, 4);
        sum = 16;
    } else if (f->proto == PROTO_UDP && has_l4(f)) {
        put(b, f->sport, 2);
        put(b, f->dport, 2);
        put(b, 8u + f->payload, 2);
        put(b, 0, 2);
        sum = f->has_sum || f->dl_type == TYPE_IP6 ? 6 : 0;
    } else if ((f->proto == PROTO_ICMP || f->proto == PROTO_ICMP6) && has_l4(f)) {
        put(b, f->sport, 1);
        put(b, f->dport, 1);
        put(b, 0, 6);
        sum = 2;
    }
    for (unsigned i = 0; i < f->payload; i++) {
        put(b, i, 1);
    }
    return sum;
}

/* Fills in the checksum of the 'size' bytes at 'l4'. The addresses are the 'addresses' bytes before
 * it. */
static void finish_l4(const struct model_frame *f, uint8_t *l4, size_t size, size_t addresses,
                      size_t sum_at)
{
    uint32_t pseudo = 0;
    if (f->proto != PROTO_ICMP) {
        pseudo = (uint16_t) ~checksum(l4 - addresses, addresses, 0) + (uint32_t) size + f->proto;
    }
    uint16_t sum = checksum(l4, size, pseudo);
    sum = sum == 0 && f->proto == PROTO_UDP ? UINT16_MAX : sum;
    l4[sum_at] = (uint8_t) (sum >> 8);
    l4[sum_at + 1] = (uint8_t) sum;
}

/* Appends an IPv4 datagram. */
static void put_ip(const struct model_frame *f, struct bytes *b)
{
    static const unsigned fragments[N_FRAGMENTS] = {
        [FRAGMENT_FIRST] = MORE_FRAGMENTS, [FRAGMENT_LATER] = LATER_OFFSET / 8};
    struct bytes l4 = BYTES_INIT;
    size_t sum_at = put_l4(f, &l4), at = b->size;
    put(b, 0x45, 1);
    put(b, f->tos, 1);
    put(b, 20 + l4.size, 2);
    put(b, 0, 2);
    put(b, fragments[f->fragment], 2);
    put(b, 64, 1);
    put(b, f->proto, 1);
    put(b, 0, 2);
    put(b, f->src, 4);
    put(b, f->dst, 4);
    uint16_t sum = checksum(b->data + at, 20, 0);
    b->data[at + 10] = (uint8_t) (sum >> 8);
    b->data[at + 11] = (uint8_t) sum;
    bytes_put(b, l4.data, l4.size);
    if (sum_at) {
        finish_l4(f, b->data + at + 20, l4.size, 8, sum_at);
    }
    bytes_uninit(&l4);
}

/* Appends an IPv6 packet. */
static void put_ip6(const struct model_frame *f, struct bytes *b)
{
    struct bytes l4 = BYTES_INIT;
    size_t sum_at = put_l4(f, &l4), at = b->size;
    put(b, 0x60000000 | (uint32_t) f->tos << 20, 4);
    put(b, l4.size, 2);
    put(b, f->proto, 1);
    put(b, 64, 1);
    put(b, UINT64_C(0xfc00000000000000), 8);
    put(b, f->src, 8);
    put(b, UINT64_C(0xfc00000000000000), 8);
    put(b, f->dst, 8);
    bytes_put(b, l4.data, l4.size);
    if (sum_at) {
        finish_l4(f, b->data + at + 40, l4.size, 32, sum_at);
    }
    bytes_uninit(&l4);
}

/* Appends an ARP packet for IPv4 over Ethernet. */
static void put_arp(const struct model_frame *f, struct bytes *b)
{
    put(b, 0x0001080006040000 | f->proto, 8);
    put(b, f->sha, 6);
    put(b, f->src, 4);
    put(b, 0, 6);
    put(b, f->dst, 4);
}

void model_frame_build(const struct model_frame *f, struct bytes *out)
{
    put(out, f->dl_dst, 6);
    put(out, f->dl_src, 6);
    if (f->is_tagged) {
        put(out, TYPE_VLAN, 2);
        put(out, (uint32_t) f->pcp << 13 | f->vid, 2);
    }
    put(out, f->dl_type, 2);
    if (f->dl_type == TYPE_IP) {
        put_ip(f, out);
    } else if (f->dl_type == TYPE_IP6) {
        put_ip6(f, out);
    } else if (f->dl_type == TYPE_ARP || f->dl_type == TYPE_RARP) {
        put_arp(f, out);
    } else {
        bytes_put_zeros(out, f->payload);
    }
}

/* Are there ports, or type and code, to be compared? */
static bool has_ports(const struct model_frame *f)
{
    bool is_ip = f->dl_type == TYPE_IP || f->dl_type == TYPE_IP6;
    bool icmp = f->proto == (f->dl_type == TYPE_IP ? PROTO_ICMP : PROTO_ICMP6);
    return is_ip && f->fragment == FRAGMENT_NONE
           && (icmp || f->proto == PROTO_TCP || f->proto == PROTO_UDP);
}

void model_frame_fields(const struct model_frame *f, uint16_t in_port, uint64_t fields[N_FIELDS])
{
    bool is_arp = f->dl_type == TYPE_ARP || f->dl_type == TYPE_RARP;
    bool is_ip = f->dl_type == TYPE_IP || f->dl_type == TYPE_IP6;
    memset(fields, 0, N_FIELDS * sizeof fields[0]);
    fields[F_IN_PORT] = in_port;
    fields[F_DL_SRC] = f->dl_src;
    fields[F_DL_DST] = f->dl_dst;
    fields[F_DL_VLAN] = f->is_tagged ? f->vid : UINT16_MAX;
    fields[F_DL_VLAN_PCP] = f->is_tagged ? f->pcp : 0;
    fields[F_DL_TYPE] = f->dl_type;
    fields[F_NW_TOS] = is_ip ? f->tos : 0;
    fields[F_NW_PROTO] = is_ip || is_arp ? f->proto : 0;
    if (f->dl_type == TYPE_IP || is_arp) {
        fields[F_NW_SRC] = f->src;
        fields[F_NW_DST] = f->dst;
    }
    if (has_ports(f)) {
        fields[F_TP_SRC] = f->sport;
        fields[F_TP_DST] = f->dport;
    }
}
