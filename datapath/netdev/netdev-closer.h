/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that are closed in threads of their own, as the kernel may take its time. */
#ifndef DATAPATH_NETDEV_NETDEV_CLOSER_H
#define DATAPATH_NETDEV_NETDEV_CLOSER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/list.h"

struct netdev;

/* Life cycle: netdev_closer_init(), any number of netdev_closer_close(), netdev_closer_run() after
 * each wake(), netdev_closer_uninit(). Threads: the control thread, but for wake(). */
struct netdev_closer {
    struct list closing;     /* Devices that are being closed. */
    size_t n;                /* How many they are. */
    void (*wake)(void *aux); /* Called when one is closed, in the thread that has closed it. */
    void *aux;               /* For it. */
};

/* Nothing is being closed. */
void netdev_closer_init(struct netdev_closer *c, void (*wake)(void *aux), void *aux);

/* Waits until all are closed. */
void netdev_closer_uninit(struct netdev_closer *c);

/* Closes 'dev', which may be NULL and which no other thread uses: at once, or, if the kernel takes
 * long for its kind, in a thread while the caller goes on, who waits if there are 64 already. */
void netdev_closer_close(struct netdev_closer *c, struct netdev *dev);

/* Whether there is something to be taken notice of: what was closed before a wake() is found here
 * after it. */
bool netdev_closer_has_news(const struct netdev_closer *c);

/* Takes notice of what has been closed. */
void netdev_closer_run(struct netdev_closer *c);

/* Whether there is a device that netdev_closer_run() has not found closed yet. */
bool netdev_closer_is_busy(const struct netdev_closer *c);

#endif
