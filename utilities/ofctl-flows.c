/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that change rules: texts become flow mods, all checked before the first is sent. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "utilities/ofctl.h"

/* Flow mods that wait to be sent.  They are kept encoded: that is one small block each. */
struct flow_batch {
    const char *source;    /* File name for errors; NULL if there is no file. */
    struct bytes **mods;   /* Encoded; owned. */
    unsigned *lines;       /* Line of each in the file. */
    uint8_t *tables;       /* Table of each, OFPTT_ALL if not given. */
    unsigned needs;        /* OFP_NEEDS_* of all together. */
    size_t n;              /* How many. */
    size_t allocated;      /* Room in 'mods' and 'lines'. */
    uint32_t first_xid;    /* Transaction id of the first. */
};

static void batch_uninit(struct flow_batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        bytes_destroy(b->mods[i]);
    }
    free(b->mods);
    free(b->lines);
    free(b->tables);
}

/* Adds the encoded message, about 'table', and takes ownership. */
static void batch_add(struct flow_batch *b, struct bytes *mod, unsigned line, uint8_t table)
{
    if (b->n == b->allocated) {
        b->allocated = MAX(2 * b->allocated, (size_t) 16);
        b->mods = xrealloc(b->mods, b->allocated * sizeof *b->mods);
        b->lines = xrealloc(b->lines, b->allocated * sizeof *b->lines);
        b->tables = xrealloc(b->tables, b->allocated * sizeof *b->tables);
    }
    b->tables[b->n] = table;
    b->lines[b->n] = line;
    b->mods[b->n++] = mod;
}

/* Parses 'text' and adds it to '*b'.  Returns 0, or EINVAL with '*error'. */
static int batch_parse(struct flow_batch *b, const struct cmdl_context *ctx, const char *text,
                       int command, unsigned line, char **error)
{
    struct ofp_message m = ofctl_request(OFP_FLOW_MOD);
    unsigned format;
    if (ofp_parse_flow_mod(&m.flow_mod, text, command, &ctx->parse, error)) {
        return EINVAL;
    }
    unsigned needs = ofp_flow_mod_needs(&m.flow_mod);
    int result = ofctl_choose_format(ctx, needs, &format, error);
    m.kind = format & OFP_NEEDS_NXM ? OFP_NXT_FLOW_MOD : OFP_FLOW_MOD;
    struct bytes *mod = result ? NULL : ofp_message_encode(&m);
    action_list_uninit(&m.flow_mod.actions);
    if (!result && !mod) {
        *error = xstrdup("the actions are too long for one message: leave some out");
        return EINVAL;
    }
    if (!result) {
        b->needs |= format;
        batch_add(b, mod, line, m.flow_mod.table_id);
    }
    return result;
}

/* Writes the tables into the commands, if the form 'format' wants them there (B3). */
static void batch_put_tables(struct flow_batch *b, unsigned format)
{
    for (size_t i = 0; format & OFP_NEEDS_TABLE_ID && i < b->n; i++) {
        bool is_nxm = b->mods[i]->data[1] == OFPT_VENDOR;
        size_t command = is_nxm ? offsetof(struct nx10_flow_mod, body.command)
                                : offsetof(struct ofp10_flow_mod, body.command);
        b->mods[i]->data[command] = b->tables[i];
    }
}

/* What batch_read_line() needs. */
struct batch_reader {
    struct flow_batch *batch;       /* Where the flow mods go. */
    const struct cmdl_context *ctx; /* How to parse. */
    int command;                    /* OFPFC_*, or -1: the line says it. */
};

static int batch_read_line(const char *line, unsigned n, void *reader, char **error)
{
    const struct batch_reader *r = reader;
    return batch_parse(r->batch, r->ctx, line, r->command, n, error);
}

