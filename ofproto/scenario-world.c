/* SPDX-License-Identifier: Apache-2.0 */
/* A world in simulation: a clock, bridges whose ports are in memory, and what comes out of them. */
#include "ofproto/scenario-world.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/datapath.h"
#include "datapath/netdev/netdev-memory.h"
#include "lib/channel/stream.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/packet.h"
#include "lib/util.h"
#include "ofproto/connmgr.h"
#include "ofproto/ofproto.h"

/* The clock begins well after 0, so that a time of 0 in the switch never means the present. */
#define WORLD_START (1000 * SEC)

enum {
    ROUNDS_MAX = 10000, /* Rounds of settling after which there is no end in sight. */
};

/* Items ---------------------------------------------------------------------------------------- */

void world_item_add(struct list *items, const void *data, size_t size)
{
    struct world_item *item = xzalloc(sizeof *item);
    bytes_put(&item->bytes, data, size);
    list_push_back(items, &item->node);
}

void world_item_destroy(struct world_item *item)
{
    list_remove(&item->node);
    bytes_uninit(&item->bytes);
    free(item);
}

struct world_item *world_item_first(const struct list *items)
{
    struct list *node = list_front(items);
    return node ? CONTAINER_OF(node, struct world_item, node) : NULL;
}

/* Frees all of 'items'. */
static void items_clear(struct list *items)
{
    struct world_item *item;
    while ((item = world_item_first(items))) {
        world_item_destroy(item);
    }
}

/* Life ----------------------------------------------------------------------------------------- */

void world_init(struct world *w)
{
    *w = (struct world){.seed = 1};
    timer_wheel_init(&w->wheel, WORLD_START);
    w->looked_at = WORLD_START;
    w->channel.wheel = &w->wheel;
    w->channel.hub = stream_hub_create();
    list_init(&w->bridges);
    list_init(&w->ports);
}

/* Forgets 'port', not the port of its bridge. */
static void port_destroy(struct world_port *port)
{
    if (port->cable) {
        port->cable->cable = NULL;
    }
    items_clear(&port->frames);
    list_remove(&port->node);
    free(port->name);
    free(port);
}

void world_uninit(struct world *w)
{
    struct world_port *port, *next_port;
    LIST_FOR_EACH_SAFE (port, next_port, node, &w->ports) {
        port_destroy(port);
    }
    struct world_bridge *b, *next_b;
    LIST_FOR_EACH_SAFE (b, next_b, node, &w->bridges) {
        bridge_destroy(b->bridge);
        list_remove(&b->node);
        free(b->name);
        free(b);
    }
    workers_destroy(w->workers);
    stream_hub_destroy(w->channel.hub);
    timer_wheel_uninit(&w->wheel);
}

int64_t world_now(const struct world *w)
{
    return timer_wheel_now(&w->wheel) - WORLD_START;
}

/* Bridges and ports ---------------------------------------------------------------------------- */

struct world_bridge *world_find_bridge(const struct world *w, const char *name)
{
    struct world_bridge *b;
    LIST_FOR_EACH (b, node, &w->bridges) {
        if (!strcmp(b->name, name)) {
            return b;
        }
    }
    return NULL;
}

struct world_port *world_find_port(const struct world *w, const char *name)
{
    struct world_port *port;
    LIST_FOR_EACH (port, node, &w->ports) {
        if (!strcmp(port->name, name)) {
            return port;
        }
    }
    return NULL;
}

struct datapath *world_datapath(const struct world_bridge *b)
{
    return ofproto_datapath(bridge_ofproto(b->bridge));
}

struct netdev *world_port_netdev(const struct world_port *port)
{
    return datapath_port_netdev(world_datapath(port->bridge), port->number);
}

int world_add_port(struct world *w, struct world_bridge *b, const char *text, uint16_t port_no,
                   char **error)
{
    bool is_patch = strstr(text, ",type=patch") != NULL;
    char *device = xasprintf("%s%s", text, is_patch ? "" : ",type=memory");
    uint16_t number;
    int err = ofproto_port_add(bridge_ofproto(b->bridge), device, port_no, &number, error);
    free(device);
    if (!err) {
        struct world_port *port = xzalloc(sizeof *port);
        port->name = xmemdup(text, strcspn(text, ",") + 1);
        port->name[strcspn(text, ",")] = '\0';
        port->bridge = b;
        port->number = number;
        list_init(&port->frames);
        list_push_back(&w->ports, &port->node);
    }
    return err;
}

int world_remove_port(struct world_port *port)
{
    int err = ofproto_port_remove(bridge_ofproto(port->bridge->bridge), port->number);
    if (!err) {
        port_destroy(port);
    }
    return err;
}

/* Adds the ports of 'config' to 'b', and LOCAL. */
static int add_ports(struct world *w, struct world_bridge *b, const struct bridge_config *config,
                     bool local, char **error)
{
    int err = 0;
    for (size_t i = 0; i < config->ports.n && !err; i++) {
        err = world_add_port(w, b, config->ports.s[i], 0, error);
    }
    return err || !local ? err : world_add_port(w, b, b->name, OFPP_LOCAL, error);
}

/* Makes the bridge itself, without ports. */
static int create_bridge(struct world *w, struct world_bridge *b,
                         const struct bridge_config *config, int64_t inactivity_probe,
                         int64_t max_backoff, char **error)
{
    char *listener = xasprintf("pmemory:%s", config->name);
    const struct bridge_env env = {
        .channel = &w->channel,
        .workers = w->workers,
        .inactivity_probe = inactivity_probe,
        .max_backoff = max_backoff,
        .seed = w->seed,
    };
    struct bridge_config bare = *config;
    bare.ports = (struct strings){.n = 0};
    bare.listeners = (struct strings){.s = &listener, .n = 1};
    bare.no_local = true;
    int err = bridge_create(&env, &bare, &b->bridge, error);
    free(listener);
    return err;
}

