/* SPDX-License-Identifier: Apache-2.0 */
/* Which process forwards a device of the kernel: whoever is the second one says so. */
#ifndef DATAPATH_NETDEV_DEVICE_LOCK_H
#define DATAPATH_NETDEV_DEVICE_LOCK_H

#include <stdbool.h>

/* Packet sockets don't exclude each other: of two switches on one device each forwards every frame.
 * That may be meant, where one takes the place of the other, but hardly ever is.  So whoever
 * forwards a device holds a lock on it, and who does not get it tells.
 *
 * A lock is about one interface of one network namespace and ends with its process, however that
 * ends.  Life cycle: DEVICE_LOCK_INIT; device_lock_take() as often as one likes;
 * device_lock_release().  Control thread. */
struct device_lock {
    int fd;        /* Socket that is the lock; -1: it is not taken. */
    bool has_told; /* The log says that another process has it. */
};

#define DEVICE_LOCK_INIT {.fd = -1}

/* Takes the lock of the interface 'ifindex' of the calling thread's network namespace, unless 'l'
 * is taken.  If another process has it, the log tells for 'name', once.  If this process has it,
 * for a port that is just being closed, nothing is told: it is to be tried again. */
void device_lock_take(struct device_lock *l, const char *name, int ifindex);

/* Gives the lock up, if it is taken, for another interface perhaps. */
void device_lock_release(struct device_lock *l);

#endif
