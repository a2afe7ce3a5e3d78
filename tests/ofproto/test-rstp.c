/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the spanning tree machine as RSTP: rapid transitions, edge ports, STP neighbours. */
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "tests/ofproto/stp-net.h"
#include "tests/unit.h"

/* rows: A7.7 */

static int setup(void **state)
{
    struct net *net = xmalloc(sizeof *net);
    net_init(net);
    net->checks_loops = true;
    *state = net;
    return 0;
}

static int teardown(void **state)
{
    net_uninit(*state);
    free(*state);
    return 0;
}

/* Makes bridge 'i' with the default settings. */
static void make_bridge(struct net *net, int i, enum stp_version version)
{
    const struct stp_config config = net_config(i, version);
    net_add_bridge(net, i, &config);
}

/* Bridges 0 to n - 1 in a ring, as in test-stp.c; those in 'stp' (a bit each) speak STP only. */
static void make_ring(struct net *net, int n, unsigned stp)
{
    for (int i = 0; i < n; i++) {
        make_bridge(net, i, stp >> i & 1 ? STP_VERSION_STP : STP_VERSION_RSTP);
        net_link(net, i, 1, i);
        net_link(net, i, 2, (i + n - 1) % n);
    }
}

static void assert_port(const struct net *net, int i, int number, enum stp_role role,
                        enum stp_state state)
{
    const struct net_port *p = &net->bridges[i].ports[number];
    assert_string_equal(stp_role_name(p->role), stp_role_name(role));
    assert_string_equal(stp_state_name(p->state), stp_state_name(state));
}

static bool speaks_rstp(const struct net *net, int i, uint16_t number)
{
    struct stp_port_info info;
    assert_true(stp_port_get_info(net->bridges[i].stp, number, &info));
    return info.speaks_rstp;
}

/* 17.10: proposals and agreements. */
static void a_point_to_point_link_forwards_at_once(void **state)
{
    struct net *net = *state;
    make_ring(net, 2, 0);
    net_run(net, 0.01);
    assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
    assert_port(net, 0, 2, STP_ROLE_DESIGNATED, STP_FORWARDING);
    assert_port(net, 1, 2, STP_ROLE_ROOT, STP_FORWARDING);
    assert_port(net, 1, 1, STP_ROLE_ALTERNATE, STP_BLOCKING);
}

static void a_ring_becomes_a_tree_within_a_second(void **state)
{
    struct net *net = *state;
    make_ring(net, 8, 0);
    net_run(net, 1);
    net_check_tree(net);
    assert_port(net, 4, 1, STP_ROLE_ALTERNATE, STP_BLOCKING);
}

static void a_cut_link_heals_within_a_second(void **state)
{
    struct net *net = *state;
    make_ring(net, 8, 0);
    net_run(net, 60);
    for (int lan = 0; lan < 8; lan++) {
        net_set_lan(net, lan, false);
        net_run(net, 1);
        net_check_tree(net);
        net_set_lan(net, lan, true);
        net_run(net, 3);
        net_check_tree(net);
    }
}

/* What is lost without a sign of the link's is missed after three hellos (17.21.23). */
static void silence_is_noticed_after_three_hellos(void **state)
{
    struct net *net = *state;
    make_ring(net, 3, 0);
    net_run(net, 60);
    net->is_lan_down[2] = true;
    net->checks_loops = false;
    net_run(net, 6.1);
    assert_port(net, 2, 1, STP_ROLE_DESIGNATED, STP_LISTENING);
    assert_port(net, 2, 2, STP_ROLE_ROOT, STP_FORWARDING);
}

static void the_death_of_the_root_heals_in_seconds(void **state)
{
    struct net *net = *state;
    make_ring(net, 6, 0);
    net_run(net, 60);
    net_kill_bridge(net, 0);
    net_run(net, 12);
    net_check_tree(net);
}

