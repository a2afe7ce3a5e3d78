/* SPDX-License-Identifier: Apache-2.0 */
/* Packets to and from the controller, and changes of rules, as text. */
#include <inttypes.h>

#include "lib/openflow/nx-actions-text.h"
#include "lib/openflow/ofp-print-kinds.h"
#include "lib/openflow/openflow-1.0.h"

/* A frame as a line of fields, and as a hex dump for those who want it all. */
static void print_frame(struct bytes *out, const struct ofp_data *frame, int verbosity)
{
    bytes_put_u8(out, '\n');
    if (verbosity > 0) {
        ofp_print_frame(out, frame->data, frame->size);
        bytes_put_u8(out, '\n');
    }
    if (verbosity > 2) {
        ofp_print_hex(out, frame->data, frame->size, false);
    }
}

/* What follows where the packet came in. */
static void print_packet_in_rest(struct bytes *out, const struct ofp_packet_in *pi,
                                 const struct ofp_print_how *how)
{
    bytes_printf(out, " (via ");
    nx_print_reason(out, pi->reason);
    bytes_printf(out, ") data_len=%zu", pi->data.size);
    if (pi->buffer_id == OFP_NO_BUFFER) {
        bytes_printf(out, " (unbuffered)");
    } else {
        bytes_printf(out, " buffer=0x%08" PRIx32, pi->buffer_id);
    }
    print_frame(out, &pi->data, how->verbosity);
}

int ofp_print_packet_in(struct bytes *out, const struct ofp_message *m,
                        const struct ofp_print_how *how)
{
    const struct ofp_packet_in *pi = &m->packet_in;
    bytes_printf(out, " total_len=%u in_port=", pi->total_len);
    ofp_print_port_styled(out, pi->in_port, how->style);
    print_packet_in_rest(out, pi, how);
    return 0;
}

int ofp_print_nx_packet_in(struct bytes *out, const struct ofp_message *m,
                           const struct ofp_print_how *how)
{
    const struct ofp_packet_in *pi = &m->packet_in;
    if (pi->table_id) {
        bytes_printf(out, " table_id=%u", pi->table_id);
    }
    if (pi->cookie != UINT64_MAX) {
        bytes_printf(out, " cookie=0x%" PRIx64, pi->cookie);
    }
    bytes_printf(out, " total_len=%u ", pi->total_len);
    ofp_print_rule(out, &pi->metadata, OFP_DEFAULT_PRIORITY, how->style);
    print_packet_in_rest(out, pi, how);
    return 0;
}

int ofp_print_packet_out(struct bytes *out, const struct ofp_message *m,
                         const struct ofp_print_how *how)
{
    const struct ofp_packet_out *po = &m->packet_out;
    bytes_printf(out, " in_port=");
    ofp_print_port_styled(out, po->in_port, how->style);
    bytes_printf(out, " actions=");
    ofp_print_actions_styled(out, &po->actions, how->style);
    if (po->buffer_id != OFP_NO_BUFFER) {
        bytes_printf(out, " buffer=0x%08" PRIx32, po->buffer_id);
        return 0;
    }
    bytes_printf(out, " data_len=%zu", po->data.size);
    if (po->data.size) {
        print_frame(out, &po->data, how->verbosity);
    }
    return 0;
}

/* What a flow mod has besides match and actions, each followed by a blank. */
static void print_flow_mod_rest(struct bytes *out, const struct ofp_flow_mod *fm,
                                const struct ofp_print_style *style)
{
    static const struct ofp_bit_name flags[] = {
        {OFPFF_SEND_FLOW_REM, "send_flow_rem"},
        {OFPFF_CHECK_OVERLAP, "check_overlap"},
        {OFPFF_EMERG, "emerg"},
    };
    if (fm->cookie && fm->cookie != UINT64_MAX) {
        bytes_printf(out, "cookie:0x%" PRIx64 " ", fm->cookie);
    }
    if (fm->which.mask) {
        bytes_printf(out, "cookie:0x%" PRIx64 "/0x%" PRIx64 " ", fm->which.value, fm->which.mask);
    }
    if (fm->idle_timeout) {
        bytes_printf(out, "idle:%u ", fm->idle_timeout);
    }
    if (fm->hard_timeout) {
        bytes_printf(out, "hard:%u ", fm->hard_timeout);
    }
    if (fm->buffer_id != OFP_NO_BUFFER) {
        bytes_printf(out, "buf:0x%" PRIx32 " ", fm->buffer_id);
    }
    if (fm->out_port != OFPP_NONE) {
        bytes_printf(out, "out_port:");
        ofp_print_port_styled(out, fm->out_port, style);
        bytes_put_u8(out, ' ');
    }
    if (fm->flags & (OFPFF_SEND_FLOW_REM | OFPFF_CHECK_OVERLAP | OFPFF_EMERG)) {
        ofp_print_bits(out, fm->flags, flags, ARRAY_SIZE(flags));
        bytes_put_u8(out, ' ');
    }
}

int ofp_print_flow_mod(struct bytes *out, const struct ofp_message *m,
                       const struct ofp_print_how *how)
{
    static const char *const commands[] = {
        [OFPFC_ADD] = "ADD",
        [OFPFC_MODIFY] = "MOD",
        [OFPFC_MODIFY_STRICT] = "MOD_STRICT",
        [OFPFC_DELETE] = "DEL",
        [OFPFC_DELETE_STRICT] = "DEL_STRICT",
    };
    const struct ofp_flow_mod *fm = &m->flow_mod;
    uint8_t command = fm->command & 0xff;
    uint8_t table = fm->command >> 8;
    if (command < ARRAY_SIZE(commands)) {
        bytes_printf(out, " %s ", commands[command]);
    } else {
        bytes_printf(out, " command=%u ", command);
    }
    if (table) {
        bytes_printf(out, "table:%u ", table);
    }
    size_t before = out->size;
    ofp_print_rule(out, &fm->match, fm->priority, how->style);
    if (out->size > before) {
        bytes_put_u8(out, ' ');
    }
    print_flow_mod_rest(out, fm, how->style);
    bytes_printf(out, "actions=");
    ofp_print_actions_styled(out, &fm->actions, how->style);
    return 0;
}

int ofp_print_flow_removed(struct bytes *out, const struct ofp_message *m,
                           const struct ofp_print_how *how)
{
    static const char *const reasons[] = {
        [OFPRR_IDLE_TIMEOUT] = "idle", [OFPRR_HARD_TIMEOUT] = "hard", [OFPRR_DELETE] = "delete"};
    const struct ofp_flow_removed *fr = &m->flow_removed;
    bytes_put_u8(out, ' ');
    ofp_print_rule(out, &fr->match, fr->priority, how->style);
    if (fr->reason < ARRAY_SIZE(reasons)) {
        bytes_printf(out, " reason=%s", reasons[fr->reason]);
    } else {
        bytes_printf(out, " reason=%u", fr->reason);
    }
    if (fr->table_id != OFPTT_ALL) {
        bytes_printf(out, " table_id=%u", fr->table_id);
    }
    if (fr->cookie) {
        bytes_printf(out, " cookie:0x%" PRIx64, fr->cookie);
    }
    bytes_printf(out, " duration");
    ofp_print_duration(out, fr->duration_sec, fr->duration_nsec);
    bytes_printf(out, " idle%u pkts%" PRIu64 " bytes%" PRIu64, fr->idle_timeout,
                 fr->packet_count, fr->byte_count);
    return 0;
}
