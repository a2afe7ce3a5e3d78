/* SPDX-License-Identifier: Apache-2.0 */
/* The end of rules: idle and hard timeouts, and flow_removed. */
#ifndef OFPROTO_EXPIRE_H
#define OFPROTO_EXPIRE_H

#include <stdbool.h>
#include <stdint.h>

struct ofproto;
struct rule;
struct rule_counters;

/* No rule has timers: before any other call. */
void expire_init(struct ofproto *p);

/* Starts the timers of 'rule', just inserted, if it has timeouts. */
void expire_start(struct ofproto *p, struct rule *rule);

/* Hands the timers of 'old' to 'rule', which replaces it with the same timeouts and creation. */
void expire_move(struct ofproto *p, struct rule *old, struct rule *rule);

/* A FIN or RST met a fin_timeout of 'rule': it has no longer timeouts than that says from now on,
 * which count as its own do (B23). */
void expire_connection_ended(struct ofproto *p, struct rule *rule);

/* Takes a rule with timeouts out of the full table 'table_id' for the next version, to make room:
 * of those that came first the one that would end first; whoever wanted a flow_removed gets one
 * with the reason DELETE (A7.3). Returns 0, or ENOENT if there is none. */
int expire_evict(struct ofproto *p, uint8_t table_id);

/* Looks at the rules whose timeouts may have come while somebody's flow_mod was half done
 * (p->writer), which none is now. */
void expire_run(struct ofproto *p);

/* Ends the timers of all rules: the switch goes away. */
void expire_stop_all(struct ofproto *p);

/* Takes a rule that no thread can see any more: tells controllers if they want to know (A7.1),
 * frees it. */
void expire_rule_gone(struct ofproto *p, struct rule *rule, const struct rule_counters *counters,
                      bool counters_moved);

#endif
