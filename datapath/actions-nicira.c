/* SPDX-License-Identifier: Apache-2.0 */
/* Executing Nicira's actions. */
#include "datapath/actions-nicira.h"

#include "datapath/datapath-private.h"
#include "datapath/output.h"
#include "datapath/rewrite.h"
#include "lib/byte-order.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/openflow-1.0.h"

/* Resubmits
 * =========
 *
 * A resubmit goes on with another list as if that stood in its place: what it does to packet and
 * registers stays.  Rules can send a packet round for ever, or to more and more others, so both the
 * depth and the number are bounded; beyond that the packet is given up.  What was sent before has
 * gone out. */

void execute_resubmit(struct execution *x, const struct action *a)
{
    if (UNLIKELY(x->depth >= EXECUTION_DEPTH || x->n_resubmits >= EXECUTION_RESUBMITS)) {
        datapath_drop(x->dp, x->fw->netdev.id, DROP_RESUBMITS, 1);
        x->stop = EXECUTION_STOPS;
        return;
    }
    const struct flow *flow = execution_flow(x);
    uint16_t port = a->resubmit.in_port;
    uint8_t table_id = a->resubmit.table_id;
    x->n_resubmits++;
    x->depth++;
    x->sink->resubmit(x, port == OFPP_IN_PORT ? flow->in_port : port,
                      table_id == ACTION_THIS_TABLE ? x->table_id : table_id);
    x->depth--;
}

void execute_set_tunnel(struct execution *x, const struct action *a)
{
    x->flow->tun_id = htonll(a->tun_id);
}

void execute_set_queue(struct execution *x, const struct action *a)
{
    x->fw->queue = a->queue;
}

void execute_pop_queue(struct execution *x, const struct action *a UNUSED)
{
    x->fw->queue = 0;
}

/* It is for people. */
void execute_note(struct execution *x UNUSED, const struct action *a UNUSED)
{
}

void execute_exit(struct execution *x, const struct action *a UNUSED)
{
    x->stop = EXECUTION_STOPS;
}

void actions_send_up(struct execution *x, uint8_t reason, uint16_t id, uint16_t max_len)
{
    const struct output_upcall upcall = {
        .reason = UPCALL_ACTION,
        .packet_in_reason = reason,
        .controller_id = id,
        .cookie = x->rule ? x->rule->cookie : UINT64_MAX,
        .max_len = max_len,
        .table_id = x->table_id,
        .flow = x->flow,
    };
    output_upcall(x->fw, x->dp, &upcall, x->packet);
}

/* A packet that may go no further is the controller's, and its rule is done with it. */
void execute_dec_ttl(struct execution *x, const struct action *a UNUSED)
{
    int ttl = rewrite_get_ttl(x->packet);
    if (ttl < 0) {
        return;
    }
    if (ttl <= 1) {
        actions_send_up(x, OFPR_NX_INVALID_TTL, 0, UINT16_MAX);
        x->stop = EXECUTION_STOPS_RULE;
        return;
    }
    struct packet *p = execution_writable(x);
    if (p) {
        rewrite_ttl(p, (uint8_t) (ttl - 1));
    }
}

void execute_controller(struct execution *x, const struct action *a)
{
    actions_send_up(x, a->controller.reason, a->controller.id, a->controller.max_len);
}
