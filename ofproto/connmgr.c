/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenFlow connections of a bridge: controllers, service peers, snoopers. */
#include "ofproto/connmgr.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/workers.h"
#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/rconn.h"
#include "lib/channel/stream.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/buffers.h"
#include "ofproto/listeners.h"
#include "ofproto/rights.h"
#include "ofproto/snoopers.h"

VLOG_DEFINE_MODULE(connmgr);

enum {
    OPS_WORK = 8192,      /* Rules or packets that all operations look at, or send, in a turn. */
    CONN_WORK = 2048,     /* What the messages of a connection may cost in a turn. */
    BYTES_WORK = 256,     /* Bytes of a message that cost as much as a rule. */
    STEP_WORK = 16,       /* What a step of an operation costs whatever it does. */
};

struct connmgr {
    const struct channel_env *env;            /* Borrowed. */
    struct workers *workers;                  /* Borrowed; for barriers. */
    struct connmgr_config config;             /* Times. */
    const struct connmgr_handlers *handlers;  /* Upward. */
    void *aux;                                /* For them. */
    bool (*may_go)(void *aux);                /* Whether held messages may be delivered. */
    struct list conns;                        /* struct ofconn, controllers and service. */
    struct list ops;                          /* struct ofconn with an operation, next first. */
    size_t ops_work;                          /* What operations cost in this turn. */
    struct list waiting;                      /* struct ofconn that hold something, next first. */
    const struct ofconn *released;            /* Whose held message is being delivered, or NULL. */
    struct listeners listeners;               /* Where others may dial. */
    struct snoopers snoopers;                 /* Who gets copies of controllers' messages. */
    size_t n_controllers;                     /* Of 'conns', not service. */
    uint64_t peers;                           /* Bit for each ofconn->peer in use. */
};

static const struct rconn_handlers ofconn_handlers;
static listeners_accept accept_stream;

/* The gate, if nobody sets one. */
static bool is_open(void *aux UNUSED)
{
    return true;
}

struct connmgr *connmgr_create(const struct channel_env *env, struct workers *workers,
                               const struct connmgr_config *config,
                               const struct connmgr_handlers *handlers, void *aux)
{
    struct connmgr *cm = xzalloc(sizeof *cm);
    cm->env = env;
    cm->workers = workers;
    cm->config = *config;
    cm->handlers = handlers;
    cm->aux = aux;
    cm->may_go = is_open;
    list_init(&cm->conns);
    list_init(&cm->ops);
    list_init(&cm->waiting);
    listeners_init(&cm->listeners, env, accept_stream, cm);
    snoopers_init(&cm->snoopers, env);
    return cm;
}

/* Connections ---------------------------------------------------------------------------------- */

/* A free number for the buffers; the last one is shared when all are in use. */
static unsigned peer_allocate(struct connmgr *cm)
{
    unsigned peer = ~cm->peers ? (unsigned) __builtin_ctzll(~cm->peers) : BUFFERS_MAX_PEERS - 1;
    cm->peers |= UINT64_C(1) << peer;
    return peer;
}

bool ofconn_shares_peer(const struct ofconn *c)
{
    const struct ofconn *other;
    LIST_FOR_EACH (other, node, &c->cm->conns) {
        if (other != c && other->peer == c->peer && !other->is_dead) {
            return true;
        }
    }
    return false;
}

/* What comes unasked if nothing else is said: nothing but news of ports for a secondary. */
static const struct ofp_async_config default_async = {
    .packet_in = {1 << OFPR_NO_MATCH | 1 << OFPR_ACTION, 0},
    .port_status = {1 << OFPPR_ADD | 1 << OFPPR_DELETE | 1 << OFPPR_MODIFY,
                    1 << OFPPR_ADD | 1 << OFPPR_DELETE | 1 << OFPPR_MODIFY},
    .flow_removed = {1 << OFPRR_IDLE_TIMEOUT | 1 << OFPRR_HARD_TIMEOUT | 1 << OFPRR_DELETE, 0},
};

/* Takes the message of 'c' that had to wait, NULL if there is none; it is the caller's. */
static struct bytes *ofconn_take_held(struct ofconn *c)
{
    struct bytes *msg = c->held;
    if (msg) {
        c->held = NULL;
        list_remove(&c->held_node);
    }
    return msg;
}

