/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a hostile connection to a whole switch; a decent one is served all the same. */
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "datapath/netdev/netdev.h"
#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/ofp-message.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/frame.h"
#include "lib/packet/packet.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/rights.h"
#include "ofproto/scenario-peer.h"
#include "ofproto/scenario-world.h"
#include "tests/fuzz/fuzz.h"
#include "tests/openflow/wire.h"

/* An input is a byte of options and steps, each a byte that chooses it and what belongs to it.
 * Nothing random, no real time, no device: the same input does the same each time. */
enum {
    OPTION_CONTROLLER = 1 << 0, /* The hostile peer is a controller, else a service connection. */
    OPTION_SECURE = 1 << 1,     /* Fail mode. */
    OPTION_RIGHTS = 1 << 2,     /* A hostile controller has rights for two of the ports. */
    STEP_LAZY = 0x80,           /* Bit of a step: the switch does not settle after it. */
    STEPS_MAX = 200,            /* Steps of an input. */
    N_PORTS = 3,                /* Ports. */
    OWN_PORTS = 2,              /* Those of who has rights: from 1 on. */
    OWN_FLOWS = 9,              /* And his flow entries. */
    DECENT_PRIORITY = 7,        /* Of the decent peer's rules. */
    DECENT_TABLE = 1,           /* And the table of one of them. */
    MAX_RULES = 50,             /* Of the bridge. */
};

const uint64_t fuzz_mutations = 40;

/* A switch under attack. */
struct play {
    struct world world;     /* The switch and its surroundings. */
    struct world_bridge *b; /* Its bridge. */
    struct peer *hostile;   /* Sends what the input says. */
    struct peer *decent;    /* Wants an answer to its barrier. */
    struct reader r;        /* What is left of the input. */
    bool has_rights;        /* The hostile peer may not do everything. */
};

/* The next byte of the input, or 0. */
static uint8_t next(struct play *p)
{
    const uint8_t *byte = reader_pull(&p->r, 1);
    return byte ? *byte : 0;
}

static void settle(struct play *p)
{
    promise(world_settle(&p->world));
}

/* The hostile peer sends the next n bytes as they are. */
static void step_send(struct play *p)
{
    size_t n = MIN((size_t) next(p) + 1, p->r.left);
    peer_send_raw(p->hostile, reader_pull(&p->r, n), n);
}

/* A message of the standard's, the caller's to free. */
static uint8_t *sample(struct play *p, size_t *size)
{
    return wire_from_hex(wire_samples[next(p) % n_wire_samples].hex, size);
}

/* It sends a good message with some bytes changed. */
static void step_message(struct play *p)
{
    size_t size;
    uint8_t *msg = sample(p, &size);
    for (unsigned n = next(p) % 8; n; n--) {
        size_t at = next(p);
        msg[at % size] = next(p);
    }
    peer_send_raw(p->hostile, msg, size);
    free(msg);
}

/* It sends a part of a good message. */
static void step_part(struct play *p)
{
    size_t size;
    uint8_t *msg = sample(p, &size);
    peer_send_raw(p->hostile, msg, next(p) % (size + 1));
    free(msg);
}

/* It sends a good message many times. */
static void step_flood(struct play *p)
{
    size_t size;
    uint8_t *msg = sample(p, &size);
    for (unsigned n = next(p); n; n--) {
        if (size >= 8) {
            put_be32(msg + 4, n);
        }
        peer_send_raw(p->hostile, msg, size);
    }
    free(msg);
}

/* It sends a HELLO. */
static void step_hello(struct play *p)
{
    static const uint8_t hello[] = {1, OFPT_HELLO, 0, 8, 0, 0, 0, 1};
    peer_send_raw(p->hostile, hello, sizeof hello);
}

