/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of ports as controllers see them: configuration, statistics, and whether they exist. */
#ifndef OFPROTO_QUEUES_H
#define OFPROTO_QUEUES_H

#include <stdint.h>

struct action_list;
struct ofconn;
struct ofp_message;
struct ofproto;

/* Handlers of the requests of their names (A8.1, A8.9). */
int queue_get_config_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);
int queue_stats_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);

/* Returns 0, or OFPERR_BAD_ACTION_BAD_QUEUE if an ENQUEUE of 'actions' names a queue that its port
 * does not have (A11.17). The default queue is there always, a port that is absent may get any; for
 * OFPP_IN_PORT, where any port may be meant, some port has to have it. */
int queues_check_actions(const struct ofproto *p, const struct action_list *actions);

#endif
