/* SPDX-License-Identifier: Apache-2.0 */
/* What peers of a scenario say: messages from words. */
#include "ofproto/scenario-say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/datapath.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/frame.h"
#include "lib/util.h"
#include "ofproto/buffers.h"
#include "ofproto/scenario-private.h"
#include "ofproto/scenario-text.h"

enum { LENGTH_OFFSET = 2 /* Of the length in a message. */ };

/* Sending -------------------------------------------------------------------------------------- */

/* Cuts 'msg' or adds zeros, so that it has 'size' bytes and says so. */
static void resize(struct bytes *msg, size_t size)
{
    if (size > msg->size) {
        bytes_put_zeros(msg, size - msg->size);
    }
    bytes_truncate(msg, size);
    put_be16(msg->data + LENGTH_OFFSET, (uint16_t) size);
}

/* Makes one change "OFFSET=BYTES" or "size=N" in 'msg'. */
static int patch_one(struct scenario *s, struct bytes *msg, char *patch)
{
    uint64_t n;
    const char *size = text_value(patch, "size");
    char *value = strchr(patch, '=');
    char *error = NULL;
    struct text_bytes tb;
    if (size) {
        int err = scenario_number(s, size, UINT16_MAX, &n);
        if (!err && n < OFP_HEADER_SIZE) {
            return scenario_fail(s, "size=%s: a message has 8 bytes at least", size);
        }
        return err ? err : (resize(msg, n), 0);
    }
    if (!value) {
        return scenario_fail(s, "\"%s\" is no change: give OFFSET=BYTES or size=N", patch);
    }
    *value++ = '\0';
    int err = scenario_number(s, patch, msg->size, &n);
    err = err ? err : scenario_check(s, text_bytes_parse(&tb, value, &error), &error);
    if (err) {
        return err;
    }
    if (n + tb.value.size > msg->size) {
        err = scenario_fail(s, "%s=%s: the message has %zu bytes only", patch, value, msg->size);
    } else {
        memcpy(bytes_at(msg, n), tb.value.data, tb.value.size);
    }
    text_bytes_uninit(&tb);
    return err;
}

/* Sends 'msg', which is taken over, after the changes that "with" has asked for. */
static int say(struct scenario *s, const struct subject *subject, struct bytes *msg)
{
    int err = 0;
    char *patches = xstrdup(s->patch ? s->patch : "");
    char *rest = patches;
    for (char *patch; !err && (patch = strtok_r(rest, ",", &rest));) {
        err = patch_one(s, msg, patch);
    }
    free(patches);
    if (err) {
        bytes_destroy(msg);
    } else {
        peer_send(subject->peer, msg);
    }
    return err;
}

/* Encodes 'm' and sends it. */
static int say_message(struct scenario *s, const struct subject *subject,
                       const struct ofp_message *m)
{
    struct bytes *msg = ofp_message_encode(m);
    return msg ? say(s, subject, msg) : scenario_fail(s, "the message would be too long");
}

/* "hex BYTES" as they are, or a message by its kind with a body in BYTES. */
static int run_sends(struct scenario *s, const struct subject *subject, char *text)
{
    char *name = text_word(&text);
    struct text_bytes tb;
    char *error = NULL;
    bool is_raw = name && !strcmp(name, "hex");
    enum ofp_kind kind = name ? peer_kind_from_name(name) : N_OFP_KINDS;
    if (kind == N_OFP_KINDS && !is_raw) {
        return scenario_fail(s, "there is no message \"%s\"; give its name, as in barrier_request, "
                                "or hex and its bytes", name ? name : "");
    }
    int err = scenario_check(s, text_bytes_parse(&tb, text, &error), &error);
    if (err) {
        return err;
    }
    if (is_raw) {
        peer_send_raw(subject->peer, tb.value.data, tb.value.size);
    } else {
        struct bytes *msg = ofp_msg_start(kind, 0);
        bytes_put(msg, tb.value.data, tb.value.size);
        ofp_msg_finish(msg);
        err = say(s, subject, msg);
    }
    text_bytes_uninit(&tb);
    return err;
}

