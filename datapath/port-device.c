/* SPDX-License-Identifier: Apache-2.0 */
/* The device under a port: opened when it comes, set down, kept at an MTU. */
#include "datapath/port-device.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "datapath/datapath-private.h"
#include "datapath/port.h"
#include "datapath/workers-private.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(ports);

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

/* Whether the MTU of 'port' is ours to set: of LOCAL, and of a tap that was not there before,
 * unless the user has chosen one. */
static bool may_follow_mtu(const struct port *port, bool was_there)
{
    return !netdev_options_get(&port->options, "mtu")
           && (port->number == OFPP_LOCAL
               || (!was_there && !strcmp(netdev_kind(port->netdev), "tap")));
}

int port_device_open(struct port *port, char **error)
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

/* Interface of the device of 'port'; -1 if it is not there, 0 if it is none of the kernel's. */
static int ifindex_of(const struct port *port)
{
    const struct netdev_status *status = port->netdev ? netdev_status(port->netdev) : NULL;
    return status && status->present ? status->ifindex : -1;
}

int port_device_set_down(struct port *port, bool down)
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

void port_device_keep_down(struct port *port)
{
    int ifindex = ifindex_of(port);
    if (!port->down || port->is_down_alone) {
        return;
    }
    if (ifindex >= 0 && ifindex != port->down_ifindex) {
        int error = port_device_set_down(port, true);
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

void port_device_follow_mtu(struct datapath *dp)
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
