/* SPDX-License-Identifier: Apache-2.0 */
/* All threads of the packet path with what they share, for the files of this folder alone. */
#include "datapath/workers-private.h"

#include <limits.h>
#include <sched.h>

#include "datapath/port-map.h"
#include "datapath/port.h"
#include "datapath/queue.h"

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