/* What a new session of 'c' begins with. */
static void ofconn_reset(struct ofconn *c)
{
    c->wants_async = !c->is_service;
    c->async = default_async;
    c->role = NX_ROLE_OTHER;
    c->controller_id = 0;
    c->miss_send_len = c->is_service ? 0 : OFP_DEFAULT_MISS_SEND_LEN;
    c->flow_format = NX_FLOW_FORMAT_OPENFLOW10;
    c->packet_in_format = NX_PACKET_IN_STANDARD;
    c->has_table_ids = false;
    c->used_nicira = false;
    c->in_barrier = false;
    c->is_tired = false;
    bytes_destroy(ofconn_take_held(c));
}

/* A connection with 'rights' (may be NULL), without a channel yet. */
static struct ofconn *ofconn_create(struct connmgr *cm, bool is_service, struct rights *rights)
{
    struct ofconn *c = xzalloc(sizeof *c);
    c->cm = cm;
    c->is_service = is_service;
    c->rights = rights_ref(rights);
    c->peer = peer_allocate(cm);
    ofconn_reset(c);
    list_push_back(&cm->conns, &c->node);
    cm->n_controllers += !is_service;
    return c;
}

/* Stops the operation of 'c', if there is one. */
static void ofconn_cancel_op(struct ofconn *c, int64_t now)
{
    struct ofop *op = c->op;
    if (op) {
        c->op = NULL;
        list_remove(&c->op_node);
        op->cancel(op, now);
    }
}

static void ofconn_destroy(struct ofconn *c)
{
    struct connmgr *cm = c->cm;
    list_remove(&c->node);
    cm->n_controllers -= !c->is_service;
    if (!ofconn_shares_peer(c)) {
        cm->peers &= ~(UINT64_C(1) << c->peer);
    }
    rconn_destroy(c->rconn);
    rights_unref(c->rights);
    bytes_destroy(ofconn_take_held(c));
    free(c);
}

/* What the channels of 'cm' are like whose peers have 'rights' (may be NULL); service connections
 * are not probed. */
static struct rconn_config rconn_config_of(const struct connmgr *cm, bool is_service,
                                           const struct rights *rights)
{
    return (struct rconn_config){
        .inactivity_probe = is_service ? 0 : cm->config.inactivity_probe,
        .max_backoff = cm->config.max_backoff,
        .seed = cm->config.seed,
        .peer_name = rights ? rights->peer : NULL,
    };
}

int connmgr_add_controller(struct connmgr *cm, const char *text, char **error)
{
    struct rights *rights;
    char *target;
    int err = rights_parse(text, &target, &rights, error);
    if (err) {
        return err;
    }
    struct rconn_config config = rconn_config_of(cm, false, rights);
    struct ofconn *c = ofconn_create(cm, false, rights);
    err = rconn_create(cm->env, target, &config, &ofconn_handlers, c, &c->rconn, error);
    if (err) {
        ofconn_destroy(c);
    }
    rights_unref(rights);
    free(target);
    return err;
}

bool connmgr_remove_controller(struct connmgr *cm, const char *target)
{
    struct ofconn *c, *next;
    LIST_FOR_EACH_SAFE (c, next, node, &cm->conns) {
        if (!c->is_service && !strcmp(ofconn_name(c), target)) {
            ofconn_cancel_op(c, timer_wheel_now(cm->env->wheel));
            if (rconn_is_connected(c->rconn)) {
                cm->handlers->changed(cm->aux, c, false);
            }
            ofconn_destroy(c);
            return true;
        }
    }
    return false;
}

void connmgr_set_times(struct connmgr *cm, int64_t inactivity_probe, int64_t max_backoff)
{
    struct ofconn *c;
    cm->config.inactivity_probe = inactivity_probe;
    cm->config.max_backoff = max_backoff;
    LIST_FOR_EACH (c, node, &cm->conns) {
        if (!c->is_service) {
            rconn_set_times(c->rconn, inactivity_probe, max_backoff);
        }
    }
}

/* Takes over a connected stream of a peer with 'rights' (may be NULL). */
static void add_stream(struct connmgr *cm, struct stream *s, bool is_service,
                       struct rights *rights)
{
    struct rconn_config config = rconn_config_of(cm, is_service, rights);
    struct ofconn *c = ofconn_create(cm, is_service, rights);
    c->rconn = rconn_from_stream(cm->env, s, &config, &ofconn_handlers, c);
}

void connmgr_add_stream(struct connmgr *cm, struct stream *s, bool is_service)
{
    add_stream(cm, s, is_service, NULL);
}

/* Holds the channel of 'c' up if anything must be waited for. */
static void ofconn_update_pause(struct ofconn *c)
{
    rconn_pause(c->rconn, c->in_barrier || c->op || c->held || c->is_tired);
}

