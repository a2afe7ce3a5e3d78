/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a super-frame into the frames that it stands for, into memory of the caller's choice. */
#include "lib/packet/cutter.h"

#include <errno.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/packet/checksum.h"
#include "lib/packet/headers.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * A super-frame is cut by copying its headers before each piece of its payload and mending what
 * depends on size or position: sequence number and flags of TCP, sizes and identifications of all
 * IP headers, and all checksums, from the innermost layer to the outermost, since the outer ones
 * cover the inner.  Nothing that was in the checksum fields is used, so it does not matter whether
 * they were finished.  The label of a super-frame in a tunnel names the inner protocol alone
 * ("TCP over IPv4"); that there is a tunnel shows only in csum_start.
 *
 * The payload is read once: its sum is taken while it is copied. From there the sum grows outwards,
 * header by header. What the headers of all frames have in common is summed before the first one,
 * without the few fields that change; so a frame costs a handful of additions for each layer. An
 * IPv4 header as a whole, its checksum included, adds nothing to the sum around it. That pieces may
 * be summed one by one takes that each but the last is of even size, and all headers are. */

const struct cutter_kind cutter_kinds[] = {
    [PACKET_GSO_NONE] = {0, 0},
    [PACKET_GSO_TCP4] = {IP_NUMBER_TCP, ETHER_TYPE_IPV4},
    [PACKET_GSO_TCP6] = {IP_NUMBER_TCP, ETHER_TYPE_IPV6},
    [PACKET_GSO_UDP] = {IP_NUMBER_UDP, 0},
};

bool cutter_fits(enum packet_gso gso, const struct layer *layer)
{
    if (gso == PACKET_GSO_NONE || gso >= ARRAY_SIZE(cutter_kinds)) {
        return false;
    }
    const struct cutter_kind *kind = &cutter_kinds[gso];
    return layer->proto == kind->proto && (!kind->type || layer->type == kind->type);
}

/* Adds 'word', as it lies in memory, to the running sum 'sum'. */
static uint32_t add(uint32_t sum, uint32_t word)
{
    uint32_t total = sum + word;
    return total + (total < word);
}

/* The header fields of 16 bits that are not the same in all frames, as offsets. */
struct changing {
    uint8_t n;     /* How many. */
    uint8_t at[4]; /* Bytes from the header's start. */
};

static const struct changing changing_ip4 = {3, {2, 4, 10}};
static const struct changing changing_ip6 = {1, {4}};
static const struct changing changing_l4[256] = {
    [IP_NUMBER_TCP] = {4, {4, 6, 12, 16}},
    [IP_NUMBER_UDP] = {2, {4, 6}},
};
static const struct changing changing_gre_checksum = {1, {sizeof(struct gre_header)}};

/* Sum of the 'size' bytes at 'header' without what changes: their complements are added. */
static uint32_t sum_common(const uint8_t *header, size_t size, const struct changing *changing)
{
    uint32_t sum = checksum_add(0, header, size);
    for (unsigned i = 0; i < changing->n; i++) {
        uint16_t word;
        memcpy(&word, header + changing->at[i], sizeof word);
        sum = add(sum, (uint16_t) ~word);
    }
    return sum;
}

/* True if the GRE header at 'gre' has a checksum (RFC 2784, 2.5). */
static bool gre_has_checksum(const uint8_t *gre)
{
    return get_be16(gre) & GRE_CHECKSUM;
}

/* Sums what all frames of 'c' have in common. */
static void init_sums(struct cutter *c)
{
    for (unsigned i = 0; i < c->layers.n; i++) {
        const struct layer *layer = &c->layers.layer[i];
        const uint8_t *ip = c->p->data + layer->ip, *l4 = c->p->data + layer->l4;
        bool v6 = layer->type == ETHER_TYPE_IPV6;
        bool gre = layer->proto == IP_NUMBER_GRE && gre_has_checksum(l4);
        size_t end = i + 1 < c->layers.n ? c->layers.layer[i + 1].ip : c->header_size;
        c->sums[i] = (struct cutter_sums) {
            .ip = sum_common(ip, l4 - ip, v6 ? &changing_ip6 : &changing_ip4),
            .pseudo = v6 ? checksum_pseudo6(ip, layer->proto, 0)
                         : checksum_pseudo4(ip, layer->proto, 0),
            .l4 = sum_common(l4, end - layer->l4,
                             gre ? &changing_gre_checksum : &changing_l4[layer->proto]),
        };
    }
}

int cutter_init(struct cutter *c, const struct packet *p)
{
    const struct packet_offload *o = &p->offload;
    enum layers_goal goal = o->flags & PACKET_CSUM_PARTIAL ? LAYERS_AT : LAYERS_INNERMOST;
    *c = (struct cutter) {.p = p, .gso_size = o->gso_size};
    if (!o->gso_size || !layers_find(p->data, p->size, goal, o->csum_start, &c->layers)) {
        return EPROTO;
    }
    const struct layer *inner = layers_inner(&c->layers);
    if (!cutter_fits(o->gso, inner)) {
        return EPROTO;
    }
    size_t l4_size = headers_l4_size(p->data, p->size, inner->l4, inner->proto);
    c->header_size = inner->l4 + l4_size;
    c->payload_size = p->size - c->header_size;
    size_t largest = c->header_size + MIN(c->gso_size, c->payload_size);
    if (!l4_size || c->header_size > CUTTER_MAX_HEADERS
        || largest - c->layers.layer[0].ip > UINT16_MAX
        || largest > PACKET_LARGE - PACKET_HEADROOM) {
        return EPROTO;
    }
    init_sums(c);
    return 0;
}

