/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that ask the switch for something and print the answer. */
#include <strings.h>

#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "utilities/ofctl-json.h"
#include "utilities/ofctl.h"

/* For ofctl_transact(). */
static void print_reply(struct cmdl_context *ctx, const struct ofp_message *reply,
                        void *aux UNUSED)
{
    if (ctx->wants_json) {
        ofctl_json_add(ctx, reply);
    } else {
        ofctl_print(ctx, stdout, reply, 1);
    }
}

int ofctl_dump(struct cmdl_context *ctx, struct ofp_message *m, enum ofp_kind reply)
{
    return ofctl_transact(ctx, m, reply, print_reply, NULL);
}

/* Connects, sends a request without a body and prints the reply. */
static int dump_trivial(struct cmdl_context *ctx, const char *target, enum ofp_kind request,
                        enum ofp_kind reply)
{
    struct ofp_message m = ofctl_request(request);
    int result = ofctl_open(ctx, target, "mgmt");
    return result ? result : ofctl_dump(ctx, &m, reply);
}

int ofctl_show(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    struct ofp_message config = ofctl_request(OFP_GET_CONFIG_REQUEST);
    int result = dump_trivial(ctx, argv[1], OFP_FEATURES_REQUEST, OFP_FEATURES_REPLY);
    return result ? result : ofctl_dump(ctx, &config, OFP_GET_CONFIG_REPLY);
}

int ofctl_dump_desc(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    return dump_trivial(ctx, argv[1], OFP_DESC_REQUEST, OFP_DESC_REPLY);
}

int ofctl_dump_tables(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    return dump_trivial(ctx, argv[1], OFP_TABLE_STATS_REQUEST, OFP_TABLE_STATS_REPLY);
}

/* Connects and reads the port in argv[2], if there is one, into '*port'. */
static int open_with_port(struct cmdl_context *ctx, int argc, char *argv[], uint16_t *port)
{
    int result = ofctl_open(ctx, argv[1], "mgmt");
    if (result || argc < 3) {
        return result;
    }
    return ofp_parse_port(argv[2], &ctx->parse, port)
               ? CMDL_OK
               : ofctl_fail("%s: unknown port `%s'; \"show\" lists them", argv[1], argv[2]);
}

/* Says that 'target' has no port 'name'. */
static int fail_no_port(const char *target, const char *name)
{
    return ofctl_fail("%s: there is no port %s; \"show\" lists them", target, name);
}

/* For ofctl_transact(); 'aux' is a bool that becomes true if the reply is about a port. */
static void print_ports(struct cmdl_context *ctx, const struct ofp_message *reply, void *aux)
{
    *(bool *) aux |= reply->entries.left > 0;
    print_reply(ctx, reply, NULL);
}

int ofctl_dump_ports(struct cmdl_context *ctx, int argc, char *argv[])
{
    struct ofp_message m = ofctl_request(OFP_PORT_STATS_REQUEST);
    bool any = false;
    m.port_no = OFPP_NONE;
    int result = open_with_port(ctx, argc, argv, &m.port_no);
    result = result ? result : ofctl_transact(ctx, &m, OFP_PORT_STATS_REPLY, print_ports, &any);
    return result || any || m.port_no == OFPP_NONE ? result : fail_no_port(argv[1], argv[2]);
}

/* Which of the ports described is wanted. */
struct wanted_port {
    uint16_t port_no; /* This one; OFPP_NONE: all. */
    bool any;         /* It was there. */
};

/* Prints a reply that describes 'port' alone. */
static void print_port_desc(struct cmdl_context *ctx, const struct ofp_message *reply,
                            const struct ofp_port *port)
{
    struct bytes *raw = ofp_msg_start(OFP_PORT_DESC_REPLY, reply->xid);
    struct ofp_message m;
    ofp_port_put(raw, port);
    ofp_msg_finish(raw);
    if (!ofp_message_decode(&m, raw->data, raw->size, false)) {
        print_reply(ctx, &m, NULL);
    }
    ofp_message_uninit(&m);
    bytes_destroy(raw);
}