static int run_barrier(struct scenario *s, const struct subject *subject, char *text UNUSED)
{
    struct ofp_message m = {.kind = OFP_BARRIER_REQUEST};
    return say_message(s, subject, &m);
}

/* Flows ---------------------------------------------------------------------------------------- */

/* Reads "buffer=NAME" or "buffer=ID" off '*text', if it begins so. */
static int take_buffer(struct scenario *s, char **text, uint32_t *id)
{
    *id = OFP_NO_BUFFER;
    if (strncmp(*text, "buffer=", 7)) {
        return 0;
    }
    const char *name = text_value(text_word(text), "buffer");
    const struct scenario_buffer *buffer = scenario_find_buffer(s, name);
    uint64_t n;
    if (buffer) {
        *id = buffer->id;
    } else if (str_to_uint(name, 0, UINT32_MAX, &n)) {
        *id = (uint32_t) n;
    } else {
        return scenario_fail(s, "no packet_in has been expected with buffer=%s", name);
    }
    return 0;
}

/* Lets 'p' say the table of 'fm', if need be after the message that it will from now on. */
static void say_table(struct peer *p, struct ofp_flow_mod *fm)
{
    const struct ofp_message m = {.kind = OFP_NXT_FLOW_MOD_TABLE_ID, .is_set = true};
    if (!p->has_table_ids && ofp_flow_mod_needs(fm) & OFP_NEEDS_TABLE_ID) {
        peer_send(p, ofp_message_encode(&m));
    }
    if (p->has_table_ids) {
        ofp_flow_mod_put_table(fm);
    }
}

/* A flow_mod in the syntax of sluice-ofctl, in the form that it needs; 'loose' and 'strict' are its
 * commands. */
static int run_flow_mod(struct scenario *s, const struct subject *subject, char *text, int loose,
                        int strict)
{
    struct ofp_parse how = scenario_parse_how(subject->peer->bridge);
    int command = text_skip(&text, "--strict") ? strict : loose;
    struct ofp_message m = {.kind = OFP_FLOW_MOD};
    uint32_t buffer_id;
    char *error = NULL;
    int err = take_buffer(s, &text, &buffer_id);
    err = err ? err
              : scenario_check(s, ofp_parse_flow_mod(&m.flow_mod, text, command, &how, &error),
                               &error);
    if (!err) {
        m.kind = ofp_flow_mod_needs(&m.flow_mod) & OFP_NEEDS_NXM ? OFP_NXT_FLOW_MOD : OFP_FLOW_MOD;
        m.flow_mod.buffer_id = buffer_id;
        say_table(subject->peer, &m.flow_mod);
        err = say_message(s, subject, &m);
        action_list_uninit(&m.flow_mod.actions);
    }
    return err;
}

static int run_add_flow(struct scenario *s, const struct subject *subject, char *text)
{
    return run_flow_mod(s, subject, text, OFPFC_ADD, OFPFC_ADD);
}

static int run_mod_flows(struct scenario *s, const struct subject *subject, char *text)
{
    return run_flow_mod(s, subject, text, OFPFC_MODIFY, OFPFC_MODIFY_STRICT);
}

static int run_del_flows(struct scenario *s, const struct subject *subject, char *text)
{
    return run_flow_mod(s, subject, text, OFPFC_DELETE, OFPFC_DELETE_STRICT);
}

/* A request of 'kind', or if need be of 'nx_kind', for the flows that 'text' names. */
static int say_flow_request(struct scenario *s, const struct subject *subject, char *text,
                            enum ofp_kind kind, enum ofp_kind nx_kind)
{
    struct ofp_parse how = scenario_parse_how(subject->peer->bridge);
    struct ofp_message m = {.kind = kind};
    char *error = NULL;
    int err = ofp_parse_flow_request(&m.flow_stats_request, text, &how, &error);
    if (!err && (subject->peer->has_nxm || ofp_flow_request_needs(&m.flow_stats_request))) {
        m.kind = nx_kind;
    }
    return err ? scenario_check(s, err, &error) : say_message(s, subject, &m);
}