/* Tells the owner that 'c' wants something else. */
static void ofconn_changed(struct ofconn *c)
{
    c->cm->handlers->changed(c->cm->aux, c, true);
}

void ofconn_set_wants_async(struct ofconn *c, bool wants)
{
    if (c->wants_async != wants) {
        c->wants_async = wants;
        ofconn_changed(c);
    }
}

void ofconn_set_role(struct ofconn *c, uint32_t role)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(12, 60);
    struct ofconn *other;
    if (c->role != role) {
        VLOG_INFO_RL(&limit, "%s: its role is %s now", ofconn_name(c), ofp_role_name(role));
    }
    LIST_FOR_EACH (other, node, &c->cm->conns) {
        if (role == NX_ROLE_PRIMARY && other->role == NX_ROLE_PRIMARY) {
            other->role = NX_ROLE_SECONDARY;
        }
    }
    c->role = role;
    ofconn_changed(c);
}

void ofconn_set_async_config(struct ofconn *c, const struct ofp_async_config *async)
{
    c->async = *async;
    ofconn_changed(c);
}

void ofconn_set_controller_id(struct ofconn *c, uint16_t controller_id)
{
    c->controller_id = controller_id;
    ofconn_changed(c);
}

size_t ofconn_backlog(const struct ofconn *c)
{
    return rconn_backlog(c->rconn);
}

const char *ofconn_name(const struct ofconn *c)
{
    return rconn_target(c->rconn);
}

/* Gives snoopers a copy of a message to or from a controller. */
static void snoop(struct connmgr *cm, const struct ofconn *c, const void *data, size_t size)
{
    if (!c->is_service) {
        snoopers_tell(&cm->snoopers, data, size);
    }
}

void connmgr_redial(struct connmgr *cm)
{
    struct ofconn *c;
    LIST_FOR_EACH (c, node, &cm->conns) {
        if (!c->is_service) {
            rconn_redial(c->rconn);
        }
    }
}

void connmgr_reconnect(struct connmgr *cm, const char *reason)
{
    struct ofconn *c;
    LIST_FOR_EACH (c, node, &cm->conns) {
        if (!c->is_service) {
            rconn_reconnect(c->rconn, reason);
        }
    }
}

/* Listeners ------------------------------------------------------------------------------------ */

/* listeners: somebody has dialled us. */
static void accept_stream(void *cm_, struct stream *s, struct rights *rights, bool is_snoop)
{
    struct connmgr *cm = cm_;
    if (is_snoop) {
        struct rconn_config config = rconn_config_of(cm, true, rights);
        snoopers_add(&cm->snoopers, s, &config);
    } else {
        add_stream(cm, s, true, rights);
    }
}

int connmgr_add_listener(struct connmgr *cm, const char *text, bool is_snoop, char **error)
{
    return listeners_add(&cm->listeners, text, is_snoop, error);
}

bool connmgr_remove_listener(struct connmgr *cm, const char *target)
{
    return listeners_remove(&cm->listeners, target);
}

bool connmgr_get_listener(const struct connmgr *cm, size_t i, struct listener_info *info)
{
    return listeners_get(&cm->listeners, i, info);
}

void connmgr_destroy(struct connmgr *cm)
{
    if (!cm) {
        return;
    }
    listeners_uninit(&cm->listeners);
    snoopers_uninit(&cm->snoopers);
    struct ofconn *c, *next_c;
    LIST_FOR_EACH_SAFE (c, next_c, node, &cm->conns) {
        ofconn_cancel_op(c, timer_wheel_now(cm->env->wheel));
        ofconn_destroy(c);
    }
    free(cm);
}

/* What channels tell --------------------------------------------------------------------------- */

static void ofconn_connected(void *aux)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(12, 60);
    struct ofconn *c = aux;
    if (c->is_service) {
        VLOG_DBG("%s: service connection", ofconn_name(c));
    } else {
        VLOG_INFO_RL(&limit, "%s: connected", ofconn_name(c));
    }
    c->cm->handlers->changed(c->cm->aux, c, true);
}

static void ofconn_message(void *aux, const uint8_t *data, size_t size)
{
    struct ofconn *c = aux;
    snoop(c->cm, c, data, size);
    c->cm->handlers->message(c->cm->aux, c, data, size);
    ofconn_charge(c, 1 + size / BYTES_WORK);
}

