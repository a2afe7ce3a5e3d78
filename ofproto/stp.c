/* SPDX-License-Identifier: Apache-2.0 */
/* The spanning tree protocol of a bridge as a pure machine: its life, and its parts in turn. */
#include "ofproto/stp.h"

#include <assert.h>
#include <stdlib.h>

#include "lib/byte-order.h"
#include "lib/util.h"
#include "ofproto/stp-information.h"
#include "ofproto/stp-private.h"
#include "ofproto/stp-transitions.h"

/* Theory
 * ======
 *
 * The standard's machines run side by side and wait for each other's variables.  Here whatever
 * happens (a BPDU, a link, the time) changes variables, and then settle() lets each machine take
 * steps until none can: first the information and the roles that follow from it, then the ports'
 * transitions and topology changes.  Only then it tells what states ports have, and then sends
 * BPDUs: an agreement must not leave before the ports it speaks for have been blocked.
 *
 * A timer is the time at which it ends, so nothing ticks; stp_next() is the earliest of them.  The
 * timers that a role holds at their full time are set anew before anything happens.
 *
 * When the process was stopped, BPDUs of the pause are heard after the time at which timers would
 * have ended.  What one port has heard must not be too old only because another's BPDU comes first:
 * so timers that are overdue run on until stp_run(), when all of the pause has been heard. */

enum { ROUNDS_MAX = 10000 /* Steps after which the machines must have come to rest. */ };

/* Tells what states ports have, if they are news. */
static void tell(struct stp *stp)
{
    struct stp_port *p;
    LIST_FOR_EACH (p, node, &stp->ports) {
        enum stp_state state = stp_transitions_state(p);
        if (p->told_role != p->role || p->told_state != state) {
            p->told_role = p->role;
            p->told_state = state;
            stp->events.port_changed(stp->aux, p->number, p->role, state);
        }
    }
}

/* One step of each machine. True if anything has changed. */
static bool step(struct stp *stp)
{
    struct stp_port *p;
    bool changed = stp_information_select(stp);
    LIST_FOR_EACH (p, node, &stp->ports) {
        changed |= stp_information_step(p);
    }
    if (!changed) {
        LIST_FOR_EACH (p, node, &stp->ports) {
            changed |= stp_transitions_step(p);
            changed |= stp_topology_step(p);
        }
    }
    return changed;
}

/* Lets everything happen that follows from what has changed. */
static void settle(struct stp *stp)
{
    struct stp_port *p;
    for (unsigned i = 0; i < ROUNDS_MAX && step(stp); i++) {
    }
    tell(stp);
    LIST_FOR_EACH (p, node, &stp->ports) {
        stp_transmit(p);
    }
}

/* Begins what happens at 'now'. If a timer is overdue, none ends before stp_run(). */
static void begin(struct stp *stp, int64_t now)
{
    struct stp_port *p;
    stp->now = now;
    stp->ran = stp_next(stp) < now ? stp->ran : now;
    LIST_FOR_EACH (p, node, &stp->ports) {
        stp_transitions_hold(p);
    }
}

/* The port 'number', or NULL. */
static struct stp_port *find(const struct stp *stp, uint16_t number)
{
    struct stp_port *p;
    LIST_FOR_EACH (p, node, &stp->ports) {
        if (p->number == number) {
            return p;
        }
    }
    return NULL;
}

struct stp *stp_create(const struct stp_config *config, const struct stp_events *events, void *aux)
{
    struct stp *stp = xzalloc(sizeof *stp);
    stp->config = *config;
    stp->events = *events;
    stp->aux = aux;
    stp->id = (uint64_t) config->priority << 48 | (uint64_t) get_be16(config->mac) << 32
              | get_be32(config->mac + 2);
    list_init(&stp->ports);
    stp->root_priority = (struct stp_vector) {.root = stp->id, .bridge = stp->id};
    stp->root_times = (struct stp_times) {
        .max_age = config->max_age,
        .hello_time = config->hello_time,
        .forward_delay = config->forward_delay,
    };
    return stp;
}

void stp_destroy(struct stp *stp)
{
    if (stp) {
        struct stp_port *p, *next;
        LIST_FOR_EACH_SAFE (p, next, node, &stp->ports) {
            free(p);
        }
        free(stp);
    }
}

/* Where in the list port 'number' comes: before what this returns. */
static struct list *place_of(struct stp *stp, uint16_t number)
{
    struct stp_port *p;
    LIST_FOR_EACH (p, node, &stp->ports) {
        if (p->number > number) {
            return &p->node;
        }
    }
    return &stp->ports;
}

void stp_port_add(struct stp *stp, uint16_t number, const struct stp_port_config *config,
                  int64_t now)
{
    struct stp_port *p = xzalloc(sizeof *p);
    p->stp = stp;
    p->number = number;
    p->config = *config;
    p->reselect = true;
    begin(stp, now);
    list_insert(place_of(stp, number), &p->node);
    stp_transitions_hold(p);
    settle(stp);
}

