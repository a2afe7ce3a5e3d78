/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the tables that are the switch's own, and of where packets begin. */
#include "datapath/tables.h"

#include "lib/openflow/openflow-1.0.h"
#include "lib/rcu.h"
#include "tests/datapath/rule-maker.h"
#include "tests/unit.h"

enum { READER = 0 };

/* Tables with two of the switch's own. */
struct bench {
    struct rcu *rcu;
    struct tables *t;
};

static void take_gone(void *aux UNUSED, struct rule *rule,
                      const struct rule_counters *counters UNUSED, bool moved UNUSED)
{
    rule_destroy(rule);
}

static void bench_uninit(struct bench *b)
{
    tables_destroy(b->t);
    rcu_destroy(b->rcu);
}

/* Reclaims what can be. */
static void run(struct bench *b)
{
    while (tables_run(b->t, 100)) {
        continue;
    }
    rcu_run(b->rcu);
}

static uint64_t cookie_of(const struct rule *rule)
{
    return rule ? rule->cookie : UINT64_MAX;
}

/* Makes the tables, the last one in front; each has a rule for everything whose cookie is the
 * table's number. */
static void own_init(struct bench *b)
{
    struct match match;
    *b = (struct bench) {.rcu = rcu_create(1)};
    b->t = tables_create(&(struct tables_config) {
        .n_tables = 2,
        .n_own = 2,
        .has_front = true,
        .n_threads = 1,
        .rcu = b->rcu,
        .max_rules = 10,
        .gone = take_gone,
    });
    match_init_any(&match);
    for (uint8_t i = 0; i < 4; i++) {
        struct rule *rule = make_rule(&match, 7);
        rule->cookie = i;
        assert_int_equal(tables_insert(b->t, i, rule, 0), 0);
    }
}

/* The cookie of the rule for a packet at 'version'. */
static uint64_t first_cookie(const struct bench *b, uint64_t version)
{
    struct flow flow;
    struct match match;
    match_init_any(&match);
    flow = match.flow;
    return cookie_of(tables_lookup_first(b->t, version, &flow, NULL));
}

/* Empties the front table. */
static void empty_front(struct bench *b)
{
    tables_flush(b->t, 3, 0);
    tables_commit(b->t);
}

static void own_tables_are_meant_by_their_number_alone(void **state UNUSED)
{
    struct bench b;
    struct match match;
    struct rule_cursor c;
    size_t budget = 100, n = 0;
    own_init(&b);
    tables_commit(b.t);
    match_init_any(&match);
    rule_cursor_init(&c, b.t, 0xff, &match, OFPP_NONE);
    for (struct rule *rule; (rule = rule_cursor_next(&c, &budget)) != NULL; n++) {
        assert_int_equal(rule->table_id, n);
    }
    rule_cursor_uninit(&c);
    assert_int_equal(n, 2);
    tables_flush(b.t, 0xff, 0);
    tables_commit(b.t);
    for (uint8_t i = 0; i < 4; i++) {
        assert_int_equal(tables_find(b.t, i, &match, 7) != NULL, i >= 2);
    }
    rule_cursor_init(&c, b.t, 2, &match, OFPP_NONE);
    budget = 100;
    assert_int_equal(cookie_of(rule_cursor_next(&c, &budget)), 2);
    assert_null(rule_cursor_next(&c, &budget));
    rule_cursor_uninit(&c);
    bench_uninit(&b);
}

static void the_front_table_comes_before_all_others(void **state UNUSED)
{
    struct bench b;
    own_init(&b);
    tables_commit(b.t);
    assert_int_equal(first_cookie(&b, tables_version(b.t)), 3);
    tables_set_first(b.t, 2);
    tables_commit(b.t);
    assert_int_equal(first_cookie(&b, tables_version(b.t)), 3);
    empty_front(&b);
    assert_int_equal(first_cookie(&b, tables_version(b.t)), 2);
    bench_uninit(&b);
}

static void packets_begin_in_another_table_from_a_version_on(void **state UNUSED)
{
    struct bench b;
    own_init(&b);
    empty_front(&b);
    rcu_online(b.rcu, READER);
    uint64_t before = tables_version(b.t);
    assert_int_equal(first_cookie(&b, before), 0);
    tables_set_first(b.t, 2);
    tables_flush(b.t, 0xff, 0);
    assert_int_equal(first_cookie(&b, before), 0);
    tables_commit(b.t);
    run(&b);
    assert_int_equal(first_cookie(&b, before), 0);
    assert_int_equal(tables_first(b.t, before), 0);
    assert_int_equal(first_cookie(&b, before + 1), 2);
    tables_set_first(b.t, 1);
    tables_set_first(b.t, 0);
    tables_commit(b.t);
    run(&b);
    assert_int_equal(first_cookie(&b, before), 0);
    assert_int_equal(first_cookie(&b, before + 1), 2);
    assert_int_equal(first_cookie(&b, before + 2), UINT64_MAX);
    assert_int_equal(tables_first(b.t, before + 2), 0);
    rcu_offline(b.rcu, READER);
    run(&b);
    tables_set_first(b.t, 2);
    bench_uninit(&b);
}

static void another_first_table_concerns_every_flow(void **state UNUSED)
{
    struct bench b;
    struct flow flow;
    struct match match;
    own_init(&b);
    tables_commit(b.t);
    match_init_any(&match);
    flow = match.flow;
    uint64_t before = tables_version(b.t);
    tables_set_first(b.t, 0);
    tables_commit(b.t);
    assert_int_equal(tables_version(b.t), before);
    tables_set_first(b.t, 2);
    tables_commit(b.t);
    assert_false(tables_unchanged_for(b.t, before, before + 1, &flow));
    bench_uninit(&b);
}

