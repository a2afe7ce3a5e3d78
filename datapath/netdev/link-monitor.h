/* SPDX-License-Identifier: Apache-2.0 */
/* News of links by rtnetlink: which interfaces appeared, changed or vanished. */
#ifndef DATAPATH_NETDEV_LINK_MONITOR_H
#define DATAPATH_NETDEV_LINK_MONITOR_H

#include <stdbool.h>

/* Life cycle: link_monitor_create(), link_monitor_run() whenever the descriptor is readable or
 * there was more to tell, link_monitor_destroy(). Threads: the control thread only. */
struct link_monitor;

/* Opens a monitor in the calling thread's network namespace, where it stays. Returns 0 or an errno.
 * */
int link_monitor_create(struct link_monitor **m);

/* Closes 'm', which may be NULL. */
void link_monitor_destroy(struct link_monitor *m);

/* Descriptor that becomes readable when there are news. */
int link_monitor_fd(const struct link_monitor *m);

/* Reads what is there and then calls 'changed' once for each interface and name that there is news
 * of, however many messages there were, in the order of the first ones: the interface 'name'
 * (borrowed during the call) was made or changed, got another queueing discipline or
 * filter, or vanished. Of one that was renamed the new name is told. If news were lost (ENOBUFS) it
 * is called once, with ifindex 0 and name NULL: look at everything again. Never blocks; what comes
 * too fast waits for the next call, as the descriptor tells, and so do the news after the first
 * 'max': then it returns true. */
bool link_monitor_run(struct link_monitor *m, unsigned max,
                      void (*changed)(void *aux, int ifindex, const char *name),
                      void *aux);

#endif