/* A frame comes in: one of these or bytes of the input. */
static void step_frame(struct play *p)
{
    static const char *const frames[] = {
        "tcp(10.0.0.1:1234 > 10.0.0.2:80, size 60)", "arp(request, 10.0.0.1 > 10.0.0.2)",
        "udp([fc00::1]:53 > [fc00::2]:4000, vlan 5, size 300)",
        "tcp(10.0.0.2 > 10.0.0.1, frag 8+, size 64)",
        "eth(02:00:00:00:00:01 > 01:80:c2:00:00:00, data 4242030000000000)",
    };
    struct bytes frame = BYTES_INIT;
    struct packet packet;
    char name[] = "p1";
    char *error = NULL;
    name[1] = (char) ('1' + next(p) % N_PORTS);
    struct world_port *port = world_find_port(&p->world, name);
    uint8_t which = next(p);
    if (which < ARRAY_SIZE(frames)) {
        promise(!frame_build(frames[which], &frame, &error));
    } else {
        size_t n = MIN((size_t) which, p->r.left);
        bytes_put(&frame, reader_pull(&p->r, n), n);
    }
    if (port && frame.size) {
        packet_use(&packet, frame.data, frame.size, frame.data, frame.size);
        world_receive(port, &packet);
    }
    bytes_uninit(&frame);
}

static void step_wait(struct play *p)
{
    static const int64_t periods[] = {MSEC, 100 * MSEC, SEC, 5 * SEC, 61 * SEC};
    promise(world_wait(&p->world, periods[next(p) % ARRAY_SIZE(periods)]));
}

static void step_stall(struct play *p)
{
    peer_stall(p->hostile, !p->hostile->is_stalled);
}

/* It ends the connection, and another one begins. */
static void step_reconnect(struct play *p)
{
    char *error = NULL;
    peer_vanish(p->hostile);
    peer_return(p->hostile, &error);
    free(error);
}

/* A port is taken away, or comes back. */
static void step_port(struct play *p)
{
    struct world_port *port = world_find_port(&p->world, "p3");
    char *error = NULL;
    if (port) {
        promise(!world_remove_port(port));
    } else if (world_add_port(&p->world, p->b, "p3", 0, &error)) {
        free(error);
    }
}

/* A device loses its link or vanishes, or both are undone. */
static void step_device(struct play *p)
{
    struct world_port *port = world_find_port(&p->world, "p2");
    uint8_t n = next(p);
    struct netdev *dev = world_port_netdev(port);
    if (dev) {
        netdev_memory_set_link(dev, n & 1);
        netdev_memory_set_present(dev, n & 2);
    }
}

/* True if the decent peer got a message of 'type' with 'xid'. */
static bool got(const struct play *p, uint8_t type, uint32_t xid)
{
    struct world_item *item;
    LIST_FOR_EACH (item, node, &p->decent->messages) {
        const struct bytes *msg = &item->bytes;
        if (msg->size >= 8 && msg->data[1] == type && get_be32(msg->data + 4) == xid) {
            return true;
        }
    }
    return false;
}

/* What the switch says can be read, unless it returned an echo of another version (A1.8). */
static void check_message(const struct bytes *msg)
{
    struct ofp_message m;
    bool is_echo = msg->data[1] == OFPT_ECHO_REPLY && msg->data[0] != OFP10_VERSION;
    promise(is_echo || !ofp_message_decode(&m, msg->data, msg->size, false));
    if (!is_echo) {
        ofp_message_uninit(&m);
    }
}

/* Forgets what came to 'peer'. */
static void forget_messages(struct peer *peer)
{
    struct world_item *item;
    while ((item = world_item_first(&peer->messages))) {
        if (item->bytes.size) {
            check_message(&item->bytes);
        }
        world_item_destroy(item);
    }
}

/* Sends a message without a body for the decent peer. Returns its xid. */
static uint32_t ask(struct play *p, enum ofp_kind kind)
{
    struct bytes *msg = ofp_msg_start(kind, 0);
    ofp_msg_finish(msg);
    peer_send(p->decent, msg);
    return p->decent->next_xid - 1;
}

/* The decent peer asks and changes, and all of it is answered within this moment. */
static void check_decent(struct play *p)
{
    struct ofp_message m = {.kind = OFP_FLOW_MOD};
    match_init_any(&m.flow_mod.match);
    m.flow_mod.command = next(p) & 1 ? OFPFC_ADD : OFPFC_DELETE_STRICT;
    m.flow_mod.priority = DECENT_PRIORITY;
    m.flow_mod.buffer_id = UINT32_MAX;
    m.flow_mod.out_port = OFPP_NONE;
    forget_messages(p->decent);
    promise(p->decent->stream);
    uint32_t echo = ask(p, OFP_ECHO_REQUEST);
    uint32_t features = ask(p, OFP_FEATURES_REQUEST);
    peer_send(p->decent, ofp_message_encode(&m));
    uint32_t barrier = ask(p, OFP_BARRIER_REQUEST);
    settle(p);
    promise(got(p, OFPT_ECHO_REPLY, echo) && got(p, OFPT_FEATURES_REPLY, features));
    promise(got(p, OFPT_BARRIER_REPLY, barrier));
}

