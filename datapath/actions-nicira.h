/* SPDX-License-Identifier: Apache-2.0 */
/* Executing Nicira's actions. */
#ifndef DATAPATH_ACTIONS_NICIRA_H
#define DATAPATH_ACTIONS_NICIRA_H

#include "datapath/execution.h"

/* Executes one action on the packet of 'x'. */
typedef void action_executor(struct execution *x, const struct action *a);

/* Each executes the action that it is named after. */
action_executor execute_resubmit; /* ACTION_RESUBMIT and ACTION_RESUBMIT_TABLE. */
action_executor execute_set_tunnel; /* ACTION_SET_TUNNEL and ACTION_SET_TUNNEL64. */
action_executor execute_set_queue;
action_executor execute_pop_queue;
action_executor execute_note;
action_executor execute_exit;
action_executor execute_dec_ttl;
action_executor execute_controller;

/* Sends the packet of 'x' up with 'reason' (OFPR_*) to the controllers with the number 'id'. */
void actions_send_up(struct execution *x, uint8_t reason, uint16_t id, uint16_t max_len);

#endif
