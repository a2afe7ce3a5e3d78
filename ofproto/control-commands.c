/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the control socket: one table, and a function each. */
#include "ofproto/control-commands.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "datapath/flow-cache.h"
#include "datapath/port-settings.h"
#include "datapath/queue-config.h"
#include "datapath/table-cache.h"
#include "lib/channel/rconn.h"
#include "lib/cmdl.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/bridge.h"
#include "ofproto/fail-mode.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/rights.h"
#include "ofproto/settings.h"
#include "ofproto/spanning.h"
#include "ofproto/stp.h"

/* A command being done. */
struct call {
    const struct control_env *env; /* What it works on. */
    size_t n_args;                 /* Words after the command's name. */
    const char *const *args;       /* They. */
    struct bridge *bridge;         /* That the first of them names, if the row says so. */
    char **error;                  /* Sentence of why it failed. */
};

/* What has to be there for a command. */
enum need {
    NOTHING,
    BRIDGE,  /* That the first argument names, if there is one. */
    DEVICES, /* That, and the devices of ports that were removed are closed. */
};

/* A row of the table. */
struct control_command {
    const char *name;      /* One word or two. */
    size_t min_args;       /* Words that must follow. */
    size_t max_args;       /* Words that may follow. */
    enum need needs;       /* What has to be there. */
    const char *arguments; /* Their names, for people. */
    const char *help;      /* What it does, for people. */
    json_t *(*run)(struct call *call); /* As control_run(). */
};

/* Pieces --------------------------------------------------------------------------------------- */

/* A string of any bytes: what is no UTF-8 becomes question marks. */
static json_t *text(const char *s)
{
    json_t *string = json_string(s);
    if (!string) {
        char *copy = xstrdup(s);
        for (char *p = copy; *p; p++) {
            *p = *p & 0x80 ? '?' : *p;
        }
        string = json_string(copy);
        free(copy);
    }
    return string;
}

/* The names of 'bits'. */
static json_t *bits_json(enum ofp_bit_set set, uint32_t bits)
{
    json_t *array = json_array();
    for (const char *name; (name = ofp_bit_name_next(set, &bits));) {
        json_array_append_new(array, json_string(name));
    }
    return array;
}

/* A bridge identifier as people write it: priority and address. */
static json_t *bridge_id_json(uint64_t id)
{
    char s[18];
    snprintf(s, sizeof s, "%04x.%012" PRIx64, (unsigned) (id >> 48), id & 0xffffffffffff);
    return json_string(s);
}

/* What the spanning tree of 'p' is like; null without one. */
static json_t *tree_json(const struct ofproto *p)
{
    struct stp_info i;
    if (!spanning_get_info(p, &i)) {
        return json_null();
    }
    return json_pack("{s:s, s:o, s:o, s:I, s:i, s:I, s:I, s:I, s:I}", "protocol",
                     stp_version_name(i.version), "bridge_id", bridge_id_json(i.bridge), "root_id",
                     bridge_id_json(i.root), "root_cost", (json_int_t) i.cost, "root_port",
                     (int) i.root_port, "hello_time", (json_int_t) (i.hello_time / SEC), "max_age",
                     (json_int_t) (i.max_age / SEC), "forward_delay",
                     (json_int_t) (i.forward_delay / SEC), "topology_changes",
                     (json_int_t) i.topology_changes);
}

/* What port 'port_no' is in it; null if it takes no part. */
static json_t *tree_port_json(const struct ofproto *p, uint16_t port_no)
{
    struct stp_port_info i;
    if (!spanning_port_get_info(p, port_no, &i)) {
        return json_null();
    }
    return json_pack("{s:s, s:s, s:I, s:i, s:b, s:s, s:o, s:i}", "role", stp_role_name(i.role),
                     "state", stp_state_name(i.state), "cost", (json_int_t) i.cost, "id",
                     (int) i.id, "is_edge", (int) i.is_edge, "protocol",
                     stp_version_name(i.speaks_rstp ? STP_VERSION_RSTP : STP_VERSION_STP),
                     "designated_bridge", bridge_id_json(i.designated_bridge), "designated_port",
                     (int) i.designated_port);
}

