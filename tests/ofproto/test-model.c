/* SPDX-License-Identifier: Apache-2.0 */
/* The switch and an obviously right model of it get the same random events and do the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/packet.h"
#include "lib/util.h"
#include "ofproto/scenario-peer.h"
#include "ofproto/scenario-world.h"
#include "tests/datapath/rule-maker.h"
#include "tests/ofproto/model-random.h"
#include "tests/unit.h"

/* Each step is one event: a message, a frame, or time that passes. Then the switch has settled, and
 * everything that came out of it is what the model says, byte by byte: frames of each port,
 * messages, and in answers to requests all rules with their counters and durations.
 *
 * A failure tells seed and step; the same seed fails in the same step again:
 *
 *     tests/ofproto/test-model --seed 1 --steps 5000 --trace */

enum {
    STEPS = 100000,          /* Steps by default. */
    STEPS_SANITIZED = 10000, /* The same under a sanitizer. */
    ORDERS = 512,            /* Pairs of masks of which it is remembered which one won. */
    ENTRY_SIZE = 88,         /* Bytes of a flow statistics entry without actions. */
    STATS_SIZE = 12,         /* Bytes before the entries. */
    BATCH = 6,               /* Frames that come at once at most. */
};

/* What is asked for on the command line. */
struct options {
    uint64_t steps; /* Steps. */
    uint64_t seed;  /* Of the sequence of random numbers. */
    bool trace;     /* Prints events. */
};

/* Which of two masks won between rules that compare as many bits. */
struct order {
    uint64_t winner[N_FIELDS]; /* One mask. */
    uint64_t loser[N_FIELDS];  /* The other. */
};

/* A run. */
struct run {
    struct options options;                  /* As asked for. */
    uint64_t step;                           /* Steps done. */
    struct model_random random;              /* The sequence, for 'msg' and 'm'. */
    uint32_t xid;                            /* Of the last message. */
    struct world w;                          /* Where the switch is. */
    struct world_port *ports[MODEL_PORTS + 1]; /* Its ports. */
    struct peer *peer;                       /* Its controller. */
    struct model m;                          /* The model. */
    struct bytes msg;                        /* The message under way. */
    struct order orders[ORDERS];             /* The last ones. */
    size_t n_orders;                         /* Ever. */
    size_t n_ties, n_hits, n_misses, n_errors, n_removed; /* What has happened, for people. */
};

/* A number below 'n'. */
static unsigned below(struct run *r, unsigned n)
{
    return random_below(&r->random, n);
}

/* True 'percent' times of 100. */
static bool chance(struct run *r, unsigned percent)
{
    return random_chance(&r->random, percent);
}

/* One of the elements of an array. */
#define ONE_OF(r, array) RANDOM_OF(&(r)->random, array)

/* Comparing ------------------------------------------------------------------------------------ */

/* Prints bytes with a word before them. */
static void print_bytes(const char *word, const uint8_t *data, size_t size)
{
    print_error("%s", word);
    for (size_t i = 0; i < size; i++) {
        print_error("%s%02x", i % 4 ? "" : " ", data[i]);
    }
    print_error("\n");
}

/* Fails, telling where. */
static void differ(const struct run *r, const char *what, const struct bytes *expected,
                   const struct bytes *came)
{
    print_error("seed %llu, step %llu: %s\n", (unsigned long long) r->options.seed,
                (unsigned long long) r->step, what);
    print_bytes("event:   ", r->msg.data, r->msg.size);
    if (expected) {
        print_bytes("expected:", expected->data, expected->size);
    }
    if (came) {
        print_bytes("but came:", came->data, came->size);
    }
    fail();
}

static bool is_equal(const struct bytes *a, const struct bytes *b)
{
    return a->size == b->size && (!a->size || !memcmp(a->data, b->data, a->size));
}

