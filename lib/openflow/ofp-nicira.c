/* SPDX-License-Identifier: Apache-2.0 */
/* Nicira's messages about what a controller is to the switch: role, what comes unasked, number. */
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-codec.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/util.h"

const char *ofp_role_name(uint32_t role)
{
    static const char *const names[] = {
        [NX_ROLE_OTHER] = "other",
        [NX_ROLE_PRIMARY] = "primary",
        [NX_ROLE_SECONDARY] = "secondary",
    };
    return role < ARRAY_SIZE(names) ? names[role] : "unknown";
}

int ofp_nx_role_decode(struct ofp_message *m)
{
    const struct nx10_role_request *w = (const void *) m->raw;
    m->role = ntohl(w->role);
    return m->role <= NX_ROLE_SECONDARY ? 0 : OFPERR_NICIRA_BAD_ROLE;
}

void ofp_nx_role_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct nx10_role_request *w = ofp_codec_extend(msg, sizeof *w);
    w->role = htonl(m->role);
}

int ofp_nx_async_config_decode(struct ofp_message *m)
{
    const struct nx10_async_config *w = (const void *) m->raw;
    struct ofp_async_config *ac = &m->async_config;
    for (int i = 0; i < 2; i++) {
        ac->packet_in[i] = ntohl(w->packet_in_mask[i]);
        ac->port_status[i] = ntohl(w->port_status_mask[i]);
        ac->flow_removed[i] = ntohl(w->flow_removed_mask[i]);
    }
    return 0;
}

void ofp_nx_async_config_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct nx10_async_config *w = ofp_codec_extend(msg, sizeof *w);
    const struct ofp_async_config *ac = &m->async_config;
    for (int i = 0; i < 2; i++) {
        w->packet_in_mask[i] = htonl(ac->packet_in[i]);
        w->port_status_mask[i] = htonl(ac->port_status[i]);
        w->flow_removed_mask[i] = htonl(ac->flow_removed[i]);
    }
}

int ofp_nx_controller_id_decode(struct ofp_message *m)
{
    const struct nx10_controller_id *w = (const void *) m->raw;
    for (size_t i = 0; i < sizeof w->zero; i++) {
        if (w->zero[i]) {
            return OFPERR_NICIRA_MUST_BE_ZERO;
        }
    }
    m->controller_id = ntohs(w->controller_id);
    return 0;
}

void ofp_nx_controller_id_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct nx10_controller_id *w = ofp_codec_extend(msg, sizeof *w);
    w->controller_id = htons(m->controller_id);
}
