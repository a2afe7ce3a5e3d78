/* SPDX-License-Identifier: Apache-2.0 */
/* OpenFlow messages as text, in the format that scripts know from ovs-ofctl. */
#ifndef LIB_OPENFLOW_OFP_PRINT_H
#define LIB_OPENFLOW_OFP_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/openflow/ofp-message.h"

/* Every function appends to 'out' and needs no clean-up.  Text from the peer (names, descriptions)
 * is printed with control characters escaped or left out, so that a line stays a line.
 *
 * Threads: any, on structures of their own. */

/* Preferences for the text.  NULL instead of a style: numbers, and everything. */
struct ofp_print_style {
    /* Returns the name of 'port', borrowed until the next call, or NULL to print the number.  May
     * be NULL itself. */
    const char *(*port_name)(void *aux, uint16_t port);
    void *aux;     /* For port_name. */
    bool no_stats; /* Rules without duration and counters, nor cookie and table if 0. */
};

/* Appends the message of 'size' bytes at 'data' as text, from either direction, ending in a
 * newline; a damaged one as what is wrong and a hex dump.  'verbosity': 0 headers only, 1 frames as
 * a line of their fields, 2 echo payloads as a hex dump too, 3 frames as a hex dump too and all
 * of a message that an error is about, however long. */
void ofp_print(struct bytes *out, const void *data, size_t size, int verbosity);

/* The same with a style. */
void ofp_print_styled(struct bytes *out, const void *data, size_t size, int verbosity,
                      const struct ofp_print_style *style);

/* Pieces of it, without newline unless said.  A 'style' may be NULL. */

/* "tcp,nw_src=10.0.0.0/8"; nothing for a match that matches everything. */
void ofp_print_match(struct bytes *out, const struct match *m);

/* Calls 'each' with the name and the value, as printed, of every field that 'm' has fixed, in order
 * of printing.  dl_type and nw_proto are fields too here: there are no keywords. */
void ofp_print_each_field(const struct match *m, const struct ofp_print_style *style,
                          void (*each)(void *aux, const char *name, const char *value),
                          void *aux);

/* The same with "priority=N," in front if 'priority' is not the default. */
void ofp_print_rule(struct bytes *out, const struct match *m, uint16_t priority,
                    const struct ofp_print_style *style);

/* "output:1,mod_nw_tos:32", "drop" for an empty list. */
void ofp_print_actions(struct bytes *out, const struct action_list *actions);
void ofp_print_actions_styled(struct bytes *out, const struct action_list *actions,
                              const struct ofp_print_style *style);

/* "5", "LOCAL", or the port's name by the style, which ofp_parse_port() reads as that: in quotes
 * where it is no plain word or means something else, and as the number if it can't be written. */
void ofp_print_port_number(struct bytes *out, uint16_t port);
void ofp_print_port_styled(struct bytes *out, uint16_t port, const struct ofp_print_style *style);

/* " cookie=0x0, duration=4.089s, table=0, ... actions=drop". */
void ofp_print_flow_stats(struct bytes *out, const struct ofp_flow_stats *fs);
void ofp_print_flow_stats_styled(struct bytes *out, const struct ofp_flow_stats *fs,
                                 const struct ofp_print_style *style);

/* The fields of the frame of 'size' bytes at 'data', and its transport checksum. */
void ofp_print_frame(struct bytes *out, const void *data, size_t size);

/* Sets of bits that have names in text. */
enum ofp_bit_set {
    OFP_BITS_CAPABILITIES,  /* OFPC_*, as "FLOW_STATS". */
    OFP_BITS_ACTIONS,       /* 1 << OFPAT_*, as "mod_nw_src". */
    OFP_BITS_PORT_CONFIG,   /* OFPPC_*, as "NO_FLOOD". */
    OFP_BITS_PORT_FEATURES, /* OFPPF_*, as "10GB-FD". */
    N_OFP_BIT_SETS
};

/* Takes the bit that is printed first off '*bits' and returns its name; NULL if none that is left
 * has one. */
const char *ofp_bit_name_next(enum ofp_bit_set set, uint32_t *bits);

/* The highest speed in Mbit/s among the OFPPF_* bits; 0 if there is none. */
unsigned ofp_port_speed(uint32_t features);

/* Lines of offset and 16 bytes in hex, with 'text' also as characters; each ends in a newline. */
void ofp_print_hex(struct bytes *out, const void *data, size_t size, bool text);

#endif
