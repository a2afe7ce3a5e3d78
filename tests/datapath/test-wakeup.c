/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of waking the control thread: only when it sleeps, and always then. */
#include "datapath/wakeup.h"

#include "tests/unit.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>

/* Whether 'w' wakes its owner within 'timeout' milliseconds. */
static bool is_awake(const struct wakeup *w, int timeout)
{
    struct pollfd pollfd = {.fd = wakeup_fd(w), .events = POLLIN};
    return poll(&pollfd, 1, timeout) == 1;
}

static void only_who_is_armed_is_woken_and_once(void **state UNUSED)
{
    struct wakeup w;
    assert_int_equal(wakeup_init(&w), 0);
    wakeup_wake(&w);
    assert_false(is_awake(&w, 0));
    wakeup_arm(&w);
    assert_false(is_awake(&w, 0));
    wakeup_wake(&w);
    assert_true(is_awake(&w, 0));
    wakeup_clear(&w);
    assert_false(is_awake(&w, 0));
    wakeup_wake(&w);
    assert_false(is_awake(&w, 0));
    wakeup_uninit(&w);
}

static void a_request_is_answered_once_after_a_step(void **state UNUSED)
{
    struct wakeup w;
    uint64_t answered = 0;
    assert_int_equal(wakeup_init(&w), 0);
    wakeup_arm(&w);
    wakeup_answer(&w, wakeup_pending(&w), &answered);
    assert_false(is_awake(&w, 0));
    uint64_t before = wakeup_pending(&w);
    wakeup_request(&w);
    /* A step that began before the request does not answer it. */
    wakeup_answer(&w, before, &answered);
    assert_false(is_awake(&w, 0));
    wakeup_answer(&w, wakeup_pending(&w), &answered);
    assert_true(is_awake(&w, 0));
    wakeup_clear(&w);
    wakeup_arm(&w);
    wakeup_answer_last(&w, &answered);
    assert_false(is_awake(&w, 0));
    wakeup_request(&w);
    wakeup_answer_last(&w, &answered);
    assert_true(is_awake(&w, 0));
    wakeup_uninit(&w);
}

enum { N_PIECES = 20000 };

/* Pieces of work that one thread publishes and the owner waits for. */
struct work {
    struct wakeup wakeup; /* Wakes the owner. */
    uint64_t published;   /* Pieces so far. Atomic. */
    uint64_t done;        /* Pieces that the owner has seen. Atomic. */
};

static void *publish(void *work_)
{
    struct work *work = work_;
    for (uint64_t i = 1; i <= N_PIECES; i++) {
        __atomic_store_n(&work->published, i, __ATOMIC_RELEASE);
        wakeup_wake(&work->wakeup);
        while (i % 3 && __atomic_load_n(&work->done, __ATOMIC_ACQUIRE) < i) {
            sched_yield();
        }
    }
    return NULL;
}

static void no_wakeup_is_lost(void **state UNUSED)
{
    struct work work = {.published = 0};
    pthread_t thread;
    assert_int_equal(wakeup_init(&work.wakeup), 0);
    assert_int_equal(pthread_create(&thread, NULL, publish, &work), 0);
    while (work.done < N_PIECES) {
        wakeup_arm(&work.wakeup);
        uint64_t published = __atomic_load_n(&work.published, __ATOMIC_ACQUIRE);
        if (published == work.done) {
            assert_true(is_awake(&work.wakeup, 60000));
        }
        wakeup_clear(&work.wakeup);
        published = __atomic_load_n(&work.published, __ATOMIC_ACQUIRE);
        __atomic_store_n(&work.done, published, __ATOMIC_RELEASE);
    }
    pthread_join(thread, NULL);
    wakeup_uninit(&work.wakeup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_who_is_armed_is_woken_and_once),
        cmocka_unit_test(a_request_is_answered_once_after_a_step),
        cmocka_unit_test(no_wakeup_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