void stp_port_remove(struct stp *stp, uint16_t number, int64_t now)
{
    struct stp_port *p = find(stp, number);
    if (p) {
        stp_port_set_enabled(stp, number, false, now);
        list_remove(&p->node);
        free(p);
    }
}

bool stp_port_exists(const struct stp *stp, uint16_t number)
{
    return find(stp, number);
}

void stp_port_set_enabled(struct stp *stp, uint16_t number, bool enabled, int64_t now)
{
    struct stp_port *p = find(stp, number);
    if (p && p->enabled != enabled) {
        begin(stp, now);
        p->enabled = enabled;
        settle(stp);
    }
}

void stp_port_configure(struct stp *stp, uint16_t number, const struct stp_port_config *config,
                        int64_t now)
{
    struct stp_port *p = find(stp, number);
    if (p) {
        begin(stp, now);
        p->config = *config;
        p->reselect = true;
        p->selected = false;
        settle(stp);
    }
}

void stp_receive(struct stp *stp, uint16_t number, const struct bpdu *bpdu, int64_t now)
{
    struct stp_port *p = find(stp, number);
    if (p && p->enabled) {
        begin(stp, now);
        stp_information_receive(p, bpdu);
        settle(stp);
    }
}

void stp_run(struct stp *stp, int64_t now)
{
    begin(stp, now);
    stp->ran = now;
    settle(stp);
}

/* The earlier of 'first' and 'end', if that is a time to come. */
static int64_t earlier(const struct stp *stp, int64_t first, int64_t end)
{
    return end > stp->ran && end < first ? end : first;
}

int64_t stp_next(const struct stp *stp)
{
    int64_t first = INT64_MAX;
    const struct stp_port *p;
    LIST_FOR_EACH (p, node, &stp->ports) {
        bool waits = p->role == STP_ROLE_ROOT || p->role == STP_ROLE_DESIGNATED;
        if (!p->enabled) {
            continue;
        }
        first = earlier(stp, first, p->hello_when);
        first = earlier(stp, first, waits && !p->forward ? p->fd : 0);
        first = earlier(stp, first, p->info_is == STP_INFO_RECEIVED ? p->rcvd_info : 0);
        first = earlier(stp, first, p->role == STP_ROLE_ROOT ? 0 : p->rr);
        first = earlier(stp, first, p->role == STP_ROLE_ROOT && !p->forward ? p->rb : 0);
        first = earlier(stp, first, p->oper_edge || !p->proposing ? 0 : p->edge_delay);
        first = earlier(stp, first, p->new_info ? p->tx_decay : 0);
    }
    return first;
}

/* For people ----------------------------------------------------------------------------------- */

void stp_get_info(const struct stp *stp, struct stp_info *info)
{
    *info = (struct stp_info) {
        .version = stp->config.version,
        .bridge = stp->id,
        .root = stp->root_priority.root,
        .cost = stp->root_priority.cost,
        .root_port = stp->root_port ? stp->root_port->number : 0,
        .hello_time = stp->root_times.hello_time,
        .max_age = stp->root_times.max_age,
        .forward_delay = stp->root_times.forward_delay,
        .topology_changes = stp->topology_changes,
    };
}

bool stp_port_get_info(const struct stp *stp, uint16_t number, struct stp_port_info *info)
{
    const struct stp_port *p = find(stp, number);
    if (p) {
        *info = (struct stp_port_info) {
            .id = stp_port_id(p),
            .cost = p->config.cost,
            .role = p->role,
            .state = stp_transitions_state(p),
            .is_edge = p->oper_edge,
            .speaks_rstp = p->send_rstp,
            .designated_bridge = p->priority.bridge,
            .designated_port = p->priority.port,
            .designated_cost = p->priority.cost,
        };
    }
    return p;
}

const char *stp_role_name(enum stp_role role)
{
    static const char *const names[] = {
        [STP_ROLE_DISABLED] = "disabled",     [STP_ROLE_ROOT] = "root",
        [STP_ROLE_DESIGNATED] = "designated", [STP_ROLE_ALTERNATE] = "alternate",
        [STP_ROLE_BACKUP] = "backup",
    };
    static_assert(ARRAY_SIZE(names) == N_STP_ROLES, "every role has a name");
    return names[role];
}

const char *stp_state_name(enum stp_state state)
{
    static const char *const names[] = {
        [STP_DISABLED] = "disabled",   [STP_BLOCKING] = "blocking",
        [STP_LISTENING] = "listening", [STP_LEARNING] = "learning",
        [STP_FORWARDING] = "forwarding",
    };
    static_assert(ARRAY_SIZE(names) == N_STP_STATES, "every state has a name");
    return names[state];
}

const char *stp_version_name(enum stp_version version)
{
    return version == STP_VERSION_RSTP ? "rstp" : "stp";
}
