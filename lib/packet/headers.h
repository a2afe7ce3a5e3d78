/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of the protocols in a frame as they lie on the wire, with the numbers they use. */
#ifndef LIB_PACKET_HEADERS_H
#define LIB_PACKET_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/byte-order.h"

/* Wire structs
 * ============
 *
 * Every struct here is packed, so it may lie at any address and its members may be read and written
 * through it directly.  All multi-byte members are in network byte order.  A pointer to a struct
 * says nothing about how many bytes are there: whoever casts has compared sizes first. */

#define HEADERS_PACKED __attribute__((packed))

/* EtherTypes, host order (IANA "ieee-802-numbers"). */
enum ether_type {
    ETHER_LENGTH_MAX = 1500, /* Bytes behind a length at most (IEEE 802.3, 3.2.7). */
    ETHER_TYPE_MIN = 0x0600, /* Below: a length (IEEE 802.3, 3.2.6). */
    ETHER_TYPE_IPV4 = 0x0800,
    ETHER_TYPE_ARP = 0x0806,
    ETHER_TYPE_TEB = 0x6558, /* Ethernet in GRE or Geneve. */
    ETHER_TYPE_RARP = 0x8035,
    ETHER_TYPE_VLAN = 0x8100, /* C-tag. */
    ETHER_TYPE_IPV6 = 0x86dd,
    ETHER_TYPE_QINQ = 0x88a8, /* S-tag. */
};

/* Protocol numbers in IPv4's protocol and IPv6's next header (IANA "protocol-numbers"). */
enum ip_number {
    IP_NUMBER_HOPOPTS = 0, /* Hop-by-hop options (RFC 8200, 4.3). */
    IP_NUMBER_ICMP = 1,
    IP_NUMBER_IPIP = 4, /* IPv4 inside (RFC 2003). */
    IP_NUMBER_TCP = 6,
    IP_NUMBER_UDP = 17,
    IP_NUMBER_IPV6 = 41,     /* IPv6 inside (RFC 4213). */
    IP_NUMBER_ROUTING = 43,  /* Routing header (RFC 8200, 4.4). */
    IP_NUMBER_FRAGMENT = 44, /* Fragment header (RFC 8200, 4.5). */
    IP_NUMBER_GRE = 47,
    IP_NUMBER_AH = 51, /* Authentication header (RFC 4302). */
    IP_NUMBER_ICMPV6 = 58,
    IP_NUMBER_NONE = 59,     /* Nothing follows (RFC 8200, 4.7). */
    IP_NUMBER_DSTOPTS = 60,  /* Destination options (RFC 8200, 4.6). */
    IP_NUMBER_SCTP = 132,
    IP_NUMBER_MOBILITY = 135, /* Mobility header (RFC 6275, 6.1). */
    IP_NUMBER_HIP = 139,      /* Host identity (RFC 7401, 5.1). */
    IP_NUMBER_SHIM6 = 140,    /* Shim6 (RFC 5533, 5.1). */
};

enum {
    ETHER_ADDR_SIZE = 6,     /* Bytes of a MAC address. */
    HEADERS_MAX_EXT = 8,     /* IPv6 extension headers that we look behind. */
    VXLAN_PORT = 4789,       /* UDP port (RFC 7348). */
    VXLAN_PORT_LINUX = 8472, /* UDP port that Linux took before there was one. */
    GENEVE_PORT = 6081,      /* UDP port (RFC 8926). */
};

/* Ethernet (IEEE 802.3, 3.1.1), 14 bytes. */
struct eth_header {
    uint8_t dst[ETHER_ADDR_SIZE]; /* Destination address. */
    uint8_t src[ETHER_ADDR_SIZE]; /* Source address. */
    be16 type;                    /* EtherType, or length if below 0x0600. */
} HEADERS_PACKED;

/* A VLAN tag as it stands at offset 12 (IEEE 802.1Q, 9.3), 4 bytes. */
struct vlan_header {
    be16 tpid; /* 0x8100 or 0x88a8. */
    be16 tci;  /* PCP 0xe000, DEI (CFI) 0x1000, VID 0x0fff. */
} HEADERS_PACKED;

/* LLC and SNAP after an 802.3 length (IEEE 802.2, 3.2; RFC 1042), 8 bytes. */
struct snap_header {
    uint8_t dsap;    /* 0xaa. */
    uint8_t ssap;    /* 0xaa. */
    uint8_t control; /* 3: unnumbered information. */
    uint8_t oui[3];  /* 00:00:00: an EtherType follows. */
    be16 type;       /* EtherType. */
} HEADERS_PACKED;

