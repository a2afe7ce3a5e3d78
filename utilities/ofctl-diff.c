/* SPDX-License-Identifier: Apache-2.0 */
/* diff-flows and replace-flows: two sets of rules held against each other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/hmap.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "utilities/ofctl.h"

enum { DIFFERS = 2 /* Exit code of diff-flows: there are differences. */ };

/* A rule, as each of two sources has it.  What a rule is, is its table, match and priority. */
struct entry {
    struct hmap_node node;     /* In flow_sets.map. */
    bool has[2];               /* Source i has the rule. */
    struct ofp_flow_mod fm[2]; /* How, if so; actions owned. */
    size_t index;              /* Place in which the rule was first met. */
};

/* Two sets of rules, merged. */
struct flow_sets {
    struct hmap map; /* Has struct entry, by table, match and priority. */
    bool has_tables; /* A rule is in another table than 0. */
};

static void sets_uninit(struct flow_sets *sets)
{
    struct entry *e, *next;
    HMAP_FOR_EACH_SAFE (e, next, node, &sets->map) {
        hmap_remove(&sets->map, &e->node);
        for (int i = 0; i < 2; i++) {
            if (e->has[i]) {
                action_list_uninit(&e->fm[i].actions);
            }
        }
        free(e);
    }
    hmap_uninit(&sets->map);
}

/* One of the forms of the rule that there are. */
static const struct ofp_flow_mod *any_form(const struct entry *e)
{
    return &e->fm[e->has[0] ? 0 : 1];
}

/* The entry of the rule that 'fm' is about; made if there is none. */
static struct entry *find(struct flow_sets *sets, const struct ofp_flow_mod *fm)
{
    uint32_t hash = match_hash(&fm->match, (uint32_t) fm->table_id << 16 | fm->priority);
    struct entry *e;
    HMAP_FOR_EACH_WITH_HASH (e, node, hash, &sets->map) {
        const struct ofp_flow_mod *other = any_form(e);
        if (other->table_id == fm->table_id && other->priority == fm->priority
            && match_equal(&other->match, &fm->match)) {
            return e;
        }
    }
    e = xzalloc(sizeof *e);
    e->index = hmap_count(&sets->map);
    hmap_insert(&sets->map, &e->node, hash);
    return e;
}

/* Notes that 'source' has the rule 'fm', whose actions it takes; the last of several counts.  The
 * table is 0 if none is given. */
static void add(struct flow_sets *sets, int source, struct ofp_flow_mod *fm)
{
    fm->table_id = fm->table_id == OFPTT_ALL ? 0 : fm->table_id;
    sets->has_tables |= fm->table_id != 0;
    struct entry *e = find(sets, fm);
    if (e->has[source]) {
        action_list_uninit(&e->fm[source].actions);
    }
    e->has[source] = true;
    e->fm[source] = *fm;
}

/* True if both have the rule with the same cookie, timeouts and actions. */
static bool is_same(const struct entry *e)
{
    const struct ofp_flow_mod *a = &e->fm[0];
    const struct ofp_flow_mod *b = &e->fm[1];
    return e->has[0] && e->has[1] && a->cookie == b->cookie && a->idle_timeout == b->idle_timeout
           && a->hard_timeout == b->hard_timeout && action_list_equal(&a->actions, &b->actions);
}

/* For qsort(): those that win first, then as they came. */
static int compare(const void *a_, const void *b_)
{
    const struct entry *a = *(struct entry *const *) a_;
    const struct entry *b = *(struct entry *const *) b_;
    int order = (int) any_form(b)->priority - (int) any_form(a)->priority;
    return order ? order : a->index < b->index ? -1 : 1;
}

/* All entries in order; the caller frees the array. */
static struct entry **sort(const struct flow_sets *sets)
{
    struct entry **all = xcalloc(hmap_count(&sets->map) + 1, sizeof *all);
    struct entry *e;
    size_t n = 0;
    HMAP_FOR_EACH (e, node, &sets->map) {
        all[n++] = e;
    }
    qsort(all, n, sizeof *all, compare);
    return all;
}

/* Reading -------------------------------------------------------------------------------------- */

/* Where a switch's rules go. */
struct destination {
    struct flow_sets *sets; /* The sets. */
    int source;             /* Which of them. */
};

/* Takes the rules of one reply. */
static void take(struct cmdl_context *ctx UNUSED, const struct ofp_message *reply, void *aux)
{
    const struct destination *d = aux;
    struct reader r = reply->entries;
    for (struct ofp_flow_stats fs; ofp_flow_entry_next(reply->kind, &r, &fs);) {
        struct ofp_flow_mod fm = {
            .table_id = fs.table_id,
            .match = fs.match,
            .cookie = fs.cookie,
            .idle_timeout = fs.idle_timeout,
            .hard_timeout = fs.hard_timeout,
            .priority = fs.priority,
            .buffer_id = OFP_NO_BUFFER,
            .out_port = OFPP_NONE,
            .actions = fs.actions,
        };
        add(d->sets, d->source, &fm);
    }
}

