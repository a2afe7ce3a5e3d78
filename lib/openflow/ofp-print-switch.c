/* SPDX-License-Identifier: Apache-2.0 */
/* Features, configuration, ports and queues as text. */
#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-field-forms.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-print-kinds.h"
#include "lib/openflow/openflow-1.0.h"

static const struct ofp_bit_name capability_names[] = {
    {OFPC_FLOW_STATS, "FLOW_STATS"},   {OFPC_TABLE_STATS, "TABLE_STATS"},
    {OFPC_PORT_STATS, "PORT_STATS"},   {OFPC_STP, "STP"},
    {OFPC_IP_REASM, "IP_REASM"},       {OFPC_QUEUE_STATS, "QUEUE_STATS"},
    {OFPC_ARP_MATCH_IP, "ARP_MATCH_IP"},
};

/* In the order in which scripts know them. */
static const struct ofp_bit_name action_names[] = {
    {1 << OFPAT_OUTPUT, "output"},           {1 << OFPAT_ENQUEUE, "enqueue"},
    {1 << OFPAT_SET_VLAN_VID, "set_vlan_vid"}, {1 << OFPAT_SET_VLAN_PCP, "set_vlan_pcp"},
    {1 << OFPAT_STRIP_VLAN, "strip_vlan"},   {1 << OFPAT_SET_DL_SRC, "mod_dl_src"},
    {1 << OFPAT_SET_DL_DST, "mod_dl_dst"},   {1 << OFPAT_SET_NW_SRC, "mod_nw_src"},
    {1 << OFPAT_SET_NW_DST, "mod_nw_dst"},   {1 << OFPAT_SET_NW_TOS, "mod_nw_tos"},
    {1 << OFPAT_SET_TP_SRC, "mod_tp_src"},   {1 << OFPAT_SET_TP_DST, "mod_tp_dst"},
};

static const struct ofp_bit_name config_names[] = {
    {OFPPC_PORT_DOWN, "PORT_DOWN"}, {OFPPC_NO_STP, "NO_STP"},
    {OFPPC_NO_RECV, "NO_RECV"},     {OFPPC_NO_RECV_STP, "NO_RECV_STP"},
    {OFPPC_NO_FLOOD, "NO_FLOOD"},   {OFPPC_NO_FWD, "NO_FWD"},
    {OFPPC_NO_PACKET_IN, "NO_PACKET_IN"},
};

static const struct ofp_bit_name feature_names[] = {
    {OFPPF_10MB_HD, "10MB-HD"},   {OFPPF_10MB_FD, "10MB-FD"},   {OFPPF_100MB_HD, "100MB-HD"},
    {OFPPF_100MB_FD, "100MB-FD"}, {OFPPF_1GB_HD, "1GB-HD"},     {OFPPF_1GB_FD, "1GB-FD"},
    {OFPPF_10GB_FD, "10GB-FD"},   {OFPPF_COPPER, "COPPER"},     {OFPPF_FIBER, "FIBER"},
    {OFPPF_AUTONEG, "AUTO_NEG"},  {OFPPF_PAUSE, "AUTO_PAUSE"},
    {OFPPF_PAUSE_ASYM, "AUTO_PAUSE_ASYM"},
};

/* Speeds in Mbit/s, largest first. */
static const struct {
    uint32_t features; /* OFPPF_* bits, any of which gives the speed. */
    unsigned mbps;     /* Mbit/s. */
} speeds[] = {
    {OFPPF_10GB_FD, 10000},
    {OFPPF_1GB_HD | OFPPF_1GB_FD, 1000},
    {OFPPF_100MB_HD | OFPPF_100MB_FD, 100},
    {OFPPF_10MB_HD | OFPPF_10MB_FD, 10},
};

void ofp_print_bits(struct bytes *out, uint32_t set, const struct ofp_bit_name *names, size_t n)
{
    const char *separator = "";
    for (size_t i = 0; i < n; i++) {
        if (set & names[i].bit) {
            bytes_printf(out, "%s%s", separator, names[i].name);
            separator = " ";
        }
    }
    if (!*separator) {
        bytes_printf(out, "0");
    }
}

