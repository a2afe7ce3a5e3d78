/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that receives from its ports and forwards; or the control thread doing so. */
#ifndef DATAPATH_WORKER_H
#define DATAPATH_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "datapath/forwarder.h"
#include "datapath/wakeup.h"
#include "lib/rcu.h"
#include "lib/util.h"

struct port;
struct port_list;
struct port_slots;

enum {
    WORKER_LOOK_SEC = 1, /* Seconds between two looks at the devices while there is traffic. */
};

/* Life cycle: worker_init(); for a thread of its own worker_start(), worker_stop();
 * worker_uninit().  Without a thread the control thread calls worker_poll().
 *
 * A port stands in a slot of the worker that receives from it.  Slots are published under RCU; a
 * slot keeps its number as long as its port is there.
 *
 * Threads: all functions but worker_poll() are the control thread's.
 *
 * System calls of a worker: those of the devices, epoll_wait(), timerfd_settime() if packets wait
 * in queues, reads of its own event descriptors when it got a command or was handed something, and
 * writes to other threads' when they sleep. */
struct worker {
    struct forwarder fw;      /* What it forwards with. */
    struct rcu *rcu;          /* Borrowed; NULL: it is no RCU reader, because it is the writer. */
    unsigned reader;          /* Its number as a reader. */
    struct wakeup *control;   /* To wake the control thread; borrowed. */
    const int64_t *looked;    /* When the control thread last looked at the devices: while there is
                               * traffic it is woken to do so. NULL: never. Atomic; borrowed. */
    uint64_t answered;        /* Of the requests of 'control'. The worker's own. */
    int64_t spin;             /* How long to spin after the last packet, nanoseconds. */
    bool polls_all;           /* Polls all ports in order, ready or not (simulation). */
    int epoll_fd;             /* Receive descriptors of its ports, and command_fd. */
    int command_fd;           /* Event descriptor: slots changed, or stop. */
    pthread_t thread;         /* If it is a thread. */
    bool has_thread;          /* It is a thread. */
    bool is_stopping;         /* The thread is to end. Atomic. */
    uint64_t wakeups;         /* Times that it woke from sleep. Atomic, the worker's. */
    struct port_slots *slots; /* Ports to receive from. RCU; owned. */
    struct port_list *queued; /* Ports whose queues it sends from; NULL: none so far. RCU; owned. */
    struct wakeup handed;     /* Wakes it when another thread puts something into their queues. */
    int timer_fd;             /* To wake it when a packet there may go. */
    int64_t due;              /* When that is; INT64_MAX never. Its own. */
    unsigned n_ports;         /* Ports in the slots. The control thread's. */
    uint64_t beats;           /* rcu_beats() when last looked at. The control thread's. */
    int64_t alive;            /* When it last showed a sign of life. The control thread's. */
};

/* Makes '*w' the worker number 'id' (0: the control thread). 'rcu' NULL for the control thread.
 * Returns 0 or an errno. */
int worker_init(struct worker *w, unsigned id, size_t upcall_size, struct rcu *rcu,
                struct wakeup *control);

/* The thread has been stopped. Calls waiting in 'rcu' may still refer to nothing in it. */
void worker_uninit(struct worker *w);

/* Starts and ends the thread. Returns 0 or an errno. */
int worker_start(struct worker *w);
void worker_stop(struct worker *w);

/* Lets 'w' receive from 'port' (sets port->slot), or no longer: then the port may be destroyed
 * after a grace period of 'rcu'. */
void worker_add_port(struct worker *w, struct rcu *rcu, struct port *port);
void worker_remove_port(struct worker *w, struct rcu *rcu, struct port *port);

/* Makes 'w' the owner of the queues of 'port', or no longer. */
void worker_add_queues(struct worker *w, struct rcu *rcu, struct port *port);
void worker_remove_queues(struct worker *w, struct rcu *rcu, struct port *port);

/* Before the thread that calls worker_poll() sleeps on w->epoll_fd: that will be readable when a
 * packet in a queue may go. */
void worker_set_timer(struct worker *w);

/* Whether something was put into its queues after the last worker_poll(). The thread's own, or the
 * control thread's if it is none; before it sleeps, with the wake-up armed. */
bool worker_has_news(struct worker *w);

/* One round: receives a batch from each port that may have something and forwards it. True if there
 * was anything. The thread's own, or the control thread's if it is none. */
bool worker_poll(struct worker *w, int64_t now);

/* Looks which ports have something for worker_poll(); waits up to 'timeout' milliseconds, -1 for
 * ever. */
void worker_find_ready(struct worker *w, int timeout);

/* Whether it was quiescent, or asleep, within the last second before 'now'; to be called more
 * often. */
bool worker_is_alive(struct worker *w, int64_t now);

#endif
