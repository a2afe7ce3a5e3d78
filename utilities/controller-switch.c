/* SPDX-License-Identifier: Apache-2.0 */
/* One switch of sluice-controller: its handshake, and answers to its packets. */
#include "utilities/controller-switch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/channel/rconn.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/flow.h"
#include "lib/packet/match.h"
#include "lib/packet/packet.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "utilities/learning.h"

VLOG_DEFINE_MODULE(controller);

/* Theory
 * ======
 *
 * On connection all flows are deleted: what this controller knows begins anew, and flows from
 * before would hide from it the very packets that it learns from.
 *
 * A packet whose way is known gets a flow, and goes that way with it: by the flow_mod itself if the
 * switch has buffered it, else by a packet_out.  A packet that is flooded gets none (but for
 * --hub), so that the next one can be decided better.  A buffer is always answered, at least by a
 * packet_out without actions, so that it is free again.  A part of a packet is never sent: without
 * a buffer there is nothing to send then. */

enum { MAX_ADDRESSES = 8192 /* Addresses that are remembered for one switch. */ };

struct controller_switch {
    struct rconn *rconn;                    /* The connection. */
    const struct controller_policy *policy; /* Borrowed. */
    struct learning *learning;              /* What is known; NULL while not connected. */
    controller_switch_gone *gone;           /* NULL if we dial. */
    void *aux;                              /* Argument of gone(). */
    uint32_t seed;                          /* Of 'learning'. */
    uint32_t xid;                           /* Of our last message. */
};

/* A switch chooses how often it makes us say something. */
static struct vlog_limit error_limit = VLOG_LIMIT_INIT(60, 20);
static struct vlog_limit switch_limit = VLOG_LIMIT_INIT(600, 1000);
static struct vlog_limit port_limit = VLOG_LIMIT_INIT(600, 1000);

static void send_bytes(struct controller_switch *s, struct bytes *msg)
{
    rconn_send(s->rconn, msg, RCONN_REPLY);
}

/* Sends '*m', whose version and xid it fills in, and releases its actions. */
static void send_message(struct controller_switch *s, struct ofp_message *m)
{
    m->version = OFP10_VERSION;
    m->xid = ++s->xid;
    send_bytes(s, ofp_message_encode(m));
}

/* Asks for deletion of the flows that match 'match' and, unless OFPP_NONE, output to 'out_port'. */
static void delete_flows(struct controller_switch *s, const struct match *match, uint16_t out_port)
{
    struct ofp_message m = {.kind = OFP_FLOW_MOD};
    m.flow_mod.match = *match;
    m.flow_mod.command = OFPFC_DELETE;
    m.flow_mod.buffer_id = OFP_NO_BUFFER;
    m.flow_mod.out_port = out_port;
    send_message(s, &m);
}

static void connected(void *aux)
{
    struct controller_switch *s = (struct controller_switch *) aux;
    struct match all;
    VLOG_INFO_RL(&switch_limit, "%s: connected", rconn_target(s->rconn));
    learning_destroy(s->learning);
    s->learning = learning_create(MAX_ADDRESSES, s->seed);
    if (s->policy->mute) {
        return;
    }
    struct ofp_message request = {.kind = OFP_FEATURES_REQUEST};
    send_message(s, &request);
    struct ofp_message config = {.kind = OFP_SET_CONFIG};
    config.config.flags = OFPC_FRAG_NORMAL;
    config.config.miss_send_len = OFP_DEFAULT_MISS_SEND_LEN;
    send_message(s, &config);
    if (!s->policy->no_flow) {
        match_init_any(&all);
        delete_flows(s, &all, OFPP_NONE);
    }
}

static void disconnected(void *aux, bool was_connected, const char *reason)
{
    struct controller_switch *s = (struct controller_switch *) aux;
    if (was_connected || s->gone) {
        VLOG_INFO_RL(&switch_limit, "%s: disconnected: %s", rconn_target(s->rconn), reason);
    } else {
        VLOG_WARN_RL(&error_limit, "%s: cannot connect: %s", rconn_target(s->rconn), reason);
    }
    learning_destroy(s->learning);
    s->learning = NULL;
    if (s->gone) {
        s->gone(s->aux, s);
    }
}

