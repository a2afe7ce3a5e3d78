/* SPDX-License-Identifier: Apache-2.0 */
/* What the switch does while no controller is there: one of the fail modes (A9.3, A9.4). */
#ifndef OFPROTO_FAIL_MODE_H
#define OFPROTO_FAIL_MODE_H

#include <stdbool.h>

#include "ofproto/ofproto-config.h"

struct ofproto;

/* Call once, and when connections or the number of controllers changed. */
void fail_mode_init(struct ofproto *p);
void fail_mode_update(struct ofproto *p);
void fail_mode_uninit(struct ofproto *p);

/* The fail mode that holds, after FAIL_DEFAULT was decided by the number of controllers. */
enum fail_mode fail_mode_get(const struct ofproto *p);

/* Changes the mode. */
void fail_mode_set(struct ofproto *p, enum fail_mode mode);

/* The name of 'mode', which is not FAIL_DEFAULT. */
const char *fail_mode_name(enum fail_mode mode);

/* The mode called 'name'. False if there is none; FAIL_MODE_NAMES tells which there are. */
bool fail_mode_from_name(const char *name, enum fail_mode *mode);
#define FAIL_MODE_NAMES "secure, standalone or emergency"

#endif
