/* SPDX-License-Identifier: Apache-2.0 */
/* Timers in great number, driven by the time they are told. */
#include "lib/timer-wheel.h"

#include <assert.h>

#include "lib/util.h"

/* How it works
 * ------------
 *
 * Read a tick as digits of TIMER_WHEEL_BITS bits each.  A timer's level is the highest digit in
 * which its tick differs from the wheel's, and its slot there is its own digit.  All ticks in a
 * slot of level l so share their digits from l up.
 *
 * When the wheel's tick reaches the first tick of a slot, a slot of level 0 fires; a slot of a
 * higher level is spread over the levels below it.  Nothing is to do between: the wheel jumps.
 *
 * Invariants, outside of timer_wheel_advance():
 *
 * 1. A timer stands where the rule says, seen from the wheel's present tick.  So timers of the same
 *    tick always stand in the same slot, in the order in which they were set: spreading keeps it,
 *    because the slots that it spreads to are empty before.  This makes equal deadlines fire in
 *    order without sorting.
 * 2. Within a level, slots in use lie above the wheel's own digit, and all ticks of a level come
 *    before all ticks of the levels above it.  So the first slot in use, in order of index, is the
 *    next thing to do.
 *
 * Timers for the past and the present stand in one more slot, TIMER_WHEEL_DUE.  Past is what the
 * wheel has come to: a deadline between that and the time it was told of stands in its level. */

static_assert(TIMER_WHEEL_SLOTS % 64 == 0, "words of 'used' do not cross levels");
static_assert(TIMER_WHEEL_BITS * TIMER_WHEEL_LEVELS >= 44, "INT64_MAX ns are less than 2^44 ms");

/* Returns the slot for a timer of 'tick', seen from the wheel's tick 'from' <= 'tick'. */
static unsigned slot_of(int64_t tick, int64_t from)
{
    uint64_t differ = (uint64_t) (tick ^ from);
    unsigned level = differ ? (63 - (unsigned) __builtin_clzll(differ)) / TIMER_WHEEL_BITS : 0;
    unsigned digit = (unsigned) (tick >> (level * TIMER_WHEEL_BITS)) % TIMER_WHEEL_SLOTS;
    return level * TIMER_WHEEL_SLOTS + digit;
}

/* Returns the first tick of 'slot', which is in use and of a level, seen from the tick 'from'. */
static int64_t first_tick(unsigned slot, int64_t from)
{
    unsigned shift = slot / TIMER_WHEEL_SLOTS * TIMER_WHEEL_BITS;
    int64_t above = from >> (shift + TIMER_WHEEL_BITS) << (shift + TIMER_WHEEL_BITS);
    return above | (int64_t) (slot % TIMER_WHEEL_SLOTS) << shift;
}

/* Returns the first slot in use, TIMER_WHEEL_DUE if there is none of a level. */
static unsigned first_slot(const struct timer_wheel *w)
{
    for (unsigned i = 0; i < TIMER_WHEEL_DUE / 64; i++) {
        if (w->used[i]) {
            return i * 64 + (unsigned) __builtin_ctzll(w->used[i]);
        }
    }
    return TIMER_WHEEL_DUE;
}

/* Adds 't' to 'slot'. */
static void put(struct timer_wheel *w, struct timer *t, unsigned slot)
{
    t->slot = (uint16_t) slot;
    list_push_back(&w->slots[slot], &t->in_slot);
    w->used[slot / 64] |= 1ULL << slot % 64;
}

/* Moves all timers of 'slot' to the end of 'list'. */
static void take_all(struct timer_wheel *w, unsigned slot, struct list *list)
{
    list_splice(list, &w->slots[slot]);
    w->used[slot / 64] &= ~(1ULL << slot % 64);
}