static int run_dump_flows(struct scenario *s, const struct subject *subject, char *text)
{
    return say_flow_request(s, subject, text, OFP_FLOW_STATS_REQUEST, OFP_NXST_FLOW_REQUEST);
}

static int run_dump_aggregate(struct scenario *s, const struct subject *subject, char *text)
{
    return say_flow_request(s, subject, text, OFP_AGGREGATE_REQUEST,
                            OFP_NXST_AGGREGATE_REQUEST);
}

/* Packets -------------------------------------------------------------------------------------- */

/* What a packet_out is made of. */
struct packet_out_words {
    struct ofp_message m; /* The message; its actions are owned. */
    struct bytes frame;   /* Owned. */
};

/* Reads the words up to the frame. */
static int take_packet_out(struct scenario *s, const struct subject *subject, char **text,
                           struct ofp_packet_out *po)
{
    struct ofp_parse how = scenario_parse_how(subject->peer->bridge);
    char *error = NULL;
    int err = 0;
    if (!strncmp(*text, "in_port=", 8)
        && !ofp_parse_port(text_value(text_word(text), "in_port"), &how, &po->in_port)) {
        return scenario_fail(s, "in_port is no port");
    }
    err = take_buffer(s, text, &po->buffer_id);
    if (!err && !strncmp(*text, "actions=", 8)) {
        char *actions = text_value(text_word(text), "actions");
        err = ofp_parse_actions(&po->actions, actions, false, &how, &error);
        err = scenario_check(s, err, &error);
    }
    return err;
}

/* "[in_port=P] [buffer=B] [actions=A] [FRAME]". */
static int run_packet_out(struct scenario *s, const struct subject *subject, char *text)
{
    struct packet_out_words w = {
        .m = {.kind = OFP_PACKET_OUT, .packet_out = {.in_port = OFPP_NONE}}};
    char *error = NULL;
    int err = take_packet_out(s, subject, &text, &w.m.packet_out);
    if (!err && *text) {
        err = scenario_check(s, frame_build(text, &w.frame, &error), &error);
        w.m.packet_out.data = (struct ofp_data){w.frame.data, w.frame.size};
    }
    err = err ? err : say_message(s, subject, &w.m);
    action_list_uninit(&w.m.packet_out.actions);
    bytes_uninit(&w.frame);
    return err;
}

/* Ports and configuration ---------------------------------------------------------------------- */

/* A word of mod-port. */
static const struct port_setting {
    const char *name; /* The word. */
    uint32_t bit;     /* OFPPC_*. */
    bool is_set;      /* Whether it sets the bit. */
} port_settings[] = {
    {"up", OFPPC_PORT_DOWN, false},           {"down", OFPPC_PORT_DOWN, true},
    {"stp", OFPPC_NO_STP, false},             {"no-stp", OFPPC_NO_STP, true},
    {"receive", OFPPC_NO_RECV, false},        {"no-receive", OFPPC_NO_RECV, true},
    {"receive-stp", OFPPC_NO_RECV_STP, false}, {"no-receive-stp", OFPPC_NO_RECV_STP, true},
    {"flood", OFPPC_NO_FLOOD, false},         {"no-flood", OFPPC_NO_FLOOD, true},
    {"forward", OFPPC_NO_FWD, false},         {"no-forward", OFPPC_NO_FWD, true},
    {"packet-in", OFPPC_NO_PACKET_IN, false}, {"no-packet-in", OFPPC_NO_PACKET_IN, true},
};

