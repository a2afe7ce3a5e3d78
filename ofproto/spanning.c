/* SPDX-License-Identifier: Apache-2.0 */
/* Spanning tree on a bridge: the machine's BPDUs, timers and states brought to the datapath. */
#include "ofproto/spanning.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/port-settings.h"
#include "lib/byte-order.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/port-status.h"
#include "ofproto/stp.h"

VLOG_DEFINE_MODULE(spanning);

/* At a change of the topology what was learnt behind nearly every port is to be forgotten. To look
 * through all addresses for each of them, as often as a neighbour likes, would keep the control
 * thread from anything else. So it is noted, and done once when the machine has come to rest. */

enum { FLUSH_BITS = STP_PORT_MAX + 1 /* By number of the port. */ };

/* Spanning tree of a bridge. */
struct spanning {
    struct ofproto *p;           /* Bridge. */
    struct stp *stp;             /* Machine; owned. */
    struct timer timer;          /* Its next time. */
    struct timer ageing_timer;   /* When addresses are no longer aged fast. */
    uint16_t quiet;              /* Port of which others tell; 0: none. */
    bool flushes;                /* A bit is set in 'to_flush'. */
    uint64_t to_flush[FLUSH_BITS / 64]; /* Ports behind which addresses are to be forgotten. */
};
static_assert(FLUSH_BITS % 64 == 0, "each port has its bit");

/* The machine has come to rest: does what is left, and arms the timer for what it wants next. */
static void finish(struct spanning *s)
{
    if (s->flushes) {
        datapath_mac_flush_ports(s->p->dp, s->to_flush, FLUSH_BITS);
        memset(s->to_flush, 0, sizeof s->to_flush);
        s->flushes = false;
    }
    timer_set(s->p->env->wheel, &s->timer, stp_next(s->stp));
}

static void fire(struct timer *timer, int64_t now)
{
    struct spanning *s = CONTAINER_OF(timer, struct spanning, timer);
    stp_run(s->stp, now);
    finish(s);
}

/* What the machine wants ----------------------------------------------------------------------- */

static void send_bpdu(void *s_, uint16_t number, const struct bpdu *bpdu)
{
    struct spanning *s = s_;
    struct ofp_port port;
    struct packet packet;
    uint8_t memory[PACKET_HEADROOM + BPDU_FRAME_SIZE];
    uint8_t *frame = memory + PACKET_HEADROOM;
    if (!datapath_port_get(s->p->dp, number, &port)) {
        bpdu_encode(bpdu, port.hw_addr, frame);
        packet_use(&packet, memory, sizeof memory, frame, BPDU_FRAME_SIZE);
        datapath_port_send(s->p->dp, number, &packet, ofproto_now(s->p));
    }
}

/* What a port's state is to the datapath (5.2.1). */
static struct datapath_tree tree_of(const struct spanning *s, enum stp_state state)
{
    static const uint32_t bits[] = {
        [STP_DISABLED] = OFPPS_STP_BLOCK,   [STP_BLOCKING] = OFPPS_STP_BLOCK,
        [STP_LISTENING] = OFPPS_STP_LISTEN, [STP_LEARNING] = OFPPS_STP_LEARN,
        [STP_FORWARDING] = OFPPS_STP_FORWARD,
    };
    static_assert(ARRAY_SIZE(bits) == N_STP_STATES, "every state has bits");
    return (struct datapath_tree) {
        .is_on = true,
        .state = bits[state],
        .learns = state == STP_LEARNING || state == STP_FORWARDING,
        .blocks_receive = s->p->config.stp.blocks_receive,
    };
}

static void change_port(void *s_, uint16_t number, enum stp_role role, enum stp_state state)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(60, 1000);
    struct spanning *s = s_;
    const struct datapath_tree tree = tree_of(s, state);
    struct ofp_port before, after;
    if (datapath_port_get(s->p->dp, number, &before)) {
        return;
    }
    VLOG_INFO_RL(&limit, "%s: port %u (%s): %s, %s", s->p->config.name, number, before.name,
                 stp_role_name(role), stp_state_name(state));
    datapath_port_set_tree(s->p->dp, number, &tree);
    if (number != s->quiet && !datapath_port_get(s->p->dp, number, &after)
        && before.state != after.state) {
        port_status_send(s->p, OFPPR_MODIFY, &after, NULL);
    }
}

