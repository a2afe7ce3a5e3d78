/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the spanning tree machine as STP: trees, timers, topology changes, in virtual time. */
/* rows: A7.7 */
#include "lib/util.h"
#include "tests/ofproto/stp-net.h"
#include "tests/unit.h"

enum { ALL = -1 /* Every bridge of a ring speaks STP. */ };

/* Makes 'n' bridges with the default settings. */
static void make_bridges(struct net *net, int n)
{
    for (int i = 0; i < n; i++) {
        net_make_bridge(net, i, STP_VERSION_STP);
    }
}

/* What a bridge better than any of ours would say. */
static struct bpdu make_bpdu(uint64_t root, uint32_t cost, uint64_t bridge, uint16_t port)
{
    return (struct bpdu) {
        .kind = BPDU_CONFIG,
        .root = root,
        .cost = cost,
        .bridge = bridge,
        .port = port,
        .max_age = 20 * SEC,
        .hello_time = 2 * SEC,
        .forward_delay = 15 * SEC,
    };
}

/* 802.1D-1998, 8.4.1 to 8.4.4: listening and learning last for the forward delay each. */
static void a_port_listens_and_learns_for_the_forward_delay_each(void **state)
{
    struct net *net = *state;
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    net_run(net, 14.999);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_LISTENING);
    net_run(net, 14.999);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_LEARNING);
    net_run(net, 0.002);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
}

static void the_root_says_hello_every_hello_time(void **state)
{
    struct net *net = *state;
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    net_run(net, 100);
    assert_int_equal(net->bridges[0].ports[1].sent[BPDU_CONFIG], 1 + 50);
    assert_int_equal(net->bridges[0].ports[1].sent[BPDU_TCN], 0);
}

/* The root as bridge 'i' knows it. */
static uint64_t root_of(const struct net *net, int i)
{
    struct stp_info info;
    stp_get_info(net->bridges[i].stp, &info);
    return info.root;
}

static void the_least_identifier_becomes_the_root(void **state)
{
    struct net *net = *state;
    struct stp_config config = net_config(2, STP_VERSION_STP);
    net_make_ring(net, 5, ALL);
    net_run(net, 60);
    assert_int_equal(root_of(net, 4), net->bridges[0].id);
    net_check_tree(net);
    net_kill_bridge(net, 2);
    config.priority = 4096;
    net_add_bridge(net, 2, &config);
    net_link(net, 2, 1, 2);
    net_link(net, 2, 2, 1);
    net_run(net, 60);
    assert_int_equal(root_of(net, 4), net->bridges[2].id);
    net_check_tree(net);
}