const char *ofp_bit_name_next(enum ofp_bit_set set, uint32_t *bits)
{
    static const struct {
        const struct ofp_bit_name *names; /* In order of printing. */
        size_t n;                         /* How many. */
    } sets[] = {
        [OFP_BITS_CAPABILITIES] = {capability_names, ARRAY_SIZE(capability_names)},
        [OFP_BITS_ACTIONS] = {action_names, ARRAY_SIZE(action_names)},
        [OFP_BITS_PORT_CONFIG] = {config_names, ARRAY_SIZE(config_names)},
        [OFP_BITS_PORT_FEATURES] = {feature_names, ARRAY_SIZE(feature_names)},
    };
    static_assert(ARRAY_SIZE(sets) == N_OFP_BIT_SETS, "a set of bits has no names");
    for (size_t i = 0; i < sets[set].n; i++) {
        if (*bits & sets[set].names[i].bit) {
            *bits &= ~sets[set].names[i].bit;
            return sets[set].names[i].name;
        }
    }
    return NULL;
}

unsigned ofp_port_speed(uint32_t features)
{
    for (size_t i = 0; i < ARRAY_SIZE(speeds); i++) {
        if (features & speeds[i].features) {
            return speeds[i].mbps;
        }
    }
    return 0;
}

/* Spanning tree's state and the link's: they stand together without a blank, as scripts know it. */
static void print_state(struct bytes *out, uint32_t state)
{
    static const char *const stp[] = {"", "STP_LEARN", "STP_FORWARD", "STP_BLOCK"};
    const char *name = stp[(state & OFPPS_STP_MASK) >> 8];
    const char *link = state & OFPPS_LINK_DOWN ? "LINK_DOWN" : "";
    bytes_printf(out, "%s%s", name, *name || *link ? link : "0");
}

/* A line of features, if there are any that we know. */
static void print_features(struct bytes *out, const char *label, uint32_t features)
{
    if (features & (2 * OFPPF_PAUSE_ASYM - 1)) {
        bytes_printf(out, "     %-12s", label);
        ofp_print_bits(out, features, feature_names, ARRAY_SIZE(feature_names));
        bytes_put_u8(out, '\n');
    }
}

/* A port's name without what would break the line. */
static void print_port_name(struct bytes *out, const char *name)
{
    for (; *name; name++) {
        if (!iscntrl((unsigned char) *name)) {
            bytes_put_u8(out, *name);
        }
    }
}

/* Description of a port in five to eight lines, each ending in a newline. */
static void print_port(struct bytes *out, const struct ofp_port *port)
{
    bytes_put_u8(out, ' ');
    ofp_print_port_number(out, port->port_no);
    bytes_put_u8(out, '(');
    print_port_name(out, port->name);
    bytes_printf(out, "): addr:");
    ofp_print_mac(out, port->hw_addr);
    bytes_printf(out, "\n     config:     ");
    ofp_print_bits(out, port->config, config_names, ARRAY_SIZE(config_names));
    bytes_printf(out, "\n     state:      ");
    print_state(out, port->state);
    bytes_put_u8(out, '\n');
    print_features(out, "current:", port->curr);
    print_features(out, "advertised:", port->advertised);
    print_features(out, "supported:", port->supported);
    print_features(out, "peer:", port->peer);
    bytes_printf(out, "     speed: %u Mbps now, %u Mbps max\n", ofp_port_speed(port->curr),
                 ofp_port_speed(port->supported));
}

/* For qsort(): by number. */
static int compare_ports(const void *a_, const void *b_)
{
    const struct ofp_port *a = a_;
    const struct ofp_port *b = b_;
    return (a->port_no > b->port_no) - (a->port_no < b->port_no);
}

/* Prints the ports in order of their numbers, whatever the order of the message is. */
static void print_ports(struct bytes *out, struct reader r)
{
    struct ofp_port *ports = xcalloc(r.left / OFP_PORT_SIZE + 1, sizeof *ports);
    size_t n = 0;
    while (ofp_port_next(&r, &ports[n])) {
        n++;
    }
    qsort(ports, n, sizeof *ports, compare_ports);
    for (size_t i = 0; i < n; i++) {
        print_port(out, &ports[i]);
    }
    free(ports);
}

int ofp_print_features_reply(struct bytes *out, const struct ofp_message *m,
                             const struct ofp_print_how *how UNUSED)
{
    const struct ofp_features *f = &m->features;
    bytes_printf(out, " dpid:%016" PRIx64 "\nn_tables:%u, n_buffers:%" PRIu32 "\ncapabilities: ",
                 f->datapath_id, f->n_tables, f->n_buffers);
    ofp_print_bits(out, f->capabilities, capability_names, ARRAY_SIZE(capability_names));
    bytes_put_u8(out, '\n');
    if (f->actions) {
        bytes_printf(out, "actions: ");
        ofp_print_bits(out, f->actions, action_names, ARRAY_SIZE(action_names));
        bytes_put_u8(out, '\n');
    }
    print_ports(out, f->ports);
    return 0;
}

