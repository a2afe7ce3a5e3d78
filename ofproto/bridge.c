/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge as configured: its switch, ports, controllers and management sockets. */
#include "ofproto/bridge.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datapath/workers.h"
#include "datapath/workers.h"
#include "lib/channel/stream-name.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/connmgr.h"
#include "ofproto/fail-mode.h"
#include "ofproto/identity.h"
#include "ofproto/in-band.h"
#include "ofproto/rights.h"

VLOG_DEFINE_MODULE(bridge);

struct bridge {
    char *name;              /* Owned. */
    struct ofproto *ofproto; /* The switch; owned. */
    struct strings sockets;  /* Its own listeners, the first ones. */
    struct strings links;    /* Files of ours to be removed at the end. */
};

/* Configuration -------------------------------------------------------------------------------- */

void strings_add(struct strings *strings, const char *s)
{
    strings->s = xrealloc(strings->s, (strings->n + 1) * sizeof *strings->s);
    strings->s[strings->n++] = xstrdup(s);
}

static void strings_uninit(struct strings *strings)
{
    for (size_t i = 0; i < strings->n; i++) {
        free(strings->s[i]);
    }
    free(strings->s);
    *strings = (struct strings){.n = 0};
}

void bridge_config_init(struct bridge_config *config, const char *name)
{
    *config = (struct bridge_config){.name = xstrdup(name)};
}

void bridge_config_uninit(struct bridge_config *config)
{
    free(config->name);
    free(config->dp_desc);
    free(config->serial);
    free(config->in_band_remote);
    strings_uninit(&config->ports);
    strings_uninit(&config->controllers);
    strings_uninit(&config->listeners);
}

/* Ports ---------------------------------------------------------------------------------------- */

/* True if the text of a port names its number. */
static bool port_is_numbered(const char *text)
{
    return strstr(text, ",ofport=") != NULL;
}

/* How many ports are likely to be of kind raw, with a ring of the usual size. */
static size_t count_raw(const struct bridge_config *config)
{
    size_t n = 0;
    for (size_t i = 0; i < config->ports.n; i++) {
        const char *type = strstr(config->ports.s[i], ",type=");
        n += (!type || !strncmp(type, ",type=raw", 9)) && !strstr(config->ports.s[i], ",ring=");
    }
    return n;
}

/* Adds the ports that are numbered, or those that are not. */
static int add_ports(struct bridge *b, const struct bridge_config *config, bool numbered,
                     char **error)
{
    for (size_t i = 0; i < config->ports.n; i++) {
        uint16_t number;
        const char *text = config->ports.s[i];
        int err = port_is_numbered(text) == numbered
                      ? ofproto_port_add(b->ofproto, text, 0, &number, error)
                      : 0;
        if (err) {
            return err;
        }
    }
    return 0;
}

/* Adds LOCAL, a tap with the bridge's name (A5.10). */
static int add_local(struct bridge *b, const struct identity *identity, char **error)
{
    const uint8_t *a = identity->hw_addr;
    uint16_t number;
    char *why = NULL;
    if (strlen(b->name) >= IFNAMSIZ) {
        *error = xasprintf("bridge %s: the name is longer than the %d bytes of a device name, so "
                           "it can't have a LOCAL port; give a shorter one, or --no-local",
                           b->name, IFNAMSIZ - 1);
        return EINVAL;
    }
    char mac[MAC_TEXT_SIZE];
    char *text = xasprintf("%s,type=tap,mac=%s", b->name, mac_format(a, mac));
    int err = ofproto_port_add(b->ofproto, text, OFPP_LOCAL, &number, &why);
    if (err) {
        *error = xasprintf("bridge %s: no LOCAL port: %s (--no-local does without it)", b->name,
                           why);
    }
    free(why);
    free(text);
    return err;
}

/* Connections ---------------------------------------------------------------------------------- */

/* True if the kernel chooses the TCP port of the passive 'target': then several can be the same. */
static bool has_free_port(const char *target)
{
    struct stream_name name;
    char *error = NULL;
    if (stream_name_parse(target, &name, &error)) {
        free(error);
        return false;
    }
    bool is_free = name.has_port && !name.port;
    stream_name_uninit(&name);
    return is_free;
}

