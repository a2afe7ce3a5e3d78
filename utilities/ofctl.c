/* SPDX-License-Identifier: Apache-2.0 */
/* Connection, requests, answers and port names for the commands of sluice-ofctl. */
#include "utilities/ofctl.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/byte-order.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "utilities/run-dir.h"

int ofctl_fail_with(char *error)
{
    fflush(stdout);
    str_tame(error);
    fprintf(stderr, "sluice-ofctl: %s\n", error);
    free(error);
    return CMDL_FAILED;
}

int ofctl_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *error = xvasprintf(format, args);
    va_end(args);
    return ofctl_fail_with(error);
}

/* Connecting ----------------------------------------------------------------------------------- */

/* "unix:DIR/BRIDGE.SUFFIX" if that exists, or NULL.  The caller owns it. */
static char *find_socket(const char *dir, const char *bridge, const char *suffix)
{
    char *name = xasprintf("unix:%s/%s.%s", dir, bridge, suffix);
    if (!access(name + strlen("unix:"), F_OK)) {
        return name;
    }
    free(name);
    return NULL;
}

/* The stream's name that 'target' means; NULL with '*error' if there is none. */
static char *resolve(const struct cmdl_context *ctx, const char *target, const char *suffix,
                     char **error)
{
    const char *ovs = getenv("OVS_RUNDIR");
    if (!*target) {
        *error = xstrdup("the name of the switch is empty: give a bridge, or tcp:HOST:PORT");
        return NULL;
    }
    if (strchr(target, ':')) {
        return xstrdup(target);
    }
    if (strchr(target, '/')) {
        return xasprintf("unix:%s", target);
    }
    char *dir = ctx->run_dir ? xstrdup(ctx->run_dir) : run_dir_default();
    char *name = find_socket(dir, target, suffix);
    if (!name && !ctx->run_dir) {
        name = find_socket(ovs && *ovs ? ovs : "/run/openvswitch", target, suffix);
    }
    if (!name) {
        *error = xasprintf("%s is not a bridge or a socket: there is no %s/%s.%s; is sluiced "
                           "running, and with this --run-dir?",
                           target, dir, target, suffix);
    }
    free(dir);
    return name;
}

/* The first of the switch's ports that are called 'name', or NULL. */
static const struct ofp_port *port_by_name(const struct cmdl_context *ctx, const char *name)
{
    for (size_t i = 0; i < ctx->n_ports; i++) {
        if (!strcmp(ctx->ports[i].name, name)) {
            return &ctx->ports[i];
        }
    }
    return NULL;
}

/* For struct ofp_parse: asks the switch for its ports when the first name is met. */
static bool look_up_port(void *aux, const char *name, uint16_t *port)
{
    struct cmdl_context *ctx = aux;
    const struct ofp_port *found = ctx->client && !ofctl_get_ports(ctx) ? port_by_name(ctx, name)
                                                                        : NULL;
    if (found) {
        *port = found->port_no;
    }
    return found;
}

/* Whether the name of 'p' means 'p'.  Names have 15 bytes at most here, and two may be the same;
 * and JSON has no second sort of quotes to tell a port that is called LOCAL. */
static bool has_name(const struct cmdl_context *ctx, const struct ofp_port *p)
{
    uint16_t other;
    return port_by_name(ctx, p->name) == p
           && !(ctx->wants_json && ofp_parse_port(p->name, NULL, &other));
}

/* For struct ofp_print_style. */
static const char *name_port(void *aux, uint16_t port)
{
    struct cmdl_context *ctx = aux;
    for (size_t i = 0; i < ctx->n_ports; i++) {
        if (ctx->ports[i].port_no == port) {
            return has_name(ctx, &ctx->ports[i]) ? ctx->ports[i].name : NULL;
        }
    }
    return NULL;
}

int ofctl_open(struct cmdl_context *ctx, const char *target, const char *suffix)
{
    char *error = NULL;
    char *name = resolve(ctx, target, suffix, &error);
    if (!name || client_open(name, &ctx->tls, ctx->timeout, &ctx->client, &error)) {
        free(name);
        return ofctl_fail_with(error);
    }
    free(name);
    ctx->target = target;
    ctx->parse.port_lookup = look_up_port;
    ctx->parse.aux = ctx;
    ctx->style.no_stats = ctx->hides_stats;
    if (ctx->shows_names && !strcmp(suffix, "mgmt")) {
        int result = ofctl_get_ports(ctx);
        ctx->style.port_name = name_port;
        ctx->style.aux = ctx;
        return result;
    }
    return CMDL_OK;
}

void ofctl_close(struct cmdl_context *ctx)
{
    client_close(ctx->client);
    ctx->client = NULL;
    free(ctx->ports);
    ctx->ports = NULL;
    ctx->n_ports = 0;
    ctx->has_ports = false;
}