static void the_interest_covers_own_tables_too(void **state UNUSED)
{
    struct bench b;
    struct match match;
    uint32_t map;
    own_init(&b);
    match_init_any(&match);
    match_tp_dst(&match, 80);
    assert_int_equal(tables_insert(b.t, 2, make_rule(&match, 1), 0), 0);
    match_init_any(&match);
    match_nw_src(&match, 0x0a000001, 32);
    assert_int_equal(tables_insert(b.t, 3, make_rule(&match, 1), 0), 0);
    tables_commit(b.t);
    const struct flow *interest = tables_interest(b.t, &map);
    assert_int_equal(interest->tp_dst, UINT16_MAX);
    assert_int_equal(interest->nw_src, UINT32_MAX);
    bench_uninit(&b);
}

/* Inserts a rule for 'tp_dst' into 'table_id' at 'now'. */
static struct rule *insert_port(struct bench *b, uint8_t table_id, uint16_t tp_dst, int64_t now)
{
    struct match match;
    match_init_any(&match);
    match_tp_dst(&match, tp_dst);
    struct rule *rule = make_rule(&match, 9);
    assert_int_equal(tables_insert(b->t, table_id, rule, now), 0);
    tables_commit(b->t);
    return rule;
}

/* Reclaims, and narrows what can be at 'now'. */
static void run_at(struct bench *b, int64_t now)
{
    run(b);
    run(b);
    tables_narrow(b->t, now);
    rcu_run(b->rcu);
}

/* The bits of tp_dst that the tables where packets begin, or table 'table_id', look at. */
static unsigned first_interest(const struct bench *b)
{
    uint32_t map;
    return tables_interest(b->t, &map)->tp_dst;
}

static unsigned interest_in(const struct bench *b, uint8_t table_id)
{
    const struct tables_interest *interest = tables_interest_in(b->t, table_id);
    assert_int_equal(interest->n, __builtin_popcount(interest->map));
    assert_int_equal(interest->n != 0, interest->mask.tp_dst != 0);
    return interest->mask.tp_dst;
}

static const int64_t minute = 60 * SEC;

static void what_no_rule_looks_at_any_more_leaves_the_interest(void **state UNUSED)
{
    struct bench b;
    own_init(&b);
    tables_commit(b.t);
    struct rule *first = insert_port(&b, 0, 80, minute);
    struct rule *own = insert_port(&b, 2, 81, minute);
    struct rule *later = insert_port(&b, 1, 82, minute);
    uint64_t serial = tables_interest_in(b.t, 1)->serial;
    tables_remove(b.t, first);
    tables_remove(b.t, later);
    tables_commit(b.t);
    run_at(&b, 2 * minute);
    assert_int_equal(first_interest(&b), UINT16_MAX);
    assert_int_equal(interest_in(&b, 0), 0);
    assert_int_equal(interest_in(&b, 1), 0);
    assert_int_equal(interest_in(&b, 2), UINT16_MAX);
    assert_true(tables_interest_in(b.t, 1)->serial > serial);
    tables_remove(b.t, own);
    tables_commit(b.t);
    run_at(&b, 3 * minute);
    assert_int_equal(first_interest(&b), 0);
    assert_int_equal(interest_in(&b, 2), 0);
    insert_port(&b, 0, 80, 3 * minute);
    assert_int_equal(first_interest(&b), UINT16_MAX);
    bench_uninit(&b);
}

static void rules_that_come_and_go_do_not_change_the_interest_each_time(void **state UNUSED)
{
    struct bench b;
    own_init(&b);
    tables_commit(b.t);
    int64_t now = minute;
    insert_port(&b, 1, 1, now);
    uint64_t before = tables_interest_in(b.t, 1)->serial;
    for (unsigned i = 0; i < 600; i++, now += SEC) {
        tables_flush(b.t, 1, 0);
        tables_commit(b.t);
        run_at(&b, now);
        insert_port(&b, 1, 1, now);
    }
    assert_in_range(tables_interest_in(b.t, 1)->serial - before, 2, 2 * 10);
    bench_uninit(&b);
}

static void the_interest_covers_what_a_reader_may_still_see(void **state UNUSED)
{
    struct bench b;
    own_init(&b);
    tables_commit(b.t);
    insert_port(&b, 0, 80, minute);
    rcu_online(b.rcu, READER);
    tables_flush(b.t, 0, 0);
    tables_commit(b.t);
    run_at(&b, 2 * minute);
    assert_int_equal(first_interest(&b), UINT16_MAX);
    struct rule *rule = insert_port(&b, 0, 80, 2 * minute);
    tables_remove(b.t, rule);
    tables_commit(b.t);
    rcu_quiescent(b.rcu, READER);
    tables_narrow(b.t, 3 * minute);
    assert_int_equal(first_interest(&b), UINT16_MAX);
    run_at(&b, 3 * minute);
    assert_int_equal(first_interest(&b), 0);
    rcu_offline(b.rcu, READER);
    bench_uninit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_tables_are_meant_by_their_number_alone),
        cmocka_unit_test(the_front_table_comes_before_all_others),
        cmocka_unit_test(packets_begin_in_another_table_from_a_version_on),
        cmocka_unit_test(another_first_table_concerns_every_flow),
        cmocka_unit_test(the_interest_covers_own_tables_too),
        cmocka_unit_test(what_no_rule_looks_at_any_more_leaves_the_interest),
        cmocka_unit_test(rules_that_come_and_go_do_not_change_the_interest_each_time),
        cmocka_unit_test(the_interest_covers_what_a_reader_may_still_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
