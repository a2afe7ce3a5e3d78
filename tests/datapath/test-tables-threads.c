/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the tables with threads that look up and count while rules change. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/flow-cache.h"
#include "datapath/table-cache.h"
#include "datapath/tables.h"
#include "lib/byte-order.h"
#include "lib/packet/packet.h"
#include "lib/rcu.h"
#include "tests/datapath/rule-maker.h"
#include "tests/unit.h"

/* Threads 1 to WORKERS of the counters are readers 0 to WORKERS - 1 of the RCU domain.  The first
 * one looks up in the tables, the others through caches: that of flows and that of tables. */
enum { WORKERS = 3 };
/* Tables besides 0: one where packets never begin, and the switch's own. */
enum { LATER = 1, OWN = 2 };

struct bench;

struct worker {
    struct bench *bench;
    unsigned id;              /* Reader's number. */
    pthread_t thread;         /* Its thread. */
    struct flow_cache *cache; /* The second one's. */
    struct table_cache *later; /* The third one's. */
    uint64_t random;          /* Its sequence. */
    uint64_t last;            /* For the test. */
    uint64_t packets;         /* Packets credited. */
    uint64_t seen[2];         /* For the test. */
    uint64_t faults;          /* What must not be. */
};

struct bench {
    struct rcu *rcu;
    struct tables *t;
    void (*step)(struct worker *worker);   /* What a worker does between two quiescences. */
    bool stop;                             /* Workers shall end.  Atomic. */
    struct worker workers[WORKERS];
    int64_t now;                           /* Time of the tables. */
    struct rule_counters total;            /* Of rules that are gone. */
    uint64_t n_gone;
};

static void take_gone(void *bench_, struct rule *rule, const struct rule_counters *counters,
                      bool moved)
{
    struct bench *b = bench_;
    b->n_gone++;
    b->total.packets += moved ? 0 : counters->packets;
    b->total.bytes += moved ? 0 : counters->bytes;
    rule_destroy(rule);
}

static void *run_worker(void *worker_)
{
    struct worker *worker = worker_;
    struct bench *b = worker->bench;
    rcu_online(b->rcu, worker->id);
    while (!RCU_READ(&b->stop)) {
        b->step(worker);
        rcu_quiescent(b->rcu, worker->id);
        sched_yield();
    }
    rcu_offline(b->rcu, worker->id);
    return NULL;
}

static void bench_init(struct bench *b, void (*step)(struct worker *worker))
{
    *b = (struct bench) {.rcu = rcu_create(WORKERS), .step = step};
    b->t = tables_create(&(struct tables_config) {
        .n_tables = OWN,
        .n_own = 1,
        .n_threads = WORKERS + 1,
        .rcu = b->rcu,
        .max_rules = 1000000,
        .gone = take_gone,
        .aux = b,
    });
}

static void start(struct bench *b)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        struct worker *worker = &b->workers[i];
        *worker = (struct worker) {.bench = b, .id = i, .random = i};
        worker->cache = i == 1 ? flow_cache_create(4096, 1) : NULL;
        worker->later = i == 2 ? table_cache_create(4096, 1) : NULL;
        assert_int_equal(pthread_create(&worker->thread, NULL, run_worker, worker), 0);
    }
}

/* Ends the workers, none of which may have seen a fault. */
static void stop(struct bench *b)
{
    RCU_WRITE(&b->stop, true);
    for (unsigned i = 0; i < WORKERS; i++) {
        pthread_join(b->workers[i].thread, NULL);
        flow_cache_destroy(b->workers[i].cache);
        table_cache_destroy(b->workers[i].later);
        assert_int_equal(b->workers[i].faults, 0);
    }
}

static void bench_uninit(struct bench *b)
{
    tables_destroy(b->t);
    rcu_destroy(b->rcu);
}

static void commit(struct bench *b)
{
    tables_commit(b->t);
    tables_run(b->t, 1000);
    tables_narrow(b->t, b->now += 3600 * SEC);
    rcu_run(b->rcu);
}

/* Reclaims until every worker has done 'steps' more steps. */
static void let_work(struct bench *b, uint64_t steps)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        uint64_t end = rcu_beats(b->rcu, i) + steps;
        while (rcu_beats(b->rcu, i) < end) {
            tables_run(b->t, 1000);
            rcu_run(b->rcu);
            sched_yield();
        }
    }
}

