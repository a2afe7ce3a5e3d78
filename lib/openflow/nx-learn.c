/* SPDX-License-Identifier: Apache-2.0 */
/* What a learn action makes of a packet, and the action between memory and the wire. */
#include "lib/openflow/nx-learn.h"

#include <string.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/nx-actions.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* The number of 'spec'. */
static nx_value number_of(const struct learn_spec *spec)
{
    return (nx_value) spec->value[0] << 64 | spec->value[1];
}

/* As many ones as 'spec' has bits. */
static nx_value ones_of(const struct learn_spec *spec)
{
    return spec->n_bits < 128 ? ((nx_value) 1 << spec->n_bits) - 1 : ~(nx_value) 0;
}

/* Makes 'm' compare the destination of 'spec' with 'value'. */
static void spec_match(const struct learn_spec *spec, nx_value value, struct match *m)
{
    nx_field_match(spec->to.field, value << spec->to.offset, ones_of(spec) << spec->to.offset, m);
}

/* The wire ------------------------------------------------------------------------------------- */

enum {
    FIELD_SIZE = 6,  /* Bytes of a field in a spec: its header and the first bit. */
    HEAD_SIZE = 2,   /* Bytes of the head of a spec. */
};

/* Bytes of a number of 'n_bits' bits in a spec. */
static size_t number_size(unsigned n_bits)
{
    return DIV_ROUND_UP(n_bits, 16u) * 2;
}

/* Bytes behind the head 'head' of a spec. */
static size_t spec_rest(uint16_t head)
{
    unsigned n_bits = head & NX_LEARN_N_BITS_MASK;
    bool is_output = (head >> NX_LEARN_DST_SHIFT & 3) == NX_LEARN_DST_OUTPUT;
    return (head & NX_LEARN_SRC_IMMEDIATE ? number_size(n_bits) : (size_t) FIELD_SIZE)
           + (is_output ? 0 : FIELD_SIZE);
}

/* Takes the next spec off 'r': its head and, in 'rest', what follows. Returns 0 with head 0 at the
 * end, or an OpenFlow error. */
static int pull_spec(struct reader *r, uint16_t *head, struct reader *rest)
{
    if (!reader_be16(r, head)) {
        *head = 0;
        return 0;
    }
    return !*head || reader_split(r, spec_rest(*head), rest) ? 0 : OFPERR_BAD_ACTION_BAD_LEN;
}

/* A reader of the specs at 'wire'. */
static struct reader specs_of(const void *wire)
{
    const struct nx10_action_learn *w = wire;
    struct reader r;
    reader_init(&r, w + 1, ntohs(w->len) - sizeof *w);
    return r;
}

/* Specs that are faulty or too many are found by the decoder. */
size_t nx_learn_size(const void *wire)
{
    struct reader r = specs_of(wire), rest;
    uint16_t head;
    size_t n = 0;
    while (n < LEARN_MAX_SPECS && !pull_spec(&r, &head, &rest) && head) {
        n++;
    }
    return sizeof(struct action_learn) + n * sizeof(struct learn_spec);
}

/* Reads a number of 'n_bits' bits, with zeros above them. */
static int decode_number(struct reader *r, unsigned n_bits, uint64_t value[2])
{
    nx_value x = 0;
    uint16_t part;
    for (size_t size = number_size(n_bits); size > 0; size -= sizeof part) {
        if (x >> 112 || !reader_be16(r, &part)) {
            return OFPERR_BAD_ACTION_BAD_ARGUMENT;
        }
        x = x << 16 | part;
    }
    value[0] = (uint64_t) (x >> 64);
    value[1] = (uint64_t) x;
    return n_bits < 128 && x >> n_bits ? OFPERR_BAD_ACTION_BAD_ARGUMENT : 0;
}

/* Reads a field with its first bit. */
static int decode_field(struct reader *r, unsigned n_bits, bool is_written, struct nx_subfield *s)
{
    uint32_t header;
    uint16_t offset;
    if (!reader_be32(r, &header) || !reader_be16(r, &offset)) {
        return OFPERR_BAD_ACTION_BAD_LEN;
    }
    return nx_decode_subfield(s, header, offset, n_bits, is_written);
}

