/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of datapath/rule-quota: what the tables count, beside a recount of all rules. */
#include "datapath/rule-quota.h"

#include <errno.h>
#include <stdlib.h>

#include "datapath/tables.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/rcu.h"
#include "lib/util.h"
#include "tests/datapath/rule-maker.h"
#include "tests/unit.h"

enum {
    TABLES = 3,    /* Tables that 0xff means, */
    OWN_TABLE = 3, /* and one more. */
    QUOTAS = 3,    /* Somebody. */
    MATCHES = 12,  /* Different rules in a table. */
    STEPS = 20000, /* Random changes. */
};

/* Tables and those whose rules are counted. */
struct bench {
    struct rcu *rcu;                    /* Owned. */
    struct tables *t;                   /* Owned. */
    struct rule_quota *quotas[QUOTAS];  /* References. */
    uint64_t random;                    /* State. */
};

static void take_gone(void *aux UNUSED, struct rule *rule,
                      const struct rule_counters *counters UNUSED, bool moved UNUSED)
{
    rule_destroy(rule);
}

static void bench_init(struct bench *b)
{
    *b = (struct bench) {.rcu = rcu_create(1), .random = 7};
    b->t = tables_create(&(struct tables_config) {
        .n_tables = TABLES,
        .n_own = 1,
        .n_threads = 1,
        .rcu = b->rcu,
        .max_rules = MATCHES - 2,
        .seed = 1,
        .gone = take_gone,
    });
    for (size_t i = 0; i < QUOTAS; i++) {
        b->quotas[i] = rule_quota_create((uint32_t) (4 + 8 * i));
    }
}

static void bench_uninit(struct bench *b)
{
    for (size_t i = 0; i < QUOTAS; i++) {
        rule_quota_unref(b->quotas[i]);
    }
    tables_destroy(b->t);
    rcu_destroy(b->rcu);
}

/* A rule for one of the matches that counts in any of the quotas, or in none. */
static struct rule *random_rule(struct bench *b, unsigned *table)
{
    struct match match;
    uint64_t n = next_random(&b->random);
    match_init_any(&match);
    match_in_port(&match, (uint32_t) (n % MATCHES));
    *table = (unsigned) (n >> 16) % (TABLES + 1);
    struct rule *rule = make_rule(&match, 1);
    unsigned i = (unsigned) (n >> 32) % (QUOTAS + 1);
    rule_set_quota(rule, i < QUOTAS ? b->quotas[i] : NULL);
    return rule;
}

/* Puts a rule in, in the place of the one that is there; or takes that out. */
static void change_one(struct bench *b)
{
    unsigned table;
    struct match match;
    struct rule *rule = random_rule(b, &table);
    minimatch_expand(&rule->match, &match);
    struct rule *old = tables_find(b->t, (uint8_t) table, &match, rule->precedence);
    unsigned what = (unsigned) next_random(&b->random) % 4;
    if (!old && what) {
        if (tables_insert(b->t, (uint8_t) table, rule, 1)) {
            rule_destroy(rule);
        }
    } else if (old && what) {
        tables_replace(b->t, old, rule, what == 1, 1);
    } else {
        rule_destroy(rule);
        if (old) {
            tables_remove(b->t, old);
            tables_remove(b->t, old);
        }
    }
}

/* Makes a random change. */
static void change(struct bench *b)
{
    unsigned what = (unsigned) next_random(&b->random) % 64;
    if (what == 0) {
        tables_flush(b->t, 0xff, OFPRR_DELETE);
    } else if (what <= TABLES + 1) {
        tables_flush(b->t, (uint8_t) (what - 1), OFPRR_DELETE);
    } else if (what < 12) {
        tables_commit(b->t);
        tables_run(b->t, what);
        rcu_run(b->rcu);
    } else {
        change_one(b);
    }
}

/* Rules of table 'table_id' that count in 'q', one by one. */
static uint32_t recount(struct bench *b, uint8_t table_id, const struct rule_quota *q)
{
    struct match any;
    struct rule_cursor cursor;
    struct rule *rule;
    size_t budget = SIZE_MAX;
    uint32_t n = 0;
    match_init_any(&any);
    rule_cursor_init(&cursor, b->t, table_id, &any, OFPP_NONE);
    while ((rule = rule_cursor_next(&cursor, &budget))) {
        n += rule->quota == q;
    }
    rule_cursor_uninit(&cursor);
    return n;
}

/* rows: A10.23 */
static void a_quota_counts_what_a_recount_finds(void **state UNUSED)
{
    struct bench b;
    uint32_t most = 0;
    bench_init(&b);
    for (unsigned step = 0; step < STEPS; step++) {
        change(&b);
        for (size_t i = 0; i < QUOTAS; i++) {
            const struct rule_quota *q = b.quotas[i];
            uint32_t own = recount(&b, OWN_TABLE, q), others = recount(&b, 0xff, q);
            assert_int_equal(q->n_rules, own + others);
            assert_int_equal(q->in_table[OWN_TABLE], own);
            assert_int_equal(rule_quota_is_full(q), q->n_rules >= 4 + 8 * i);
            most = MAX(most, q->n_rules);
        }
    }
    assert_true(most >= 12);
    bench_uninit(&b);
}

static void a_quota_lives_as_long_as_its_rules(void **state UNUSED)
{
    struct bench b;
    unsigned table;
    bench_init(&b);
    for (unsigned i = 0; i < MATCHES; i++) {
        struct rule *rule = random_rule(&b, &table);
        rule_set_quota(rule, b.quotas[0]);
        if (tables_insert(b.t, (uint8_t) table, rule, 1)) {
            rule_destroy(rule);
        }
    }
    rule_quota_unref(b.quotas[0]);
    b.quotas[0] = NULL;
    tables_flush(b.t, 0xff, OFPRR_DELETE);
    tables_commit(b.t);
    for (unsigned i = 0; i < 2; i++) {
        while (tables_run(b.t, 100)) {
            continue;
        }
        rcu_run(b.rcu);
    }
    rule_quota_unref(NULL);
    assert_null(rule_quota_ref(NULL));
    bench_uninit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_counts_what_a_recount_finds),
        cmocka_unit_test(a_quota_lives_as_long_as_its_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
