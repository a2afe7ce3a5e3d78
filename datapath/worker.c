/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that receives from its ports and forwards; or the control thread doing so. */
#include "datapath/worker.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "datapath/pipeline.h"
#include "datapath/port-map.h"
#include "datapath/port.h"
#include "datapath/queue.h"
#include "lib/parallel.h"

/* Theory
 * ======
 *
 * Which ports to poll.  Asking a port that has nothing costs a cache miss, with a TAP even a system
 * call; asking the kernel which ports have something costs one, too.  So a worker keeps a list of
 * active ports: those that have had a packet within ACTIVE_TIME.  It polls them in turn, a batch
 * each, and every LOOK_ROUNDS rounds asks epoll, without waiting, for others.
 *
 * When to sleep.  After 'spin' without a packet it goes offline (a grace period need not wait for
 * it) and sleeps in epoll_wait() until a frame or a command comes.  Ports stay active meanwhile, so
 * a port that answers another one is polled from the first round on.
 *
 * Quiescence.  After each batch nothing of RCU is held: every look at the slots gets them anew, and
 * what is kept between looks is the number of a slot.  An event of epoll bears the number of a slot
 * too; when it is stale it means no port or another one, which is then polled in vain.
 *
 * Adding and removing.  The control thread publishes a new array of slots, with all ports active;
 * only then the port enters epoll, for an event whose slot is not known yet would come again and
 * again, and the worker might keep the control thread from its CPU meanwhile.
 *
 * Queues.  After all ports have been polled, the ports whose queues it owns send what may go.  If
 * something waits when it goes to sleep, a timer wakes it: epoll's own timeouts are too coarse. */

enum {
    ACTIVE_MSEC = 10,      /* Milliseconds that a port stays active after a packet. */
    SPIN_USEC = 50,        /* Microseconds to spin after a packet, */
    SPIN_ALONE_USEC = 5,   /* and on a machine with one CPU. */
    LOOK_ROUNDS = 16,      /* Rounds of polling between two looks for more ports. */
    MAX_EVENTS = 64,       /* Events taken in one look. */
    ALIVE_SEC = 1,         /* A worker without a sign of life for longer is stuck. */
};

/* Instead of a slot, in an event. */
#define COMMAND UINT32_MAX       /* command_fd. */
#define HANDED  (UINT32_MAX - 1) /* The wake-up 'handed', which is cleared after each sleep. */
#define TIMER   (UINT32_MAX - 2) /* timer_fd, which needs no clearing. */

/* One slot. */
struct port_slot {
    struct port *port; /* Who stands there, NULL nobody. */
    bool is_active;    /* It is in the list of active ones. The worker's. */
    int64_t until;     /* When it ends to be. The worker's. */
};

/* The slots of a worker. 'n', 'capacity' and the ports don't change; the rest is the worker's own.
 */
struct port_slots {
    unsigned n;               /* Slots in use, some of them without a port. */
    unsigned n_active;        /* Elements of 'active' in use. */
    uint32_t *active;         /* Numbers of the active slots, in order; behind 'slots'. */
    struct port_slot slots[]; /* By number. */
};

/* Returns the time. */
static int64_t clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SEC + t.tv_nsec;
}

/* Returns 'n' slots with the ports of 'old' (NULL: none), all of them active. */
static struct port_slots *slots_create(const struct port_slots *old, unsigned n)
{
    struct port_slots *s = xzalloc(sizeof *s + n * (sizeof s->slots[0] + sizeof s->active[0]));
    s->n = n;
    s->active = (uint32_t *) (void *) &s->slots[n];
    for (unsigned i = 0; old && i < MIN(n, old->n); i++) {
        s->slots[i].port = old->slots[i].port;
    }
    return s;
}

/* Makes all slots of 's' with a port active. */
static void slots_activate(struct port_slots *s)
{
    for (unsigned i = 0; i < s->n; i++) {
        if (s->slots[i].port) {
            s->slots[i].is_active = true;
            s->active[s->n_active++] = i;
        }
    }
}

