/* SPDX-License-Identifier: Apache-2.0 */
/* News of ports: devices looked at again, and what has changed told to the owner of the bridge. */
#include "datapath/port-news.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/datapath-private.h"
#include "datapath/mac-learning.h"
#include "datapath/port-device.h"
#include "datapath/port.h"
#include "datapath/queue-ports.h"
#include "datapath/workers-private.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(ports);

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

void port_news_update(struct port *port)
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
    port_news_update(port);
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

void port_news_tell_patch(struct datapath *dp, struct port *peer)
{
    if (peer) {
        workers_defer(dp->workers, tell_patch, peer);
    }
}

/* Opens the device that 'port' waits for, if it has come. Whoever makes a tap has it open at first,
 * which is not worth a word. */
static void open_missing(struct datapath *dp, struct port *port)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(1, 3);
    char *error = NULL;
    int err = port_device_open(port, &error);
    if (!err) {
        VLOG_INFO("%s: the device has appeared", port_name(port));
        netdev_start(port->netdev);
        workers_attach(dp->workers, port);
    } else if (err != ENODEV && (err != EBUSY || port->was_busy)) {
        VLOG_WARN_RL(&limit, "%s", error);
    }
    port->was_busy = err == EBUSY;
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
    port_device_keep_down(port);
    tell(dp, port, now);
    return changed;
}

void port_news_look(struct datapath *dp, int ifindex, const char *name, int64_t now)
{
    bool changed = false;
    const struct port_list *list = dp->ports.list; /* Outlives the call, with its ports. */
    for (unsigned i = 0; i < list->n; i++) {
        if (is_concerned(list->ports[i], ifindex, name)) {
            changed |= look(dp, list->ports[i], now);
        }
    }
    if (changed) {
        port_device_follow_mtu(dp);
    }
}

void port_news_look_next(struct datapath *dp, unsigned n, int64_t now)
{
    bool changed = false;
    n = MIN(n, dp->ports.list->n);
    dp->looks_due -= MIN(dp->looks_due, MAX(n, 1U));
    for (unsigned i = 0; i < n; i++) {
        uint16_t no = port_map_next(&dp->ports, dp->last_look);
        dp->last_look = no;
        if (no) {
            changed |= look(dp, port_map_get(&dp->ports, no), now);
        }
    }
    if (changed) {
        port_device_follow_mtu(dp);
    }
}

void port_news_look_later(struct datapath *dp)
{
    dp->looks_due = dp->ports.list->n + 1; /* The turn over the end, to 0, is one. */
}
