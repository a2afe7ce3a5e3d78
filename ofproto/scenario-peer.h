/* SPDX-License-Identifier: Apache-2.0 */
/* The other ends of a bridge's OpenFlow connections in simulation: scripted controllers. */
#ifndef OFPROTO_SCENARIO_PEER_H
#define OFPROTO_SCENARIO_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/bytes.h"
#include "lib/list.h"
#include "lib/openflow/ofp-message.h"

struct world;
struct world_bridge;

/* A peer is either a controller, which the bridge dials and redials, or a service connection, which
 * dials the bridge. It says HELLO, takes the bridge's, and answers its ECHO_REQUESTs, unless it is
 * made 'by hand': then it says nothing by itself and everything that comes is for the scenario.
 *
 * What comes is put into 'messages'; an item of no bytes stands for the end of the connection.
 * Threads: one. */
struct peer {
    struct list node;                /* In the scenario's peers. */
    char *name;                      /* Owned. */
    struct world *world;             /* Where it lives. */
    struct world_bridge *bridge;     /* Whose connection it is. */
    char *door;                      /* The bridge's listener that it dials; owned; or NULL: it
                                      * is a controller, that the bridge dials. */
    bool is_by_hand;                 /* Nothing by itself. */
    bool is_stalled;                 /* Reads nothing. */
    struct stream *stream;           /* The connection, or NULL; owned. */
    struct stream_listener *listener; /* Of a controller that is there; owned. */
    struct bytes in;                 /* What came, up to the end of a whole message. */
    struct bytes out;                /* What it sent, likewise. */
    struct list messages;            /* struct world_item: what came, for the scenario. */
    struct list sent;                /* struct world_item: the last messages that it sent. */
    unsigned n_sent;                 /* How many they are. */
    uint32_t next_xid;               /* For its next message. */
    unsigned n_connections;          /* Times that it was connected. */
    bool has_table_ids;              /* It said so with NXT_FLOW_MOD_TABLE_ID. */
    bool has_nxm;                    /* It asked for that form with NXT_SET_FLOW_FORMAT. */
    bool ignores[N_OFP_KINDS];       /* Kinds that the scenario does not want to see. */
};

/* A controller called 'name' of 'b', or a service connection. Returns 0 or an errno with
 * '*error'. */
int peer_create(struct world *w, struct world_bridge *b, const char *name, bool is_service,
                bool is_by_hand, struct peer **p, char **error);

/* The same; a service connection dials the listener "pmemory:DOOR". NULL: a controller. */
int peer_create_at(struct world *w, struct world_bridge *b, const char *name, const char *door,
                   bool is_by_hand, struct peer **p, char **error);
void peer_destroy(struct peer *p);

/* Sends bytes as they are, perhaps no whole message. */
void peer_send_raw(struct peer *p, const void *data, size_t size);

/* Sends a message with the next xid; takes ownership. */
void peer_send(struct peer *p, struct bytes *msg);

/* The last message with 'xid' that it sent, or NULL. */
const struct bytes *peer_find_sent(const struct peer *p, uint32_t xid);

/* Ends the connection; a controller waits for the next dial, a service connection dials again. */
void peer_close(struct peer *p);

/* The same, but a controller can't be reached until it returns. */
void peer_vanish(struct peer *p);
int peer_return(struct peer *p, char **error);

/* Stops reading, and goes on. */
void peer_stall(struct peer *p, bool is_stalled);

/* The kind whose name is 'name': "barrier_reply" or "OFPT_BARRIER_REPLY"; N_OFP_KINDS if none. */
enum ofp_kind peer_kind_from_name(const char *name);

#endif
