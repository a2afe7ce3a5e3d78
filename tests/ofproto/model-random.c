/* SPDX-License-Identifier: Apache-2.0 */
/* Random frames and parts of messages for the comparison of the switch with its model. */
#include "tests/ofproto/model-random.h"

#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/datapath/rule-maker.h"

unsigned random_below(struct model_random *r, unsigned n)
{
    return (unsigned) (next_random(&r->state) % n);
}

bool random_chance(struct model_random *r, unsigned percent)
{
    return random_below(r, 100) < percent;
}

static const uint16_t priorities[] = {0, 1, 5, 5, 100, 0x8000, 0xffff};
static const uint16_t ports[] = {0, 53, 80, 8080};
static const uint8_t all_tos[] = {0, 0x28, 0xb8};

/* What a frame may carry. */
static const struct {
    uint16_t dl_type;
    uint8_t proto;
} kinds[] = {
    {TYPE_IP, PROTO_TCP},   {TYPE_IP, PROTO_UDP},   {TYPE_IP, PROTO_TCP}, {TYPE_IP, PROTO_ICMP},
    {TYPE_IP, PROTO_UDP},   {TYPE_IP, 47},          {TYPE_ARP, 1},        {TYPE_ARP, 2},
    {TYPE_IP6, PROTO_UDP},  {TYPE_IP6, PROTO_ICMP6}, {TYPE_RARP, 3},      {0x88cc, 0},
    {TYPE_IP6, PROTO_TCP},  {TYPE_IP, 2},           {0x1234, 0},          {TYPE_IP, PROTO_TCP},
};

void random_frame(struct model_random *r, struct model_frame *f)
{
    static const uint16_t vids[] = {0, 1, 5, 4095};
    static const uint8_t pcps[] = {0, 3, 7};
    unsigned kind = random_below(r, ARRAY_SIZE(kinds));
    bool is_icmp = kinds[kind].proto == PROTO_ICMP || kinds[kind].proto == PROTO_ICMP6;
    *f = (struct model_frame) {
        .dl_src = 0x020000000001 + random_below(r, 3),
        .dl_dst = random_chance(r, 20) ? 0xffffffffffff : 0x020000000001 + random_below(r, 3),
        .is_tagged = random_chance(r, 40),
        .vid = RANDOM_OF(r, vids),
        .pcp = RANDOM_OF(r, pcps),
        .dl_type = kinds[kind].dl_type,
        .proto = kinds[kind].proto,
        .tos = (uint8_t) (RANDOM_OF(r, all_tos) | random_below(r, 2)),
        .sha = 0x020000000001,
        .src = 0x0a000000 + random_below(r, 8),
        .dst = 0x0a000000 + random_below(r, 2) * 256 + random_below(r, 3),
        .sport = is_icmp ? (uint16_t) random_below(r, 3) : RANDOM_OF(r, ports),
        .dport = is_icmp ? (uint16_t) random_below(r, 2) : RANDOM_OF(r, ports),
        .has_sum = random_chance(r, 80),
        .payload = (uint8_t) random_below(r, 24),
    };
    if (f->dl_type == TYPE_IP && random_chance(r, 10)) {
        f->fragment = random_chance(r, 50) ? FRAGMENT_FIRST : FRAGMENT_LATER;
    }
}

/* Wildcards of a match. */
static uint32_t random_wildcards(struct model_random *r)
{
    static const uint8_t ignored[] = {0, 0, 1, 2, 3, 8, 24, 31, 32, 32, 33, 63};
    static const uint8_t percents[] = {10, 30, 50, 70, 85, 95};
    static const uint32_t flags[] = {OFPFW_IN_PORT, OFPFW_DL_VLAN, OFPFW_DL_SRC, OFPFW_DL_DST,
        OFPFW_DL_TYPE, OFPFW_NW_PROTO, OFPFW_TP_SRC, OFPFW_TP_DST, OFPFW_DL_VLAN_PCP,
        OFPFW_NW_TOS};
    unsigned percent = RANDOM_OF(r, percents);
    uint32_t wildcards = random_chance(r, 10) ? UINT32_C(0xffc00000) : 0;
    if (random_chance(r, 6)) {
        return wildcards;
    } else if (random_chance(r, 3)) {
        return wildcards | OFPFW_ALL;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(flags); i++) {
        wildcards |= random_chance(r, percent) ? flags[i] : 0;
    }
    wildcards |= (uint32_t) RANDOM_OF(r, ignored) << OFPFW_NW_SRC_SHIFT;
    return wildcards | (uint32_t) RANDOM_OF(r, ignored) << OFPFW_NW_DST_SHIFT;
}

