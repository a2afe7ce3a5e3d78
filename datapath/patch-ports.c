/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of kind "patch": checking what is asked for, finding the other end, connecting the two. */
#include "datapath/patch-ports.h"

#include <errno.h>
#include <string.h>

#include "datapath/datapath-private.h"
#include "datapath/netdev/netdev-options.h"
#include "datapath/patch.h"
#include "datapath/port.h"
#include "datapath/workers-private.h"

enum {
    NAME_MAX_LENGTH = OFP_MAX_PORT_NAME_LEN - 1, /* Characters in a port's name. */
};

bool patch_port_is_meant(const struct netdev_options *options)
{
    return options->kind && !strcmp(options->kind, "patch");
}

/* The patch port called 'name' of any bridge, or NULL. */
static struct port *find(const struct workers *w, const char *name)
{
    const struct datapath *dp;
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        const struct port_list *list = dp->ports.list;
        for (unsigned i = 0; i < list->n; i++) {
            if (list->ports[i]->patch && !strcmp(port_name(list->ports[i]), name)) {
                return list->ports[i];
            }
        }
    }
    return NULL;
}

/* Checks that nothing is asked for that a patch port hasn't. Returns 0 or EINVAL. */
static int check_options(const struct netdev_options *options, char **error)
{
    for (size_t i = 0; i < options->n; i++) {
        if (strcmp(options->options[i].key, "peer")) {
            *error = xasprintf("%s: \"%s\" is no option of kind patch: it knows peer",
                               options->name, options->options[i].key);
            return EINVAL;
        }
    }
    return 0;
}

/* Checks the name of 'port' and that of its peer, and that the peer, if it is there, leads to
 * 'port'. Returns 0 or an errno. */
static int check_names(const struct port *port, const char *peer, char **error)
{
    const char *name = port_name(port);
    if (!peer || !*peer || strlen(peer) > NAME_MAX_LENGTH) {
        *error = xasprintf("%s: a patch port needs peer=NAME: the patch port of another bridge "
                           "(a name has 1 to %d characters)", name, NAME_MAX_LENGTH);
        return EINVAL;
    } else if (!strcmp(name, peer)) {
        *error = xasprintf("%s: peer=%s: a patch port can't lead to itself: name the port of "
                           "another bridge", name, peer);
        return EINVAL;
    } else if (strlen(name) > NAME_MAX_LENGTH) {
        *error = xasprintf("%s: the name is too long: a port's name has at most %d characters",
                           name, NAME_MAX_LENGTH);
        return ENAMETOOLONG;
    }
    const struct port *other = find(port->dp->workers, name);
    if (other) {
        *error = xasprintf("%s: bridge %s has a patch port of this name already: choose another",
                           name, other->dp->name);
        return EEXIST;
    }
    const struct port *end = find(port->dp->workers, peer);
    if (end && strcmp(end->patch->peer_name, name)) {
        *error = xasprintf("%s: peer=%s: that port of bridge %s leads to %s: delete it, and add "
                           "it with peer=%s", name, peer, end->dp->name, end->patch->peer_name,
                           name);
        return EBUSY;
    }
    if (end && end->dp == port->dp) {
        *error = xasprintf("%s: peer=%s: that port is of bridge %s too, and patch ports tie two: "
                           "name the port of another", name, peer, end->dp->name);
        return EINVAL;
    }
    return 0;
}

int patch_port_init(struct port *port, char **error)
{
    const char *peer = netdev_options_get(&port->options, "peer");
    int err = check_options(&port->options, error);
    err = err ? err : check_names(port, peer, error);
    if (!err) {
        port->patch = patch_create(port_name(port), xstrdup(peer), port->n_threads);
    }
    return err;
}

/* Lets 'port' lead to 'peer', or to nothing with NULL. */
static void set_peer(struct port *port, struct port *peer)
{
    RCU_SET(&port->patch->peer, peer);
    port_update(port);
}

struct port *patch_port_connect(struct port *port)
{
    struct port *peer = port->patch ? find(port->dp->workers, port->patch->peer_name) : NULL;
    if (!peer || strcmp(peer->patch->peer_name, port_name(port))) {
        return NULL;
    }
    set_peer(port, peer);
    set_peer(peer, port);
    return peer;
}

struct port *patch_port_disconnect(struct port *port)
{
    struct port *peer = port->patch ? port->patch->peer : NULL;
    if (peer) {
        set_peer(port, NULL);
        set_peer(peer, NULL);
    }
    return peer;
}
