/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenFlow switch itself: its parts put together, and every message handed to its handler. */
#include "ofproto/ofproto.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/expire.h"
#include "ofproto/fail-mode.h"
#include "ofproto/flow-mod.h"
#include "ofproto/formats.h"
#include "ofproto/in-band.h"
#include "ofproto/learn.h"
#include "ofproto/learnt-cookies.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/packet-io.h"
#include "ofproto/port-mod.h"
#include "ofproto/port-status.h"
#include "ofproto/queues.h"
#include "ofproto/rights-check.h"
#include "ofproto/roles.h"
#include "ofproto/spanning.h"
#include "ofproto/stats.h"

VLOG_DEFINE_MODULE(ofproto);

/* Handlers of a line or two -------------------------------------------------------------------- */

static int ignore_handle(struct ofproto *p UNUSED, struct ofconn *c UNUSED,
                         struct ofp_message *m UNUSED)
{
    return 0;
}

/* OFPT_ERROR from a controller is for people to read. */
static int error_handle(struct ofproto *p UNUSED, struct ofconn *c, struct ofp_message *m)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(6, 10);
    int error = ofperr_from_wire(m->error.type, m->error.code);
    VLOG_WARN_RL(&limit, "%s: it sent an error: %s", ofconn_name(c),
                 error ? ofperr_name(error) : "unknown");
    return 0;
}

/* Capabilities that are true (A2.2); OFPC_STP if there is a spanning tree. */
static const uint32_t capabilities = OFPC_FLOW_STATS | OFPC_TABLE_STATS | OFPC_PORT_STATS
                                     | OFPC_IP_REASM | OFPC_QUEUE_STATS | OFPC_ARP_MATCH_IP;

/* 5.3.1. Ports that do not fit into one message are left out (A2.4); PORT_DESC has them all. */
static int features_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(6, 10);
    const struct ofp_features features = {
        .datapath_id = p->config.datapath_id,
        .n_buffers = buffers_capacity(p->buffers),
        .n_tables = OFPROTO_N_TABLES,
        .capabilities = capabilities | (p->spanning ? OFPC_STP : 0),
        .actions = action_bitmap(),
    };
    struct bytes *msg = ofp_msg_start(OFP_FEATURES_REPLY, m->xid);
    ofp_features_put(msg, &features);
    for (uint16_t no = 0; (no = datapath_port_next(p->dp, no));) {
        struct ofp_port port;
        ofconn_charge(c, 1);
        if (!datapath_port_get(p->dp, no, &port) && !ofp_port_put(msg, &port)) {
            VLOG_WARN_RL(&limit, "%s: not all ports fit into the features reply", p->config.name);
            break;
        }
    }
    ofp_msg_finish(msg);
    ofconn_send(c, msg);
    return 0;
}

/* 5.3.2. */
static int get_config_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    struct ofp_message reply = {
        .version = OFP10_VERSION,
        .kind = OFP_GET_CONFIG_REPLY,
        .xid = m->xid,
        .config = {.flags = p->frag_mode, .miss_send_len = c->miss_send_len},
    };
    if (c->async.packet_in[0] & 1 << OFPR_NX_INVALID_TTL) {
        reply.config.flags |= OFPC_NX_INVALID_TTL;
    }
    ofconn_send(c, ofp_message_encode(&reply));
    return 0;
}

/* The part of SET_CONFIG that concerns all; not a secondary controller's to change (B1). All values
 * of 'mode' have a meaning: the standard's three and Nicira's (A11.13). */
static void set_frag_mode(struct ofproto *p, const struct ofconn *c, uint16_t mode)
{
    if (c->role != NX_ROLE_SECONDARY) {
        p->frag_mode = mode;
        datapath_set_frag_mode(p->dp, mode);
    }
}

