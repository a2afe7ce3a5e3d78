/* SPDX-License-Identifier: Apache-2.0 */
/* An action list in execution on one packet: where it is and what it has come to. */
#include "datapath/execution.h"

#include "datapath/datapath-private.h"
#include "datapath/transmit.h"
#include "lib/openflow/nicira-ext.h"

/* Copy on write
 * =============
 *
 * Output queues the packet itself, which counts in packet->refs; an action that changes the packet
 * takes a copy first if refs is not 0.  So a list with one output at its end, which is nearly every
 * list, never copies.  While a list is executed inside another (OFPP_TABLE), the outer packet has
 * one ref more, so that the inner list changes a copy and the outer one goes on with what it had.
 */

void execution_extract(const struct datapath *dp, struct packet *p, struct flow *flow)
{
    flow_extract(p, flow);
    if (UNLIKELY(flow->nw_frag) && RCU_READ(&dp->frag_mode) == OFPC_FRAG_NX_MATCH) {
        flow_add_fragment_ports(p, flow);
    }
}

/* Stops 'x' for want of a buffer. */
static struct packet *no_buffer(struct execution *x)
{
    datapath_drop(x->dp, x->fw->netdev.id, DROP_NO_MEMORY, 1);
    x->stop = EXECUTION_STOPS;
    return NULL;
}

struct packet *execution_writable(struct execution *x)
{
    struct packet *p = transmit_writable(x->fw, x->packet);
    if (UNLIKELY(!p)) {
        return no_buffer(x);
    }
    x->packet = p;
    x->has_changed = true;
    return p;
}

struct packet *execution_with_headroom(struct execution *x)
{
    struct packet *copy = transmit_copy(x->fw, x->packet);
    if (!copy) {
        return no_buffer(x);
    }
    x->packet = copy;
    return copy;
}

struct flow *execution_flow(struct execution *x)
{
    struct flow *flow = x->flow;
    if (x->has_changed) {
        struct flow_metadata metadata;
        flow_get_metadata(flow, &metadata);
        execution_extract(x->dp, x->packet, flow);
        flow_set_metadata(flow, &metadata);
        x->has_changed = false;
    }
    return flow;
}

const struct flow *execution_fields(struct execution *x, struct flow *copy)
{
    const struct flow *flow = execution_flow(x);
    if (LIKELY(flow->nw_frag != FLOW_FRAG_ANY)) {
        return flow;
    }
    *copy = *flow;
    flow_add_fragment_ports(x->packet, copy);
    return copy;
}
