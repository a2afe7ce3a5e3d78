/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of real TCP through two devices, with all offloads of Linux and without. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datapath/netdev/netdev-provider.h"
#include "lib/byte-order.h"
#include "lib/util.h"
#include "tests/netdev/device.h"
#include "tests/netdev/sandbox.h"
#include "tests/unit.h"

/* The network of each test:
 *
 *     namespace A          the test's namespace        namespace B
 *     10.0.0.1/24  a0 ==== a1  test process  b1 ==== b0  10.0.0.2/24
 *
 * or with taps, whose interfaces are moved into A and B. */

enum {
    SIZE = 8 << 20, /* Bytes sent. */
};

struct fixture {
    struct netdev_thread thread; /* Thread 1. */
    int netns[2];                /* A and B. */
    struct netdev *dev[2];       /* Towards A and B. */
};

static int set_up(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);
    device_thread_init(&f->thread, 1);
    f->netns[0] = sandbox_netns_create();
    f->netns[1] = sandbox_netns_create();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 2; i++) {
        netdev_close(f->dev[i]);
        close(f->netns[i]);
    }
    sandbox_try("ip link del a1; ip link del b1");
    device_thread_uninit(&f->thread);
    free(f);
    return 0;
}

static const char *const addresses[] = {"10.0.0.1/24", "10.0.0.2/24"};

/* Makes the veth devices of one side and opens ours with 'options'. */
static void add_veth(struct fixture *f, unsigned side, const char *options)
{
    const char *far = side ? "b0" : "a0", *near = side ? "b1" : "a1";
    char *text = xasprintf("%s%s", near, options);
    sandbox_make_veth(far, near);
    sandbox_move_link(far, f->netns[side], addresses[side]);
    f->dev[side] = device_open(text);
    free(text);
}

/* Makes the tap of one side. */
static void add_tap(struct fixture *f, unsigned side)
{
    const char *name = side ? "b0" : "a0";
    if (!sandbox_has_tap()) {
        skip();
    }
    char *text = xasprintf("%s,type=tap", name);
    f->dev[side] = device_open(text);
    sandbox_move_link(name, f->netns[side], addresses[side]);
    free(text);
}

/* Runs 'command' in the namespace of one side. */
static void run_at(struct fixture *f, unsigned side, const char *command)
{
    int home = sandbox_netns_current();
    sandbox_netns_enter(f->netns[side]);
    sandbox_run("%s", command);
    sandbox_netns_enter(home);
    close(home);
}

/* Fills in the ways between our two devices. */
static void both_ways(struct fixture *f, struct device_way ways[2])
{
    ways[0] = (struct device_way) {f->dev[0], f->dev[1], NULL};
    ways[1] = (struct device_way) {f->dev[1], f->dev[0], NULL};
}

/* Sends SIZE bytes from A to B and checks that all went well. */
static struct device_seen transfer(struct fixture *f)
{
    struct device_seen seen;
    struct device_way ways[2];
    pid_t pids[2];
    both_ways(f, ways);
    device_start_tcp(f->netns[0], f->netns[1], "10.0.0.2", SIZE, pids);
    device_forward(ways, 2, &f->thread, pids, 2, &seen);
    for (unsigned i = 0; i < 2; i++) {
        struct netdev_counters counters = device_counters(f->dev[i]);
        assert_int_equal(counters.rx_errors, 0);
        assert_int_equal(counters.tx_errors, 0);
    }
    return seen;
}

static void super_frames_pass_whole_between_veths(void **state)
{
    struct fixture *f = *state;
    add_veth(f, 0, "");
    add_veth(f, 1, "");
    struct device_seen seen = transfer(f);
    assert_true(seen.largest > 20000);
    assert_true(seen.supers > 0 && seen.partial > 0);
    assert_int_equal(device_counters(f->dev[0]).rx_dropped, 0);
}

