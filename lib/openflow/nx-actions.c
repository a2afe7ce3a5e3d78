/* SPDX-License-Identifier: Apache-2.0 */
/* Nicira's actions, between memory and the wire. */
#include "lib/openflow/nx-actions.h"

#include <string.h>

#include "lib/byte-order.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* resubmit ------------------------------------------------------------------------------------- */

int nx_resubmit_decode(const void *wire, struct action *a)
{
    const struct nx10_action_resubmit *w = wire;
    a->resubmit.in_port = ntohs(w->in_port);
    a->resubmit.table_id = ACTION_THIS_TABLE;
    return 0;
}

int nx_resubmit_table_decode(const void *wire, struct action *a)
{
    const struct nx10_action_resubmit *w = wire;
    a->resubmit.in_port = ntohs(w->in_port);
    a->resubmit.table_id = w->table;
    return 0;
}

/* The emergency table is no table to go to. */
int nx_resubmit_check(const struct action *a, bool in_flow UNUSED)
{
    return a->resubmit.table_id == OFPTT_EMERG ? OFPERR_BAD_ACTION_BAD_ARGUMENT : 0;
}

void nx_resubmit_encode(const struct action *a, void *wire)
{
    struct nx10_action_resubmit *w = wire;
    w->in_port = htons(a->resubmit.in_port);
}

void nx_resubmit_table_encode(const struct action *a, void *wire)
{
    struct nx10_action_resubmit *w = wire;
    w->in_port = htons(a->resubmit.in_port);
    w->table = a->resubmit.table_id;
}

/* set_tunnel, set_tunnel64, set_queue ---------------------------------------------------------- */

int nx_set_tunnel_decode(const void *wire, struct action *a)
{
    const struct nx10_action_set_tunnel *w = wire;
    a->tun_id = ntohl(w->tun_id);
    return 0;
}

void nx_set_tunnel_encode(const struct action *a, void *wire)
{
    struct nx10_action_set_tunnel *w = wire;
    w->tun_id = htonl((uint32_t) a->tun_id);
}

int nx_set_tunnel64_decode(const void *wire, struct action *a)
{
    const struct nx10_action_set_tunnel64 *w = wire;
    a->tun_id = ntohll(w->tun_id);
    return 0;
}

void nx_set_tunnel64_encode(const struct action *a, void *wire)
{
    struct nx10_action_set_tunnel64 *w = wire;
    w->tun_id = htonll(a->tun_id);
}

int nx_set_queue_decode(const void *wire, struct action *a)
{
    const struct nx10_action_set_queue *w = wire;
    a->queue = ntohl(w->queue_id);
    return 0;
}

void nx_set_queue_encode(const struct action *a, void *wire)
{
    struct nx10_action_set_queue *w = wire;
    w->queue_id = htonl(a->queue);
}

/* note ----------------------------------------------------------------------------------------- */

enum {
    NOTE_AT = offsetof(struct action, note_size) + sizeof(uint32_t), /* The note in memory. */
    NOTE_WIRE_AT = offsetof(struct nx10_action_note, note),          /* The note on the wire. */
};

size_t nx_note_memory_size(size_t size)
{
    return ROUND_UP(MAX(NOTE_AT + size, sizeof(struct action)), (size_t) 8);
}

size_t nx_note_padded(size_t size)
{
    return ROUND_UP(NOTE_WIRE_AT + MAX(size, (size_t) 1), (size_t) 8) - NOTE_WIRE_AT;
}

size_t nx_note_size(const void *wire)
{
    const struct nx10_action_note *w = wire;
    return nx_note_memory_size(ntohs(w->len) - NOTE_WIRE_AT);
}

size_t nx_note_wire_size(const struct action *a)
{
    return NOTE_WIRE_AT + a->note_size;
}

int nx_note_decode(const void *wire, struct action *a)
{
    const struct nx10_action_note *w = wire;
    a->note_size = ntohs(w->len) - NOTE_WIRE_AT;
    memcpy(action_note(a), (const uint8_t *) wire + NOTE_WIRE_AT, a->note_size);
    return 0;
}

void nx_note_encode(const struct action *a, void *wire)
{
    memcpy((uint8_t *) wire + NOTE_WIRE_AT, action_note(a), a->note_size);
}

/* Fields: move, load, output ------------------------------------------------------------------- */

int nx_decode_subfield(struct nx_subfield *s, uint32_t header, unsigned offset, unsigned n_bits,
                       bool is_written)
{
    const struct nx_field *field = nx_field_by_header(header);
    if (!field || !n_bits || offset + n_bits > field->n_bits
        || (is_written && !field->is_writable)) {
        return OFPERR_BAD_ACTION_BAD_ARGUMENT;
    }
    s->field = field;
    s->offset = (uint16_t) offset;
    s->n_bits = (uint16_t) n_bits;
    return 0;
}

