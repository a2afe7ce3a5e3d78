/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of utilities/controller-switch: the test plays the switch, over a stream in memory. */
#include "utilities/controller-switch.h"

#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/channel/rconn.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/match.h"
#include "lib/util.h"
#include "tests/channel/fixture.h"
#include "tests/unit.h"

/* A controller's side under test and the switch's side that the test plays. */
struct play {
    struct fixture *f;            /* In memory. */
    struct recorder sw;           /* What the switch was told. */
    struct controller_switch *c;  /* Under test. */
    bool gone;                    /* gone() came. */
};

static void gone(void *aux, struct controller_switch *c)
{
    struct play *p = (struct play *) aux;
    p->gone = true;
    p->c = NULL;
    controller_switch_destroy(c);
}

static void play_begin(struct play *p, const struct controller_policy *policy)
{
    static const struct rconn_config config = {.seed = 1};
    struct stream *s;
    memset(p, 0, sizeof *p);
    p->f = fixture_create_memory();
    stream_pair(&p->f->env, &p->sw.stream, &s);
    stream_set_handlers(p->sw.stream, &recorder_handlers, &p->sw);
    p->c = controller_switch_accept(&p->f->env, s, &config, policy, gone, p);
    recorder_send(&p->sw, "\1\0\0\x08\0\0\0\1", 8);
    fixture_settle(p->f);
}

static void play_end(struct play *p)
{
    controller_switch_destroy(p->c);
    recorder_uninit(&p->sw);
    fixture_destroy(p->f);
}

/* Takes the next message that the switch was sent, which must be of 'kind'; the caller releases. */
static struct ofp_message next(struct play *p, enum ofp_kind kind, struct bytes *keep)
{
    struct ofp_message m;
    assert_true(p->sw.in.size >= 8);
    size_t size = get_be16(p->sw.in.data + 2);
    bytes_clear(keep);
    bytes_put(keep, p->sw.in.data, size);
    bytes_pull(&p->sw.in, size);
    assert_int_equal(ofp_message_decode(&m, keep->data, size, true), 0);
    assert_int_equal(m.kind, kind);
    return m;
}

/* Skips the messages of the handshake. */
static void skip_handshake(struct play *p)
{
    fixture_settle(p->f);
    bytes_clear(&p->sw.in);
}

static void assert_silent(const struct play *p)
{
    assert_int_equal(p->sw.in.size, 0);
}

/* A TCP packet from host 'src' to host 'dst'. */
static void make_frame(uint8_t frame[60], uint8_t src, uint8_t dst)
{
    static const uint8_t headers[] = {
        /* Ethernet. */
        2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0x08, 0,
        /* IPv4. */
        0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0,
        /* TCP. */
        0x30, 0x39, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0,
    };
    memset(frame, 0, 60);
    memcpy(frame, headers, sizeof headers);
    frame[5] = frame[33] = dst;
    frame[11] = frame[29] = src;
}

/* The switch sends a frame up. */
static void send_packet_in(struct play *p, uint8_t src, uint8_t dst, uint16_t in_port,
                           uint32_t buffer_id)
{
    uint8_t frame[60];
    make_frame(frame, src, dst);
    struct ofp_message m = {.version = 1, .kind = OFP_PACKET_IN};
    m.packet_in = (struct ofp_packet_in){.buffer_id = buffer_id, .total_len = 60,
                                         .in_port = in_port, .reason = 0,
                                         .data = {.data = frame, .size = 60}};
    stream_send(p->sw.stream, ofp_message_encode(&m));
    fixture_settle(p->f);
}

/* Asserts that the list is one output to 'port', or with 0 empty, and releases it. */
static void assert_output(struct action_list *actions, uint16_t port)
{
    if (!port) {
        assert_int_equal(actions->size, 0);
    } else {
        assert_int_equal(actions->size, actions->first->size);
        assert_int_equal(actions->first->type, ACTION_OUTPUT);
        assert_int_equal(actions->first->output.port, port);
    }
    action_list_uninit(actions);
}

/* Asserts that the switch is told to send a packet out. */
static void assert_packet_out(struct play *p, uint32_t buffer_id, uint16_t in_port, uint16_t port)
{
    struct bytes keep = BYTES_INIT;
    struct ofp_message m = next(p, OFP_PACKET_OUT, &keep);
    assert_int_equal(m.packet_out.buffer_id, buffer_id);
    assert_int_equal(m.packet_out.in_port, in_port);
    assert_int_equal(m.packet_out.data.size, buffer_id == OFP_NO_BUFFER ? 60 : 0);
    assert_output(&m.packet_out.actions, port);
    bytes_uninit(&keep);
}

static const struct controller_policy learning = {.max_idle = 60, .priority = 0x8000};