/* Appends a random match: often one that some frames match, sometimes that of a rule. */
void random_put_match(struct model_random *r, unsigned percent_known, uint16_t *priority)
{
    struct model_match all = {.value = {0}};
    struct model_frame f;
    *priority = RANDOM_OF(r, priorities);
    if (r->m->n_rules && random_chance(r, percent_known)) {
        const struct model_rule *rule = &r->m->rules[random_below(r, (unsigned) r->m->n_rules)];
        *priority = random_chance(r, 90) ? rule->priority : *priority;
        bytes_put(r->msg, rule->wire, sizeof rule->wire);
        return;
    }
    size_t at = r->msg->size;
    random_frame(r, &f);
    model_frame_fields(&f, (uint16_t) (1 + random_below(r, MODEL_PORTS + 1)), all.value);
    model_match_write(&all, r->msg);
    uint32_t wildcards = random_wildcards(r);
    for (unsigned i = 0; i < 4; i++) {
        r->msg->data[at + i] = (uint8_t) (wildcards >> 8 * (3 - i));
    }
    r->msg->data[at + 18] |= random_chance(r, 2) && f.is_tagged ? 0x30 : 0;
    r->msg->data[at + 20] |= random_chance(r, 3) ? 0x48 : 0;
}

/* Appends an action of 'type' with 'size' bytes of argument 'x' (the first of 'all' bytes). */
void random_put_action(struct model_random *r, uint16_t type, uint64_t x, unsigned size,
                       unsigned all)
{
    uint8_t pad = random_chance(r, 10) ? 0xa5 : 0;
    bytes_put_be16(r->msg, type);
    bytes_put_be16(r->msg, (uint16_t) (all + 4));
    for (unsigned i = 0; i < all; i++) {
        bytes_put_u8(r->msg, i < size ? (uint8_t) (x >> 8 * (size - 1 - i)) : pad);
    }
}

/* Appends an OUTPUT or ENQUEUE. */
static void put_output(struct model_random *r)
{
    static const uint16_t reserved[] = {
        OFPP_IN_PORT, OFPP_FLOOD, OFPP_ALL, OFPP_CONTROLLER, OFPP_CONTROLLER, OFPP_LOCAL};
    static const uint16_t bad[] = {0, OFPP_TABLE, OFPP_NONE, 0xff00, 0xfff7};
    uint16_t port = (uint16_t) (1 + random_below(r, MODEL_PORTS + 1));
    if (random_chance(r, 10)) {
        random_put_action(r, OFPAT_ENQUEUE, port, 2, 8);
        bytes_put_be32(r->msg, 0);
        r->msg->data[r->msg->size - 13] = 16;
        return;
    }
    port = random_chance(r, 35) ? RANDOM_OF(r, reserved) : port;
    port = random_chance(r, 1) ? RANDOM_OF(r, bad) : port;
    random_put_action(r, OFPAT_OUTPUT, (uint64_t) port << 16 | random_below(r, 90), 4, 4);
}

/* Appends an action that changes the packet. */
static void put_change(struct model_random *r)
{
    static const uint16_t types[] = {OFPAT_SET_VLAN_VID, OFPAT_SET_VLAN_PCP, OFPAT_STRIP_VLAN,
        OFPAT_SET_DL_SRC, OFPAT_SET_DL_DST, OFPAT_SET_NW_SRC, OFPAT_SET_NW_DST, OFPAT_SET_NW_TOS,
        OFPAT_SET_TP_SRC, OFPAT_SET_TP_DST};
    uint16_t type = RANDOM_OF(r, types);
    unsigned x = random_below(r, 5);
    switch (type) {
    case OFPAT_SET_VLAN_VID:
        random_put_action(r, type, random_chance(r, 2) ? 4096 : x, 2, 4);
        break;
    case OFPAT_SET_VLAN_PCP:
        random_put_action(r, type, random_chance(r, 2) ? 8 : x, 1, 4);
        break;
    case OFPAT_STRIP_VLAN:
        random_put_action(r, type, 0, 0, 4);
        break;
    case OFPAT_SET_DL_SRC:
    case OFPAT_SET_DL_DST:
        random_put_action(r, type, 0x020000000101 + x, 6, 12);
        break;
    case OFPAT_SET_NW_SRC:
    case OFPAT_SET_NW_DST:
        random_put_action(r, type, 0xc0a80000 + x, 4, 4);
        break;
    case OFPAT_SET_NW_TOS:
        random_put_action(r, type, random_chance(r, 2) ? 1 : RANDOM_OF(r, all_tos), 1, 4);
        break;
    default:
        random_put_action(r, type, RANDOM_OF(r, ports), 2, 4);
        break;
    }
}

/* Appends up to five actions. */
void random_put_actions(struct model_random *r)
{
    for (unsigned n = random_below(r, 6); n > 0; n--) {
        if (random_chance(r, 65)) {
            put_output(r);
        } else {
            put_change(r);
        }
    }
}

uint32_t random_buffer(struct model_random *r)
{
    size_t n = MIN(r->m->n_buffers, (size_t) MODEL_BUFFERS);
    return n && !random_chance(r, 3) ? r->m->buffers[random_below(r, (unsigned) n)].id : 0x7ff00000;
}
