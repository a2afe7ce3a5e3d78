/* SPDX-License-Identifier: Apache-2.0 */
/* Threads, and many calls at a time in threads that live no longer. */
#ifndef LIB_PARALLEL_H
#define LIB_PARALLEL_H

#include <pthread.h>
#include <stddef.h>

enum { PARALLEL_HELPERS = 32 /* Threads that help the calling one, at most. */ };

/* Starts a thread that gets no signals, whose main function is 'run' with 'arg'. '*thread' is the
 * caller's to join or to detach. Returns 0 or an errno. */
int parallel_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

/* Calls 'each' with 'aux' and every number below 'n', in the calling thread and helpers, which get
 * no signals. Returns when all calls are over. Meant for what is mostly waiting. */
void parallel_for(size_t n, void (*each)(void *aux, size_t i), void *aux);

#endif