/* Adds what 'word' says to 'pm'. */
static int take_port_setting(struct scenario *s, const char *word, struct ofp_port_mod *pm)
{
    for (size_t i = 0; i < ARRAY_SIZE(port_settings); i++) {
        const struct port_setting *setting = &port_settings[i];
        if (!strcmp(word, setting->name)) {
            pm->mask |= setting->bit;
            pm->config |= setting->is_set ? setting->bit : 0;
            return 0;
        }
    }
    return scenario_fail(s, "\"%s\" is nothing that mod-port can set; it knows up, down, "
                            "[no-]flood, [no-]forward, [no-]receive, [no-]receive-stp, "
                            "[no-]packet-in, [no-]stp", word);
}

/* "PORT SETTING...". */
static int run_mod_port(struct scenario *s, const struct subject *subject, char *text)
{
    char *name = text_word(&text);
    struct subject port;
    struct ofp_port desc;
    int err = scenario_find(s, SUBJECT_PORT, name ? name : "", &port);
    if (err) {
        return err;
    }
    if (datapath_port_get(world_datapath(port.port->bridge), port.port->number, &desc)) {
        return scenario_fail(s, "%s is no port any more", name);
    }
    struct ofp_message m = {.kind = OFP_PORT_MOD, .port_mod = {.port_no = desc.port_no}};
    memcpy(m.port_mod.hw_addr, desc.hw_addr, sizeof desc.hw_addr);
    for (char *word; !err && (word = text_word(&text));) {
        err = take_port_setting(s, word, &m.port_mod);
    }
    return err ? err : say_message(s, subject, &m);
}

/* "[frags=MODE] [miss_send_len=N]". */
static int run_set_config(struct scenario *s, const struct subject *subject, char *text)
{
    static const char *const modes[] = {
        [OFPC_FRAG_NORMAL] = "normal", [OFPC_FRAG_DROP] = "drop", [OFPC_FRAG_REASM] = "reassemble",
        [OFPC_FRAG_NX_MATCH] = "nx-match"};
    struct ofp_message m = {.kind = OFP_SET_CONFIG,
                            .config = {.miss_send_len = OFP_DEFAULT_MISS_SEND_LEN}};
    for (char *word; (word = text_word(&text));) {
        const char *frags = text_value(word, "frags");
        const char *size = text_value(word, "miss_send_len");
        bool is_good = size && str_to_u16(size, 0, &m.config.miss_send_len);
        for (uint16_t i = 0; frags && i < ARRAY_SIZE(modes); i++) {
            if (!strcmp(frags, modes[i])) {
                m.config.flags = i;
                is_good = true;
            }
        }
        if (!is_good) {
            return scenario_fail(s, "\"%s\" is neither frags=normal|drop|reassemble|"
                                    "nx-match nor miss_send_len=N", word);
        }
    }
    return say_message(s, subject, &m);
}

/* Statistics ----------------------------------------------------------------------------------- */

/* Reads an optional port off '*text'; 'otherwise' if there is none. */
static int take_port(struct scenario *s, const struct subject *subject, char **text,
                     uint16_t otherwise, uint16_t *port)
{
    struct ofp_parse how = scenario_parse_how(subject->peer->bridge);
    const char *word = text_word(text);
    *port = otherwise;
    return !word || ofp_parse_port(word, &how, port)
               ? 0
               : scenario_fail(s, "\"%s\" is no port", word);
}

/* "[PORT]", for kinds whose body is a port. */
static int say_port_request(struct scenario *s, const struct subject *subject, char *text,
                            enum ofp_kind kind)
{
    struct ofp_message m = {.kind = kind};
    int err = take_port(s, subject, &text, OFPP_NONE, &m.port_no);
    return err ? err : say_message(s, subject, &m);
}

static int run_dump_ports(struct scenario *s, const struct subject *subject, char *text)
{
    return say_port_request(s, subject, text, OFP_PORT_STATS_REQUEST);
}

static int run_queue_get_config(struct scenario *s, const struct subject *subject, char *text)
{
    return say_port_request(s, subject, text, OFP_QUEUE_GET_CONFIG_REQUEST);
}

