/* SPDX-License-Identifier: Apache-2.0 */
/* Timers in great number, driven by the time they are told. */
#ifndef LIB_TIMER_WHEEL_H
#define LIB_TIMER_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/list.h"

/* A wheel holds timers and fires them when timer_wheel_advance() brings it to their deadlines.  It
 * reads no clock: a program that arms one real timer for timer_wheel_next() and a simulation that
 * jumps from one event to the next use it alike.
 *
 * A timer stands in the struct whose work it does (CONTAINER_OF finds it back).  It is initialised
 * with timer_init() once, armed with timer_set(), and is no longer armed when it fires or after
 * timer_cancel().  It must not be armed when its memory goes away.
 *
 * Times are not negative.  Deadlines are rounded up to whole milliseconds: a timer never fires
 * early, and less than 1 ms late by the wheel's doing.  Setting and cancelling take constant time
 * whatever the number of timers.  Timers fire in the order of their rounded deadlines, equal ones
 * in the order in which they were set.
 *
 * Threads: the owner's only. */

enum {
    TIMER_WHEEL_BITS = 8,                      /* Bits of time that one level resolves. */
    TIMER_WHEEL_SLOTS = 1 << TIMER_WHEEL_BITS, /* Slots of a level. */
    TIMER_WHEEL_LEVELS = 6,                    /* Together 2^48 ms, more than an int64_t of ns. */
    TIMER_WHEEL_DUE = TIMER_WHEEL_LEVELS * TIMER_WHEEL_SLOTS, /* The slot after all levels. */
};

/* A timer. */
struct timer {
    struct list in_slot; /* In the list of its slot; empty if not armed. */
    int64_t tick;        /* Rounded deadline, ms; of no meaning if not armed. */
    uint16_t slot;       /* Index of the slot that it stands in; of no meaning if not armed. */
    void (*fire)(struct timer *timer, int64_t now); /* What to do; may free 'timer'. */
};

/* A wheel. */
struct timer_wheel {
    struct list slots[TIMER_WHEEL_DUE + 1];  /* Timers: level by level, then those due at once. */
    uint64_t used[TIMER_WHEEL_DUE / 64 + 1]; /* A bit for each slot that is not empty. */
    int64_t tick;                            /* Time that the wheel has come to, ms. */
    int64_t target;                          /* Time that it is advancing to, ms. */
    int64_t told;                            /* Latest time that it was told, ms. */
};

/* Makes 'w' an empty wheel that stands at the time 'now'.  It can't be moved in memory. */
void timer_wheel_init(struct timer_wheel *w, int64_t now);

/* Cancels all timers that are armed. */
void timer_wheel_uninit(struct timer_wheel *w);

/* Makes 't' a timer that is not armed and will call 'fire' with the wheel's time. */
void timer_init(struct timer *t, void (*fire)(struct timer *timer, int64_t now));

/* Arms 't' to fire at 'deadline'; if it is armed, it is cancelled first.  A deadline that is past
 * counts as the wheel's own time, and one of INT64_MAX as never. */
void timer_set(struct timer_wheel *w, struct timer *t, int64_t deadline);

/* Disarms 't', if it is armed.  It does not fire any more. */
void timer_cancel(struct timer_wheel *w, struct timer *t);

/* Is 't' armed? */
bool timer_is_armed(const struct timer *t);

/* Lets timer_wheel_now() be 'now', unless it is later already, and fires nothing: for who has to
 * look elsewhere first, where there may be reasons to cancel what is due.  timer_wheel_advance()
 * may then be given any time up to 'now', and fires what was due by that time. */
void timer_wheel_tell(struct timer_wheel *w, int64_t now);

/* Brings the wheel to 'now' and fires what is due.  A time before the wheel's changes nothing.  A
 * callback may set and cancel any timer, its own and those about to fire; what it sets for 'now' or
 * earlier fires at the next advance, so no callback can keep the wheel from returning.  A callback
 * must not advance the wheel.  Returns the number of timers that fired. */
size_t timer_wheel_advance(struct timer_wheel *w, int64_t now);

/* Returns the earliest time when timer_wheel_advance() has anything to do: never later than the
 * next deadline, rounded, but perhaps earlier; INT64_MAX if nothing is armed. */
int64_t timer_wheel_next(const struct timer_wheel *w);

/* Returns the latest time that the wheel was told, in whole milliseconds, rounded down.  Inside a
 * callback that is, without timer_wheel_tell(), the time it is being advanced to. */
static inline int64_t timer_wheel_now(const struct timer_wheel *w)
{
    return w->told * MSEC;
}

#endif
