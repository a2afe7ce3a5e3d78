/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a tunnel over UDP, cut from one super-frame, packed as a super-frame of datagrams. */
#include "datapath/netdev/tunnel-bundle.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/packet/checksum.h"
#include "lib/packet/headers.h"

/* Theory
 * ======
 *
 * A super-frame of TCP in a tunnel can't be given to a packet socket: the virtio-net header has no
 * word for the tunnel, and Linux drops what lands in a tunnel's socket without that word. Cut, it
 * is some 45 frames, each of which costs a walk through the kernel, as far as the receiver's
 * tunnel.
 *
 * But to everybody on the way those frames are nothing but datagrams of one flow and of equal size,
 * the last one excepted, and for that there is a word: UDP segmentation. So what stands behind the
 * outer UDP header of each frame, finished, is strung together behind one copy of the headers. The
 * kernel takes it apart where it must: for a device that can't, or before the tunnel. The outer IP
 * identifications count up in both ways of cutting; only an outer UDP checksum of 0 becomes a real
 * one, which every receiver takes.
 *
 * The headers of all frames make more than one datagram can hold of a full super-frame, by a frame
 * or two. For them alone another walk would be a pity, so a bundle goes on with the next
 * super-frame if that is the same flow's.
 *
 * A frame is built where its datagram is to stand, so its headers cover the end of the datagram
 * before, which is put back; so the payload moves once. */

enum {
    HEADERS_MAX = 128,  /* Bytes up to the end of the outer UDP header. */
    DATAGRAMS_MAX = 64, /* As many as every kernel that cuts UDP takes (newer ones take 128). */
};

/* Bytes up to the end of the outer UDP header of the frames of 'c'. */
static uint32_t header_size_of(const struct cutter *c)
{
    return c->layers.layer[0].l4 + sizeof(struct udp_header);
}

bool tunnel_bundle_takes(const struct cutter *c)
{
    return c->layers.n > 1 && c->layers.layer[0].proto == IP_NUMBER_UDP
           && header_size_of(c) <= HEADERS_MAX;
}

/* True if the bytes from 'from' up to 'to' are the same in 'x' and 'y'. */
static bool equal(const uint8_t *x, const uint8_t *y, size_t from, size_t to)
{
    return !memcmp(x + from, y + from, to - from);
}

/* True if the outer headers 'x' and 'y', which lie as those of 'b', differ at most in sizes,
 * checksums and identification. */
static bool headers_equal(const struct tunnel_bundle *b, const uint8_t *x, const uint8_t *y)
{
    size_t ip = b->outer.ip, ports_end = b->outer.l4 + offsetof(struct udp_header, size);
    if (b->outer.type == ETHER_TYPE_IPV6) {
        return equal(x, y, 0, ip + offsetof(struct ipv6_header, payload_size))
               && equal(x, y, ip + offsetof(struct ipv6_header, next), ports_end);
    }
    return equal(x, y, 0, ip + offsetof(struct ipv4_header, total_size))
           && equal(x, y, ip + offsetof(struct ipv4_header, frag),
                    ip + offsetof(struct ipv4_header, checksum))
           && equal(x, y, ip + offsetof(struct ipv4_header, src), ports_end);
}

/* True if the frames of 'c', of which none has been built, are what comes after those in '*b':
 * alike, and their identifications go on where the others end. */
static bool continues(const struct tunnel_bundle *b, const struct cutter *c)
{
    const uint8_t *first = b->packet->data, *next = c->p->data;
    if (c->layers.layer[0].ip != b->outer.ip || c->layers.layer[0].l4 != b->outer.l4
        || !headers_equal(b, first, next)) {
        return false;
    }
    size_t id = b->outer.ip + offsetof(struct ipv4_header, id);
    return b->outer.type == ETHER_TYPE_IPV6
           || get_be16(next + id) == (uint16_t) (get_be16(first + id) + b->n);
}

/* True if a datagram of 'size' bytes can follow those in '*b'. */
static bool has_room(const struct tunnel_bundle *b, uint32_t size)
{
    const struct packet *p = b->packet;
    bool all_alike = p->size == b->header_size + b->n * b->datagram_size;
    return all_alike && b->n < DATAGRAMS_MAX && size <= b->datagram_size
           && size <= packet_tailroom(p) && p->size + size - b->outer.ip <= UINT16_MAX;
}

/* Begins a bundle with the next frame of 'c'. */
static bool begin(struct tunnel_bundle *b, struct cutter *c, struct packet_pool *pool)
{
    struct packet *p = packet_pool_get(pool, PACKET_LARGE - PACKET_HEADROOM);
    if (!p) {
        return false;
    }
    cutter_next(c, p);
    *b = (struct tunnel_bundle) {
        .packet = p,
        .outer = c->layers.layer[0],
        .header_size = header_size_of(c),
        .datagram_size = p->size - header_size_of(c),
        .n = 1,
    };
    return true;
}

bool tunnel_bundle_add(struct tunnel_bundle *b, struct cutter *c, struct packet_pool *pool)
{
    struct packet *p = b->packet, frame;
    if (!p) {
        return begin(b, c, pool);
    } else if (!has_room(b, cutter_next_size(c) - b->header_size)
               || (!c->index && !continues(b, c))) {
        return false;
    }
    uint8_t covered[HEADERS_MAX], *start = p->data + p->size - b->header_size;
    memcpy(covered, start, b->header_size);
    packet_use(&frame, start, p->base + p->allocated - start, start, 0);
    cutter_next(c, &frame);
    memcpy(start, covered, b->header_size);
    p->size += frame.size - b->header_size;
    b->n++;
    return true;
}

/* Sets sizes and checksum of the outer IP header of 'p' and the pseudo header's sum in its UDP
 * header. */
static void mend_headers(struct packet *p, const struct layer *outer)
{
    uint8_t *ip = p->data + outer->ip;
    struct udp_header *udp = (void *) (p->data + outer->l4);
    uint32_t size = p->size - outer->l4, sum;
    if (outer->type == ETHER_TYPE_IPV6) {
        struct ipv6_header *ip6 = (void *) ip;
        ip6->payload_size = htons(p->size - outer->ip - sizeof *ip6);
        sum = checksum_pseudo6(ip, IP_NUMBER_UDP, size);
    } else {
        struct ipv4_header *ip4 = (void *) ip;
        ip4->total_size = htons(p->size - outer->ip);
        ip4->checksum = 0;
        ip4->checksum = checksum_finish(checksum_add(0, ip, outer->l4 - outer->ip));
        sum = checksum_pseudo4(ip, IP_NUMBER_UDP, size);
    }
    udp->size = htons(size);
    udp->checksum = ~checksum_finish(sum);
}

struct packet *tunnel_bundle_take(struct tunnel_bundle *b)
{
    struct packet *p = b->packet;
    b->packet = NULL;
    if (b->n > 1) {
        mend_headers(p, &b->outer);
        p->offload = (struct packet_offload) {
            .flags = PACKET_CSUM_PARTIAL,
            .gso = PACKET_GSO_UDP,
            .gso_size = b->datagram_size,
            .csum_start = b->outer.l4,
            .csum_offset = offsetof(struct udp_header, checksum),
            .header_size = b->header_size,
        };
    }
    return p;
}
