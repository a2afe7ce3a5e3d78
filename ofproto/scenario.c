/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios: whole switches in simulation, driven and judged by a text that can be read aloud. */
#include "ofproto/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "ofproto/fail-mode.h"
#include "ofproto/scenario-events.h"
#include "ofproto/scenario-expect.h"
#include "ofproto/scenario-private.h"
#include "ofproto/scenario-say.h"
#include "ofproto/scenario-text.h"

/* Theory
 * ======
 *
 * A line is an event or an expectation. After an event the world settles, so that all that it
 * causes at this moment has happened before the next line. What came out meanwhile waits at the
 * ports and peers, and expectations take it away in order; the next event fails if anything is
 * left. So a scenario proves also what does not happen.
 *
 * All words are rows of tables: what a line can begin with here and in scenario-events.c, what
 * peers say in scenario-say.c, what can be expected in scenario-expect.c. */

/* Bridges -------------------------------------------------------------------------------------- */

/* A bridge that is being described. */
struct bridge_words {
    struct bridge_config config; /* Its strings are owned. */
    bool local;                  /* It has a LOCAL port. */
    int64_t inactivity_probe;    /* Nanoseconds. */
    int64_t max_backoff;         /* Nanoseconds. */
};

static int set_fail_mode(struct scenario *s, struct bridge_words *w, const char *value)
{
    return fail_mode_from_name(value, &w->config.fail_mode)
               ? 0
               : scenario_fail(s, "fail-mode is " FAIL_MODE_NAMES ", not \"%s\"", value);
}

static int set_dpid(struct scenario *s, struct bridge_words *w, const char *value)
{
    return scenario_number(s, value, UINT64_MAX, &w->config.datapath_id);
}

static int set_in_band(struct scenario *s UNUSED, struct bridge_words *w, const char *value)
{
    free(w->config.in_band_remote);
    w->config.in_band = true;
    w->config.in_band_remote = xstrdup(value);
    return 0;
}

static int set_max_rules(struct scenario *s, struct bridge_words *w, const char *value)
{
    uint64_t n = 0;
    int err = scenario_number(s, value, UINT32_MAX, &n);
    w->config.max_rules = (uint32_t) n;
    return err;
}

static int set_period(struct scenario *s, int64_t *period, const char *value)
{
    return text_period(value, period)
               ? 0
               : scenario_fail(s, "\"%s\" is no period; write 500ms, 5s, 3m or 2h", value);
}

static int set_probe(struct scenario *s, struct bridge_words *w, const char *value)
{
    return set_period(s, &w->inactivity_probe, value);
}

static int set_max_backoff(struct scenario *s, struct bridge_words *w, const char *value)
{
    return set_period(s, &w->max_backoff, value);
}

static int set_dp_desc(struct scenario *s UNUSED, struct bridge_words *w, const char *value)
{
    free(w->config.dp_desc);
    w->config.dp_desc = xstrdup(value);
    return 0;
}

static int set_serial(struct scenario *s UNUSED, struct bridge_words *w, const char *value)
{
    free(w->config.serial);
    w->config.serial = xstrdup(value);
    return 0;
}

static int set_stp(struct scenario *s, struct bridge_words *w, const char *value)
{
    char *error = NULL;
    int err = stp_settings_parse(value, &w->config.stp, &error);
    return scenario_check(s, err, &error);
}

static int set_mac_ageing(struct scenario *s, struct bridge_words *w, const char *value)
{
    return set_period(s, &w->config.mac_ageing, value);
}

/* Words of a bridge that stand alone. */
static const struct bridge_flag {
    const char *name; /* The word. */
    size_t offset;    /* Of the bool in struct bridge_words. */
} bridge_flags[] = {
    {"local", offsetof(struct bridge_words, local)},
    {"evict", offsetof(struct bridge_words, config.evicts)},
    {"stp-blocks-receive", offsetof(struct bridge_words, config.stp.blocks_receive)},
};

