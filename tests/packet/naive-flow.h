/* SPDX-License-Identifier: Apache-2.0 */
/* An extraction of flows that is slow and obviously right, to compare flow_extract() with. */
#ifndef TESTS_PACKET_NAIVE_FLOW_H
#define TESTS_PACKET_NAIVE_FLOW_H

#include "lib/packet/flow.h"
#include "lib/packet/packet.h"

/* What flow_extract() must do. */
void naive_flow_extract(struct packet *p, struct flow *flow);

#endif
