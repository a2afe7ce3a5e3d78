/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario expects: frames, messages, counters, and that there is nothing else. */
#include "ofproto/scenario-expect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/datapath.h"
#include "lib/openflow/ofp-print.h"
#include "lib/packet/frame.h"
#include "lib/util.h"
#include "ofproto/scenario-flows.h"
#include "ofproto/scenario-message.h"
#include "ofproto/scenario-private.h"
#include "ofproto/scenario-text.h"
#include "ofproto/spanning.h"
#include "ofproto/stp.h"

/* Frames --------------------------------------------------------------------------------------- */

/* Fails the line: the first frame out of 'port' is not 'expected'. */
static int frame_mismatch(struct scenario *s, const struct world_port *port, const char *expected)
{
    struct bytes text = BYTES_INIT;
    const struct world_item *item = world_item_first(&port->frames);
    if (item) {
        frame_print(item->bytes.data, item->bytes.size, &text);
        bytes_printf(&text, "\n");
        ofp_print_hex(&text, item->bytes.data, item->bytes.size, false);
    } else {
        bytes_printf(&text, "nothing");
    }
    int err = scenario_fail(s, "%s did not send what was expected\n  expected: %s\n  but came: %s",
                            port->name, expected, bytes_string(&text));
    bytes_uninit(&text);
    return err;
}

/* Takes 'n' frames out of 'port', each being 'frame'. */
static int take_frames(struct scenario *s, struct world_port *port, unsigned n,
                       const struct bytes *frame, const char *text)
{
    for (; n; n--) {
        struct world_item *item = world_item_first(&port->frames);
        if (!item || item->bytes.size != frame->size
            || memcmp(item->bytes.data, frame->data, frame->size)) {
            return frame_mismatch(s, port, text);
        }
        world_item_destroy(item);
    }
    return 0;
}

/* "nothing", or "[N x] FRAME". */
static int expect_sends(struct scenario *s, const struct subject *subject, char *text)
{
    struct world_port *port = subject->port;
    struct bytes frame = BYTES_INIT;
    char *error = NULL;
    if (text_skip(&text, "nothing")) {
        return list_is_empty(&port->frames) ? 0 : frame_mismatch(s, port, "nothing");
    }
    unsigned n = text_count(&text);
    int err = scenario_check(s, frame_build(text, &frame, &error), &error);
    err = err ? err : take_frames(s, port, n, &frame, text);
    bytes_uninit(&frame);
    return err;
}

/* Counters ------------------------------------------------------------------------------------- */

/* A number that can be asked for. */
struct counter {
    const char *name; /* In "NAME=VALUE". */
    size_t offset;    /* In the struct of all of them. */
};

/* Compares each "NAME=VALUE" of 'text' with the uint64_t of that name at 'numbers'. */
static int check_counters(struct scenario *s, const struct counter *counters, size_t n,
                          const void *numbers, char *text)
{
    for (char *word; (word = text_word(&text));) {
        const char *value = NULL;
        size_t i = 0;
        for (; i < n && !(value = text_value(word, counters[i].name)); i++) {
        }
        if (!value) {
            return scenario_fail(s, "there is no counter for \"%s\"", word);
        }
        uint64_t expected, came;
        memcpy(&came, (const char *) numbers + counters[i].offset, sizeof came);
        int err = scenario_number(s, value, UINT64_MAX, &expected);
        if (!err && came != expected) {
            err = scenario_fail(s, "expected %s=%s, but it is %" PRIu64, counters[i].name, value,
                                came);
        }
        if (err) {
            return err;
        }
    }
    return 0;
}

#define PORT_COUNTER(MEMBER) {#MEMBER, offsetof(struct ofp_port_stats, MEMBER)}
static const struct counter port_counters[] = {
    PORT_COUNTER(rx_packets), PORT_COUNTER(tx_packets), PORT_COUNTER(rx_bytes),
    PORT_COUNTER(tx_bytes),   PORT_COUNTER(rx_dropped), PORT_COUNTER(tx_dropped),
    PORT_COUNTER(rx_errors),  PORT_COUNTER(tx_errors),
};

static int expect_port_counts(struct scenario *s, const struct subject *subject, char *text)
{
    struct ofp_port_stats stats;
    const struct world_port *port = subject->port;
    if (datapath_port_get_stats(world_datapath(port->bridge), port->number, &stats)) {
        return scenario_fail(s, "%s is no port any more", port->name);
    }
    return check_counters(s, port_counters, ARRAY_SIZE(port_counters), &stats, text);
}

/* Sums over all tables of a bridge. */
struct table_sums {
    uint64_t lookups; /* Packets looked up. */
    uint64_t matches; /* Packets that matched. */
    uint64_t flows;   /* Rules. */
};