/* ARP up to the addresses (RFC 826), 8 bytes. */
struct arp_header {
    be16 hrd;    /* Hardware type, 1 Ethernet. */
    be16 pro;    /* Protocol type, an EtherType. */
    uint8_t hln; /* Bytes of a hardware address. */
    uint8_t pln; /* Bytes of a protocol address. */
    be16 op;     /* 1 request, 2 reply. */
} HEADERS_PACKED;

/* ARP for IPv4 over Ethernet (RFC 826), 28 bytes. */
struct arp_eth_header {
    struct arp_header arp;        /* hln 6, pln 4. */
    uint8_t sha[ETHER_ADDR_SIZE]; /* Sender's MAC address. */
    be32 spa;                     /* Sender's IPv4 address. */
    uint8_t tha[ETHER_ADDR_SIZE]; /* Target's MAC address. */
    be32 tpa;                     /* Target's IPv4 address. */
} HEADERS_PACKED;

/* IPv4 without options (RFC 791, 3.1), 20 bytes. */
struct ipv4_header {
    uint8_t version_ihl; /* Version 4 in the high half, header size in 32-bit words in the low. */
    uint8_t tos;         /* DSCP 0xfc and ECN 0x03 (RFC 2474, RFC 3168). */
    be16 total_size;     /* Bytes of header and payload. */
    be16 id;             /* Identification of the datagram that fragments belong to. */
    be16 frag;           /* IPV4_DF, IPV4_MF and the offset in units of 8 bytes. */
    uint8_t ttl;         /* Time to live. */
    uint8_t proto;       /* enum ip_number. */
    be16 checksum;       /* Of the header. */
    be32 src;            /* Source address. */
    be32 dst;            /* Destination address. */
} HEADERS_PACKED;

/* Bits of 'frag' in struct ipv4_header, host order. */
enum {
    IPV4_DF = 0x4000,        /* Don't fragment. */
    IPV4_MF = 0x2000,        /* More fragments follow. */
    IPV4_FRAG_MASK = 0x1fff, /* Offset in units of 8 bytes. */
};

/* IPv6 (RFC 8200, 3), 40 bytes. */
struct ipv6_header {
    be32 version_class_label; /* Version 4 bits, traffic class 8, flow label 20. */
    be16 payload_size;        /* Bytes after this header. */
    uint8_t next;             /* enum ip_number of what follows. */
    uint8_t hop_limit;        /* As the TTL. */
    uint8_t src[16];          /* Source address. */
    uint8_t dst[16];          /* Destination address. */
} HEADERS_PACKED;

/* The start of most IPv6 extension headers (RFC 8200, 4; RFC 4302, 2), 2 bytes. */
struct ipv6_ext_header {
    uint8_t next; /* enum ip_number of what follows. */
    uint8_t size; /* Units of 8 bytes after the first 8; AH: units of 4 bytes, less 2. */
} HEADERS_PACKED;

/* IPv6 fragment header (RFC 8200, 4.5), 8 bytes. */
struct ipv6_frag_header {
    uint8_t next;     /* enum ip_number of what follows in the first fragment. */
    uint8_t reserved; /* 0. */
    be16 frag;        /* Offset in bytes (0xfff8) and IPV6_MF. */
    be32 id;          /* Identification. */
} HEADERS_PACKED;

/* IPv6 routing header (RFC 8200, 4.4), the first 4 bytes. */
struct ipv6_routing_header {
    uint8_t next;          /* enum ip_number of what follows. */
    uint8_t size;          /* Units of 8 bytes after the first 8. */
    uint8_t type;          /* Routing type. */
    uint8_t segments_left; /* Nodes to be visited before the last destination. */
} HEADERS_PACKED;

/* Bits of 'frag' in struct ipv6_frag_header, host order. */
enum {
    IPV6_MF = 0x0001,        /* More fragments follow. */
    IPV6_FRAG_MASK = 0xfff8, /* Offset in bytes. */
};

/* TCP without options (RFC 9293, 3.1), 20 bytes. */
struct tcp_header {
    be16 src;        /* Source port. */
    be16 dst;        /* Destination port. */
    be32 seq;        /* Sequence number. */
    be32 ack;        /* Acknowledgement number. */
    be16 size_flags; /* Header size in 32-bit words 0xf000, flags TCP_*. */
    be16 window;     /* Window. */
    be16 checksum;   /* With pseudo header. */
    be16 urgent;     /* Urgent pointer. */
} HEADERS_PACKED;