FILE *ofctl_open_file(const char *file)
{
    FILE *stream = !strcmp(file, "-") ? stdin : fopen(file, "r");
    if (!stream) {
        ofctl_fail("%s: open failed (%s)", file, strerror(errno));
    }
    return stream;
}

int ofctl_check_file(FILE *stream, const char *name)
{
    return ferror(stream) ? ofctl_fail("%s: read failed (%s)", name, strerror(errno)) : CMDL_OK;
}

void ofctl_close_file(FILE *stream)
{
    if (stream != stdin) {
        fclose(stream);
    }
}

const char *ofctl_file_name(const char *file)
{
    return strcmp(file, "-") ? file : "<stdin>";
}

/* Reads one line of 'size' bytes for ofctl_read_lines().  Behind a zero byte nobody would read. */
static int read_line(const char *line, size_t size, unsigned n,
                     int (*each)(const char *line, unsigned n, void *aux, char **error),
                     void *aux, char **error)
{
    if (memchr(line, 0, size)) {
        *error = xstrdup("a zero byte: this is no text");
        return EINVAL;
    }
    return ofp_parse_is_blank(line) ? 0 : each(line, n, aux, error);
}

int ofctl_read_lines(const char *file,
                     int (*each)(const char *line, unsigned n, void *aux, char **error), void *aux)
{
    FILE *stream = ofctl_open_file(file);
    char *line = NULL;
    size_t allocated = 0;
    ssize_t size;
    int result = stream ? CMDL_OK : CMDL_FAILED;
    for (unsigned n = 1; !result && (size = xgetline(&line, &allocated, stream)) > 0; n++) {
        char *error;
        if (read_line(line, (size_t) size, n, each, aux, &error)) {
            result = ofctl_fail("%s:%u: %s", ofctl_file_name(file), n, error);
            free(error);
        }
    }
    free(line);
    if (stream) {
        result = result ? result : ofctl_check_file(stream, ofctl_file_name(file));
        ofctl_close_file(stream);
    }
    return result;
}

/* Requests ------------------------------------------------------------------------------------- */

struct ofp_message ofctl_request(enum ofp_kind kind)
{
    return (struct ofp_message){.kind = kind};
}

void ofctl_send(struct cmdl_context *ctx, struct ofp_message *m)
{
    m->version = OFP10_VERSION;
    m->xid = client_next_xid(ctx->client);
    struct bytes *msg = ofp_message_encode(m);
    if (msg) {
        client_send(ctx->client, msg);
    }
}

void ofctl_print(struct cmdl_context *ctx, FILE *stream, const struct ofp_message *m,
                 int verbosity)
{
    struct bytes out = BYTES_INIT;
    ofp_print_styled(&out, m->raw, m->raw_size, verbosity + ctx->verbosity, &ctx->style);
    fwrite(out.data, 1, out.size, stream);
    bytes_uninit(&out);
}

/* What the switch says with an OFPT_ERROR. */
static const char *error_text(const struct ofp_message *m)
{
    size_t skip;
    int error = ofperr_from_data(m->error.type, m->error.code, m->error.data.data,
                                 m->error.data.size, &skip);
    return error ? ofperr_text(error) : "an error that we do not know";
}

/* The command as typed, on one line and cut short if it is long; the caller frees it. */
static char *command_text(const struct cmdl_context *ctx)
{
    enum { MAX_SHOWN = 160 /* Bytes. */ };
    struct bytes out = BYTES_INIT;
    for (char *const *word = ctx->words; *word; word++) {
        if (word != &ctx->words[1]) {
            bytes_printf(&out, "%s%s", out.size ? " " : "", *word);
        }
    }
    for (size_t i = 0; i < out.size; i++) {
        out.data[i] = iscntrl(out.data[i]) ? ' ' : out.data[i];
    }
    bool is_long = out.size > MAX_SHOWN;
    char *text = xasprintf("%.*s%s", MAX_SHOWN, bytes_string(&out), is_long ? "..." : "");
    bytes_uninit(&out);
    return text;
}

/* Says that the switch refused the command for 'reason', and 'more' of its messages besides. */
static int fail_refused(const struct cmdl_context *ctx, const char *reason, unsigned more)
{
    char *command = command_text(ctx);
    int result = more ? ofctl_fail("%s: the switch refused %s: %s; and %u more, see above",
                                   ctx->target, command, reason, more)
                      : ofctl_fail("%s: the switch refused %s: %s", ctx->target, command, reason);
    free(command);
    return result;
}

