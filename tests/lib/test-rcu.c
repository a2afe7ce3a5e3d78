/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/rcu: when tokens pass, in one thread; that nothing is freed too early, in many. */
#include "lib/rcu.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "lib/hash.h"
#include "tests/unit.h"

static void a_token_passes_at_once_while_all_readers_are_offline(void **state UNUSED)
{
    struct rcu *rcu = rcu_create(3);
    assert_true(rcu_is_offline(rcu, 0) && rcu_is_offline(rcu, 2));
    assert_true(rcu_passed(rcu, rcu_start(rcu)));
    rcu_destroy(rcu);
    rcu = rcu_create(0);
    assert_true(rcu_passed(rcu, rcu_start(rcu)));
    rcu_destroy(rcu);
    rcu_destroy(NULL);
}

static void a_token_waits_for_every_reader_that_is_online(void **state UNUSED)
{
    struct rcu *rcu = rcu_create(3);
    rcu_online(rcu, 0);
    rcu_online(rcu, 1);
    uint64_t token = rcu_start(rcu);
    assert_false(rcu_passed(rcu, token));
    rcu_quiescent(rcu, 0);
    assert_false(rcu_passed(rcu, token));
    rcu_offline(rcu, 1);
    assert_true(rcu_passed(rcu, token));
    rcu_destroy(rcu);
}

static void a_token_does_not_wait_for_who_came_online_after_it(void **state UNUSED)
{
    struct rcu *rcu = rcu_create(2);
    rcu_online(rcu, 0);
    uint64_t token = rcu_start(rcu);
    rcu_online(rcu, 1);
    assert_false(rcu_passed(rcu, token));
    rcu_quiescent(rcu, 0);
    assert_true(rcu_passed(rcu, token));
    rcu_destroy(rcu);
}

static void a_report_before_the_token_does_not_count(void **state UNUSED)
{
    struct rcu *rcu = rcu_create(1);
    rcu_online(rcu, 0);
    rcu_quiescent(rcu, 0);
    uint64_t first = rcu_start(rcu);
    rcu_quiescent(rcu, 0);
    uint64_t second = rcu_start(rcu);
    assert_true(second > first);
    assert_true(rcu_passed(rcu, first));
    assert_false(rcu_passed(rcu, second));
    rcu_quiescent(rcu, 0);
    assert_true(rcu_passed(rcu, second));
    assert_true(rcu_passed(rcu, first));
    rcu_destroy(rcu);
}

static void beats_count_every_sign_of_life(void **state UNUSED)
{
    struct rcu *rcu = rcu_create(1);
    assert_int_equal(rcu_beats(rcu, 0), 0);
    rcu_online(rcu, 0);
    assert_false(rcu_is_offline(rcu, 0));
    rcu_quiescent(rcu, 0);
    rcu_quiescent(rcu, 0);
    rcu_offline(rcu, 0);
    assert_int_equal(rcu_beats(rcu, 0), 4);
    rcu_destroy(rcu);
}

/* Calls made, as a string of digits. */
struct trace {
    struct rcu *rcu;
    unsigned digits;
};

static void add_1(void *trace_)
{
    struct trace *trace = trace_;
    trace->digits = trace->digits * 10 + 1;
}

static void add_2(void *trace_)
{
    struct trace *trace = trace_;
    trace->digits = trace->digits * 10 + 2;
}

static void add_3_and_defer_1(void *trace_)
{
    struct trace *trace = trace_;
    trace->digits = trace->digits * 10 + 3;
    rcu_defer(trace->rcu, add_1, trace);
}

static void calls_are_made_in_order_after_their_grace_period(void **state UNUSED)
{
    struct rcu *rcu = rcu_create(1);
    struct trace trace = {rcu, 0};
    assert_true(rcu_is_idle(rcu));
    rcu_online(rcu, 0);
    rcu_defer(rcu, add_1, &trace);
    rcu_defer(rcu, add_2, &trace);
    assert_false(rcu_is_idle(rcu));
    assert_int_equal(rcu_run(rcu), 0);
    rcu_defer(rcu, add_3_and_defer_1, &trace);
    rcu_quiescent(rcu, 0);
    assert_int_equal(rcu_run(rcu), 2);
    assert_int_equal(trace.digits, 12);
    assert_int_equal(rcu_run(rcu), 0);
    rcu_quiescent(rcu, 0);
    assert_int_equal(rcu_run(rcu), 1);
    assert_int_equal(trace.digits, 123);
    rcu_quiescent(rcu, 0);
    assert_int_equal(rcu_run(rcu), 1);
    assert_int_equal(trace.digits, 1231);
    assert_true(rcu_is_idle(rcu));
    rcu_offline(rcu, 0);
    rcu_destroy(rcu);
}