/* For ofctl_transact(): the request can't name a port, so what came is looked through. */
static void print_port_descs(struct cmdl_context *ctx, const struct ofp_message *reply, void *aux)
{
    struct wanted_port *wanted = aux;
    struct reader r = reply->entries;
    struct ofp_port port;
    if (wanted->port_no == OFPP_NONE) {
        print_reply(ctx, reply, NULL);
        return;
    }
    while (ofp_port_next(&r, &port)) {
        if (port.port_no == wanted->port_no) {
            wanted->any = true;
            print_port_desc(ctx, reply, &port);
        }
    }
}

int ofctl_dump_ports_desc(struct cmdl_context *ctx, int argc, char *argv[])
{
    struct ofp_message m = ofctl_request(OFP_PORT_DESC_REQUEST);
    struct wanted_port wanted = {.port_no = OFPP_NONE};
    int result = open_with_port(ctx, argc, argv, &wanted.port_no);
    result = result ? result
                    : ofctl_transact(ctx, &m, OFP_PORT_DESC_REPLY, print_port_descs, &wanted);
    return result || wanted.port_no == OFPP_NONE || wanted.any ? result
                                                               : fail_no_port(argv[1], argv[2]);
}

int ofctl_dump_aggregate(struct cmdl_context *ctx, int argc, char *argv[])
{
    struct ofp_message m = ofctl_request(OFP_AGGREGATE_REQUEST);
    bool is_nxm;
    int result = ofctl_open_for_flows(ctx, argc, argv, &m.flow_stats_request, &is_nxm);
    m.kind = is_nxm ? OFP_NXST_AGGREGATE_REQUEST : OFP_AGGREGATE_REQUEST;
    return result ? result
                  : ofctl_dump(ctx, &m, is_nxm ? OFP_NXST_AGGREGATE_REPLY : OFP_AGGREGATE_REPLY);
}

int ofctl_queue_stats(struct cmdl_context *ctx, int argc, char *argv[])
{
    struct ofp_message m = ofctl_request(OFP_QUEUE_STATS_REQUEST);
    m.queue_stats_request.port_no = OFPP_ALL;
    m.queue_stats_request.queue_id = OFPQ_ALL;
    int result = open_with_port(ctx, argc, argv, &m.queue_stats_request.port_no);
    if (result) {
        return result;
    }
    if (argc > 3 && strcasecmp(argv[3], "all")
        && !str_to_u32(argv[3], 0, &m.queue_stats_request.queue_id)) {
        return ofctl_fail("%s is no queue: give its number, or ALL", argv[3]);
    }
    return ofctl_dump(ctx, &m, OFP_QUEUE_STATS_REPLY);
}

/* Asks for the queues of 'port' and prints them. */
static int dump_queue_config(struct cmdl_context *ctx, uint16_t port)
{
    struct ofp_message m = ofctl_request(OFP_QUEUE_GET_CONFIG_REQUEST);
    m.port_no = port;
    return ofctl_dump(ctx, &m, OFP_QUEUE_GET_CONFIG_REPLY);
}

int ofctl_queue_get_config(struct cmdl_context *ctx, int argc, char *argv[])
{
    uint16_t port = OFPP_NONE;
    unsigned n_refused = 0;
    bool names_all = argc > 2 && !strcasecmp(argv[2], "all");
    int result = open_with_port(ctx, names_all ? 2 : argc, argv, &port);
    if (result || port != OFPP_NONE) {
        return result ? result : dump_queue_config(ctx, port);
    }
    result = ofctl_get_ports(ctx);
    for (size_t i = 0; !result && i < ctx->n_ports; i++) {
        if (ctx->ports[i].port_no < OFPP_MAX) {
            n_refused += dump_queue_config(ctx, ctx->ports[i].port_no) != CMDL_OK;
            result = client_is_open(ctx->client) ? CMDL_OK : CMDL_FAILED;
        }
    }
    if (!result && n_refused) {
        ofctl_json_print(ctx);
        result = ofctl_fail("%s: of %u ports the queues are not told, see above", argv[1],
                            n_refused);
    }
    return result;
}
