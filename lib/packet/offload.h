/* SPDX-License-Identifier: Apache-2.0 */
/* Doing in software what a frame's sender left to the device: checksums and segmentation. */
#ifndef LIB_PACKET_OFFLOAD_H
#define LIB_PACKET_OFFLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/packet/packet.h"

/* What a way out can do itself. */
enum {
    OFFLOAD_CSUM = 1 << 0, /* Finish a partial TCP/UDP checksum. */
    OFFLOAD_TSO4 = 1 << 1, /* Cut TCP over IPv4. */
    OFFLOAD_TSO6 = 1 << 2, /* Cut TCP over IPv6. */
    OFFLOAD_USO = 1 << 3,  /* Cut UDP. */
    OFFLOAD_ALL = OFFLOAD_CSUM | OFFLOAD_TSO4 | OFFLOAD_TSO6 | OFFLOAD_USO,
};

/* The virtio-net header (virtio 1.1, 5.1.6, legacy form without num_buffers, host byte order): what
 * AF_PACKET with PACKET_VNET_HDR and TAP with IFF_VNET_HDR put before each frame. */
struct vnet_header {
    uint8_t flags;        /* 1 needs checksum, 2 data valid. */
    uint8_t gso_type;     /* 0 none, 1 TCPv4, 3 UDP fragmentation, 4 TCPv6, 5 UDP_L4, 0x80 ECN. */
    uint16_t hdr_len;     /* Bytes of headers. */
    uint16_t gso_size;    /* Payload bytes in a segment. */
    uint16_t csum_start;  /* Bytes from the frame's start. */
    uint16_t csum_offset; /* Bytes from csum_start. */
};

_Static_assert(sizeof(struct vnet_header) == 10, "struct vnet_header is the wire's");

/* Sets p->offload from 'vh'. Returns 0, or EPROTO if it does not fit the frame (offloads none): the
 * checksum's place lies outside, the L4 header is truncated, a type that we don't know, far too
 * many segments, or far too large headers. UDP fragmentation (type 3) is a type that we don't know:
 * we offer it to nobody, and Linux dropped it in 4.14.  A "super-frame" of one segment becomes an
 * ordinary frame.  A checksum that is not the one of the outer L4 header nor behind that header is
 * finished at once, before anybody reads the fields that it may lie in. */
int offload_from_vnet(struct packet *p, const struct vnet_header *vh);

/* Writes what 'p' still needs into '*vh'. */
void offload_to_vnet(const struct packet *p, struct vnet_header *vh);

/* True if a way out with 'capabilities' (OFFLOAD_*) can take 'p' as it is: also false for a tunnel
 * super-frame whose checksum start is not the outer L4 header (VXLAN, GRE), and for an unfinished
 * CRC32c of SCTP, which a virtio-net header can't announce to the kernel. */
bool offload_can_pass(const struct packet *p, unsigned capabilities);

/* Finishes a partial checksum in place and clears the flag. The packet may not be shared. Nothing
 * is done to a super-frame, which is finished when it is cut. */
void offload_finish_checksum(struct packet *p);

/* Bytes of all headers of the super-frame 'p', which each of its frames has; 0 if unknown. */
uint32_t offload_header_size(const struct packet *p);

/* Bytes of all real frames of 'p' together: its own size if it is no super-frame. */
uint32_t offload_wire_size(const struct packet *p);

/* Gives each real frame of 'p', finished and cut, to 'emit' one after the other; an ordinary frame
 * is given as a copy too if it needed finishing, else it is lent itself, with refs 1 and no pool.
 * Frames are built in 'scratch' memory of at least PACKET_LARGE bytes, with PACKET_HEADROOM before
 * them, and are borrowed during the call; offsets, time, in_port and hops are those of 'p'. 'p' is
 * unchanged. Returns 0, or EPROTO, with nothing emitted, for metadata that don't fit the frame.
 * What is cut, and how, is said in cutter.h. */
int offload_segment(const struct packet *p, void *scratch,
                    void (*emit)(void *aux, struct packet *frame), void *aux);

/* For sources without metadata (pcap, AF_XDP): recognises an unfinished checksum by its
 * pseudo-header sum (SCTP: by 0) and a TCP super-frame by its IP packet's size over 'mtu', inside
 * tunnels too, and sets p->offload. Segments are then as large as 'mtu' allows. Large UDP packets
 * are left as they are, for nobody could tell the size of their datagrams. */
void offload_guess(struct packet *p, unsigned mtu);

#endif
