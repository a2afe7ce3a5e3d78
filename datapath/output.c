/* SPDX-License-Identifier: Apache-2.0 */
/* Sending a packet to one port, to many, or up to the control thread. */
#include "datapath/output.h"

#include <assert.h>

#include "datapath/crossing.h"
#include "datapath/datapath-private.h"
#include "datapath/port.h"
#include "datapath/queue.h"
#include "datapath/transmit.h"
#include "datapath/upcall.h"

/* True if 'p' can wait for what it teaches. A fragment that crosses into another bridge can't: who
 * puts the datagram together there is the thread that received all of its fragments. */
static bool can_defer(const struct port *port, struct packet *p)
{
    struct flow flow;
    if (port->patch) {
        flow_extract(p, &flow);
    }
    return !port->patch || !flow.nw_frag;
}

/* Hands 'p' to the control thread, which sends it out of 'port' after what this thread has put into
 * the lane before; false if there is no room. */
static bool defer(struct forwarder *fw, const struct port *port, const struct packet *p)
{
    const struct upcall_record record = {
        .datapath = port->dp->id,
        .port = port->id,
        .captured = p->captured,
        .queue = fw->queue,
        .out_port = port->number,
        .reason = UPCALL_OUTPUT,
        .hops = p->hops,
    };
    if (upcall_ring_put(fw->upcalls, UPCALL_LANE_LEARN, &record, p, NULL, &fw->deferred)
        != UPCALL_PUT) {
        return false;
    }
    fw->has_upcalls = true;
    fw->deferred_until = upcall_ring_position(fw->upcalls, UPCALL_LANE_LEARN);
    return true;
}

/* Out of a port that is not plain, or of a packet that is to be deferred if there is room. */
static void send_otherwise(struct forwarder *fw, struct port *port, struct packet *p)
{
    if (fw->defers && can_defer(port, p) && defer(fw, port, p)) {
        return;
    }
    if (RCU_GET(&port->is_plain)) {
        transmit_add(fw, port, p);
        return;
    }
    fw->n_sent++;
    if (port->patch) {
        crossing_add(fw, port, p);
    } else {
        port_queues_output(RCU_GET(&port->queues), fw, p);
    }
}

void output_send(struct forwarder *fw, struct port *port, struct packet *p)
{
    if (LIKELY(RCU_GET(&port->is_plain) && !fw->defers)) {
        transmit_add(fw, port, p);
    } else {
        send_otherwise(fw, port, p);
    }
}

void output_past_queues(struct forwarder *fw, struct port *port, struct packet *p)
{
    if (port->patch) {
        crossing_add(fw, port, p);
    } else {
        transmit_add(fw, port, p);
    }
}

void output_port(struct forwarder *fw, struct datapath *dp, uint16_t number, struct packet *p)
{
    struct port *port = port_map_get(&dp->ports, number);
    if (UNLIKELY(!port)) {
        datapath_drop(dp, fw->netdev.id, DROP_NO_PORT, 1);
    } else if (UNLIKELY(!port_can_send(port))) {
        datapath_drop(dp, fw->netdev.id, DROP_NOT_FORWARDING, 1);
    } else {
        output_send(fw, port, p);
    }
}

void output_many(struct forwarder *fw, struct datapath *dp, uint32_t without, struct packet *p)
{
    const struct port_list *list = port_map_list(&dp->ports);
    for (unsigned i = 0; i < list->n; i++) {
        struct port *port = list->ports[i];
        if (port->number != p->in_port && port_can_send(port)
            && !(RCU_READ(&port->config) & without) && !(without && port_is_blocked(port))) {
            output_send(fw, port, p);
        }
    }
}

/* Where each reason goes, and what it is counted as if there is no room. */
static const struct {
    enum upcall_lane lane; /* Lane of the ring. */
    enum drop_reason full; /* Reason of the drop if the lane is full. */
} upcall_ways[] = {
    [UPCALL_MISS] = {UPCALL_LANE_PACKET, DROP_UPCALL_FULL},
    [UPCALL_ACTION] = {UPCALL_LANE_PACKET, DROP_UPCALL_FULL},
    [UPCALL_PROTOCOL] = {UPCALL_LANE_PROTOCOL, DROP_UPCALL_PROTOCOL},
};
static_assert(ARRAY_SIZE(upcall_ways) == UPCALL_LEARN, "every reason has a lane");

void output_upcall(struct forwarder *fw, struct datapath *dp, const struct output_upcall *u,
                   const struct packet *p)
{
    unsigned id = fw->netdev.id;
    struct port *port = p->in_port <= OFPP_LOCAL ? port_map_get(&dp->ports, p->in_port) : NULL;
    enum upcall_lane lane = upcall_ways[u->reason].lane;
    struct upcall_quota *quota = port && lane == UPCALL_LANE_PACKET ? &port->threads[id].quota
                                                                    : NULL;
    struct upcall_record record = {
        .datapath = dp->id,
        .port = quota ? port->id : 0,
        .cookie = u->cookie,
        .in_port = p->in_port,
        .max_len = u->max_len,
        .controller_id = u->controller_id,
        .reason = u->reason,
        .packet_in_reason = u->packet_in_reason,
        .table_id = u->table_id,
    };
    struct flow_metadata metadata;
    bool has_metadata = u->flow && flow_get_metadata(u->flow, &metadata);
    switch (upcall_ring_put(fw->upcalls, lane, &record, p, has_metadata ? &metadata : NULL,
                            quota)) {
    case UPCALL_PUT:
        fw->has_upcalls = true;
        break;
    case UPCALL_OVER_QUOTA:
        datapath_drop(dp, id, DROP_UPCALL_QUOTA, 1);
        break;
    case UPCALL_FULL:
        datapath_drop(dp, id, upcall_ways[u->reason].full, 1);
        break;
    }
}
