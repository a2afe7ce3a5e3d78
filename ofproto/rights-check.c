/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the rights of a connection allow what it asks for (A10.2, A10.8, A10.18, A10.23). */
#include "ofproto/rights-check.h"

#include <stddef.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/rights.h"

VLOG_DEFINE_MODULE(rights);

/* Theory
 * ======
 *
 * What must hold for a connection with ports=: whatever it says, packets that came in by other
 * ports fare as before, and nothing leaves by other ports that could not have come from a host at
 * one of its own. So its rules compare in_port with one of its ports and send to its ports alone,
 * and it changes or deletes no others: a flow_mod's match is what its rules have, or more special.
 *
 * Rules of others may apply to its packets, too, as to those of any host there. What they are meant
 * to see they get from the packet: so it may not write what is no part of the frame (in_port,
 * registers, tunnel, marks, the queue), as a host could not. And they may rely on the order of
 * tables: so it has the first table alone (and the emergency table), and goes to no other.
 *
 * What is not in these tables is refused: a new kind of message or action needs a row. */

/* Actions -------------------------------------------------------------------------------------- */

/* Where an action list is to be executed. */
struct place {
    const struct rights *rights; /* Of who gave it; they have ports. */
    bool has_in_port;            /* All packets come in by a port that it may touch. */
    uint8_t table_id;            /* Table of the rule; that of a packet_out's resubmits. */
};

/* True if a packet may be sent to 'port'. */
static bool may_output(const struct place *w, uint16_t port)
{
    return rights_have_port(w->rights, port) || port == OFPP_IN_PORT || port == OFPP_CONTROLLER
           || (port == OFPP_TABLE && w->has_in_port);
}

static bool allow_output(const struct place *w, const struct action *a)
{
    return may_output(w, a->output.port);
}

static bool allow_enqueue(const struct place *w, const struct action *a)
{
    return may_output(w, a->enqueue.port);
}

/* Within the table, and as if from a port that may be touched. */
static bool allow_resubmit(const struct place *w, const struct action *a)
{
    uint16_t port = a->resubmit.in_port;
    uint8_t table_id = a->resubmit.table_id;
    return (port == OFPP_IN_PORT ? w->has_in_port : rights_have_port(w->rights, port))
           && (table_id == ACTION_THIS_TABLE || table_id == w->table_id);
}

/* True if 'field' is a part of the frame. */
static bool is_of_frame(const struct nx_field *field)
{
    static const size_t members[] = {
        offsetof(struct flow, dl_src),     offsetof(struct flow, dl_dst),
        offsetof(struct flow, vlan_tci),   offsetof(struct flow, nw_proto),
        offsetof(struct flow, nw_tos),     offsetof(struct flow, nw_ttl),
        offsetof(struct flow, nw_src),     offsetof(struct flow, nw_dst),
        offsetof(struct flow, tp_src),     offsetof(struct flow, tp_dst),
        offsetof(struct flow, ipv6_src),   offsetof(struct flow, ipv6_dst),
        offsetof(struct flow, ipv6_label), offsetof(struct flow, nd_target),
        offsetof(struct flow, arp_sha),    offsetof(struct flow, arp_tha),
    };
    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        if (field->offset == members[i]) {
            return true;
        }
    }
    return false;
}

static bool allow_load(const struct place *w UNUSED, const struct action *a)
{
    return is_of_frame(((const struct action_reg_load *) a)->to.field);
}

static bool allow_move(const struct place *w UNUSED, const struct action *a)
{
    return is_of_frame(((const struct action_reg_move *) a)->to.field);
}

static bool allow_always(const struct place *w UNUSED, const struct action *a UNUSED)
{
    return true;
}

/* What ports= says of each action; those without a row are refused: learn and set_tunnel;
 * output_reg, whose port nobody knows before; set_queue, which holds for others' outputs, too. */
static bool (*const action_checks[N_ACTIONS])(const struct place *w, const struct action *a) = {
    [ACTION_OUTPUT] = allow_output,
    [ACTION_SET_VLAN_VID] = allow_always,
    [ACTION_SET_VLAN_PCP] = allow_always,
    [ACTION_STRIP_VLAN] = allow_always,
    [ACTION_SET_DL_SRC] = allow_always,
    [ACTION_SET_DL_DST] = allow_always,
    [ACTION_SET_NW_SRC] = allow_always,
    [ACTION_SET_NW_DST] = allow_always,
    [ACTION_SET_NW_TOS] = allow_always,
    [ACTION_SET_TP_SRC] = allow_always,
    [ACTION_SET_TP_DST] = allow_always,
    [ACTION_ENQUEUE] = allow_enqueue,
    [ACTION_RESUBMIT] = allow_resubmit,
    [ACTION_RESUBMIT_TABLE] = allow_resubmit,
    [ACTION_REG_MOVE] = allow_move,
    [ACTION_REG_LOAD] = allow_load,
    [ACTION_NOTE] = allow_always,
    [ACTION_EXIT] = allow_always,
    [ACTION_DEC_TTL] = allow_always,
    [ACTION_FIN_TIMEOUT] = allow_always,
    [ACTION_CONTROLLER] = allow_always,
};

