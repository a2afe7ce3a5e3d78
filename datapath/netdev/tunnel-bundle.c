/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a tunnel over UDP, cut from one super-frame, packed as a super-frame of datagrams. */
#include "datapath/netdev/tunnel-bundle.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/packet/checksum.h"
#include "lib/packet/headers.h"
#include "lib/util.h"

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
 * one, which every receiver takes. */

bool tunnel_bundle_init(struct tunnel_bundle *b, const struct packet *p)
{
    struct layers layers;
    if (!p->offload.gso || !layers_find(p->data, p->size, LAYERS_OUTER, 0, &layers)) {
        return false;
    }
    const struct layer *outer = &layers.layer[0];
    *b = (struct tunnel_bundle) {
        .outer = *outer,
        .header_size = outer->l4 + sizeof(struct udp_header),
    };
    return outer->proto == IP_NUMBER_UDP && p->offload.flags & PACKET_CSUM_PARTIAL
           && p->offload.csum_start >= b->header_size;
}

/* True if a datagram of 'size' bytes can follow those in '*b'. */
static bool has_room(const struct tunnel_bundle *b, uint32_t size)
{
    const struct packet *p = b->packet;
    bool all_alike = p->size == b->header_size + b->n * b->datagram_size;
    return all_alike && size <= b->datagram_size && size <= packet_tailroom(p)
           && p->size + size - b->outer.ip <= UINT16_MAX;
}

/* Begins a bundle with the headers of 'frame', for datagrams of 'size' bytes. */
static bool begin(struct tunnel_bundle *b, const struct packet *frame, uint32_t size,
                  struct packet_pool *pool)
{
    struct packet *p = packet_pool_get(pool, PACKET_LARGE - PACKET_HEADROOM);
    if (!p) {
        return false;
    }
    memcpy(p->data, frame->data, b->header_size);
    p->size = b->header_size;
    p->in_port = frame->in_port;
    p->hops = frame->hops;
    p->l3_offset = frame->l3_offset;
    p->l4_offset = frame->l4_offset;
    b->packet = p;
    b->datagram_size = size;
    b->n = 0;
    return true;
}

bool tunnel_bundle_add(struct tunnel_bundle *b, const struct packet *frame,
                       struct packet_pool *pool)
{
    uint32_t size = frame->size - b->header_size;
    if (b->packet ? !has_room(b, size) : !begin(b, frame, size, pool)) {
        return false;
    }
    struct packet *p = b->packet;
    memcpy(p->data + p->size, frame->data + b->header_size, size);
    p->size += size;
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
    if (p && b->n > 1) {
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
