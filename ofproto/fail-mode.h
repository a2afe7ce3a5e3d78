/* SPDX-License-Identifier: Apache-2.0 */
/* What the switch does while no controller is there: fail secure, or forward on its own (A9.4). */
#ifndef OFPROTO_FAIL_MODE_H
#define OFPROTO_FAIL_MODE_H

#include "ofproto/ofproto-config.h"

struct ofproto;

/* Call once, and when connections or the number of controllers changed. */
void fail_mode_init(struct ofproto *p);
void fail_mode_update(struct ofproto *p);
void fail_mode_uninit(struct ofproto *p);

/* The fail mode that holds, after FAIL_DEFAULT was decided by the number of controllers. */
enum fail_mode fail_mode_get(const struct ofproto *p);

#endif
