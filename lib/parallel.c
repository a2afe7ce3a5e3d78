/* SPDX-License-Identifier: Apache-2.0 */
/* Threads, and many calls at a time in threads that live no longer. */
#include "lib/parallel.h"

#include <signal.h>

#include "lib/util.h"

int parallel_start(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* What is left to do, for all threads that work on it. */
struct work {
    void (*each)(void *aux, size_t i); /* The call. */
    void *aux;                         /* For it. */
    size_t n;                          /* How many. */
    size_t next;                       /* The first that nobody has taken yet. Atomic. */
};

/* Makes calls until none is left. Main function of a helper. */
static void *do_some(void *work_)
{
    struct work *work = work_;
    size_t i;
    while ((i = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED)) < work->n) {
        work->each(work->aux, i);
    }
    return NULL;
}

/* Starts up to 'n' helpers. Returns how many there are. */
static size_t start_helpers(struct work *work, pthread_t threads[], size_t n)
{
    size_t i = 0;
    while (i < n && !parallel_start(&threads[i], do_some, work)) {
        i++;
    }
    return i;
}

void parallel_for(size_t n, void (*each)(void *aux, size_t i), void *aux)
{
    struct work work = {.each = each, .aux = aux, .n = n};
    pthread_t threads[PARALLEL_HELPERS];
    size_t n_helpers = n > 1 ? MIN(n - 1, (size_t) PARALLEL_HELPERS) : 0;
    n_helpers = start_helpers(&work, threads, n_helpers);
    do_some(&work);
    while (n_helpers) {
        pthread_join(threads[--n_helpers], NULL);
    }
}
