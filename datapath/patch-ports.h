/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of kind "patch": checking what is asked for, finding the other end, connecting the two. */
#ifndef DATAPATH_PATCH_PORTS_H
#define DATAPATH_PATCH_PORTS_H

#include <stdbool.h>

struct netdev_options;
struct port;

/* "NAME,type=patch,peer=NAME".  No two patch ports in a process have the same name, so that a peer
 * is one port.
 *
 * Threads: the control thread's. */

/* Whether 'options' ask for a patch port. */
bool patch_port_is_meant(const struct netdev_options *options);

/* Makes 'port', not yet published, a patch port, as its options say. Returns 0, or an errno with
 * *error a malloc()ed sentence. */
int patch_port_init(struct port *port, char **error);

/* Connects 'port', already published, with the other end, if that is there and names 'port' as its
 * own: the link of both is up. Returns the other end, whose owner is to be told; NULL if nothing
 * happened, or if 'port' is no patch port. */
struct port *patch_port_connect(struct port *port);

/* Undoes that: the link of both is down. 'port' can be destroyed after a grace period. */
struct port *patch_port_disconnect(struct port *port);

#endif
