/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of executing actions: order, copy on write, ports, each action byte by byte. */
#include "datapath/actions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "lib/openflow/openflow-1.0.h"
#include "tests/datapath/testbed.h"

/* One action on one frame.  frame_build() computes all checksums anew, so what is wanted does not
 * come from the code under test. */
static const struct {
    const char *actions; /* Without the output at the end. */
    const char *before;  /* What comes in. */
    const char *after;   /* What goes out. */
} cases[] = {
    /* Tags. */
    {"mod_vlan_vid:5", "tcp(10.0.0.1:1 > 10.0.0.2:2)", "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 5)"},
    {"mod_vlan_vid:4095", "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, pcp 6)",
     "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 4095, pcp 6)"},
    {"mod_vlan_vid:0", "arp(request, 10.0.0.1 > 10.0.0.2)",
     "arp(request, 10.0.0.1 > 10.0.0.2, vlan 0)"},
    {"mod_vlan_vid:7", "udp(10.0.0.1:1 > 10.0.0.2:2, qinq 5)",
     "udp(10.0.0.1:1 > 10.0.0.2:2, qinq 7)"},
    {"mod_vlan_pcp:3", "tcp(10.0.0.1:1 > 10.0.0.2:2)",
     "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 0, pcp 3)"},
    {"mod_vlan_pcp:3", "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 9, pcp 7)",
     "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 9, pcp 3)"},
    {"strip_vlan", "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 9, pcp 7)",
     "tcp(10.0.0.1:1 > 10.0.0.2:2)"},
    {"strip_vlan", "tcp(10.0.0.1:1 > 10.0.0.2:2)", "tcp(10.0.0.1:1 > 10.0.0.2:2)"},
    {"strip_vlan", "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 9, qinq 5)",
     "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 9)"},
    {"strip_vlan,mod_nw_src:10.0.0.3",
     "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 9, qinq 5, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)",
     "udp(10.0.0.3:1 > 10.0.0.2:2, vlan 9, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)"},
    /* Ethernet addresses. */
    {"mod_dl_src:02:00:00:00:00:aa,mod_dl_dst:02:00:00:00:00:bb",
     "tcp(10.0.0.1:1 > 10.0.0.2:2)",
     "tcp(10.0.0.1:1 > 10.0.0.2:2, eth 02:00:00:00:00:aa > 02:00:00:00:00:bb)"},
    /* IPv4 addresses; other packets stay as they are. */
    {"mod_nw_src:192.168.255.1",
     "tcp(10.0.0.1:1 > 10.0.0.2:2, size 33, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)",
     "tcp(192.168.255.1:1 > 10.0.0.2:2, size 33, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)"},
    {"mod_nw_dst:255.255.255.255",
     "udp(10.0.0.1:1 > 10.0.0.2:2, size 32, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)",
     "udp(10.0.0.1:1 > 255.255.255.255:2, size 32, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)"},
    {"mod_nw_dst:1.2.3.4",
     "udp(10.0.0.1:1 > 10.0.0.2:2, nosum, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)",
     "udp(10.0.0.1:1 > 1.2.3.4:2, nosum, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)"},
    {"mod_nw_dst:1.2.3.4",
     "icmp(10.0.0.1 > 10.0.0.2, size 8, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)",
     "icmp(10.0.0.1 > 1.2.3.4, size 8, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)"},
    {"mod_nw_src:1.2.3.4", "arp(reply, 10.0.0.1 > 10.0.0.2)", "arp(reply, 10.0.0.1 > 10.0.0.2)"},
    {"mod_nw_src:1.2.3.4",
     "tcp(10.0.0.1 > 10.0.0.2, frag 16+, size 24, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)",
     "tcp(1.2.3.4 > 10.0.0.2, frag 16+, size 24, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)"},
    {"mod_nw_src:1.2.3.4", "udp([fc00::1]:1 > [fc00::2]:2)", "udp([fc00::1]:1 > [fc00::2]:2)"},
    {"mod_nw_src:1.2.3.4", "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, type 0x88cc, data 0102)",
     "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, type 0x88cc, data 0102)"},
    /* TOS. ECN stays. */
    {"mod_nw_tos:184", "tcp(10.0.0.1:1 > 10.0.0.2:2, tos 3)",
     "tcp(10.0.0.1:1 > 10.0.0.2:2, tos 187)"},
    {"mod_nw_tos:252", "udp([fc00::1]:1 > [fc00::2]:2, tos 1, label 77)",
     "udp([fc00::1]:1 > [fc00::2]:2, tos 253, label 77)"},
    /* Ports; packets without any stay as they are. */
    {"mod_tp_src:65535,mod_tp_dst:443", "tcp(10.0.0.1:1 > 10.0.0.2:2, size 11)",
     "tcp(10.0.0.1:65535 > 10.0.0.2:443, size 11)"},
    {"mod_tp_dst:53", "udp(10.0.0.1:1 > 10.0.0.2:2, size 11, vlan 3)",
     "udp(10.0.0.1:1 > 10.0.0.2:53, size 11, vlan 3)"},
    {"mod_tp_src:53", "udp(10.0.0.1:1 > 10.0.0.2:2, nosum)",
     "udp(10.0.0.1:53 > 10.0.0.2:2, nosum)"},
    {"mod_tp_src:53", "tcp([fc00::1]:1 > [fc00::2]:2)", "tcp([fc00::1]:53 > [fc00::2]:2)"},
    {"mod_tp_src:53", "icmp(10.0.0.1 > 10.0.0.2)", "icmp(10.0.0.1 > 10.0.0.2)"},
    {"mod_tp_src:53,mod_tp_dst:54", "sctp(10.0.0.1:1 > 10.0.0.2:2, size 21)",
     "sctp(10.0.0.1:53 > 10.0.0.2:54, size 21)"},
    {"mod_tp_src:53", "udp(10.0.0.1 > 10.0.0.2, frag 8, size 24)",
     "udp(10.0.0.1 > 10.0.0.2, frag 8, size 24)"},
    {"mod_tp_src:53", "tcp(10.0.0.1:1 > 10.0.0.2:2, snap)",
     "tcp(10.0.0.1:53 > 10.0.0.2:2, snap)"},
};