/* What can be said of a bridge; each is followed by a word. */
static const struct bridge_option {
    const char *name;                                                        /* The word. */
    int (*set)(struct scenario *s, struct bridge_words *w, const char *value); /* Keeps it. */
} bridge_options[] = {
    {"fail-mode", set_fail_mode}, {"dpid", set_dpid},
    {"max-rules", set_max_rules}, {"inactivity-probe", set_probe},
    {"max-backoff", set_max_backoff}, {"dp-desc", set_dp_desc},
    {"serial", set_serial}, {"stp", set_stp},
    {"mac-ageing", set_mac_ageing}, {"in-band", set_in_band},
};

/* Reads one option of a bridge and what belongs to it. */
static int take_bridge_option(struct scenario *s, struct bridge_words *w, char **text)
{
    const char *name = text_word(text);
    for (size_t i = 0; i < ARRAY_SIZE(bridge_flags); i++) {
        if (!strcmp(name, bridge_flags[i].name)) {
            *(bool *) (void *) ((char *) w + bridge_flags[i].offset) = true;
            return 0;
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(bridge_options); i++) {
        if (!strcmp(name, bridge_options[i].name)) {
            const char *value = text_word(text);
            return value ? bridge_options[i].set(s, w, value)
                         : scenario_fail(s, "%s needs a value", name);
        }
    }
    return scenario_fail(s, "\"%s\" is no option of a bridge; ports come last, after the word "
                            "ports", name);
}

/* Fails the line if anything has the name 'name' already, or it is missing. */
static int check_new_name(struct scenario *s, const char *name)
{
    struct subject subject;
    if (!name) {
        return scenario_fail(s, "a name is missing");
    }
    if (!scenario_find(s, SUBJECT_NONE, name, &subject)) {
        return scenario_fail(s, "there is something called %s already", name);
    }
    free(s->error);
    s->error = NULL;
    return 0;
}

/* "NAME [OPTION]... [ports P...]". */
static int run_bridge(struct scenario *s, const struct subject *subject UNUSED, char *text)
{
    struct bridge_words w = {.inactivity_probe = 5 * SEC, .max_backoff = 8 * SEC};
    const char *name = text_word(&text);
    char *error = NULL;
    int err = check_new_name(s, name);
    if (err) {
        return err;
    }
    bridge_config_init(&w.config, name);
    w.config.has_datapath_id = true;
    w.config.datapath_id = list_size(&s->world.bridges) + 1;
    while (!err && *text && !text_skip(&text, "ports")) {
        err = take_bridge_option(s, &w, &text);
    }
    for (char *port; !err && (port = text_word(&text));) {
        strings_add(&w.config.ports, port);
    }
    err = err ? err
              : scenario_check(s, world_add_bridge(&s->world, &w.config, w.local,
                                                   w.inactivity_probe, w.max_backoff, &error),
                               &error);
    bridge_config_uninit(&w.config);
    return err;
}

/* Peers ---------------------------------------------------------------------------------------- */

/* A connection that is being described. */
struct peer_words {
    const char *name;       /* Of the peer. */
    struct world_bridge *b; /* Whose. */
    bool by_hand;           /* It says nothing by itself. */
    const char *rights;     /* As behind a target, or NULL. */
};

/* "NAME of BRIDGE [by hand] [rights RIGHTS]". */
static int take_peer_words(struct scenario *s, char *text, struct peer_words *w)
{
    w->name = text_word(&text);
    int err = check_new_name(s, w->name);
    if (!err && !text_skip(&text, "of")) {
        err = scenario_fail(s, "say whose it is: NAME of BRIDGE");
    }
    err = err ? err : scenario_take_bridge(s, &text, &w->b);
    if (err) {
        return err;
    }
    w->by_hand = text_skip(&text, "by hand");
    w->rights = text_skip(&text, "rights") ? text_word(&text) : NULL;
    return *text ? scenario_fail(s, "\"%s\" means nothing here; perhaps \"by hand\"?", text) : 0;
}

/* Makes the peer itself; the service connection 'w' dials 'door', a controller waits. */
static int add_peer(struct scenario *s, const struct peer_words *w, const char *door)
{
    struct peer *p;
    char *error = NULL;
    int err = peer_create_at(&s->world, w->b, w->name, door, w->by_hand, &p, &error);
    if (!err) {
        list_push_back(&s->peers, &p->node);
    }
    return scenario_check(s, err, &error);
}

/* Has the bridge dial the peer of 'w', or listen for it: 'add' does; 'kind' is the target's. */
static int add_target(struct scenario *s, const struct peer_words *w, const char *kind,
                      int (*add)(struct world_bridge *b, const char *text, char **error))
{
    char *error = NULL;
    char *text = xasprintf("%s:%s%s%s", kind, w->name, w->rights ? "," : "",
                           w->rights ? w->rights : "");
    int err = add(w->b, text, &error);
    free(text);
    return scenario_check(s, err, &error);
}

static int run_controller(struct scenario *s, const struct subject *subject UNUSED, char *text)
{
    struct peer_words w;
    int err = take_peer_words(s, text, &w);
    err = err ? err : add_peer(s, &w, NULL);
    return err ? err : add_target(s, &w, "memory", world_add_controller);
}

/* One with rights comes in by a listener of its own. */
static int run_service(struct scenario *s, const struct subject *subject UNUSED, char *text)
{
    struct peer_words w;
    int err = take_peer_words(s, text, &w);
    if (!err && w.rights) {
        err = add_target(s, &w, "pmemory", world_add_listener);
    }
    return err ? err : add_peer(s, &w, w.rights ? w.name : w.b->name);
}

/* "bpdus" of a port, or of all ports of a bridge. */
static int ignore_bpdus(struct scenario *s, const struct subject *who, const char *text)
{
    struct world_port *port;
    LIST_FOR_EACH (port, node, &s->world.ports) {
        if (who->kind == SUBJECT_PORT ? port == who->port : port->bridge == who->bridge) {
            world_port_ignore_bpdus(port);
        }
    }
    return strcmp(text, "bpdus") ? scenario_fail(s, "of ports only bpdus can be ignored") : 0;
}

/* "PEER KIND...", "PORT bpdus" or "BRIDGE bpdus". */
static int run_ignore(struct scenario *s, const struct subject *subject UNUSED, char *text)
{
    struct subject who;
    const char *name = text_word(&text);
    struct world_bridge *b = name ? world_find_bridge(&s->world, name) : NULL;
    int err = scenario_find(s, b ? SUBJECT_BRIDGE : SUBJECT_NONE, name ? name : "", &who);
    if (!err && who.kind != SUBJECT_PEER) {
        return ignore_bpdus(s, &who, text);
    }
    for (char *word; !err && (word = text_word(&text));) {
        enum ofp_kind kind = peer_kind_from_name(word);
        if (kind == N_OFP_KINDS) {
            err = scenario_fail(s, "there is no message \"%s\"", word);
        } else {
            who.peer->ignores[kind] = true;
        }
    }
    return err;
}

/* Time and the rest ---------------------------------------------------------------------------- */

/* Lets 'period' pass. */
static int wait(struct scenario *s, int64_t period)
{
    return world_wait(&s->world, period) ? 0 : scenario_fail(s, "the switch never comes to rest");
}

static int run_wait(struct scenario *s, const struct subject *subject UNUSED, char *text)
{
    int64_t period;
    int err = set_period(s, &period, text);
    return err ? err : wait(s, period);
}

static int run_at(struct scenario *s, const struct subject *subject UNUSED, char *text)
{
    int64_t when;
    int err = set_period(s, &when, text);
    if (!err && when < world_now(&s->world)) {
        err = scenario_fail(s, "that is past");
    }
    return err ? err : wait(s, when - world_now(&s->world));
}

/* "jumps PERIOD". */
static int run_clock(struct scenario *s, const struct subject *subject UNUSED, char *text)
{
    int64_t period;
    if (!text_skip(&text, "jumps")) {
        return scenario_fail(s, "say how far: clock jumps PERIOD");
    }
    int err = set_period(s, &period, text);
    if (!err) {
        world_jump(&s->world, period);
    }
    return err;
}

static int run_seed(struct scenario *s, const struct subject *subject UNUSED, char *text)
{
    return list_is_empty(&s->world.bridges)
               ? scenario_number(s, text, UINT64_MAX, &s->world.seed)
               : scenario_fail(s, "the seed stands before the first bridge");
}

/* "PORT PORT": what goes out of one comes in by the other. */
static int run_cable(struct scenario *s, const struct subject *subject UNUSED, char *text)
{
    struct subject ends[2];
    for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
        const char *name = text_word(&text);
        if (scenario_find(s, SUBJECT_PORT, name ? name : "", &ends[i])) {
            return EINVAL;
        }
        if (ends[i].port->cable) {
            return scenario_fail(s, "%s has a cable already", name);
        }
        if (!world_port_netdev(ends[i].port)) {
            return scenario_fail(s, "%s is a patch port, which has no cable", name);
        }
    }
    ends[0].port->cable = ends[1].port;
    ends[1].port->cable = ends[0].port;
    return 0;
}

