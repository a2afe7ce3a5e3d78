/* SPDX-License-Identifier: Apache-2.0 */
/* A reliable OpenFlow connection: redials with backoff, probes with ECHO, bounds its queue. */
#include "lib/channel/rconn.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/rconn-fsm.h"
#include "lib/channel/stream-name.h"
#include "lib/channel/stream.h"
#include "lib/channel/vconn.h"
#include "lib/list.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(rconn);

/* Theory
 * ======
 *
 * The clockwork is rconn-fsm's; here are the vconn and the queue.  One timer asks the clockwork
 * what is due.  Bytes that come do not touch the timer: when it fires, vconn_last_received() tells
 * whether the silence was one.
 *
 * Messages of class RCONN_REPLY go to the stream, whose queue has no bound.  PACKET_INs go there as
 * long as less than FEED_BYTES wait in it, else to a queue of our own that is bounded and fed to
 * the stream when that is drained.  So a flood of packet_ins delays a reply by FEED_BYTES at most.
 *
 * What a peer that does not read can make us keep: the packet_in queue, and replies.  It must not
 * be able to ask for ever more of these, so above THROTTLE_BYTES we stop reading; what still grows
 * then is what nobody asked for (flow_removed, port_status), and above 'max_bytes' the peer is
 * dropped.
 *
 * Each handler of the owner is called as the last thing, because it may destroy the rconn. */

enum {
    FEED_BYTES = 64 * 1024,            /* Packet_ins are fed while less waits in the stream. */
    THROTTLE_BYTES = 4 * 1024 * 1024,  /* Above this nothing is read ... */
    RESUME_BYTES = 1 * 1024 * 1024,    /* ... until it is less than this. */
    DEFAULT_PACKET_IN_BYTES = 1024 * 1024,
    DEFAULT_PACKET_IN_COUNT = 1000,
    DEFAULT_MAX_BYTES = 256 * 1024 * 1024,
    PROBE_XID = 0x5c000000,            /* Transaction ids of probes count from here. */
};
static const uint16_t default_ports[2] = {CHANNEL_PORT, OFP_TCP_PORT};

/* A PACKET_IN that waits. */
struct waiting {
    struct list node;  /* In the rconn's 'packet_ins'. */
    struct bytes *msg; /* The message; owned. */
};

struct rconn {
    const struct channel_env *env;         /* Borrowed. */
    const struct rconn_handlers *handlers; /* The owner's. */
    void *aux;                             /* Argument of the handlers. */
    char *target;                          /* Target or name of the stream; owned. */
    struct rconn_config config;            /* With defaults filled in. */
    struct rconn_fsm fsm;                  /* When to do what. */
    struct timer timer;                    /* Asks 'fsm'. */
    struct vconn *vconn;                   /* Owned; NULL in BACKOFF. */
    struct rconn_stats stats;              /* Counters. */
    bool redials;                          /* Made by rconn_create(). */
    bool has_port;                         /* Does the target need none of the default ports? */
    bool on_second_port;                   /* Dials the second of the default ports. */
    bool is_connected;                     /* HELLOs exchanged. */

    /* Receiving. */
    bool is_paused;       /* By the owner. */
    bool is_throttled;    /* By us, because too much waits. */
    uint32_t probe_xid;   /* Of the last probe. */
    bool probe_is_out;    /* Its reply has not come. */

    /* Sending. */
    struct list packet_ins;  /* Of struct waiting, oldest first. */
    size_t packet_in_bytes;  /* Bytes in it. */
    size_t packet_in_count;  /* Messages in it. */
    uint64_t sent_bytes;     /* Bytes given to the vconn. */
    uint64_t taken_bytes;    /* Of them had left when the timer last fired. */
    bool is_overflowing;     /* More than config.max_bytes wait: to be dropped. */
    const char *reconnect_reason; /* Why to be dropped and dialled again, or NULL; borrowed. */
};

/* Drops what waits in our own queue. */
static void clear_packet_ins(struct rconn *r)
{
    while (!list_is_empty(&r->packet_ins)) {
        struct waiting *w = CONTAINER_OF(list_pop_front(&r->packet_ins), struct waiting, node);
        bytes_destroy(w->msg);
        free(w);
    }
    r->packet_in_bytes = r->packet_in_count = 0;
}

