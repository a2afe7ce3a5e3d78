/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of devices by libpcap that are captured live: frames, tags, comings and goings, TCP. */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "datapath/netdev/netdev.h"
#include "lib/util.h"
#include "tests/netdev/device.h"
#include "tests/netdev/sandbox.h"
#include "tests/netdev/wire.h"
#include "tests/unit.h"

enum {
    WAIT_MS = 120000,  /* Longest wait for what must come. */
    GONE_MS = 50,    /* Wait for what must not come. */
};

struct fixture {
    struct netdev_thread thread; /* Thread 1. */
    struct netdev *dev;          /* Opened by the test. */
    struct netdev *out;          /* Opened by the test. */
    struct packet_batch batch;   /* Last one received. */
    uint8_t frame[2048];         /* For the test's use. */
    int wire;                    /* On v1, the peer of v0; -1 none. */
};

static int set_up(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);
    device_thread_init(&f->thread, 1);
    f->wire = -1;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    netdev_close(f->out);
    sandbox_try("ip link del a1; ip link del b1");
    device_tear_down(&f->thread, f->dev, f->wire, "v1");
    free(f);
    return 0;
}

/* Receives; returns how many frames came. */
static unsigned receive(struct fixture *f)
{
    unsigned n = netdev_receive(f->dev, &f->thread, &f->batch);
    netdev_release(f->dev, &f->batch);
    return n;
}

/* Is the descriptor of 'dev' readable within a while? */
static bool is_readable(const struct netdev *dev, int timeout_ms)
{
    struct pollfd pollfd = {.fd = netdev_receive_fd(dev), .events = POLLIN};
    return poll(&pollfd, 1, timeout_ms) == 1;
}

/* Makes v0 and v1, and opens v0 with 'options'. */
static void open_live(struct fixture *f, const char *options)
{
    char *text = xasprintf("v0,type=pcap%s", options);
    sandbox_make_veth("v0", "v1");
    f->dev = device_open(text);
    f->wire = wire_open("v1");
    free(text);
}

/* Fails unless the next frame that the device receives is this one. */
static void expect_received(struct fixture *f, const uint8_t *frame, size_t size)
{
    assert_int_equal(device_wait(f->dev, &f->thread, &f->batch), 1);
    const struct packet *p = f->batch.packets[0];
    assert_int_equal(p->size, size);
    assert_memory_equal(p->data, frame, size);
    assert_true(p->captured > 1700000000 * SEC);
    netdev_release(f->dev, &f->batch);
}

/* Fails unless this frame, sent by the device, arrives. */
static void expect_sent(struct fixture *f, size_t size)
{
    uint8_t got[2048];
    device_send(f->dev, &f->thread, f->frame, size);
    assert_int_equal(wire_receive(f->wire, got, sizeof got, WAIT_MS), size);
    assert_memory_equal(got, f->frame, size);
}

static void frames_pass_a_live_device_both_ways(void **state)
{
    struct fixture *f = *state;
    open_live(f, "");
    for (unsigned size = 60; size <= 1514; size += 727) {
        wire_make_frame(f->frame, size, size);
        assert_true(wire_send(f->wire, f->frame, size));
        expect_received(f, f->frame, size);
        expect_sent(f, size);
    }
    /* What was sent does not come back. */
    assert_int_equal(receive(f), 0);
    assert_false(is_readable(f->dev, GONE_MS));
    assert_int_equal(device_counters(f->dev).tx_errors + device_counters(f->dev).tx_dropped, 0);
}

static void tags_pass_a_live_device(void **state)
{
    static const uint16_t tpids[] = {0x8100, 0x88a8};
    struct fixture *f = *state;
    open_live(f, "");
    for (unsigned i = 0; i < ARRAY_SIZE(tpids); i++) {
        wire_make_frame(f->frame, 100, i);
        size_t size = wire_add_tag(f->frame, 100, tpids[i], 0x6005);
        assert_true(wire_send(f->wire, f->frame, size));
        expect_received(f, f->frame, size);
        expect_sent(f, size);
        size = wire_add_tag(f->frame, size, tpids[i], 7);
        assert_true(wire_send(f->wire, f->frame, size));
        expect_received(f, f->frame, size);
        expect_sent(f, size);
    }
    wire_make_frame(f->frame, 1514, 1);
    expect_sent(f, wire_add_tag(f->frame, 1514, 0x8100, 5));
}

static void frames_beyond_the_mtu_are_errors(void **state)
{
    struct fixture *f = *state;
    open_live(f, "");
    wire_make_frame(f->frame, 1515, 1);
    device_send(f->dev, &f->thread, f->frame, 1515);
    assert_int_equal(device_counters(f->dev).tx_errors, 1);
}

