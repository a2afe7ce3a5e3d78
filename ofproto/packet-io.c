/* SPDX-License-Identifier: Apache-2.0 */
/* Packets to and from controllers: packet_in with buffers, packet_out. */
#include "ofproto/packet-io.h"

#include <stdlib.h>
#include <string.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/nx-fields.h"
#include "lib/packet/headers.h"
#include "lib/packet/packet.h"
#include "lib/util.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/queues.h"
#include "ofproto/rights.h"

enum {
    DATA_MAX = UINT16_MAX - 1024, /* Bytes of a frame that fit into any form of packet_in. */
    CONTROL_THREAD = 0,   /* Number of the thread that counts what is done here. */
};

/* Makes '*m' what is known of the packet of 'upcall' beside its frame: where it came in by, and
 * what actions gave it (B9). */
static void describe(const struct datapath_upcall *upcall, struct match *m)
{
    struct flow flow = {.in_port = 0};
    match_init_any(m);
    m->flow.in_port = upcall->in_port;
    m->mask.in_port = UINT32_MAX;
    if (!upcall->metadata) {
        return;
    }
    flow_set_metadata(&flow, upcall->metadata);
    for (size_t i = 0; i < nx_n_fields; i++) {
        nx_value value = nx_field_load(&nx_fields[i], &flow);
        if (value) {
            nx_field_match(&nx_fields[i], value, nx_field_ones(&nx_fields[i]), m);
        }
    }
}

/* The packet_in of 'upcall' with the frame's first 'size' bytes, in the form that 'c' wants. The
 * caller owns it. */
static struct bytes *packet_in(const struct ofconn *c, const struct datapath_upcall *upcall,
                               uint32_t buffer_id, size_t size)
{
    const struct packet *packet = upcall->packet;
    bool is_standard = c->packet_in_format == NX_PACKET_IN_STANDARD;
    struct ofp_message m = {
        .version = OFP10_VERSION,
        .kind = is_standard ? OFP_PACKET_IN : OFP_NXT_PACKET_IN,
        .packet_in = {
            .buffer_id = buffer_id,
            .total_len = (uint16_t) MIN(packet->size, (uint32_t) UINT16_MAX),
            .in_port = upcall->in_port,
            .reason = upcall->packet_in_reason,
            .data = {packet->data, size},
            .table_id = upcall->table_id,
            .cookie = upcall->cookie,
        },
    };
    if (!is_standard) {
        describe(upcall, &m.packet_in.metadata);
    }
    return ofp_message_encode(&m);
}

/* Bytes of the frame that 'c' wants to see if it is buffered. */
static size_t wanted_size(const struct ofconn *c, const struct datapath_upcall *upcall)
{
    size_t limit = upcall->reason == UPCALL_MISS ? c->miss_send_len : upcall->max_len;
    return MIN(limit, (size_t) upcall->packet->size);
}

/* Next connection after 'c' (NULL: first) that wants a packet_in of 'upcall'; NULL at the end. */
static struct ofconn *next_taker(struct ofproto *p, struct ofconn *c,
                                 const struct datapath_upcall *upcall)
{
    do {
        c = connmgr_next_async(p->connmgr, c, ASYNC_PACKET_IN, upcall->packet_in_reason);
    } while (c && (c->controller_id != upcall->controller_id
                   || !rights_have_port(c->rights, upcall->in_port)));
    return c;
}

void packet_io_upcall(struct ofproto *p, const struct datapath_upcall *upcall, int64_t now)
{
    struct ofconn *c = next_taker(p, NULL, upcall);
    if (!c) {
        return;
    }
    uint32_t id = buffers_put(p->buffers, upcall->packet, now);
    for (; c; c = next_taker(p, c, upcall)) {
        size_t size = id == OFP_NO_BUFFER ? upcall->packet->size : wanted_size(c, upcall);
        size = MIN(size, (size_t) DATA_MAX);
        if (ofconn_send_packet_in(c, packet_in(c, upcall, id, size)) && id != OFP_NO_BUFFER) {
            buffers_tell(p->buffers, id, c->peer);
        }
    }
    if (id != OFP_NO_BUFFER) {
        buffers_drop_untold(p->buffers, id);
    }
}

/* A packet_out, or a buffered packet of a flow_mod, that is sent so often that others have their
 * turn meanwhile. */
struct packet_out_job {
    struct ofop op;             /* For the connection. */
    struct ofproto *p;          /* Whose. */
    struct ofconn *c;           /* Who asked. */
    struct packet_out out;      /* How far it has come; its packet is owned. */
    struct action_list actions; /* Of 'out'; owned. */
};

static void job_destroy(struct packet_out_job *job)
{
    action_list_uninit(&job->actions);
    free(job->out.packet);
    free(job);
}

