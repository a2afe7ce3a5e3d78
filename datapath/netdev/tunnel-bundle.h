/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a tunnel over UDP, cut from one super-frame, packed as a super-frame of datagrams. */
#ifndef DATAPATH_NETDEV_TUNNEL_BUNDLE_H
#define DATAPATH_NETDEV_TUNNEL_BUNDLE_H

#include <stdbool.h>

#include "lib/packet/cutter.h"
#include "lib/packet/layers.h"
#include "lib/packet/packet.h"

/* What has been packed so far; all 0 at first. Belongs to one thread; lives on its stack. */
struct tunnel_bundle {
    struct packet *packet;  /* The bundle, from a pool; NULL if it is empty. */
    struct layer outer;     /* The outer IP header of every frame. */
    uint32_t header_size;   /* Bytes up to the end of the outer UDP header. */
    uint32_t datagram_size; /* Bytes behind it in each frame; the last may have fewer. */
    unsigned n;             /* Frames. */
};

/* True if the frames of 'c' can be packed: those of a super-frame inside a tunnel over UDP. */
bool tunnel_bundle_takes(const struct cutter *c);

/* Adds the next frame of 'c', which tunnel_bundle_takes(): all frames of one super-frame, in order,
 * and then perhaps those of another. Returns false, with nothing done, if the frame can't follow
 * those in the bundle, or if the bundle is empty and 'pool' has no large packet left. */
bool tunnel_bundle_add(struct tunnel_bundle *b, struct cutter *c, struct packet_pool *pool);

/* Empties '*b', which is not empty. Returns its packet, of the pool and now the caller's: a UDP
 * super-frame, or the frame if it was the only one. */
struct packet *tunnel_bundle_take(struct tunnel_bundle *b);

#endif
