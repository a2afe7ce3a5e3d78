/* SPDX-License-Identifier: Apache-2.0 */
/* One function a kind of message that prints its body, for the table of ofp-print-message.c. */
#ifndef LIB_OPENFLOW_OFP_PRINT_KINDS_H
#define LIB_OPENFLOW_OFP_PRINT_KINDS_H

#include "lib/openflow/ofp-print.h"

/* How much to print, and how. */
struct ofp_print_how {
    int verbosity;                       /* 0 to 3, see ofp_print(). */
    const struct ofp_print_style *style; /* NULL: none. */
};

/* Appends the body of 'm', after the header "NAME (xid=0x1):"; a last newline may be left out.
 * Returns 0, or the OpenFlow error that its entries have. */
typedef int ofp_print_kind(struct bytes *out, const struct ofp_message *m,
                           const struct ofp_print_how *how);

/* ofp-print-switch.c. */
ofp_print_kind ofp_print_features_reply, ofp_print_switch_config, ofp_print_port_status,
    ofp_print_port_mod, ofp_print_port_request, ofp_print_queue_config, ofp_print_port_desc;

/* ofp-print-flow.c. */
ofp_print_kind ofp_print_packet_in, ofp_print_nx_packet_in, ofp_print_packet_out,
    ofp_print_flow_mod, ofp_print_flow_removed;

/* ofp-print-stats.c. */
ofp_print_kind ofp_print_desc, ofp_print_flow_request, ofp_print_flow_reply, ofp_print_aggregate,
    ofp_print_port_stats_request, ofp_print_port_stats, ofp_print_queue_stats_request,
    ofp_print_queue_stats, ofp_print_port_desc_request;

/* ofp-print-table.c. */
ofp_print_kind ofp_print_table_stats;

/* ofp-print-vendor.c. */
ofp_print_kind ofp_print_vendor, ofp_print_role, ofp_print_async_config, ofp_print_controller_id,
    ofp_print_flow_format, ofp_print_packet_in_format, ofp_print_table_id;

/* Name of the Nicira message 'm' (kind OFP_VENDOR: one that we can't decode), or NULL if we do not
 * know it. */
const char *ofp_print_vendor_name(const struct ofp_message *m);

/* Appends "4.089s": seconds and the nanoseconds beyond them. */
void ofp_print_duration(struct bytes *out, uint32_t sec, uint32_t nsec);

/* A bit of a set and its name. */
struct ofp_bit_name {
    uint32_t bit;     /* The bit. */
    const char *name; /* Its name. */
};

/* Appends the names of the bits of 'set' that have one, with blanks between; "0" if none has. */
void ofp_print_bits(struct bytes *out, uint32_t set, const struct ofp_bit_name *names, size_t n);

#endif