/* Arms the timer for what is due next. */
static void arm(struct rconn *r)
{
    if (r->is_overflowing || r->reconnect_reason) {
        timer_set(r->env->wheel, &r->timer, timer_wheel_now(r->env->wheel));
    } else if (r->redials || r->vconn) {
        timer_set(r->env->wheel, &r->timer, rconn_fsm_wake(&r->fsm));
    }
}

/* The connection or the attempt is over.  The rconn may be gone afterwards. */
static void lost(struct rconn *r, bool orderly, const char *why)
{
    bool was_connected = r->is_connected;
    char *reason = xstrdup(why);
    vconn_destroy(r->vconn);
    r->vconn = NULL;
    r->is_connected = r->on_second_port = false;
    r->is_paused = r->is_throttled = r->is_overflowing = r->probe_is_out = false;
    r->sent_bytes = r->taken_bytes = 0;
    clear_packet_ins(r);
    timer_cancel(r->env->wheel, &r->timer);
    if (r->reconnect_reason) {
        r->reconnect_reason = NULL;
        rconn_fsm_restart(&r->fsm, timer_wheel_now(r->env->wheel));
    } else {
        rconn_fsm_lost(&r->fsm, orderly, timer_wheel_now(r->env->wheel));
    }
    arm(r);
    VLOG_DBG("%s: %s", r->target, reason);
    r->handlers->disconnected(r->aux, was_connected, reason);
    free(reason);
}

static const struct vconn_handlers handlers;

/* Says to the new vconn who may be its peer. */
static void expect_peer(struct rconn *r)
{
    if (r->config.peer_name) {
        vconn_expect_peer(r->vconn, r->config.peer_name);
    }
}

/* Dials, the first or the second port.  The rconn may be gone afterwards. */
static void dial(struct rconn *r)
{
    char *error;
    uint16_t port = r->config.default_ports[r->on_second_port];
    r->stats.attempts++;
    if (vconn_open(r->env, r->target, port, &handlers, r, &r->vconn, &error)) {
        lost(r, false, error);
        free(error);
    } else {
        expect_peer(r);
    }
}

/* Asks the peer whether it is alive. */
static void probe(struct rconn *r)
{
    struct bytes *msg = bytes_create(sizeof(struct ofp10_header));
    bytes_put_u8(msg, OFP10_VERSION);
    bytes_put_u8(msg, OFPT_ECHO_REQUEST);
    bytes_put_be16(msg, sizeof(struct ofp10_header));
    bytes_put_be32(msg, ++r->probe_xid);
    r->probe_is_out = true;
    rconn_send(r, msg, RCONN_REPLY);
}

/* Tells the clockwork when the peer last showed life.  While we do not read, for the owner wants to
 * hear nothing or too much waits, reading on its side counts.  If nothing waits for it to be read
 * either, there is no way to tell, and it is taken for alive; so is a peer that has ended its side
 * and has still to take what waits, for the stream gives it so long and no longer. */
static void tell_life_signs(struct rconn *r, int64_t now)
{
    if (r->is_connected) {
        uint64_t backlog = vconn_backlog(r->vconn);
        uint64_t taken = r->sent_bytes - MIN(backlog, r->sent_bytes);
        bool is_deaf = r->is_paused || r->is_throttled;
        bool reads = is_deaf && (taken > r->taken_bytes || !backlog);
        bool lives = reads || vconn_is_ending(r->vconn);
        r->taken_bytes = taken;
        rconn_fsm_heard(&r->fsm, lives ? now : vconn_last_received(r->vconn));
    }
}

/* Does what is due.  The rconn may be gone afterwards. */
static void timer_fired(struct timer *timer, int64_t now)
{
    struct rconn *r = CONTAINER_OF(timer, struct rconn, timer);
    if (r->is_overflowing) {
        lost(r, false, "the peer does not read, and too much waits for it");
        return;
    }
    if (r->reconnect_reason) {
        lost(r, true, r->reconnect_reason);
        return;
    }
    tell_life_signs(r, now);
    switch (rconn_fsm_run(&r->fsm, now)) {
    case RCONN_DIAL:
        dial(r);
        return;
    case RCONN_DROP:
        lost(r, false, "no answer to the inactivity probe");
        return;
    case RCONN_PROBE:
        probe(r);
        break;
    case RCONN_WAIT:
        break;
    }
    arm(r);
}

