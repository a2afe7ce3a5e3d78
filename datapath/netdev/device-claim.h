/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a device of the kernel ours beside our sockets: its lock and the ingress drop. */
#ifndef DATAPATH_NETDEV_DEVICE_CLAIM_H
#define DATAPATH_NETDEV_DEVICE_CLAIM_H

#include <stdbool.h>

#include "datapath/netdev/device-lock.h"

struct host_drop;
struct netdev_options;

/* Every kind of device that shares its interface with the host makes a claim on it, and has option
 * host=.  Life cycle: DEVICE_CLAIM_INIT; device_claim_read(); then device_claim_take() and
 * device_claim_release() in turns, the latter at the end in any case.  Control thread, but for the
 * end. */
struct device_claim {
    struct device_lock lock; /* So that others who forward it are told of. */
    struct host_drop *drop;  /* So that the host does not see its frames; or NULL. Owned. */
    bool host_keep;          /* host=keep: no drop. */
};

#define DEVICE_CLAIM_INIT {.lock = DEVICE_LOCK_INIT}

/* Reads host= of 'options'. Returns 0, or EINVAL with *error. */
int device_claim_read(struct device_claim *claim, const struct netdev_options *options,
                      char **error);

/* Claims the interface 'ifindex', which is called 'name'. That it can't be had alone, or the host
 * can't be kept away, goes to the log and nothing more. */
void device_claim_take(struct device_claim *claim, const char *name, int ifindex);

/* To be called now and then for the interface that is claimed: another process may have had the
 * lock at first. */
void device_claim_look(struct device_claim *claim, const char *name, int ifindex);

/* Gives it up; nothing happens if it was not claimed. */
void device_claim_release(struct device_claim *claim);

#endif
