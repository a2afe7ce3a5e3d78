/* SPDX-License-Identifier: Apache-2.0 */
/* Who watches what devices send: packet sockets and nftables chains, read once for many devices. */
#ifndef DATAPATH_NETDEV_EGRESS_WATCHERS_H
#define DATAPATH_NETDEV_EGRESS_WATCHERS_H

#include <stdbool.h>
#include <sys/types.h>

/* The kernel lists the watchers of all devices at once, and the list is as long as there are
 * devices. So whoever asks about many devices asks with one of these, in one go.
 *
 * Life cycle: egress_watchers_create(), rounds of questions with egress_watchers_forget() before
 * each, egress_watchers_destroy(). The first question of a round reads, in the calling thread's
 * network namespace; all others are answered from that. Threads: the control thread only. */
struct egress_watchers;

/* Makes one. */
struct egress_watchers *egress_watchers_create(void);

/* Frees 'w', which may be NULL. */
void egress_watchers_destroy(struct egress_watchers *w);

/* Starts a round: the next questions read anew. */
void egress_watchers_forget(struct egress_watchers *w);

/* True if a packet socket with another inode than 'own' receives what the device 'ifindex' sends:
 * one for all protocols, on this device or on all. True if that can't be read. */
bool egress_watchers_has_listener(struct egress_watchers *w, int ifindex, ino_t own);

/* True if an nftables chain stands at the egress of the device 'name', or changes got in the way of
 * reading that. */
bool egress_watchers_has_chain(struct egress_watchers *w, const char *name);

#endif
