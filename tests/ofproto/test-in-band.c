/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of in-band control that ends or begins while a flow_mod on many flows is half done. */
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "datapath/workers.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/frame.h"
#include "lib/util.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/scenario-peer.h"
#include "ofproto/scenario-world.h"
#include "ofproto/settings.h"
#include "tests/unit.h"

enum {
    FLOWS = 4 * OFPROTO_SLICE, /* Flow i takes UDP packets to port i out of p2, or drops them. */
    LOOKED_AT = 16,            /* So many of them, evenly spread, are tried. */
};

/* The switch and its controller. */
struct fixture {
    struct world w;         /* Where the switch is. */
    struct ofproto *p;      /* It. */
    struct peer *c1;        /* Changes the flows. */
    struct world_port *in;  /* p1. */
    struct world_port *out; /* p2. */
};

/* Sends a flow_mod of flow 'text'. */
static void send_flow(struct fixture *f, const char *text, uint16_t command)
{
    struct ofp_message m = {.kind = OFP_FLOW_MOD};
    char *error = NULL;
    int err = ofp_parse_flow_mod(&m.flow_mod, text, command, &(struct ofp_parse){0}, &error);
    assert_int_equal(err, 0);
    peer_send(f->c1, ofp_message_encode(&m));
    action_list_uninit(&m.flow_mod.actions);
}

static void fixture_init(struct fixture *f)
{
    struct bridge_config config;
    struct world *w = &f->w;
    char *error = NULL;
    world_init(w);
    bridge_config_init(&config, "br0");
    config.has_datapath_id = true;
    config.fail_mode = FAIL_SECURE;
    config.in_band = true;
    config.in_band_remote = xstrdup("tcp:10.0.0.9:6653");
    strings_add(&config.ports, "p1");
    strings_add(&config.ports, "p2");
    assert_int_equal(world_add_bridge(w, &config, true, 0, SEC, &error), 0);
    bridge_config_uninit(&config);
    struct world_bridge *b = world_find_bridge(w, "br0");
    f->p = bridge_ofproto(b->bridge);
    f->in = world_find_port(w, "p1");
    f->out = world_find_port(w, "p2");
    assert_int_equal(peer_create(w, b, "c1", false, false, &f->c1, &error), 0);
    assert_int_equal(world_add_controller(b, "memory:c1", &error), 0);
    assert_true(world_settle(w));
    for (unsigned i = 0; i < FLOWS; i++) {
        char *flow = xasprintf("in_port=1,udp,tp_dst=%u,actions=output:2", i);
        send_flow(f, flow, OFPFC_ADD);
        free(flow);
        assert_true(i % OFPROTO_SLICE || world_settle(w));
    }
    assert_true(world_settle(w));
}

static void fixture_uninit(struct fixture *f)
{
    peer_destroy(f->c1);
    world_uninit(&f->w);
}

/* A turn of the switch's loop. */
static void turn(struct fixture *f)
{
    struct world_bridge *b = world_find_bridge(&f->w, "br0");
    int64_t now = timer_wheel_now(&f->w.wheel);
    timer_wheel_advance(&f->w.wheel, now);
    workers_run(f->w.workers, now);
    bridge_run(b->bridge, now);
    stream_hub_deliver(f->w.channel.hub);
}

/* True if the frame 'text' that p1 receives now leaves by p2. */
static bool passes(struct fixture *f, const char *text)
{
    struct bytes frame = BYTES_INIT;
    struct packet packet;
    char *error = NULL;
    assert_int_equal(frame_build(text, &frame, &error), 0);
    packet_use(&packet, frame.data, frame.size, frame.data, frame.size);
    assert_true(world_receive(f->in, &packet));
    workers_run(f->w.workers, timer_wheel_now(&f->w.wheel));
    bool came = netdev_memory_take(world_port_netdev(f->out), &frame, NULL);
    bytes_uninit(&frame);
    return came;
}

/* True if what another switch says to the controller passes, whatever the flows say. */
static bool channel_passes(struct fixture *f)
{
    return passes(f, "tcp(10.0.0.2:50000 > 10.0.0.9:6653)");
}

/* Tries flows: all of them have to take packets to p2, or none. */
static void check_flows(struct fixture *f, bool have_output)
{
    for (unsigned i = 0; i < LOOKED_AT; i++) {
        char *frame = xasprintf("udp(10.0.0.2:1 > 10.0.0.7:%u)", i * (FLOWS / LOOKED_AT));
        assert_int_equal(passes(f, frame), have_output);
        free(frame);
    }
}

/* Sets in-band control 'n' turns after a flow_mod, which changes all flows, has begun to rest. That
 * must wait for its end, and not a moment longer; and nobody may see the change half done. False if
 * the change was at its end before. */
static bool set_after_turns(struct fixture *f, bool is_on, unsigned n)
{
    char *error = NULL;
    send_flow(f, "in_port=1,actions=drop", OFPFC_MODIFY);
    while (!f->p->writer) {
        turn(f);
    }
    for (; f->p->writer && n; n--) {
        turn(f);
    }
    bool is_half_done = f->p->writer != NULL;
    assert_int_equal(settings_change(f->p, is_on ? "in-band=yes" : "in-band=no", &error), 0);
    for (; f->p->writer; turn(f)) {
        assert_int_equal(channel_passes(f), !is_on);
        check_flows(f, true);
    }
    turn(f);
    assert_int_equal(channel_passes(f), is_on);
    check_flows(f, false);
    return is_half_done;
}

/* Makes the flows, and in-band control, what they were. */
static void restore(struct fixture *f, bool is_on)
{
    char *error = NULL;
    send_flow(f, "in_port=1,actions=output:2", OFPFC_MODIFY);
    assert_int_equal(settings_change(f->p, is_on ? "in-band=yes" : "in-band=no", &error), 0);
    assert_true(world_settle(&f->w));
    assert_int_equal(channel_passes(f), is_on);
    check_flows(f, true);
}

/* Sets it at every turn that the change of the flows takes. */
static void set_at_every_turn(bool is_on)
{
    struct fixture f;
    unsigned n = 0;
    fixture_init(&f);
    do {
        restore(&f, !is_on);
    } while (set_after_turns(&f, is_on, n++));
    assert_in_range(n, 2 * FLOWS / OFPROTO_SLICE, 4 * FLOWS / OFPROTO_SLICE);
    fixture_uninit(&f);
}

/* rows: A1.21 A4.15 */
static void in_band_control_ends_when_a_flow_mod_that_rests_is_done(void **state UNUSED)
{
    set_at_every_turn(false);
}

/* rows: A1.21 A4.15 */
static void in_band_control_begins_when_a_flow_mod_that_rests_is_done(void **state UNUSED)
{
    set_at_every_turn(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_band_control_ends_when_a_flow_mod_that_rests_is_done),
        cmocka_unit_test(in_band_control_begins_when_a_flow_mod_that_rests_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
