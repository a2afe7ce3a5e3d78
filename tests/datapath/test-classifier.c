/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of datapath/classifier: against a linear search, and the work that is done. */
#include "datapath/classifier.h"

#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "tests/datapath/rule-maker.h"
#include "tests/unit.h"

enum { THE_VERSION = 1 };

/* A classifier and its rules in an array, for the linear search. */
struct bench {
    struct rcu *rcu;
    struct classifier *c;
    struct rule **rules;
    size_t n_rules;
    size_t allocated;
};

static void bench_init(struct bench *b)
{
    *b = (struct bench) {.rcu = rcu_create(0)};
    b->c = classifier_create(b->rcu, 1, 0);
}

static void bench_uninit(struct bench *b)
{
    struct rule *rule;
    while ((rule = classifier_pop(b->c)) != NULL) {
        rule_destroy(rule);
    }
    classifier_destroy(b->c);
    rcu_destroy(b->rcu);
    free(b->rules);
}

/* Inserts 'rule', unless its like is there; returns whether it did. */
static bool insert(struct bench *b, struct rule *rule)
{
    if (classifier_find(b->c, &rule->match, rule->precedence)) {
        rule_destroy(rule);
        return false;
    }
    rule->added = THE_VERSION;
    rule->in_table = true;
    classifier_insert(b->c, rule);
    if (b->n_rules == b->allocated) {
        b->allocated = MAX(b->allocated * 2, (size_t) 64);
        b->rules = xrealloc(b->rules, b->allocated * sizeof *b->rules);
    }
    b->rules[b->n_rules++] = rule;
    return true;
}

/* Removes the rule at index 'i'. */
static void remove_at(struct bench *b, size_t i)
{
    struct rule *rule = b->rules[i];
    b->rules[i] = b->rules[--b->n_rules];
    rule->in_table = false;
    rule->removed = THE_VERSION;
    classifier_hide(b->c, rule);
    classifier_unlink(b->c, rule);
    rule_destroy(rule);
    rcu_run(b->rcu);
}

static struct rule *lookup(const struct bench *b, const struct flow *flow, unsigned *visited)
{
    unsigned n = 0;
    return classifier_lookup(b->c, THE_VERSION, flow, visited ? visited : &n);
}

/* The highest-ranking rule that matches, found by looking at all. */
static struct rule *naive_lookup(const struct bench *b, const struct flow *flow)
{
    struct rule *best = NULL;
    for (size_t i = 0; i < b->n_rules; i++) {
        struct rule *rule = b->rules[i];
        if ((!best || rule->rank > best->rank) && minimatch_matches(&rule->match, flow)) {
            best = rule;
        }
    }
    return best;
}

static void insert_random(struct bench *b, uint64_t *random)
{
    struct match match;
    random_match(&match, random);
    insert(b, make_rule(&match, (uint16_t) (next_random(random) % 40)));
}

/* Looks up 'n' flows, each made to match some rule; compares each 'naive_every'th with the linear
 * search, the others with the rule that they were made for. */
static void check_lookups(const struct bench *b, uint64_t *random, unsigned n, unsigned naive_every)
{
    for (unsigned i = 0; i < n; i++) {
        struct rule *made_for = b->rules[next_random(random) % b->n_rules];
        struct match match;
        struct flow flow;
        minimatch_expand(&made_for->match, &match);
        random_flow(&flow, &match, random);
        flow.in_port %= 4;
        flow.nw_tos &= 0x0c;
        struct rule *rule = lookup(b, &flow, NULL);
        if (i % naive_every == 0) {
            assert_ptr_equal(rule, naive_lookup(b, &flow));
        } else if (minimatch_matches(&made_for->match, &flow)) {
            assert_non_null(rule);
            assert_true(rule->rank >= made_for->rank);
            assert_true(minimatch_matches(&rule->match, &flow));
        }
    }
}

