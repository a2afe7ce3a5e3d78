/* SPDX-License-Identifier: Apache-2.0 */
/* The Internet checksum (RFC 1071), whole and updated (RFC 1624), and SCTP's CRC32c. */
#ifndef LIB_PACKET_CHECKSUM_H
#define LIB_PACKET_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "lib/byte-order.h"

/* Adds 'size' bytes to the running sum 'sum'; an odd end counts as padded with 0. */
uint32_t checksum_add(uint32_t sum, const void *data, size_t size);

/* Folds 'sum' and complements it: the value to store. */
be16 checksum_finish(uint32_t sum);

/* Sum of the IPv4 or IPv6 pseudo header for 'l4_size' bytes of 'proto' (IP header at 'ip'). */
uint32_t checksum_pseudo4(const void *ip, uint8_t proto, uint32_t l4_size);
uint32_t checksum_pseudo6(const void *ip6, uint8_t proto, uint32_t l4_size);

/* The checksum 'old' after a 16- or 32-bit field changed from 'from' to 'to'. */
be16 checksum_update16(be16 old, be16 from, be16 to);
be16 checksum_update32(be16 old, be32 from, be32 to);

/* CRC32c of 'size' bytes, as SCTP uses it (RFC 9260, appendix A), in the byte order to store. */
uint32_t checksum_crc32c(const void *data, size_t size);

#endif