static void vconn_connected(void *aux)
{
    struct rconn *r = (struct rconn *) aux;
    r->is_connected = true;
    r->stats.connections++;
    rconn_fsm_connected(&r->fsm, timer_wheel_now(r->env->wheel));
    arm(r);
    r->handlers->connected(r->aux);
}

static void vconn_message(void *aux, const uint8_t *data, size_t size)
{
    struct rconn *r = (struct rconn *) aux;
    r->stats.messages_received++;
    if (r->probe_is_out && data[1] == OFPT_ECHO_REPLY && get_be32(data + 4) == r->probe_xid) {
        r->probe_is_out = false;
        rconn_fsm_heard(&r->fsm, timer_wheel_now(r->env->wheel));
        return;
    }
    r->handlers->message(r->aux, data, size);
}

/* Gives the stream packet_ins as long as it has not much else to send. */
static void feed(struct rconn *r)
{
    while (!list_is_empty(&r->packet_ins) && vconn_backlog(r->vconn) < FEED_BYTES) {
        struct waiting *w = CONTAINER_OF(list_pop_front(&r->packet_ins), struct waiting, node);
        r->packet_in_bytes -= w->msg->size;
        r->packet_in_count--;
        r->stats.messages_sent++;
        r->sent_bytes += w->msg->size;
        vconn_send(r->vconn, w->msg);
        free(w);
    }
}

/* Reads or not, as the owner and the queue want it. */
static void update_reading(struct rconn *r)
{
    size_t backlog = vconn_backlog(r->vconn);
    r->is_throttled = backlog > (r->is_throttled ? RESUME_BYTES : THROTTLE_BYTES);
    vconn_pause(r->vconn, r->is_paused || r->is_throttled);
}

static void vconn_drained(void *aux)
{
    struct rconn *r = (struct rconn *) aux;
    if (r->is_throttled || !list_is_empty(&r->packet_ins)) {
        rconn_fsm_heard(&r->fsm, timer_wheel_now(r->env->wheel));
    }
    feed(r);
    update_reading(r);
}

static void vconn_closed(void *aux, int error, const char *reason)
{
    struct rconn *r = (struct rconn *) aux;
    if (error == ECONNREFUSED && !r->is_connected && !r->has_port && !r->on_second_port) {
        vconn_destroy(r->vconn);
        r->vconn = NULL;
        r->on_second_port = true;
        dial(r);
        return;
    }
    lost(r, !error, reason);
}

static const struct vconn_handlers handlers = {
    .connected = vconn_connected,
    .message = vconn_message,
    .drained = vconn_drained,
    .closed = vconn_closed,
};

/* Fills in what was left to us. */
static void set_defaults(struct rconn_config *config)
{
    if (!config->packet_in_bytes) {
        config->packet_in_bytes = DEFAULT_PACKET_IN_BYTES;
    }
    if (!config->packet_in_count) {
        config->packet_in_count = DEFAULT_PACKET_IN_COUNT;
    }
    if (!config->max_bytes) {
        config->max_bytes = DEFAULT_MAX_BYTES;
    }
    for (size_t i = 0; i < ARRAY_SIZE(default_ports); i++) {
        if (!config->default_ports[i]) {
            config->default_ports[i] = default_ports[i];
        }
    }
}

static struct rconn *create(const struct channel_env *env, const char *target,
                            const struct rconn_config *config,
                            const struct rconn_handlers *rconn_handlers, void *aux)
{
    struct rconn *r = xzalloc(sizeof *r);
    r->env = env;
    r->handlers = rconn_handlers;
    r->aux = aux;
    r->target = xstrdup(target);
    r->config = *config;
    r->config.peer_name = config->peer_name ? xstrdup(config->peer_name) : NULL;
    r->probe_xid = PROBE_XID;
    set_defaults(&r->config);
    list_init(&r->packet_ins);
    timer_init(&r->timer, timer_fired);
    rconn_fsm_init(&r->fsm, config->inactivity_probe, config->max_backoff, config->seed,
                   timer_wheel_now(env->wheel));
    return r;
}

/* Does 'target', which is a good name, do without a default port? */
static bool target_has_port(const char *target)
{
    struct stream_name name;
    char *error;
    if (stream_name_parse(target, &name, &error)) {
        free(error);
        return true;
    }
    bool has_host = name.transport == STREAM_TCP || name.transport == STREAM_TLS;
    stream_name_uninit(&name);
    return name.has_port || !has_host;
}