/* Asks the switch that is connected for its rules. */
static int read_switch(struct cmdl_context *ctx, struct flow_sets *sets, int source)
{
    struct ofp_message m = ofctl_request(OFP_FLOW_STATS_REQUEST);
    struct destination d = {.sets = sets, .source = source};
    match_init_any(&m.flow_stats_request.match);
    m.flow_stats_request.table_id = OFPTT_ALL;
    m.flow_stats_request.out_port = OFPP_NONE;
    bool is_nxm;
    int result = ofctl_use_dump_format(ctx, 0, &is_nxm);
    m.kind = is_nxm ? OFP_NXST_FLOW_REQUEST : OFP_FLOW_STATS_REQUEST;
    enum ofp_kind reply = is_nxm ? OFP_NXST_FLOW_REPLY : OFP_FLOW_STATS_REPLY;
    return result ? result : ofctl_transact(ctx, &m, reply, take, &d);
}

/* What read_rule() needs. */
struct rule_reader {
    struct cmdl_context *ctx; /* How to parse. */
    struct flow_sets *sets;   /* Where the rules go. */
    int source;               /* Which of the two sets. */
};

static int read_rule(const char *line, unsigned n UNUSED, void *reader, char **error)
{
    const struct rule_reader *r = reader;
    struct ofp_flow_mod fm;
    int err = ofp_parse_flow_mod(&fm, line, OFPFC_ADD, &r->ctx->parse, error);
    if (err) {
        return err;
    } else if (fm.flags & OFPFF_EMERG) {
        *error = xstrdup("rules of the emergency table are not compared: leave them out, and "
                         "change them by add-flows and del-flows");
        action_list_uninit(&fm.actions);
        return EINVAL;
    }
    add(r->sets, r->source, &fm);
    return 0;
}

/* Reads the rules of 'file'. */
static int read_file(struct cmdl_context *ctx, const char *file, struct flow_sets *sets,
                     int source)
{
    struct rule_reader reader = {.ctx = ctx, .sets = sets, .source = source};
    return ofctl_read_lines(file, read_rule, &reader);
}

/* True if 'name' is that of a file: it begins like a path, and is no socket; or it has no colon, as
 * switches have, and there is such a file. */
static bool is_file(const char *name)
{
    struct stat st;
    bool is_there = !stat(name, &st);
    if (is_there && S_ISSOCK(st.st_mode)) {
        return false;
    }
    return !strcmp(name, "-") || name[0] == '/' || name[0] == '.'
           || (is_there && !strchr(name, ':'));
}

/* Two sources that are compared.  A switch has a connection of its own until the end, for the names
 * of its ports; a file has that of the switch on the other side, if there is one. */
struct source {
    const char *name;         /* As typed; borrowed from argv. */
    bool is_file;             /* A file, not a switch. */
    struct cmdl_context *ctx; /* Names of ports; borrowed. */
};

/* Reads the rules of both: first those of switches, without which a file's names mean nothing. */
static int read_sources(const struct source sources[2], struct flow_sets *sets)
{
    int result = CMDL_OK;
    for (int i = 0; !result && i < 2; i++) {
        if (!sources[i].is_file) {
            result = ofctl_open(sources[i].ctx, sources[i].name, "mgmt");
            result = result ? result : read_switch(sources[i].ctx, sets, i);
        }
    }
    for (int i = 0; !result && i < 2; i++) {
        if (sources[i].is_file) {
            result = read_file(sources[i].ctx, sources[i].name, sets, i);
        }
    }
    return result;
}

/* Commands ------------------------------------------------------------------------------------- */

/* Prints the rule as 'source' has it, after 'sign'. */
static void print_rule(struct cmdl_context *ctx, char sign, const struct entry *e, int source)
{
    const struct ofp_flow_mod *fm = &e->fm[source];
    struct bytes out = BYTES_INIT;
    if (!e->has[source]) {
        return;
    }
    bytes_put_u8(&out, sign);
    if (fm->table_id) {
        bytes_printf(&out, "table=%u ", fm->table_id);
    }
    ofp_print_rule(&out, &fm->match, fm->priority, &ctx->style);
    if (fm->cookie) {
        bytes_printf(&out, " cookie=0x%llx", (unsigned long long) fm->cookie);
    }
    if (fm->idle_timeout) {
        bytes_printf(&out, " idle_timeout=%u", fm->idle_timeout);
    }
    if (fm->hard_timeout) {
        bytes_printf(&out, " hard_timeout=%u", fm->hard_timeout);
    }
    bytes_printf(&out, " actions=");
    ofp_print_actions_styled(&out, &fm->actions, &ctx->style);
    puts(bytes_string(&out));
    bytes_uninit(&out);
}

