/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the rights of a connection allow what it asks for (A10.2, A10.8, A10.18, A10.23). */
#ifndef OFPROTO_RIGHTS_CHECK_H
#define OFPROTO_RIGHTS_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/openflow/ofp-message.h"

struct ofconn;
struct ofproto;
struct rights;
struct rule;

/* Returns 0, or the error with which 'm', a message of 'c', is refused for want of rights. A
 * flow_mod passes here: for it there is rights_check_flow_mod(). */
int rights_check(const struct ofproto *p, const struct ofconn *c, const struct ofp_message *m);

/* The same for a flow_mod with its table and a good command, that heeds its buffer if
 * 'takes_buffer'. If it may not concern all tables but says so, or says nothing, it is made one of
 * the first. */
int rights_check_flow_mod(const struct ofproto *p, const struct ofconn *c, struct ofp_flow_mod *fm,
                          bool takes_buffer);

/* True if 'by' (NULL: the switch itself) may add a rule in the place of 'old' (NULL: a new one):
 * there is room in its quota, or 'old' counts in it already. */
bool rights_allow_rule(const struct ofconn *by, const struct rule *old);

/* True if 'by' (NULL: the switch itself) may have the packet in buffer 'id', if there is one: it
 * came in by a port that may be touched. To be asked again when it is used later: ids are given
 * anew. */
bool rights_allow_buffer(const struct ofproto *p, const struct ofconn *by, uint32_t id);

/* True if 'by' (NULL: the switch itself), who adds rules, may have others' make room for them. */
bool rights_allow_eviction(const struct ofconn *by);

#endif
