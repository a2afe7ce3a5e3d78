/* SPDX-License-Identifier: Apache-2.0 */
/* A switch of OpenFlow 1.0 that is slow and obviously right: what the real one is compared with. */
#include "tests/ofproto/model-switch.h"

#include <string.h>

#include "lib/openflow/openflow-1.0.h"
#include "tests/unit.h"

/* Only constants are taken from lib/openflow. Messages are read by the offsets that the standard's
 * drawings have. */
enum {
    AT_MATCH = 8, AT_COOKIE = 48, AT_COMMAND = 56, AT_IDLE = 58, AT_HARD = 60, AT_PRIORITY = 62,
    AT_BUFFER = 64, AT_OUT_PORT = 68, AT_FLAGS = 70, AT_ACTIONS = 72,
};

#define EXACT_PRECEDENCE 0x10000u
#define BUFFER_AGE (5 * SEC)
#define NO_BUFFER UINT32_MAX

/* An error's type and code in one number. */
#define ERROR(type, code) ((uint32_t) (type) << 16 | (code))

/* Reads 'size' bytes, the highest first. */
static uint64_t get(const uint8_t *p, unsigned size)
{
    uint64_t x = 0;
    while (size--) {
        x = x << 8 | *p++;
    }
    return x;
}

/* Appends the low 'size' bytes of 'x', the highest first. */
static void put(struct bytes *b, uint64_t x, unsigned size)
{
    while (size--) {
        bytes_put_u8(b, (uint8_t) (x >> 8 * size));
    }
}

/* Matches -------------------------------------------------------------------------------------- */

/* Where a field stands in struct ofp_match, and what of it counts. */
static const struct {
    unsigned offset;    /* In the match, bytes. */
    unsigned size;      /* Bytes. */
    uint32_t wildcard;  /* Bit of 'wildcards'; 0: an address. */
    unsigned shift;     /* An address: of its count of ignored bits in 'wildcards'. */
    uint64_t bits;      /* Bits that count. */
    unsigned weight;    /* How many bits count for what is more specific. */
} fields[N_FIELDS] = {
    [F_IN_PORT] = {4, 2, OFPFW_IN_PORT, 0, 0xffff, 32},
    [F_DL_SRC] = {6, 6, OFPFW_DL_SRC, 0, 0xffffffffffff, 48},
    [F_DL_DST] = {12, 6, OFPFW_DL_DST, 0, 0xffffffffffff, 48},
    [F_DL_VLAN] = {18, 2, OFPFW_DL_VLAN, 0, 0xffff, 13},
    [F_DL_VLAN_PCP] = {20, 1, OFPFW_DL_VLAN_PCP, 0, 7, 3},
    [F_DL_TYPE] = {22, 2, OFPFW_DL_TYPE, 0, 0xffff, 16},
    [F_NW_TOS] = {24, 1, OFPFW_NW_TOS, 0, 0xfc, 6},
    [F_NW_PROTO] = {25, 1, OFPFW_NW_PROTO, 0, 0xff, 8},
    [F_NW_SRC] = {28, 4, 0, OFPFW_NW_SRC_SHIFT, 0xffffffff, 32},
    [F_NW_DST] = {32, 4, 0, OFPFW_NW_DST_SHIFT, 0xffffffff, 32},
    [F_TP_SRC] = {36, 2, OFPFW_TP_SRC, 0, 0xffff, 16},
    [F_TP_DST] = {38, 2, OFPFW_TP_DST, 0, 0xffff, 16},
};

/* Takes field 'f' out of a match. */
static void ignore(struct model_match *match, enum model_field f)
{
    match->value[f] = match->mask[f] = 0;
}

