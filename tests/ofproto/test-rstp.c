/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the spanning tree machine as RSTP: rapid transitions, edge ports, STP neighbours. */
/* rows: A7.7 */
#include "lib/util.h"
#include "tests/ofproto/stp-net.h"
#include "tests/unit.h"

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
    net_make_ring(net, 2, 0);
    net_run(net, 0.01);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_assert_port(net, 0, 2, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_assert_port(net, 1, 2, STP_ROLE_ROOT, STP_FORWARDING);
    net_assert_port(net, 1, 1, STP_ROLE_ALTERNATE, STP_BLOCKING);
}

static void a_ring_becomes_a_tree_within_a_second(void **state)
{
    struct net *net = *state;
    net_make_ring(net, 8, 0);
    net_run(net, 1);
    net_check_tree(net);
    net_assert_port(net, 4, 1, STP_ROLE_ALTERNATE, STP_BLOCKING);
}

static void a_cut_link_heals_within_a_second(void **state)
{
    struct net *net = *state;
    net_make_ring(net, 8, 0);
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
    net_make_ring(net, 3, 0);
    net_run(net, 60);
    net->is_lan_down[2] = true;
    net->checks_loops = false;
    net_run(net, 6.1);
    net_assert_port(net, 2, 1, STP_ROLE_DESIGNATED, STP_LISTENING);
    net_assert_port(net, 2, 2, STP_ROLE_ROOT, STP_FORWARDING);
}

static void the_death_of_the_root_heals_in_seconds(void **state)
{
    struct net *net = *state;
    net_make_ring(net, 6, 0);
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
    net_make_bridge(net, 0, STP_VERSION_RSTP);
    net_connect(net, 0, 1, 0, &automatic);
    net_run(net, 2.9);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_LISTENING);
    net_run(net, 0.2);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
    stp_port_get_info(net->bridges[0].stp, 1, &info);
    assert_true(info.is_edge);
    net_make_bridge(net, 1, STP_VERSION_RSTP);
    net_link(net, 1, 1, 0);
    net_run(net, 1);
    stp_port_get_info(net->bridges[0].stp, 1, &info);
    assert_false(info.is_edge);
    net_assert_port(net, 1, 1, STP_ROLE_ROOT, STP_FORWARDING);
}

static void edge_ports_are_no_change_of_the_topology(void **state)
{
    struct net *net = *state;
    const struct stp_port_config edge = {
        .cost = 1, .priority = 128, .edge = STP_EDGE_YES, .is_point_to_point = true};
    net_make_ring(net, 3, 0);
    net_run(net, 60);
    unsigned before = net->bridges[1].ports[2].flushes + net->bridges[1].ports[1].flushes;
    net_connect(net, 0, 3, 5, &edge);
    net_assert_port(net, 0, 3, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_run(net, 5);
    assert_int_equal(net->bridges[1].ports[2].flushes + net->bridges[1].ports[1].flushes, before);
}

/* 17.11: who begins to forward tells of it, and all forget at once. */
static void a_topology_change_reaches_all_at_once(void **state)
{
    struct net *net = *state;
    unsigned before[6];
    net_make_ring(net, 6, 0);
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
        net_make_bridge(net, i, STP_VERSION_RSTP);
        net_connect(net, i, 1, 0, &shared);
        net_connect(net, i, 2, 1, &shared);
    }
    net_run(net, 1);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_LISTENING);
    net_run(net, 60);
    net_check_tree(net);
    net_assert_port(net, 2, 2, STP_ROLE_ALTERNATE, STP_BLOCKING);
}

