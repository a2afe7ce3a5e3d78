/* SPDX-License-Identifier: Apache-2.0 */
/* Changing header fields of a frame, with the checksums that cover them. */
#ifndef DATAPATH_REWRITE_H
#define DATAPATH_REWRITE_H

#include <stdint.h>

#include "lib/byte-order.h"
#include "lib/packet/packet.h"

/* All of them change '*p' in place: nobody else may hold it (refs 0).  flow_extract() has set its
 * offsets. What does not apply to the frame leaves it unchanged.  Checksums are updated, not
 * computed anew, so one that was wrong stays wrong (RFC 1624).  With PACKET_CSUM_PARTIAL what the
 * frame holds is the sum of the pseudo header, and that is kept right.  Threads: the packet's. */

/* Sets the VLAN id (0..4095) of the outer tag, or adds a tag 0x8100 with PCP 0 (A5.11). Returns 0,
 * or ENOBUFS if there is no headroom for a tag. */
int rewrite_vlan_vid(struct packet *p, uint16_t vid);

/* Sets the priority (0..7) of the outer tag, or adds a tag 0x8100 with VLAN id 0 (A5.12). As above.
 */
int rewrite_vlan_pcp(struct packet *p, uint8_t pcp);

/* Sets VLAN id and priority of the outer tag, or adds a tag 0x8100, if 'tci' has the bit 0x1000;
 * without that bit takes the outer tag off. As above. */
int rewrite_vlan_tci(struct packet *p, uint16_t tci);

/* Takes the outermost tag off, if there is one (A5.12). */
void rewrite_strip_vlan(struct packet *p);

/* Sets an Ethernet address (A5.13). */
void rewrite_dl_src(struct packet *p, const uint8_t addr[6]);
void rewrite_dl_dst(struct packet *p, const uint8_t addr[6]);

/* Sets an IPv4 address (A5.14). TCP's and UDP's checksum follow, but in later fragments. */
void rewrite_nw_src(struct packet *p, be32 addr);
void rewrite_nw_dst(struct packet *p, be32 addr);

/* Sets the upper six bits of the IPv4 TOS or the IPv6 traffic class; ECN is kept (A5.15). */
void rewrite_nw_tos(struct packet *p, uint8_t tos);

/* Sets the lowest two bits instead. */
void rewrite_nw_ecn(struct packet *p, uint8_t ecn);

/* Sets an IPv6 address. The checksums of TCP, UDP and ICMPv6 follow, but in later fragments. */
void rewrite_ipv6_src(struct packet *p, const uint8_t addr[16]);
void rewrite_ipv6_dst(struct packet *p, const uint8_t addr[16]);

/* Sets the IPv6 flow label. */
void rewrite_ipv6_label(struct packet *p, be32 label);

/* Sets fields of ARP and RARP; hardware addresses of 6 bytes and IPv4 addresses only. */
void rewrite_arp_op(struct packet *p, uint16_t op);
void rewrite_arp_sha(struct packet *p, const uint8_t addr[6]);
void rewrite_arp_tha(struct packet *p, const uint8_t addr[6]);
void rewrite_arp_spa(struct packet *p, be32 addr);
void rewrite_arp_tpa(struct packet *p, be32 addr);

/* Sets type and code of ICMP and ICMPv6. */
void rewrite_icmp(struct packet *p, uint8_t type, uint8_t code);

/* The TTL of IPv4 or the hop limit of IPv6; -1 if 'p' is neither. */
int rewrite_get_ttl(const struct packet *p);

/* Sets it (B22). */
void rewrite_ttl(struct packet *p, uint8_t ttl);

/* Sets a port of TCP, UDP or SCTP over IPv4 or IPv6, in whole packets and first fragments (A5.16);
 * of SCTP in whole packets only, because its CRC32c can't be updated without knowing what follows.
 */
void rewrite_tp_src(struct packet *p, be16 port);
void rewrite_tp_dst(struct packet *p, be16 port);

#endif
