/* SPDX-License-Identifier: Apache-2.0 */
/* Executing an action list on a packet. */
#include "datapath/actions.h"

#include <assert.h>
#include <errno.h>

#include "datapath/actions-field.h"
#include "datapath/actions-nicira.h"
#include "datapath/datapath-private.h"
#include "datapath/fin-timeout.h"
#include "datapath/learn.h"
#include "datapath/normal.h"
#include "datapath/output.h"
#include "datapath/port.h"
#include "datapath/queue.h"
#include "datapath/rewrite.h"
#include "lib/openflow/openflow-1.0.h"

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
    actions_send_up(x, OFPR_ACTION, 0, max_len);
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

/* ACTION_OUTPUT_REG: what is no port to send to is dropped. */
static void execute_output_reg(struct execution *x, const struct action *a)
{
    const struct action_output_reg *o = (const struct action_output_reg *) a;
    uint64_t port = nx_subfield_get(&o->from, execution_flow(x));
    if (port <= UINT16_MAX && action_port_is_valid((uint16_t) port, true)) {
        output(x, (uint16_t) port, a->output.max_len);
    } else {
        datapath_drop(x->dp, x->fw->netdev.id, DROP_NO_PORT, 1);
    }
}

/* Counts a packet for 'queue' of port 'number' if the port is there without that queue. */
static void look_for_queue(struct execution *x, uint16_t number, uint32_t queue)
{
    number = number == OFPP_IN_PORT ? x->packet->in_port : number;
    const struct port *port = number <= OFPP_LOCAL ? port_map_get(&x->dp->ports, number) : NULL;
    if (port && (RCU_GET(&port->is_plain) || port->patch
                 || !port_queues_have(RCU_GET(&port->queues), queue))) {
        datapath_drop(x->dp, x->fw->netdev.id, DROP_NO_QUEUE, 1);
    }
}

/* ACTION_ENQUEUE: the queue is this output's alone. */
static void execute_enqueue(struct execution *x, const struct action *a)
{
    uint32_t before = x->fw->queue;
    x->fw->queue = a->enqueue.queue;
    if (a->enqueue.queue != QUEUE_DEFAULT) {
        look_for_queue(x, a->enqueue.port, a->enqueue.queue);
    }
    output(x, a->enqueue.port, 0);
    x->fw->queue = before;
}

/* ACTION_SET_VLAN_VID. */
static void execute_set_vlan_vid(struct execution *x, const struct action *a)
{
    struct packet *p = execution_writable(x);
    if (p && rewrite_vlan_vid(p, a->vlan_vid) == ENOBUFS && (p = execution_with_headroom(x))) {
        rewrite_vlan_vid(p, a->vlan_vid);
    }
}

/* ACTION_SET_VLAN_PCP. */
static void execute_set_vlan_pcp(struct execution *x, const struct action *a)
{
    struct packet *p = execution_writable(x);
    if (p && rewrite_vlan_pcp(p, a->vlan_pcp) == ENOBUFS && (p = execution_with_headroom(x))) {
        rewrite_vlan_pcp(p, a->vlan_pcp);
    }
}

/* ACTION_STRIP_VLAN. */
static void execute_strip_vlan(struct execution *x, const struct action *a UNUSED)
{
    struct packet *p = execution_writable(x);
    if (p) {
        rewrite_strip_vlan(p);
    }
}

/* Defines the executor of an action that rewrites one field in place. */
#define DEFINE_REWRITE(field, member) \
    static void execute_set_##field(struct execution *x, const struct action *a) \
    { \
        struct packet *p = execution_writable(x); \
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

static action_executor *const executors[] = {
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
    [ACTION_RESUBMIT] = execute_resubmit,
    [ACTION_SET_TUNNEL] = execute_set_tunnel,
    [ACTION_SET_QUEUE] = execute_set_queue,
    [ACTION_POP_QUEUE] = execute_pop_queue,
    [ACTION_REG_MOVE] = execute_reg_move,
    [ACTION_REG_LOAD] = execute_reg_load,
    [ACTION_NOTE] = execute_note,
    [ACTION_SET_TUNNEL64] = execute_set_tunnel,
    [ACTION_RESUBMIT_TABLE] = execute_resubmit,
    [ACTION_OUTPUT_REG] = execute_output_reg,
    [ACTION_LEARN] = execute_learn,
    [ACTION_EXIT] = execute_exit,
    [ACTION_DEC_TTL] = execute_dec_ttl,
    [ACTION_FIN_TIMEOUT] = execute_fin_timeout,
    [ACTION_CONTROLLER] = execute_controller,
};
static_assert(ARRAY_SIZE(executors) == N_ACTIONS, "every action has an executor");

void actions_execute(struct execution *x, const struct action_list *list)
{
    const struct action *a;
    x->fw->depth++;
    ACTION_FOR_EACH (a, list) {
        executors[a->type](x, a);
        if (UNLIKELY(x->stop)) {
            x->stop = x->stop == EXECUTION_STOPS_RULE ? EXECUTION_GOES_ON : x->stop;
            break;
        }
    }
    if (!--x->fw->depth) {
        x->fw->queue = 0;
        x->fw->defers = false;
    }
}

void actions_execute_some(struct execution *x, const struct action_list *list, size_t *done,
                          size_t budget)
{
    uint64_t before = x->fw->n_sent;
    x->fw->depth++;
    while (*done < list->size && x->fw->n_sent - before + x->packet->refs < budget) {
        const struct action *a = (const struct action *) ((const uint8_t *) list->first + *done);
        executors[a->type](x, a);
        *done = x->stop ? list->size : *done + a->size;
    }
    x->fw->depth--;
    x->fw->defers = false;
}
