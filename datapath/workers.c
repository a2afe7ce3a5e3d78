/* SPDX-License-Identifier: Apache-2.0 */
/* All threads of the packet path: their start and end, barriers, what they bring up. */
#include "datapath/workers.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "datapath/datapath-private.h"
#include "datapath/netdev/link-monitor.h"
#include "datapath/pipeline.h"
#include "datapath/port.h"
#include "datapath/queue.h"
#include "datapath/upcall.h"
#include "datapath/workers-private.h"
#include "lib/packet/offload.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(workers);

enum {
    UPCALLS_A_RUN = 256,  /* Frames taken from the rings in one workers_run(). */
    LEARNS_A_RUN = 128,   /* Learnt rules, and packets that wait for them, taken likewise. */
    UPCALLS_A_TURN = 32,  /* Frames taken from one ring before the next ring's turn. */
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

void workers_attach(struct workers *w, struct port *port)
{
    unsigned best = w->n ? 1 : 0;
    for (unsigned i = best + 1; i <= w->n; i++) {
        if (w->workers[i].n_ports < w->workers[best].n_ports) {
            best = i;
        }
    }
    port->receiver = best;
    port->is_receiving = true;
    worker_add_port(&w->workers[best], w->rcu, port);
}

void workers_detach(struct workers *w, struct port *port)
{
    if (port->is_receiving) {
        port->is_receiving = false;
        worker_remove_port(&w->workers[port->receiver], w->rcu, port);
    }
}

unsigned workers_choose_owner(const struct workers *w)
{
    unsigned best = w->n ? 1 : 0, fewest = UINT_MAX;
    for (unsigned i = best; i <= w->n; i++) {
        const struct port_list *list = w->workers[i].queued;
        unsigned n = list ? list->n : 0;
        if (n < fewest) {
            best = i;
            fewest = n;
        }
    }
    return best;
}

void workers_attach_queues(struct workers *w, struct port *port)
{
    if (port->queues) {
        worker_add_queues(&w->workers[port_queues_owner(port->queues)], w->rcu, port);
    }
}

void workers_detach_queues(struct workers *w, struct port *port)
{
    if (port->queues) {
        worker_remove_queues(&w->workers[port_queues_owner(port->queues)], w->rcu, port);
    }
}

int64_t workers_next(const struct workers *w)
{
    return w->workers[0].due;
}

void workers_drain(struct workers *w)
{
    do {
        uint64_t token = rcu_start(w->rcu);
        while (!rcu_passed(w->rcu, token)) {
            sched_yield();
        }
        rcu_run(w->rcu);
    } while (!rcu_is_idle(w->rcu));
}

void workers_defer(struct workers *w, void (*fn)(void *arg), void *arg)
{
    rcu_defer(w->rcu, fn, arg);
    wakeup_wake(&w->wakeup);
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

/* The bridge with 'id', or NULL. */
static struct datapath *find_datapath(const struct workers *w, uint64_t id)
{
    struct datapath *dp;
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        if (dp->id == id) {
            return dp;
        }
    }
    return NULL;
}

/* A record on its way to the owner of its bridge. */
struct delivery {
    struct datapath *dp;           /* Bridge. */
    struct datapath_upcall upcall; /* What is told. */
    int64_t now;                   /* Time. */
    unsigned n;                    /* Frames so far. */
};

/* Hands one real frame of the record to the owner. */
static void deliver_frame(void *delivery, struct packet *frame)
{
    struct delivery *d = delivery;
    d->upcall.packet = frame;
    d->n++;
    d->dp->upcalls.packet(d->dp->aux, &d->upcall, d->now);
}

/* Sends what was to be sent when all that came before it in the lane had been done. */
static unsigned deliver_output(struct workers *w, struct datapath *dp,
                               const struct upcall_record *r)
{
    struct packet p;
    struct flow flow;
    uint8_t *frame = (uint8_t *) (uintptr_t) r->frame;
    struct port *port = port_map_get(&dp->ports, r->out_port);
    packet_use(&p, frame, r->frame_size, frame, r->frame_size);
    flow_extract(&p, &flow); /* For the offsets, which cutting it into fragments needs. */
    p.offload = r->offload;
    p.captured = r->captured;
    p.hops = r->hops;
    if (port && port->id == r->port) {
        pipeline_output(&w->workers[0].fw, port, &p, r->queue);
    } else {
        datapath_drop(dp, 0, DROP_NO_PORT, 1);
    }
    return 1;
}

/* Tells the owner of bridge 'dp' of the rule whose connection ends, if it is still that one. */
static unsigned deliver_fin(struct datapath *dp, const struct upcall_record *r, int64_t now)
{
    const struct rule_key *key = (const void *) r->frame;
    struct rule *rule = tables_find(dp->tables, (uint8_t) key->table_id, &key->match,
                                    key->precedence);
    if (rule && rule_has_fin(rule)) {
        dp->upcalls.connection_ended(dp->aux, rule, now);
    }
    return 1;
}

/* Hands what is learnt to the owner of bridge 'dp'. */
static unsigned deliver_learnt(struct datapath *dp, const struct upcall_record *r, int64_t now)
{
    dp->upcalls.learn(dp->aux, (const void *) r->frame, now);
    return 1;
}

/* Hands the frames of record 'r' to the owner of bridge 'dp'. Returns how many there were. */
static unsigned deliver_frames(struct workers *w, struct datapath *dp,
                               const struct upcall_record *r, int64_t now)
{
    struct delivery d = {
        .dp = dp,
        .upcall = {
            .reason = r->reason,
            .packet_in_reason = r->packet_in_reason,
            .in_port = r->in_port,
            .max_len = r->max_len,
            .controller_id = r->controller_id,
            .cookie = r->cookie,
            .table_id = r->table_id,
            .metadata = upcall_metadata(r),
        },
        .now = now,
    };
    struct packet p;
    uint8_t *frame = (uint8_t *) (uintptr_t) r->frame;
    packet_use(&p, frame, r->frame_size, frame, r->frame_size);
    p.in_port = r->in_port;
    p.offload = r->offload;
    if (offload_segment(&p, w->scratch, deliver_frame, &d)) {
        datapath_drop(dp, 0, DROP_DAMAGED, 1);
    }
    return d.n;
}

/* Hands record 'r' to the owner of bridge 'dp'. Returns for how many frames it counts. */
static unsigned deliver(struct workers *w, struct datapath *dp, const struct upcall_record *r,
                        int64_t now)
{
    switch (r->reason) {
    case UPCALL_LEARN:
        return deliver_learnt(dp, r, now);
    case UPCALL_FIN:
        return deliver_fin(dp, r, now);
    case UPCALL_OUTPUT:
        return deliver_output(w, dp, r);
    default:
        return deliver_frames(w, dp, r, now);
    }
}

/* Counts that record 'r' of thread 'i' is done with, in the share that it was part of. */
static void give_back(struct workers *w, unsigned i, const struct datapath *dp,
                      const struct upcall_record *r)
{
    if (r->reason == UPCALL_OUTPUT) {
        upcall_quota_take(&w->workers[i].fw.deferred, r);
        return;
    }
    struct port *port = dp && r->port ? port_map_get(&dp->ports, r->in_port) : NULL;
    if (port && port->id == r->port) {
        upcall_quota_take(&port->threads[i].quota, r);
    }
}

/* Handles records of 'lane' in the ring of thread 'i' until they have made up for 'budget' frames,
 * the last one perhaps for more. Returns for how many. */
static unsigned run_ring(struct workers *w, unsigned i, enum upcall_lane lane, unsigned budget,
                         int64_t now)
{
    struct upcall_ring *ring = w->workers[i].fw.upcalls;
    const struct upcall_record *r;
    unsigned n = 0;
    while (n < budget && (r = upcall_ring_peek(ring, lane))) {
        struct datapath *dp = find_datapath(w, r->datapath);
        give_back(w, i, dp, r);
        n += dp ? MAX(deliver(w, dp, r, now), 1U) : 1;
        upcall_ring_pop(ring, lane);
    }
    return n;
}

/* Handles frames of 'lane' in all rings in turn, as long as '*budget', counted down, lasts. */
static void run_lane(struct workers *w, enum upcall_lane lane, unsigned *budget, int64_t now)
{
    unsigned idle = 0;
    while (*budget && idle < workers_n_threads(w)) {
        unsigned n = run_ring(w, w->next_ring, lane, MIN(*budget, (unsigned) UPCALLS_A_TURN), now);
        w->next_ring = (w->next_ring + 1) % workers_n_threads(w);
        idle = n ? 0 : idle + 1;
        *budget -= MIN(*budget, n);
    }
}

/* Handles upcalls, protocol packets first. True if there may be more. */
static bool run_upcalls(struct workers *w, int64_t now)
{
    unsigned budget = UPCALLS_A_RUN, learns = LEARNS_A_RUN;
    for (int lane = 0; lane < N_UPCALL_LANES; lane++) {
        run_lane(w, lane, lane == UPCALL_LANE_LEARN ? &learns : &budget, now);
    }
    return !budget || !learns;
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
            datapath_ports_changed(dp, ifindex, name, news->now);
        } else {
            datapath_ports_look_later(dp);
        }
    }
}

