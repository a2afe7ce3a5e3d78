/* SPDX-License-Identifier: Apache-2.0 */
/* The message table: every OpenFlow message with its lengths, decoder and encoder. */
#include "lib/openflow/ofp-msgs.h"

#include <assert.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-codec.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * What is known about a message stands in its row, and what every message needs is done here, once:
 * header, version, direction, length. So a decoder meets only messages that its row allows, and
 * checks no more than lengths inside the body.
 *
 * A message is found by its type: 'first_kinds' leads to the first row that can be it, and for
 * statistics the rows from there on are looked through. The row found is compared with what is
 * wanted in every case, so that a hole in the index, which reads as the first kind, is no fault.
 *
 * A vendor's messages and statistics have a row for each subtype that we know, and one row, without
 * a vendor, for all the rest, which stands before them. */

/* Who may send a message. */
enum ofp_sender {
    FROM_EITHER,     /* Symmetric (5.5). */
    FROM_CONTROLLER, /* Controller to switch. */
    FROM_SWITCH,     /* Switch to controller. */
};

/* A row of the message table. */
struct msg_row {
    const char *name;     /* As tools print it. */
    uint8_t version;      /* Least version that has it. */
    bool any_version;     /* Understood under any version. */
    uint8_t type;         /* OFPT_*. */
    uint16_t stats_type;  /* OFPST_*; for statistics only. */
    uint32_t vendor;      /* For one subtype of a vendor: its id; else 0. */
    uint32_t subtype;     /* NXT_*, or NXST_* for statistics; with a vendor only. */
    enum ofp_sender from; /* Who may send it. */
    uint16_t size;        /* Least size in bytes. */
    uint16_t step;        /* 'size' plus a multiple of this is right too; 0: 'size' alone. */

    /* See ofp-codec.h. NULL: it has no body. */
    int (*decode)(struct ofp_message *m);
    void (*encode)(const struct ofp_message *m, struct bytes *msg);

    /* Releases what 'decode' allocated. NULL: nothing. */
    void (*uninit)(struct ofp_message *m);
};