/* rows: A5.11 A5.12 A5.13 A5.14 A5.15 A5.16 */
static void each_action_changes_its_field_and_the_checksums(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char actions[200];
        snprintf(actions, sizeof actions, "%s,output:2", cases[i].actions);
        struct rule *rule = testbed_add(&tb, "in_port=1", 1, actions);
        testbed_inject(&tb, 1, cases[i].before);
        testbed_run(&tb);
        testbed_expect(&tb, 2, cases[i].after);
        testbed_expect_no_more(&tb);
        tables_remove(datapath_tables(tb.dp), rule);
        tables_commit(datapath_tables(tb.dp));
    }
    testbed_uninit(&tb);
}

static void outputs_send_the_packet_as_it_is_at_that_point(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 5});
    /* rows: A5.1 */
    testbed_add(&tb, "in_port=5", 1,
                "output:1,mod_vlan_vid:5,output:2,strip_vlan,output:3,output:1,"
                "mod_nw_src:9.9.9.9,mod_tp_dst:80,output:4,output:1");
    const char *plain = "tcp(10.0.0.1:1 > 10.0.0.2:2, size 40)";
    const char *tagged = "tcp(10.0.0.1:1 > 10.0.0.2:2, size 40, vlan 5)";
    const char *changed = "tcp(9.9.9.9:1 > 10.0.0.2:80, size 40,"
                          " eth 02:00:0a:00:00:01 > 02:00:0a:00:00:02)";
    for (int i = 0; i < 100; i++) {
        testbed_inject(&tb, 5, plain);
    }
    testbed_run(&tb);
    for (int i = 0; i < 100; i++) {
        testbed_expect(&tb, 1, plain);
        testbed_expect(&tb, 1, plain);
        testbed_expect(&tb, 1, changed);
        testbed_expect(&tb, 2, tagged);
        testbed_expect(&tb, 3, plain);
        testbed_expect(&tb, 4, changed);
    }
    testbed_expect_no_more(&tb);
    testbed_uninit(&tb);
}

static void a_list_that_needs_more_copies_than_there_are_buffers_loses_none(void **state UNUSED)
{
    struct testbed tb;
    struct bytes actions = BYTES_INIT;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    for (int i = 0; i < 1000; i++) {
        bytes_printf(&actions, "mod_tp_src:%d,output:2,", i);
    }
    bytes_printf(&actions, "mod_tp_src:1000,output:2");
    testbed_add(&tb, "in_port=1", 1, bytes_string(&actions));
    testbed_inject(&tb, 1, "udp(10.0.0.1:7 > 10.0.0.2:2)");
    testbed_inject(&tb, 1, "udp(10.0.0.1:7 > 10.0.0.2:2)");
    testbed_run(&tb);
    for (int i = 0; i < 2 * 1001; i++) {
        char text[100];
        snprintf(text, sizeof text, "udp(10.0.0.1:%d > 10.0.0.2:2)", i % 1001);
        testbed_expect(&tb, 2, text);
    }
    testbed_expect_no_more(&tb);
    bytes_uninit(&actions);
    testbed_uninit(&tb);
}

/* What an output sends where, from port 1 of four. */
static const struct {
    const char *actions; /* Actions. */
    unsigned ports;      /* Bit i: port i gets it. */
} outputs[] = {
    {"output:2", 1 << 2},
    {"output:1", 0},                                  /* A5.3. */
    {"in_port", 1 << 1},                              /* A5.5. */
    {"flood", 1 << 2 | 1 << 4},                       /* A5.8; port 3 has NO_FLOOD. */
    {"all", 1 << 2 | 1 << 3 | 1 << 4},                /* A5.8. */
    {"normal", 1 << 2 | 1 << 4},                      /* A5.7: nothing learnt yet. */
    {"output:77", 0},                                 /* A5.4. */
    {"drop", 0},
    {"enqueue:2:0", 1 << 2},                          /* A5.17. */
    {"local", 0},                                     /* There is none. */
};

