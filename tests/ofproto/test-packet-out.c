/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of packet_outs that rest: they are done whole, whatever becomes of who sent them. */
#include <stdlib.h>

#include "datapath/netdev/netdev-memory.h"
#include "datapath/workers.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/scenario-peer.h"
#include "ofproto/scenario-world.h"
#include "tests/unit.h"

enum {
    FLOODS = 3 * OFPROTO_SLICE / 4, /* Of one packet_out; there are two ports. */
    TURNS = 1000,                   /* More than it takes to begin with it. */
};

/* Makes a switch with two ports, and a controller. */
static void make_switch(struct world *w, struct peer **c1)
{
    struct bridge_config config;
    char *error = NULL;
    world_init(w);
    bridge_config_init(&config, "br0");
    config.has_datapath_id = true;
    config.fail_mode = FAIL_SECURE;
    strings_add(&config.ports, "p1");
    strings_add(&config.ports, "p2");
    assert_int_equal(world_add_bridge(w, &config, false, 0, SEC, &error), 0);
    bridge_config_uninit(&config);
    struct world_bridge *b = world_find_bridge(w, "br0");
    assert_int_equal(peer_create(w, b, "c1", false, false, c1, &error), 0);
    assert_int_equal(world_add_controller(b, "memory:c1", &error), 0);
    assert_true(world_settle(w));
}

/* Sends a packet_out that floods very often. */
static void flood_often(struct peer *c1)
{
    static const uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct ofp_message m = {
        .version = OFP10_VERSION,
        .kind = OFP_PACKET_OUT,
        .packet_out = {.buffer_id = OFP_NO_BUFFER, .in_port = OFPP_NONE,
                       .data = {frame, sizeof frame}},
    };
    struct action_list *actions = &m.packet_out.actions;
    action_list_init(actions);
    for (unsigned i = 0; i < FLOODS; i++) {
        action_list_append(actions, ACTION_OUTPUT)->output.port = OFPP_FLOOD;
    }
    peer_send(c1, ofp_message_encode(&m));
    action_list_uninit(actions);
}

/* Takes what came out of port 'name' and returns how many frames it was. */
static unsigned count_frames(struct world *w, const char *name)
{
    struct netdev *dev = world_port_netdev(world_find_port(w, name));
    struct bytes frame = BYTES_INIT;
    unsigned n = 0;
    while (netdev_memory_take(dev, &frame, NULL)) {
        n++;
    }
    bytes_uninit(&frame);
    return n;
}

/* rows: A6.10 A9.6 */
static void a_packet_out_that_rests_is_done_whole_though_its_sender_is_taken_away(void **s UNUSED)
{
    struct world w;
    struct peer *c1;
    make_switch(&w, &c1);
    struct ofproto *p = bridge_ofproto(world_find_bridge(&w, "br0")->bridge);
    flood_often(c1);
    for (int i = 0; i < TURNS && !connmgr_next(p->connmgr, NULL)->op; i++) {
        workers_run(w.workers, timer_wheel_now(&w.wheel));
        ofproto_run(p, timer_wheel_now(&w.wheel));
        stream_hub_deliver(w.channel.hub);
    }
    unsigned first = count_frames(&w, "p1");
    assert_in_range(first, 1, FLOODS - 1);
    assert_int_equal(count_frames(&w, "p2"), first);
    assert_true(connmgr_remove_controller(p->connmgr, "memory:c1"));
    assert_int_equal(count_frames(&w, "p1"), FLOODS - first);
    assert_int_equal(count_frames(&w, "p2"), FLOODS - first);
    assert_true(world_settle(&w));
    peer_destroy(c1);
    world_uninit(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_out_that_rests_is_done_whole_though_its_sender_is_taken_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
