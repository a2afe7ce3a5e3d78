/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of utilities/learning: what a learning controller decides, against a slow twin. */
#include "utilities/learning.h"

#include <stdlib.h>
#include <string.h>

#include "lib/packet/flow.h"
#include "lib/util.h"
#include "tests/unit.h"

/* The fields of a packet between the hosts 'src' and 'dst', numbers below 256; 0 is broadcast. */
static struct flow make_flow(uint8_t src, uint8_t dst, uint16_t vlan, uint16_t in_port)
{
    struct flow flow;
    memset(&flow, 0, sizeof flow);
    flow.in_port = in_port;
    flow.dl_type = htons(0x0800);
    flow.vlan_tci = vlan ? htons(vlan | FLOW_TCI_PRESENT) : 0;
    flow.dl_src[0] = 2;
    flow.dl_src[5] = src;
    memset(flow.dl_dst, dst ? 0 : 0xff, sizeof flow.dl_dst);
    if (dst) {
        flow.dl_dst[0] = 2;
        flow.dl_dst[5] = dst;
    }
    return flow;
}

/* Asserts what is decided about such a packet: port 0 means flood, -1 drop. */
static void assert_decides(struct learning *l, uint8_t src, uint8_t dst, uint16_t in_port,
                           int port)
{
    struct flow flow = make_flow(src, dst, 0, in_port);
    struct decision d = learning_decide(l, &flow);
    assert_int_equal(d.verdict, port < 0    ? VERDICT_DROP
                                : port == 0 ? VERDICT_FLOOD
                                            : VERDICT_OUTPUT);
    if (port > 0) {
        assert_int_equal(d.port, port);
    }
}

static void a_known_receiver_gets_its_packets_alone(void **state UNUSED)
{
    struct learning *l = learning_create(100, 1);
    assert_decides(l, 1, 2, 1, 0);
    assert_decides(l, 2, 1, 2, 1);
    assert_decides(l, 1, 2, 1, 2);
    assert_decides(l, 1, 0, 1, 0);
    assert_decides(l, 3, 2, 2, -1);
    assert_int_equal(learning_count(l), 3);
    learning_destroy(l);
}

static void vlans_are_learned_apart(void **state UNUSED)
{
    struct learning *l = learning_create(100, 1);
    struct flow a = make_flow(1, 2, 5, 1), b = make_flow(2, 1, 6, 2), c = make_flow(2, 1, 5, 3);
    learning_decide(l, &a);
    assert_int_equal(learning_decide(l, &b).verdict, VERDICT_FLOOD);
    c.vlan_tci |= htons(0xe000);
    assert_int_equal(learning_decide(l, &c).verdict, VERDICT_OUTPUT);
    learning_destroy(l);
}

static void a_host_that_moves_is_noticed_once(void **state UNUSED)
{
    struct learning *l = learning_create(100, 1);
    struct flow before = make_flow(1, 0, 0, 1), after = make_flow(1, 0, 0, 9);
    assert_false(learning_decide(l, &before).has_moved);
    assert_true(learning_decide(l, &after).has_moved);
    assert_false(learning_decide(l, &after).has_moved);
    assert_decides(l, 2, 1, 2, 9);
    learning_destroy(l);
}

static void link_local_frames_are_dropped_and_teach_nothing(void **state UNUSED)
{
    struct learning *l = learning_create(100, 1);
    struct flow lldp = make_flow(1, 2, 0, 1);
    lldp.dl_type = htons(0x88cc);
    assert_int_equal(learning_decide(l, &lldp).verdict, VERDICT_DROP);
    for (unsigned i = 0; i <= 0x10; i++) {
        const uint8_t address[6] = {0x01, 0x80, 0xc2, 0, 0, (uint8_t) i};
        struct flow flow = make_flow(2, 1, 0, 1);
        memcpy(flow.dl_dst, address, sizeof address);
        assert_int_equal(learning_decide(l, &flow).verdict,
                         i < 0x10 ? VERDICT_DROP : VERDICT_FLOOD);
    }
    assert_int_equal(learning_count(l), 1);
    learning_destroy(l);
}

