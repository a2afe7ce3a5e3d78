/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/timer-wheel: compared with a naive twin, and each promise of the header. */
#include "lib/timer-wheel.h"

#include <stdlib.h>

#include "lib/hash.h"
#include "lib/util.h"
#include "tests/unit.h"

/* A timer that writes down that it fired. */
struct probe {
    struct timer timer;
    struct log *log;         /* Where it writes. */
    int64_t tick;            /* Twin: rounded deadline, ms; -1 not armed. */
    uint64_t order;          /* Twin: number of the setting. */
};

/* What fired, in order. */
struct log {
    const struct probe *fired[4096];
    unsigned n;
};

static void note(struct timer *timer, int64_t now UNUSED)
{
    struct probe *probe = CONTAINER_OF(timer, struct probe, timer);
    assert_true(probe->log->n < ARRAY_SIZE(probe->log->fired));
    probe->log->fired[probe->log->n++] = probe;
}

static struct timer_wheel *new_wheel(int64_t now)
{
    struct timer_wheel *w = xmalloc(sizeof *w);
    timer_wheel_init(w, now);
    return w;
}

static void free_wheel(struct timer_wheel *w)
{
    timer_wheel_uninit(w);
    free(w);
}

/* The naive twin's next timer up to 'tick': the armed one with the least tick, then order. */
static struct probe *twin_next(struct probe *probes, unsigned n, int64_t tick)
{
    struct probe *next = NULL;
    for (unsigned i = 0; i < n; i++) {
        struct probe *p = &probes[i];
        if (p->tick >= 0 && p->tick <= tick
            && (!next || p->tick < next->tick
                || (p->tick == next->tick && p->order < next->order))) {
            next = p;
        }
    }
    return next;
}

/* Advances wheel and twin to 'now' and compares what fires. */
static void advance_both(struct timer_wheel *w, struct probe *probes, unsigned n, struct log *log,
                         int64_t now)
{
    struct probe *expected;
    unsigned i = 0;
    expected = twin_next(probes, n, INT64_MAX - 1);
    assert_true(expected ? timer_wheel_next(w) <= MAX(expected->tick * MSEC, now)
                         : timer_wheel_next(w) == INT64_MAX);
    log->n = 0;
    size_t fired = timer_wheel_advance(w, now);
    while ((expected = twin_next(probes, n, now / MSEC)) != NULL) {
        assert_true(i < log->n);
        assert_ptr_equal(log->fired[i], expected);
        assert_false(timer_is_armed(&expected->timer));
        expected->tick = -1;
        i++;
    }
    assert_int_equal(i, log->n);
    assert_int_equal(i, fired);
}

/* Sets a probe in wheel and twin. */
static void set_both(struct timer_wheel *w, struct probe *p, int64_t deadline, int64_t now,
                     uint64_t order)
{
    timer_set(w, &p->timer, deadline);
    p->tick = MAX(DIV_ROUND_UP(deadline, MSEC), now / MSEC);
    p->order = order;
}

/* One run of random settings, cancellations and steps of about 'scale' ms. */
static void compare_with_twin(uint64_t seed, uint64_t scale)
{
    enum { N = 60 };
    static struct log log;
    struct probe probes[N];
    int64_t now = (int64_t) (hash_u64(seed, 9) % (1000 * SEC));
    struct timer_wheel *w = new_wheel(now);
    for (unsigned i = 0; i < N; i++) {
        probes[i] = (struct probe){.log = &log, .tick = -1};
        timer_init(&probes[i].timer, note);
    }
    for (uint64_t step = 0; step < 1500; step++) {
        uint64_t random = hash_u64(step, seed);
        struct probe *p = &probes[random % N];
        uint64_t span = hash_u64(step, seed + 1) % (scale * (uint64_t) MSEC);
        if (random >> 32 & 4) {
            set_both(w, p, now + (int64_t) (span >> (random >> 40) % 20), now, step);
        } else if (random >> 32 & 2) {
            timer_cancel(w, &p->timer);
            p->tick = -1;
        } else {
            now += (int64_t) (span / 16);
            if (random >> 32 & 8) {
                timer_wheel_tell(w, now + (int64_t) span);
            }
            advance_both(w, probes, N, &log, now);
        }
    }
    free_wheel(w);
}

