/* SPDX-License-Identifier: Apache-2.0 */
/* NORMAL: forwarding as an ordinary learning switch with VLANs does. */
#ifndef DATAPATH_NORMAL_H
#define DATAPATH_NORMAL_H

#include "datapath/forwarder.h"

struct datapath;

/* Learns the source of 'p' and sends it where its destination was learnt, or else floods it (A5.7).
 * Each VLAN is for itself; the ports' settings tell of which one a frame is, and whether it leaves
 * with its tag. A frame of VLAN id 0 counts as untagged. 'p' itself is not changed.
 * Never out of the ingress port. Threads: the forwarder's, as an online RCU reader. */
void normal_forward(struct forwarder *fw, struct datapath *dp, struct packet *p);

#endif