/* 17.25: an edge port is known by silence. */
static void a_port_without_a_bridge_forwards_after_three_seconds(void **state)
{
    struct net *net = *state;
    const struct stp_port_config automatic = {
        .cost = 1, .priority = 128, .edge = STP_EDGE_AUTO, .is_point_to_point = true};
    struct stp_port_info info;
    make_bridge(net, 0, STP_VERSION_RSTP);
    net_connect(net, 0, 1, 0, &automatic);
    net_run(net, 2.9);
    assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_LISTENING);
    net_run(net, 0.2);
    assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
    stp_port_get_info(net->bridges[0].stp, 1, &info);
    assert_true(info.is_edge);
    make_bridge(net, 1, STP_VERSION_RSTP);
    net_link(net, 1, 1, 0);
    net_run(net, 1);
    stp_port_get_info(net->bridges[0].stp, 1, &info);
    assert_false(info.is_edge);
    assert_port(net, 1, 1, STP_ROLE_ROOT, STP_FORWARDING);
}

static void edge_ports_are_no_change_of_the_topology(void **state)
{
    struct net *net = *state;
    const struct stp_port_config edge = {
        .cost = 1, .priority = 128, .edge = STP_EDGE_YES, .is_point_to_point = true};
    make_ring(net, 3, 0);
    net_run(net, 60);
    unsigned before = net->bridges[1].ports[2].flushes + net->bridges[1].ports[1].flushes;
    net_connect(net, 0, 3, 5, &edge);
    assert_port(net, 0, 3, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_run(net, 5);
    assert_int_equal(net->bridges[1].ports[2].flushes + net->bridges[1].ports[1].flushes, before);
}

/* 17.11: who begins to forward tells of it, and all forget at once. */
static void a_topology_change_reaches_all_at_once(void **state)
{
    struct net *net = *state;
    unsigned before[6];
    make_ring(net, 6, 0);
    net_run(net, 60);
    for (int i = 0; i < 6; i++) {
        before[i] = net->bridges[i].ports[1].flushes + net->bridges[i].ports[2].flushes;
    }
    net_set_lan(net, 5, false);
    net_run(net, 1);
    for (int i = 0; i < 6; i++) {
        assert_true(net->bridges[i].ports[1].flushes + net->bridges[i].ports[2].flushes
                    > before[i]);
    }
}

/* A shared LAN has no agreements: forwarding takes its time. */
static void a_shared_lan_waits_for_the_timers(void **state)
{
    struct net *net = *state;
    const struct stp_port_config shared = {.cost = 1, .priority = 128, .edge = STP_EDGE_NO};
    for (int i = 0; i < 3; i++) {
        make_bridge(net, i, STP_VERSION_RSTP);
        net_connect(net, i, 1, 0, &shared);
        net_connect(net, i, 2, 1, &shared);
    }
    net_run(net, 1);
    assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_LISTENING);
    net_run(net, 60);
    net_check_tree(net);
    assert_port(net, 2, 2, STP_ROLE_ALTERNATE, STP_BLOCKING);
}

/* 17.24: where a neighbour speaks STP it is spoken to so, and only there. */
static void with_an_stp_neighbour_a_port_speaks_stp(void **state)
{
    struct net *net = *state;
    make_ring(net, 3, 1 << 1);
    net_run(net, 60);
    net_check_tree(net);
    assert_false(speaks_rstp(net, 0, 1));
    assert_false(speaks_rstp(net, 2, 2));
    assert_true(speaks_rstp(net, 0, 2));
    assert_true(speaks_rstp(net, 2, 1));
    assert_true(net->bridges[0].ports[1].sent[BPDU_CONFIG] > 0);
    net_kill_bridge(net, 1);
    make_bridge(net, 1, STP_VERSION_RSTP);
    net_link(net, 1, 1, 1);
    net_link(net, 1, 2, 0);
    net_set_lan(net, 0, false);
    net_set_lan(net, 1, false);
    net_set_lan(net, 0, true);
    net_set_lan(net, 1, true);
    net_run(net, 60);
    net_check_tree(net);
    assert_true(speaks_rstp(net, 0, 1));
    assert_true(speaks_rstp(net, 2, 2));
}