static void random_runs_agree_with_a_naive_twin(void **state UNUSED)
{
    static const uint64_t scales[] = {3, 300, 3000, 100000, 20000000, 3000000000};
    for (unsigned i = 0; i < ARRAY_SIZE(scales); i++) {
        for (uint64_t seed = 1; seed <= 5; seed++) {
            compare_with_twin(seed, scales[i]);
        }
    }
}

static void it_never_fires_early_and_less_than_a_millisecond_late(void **state UNUSED)
{
    static struct log log;
    struct probe p = {.log = &log};
    struct timer_wheel *w = new_wheel(0);
    timer_init(&p.timer, note);
    timer_set(w, &p.timer, 5 * MSEC + 1);
    assert_true(timer_wheel_next(w) == 6 * MSEC);
    assert_int_equal(timer_wheel_advance(w, 6 * MSEC - 1), 0);
    assert_true(timer_is_armed(&p.timer));
    assert_int_equal(timer_wheel_advance(w, 6 * MSEC), 1);
    assert_false(timer_is_armed(&p.timer));
    free_wheel(w);
}

static void a_past_deadline_fires_at_the_next_advance(void **state UNUSED)
{
    static struct log log;
    struct probe p = {.log = &log};
    struct timer_wheel *w = new_wheel(10 * SEC);
    timer_init(&p.timer, note);
    timer_set(w, &p.timer, 3 * SEC);
    assert_true(timer_wheel_next(w) <= 10 * SEC);
    assert_int_equal(timer_wheel_advance(w, 10 * SEC), 1);
    timer_set(w, &p.timer, 0);
    timer_cancel(w, &p.timer);
    assert_true(timer_wheel_next(w) == INT64_MAX);
    assert_int_equal(timer_wheel_advance(w, 10 * SEC), 0);
    free_wheel(w);
}

static void told_the_time_it_fires_nothing_that_was_not_asked_for(void **state UNUSED)
{
    static struct log log;
    struct probe early = {.log = &log}, late = {.log = &log};
    struct timer_wheel *w = new_wheel(10 * SEC);
    timer_init(&early.timer, note);
    timer_init(&late.timer, note);
    timer_set(w, &early.timer, 11 * SEC);
    timer_wheel_tell(w, 20 * SEC);
    assert_true(timer_wheel_now(w) == 20 * SEC);
    timer_wheel_tell(w, 15 * SEC);
    assert_true(timer_wheel_now(w) == 20 * SEC);
    timer_set(w, &late.timer, 12 * SEC);
    assert_int_equal(log.n, 0);
    assert_true(timer_wheel_next(w) <= 11 * SEC);
    assert_int_equal(timer_wheel_advance(w, 11 * SEC), 1);
    assert_ptr_equal(log.fired[0], &early);
    assert_true(timer_is_armed(&late.timer));
    assert_true(timer_wheel_now(w) == 20 * SEC);
    assert_int_equal(timer_wheel_advance(w, 12 * SEC), 1);
    assert_ptr_equal(log.fired[1], &late);
    free_wheel(w);
}

static void a_deadline_of_never_does_not_fire(void **state UNUSED)
{
    static struct log log;
    struct probe p = {.log = &log};
    struct timer_wheel *w = new_wheel(0);
    timer_init(&p.timer, note);
    timer_set(w, &p.timer, INT64_MAX);
    for (int64_t now = 1; now < INT64_MAX / 2; now *= 2) {
        assert_int_equal(timer_wheel_advance(w, now), 0);
    }
    assert_int_equal(timer_wheel_advance(w, INT64_MAX), 0);
    assert_true(timer_wheel_next(w) == INT64_MAX);
    assert_true(timer_is_armed(&p.timer));
    free_wheel(w);
}

