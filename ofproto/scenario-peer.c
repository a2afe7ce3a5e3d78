/* SPDX-License-Identifier: Apache-2.0 */
/* The other ends of a bridge's OpenFlow connections in simulation: scripted controllers. */
#include "ofproto/scenario-peer.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/channel/stream.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "ofproto/scenario-world.h"

enum {
    SENT_MAX = 4096,   /* Messages that a peer remembers to have sent. */
    TYPE_OFFSET = 1,   /* Of the type in a message. */
    LENGTH_OFFSET = 2, /* Of its length. */
    XID_OFFSET = 4,    /* Of its xid. */
};

static const struct stream_handlers peer_handlers;

/* Sending -------------------------------------------------------------------------------------- */

/* Length of the first message in 'bytes', or 0 if it is not whole. */
static size_t message_length(const struct bytes *bytes)
{
    size_t length = bytes->size < OFP_HEADER_SIZE ? 0 : get_be16(bytes->data + LENGTH_OFFSET);
    return length < OFP_HEADER_SIZE || length > bytes->size ? 0 : length;
}

/* Notes in which form it wants to talk, if that is what the message sent is about. */
static void note_form(struct peer *p, const void *data, size_t size)
{
    struct ofp_message m;
    if (ofp_message_decode(&m, data, size, true)) {
        return;
    }
    if (m.kind == OFP_NXT_FLOW_MOD_TABLE_ID) {
        p->has_table_ids = m.is_set;
    } else if (m.kind == OFP_NXT_SET_FLOW_FORMAT) {
        p->has_nxm = m.format == NX_FLOW_FORMAT_NXM;
    }
    ofp_message_uninit(&m);
}

/* Remembers what was sent, message by message. */
static void remember(struct peer *p, const void *data, size_t size)
{
    bytes_put(&p->out, data, size);
    for (size_t length; (length = message_length(&p->out));) {
        note_form(p, p->out.data, length);
        world_item_add(&p->sent, p->out.data, length);
        bytes_pull(&p->out, length);
        if (++p->n_sent > SENT_MAX) {
            world_item_destroy(world_item_first(&p->sent));
            p->n_sent--;
        }
    }
}

void peer_send_raw(struct peer *p, const void *data, size_t size)
{
    if (p->stream) {
        struct bytes *copy = bytes_create(size);
        bytes_put(copy, data, size);
        stream_send(p->stream, copy);
        remember(p, data, size);
    }
}

void peer_send(struct peer *p, struct bytes *msg)
{
    put_be32(msg->data + XID_OFFSET, p->next_xid++);
    peer_send_raw(p, msg->data, msg->size);
    bytes_destroy(msg);
}

const struct bytes *peer_find_sent(const struct peer *p, uint32_t xid)
{
    const struct bytes *found = NULL;
    struct world_item *item;
    LIST_FOR_EACH (item, node, &p->sent) {
        if (get_be32(item->bytes.data + XID_OFFSET) == xid) {
            found = &item->bytes;
        }
    }
    return found;
}

/* Says HELLO, if it speaks by itself. */
static void say_hello(struct peer *p)
{
    if (!p->is_by_hand) {
        struct bytes *msg = ofp_msg_start(OFP_HELLO, 0);
        ofp_msg_finish(msg);
        peer_send(p, msg);
    }
}

/* Receiving ------------------------------------------------------------------------------------ */

/* Deals with what a peer answers or takes by itself. True if that was it. */
static bool handle(struct peer *p, const uint8_t *data, size_t size)
{
    if (p->is_by_hand) {
        return false;
    }
    if (data[TYPE_OFFSET] == OFPT_ECHO_REQUEST) {
        struct bytes *reply = bytes_create(size);
        bytes_put(reply, data, size);
        reply->data[TYPE_OFFSET] = OFPT_ECHO_REPLY;
        stream_send(p->stream, reply);
    }
    return data[TYPE_OFFSET] == OFPT_HELLO || data[TYPE_OFFSET] == OFPT_ECHO_REQUEST;
}

/* True if the scenario does not want to see the message. */
static bool is_ignored(const struct peer *p, const uint8_t *data, size_t size)
{
    struct ofp_message m;
    bool is_ignored = !ofp_message_decode(&m, data, size, false) && p->ignores[m.kind];
    ofp_message_uninit(&m);
    return is_ignored;
}

/* stream: bytes came. Cuts them into messages. */
static void peer_received(void *peer, const uint8_t *data, size_t size)
{
    struct peer *p = peer;
    bytes_put(&p->in, data, size);
    for (size_t length; (length = message_length(&p->in));) {
        if (!handle(p, p->in.data, length) && !is_ignored(p, p->in.data, length)) {
            world_item_add(&p->messages, p->in.data, length);
        }
        bytes_pull(&p->in, length);
    }
}

