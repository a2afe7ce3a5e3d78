/* SPDX-License-Identifier: Apache-2.0 */
/* Spanning tree: how ports come into their roles, forward, tell of changes and send BPDUs. */
#include "ofproto/stp-transitions.h"

#include <assert.h>

#include "lib/util.h"

/* A port that is to forward waits twice for the forward delay, so that everybody has heard of the
 * new tree and nobody has learnt from the old one.  RSTP need not wait: a designated port asks its
 * neighbour (proposal), which first makes all its own designated ports discard (sync) and then
 * agrees.  A new root port forwards as soon as those that were root ports a moment ago discard
 * (reRoot). */

enum {
    HOLD_STP = 1,       /* BPDUs a second: Hold Time (802.1D-1998, table 8-3). */
    HOLD_RSTP = 6,      /* The same as RSTP: Transmit Hold Count (table 17-1). */
    EDGE_DELAY_SEC = 3, /* Migrate Time: silence by which an edge port is known. */
};

/* Time of listening and of learning of 'p' (17.20.5). */
static int64_t forward_delay(const struct stp_port *p)
{
    const struct stp_times *times = &p->stp->root_times;
    return p->send_rstp ? times->hello_time : times->forward_delay;
}

/* The first time of listening: as STP the forward delay, as RSTP max age (17.29.1). */
static int64_t first_delay(const struct stp_port *p)
{
    const struct stp_times *times = &p->stp->root_times;
    return stp_is_rapid(p->stp) ? times->max_age : times->forward_delay;
}

void stp_transitions_hold(struct stp_port *p)
{
    const struct stp_times *times = &p->stp->root_times;
    int64_t now = p->stp->now;
    switch (p->role) {
    case STP_ROLE_DISABLED:
        p->fd = now + first_delay(p);
        break;
    case STP_ROLE_ROOT:
        p->rr = now + times->forward_delay;
        break;
    case STP_ROLE_BACKUP:
        p->rb = now + 2 * times->hello_time;
        p->fd = now + forward_delay(p);
        break;
    case STP_ROLE_ALTERNATE:
        p->fd = now + forward_delay(p);
        break;
    case STP_ROLE_DESIGNATED:
    case N_STP_ROLES:
        break;
    }
}

/* Roles ---------------------------------------------------------------------------------------- */

/* setSyncTree (17.21.14). */
static void set_sync_tree(struct stp *stp)
{
    struct stp_port *p;
    LIST_FOR_EACH (p, node, &stp->ports) {
        p->sync = true;
    }
}

/* setReRootTree (17.21.15). */
static void set_re_root_tree(struct stp *stp)
{
    struct stp_port *p;
    LIST_FOR_EACH (p, node, &stp->ports) {
        p->re_root = true;
    }
}

/* allSynced (17.20.3). */
static bool all_synced(const struct stp *stp)
{
    const struct stp_port *p;
    LIST_FOR_EACH (p, node, &stp->ports) {
        if (!stp_port_is_settled(p) || p->role != p->selected_role
            || !(p->synced || p->role == STP_ROLE_ROOT)) {
            return false;
        }
    }
    return true;
}

/* reRooted (17.20.10): no other port was a root port a moment ago. */
static bool is_re_rooted(const struct stp_port *root)
{
    const struct stp_port *p;
    LIST_FOR_EACH (p, node, &root->stp->ports) {
        if (p != root && stp_is_running(p, p->rr)) {
            return false;
        }
    }
    return true;
}

/* A step towards forwarding, for which it is time. True if there is one. */
static bool advance(struct stp_port *p)
{
    if (p->learn && p->forward) {
        return false;
    }
    p->forward = p->learn;
    p->learn = true;
    p->fd = p->forward ? 0 : p->stp->now + forward_delay(p);
    return true;
}

/* In step, discarding: disabled, alternate and backup ports (17.29.1, 17.29.4). */
static bool rest(struct stp_port *p)
{
    bool changed = p->sync || p->re_root || !p->synced;
    p->synced = true;
    p->sync = p->re_root = false;
    p->rr = 0;
    return changed;
}