bool nx_learn_can_match(const struct nx_subfield *bits)
{
    nx_value all = nx_field_ones(bits->field);
    nx_value some = bits->n_bits < 128 ? (((nx_value) 1 << bits->n_bits) - 1) << bits->offset
                                       : ~(nx_value) 0;
    return bits->field->is_maskable || (some & all) == all;
}

/* Reads the spec with 'head' and 'rest' into '*spec', which is 0. */
static int decode_spec(uint16_t head, struct reader *rest, struct learn_spec *spec)
{
    unsigned n_bits = head & NX_LEARN_N_BITS_MASK, kind = head >> NX_LEARN_DST_SHIFT & 3;
    bool is_number = head & NX_LEARN_SRC_IMMEDIATE;
    if (head & (NX_LEARN_RESERVED | (NX_LEARN_N_BITS_MASK + 1)) || kind > LEARN_OUTPUT || !n_bits
        || n_bits > 128 || (is_number && kind == LEARN_OUTPUT)) {
        return OFPERR_BAD_ACTION_BAD_ARGUMENT;
    }
    spec->n_bits = (uint16_t) n_bits;
    spec->kind = (uint16_t) kind;
    int error = is_number ? decode_number(rest, n_bits, spec->value)
                          : decode_field(rest, n_bits, false, &spec->from);
    if (error || kind == LEARN_OUTPUT) {
        return error;
    }
    error = decode_field(rest, n_bits, kind == LEARN_LOAD, &spec->to);
    bool is_good = error || kind == LEARN_LOAD || nx_learn_can_match(&spec->to);
    return is_good ? error : OFPERR_BAD_ACTION_BAD_ARGUMENT;
}

/* Reads the specs. */
static int decode_specs(struct reader *r, struct action_learn *learn)
{
    struct reader rest;
    uint16_t head;
    int error;
    size_t left = r->left;
    while (!(error = pull_spec(r, &head, &rest)) && head) {
        if (learn->n_specs == LEARN_MAX_SPECS) {
            return OFPERR_BAD_ACTION_TOO_MANY;
        }
        error = decode_spec(head, &rest, &learn->specs[learn->n_specs++]);
        if (error) {
            return error;
        }
        left = r->left;
    }
    learn->end_size = (uint16_t) left;
    for (size_t i = 0; !error && i < r->left; i++) {
        error = r->data[i] ? OFPERR_BAD_ACTION_BAD_ARGUMENT : error;
    }
    return error;
}

int nx_learn_decode(const void *wire, struct action *a)
{
    const struct nx10_action_learn *w = wire;
    struct action_learn *learn = (struct action_learn *) a;
    struct reader r = specs_of(wire);
    uint16_t flags = ntohs(w->flags);
    a->cookie = ntohll(w->cookie);
    learn->idle_timeout = ntohs(w->idle_timeout);
    learn->hard_timeout = ntohs(w->hard_timeout);
    learn->priority = ntohs(w->priority);
    learn->fin_idle_timeout = ntohs(w->fin_idle_timeout);
    learn->fin_hard_timeout = ntohs(w->fin_hard_timeout);
    learn->flags = flags & NX_LEARN_F_SEND_FLOW_REM ? OFPFF_SEND_FLOW_REM : 0;
    learn->deletes_learnt = flags & NX_LEARN_F_DELETE_LEARNED;
    learn->table_id = w->table_id;
    if (flags & ~NX_LEARN_F_ALL || w->pad) {
        return OFPERR_BAD_ACTION_BAD_ARGUMENT;
    }
    return decode_specs(&r, learn);
}

