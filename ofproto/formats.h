/* SPDX-License-Identifier: Apache-2.0 */
/* In which form a connection is told of rules and packets (B3, B5, B9). */
#ifndef OFPROTO_FORMATS_H
#define OFPROTO_FORMATS_H

struct ofconn;
struct ofp_message;
struct ofproto;

/* Handlers. A form that we do not have is BAD_REQUEST/EPERM, and the old one stays. */
int set_flow_format_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);
int set_packet_in_format_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);
int flow_mod_table_id_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);

#endif