static const struct msg_row rows[] = {
    [OFP_HELLO] = {.name = "OFPT_HELLO", .version = OFP10_VERSION, .type = OFPT_HELLO,
        .from = FROM_EITHER, .size = sizeof(struct ofp10_header), .step = 1, .any_version = true,
        .decode = ofp_body_decode, .encode = ofp_body_encode},
    [OFP_ERROR] = {.name = "OFPT_ERROR", .version = OFP10_VERSION, .type = OFPT_ERROR,
        .from = FROM_EITHER, .size = sizeof(struct ofp10_error_msg), .step = 1,
        .any_version = true, .decode = ofp_error_decode, .encode = ofp_error_encode},
    [OFP_ECHO_REQUEST] = {.name = "OFPT_ECHO_REQUEST", .version = OFP10_VERSION,
        .type = OFPT_ECHO_REQUEST, .from = FROM_EITHER, .size = sizeof(struct ofp10_header),
        .step = 1, .decode = ofp_body_decode, .encode = ofp_body_encode},
    [OFP_ECHO_REPLY] = {.name = "OFPT_ECHO_REPLY", .version = OFP10_VERSION,
        .type = OFPT_ECHO_REPLY, .from = FROM_EITHER, .size = sizeof(struct ofp10_header),
        .step = 1, .decode = ofp_body_decode, .encode = ofp_body_encode},
    [OFP_VENDOR] = {.name = "OFPT_VENDOR", .version = OFP10_VERSION, .type = OFPT_VENDOR,
        .from = FROM_EITHER, .size = sizeof(struct ofp10_vendor_header), .step = 1,
        .decode = ofp_vendor_decode, .encode = ofp_vendor_encode},
    [OFP_FEATURES_REQUEST] = {.name = "OFPT_FEATURES_REQUEST", .version = OFP10_VERSION,
        .type = OFPT_FEATURES_REQUEST, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_header)},
    [OFP_FEATURES_REPLY] = {.name = "OFPT_FEATURES_REPLY", .version = OFP10_VERSION,
        .type = OFPT_FEATURES_REPLY, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_switch_features), .step = sizeof(struct ofp10_phy_port),
        .decode = ofp_features_decode, .encode = ofp_features_encode},
    [OFP_GET_CONFIG_REQUEST] = {.name = "OFPT_GET_CONFIG_REQUEST", .version = OFP10_VERSION,
        .type = OFPT_GET_CONFIG_REQUEST, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_header)},
    [OFP_GET_CONFIG_REPLY] = {.name = "OFPT_GET_CONFIG_REPLY", .version = OFP10_VERSION,
        .type = OFPT_GET_CONFIG_REPLY, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_switch_config), .decode = ofp_config_decode,
        .encode = ofp_config_encode},
    [OFP_SET_CONFIG] = {.name = "OFPT_SET_CONFIG", .version = OFP10_VERSION,
        .type = OFPT_SET_CONFIG, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_switch_config), .decode = ofp_config_decode,
        .encode = ofp_config_encode},
    [OFP_PACKET_IN] = {.name = "OFPT_PACKET_IN", .version = OFP10_VERSION, .type = OFPT_PACKET_IN,
        .from = FROM_SWITCH, .size = sizeof(struct ofp10_packet_in), .step = 1,
        .decode = ofp_packet_in_decode, .encode = ofp_packet_in_encode},
    [OFP_FLOW_REMOVED] = {.name = "OFPT_FLOW_REMOVED", .version = OFP10_VERSION,
        .type = OFPT_FLOW_REMOVED, .from = FROM_SWITCH, .size = sizeof(struct ofp10_flow_removed),
        .decode = ofp_flow_removed_decode, .encode = ofp_flow_removed_encode},
    [OFP_PORT_STATUS] = {.name = "OFPT_PORT_STATUS", .version = OFP10_VERSION,
        .type = OFPT_PORT_STATUS, .from = FROM_SWITCH, .size = sizeof(struct ofp10_port_status),
        .decode = ofp_port_status_decode, .encode = ofp_port_status_encode},
    [OFP_PACKET_OUT] = {.name = "OFPT_PACKET_OUT", .version = OFP10_VERSION,
        .type = OFPT_PACKET_OUT, .from = FROM_CONTROLLER, .size = sizeof(struct ofp10_packet_out),
        .step = 1, .decode = ofp_packet_out_decode, .encode = ofp_packet_out_encode,
        .uninit = ofp_packet_out_uninit},
    [OFP_FLOW_MOD] = {.name = "OFPT_FLOW_MOD", .version = OFP10_VERSION, .type = OFPT_FLOW_MOD,
        .from = FROM_CONTROLLER, .size = sizeof(struct ofp10_flow_mod), .step = 8,
        .decode = ofp_flow_mod_decode, .encode = ofp_flow_mod_encode,
        .uninit = ofp_flow_mod_uninit},
    [OFP_PORT_MOD] = {.name = "OFPT_PORT_MOD", .version = OFP10_VERSION, .type = OFPT_PORT_MOD,
        .from = FROM_CONTROLLER, .size = sizeof(struct ofp10_port_mod),
        .decode = ofp_port_mod_decode, .encode = ofp_port_mod_encode},
    [OFP_BARRIER_REQUEST] = {.name = "OFPT_BARRIER_REQUEST", .version = OFP10_VERSION,
        .type = OFPT_BARRIER_REQUEST, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_header)},
    [OFP_BARRIER_REPLY] = {.name = "OFPT_BARRIER_REPLY", .version = OFP10_VERSION,
        .type = OFPT_BARRIER_REPLY, .from = FROM_SWITCH, .size = sizeof(struct ofp10_header)},
    [OFP_QUEUE_GET_CONFIG_REQUEST] = {.name = "OFPT_QUEUE_GET_CONFIG_REQUEST",
        .version = OFP10_VERSION, .type = OFPT_QUEUE_GET_CONFIG_REQUEST, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_queue_get_config_request),
        .decode = ofp_queue_config_request_decode, .encode = ofp_queue_config_request_encode},
    [OFP_QUEUE_GET_CONFIG_REPLY] = {.name = "OFPT_QUEUE_GET_CONFIG_REPLY",
        .version = OFP10_VERSION, .type = OFPT_QUEUE_GET_CONFIG_REPLY, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_queue_get_config_reply), .step = 1,
        .decode = ofp_queue_config_decode, .encode = ofp_queue_config_encode},
    [OFP_DESC_REQUEST] = {.name = "OFPST_DESC request", .version = OFP10_VERSION,
        .type = OFPT_STATS_REQUEST, .stats_type = OFPST_DESC, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_stats_msg)},
    [OFP_DESC_REPLY] = {.name = "OFPST_DESC reply", .version = OFP10_VERSION,
        .type = OFPT_STATS_REPLY, .stats_type = OFPST_DESC, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_stats_msg) + sizeof(struct ofp10_desc_stats),
        .decode = ofp_desc_decode, .encode = ofp_desc_encode},
    [OFP_FLOW_STATS_REQUEST] = {.name = "OFPST_FLOW request", .version = OFP10_VERSION,
        .type = OFPT_STATS_REQUEST, .stats_type = OFPST_FLOW, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_stats_msg) + sizeof(struct ofp10_flow_stats_request),
        .decode = ofp_flow_stats_request_decode, .encode = ofp_flow_stats_request_encode},
    [OFP_FLOW_STATS_REPLY] = {.name = "OFPST_FLOW reply", .version = OFP10_VERSION,
        .type = OFPT_STATS_REPLY, .stats_type = OFPST_FLOW, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_stats_msg), .step = 1, .decode = ofp_flow_stats_decode,
        .encode = ofp_entries_encode},
    [OFP_AGGREGATE_REQUEST] = {.name = "OFPST_AGGREGATE request", .version = OFP10_VERSION,
        .type = OFPT_STATS_REQUEST, .stats_type = OFPST_AGGREGATE, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_stats_msg) + sizeof(struct ofp10_flow_stats_request),
        .decode = ofp_flow_stats_request_decode, .encode = ofp_flow_stats_request_encode},
    [OFP_AGGREGATE_REPLY] = {.name = "OFPST_AGGREGATE reply", .version = OFP10_VERSION,
        .type = OFPT_STATS_REPLY, .stats_type = OFPST_AGGREGATE, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_stats_msg) + sizeof(struct ofp10_aggregate_stats),
        .decode = ofp_aggregate_decode, .encode = ofp_aggregate_encode},
    [OFP_TABLE_STATS_REQUEST] = {.name = "OFPST_TABLE request", .version = OFP10_VERSION,
        .type = OFPT_STATS_REQUEST, .stats_type = OFPST_TABLE, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_stats_msg)},
    [OFP_TABLE_STATS_REPLY] = {.name = "OFPST_TABLE reply", .version = OFP10_VERSION,
        .type = OFPT_STATS_REPLY, .stats_type = OFPST_TABLE, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_stats_msg), .step = sizeof(struct ofp10_table_stats),
        .decode = ofp_entries_decode, .encode = ofp_entries_encode},
    [OFP_PORT_STATS_REQUEST] = {.name = "OFPST_PORT request", .version = OFP10_VERSION,
        .type = OFPT_STATS_REQUEST, .stats_type = OFPST_PORT, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_stats_msg) + sizeof(struct ofp10_port_stats_request),
        .decode = ofp_port_stats_request_decode, .encode = ofp_port_stats_request_encode},
    [OFP_PORT_STATS_REPLY] = {.name = "OFPST_PORT reply", .version = OFP10_VERSION,
        .type = OFPT_STATS_REPLY, .stats_type = OFPST_PORT, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_stats_msg), .step = sizeof(struct ofp10_port_stats),
        .decode = ofp_entries_decode, .encode = ofp_entries_encode},
    [OFP_QUEUE_STATS_REQUEST] = {.name = "OFPST_QUEUE request", .version = OFP10_VERSION,
        .type = OFPT_STATS_REQUEST, .stats_type = OFPST_QUEUE, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_stats_msg) + sizeof(struct ofp10_queue_stats_request),
        .decode = ofp_queue_stats_request_decode, .encode = ofp_queue_stats_request_encode},
    [OFP_QUEUE_STATS_REPLY] = {.name = "OFPST_QUEUE reply", .version = OFP10_VERSION,
        .type = OFPT_STATS_REPLY, .stats_type = OFPST_QUEUE, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_stats_msg), .step = sizeof(struct ofp10_queue_stats),
        .decode = ofp_entries_decode, .encode = ofp_entries_encode},
    [OFP_PORT_DESC_REQUEST] = {.name = "OFPST_PORT_DESC request", .version = OFP10_VERSION,
        .type = OFPT_STATS_REQUEST, .stats_type = OFPST_PORT_DESC, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_stats_msg)},
    [OFP_PORT_DESC_REPLY] = {.name = "OFPST_PORT_DESC reply", .version = OFP10_VERSION,
        .type = OFPT_STATS_REPLY, .stats_type = OFPST_PORT_DESC, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_stats_msg), .step = sizeof(struct ofp10_phy_port),
        .decode = ofp_entries_decode, .encode = ofp_entries_encode},
    [OFP_VENDOR_STATS_REQUEST] = {.name = "OFPST_VENDOR request", .version = OFP10_VERSION,
        .type = OFPT_STATS_REQUEST, .stats_type = OFPST_VENDOR, .from = FROM_CONTROLLER,
        .size = sizeof(struct ofp10_stats_msg) + sizeof(be32), .step = 1,
        .decode = ofp_vendor_stats_decode, .encode = ofp_vendor_stats_encode},
    [OFP_VENDOR_STATS_REPLY] = {.name = "OFPST_VENDOR reply", .version = OFP10_VERSION,
        .type = OFPT_STATS_REPLY, .stats_type = OFPST_VENDOR, .from = FROM_SWITCH,
        .size = sizeof(struct ofp10_stats_msg) + sizeof(be32), .step = 1,
        .decode = ofp_vendor_stats_decode, .encode = ofp_vendor_stats_encode},
    [OFP_NXT_ROLE_REQUEST] = {.name = "NXT_ROLE_REQUEST", .version = OFP10_VERSION,
        .type = OFPT_VENDOR, .vendor = NX_VENDOR_ID, .subtype = NXT_ROLE_REQUEST,
        .from = FROM_CONTROLLER, .size = sizeof(struct nx10_role_request),
        .decode = ofp_nx_role_decode, .encode = ofp_nx_role_encode},
    [OFP_NXT_ROLE_REPLY] = {.name = "NXT_ROLE_REPLY", .version = OFP10_VERSION,
        .type = OFPT_VENDOR, .vendor = NX_VENDOR_ID, .subtype = NXT_ROLE_REPLY,
        .from = FROM_SWITCH, .size = sizeof(struct nx10_role_request),
        .decode = ofp_nx_role_decode, .encode = ofp_nx_role_encode},
    [OFP_NXT_SET_ASYNC_CONFIG] = {.name = "NXT_SET_ASYNC_CONFIG", .version = OFP10_VERSION,
        .type = OFPT_VENDOR, .vendor = NX_VENDOR_ID, .subtype = NXT_SET_ASYNC_CONFIG,
        .from = FROM_CONTROLLER, .size = sizeof(struct nx10_async_config),
        .decode = ofp_nx_async_config_decode, .encode = ofp_nx_async_config_encode},
    [OFP_NXT_SET_CONTROLLER_ID] = {.name = "NXT_SET_CONTROLLER_ID", .version = OFP10_VERSION,
        .type = OFPT_VENDOR, .vendor = NX_VENDOR_ID, .subtype = NXT_SET_CONTROLLER_ID,
        .from = FROM_CONTROLLER, .size = sizeof(struct nx10_controller_id),
        .decode = ofp_nx_controller_id_decode, .encode = ofp_nx_controller_id_encode},
    [OFP_NXT_SET_FLOW_FORMAT] = {.name = "NXT_SET_FLOW_FORMAT", .version = OFP10_VERSION,
        .type = OFPT_VENDOR, .vendor = NX_VENDOR_ID, .subtype = NXT_SET_FLOW_FORMAT,
        .from = FROM_CONTROLLER, .size = sizeof(struct nx10_set_format),
        .decode = ofp_nx_format_decode, .encode = ofp_nx_format_encode},
    [OFP_NXT_FLOW_MOD] = {.name = "NXT_FLOW_MOD", .version = OFP10_VERSION, .type = OFPT_VENDOR,
        .vendor = NX_VENDOR_ID, .subtype = NXT_FLOW_MOD, .from = FROM_CONTROLLER,
        .size = sizeof(struct nx10_flow_mod), .step = 8, .decode = ofp_nx_flow_mod_decode,
        .encode = ofp_nx_flow_mod_encode, .uninit = ofp_flow_mod_uninit},
    [OFP_NXT_FLOW_REMOVED] = {.name = "NXT_FLOW_REMOVED", .version = OFP10_VERSION,
        .type = OFPT_VENDOR, .vendor = NX_VENDOR_ID, .subtype = NXT_FLOW_REMOVED,
        .from = FROM_SWITCH, .size = sizeof(struct nx10_flow_removed), .step = 8,
        .decode = ofp_nx_flow_removed_decode, .encode = ofp_nx_flow_removed_encode},
    [OFP_NXT_FLOW_MOD_TABLE_ID] = {.name = "NXT_FLOW_MOD_TABLE_ID", .version = OFP10_VERSION,
        .type = OFPT_VENDOR, .vendor = NX_VENDOR_ID, .subtype = NXT_FLOW_MOD_TABLE_ID,
        .from = FROM_CONTROLLER, .size = sizeof(struct nx10_flow_mod_table_id),
        .decode = ofp_nx_table_id_decode, .encode = ofp_nx_table_id_encode},
    [OFP_NXT_SET_PACKET_IN_FORMAT] = {.name = "NXT_SET_PACKET_IN_FORMAT",
        .version = OFP10_VERSION, .type = OFPT_VENDOR, .vendor = NX_VENDOR_ID,
        .subtype = NXT_SET_PACKET_IN_FORMAT, .from = FROM_CONTROLLER,
        .size = sizeof(struct nx10_set_format), .decode = ofp_nx_format_decode,
        .encode = ofp_nx_format_encode},
    [OFP_NXT_PACKET_IN] = {.name = "NXT_PACKET_IN", .version = OFP10_VERSION, .type = OFPT_VENDOR,
        .vendor = NX_VENDOR_ID, .subtype = NXT_PACKET_IN, .from = FROM_SWITCH,
        .size = sizeof(struct nx10_packet_in), .step = 1, .decode = ofp_nx_packet_in_decode,
        .encode = ofp_nx_packet_in_encode},
    [OFP_NXT_FLOW_AGE] = {.name = "NXT_FLOW_AGE", .version = OFP10_VERSION, .type = OFPT_VENDOR,
        .vendor = NX_VENDOR_ID, .subtype = NXT_FLOW_AGE, .from = FROM_CONTROLLER,
        .size = sizeof(struct nx10_vendor_header)},
    [OFP_NXST_FLOW_REQUEST] = {.name = "NXST_FLOW request", .version = OFP10_VERSION,
        .type = OFPT_STATS_REQUEST, .stats_type = OFPST_VENDOR, .vendor = NX_VENDOR_ID,
        .subtype = NXST_FLOW, .from = FROM_CONTROLLER,
        .size = sizeof(struct nx10_flow_stats_request), .step = 8,
        .decode = ofp_nx_flow_request_decode, .encode = ofp_nx_flow_request_encode},
    [OFP_NXST_FLOW_REPLY] = {.name = "NXST_FLOW reply", .version = OFP10_VERSION,
        .type = OFPT_STATS_REPLY, .stats_type = OFPST_VENDOR, .vendor = NX_VENDOR_ID,
        .subtype = NXST_FLOW, .from = FROM_SWITCH, .size = sizeof(struct nx10_stats_msg),
        .step = 8, .decode = ofp_nx_flow_reply_decode, .encode = ofp_entries_encode},
    [OFP_NXST_AGGREGATE_REQUEST] = {.name = "NXST_AGGREGATE request", .version = OFP10_VERSION,
        .type = OFPT_STATS_REQUEST, .stats_type = OFPST_VENDOR, .vendor = NX_VENDOR_ID,
        .subtype = NXST_AGGREGATE, .from = FROM_CONTROLLER,
        .size = sizeof(struct nx10_flow_stats_request), .step = 8,
        .decode = ofp_nx_flow_request_decode, .encode = ofp_nx_flow_request_encode},
    [OFP_NXST_AGGREGATE_REPLY] = {.name = "NXST_AGGREGATE reply", .version = OFP10_VERSION,
        .type = OFPT_STATS_REPLY, .stats_type = OFPST_VENDOR, .vendor = NX_VENDOR_ID,
        .subtype = NXST_AGGREGATE, .from = FROM_SWITCH,
        .size = sizeof(struct nx10_aggregate_stats), .decode = ofp_nx_aggregate_decode,
        .encode = ofp_aggregate_encode},
};
static_assert(ARRAY_SIZE(rows) == N_OFP_KINDS, "a kind of message has no row");