static void destroy_makes_the_calls_that_are_left(void **state UNUSED)
{
    struct rcu *rcu = rcu_create(1);
    struct trace trace = {rcu, 0};
    rcu_online(rcu, 0);
    rcu_defer(rcu, add_2, &trace);
    rcu_run(rcu);
    rcu_defer(rcu, add_3_and_defer_1, &trace);
    rcu_offline(rcu, 0);
    rcu_destroy(rcu);
    assert_int_equal(trace.digits, 231);
}

enum { READERS = 3, SWAPS = 3000, ALIVE = 0x600d };

/* What readers find through the shared pointer. */
struct thing {
    int state; /* ALIVE until it is freed; not atomic, on purpose. */
};

/* What the threads share. */
struct stress {
    struct rcu *rcu;
    struct thing *thing; /* Atomic; the writer replaces it. */
    bool is_over;        /* Atomic. */
    unsigned next_id;    /* Atomic; hands out the readers' numbers. */
    uint64_t bad;        /* Atomic; dead things that readers saw. */
};

static void *read_things(void *stress_)
{
    struct stress *stress = stress_;
    unsigned id = __atomic_fetch_add(&stress->next_id, 1, __ATOMIC_RELAXED);
    for (uint64_t i = 0; !RCU_READ(&stress->is_over); i++) {
        rcu_online(stress->rcu, id);
        for (uint64_t n = hash_u64(i, id) % 20; n; n--) {
            const struct thing *thing = RCU_GET(&stress->thing);
            if (thing->state != ALIVE) {
                __atomic_fetch_add(&stress->bad, 1, __ATOMIC_RELAXED);
            }
            rcu_quiescent(stress->rcu, id);
        }
        rcu_offline(stress->rcu, id);
    }
    return NULL;
}

static void kill_thing(void *thing_)
{
    struct thing *thing = thing_;
    thing->state = 0xdead;
    free(thing);
}

static struct thing *new_thing(void)
{
    struct thing *thing = xmalloc(sizeof *thing);
    thing->state = ALIVE;
    return thing;
}

/* The sanitizers are the judges here: the thread sanitizer of order, the other of early frees. */
static void readers_never_see_what_was_freed(void **state UNUSED)
{
    struct stress stress = {.rcu = rcu_create(READERS), .thing = new_thing()};
    pthread_t threads[READERS];
    for (unsigned i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_things, &stress), 0);
    }
    for (unsigned i = 0; i < SWAPS; i++) {
        struct thing *old = stress.thing;
        RCU_SET(&stress.thing, new_thing());
        rcu_defer(stress.rcu, kill_thing, old);
        rcu_run(stress.rcu);
        if (i % 64 == 0) {
            sched_yield();
        }
    }
    while (!rcu_is_idle(stress.rcu)) {
        rcu_run(stress.rcu);
        sched_yield();
    }
    RCU_WRITE(&stress.is_over, true);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(stress.bad, 0);
    free(stress.thing);
    rcu_destroy(stress.rcu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_passes_at_once_while_all_readers_are_offline),
        cmocka_unit_test(a_token_waits_for_every_reader_that_is_online),
        cmocka_unit_test(a_token_does_not_wait_for_who_came_online_after_it),
        cmocka_unit_test(a_report_before_the_token_does_not_count),
        cmocka_unit_test(beats_count_every_sign_of_life),
        cmocka_unit_test(calls_are_made_in_order_after_their_grace_period),
        cmocka_unit_test(destroy_makes_the_calls_that_are_left),
        cmocka_unit_test(readers_never_see_what_was_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
