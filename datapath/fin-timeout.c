/* SPDX-License-Identifier: Apache-2.0 */
/* Executing fin_timeout: the control thread is told that a connection ends. */
#include "datapath/fin-timeout.h"

#include "datapath/datapath-private.h"
#include "datapath/upcall.h"
#include "lib/packet/headers.h"

/* Theory
 * ======
 *
 * The timeouts of a rule are the control thread's.  A worker that sees a FIN or RST marks the rule
 * and sends up which one it is: not the pointer, for by the time it is read the rule may be gone,
 * but what it is found by.  Only the rule that bears the mark is meant: one that has come into its
 * place does not, and keeps its timeouts.
 *
 * The mark is set before the record is put, so that whoever reads the record sees it, and taken
 * back if there is no room.  It also keeps a rule from being told of again and again: what a flood
 * of such packets can put into the ring is bounded by the number of rules. */

/* Is 'flow' that of a packet that ends a TCP connection? Others have no flags. */
static bool ends_connection(const struct flow *flow)
{
    return flow->tcp_flags & htons(TCP_FIN | TCP_RST);
}

/* Sends the key of 'rule' up; false if there is no room. */
static bool post(struct execution *x, const struct rule *rule)
{
    struct rule_key key;
    struct packet blob;
    const struct upcall_record record = {.datapath = x->dp->id, .reason = UPCALL_FIN};
    rule_get_key(rule, &key);
    packet_use(&blob, &key, sizeof key, &key, sizeof key);
    return upcall_ring_put(x->fw->upcalls, UPCALL_LANE_LEARN, &record, &blob, NULL, NULL)
           == UPCALL_PUT;
}

void execute_fin_timeout(struct execution *x, const struct action *a UNUSED)
{
    struct rule *rule = x->rule;
    if (!rule || !ends_connection(execution_flow(x)) || rule_has_fin(rule)) {
        return;
    }
    rule_set_fin(rule, true);
    if (post(x, rule)) {
        x->fw->has_upcalls = true;
    } else {
        rule_set_fin(rule, false);
        datapath_drop(x->dp, x->fw->netdev.id, DROP_LEARN_FULL, 1);
    }
}
