/* SPDX-License-Identifier: Apache-2.0 */
/* Executing learn: the rule that a packet teaches is touched if it stands, else asked for. */
#ifndef DATAPATH_LEARN_H
#define DATAPATH_LEARN_H

#include "datapath/actions-nicira.h"

/* ACTION_LEARN. */
action_executor execute_learn;

#endif
