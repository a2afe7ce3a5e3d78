/* SPDX-License-Identifier: Apache-2.0 */
/* Those who get a copy of every message between a bridge and its controllers. */
#include "ofproto/snoopers.h"

#include <stdbool.h>
#include <stdlib.h>

#include "lib/bytes.h"
#include "lib/channel/rconn.h"
#include "lib/channel/stream.h"
#include "lib/util.h"

/* One of them. */
struct snooper {
    struct list node;    /* In snoopers->list. */
    struct rconn *rconn; /* Owned. */
    bool is_dead;        /* To be destroyed by snoopers_run(). */
};

static void message_came(void *aux UNUSED, const uint8_t *data UNUSED, size_t size UNUSED)
{
}

static void connected(void *aux UNUSED)
{
}

static void disconnected(void *aux, bool was_connected UNUSED, const char *reason UNUSED)
{
    struct snooper *s = aux;
    s->is_dead = true;
}

static const struct rconn_handlers handlers = {
    .connected = connected,
    .message = message_came,
    .disconnected = disconnected,
};

static void snooper_destroy(struct snooper *s)
{
    list_remove(&s->node);
    rconn_destroy(s->rconn);
    free(s);
}

void snoopers_init(struct snoopers *snoopers, const struct channel_env *env)
{
    snoopers->env = env;
    list_init(&snoopers->list);
}

void snoopers_uninit(struct snoopers *snoopers)
{
    struct snooper *s, *next;
    LIST_FOR_EACH_SAFE (s, next, node, &snoopers->list) {
        snooper_destroy(s);
    }
}

void snoopers_add(struct snoopers *snoopers, struct stream *stream,
                  const struct rconn_config *config)
{
    struct snooper *s = xzalloc(sizeof *s);
    list_push_back(&snoopers->list, &s->node);
    s->rconn = rconn_from_stream(snoopers->env, stream, config, &handlers, s);
}

void snoopers_tell(struct snoopers *snoopers, const void *data, size_t size)
{
    struct snooper *s;
    LIST_FOR_EACH (s, node, &snoopers->list) {
        struct bytes *copy = bytes_create(size);
        bytes_put(copy, data, size);
        rconn_send(s->rconn, copy, RCONN_PACKET_IN);
    }
}

void snoopers_run(struct snoopers *snoopers)
{
    struct snooper *s, *next;
    LIST_FOR_EACH_SAFE (s, next, node, &snoopers->list) {
        if (s->is_dead) {
            snooper_destroy(s);
        }
    }
}
