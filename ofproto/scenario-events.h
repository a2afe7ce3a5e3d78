/* SPDX-License-Identifier: Apache-2.0 */
/* What happens in a scenario: frames come, links fail, ports and controllers come and go. */
#ifndef OFPROTO_SCENARIO_EVENTS_H
#define OFPROTO_SCENARIO_EVENTS_H

struct scenario_table;

/* The words of lines that begin with a port, a bridge or a peer, but for what peers say. */
extern const struct scenario_table scenario_events;

#endif
