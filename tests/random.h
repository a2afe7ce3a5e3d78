/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that look random but are the same in every run. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdint.h>

/* The next of a sequence of numbers (Steele, Lea and Flood's SplitMix64) that '*state' stands
 * in. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* A number from 0 to 'n' - 1. */
static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
    return (random_next(state) >> 32) * n >> 32;
}

#endif