/* Ignores fields without a meaning (A3.12). */
static void normalise(struct model_match *match)
{
    uint64_t type = match->mask[F_DL_TYPE] ? match->value[F_DL_TYPE] : 0;
    bool ip = type == TYPE_IP, ip6 = type == TYPE_IP6;
    bool arp = type == TYPE_ARP || type == TYPE_RARP;
    if (!ip && !ip6) {
        ignore(match, F_NW_TOS);
    }
    if (!ip && !arp) {
        ignore(match, F_NW_SRC);
        ignore(match, F_NW_DST);
    }
    if (!ip && !ip6 && !arp) {
        ignore(match, F_NW_PROTO);
    }
    uint64_t proto = (ip || ip6) && match->mask[F_NW_PROTO] ? match->value[F_NW_PROTO] : 0;
    bool icmp = proto == PROTO_ICMP ? ip : proto == PROTO_ICMP6 && ip6;
    if (icmp) {
        match->value[F_TP_SRC] &= 0xff;
        match->value[F_TP_DST] &= 0xff;
    } else if (proto != PROTO_TCP && proto != PROTO_UDP && proto != PROTO_SCTP) {
        ignore(match, F_TP_SRC);
        ignore(match, F_TP_DST);
    }
}

bool model_match_read(struct model_match *match, const uint8_t *wire)
{
    uint32_t wildcards = (uint32_t) get(wire, 4) & OFPFW_ALL;
    for (unsigned f = 0; f < N_FIELDS; f++) {
        unsigned ignored = wildcards >> fields[f].shift & 63;
        match->mask[f] = fields[f].wildcard ? wildcards & fields[f].wildcard ? 0 : fields[f].bits
                         : ignored >= 32    ? 0
                                            : UINT32_MAX >> ignored << ignored;
        match->value[f] = get(wire + fields[f].offset, fields[f].size) & match->mask[f];
    }
    if (match->mask[F_DL_VLAN] && match->value[F_DL_VLAN] == OFP_VLAN_NONE) {
        match->value[F_DL_VLAN_PCP] = 0;
    } else if (match->mask[F_DL_VLAN]) {
        match->value[F_DL_VLAN] &= 0xfff;
    }
    normalise(match);
    return !wildcards;
}

void model_match_write(const struct model_match *match, struct bytes *out)
{
    uint8_t wire[40] = {0};
    uint32_t wildcards = 0;
    for (unsigned f = 0; f < N_FIELDS; f++) {
        if (fields[f].wildcard) {
            wildcards |= match->mask[f] ? 0 : fields[f].wildcard;
        } else {
            wildcards |= (32u - (unsigned) __builtin_popcountll(match->mask[f])) << fields[f].shift;
        }
        for (unsigned i = 0; i < fields[f].size; i++) {
            wire[fields[f].offset + i]
                = (uint8_t) (match->value[f] >> 8 * (fields[f].size - 1 - i));
        }
    }
    put(out, wildcards, 4);
    bytes_put(out, wire + 4, sizeof wire - 4);
}

bool model_match_within(const struct model_match *a, const struct model_match *b)
{
    for (unsigned f = 0; f < N_FIELDS; f++) {
        if (b->mask[f] & ~a->mask[f] || (a->value[f] ^ b->value[f]) & b->mask[f]) {
            return false;
        }
    }
    return true;
}

static bool is_same(const struct model_match *a, const struct model_match *b)
{
    return model_match_within(a, b) && model_match_within(b, a);
}

static bool overlaps(const struct model_match *a, const struct model_match *b)
{
    for (unsigned f = 0; f < N_FIELDS; f++) {
        if ((a->value[f] ^ b->value[f]) & a->mask[f] & b->mask[f]) {
            return false;
        }
    }
    return true;
}

static bool matches(const struct model_match *match, const uint64_t values[N_FIELDS])
{
    for (unsigned f = 0; f < N_FIELDS; f++) {
        if ((match->value[f] ^ values[f]) & match->mask[f]) {
            return false;
        }
    }
    return true;
}

/* How specific a match is. */
static unsigned weight(const struct model_match *match)
{
    unsigned sum = 0;
    for (unsigned f = 0; f < N_FIELDS; f++) {
        sum += fields[f].wildcard ? match->mask[f] ? fields[f].weight : 0
                                  : (unsigned) __builtin_popcountll(match->mask[f]);
    }
    return sum;
}

/* What has to come ----------------------------------------------------------------------------- */

/* Adds a message of 'type', without its length as yet. */
static struct model_message *begin(struct model *m, uint8_t type)
{
    assert_in_range(m->n_messages, 0, MODEL_MESSAGES - 1);
    struct model_message *message = &m->messages[m->n_messages++];
    bytes_clear(&message->bytes);
    put(&message->bytes, OFP10_VERSION, 1);
    put(&message->bytes, type, 1);
    put(&message->bytes, 0, 6);
    return message;
}

