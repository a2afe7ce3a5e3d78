/* SPDX-License-Identifier: Apache-2.0 */
/* Nicira's messages about rules, whose matches can have any field: changes, removal, statistics. */
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/nx-match.h"
#include "lib/openflow/ofp-codec.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-match.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* Seconds of an age on the wire, where 0 says nothing and 1 is none. */
static int32_t age_decode(be16 wire)
{
    return wire ? ntohs(wire) - 1 : OFP_AGE_UNKNOWN;
}

static be16 age_encode(int32_t age)
{
    return age < 0 ? 0 : htons((uint16_t) (MIN(age, (int32_t) UINT16_MAX - 1) + 1));
}

/* Changes -------------------------------------------------------------------------------------- */

/* A new rule has one cookie: an ADD that asks for others makes no sense (B7). */
int ofp_nx_flow_mod_decode(struct ofp_message *m)
{
    const struct nx10_flow_mod *w = (const void *) m->raw;
    struct ofp_flow_mod *fm = &m->flow_mod;
    struct ofp_data rest = ofp_codec_rest(m, sizeof *w);
    int error = nx_match_decode(&rest.data, &rest.size, ntohs(w->match_len), &fm->match,
                                &fm->which);
    bool is_add = (ntohs(w->body.command) & 0xff) == OFPFC_ADD;
    if (!error && is_add && fm->which.mask) {
        error = OFPERR_NXM_INVALID;
    }
    error = error ? error : action_list_decode(&fm->actions, rest.data, rest.size, true);
    if (error) {
        return error;
    }
    fm->exact = ofp_match_is_exact(&fm->match);
    ofp_flow_mod_take_body(fm, &w->body);
    return 0;
}

void ofp_nx_flow_mod_encode(const struct ofp_message *m, struct bytes *msg)
{
    const struct ofp_flow_mod *fm = &m->flow_mod;
    struct nx10_flow_mod *w = ofp_codec_extend(msg, sizeof *w);
    ofp_flow_mod_put_body(fm, &w->body);
    size_t match_size = nx_match_encode(&fm->match, &fm->which, msg);
    w = bytes_at(msg, 0);
    w->match_len = htons((uint16_t) match_size);
    action_list_encode(&fm->actions, msg);
}

/* Removal -------------------------------------------------------------------------------------- */