/* Addresses are aged as configured again. */
static void age_slowly(struct timer *timer, int64_t now)
{
    struct spanning *s = CONTAINER_OF(timer, struct spanning, ageing_timer);
    datapath_set_mac_ageing(s->p->dp, 0, now);
}

static void flush_port(void *s_, uint16_t number, bool is_rapid)
{
    struct spanning *s = s_;
    struct stp_info info;
    if (is_rapid) {
        s->flushes = true;
        s->to_flush[number / 64] |= UINT64_C(1) << number % 64;
        return;
    }
    stp_get_info(s->stp, &info);
    int64_t slow = datapath_get_mac_ageing(s->p->dp);
    int64_t now = ofproto_now(s->p);
    datapath_set_mac_ageing(s->p->dp, MIN(slow, info.forward_delay), now);
    timer_set(s->p->env->wheel, &s->ageing_timer, now + info.forward_delay);
}

static const struct stp_events events = {
    .send = send_bpdu,
    .port_changed = change_port,
    .flush = flush_port,
};

/* Life ----------------------------------------------------------------------------------------- */

void spanning_create(struct ofproto *p)
{
    struct stp_config config = p->config.stp.config;
    if (!p->config.stp.is_on) {
        return;
    }
    struct spanning *s = xzalloc(sizeof *s);
    put_be16(config.mac, (uint16_t) (p->config.datapath_id >> 32));
    put_be32(config.mac + 2, (uint32_t) p->config.datapath_id);
    s->p = p;
    s->stp = stp_create(&config, &events, s);
    timer_init(&s->timer, fire);
    timer_init(&s->ageing_timer, age_slowly);
    p->spanning = s;
}

void spanning_destroy(struct ofproto *p)
{
    struct spanning *s = p->spanning;
    if (s) {
        timer_cancel(p->env->wheel, &s->timer);
        timer_cancel(p->env->wheel, &s->ageing_timer);
        stp_destroy(s->stp);
        free(s);
        p->spanning = NULL;
    }
}

/* Ports ---------------------------------------------------------------------------------------- */

/* Path cost of a port that runs as 'curr' says: of STP by 802.1D-1998, table 8-5, and IEEE's later
 * advice; of RSTP by 802.1D-2004, table 17-3. That of 100 Mb/s if nothing is known. */
static uint32_t cost_of(uint32_t curr, bool is_rapid)
{
    static const struct {
        uint32_t bits; /* OFPPF_*. */
        uint16_t stp;  /* Cost as STP. */
        uint32_t rstp; /* Cost as RSTP. */
    } costs[] = {
        {OFPPF_10GB_FD, 2, 2000},
        {OFPPF_1GB_FD | OFPPF_1GB_HD, 4, 20000},
        {OFPPF_100MB_FD | OFPPF_100MB_HD, 19, 200000},
        {OFPPF_10MB_FD | OFPPF_10MB_HD, 100, 2000000},
        {0, 19, 200000},
    };
    size_t i = 0;
    while (costs[i].bits && !(curr & costs[i].bits)) {
        i++;
    }
    return is_rapid ? costs[i].rstp : costs[i].stp;
}

/* What the machine is told of a port. */
static struct stp_port_config port_config(const struct ofproto *p, const struct ofp_port *port)
{
    static const enum stp_edge edges[] = {
        [PORT_EDGE_AUTO] = STP_EDGE_AUTO, [PORT_EDGE_YES] = STP_EDGE_YES,
        [PORT_EDGE_NO] = STP_EDGE_NO};
    const uint32_t half = OFPPF_10MB_HD | OFPPF_100MB_HD | OFPPF_1GB_HD;
    const struct port_settings *settings = datapath_port_settings(p->dp, port->port_no);
    uint32_t cost = cost_of(port->curr, p->config.stp.config.version == STP_VERSION_RSTP);
    return (struct stp_port_config) {
        .cost = settings->stp_cost ? settings->stp_cost : cost,
        .priority = settings->stp_priority,
        .edge = edges[settings->stp_edge],
        .is_point_to_point = !(port->curr & half),
    };
}

