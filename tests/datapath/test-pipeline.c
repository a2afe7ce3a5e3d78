/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the way of packets: misses, port bits, fragments, packet_out, NORMAL, counters. */
#include "datapath/pipeline.h"

#include <stdio.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/frame.h"
#include "lib/packet/offload.h"
#include "tests/datapath/testbed.h"

static const char *const frame_a = "udp(10.0.0.1:1 > 10.0.0.2:2)";
static const char *const frame_b = "udp(10.0.0.2:2 > 10.0.0.1:1)";
static const char *const bpdu = "eth(02:00:00:00:00:01 > 01:80:c2:00:00:00, data 424203)";

static void a_miss_goes_up_is_dropped_or_forwarded_as_told(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    testbed_inject(&tb, 1, frame_a);
    testbed_run(&tb);
    assert_int_equal(tb.n_upcalls, 1);
    assert_int_equal(tb.upcalls[0].reason, UPCALL_MISS);
    assert_int_equal(tb.upcalls[0].in_port, 1);
    assert_int_equal(tb.upcalls[0].cookie, UINT64_MAX);
    assert_int_equal(tb.upcalls[0].frame.size, 14 + 20 + 8);
    datapath_set_miss(tb.dp, MISS_DROP);
    testbed_inject(&tb, 1, frame_a);
    testbed_run(&tb);
    assert_int_equal(testbed_drops(&tb, "no rule and no controller"), 1);
    testbed_expect_no_more(&tb);
    datapath_set_miss(tb.dp, MISS_NORMAL);
    testbed_inject(&tb, 1, frame_a);
    testbed_run(&tb);
    testbed_expect(&tb, 2, frame_a);
    assert_int_equal(tb.n_upcalls, 1);
    struct table_summary summary;
    tables_get_summary(datapath_tables(tb.dp), 0, &summary);
    assert_int_equal(summary.lookups, 3);
    assert_int_equal(summary.matches, 0);
    testbed_uninit(&tb);
}

/* A bit of the configuration, and whether an ordinary frame and a BPDU then come up as misses. */
static const struct {
    uint32_t bit; /* OFPPC_*. */
    bool frame;   /* The frame comes up. */
    bool bpdu;    /* The BPDU comes up. */
} receive_bits[] = {
    {0, true, true},
    {OFPPC_PORT_DOWN, false, false},
    {OFPPC_NO_RECV, false, true},
    {OFPPC_NO_RECV_STP, true, false},
    {OFPPC_NO_FLOOD, true, true},
    {OFPPC_NO_FWD, true, true},
    {OFPPC_NO_PACKET_IN, false, false},
};

/* rows: A7.5 */
static void configuration_bits_hold_back_what_comes_in(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 1});
    for (size_t i = 0; i < ARRAY_SIZE(receive_bits); i++) {
        datapath_port_set_config(tb.dp, 1, receive_bits[i].bit, 0x7f);
        testbed_inject(&tb, 1, frame_a);
        testbed_run(&tb);
        assert_int_equal(tb.n_upcalls, receive_bits[i].frame);
        testbed_clear(&tb);
        testbed_inject(&tb, 1, bpdu);
        testbed_run(&tb);
        assert_int_equal(tb.n_upcalls, receive_bits[i].bpdu);
        testbed_clear(&tb);
    }
    testbed_uninit(&tb);
}

static void no_packet_in_leaves_rules_alone(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    testbed_add(&tb, "udp", 1, "controller,output:2");
    datapath_port_set_config(tb.dp, 1, OFPPC_NO_PACKET_IN, OFPPC_NO_PACKET_IN);
    testbed_inject(&tb, 1, frame_a);
    testbed_run(&tb);
    assert_int_equal(tb.n_upcalls, 1);
    testbed_expect(&tb, 2, frame_a);
    testbed_uninit(&tb);
}

