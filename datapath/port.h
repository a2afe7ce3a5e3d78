/* SPDX-License-Identifier: Apache-2.0 */
/* A port of a bridge: number, device, configuration and state, as threads see it. */
#ifndef DATAPATH_PORT_H
#define DATAPATH_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "datapath/forwarder.h"
#include "datapath/netdev/netdev.h"
#include "datapath/port-settings.h"
#include "datapath/upcall.h"
#include "lib/openflow/ofp-message.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/rcu.h"
#include "lib/token-bucket.h"
#include "lib/util.h"

struct datapath;
struct patch;
struct port_queues;

/* What spanning tree wants of a port, in 'receive' beside OFPPC_* bits and in 'tree'. */
enum port_tree_flags {
    PORT_TREE_TAKES = 1 << 28,      /* Its BPDUs go up before the table. */
    PORT_TREE_NO_RECEIVE = 1 << 29, /* All other frames are dropped before the table. */
    PORT_TREE_NO_LEARN = 1 << 30,   /* NORMAL learns nothing from it; in 'receive' also if it is
                                     * down. */
    PORT_TREE_NO_FORWARD = 1 << 27, /* FLOOD and NORMAL leave it alone. */
};

/* Life cycle: created by the control thread, published in the bridge's port map and in the slots of
 * one worker, unpublished there, and destroyed after a grace period.
 *
 * Threads: the control thread writes; members marked (A) are read by all threads and are atomic. */

/* What one forwarding thread has for one port. */
struct port_thread {
    struct transmit_queue queue; /* What it will send; its own. */
    struct upcall_quota quota;   /* What the port has in the thread's ring. */
    struct token_bucket bpdus;   /* Frames of spanning tree that may go up; the thread's own. */
} CACHE_ALIGNED;

struct port {
    struct datapath *dp;    /* Bridge it belongs to. */
    uint64_t id;            /* Which incarnation: no two ports ever have the same. */
    uint16_t number;        /* OpenFlow port number. */
    struct netdev *netdev;  /* Device; NULL while it is missing. RCU (A); owned. */
    struct port_settings settings; /* What the user says of it. Doesn't change. */
    struct patch *patch;    /* Instead of a device; NULL: none. Doesn't change; owned. */
    struct port_queues *queues; /* All that goes out goes through them, unless 'is_plain'; NULL:
                                 * none. RCU (A); owned. */
    bool is_plain;          /* Neither a patch nor queues: what goes out goes to the device (A). */
    uint32_t config;        /* OFPPC_* bits (A). */
    uint32_t state;         /* OFPPS_* bits (A). */
    uint32_t tree;          /* PORT_TREE_* bits (A). */
    uint32_t receive;       /* 'config' and 'tree' together (A). */

    /* For the control thread. */
    struct netdev_options options; /* As asked for; owned. */
    bool follows_mtu;              /* Its MTU is the least of the bridge's others. */
    unsigned asked_mtu;            /* Which it was asked to have, in vain or not, since its device
                                    * last changed; 0: none. */
    unsigned n_leaving;            /* Grace periods under way after which queues are gone. */
    uint64_t followed_speed;       /* Of the device, bit/s, that its cap has followed; 0: none. */
    uint64_t lost;                 /* Packets that queues lost which are gone. */
    bool was_busy;                 /* Somebody had its device when it was wanted last. */
    bool down;                     /* PORT_DOWN was asked for, and the device not set up since. */
    bool is_down_alone;            /* It is, but its device can't be. */
    int down_ifindex;              /* Interface of the device that is; -1: not there. */
    bool is_receiving;             /* It stands in the slots of 'receiver'. */
    unsigned receiver;             /* Thread that receives from it. */
    unsigned slot;                 /* Its slot there. */
    struct ofp_port told;          /* As its owner knows it. */

    unsigned n_threads;            /* Number of elements of 'threads'. */
    struct port_thread threads[];  /* By number of the thread. */
};

/* Returns a port without a device, nor a patch. Takes over '*options' (left empty). */
struct port *port_create(struct datapath *dp, uint64_t id, uint16_t number,
                         struct netdev_options *options, unsigned n_threads);

/* Closes the device too. No thread may use the port any more. Accepts NULL. */
void port_destroy(struct port *port);

/* Name of the device. */
const char *port_name(const struct port *port);

/* Fills '*desc' with what the port is like now. */
void port_describe(const struct port *port, struct ofp_port *desc);

/* Fills '*stats' with what the device, or the patch, has counted. */
void port_get_stats(const struct port *port, struct ofp_port_stats *stats);

/* Derives 'config', 'state' and 'receive' from the status of the device or the patch. */
void port_update(struct port *port);

/* Whether packets may go out: administratively up, a carrier, and neither PORT_DOWN nor NO_FWD. */
static inline bool port_can_send(const struct port *port)
{
    return !(RCU_READ(&port->config) & (OFPPC_PORT_DOWN | OFPPC_NO_FWD))
           && !(RCU_READ(&port->state) & OFPPS_LINK_DOWN);
}

/* Whether spanning tree keeps it out of FLOOD and NORMAL (A11.24): blocked, or not forwarding yet.
 */
static inline bool port_is_blocked(const struct port *port)
{
    return RCU_READ(&port->tree) & PORT_TREE_NO_FORWARD;
}

/* Whether NORMAL may not learn what is behind it: spanning tree keeps it from that, or it is down
 * and what comes is left over. */
static inline bool port_is_mute(const struct port *port)
{
    return RCU_READ(&port->receive) & PORT_TREE_NO_LEARN;
}

#endif
