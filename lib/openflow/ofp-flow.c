/* SPDX-License-Identifier: Apache-2.0 */
/* Messages about rules: changing them, their removal and their statistics. */
#include <string.h>

#include "lib/openflow/ofp-codec.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-match.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"

void ofp_flow_mod_take_body(struct ofp_flow_mod *fm, const struct ofp10_flow_mod_body *w)
{
    fm->table_id = OFPTT_ALL;
    fm->cookie = ntohll(w->cookie);
    fm->command = ntohs(w->command);
    fm->idle_timeout = ntohs(w->idle_timeout);
    fm->hard_timeout = ntohs(w->hard_timeout);
    fm->priority = ntohs(w->priority);
    fm->buffer_id = ntohl(w->buffer_id);
    fm->out_port = ntohs(w->out_port);
    fm->flags = ntohs(w->flags);
}

void ofp_flow_mod_put_body(const struct ofp_flow_mod *fm, struct ofp10_flow_mod_body *w)
{
    w->cookie = htonll(fm->cookie);
    w->command = htons(fm->command);
    w->idle_timeout = htons(fm->idle_timeout);
    w->hard_timeout = htons(fm->hard_timeout);
    w->priority = htons(fm->priority);
    w->buffer_id = htonl(fm->buffer_id);
    w->out_port = htons(fm->out_port);
    w->flags = htons(fm->flags);
}

int ofp_flow_mod_decode(struct ofp_message *m)
{
    const struct ofp10_flow_mod *w = (const void *) m->raw;
    struct ofp_flow_mod *fm = &m->flow_mod;
    int error = action_list_decode(&fm->actions, m->raw + sizeof *w, m->raw_size - sizeof *w, true);
    if (error) {
        return error;
    }
    fm->exact = ofp_match_decode(&w->match, &fm->match);
    fm->which = (struct nx_cookie){.mask = 0};
    ofp_flow_mod_take_body(fm, &w->body);
    return 0;
}

void ofp_flow_mod_encode(const struct ofp_message *m, struct bytes *msg)
{
    const struct ofp_flow_mod *fm = &m->flow_mod;
    ofp_match_encode(&fm->match, fm->exact, msg);
    struct ofp10_flow_mod *w = ofp_codec_extend(msg, sizeof *w);
    ofp_flow_mod_put_body(fm, &w->body);
    action_list_encode(&fm->actions, msg);
}

void ofp_flow_mod_uninit(struct ofp_message *m)
{
    action_list_uninit(&m->flow_mod.actions);
}

unsigned ofp_flow_mod_needs(const struct ofp_flow_mod *fm)
{
    bool is_usual = fm->table_id == OFPTT_ALL || (!fm->table_id && fm->command == OFPFC_ADD);
    return (nx_match_is_standard(&fm->match) && !fm->which.mask ? 0 : OFP_NEEDS_NXM)
           | (is_usual ? 0 : OFP_NEEDS_TABLE_ID);
}

unsigned ofp_flow_request_needs(const struct ofp_flow_stats_request *req)
{
    return nx_match_is_standard(&req->match) && !req->which.mask ? 0 : OFP_NEEDS_NXM;
}

void ofp_flow_mod_take_table(struct ofp_flow_mod *fm)
{
    fm->table_id = fm->command >> 8;
    fm->command &= 0xff;
}

void ofp_flow_mod_put_table(struct ofp_flow_mod *fm)
{
    fm->command = (uint16_t) ((fm->command & 0xff) | fm->table_id << 8);
}

int ofp_flow_removed_decode(struct ofp_message *m)
{
    const struct ofp10_flow_removed *w = (const void *) m->raw;
    struct ofp_flow_removed *fr = &m->flow_removed;
    ofp_match_decode(&w->match, &fr->match);
    fr->table_id = OFPTT_ALL;
    fr->cookie = ntohll(w->cookie);
    fr->priority = ntohs(w->priority);
    fr->reason = w->reason;
    fr->duration_sec = ntohl(w->duration_sec);
    fr->duration_nsec = ntohl(w->duration_nsec);
    fr->idle_timeout = ntohs(w->idle_timeout);
    fr->packet_count = ntohll(w->packet_count);
    fr->byte_count = ntohll(w->byte_count);
    return 0;
}

void ofp_flow_removed_encode(const struct ofp_message *m, struct bytes *msg)
{
    const struct ofp_flow_removed *fr = &m->flow_removed;
    ofp_match_encode(&fr->match, false, msg);
    struct ofp10_flow_removed *w = ofp_codec_extend(msg, sizeof *w);
    w->cookie = htonll(fr->cookie);
    w->priority = htons(fr->priority);
    w->reason = fr->reason;
    w->duration_sec = htonl(fr->duration_sec);
    w->duration_nsec = htonl(fr->duration_nsec);
    w->idle_timeout = htons(fr->idle_timeout);
    w->packet_count = htonll(fr->packet_count);
    w->byte_count = htonll(fr->byte_count);
}

