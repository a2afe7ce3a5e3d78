/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of switches as JSON: one function a kind of reply. */
#include "utilities/ofctl-json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/text-json.h"
#include "utilities/ofctl.h"

/* Enough for durations in nanoseconds over years, and no digits that are not there. */
#define DUMP_FLAGS (JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

/* Values --------------------------------------------------------------------------------------- */

/* A counter: null if it is not known; beyond 63 bits the nearest number that JSON has. */
static json_t *count(uint64_t n)
{
    return n == UINT64_MAX ? json_null()
           : n > INT64_MAX ? json_real((double) n)
                           : json_integer((json_int_t) n);
}

/* A string of hexadecimal digits, at least 'digits' of them. */
static json_t *hex(uint64_t n, int digits)
{
    char s[24];
    snprintf(s, sizeof s, "0x%0*" PRIx64, digits, n);
    return json_string(s);
}

/* What is printed as 's': a number if it is one in decimal, else a string, without its quotes. */
static json_t *word(const char *s)
{
    size_t length = strlen(s);
    uint64_t n;
    if (str_to_uint(s, 10, INT64_MAX, &n)) {
        return json_integer((json_int_t) n);
    }
    bool is_quoted = length >= 2 && s[0] == '"' && s[length - 1] == '"';
    char *bare = is_quoted ? xasprintf("%.*s", (int) length - 2, s + 1) : xstrdup(s);
    json_t *value = text_json(bare);
    free(bare);
    return value;
}

/* A port: its number, "LOCAL" or with --names its name. */
static json_t *port(struct cmdl_context *ctx, uint16_t port_no)
{
    struct bytes s = BYTES_INIT;
    ofp_print_port_styled(&s, port_no, &ctx->style);
    json_t *value = word(bytes_string(&s));
    bytes_uninit(&s);
    return value ? value : json_integer(port_no);
}

/* The names of 'bits'. */
static json_t *names(enum ofp_bit_set set, uint32_t bits)
{
    json_t *array = json_array();
    for (const char *name; (name = ofp_bit_name_next(set, &bits));) {
        json_array_append_new(array, json_string(name));
    }
    return array;
}

/* Kinds of replies ----------------------------------------------------------------------------- */

/* Adds what a reply says to 'into', an object or an array. */
typedef void json_adder(struct cmdl_context *ctx, const struct ofp_message *m, json_t *into);

static json_t *port_state(uint32_t state)
{
    static const char *const stp[] = {NULL, "STP_LEARN", "STP_FORWARD", "STP_BLOCK"};
    const char *name = stp[(state & OFPPS_STP_MASK) >> 8];
    json_t *array = json_array();
    if (name) {
        json_array_append_new(array, json_string(name));
    }
    if (state & OFPPS_LINK_DOWN) {
        json_array_append_new(array, json_string("LINK_DOWN"));
    }
    return array;
}

/* The description of a port. */
static json_t *port_desc(const struct ofp_port *p)
{
    char addr[MAC_TEXT_SIZE];
    mac_format(p->hw_addr, addr);
    struct bytes number = BYTES_INIT;
    ofp_print_port_number(&number, p->port_no);
    json_t *object = json_pack(
        "{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:i, s:i}}", "port",
        word(bytes_string(&number)), "name", text_json(p->name), "addr", addr, "config",
        names(OFP_BITS_PORT_CONFIG, p->config), "state", port_state(p->state), "current",
        names(OFP_BITS_PORT_FEATURES, p->curr), "advertised",
        names(OFP_BITS_PORT_FEATURES, p->advertised), "supported",
        names(OFP_BITS_PORT_FEATURES, p->supported), "peer",
        names(OFP_BITS_PORT_FEATURES, p->peer), "speed", "now", (int) ofp_port_speed(p->curr),
        "max", (int) ofp_port_speed(p->supported));
    bytes_uninit(&number);
    return object;
}

/* Adds all ports of 'r' to the array. */
static void add_ports(struct reader r, json_t *array)
{
    for (struct ofp_port p; ofp_port_next(&r, &p);) {
        json_array_append_new(array, port_desc(&p));
    }
}

static void add_features(struct cmdl_context *ctx UNUSED, const struct ofp_message *m, json_t *into)
{
    const struct ofp_features *f = &m->features;
    json_t *ports = json_array();
    add_ports(f->ports, ports);
    json_object_set_new(into, "dpid", hex(f->datapath_id, 16));
    json_object_set_new(into, "n_tables", json_integer(f->n_tables));
    json_object_set_new(into, "n_buffers", json_integer(f->n_buffers));
    json_object_set_new(into, "capabilities", names(OFP_BITS_CAPABILITIES, f->capabilities));
    json_object_set_new(into, "actions", names(OFP_BITS_ACTIONS, f->actions));
    json_object_set_new(into, "ports", ports);
}

