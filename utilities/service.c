/* SPDX-License-Identifier: Apache-2.0 */
/* What programs that serve until a signal ends them have in common. */
#include "utilities/service.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/channel/tls-config.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(service);

void service_prepare(void)
{
    struct rlimit limit;
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    signal(SIGPIPE, SIG_IGN);
}

static void stop(uv_signal_t *signal, int number)
{
    VLOG_INFO("stopping: %s", strsignal(number));
    uv_stop(signal->loop);
}

static void reread(uv_signal_t *signal, int number UNUSED)
{
    const struct service *s = signal->data;
    char *error = NULL;
    int err = vlog_reopen_file();
    if (err) {
        VLOG_ERR("the log file can't be opened again, the old one stays: %s", strerror(err));
    }
    if (*s->tls && tls_config_reload(*s->tls, &error)) {
        VLOG_ERR("the old keys stay: %s", error);
        free(error);
    } else {
        VLOG_INFO("%skeys read again", err ? "" : "log and ");
    }
}

int service_watch_signals(struct service *s, uv_loop_t *loop, struct tls_config *const *tls,
                          char **error)
{
    static const struct {
        int number;        /* Signal. */
        uv_signal_cb what; /* What to do. */
    } signals[] = {{SIGTERM, stop}, {SIGINT, stop}, {SIGHUP, reread}};
    int err = 0;
    s->tls = tls;
    for (size_t i = 0; !err && i < ARRAY_SIZE(signals); i++) {
        err = -uv_signal_init(loop, &s->signals[i]);
        s->signals[i].data = s;
        err = err ? err : -uv_signal_start(&s->signals[i], signals[i].what, signals[i].number);
    }
    if (err) {
        *error = xasprintf("signals can't be heeded: %s; look at ulimit -a", strerror(err));
    }
    return err;
}

static void close_handle(uv_handle_t *handle, void *aux UNUSED)
{
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

void service_close_loop(uv_loop_t *loop)
{
    uv_walk(loop, close_handle, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    uv_loop_close(loop);
}
