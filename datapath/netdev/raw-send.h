/* SPDX-License-Identifier: Apache-2.0 */
/* Sending to a kernel device in batches, through the cheapest socket for each frame. */
#ifndef DATAPATH_NETDEV_RAW_SEND_H
#define DATAPATH_NETDEV_RAW_SEND_H

#include <stdbool.h>

/* One thread's sockets on one device. Life cycle: raw_sender_open(), raw_sender_bind() as often as
 * the device appears, raw_sender_send(), raw_sender_close().
 *
 * Threads: raw_sender_send() belongs to the sending thread, the others to the control thread;
 * raw_sender_bind() and raw_sender_set_bypass() may run while the other sends. */
struct raw_sender;

struct packet;
struct raw_xdp;

enum { RAW_SENDER_NO_QUEUE = -1 };

/* Opens a sender, which may use transmit queue 'queue' of its device for itself (which is faster;
 * RAW_SENDER_NO_QUEUE: none). AF_XDP sockets that it is done with, while it is open, it puts aside
 * into '*unused', which its owner closes soon; NULL: it closes them. Returns 0 or an errno. */
int raw_sender_open(struct raw_sender **s, int queue, struct raw_xdp **unused);

/* Closes 's', which may be NULL. */
void raw_sender_close(struct raw_sender *s);

/* Sends to device 'ifindex' (0: none) from now on. Returns 0 or an errno. */
int raw_sender_bind(struct raw_sender *s, int ifindex);

/* Goes past the device's queueing discipline, egress filters and captures ('bypass'), or through.
 * To be called now and then with the same value, too: it repairs what broke. */
void raw_sender_set_bypass(struct raw_sender *s, bool bypass);

/* As the hook send() of struct netdev_class; after ENOBUFS the next call must begin with the packet
 * behind the one that was dropped. */
unsigned raw_sender_send(struct raw_sender *s, struct packet *const packets[], unsigned n,
                         int *error);

#endif
