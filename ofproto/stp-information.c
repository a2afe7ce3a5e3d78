/* SPDX-License-Identifier: Apache-2.0 */
/* Spanning tree: what ports have heard, and the roles that follow from it. */
#include "ofproto/stp-information.h"

#include <string.h>

#include "lib/util.h"

/* The tree follows from one rule: every bridge looks for the best vector (root, cost to it,
 * designated bridge, designated port) that it has heard, adds its own cost, and tells it where
 * nobody tells better.  Where it was heard is the root port; where ours is better the port is
 * designated; where another's is better it is an alternate, and where that is our own, a backup. */

enum {
    MIGRATE_SEC = 3,    /* Migrate Time (table 17-1). */
    HELLOS_LOST = 3,    /* BPDUs that may be lost before what was heard is gone (17.21.23). */
};

/* Less than 0 if 'a' is better than 'b', more if worse (17.6). */
static int compare(const struct stp_vector *a, const struct stp_vector *b)
{
    return a->root != b->root       ? a->root < b->root ? -1 : 1
           : a->cost != b->cost     ? a->cost < b->cost ? -1 : 1
           : a->bridge != b->bridge ? a->bridge < b->bridge ? -1 : 1
                                    : (int) a->port - (int) b->port;
}

static bool times_equal(const struct stp_times *a, const struct stp_times *b)
{
    return a->message_age == b->message_age && a->max_age == b->max_age
           && a->hello_time == b->hello_time && a->forward_delay == b->forward_delay;
}

/* Asks for the roles to be chosen anew, for 'p' has changed. */
static void reselect(struct stp_port *p)
{
    p->reselect = true;
    p->selected = false;
}

/* Receiving ------------------------------------------------------------------------------------ */

/* Chooses the protocol of 'p' by what its neighbours speak (17.24). */
static void migrate(struct stp_port *p, bool is_rst)
{
    if (stp_is_rapid(p->stp) && p->send_rstp != is_rst && !stp_is_running(p, p->mdelay)) {
        p->send_rstp = is_rst;
        p->mdelay = p->stp->now + MIGRATE_SEC * SEC;
    }
}

/* setTcFlags (17.21.17). */
static void set_tc_flags(struct stp_port *p, const struct bpdu *b)
{
    p->rcvd_tc |= (b->flags & BPDU_TOPOLOGY_CHANGE) != 0;
    p->rcvd_tc_ack |= b->kind == BPDU_CONFIG && b->flags & BPDU_TC_ACK;
}

/* recordProposal (17.21.11). Not as STP, which has no proposals: the sync that answers one would
 * make ports stop forwarding that 802.1D-1998 leaves alone. */
static void record_proposal(struct stp_port *p, const struct bpdu *b)
{
    p->proposed |= stp_is_rapid(p->stp) && b->kind == BPDU_RST && b->flags & BPDU_PROPOSAL;
}

/* recordAgreement (17.21.9). */
static void record_agreement(struct stp_port *p, const struct bpdu *b)
{
    p->agreed = stp_is_rapid(p->stp) && p->config.is_point_to_point && b->kind == BPDU_RST
                && b->flags & BPDU_AGREEMENT;
    p->proposing &= !p->agreed;
}

/* updtRcvdInfoWhile (17.21.23), and as STP what 802.1D-1998 says (8.6.2): the rest of the life. */
static void update_rcvd_info(struct stp_port *p)
{
    int64_t left = p->times.max_age - p->times.message_age;
    if (stp_is_rapid(p->stp)) {
        left = left >= SEC ? HELLOS_LOST * p->times.hello_time : 0;
    }
    p->rcvd_info = p->stp->now + left;
}

/* The designated port has something else to say than it had: 'v' and 'times'. */
static void take_superior(struct stp_port *p, const struct bpdu *b, const struct stp_vector *v,
                          const struct stp_times *times)
{
    bool is_as_good = p->info_is == STP_INFO_RECEIVED && compare(v, &p->priority) <= 0;
    p->agreed = p->proposing = p->synced = false;
    record_proposal(p, b);
    p->agree &= is_as_good;
    set_tc_flags(p, b);
    p->priority = *v;
    p->times = *times;
    p->info_is = STP_INFO_RECEIVED;
    update_rcvd_info(p);
    reselect(p);
}