/* The session is over: nothing of it may go on in the next one (A9.6). */
static void ofconn_disconnected(void *aux, bool was_connected, const char *reason)
{
    struct ofconn *c = aux;
    static struct vlog_limit limit = VLOG_LIMIT_INIT(6, 10);
    bool is_impostor = c->rights && c->rights->peer && !was_connected;
    if (!c->is_service || is_impostor) {
        VLOG_WARN_RL(&limit, "%s: %s (%s)", ofconn_name(c),
                     was_connected ? "connection lost" : "connection attempt failed", reason);
    }
    ofconn_cancel_op(c, timer_wheel_now(c->cm->env->wheel));
    ofconn_reset(c);
    ofconn_update_pause(c);
    c->is_dead = c->is_service;
    if (was_connected) {
        c->cm->handlers->changed(c->cm->aux, c, false);
    }
}

static const struct rconn_handlers ofconn_handlers = {
    .connected = ofconn_connected,
    .message = ofconn_message,
    .disconnected = ofconn_disconnected,
};

/* Sending -------------------------------------------------------------------------------------- */

void ofconn_send(struct ofconn *c, struct bytes *msg)
{
    snoop(c->cm, c, msg->data, msg->size);
    rconn_send(c->rconn, msg, RCONN_REPLY);
}

bool ofconn_send_packet_in(struct ofconn *c, struct bytes *msg)
{
    snoop(c->cm, c, msg->data, msg->size);
    return !rconn_send(c->rconn, msg, RCONN_PACKET_IN);
}

void ofconn_send_error(struct ofconn *c, int error, const void *request, size_t size)
{
    VLOG_DBG("%s: refused with %s", ofconn_name(c), ofperr_name(error));
    ofconn_send(c, ofperr_encode(error, request, size));
}

const struct ofconn *connmgr_next(const struct connmgr *cm, const struct ofconn *c)
{
    const struct list *node = c ? c->node.next : cm->conns.next;
    return node != &cm->conns ? CONTAINER_OF(node, struct ofconn, node) : NULL;
}

/* True if 'c' is up and wants to be sent 'what' for 'reason'. */
static bool ofconn_wants(const struct ofconn *c, enum ofconn_async what, unsigned reason)
{
    const uint32_t *const reasons[] = {
        [ASYNC_PACKET_IN] = c->async.packet_in,
        [ASYNC_PORT_STATUS] = c->async.port_status,
        [ASYNC_FLOW_REMOVED] = c->async.flow_removed,
    };
    return c->wants_async && !c->is_dead && rconn_is_connected(c->rconn)
           && reason < 32 && reasons[what][c->role == NX_ROLE_SECONDARY] & 1u << reason;
}

struct ofconn *connmgr_next_async(struct connmgr *cm, struct ofconn *c, enum ofconn_async what,
                                  unsigned reason)
{
    struct list *node = c ? c->node.next : cm->conns.next;
    for (; node != &cm->conns; node = node->next) {
        c = CONTAINER_OF(node, struct ofconn, node);
        if (ofconn_wants(c, what, reason)) {
            return c;
        }
    }
    return NULL;
}

void connmgr_broadcast(struct connmgr *cm, struct bytes *msg, enum ofconn_async what,
                       unsigned reason, const struct ofconn *except)
{
    for (struct ofconn *c = NULL; (c = connmgr_next_async(cm, c, what, reason));) {
        if (c != except) {
            ofconn_send(c, bytes_clone(msg));
        }
    }
    bytes_destroy(msg);
}

/* What holds a connection up ------------------------------------------------------------------- */

/* Answers the barrier of 'c' if all threads are past what was before it. */
static void ofconn_check_barrier(struct ofconn *c)
{
    if (c->in_barrier && workers_synced(c->cm->workers, c->barrier_token)) {
        struct bytes *msg = ofp_msg_start(OFP_BARRIER_REPLY, c->barrier_xid);
        ofp_msg_finish(msg);
        c->in_barrier = false;
        ofconn_send(c, msg);
        ofconn_update_pause(c);
    }
}

void ofconn_start_barrier(struct ofconn *c, uint32_t xid)
{
    c->in_barrier = true;
    c->barrier_xid = xid;
    c->barrier_token = workers_sync(c->cm->workers);
    ofconn_update_pause(c);
    ofconn_check_barrier(c);
}

void ofconn_start_op(struct ofconn *c, struct ofop *op)
{
    c->op = op;
    list_push_back(&c->cm->ops, &c->op_node);
    ofconn_update_pause(c);
}

