/* SPDX-License-Identifier: Apache-2.0 */
/* Read-copy-update on quiescent states: when may what was unlinked be freed. */
#ifndef LIB_RCU_H
#define LIB_RCU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/util.h"

/* RCU
 * ===
 *
 * One writer changes structures that several readers walk without a lock.  The writer unlinks a
 * node, takes a token with rcu_start(), and may free the node when rcu_passed() says that every
 * reader has been quiescent since: it held no pointer into the structures.  Nobody ever waits.
 *
 * Readers are numbered 0 to n_readers - 1; each number belongs to one thread at a time.  A reader
 * starts offline: it holds no pointers and is not waited for.  rcu_online() makes it a reader.
 * From then on it reports rcu_quiescent() now and then (a worker: after each batch), which ends the
 * life of every pointer it got, and goes rcu_offline() before it sleeps.
 *
 * Pointers are published with RCU_SET() and read with RCU_GET(); a reader that is offline may not
 * read them at all.
 *
 * Threads: functions that take an 'id' belong to the reader with that number, the others to the
 * writer (one thread, which may be a reader too, but is none because it writes), except where they
 * say "any". */
struct rcu;

/* Loads the shared pointer (or word) at 'p', with all that was written before it was set. */
#define RCU_GET(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)

/* Stores 'v' at 'p' so that whoever reads it sees all that was written before. */
#define RCU_SET(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

/* For counters and flags on which nothing else depends: whole, but in no order. */
#define RCU_READ(p)     __atomic_load_n((p), __ATOMIC_RELAXED)
#define RCU_WRITE(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)

/* Adds 'n' to the counter at 'p', which no other thread writes: no locked instruction. */
#define RCU_ADD(p, n) RCU_WRITE(p, RCU_READ(p) + (n))

/* Returns a new domain for 'n_readers' readers, which may be 0; all of them are offline. */
struct rcu *rcu_create(unsigned n_readers);

/* Frees 'rcu', which may be NULL, and first runs everything deferred.  All readers must be gone. */
void rcu_destroy(struct rcu *rcu);

/* Reader. */

/* Makes reader 'id', which is offline, a reader. */
void rcu_online(struct rcu *rcu, unsigned id);

/* Makes reader 'id' offline; the pointers it got are dead.  Counts as quiescent. */
void rcu_offline(struct rcu *rcu, unsigned id);

/* Reports that reader 'id', which is online, holds no pointer: those it got are dead.  Costs a few
 * nanoseconds while the writer rests. */
void rcu_quiescent(struct rcu *rcu, unsigned id);

/* Writer. */

/* Starts a grace period and returns its token.  Tokens grow: when one has passed, all that were
 * started before have passed too. */
uint64_t rcu_start(struct rcu *rcu);

/* Has every reader been quiescent or offline since 'token' was started? */
bool rcu_passed(struct rcu *rcu, uint64_t token);

/* Calls 'fn' with 'arg' after a grace period that starts no earlier than now, from rcu_run().
 * Order of calls is order of deferring. */
void rcu_defer(struct rcu *rcu, void (*fn)(void *arg), void *arg);

/* Makes the calls whose grace period has passed; then, if none is under way for the others, starts
 * one for all that were deferred meanwhile (and makes them if nobody has to be waited for).  So a
 * call is made within two grace periods.  Returns the number of calls made.  The calls may defer;
 * they should be short, or take up their work in slices, because all that are due are made. */
size_t rcu_run(struct rcu *rcu);

/* Is nothing deferred? */
bool rcu_is_idle(const struct rcu *rcu);

/* Watching. */

/* Returns how many times reader 'id' has gone online or offline or was quiescent.  One that is not
 * offline and whose number stands still for long is stuck.  Any thread. */
uint64_t rcu_beats(const struct rcu *rcu, unsigned id);

/* Is reader 'id' offline?  Any thread. */
bool rcu_is_offline(const struct rcu *rcu, unsigned id);

#endif
