/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of patch ports: two bridges, what crosses between them, loops, ends that come and go. */
#include "tests/unit.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "datapath/workers-private.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/packet.h"
#include "lib/util.h"
#include "tests/datapath/testbed.h"

/* Bridge a has the memory ports 1 and 2 and its end of the patch as 10, bridge b the memory port 1
 * and its end as 20. */

enum {
    PA = 10, /* Bridge a's end. */
    PB = 20, /* Bridge b's end. */
};

static const char *const frame_a = "udp(10.0.0.1:1 > 10.0.0.2:2)";
static const char *const frame_b = "udp(10.0.0.2:2 > 10.0.0.1:1)";

struct bridges {
    struct testbed a; /* Bridge a, "br0". */
    struct testbed b; /* Bridge b. */
};

/* Makes both bridges, not connected. */
static void make_bridges(struct bridges *s, unsigned n_workers)
{
    testbed_init(&s->a, &(struct testbed_config) {
        .n_workers = n_workers, .n_ports = 2, .n_tables = 2});
    testbed_init_beside(&s->b, &s->a, "b");
    testbed_add_port(&s->b, "q1,type=memory");
}

/* Makes both bridges and connects them. */
static void connect_bridges(struct bridges *s, unsigned n_workers)
{
    make_bridges(s, n_workers);
    assert_int_equal(testbed_add_port(&s->a, "pa,type=patch,peer=pb,ofport=10"), PA);
    assert_int_equal(testbed_add_port(&s->b, "pb,type=patch,peer=pa,ofport=20"), PB);
    testbed_run(&s->a);
}

static void remove_bridges(struct bridges *s)
{
    testbed_uninit(&s->b);
    testbed_uninit(&s->a);
}

static struct ofp_port_stats stats_of(const struct testbed *tb, uint16_t port_no)
{
    struct ofp_port_stats stats;
    assert_int_equal(datapath_port_get_stats(tb->dp, port_no, &stats), 0);
    return stats;
}

static struct ofp_port port_of(const struct testbed *tb, uint16_t port_no)
{
    struct ofp_port port;
    assert_int_equal(datapath_port_get(tb->dp, port_no, &port), 0);
    return port;
}

static bool is_linked(const struct testbed *tb, uint16_t port_no)
{
    return !(port_of(tb, port_no).state & OFPPS_LINK_DOWN);
}

static void packets_cross_both_ways_whatever_the_number_of_workers(void **state UNUSED)
{
    for (unsigned n = 0; n <= 2; n++) {
        struct bridges s;
        connect_bridges(&s, n);
        testbed_add(&s.a, "in_port=1", 1, "output:10");
        testbed_add(&s.a, "in_port=10", 1, "output:2");
        testbed_add(&s.b, "in_port=20", 1, "output:1");
        testbed_add(&s.b, "in_port=1", 1, "output:20");
        testbed_run(&s.a);
        testbed_inject(&s.a, 1, frame_a);
        while (!stats_of(&s.b, 1).tx_packets) {
            testbed_run(&s.a);
        }
        testbed_expect(&s.b, 1, frame_a);
        testbed_inject(&s.b, 1, frame_b);
        while (!stats_of(&s.a, 2).tx_packets) {
            testbed_run(&s.a);
        }
        testbed_expect(&s.a, 2, frame_b);
        testbed_expect_no_more(&s.a);
        testbed_expect_no_more(&s.b);
        struct ofp_port_stats pa = stats_of(&s.a, PA), pb = stats_of(&s.b, PB);
        assert_int_equal(pa.tx_packets, 1);
        assert_int_equal(pa.tx_bytes, 42);
        assert_int_equal(pa.rx_packets, 1);
        assert_int_equal(pa.rx_bytes, 42);
        assert_int_equal(pb.tx_packets, 1);
        assert_int_equal(pb.rx_packets, 1);
        assert_int_equal(pb.rx_bytes, 42);
        remove_bridges(&s);
    }
}

static void a_miss_behind_a_patch_comes_up_there_with_the_port_of_the_patch(void **state UNUSED)
{
    struct bridges s;
    connect_bridges(&s, 0);
    testbed_add(&s.a, "", 1, "output:10");
    testbed_inject(&s.a, 1, frame_a);
    testbed_run(&s.a);
    assert_int_equal(s.a.n_upcalls, 0);
    assert_int_equal(s.b.n_upcalls, 1);
    assert_int_equal(s.b.upcalls[0].reason, UPCALL_MISS);
    assert_int_equal(s.b.upcalls[0].in_port, PB);
    remove_bridges(&s);
}