/* What NORMAL takes port 'port_no' for; null for a trunk of all VLANs. */
static json_t *vlan_json(const struct ofproto *p, uint16_t port_no)
{
    const struct port_settings *s = datapath_port_settings(p->dp, port_no);
    if (s->vlan_mode == VLAN_TRUNK && !s->has_trunks) {
        return json_null();
    }
    json_t *object = json_pack("{s:s}", "mode", port_settings_mode_name(s->vlan_mode));
    if (s->vlan_mode != VLAN_TRUNK) {
        json_object_set_new(object, "tag", json_integer(s->tag));
    }
    if (s->has_trunks) {
        json_t *trunks = json_array();
        for (uint16_t vlan = 0; vlan < 4095; vlan++) {
            if (port_settings_carries(s, vlan)) {
                json_array_append_new(trunks, json_integer(vlan));
            }
        }
        json_object_set_new(object, "trunks", trunks);
    }
    return object;
}

/* A number that 0 stands for none of. */
static json_t *number_json(uint64_t number)
{
    return number ? json_integer((json_int_t) number) : json_null();
}

/* The cap and the queues of port 'port_no'; null if it has none. */
static json_t *queues_json(const struct ofproto *p, uint16_t port_no)
{
    const struct queues_config *config = datapath_port_queues(p->dp, port_no);
    if (!config) {
        return json_null();
    }
    json_t *array = json_array();
    for (unsigned i = 0; i < config->n; i++) {
        const struct queue_config *q = &config->queues[i];
        json_array_append_new(array, json_pack("{s:I, s:o, s:o, s:o}", "queue", (json_int_t) q->id,
                                               "min_rate", number_json(q->min_rate), "max_rate",
                                               number_json(q->max_rate), "limit",
                                               number_json(q->limit)));
    }
    return json_pack("{s:o, s:o}", "max_rate",
                     number_json(config->is_as_device ? 0 : config->max_rate), "queues", array);
}

static json_t *port_json(const struct ofproto *p, const struct ofp_port *port)
{
    char addr[MAC_TEXT_SIZE];
    mac_format(port->hw_addr, addr);
    return json_pack("{s:i, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "port_no",
                     (int) port->port_no, "name", text(port->name), "type",
                     datapath_port_kind(p->dp, port->port_no), "addr", addr, "link",
                     port->state & OFPPS_LINK_DOWN ? "down" : "up", "config",
                     bits_json(OFP_BITS_PORT_CONFIG, port->config), "spanning_tree",
                     tree_port_json(p, port->port_no), "vlan", vlan_json(p, port->port_no),
                     "queues", queues_json(p, port->port_no));
}

static json_t *ports_json(const struct ofproto *p)
{
    json_t *array = json_array();
    for (uint16_t no = 0; (no = datapath_port_next(p->dp, no));) {
        struct ofp_port port;
        if (!datapath_port_get(p->dp, no, &port)) {
            json_array_append_new(array, port_json(p, &port));
        }
    }
    return array;
}

/* How many rules count for who has the rights 'r'; null if nobody counts them. */
static json_t *quota_json(const struct rights *r)
{
    return r && r->quota ? json_integer(r->quota->n_rules) : json_null();
}

/* Rights as they were given; null if nothing is bounded. */
static json_t *rights_json(const struct rights *r)
{
    return r ? text(r->text) : json_null();
}

static json_t *controller_json(const struct ofconn *c)
{
    struct rconn_stats s;
    rconn_get_stats(c->rconn, &s);
    return json_pack("{s:o, s:s, s:b, s:s, s:I, s:I, s:I, s:i, s:i, s:I, s:o, s:o}", "target",
                     text(ofconn_name(c)), "state", rconn_state(c->rconn), "is_connected",
                     (int) rconn_is_connected(c->rconn), "role", ofp_role_name(c->role), "sent",
                     (json_int_t) s.messages_sent, "received", (json_int_t) s.messages_received,
                     "packet_ins_dropped", (json_int_t) s.packet_in_dropped, "attempts",
                     (int) s.attempts, "connections", (int) s.connections, "backlog",
                     (json_int_t) ofconn_backlog(c), "rights", rights_json(c->rights), "flows",
                     quota_json(c->rights));
}