/* Appends what is to be done with a packet. */
static void put_actions(struct action_list *actions, const struct decision *d)
{
    action_list_init(actions);
    if (d->verdict != VERDICT_DROP) {
        struct action *a = action_list_append(actions, ACTION_OUTPUT);
        a->output.port = d->verdict == VERDICT_FLOOD ? OFPP_FLOOD : d->port;
    }
}

/* Sends the packet of 'in' on its way. */
static void send_packet_out(struct controller_switch *s, const struct ofp_packet_in *in,
                            const struct decision *d)
{
    struct ofp_message m = {.kind = OFP_PACKET_OUT};
    m.packet_out.buffer_id = in->buffer_id;
    m.packet_out.in_port = in->in_port;
    if (in->buffer_id == OFP_NO_BUFFER) {
        m.packet_out.data = in->data;
    }
    put_actions(&m.packet_out.actions, d);
    send_message(s, &m);
    action_list_uninit(&m.packet_out.actions);
}

/* Makes the match of a flow for packets like 'flow'. */
static void make_match(const struct controller_policy *policy, const struct flow *flow,
                       struct match *match)
{
    match_init_any(match);
    struct flow *mask = &match->mask;
    match->flow = *flow;
    mask->in_port = UINT32_MAX;
    mask->vlan_tci = UINT16_MAX;
    memset(mask->dl_src, 0xff, sizeof mask->dl_src);
    memset(mask->dl_dst, 0xff, sizeof mask->dl_dst);
    if (!policy->wildcards) {
        mask->dl_type = UINT16_MAX;
        mask->nw_proto = UINT8_MAX;
        mask->nw_tos = 0xfc;
        mask->nw_src = mask->nw_dst = UINT32_MAX;
        mask->tp_src = mask->tp_dst = UINT16_MAX;
    }
    match_zero_unmasked(match);
}

/* Sets up a flow for packets like 'flow'.  It does not take the buffered packet along: that must
 * get through where the switch refuses the flow, its table being full. */
static void send_flow_mod(struct controller_switch *s, const struct flow *flow,
                          const struct decision *d)
{
    struct ofp_message m = {.kind = OFP_FLOW_MOD};
    make_match(s->policy, flow, &m.flow_mod.match);
    m.flow_mod.command = OFPFC_ADD;
    m.flow_mod.idle_timeout = s->policy->max_idle;
    m.flow_mod.priority = s->policy->priority;
    m.flow_mod.buffer_id = OFP_NO_BUFFER;
    m.flow_mod.out_port = OFPP_NONE;
    put_actions(&m.flow_mod.actions, d);
    send_message(s, &m);
    action_list_uninit(&m.flow_mod.actions);
}

/* The sender of 'flow' has moved: deletes the flows that lead to where it was. */
static void delete_stale_flows(struct controller_switch *s, const struct flow *flow)
{
    struct match match;
    match_init_any(&match);
    memcpy(match.flow.dl_dst, flow->dl_src, sizeof match.flow.dl_dst);
    memset(match.mask.dl_dst, 0xff, sizeof match.mask.dl_dst);
    delete_flows(s, &match, OFPP_NONE);
}

static void handle_packet_in(struct controller_switch *s, const struct ofp_message *m)
{
    const struct ofp_packet_in *in = &m->packet_in;
    struct flow flow;
    struct packet packet = {.data = (uint8_t *) (uintptr_t) in->data.data,
                            .size = (uint32_t) in->data.size,
                            .in_port = in->in_port};
    flow_extract(&packet, &flow);
    bool has_addresses = in->data.size >= 14;
    struct decision d = {.verdict = VERDICT_DROP};
    if (s->policy->hub) {
        d.verdict = VERDICT_FLOOD;
    } else if (has_addresses) {
        d = learning_decide(s->learning, &flow);
    }
    if (d.has_moved && !s->policy->no_flow) {
        delete_stale_flows(s, &flow);
    }
    bool sets_flow = has_addresses && !s->policy->no_flow
                     && (d.verdict == VERDICT_OUTPUT || s->policy->hub);
    if (sets_flow) {
        send_flow_mod(s, &flow, &d);
    }
    bool has_packet = in->data.size >= in->total_len && d.verdict != VERDICT_DROP;
    if (has_packet || in->buffer_id != OFP_NO_BUFFER) {
        send_packet_out(s, in, &d);
    }
}

