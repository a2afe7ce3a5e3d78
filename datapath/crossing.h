/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of a thread on their way through patch ports into other bridges. */
#ifndef DATAPATH_CROSSING_H
#define DATAPATH_CROSSING_H

#include "datapath/forwarder.h"

struct packet_batch;
struct port;

/* What is sent out of a patch port waits in the thread's queue until the packets that are being
 * handled have been; then the pipeline takes it from there, and what that sends, until there is
 * nothing left.  So nothing recurses, and all of it happens before the thread is quiescent.
 *
 * Threads: the forwarder's, as an online RCU reader. */

/* Queues 'p' to be received by the other end of the patch port 'port'; it stays unchanged and alive
 * until then. What can't cross is counted as dropped. */
void crossing_add(struct forwarder *fw, struct port *port, struct packet *p);

/* Fills 'batch' with the oldest packets that cross to one port, counts them there and returns the
 * port; NULL if nothing waits. Each packet still has the ref of the queue: its taker gives it up
 * when the packet's turn comes. */
struct port *crossing_take(struct forwarder *fw, struct packet_batch *batch);

#endif
