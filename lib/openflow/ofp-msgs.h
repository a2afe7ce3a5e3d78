/* SPDX-License-Identifier: Apache-2.0 */
/* The message table: every OpenFlow message with its lengths, decoder and encoder. */
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

/* Decodes the 'size' bytes at 'data', one whole message (its length field equals 'size'), into
 * '*m', which borrows them. 'from_controller': true accepts what a controller sends, false what a
 * switch sends; symmetric ones pass either way.
 *
 * Returns 0, or the OpenFlow error to answer with, and then there is nothing to release. The checks
 * are made in this order: version (BAD_VERSION; HELLO and ERROR may have any), type and direction
 * (BAD_TYPE), type of statistics (BAD_STAT), length (BAD_LEN), actions (BAD_ACTION). What only the
 * switch can judge is taken as it is: unknown vendors and subtypes (OFP_VENDOR and
 * OFP_VENDOR_STATS_*), commands, flags, ports, queues, buffers. In any case m->version and m->xid
 * are set (0 as far as the header is cut off), m->raw and m->raw_size, and m->kind, which is
 * N_OFP_KINDS after an error. */
int ofp_message_decode(struct ofp_message *m, const void *data, size_t size,
                       bool from_controller);

/* Releases what ofp_message_decode() allocated: lists of actions that nobody stole. A message that
 * is released twice, or could not be decoded, is no fault. */
void ofp_message_uninit(struct ofp_message *m);

/* Encodes '*m' (version, or OpenFlow 1.0 if that is 0; kind, xid, flags, body). Lists of entries
 * that '*m' has as a reader are copied as they are; more are appended by the caller with the
 * *_put() functions before ofp_msg_finish(). A packet_in's frame is cut to what fits. Returns NULL
 * if the message would be longer than OFP_MAX_MESSAGE. The caller owns the result and still owns
 * the action lists of '*m'. */
struct bytes *ofp_message_encode(const struct ofp_message *m);

/* A message of 'kind' with its header written (statistics header, vendor, subtype and padding too,
 * where it has them) and no body, to append to; ofp_msg_finish() then writes the length field. The
 * caller owns it. */
struct bytes *ofp_msg_start(enum ofp_kind kind, uint32_t xid);

/* Writes the length of 'msg', which must not be over OFP_MAX_MESSAGE. May be repeated. */
void ofp_msg_finish(struct bytes *msg);

/* The error to answer a VENDOR message or VENDOR statistics with that nobody handles: BAD_VENDOR,
 * or BAD_SUBTYPE for Nicira's (A1.13, A8.10). */
int ofp_vendor_error(uint32_t vendor);

/* Entries of replies.  *_put() appends to a message begun with ofp_msg_start(), or to the result of
 * ofp_stats_room(); *_next() takes the next off a reader and returns true, false at the end.
 * Decoding has checked that the list is whole. */

/* The fixed part of a FEATURES_REPLY; f->ports is not looked at. */
void ofp_features_put(struct bytes *msg, const struct ofp_features *f);

/* A port of FEATURES_REPLY or PORT_DESC_REPLY. Returns false, and appends nothing, if it does not
 * fit (the 1365th of a features reply, A2.4). */
bool ofp_port_put(struct bytes *msg, const struct ofp_port *port);
bool ofp_port_next(struct reader *r, struct ofp_port *port);

/* A rule of FLOW_STATS_REPLY. The caller owns the actions that 'next' returns; they are taken as
 * they are, for other switches allow what we refuse. */
void ofp_flow_stats_put(struct bytes *msg, const struct ofp_flow_stats *fs);
bool ofp_flow_stats_next(struct reader *r, struct ofp_flow_stats *fs);

/* Bytes that ofp_flow_stats_put() appends. */
size_t ofp_flow_stats_size(const struct ofp_flow_stats *fs);

/* The same for NXST_FLOW replies. */
void nx_flow_stats_put(struct bytes *msg, const struct ofp_flow_stats *fs);
bool nx_flow_stats_next(struct reader *r, struct ofp_flow_stats *fs);
size_t nx_flow_stats_size(const struct ofp_flow_stats *fs);

/* The next rule of a reply of 'kind', which is OFP_FLOW_STATS_REPLY or OFP_NXST_FLOW_REPLY. */
bool ofp_flow_entry_next(enum ofp_kind kind, struct reader *r, struct ofp_flow_stats *fs);

/* What a flow mod or a request needs beyond OpenFlow 1.0. */
enum ofp_flow_need {
    OFP_NEEDS_NXM = 1 << 0,      /* Nicira's form: NXT_FLOW_MOD, NXST_*. */
    OFP_NEEDS_TABLE_ID = 1 << 1, /* NXT_FLOW_MOD_TABLE_ID before it. */
};