static void a_packet_out_crosses_too(void **state UNUSED)
{
    struct bridges s;
    connect_bridges(&s, 0);
    testbed_add(&s.b, "in_port=20", 1, "output:1");
    testbed_packet_out(&s.a, OFPP_NONE, "output:10", frame_a);
    testbed_expect(&s.b, 1, frame_a);
    remove_bridges(&s);
}

static void normal_learns_behind_a_patch(void **state UNUSED)
{
    struct bridges s;
    connect_bridges(&s, 0);
    datapath_set_miss(s.a.dp, MISS_NORMAL);
    datapath_set_miss(s.b.dp, MISS_NORMAL);
    testbed_inject(&s.a, 1, frame_a);
    testbed_run(&s.a);
    testbed_expect(&s.a, 2, frame_a);
    testbed_expect(&s.b, 1, frame_a);
    testbed_inject(&s.b, 1, frame_b);
    testbed_run(&s.a);
    testbed_expect(&s.a, 1, frame_b);
    testbed_expect_no_more(&s.a);
    remove_bridges(&s);
}

static void the_link_is_up_while_both_ends_are_there(void **state UNUSED)
{
    for (unsigned n = 0; n <= 1; n++) {
        struct bridges s;
        make_bridges(&s, n);
        testbed_add_port(&s.a, "pa,type=patch,peer=pb,ofport=10");
        testbed_run(&s.a);
        assert_string_equal(datapath_port_kind(s.a.dp, PA), "patch");
        assert_false(is_linked(&s.a, PA));
        assert_int_equal(s.a.n_changed, 0);

        testbed_add_port(&s.b, "pb,type=patch,peer=pa,ofport=20");
        assert_true(is_linked(&s.a, PA) && is_linked(&s.b, PB));
        assert_int_equal(s.a.n_changed, 0);
        testbed_run(&s.a);
        assert_int_equal(s.a.n_changed, 1);
        assert_int_equal(s.a.changed.port_no, PA);
        assert_int_equal(s.a.changed.state, 0);
        assert_int_equal(s.b.n_changed, 0);

        assert_int_equal(datapath_port_remove(s.b.dp, PB), 0);
        assert_false(is_linked(&s.a, PA));
        testbed_run(&s.a);
        assert_int_equal(s.a.n_changed, 2);
        assert_int_equal(s.a.changed.state, OFPPS_LINK_DOWN);

        testbed_packet_out(&s.a, OFPP_NONE, "output:10", frame_a);
        assert_int_equal(
            testbed_drops(&s.a, "output to a port that is down or does not forward"), 1);
        assert_int_equal(stats_of(&s.a, PA).tx_packets, 0);

        testbed_add_port(&s.b, "pb,type=patch,peer=pa,ofport=20");
        testbed_run(&s.a);
        assert_int_equal(s.a.n_changed, 3);
        assert_true(is_linked(&s.a, PA) && is_linked(&s.b, PB));
        remove_bridges(&s);
    }
}

static void a_bridge_that_goes_takes_the_link_with_it(void **state UNUSED)
{
    struct bridges s;
    connect_bridges(&s, 0);
    assert_true(is_linked(&s.a, PA));
    testbed_uninit(&s.b);
    assert_false(is_linked(&s.a, PA));
    assert_true(s.a.changed.state & OFPPS_LINK_DOWN);
    testbed_uninit(&s.a);
}

static void ends_that_do_not_name_each_other_stay_apart(void **state UNUSED)
{
    struct bridges s;
    make_bridges(&s, 0);
    uint16_t pa = testbed_add_port(&s.a, "pa,type=patch,peer=pb");
    uint16_t pb = testbed_add_port(&s.b, "pb,type=patch,peer=pc");
    assert_false(is_linked(&s.a, pa) || is_linked(&s.b, pb));
    uint16_t pc = testbed_add_port(&s.a, "pc,type=patch,peer=pb");
    assert_true(is_linked(&s.a, pc) && is_linked(&s.b, pb));
    assert_false(is_linked(&s.a, pa));
    assert_memory_not_equal(port_of(&s.a, pa).hw_addr, port_of(&s.a, pc).hw_addr, 6);
    remove_bridges(&s);
}

