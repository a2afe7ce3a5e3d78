/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of sending through AF_XDP sockets, and of changing between them and packet sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datapath/netdev/netdev-provider.h"
#include "datapath/netdev/netdev-shared.h"
#include "datapath/netdev/raw-send.h"
#include "datapath/netdev/raw-xdp.h"
#include "lib/byte-order.h"
#include "lib/packet/offload.h"
#include "lib/util.h"
#include "tests/netdev/device.h"
#include "tests/netdev/sandbox.h"
#include "tests/netdev/wire.h"
#include "tests/unit.h"

enum {
    WAIT_MS = 120000,   /* For what must come. */
    GONE_MS = 50,     /* For what must not. */
    SEED_OFFSET = 14, /* Where wire_make_frame() puts the seed. */
};

/* Frames with room for what is done to them. */
struct burst {
    uint8_t memory[PACKET_BATCH_MAX][PACKET_HEADROOM + 2048]; /* Their bytes. */
    struct packet storage[PACKET_BATCH_MAX];                  /* Their description. */
    struct packet *packets[PACKET_BATCH_MAX];                 /* For calls. */
};

/* The veth pair v0 and v1; v1 is the test's. */
struct fixture {
    struct netdev_thread thread; /* Thread 1. */
    struct netdev *dev;          /* v0, if the test opened it. */
    struct raw_sender *sender;   /* Or a bare sender on it. */
    int wire;                    /* On v1. */
    struct burst burst;          /* For the test's use. */
};

static int set_up(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);
    f->wire = device_set_up_veth(&f->thread);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    raw_sender_close(f->sender);
    device_tear_down(&f->thread, f->dev, f->wire, "v0");
    free(f);
    return 0;
}

/* Index of v0. */
static int v0(void)
{
    return (int) if_nametoindex("v0");
}

/* Skips the test where AF_XDP is not permitted. Asks v1: the queue of a socket that was closed is
 * free only some time later. */
static void need_xdp(void)
{
    struct raw_xdp *x = raw_xdp_open((int) if_nametoindex("v1"), 0);
    if (!x) {
        skip();
    }
    raw_xdp_close(x);
}

/* Opens an AF_XDP socket on v0, or skips the test where that is not permitted. */
static struct raw_xdp *open_xdp(void)
{
    struct raw_xdp *x = raw_xdp_open(v0(), 0);
    if (!x) {
        skip();
    }
    return x;
}

/* True if somebody has the queue of v0. */
static bool queue_is_taken(void)
{
    struct raw_xdp *x = raw_xdp_open(v0(), 0);
    raw_xdp_close(x);
    return !x;
}

/* True if the queue of v0 is or becomes taken, or not, while 'dev' (if not NULL) is looked at as
 * once a second. The pause lets the kernel free the queue that was asked for. */
static bool queue_becomes(bool taken, struct netdev *dev)
{
    for (unsigned tries = 0; tries < WAIT_MS / 100; tries++) {
        if (dev) {
            netdev_refresh(dev);
        }
        if (queue_is_taken() == taken) {
            return true;
        }
        usleep(100 * 1000);
    }
    return false;
}

/* Fills 'b' with 'n' finished frames of 'size' bytes and seeds from 'seed' on. */
static void make_burst(struct burst *b, unsigned n, size_t size, unsigned seed)
{
    for (unsigned i = 0; i < n; i++) {
        uint8_t *data = b->memory[i] + PACKET_HEADROOM;
        wire_make_frame(data, size, seed + i);
        b->packets[i] = &b->storage[i];
        packet_use(b->packets[i], b->memory[i], sizeof b->memory[i], data, size);
    }
}

/* Leaves the checksum of 'p' to the receiver; for AF_XDP that is too much. */
static void leave_unfinished(struct packet *p)
{
    p->offload.flags |= PACKET_CSUM_PARTIAL;
    p->offload.csum_start = 20;
    p->offload.csum_offset = 6;
}

/* The next 'n' frames must arrive with seeds from 'seed' on. */
static void expect_frames(struct fixture *f, unsigned n, unsigned seed)
{
    uint8_t got[2048];
    for (unsigned i = 0; i < n; i++) {
        assert_true(wire_receive(f->wire, got, sizeof got, WAIT_MS) > 0);
        assert_int_equal(get_be32(got + SEED_OFFSET), seed + i);
    }
}