static void it_agrees_with_a_linear_search_over_200_masks(void **state UNUSED)
{
    enum { RULES = 100000, PHASES = 10 };
    const unsigned rules = is_sanitized() ? RULES / 10 : RULES;
    struct bench b;
    uint64_t random = 1;
    bench_init(&b);
    while (b.n_rules < rules) {
        insert_random(&b, &random);
    }
    print_message("%u rules in %d subtables\n", rules, (int) classifier_count_subtables(b.c));
    assert_in_range(classifier_count_subtables(b.c), 1, 100);
    for (int phase = 0; phase < PHASES; phase++) {
        check_lookups(&b, &random, rules, rules / 20);
        for (unsigned i = 0; i < rules / 20; i++) {
            remove_at(&b, next_random(&random) % b.n_rules);
            insert_random(&b, &random);
        }
    }
    bench_uninit(&b);
}

/* Few values, so that chains collide, subtables come and go and everything is removed. */
/* rows: A3.18 */
static void it_agrees_with_a_linear_search_while_rules_come_and_go(void **state UNUSED)
{
    struct bench b;
    uint64_t random = 2;
    bench_init(&b);
    for (int round = 0; round < 30000; round++) {
        bool grow = (round / 2000) % 2 == 0;
        if (!b.n_rules || next_random(&random) % 8 < (grow ? 5 : 2)) {
            struct match match;
            match_init_any(&match);
            match_nw_src(&match, 0x0a000000 | (next_random(&random) & 0xff),
                         20 + next_random(&random) % 13);
            insert(&b, make_rule(&match, (uint16_t) (next_random(&random) % 5)));
        } else {
            remove_at(&b, next_random(&random) % b.n_rules);
        }
        struct match any;
        struct flow flow;
        match_init_any(&any);
        match_nw_src(&any, 0x0a000000, 24);
        random_flow(&flow, &any, &random);
        assert_ptr_equal(lookup(&b, &flow, NULL), naive_lookup(&b, &flow));
    }
    while (b.n_rules) {
        remove_at(&b, 0);
    }
    assert_int_equal(classifier_count_subtables(b.c), 0);
    bench_uninit(&b);
}

static void of_equal_priorities_the_more_specific_rule_wins_whatever_came_first(void **state UNUSED)
{
    for (int order = 0; order < 2; order++) {
        struct bench b;
        struct match broad, narrow, other;
        uint64_t random = 4;
        bench_init(&b);
        match_init_any(&broad);
        match_nw_src(&broad, 0x0a000000, 8);
        narrow = broad;
        match_tp_dst(&narrow, 80);
        match_init_any(&other);
        match_nw_dst(&other, 0x0b000000, 7);
        insert(&b, make_rule(order ? &narrow : &broad, 5));
        insert(&b, make_rule(&other, 5));
        insert(&b, make_rule(order ? &broad : &narrow, 5));

        struct flow flow;
        random_flow(&flow, &narrow, &random);
        put_be32(&flow.nw_dst, 0x0b000001);
        struct rule *rule = lookup(&b, &flow, NULL);
        assert_int_equal(rule->match.n, 2);
        put_be16(&flow.tp_dst, 81);
        assert_ptr_equal(lookup(&b, &flow, NULL), naive_lookup(&b, &flow));
        bench_uninit(&b);
    }
}

static void an_exact_rule_is_found_in_the_first_subtable(void **state UNUSED)
{
    struct bench b;
    struct match match;
    struct flow flow;
    uint64_t random = 5;
    unsigned visited = 0;
    bench_init(&b);
    for (int i = 0; i < 200; i++) {
        insert_random(&b, &random);
    }
    match_exactly(&match, 7);
    insert(&b, make_exact_rule(&match));
    random_flow(&flow, &match, &random);
    struct rule *rule = lookup(&b, &flow, &visited);
    assert_int_equal(rule->precedence, RULE_EXACT_PRECEDENCE);
    assert_int_equal(visited, 1);
    bench_uninit(&b);
}

static void prefixes_of_all_lengths_share_a_few_subtables(void **state UNUSED)
{
    struct bench b;
    uint64_t random = 6;
    bench_init(&b);
    for (int i = 0; i < 10000; i++) {
        struct match match;
        match_init_any(&match);
        match_nw_src(&match, (uint32_t) next_random(&random), 8 + i % 25);
        match_nw_dst(&match, (uint32_t) next_random(&random), 8 + i / 25 % 25);
        insert(&b, make_rule(&match, 1));
    }
    assert_in_range(classifier_count_subtables(b.c), 1, 40);
    bench_uninit(&b);
}