size_t ofconn_op_budget(const struct ofconn *c)
{
    return OPS_WORK - MIN(c->cm->ops_work, (size_t) OPS_WORK);
}

void ofconn_op_worked(struct ofconn *c, size_t n)
{
    c->cm->ops_work += n + STEP_WORK;
}

void ofconn_charge(struct ofconn *c, size_t n)
{
    c->work += n;
    if (c->work >= CONN_WORK && !c->is_tired) {
        c->is_tired = true;
        ofconn_update_pause(c);
    }
}

bool ofconn_must_wait(const struct ofconn *c)
{
    const struct connmgr *cm = c->cm;
    bool is_turn = cm->released == c || list_is_empty(&cm->waiting);
    return !is_turn || !cm->may_go(cm->aux);
}

void ofconn_hold(struct ofconn *c, const void *data, size_t size)
{
    c->held = bytes_create(size);
    bytes_put(c->held, data, size);
    list_push_back(&c->cm->waiting, &c->held_node);
    ofconn_update_pause(c);
}

void connmgr_set_gate(struct connmgr *cm, bool (*may_go)(void *aux))
{
    cm->may_go = may_go;
}

/* Does a slice of the operation of 'c'. */
static enum ofop_state ofconn_run_op(struct ofconn *c, int64_t now)
{
    enum ofop_state state = c->op->step(c->op, now);
    if (state == OFOP_DONE) {
        c->op = NULL;
        list_remove(&c->op_node);
        ofconn_update_pause(c);
    }
    return state;
}

/* Goes on with operations, each at most once and in turn, as long as this turn has time for them.
 * True if there is more to do at once. */
static bool run_ops(struct connmgr *cm, int64_t now)
{
    bool again = false;
    const struct list *last = list_back(&cm->ops);
    while (last && cm->ops_work < OPS_WORK) {
        struct list *node = list_pop_front(&cm->ops);
        list_push_back(&cm->ops, node);
        last = node == last ? NULL : last;
        again |= ofconn_run_op(CONTAINER_OF(node, struct ofconn, op_node), now) == OFOP_MORE;
    }
    return again || last;
}

/* Delivers held messages, those first that have been waiting longest, until one begins an operation
 * that the others wait for, or they have cost enough for a turn. Nobody overtakes them:
 * ofconn_must_wait(). True if there is more to do at once. */
static bool release_held(struct connmgr *cm)
{
    bool again = !list_is_empty(&cm->waiting);
    size_t work = 0;
    while (!list_is_empty(&cm->waiting) && work < OPS_WORK && cm->may_go(cm->aux)) {
        struct ofconn *c = CONTAINER_OF(cm->waiting.next, struct ofconn, held_node);
        struct bytes *msg = ofconn_take_held(c);
        cm->released = c;
        cm->handlers->message(cm->aux, c, msg->data, msg->size);
        cm->released = NULL;
        bytes_destroy(msg);
        ofconn_update_pause(c);
        work += c->work + 1;
    }
    return again;
}

/* Begins a new turn of 'c', and goes on with what holds it up. */
static void ofconn_run(struct ofconn *c)
{
    c->work = 0;
    if (c->is_tired) {
        c->is_tired = false;
        ofconn_update_pause(c);
    }
    ofconn_check_barrier(c);
}

bool connmgr_run(struct connmgr *cm, int64_t now)
{
    cm->ops_work = 0;
    bool again = run_ops(cm, now);
    struct ofconn *c, *next_c;
    LIST_FOR_EACH_SAFE (c, next_c, node, &cm->conns) {
        if (c->is_dead) {
            ofconn_destroy(c);
        } else {
            ofconn_run(c);
        }
    }
    again |= release_held(cm);
    snoopers_run(&cm->snoopers);
    return again;
}

/* Questions ------------------------------------------------------------------------------------ */

size_t connmgr_n_controllers(const struct connmgr *cm)
{
    return cm->n_controllers;
}

bool connmgr_is_connected(const struct connmgr *cm)
{
    const struct ofconn *c;
    LIST_FOR_EACH (c, node, &cm->conns) {
        if (!c->is_service && rconn_is_connected(c->rconn)) {
            return true;
        }
    }
    return false;
}

bool connmgr_wants_packets(const struct connmgr *cm)
{
    const struct ofconn *c;
    LIST_FOR_EACH (c, node, &cm->conns) {
        if (!c->controller_id && ofconn_wants(c, ASYNC_PACKET_IN, OFPR_NO_MATCH)) {
            return true;
        }
    }
    return false;
}
