/* SPDX-License-Identifier: Apache-2.0 */
/* One OpenFlow switch: a datapath, its controllers, and the protocol between them. */
#ifndef OFPROTO_OFPROTO_H
#define OFPROTO_OFPROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/ofproto-config.h"

struct channel_env;
struct connmgr;
struct datapath;
struct ofproto;
struct workers;

/* Life cycle: ofproto_create(), ports and connections added in any order, ofproto_run() in every
 * turn of the program's loop after workers_run(), ofproto_destroy(). Threads: the control
 * thread. */

/* Makes a switch without ports and connections. 'env' and 'workers' are borrowed until
 * ofproto_destroy(), '*config' during the call only. */
struct ofproto *ofproto_create(const struct channel_env *env, struct workers *workers,
                               const struct ofproto_config *config);

/* Ends its connections and removes its ports. Accepts NULL. */
void ofproto_destroy(struct ofproto *p);

/* Does what is due. True: wants to be called again at once. */
bool ofproto_run(struct ofproto *p, int64_t now);

/* The datapath below, and the connections beside, to add to. */
struct datapath *ofproto_datapath(struct ofproto *p);
struct connmgr *ofproto_connmgr(struct ofproto *p);

/* Adds or removes a port as datapath_port_add() does, and tells the controllers. */
int ofproto_port_add(struct ofproto *p, const char *text, uint16_t port_no, uint16_t *added,
                     char **error);
int ofproto_port_remove(struct ofproto *p, uint16_t port_no);

#endif
