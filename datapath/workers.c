/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that forward: their start and end, and barriers. */
#include "datapath/workers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "datapath/datapath-private.h"
#include "datapath/delivery.h"
#include "datapath/netdev/link-monitor.h"
#include "datapath/port-news.h"
#include "datapath/workers-private.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(workers);

enum {
    RULES_A_RUN = 1024,   /* Rules of a bridge reclaimed in one workers_run(). */
    PORTS_A_LOOK = 32,    /* Ports of each bridge looked at every WORKER_LOOK_SEC without news. */
    LOOKS_A_RUN = 32,     /* Interfaces with news, and ports, looked at in one workers_run(). */
};

/* Adds 'fd' to what workers_run() is to be called for. Returns 0 or an errno. */
static int watch(struct workers *w, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? errno : 0;
}

/* Opens what 'w' watches. Returns 0 or an errno. */
static int open_descriptors(struct workers *w)
{
    int error = wakeup_init(&w->wakeup);
    w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (error || w->epoll_fd < 0) {
        return error ? error : errno;
    }
    return watch(w, wakeup_fd(&w->wakeup));
}

/* Starts to listen for news of links. Without them links are looked at once in a while only. */
static void open_links(struct workers *w)
{
    int error = link_monitor_create(&w->links);
    if (!error) {
        error = watch(w, link_monitor_fd(w->links));
    }
    if (error) {
        VLOG_WARN("no news of links (%s): changes are noticed late", strerror(error));
    }
}

/* Makes the workers of 'w', not yet running. Returns 0 or an errno. */
static int init_workers(struct workers *w, size_t upcall_size)
{
    w->workers = xaligned_alloc(CACHE_LINE, ROUND_UP(workers_n_threads(w) * sizeof *w->workers,
                                                     (size_t) CACHE_LINE));
    int error = 0;
    for (unsigned i = 0; i < workers_n_threads(w); i++) {
        int e = worker_init(&w->workers[i], i, upcall_size, i ? w->rcu : NULL, &w->wakeup);
        error = error ? error : e;
        w->workers[i].looked = &w->looked;
    }
    w->workers[0].polls_all = w->simulated;
    if (!error && !w->n && !w->simulated) {
        error = watch(w, w->workers[0].epoll_fd);
    }
    return error;
}

/* Starts the threads. Returns 0 or an errno. */
static int start_workers(struct workers *w)
{
    int error = 0;
    for (unsigned i = 1; i <= w->n && !error; i++) {
        error = worker_start(&w->workers[i]);
    }
    return error;
}

/* A device of a port that was removed is closed. */
static void something_closed(void *wakeup)
{
    wakeup_wake(wakeup);
}

int workers_create(const struct workers_config *config, struct workers **wp, char **error)
{
    struct workers *w = xaligned_alloc(CACHE_LINE, ROUND_UP(sizeof *w, (size_t) CACHE_LINE));
    unsigned n = config->simulated ? 0 : config->n;
    *w = (struct workers) {
        .rcu = rcu_create(n),
        .n = n,
        .seed = config->seed,
        .simulated = config->simulated,
        .scratch = xmalloc(PACKET_LARGE),
        .next_id = 1,
        .looked = INT64_MIN / 2,
    };
    list_init(&w->datapaths);
    netdev_shared_init(&w->shared);
    netdev_closer_init(&w->closer, something_closed, &w->wakeup);
    int err = open_descriptors(w);
    int err2 = init_workers(w, config->upcall_size);
    err = err ? err : err2;
    if (!err && !w->simulated) {
        open_links(w);
    }
    err = err ? err : start_workers(w);
    if (err) {
        *error = xasprintf("can't start %u forwarding threads (%s): raise the limits of threads "
                           "and open files", n, strerror(err));
        workers_destroy(w);
        return err;
    }
    *wp = w;
    return 0;
}

void workers_destroy(struct workers *w)
{
    if (!w) {
        return;
    }
    for (unsigned i = 1; i <= w->n; i++) {
        worker_stop(&w->workers[i]);
    }
    rcu_destroy(w->rcu);
    netdev_closer_uninit(&w->closer);
    for (unsigned i = 0; i < workers_n_threads(w); i++) {
        worker_uninit(&w->workers[i]);
    }
    link_monitor_destroy(w->links);
    netdev_shared_uninit(&w->shared);
    wakeup_uninit(&w->wakeup);
    if (w->epoll_fd >= 0) {
        close(w->epoll_fd);
    }
    free(w->workers);
    free(w->scratch);
    free(w);
}

void workers_expect_devices(struct workers *w, size_t n)
{
    raw_ring_stock_empty(&w->shared.rings);
    if (n > 1 && !w->simulated) {
        raw_ring_stock_fill(&w->shared.rings, n);
    }
}

int workers_fd(const struct workers *w)
{
    return w->epoll_fd;
}

unsigned workers_count(const struct workers *w)
{
    return w->n;
}

uint64_t workers_wakeups(const struct workers *w)
{
    uint64_t sum = 0;
    for (unsigned i = 1; i <= w->n; i++) {
        sum += RCU_READ(&w->workers[i].wakeups);
    }
    return sum;
}

bool workers_are_alive(struct workers *w, int64_t now)
{
    bool alive = true;
    for (unsigned i = 1; i <= w->n; i++) {
        alive &= worker_is_alive(&w->workers[i], now);
    }
    return alive;
}

