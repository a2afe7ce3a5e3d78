/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of sluice-ofctl share: options, the connection, and how answers are told. */
#ifndef UTILITIES_OFCTL_H
#define UTILITIES_OFCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/channel/tls-config.h"
#include "lib/cmdl.h"
#include "lib/openflow/ofp-message.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"
#include "utilities/ofctl-client.h"

enum { OFCTL_SORT_MAX = 8 /* --sort and --rsort options at most. */ };

/* One --sort or --rsort. */
struct ofctl_sort {
    const struct ofp_field *field; /* By what; NULL: by priority. */
    bool is_descending;            /* --rsort. */
};

/* The command line, and what it leads to.  Made by main(), used by one command. */
struct cmdl_context {
    struct tls_files tls;     /* Keys; borrowed from argv. */
    const char *run_dir;      /* --run-dir, or NULL. */
    int64_t timeout;          /* --timeout, nanoseconds; 0 none. */
    int verbosity;            /* Number of --more. */
    bool is_strict;           /* --strict. */
    bool shows_names;         /* --names. */
    bool hides_stats;         /* --no-stats. */
    bool wants_json;          /* --json. */
    bool readds;              /* --readd. */
    bool only_reads;          /* --read-only. */
    bool shows_time;          /* --timestamp. */
    unsigned formats;         /* --flow-format, of ofctl_parse_formats(); 0: all. */
    bool has_packet_in_format; /* --packet-in-format was given: */
    uint32_t packet_in_format; /* NX_PACKET_IN_*. */
    bool wants_help;          /* --help. */
    bool wants_version;       /* --version. */
    size_t n_sorts;           /* Of 'sorts'. */
    struct ofctl_sort sorts[OFCTL_SORT_MAX]; /* In order of the command line. */

    char *const *words;       /* Command, switch and arguments, up to NULL; borrowed from main(). */
    struct client *client;    /* Connection of the command; NULL before ofctl_open(). */
    const char *target;       /* Switch as typed; borrowed from argv. */
    struct ofp_port *ports;   /* The switch's ports, once asked for; owned. */
    size_t n_ports;           /* How many. */
    bool has_ports;           /* They were asked for. */
    struct json_t *json;      /* Answer as JSON so far, or NULL; owned. */
    struct ofp_parse parse;   /* Reads port names by asking the switch. */
    struct ofp_print_style style; /* Writes them, if --names. */
};

/* Prints "sluice-ofctl: TEXT" to standard error and returns CMDL_FAILED. */
int ofctl_fail(const char *format, ...) PRINTF_FORMAT(1, 2);

/* The same for a text from malloc(), which it frees. */
int ofctl_fail_with(char *error);

/* Connects to 'target': a stream's name, a path, or the name of a bridge, whose socket has the name
 * 'suffix' ("mgmt", "snoop").  Returns CMDL_OK or, after saying why, CMDL_FAILED. */
int ofctl_open(struct cmdl_context *ctx, const char *target, const char *suffix);

/* Closes the connection, if there is one, and forgets what is known of the switch; another may be
 * opened. */
void ofctl_close(struct cmdl_context *ctx);

/* Encodes 'm' with a new xid, which it puts there, and sends it. */
void ofctl_send(struct cmdl_context *ctx, struct ofp_message *m);

/* Waits for the answer to 'xid', of 'kind' (or an error, which it tells).  What else comes is
 * dropped.  Returns CMDL_OK with '*raw', owned by the caller, and '*m' decoded from it; or, after
 * saying why, CMDL_FAILED. */
int ofctl_receive(struct cmdl_context *ctx, uint32_t xid, enum ofp_kind kind, struct bytes **raw,
                  struct ofp_message *m);

/* Sends 'm', and hands each message of the reply of 'kind' to 'take'.  Returns an exit code. */
int ofctl_transact(struct cmdl_context *ctx, struct ofp_message *m, enum ofp_kind kind,
                   void (*take)(struct cmdl_context *ctx, const struct ofp_message *reply,
                                void *aux),
                   void *aux);

/* Opens 'file' for reading, "-" being standard input; NULL after saying why not. */
FILE *ofctl_open_file(const char *file);

/* Tells if 'stream', read to its end, could not be read whole (a directory can't); messages call it
 * 'name'.  Returns an exit code. */
int ofctl_check_file(FILE *stream, const char *name);

/* What messages call 'file', which stays the caller's. */
const char *ofctl_file_name(const char *file);