static void the_handshake_asks_configures_and_clears(void **state UNUSED)
{
    struct play p;
    struct bytes keep = BYTES_INIT;
    play_begin(&p, &learning);
    next(&p, OFP_HELLO, &keep);
    next(&p, OFP_FEATURES_REQUEST, &keep);
    struct ofp_message m = next(&p, OFP_SET_CONFIG, &keep);
    assert_int_equal(m.config.flags, OFPC_FRAG_NORMAL);
    assert_int_equal(m.config.miss_send_len, 128);
    m = next(&p, OFP_FLOW_MOD, &keep);
    assert_int_equal(m.flow_mod.command, OFPFC_DELETE);
    assert_int_equal(m.flow_mod.out_port, OFPP_NONE);
    struct match any;
    match_init_any(&any);
    assert_true(match_equal(&m.flow_mod.match, &any));
    assert_silent(&p);
    bytes_uninit(&keep);
    play_end(&p);
}

static void unknown_receivers_are_flooded_without_a_flow(void **state UNUSED)
{
    struct play p;
    play_begin(&p, &learning);
    skip_handshake(&p);
    send_packet_in(&p, 1, 2, 1, 77);
    assert_packet_out(&p, 77, 1, OFPP_FLOOD);
    send_packet_in(&p, 1, 2, 1, OFP_NO_BUFFER);
    assert_packet_out(&p, OFP_NO_BUFFER, 1, OFPP_FLOOD);
    assert_silent(&p);
    play_end(&p);
}

static void a_known_receiver_gets_an_exact_flow_and_the_packet(void **state UNUSED)
{
    struct play p;
    struct bytes keep = BYTES_INIT;
    play_begin(&p, &learning);
    skip_handshake(&p);
    send_packet_in(&p, 1, 2, 1, 77);
    bytes_clear(&p.sw.in);
    send_packet_in(&p, 2, 1, 2, 78);
    struct ofp_message m = next(&p, OFP_FLOW_MOD, &keep);
    assert_int_equal(get_be32(keep.data + 8), 0);
    assert_true(m.flow_mod.exact);
    assert_int_equal(m.flow_mod.command, OFPFC_ADD);
    assert_int_equal(m.flow_mod.idle_timeout, 60);
    assert_int_equal(m.flow_mod.hard_timeout, 0);
    assert_int_equal(m.flow_mod.buffer_id, OFP_NO_BUFFER);
    assert_int_equal(m.flow_mod.match.flow.in_port, 2);
    assert_int_equal(m.flow_mod.match.flow.dl_src[5], 2);
    assert_int_equal(m.flow_mod.match.flow.nw_proto, 6);
    assert_int_equal(m.flow_mod.match.flow.tp_dst, htons(80));
    assert_output(&m.flow_mod.actions, 1);
    assert_packet_out(&p, 78, 2, 1);
    assert_silent(&p);

    send_packet_in(&p, 2, 1, 2, OFP_NO_BUFFER);
    m = next(&p, OFP_FLOW_MOD, &keep);
    assert_int_equal(m.flow_mod.buffer_id, OFP_NO_BUFFER);
    ofp_message_uninit(&m);
    assert_packet_out(&p, OFP_NO_BUFFER, 2, 1);
    assert_silent(&p);
    bytes_uninit(&keep);
    play_end(&p);
}

static void with_wildcards_flows_name_port_addresses_and_vlan_only(void **state UNUSED)
{
    struct controller_policy policy = learning;
    struct play p;
    struct bytes keep = BYTES_INIT;
    policy.wildcards = true;
    policy.max_idle = 0;
    policy.priority = 5;
    play_begin(&p, &policy);
    skip_handshake(&p);
    send_packet_in(&p, 1, 2, 1, 77);
    bytes_clear(&p.sw.in);
    send_packet_in(&p, 2, 1, 2, 78);
    struct ofp_message m = next(&p, OFP_FLOW_MOD, &keep);
    assert_int_equal(get_be32(keep.data + 8) & (OFPFW_IN_PORT | OFPFW_DL_SRC | OFPFW_DL_DST
                                                | OFPFW_DL_VLAN | OFPFW_DL_TYPE | OFPFW_NW_PROTO),
                     OFPFW_DL_TYPE | OFPFW_NW_PROTO);
    assert_int_equal(m.flow_mod.priority, 5);
    assert_int_equal(m.flow_mod.idle_timeout, 0);
    ofp_message_uninit(&m);
    bytes_uninit(&keep);
    play_end(&p);
}

static void without_flows_every_packet_is_sent_out(void **state UNUSED)
{
    struct controller_policy policy = learning;
    struct play p;
    policy.no_flow = true;
    play_begin(&p, &policy);
    skip_handshake(&p);
    send_packet_in(&p, 1, 2, 1, 77);
    assert_packet_out(&p, 77, 1, OFPP_FLOOD);
    send_packet_in(&p, 2, 1, 2, 78);
    assert_packet_out(&p, 78, 2, 1);
    assert_silent(&p);
    play_end(&p);
}