static void fragments_follow_the_mode(void **state UNUSED)
{
    /* rows: A3.9 A3.10 */
    const char *first = "udp(10.0.0.1:1 > 10.0.0.2:80, frag 0+, size 16)";
    const char *later = "udp(10.0.0.1 > 10.0.0.2, frag 24, size 16)";
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 4});
    testbed_add(&tb, "udp,tp_dst=80", 2, "output:2");
    testbed_add(&tb, "udp,tp_dst=0", 1, "output:3");
    testbed_inject(&tb, 1, first);
    testbed_inject(&tb, 1, later);
    testbed_run(&tb);
    testbed_expect(&tb, 3, first);
    testbed_expect(&tb, 3, later);
    datapath_set_frag_mode(tb.dp, 3);
    testbed_inject(&tb, 1, first);
    testbed_inject(&tb, 1, later);
    testbed_run(&tb);
    testbed_expect(&tb, 2, first);
    testbed_expect(&tb, 3, later);
    datapath_set_frag_mode(tb.dp, OFPC_FRAG_DROP);
    testbed_inject(&tb, 1, first);
    testbed_inject(&tb, 1, later);
    testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:80, size 16)");
    testbed_run(&tb);
    testbed_expect(&tb, 2, "udp(10.0.0.1:1 > 10.0.0.2:80, size 16)");
    testbed_expect_no_more(&tb);
    assert_int_equal(testbed_drops(&tb, "IP fragment, and fragments are dropped"), 2);
    testbed_uninit(&tb);
}

static void a_super_frame_comes_up_in_real_frames(void **state UNUSED)
{
    struct testbed tb;
    struct bytes frame = BYTES_INIT;
    struct packet p;
    char *error;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 1});
    assert_int_equal(frame_build("tcp(10.0.0.1:1 > 10.0.0.2:2, size 5000)", &frame, &error), 0);
    packet_use(&p, frame.data, frame.size, frame.data, frame.size);
    p.offload = (struct packet_offload) {
        .flags = PACKET_CSUM_PARTIAL,
        .gso = PACKET_GSO_TCP4,
        .gso_size = 2000,
        .csum_start = 34,
        .csum_offset = 16,
        .header_size = 54,
    };
    assert_true(netdev_memory_inject(datapath_port_netdev(tb.dp, 1), &p));
    testbed_run(&tb);
    assert_int_equal(tb.n_upcalls, 3);
    assert_int_equal(tb.upcalls[0].frame.size, 2054);
    assert_int_equal(tb.upcalls[2].frame.size, 1054);
    bytes_uninit(&frame);
    testbed_uninit(&tb);
}

static void a_storm_of_one_port_does_not_drown_another(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2, .upcall_size = 16384});
    for (int i = 0; i < 1000; i++) {
        testbed_inject(&tb, 1, frame_a);
    }
    for (int i = 0; i < 10; i++) {
        testbed_inject(&tb, 2, frame_b);
    }
    testbed_run(&tb);
    size_t from_2 = 0;
    for (size_t i = 0; i < tb.n_upcalls; i++) {
        from_2 += tb.upcalls[i].in_port == 2;
    }
    assert_int_equal(from_2, 10);
    assert_int_equal(tb.n_upcalls - from_2
                         + testbed_drops(&tb, "to the controller: share of the port used up"),
                     1000);
    /* The share is free again when the packets have been handled. */
    testbed_clear(&tb);
    for (int i = 0; i < 50; i++) {
        testbed_inject(&tb, 1, frame_a);
        testbed_run(&tb);
    }
    assert_int_equal(tb.n_upcalls, 50);
    testbed_uninit(&tb);
}

static void packet_out_goes_out_at_once(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 3});
    testbed_packet_out(&tb, OFPP_NONE, "output:1,mod_vlan_vid:4,output:2", frame_a);
    testbed_expect(&tb, 1, frame_a);
    testbed_expect(&tb, 2, "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 4)");
    /* rows: A6.8. FLOOD and ALL leave in_port out, IN_PORT uses it. */
    testbed_packet_out(&tb, 2, "flood", frame_a);
    testbed_expect(&tb, 1, frame_a);
    testbed_expect(&tb, 3, frame_a);
    testbed_packet_out(&tb, 2, "in_port", frame_a);
    testbed_expect(&tb, 2, frame_a);
    testbed_packet_out(&tb, OFPP_NONE, "all", frame_a);
    testbed_packet_out(&tb, OFPP_NONE, "in_port", frame_a);
    for (int port = 1; port <= 3; port++) {
        testbed_expect(&tb, port, frame_a);
    }
    /* rows: A11.10. NO_FWD is obeyed. */
    datapath_port_set_config(tb.dp, 1, OFPPC_NO_FWD, OFPPC_NO_FWD);
    testbed_packet_out(&tb, OFPP_NONE, "output:1", frame_a);
    testbed_expect_no_more(&tb);
    testbed_packet_out(&tb, 3, "controller:9", frame_a);
    testbed_run(&tb);
    assert_int_equal(tb.n_upcalls, 1);
    assert_int_equal(tb.upcalls[0].max_len, 9);
    assert_int_equal(tb.upcalls[0].in_port, 3);
    testbed_uninit(&tb);
}

