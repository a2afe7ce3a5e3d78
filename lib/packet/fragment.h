/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting an IPv4 packet into fragments, into memory of the caller's choice. */
#ifndef LIB_PACKET_FRAGMENT_H
#define LIB_PACKET_FRAGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/packet/packet.h"

/* How a packet is cut, and how far. Life cycle: fragment_init(), fragment_next() as long as
 * fragment_next_size() is not 0; the packet must stay as it is meanwhile. Belongs to one thread.
 *
 * Options that are not to be copied are in the first fragment only (RFC 791, 3.1).  Whether "don't
 * fragment" is set is for the caller to judge; the fragments have it if the packet has. */
struct fragment_cut {
    const struct packet *p; /* The packet; borrowed. */
    uint32_t length_offset; /* Of its 802.3 length; 0 if it has none. */
    uint32_t header_size;   /* Bytes of its IPv4 header. */
    uint32_t total;         /* Bytes of its payload. */
    uint32_t room;          /* Bytes of payload that fit into a fragment. */
    uint32_t at;            /* Bytes of payload in the fragments before the next one. */
};

/* Prepares '*c' for 'p', a frame with a whole IPv4 packet at p->l3_offset, to be cut into IPv4
 * packets of at most 'mtu' bytes, LLC/SNAP included if it has that. Returns 0, or EMSGSIZE if 'p'
 * is no such frame, is still to be finished, or 'mtu' leaves no room. */
int fragment_init(struct fragment_cut *c, const struct packet *p, unsigned mtu);

/* Bytes of the next frame; 0 if all have been built. */
size_t fragment_next_size(const struct fragment_cut *c);

/* Builds the next frame at frame->data, where there is room for it, and sets its size; it follows
 * the packet (packet_follow()), but for l4_offset: there is none. */
void fragment_next(struct fragment_cut *c, struct packet *frame);

#endif
