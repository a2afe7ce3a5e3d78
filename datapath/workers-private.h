/* SPDX-License-Identifier: Apache-2.0 */
/* All threads of the packet path with what they share, for the files of this folder alone. */
#ifndef DATAPATH_WORKERS_PRIVATE_H
#define DATAPATH_WORKERS_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "datapath/netdev/netdev-closer.h"
#include "datapath/netdev/netdev-shared.h"
#include "datapath/wakeup.h"
#include "datapath/worker.h"
#include "lib/list.h"
#include "lib/rcu.h"

struct link_monitor;
struct port;

/* Threads: the control thread's, but for what the workers themselves use of it. */
struct workers {
    struct wakeup wakeup;             /* Wakes the control thread. */
    struct rcu *rcu;                  /* Readers are the workers that are threads; owned. */
    struct worker *workers;           /* The control thread's is number 0; owned. */
    unsigned n;                       /* Workers that are threads. */
    uint64_t seed;                    /* For all hashes. */
    bool simulated;                   /* No threads, no rtnetlink. */
    int epoll_fd;                     /* All that workers_run() is to be called for. */
    struct link_monitor *links;       /* News of links; NULL if simulated or impossible. Owned. */
    struct netdev_shared shared;      /* Of all devices. */
    struct netdev_closer closer;      /* Closes those of ports that were removed. */
    void *scratch;                    /* PACKET_LARGE bytes to segment upcalls in; owned. */
    struct list datapaths;            /* All bridges. */
    uint64_t next_id;                 /* Next id of a bridge or a port. */
    unsigned n_removed;               /* Ports removed that threads may still use. */
    unsigned next_ring;               /* Ring of upcalls that is served first. */
    int64_t looked;                   /* When the devices were last looked at. Atomic. */
    uint64_t issued;                  /* Newest token of workers_sync(). */
    uint64_t settled;                 /* Newest token before which all removed rules have gone. */
};

/* Number of threads that forward, the control thread included. */
static inline unsigned workers_n_threads(const struct workers *w)
{
    return w->n + 1;
}

/* Lets the thread with the fewest ports receive from 'port', or its thread no longer: then the port
 * may be destroyed after a grace period. */
void workers_attach(struct workers *w, struct port *port);
void workers_detach(struct workers *w, struct port *port);

/* The thread that is to own the queues of the next port: the one that owns the fewest. */
unsigned workers_choose_owner(const struct workers *w);

/* Lets the owner of the queues of 'port', if it has some, send from them, or no longer: then the
 * port may be destroyed after a grace period. */
void workers_attach_queues(struct workers *w, struct port *port);
void workers_detach_queues(struct workers *w, struct port *port);

/* Blocks until a grace period has passed and all that was deferred is done. For the end of a bridge
 * only. */
void workers_drain(struct workers *w);

/* Has 'fn' called with 'arg' after a grace period, and workers_run() called for that. */
void workers_defer(struct workers *w, void (*fn)(void *arg), void *arg);

#endif
