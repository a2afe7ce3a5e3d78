/* SPDX-License-Identifier: Apache-2.0 */
/* Streams in memory: what the network does, done when the program says so. */
#include "lib/channel/stream-memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/list.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * A half holds the bytes on their way *to* it, so they survive the sender.  Nothing moves by
 * itself: run_half() does for one half what the event loop does for a socket, in a fixed order
 * (connect, wake, receive, drain, close), one step each. */

enum { READ_BYTES = 64 * 1024 /* Most that one round delivers, as one read of a socket would. */ };

struct memory_stream {
    struct stream base;         /* What all streams have. */
    struct memory_stream *peer; /* The other half; NULL before connecting and after its end. */
    struct bytes in;            /* Sent by the peer, not yet received. */
    struct list in_hub;         /* In the hub's streams; empty if there is no hub. */
    char *target;               /* Name to be connected to; NULL once that is done; owned. */
    bool is_ended;              /* The peer sends no more. */
    bool wants_shutdown;        /* The owner sends no more. */
    bool drained_due;           /* The peer received all; the owner was not told. */
    bool woken;                 /* stream_wake() was called. */
};

struct memory_listener {
    struct stream_listener base;     /* What all listeners have. */
    struct stream_acceptor acceptor; /* Who is given the streams. */
    struct list in_hub;              /* In the hub's listeners. */
    char *name;                      /* Name in the hub; owned. */
};

struct stream_hub {
    struct list listeners; /* Of struct memory_listener. */
    struct list streams;   /* Of struct memory_stream, oldest first. */
};

static const struct stream_class memory_stream_class;

static struct memory_stream *memory_stream_cast(const struct stream *s)
{
    return CONTAINER_OF((void *) (uintptr_t) s, struct memory_stream, base);
}

static struct memory_stream *memory_stream_create(const struct channel_env *env, const char *name)
{
    struct memory_stream *m = xzalloc(sizeof *m);
    stream_init(&m->base, &memory_stream_class, env, name);
    list_init(&m->in_hub);
    if (env->hub) {
        list_push_back(&env->hub->streams, &m->in_hub);
    }
    return m;
}

/* Makes 'a' and 'b' the halves of one connection. */
static void join(struct memory_stream *a, struct memory_stream *b)
{
    a->peer = b;
    b->peer = a;
}

void stream_pair(const struct channel_env *env, struct stream **a, struct stream **b)
{
    struct memory_stream *ma = memory_stream_create(env, "memory:a");
    struct memory_stream *mb = memory_stream_create(env, "memory:b");
    join(ma, mb);
    *a = &ma->base;
    *b = &mb->base;
}

/* Returns who listens as 'name', or NULL. */
static struct memory_listener *find_listener(const struct stream_hub *hub, const char *name)
{
    struct memory_listener *l;
    LIST_FOR_EACH(l, in_hub, &hub->listeners) {
        if (!strcmp(l->name, name)) {
            return l;
        }
    }
    return NULL;
}

/* Connects 'm' to whoever listens now. */
static void connect_half(struct memory_stream *m)
{
    const struct channel_env *env = m->base.env;
    struct memory_listener *l = find_listener(env->hub, m->target);
    free(m->target);
    m->target = NULL;
    if (!l) {
        stream_tell_closed(&m->base, ECONNREFUSED, "connect: Connection refused");
        return;
    }
    struct memory_stream *accepted = memory_stream_create(env, m->base.name);
    join(m, accepted);
    l->acceptor.accept(l->acceptor.aux, &accepted->base);
    stream_tell_connected(&m->base);
}

/* Gives the owner of 'm' the bytes that wait, or the first of them. */
static void receive(struct memory_stream *m)
{
    size_t size = MIN(m->in.size, (size_t) READ_BYTES);
    uint8_t *data = xmemdup(m->in.data, size);
    bytes_pull(&m->in, size);
    if (!m->in.size && m->peer) {
        m->peer->drained_due = true;
    }
    stream_tell_received(&m->base, data, size);
    free(data);
}

/* Takes the flag at 'flag' down; returns whether it was up. */
static bool take(bool *flag)
{
    bool was = *flag;
    *flag = false;
    return was;
}

/* One round of the event loop for one half.  Returns true if it did anything.  The caller holds a
 * reference. */
