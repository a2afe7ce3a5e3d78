/* SPDX-License-Identifier: Apache-2.0 */
/* What the switch does while no controller is there: fail secure, or forward on its own (A9.4). */
#ifndef OFPROTO_FAIL_MODE_H
#define OFPROTO_FAIL_MODE_H

struct ofproto;

/* Call once, and when connections or the number of controllers changed. */
void fail_mode_init(struct ofproto *p);
void fail_mode_update(struct ofproto *p);
void fail_mode_uninit(struct ofproto *p);

#endif