/* The first row with a type. */
static const uint8_t first_kinds[] = {
    [OFPT_HELLO] = OFP_HELLO,
    [OFPT_ERROR] = OFP_ERROR,
    [OFPT_ECHO_REQUEST] = OFP_ECHO_REQUEST,
    [OFPT_ECHO_REPLY] = OFP_ECHO_REPLY,
    [OFPT_VENDOR] = OFP_VENDOR,
    [OFPT_FEATURES_REQUEST] = OFP_FEATURES_REQUEST,
    [OFPT_FEATURES_REPLY] = OFP_FEATURES_REPLY,
    [OFPT_GET_CONFIG_REQUEST] = OFP_GET_CONFIG_REQUEST,
    [OFPT_GET_CONFIG_REPLY] = OFP_GET_CONFIG_REPLY,
    [OFPT_SET_CONFIG] = OFP_SET_CONFIG,
    [OFPT_PACKET_IN] = OFP_PACKET_IN,
    [OFPT_FLOW_REMOVED] = OFP_FLOW_REMOVED,
    [OFPT_PORT_STATUS] = OFP_PORT_STATUS,
    [OFPT_PACKET_OUT] = OFP_PACKET_OUT,
    [OFPT_FLOW_MOD] = OFP_FLOW_MOD,
    [OFPT_PORT_MOD] = OFP_PORT_MOD,
    [OFPT_STATS_REQUEST] = OFP_DESC_REQUEST,
    [OFPT_STATS_REPLY] = OFP_DESC_REPLY,
    [OFPT_BARRIER_REQUEST] = OFP_BARRIER_REQUEST,
    [OFPT_BARRIER_REPLY] = OFP_BARRIER_REPLY,
    [OFPT_QUEUE_GET_CONFIG_REQUEST] = OFP_QUEUE_GET_CONFIG_REQUEST,
    [OFPT_QUEUE_GET_CONFIG_REPLY] = OFP_QUEUE_GET_CONFIG_REPLY,
};