/* Compares what came out of the ports. */
static void compare_frames(struct run *r)
{
    for (unsigned i = 1; i <= MODEL_PORTS; i++) {
        struct bytes came = BYTES_INIT;
        struct world_item *item;
        while ((item = world_item_first(&r->ports[i]->frames))) {
            bytes_put_be16(&came, (uint16_t) item->bytes.size);
            bytes_put(&came, item->bytes.data, item->bytes.size);
            world_item_destroy(item);
        }
        if (!is_equal(&r->m.frames[i], &came)) {
            differ(r, r->ports[i]->name, &r->m.frames[i], &came);
        }
        bytes_uninit(&came);
    }
}

/* Compares a message that came with what had to come; a packet_in's buffer is told to the model. */
static void compare_message(struct run *r, struct model_message *expected, struct bytes *came)
{
    uint32_t id = OFP_NO_BUFFER;
    if (came->data[1] == OFPT_PACKET_IN) {
        id = get_be32(came->data + 8);
        put_be32(came->data + 8, 0);
    }
    if (!is_equal(&expected->bytes, came)) {
        differ(r, "a message", &expected->bytes, came);
    }
    if (id != OFP_NO_BUFFER) {
        model_keep(&r->m, id, &expected->frame, expected->in_port);
    }
}

/* Takes the first expected message that is a flow_removed with these bytes, or if 'came' is none,
 * the first of another type; NULL if there is none. */
static struct model_message *take_expected(struct run *r, const struct bytes *came, bool *taken)
{
    bool is_removed = came->data[1] == OFPT_FLOW_REMOVED;
    for (size_t i = 0; i < r->m.n_messages; i++) {
        struct model_message *expected = &r->m.messages[i];
        bool fits = is_removed ? is_equal(&expected->bytes, came)
                               : expected->bytes.data[1] != OFPT_FLOW_REMOVED;
        if (!taken[i] && fits) {
            taken[i] = true;
            return expected;
        }
    }
    return NULL;
}

/* Compares what the controller got. The order of flow_removed means nothing. */
static void compare_messages(struct run *r)
{
    bool taken[MODEL_MESSAGES] = {false};
    struct world_item *item;
    while ((item = world_item_first(&r->peer->messages))) {
        struct model_message *expected = take_expected(r, &item->bytes, taken);
        if (!expected) {
            differ(r, "a message too many", NULL, &item->bytes);
        }
        r->n_errors += item->bytes.data[1] == OFPT_ERROR;
        r->n_removed += item->bytes.data[1] == OFPT_FLOW_REMOVED;
        compare_message(r, expected, &item->bytes);
        world_item_destroy(item);
    }
    for (size_t i = 0; i < r->m.n_messages; i++) {
        if (!taken[i]) {
            differ(r, "a message is missing", &r->m.messages[i].bytes, NULL);
        }
    }
}

/* Compares all that came. */
static void compare(struct run *r)
{
    compare_frames(r);
    compare_messages(r);
    model_clear(&r->m);
}

/* Messages ------------------------------------------------------------------------------------- */

/* Begins a message of 'type'. */
static void begin(struct run *r, uint8_t type)
{
    bytes_clear(&r->msg);
    bytes_put_u8(&r->msg, OFP10_VERSION);
    bytes_put_u8(&r->msg, type);
    bytes_put_be16(&r->msg, 0);
    bytes_put_be32(&r->msg, ++r->xid);
}

/* Sends it, and lets the switch deal with it. */
static void send_message(struct run *r)
{
    put_be16(r->msg.data + 2, (uint16_t) r->msg.size);
    if (r->options.trace) {
        print_bytes("send    ", r->msg.data, r->msg.size);
    }
    peer_send_raw(r->peer, r->msg.data, r->msg.size);
    assert_true(world_settle(&r->w));
}

/* Appends the entries of the answer to the statistics request under way to 'entries'. They are the
 * last messages that came. */
static void take_answer(struct run *r, struct bytes *entries)
{
    bool more = true;
    struct world_item *item, *next;
    LIST_FOR_EACH_SAFE (item, next, node, &r->peer->messages) {
        const uint8_t *data = item->bytes.data;
        if (data[1] == OFPT_STATS_REPLY) {
            assert_true(more);
            assert_int_equal(get_be32(data + 4), r->xid);
            more = get_be16(data + 10) & OFPSF_REPLY_MORE;
            bytes_put(entries, data + STATS_SIZE, item->bytes.size - STATS_SIZE);
            world_item_destroy(item);
        }
    }
    assert_false(more);
}

