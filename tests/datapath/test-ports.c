/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ports: numbers, texts, configuration, links, devices that vanish, the MTU of LOCAL. */
#include "datapath/port-map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/datapath-private.h"
#include "datapath/mac-learning.h"
#include "datapath/netdev/netdev-memory.h"
#include "datapath/netdev/netdev.h"
#include "datapath/port-news.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/datapath/testbed.h"

/* Fails unless adding 'text' fails with 'wanted' and a text that has 'words' in it. */
static void expect_refused(struct testbed *tb, const char *text, int wanted, const char *words)
{
    char *error = NULL;
    uint16_t added;
    assert_int_equal(datapath_port_add(tb->dp, text, 0, &added, &error), wanted);
    assert_non_null(strstr(error, words));
    free(error);
}

static void numbers_are_the_lowest_free_unless_asked_for(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 0});
    assert_int_equal(testbed_add_port(&tb, "a,type=memory,ofport=2"), 2);
    assert_int_equal(testbed_add_port(&tb, "b,type=memory"), 1);
    assert_int_equal(testbed_add_port(&tb, "c,type=memory"), 3);
    assert_int_equal(testbed_add_port(&tb, "d,type=memory,ofport=0xfeff"), 0xfeff);
    assert_int_equal(datapath_port_find(tb.dp, "c"), 3);
    assert_int_equal(datapath_port_find(tb.dp, "x"), 0);
    assert_int_equal(datapath_port_next(tb.dp, 0), 1);
    assert_int_equal(datapath_port_next(tb.dp, 3), 0xfeff);
    assert_int_equal(datapath_port_next(tb.dp, 0xfeff), 0);
    testbed_uninit(&tb);
}

static void ports_are_walked_in_the_order_of_their_numbers(void **state UNUSED)
{
    struct testbed tb;
    bool is_there[300] = {false};
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 0});
    for (unsigned i = 0; i < 60; i++) {
        char text[40];
        unsigned number = 1 + i * 97 % (ARRAY_SIZE(is_there) - 1);
        snprintf(text, sizeof text, "p%u,type=memory,ofport=%u", i, number);
        is_there[testbed_add_port(&tb, text)] = true;
        for (uint16_t from = 0; from < ARRAY_SIZE(is_there); from++) {
            uint16_t next = from + 1;
            while (next < ARRAY_SIZE(is_there) && !is_there[next]) {
                next++;
            }
            assert_int_equal(datapath_port_next(tb.dp, from),
                             next < ARRAY_SIZE(is_there) ? next : 0);
        }
    }
    testbed_uninit(&tb);
}

static void a_device_that_comes_back_has_its_number_again(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 3});
    assert_int_equal(datapath_port_remove(tb.dp, 1), 0);
    assert_int_equal(datapath_port_remove(tb.dp, 2), 0);
    assert_int_equal(datapath_port_remove(tb.dp, 2), ENODEV);
    assert_int_equal(testbed_add_port(&tb, "new,type=memory"), 4);
    assert_int_equal(testbed_add_port(&tb, "p2,type=memory"), 2);
    assert_int_equal(testbed_add_port(&tb, "p1,type=memory"), 1);
    testbed_uninit(&tb);
}

static void what_can_not_be_a_port_is_refused_and_changes_nothing(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 1});
    expect_refused(&tb, "p1,type=memory", EEXIST, "br0 has this port already");
    expect_refused(&tb, "x,type=memory,ofport=1", EEXIST, "taken by p1");
    expect_refused(&tb, "x,type=memory,ofport=0", EINVAL, "from 1 to 65279");
    expect_refused(&tb, "x,type=memory,ofport=0xff00", EINVAL, "from 1 to 65279");
    expect_refused(&tb, "x,type=memory,optional=perhaps", EINVAL, "yes or no");
    expect_refused(&tb, "x,type=tin", EINVAL, "tin");
    expect_refused(&tb, "", EINVAL, "name");
    assert_int_equal(datapath_port_next(tb.dp, 1), 0);
    assert_int_equal(testbed_add_port(&tb, "x,type=memory,optional"), 2);
    testbed_uninit(&tb);
}

