/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups of host names that hold nobody up: each has a thread of its own. */
#ifndef LIB_CHANNEL_LOOKUP_H
#define LIB_CHANNEL_LOOKUP_H

#include <stdint.h>

struct addrinfo;
struct lookup;
struct uv_loop_s;

/* A lookup that is under way.  It ends when it tells its owner, or when that abandons it; then it
 * keeps the loop alive no longer than for one round, whatever its thread does.
 *
 * Threads: the loop's only; done() is called there, never from within lookup_start(). */

/* Begins to look up the TCP addresses of 'host', with 'port'.  'done' is told the result, 0 or an
 * error of getaddrinfo(), and owns 'addresses', for freeaddrinfo(); NULL on error.  Returns 0, or
 * an errno if there can't be another thread. */
int lookup_start(struct uv_loop_s *loop, const char *host, uint16_t port,
                 void (*done)(void *aux, int error, struct addrinfo *addresses), void *aux,
                 struct lookup **l);

/* Lets go of a lookup that is under way: done() is not called.  Accepts NULL. */
void lookup_abandon(struct lookup *l);

#endif
