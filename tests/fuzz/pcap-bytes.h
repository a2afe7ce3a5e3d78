/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files as bytes, for the seeds of what reads them. */
#ifndef TESTS_FUZZ_PCAP_BYTES_H
#define TESTS_FUZZ_PCAP_BYTES_H

#include <stdint.h>

#include "lib/bytes.h"

/* Numbers in the order of this machine, as capture files have them. */
static inline void put_u16(struct bytes *out, uint16_t n)
{
    bytes_put(out, &n, sizeof n);
}

static inline void put_u32(struct bytes *out, uint32_t n)
{
    bytes_put(out, &n, sizeof n);
}

/* The header of a pcap file with times as 'magic' says, of links of type 'link'. */
static inline void put_pcap_header(struct bytes *out, uint32_t magic, uint32_t link)
{
    put_u32(out, magic);
    put_u16(out, 2);
    put_u16(out, 4);
    put_u32(out, 0);
    put_u32(out, 0);
    put_u32(out, 65535);
    put_u32(out, link);
}

#endif
