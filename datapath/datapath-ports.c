/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of a bridge as ofproto sees them: adding, removing, configuring. */
#include "datapath/datapath-ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/datapath-private.h"
#include "datapath/mac-learning.h"
#include "datapath/patch-ports.h"
#include "datapath/patch.h"
#include "datapath/port-device.h"
#include "datapath/port-news.h"
#include "datapath/port.h"
#include "datapath/queue-config.h"
#include "datapath/queue-ports.h"
#include "datapath/workers-private.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(ports);

/* What the text of a port says about the port itself. */
struct port_request {
    struct netdev_options options; /* The device. */
    struct queues_config queues;   /* What it asks for of queues. */
    struct port_settings settings; /* The port. */
    uint16_t number;               /* Number asked for, 0 none. */
    bool optional;                 /* The device may be missing. */
};

/* Takes a number "ofport=" out of the options of 'r'. Returns 0 or EINVAL. */
static int take_ofport(struct port_request *r, char **error)
{
    char *text = netdev_options_take(&r->options, "ofport");
    int err = 0;
    if (text && (!str_to_u16(text, 0, &r->number)
                 || ((!r->number || r->number >= OFPP_MAX) && r->number != OFPP_LOCAL))) {
        *error = xasprintf("%s: ofport=%s: a port number is from 1 to %u", r->options.name, text,
                           OFPP_MAX - 1);
        err = EINVAL;
    }
    free(text);
    return err;
}

/* Takes "optional" out of the options of 'r'. Returns 0 or EINVAL. */
static int take_optional(struct port_request *r, char **error)
{
    int err = netdev_options_get_bool(&r->options, "optional", false, &r->optional, error);
    free(netdev_options_take(&r->options, "optional"));
    return err;
}

/* Parses 'text' into '*r'; 'number' overrides what it says if not 0. Returns 0 or EINVAL. */
static int parse_request(const char *text, uint16_t number, struct port_request *r, char **error)
{
    *r = (struct port_request) {.number = 0};
    int err = netdev_options_parse(text, &r->options, error);
    if (err) {
        return err;
    }
    err = take_ofport(r, error);
    err = err ? err : take_optional(r, error);
    err = err ? err : queues_config_take(&r->options, &r->queues, error);
    err = err ? err : port_settings_take(&r->options, &r->settings, error);
    if (err) {
        netdev_options_uninit(&r->options);
    }
    r->number = number ? number : r->number;
    return err;
}

/* Checks that 'r' does not get into the way of another port, and chooses a number if none is asked
 * for. */
static int choose_number(struct datapath *dp, struct port_request *r, char **error)
{
    const char *name = r->options.name;
    if (datapath_port_find(dp, name)) {
        *error = xasprintf("%s: bridge %s has this port already", name, dp->name);
        return EEXIST;
    }
    if (!r->number) {
        r->number = port_map_choose(&dp->ports, name);
    }
    if (!r->number) {
        *error = xasprintf("%s: bridge %s has no free port number", name, dp->name);
        return ENOSPC;
    }
    const struct port *other = port_map_get(&dp->ports, r->number);
    if (other) {
        *error = xasprintf("%s: port number %u of bridge %s is taken by %s: choose another", name,
                           r->number, dp->name, port_name(other));
        return EEXIST;
    }
    return 0;
}

/* Opens the device of 'port', or, if 'optional', forgives that it is missing. */
static int open_or_forgive(struct port *port, bool optional, char **error)
{
    int err = port_device_open(port, error);
    if (err == ENODEV && optional) {
        VLOG_INFO("%s: the device is missing; the port waits for it", port_name(port));
        free(*error);
        *error = NULL;
        err = 0;
    }
    return err;
}

/* Gives 'port' its device with its queues, or its patch, as 'r' asks. Returns 0 or an errno. */
static int equip_port(struct port *port, struct port_request *r, char **error)
{
    int err;
    if (patch_port_is_meant(&port->options)) {
        err = patch_port_init(port, error);
    } else {
        err = open_or_forgive(port, r->optional, error);
    }
    err = err ? err : queue_port_init(port, &r->queues, error);
    port->is_plain = !port->patch && !port->queues;
    return err;
}

/* Puts 'port' to work: packets can come and go from now on. */
static void start_port(struct datapath *dp, struct port *port)
{
    if (port->netdev) {
        netdev_start(port->netdev);
    }
    port->tree = dp->blocks_new_ports ? PORT_TREE_NO_LEARN | PORT_TREE_NO_FORWARD : 0;
    port_update(port);
    workers_attach_queues(dp->workers, port);
    port_map_insert(&dp->ports, port);
    dp->looks_due += dp->looks_due > 0;
    if (port->netdev) {
        workers_attach(dp->workers, port);
    }
    port_news_tell_patch(dp, patch_port_connect(port));
    port_device_follow_mtu(dp);
    port_update(port);
    port_describe(port, &port->told);
}

