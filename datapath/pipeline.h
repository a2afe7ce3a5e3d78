/* SPDX-License-Identifier: Apache-2.0 */
/* The way of packets through a bridge: port, flow, table, actions or miss. */
#ifndef DATAPATH_PIPELINE_H
#define DATAPATH_PIPELINE_H

#include "datapath/actions.h"
#include "datapath/forwarder.h"
#include "datapath/packet-out.h"

struct packet_batch;
struct port;

/* Threads: the forwarder's, as an online RCU reader. */

/* Handles the packets of 'batch', just received from 'port', in their order; fw->netdev.now is
 * their time. What goes out is queued and sent before this returns; the batch may be released then.
 */
void pipeline_receive(struct forwarder *fw, struct port *port, struct packet_batch *batch);

/* Goes on with 'po' until it is done or an action is after which about 'budget' packets have been
 * sent; its in_port may be any number. What goes out has been sent when this returns. */
void pipeline_execute(struct forwarder *fw, struct datapath *dp, struct packet_out *po,
                      size_t budget);

/* Sends 'p' out of 'port' through 'queue', as an action has said before. As above. */
void pipeline_output(struct forwarder *fw, struct port *port, struct packet *p, uint32_t queue);

/* Sends 'p' out of 'port', past tables, configuration and queues: for protocol machines. As above.
 */
void pipeline_send(struct forwarder *fw, struct port *port, struct packet *p);

#endif
