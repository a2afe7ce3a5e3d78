/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in network byte order: their types, loads, stores and conversions. */
#ifndef LIB_BYTE_ORDER_H
#define LIB_BYTE_ORDER_H

#include <arpa/inet.h>
#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Numbers that stand in network byte order.  The compiler does not tell them from host numbers;
 * the reader does.  ntohs(), ntohl() and ntohll() make host numbers of them. */
typedef uint16_t be16; /* 16 bits, network byte order. */
typedef uint32_t be32; /* 32 bits, network byte order. */
typedef uint64_t be64; /* 64 bits, network byte order. */

/* Returns 'x', a host number, in network byte order. */
static inline be64 htonll(uint64_t x)
{
    return htobe64(x);
}

/* Returns 'x', in network byte order, as a host number. */
static inline uint64_t ntohll(be64 x)
{
    return be64toh(x);
}

/* The get_* functions return the number in network byte order at 'p', which needs no alignment, as
 * a host number.  The put_* functions store the host number 'x' at 'p' in network byte order. */

/* Loads 2 bytes. */
static inline uint16_t get_be16(const void *p)
{
    be16 x;
    memcpy(&x, p, sizeof x);
    return be16toh(x);
}

/* Loads 4 bytes. */
static inline uint32_t get_be32(const void *p)
{
    be32 x;
    memcpy(&x, p, sizeof x);
    return be32toh(x);
}

/* Loads 8 bytes. */
static inline uint64_t get_be64(const void *p)
{
    be64 x;
    memcpy(&x, p, sizeof x);
    return be64toh(x);
}

/* Stores 2 bytes. */
static inline void put_be16(void *p, uint16_t x)
{
    be16 be = htobe16(x);
    memcpy(p, &be, sizeof be);
}

/* Stores 4 bytes. */
static inline void put_be32(void *p, uint32_t x)
{
    be32 be = htobe32(x);
    memcpy(p, &be, sizeof be);
}

/* Stores 8 bytes. */
static inline void put_be64(void *p, uint64_t x)
{
    be64 be = htobe64(x);
    memcpy(p, &be, sizeof be);
}

#endif