const struct nx_field *nx_learn_misfit(const struct action_learn *learn)
{
    struct match known;
    match_init_any(&known);
    for (size_t i = 0; i < learn->n_specs; i++) {
        const struct learn_spec *spec = &learn->specs[i];
        if (spec->kind == LEARN_MATCH && !nx_field_fits_match(spec->to.field, &known)) {
            return spec->to.field;
        }
        if (spec->kind == LEARN_MATCH && !spec->from.field) {
            spec_match(spec, number_of(spec), &known);
        }
    }
    return NULL;
}

int nx_learn_check(const struct action *a, bool in_flow UNUSED)
{
    const struct action_learn *learn = (const struct action_learn *) a;
    return nx_learn_misfit(learn) || learn->table_id >= OFPTT_EMERG
               ? OFPERR_BAD_ACTION_BAD_ARGUMENT : 0;
}

/* Bytes of 'spec' on the wire. */
static size_t spec_wire_size(const struct learn_spec *spec)
{
    return HEAD_SIZE + (spec->from.field ? (size_t) FIELD_SIZE : number_size(spec->n_bits))
           + (spec->to.field ? FIELD_SIZE : 0);
}

size_t nx_learn_wire_size(const struct action *a)
{
    const struct action_learn *learn = (const struct action_learn *) a;
    size_t size = sizeof(struct nx10_action_learn) + learn->end_size;
    for (size_t i = 0; i < learn->n_specs; i++) {
        size += spec_wire_size(&learn->specs[i]);
    }
    return size;
}

void nx_learn_pad(struct action_learn *learn)
{
    learn->end_size = 0;
    learn->end_size = (uint16_t) (-nx_learn_wire_size(&learn->action) & 7);
}

/* Writes a field at 'to'; returns the place behind it. */
static uint8_t *encode_field(const struct nx_subfield *s, uint8_t *to)
{
    put_be32(to, s->field->header);
    put_be16(to + 4, s->offset);
    return to + FIELD_SIZE;
}

/* Writes a number at 'to'; returns the place behind it. */
static uint8_t *encode_number(const struct learn_spec *spec, uint8_t *to)
{
    nx_value x = number_of(spec);
    size_t size = number_size(spec->n_bits);
    for (size_t i = size; i-- > 0; x >>= 8) {
        to[i] = (uint8_t) x;
    }
    return to + size;
}

void nx_learn_encode(const struct action *a, void *wire)
{
    struct nx10_action_learn *w = wire;
    const struct action_learn *learn = (const struct action_learn *) a;
    uint8_t *to = (uint8_t *) (w + 1);
    w->cookie = htonll(a->cookie);
    w->idle_timeout = htons(learn->idle_timeout);
    w->hard_timeout = htons(learn->hard_timeout);
    w->priority = htons(learn->priority);
    w->flags = htons((learn->flags & OFPFF_SEND_FLOW_REM ? NX_LEARN_F_SEND_FLOW_REM : 0)
                     | (learn->deletes_learnt ? NX_LEARN_F_DELETE_LEARNED : 0));
    w->table_id = learn->table_id;
    w->fin_idle_timeout = htons(learn->fin_idle_timeout);
    w->fin_hard_timeout = htons(learn->fin_hard_timeout);
    for (size_t i = 0; i < learn->n_specs; i++) {
        const struct learn_spec *spec = &learn->specs[i];
        bool is_number = !spec->from.field;
        put_be16(to, (uint16_t) (spec->n_bits | spec->kind << NX_LEARN_DST_SHIFT
                                 | (is_number ? NX_LEARN_SRC_IMMEDIATE : 0)));
        to += HEAD_SIZE;
        to = is_number ? encode_number(spec, to) : encode_field(&spec->from, to);
        to = spec->to.field ? encode_field(&spec->to, to) : to;
    }
}

/* Learning ------------------------------------------------------------------------------------- */

/* The source of 'spec' as a number. */
static nx_value source(const struct learn_spec *spec, const struct flow *flow)
{
    const struct nx_subfield *from = &spec->from;
    return from->field ? nx_field_load(from->field, flow) >> from->offset & ones_of(spec)
                       : number_of(spec);
}

