/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario expects: frames, messages, flows, counters, and that there is nothing else. */
#ifndef OFPROTO_SCENARIO_EXPECT_H
#define OFPROTO_SCENARIO_EXPECT_H

struct scenario;
struct scenario_table;

/* The words that can follow "expect SUBJECT". */
extern const struct scenario_table scenario_expectations;

/* Fails the line if anything came out that was not expected. */
int scenario_expect_no_more(struct scenario *s);

#endif