/* Answers a proposal, or agrees of itself. True if it had to. */
static bool agree(struct stp_port *p)
{
    if (p->proposed && !p->agree) {
        set_sync_tree(p->stp);
        p->proposed = false;
        return true;
    }
    if ((!p->agree && all_synced(p->stp)) || (p->proposed && p->agree)) {
        p->proposed = p->sync = false;
        p->agree = true;
        p->new_info |= p->send_rstp;
        return true;
    }
    return false;
}

/* Root port (17.29.2). */
static bool step_root(struct stp_port *p)
{
    bool is_rapid = stp_is_rapid(p->stp);
    if (agree(p)) {
        return true;
    }
    if (is_rapid && !p->forward && !p->re_root) {
        set_re_root_tree(p->stp);
        return true;
    }
    if (p->re_root && p->forward) {
        p->re_root = false;
        return true;
    }
    bool is_time = !stp_is_running(p, p->fd)
                   || (is_rapid && !stp_is_running(p, p->rb) && is_re_rooted(p));
    return is_time && advance(p);
}

/* Asks the other end, and begins to wait for a sign that there is a bridge (17.29.3). */
static bool propose(struct stp_port *p)
{
    if (!stp_is_rapid(p->stp) || p->forward || p->agreed || p->proposing || p->oper_edge) {
        return false;
    }
    const int64_t delay = p->config.is_point_to_point ? EDGE_DELAY_SEC * SEC
                                                      : p->stp->root_times.max_age;
    p->edge_delay = p->stp->now + delay;
    p->proposing = p->new_info = true;
    return true;
}

/* Is it to stop forwarding until it has been agreed upon again? */
static bool must_discard(const struct stp_port *p)
{
    return !p->oper_edge && (p->learn || p->forward)
           && ((p->sync && !p->synced) || (p->re_root && stp_is_running(p, p->rr)) || p->disputed);
}

/* Designated port (17.29.3). */
static bool step_designated(struct stp_port *p)
{
    if (propose(p)) {
        return true;
    }
    if (p->synced ? p->sync : !p->learn || p->agreed || p->oper_edge) {
        p->rr = 0;
        p->synced = true;
        p->sync = false;
        return true;
    }
    if (p->re_root && !stp_is_running(p, p->rr)) {
        p->re_root = false;
        return true;
    }
    if (must_discard(p)) {
        p->learn = p->forward = p->disputed = false;
        p->fd = p->stp->now + forward_delay(p);
        return true;
    }
    bool is_time = (!stp_is_running(p, p->fd) || p->agreed || p->oper_edge) && !p->re_root
                   && !p->sync;
    if (!is_time || !advance(p)) {
        return false;
    }
    p->agreed = p->forward ? p->send_rstp : p->agreed;
    return true;
}

/* Alternate and backup port (17.29.4). */
static bool step_blocking(struct stp_port *p)
{
    return agree(p) || rest(p);
}

static bool (*const steps[])(struct stp_port *p) = {
    [STP_ROLE_DISABLED] = rest,
    [STP_ROLE_ROOT] = step_root,
    [STP_ROLE_DESIGNATED] = step_designated,
    [STP_ROLE_ALTERNATE] = step_blocking,
    [STP_ROLE_BACKUP] = step_blocking,
};
static_assert(ARRAY_SIZE(steps) == N_STP_ROLES, "every role has steps");

/* Gives 'p' the role that was chosen for it. */
static void change_role(struct stp_port *p)
{
    p->role = p->selected_role;
    if (p->role != STP_ROLE_ROOT && p->role != STP_ROLE_DESIGNATED) {
        p->learn = p->forward = false;
        p->disputed = false;
    }
    stp_transitions_hold(p);
}

/* Sees that there is no bridge at the other end (17.25). */
static bool detect_edge(struct stp_port *p)
{
    if (p->oper_edge || p->config.edge != STP_EDGE_AUTO || !p->send_rstp || !p->proposing
        || stp_is_running(p, p->edge_delay)) {
        return false;
    }
    p->oper_edge = true;
    return true;
}

