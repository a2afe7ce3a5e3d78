/* SPDX-License-Identifier: Apache-2.0 */
/* Ports as controllers see and change them: port_mod. */
#ifndef OFPROTO_PORT_MOD_H
#define OFPROTO_PORT_MOD_H

#include <stdint.h>

struct ofconn;
struct ofp_message;
struct ofproto;

/* Handler of OFP_PORT_MOD (A7.4, A7.5). */
int port_mod_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m);

#endif
