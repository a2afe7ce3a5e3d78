/* SPDX-License-Identifier: Apache-2.0 */
/* Executing an action list on a packet. */
#ifndef DATAPATH_ACTIONS_H
#define DATAPATH_ACTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "datapath/forwarder.h"
#include "lib/openflow/ofp-actions.h"

struct datapath;
struct execution;

/* What actions need of the storey above them. */
struct action_sink {
    /* OFPP_TABLE: looks the packet of 'x' up as it is now and does what is found; the packet is
     * held, so that it stays as it is. */
    void (*table)(struct execution *x);
};

/* An action list in execution on one packet. The caller fills it. Threads: the forwarder's, as an
 * online RCU reader. */
struct execution {
    struct forwarder *fw;           /* Thread; borrowed. */
    struct datapath *dp;            /* Bridge; borrowed. */
    const struct action_sink *sink; /* What is above; borrowed. */
    struct packet *packet;          /* As modified so far; its in_port is where it came in by, and
                                     * flow_extract() has set its offsets. Borrowed. */
    uint64_t cookie;                /* Of the rule; UINT64_MAX for a packet_out. */
    uint8_t table_id;               /* Of the rule. */
    bool has_stopped;               /* No further actions: there was no buffer for a copy. */
};

/* Executes 'list' in its order (A5.1): each output sends the packet as it is at that point, queued
 * until transmit_flush(). */
void actions_execute(struct execution *x, const struct action_list *list);

#endif