/* Lets 'port' take part as it is now. */
static void update_port(struct spanning *s, const struct ofp_port *port)
{
    const struct stp_port_config config = port_config(s->p, port);
    uint16_t number = port->port_no;
    int64_t now = ofproto_now(s->p);
    if (!stp_port_exists(s->stp, number)) {
        stp_port_add(s->stp, number, &config, now);
        change_port(s, number, STP_ROLE_DISABLED, STP_DISABLED);
    } else {
        stp_port_configure(s->stp, number, &config, now);
    }
    bool is_up = !(port->config & OFPPC_PORT_DOWN) && !(port->state & OFPPS_LINK_DOWN);
    stp_port_set_enabled(s->stp, number, is_up, now);
}

/* Lets 'port' forward and take no part. */
static void exclude_port(struct spanning *s, const struct ofp_port *port)
{
    const struct datapath_tree free_tree = {.state = OFPPS_STP_FORWARD};
    stp_port_remove(s->stp, port->port_no, ofproto_now(s->p));
    datapath_port_set_tree(s->p->dp, port->port_no, &free_tree);
}

/* Whether 'port' takes part. */
static bool takes_part(const struct spanning *s, const struct ofp_port *port)
{
    if (port->port_no > STP_PORT_MAX && port->port_no < OFPP_MAX) {
        VLOG_WARN("%s: port %u (%s) is not in the spanning tree: its number is over %d",
                  s->p->config.name, port->port_no, port->name, STP_PORT_MAX);
    }
    return port->port_no <= STP_PORT_MAX && !(port->config & OFPPC_NO_STP);
}

void spanning_port_came(struct ofproto *p, struct ofp_port *port)
{
    struct spanning *s = p->spanning;
    if (s) {
        s->quiet = port->port_no;
        (takes_part(s, port) ? update_port : exclude_port)(s, port);
        s->quiet = 0;
        finish(s);
        datapath_port_get(p->dp, port->port_no, port);
    }
}

void spanning_port_went(struct ofproto *p, uint16_t port_no)
{
    if (p->spanning) {
        stp_port_remove(p->spanning->stp, port_no, ofproto_now(p));
        finish(p->spanning);
    }
}

void spanning_receive(struct ofproto *p, const struct datapath_upcall *upcall)
{
    struct bpdu bpdu;
    if (p->spanning && !bpdu_decode(upcall->packet->data, upcall->packet->size, &bpdu)) {
        stp_receive(p->spanning->stp, upcall->in_port, &bpdu, ofproto_now(p));
        finish(p->spanning);
    }
}

/* Changing it while it runs -------------------------------------------------------------------- */

/* Starts the tree anew as p->config.stp says: no port is told of. */
static void restart(struct ofproto *p)
{
    const struct datapath_tree no_tree = {.is_on = false};
    struct ofp_port port;
    spanning_destroy(p);
    datapath_set_mac_ageing(p->dp, 0, ofproto_now(p));
    datapath_block_new_ports(p->dp, p->config.stp.is_on);
    spanning_create(p);
    for (uint16_t no = 0; (no = datapath_port_next(p->dp, no));) {
        datapath_port_set_tree(p->dp, no, &no_tree);
        if (!datapath_port_get(p->dp, no, &port)) {
            spanning_port_came(p, &port);
        }
    }
}

void spanning_configure(struct ofproto *p, const struct stp_settings *settings)
{
    struct ofp_port *before = xcalloc(OFPP_LOCAL + 1, sizeof *before), now;
    for (uint16_t no = 0; (no = datapath_port_next(p->dp, no));) {
        datapath_port_get(p->dp, no, &before[no]);
    }
    p->config.stp = *settings;
    restart(p);
    for (uint16_t no = 0; (no = datapath_port_next(p->dp, no));) {
        if (!datapath_port_get(p->dp, no, &now) && now.state != before[no].state) {
            port_status_send(p, OFPPR_MODIFY, &now, NULL);
        }
    }
    free(before);
}

bool spanning_ages_fast(const struct ofproto *p)
{
    return p->spanning && timer_is_armed(&p->spanning->ageing_timer);
}

/* For people ----------------------------------------------------------------------------------- */

bool spanning_get_info(const struct ofproto *p, struct stp_info *info)
{
    if (p->spanning) {
        stp_get_info(p->spanning->stp, info);
    }
    return p->spanning;
}

bool spanning_port_get_info(const struct ofproto *p, uint16_t port_no, struct stp_port_info *info)
{
    return p->spanning && stp_port_get_info(p->spanning->stp, port_no, info);
}
