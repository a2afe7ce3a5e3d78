/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of sluice-controller: its table of options and what they amount to. */
#include "utilities/controller-options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cmdl.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "lib/vlog.h"

enum { DEFAULT_MAX_IDLE = 60 /* Idle timeout of flows, s. */ };

static int set_max_idle(void *aux, const char *value, char **error)
{
    struct controller_options *o = aux;
    uint16_t seconds;
    if (!strcmp(value, "permanent")) {
        o->policy.max_idle = OFP_FLOW_PERMANENT;
        return 0;
    }
    if (!str_to_u16(value, 10, &seconds) || !seconds) {
        *error = xasprintf("%s: give a number of seconds from 1 to 65535, or permanent", value);
        return EINVAL;
    }
    o->policy.max_idle = seconds;
    return 0;
}

static int set_priority(void *aux, const char *value, char **error)
{
    if (!str_to_u16(value, 10, &((struct controller_options *) aux)->policy.priority)) {
        *error = xasprintf("%s: give a number from 0 to 65535", value);
        return EINVAL;
    }
    return 0;
}

static int set_inactivity_probe(void *aux, const char *value, char **error)
{
    struct controller_options *o = aux;
    return cmdl_set_seconds(value, 0, &o->rconn.inactivity_probe, error);
}

static int set_max_backoff(void *aux, const char *value, char **error)
{
    struct controller_options *o = aux;
    return cmdl_set_seconds(value, 1, &o->rconn.max_backoff, error);
}

static int set_log(void *aux, const char *value, char **error)
{
    (void) aux;
    return vlog_parse_level_spec(value, error);
}

/* Setters of what is a member of the options. */
#define DEFINE_SET_STRING(NAME, MEMBER) \
    CMDL_DEFINE_SET_STRING(NAME, struct controller_options, MEMBER)
#define DEFINE_SET_FLAG(NAME, MEMBER) CMDL_DEFINE_SET_FLAG(NAME, struct controller_options, MEMBER)

DEFINE_SET_FLAG(hub, policy.hub)
DEFINE_SET_FLAG(noflow, policy.no_flow)
DEFINE_SET_FLAG(wildcards, policy.wildcards)
DEFINE_SET_FLAG(mute, policy.mute)
DEFINE_SET_STRING(private_key, tls.private_key)
DEFINE_SET_STRING(certificate, tls.certificate)
DEFINE_SET_STRING(ca_cert, tls.ca_cert)
DEFINE_SET_STRING(peer_ca_cert, tls.peer_ca_cert)
DEFINE_SET_FLAG(verify_host, tls.verify_host)
DEFINE_SET_STRING(pidfile, pidfile)
DEFINE_SET_STRING(log_file, log_file)
DEFINE_SET_FLAG(detach, detach)
DEFINE_SET_FLAG(help, help)
DEFINE_SET_FLAG(version, version)

static const struct cmdl_option options[] = {
    {"hub", 'H', NULL, "flood every packet; learn nothing", set_hub},
    {"noflow", 'n', NULL, "set up no flows: every packet passes through the controller",
     set_noflow},
    {"wildcards", 'w', NULL, "flows by ingress port, addresses and VLAN instead of all fields",
     set_wildcards},
    {"max-idle", 0, "SECS", "flows expire after SECS without a packet, or \"permanent\" "
                            "(default 60)", set_max_idle},
    {"priority", 0, "N", "priority of flows (default 32768)", set_priority},
    {"mute", 0, NULL, "say HELLO and nothing else", set_mute},
    {"private-key", 'p', "FILE", "our private key, PEM", set_private_key},
    {"certificate", 'c', "FILE", "our certificate, PEM", set_certificate},
    {"ca-cert", 'C', "FILE", "certificate that switches' certificates are signed with, PEM",
     set_ca_cert},
    {"peer-ca-cert", 0, "FILE", "certificate that ours is signed with, PEM: sent to switches "
                                "that bootstrap", set_peer_ca_cert},
    {"verify-host", 0, NULL, "check the names of switches that are dialled", set_verify_host},
    {"inactivity-probe", 0, "SECS", "silence before a switch is probed (default 5, 0 never)",
     set_inactivity_probe},
    {"max-backoff", 0, "SECS", "longest wait between attempts to dial a switch (default 8)",
     set_max_backoff},
    {"pidfile", 0, "FILE", "write the process id to FILE", set_pidfile},
    {"detach", 0, NULL, "go to the background when all listeners are up", set_detach},
    {"log", 'v', "SPEC", "log levels: LEVEL or MODULE:LEVEL with commas between them; "
                         "levels are off, err, warn, info, dbg", set_log},
    {"log-file", 0, "FILE", "log to FILE too", set_log_file},
    {"help", 'h', NULL, "print this help", set_help},
    {"version", 'V', NULL, "print the version", set_version},
};

int controller_options_parse(struct controller_options *o, int argc, char *argv[], char **error)
{
    *o = (struct controller_options){
        .policy = {.max_idle = DEFAULT_MAX_IDLE, .priority = OFP_DEFAULT_PRIORITY},
        .rconn = {.inactivity_probe = 5 * SEC, .max_backoff = 8 * SEC},
        .targets = xcalloc((size_t) argc, sizeof *o->targets),
    };
    for (int at = 0; at < argc;) {
        int first;
        int code = cmdl_parse(options, ARRAY_SIZE(options), argc - at, argv + at, o, &first, error);
        if (code) {
            return code;
        }
        at += first;
        if (at < argc) {
            o->targets[o->n_targets++] = argv[at];
        }
    }
    if (!o->n_targets && !o->help && !o->version) {
        *error = xstrdup("give at least one place to listen, such as ptcp:6653, or a switch that "
                         "listens, such as tcp:HOST:6654; see --help");
        return CMDL_USAGE;
    }
    return CMDL_OK;
}

void controller_options_uninit(struct controller_options *o)
{
    free(o->targets);
}

void controller_options_print_help(void)
{
    cmdl_print_help(stdout, "sluice-controller", "[OPTION]... TARGET...", options,
                    ARRAY_SIZE(options), NULL, 0);
    puts("\nTargets: ptcp:[PORT][:ADDRESS], ptls:[PORT][:ADDRESS] and punix:PATH wait for switches "
         "to\ndial (port 6653 of 127.0.0.1 unless given); tcp:HOST[:PORT], tls:HOST[:PORT] and\n"
         "unix:PATH dial switches that listen.");
}
