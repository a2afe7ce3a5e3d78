/* SPDX-License-Identifier: Apache-2.0 */
/* What happens in a scenario: frames come, links fail, ports and controllers come and go. */
#include "ofproto/scenario-events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "lib/packet/checksum.h"
#include "lib/packet/frame.h"
#include "lib/packet/headers.h"
#include "lib/packet/layers.h"
#include "lib/packet/packet.h"
#include "lib/util.h"
#include "ofproto/bridge.h"
#include "ofproto/scenario-capture.h"
#include "ofproto/scenario-private.h"
#include "ofproto/scenario-say.h"
#include "ofproto/scenario-text.h"
#include "ofproto/settings.h"

/* Finds the device in memory under the port of 'subject', which a patch port hasn't. */
static int find_device(struct scenario *s, const struct subject *subject, struct netdev **dev)
{
    *dev = world_port_netdev(subject->port);
    return *dev ? 0 : scenario_fail(s, "%s is a patch port: it has no device", subject->port->name);
}

/* Frames that come ----------------------------------------------------------------------------- */

enum {
    TCP_CSUM_OFFSET = 16, /* Of the checksum in TCP's header. */
    UDP_CSUM_OFFSET = 6,  /* In UDP's. */
};

/* Leaves the checksum of 'p' to be finished, as a kernel does, and segments of 'gso_size' bytes (0:
 * none) to be cut. False if it has no such checksum. */
static bool make_unfinished(struct packet *p, uint16_t gso_size)
{
    struct layers layers;
    if (!layers_find(p->data, p->size, LAYERS_OUTER, 0, &layers)) {
        return false;
    }
    const struct layer *l = &layers.layer[0];
    bool is_tcp = l->proto == IP_NUMBER_TCP;
    if (!is_tcp && l->proto != IP_NUMBER_UDP) {
        return false;
    }
    bool is_ip4 = l->type == ETHER_TYPE_IPV4;
    uint32_t size = l->end - l->l4;
    uint32_t sum = is_ip4 ? checksum_pseudo4(p->data + l->ip, l->proto, size)
                          : checksum_pseudo6(p->data + l->ip, l->proto, size);
    be16 stored = (be16) ~checksum_finish(sum);
    p->offload.flags = PACKET_CSUM_PARTIAL;
    p->offload.gso = !gso_size ? PACKET_GSO_NONE
                     : !is_tcp ? PACKET_GSO_UDP
                     : is_ip4  ? PACKET_GSO_TCP4
                               : PACKET_GSO_TCP6;
    p->offload.gso_size = gso_size;
    p->offload.csum_start = (uint16_t) l->l4;
    p->offload.csum_offset = is_tcp ? TCP_CSUM_OFFSET : UDP_CSUM_OFFSET;
    memcpy(p->data + l->l4 + p->offload.csum_offset, &stored, sizeof stored);
    return true;
}

/* Lets 'port' receive 'p' 'n' times. */
static int inject(struct scenario *s, struct world_port *port, const struct packet *p, unsigned n)
{
    while (n) {
        if (world_receive(port, p)) {
            n--;
        } else if (!world_settle(&s->world)) {
            return scenario_fail(s, "%s can't take any more frames", port->name);
        }
    }
    return 0;
}

/* "capture FILE": every frame of it. */
static int receive_capture(struct scenario *s, struct world_port *port, const char *path)
{
    struct list frames;
    struct world_item *item;
    char *error = NULL;
    list_init(&frames);
    int err = scenario_check(s, capture_read(path, &frames, &error), &error);
    while ((item = world_item_first(&frames))) {
        struct packet p;
        packet_use(&p, item->bytes.data, item->bytes.size, item->bytes.data, item->bytes.size);
        err = err ? err : inject(s, port, &p, 1);
        world_item_destroy(item);
    }
    return err;
}

/* Reads "unfinished" or "super-frame of SIZE" off '*text'; the size of segments is 0 otherwise. */
static int take_offload(struct scenario *s, char **text, bool *is_unfinished, uint16_t *gso_size)
{
    uint64_t size = 0;
    int err = 0;
    *is_unfinished = text_skip(text, "unfinished");
    if (text_skip(text, "super-frame")) {
        const char *word = text_skip(text, "of") ? text_word(text) : NULL;
        err = scenario_number(s, word ? word : "", UINT16_MAX, &size);
        *is_unfinished = true;
    }
    *gso_size = (uint16_t) size;
    return err;
}

