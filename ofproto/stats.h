/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to statistics requests (A8). */
#ifndef OFPROTO_STATS_H
#define OFPROTO_STATS_H

struct ofconn;
struct ofp_message;
struct ofproto;

/* Handlers of the requests of their names. Flow and aggregate statistics of large tables go on
 * after the return, in slices, and no faster than the peer reads. */
int desc_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);
int flow_stats_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);
int aggregate_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);
int table_stats_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);
int port_stats_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);
int port_desc_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);

#endif