/* True if messages of 'type' have a statistics header. */
static bool type_is_stats(uint8_t type)
{
    return type == OFPT_STATS_REQUEST || type == OFPT_STATS_REPLY;
}

/* True if 'row' is one for 'from_controller' as ofp_message_decode() has it. */
static bool row_is_from(const struct msg_row *row, bool from_controller)
{
    return row->from != (from_controller ? FROM_SWITCH : FROM_CONTROLLER);
}

/* The first row for messages of 'type', or NULL. */
static const struct msg_row *row_of_type(uint8_t type)
{
    const struct msg_row *row = type < ARRAY_SIZE(first_kinds) ? &rows[first_kinds[type]] : NULL;
    return row && row->type == type ? row : NULL;
}

/* The first row from 'row' on for statistics like those of the message of 'size' bytes at 'w'. */
static int stats_row_find(const struct ofp10_header *w, size_t size, const struct msg_row *row,
                          const struct msg_row **result)
{
    const struct ofp10_stats_msg *stats = (const void *) w;
    if (size < sizeof *stats) {
        return OFPERR_BAD_REQUEST_BAD_LEN;
    }
    uint16_t stats_type = ntohs(stats->type);
    while (row->type != w->type || row->stats_type != stats_type) {
        if (++row == rows + ARRAY_SIZE(rows)) {
            return OFPERR_BAD_REQUEST_BAD_STAT;
        }
    }
    *result = row;
    return 0;
}