/* The rule for 'flow' in 'table_id', as 'worker' finds it. */
static struct rule *look_up_in(struct worker *worker, uint8_t table_id, uint64_t version,
                               const struct flow *flow)
{
    const struct tables *t = worker->bench->t;
    return worker->later ? table_cache_lookup(worker->later, t, table_id, version, flow)
                         : tables_lookup(t, table_id, version, flow, NULL);
}

/* The rules for the 'n' flows at one version. */
static void look_up(struct worker *worker, const struct flow *flows, struct rule **rules,
                    unsigned n)
{
    const struct tables *t = worker->bench->t;
    uint64_t version = tables_version(t);
    const struct flow *pointers[PACKET_BATCH_MAX];
    for (unsigned i = 0; i < n; i++) {
        pointers[i] = &flows[i];
        rules[i] = worker->cache ? NULL
                                 : look_up_in(worker, tables_first(t, version), version, &flows[i]);
    }
    if (worker->cache) {
        flow_cache_lookup(worker->cache, t, version, pointers, rules, n);
    }
}

/* Flushes. */

enum { MANY = 100000 };

static void see_all_or_nothing(struct worker *worker)
{
    struct flow flows[8];
    struct rule *rules[ARRAY_SIZE(flows)];
    unsigned n = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(flows); i++) {
        struct match match;
        match_exactly(&match, next_random(&worker->random) % MANY);
        flows[i] = match.flow;
    }
    look_up(worker, flows, rules, ARRAY_SIZE(flows));
    for (unsigned i = 0; i < ARRAY_SIZE(flows); i++) {
        n += rules[i] != NULL;
    }
    worker->faults += n != 0 && n != ARRAY_SIZE(flows);
    worker->seen[n != 0]++;
}

static void many_rules_come_and_go_in_one_step(void **state UNUSED)
{
    enum { ROUNDS = 2 };
    static struct bench b;
    bench_init(&b, see_all_or_nothing);
    start(&b);
    for (int round = 0; round < ROUNDS; round++) {
        for (uint64_t i = 0; i < MANY; i++) {
            struct match match;
            match_exactly(&match, i);
            tables_insert(b.t, 0, make_rule(&match, 1), 0);
        }
        commit(&b);
        let_work(&b, 100);
        tables_flush(b.t, 0, 0);
        commit(&b);
        let_work(&b, 100);
    }
    while (!tables_is_settled(b.t)) {
        let_work(&b, 1);
    }
    stop(&b);
    assert_int_equal(b.n_gone, ROUNDS * MANY);
    for (unsigned i = 0; i < WORKERS; i++) {
        assert_true(b.workers[i].seen[0] && b.workers[i].seen[1]);
    }
    bench_uninit(&b);
}

/* Emptying a table and beginning in another. */

static void see_one_rule(struct worker *worker)
{
    struct match match;
    struct flow flows[8];
    struct rule *rules[ARRAY_SIZE(flows)];
    for (unsigned i = 0; i < ARRAY_SIZE(flows); i++) {
        match_exactly(&match, next_random(&worker->random) % 1000);
        flows[i] = match.flow;
    }
    look_up(worker, flows, rules, ARRAY_SIZE(flows));
    for (unsigned i = 0; i < ARRAY_SIZE(flows); i++) {
        worker->faults += !rules[i] || rules[i] != rules[0];
    }
    worker->seen[rules[0] && rules[0]->table_id == OWN]++;
}

/* Puts a rule for everything into a table. */
static void insert_any(struct bench *b, uint8_t table_id)
{
    struct match match;
    match_init_any(&match);
    assert_int_equal(tables_insert(b->t, table_id, make_rule(&match, 1), 0), 0);
}

static void packets_begin_in_another_table_in_one_step(void **state UNUSED)
{
    static struct bench b;
    bench_init(&b, see_one_rule);
    insert_any(&b, 0);
    insert_any(&b, OWN);
    commit(&b);
    start(&b);
    for (int round = 0; round < 300; round++) {
        tables_set_first(b.t, OWN);
        tables_flush(b.t, 0, 0);
        commit(&b);
        let_work(&b, round % 3);
        tables_set_first(b.t, 0);
        insert_any(&b, 0);
        commit(&b);
        let_work(&b, round % 2);
    }
    while (!tables_is_settled(b.t)) {
        let_work(&b, 1);
    }
    stop(&b);
    for (unsigned i = 0; i < WORKERS; i++) {
        assert_true(b.workers[i].seen[0] && b.workers[i].seen[1]);
    }
    bench_uninit(&b);
}

