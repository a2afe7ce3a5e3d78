/* SPDX-License-Identifier: Apache-2.0 */
/* NORMAL: forwarding as an ordinary learning switch with VLANs does. */
#ifndef DATAPATH_NORMAL_H
#define DATAPATH_NORMAL_H

#include "datapath/forwarder.h"

struct datapath;

/* Learns the source of 'p' and sends it where its destination was learnt, or else floods it (A5.7).
 * Each VLAN is for itself; an untagged frame is of VLAN 0, as a frame with a priority tag is.
 * Never out of the ingress port. Threads: the forwarder's, as an online RCU reader. */
void normal_forward(struct forwarder *fw, struct datapath *dp, struct packet *p);

#endif