static void rings_of_both_kinds_become_trees(void **state)
{
    for (unsigned stp = 0; stp < 1 << 5; stp++) {
        struct net *net = *state;
        make_ring(net, 5, stp);
        net_run(net, 100);
        net_check_tree(net);
        net_set_lan(net, 2, false);
        net_run(net, 100);
        net_check_tree(net);
        net_set_lan(net, 2, true);
        net_run(net, 100);
        net_check_tree(net);
        net_uninit(net);
        net_init(net);
    }
}

/* A neighbour that takes itself for designated, does not hear us and forwards: we give way. */
static void a_dispute_makes_the_port_discard(void **state)
{
    struct net *net = *state;
    const struct bpdu b = {
        .kind = BPDU_RST,
        .flags = BPDU_ROLE_DESIGNATED << BPDU_ROLE_SHIFT | BPDU_LEARNING | BPDU_FORWARDING,
        .root = UINT64_MAX - 5,
        .bridge = UINT64_MAX - 5,
        .port = 0x8001,
        .max_age = 20 * SEC,
        .hello_time = 2 * SEC,
        .forward_delay = 15 * SEC,
    };
    make_bridge(net, 0, STP_VERSION_RSTP);
    net_link(net, 0, 1, 0);
    net_run(net, 60);
    assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_receive(net, 0, 1, &b);
    assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_LISTENING);
    net_run(net, 10);
    assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
}

/* A number less than 'n' of the sequence 'seed'. */
static int draw(unsigned *seed, int n)
{
    return rand_r(seed) % n;
}

/* Makes a network of links between two bridges each by 'seed'. */
static void make_random(struct net *net, unsigned *seed)
{
    uint16_t used[NET_BRIDGES] = {0};
    for (int i = 0; i < NET_BRIDGES; i++) {
        make_bridge(net, i, draw(seed, 5) ? STP_VERSION_RSTP : STP_VERSION_STP);
    }
    for (int lan = 0; lan < 20; lan++) {
        int a = draw(seed, NET_BRIDGES), b = draw(seed, NET_BRIDGES);
        struct stp_port_config port = net_port_config;
        port.cost = (uint32_t) (1 + draw(seed, 5));
        if (a != b && used[a] < NET_PORTS && used[b] < NET_PORTS) {
            net_connect(net, a, ++used[a], lan, &port);
            net_connect(net, b, ++used[b], lan, &port);
        }
    }
}

static void random_networks_become_trees(void **state)
{
    for (unsigned seed = 1; seed <= 40; seed++) {
        struct net *net = *state;
        unsigned draws = seed;
        make_random(net, &draws);
        net_run(net, 120);
        net_check_tree(net);
        for (int change = 0; change < 6; change++) {
            int lan = draw(&draws, 20);
            net_set_lan(net, lan, net->is_lan_down[lan]);
            net_run(net, draw(&draws, 20));
        }
        net_run(net, 120);
        net_check_tree(net);
        net_uninit(net);
        net_init(net);
    }
}

#define CASE(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_point_to_point_link_forwards_at_once),
        CASE(a_ring_becomes_a_tree_within_a_second),
        CASE(a_cut_link_heals_within_a_second),
        CASE(silence_is_noticed_after_three_hellos),
        CASE(the_death_of_the_root_heals_in_seconds),
        CASE(a_port_without_a_bridge_forwards_after_three_seconds),
        CASE(edge_ports_are_no_change_of_the_topology),
        CASE(a_topology_change_reaches_all_at_once),
        CASE(a_shared_lan_waits_for_the_timers),
        CASE(with_an_stp_neighbour_a_port_speaks_stp),
        CASE(rings_of_both_kinds_become_trees),
        CASE(a_dispute_makes_the_port_discard),
        CASE(random_networks_become_trees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
