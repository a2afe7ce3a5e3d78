/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/channel/rconn-fsm: backoff, probes and drops as tables of times (A1.10, T13). */
#include "lib/channel/rconn-fsm.h"

#include "lib/util.h"
#include "tests/unit.h"

#define START (1000 * SEC)


/* Asserts that the next dial comes between 'least' and 'most' after 'now', and dials. */
static int64_t assert_dials(struct rconn_fsm *f, int64_t now, int64_t least, int64_t most)
{
    int64_t wake = rconn_fsm_wake(f);
    assert_int_equal(f->state, RCONN_BACKOFF);
    assert_true(wake >= now + least && wake <= now + most);
    if (wake > now) {
        assert_int_equal(rconn_fsm_run(f, wake - 1), RCONN_WAIT);
    }
    assert_int_equal(rconn_fsm_run(f, wake), RCONN_DIAL);
    assert_int_equal(f->state, RCONN_CONNECTING);
    assert_int_equal(rconn_fsm_wake(f), INT64_MAX);
    return wake;
}

static void the_first_dial_is_at_once(void **state UNUSED)
{
    struct rconn_fsm f;
    rconn_fsm_init(&f, 0, 0, 1, START);
    assert_int_equal(rconn_fsm_wake(&f), START);
    assert_int_equal(rconn_fsm_run(&f, START), RCONN_DIAL);
    assert_int_equal(rconn_fsm_run(&f, START), RCONN_WAIT);
}

static void backoff_doubles_from_1_s_to_the_ceiling_less_a_quarter_of_jitter(void **state UNUSED)
{
    static const struct {
        int64_t ceiling;
        int64_t backoffs[6]; /* Without jitter, s/10. */
    } cases[] = {
        {0, {10, 20, 40, 80, 80, 80}},
        {8 * SEC, {10, 20, 40, 80, 80, 80}},
        {15 * SEC, {10, 20, 40, 80, 150, 150}},
        {1 * SEC, {10, 10, 10, 10, 10, 10}},
        {SEC / 2, {5, 5, 5, 5, 5, 5}},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        for (uint64_t seed = 0; seed < 100; seed++) {
            struct rconn_fsm f;
            rconn_fsm_init(&f, 0, cases[i].ceiling, seed, START);
            int64_t now = assert_dials(&f, START, 0, 0);
            for (size_t j = 0; j < ARRAY_SIZE(cases[i].backoffs); j++) {
                int64_t backoff = cases[i].backoffs[j] * SEC / 10;
                now += 50 * MSEC;
                rconn_fsm_lost(&f, false, now);
                now = assert_dials(&f, now, backoff * 3 / 4, backoff);
            }
        }
    }
}

static void jitter_spreads_the_seeds_and_repeats_with_each(void **state UNUSED)
{
    int64_t least = INT64_MAX, most = 0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct rconn_fsm f, g;
        rconn_fsm_init(&f, 0, 0, seed, START);
        rconn_fsm_init(&g, 0, 0, seed, START);
        rconn_fsm_lost(&f, false, START);
        rconn_fsm_lost(&g, false, START);
        assert_int_equal(rconn_fsm_wake(&f), rconn_fsm_wake(&g));
        least = MIN(least, rconn_fsm_wake(&f) - START);
        most = MAX(most, rconn_fsm_wake(&f) - START);
    }
    assert_in_range(least, 750 * MSEC, 760 * MSEC);
    assert_in_range(most, 990 * MSEC, 1000 * MSEC);
}

/* rows: T13 A1.10. Stories of losses; each attempt connects (or not), lives, is lost, and is
 * dialled. */
static void after_an_orderly_close_dialling_is_immediate_but_never_a_storm(void **state UNUSED)
{
    static const struct {
        bool connects;     /* Does the attempt succeed? */
        int64_t lives;     /* How long, ns. */
        bool orderly;      /* How it ends. */
        int64_t backoff;   /* Until the next dial, without jitter, ns. */
    } story[] = {
        {true, 60 * SEC, true, 0},         /* The controller restarts. */
        {false, 0, false, 1 * SEC},        /* It is not up yet. */
        {false, 0, false, 2 * SEC},        /* Nor now. */
        {true, 60 * SEC, true, 0},         /* A good life forgives the failures. */
        {true, 10 * MSEC, true, 1 * SEC},  /* Closed in order, but at once again. */
        {true, 10 * MSEC, true, 2 * SEC},  /* Still. */
        {true, 1 * SEC, true, 0},          /* Lived for a second. */
        {true, 60 * SEC, false, 1 * SEC},  /* Reset or silent. */
        {true, 10 * MSEC, true, 2 * SEC},  /* A short life forgives nothing. */
        {false, 0, true, 4 * SEC},         /* Closed in order before HELLO: no connection. */
    };
    struct rconn_fsm f;
    rconn_fsm_init(&f, 0, 8 * SEC, 3, START);
    int64_t now = assert_dials(&f, START, 0, 0);
    for (size_t i = 0; i < ARRAY_SIZE(story); i++) {
        if (story[i].connects) {
            rconn_fsm_connected(&f, now);
            assert_int_equal(f.state, RCONN_ACTIVE);
        }
        now += story[i].lives;
        rconn_fsm_lost(&f, story[i].orderly, now);
        now = assert_dials(&f, now, story[i].backoff * 3 / 4, story[i].backoff);
    }
}