bool workers_are_closing(const struct workers *w)
{
    return w->n_removed > 0 || netdev_closer_is_busy(&w->closer);
}

int64_t workers_next(const struct workers *w)
{
    return w->workers[0].due;
}

/* Whether every rule that was removed has been handed on. */
static bool is_settled(const struct workers *w)
{
    const struct datapath *dp;
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        if (!tables_is_settled(dp->tables)) {
            return false;
        }
    }
    return true;
}

/* Whether every rule that was removed before 'token' has. A stream of later removals, which other
 * connections may send, must not hold a barrier up. */
static bool is_settled_before(const struct workers *w, uint64_t token)
{
    const struct datapath *dp;
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        if (!tables_is_settled_before(dp->tables, token)) {
            return false;
        }
    }
    return true;
}

uint64_t workers_sync(struct workers *w)
{
    w->issued = rcu_start(w->rcu);
    wakeup_request(&w->wakeup);
    wakeup_wake(&w->wakeup);
    return w->issued;
}

bool workers_synced(struct workers *w, uint64_t token)
{
    if (w->settled < token && is_settled_before(w, token)) {
        w->settled = token;
    }
    return w->settled >= token && rcu_passed(w->rcu, token);
}

/* What link_changed() needs. */
struct link_news {
    struct workers *w; /* All bridges. */
    int64_t now;       /* Time. */
};

/* Tells all bridges that the interface 'name' has changed, or (NULL) that any may have. */
static void link_changed(void *news_, int ifindex, const char *name)
{
    const struct link_news *news = news_;
    struct datapath *dp;
    LIST_FOR_EACH (dp, in_workers, &news->w->datapaths) {
        if (name) {
            port_news_look(dp, ifindex, name, news->now);
        } else {
            port_news_look_later(dp);
        }
    }
}

/* Looks at all devices at once. */
static void look_at_all(struct workers *w, int64_t now)
{
    struct datapath *dp;
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        port_news_look(dp, 0, NULL, now);
    }
}

/* Looks at some of the devices that are due after news were lost. True if more are due. */
static bool look_at_due(struct workers *w, int64_t now)
{
    struct datapath *dp;
    unsigned budget = LOOKS_A_RUN;
    bool more = false;
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        unsigned n = MIN(budget, dp->looks_due);
        if (n) {
            port_news_look_next(dp, n, now);
        }
        budget -= n;
        more |= dp->looks_due > 0;
    }
    return more;
}

/* Looks at some devices of each bridge without news: what brings none is noticed late, but is. */
static void look_at_links(struct workers *w, int64_t now)
{
    struct datapath *dp;
    RCU_WRITE(&w->looked, now);
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        port_news_look_next(dp, PORTS_A_LOOK, now);
    }
}

/* Handles changes of links, some at a time. In simulation, where there can be no news, all are
 * looked at. True if more are to be looked at now. */
static bool run_links(struct workers *w, int64_t now)
{
    struct link_news news = {w, now};
    bool more = false;
    netdev_shared_begin_round(&w->shared);
    if (w->links) {
        more = link_monitor_run(w->links, LOOKS_A_RUN, link_changed, &news);
    }
    if (w->simulated) {
        look_at_all(w, now);
    } else if (now - w->looked >= WORKER_LOOK_SEC * SEC) {
        look_at_links(w, now);
    }
    more |= look_at_due(w, now);
    netdev_shared_end_round(&w->shared);
    return more;
}

/* Forwards a round if there are no threads for it. True if there was anything. */
static bool run_forwarding(struct workers *w, int64_t now)
{
    if (w->n) {
        return false;
    }
    if (!w->simulated) {
        worker_find_ready(&w->workers[0], 0);
    }
    return worker_poll(&w->workers[0], now);
}

/* Goes on with what waits for grace periods. True if there is more to do now. */
static bool run_reclaim(struct workers *w, int64_t now)
{
    struct datapath *dp;
    bool more = false;
    rcu_run(w->rcu);
    netdev_closer_run(&w->closer);
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        more |= tables_run(dp->tables, RULES_A_RUN);
        tables_narrow(dp->tables, now);
    }
    return more;
}

/* Whether something waits for threads to be quiescent. */
static bool is_waiting(struct workers *w)
{
    return !rcu_is_idle(w->rcu) || !is_settled(w) || !workers_synced(w, w->issued);
}

/* Prepares for the control thread to sleep: from now on workers wake it. False if there is
 * something to do already (see wakeup.c). */
static bool prepare_to_sleep(struct workers *w)
{
    bool waiting = is_waiting(w);
    uint64_t token = waiting ? rcu_start(w->rcu) : 0;
    if (waiting) {
        wakeup_request(&w->wakeup);
    }
    wakeup_arm(&w->wakeup);
    if (!w->simulated) {
        worker_set_timer(&w->workers[0]);
    }
    return !delivery_is_due(w) && !worker_has_news(&w->workers[0])
           && !netdev_closer_has_news(&w->closer)
           && !(waiting && rcu_passed(w->rcu, token));
}

bool workers_run(struct workers *w, int64_t now)
{
    wakeup_clear(&w->wakeup);
    w->workers[0].fw.netdev.now = now;
    bool more = run_links(w, now);
    more |= run_forwarding(w, now);
    more |= delivery_run(w, now);
    more |= run_reclaim(w, now);
    workers_are_alive(w, now);
    return more || !prepare_to_sleep(w);
}