/* Begins a statistics request. */
static void begin_stats(struct run *r, uint16_t type)
{
    begin(r, OFPT_STATS_REQUEST);
    bytes_put_be16(&r->msg, type);
    bytes_put_be16(&r->msg, 0);
}

/* Flow statistics ------------------------------------------------------------------------------ */

/* Appends the entry of 'rule'. */
static void put_entry(const struct run *r, const struct model_rule *rule, struct bytes *out)
{
    int64_t duration = r->m.now - rule->created;
    bytes_put_be16(out, (uint16_t) (ENTRY_SIZE + rule->actions_size));
    bytes_put_be16(out, 0);
    model_match_write(&rule->match, out);
    bytes_put_be32(out, (uint32_t) (duration / SEC));
    bytes_put_be32(out, (uint32_t) (duration % SEC));
    bytes_put_be16(out, rule->priority);
    bytes_put_be16(out, rule->idle_timeout);
    bytes_put_be16(out, rule->hard_timeout);
    bytes_put_zeros(out, 6);
    bytes_put_be64(out, rule->cookie);
    bytes_put_be64(out, rule->packets);
    bytes_put_be64(out, rule->bytes);
    bytes_put(out, rule->actions, rule->actions_size);
}

/* Takes the bytes 'entry' out of 'entries'. False if they are not there. */
static bool take_entry(struct bytes *entries, const struct bytes *entry)
{
    for (size_t at = 0; at < entries->size; at += get_be16(entries->data + at)) {
        if (entries->size - at >= entry->size
            && !memcmp(entries->data + at, entry->data, entry->size)) {
            memmove(entries->data + at, entries->data + at + entry->size,
                    entries->size - at - entry->size);
            bytes_truncate(entries, entries->size - entry->size);
            return true;
        }
    }
    return false;
}

/* Begins a request for all rules, or for some; appends the criterion. */
static void begin_flow_request(struct run *r, uint16_t type, bool all, struct model_match *match,
                               uint16_t *out_port)
{
    static const uint16_t out_ports[] = {1, 2, 3, OFPP_CONTROLLER, OFPP_FLOOD, 5};
    uint16_t priority;
    begin_stats(r, type);
    *out_port = OFPP_NONE;
    if (all) {
        static const struct model_match any;
        model_match_write(&any, &r->msg);
    } else {
        random_put_match(&r->random, 30, &priority);
        *out_port = chance(r, 50) ? OFPP_NONE : ONE_OF(r, out_ports);
    }
    model_match_read(match, r->msg.data + STATS_SIZE);
    bytes_put_be16(&r->msg, 0xff00);
    bytes_put_be16(&r->msg, *out_port);
}

/* Does a request want 'rule'? */
static bool is_wanted(const struct model_rule *rule, const struct model_match *match,
                      uint16_t out_port)
{
    return model_match_within(&rule->match, match)
           && (out_port == OFPP_NONE || model_sends_to(rule, out_port));
}

static void flow_stats(struct run *r)
{
    struct bytes came = BYTES_INIT, entry = BYTES_INIT;
    struct model_match match;
    uint16_t out_port;
    begin_flow_request(r, OFPST_FLOW, chance(r, 40), &match, &out_port);
    send_message(r);
    take_answer(r, &came);
    for (size_t i = 0; i < r->m.n_rules; i++) {
        if (is_wanted(&r->m.rules[i], &match, out_port)) {
            bytes_clear(&entry);
            put_entry(r, &r->m.rules[i], &entry);
            if (!take_entry(&came, &entry)) {
                differ(r, "an entry is missing", &entry, &came);
            }
        }
    }
    if (came.size) {
        differ(r, "entries too many", NULL, &came);
    }
    bytes_uninit(&came);
    bytes_uninit(&entry);
}

