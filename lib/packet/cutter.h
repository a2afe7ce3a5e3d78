/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a super-frame into the frames that it stands for, into memory of the caller's choice. */
#ifndef LIB_PACKET_CUTTER_H
#define LIB_PACKET_CUTTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/packet/layers.h"
#include "lib/packet/packet.h"

/* What a kind of super-frame is made of. */
struct cutter_kind {
    uint8_t proto; /* L4 protocol that is cut (enum ip_number). */
    uint16_t type; /* EtherType of the IP header before it, host order; 0: either. */
};

/* Indexed by enum packet_gso. */
extern const struct cutter_kind cutter_kinds[];

/* Bytes of all headers of a super-frame at most: far more than any sender makes. Each frame that is
 * cut from it has them, so without a bound a hostile one would become a multiple of its size. */
enum { CUTTER_MAX_HEADERS = 512 };

/* True if 'layer' carries what a super-frame of kind 'gso' is made of. */
bool cutter_fits(enum packet_gso gso, const struct layer *layer);

/* Running sums (checksum.h) of what the headers of one layer have in common in all frames. */
struct cutter_sums {
    uint32_t ip;     /* IP header without size, identification and checksum. */
    uint32_t pseudo; /* Pseudo header without the size. */
    uint32_t l4;     /* What follows, up to the next IP header or the payload, likewise. */
};

/* How a super-frame is cut, and how far. Life cycle: cutter_init(), cutter_next() as long as
 * cutter_next_size() is not 0; the super-frame must stay as it is meanwhile. Belongs to one thread.
 *
 * TCP over IPv4 and IPv6 and UDP are cut, behind up to two tags, and inside VXLAN, Geneve, GRE and
 * IP in IP. Identifications of IPv4 count up, an outer UDP checksum of 0 stays 0. */
struct cutter {
    const struct packet *p; /* The super-frame; borrowed. */
    struct layers layers;   /* Its IP headers; the last one carries what is cut. */
    struct cutter_sums sums[LAYERS_MAX]; /* Of each layer. */
    size_t header_size;     /* Bytes before the payload. */
    size_t payload_size;    /* Bytes of payload in all. */
    size_t gso_size;        /* Bytes of payload in each frame but the last. */
    size_t at;              /* Bytes of payload in the frames before the next one. */
    unsigned index;         /* Number of the next frame. */
};

/* Prepares '*c' for 'p', a super-frame. Returns 0, or EPROTO if its metadata do not fit the
 * frame. */
int cutter_init(struct cutter *c, const struct packet *p);

/* Bytes of the next frame, at most PACKET_LARGE - PACKET_HEADROOM; 0 if all have been built. */
size_t cutter_next_size(const struct cutter *c);

/* Builds the next frame, with all checksums, at frame->data, where there is room for it, and sets
 * its size; offsets, time, in_port and hops become those of the super-frame. */
void cutter_next(struct cutter *c, struct packet *frame);

#endif
