/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that forward: their start and end, and barriers. */
#ifndef DATAPATH_WORKERS_H
#define DATAPATH_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Life cycle: workers_create(), any number of bridges (datapath.h) that come and go,
 * workers_destroy(). The owner watches workers_fd() and calls workers_run().
 *
 * Threads: every function here is called by the control thread. */
struct workers;

struct workers_config {
    unsigned n;         /* Worker threads; 0: the control thread forwards in workers_run(). */
    uint64_t seed;      /* For all hashes. */
    bool simulated;     /* No threads, no rtnetlink, time only from workers_run(). */
    size_t upcall_size; /* Bytes of each worker's ring of misses; 0: default 1 MiB. */
};

/* Starts the threads. Returns 0, or an errno with *error a malloc()ed sentence. */
int workers_create(const struct workers_config *config, struct workers **w, char **error);

/* Stops and joins them. All datapaths are gone before. Accepts NULL. */
void workers_destroy(struct workers *w);

/* Says that 'n' devices of kind raw are about to be opened, which takes less time then; 0: no more.
 * A wrong number does no harm. */
void workers_expect_devices(struct workers *w, size_t n);

/* An epoll descriptor that is readable when workers_run() has something to do. */
int workers_fd(const struct workers *w);

/* Handles upcalls and news of links (both bounded per call), reclaimed rules and passed barriers;
 * with no worker threads forwards packets too. True if it wants to be called again at once. Devices
 * are looked at in turn too, because not all changes bring news: workers_fd() becomes readable for
 * that once a second while there is traffic. */
bool workers_run(struct workers *w, int64_t now);

/* Simulation: the next time when workers_run() has something to do by itself, because packets wait
 * in queues; INT64_MAX if none do. Otherwise workers_fd() is readable then. */
int64_t workers_next(const struct workers *w);

/* True if every worker reported quiescence or slept within the last second before 'now' (A1.9). */
bool workers_are_alive(struct workers *w, int64_t now);

/* Worker threads there are; 0 if the control thread forwards. */
unsigned workers_count(const struct workers *w);

/* How many times workers woke from sleep so far, for tests and people: idle ports wake nobody. */
uint64_t workers_wakeups(const struct workers *w);

/* True while a port that was removed is still open, because threads may use its device:
 * workers_run(), for which workers_fd() becomes readable, closes it. */
bool workers_are_closing(const struct workers *w);

/* Starts a barrier: the token has passed when no thread can see what was before, every rule removed
 * before has been handed to rule_gone and every packet_out has left. workers_fd() becomes readable
 * when it passes. */
uint64_t workers_sync(struct workers *w);
bool workers_synced(struct workers *w, uint64_t token);

#endif
