/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing flows with matches, and matches with each other. */
#include "lib/packet/match.h"

#include <string.h>

#include "lib/hash.h"

/* Theory
 * ======
 *
 * All questions are asked of whole words.  Thanks to the invariant (a value is 0 where its mask is)
 * two values of equal masks can be compared without masking.  The loops over a struct match go over
 * all words without a branch; those over a minimatch visit the bits of its map, low to high, which
 * is the order in which the words are stored. */

void match_init_any(struct match *m)
{
    memset(m, 0, sizeof *m);
}

void match_zero_unmasked(struct match *m)
{
    for (unsigned i = 0; i < FLOW_WORDS; i++) {
        m->flow.word[i] &= m->mask.word[i];
    }
}

bool match_matches(const struct match *m, const struct flow *flow)
{
    uint64_t differ = 0;
    for (unsigned i = 0; i < FLOW_WORDS; i++) {
        differ |= (m->flow.word[i] ^ flow->word[i]) & m->mask.word[i];
    }
    return !differ;
}

bool match_equal(const struct match *a, const struct match *b)
{
    return !memcmp(a, b, sizeof *a);
}

uint32_t match_hash(const struct match *m, uint32_t seed)
{
    return hash_bytes(m, sizeof *m, seed);
}

/* Bit i is set if word i of 'mask' is not 0. */
static uint32_t mask_map(const struct flow *mask)
{
    uint32_t map = 0;
    for (unsigned i = 0; i < FLOW_WORDS; i++) {
        map |= (uint32_t) (mask->word[i] != 0) << i;
    }
    return map;
}

size_t minimatch_size(const struct match *m)
{
    unsigned n = __builtin_popcount(mask_map(&m->mask));
    return sizeof(struct minimatch) + 2 * n * sizeof(uint64_t);
}

void minimatch_init(struct minimatch *mm, const struct match *m)
{
    mm->map = mask_map(&m->mask);
    mm->n = __builtin_popcount(mm->map);
    unsigned at = 0;
    for (uint32_t map = mm->map; map; map &= map - 1, at++) {
        unsigned i = __builtin_ctz(map);
        mm->words[at] = m->flow.word[i] & m->mask.word[i];
        mm->words[mm->n + at] = m->mask.word[i];
    }
}

void minimatch_expand(const struct minimatch *mm, struct match *m)
{
    match_init_any(m);
    unsigned at = 0;
    for (uint32_t map = mm->map; map; map &= map - 1, at++) {
        unsigned i = __builtin_ctz(map);
        m->flow.word[i] = mm->words[at];
        m->mask.word[i] = mm->words[mm->n + at];
    }
}

bool minimatch_matches(const struct minimatch *mm, const struct flow *flow)
{
    const uint64_t *value = mm->words, *mask = mm->words + mm->n;
    for (uint32_t map = mm->map; map; map &= map - 1) {
        if ((flow->word[__builtin_ctz(map)] ^ *value++) & *mask++) {
            return false;
        }
    }
    return true;
}

bool minimatch_equal(const struct minimatch *a, const struct minimatch *b)
{
    return a->map == b->map && !memcmp(a->words, b->words, 2 * a->n * sizeof a->words[0]);
}

bool minimatch_is_within(const struct minimatch *a, const struct match *b)
{
    if (mask_map(&b->mask) & ~a->map) {
        return false;
    }
    const uint64_t *value = a->words, *mask = a->words + a->n;
    for (uint32_t map = a->map; map; map &= map - 1, value++, mask++) {
        unsigned i = __builtin_ctz(map);
        if ((~*mask | (*value ^ b->flow.word[i])) & b->mask.word[i]) {
            return false;
        }
    }
    return true;
}

bool minimatch_overlaps(const struct minimatch *a, const struct match *b)
{
    const uint64_t *value = a->words, *mask = a->words + a->n;
    for (uint32_t map = a->map; map; map &= map - 1, value++, mask++) {
        unsigned i = __builtin_ctz(map);
        if ((*value ^ b->flow.word[i]) & *mask & b->mask.word[i]) {
            return false;
        }
    }
    return true;
}