/* Where the vendor id stands in messages of 'row', whose subtype follows; 0: they have none. */
static size_t vendor_offset(const struct msg_row *row)
{
    if (row->type == OFPT_VENDOR) {
        return sizeof(struct ofp10_header);
    }
    bool is_vendor = type_is_stats(row->type) && row->stats_type == OFPST_VENDOR;
    return is_vendor ? sizeof(struct ofp10_stats_msg) : 0;
}

bool ofp_message_vendor(const void *data, size_t size, uint32_t *vendor)
{
    const struct ofp10_header *w = data;
    const struct msg_row *row = size >= sizeof *w ? row_of_type(w->type) : NULL;
    if (!row || (type_is_stats(w->type) && stats_row_find(w, size, row, &row))) {
        return false;
    }
    size_t offset = vendor_offset(row);
    if (!offset || size < offset + 4) {
        return false;
    }
    *vendor = get_be32((const uint8_t *) data + offset);
    return true;
}

/* Replaces '*row', the one for any vendor, by that of the vendor's subtype at 'w', if there is one.
 * Returns 0, or BAD_LEN if the vendor, or the subtype of one that we know, is cut off. */
static int subtype_row_find(const struct ofp10_header *w, size_t size, const struct msg_row **row)
{
    const struct msg_row *any = *row;
    size_t offset = vendor_offset(any);
    uint32_t vendor;
    if (!ofp_message_vendor(w, size, &vendor)) {
        return OFPERR_BAD_REQUEST_BAD_LEN;
    }
    for (const struct msg_row *r = any + 1; r < rows + ARRAY_SIZE(rows); r++) {
        if (r->vendor != vendor || r->type != any->type || r->stats_type != any->stats_type) {
            continue;
        }
        if (size < offset + 8) {
            return OFPERR_BAD_REQUEST_BAD_LEN;
        }
        if (r->subtype == get_be32((const uint8_t *) w + offset + 4)) {
            *row = r;
            break;
        }
    }
    return 0;
}

