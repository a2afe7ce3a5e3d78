/* SPDX-License-Identifier: Apache-2.0 */
/* The Internet checksum (RFC 1071), whole and updated (RFC 1624), and SCTP's CRC32c. */
#ifndef LIB_PACKET_CHECKSUM_H
#define LIB_PACKET_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "lib/byte-order.h"

/* Running sums are 32 bits wide, in the byte order of memory: what is summed is loaded, and what
 * checksum_finish() returns is stored, without any conversion. */

/* Adds 'size' bytes to the running sum 'sum'; an odd end counts as padded with 0, so only the last
 * piece of several may be odd. */
uint32_t checksum_add(uint32_t sum, const void *data, size_t size);

/* Copies 'size' bytes from 'from' to 'to', which may not overlap, and adds them likewise. */
uint32_t checksum_copy(uint32_t sum, void *to, const void *from, size_t size);

/* Folds 'sum' and complements it: the value to store. Over data that holds its correct checksum the
 * result is 0. (A UDP checksum of 0 is to be stored as 0xffff; that is up to the caller.) */
be16 checksum_finish(uint32_t sum);

/* Sum of the IPv4 or IPv6 pseudo header for 'l4_size' bytes of 'proto' (IP header at 'ip'; for IPv6
 * the last destination in a routing header is not looked for). An unfinished checksum holds this,
 * folded: ~checksum_finish(sum). */
uint32_t checksum_pseudo4(const void *ip, uint8_t proto, uint32_t l4_size);

/* The same of the IPv6 pseudo header (IPv6 header at 'ip6'). */
uint32_t checksum_pseudo6(const void *ip6, uint8_t proto, uint32_t l4_size);

/* The checksum 'old' after a 16- or 32-bit field changed from 'from' to 'to'. An unfinished
 * checksum is not complemented, and only the pseudo header counts: ~checksum_update32(~old, from,
 * to). */
be16 checksum_update16(be16 old, be16 from, be16 to);

/* The same for a field of 32 bits. */
be16 checksum_update32(be16 old, be32 from, be32 to);

/* CRC32c of 'size' bytes, as SCTP uses it (RFC 9260, appendix A), in the byte order to store. The
 * checksum field itself counts as 0. */
uint32_t checksum_crc32c(const void *data, size_t size);

#endif
