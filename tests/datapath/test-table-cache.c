/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of datapath/table-cache: the same answers as the tables, and few questions to them. */
#include "datapath/table-cache.h"

#include "datapath/tables.h"
#include "lib/rcu.h"
#include "tests/datapath/rule-maker.h"
#include "tests/unit.h"

enum {
    N_TABLES = 4,
    FOR_SURE = 10000, /* Lookups after which the cache has tried again. */
};

/* Tables and a cache in front of them. */
struct bench {
    struct rcu *rcu;
    struct tables *t;
    struct table_cache *cache;
};

static void bench_init(struct bench *b, size_t max_entries)
{
    b->rcu = rcu_create(0);
    b->t = make_tables(b->rcu, N_TABLES);
    b->cache = table_cache_create(max_entries, 1);
}

static void bench_uninit(struct bench *b)
{
    table_cache_destroy(b->cache);
    tables_destroy(b->t);
    rcu_destroy(b->rcu);
}

static struct rule *add(struct bench *b, uint8_t table_id, const struct match *match,
                        uint16_t priority)
{
    struct rule *rule = make_rule(match, priority);
    assert_int_equal(tables_insert(b->t, table_id, rule, 0), 0);
    return rule;
}

/* The rule of 'table_id' for 'flow' now. */
static struct rule *ask(const struct bench *b, uint8_t table_id, const struct flow *flow)
{
    return table_cache_lookup(b->cache, b->t, table_id, tables_version(b->t), flow);
}

static struct table_cache_stats stats_of(const struct bench *b)
{
    struct table_cache_stats stats;
    table_cache_get_stats(b->cache, &stats);
    return stats;
}

static void the_second_packet_of_a_flow_is_a_hit_and_so_is_one_without_a_rule(void **state UNUSED)
{
    struct bench b;
    struct match match, other;
    bench_init(&b, 1000);
    match_exactly(&match, 1);
    match_exactly(&other, 2);
    struct rule *rule = add(&b, 1, &match, 1);
    settle_tables(b.t, b.rcu);
    for (int i = 0; i < 2; i++) {
        assert_ptr_equal(ask(&b, 1, &match.flow), rule);
        assert_null(ask(&b, 1, &other.flow));
        assert_null(ask(&b, 2, &match.flow));
    }
    assert_int_equal(stats_of(&b).misses, 2);
    assert_int_equal(stats_of(&b).hits, 2);
    bench_uninit(&b);
}

static void tables_with_the_same_matches_have_their_own_answers(void **state UNUSED)
{
    struct bench b;
    struct match match;
    struct rule *rules[N_TABLES];
    bench_init(&b, 1000);
    match_exactly(&match, 1);
    for (uint8_t i = 0; i < N_TABLES; i++) {
        rules[i] = add(&b, i, &match, 1);
    }
    settle_tables(b.t, b.rcu);
    for (int i = 0; i < 3 * N_TABLES; i++) {
        assert_ptr_equal(ask(&b, (uint8_t) (i % N_TABLES), &match.flow), rules[i % N_TABLES]);
    }
    assert_int_equal(stats_of(&b).misses, N_TABLES);
    bench_uninit(&b);
}

static void only_what_the_table_looks_at_tells_flows_apart(void **state UNUSED)
{
    struct bench b;
    struct match match;
    bench_init(&b, 1000);
    match_init_any(&match);
    match.mask.regs[3] = UINT32_MAX;
    match.flow.regs[3] = 7;
    struct rule *rule = add(&b, 1, &match, 1);
    match_exactly(&match, 1);
    add(&b, 2, &match, 1);
    settle_tables(b.t, b.rcu);
    for (uint16_t i = 0; i < 100; i++) {
        struct flow flow = {.regs[3] = i % 2 ? 7 : 8, .tp_src = i};
        assert_ptr_equal(ask(&b, 1, &flow), i % 2 ? rule : NULL);
    }
    assert_int_equal(stats_of(&b).misses, 2);
    bench_uninit(&b);
}

