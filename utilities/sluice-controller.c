/* SPDX-License-Identifier: Apache-2.0 */
/* sluice-controller: a learning switch, or a hub, for any number of OpenFlow switches. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <uv.h>

#include "lib/channel/channel.h"
#include "lib/channel/loop-clock.h"
#include "lib/channel/stream.h"
#include "lib/channel/tls-config.h"
#include "lib/cmdl.h"
#include "lib/daemon.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "utilities/controller-options.h"
#include "utilities/controller-switch.h"
#include "utilities/service.h"

VLOG_DEFINE_MODULE(sluice_controller);

/* A switch in the list of all. */
struct member {
    struct list node;             /* In 'members'. */
    struct controller_switch *sw; /* Owned. */
};

/* The program. */
struct controller {
    uv_loop_t loop;                     /* Event loop. */
    struct timer_wheel wheel;           /* All timers. */
    struct channel_env env;             /* For connections. */
    const struct controller_options *o; /* Command line. */
    struct rconn_config rconn;          /* How to keep connections. */
    struct stream_listener **listeners; /* Owned. */
    size_t n_listeners;                 /* Number of them. */
    struct list members;                /* Of struct member. */
    struct service service;             /* Signals. */
};

static void remove_member(struct member *m)
{
    list_remove(&m->node);
    controller_switch_destroy(m->sw);
    free(m);
}

/* A switch that had dialled us is gone. */
static void switch_gone(void *aux, struct controller_switch *sw)
{
    struct member *m = (struct member *) aux;
    (void) sw;
    remove_member(m);
}

/* A switch has dialled us. */
static void switch_came(void *aux, struct stream *stream)
{
    struct controller *c = (struct controller *) aux;
    struct member *m = xmalloc(sizeof *m);
    list_push_back(&c->members, &m->node);
    c->rconn.seed++;
    m->sw = controller_switch_accept(&c->env, stream, &c->rconn, &c->o->policy, switch_gone, m);
}

/* Listens at 'target', or dials it. */
static int start_target(struct controller *c, const char *target, char **error)
{
    if (stream_name_is_passive(target)) {
        struct stream_listener **l = &c->listeners[c->n_listeners];
        int retval = stream_listen(&c->env, target, CHANNEL_PORT, switch_came, c, l, error);
        c->n_listeners += !retval;
        return retval;
    }
    struct controller_switch *sw;
    c->rconn.seed++;
    int retval = controller_switch_dial(&c->env, target, &c->rconn, &c->o->policy, &sw, error);
    if (!retval) {
        struct member *m = xmalloc(sizeof *m);
        m->sw = sw;
        list_push_back(&c->members, &m->node);
    }
    return retval;
}

/* Sets everything up; what fails is undone by finish(). */
static int start(struct controller *c, char **error)
{
    const struct tls_files *tls = &c->o->tls;
    int retval = 0;
    if (tls->private_key || tls->certificate || tls->ca_cert) {
        retval = tls_config_create(tls, &c->env.tls, error);
    }
    c->listeners = xcalloc(c->o->n_targets, sizeof *c->listeners);
    for (size_t i = 0; i < c->o->n_targets && !retval; i++) {
        retval = start_target(c, c->o->targets[i], error);
    }
    return retval;
}

/* Undoes start(), however far it got. */
static void finish(struct controller *c)
{
    for (size_t i = 0; i < c->n_listeners; i++) {
        stream_listener_destroy(c->listeners[i]);
    }
    free(c->listeners);
    while (!list_is_empty(&c->members)) {
        remove_member(CONTAINER_OF(list_front(&c->members), struct member, node));
    }
    tls_config_destroy(c->env.tls);
    loop_clock_destroy(c->env.clock);
    service_close_loop(&c->loop);
    timer_wheel_uninit(&c->wheel);
}

/* Serves switches until a signal ends it. */
static int serve(const struct controller_options *o, struct daemon *daemon, char **error)
{
    struct controller c = {.o = o, .rconn = o->rconn};
    if (getrandom(&c.rconn.seed, sizeof c.rconn.seed, 0) != sizeof c.rconn.seed) {
        c.rconn.seed = (uint64_t) loop_clock_now();
    }
    list_init(&c.members);
    int retval = loop_open(&c.loop, error);
    if (retval) {
        return retval;
    }
    timer_wheel_init(&c.wheel, loop_clock_now());
    c.env.loop = &c.loop;
    c.env.wheel = &c.wheel;
    c.env.clock = loop_clock_create(&c.loop, &c.wheel);
    retval = service_watch_signals(&c.service, &c.loop, &c.env.tls, error);
    retval = retval ? retval : start(&c, error);
    if (!retval) {
        daemon_ready(daemon);
        if (o->detach) {
            vlog_take_stderr();
        }
        uv_run(&c.loop, UV_RUN_DEFAULT);
    }
    finish(&c);
    return retval;
}

static int run(const struct controller_options *o, char **error)
{
    struct daemon daemon;
    int retval = o->log_file ? vlog_set_file(o->log_file) : 0;
    if (retval) {
        *error = xasprintf("%s: cannot be written: %s", o->log_file, strerror(retval));
        return CMDL_FAILED;
    }
    if (daemon_start(&daemon, o->detach, o->pidfile, error)) {
        return CMDL_FAILED;
    }
    service_prepare();
    retval = serve(o, &daemon, error);
    daemon_stop(&daemon);
    return retval ? CMDL_FAILED : CMDL_OK;
}

int main(int argc, char *argv[])
{
    struct controller_options o;
    char *error = NULL;
    daemon_fill_standard_files();
    int code = controller_options_parse(&o, argc, argv, &error);
    if (!code && o.help) {
        controller_options_print_help();
    } else if (!code && o.version) {
        printf("sluice-controller %s\n", PACKAGE_VERSION);
    } else if (!code) {
        code = run(&o, &error);
    }
    if (error) {
        fprintf(stderr, "sluice-controller: %s\n", error);
        free(error);
    }
    controller_options_uninit(&o);
    return cmdl_finish("sluice-controller", code);
}
