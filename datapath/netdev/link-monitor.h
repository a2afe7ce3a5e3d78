/* SPDX-License-Identifier: Apache-2.0 */
/* News of links by rtnetlink: which interfaces appeared, changed or vanished. */
#ifndef DATAPATH_NETDEV_LINK_MONITOR_H
#define DATAPATH_NETDEV_LINK_MONITOR_H

#include <stdbool.h>

struct link_monitor;

/* Opens a monitor in the calling thread's network namespace. Returns 0 or an errno. Control thread. */
int link_monitor_create(struct link_monitor **m);
void link_monitor_destroy(struct link_monitor *m);
int link_monitor_fd(const struct link_monitor *m);

/* Reads what is there and calls 'changed' once per interface named in it; with ifindex 0 and name NULL if
 * news were lost (ENOBUFS): look at everything again. */
void link_monitor_run(struct link_monitor *m,
                      void (*changed)(void *aux, int ifindex, const char *name, bool present),
                      void *aux);

#endif