/* It says what it said before. */
static void take_repeated(struct stp_port *p, const struct bpdu *b)
{
    record_proposal(p, b);
    set_tc_flags(p, b);
    record_agreement(p, b);
    update_rcvd_info(p);
}

/* Another port takes itself for designated, wrongly. It is told better, in STP by the next BPDU at
 * once (802.1D-1998, 8.6.10), in RSTP, if it has begun to learn, by our giving way (17.21.10). */
static void take_inferior(struct stp_port *p, const struct bpdu *b)
{
    if (b->kind == BPDU_CONFIG) {
        p->new_info |= p->role == STP_ROLE_DESIGNATED;
    } else if (b->flags & BPDU_LEARNING) {
        p->disputed = true;
        p->agreed = false;
    }
}

/* A root, alternate or backup port speaks: perhaps it agrees. */
static void take_not_designated(struct stp_port *p, const struct bpdu *b,
                                const struct stp_vector *v)
{
    if (compare(v, &p->priority) >= 0) {
        record_agreement(p, b);
        set_tc_flags(p, b);
    }
}

/* Is it the port that 'p' has heard as designated (17.6)? */
static bool is_same_port(const struct stp_port *p, const struct stp_vector *v)
{
    const uint64_t address = (UINT64_C(1) << 48) - 1;
    return p->info_is == STP_INFO_RECEIVED
           && (v->bridge & address) == (p->priority.bridge & address)
           && (v->port & STP_PORT_MAX) == (p->priority.port & STP_PORT_MAX);
}

/* rcvInfo (17.21.8): does what the kind of message 'b' asks for. */
static void take_message(struct stp_port *p, const struct bpdu *b)
{
    const struct stp_vector v = {b->root, b->cost, b->bridge, b->port};
    const struct stp_times times = {b->message_age, b->max_age, MAX(b->hello_time, SEC),
                                    b->forward_delay};
    unsigned role = (b->flags & BPDU_ROLE_MASK) >> BPDU_ROLE_SHIFT;
    int order = compare(&v, &p->priority);
    if (b->kind == BPDU_RST && role != BPDU_ROLE_DESIGNATED && role != BPDU_ROLE_UNKNOWN) {
        take_not_designated(p, b, &v);
    } else if (!order && times_equal(&times, &p->times) && p->info_is == STP_INFO_RECEIVED) {
        take_repeated(p, b);
    } else if (order <= 0 || is_same_port(p, &v)) {
        take_superior(p, b, &v, &times);
    } else {
        take_inferior(p, b);
    }
}

/* Is it a BPDU of our own that came back by the port that sent it (9.3.4)? */
static bool is_own(const struct stp_port *p, const struct bpdu *b)
{
    return b->kind != BPDU_TCN && b->bridge == p->stp->id && b->port == stp_port_id(p);
}

void stp_information_receive(struct stp_port *p, const struct bpdu *b)
{
    if (is_own(p, b)) {
        return;
    }
    migrate(p, b->kind == BPDU_RST);
    p->oper_edge = false;
    p->edge_delay = p->stp->now + MIGRATE_SEC * SEC;
    if (b->kind == BPDU_TCN) {
        p->rcvd_tcn |= p->role == STP_ROLE_DESIGNATED;
    } else {
        take_message(p, b);
    }
}

/* Information ---------------------------------------------------------------------------------- */

/* Its link is up: it begins as if what it had heard were too old. */
static void begin(struct stp_port *p)
{
    int64_t now = p->stp->now;
    p->info_is = STP_INFO_AGED;
    p->send_rstp = stp_is_rapid(p->stp);
    p->mdelay = p->edge_delay = now + MIGRATE_SEC * SEC;
    p->oper_edge = p->config.edge == STP_EDGE_YES;
    p->new_info = true;
    p->tx_count = 0;
    p->hello_when = now + p->stp->root_times.hello_time;
    reselect(p);
}

/* Its link is down. */
static void end(struct stp_port *p)
{
    p->info_is = STP_INFO_DISABLED;
    p->proposing = p->proposed = p->agree = p->agreed = p->disputed = p->oper_edge = false;
    p->rcvd_tc = p->rcvd_tcn = p->rcvd_tc_ack = p->tc_ack = p->new_info = false;
    reselect(p);
}