static void what_makes_no_sense_is_refused(void **state UNUSED)
{
    static const struct {
        const char *text; /* Request. */
        const char *says; /* Part of the sentence. */
    } bad[] = {
        {"px,type=patch", "needs peer=NAME"},
        {"px,type=patch,peer=", "needs peer=NAME"},
        {"px,type=patch,peer=px", "can't lead to itself"},
        {"px,type=patch,peer=py,mtu=9000", "\"mtu\" is no option of kind patch"},
        {"pb,type=patch,peer=py", "bridge b has a patch port of this name already"},
        {"a-name-much-too-long,type=patch,peer=py", "the name is too long"},
        {"px,type=patch,peer=pb", "that port of bridge b leads to pa: delete it, and add it with "
                                  "peer=px"},
        {"px,type=path", "or patch, between bridges"},
    };
    struct bridges s;
    connect_bridges(&s, 0);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        char *error = NULL;
        uint16_t added;
        assert_int_not_equal(datapath_port_add(s.a.dp, bad[i].text, 0, &added, &error), 0);
        assert_non_null(strstr(error, bad[i].says));
        free(error);
    }
    remove_bridges(&s);
}

static void configuration_bits_hold_at_a_patch_too(void **state UNUSED)
{
    struct bridges s;
    connect_bridges(&s, 0);
    testbed_add(&s.a, "in_port=1", 1, "output:10");
    testbed_add(&s.b, "in_port=20", 1, "output:1");
    datapath_port_set_config(s.b.dp, PB, OFPPC_PORT_DOWN, OFPPC_PORT_DOWN);
    testbed_inject(&s.a, 1, frame_a);
    testbed_run(&s.a);
    assert_int_equal(testbed_drops(&s.a, "output to a port that is down or does not forward"), 1);
    assert_int_equal(stats_of(&s.b, PB).rx_packets, 0);
    datapath_port_set_config(s.b.dp, PB, 0, OFPPC_PORT_DOWN);
    testbed_inject(&s.a, 1, frame_a);
    testbed_run(&s.a);
    testbed_expect(&s.b, 1, frame_a);
    testbed_expect_no_more(&s.b);
    remove_bridges(&s);
}

/* Fails unless the control thread has all its buffers back. */
static void expect_all_buffers_back(const struct testbed *tb)
{
    const struct forwarder *fw = &tb->w->workers[0].fw;
    struct packet_pool *pool = fw->netdev.pool;
    size_t n = packet_pool_count(pool), taken = 0;
    struct packet *first = NULL, *p;
    assert_int_equal(fw->n_crossings + fw->n_copies, 0);
    while ((p = packet_pool_get(pool, 1)) || (p = packet_pool_get(pool, PACKET_SMALL))) {
        assert_int_equal(p->refs, 0);
        p->next_free = first;
        first = p;
        taken++;
    }
    assert_int_equal(taken, n);
    assert_int_equal(n, 2048 + 128);
    while ((p = first)) {
        first = p->next_free;
        packet_pool_put(p);
    }
}

static void a_ping_pong_between_bridges_ends_after_64_hops(void **state UNUSED)
{
    struct bridges s;
    connect_bridges(&s, 0);
    testbed_add(&s.a, "in_port=1", 1, "output:10");
    struct rule *ping = testbed_add(&s.a, "in_port=10", 1, "in_port");
    struct rule *pong = testbed_add(&s.b, "in_port=20", 1, "in_port");
    testbed_inject(&s.a, 1, frame_a);
    testbed_run(&s.a);
    assert_int_equal(stats_of(&s.a, PA).tx_packets + stats_of(&s.b, PB).tx_packets,
                     PACKET_MAX_HOPS);
    assert_int_equal(testbed_packets(&s.a, ping) + testbed_packets(&s.b, pong), PACKET_MAX_HOPS);
    assert_int_equal(testbed_drops(&s.a, "crossed too many patch ports"), 1);
    assert_int_equal(testbed_drops(&s.b, "crossed too many patch ports"), 0);
    assert_int_equal(stats_of(&s.a, PA).tx_dropped, 1);
    expect_all_buffers_back(&s.a);
    remove_bridges(&s);
}

