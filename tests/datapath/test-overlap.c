/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of walks for overlaps: what they find, and what they leave alone. */
#include "datapath/tables.h"

#include "lib/openflow/openflow-1.0.h"
#include "lib/rcu.h"
#include "tests/datapath/rule-maker.h"
#include "tests/unit.h"

enum { RULES = 400, PRIORITIES = 4 };

/* Tables, and the rules that are in them. */
struct bench {
    struct rcu *rcu;
    struct tables *t;
    struct rule *rules[RULES];
    size_t n;
};

static void take_gone(void *aux UNUSED, struct rule *rule,
                      const struct rule_counters *counters UNUSED, bool moved UNUSED)
{
    rule_destroy(rule);
}

static void bench_init(struct bench *b)
{
    *b = (struct bench) {.rcu = rcu_create(0)};
    b->t = tables_create(&(struct tables_config) {
        .n_tables = 1,
        .n_threads = 1,
        .rcu = b->rcu,
        .max_rules = 100000,
        .seed = 1,
        .gone = take_gone,
    });
}

static void bench_uninit(struct bench *b)
{
    tables_destroy(b->t);
    rcu_destroy(b->rcu);
}

/* Inserts 'rule', which is none that is there. */
static void insert(struct bench *b, struct rule *rule)
{
    if (tables_insert(b->t, 0, rule, 0)) {
        rule_destroy(rule);
    } else if (b->n < RULES) {
        b->rules[b->n++] = rule;
    }
}

static size_t naive_count(const struct bench *b, const struct match *match, uint32_t precedence)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        n += b->rules[i]->precedence == precedence
             && minimatch_overlaps(&b->rules[i]->match, match);
    }
    return n;
}

/* Counts what a walk finds that rests after each 'slice' of rules; '*rests' counts its rests. */
static size_t count(const struct bench *b, const struct match *match, uint32_t precedence,
                    size_t slice, size_t *rests)
{
    struct rule_cursor c;
    size_t n = 0, budget = 0;
    *rests = 0;
    rule_cursor_init_overlap(&c, b->t, 0, match, precedence);
    while (!budget) {
        budget = slice;
        while (rule_cursor_next(&c, &budget)) {
            n++;
        }
        *rests += !budget;
    }
    rule_cursor_uninit(&c);
    return n;
}

/* rows: A4.3 */
static void what_a_walk_finds_agrees_with_a_linear_search(void **state UNUSED)
{
    struct bench b;
    uint64_t random = 3;
    size_t found = 0, rests;
    bench_init(&b);
    while (b.n < RULES) {
        struct match match;
        random_match(&match, &random);
        insert(&b, make_rule(&match, (uint16_t) (next_random(&random) % PRIORITIES)));
    }
    for (int i = 0; i < 5000; i++) {
        struct match match;
        random_match(&match, &random);
        if (i % 8 == 0) {
            size_t victim = next_random(&random) % b.n;
            tables_remove(b.t, b.rules[victim]);
            b.rules[victim] = b.rules[--b.n];
            insert(&b, make_rule(&match, (uint16_t) (next_random(&random) % PRIORITIES)));
            tables_commit(b.t);
            tables_run(b.t, RULES);
        }
        random_match(&match, &random);
        uint32_t precedence = (uint32_t) (next_random(&random) % PRIORITIES);
        size_t naive = naive_count(&b, &match, precedence);
        assert_int_equal(count(&b, &match, precedence, 1 + next_random(&random) % 100, &rests),
                         naive);
        found += naive > 0;
    }
    assert_in_range(found, 100, 4900);
    bench_uninit(&b);
}

/* A match at each of many priorities: a chain so long that other walks do not follow it. */
static void a_walk_looks_only_at_what_can_overlap(void **state UNUSED)
{
    enum { MANY = 5000, OTHER = 60000 };
    struct bench b;
    struct match match;
    size_t rests;
    bench_init(&b);
    for (unsigned i = 0; i < MANY; i++) {
        match_init_any(&match);
        match_nw_src(&match, 0x0a000000, 32);
        insert(&b, make_rule(&match, (uint16_t) i));
        match_nw_src(&match, 0x0b000000 + i, 32);
        insert(&b, make_rule(&match, OTHER));
    }
    match_init_any(&match);
    assert_int_equal(count(&b, &match, OTHER, 100, &rests), MANY);
    assert_in_range(rests, MANY / 50, MANY);
    assert_int_equal(count(&b, &match, OTHER + 1, 100, &rests), 0);
    assert_int_equal(rests, 0);
    match_nw_src(&match, 0x0b000000 + 7, 32);
    assert_int_equal(count(&b, &match, OTHER, 100, &rests), 1);
    assert_int_equal(rests, 0);
    match_init_any(&match);
    match_nw_src(&match, 0x0a000000, 32);
    assert_int_equal(count(&b, &match, MANY - 50, 100, &rests), 1);
    assert_int_equal(rests, 0);
    assert_int_equal(count(&b, &match, 5, 100, &rests), 1);
    bench_uninit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_walk_finds_agrees_with_a_linear_search),
        cmocka_unit_test(a_walk_looks_only_at_what_can_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