static void the_host_is_kept_out_of_a_live_device(void **state)
{
    struct fixture *f = *state;
    open_live(f, "");
    assert_int_equal(sandbox_try("nft list table netdev sluice_v0 | grep -q 'policy drop'"), 0);
    netdev_close(f->dev);
    assert_int_not_equal(sandbox_try("nft list table netdev sluice_v0"), 0);
    f->dev = device_open("v0,type=pcap,host=keep");
    assert_int_not_equal(sandbox_try("nft list table netdev sluice_v0"), 0);
}

static void a_live_device_that_is_down_is_captured_when_it_comes_up(void **state)
{
    struct fixture *f = *state;
    sandbox_make_veth("v0", "v1");
    sandbox_run("ip link set v0 down");
    f->dev = device_open("v0,type=pcap");
    int fd = netdev_receive_fd(f->dev);
    f->wire = wire_open("v1");
    wire_make_frame(f->frame, 60, 1);
    assert_true(netdev_status(f->dev)->present);
    assert_false(netdev_status(f->dev)->admin_up);
    assert_int_equal(receive(f), 0);
    device_send(f->dev, &f->thread, f->frame, 60);
    assert_int_equal(device_counters(f->dev).tx_dropped, 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(netdev_set_admin(f->dev, true), 0);
        assert_true(netdev_status(f->dev)->admin_up);
        assert_int_equal(netdev_receive_fd(f->dev), fd);
        sandbox_wait_carrier("v0");
        sandbox_wait_carrier("v1");
        assert_true(wire_send(f->wire, f->frame, 60));
        expect_received(f, f->frame, 60);
        expect_sent(f, 60);
        assert_int_equal(netdev_set_admin(f->dev, false), 0);
        assert_int_equal(receive(f), 0);
    }
}

static void a_live_device_that_vanished_is_captured_when_it_is_back(void **state)
{
    struct fixture *f = *state;
    open_live(f, "");
    int fd = netdev_receive_fd(f->dev);
    wire_make_frame(f->frame, 60, 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(wire_send(f->wire, f->frame, 60));
        expect_received(f, f->frame, 60);
        sandbox_run("ip link del v0");
        assert_true(netdev_refresh(f->dev));
        assert_false(netdev_status(f->dev)->present);
        assert_int_equal(receive(f), 0);
        device_send(f->dev, &f->thread, f->frame, 60);
        assert_int_equal(device_counters(f->dev).tx_dropped, i + 1);
        sandbox_make_veth("v0", "v1");
        close(f->wire);
        f->wire = wire_open("v1");
        assert_true(netdev_refresh(f->dev));
        assert_true(netdev_status(f->dev)->present);
        assert_int_equal(netdev_receive_fd(f->dev), fd);
        expect_sent(f, 60);
    }
}

/* Sends 2 MiB of TCP from namespace A over two live devices to namespace B. */
static void super_frames_of_tcp_arrive_cut_and_with_right_checksums(void **state)
{
    enum { SIZE = 2 << 20 };
    static const char *const addresses[] = {"10.0.0.1/24", "10.0.0.2/24"};
    struct fixture *f = *state;
    int netns[2], home = sandbox_netns_current();
    struct device_seen seen;
    pid_t pids[2];
    sandbox_make_veth("a0", "a1");
    sandbox_make_veth("b0", "b1");
    for (unsigned i = 0; i < 2; i++) {
        netns[i] = sandbox_netns_create();
        sandbox_move_link(i ? "b0" : "a0", netns[i], addresses[i]);
    }
    sandbox_run("ethtool -K b1 tx off tso off gso off >/dev/null");
    f->dev = device_open("a1,type=pcap");
    f->out = device_open("b1,type=pcap");
    const struct device_way ways[] = {{f->dev, f->out, NULL}, {f->out, f->dev, NULL}};
    device_start_tcp(netns[0], netns[1], "10.0.0.2", SIZE, pids);
    device_forward(ways, 2, &f->thread, pids, 2, &seen);
    assert_true(seen.largest > 1514 && seen.supers > 0 && seen.partial > 0);
    assert_true(device_counters(f->out).tx_packets >= SIZE / 1460);
    assert_int_equal(device_counters(f->out).tx_errors + device_counters(f->dev).tx_errors, 0);
    sandbox_netns_enter(netns[1]);
    assert_int_equal(sandbox_try("nstat -az TcpInCsumErrors | grep -q 'TcpInCsumErrors *0 '"), 0);
    sandbox_netns_enter(home);
    close(netns[0]);
    close(netns[1]);
    close(home);
}

int main(void)
{
#define CASE(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(frames_pass_a_live_device_both_ways),
        CASE(tags_pass_a_live_device),
        CASE(frames_beyond_the_mtu_are_errors),
        CASE(the_host_is_kept_out_of_a_live_device),
        CASE(a_live_device_that_is_down_is_captured_when_it_comes_up),
        CASE(a_live_device_that_vanished_is_captured_when_it_is_back),
        CASE(super_frames_of_tcp_arrive_cut_and_with_right_checksums),
    };
    sandbox_enter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