int ofp_print_switch_config(struct bytes *out, const struct ofp_message *m,
                            const struct ofp_print_how *how UNUSED)
{
    static const char *const frags[] = {
        [OFPC_FRAG_NORMAL] = "normal",
        [OFPC_FRAG_DROP] = "drop",
        [OFPC_FRAG_REASM] = "reassemble",
        [OFPC_FRAG_NX_MATCH] = "nx-match",
    };
    bytes_printf(out, " frags=%s%s miss_send_len=%u", frags[m->config.flags & OFPC_FRAG_MASK],
                 m->config.flags & 4 ? " invalid_ttl_to_controller" : "", m->config.miss_send_len);
    return 0;
}

int ofp_print_port_status(struct bytes *out, const struct ofp_message *m,
                          const struct ofp_print_how *how UNUSED)
{
    static const char *const reasons[] = {
        [OFPPR_ADD] = "ADD", [OFPPR_DELETE] = "DEL", [OFPPR_MODIFY] = "MOD"};
    uint8_t reason = m->port_status.reason;
    if (reason < ARRAY_SIZE(reasons)) {
        bytes_printf(out, " %s:", reasons[reason]);
    } else {
        bytes_printf(out, " reason=%u:", reason);
    }
    print_port(out, &m->port_status.port);
    return 0;
}

int ofp_print_port_mod(struct bytes *out, const struct ofp_message *m,
                       const struct ofp_print_how *how UNUSED)
{
    const struct ofp_port_mod *pm = &m->port_mod;
    bytes_printf(out, " port: ");
    ofp_print_port_number(out, pm->port_no);
    bytes_printf(out, ": addr:");
    ofp_print_mac(out, pm->hw_addr);
    bytes_printf(out, "\n     config: ");
    ofp_print_bits(out, pm->config & pm->mask, config_names, ARRAY_SIZE(config_names));
    bytes_printf(out, "\n     mask:   ");
    ofp_print_bits(out, pm->mask, config_names, ARRAY_SIZE(config_names));
    bytes_printf(out, "\n     advertise: ");
    if (pm->advertise) {
        ofp_print_bits(out, pm->advertise, feature_names, ARRAY_SIZE(feature_names));
    } else {
        bytes_printf(out, "UNCHANGED");
    }
    return 0;
}

int ofp_print_port_request(struct bytes *out, const struct ofp_message *m,
                           const struct ofp_print_how *how)
{
    bytes_printf(out, " port=");
    ofp_print_port_styled(out, m->port_no, how->style);
    return 0;
}

/* For qsort(): by number. */
static int compare_queues(const void *a_, const void *b_)
{
    const struct ofp_queue *a = a_;
    const struct ofp_queue *b = b_;
    return (a->queue_id > b->queue_id) - (a->queue_id < b->queue_id);
}

static void print_queue(struct bytes *out, const struct ofp_queue *q)
{
    bytes_printf(out, "\nqueue %" PRIu32 ":", q->queue_id);
    if (q->min_rate <= 1000) {
        bytes_printf(out, " min_rate:%u.%u%%", q->min_rate / 10, q->min_rate % 10);
    } else if (q->min_rate != OFPQ_MIN_RATE_UNCFG) {
        bytes_printf(out, " min_rate:(disabled)");
    }
}

/* Prints the queues in order of their numbers; of a port without any, nothing. */
int ofp_print_queue_config(struct bytes *out, const struct ofp_message *m,
                           const struct ofp_print_how *how)
{
    struct reader r = m->queue_config.queues;
    struct ofp_queue *queues = xcalloc(r.left / sizeof(struct ofp10_packet_queue) + 1,
                                       sizeof *queues);
    size_t n = 0;
    while (ofp_queue_next(&r, &queues[n])) {
        n++;
    }
    qsort(queues, n, sizeof *queues, compare_queues);
    if (n) {
        bytes_printf(out, " port=");
        ofp_print_port_styled(out, m->queue_config.port_no, how->style);
    }
    for (size_t i = 0; i < n; i++) {
        print_queue(out, &queues[i]);
    }
    free(queues);
    return 0;
}

int ofp_print_port_desc(struct bytes *out, const struct ofp_message *m,
                        const struct ofp_print_how *how UNUSED)
{
    bytes_put_u8(out, '\n');
    print_ports(out, m->entries);
    return 0;
}