static void aggregate(struct run *r)
{
    struct bytes came = BYTES_INIT, expected = BYTES_INIT;
    struct model_match match;
    uint16_t out_port;
    uint64_t packets = 0, bytes = 0;
    uint32_t flows = 0;
    begin_flow_request(r, OFPST_AGGREGATE, chance(r, 30), &match, &out_port);
    send_message(r);
    take_answer(r, &came);
    for (size_t i = 0; i < r->m.n_rules; i++) {
        if (is_wanted(&r->m.rules[i], &match, out_port)) {
            packets += r->m.rules[i].packets;
            bytes += r->m.rules[i].bytes;
            flows++;
        }
    }
    bytes_put_be64(&expected, packets);
    bytes_put_be64(&expected, bytes);
    bytes_put_be32(&expected, flows);
    bytes_put_be32(&expected, 0);
    if (!is_equal(&expected, &came)) {
        differ(r, "a sum", &expected, &came);
    }
    bytes_uninit(&came);
    bytes_uninit(&expected);
}

static void table_stats(struct run *r)
{
    enum { AT_ACTIVE = 44, AT_LOOKUPS = 48, AT_MATCHES = 56 };
    struct bytes came = BYTES_INIT;
    begin_stats(r, OFPST_TABLE);
    send_message(r);
    take_answer(r, &came);
    assert_in_range(came.size, AT_MATCHES + 8, 256 * 64);
    if (get_be32(came.data + AT_ACTIVE) != r->m.n_rules
        || get_be64(came.data + AT_LOOKUPS) != r->m.lookups
        || get_be64(came.data + AT_MATCHES) != r->m.matches) {
        differ(r, "table statistics", NULL, &came);
    }
    bytes_uninit(&came);
}

/* Frames --------------------------------------------------------------------------------------- */

/* Which of the 'n' rules that a packet could have gone by has counted it. */
static size_t who_counted(struct run *r, struct model_rule *const *rules, size_t n)
{
    struct bytes came = BYTES_INIT, entry = BYTES_INIT;
    struct model_match match;
    uint16_t out_port;
    size_t winner = n;
    begin_flow_request(r, OFPST_FLOW, true, &match, &out_port);
    send_message(r);
    take_answer(r, &came);
    for (size_t i = 0; i < n; i++) {
        bytes_clear(&entry);
        put_entry(r, rules[i], &entry);
        if (!take_entry(&came, &entry)) {
            assert_int_equal(winner, n);
            winner = i;
        }
    }
    assert_in_range(winner, 0, n - 1);
    bytes_uninit(&came);
    bytes_uninit(&entry);
    return winner;
}

/* Notes that the mask of one rule won over that of another, and that the other never did. */
static void note_order(struct run *r, const struct model_rule *winner,
                       const struct model_rule *loser)
{
    struct order order;
    memcpy(order.winner, winner->match.mask, sizeof order.winner);
    memcpy(order.loser, loser->match.mask, sizeof order.loser);
    for (size_t i = 0; i < MIN(r->n_orders, (size_t) ORDERS); i++) {
        if (!memcmp(r->orders[i].winner, order.loser, sizeof order.loser)
            && !memcmp(r->orders[i].loser, order.winner, sizeof order.winner)) {
            differ(r, "the order of two masks is not fixed", NULL, NULL);
        }
    }
    r->orders[r->n_orders++ % ORDERS] = order;
}

/* Lets the model handle a frame that was looked up, and compares. */
static void look_up(struct run *r, const struct model_frame *f, uint16_t in_port)
{
    struct model_rule *rules[MODEL_RULES];
    uint64_t fields[N_FIELDS];
    model_frame_fields(f, in_port, fields);
    size_t n = model_candidates(&r->m, fields, rules), winner = 0;
    if (n > 1) {
        r->n_ties++;
        winner = who_counted(r, rules, n);
        for (size_t i = 0; i < n; i++) {
            if (i != winner) {
                note_order(r, rules[winner], rules[i]);
            }
        }
    }
    r->n_hits += n > 0;
    r->n_misses += n == 0;
    model_receive(&r->m, f, in_port, n ? rules[winner] : NULL);
}

