/* SPDX-License-Identifier: Apache-2.0 */
/* Packets to and from controllers: packet_in with buffers, packet_out. */
#ifndef OFPROTO_PACKET_IO_H
#define OFPROTO_PACKET_IO_H

#include <stdbool.h>
#include <stdint.h>

struct action_list;
struct datapath_upcall;
struct ofconn;
struct ofp_message;
struct ofproto;
struct rule;

/* A packet came up: every connection that wants it gets a packet_in (A6.1 to A6.6). */
void packet_io_upcall(struct ofproto *p, const struct datapath_upcall *upcall, int64_t now);

/* Handler of OFP_PACKET_OUT (A6.7 to A6.11). */
int packet_out_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);

/* Runs 'actions' on the buffered packet 'id', which is then gone, from the port it came in by.
 * 'rule' counts it, unless it is NULL, and 'c' is charged with it; if that 'may_rest', because 'c'
 * is in no operation, it may go on as an operation of 'c'. Returns 0 or BUFFER_EMPTY,
 * BUFFER_UNKNOWN. */
int packet_io_release_buffer(struct ofproto *p, struct ofconn *c, uint32_t id,
                             const struct action_list *actions, const struct rule *rule,
                             bool may_rest);

#endif
