/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenFlow connections of a bridge: controllers, service peers, snoopers. */
#ifndef OFPROTO_CONNMGR_H
#define OFPROTO_CONNMGR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/list.h"
#include "lib/openflow/ofp-message.h"
#include "ofproto/listeners.h"

struct bytes;
struct channel_env;
struct connmgr;
struct ofconn;
struct rconn;
struct rights;
struct workers;

/* Two sorts of connections. A controller is dialled, redialled, and gets packet_in, flow_removed
 * and port_status from the start. A service connection came in by a listener, lives once, and
 * gets those only after it asked with SET_CONFIG and a miss_send_len (A1.3).
 *
 * Of either sort one may become primary, which makes the former primary secondary (B1). A secondary
 * one gets port_status alone, unless it says otherwise with NXT_SET_ASYNC_CONFIG (B11).
 *
 * A connection may be held up: by a barrier (until every thread is past all that was before), by
 * a long operation (struct ofop), or because its next message must wait for another connection's
 * operation. Its later messages wait then, nobody else's. Connections that wait for others'
 * operations come in the order in which they began to.
 *
 * Nobody holds the program's loop up. What costs time is counted, in rules looked at, ports told
 * of, packets sent and bytes read: all operations together, and the messages of each connection,
 * have so much of a turn, the time between two calls of connmgr_run(). The rest is for later turns.
 *
 * Threads: the control thread. */

/* What ofproto hands down. */
struct connmgr_handlers {
    /* One message; borrowed. */
    void (*message)(void *aux, struct ofconn *c, const uint8_t *data, size_t size);
    /* A connection came up or went down, or changed what it wants to be sent. When one goes down,
     * 'c' is valid during the call only if it is a service connection. */
    void (*changed)(void *aux, struct ofconn *c, bool up);
};

/* How far a long operation has come. */
enum ofop_state {
    OFOP_DONE,  /* At its end: it has been freed. */
    OFOP_MORE,  /* It wants to go on at once. */
    OFOP_WAITS, /* For its peer to read, which brings the program's loop round. */
};

/* A long operation on behalf of a connection, done in slices. Embedded in the operation's own
 * struct. */
struct ofop {
    /* Does a slice. */
    enum ofop_state (*step)(struct ofop *op, int64_t now);
    /* The connection is gone: finish what may not stay half done, and free 'op'. */
    void (*cancel)(struct ofop *op, int64_t now);
};

/* What may be sent to a connection unasked. */
enum ofconn_async {
    ASYNC_PACKET_IN,    /* Its reasons are OFPR_*. */
    ASYNC_PORT_STATUS,  /* OFPPR_*. */
    ASYNC_FLOW_REMOVED, /* OFPRR_*. */
};

/* A connection. */
struct ofconn {
    struct list node;        /* In connmgr->conns. */
    struct connmgr *cm;      /* Owner. */
    struct rconn *rconn;     /* The channel; owned. */
    bool is_service;         /* Came in by a listener. */
    struct rights *rights;   /* What it may do, or NULL: everything; a reference. */
    bool wants_async;        /* Gets what 'async' says; else nothing unasked. */
    struct ofp_async_config async; /* Reasons for which it gets messages unasked (B11). */
    uint32_t role;           /* NX_ROLE_* (B1). */
    uint16_t controller_id;  /* Whose packet_ins it gets (B12). */
    uint32_t flow_format;    /* NX_FLOW_FORMAT_*: of its flow_removed (B5). */
    uint32_t packet_in_format; /* NX_PACKET_IN_* (B9). */
    bool has_table_ids;      /* The high byte of its commands is a table (B3). */
    bool used_nicira;        /* Has sent a Nicira message: knows vendor errors (B27). An action of
                              * Nicira's in a message of the standard does not tell that. */
    bool in_barrier;         /* Waits for 'barrier_token'. */
    bool is_dead;            /* To be destroyed by connmgr_run(). */
    uint16_t miss_send_len;  /* Bytes of a miss it wants (A2.7). */
    unsigned peer;           /* Number for the buffers; the last one may be shared. */
    uint32_t barrier_xid;    /* Of the barrier request. */
    uint64_t barrier_token;  /* From workers_sync(). */
    bool is_tired;           /* Has had its share of this turn of the loop. */
    size_t work;             /* What its messages cost in this turn. */
    struct list op_node;     /* In connmgr->ops if there is an operation. */
    struct ofop *op;         /* Operation under way, or NULL; owned. */
    struct bytes *held;      /* Message that waits for another's operation, or NULL; owned. */
    struct list held_node;   /* In connmgr->waiting if something is held. */
};

/* Nanoseconds that all connections share. */
struct connmgr_config {
    int64_t inactivity_probe; /* Silence before an ECHO; 0 off. */
    int64_t max_backoff;      /* Ceiling of the redialling delay. */
    uint64_t seed;            /* For jitter. */
};

/* Makes it without connections. 'env', 'workers' and 'handlers', which are called with 'aux', are
 * borrowed until connmgr_destroy(). */
struct connmgr *connmgr_create(const struct channel_env *env, struct workers *workers,
                               const struct connmgr_config *config,
                               const struct connmgr_handlers *handlers, void *aux);

/* Ends all connections. Accepts NULL. */
void connmgr_destroy(struct connmgr *cm);

