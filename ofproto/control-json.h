/* SPDX-License-Identifier: Apache-2.0 */
/* What the control socket tells: bridges with all that they have, caches, memory, as JSON. */
#ifndef OFPROTO_CONTROL_JSON_H
#define OFPROTO_CONTROL_JSON_H

struct bridge;
struct connmgr;
struct json_t;
struct ofproto;

/* Each returns a value that the caller owns.  Threads: the control thread. */

/* A bridge with its settings, ports, controllers and listeners. */
struct json_t *control_json_bridge(struct bridge *b);

/* An array of the controllers of 'cm'. */
struct json_t *control_json_controllers(const struct connmgr *cm);

/* What packets of a bridge were dropped for, and how its caches do. */
struct json_t *control_json_coverage(struct bridge *b);

/* An array of the addresses that NORMAL has learnt, by VLAN and address. */
struct json_t *control_json_macs(const struct ofproto *p);

/* Bytes of memory that the daemon has now, and the most that it ever had; zeros if the kernel does
 * not tell. */
struct json_t *control_json_memory(void);

#endif
