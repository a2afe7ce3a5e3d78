/* SPDX-License-Identifier: Apache-2.0 */
/* sluiced: the switch as a daemon. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "datapath/workers.h"
#include "lib/channel/channel.h"
#include "lib/channel/loop-clock.h"
#include "lib/channel/tls.h"
#include "lib/cmdl.h"
#include "lib/daemon.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/bridge.h"
#include "ofproto/control.h"
#include "ofproto/scenario.h"
#include "utilities/run-dir.h"
#include "utilities/service.h"
#include "utilities/sluiced-options.h"

VLOG_DEFINE_MODULE(sluiced);

/* The loop.  Everything that can happen is a descriptor of the loop: sockets of channels, and
 * one epoll descriptor for all of the datapath.  step() runs before the loop waits and after it;
 * if anything wants to go on at once, an idle handle keeps the loop from waiting.  And if nothing
 * happens at all it runs every LOOK_PERIOD, for something may be wrong that brings no news. */
#define LOOK_PERIOD (10 * SEC)

struct sluiced {
    uv_loop_t loop;              /* Event loop. */
    struct timer_wheel wheel;    /* All timers. */
    struct timer look;           /* Wakes the loop. */
    struct loop_clock *clock;    /* Drives the wheel. */
    struct channel_env channel;  /* For connections. */
    struct workers *workers;     /* Threads. */
    struct bridge **bridges;     /* All bridges; owned. */
    size_t n_bridges;            /* How many. */
    struct control *control;     /* Control socket; NULL without.  Owned. */
    uv_poll_t poll;              /* On the datapath's descriptor. */
    uv_prepare_t prepare;        /* Before waiting. */
    uv_check_t check;            /* After waiting. */
    uv_idle_t idle;              /* Active: do not wait. */
    struct service service;      /* Signals. */
    struct daemon daemon;        /* Pid file, parent. */
};

/* The idle handle has nothing to do but be there. */
static void do_nothing(uv_idle_t *idle UNUSED)
{
}

/* Does what is due everywhere; arranges to be called again if that was not all. */
static void step(struct sluiced *s)
{
    loop_clock_update(s->clock);
    int64_t now = timer_wheel_now(&s->wheel);
    bool again = workers_run(s->workers, now);
    control_go_on(s->control);
    for (size_t i = 0; i < s->n_bridges; i++) {
        again |= bridge_run(s->bridges[i], now);
    }
    if (again) {
        uv_idle_start(&s->idle, do_nothing);
    } else {
        uv_idle_stop(&s->idle);
    }
}

static void about_to_wait(uv_prepare_t *prepare)
{
    step(CONTAINER_OF(prepare, struct sluiced, prepare));
}

static void waited(uv_check_t *check)
{
    step(CONTAINER_OF(check, struct sluiced, check));
}

/* The datapath has something: step() after the wait sees to it. */
static void datapath_ready(uv_poll_t *poll UNUSED, int status UNUSED, int events UNUSED)
{
}

/* Time to look at the devices: step() after the wait sees to it. */
static void look(struct timer *timer, int64_t now)
{
    timer_set(&CONTAINER_OF(timer, struct sluiced, look)->wheel, timer, now + LOOK_PERIOD);
}

/* Starting ------------------------------------------------------------------------------------- */

/* Puts the handles into the loop. None of them keeps it from ending; uv_stop() ends it. */
static void start_loop(struct sluiced *s)
{
    timer_init(&s->look, look);
    look(&s->look, timer_wheel_now(&s->wheel));
    uv_poll_init(&s->loop, &s->poll, workers_fd(s->workers));
    uv_poll_start(&s->poll, UV_READABLE, datapath_ready);
    uv_prepare_init(&s->loop, &s->prepare);
    uv_prepare_start(&s->prepare, about_to_wait);
    uv_check_init(&s->loop, &s->check);
    uv_check_start(&s->check, waited);
    uv_idle_init(&s->loop, &s->idle);
}

/* Makes the directory 'dir' if it is not there. */
static int make_run_dir(const char *dir, char **error)
{
    if (mkdir(dir, 0755) && errno != EEXIST) {
        int err = errno;
        *error = xasprintf("%s: cannot make the directory of the management sockets: %s; "
                           "give another one with --run-dir", dir, strerror(err));
        return err;
    }
    return 0;
}

/* Reads the keys, if any were given. */
static int start_tls(struct sluiced *s, const struct tls_files *files, char **error)
{
    bool any = files->private_key || files->certificate || files->ca_cert || files->bootstrap_ca;
    return any ? tls_config_create(files, &s->channel.tls, error) : 0;
}

/* Brings the bridges up, all or none. */
static int start_bridges(struct sluiced *s, const struct sluiced_options *o, const char *run_dir,
                         uint64_t seed, char **error)
{
    const struct bridge_env env = {
        .channel = &s->channel,
        .workers = s->workers,
        .run_dir = run_dir,
        .ovs_dir = o->ovs_names ? "/run/openvswitch" : NULL,
        .state_dir = o->state_dir,
        .inactivity_probe = o->inactivity_probe,
        .max_backoff = o->max_backoff,
        .seed = seed,
    };
    int err = make_run_dir(run_dir, error);
    s->bridges = xcalloc(o->n_bridges, sizeof *s->bridges);
    for (size_t i = 0; !err && i < o->n_bridges; i++) {
        err = bridge_create(&env, &o->bridges[i], &s->bridges[i], error);
        s->n_bridges += !err;
    }
    return err;
}