/* "SUBJECT EXPECTATION". */
static int run_expect(struct scenario *s, const struct subject *subject UNUSED, char *text)
{
    return scenario_dispatch_by_name(s, &scenario_expectations, 1, text);
}

static const struct scenario_command statements[] = {
    {SUBJECT_NONE, "seed", "N", "seed of all hashes and jitter (default 1)", run_seed},
    {SUBJECT_NONE, "bridge", "NAME [OPTION]... [ports DEVICE...]",
     "makes a bridge; ports are numbered from 1 on", run_bridge},
    {SUBJECT_NONE, "cable", "PORT PORT", "connects two ports", run_cable},
    {SUBJECT_NONE, "controller", "NAME of BRIDGE [by hand] [rights RIGHTS]",
     "a controller that the bridge dials from now on", run_controller},
    {SUBJECT_NONE, "service", "NAME of BRIDGE [by hand] [rights RIGHTS]",
     "a connection like that of sluice-ofctl", run_service},
    {SUBJECT_NONE, "ignore", "PEER KIND... | PORT bpdus | BRIDGE bpdus",
     "from now on forgets such messages to the peer, or frames of spanning tree out of the port",
     run_ignore},
    {SUBJECT_NONE, "wait", "PERIOD", "lets time pass: 100ms, 5s, 3m, 1h", run_wait},
    {SUBJECT_NONE, "at", "PERIOD", "lets time pass until so long after the start", run_at},
    {SUBJECT_NONE, "clock", "jumps PERIOD", "it is so much later at once, and what was due is late",
     run_clock},
    {SUBJECT_NONE, "expect", "SUBJECT EXPECTATION", "compares what came with what should have",
     run_expect},
};

