/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of whether anybody would miss frames that go past the queueing discipline. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "datapath/netdev/egress-watchers.h"
#include "datapath/netdev/link-status.h"
#include "datapath/netdev/netdev.h"
#include "datapath/netdev/raw-bypass.h"
#include "lib/util.h"
#include "tests/netdev/sandbox.h"
#include "tests/netdev/wire.h"
#include "tests/unit.h"

static int set_up(void **state UNUSED)
{
    sandbox_make_veth("v0", "v1");
    return 0;
}

static int tear_down(void **state UNUSED)
{
    sandbox_run("ip link del v0");
    return 0;
}

/* Asks about v0, with 'own' for the descriptor of a socket of ours (-1: none). */
static bool is_unnoticed(int own)
{
    struct netdev_status status;
    struct link_kind kind;
    struct stat st = {.st_ino = 0};
    assert_int_equal(link_status_get("v0", &status, &kind), 0);
    fstat(own, &st);
    return raw_bypass_is_unnoticed("v0", status.ifindex, kind.qdisc, st.st_ino, NULL);
}

static void a_plain_veth_has_nobody_to_notice(void **state UNUSED)
{
    assert_true(is_unnoticed(-1));
    sandbox_run("tc qdisc add dev v1 root tbf rate 1mbit burst 10k latency 10ms");
    assert_true(is_unnoticed(-1));
}

static void a_queueing_discipline_is_respected(void **state UNUSED)
{
    sandbox_run("tc qdisc add dev v0 root htb default 1");
    assert_false(is_unnoticed(-1));
    sandbox_run("tc qdisc del dev v0 root");
    assert_true(is_unnoticed(-1));
}

static void devices_that_want_frames_cut_are_respected(void **state UNUSED)
{
    sandbox_run("ethtool -K v0 tso off >/dev/null");
    assert_false(is_unnoticed(-1));
    sandbox_run("ethtool -K v0 tso on >/dev/null");
    assert_true(is_unnoticed(-1));
    sandbox_run("ethtool -K v0 tx off >/dev/null");
    assert_false(is_unnoticed(-1));
}

static void filters_at_egress_are_respected(void **state UNUSED)
{
    sandbox_run("tc qdisc add dev v0 clsact");
    assert_true(is_unnoticed(-1));
    if (sandbox_try("tc filter add dev v0 ingress protocol all u32 match u32 0 0")) {
        skip();
    }
    assert_true(is_unnoticed(-1));
    sandbox_run("tc filter add dev v0 egress protocol all u32 match u32 0 0");
    assert_false(is_unnoticed(-1));
}

static void chains_at_egress_of_this_device_are_respected(void **state UNUSED)
{
    sandbox_run("nft 'table netdev t { chain in { type filter hook ingress device \"v0\" priority "
                "0; }; chain other { type filter hook egress device \"v1\" priority 0; }; }'");
    assert_true(is_unnoticed(-1));
    sandbox_run("nft 'add chain netdev t out "
                "{ type filter hook egress device \"v0\" priority 0; }'");
    assert_false(is_unnoticed(-1));
    sandbox_run("nft delete table netdev t");
}

static void a_capture_is_respected_but_not_our_own_socket(void **state UNUSED)
{
    int wire = wire_open("v0");
    assert_false(is_unnoticed(-1));
    assert_true(is_unnoticed(wire));
    close(wire);
    wire = wire_open("v1");
    assert_true(is_unnoticed(-1));
    close(wire);
}

static void a_capture_on_all_devices_is_respected(void **state UNUSED)
{
    int any = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    assert_false(is_unnoticed(-1));
    close(any);
    any = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ARP));
    assert_true(is_unnoticed(-1));
    close(any);
}

/* All answers of 'w' about v0, v1 and a device that is not there, as bits. */
static unsigned ask_all(struct egress_watchers *w, int own)
{
    static const char *const names[] = {"v0", "v1", "v2"};
    struct stat st = {.st_ino = 0};
    unsigned answers = 0;
    fstat(own, &st);
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        int ifindex = (int) if_nametoindex(names[i]);
        answers |= egress_watchers_has_chain(w, names[i]) << i;
        answers |= egress_watchers_has_listener(w, ifindex ? ifindex : 9999, st.st_ino) << (8 + i);
    }
    return answers;
}

static void watchers_are_read_once_in_a_round_for_all_devices(void **state UNUSED)
{
    struct egress_watchers *w = egress_watchers_create();
    assert_int_equal(ask_all(w, -1), 0);
    int wire = wire_open("v1");
    sandbox_run("nft 'table netdev t { chain out "
                "{ type filter hook egress devices = { v0, v1 } priority 0; }; }'");
    assert_int_equal(ask_all(w, -1), 0);
    egress_watchers_forget(w);
    assert_int_equal(ask_all(w, -1), 0x203);
    assert_int_equal(ask_all(w, wire), 0x003);
    sandbox_run("nft delete table netdev t");
    int any = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    assert_int_equal(ask_all(w, -1), 0x203);
    egress_watchers_forget(w);
    assert_int_equal(ask_all(w, wire), 0x700);
    assert_int_equal(ask_all(w, any), 0x200);
    close(wire);
    close(any);
    egress_watchers_forget(w);
    assert_int_equal(ask_all(w, -1), 0);
    egress_watchers_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plain_veth_has_nobody_to_notice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_queueing_discipline_is_respected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(devices_that_want_frames_cut_are_respected, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(filters_at_egress_are_respected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(chains_at_egress_of_this_device_are_respected, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_capture_is_respected_but_not_our_own_socket, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_capture_on_all_devices_is_respected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(watchers_are_read_once_in_a_round_for_all_devices, set_up,
                                        tear_down),
    };
    sandbox_enter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
