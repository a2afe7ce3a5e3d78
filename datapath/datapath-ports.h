/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of a bridge as ofproto sees them: adding, removing, configuring. */
#ifndef DATAPATH_DATAPATH_PORTS_H
#define DATAPATH_DATAPATH_PORTS_H

#include <stdbool.h>
#include <stdint.h>

struct datapath;
struct netdev;
struct ofp_port;
struct ofp_port_stats;
struct port_settings;

/* Threads: the control thread's. */

/* Adds a port with the device that 'text' describes ("NAME[,type=KIND][,ofport=N][,optional]...");
 * number 'port_no', or 0: ofport= if given, else the lowest free from 1 on. OFPP_LOCAL may be asked
 * for. Returns 0 with *added the number, or an errno with *error. */
int datapath_port_add(struct datapath *dp, const char *text, uint16_t port_no, uint16_t *added,
                      char **error);

/* Removes a port. Its device, which is left as it was found, is closed later, when no thread uses
 * it: workers_are_closing() tells. Returns 0 or ENODEV. */
int datapath_port_remove(struct datapath *dp, uint16_t port_no);

/* Next port after 'port_no' by rising number (start with 0; LOCAL last); 0 at the end. */
uint16_t datapath_port_next(const struct datapath *dp, uint16_t port_no);

/* Number of the port whose device has 'name'; 0 if none. */
uint16_t datapath_port_find(const struct datapath *dp, const char *name);

/* Description as FEATURES_REPLY shows it (5.2.1). ENODEV if there is no such port. */
int datapath_port_get(const struct datapath *dp, uint16_t port_no, struct ofp_port *port);

/* Its counters as PORT_STATS shows them (5.3.5). ENODEV if there is no such port. */
int datapath_port_get_stats(const struct datapath *dp, uint16_t port_no,
                            struct ofp_port_stats *stats);

/* Sets the OFPPC_* bits in 'mask' to 'config'; PORT_DOWN sets the device too. ENODEV, or the
 * device's errno. */
int datapath_port_set_config(struct datapath *dp, uint16_t port_no, uint32_t config, uint32_t mask);

/* State of a port in the spanning tree. */
struct datapath_tree {
    bool is_on;           /* It takes part: BPDUs that come in are UPCALL_PROTOCOL. */
    uint32_t state;       /* OFPPS_STP_*; FLOOD and NORMAL leave it alone unless it is FORWARD. */
    bool learns;          /* NORMAL learns from it. */
    bool blocks_receive;  /* While it does not forward, frames are dropped before the table. */
};

/* Sets that state (A7.7, A11.24). ENODEV if there is no such port. Not told by port_changed(). */
int datapath_port_set_tree(struct datapath *dp, uint16_t port_no, const struct datapath_tree *tree);

/* What the user says of a port; NULL if there is no such port. Borrowed. */
const struct port_settings *datapath_port_settings(const struct datapath *dp, uint16_t port_no);

/* The device, for simulation and tests (netdev_memory_*); NULL if there is no such port. */
struct netdev *datapath_port_netdev(struct datapath *dp, uint16_t port_no);

/* What the port is on: a kind of device, "patch", or "none" while the device is missing or if there
 * is no such port. */
const char *datapath_port_kind(struct datapath *dp, uint16_t port_no);

#endif