static json_t *controllers_json(const struct connmgr *cm)
{
    json_t *array = json_array();
    for (const struct ofconn *c = NULL; (c = connmgr_next(cm, c));) {
        if (!c->is_service) {
            json_array_append_new(array, controller_json(c));
        }
    }
    return array;
}

/* Where the bridge listens, but for its own sockets. */
static json_t *listeners_json(const struct bridge *b)
{
    json_t *array = json_array();
    struct listener_info l;
    for (size_t i = 0; bridge_get_listener(b, i, &l); i++) {
        json_array_append_new(array, json_pack("{s:o, s:o, s:o, s:o}", "target", text(l.target),
                                               "port", l.port ? json_integer(l.port) : json_null(),
                                               "rights", rights_json(l.rights), "flows",
                                               quota_json(l.rights)));
    }
    return array;
}

/* Rules in all tables that packets meet when all is well: without those of the emergency table. */
static size_t count_rules(const struct tables *t)
{
    struct table_summary table;
    size_t n = 0;
    for (unsigned id = 0; id < tables_count(t); id++) {
        tables_get_summary(t, (uint8_t) id, &table);
        n += table.n_rules;
    }
    return n;
}

static json_t *bridge_json(struct bridge *b)
{
    const struct ofproto *p = bridge_ofproto(b);
    char id[17];
    snprintf(id, sizeof id, "%016" PRIx64, p->config.datapath_id);
    return json_pack("{s:o, s:s, s:s, s:b, s:I, s:o, s:o, s:o, s:o}", "name", text(bridge_name(b)),
                     "datapath_id", id, "fail_mode", fail_mode_name(fail_mode_get(p)),
                     "is_standalone", (int) p->is_alone, "rules",
                     (json_int_t) count_rules(p->tables), "spanning_tree", tree_json(p), "ports",
                     ports_json(p), "controllers", controllers_json(p->connmgr),
                     "listeners", listeners_json(b));
}

/* An array of what 'each' says of the bridge of the call, or of all if none was named. */
static json_t *for_bridges(struct call *call, json_t *(*each)(struct bridge *b))
{
    json_t *array = json_array();
    for (size_t i = 0; i < call->env->n_bridges; i++) {
        struct bridge *b = call->env->bridges[i];
        if (!call->bridge || call->bridge == b) {
            json_array_append_new(array, each(b));
        }
    }
    return array;
}

/* Commands ------------------------------------------------------------------------------------- */

static json_t *show(struct call *call)
{
    return json_pack("{s:s, s:o}", "version", PACKAGE_VERSION, "bridges",
                     for_bridges(call, bridge_json));
}

static json_t *controllers(struct call *call)
{
    return controllers_json(ofproto_connmgr(bridge_ofproto(call->bridge)));
}

/* The answer of what only succeeds or fails, with 'err'. */
static json_t *done(int err)
{
    return err ? NULL : json_null();
}

static json_t *controller_add(struct call *call)
{
    return done(bridge_add_controller(call->bridge, call->args[1], call->error));
}

static json_t *controller_del(struct call *call)
{
    return done(bridge_remove_controller(call->bridge, call->args[1], call->error));
}

static json_t *listener_add(struct call *call)
{
    return done(bridge_add_listener(call->bridge, call->args[1], call->error));
}

static json_t *listener_del(struct call *call)
{
    return done(bridge_remove_listener(call->bridge, call->args[1], call->error));
}

/* For settings_for_each(). */
static void add_setting(const char *name, const char *value, void *aux)
{
    json_object_set_new(aux, name, text(value));
}