/* 17.24: where a neighbour speaks STP it is spoken to so, and only there. */
static void with_an_stp_neighbour_a_port_speaks_stp(void **state)
{
    struct net *net = *state;
    net_make_ring(net, 3, 1 << 1);
    net_run(net, 60);
    net_check_tree(net);
    assert_false(speaks_rstp(net, 0, 1));
    assert_false(speaks_rstp(net, 2, 2));
    assert_true(speaks_rstp(net, 0, 2));
    assert_true(speaks_rstp(net, 2, 1));
    assert_true(net->bridges[0].ports[1].sent[BPDU_CONFIG] > 0);
    net_kill_bridge(net, 1);
    net_make_bridge(net, 1, STP_VERSION_RSTP);
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
        net_make_ring(net, 5, stp);
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
    net_make_bridge(net, 0, STP_VERSION_RSTP);
    net_link(net, 0, 1, 0);
    net_run(net, 60);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_receive(net, 0, 1, &b);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_LISTENING);
    net_run(net, 10);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
}

/* In a line of bridges the last one that can hear of the root can't tell of it any more, since that
 * would be too old; but it agrees, and tells of changes. */
static void the_last_bridge_in_reach_of_the_root_is_heard(void **state)
{
    struct net *net = *state;
    enum { LAST = 6 };
    for (int i = 0; i <= LAST; i++) {
        struct stp_config config = net_config(i, STP_VERSION_RSTP);
        config.max_age = LAST * SEC;
        config.forward_delay = 4 * SEC;
        net_add_bridge(net, i, &config);
        net_link(net, i, 1, i);
        net_link(net, i, 2, i + 1);
    }
    net_run(net, 30);
    net_set_lan(net, LAST, false);
    net_run(net, 30);
    net_set_lan(net, LAST, true);
    net_run(net, 0.1);
    net_assert_port(net, LAST - 1, 2, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_assert_port(net, LAST, 1, STP_ROLE_ROOT, STP_FORWARDING);
    assert_true(net->bridges[LAST].ports[1].last.flags & BPDU_AGREEMENT);
    assert_true(net->bridges[LAST].ports[1].last.flags & BPDU_TOPOLOGY_CHANGE);
}

/* Makes a network of links between two bridges each by 'seed'. */
static void make_random(struct net *net, unsigned *seed)
{
    uint16_t used[NET_BRIDGES] = {0};
    for (int i = 0; i < NET_BRIDGES; i++) {
        net_make_bridge(net, i, net_draw(seed, 5) ? STP_VERSION_RSTP : STP_VERSION_STP);
    }
    for (int lan = 0; lan < 20; lan++) {
        int a = net_draw(seed, NET_BRIDGES), b = net_draw(seed, NET_BRIDGES);
        struct stp_port_config port = net_port_config;
        port.cost = (uint32_t) (1 + net_draw(seed, 5));
        if (a != b && used[a] < NET_PORTS && used[b] < NET_PORTS) {
            net_connect(net, a, ++used[a], lan, &port);
            net_connect(net, b, ++used[b], lan, &port);
        }
    }
}

/* Not without a loop ever: bridges that are cut off from the root may tell each other of it until
 * it is too old, and begin to forward by their timers meanwhile. */
static void random_networks_become_trees(void **state)
{
    for (unsigned seed = 1; seed <= 40; seed++) {
        struct net *net = *state;
        unsigned draws = seed;
        net->checks_loops = false;
        make_random(net, &draws);
        net_shake(net, &draws, 20, 20);
        net_uninit(net);
        net_init(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_CASE(a_point_to_point_link_forwards_at_once),
        NET_CASE(a_ring_becomes_a_tree_within_a_second),
        NET_CASE(a_cut_link_heals_within_a_second),
        NET_CASE(silence_is_noticed_after_three_hellos),
        NET_CASE(the_death_of_the_root_heals_in_seconds),
        NET_CASE(a_port_without_a_bridge_forwards_after_three_seconds),
        NET_CASE(edge_ports_are_no_change_of_the_topology),
        NET_CASE(a_topology_change_reaches_all_at_once),
        NET_CASE(a_shared_lan_waits_for_the_timers),
        NET_CASE(with_an_stp_neighbour_a_port_speaks_stp),
        NET_CASE(rings_of_both_kinds_become_trees),
        NET_CASE(a_dispute_makes_the_port_discard),
        NET_CASE(the_last_bridge_in_reach_of_the_root_is_heard),
        NET_CASE(random_networks_become_trees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
