/* SPDX-License-Identifier: Apache-2.0 */
/* Rules, matches and flows for the tests of the tables. */
#ifndef TESTS_DATAPATH_RULE_MAKER_H
#define TESTS_DATAPATH_RULE_MAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/rule.h"

struct rcu;
struct tables;

/* Returns the next number of a fixed sequence, which goes on from '*state'. */
uint64_t next_random(uint64_t *state);

/* Returns 'n' empty tables for one thread besides 'rcu', which is borrowed; rules that are gone are
 * destroyed. */
struct tables *make_tables(struct rcu *rcu, unsigned n);

/* Commits what was changed in 't', and does all that is to be done then. */
void settle_tables(struct tables *t, struct rcu *rcu);

/* Returns a rule for 'match' with 'priority' that outputs to port 1. */
struct rule *make_rule(const struct match *match, uint16_t priority);

/* Returns a rule for 'match' that beats all others. */
struct rule *make_exact_rule(const struct match *match);

/* Add a prefix of 'length' bits of an address in host byte order to 'match'. */
void match_nw_src(struct match *match, uint32_t address, unsigned length);
void match_nw_dst(struct match *match, uint32_t address, unsigned length);

/* Add a port in host byte order to 'match'. */
void match_tp_src(struct match *match, uint16_t port);
void match_tp_dst(struct match *match, uint16_t port);
void match_in_port(struct match *match, uint32_t port);

/* Makes '*match' fix all that OpenFlow 1.0 can, to values made from 'number'. */
void match_exactly(struct match *match, uint64_t number);

/* Makes '*match' one of 200 masks with random values: a source prefix of 4 to 28 bits with or
 * without destination port, ingress port and two bits of TOS. */
void random_match(struct match *match, uint64_t *state);

/* Fills '*flow' with the values of 'match' and takes all other bits from the sequence. */
void random_flow(struct flow *flow, const struct match *match, uint64_t *state);

/* Has this program been built with a sanitizer (so that its memory says nothing)? */
bool is_sanitized(void);

#endif
