/* SPDX-License-Identifier: Apache-2.0 */
/* The IP headers that a frame holds one inside the other, tunnels included. */
#ifndef LIB_PACKET_LAYERS_H
#define LIB_PACKET_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LAYERS_MAX = 4, /* IP headers in a frame that we follow. */
};

/* One IP header and what it carries. Offsets are bytes from the frame's start. */
struct layer {
    uint32_t ip;   /* Where the IPv4 or IPv6 header stands. */
    uint32_t l4;   /* Where TCP, UDP, GRE ... stands. */
    uint32_t end;  /* Where the datagram ends; at most the frame's end. */
    uint16_t type; /* ETHER_TYPE_IPV4 or ETHER_TYPE_IPV6, host order. */
    uint8_t proto; /* enum ip_number of what stands at 'l4'. */
};

/* All of them, outermost first. */
struct layers {
    struct layer layer[LAYERS_MAX]; /* The first 'n' are valid. */
    unsigned n;                     /* At least 1. */
};

/* Which way through a tunnel layers_find() takes. */
enum layers_goal {
    LAYERS_OUTER,     /* None: the first IP header is the only one. */
    LAYERS_INNERMOST, /* As deep as it goes; VXLAN and Geneve are known by their ports. */
    LAYERS_AT,        /* Until an L4 header stands at 'l4', whatever the ports. */
};

/* Finds the IP headers of the frame of 'size' bytes at 'frame', behind two tags, SNAP, IPv4 and
 * IPv6 in IP, GRE (checksum and key, not sequence number), VXLAN and Geneve. Returns false if there
 * is none, or (LAYERS_AT) no way to 'l4'. Fragments and what they carry are no layers. */
bool layers_find(const void *frame, size_t size, enum layers_goal goal, uint32_t l4,
                 struct layers *layers);

/* The last of 'layers'. */
static inline const struct layer *layers_inner(const struct layers *layers)
{
    return &layers->layer[layers->n - 1];
}

#endif
