/* SPDX-License-Identifier: Apache-2.0 */
/* Frames as the model of a switch sees them: fields, and the bytes that they make. */
#ifndef TESTS_OFPROTO_MODEL_FRAME_H
#define TESTS_OFPROTO_MODEL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bytes.h"

/* All of it is written without lib/packet and lib/openflow, plainly, so that it can judge them. */

/* The fields of OpenFlow 1.0 (5.2.3), in no order that means anything. */
enum model_field {
    F_IN_PORT,
    F_DL_SRC,
    F_DL_DST,
    F_DL_VLAN,
    F_DL_VLAN_PCP,
    F_DL_TYPE,
    F_NW_TOS,
    F_NW_PROTO,
    F_NW_SRC,
    F_NW_DST,
    F_TP_SRC,
    F_TP_DST,
    N_FIELDS
};

/* Types of Ethernet that it knows. */
enum { TYPE_IP = 0x0800, TYPE_ARP = 0x0806, TYPE_RARP = 0x8035, TYPE_IP6 = 0x86dd };

/* Protocols that it knows. */
enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_SCTP = 132, PROTO_ICMP6 = 58 };

/* Which of the fragments of a datagram it is. */
enum model_fragment { FRAGMENT_NONE, FRAGMENT_FIRST, FRAGMENT_LATER, N_FRAGMENTS };

/* A frame; all in host order. */
struct model_frame {
    uint64_t dl_src;              /* Ethernet source. */
    uint64_t dl_dst;              /* Ethernet destination. */
    bool is_tagged;               /* It has a tag of 802.1Q. */
    uint16_t vid;                 /* VLAN id of that. */
    uint8_t pcp;                  /* Its priority. */
    uint16_t dl_type;             /* What is in it. */
    uint8_t tos;                  /* IP: all of the byte. */
    uint8_t proto;                /* IP: protocol. ARP: operation. */
    enum model_fragment fragment; /* IPv4: which. */
    uint64_t sha;                 /* ARP: source hardware address. */
    uint32_t src;                 /* IPv4 or ARP: source. IPv6: its last four bytes. */
    uint32_t dst;                 /* Destination, alike. */
    uint16_t sport;               /* TCP, UDP: source port. ICMP: type. */
    uint16_t dport;               /* TCP, UDP: destination port. ICMP: code. */
    bool has_sum;                 /* UDP over IPv4: it has a checksum. */
    uint8_t payload;              /* Bytes behind all headers. */
};

/* Appends the bytes of 'f' to 'out'. */
void model_frame_build(const struct model_frame *f, struct bytes *out);

/* Fills '*fields' with what a lookup compares when 'f' came in by 'in_port' (3.4). */
void model_frame_fields(const struct model_frame *f, uint16_t in_port, uint64_t fields[N_FIELDS]);

#endif
