/* SPDX-License-Identifier: Apache-2.0 */
/* A world in simulation: a clock, bridges whose ports are in memory, and what comes out of them. */
#ifndef OFPROTO_SCENARIO_WORLD_H
#define OFPROTO_SCENARIO_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/drops.h"
#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/list.h"
#include "lib/timer-wheel.h"
#include "ofproto/bridge.h"

struct datapath;
struct netdev;
struct packet;

/* Nothing moves by itself: world_settle() lets everything happen that happens at the present
 * moment, world_wait() lets time pass. Threads: one. */

/* Something that came out of a port or to a peer and that nobody has looked at yet. */
struct world_item {
    struct list node;   /* In the port's frames or the peer's messages. */
    struct bytes bytes; /* Frame or message; owned. */
};

/* Adds a copy of the 'size' bytes at 'data' at the end of 'items'. */
void world_item_add(struct list *items, const void *data, size_t size);

/* Takes 'item' off its list and frees it. */
void world_item_destroy(struct world_item *item);

/* The first of 'items', or NULL. */
struct world_item *world_item_first(const struct list *items);

/* A bridge. */
struct world_bridge {
    struct list node;      /* In world->bridges. */
    char *name;            /* Owned. */
    struct bridge *bridge; /* Owned. */
    uint64_t drops[N_DROP_REASONS]; /* Drops that somebody has looked at already. */
};

/* A port. */
struct world_port {
    struct list node;            /* In world->ports. */
    char *name;                  /* Of the device; owned. */
    struct world_bridge *bridge; /* Whose port. */
    uint16_t number;             /* OpenFlow number. */
    struct list frames;          /* struct world_item: what came out. */
    bool ignores_bpdus;          /* Frames of spanning tree are forgotten. */
    struct world_port *cable;    /* Where that goes instead, or NULL. */
};

/* All of it. */
struct world {
    struct timer_wheel wheel;    /* The clock. */
    int64_t looked_at;           /* Up to then timers fire: before the time if the clock jumped. */
    struct channel_env channel;  /* What connections need: wheel and hub. */
    struct workers *workers;     /* Made with the first bridge; owned. */
    uint64_t seed;               /* Of hashes and jitter; to be set before the first bridge. */
    struct list bridges;         /* struct world_bridge, in order of their making. */
    struct list ports;           /* struct world_port, in order of their making. */
};

/* A world without bridges, at time 0; world_uninit() takes down all that was made in it. */
void world_init(struct world *w);
void world_uninit(struct world *w);

/* Nanoseconds since the beginning. */
int64_t world_now(const struct world *w);

/* Makes a bridge of 'config', whose ports are devices in memory by name; with 'local' it has a
 * LOCAL port too, of the bridge's name. A listener for service connections is there as
 * "memory:NAME". Returns 0 or an errno with '*error'. */
int world_add_bridge(struct world *w, const struct bridge_config *config, bool local,
                     int64_t inactivity_probe, int64_t max_backoff, char **error);

/* Adds a port with the device 'text' ("NAME[,OPTION]...") to 'b' as number 'port_no' (0: any), or
 * takes one away. Return 0 or an errno, with '*error' for the first. */
int world_add_port(struct world *w, struct world_bridge *b, const char *text, uint16_t port_no,
                   char **error);
int world_remove_port(struct world_port *port);

/* Lets 'b' dial the controller of 'text', a target with rights, for ever; or listen to whoever
 * dials that. Return 0 or an errno with '*error'. */
int world_add_controller(struct world_bridge *b, const char *text, char **error);
int world_add_listener(struct world_bridge *b, const char *text, char **error);

/* Forgets the frames of spanning tree that come out of 'port', those that wait there too. */
void world_port_ignore_bpdus(struct world_port *port);

/* By name; NULL if there is none. */
struct world_bridge *world_find_bridge(const struct world *w, const char *name);
struct world_port *world_find_port(const struct world *w, const char *name);

/* What stands behind a bridge and a port. Borrowed; a port whose device is gone has none: NULL. */
struct datapath *world_datapath(const struct world_bridge *b);
struct netdev *world_port_netdev(const struct world_port *port);

/* Lets 'port' receive 'packet'. Returns false if its queue is full: world_settle() empties it. */
bool world_receive(struct world_port *port, const struct packet *packet);

/* Lets everything happen that happens now. Returns false if that has no end. */
bool world_settle(struct world *w);

/* Lets 'period' pass, with everything that happens meanwhile. Returns false as above. */
bool world_wait(struct world *w, int64_t period);

/* The clock is 'period' later at once, as after a pause of the process. When the world settles
 * next, what came before is heard first, late, then all timers fire that are overdue, in order. */
void world_jump(struct world *w, int64_t period);

#endif
