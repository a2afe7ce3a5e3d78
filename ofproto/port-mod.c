/* SPDX-License-Identifier: Apache-2.0 */
/* Ports as controllers see and change them: port_mod. */
#include "ofproto/port-mod.h"

#include <string.h>

#include "lib/vlog.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/port-status.h"
#include "ofproto/spanning.h"

VLOG_DEFINE_MODULE(port_mod);

/* Bits of 'config' that a controller may set (5.2.1). */
static const uint32_t config_bits = OFPPC_PORT_DOWN | OFPPC_NO_STP | OFPPC_NO_RECV
                                    | OFPPC_NO_RECV_STP | OFPPC_NO_FLOOD | OFPPC_NO_FWD
                                    | OFPPC_NO_PACKET_IN;

/* True if the two descriptions differ in what a port_status tells. */
static bool port_changed(const struct ofp_port *a, const struct ofp_port *b)
{
    return a->config != b->config || a->state != b->state || a->curr != b->curr
           || a->advertised != b->advertised;
}

/* Tells of a change that 'c' has asked for: 'c' itself only what it did not ask for. */
static void tell_change(struct ofproto *p, const struct ofp_port *before,
                        const struct ofp_port *after, const struct ofconn *c)
{
    bool has_moved = (before->state ^ after->state) & OFPPS_STP_MASK;
    if (port_changed(before, after)) {
        port_status_send(p, OFPPR_MODIFY, after, has_moved ? NULL : c);
    }
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
        static struct vlog_limit limit = VLOG_LIMIT_INIT(6, 10);
        VLOG_WARN_RL(&limit, "port %u (%s): cannot change its state: %s", pm->port_no,
                     before.name, strerror(error));
        return OFPERR_BAD_REQUEST_EPERM;
    }
    if (!datapath_port_get(p->dp, pm->port_no, &after)) {
        spanning_port_came(p, &after);
        tell_change(p, &before, &after, c);
    }
    return 0;
}
