/* SPDX-License-Identifier: Apache-2.0 */
/* dump-flows: rules as they come, or collected, sorted and named. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/nx-fields.h"
#include "lib/openflow/ofp-fields.h"
#include "lib/openflow/ofp-msgs.h"
#include "utilities/ofctl-json.h"
#include "utilities/ofctl.h"

/* A rule with what it is sorted by. */
struct collected {
    const struct cmdl_context *ctx; /* Has the order. */
    struct match match;             /* Of the rule. */
    uint16_t priority;              /* Of the rule. */
    size_t index;                   /* Place in which it came: rules that are equal keep it. */
    char *text;                     /* Its line, NULL with --json; owned. */
    struct json_t *json;            /* The rule with --json, else NULL; owned. */
};

/* All of them. */
struct collection {
    struct collected *rules; /* Owned. */
    size_t n;                /* How many. */
    size_t allocated;        /* Room. */
};

/* The line of a rule.  The caller owns it. */
static char *line_of(struct cmdl_context *ctx, const struct ofp_flow_stats *fs)
{
    struct bytes line = BYTES_INIT;
    ofp_print_flow_stats_styled(&line, fs, &ctx->style);
    bytes_string(&line);
    return bytes_steal(&line);
}

/* Adds the rules of one reply. */
static void collect(struct cmdl_context *ctx, const struct ofp_message *reply, void *aux)
{
    struct collection *all = aux;
    struct reader r = reply->entries;
    struct ofp_flow_stats fs;
    while (ofp_flow_entry_next(reply->kind, &r, &fs)) {
        if (all->n == all->allocated) {
            all->allocated = MAX(2 * all->allocated, (size_t) 64);
            all->rules = xrealloc(all->rules, all->allocated * sizeof *all->rules);
        }
        all->rules[all->n] = (struct collected){
            .ctx = ctx,
            .match = fs.match,
            .priority = fs.priority,
            .index = all->n,
            .text = ctx->wants_json ? NULL : line_of(ctx, &fs),
            .json = ctx->wants_json ? ofctl_json_flow(ctx, &fs) : NULL,
        };
        all->n++;
        action_list_uninit(&fs.actions);
    }
}

/* What 'flow' has in the bits of 'f', as a number. */
static nx_value number_of(const struct ofp_field *f, const struct flow *flow)
{
    const uint8_t *p = (const uint8_t *) flow + f->offset;
    const struct nx_field *field = f->bits ? NULL : nx_field_by_name(f->name, strlen(f->name));
    nx_value value = 0;
    if (field) {
        return nx_field_load(field, flow);
    }
    for (size_t i = 0; i < f->size; i++) {
        value = value << 8 | p[i];
    }
    return f->bits ? value & f->bits : value;
}

/* True if 'm' says anything of 'f', and that under its name. */
static bool has_field(const struct ofp_field *f, const struct match *m)
{
    enum ofp_l3 l3 = ofp_match_l3(m);
    enum ofp_l4 l4 = ofp_match_l4(m);
    bool is_shown = !f->shown_l3 || (f->shown_l3 & l3 && f->shown_l4 & l4);
    return is_shown && f->needs_l3 & l3 && f->needs_l4 & l4 && number_of(f, &m->mask);
}

/* Order of the numbers that the field 'f' has in two rules; rules without it come last. */
static int compare_field(const struct ofp_field *f, const struct match *a, const struct match *b,
                         bool is_descending)
{
    if (!has_field(f, a) || !has_field(f, b)) {
        return has_field(f, b) - has_field(f, a);
    }
    nx_value x = number_of(f, &a->flow), y = number_of(f, &b->flow);
    int order = (x > y) - (x < y);
    return is_descending ? -order : order;
}

/* For qsort(): by each --sort in turn, then those that win first, then as they came. */
static int compare(const void *a_, const void *b_)
{
    const struct collected *a = a_;
    const struct collected *b = b_;
    for (size_t i = 0; i < a->ctx->n_sorts; i++) {
        const struct ofctl_sort *s = &a->ctx->sorts[i];
        int order = (int) a->priority - (int) b->priority;
        order = s->field            ? compare_field(s->field, &a->match, &b->match,
                                                   s->is_descending)
                : s->is_descending ? -order
                                   : order;
        if (order) {
            return order;
        }
    }
    if (a->priority != b->priority) {
        return a->priority > b->priority ? -1 : 1;
    }
    return a->index < b->index ? -1 : 1;
}

/* Asks for the rules and prints them without headers, in the order wanted. */
static int dump_collected(struct cmdl_context *ctx, struct ofp_message *m, enum ofp_kind kind)
{
    struct collection all = {.rules = NULL};
    int result = ofctl_transact(ctx, m, kind, collect, &all);
    if (ctx->n_sorts && all.n) {
        qsort(all.rules, all.n, sizeof *all.rules, compare);
    }
    if (ctx->wants_json) {
        ofctl_json_append(ctx, NULL);
    }
    for (size_t i = 0; i < all.n; i++) {
        if (ctx->wants_json) {
            ofctl_json_append(ctx, all.rules[i].json);
        } else {
            puts(all.rules[i].text);
        }
        free(all.rules[i].text);
    }
    free(all.rules);
    return result;
}

int ofctl_dump_flows(struct cmdl_context *ctx, int argc, char *argv[])
{
    struct ofp_message m = ofctl_request(OFP_FLOW_STATS_REQUEST);
    bool is_nxm;
    int result = ofctl_open_for_flows(ctx, argc, argv, &m.flow_stats_request, &is_nxm);
    if (result) {
        return result;
    }
    enum ofp_kind reply = is_nxm ? OFP_NXST_FLOW_REPLY : OFP_FLOW_STATS_REPLY;
    m.kind = is_nxm ? OFP_NXST_FLOW_REQUEST : OFP_FLOW_STATS_REQUEST;
    bool as_it_comes = !ctx->n_sorts && (ctx->wants_json
                                         || (!ctx->shows_names && !ctx->hides_stats));
    return as_it_comes ? ofctl_dump(ctx, &m, reply) : dump_collected(ctx, &m, reply);
}
