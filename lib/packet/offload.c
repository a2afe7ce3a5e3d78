/* SPDX-License-Identifier: Apache-2.0 */
/* Finishing checksums and cutting super-frames, as a device would. */
#include "lib/packet/offload.h"

#include <errno.h>
#include <string.h>

#include "lib/packet/checksum.h"
#include "lib/packet/headers.h"
#include "lib/packet/layers.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * An unfinished checksum holds the sum of the pseudo header; the sum from csum_start to the frame's
 * end, complemented, is the checksum (virtio 1.1, 5.1.6.2).  SCTP is the exception: its CRC32c is
 * announced in the same way, by the offset 8 that no other protocol has.
 *
 * A super-frame is cut by copying its headers before each piece of its payload and mending what
 * depends on size or position: sequence number and flags of TCP, sizes and identifications of all
 * IP headers, and all checksums, from the innermost layer to the outermost, since the outer ones
 * cover the inner.  Nothing that was in the checksum fields is used, so it does not matter whether
 * they were finished.  The label of a super-frame in a tunnel names the inner protocol alone
 * ("TCP over IPv4"); that there is a tunnel shows only in csum_start.
 *
 * What comes with a frame may come from a guest that means harm.  A checksum is stored where the
 * guest says and can be given any value, so if it were finished on the way out, it could change
 * what rules have matched: a tag, an address, a port.  Hence a checksum that is not behind those
 * fields is finished on the way in.  And a super-frame of a single byte a segment would keep a
 * thread busy for long, so there is a bound: what Linux makes of 64 KiB at its least MSS, 48 less
 * 12 bytes of options. */

enum { MAX_SEGMENTS = 2048 }; /* Frames in a super-frame that comes in. */

/* Flags and types of struct vnet_header. */
enum {
    VNET_NEEDS_CSUM = 1,
    VNET_DATA_VALID = 2,
    VNET_GSO_TCP4 = 1,
    VNET_GSO_TCP6 = 4,
    VNET_GSO_UDP_L4 = 5,
    VNET_GSO_ECN = 0x80,
};

/* What each enum packet_gso stands for. */
struct gso_row {
    uint8_t vnet_type;  /* 'gso_type' of struct vnet_header. */
    uint8_t capability; /* OFFLOAD_* of a way out that cuts it. */
    uint8_t proto;      /* L4 protocol. */
    uint16_t type;      /* EtherType of the IP header before it; 0: either. */
};

static const struct gso_row gso_rows[] = {
    [PACKET_GSO_TCP4] = {VNET_GSO_TCP4, OFFLOAD_TSO4, IP_NUMBER_TCP, ETHER_TYPE_IPV4},
    [PACKET_GSO_TCP6] = {VNET_GSO_TCP6, OFFLOAD_TSO6, IP_NUMBER_TCP, ETHER_TYPE_IPV6},
    [PACKET_GSO_UDP] = {VNET_GSO_UDP_L4, OFFLOAD_USO, IP_NUMBER_UDP, 0},
};

/* True if 'layer' carries what 'row' cuts. */
static bool row_fits(const struct gso_row *row, const struct layer *layer)
{
    return layer->proto == row->proto && (!row->type || layer->type == row->type);
}

/* Size of the TCP or UDP header at 'l4' in the frame of 'size' bytes; 0 if it is not complete. */
static size_t l4_header_size(const uint8_t *frame, size_t size, size_t l4, uint8_t proto)
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

/* True if the fields of an unfinished checksum lie in the frame of 'size' bytes, behind
 * Ethernet. */
static bool csum_fits(size_t start, size_t offset, size_t size)
{
    return start >= sizeof(struct eth_header) && start + offset + sizeof(be16) <= size;
}

/* True if the unfinished checksum of 'o' is that of the outer L4 header of 'p', or lies behind that
 * header. */
static bool csum_is_behind_headers(const struct packet *p, const struct packet_offload *o)
{
    struct layers layers;
    if (!layers_find(p->data, p->size, LAYERS_OUTER, 0, &layers)) {
        return false;
    }
    const struct layer *outer = &layers.layer[0];
    const struct l4_info *l4 = &headers_l4[outer->proto];
    return o->csum_start == outer->l4 ? o->csum_offset == l4->checksum
                                      : o->csum_start >= outer->l4 + MAX(l4->min, 1U);
}

