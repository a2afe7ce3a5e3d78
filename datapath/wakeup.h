/* SPDX-License-Identifier: Apache-2.0 */
/* Waking the control thread when it sleeps, without a lost wake-up or a needless system call. */
#ifndef DATAPATH_WAKEUP_H
#define DATAPATH_WAKEUP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/util.h"

/* One thread, the owner, sleeps on wakeup_fd(); others wake it.
 *
 * The owner goes to sleep in this order: wakeup_arm(), then looks once more whether there is
 * anything to do, then sleeps.  Others publish what there is to do, then call wakeup_wake(), which
 * makes a system call only if the owner is armed.
 *
 * A request is for things that are done when another thread has made a step (was quiescent): the
 * owner calls wakeup_request(), and every other thread wakes it once after its next step.  That
 * thread calls wakeup_pending() before the step and wakeup_answer() after it; before it sleeps,
 * wakeup_answer_last() behind the step.
 *
 * Threads: as said; create and destroy by the owner alone. */
struct wakeup {
    uint32_t armed CACHE_ALIGNED; /* 1: the owner sleeps or is about to. Atomic. */
    uint64_t requests CACHE_ALIGNED; /* Number of requests so far. Atomic. */
    int fd;                       /* Event descriptor; readable: wake up. */
};

/* Makes '*w' a wake-up that is not armed. Returns 0 or an errno. */
int wakeup_init(struct wakeup *w);
void wakeup_uninit(struct wakeup *w);

/* Owner. */

/* Descriptor that is readable from a wake-up on until wakeup_clear(). */
int wakeup_fd(const struct wakeup *w);

/* Takes notice of a wake-up; the owner is awake and not armed. */
void wakeup_clear(struct wakeup *w);

/* From now on wakeup_wake() makes the descriptor readable. What was published before a
 * wakeup_wake() that found it not armed is visible after this call. */
void wakeup_arm(struct wakeup *w);

/* Asks every other thread to wake the owner after its next step. */
void wakeup_request(struct wakeup *w);

/* Others. */

/* Wakes the owner if it is armed. The owner itself may call it too, for its next round. */
void wakeup_wake(struct wakeup *w);

/* Number of requests so far; to be read before the step that answers them. */
static inline uint64_t wakeup_pending(const struct wakeup *w)
{
    return __atomic_load_n(&w->requests, __ATOMIC_ACQUIRE);
}

/* After a step: answers the requests up to 'pending' if '*answered', the caller's own count of what
 * it has answered, is less. */
static inline void wakeup_answer(struct wakeup *w, uint64_t pending, uint64_t *answered)
{
    if (UNLIKELY(pending != *answered)) {
        *answered = pending;
        wakeup_wake(w);
    }
}

/* After the last step before a sleep: answers all requests. One that comes later finds the step
 * done. */
void wakeup_answer_last(struct wakeup *w, uint64_t *answered);

#endif
