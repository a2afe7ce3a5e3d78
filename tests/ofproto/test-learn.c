/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of rules that are learnt while a flow_mod is under way: they wait, too many are counted. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/nx-learn.h"
#include "lib/openflow/openflow-1.0.h"
#include "ofproto/learn.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/scenario-world.h"
#include "tests/unit.h"

enum {
    WAITING = 256, /* Rules that may wait. */
    MORE = 44,     /* And so many more come. */
};

/* Teaches 'p' a rule of its own with the priority 'i'. */
static void learn(struct ofproto *p, uint16_t i)
{
    struct learnt_rule rule = {.priority = i};
    match_init_any(&rule.match);
    learn_handle(p, &rule);
}

/* What 'p' has counted as not learnt for want of room. */
static uint64_t count_unlearnt(const struct ofproto *p)
{
    struct drop_counter drops[N_DROP_REASONS];
    size_t n = datapath_get_drops(p->dp, drops, N_DROP_REASONS);
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(drops[i].reason, drop_reason_names[DROP_LEARN_WAITING])) {
            return drops[i].n;
        }
    }
    fail_msg("no such counter");
    return 0;
}

static size_t count_rules(const struct ofproto *p)
{
    struct table_summary summary;
    tables_get_summary(p->tables, 0, &summary);
    return summary.n_rules;
}

/* rows: B17. */
static void too_many_rules_that_wait_are_counted(void **state UNUSED)
{
    struct world w;
    struct bridge_config config;
    struct ofconn busy;
    char *error = NULL;
    world_init(&w);
    bridge_config_init(&config, "br0");
    config.has_datapath_id = true;
    config.fail_mode = FAIL_SECURE;
    assert_int_equal(world_add_bridge(&w, &config, false, 0, SEC, &error), 0);
    bridge_config_uninit(&config);
    struct ofproto *p = bridge_ofproto(world_find_bridge(&w, "br0")->bridge);

    learn(p, 1000);
    assert_int_equal(count_rules(p), 1);
    p->writer = &busy;
    for (uint16_t i = 0; i < WAITING + MORE; i++) {
        learn(p, i);
    }
    assert_int_equal(count_rules(p), 1);
    assert_int_equal(count_unlearnt(p), MORE);
    p->writer = NULL;
    learn_run(p);
    assert_int_equal(count_rules(p), 1 + WAITING);
    assert_int_equal(count_unlearnt(p), MORE);
    world_uninit(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_many_rules_that_wait_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
