/* SPDX-License-Identifier: Apache-2.0 */
/* The device under a port: opened when it comes, set down, kept at an MTU. */
#ifndef DATAPATH_PORT_DEVICE_H
#define DATAPATH_PORT_DEVICE_H

#include <stdbool.h>

struct datapath;
struct port;

/* Threads: the control thread's. */

/* Opens the device of 'port', unless another port has it, and publishes it; no worker receives from
 * it yet. Returns 0, or an errno with *error: EBUSY if another port has it. */
int port_device_open(struct port *port, char **error);

/* Makes 'port' down or up: the device if it can, and then its state is the port's, or else the port
 * alone; a device that is not there when it comes. Returns 0 or the device's errno. */
int port_device_set_down(struct port *port, bool down);

/* PORT_DOWN holds until somebody takes it back or sets the device up; one that vanished and is back
 * is another device, which nobody has set up yet against what was asked for. To be called whenever
 * the device of 'port' may have changed. */
void port_device_keep_down(struct port *port);

/* Makes LOCAL, and taps that we made, follow the least MTU of the other ports of 'dp'. */
void port_device_follow_mtu(struct datapath *dp);

#endif
