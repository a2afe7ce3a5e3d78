/* SPDX-License-Identifier: Apache-2.0 */
/* Making TAP devices, and taking hold of existing ones. */
#ifndef DATAPATH_NETDEV_TAP_DEVICE_H
#define DATAPATH_NETDEV_TAP_DEVICE_H

#include <stdbool.h>

struct link_kind;
struct netdev_options;

/* All of this is for the control thread. */

/* Opens /dev/net/tun, non-blocking, attached to nothing. Returns 0 with *fd, or an errno. */
int tap_device_open(int *fd);

/* Attaches 'fd' to the tap 'name': to the one there is, of 'existing' kind, or to a new one if
 * 'existing' is NULL. Asks it for super-frames and unfinished checksums. Returns 0 with the
 * OFFLOAD_* that it takes itself in *capabilities, or an errno. */
int tap_device_attach(int fd, const char *name, const struct link_kind *existing,
                      unsigned *capabilities);

/* True if 'fd' is attached to a device. */
bool tap_device_is_attached(int fd);

/* Lets the user and group that options owner= and group= name open the tap of 'fd', too. Returns 0,
 * or an errno with *error a malloc()ed sentence. */
int tap_device_set_owner(int fd, const struct netdev_options *options, char **error);

/* Takes tap_device_attach()'s wishes back, for the next user of a persistent tap. */
void tap_device_restore(int fd);

#endif