/* One rule in the place of another. */

static void see_exactly_one(struct worker *worker)
{
    struct match match;
    struct flow flows[2];
    struct rule *rules[2];
    match_exactly(&match, 1);
    flows[0] = match.flow;
    match_exactly(&match, 2);
    flows[1] = match.flow;
    look_up(worker, flows, rules, 2);
    if (!rules[0] == !rules[1]) {
        worker->faults++;
        return;
    }
    struct rule *rule = rules[0] ? rules[0] : rules[1];
    worker->faults += rule->cookie < worker->last;
    worker->last = rule->cookie;
    tables_credit(worker->bench->t, worker->id + 1, rule, 1, 100, 1);
    worker->packets++;
}

static struct rule *numbered_rule(uint64_t flow, uint64_t cookie)
{
    struct match match;
    match_exactly(&match, flow);
    struct rule *rule = make_rule(&match, 1);
    rule->cookie = cookie;
    return rule;
}

/* Counters of what is gone and of 'rule', the only one left, against what the workers credited. */
static void check_total(struct bench *b, const struct rule *rule)
{
    struct rule_counters left;
    uint64_t packets = 0;
    tables_get_counters(b->t, rule, &left);
    for (unsigned i = 0; i < WORKERS; i++) {
        packets += b->workers[i].packets;
    }
    assert_int_equal(b->total.packets + left.packets, packets);
    assert_int_equal(b->total.bytes + left.bytes, packets * 100);
}

static void a_rule_is_replaced_without_a_gap_and_its_counters_stay_exact(void **state UNUSED)
{
    static struct bench b;
    bench_init(&b, see_exactly_one);
    struct rule *rule = numbered_rule(1, 0);
    tables_insert(b.t, 0, rule, 0);
    commit(&b);
    start(&b);
    for (uint64_t i = 1; i <= 10000; i++) {
        struct rule *next = numbered_rule(i / 2 % 2 + 1, i);
        if (i % 2) {
            tables_replace(b.t, rule, next, i % 3, 0);
        } else {
            tables_remove(b.t, rule);
            tables_insert(b.t, 0, next, 0);
        }
        rule = next;
        commit(&b);
        if (i % 4 == 0) {
            let_work(&b, 1);
        }
    }
    let_work(&b, 3);
    stop(&b);
    while (!tables_is_settled(b.t)) {
        tables_run(b.t, 1000);
    }
    check_total(&b, rule);
    bench_uninit(&b);
}

/* Everything at once. */

enum { VALUES = 64 };

/* A rule for a /26 to /32 prefix of 10.0.0.0, sometimes with a port. */
static struct rule *random_rule(uint64_t *random)
{
    struct match match;
    match_init_any(&match);
    match_nw_src(&match, 0x0a000000 | (next_random(random) % VALUES),
                 26 + (unsigned) (next_random(random) % 7));
    if (next_random(random) % 4 == 0) {
        match_tp_dst(&match, (uint16_t) (next_random(random) % 2));
    }
    return make_rule(&match, (uint16_t) (next_random(random) % 4));
}

/* Credits the rule for 'flow' in the later table. */
static void credit_later(struct worker *worker, const struct flow *flow)
{
    struct tables *t = worker->bench->t;
    struct rule *rule = look_up_in(worker, LATER, tables_version(t), flow);
    if (rule) {
        worker->faults += rule->table_id != LATER || !minimatch_matches(&rule->match, flow);
        tables_credit(t, worker->id + 1, rule, 1, 100, 1);
        worker->packets++;
    }
}

static void credit_what_matches(struct worker *worker)
{
    struct flow flows[16];
    struct rule *rules[ARRAY_SIZE(flows)];
    for (unsigned i = 0; i < ARRAY_SIZE(flows); i++) {
        struct match match;
        match_init_any(&match);
        match_nw_src(&match, 0x0a000000 | (next_random(&worker->random) % VALUES), 32);
        match_tp_dst(&match, (uint16_t) (next_random(&worker->random) % 2));
        flows[i] = match.flow;
    }
    look_up(worker, flows, rules, ARRAY_SIZE(flows));
    for (unsigned i = 0; i < ARRAY_SIZE(flows); i++) {
        if (rules[i]) {
            worker->faults += !minimatch_matches(&rules[i]->match, &flows[i]);
            tables_credit(worker->bench->t, worker->id + 1, rules[i], 1, 100, 1);
            worker->packets++;
        }
        credit_later(worker, &flows[i]);
    }
}

