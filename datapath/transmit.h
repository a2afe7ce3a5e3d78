/* SPDX-License-Identifier: Apache-2.0 */
/* Transmit queues of a thread, and copies of packets that stand in them. */
#ifndef DATAPATH_TRANSMIT_H
#define DATAPATH_TRANSMIT_H

#include "datapath/forwarder.h"

struct port;

/* Within a batch packets are queued by port and not copied: a packet may stand in many queues.  Who
 * wants to change it while refs > 0 takes transmit_writable().  Order within a port is order of
 * queuing.
 *
 * Threads: the forwarder's. */

/* Queues 'p' to be sent out of 'port'; it stays unchanged and alive until the queue is flushed. */
void transmit_add(struct forwarder *fw, struct port *port, struct packet *p);

/* Sends what is in the queues. */
void transmit_flush(struct forwarder *fw);

/* 'p' itself if nobody else holds it, or else a copy that lives until transmit_finish(). NULL if
 * there is no buffer left, even after flushing. */
struct packet *transmit_writable(struct forwarder *fw, struct packet *p);

/* A copy of 'p' with headroom, whether or not 'p' is held, that lives until transmit_finish(); else
 * NULL. */
struct packet *transmit_copy(struct forwarder *fw, struct packet *p);

/* Ends a batch: flushes, gives all copies back, and wakes the control thread if there are upcalls.
 */
void transmit_finish(struct forwarder *fw);

#endif
