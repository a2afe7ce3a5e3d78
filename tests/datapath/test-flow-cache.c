/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of datapath/flow-cache: the same answers as the tables, and few questions to them. */
#include "datapath/flow-cache.h"

#include <stdlib.h>

#include "datapath/tables.h"
#include "lib/packet/packet.h"
#include "lib/rcu.h"
#include "tests/datapath/rule-maker.h"
#include "tests/unit.h"

/* Tables and a cache in front of them. */
struct bench {
    struct rcu *rcu;
    struct tables *t;
    struct flow_cache *cache;
};

static void bench_init(struct bench *b, size_t max_entries)
{
    b->rcu = rcu_create(0);
    b->t = make_tables(b->rcu, 1);
    b->cache = flow_cache_create(max_entries, 1);
}

static void bench_uninit(struct bench *b)
{
    flow_cache_destroy(b->cache);
    tables_destroy(b->t);
    rcu_destroy(b->rcu);
}

static struct rule *add(struct bench *b, const struct match *match, uint16_t priority)
{
    struct rule *rule = make_rule(match, priority);
    assert_int_equal(tables_insert(b->t, 0, rule, 0), 0);
    return rule;
}

/* The rule for 'flow', looked up alone. */
static struct rule *ask(const struct bench *b, const struct flow *flow)
{
    struct rule *rule;
    flow_cache_lookup(b->cache, b->t, tables_version(b->t), &flow, &rule, 1);
    return rule;
}

static struct flow_cache_stats stats_of(const struct bench *b)
{
    struct flow_cache_stats stats;
    flow_cache_get_stats(b->cache, &stats);
    return stats;
}

static void the_second_packet_of_a_flow_is_a_hit(void **state UNUSED)
{
    struct bench b;
    struct match match;
    bench_init(&b, 1000);
    match_exactly(&match, 1);
    struct rule *rule = add(&b, &match, 1);
    settle_tables(b.t, b.rcu);
    assert_ptr_equal(ask(&b, &match.flow), rule);
    assert_ptr_equal(ask(&b, &match.flow), rule);
    assert_int_equal(stats_of(&b).misses, 1);
    assert_int_equal(stats_of(&b).hits, 1);
    bench_uninit(&b);
}

static void a_flow_without_a_rule_is_remembered_too(void **state UNUSED)
{
    struct bench b;
    struct match match;
    bench_init(&b, 1000);
    match_exactly(&match, 1);
    assert_null(ask(&b, &match.flow));
    assert_null(ask(&b, &match.flow));
    assert_int_equal(stats_of(&b).hits, 1);
    struct rule *rule = add(&b, &match, 1);
    settle_tables(b.t, b.rcu);
    assert_ptr_equal(ask(&b, &match.flow), rule);
    bench_uninit(&b);
}

static void flows_that_no_rule_tells_apart_share_an_entry(void **state UNUSED)
{
    struct bench b;
    struct match match, other;
    bench_init(&b, 1000);
    match_init_any(&match);
    match_tp_dst(&match, 80);
    struct rule *rule = add(&b, &match, 1);
    settle_tables(b.t, b.rcu);
    for (uint16_t port = 0; port < 100; port++) {
        other = match;
        match_tp_src(&other, port);
        assert_ptr_equal(ask(&b, &other.flow), rule);
    }
    assert_int_equal(stats_of(&b).misses, 1);
    bench_uninit(&b);
}

static void a_rule_that_looks_at_more_is_respected_at_once(void **state UNUSED)
{
    struct bench b;
    struct match match, narrow;
    bench_init(&b, 1000);
    match_init_any(&match);
    match_tp_dst(&match, 80);
    struct rule *rule = add(&b, &match, 1);
    settle_tables(b.t, b.rcu);
    narrow = match;
    match_tp_src(&narrow, 7);
    assert_ptr_equal(ask(&b, &match.flow), rule);
    assert_ptr_equal(ask(&b, &narrow.flow), rule);
    struct rule *better = add(&b, &narrow, 2);
    assert_ptr_equal(ask(&b, &narrow.flow), rule);
    settle_tables(b.t, b.rcu);
    assert_ptr_equal(ask(&b, &match.flow), rule);
    assert_ptr_equal(ask(&b, &narrow.flow), better);
    assert_ptr_equal(ask(&b, &match.flow), rule);
    bench_uninit(&b);
}

