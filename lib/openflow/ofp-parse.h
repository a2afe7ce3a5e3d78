/* SPDX-License-Identifier: Apache-2.0 */
/* The flow syntax that users type: matches, actions and flow_mods from text. */
#ifndef LIB_OPENFLOW_OFP_PARSE_H
#define LIB_OPENFLOW_OFP_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/openflow/ofp-message.h"

/* A flow is a list of FIELD=VALUE, keywords (tcp, arp ...) and flags with commas or blanks between,
 * and at last actions=ACTION,ACTION.  Letters may be large or small.  "#" begins a comment.  What
 * ofp_print_flow_stats() prints can be read again.  A field without what it needs (tp_dst without
 * tcp or udp) is refused, not ignored, and so is a field that contradicts another.
 *
 * Errors: EINVAL with '*error' one malloc()ed sentence without a newline that names the word and
 * the remedy; then nothing is left to release.
 *
 * Threads: any. */

/* Resolves a port name to its number; returns false if there is none. */
typedef bool ofp_port_lookup(void *aux, const char *name, uint16_t *port);

/* How to read a text. */
struct ofp_parse {
    ofp_port_lookup *port_lookup; /* NULL: numbers and reserved names only. */
    void *aux;                    /* For port_lookup. */
};

/* Parses 'text' as a flow_mod with 'command' (OFPFC_*; -1: the text may begin with add, modify,
 * modify_strict, delete, delete_strict, and is an add otherwise).  Returns 0 with '*fm' filled, its
 * actions owned by the caller. */
int ofp_parse_flow_mod(struct ofp_flow_mod *fm, const char *text, int command,
                       const struct ofp_parse *how, char **error);

/* Parses the match (and table, out_port) of a statistics request; empty or NULL: everything. */
int ofp_parse_flow_request(struct ofp_flow_stats_request *req, const char *text,
                           const struct ofp_parse *how, char **error);

/* Parses an action list.  'in_flow' as in action_list_decode(). */
int ofp_parse_actions(struct action_list *actions, const char *text, bool in_flow,
                      const struct ofp_parse *how, char **error);

/* Parses "in_port=1,packet=HEX,actions=..." (the older "IN_PORT ACTIONS PACKET" is split by the
 * caller).  The frame is appended to '*frame', which is empty before and which po->data borrows;
 * the actions are the caller's.  Without in_port it is OFPP_NONE. */
int ofp_parse_packet_out(struct ofp_packet_out *po, const char *text, struct bytes *frame,
                         const struct ofp_parse *how, char **error);

/* Refuses with EINVAL and '*error' what has more than a message has room for; else 0. */
int ofp_check_packet_out_size(const struct ofp_packet_out *po, char **error);

/* A port number, reserved name (any case) or name; in double quotes a name, whatever it looks like.
 * False if none. */
bool ofp_parse_port(const char *text, const struct ofp_parse *how, uint16_t *port);

/* For errors: "the name of a port of this bridge", or that without port_lookup there are none. */
const char *ofp_port_names(const struct ofp_parse *how);

/* How the name of a port must be written to be read as such. */
enum ofp_name_form {
    OFP_NAME_WORD,   /* As it is. */
    OFP_NAME_QUOTED, /* In double quotes. */
    OFP_NAME_NONE,   /* There is no way: write the number. */
};

/* That of 'name'. */
enum ofp_name_form ofp_port_name_form(const char *name);

/* Appends the bytes that 'text' writes as hex digits, blanks allowed between bytes; false, with
 * nothing appended, if it is anything else. */
bool ofp_parse_hex(const char *text, struct bytes *out);

/* True if the line 'text' of a file of flows has none: nothing but blanks and a comment, or the
 * heading that stands above the flows of a dump. */
bool ofp_parse_is_blank(const char *text);

/* Reads 'text' as a match.  Returns 0 or EINVAL as above; nothing but fields and keywords. */
int ofp_parse_match(struct match *m, const char *text, const struct ofp_parse *how, char **error);

#endif