/* OFP_NEEDS_* bits of 'fm', whose table is in fm->table_id. Table 0 is where OpenFlow 1.0 adds. */
unsigned ofp_flow_mod_needs(const struct ofp_flow_mod *fm);

/* OFP_NEEDS_* bits of 'req'. */
unsigned ofp_flow_request_needs(const struct ofp_flow_stats_request *req);

/* Moves a table from the high byte of fm->command, where it stands for those who said so with
 * NXT_FLOW_MOD_TABLE_ID, to fm->table_id (B3), or back. */
void ofp_flow_mod_take_table(struct ofp_flow_mod *fm);
void ofp_flow_mod_put_table(struct ofp_flow_mod *fm);

/* A table of TABLE_STATS_REPLY. */
void ofp_table_stats_put(struct bytes *msg, const struct ofp_table_stats *ts);
bool ofp_table_stats_next(struct reader *r, struct ofp_table_stats *ts);

/* A port of PORT_STATS_REPLY. */
void ofp_port_stats_put(struct bytes *msg, const struct ofp_port_stats *ps);
bool ofp_port_stats_next(struct reader *r, struct ofp_port_stats *ps);

/* A queue of QUEUE_STATS_REPLY. */
void ofp_queue_stats_put(struct bytes *msg, const struct ofp_queue_stats *qs);
bool ofp_queue_stats_next(struct reader *r, struct ofp_queue_stats *qs);

/* The fixed part of a QUEUE_GET_CONFIG_REPLY. */
void ofp_queue_config_put(struct bytes *msg, uint16_t port_no);

/* A queue of it. Returns false, and appends nothing, if it does not fit. */
bool ofp_queue_put(struct bytes *msg, const struct ofp_queue *queue);
bool ofp_queue_next(struct reader *r, struct ofp_queue *queue);

/* Bytes of entries on the wire, for ofp_stats_room(). */
enum {
    OFP_PORT_SIZE = 48,         /* A port of PORT_DESC_REPLY. */
    OFP_TABLE_STATS_SIZE = 64,  /* A table of TABLE_STATS_REPLY. */
    OFP_PORT_STATS_SIZE = 104,  /* A port of PORT_STATS_REPLY. */
    OFP_QUEUE_STATS_SIZE = 32,  /* A queue of QUEUE_STATS_REPLY. */
};

/* Statistics replies that may need several messages (A8.3).  Begin with ofp_stats_start(); call
 * ofp_stats_room() before each entry: it makes sure of 'size' bytes, and if they do not fit closes
 * the message with MORE set, pushes it to 'parts' and opens the next; it returns the message to put
 * the entry into, borrowed until the next call. ofp_stats_finish() closes the last one, without
 * MORE; it may be the only and an empty one. 'parts' is a list of struct ofp_part that the caller
 * has initialised and owns; between two calls it may take parts off it and send them. */
struct ofp_part {
    struct list node;    /* In the list of parts. */
    struct bytes *bytes; /* The message; owned by the part. */
};

/* A reply being written. A writer that is dropped before ofp_stats_finish() is given to
 * ofp_stats_abort(). */
struct ofp_stats_writer {
    enum ofp_kind kind;  /* Kind of reply. */
    uint32_t xid;        /* Of the request. */
    struct bytes *msg;   /* Message being filled; NULL after finish. */
    struct list *parts;  /* Finished ones; borrowed. */
};
void ofp_stats_start(struct ofp_stats_writer *w, enum ofp_kind kind, uint32_t xid,
                     struct list *parts);
struct bytes *ofp_stats_room(struct ofp_stats_writer *w, size_t size);

/* Puts a rule into a reply, in the form of w->kind as above. */
void ofp_stats_put_flow(struct ofp_stats_writer *w, const struct ofp_flow_stats *fs);

void ofp_stats_finish(struct ofp_stats_writer *w);

/* Releases the message being filled; the parts stay. */
void ofp_stats_abort(struct ofp_stats_writer *w);

/* Takes the first part off 'parts' and returns its message, which the caller owns; NULL if there is
 * none. */
struct bytes *ofp_parts_pop(struct list *parts);

/* The kind that the 'size' bytes at 'data' have by their types, from either side and whatever else
 * is wrong with them, their length field and version included; N_OFP_KINDS if they have none. */
enum ofp_kind ofp_kind_of(const void *data, size_t size);

/* True if the 'size' bytes at 'data' are a VENDOR message or vendor statistics, with '*vendor' its
 * vendor id. */
bool ofp_message_vendor(const void *data, size_t size, uint32_t *vendor);

/* Name of a role, NX_ROLE_*: "other", "primary" or "secondary". */
const char *ofp_role_name(uint32_t role);

/* Name of a kind as tools print it: "OFPT_FLOW_MOD", "OFPST_FLOW reply". */
const char *ofp_kind_name(enum ofp_kind kind);

#endif