static void a_missing_optional_device_is_a_port_without_a_link(void **state UNUSED)
{
    struct testbed tb;
    struct ofp_port port;
    struct ofp_port_stats stats;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 1});
    expect_refused(&tb, "no-such-device,type=raw", ENODEV, "no-such-device");
    uint16_t no = testbed_add_port(&tb, "no-such-device,type=raw,optional");
    assert_int_equal(datapath_port_get(tb.dp, no, &port), 0);
    assert_int_equal(port.state, OFPPS_LINK_DOWN);
    assert_string_equal(port.name, "no-such-device");
    assert_null(datapath_port_netdev(tb.dp, no));
    assert_string_equal(datapath_port_kind(tb.dp, no), "none");
    assert_string_equal(datapath_port_kind(tb.dp, 1), "memory");
    assert_int_equal(datapath_port_get_stats(tb.dp, no, &stats), 0);
    assert_int_equal(stats.tx_packets, 0);
    testbed_add(&tb, "in_port=1", 1, "output:2,flood");
    testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2)");
    testbed_run(&tb);
    assert_int_equal(datapath_port_set_config(tb.dp, no, OFPPC_PORT_DOWN, OFPPC_PORT_DOWN), 0);
    assert_int_equal(datapath_port_remove(tb.dp, no), 0);
    testbed_uninit(&tb);
}

static void a_change_of_the_link_is_told_once(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    struct netdev *dev = datapath_port_netdev(tb.dp, 2);
    netdev_memory_set_link(dev, false);
    testbed_run(&tb);
    testbed_run(&tb);
    assert_int_equal(tb.n_changed, 1);
    assert_int_equal(tb.changed.port_no, 2);
    assert_int_equal(tb.changed.state, OFPPS_LINK_DOWN);
    netdev_memory_set_link(dev, true);
    testbed_run(&tb);
    assert_int_equal(tb.n_changed, 2);
    assert_int_equal(tb.changed.state, 0);
    testbed_uninit(&tb);
}

static void looks_that_are_due_reach_all_ports_some_at_a_time(void **state UNUSED)
{
    enum { N = 10, STEP = 3 };
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = N});
    port_news_look_next(tb.dp, 4, tb.now);
    for (uint16_t no = 1; no <= N; no++) {
        netdev_memory_set_link(datapath_port_netdev(tb.dp, no), false);
    }
    port_news_look_later(tb.dp);
    for (unsigned i = 0; tb.dp->looks_due; i++) {
        unsigned before = tb.n_changed;
        port_news_look_next(tb.dp, MIN((unsigned) STEP, tb.dp->looks_due), tb.now);
        assert_true(tb.n_changed - before <= STEP);
        if (!i) {
            datapath_port_remove(tb.dp, 7);
            testbed_add_port(&tb, "a,type=memory,ofport=6000");
        }
        assert_true(i < N);
    }
    assert_int_equal(tb.n_changed, N);
    testbed_uninit(&tb);
}

static void a_device_that_vanishes_is_a_port_without_a_link(void **state UNUSED)
{
    /* rows: A2.8. MODIFY, not DELETE. */
    const char *frame = "udp(10.0.0.1:1 > 10.0.0.2:2)";
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    struct netdev *dev = datapath_port_netdev(tb.dp, 2);
    testbed_add(&tb, "in_port=1", 1, "output:2");
    netdev_memory_set_present(dev, false);
    testbed_run(&tb);
    assert_int_equal(tb.n_changed, 1);
    assert_int_equal(tb.changed.state, OFPPS_LINK_DOWN);
    assert_int_equal(tb.changed.config, 0);
    testbed_inject(&tb, 1, frame);
    testbed_run(&tb);
    netdev_memory_set_present(dev, true);
    testbed_run(&tb);
    assert_int_equal(tb.n_changed, 2);
    testbed_inject(&tb, 1, frame);
    testbed_run(&tb);
    testbed_expect(&tb, 2, frame);
    testbed_expect_no_more(&tb);
    testbed_uninit(&tb);
}