static json_t *set(struct call *call)
{
    struct ofproto *p = bridge_ofproto(call->bridge);
    if (call->n_args > 1 && settings_change(p, call->args[1], call->error)) {
        return NULL;
    }
    json_t *object = json_object();
    settings_for_each(p, add_setting, object);
    return object;
}

static json_t *port_add(struct call *call)
{
    uint16_t port_no;
    int err = ofproto_port_add(bridge_ofproto(call->bridge), call->args[1], 0, &port_no,
                               call->error);
    return err ? NULL : json_pack("{s:i}", "port_no", (int) port_no);
}

/* Number of the port that the second argument names; 0, with an error, if there is none. */
static uint16_t find_port(struct call *call)
{
    const struct ofproto *p = bridge_ofproto(call->bridge);
    const char *name = call->args[1];
    uint16_t port_no = datapath_port_find(p->dp, name);
    struct ofp_port port;
    if (!port_no && !strcmp(name, "LOCAL") && !datapath_port_get(p->dp, OFPP_LOCAL, &port)) {
        return OFPP_LOCAL;
    }
    if (!port_no && (!str_to_u16(name, 10, &port_no) || datapath_port_get(p->dp, port_no, &port))) {
        *call->error = xasprintf("bridge %s has no port %s; \"show\" lists them",
                                 bridge_name(call->bridge), name);
        return 0;
    }
    return port_no;
}

static json_t *port_queues(struct call *call)
{
    uint16_t port_no = find_port(call);
    bool good = port_no
                && !datapath_port_set_queues(ofproto_datapath(bridge_ofproto(call->bridge)),
                                             port_no, call->args[2], call->error);
    return good ? json_null() : NULL;
}

static json_t *port_del(struct call *call)
{
    struct ofproto *p = bridge_ofproto(call->bridge);
    const char *name = call->args[1];
    uint16_t port_no = find_port(call);
    if (!port_no) {
        return NULL;
    }
    if (port_no == OFPP_LOCAL) {
        *call->error = xasprintf("%s is the LOCAL port, which stays as long as its bridge; "
                                 "--no-local makes a bridge without", name);
        return NULL;
    }
    int err = ofproto_port_remove(p, port_no);
    if (err) {
        *call->error = xasprintf("port %s can't be removed: %s", name, strerror(err));
        return NULL;
    }
    return json_null();
}

static json_t *drops_json(const struct datapath *dp)
{
    json_t *object = json_object();
    size_t n = datapath_get_drops(dp, NULL, 0);
    struct drop_counter *drops = xcalloc(n, sizeof *drops);
    datapath_get_drops(dp, drops, n);
    for (size_t i = 0; i < n; i++) {
        json_object_set_new(object, drops[i].reason, json_integer((json_int_t) drops[i].n));
    }
    free(drops);
    return object;
}

static json_t *bridge_coverage(struct bridge *b)
{
    const struct datapath *dp = ofproto_datapath(bridge_ofproto(b));
    struct flow_cache_stats s;
    struct table_cache_stats r;
    datapath_get_cache_stats(dp, &s);
    datapath_get_resubmit_stats(dp, &r);
    return json_pack("{s:o, s:I, s:o, s:{s:I, s:I, s:I, s:I, s:I}, s:{s:I, s:I, s:I}}", "name",
                     text(bridge_name(b)), "rules",
                     (json_int_t) count_rules(bridge_ofproto(b)->tables), "drops", drops_json(dp),
                     "cache", "hits",
                     (json_int_t) s.hits, "misses", (json_int_t) s.misses, "revived",
                     (json_int_t) s.revived, "evictions", (json_int_t) s.evictions, "entries",
                     (json_int_t) s.n_entries, "resubmits", "hits", (json_int_t) r.hits, "misses",
                     (json_int_t) r.misses, "past", (json_int_t) r.past);
}

/* Bytes of memory that the daemon has now, and the most that it ever had; zeros if the kernel does
 * not tell. */