int ofctl_receive(struct cmdl_context *ctx, uint32_t xid, enum ofp_kind kind, struct bytes **raw,
                  struct ofp_message *m)
{
    char *error;
    for (;;) {
        if (client_receive(ctx->client, raw, &error)) {
            return ofctl_fail_with(error);
        }
        int result = ofp_message_decode(m, (*raw)->data, (*raw)->size, false);
        if (m->xid == xid && result) {
            bytes_destroy(*raw);
            return ofctl_fail("%s: the answer is damaged: %s", ctx->target, ofperr_text(result));
        }
        if (m->xid == xid && m->kind == kind) {
            return CMDL_OK;
        }
        if (m->xid == xid && m->kind == OFP_ERROR) {
            ofctl_print(ctx, ctx->wants_json ? stderr : stdout, m, 1);
            result = fail_refused(ctx, error_text(m), 0);
            bytes_destroy(*raw);
            return result;
        }
        ofp_message_uninit(m);
        bytes_destroy(*raw);
    }
}

int ofctl_transact(struct cmdl_context *ctx, struct ofp_message *m, enum ofp_kind kind,
                   void (*take)(struct cmdl_context *ctx, const struct ofp_message *reply,
                                void *aux),
                   void *aux)
{
    struct ofp_message reply;
    struct bytes *raw;
    bool has_more;
    ofctl_send(ctx, m);
    do {
        int result = ofctl_receive(ctx, m->xid, kind, &raw, &reply);
        if (result) {
            return result;
        }
        take(ctx, &reply, aux);
        has_more = raw->data[1] == OFPT_STATS_REPLY && reply.flags & OFPSF_REPLY_MORE;
        ofp_message_uninit(&reply);
        bytes_destroy(raw);
    } while (has_more);
    return CMDL_OK;
}

/* If 'raw' is an error prints it and returns what it says; else NULL. */
static const char *tell_error(struct cmdl_context *ctx, const struct bytes *raw)
{
    struct ofp_message m;
    bool is_error = !ofp_message_decode(&m, raw->data, raw->size, false) && m.kind == OFP_ERROR;
    const char *reason = is_error ? error_text(&m) : NULL;
    if (is_error) {
        ofctl_print(ctx, stderr, &m, 1);
    }
    ofp_message_uninit(&m);
    return reason;
}

int ofctl_barrier(struct cmdl_context *ctx, ofctl_blame *blame, void *aux)
{
    struct ofp_message barrier = ofctl_request(OFP_BARRIER_REQUEST);
    const char *first = NULL;
    unsigned n_blamed = 0, n = 0;
    bool is_over = false;
    ofctl_send(ctx, &barrier);
    while (!is_over) {
        struct bytes *raw;
        char *error;
        if (client_receive(ctx->client, &raw, &error)) {
            return ofctl_fail_with(error);
        }
        uint32_t xid = get_be32(raw->data + 4);
        const char *reason = tell_error(ctx, raw);
        if (reason) {
            bool is_blamed = blame && blame(xid, reason, aux);
            first = is_blamed || first ? first : reason;
            n_blamed += is_blamed;
            n++;
        }
        is_over = xid == barrier.xid && (reason || raw->data[1] == OFPT_BARRIER_REPLY);
        bytes_destroy(raw);
    }
    if (n > n_blamed) {
        fail_refused(ctx, first, n - n_blamed - 1);
    }
    return n ? CMDL_FAILED : CMDL_OK;
}

/* Ports ---------------------------------------------------------------------------------------- */

static void take_ports(struct cmdl_context *ctx, const struct ofp_message *reply, void *aux UNUSED)
{
    struct reader r = reply->features.ports;
    ctx->ports = xcalloc(r.left / OFP_PORT_SIZE + 1, sizeof *ctx->ports);
    while (ofp_port_next(&r, &ctx->ports[ctx->n_ports])) {
        ctx->n_ports++;
    }
}

int ofctl_get_ports(struct cmdl_context *ctx)
{
    if (ctx->has_ports) {
        return CMDL_OK;
    }
    struct ofp_message m = ofctl_request(OFP_FEATURES_REQUEST);
    ctx->has_ports = true;
    return ofctl_transact(ctx, &m, OFP_FEATURES_REPLY, take_ports, NULL);
}

const struct ofp_port *ofctl_find_port(struct cmdl_context *ctx, const char *text)
{
    uint16_t port_no;
    if (ofctl_get_ports(ctx)) {
        return NULL;
    }
    if (ofp_parse_port(text, &ctx->parse, &port_no)) {
        for (size_t i = 0; i < ctx->n_ports; i++) {
            if (ctx->ports[i].port_no == port_no) {
                return &ctx->ports[i];
            }
        }
    }
    ofctl_fail("%s: couldn't find port `%s'; \"show\" lists them", ctx->target, text);
    return NULL;
}
