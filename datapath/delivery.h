/* SPDX-License-Identifier: Apache-2.0 */
/* What threads bring up in their rings, handed to the owners of the bridges that it is about. */
#ifndef DATAPATH_DELIVERY_H
#define DATAPATH_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

struct workers;

/* Threads: the control thread's. */

/* Hands a bounded number of records to their owners, protocol packets first. True if there may be
 * more. */
bool delivery_run(struct workers *w, int64_t now);

/* True if there is any record. */
bool delivery_is_due(const struct workers *w);

#endif
