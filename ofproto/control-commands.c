/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the control socket: one table, and a function each. */
#include "ofproto/control-commands.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cmdl.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/text-json.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/bridge.h"
#include "ofproto/control-json.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/settings.h"

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
                     for_bridges(call, control_json_bridge));
}

static json_t *controllers(struct call *call)
{
    return control_json_controllers(ofproto_connmgr(bridge_ofproto(call->bridge)));
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
    json_object_set_new(aux, name, text_json(value));
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

static json_t *coverage(struct call *call)
{
    const struct workers *w = call->env->workers;
    return json_pack("{s:{s:I, s:I}, s:o, s:o}", "workers", "threads",
                     (json_int_t) workers_count(w), "wakeups", (json_int_t) workers_wakeups(w),
                     "memory", control_json_memory(), "bridges",
                     for_bridges(call, control_json_coverage));
}

static json_t *mac_show(struct call *call)
{
    return control_json_macs(bridge_ofproto(call->bridge));
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