/* Looks at all devices at once. */
static void look_at_all(struct workers *w, int64_t now)
{
    struct datapath *dp;
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        datapath_ports_changed(dp, 0, NULL, now);
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
            datapath_ports_look(dp, n, now);
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
        datapath_ports_look(dp, PORTS_A_LOOK, now);
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
static bool run_reclaim(struct workers *w)
{
    struct datapath *dp;
    bool more = false;
    rcu_run(w->rcu);
    netdev_closer_run(&w->closer);
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        more |= tables_run(dp->tables, RULES_A_RUN);
    }
    return more;
}

/* Whether there is any upcall. */
static bool has_upcalls(const struct workers *w)
{
    for (unsigned i = 0; i < workers_n_threads(w); i++) {
        if (!upcall_ring_is_empty(w->workers[i].fw.upcalls)) {
            return true;
        }
    }
    return false;
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
    return !has_upcalls(w) && !worker_has_news(&w->workers[0])
           && !netdev_closer_has_news(&w->closer)
           && !(waiting && rcu_passed(w->rcu, token));
}

bool workers_run(struct workers *w, int64_t now)
{
    wakeup_clear(&w->wakeup);
    w->workers[0].fw.netdev.now = now;
    bool more = run_links(w, now);
    more |= run_forwarding(w, now);
    more |= run_upcalls(w, now);
    more |= run_reclaim(w);
    workers_are_alive(w, now);
    return more || !prepare_to_sleep(w);
}