int ofp_flow_stats_request_decode(struct ofp_message *m)
{
    const struct ofp10_flow_stats_request *w
        = (const void *) (m->raw + sizeof(struct ofp10_stats_msg));
    struct ofp_flow_stats_request *req = &m->flow_stats_request;
    ofp_match_decode(&w->match, &req->match);
    req->which = (struct nx_cookie){.mask = 0};
    req->table_id = w->table_id;
    req->out_port = ntohs(w->out_port);
    return 0;
}

void ofp_flow_stats_request_encode(const struct ofp_message *m, struct bytes *msg)
{
    const struct ofp_flow_stats_request *req = &m->flow_stats_request;
    ofp_match_encode(&req->match, false, msg);
    bytes_put_u8(msg, req->table_id);
    bytes_put_u8(msg, 0);
    bytes_put_be16(msg, req->out_port);
}

/* Takes the bytes of the next entry of a flow statistics reply off 'r' into 'actions', a reader of
 * its actions. Returns its fixed part, or NULL at the end and if its length makes no sense. */
static const struct ofp10_flow_stats *flow_stats_pull(struct reader *r, struct reader *actions)
{
    const struct ofp10_flow_stats *w = (const void *) r->data;
    if (r->left < sizeof *w || ntohs(w->length) < sizeof *w
        || !reader_split(r, ntohs(w->length), actions)) {
        return NULL;
    }
    return reader_pull(actions, sizeof *w);
}

int ofp_flow_stats_decode(struct ofp_message *m)
{
    ofp_entries_decode(m);

    struct reader r = m->entries;
    while (r.left > 0) {
        struct reader actions;
        if (!flow_stats_pull(&r, &actions)) {
            return OFPERR_BAD_REQUEST_BAD_LEN;
        }
        int error = action_list_validate_any(actions.data, actions.left);
        if (error) {
            return error;
        }
    }
    return 0;
}

bool ofp_flow_stats_next(struct reader *r, struct ofp_flow_stats *fs)
{
    struct reader actions;
    const struct ofp10_flow_stats *w = flow_stats_pull(r, &actions);
    if (!w || action_list_decode_any(&fs->actions, actions.data, actions.left)) {
        return false;
    }
    fs->exact = ofp_match_decode(&w->match, &fs->match);
    fs->table_id = w->table_id;
    fs->duration_sec = ntohl(w->duration_sec);
    fs->duration_nsec = ntohl(w->duration_nsec);
    fs->priority = ntohs(w->priority);
    fs->idle_timeout = ntohs(w->idle_timeout);
    fs->hard_timeout = ntohs(w->hard_timeout);
    fs->idle_age = fs->hard_age = OFP_AGE_UNKNOWN;
    fs->cookie = ntohll(w->cookie);
    fs->packet_count = ntohll(w->packet_count);
    fs->byte_count = ntohll(w->byte_count);
    return true;
}

size_t ofp_flow_stats_size(const struct ofp_flow_stats *fs)
{
    return sizeof(struct ofp10_flow_stats) + action_list_wire_size(&fs->actions);
}

void ofp_flow_stats_put(struct bytes *msg, const struct ofp_flow_stats *fs)
{
    size_t start = msg->size;
    bytes_put_be16(msg, (uint16_t) ofp_flow_stats_size(fs));
    bytes_put_u8(msg, fs->table_id);
    bytes_put_u8(msg, 0);
    ofp_match_encode(&fs->match, false, msg);
    bytes_put_zeros(msg, start + sizeof(struct ofp10_flow_stats) - msg->size);

    struct ofp10_flow_stats *w = bytes_at(msg, start);
    w->duration_sec = htonl(fs->duration_sec);
    w->duration_nsec = htonl(fs->duration_nsec);
    w->priority = htons(fs->priority);
    w->idle_timeout = htons(fs->idle_timeout);
    w->hard_timeout = htons(fs->hard_timeout);
    w->cookie = htonll(fs->cookie);
    w->packet_count = htonll(fs->packet_count);
    w->byte_count = htonll(fs->byte_count);
    action_list_encode(&fs->actions, msg);
}

int ofp_aggregate_decode(struct ofp_message *m)
{
    const struct ofp10_aggregate_stats *w
        = (const void *) (m->raw + sizeof(struct ofp10_stats_msg));
    m->aggregate.packet_count = ntohll(w->packet_count);
    m->aggregate.byte_count = ntohll(w->byte_count);
    m->aggregate.flow_count = ntohl(w->flow_count);
    return 0;
}

void ofp_aggregate_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct ofp10_aggregate_stats *w = bytes_put_zeros(msg, sizeof *w);
    w->packet_count = htonll(m->aggregate.packet_count);
    w->byte_count = htonll(m->aggregate.byte_count);
    w->flow_count = htonl(m->aggregate.flow_count);
}