int world_add_bridge(struct world *w, const struct bridge_config *config, bool local,
                     int64_t inactivity_probe, int64_t max_backoff, char **error)
{
    const struct workers_config wc = {.simulated = true, .seed = w->seed};
    int err = w->workers ? 0 : workers_create(&wc, &w->workers, error);
    if (err) {
        return err;
    }
    struct world_bridge *b = xzalloc(sizeof *b);
    err = create_bridge(w, b, config, inactivity_probe, max_backoff, error);
    if (err) {
        free(b);
        return err;
    }
    b->name = xstrdup(config->name);
    list_push_back(&w->bridges, &b->node);
    return add_ports(w, b, config, local, error);
}

int world_add_controller(struct world_bridge *b, const char *text, char **error)
{
    return connmgr_add_controller(ofproto_connmgr(bridge_ofproto(b->bridge)), text, error);
}

int world_add_listener(struct world_bridge *b, const char *text, char **error)
{
    return connmgr_add_listener(ofproto_connmgr(bridge_ofproto(b->bridge)), text, false, error);
}

/* Time ----------------------------------------------------------------------------------------- */

bool world_receive(struct world_port *port, const struct packet *packet)
{
    return netdev_memory_inject(world_port_netdev(port), packet);
}

/* Hands a frame that came out of a port to the other end of its cable. */
static void carry(struct world_port *to, struct bytes *frame)
{
    struct packet packet;
    packet_use(&packet, frame->data, frame->size, frame->data, frame->size);
    world_receive(to, &packet);
}

/* Whether it is a frame of spanning tree. */
static bool is_bpdu(const struct bytes *frame)
{
    static const uint8_t address[] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x00};
    return frame->size >= sizeof address && !memcmp(frame->data, address, sizeof address);
}

void world_port_ignore_bpdus(struct world_port *port)
{
    struct world_item *item, *next;
    port->ignores_bpdus = true;
    LIST_FOR_EACH_SAFE (item, next, node, &port->frames) {
        if (is_bpdu(&item->bytes)) {
            world_item_destroy(item);
        }
    }
}

/* Takes what came out of 'port'. True if there was anything. */
static bool port_collect(struct world_port *port)
{
    struct bytes frame = BYTES_INIT;
    struct netdev *dev = world_port_netdev(port);
    bool any = false;
    while (dev && netdev_memory_take(dev, &frame, NULL)) {
        any = true;
        if (port->cable) {
            carry(port->cable, &frame);
        } else if (!port->ignores_bpdus || !is_bpdu(&frame)) {
            world_item_add(&port->frames, frame.data, frame.size);
        }
        bytes_clear(&frame);
    }
    bytes_uninit(&frame);
    return any;
}

/* One round of everything. True if anything happened. */
static bool run_round(struct world *w)
{
    int64_t now = timer_wheel_now(&w->wheel);
    bool any = timer_wheel_advance(&w->wheel, w->looked_at) > 0;
    any |= w->workers && workers_run(w->workers, now);
    struct world_bridge *b;
    LIST_FOR_EACH (b, node, &w->bridges) {
        any |= bridge_run(b->bridge, now);
    }
    any |= stream_hub_deliver(w->channel.hub);
    struct world_port *port;
    LIST_FOR_EACH (port, node, &w->ports) {
        any |= port_collect(port);
    }
    return any;
}

/* Rounds until nothing happens any more. One without an event is not enough: what the streams
 * delivered last may have given the threads work that they report only when they are run again. */
static bool come_to_rest(struct world *w)
{
    unsigned quiet = 0;
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        quiet = run_round(w) ? 0 : quiet + 1;
        if (quiet == 2) {
            return true;
        }
    }
    return false;
}

/* As in the loop of the daemon (lib/channel/loop-clock.h), timers that are overdue wait until all
 * that came meanwhile has been heard. */
bool world_settle(struct world *w)
{
    bool rests = come_to_rest(w);
    if (rests && w->looked_at < timer_wheel_now(&w->wheel)) {
        w->looked_at = timer_wheel_now(&w->wheel);
        rests = come_to_rest(w);
    }
    return rests;
}

/* The next time when something happens by itself, in whole milliseconds as the clock counts. */
static int64_t next_time(const struct world *w)
{
    int64_t timer = timer_wheel_next(&w->wheel);
    int64_t packet = w->workers ? workers_next(w->workers) : INT64_MAX;
    return packet >= timer ? timer : ROUND_UP(packet, MSEC);
}

/* It is 'now', and nobody was late: fires what is due. */
static bool go_to(struct world *w, int64_t now)
{
    timer_wheel_advance(&w->wheel, now);
    w->looked_at = timer_wheel_now(&w->wheel);
    return world_settle(w);
}

bool world_wait(struct world *w, int64_t period)
{
    int64_t end = timer_wheel_now(&w->wheel) + period;
    int64_t next;
    if (w->looked_at < timer_wheel_now(&w->wheel) && !world_settle(w)) {
        return false;
    }
    while ((next = next_time(w)) <= end) {
        if (!go_to(w, next)) {
            return false;
        }
    }
    return go_to(w, end);
}

void world_jump(struct world *w, int64_t period)
{
    timer_wheel_tell(&w->wheel, timer_wheel_now(&w->wheel) + period);
}