static void silence_is_probed_once_and_then_dropped(void **state UNUSED)
{
    struct rconn_fsm f;
    rconn_fsm_init(&f, 5 * SEC, 0, 1, START);
    rconn_fsm_run(&f, START);
    rconn_fsm_connected(&f, START);
    assert_int_equal(rconn_fsm_wake(&f), START + 5 * SEC);
    assert_int_equal(rconn_fsm_run(&f, START + 5 * SEC - 1), RCONN_WAIT);
    assert_int_equal(rconn_fsm_run(&f, START + 5 * SEC), RCONN_PROBE);
    assert_int_equal(f.state, RCONN_IDLE);
    assert_int_equal(rconn_fsm_run(&f, START + 10 * SEC - 1), RCONN_WAIT);
    assert_int_equal(rconn_fsm_wake(&f), START + 10 * SEC);
    assert_int_equal(rconn_fsm_run(&f, START + 10 * SEC), RCONN_DROP);
}

static void any_byte_puts_the_probe_off(void **state UNUSED)
{
    struct rconn_fsm f;
    rconn_fsm_init(&f, 5 * SEC, 0, 1, START);
    rconn_fsm_run(&f, START);
    rconn_fsm_connected(&f, START);
    rconn_fsm_heard(&f, START + 4 * SEC);
    assert_int_equal(rconn_fsm_run(&f, START + 5 * SEC), RCONN_WAIT);
    assert_int_equal(rconn_fsm_run(&f, START + 9 * SEC), RCONN_PROBE);
    rconn_fsm_heard(&f, START + 12 * SEC);
    assert_int_equal(f.state, RCONN_ACTIVE);
    assert_int_equal(rconn_fsm_run(&f, START + 14 * SEC), RCONN_WAIT);
    assert_int_equal(rconn_fsm_wake(&f), START + 17 * SEC);
}

static void bytes_from_before_the_probe_do_not_answer_it(void **state UNUSED)
{
    struct rconn_fsm f;
    rconn_fsm_init(&f, 5 * SEC, 0, 1, START);
    rconn_fsm_run(&f, START);
    rconn_fsm_connected(&f, START);
    assert_int_equal(rconn_fsm_run(&f, START + 6 * SEC), RCONN_PROBE);
    rconn_fsm_heard(&f, START + 1 * SEC);
    assert_int_equal(f.state, RCONN_IDLE);
    assert_int_equal(rconn_fsm_run(&f, START + 11 * SEC), RCONN_DROP);
}

static void without_a_period_nothing_is_probed(void **state UNUSED)
{
    struct rconn_fsm f;
    rconn_fsm_init(&f, 0, 0, 1, START);
    rconn_fsm_run(&f, START);
    rconn_fsm_connected(&f, START);
    assert_int_equal(rconn_fsm_wake(&f), INT64_MAX);
    assert_int_equal(rconn_fsm_run(&f, START + 3600 * SEC), RCONN_WAIT);
}

static void after_a_restart_it_dials_at_once_and_failures_are_forgotten(void **state UNUSED)
{
    struct rconn_fsm f;
    rconn_fsm_init(&f, 5 * SEC, 8 * SEC, 1, START);
    for (int i = 0; i < 5; i++) {
        rconn_fsm_run(&f, rconn_fsm_wake(&f));
        rconn_fsm_lost(&f, false, START);
    }
    rconn_fsm_restart(&f, START);
    assert_dials(&f, START, 0, 0);
    rconn_fsm_lost(&f, false, START);
    assert_dials(&f, START, SEC * 3 / 4, SEC);
    assert_int_equal(f.inactivity_probe, 5 * SEC);
    assert_int_equal(f.max_backoff, 8 * SEC);
}

static void new_times_hold_at_once_even_behind_a_probe(void **state UNUSED)
{
    struct rconn_fsm f;
    rconn_fsm_init(&f, 0, 8 * SEC, 1, START);
    rconn_fsm_connected(&f, START);
    assert_int_equal(rconn_fsm_wake(&f), INT64_MAX);
    rconn_fsm_set_times(&f, 5 * SEC, 0);
    assert_int_equal(f.max_backoff, 8 * SEC);
    assert_int_equal(rconn_fsm_wake(&f), START + 5 * SEC);
    assert_int_equal(rconn_fsm_run(&f, START + 5 * SEC), RCONN_PROBE);
    rconn_fsm_set_times(&f, 2 * SEC, SEC);
    assert_int_equal(rconn_fsm_wake(&f), START + 7 * SEC);
    rconn_fsm_set_times(&f, 0, SEC);
    assert_int_equal(rconn_fsm_run(&f, START + 100 * SEC), RCONN_WAIT);
    rconn_fsm_lost(&f, false, START);
    rconn_fsm_lost(&f, false, START);
    assert_dials(&f, START, SEC * 3 / 4, SEC);
}

static void each_state_has_its_word(void **state UNUSED)
{
    assert_string_equal(rconn_fsm_state_name(RCONN_BACKOFF), "BACKOFF");
    assert_string_equal(rconn_fsm_state_name(RCONN_CONNECTING), "CONNECTING");
    assert_string_equal(rconn_fsm_state_name(RCONN_ACTIVE), "ACTIVE");
    assert_string_equal(rconn_fsm_state_name(RCONN_IDLE), "IDLE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_dial_is_at_once),
        cmocka_unit_test(backoff_doubles_from_1_s_to_the_ceiling_less_a_quarter_of_jitter),
        cmocka_unit_test(jitter_spreads_the_seeds_and_repeats_with_each),
        cmocka_unit_test(after_an_orderly_close_dialling_is_immediate_but_never_a_storm),
        cmocka_unit_test(silence_is_probed_once_and_then_dropped),
        cmocka_unit_test(any_byte_puts_the_probe_off),
        cmocka_unit_test(bytes_from_before_the_probe_do_not_answer_it),
        cmocka_unit_test(without_a_period_nothing_is_probed),
        cmocka_unit_test(after_a_restart_it_dials_at_once_and_failures_are_forgotten),
        cmocka_unit_test(new_times_hold_at_once_even_behind_a_probe),
        cmocka_unit_test(each_state_has_its_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