static const struct counter table_counters[] = {
    {"lookups", offsetof(struct table_sums, lookups)},
    {"matches", offsetof(struct table_sums, matches)},
    {"flows", offsetof(struct table_sums, flows)},
};

static int expect_bridge_counts(struct scenario *s, const struct subject *subject, char *text)
{
    struct table_summary summary;
    tables_get_summary(datapath_tables(world_datapath(subject->bridge)), 0, &summary);
    const struct table_sums sums = {summary.lookups, summary.matches, summary.n_rules};
    return check_counters(s, table_counters, ARRAY_SIZE(table_counters), &sums, text);
}

/* Spanning tree -------------------------------------------------------------------------------- */

/* "ROLE STATE", or "outside the tree". */
static int expect_port_is(struct scenario *s, const struct subject *subject, char *text)
{
    const struct world_port *port = subject->port;
    struct stp_port_info info;
    char *is = spanning_port_get_info(bridge_ofproto(port->bridge->bridge), port->number, &info)
                   ? xasprintf("%s %s", stp_role_name(info.role), stp_state_name(info.state))
                   : xstrdup("outside the tree");
    int err = strcmp(text, is) ? scenario_fail(s, "%s is %s, not %s", port->name, is, text) : 0;
    free(is);
    return err;
}

/* Peers ---------------------------------------------------------------------------------------- */

/* Fails the line: the first message to 'p', perhaps none, is not 'expected'. */
static int message_mismatch(struct scenario *s, const struct peer *p, const char *expected)
{
    struct bytes text = BYTES_INIT;
    const struct world_item *item = world_item_first(&p->messages);
    if (item) {
        message_describe(&item->bytes, &text);
    } else {
        bytes_printf(&text, "nothing");
    }
    int err = scenario_fail(s, "%s did not get what was expected\n  expected: %s\n  but came: %s",
                            p->name, expected, bytes_string(&text));
    bytes_uninit(&text);
    return err;
}

/* "nothing", or "[N x] MESSAGE". */
static int expect_gets(struct scenario *s, const struct subject *subject, char *text)
{
    struct peer *p = subject->peer;
    if (!strcmp(text, "nothing")) {
        return list_is_empty(&p->messages) ? 0 : message_mismatch(s, p, text);
    }
    int err = 0;
    for (unsigned n = text_count(&text); n && !err; n--) {
        struct world_item *item = world_item_first(&p->messages);
        if (!item || !item->bytes.size) {
            return message_mismatch(s, p, text);
        }
        err = message_check(s, p, &item->bytes, text);
        world_item_destroy(item);
    }
    return err;
}

/* States of a peer. Each tells whether it holds. */
static bool is_connected(struct peer *p)
{
    return p->stream != NULL;
}

static bool is_disconnected(struct peer *p)
{
    return !p->stream;
}

/* Takes the end of the connection off the messages. */
static bool is_closed(struct peer *p)
{
    struct world_item *item = world_item_first(&p->messages);
    if (!item || item->bytes.size) {
        return false;
    }
    world_item_destroy(item);
    return true;
}

static int expect_is(struct scenario *s, const struct subject *subject, char *text)
{
    static const struct {
        const char *name;                  /* As written. */
        bool (*holds)(struct peer *p); /* Whether it is so. */
    } states[] = {
        {"connected", is_connected}, {"disconnected", is_disconnected}, {"closed", is_closed}};
    struct peer *p = subject->peer;
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        if (!strcmp(text, states[i].name)) {
            return states[i].holds(p) ? 0
                                      : scenario_fail(s, "%s is not %s", p->name, states[i].name);
        }
    }
    return scenario_fail(s, "a peer is connected, disconnected or closed, not \"%s\"", text);
}

/* "connected N times". */
static int expect_has_connected(struct scenario *s, const struct subject *subject, char *text)
{
    uint64_t n;
    const char *word = text_word(&text);
    int err = scenario_number(s, word ? word : "", UINT32_MAX, &n);
    return err || subject->peer->n_connections == n
               ? err
               : scenario_fail(s, "%s has been connected %u times", subject->peer->name,
                               subject->peer->n_connections);
}

/* Bridges -------------------------------------------------------------------------------------- */

static int expect_has(struct scenario *s, const struct subject *subject, char *text)
{
    return flows_check(s, subject->bridge, text);
}

/* The reason with the words 'text', or N_DROP_REASONS. */
static size_t find_reason(const char *text)
{
    size_t i = 0;
    while (i < N_DROP_REASONS && strcmp(text, drop_reason_names[i])) {
        i++;
    }
    return i;
}

/* As many drops as you like, but one at least. */
#define SOME_DROPS UINT64_MAX

/* Reads "nothing", or "[N x] REASON" or "... x REASON" in each line of 'text', into 'drops', which
 * are zero, by reason. */