static json_t *memory_json(void)
{
    long long size, pages = 0;
    struct rusage usage;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        pages = fscanf(file, "%lld %lld", &size, &pages) == 2 ? pages : 0;
        fclose(file);
    }
    long long resident = pages * sysconf(_SC_PAGESIZE);
    long long peak = getrusage(RUSAGE_SELF, &usage) ? 0 : usage.ru_maxrss * 1024LL;
    return json_pack("{s:I, s:I}", "resident", (json_int_t) resident, "peak",
                     (json_int_t) MAX(resident, peak));
}

static json_t *coverage(struct call *call)
{
    const struct workers *w = call->env->workers;
    return json_pack("{s:{s:I, s:I}, s:o, s:o}", "workers", "threads",
                     (json_int_t) workers_count(w), "wakeups", (json_int_t) workers_wakeups(w),
                     "memory", memory_json(), "bridges", for_bridges(call, bridge_coverage));
}

/* For qsort(): by VLAN, then by address. */
static int compare_macs(const void *a_, const void *b_)
{
    const struct mac_entry *a = a_;
    const struct mac_entry *b = b_;
    return a->vlan != b->vlan ? (int) a->vlan - (int) b->vlan
                              : memcmp(a->mac, b->mac, sizeof a->mac);
}

static json_t *mac_json(const struct mac_entry *e)
{
    char addr[MAC_TEXT_SIZE];
    mac_format(e->mac, addr);
    return json_pack("{s:i, s:i, s:s, s:I}", "port_no", (int) e->port, "vlan", (int) e->vlan,
                     "addr", addr, "age", (json_int_t) (e->age / SEC));
}

static json_t *mac_show(struct call *call)
{
    const struct ofproto *p = bridge_ofproto(call->bridge);
    int64_t now = ofproto_now(p);
    size_t room = datapath_mac_list(p->dp, now, NULL, 0);
    struct mac_entry *entries = xcalloc(room + 1, sizeof *entries);
    size_t n = MIN(datapath_mac_list(p->dp, now, entries, room), room);
    json_t *array = json_array();
    qsort(entries, n, sizeof *entries, compare_macs);
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(array, mac_json(&entries[i]));
    }
    free(entries);
    return array;
}

static json_t *mac_flush(struct call *call)
{
    datapath_mac_flush(ofproto_datapath(bridge_ofproto(call->bridge)), OFPP_NONE);
    return json_null();
}

/* For vlog_for_each_module(). */
static void add_level(const char *name, enum vlog_level level, void *aux)
{
    json_object_set_new(aux, name, json_string(vlog_level_name(level)));
}

static json_t *log_levels(struct call *call)
{
    if (call->n_args && vlog_parse_level_spec(call->args[0], call->error)) {
        return NULL;
    }
    json_t *levels = json_object();
    vlog_for_each_module(add_level, levels);
    return levels;
}

static json_t *log_reopen(struct call *call)
{
    int err = vlog_reopen_file();
    if (err) {
        *call->error = xasprintf("the log file can't be opened again: %s", strerror(err));
        return NULL;
    }
    return json_null();
}

static json_t *help(struct call *call);