static const struct scenario_table all_statements = {statements, ARRAY_SIZE(statements)};

/* Lines ---------------------------------------------------------------------------------------- */

/* True if the line only looks: it is no event. */
static bool is_passive(const char *text)
{
    char *s = (char *) (uintptr_t) text;
    return text_skip(&s, "expect") || text_skip(&s, "ignore");
}

/* True if 'text' begins with the name of a statement. */
static bool is_statement(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
        char *s = (char *) (uintptr_t) text;
        if (text_skip(&s, statements[i].name)) {
            return true;
        }
    }
    return false;
}

/* Runs one event or expectation. */
static int run_words(struct scenario *s, char *text)
{
    const struct scenario_table tables[] = {scenario_events, scenario_say};
    const struct subject nothing = {.kind = SUBJECT_NONE};
    return is_statement(text)
               ? scenario_dispatch(s, &all_statements, 1, &nothing, text)
               : scenario_dispatch_by_name(s, tables, ARRAY_SIZE(tables), text);
}

/* Runs events with " & " between them, all before anything that they cause. */
static int run_together(struct scenario *s, char *text)
{
    int err = 0;
    for (char *next; !err && text; text = next) {
        next = strstr(text, " & ");
        if (next) {
            *next = '\0';
            next += strlen(" & ");
        }
        err = run_words(s, text);
    }
    return err;
}

/* Runs a line with its continuation lines. */
static int run_line(struct scenario *s, char *text)
{
    bool is_event = !is_passive(text);
    int err = is_event ? scenario_expect_no_more(s) : 0;
    err = err ? err : run_together(s, text);
    if (!err && is_event && !world_settle(&s->world)) {
        err = scenario_fail(s, "the switch never comes to rest");
    }
    return err;
}

/* A copy of 'text' with 'n' for each "$n". The caller owns it. */
static char *substitute(const char *text, unsigned n)
{
    struct bytes out = BYTES_INIT;
    for (const char *p; (p = strstr(text, "$n")); text = p + strlen("$n")) {
        bytes_put(&out, text, (size_t) (p - text));
        bytes_printf(&out, "%u", n);
    }
    char *copy = xasprintf("%s%s", bytes_string(&out), text);
    bytes_uninit(&out);
    return copy;
}