/* Bits of 'size_flags' in struct tcp_header, host order. */
enum {
    TCP_FIN = 0x001,
    TCP_SYN = 0x002,
    TCP_RST = 0x004,
    TCP_PSH = 0x008,
    TCP_ACK = 0x010,
    TCP_URG = 0x020,
    TCP_ECE = 0x040,
    TCP_CWR = 0x080, /* Congestion window reduced (RFC 3168, 6.1.2). */
    TCP_FLAGS = 0xfff, /* All flags and reserved bits. */
};

/* UDP (RFC 768), 8 bytes. */
struct udp_header {
    be16 src;      /* Source port. */
    be16 dst;      /* Destination port. */
    be16 size;     /* Bytes of header and payload. */
    be16 checksum; /* With pseudo header; 0: none. */
} HEADERS_PACKED;

/* SCTP's common header (RFC 9260, 3.1), 12 bytes. */
struct sctp_header {
    be16 src;      /* Source port. */
    be16 dst;      /* Destination port. */
    be32 tag;      /* Verification tag. */
    be32 checksum; /* CRC32c of header and chunks, as checksum_crc32c() gives it. */
} HEADERS_PACKED;

/* ICMP (RFC 792) up to the first word that depends on the type, 8 bytes. */
struct icmp_header {
    uint8_t type;  /* Type. */
    uint8_t code;  /* Code. */
    be16 checksum; /* Without pseudo header. */
    be16 id;       /* Of an echo: identifier. */
    be16 seq;      /* Of an echo: sequence number. */
} HEADERS_PACKED;

/* ICMPv6 (RFC 4443, 2.1), 4 bytes. */
struct icmpv6_header {
    uint8_t type;  /* Type. */
    uint8_t code;  /* Code. */
    be16 checksum; /* With pseudo header. */
} HEADERS_PACKED;

/* Neighbour solicitation and advertisement up to the options (RFC 4861, 4.3 and 4.4), 24 bytes. */
struct nd_header {
    struct icmpv6_header icmp; /* ND_SOLICIT or ND_ADVERT, code 0. */
    be32 flags;                /* Router, solicited, override. */
    uint8_t target[16];        /* Target address. */
} HEADERS_PACKED;

/* A neighbour discovery option with a MAC address (RFC 4861, 4.6.1), 8 bytes. */
struct nd_option {
    uint8_t type;                  /* ND_OPT_*. */
    uint8_t size;                  /* Units of 8 bytes, this header included; never 0. */
    uint8_t addr[ETHER_ADDR_SIZE]; /* Link-layer address. */
} HEADERS_PACKED;

/* Numbers of neighbour discovery (RFC 4861, 4). */
enum {
    ND_SOLICIT = 135,  /* ICMPv6 type. */
    ND_ADVERT = 136,   /* ICMPv6 type. */
    ND_OPT_SOURCE = 1, /* Option: source link-layer address. */
    ND_OPT_TARGET = 2, /* Option: target link-layer address. */
};

/* VXLAN (RFC 7348, 5), 8 bytes, in UDP; an Ethernet frame follows. */
struct vxlan_header {
    uint8_t flags;       /* VXLAN_FLAG_VNI. */
    uint8_t reserved[3]; /* 0. */
    be32 vni;            /* Network identifier in the upper 24 bits. */
} HEADERS_PACKED;

enum {
    VXLAN_FLAG_VNI = 0x08, /* Bit of 'flags' in struct vxlan_header that is always set. */
};

/* Geneve up to its options (RFC 8926, 3.4), 8 bytes, in UDP. */
struct geneve_header {
    uint8_t version_size; /* Version 0xc0; size of the options in 4-byte units 0x3f. */
    uint8_t flags;        /* Control, critical. */
    be16 type;            /* EtherType of what follows. */
    be32 vni;             /* Network identifier in the upper 24 bits. */
} HEADERS_PACKED;

/* GRE up to the optional words (RFC 2784, 2.1; RFC 2890, 2), 4 bytes. */
struct gre_header {
    be16 flags; /* GRE_* of the words that follow in this order, 4 bytes each; version 0x0007. */
    be16 type;  /* EtherType of what follows. */
} HEADERS_PACKED;

/* Bits of 'flags' in struct gre_header, host order. */
enum {
    GRE_CHECKSUM = 0x8000, /* Checksum and 2 reserved bytes. */
    GRE_KEY = 0x2000,      /* Key. */
    GRE_SEQ = 0x1000,      /* Sequence number. */
};

