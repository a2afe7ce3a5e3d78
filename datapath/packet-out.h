/* SPDX-License-Identifier: Apache-2.0 */
/* A packet_out under way: actions that are executed on a packet in slices. */
#ifndef DATAPATH_PACKET_OUT_H
#define DATAPATH_PACKET_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/openflow/ofp-actions.h"
#include "lib/packet/flow.h"
#include "lib/packet/packet.h"

/* Life cycle: packet_out_init(), slices until packet_out_is_done(); the owner releases the packet.
 * Between slices it holds all that the actions have come to. Threads: one. */
struct packet_out {
    struct packet *packet;             /* As it is now; while there are slices to come a block from
                                        * malloc(), which a slice may replace by another. */
    const struct action_list *actions; /* What is executed; borrowed. */
    size_t done;                       /* Bytes of 'actions' that have been executed. */
    struct flow_metadata metadata;     /* What they gave the packet. */
    uint32_t size;                     /* Bytes of the frame at first: what rules count. */
    uint32_t queue;                    /* Queue that outputs go through. */
    uint16_t n_resubmits;              /* So far. */
};

/* Begins with 'packet' as from 'in_port'. */
static inline void packet_out_init(struct packet_out *po, struct packet *packet, uint16_t in_port,
                                   const struct action_list *actions)
{
    packet->in_port = in_port;
    *po = (struct packet_out){.packet = packet, .actions = actions, .size = packet->size};
}

static inline bool packet_out_is_done(const struct packet_out *po)
{
    return po->done == po->actions->size;
}

#endif