/* "[PORT [QUEUE]]". */
static int run_queue_stats(struct scenario *s, const struct subject *subject, char *text)
{
    struct ofp_message m = {.kind = OFP_QUEUE_STATS_REQUEST};
    uint64_t queue = UINT32_MAX;
    int err = take_port(s, subject, &text, OFPP_ALL, &m.queue_stats_request.port_no);
    const char *word = text_word(&text);
    err = err || !word ? err : scenario_number(s, word, UINT32_MAX, &queue);
    m.queue_stats_request.queue_id = (uint32_t) queue;
    return err ? err : say_message(s, subject, &m);
}

/* A request without a body. */
static int say_kind(struct scenario *s, const struct subject *subject, enum ofp_kind kind)
{
    struct bytes *msg = ofp_msg_start(kind, 0);
    ofp_msg_finish(msg);
    return say(s, subject, msg);
}

static int run_show(struct scenario *s, const struct subject *subject, char *text UNUSED)
{
    return say_kind(s, subject, OFP_FEATURES_REQUEST);
}

static int run_dump_desc(struct scenario *s, const struct subject *subject, char *text UNUSED)
{
    return say_kind(s, subject, OFP_DESC_REQUEST);
}

static int run_dump_tables(struct scenario *s, const struct subject *subject, char *text UNUSED)
{
    return say_kind(s, subject, OFP_TABLE_STATS_REQUEST);
}

static int run_dump_ports_desc(struct scenario *s, const struct subject *subject,
                               char *text UNUSED)
{
    return say_kind(s, subject, OFP_PORT_DESC_REQUEST);
}

static const struct scenario_command commands[] = {
    {SUBJECT_PEER, "sends", "KIND [BYTES] | hex BYTES",
     "sends a message of that kind with that body, or bytes as they are", run_sends},
    {SUBJECT_PEER, "barrier", "", "sends a barrier_request", run_barrier},
    {SUBJECT_PEER, "show", "", "asks for the features", run_show},
    {SUBJECT_PEER, "add-flow", "[buffer=B] FLOW", "adds a flow, in sluice-ofctl's syntax",
     run_add_flow},
    {SUBJECT_PEER, "mod-flows", "[--strict] [buffer=B] FLOW", "modifies flows", run_mod_flows},
    {SUBJECT_PEER, "del-flows", "[--strict] [buffer=B] [FLOW]", "deletes flows", run_del_flows},
    {SUBJECT_PEER, "dump-flows", "[FLOW]", "asks for flows", run_dump_flows},
    {SUBJECT_PEER, "dump-aggregate", "[FLOW]", "asks for the sum of flows", run_dump_aggregate},
    {SUBJECT_PEER, "dump-tables", "", "asks for the tables' statistics", run_dump_tables},
    {SUBJECT_PEER, "dump-ports", "[PORT]", "asks for ports' statistics", run_dump_ports},
    {SUBJECT_PEER, "dump-ports-desc", "", "asks for ports' descriptions", run_dump_ports_desc},
    {SUBJECT_PEER, "dump-desc", "", "asks for the description of the switch", run_dump_desc},
    {SUBJECT_PEER, "queue-stats", "[PORT [QUEUE]]", "asks for queues' statistics",
     run_queue_stats},
    {SUBJECT_PEER, "queue-get-config", "PORT", "asks for a port's queues", run_queue_get_config},
    {SUBJECT_PEER, "packet-out", "[in_port=PORT] [buffer=B] [actions=ACTIONS] [FRAME]",
     "sends a packet_out with a frame or a buffer", run_packet_out},
    {SUBJECT_PEER, "mod-port", "PORT SETTING...", "changes a port: down, no-flood ...",
     run_mod_port},
    {SUBJECT_PEER, "set-config", "[frags=normal|drop|reassemble|nx-match] [miss_send_len=N]",
     "sends a set_config", run_set_config},
};
const struct scenario_table scenario_say = {commands, ARRAY_SIZE(commands)};
