/* SPDX-License-Identifier: Apache-2.0 */
/* The message table: every OpenFlow message with its lengths, decoder, encoder and printer. */
#ifndef LIB_OPENFLOW_OFP_MSGS_H
#define LIB_OPENFLOW_OFP_MSGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/list.h"
#include "lib/openflow/ofp-message.h"

enum {
    OFP_HEADER_SIZE = 8,     /* struct ofp_header. */
    OFP_MAX_MESSAGE = 65535, /* 'length' is 16 bits. */
};

/* Decodes the 'size' bytes at 'data', one whole message (its length field equals 'size'), into '*m'.
 * 'from_controller': true accepts what a controller sends, false what a switch sends; symmetric ones
 * pass either way. Returns 0, or an OpenFlow error (BAD_VERSION, BAD_TYPE, BAD_STAT, BAD_LEN, errors of
 * bodies) with nothing to release; m->xid, m->version and m->raw are set in any case. */
int ofp_message_decode(struct ofp_message *m, const void *data, size_t size, bool from_controller);
void ofp_message_uninit(struct ofp_message *m);

/* Encodes '*m' (version, kind, xid, flags, body; lists of entries are appended by the caller with the
 * *_put() functions before ofp_msg_finish()). The caller owns the result. */
struct bytes *ofp_message_encode(const struct ofp_message *m);

/* A message of 'kind' with header (and statistics header) written and no body, to append to;
 * ofp_msg_finish() then writes the length field. The caller owns it. */
struct bytes *ofp_msg_start(enum ofp_kind kind, uint32_t xid);
void ofp_msg_finish(struct bytes *msg);

/* Entries of replies: *_put() appends to a message begun with ofp_msg_start(); *_next() takes the next
 * off a reader and returns true, false at the end. Decoding has checked that the list is whole. */
void ofp_features_put(struct bytes *msg, const struct ofp_features *f); /* The fixed part. */
void ofp_port_put(struct bytes *msg, const struct ofp_port *port);
bool ofp_port_next(struct reader *r, struct ofp_port *port);
void ofp_flow_stats_put(struct bytes *msg, const struct ofp_flow_stats *fs);
bool ofp_flow_stats_next(struct reader *r, struct ofp_flow_stats *fs);
void ofp_table_stats_put(struct bytes *msg, const struct ofp_table_stats *ts);
bool ofp_table_stats_next(struct reader *r, struct ofp_table_stats *ts);
void ofp_port_stats_put(struct bytes *msg, const struct ofp_port_stats *ps);
bool ofp_port_stats_next(struct reader *r, struct ofp_port_stats *ps);
void ofp_queue_stats_put(struct bytes *msg, const struct ofp_queue_stats *qs);
bool ofp_queue_stats_next(struct reader *r, struct ofp_queue_stats *qs);
void ofp_queue_config_put(struct bytes *msg, uint16_t port_no); /* The fixed part. */
void ofp_queue_put(struct bytes *msg, const struct ofp_queue *queue);
bool ofp_queue_next(struct reader *r, struct ofp_queue *queue);

/* Statistics replies that may need several messages. Begin with ofp_stats_start(); call
 * ofp_stats_room() before each entry of 'size' bytes: it closes a full message (MORE set), pushes it
 * to 'parts' and opens the next; ofp_stats_finish() closes the last one. 'parts' is a list of struct
 * ofp_part that the caller owns. */
struct ofp_part {
    struct list node;    /* In the list of parts. */
    struct bytes *bytes; /* The message; owned by the part. */
};
struct ofp_stats_writer {
    enum ofp_kind kind;  /* Kind of reply. */
    uint32_t xid;        /* Of the request. */
    struct bytes *msg;   /* Message being filled. */
    struct list *parts;  /* Finished ones. */
};
void ofp_stats_start(struct ofp_stats_writer *w, enum ofp_kind kind, uint32_t xid,
                     struct list *parts);
struct bytes *ofp_stats_room(struct ofp_stats_writer *w, size_t size);
void ofp_stats_finish(struct ofp_stats_writer *w);

/* Name of a kind as tools print it: "OFPT_FLOW_MOD", "OFPST_FLOW reply". */
const char *ofp_kind_name(enum ofp_kind kind);

#endif
