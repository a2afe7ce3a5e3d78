/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of bytes and numbers with a seed (xxHash's XXH3, compiled in). */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* All of them are pure functions: equal input and equal 'seed' give an equal hash, on machines of
 * one byte order.  Where the input comes from the network the seed should be random, once per
 * process (but fixed in simulation), so that nobody outside can aim at collisions.  All 64 bits are
 * good; whoever needs fewer may take any of them.  Any thread. */

/* Returns the hash of the 'size' bytes at 'p'. */
static inline uint64_t hash_bytes(const void *p, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(p, size, seed);
}

/* Returns the hash of the number 'x'. */
static inline uint64_t hash_u64(uint64_t x, uint64_t seed)
{
    return XXH3_64bits_withSeed(&x, sizeof x, seed);
}

/* Returns the hash of the number 'x'; not the same as hash_u64() of it. */
static inline uint64_t hash_u32(uint32_t x, uint64_t seed)
{
    return XXH3_64bits_withSeed(&x, sizeof x, seed);
}

/* Returns the hash of the string 's', its NUL left out. */
static inline uint64_t hash_string(const char *s, uint64_t seed)
{
    return hash_bytes(s, strlen(s), seed);
}

#endif