/* Checks that the bridge does not listen at 'target'. Returns 0, or EEXIST with '*error'. */
static int check_listener(const struct bridge *b, const char *target, char **error)
{
    struct listener_info listener;
    if (has_free_port(target)) {
        return 0;
    }
    for (size_t i = 0; connmgr_get_listener(ofproto_connmgr(b->ofproto), i, &listener); i++) {
        if (!strcmp(listener.target, target)) {
            *error = i < b->sockets.n
                         ? xasprintf("bridge %s has the socket %s for itself: choose another path",
                                     b->name, target)
                         : xasprintf("bridge %s listens at %s already: remove it first to give it "
                                     "other rights", b->name, target);
            return EEXIST;
        }
    }
    return 0;
}

int bridge_add_listener(struct bridge *b, const char *text, char **error)
{
    char *target = rights_target(text);
    int err = check_listener(b, target, error);
    free(target);
    return err ? err : connmgr_add_listener(ofproto_connmgr(b->ofproto), text, false, error);
}

int bridge_add_controller(struct bridge *b, const char *text, char **error)
{
    struct connmgr *cm = ofproto_connmgr(b->ofproto);
    char *target = rights_target(text);
    int err = in_band_is_on(b->ofproto) ? in_band_check(target, b->name, error) : 0;
    for (const struct ofconn *c = NULL; !err && (c = connmgr_next(cm, c));) {
        if (!c->is_service && !strcmp(ofconn_name(c), target)) {
            *error = xasprintf("bridge %s has the controller %s already: remove it first to give "
                               "it other rights", b->name, target);
            err = EEXIST;
        }
    }
    free(target);
    return err ? err : connmgr_add_controller(cm, text, error);
}

/* Adds controllers and listeners. */
static int add_connections(struct bridge *b, const struct bridge_config *config, char **error)
{
    int err = 0;
    for (size_t i = 0; !err && i < config->controllers.n; i++) {
        err = bridge_add_controller(b, config->controllers.s[i], error);
    }
    for (size_t i = 0; !err && i < config->listeners.n; i++) {
        err = bridge_add_listener(b, config->listeners.s[i], error);
    }
    return err;
}

int bridge_remove_controller(struct bridge *b, const char *target, char **error)
{
    if (connmgr_remove_controller(ofproto_connmgr(b->ofproto), target)) {
        VLOG_INFO("%s: removed from bridge %s", target, b->name);
        return 0;
    }
    *error = xasprintf("bridge %s has no controller %s; \"controllers\" lists them", b->name,
                       target);
    return ENOENT;
}

int bridge_remove_listener(struct bridge *b, const char *target, char **error)
{
    for (size_t i = 0; i < b->sockets.n; i++) {
        if (!strcmp(b->sockets.s[i], target)) {
            *error = xasprintf("%s is a socket of the bridge itself, which stays", target);
            return EINVAL;
        }
    }
    if (connmgr_remove_listener(ofproto_connmgr(b->ofproto), target)) {
        return 0;
    }
    *error = xasprintf("bridge %s does not listen at %s; \"show\" tells where it does", b->name,
                       target);
    return ENOENT;
}

bool bridge_get_listener(const struct bridge *b, size_t i, struct listener_info *info)
{
    return connmgr_get_listener(ofproto_connmgr(b->ofproto), b->sockets.n + i, info);
}

/* Lets DIR/NAME.KIND lead to 'target', for tools that look for Open vSwitch's sockets there. */
static void add_ovs_link(struct bridge *b, const char *dir, const char *kind, const char *target)
{
    char *path = xasprintf("%s/%s.%s", dir, b->name, kind);
    struct stat st;
    mkdir(dir, 0755);
    if (!lstat(path, &st) && S_ISLNK(st.st_mode)) {
        unlink(path);
    }
    if (symlink(target, path)) {
        VLOG_WARN("%s: cannot make the link: %s", path, strerror(errno));
    } else {
        strings_add(&b->links, path);
    }
    free(path);
}

