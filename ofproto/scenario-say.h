/* SPDX-License-Identifier: Apache-2.0 */
/* What peers of a scenario say: messages from words. */
#ifndef OFPROTO_SCENARIO_SAY_H
#define OFPROTO_SCENARIO_SAY_H

struct scenario_table;

/* The words of the lines in which a peer sends something. */
extern const struct scenario_table scenario_say;

#endif