int ofp_nx_flow_removed_decode(struct ofp_message *m)
{
    const struct nx10_flow_removed *w = (const void *) m->raw;
    struct ofp_flow_removed *fr = &m->flow_removed;
    struct ofp_data rest = ofp_codec_rest(m, sizeof *w);
    int error = nx_match_decode(&rest.data, &rest.size, ntohs(w->match_len), &fr->match, NULL);
    if (error || rest.size) {
        return error ? error : OFPERR_BAD_REQUEST_BAD_LEN;
    }
    fr->table_id = w->table_id ? w->table_id - 1 : OFPTT_ALL;
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

void ofp_nx_flow_removed_encode(const struct ofp_message *m, struct bytes *msg)
{
    const struct ofp_flow_removed *fr = &m->flow_removed;
    struct nx10_flow_removed *w = ofp_codec_extend(msg, sizeof *w);
    w->cookie = htonll(fr->cookie);
    w->priority = htons(fr->priority);
    w->reason = fr->reason;
    w->table_id = (uint8_t) (fr->table_id + 1);
    w->duration_sec = htonl(fr->duration_sec);
    w->duration_nsec = htonl(fr->duration_nsec);
    w->idle_timeout = htons(fr->idle_timeout);
    w->packet_count = htonll(fr->packet_count);
    w->byte_count = htonll(fr->byte_count);
    size_t match_size = nx_match_encode(&fr->match, NULL, msg);
    w = bytes_at(msg, 0);
    w->match_len = htons((uint16_t) match_size);
}

/* Statistics ----------------------------------------------------------------------------------- */

int ofp_nx_flow_request_decode(struct ofp_message *m)
{
    const struct nx10_flow_stats_request *w = (const void *) m->raw;
    struct ofp_flow_stats_request *req = &m->flow_stats_request;
    struct ofp_data rest = ofp_codec_rest(m, sizeof *w);
    int error = nx_match_decode(&rest.data, &rest.size, ntohs(w->match_len), &req->match,
                                &req->which);
    if (error || rest.size) {
        return error ? error : OFPERR_BAD_REQUEST_BAD_LEN;
    }
    req->table_id = w->table_id;
    req->out_port = ntohs(w->out_port);
    return 0;
}

void ofp_nx_flow_request_encode(const struct ofp_message *m, struct bytes *msg)
{
    const struct ofp_flow_stats_request *req = &m->flow_stats_request;
    struct nx10_flow_stats_request *w = ofp_codec_extend(msg, sizeof *w);
    w->out_port = htons(req->out_port);
    w->table_id = req->table_id;
    size_t match_size = nx_match_encode(&req->match, &req->which, msg);
    w = bytes_at(msg, 0);
    w->match_len = htons((uint16_t) match_size);
}

/* Takes the next entry of a reply off 'r': returns its fixed part with '*match' filled and its
 * actions in '*actions', NULL at the end; '*error' is set then, or 0. */
static const struct nx10_flow_stats *entry_pull(struct reader *r, struct match *match,
                                                struct reader *actions, int *error)
{
    const struct nx10_flow_stats *w = (const void *) r->data;
    *error = 0;
    if (!r->left) {
        return NULL;
    }
    if (r->left < sizeof *w || ntohs(w->length) < sizeof *w
        || !reader_split(r, ntohs(w->length), actions)) {
        *error = OFPERR_BAD_REQUEST_BAD_LEN;
        return NULL;
    }
    reader_pull(actions, sizeof *w);
    *error = nx_match_decode(&actions->data, &actions->left, ntohs(w->match_len), match, NULL);
    return *error ? NULL : w;
}

int ofp_nx_flow_reply_decode(struct ofp_message *m)
{
    struct reader r, actions;
    struct match match;
    int error = 0;
    m->entries = ofp_codec_reader(m, sizeof(struct nx10_stats_msg));
    r = m->entries;
    while (!error && entry_pull(&r, &match, &actions, &error)) {
        error = action_list_validate_any(actions.data, actions.left);
    }
    return error;
}

bool nx_flow_stats_next(struct reader *r, struct ofp_flow_stats *fs)
{
    struct reader actions;
    int error;
    const struct nx10_flow_stats *w = entry_pull(r, &fs->match, &actions, &error);
    if (!w || action_list_decode_any(&fs->actions, actions.data, actions.left)) {
        return false;
    }
    fs->exact = ofp_match_is_exact(&fs->match);
    fs->table_id = w->table_id;
    fs->duration_sec = ntohl(w->duration_sec);
    fs->duration_nsec = ntohl(w->duration_nsec);
    fs->priority = ntohs(w->priority);
    fs->idle_timeout = ntohs(w->idle_timeout);
    fs->hard_timeout = ntohs(w->hard_timeout);
    fs->idle_age = age_decode(w->idle_age);
    fs->hard_age = age_decode(w->hard_age);
    fs->cookie = ntohll(w->cookie);
    fs->packet_count = ntohll(w->packet_count);
    fs->byte_count = ntohll(w->byte_count);
    return true;
}

size_t nx_flow_stats_size(const struct ofp_flow_stats *fs)
{
    return sizeof(struct nx10_flow_stats) + nx_match_wire_size(&fs->match, NULL)
           + action_list_wire_size(&fs->actions);
}

void nx_flow_stats_put(struct bytes *msg, const struct ofp_flow_stats *fs)
{
    size_t start = msg->size;
    bytes_put_zeros(msg, sizeof(struct nx10_flow_stats));
    size_t match_size = nx_match_encode(&fs->match, NULL, msg);
    action_list_encode(&fs->actions, msg);

    struct nx10_flow_stats *w = bytes_at(msg, start);
    w->length = htons((uint16_t) (msg->size - start));
    w->table_id = fs->table_id;
    w->duration_sec = htonl(fs->duration_sec);
    w->duration_nsec = htonl(fs->duration_nsec);
    w->priority = htons(fs->priority);
    w->idle_timeout = htons(fs->idle_timeout);
    w->hard_timeout = htons(fs->hard_timeout);
    w->match_len = htons((uint16_t) match_size);
    w->idle_age = age_encode(fs->idle_age);
    w->hard_age = age_encode(fs->hard_age);
    w->cookie = htonll(fs->cookie);
    w->packet_count = htonll(fs->packet_count);
    w->byte_count = htonll(fs->byte_count);
}

int ofp_nx_aggregate_decode(struct ofp_message *m)
{
    const struct nx10_aggregate_stats *w = (const void *) m->raw;
    m->aggregate.packet_count = ntohll(w->sum.packet_count);
    m->aggregate.byte_count = ntohll(w->sum.byte_count);
    m->aggregate.flow_count = ntohl(w->sum.flow_count);
    return 0;
}
