/* SPDX-License-Identifier: Apache-2.0 */
/* Nicira's packet_in, and the messages that say in which form a controller wants what. */
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/nx-match.h"
#include "lib/openflow/ofp-codec.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/util.h"

enum { FRAME_PAD = 2 /* Bytes in front of the frame, which align what is behind its header. */ };

int ofp_nx_packet_in_decode(struct ofp_message *m)
{
    const struct nx10_packet_in *w = (const void *) m->raw;
    struct ofp_packet_in *pi = &m->packet_in;
    struct ofp_data rest = ofp_codec_rest(m, sizeof *w);
    int error = nx_match_decode(&rest.data, &rest.size, ntohs(w->match_len), &pi->metadata, NULL);
    if (error) {
        return error;
    }
    if (rest.size < FRAME_PAD) {
        return OFPERR_BAD_REQUEST_BAD_LEN;
    }
    pi->buffer_id = ntohl(w->buffer_id);
    pi->total_len = ntohs(w->total_len);
    pi->in_port = (uint16_t) pi->metadata.flow.in_port;
    pi->reason = w->reason;
    pi->data = (struct ofp_data){.data = rest.data + FRAME_PAD, .size = rest.size - FRAME_PAD};
    pi->table_id = w->table_id;
    pi->cookie = ntohll(w->cookie);
    return 0;
}

void ofp_nx_packet_in_encode(const struct ofp_message *m, struct bytes *msg)
{
    const struct ofp_packet_in *pi = &m->packet_in;
    struct nx10_packet_in *w = ofp_codec_extend(msg, sizeof *w);
    w->buffer_id = htonl(pi->buffer_id);
    w->total_len = htons(pi->total_len);
    w->reason = pi->reason;
    w->table_id = pi->table_id;
    w->cookie = htonll(pi->cookie);
    size_t match_size = nx_match_encode(&pi->metadata, NULL, msg);
    w = bytes_at(msg, 0);
    w->match_len = htons((uint16_t) match_size);
    bytes_put_zeros(msg, FRAME_PAD);
    bytes_put(msg, pi->data.data, MIN(pi->data.size, OFP_MAX_MESSAGE - msg->size));
}

int ofp_nx_format_decode(struct ofp_message *m)
{
    const struct nx10_set_format *w = (const void *) m->raw;
    m->format = ntohl(w->format);
    return 0;
}

void ofp_nx_format_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct nx10_set_format *w = ofp_codec_extend(msg, sizeof *w);
    w->format = htonl(m->format);
}

int ofp_nx_table_id_decode(struct ofp_message *m)
{
    const struct nx10_flow_mod_table_id *w = (const void *) m->raw;
    m->is_set = w->set;
    return 0;
}

void ofp_nx_table_id_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct nx10_flow_mod_table_id *w = ofp_codec_extend(msg, sizeof *w);
    w->set = m->is_set;
}
