/* SPDX-License-Identifier: Apache-2.0 */
/* Waking the control thread when it sleeps, without a lost wake-up or a needless system call. */
#include "datapath/wakeup.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Why no wake-up is lost
 * ----------------------
 *
 * Wake-ups.  The owner: O1 exchange armed = 1, O2 look for work.  Another thread: P1 publish work,
 * P2 exchange armed = 0.  Both exchanges are acquire and release on one word, which has one order
 * of changes. If P2 comes after O1 it finds 1 (or another thread did since O1, and that one writes
 * the descriptor) and writes the descriptor.  If P2 comes before O1, then O1 reads from P2's
 * release sequence, P1 happens before O2, and O2 finds the work.
 *
 * Requests.  The owner: O1 start a grace period, O2 add 1 to requests, O3 arm, O4 look whether the
 * grace period has passed.  A running thread: P1 load requests, P2 step (be quiescent), P3 wake if
 * P1 found something new.  If P1 finds O2's value, then O1 happens before P2, so P2 counts for the
 * grace period and P3 comes after it.  If not, the next P1 of the same thread will: it runs on.
 * Unless it sleeps: P2 last step (go offline), P3 add 0 to requests (a change too, so that it has
 * its place in the order).  If P3 comes after O2 it finds the request and wakes.  If before, O2
 * reads from it, P2 happens before O4 and O4 finds it offline. */

int wakeup_init(struct wakeup *w)
{
    w->armed = 0;
    w->requests = 0;
    w->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return w->fd < 0 ? errno : 0;
}

void wakeup_uninit(struct wakeup *w)
{
    if (w->fd >= 0) {
        close(w->fd);
        w->fd = -1;
    }
}

int wakeup_fd(const struct wakeup *w)
{
    return w->fd;
}

void wakeup_clear(struct wakeup *w)
{
    uint64_t count;
    if (__atomic_exchange_n(&w->armed, 0, __ATOMIC_ACQ_REL)) {
        return;
    }
    /* Somebody disarmed it and has written, or will: then the next sleep ends at once. */
    if (read(w->fd, &count, sizeof count) < 0) {
        return;
    }
}

void wakeup_arm(struct wakeup *w)
{
    __atomic_exchange_n(&w->armed, 1, __ATOMIC_ACQ_REL);
}

void wakeup_request(struct wakeup *w)
{
    __atomic_fetch_add(&w->requests, 1, __ATOMIC_ACQ_REL);
}

void wakeup_wake(struct wakeup *w)
{
    const uint64_t one = 1;
    if (__atomic_exchange_n(&w->armed, 0, __ATOMIC_ACQ_REL)
        && write(w->fd, &one, sizeof one) < 0) {
        /* The counter is full, so the descriptor is readable already. */
        return;
    }
}

void wakeup_answer_last(struct wakeup *w, uint64_t *answered)
{
    uint64_t pending = __atomic_fetch_add(&w->requests, 0, __ATOMIC_ACQ_REL);
    wakeup_answer(w, pending, answered);
}