/* The super-frame that 'type' of struct vnet_header names; none if we can't cut it. */
static enum packet_gso gso_of_vnet(uint8_t type)
{
    for (unsigned gso = PACKET_GSO_NONE + 1; gso < ARRAY_SIZE(gso_rows); gso++) {
        if (gso_rows[gso].vnet_type == type) {
            return gso;
        }
    }
    return PACKET_GSO_NONE;
}

/* Completes '*o', which has the checksum's part of 'vh', by what 'vh' says of segments. */
static int gso_from_vnet(const struct packet *p, const struct vnet_header *vh,
                         struct packet_offload *o)
{
    enum packet_gso gso = gso_of_vnet(vh->gso_type & ~VNET_GSO_ECN);
    const struct gso_row *row = &gso_rows[gso];
    if (gso == PACKET_GSO_NONE || !vh->gso_size || p->size / vh->gso_size > MAX_SEGMENTS) {
        return EPROTO;
    }
    if (o->flags & PACKET_CSUM_PARTIAL) {
        size_t l4_size = l4_header_size(p->data, p->size, o->csum_start, row->proto);
        if (!l4_size || o->csum_offset != headers_l4[row->proto].checksum) {
            return EPROTO;
        }
        o->header_size = o->csum_start + l4_size;
        if (p->size - o->header_size <= vh->gso_size) {
            return 0;
        }
    }
    o->gso = gso;
    o->gso_size = vh->gso_size;
    o->flags |= vh->gso_type & VNET_GSO_ECN ? PACKET_GSO_ECN : 0;
    return 0;
}

int offload_from_vnet(struct packet *p, const struct vnet_header *vh)
{
    struct packet_offload o = {.gso = PACKET_GSO_NONE};
    p->offload = o;
    if (vh->flags & VNET_NEEDS_CSUM) {
        if (!csum_fits(vh->csum_start, vh->csum_offset, p->size)) {
            return EPROTO;
        }
        o.flags = PACKET_CSUM_PARTIAL;
        o.csum_start = vh->csum_start;
        o.csum_offset = vh->csum_offset;
    } else if (vh->flags & VNET_DATA_VALID) {
        o.flags = PACKET_CSUM_VALID;
    }
    int error = vh->gso_type ? gso_from_vnet(p, vh, &o) : 0;
    bool odd = !error && o.flags & PACKET_CSUM_PARTIAL && !csum_is_behind_headers(p, &o);
    if (error || (odd && o.gso)) {
        return EPROTO;
    }
    p->offload = o;
    if (UNLIKELY(odd)) {
        offload_finish_checksum(p);
    }
    return 0;
}

void offload_to_vnet(const struct packet *p, struct vnet_header *vh)
{
    const struct packet_offload *o = &p->offload;
    *vh = (struct vnet_header) {.hdr_len = MIN((uint32_t) o->header_size, p->size)};
    if (o->flags & PACKET_CSUM_PARTIAL) {
        vh->flags = VNET_NEEDS_CSUM;
        vh->csum_start = o->csum_start;
        vh->csum_offset = o->csum_offset;
    }
    if (o->gso) {
        vh->gso_type = gso_rows[o->gso].vnet_type;
        vh->gso_type |= o->flags & PACKET_GSO_ECN ? VNET_GSO_ECN : 0;
        vh->gso_size = o->gso_size;
        if (!vh->hdr_len && o->flags & PACKET_CSUM_PARTIAL) {
            vh->hdr_len = o->csum_start
                          + l4_header_size(p->data, p->size, o->csum_start, gso_rows[o->gso].proto);
        }
    }
}

/* True if the unfinished checksum of 'o' is the CRC32c of SCTP. */
static bool is_crc(const struct packet_offload *o)
{
    return o->csum_offset == offsetof(struct sctp_header, checksum);
}

bool offload_can_pass(const struct packet *p, unsigned capabilities)
{
    const struct packet_offload *o = &p->offload;
    bool partial = o->flags & PACKET_CSUM_PARTIAL;
    if (partial && (!(capabilities & OFFLOAD_CSUM) || is_crc(o))) {
        return false;
    }
    if (!o->gso) {
        return true;
    }
    struct layers layers;
    return partial && capabilities & gso_rows[o->gso].capability
           && layers_find(p->data, p->size, LAYERS_OUTER, 0, &layers)
           && layers.layer[0].l4 == o->csum_start
           && row_fits(&gso_rows[o->gso], &layers.layer[0]);
}

