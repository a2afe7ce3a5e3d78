/* SPDX-License-Identifier: Apache-2.0 */
/* Read-copy-update on quiescent states: when may what was unlinked be freed. */
#include "lib/rcu.h"

#include <stdlib.h>

/* How it works
 * ------------
 *
 * 'current' is the number of the newest grace period, its token.  Each reader has a word 'seen': 0
 * while it is offline, else the value of 'current' that it found when it was last quiescent.  Token
 * t has passed when each reader's 'seen' is 0 or at least t.
 *
 * Why it is right
 * ---------------
 *
 * To show: if rcu_passed() finds reader R's 'seen' to be 0 or >= t, then (a) whatever R read by
 * pointers it got earlier has happened before, so freeing is not seen by it, and (b) whatever R
 * reads later sees the unlinking that came before rcu_start() returned t.
 *
 * (a) 'seen' is stored with release after those reads and loaded with acquire before the free.
 *
 * (b) 'seen' >= t: R loaded that value from 'current' with acquire; it was stored with release
 * after the unlinking.  So the unlinking happens before everything that R does after that load.
 *
 * (b) 'seen' is 0: R may be on its way online at this moment, its store not yet visible here, while
 * its reads go ahead: a store and a later load of another word are the one pair that acquire and
 * release leave free to pass each other.  Hence four operations are sequentially consistent:
 *
 *     writer:  W1 store current = t        reader:  R1 exchange seen = x (x >= 1)
 *              W2 load seen                         R2 load current
 *
 * They have one total order, and W1 comes before W2, R1 before R2.  If W2 finds a value older than
 * R1's, W2 comes before R1; then W1, W2, R1, R2 is the order, and R2 finds t or later, which (as R2
 * is an acquire and W1 a release) makes the unlinking happen before R's reads.  If W2 finds R1's
 * value it is not 0 and the case above holds: x was itself loaded from 'current' with acquire.
 *
 * Fences would do as well, but ThreadSanitizer does not know them.
 *
 * Once passed, a token stays so ('passed'), even while a reader that comes online still bears an
 * older number for a moment. */

/* A reader.  Only its thread writes it. */
struct rcu_reader {
    uint64_t seen;  /* 0 offline, else 'current' as last found; atomic. */
    uint64_t beats; /* Reports so far; atomic, relaxed. */
} CACHE_ALIGNED;

/* A call that waits for its grace period. */
struct rcu_call {
    void (*fn)(void *arg); /* What to call, */
    void *arg;             /* with what. */
};

/* Calls in the order in which they were deferred. */
struct rcu_calls {
    struct rcu_call *calls; /* Owned. */
    size_t n;               /* Calls in use. */
    size_t allocated;       /* Calls that there is room for. */
};

struct rcu {
    uint64_t current CACHE_ALIGNED; /* Newest token; atomic, written by the writer. */

    /* The writer's own. */
    uint64_t passed CACHE_ALIGNED;  /* Newest token that is known to have passed. */
    struct rcu_calls fresh;         /* Deferred, but no grace period was started for them yet. */
    struct rcu_calls waiting;       /* Waiting for 'token'. */
    uint64_t token;                 /* Grace period of 'waiting'. */

    unsigned n_readers;             /* Number of elements of 'readers'. */
    struct rcu_reader readers[];    /* By id. */
};

struct rcu *rcu_create(unsigned n_readers)
{
    size_t size = sizeof(struct rcu) + n_readers * sizeof(struct rcu_reader);
    struct rcu *rcu = xaligned_alloc(CACHE_LINE, size);
    *rcu = (struct rcu){.current = 1, .passed = 1, .n_readers = n_readers};
    for (unsigned id = 0; id < n_readers; id++) {
        rcu->readers[id] = (struct rcu_reader){.seen = 0};
    }
    return rcu;
}

/* Makes all 'calls', which may defer others elsewhere, and empties the list. */
static size_t make_calls(struct rcu_calls *calls)
{
    struct rcu_calls taken = *calls;
    *calls = (struct rcu_calls){.calls = NULL};
    for (size_t i = 0; i < taken.n; i++) {
        taken.calls[i].fn(taken.calls[i].arg);
    }
    free(taken.calls);
    return taken.n;
}