static void changes_of_other_tables_and_for_other_flows_leave_an_entry(void **state UNUSED)
{
    struct bench b;
    struct match match, other;
    bench_init(&b, 1000);
    match_exactly(&match, 0);
    struct rule *rule = add(&b, 1, &match, 1);
    settle_tables(b.t, b.rcu);
    assert_ptr_equal(ask(&b, 1, &match.flow), rule);
    for (uint64_t i = 1; i < 1000; i++) {
        match_exactly(&other, i);
        add(&b, 1, &other, 1);
        settle_tables(b.t, b.rcu);
        if (i % 20 == 0) {
            assert_ptr_equal(ask(&b, 1, &match.flow), rule);
        }
    }
    assert_ptr_equal(ask(&b, 1, &match.flow), rule);
    for (uint16_t i = 0; i < 1000; i++) {
        add(&b, i % 2 ? 0 : 2, &match, i);
        settle_tables(b.t, b.rcu);
    }
    assert_ptr_equal(ask(&b, 1, &match.flow), rule);
    assert_int_equal(stats_of(&b).misses, 1);
    assert_int_equal(ask(&b, 2, &match.flow)->priority, 998);
    bench_uninit(&b);
}

static void an_older_version_gets_its_own_answer(void **state UNUSED)
{
    struct bench b;
    struct match match;
    bench_init(&b, 1000);
    match_exactly(&match, 1);
    struct rule *first = add(&b, 1, &match, 1);
    tables_commit(b.t);
    uint64_t version = tables_version(b.t);
    assert_ptr_equal(ask(&b, 1, &match.flow), first);
    struct rule *second = add(&b, 1, &match, 2);
    assert_ptr_equal(ask(&b, 1, &match.flow), first);
    tables_commit(b.t);
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(ask(&b, 1, &match.flow), second);
        assert_ptr_equal(table_cache_lookup(b.cache, b.t, 1, version, &match.flow), first);
    }
    bench_uninit(&b);
}

static void a_key_that_is_too_long_is_not_remembered(void **state UNUSED)
{
    struct bench b;
    struct match match;
    bench_init(&b, 1000);
    match_init_any(&match);
    match_exactly(&match, 1);
    for (int i = 0; i < FLOW_REGS; i++) {
        match.mask.regs[i] = UINT32_MAX;
    }
    match.mask.tun_id = match.mask.metadata = UINT64_MAX;
    struct rule *rule = add(&b, 1, &match, 1);
    settle_tables(b.t, b.rcu);
    assert_ptr_equal(ask(&b, 1, &match.flow), rule);
    assert_ptr_equal(ask(&b, 1, &match.flow), rule);
    assert_int_equal(stats_of(&b).past, 2);
    bench_uninit(&b);
}

/* Makes flow 'i' of the tests that have many. */
static void many(struct match *match, uint32_t i)
{
    match_init_any(match);
    match_nw_src(match, i, 32);
}

/* Asks table 'table_id' about 'n' flows from 'first' on. Returns the misses. */
static uint64_t ask_many(const struct bench *b, uint8_t table_id, uint32_t first, uint32_t n)
{
    struct match match;
    uint64_t before = stats_of(b).misses;
    for (uint32_t i = first; i < first + n; i++) {
        many(&match, i);
        ask(b, table_id, &match.flow);
    }
    return stats_of(b).misses - before;
}

static void it_grows_with_the_working_set_up_to_its_bound(void **state UNUSED)
{
    enum { FLOWS = 3000, BOUND = 16384 };
    struct bench b;
    struct match match;
    bench_init(&b, BOUND);
    many(&match, 0);
    add(&b, 1, &match, 1);
    settle_tables(b.t, b.rcu);
    size_t at_first = stats_of(&b).n_slots;
    ask_many(&b, 1, 0, 100);
    assert_int_equal(stats_of(&b).n_slots, at_first);
    for (int i = 0; i < 100; i++) {
        ask_many(&b, 1, 0, FLOWS);
    }
    assert_in_range(ask_many(&b, 1, 0, FLOWS), 0, FLOWS / 4);
    assert_in_range(stats_of(&b).n_slots, at_first + 1, BOUND);
    for (int i = 0; i < 100; i++) {
        ask_many(&b, 1, 0, BOUND * 4);
    }
    assert_int_equal(stats_of(&b).n_slots, BOUND);
    bench_uninit(&b);
}