/* Rights --------------------------------------------------------------------------------------- */

/* The decent peer adds a rule that drops what comes by the port that is not the hostile one's, and
 * one that sends there, in a table to which no rule goes. */
static void add_decent_rules(struct play *p)
{
    struct ofp_message tables = {.kind = OFP_NXT_FLOW_MOD_TABLE_ID, .is_set = true};
    struct ofp_message m = {.kind = OFP_FLOW_MOD};
    match_init_any(&m.flow_mod.match);
    m.flow_mod.match.flow.in_port = OWN_PORTS + 1;
    m.flow_mod.match.mask.in_port = UINT32_MAX;
    m.flow_mod.priority = DECENT_PRIORITY;
    m.flow_mod.buffer_id = UINT32_MAX;
    m.flow_mod.out_port = OFPP_NONE;
    peer_send(p->decent, ofp_message_encode(&m));
    match_init_any(&m.flow_mod.match);
    m.flow_mod.command = DECENT_TABLE << 8 | OFPFC_ADD;
    m.flow_mod.priority = DECENT_PRIORITY + 1;
    action_list_append(&m.flow_mod.actions, ACTION_OUTPUT)->output.port = OWN_PORTS + 1;
    peer_send(p->decent, ofp_message_encode(&tables));
    peer_send(p->decent, ofp_message_encode(&m));
    tables.is_set = false;
    peer_send(p->decent, ofp_message_encode(&tables));
    action_list_uninit(&m.flow_mod.actions);
    settle(p);
}

/* True if packets leave by nothing but what the hostile peer may send to. */
static bool stays_within(const struct action_list *actions)
{
    const struct action *a;
    ACTION_FOR_EACH (a, actions) {
        uint16_t port = a->type == ACTION_ENQUEUE ? a->enqueue.port : a->output.port;
        if (a->type == ACTION_LEARN || a->type == ACTION_OUTPUT_REG
            || ((a->type == ACTION_OUTPUT || a->type == ACTION_ENQUEUE) && port > OWN_PORTS
                && port != OFPP_IN_PORT && port != OFPP_CONTROLLER)) {
            return false;
        }
    }
    return true;
}

/* Whatever the hostile peer has said, it has changed only what it may, and nothing has left by a
 * port that is not its own. */
static void check_rights(struct play *p)
{
    const struct world_port *other = world_find_port(&p->world, "p3");
    const struct ofproto *o = bridge_ofproto(p->b->bridge);
    struct match any;
    struct rule_cursor cursor;
    const struct rule *rule;
    size_t budget = SIZE_MAX;
    unsigned n_decent = 0, n_counted = 0;
    match_init_any(&any);
    rule_cursor_init(&cursor, o->tables, OFPTT_ALL, &any, OFPP_NONE);
    while ((rule = rule_cursor_next(&cursor, &budget))) {
        struct match match;
        minimatch_expand(&rule->match, &match);
        uint32_t port = match.mask.in_port ? match.flow.in_port : 0;
        bool is_own = port >= 1 && port <= OWN_PORTS && stays_within(&rule->actions);
        n_decent += port > OWN_PORTS || rule->table_id == DECENT_TABLE;
        n_counted += rule->quota != NULL;
        promise(is_own || rule->table_id == DECENT_TABLE
                || (rule->priority == DECENT_PRIORITY && !rule->actions.size));
        promise(!rule->quota || (is_own && !rule->table_id));
    }
    rule_cursor_uninit(&cursor);
    promise(n_decent == 2 && n_counted <= OWN_FLOWS && o->frag_mode == OFPC_FRAG_NORMAL);
    promise(!other || list_is_empty(&other->frames));
}

static void (*const steps[])(struct play *p) = {
    step_send, step_message, step_part, step_flood, step_hello, step_frame, step_wait, step_stall,
    step_reconnect, step_port, step_device, check_decent,
};

