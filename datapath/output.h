/* SPDX-License-Identifier: Apache-2.0 */
/* Sending a packet to one port, to many, or up to the control thread. */
#ifndef DATAPATH_OUTPUT_H
#define DATAPATH_OUTPUT_H

#include <stdint.h>

#include "datapath/datapath-owner.h"
#include "datapath/forwarder.h"

struct datapath;
struct flow;
struct port;

/* Where a packet came from is its in_port.  What can't be sent is counted as dropped.  Threads: the
 * forwarder's, as an online RCU reader. */

/* Out of 'port', whatever its configuration and state. */
void output_send(struct forwarder *fw, struct port *port, struct packet *p);

/* The same, but past the port's queues and cap: what other bridges rely on must not wait behind
 * data, nor get lost with it. */
void output_past_queues(struct forwarder *fw, struct port *port, struct packet *p);

/* Out of port 'number', a real one or LOCAL. The ingress port too, if it is named. */
void output_port(struct forwarder *fw, struct datapath *dp, uint16_t number, struct packet *p);

/* Out of all ports but the ingress port and those that have a bit of 'without' (OFPPC_*) in their
 * configuration; if that is not 0, those blocked by spanning tree are left out too. */
void output_many(struct forwarder *fw, struct datapath *dp, uint32_t without, struct packet *p);

/* What goes with a packet to the control thread. */
struct output_upcall {
    enum upcall_reason reason; /* Why. */
    uint8_t packet_in_reason;  /* OFPR_* to be told. */
    uint64_t cookie;           /* Of the rule; UINT64_MAX without. */
    uint16_t max_len;          /* Of the action. */
    uint16_t controller_id;    /* Of the action; 0 usually. */
    uint8_t table_id;          /* Where it missed or matched. */
    const struct flow *flow;   /* Of the packet, whose metadata goes along; NULL: it has none. */
};

/* Up to the control thread: a copy. */
void output_upcall(struct forwarder *fw, struct datapath *dp, const struct output_upcall *u,
                   const struct packet *p);

#endif
