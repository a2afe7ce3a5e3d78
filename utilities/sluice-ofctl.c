/* SPDX-License-Identifier: Apache-2.0 */
/* sluice-ofctl: asks and configures an OpenFlow switch from the command line. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/daemon.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-fields.h"
#include "lib/vlog.h"
#include "utilities/ofctl-json.h"
#include "utilities/ofctl.h"

/* Options -------------------------------------------------------------------------------------- */

/* Setters of what is a member of the context. */
#define DEFINE_SET_STRING(NAME, MEMBER) CMDL_DEFINE_SET_STRING(NAME, struct cmdl_context, MEMBER)
#define DEFINE_SET_FLAG(NAME, MEMBER)   CMDL_DEFINE_SET_FLAG(NAME, struct cmdl_context, MEMBER)

DEFINE_SET_FLAG(strict, is_strict)
DEFINE_SET_FLAG(names, shows_names)
DEFINE_SET_FLAG(no_stats, hides_stats)
DEFINE_SET_FLAG(json, wants_json)
DEFINE_SET_FLAG(readd, readds)
DEFINE_SET_FLAG(read_only, only_reads)
DEFINE_SET_FLAG(timestamp, shows_time)
DEFINE_SET_FLAG(help, wants_help)
DEFINE_SET_FLAG(version, wants_version)
DEFINE_SET_STRING(private_key, tls.private_key)
DEFINE_SET_STRING(certificate, tls.certificate)
DEFINE_SET_STRING(ca_cert, tls.ca_cert)
DEFINE_SET_STRING(run_dir, run_dir)

static int set_timeout(void *aux, const char *value, char **error)
{
    struct cmdl_context *ctx = aux;
    uint64_t seconds;
    if (!str_to_uint(value, 10, INT_MAX, &seconds) || !seconds) {
        *error = xasprintf("%s is no time: give a number of seconds, 1 or more", value);
        return EINVAL;
    }
    ctx->timeout = seconds * SEC;
    return 0;
}

static int set_no_names(void *aux, const char *value UNUSED, char **error UNUSED)
{
    ((struct cmdl_context *) aux)->shows_names = false;
    return 0;
}

static int set_stats(void *aux, const char *value UNUSED, char **error UNUSED)
{
    ((struct cmdl_context *) aux)->hides_stats = false;
    return 0;
}

static int set_more(void *aux, const char *value UNUSED, char **error UNUSED)
{
    ((struct cmdl_context *) aux)->verbosity++;
    return 0;
}

/* Adds one --sort or --rsort. */
static int add_sort(struct cmdl_context *ctx, const char *name, bool is_descending, char **error)
{
    const struct ofp_field *field = NULL;
    if (ctx->n_sorts == OFCTL_SORT_MAX) {
        *error = xasprintf("%d fields at most can be sorted by", OFCTL_SORT_MAX);
        return EINVAL;
    }
    if (name && strcasecmp(name, "priority")) {
        field = ofp_field_find(name);
        if (!field) {
            *error = xasprintf("%s: unknown field name; try priority or in_port", name);
            return EINVAL;
        }
    }
    ctx->sorts[ctx->n_sorts++] =
        (struct ofctl_sort){.field = field, .is_descending = is_descending};
    return 0;
}

static int set_sort(void *aux, const char *value, char **error)
{
    return add_sort(aux, value, false, error);
}

static int set_rsort(void *aux, const char *value, char **error)
{
    return add_sort(aux, value, true, error);
}

/* Takes a list of OpenFlow versions, for scripts written for ovs-ofctl: 1.0 must be among them. */
static int set_protocols(void *aux UNUSED, const char *value, char **error)
{
    static const char first[] = "OpenFlow10";
    char *copy = xstrdup(value), *rest = copy;
    bool has_first = false, good = true;
    for (char *word; good && (word = strtok_r(rest, ", ", &rest));) {
        good = strlen(word) == strlen(first) && word[9] >= '0' && word[9] <= '5'
               && !strncasecmp(word, first, 9);
        has_first |= !strcasecmp(word, first);
    }
    free(copy);
    if (good && has_first) {
        return 0;
    }
    *error = xasprintf("%s: %s", value, good ? "only OpenFlow10 is spoken here"
                                             : "these are not all versions, as OpenFlow10");
    return EINVAL;
}

static int set_flow_format(void *aux, const char *value, char **error)
{
    return ofctl_parse_formats(value, &((struct cmdl_context *) aux)->formats, error);
}