static void a_device_that_nobody_watches_is_sent_to_through_its_queue(void **state)
{
    struct fixture *f = *state;
    need_xdp();
    f->dev = device_open("v0");
    assert_true(queue_is_taken());
    netdev_close(f->dev);
    f->dev = device_open("v0,bypass=no");
    assert_true(queue_becomes(false, NULL));
}

/* Five times as many frames as there are chunks, in batches that are not a divisor of them. */
static void frames_arrive_in_order_and_chunks_come_back(void **state)
{
    struct fixture *f = *state;
    struct raw_xdp *x = open_xdp();
    for (unsigned seed = 0; seed < 640; seed += 20) {
        int error = 0;
        make_burst(&f->burst, 20, 60 + seed, seed);
        assert_int_equal(raw_xdp_send(x, f->burst.packets, 20, &error), 20);
        assert_int_equal(error, 0);
        expect_frames(f, 20, seed);
    }
    raw_xdp_close(x);
}

/* Every third frame has an unfinished checksum, every seventh is too large for a chunk. */
static void frames_of_all_kinds_keep_their_order(void **state)
{
    struct fixture *f = *state;
    struct burst *b = &f->burst;
    sandbox_run("ip link set v0 mtu 2040");
    sandbox_run("ip link set v1 mtu 2040");
    f->dev = device_open("v0");
    for (unsigned round = 0; round < 20; round++) {
        make_burst(b, PACKET_BATCH_MAX, 100, round * PACKET_BATCH_MAX);
        for (unsigned i = 0; i < PACKET_BATCH_MAX; i++) {
            if ((i + round) % 3 == 0) {
                leave_unfinished(b->packets[i]);
            } else if ((i + round) % 7 == 0) {
                b->packets[i]->size = 2048;
            }
        }
        netdev_send(f->dev, &f->thread, b->packets, PACKET_BATCH_MAX);
        expect_frames(f, PACKET_BATCH_MAX, round * PACKET_BATCH_MAX);
    }
    assert_int_equal(device_counters(f->dev).tx_packets, 20 * PACKET_BATCH_MAX);
}

/* The other end is down, so the device drops each frame: one after the other is counted. */
static void what_the_device_drops_is_counted_and_does_not_come_later(void **state)
{
    struct fixture *f = *state;
    f->dev = device_open("v0");
    sandbox_run("ip link set v1 down");
    make_burst(&f->burst, 10, 60, 0);
    netdev_send(f->dev, &f->thread, f->burst.packets, 10);
    assert_int_equal(device_counters(f->dev).tx_dropped, 10);
    assert_int_equal(device_counters(f->dev).tx_packets, 0);

    sandbox_run("ip link set v1 up");
    sandbox_wait_carrier("v0");
    close(f->wire);
    f->wire = wire_open("v1");
    netdev_refresh(f->dev);
    make_burst(&f->burst, 10, 60, 100);
    netdev_send(f->dev, &f->thread, f->burst.packets, 10);
    expect_frames(f, 10, 100);
}

static void a_device_that_was_down_sends_nothing_old(void **state)
{
    struct fixture *f = *state;
    uint8_t got[2048];
    need_xdp();
    f->dev = device_open("v0");
    sandbox_run("ip link set v0 down");
    make_burst(&f->burst, 10, 60, 0);
    netdev_send(f->dev, &f->thread, f->burst.packets, 10);
    assert_int_equal(device_counters(f->dev).tx_dropped, 10);

    sandbox_run("ip link set v0 up");
    sandbox_wait_carrier("v0");
    for (unsigned seed = 100; seed < 200; seed += 50) {
        make_burst(&f->burst, 10, 60, seed);
        netdev_send(f->dev, &f->thread, f->burst.packets, 10);
        expect_frames(f, 10, seed);
        assert_true(queue_becomes(true, f->dev));
    }
    assert_int_equal(wire_receive(f->wire, got, sizeof got, GONE_MS), 0);
}

static void a_socket_without_a_device_tells_and_is_broken(void **state)
{
    struct fixture *f = *state;
    struct raw_xdp *x = open_xdp();
    int error = 0;
    sandbox_run("ip link del v0");
    make_burst(&f->burst, 3, 60, 0);
    assert_int_equal(raw_xdp_send(x, f->burst.packets, 3, &error), 0);
    assert_true(error != 0 && error != ENOBUFS && error != EAGAIN);
    assert_true(raw_xdp_is_broken(x));
    raw_xdp_close(x);
}

enum {
    STRESS_BURSTS = 500, /* Bursts that the thread of the next test sends. */
    STRESS_SIZE = 8,     /* Frames of a burst. */
};