/* Writes its length. */
static void end(struct model_message *message)
{
    message->bytes.data[2] = (uint8_t) (message->bytes.size >> 8);
    message->bytes.data[3] = (uint8_t) message->bytes.size;
}

void model_error(struct model *m, uint32_t error, const uint8_t *msg, size_t size)
{
    struct model_message *message = begin(m, OFPT_ERROR);
    memcpy(message->bytes.data + 4, msg + 4, 4);
    put(&message->bytes, error, 4);
    bytes_put(&message->bytes, msg, size);
    end(message);
}

/* Has to come: a packet_in with the first 'limit' bytes at most. */
static void packet_in(struct model *m, const struct model_frame *f, uint16_t in_port,
                      uint8_t reason, uint16_t limit)
{
    struct model_message *message = begin(m, OFPT_PACKET_IN);
    struct bytes frame = BYTES_INIT;
    model_frame_build(f, &frame);
    put(&message->bytes, 0, 4);
    put(&message->bytes, frame.size, 2);
    put(&message->bytes, in_port, 2);
    put(&message->bytes, reason, 1);
    put(&message->bytes, 0, 1);
    bytes_put(&message->bytes, frame.data, frame.size < limit ? frame.size : limit);
    end(message);
    message->frame = *f;
    message->in_port = in_port;
    bytes_uninit(&frame);
}

/* Has to come: a frame out of 'port', if there is such a port. */
static void send_frame(struct model *m, const struct model_frame *f, uint16_t port)
{
    if (port >= 1 && port <= MODEL_PORTS && !(m->config[port] & OFPPC_NO_FWD)) {
        struct bytes frame = BYTES_INIT;
        model_frame_build(f, &frame);
        put(&m->frames[port], frame.size, 2);
        bytes_put(&m->frames[port], frame.data, frame.size);
        bytes_uninit(&frame);
    }
}

/* Has to come: a flow_removed, if it was wanted. */
static void flow_removed(struct model *m, const struct model_rule *rule, uint8_t reason,
                         int64_t now)
{
    if (!(rule->flags & OFPFF_SEND_FLOW_REM)) {
        return;
    }
    struct model_message *message = begin(m, OFPT_FLOW_REMOVED);
    model_match_write(&rule->match, &message->bytes);
    put(&message->bytes, rule->cookie, 8);
    put(&message->bytes, rule->priority, 2);
    put(&message->bytes, reason, 1);
    put(&message->bytes, 0, 1);
    put(&message->bytes, (uint64_t) ((now - rule->created) / SEC), 4);
    put(&message->bytes, (uint64_t) ((now - rule->created) % SEC), 4);
    put(&message->bytes, rule->idle_timeout, 2);
    put(&message->bytes, 0, 2);
    put(&message->bytes, rule->packets, 8);
    put(&message->bytes, rule->bytes, 8);
    end(message);
}

/* Actions -------------------------------------------------------------------------------------- */

/* For each action: its size, and how many bytes from which offset on mean something (5.2.4). */
static const struct {
    unsigned size;
    unsigned from[2];
    unsigned n[2];
} actions[] = {
    [OFPAT_OUTPUT] = {8, {4}, {4}},       [OFPAT_SET_VLAN_VID] = {8, {4}, {2}},
    [OFPAT_SET_VLAN_PCP] = {8, {4}, {1}}, [OFPAT_STRIP_VLAN] = {8, {0}, {0}},
    [OFPAT_SET_DL_SRC] = {16, {4}, {6}},  [OFPAT_SET_DL_DST] = {16, {4}, {6}},
    [OFPAT_SET_NW_SRC] = {8, {4}, {4}},   [OFPAT_SET_NW_DST] = {8, {4}, {4}},
    [OFPAT_SET_NW_TOS] = {8, {4}, {1}},   [OFPAT_SET_TP_SRC] = {8, {4}, {2}},
    [OFPAT_SET_TP_DST] = {8, {4}, {2}},   [OFPAT_ENQUEUE] = {16, {4, 12}, {2, 4}},
};

