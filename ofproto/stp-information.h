/* SPDX-License-Identifier: Apache-2.0 */
/* Spanning tree: what ports have heard, and the roles that follow from it. */
#ifndef OFPROTO_STP_INFORMATION_H
#define OFPROTO_STP_INFORMATION_H

#include "ofproto/stp-private.h"

/* Takes the BPDU that 'p', which is enabled, has received (17.23, 17.24, 17.27). */
void stp_information_receive(struct stp_port *p, const struct bpdu *bpdu);

/* A step of the port information machine (17.27). True if anything has changed. */
bool stp_information_step(struct stp_port *p);

/* A step of the port role selection machine (17.28). True if anything has changed. */
bool stp_information_select(struct stp *stp);

#endif