/* "[N x] [unfinished | super-frame of SIZE] FRAME". */
static int receive_frame(struct scenario *s, struct world_port *port, char *text)
{
    struct bytes frame = BYTES_INIT;
    struct packet p;
    char *error = NULL;
    bool is_unfinished;
    uint16_t gso_size;
    unsigned n = text_count(&text);
    int err = take_offload(s, &text, &is_unfinished, &gso_size);
    if (!err) {
        err = frame_build(text, &frame, &error);
        scenario_check(s, err, &error);
    }
    if (!err && !frame.size) {
        err = scenario_fail(s, "this frame has no bytes: a port receives one at least");
    }
    if (!err) {
        packet_use(&p, frame.data, frame.size, frame.data, frame.size);
        err = !is_unfinished || make_unfinished(&p, gso_size)
                  ? inject(s, port, &p, n)
                  : scenario_fail(s, "this frame can't be unfinished: only TCP and UDP can");
    }
    bytes_uninit(&frame);
    return err;
}

static int run_receives(struct scenario *s, const struct subject *subject, char *text)
{
    struct netdev *dev;
    int err = find_device(s, subject, &dev);
    if (err) {
        return err;
    }
    return text_skip(&text, "capture") ? receive_capture(s, subject->port, text)
                                       : receive_frame(s, subject->port, text);
}

/* Ports ---------------------------------------------------------------------------------------- */

static int run_link(struct scenario *s, const struct subject *subject, char *text)
{
    bool up = !strcmp(text, "up");
    struct netdev *dev;
    if (!up && strcmp(text, "down")) {
        return scenario_fail(s, "a link is up or down, not \"%s\"", text);
    }
    int err = find_device(s, subject, &dev);
    if (!err) {
        netdev_memory_set_link(dev, up);
    }
    return err;
}

/* Lets the device of a port vanish, or come back. */
static int set_present(struct scenario *s, const struct subject *subject, bool present)
{
    struct netdev *dev;
    int err = find_device(s, subject, &dev);
    if (!err) {
        netdev_memory_set_present(dev, present);
    }
    return err;
}

static int run_port_vanishes(struct scenario *s, const struct subject *subject, char *text UNUSED)
{
    return set_present(s, subject, false);
}

static int run_port_returns(struct scenario *s, const struct subject *subject, char *text UNUSED)
{
    return set_present(s, subject, true);
}

/* The target by which the bridge dials the controller that 'text' names, with its rights. The
 * caller frees it; NULL if there is none. */
static char *take_target(struct scenario *s, char *text)
{
    struct subject peer;
    const char *name = text_word(&text);
    const char *rights = text_skip(&text, "rights") ? text_word(&text) : NULL;
    if (scenario_find(s, SUBJECT_PEER, name ? name : "", &peer)) {
        return NULL;
    }
    return xasprintf("memory:%s%s%s", name, rights ? "," : "", rights ? rights : "");
}

/* Does 'what' with the bridge of 'subject' and the controller that 'text' names. */
static int with_controller(struct scenario *s, const struct subject *subject, char *text,
                           int (*what)(struct bridge *b, const char *text, char **error))
{
    char *error = NULL;
    char *target = take_target(s, text);
    int err = target ? what(subject->bridge->bridge, target, &error) : EINVAL;
    free(target);
    return target ? scenario_check(s, err, &error) : err;
}

/* "controller NAME [rights RIGHTS]" or "port DEVICE [as N]". */
static int run_gets(struct scenario *s, const struct subject *subject, char *text)
{
    char *error = NULL;
    uint64_t number = 0;
    if (text_skip(&text, "controller")) {
        return with_controller(s, subject, text, bridge_add_controller);
    }
    const char *device = text_skip(&text, "port") ? text_word(&text) : NULL;
    if (!device) {
        return scenario_fail(s, "say: BRIDGE gets port DEVICE [as N], or BRIDGE gets controller "
                                "NAME [rights RIGHTS]");
    }
    if (text_skip(&text, "as") && scenario_number(s, text, UINT16_MAX, &number)) {
        return EINVAL;
    }
    int err = world_add_port(&s->world, subject->bridge, device, (uint16_t) number, &error);
    return scenario_check(s, err, &error);
}

