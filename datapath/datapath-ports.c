/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of a bridge as ofproto sees them: adding, removing, configuring, news of links. */
#include "datapath/datapath.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/datapath-private.h"
#include "datapath/mac-learning.h"
#include "datapath/patch-ports.h"
#include "datapath/patch.h"
#include "datapath/port.h"
#include "datapath/queue-config.h"
#include "datapath/queue-ports.h"
#include "datapath/workers-private.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(ports);

/* The least MTU of the ports of 'dp' that don't follow others; 0 if there is none. */
static unsigned least_mtu(const struct datapath *dp)
{
    unsigned least = 0;
    for (unsigned i = 0; i < dp->ports.list->n; i++) {
        const struct port *port = dp->ports.list->ports[i];
        const struct netdev_status *status = port->netdev ? netdev_status(port->netdev) : NULL;
        if (status && !port->follows_mtu && status->present && status->mtu
            && (!least || status->mtu < least)) {
            least = status->mtu;
        }
    }
    return least;
}

/* Makes LOCAL, and taps that we made, follow the least MTU of the others. */
static void follow_mtu(struct datapath *dp)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(1, 3);
    unsigned mtu = least_mtu(dp);
    for (unsigned i = 0; mtu && i < dp->ports.list->n; i++) {
        struct port *port = dp->ports.list->ports[i];
        const struct netdev_status *status = port->netdev ? netdev_status(port->netdev) : NULL;
        if (port->follows_mtu && status->present && status->mtu != mtu
            && port->asked_mtu != mtu) {
            int error = netdev_set_mtu(port->netdev, mtu);
            if (error) {
                VLOG_WARN_RL(&limit, "%s: can't set the MTU to %u (%s)", port_name(port), mtu,
                             strerror(error));
            }
            port->asked_mtu = mtu;
        }
    }
}

/* Whether the MTU of 'port' is ours to set: of LOCAL, and of a tap that was not there before,
 * unless the user has chosen one. */
static bool may_follow_mtu(const struct port *port, bool was_there)
{
    return !netdev_options_get(&port->options, "mtu")
           && (port->number == OFPP_LOCAL
               || (!was_there && !strcmp(netdev_kind(port->netdev), "tap")));
}

/* The port of any bridge that has the device of the kernel that 'port' asks for, or waits for it;
 * or NULL. */
static const struct port *find_rival(const struct port *port)
{
    const struct datapath *dp;
    const char *name = port_name(port);
    int ifindex = (int) if_nametoindex(name);
    LIST_FOR_EACH (dp, in_workers, &port->dp->workers->datapaths) {
        for (unsigned i = 0; i < dp->ports.list->n; i++) {
            const struct port *other = dp->ports.list->ports[i];
            if (other != port && !other->patch
                && (other->netdev ? netdev_is_kernels(other->netdev, name, ifindex)
                                  : !strcmp(port_name(other), name))) {
                return other;
            }
        }
    }
    return NULL;
}

/* Opens the device of 'port' if no other port has it: who has it would notice. Returns 0 with *dev,
 * or an errno: EBUSY if one has. */
static int open_unique(const struct port *port, struct netdev **dev, char **error)
{
    const struct port *other = netdev_options_want_kernels(&port->options) ? find_rival(port)
                                                                           : NULL;
    if (!other) {
        return netdev_open(&port->options, port->n_threads, &port->dp->workers->shared, dev,
                           error);
    }
    *error = xasprintf("%s: the device is port %u (%s) of bridge %s already: delete it there first "
                       "(sluicectl port del), or tie the bridges with patch ports",
                       port_name(port), other->number, port_name(other), other->dp->name);
    return EBUSY;
}

/* Opens the device of 'port' and publishes it; no worker receives from it yet. Returns 0 or an
 * errno. */
static int open_device(struct port *port, char **error)
{
    struct netdev *dev;
    bool was_there = if_nametoindex(port_name(port)) != 0;
    int err = open_unique(port, &dev, error);
    if (!err) {
        RCU_SET(&port->netdev, dev);
        port->follows_mtu = may_follow_mtu(port, was_there);
    }
    return err;
}

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
    int err = open_device(port, error);
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

/* After a grace period: forgets what threads that had not seen yet that 'port' is mute have learnt
 * behind it. */
static void forget_behind(void *port_)
{
    struct port *port = port_;
    struct datapath *dp = port->dp;
    if (port_map_get(&dp->ports, port->number) == port && port_is_mute(port)) {
        mac_table_flush(dp->macs, port->number);
    }
}

/* Brings 'port' up to date. If it becomes mute, what was learnt behind it is forgotten: now, and
 * again when all threads know. */
static void update(struct port *port)
{
    bool was_mute = port_is_mute(port);
    port_update(port);
    queue_port_follow_speed(port);
    if (!was_mute && port_is_mute(port)) {
        mac_table_flush(port->dp->macs, port->number);
        workers_defer(port->dp->workers, forget_behind, port);
    }
}

/* Tells the owner what has changed about 'port' since it was told, if anything. */
static void tell(struct datapath *dp, struct port *port, int64_t now)
{
    struct ofp_port now_like;
    update(port);
    port_describe(port, &now_like);
    if (!memcmp(&port->told, &now_like, sizeof now_like)) {
        return;
    }
    port->told = now_like;
    dp->upcalls.port_changed(dp->aux, OFPPR_MODIFY, &now_like, now);
}

/* Tells the owner of a patch port that the other end came or went, unless the port went too. */
static void tell_patch(void *port_)
{
    struct port *port = port_;
    struct datapath *dp = port->dp;
    if (port_map_get(&dp->ports, port->number) == port) {
        tell(dp, port, dp->workers->workers[0].fw.netdev.now);
    }
}