static void handle_port_status(struct controller_switch *s, const struct ofp_message *m)
{
    const struct ofp_port_status *ps = &m->port_status;
    bool is_down = ps->reason == OFPPR_DELETE || ps->port.state & OFPPS_LINK_DOWN
                   || ps->port.config & OFPPC_PORT_DOWN;
    VLOG_INFO_RL(&port_limit, "%s: port %u (%s) %s", rconn_target(s->rconn), ps->port.port_no,
                 ps->port.name,
                 ps->reason == OFPPR_DELETE ? "is gone" : is_down ? "is down" : "is up");
    if (is_down && learning_forget_port(s->learning, ps->port.port_no) && !s->policy->no_flow) {
        struct match all;
        match_init_any(&all);
        delete_flows(s, &all, ps->port.port_no);
    }
}

static void handle_features_reply(struct controller_switch *s, const struct ofp_message *m)
{
    VLOG_INFO_RL(&switch_limit, "%s: switch %016" PRIx64 ", %u buffers, %u tables",
                 rconn_target(s->rconn), m->features.datapath_id, m->features.n_buffers,
                 m->features.n_tables);
}

static void handle_error(struct controller_switch *s, const struct ofp_message *m)
{
    int error = ofperr_from_wire(m->error.type, m->error.code);
    VLOG_WARN_RL(&error_limit, "%s: the switch refuses a message (xid %" PRIu32 "): %s, "
                 "type %u code %u", rconn_target(s->rconn), m->xid,
                 error ? ofperr_name(error) : "unknown error", m->error.type, m->error.code);
}

static void handle_echo_request(struct controller_switch *s, const struct ofp_message *m)
{
    struct ofp_message reply = {.version = OFP10_VERSION, .kind = OFP_ECHO_REPLY, .xid = m->xid};
    reply.body = m->body;
    send_bytes(s, ofp_message_encode(&reply));
}

/* What is done with which message; others are ignored. */
static void (*const message_handlers[N_OFP_KINDS])(struct controller_switch *,
                                                   const struct ofp_message *) = {
    [OFP_ERROR] = handle_error,
    [OFP_ECHO_REQUEST] = handle_echo_request,
    [OFP_FEATURES_REPLY] = handle_features_reply,
    [OFP_PACKET_IN] = handle_packet_in,
    [OFP_PORT_STATUS] = handle_port_status,
};

static void message(void *aux, const uint8_t *data, size_t size)
{
    struct controller_switch *s = (struct controller_switch *) aux;
    struct ofp_message m;
    if (s->policy->mute) {
        return;
    }
    int error = ofp_message_decode(&m, data, size, false);
    if (error) {
        VLOG_WARN_RL(&error_limit, "%s: bad message of type %u: %s", rconn_target(s->rconn),
                     data[1], ofperr_name(error));
        send_bytes(s, ofperr_encode(error, data, size));
        return;
    }
    if (message_handlers[m.kind]) {
        message_handlers[m.kind](s, &m);
    }
    ofp_message_uninit(&m);
}

static const struct rconn_handlers handlers = {
    .connected = connected,
    .message = message,
    .disconnected = disconnected,
};

static struct controller_switch *create(const struct rconn_config *config,
                                        const struct controller_policy *policy)
{
    struct controller_switch *s = xzalloc(sizeof *s);
    s->policy = policy;
    s->seed = (uint32_t) config->seed;
    return s;
}

int controller_switch_dial(const struct channel_env *env, const char *target,
                           const struct rconn_config *config,
                           const struct controller_policy *policy,
                           struct controller_switch **result, char **error)
{
    struct controller_switch *s = create(config, policy);
    int retval = rconn_create(env, target, config, &handlers, s, &s->rconn, error);
    if (retval) {
        free(s);
        return retval;
    }
    *result = s;
    return 0;
}

struct controller_switch *controller_switch_accept(const struct channel_env *env,
                                                   struct stream *stream,
                                                   const struct rconn_config *config,
                                                   const struct controller_policy *policy,
                                                   controller_switch_gone *gone, void *aux)
{
    struct controller_switch *s = create(config, policy);
    s->gone = gone;
    s->aux = aux;
    s->rconn = rconn_from_stream(env, stream, config, &handlers, s);
    return s;
}

void controller_switch_destroy(struct controller_switch *s)
{
    if (s) {
        rconn_destroy(s->rconn);
        learning_destroy(s->learning);
        free(s);
    }
}
