/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on single messages: packet-out, monitor, snoop, ping, probe, and printing them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/headers.h"
#include "utilities/ofctl.h"

enum {
    PINGS = 10,             /* Echo requests that ping sends. */
    PING_SIZE = 64,         /* Bytes of their payload. */
    PING_SIZE_MAX = OFP_MAX_MESSAGE - OFP_HEADER_SIZE,
    MONITOR_VERBOSITY = 2,  /* Frames as a line of their fields. */
    PRINT_VERBOSITY = 2,    /* The same for ofp-print. */
};

/* Checks that 'frame', which stands as 'text' in the command line, has an Ethernet header.  Returns
 * an exit code. */
static int check_frame(const struct bytes *frame, const char *text)
{
    return frame->size < sizeof(struct eth_header)
               ? ofctl_fail("%s is no frame: give at least the 14 bytes of an Ethernet header in "
                            "hex digits", text)
               : CMDL_OK;
}

/* Sends the packet-outs of "IN_PORT ACTIONS PACKET...". */
static int send_frames(struct cmdl_context *ctx, struct ofp_message *m, int argc, char *argv[])
{
    struct bytes frame = BYTES_INIT;
    int result = CMDL_OK;
    for (int i = 4; !result && i < argc; i++) {
        bytes_clear(&frame);
        if (!ofp_parse_hex(argv[i], &frame)) {
            bytes_clear(&frame);
        }
        result = check_frame(&frame, argv[i]);
        if (result) {
            break;
        }
        char *error;
        m->packet_out.data = (struct ofp_data){.data = frame.data, .size = frame.size};
        if (ofp_check_packet_out_size(&m->packet_out, &error)) {
            result = ofctl_fail_with(error);
        } else {
            ofctl_send(ctx, m);
        }
    }
    bytes_uninit(&frame);
    return result;
}

/* "SWITCH IN_PORT ACTIONS PACKET...". */
static int packet_out_old(struct cmdl_context *ctx, int argc, char *argv[])
{
    struct ofp_message m = ofctl_request(OFP_PACKET_OUT);
    char *error;
    m.packet_out.buffer_id = OFP_NO_BUFFER;
    if (!ofp_parse_port(argv[2], &ctx->parse, &m.packet_out.in_port)) {
        return ofctl_fail("%s: unknown port `%s'; \"show\" lists them", argv[1], argv[2]);
    }
    if (ofp_parse_actions(&m.packet_out.actions, argv[3], false, &ctx->parse, &error)) {
        return ofctl_fail_with(error);
    }
    int result = send_frames(ctx, &m, argc, argv);
    action_list_uninit(&m.packet_out.actions);
    return result;
}

/* "SWITCH in_port=...,packet=...,actions=...". */
static int packet_out_new(struct cmdl_context *ctx, char *argv[])
{
    struct ofp_message m = ofctl_request(OFP_PACKET_OUT);
    struct bytes frame = BYTES_INIT;
    char *error;
    int result;
    if (ofp_parse_packet_out(&m.packet_out, argv[2], &frame, &ctx->parse, &error)) {
        result = ofctl_fail_with(error);
    } else {
        result = check_frame(&frame, argv[2]);
        if (!result) {
            ofctl_send(ctx, &m);
        }
        action_list_uninit(&m.packet_out.actions);
    }
    bytes_uninit(&frame);
    return result;
}

int ofctl_packet_out(struct cmdl_context *ctx, int argc, char *argv[])
{
    if (argc == 4) {
        return ofctl_fail("packet-out needs a packet: SWITCH IN_PORT ACTIONS PACKET..., or "
                          "SWITCH \"in_port=PORT,packet=HEX,actions=ACTIONS\"");
    }
    int result = ofctl_open(ctx, argv[1], "mgmt");
    result = result      ? result
             : argc == 3 ? packet_out_new(ctx, argv)
                         : packet_out_old(ctx, argc, argv);
    return result ? result : ofctl_barrier(ctx, NULL, NULL);
}

/* Prints the time of day, in UTC. */
static void print_time(void)
{
    struct timespec now;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &now);
    strftime(text, sizeof text, "%F %T", gmtime(&now.tv_sec));
    printf("%s.%06ld: ", text, now.tv_nsec / 1000);
}

/* Prints what comes until the connection ends. */
static int print_forever(struct cmdl_context *ctx)
{
    struct bytes *raw;
    char *error;
    for (;;) {
        if (client_receive(ctx->client, &raw, &error)) {
            return ofctl_fail_with(error);
        }
        struct ofp_message m = {.raw = raw->data, .raw_size = raw->size};
        if (ctx->shows_time) {
            print_time();
        }
        ofctl_print(ctx, stdout, &m, MONITOR_VERBOSITY);
        fflush(stdout);
        bytes_destroy(raw);
    }
}

static void take_config(struct cmdl_context *ctx UNUSED, const struct ofp_message *reply,
                        void *aux)
{
    *(struct ofp_switch_config *) aux = reply->config;
}

