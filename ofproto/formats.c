/* SPDX-License-Identifier: Apache-2.0 */
/* In which form a connection is told of rules and packets (B3, B5, B9). */
#include "ofproto/formats.h"

#include "lib/openflow/nicira-ext.h"
#include "lib/util.h"
#include "ofproto/ofproto-private.h"

int set_flow_format_handle(struct ofproto *p UNUSED, struct ofconn *c, struct ofp_message *m)
{
    if (m->format != NX_FLOW_FORMAT_OPENFLOW10 && m->format != NX_FLOW_FORMAT_NXM) {
        return OFPERR_BAD_REQUEST_EPERM;
    }
    c->flow_format = m->format;
    return 0;
}

int set_packet_in_format_handle(struct ofproto *p UNUSED, struct ofconn *c, struct ofp_message *m)
{
    if (m->format != NX_PACKET_IN_STANDARD && m->format != NX_PACKET_IN_NXT) {
        return OFPERR_BAD_REQUEST_EPERM;
    }
    c->packet_in_format = m->format;
    return 0;
}

int flow_mod_table_id_handle(struct ofproto *p UNUSED, struct ofconn *c, struct ofp_message *m)
{
    c->has_table_ids = m->is_set;
    return 0;
}
