/* SPDX-License-Identifier: Apache-2.0 */
/* Executing actions that change bits of fields: load and move. */
#include "datapath/actions-field.h"

#include <errno.h>

#include "datapath/rewrite.h"
#include "lib/util.h"

/* What is a part of the frame has a writer, which brings the frame into line with a flow where the
 * field was changed; the rest (registers and other metadata) is in the flow alone. */

/* Brings the field of 'p', the packet of 'x', into line with 'flow'. */
typedef void field_writer(struct execution *x, struct packet *p, const struct flow *flow);

static void write_in_port(struct execution *x UNUSED, struct packet *p, const struct flow *flow)
{
    p->in_port = flow->in_port;
}

static void write_vlan_tci(struct execution *x, struct packet *p, const struct flow *flow)
{
    uint16_t tci = ntohs(flow->vlan_tci);
    if (rewrite_vlan_tci(p, tci) == ENOBUFS && (p = execution_with_headroom(x))) {
        rewrite_vlan_tci(p, tci);
    }
}

static void write_nw_tos(struct execution *x UNUSED, struct packet *p, const struct flow *flow)
{
    rewrite_nw_tos(p, flow->nw_tos);
    rewrite_nw_ecn(p, flow->nw_tos);
}

static void write_nw_src(struct execution *x UNUSED, struct packet *p, const struct flow *flow)
{
    rewrite_nw_src(p, flow->nw_src);
    rewrite_arp_spa(p, flow->nw_src);
}

static void write_nw_dst(struct execution *x UNUSED, struct packet *p, const struct flow *flow)
{
    rewrite_nw_dst(p, flow->nw_dst);
    rewrite_arp_tpa(p, flow->nw_dst);
}

static void write_tp_src(struct execution *x UNUSED, struct packet *p, const struct flow *flow)
{
    rewrite_tp_src(p, flow->tp_src);
    rewrite_icmp(p, (uint8_t) ntohs(flow->tp_src), (uint8_t) ntohs(flow->tp_dst));
}

static void write_tp_dst(struct execution *x UNUSED, struct packet *p, const struct flow *flow)
{
    rewrite_tp_dst(p, flow->tp_dst);
    rewrite_icmp(p, (uint8_t) ntohs(flow->tp_src), (uint8_t) ntohs(flow->tp_dst));
}

/* Defines the writer of a member of the flow that one function rewrites. */
#define DEFINE_WRITER(member, rewrite) \
    static void write_##member(struct execution *x UNUSED, struct packet *p, \
                               const struct flow *flow) \
    { \
        rewrite(p, flow->member); \
    }

DEFINE_WRITER(dl_src, rewrite_dl_src)
DEFINE_WRITER(dl_dst, rewrite_dl_dst)
DEFINE_WRITER(nw_ttl, rewrite_ttl)
DEFINE_WRITER(nw_proto, rewrite_arp_op)
DEFINE_WRITER(ipv6_src, rewrite_ipv6_src)
DEFINE_WRITER(ipv6_dst, rewrite_ipv6_dst)
DEFINE_WRITER(ipv6_label, rewrite_ipv6_label)
DEFINE_WRITER(arp_sha, rewrite_arp_sha)
DEFINE_WRITER(arp_tha, rewrite_arp_tha)

#define WRITER(member) [offsetof(struct flow, member)] = write_##member

/* By the first byte of the member of struct flow. */
static field_writer *const writers[sizeof(struct flow)] = {
    WRITER(in_port),  WRITER(vlan_tci), WRITER(dl_src),   WRITER(dl_dst),   WRITER(nw_tos),
    WRITER(nw_ttl),   WRITER(nw_proto), WRITER(nw_src),   WRITER(nw_dst),   WRITER(tp_src),
    WRITER(tp_dst),   WRITER(arp_sha),  WRITER(arp_tha),  WRITER(ipv6_src), WRITER(ipv6_dst),
    WRITER(ipv6_label),
};

/* The writer of 'field', or NULL if it is no part of the frame. */
static field_writer *find_writer(const struct nx_field *field)
{
    return writers[field->offset];
}

/* Writes 'wanted', a flow where a field was changed, into the frame of 'x'. */
static void write_frame(struct execution *x, field_writer *write, const struct flow *wanted)
{
    struct packet *p = execution_writable(x);
    if (p) {
        write(x, p, wanted);
    }
}

void execute_reg_load(struct execution *x, const struct action *a)
{
    const struct action_reg_load *load = (const struct action_reg_load *) a;
    field_writer *write = find_writer(load->to.field);
    if (!write) {
        nx_subfield_set(&load->to, a->value, x->flow);
        return;
    }
    struct flow fields, wanted = *execution_fields(x, &fields);
    if (nx_field_fits_flow(load->to.field, &wanted)) {
        nx_subfield_set(&load->to, a->value, &wanted);
        write_frame(x, write, &wanted);
    }
}

void execute_reg_move(struct execution *x, const struct action *a)
{
    const struct action_reg_move *move = (const struct action_reg_move *) a;
    field_writer *write = find_writer(move->to.field);
    struct flow copy;
    const struct flow *fields = execution_fields(x, &copy);
    if (!write) {
        nx_subfield_copy(&move->from, fields, &move->to, x->flow);
        return;
    }
    struct flow wanted = *fields;
    if (nx_field_fits_flow(move->to.field, &wanted)) {
        nx_subfield_copy(&move->from, fields, &move->to, &wanted);
        write_frame(x, write, &wanted);
    }
}
