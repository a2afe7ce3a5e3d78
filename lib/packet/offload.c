/* SPDX-License-Identifier: Apache-2.0 */
/* Finishing checksums and cutting super-frames, as a device would. */
#include "lib/packet/offload.h"

#include <errno.h>
#include <string.h>

#include "lib/packet/checksum.h"
#include "lib/packet/cutter.h"
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
 * What comes with a frame may come from a guest that means harm.  A checksum is stored where the
 * guest says and can be given any value, so if it were finished on the way out, it could change
 * what rules have matched: a tag, an address, a port.  Hence a checksum that is not behind those
 * fields is finished on the way in; of ICMPv6 that is any but its own, since neighbour discovery
 * is read to its end.  And a super-frame of a single byte a segment would keep a thread busy for
 * long, so there is a bound: what Linux makes of 64 KiB at its least MSS, 48 less 12 bytes of
 * options; and likewise for the headers that each segment repeats, which must be there. */

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

/* How others name each enum packet_gso. */
struct gso_row {
    uint8_t vnet_type;  /* 'gso_type' of struct vnet_header. */
    uint8_t capability; /* OFFLOAD_* of a way out that cuts it. */
};

static const struct gso_row gso_rows[] = {
    [PACKET_GSO_TCP4] = {VNET_GSO_TCP4, OFFLOAD_TSO4},
    [PACKET_GSO_TCP6] = {VNET_GSO_TCP6, OFFLOAD_TSO6},
    [PACKET_GSO_UDP] = {VNET_GSO_UDP_L4, OFFLOAD_USO},
};

/* True if the fields of an unfinished checksum lie in the frame of 'size' bytes, behind
 * Ethernet. */
static bool csum_fits(size_t start, size_t offset, size_t size)
{
    return start >= sizeof(struct eth_header) && start + offset + sizeof(be16) <= size;
}

/* True if the unfinished checksum of 'o' is that of the outer L4 header of 'p', or lies behind what
 * is read of that header; of a super-frame there must be a header then. */
static bool csum_is_behind_headers(const struct packet *p, const struct packet_offload *o)
{
    struct layers layers;
    if (!layers_find(p->data, p->size, LAYERS_OUTER, 0, &layers)) {
        return false;
    }
    const struct layer *outer = &layers.layer[0];
    const struct l4_info *l4 = &headers_l4[outer->proto];
    if (LIKELY(o->csum_start == outer->l4)) {
        return o->csum_offset == l4->checksum;
    }
    return outer->proto != IP_NUMBER_ICMPV6 && o->csum_start >= outer->l4 + MAX(l4->min, 1U)
           && (!o->gso || layers_find(p->data, p->size, LAYERS_AT, o->csum_start, &layers));
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
    uint8_t proto = cutter_kinds[gso].proto;
    if (gso == PACKET_GSO_NONE || !vh->gso_size || p->size / vh->gso_size > MAX_SEGMENTS) {
        return EPROTO;
    }
    if (o->flags & PACKET_CSUM_PARTIAL) {
        size_t l4_size = headers_l4_size(p->data, p->size, o->csum_start, proto);
        if (!l4_size || o->csum_offset != headers_l4[proto].checksum
            || o->csum_start + l4_size > CUTTER_MAX_HEADERS) {
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
            uint8_t proto = cutter_kinds[o->gso].proto;
            vh->hdr_len = o->csum_start
                          + headers_l4_size(p->data, p->size, o->csum_start, proto);
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
           && cutter_fits(o->gso, &layers.layer[0]);
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

/* Makes '*frame' an empty frame in 'scratch' that went the way of 'p'. */
static void scratch_frame(struct packet *frame, const struct packet *p, void *scratch, size_t size)
{
    packet_use(frame, scratch, PACKET_LARGE, (uint8_t *) scratch + PACKET_HEADROOM, size);
    packet_follow(frame, p);
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
    struct cutter c;
    int error = cutter_init(&c, p);
    while (!error && cutter_next_size(&c)) {
        struct packet frame;
        packet_use(&frame, scratch, PACKET_LARGE, (uint8_t *) scratch + PACKET_HEADROOM, 0);
        cutter_next(&c, &frame);
        emit(aux, &frame);
    }
    return error;
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
    size_t l4_size = headers_l4_size(p->data, inner->end, inner->l4, IP_NUMBER_TCP);
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
