/* SPDX-License-Identifier: Apache-2.0 */
/* struct ofp_match of OpenFlow 1.0: 40 bytes on the wire to a struct match, and back. */
#ifndef LIB_OPENFLOW_OFP_MATCH_H
#define LIB_OPENFLOW_OFP_MATCH_H

#include <stdbool.h>

#include "lib/packet/match.h"

struct bytes;

enum { OFP10_MATCH_SIZE = 40 /* Bytes of struct ofp_match (5.2.3). */ };

/* Decodes 40 bytes at 'data' into '*m', normalised: fields that cannot apply become wildcards
 * (A3.12, A11.3). Returns true if the match had no wildcards as sent (A11.21). Any 40 bytes are a match. */
bool ofp_match_decode(const void *data, struct match *m);

/* Appends 40 bytes. 'exact' writes wildcards 0 (the rule was sent without any). */
void ofp_match_encode(const struct match *m, bool exact, struct bytes *out);

/* Makes fields wild whose prerequisite (dl_type, nw_proto) is absent. */
void ofp_match_normalize(struct match *m);

#endif