/* The row of the message of 'size' bytes at 'w', without regard to its version and sender. Returns
 * 0, or BAD_TYPE, BAD_STAT, or BAD_LEN if what tells the row is cut off. */
static int row_find(const struct ofp10_header *w, size_t size, const struct msg_row **result)
{
    const struct msg_row *row = row_of_type(w->type);
    int error = row ? 0 : OFPERR_BAD_REQUEST_BAD_TYPE;
    if (!error && type_is_stats(w->type)) {
        error = stats_row_find(w, size, row, &row);
    }
    if (!error && vendor_offset(row)) {
        error = subtype_row_find(w, size, &row);
    }
    *result = error ? NULL : row;
    return error;
}

/* The same, BAD_TYPE also for what only the other side sends. */
static int row_find_from(const struct ofp10_header *w, size_t size, bool from_controller,
                         const struct msg_row **result)
{
    const struct msg_row *first = row_of_type(w->type);
    if (first && !row_is_from(first, from_controller)) {
        return OFPERR_BAD_REQUEST_BAD_TYPE;
    }
    int error = row_find(w, size, result);
    return error || row_is_from(*result, from_controller) ? error : OFPERR_BAD_REQUEST_BAD_TYPE;
}

enum ofp_kind ofp_kind_of(const void *data, size_t size)
{
    const struct msg_row *row = NULL;
    if (size >= sizeof(struct ofp10_header)) {
        row_find(data, size, &row);
    }
    return row ? (enum ofp_kind) (row - rows) : N_OFP_KINDS;
}

