/* SPDX-License-Identifier: Apache-2.0 */
/* Matches in Nicira's form: a list of fields with values and masks, to a struct match and back. */
#ifndef LIB_OPENFLOW_NX_MATCH_H
#define LIB_OPENFLOW_NX_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/packet/match.h"

struct bytes;

/* A match is a list of entries without alignment: a header (nx-fields.h), a value, and if the
 * header says so a mask of the same size. A field comes behind those that it needs, at most once
 * (B6). In messages zeros follow to a multiple of 8 bytes, which the match's length does not
 * count.
 *
 * The struct match is the one that OpenFlow 1.0's form of the same match has, where there is one:
 * what was put in by the one form is found by the other. Fields that OpenFlow 1.0 does not have are
 * compared bit by bit as the mask says. */

/* Which cookies a request concerns (B7). */
struct nx_cookie {
    uint64_t value; /* Bits that a cookie must have. */
    uint64_t mask;  /* Bits that count; 0: all cookies will do. */
};

/* Takes a match of 'size' bytes and its padding off the bytes at '*data', of which '*left' are
 * there, and moves both behind it. 'cookie' takes the pseudo field that stands for the cookie; NULL
 * where it may not stand. Returns 0 with '*m' (and '*cookie') filled, or the OpenFlow error of type
 * OFPERR_NXM_* with nothing to release. */
int nx_match_decode(const uint8_t **data, size_t *left, size_t size, struct match *m,
                    struct nx_cookie *cookie);

/* Appends 'm', and the pseudo field if 'cookie' is not NULL and its mask not 0, padded with zeros.
 * Returns the bytes without padding. */
size_t nx_match_encode(const struct match *m, const struct nx_cookie *cookie, struct bytes *out);

/* Bytes that nx_match_encode() appends, padding included. */
size_t nx_match_wire_size(const struct match *m, const struct nx_cookie *cookie);

/* True if struct ofp_match of OpenFlow 1.0 can tell 'm' whole. */
bool nx_match_is_standard(const struct match *m);

#endif
