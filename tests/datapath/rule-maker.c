/* SPDX-License-Identifier: Apache-2.0 */
/* Rules, matches and flows for the tests of the tables. */
#include "tests/datapath/rule-maker.h"

#include <string.h>

#include "datapath/tables.h"
#include "lib/byte-order.h"
#include "lib/hash.h"
#include "lib/rcu.h"
#include "lib/util.h"

uint64_t next_random(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15;
    return hash_u64(*state, 0);
}

/* A rule that outputs to port 1. */
static struct rule *rule_with_output(const struct match *match, bool exact, uint16_t priority)
{
    struct action_list actions;
    action_list_init(&actions);
    action_list_append(&actions, ACTION_OUTPUT)->output.port = 1;
    return rule_create(match, exact, priority, &actions);
}

static void take_gone(void *aux UNUSED, struct rule *rule,
                      const struct rule_counters *counters UNUSED, bool moved UNUSED)
{
    rule_destroy(rule);
}

struct tables *make_tables(struct rcu *rcu, unsigned n)
{
    return tables_create(&(struct tables_config) {
        .n_tables = n,
        .n_threads = 1,
        .rcu = rcu,
        .max_rules = 1000000,
        .gone = take_gone,
    });
}

void settle_tables(struct tables *t, struct rcu *rcu)
{
    tables_commit(t);
    while (tables_run(t, 100)) {
        continue;
    }
    rcu_run(rcu);
}

struct rule *make_rule(const struct match *match, uint16_t priority)
{
    return rule_with_output(match, false, priority);
}

struct rule *make_exact_rule(const struct match *match)
{
    return rule_with_output(match, true, 0);
}

/* Adds a prefix of 'address' to the field at 'flow' and 'mask'. */
static void add_prefix(be32 *flow, be32 *mask, uint32_t address, unsigned length)
{
    uint32_t bits = length ? UINT32_MAX << (32 - length) : 0;
    put_be32(flow, address & bits);
    put_be32(mask, bits);
}

void match_nw_src(struct match *match, uint32_t address, unsigned length)
{
    add_prefix(&match->flow.nw_src, &match->mask.nw_src, address, length);
}

void match_nw_dst(struct match *match, uint32_t address, unsigned length)
{
    add_prefix(&match->flow.nw_dst, &match->mask.nw_dst, address, length);
}

void match_tp_src(struct match *match, uint16_t port)
{
    put_be16(&match->flow.tp_src, port);
    match->mask.tp_src = UINT16_MAX;
}

void match_tp_dst(struct match *match, uint16_t port)
{
    put_be16(&match->flow.tp_dst, port);
    match->mask.tp_dst = UINT16_MAX;
}

void match_in_port(struct match *match, uint32_t port)
{
    match->flow.in_port = port;
    match->mask.in_port = UINT32_MAX;
}

void match_exactly(struct match *match, uint64_t number)
{
    match_init_any(match);
    memset(&match->mask.in_port, 0xff, sizeof match->mask.in_port);
    memset(&match->mask.dl_type, 0xff, sizeof match->mask.dl_type);
    memset(&match->mask.vlan_tci, 0xff, sizeof match->mask.vlan_tci);
    memset(match->mask.dl_dst, 0xff, sizeof match->mask.dl_dst);
    memset(match->mask.dl_src, 0xff, sizeof match->mask.dl_src);
    match->mask.nw_proto = 0xff;
    match->mask.nw_tos = 0xfc;
    match->flow.in_port = 1;
    put_be16(&match->flow.dl_type, 0x0800);
    match->flow.nw_proto = 6;
    put_be32(match->flow.dl_src + 2, (uint32_t) number);
    put_be32(match->flow.dl_dst + 2, (uint32_t) (number >> 8));
    match_nw_src(match, 0x0a000000 + (uint32_t) number, 32);
    match_nw_dst(match, 0x0b000000 + (uint32_t) (number >> 4), 32);
    match_tp_src(match, (uint16_t) number);
    match_tp_dst(match, 80);
}

void random_match(struct match *match, uint64_t *state)
{
    uint64_t mask = next_random(state) % 200;
    match_init_any(match);
    match_nw_src(match, (uint32_t) next_random(state), 4 + mask % 25);
    if (mask / 25 & 1) {
        match_tp_dst(match, (uint16_t) (next_random(state) % 16));
    }
    if (mask / 25 & 2) {
        match_in_port(match, (uint32_t) (next_random(state) % 4));
    }
    if (mask / 25 & 4) {
        match->flow.nw_tos = (uint8_t) (next_random(state) & 0x0c);
        match->mask.nw_tos = 0x0c;
    }
}

void random_flow(struct flow *flow, const struct match *match, uint64_t *state)
{
    for (unsigned i = 0; i < FLOW_HOT_WORDS; i++) {
        flow->word[i] = match->flow.word[i] | (next_random(state) & ~match->mask.word[i]);
    }
    for (unsigned i = FLOW_HOT_WORDS; i < FLOW_WORDS; i++) {
        flow->word[i] = match->flow.word[i];
    }
}

bool is_sanitized(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    return true;
#else
    return false;
#endif
}