/* True if the message at 'w', whose row is 'row' or NULL, has a version that we speak. */
static bool version_is_known(const struct ofp10_header *w, const struct msg_row *row)
{
    return w->version == OFP10_VERSION || (row && row->any_version);
}

/* True if 'size' bytes are right for a message of 'row'. */
static bool size_is_right(const struct msg_row *row, size_t size)
{
    if (!row->step || size < row->size) {
        return size == row->size;
    }
    return (size - row->size) % row->step == 0;
}

/* Fills in what every message has, as far as there is a header. Returns the header, or NULL if the
 * 'size' bytes at 'data' are not one whole message. */
static const struct ofp10_header *head_decode(struct ofp_message *m, const void *data, size_t size)
{
    const struct ofp10_header *w = data;
    m->kind = N_OFP_KINDS;
    m->version = size >= 1 ? w->version : 0;
    m->xid = size >= sizeof *w ? ntohl(w->xid) : 0;
    m->flags = 0;
    m->raw = data;
    m->raw_size = size;
    return size >= sizeof *w && ntohs(w->length) == size ? w : NULL;
}

int ofp_message_decode(struct ofp_message *m, const void *data, size_t size, bool from_controller)
{
    const struct ofp10_header *w = head_decode(m, data, size);
    if (!w) {
        return OFPERR_BAD_REQUEST_BAD_LEN;
    }

    const struct msg_row *row = NULL;
    int error = row_find_from(w, size, from_controller, &row);
    if (!version_is_known(w, row)) {
        return OFPERR_BAD_REQUEST_BAD_VERSION;
    }
    if (error) {
        return error;
    }
    if (!size_is_right(row, size)) {
        return OFPERR_BAD_REQUEST_BAD_LEN;
    }
    if (type_is_stats(w->type)) {
        m->flags = ntohs(((const struct ofp10_stats_msg *) data)->flags);
    }

    error = row->decode ? row->decode(m) : 0;
    if (!error) {
        m->kind = (enum ofp_kind) (row - rows);
    }
    return error;
}