size_t nx_reg_move_size(const void *wire UNUSED)
{
    return sizeof(struct action_reg_move);
}

int nx_reg_move_decode(const void *wire, struct action *a)
{
    const struct nx10_action_reg_move *w = wire;
    struct action_reg_move *move = (struct action_reg_move *) a;
    unsigned n_bits = ntohs(w->n_bits);
    int error = nx_decode_subfield(&move->from, ntohl(w->src), ntohs(w->src_ofs), n_bits, false);
    return error ? error
                 : nx_decode_subfield(&move->to, ntohl(w->dst), ntohs(w->dst_ofs), n_bits, true);
}

void nx_reg_move_encode(const struct action *a, void *wire)
{
    struct nx10_action_reg_move *w = wire;
    const struct action_reg_move *move = (const struct action_reg_move *) a;
    w->n_bits = htons(move->to.n_bits);
    w->src_ofs = htons(move->from.offset);
    w->dst_ofs = htons(move->to.offset);
    w->src = htonl(move->from.field->header);
    w->dst = htonl(move->to.field->header);
}

/* Offset and number of bits of 's' in one number, and back. */
static be16 ofs_nbits(const struct nx_subfield *s)
{
    return htons((uint16_t) (s->offset << 6 | (s->n_bits - 1)));
}

static int decode_ofs_nbits(struct nx_subfield *s, be32 header, be16 ofs_nbits, bool is_written)
{
    unsigned x = ntohs(ofs_nbits);
    return nx_decode_subfield(s, ntohl(header), x >> 6, (x & 0x3f) + 1, is_written);
}

size_t nx_reg_load_size(const void *wire UNUSED)
{
    return sizeof(struct action_reg_load);
}

/* The number must fit into the bits. */
int nx_reg_load_decode(const void *wire, struct action *a)
{
    const struct nx10_action_reg_load *w = wire;
    struct action_reg_load *load = (struct action_reg_load *) a;
    a->value = ntohll(w->value);
    int error = decode_ofs_nbits(&load->to, w->dst, w->ofs_nbits, true);
    bool fits = error || load->to.n_bits >= 64 || a->value >> load->to.n_bits == 0;
    return fits ? error : OFPERR_BAD_ACTION_BAD_ARGUMENT;
}

void nx_reg_load_encode(const struct action *a, void *wire)
{
    struct nx10_action_reg_load *w = wire;
    const struct action_reg_load *load = (const struct action_reg_load *) a;
    w->ofs_nbits = ofs_nbits(&load->to);
    w->dst = htonl(load->to.field->header);
    w->value = htonll(a->value);
}

size_t nx_output_reg_size(const void *wire UNUSED)
{
    return sizeof(struct action_output_reg);
}

int nx_output_reg_decode(const void *wire, struct action *a)
{
    static const uint8_t zero[sizeof((struct nx10_action_output_reg *) 0)->zero];
    const struct nx10_action_output_reg *w = wire;
    struct action_output_reg *output = (struct action_output_reg *) a;
    a->output.max_len = ntohs(w->max_len);
    return memcmp(w->zero, zero, sizeof zero)
               ? OFPERR_BAD_ACTION_BAD_ARGUMENT
               : decode_ofs_nbits(&output->from, w->src, w->ofs_nbits, false);
}

void nx_output_reg_encode(const struct action *a, void *wire)
{
    struct nx10_action_output_reg *w = wire;
    const struct action_output_reg *output = (const struct action_output_reg *) a;
    w->ofs_nbits = ofs_nbits(&output->from);
    w->src = htonl(output->from.field->header);
    w->max_len = htons(a->output.max_len);
}

/* fin_timeout ---------------------------------------------------------------------------------- */

int nx_fin_timeout_decode(const void *wire, struct action *a)
{
    const struct nx10_action_fin_timeout *w = wire;
    a->fin_timeout.idle = ntohs(w->fin_idle_timeout);
    a->fin_timeout.hard = ntohs(w->fin_hard_timeout);
    return 0;
}

void nx_fin_timeout_encode(const struct action *a, void *wire)
{
    struct nx10_action_fin_timeout *w = wire;
    w->fin_idle_timeout = htons(a->fin_timeout.idle);
    w->fin_hard_timeout = htons(a->fin_timeout.hard);
}

/* controller ----------------------------------------------------------------------------------- */

int nx_controller_decode(const void *wire, struct action *a)
{
    const struct nx10_action_controller *w = wire;
    a->controller.max_len = ntohs(w->max_len);
    a->controller.id = ntohs(w->controller_id);
    a->controller.reason = w->reason;
    return w->zero ? OFPERR_BAD_ACTION_BAD_ARGUMENT : 0;
}

void nx_controller_encode(const struct action *a, void *wire)
{
    struct nx10_action_controller *w = wire;
    w->max_len = htons(a->controller.max_len);
    w->controller_id = htons(a->controller.id);
    w->reason = a->controller.reason;
}
