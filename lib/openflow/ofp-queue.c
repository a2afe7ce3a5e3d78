/* SPDX-License-Identifier: Apache-2.0 */
/* Messages about queues: their configuration and statistics. */
#include <assert.h>

#include "lib/openflow/ofp-codec.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"

static_assert(sizeof(struct ofp10_queue_stats) == OFP_QUEUE_STATS_SIZE, "size of a queue");

int ofp_queue_config_request_decode(struct ofp_message *m)
{
    const struct ofp10_queue_get_config_request *w = (const void *) m->raw;
    m->port_no = ntohs(w->port);
    return 0;
}

void ofp_queue_config_request_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct ofp10_queue_get_config_request *w = ofp_codec_extend(msg, sizeof *w);
    w->port = htons(m->port_no);
}

/* Reads the properties of a queue. Returns false if one of them is damaged. */
static bool properties_decode(struct reader *r, struct ofp_queue *queue)
{
    queue->min_rate = OFPQ_MIN_RATE_UNCFG;
    while (r->left > 0) {
        const struct ofp10_queue_prop_min_rate *w = (const void *) r->data;
        if (r->left < sizeof w->header) {
            return false;
        }

        uint16_t property = ntohs(w->header.property);
        size_t size = ntohs(w->header.len);
        if (size < sizeof w->header || !reader_pull(r, size)) {
            return false;
        }
        if (property == OFPQT_MIN_RATE) {
            if (size < sizeof *w) {
                return false;
            }
            queue->min_rate = ntohs(w->rate);
        }
    }
    return true;
}

bool ofp_queue_next(struct reader *r, struct ofp_queue *queue)
{
    const struct ofp10_packet_queue *w = (const void *) r->data;
    struct reader properties;
    if (r->left < sizeof *w || ntohs(w->len) < sizeof *w
        || !reader_split(r, ntohs(w->len), &properties)) {
        return false;
    }
    reader_pull(&properties, sizeof *w);
    queue->queue_id = ntohl(w->queue_id);
    return properties_decode(&properties, queue);
}

int ofp_queue_config_decode(struct ofp_message *m)
{
    const struct ofp10_queue_get_config_reply *w = (const void *) m->raw;
    m->queue_config.port_no = ntohs(w->port);
    m->queue_config.queues = ofp_codec_reader(m, sizeof *w);

    struct reader r = m->queue_config.queues;
    struct ofp_queue queue;
    while (r.left > 0) {
        if (!ofp_queue_next(&r, &queue)) {
            return OFPERR_BAD_REQUEST_BAD_LEN;
        }
    }
    return 0;
}

void ofp_queue_config_put(struct bytes *msg, uint16_t port_no)
{
    struct ofp10_queue_get_config_reply *w = ofp_codec_extend(msg, sizeof *w);
    w->port = htons(port_no);
}

bool ofp_queue_put(struct bytes *msg, const struct ofp_queue *queue)
{
    bool has_rate = queue->min_rate != OFPQ_MIN_RATE_UNCFG;
    size_t size = sizeof(struct ofp10_packet_queue)
                  + (has_rate ? sizeof(struct ofp10_queue_prop_min_rate) : 0);
    if (msg->size + size > OFP_MAX_MESSAGE) {
        return false;
    }

    struct ofp10_packet_queue *w = bytes_put_zeros(msg, size);
    w->queue_id = htonl(queue->queue_id);
    w->len = htons((uint16_t) size);
    if (has_rate) {
        struct ofp10_queue_prop_min_rate *p = (void *) (w + 1);
        p->header.property = htons(OFPQT_MIN_RATE);
        p->header.len = htons(sizeof *p);
        p->rate = htons(queue->min_rate);
    }
    return true;
}

void ofp_queue_config_encode(const struct ofp_message *m, struct bytes *msg)
{
    ofp_queue_config_put(msg, m->queue_config.port_no);
    bytes_put(msg, m->queue_config.queues.data, m->queue_config.queues.left);
}

int ofp_queue_stats_request_decode(struct ofp_message *m)
{
    const struct ofp10_queue_stats_request *w
        = (const void *) (m->raw + sizeof(struct ofp10_stats_msg));
    m->queue_stats_request.port_no = ntohs(w->port_no);
    m->queue_stats_request.queue_id = ntohl(w->queue_id);
    return 0;
}

void ofp_queue_stats_request_encode(const struct ofp_message *m, struct bytes *msg)
{
    struct ofp10_queue_stats_request *w = bytes_put_zeros(msg, sizeof *w);
    w->port_no = htons(m->queue_stats_request.port_no);
    w->queue_id = htonl(m->queue_stats_request.queue_id);
}

void ofp_queue_stats_put(struct bytes *msg, const struct ofp_queue_stats *qs)
{
    struct ofp10_queue_stats *w = bytes_put_zeros(msg, sizeof *w);
    w->port_no = htons(qs->port_no);
    w->queue_id = htonl(qs->queue_id);
    w->tx_bytes = htonll(qs->tx_bytes);
    w->tx_packets = htonll(qs->tx_packets);
    w->tx_errors = htonll(qs->tx_errors);
}

bool ofp_queue_stats_next(struct reader *r, struct ofp_queue_stats *qs)
{
    const struct ofp10_queue_stats *w = reader_pull(r, sizeof *w);
    if (!w) {
        return false;
    }
    qs->port_no = ntohs(w->port_no);
    qs->queue_id = ntohl(w->queue_id);
    qs->tx_bytes = ntohll(w->tx_bytes);
    qs->tx_packets = ntohll(w->tx_packets);
    qs->tx_errors = ntohll(w->tx_errors);
    return true;
}