static void each_port_name_goes_where_it_should(void **state UNUSED)
{
    const char *frame = "udp(10.0.0.1:7 > 10.0.0.2:2)";
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 4});
    datapath_port_set_config(tb.dp, 3, OFPPC_NO_FLOOD, OFPPC_NO_FLOOD);
    for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
        struct rule *rule = testbed_add(&tb, "in_port=1", 1, outputs[i].actions);
        testbed_inject(&tb, 1, frame);
        testbed_run(&tb);
        for (unsigned port = 1; port <= 4; port++) {
            if (outputs[i].ports & 1u << port) {
                testbed_expect(&tb, port, frame);
            }
        }
        testbed_expect_no_more(&tb);
        tables_remove(datapath_tables(tb.dp), rule);
        tables_commit(datapath_tables(tb.dp));
    }
    assert_int_equal(testbed_drops(&tb, "output to the ingress port"), 1);
    assert_int_equal(testbed_drops(&tb, "output to a port that is not there"), 2);
    testbed_uninit(&tb);
}

static void local_is_a_port_like_others_but_last(void **state UNUSED)
{
    const char *frame = "udp(10.0.0.1:7 > 10.0.0.2:2)";
    struct testbed tb;
    uint16_t added;
    char *error;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    assert_int_equal(datapath_port_add(tb.dp, "br0,type=memory", OFPP_LOCAL, &added, &error), 0);
    assert_int_equal(added, OFPP_LOCAL);
    testbed_add(&tb, "in_port=1", 1, "local");
    testbed_add(&tb, "in_port=2", 1, "flood");
    testbed_add(&tb, "in_port=local", 1, "output:2,in_port");
    testbed_inject(&tb, 1, frame);
    testbed_run(&tb);
    testbed_expect(&tb, OFPP_LOCAL, frame);
    testbed_inject(&tb, 2, frame);
    testbed_run(&tb);
    testbed_expect(&tb, OFPP_LOCAL, frame);
    testbed_expect(&tb, 1, frame);
    testbed_inject(&tb, OFPP_LOCAL, frame);
    testbed_run(&tb);
    testbed_expect(&tb, OFPP_LOCAL, frame);
    testbed_expect(&tb, 2, frame);
    testbed_expect_no_more(&tb);
    testbed_uninit(&tb);
}

static void ports_that_are_down_or_do_not_forward_get_nothing(void **state UNUSED)
{
    const char *frame = "udp(10.0.0.1:7 > 10.0.0.2:2)";
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 5});
    testbed_add(&tb, "in_port=1", 1, "output:2,output:3,output:4,output:5,all");
    datapath_port_set_config(tb.dp, 2, OFPPC_NO_FWD, OFPPC_NO_FWD);
    datapath_port_set_config(tb.dp, 3, OFPPC_PORT_DOWN, OFPPC_PORT_DOWN);
    netdev_memory_set_link(datapath_port_netdev(tb.dp, 4), false);
    testbed_run(&tb);
    testbed_inject(&tb, 1, frame);
    testbed_run(&tb);
    testbed_expect(&tb, 5, frame);
    testbed_expect(&tb, 5, frame);
    testbed_expect_no_more(&tb);
    assert_int_equal(
        testbed_drops(&tb, "output to a port that is down or does not forward"), 3);
    testbed_uninit(&tb);
}

static void controller_gets_the_packet_as_modified_so_far(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    /* rows: A5.9. Several actions, several messages. */
    struct rule *rule = testbed_insert(&tb, "in_port=1", 1,
                                       "controller:20,strip_vlan,controller,output:2");
    rule->cookie = 0x1234;
    tables_commit(datapath_tables(tb.dp));
    testbed_inject(&tb, 1, "udp(10.0.0.1:7 > 10.0.0.2:2, vlan 3)");
    testbed_run(&tb);
    assert_int_equal(tb.n_upcalls, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tb.upcalls[i].reason, UPCALL_ACTION);
        assert_int_equal(tb.upcalls[i].in_port, 1);
        assert_int_equal(tb.upcalls[i].cookie, 0x1234);
    }
    assert_int_equal(tb.upcalls[0].max_len, 20);
    assert_int_equal(tb.upcalls[0].frame.size, 14 + 4 + 20 + 8);
    assert_int_equal(tb.upcalls[1].frame.size, 14 + 20 + 8);
    testbed_expect(&tb, 2, "udp(10.0.0.1:7 > 10.0.0.2:2)");
    testbed_uninit(&tb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_action_changes_its_field_and_the_checksums),
        cmocka_unit_test(outputs_send_the_packet_as_it_is_at_that_point),
        cmocka_unit_test(a_list_that_needs_more_copies_than_there_are_buffers_loses_none),
        cmocka_unit_test(each_port_name_goes_where_it_should),
        cmocka_unit_test(local_is_a_port_like_others_but_last),
        cmocka_unit_test(ports_that_are_down_or_do_not_forward_get_nothing),
        cmocka_unit_test(controller_gets_the_packet_as_modified_so_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