static void add_config(struct cmdl_context *ctx UNUSED, const struct ofp_message *m, json_t *into)
{
    static const char *const frags[] = {"normal", "drop", "reassemble", "nx-match"};
    json_object_set_new(into, "frags", json_string(frags[m->config.flags & OFPC_FRAG_MASK]));
    json_object_set_new(into, "miss_send_len", json_integer(m->config.miss_send_len));
}

static void add_desc(struct cmdl_context *ctx UNUSED, const struct ofp_message *m, json_t *into)
{
    json_object_set_new(into, "manufacturer", text_json(m->desc.mfr_desc));
    json_object_set_new(into, "hardware", text_json(m->desc.hw_desc));
    json_object_set_new(into, "software", text_json(m->desc.sw_desc));
    json_object_set_new(into, "serial_num", text_json(m->desc.serial_num));
    json_object_set_new(into, "dp_description", text_json(m->desc.dp_desc));
}

static void add_port_descs(struct cmdl_context *ctx UNUSED, const struct ofp_message *m,
                           json_t *into)
{
    add_ports(m->entries, into);
}

static void add_flows(struct cmdl_context *ctx, const struct ofp_message *m, json_t *into)
{
    struct reader r = m->entries;
    for (struct ofp_flow_stats fs; ofp_flow_entry_next(m->kind, &r, &fs);) {
        json_array_append_new(into, ofctl_json_flow(ctx, &fs));
        action_list_uninit(&fs.actions);
    }
}

static void add_aggregate(struct cmdl_context *ctx UNUSED, const struct ofp_message *m,
                          json_t *into)
{
    json_object_set_new(into, "packet_count", count(m->aggregate.packet_count));
    json_object_set_new(into, "byte_count", count(m->aggregate.byte_count));
    json_object_set_new(into, "flow_count", json_integer(m->aggregate.flow_count));
}

static void add_tables(struct cmdl_context *ctx UNUSED, const struct ofp_message *m, json_t *into)
{
    struct reader r = m->entries;
    for (struct ofp_table_stats ts; ofp_table_stats_next(&r, &ts);) {
        json_array_append_new(
            into, json_pack("{s:i, s:o, s:o, s:I, s:I, s:o, s:o}", "table", (int) ts.table_id,
                            "name", text_json(ts.name), "wildcards", hex(ts.wildcards, 1),
                            "max_entries", (json_int_t) ts.max_entries, "active",
                            (json_int_t) ts.active_count, "lookup", count(ts.lookup_count),
                            "matched", count(ts.matched_count)));
    }
}

static void add_port_stats(struct cmdl_context *ctx, const struct ofp_message *m, json_t *into)
{
    struct reader r = m->entries;
    for (struct ofp_port_stats ps; ofp_port_stats_next(&r, &ps);) {
        json_t *rx = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "pkts", count(ps.rx_packets),
                               "bytes", count(ps.rx_bytes), "drop", count(ps.rx_dropped), "errs",
                               count(ps.rx_errors), "frame", count(ps.rx_frame_err), "over",
                               count(ps.rx_over_err), "crc", count(ps.rx_crc_err));
        json_t *tx = json_pack("{s:o, s:o, s:o, s:o, s:o}", "pkts", count(ps.tx_packets), "bytes",
                               count(ps.tx_bytes), "drop", count(ps.tx_dropped), "errs",
                               count(ps.tx_errors), "coll", count(ps.collisions));
        json_array_append_new(into, json_pack("{s:o, s:o, s:o}", "port", port(ctx, ps.port_no),
                                              "rx", rx, "tx", tx));
    }
}

static void add_queue_stats(struct cmdl_context *ctx, const struct ofp_message *m, json_t *into)
{
    struct reader r = m->entries;
    for (struct ofp_queue_stats qs; ofp_queue_stats_next(&r, &qs);) {
        json_array_append_new(
            into, json_pack("{s:o, s:I, s:o, s:o, s:o}", "port", port(ctx, qs.port_no), "queue",
                            (json_int_t) qs.queue_id, "bytes", count(qs.tx_bytes), "pkts",
                            count(qs.tx_packets), "errors", count(qs.tx_errors)));
    }
}

static void add_queue_config(struct cmdl_context *ctx, const struct ofp_message *m, json_t *into)
{
    struct reader r = m->queue_config.queues;
    json_t *queues = json_array();
    for (struct ofp_queue q; ofp_queue_next(&r, &q);) {
        json_array_append_new(queues,
                              json_pack("{s:I, s:o}", "queue", (json_int_t) q.queue_id, "min_rate",
                                        q.min_rate == UINT16_MAX ? json_null()
                                                                 : json_integer(q.min_rate)));
    }
    json_array_append_new(into, json_pack("{s:o, s:o}", "port",
                                          port(ctx, m->queue_config.port_no), "queues", queues));
}

