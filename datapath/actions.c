/* SPDX-License-Identifier: Apache-2.0 */
/* Executing an action list on a packet. */
#include "datapath/actions.h"

#include <assert.h>
#include <errno.h>

#include "datapath/datapath-private.h"
#include "datapath/normal.h"
#include "datapath/output.h"
#include "datapath/rewrite.h"
#include "datapath/transmit.h"
#include "lib/openflow/openflow-1.0.h"

/* Copy on write
 * =============
 *
 * Output queues the packet itself, which counts in packet->refs; an action that changes the packet
 * takes a copy first if refs is not 0.  So a list with one output at its end, which is nearly every
 * list, never copies.  While a list is executed inside another (OFPP_TABLE), the outer packet has
 * one ref more, so that the inner list changes a copy and the outer one goes on with what it had.
 */

/* The packet of 'x' for a change of its bytes, or NULL if there is no buffer for a copy; then 'x'
 * stops. */
static struct packet *writable(struct execution *x)
{
    struct packet *p = transmit_writable(x->fw, x->packet);
    if (UNLIKELY(!p)) {
        datapath_drop(x->dp, x->fw->netdev.id, DROP_NO_MEMORY, 1);
        x->has_stopped = true;
        return NULL;
    }
    x->packet = p;
    return p;
}

/* Sends back to where it came from. */
static void output_in_port(struct execution *x, uint16_t max_len UNUSED)
{
    output_port(x->fw, x->dp, x->packet->in_port, x->packet);
}

/* Looks up in the table. */
static void output_table(struct execution *x, uint16_t max_len UNUSED)
{
    if (x->fw->depth >= FORWARDER_DEPTH) {
        datapath_drop(x->dp, x->fw->netdev.id, DROP_RECURSION, 1);
        return;
    }
    struct packet *held = x->packet;
    held->refs++;
    x->sink->table(x);
    held->refs--;
}

/* Forwards as a learning switch. */
static void output_normal(struct execution *x, uint16_t max_len UNUSED)
{
    normal_forward(x->fw, x->dp, x->packet);
}

/* Floods. */
static void output_flood(struct execution *x, uint16_t max_len UNUSED)
{
    output_many(x->fw, x->dp, OFPPC_NO_FLOOD, x->packet);
}

/* Sends to all ports. */
static void output_all(struct execution *x, uint16_t max_len UNUSED)
{
    output_many(x->fw, x->dp, 0, x->packet);
}

/* Sends up. */
static void output_controller(struct execution *x, uint16_t max_len)
{
    const struct output_upcall upcall = {
        .reason = UPCALL_ACTION,
        .cookie = x->cookie,
        .max_len = max_len,
        .table_id = x->table_id,
    };
    output_upcall(x->fw, x->dp, &upcall, x->packet);
}

/* The reserved ports from OFPP_IN_PORT on; LOCAL is like a real one, NONE is no port. */
static void (*const reserved_ports[])(struct execution *x, uint16_t max_len) = {
    [OFPP_IN_PORT - OFPP_IN_PORT] = output_in_port,
    [OFPP_TABLE - OFPP_IN_PORT] = output_table,
    [OFPP_NORMAL - OFPP_IN_PORT] = output_normal,
    [OFPP_FLOOD - OFPP_IN_PORT] = output_flood,
    [OFPP_ALL - OFPP_IN_PORT] = output_all,
    [OFPP_CONTROLLER - OFPP_IN_PORT] = output_controller,
};
static_assert(ARRAY_SIZE(reserved_ports) == OFPP_LOCAL - OFPP_IN_PORT, "reserved port forgotten");

/* Sends to 'port', whatever it is: never to the ingress port unless by OFPP_IN_PORT (A5.3). */
static void output(struct execution *x, uint16_t port, uint16_t max_len)
{
    if (port >= OFPP_IN_PORT && port < OFPP_LOCAL) {
        reserved_ports[port - OFPP_IN_PORT](x, max_len);
    } else if (port == x->packet->in_port) {
        datapath_drop(x->dp, x->fw->netdev.id, DROP_INGRESS, 1);
    } else {
        output_port(x->fw, x->dp, port, x->packet);
    }
}

