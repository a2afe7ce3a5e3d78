/* SPDX-License-Identifier: Apache-2.0 */
/* Ports as controllers see and change them: port_mod, port_status. */
#include "ofproto/port-mod.h"

#include <string.h>

#include "lib/vlog.h"
#include "ofproto/ofproto-private.h"

VLOG_DEFINE_MODULE(port_mod);

/* Bits of 'config' that a controller may set (5.2.1). */
static const uint32_t config_bits = OFPPC_PORT_DOWN | OFPPC_NO_STP | OFPPC_NO_RECV
                                    | OFPPC_NO_RECV_STP | OFPPC_NO_FLOOD | OFPPC_NO_FWD
                                    | OFPPC_NO_PACKET_IN;

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

/* True if the two descriptions differ in what a port_status tells. */
static bool port_changed(const struct ofp_port *a, const struct ofp_port *b)
{
    return a->config != b->config || a->state != b->state || a->curr != b->curr
           || a->advertised != b->advertised;
}

int port_mod_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    const struct ofp_port_mod *pm = &m->port_mod;
    struct ofp_port before, after;
    if (datapath_port_get(p->dp, pm->port_no, &before)) {
        return OFPERR_PORT_MOD_FAILED_BAD_PORT;
    }
    if (memcmp(before.hw_addr, pm->hw_addr, sizeof before.hw_addr)) {
        return OFPERR_PORT_MOD_FAILED_BAD_HW_ADDR;
    }
    int error = datapath_port_set_config(p->dp, pm->port_no, pm->config, pm->mask & config_bits);
    if (error) {
        VLOG_WARN("port %u (%s): cannot change its state: %s", pm->port_no, before.name,
                  strerror(error));
        return OFPERR_BAD_REQUEST_EPERM;
    }
    if (!datapath_port_get(p->dp, pm->port_no, &after) && port_changed(&before, &after)) {
        port_status_send(p, OFPPR_MODIFY, &after, c);
    }
    return 0;
}