/* Removes, replaces or inserts a rule; now and then all. */
static void change(struct bench *b, uint64_t *random)
{
    struct rule *rule = random_rule(random);
    struct match match;
    minimatch_expand(&rule->match, &match);
    uint8_t table_id = next_random(random) % 2 ? 0 : LATER;
    struct rule *old = tables_find(b->t, table_id, &match, rule->precedence);
    uint64_t what = next_random(random) % 500;
    if (what == 0) {
        tables_flush(b->t, table_id, 0);
        rule_destroy(rule);
    } else if (!old) {
        tables_insert(b->t, table_id, rule, 0);
    } else if (what % 2) {
        tables_replace(b->t, old, rule, what % 4 == 1, 0);
    } else {
        tables_remove(b->t, old);
        rule_destroy(rule);
    }
}

static void counters_are_exact_while_rules_and_indexes_come_and_go(void **state UNUSED)
{
    static struct bench b;
    uint64_t random = 9;
    bench_init(&b, credit_what_matches);
    start(&b);
    for (int i = 0; i < 40000; i++) {
        change(&b, &random);
        if (i % 3 == 0) {
            commit(&b);
        }
        if (i % 16 == 0) {
            let_work(&b, 1);
        }
    }
    stop(&b);
    tables_flush(b.t, 0, 0);
    tables_flush(b.t, LATER, 0);
    struct rule *last = numbered_rule(1, 0);
    tables_insert(b.t, 0, last, 0);
    commit(&b);
    while (!tables_is_settled(b.t)) {
        tables_run(b.t, 1000);
    }
    check_total(&b, last);
    assert_in_range(b.total.packets, 1000, UINT32_MAX);
    bench_uninit(&b);
}

/* Rules that look at more than others, while they come and go. */

/* The answer for one of two flows is never that of the other. */
static void see_what_matches(struct worker *worker)
{
    struct flow flows[8];
    struct rule *rules[ARRAY_SIZE(flows)];
    for (unsigned i = 0; i < ARRAY_SIZE(flows); i++) {
        struct match match;
        match_init_any(&match);
        match_tp_dst(&match, (uint16_t) (next_random(&worker->random) % 3));
        flows[i] = match.flow;
    }
    look_up(worker, flows, rules, ARRAY_SIZE(flows));
    for (unsigned i = 0; i < ARRAY_SIZE(flows); i++) {
        bool is_any = rules[i] && !rules[i]->cookie;
        worker->faults += !rules[i] || (!is_any && rules[i]->cookie != get_be16(&flows[i].tp_dst));
        worker->seen[is_any]++;
    }
}

static void what_rules_look_at_changes_and_no_flow_gets_the_answer_of_another(void **state UNUSED)
{
    static struct bench b;
    struct match match;
    bench_init(&b, see_what_matches);
    insert_any(&b, 0);
    commit(&b);
    start(&b);
    for (int round = 0; round < 2000; round++) {
        match_init_any(&match);
        match_tp_dst(&match, (uint16_t) (1 + round % 2));
        struct rule *rule = make_rule(&match, 2);
        rule->cookie = 1 + round % 2;
        assert_int_equal(tables_insert(b.t, 0, rule, b.now), 0);
        commit(&b);
        let_work(&b, round % 3);
        tables_remove(b.t, rule);
        commit(&b);
        let_work(&b, round % 2);
        commit(&b);
    }
    stop(&b);
    for (unsigned i = 0; i < WORKERS; i++) {
        assert_true(b.workers[i].seen[0] && b.workers[i].seen[1]);
    }
    bench_uninit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_rules_come_and_go_in_one_step),
        cmocka_unit_test(packets_begin_in_another_table_in_one_step),
        cmocka_unit_test(a_rule_is_replaced_without_a_gap_and_its_counters_stay_exact),
        cmocka_unit_test(what_rules_look_at_changes_and_no_flow_gets_the_answer_of_another),
        cmocka_unit_test(counters_are_exact_while_rules_and_indexes_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
