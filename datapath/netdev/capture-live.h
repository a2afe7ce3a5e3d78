/* SPDX-License-Identifier: Apache-2.0 */
/* A device of the kernel, captured and injected into by libpcap. */
#ifndef DATAPATH_NETDEV_CAPTURE_LIVE_H
#define DATAPATH_NETDEV_CAPTURE_LIVE_H

#include <stdbool.h>
#include <stdint.h>

struct capture_frame;
struct capture_live;
struct packet;

/* Captures what the device receives, in promiscuous mode, without what this host sends.
 *
 * Life cycle: capture_live_create(); capture_live_start() as soon as the device is there and up;
 * capture_live_stop() when it is gone or has another name, and again; capture_live_destroy().
 *
 * Threads: _next() is the receiving thread's, _send() is for every thread with its own number, the
 * rest is the control thread's. */

/* Returns a capture of nothing yet of the device 'name' (borrowed), for senders numbered below
 * 'n_threads'. Returns 0 or an errno. */
int capture_live_create(const char *name, unsigned n_threads, struct capture_live **live);

/* Accepts NULL. */
void capture_live_destroy(struct capture_live *live);

/* Captures the device that has the name now. Returns 0, ENETDOWN if it is down, ENODEV if there is
 * none, EPERM without the right, or another errno; then '*error', unless NULL, is a malloc()ed text
 * of the reason. */
int capture_live_start(struct capture_live *live, char **error);

/* Captures nothing any more and leaves the device 'ifindex', which was captured and may be gone, as
 * it was; to send fails. */
void capture_live_stop(struct capture_live *live, int ifindex);

/* Whether the device 'ifindex' is still captured: the kernel ends that when the device goes,
 * even if one with the same index comes. */
bool capture_live_is_bound(const struct capture_live *live, int ifindex);

/* Takes the next frame that was captured. False if there is none. */
bool capture_live_next(struct capture_live *live, struct capture_frame *frame);

/* Sends 'n' frames by thread 'id', as struct netdev_class wants it. */
unsigned capture_live_send(struct capture_live *live, unsigned id, struct packet *const packets[],
                           unsigned n, int *error);

/* Frames lost since the last call because the ring was full. */
unsigned capture_live_lost(struct capture_live *live);

/* Descriptor that is readable when capture_live_next() has something; it stays the same. */
int capture_live_fd(const struct capture_live *live);

#endif
