/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop of a program and its real clock: the loop advances the timer wheel. */
#include "lib/channel/loop-clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "lib/timer-wheel.h"
#include "lib/util.h"

/* Bring 'uv_now()', milliseconds of CLOCK_MONOTONIC as the loop caches them, to the wheel: when the
 * loop's timer fires, and in each I/O callback.  Before each wait the timer is armed anew.
 *
 * Timers fire in the loop's timer phase only, and only those that were due when the last wait
 * began: what had come by then has been handled.  When a wait ends by the timer, nothing is due
 * yet; the next wait is one of zero length, and then it is. */
struct loop_clock {
    struct timer_wheel *wheel; /* The wheel that is advanced; borrowed. */
    uv_timer_t timer;          /* Ends the wait at the wheel's next deadline. */
    uv_prepare_t prepare;      /* Arms 'timer' before each wait. */
    int64_t looked_at;         /* When the last wait began, ns: who came before has been heard. */
    unsigned n_open;           /* Handles of the loop not yet closed. */
};

/* Tries to have the descriptors without which libuv aborts: that of the first loop of a process and
 * a pipe.  Returns 0 or an errno. */
static int try_descriptors(void)
{
    int first[2], second[2];
    if (pipe2(first, O_CLOEXEC)) {
        return errno;
    }
    int err = pipe2(second, O_CLOEXEC) ? errno : 0;
    close(first[0]);
    close(first[1]);
    if (!err) {
        close(second[0]);
        close(second[1]);
    }
    return err;
}

int loop_open(struct uv_loop_s *loop, char **error)
{
    uv_replace_allocator(xmalloc, xrealloc, xcalloc, free);
    int err = try_descriptors();
    err = err ? err : -uv_loop_init(loop);
    if (err) {
        *error = xasprintf("the event loop can't be made: %s; look at ulimit -a", strerror(err));
    }
    return err;
}

int64_t loop_clock_now(void)
{
    return (int64_t) uv_hrtime();
}

/* The loop's time, in nanoseconds. */
static int64_t loop_now(const struct loop_clock *c)
{
    return (int64_t) uv_now(c->timer.loop) * MSEC;
}

void loop_clock_update(struct loop_clock *c)
{
    if (c) {
        timer_wheel_tell(c->wheel, loop_now(c));
    }
}

static void deadline_came(uv_timer_t *timer)
{
    struct loop_clock *c = CONTAINER_OF(timer, struct loop_clock, timer);
    loop_clock_update(c);
    timer_wheel_advance(c->wheel, c->looked_at);
    if (timer_wheel_next(c->wheel) != INT64_MAX) {
        uv_timer_start(timer, deadline_came, 1, 0); /* Or the loop might end before it is armed. */
    }
}

/* The loop is about to wait: sees to it that it wakes at the next deadline. */
static void about_to_wait(uv_prepare_t *prepare)
{
    struct loop_clock *c = CONTAINER_OF(prepare, struct loop_clock, prepare);
    int64_t next = timer_wheel_next(c->wheel);
    c->looked_at = loop_now(c);
    if (next == INT64_MAX) {
        uv_timer_stop(&c->timer);
        return;
    }
    int64_t wait = next - c->looked_at;
    uint64_t ms = wait > 0 ? (uint64_t) DIV_ROUND_UP(wait, MSEC) : 0;
    uv_timer_start(&c->timer, deadline_came, ms, 0);
}

struct loop_clock *loop_clock_create(struct uv_loop_s *loop, struct timer_wheel *wheel)
{
    struct loop_clock *c = xzalloc(sizeof *c);
    c->wheel = wheel;
    c->n_open = 2;
    uv_timer_init(loop, &c->timer);
    uv_prepare_init(loop, &c->prepare);
    uv_prepare_start(&c->prepare, about_to_wait);
    uv_unref((uv_handle_t *) &c->prepare);
    return c;
}

static void handle_closed(uv_handle_t *handle)
{
    struct loop_clock *c = (struct loop_clock *) handle->data;
    if (--c->n_open == 0) {
        free(c);
    }
}

void loop_clock_destroy(struct loop_clock *c)
{
    if (c) {
        c->timer.data = c->prepare.data = c;
        uv_close((uv_handle_t *) &c->timer, handle_closed);
        uv_close((uv_handle_t *) &c->prepare, handle_closed);
    }
}
