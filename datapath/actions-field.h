/* SPDX-License-Identifier: Apache-2.0 */
/* Executing actions that change bits of fields: load and move. */
#ifndef DATAPATH_ACTIONS_FIELD_H
#define DATAPATH_ACTIONS_FIELD_H

#include "datapath/actions-nicira.h"

/* ACTION_REG_LOAD and ACTION_REG_MOVE. A packet that lacks the field stays as it is; a source that
 * it lacks is 0. */
action_executor execute_reg_load;
action_executor execute_reg_move;

#endif