/* Runs a line, or "repeat N LINE". */
static int run_lines(struct scenario *s, char *text)
{
    uint64_t n;
    if (!text_skip(&text, "repeat")) {
        return run_line(s, text);
    }
    const char *word = text_word(&text);
    int err = scenario_number(s, word ? word : "", UINT32_MAX, &n);
    for (unsigned i = 1; !err && i <= n; i++) {
        char *line = substitute(text, i);
        err = run_line(s, line);
        free(line);
    }
    return err;
}

/* Cuts the comment and blanks off the end of 'line'. */
static void trim(char *line)
{
    for (char *c = line; *c; c++) {
        if (*c == '#' && (c == line || isspace((unsigned char) c[-1]))) {
            *c = '\0';
            break;
        }
    }
    size_t length = strlen(line);
    while (length && isspace((unsigned char) line[length - 1])) {
        line[--length] = '\0';
    }
}

/* Lines of the file under way to be run. */
struct pending {
    struct bytes text; /* A line and its continuation lines, with line ends between; owned. */
    unsigned line;     /* Number of the first of them. */
};

/* Runs what is pending. */
static int run_pending(struct scenario *s, struct pending *p)
{
    int err = 0;
    if (p->text.size) {
        s->line = p->line;
        err = run_lines(s, bytes_string(&p->text));
    }
    bytes_clear(&p->text);
    return err;
}

/* Adds a line of the file; what was pending before is run if this is no continuation. */
static int add_line(struct scenario *s, struct pending *p, char *line, unsigned number)
{
    trim(line);
    if (!*line) {
        return 0;
    }
    if (isspace((unsigned char) *line)) {
        bytes_printf(&p->text, "\n%s", line);
        return 0;
    }
    int err = run_pending(s, p);
    p->line = number;
    bytes_put(&p->text, line, strlen(line));
    return err;
}

/* Runs all lines of 'file'. */
static int run_file(struct scenario *s, FILE *file)
{
    struct pending pending = {.line = 0};
    char *line = NULL;
    size_t allocated = 0;
    unsigned number = 0;
    int err = 0;
    while (!err && xgetline(&line, &allocated, file) >= 0) {
        err = add_line(s, &pending, line, ++number);
    }
    err = err ? err : run_pending(s, &pending);
    if (!err) {
        s->line = number;
        err = scenario_expect_no_more(s);
    }
    free(line);
    bytes_uninit(&pending.text);
    return err;
}

/* Takes all apart. */
static void scenario_uninit(struct scenario *s)
{
    struct peer *p, *next_p;
    LIST_FOR_EACH_SAFE (p, next_p, node, &s->peers) {
        peer_destroy(p);
    }
    struct scenario_buffer *buffer, *next_buffer;
    LIST_FOR_EACH_SAFE (buffer, next_buffer, node, &s->buffers) {
        free(buffer->name);
        free(buffer);
    }
    world_uninit(&s->world);
}

int scenario_run(const char *path, char **error)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        int err = errno;
        *error = xasprintf("%s: %s", path, strerror(err));
        return err;
    }
    struct scenario s = {.path = path};
    list_init(&s.peers);
    list_init(&s.buffers);
    world_init(&s.world);
    int err = run_file(&s, file);
    if (!err && ferror(file)) {
        err = errno;
        s.error = xasprintf("%s: cannot be read: %s", path, strerror(err));
    }
    scenario_uninit(&s);
    fclose(file);
    *error = s.error;
    return err;
}

void scenario_print_help(FILE *stream)
{
    static const struct {
        const struct scenario_table *table; /* Words. */
        const char *before;                 /* What stands before them. */
    } parts[] = {{&all_statements, ""},
                 {&scenario_events, "SUBJECT "},
                 {&scenario_say, "PEER "},
                 {&scenario_expectations, "expect SUBJECT "}};
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        for (size_t j = 0; j < parts[i].table->n; j++) {
            const struct scenario_command *c = &parts[i].table->commands[j];
            fprintf(stream, "%s%s %s\n        %s\n", parts[i].before, c->name, c->usage, c->help);
        }
    }
}
