/* SPDX-License-Identifier: Apache-2.0 */
/* Spanning tree: how ports come into their roles, forward, tell of changes and send BPDUs. */
#ifndef OFPROTO_STP_TRANSITIONS_H
#define OFPROTO_STP_TRANSITIONS_H

#include "ofproto/stp-private.h"

/* Sets the timers that stand still in the role of 'p' to their full time from now on. */
void stp_transitions_hold(struct stp_port *p);

/* A step of the port role transitions machine (17.29), with the port state transitions (17.30) and
 * the bridge detection machine (17.25). True if anything has changed. */
bool stp_transitions_step(struct stp_port *p);

/* A step of the topology change machine (17.31). True if anything has changed. */
bool stp_topology_step(struct stp_port *p);

/* Sends what 'p' has to send now (17.26). */
void stp_transmit(struct stp_port *p);

/* State of 'p' as 802.1D-1998 names it. */
enum stp_state stp_transitions_state(const struct stp_port *p);

#endif