/* Opens the control socket.  That another daemon has the default one is no reason not to start. */
static int start_control(struct sluiced *s, const char *path, const char *run_dir, char **error)
{
    const struct control_env env = {
        .channel = &s->channel,
        .workers = s->workers,
        .bridges = s->bridges,
        .n_bridges = s->n_bridges,
    };
    char *name = path ? xstrdup(path) : xasprintf("%s/sluiced.ctl", run_dir);
    int err = control_create(&env, name, &s->control, error);
    if (err == EADDRINUSE && !path) {
        VLOG_WARN("no control socket (another sluiced has %s); give this one its own with --ctl "
                  "or --run-dir", name);
        free(*error);
        *error = NULL;
        err = 0;
    }
    free(name);
    return err;
}

/* Everything between the command line and the loop. */
static int start(struct sluiced *s, const struct sluiced_options *o, char **error)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed) {
        seed = (uint64_t) loop_clock_now();
    }
    const struct workers_config workers_config = {.n = o->workers, .seed = seed};
    s->clock = loop_clock_create(&s->loop, &s->wheel);
    s->channel.loop = &s->loop;
    s->channel.wheel = &s->wheel;
    s->channel.clock = s->clock;
    s->channel.sockets = o->sockets;
    int err = start_tls(s, &o->tls, error);
    err = err ? err : workers_create(&workers_config, &s->workers, error);
    if (!err) {
        char *run_dir = o->run_dir ? xstrdup(o->run_dir) : run_dir_default();
        err = start_bridges(s, o, run_dir, seed, error);
        err = err ? err : start_control(s, o->ctl, run_dir, error);
        free(run_dir);
    }
    return err;
}

/* Undoes start(), however far it got. */
static void finish(struct sluiced *s)
{
    control_destroy(s->control);
    for (size_t i = 0; i < s->n_bridges; i++) {
        bridge_destroy(s->bridges[i]);
    }
    free(s->bridges);
    workers_destroy(s->workers);
    tls_config_destroy(s->channel.tls);
    loop_clock_destroy(s->clock);
}

/* Sets the log's destinations. */
static int start_log(const struct sluiced_options *o, char **error)
{
    vlog_detect_journal();
    if (o->syslog) {
        vlog_set_syslog("sluiced");
    }
    int err = o->log_file ? vlog_set_file(o->log_file) : 0;
    if (err) {
        *error = xasprintf("%s: cannot be written: %s", o->log_file, strerror(err));
    }
    return err;
}

/* Starts all, serves until a signal ends it, and undoes all. */
static int serve(struct sluiced *s, const struct sluiced_options *o, char **error)
{
    timer_wheel_init(&s->wheel, loop_clock_now());
    int err = service_watch_signals(&s->service, &s->loop, &s->channel.tls, error);
    err = err ? err : start(s, o, error);
    if (!err) {
        start_loop(s);
        daemon_ready(&s->daemon);
        if (o->detach) {
            vlog_take_stderr();
        }
        uv_run(&s->loop, UV_RUN_DEFAULT);
        timer_cancel(&s->wheel, &s->look);
        uv_poll_stop(&s->poll);
        uv_prepare_stop(&s->prepare);
        uv_check_stop(&s->check);
    }
    finish(s);
    service_close_loop(&s->loop);
    timer_wheel_uninit(&s->wheel);
    return err;
}

/* Runs the daemon from its command line to its end. */
static int run(const struct sluiced_options *o, char **error)
{
    struct sluiced *s = xzalloc(sizeof *s);
    int err = start_log(o, error);
    if (!err && daemon_await_killed()) {
        VLOG_DBG("another sluiced was just killed: waited until it was gone");
    }
    err = err ? err : daemon_start(&s->daemon, o->detach, o->pidfile, error);
    if (!err) {
        service_prepare();
        err = loop_open(&s->loop, error);
        err = err ? err : serve(s, o, error);
        daemon_stop(&s->daemon);
    }
    free(s);
    return err;
}

/* Keeps free() from putting work off.  By default the C library lets small blocks that were freed
 * pile up, and joins all of them at the next large one: after the deletion of a million rules that
 * held the loop up for 60 ms.  Without that, freeing takes the same time in all. */
static void tune_memory(void)
{
    mallopt(M_MXFAST, 0);
}

int main(int argc, char *argv[])
{
    struct sluiced_options o;
    char *error = NULL;
    daemon_fill_standard_files();
    tune_memory();
    int code = sluiced_options_parse(&o, argc, argv, &error);
    if (!code && o.help) {
        sluiced_options_print_help();
    } else if (!code && o.version) {
        printf("sluiced %s\n", PACKAGE_VERSION);
    } else if (!code && o.scenario_help) {
        scenario_print_help(stdout);
    } else if (!code && o.scenario) {
        code = scenario_run(o.scenario, &error) ? CMDL_FAILED : CMDL_OK;
    } else if (!code) {
        code = run(&o, &error) ? CMDL_FAILED : CMDL_OK;
    }
    if (error) {
        fprintf(stderr, "sluiced: %s\n", error);
        free(error);
    }
    sluiced_options_uninit(&o);
    return cmdl_finish("sluiced", code);
}