int rconn_create(const struct channel_env *env, const char *target,
                 const struct rconn_config *config, const struct rconn_handlers *rconn_handlers,
                 void *aux, struct rconn **rconn, char **error)
{
    int retval = stream_check_name(env, target, error);
    if (retval) {
        return retval;
    }
    struct rconn *r = create(env, target, config, rconn_handlers, aux);
    r->redials = true;
    r->has_port = target_has_port(target);
    arm(r);
    *rconn = r;
    return 0;
}

struct rconn *rconn_from_stream(const struct channel_env *env, struct stream *s,
                                const struct rconn_config *config,
                                const struct rconn_handlers *rconn_handlers, void *aux)
{
    struct rconn *r = create(env, stream_name(s), config, rconn_handlers, aux);
    rconn_fsm_run(&r->fsm, timer_wheel_now(env->wheel));
    r->stats.attempts = 1;
    r->has_port = true;
    r->vconn = vconn_from_stream(env, s, &handlers, r);
    expect_peer(r);
    return r;
}

void rconn_destroy(struct rconn *r)
{
    if (r) {
        timer_cancel(r->env->wheel, &r->timer);
        vconn_destroy(r->vconn);
        clear_packet_ins(r);
        free(r->target);
        free((char *) r->config.peer_name);
        free(r);
    }
}

/* Queues a packet_in behind others, or drops it. */
static int enqueue(struct rconn *r, struct bytes *msg)
{
    if (r->packet_in_count >= r->config.packet_in_count
        || r->packet_in_bytes + msg->size > r->config.packet_in_bytes) {
        r->stats.packet_in_dropped++;
        bytes_destroy(msg);
        return EAGAIN;
    }
    struct waiting *w = xmalloc(sizeof *w);
    w->msg = msg;
    list_push_back(&r->packet_ins, &w->node);
    r->packet_in_bytes += msg->size;
    r->packet_in_count++;
    return 0;
}

void rconn_redial(struct rconn *r)
{
    if (r->redials && !r->is_connected) {
        vconn_destroy(r->vconn);
        r->vconn = NULL;
        r->on_second_port = false;
        rconn_fsm_restart(&r->fsm, timer_wheel_now(r->env->wheel));
        arm(r);
    }
}

void rconn_reconnect(struct rconn *r, const char *reason)
{
    if (r->redials && r->is_connected) {
        r->reconnect_reason = reason;
        arm(r);
    }
}

void rconn_set_times(struct rconn *r, int64_t inactivity_probe, int64_t max_backoff)
{
    rconn_fsm_set_times(&r->fsm, inactivity_probe, max_backoff);
    arm(r);
}

int rconn_send(struct rconn *r, struct bytes *msg, enum rconn_class class)
{
    if (!r->is_connected) {
        bytes_destroy(msg);
        return ENOTCONN;
    }
    if (class == RCONN_PACKET_IN
        && (!list_is_empty(&r->packet_ins) || vconn_backlog(r->vconn) >= FEED_BYTES)) {
        return enqueue(r, msg);
    }
    r->stats.messages_sent++;
    r->sent_bytes += msg->size;
    vconn_send(r->vconn, msg);
    size_t backlog = vconn_backlog(r->vconn);
    if (backlog > THROTTLE_BYTES && !r->is_throttled) {
        update_reading(r);
    }
    if (backlog > r->config.max_bytes && !r->is_overflowing) {
        r->is_overflowing = true;
        arm(r);
    }
    return 0;
}

void rconn_pause(struct rconn *r, bool pause)
{
    if (r->is_connected && r->is_paused != pause) {
        rconn_fsm_heard(&r->fsm, timer_wheel_now(r->env->wheel));
        r->is_paused = pause;
        update_reading(r);
    }
}

bool rconn_is_connected(const struct rconn *r)
{
    return r->is_connected;
}

size_t rconn_backlog(const struct rconn *r)
{
    return (r->vconn ? vconn_backlog(r->vconn) : 0) + r->packet_in_bytes;
}

const char *rconn_target(const struct rconn *r)
{
    return r->target;
}

void rconn_get_stats(const struct rconn *r, struct rconn_stats *stats)
{
    *stats = r->stats;
}

const char *rconn_state(const struct rconn *r)
{
    return r->redials || r->vconn ? rconn_fsm_state_name(r->fsm.state) : "CLOSED";
}
