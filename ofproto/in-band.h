/* SPDX-License-Identifier: Apache-2.0 */
/* In-band control: the secure channel itself passes through the bridge, whatever the tables say. */
#ifndef OFPROTO_IN_BAND_H
#define OFPROTO_IN_BAND_H

#include <stdbool.h>

struct in_band;
struct ofproto;

/* Keeps rules in the bridge's front table for the traffic between the LOCAL port and the
 * controllers, and for that of other switches to the same controllers (A1.21); likewise for the
 * traffic of those who dial a listener at one of the LOCAL port's addresses. No request shows or
 * changes them. They follow the LOCAL port's addresses and the host's routes. IPv4 and IPv6.
 *
 * Threads: the control thread. */

/* Begins for 'p', whose config.in_band_remote (may be NULL) is one more controller's target. */
struct in_band *in_band_create(struct ofproto *p);

/* Begins or ends, while the bridge is there: it needs its LOCAL port then, and controllers that
 * in_band_check() is content with. Returns 0, or EINVAL with '*error'. */
int in_band_set(struct ofproto *p, bool is_on, char **error);

bool in_band_is_on(const struct ofproto *p);

/* Looks at the network now, if somebody's flow_mod (p->writer), which is half done no more, kept it
 * from that. Accepts NULL. */
void in_band_run(struct in_band *ib);

/* Ends; the rules go with the tables. Accepts NULL. */
void in_band_destroy(struct in_band *ib);

/* Checks that the controller 'target' can be reached in-band by the interface 'local': it is given
 * by an IP address, a link-local one with that interface; or is no network target at all. Returns
 * 0, or EINVAL with '*error' a malloc()ed sentence. */
int in_band_check(const char *target, const char *local, char **error);

#endif