/* Lets 'f' come in by 'in_port' when the switch next runs. */
static void inject(struct run *r, const struct model_frame *f, uint16_t in_port)
{
    struct packet packet;
    bytes_clear(&r->msg);
    model_frame_build(f, &r->msg);
    if (r->options.trace) {
        print_bytes(r->ports[in_port]->name, r->msg.data, r->msg.size);
    }
    packet_use(&packet, r->msg.data, r->msg.size, r->msg.data, r->msg.size);
    assert_true(world_receive(r->ports[in_port], &packet));
}

/* Does more than one rule come into question for 'f'? */
static bool is_tie(struct run *r, const struct model_frame *f, uint16_t in_port)
{
    struct model_rule *rules[MODEL_RULES];
    uint64_t fields[N_FIELDS];
    model_frame_fields(f, in_port, fields);
    return model_candidates(&r->m, fields, rules) > 1;
}

/* One frame, or several at once; one alone if there is to be found out who counted it. */
static void receive(struct run *r)
{
    struct model_frame frames[BATCH];
    uint16_t in_port = (uint16_t) (1 + below(r, MODEL_PORTS));
    unsigned n = 0, wanted = chance(r, 80) ? 1 : 1 + below(r, BATCH);
    do {
        random_frame(&r->random, &frames[n]);
        if (n && is_tie(r, &frames[n], in_port)) {
            break;
        }
        inject(r, &frames[n++], in_port);
    } while (n < wanted && !is_tie(r, &frames[0], in_port));
    assert_true(world_settle(&r->w));
    for (unsigned i = 0; i < n && model_may_receive(&r->m, in_port); i++) {
        look_up(r, &frames[i], in_port);
    }
}

/* Other events --------------------------------------------------------------------------------- */

static void flow_mod(struct run *r)
{
    static const uint16_t commands[] = {OFPFC_ADD, OFPFC_ADD, OFPFC_ADD, OFPFC_ADD, OFPFC_ADD,
        OFPFC_MODIFY, OFPFC_MODIFY_STRICT, OFPFC_DELETE, OFPFC_DELETE_STRICT, OFPFC_DELETE_STRICT};
    static const uint16_t out_ports[] = {1, 2, 3, OFPP_CONTROLLER, 5};
    uint16_t command = ONE_OF(r, commands), priority;
    bool is_strict = command == OFPFC_MODIFY_STRICT || command == OFPFC_DELETE_STRICT;
    begin(r, OFPT_FLOW_MOD);
    random_put_match(&r->random, is_strict ? 75 : 15, &priority);
    bytes_put_be64(&r->msg, chance(r, 5) ? UINT64_MAX : next_random(&r->random.state) >> 40);
    bytes_put_be16(&r->msg, chance(r, 1) ? 5 : command);
    bytes_put_be16(&r->msg, chance(r, 70) ? 0 : (uint16_t) (1 + below(r, 4)));
    bytes_put_be16(&r->msg, chance(r, 70) ? 0 : (uint16_t) (1 + below(r, 6)));
    bytes_put_be16(&r->msg, priority);
    bytes_put_be32(&r->msg, chance(r, 85) ? OFP_NO_BUFFER : random_buffer(&r->random));
    bytes_put_be16(&r->msg, chance(r, 65) ? OFPP_NONE : ONE_OF(r, out_ports));
    bytes_put_be16(&r->msg, (uint16_t) ((chance(r, 50) ? OFPFF_SEND_FLOW_REM : 0)
                                        | (chance(r, 12) ? OFPFF_CHECK_OVERLAP : 0)
                                        | (chance(r, 1) ? 0x4000 : 0)));
    random_put_actions(&r->random);
    send_message(r);
    model_flow_mod(&r->m, r->msg.data, r->msg.size);
}

/* Appends an OUTPUT to 'port'. */
static void put_output(struct run *r, uint16_t port)
{
    random_put_action(&r->random, OFPAT_OUTPUT, (uint64_t) port << 16, 4, 4);
}

