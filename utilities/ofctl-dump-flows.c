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

/* Order of the numbers that the field 'f' has in two rules; rules without it come last. */
static int compare_field(const struct ofp_field *f, const struct collected *a,
                         const struct collected *b, bool is_descending)
{
    static const uint8_t zeros[OFP_FIELD_MAX_SIZE];
    const uint8_t *pa = (const uint8_t *) &a->match.flow + f->offset;
    const uint8_t *pb = (const uint8_t *) &b->match.flow + f->offset;
    bool wild_a = !memcmp((const uint8_t *) &a->match.mask + f->offset, zeros, f->size);
    bool wild_b = !memcmp((const uint8_t *) &b->match.mask + f->offset, zeros, f->size);
    if (wild_a || wild_b) {
        return wild_a - wild_b;
    }
    const struct nx_field *number = nx_field_by_name(f->name, strlen(f->name));
    int order = memcmp(pa, pb, f->size);
    if (number) {
        nx_value va = nx_field_load(number, &a->match.flow);
        nx_value vb = nx_field_load(number, &b->match.flow);
        order = (va > vb) - (va < vb);
    }
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
        order = s->field            ? compare_field(s->field, a, b, s->is_descending)
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
    char *error;
    int result = ofctl_open(ctx, argv[1], "mgmt");
    if (result) {
        return result;
    }
    if (ofp_parse_flow_request(&m.flow_stats_request, argc > 2 ? argv[2] : "", &ctx->parse,
                               &error)) {
        return ofctl_fail_with(error);
    }
    bool is_nxm;
    result = ofctl_use_dump_format(ctx, ofp_flow_request_needs(&m.flow_stats_request), &is_nxm);
    if (result) {
        return result;
    }
    enum ofp_kind reply = is_nxm ? OFP_NXST_FLOW_REPLY : OFP_FLOW_STATS_REPLY;
    m.kind = is_nxm ? OFP_NXST_FLOW_REQUEST : OFP_FLOW_STATS_REQUEST;
    bool as_it_comes = !ctx->n_sorts && (ctx->wants_json
                                         || (!ctx->shows_names && !ctx->hides_stats));
    return as_it_comes ? ofctl_dump(ctx, &m, reply) : dump_collected(ctx, &m, reply);
}