void rcu_destroy(struct rcu *rcu)
{
    if (rcu) {
        while (!rcu_is_idle(rcu)) {
            make_calls(&rcu->waiting);
            make_calls(&rcu->fresh);
        }
        free(rcu);
    }
}

/* Counts a sign of life of 'reader', whose own thread calls this. */
static void beat(struct rcu_reader *reader)
{
    RCU_ADD(&reader->beats, 1);
}

void rcu_online(struct rcu *rcu, unsigned id)
{
    struct rcu_reader *reader = &rcu->readers[id];
    uint64_t before = __atomic_load_n(&rcu->current, __ATOMIC_ACQUIRE);
    __atomic_exchange_n(&reader->seen, before, __ATOMIC_SEQ_CST);
    uint64_t after = __atomic_load_n(&rcu->current, __ATOMIC_SEQ_CST);
    if (after != before) {
        __atomic_store_n(&reader->seen, after, __ATOMIC_RELEASE);
    }
    beat(reader);
}

void rcu_offline(struct rcu *rcu, unsigned id)
{
    struct rcu_reader *reader = &rcu->readers[id];
    beat(reader);
    __atomic_store_n(&reader->seen, 0, __ATOMIC_RELEASE);
}

void rcu_quiescent(struct rcu *rcu, unsigned id)
{
    struct rcu_reader *reader = &rcu->readers[id];
    uint64_t current = __atomic_load_n(&rcu->current, __ATOMIC_ACQUIRE);
    beat(reader);
    if (UNLIKELY(RCU_READ(&reader->seen) != current)) {
        __atomic_store_n(&reader->seen, current, __ATOMIC_RELEASE);
    }
}

uint64_t rcu_start(struct rcu *rcu)
{
    uint64_t token = RCU_READ(&rcu->current) + 1;
    __atomic_store_n(&rcu->current, token, __ATOMIC_SEQ_CST);
    return token;
}

bool rcu_passed(struct rcu *rcu, uint64_t token)
{
    if (token <= rcu->passed) {
        return true;
    }
    uint64_t oldest = RCU_READ(&rcu->current);
    for (unsigned id = 0; id < rcu->n_readers; id++) {
        uint64_t seen = __atomic_load_n(&rcu->readers[id].seen, __ATOMIC_SEQ_CST);
        oldest = seen ? MIN(oldest, seen) : oldest;
    }
    rcu->passed = MAX(rcu->passed, oldest);
    return token <= rcu->passed;
}

void rcu_defer(struct rcu *rcu, void (*fn)(void *arg), void *arg)
{
    struct rcu_calls *fresh = &rcu->fresh;
    if (fresh->n == fresh->allocated) {
        fresh->allocated = MAX(fresh->allocated * 2, (size_t) 16);
        fresh->calls = xrealloc(fresh->calls, fresh->allocated * sizeof *fresh->calls);
    }
    fresh->calls[fresh->n++] = (struct rcu_call){.fn = fn, .arg = arg};
}

/* Makes the calls in 'waiting' if their grace period has passed. */
static size_t run_waiting(struct rcu *rcu)
{
    return rcu->waiting.n && rcu_passed(rcu, rcu->token) ? make_calls(&rcu->waiting) : 0;
}

size_t rcu_run(struct rcu *rcu)
{
    size_t n = run_waiting(rcu);
    if (!rcu->waiting.n && rcu->fresh.n) {
        rcu->waiting = rcu->fresh;
        rcu->fresh = (struct rcu_calls){.calls = NULL};
        rcu->token = rcu_start(rcu);
        n += run_waiting(rcu);
    }
    return n;
}

bool rcu_is_idle(const struct rcu *rcu)
{
    return !rcu->waiting.n && !rcu->fresh.n;
}

uint64_t rcu_beats(const struct rcu *rcu, unsigned id)
{
    return RCU_READ(&rcu->readers[id].beats);
}

bool rcu_is_offline(const struct rcu *rcu, unsigned id)
{
    return RCU_READ(&rcu->readers[id].seen) == 0;
}
