/* SPDX-License-Identifier: Apache-2.0 */
/* Where a bridge listens for connections, and with which rights they come in. */
#include "ofproto/listeners.h"

#include <stdlib.h>
#include <string.h>

#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/util.h"
#include "ofproto/rights.h"

/* A place to listen at. */
struct listener {
    struct list node;               /* In listeners->list. */
    struct listeners *owner;        /* Whose. */
    struct stream_listener *stream; /* Owned. */
    char *target;                   /* Without rights; owned. */
    struct rights *rights;          /* Of who comes in, or NULL; a reference. */
    bool is_snoop;                  /* For copies of messages. */
};

void listeners_init(struct listeners *ls, const struct channel_env *env, listeners_accept *accept,
                    void *aux)
{
    ls->env = env;
    ls->accept = accept;
    ls->aux = aux;
    list_init(&ls->list);
}

static void listener_destroy(struct listener *l)
{
    list_remove(&l->node);
    stream_listener_destroy(l->stream);
    rights_unref(l->rights);
    free(l->target);
    free(l);
}

void listeners_uninit(struct listeners *ls)
{
    struct listener *l, *next;
    LIST_FOR_EACH_SAFE (l, next, node, &ls->list) {
        listener_destroy(l);
    }
}

/* Somebody has dialled us. */
static void accept_stream(void *aux, struct stream *s)
{
    struct listener *l = aux;
    l->owner->accept(l->owner->aux, s, l->rights, l->is_snoop);
}

int listeners_add(struct listeners *ls, const char *text, bool is_snoop, char **error)
{
    struct rights *rights;
    char *target;
    int err = rights_parse(text, &target, &rights, error);
    if (err) {
        return err;
    }
    struct listener *l = xzalloc(sizeof *l);
    l->owner = ls;
    l->is_snoop = is_snoop;
    l->rights = rights;
    l->target = target;
    list_push_back(&ls->list, &l->node);
    err = stream_listen(ls->env, target, CHANNEL_PORT, accept_stream, l, &l->stream, error);
    if (err) {
        listener_destroy(l);
    }
    return err;
}

/* The one at 'target', or NULL. */
static struct listener *find(const struct listeners *ls, const char *target)
{
    struct listener *l;
    LIST_FOR_EACH (l, node, &ls->list) {
        if (!strcmp(l->target, target)) {
            return l;
        }
    }
    return NULL;
}

bool listeners_remove(struct listeners *ls, const char *target)
{
    struct listener *l = find(ls, target);
    if (l) {
        listener_destroy(l);
    }
    return l;
}

bool listeners_get(const struct listeners *ls, size_t i, struct listener_info *info)
{
    const struct listener *l;
    LIST_FOR_EACH (l, node, &ls->list) {
        if (!i--) {
            *info = (struct listener_info) {l->target, stream_listener_port(l->stream), l->rights};
            return true;
        }
    }
    return false;
}
