/* SPDX-License-Identifier: Apache-2.0 */
/* When to dial, to probe and to give up: the clockwork of a reliable connection, without I/O. */
#include "lib/channel/rconn-fsm.h"

#include <assert.h>

#include "lib/util.h"

#define MIN_BACKOFF     (1 * SEC) /* First backoff after a failure (A1.10). */
#define DEFAULT_BACKOFF (8 * SEC) /* Ceiling if none was given (A1.10). */
#define GOOD_LIFE       (1 * SEC) /* A connection that lived so long shows that the peer is well. */
#define AT_ONCE         1         /* A backoff of nothing that has been used: not again so soon. */

void rconn_fsm_init(struct rconn_fsm *f, int64_t inactivity_probe, int64_t max_backoff,
                    uint64_t seed, int64_t now)
{
    *f = (struct rconn_fsm){
        .inactivity_probe = inactivity_probe,
        .max_backoff = max_backoff > 0 ? max_backoff : DEFAULT_BACKOFF,
        .random = seed,
        .state = RCONN_BACKOFF,
        .dial_at = now,
    };
}

void rconn_fsm_restart(struct rconn_fsm *f, int64_t now)
{
    rconn_fsm_init(f, f->inactivity_probe, f->max_backoff, f->random, now);
}

void rconn_fsm_set_times(struct rconn_fsm *f, int64_t inactivity_probe, int64_t max_backoff)
{
    f->inactivity_probe = inactivity_probe;
    f->max_backoff = max_backoff > 0 ? max_backoff : DEFAULT_BACKOFF;
    if (f->state == RCONN_IDLE && !inactivity_probe) {
        f->state = RCONN_ACTIVE;
    }
}

/* The next random number (splitmix64: any seed will do). */
static uint64_t next_random(struct rconn_fsm *f)
{
    uint64_t x = f->random += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

void rconn_fsm_connected(struct rconn_fsm *f, int64_t now)
{
    f->state = RCONN_ACTIVE;
    f->connected_at = f->heard_at = now;
}

/* Is the connection made? */
static bool is_connected(const struct rconn_fsm *f)
{
    return f->state == RCONN_ACTIVE || f->state == RCONN_IDLE;
}

void rconn_fsm_lost(struct rconn_fsm *f, bool orderly, int64_t now)
{
    bool was_connected = is_connected(f);
    if (was_connected && now - f->connected_at >= GOOD_LIFE) {
        f->backoff = 0;
    }
    int64_t longer = MAX(f->backoff * 2, MIN_BACKOFF);
    bool at_once = was_connected && orderly && !f->backoff;
    f->backoff = MIN(longer, f->max_backoff);
    f->state = RCONN_BACKOFF;
    f->dial_at = now;
    if (at_once) {
        f->backoff = AT_ONCE;
    } else {
        f->dial_at += f->backoff - (int64_t) (next_random(f) % (uint64_t) (f->backoff / 4 + 1));
    }
}

void rconn_fsm_heard(struct rconn_fsm *f, int64_t when)
{
    if (is_connected(f) && when > f->heard_at) {
        f->heard_at = when;
        if (f->state == RCONN_IDLE && when >= f->probed_at) {
            f->state = RCONN_ACTIVE;
        }
    }
}

int64_t rconn_fsm_wake(const struct rconn_fsm *f)
{
    bool probes = f->inactivity_probe > 0;
    switch (f->state) {
    case RCONN_BACKOFF:
        return f->dial_at;
    case RCONN_ACTIVE:
        return probes ? f->heard_at + f->inactivity_probe : INT64_MAX;
    case RCONN_IDLE:
        return f->probed_at + f->inactivity_probe;
    case RCONN_CONNECTING:
    case N_RCONN_STATES:
        break;
    }
    return INT64_MAX;
}

enum rconn_order rconn_fsm_run(struct rconn_fsm *f, int64_t now)
{
    if (now < rconn_fsm_wake(f)) {
        return RCONN_WAIT;
    }
    switch (f->state) {
    case RCONN_BACKOFF:
        f->state = RCONN_CONNECTING;
        return RCONN_DIAL;
    case RCONN_ACTIVE:
        f->state = RCONN_IDLE;
        f->probed_at = now;
        return RCONN_PROBE;
    case RCONN_IDLE:
        return RCONN_DROP;
    case RCONN_CONNECTING:
    case N_RCONN_STATES:
        break;
    }
    return RCONN_WAIT;
}

const char *rconn_fsm_state_name(enum rconn_state state)
{
    static const char *const names[] = {
        [RCONN_BACKOFF] = "BACKOFF",
        [RCONN_CONNECTING] = "CONNECTING",
        [RCONN_ACTIVE] = "ACTIVE",
        [RCONN_IDLE] = "IDLE",
    };
    static_assert(ARRAY_SIZE(names) == N_RCONN_STATES, "each state has a name");
    return names[state];
}
