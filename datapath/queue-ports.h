/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of ports: made as they are asked for, put to work, exchanged and described. */
#ifndef DATAPATH_QUEUE_PORTS_H
#define DATAPATH_QUEUE_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/openflow/ofp-message.h"

struct datapath;
struct port;
struct queues_config;

/* Threads: the control thread's. */

/* For ofproto ---------------------------------------------------------------------------------- */

/* A queue of a port: as it is configured and what it has counted. */
struct datapath_queue {
    struct ofp_queue config;      /* Number and guarantee (5.2.2). */
    struct ofp_queue_stats stats; /* Counters (5.3.5). */
};

/* Fills up to 'room' of 'queues' by rising number; returns how many the port has (maybe more): 0 if
 * none are configured, or there is no such port. */
size_t datapath_queue_list(const struct datapath *dp, uint16_t port_no,
                           struct datapath_queue *queues, size_t room);

/* True if the port 'port_no' has the queue 'id' configured. */
bool datapath_has_queue(const struct datapath *dp, uint16_t port_no, uint32_t id);

/* The cap and the queues of the port 'port_no' as they are in force, NULL if it has none or is not
 * there (struct queues_config: queue-config.h). Borrowed until they change. */
const struct queues_config *datapath_port_queues(const struct datapath *dp, uint16_t port_no);

/* Gives the port 'port_no', which is there, the cap and the queues of 'text' ("max-rate=RATE,
 * queue=N:..." as for datapath_port_add(), or "none") in place of those that it has. What waited is
 * lost; a queue whose number stays counts on, and what one that goes has counted goes with it, but
 * not from the port's counters. Returns 0, or EINVAL with *error. */
int datapath_port_set_queues(struct datapath *dp, uint16_t port_no, const char *text,
                             char **error);

/* For the files of this folder ----------------------------------------------------------------- */

/* Gives 'port', which has its device, or is a patch port, the queues of 'config', if there are any.
 * Returns 0, or EINVAL with *error. */
int queue_port_init(struct port *port, struct queues_config *config, char **error);

/* Caps 'port' by the speed that its device has now, if it is capped by that of its device. To be
 * called whenever that may have changed. */
void queue_port_follow_speed(struct port *port);

#endif
