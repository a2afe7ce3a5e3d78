/* SPDX-License-Identifier: Apache-2.0 */
/* Sending small finished frames to a kernel device through an AF_XDP socket. */
#ifndef DATAPATH_NETDEV_RAW_XDP_H
#define DATAPATH_NETDEV_RAW_XDP_H

#include <stdbool.h>

/* One thread's AF_XDP socket on one device. It costs the kernel a third less per frame than a
 * packet socket, goes past the queueing discipline and knows no offloads. It never changes its
 * device: for another one there is another socket.
 *
 * Threads: raw_xdp_send() belongs to one thread at a time. */
struct raw_xdp;

struct packet;

/* Opens a socket that sends to transmit queue 'queue' of device 'ifindex'. Returns NULL if kernel,
 * device, rights or memory do not allow it, or another socket has the queue. */
struct raw_xdp *raw_xdp_open(int ifindex, unsigned queue);

/* Closes 'x', which may be NULL. */
void raw_xdp_close(struct raw_xdp *x);

/* Puts 'x' before the list '*list' of sockets that nobody uses any more (NULL: empty), whose owner
 * it has from then on. */
void raw_xdp_put_aside(struct raw_xdp *x, struct raw_xdp **list);

/* Closes all of '*list', which is empty then. The kernel takes some ten milliseconds to close one,
 * but hardly longer for many at a time. */
void raw_xdp_close_all(struct raw_xdp **list);

/* True if 'p' is a frame that can go through an AF_XDP socket. */
bool raw_xdp_takes(const struct packet *p);

/* Sends 'n' packets (at most PACKET_BATCH_MAX) that raw_xdp_takes(). Returns how many of them, from
 * the first on, went out. If that is less than 'n', *error says why the next one did not:
 * - ENOBUFS: the device dropped it. The next call must begin with the one after it.
 * - EXFULL: too many frames are still in the kernel. The rest may go another way, and is in order.
 * - EAGAIN: the device is full, for a moment.
 * - Any other: it can't be sent to at all, and raw_xdp_is_broken() is true from now on. */
unsigned raw_xdp_send(struct raw_xdp *x, struct packet *const packets[], unsigned n, int *error);

/* True if nothing more can be sent; any thread may ask. */
bool raw_xdp_is_broken(const struct raw_xdp *x);

#endif