/* What is wrong with the action at 'a' of a rule, or 0. */
static uint32_t action_error(const uint8_t *a)
{
    uint64_t type = get(a, 2), x = get(a + 4, 2);
    bool is_way_out = type == OFPAT_OUTPUT || type == OFPAT_ENQUEUE;
    bool is_no_port = x == 0 || x == OFPP_TABLE || x == OFPP_NONE;
    if (is_way_out && (is_no_port || (x >= OFPP_MAX && x < OFPP_IN_PORT))) {
        return ERROR(OFPET_BAD_ACTION, OFPBAC_BAD_OUT_PORT);
    }
    if ((type == OFPAT_SET_VLAN_VID && x > 4095) || (type == OFPAT_SET_VLAN_PCP && a[4] > 7)
        || (type == OFPAT_SET_NW_TOS && a[4] & 3)) {
        return ERROR(OFPET_BAD_ACTION, OFPBAC_BAD_ARGUMENT);
    }
    return 0;
}

/* What is wrong with a list of a rule, or 0. */
static uint32_t actions_error(const uint8_t *list, size_t size)
{
    uint32_t error = 0;
    for (size_t at = 0; at < size && !error; at += get(list + at + 2, 2)) {
        error = action_error(list + at);
    }
    return error;
}

/* Copies a list with its paddings made zero. */
static void copy_actions(uint8_t *to, const uint8_t *list, size_t size)
{
    memset(to, 0, size);
    for (size_t at = 0; at < size; at += get(list + at + 2, 2)) {
        uint64_t type = get(list + at, 2);
        memcpy(to + at, list + at, 4);
        for (unsigned i = 0; i < 2; i++) {
            size_t from = at + actions[type].from[i];
            memcpy(to + from, list + from, actions[type].n[i]);
        }
    }
}

bool model_sends_to(const struct model_rule *rule, uint16_t port)
{
    for (size_t at = 0; at < rule->actions_size; at += get(rule->actions + at + 2, 2)) {
        uint64_t type = get(rule->actions + at, 2);
        if ((type == OFPAT_OUTPUT || type == OFPAT_ENQUEUE)
            && get(rule->actions + at + 4, 2) == port) {
            return true;
        }
    }
    return false;
}

/* OUTPUT and ENQUEUE. */
static void output(struct model *m, const uint8_t *a, const struct model_frame *f,
                   uint16_t in_port)
{
    uint16_t port = (uint16_t) get(a + 4, 2);
    if (port == OFPP_CONTROLLER) {
        packet_in(m, f, in_port, OFPR_ACTION, (uint16_t) get(a + 6, 2));
    } else if (port == OFPP_ALL || port == OFPP_FLOOD) {
        for (uint16_t i = 1; i <= MODEL_PORTS; i++) {
            bool is_closed = port == OFPP_FLOOD && m->config[i] & OFPPC_NO_FLOOD;
            send_frame(m, f, i == in_port || is_closed ? 0 : i);
        }
    } else if (port == OFPP_IN_PORT) {
        send_frame(m, f, in_port);
    } else if (port != in_port) {
        send_frame(m, f, port);
    }
}

/* Changes 'f' as a SET action, or STRIP_VLAN, says. */
static void change(struct model_frame *f, const uint8_t *a)
{
    uint64_t type = get(a, 2), x = get(a + 4, actions[type].n[0]);
    bool has_ports = (f->proto == PROTO_TCP || f->proto == PROTO_UDP)
                     && (f->dl_type == TYPE_IP || f->dl_type == TYPE_IP6)
                     && f->fragment != FRAGMENT_LATER;
    if (type == OFPAT_SET_VLAN_VID || type == OFPAT_SET_VLAN_PCP) {
        f->vid = type == OFPAT_SET_VLAN_VID ? (uint16_t) x : f->is_tagged ? f->vid : 0;
        f->pcp = type == OFPAT_SET_VLAN_PCP ? (uint8_t) x : f->is_tagged ? f->pcp : 0;
    }
    f->is_tagged |= type == OFPAT_SET_VLAN_VID || type == OFPAT_SET_VLAN_PCP;
    f->is_tagged &= type != OFPAT_STRIP_VLAN;
    f->dl_src = type == OFPAT_SET_DL_SRC ? x : f->dl_src;
    f->dl_dst = type == OFPAT_SET_DL_DST ? x : f->dl_dst;
    if (f->dl_type == TYPE_IP) {
        f->src = type == OFPAT_SET_NW_SRC ? (uint32_t) x : f->src;
        f->dst = type == OFPAT_SET_NW_DST ? (uint32_t) x : f->dst;
    }
    if (type == OFPAT_SET_NW_TOS) {
        f->tos = (uint8_t) (x | (f->tos & 3));
    }
    if (has_ports) {
        f->sport = type == OFPAT_SET_TP_SRC ? (uint16_t) x : f->sport;
        f->dport = type == OFPAT_SET_TP_DST ? (uint16_t) x : f->dport;
    }
}