/* How long to spin: it does nobody good if who is to send needs the CPU. */
static int64_t spin_time(void)
{
    cpu_set_t cpus;
    bool alone = !sched_getaffinity(0, sizeof cpus, &cpus) && CPU_COUNT(&cpus) == 1;
    return (alone ? SPIN_ALONE_USEC : SPIN_USEC) * USEC;
}

/* Lets 'w' wait for 'events' of 'fd' too, whose name is 'name'. Returns 0 or an errno. */
static int watch(struct worker *w, int fd, uint32_t events, uint32_t name)
{
    struct epoll_event event = {.events = events, .data.u32 = name};
    return fd < 0 || epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? errno : 0;
}

/* Opens epoll, and what it is to tell of besides ports. */
static int open_descriptors(struct worker *w)
{
    int error = wakeup_init(&w->handed);
    w->command_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    w->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (error || w->epoll_fd < 0) {
        return error ? error : errno;
    }
    error = watch(w, w->command_fd, EPOLLIN, COMMAND);
    error = error ? error : watch(w, wakeup_fd(&w->handed), EPOLLIN, HANDED);
    return error ? error : watch(w, w->timer_fd, EPOLLIN | EPOLLET, TIMER);
}

int worker_init(struct worker *w, unsigned id, size_t upcall_size, struct rcu *rcu,
                struct wakeup *control)
{
    *w = (struct worker) {
        .rcu = rcu,
        .reader = id - 1,
        .control = control,
        .spin = spin_time(),
        .slots = slots_create(NULL, 0),
        .due = INT64_MAX,
    };
    forwarder_init(&w->fw, id, upcall_size, control);
    return open_descriptors(w);
}

/* Closes 'fd' if it is one. */
static void close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void worker_uninit(struct worker *w)
{
    forwarder_uninit(&w->fw);
    wakeup_uninit(&w->handed);
    close_fd(w->epoll_fd);
    close_fd(w->command_fd);
    close_fd(w->timer_fd);
    free(w->slots);
    free(w->queued);
}

/* Makes the thread look at its slots and whether to stop. */
static void command(struct worker *w)
{
    const uint64_t one = 1;
    if (write(w->command_fd, &one, sizeof one) < 0) {
        /* The counter is full: it is readable already. */
        return;
    }
}

/* Publishes 's' as the slots of 'w'. */
static void publish_slots(struct worker *w, struct rcu *rcu, struct port_slots *s)
{
    struct port_slots *old = w->slots;
    slots_activate(s);
    RCU_SET(&w->slots, s);
    rcu_defer(rcu, free, old);
    command(w);
}