_Static_assert(sizeof(struct eth_header) == 14, "Ethernet header");
_Static_assert(sizeof(struct snap_header) == 8, "LLC and SNAP header");
_Static_assert(sizeof(struct arp_eth_header) == 28, "ARP header");
_Static_assert(sizeof(struct ipv4_header) == 20, "IPv4 header");
_Static_assert(sizeof(struct ipv6_header) == 40, "IPv6 header");
_Static_assert(sizeof(struct tcp_header) == 20, "TCP header");
_Static_assert(sizeof(struct udp_header) == 8, "UDP header");
_Static_assert(sizeof(struct sctp_header) == 12, "SCTP header");
_Static_assert(sizeof(struct nd_header) == 24, "neighbour discovery header");

/* Where the IP header at some place ends and what it carries; from headers_parse_ip(). */
struct ip_info {
    uint32_t l4_offset; /* Bytes from the IP header to what follows it and its extensions. */
    uint32_t end;       /* Bytes from the IP header to the end of the datagram; at most 'size'. */
    uint8_t proto;      /* enum ip_number of what stands at l4_offset. */
    bool fragment;      /* A fragment: first, middle or last. */
    bool later;         /* A fragment with an offset: no L4 header at l4_offset. */
    bool is_routed;     /* IPv6 with a routing header that is not at its end: its destination is not
                         * the one in L4 checksums (RFC 8200, 8.1). */
};

/* True if 'type' (host order) is the TPID of a tag. */
static inline bool headers_is_tpid(uint16_t type)
{
    return type == ETHER_TYPE_VLAN || type == ETHER_TYPE_QINQ;
}

/* Reads the IPv4 header at 'ip', of which 'size' bytes are there. Returns false, with '*info'
 * undefined, if it is truncated or its header size impossible. */
static inline bool headers_parse_ipv4(const void *ip, size_t size, struct ip_info *info)
{
    const struct ipv4_header *h = ip;
    if (size < sizeof *h) {
        return false;
    }
    uint32_t header = (h->version_ihl & 15) * 4;
    if (header < sizeof *h || header > size) {
        return false;
    }
    uint32_t total = ntohs(h->total_size);
    uint16_t frag = ntohs(h->frag);
    info->l4_offset = header;
    info->end = total < header ? header : total < size ? total : size;
    info->proto = h->proto;
    info->later = frag & IPV4_FRAG_MASK;
    info->fragment = frag & (IPV4_MF | IPV4_FRAG_MASK);
    info->is_routed = false;
    return true;
}

/* The same for IPv6: walks HEADERS_MAX_EXT extension headers at most. A chain that is longer or
 * truncated, behind a complete IPv6 header, gives proto 0 and l4_offset equal to 'end'. In a later
 * fragment 'proto' is what the fragment header names. */
bool headers_parse_ipv6(const void *ip6, size_t size, struct ip_info *info);

/* Dispatches on 'type' (host order EtherType); false for any type but IPv4 and IPv6. */
bool headers_parse_ip(uint16_t type, const void *ip, size_t size, struct ip_info *info);

/* EtherType (host order) in the LLC/SNAP header at 'llc', of which 'size' bytes are there; 0 if it
 * is not SNAP with OUI 00:00:00, is truncated or holds a length. */
uint16_t headers_snap_type(const void *llc, size_t size);

/* Offset of the 802.3 length of the frame whose IP header begins at 'l3_offset', behind LLC/SNAP; 0
 * if IP follows its EtherType instead (Ethernet II). */
size_t headers_length_offset(const void *frame, size_t l3_offset);

/* Skips MAC addresses, up to two tags and LLC/SNAP of the frame. Returns the offset of what follows
 * and stores its EtherType (host order, 0 for 802.3 without SNAP), or returns 0 if truncated. */
size_t headers_skip_l2(const void *frame, size_t size, uint16_t *type);

/* What we know of a protocol above IP; all 0 for those that flow_extract() does not read. */
struct l4_info {
    uint8_t min;      /* Bytes of its header at least. */
    uint8_t checksum; /* Offset of its checksum in the header. */
};

/* Indexed by enum ip_number: TCP, UDP, SCTP, ICMP, ICMPv6. */
extern const struct l4_info headers_l4[256];

/* Size of the header of 'proto' at 'l4' in the frame of 'size' bytes, with TCP's options; 0 if it
 * is not complete, or makes no sense. */
size_t headers_l4_size(const uint8_t *frame, size_t size, size_t l4, uint8_t proto);

#endif