void model_execute(struct model *m, const uint8_t *list, size_t size, const struct model_frame *f,
                   uint16_t in_port)
{
    struct model_frame frame = *f;
    for (size_t at = 0; at < size; at += get(list + at + 2, 2)) {
        uint64_t type = get(list + at, 2);
        if (type == OFPAT_OUTPUT || type == OFPAT_ENQUEUE) {
            output(m, list + at, &frame, in_port);
        } else {
            change(&frame, list + at);
        }
    }
}

/* Packets -------------------------------------------------------------------------------------- */

/* Counts 'f' for 'rule'. */
static void count(const struct model *m, struct model_rule *rule, const struct model_frame *f)
{
    struct bytes frame = BYTES_INIT;
    model_frame_build(f, &frame);
    rule->packets++;
    rule->bytes += frame.size;
    rule->used = m->now;
    bytes_uninit(&frame);
}

size_t model_candidates(struct model *m, const uint64_t values[N_FIELDS],
                        struct model_rule *rules[MODEL_RULES])
{
    size_t n = 0;
    uint64_t best = 0;
    for (size_t i = 0; i < m->n_rules; i++) {
        struct model_rule *rule = &m->rules[i];
        uint64_t rank = (uint64_t) rule->precedence << 32 | weight(&rule->match);
        if (!matches(&rule->match, values) || (n && rank < best)) {
            continue;
        }
        n = rank > best ? 0 : n;
        best = rank;
        rules[n++] = rule;
    }
    return n;
}

bool model_may_receive(const struct model *m, uint16_t port)
{
    return !(m->config[port] & OFPPC_NO_RECV);
}

void model_receive(struct model *m, const struct model_frame *f, uint16_t in_port,
                   struct model_rule *rule)
{
    m->lookups++;
    if (!rule && in_port <= MODEL_PORTS && m->config[in_port] & OFPPC_NO_PACKET_IN) {
        return;
    } else if (!rule) {
        packet_in(m, f, in_port, OFPR_NO_MATCH, m->miss_send_len);
        return;
    }
    m->matches++;
    count(m, rule, f);
    model_execute(m, rule->actions, rule->actions_size, f, in_port);
}

void model_keep(struct model *m, uint32_t id, const struct model_frame *f, uint16_t in_port)
{
    m->buffers[m->n_buffers++ % MODEL_BUFFERS]
        = (struct model_buffer) {.id = id, .in_port = in_port, .frame = *f, .since = m->now};
}

uint32_t model_release(struct model *m, uint32_t id, const uint8_t *list, size_t size,
                       struct model_rule *rule)
{
    struct model_buffer *buffer = NULL;
    for (size_t i = 0; i < MODEL_BUFFERS && i < m->n_buffers; i++) {
        buffer = m->buffers[i].id == id ? &m->buffers[i] : buffer;
    }
    if (buffer && buffer->is_used) {
        return ERROR(OFPET_BAD_REQUEST, OFPBRC_BUFFER_EMPTY);
    }
    if (!buffer || m->now - buffer->since >= BUFFER_AGE) {
        return ERROR(OFPET_BAD_REQUEST, OFPBRC_BUFFER_UNKNOWN);
    }
    buffer->is_used = true;
    if (rule) {
        count(m, rule, &buffer->frame);
    }
    model_execute(m, list, size, &buffer->frame, buffer->in_port);
    return 0;
}