/* Sends bursts through the sender. Returns NULL if all went out: what the other end then drops when
 * the CPU is busy is nobody's fault here. */
static void *stress(void *f_)
{
    struct fixture *f = f_;
    for (unsigned i = 0; i < STRESS_BURSTS; i++) {
        int error = 0;
        if (raw_sender_send(f->sender, f->burst.packets, STRESS_SIZE, &error) < STRESS_SIZE) {
            return f;
        }
    }
    return NULL;
}

static void the_way_may_change_while_a_thread_sends(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;
    void *failed;
    assert_int_equal(raw_sender_open(&f->sender, 0, NULL), 0);
    assert_int_equal(raw_sender_bind(f->sender, v0()), 0);
    make_burst(&f->burst, STRESS_SIZE, 60, 7);
    assert_int_equal(pthread_create(&thread, NULL, stress, f), 0);
    for (unsigned i = 0; i < 100; i++) {
        raw_sender_set_bypass(f->sender, i % 2);
    }
    pthread_join(thread, &failed);
    assert_null(failed);
    char *counted = sandbox_output("cat /proc/net/dev | awk '$1 == \"v0:\" {print $11 + $13}'");
    assert_int_equal(strtoul(counted, NULL, 10), STRESS_BURSTS * STRESS_SIZE);
    free(counted);
}

enum { PAIRS = 6 /* Veth pairs of the next test. */ };

/* AF_XDP sockets that this process has. */
static unsigned count_xdp(void)
{
    unsigned n = 0;
    for (int fd = 0; fd < 256; fd++) {
        int domain = 0;
        socklen_t size = sizeof domain;
        n += !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) && domain == AF_XDP;
    }
    return n;
}

/* Looks at all of 'devs' in one round. */
static void look_at(struct netdev *const devs[PAIRS], struct netdev_shared *shared)
{
    netdev_shared_begin_round(shared);
    for (unsigned i = 0; i < PAIRS; i++) {
        netdev_refresh(devs[i]);
    }
}

/* Looks at them, as once a second, until all are sent to through AF_XDP. */
static void look_until_fast(struct netdev *const devs[PAIRS], struct netdev_shared *shared)
{
    for (unsigned tries = 0; count_xdp() < PAIRS && tries < WAIT_MS / 20; tries++) {
        look_at(devs, shared);
        netdev_shared_end_round(shared);
        usleep(20 * 1000);
    }
    assert_int_equal(count_xdp(), PAIRS);
}

/* Opens the devices x0, x1 ... */
static void open_pairs(struct netdev *devs[PAIRS], struct netdev_shared *shared)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        char x[16], y[16];
        snprintf(x, sizeof x, "x%u", i);
        snprintf(y, sizeof y, "y%u", i);
        sandbox_make_veth(x, y);
        devs[i] = device_open_shared(x, shared);
    }
}

static void sockets_that_a_capture_on_all_devices_ends_are_closed_together(void **state UNUSED)
{
    struct netdev_shared shared;
    struct netdev *devs[PAIRS];
    need_xdp();
    netdev_shared_init(&shared);
    open_pairs(devs, &shared);
    look_until_fast(devs, &shared);
    for (unsigned i = 0; i < 2; i++) {
        int capture = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
        look_at(devs, &shared);
        assert_int_equal(count_xdp(), PAIRS);
        netdev_shared_end_round(&shared);
        assert_int_equal(count_xdp(), 0);
        close(capture);
        look_until_fast(devs, &shared);
    }
    sandbox_run("ip link del x0");
    look_at(devs, &shared);
    assert_int_equal(count_xdp(), PAIRS);
    netdev_shared_end_round(&shared);
    assert_int_equal(count_xdp(), PAIRS - 1);
    for (unsigned i = 0; i < PAIRS; i++) {
        netdev_close(devs[i]);
    }
    netdev_shared_uninit(&shared);
    assert_int_equal(count_xdp(), 0);
    sandbox_run("for i in 1 2 3 4 5; do ip link del x$i; done");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_device_that_nobody_watches_is_sent_to_through_its_queue, set_up, tear_down),
        cmocka_unit_test_setup_teardown(frames_arrive_in_order_and_chunks_come_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(frames_of_all_kinds_keep_their_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_device_drops_is_counted_and_does_not_come_later,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_device_that_was_down_sends_nothing_old, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_socket_without_a_device_tells_and_is_broken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_way_may_change_while_a_thread_sends, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            sockets_that_a_capture_on_all_devices_ends_are_closed_together, set_up, tear_down),
    };
    sandbox_enter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
