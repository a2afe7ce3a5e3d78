/* SPDX-License-Identifier: Apache-2.0 */
/* Flows that a bridge of a scenario has, compared with what was expected. */
#ifndef OFPROTO_SCENARIO_FLOWS_H
#define OFPROTO_SCENARIO_FLOWS_H

struct scenario;
struct world_bridge;

/* Asks 'b' for its flows over a service connection of its own, and compares them with 'text': "no
 * flows", "N flows", or "flows" and a flow on each further line, in any order. A line has a flow as
 * dump-flows prints it; of cookie, duration, table and counters it may leave out what it does not
 * care for. Returns 0, or an errno after scenario_fail(). */
int flows_check(struct scenario *s, struct world_bridge *b, char *text);

#endif