static int set_packet_in_format(void *aux, const char *value, char **error)
{
    static const struct {
        const char *name; /* As ovs-ofctl has it. */
        uint32_t format;  /* NX_PACKET_IN_*. */
    } words[] = {
        {"standard", NX_PACKET_IN_STANDARD},
        {"openflow10", NX_PACKET_IN_STANDARD},
        {"nxt_packet_in", NX_PACKET_IN_NXT},
        {"nxm", NX_PACKET_IN_NXT},
    };
    struct cmdl_context *ctx = aux;
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (!strcasecmp(words[i].name, value)) {
            ctx->has_packet_in_format = true;
            ctx->packet_in_format = words[i].format;
            return 0;
        }
    }
    *error = xasprintf("%s: there is no such form of packet_in; give standard or "
                       "nxt_packet_in", value);
    return EINVAL;
}

static int set_verbose(void *aux UNUSED, const char *value, char **error)
{
    return vlog_parse_level_spec(value ? value : "dbg", error);
}

static const struct cmdl_option options[] = {
    {"timeout", 't', "SECS", "give up after SECS seconds", set_timeout},
    {"strict", 0, NULL, "mod-flows, del-flows: only the rule with just this match and priority",
     set_strict},
    {"names", 0, NULL, "show names of ports instead of numbers", set_names},
    {"no-names", 0, NULL, "show numbers of ports (default)", set_no_names},
    {"stats", 0, NULL, "dump-flows: show counters (default)", set_stats},
    {"no-stats", 0, NULL, "dump-flows: show rules without counters", set_no_stats},
    {"sort", 0, "[FIELD]", "dump-flows: sort by FIELD or priority; may be repeated", set_sort},
    {"rsort", 0, "[FIELD]", "the same, largest first", set_rsort},
    {"json", 0, NULL, "show, dump-*, queue-*, get-frags: answer as JSON", set_json},
    {"readd", 0, NULL, "replace-flows: send the rules that are the same too", set_readd},
    {"read-only", 0, NULL, "refuse commands that change the switch", set_read_only},
    {"timestamp", 0, NULL, "monitor, snoop: show the time of each message", set_timestamp},
    {"more", 'm', NULL, "print messages with more detail; may be repeated", set_more},
    {"private-key", 'p', "FILE", "private key, for tls: switches", set_private_key},
    {"certificate", 'c', "FILE", "certificate that belongs to the key", set_certificate},
    {"ca-cert", 'C', "FILE", "CA certificate that the switch's must be signed with", set_ca_cert},
    {"run-dir", 0, "DIR", "where sluiced keeps BRIDGE.mgmt", set_run_dir},
    {"protocols", 'O', "VERSIONS", "must have OpenFlow10 among them", set_protocols},
    {"flow-format", 'F', "FORMATS", "forms that flows may have: OpenFlow10, NXM, either with "
     "+table_id or -table_id, any (default)", set_flow_format},
    {"packet-in-format", 'P', "FORMAT", "monitor: form of packet_in, standard or nxt_packet_in",
     set_packet_in_format},
    {"verbose", 'v', "[SPEC]", "log: LEVEL or MODULE:LEVEL, as dbg", set_verbose},
    {"help", 'h', NULL, "show this help", set_help},
    {"version", 'V', NULL, "show the version", set_version},
};

/* Commands ------------------------------------------------------------------------------------- */

