/* SPDX-License-Identifier: Apache-2.0 */
/* Spanning tree on a bridge: the machine's BPDUs, timers and states brought to the datapath. */
#ifndef OFPROTO_SPANNING_H
#define OFPROTO_SPANNING_H

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/stp-settings.h"
#include "ofproto/stp-types.h"

struct datapath_upcall;
struct ofp_port;
struct ofproto;

/* All physical ports take part, but those with OFPPC_NO_STP (A7.7).  Each change of a port's state
 * is told by PORT_STATUS.  Without spanning tree every function does nothing.
 *
 * The tree speaks by OFPPS_STP_* alone, which FLOOD obeys (4.5).  OFPPC_NO_FLOOD, by which the
 * reference switch tells its datapath of the tree, is a setting, and settings are the controllers'
 * (5.3.3): were the tree to change it, one of the two would undo what the other asked for.
 *
 * Life cycle: spanning_create() after datapath and connections are made, spanning_destroy() before
 * they end.  Threads: the control thread. */

/* Starts what p->config.stp asks for. */
void spanning_create(struct ofproto *p);
void spanning_destroy(struct ofproto *p);

/* Port '*port' is new or has changed: its state follows. Fills '*port' anew, so that whoever tells
 * of the port tells of its state too. */
void spanning_port_came(struct ofproto *p, struct ofp_port *port);

/* Port 'port_no' is gone. */
void spanning_port_went(struct ofproto *p, uint16_t port_no);

/* A frame that the datapath handed up as UPCALL_PROTOCOL. */
void spanning_receive(struct ofproto *p, const struct datapath_upcall *upcall);

/* Begins anew with other settings, or without a tree if they say so. */
void spanning_configure(struct ofproto *p, const struct stp_settings *settings);

/* True while addresses are aged fast, for the topology has changed. */
bool spanning_ages_fast(const struct ofproto *p);

/* For people. False if there is no spanning tree, or no such port in it. */
bool spanning_get_info(const struct ofproto *p, struct stp_info *info);
bool spanning_port_get_info(const struct ofproto *p, uint16_t port_no, struct stp_port_info *info);

#endif
