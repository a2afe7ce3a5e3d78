/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of sluiced: its table of options and what they amount to. */
#include "utilities/sluiced-options.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cmdl.h"
#include "lib/openflow/ofp-message.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/fail-mode.h"
#include "ofproto/identity.h"

enum {
    WORKERS_MAX = 64,  /* Worker threads at most. */
    WORKERS_DEFAULT = 1,
};

/* Bridges -------------------------------------------------------------------------------------- */

static int set_bridge(void *aux, const char *value, char **error)
{
    struct sluiced_options *o = aux;
    if (!*value || strchr(value, '/')) {
        *error = xasprintf("\"%s\": a name has a character at least, and no '/'", value);
        return EINVAL;
    }
    for (size_t i = 0; i < o->n_bridges; i++) {
        if (!strcmp(o->bridges[i].name, value)) {
            *error = xasprintf("%s was given twice; give all its options after one", value);
            return EINVAL;
        }
    }
    o->bridges = xrealloc(o->bridges, (o->n_bridges + 1) * sizeof *o->bridges);
    bridge_config_init(&o->bridges[o->n_bridges++], value);
    return 0;
}

/* The bridge that an option is about: the last one named, br0 before any. */
static struct bridge_config *this_bridge(struct sluiced_options *o)
{
    if (!o->n_bridges) {
        char *error = NULL;
        set_bridge(o, "br0", &error);
    }
    return &o->bridges[o->n_bridges - 1];
}

static int set_port(void *aux, const char *value, char **error UNUSED)
{
    strings_add(&this_bridge(aux)->ports, value);
    return 0;
}

static int set_controller(void *aux, const char *value, char **error UNUSED)
{
    strings_add(&this_bridge(aux)->controllers, value);
    return 0;
}

static int set_listen(void *aux, const char *value, char **error UNUSED)
{
    strings_add(&this_bridge(aux)->listeners, value);
    return 0;
}

static int set_dpid(void *aux, const char *value, char **error)
{
    struct bridge_config *b = this_bridge(aux);
    int err = identity_parse_datapath_id(value, &b->datapath_id, error);
    b->has_datapath_id = !err;
    return err;
}

static int set_fail_mode(void *aux, const char *value, char **error)
{
    if (!fail_mode_from_name(value, &this_bridge(aux)->fail_mode)) {
        *error = xasprintf("%s: it is " FAIL_MODE_NAMES, value);
        return EINVAL;
    }
    return 0;
}

static int set_no_local(void *aux, const char *value UNUSED, char **error UNUSED)
{
    this_bridge(aux)->no_local = true;
    return 0;
}

static int set_in_band(void *aux, const char *value UNUSED, char **error UNUSED)
{
    this_bridge(aux)->in_band = true;
    return 0;
}

static int set_max_rules(void *aux, const char *value, char **error)
{
    struct bridge_config *b = this_bridge(aux);
    if (!str_to_u32(value, 10, &b->max_rules) || !b->max_rules) {
        *error = xasprintf("%s: give a number from 1 to 4294967295", value);
        return EINVAL;
    }
    return 0;
}

static int set_evict(void *aux, const char *value UNUSED, char **error UNUSED)
{
    this_bridge(aux)->evicts = true;
    return 0;
}

static int set_stp(void *aux, const char *value, char **error)
{
    return stp_settings_parse(value, &this_bridge(aux)->stp, error);
}

static int set_stp_blocks_receive(void *aux, const char *value UNUSED, char **error UNUSED)
{
    this_bridge(aux)->stp.blocks_receive = true;
    return 0;
}

static int set_mac_ageing(void *aux, const char *value, char **error)
{
    return cmdl_set_seconds(value, 1, &this_bridge(aux)->mac_ageing, error);
}

/* Replaces the owned string '*s', which has room for 'size' bytes in DESC. */
static int replace_string(char **s, const char *value, size_t size, char **error)
{
    if (strlen(value) >= size) {
        *error = xasprintf("it has %zu bytes at most", size - 1);
        return EINVAL;
    }
    free(*s);
    *s = xstrdup(value);
    return 0;
}

static int set_dp_desc(void *aux, const char *value, char **error)
{
    return replace_string(&this_bridge(aux)->dp_desc, value,
                          sizeof ((struct ofp_desc *) 0)->dp_desc, error);
}

static int set_serial(void *aux, const char *value, char **error)
{
    return replace_string(&this_bridge(aux)->serial, value,
                          sizeof ((struct ofp_desc *) 0)->serial_num, error);
}

/* The daemon ----------------------------------------------------------------------------------- */

/* Setters of what is a member of the options. */
#define DEFINE_SET_STRING(NAME, MEMBER) \
    CMDL_DEFINE_SET_STRING(NAME, struct sluiced_options, MEMBER)
