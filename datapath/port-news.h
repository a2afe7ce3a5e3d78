/* SPDX-License-Identifier: Apache-2.0 */
/* News of ports: devices looked at again, and what has changed told to the owner of the bridge. */
#ifndef DATAPATH_PORT_NEWS_H
#define DATAPATH_PORT_NEWS_H

#include <stdint.h>

struct datapath;
struct port;

/* Threads: the control thread's. */

/* Brings 'port' up to date. If it becomes mute, what was learnt behind it is forgotten: now, and
 * again when all threads know. */
void port_news_update(struct port *port);

/* Has the owner of 'peer' (NULL: no port), the other end of a patch port of 'dp', told what has
 * changed about it, from within workers_run(): before the port can be destroyed, since what is
 * deferred is called in its order. */
void port_news_tell_patch(struct datapath *dp, struct port *peer);

/* Looks at the devices again whose interface has the index 'ifindex' or the name 'name', at all
 * with 0 and NULL, and tells the owner what has changed. */
void port_news_look(struct datapath *dp, int ifindex, const char *name, int64_t now);

/* The same for the next 'n' ports in turn. */
void port_news_look_next(struct datapath *dp, unsigned n, int64_t now);

/* All ports are to be looked at soon: by port_news_look_next() while 'dp->looks_due' is not 0. */
void port_news_look_later(struct datapath *dp);

#endif