/* "controller NAME" or "port NAME". */
static int run_loses(struct scenario *s, const struct subject *subject, char *text)
{
    struct subject port;
    if (text_skip(&text, "controller")) {
        return with_controller(s, subject, text, bridge_remove_controller);
    }
    text_skip(&text, "port");
    int err = scenario_find(s, SUBJECT_PORT, text, &port);
    if (!err && port.port->bridge != subject->bridge) {
        err = scenario_fail(s, "%s is a port of bridge %s", text, port.port->bridge->name);
    }
    return err ? err : scenario_check(s, world_remove_port(port.port), NULL);
}

/* "NAME=VALUE". */
static int run_sets(struct scenario *s, const struct subject *subject, char *text)
{
    char *error = NULL;
    int err = settings_change(bridge_ofproto(subject->bridge->bridge), text, &error);
    return scenario_check(s, err, &error);
}

/* Peers ---------------------------------------------------------------------------------------- */

static int run_closes(struct scenario *s UNUSED, const struct subject *subject, char *text UNUSED)
{
    peer_close(subject->peer);
    return 0;
}

static int run_vanishes(struct scenario *s UNUSED, const struct subject *subject,
                        char *text UNUSED)
{
    peer_vanish(subject->peer);
    return 0;
}

static int run_returns(struct scenario *s, const struct subject *subject, char *text UNUSED)
{
    char *error = NULL;
    int err = peer_return(subject->peer, &error);
    return scenario_check(s, err, &error);
}

static int run_stalls(struct scenario *s UNUSED, const struct subject *subject, char *text UNUSED)
{
    peer_stall(subject->peer, true);
    return 0;
}

static int run_reads(struct scenario *s UNUSED, const struct subject *subject, char *text UNUSED)
{
    peer_stall(subject->peer, false);
    return 0;
}

/* "with CHANGES" before anything that the peer says. */
static int run_with(struct scenario *s, const struct subject *subject, char *text)
{
    s->patch = text_word(&text);
    int err = scenario_dispatch(s, &scenario_say, 1, subject, text);
    s->patch = NULL;
    return err;
}

static const struct scenario_command commands[] = {
    {SUBJECT_PORT, "receives", "[N x] [unfinished | super-frame of SIZE] FRAME | capture FILE",
     "frames come in by the port, with offloads left to do or without", run_receives},
    {SUBJECT_PORT, "link", "up | down", "the carrier of the device comes or goes", run_link},
    {SUBJECT_PORT, "vanishes", "", "the device disappears", run_port_vanishes},
    {SUBJECT_PORT, "returns", "", "the device is there again", run_port_returns},
    {SUBJECT_BRIDGE, "gets", "port DEVICE [as N] | controller NAME [rights RIGHTS]",
     "a port is added; a controller that was taken away is dialled again", run_gets},
    {SUBJECT_BRIDGE, "loses", "port NAME | controller NAME",
     "a port is taken away; a controller is dialled no more", run_loses},
    {SUBJECT_BRIDGE, "sets", "NAME=VALUE", "a setting changes, as by sluicectl set", run_sets},
    {SUBJECT_PEER, "closes", "", "ends the connection in order", run_closes},
    {SUBJECT_PEER, "vanishes", "", "ends the connection and can't be reached", run_vanishes},
    {SUBJECT_PEER, "returns", "", "can be reached again; a service connects again", run_returns},
    {SUBJECT_PEER, "stalls", "", "stops reading", run_stalls},
    {SUBJECT_PEER, "reads", "", "reads again", run_reads},
    {SUBJECT_PEER, "with", "CHANGE[,CHANGE]... WORDS",
     "says the words, but changes the message first: OFFSET=BYTES or size=N", run_with},
};

const struct scenario_table scenario_events = {commands, ARRAY_SIZE(commands)};