/* ACTION_OUTPUT. */
static void execute_output(struct execution *x, const struct action *a)
{
    output(x, a->output.port, a->output.max_len);
}

/* ACTION_ENQUEUE: the queue is this output's alone. */
static void execute_enqueue(struct execution *x, const struct action *a)
{
    uint32_t before = x->fw->queue;
    x->fw->queue = a->enqueue.queue;
    output(x, a->enqueue.port, 0);
    x->fw->queue = before;
}

/* Replaces the packet of 'x' by a copy that has headroom; NULL if there is no buffer, and 'x'
 * stops. */
static struct packet *with_headroom(struct execution *x)
{
    struct packet *copy = transmit_copy(x->fw, x->packet);
    if (!copy) {
        datapath_drop(x->dp, x->fw->netdev.id, DROP_NO_MEMORY, 1);
        x->has_stopped = true;
        return NULL;
    }
    x->packet = copy;
    return copy;
}

/* ACTION_SET_VLAN_VID. */
static void execute_set_vlan_vid(struct execution *x, const struct action *a)
{
    struct packet *p = writable(x);
    if (p && rewrite_vlan_vid(p, a->vlan_vid) == ENOBUFS && (p = with_headroom(x))) {
        rewrite_vlan_vid(p, a->vlan_vid);
    }
}

/* ACTION_SET_VLAN_PCP. */
static void execute_set_vlan_pcp(struct execution *x, const struct action *a)
{
    struct packet *p = writable(x);
    if (p && rewrite_vlan_pcp(p, a->vlan_pcp) == ENOBUFS && (p = with_headroom(x))) {
        rewrite_vlan_pcp(p, a->vlan_pcp);
    }
}

/* ACTION_STRIP_VLAN. */
static void execute_strip_vlan(struct execution *x, const struct action *a UNUSED)
{
    struct packet *p = writable(x);
    if (p) {
        rewrite_strip_vlan(p);
    }
}

/* Defines the executor of an action that rewrites one field in place. */
#define DEFINE_REWRITE(field, member) \
    static void execute_set_##field(struct execution *x, const struct action *a) \
    { \
        struct packet *p = writable(x); \
        if (p) { \
            rewrite_##field(p, a->member); \
        } \
    }

DEFINE_REWRITE(dl_src, dl_addr)
DEFINE_REWRITE(dl_dst, dl_addr)
DEFINE_REWRITE(nw_src, nw_addr)
DEFINE_REWRITE(nw_dst, nw_addr)
DEFINE_REWRITE(nw_tos, nw_tos)
DEFINE_REWRITE(tp_src, tp_port)
DEFINE_REWRITE(tp_dst, tp_port)

static void (*const executors[])(struct execution *x, const struct action *a) = {
    [ACTION_OUTPUT] = execute_output,
    [ACTION_SET_VLAN_VID] = execute_set_vlan_vid,
    [ACTION_SET_VLAN_PCP] = execute_set_vlan_pcp,
    [ACTION_STRIP_VLAN] = execute_strip_vlan,
    [ACTION_SET_DL_SRC] = execute_set_dl_src,
    [ACTION_SET_DL_DST] = execute_set_dl_dst,
    [ACTION_SET_NW_SRC] = execute_set_nw_src,
    [ACTION_SET_NW_DST] = execute_set_nw_dst,
    [ACTION_SET_NW_TOS] = execute_set_nw_tos,
    [ACTION_SET_TP_SRC] = execute_set_tp_src,
    [ACTION_SET_TP_DST] = execute_set_tp_dst,
    [ACTION_ENQUEUE] = execute_enqueue,
};
static_assert(ARRAY_SIZE(executors) == N_ACTIONS, "every action has an executor");

void actions_execute(struct execution *x, const struct action_list *list)
{
    const struct action *a;
    x->fw->depth++;
    ACTION_FOR_EACH (a, list) {
        executors[a->type](x, a);
        if (UNLIKELY(x->has_stopped)) {
            break;
        }
    }
    x->fw->depth--;
}