/* Forgets the connection. */
static void forget_stream(struct peer *p)
{
    stream_destroy(p->stream);
    p->stream = NULL;
    bytes_clear(&p->in);
    bytes_clear(&p->out);
}

/* stream: the bridge has ended it. Dialling again is for the scenario to say. */
static void peer_closed(void *peer, int error UNUSED, const char *reason UNUSED)
{
    struct peer *p = peer;
    forget_stream(p);
    world_item_add(&p->messages, NULL, 0);
}

/* stream: a service connection is up. */
static void peer_connected(void *peer)
{
    struct peer *p = peer;
    p->n_connections++;
    p->has_table_ids = p->has_nxm = false;
    say_hello(p);
}

static const struct stream_handlers peer_handlers = {
    .connected = peer_connected,
    .received = peer_received,
    .closed = peer_closed,
};

/* Connections ---------------------------------------------------------------------------------- */

/* listener: the bridge has dialled a controller. */
static void peer_accept(void *peer, struct stream *stream)
{
    struct peer *p = peer;
    forget_stream(p);
    p->stream = stream;
    stream_set_handlers(stream, &peer_handlers, p);
    stream_pause(stream, p->is_stalled);
    peer_connected(p);
}

/* Makes the peer reachable, or dials. */
static int appear(struct peer *p, char **error)
{
    const struct channel_env *env = &p->world->channel;
    char *name = xasprintf(p->door ? "memory:%s" : "pmemory:%s", p->door ? p->door : p->name);
    int err = p->door ? stream_open(env, name, 0, &peer_handlers, p, &p->stream, error)
                      : stream_listen(env, name, 0, peer_accept, p, &p->listener, error);
    free(name);
    return err;
}

int peer_create(struct world *w, struct world_bridge *b, const char *name, bool is_service,
                bool is_by_hand, struct peer **p, char **error)
{
    return peer_create_at(w, b, name, is_service ? b->name : NULL, is_by_hand, p, error);
}

int peer_create_at(struct world *w, struct world_bridge *b, const char *name, const char *door,
                   bool is_by_hand, struct peer **pp, char **error)
{
    struct peer *p = xzalloc(sizeof *p);
    p->name = xstrdup(name);
    p->world = w;
    p->bridge = b;
    p->door = door ? xstrdup(door) : NULL;
    p->is_by_hand = is_by_hand;
    p->next_xid = 1;
    list_init(&p->node);
    list_init(&p->messages);
    list_init(&p->sent);
    int err = appear(p, error);
    if (err) {
        peer_destroy(p);
    } else {
        *pp = p;
    }
    return err;
}

void peer_destroy(struct peer *p)
{
    if (p) {
        peer_vanish(p);
        struct world_item *item;
        while ((item = world_item_first(&p->messages)) || (item = world_item_first(&p->sent))) {
            world_item_destroy(item);
        }
        list_remove(&p->node);
        bytes_uninit(&p->in);
        bytes_uninit(&p->out);
        free(p->name);
        free(p->door);
        free(p);
    }
}

void peer_close(struct peer *p)
{
    forget_stream(p);
}

void peer_vanish(struct peer *p)
{
    forget_stream(p);
    stream_listener_destroy(p->listener);
    p->listener = NULL;
}

int peer_return(struct peer *p, char **error)
{
    return p->listener || (p->door && p->stream) ? 0 : appear(p, error);
}

void peer_stall(struct peer *p, bool is_stalled)
{
    p->is_stalled = is_stalled;
    if (p->stream) {
        stream_pause(p->stream, is_stalled);
    }
}

/* Names ---------------------------------------------------------------------------------------- */

/* True if 'name' is the full name 'full' of a kind, or that without its prefix in small letters. */
static bool is_name_of(const char *name, const char *full)
{
    const char *tail = strchr(full, '_');
    if (!strcmp(name, full)) {
        return true;
    }
    for (tail += tail != NULL; tail && *tail; tail++, name++) {
        char c = *tail == ' ' ? '_' : (char) tolower((unsigned char) *tail);
        if (*name != c) {
            return false;
        }
    }
    return tail && !*name;
}

enum ofp_kind peer_kind_from_name(const char *name)
{
    for (enum ofp_kind kind = 0; kind < N_OFP_KINDS; kind++) {
        if (is_name_of(name, ofp_kind_name(kind))) {
            return kind;
        }
    }
    return N_OFP_KINDS;
}