/* Rules whose values differ only below the rounded mask: their chain would be long. */
static void crowded_values_go_to_finer_masks(void **state UNUSED)
{
    struct bench b;
    bench_init(&b);
    for (uint32_t i = 0; i < 128; i++) {
        struct match match;
        match_init_any(&match);
        match_nw_src(&match, 0x0a000000 | i << 1, 31);
        insert(&b, make_rule(&match, 1));
    }
    assert_int_equal(classifier_count_subtables(b.c), 2);
    size_t longest = 0;
    for (uint32_t i = 0; i < 128; i++) {
        struct subtable *sub;
        struct match match;
        minimatch_expand(&b.rules[i]->match, &match);
        LIST_FOR_EACH (sub, node, &b.c->subtables) {
            longest = MAX(longest, subtable_count_chain(sub, &match, 1000));
        }
    }
    assert_int_equal(longest, CLASSIFIER_CHAIN_MAX);
    bench_uninit(&b);
}

static void removing_the_best_rules_lets_lookups_stop_early_again(void **state UNUSED)
{
    struct bench b;
    struct match low, high;
    struct flow flow;
    uint64_t random = 7;
    unsigned visited = 0;
    bench_init(&b);
    match_init_any(&low);
    match_tp_src(&low, 1);
    match_init_any(&high);
    match_tp_dst(&high, 1);
    insert(&b, make_rule(&low, 10));
    insert(&b, make_rule(&high, 5));
    for (uint16_t i = 0; i < 50; i++) {
        match_tp_dst(&high, (uint16_t) (100 + i));
        insert(&b, make_rule(&high, (uint16_t) (20 + i)));
    }
    random_flow(&flow, &low, &random);
    assert_non_null(lookup(&b, &flow, &visited));
    assert_int_equal(visited, 2);
    while (b.n_rules > 2) {
        remove_at(&b, b.n_rules - 1);
    }
    visited = 0;
    assert_non_null(lookup(&b, &flow, &visited));
    assert_int_equal(visited, 1);
    bench_uninit(&b);
}

/* Four rules as a switch of servers might have, and packets whose fields differ from them in one
 * bit after the other: a classifier that learns masks from packets would look at thousands. */
/* rows: A3.18 */
static void hostile_headers_cost_no_more_than_others(void **state UNUSED)
{
    struct bench b;
    struct match match[4];
    uint64_t random = 8;
    unsigned ordinary = 0;
    bench_init(&b);
    for (int i = 0; i < 4; i++) {
        match_init_any(&match[i]);
    }
    match_nw_src(&match[0], 0x0a000001, 32);
    match_tp_dst(&match[1], 80);
    match_tp_src(&match[2], 5000);
    for (uint16_t i = 0; i < 4; i++) {
        insert(&b, make_rule(&match[i], (uint16_t) (40 - i)));
    }
    struct flow flow;
    random_flow(&flow, &match[3], &random);
    assert_non_null(lookup(&b, &flow, &ordinary));
    for (int src = 0; src < 32; src++) {
        for (int port = 0; port < 256; port++) {
            unsigned visited = 0;
            put_be32(&flow.nw_src, 0x0a000001 ^ 1u << src);
            put_be16(&flow.tp_dst, (uint16_t) (80 ^ 1 << port % 16));
            put_be16(&flow.tp_src, (uint16_t) (5000 ^ 1 << port / 16));
            assert_ptr_equal(lookup(&b, &flow, &visited), b.rules[3]);
            assert_int_equal(visited, ordinary);
        }
    }
    assert_int_equal(classifier_count_subtables(b.c), 4);
    bench_uninit(&b);
}