void worker_add_port(struct worker *w, struct rcu *rcu, struct port *port)
{
    const struct port_slots *old = w->slots;
    unsigned at = 0;
    while (at < old->n && old->slots[at].port) {
        at++;
    }
    struct port_slots *s = slots_create(old, MAX(old->n, at + 1));
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = at};
    int fd = netdev_receive_fd(port->netdev);
    port->slot = at;
    s->slots[at].port = port;
    w->n_ports++;
    publish_slots(w, rcu, s);
    if (fd >= 0) {
        epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

void worker_remove_port(struct worker *w, struct rcu *rcu, struct port *port)
{
    struct port_slots *s = slots_create(w->slots, w->slots->n);
    int fd = netdev_receive_fd(port->netdev);
    s->slots[port->slot].port = NULL;
    w->n_ports--;
    if (fd >= 0) {
        epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    }
    publish_slots(w, rcu, s);
}

/* Publishes the ports with queues of 'w', with 'added' and without 'removed' (NULL: none). */
static void publish_queued(struct worker *w, struct rcu *rcu, struct port *added,
                           const struct port *removed)
{
    struct port_list *old = w->queued;
    unsigned n = old ? old->n : 0;
    struct port_list *list = xzalloc(sizeof *list + (n + 1) * sizeof list->ports[0]);
    for (unsigned i = 0; i < n; i++) {
        if (old->ports[i] != removed) {
            list->ports[list->n++] = old->ports[i];
        }
    }
    if (added) {
        list->ports[list->n++] = added;
    }
    RCU_SET(&w->queued, list);
    rcu_defer(rcu, free, old);
    command(w);
}

void worker_add_queues(struct worker *w, struct rcu *rcu, struct port *port)
{
    publish_queued(w, rcu, port, NULL);
}

void worker_remove_queues(struct worker *w, struct rcu *rcu, struct port *port)
{
    publish_queued(w, rcu, NULL, port);
}

/* Sends what may go from the queues of the ports in 'list'. */
static void run_queues(struct worker *w, const struct port_list *list)
{
    int64_t due = INT64_MAX;
    for (unsigned i = 0; i < list->n; i++) {
        struct port *port = list->ports[i];
        struct port_queues *q = RCU_GET(&port->queues);
        int64_t d = port_queues_run(q, RCU_GET(&port->netdev), &w->fw.netdev);
        due = MIN(due, d);
    }
    w->due = due;
}

bool worker_has_news(struct worker *w)
{
    const struct port_list *list = RCU_GET(&w->queued);
    for (unsigned i = 0; list && i < list->n; i++) {
        if (port_queues_has_news(RCU_GET(&list->ports[i]->queues))) {
            return true;
        }
    }
    return false;
}

void worker_set_timer(struct worker *w)
{
    if (w->due != INT64_MAX) {
        const struct itimerspec when = {
            .it_value = {.tv_sec = w->due / SEC, .tv_nsec = w->due % SEC},
        };
        timerfd_settime(w->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
    }
}

/* Reports quiescence, and wakes the control thread if it waits for that. */
static void quiescent(struct worker *w)
{
    if (w->rcu) {
        uint64_t pending = wakeup_pending(w->control);
        rcu_quiescent(w->rcu, w->reader);
        wakeup_answer(w->control, pending, &w->answered);
    }
}

/* Receives a batch from 'port' and forwards it. Returns the number of packets. */
static unsigned receive(struct worker *w, struct port *port)
{
    struct netdev *dev = RCU_GET(&port->netdev);
    struct packet_batch batch;
    batch.n = 0;
    unsigned n = netdev_receive(dev, &w->fw.netdev, &batch);
    if (n) {
        pipeline_receive(&w->fw, port, &batch);
    }
    netdev_release(dev, &batch);
    return n;
}

/* Takes the active slot at index 'i' off the list of 's'. */
static void deactivate(struct port_slots *s, unsigned i)
{
    s->slots[s->active[i]].is_active = false;
    s->n_active--;
    memmove(&s->active[i], &s->active[i + 1], (s->n_active - i) * sizeof s->active[0]);
}

bool worker_poll(struct worker *w, int64_t now)
{
    bool busy = false;
    unsigned i = 0;
    w->fw.netdev.now = now;
    for (;;) {
        struct port_slots *s = RCU_GET(&w->slots);
        if (i >= s->n_active) {
            break;
        }
        struct port_slot *slot = &s->slots[s->active[i]];
        if (receive(w, slot->port)) {
            slot->until = now + ACTIVE_MSEC * MSEC;
            busy = true;
            i++;
            quiescent(w);
        } else if (now >= slot->until && !w->polls_all) {
            deactivate(s, i);
        } else {
            i++;
        }
    }
    const struct port_list *queued = RCU_GET(&w->queued);
    if (UNLIKELY(queued)) {
        run_queues(w, queued);
    }
    quiescent(w);
    return busy;
}

/* Puts the port in slot 'number' on the list of active ones. */
static void activate(struct worker *w, uint32_t number)
{
    struct port_slots *s = RCU_GET(&w->slots);
    if (number < s->n && s->slots[number].port && !s->slots[number].is_active) {
        s->slots[number].is_active = true;
        s->active[s->n_active++] = number;
    }
}

/* Takes notice of a command: its effect is found elsewhere. */
static void clear_command(struct worker *w)
{
    uint64_t count;
    if (read(w->command_fd, &count, sizeof count) < 0) {
        return;
    }
}

/* Waits for events; the worker may be offline meanwhile. Returns their number. */
static int wait_events(struct worker *w, struct epoll_event events[MAX_EVENTS], int timeout)
{
    return epoll_wait(w->epoll_fd, events, MAX_EVENTS, timeout);
}

/* Takes notice of 'n' events; the worker is online. */
static void take_events(struct worker *w, const struct epoll_event events[MAX_EVENTS], int n)
{
    for (int i = 0; i < n; i++) {
        if (events[i].data.u32 == COMMAND) {
            clear_command(w);
        } else {
            activate(w, events[i].data.u32); /* HANDED and TIMER are no slots. */
        }
    }
}

void worker_find_ready(struct worker *w, int timeout)
{
    struct epoll_event events[MAX_EVENTS];
    take_events(w, events, wait_events(w, events, timeout));
}

/* Sleeps, offline, until there is something to do. */
static void sleep_offline(struct worker *w)
{
    struct epoll_event events[MAX_EVENTS];
    bool has_queues = RCU_GET(&w->queued);
    if (UNLIKELY(has_queues)) {
        wakeup_arm(&w->handed);
        if (worker_has_news(w)) {
            wakeup_clear(&w->handed);
            return;
        }
        worker_set_timer(w);
    }
    rcu_offline(w->rcu, w->reader);
    wakeup_answer_last(w->control, &w->answered);
    int n = wait_events(w, events, -1);
    rcu_online(w->rcu, w->reader);
    RCU_ADD(&w->wakeups, 1);
    if (UNLIKELY(has_queues)) {
        wakeup_clear(&w->handed);
    }
    take_events(w, events, n);
}

/* Wakes the control thread if it has not looked at the devices for long. */
static void ask_to_look(struct worker *w, int64_t now)
{
    if (w->looked && now - RCU_READ(w->looked) >= WORKER_LOOK_SEC * SEC) {
        wakeup_wake(w->control);
    }
}

/* The thread. */
static void *worker_main(void *w_)
{
    struct worker *w = w_;
    int64_t last_busy = INT64_MIN / 2;
    rcu_online(w->rcu, w->reader);
    for (unsigned round = 1; !RCU_GET(&w->is_stopping); round++) {
        int64_t now = clock_now();
        if (worker_poll(w, now)) {
            last_busy = now;
            ask_to_look(w, now);
        } else if (now - last_busy >= w->spin) {
            sleep_offline(w);
            continue;
        }
        if (round % LOOK_ROUNDS == 0) {
            worker_find_ready(w, 0);
        }
    }
    rcu_offline(w->rcu, w->reader);
    wakeup_answer_last(w->control, &w->answered);
    return NULL;
}

int worker_start(struct worker *w)
{
    char name[16];
    int error = parallel_start(&w->thread, worker_main, w);
    if (!error) {
        w->has_thread = true;
        snprintf(name, sizeof name, "worker-%u", w->fw.netdev.id);
        pthread_setname_np(w->thread, name);
    }
    return error;
}

void worker_stop(struct worker *w)
{
    if (w->has_thread) {
        RCU_SET(&w->is_stopping, true);
        command(w);
        pthread_join(w->thread, NULL);
        w->has_thread = false;
    }
}

bool worker_is_alive(struct worker *w, int64_t now)
{
    uint64_t beats = rcu_beats(w->rcu, w->reader);
    if (beats != w->beats || rcu_is_offline(w->rcu, w->reader)) {
        w->beats = beats;
        w->alive = now;
    }
    return now - w->alive <= ALIVE_SEC * SEC;
}