/* 5.3.2. A service connection that wants bytes of misses wants packet_ins. */
static int set_config_handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    struct ofp_async_config async = c->async;
    uint32_t invalid_ttl = 1u << OFPR_NX_INVALID_TTL;
    set_frag_mode(p, c, m->config.flags & OFPC_FRAG_MASK);
    async.packet_in[0] &= ~invalid_ttl;
    async.packet_in[0] |= m->config.flags & OFPC_NX_INVALID_TTL ? invalid_ttl : 0;
    ofconn_set_async_config(c, &async);
    c->miss_send_len = m->config.miss_send_len;
    if (c->is_service) {
        ofconn_set_wants_async(c, c->miss_send_len > 0);
    }
    return 0;
}

static int barrier_handle(struct ofproto *p UNUSED, struct ofconn *c, struct ofp_message *m)
{
    ofconn_start_barrier(c, m->xid);
    return 0;
}

/* What becomes of each kind of message; those without a row are refused. */
static ofproto_handler *const handlers[N_OFP_KINDS] = {
    [OFP_HELLO] = ignore_handle,
    [OFP_ERROR] = error_handle,
    [OFP_ECHO_REPLY] = ignore_handle,
    [OFP_FEATURES_REQUEST] = features_handle,
    [OFP_GET_CONFIG_REQUEST] = get_config_handle,
    [OFP_SET_CONFIG] = set_config_handle,
    [OFP_PACKET_OUT] = packet_out_handle,
    [OFP_FLOW_MOD] = flow_mod_handle,
    [OFP_PORT_MOD] = port_mod_handle,
    [OFP_BARRIER_REQUEST] = barrier_handle,
    [OFP_QUEUE_GET_CONFIG_REQUEST] = queue_get_config_handle,
    [OFP_DESC_REQUEST] = desc_handle,
    [OFP_FLOW_STATS_REQUEST] = flow_stats_handle,
    [OFP_AGGREGATE_REQUEST] = aggregate_handle,
    [OFP_TABLE_STATS_REQUEST] = table_stats_handle,
    [OFP_PORT_STATS_REQUEST] = port_stats_handle,
    [OFP_QUEUE_STATS_REQUEST] = queue_stats_handle,
    [OFP_PORT_DESC_REQUEST] = port_desc_handle,
    [OFP_NXT_SET_FLOW_FORMAT] = set_flow_format_handle,
    [OFP_NXT_FLOW_MOD] = flow_mod_handle,
    [OFP_NXT_SET_PACKET_IN_FORMAT] = set_packet_in_format_handle,
    [OFP_NXT_FLOW_AGE] = ignore_handle,
    [OFP_NXST_FLOW_REQUEST] = flow_stats_handle,
    [OFP_NXST_AGGREGATE_REQUEST] = aggregate_handle,
    [OFP_NXT_ROLE_REQUEST] = role_request_handle,
    [OFP_NXT_FLOW_MOD_TABLE_ID] = flow_mod_table_id_handle,
    [OFP_NXT_SET_ASYNC_CONFIG] = set_async_config_handle,
    [OFP_NXT_SET_CONTROLLER_ID] = set_controller_id_handle,
};

/* 5.5.4: how a message that nobody handles is refused (A1.13, A8.10). */
static int unhandled(const uint8_t *data, size_t size)
{
    uint32_t vendor;
    return ofp_message_vendor(data, size, &vendor) ? ofp_vendor_error(vendor)
                                                   : OFPERR_BAD_REQUEST_BAD_TYPE;
}

/* Answers an ECHO_REQUEST of any version (A1.8, A1.9) if the datapath lives. */
static void echo_handle(struct ofproto *p, struct ofconn *c, const uint8_t *data, size_t size)
{
    if (workers_are_alive(p->workers, ofproto_now(p))) {
        struct bytes *msg = bytes_create(size);
        bytes_put(msg, data, size);
        msg->data[1] = OFPT_ECHO_REPLY;
        ofconn_send(c, msg);
    }
}

/* Hands '*m' to its handler, if 'c' may send such a message. */
static int handle(struct ofproto *p, struct ofconn *c, struct ofp_message *m)
{
    ofproto_handler *handler = handlers[m->kind];
    if (!handler) {
        return unhandled(m->raw, m->raw_size);
    }
    int error = role_forbids(c, m->kind) ? OFPERR_BAD_REQUEST_EPERM : rights_check(p, c, m);
    return error ? error : handler(p, c, m);
}