int datapath_port_add(struct datapath *dp, const char *text, uint16_t port_no, uint16_t *added,
                      char **error)
{
    struct port_request r;
    int err = parse_request(text, port_no, &r, error);
    if (err) {
        return err;
    }
    err = choose_number(dp, &r, error);
    if (err) {
        netdev_options_uninit(&r.options);
        return err;
    }
    struct port *port = port_create(dp, dp->workers->next_id++, r.number, &r.options,
                                    dp->n_threads);
    port->settings = r.settings;
    err = equip_port(port, &r, error);
    if (err) {
        port_destroy(port);
        return err;
    }
    start_port(dp, port);
    *added = port->number;
    return 0;
}

/* After the grace period of a removed port: no thread uses it, nor learns addresses behind it. */
static void finish_port(void *port_)
{
    struct port *port = port_;
    struct datapath *dp = port->dp;
    if (!port_map_get(&dp->ports, port->number)) {
        mac_table_flush(dp->macs, port->number);
    }
    netdev_closer_close(&dp->workers->closer, port->netdev);
    port->netdev = NULL;
    port_destroy(port);
    dp->workers->n_removed--;
}

int datapath_port_remove(struct datapath *dp, uint16_t port_no)
{
    struct port *port = port_map_get(&dp->ports, port_no);
    if (!port) {
        return ENODEV;
    }
    port_news_tell_patch(dp, patch_port_disconnect(port));
    workers_detach(dp->workers, port);
    workers_detach_queues(dp->workers, port);
    port_map_remove(&dp->ports, port);
    mac_table_flush(dp->macs, port_no);
    dp->workers->n_removed++;
    workers_defer(dp->workers, finish_port, port);
    port_device_follow_mtu(dp);
    return 0;
}

uint16_t datapath_port_next(const struct datapath *dp, uint16_t port_no)
{
    return port_map_next(&dp->ports, port_no);
}

uint16_t datapath_port_find(const struct datapath *dp, const char *name)
{
    const struct port_list *list = dp->ports.list;
    for (unsigned i = 0; i < list->n; i++) {
        if (!strcmp(port_name(list->ports[i]), name)) {
            return list->ports[i]->number;
        }
    }
    return 0;
}

int datapath_port_get(const struct datapath *dp, uint16_t port_no, struct ofp_port *port)
{
    const struct port *p = port_map_get(&dp->ports, port_no);
    if (p) {
        port_describe(p, port);
    }
    return p ? 0 : ENODEV;
}

int datapath_port_get_stats(const struct datapath *dp, uint16_t port_no,
                            struct ofp_port_stats *stats)
{
    const struct port *p = port_map_get(&dp->ports, port_no);
    if (p) {
        port_get_stats(p, stats);
    }
    return p ? 0 : ENODEV;
}

int datapath_port_set_config(struct datapath *dp, uint16_t port_no, uint32_t config,
                             uint32_t mask)
{
    struct port *port = port_map_get(&dp->ports, port_no);
    int error = port ? 0 : ENODEV;
    bool down = config & OFPPC_PORT_DOWN;
    if (!error && mask & OFPPC_PORT_DOWN
        && (down != port->down || (port->config ^ config) & OFPPC_PORT_DOWN)) {
        error = port_device_set_down(port, down);
    }
    if (!error) {
        RCU_WRITE(&port->config, (port->config & ~mask) | (config & mask));
        port_news_update(port);
        port_describe(port, &port->told);
        port_news_tell_patch(dp, port->patch ? port->patch->peer : NULL);
    }
    return error;
}

int datapath_port_set_tree(struct datapath *dp, uint16_t port_no, const struct datapath_tree *tree)
{
    struct port *port = port_map_get(&dp->ports, port_no);
    bool forwards = !tree->is_on || tree->state == OFPPS_STP_FORWARD;
    if (!port) {
        return ENODEV;
    }
    RCU_WRITE(&port->tree, (tree->is_on ? PORT_TREE_TAKES : 0)
                               | (forwards ? 0 : PORT_TREE_NO_FORWARD)
                               | (forwards || tree->learns ? 0 : PORT_TREE_NO_LEARN)
                               | (forwards || !tree->blocks_receive ? 0 : PORT_TREE_NO_RECEIVE));
    RCU_WRITE(&port->state, (port->state & ~(uint32_t) OFPPS_STP_MASK) | tree->state);
    port_news_update(port);
    port_describe(port, &port->told);
    return 0;
}

const struct port_settings *datapath_port_settings(const struct datapath *dp, uint16_t port_no)
{
    const struct port *port = port_map_get(&dp->ports, port_no);
    return port ? &port->settings : NULL;
}

struct netdev *datapath_port_netdev(struct datapath *dp, uint16_t port_no)
{
    struct port *port = port_map_get(&dp->ports, port_no);
    return port ? port->netdev : NULL;
}

const char *datapath_port_kind(struct datapath *dp, uint16_t port_no)
{
    struct port *port = port_map_get(&dp->ports, port_no);
    return !port || !(port->patch || port->netdev) ? "none"
           : port->patch                           ? "patch"
                                                   : netdev_kind(port->netdev);
}
