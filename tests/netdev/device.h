/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of devices share: opening one by its text, a thread to use it, waiting, forwarding. */
#ifndef TESTS_NETDEV_DEVICE_H
#define TESTS_NETDEV_DEVICE_H

#include <stddef.h>
#include <sys/types.h>

#include "datapath/netdev/netdev.h"

/* Fails the test if anything goes wrong, so it needs no checks. */

/* Opens the device that 'text' names, as --port would, for 2 threads. The caller closes it. */
struct netdev *device_open(const char *text);

/* The same for a device that shares 'shared' (may be NULL) with others. */
struct netdev *device_open_shared(const char *text, struct netdev_shared *shared);

/* Tries to open what can't be opened. Returns the errno; *error is freed by the caller. */
int device_open_error(const char *text, char **error);

/* Sets up thread 'id' with a pool; device_thread_uninit() frees it. */
void device_thread_init(struct netdev_thread *thread, unsigned id);
void device_thread_uninit(struct netdev_thread *thread);

/* Before a test of v0: makes the veth pair v0 and v1 and thread 1. Returns a wire on v1. */
int device_set_up_veth(struct netdev_thread *thread);

/* After a test: closes 'dev' and 'wire' (NULL, -1: there is none), deletes the link 'name' if it is
 * still there, and frees what 'thread' has. */
void device_tear_down(struct netdev_thread *thread, struct netdev *dev, int wire,
                      const char *name);

/* Waits until 'dev' has frames and receives them; gives up after 5 s with an empty batch. */
unsigned device_wait(struct netdev *dev, struct netdev_thread *thread, struct packet_batch *batch);

/* Sends 'size' bytes of a frame without offloads. */
void device_send(struct netdev *dev, struct netdev_thread *thread, const void *frame, size_t size);

/* What device_forward() saw. */
struct device_seen {
    unsigned largest; /* Bytes of the largest frame. */
    unsigned partial; /* Frames with an unfinished checksum. */
    unsigned supers;  /* Super-frames. */
};

/* One way from device to device. */
struct device_way {
    struct netdev *from;              /* Where frames come from. */
    struct netdev *to;                /* Where they go. */
    void (*change)(struct packet *p); /* What is done to them in between; NULL nothing. */
};

/* Moves what waits now at the start of each of the 'n' ways. */
void device_step(const struct device_way *ways, size_t n, struct netdev_thread *thread,
                 struct device_seen *seen);

/* Forwards on the 'n_ways' ways, whenever a device becomes readable, until the processes 'pids'
 * have ended, which must be with status 0. */
void device_forward(const struct device_way *ways, size_t n_ways, struct netdev_thread *thread,
                    const pid_t pids[], size_t n_pids, struct device_seen *seen);

/* Starts processes in the namespaces 'from' and 'to' that send 'size' patterned bytes by TCP to
 * 'address', port 5001, of the latter, and check what arrives. */
void device_start_tcp(int from, int to, const char *address, size_t size, pid_t pids[2]);

/* The counters of 'dev'. */
struct netdev_counters device_counters(const struct netdev *dev);

#endif