/* 802.1D-1998, figures 8-1 and 8-2: of a ring of LANs one is cut, and where depends on costs. */
static void in_a_triangle_the_far_side_is_cut(void **state)
{
    struct net *net = *state;
    net_make_ring(net, 3, ALL);
    net_run(net, 60);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_assert_port(net, 0, 2, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_assert_port(net, 1, 2, STP_ROLE_ROOT, STP_FORWARDING);
    net_assert_port(net, 1, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_assert_port(net, 2, 1, STP_ROLE_ROOT, STP_FORWARDING);
    net_assert_port(net, 2, 2, STP_ROLE_ALTERNATE, STP_BLOCKING);
    net_check_tree(net);
}

static void the_cheaper_way_is_taken_though_it_is_longer(void **state)
{
    struct net *net = *state;
    const struct stp_port_config dear = {.cost = 50000, .priority = 128};
    net_make_ring(net, 3, ALL);
    stp_port_configure(net->bridges[2].stp, 1, &dear, net->now);
    net->bridges[2].ports[1].cost = dear.cost;
    net_run(net, 60);
    net_assert_port(net, 2, 2, STP_ROLE_ROOT, STP_FORWARDING);
    net_assert_port(net, 2, 1, STP_ROLE_ALTERNATE, STP_BLOCKING);
    net_check_tree(net);
}

/* 8.6.8.3.1: of two links between two bridges that with the sender's lower port identifier. */
static void of_parallel_links_the_sender_s_port_identifier_decides(void **state)
{
    struct net *net = *state;
    const struct stp_port_config preferred = {.cost = 20000, .priority = 112};
    make_bridges(net, 2);
    net_link(net, 0, 1, 0);
    net_link(net, 0, 2, 1);
    net_link(net, 1, 1, 1);
    net_link(net, 1, 2, 0);
    net_run(net, 60);
    net_assert_port(net, 1, 2, STP_ROLE_ROOT, STP_FORWARDING);
    net_assert_port(net, 1, 1, STP_ROLE_ALTERNATE, STP_BLOCKING);
    stp_port_configure(net->bridges[0].stp, 2, &preferred, net->now);
    net_run(net, 60);
    net_assert_port(net, 1, 1, STP_ROLE_ROOT, STP_FORWARDING);
    net_assert_port(net, 1, 2, STP_ROLE_ALTERNATE, STP_BLOCKING);
}

static void of_two_ports_on_the_sender_s_lan_our_own_identifier_decides(void **state)
{
    struct net *net = *state;
    make_bridges(net, 2);
    net_link(net, 0, 1, 0);
    net_link(net, 1, 2, 0);
    net_link(net, 1, 1, 0);
    net_run(net, 60);
    net_assert_port(net, 1, 1, STP_ROLE_ROOT, STP_FORWARDING);
    net_assert_port(net, 1, 2, STP_ROLE_ALTERNATE, STP_BLOCKING);
}

static void of_two_ports_of_the_designated_bridge_on_a_lan_one_is_a_backup(void **state)
{
    struct net *net = *state;
    make_bridges(net, 2);
    net_link(net, 0, 1, 0);
    net_link(net, 0, 2, 0);
    net_link(net, 1, 1, 0);
    net_run(net, 60);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_assert_port(net, 0, 2, STP_ROLE_BACKUP, STP_BLOCKING);
    net_assert_port(net, 1, 1, STP_ROLE_ROOT, STP_FORWARDING);
}

static void a_cut_link_heals_after_max_age_and_twice_the_forward_delay_at_most(void **state)
{
    struct net *net = *state;
    net_make_ring(net, 4, ALL);
    net_run(net, 60);
    net_check_tree(net);
    net_set_lan(net, 0, false);
    net_run(net, 20 + 2 * 15 + 1);
    net_check_tree(net);
    net_set_lan(net, 0, true);
    net_run(net, 20 + 2 * 15 + 1);
    net_check_tree(net);
}

/* 8.10.2: what was heard is good for max age less its message age. */
static void the_loss_of_the_root_is_seen_after_max_age(void **state)
{
    struct net *net = *state;
    struct stp_info info;
    struct bpdu b = make_bpdu(1, 4, 2, 0x8001);
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    b.message_age = 5 * SEC;
    net_receive(net, 0, 1, &b);
    net_run(net, 14.9);
    stp_get_info(net->bridges[0].stp, &info);
    assert_int_equal(info.root, 1);
    assert_int_equal(info.root_port, 1);
    assert_int_equal(info.cost, 4 + 20000);
    net_run(net, 0.2);
    stp_get_info(net->bridges[0].stp, &info);
    assert_int_equal(info.root, net->bridges[0].id);
    assert_int_equal(info.root_port, 0);
}

static void when_the_root_dies_the_next_takes_over(void **state)
{
    struct net *net = *state;
    net_make_ring(net, 5, ALL);
    net_run(net, 60);
    net_kill_bridge(net, 0);
    net_run(net, 20 + 2 * 15 + 5);
    net_check_tree(net);
    assert_int_equal(root_of(net, 3), net->bridges[1].id);
}

/* 8.6.1.3.3 h: the age of what is told on is a second more a hop. */
static void the_message_age_grows_with_each_hop(void **state)
{
    struct net *net = *state;
    make_bridges(net, 4);
    for (int i = 0; i < 4; i++) {
        net_link(net, i, 1, i);
        net_link(net, i, 2, i + 1);
    }
    net_run(net, 60);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(net->bridges[i].ports[2].last.message_age, i * SEC);
    }
}

static void what_is_told_too_far_from_the_root_reaches_nobody(void **state)
{
    struct net *net = *state;
    for (int i = 0; i < 10; i++) {
        struct stp_config config = net_config(i, STP_VERSION_STP);
        config.max_age = 6 * SEC;
        config.forward_delay = 4 * SEC;
        net_add_bridge(net, i, &config);
        net_link(net, i, 1, i);
        net_link(net, i, 2, i + 1);
    }
    net_run(net, 100);
    assert_int_equal(root_of(net, 4), net->bridges[0].id);
    assert_int_not_equal(root_of(net, 7), net->bridges[0].id);
}

/* 8.5.1.4 to 8.5.1.8: timers are the root's. */
static void everybody_keeps_the_root_s_times(void **state)
{
    struct net *net = *state;
    struct stp_config config = net_config(0, STP_VERSION_STP);
    struct stp_info info;
    config.hello_time = SEC;
    config.forward_delay = 4 * SEC;
    config.max_age = 6 * SEC;
    net_add_bridge(net, 0, &config);
    config = net_config(1, STP_VERSION_STP);
    net_add_bridge(net, 1, &config);
    net_link(net, 0, 1, 0);
    net_link(net, 1, 1, 0);
    net_link(net, 1, 2, 1);
    net_run(net, 9);
    stp_get_info(net->bridges[1].stp, &info);
    assert_int_equal(info.hello_time, SEC);
    assert_int_equal(info.max_age, 6 * SEC);
    assert_int_equal(info.forward_delay, 4 * SEC);
    net_run(net, 20);
    net_assert_port(net, 1, 2, STP_ROLE_DESIGNATED, STP_FORWARDING);
    unsigned before = net->bridges[1].ports[2].sent[BPDU_CONFIG];
    net_run(net, 10);
    assert_int_equal(net->bridges[1].ports[2].sent[BPDU_CONFIG], before + 10);
}

/* No Hello Time is less than a second, or a peer could make us spin. */
static void a_root_without_a_hello_time_has_one_of_a_second(void **state)
{
    struct net *net = *state;
    struct stp_info info;
    struct bpdu b = make_bpdu(1, 0, 1, 0x8001);
    b.hello_time = 0;
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    net_link(net, 0, 2, 1);
    net_receive(net, 0, 1, &b);
    net_run(net, 10);
    stp_get_info(net->bridges[0].stp, &info);
    assert_int_equal(info.root, 1);
    assert_int_equal(info.hello_time, SEC);
    assert_in_range(net->bridges[0].ports[2].sent[BPDU_CONFIG], 1, 12);
}

/* 8.6.10: an inferior BPDU is answered. */
static void an_inferior_bpdu_is_answered_at_once(void **state)
{
    struct net *net = *state;
    const struct bpdu inferior = make_bpdu(UINT64_MAX - 5, 0, UINT64_MAX - 5, 0x8001);
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    net_run(net, 31.5);
    unsigned before = net->bridges[0].ports[1].sent[BPDU_CONFIG];
    net_receive(net, 0, 1, &inferior);
    assert_int_equal(net->bridges[0].ports[1].sent[BPDU_CONFIG], before + 1);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
}

/* 8.10.5 and table 8-3: Hold Time. */
static void no_port_sends_twice_in_hold_time(void **state)
{
    struct net *net = *state;
    const struct bpdu inferior = make_bpdu(UINT64_MAX - 5, 0, UINT64_MAX - 5, 0x8001);
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    net_run(net, 50.5);
    unsigned before = net->bridges[0].ports[1].sent[BPDU_CONFIG];
    for (int i = 0; i < 100; i++) {
        net_receive(net, 0, 1, &inferior);
        net_run(net, 0.05);
    }
    assert_in_range(net->bridges[0].ports[1].sent[BPDU_CONFIG], before + 4, before + 6);
}

static void our_own_bpdu_that_comes_back_is_ignored(void **state)
{
    struct net *net = *state;
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    net_run(net, 40);
    net_receive(net, 0, 1, &net->bridges[0].ports[1].last);
    net_run(net, 1);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
}

static void a_disabled_port_hears_and_says_nothing(void **state)
{
    struct net *net = *state;
    const struct bpdu better = make_bpdu(1, 0, 1, 0x8001);
    struct stp_info info;
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    net_set_lan(net, 0, false);
    unsigned before = net->bridges[0].ports[1].sent[BPDU_CONFIG];
    net_receive(net, 0, 1, &better);
    net_run(net, 60);
    stp_get_info(net->bridges[0].stp, &info);
    assert_int_equal(info.root, net->bridges[0].id);
    assert_int_equal(net->bridges[0].ports[1].sent[BPDU_CONFIG], before);
    net_assert_port(net, 0, 1, STP_ROLE_DISABLED, STP_DISABLED);
    assert_int_equal(stp_next(net->bridges[0].stp), INT64_MAX);
}

/* 8.5.1.9 to 8.5.1.11 and 8.6.14: a TCN goes up to the root, is acknowledged at each hop, and the
 * root tells of it for max age and the forward delay. */
static void a_topology_change_goes_to_the_root_and_back(void **state)
{
    struct net *net = *state;
    make_bridges(net, 3);
    net_link(net, 0, 1, 0);
    net_link(net, 0, 2, 1);
    net_link(net, 1, 1, 0);
    net_link(net, 2, 1, 1);
    net_run(net, 200);
    assert_false(net->bridges[0].ports[1].last.flags & BPDU_TOPOLOGY_CHANGE);
    unsigned tcns = net->bridges[1].ports[1].sent[BPDU_TCN];
    unsigned flushes = net->bridges[0].ports[2].flushes;
    net_link(net, 1, 2, 2);
    net_run(net, 29.5);
    assert_int_equal(net->bridges[1].ports[1].sent[BPDU_TCN], tcns);
    net_run(net, 1);
    assert_int_equal(net->bridges[1].ports[1].sent[BPDU_TCN], tcns + 1);
    net_run(net, 3);
    assert_int_equal(net->bridges[1].ports[1].sent[BPDU_TCN], tcns + 1);
    assert_true(net->bridges[0].ports[2].last.flags & BPDU_TOPOLOGY_CHANGE);
    assert_true(net->bridges[0].ports[2].flushes > flushes);
    net_run(net, 26);
    assert_true(net->bridges[0].ports[2].last.flags & BPDU_TOPOLOGY_CHANGE);
    net_run(net, 10);
    assert_false(net->bridges[0].ports[2].last.flags & BPDU_TOPOLOGY_CHANGE);
}

/* 8.6.6: a TCN that nobody acknowledges is sent again every hello time. */
static void a_tcn_is_repeated_until_it_is_acknowledged(void **state)
{
    struct net *net = *state;
    struct bpdu root = make_bpdu(1, 0, 1, 0x8001);
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    net_link(net, 0, 2, 1);
    for (int i = 0; i < 20; i++) {
        net_receive(net, 0, 1, &root);
        net_run(net, 2);
    }
    unsigned tcns = net->bridges[0].ports[1].sent[BPDU_TCN];
    assert_in_range(tcns, 4, 6);
    root.flags = BPDU_TC_ACK;
    net_receive(net, 0, 1, &root);
    net_run(net, 10);
    assert_int_equal(net->bridges[0].ports[1].sent[BPDU_TCN], tcns);
}

/* What a bridge knows of the root may be too old to be told on; its TCN is not about the root. */
static void who_is_too_far_from_the_root_for_others_tells_it_of_a_change(void **state)
{
    struct net *net = *state;
    struct bpdu root = make_bpdu(1, 0, 1, 0x8001);
    root.message_age = 19 * SEC;
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    net_link(net, 0, 2, 1);
    unsigned configs = net->bridges[0].ports[2].sent[BPDU_CONFIG];
    for (int i = 0; i < 100; i++) {
        net_receive(net, 0, 1, &root);
        net_run(net, 0.5);
    }
    net_assert_port(net, 0, 2, STP_ROLE_DESIGNATED, STP_FORWARDING);
    assert_int_equal(net->bridges[0].ports[2].sent[BPDU_CONFIG], configs);
    assert_true(net->bridges[0].ports[1].sent[BPDU_TCN] > 0);
}

/* STP knows no proposals (802.1D-1998): ports that forward go on while a new root port waits. */
static void a_proposal_does_not_stop_other_ports(void **state)
{
    struct net *net = *state;
    struct bpdu b = make_bpdu(1, 0, 1, 0x8001);
    b.kind = BPDU_RST;
    b.flags = BPDU_ROLE_DESIGNATED << BPDU_ROLE_SHIFT | BPDU_PROPOSAL;
    make_bridges(net, 1);
    net_link(net, 0, 1, 0);
    net_link(net, 0, 2, 1);
    net_run(net, 60);
    for (int i = 0; i < 2; i++) {
        net_receive(net, 0, 1, &b);
        net_assert_port(net, 0, 1, STP_ROLE_ROOT, STP_FORWARDING);
        net_assert_port(net, 0, 2, STP_ROLE_DESIGNATED, STP_FORWARDING);
    }
}

static void an_edge_port_forwards_at_once_until_a_bpdu_comes(void **state)
{
    struct net *net = *state;
    const struct stp_port_config edge = {.cost = 4, .priority = 128, .edge = STP_EDGE_YES};
    const struct bpdu better = make_bpdu(1, 0, 1, 0x8001);
    make_bridges(net, 1);
    net_connect(net, 0, 1, 0, &edge);
    net_assert_port(net, 0, 1, STP_ROLE_DESIGNATED, STP_FORWARDING);
    net_connect(net, 0, 2, 1, &edge);
    net_receive(net, 0, 1, &better);
    net_receive(net, 0, 2, &better);
    net_run(net, 0.1);
    net_assert_port(net, 0, 2, STP_ROLE_ALTERNATE, STP_BLOCKING);
}

static void ports_come_and_go(void **state)
{
    struct net *net = *state;
    struct stp_port_info info;
    net_make_ring(net, 4, ALL);
    net_run(net, 60);
    for (uint16_t number = 1; number <= 2; number++) {
        assert_true(stp_port_exists(net->bridges[1].stp, number));
        stp_port_remove(net->bridges[1].stp, number, net->now);
        net->bridges[1].ports[number] = (struct net_port) {.lan = -1};
        assert_false(stp_port_get_info(net->bridges[1].stp, number, &info));
    }
    net_run(net, 60);
    net_check_tree(net);
}

/* Makes a network by 'seed': buses and links, costs, priorities. */
static void make_random(struct net *net, unsigned *seed)
{
    for (int i = 0; i < NET_BRIDGES; i++) {
        struct stp_config config = net_config(i, STP_VERSION_STP);
        config.priority = (uint16_t) (4096 * net_draw(seed, 3));
        net_add_bridge(net, i, &config);
        for (uint16_t number = 1; number <= NET_PORTS / 2; number++) {
            struct stp_port_config port = {.priority = (uint8_t) (16 * net_draw(seed, 3))};
            port.cost = (uint32_t) (1 + net_draw(seed, 5));
            net_connect(net, i, number, net_draw(seed, 12), &port);
        }
    }
}

static void random_networks_become_trees_without_a_loop_ever(void **state)
{
    for (unsigned seed = 1; seed <= 40; seed++) {
        struct net *net = *state;
        unsigned draws = seed;
        make_random(net, &draws);
        net_shake(net, &draws, 12, 30);
        net_uninit(net);
        net_init(net);
        net->checks_loops = true;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_CASE(a_port_listens_and_learns_for_the_forward_delay_each),
        NET_CASE(the_root_says_hello_every_hello_time),
        NET_CASE(the_least_identifier_becomes_the_root),
        NET_CASE(in_a_triangle_the_far_side_is_cut),
        NET_CASE(the_cheaper_way_is_taken_though_it_is_longer),
        NET_CASE(of_parallel_links_the_sender_s_port_identifier_decides),
        NET_CASE(of_two_ports_on_the_sender_s_lan_our_own_identifier_decides),
        NET_CASE(of_two_ports_of_the_designated_bridge_on_a_lan_one_is_a_backup),
        NET_CASE(a_cut_link_heals_after_max_age_and_twice_the_forward_delay_at_most),
        NET_CASE(the_loss_of_the_root_is_seen_after_max_age),
        NET_CASE(when_the_root_dies_the_next_takes_over),
        NET_CASE(the_message_age_grows_with_each_hop),
        NET_CASE(what_is_told_too_far_from_the_root_reaches_nobody),
        NET_CASE(everybody_keeps_the_root_s_times),
        NET_CASE(a_root_without_a_hello_time_has_one_of_a_second),
        NET_CASE(an_inferior_bpdu_is_answered_at_once),
        NET_CASE(no_port_sends_twice_in_hold_time),
        NET_CASE(our_own_bpdu_that_comes_back_is_ignored),
        NET_CASE(a_disabled_port_hears_and_says_nothing),
        NET_CASE(a_topology_change_goes_to_the_root_and_back),
        NET_CASE(a_tcn_is_repeated_until_it_is_acknowledged),
        NET_CASE(who_is_too_far_from_the_root_for_others_tells_it_of_a_change),
        NET_CASE(a_proposal_does_not_stop_other_ports),
        NET_CASE(an_edge_port_forwards_at_once_until_a_bpdu_comes),
        NET_CASE(ports_come_and_go),
        NET_CASE(random_networks_become_trees_without_a_loop_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