/* flow_mod ------------------------------------------------------------------------------------- */

/* A flow_mod that has been read. */
struct request {
    struct model_match match;
    uint32_t precedence;
    uint16_t command, out_port, flags;
    const uint8_t *msg;
    size_t size;
};

/* The rule of the same match and priority, or NULL. */
static struct model_rule *find(struct model *m, const struct request *r)
{
    for (size_t i = 0; i < m->n_rules; i++) {
        struct model_rule *rule = &m->rules[i];
        if (rule->precedence == r->precedence && is_same(&rule->match, &r->match)) {
            return rule;
        }
    }
    return NULL;
}

/* Lets a strict command name a rule without wildcards as it is shown, if it names none else. */
static void name_as_shown(struct model *m, struct request *r)
{
    bool is_strict = r->command == OFPFC_MODIFY_STRICT || r->command == OFPFC_DELETE_STRICT;
    uint32_t precedence = r->precedence;
    if (is_strict && !find(m, r)) {
        r->precedence = EXACT_PRECEDENCE;
        const struct model_rule *rule = find(m, r);
        r->precedence = rule && rule->priority == precedence ? EXACT_PRECEDENCE : precedence;
    }
}

/* Does the command concern 'rule'? */
static bool concerns(const struct request *r, const struct model_rule *rule)
{
    bool is_delete = r->command == OFPFC_DELETE || r->command == OFPFC_DELETE_STRICT;
    bool is_strict = r->command == OFPFC_MODIFY_STRICT || r->command == OFPFC_DELETE_STRICT;
    if (is_strict && !(rule->precedence == r->precedence && is_same(&rule->match, &r->match))) {
        return false;
    }
    return model_match_within(&rule->match, &r->match)
           && (!is_delete || r->out_port == OFPP_NONE || model_sends_to(rule, r->out_port));
}

/* ADD. Returns an error or 0. */
static uint32_t add(struct model *m, const struct request *r)
{
    for (size_t i = 0; i < m->n_rules && r->flags & OFPFF_CHECK_OVERLAP; i++) {
        if (m->rules[i].precedence == r->precedence && overlaps(&m->rules[i].match, &r->match)) {
            return ERROR(OFPET_FLOW_MOD_FAILED, OFPFMFC_OVERLAP);
        }
    }
    struct model_rule *rule = find(m, r);
    if (!rule && m->n_rules == MODEL_RULES) {
        return ERROR(OFPET_FLOW_MOD_FAILED, OFPFMFC_ALL_TABLES_FULL);
    }
    rule = rule ? rule : &m->rules[m->n_rules++];
    *rule = (struct model_rule) {
        .match = r->match,
        .precedence = r->precedence,
        .priority = (uint16_t) get(r->msg + AT_PRIORITY, 2),
        .idle_timeout = (uint16_t) get(r->msg + AT_IDLE, 2),
        .hard_timeout = (uint16_t) get(r->msg + AT_HARD, 2),
        .flags = r->flags,
        .cookie = get(r->msg + AT_COOKIE, 8),
        .actions_size = r->size - AT_ACTIONS,
        .created = m->now,
        .used = m->now,
    };
    copy_actions(rule->actions, r->msg + AT_ACTIONS, rule->actions_size);
    memcpy(rule->wire, r->msg + AT_MATCH, sizeof rule->wire);
    return 0;
}

/* MODIFY of one rule. */
static void modify(struct model_rule *rule, const struct request *r)
{
    uint64_t cookie = get(r->msg + AT_COOKIE, 8);
    rule->cookie = cookie == UINT64_MAX ? rule->cookie : cookie;
    rule->actions_size = r->size - AT_ACTIONS;
    copy_actions(rule->actions, r->msg + AT_ACTIONS, rule->actions_size);
}

/* Takes rule 'i' out. */
static void remove_rule(struct model *m, size_t i, uint8_t reason, int64_t now)
{
    flow_removed(m, &m->rules[i], reason, now);
    m->n_rules--;
    memmove(&m->rules[i], &m->rules[i + 1], (m->n_rules - i) * sizeof m->rules[0]);
}

