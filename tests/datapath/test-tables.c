/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of datapath/tables: versions, removal, flushes, counters, walks, news of changes. */
#include "datapath/tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/openflow/openflow-1.0.h"
#include "lib/rcu.h"
#include "tests/datapath/rule-maker.h"
#include "tests/unit.h"

enum { READER = 0, KINDS = 64 };

/* Tables, and what their 'gone' callback was told. */
struct bench {
    struct rcu *rcu;
    struct tables *t;
    size_t n_gone;              /* Rules handed over. */
    size_t n_moved;             /* Of them, with counters moved. */
    uint8_t reason;             /* Reason of the last one. */
    struct rule_counters last;  /* Counters of the last one. */
    struct rule_counters total; /* Counters of all whose counters were not moved. */
};

static void take_gone(void *bench_, struct rule *rule, const struct rule_counters *counters,
                      bool moved)
{
    struct bench *b = bench_;
    b->n_gone++;
    b->n_moved += moved;
    b->reason = rule->reason;
    b->last = *counters;
    b->total.packets += moved ? 0 : counters->packets;
    b->total.bytes += moved ? 0 : counters->bytes;
    rule_destroy(rule);
}

static void bench_init(struct bench *b, unsigned n_readers, uint32_t max_rules)
{
    *b = (struct bench) {.rcu = rcu_create(n_readers)};
    b->t = tables_create(&(struct tables_config) {
        .n_tables = 2,
        .n_threads = 3,
        .rcu = b->rcu,
        .max_rules = max_rules,
        .seed = 1,
        .gone = take_gone,
        .aux = b,
    });
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

/* One of KINDS different matches that overlap a lot: any address or one of the 15 prefixes of 29 to
 * 32 bits in 10.0.0.0/29, with any port or one of three. */
static void kind_match(struct match *match, uint64_t kind)
{
    uint32_t prefix = kind % 16;
    match_init_any(match);
    if (prefix) {
        unsigned level = 31 - (unsigned) __builtin_clz(prefix);
        match_nw_src(match, 0x0a000000 | (prefix - (1u << level)) << (3 - level), 29 + level);
    }
    if (kind / 16) {
        match_tp_dst(match, (uint16_t) (kind / 16));
    }
}

static struct rule *kind_rule(uint64_t kind, uint16_t priority)
{
    struct match match;
    kind_match(&match, kind);
    struct rule *rule = make_rule(&match, priority);
    rule->cookie = kind;
    return rule;
}

static struct rule *find_kind(const struct bench *b, uint64_t kind, uint16_t priority)
{
    struct match match;
    kind_match(&match, kind);
    return tables_find(b->t, 0, &match, priority);
}

/* A flow of the few that the kinds tell apart. */
static void kind_flow(struct flow *flow, uint64_t n)
{
    struct match match;
    match_init_any(&match);
    match_nw_src(&match, 0x0a000000 | (uint32_t) (n % 8), 32);
    match_tp_dst(&match, (uint16_t) (n / 8 % 3 + 1));
    *flow = match.flow;
}

static uint64_t cookie_of(const struct rule *rule)
{
    return rule ? rule->cookie : UINT64_MAX;
}

static void a_change_shows_with_its_commit(void **state UNUSED)
{
    struct bench b;
    struct flow flow;
    bench_init(&b, 0, 10);
    kind_flow(&flow, 0);
    uint64_t before = tables_version(b.t);
    struct rule *rule = kind_rule(0, 1);
    assert_int_equal(tables_insert(b.t, 0, rule, 5), 0);
    assert_ptr_equal(find_kind(&b, 0, 1), rule);
    assert_null(tables_lookup(b.t, 0, tables_version(b.t), &flow, NULL));
    tables_commit(b.t);
    assert_ptr_equal(tables_lookup(b.t, 0, tables_version(b.t), &flow, NULL), rule);
    assert_null(tables_lookup(b.t, 1, tables_version(b.t), &flow, NULL));
    assert_null(tables_lookup(b.t, 0, before, &flow, NULL));
    tables_remove(b.t, rule);
    assert_null(find_kind(&b, 0, 1));
    assert_ptr_equal(tables_lookup(b.t, 0, tables_version(b.t), &flow, NULL), rule);
    tables_commit(b.t);
    assert_null(tables_lookup(b.t, 0, tables_version(b.t), &flow, NULL));
    run(&b);
    assert_int_equal(b.n_gone, 1);
    bench_uninit(&b);
}

static void a_commit_of_nothing_is_no_version(void **state UNUSED)
{
    struct bench b;
    bench_init(&b, 0, 10);
    uint64_t version = tables_version(b.t);
    tables_commit(b.t);
    tables_flush(b.t, 0xff, 0);
    tables_commit(b.t);
    assert_int_equal(tables_version(b.t), version);
    assert_true(tables_is_settled(b.t));
    bench_uninit(&b);
}

/* A reader that is quiescent once a round always leaves something to be reclaimed, but nothing for
 * long. */
static void what_is_removed_later_does_not_keep_a_token_from_being_settled(void **state UNUSED)
{
    enum { N_RULES = 40 };
    struct bench b;
    uint64_t token = 0, settled = 0;
    bench_init(&b, 1, N_RULES);
    for (unsigned i = 0; i < N_RULES; i++) {
        assert_int_equal(tables_insert(b.t, i % 2, kind_rule(0, (uint16_t) i), 0), 0);
    }
    tables_commit(b.t);
    rcu_online(b.rcu, READER);
    for (unsigned i = 0; i < N_RULES && !settled; i++) {
        if (i == 10) {
            tables_flush(b.t, 1, 0);
        }
        if (i % 2 == 0) {
            tables_remove(b.t, find_kind(&b, 0, (uint16_t) i));
        }
        tables_commit(b.t);
        token = i == 10 ? rcu_start(b.rcu) : token;
        settled = i > 10 && tables_is_settled_before(b.t, token) ? i : 0;
        assert_false(i % 2 == 0 && tables_is_settled(b.t));
        assert_true(!settled || b.n_gone >= 6 + N_RULES / 2);
        rcu_quiescent(b.rcu, READER);
        tables_run(b.t, 100);
    }
    assert_int_equal(settled, 12);
    rcu_offline(b.rcu, READER);
    bench_uninit(&b);
}

static void a_full_table_and_a_double_rule_are_refused(void **state UNUSED)
{
    struct bench b;
    bench_init(&b, 0, 2);
    assert_int_equal(tables_insert(b.t, 0, kind_rule(0, 1), 0), 0);
    assert_int_equal(tables_insert(b.t, 0, kind_rule(0, 2), 0), 0);
    struct rule *rule = kind_rule(0, 2), *other = kind_rule(1, 2);
    assert_int_equal(tables_insert(b.t, 0, rule, 0), EEXIST);
    assert_int_equal(tables_insert(b.t, 0, other, 0), ENOSPC);
    assert_int_equal(tables_insert(b.t, 1, other, 0), 0);
    rule_destroy(rule);
    tables_remove(b.t, find_kind(&b, 0, 1));
    assert_int_equal(tables_insert(b.t, 0, kind_rule(0, 1), 0), 0);
    bench_uninit(&b);
}

static void a_removed_rule_is_kept_until_readers_let_go(void **state UNUSED)
{
    struct bench b;
    bench_init(&b, 1, 10);
    rcu_online(b.rcu, READER);
    tables_insert(b.t, 0, kind_rule(0, 1), 0);
    tables_commit(b.t);
    struct rule *rule = find_kind(&b, 0, 1);
    rule->reason = OFPRR_IDLE_TIMEOUT;
    tables_remove(b.t, rule);
    assert_false(tables_contains(b.t, rule));
    assert_false(tables_is_settled(b.t));
    tables_commit(b.t);
    run(&b);
    assert_int_equal(b.n_gone, 0);
    tables_credit(b.t, 1, rule, 1, 64, 7);
    rcu_quiescent(b.rcu, READER);
    run(&b);
    assert_int_equal(b.n_gone, 0);
    rcu_quiescent(b.rcu, READER);
    run(&b);
    assert_int_equal(b.n_gone, 1);
    assert_int_equal(b.reason, OFPRR_IDLE_TIMEOUT);
    assert_int_equal(b.last.packets, 1);
    assert_true(tables_is_settled(b.t));
    rcu_offline(b.rcu, READER);
    bench_uninit(&b);
}

static void counters_stay_with_a_modified_rule_and_begin_anew_otherwise(void **state UNUSED)
{
    struct bench b;
    struct rule_counters counters;
    bench_init(&b, 0, 10);
    tables_insert(b.t, 0, kind_rule(0, 1), 100);
    tables_credit(b.t, 0, find_kind(&b, 0, 1), 2, 200, 150);
    tables_credit(b.t, 2, find_kind(&b, 0, 1), 3, 300, 140);
    tables_replace(b.t, find_kind(&b, 0, 1), kind_rule(0, 1), true, 160);
    tables_commit(b.t);
    run(&b);
    assert_int_equal(b.n_moved, 1);
    tables_get_counters(b.t, find_kind(&b, 0, 1), &counters);
    assert_int_equal(counters.packets, 5);
    assert_int_equal(counters.bytes, 500);
    assert_int_equal(counters.last_used, 150);
    assert_int_equal(find_kind(&b, 0, 1)->created, 100);
    tables_replace(b.t, find_kind(&b, 0, 1), kind_rule(0, 1), false, 170);
    tables_commit(b.t);
    run(&b);
    assert_int_equal(b.n_moved, 1);
    assert_int_equal(b.last.packets, 5);
    tables_get_counters(b.t, find_kind(&b, 0, 1), &counters);
    assert_int_equal(counters.packets, 0);
    assert_int_equal(counters.last_used, 170);
    assert_int_equal(find_kind(&b, 0, 1)->created, 170);
    bench_uninit(&b);
}

/* Answers for all flows at 'version'. */
struct answers {
    uint64_t version;
    uint64_t cookies[24];
};

static void ask(const struct bench *b, uint64_t version, struct answers *answers)
{
    answers->version = version;
    for (uint64_t i = 0; i < ARRAY_SIZE(answers->cookies); i++) {
        struct flow flow;
        kind_flow(&flow, i);
        answers->cookies[i] = cookie_of(tables_lookup(b->t, 0, version, &flow, NULL));
    }
}

/* The answers that a look at every rule of the next version gives. */
static void ask_naively(const struct bench *b, struct answers *answers)
{
    for (uint64_t i = 0; i < ARRAY_SIZE(answers->cookies); i++) {
        const struct rule *best = NULL;
        struct flow flow;
        kind_flow(&flow, i);
        for (uint64_t kind = 0; kind < KINDS * 4; kind++) {
            const struct rule *rule = find_kind(b, kind / 4, (uint16_t) (kind % 4));
            if (rule && (!best || rule->rank > best->rank)
                && minimatch_matches(&rule->match, &flow)) {
                best = rule;
            }
        }
        answers->cookies[i] = cookie_of(best);
    }
}

/* Does one random change. */
static void change(struct bench *b, uint64_t *random)
{
    uint64_t kind = next_random(random) % KINDS;
    uint16_t priority = (uint16_t) (next_random(random) % 4);
    struct rule *rule = find_kind(b, kind, priority);
    unsigned what = (unsigned) (next_random(random) % 64);
    if (what == 0) {
        tables_flush(b->t, 0, OFPRR_DELETE);
    } else if (!rule) {
        assert_int_equal(tables_insert(b->t, 0, kind_rule(kind, priority), 0), 0);
    } else if (what % 2) {
        tables_remove(b->t, rule);
    } else {
        struct rule *new = kind_rule(kind, priority);
        new->cookie = kind + 1000 * what;
        tables_replace(b->t, rule, new, what % 4, 0);
    }
}

static void a_reader_sees_its_version_whatever_is_changed_meanwhile(void **state UNUSED)
{
    struct bench b;
    struct answers pinned = {0}, now = {0}, naive = {0};
    const unsigned rounds = is_sanitized() ? 300 : 3000;
    uint64_t random = 1;
    bench_init(&b, 1, 1000);
    rcu_online(b.rcu, READER);
    for (unsigned round = 0; round < rounds; round++) {
        for (uint64_t n = next_random(&random) % 8; n > 0; n--) {
            change(&b, &random);
        }
        ask_naively(&b, &naive);
        tables_commit(b.t);
        ask(&b, tables_version(b.t), &now);
        assert_memory_equal(now.cookies, naive.cookies, sizeof now.cookies);
        if (pinned.version) {
            ask(&b, pinned.version, &now);
            assert_memory_equal(&now, &pinned, sizeof now);
        }
        if (next_random(&random) % 4 == 0) {
            rcu_quiescent(b.rcu, READER);
            ask(&b, tables_version(b.t), &pinned);
        }
        run(&b);
    }
    rcu_offline(b.rcu, READER);
    tables_flush(b.t, 0xff, OFPRR_DELETE);
    tables_commit(b.t);
    run(&b);
    assert_true(tables_is_settled(b.t));
    bench_uninit(&b);
}

static void a_flush_is_one_step_and_its_rules_go_in_slices(void **state UNUSED)
{
    enum { RULES = 100000 };
    struct bench b;
    struct match match;
    struct table_summary summary;
    bench_init(&b, 1, RULES);
    for (uint64_t i = 0; i < RULES; i++) {
        match_exactly(&match, i);
        assert_int_equal(tables_insert(b.t, 0, make_rule(&match, 1), 0), 0);
    }
    tables_commit(b.t);
    rcu_online(b.rcu, READER);
    uint64_t before = tables_version(b.t);
    struct rule *rule = tables_find(b.t, 0, &match, 1);
    tables_flush(b.t, 0, OFPRR_DELETE);
    tables_get_summary(b.t, 0, &summary);
    assert_int_equal(summary.n_rules, 0);
    assert_int_equal(summary.steps, 0);
    assert_false(tables_contains(b.t, rule));
    tables_remove(b.t, rule);
    assert_non_null(tables_lookup(b.t, 0, before, &match.flow, NULL));
    tables_commit(b.t);
    assert_null(tables_lookup(b.t, 0, tables_version(b.t), &match.flow, NULL));
    assert_non_null(tables_lookup(b.t, 0, before, &match.flow, NULL));
    assert_false(tables_run(b.t, 10));
    rcu_offline(b.rcu, READER);
    for (size_t i = 1; tables_run(b.t, 1000); i++) {
        assert_int_equal(b.n_gone, i * 1000);
    }
    assert_int_equal(b.n_gone, RULES);
    assert_int_equal(b.reason, OFPRR_DELETE);
    assert_true(tables_is_settled(b.t));
    bench_uninit(&b);
}

/* Walks all rules that 'match' covers and counts how often each kind comes, with changes between
 * the steps of at most 'budget' rules. */
static void walk_under_churn(struct bench *b, const struct match *match, uint64_t *random,
                             unsigned seen[KINDS * 4])
{
    struct rule_cursor cursor;
    rule_cursor_init(&cursor, b->t, 0, match, OFPP_NONE);
    for (;;) {
        size_t budget = 1 + next_random(random) % 4;
        struct rule *rule = rule_cursor_next(&cursor, &budget);
        if (!rule && budget) {
            break;
        }
        if (rule) {
            assert_true(minimatch_is_within(&rule->match, match));
            seen[rule->cookie % 1000 * 4 + rule->priority]++;
        }
        uint64_t kind = next_random(random) % KINDS;
        uint16_t priority = (uint16_t) (next_random(random) % 4);
        rule = find_kind(b, kind, priority);
        if (rule && kind % 2 == 0) {
            tables_replace(b->t, rule, kind_rule(kind, priority), true, 0);
        } else if (rule && priority) {
            tables_remove(b->t, rule);
        } else if (!rule) {
            tables_insert(b->t, 0, kind_rule(kind, priority), 0);
        }
        tables_commit(b->t);
        run(b);
    }
    rule_cursor_uninit(&cursor);
}

/* Rules of even kinds are only replaced, those of priority 0 never touched, others come and go. */
static void a_walk_comes_once_to_what_is_there_throughout(void **state UNUSED)
{
    struct bench b;
    uint64_t random = 3;
    bench_init(&b, 0, 1000);
    for (uint64_t kind = 0; kind < KINDS; kind++) {
        for (uint16_t priority = 0; priority < 4; priority++) {
            assert_int_equal(tables_insert(b.t, 0, kind_rule(kind, priority), 0), 0);
        }
    }
    for (int round = 0; round < 200; round++) {
        unsigned seen[KINDS * 4] = {0};
        bool was_there[KINDS * 4] = {false};
        struct match match;
        kind_match(&match, next_random(&random) % KINDS);
        if (round % 4 == 0) {
            match_init_any(&match);
        }
        for (uint64_t i = 0; i < KINDS * 4; i++) {
            struct rule *rule = find_kind(&b, i / 4, (uint16_t) (i % 4));
            was_there[i] = rule && minimatch_is_within(&rule->match, &match);
        }
        walk_under_churn(&b, &match, &random, seen);
        for (uint64_t i = 0; i < KINDS * 4; i++) {
            if (i % 4 == 0 || i / 4 % 2 == 0) {
                assert_int_equal(seen[i], was_there[i]);
            }
        }
    }
    bench_uninit(&b);
}

static void a_walk_ends_well_in_a_flushed_table(void **state UNUSED)
{
    struct bench b;
    struct match any;
    struct rule_cursor cursors[3];
    bench_init(&b, 0, 1000);
    match_init_any(&any);
    for (uint64_t kind = 0; kind < KINDS; kind += 2) {
        tables_insert(b.t, 0, kind_rule(kind, 1), 0);
    }
    tables_insert(b.t, 1, kind_rule(0, 1), 0);
    for (size_t i = 0; i < ARRAY_SIZE(cursors); i++) {
        size_t budget = 1 + 5 * i;
        rule_cursor_init(&cursors[i], b.t, 0xff, &any, OFPP_NONE);
        rule_cursor_next(&cursors[i], &budget);
    }
    tables_flush(b.t, 0, OFPRR_DELETE);
    tables_commit(b.t);
    for (size_t i = 0; i < ARRAY_SIZE(cursors); i++) {
        size_t budget = 100;
        struct rule *rule = rule_cursor_next(&cursors[i], &budget);
        assert_non_null(rule);
        assert_int_equal(rule->table_id, 1);
        run(&b);
    }
    for (size_t i = 0; i < ARRAY_SIZE(cursors); i++) {
        rule_cursor_uninit(&cursors[i]);
    }
    assert_true(tables_is_settled(b.t));
    bench_uninit(&b);
}

static void a_walk_filters_by_out_port_and_looks_at_compatible_subtables_only(void **state UNUSED)
{
    struct bench b;
    struct match any, port;
    struct rule_cursor cursor;
    size_t budget = 20;
    bench_init(&b, 0, 10000);
    match_init_any(&any);
    for (uint64_t i = 0; i < 1000; i++) {
        struct match match;
        match_exactly(&match, i);
        match.mask.tp_dst = match.flow.tp_dst = 0;
        tables_insert(b.t, 0, make_rule(&match, 1), 0);
    }
    match_init_any(&port);
    match_tp_dst(&port, 80);
    tables_insert(b.t, 0, make_rule(&port, 1), 0);
    rule_cursor_init(&cursor, b.t, 0, &port, 1);
    assert_non_null(rule_cursor_next(&cursor, &budget));
    assert_null(rule_cursor_next(&cursor, &budget));
    assert_in_range(budget, 1, 20);
    rule_cursor_uninit(&cursor);
    budget = SIZE_MAX;
    rule_cursor_init(&cursor, b.t, 0, &any, 2);
    assert_null(rule_cursor_next(&cursor, &budget));
    rule_cursor_uninit(&cursor);
    bench_uninit(&b);
}

static void a_walk_for_one_exact_match_does_not_look_at_a_hundred_thousand(void **state UNUSED)
{
    struct bench b;
    struct match match;
    struct rule_cursor cursor;
    size_t budget = 10;
    bench_init(&b, 0, 100000);
    for (uint64_t i = 0; i < 100000; i++) {
        match_exactly(&match, i);
        tables_insert(b.t, 0, make_rule(&match, 1), 0);
    }
    rule_cursor_init(&cursor, b.t, 0, &match, OFPP_NONE);
    assert_ptr_equal(rule_cursor_next(&cursor, &budget), tables_find(b.t, 0, &match, 1));
    assert_null(rule_cursor_next(&cursor, &budget));
    assert_in_range(budget, 1, 10);
    rule_cursor_uninit(&cursor);
    bench_uninit(&b);
}

/* All changes that were ever made, for a slow answer. */
struct change_log {
    uint64_t version;
    uint64_t kind; /* KINDS for a flush. */
};

static bool concerns_naively(const struct change_log *log, size_t n, uint64_t from, uint64_t to,
                             const struct flow *flow)
{
    for (size_t i = 0; i < n; i++) {
        struct match match;
        kind_match(&match, log[i].kind);
        if (log[i].kind == KINDS) {
            match_init_any(&match);
        }
        if (log[i].version > from && log[i].version <= to && match_matches(&match, flow)) {
            return true;
        }
    }
    return false;
}

static void unchanged_for_is_true_only_if_no_change_concerns_the_flow(void **state UNUSED)
{
    enum { CHANGES = 3000 };
    static struct change_log log[CHANGES];
    struct bench b;
    uint64_t random = 4;
    unsigned n_true = 0, n_lost = 0;
    bench_init(&b, 0, 1000);
    for (size_t i = 0; i < CHANGES; i++) {
        uint64_t kind = next_random(&random) % 200 ? next_random(&random) % KINDS : KINDS;
        log[i] = (struct change_log) {tables_version(b.t) + 1, kind};
        struct rule *rule = find_kind(&b, kind, 1);
        if (kind == KINDS) {
            tables_flush(b.t, 0, OFPRR_DELETE);
        } else if (rule) {
            tables_remove(b.t, rule);
        } else {
            tables_insert(b.t, 0, kind_rule(kind, 1), 0);
        }
        if (next_random(&random) % 3) {
            tables_commit(b.t);
        }
        uint64_t to = tables_version(b.t);
        uint64_t age = next_random(&random) % (i % 8 ? 4 : 400);
        uint64_t from = to > age ? to - age : 1;
        struct flow flow;
        kind_flow(&flow, next_random(&random));
        bool concerns = concerns_naively(log, i + 1, from, to, &flow);
        bool unchanged = tables_unchanged_for(b.t, from, to, &flow);
        assert_false(unchanged && concerns);
        n_true += unchanged;
        n_lost += !unchanged && !concerns && age < 4;
    }
    assert_in_range(n_true, CHANGES / 4, CHANGES);
    assert_int_equal(n_lost, 0);
    bench_uninit(&b);
}

static void the_interest_covers_every_rule_before_its_version_shows(void **state UNUSED)
{
    struct bench b;
    struct match match;
    uint32_t map;
    bench_init(&b, 0, 10);
    tables_interest(b.t, &map);
    assert_int_equal(map, 0);
    match_init_any(&match);
    match_tp_dst(&match, 80);
    struct rule *rule = make_rule(&match, 1);
    tables_insert(b.t, 0, rule, 0);
    const struct flow *interest = tables_interest(b.t, &map);
    assert_int_equal(interest->tp_dst, 0xffff);
    assert_int_equal(interest->tp_src, 0);
    assert_int_equal(map, 1u << offsetof(struct flow, tp_dst) / 8);
    tables_remove(b.t, rule);
    tables_commit(b.t);
    run(&b);
    assert_int_equal(tables_interest(b.t, &map)->tp_dst, 0xffff);
    bench_uninit(&b);
}

static void table_statistics_are_sums_over_threads(void **state UNUSED)
{
    struct bench b;
    struct table_summary summary;
    bench_init(&b, 0, 10);
    tables_insert(b.t, 1, kind_rule(0, 1), 0);
    tables_count_lookups(b.t, 0, 1, 10, 4);
    tables_count_lookups(b.t, 2, 1, 5, 5);
    tables_get_summary(b.t, 1, &summary);
    assert_int_equal(summary.n_rules, 1);
    assert_int_equal(summary.max_rules, 10);
    assert_int_equal(summary.lookups, 15);
    assert_int_equal(summary.matches, 9);
    assert_int_equal(summary.n_subtables, 1);
    tables_get_summary(b.t, 0, &summary);
    assert_int_equal(summary.lookups, 0);
    bench_uninit(&b);
}

/* Bytes of memory that this process uses. */
static size_t resident(void)
{
    unsigned long size = 0, pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &size, &pages), 2);
    fclose(file);
    return pages * (size_t) sysconf(_SC_PAGESIZE);
}