static void a_storm_of_changes_for_other_flows_does_not_empty_it(void **state UNUSED)
{
    enum { FLOWS = 500, ROUNDS = 2000 };
    struct bench b;
    struct match match;
    bench_init(&b, 10000);
    for (uint64_t i = 0; i < FLOWS; i++) {
        match_exactly(&match, i);
        add(&b, &match, 1);
        settle_tables(b.t, b.rcu);
    }
    for (uint64_t i = 0; i < 10 * FLOWS; i++) {
        match_exactly(&match, i % FLOWS);
        assert_non_null(ask(&b, &match.flow));
    }
    struct flow_cache_stats before = stats_of(&b);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        match_exactly(&match, FLOWS + round);
        add(&b, &match, 1);
        settle_tables(b.t, b.rcu);
        for (uint64_t i = 0; i < 20; i++) {
            match_exactly(&match, (round * 20 + i) % FLOWS);
            assert_ptr_equal(ask(&b, &match.flow), tables_find(b.t, 0, &match, 1));
        }
    }
    assert_int_equal(stats_of(&b).misses, before.misses);
    assert_int_equal(stats_of(&b).revived - before.revived, ROUNDS * 20);
    bench_uninit(&b);
}

static void a_removed_rule_is_never_the_answer(void **state UNUSED)
{
    struct bench b;
    struct match match, any;
    bench_init(&b, 1000);
    match_init_any(&any);
    match_exactly(&match, 1);
    struct rule *broad = add(&b, &any, 1), *narrow = add(&b, &match, 2);
    settle_tables(b.t, b.rcu);
    assert_ptr_equal(ask(&b, &match.flow), narrow);
    tables_remove(b.t, narrow);
    assert_ptr_equal(ask(&b, &match.flow), narrow);
    settle_tables(b.t, b.rcu);
    assert_ptr_equal(ask(&b, &match.flow), broad);
    tables_flush(b.t, 0, 0);
    settle_tables(b.t, b.rcu);
    assert_null(ask(&b, &match.flow));
    bench_uninit(&b);
}

static void it_grows_with_the_working_set(void **state UNUSED)
{
    enum { FLOWS = 50000 };
    struct bench b;
    struct match any;
    bench_init(&b, 1000000);
    match_exactly(&any, 0);
    add(&b, &any, 1);
    settle_tables(b.t, b.rcu);
    for (int pass = 0; pass < 10; pass++) {
        uint64_t before = stats_of(&b).misses;
        for (uint64_t i = 0; i < FLOWS; i++) {
            struct match match;
            match_exactly(&match, i);
            ask(&b, &match.flow);
        }
        if (pass == 9) {
            assert_in_range(stats_of(&b).misses - before, 0, FLOWS / 50);
        }
    }
    assert_in_range(stats_of(&b).n_entries, FLOWS * 9 / 10, FLOWS);
    assert_in_range(stats_of(&b).n_buckets, FLOWS / 8, FLOWS / 4);
    bench_uninit(&b);
}

static void a_small_working_set_keeps_it_small(void **state UNUSED)
{
    struct bench b;
    struct match match;
    bench_init(&b, 1000000);
    match_exactly(&match, 0);
    add(&b, &match, 1);
    settle_tables(b.t, b.rcu);
    for (uint64_t i = 0; i < 100000; i++) {
        match_exactly(&match, i % 100);
        ask(&b, &match.flow);
    }
    assert_int_equal(stats_of(&b).misses, 100);
    assert_int_equal(stats_of(&b).n_buckets, 64);
    bench_uninit(&b);
}

