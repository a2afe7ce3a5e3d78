/* SPDX-License-Identifier: Apache-2.0 */
/* Matches: a flow and the mask of the bits that count, whole and in compressed form. */
#ifndef LIB_PACKET_MATCH_H
#define LIB_PACKET_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/packet/flow.h"

/* A flow and its mask. Invariant: bits of 'flow' outside 'mask' are 0 (A3.13). */
struct match {
    struct flow flow; /* Values. */
    struct flow mask; /* 1 bits are compared. */
};

/* Makes '*m' match every packet. */
void match_init_any(struct match *m);

/* Clears flow bits outside the mask, to restore the invariant. */
void match_zero_unmasked(struct match *m);

/* True if a packet with 'flow' matches. */
bool match_matches(const struct match *m, const struct flow *flow);

/* True if the same packets match both (given the invariant). */
bool match_equal(const struct match *a, const struct match *b);

/* Hash of values and mask: equal matches have equal hashes. */
uint32_t match_hash(const struct match *m, uint32_t seed);

/* A match compressed to the words whose mask is not zero, immutable. The words lie behind the
 * struct: first the values, then the masks, in order of bits in 'map'. It has
 * minimatch_size() bytes; it may also be the last member of a larger block. */
struct minimatch {
    uint32_t map;     /* Bit i: word i of the flow has a nonzero mask. */
    uint32_t n;       /* Number of bits in 'map'. */
    uint64_t words[]; /* n values, then n masks. */
};

/* Bytes of a struct minimatch for 'm'. */
size_t minimatch_size(const struct match *m);

/* Compresses 'm' into 'mm', which has minimatch_size(m) bytes. */
void minimatch_init(struct minimatch *mm, const struct match *m);

/* Writes the whole match into '*m'. */
void minimatch_expand(const struct minimatch *mm, struct match *m);

/* As match_matches(). On the packet path. */
bool minimatch_matches(const struct minimatch *mm, const struct flow *flow);

/* As match_equal(). */
bool minimatch_equal(const struct minimatch *a, const struct minimatch *b);

/* True if every packet that matches 'a' matches 'b' too ('a' is equal or more specific). */
bool minimatch_is_within(const struct minimatch *a, const struct match *b);

/* True if some packet could match both. */
bool minimatch_overlaps(const struct minimatch *a, const struct match *b);

#endif
