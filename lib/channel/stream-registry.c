/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the kinds of streams: from a name to the file that makes it. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/channel/channel.h"
#include "lib/channel/stream-listen.h"
#include "lib/channel/stream-memory.h"
#include "lib/channel/stream-name.h"
#include "lib/channel/stream-tls.h"
#include "lib/channel/stream-uv.h"
#include "lib/channel/stream.h"
#include "lib/util.h"

/* What to be listened to. */
struct listening {
    const struct channel_env *env;          /* The program's. */
    const char *text;                       /* Name as given. */
    const struct stream_name *name;         /* Its parts. */
    uint16_t port;                          /* Port of the name, or the default. */
    const struct stream_acceptor *acceptor; /* Who is given the streams. */
};

/* A kind of stream.  Names have been parsed and checked when the hooks are called. */
struct stream_kind {
    bool needs_loop; /* Does it need env->loop? */
    bool needs_tls;  /* Does it need env->tls? */
    bool needs_hub;  /* Does it need env->hub? */
    /* Begins to connect. */
    struct stream *(*open)(const struct channel_env *env, const char *text,
                           const struct stream_name *name, uint16_t port);
    /* Listens.  Returns 0 or an errno with '*error'. */
    int (*listen)(const struct listening *what, struct stream_listener **l, char **error);
};

static struct stream *open_tcp(const struct channel_env *env, const char *text,
                               const struct stream_name *name, uint16_t port)
{
    return stream_uv_dial_tcp(env, text, name->host, port);
}

static int listen_tcp(const struct listening *what, struct stream_listener **l, char **error)
{
    return stream_listen_tcp(what->env, what->text, what->name, what->port, what->acceptor, l,
                             error);
}

static struct stream *open_tls(const struct channel_env *env, const char *text,
                               const struct stream_name *name, uint16_t port)
{
    struct stream *inner = stream_uv_dial_tcp(env, text, name->host, port);
    return stream_tls_client(env, text, name->host, inner);
}

static int listen_tls(const struct listening *what, struct stream_listener **l, char **error)
{
    struct stream_listener *inner = NULL;
    *l = stream_tls_listener_create(what->env, what->acceptor);
    struct stream_acceptor acceptor = stream_tls_acceptor(*l);
    int retval = stream_listen_tcp(what->env, what->text, what->name, what->port, &acceptor, &inner,
                                   error);
    if (retval) {
        stream_listener_destroy(*l);
    } else {
        stream_tls_listener_set_inner(*l, inner);
    }
    return retval;
}

static struct stream *open_unix(const struct channel_env *env, const char *text,
                                const struct stream_name *name, uint16_t port)
{
    (void) port;
    return stream_uv_dial_unix(env, text, name->host);
}

static int listen_unix(const struct listening *what, struct stream_listener **l, char **error)
{
    return stream_listen_unix(what->env, what->text, what->name, what->acceptor, l, error);
}

static struct stream *open_memory(const struct channel_env *env, const char *text,
                                  const struct stream_name *name, uint16_t port)
{
    (void) port;
    return stream_memory_dial(env, text, name);
}

static int listen_memory(const struct listening *what, struct stream_listener **l, char **error)
{
    return stream_memory_listen(what->env, what->text, what->name, what->acceptor, l, error);
}

static const struct stream_kind kinds[] = {
    [STREAM_TCP] = {.needs_loop = true, .open = open_tcp, .listen = listen_tcp},
    [STREAM_TLS] = {.needs_loop = true, .needs_tls = true, .open = open_tls, .listen = listen_tls},
    [STREAM_UNIX] = {.needs_loop = true, .open = open_unix, .listen = listen_unix},
    [STREAM_MEMORY] = {.needs_hub = true, .open = open_memory, .listen = listen_memory},
};
static_assert(ARRAY_SIZE(kinds) == N_STREAM_TRANSPORTS, "each transport has its kind");

