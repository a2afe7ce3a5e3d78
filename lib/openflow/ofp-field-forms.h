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

/* Forms of fields that OpenFlow 1.0 can't match: only printed, of frames. */
extern const struct ofp_field_form ofp_form_tci2_seen;
extern const struct ofp_field_form ofp_form_mac_seen;
extern const struct ofp_field_form ofp_form_ip6_seen;
extern const struct ofp_field_form ofp_form_label_seen;
extern const struct ofp_field_form ofp_form_number_seen;
extern const struct ofp_field_form ofp_form_frag_seen;
extern const struct ofp_field_form ofp_form_tcp_flags_seen;

/* Parses six bytes in hex with colons.  Returns false if 'text' is anything else. */
bool ofp_parse_mac(const char *text, uint8_t mac[6]);

/* Appends an Ethernet address. */
void ofp_print_mac(struct bytes *out, const uint8_t mac[6]);

#endif
