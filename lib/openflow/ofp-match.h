/* SPDX-License-Identifier: Apache-2.0 */
/* struct ofp_match of OpenFlow 1.0: 40 bytes on the wire to a struct match, and back. */
#ifndef LIB_OPENFLOW_OFP_MATCH_H
#define LIB_OPENFLOW_OFP_MATCH_H

#include <stdbool.h>

#include "lib/packet/match.h"

struct bytes;

/* A match of OpenFlow 1.0 as a struct match:
 *
 *  - in_port: all 32 bits of the mask, or none; the value is the wire's 16-bit number.
 *  - dl_src, dl_dst, dl_type, nw_proto, tp_src, tp_dst: all bits of the mask, or none.
 *  - nw_src, nw_dst: a mask of the upper bits.
 *  - nw_tos: mask 0xfc, or none (A3.6).
 *  - dl_vlan: the bits 0x1fff of vlan_tci, dl_vlan_pcp the bits 0xe000, each on its own (A11.20). A
 *    VID above 4095 that is not OFP_VLAN_NONE, and a PCP above 7, lose their upper bits. With
 *    OFP_VLAN_NONE a PCP that is matched is taken as 0: it matches untagged frames (A3.3).
 *  - tp_src, tp_dst of ICMP and ICMPv6: type and code; the upper 8 bits of the value are dropped
 *    (A3.8).
 *
 * Fields that cannot apply are wild (A3.12, A11.3): nw_proto without dl_type 0x0800, 0x86dd, 0x0806
 * or 0x8035; nw_tos without 0x0800 or 0x86dd; nw_src and nw_dst without 0x0800, 0x0806 or 0x8035;
 * tp_src and tp_dst without an nw_proto of TCP, UDP, SCTP or the IP version's ICMP (A11.22).
 *
 * Exact.  Whether a match had no wildcards as sent (A11.21) is lost by that, so it is kept apart:
 * the decoder returns it, and statistics show the normalised match (A3.12). */

enum { OFP10_MATCH_SIZE = 40 /* Bytes of struct ofp_match (5.2.3). */ };

/* Decodes 40 bytes at 'data' into '*m', normalised. Returns true if the match had no wildcards as
 * sent (A11.21). Any 40 bytes are a match. */
bool ofp_match_decode(const void *data, struct match *m);

/* Appends 40 bytes. 'exact' writes wildcards 0, for a flow_mod that is sent without any; replies
 * and notices pass false. A mask that OpenFlow 1.0 can't express is written as the next wider one
 * that it can; fields that it does not have are left out. */
void ofp_match_encode(const struct match *m, bool exact, struct bytes *out);

/* True if this form tells 'm' whole and without wildcards: a rule with such a match beats every
 * other (A11.21), in whichever form it is sent. */
bool ofp_match_is_exact(const struct match *m);

/* Makes fields of OpenFlow 1.0 wild whose prerequisite (dl_type, nw_proto) is absent, as above. */
void ofp_match_normalize(struct match *m);

#endif
