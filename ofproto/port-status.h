/* SPDX-License-Identifier: Apache-2.0 */
/* Telling controllers of ports: port_status. */
#ifndef OFPROTO_PORT_STATUS_H
#define OFPROTO_PORT_STATUS_H

#include <stdint.h>

struct ofconn;
struct ofp_port;
struct ofproto;

/* Tells all that want to know but 'except' about 'port'; 'reason' OFPPR_*. */
void port_status_send(struct ofproto *p, uint8_t reason, const struct ofp_port *port,
                      const struct ofconn *except);

#endif
