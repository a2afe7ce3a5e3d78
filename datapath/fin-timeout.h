/* SPDX-License-Identifier: Apache-2.0 */
/* Executing fin_timeout: the control thread is told that a connection ends. */
#ifndef DATAPATH_FIN_TIMEOUT_H
#define DATAPATH_FIN_TIMEOUT_H

#include "datapath/actions-nicira.h"

/* ACTION_FIN_TIMEOUT. */
action_executor execute_fin_timeout;

#endif