static void port_down_is_the_state_of_the_device(void **state UNUSED)
{
    struct testbed tb;
    struct ofp_port port;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 1});
    struct netdev *dev = datapath_port_netdev(tb.dp, 1);
    assert_int_equal(datapath_port_set_config(tb.dp, 1, OFPPC_PORT_DOWN, OFPPC_PORT_DOWN), 0);
    assert_false(netdev_status(dev)->admin_up);
    datapath_port_get(tb.dp, 1, &port);
    assert_int_equal(port.config, OFPPC_PORT_DOWN);
    testbed_run(&tb);
    assert_int_equal(tb.n_changed, 0);
    /* Somebody else raises it. */
    netdev_set_admin(dev, true);
    testbed_run(&tb);
    assert_int_equal(tb.n_changed, 1);
    assert_int_equal(tb.changed.config, 0);
    assert_int_equal(datapath_port_set_config(tb.dp, 7, 0, 0), ENODEV);
    testbed_uninit(&tb);
}

/* One that vanishes takes nothing of what was asked for with it.
 *
 * rows: A7.5 */
static void port_down_outlives_the_device(void **state UNUSED)
{
    struct testbed tb;
    struct ofp_port port;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 1});
    struct netdev *dev = datapath_port_netdev(tb.dp, 1);
    for (int i = 0; i < 3; i++) {
        /* Asked for before it vanishes; while it is gone; when somebody has set it down already. */
        netdev_memory_set_present(dev, i != 1);
        netdev_set_admin(dev, i < 2);
        testbed_run(&tb);
        assert_int_equal(datapath_port_set_config(tb.dp, 1, OFPPC_PORT_DOWN, OFPPC_PORT_DOWN), 0);
        netdev_memory_set_present(dev, false);
        testbed_run(&tb);
        datapath_port_get(tb.dp, 1, &port);
        assert_int_equal(port.config, OFPPC_PORT_DOWN);
        assert_int_equal(port.state, OFPPS_LINK_DOWN);
        netdev_set_admin(dev, true);
        netdev_memory_set_present(dev, true);
        testbed_run(&tb);
        datapath_port_get(tb.dp, 1, &port);
        assert_int_equal(port.config, OFPPC_PORT_DOWN);
        assert_false(netdev_status(dev)->admin_up);
        /* Who sets the device up afterwards has the last word, also when it is back once more. */
        netdev_set_admin(dev, true);
        testbed_run(&tb);
        netdev_memory_set_present(dev, false);
        testbed_run(&tb);
        netdev_memory_set_present(dev, true);
        testbed_run(&tb);
        datapath_port_get(tb.dp, 1, &port);
        assert_int_equal(port.config, 0);
        assert_true(netdev_status(dev)->admin_up);
    }
    testbed_uninit(&tb);
}

static void addresses_behind_a_port_without_link_are_forgotten(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 3});
    datapath_set_miss(tb.dp, MISS_NORMAL);
    testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2)");
    testbed_inject(&tb, 2, "udp(10.0.0.2:1 > 10.0.0.1:2)");
    testbed_run(&tb);
    assert_int_equal(datapath_mac_list(tb.dp, tb.now, NULL, 0), 2);
    netdev_memory_set_link(datapath_port_netdev(tb.dp, 1), false);
    testbed_run(&tb);
    assert_int_equal(datapath_mac_list(tb.dp, tb.now, NULL, 0), 1);
    datapath_port_remove(tb.dp, 2);
    testbed_run(&tb);
    assert_int_equal(datapath_mac_list(tb.dp, tb.now, NULL, 0), 0);
    testbed_uninit(&tb);
}

static void addresses_behind_a_port_that_is_put_down_are_forgotten(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    datapath_set_miss(tb.dp, MISS_NORMAL);
    testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2)");
    testbed_run(&tb);
    assert_int_equal(datapath_mac_list(tb.dp, tb.now, NULL, 0), 1);
    datapath_port_set_config(tb.dp, 1, OFPPC_PORT_DOWN, OFPPC_PORT_DOWN);
    assert_int_equal(datapath_mac_list(tb.dp, tb.now, NULL, 0), 0);
    testbed_uninit(&tb);
}

/* A thread in the middle of a batch sees late that a port is blocked, and learns behind it what was
 * forgotten already. */
