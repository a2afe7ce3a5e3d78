/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection is to the switch: its role, what it gets unasked, its number (B1, B11, B12). */
#ifndef OFPROTO_ROLES_H
#define OFPROTO_ROLES_H

#include <stdbool.h>

#include "lib/openflow/ofp-message.h"

struct ofconn;
struct ofproto;

/* True if a message of 'kind' changes the switch, which a secondary controller may not: it is
 * refused with BAD_REQUEST/EPERM. */
bool role_forbids(const struct ofconn *c, enum ofp_kind kind);

/* Handlers. */
int role_request_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);
int set_async_config_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);
int set_controller_id_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);

#endif