/* Says what 'env' lacks for 'kind', or returns NULL. */
static const char *missing(const struct channel_env *env, const struct stream_kind *kind)
{
    return kind->needs_tls && !env->tls ? "TLS needs --private-key, --certificate and --ca-cert"
           : kind->needs_loop && !env->loop ? "there is no network here: use memory:NAME"
           : kind->needs_hub && !env->hub   ? "streams in memory are for simulation only"
                                            : NULL;
}

/* What 'text', whose parts are 'name', is called at the other end: who listens says the port first.
 * The caller frees it. */
static char *turn_round(const char *text, const struct stream_name *name)
{
    int scheme = (int) strcspn(text, ":");
    bool is_ipv6 = strchr(name->host, ':');
    bool has_address = name->transport == STREAM_TCP || name->transport == STREAM_TLS;
    char port[sizeof "65535"] = "PORT";
    if (name->has_port) {
        snprintf(port, sizeof port, "%u", name->port);
    }
    if (!has_address) {
        return name->is_passive ? xstrdup(text + 1) : xasprintf("p%s", text);
    } else if (!name->is_passive) {
        return xasprintf(is_ipv6 ? "p%.*s:%s:[%s]" : "p%.*s:%s:%s", scheme, text, port, name->host);
    }
    return xasprintf(is_ipv6 ? "%.*s:[%s]:%s" : "%.*s:%s:%s", scheme - 1, text + 1,
                     name->host, port);
}

/* Parses 'text' and finds its kind.  Returns 0; or EINVAL with '*error' and nothing to free. */
static int find_kind(const struct channel_env *env, const char *text, bool passive,
                     struct stream_name *name, const struct stream_kind **kind, char **error)
{
    int retval = stream_name_parse(text, name, error);
    if (retval) {
        return retval;
    }
    *kind = &kinds[name->transport];
    const char *lack = missing(env, *kind);
    if (name->is_passive != passive) {
        char *other = turn_round(text, name);
        *error = xasprintf(passive ? "%s: this dials; to listen write %s"
                                   : "%s: this listens; to dial write %s", text, other);
        free(other);
    } else if (lack) {
        *error = xasprintf("%s: %s", text, lack);
    } else {
        return 0;
    }
    stream_name_uninit(name);
    return EINVAL;
}

int stream_open(const struct channel_env *env, const char *text, uint16_t default_port,
                const struct stream_handlers *handlers, void *aux, struct stream **s, char **error)
{
    struct stream_name name;
    const struct stream_kind *kind;
    int retval = find_kind(env, text, false, &name, &kind, error);
    if (!retval) {
        *s = kind->open(env, text, &name, name.has_port ? name.port : default_port);
        stream_set_handlers(*s, handlers, aux);
        stream_name_uninit(&name);
    }
    return retval;
}

int stream_check_name(const struct channel_env *env, const char *text, char **error)
{
    struct stream_name name;
    const struct stream_kind *kind;
    int retval = find_kind(env, text, false, &name, &kind, error);
    if (!retval) {
        stream_name_uninit(&name);
    }
    return retval;
}

int stream_listen(const struct channel_env *env, const char *text, uint16_t default_port,
                  void (*accept)(void *aux, struct stream *s), void *aux,
                  struct stream_listener **l, char **error)
{
    struct stream_acceptor acceptor = {.accept = accept, .aux = aux};
    struct stream_name name;
    const struct stream_kind *kind;
    int retval = find_kind(env, text, true, &name, &kind, error);
    if (!retval) {
        struct listening what = {env, text, &name, name.has_port ? name.port : default_port,
                                 &acceptor};
        retval = kind->listen(&what, l, error);
        stream_name_uninit(&name);
    }
    return retval;
}

bool stream_name_is_passive(const char *text)
{
    struct stream_name name;
    char *error;
    if (stream_name_parse(text, &name, &error)) {
        free(error);
        return false;
    }
    stream_name_uninit(&name);
    return name.is_passive;
}