static void packet_out_to_the_table_looks_up_with_its_in_port(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 3});
    struct rule *rule = testbed_add(&tb, "in_port=1", 1, "mod_vlan_vid:9,output:2,in_port");
    /* rows: A5.6. What the rule does to the packet ends with the rule. */
    testbed_packet_out(&tb, 1, "table,output:3", frame_a);
    testbed_expect(&tb, 2, "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 9)");
    testbed_expect(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 9)");
    testbed_expect(&tb, 3, frame_a);
    assert_int_equal(testbed_packets(&tb, rule), 1);
    testbed_packet_out(&tb, 1, "output:2", frame_a);
    testbed_expect(&tb, 2, frame_a);
    assert_int_equal(testbed_packets(&tb, rule), 1);
    testbed_packet_out(&tb, OFPP_NONE, "table", frame_a);
    testbed_run(&tb);
    testbed_expect_no_more(&tb);
    assert_int_equal(tb.n_upcalls, 1);
    assert_int_equal(tb.upcalls[0].reason, UPCALL_MISS);
    assert_int_equal(tb.upcalls[0].in_port, OFPP_NONE);
    testbed_uninit(&tb);
}

static void a_table_that_looks_itself_up_comes_to_an_end(void **state UNUSED)
{
    struct testbed tb;
    struct match any;
    struct action_list list;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    match_init_any(&any);
    action_list_init(&list);
    action_list_append(&list, ACTION_OUTPUT)->output.port = OFPP_TABLE;
    struct rule *rule = rule_create(&any, false, 1, &list);
    assert_int_equal(tables_insert(datapath_tables(tb.dp), 0, rule, tb.now), 0);
    tables_commit(datapath_tables(tb.dp));
    testbed_inject(&tb, 1, frame_a);
    testbed_run(&tb);
    assert_int_equal(testbed_drops(&tb, "table lookup nested too deep"), 1);
    testbed_uninit(&tb);
}

static void runts_are_dropped(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    testbed_packet_out(&tb, 1, "output:2", "hex 0102030405");
    testbed_expect_no_more(&tb);
    assert_int_equal(testbed_drops(&tb, "shorter than an Ethernet header"), 1);
    testbed_uninit(&tb);
}

static void normal_learns_and_forgets(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 3});
    datapath_set_miss(tb.dp, MISS_NORMAL);
    testbed_inject(&tb, 1, frame_a);
    testbed_run(&tb);
    testbed_expect(&tb, 2, frame_a);
    testbed_expect(&tb, 3, frame_a);
    testbed_inject(&tb, 2, frame_b);
    testbed_run(&tb);
    testbed_expect(&tb, 1, frame_b);
    testbed_inject(&tb, 1, frame_a);
    testbed_run(&tb);
    testbed_expect(&tb, 2, frame_a);
    testbed_expect_no_more(&tb);

    tb.now += 301 * SEC;
    testbed_inject(&tb, 1, frame_a);
    testbed_run(&tb);
    testbed_expect(&tb, 2, frame_a);
    testbed_expect(&tb, 3, frame_a);
    testbed_inject(&tb, 2, frame_b);
    testbed_run(&tb);
    testbed_expect(&tb, 1, frame_b);

    datapath_mac_flush(tb.dp, 1);
    testbed_inject(&tb, 2, frame_b);
    testbed_run(&tb);
    testbed_expect(&tb, 1, frame_b);
    testbed_expect(&tb, 3, frame_b);
    testbed_expect_no_more(&tb);
    testbed_uninit(&tb);
}

