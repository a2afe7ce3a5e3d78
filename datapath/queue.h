/* SPDX-License-Identifier: Apache-2.0 */
/* The queues of a port: packets of all threads wait in them and are sent by one. */
#ifndef DATAPATH_QUEUE_H
#define DATAPATH_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/forwarder.h"
#include "datapath/queue-config.h"

/* A port that was given a cap or queues sends all that it sends through these: nothing goes past
 * them but BPDUs, and without those what each queue counts adds up to what the device does.
 *
 * One thread, the owner, has the scheduler (queue-scheduler.h) and sends.  The others hand packets
 * to it.  A packet that has been put into a queue, or handed over, has left as far as barriers and
 * actions are concerned.
 *
 * Life cycle: created with its port; the owner, a worker, looks at it until the port is removed;
 * destroyed after a grace period, with what waits. */
struct port_queues;

/* What one queue has done. */
struct queue_counters {
    uint64_t tx_packets; /* Packets sent, as the device counts them. */
    uint64_t tx_bytes;   /* Their bytes. */
    uint64_t tx_errors;  /* Packets lost: the queue was full, or the device did not take them. */
};

/* Returns the queues that 'config', which is complete, asks for. Thread 'owner' of 'n_threads' will
 * send, and is woken by 'wakeup' (borrowed). */
struct port_queues *port_queues_create(const struct queues_config *config, unsigned owner,
                                       unsigned n_threads, struct wakeup *wakeup);

/* No thread uses it any more. Accepts NULL. */
void port_queues_destroy(struct port_queues *q);

/* Control thread. */

/* 'q' is to take the place of 'old', with the same owner. If 'counts_on', queues whose numbers both
 * have count on from what they counted; what others counted goes with them. After a grace period
 * port_queues_retire() follows, in order of the exchanges if there are several. */
void port_queues_follow(struct port_queues *q, struct port_queues *old, bool counts_on);

/* Frees the queues that 'q' has followed, with what waits there, which is lost. */
void port_queues_retire(struct port_queues *q);

/* Frees 'q', which nobody uses any more and none follows, with what waits there, which is lost.
 * Returns what port_queues_overruns() would. */
uint64_t port_queues_end(struct port_queues *q);

/* What the queue with the index 'i' in the configuration has done. */
void port_queues_get_counters(const struct port_queues *q, unsigned i, struct queue_counters *c);

/* Packets lost in front of the device, by all queues. */
uint64_t port_queues_overruns(const struct port_queues *q);

/* Any thread. */

/* Sends a copy of 'p' through the queue fw->queue, or the default one if there is no such. */
void port_queues_output(struct port_queues *q, struct forwarder *fw, const struct packet *p);

/* True if the queue 'id' is among them. */
bool port_queues_have(const struct port_queues *q, uint32_t id);

/* As asked for. */
const struct queues_config *port_queues_config(const struct port_queues *q);

/* The owner. */

/* Number of the thread that is the owner. */
unsigned port_queues_owner(const struct port_queues *q);

/* Sends out of 'dev' (NULL: none is there; it is lost) what may go at the time of 'thread'. Returns
 * when the next may, INT64_MAX if none waits. */
int64_t port_queues_run(struct port_queues *q, struct netdev *dev, struct netdev_thread *thread);

/* True if since the last port_queues_run() another thread has handed something over, or the owner
 * has put something in: there may be something to send at once. */
bool port_queues_has_news(const struct port_queues *q);

#endif