static bool run_half(struct memory_stream *m)
{
    bool did = false;
    if (m->target && stream_is_alive(&m->base)) {
        connect_half(m);
        did = true;
    }
    if (take(&m->woken)) {
        stream_tell_woken(&m->base);
        did = true;
    }
    if (m->in.size && stream_wants_bytes(&m->base)) {
        receive(m);
        did = true;
    }
    if (m->peer && !m->peer->in.size && take(&m->drained_due)) {
        stream_tell_drained(&m->base);
        did = true;
    }
    if (m->is_ended && !m->in.size && stream_wants_bytes(&m->base)) {
        stream_tell_closed(&m->base, 0, "closed by the peer");
        did = true;
    }
    return did;
}

bool stream_pair_deliver(struct stream *either)
{
    struct memory_stream *a = memory_stream_cast(either);
    struct memory_stream *b = a->peer;
    stream_ref(&a->base);
    if (b) {
        stream_ref(&b->base);
    }
    bool did = run_half(a);
    if (b) {
        did = run_half(b) || did;
        stream_unref(&b->base);
    }
    stream_unref(&a->base);
    return did;
}

struct stream_hub *stream_hub_create(void)
{
    struct stream_hub *hub = xmalloc(sizeof *hub);
    list_init(&hub->listeners);
    list_init(&hub->streams);
    return hub;
}

void stream_hub_destroy(struct stream_hub *hub)
{
    free(hub);
}

bool stream_hub_deliver(struct stream_hub *hub)
{
    size_t n = list_size(&hub->streams);
    struct memory_stream **streams = xcalloc(n, sizeof *streams);
    struct memory_stream *m;
    size_t i = 0;
    LIST_FOR_EACH(m, in_hub, &hub->streams) {
        stream_ref(&m->base);
        streams[i++] = m;
    }
    bool did = false;
    for (i = 0; i < n; i++) {
        did = run_half(streams[i]) || did;
        stream_unref(&streams[i]->base);
    }
    free(streams);
    return did;
}

struct stream *stream_memory_dial(const struct channel_env *env, const char *text,
                                  const struct stream_name *name)
{
    struct memory_stream *m = memory_stream_create(env, text);
    m->target = xstrdup(name->host);
    return &m->base;
}

static void memory_listener_destroy(struct stream_listener *base)
{
    struct memory_listener *l = CONTAINER_OF(base, struct memory_listener, base);
    list_remove(&l->in_hub);
    free(l->name);
    free(l);
}

int stream_memory_listen(const struct channel_env *env, const char *text,
                         const struct stream_name *name, const struct stream_acceptor *acceptor,
                         struct stream_listener **listener, char **error)
{
    if (find_listener(env->hub, name->host)) {
        *error = xasprintf("%s: somebody listens there already", text);
        return EADDRINUSE;
    }
    struct memory_listener *l = xzalloc(sizeof *l);
    l->base.destroy = memory_listener_destroy;
    l->acceptor = *acceptor;
    l->name = xstrdup(name->host);
    list_push_back(&env->hub->listeners, &l->in_hub);
    *listener = &l->base;
    return 0;
}

static void memory_stream_send(struct stream *s, struct bytes *msg)
{
    struct memory_stream *m = memory_stream_cast(s);
    if (m->peer && !m->wants_shutdown) {
        bytes_put(&m->peer->in, msg->data, msg->size);
        m->drained_due = false;
    }
    bytes_destroy(msg);
}

static size_t memory_stream_backlog(const struct stream *s)
{
    const struct memory_stream *m = memory_stream_cast(s);
    return m->peer ? m->peer->in.size : 0;
}

static void memory_stream_update_reading(struct stream *s)
{
    (void) s;
}

static void memory_stream_wake(struct stream *s)
{
    memory_stream_cast(s)->woken = true;
}

static void memory_stream_shutdown(struct stream *s)
{
    struct memory_stream *m = memory_stream_cast(s);
    m->wants_shutdown = true;
    if (m->peer) {
        m->peer->is_ended = true;
    }
}

static void memory_stream_close(struct stream *s)
{
    struct memory_stream *m = memory_stream_cast(s);
    list_remove(&m->in_hub);
    if (m->peer) {
        m->peer->is_ended = true;
        m->peer->peer = NULL;
        m->peer = NULL;
    }
}

static void memory_stream_free(struct stream *s)
{
    struct memory_stream *m = memory_stream_cast(s);
    bytes_uninit(&m->in);
    free(m->target);
    free(m);
}

static const struct stream_class memory_stream_class = {
    .send = memory_stream_send,
    .backlog = memory_stream_backlog,
    .update_reading = memory_stream_update_reading,
    .wake = memory_stream_wake,
    .shutdown = memory_stream_shutdown,
    .close = memory_stream_close,
    .free = memory_stream_free,
};
