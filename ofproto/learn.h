/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that packets teach (learn actions), put into the tables. */
#ifndef OFPROTO_LEARN_H
#define OFPROTO_LEARN_H

#include <stdint.h>

struct learnt_rule;
struct ofproto;

/* A packet taught '*rule', which is borrowed: puts it in, or gives the one that stands its actions
 * and cookie. While somebody's flow_mod is half done it waits; if too many wait, it is forgotten,
 * and the next packet teaches it again. */
void learn_handle(struct ofproto *p, const struct learnt_rule *rule);

/* Goes on with what waits. */
void learn_run(struct ofproto *p);

/* Forgets what waits. */
void learn_stop(struct ofproto *p);

#endif
