/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/openflow: the decoders and encoders that the message table lists. */
#ifndef LIB_OPENFLOW_OFP_CODEC_H
#define LIB_OPENFLOW_OFP_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/openflow/ofp-message.h"

struct ofp10_flow_mod_body;

/* The families of messages, a file each below, lie below the message table (ofp-msgs.c).
 *
 * A decoder is called with the head of '*m' (version, kind, xid, flags, raw) filled in and a
 * message whose length is as its row says; it fills the member of the union, and returns 0 or an
 * OpenFlow error with nothing to release.
 *
 * An encoder is called with a message that has its header (statistics header, vendor, subtype
 * and padding too, where its row has them); it appends the body. */

/* Bytes from 'offset' of the message on, borrowed. */
struct ofp_data ofp_codec_rest(const struct ofp_message *m, size_t offset);

/* The same as a reader. */
struct reader ofp_codec_reader(const struct ofp_message *m, size_t offset);

/* Grows 'msg' with zeros to 'size' bytes and returns its first byte, so that a body can be written
 * through the structure of the whole message. */
void *ofp_codec_extend(struct bytes *msg, size_t size);

/* Copies 'text' into the 'size' bytes at 'wire', which are zero, cut so that a NUL remains. */
void ofp_codec_put_string(char *wire, size_t size, const char *text);

/* Makes 'text' (of 'size' + 1 bytes) the string in the 'size' bytes at 'wire', which need not end
 * in a NUL. */
void ofp_codec_get_string(char *text, const char *wire, size_t size);

/* ofp-switch.c: the switch as a whole. 'body' is HELLO and ECHO, 'entries' a list of entries whose
 * size the table has checked. */
int ofp_body_decode(struct ofp_message *m);
void ofp_body_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_entries_decode(struct ofp_message *m);
void ofp_entries_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_error_decode(struct ofp_message *m);
void ofp_error_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_vendor_decode(struct ofp_message *m);
void ofp_vendor_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_vendor_stats_decode(struct ofp_message *m);
void ofp_vendor_stats_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_features_decode(struct ofp_message *m);
void ofp_features_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_config_decode(struct ofp_message *m);
void ofp_config_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_desc_decode(struct ofp_message *m);
void ofp_desc_encode(const struct ofp_message *m, struct bytes *msg);

/* ofp-port.c: ports. */
int ofp_port_status_decode(struct ofp_message *m);
void ofp_port_status_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_port_mod_decode(struct ofp_message *m);
void ofp_port_mod_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_port_stats_request_decode(struct ofp_message *m);
void ofp_port_stats_request_encode(const struct ofp_message *m, struct bytes *msg);

/* ofp-queue.c: queues. */
int ofp_queue_config_request_decode(struct ofp_message *m);
void ofp_queue_config_request_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_queue_config_decode(struct ofp_message *m);
void ofp_queue_config_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_queue_stats_request_decode(struct ofp_message *m);
void ofp_queue_stats_request_encode(const struct ofp_message *m, struct bytes *msg);

/* ofp-flow.c: rules. */
void ofp_flow_mod_take_body(struct ofp_flow_mod *fm, const struct ofp10_flow_mod_body *w);
void ofp_flow_mod_put_body(const struct ofp_flow_mod *fm, struct ofp10_flow_mod_body *w);
int ofp_flow_mod_decode(struct ofp_message *m);
void ofp_flow_mod_encode(const struct ofp_message *m, struct bytes *msg);
void ofp_flow_mod_uninit(struct ofp_message *m);
int ofp_flow_removed_decode(struct ofp_message *m);
void ofp_flow_removed_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_flow_stats_request_decode(struct ofp_message *m);
void ofp_flow_stats_request_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_flow_stats_decode(struct ofp_message *m);
int ofp_aggregate_decode(struct ofp_message *m);
void ofp_aggregate_encode(const struct ofp_message *m, struct bytes *msg);

/* ofp-packet.c: packets between switch and controller. */
int ofp_packet_in_decode(struct ofp_message *m);
void ofp_packet_in_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_packet_out_decode(struct ofp_message *m);
void ofp_packet_out_encode(const struct ofp_message *m, struct bytes *msg);
void ofp_packet_out_uninit(struct ofp_message *m);

/* ofp-nicira.c: what a controller is to the switch. */
int ofp_nx_role_decode(struct ofp_message *m);
void ofp_nx_role_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_nx_async_config_decode(struct ofp_message *m);
void ofp_nx_async_config_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_nx_controller_id_decode(struct ofp_message *m);
void ofp_nx_controller_id_encode(const struct ofp_message *m, struct bytes *msg);

/* nx-flow.c: rules, with Nicira's matches. */
int ofp_nx_flow_mod_decode(struct ofp_message *m);
void ofp_nx_flow_mod_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_nx_flow_removed_decode(struct ofp_message *m);
void ofp_nx_flow_removed_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_nx_flow_request_decode(struct ofp_message *m);
void ofp_nx_flow_request_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_nx_flow_reply_decode(struct ofp_message *m);
int ofp_nx_aggregate_decode(struct ofp_message *m);

/* nx-packet.c: packets with metadata, and in which form a controller wants what. */
int ofp_nx_packet_in_decode(struct ofp_message *m);
void ofp_nx_packet_in_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_nx_format_decode(struct ofp_message *m);
void ofp_nx_format_encode(const struct ofp_message *m, struct bytes *msg);
int ofp_nx_table_id_decode(struct ofp_message *m);
void ofp_nx_table_id_encode(const struct ofp_message *m, struct bytes *msg);

#endif
