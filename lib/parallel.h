/* SPDX-License-Identifier: Apache-2.0 */
/* Many calls at a time, in threads that live no longer. */
#ifndef LIB_PARALLEL_H
#define LIB_PARALLEL_H

#include <stddef.h>

enum { PARALLEL_HELPERS = 32 /* Threads that help the calling one, at most. */ };

/* Calls 'each' with 'aux' and every number below 'n', in the calling thread and helpers, which get
 * no signals. Returns when all calls are over. Meant for what is mostly waiting. */
void parallel_for(size_t n, void (*each)(void *aux, size_t i), void *aux);

#endif