/* Makes the switch and its peers. */
static void begin(struct play *p, uint8_t options)
{
    struct bridge_config config;
    char *error = NULL;
    bridge_config_init(&config, "br0");
    config.has_datapath_id = true;
    config.datapath_id = 1;
    config.max_rules = MAX_RULES;
    config.fail_mode = options & (OPTION_SECURE | OPTION_RIGHTS) ? FAIL_SECURE : FAIL_STANDALONE;
    strings_add(&config.ports, "p1");
    strings_add(&config.ports, "p2");
    strings_add(&config.ports, "p3");
    world_init(&p->world);
    promise(!world_add_bridge(&p->world, &config, false, 5 * SEC, 8 * SEC, &error));
    bridge_config_uninit(&config);
    p->b = world_find_bridge(&p->world, "br0");
    bool is_service = !(options & OPTION_CONTROLLER);
    promise(!peer_create(&p->world, p->b, "hostile", is_service, true, &p->hostile, &error));
    promise(!peer_create(&p->world, p->b, "decent", true, false, &p->decent, &error));
    p->has_rights = !is_service && options & OPTION_RIGHTS;
    if (!is_service) {
        promise(!world_add_controller(p->b, p->has_rights ? "memory:hostile,ports=1-2,flows=9"
                                                          : "memory:hostile", &error));
    }
    settle(p);
    add_decent_rules(p);
}

static void end(struct play *p)
{
    peer_destroy(p->hostile);
    peer_destroy(p->decent);
    world_uninit(&p->world);
}

/* Forgets what came out of the ports. */
static void forget_frames(struct play *p)
{
    struct world_port *port;
    struct world_item *item;
    LIST_FOR_EACH (port, node, &p->world.ports) {
        while ((item = world_item_first(&port->frames))) {
            world_item_destroy(item);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct play p = {.b = NULL};
    vlog_set_stderr(false);
    reader_init(&p.r, data, size);
    begin(&p, next(&p));
    for (unsigned n = 0; p.r.left && n < STEPS_MAX; n++) {
        uint8_t step = next(&p);
        steps[(step & ~STEP_LAZY) % ARRAY_SIZE(steps)](&p);
        if (!(step & STEP_LAZY)) {
            settle(&p);
            forget_messages(p.hostile);
            if (p.has_rights) {
                check_rights(&p);
            }
            forget_frames(&p);
        }
    }
    settle(&p);
    check_decent(&p);
    end(&p);
    return 0;
}

/* Steps in the order of the table, from '\0'. */
static const char controller_misses[] = "\3\4\5\0\0\5\1\2\1\5\0\6\2\7\5\2\0\5\0\1\7\x0b\1";
static const char service_floods[] = "\0\4\3\x0e\x40\3\x10\x30\x87\x81\x11\0\3\x12\x20\x0b\0\7";
static const char half_messages[] = "\1\4\2\5\x09\6\3\x08\4\2\x10\x30\x88\4\x0b\1\6\3\6\3";
static const char ports_change[] = "\1\4\x09\x0a\0\5\2\0\x0a\3\x09\x0b\1\5\1\1\6\4\x0b\0";
static const char raw_bytes[] =
    "\0\4\0\x4f\1\x0e\0\x50\0\0\0\7\0\x38\x20\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\1\0\7\xff\xff\xff\xff\xff\xff\0\1\0\0\0\x08\xff\xfd"
    "\0\x20\5\0\0\5\1\1\6\3\x0b\1";

static const struct {
    const char *data; /* Bytes. */
    size_t size;      /* How many. */
} seeds[] = {
    {controller_misses, sizeof controller_misses - 1},
    {service_floods, sizeof service_floods - 1},
    {half_messages, sizeof half_messages - 1},
    {ports_change, sizeof ports_change - 1},
    {raw_bytes, sizeof raw_bytes - 1},
};

/* After the seeds above: one for each sample, sent to a switch that has seen a packet; and one
 * where the sender's ports are bounded. */
uint8_t *fuzz_seed(size_t index, size_t *size)
{
    if (index < ARRAY_SIZE(seeds)) {
        *size = seeds[index].size;
        return xmemdup(seeds[index].data, *size);
    }
    index -= ARRAY_SIZE(seeds);
    if (index >= 2 * n_wire_samples) {
        return NULL;
    }
    uint8_t options = OPTION_CONTROLLER | (index >= n_wire_samples ? OPTION_RIGHTS : 0);
    uint8_t i = (uint8_t) (index % n_wire_samples);
    const uint8_t seed[] = {options, 4, 5, 0, 0, 1, i, 0, 5, 1, 1, 6, 2, 1, 0, 0, 11, 1};
    *size = sizeof seed;
    return xmemdup(seed, sizeof seed);
}