/* A packet_out that brings a frame, to the table or for a list of actions. */
static void packet_out(struct run *r)
{
    struct model_frame f;
    bool to_table = chance(r, 50);
    uint16_t in_port = chance(r, 20) ? OFPP_NONE : (uint16_t) (1 + below(r, MODEL_PORTS));
    begin(r, OFPT_PACKET_OUT);
    bytes_put_be32(&r->msg, OFP_NO_BUFFER);
    bytes_put_be16(&r->msg, in_port);
    bytes_put_be16(&r->msg, 8);
    uint16_t port = chance(r, 50) ? OFPP_FLOOD : (uint16_t) (1 + below(r, MODEL_PORTS));
    put_output(r, to_table ? OFPP_TABLE : port);
    random_frame(&r->random, &f);
    model_frame_build(&f, &r->msg);
    send_message(r);
    if (to_table) {
        look_up(r, &f, in_port);
    } else {
        model_execute(&r->m, r->msg.data + 16, 8, &f, in_port);
    }
}

/* A packet_out that releases a buffer. */
static void release(struct run *r)
{
    begin(r, OFPT_PACKET_OUT);
    bytes_put_be32(&r->msg, random_buffer(&r->random));
    bytes_put_be16(&r->msg, OFPP_NONE);
    bytes_put_be16(&r->msg, 8);
    put_output(r, (uint16_t) (1 + below(r, MODEL_PORTS)));
    send_message(r);
    uint32_t error = model_release(&r->m, get_be32(r->msg.data + 8), r->msg.data + 16, 8, NULL);
    if (error) {
        model_error(&r->m, error, r->msg.data, r->msg.size);
    }
}

static void set_config(struct run *r)
{
    static const uint16_t lengths[] = {0, 14, 60, 128, 0xffff};
    begin(r, OFPT_SET_CONFIG);
    r->m.miss_send_len = ONE_OF(r, lengths);
    bytes_put_be16(&r->msg, OFPC_FRAG_NORMAL);
    bytes_put_be16(&r->msg, r->m.miss_send_len);
    send_message(r);
}

/* Changes what a port may do; sometimes of a port that is not there, or not by its address. */
static void port_mod(struct run *r)
{
    static const uint32_t bits[] = {OFPPC_NO_RECV, OFPPC_NO_FLOOD, OFPPC_NO_FWD,
                                    OFPPC_NO_PACKET_IN, OFPPC_NO_FLOOD | OFPPC_NO_PACKET_IN};
    uint16_t port = (uint16_t) (1 + below(r, MODEL_PORTS) + (chance(r, 5) ? MODEL_PORTS : 0));
    uint8_t address = (uint8_t) (chance(r, 95) ? port : 0x77);
    uint32_t config = chance(r, 30) ? ONE_OF(r, bits) : 0;
    uint32_t mask = chance(r, 50) ? UINT32_MAX & ~OFPPC_PORT_DOWN : ONE_OF(r, bits);
    config &= mask;
    begin(r, OFPT_PORT_MOD);
    bytes_put_be16(&r->msg, port);
    bytes_put_be32(&r->msg, 0x02000000);
    bytes_put_be16(&r->msg, address);
    bytes_put_be32(&r->msg, config);
    bytes_put_be32(&r->msg, mask);
    bytes_put_zeros(&r->msg, 8);
    send_message(r);
    if (port > MODEL_PORTS) {
        model_error(&r->m, OFPET_PORT_MOD_FAILED << 16 | OFPPMFC_BAD_PORT, r->msg.data,
                    r->msg.size);
    } else if (address != port) {
        model_error(&r->m, OFPET_PORT_MOD_FAILED << 16 | OFPPMFC_BAD_HW_ADDR, r->msg.data,
                    r->msg.size);
    } else {
        r->m.config[port] = (r->m.config[port] & ~mask) | config;
    }
}

/* Lets up to 3 s pass. */
static void pass(struct run *r)
{
    int64_t period = below(r, 3000) * MSEC;
    bytes_clear(&r->msg);
    if (r->options.trace) {
        print_error("wait %u ms\n", (unsigned) (period / MSEC));
    }
    assert_true(world_wait(&r->w, period));
    model_pass(&r->m, period);
}

