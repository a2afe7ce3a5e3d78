/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop of a program and its real clock: the loop advances the timer wheel. */
#ifndef LIB_CHANNEL_LOOP_CLOCK_H
#define LIB_CHANNEL_LOOP_CLOCK_H

#include <stdint.h>

struct timer_wheel;
struct uv_loop_s;

/* One timer of the loop, armed for the wheel's next deadline before each wait.  It does not keep
 * the loop alive by itself; a timer on the wheel that is armed does.
 *
 * A timer on the wheel fires after the loop has looked for I/O once more, after its deadline, and
 * all that it found was handled.  So whatever the process was kept from doing in time (it was
 * stopped, its machine paused, there was no processor for it), what came in time is heard in time.
 *
 * Threads: the loop's only. */
struct loop_clock;

/* Makes 'loop' ready, which uv_loop_close() undoes.  From now on libuv allocates by lib/util: when
 * memory is exhausted the process ends as there, instead of an error that nobody expects.  Returns
 * 0, or an errno with '*error'. */
int loop_open(struct uv_loop_s *loop, char **error);

/* The time of CLOCK_MONOTONIC, in nanoseconds: what to begin timer_wheel_init() with. */
int64_t loop_clock_now(void);

/* Makes 'loop' advance 'wheel'.  Both outlive the clock. */
struct loop_clock *loop_clock_create(struct uv_loop_s *loop, struct timer_wheel *wheel);

/* Stops it; the memory goes when the loop has run once more.  Accepts NULL. */
void loop_clock_destroy(struct loop_clock *c);

/* Tells the wheel the time, and fires nothing.  An I/O callback calls it before anything else,
 * because between the end of a wait and the first I/O callback the loop gives nobody else a chance:
 * without it, a deadline is reckoned from the time before the wait.  Accepts NULL and does nothing
 * then. */
void loop_clock_update(struct loop_clock *c);

#endif