/* Appends the action 'type' of 'size' bytes, zeroed. */
static struct action *append(struct learnt_rule *rule, enum action_type type, size_t size)
{
    struct action *a = (struct action *) ((uint8_t *) rule->actions + rule->actions_size);
    memset(a, 0, size);
    a->type = type;
    a->size = (uint16_t) size;
    rule->actions_size += (uint32_t) size;
    return a;
}

/* LEARN_MATCH. */
static void learn_match(struct learnt_rule *rule, const struct learn_spec *spec, nx_value value)
{
    spec_match(spec, value, &rule->match);
}

/* LEARN_LOAD: in pieces of 64 bits. */
static void learn_load(struct learnt_rule *rule, const struct learn_spec *spec, nx_value value)
{
    for (unsigned done = 0; done < spec->n_bits; done += 64) {
        struct action_reg_load *load = (struct action_reg_load *) append(rule, ACTION_REG_LOAD,
                                                                         sizeof *load);
        uint64_t piece = (uint64_t) (value >> done);
        unsigned n_bits = MIN(spec->n_bits - done, 64u);
        load->action.value = n_bits < 64 ? piece & ((UINT64_C(1) << n_bits) - 1) : piece;
        load->to.field = spec->to.field;
        load->to.offset = (uint16_t) (spec->to.offset + done);
        load->to.n_bits = (uint16_t) n_bits;
    }
}

/* Whether a learnt rule may send to 'port': where it can have been learnt that somebody is, or to
 * many. That excludes CONTROLLER, from where packet_outs say to come: what answers them would
 * flood it. */
static bool is_learnt_port(nx_value port)
{
    return (port > 0 && port < OFPP_MAX) || port == OFPP_IN_PORT || port == OFPP_FLOOD
           || port == OFPP_ALL || port == OFPP_LOCAL;
}

/* LEARN_OUTPUT: a port that a learnt rule may not send to makes nothing. */
static void learn_output(struct learnt_rule *rule, const struct learn_spec *spec UNUSED,
                         nx_value value)
{
    if (is_learnt_port(value)) {
        struct action *a = append(rule, ACTION_OUTPUT, sizeof *a);
        a->output.port = (uint16_t) value;
    }
}

static void (*const makers[])(struct learnt_rule *rule, const struct learn_spec *spec,
                              nx_value value) = {
    [LEARN_MATCH] = learn_match,
    [LEARN_LOAD] = learn_load,
    [LEARN_OUTPUT] = learn_output,
};

/* The timeouts of a rule that is to have others after a FIN are that rule's first action. */
static void learn_fin_timeouts(struct learnt_rule *rule, const struct action_learn *learn)
{
    if (learn->fin_idle_timeout || learn->fin_hard_timeout) {
        struct action *a = append(rule, ACTION_FIN_TIMEOUT, sizeof *a);
        a->fin_timeout.idle = learn->fin_idle_timeout;
        a->fin_timeout.hard = learn->fin_hard_timeout;
    }
}

void learn_from(const struct action_learn *learn, const struct flow *flow,
                struct learnt_rule *rule)
{
    memset(rule, 0, sizeof *rule);
    rule->cookie = learn->action.cookie;
    rule->idle_timeout = learn->idle_timeout;
    rule->hard_timeout = learn->hard_timeout;
    rule->priority = learn->priority;
    rule->flags = learn->flags;
    rule->table_id = learn->table_id;
    rule->is_bound = learn->deletes_learnt;
    learn_fin_timeouts(rule, learn);
    for (size_t i = 0; i < learn->n_specs; i++) {
        const struct learn_spec *spec = &learn->specs[i];
        makers[spec->kind](rule, spec, source(spec, flow));
    }
}

struct action_list learnt_actions(const struct learnt_rule *rule)
{
    return (struct action_list){
        .first = rule->actions_size ? (struct action *) (uintptr_t) rule->actions : NULL,
        .size = rule->actions_size,
    };
}

size_t learnt_size(const struct learnt_rule *rule)
{
    return sizeof *rule + rule->actions_size;
}