static const struct control_command commands[] = {
    {"show", 0, 1, BRIDGE, "[BRIDGE]", "bridges with their ports and controllers", show},
    {"port add", 2, 2, DEVICES, "BRIDGE NAME[,KEY=VALUE]...", "add a port, as sluiced --port does",
     port_add},
    {"port queues", 3, 3, BRIDGE, "BRIDGE NAME|NUMBER KEY=VALUE[,KEY=VALUE]...|none",
     "give a port this max-rate= and these queue=, or take all away", port_queues},
    {"port del", 2, 2, DEVICES, "BRIDGE NAME|NUMBER", "remove a port", port_del},
    {"set", 1, 2, BRIDGE, "BRIDGE [NAME=VALUE]", "show settings, after changing one", set},
    {"controllers", 1, 1, BRIDGE, "BRIDGE", "connections to controllers", controllers},
    {"controller add", 2, 2, BRIDGE, "BRIDGE TARGET[,KEY=VALUE]...",
     "dial a controller, as sluiced --controller does", controller_add},
    {"controller del", 2, 2, BRIDGE, "BRIDGE TARGET", "end it, and dial it no more",
     controller_del},
    {"listener add", 2, 2, BRIDGE, "BRIDGE TARGET[,KEY=VALUE]...",
     "listen, as sluiced --listen does", listener_add},
    {"listener del", 2, 2, BRIDGE, "BRIDGE TARGET", "listen there no more", listener_del},
    {"coverage", 0, 1, BRIDGE, "[BRIDGE]", "dropped packets by reason, rules, caches,"
     " threads, memory", coverage},
    {"mac show", 1, 1, BRIDGE, "BRIDGE", "learnt addresses", mac_show},
    {"mac flush", 1, 1, BRIDGE, "BRIDGE", "forget all learnt addresses", mac_flush},
    {"log", 0, 1, NOTHING, "[SPEC]", "show log levels, after setting them as SPEC says",
     log_levels},
    {"log-reopen", 0, 0, NOTHING, "", "open the log file again, after it was rotated", log_reopen},
    {"help", 0, 0, NOTHING, "", "list the commands", help},
};

static json_t *help(struct call *call UNUSED)
{
    json_t *array = json_array();
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        const struct control_command *c = &commands[i];
        json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "command", c->name, "arguments",
                                               c->arguments, "help", c->help));
    }
    return array;
}

/* Finding -------------------------------------------------------------------------------------- */

/* How many words of the request the name of 'c' takes; 0 if it is another command. */
static size_t name_words(const struct control_command *c, size_t n, const char *const words[])
{
    const char *blank = strchr(c->name, ' ');
    size_t first = blank ? (size_t) (blank - c->name) : strlen(c->name);
    if (!n || strlen(words[0]) != first || strncmp(c->name, words[0], first)) {
        return 0;
    }
    return !blank ? 1 : n > 1 && !strcmp(blank + 1, words[1]) ? 2 : 0;
}

/* Says that there is no such command. */
static void tell_unknown(size_t n, const char *const words[], char **error)
{
    char *typed = n > 1 ? xasprintf("%s %s", words[0], words[1]) : xstrdup(n ? words[0] : "");
    const char *nearest = cmdl_nearest(typed, &commands[0].name, sizeof commands[0],
                                       ARRAY_SIZE(commands));
    *error = xasprintf("unknown command \"%s\"; %s%s%s", typed,
                       nearest ? "did you mean \"" : "\"help\" lists them", nearest ? nearest : "",
                       nearest ? "\"?" : "");
    free(typed);
}

/* Finds the bridge that the first argument names. */
static bool find_bridge(struct call *call)
{
    for (size_t i = 0; i < call->env->n_bridges; i++) {
        if (!strcmp(bridge_name(call->env->bridges[i]), call->args[0])) {
            call->bridge = call->env->bridges[i];
            return true;
        }
    }
    *call->error = xasprintf("there is no bridge %s; \"show\" lists them", call->args[0]);
    return false;
}

/* Looks for what 'c' needs. False if it is not there, with an error, or (the devices) not yet,
 * without. */
static bool has_needs(const struct control_command *c, struct call *call)
{
    return (c->needs == NOTHING || !call->n_args || find_bridge(call))
           && !(c->needs == DEVICES && workers_are_closing(call->env->workers));
}

struct json_t *control_run(const struct control_env *env, size_t n, const char *const words[],
                           char **error)
{
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        const struct control_command *c = &commands[i];
        size_t taken = name_words(c, n, words);
        struct call call = {.env = env, .n_args = n - taken, .args = words + taken, .error = error};
        if (!taken) {
            continue;
        }
        if (call.n_args < c->min_args || call.n_args > c->max_args) {
            *error = xasprintf("wrong number of arguments: %s %s", c->name, c->arguments);
            return NULL;
        }
        return has_needs(c, &call) ? c->run(&call) : NULL;
    }
    tell_unknown(n, words, error);
    return NULL;
}
