/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of a bridge by number, for all threads, and the choice of numbers. */
#include "datapath/port-map.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"

/* The arrays by number have half a megabyte each, of which only the pages in use cost memory; those
 * that are not are better left alone. */
enum { N_NUMBERS = 65536 };

/* Returns a list of 'n' ports, to be filled. */
static struct port_list *list_create(unsigned n)
{
    struct port_list *list = xmalloc(sizeof *list + n * sizeof list->ports[0]);
    list->n = n;
    return list;
}

void port_map_init(struct port_map *map, struct rcu *rcu)
{
    *map = (struct port_map) {
        .rcu = rcu,
        .by_number = xcalloc(N_NUMBERS, sizeof *map->by_number),
        .list = list_create(0),
        .names = xcalloc(N_NUMBERS, sizeof *map->names),
        .end = 1,
    };
}

void port_map_uninit(struct port_map *map)
{
    for (unsigned i = 0; i < map->end; i++) {
        free(map->names[i]);
    }
    free(map->names[OFPP_LOCAL]);
    free(map->names);
    free(map->by_number);
    free(map->list);
}

/* Replaces the list by 'list'. */
static void publish(struct port_map *map, struct port_list *list)
{
    struct port_list *old = map->list;
    RCU_SET(&map->list, list);
    rcu_defer(map->rcu, free, old);
}

void port_map_insert(struct port_map *map, struct port *port)
{
    const struct port_list *old = map->list;
    struct port_list *list = list_create(old->n + 1);
    unsigned at = 0;
    while (at < old->n && old->ports[at]->number < port->number) {
        at++;
    }
    memcpy(list->ports, old->ports, at * sizeof list->ports[0]);
    list->ports[at] = port;
    memcpy(list->ports + at + 1, old->ports + at, (old->n - at) * sizeof list->ports[0]);
    free(map->names[port->number]);
    map->names[port->number] = xstrdup(port_name(port));
    if (port->number >= map->end && port->number != OFPP_LOCAL) {
        map->end = port->number + 1;
    }
    RCU_SET(&map->by_number[port->number], port);
    publish(map, list);
}

void port_map_remove(struct port_map *map, struct port *port)
{
    const struct port_list *old = map->list;
    struct port_list *list = list_create(old->n - 1);
    unsigned n = 0;
    for (unsigned i = 0; i < old->n; i++) {
        if (old->ports[i] != port) {
            list->ports[n++] = old->ports[i];
        }
    }
    RCU_SET(&map->by_number[port->number], NULL);
    publish(map, list);
}

/* By bisection, since whoever goes through all ports so asks once for each. */
uint16_t port_map_next(const struct port_map *map, uint16_t number)
{
    const struct port_list *list = map->list;
    unsigned from = 0, to = list->n;
    while (from < to) {
        unsigned middle = from + (to - from) / 2;
        if (list->ports[middle]->number > number) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return from < list->n ? list->ports[from]->number : 0;
}

uint16_t port_map_choose(const struct port_map *map, const char *name)
{
    uint16_t fresh = map->end < OFPP_MAX ? map->end : 0, lowest = fresh;
    for (uint16_t number = map->end - 1; number > 0; number--) {
        const char *had = map->names[number];
        if (map->by_number[number]) {
            continue;
        }
        if (had && !strcmp(had, name)) {
            return number;
        }
        lowest = number;
        fresh = had ? fresh : number;
    }
    return fresh ? fresh : lowest;
}