static void group_addresses_are_not_learned(void **state UNUSED)
{
    struct learning *l = learning_create(100, 1);
    struct flow flow = make_flow(1, 2, 0, 1);
    flow.dl_src[0] = 3;
    learning_decide(l, &flow);
    assert_int_equal(learning_count(l), 0);
    learning_destroy(l);
}

static void a_full_table_forgets_what_was_used_least_recently(void **state UNUSED)
{
    struct learning *l = learning_create(3, 1);
    assert_decides(l, 1, 0, 1, 0);
    assert_decides(l, 2, 0, 2, 0);
    assert_decides(l, 3, 1, 3, 1);
    assert_decides(l, 4, 0, 4, 0);
    assert_int_equal(learning_count(l), 3);
    assert_decides(l, 4, 2, 4, 0);
    assert_decides(l, 4, 1, 4, 1);
    learning_destroy(l);
}

static void a_port_that_goes_down_takes_its_hosts_along(void **state UNUSED)
{
    struct learning *l = learning_create(100, 1);
    assert_decides(l, 1, 0, 1, 0);
    assert_decides(l, 2, 0, 1, 0);
    assert_decides(l, 3, 0, 3, 0);
    assert_int_equal(learning_forget_port(l, 1), 2);
    assert_int_equal(learning_forget_port(l, 1), 0);
    assert_decides(l, 3, 1, 3, 0);
    assert_int_equal(learning_count(l), 1);
    learning_destroy(l);
}

static void behind_a_number_that_is_no_port_nobody_is(void **state UNUSED)
{
    static const uint16_t numbers[] = {0, 0xff00, 0xfff8, 0xfffb, 0xfffd, 0xffff};
    struct learning *l = learning_create(100, 1);
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        assert_decides(l, 1, 2, numbers[i], 0);
    }
    assert_int_equal(learning_count(l), 0);
    assert_decides(l, 1, 2, 0xfffe, 0);
    assert_decides(l, 2, 1, 0xfeff, 0xfffe);
    learning_destroy(l);
}

/* Forgets 'port' in the array; returns the number of addresses. */
static size_t forget(uint16_t ports[256], uint16_t port)
{
    size_t n = 0;
    for (size_t i = 0; i < 256; i++) {
        n += ports[i] == port;
        ports[i] = ports[i] == port ? 0 : ports[i];
    }
    return n;
}

static void it_agrees_with_an_array_of_ports(void **state UNUSED)
{
    struct learning *l = learning_create(1000, 7);
    uint16_t ports[256] = {0};
    uint32_t random = 1;
    for (int i = 0; i < 100000; i++) {
        random = random * 1664525 + 1013904223;
        uint8_t src = (uint8_t) (1 + (random >> 8) % 255), dst = (uint8_t) (random >> 16);
        uint16_t in_port = (uint16_t) (1 + (random >> 24) % 8);
        ports[src] = in_port;
        uint16_t known = dst ? ports[dst] : 0;
        assert_decides(l, src, dst, in_port, known == in_port ? -1 : known);
        if (i % 300 == 0) {
            assert_int_equal(learning_forget_port(l, in_port), forget(ports, in_port));
        }
    }
    learning_destroy(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_receiver_gets_its_packets_alone),
        cmocka_unit_test(vlans_are_learned_apart),
        cmocka_unit_test(a_host_that_moves_is_noticed_once),
        cmocka_unit_test(link_local_frames_are_dropped_and_teach_nothing),
        cmocka_unit_test(group_addresses_are_not_learned),
        cmocka_unit_test(a_full_table_forgets_what_was_used_least_recently),
        cmocka_unit_test(a_port_that_goes_down_takes_its_hosts_along),
        cmocka_unit_test(behind_a_number_that_is_no_port_nobody_is),
        cmocka_unit_test(it_agrees_with_an_array_of_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