static void it_keeps_its_bound_and_what_was_used_lately(void **state UNUSED)
{
    enum { BOUND = 4096, FLOWS = 20000 };
    struct bench b;
    struct match match, hot;
    bench_init(&b, BOUND);
    match_exactly(&hot, FLOWS);
    struct rule *rule = add(&b, &hot, 1);
    settle_tables(b.t, b.rcu);
    uint64_t hot_misses = 0;
    for (uint64_t i = 0; i < 5 * FLOWS; i++) {
        match_exactly(&match, i % FLOWS);
        ask(&b, &match.flow);
        if (i % 16 == 0) {
            uint64_t before = stats_of(&b).misses;
            assert_ptr_equal(ask(&b, &hot.flow), rule);
            hot_misses += stats_of(&b).misses - before;
        }
    }
    assert_in_range(stats_of(&b).n_entries, BOUND / 2, BOUND);
    assert_in_range(stats_of(&b).n_buckets, 1, BOUND / 8);
    assert_in_range(stats_of(&b).evictions, FLOWS, 5 * FLOWS);
    assert_int_equal(hot_misses, 1);
    bench_uninit(&b);
}

/* Does a random change to rules that look at few values, sometimes at fields not looked at yet. */
static void change(struct bench *b, uint64_t *random, unsigned round)
{
    struct match match;
    match_init_any(&match);
    match_nw_src(&match, 0x0a000000 | (next_random(random) & 15), 28 + next_random(random) % 5);
    if (round > 1000 && next_random(random) % 4 == 0) {
        match_tp_dst(&match, (uint16_t) (next_random(random) % 4));
    }
    if (round > 2000 && next_random(random) % 4 == 0) {
        match.mask.ipv6_src[0] = match.flow.ipv6_src[0] = 1;
    }
    struct rule *rule = tables_find(b->t, 0, &match, 5);
    if (rule) {
        tables_remove(b->t, rule);
    } else {
        add(b, &match, 5);
    }
}

/* Looks a batch up and compares it with the tables' own answers. */
static void check_batch(const struct bench *b, uint64_t *random)
{
    struct flow flows[PACKET_BATCH_MAX];
    const struct flow *pointers[PACKET_BATCH_MAX];
    struct rule *rules[PACKET_BATCH_MAX];
    unsigned n = 1 + (unsigned) (next_random(random) % PACKET_BATCH_MAX);
    for (unsigned i = 0; i < n; i++) {
        struct match match;
        match_init_any(&match);
        match_nw_src(&match, 0x0a000000 | (next_random(random) & 15), 32);
        match_tp_dst(&match, (uint16_t) (next_random(random) % 4));
        match.flow.ipv6_src[0] = next_random(random) & 1;
        flows[i] = match.flow;
        pointers[i] = &flows[i];
    }
    uint64_t version = tables_version(b->t);
    flow_cache_lookup(b->cache, b->t, version, pointers, rules, n);
    for (unsigned i = 0; i < n; i++) {
        assert_ptr_equal(rules[i], tables_lookup(b->t, 0, version, &flows[i], NULL));
    }
}

static void it_agrees_with_the_tables_while_rules_and_interest_change(void **state UNUSED)
{
    struct bench b;
    uint64_t random = 1;
    bench_init(&b, 64);
    for (unsigned round = 0; round < 4000; round++) {
        if (next_random(&random) % 4 == 0) {
            for (uint64_t n = next_random(&random) % 4; n > 0; n--) {
                change(&b, &random, round);
            }
        }
        if (next_random(&random) % 200 == 0) {
            tables_flush(b.t, 0, 0);
        }
        if (next_random(&random) % 2) {
            settle_tables(b.t, b.rcu);
            tables_narrow(b.t, (int64_t) round * 3600 * SEC);
        }
        check_batch(&b, &random);
    }
    assert_in_range(stats_of(&b).revived, 1000, 4000 * PACKET_BATCH_MAX);
    bench_uninit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_packet_of_a_flow_is_a_hit),
        cmocka_unit_test(a_flow_without_a_rule_is_remembered_too),
        cmocka_unit_test(flows_that_no_rule_tells_apart_share_an_entry),
        cmocka_unit_test(a_rule_that_looks_at_more_is_respected_at_once),
        cmocka_unit_test(a_storm_of_changes_for_other_flows_does_not_empty_it),
        cmocka_unit_test(a_removed_rule_is_never_the_answer),
        cmocka_unit_test(it_grows_with_the_working_set),
        cmocka_unit_test(a_small_working_set_keeps_it_small),
        cmocka_unit_test(it_keeps_its_bound_and_what_was_used_lately),
        cmocka_unit_test(it_agrees_with_the_tables_while_rules_and_interest_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