/* Hands each line of 'file' that is not blank to 'each', which returns 0, or not 0 with '*error',
 * until one fails; 'n' is the line's number, from 1.  Tells what failed, and if the file could not
 * be read whole.  Returns an exit code. */
int ofctl_read_lines(const char *file,
                     int (*each)(const char *line, unsigned n, void *aux, char **error),
                     void *aux);

/* Closes what ofctl_open_file() returned, but standard input. */
void ofctl_close_file(FILE *stream);

/* Says that the switch refused the message 'xid' for 'reason', a text; false if it can't tell which
 * that is. */
typedef bool ofctl_blame(uint32_t xid, const char *reason, void *aux);

/* Sends a barrier and waits for its reply.  Errors of messages sent before are printed on standard
 * error, and 'blame', if not NULL, is called for each; of those without blame one line says that
 * the command is refused.  Returns an exit code. */
int ofctl_barrier(struct cmdl_context *ctx, ofctl_blame *blame, void *aux);

/* Prints a message to 'stream' with the preferences of the command line. */
void ofctl_print(struct cmdl_context *ctx, FILE *stream, const struct ofp_message *m,
                 int verbosity);

/* Asks for the ports, once.  Returns an exit code. */
int ofctl_get_ports(struct cmdl_context *ctx);

/* The port that 'text' means, a number, LOCAL or a name; NULL after saying why. */
const struct ofp_port *ofctl_find_port(struct cmdl_context *ctx, const char *text);

/* A request of 'kind' without a body. */
struct ofp_message ofctl_request(enum ofp_kind kind);

/* Commands.  argv[1] is the switch (but for those on text alone). */
typedef int ofctl_command(struct cmdl_context *ctx, int argc, char *argv[]);

/* ofctl-dump.c: sends 'm' and prints the reply, or with --json adds it to ctx->json.  Returns an
 * exit code. */
int ofctl_dump(struct cmdl_context *ctx, struct ofp_message *m, enum ofp_kind reply);

/* ofctl-dump.c. */
ofctl_command ofctl_show, ofctl_dump_desc, ofctl_dump_tables, ofctl_dump_ports,
    ofctl_dump_ports_desc, ofctl_dump_aggregate, ofctl_queue_stats, ofctl_queue_get_config;

/* ofctl-format.c.  A form of flows is a set of OFP_NEEDS_* bits.  Reads the names of --flow-format
 * into '*formats'.  Returns 0, or EINVAL with '*error'. */
int ofctl_parse_formats(const char *text, unsigned *formats, char **error);

/* The plainest form allowed that has what 'needs' says (OFP_NEEDS_*).  Returns 0, or EINVAL with
 * '*error'. */
int ofctl_choose_format(const struct cmdl_context *ctx, unsigned needs, unsigned *format,
                        char **error);

/* Prepares the connection for flow mods of 'format'.  Returns CMDL_OK or, after saying that the
 * switch does not know it, CMDL_FAILED. */
int ofctl_use_format(struct cmdl_context *ctx, unsigned format);

/* Prepares the connection for requests: in Nicira's form if that is allowed and the switch knows
 * it, for it tells more.  Returns an exit code, with '*is_nxm' which it is. */
int ofctl_use_dump_format(struct cmdl_context *ctx, unsigned needs, bool *is_nxm);

/* Connects to the switch argv[1] and makes '*request' one for the flows argv[2], or all; then does
 * as ofctl_use_dump_format(). */
int ofctl_open_for_flows(struct cmdl_context *ctx, int argc, char *argv[],
                         struct ofp_flow_stats_request *request, bool *is_nxm);

/* Asks for the form of packet_in that the command line wants.  Returns an exit code. */
int ofctl_use_packet_in_format(struct cmdl_context *ctx);

/* ofctl-flows.c, ofctl-dump-flows.c. */
ofctl_command ofctl_dump_flows, ofctl_add_flow, ofctl_add_flows, ofctl_mod_flows, ofctl_del_flows,
    ofctl_parse_flow, ofctl_parse_flows;

/* ofctl-diff.c. */
ofctl_command ofctl_replace_flows, ofctl_diff_flows;

/* ofctl-ports.c. */
ofctl_command ofctl_mod_port, ofctl_get_frags, ofctl_set_frags;

/* ofctl-packet.c. */
ofctl_command ofctl_packet_out, ofctl_monitor, ofctl_snoop, ofctl_ping, ofctl_probe,
    ofctl_benchmark, ofctl_ofp_print, ofctl_ofp_parse;

/* ofctl-pcap.c. */
ofctl_command ofctl_ofp_parse_pcap;

#endif