/* Prints what differs.  Returns an exit code. */
static int print_differences(const struct source sources[2], const struct flow_sets *sets)
{
    int result = CMDL_OK;
    struct entry **all = sort(sets);
    for (size_t i = 0; all[i]; i++) {
        if (!is_same(all[i])) {
            print_rule(sources[0].ctx, '-', all[i], 0);
            print_rule(sources[1].ctx, '+', all[i], 1);
            result = DIFFERS;
        }
    }
    free(all);
    return result;
}

int ofctl_diff_flows(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    struct flow_sets sets = {.has_tables = false};
    struct cmdl_context second = *ctx;
    struct source sources[2];
    if (!strcmp(argv[1], "-") && !strcmp(argv[2], "-")) {
        return ofctl_fail("standard input can be one source only: give a file for the other");
    }
    hmap_init(&sets.map);
    for (int i = 0; i < 2; i++) {
        sources[i].name = argv[i + 1];
        sources[i].is_file = is_file(argv[i + 1]);
    }
    sources[0].ctx = sources[0].is_file ? &second : ctx;
    sources[1].ctx = sources[1].is_file ? ctx : &second;
    int result = read_sources(sources, &sets);
    result = result ? result : print_differences(sources, &sets);
    ofctl_close(&second);
    sets_uninit(&sets);
    return result;
}

/* The flow mod with 'command' for the rule of 'source'; tables only if the sets have them. */
static struct ofp_message make_mod(const struct flow_sets *sets, const struct entry *e, int source,
                                   uint16_t command)
{
    struct ofp_message m = ofctl_request(OFP_FLOW_MOD);
    m.flow_mod = e->fm[source];
    m.flow_mod.command = command;
    if (!sets->has_tables) {
        m.flow_mod.table_id = OFPTT_ALL;
    }
    if (command == OFPFC_DELETE_STRICT) {
        action_list_init(&m.flow_mod.actions);
    }
    return m;
}

/* What is to be done with 'e' to make source 1 the same as source 0: false for nothing. */
static bool needs_mod(const struct cmdl_context *ctx, const struct entry *e, int *source,
                      uint16_t *command)
{
    *source = e->has[0] ? 0 : 1;
    *command = e->has[0] ? OFPFC_ADD : OFPFC_DELETE_STRICT;
    return !e->has[0] || ctx->readds || !is_same(e);
}

/* Calls 'each' for every flow mod that makes the rules of the switch (source 1) those of the file
 * (source 0).  What is too much goes first, so that a full table has room for the rest. */
static void for_each_mod(struct cmdl_context *ctx, const struct flow_sets *sets,
                         struct entry **all, unsigned *form,
                         void (*each)(struct cmdl_context *ctx, struct ofp_message *m,
                                      unsigned *form))
{
    for (int adds = 0; adds < 2; adds++) {
        for (size_t i = 0; all[i]; i++) {
            int source;
            uint16_t command;
            if (needs_mod(ctx, all[i], &source, &command)
                && (command == OFPFC_ADD) == (adds == 1)) {
                struct ofp_message m = make_mod(sets, all[i], source, command);
                each(ctx, &m, form);
            }
        }
    }
}

/* Adds what 'm' needs to '*form'. */
static void add_need(struct cmdl_context *ctx UNUSED, struct ofp_message *m, unsigned *form)
{
    *form |= ofp_flow_mod_needs(&m->flow_mod);
}

/* Sends 'm' in the form '*form'. */
static void send_mod(struct cmdl_context *ctx, struct ofp_message *m, unsigned *form)
{
    m->kind = *form & OFP_NEEDS_NXM ? OFP_NXT_FLOW_MOD : OFP_FLOW_MOD;
    if (*form & OFP_NEEDS_TABLE_ID) {
        ofp_flow_mod_put_table(&m->flow_mod);
    }
    ofctl_send(ctx, m);
}

/* Makes the rules of the switch those of the file. */
static int replace(struct cmdl_context *ctx, const struct flow_sets *sets)
{
    struct entry **all = sort(sets);
    unsigned needs = 0, form;
    char *error;
    for_each_mod(ctx, sets, all, &needs, add_need);
    int result = ofctl_choose_format(ctx, needs, &form, &error) ? ofctl_fail_with(error)
                                                                : ofctl_use_format(ctx, form);
    if (!result) {
        for_each_mod(ctx, sets, all, &form, send_mod);
    }
    free(all);
    return result ? result : ofctl_barrier(ctx, NULL, NULL);
}

int ofctl_replace_flows(struct cmdl_context *ctx, int argc UNUSED, char *argv[])
{
    struct flow_sets sets = {.has_tables = false};
    hmap_init(&sets.map);
    int result = ofctl_open(ctx, argv[1], "mgmt");
    result = result ? result : read_file(ctx, argv[2], &sets, 0);
    result = result ? result : read_switch(ctx, &sets, 1);
    result = result ? result : replace(ctx, &sets);
    sets_uninit(&sets);
    return result;
}