/* Has tell_patch() called for 'peer' (NULL: no port) from within workers_run(): before the port can
 * be destroyed, since what is deferred is called in its order. */
static void tell_patch_later(struct datapath *dp, struct port *peer)
{
    if (peer) {
        workers_defer(dp->workers, tell_patch, peer);
    }
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
    tell_patch_later(dp, patch_port_connect(port));
    follow_mtu(dp);
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
    if (dp->n_closing < dp->max_closing) {
        dp->closing[dp->n_closing++] = port->netdev;
    } else {
        netdev_closer_close(&dp->workers->closer, port->netdev);
    }
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
    tell_patch_later(dp, patch_port_disconnect(port));
    workers_detach(dp->workers, port);
    workers_detach_queues(dp->workers, port);
    port_map_remove(&dp->ports, port);
    mac_table_flush(dp->macs, port_no);
    dp->workers->n_removed++;
    workers_defer(dp->workers, finish_port, port);
    follow_mtu(dp);
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

/* Interface of the device of 'port'; -1 if it is not there, 0 if it is none of the kernel's. */
static int ifindex_of(const struct port *port)
{
    const struct netdev_status *status = port->netdev ? netdev_status(port->netdev) : NULL;
    return status && status->present ? status->ifindex : -1;
}

/* Makes 'port' down or up: the device if it can, and then its state is the port's, or else the port
 * alone; a device that is not there when it comes. Returns 0 or the device's errno. */
static int set_down(struct port *port, bool down)
{
    bool is_there = ifindex_of(port) >= 0;
    int error = is_there ? netdev_set_admin(port->netdev, !down) : 0;
    if (error && error != EOPNOTSUPP) {
        return error;
    }
    port->down = down;
    port->is_down_alone = down && error;
    port->down_ifindex = ifindex_of(port);
    return 0;
}

/* PORT_DOWN holds until somebody takes it back or sets the device up; one that vanished and is back
 * is another device, which nobody has set up yet against what was asked for. */
static void keep_down(struct port *port)
{
    int ifindex = ifindex_of(port);
    if (!port->down || port->is_down_alone) {
        return;
    }
    if (ifindex >= 0 && ifindex != port->down_ifindex) {
        int error = set_down(port, true);
        if (error) {
            VLOG_WARN("%s: the device is back, and can't be set down as asked for: %s",
                      port_name(port), strerror(error));
            port->is_down_alone = true;
        }
    } else if (ifindex >= 0 && netdev_status(port->netdev)->admin_up) {
        port->down = false;
    }
    port->down_ifindex = ifindex;
}

int datapath_port_set_config(struct datapath *dp, uint16_t port_no, uint32_t config,
                             uint32_t mask)
{
    struct port *port = port_map_get(&dp->ports, port_no);
    int error = port ? 0 : ENODEV;
    bool down = config & OFPPC_PORT_DOWN;
    if (!error && mask & OFPPC_PORT_DOWN
        && (down != port->down || (port->config ^ config) & OFPPC_PORT_DOWN)) {
        error = set_down(port, down);
    }
    if (!error) {
        RCU_WRITE(&port->config, (port->config & ~mask) | (config & mask));
        update(port);
        port_describe(port, &port->told);
        tell_patch_later(dp, port->patch ? port->patch->peer : NULL);
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
    update(port);
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

/* Opens the device that 'port' waits for, if it has come. */
static void open_missing(struct datapath *dp, struct port *port)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(1, 3);
    char *error = NULL;
    int err = open_device(port, &error);
    if (!err) {
        VLOG_INFO("%s: the device has appeared", port_name(port));
        netdev_start(port->netdev);
        workers_attach(dp->workers, port);
    } else if (err != ENODEV) {
        VLOG_WARN_RL(&limit, "%s", error);
    }
    free(error);
}

/* Whether news of the interface 'ifindex' called 'name' concern 'port'. */
static bool is_concerned(const struct port *port, int ifindex, const char *name)
{
    return (!ifindex && !name) || (name && !strcmp(port_name(port), name))
           || (ifindex && port->netdev && netdev_status(port->netdev)->ifindex == ifindex);
}

/* Looks at the device of 'port' again. True if it has changed. */
static bool look(struct datapath *dp, struct port *port, int64_t now)
{
    bool changed = false;
    if (port->netdev) {
        changed = netdev_refresh(port->netdev);
    } else if (!port->patch) {
        open_missing(dp, port);
        changed = port->netdev;
    }
    if (changed) {
        port->asked_mtu = 0;
    }
    keep_down(port);
    tell(dp, port, now);
    return changed;
}

void datapath_ports_changed(struct datapath *dp, int ifindex, const char *name, int64_t now)
{
    bool changed = false;
    const struct port_list *list = dp->ports.list; /* Outlives the call, with its ports. */
    for (unsigned i = 0; i < list->n; i++) {
        if (is_concerned(list->ports[i], ifindex, name)) {
            changed |= look(dp, list->ports[i], now);
        }
    }
    if (changed) {
        follow_mtu(dp);
    }
}

void datapath_ports_look(struct datapath *dp, unsigned n, int64_t now)
{
    bool changed = false;
    n = MIN(n, dp->ports.list->n);
    dp->looks_due -= MIN(dp->looks_due, MAX(n, 1U));
    for (unsigned i = 0; i < n; i++) {
        uint16_t no = datapath_port_next(dp, dp->last_look);
        dp->last_look = no;
        if (no) {
            changed |= look(dp, port_map_get(&dp->ports, no), now);
        }
    }
    if (changed) {
        follow_mtu(dp);
    }
}

void datapath_ports_look_later(struct datapath *dp)
{
    dp->looks_due = dp->ports.list->n + 1; /* The turn over the end, to 0, is one. */
}