static void a_hub_floods_known_receivers_too(void **state UNUSED)
{
    struct controller_policy policy = learning;
    struct play p;
    struct bytes keep = BYTES_INIT;
    policy.hub = true;
    play_begin(&p, &policy);
    skip_handshake(&p);
    for (uint8_t i = 1; i <= 2; i++) {
        send_packet_in(&p, i, 3 - i, i, i);
        struct ofp_message m = next(&p, OFP_FLOW_MOD, &keep);
        assert_output(&m.flow_mod.actions, OFPP_FLOOD);
        assert_packet_out(&p, i, i, OFPP_FLOOD);
    }
    assert_silent(&p);
    bytes_uninit(&keep);
    play_end(&p);
}

static void a_buffer_that_is_not_needed_is_freed(void **state UNUSED)
{
    struct play p;
    play_begin(&p, &learning);
    skip_handshake(&p);
    send_packet_in(&p, 1, 2, 1, 77);
    bytes_clear(&p.sw.in);
    send_packet_in(&p, 3, 1, 1, 78);
    assert_packet_out(&p, 78, 1, 0);
    send_packet_in(&p, 3, 1, 1, OFP_NO_BUFFER);
    assert_silent(&p);
    play_end(&p);
}

static void a_host_that_moves_loses_the_flows_to_its_old_place(void **state UNUSED)
{
    struct play p;
    struct bytes keep = BYTES_INIT;
    play_begin(&p, &learning);
    skip_handshake(&p);
    send_packet_in(&p, 1, 2, 1, 77);
    bytes_clear(&p.sw.in);
    send_packet_in(&p, 1, 2, 9, 78);
    struct ofp_message m = next(&p, OFP_FLOW_MOD, &keep);
    assert_int_equal(m.flow_mod.command, OFPFC_DELETE);
    assert_int_equal(m.flow_mod.match.flow.dl_dst[5], 1);
    assert_int_equal(get_be32(keep.data + 8) & (OFPFW_DL_DST | OFPFW_DL_SRC | OFPFW_IN_PORT),
                     OFPFW_DL_SRC | OFPFW_IN_PORT);
    assert_packet_out(&p, 78, 9, OFPP_FLOOD);
    bytes_uninit(&keep);
    play_end(&p);
}