static const struct cmdl_command commands[] = {
    {"show", 1, 1, "SWITCH", "features, ports and configuration", ofctl_show},
    {"dump-desc", 1, 1, "SWITCH", "description", ofctl_dump_desc},
    {"dump-tables", 1, 1, "SWITCH", "statistics of tables", ofctl_dump_tables},
    {"dump-flows", 1, 2, "SWITCH [FLOW]", "rules that match FLOW, or all", ofctl_dump_flows},
    {"dump-aggregate", 1, 2, "SWITCH [FLOW]", "sums over the rules that match FLOW, or all",
     ofctl_dump_aggregate},
    {"dump-ports", 1, 2, "SWITCH [PORT]", "statistics of ports", ofctl_dump_ports},
    {"dump-ports-desc", 1, 2, "SWITCH [PORT]", "description of all ports, or one",
     ofctl_dump_ports_desc},
    {"queue-stats", 1, 3, "SWITCH [PORT [QUEUE]]", "statistics of queues", ofctl_queue_stats},
    {"queue-get-config", 1, 2, "SWITCH [PORT]", "configuration of queues",
     ofctl_queue_get_config},
    {"add-flow", 2, 2, "SWITCH FLOW", "add the rule FLOW (-: rules from standard input)",
     ofctl_add_flow},
    {"add-flows", 2, 2, "SWITCH FILE", "add, modify or delete as each line of FILE says",
     ofctl_add_flows},
    {"mod-flows", 2, 2, "SWITCH FLOW", "change the actions of rules that match FLOW",
     ofctl_mod_flows},
    {"del-flows", 1, 2, "SWITCH [FLOW]", "delete rules that match FLOW, or all",
     ofctl_del_flows},
    {"replace-flows", 2, 2, "SWITCH FILE", "make the rules those of FILE, and no others",
     ofctl_replace_flows},
    {"diff-flows", 2, 2, "SOURCE1 SOURCE2", "compare the rules of two files or switches",
     ofctl_diff_flows},
    {"mod-port", 3, 3, "SWITCH PORT ACTION", "up, down, [no-]flood, [no-]receive, [no-]forward, "
     "[no-]packet-in, [no-]stp, [no-]receive-stp", ofctl_mod_port},
    {"get-frags", 1, 1, "SWITCH", "show how IP fragments are handled", ofctl_get_frags},
    {"set-frags", 2, 2, "SWITCH MODE", "normal, drop, reassemble or nx-match", ofctl_set_frags},
    {"packet-out", 2, INT_MAX, "SWITCH IN_PORT ACTIONS PACKET...",
     "send frames, in hex, through ACTIONS; or SWITCH \"in_port=P,packet=HEX,actions=A\"",
     ofctl_packet_out},
    {"monitor", 1, 5, "SWITCH [MISS_LEN] [WISH]...", "print what the switch sends", ofctl_monitor},
    {"snoop", 1, 1, "SWITCH", "print what the switch and its controllers say", ofctl_snoop},
    {"probe", 1, 1, "SWITCH", "ask whether it is alive", ofctl_probe},
    {"ping", 1, 2, "SWITCH [N]", "time ten echo requests of N bytes", ofctl_ping},
    {"benchmark", 3, 3, "SWITCH N COUNT", "time COUNT echo requests of N bytes together",
     ofctl_benchmark},
    {"ofp-print", 1, 2, "HEX [VERBOSITY]", "print an OpenFlow message", ofctl_ofp_print},
    {"ofp-parse", 1, 1, "FILE", "print the messages in FILE, bytes as on a connection",
     ofctl_ofp_parse},
    {"ofp-parse-pcap", 1, INT_MAX, "FILE [PORT...]",
     "print the OpenFlow connections in a capture file, and how long answers took",
     ofctl_ofp_parse_pcap},
    {"parse-flow", 1, 1, "FLOW", "check FLOW and print what add-flow would send",
     ofctl_parse_flow},
    {"parse-flows", 1, 1, "FILE", "the same for each line of FILE", ofctl_parse_flows},
};

/* Commands whose answer --json changes. */
static ofctl_command *const json_commands[] = {
    ofctl_show, ofctl_dump_desc, ofctl_dump_tables, ofctl_dump_flows, ofctl_dump_aggregate,
    ofctl_dump_ports, ofctl_dump_ports_desc, ofctl_queue_stats, ofctl_queue_get_config,
    ofctl_get_frags,
};

/* Commands that change nothing: those that --read-only leaves. */
static ofctl_command *const reading_commands[] = {
    ofctl_show, ofctl_dump_desc, ofctl_dump_tables, ofctl_dump_flows, ofctl_dump_aggregate,
    ofctl_dump_ports, ofctl_dump_ports_desc, ofctl_queue_stats, ofctl_queue_get_config,
    ofctl_get_frags, ofctl_diff_flows, ofctl_monitor, ofctl_snoop, ofctl_probe, ofctl_ping,
    ofctl_benchmark, ofctl_ofp_print, ofctl_ofp_parse, ofctl_ofp_parse_pcap, ofctl_parse_flow,
    ofctl_parse_flows,
};

/* Commands of ovs-ofctl for what OpenFlow 1.0 does not have. */
static const char *const later_commands[] = {
    "add-group", "add-groups", "add-meter", "bundle", "del-groups", "del-meter", "del-meters",
    "dump-group-features", "dump-group-stats", "dump-groups", "dump-meter", "dump-meters",
    "dump-table-desc", "dump-table-features", "insert-buckets", "meter-features", "meter-stats",
    "mod-group", "mod-meter", "mod-table", "remove-buckets",
};