void ofp_message_uninit(struct ofp_message *m)
{
    if (m->kind < N_OFP_KINDS && rows[m->kind].uninit) {
        rows[m->kind].uninit(m);
    }
}

struct bytes *ofp_msg_start(enum ofp_kind kind, uint32_t xid)
{
    const struct msg_row *row = &rows[kind];
    struct bytes *msg = bytes_create(row->size);
    struct ofp10_header *w = bytes_put_zeros(msg, sizeof *w);
    w->version = row->version;
    w->type = row->type;
    w->xid = htonl(xid);
    if (type_is_stats(row->type)) {
        bytes_put_be16(msg, row->stats_type);
        bytes_put_be16(msg, 0);
    }
    if (row->vendor) {
        bytes_put_be32(msg, row->vendor);
        bytes_put_be32(msg, row->subtype);
        bytes_put_zeros(msg, type_is_stats(row->type) ? 4 : 0);
    }
    return msg;
}

void ofp_msg_finish(struct bytes *msg)
{
    assert(msg->size <= OFP_MAX_MESSAGE);
    struct ofp10_header *w = bytes_at(msg, 0);
    w->length = htons((uint16_t) msg->size);
}

struct bytes *ofp_message_encode(const struct ofp_message *m)
{
    const struct msg_row *row = &rows[m->kind];
    struct bytes *msg = ofp_msg_start(m->kind, m->xid);
    struct ofp10_header *w = bytes_at(msg, 0);
    if (m->version) {
        w->version = m->version;
    }
    if (type_is_stats(row->type)) {
        ((struct ofp10_stats_msg *) w)->flags = htons(m->flags);
    }
    if (row->encode) {
        row->encode(m, msg);
    }
    if (msg->size > OFP_MAX_MESSAGE) {
        bytes_destroy(msg);
        return NULL;
    }
    ofp_msg_finish(msg);
    return msg;
}

const char *ofp_kind_name(enum ofp_kind kind)
{
    return rows[kind].name;
}