/* It says from now on what this bridge has to say. */
static void become_mine(struct stp_port *p)
{
    p->proposing = p->proposed = false;
    p->agreed &= p->info_is == STP_INFO_MINE && compare(&p->designated, &p->priority) <= 0;
    p->synced &= p->agreed;
    p->priority = p->designated;
    p->times = p->stp->root_times;
    p->updt_info = false;
    p->info_is = STP_INFO_MINE;
    p->new_info = true;
}

bool stp_information_step(struct stp_port *p)
{
    if (p->enabled != (p->info_is != STP_INFO_DISABLED)) {
        (p->enabled ? begin : end)(p);
    } else if (p->selected && p->updt_info) {
        become_mine(p);
    } else if (p->info_is == STP_INFO_RECEIVED && !stp_is_running(p, p->rcvd_info)) {
        p->info_is = STP_INFO_AGED;
        reselect(p);
    } else {
        return false;
    }
    return true;
}

/* Roles ---------------------------------------------------------------------------------------- */

/* Is 'v' by way of 'p' better than the best so far, by way of stp->root_port? */
static bool is_better_root(const struct stp_port *p, const struct stp_vector *v)
{
    const struct stp *stp = p->stp;
    int order = compare(v, &stp->root_priority);
    return order < 0 || (!order && stp->root_port && stp_port_id(p) < stp_port_id(stp->root_port));
}

/* The times that we tell if 'p' is the root port: a second older, in whole seconds (17.21.25 d). */
static struct stp_times older(const struct stp_port *p)
{
    struct stp_times times = p->times;
    times.message_age = (times.message_age + SEC + SEC / 2) / SEC * SEC;
    return times;
}

/* Finds the root and the way to it (17.21.25 a to d). */
static void find_root(struct stp *stp)
{
    struct stp_port *p;
    stp->root_priority = (struct stp_vector) {.root = stp->id, .bridge = stp->id};
    stp->root_times = (struct stp_times) {
        .max_age = stp->config.max_age,
        .hello_time = stp->config.hello_time,
        .forward_delay = stp->config.forward_delay,
    };
    stp->root_port = NULL;
    LIST_FOR_EACH (p, node, &stp->ports) {
        struct stp_vector v = p->priority;
        v.cost += MIN(p->config.cost, UINT32_MAX - v.cost);
        if (p->info_is == STP_INFO_RECEIVED && v.bridge != stp->id && is_better_root(p, &v)) {
            stp->root_priority = v;
            stp->root_times = older(p);
            stp->root_port = p;
        }
    }
}

/* The role of 'p' that has heard better than we can say. */
static enum stp_role role_behind(const struct stp_port *p)
{
    return p == p->stp->root_port                ? STP_ROLE_ROOT
           : p->priority.bridge == p->stp->id ? STP_ROLE_BACKUP
                                                 : STP_ROLE_ALTERNATE;
}

/* Chooses the role of 'p' (17.21.25 e to n). */
static void choose_role(struct stp_port *p)
{
    struct stp *stp = p->stp;
    p->designated = (struct stp_vector) {stp->root_priority.root, stp->root_priority.cost, stp->id,
                                         stp_port_id(p)};
    bool is_current = !compare(&p->designated, &p->priority)
                      && times_equal(&p->times, &stp->root_times);
    switch (p->info_is) {
    case STP_INFO_DISABLED:
        p->selected_role = STP_ROLE_DISABLED;
        p->updt_info = false;
        break;
    case STP_INFO_AGED:
    case STP_INFO_MINE:
        p->selected_role = STP_ROLE_DESIGNATED;
        p->updt_info = p->info_is == STP_INFO_AGED || !is_current;
        break;
    case STP_INFO_RECEIVED:
        p->updt_info = p != stp->root_port && compare(&p->designated, &p->priority) < 0;
        p->selected_role = p->updt_info ? STP_ROLE_DESIGNATED : role_behind(p);
        break;
    }
}

bool stp_information_select(struct stp *stp)
{
    bool due = false;
    struct stp_port *p;
    LIST_FOR_EACH (p, node, &stp->ports) {
        due |= p->reselect;
        p->reselect = false;
    }
    if (due) {
        find_root(stp);
        LIST_FOR_EACH (p, node, &stp->ports) {
            choose_role(p);
            p->selected = true;
        }
    }
    return due;
}
