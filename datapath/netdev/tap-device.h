/* SPDX-License-Identifier: Apache-2.0 */
/* Making TAP devices, and taking hold of existing ones. */
#ifndef DATAPATH_NETDEV_TAP_DEVICE_H
#define DATAPATH_NETDEV_TAP_DEVICE_H

#include <stdbool.h>

struct link_kind;
struct netdev_options;

enum {
    TAP_DEVICE_NAME_SIZE = 16, /* Bytes of an interface's name with its 0: IFNAMSIZ. */
};

/* All of this is for the control thread. */

/* Opens /dev/net/tun, non-blocking, attached to nothing. Returns 0 with *fd, or an errno. */
int tap_device_open(int *fd);

/* Attaches 'fd' to the tap 'name': to the one there is, of 'existing' kind, or to a new one if
 * 'existing' is NULL. Asks it for super-frames and unfinished checksums. Returns 0 with the
 * OFFLOAD_* that it takes itself in *capabilities, or an errno: EBUSY if somebody has it open, also
 * where there could be more queues, for then each would get a part of the frames. */
int tap_device_attach(int fd, const char *name, const struct link_kind *existing,
                      unsigned *capabilities);

/* True if 'fd' is attached to a device. */
bool tap_device_is_attached(int fd);

/* Finds the interface of 'fd', which may have got another name, or gone to another network
 * namespace. Returns 0 with its name; ENODEV if 'fd' is attached to none; or EOPNOTSUPP if it is in
 * another namespace, where we can't reach it. */
int tap_device_find(int fd, char name[TAP_DEVICE_NAME_SIZE]);

/* Lets the user and group that options owner= and group= name open the tap of 'fd', too. Returns 0,
 * or an errno with *error a malloc()ed sentence. */
int tap_device_set_owner(int fd, const struct netdev_options *options, char **error);

/* Takes tap_device_attach()'s wishes back, for the next user of a persistent tap. */
void tap_device_restore(int fd);

#endif