bool stp_transitions_step(struct stp_port *p)
{
    if (!stp_port_is_settled(p)) {
        return false;
    }
    if (p->role != p->selected_role) {
        change_role(p);
        return true;
    }
    return detect_edge(p) || steps[p->role](p);
}

enum stp_state stp_transitions_state(const struct stp_port *p)
{
    return p->role == STP_ROLE_DISABLED ? STP_DISABLED
           : p->role == STP_ROLE_ALTERNATE || p->role == STP_ROLE_BACKUP ? STP_BLOCKING
           : p->forward ? STP_FORWARDING
           : p->learn   ? STP_LEARNING
                        : STP_LISTENING;
}

/* Topology change ------------------------------------------------------------------------------ */

/* Tells the owner to forget what was learnt behind 'p'. */
static void flush(struct stp_port *p)
{
    struct stp *stp = p->stp;
    stp->topology_changes++;
    stp->events.flush(stp->aux, p->number, stp_is_rapid(stp));
}

/* newTcWhile (17.21.7). */
static void new_tc_while(struct stp_port *p)
{
    const struct stp_times *times = &p->stp->root_times;
    if (!stp_is_running(p, p->tc)) {
        p->tc = p->stp->now + (p->send_rstp ? times->hello_time + SEC
                                            : times->max_age + times->forward_delay);
        p->new_info = true;
    }
}

/* setTcPropTree (17.21.18). */
static void set_tc_prop_tree(struct stp_port *from)
{
    struct stp_port *p;
    LIST_FOR_EACH (p, node, &from->stp->ports) {
        p->tc_prop |= p != from;
    }
}

/* Takes back all that was seen of changes. True if there was anything. */
static bool forget_changes(struct stp_port *p)
{
    bool any = p->rcvd_tc || p->rcvd_tcn || p->rcvd_tc_ack || p->tc_prop;
    p->rcvd_tc = p->rcvd_tcn = p->rcvd_tc_ack = p->tc_prop = false;
    return any;
}

/* Is 'p', by its role, part of the active topology? */
static bool is_active_role(const struct stp_port *p)
{
    return (p->role == STP_ROLE_ROOT || p->role == STP_ROLE_DESIGNATED) && !p->oper_edge;
}

static bool step_tc_inactive(struct stp_port *p)
{
    if (p->learn) {
        p->tc_state = STP_TC_LEARNING;
        return true;
    }
    return forget_changes(p);
}

static bool step_tc_learning(struct stp_port *p)
{
    bool is_root_or_designated = p->role == STP_ROLE_ROOT || p->role == STP_ROLE_DESIGNATED;
    if (is_active_role(p) && p->forward) {
        new_tc_while(p);
        set_tc_prop_tree(p);
        p->tc_state = STP_TC_ACTIVE;
        return true;
    }
    if (!is_root_or_designated && !p->learn) {
        p->tc_state = STP_TC_INACTIVE;
        p->tc = 0;
        p->tc_ack = false;
        flush(p);
        return true;
    }
    return forget_changes(p);
}

static bool step_tc_active(struct stp_port *p)
{
    if (!is_active_role(p)) {
        p->tc_state = STP_TC_LEARNING;
        forget_changes(p);
    } else if (p->rcvd_tcn || p->rcvd_tc) {
        if (p->rcvd_tcn) {
            new_tc_while(p);
            p->tc_ack = p->new_info = true;
        }
        p->rcvd_tcn = p->rcvd_tc = false;
        set_tc_prop_tree(p);
    } else if (p->tc_prop) {
        p->tc_prop = false;
        new_tc_while(p);
        flush(p);
    } else if (p->rcvd_tc_ack) {
        p->rcvd_tc_ack = false;
        p->tc = 0;
    } else {
        return false;
    }
    return true;
}

bool stp_topology_step(struct stp_port *p)
{
    static bool (*const tc_steps[])(struct stp_port *p) = {
        [STP_TC_INACTIVE] = step_tc_inactive,
        [STP_TC_LEARNING] = step_tc_learning,
        [STP_TC_ACTIVE] = step_tc_active,
    };
    return tc_steps[p->tc_state](p);
}

/* Sending -------------------------------------------------------------------------------------- */

