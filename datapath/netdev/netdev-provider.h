/* SPDX-License-Identifier: Apache-2.0 */
/* The contract between a kind of device and the rest of the datapath. */
#ifndef DATAPATH_NETDEV_NETDEV_PROVIDER_H
#define DATAPATH_NETDEV_NETDEV_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/netdev/netdev.h"

/* Data structures.  A kind of device embeds struct netdev as the first member of its own struct,
 * whose size the class gives; netdev_create() allocates it zeroed and fills the base members.
 *
 * Life cycle.  netdev_create() -> class->open() -> class->get_status() -> class->start(), unless
 * what is asked of the port turns out to be impossible -> any number of the other hooks ->
 * class->close() -> free.  close() is called only after a successful open(), and only when no
 * worker uses the device any more.
 *
 * A device that vanishes.  get_status() returns ENODEV from then on, receive() finds nothing and
 * send() fails with ENODEV or the like.  When a device of the name is back, the next get_status()
 * takes it up again, while workers go on calling receive() and send(): without exchanging memory or
 * descriptors that they use.
 *
 * Threads.  open, start, close, set_admin, set_mtu, get_status and count_lost are called by the
 * control thread alone; but if 'closes_slowly', close may run in another thread while the control
 * thread and others open, use and close other devices.
 * receive and release are called by the one thread that owns the receive side.  send may be called
 * by every thread at once, each with its own 'thread->id' < n_threads: per-thread state only, no
 * lock.
 *
 * All I/O is non-blocking. */
struct netdev_class {
    const char *kind;      /* "raw", "tap", "memory": value of type=. */
    size_t size;           /* Bytes of the kind's struct, whose first member is struct netdev. */
    const char *options;   /* Keys it understands, space-separated: "host bypass". */
    unsigned capabilities; /* OFFLOAD_* that send() can take at best. */
    bool is_kernels;       /* Its devices are the kernel's, each a port of one bridge only, */
    const char *else_keys[2]; /* unless they have one of these keys; NULL: there are none. */
    bool closes_slowly;    /* close() waits for the kernel. */

    /* Opens the device named dev->options.name. Returns 0, or an errno with *error a malloc()ed
     * sentence that names the thing and the remedy; then nothing is left behind. May take bits out
     * of dev->capabilities. */
    int (*open)(struct netdev *dev, char **error);

    /* Does what close() can't undo: nothing can refuse the device any more, and nobody has sent by
     * it. What fails is logged. NULL: there is nothing of the sort. */
    void (*start)(struct netdev *dev);

    /* Undoes open(): descriptors, memory, promiscuity, ingress drop, devices that we made. */
    void (*close)(struct netdev *dev);

    /* Fills 'batch' (empty before) with up to PACKET_BATCH_MAX frames, size at least 14, offload
     * set, in_port not set. Frames stay valid until release(). Returns how many; 0 if there is
     * nothing now. What could not be received whole is counted with netdev_count_rx_drop(). */
    unsigned (*receive)(struct netdev *dev, struct netdev_thread *thread,
                        struct packet_batch *batch);

    /* Gives the frames of the last receive() back, whatever became of 'batch'. */
    void (*release)(struct netdev *dev, struct packet_batch *batch);

    /* Sends 'n' frames (1 to PACKET_BATCH_MAX); each fits dev's capabilities and MTU. The frames
     * are borrowed during the call. Returns how many of them, from the first on, went out; if that
     * is less than 'n', *error says why the next one did not:
     *
     * - ENOBUFS: the device has no room for it (a full queue). The caller counts it as dropped and
     *   goes on behind it.
     * - EMSGSIZE, EINVAL: it is the frame's own fault. The caller counts an error and goes on
     *   behind it (or, with EINVAL on a super-frame, sends it in pieces).
     * - Any other: all the rest is lost.
     *
     * On a momentarily full device it tries as hard as it can without blocking. */
    unsigned (*send)(struct netdev *dev, struct netdev_thread *thread,
                     struct packet *const packets[], unsigned n, int *error);

    /* Counts with netdev_count_rx_drop() what the kernel has dropped since it was asked last. NULL:
     * nothing is dropped without our knowledge. Cheap. */
    void (*count_lost)(struct netdev *dev);

    /* Reads the device's status, all members. Returns 0, or ENODEV if it has vanished. */
    int (*get_status)(struct netdev *dev, struct netdev_status *status);

    /* Sets the device administratively up or down. NULL: cannot. */
    int (*set_admin)(struct netdev *dev, bool up);

    /* Sets the MTU, or the most that there can be if that is known to be less (LOCAL and taps that
     * we made follow the bridge). NULL: cannot. */
    int (*set_mtu)(struct netdev *dev, unsigned mtu);
};

/* Base of every device. */
struct netdev {
    const struct netdev_class *class; /* Kind. */
    struct netdev_options options;    /* As asked for; owned. */
    int receive_fd;                   /* Becomes readable when receive() has something, for as long
                                       * as the device is open; -1 none. Set by open(); borrowed. */
    unsigned n_threads;               /* Threads that may send. */
    unsigned capabilities;            /* OFFLOAD_* that it takes now; relaxed atomic. */
    unsigned mtu;                     /* For netdev_send(), 0 unlimited; relaxed atomic. */
    struct netdev_status status;      /* As last read. Control thread. */
    struct netdev_shared *shared;     /* With other devices, or NULL; borrowed. */
    struct netdev_counters *counters; /* One per thread, cache-line aligned; owned. */
};

enum {
    NETDEV_NAME_MAX = 15, /* Characters in a device's name: the kernel's limit and OpenFlow's. */
};

/* True if a device of 'class' with 'options' is the kernel's of that name. */
bool netdev_class_is_kernels(const struct netdev_class *class,
                             const struct netdev_options *options);

/* Opens a device of 'class', as netdev_open() does. */
int netdev_create(const struct netdev_class *class, const struct netdev_options *options,
                  unsigned n_threads, struct netdev_shared *shared, struct netdev **dev,
                  char **error);

/* Counts frames lost on receive, and frames that make no sense, by the receiving thread 'thread'
 * (NULL: by the control thread). */
void netdev_count_rx_drop(struct netdev *dev, const struct netdev_thread *thread, uint64_t n);
void netdev_count_rx_error(struct netdev *dev, const struct netdev_thread *thread, uint64_t n);

#endif