static void a_flood_that_triples_with_each_hop_ends_as_well(void **state UNUSED)
{
    static const char *const actions[] = {"flood", "mod_tp_dst:7,flood", "mod_vlan_vid:7,flood"};
    for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
        struct bridges s;
        char text[100];
        make_bridges(&s, 0);
        for (unsigned j = 1; j <= 4; j++) {
            snprintf(text, sizeof text, "pa%u,type=patch,peer=pb%u", j, j);
            testbed_add_port(&s.a, text);
            snprintf(text, sizeof text, "pb%u,type=patch,peer=pa%u", j, j);
            testbed_add_port(&s.b, text);
        }
        testbed_add(&s.a, "", 1, actions[i]);
        testbed_add(&s.b, "", 1, actions[i]);
        testbed_inject(&s.a, 1, frame_a);
        testbed_run(&s.a);
        assert_true(testbed_drops(&s.a, "too many packets cross patch ports")
                    + testbed_drops(&s.b, "too many packets cross patch ports") > 1000);
        assert_true(testbed_drops(&s.a, "crossed too many patch ports") > 0);
        expect_all_buffers_back(&s.a);
        remove_bridges(&s);
    }
}

static void order_is_kept_across(void **state UNUSED)
{
    enum { N = 1000 };
    struct bridges s;
    char text[100];
    connect_bridges(&s, 0);
    testbed_add(&s.a, "in_port=1", 1, "output:2,output:10,output:10");
    testbed_add(&s.b, "in_port=20", 1, "output:1");
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "udp(10.0.0.1:1 > 10.0.0.2:2, size 4, ipid %d)", i);
        testbed_inject(&s.a, 1, text);
    }
    testbed_run(&s.a);
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "udp(10.0.0.1:1 > 10.0.0.2:2, size 4, ipid %d)", i);
        testbed_expect(&s.a, 2, text);
        testbed_expect(&s.b, 1, text);
        testbed_expect(&s.b, 1, text);
    }
    testbed_expect_no_more(&s.b);
    remove_bridges(&s);
}

static void each_bridge_changes_a_copy_of_its_own(void **state UNUSED)
{
    struct bridges s;
    connect_bridges(&s, 0);
    testbed_add_port(&s.a, "pc,type=patch,peer=pd,ofport=11");
    testbed_add_port(&s.b, "pd,type=patch,peer=pc,ofport=21");
    testbed_add(&s.a, "in_port=1", 1,
                "output:10,output:11,output:10,output:2,mod_vlan_vid:5,output:2");
    testbed_add(&s.b, "in_port=20", 1, "mod_tp_dst:7,output:1,mod_tp_dst:8,output:1");
    testbed_add(&s.b, "in_port=21", 1, "output:1");
    testbed_inject(&s.a, 1, frame_a);
    testbed_run(&s.a);
    testbed_expect(&s.a, 2, frame_a);
    testbed_expect(&s.a, 2, "udp(10.0.0.1:1 > 10.0.0.2:2, vlan 5)");
    testbed_expect(&s.b, 1, "udp(10.0.0.1:1 > 10.0.0.2:7)");
    testbed_expect(&s.b, 1, "udp(10.0.0.1:1 > 10.0.0.2:8)");
    testbed_expect(&s.b, 1, frame_a);
    testbed_expect(&s.b, 1, "udp(10.0.0.1:1 > 10.0.0.2:7)");
    testbed_expect(&s.b, 1, "udp(10.0.0.1:1 > 10.0.0.2:8)");
    testbed_expect_no_more(&s.a);
    testbed_expect_no_more(&s.b);
    expect_all_buffers_back(&s.a);
    remove_bridges(&s);
}

static void bridges_in_a_row_pass_on_a_packet_in_one_batch(void **state UNUSED)
{
    enum { N = PACKET_MAX_HOPS };
    struct testbed row[N + 1];
    char text[100];
    testbed_init(&row[0], &(struct testbed_config) {.n_ports = 1});
    for (unsigned i = 0; i < N; i++) {
        snprintf(text, sizeof text, "r%u,type=patch,peer=l%u", i, i + 1);
        testbed_add(&row[i], "", 1, "output:2");
        testbed_init_beside(&row[i + 1], &row[0], "next");
        assert_int_equal(testbed_add_port(&row[i], text), 2);
        snprintf(text, sizeof text, "l%u,type=patch,peer=r%u", i + 1, i);
        assert_int_equal(testbed_add_port(&row[i + 1], text), 1);
    }
    testbed_add_port(&row[N], "end,type=memory");
    testbed_add(&row[N], "", 1, "output:2");
    testbed_packet_out(&row[0], 1, "table", frame_a);
    testbed_expect(&row[N], 2, frame_a);
    for (unsigned i = N + 1; i-- > 0;) {
        testbed_uninit(&row[i]);
    }
}