static void super_frames_pass_through_a_queueing_discipline(void **state)
{
    struct fixture *f = *state;
    add_veth(f, 0, ",bypass=no");
    add_veth(f, 1, ",bypass=no");
    struct device_seen seen = transfer(f);
    assert_true(seen.largest > 20000);
}

static void super_frames_pass_whole_between_taps(void **state)
{
    struct fixture *f = *state;
    add_tap(f, 0);
    add_tap(f, 1);
    struct device_seen seen = transfer(f);
    assert_true(seen.largest > 20000);
    assert_true(seen.supers > 0 && seen.partial > 0);
}

static void super_frames_pass_whole_from_a_veth_to_a_tap(void **state)
{
    struct fixture *f = *state;
    add_veth(f, 0, "");
    add_tap(f, 1);
    struct device_seen seen = transfer(f);
    assert_true(seen.largest > 20000);
}

static void frames_are_cut_and_finished_for_devices_without_offloads(void **state)
{
    struct fixture *f = *state;
    add_veth(f, 0, "");
    add_tap(f, 1);
    f->dev[0]->capabilities = f->dev[1]->capabilities = 0;
    struct device_seen seen = transfer(f);
    assert_true(seen.supers > 0);
    assert_true(device_counters(f->dev[1]).tx_packets >= SIZE / 1460);
}

static void senders_without_offloads_are_served_too(void **state)
{
    struct fixture *f = *state;
    add_veth(f, 0, "");
    add_veth(f, 1, "");
    run_at(f, 0, "ethtool -K a0 tx off tso off gso off >/dev/null");
    struct device_seen seen = transfer(f);
    assert_true(seen.largest > 0);
}

static void devices_without_offloads_are_served_too(void **state)
{
    static const char *const ways[] = {"", ",bypass=yes", ",bypass=no"};
    for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
        struct fixture *f = *state;
        add_veth(f, 0, ways[i]);
        add_veth(f, 1, ways[i]);
        sandbox_run("ethtool -K b1 tx off tso off gso off >/dev/null");
        netdev_refresh(f->dev[1]);
        struct device_seen seen = transfer(f);
        assert_true(seen.largest > 20000);
        assert_int_equal(device_counters(f->dev[1]).tx_dropped, 0);
        run_at(f, 1, "nstat -az TcpInCsumErrors | grep -q 'TcpInCsumErrors *0 '");
        tear_down(state);
        set_up(state);
    }
}

/* Counts the TCP segments with a wrong checksum that B saw. */
static void receivers_that_verify_find_no_fault(void **state)
{
    struct fixture *f = *state;
    add_veth(f, 0, "");
    add_tap(f, 1);
    f->dev[1]->capabilities = 0;
    transfer(f);
    run_at(f, 1, "nstat -az TcpInCsumErrors | grep -q 'TcpInCsumErrors *0 '");
}

static void a_ring_without_a_long_queue_has_large_slots(void **state)
{
    struct fixture *f = *state;
    if (sandbox_is_privileged()) {
        skip();
    }
    add_veth(f, 0, "");
    add_veth(f, 1, "");
    struct device_seen seen = transfer(f);
    assert_true(seen.largest > 20000);
    assert_int_equal(device_counters(f->dev[0]).rx_dropped, 0);
}

/* Tags and untags the frames between the next test's devices. */
static void add_tag(struct packet *p)
{
    assert_int_equal(packet_push_vlan(p, 0x8100, 0x6005), 0);
}

static void remove_tag(struct packet *p)
{
    assert_int_equal(get_be16(p->data + 12), 0x8100);
    assert_int_equal(get_be16(p->data + 14), 0x6005);
    packet_pop_vlan(p);
}