size_t cutter_next_size(const struct cutter *c)
{
    size_t left = c->payload_size - c->at;
    return left || !c->index ? c->header_size + MIN(c->gso_size, left) : 0;
}

/* The frame that is being built, and what is known of its sum. */
struct present {
    const struct cutter *c; /* How. */
    uint8_t *data;          /* The frame. */
    size_t size;            /* Its bytes. */
    uint32_t sum;           /* Of what has been mended, up to the frame's end. */
};

/* Sets size, identification and checksum of the IP header of layer 'i', and adds it to the sum. */
static void cut_ip(struct present *f, unsigned i)
{
    const struct layer *layer = &f->c->layers.layer[i];
    size_t size = f->size - layer->ip;
    if (layer->type == ETHER_TYPE_IPV6) {
        struct ipv6_header *ip6 = (struct ipv6_header *) (f->data + layer->ip);
        ip6->payload_size = htons(size - sizeof *ip6);
        f->sum = add(add(f->sum, f->c->sums[i].ip), ip6->payload_size);
        return;
    }
    struct ipv4_header *ip = (struct ipv4_header *) (f->data + layer->ip);
    ip->total_size = htons(size);
    ip->id = htons(ntohs(ip->id) + f->c->index);
    ip->checksum = checksum_finish(add(add(f->c->sums[i].ip, ip->total_size), ip->id));
}

/* Checksum, with pseudo header, of what layer 'i' carries, all of it in the sum. */
static be16 l4_checksum(const struct present *f, unsigned i)
{
    size_t size = f->size - f->c->layers.layer[i].l4;
    return checksum_finish(add(add(f->sum, f->c->sums[i].pseudo), htonl(size)));
}

/* Mends sequence number, flags and checksum of TCP in layer 'i'. */
static void cut_tcp(struct present *f, unsigned i)
{
    const struct cutter *c = f->c;
    struct tcp_header *tcp = (struct tcp_header *) (f->data + c->layers.layer[i].l4);
    uint16_t size_flags = ntohs(tcp->size_flags);
    if (c->at + c->gso_size < c->payload_size) {
        size_flags &= ~(TCP_FIN | TCP_PSH);
    }
    if (c->index > 0) {
        size_flags &= ~TCP_CWR;
    }
    tcp->size_flags = htons(size_flags);
    tcp->seq = htonl(ntohl(tcp->seq) + c->at);
    f->sum = add(add(f->sum, tcp->size_flags), tcp->seq);
    tcp->checksum = l4_checksum(f, i);
    f->sum = add(f->sum, tcp->checksum);
}

/* Mends size and checksum of UDP in layer 'i'. A checksum of 0 is kept, unless it is the unfinished
 * one. */
static void cut_udp(struct present *f, unsigned i)
{
    const struct cutter *c = f->c;
    struct udp_header *udp = (struct udp_header *) (f->data + c->layers.layer[i].l4);
    bool unfinished = i + 1 == c->layers.n && c->p->offload.flags & PACKET_CSUM_PARTIAL;
    udp->size = htons(f->size - c->layers.layer[i].l4);
    f->sum = add(f->sum, udp->size);
    if (udp->checksum || unfinished) {
        be16 sum = l4_checksum(f, i);
        udp->checksum = sum ? sum : UINT16_MAX;
        f->sum = add(f->sum, udp->checksum);
    }
}

/* Mends the checksum of GRE in layer 'i' if it has one. */
static void cut_gre(struct present *f, unsigned i)
{
    uint8_t *gre = f->data + f->c->layers.layer[i].l4;
    if (gre_has_checksum(gre)) {
        be16 checksum = checksum_finish(f->sum);
        memcpy(gre + sizeof(struct gre_header), &checksum, sizeof checksum);
        f->sum = add(f->sum, checksum);
    }
}

/* How what a layer carries is mended; NULL: not at all. */
static void (*const cut_l4[256])(struct present *f, unsigned i) = {
    [IP_NUMBER_TCP] = cut_tcp,
    [IP_NUMBER_UDP] = cut_udp,
    [IP_NUMBER_GRE] = cut_gre,
};

void cutter_next(struct cutter *c, struct packet *frame)
{
    const struct packet *p = c->p;
    struct present f = {.c = c, .data = frame->data, .size = cutter_next_size(c)};
    size_t payload_size = f.size - c->header_size;
    memcpy(f.data, p->data, c->header_size);
    f.sum = checksum_copy(0, f.data + c->header_size, p->data + c->header_size + c->at,
                          payload_size);
    for (unsigned i = c->layers.n; i-- > 0;) {
        uint8_t proto = c->layers.layer[i].proto;
        f.sum = add(f.sum, c->sums[i].l4);
        if (cut_l4[proto]) {
            cut_l4[proto](&f, i);
        }
        cut_ip(&f, i);
    }
    c->at += payload_size;
    c->index++;
    frame->size = f.size;
    packet_follow(frame, p);
}
