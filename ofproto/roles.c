/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection is to the switch: its role, what it gets unasked, its number (B1, B11, B12). */
#include "ofproto/roles.h"

#include "lib/openflow/nicira-ext.h"
#include "lib/util.h"
#include "ofproto/ofproto-private.h"

/* What changes the switch for all. SET_CONFIG is not among it, for miss_send_len is the
 * connection's own; set_config_handle() leaves the rest alone. */
static const bool is_write[N_OFP_KINDS] = {
    [OFP_PACKET_OUT] = true,
    [OFP_FLOW_MOD] = true,
    [OFP_NXT_FLOW_MOD] = true,
    [OFP_PORT_MOD] = true,
};

bool role_forbids(const struct ofconn *c, enum ofp_kind kind)
{
    return is_write[kind] && c->role == NX_ROLE_SECONDARY;
}

int role_request_handle(struct ofproto *p UNUSED, struct ofconn *c, struct ofp_message *m)
{
    struct ofp_message reply = {.kind = OFP_NXT_ROLE_REPLY, .xid = m->xid, .role = m->role};
    ofconn_set_role(c, m->role);
    ofconn_send(c, ofp_message_encode(&reply));
    return 0;
}

/* A service connection that wants something wants packets as a controller does. */
int set_async_config_handle(struct ofproto *p UNUSED, struct ofconn *c, struct ofp_message *m)
{
    ofconn_set_async_config(c, &m->async_config);
    if (!c->wants_async) {
        c->miss_send_len = OFP_DEFAULT_MISS_SEND_LEN;
        ofconn_set_wants_async(c, true);
    }
    return 0;
}

int set_controller_id_handle(struct ofproto *p UNUSED, struct ofconn *c, struct ofp_message *m)
{
    ofconn_set_controller_id(c, m->controller_id);
    return 0;
}
