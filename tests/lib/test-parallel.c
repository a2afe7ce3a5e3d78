/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of calls many at a time. */
#include "lib/parallel.h"

#include <pthread.h>
#include <signal.h>

#include "lib/util.h"
#include "tests/unit.h"

enum { N_MAX = 1000 /* Calls at most. */ };

/* What the calls have done. */
struct counts {
    unsigned calls[N_MAX]; /* With each number. */
    bool had_signals;      /* A helper could have got SIGTERM. */
    pthread_t caller;      /* Who is no helper. */
};

static void count(void *counts_, size_t i)
{
    struct counts *counts = counts_;
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (!pthread_equal(pthread_self(), counts->caller) && !sigismember(&blocked, SIGTERM)) {
        __atomic_store_n(&counts->had_signals, true, __ATOMIC_RELAXED);
    }
    __atomic_fetch_add(&counts->calls[i], 1, __ATOMIC_RELAXED);
}

static void each_number_is_called_once_and_helpers_get_no_signals(void **state UNUSED)
{
    static const size_t sizes[] = {0, 1, 2, PARALLEL_HELPERS, PARALLEL_HELPERS + 2, N_MAX};
    for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
        struct counts counts = {.caller = pthread_self()};
        parallel_for(sizes[s], count, &counts);
        for (size_t i = 0; i < N_MAX; i++) {
            assert_int_equal(counts.calls[i], i < sizes[s]);
        }
        assert_false(counts.had_signals);
    }
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    assert_false(sigismember(&blocked, SIGTERM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_is_called_once_and_helpers_get_no_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