void timer_wheel_init(struct timer_wheel *w, int64_t now)
{
    for (unsigned i = 0; i <= TIMER_WHEEL_DUE; i++) {
        list_init(&w->slots[i]);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(w->used); i++) {
        w->used[i] = 0;
    }
    w->tick = w->target = w->told = MAX(now, (int64_t) 0) / MSEC;
}

void timer_wheel_uninit(struct timer_wheel *w)
{
    for (unsigned i = 0; i <= TIMER_WHEEL_DUE; i++) {
        while (list_pop_front(&w->slots[i])) {
            continue;
        }
    }
    timer_wheel_init(w, 0);
}

void timer_init(struct timer *t, void (*fire)(struct timer *timer, int64_t now))
{
    *t = (struct timer){.fire = fire};
    list_init(&t->in_slot);
}

void timer_set(struct timer_wheel *w, struct timer *t, int64_t deadline)
{
    timer_cancel(w, t);
    t->tick = deadline <= 0 ? 0 : deadline / MSEC + (deadline % MSEC != 0);
    put(w, t, t->tick <= w->target ? TIMER_WHEEL_DUE : slot_of(t->tick, w->tick));
}

void timer_cancel(struct timer_wheel *w, struct timer *t)
{
    if (timer_is_armed(t)) {
        list_remove(&t->in_slot);
        if (list_is_empty(&w->slots[t->slot])) {
            w->used[t->slot / 64] &= ~(1ULL << t->slot % 64);
        }
    }
}

bool timer_is_armed(const struct timer *t)
{
    return !list_is_empty(&t->in_slot);
}

/* Fires all timers of 'slot'.  Those that the callbacks set are not among them, because they are
 * for later than 'target' or go to TIMER_WHEEL_DUE after this took its timers from there. */
static size_t fire_slot(struct timer_wheel *w, unsigned slot, int64_t now)
{
    struct list firing, *element;
    size_t n = 0;
    list_init(&firing);
    take_all(w, slot, &firing);
    while ((element = list_pop_front(&firing)) != NULL) {
        struct timer *t = CONTAINER_OF(element, struct timer, in_slot);
        t->fire(t, now);
        n++;
    }
    return n;
}

/* Spreads the timers of 'slot' over the levels below, seen from the wheel's tick. */
static void spread_slot(struct timer_wheel *w, unsigned slot)
{
    struct list spreading, *element;
    list_init(&spreading);
    take_all(w, slot, &spreading);
    while ((element = list_pop_front(&spreading)) != NULL) {
        struct timer *t = CONTAINER_OF(element, struct timer, in_slot);
        put(w, t, slot_of(t->tick, w->tick));
    }
}

void timer_wheel_tell(struct timer_wheel *w, int64_t now)
{
    w->told = MAX(now / MSEC, w->told);
}

size_t timer_wheel_advance(struct timer_wheel *w, int64_t now)
{
    size_t n;
    unsigned slot;
    w->target = MAX(now / MSEC, w->tick);
    timer_wheel_tell(w, now);
    now = MAX(now, timer_wheel_now(w));
    n = fire_slot(w, TIMER_WHEEL_DUE, now);
    while ((slot = first_slot(w)) != TIMER_WHEEL_DUE && first_tick(slot, w->tick) <= w->target) {
        w->tick = first_tick(slot, w->tick);
        if (slot < TIMER_WHEEL_SLOTS) {
            n += fire_slot(w, slot, now);
        } else {
            spread_slot(w, slot);
        }
    }
    w->tick = w->target;
    return n;
}

int64_t timer_wheel_next(const struct timer_wheel *w)
{
    unsigned slot = first_slot(w);
    bool is_due = !list_is_empty(&w->slots[TIMER_WHEEL_DUE]);
    if (!is_due && slot == TIMER_WHEEL_DUE) {
        return INT64_MAX;
    }
    int64_t tick = is_due ? w->tick : first_tick(slot, w->tick);
    return tick < INT64_MAX / MSEC ? tick * MSEC : INT64_MAX;
}
