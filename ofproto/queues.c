/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of ports as controllers see them: configuration, statistics, and whether they exist. */
#include "ofproto/queues.h"

#include <stdlib.h>

#include "datapath/queue-config.h"
#include "lib/util.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/rights.h"

/* True if there is a port 'port_no'. */
static bool has_port(const struct ofproto *p, uint16_t port_no)
{
    struct ofp_port port;
    return !datapath_port_get(p->dp, port_no, &port);
}

int queue_get_config_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    struct datapath_queue queues[QUEUE_CONFIG_MAX];
    if (m->port_no >= OFPP_MAX || !has_port(p, m->port_no)) {
        return OFPERR_QUEUE_OP_FAILED_BAD_PORT;
    }
    struct bytes *msg = ofp_msg_start(OFP_QUEUE_GET_CONFIG_REPLY, m->xid);
    ofp_queue_config_put(msg, m->port_no);
    size_t n = datapath_queue_list(p->dp, m->port_no, queues, ARRAY_SIZE(queues));
    for (size_t i = 0; i < n; i++) {
        ofp_queue_put(msg, &queues[i].config);
    }
    ofp_msg_finish(msg);
    ofconn_send(c, msg);
    return 0;
}

/* Adds the queue 'queue_id' of 'port_no', or with OFPQ_ALL each, to 'w'. Returns how many. */
static size_t put_queue_stats(const struct ofproto *p, struct ofp_stats_writer *w,
                              uint16_t port_no, uint32_t queue_id)
{
    struct datapath_queue queues[QUEUE_CONFIG_MAX];
    size_t n = datapath_queue_list(p->dp, port_no, queues, ARRAY_SIZE(queues)), n_put = 0;
    for (size_t i = 0; i < n; i++) {
        if (queue_id == OFPQ_ALL || queue_id == queues[i].stats.queue_id) {
            ofp_queue_stats_put(ofp_stats_room(w, OFP_QUEUE_STATS_SIZE), &queues[i].stats);
            n_put++;
        }
    }
    return n_put;
}

/* Adds what 'm' asks for to 'w': of all ports, those that 'c' may touch. Returns 0 or an error. */
static int put_all_queue_stats(const struct ofproto *p, struct ofconn *c,
                               const struct ofp_message *m, struct ofp_stats_writer *w)
{
    const struct ofp_queue_stats_request *request = &m->queue_stats_request;
    size_t n = 0;
    if (request->port_no != OFPP_ALL && request->port_no != OFPP_NONE) {
        if (!has_port(p, request->port_no)) {
            return OFPERR_QUEUE_OP_FAILED_BAD_PORT;
        }
        n = put_queue_stats(p, w, request->port_no, request->queue_id);
    } else {
        for (uint16_t no = 0; (no = datapath_port_next(p->dp, no));) {
            n += rights_have_port(c->rights, no) ? put_queue_stats(p, w, no, request->queue_id) : 0;
            ofconn_charge(c, 1);
        }
    }
    return n || request->queue_id == OFPQ_ALL ? 0 : OFPERR_QUEUE_OP_FAILED_BAD_QUEUE;
}

int queue_stats_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    struct list parts;
    struct ofp_stats_writer w;
    list_init(&parts);
    ofp_stats_start(&w, OFP_QUEUE_STATS_REPLY, m->xid, &parts);
    int error = put_all_queue_stats(p, c, m, &w);
    ofp_stats_finish(&w);
    for (struct bytes *msg; (msg = ofp_parts_pop(&parts));) {
        if (error) {
            bytes_destroy(msg);
        } else {
            ofconn_send(c, msg);
        }
    }
    return error;
}

/* True if any port has the queue. */
static bool has_queue_somewhere(const struct ofproto *p, uint32_t queue_id)
{
    for (uint16_t no = 0; (no = datapath_port_next(p->dp, no));) {
        if (datapath_has_queue(p->dp, no, queue_id)) {
            return true;
        }
    }
    return false;
}

int queues_check_actions(const struct ofproto *p, const struct action_list *actions)
{
    const struct action *a;
    uint32_t somewhere = QUEUE_DEFAULT; /* Known to be: looking through all ports costs. */
    ACTION_FOR_EACH (a, actions) {
        if (a->type != ACTION_ENQUEUE || a->enqueue.queue == QUEUE_DEFAULT
            || (a->enqueue.port == OFPP_IN_PORT && a->enqueue.queue == somewhere)) {
            continue;
        }
        bool good = a->enqueue.port == OFPP_IN_PORT
                        ? has_queue_somewhere(p, a->enqueue.queue)
                        : !has_port(p, a->enqueue.port)
                              || datapath_has_queue(p->dp, a->enqueue.port, a->enqueue.queue);
        if (!good) {
            return OFPERR_BAD_ACTION_BAD_QUEUE;
        }
        somewhere = a->enqueue.port == OFPP_IN_PORT ? a->enqueue.queue : somewhere;
    }
    return 0;
}