/* A tagged link t0 === t1 stands between the two devices, both ends in the test's hands. */
static void super_frames_pass_whole_over_a_tagged_link(void **state)
{
    struct fixture *f = *state;
    struct device_seen seen;
    pid_t pids[2];
    add_veth(f, 0, "");
    add_veth(f, 1, "");
    sandbox_make_veth("t0", "t1");
    struct netdev *t0 = device_open("t0"), *t1 = device_open("t1");
    const struct device_way ways[] = {{f->dev[0], t0, add_tag},
                                      {t1, f->dev[1], remove_tag},
                                      {f->dev[1], t1, add_tag},
                                      {t0, f->dev[0], remove_tag}};
    device_start_tcp(f->netns[0], f->netns[1], "10.0.0.2", SIZE, pids);
    device_forward(ways, ARRAY_SIZE(ways), &f->thread, pids, 2, &seen);
    assert_true(seen.largest > 20000);
    assert_int_equal(device_counters(t0).tx_errors + device_counters(t1).tx_errors, 0);
    assert_int_equal(device_counters(t1).rx_packets, device_counters(t0).tx_packets);
    netdev_close(t0);
    netdev_close(t1);
    sandbox_run("ip link del t0");
}

/* Opens a UDP socket in the namespace of one side. */
static int open_udp(struct fixture *f, unsigned side)
{
    int home = sandbox_netns_current();
    sandbox_netns_enter(f->netns[side]);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sandbox_netns_enter(home);
    close(home);
    return fd;
}

/* Sends a UDP super-frame of 20 datagrams from A to B, which must arrive as those. */
static void expect_datagrams(struct fixture *f)
{
    enum { N = 20, BYTES = 1000 };
    static uint8_t data[N * BYTES];
    uint8_t got[2 * BYTES];
    int from = open_udp(f, 0), to = open_udp(f, 1), size = BYTES;
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(5002)};
    struct device_seen seen = {.largest = 0};
    struct device_way ways[2];
    both_ways(f, ways);
    inet_pton(AF_INET, "10.0.0.2", &sin.sin_addr);
    assert_int_equal(bind(to, (struct sockaddr *) &sin, sizeof sin), 0);
    setsockopt(from, SOL_UDP, UDP_SEGMENT, &size, sizeof size);
    for (unsigned i = 0; i < sizeof data; i++) {
        data[i] = i / BYTES + i;
    }
    assert_int_equal(sendto(from, data, sizeof data, 0, (struct sockaddr *) &sin, sizeof sin),
                     sizeof data);
    for (unsigned n = 0; n < N;) {
        device_step(ways, 2, &f->thread, &seen);
        ssize_t bytes = recv(to, got, sizeof got, 0);
        if (bytes >= 0) {
            assert_int_equal(bytes, BYTES);
            assert_memory_equal(got, data + n * BYTES, BYTES);
            n++;
        }
    }
    assert_true(seen.largest > sizeof data);
    close(from);
    close(to);
}

static void udp_super_frames_arrive_as_datagrams(void **state)
{
    struct fixture *f = *state;
    add_veth(f, 0, "");
    add_veth(f, 1, "");
    expect_datagrams(f);
}

static void udp_super_frames_are_cut_for_devices_without_offloads(void **state)
{
    struct fixture *f = *state;
    add_veth(f, 0, "");
    add_tap(f, 1);
    f->dev[1]->capabilities = 0;
    expect_datagrams(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(super_frames_pass_whole_between_veths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(super_frames_pass_through_a_queueing_discipline, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(super_frames_pass_whole_between_taps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(super_frames_pass_whole_from_a_veth_to_a_tap, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(frames_are_cut_and_finished_for_devices_without_offloads,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(senders_without_offloads_are_served_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(devices_without_offloads_are_served_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(receivers_that_verify_find_no_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_ring_without_a_long_queue_has_large_slots, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(super_frames_pass_whole_over_a_tagged_link, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(udp_super_frames_arrive_as_datagrams, set_up, tear_down),
        cmocka_unit_test_setup_teardown(udp_super_frames_are_cut_for_devices_without_offloads,
                                        set_up, tear_down),
    };
    sandbox_enter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