/* connmgr: a message came. */
static void message_came(void *p_, struct ofconn *c, const uint8_t *data, size_t size)
{
    struct ofproto *p = p_;
    struct ofp_message m;
    if (data[1] == OFPT_ECHO_REQUEST) {
        echo_handle(p, c, data, size);
        return;
    }
    uint32_t vendor;
    if (ofp_message_vendor(data, size, &vendor)) {
        c->used_nicira |= vendor == NX_VENDOR_ID;
    }
    int error = ofp_message_decode(&m, data, size, true);
    if (!error) {
        error = handle(p, c, &m);
        ofp_message_uninit(&m);
    }
    if (error) {
        ofconn_send_error(c, error, data, size);
    }
}

/* connmgr: who is connected, or wants what, has changed. */
static void connections_changed(void *p_, struct ofconn *c, bool up)
{
    struct ofproto *p = p_;
    if (!up) {
        if (!ofconn_shares_peer(c)) {
            buffers_forget_peer(p->buffers, c->peer);
        }
        if (!c->is_service) {
            p->lost_at = ofproto_now(p);
            p->has_lost = true;
        }
    }
    fail_mode_update(p);
}

static const struct connmgr_handlers connection_handlers = {
    .message = message_came,
    .changed = connections_changed,
};

/* connmgr: may a flow_mod that had to wait be handled now? */
static bool may_go(void *p_)
{
    const struct ofproto *p = p_;
    return !p->writer && !p->has_written;
}

/* What comes up from the datapath -------------------------------------------------------------- */

static void packet_came(void *p_, const struct datapath_upcall *upcall, int64_t now)
{
    if (upcall->reason == UPCALL_PROTOCOL) {
        spanning_receive(p_, upcall);
    } else {
        packet_io_upcall(p_, upcall, now);
    }
}

static void rule_was_learnt(void *p_, const struct learnt_rule *learnt, int64_t now UNUSED)
{
    learn_handle(p_, learnt);
}

static void connection_ended(void *p_, struct rule *rule, int64_t now UNUSED)
{
    expire_connection_ended(p_, rule);
}

static void port_came(void *p_, uint8_t reason, const struct ofp_port *port_, int64_t now UNUSED)
{
    struct ofp_port port = *port_;
    static const char *const news[] = {
        [OFPPR_ADD] = "added", [OFPPR_DELETE] = "removed", [OFPPR_MODIFY] = "changed"};
    static struct vlog_limit limit = VLOG_LIMIT_INIT(60, 2000);
    struct ofproto *p = p_;
    VLOG_INFO_RL(&limit, "%s: port %u (%s) %s: link %s", p->config.name, port.port_no, port.name,
                 news[reason], port.state & OFPPS_LINK_DOWN ? "down" : "up");
    if (reason == OFPPR_DELETE) {
        spanning_port_went(p, port.port_no);
    } else {
        spanning_port_came(p, &port);
    }
    port_status_send(p, reason, &port, NULL);
}

static void rule_went(void *p_, struct rule *rule, const struct rule_counters *counters,
                      bool counters_moved)
{
    expire_rule_gone(p_, rule, counters, counters_moved);
}

static const struct datapath_upcalls datapath_upcalls = {
    .packet = packet_came,
    .learn = rule_was_learnt,
    .connection_ended = connection_ended,
    .port_changed = port_came,
    .rule_gone = rule_went,
};

/* Life ----------------------------------------------------------------------------------------- */

/* Fills in what DESC tells (5.3.5). */
static void init_desc(struct ofproto *p, const struct ofproto_config *config)
{
    struct ofp_desc *d = &p->desc;
    snprintf(d->mfr_desc, sizeof d->mfr_desc, "%s", "Sluice");
    snprintf(d->hw_desc, sizeof d->hw_desc, "%s", "Userspace switch");
    snprintf(d->sw_desc, sizeof d->sw_desc, "%s", PACKAGE_VERSION);
    snprintf(d->serial_num, sizeof d->serial_num, "%s", config->serial ? config->serial : "None");
    snprintf(d->dp_desc, sizeof d->dp_desc, "%s", config->dp_desc ? config->dp_desc : config->name);
}