uint32_t offload_header_size(const struct packet *p)
{
    const struct packet_offload *o = &p->offload;
    uint32_t headers = o->header_size;
    if (!headers && o->flags & PACKET_CSUM_PARTIAL) {
        headers = o->csum_start + sizeof(struct udp_header);
        if (o->gso != PACKET_GSO_UDP && o->csum_start + sizeof(struct tcp_header) <= p->size) {
            headers = o->csum_start + (p->data[o->csum_start + 12] >> 4) * 4;
        }
    }
    return headers;
}

uint32_t offload_wire_size(const struct packet *p)
{
    uint32_t headers = offload_header_size(p);
    if (!p->offload.gso || !p->offload.gso_size || headers >= p->size) {
        return p->size;
    }
    uint32_t segments = DIV_ROUND_UP(p->size - headers, (uint32_t) p->offload.gso_size);
    return p->size + (segments - 1) * headers;
}

/* Stores the CRC32c of the SCTP packet of 'size' bytes at 'sctp'. */
static void finish_crc(struct sctp_header *sctp, size_t size)
{
    if (size >= sizeof *sctp) {
        sctp->checksum = 0;
        sctp->checksum = checksum_crc32c(sctp, size);
    }
}

void offload_finish_checksum(struct packet *p)
{
    struct packet_offload *o = &p->offload;
    if (!(o->flags & PACKET_CSUM_PARTIAL) || o->gso) {
        return;
    }
    o->flags &= ~PACKET_CSUM_PARTIAL;
    if (!csum_fits(o->csum_start, o->csum_offset, p->size)) {
        return;
    }
    uint8_t *start = p->data + o->csum_start;
    size_t size = p->size - o->csum_start;
    if (is_crc(o)) {
        finish_crc((struct sctp_header *) start, size);
        return;
    }
    be16 sum = checksum_finish(checksum_add(0, start, size));
    sum = sum ? sum : UINT16_MAX;
    memcpy(start + o->csum_offset, &sum, sizeof sum);
}

/* How a super-frame is cut; all of it checked. */
struct cut {
    const struct packet *p; /* The super-frame. */
    struct layers layers;   /* Its IP headers; the last one carries what is cut. */
    size_t header_size;     /* Bytes before the payload. */
    size_t payload_size;    /* Bytes of payload in all. */
    size_t gso_size;        /* Bytes of payload in each frame but the last. */
    size_t at;              /* Bytes of payload in the frames before the present one. */
    uint16_t index;         /* Number of the present frame. */
};

/* Prepares '*c' for 'p'; EPROTO if its metadata do not fit the frame. */
static int cut_init(struct cut *c, const struct packet *p)
{
    const struct packet_offload *o = &p->offload;
    enum layers_goal goal = o->flags & PACKET_CSUM_PARTIAL ? LAYERS_AT : LAYERS_INNERMOST;
    *c = (struct cut) {.p = p, .gso_size = o->gso_size};
    if (o->gso >= ARRAY_SIZE(gso_rows) || !o->gso_size
        || !layers_find(p->data, p->size, goal, o->csum_start, &c->layers)) {
        return EPROTO;
    }
    const struct layer *inner = layers_inner(&c->layers);
    if (!row_fits(&gso_rows[o->gso], inner)) {
        return EPROTO;
    }
    size_t l4_size = l4_header_size(p->data, p->size, inner->l4, inner->proto);
    c->header_size = inner->l4 + l4_size;
    c->payload_size = p->size - c->header_size;
    size_t largest = c->header_size + MIN(c->gso_size, c->payload_size);
    return !l4_size || largest - c->layers.layer[0].ip > UINT16_MAX
                   || largest > PACKET_LARGE - PACKET_HEADROOM
               ? EPROTO
               : 0;
}

/* Sets sequence number and flags of the TCP header of the present frame. */
static void cut_tcp(const struct cut *c, struct tcp_header *tcp)
{
    uint16_t size_flags = ntohs(tcp->size_flags);
    if (c->at + c->gso_size < c->payload_size) {
        size_flags &= ~(TCP_FIN | TCP_PSH);
    }
    if (c->index > 0) {
        size_flags &= ~TCP_CWR;
    }
    tcp->size_flags = htons(size_flags);
    tcp->seq = htonl(ntohl(tcp->seq) + c->at);
}

