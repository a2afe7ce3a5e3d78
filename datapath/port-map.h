/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of a bridge by number, for all threads, and the choice of numbers. */
#ifndef DATAPATH_PORT_MAP_H
#define DATAPATH_PORT_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/rcu.h"

struct port;

/* Ports of a bridge by rising number (LOCAL last). Immutable once published. */
struct port_list {
    unsigned n;           /* Number of elements of 'ports'. */
    struct port *ports[]; /* Borrowed. */
};

/* Threads: the control thread changes; any thread that is an online RCU reader looks up. */
struct port_map {
    struct rcu *rcu;         /* Borrowed. */
    struct port **by_number; /* 65536 elements, NULL: no port. Atomic; owned. */
    struct port_list *list;  /* All of them. RCU; owned. */
    char **names;            /* By number: the device that had it last, NULL none. Owned. */
    uint16_t end;            /* From here on only LOCAL's number was ever in use; 1 at least. */
};

/* An empty map; 'rcu' is borrowed until port_map_uninit(). */
void port_map_init(struct port_map *map, struct rcu *rcu);

/* All ports are removed. No other thread uses the map. */
void port_map_uninit(struct port_map *map);

/* The port 'number', or NULL. */
static inline struct port *port_map_get(const struct port_map *map, uint16_t number)
{
    return RCU_GET(&map->by_number[number]);
}

/* All ports. */
static inline const struct port_list *port_map_list(const struct port_map *map)
{
    return RCU_GET(&map->list);
}

/* Control thread. */

/* Publishes 'port', whose number is free, or takes it back; the caller frees it after a grace
 * period. */
void port_map_insert(struct port_map *map, struct port *port);
void port_map_remove(struct port_map *map, struct port *port);

/* The number of the next port after 'number', which may be that of none; 0 if there is none. */
uint16_t port_map_next(const struct port_map *map, uint16_t number);

/* A free number for the device 'name': the one it had before, or else the lowest that no device
 * had, or else the lowest that is free; 0 if there is none. */
uint16_t port_map_choose(const struct port_map *map, const char *name);

#endif
