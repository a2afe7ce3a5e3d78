/* SPDX-License-Identifier: Apache-2.0 */
/* Telling controllers of ports: port_status. */
#include "ofproto/port-status.h"

#include "ofproto/ofproto-private.h"

void port_status_send(struct ofproto *p, uint8_t reason, const struct ofp_port *port,
                      const struct ofconn *except)
{
    struct ofp_message m = {
        .version = OFP10_VERSION,
        .kind = OFP_PORT_STATUS,
        .port_status = {.reason = reason, .port = *port},
    };
    if (connmgr_next_async(p->connmgr, NULL, ASYNC_PORT_STATUS, reason)) {
        connmgr_broadcast(p->connmgr, ofp_message_encode(&m), ASYNC_PORT_STATUS, reason, except);
    }
}