/* The management and the snoop socket. */
static int add_sockets(struct bridge *b, const struct bridge_env *env, char **error)
{
    static const char *const kinds[] = {"mgmt", "snoop"};
    int err = 0;
    for (size_t i = 0; !err && i < ARRAY_SIZE(kinds); i++) {
        char *path = xasprintf("%s/%s.%s", env->run_dir, b->name, kinds[i]);
        char *target = xasprintf("punix:%s", path);
        err = connmgr_add_listener(ofproto_connmgr(b->ofproto), target, i == 1, error);
        if (!err) {
            strings_add(&b->sockets, target);
        }
        if (!err && env->ovs_dir) {
            add_ovs_link(b, env->ovs_dir, kinds[i], path);
        }
        free(target);
        free(path);
    }
    return err;
}

/* Life ----------------------------------------------------------------------------------------- */

/* Makes the switch without ports. */
static struct ofproto *create_ofproto(const struct bridge_env *env,
                                      const struct bridge_config *config,
                                      const struct identity *identity)
{
    const struct ofproto_config oc = {
        .name = config->name,
        .datapath_id = config->has_datapath_id ? config->datapath_id : identity->datapath_id,
        .fail_mode = config->fail_mode,
        .max_rules = config->max_rules,
        .evicts = config->evicts,
        .mac_ageing = config->mac_ageing,
        .stp = config->stp,
        .inactivity_probe = env->inactivity_probe,
        .max_backoff = env->max_backoff,
        .seed = env->seed,
        .dp_desc = config->dp_desc,
        .serial = config->serial,
        .in_band = config->in_band,
        .in_band_remote = config->in_band_remote,
    };
    return ofproto_create(env->channel, env->workers, &oc);
}

/* Checks that there will be a LOCAL port where in-band control wants it. In simulation, which tells
 * a remote, it comes later. */
static int check_in_band(const struct bridge_config *config, char **error)
{
    if (config->in_band && config->no_local && !config->in_band_remote) {
        *error = xasprintf("bridge %s: in-band control goes by the LOCAL port; leave out "
                           "--no-local, or --in-band", config->name);
        return EINVAL;
    }
    return 0;
}

/* Tells what holds, once. */
static void log_start(const struct bridge *b, const struct bridge_config *config)
{
    VLOG_INFO("bridge %s: %zu ports, %zu controllers, fail mode %s%s", b->name, config->ports.n,
              config->controllers.n, fail_mode_name(fail_mode_get(b->ofproto)),
              config->fail_mode == FAIL_DEFAULT ? " (by default)" : "");
}

int bridge_create(const struct bridge_env *env, const struct bridge_config *config,
                  struct bridge **bp, char **error)
{
    struct identity identity;
    int err = check_in_band(config, error);
    err = err ? err : identity_get(env->state_dir, config->name, &identity, error);
    if (err) {
        return err;
    }
    struct bridge *b = xzalloc(sizeof *b);
    b->name = xstrdup(config->name);
    b->ofproto = create_ofproto(env, config, &identity);
    workers_expect_devices(env->workers, count_raw(config));
    err = add_ports(b, config, true, error);
    err = err ? err : add_ports(b, config, false, error);
    workers_expect_devices(env->workers, 0);
    err = err || config->no_local ? err : add_local(b, &identity, error);
    err = err || !env->run_dir ? err : add_sockets(b, env, error);
    err = err ? err : add_connections(b, config, error);
    if (err) {
        bridge_destroy(b);
        return err;
    }
    log_start(b, config);
    *bp = b;
    return 0;
}

void bridge_destroy(struct bridge *b)
{
    if (b) {
        ofproto_destroy(b->ofproto);
        for (size_t i = 0; i < b->links.n; i++) {
            unlink(b->links.s[i]);
        }
        strings_uninit(&b->links);
        strings_uninit(&b->sockets);
        free(b->name);
        free(b);
    }
}

bool bridge_run(struct bridge *b, int64_t now)
{
    return ofproto_run(b->ofproto, now);
}

const char *bridge_name(const struct bridge *b)
{
    return b->name;
}

struct ofproto *bridge_ofproto(struct bridge *b)
{
    return b->ofproto;
}