/* Sets size, identification and checksum of the IP header of 'layer', up to the end of 'frame'. */
static void cut_ip(const struct cut *c, const struct layer *layer, struct packet *frame)
{
    size_t size = frame->size - layer->ip;
    uint8_t *data = frame->data + layer->ip;
    if (layer->type == ETHER_TYPE_IPV6) {
        struct ipv6_header *ip6 = (struct ipv6_header *) data;
        ip6->payload_size = htons(size - sizeof *ip6);
        return;
    }
    struct ipv4_header *ip = (struct ipv4_header *) data;
    ip->total_size = htons(size);
    ip->id = htons(ntohs(ip->id) + c->index);
    ip->checksum = 0;
    ip->checksum = checksum_finish(checksum_add(0, ip, layer->l4 - layer->ip));
}

/* Checksum with pseudo header of what 'layer' carries up to the end of 'frame'. */
static be16 l4_sum(const struct layer *layer, const struct packet *frame)
{
    const uint8_t *ip = frame->data + layer->ip;
    size_t size = frame->size - layer->l4;
    uint32_t sum = layer->type == ETHER_TYPE_IPV6 ? checksum_pseudo6(ip, layer->proto, size)
                                                  : checksum_pseudo4(ip, layer->proto, size);
    return checksum_finish(checksum_add(sum, frame->data + layer->l4, size));
}

/* Sets size and checksum of the UDP header of 'layer'. A checksum of 0 is kept, unless it is the
 * unfinished one ('partial'). */
static void cut_udp(const struct layer *layer, bool partial, struct packet *frame)
{
    struct udp_header *udp = (struct udp_header *) (frame->data + layer->l4);
    udp->size = htons(frame->size - layer->l4);
    if (udp->checksum || partial) {
        udp->checksum = 0;
        be16 sum = l4_sum(layer, frame);
        udp->checksum = sum ? sum : UINT16_MAX;
    }
}

/* Sets the checksum of the GRE header of 'layer' if it has one (RFC 2784, 2.5). */
static void cut_gre(const struct layer *layer, struct packet *frame)
{
    uint8_t *gre = frame->data + layer->l4;
    if (get_be16(gre) & GRE_CHECKSUM) {
        uint8_t *field = gre + sizeof(struct gre_header);
        put_be16(field, 0);
        be16 sum = checksum_finish(checksum_add(0, gre, frame->size - layer->l4));
        memcpy(field, &sum, sizeof sum);
    }
}

/* Mends what 'layer' carries and its IP header in the present frame. */
static void cut_layer(const struct cut *c, const struct layer *layer, struct packet *frame)
{
    bool inner = layer == layers_inner(&c->layers);
    cut_ip(c, layer, frame);
    if (layer->proto == IP_NUMBER_TCP) {
        struct tcp_header *tcp = (struct tcp_header *) (frame->data + layer->l4);
        cut_tcp(c, tcp);
        tcp->checksum = 0;
        tcp->checksum = l4_sum(layer, frame);
    } else if (layer->proto == IP_NUMBER_UDP) {
        cut_udp(layer, inner && c->p->offload.flags & PACKET_CSUM_PARTIAL, frame);
    } else if (layer->proto == IP_NUMBER_GRE) {
        cut_gre(layer, frame);
    }
}

/* Makes '*frame' an empty frame in 'scratch' that went the way of 'p'. */
static void scratch_frame(struct packet *frame, const struct packet *p, void *scratch, size_t size)
{
    packet_use(frame, scratch, PACKET_LARGE, (uint8_t *) scratch + PACKET_HEADROOM, size);
    frame->in_port = p->in_port;
    frame->hops = p->hops;
    frame->captured = p->captured;
    frame->l3_offset = p->l3_offset;
    frame->l4_offset = p->l4_offset;
}

/* Builds the present frame in 'scratch'. */
static void cut_frame(const struct cut *c, void *scratch, struct packet *frame)
{
    size_t size = MIN(c->gso_size, c->payload_size - c->at);
    scratch_frame(frame, c->p, scratch, c->header_size + size);
    memcpy(frame->data, c->p->data, c->header_size);
    memcpy(frame->data + c->header_size, c->p->data + c->header_size + c->at, size);
    for (unsigned i = c->layers.n; i-- > 0;) {
        cut_layer(c, &c->layers.layer[i], frame);
    }
}

