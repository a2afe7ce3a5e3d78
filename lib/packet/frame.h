/* SPDX-License-Identifier: Apache-2.0 */
/* Frames written as one line of text, for people who write and read tests and scenarios. */
#ifndef LIB_PACKET_FRAME_H
#define LIB_PACKET_FRAME_H

#include <stddef.h>

#include "lib/bytes.h"

/* The notation
 * ============
 *
 *     tcp(10.0.0.1:1234 > 10.0.0.2:80, vlan 5, flags syn|ack, size 100)
 *     udp([fc00::1]:53 > [fc00::2]:4000, data 00ff)
 *     icmp(10.0.0.1 > 10.0.0.2, type 0, id 1, seq 7)
 *     arp(request, 10.0.0.1 > 10.0.0.2)
 *     eth(02:00:00:00:00:01 > 01:80:c2:00:00:0e, type 0x88cc, data 0207)
 *     hex 0200000000020200000000010800...
 *
 * Grammar; spaces may stand between all words and signs:
 *
 *     frame   = kind "(" who { "," option } ")"  |  "hex" DIGITS
 *     who     = ADDRESS ":" PORT ">" ADDRESS ":" PORT     kinds tcp, udp, sctp
 *             | ADDRESS ">" ADDRESS                       kinds icmp, ip
 *             | OPERATION "," IPV4 ">" IPV4               kind arp; request, reply or a number
 *             | MAC ">" MAC                               kind eth
 *     ADDRESS = IPV4 | "[" IPV6 "]"
 *
 * Numbers are decimal, or hexadecimal with 0x. Options, each at most once, of all kinds:
 *
 *     vlan VID       tag 0x8100        pcp N       its priority; needs vlan
 *     qinq VID       tag 0x88a8 outside of it, or alone
 *     snap           802.3 with LLC/SNAP around the EtherType (eth: needs type)
 *     pad N          zeros at the end until the frame has N bytes
 *
 * of all kinds but eth:
 *
 *     eth MAC > MAC  Ethernet addresses. Without it an IPv4 address a.b.c.d gives 02:00:a:b:c:d, an
 *                    IPv6 address 02:00 and its last 4 bytes, a multicast or broadcast address the
 *                    MAC address that belongs to it; an ARP request is broadcast.
 *
 * of those over IP:
 *
 *     tos N  ttl N   TOS or traffic class (0), TTL or hop limit (64)
 *     ipid N         identification (0); in IPv6 that of a fragment
 *     df             IPv4: don't fragment          label N     IPv6: flow label
 *     frag N[+]      fragment at offset N bytes, a multiple of 8; + if more follow. The ones after
 *                    the first have no L4 header: ports are left out, size and data are all.
 *     size N         N bytes of payload, counting up from 0
 *     data HEX       these bytes of payload (also eth)
 *
 * of some:
 *
 *     flags F|F...   tcp: fin syn rst psh ack urg ece cwr, none or a number (ack)
 *     seq N  ack N  window N     tcp: numbers and window (0, 0, 65535)
 *     type N  code N  id N  seq N     icmp: ICMP over IPv4 (8, an echo request) or ICMPv6 (128)
 *     proto N        ip: protocol; needed
 *     type N         eth: EtherType; without it an 802.3 frame with its length
 *     sum N          tcp, udp, icmp: this checksum
 *     badsum         tcp, udp, icmp: a wrong checksum       nosum    udp: no checksum
 *     sha MAC  tha MAC     arp: hardware addresses (the Ethernet ones; request: tha 0)
 *
 * Any thread; pure functions. */

/* Appends the frame that 'text' describes to 'out'. Returns 0, or EINVAL: then 'out' is as it was,
 * and '*error' is a sentence that names the word at fault, which the caller frees. */
int frame_build(const char *text, struct bytes *out, char **error);

/* Appends text that frame_build() makes the same 'size' bytes of: "hex ..." if there is no better
 * way to write them. */
void frame_print(const void *data, size_t size, struct bytes *out);

#endif