/* And those for extensions of its own that Sluice does not have. */
static const char *const foreign_commands[] = {
    "add-tlv-map", "ct-flush", "ct-flush-zone", "del-tlv-map", "dump-ipfix-bridge",
    "dump-ipfix-flow", "dump-tlv-map",
};

/* Whether the command 'name' is one of the 'n' in 'set' (or there is no such). */
static bool is_among(const char *name, ofctl_command *const set[], size_t n)
{
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (!strcmp(commands[i].name, name)) {
            for (size_t j = 0; j < n; j++) {
                if (commands[i].run == set[j]) {
                    return true;
                }
            }
            return false;
        }
    }
    return true;
}

/* Whether 'name' is one of the 'n' in 'names'. */
static bool is_named(const char *name, const char *const names[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* Refuses the command 'name' if there can't be such, or the options don't let it.  Returns an exit
 * code. */
static int check_command(const struct cmdl_context *ctx, const char *name, char **error)
{
    if (is_named(name, later_commands, ARRAY_SIZE(later_commands))) {
        *error = xasprintf("%s is for later versions of OpenFlow: 1.0 has no such thing", name);
        return CMDL_USAGE;
    }
    if (is_named(name, foreign_commands, ARRAY_SIZE(foreign_commands))) {
        *error = xasprintf("%s is for an extension of Open vSwitch that Sluice does not have",
                           name);
        return CMDL_USAGE;
    }
    if (ctx->wants_json && !is_among(name, json_commands, ARRAY_SIZE(json_commands))) {
        *error = xasprintf("%s has no answer in JSON: leave --json out", name);
        return CMDL_USAGE;
    }
    if (ctx->only_reads && !is_among(name, reading_commands, ARRAY_SIZE(reading_commands))) {
        *error = xasprintf("%s changes the switch: leave --read-only out", name);
        return CMDL_USAGE;
    }
    return CMDL_OK;
}

/* Takes the options out of argv, wherever they stand before "--"; what is left goes to 'words',
 * which has room for 'argc' words.  Returns an exit code. */
static int take_options(struct cmdl_context *ctx, int argc, char *argv[], char *words[],
                        int *n_words, char **error)
{
    bool is_over = false;
    *n_words = 0;
    for (int i = 1; i < argc; i++) {
        int first = 1;
        if (!is_over) {
            int result = cmdl_parse(options, ARRAY_SIZE(options), argc - i + 1, argv + i - 1, ctx,
                                    &first, error);
            if (result) {
                return result;
            }
            is_over = first > 1 && !strcmp(argv[i + first - 2], "--");
        }
        i += first - 1;
        if (i < argc) {
            words[(*n_words)++] = argv[i];
        }
    }
    return CMDL_OK;
}

static void print_help(void)
{
    cmdl_print_help(stdout, "sluice-ofctl", "[OPTION]... COMMAND [ARGUMENT]...", options,
                    ARRAY_SIZE(options), commands, ARRAY_SIZE(commands));
    puts("\nSWITCH is tcp:HOST[:PORT], tls:HOST[:PORT], unix:FILE, or the name of a bridge.");
}

/* Does what the words say. */
static int run(struct cmdl_context *ctx, int n_words, char *words[], char **error)
{
    if (ctx->wants_help) {
        print_help();
        return CMDL_OK;
    }
    if (ctx->wants_version) {
        puts("sluice-ofctl (Sluice) " PACKAGE_VERSION "\nOpenFlow versions 0x1:0x1");
        return CMDL_OK;
    }
    ctx->words = words;
    int result = n_words ? check_command(ctx, words[0], error) : CMDL_OK;
    result = result ? result
                    : cmdl_run(commands, ARRAY_SIZE(commands), ctx, n_words, words, error);
    if (!result) {
        ofctl_json_print(ctx);
    }
    return result;
}

int main(int argc, char *argv[])
{
    struct cmdl_context ctx = {.tls.may_wait = true};
    char **words = xcalloc(argc + 1, sizeof *words);
    int n_words;
    char *error = NULL;
    daemon_fill_standard_files();
    vlog_set_level("any", VLOG_LEVEL_WARN);
    int result = take_options(&ctx, argc, argv, words, &n_words, &error);
    result = result ? result : run(&ctx, n_words, words, &error);
    if (error) {
        fprintf(stderr, "sluice-ofctl: %s\n", error);
        free(error);
    }
    ofctl_close(&ctx);
    ofctl_json_release(&ctx);
    free(words);
    return cmdl_finish("sluice-ofctl", result);
}