/* What a monitor asks the switch for. */
struct monitor_wish {
    bool wants_packets;     /* 'miss_send_len' was given. */
    uint16_t miss_send_len; /* Bytes of a packet that no rule matches. */
    bool wants_invalid_ttl; /* Packets whose TTL has run out, too. */
    bool has_role;          /* 'role' was given. */
    uint32_t role;          /* NX_ROLE_*. */
    uint16_t controller_id; /* Number of this controller; 0 is what it has anyway. */
};

/* Sends the configuration that is wanted. */
static int wish_config(struct cmdl_context *ctx, const struct monitor_wish *wish)
{
    struct ofp_message get = ofctl_request(OFP_GET_CONFIG_REQUEST);
    struct ofp_message set = ofctl_request(OFP_SET_CONFIG);
    int result = ofctl_transact(ctx, &get, OFP_GET_CONFIG_REPLY, take_config, &set.config);
    if (!result) {
        set.config.flags |= wish->wants_invalid_ttl ? OFPC_NX_INVALID_TTL : 0;
        if (wish->wants_packets) {
            set.config.miss_send_len = wish->miss_send_len;
        }
        ofctl_send(ctx, &set);
    }
    return result;
}

static void take_role(struct cmdl_context *ctx UNUSED, const struct ofp_message *reply UNUSED,
                      void *aux UNUSED)
{
}

/* Asks for all that is wished. */
static int wish_all(struct cmdl_context *ctx, const struct monitor_wish *wish)
{
    int result = CMDL_OK;
    if (wish->controller_id) {
        struct ofp_message m = ofctl_request(OFP_NXT_SET_CONTROLLER_ID);
        m.controller_id = wish->controller_id;
        ofctl_send(ctx, &m);
    }
    if (wish->has_role) {
        struct ofp_message m = ofctl_request(OFP_NXT_ROLE_REQUEST);
        m.role = wish->role;
        result = ofctl_transact(ctx, &m, OFP_NXT_ROLE_REPLY, take_role, NULL);
    }
    if (!result && (wish->wants_packets || wish->wants_invalid_ttl)) {
        result = wish_config(ctx, wish);
    }
    return result;
}

/* Reads the name of a role, as this or older tools write it. */
static bool role_from_name(const char *name, uint32_t *role)
{
    static const struct {
        const char *name; /* As typed. */
        uint32_t role;    /* NX_ROLE_*. */
    } roles[] = {
        {"primary", NX_ROLE_PRIMARY},     {"master", NX_ROLE_PRIMARY}, {"other", NX_ROLE_OTHER},
        {"secondary", NX_ROLE_SECONDARY}, {"slave", NX_ROLE_SECONDARY}, {"equal", NX_ROLE_OTHER},
    };
    for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
        if (!strcmp(name, roles[i].name)) {
            *role = roles[i].role;
            return true;
        }
    }
    return false;
}

/* Adds what 'word' says. False if it says nothing that we know. */
static bool wish_add(struct monitor_wish *wish, const char *word)
{
    if (!strcmp(word, "invalid_ttl")) {
        wish->wants_invalid_ttl = true;
        return true;
    }
    if (!strncmp(word, "role=", 5)) {
        wish->has_role = true;
        return role_from_name(word + 5, &wish->role);
    }
    if (!strncmp(word, "id=", 3)) {
        return str_to_u16(word + 3, 0, &wish->controller_id);
    }
    wish->wants_packets = true;
    return str_to_u16(word, 0, &wish->miss_send_len);
}

int ofctl_monitor(struct cmdl_context *ctx, int argc, char *argv[])
{
    struct monitor_wish wish = {.wants_packets = false};
    for (int i = 2; i < argc; i++) {
        if (!wish_add(&wish, argv[i])) {
            return ofctl_fail("%s: unsupported \"monitor\" argument; it takes the number of bytes "
                              "of a packet that are wanted, invalid_ttl, "
                              "role=primary|secondary|other, and id=NUMBER",
                              argv[i]);
        }
    }
    if (ctx->only_reads && wish.has_role && wish.role == NX_ROLE_PRIMARY) {
        return ofctl_fail("monitor takes the role primary from who has it: leave that or "
                          "--read-only out");
    }
    int result = ofctl_open(ctx, argv[1], "mgmt");
    result = result ? result : ofctl_use_packet_in_format(ctx);
    result = result ? result : wish_all(ctx, &wish);
    if (result) {
        return result;
    }
    client_show_echo(ctx->client);
    return print_forever(ctx);
}

int ofctl_snoop(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    int result = ofctl_open(ctx, argv[1], "snoop");
    if (result) {
        return result;
    }
    client_show_echo(ctx->client);
    return print_forever(ctx);
}

