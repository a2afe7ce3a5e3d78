/* SPDX-License-Identifier: Apache-2.0 */
/* Flows that a bridge of a scenario has, compared with what was expected. */
#include "ofproto/scenario-flows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "ofproto/scenario-private.h"
#include "ofproto/scenario-text.h"

enum { TOKENS_MAX = 64 /* Fields of a flow at most. */ };

/* Asking --------------------------------------------------------------------------------------- */

/* Adds the text of each flow of the reply 'msg' to 'flows'. */
static int add_flows(struct scenario *s, const struct bytes *msg, struct list *flows)
{
    struct ofp_message m;
    struct ofp_flow_stats fs;
    if (ofp_message_decode(&m, msg->data, msg->size, false) || m.kind != OFP_NXST_FLOW_REPLY) {
        ofp_message_uninit(&m);
        return scenario_fail(s, "the bridge did not answer with its flows");
    }
    while (nx_flow_stats_next(&m.entries, &fs)) {
        struct bytes text = BYTES_INIT;
        ofp_print_flow_stats(&text, &fs);
        world_item_add(flows, bytes_string(&text), text.size + 1);
        bytes_uninit(&text);
        action_list_uninit(&fs.actions);
    }
    ofp_message_uninit(&m);
    return 0;
}

/* Lets 'p' ask for all flows and adds their texts to 'flows'. */
static int ask(struct scenario *s, struct peer *p, struct list *flows)
{
    struct ofp_message request = {
        .kind = OFP_NXST_FLOW_REQUEST,
        .flow_stats_request = {.table_id = OFPTT_ALL, .out_port = OFPP_NONE}};
    struct world_item *item;
    int err = 0;
    world_settle(&s->world);
    peer_send(p, ofp_message_encode(&request));
    world_settle(&s->world);
    while (!err && (item = world_item_first(&p->messages))) {
        err = add_flows(s, &item->bytes, flows);
        world_item_destroy(item);
    }
    return err;
}

/* Collects the texts of all flows of 'b' in 'flows'. */
static int collect(struct scenario *s, struct world_bridge *b, struct list *flows)
{
    struct peer *p;
    char *error = NULL;
    int err = peer_create(&s->world, b, "flows", true, false, &p, &error);
    if (err) {
        return scenario_check(s, err, &error);
    }
    err = ask(s, p, flows);
    peer_destroy(p);
    world_settle(&s->world);
    return err;
}

/* Comparing ------------------------------------------------------------------------------------ */

/* A flow taken apart. */
struct flow_text {
    char *copy;               /* What the rest stands in; owned. */
    char *fields[TOKENS_MAX]; /* Before the actions, in order. */
    size_t n;                 /* How many. */
    const char *actions;      /* Behind "actions=", or "" if there is no such word. */
};

static void flow_text_init(struct flow_text *ft, const char *text)
{
    *ft = (struct flow_text){.copy = xstrdup(text), .actions = ""};
    char *actions = strstr(ft->copy, "actions=");
    if (actions) {
        *actions = '\0';
        ft->actions = actions + strlen("actions=");
    }
    char *rest = ft->copy;
    for (char *field; ft->n < TOKENS_MAX && (field = strtok_r(rest, " ,", &rest));) {
        ft->fields[ft->n++] = field;
    }
}

/* True if an expectation need not name 'field'. */
static bool is_optional(const char *field)
{
    static const char *const keys[] = {"cookie=",    "duration=", "table=",   "n_packets=",
                                       "n_bytes=", "idle_age=", "hard_age="};
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (!strncmp(field, keys[i], strlen(keys[i]))) {
            return true;
        }
    }
    return false;
}

/* Takes a field that 'pattern' fits off 'ft'. False if there is none. */
static bool take_field(struct flow_text *ft, const char *pattern)
{
    for (size_t i = 0; i < ft->n; i++) {
        if (ft->fields[i] && text_matches(pattern, ft->fields[i])) {
            ft->fields[i] = NULL;
            return true;
        }
    }
    return false;
}

/* True if the flow 'came' is what 'expected' says. */
static bool flow_matches(const char *expected, const char *came)
{
    struct flow_text e, c;
    flow_text_init(&e, expected);
    flow_text_init(&c, came);
    bool is_match = text_matches(e.actions, c.actions);
    for (size_t i = 0; i < e.n; i++) {
        is_match &= take_field(&c, e.fields[i]);
    }
    for (size_t i = 0; i < c.n; i++) {
        is_match &= !c.fields[i] || is_optional(c.fields[i]);
    }
    free(e.copy);
    free(c.copy);
    return is_match;
}

/* Takes the flow that is what 'expected' says off 'flows'. False if there is none. */
static bool take_flow(struct list *flows, const char *expected)
{
    struct world_item *item, *next;
    LIST_FOR_EACH_SAFE (item, next, node, flows) {
        if (flow_matches(expected, (const char *) item->bytes.data)) {
            world_item_destroy(item);
            return true;
        }
    }
    return false;
}

/* Fails the line with the flows that are left. */
static int fail_with(struct scenario *s, const struct list *flows, const char *expected)
{
    struct bytes text = BYTES_INIT;
    const struct world_item *item;
    LIST_FOR_EACH (item, node, flows) {
        bytes_printf(&text, "\n   %s", (const char *) item->bytes.data);
    }
    int err = scenario_fail(s, "the flows are not what was expected\n  expected: %s\n"
                               "  but left are: %s", expected,
                            text.size ? bytes_string(&text) : "none");
    bytes_uninit(&text);
    return err;
}

/* Compares with a flow on each line of 'text'. */
static int compare(struct scenario *s, struct list *flows, char *text)
{
    for (char *line; (line = strtok_r(text, "\n", &text));) {
        if (!take_flow(flows, line)) {
            return fail_with(s, flows, line);
        }
    }
    return list_is_empty(flows) ? 0 : fail_with(s, flows, "no more flows");
}

/* Compares the number of flows. */
static int compare_number(struct scenario *s, const struct list *flows, const char *word)
{
    uint64_t n;
    int err = scenario_number(s, word ? word : "", UINT32_MAX, &n);
    return err || list_size(flows) == n
               ? err
               : scenario_fail(s, "expected %s flows, but there are %zu", word, list_size(flows));
}

int flows_check(struct scenario *s, struct world_bridge *b, char *text)
{
    struct list flows;
    struct world_item *item;
    list_init(&flows);
    int err = collect(s, b, &flows);
    char *word = text_word(&text);
    if (!err && word && !strcmp(word, "flows")) {
        err = compare(s, &flows, text);
    } else if (!err && word && !strcmp(word, "no")) {
        err = list_is_empty(&flows) ? 0 : fail_with(s, &flows, "none");
    } else if (!err) {
        err = compare_number(s, &flows, word);
    }
    while ((item = world_item_first(&flows))) {
        world_item_destroy(item);
    }
    return err;
}