/* A timer that does something to others when it fires. */
struct actor {
    struct timer timer;
    struct timer_wheel *wheel;
    struct timer *victim; /* Cancelled, if not NULL. */
    int64_t again;        /* Armed again so much after 'now', if not negative. */
    unsigned fired;       /* Times that it fired. */
};

static void act(struct timer *timer, int64_t now)
{
    struct actor *actor = CONTAINER_OF(timer, struct actor, timer);
    actor->fired++;
    if (actor->victim) {
        timer_cancel(actor->wheel, actor->victim);
    }
    if (actor->again >= 0) {
        timer_set(actor->wheel, timer, now + actor->again);
    }
}

static void a_callback_may_cancel_one_that_is_about_to_fire(void **state UNUSED)
{
    struct timer_wheel *w = new_wheel(0);
    struct actor same = {.again = -1}, later = {.again = -1};
    struct actor first = {.wheel = w, .victim = &same.timer, .again = -1};
    struct actor second = {.wheel = w, .victim = &later.timer, .again = -1};
    struct actor *all[] = {&first, &second, &same, &later};
    for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
        timer_init(&all[i]->timer, act);
        timer_set(w, &all[i]->timer, all[i] == &later ? 9 * SEC : SEC);
    }
    assert_int_equal(timer_wheel_advance(w, 10 * SEC), 2);
    assert_int_equal(same.fired + later.fired, 0);
    assert_true(timer_wheel_next(w) == INT64_MAX);
    free_wheel(w);
}

static void a_callback_that_arms_itself_fires_once_an_advance(void **state UNUSED)
{
    struct timer_wheel *w = new_wheel(0);
    struct actor at_once = {.wheel = w, .again = 0};
    struct actor periodic = {.wheel = w, .again = 10 * MSEC};
    timer_init(&at_once.timer, act);
    timer_init(&periodic.timer, act);
    timer_set(w, &at_once.timer, MSEC);
    timer_set(w, &periodic.timer, MSEC);
    assert_int_equal(timer_wheel_advance(w, SEC), 2);
    assert_true(timer_wheel_next(w) <= SEC);
    assert_int_equal(timer_wheel_advance(w, SEC), 1);
    timer_cancel(w, &at_once.timer);
    for (unsigned i = 1; i <= 100; i++) {
        int64_t next = timer_wheel_next(w);
        timer_wheel_advance(w, next);
    }
    assert_in_range(periodic.fired, 95, 101);
    free_wheel(w);
}

static void free_self(struct timer *timer, int64_t now UNUSED)
{
    free(timer);
}

static void a_callback_may_free_its_timer(void **state UNUSED)
{
    struct timer_wheel *w = new_wheel(0);
    for (int i = 0; i < 10; i++) {
        struct timer *t = xmalloc(sizeof *t);
        timer_init(t, free_self);
        timer_set(w, t, i * 100 * MSEC);
    }
    assert_int_equal(timer_wheel_advance(w, SEC), 10);
    free_wheel(w);
}

static void uninit_disarms_all(void **state UNUSED)
{
    struct timer_wheel *w = new_wheel(0);
    struct timer timers[3];
    for (int i = 0; i < 3; i++) {
        timer_init(&timers[i], free_self);
        timer_set(w, &timers[i], i * SEC);
    }
    timer_wheel_uninit(w);
    for (int i = 0; i < 3; i++) {
        assert_false(timer_is_armed(&timers[i]));
    }
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_runs_agree_with_a_naive_twin),
        cmocka_unit_test(it_never_fires_early_and_less_than_a_millisecond_late),
        cmocka_unit_test(a_past_deadline_fires_at_the_next_advance),
        cmocka_unit_test(told_the_time_it_fires_nothing_that_was_not_asked_for),
        cmocka_unit_test(a_deadline_of_never_does_not_fire),
        cmocka_unit_test(a_callback_may_cancel_one_that_is_about_to_fire),
        cmocka_unit_test(a_callback_that_arms_itself_fires_once_an_advance),
        cmocka_unit_test(a_callback_may_free_its_timer),
        cmocka_unit_test(uninit_disarms_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