/* Dials the target of 'text' for ever, which grants it rights (rights.h). Returns 0, or an errno
 * with *error. */
int connmgr_add_controller(struct connmgr *cm, const char *text, char **error);

/* Ends the controller with that target, which was added, and dials it no more. What it has set up
 * in the switch stays. False if there is none. */
bool connmgr_remove_controller(struct connmgr *cm, const char *target);

/* Has controllers probed and redialled after these times from now on (struct connmgr_config). */
void connmgr_set_times(struct connmgr *cm, int64_t inactivity_probe, int64_t max_backoff);

/* Listens for service connections, or (snoop) for those that want a copy of every controller
 * message; 'text' is a target with rights, which all that come in by it have together. */
int connmgr_add_listener(struct connmgr *cm, const char *text, bool snoop, char **error);

/* Listens no more at that target, which was added; who is connected stays. False if there is
 * none. */
bool connmgr_remove_listener(struct connmgr *cm, const char *target);

/* Fills '*info' about listener 'i', of either sort. False if there are only so many. */
bool connmgr_get_listener(const struct connmgr *cm, size_t i, struct listener_info *info);

/* Takes over a connected stream as a controller (simulation: half of a pair). */
struct stream;
void connmgr_add_stream(struct connmgr *cm, struct stream *s, bool is_service);

/* Dials the controllers that are not connected at once, whatever they last waited for. */
void connmgr_redial(struct connmgr *cm);

/* Ends the connections to controllers, for 'reason', and dials these again at once. */
void connmgr_reconnect(struct connmgr *cm, const char *reason);

/* Answers barriers, goes on with operations, delivers held messages. True: call again at once. */
bool connmgr_run(struct connmgr *cm, int64_t now);

/* Number of controllers configured; whether one is connected; whether any connection wants
 * packet_ins of misses. */
size_t connmgr_n_controllers(const struct connmgr *cm);
bool connmgr_is_connected(const struct connmgr *cm);
bool connmgr_wants_packets(const struct connmgr *cm);

/* Next connection after 'c' (NULL: first) of any sort, up or not; NULL at the end. */
const struct ofconn *connmgr_next(const struct connmgr *cm, const struct ofconn *c);

/* Next connection after 'c' (NULL: first) that is up and wants to be sent 'what' for 'reason'; NULL
 * at the end. */
struct ofconn *connmgr_next_async(struct connmgr *cm, struct ofconn *c, enum ofconn_async what,
                                  unsigned reason);

/* Sends copies of 'msg', which is 'what' for 'reason', to all that want it but 'except'; takes
 * ownership of 'msg'. */
void connmgr_broadcast(struct connmgr *cm, struct bytes *msg, enum ofconn_async what,
                       unsigned reason, const struct ofconn *except);

/* Sends; takes ownership. */
void ofconn_send(struct ofconn *c, struct bytes *msg);

/* Sends a packet_in, which may be dropped; takes ownership. True if it was accepted. */
bool ofconn_send_packet_in(struct ofconn *c, struct bytes *msg);
void ofconn_send_error(struct ofconn *c, int error, const void *request, size_t size);

/* Holds later messages up and answers with BARRIER_REPLY when all that was before is past. */
void ofconn_start_barrier(struct ofconn *c, uint32_t xid);

/* Holds later messages up until 'op' is done; takes ownership. */
void ofconn_start_op(struct ofconn *c, struct ofop *op);

/* Rules that an operation of 'c' may look at now, or packets that it may send; 0: it has to wait
 * for the next turn. */
size_t ofconn_op_budget(const struct ofconn *c);

/* Counts that an operation of 'c' has looked at 'n' rules, or sent 'n' packets. */
void ofconn_op_worked(struct ofconn *c, size_t n);

/* Counts that the message of 'c' under way cost as much as 'n' rules, ports or packets sent. */
void ofconn_charge(struct ofconn *c, size_t n);

/* True if a message of 'c' that waits for others' operations has to be held now: 'may_go' (of
 * connmgr_set_gate()) forbids it, or those of other connections have been waiting before it. */
bool ofconn_must_wait(const struct ofconn *c);

/* Keeps a copy of the message to be delivered again when 'may_go' allows, after those that have
 * been waiting longer. */
void ofconn_hold(struct ofconn *c, const void *data, size_t size);

/* 'may_go' tells whether held messages can be delivered; it is asked before each. */
void connmgr_set_gate(struct connmgr *cm, bool (*may_go)(void *aux));

/* What 'c' is and wants to be sent unasked; the owner is told of what changes. The primary role is
 * taken from whoever had it. */
void ofconn_set_wants_async(struct ofconn *c, bool wants);
void ofconn_set_role(struct ofconn *c, uint32_t role);
void ofconn_set_async_config(struct ofconn *c, const struct ofp_async_config *async);
void ofconn_set_controller_id(struct ofconn *c, uint16_t controller_id);

/* True if another connection that is not at its end has the same c->peer: there are more of them
 * than numbers. */
bool ofconn_shares_peer(const struct ofconn *c);

/* Bytes that wait to be sent to 'c'. */
size_t ofconn_backlog(const struct ofconn *c);

/* Name of the peer for logs. */
const char *ofconn_name(const struct ofconn *c);

#endif