/* Waits until port 1 of bridge a has received 'n' frames; the control thread does nothing. */
static void wait_for_frames(const struct bridges *s, uint64_t n)
{
    while (stats_of(&s->a, 1).rx_packets < n) {
        sched_yield();
    }
}

/* Those of a packet that teaches, too, although others then wait for the control thread. */
static void fragments_cross_in_the_thread_that_received_them(void **state UNUSED)
{
    struct bridges s;
    connect_bridges(&s, 1);
    datapath_set_frag_mode(s.b.dp, OFPC_FRAG_REASM);
    testbed_add(&s.a, "", 1, "learn(table=1,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]),output:10");
    testbed_add(&s.b, "", 1, "output:1");
    testbed_inject(&s.a, 1, "ip(10.0.0.1 > 10.0.0.2, proto 17, ipid 9, size 768, frag 0+)");
    wait_for_frames(&s, 1);
    testbed_inject(&s.a, 1, "ip(10.0.0.1 > 10.0.0.2, proto 17, ipid 9, size 256, frag 768)");
    wait_for_frames(&s, 2);
    testbed_run(&s.a);
    testbed_expect(&s.b, 1, "ip(10.0.0.1 > 10.0.0.2, proto 17, ipid 9, size 1024)");
    remove_bridges(&s);
}

static void an_end_can_be_removed_and_come_back_under_traffic(void **state UNUSED)
{
    struct bridges s;
    uint64_t in = 0;
    connect_bridges(&s, 2);
    testbed_add(&s.a, "", 1, "output:10");
    testbed_add(&s.b, "", 1, "output:1");
    testbed_run(&s.a);
    for (int i = 0; i < 300; i++) {
        for (int j = 0; j < 8; j++) {
            testbed_inject(&s.a, 1 + j % 2, frame_a);
            in++;
        }
        if (i % 2) {
            testbed_add_port(&s.b, "pb,type=patch,peer=pa,ofport=20");
        } else {
            datapath_port_remove(s.b.dp, PB);
        }
        workers_run(s.a.w, s.a.now);
        testbed_clear(&s.b);
    }
    while (stats_of(&s.a, 1).rx_packets + stats_of(&s.a, 2).rx_packets < in) {
        testbed_run(&s.a);
    }
    testbed_run(&s.a);
    assert_int_equal(stats_of(&s.a, PA).tx_packets
                         + testbed_drops(&s.a, "output to a port that is down or does not forward"),
                     in);
    assert_int_equal(stats_of(&s.b, 1).tx_packets, stats_of(&s.a, PA).tx_packets);
    remove_bridges(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_cross_both_ways_whatever_the_number_of_workers),
        cmocka_unit_test(a_miss_behind_a_patch_comes_up_there_with_the_port_of_the_patch),
        cmocka_unit_test(a_packet_out_crosses_too),
        cmocka_unit_test(normal_learns_behind_a_patch),
        cmocka_unit_test(the_link_is_up_while_both_ends_are_there),
        cmocka_unit_test(a_bridge_that_goes_takes_the_link_with_it),
        cmocka_unit_test(ends_that_do_not_name_each_other_stay_apart),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(configuration_bits_hold_at_a_patch_too),
        cmocka_unit_test(a_ping_pong_between_bridges_ends_after_64_hops),
        cmocka_unit_test(a_flood_that_triples_with_each_hop_ends_as_well),
        cmocka_unit_test(order_is_kept_across),
        cmocka_unit_test(each_bridge_changes_a_copy_of_its_own),
        cmocka_unit_test(bridges_in_a_row_pass_on_a_packet_in_one_batch),
        cmocka_unit_test(fragments_cross_in_the_thread_that_received_them),
        cmocka_unit_test(an_end_can_be_removed_and_come_back_under_traffic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
