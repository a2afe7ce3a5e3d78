/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that carry packets between switch and controller. */
#include "lib/openflow/ofp-codec.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

int ofp_packet_in_decode(struct ofp_message *m)
{
    const struct ofp10_packet_in *w = (const void *) m->raw;
    struct ofp_packet_in *pi = &m->packet_in;
    pi->buffer_id = ntohl(w->buffer_id);
    pi->total_len = ntohs(w->total_len);
    pi->in_port = ntohs(w->in_port);
    pi->reason = w->reason;
    pi->data = ofp_codec_rest(m, offsetof(struct ofp10_packet_in, data));
    return 0;
}

void ofp_packet_in_encode(const struct ofp_message *m, struct bytes *msg)
{
    const struct ofp_packet_in *pi = &m->packet_in;
    struct ofp10_packet_in *w = ofp_codec_extend(msg, sizeof *w);
    w->buffer_id = htonl(pi->buffer_id);
    w->total_len = htons(pi->total_len);
    w->in_port = htons(pi->in_port);
    w->reason = pi->reason;
    bytes_put(msg, pi->data.data, MIN(pi->data.size, OFP_MAX_MESSAGE - msg->size));
}

int ofp_packet_out_decode(struct ofp_message *m)
{
    const struct ofp10_packet_out *w = (const void *) m->raw;
    struct ofp_packet_out *po = &m->packet_out;
    struct ofp_data rest = ofp_codec_rest(m, sizeof *w);
    size_t actions_size = ntohs(w->actions_len);
    if (actions_size > rest.size) {
        return OFPERR_BAD_REQUEST_BAD_LEN;
    }

    int error = action_list_decode(&po->actions, rest.data, actions_size, false);
    if (error) {
        return error;
    }
    po->buffer_id = ntohl(w->buffer_id);
    po->in_port = ntohs(w->in_port);
    po->data = ofp_codec_rest(m, sizeof *w + actions_size);
    return 0;
}

void ofp_packet_out_encode(const struct ofp_message *m, struct bytes *msg)
{
    const struct ofp_packet_out *po = &m->packet_out;
    struct ofp10_packet_out *w = ofp_codec_extend(msg, sizeof *w);
    w->buffer_id = htonl(po->buffer_id);
    w->in_port = htons(po->in_port);
    w->actions_len = htons((uint16_t) action_list_wire_size(&po->actions));
    action_list_encode(&po->actions, msg);
    bytes_put(msg, po->data.data, po->data.size);
}

void ofp_packet_out_uninit(struct ofp_message *m)
{
    action_list_uninit(&m->packet_out.actions);
}