#define DEFINE_SET_FLAG(NAME, MEMBER) CMDL_DEFINE_SET_FLAG(NAME, struct sluiced_options, MEMBER)

DEFINE_SET_STRING(private_key, tls.private_key)
DEFINE_SET_STRING(certificate, tls.certificate)
DEFINE_SET_STRING(ca_cert, tls.ca_cert)
DEFINE_SET_STRING(bootstrap_ca, tls.bootstrap_ca)
DEFINE_SET_FLAG(verify_host, tls.verify_host)
DEFINE_SET_STRING(state, state_dir)
DEFINE_SET_STRING(run_dir, run_dir)
DEFINE_SET_STRING(ctl, ctl)
DEFINE_SET_FLAG(ovs_names, ovs_names)
DEFINE_SET_STRING(pidfile, pidfile)
DEFINE_SET_FLAG(detach, detach)
DEFINE_SET_STRING(log_file, log_file)
DEFINE_SET_FLAG(syslog, syslog)
DEFINE_SET_STRING(scenario, scenario)
DEFINE_SET_FLAG(scenario_help, scenario_help)
DEFINE_SET_FLAG(help, help)
DEFINE_SET_FLAG(version, version)

static int set_log(void *aux UNUSED, const char *value, char **error)
{
    return vlog_parse_level_spec(value, error);
}

static int set_socket_mode(void *aux, const char *value, char **error)
{
    struct sluiced_options *o = aux;
    uint64_t mode;
    if (!str_to_uint(value, 8, 0777, &mode) || (mode & 0600) != 0600) {
        *error = xasprintf("%s: give a mode in octal from 0600 to 0777, as 0660", value);
        return EINVAL;
    }
    o->sockets.mode = (unsigned) mode;
    return 0;
}

static int set_socket_group(void *aux, const char *value, char **error)
{
    struct sluiced_options *o = aux;
    const struct group *group = getgrnam(value);
    uint32_t id;
    if (!group && !str_to_u32(value, 10, &id)) {
        *error = xasprintf("%s: there is no such group; getent group lists them", value);
        return EINVAL;
    }
    o->sockets.has_group = true;
    o->sockets.group = group ? group->gr_gid : id;
    return 0;
}

static int set_workers(void *aux, const char *value, char **error)
{
    uint64_t n;
    if (!str_to_uint(value, 10, WORKERS_MAX, &n)) {
        *error = xasprintf("%s: give a number from 0 to %d", value, WORKERS_MAX);
        return EINVAL;
    }
    ((struct sluiced_options *) aux)->workers = (unsigned) n;
    return 0;
}

static int set_max_backoff(void *aux, const char *value, char **error)
{
    struct sluiced_options *o = aux;
    return cmdl_set_seconds(value, 1, &o->max_backoff, error);
}

static int set_inactivity_probe(void *aux, const char *value, char **error)
{
    struct sluiced_options *o = aux;
    return cmdl_set_seconds(value, 0, &o->inactivity_probe, error);
}