static int read_drops(struct scenario *s, char *text, uint64_t *drops)
{
    char *rest = NULL;
    if (!strcmp(text, "nothing")) {
        return 0;
    }
    char *line = strtok_r(text, "\n", &rest);
    if (!line) {
        return scenario_fail(s, "say what: nothing, or [N x] REASON");
    }
    for (; line; line = strtok_r(NULL, "\n", &rest)) {
        line += strspn(line, " \t");
        uint64_t n = text_skip(&line, "... x") ? SOME_DROPS : text_count(&line);
        size_t reason = find_reason(line);
        if (reason == N_DROP_REASONS) {
            return scenario_fail(s, "packets are not dropped for \"%s\"; sluicectl coverage has "
                                 "the reasons", line);
        }
        drops[reason] = n;
    }
    return 0;
}

/* Says what 'drops' are in 'text'. */
static void print_drops(const uint64_t *drops, struct bytes *text)
{
    size_t before = text->size;
    for (size_t i = 0; i < N_DROP_REASONS; i++) {
        if (drops[i] == SOME_DROPS) {
            bytes_printf(text, "\n    ... x %s", drop_reason_names[i]);
        } else if (drops[i]) {
            bytes_printf(text, "\n    %" PRIu64 " x %s", drops[i], drop_reason_names[i]);
        }
    }
    if (text->size == before) {
        bytes_printf(text, " nothing");
    }
}

/* Fails the line: 'b' dropped 'came', not 'expected'. */
static int drops_mismatch(struct scenario *s, const struct world_bridge *b,
                          const uint64_t *expected, const uint64_t *came)
{
    struct bytes text = BYTES_INIT;
    bytes_printf(&text, "%s did not drop what was expected\n  expected:", b->name);
    print_drops(expected, &text);
    bytes_printf(&text, "\n  but it was:");
    print_drops(came, &text);
    int err = scenario_fail(s, "%s", bytes_string(&text));
    bytes_uninit(&text);
    return err;
}

/* The drops since the last such line, all of them. */
static int expect_drops(struct scenario *s, const struct subject *subject, char *text)
{
    uint64_t expected[N_DROP_REASONS] = {0}, came[N_DROP_REASONS] = {0};
    struct drop_counter counters[N_DROP_REASONS];
    struct world_bridge *b = subject->bridge;
    int err = read_drops(s, text, expected);
    bool is_same = true;
    datapath_get_drops(world_datapath(b), counters, N_DROP_REASONS);
    for (size_t i = 0; i < N_DROP_REASONS; i++) {
        came[i] = counters[i].n - b->drops[i];
        b->drops[i] = counters[i].n;
        is_same &= expected[i] == SOME_DROPS ? came[i] > 0 : came[i] == expected[i];
    }
    return err || is_same ? err : drops_mismatch(s, b, expected, came);
}

static const struct scenario_command commands[] = {
    {SUBJECT_PORT, "sends", "nothing | [N x] FRAME",
     "the next frames out of the port are exactly these, or there are none", expect_sends},
    {SUBJECT_PORT, "counts", "COUNTER=N...", "counters of the port", expect_port_counts},
    {SUBJECT_PORT, "is", "ROLE STATE | outside the tree",
     "role and state in the spanning tree: root forwarding, alternate blocking", expect_port_is},
    {SUBJECT_PEER, "gets", "nothing | [N x] MESSAGE",
     "the next messages to the peer are these, or there are none", expect_gets},
    {SUBJECT_PEER, "is", "connected | disconnected | closed",
     "state of its connection; closed: the bridge has just ended it", expect_is},
    {SUBJECT_PEER, "connected", "N times", "how often it was", expect_has_connected},
    {SUBJECT_BRIDGE, "has", "no flows | N flows | flows, and on lines of their own FLOW...",
     "flows of the bridge, all of them, in any order", expect_has},
    {SUBJECT_BRIDGE, "drops", "nothing | [N x | ... x] REASON, each on a line of its own",
     "packets dropped since the last such line, all of them, in words of sluicectl coverage",
     expect_drops},
    {SUBJECT_BRIDGE, "table-counts", "COUNTER=N...", "lookups, matches, flows of the table",
     expect_bridge_counts},
};

const struct scenario_table scenario_expectations = {commands, ARRAY_SIZE(commands)};

/* Nothing else --------------------------------------------------------------------------------- */

int scenario_expect_no_more(struct scenario *s)
{
    struct world_port *port;
    int err = 0;
    LIST_FOR_EACH (port, node, &s->world.ports) {
        if (!err && !list_is_empty(&port->frames)) {
            err = frame_mismatch(s, port, "nothing more before this line");
        }
    }
    struct peer *p;
    LIST_FOR_EACH (p, node, &s->peers) {
        if (!err && !list_is_empty(&p->messages)) {
            err = message_mismatch(s, p, "nothing more before this line");
        }
    }
    return err;
}
