/* SPDX-License-Identifier: Apache-2.0 */
/* Messages about the switch as a whole: greetings, errors, features, configuration, tables. */
#include <assert.h>
#include <string.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-codec.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"

static_assert(sizeof(struct ofp10_header) == OFP_HEADER_SIZE, "size of the header");
static_assert(sizeof(struct ofp10_table_stats) == OFP_TABLE_STATS_SIZE, "size of a table");

int ofp_body_decode(struct ofp_message *m)
{
    m->body = ofp_codec_rest(m, sizeof(struct ofp10_header));
    return 0;
}

void ofp_body_encode(const struct ofp_message *m, struct bytes *msg)
{
    bytes_put(msg, m->body.data, m->body.size);
}

int ofp_entries_decode(struct ofp_message *m)
{
    m->entries = ofp_codec_reader(m, sizeof(struct ofp10_stats_msg));
    return 0;
}

void ofp_entries_encode(const struct ofp_message *m, struct bytes *msg)
{
    bytes_put(msg, m->entries.data, m->entries.left);
}

int ofp_error_decode(struct ofp_message *m)
{
    const struct ofp10_error_msg *w = (const void *) m->raw;
    m->error.type = ntohs(w->type);
    m->error.code = ntohs(w->code);
    m->error.data = ofp_codec_rest(m, sizeof *w);
    return 0;
}

void ofp_error_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct ofp10_error_msg *w = ofp_codec_extend(msg, sizeof *w);
    w->type = htons(m->error.type);
    w->code = htons(m->error.code);
    bytes_put(msg, m->error.data.data, m->error.data.size);
}

int ofp_vendor_decode(struct ofp_message *m)
{
    const struct ofp10_vendor_header *w = (const void *) m->raw;
    m->vendor.vendor = ntohl(w->vendor);
    m->vendor.data = ofp_codec_rest(m, sizeof *w);
    return 0;
}

void ofp_vendor_encode(const struct ofp_message *m, struct bytes *msg)
{
    bytes_put_be32(msg, m->vendor.vendor);
    bytes_put(msg, m->vendor.data.data, m->vendor.data.size);
}

int ofp_vendor_stats_decode(struct ofp_message *m)
{
    struct reader r = ofp_codec_reader(m, sizeof(struct ofp10_stats_msg));
    if (!reader_be32(&r, &m->vendor_stats.vendor)) {
        return OFPERR_BAD_REQUEST_BAD_LEN;
    }
    m->vendor_stats.data = (struct ofp_data){.data = r.data, .size = r.left};
    return 0;
}

void ofp_vendor_stats_encode(const struct ofp_message *m, struct bytes *msg)
{
    bytes_put_be32(msg, m->vendor_stats.vendor);
    bytes_put(msg, m->vendor_stats.data.data, m->vendor_stats.data.size);
}

int ofp_vendor_error(uint32_t vendor)
{
    return vendor == NX_VENDOR_ID ? OFPERR_BAD_REQUEST_BAD_SUBTYPE : OFPERR_BAD_REQUEST_BAD_VENDOR;
}

int ofp_features_decode(struct ofp_message *m)
{
    const struct ofp10_switch_features *w = (const void *) m->raw;
    struct ofp_features *f = &m->features;
    f->datapath_id = ntohll(w->datapath_id);
    f->n_buffers = ntohl(w->n_buffers);
    f->n_tables = w->n_tables;
    f->capabilities = ntohl(w->capabilities);
    f->actions = ntohl(w->actions);
    f->ports = ofp_codec_reader(m, sizeof *w);
    return 0;
}

void ofp_features_put(struct bytes *msg, const struct ofp_features *f)
{
    struct ofp10_switch_features *w = ofp_codec_extend(msg, sizeof *w);
    w->datapath_id = htonll(f->datapath_id);
    w->n_buffers = htonl(f->n_buffers);
    w->n_tables = f->n_tables;
    w->capabilities = htonl(f->capabilities);
    w->actions = htonl(f->actions);
}

void ofp_features_encode(const struct ofp_message *m, struct bytes *msg)
{
    ofp_features_put(msg, &m->features);
    bytes_put(msg, m->features.ports.data, m->features.ports.left);
}

int ofp_config_decode(struct ofp_message *m)
{
    const struct ofp10_switch_config *w = (const void *) m->raw;
    m->config.flags = ntohs(w->flags);
    m->config.miss_send_len = ntohs(w->miss_send_len);
    return 0;
}

void ofp_config_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct ofp10_switch_config *w = ofp_codec_extend(msg, sizeof *w);
    w->flags = htons(m->config.flags);
    w->miss_send_len = htons(m->config.miss_send_len);
}

int ofp_desc_decode(struct ofp_message *m)
{
    const struct ofp10_desc_stats *w
        = (const void *) (m->raw + sizeof(struct ofp10_stats_msg));
    struct ofp_desc *d = &m->desc;
    ofp_codec_get_string(d->mfr_desc, w->mfr_desc, sizeof w->mfr_desc);
    ofp_codec_get_string(d->hw_desc, w->hw_desc, sizeof w->hw_desc);
    ofp_codec_get_string(d->sw_desc, w->sw_desc, sizeof w->sw_desc);
    ofp_codec_get_string(d->serial_num, w->serial_num, sizeof w->serial_num);
    ofp_codec_get_string(d->dp_desc, w->dp_desc, sizeof w->dp_desc);
    return 0;
}

void ofp_desc_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct ofp10_desc_stats *w = bytes_put_zeros(msg, sizeof *w);
    const struct ofp_desc *d = &m->desc;
    ofp_codec_put_string(w->mfr_desc, sizeof w->mfr_desc, d->mfr_desc);
    ofp_codec_put_string(w->hw_desc, sizeof w->hw_desc, d->hw_desc);
    ofp_codec_put_string(w->sw_desc, sizeof w->sw_desc, d->sw_desc);
    ofp_codec_put_string(w->serial_num, sizeof w->serial_num, d->serial_num);
    ofp_codec_put_string(w->dp_desc, sizeof w->dp_desc, d->dp_desc);
}

void ofp_table_stats_put(struct bytes *msg, const struct ofp_table_stats *ts)
{
    struct ofp10_table_stats *w = bytes_put_zeros(msg, sizeof *w);
    w->table_id = ts->table_id;
    ofp_codec_put_string(w->name, sizeof w->name, ts->name);
    w->wildcards = htonl(ts->wildcards);
    w->max_entries = htonl(ts->max_entries);
    w->active_count = htonl(ts->active_count);
    w->lookup_count = htonll(ts->lookup_count);
    w->matched_count = htonll(ts->matched_count);
}

bool ofp_table_stats_next(struct reader *r, struct ofp_table_stats *ts)
{
    const struct ofp10_table_stats *w = reader_pull(r, sizeof *w);
    if (!w) {
        return false;
    }
    ts->table_id = w->table_id;
    ofp_codec_get_string(ts->name, w->name, sizeof w->name);
    ts->wildcards = ntohl(w->wildcards);
    ts->max_entries = ntohl(w->max_entries);
    ts->active_count = ntohl(w->active_count);
    ts->lookup_count = ntohll(w->lookup_count);
    ts->matched_count = ntohll(w->matched_count);
    return true;
}