/* ofop: goes on. */
static enum ofop_state job_step(struct ofop *op, int64_t now)
{
    struct packet_out_job *job = CONTAINER_OF(op, struct packet_out_job, op);
    ofconn_op_worked(job->c, datapath_execute_some(job->p->dp, &job->out, OFPROTO_SLICE, now));
    if (!packet_out_is_done(&job->out)) {
        return OFOP_MORE;
    }
    job_destroy(job);
    return OFOP_DONE;
}

/* ofop: a packet_out that was accepted is done whole, as if it were a short one. */
static void job_cancel(struct ofop *op, int64_t now)
{
    struct packet_out_job *job = CONTAINER_OF(op, struct packet_out_job, op);
    datapath_execute_some(job->p->dp, &job->out, SIZE_MAX, now);
    job_destroy(job);
}

/* Executes 'actions' for 'c' on 'packet', a block that is taken over, which comes from
 * 'in_port'. */
static void packet_out_run(struct ofproto *p, struct ofconn *c, const struct action_list *actions,
                           struct packet *packet, uint16_t in_port)
{
    struct packet_out out;
    packet_out_init(&out, packet, in_port, actions);
    ofconn_charge(c, datapath_execute_some(p->dp, &out, OFPROTO_SLICE, ofproto_now(p)));
    if (packet_out_is_done(&out)) {
        free(out.packet);
        return;
    }
    struct packet_out_job *job = xmalloc(sizeof *job);
    *job = (struct packet_out_job){
        .op = {.step = job_step, .cancel = job_cancel}, .p = p, .c = c, .out = out};
    action_list_clone(&job->actions, actions);
    job->out.actions = &job->actions;
    ofconn_start_op(c, &job->op);
}

int packet_io_release_buffer(struct ofproto *p, struct ofconn *c, uint32_t id,
                             const struct action_list *actions, const struct rule *rule,
                             bool may_rest)
{
    struct packet *packet;
    int64_t now = ofproto_now(p);
    int error = buffers_take(p->buffers, id, &packet, now);
    if (error) {
        return error;
    }
    uint16_t in_port = (uint16_t) packet->in_port;
    if (rule) {
        tables_credit(p->tables, CONTROL_THREAD, rule, 1, packet->size, now);
    }
    if (may_rest) {
        packet_out_run(p, c, actions, packet, in_port);
    } else {
        ofconn_op_worked(c, datapath_execute(p->dp, packet, in_port, actions, now));
        free(packet);
    }
    return 0;
}

/* True if a packet_out may say that it comes from 'port' (A6.8): a port, absent or not, 0,
 * LOCAL, CONTROLLER or NONE, but none of the virtual ports that mean a way out. */
static bool in_port_is_good(uint16_t port)
{
    return port < OFPP_MAX || port == OFPP_LOCAL || port == OFPP_CONTROLLER || port == OFPP_NONE;
}

/* Executes a packet_out of 'c' that brings its frame. */
static int packet_out_data(struct ofproto *p, struct ofconn *c, const struct ofp_packet_out *po)
{
    struct packet packet;
    size_t size = po->data.size;
    if (size < sizeof(struct eth_header)) {
        return OFPERR_BAD_REQUEST_BAD_LEN;
    }
    uint8_t *data = (uint8_t *) (uintptr_t) po->data.data;
    packet_use(&packet, data, size, data, size);
    packet.offload.flags = p->frag_mode == OFPC_FRAG_REASM ? PACKET_FRAGMENTS : 0;
    packet_out_run(p, c, &po->actions, packet_clone(&packet), po->in_port);
    return 0;
}

/* Executes a packet_out of 'c' for the packet that is buffered. */
static int packet_out_buffer(struct ofproto *p, struct ofconn *c, const struct ofp_packet_out *po)
{
    struct packet *packet;
    int error = buffers_take(p->buffers, po->buffer_id, &packet, ofproto_now(p));
    if (!error) {
        bool has_port = po->in_port != OFPP_NONE;
        uint16_t in_port = has_port ? po->in_port : (uint16_t) packet->in_port;
        packet_out_run(p, c, &po->actions, packet, in_port);
    }
    return error;
}

int packet_out_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    const struct ofp_packet_out *po = &m->packet_out;
    if (!in_port_is_good(po->in_port)) {
        return c->used_nicira ? OFPERR_NICIRA_PACKET_OUT_BAD_IN_PORT
                              : OFPERR_BAD_ACTION_BAD_ARGUMENT;
    }
    int error = queues_check_actions(p, &po->actions);
    if (error) {
        return error;
    }
    return po->buffer_id == OFP_NO_BUFFER ? packet_out_data(p, c, po) : packet_out_buffer(p, c, po);
}
