/* SPDX-License-Identifier: Apache-2.0 */
/* A judge of frames that shares no code with lib/packet: sizes and checksums of every header. */
#ifndef TESTS_PACKET_ORACLE_H
#define TESTS_PACKET_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a frame carries at last, from oracle_check(). */
struct oracle {
    const uint8_t *ip;      /* Innermost IP header. */
    const uint8_t *l4;      /* Innermost L4 header. */
    const uint8_t *payload; /* What follows it. */
    size_t payload_size;    /* Bytes of that, to the frame's end. */
    unsigned proto;         /* IP protocol. */
    bool ipv6;              /* 'ip' is IPv6. */
    unsigned n_ids;         /* How many of 'ids' there are. */
    uint16_t ids[8];        /* Identifications of the IPv4 headers, outermost first. */
    uint16_t udp_sums[8];   /* Checksums of the tunnels' UDP headers, outermost first. */
    unsigned n_udp_sums;    /* How many of 'udp_sums' there are. */
};

/* Fails the test unless all sizes and checksums of the frame are right, to its last byte. Knows two
 * tags, IPv4, IPv6, TCP, UDP, VXLAN and Geneve by port, GRE, IP in IP. */
void oracle_check(const uint8_t *frame, size_t size, struct oracle *o);

/* Sum of the 16-bit words of 'size' bytes, folded, not complemented, host order. */
uint16_t oracle_sum(uint32_t sum, const uint8_t *data, size_t size);

/* That of the pseudo header of the IP header 'ip'. */
uint16_t oracle_pseudo(const uint8_t *ip, bool ipv6, unsigned proto, size_t l4_size);

#endif