static void a_million_exact_rules_take_half_a_kilobyte_each(void **state UNUSED)
{
    enum { RULES = 1000000 };
    const unsigned rules = is_sanitized() ? RULES / 10 : RULES;
    struct bench b;
    struct match match;
    struct table_summary summary;
    bench_init(&b, 0, rules);
    size_t before = resident();
    for (uint64_t i = 0; i < rules; i++) {
        match_exactly(&match, i);
        assert_int_equal(tables_insert(b.t, 0, make_rule(&match, 1), 0), 0);
        tables_commit(b.t);
        rcu_run(b.rcu);
    }
    size_t each = (resident() - before) / rules;
    tables_get_summary(b.t, 0, &summary);
    print_message("%d bytes, %.1f steps per rule\n", (int) each, (double) summary.steps / rules);
    assert_in_range(summary.steps / rules, 1, 12);
    assert_int_equal(summary.n_rules, rules);
    if (!is_sanitized()) {
        assert_in_range(each, 1, 512);
    }
    bench_uninit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_shows_with_its_commit),
        cmocka_unit_test(a_commit_of_nothing_is_no_version),
        cmocka_unit_test(what_is_removed_later_does_not_keep_a_token_from_being_settled),
        cmocka_unit_test(a_full_table_and_a_double_rule_are_refused),
        cmocka_unit_test(a_removed_rule_is_kept_until_readers_let_go),
        cmocka_unit_test(counters_stay_with_a_modified_rule_and_begin_anew_otherwise),
        cmocka_unit_test(a_reader_sees_its_version_whatever_is_changed_meanwhile),
        cmocka_unit_test(a_flush_is_one_step_and_its_rules_go_in_slices),
        cmocka_unit_test(a_walk_comes_once_to_what_is_there_throughout),
        cmocka_unit_test(a_walk_ends_well_in_a_flushed_table),
        cmocka_unit_test(a_walk_filters_by_out_port_and_looks_at_compatible_subtables_only),
        cmocka_unit_test(a_walk_for_one_exact_match_does_not_look_at_a_hundred_thousand),
        cmocka_unit_test(unchanged_for_is_true_only_if_no_change_concerns_the_flow),
        cmocka_unit_test(the_interest_covers_every_rule_before_its_version_shows),
        cmocka_unit_test(table_statistics_are_sums_over_threads),
        cmocka_unit_test(a_million_exact_rules_take_half_a_kilobyte_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