/* DELETE and DELETE_STRICT. */
static void delete(struct model *m, const struct request *r)
{
    for (size_t i = 0; i < m->n_rules;) {
        if (concerns(r, &m->rules[i])) {
            remove_rule(m, i, OFPRR_DELETE, m->now);
        } else {
            i++;
        }
    }
}

/* Changes the rules as 'r' says. Returns an error or 0. */
static uint32_t apply(struct model *m, const struct request *r)
{
    bool any = false;
    if (r->command == OFPFC_DELETE || r->command == OFPFC_DELETE_STRICT) {
        delete(m, r);
        return 0;
    }
    for (size_t i = 0; i < m->n_rules && r->command != OFPFC_ADD; i++) {
        if (concerns(r, &m->rules[i])) {
            modify(&m->rules[i], r);
            any = true;
        }
    }
    return any ? 0 : add(m, r);
}

void model_flow_mod(struct model *m, const uint8_t *msg, size_t size)
{
    struct request r = {
        .command = (uint16_t) get(msg + AT_COMMAND, 2),
        .out_port = (uint16_t) get(msg + AT_OUT_PORT, 2),
        .flags = (uint16_t) get(msg + AT_FLAGS, 2),
        .msg = msg,
        .size = size,
    };
    uint32_t buffer = (uint32_t) get(msg + AT_BUFFER, 4);
    bool is_exact = model_match_read(&r.match, msg + AT_MATCH);
    r.precedence = is_exact ? EXACT_PRECEDENCE : (uint32_t) get(msg + AT_PRIORITY, 2);
    uint32_t error = actions_error(msg + AT_ACTIONS, size - AT_ACTIONS);
    if (!error && r.command > OFPFC_DELETE_STRICT) {
        error = ERROR(OFPET_FLOW_MOD_FAILED, OFPFMFC_BAD_COMMAND);
    }
    if (!error && r.flags & ~(OFPFF_SEND_FLOW_REM | OFPFF_CHECK_OVERLAP)) {
        error = ERROR(OFPET_FLOW_MOD_FAILED, OFPFMFC_UNSUPPORTED);
    }
    name_as_shown(m, &r);
    error = error ? error : apply(m, &r);
    if (!error && buffer != NO_BUFFER && r.command <= OFPFC_MODIFY_STRICT) {
        error = model_release(m, buffer, msg + AT_ACTIONS, size - AT_ACTIONS, find(m, &r));
    }
    if (error) {
        model_error(m, error, msg, size);
    }
}

/* Time and life -------------------------------------------------------------------------------- */

/* When 'rule' ends; its '*reason'. */
static int64_t deadline(const struct model_rule *rule, uint8_t *reason)
{
    int64_t hard = rule->hard_timeout ? rule->created + rule->hard_timeout * SEC : INT64_MAX;
    int64_t idle = rule->idle_timeout ? rule->used + rule->idle_timeout * SEC : INT64_MAX;
    *reason = hard <= idle ? OFPRR_HARD_TIMEOUT : OFPRR_IDLE_TIMEOUT;
    return hard <= idle ? hard : idle;
}

void model_pass(struct model *m, int64_t period)
{
    m->now += period;
    for (size_t i = 0; i < m->n_rules;) {
        uint8_t reason;
        int64_t end_of_rule = deadline(&m->rules[i], &reason);
        if (end_of_rule <= m->now) {
            remove_rule(m, i, reason, end_of_rule);
        } else {
            i++;
        }
    }
}

void model_clear(struct model *m)
{
    m->n_messages = 0;
    for (unsigned i = 0; i <= MODEL_PORTS; i++) {
        bytes_clear(&m->frames[i]);
    }
}

void model_init(struct model *m, int64_t now)
{
    memset(m, 0, sizeof *m);
    m->now = now;
    m->miss_send_len = OFP_DEFAULT_MISS_SEND_LEN;
}

void model_uninit(struct model *m)
{
    for (unsigned i = 0; i < MODEL_MESSAGES; i++) {
        bytes_uninit(&m->messages[i].bytes);
    }
    for (unsigned i = 0; i <= MODEL_PORTS; i++) {
        bytes_uninit(&m->frames[i]);
    }
}