/* Sends an echo request with 'size' bytes at 'payload' and checks the reply. */
static int echo(struct cmdl_context *ctx, const void *payload, size_t size, uint32_t *xid)
{
    struct ofp_message m = ofctl_request(OFP_ECHO_REQUEST);
    struct ofp_message reply;
    struct bytes *raw;
    m.body = (struct ofp_data){.data = payload, .size = size};
    ofctl_send(ctx, &m);
    int result = ofctl_receive(ctx, m.xid, OFP_ECHO_REPLY, &raw, &reply);
    if (result) {
        return result;
    }
    if (reply.body.size != size || memcmp(reply.body.data, payload, size)) {
        result = ofctl_fail("%s: the echo reply has another payload than the request",
                            ctx->target);
    }
    *xid = m.xid;
    ofp_message_uninit(&reply);
    bytes_destroy(raw);
    return result;
}

int ofctl_ping(struct cmdl_context *ctx, int argc, char *argv[])
{
    uint64_t size = PING_SIZE;
    if (argc > 2 && !str_to_uint(argv[2], 10, PING_SIZE_MAX, &size)) {
        return ofctl_fail("payload must be between 0 and %d bytes", PING_SIZE_MAX);
    }
    int result = ofctl_open(ctx, argv[1], "mgmt");
    uint8_t *payload = xzalloc(size + 1);
    for (int i = 0; !result && i < PINGS; i++) {
        uint32_t xid;
        int64_t start = client_now();
        if (getrandom(payload, size, 0) < 0) {
            memset(payload, i, size);
        }
        result = echo(ctx, payload, size, &xid);
        if (!result) {
            printf("%" PRIu64 " bytes from %s: xid=%08" PRIx32 " time=%.1f ms\n", size, argv[1],
                   xid, (double) (client_now() - start) / MSEC);
        }
    }
    free(payload);
    return result;
}

int ofctl_benchmark(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    uint64_t size, n;
    if (!str_to_uint(argv[2], 10, PING_SIZE_MAX, &size)) {
        return ofctl_fail("payload must be between 0 and %d bytes", PING_SIZE_MAX);
    }
    if (!str_to_uint(argv[3], 10, UINT32_MAX, &n) || !n) {
        return ofctl_fail("%s is no number of echo requests: give 1 or more", argv[3]);
    }
    int result = ofctl_open(ctx, argv[1], "mgmt");
    if (result) {
        return result;
    }
    uint64_t bytes = n * (size + OFP_HEADER_SIZE);
    printf("Sending %" PRIu64 " packets * %" PRIu64 " bytes (with header) = %" PRIu64
           " bytes total\n",
           n, size + OFP_HEADER_SIZE, bytes);
    uint8_t *payload = xzalloc(size + 1);
    int64_t start = client_now();
    for (uint64_t i = 0; !result && i < n; i++) {
        uint32_t xid;
        result = echo(ctx, payload, size, &xid);
    }
    free(payload);
    if (!result) {
        double seconds = (double) (client_now() - start) / SEC;
        printf("Finished in %.1f ms (%.0f packets/s) (%.0f bytes/s)\n", 1000 * seconds,
               n / seconds, bytes / seconds);
    }
    return result;
}

int ofctl_probe(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    uint32_t xid;
    int result = ofctl_open(ctx, argv[1], "mgmt");
    return result ? result : echo(ctx, "", 0, &xid);
}

int ofctl_ofp_print(struct cmdl_context *ctx, int argc, char *argv[])
{
    struct bytes msg = BYTES_INIT;
    uint64_t verbosity = PRINT_VERBOSITY;
    if (argc > 2 && !str_to_uint(argv[2], 10, 10, &verbosity)) {
        return ofctl_fail("%s is no verbosity: give a number from 0 to 3", argv[2]);
    }
    if (!ofp_parse_hex(argv[1], &msg)) {
        bytes_uninit(&msg);
        return ofctl_fail("trailing garbage following hex bytes: give an even number of hex "
                          "digits");
    }
    struct ofp_message m = {.raw = msg.data, .raw_size = msg.size};
    ofctl_print(ctx, stdout, &m, verbosity);
    bytes_uninit(&msg);
    return CMDL_OK;
}

/* Prints each message of 'all', one behind the other as on a connection. */
static int print_messages(struct cmdl_context *ctx, const struct bytes *all, const char *file)
{
    struct reader r;
    reader_init(&r, all->data, all->size);
    while (r.left) {
        struct ofp_message m = {.raw = r.data};
        m.raw_size = r.left >= OFP_HEADER_SIZE ? get_be16(r.data + 2) : 0;
        if (m.raw_size < OFP_HEADER_SIZE || !reader_pull(&r, m.raw_size)) {
            return ofctl_fail("%s: unexpected end of file mid-message", file);
        }
        ofctl_print(ctx, stdout, &m, PRINT_VERBOSITY);
    }
    return CMDL_OK;
}

int ofctl_ofp_parse(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    FILE *stream = ofctl_open_file(argv[1]);
    struct bytes all = BYTES_INIT;
    uint8_t chunk[4096];
    if (!stream) {
        return CMDL_FAILED;
    }
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, stream)) > 0;) {
        bytes_put(&all, chunk, n);
    }
    const char *name = ofctl_file_name(argv[1]);
    int result = ofctl_check_file(stream, name);
    result = result ? result : print_messages(ctx, &all, name);
    ofctl_close_file(stream);
    bytes_uninit(&all);
    return result;
}