/* rows: A3.18 */
static void the_millionth_rule_takes_as_many_steps_as_the_thousandth(void **state UNUSED)
{
    enum { RULES = 1000000, FIRST = 1000 };
    const unsigned rules = is_sanitized() ? RULES / 10 : RULES;
    struct bench b;
    uint64_t first = 0, worst = 0;
    bench_init(&b);
    for (uint64_t i = 0; i < rules; i++) {
        struct match match;
        uint64_t before = classifier_steps(b.c);
        match_exactly(&match, i);
        assert_true(insert(&b, make_rule(&match, 1)));
        uint64_t steps = classifier_steps(b.c) - before;
        worst = MAX(worst, steps);
        first = i < FIRST ? worst : first;
        rcu_run(b.rcu);
    }
    print_message("insertion: worst %d steps, then %d; mean %.1f\n", (int) first, (int) worst,
                  (double) classifier_steps(b.c) / rules);
    assert_in_range(worst, 1, 80);
    bench_uninit(&b);
}

enum { PRIORITIES = 65536 };

/* Removes all rules in an order that jumps about; the best one left is always found. */
static void remove_priorities(struct bench *b, const struct flow *flow)
{
    static bool is_in[PRIORITIES];
    int highest = PRIORITIES - 1;
    memset(is_in, true, sizeof is_in);
    while (b->n_rules) {
        size_t i = b->n_rules * 7919 % 65537 % b->n_rules;
        assert_int_equal(lookup(b, flow, NULL)->priority, highest);
        is_in[b->rules[i]->priority] = false;
        remove_at(b, i);
        while (highest >= 0 && !is_in[highest]) {
            highest--;
        }
    }
}

/* In an order that jumps about, so that the place in the chain is never near its ends. */
static void one_match_at_all_priorities_takes_few_steps_each(void **state UNUSED)
{
    struct bench b;
    struct match match;
    uint64_t worst = 0;
    bench_init(&b);
    match_exactly(&match, 1);
    for (uint32_t i = 0; i < PRIORITIES; i++) {
        uint64_t before = classifier_steps(b.c);
        assert_true(insert(&b, make_rule(&match, (uint16_t) (i * 40503))));
        worst = MAX(worst, classifier_steps(b.c) - before);
    }
    uint64_t before = classifier_steps(b.c);
    remove_priorities(&b, &match.flow);
    uint64_t mean = (classifier_steps(b.c) - before) / PRIORITIES;
    print_message("insertion: worst %d steps; removal: mean %d\n", (int) worst, (int) mean);
    assert_in_range(worst, 1, 160);
    assert_in_range(mean, 1, 40);
    bench_uninit(&b);
}

/* What once was costs nothing: the work of one rule that comes and goes beside a few does not
 * depend on how many priorities there have been. */
static void priorities_that_are_gone_cost_nothing(void **state UNUSED)
{
    enum { STAY = 4, CYCLES = 1000 };
    struct bench b;
    struct match match;
    bench_init(&b);
    match_exactly(&match, 1);
    for (uint32_t i = 0; i < PRIORITIES; i++) {
        assert_true(insert(&b, make_rule(&match, (uint16_t) i)));
    }
    while (b.n_rules > STAY) {
        remove_at(&b, b.n_rules - 1);
    }
    uint64_t before = classifier_steps(b.c);
    for (uint32_t i = 0; i < CYCLES; i++) {
        assert_true(insert(&b, make_rule(&match, (uint16_t) (1000 + i))));
        remove_at(&b, STAY);
    }
    assert_in_range((classifier_steps(b.c) - before) / CYCLES, 1, 64);
    bench_uninit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_a_linear_search_over_200_masks),
        cmocka_unit_test(it_agrees_with_a_linear_search_while_rules_come_and_go),
        cmocka_unit_test(of_equal_priorities_the_more_specific_rule_wins_whatever_came_first),
        cmocka_unit_test(an_exact_rule_is_found_in_the_first_subtable),
        cmocka_unit_test(prefixes_of_all_lengths_share_a_few_subtables),
        cmocka_unit_test(crowded_values_go_to_finer_masks),
        cmocka_unit_test(removing_the_best_rules_lets_lookups_stop_early_again),
        cmocka_unit_test(hostile_headers_cost_no_more_than_others),
        cmocka_unit_test(one_match_at_all_priorities_takes_few_steps_each),
        cmocka_unit_test(priorities_that_are_gone_cost_nothing),
        cmocka_unit_test(the_millionth_rule_takes_as_many_steps_as_the_thousandth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