/* How each kind of reply is told; the others are not. */
static const struct {
    bool is_list;    /* Its entries are elements of an array. */
    json_adder *add; /* Adds them, or members of an object. */
} kinds[N_OFP_KINDS] = {
    [OFP_FEATURES_REPLY] = {false, add_features},
    [OFP_GET_CONFIG_REPLY] = {false, add_config},
    [OFP_DESC_REPLY] = {false, add_desc},
    [OFP_AGGREGATE_REPLY] = {false, add_aggregate},
    [OFP_FLOW_STATS_REPLY] = {true, add_flows},
    [OFP_NXST_AGGREGATE_REPLY] = {false, add_aggregate},
    [OFP_NXST_FLOW_REPLY] = {true, add_flows},
    [OFP_TABLE_STATS_REPLY] = {true, add_tables},
    [OFP_PORT_STATS_REPLY] = {true, add_port_stats},
    [OFP_PORT_DESC_REPLY] = {true, add_port_descs},
    [OFP_QUEUE_STATS_REPLY] = {true, add_queue_stats},
    [OFP_QUEUE_GET_CONFIG_REPLY] = {true, add_queue_config},
};

/* Begins the answer if nothing was added before; exhausted memory ends us as anywhere else. */
static void begin(struct cmdl_context *ctx, bool is_list)
{
    if (!ctx->json) {
        json_set_alloc_funcs(xmalloc, free);
        ctx->json = is_list ? json_array() : json_object();
    }
}

void ofctl_json_add(struct cmdl_context *ctx, const struct ofp_message *m)
{
    begin(ctx, kinds[m->kind].is_list);
    if (kinds[m->kind].add) {
        kinds[m->kind].add(ctx, m, ctx->json);
    }
}

/* Flows ---------------------------------------------------------------------------------------- */

/* For ofp_print_each_field(). */
static void add_field(void *match, const char *name, const char *value)
{
    json_object_set_new(match, name, word(value));
}

/* The actions, each as it is written in a flow; none if packets are dropped. */
static json_t *actions_of(struct cmdl_context *ctx, const struct action_list *actions)
{
    json_t *array = json_array();
    struct action *a;
    ACTION_FOR_EACH (a, actions) {
        struct bytes s = BYTES_INIT;
        const struct action_list one = {.first = a, .size = a->size};
        ofp_print_actions_styled(&s, &one, &ctx->style);
        json_array_append_new(array, text_json(bytes_string(&s)));
        bytes_uninit(&s);
    }
    return array;
}

struct json_t *ofctl_json_flow(struct cmdl_context *ctx, const struct ofp_flow_stats *fs)
{
    begin(ctx, true);
    json_t *flow = json_object();
    json_t *match = json_object();
    if (!ctx->hides_stats || fs->cookie) {
        json_object_set_new(flow, "cookie", hex(fs->cookie, 1));
    }
    if (!ctx->hides_stats) {
        json_object_set_new(flow, "duration", json_real(fs->duration_sec
                                                        + fs->duration_nsec / 1e9));
    }
    json_object_set_new(flow, "table", json_integer(fs->table_id));
    if (!ctx->hides_stats) {
        json_object_set_new(flow, "n_packets", count(fs->packet_count));
        json_object_set_new(flow, "n_bytes", count(fs->byte_count));
    }
    if (!ctx->hides_stats && fs->idle_age != OFP_AGE_UNKNOWN) {
        json_object_set_new(flow, "idle_age", json_integer(fs->idle_age));
    }
    if (!ctx->hides_stats && fs->hard_age != OFP_AGE_UNKNOWN) {
        json_object_set_new(flow, "hard_age", json_integer(fs->hard_age));
    }
    json_object_set_new(flow, "idle_timeout", json_integer(fs->idle_timeout));
    json_object_set_new(flow, "hard_timeout", json_integer(fs->hard_timeout));
    json_object_set_new(flow, "priority", json_integer(fs->priority));
    ofp_print_each_field(&fs->match, &ctx->style, add_field, match);
    json_object_set_new(flow, "match", match);
    json_object_set_new(flow, "actions", actions_of(ctx, &fs->actions));
    return flow;
}

/* The answer ----------------------------------------------------------------------------------- */

void ofctl_json_append(struct cmdl_context *ctx, struct json_t *element)
{
    begin(ctx, true);
    if (element) {
        json_array_append_new(ctx->json, element);
    }
}

void ofctl_json_print(struct cmdl_context *ctx)
{
    const char *separator = "[\n";
    json_t *element;
    size_t i;
    if (json_is_object(ctx->json)) {
        json_dumpf(ctx->json, stdout, DUMP_FLAGS | JSON_INDENT(2));
        putchar('\n');
    } else if (json_array_size(ctx->json)) {
        json_array_foreach (ctx->json, i, element) {
            fputs(separator, stdout);
            json_dumpf(element, stdout, DUMP_FLAGS);
            separator = ",\n";
        }
        puts("\n]");
    } else if (ctx->json) {
        puts("[]");
    }
}

void ofctl_json_release(struct cmdl_context *ctx)
{
    json_decref(ctx->json);
    ctx->json = NULL;
}
