/* SPDX-License-Identifier: Apache-2.0 */
/* The header fields of a packet, as rules match them. */
#ifndef LIB_PACKET_FLOW_H
#define LIB_PACKET_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/byte-order.h"

struct packet;

enum {
    FLOW_WORDS = 32,         /* 64-bit words in a struct flow. */
    FLOW_HOT_WORDS = 8,      /* Words that OpenFlow 1.0's own fields lie in. */
    FLOW_REGS = 16,          /* Registers (Nicira extension). */
    FLOW_TCI_PRESENT = 0x1000, /* Bit of vlan_tci (host order): the frame has a tag. */
    FLOW_DL_TYPE_NONE = 0x05ff, /* dl_type of 802.3 frames without SNAP (section 3.4). */
    FLOW_FRAG_ANY = 1,       /* Bit of nw_frag: any fragment. */
    FLOW_FRAG_LATER = 2,     /* Bit of nw_frag: a fragment with an offset. */
};

/* A packet's fields.  Any bit can be matched.  A field that a packet does not have is 0.
 * Multi-byte header fields are in network byte order, metadata in host order; no padding: the
 * struct can be compared and hashed as words.
 *
 * The VLAN fields of OpenFlow 1.0 are parts of vlan_tci: an untagged frame has 0, a tagged one its
 * TCI with the CFI bit (0x1000) set whatever the frame's DEI says. dl_vlan is bits 0x1fff (so
 * 0xffff, untagged, is 0 and VID 5 is 0x1005), dl_vlan_pcp bits 0xe000, each matched on its own. */
struct flow {
    union {
        struct {
            /* Hot: all that OpenFlow 1.0 matches, and what fits beside it. */
            uint32_t in_port;   /* OpenFlow port number, host order. */
            be16 dl_type;       /* After the tag; FLOW_DL_TYPE_NONE for bare 802.3. */
            be16 vlan_tci;      /* Outer tag, see above. */
            uint8_t dl_dst[6];  /* Ethernet destination. */
            uint8_t nw_proto;   /* IP protocol, or low byte of the ARP opcode. */
            uint8_t nw_tos;     /* IP TOS or traffic class, all 8 bits (DSCP 0xfc, ECN 0x03). */
            uint8_t dl_src[6];  /* Ethernet source. */
            uint8_t nw_ttl;     /* IP TTL or hop limit. */
            uint8_t nw_frag;    /* FLOW_FRAG_* bits. */
            be32 nw_src;        /* IPv4 source, or ARP SPA. */
            be32 nw_dst;        /* IPv4 destination, or ARP TPA. */
            be16 tp_src;        /* L4 source port, or ICMP type; 0 in fragments. */
            be16 tp_dst;        /* L4 destination port, or ICMP code; 0 in fragments. */
            be16 tcp_flags;     /* TCP flags, low 12 bits. */
            be16 vlan_tci2;     /* Second tag (only its presence ends the parse in 1.0). */
            uint64_t metadata;  /* OpenFlow 1.1+ metadata. */
            be64 tun_id;        /* Tunnel key. */
            uint64_t reserved;  /* Always 0. */

            /* Cold: IPv6, ARP hardware addresses, tunnels, registers. */
            uint8_t ipv6_src[16];     /* IPv6 source. */
            uint8_t ipv6_dst[16];     /* IPv6 destination. */
            uint8_t nd_target[16];    /* Neighbour discovery target. */
            uint8_t arp_sha[6];       /* ARP source hardware address, or ND source link address. */
            uint8_t arp_tha[6];       /* ARP target hardware address, or ND target link address. */
            be32 ipv6_label;          /* Flow label, low 20 bits. */
            be32 tun_src;             /* Tunnel's outer IPv4 source. */
            be32 tun_dst;             /* Tunnel's outer IPv4 destination. */
            uint32_t pkt_mark;        /* Mark, host order. */
            uint32_t reserved2;       /* Always 0. */
            uint32_t regs[FLOW_REGS]; /* Registers, host order. */
            uint64_t reserved3[6];    /* Always 0. */
        };
        uint64_t word[FLOW_WORDS]; /* The same bytes as words, for hashing and comparing. */
    };
};

_Static_assert(sizeof(struct flow) == FLOW_WORDS * 8, "struct flow has padding");
_Static_assert(__builtin_offsetof(struct flow, ipv6_src) == FLOW_HOT_WORDS * 8, "hot part moved");

/* What a flow has beside the fields of the frame and the ingress port: what actions gave it. The
 * members are those of struct flow. */
struct flow_metadata {
    uint64_t metadata;        /* OpenFlow 1.1+ metadata. */
    be64 tun_id;              /* Tunnel key. */
    be32 tun_src;             /* Tunnel's outer IPv4 source. */
    be32 tun_dst;             /* Tunnel's outer IPv4 destination. */
    uint32_t pkt_mark;        /* Mark, host order. */
    uint32_t reserved;        /* Always 0. */
    uint32_t regs[FLOW_REGS]; /* Registers, host order. */
};

/* Fills '*m' with what 'flow' has; false if all of it is 0. */
bool flow_get_metadata(const struct flow *flow, struct flow_metadata *m);

/* Gives 'flow' what '*m' has. */
void flow_set_metadata(struct flow *flow, const struct flow_metadata *m);

/* Fills '*flow' from the frame and 'p->in_port' and sets p->l3_offset and p->l4_offset. Rows A3.4
 * to A3.11: one tag (0x8100 or 0x88a8), SNAP, ARP, IPv4, ICMP, IPv6, fragments, truncation. Never
 * reads past the frame; a truncated header leaves its fields 0. In detail:
 *
 * - A second tag is the frame's dl_type; its TCI goes to vlan_tci2 and nothing behind it is read.
 *   A tag inside SNAP is no tag: dl_type is then 0x8100.
 * - l3_offset is set if a complete IPv4 header (options included), IPv6 header or ARP packet stands
 *   there. ARP addresses are those of protocol IPv4 with 4 bytes, whatever the hardware.
 * - l4_offset is set if a complete header of TCP, UDP, SCTP, ICMP or ICMPv6 stands there (TCP: the
 *   first 20 bytes), also in the first fragment. Only what the IP header counts as its payload is
 *   looked at. A whole packet with less than such a header has nw_proto 0, so that it matches no
 *   entry that names ports.
 * - Fragments have ports 0, but the first one has tcp_flags: who lets packets without SYN pass does
 *   not mean one that begins with it. The later ones of IPv6 have the protocol that the fragment
 *   header names. An IPv6 packet with a fragment header that is whole is no fragment.
 * - IPv6: nw_proto is what stands behind up to 8 extension headers, 0 behind a longer or truncated
 *   chain. Of ICMP only that of the same IP version is read. */
void flow_extract(struct packet *p, struct flow *flow);

/* For the fragment mode NX_MATCH (A3.9), after flow_extract(): gives a first fragment the ports (or
 * ICMP type and code) of its L4 header if that is complete. Nothing for others. */
void flow_add_fragment_ports(const struct packet *p, struct flow *flow);

/* Hash of the words in 'map' (bit i: word i), each ANDed with the same word of 'mask'. All bits of
 * the result are good. A secret 'seed' makes collisions unpredictable. */
uint32_t flow_hash_masked(const struct flow *flow, const struct flow *mask, uint32_t map,
                          uint32_t seed);

#endif