/* Role of 'p' as an RST BPDU names it. */
static unsigned bpdu_role(const struct stp_port *p)
{
    static const uint8_t roles[] = {
        [STP_ROLE_DISABLED] = BPDU_ROLE_UNKNOWN,      [STP_ROLE_ROOT] = BPDU_ROLE_ROOT,
        [STP_ROLE_DESIGNATED] = BPDU_ROLE_DESIGNATED, [STP_ROLE_ALTERNATE] = BPDU_ROLE_ALTERNATE,
        [STP_ROLE_BACKUP] = BPDU_ROLE_ALTERNATE,
    };
    return roles[p->role];
}

/* Flags of a BPDU of 'kind' that 'p' sends (17.21.19, 17.21.20). */
static uint8_t bpdu_flags(const struct stp_port *p, enum bpdu_kind kind)
{
    unsigned flags = stp_is_running(p, p->tc) ? BPDU_TOPOLOGY_CHANGE : 0;
    if (kind == BPDU_RST) {
        flags |= bpdu_role(p) << BPDU_ROLE_SHIFT;
        flags |= p->proposing ? BPDU_PROPOSAL : 0;
        flags |= p->learn ? BPDU_LEARNING : 0;
        flags |= p->forward ? BPDU_FORWARDING : 0;
        flags |= p->agree ? BPDU_AGREEMENT : 0;
    } else {
        flags |= p->tc_ack ? BPDU_TC_ACK : 0;
    }
    return (uint8_t) flags;
}

/* Is what this bridge knows of the root so old that nobody may believe it (9.3.4)? */
static bool is_too_old(const struct stp *stp)
{
    int64_t most = MIN(stp->root_times.max_age, (int64_t) BPDU_TIME_MAX_SEC * SEC);
    return stp->root_times.message_age >= most;
}

/* Sends a BPDU of 'kind'. */
static void send(struct stp_port *p, enum bpdu_kind kind)
{
    struct stp *stp = p->stp;
    struct bpdu b = {.kind = kind};
    if (kind != BPDU_TCN) {
        b = (struct bpdu) {
            .kind = kind,
            .flags = bpdu_flags(p, kind),
            .root = p->designated.root,
            .cost = p->designated.cost,
            .bridge = p->designated.bridge,
            .port = p->designated.port,
            .message_age = stp->root_times.message_age,
            .max_age = stp->root_times.max_age,
            .hello_time = stp->root_times.hello_time,
            .forward_delay = stp->root_times.forward_delay,
        };
        p->tc_ack = false;
    }
    p->tx_decay = p->tx_count++ ? p->tx_decay : stp->now + SEC;
    stp->events.send(stp->aux, p->number, &b);
}

/* Lets the count of BPDUs sent fall by one for each second that has passed. */
static void decay(struct stp_port *p)
{
    while (p->tx_count && !stp_is_running(p, p->tx_decay)) {
        p->tx_count--;
        p->tx_decay += SEC;
    }
}

/* What is too old to be believed a designated port does not tell on (802.1D-1998, 8.6.1.3.3). Other
 * ports tell nothing of the root: what they say of changes and agreements goes towards it and is
 * never too old. */
void stp_transmit(struct stp_port *p)
{
    bool is_designated = p->role == STP_ROLE_DESIGNATED;
    bool tells_root = p->role == STP_ROLE_ROOT && stp_is_running(p, p->tc);
    if (!p->enabled || !stp_port_is_settled(p)) {
        return;
    }
    if (!stp_is_running(p, p->hello_when)) {
        p->hello_when = p->stp->now + p->stp->root_times.hello_time;
        p->new_info |= is_designated || tells_root;
    }
    decay(p);
    if (!p->new_info || p->tx_count >= (unsigned) (stp_is_rapid(p->stp) ? HOLD_RSTP : HOLD_STP)) {
        return;
    }
    p->new_info = false;
    if (is_designated && is_too_old(p->stp)) {
        return;
    }
    if (p->send_rstp) {
        send(p, BPDU_RST);
    } else if (is_designated) {
        send(p, BPDU_CONFIG);
    } else if (tells_root) {
        send(p, BPDU_TCN);
    }
}