static void flows_that_are_always_new_are_soon_looked_up_past_it(void **state UNUSED)
{
    enum { FLOWS = 1000000 };
    struct bench b;
    struct match match;
    bench_init(&b, 1024);
    many(&match, 0);
    struct rule *known = add(&b, 1, &match, 1);
    add(&b, 2, &match, 1);
    settle_tables(b.t, b.rcu);
    assert_in_range(ask_many(&b, 1, 1, FLOWS), 1, FLOWS / 10);
    assert_in_range(stats_of(&b).past, FLOWS - FLOWS / 10, FLOWS);
    for (int i = 0; i < FOR_SURE / 100; i++) {
        ask_many(&b, 2, 0, 100);
    }
    uint64_t past = stats_of(&b).past;
    assert_in_range(ask_many(&b, 2, 0, 100), 0, 10);
    assert_int_equal(stats_of(&b).past, past);
    for (int i = 0; i < FOR_SURE; i++) {
        assert_ptr_equal(ask(&b, 1, &match.flow), known);
    }
    past = stats_of(&b).past;
    assert_ptr_equal(ask(&b, 1, &match.flow), known);
    assert_int_equal(stats_of(&b).past, past);
    bench_uninit(&b);
}

/* Does a random change to rules that look at few values, sometimes at fields not looked at yet. */
static void change(struct bench *b, uint64_t *random, unsigned round)
{
    struct match match;
    uint8_t table_id = (uint8_t) (next_random(random) % N_TABLES);
    match_init_any(&match);
    match_nw_src(&match, 0x0a000000 | (next_random(random) & 15), 28 + next_random(random) % 5);
    if (round > 1000 && next_random(random) % 4 == 0) {
        match_tp_dst(&match, (uint16_t) (next_random(random) % 4));
    }
    if (round > 2000 && next_random(random) % 4 == 0) {
        match.mask.regs[0] = match.flow.regs[0] = 1;
    }
    struct rule *rule = tables_find(b->t, table_id, &match, 5);
    if (!rule) {
        add(b, table_id, &match, 5);
    } else if (next_random(random) % 2) {
        tables_replace(b->t, rule, make_rule(&match, 5), true, 0);
    } else {
        tables_remove(b->t, rule);
    }
}

/* Asks about some flows and compares with the tables' own answers. */
static void check_some(const struct bench *b, uint64_t *random)
{
    for (int i = 0; i < 32; i++) {
        struct match match;
        uint8_t table_id = (uint8_t) (next_random(random) % N_TABLES);
        match_init_any(&match);
        match_nw_src(&match, 0x0a000000 | (next_random(random) & 15), 32);
        match_tp_dst(&match, (uint16_t) (next_random(random) % 4));
        match.flow.regs[0] = next_random(random) & 1;
        assert_ptr_equal(ask(b, table_id, &match.flow),
                         tables_lookup(b->t, table_id, tables_version(b->t), &match.flow, NULL));
    }
}

static void it_agrees_with_the_tables_while_rules_and_interest_change(void **state UNUSED)
{
    struct bench b;
    uint64_t random = 1;
    bench_init(&b, 256);
    for (unsigned round = 0; round < 6000; round++) {
        if (next_random(&random) % 8 == 0) {
            for (uint64_t n = next_random(&random) % 4; n > 0; n--) {
                change(&b, &random, round);
            }
        }
        if (next_random(&random) % 400 == 0) {
            tables_flush(b.t, next_random(&random) % 8 ? 1 : 0xff, 0);
        }
        if (next_random(&random) % 2) {
            settle_tables(b.t, b.rcu);
            tables_narrow(b.t, (int64_t) round * 3600 * SEC);
        }
        check_some(&b, &random);
    }
    assert_in_range(stats_of(&b).hits, 10000, 6000 * 32);
    assert_in_range(stats_of(&b).misses, 1000, 6000 * 32);
    bench_uninit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_packet_of_a_flow_is_a_hit_and_so_is_one_without_a_rule),
        cmocka_unit_test(tables_with_the_same_matches_have_their_own_answers),
        cmocka_unit_test(only_what_the_table_looks_at_tells_flows_apart),
        cmocka_unit_test(changes_of_other_tables_and_for_other_flows_leave_an_entry),
        cmocka_unit_test(an_older_version_gets_its_own_answer),
        cmocka_unit_test(a_key_that_is_too_long_is_not_remembered),
        cmocka_unit_test(it_grows_with_the_working_set_up_to_its_bound),
        cmocka_unit_test(flows_that_are_always_new_are_soon_looked_up_past_it),
        cmocka_unit_test(it_agrees_with_the_tables_while_rules_and_interest_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
