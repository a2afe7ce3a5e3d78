/* SPDX-License-Identifier: Apache-2.0 */
/* How the values of match fields are written: forms that the table of fields refers to. */
#ifndef LIB_OPENFLOW_OFP_FIELD_FORMS_H
#define LIB_OPENFLOW_OFP_FIELD_FORMS_H

#include "lib/openflow/ofp-field.h"

extern const struct ofp_field_form ofp_form_port;    /* Port number or name. */
extern const struct ofp_field_form ofp_form_vid;     /* VLAN id, 0xffff untagged. */
extern const struct ofp_field_form ofp_form_pcp;     /* VLAN priority. */
extern const struct ofp_field_form ofp_form_tci;     /* VLAN TCI, 0 untagged. */
extern const struct ofp_field_form ofp_form_mac;     /* Ethernet address. */
extern const struct ofp_field_form ofp_form_dl_type; /* Ethernet type. */
extern const struct ofp_field_form ofp_form_ip4;     /* IPv4 address, with prefix or netmask. */
extern const struct ofp_field_form ofp_form_number;  /* Number of 1 or 2 bytes. */
extern const struct ofp_field_form ofp_form_tos;     /* DSCP as a TOS byte. */
extern const struct ofp_field_form ofp_form_dscp;    /* DSCP as such. */

/* Forms of fields that only Nicira's matches have (nx-field-forms.c). */
extern const struct ofp_field_form ofp_form_hex_host;  /* Number in hex, in host order there. */
extern const struct ofp_field_form ofp_form_hex;       /* The same in network order. */
extern const struct ofp_field_form ofp_form_label;     /* IPv6 flow label. */
extern const struct ofp_field_form ofp_form_ip6;       /* IPv6 address, with prefix or mask. */
extern const struct ofp_field_form ofp_form_frag;      /* Which fragments. */
extern const struct ofp_field_form ofp_form_tcp_flags; /* TCP flags by name. */

/* The second tag: only printed, of frames. */
extern const struct ofp_field_form ofp_form_tci2_seen;

/* Reads "VALUE" or "VALUE/MASK", where both are numbers and VALUE is at most 'max', all ones; bits
 * outside the mask are cleared.  Returns NULL or what is expected, from malloc(). */
char *ofp_parse_masked(const char *text, uint64_t max, uint64_t *value, uint64_t *mask);

/* Parses six bytes in hex with colons.  Returns false if 'text' is anything else. */
bool ofp_parse_mac(const char *text, uint8_t mac[6]);

/* Appends an Ethernet address. */
void ofp_print_mac(struct bytes *out, const uint8_t mac[6]);

#endif