/* True if the actions may be executed at 'w'. Rules that are learnt would count in no quota. */
static bool allow_actions(const struct place *w, const struct action_list *actions)
{
    const struct action *a;
    ACTION_FOR_EACH (a, actions) {
        bool (*check)(const struct place *, const struct action *) = action_checks[a->type];
        bool ok = w->rights->has_ports ? check && check(w, a)
                                       : !w->rights->quota || a->type != ACTION_LEARN;
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* True if the packet in buffer 'id', if there is one, came in by a port that may be touched. */
static bool allow_buffer(const struct ofproto *p, const struct rights *r, uint32_t id)
{
    uint32_t in_port;
    return !buffers_get_port(p->buffers, id, &in_port) || rights_have_port(r, in_port);
}

/* Flow_mods ------------------------------------------------------------------------------------ */

/* What is wrong if 'fm' is about more than packets of one port that may be touched, in a table that
 * may be; else NULL. */
static const char *find_fault(const struct ofproto *p, const struct rights *r,
                              const struct ofp_flow_mod *fm, bool takes_buffer)
{
    return fm->match.mask.in_port != UINT32_MAX         ? "it matches no in_port exactly"
           : !rights_have_port(r, fm->match.flow.in_port) ? "its in_port is another's"
           : fm->table_id && !(fm->flags & OFPFF_EMERG) ? "its table is another's"
           : takes_buffer && !allow_buffer(p, r, fm->buffer_id)
               ? "its buffered packet came in by another's port"
               : NULL;
}

/* Tells why the rights of 'c' don't allow 'what'. */
static void log_refusal(const struct ofconn *c, const char *what, const char *fault)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(6, 10);
    VLOG_INFO_RL(&limit, "%s: %s is refused by its rights (%s): %s", ofconn_name(c), what,
                 c->rights->text, fault);
}

int rights_check_flow_mod(const struct ofproto *p, const struct ofconn *c, struct ofp_flow_mod *fm,
                          bool takes_buffer)
{
    const struct rights *r = c->rights;
    if (LIKELY(!r || (!r->has_ports && !r->quota))) {
        return 0;
    }
    if (r->has_ports && fm->table_id == OFPTT_ALL) {
        fm->table_id = 0;
    }
    const struct place w = {
        .rights = r,
        .has_in_port = true,
        .table_id = fm->flags & OFPFF_EMERG ? OFPROTO_EMERGENCY_TABLE : 0,
    };
    const char *fault = !allow_actions(&w, &fm->actions) ? "it has an action beyond them"
                        : r->has_ports                   ? find_fault(p, r, fm, takes_buffer)
                                                         : NULL;
    if (fault) {
        log_refusal(c, "a flow_mod", fault);
    }
    return fault ? OFPERR_FLOW_MOD_FAILED_EPERM : 0;
}

bool rights_allow_rule(const struct ofconn *by, const struct rule *old)
{
    const struct rights *rights = by ? by->rights : NULL;
    bool ok = !rights || !rights->quota || (old && old->quota == rights->quota)
              || !rule_quota_is_full(rights->quota);
    if (!ok) {
        log_refusal(by, "a flow entry", "there are as many as it may have");
    }
    return ok;
}

bool rights_allow_buffer(const struct ofproto *p, const struct ofconn *by, uint32_t id)
{
    bool ok = !by || allow_buffer(p, by->rights, id);
    if (!ok) {
        log_refusal(by, "a flow_mod's buffered packet", "it came in by another's port");
    }
    return ok;
}

bool rights_allow_eviction(const struct ofconn *by)
{
    const struct rights *rights = by ? by->rights : NULL;
    return !rights || (!rights->has_ports && !rights->quota);
}

/* Other messages ------------------------------------------------------------------------------- */

/* True if 'port_no' names no port that a packet could have come by. */
static bool is_no_port(uint16_t port_no)
{
    return port_no == OFPP_NONE || port_no == OFPP_CONTROLLER;
}

static int check_packet_out(const struct ofproto *p, const struct ofconn *c,
                            const struct ofp_message *m)
{
    const struct ofp_packet_out *po = &m->packet_out;
    const struct rights *r = c->rights;
    const struct place w = {
        .rights = r, .has_in_port = !is_no_port(po->in_port), .table_id = 0};
    bool ok = allow_actions(&w, &po->actions)
              && (!r->has_ports
                  || (!r->has_no_port
                      && (is_no_port(po->in_port) || rights_have_port(r, po->in_port))
                      && allow_buffer(p, r, po->buffer_id)));
    return ok ? 0 : OFPERR_BAD_ACTION_EPERM;
}

static int check_port_mod(const struct ofproto *p UNUSED, const struct ofconn *c,
                          const struct ofp_message *m)
{
    return rights_have_port(c->rights, m->port_mod.port_no) ? 0 : OFPERR_BAD_REQUEST_EPERM;
}

/* What becomes of fragments concerns all ports. It may say what holds. */
static int check_set_config(const struct ofproto *p, const struct ofconn *c,
                            const struct ofp_message *m)
{
    bool changes = (m->config.flags & OFPC_FRAG_MASK) != p->frag_mode;
    return changes && c->rights->has_ports ? OFPERR_BAD_REQUEST_EPERM : 0;
}

static int check_queue_config(const struct ofproto *p UNUSED, const struct ofconn *c,
                              const struct ofp_message *m)
{
    return rights_have_port(c->rights, m->port_no) ? 0 : OFPERR_BAD_REQUEST_EPERM;
}

/* Of all ports those are told that may be: that is the handler's. */
static int check_queue_stats(const struct ofproto *p UNUSED, const struct ofconn *c,
                             const struct ofp_message *m)
{
    uint16_t port_no = m->queue_stats_request.port_no;
    bool ok = port_no == OFPP_ALL || port_no == OFPP_NONE || rights_have_port(c->rights, port_no);
    return ok ? 0 : OFPERR_QUEUE_OP_FAILED_EPERM;
}

/* A primary takes the role from others, who could change nothing then. */
static int check_role(const struct ofproto *p UNUSED, const struct ofconn *c,
                      const struct ofp_message *m)
{
    return m->role == NX_ROLE_PRIMARY && c->rights->has_ports ? OFPERR_BAD_REQUEST_EPERM : 0;
}

/* What only asks, or concerns nobody but the connection. */
static int check_nothing(const struct ofproto *p UNUSED, const struct ofconn *c UNUSED,
                         const struct ofp_message *m UNUSED)
{
    return 0;
}

/* What each kind of message needs; those without a row are refused to who has ports=. */
static int (*const message_checks[N_OFP_KINDS])(const struct ofproto *p, const struct ofconn *c,
                                                const struct ofp_message *m) = {
    [OFP_HELLO] = check_nothing,
    [OFP_ERROR] = check_nothing,
    [OFP_ECHO_REPLY] = check_nothing,
    [OFP_FEATURES_REQUEST] = check_nothing,
    [OFP_GET_CONFIG_REQUEST] = check_nothing,
    [OFP_SET_CONFIG] = check_set_config,
    [OFP_PACKET_OUT] = check_packet_out,
    [OFP_FLOW_MOD] = check_nothing,
    [OFP_PORT_MOD] = check_port_mod,
    [OFP_BARRIER_REQUEST] = check_nothing,
    [OFP_QUEUE_GET_CONFIG_REQUEST] = check_queue_config,
    [OFP_DESC_REQUEST] = check_nothing,
    [OFP_FLOW_STATS_REQUEST] = check_nothing,
    [OFP_AGGREGATE_REQUEST] = check_nothing,
    [OFP_TABLE_STATS_REQUEST] = check_nothing,
    [OFP_PORT_STATS_REQUEST] = check_nothing,
    [OFP_QUEUE_STATS_REQUEST] = check_queue_stats,
    [OFP_PORT_DESC_REQUEST] = check_nothing,
    [OFP_NXT_SET_FLOW_FORMAT] = check_nothing,
    [OFP_NXT_FLOW_MOD] = check_nothing,
    [OFP_NXT_SET_PACKET_IN_FORMAT] = check_nothing,
    [OFP_NXT_FLOW_AGE] = check_nothing,
    [OFP_NXST_FLOW_REQUEST] = check_nothing,
    [OFP_NXST_AGGREGATE_REQUEST] = check_nothing,
    [OFP_NXT_ROLE_REQUEST] = check_role,
    [OFP_NXT_FLOW_MOD_TABLE_ID] = check_nothing,
    [OFP_NXT_SET_ASYNC_CONFIG] = check_nothing,
    [OFP_NXT_SET_CONTROLLER_ID] = check_nothing,
};

int rights_check(const struct ofproto *p, const struct ofconn *c, const struct ofp_message *m)
{
    const struct rights *r = c->rights;
    if (LIKELY(!r)) {
        return 0;
    }
    int error = message_checks[m->kind] ? message_checks[m->kind](p, c, m)
                : r->has_ports          ? OFPERR_BAD_REQUEST_EPERM
                                        : 0;
    if (error) {
        log_refusal(c, ofp_kind_name(m->kind), ofperr_name(error));
    }
    return error;
}
