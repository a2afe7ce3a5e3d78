/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of ports: made as they are asked for, and put to work. */
#ifndef DATAPATH_QUEUE_PORTS_H
#define DATAPATH_QUEUE_PORTS_H

struct port;
struct queues_config;

/* Threads: the control thread's. What is about a port that works is in datapath.h:
 * datapath_port_set_queues(), datapath_queue_list(). */

/* Gives 'port', which has its device, or is a patch port, the queues of 'config', if there are any.
 * Returns 0, or EINVAL with *error. */
int queue_port_init(struct port *port, struct queues_config *config, char **error);

/* Caps 'port' by the speed that its device has now, if it is capped by that of its device. To be
 * called whenever that may have changed. */
void queue_port_follow_speed(struct port *port);

#endif