static void a_port_that_goes_down_loses_the_flows_to_it(void **state UNUSED)
{
    struct play p;
    struct bytes keep = BYTES_INIT;
    play_begin(&p, &learning);
    skip_handshake(&p);
    static const struct {
        uint8_t reason;       /* OFPPR_*. */
        struct ofp_port port; /* The rest. */
        bool is_gone;         /* Nothing is behind it any more. */
    } cases[] = {
        {OFPPR_MODIFY, {.port_no = 4, .state = OFPPS_LINK_DOWN}, true},
        {OFPPR_MODIFY, {.port_no = 4, .config = OFPPC_PORT_DOWN}, true},
        {OFPPR_DELETE, {.port_no = 4}, true},
        {OFPPR_MODIFY, {.port_no = 4, .config = OFPPC_NO_FLOOD}, false},
        {OFPPR_MODIFY, {.port_no = 5, .state = OFPPS_LINK_DOWN}, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        send_packet_in(&p, 1, 2, 4, 77);
        bytes_clear(&p.sw.in);
        struct ofp_message status = {.version = 1, .kind = OFP_PORT_STATUS};
        status.port_status = (struct ofp_port_status){cases[i].reason, cases[i].port};
        stream_send(p.sw.stream, ofp_message_encode(&status));
        fixture_settle(p.f);
        if (cases[i].is_gone) {
            struct ofp_message m = next(&p, OFP_FLOW_MOD, &keep);
            assert_int_equal(m.flow_mod.command, OFPFC_DELETE);
            assert_int_equal(m.flow_mod.out_port, 4);
            stream_send(p.sw.stream, ofp_message_encode(&status));
            fixture_settle(p.f);
        }
        assert_silent(&p);
    }
    bytes_uninit(&keep);
    play_end(&p);
}

static void echo_is_answered_and_nonsense_refused(void **state UNUSED)
{
    struct play p;
    struct bytes keep = BYTES_INIT;
    play_begin(&p, &learning);
    skip_handshake(&p);
    recorder_send(&p.sw, "\1\2\0\x0b\0\0\0\x63" "abc", 11);
    recorder_send(&p.sw, "\1\xff\0\x08\0\0\0\x64", 8);
    fixture_settle(p.f);
    struct ofp_message m = next(&p, OFP_ECHO_REPLY, &keep);
    assert_int_equal(m.xid, 0x63);
    assert_memory_equal(m.body.data, "abc", 3);
    m = next(&p, OFP_ERROR, &keep);
    assert_int_equal(m.xid, 0x64);
    bytes_uninit(&keep);
    play_end(&p);
}

/* The switch sends up the first 'size' bytes of a frame of 60. */
static void send_part(struct play *p, size_t size, uint16_t in_port, uint32_t buffer_id)
{
    uint8_t frame[60];
    make_frame(frame, 1, 2);
    struct ofp_message m = {.version = 1, .kind = OFP_PACKET_IN};
    m.packet_in = (struct ofp_packet_in){.buffer_id = buffer_id, .total_len = 60,
                                         .in_port = in_port,
                                         .data = {.data = frame, .size = size}};
    stream_send(p->sw.stream, ofp_message_encode(&m));
    fixture_settle(p->f);
}

static void a_part_of_a_packet_is_never_sent(void **state UNUSED)
{
    struct controller_policy hub = learning;
    hub.hub = true;
    for (int i = 0; i < 2; i++) {
        struct play p;
        play_begin(&p, i ? &hub : &learning);
        for (size_t size = 0; size < 60; size++) {
            skip_handshake(&p);
            send_part(&p, size, 1, OFP_NO_BUFFER);
            assert_true(!p.sw.in.size || (i && p.sw.in.data[1] == OFPT_FLOW_MOD));
            skip_handshake(&p);
            send_part(&p, size, 0xfffd, 7);
            assert_true(p.sw.in.size > 0);
        }
        play_end(&p);
    }
}

static void more_addresses_and_news_than_can_be_told_do_no_harm(void **state UNUSED)
{
    struct play p;
    play_begin(&p, &learning);
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t frame[60];
        make_frame(frame, (uint8_t) i, 0);
        frame[9] = (uint8_t) (i >> 8);
        struct ofp_message in = {.version = 1, .kind = OFP_PACKET_IN};
        in.packet_in = (struct ofp_packet_in){.buffer_id = OFP_NO_BUFFER, .total_len = 60,
                                              .in_port = (uint16_t) (1 + i % 60000),
                                              .data = {.data = frame, .size = 60}};
        stream_send(p.sw.stream, ofp_message_encode(&in));
        struct ofp_message status = {.version = 1, .kind = OFP_PORT_STATUS};
        status.port_status = (struct ofp_port_status){
            .reason = OFPPR_DELETE,
            .port = {.port_no = (uint16_t) (1 + i / 2), .name = "\33[2J\n"}};
        stream_send(p.sw.stream, ofp_message_encode(&status));
    }
    fixture_settle(p.f);
    assert_non_null(p.c);
    skip_handshake(&p);
    recorder_send(&p.sw, "\1\2\0\x08\0\0\0\1", 8);
    fixture_settle(p.f);
    struct bytes keep = BYTES_INIT;
    next(&p, OFP_ECHO_REPLY, &keep);
    bytes_uninit(&keep);
    play_end(&p);
}

static void a_mute_controller_says_hello_only(void **state UNUSED)
{
    struct controller_policy policy = learning;
    struct play p;
    struct bytes keep = BYTES_INIT;
    policy.mute = true;
    play_begin(&p, &policy);
    next(&p, OFP_HELLO, &keep);
    send_packet_in(&p, 1, 2, 1, 77);
    recorder_send(&p.sw, "\1\2\0\x08\0\0\0\1", 8);
    fixture_settle(p.f);
    assert_silent(&p);
    bytes_uninit(&keep);
    play_end(&p);
}

static void a_switch_that_leaves_is_reported(void **state UNUSED)
{
    struct play p;
    play_begin(&p, &learning);
    recorder_uninit(&p.sw);
    fixture_settle(p.f);
    assert_true(p.gone);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_handshake_asks_configures_and_clears),
        cmocka_unit_test(unknown_receivers_are_flooded_without_a_flow),
        cmocka_unit_test(a_known_receiver_gets_an_exact_flow_and_the_packet),
        cmocka_unit_test(with_wildcards_flows_name_port_addresses_and_vlan_only),
        cmocka_unit_test(without_flows_every_packet_is_sent_out),
        cmocka_unit_test(a_hub_floods_known_receivers_too),
        cmocka_unit_test(a_buffer_that_is_not_needed_is_freed),
        cmocka_unit_test(a_host_that_moves_loses_the_flows_to_its_old_place),
        cmocka_unit_test(a_port_that_goes_down_loses_the_flows_to_it),
        cmocka_unit_test(echo_is_answered_and_nonsense_refused),
        cmocka_unit_test(a_part_of_a_packet_is_never_sent),
        cmocka_unit_test(more_addresses_and_news_than_can_be_told_do_no_harm),
        cmocka_unit_test(a_mute_controller_says_hello_only),
        cmocka_unit_test(a_switch_that_leaves_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
