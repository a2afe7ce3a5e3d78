/* SPDX-License-Identifier: Apache-2.0 */
/* The blocking client: turns the event loop until what it waits for has come. */
#include "utilities/ofctl-client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/loop-clock.h"
#include "lib/channel/tls-config.h"
#include "lib/channel/vconn.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/timer-wheel.h"

enum {
    BACKLOG_MAX = 1 << 20, /* Bytes that may wait to be sent. */
};

struct client {
    uv_loop_t loop;           /* Event loop. */
    struct timer_wheel wheel; /* Timers of the connection and ours. */
    struct channel_env env;   /* For the connection. */
    struct vconn *vconn;      /* NULL when it is dead. */
    struct timer deadline;    /* Ends all waiting. */
    struct list received;     /* struct ofp_part: messages not yet taken. */
    char *name;               /* Target. */
    char *reason;             /* Why it is dead, for people. */
    int error;                /* Errno of it; 0 while it lives. */
    int64_t timeout;          /* As given to client_open(). */
    uint32_t xid;             /* Last one used. */
    bool is_connected;        /* HELLOs exchanged. */
    bool shows_echo;          /* ECHO_REQUESTs are returned. */
};

static void on_connected(void *aux)
{
    struct client *c = aux;
    c->is_connected = true;
}

/* Gives an ECHO_REQUEST back as a reply. */
static void answer_echo(struct client *c, const uint8_t *data, size_t size)
{
    struct bytes *reply = bytes_create(size);
    bytes_put(reply, data, size);
    reply->data[1] = OFPT_ECHO_REPLY;
    vconn_send(c->vconn, reply);
}

static void on_message(void *aux, const uint8_t *data, size_t size)
{
    struct client *c = aux;
    if (data[1] == OFPT_ECHO_REQUEST) {
        answer_echo(c, data, size);
        if (!c->shows_echo) {
            return;
        }
    }
    struct ofp_part *part = xmalloc(sizeof *part);
    part->bytes = bytes_create(size);
    bytes_put(part->bytes, data, size);
    list_push_back(&c->received, &part->node);
}

static void on_closed(void *aux, int error, const char *reason)
{
    struct client *c = aux;
    c->error = error ? error : ECONNRESET;
    c->reason = xstrdup(reason && *reason ? reason
                        : error           ? strerror(error)
                                          : "connection closed by the peer");
    vconn_destroy(c->vconn);
    c->vconn = NULL;
}

static const struct vconn_handlers handlers = {
    .connected = on_connected,
    .message = on_message,
    .closed = on_closed,
};

static void on_deadline(struct timer *timer, int64_t now UNUSED)
{
    struct client *c = CONTAINER_OF(timer, struct client, deadline);
    if (!c->error) {
        c->error = ETIMEDOUT;
        c->reason = xasprintf("no answer within %lld s; raise --timeout",
                              (long long) (c->timeout / SEC));
    }
}

/* Makes a client without a connection.  Returns 0, or an errno with '*error'. */
static int client_create(const char *target, int64_t timeout, struct client **client,
                         char **error)
{
    struct client *c = xzalloc(sizeof *c);
    int64_t now = loop_clock_now();
    int result = loop_open(&c->loop, error);
    if (result) {
        free(c);
        return result;
    }
    timer_wheel_init(&c->wheel, now);
    list_init(&c->received);
    c->env.loop = &c->loop;
    c->env.wheel = &c->wheel;
    c->env.clock = loop_clock_create(&c->loop, &c->wheel);
    c->name = xstrdup(target);
    c->timeout = timeout;
    timer_init(&c->deadline, on_deadline);
    if (timeout) {
        timer_set(&c->wheel, &c->deadline, now + timeout);
    }
    *client = c;
    return 0;
}

/* Says why 'c' is dead, with what was being done. */
static int explain(struct client *c, const char *doing, char **error)
{
    *error = xasprintf("%s%s: %s", doing, c->name, c->reason);
    return c->error;
}

/* Begins to connect and waits for the HELLOs. */
static int connect_now(struct client *c, const struct tls_files *tls, char **error)
{
    bool has_keys = tls->private_key || tls->certificate || tls->ca_cert || tls->bootstrap_ca;
    int result = has_keys ? tls_config_create(tls, &c->env.tls, error) : 0;
    result = result ? result
                    : vconn_open(&c->env, c->name, CHANNEL_PORT, &handlers, c, &c->vconn, error);
    while (!result && !c->is_connected && !c->error) {
        uv_run(&c->loop, UV_RUN_ONCE);
    }
    return !result && c->error ? explain(c, "connecting to ", error) : result;
}

int client_open(const char *target, const struct tls_files *tls, int64_t timeout,
                struct client **client, char **error)
{
    struct client *c = NULL;
    int result = client_create(target, timeout, &c, error);
    result = result ? result : connect_now(c, tls, error);
    if (result) {
        client_close(c);
        c = NULL;
    }
    *client = c;
    return result;
}

void client_close(struct client *c)
{
    if (!c) {
        return;
    }
    vconn_destroy(c->vconn);
    timer_cancel(&c->wheel, &c->deadline);
    loop_clock_destroy(c->env.clock);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    uv_loop_close(&c->loop);
    timer_wheel_uninit(&c->wheel);
    tls_config_destroy(c->env.tls);
    for (struct bytes *msg; (msg = ofp_parts_pop(&c->received)) != NULL;) {
        bytes_destroy(msg);
    }
    free(c->reason);
    free(c->name);
    free(c);
}

uint32_t client_next_xid(struct client *c)
{
    return ++c->xid;
}

void client_send(struct client *c, struct bytes *msg)
{
    if (!c->vconn) {
        bytes_destroy(msg);
        return;
    }
    vconn_send(c->vconn, msg);
    while (!c->error && vconn_backlog(c->vconn) > BACKLOG_MAX) {
        uv_run(&c->loop, UV_RUN_ONCE);
    }
}

int client_receive(struct client *c, struct bytes **msg, char **error)
{
    while (!(*msg = ofp_parts_pop(&c->received)) && !c->error) {
        uv_run(&c->loop, UV_RUN_ONCE);
    }
    return *msg ? 0 : explain(c, "", error);
}

void client_show_echo(struct client *c)
{
    c->shows_echo = true;
}

bool client_is_open(const struct client *c)
{
    return !c->error;
}

int64_t client_now(void)
{
    return loop_clock_now();
}