static void normal_keeps_vlans_apart_and_reserved_addresses_in(void **state UNUSED)
{
    const char *tagged_a = "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 5)";
    const char *tagged_b = "udp(10.0.0.2:2 > 10.0.0.1:1, vlan 5)";
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 3});
    datapath_set_miss(tb.dp, MISS_NORMAL);
    testbed_inject(&tb, 1, frame_a);
    testbed_run(&tb);
    testbed_clear(&tb);
    testbed_inject(&tb, 2, tagged_b);
    testbed_run(&tb);
    testbed_expect(&tb, 1, tagged_b);
    testbed_expect(&tb, 3, tagged_b);
    testbed_inject(&tb, 1, tagged_a);
    testbed_run(&tb);
    testbed_expect(&tb, 2, tagged_a);
    testbed_inject(&tb, 1, bpdu);
    testbed_run(&tb);
    testbed_expect_no_more(&tb);
    assert_int_equal(testbed_drops(&tb, "reserved multicast address"), 1);
    /* To where it came from: not at all. */
    testbed_inject(&tb, 2, tagged_a);
    testbed_inject(&tb, 2, "udp(10.0.0.3:1 > 10.0.0.1:2, vlan 5)");
    testbed_run(&tb);
    testbed_inject(&tb, 2, "udp(10.0.0.4:1 > 10.0.0.1:2, vlan 5)");
    testbed_clear(&tb);
    testbed_run(&tb);
    testbed_expect_no_more(&tb);
    testbed_uninit(&tb);
}

static void counters_are_exact_while_the_cache_churns(void **state UNUSED)
{
    enum { N_RULES = 1000, ROUNDS = 200 };
    struct rule *rules[N_RULES];
    struct testbed tb;
    struct rule_counters counters;
    struct table_summary summary;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2, .cache_entries = 64});
    struct netdev *dev = datapath_port_netdev(tb.dp, 1);
    struct bytes frame = BYTES_INIT;
    char text[100], *error;
    for (int i = 0; i < N_RULES; i++) {
        snprintf(text, sizeof text, "udp,tp_src=%d", i);
        rules[i] = testbed_insert(&tb, text, 1, "drop");
    }
    tables_commit(datapath_tables(tb.dp));
    assert_int_equal(frame_build("udp(10.0.0.1:0 > 10.0.0.2:2, nosum)", &frame, &error), 0);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < N_RULES; i++) {
            struct packet p;
            put_be16(frame.data + 34, (i * 7 + round) % N_RULES);
            packet_use(&p, frame.data, frame.size, frame.data, frame.size);
            assert_true(netdev_memory_inject(dev, &p));
        }
        tb.now += MSEC;
        testbed_run(&tb);
    }
    for (int i = 0; i < N_RULES; i++) {
        tables_get_counters(datapath_tables(tb.dp), rules[i], &counters);
        assert_int_equal(counters.packets, ROUNDS);
        assert_int_equal(counters.bytes, ROUNDS * frame.size);
        assert_int_equal(counters.last_used, tb.now);
    }
    tables_get_summary(datapath_tables(tb.dp), 0, &summary);
    assert_int_equal(summary.lookups, N_RULES * ROUNDS);
    assert_int_equal(summary.matches, N_RULES * ROUNDS);
    bytes_uninit(&frame);
    testbed_uninit(&tb);
}

static void the_control_thread_forwards_real_descriptors_alone(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 3, .spins = true});
    testbed_add(&tb, "in_port=1", 1, "output:2");
    testbed_add(&tb, "in_port=2", 1, "output:3");
    for (int i = 0; i < 100; i++) {
        testbed_inject(&tb, 1, frame_a);
        testbed_inject(&tb, 2, frame_b);
        testbed_run(&tb);
        testbed_expect(&tb, 2, frame_a);
        testbed_expect(&tb, 3, frame_b);
        tb.now += (i % 3) * 20 * MSEC;
    }
    testbed_expect_no_more(&tb);
    testbed_uninit(&tb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_miss_goes_up_is_dropped_or_forwarded_as_told),
        cmocka_unit_test(configuration_bits_hold_back_what_comes_in),
        cmocka_unit_test(no_packet_in_leaves_rules_alone),
        cmocka_unit_test(fragments_follow_the_mode),
        cmocka_unit_test(a_super_frame_comes_up_in_real_frames),
        cmocka_unit_test(a_storm_of_one_port_does_not_drown_another),
        cmocka_unit_test(packet_out_goes_out_at_once),
        cmocka_unit_test(packet_out_to_the_table_looks_up_with_its_in_port),
        cmocka_unit_test(a_table_that_looks_itself_up_comes_to_an_end),
        cmocka_unit_test(runts_are_dropped),
        cmocka_unit_test(normal_learns_and_forgets),
        cmocka_unit_test(normal_keeps_vlans_apart_and_reserved_addresses_in),
        cmocka_unit_test(counters_are_exact_while_the_cache_churns),
        cmocka_unit_test(the_control_thread_forwards_real_descriptors_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
