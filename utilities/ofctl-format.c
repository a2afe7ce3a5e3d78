/* SPDX-License-Identifier: Apache-2.0 */
/* In which form flows are sent and asked for: OpenFlow 1.0's or Nicira's, perhaps with tables. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "utilities/ofctl.h"

/* A form is a set of OFP_NEEDS_* bits; sets of forms have bit 1 << FORM for each. */
enum {
    PLAIN = 1 << 0,
    NXM = 1 << OFP_NEEDS_NXM,
    PLAIN_TABLES = 1 << OFP_NEEDS_TABLE_ID,
    NXM_TABLES = 1 << (OFP_NEEDS_NXM | OFP_NEEDS_TABLE_ID),
    ALL_FORMS = PLAIN | NXM | PLAIN_TABLES | NXM_TABLES,
};

int ofctl_parse_formats(const char *text, unsigned *formats, char **error)
{
    static const struct {
        const char *name; /* As ovs-ofctl has it. */
        unsigned formats; /* What it allows; 0: nothing that we speak. */
    } words[] = {
        {"any", ALL_FORMS},
        {"OpenFlow10", PLAIN | PLAIN_TABLES},
        {"OpenFlow10-table_id", PLAIN},
        {"OpenFlow10+table_id", PLAIN_TABLES},
        {"NXM", NXM | NXM_TABLES},
        {"NXM-table_id", NXM},
        {"NXM+table_id", NXM_TABLES},
        {"OpenFlow11", 0},
        {"OXM", 0},
        {"OXM-OpenFlow12", 0},
        {"OXM-OpenFlow13", 0},
        {"OXM-OpenFlow14", 0},
        {"OXM-OpenFlow15", 0},
    };
    char *copy = xstrdup(text), *rest = copy;
    *formats = 0;
    bool good = true;
    for (char *word; good && (word = strtok_r(rest, ", ", &rest));) {
        size_t i = 0;
        while (i < ARRAY_SIZE(words) && strcasecmp(words[i].name, word)) {
            i++;
        }
        good = i < ARRAY_SIZE(words);
        *formats |= good ? words[i].formats : 0;
    }
    free(copy);
    if (good && *formats) {
        return 0;
    }
    *error = xasprintf("%s: %s; give OpenFlow10, NXM, either with +table_id or "
                       "-table_id, or any", text,
                       good ? "there is no form of OpenFlow 1.0 among them"
                            : "these are not all forms of flows");
    return EINVAL;
}

/* The forms that the command line allows. */
static unsigned allowed(const struct cmdl_context *ctx)
{
    return ctx->formats ? ctx->formats : ALL_FORMS;
}

int ofctl_choose_format(const struct cmdl_context *ctx, unsigned needs, unsigned *format,
                        char **error)
{
    for (unsigned f = 0; f <= (OFP_NEEDS_NXM | OFP_NEEDS_TABLE_ID); f++) {
        if ((f & needs) == needs && allowed(ctx) & 1u << f) {
            *format = f;
            return 0;
        }
    }
    *error = xasprintf("no form that --flow-format allows can tell this flow: it needs %s%s",
                       needs & OFP_NEEDS_NXM ? "NXM" : "OpenFlow10",
                       needs & OFP_NEEDS_TABLE_ID ? "+table_id" : "");
    return EINVAL;
}

/* Sends 'm', which has no reply, and waits until the switch has dealt with it.  Returns an exit
 * code, with '*accepted' whether there was no error. */
static int ask(struct cmdl_context *ctx, struct ofp_message *m, bool *accepted)
{
    struct ofp_message barrier = ofctl_request(OFP_BARRIER_REQUEST);
    bool is_over = false;
    *accepted = true;
    ofctl_send(ctx, m);
    ofctl_send(ctx, &barrier);
    while (!is_over) {
        struct bytes *raw;
        char *error;
        if (client_receive(ctx->client, &raw, &error)) {
            return ofctl_fail_with(error);
        }
        uint32_t xid = get_be32(raw->data + 4);
        *accepted &= !(xid == m->xid && raw->data[1] == OFPT_ERROR);
        is_over = xid == barrier.xid;
        bytes_destroy(raw);
    }
    return CMDL_OK;
}

/* Asks for Nicira's matches in what the switch tells. */
static int ask_for_nxm(struct cmdl_context *ctx, bool *accepted)
{
    struct ofp_message m = ofctl_request(OFP_NXT_SET_FLOW_FORMAT);
    m.format = NX_FLOW_FORMAT_NXM;
    return ask(ctx, &m, accepted);
}

int ofctl_use_format(struct cmdl_context *ctx, unsigned format)
{
    bool accepted = true;
    int result = format & OFP_NEEDS_NXM ? ask_for_nxm(ctx, &accepted) : CMDL_OK;
    if (!result && !accepted) {
        return ofctl_fail("%s: the switch does not know Nicira's matches (NXM), which a flow "
                          "needs: leave out what OpenFlow 1.0 can't match", ctx->target);
    }
    if (!result && format & OFP_NEEDS_TABLE_ID) {
        struct ofp_message m = ofctl_request(OFP_NXT_FLOW_MOD_TABLE_ID);
        m.is_set = true;
        result = ask(ctx, &m, &accepted);
    }
    if (!result && !accepted) {
        return ofctl_fail("%s: the switch takes no tables in flow mods (NXT_FLOW_MOD_TABLE_ID): "
                          "leave table= out", ctx->target);
    }
    return result;
}

int ofctl_use_dump_format(struct cmdl_context *ctx, unsigned needs, bool *is_nxm)
{
    bool may_be_plain = !(needs & OFP_NEEDS_NXM) && allowed(ctx) & (PLAIN | PLAIN_TABLES);
    bool may_be_nxm = allowed(ctx) & (NXM | NXM_TABLES);
    int result = CMDL_OK;
    *is_nxm = may_be_nxm;
    if (!may_be_plain) {
        char *error;
        unsigned format;
        return ofctl_choose_format(ctx, needs | (may_be_nxm ? OFP_NEEDS_NXM : 0), &format, &error)
                   ? ofctl_fail_with(error)
                   : ofctl_use_format(ctx, OFP_NEEDS_NXM);
    }
    if (may_be_nxm) {
        result = ask_for_nxm(ctx, is_nxm);
    }
    return result;
}

int ofctl_open_for_flows(struct cmdl_context *ctx, int argc, char *argv[],
                         struct ofp_flow_stats_request *request, bool *is_nxm)
{
    char *error;
    *is_nxm = false;
    int result = ofctl_open(ctx, argv[1], "mgmt");
    if (result) {
        return result;
    }
    if (ofp_parse_flow_request(request, argc > 2 ? argv[2] : "", &ctx->parse, &error)) {
        return ofctl_fail_with(error);
    }
    return ofctl_use_dump_format(ctx, ofp_flow_request_needs(request), is_nxm);
}

int ofctl_use_packet_in_format(struct cmdl_context *ctx)
{
    struct ofp_message m = ofctl_request(OFP_NXT_SET_PACKET_IN_FORMAT);
    bool accepted;
    if (!ctx->has_packet_in_format) {
        return CMDL_OK;
    }
    m.format = ctx->packet_in_format;
    int result = ask(ctx, &m, &accepted);
    if (!result && !accepted && m.format != NX_PACKET_IN_STANDARD) {
        return ofctl_fail("%s: the switch does not know this form of packet_in: try "
                          "--packet-in-format=standard", ctx->target);
    }
    return result;
}
