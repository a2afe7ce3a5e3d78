/* SPDX-License-Identifier: Apache-2.0 */
/* What streams of all kinds share: references, handlers and the way to the kind. */
#include "lib/channel/stream.h"

#include <stdlib.h>

#include "lib/bytes.h"
#include "lib/channel/stream-provider.h"
#include "lib/util.h"

void stream_set_handlers(struct stream *s, const struct stream_handlers *handlers, void *aux)
{
    s->handlers = handlers;
    s->aux = aux;
    s->class->update_reading(s);
}

void stream_destroy(struct stream *s)
{
    if (s) {
        s->class->close(s);
        s->is_destroyed = true;
        stream_unref(s);
    }
}

void stream_send(struct stream *s, struct bytes *msg)
{
    if (!msg->size || !stream_is_alive(s)) {
        bytes_destroy(msg);
        return;
    }
    s->class->send(s, msg);
}

void stream_shutdown(struct stream *s)
{
    if (stream_is_alive(s)) {
        s->class->shutdown(s);
    }
}

void stream_wake(struct stream *s)
{
    if (stream_is_alive(s)) {
        s->class->wake(s);
    }
}

size_t stream_backlog(const struct stream *s)
{
    return s->class->backlog(s);
}

void stream_pause(struct stream *s, bool pause)
{
    if (s->is_paused != pause) {
        s->is_paused = pause;
        s->class->update_reading(s);
    }
}

bool stream_is_ending(const struct stream *s)
{
    return s->is_ending;
}

const char *stream_name(const struct stream *s)
{
    return s->name;
}

const char *stream_local(const struct stream *s)
{
    return s->local ? s->local : "";
}

const char *stream_remote(const struct stream *s)
{
    return s->remote ? s->remote : "";
}

char *stream_check_peer(const struct stream *s, const char *name)
{
    return s->class->check_peer
               ? s->class->check_peer(s, name)
               : xasprintf("without TLS there is no certificate that says %s", name);
}

void stream_listener_destroy(struct stream_listener *l)
{
    if (l) {
        l->destroy(l);
    }
}

uint16_t stream_listener_port(const struct stream_listener *l)
{
    return l->port;
}

void stream_init(struct stream *s, const struct stream_class *class, const struct channel_env *env,
                 const char *name)
{
    *s = (struct stream){.class = class, .env = env, .name = xstrdup(name), .refs = 1};
}

void stream_ref(struct stream *s)
{
    s->refs++;
}

void stream_unref(struct stream *s)
{
    if (--s->refs == 0) {
        free(s->name);
        free(s->local);
        free(s->remote);
        s->class->free(s);
    }
}

bool stream_is_alive(const struct stream *s)
{
    return !s->is_destroyed && !s->is_closed;
}

bool stream_wants_bytes(const struct stream *s)
{
    return stream_is_alive(s) && s->handlers && !s->is_paused;
}

void stream_tell_connected(struct stream *s)
{
    if (stream_is_alive(s) && s->handlers && s->handlers->connected) {
        s->handlers->connected(s->aux);
    }
}

void stream_tell_received(struct stream *s, const uint8_t *data, size_t size)
{
    if (stream_is_alive(s) && s->handlers && s->handlers->received) {
        s->handlers->received(s->aux, data, size);
    }
}

void stream_tell_drained(struct stream *s)
{
    if (stream_is_alive(s) && s->handlers && s->handlers->drained) {
        s->handlers->drained(s->aux);
    }
}

void stream_tell_woken(struct stream *s)
{
    if (stream_is_alive(s) && s->handlers && s->handlers->woken) {
        s->handlers->woken(s->aux);
    }
}

void stream_tell_closed(struct stream *s, int error, const char *reason)
{
    if (stream_is_alive(s)) {
        s->is_closed = true;
        if (s->handlers && s->handlers->closed) {
            s->handlers->closed(s->aux, error, reason);
        }
    }
}