struct ofproto *ofproto_create(const struct channel_env *env, struct workers *workers,
                               const struct ofproto_config *config)
{
    struct ofproto *p = xzalloc(sizeof *p);
    p->env = env;
    p->workers = workers;
    p->config = *config;
    p->config.name = xstrdup(config->name);
    p->config.dp_desc = p->config.serial = NULL;
    p->config.in_band_remote = config->in_band_remote ? xstrdup(config->in_band_remote) : NULL;
    init_desc(p, config);
    expire_init(p);
    list_init(&p->learnt);
    p->learnt_cookies = learnt_cookies_create(config->seed);
    p->buffers = buffers_create(BUFFERS_DEFAULT);
    const struct datapath_config dp_config = {
        .name = p->config.name,
        .n_tables = OFPROTO_N_TABLES,
        .n_own_tables = OFPROTO_N_OWN_TABLES,
        .max_rules = config->max_rules ? config->max_rules : OFPROTO_MAX_RULES,
        .blocks_new_ports = config->stp.is_on,
        .mac_ageing = config->mac_ageing,
    };
    p->dp = datapath_create(workers, &dp_config, &datapath_upcalls, p);
    p->tables = datapath_tables(p->dp);
    const struct connmgr_config cm_config = {
        .inactivity_probe = config->inactivity_probe,
        .max_backoff = config->max_backoff,
        .seed = config->seed,
    };
    p->connmgr = connmgr_create(env, workers, &cm_config, &connection_handlers, p);
    connmgr_set_gate(p->connmgr, may_go);
    fail_mode_init(p);
    spanning_create(p);
    p->in_band = config->in_band ? in_band_create(p) : NULL;
    return p;
}

void ofproto_destroy(struct ofproto *p)
{
    if (p) {
        in_band_destroy(p->in_band);
        spanning_destroy(p);
        connmgr_destroy(p->connmgr);
        fail_mode_uninit(p);
        expire_stop_all(p);
        learn_stop(p);
        learnt_cookies_destroy(p->learnt_cookies);
        datapath_destroy(p->dp);
        buffers_destroy(p->buffers);
        free((char *) p->config.name);
        free((char *) p->config.in_band_remote);
        free(p);
    }
}

/* Lets all that may have waited for the end of somebody's flow_mod have their turn, before the next
 * one may begin. */
static void writer_ended(struct ofproto *p)
{
    expire_run(p);
    in_band_run(p->in_band);
    fail_mode_update(p);
    p->has_written = false;
}

bool ofproto_run(struct ofproto *p, int64_t now)
{
    fail_mode_update(p);
    bool more = connmgr_run(p->connmgr, now);
    learn_run(p);
    bool harvests = learnt_cookies_run(p);
    if (p->has_written) {
        writer_ended(p);
    }
    return harvests || more;
}

struct datapath *ofproto_datapath(struct ofproto *p)
{
    return p->dp;
}

struct connmgr *ofproto_connmgr(struct ofproto *p)
{
    return p->connmgr;
}

int ofproto_port_add(struct ofproto *p, const char *text, uint16_t port_no, uint16_t *added,
                     char **error)
{
    struct ofp_port port;
    int err = datapath_port_add(p->dp, text, port_no, added, error);
    if (!err && !datapath_port_get(p->dp, *added, &port)) {
        port_came(p, OFPPR_ADD, &port, ofproto_now(p));
    }
    return err;
}

int ofproto_port_remove(struct ofproto *p, uint16_t port_no)
{
    struct ofp_port port;
    int err = datapath_port_get(p->dp, port_no, &port);
    if (!err) {
        datapath_mac_flush(p->dp, port_no);
        err = datapath_port_remove(p->dp, port_no);
    }
    if (!err) {
        port_came(p, OFPPR_DELETE, &port, ofproto_now(p));
    }
    return err;
}