static void what_is_learnt_late_behind_a_blocked_port_is_forgotten(void **state UNUSED)
{
    static const uint8_t mac[] = {2, 0, 0, 0, 0, 1};
    const struct datapath_tree blocked = {.is_on = true, .state = OFPPS_STP_BLOCK};
    const struct datapath_tree learning = {
        .is_on = true, .state = OFPPS_STP_LEARN, .learns = true};
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    datapath_port_set_tree(tb.dp, 1, &blocked);
    mac_table_learn(tb.dp->macs, 0, mac, 1, tb.now);
    testbed_run(&tb);
    assert_int_equal(datapath_mac_list(tb.dp, tb.now, NULL, 0), 0);
    datapath_port_set_tree(tb.dp, 1, &learning);
    mac_table_learn(tb.dp->macs, 0, mac, 1, tb.now);
    testbed_run(&tb);
    assert_int_equal(datapath_mac_list(tb.dp, tb.now, NULL, 0), 1);
    testbed_uninit(&tb);
}

static void local_follows_the_least_mtu_of_the_others(void **state UNUSED)
{
    struct testbed tb;
    uint16_t added;
    char *error;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 0});
    testbed_add_port(&tb, "a,type=memory,mtu=9000");
    assert_int_equal(datapath_port_add(tb.dp, "br0,type=memory", OFPP_LOCAL, &added, &error), 0);
    struct netdev *local = datapath_port_netdev(tb.dp, OFPP_LOCAL);
    assert_int_equal(netdev_status(local)->mtu, 9000);
    uint16_t b = testbed_add_port(&tb, "b,type=memory,mtu=1400");
    assert_int_equal(netdev_status(local)->mtu, 1400);
    netdev_set_mtu(datapath_port_netdev(tb.dp, 1), 1300);
    port_news_look(tb.dp, 0, NULL, tb.now);
    datapath_port_remove(tb.dp, b);
    assert_int_equal(netdev_status(local)->mtu, 1300);
    testbed_uninit(&tb);
}

static void statistics_are_the_devices(void **state UNUSED)
{
    struct testbed tb;
    struct ofp_port_stats stats;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    testbed_add(&tb, "in_port=1", 1, "output:2,output:2");
    for (int i = 0; i < 10; i++) {
        testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2)");
    }
    testbed_run(&tb);
    assert_int_equal(datapath_port_get_stats(tb.dp, 1, &stats), 0);
    assert_int_equal(stats.rx_packets, 10);
    assert_int_equal(stats.rx_bytes, 420);
    assert_int_equal(stats.collisions, UINT64_MAX);
    assert_int_equal(datapath_port_get_stats(tb.dp, 2, &stats), 0);
    assert_int_equal(stats.tx_packets, 20);
    assert_int_equal(stats.tx_bytes, 840);
    assert_int_equal(datapath_port_get_stats(tb.dp, 9, &stats), ENODEV);
    testbed_uninit(&tb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_the_lowest_free_unless_asked_for),
        cmocka_unit_test(ports_are_walked_in_the_order_of_their_numbers),
        cmocka_unit_test(a_device_that_comes_back_has_its_number_again),
        cmocka_unit_test(what_can_not_be_a_port_is_refused_and_changes_nothing),
        cmocka_unit_test(a_missing_optional_device_is_a_port_without_a_link),
        cmocka_unit_test(a_change_of_the_link_is_told_once),
        cmocka_unit_test(looks_that_are_due_reach_all_ports_some_at_a_time),
        cmocka_unit_test(a_device_that_vanishes_is_a_port_without_a_link),
        cmocka_unit_test(port_down_is_the_state_of_the_device),
        cmocka_unit_test(port_down_outlives_the_device),
        cmocka_unit_test(addresses_behind_a_port_without_link_are_forgotten),
        cmocka_unit_test(addresses_behind_a_port_that_is_put_down_are_forgotten),
        cmocka_unit_test(what_is_learnt_late_behind_a_blocked_port_is_forgotten),
        cmocka_unit_test(local_follows_the_least_mtu_of_the_others),
        cmocka_unit_test(statistics_are_the_devices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