/* Parses each line of 'file' ("-": standard input).  Returns an exit code. */
static int batch_read_file(struct flow_batch *b, const struct cmdl_context *ctx, const char *file,
                           int command)
{
    struct batch_reader reader = {.batch = b, .ctx = ctx, .command = command};
    b->source = ofctl_file_name(file);
    return ofctl_read_lines(file, batch_read_line, &reader);
}

/* Says which line of the file was refused. */
static bool blame_line(uint32_t xid, const char *reason, void *aux)
{
    const struct flow_batch *b = aux;
    if (xid - b->first_xid >= b->n) {
        return false;
    }
    ofctl_fail("%s:%u: the switch refused this flow: %s", b->source, b->lines[xid - b->first_xid],
               reason);
    return true;
}

/* Sends all and waits for the barrier behind them.  Returns an exit code. */
static int batch_send(struct cmdl_context *ctx, struct flow_batch *b)
{
    int result = ofctl_use_format(ctx, b->needs);
    if (result) {
        return result;
    }
    batch_put_tables(b, b->needs);
    for (size_t i = 0; i < b->n; i++) {
        uint32_t xid = client_next_xid(ctx->client);
        put_be32(b->mods[i]->data + 4, xid);
        b->first_xid = i ? b->first_xid : xid;
        client_send(ctx->client, b->mods[i]);
        b->mods[i] = NULL;
    }
    return ofctl_barrier(ctx, b->source ? blame_line : NULL, b);
}

/* Connects and does what 'text' (or 'file', if not NULL) says. */
static int change(struct cmdl_context *ctx, const char *target, const char *text,
                  const char *file, int command)
{
    struct flow_batch b = {.source = NULL};
    char *error;
    int result = ofctl_open(ctx, target, "mgmt");
    if (!result && file) {
        result = batch_read_file(&b, ctx, file, command);
    } else if (!result && batch_parse(&b, ctx, text, command, 1, &error)) {
        result = ofctl_fail_with(error);
    }
    result = result ? result : batch_send(ctx, &b);
    batch_uninit(&b);
    return result;
}

/* A single flow, or "-" for many from standard input. */
static int change_one_or_many(struct cmdl_context *ctx, const char *target, const char *text,
                              int command)
{
    return change(ctx, target, text, strcmp(text, "-") ? NULL : text, command);
}

int ofctl_add_flow(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    return change_one_or_many(ctx, argv[1], argv[2], strcmp(argv[2], "-") ? OFPFC_ADD : -1);
}

int ofctl_add_flows(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    return change(ctx, argv[1], NULL, argv[2], -1);
}

int ofctl_mod_flows(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    return change_one_or_many(ctx, argv[1], argv[2],
                              ctx->is_strict ? OFPFC_MODIFY_STRICT : OFPFC_MODIFY);
}

int ofctl_del_flows(struct cmdl_context *ctx, int argc, char *argv[])
{
    return change_one_or_many(ctx, argv[1], argc > 2 ? argv[2] : "",
                              ctx->is_strict ? OFPFC_DELETE_STRICT : OFPFC_DELETE);
}

/* Prints the flow mods of '*b'. */
static void batch_print(struct cmdl_context *ctx, struct flow_batch *b)
{
    batch_put_tables(b, b->needs);
    for (size_t i = 0; i < b->n; i++) {
        put_be32(b->mods[i]->data + 4, i + 1);
        struct ofp_message m = {.raw = b->mods[i]->data, .raw_size = b->mods[i]->size};
        ofctl_print(ctx, stdout, &m, 1);
    }
}

int ofctl_parse_flow(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    struct flow_batch b = {.source = NULL};
    char *error;
    int result = batch_parse(&b, ctx, argv[1], OFPFC_ADD, 1, &error)
                     ? ofctl_fail_with(error)
                     : CMDL_OK;
    batch_print(ctx, &b);
    batch_uninit(&b);
    return result;
}

int ofctl_parse_flows(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    struct flow_batch b = {.source = NULL};
    int result = batch_read_file(&b, ctx, argv[1], -1);
    batch_print(ctx, &b);
    batch_uninit(&b);
    return result;
}