/* Gives the ordinary frame 'p' to 'emit', finished. */
static int segment_none(const struct packet *p, void *scratch,
                        void (*emit)(void *aux, struct packet *frame), void *aux)
{
    struct packet frame;
    if (p->offload.flags & PACKET_CSUM_PARTIAL) {
        if (p->size > PACKET_LARGE - PACKET_HEADROOM) {
            return EPROTO;
        }
        scratch_frame(&frame, p, scratch, p->size);
        memcpy(frame.data, p->data, p->size);
        frame.offload = p->offload;
        offload_finish_checksum(&frame);
    } else {
        frame = *p;
        frame.pool = NULL;
        frame.refs = 1;
    }
    emit(aux, &frame);
    return 0;
}

int offload_segment(const struct packet *p, void *scratch,
                    void (*emit)(void *aux, struct packet *frame), void *aux)
{
    if (!p->offload.gso) {
        return segment_none(p, scratch, emit, aux);
    }
    struct cut c;
    int error = cut_init(&c, p);
    if (error) {
        return error;
    }
    do {
        struct packet frame;
        cut_frame(&c, scratch, &frame);
        emit(aux, &frame);
        c.at += c.gso_size;
        c.index++;
    } while (c.at < c.payload_size);
    return 0;
}

/* True if the checksum that 'layer' carries is its pseudo header's sum and not by chance right. */
static bool looks_unfinished(const struct packet *p, const struct layer *layer)
{
    const uint8_t *ip = p->data + layer->ip, *l4 = p->data + layer->l4;
    size_t size = layer->end - layer->l4;
    if (layer->proto == IP_NUMBER_SCTP) {
        return !get_be32(l4 + headers_l4[layer->proto].checksum);
    }
    uint32_t pseudo = layer->type == ETHER_TYPE_IPV6 ? checksum_pseudo6(ip, layer->proto, size)
                                                     : checksum_pseudo4(ip, layer->proto, size);
    be16 stored, finished = checksum_finish(pseudo);
    memcpy(&stored, l4 + headers_l4[layer->proto].checksum, sizeof stored);
    return (stored ^ finished) == UINT16_MAX
           && checksum_finish(checksum_add(pseudo, l4, size)) != 0;
}

/* Marks 'p', whose inner TCP stands in 'layers', as a super-frame if it is larger than 'mtu'. */
static void guess_gso(struct packet *p, const struct layers *layers, unsigned mtu)
{
    const struct layer *outer = &layers->layer[0], *inner = layers_inner(layers);
    size_t l4_size = l4_header_size(p->data, inner->end, inner->l4, IP_NUMBER_TCP);
    size_t headers = inner->l4 + l4_size;
    if (!l4_size || inner->end != p->size || outer->end - outer->ip <= mtu
        || headers - outer->ip >= mtu) {
        return;
    }
    p->offload.gso = inner->type == ETHER_TYPE_IPV6 ? PACKET_GSO_TCP6 : PACKET_GSO_TCP4;
    p->offload.gso_size = mtu - (headers - outer->ip);
    p->offload.header_size = headers;
}

void offload_guess(struct packet *p, unsigned mtu)
{
    struct layers layers;
    p->offload = (struct packet_offload) {.gso = PACKET_GSO_NONE};
    if (!layers_find(p->data, p->size, LAYERS_INNERMOST, 0, &layers)) {
        return;
    }
    const struct layer *inner = layers_inner(&layers);
    const struct l4_info *l4 = &headers_l4[inner->proto];
    bool l4_known = inner->proto == IP_NUMBER_TCP || inner->proto == IP_NUMBER_UDP
                    || inner->proto == IP_NUMBER_SCTP;
    if (!l4_known || inner->end - inner->l4 < l4->min || inner->l4 > UINT16_MAX) {
        return;
    }
    if (looks_unfinished(p, inner)) {
        p->offload.flags = PACKET_CSUM_PARTIAL;
        p->offload.csum_start = inner->l4;
        p->offload.csum_offset = l4->checksum;
    }
    if (inner->proto == IP_NUMBER_TCP) {
        guess_gso(p, &layers, mtu);
    }
}
