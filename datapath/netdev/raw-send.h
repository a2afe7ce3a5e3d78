/* SPDX-License-Identifier: Apache-2.0 */
/* Sending to a kernel device through an AF_PACKET socket, in batches. */
#ifndef DATAPATH_NETDEV_RAW_SEND_H
#define DATAPATH_NETDEV_RAW_SEND_H

#include <stdbool.h>

/* One thread's socket on one device. Life cycle: raw_sender_open(), raw_sender_bind() as often as
 * the device appears, raw_sender_send(), raw_sender_close().
 *
 * Threads: raw_sender_send() belongs to the sending thread, the others to the control thread;
 * raw_sender_bind() and raw_sender_set_bypass() may run while the other sends. */
struct raw_sender;

struct packet;

/* Opens a sender. Returns 0 or an errno. */
int raw_sender_open(struct raw_sender **s);

/* Closes 's', which may be NULL. */
void raw_sender_close(struct raw_sender *s);

/* Sends to device 'ifindex' (0: none) from now on. Returns 0 or an errno. */
int raw_sender_bind(struct raw_sender *s, int ifindex);

/* Goes past the device's queueing discipline, egress filters and captures ('bypass'), or through.
 * */
void raw_sender_set_bypass(struct raw_sender *s, bool bypass);

/* As the hook send() of struct netdev_class. */
unsigned raw_sender_send(struct raw_sender *s, struct packet *const packets[], unsigned n,
                         int *error);

#endif