/* Every option. Those up to serial are about the bridge named last (br0 before any). */
static const struct cmdl_option options[] = {
    {"bridge", 'b', "NAME", "begin a bridge; the bridge options that follow are about it "
                            "(before any --bridge they are about br0)", set_bridge},
    {"port", 'p', "NAME[,KEY=VALUE]...",
     "add a port: type=raw|tap|pcap|memory|patch, "
     "ofport=N, optional, host=drop|keep, mtu=N, mac=ADDRESS, ring=N, bypass=auto|yes|no, "
     "offload, peer=NAME, max-rate=RATE, queue=N[:min-rate=RATE][:max-rate=RATE][:limit=BYTES], "
     "in=FILE, out=FILE, pace=asap|recorded, delay=SECONDS, owner=USER, group=GROUP, "
     "tag=VLAN, trunks=VLANS, vlan-mode=MODE, stp-cost=N, stp-priority=N, stp-edge=auto|yes|no",
     set_port},
    {"controller", 'c', "TARGET[,KEY=VALUE]...",
     "dial a controller: tcp:HOST[:PORT], tls:HOST[:PORT], unix:PATH; keys bound what it may do: "
     "ports=PORTS, flows=N, peer=NAME", set_controller},
    {"listen", 'l', "TARGET[,KEY=VALUE]...",
     "listen for management connections: ptcp:[PORT][:ADDRESS], ptls:[PORT][:ADDRESS], punix:PATH, "
     "with keys as above", set_listen},
    {"dpid", 'd', "HEX", "datapath id (default: made of the machine and the name)", set_dpid},
    {"fail-mode", 0, "MODE", FAIL_MODE_NAMES ": what to do without a controller", set_fail_mode},
    {"no-local", 0, NULL, "no LOCAL port", set_no_local},
    {"in-band", 0, NULL, "reach the controllers through the bridge, by its LOCAL port",
     set_in_band},
    {"max-rules", 0, "N", "rules that fit into a table (default 1048576)", set_max_rules},
    {"evict", 0, NULL, "make room in a full table: a rule with timeouts that would soon end goes",
     set_evict},
    {"mac-ageing", 0, "SECS", "time after which NORMAL forgets an address (default 300)",
     set_mac_ageing},
    {"stp", 0, "MODE[,KEY=VALUE]...", "spanning tree: stp, rstp or no, with priority=, hello=, "
                                      "max-age=, forward-delay=", set_stp},
    {"stp-blocks-receive", 0, NULL, "ports that spanning tree blocks drop what they receive",
     set_stp_blocks_receive},
    {"dp-desc", 0, "TEXT", "description of the bridge for people", set_dp_desc},
    {"serial", 0, "TEXT", "serial number in the description", set_serial},
    {"private-key", 0, "FILE", "our private key, PEM", set_private_key},
    {"certificate", 0, "FILE", "our certificate, PEM", set_certificate},
    {"ca-cert", 0, "FILE", "certificate that controllers' certificates are signed with, PEM",
     set_ca_cert},
    {"bootstrap-ca-cert", 0, "FILE", "like --ca-cert; if FILE is missing, trust the first "
                                     "controller and store its CA there", set_bootstrap_ca},
    {"verify-host", 0, NULL, "check the controller's name in its certificate too", set_verify_host},
    {"workers", 'w', "N", "forwarding threads (default 1; 0: forward in the control thread)",
     set_workers},
    {"max-backoff", 0, "SECS", "longest wait between attempts to connect (default 8)",
     set_max_backoff},
    {"inactivity-probe", 0, "SECS", "silence before a controller is probed (default 5, 0 never)",
     set_inactivity_probe},
    {"state", 0, "DIR", "keep what must be stable over restarts in DIR", set_state},
    {"run-dir", 0, "DIR", "directory of the management sockets (default /run/sluice)",
     set_run_dir},
    {"ctl", 0, "FILE", "control socket, for sluicectl (default RUNDIR/sluiced.ctl)", set_ctl},
    {"socket-mode", 0, "MODE", "mode of all Unix sockets (default 0600)", set_socket_mode},
    {"socket-group", 0, "GROUP", "group of all Unix sockets", set_socket_group},
    {"ovs-names", 0, NULL, "links in /run/openvswitch, so that ovs-ofctl finds bridges by name",
     set_ovs_names},
    {"pidfile", 0, "FILE", "write the process id to FILE", set_pidfile},
    {"detach", 0, NULL, "go to the background when all is up", set_detach},
    {"log", 'v', "SPEC", "log levels: LEVEL or MODULE:LEVEL with commas between them; "
                         "levels are off, err, warn, info, dbg", set_log},
    {"log-file", 0, "FILE", "log to FILE too", set_log_file},
    {"syslog", 0, NULL, "log to syslog too", set_syslog},
    {"sim", 0, "FILE", "run a scenario in simulation: no devices, no sockets, a virtual clock",
     set_scenario},
    {"sim-help", 0, NULL, "print the words that a scenario can have", set_scenario_help},
    {"help", 'h', NULL, "print this help", set_help},
    {"version", 'V', NULL, "print the version", set_version},
};

int sluiced_options_parse(struct sluiced_options *o, int argc, char *argv[], char **error)
{
    int first;
    *o = (struct sluiced_options){
        .workers = WORKERS_DEFAULT,
        .max_backoff = 8 * SEC,
        .inactivity_probe = 5 * SEC,
    };
    int code = cmdl_parse(options, ARRAY_SIZE(options), argc, argv, o, &first, error);
    if (!code && first < argc) {
        *error = xasprintf("unexpected \"%s\": everything is given by options, see --help",
                           argv[first]);
        code = CMDL_USAGE;
    }
    if (!code && o->n_bridges && o->scenario) {
        *error = xasprintf("--sim %s plays the bridges of that file: leave --bridge, --port and "
                           "what else is about a bridge out", o->scenario);
        code = CMDL_USAGE;
    }
    if (!code && !o->n_bridges && !o->scenario && !o->scenario_help && !o->help && !o->version) {
        *error = xstrdup("nothing to do: give at least one --port or --bridge, see --help");
        code = CMDL_USAGE;
    }
    return code;
}

void sluiced_options_uninit(struct sluiced_options *o)
{
    for (size_t i = 0; i < o->n_bridges; i++) {
        bridge_config_uninit(&o->bridges[i]);
    }
    free(o->bridges);
}

void sluiced_options_print_help(void)
{
    cmdl_print_help(stdout, "sluiced", "[OPTION]...", options, ARRAY_SIZE(options), NULL, 0);
}
