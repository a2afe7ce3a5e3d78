/* SPDX-License-Identifier: Apache-2.0 */
/* Executing an action list on a packet. */
#ifndef DATAPATH_ACTIONS_H
#define DATAPATH_ACTIONS_H

#include "datapath/execution.h"

/* Executes 'list' in its order (A5.1): each output sends the packet as it is at that point, queued
 * until transmit_flush(). */
void actions_execute(struct execution *x, const struct action_list *list);

/* Does the same from '*done' bytes of 'list' on, but rests between two of its actions when about
 * 'budget' packets have been sent; x->fw->queue is as it was then. '*done' is where it goes on:
 * list->size at the end. */
void actions_execute_some(struct execution *x, const struct action_list *list, size_t *done,
                          size_t budget);

#endif