/* Running -------------------------------------------------------------------------------------- */

/* What can happen, and how often in 1000 steps. */
static const struct {
    unsigned weight;
    void (*happen)(struct run *r);
} events[] = {
    {400, flow_mod}, {420, receive}, {50, pass},     {40, flow_stats}, {30, aggregate},
    {10, table_stats}, {25, packet_out}, {15, release}, {5, set_config},
    {5, port_mod},
};

/* One step. */
static void step(struct run *r)
{
    unsigned at = below(r, 1000), i = 0;
    while (at >= events[i].weight) {
        at -= events[i++].weight;
    }
    events[i].happen(r);
    compare(r);
    r->step++;
}

/* Makes the switch with its ports and its controller. */
static void run_init(struct run *r, const struct options *options)
{
    struct bridge_config config;
    char *error = NULL;
    r->options = *options;
    r->random = (struct model_random) {options->seed, &r->msg, &r->m};
    world_init(&r->w);
    bridge_config_init(&config, "br0");
    config.has_datapath_id = true;
    config.datapath_id = 1;
    config.fail_mode = FAIL_SECURE;
    config.max_rules = MODEL_RULES;
    assert_int_equal(world_add_bridge(&r->w, &config, false, 0, SEC, &error), 0);
    bridge_config_uninit(&config);
    struct world_bridge *b = world_find_bridge(&r->w, "br0");
    for (unsigned i = 1; i <= MODEL_PORTS; i++) {
        char name[4];
        snprintf(name, sizeof name, "p%u", i);
        assert_int_equal(world_add_port(&r->w, b, name, (uint16_t) i, &error), 0);
        r->ports[i] = world_find_port(&r->w, name);
    }
    assert_int_equal(peer_create(&r->w, b, "c1", false, false, &r->peer, &error), 0);
    assert_int_equal(world_add_controller(b, "memory:c1", &error), 0);
    assert_true(world_settle(&r->w));
    model_init(&r->m, world_now(&r->w));
}

static void run_uninit(struct run *r)
{
    peer_destroy(r->peer);
    world_uninit(&r->w);
    model_uninit(&r->m);
    bytes_uninit(&r->msg);
}

/* rows: A3.1 A3.2 A3.3 A3.6 A3.7 A3.8 A3.9 A3.12 A3.13 A3.14 A4.1 A4.2 A4.3 A4.4 A4.5 A4.6
 * rows: A4.7 A4.8 A4.10 A4.12 A4.14 A5.1 A5.3 A5.20 A6.2 A6.3 A7.1 A7.4 A7.5 A8.5 A8.6 A8.7
 * rows: A8.11 A11.1 A11.2 A11.7 A11.12 A11.20 A11.21 */
static void nobody_can_tell_the_switch_from_its_model(void **state)
{
    struct run *r = xzalloc(sizeof *r);
    run_init(r, *state);
    while (r->step < r->options.steps) {
        step(r);
    }
    print_message("%zu hits, %zu of them ties, %zu misses, %zu errors, %zu flow_removed\n",
                  r->n_hits, r->n_ties, r->n_misses, r->n_errors, r->n_removed);
    run_uninit(r);
    free(r);
}

/* Reads the command line. */
static bool parse(int argc, char **argv, struct options *options)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--steps") && i + 1 < argc) {
            options->steps = strtoull(argv[++i], NULL, 0);
        } else if (!strcmp(argv[i], "--seed") && i + 1 < argc) {
            options->seed = strtoull(argv[++i], NULL, 0);
        } else if (!strcmp(argv[i], "--trace")) {
            options->trace = true;
        } else {
            fprintf(stderr, "usage: %s [--steps N] [--seed N] [--trace]\n", argv[0]);
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {.steps = is_sanitized() ? STEPS_SANITIZED : STEPS, .seed = 1};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(nobody_can_tell_the_switch_from_its_model, &options),
    };
    return parse(argc, argv, &options) ? cmocka_run_group_tests(tests, NULL, NULL) : 2;
}
