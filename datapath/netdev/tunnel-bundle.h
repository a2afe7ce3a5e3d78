/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a tunnel over UDP, cut from one super-frame, packed as a super-frame of datagrams. */
#ifndef DATAPATH_NETDEV_TUNNEL_BUNDLE_H
#define DATAPATH_NETDEV_TUNNEL_BUNDLE_H

#include <stdbool.h>

#include "lib/packet/layers.h"
#include "lib/packet/packet.h"

/* What has been packed so far. Belongs to one thread; lives on its stack. */
struct tunnel_bundle {
    struct packet *packet;  /* The bundle, from a pool; NULL if it is empty. */
    struct layer outer;     /* The outer IP header of every frame. */
    uint32_t header_size;   /* Bytes up to the end of the outer UDP header. */
    uint32_t datagram_size; /* Bytes behind it in each frame; the last may have fewer. */
    unsigned n;             /* Frames. */
};

/* Makes '*b' an empty bundle for the frames of 'p'. Returns false if 'p' is no super-frame inside a
 * tunnel over UDP: its frames can't be packed. */
bool tunnel_bundle_init(struct tunnel_bundle *b, const struct packet *p);

/* Adds a copy of 'frame', one of those that offload_segment() makes of the packet of
 * tunnel_bundle_init(), in order. Returns false, with nothing done, if the bundle is full, or if it
 * is empty and 'pool' has no large packet left. */
bool tunnel_bundle_add(struct tunnel_bundle *b, const struct packet *frame,
                       struct packet_pool *pool);

/* Empties '*b'. Returns its packet, of the pool and now the caller's: a UDP super-frame, or the
 * frame if it was the only one; NULL if the bundle was empty. */
struct packet *tunnel_bundle_take(struct tunnel_bundle *b);

#endif
