/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of raw devices on veth pairs in a network namespace of their own. */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "datapath/netdev/netdev-closer.h"
#include "datapath/netdev/netdev-provider.h"
#include "datapath/netdev/netdev-shared.h"
#include "datapath/netdev/raw-ring.h"
#include "lib/byte-order.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/offload.h"
#include "lib/util.h"
#include "tests/netdev/device.h"
#include "tests/netdev/sandbox.h"
#include "tests/netdev/wire.h"
#include "tests/unit.h"

enum {
    WAIT_MS = 120000, /* For what must come. */
    GONE_MS = 50,   /* For what must not; only tests that would pass without it use it. */
};

/* The device v0, whose other end v1 is the test's. */
struct fixture {
    struct netdev_thread thread;  /* Thread 1. */
    struct netdev *dev;           /* Opened by the test. */
    int wire;                     /* On v1. */
    uint8_t frame[2048];          /* For the test's use. */
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
    device_tear_down(&f->thread, f->dev, f->wire, "v0");
    free(f);
    return 0;
}

/* Receives one frame, which must be the 'size' bytes at 'frame'. */
static void expect_received(struct fixture *f, const uint8_t *frame, size_t size)
{
    struct packet_batch batch;
    assert_int_equal(device_wait(f->dev, &f->thread, &batch), 1);
    assert_int_equal(batch.packets[0]->size, size);
    assert_memory_equal(batch.packets[0]->data, frame, size);
    assert_int_equal(batch.packets[0]->offload.flags & PACKET_CSUM_PARTIAL, 0);
    netdev_release(f->dev, &batch);
}

/* Sends 'size' bytes at f->frame out of the device; they must arrive. */
static void expect_sent(struct fixture *f, size_t size)
{
    uint8_t got[2048];
    device_send(f->dev, &f->thread, f->frame, size);
    assert_int_equal(wire_receive(f->wire, got, sizeof got, WAIT_MS), size);
    assert_memory_equal(got, f->frame, size);
}

static void frames_go_in_and_out_unchanged(void **state)
{
    static const size_t sizes[] = {14, 60, 64, 1000, 1514};
    struct fixture *f = *state;
    f->dev = device_open("v0");
    assert_string_equal(netdev_kind(f->dev), "raw");
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        wire_make_frame(f->frame, sizes[i], i);
        if (sizes[i] > 14) {
            assert_true(wire_send(f->wire, f->frame, sizes[i]));
            expect_received(f, f->frame, sizes[i]);
        }
        expect_sent(f, sizes[i]);
    }
    assert_int_equal(device_counters(f->dev).rx_packets, 4);
    assert_int_equal(device_counters(f->dev).tx_packets, 5);
}

/* Tags as they must go through: TPID and TCI with PCP and DEI, TCI 0, and two of them. */
/* rows: T1 */
static void vlan_tags_are_put_back_as_they_were(void **state)
{
    static const struct {
        uint16_t tpid;  /* Outer tag. */
        uint16_t tci;   /* Its TCI. */
        uint16_t inner; /* TCI of a 0x8100 tag behind it, or 0 for none. */
    } rows[] = {{0x8100, 5, 0},      {0x8100, 0, 0},      {0x8100, 0xffff, 0},
                {0x8100, 0xe001, 0}, {0x88a8, 100, 0},    {0x88a8, 0, 0},
                {0x88a8, 0x3064, 7}, {0x8100, 9, 0x2fff}};
    struct fixture *f = *state;
    f->dev = device_open("v0");
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        size_t size = 100;
        wire_make_frame(f->frame, size, i);
        size = rows[i].inner ? wire_add_tag(f->frame, size, 0x8100, rows[i].inner) : size;
        size = wire_add_tag(f->frame, size, rows[i].tpid, rows[i].tci);
        assert_true(wire_send(f->wire, f->frame, size));
        expect_received(f, f->frame, size);
        expect_sent(f, size);
    }
}

static void a_tag_comes_on_top_of_the_mtu_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    f->dev = device_open("v0");
    wire_make_frame(f->frame, 1514, 1);
    size_t size = wire_add_tag(f->frame, 1514, 0x8100, 5);
    expect_sent(f, size);
    assert_true(wire_send(f->wire, f->frame, size));
    expect_received(f, f->frame, size);

    wire_make_frame(f->frame, 1519, 2);
    device_send(f->dev, &f->thread, f->frame, 1515);
    device_send(f->dev, &f->thread, f->frame, 1519);
    assert_int_equal(device_counters(f->dev).tx_errors, 2);
}

/* The kernel lets no 0x88a8 frame of full size out of a packet socket: it is counted, and the
 * frames around it in the batch go out. */
static void a_frame_that_the_kernel_refuses_is_counted_alone(void **state)
{
    struct fixture *f = *state;
    uint8_t got[2048], memory[3][PACKET_HEADROOM + 1600];
    struct packet storage[3], *packets[3];
    f->dev = device_open("v0,bypass=no");
    for (unsigned i = 0; i < 3; i++) {
        uint8_t *data = memory[i] + PACKET_HEADROOM;
        wire_make_frame(data, 1514, i);
        size_t size = wire_add_tag(data, 1514, i == 1 ? 0x88a8 : 0x8100, i);
        packet_use(packets[i] = &storage[i], memory[i], sizeof memory[i], data, size);
    }
    netdev_send(f->dev, &f->thread, packets, 3);
    assert_int_equal(wire_receive(f->wire, got, sizeof got, WAIT_MS), 1518);
    assert_int_equal(get_be32(got + 18), 0);
    assert_int_equal(wire_receive(f->wire, got, sizeof got, WAIT_MS), 1518);
    assert_int_equal(get_be32(got + 18), 2);
    assert_int_equal(device_counters(f->dev).tx_errors, 1);
    assert_int_equal(device_counters(f->dev).tx_packets, 2);
}

/* rows: T2 */
static void what_the_host_sends_is_not_received(void **state)
{
    struct fixture *f = *state;
    uint8_t got[2048];
    f->dev = device_open("v0");
    int host = wire_open("v0");
    wire_make_frame(f->frame, 60, 1);
    assert_true(wire_send(host, f->frame, 60));
    expect_sent(f, 60);
    assert_int_equal(wire_receive(f->wire, got, sizeof got, WAIT_MS), 0 + 60);
    wire_make_frame(f->frame, 60, 2);
    assert_true(wire_send(f->wire, f->frame, 60));
    expect_received(f, f->frame, 60);
    assert_int_equal(device_counters(f->dev).rx_packets, 1);
    close(host);
}

/* Sends the frames from 'first' to before 'end' to the device, each when the one before has been
 * delivered: the kernel gives frames to newer sockets first, 'host' is older than the device's. */
static void deliver(struct fixture *f, int host, unsigned first, unsigned end)
{
    uint8_t got[2048];
    for (unsigned i = first; i < end; i++) {
        wire_make_frame(f->frame, 60, i);
        assert_true(wire_send(f->wire, f->frame, 60));
        assert_int_equal(wire_receive(host, got, sizeof got, WAIT_MS), 60);
    }
}

static void a_ring_that_overflows_counts_what_it_lost(void **state)
{
    enum { N = 1000 };
    struct fixture *f = *state;
    struct packet_batch batch;
    unsigned received = 0;
    int host = wire_open("v0");
    f->dev = device_open("v0,ring=64");
    deliver(f, host, 0, N);
    close(host);
    while (netdev_receive(f->dev, &f->thread, &batch)) {
        received += batch.n;
        netdev_release(f->dev, &batch);
    }
    netdev_count_lost(f->dev);
    assert_true(received >= 50 && received < N);
    assert_int_equal(device_counters(f->dev).rx_dropped, N - received);
    assert_true(wire_send(f->wire, f->frame, 60));
    expect_received(f, f->frame, 60);
}

static void a_ring_that_went_round_once_is_not_stuck(void **state)
{
    static struct raw_ring ring;
    struct fixture *f = *state;
    struct packet_batch batch = {.n = 0};
    unsigned received = 0;
    int host = wire_open("v0");
    f->dev = device_open("m0,type=memory");
    assert_int_equal(raw_ring_open(&ring, 64), 0);
    assert_int_equal(raw_ring_bind(&ring, (int) if_nametoindex("v0")), 0);
    assert_false(raw_ring_is_stuck(&ring, false));
    deliver(f, host, 0, 2 * ring.n_slots);
    close(host);
    assert_false(raw_ring_is_stuck(&ring, true));
    for (; raw_ring_receive(&ring, f->dev, &f->thread, &batch); batch.n = 0) {
        received += batch.n;
        raw_ring_release(&ring);
    }
    assert_int_equal(received, ring.n_slots);
    assert_false(raw_ring_is_stuck(&ring, true));
    assert_true(raw_ring_is_stuck(&ring, true));
    raw_ring_close(&ring);
}

static void a_held_batch_is_not_overwritten(void **state)
{
    struct fixture *f = *state;
    struct packet_batch batch;
    int host = wire_open("v0");
    f->dev = device_open("v0,ring=64");
    deliver(f, host, 0, 200);
    assert_int_equal(device_wait(f->dev, &f->thread, &batch), PACKET_BATCH_MAX);
    deliver(f, host, 200, 400);
    close(host);
    for (unsigned i = 0; i < batch.n; i++) {
        assert_int_equal(get_be32(batch.packets[i]->data + 14), i);
    }
    netdev_release(f->dev, &batch);
}

/* True if there is a table of ours. */
static bool has_drop(void)
{
    return !sandbox_try("nft list tables | grep -q sluice_");
}

static void the_host_is_kept_out_until_the_device_is_closed(void **state)
{
    struct fixture *f = *state;
    assert_false(has_drop());
    f->dev = device_open("v0");
    assert_int_equal(sandbox_try("nft list table netdev sluice_v0 | grep -q 'policy drop'"), 0);
    netdev_close(f->dev);
    assert_false(has_drop());
    f->dev = device_open("v0,host=keep");
    assert_false(has_drop());
}

/* For a closer whose end is waited for. */
static void ignore(void *aux UNUSED)
{
}

static void devices_closed_together_leave_nothing_behind(void **state)
{
    struct fixture *f = *state;
    struct netdev *devs[] = {device_open("v0"), NULL, device_open("v1"),
                             device_open("m0,type=memory"), device_open("v0,host=keep")};
    int index = netdev_status(devs[2])->ifindex;
    assert_true(netdev_is_kernels(devs[2], "v1", 0));
    assert_true(netdev_is_kernels(devs[2], "another name of it", index));
    assert_false(netdev_is_kernels(devs[0], "v1", index));
    assert_false(netdev_is_kernels(devs[3], "m0", 0));
    struct netdev_closer closer;
    netdev_closer_init(&closer, ignore, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(devs); i++) {
        netdev_closer_close(&closer, devs[i]);
    }
    netdev_closer_uninit(&closer);
    assert_false(has_drop());
    assert_int_not_equal(sandbox_try("ip -d link show v0 | grep -q 'promiscuity [1-9]'"), 0);
    f->dev = NULL;
}

/* The host's stack on v0 answers ARP requests that arrive there, if it sees them. */
static void the_host_answers_only_with_host_keep(void **state)
{
    static const uint8_t request[42] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0xaa, 8,  6,    0, 1,  8,
        0,    6,    4,    0,    1,    2,    0, 0, 0, 0, 0xaa, 10, 9, 9, 2, 0, 0, 0, 0,
        0,    0,    10,   9,    9,    1};
    struct fixture *f = *state;
    sandbox_run("ip addr add 10.9.9.1/24 dev v0");
    f->dev = device_open("v0,host=keep");
    assert_true(wire_send(f->wire, request, sizeof request));
    assert_int_equal(wire_receive(f->wire, f->frame, sizeof f->frame, WAIT_MS), 42);
    assert_int_equal(f->frame[21], 2);
    netdev_close(f->dev);

    f->dev = device_open("v0,host=drop");
    assert_true(wire_send(f->wire, request, sizeof request));
    expect_received(f, request, sizeof request);
    wire_make_frame(f->frame, 60, 1);
    expect_sent(f, 60);
    assert_int_equal(wire_receive(f->wire, f->frame, sizeof f->frame, GONE_MS), 0);
}

static void a_killed_process_leaves_no_drop_behind(void **state)
{
    struct fixture *f = *state;
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (!pid) {
        device_open("v0");
        _exit(write(ready[1], "", 1) == 1 ? pause() : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_true(has_drop());
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_false(has_drop());
    close(ready[0]);
    close(ready[1]);
    f->dev = NULL;
}

/* Where the kernel can't tie a table to its owner, one may stay behind. */
static void a_stale_drop_is_replaced(void **state)
{
    struct fixture *f = *state;
    sandbox_run("nft 'table netdev sluice_v0 { chain old { type filter hook ingress device \"v0\" "
                "priority 0; policy drop; }; }'");
    f->dev = device_open("v0");
    char *list = sandbox_output("nft list tables; nft list table netdev sluice_v0");
    assert_null(strstr(list, "chain old"));
    assert_non_null(strstr(list, "chain ingress"));
    free(list);
    netdev_close(f->dev);
    assert_false(has_drop());
    f->dev = NULL;
}

static void the_status_tells_what_the_link_is(void **state)
{
    struct fixture *f = *state;
    sandbox_run("ip link set v0 down && ip link set v0 address 02:00:00:00:00:05 mtu 1400");
    f->dev = device_open("v0");
    const struct netdev_status *status = netdev_status(f->dev);
    assert_true(status->present);
    assert_false(status->admin_up);
    assert_int_equal(status->mtu, 1400);
    assert_true(status->ifindex > 0);
    assert_memory_equal(status->hw_addr, ((uint8_t[6]) {2, 0, 0, 0, 0, 5}), 6);
    assert_int_equal(status->curr, OFPPF_10GB_FD | OFPPF_COPPER);

    assert_int_equal(netdev_set_admin(f->dev, true), 0);
    assert_true(status->admin_up && status->carrier);
    assert_int_equal(netdev_set_mtu(f->dev, 1500), 0);
    assert_int_equal(status->mtu, 1500);
    sandbox_run("ip link set v1 down");
    assert_true(netdev_refresh(f->dev));
    assert_true(status->admin_up);
    assert_false(status->carrier);
}

static void a_device_that_was_down_forwards_when_it_is_up(void **state)
{
    struct fixture *f = *state;
    f->dev = device_open("v0");
    sandbox_run("ip link set v0 down");
    wire_make_frame(f->frame, 60, 1);
    device_send(f->dev, &f->thread, f->frame, 60);
    assert_int_equal(device_counters(f->dev).tx_dropped, 1);
    sandbox_run("ip link set v0 up");
    sandbox_wait_carrier("v0");
    netdev_refresh(f->dev);
    expect_sent(f, 60);
    assert_true(wire_send(f->wire, f->frame, 60));
    expect_received(f, f->frame, 60);
}

/* A frame that does not fit into a slot comes by way of the socket's queue, and so does the news
 * that the device went down. */
static void a_large_frame_is_not_left_behind_when_the_device_goes_down(void **state)
{
    enum { SIZE = 2000 };
    struct fixture *f = *state;
    sandbox_run("ip link set v0 mtu 2040");
    sandbox_run("ip link set v1 mtu 2040");
    f->dev = device_open("v0");
    struct pollfd pollfd = {.fd = netdev_receive_fd(f->dev), .events = POLLIN};
    for (unsigned seed = 1; seed <= 3; seed++) {
        wire_make_frame(f->frame, SIZE, seed);
        assert_true(wire_send(f->wire, f->frame, SIZE));
        assert_int_equal(poll(&pollfd, 1, WAIT_MS), 1);
        sandbox_run("ip link set v0 down");
        expect_received(f, f->frame, SIZE);
        sandbox_run("ip link set v0 up");
        sandbox_wait_carrier("v0");
        sandbox_wait_carrier("v1");
        netdev_refresh(f->dev);
    }
    assert_int_equal(device_counters(f->dev).rx_dropped, 0);
}

static void a_device_that_vanished_is_taken_up_when_it_is_back(void **state)
{
    struct fixture *f = *state;
    f->dev = device_open("v0");
    int fd = netdev_receive_fd(f->dev);
    sandbox_run("ip link del v0");
    assert_true(netdev_refresh(f->dev));
    assert_false(netdev_status(f->dev)->present);
    assert_false(netdev_status(f->dev)->carrier);
    wire_make_frame(f->frame, 60, 1);
    device_send(f->dev, &f->thread, f->frame, 60);
    assert_int_equal(device_counters(f->dev).tx_dropped, 1);

    sandbox_make_veth("v0", "v1");
    close(f->wire);
    f->wire = wire_open("v1");
    assert_true(netdev_refresh(f->dev));
    assert_true(netdev_status(f->dev)->present);
    assert_int_equal(netdev_receive_fd(f->dev), fd);
    assert_true(has_drop());
    expect_sent(f, 60);
    assert_true(wire_send(f->wire, f->frame, 60));
    expect_received(f, f->frame, 60);
}

static void a_queueing_discipline_sees_what_we_send(void **state)
{
    struct fixture *f = *state;
    f->dev = device_open("v0");
    sandbox_run("tc qdisc add dev v0 root handle 1: htb default 1 && "
                "tc class add dev v0 parent 1: classid 1:1 htb rate 100mbit");
    netdev_refresh(f->dev);
    wire_make_frame(f->frame, 60, 1);
    expect_sent(f, 60);
    assert_int_equal(sandbox_try("tc -s qdisc show dev v0 | grep -q 'Sent 60 bytes 1 pkt'"), 0);
}

static void without_the_right_the_error_names_it(void **state)
{
    struct fixture *f = *state;
    int status;
    if (!sandbox_is_privileged()) {
        skip();
    }
    pid_t pid = fork();
    if (!pid) {
        char *error;
        int retval = setuid(65534) ? 0 : device_open_error("v0", &error);
        _exit(retval == EPERM && strstr(error, "v0: ") && strstr(error, "CAP_NET_RAW") ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    f->dev = NULL;
}

enum {
    STRESS_FRAMES = 900, /* Frames that each thread of the next test sends. */
};

/* Sends STRESS_FRAMES frames out of the device in the scratch word of the thread 'thread_'. */
static void *stress(void *thread_)
{
    struct netdev_thread *thread = thread_;
    uint8_t frame[60];
    wire_make_frame(frame, sizeof frame, thread->id);
    for (unsigned i = 0; i < STRESS_FRAMES; i++) {
        device_send(thread->scratch, thread, frame, sizeof frame);
    }
    return NULL;
}

static void two_threads_send_at_once(void **state)
{
    struct fixture *f = *state;
    struct netdev_thread threads[2];
    struct packet_batch batch;
    pthread_t ids[2];
    unsigned seen[2] = {0, 0};
    f->dev = device_open("v0");
    struct netdev *other = device_open("v1");
    for (unsigned i = 0; i < 2; i++) {
        threads[i] = (struct netdev_thread) {.id = i, .scratch = f->dev};
        pthread_create(&ids[i], NULL, stress, &threads[i]);
    }
    while (seen[0] + seen[1] < 2 * STRESS_FRAMES && device_wait(other, &f->thread, &batch)) {
        for (unsigned i = 0; i < batch.n; i++) {
            seen[get_be32(batch.packets[i]->data + 14)]++;
        }
        netdev_release(other, &batch);
    }
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(ids[i], NULL);
        assert_int_equal(seen[i], STRESS_FRAMES);
    }
    assert_int_equal(device_counters(f->dev).tx_packets, 2 * STRESS_FRAMES);
    netdev_close(other);
}

static void what_is_no_ethernet_device_is_refused(void **state)
{
    struct fixture *f = *state;
    char *error;
    assert_int_equal(device_open_error("lo", &error), EPFNOSUPPORT);
    assert_non_null(strstr(error, "lo: not an Ethernet device"));
    free(error);
    f->dev = NULL;
}

/* Packet sockets that there are, but for that of the test's wire. */
static unsigned count_packet_sockets(void)
{
    char *lines = sandbox_output("wc -l < /proc/net/packet");
    unsigned n = (unsigned) atoi(lines) - 2; /* One line is the head, one the wire. */
    free(lines);
    return n;
}

static void a_ring_that_was_made_ahead_serves_a_device(void **state)
{
    struct fixture *f = *state;
    struct netdev_shared shared;
    memset(f->frame, 0x42, 60);
    netdev_shared_init(&shared);
    raw_ring_stock_fill(&shared.rings, 40);
    assert_int_equal(shared.rings.n, 40);
    assert_int_equal(count_packet_sockets(), 40);
    f->dev = device_open_shared("v0,ring=64", &shared);
    assert_int_equal(shared.rings.n, 40);
    netdev_close(f->dev);
    f->dev = device_open_shared("v0", &shared);
    assert_int_equal(shared.rings.n, 39);
    for (int i = 0; i < 3000; i++) {
        wire_send(f->wire, f->frame, 60);
        expect_received(f, f->frame, 60);
    }
    expect_sent(f, 60);
    netdev_close(f->dev);
    f->dev = NULL;
    assert_int_equal(count_packet_sockets(), 39);
    netdev_shared_uninit(&shared);
    assert_int_equal(count_packet_sockets(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_go_in_and_out_unchanged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(vlan_tags_are_put_back_as_they_were, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tag_comes_on_top_of_the_mtu_and_nothing_else, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_frame_that_the_kernel_refuses_is_counted_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_the_host_sends_is_not_received, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_ring_that_overflows_counts_what_it_lost, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_ring_that_went_round_once_is_not_stuck, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_held_batch_is_not_overwritten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_host_is_kept_out_until_the_device_is_closed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_ring_that_was_made_ahead_serves_a_device, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(devices_closed_together_leave_nothing_behind, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_host_answers_only_with_host_keep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_process_leaves_no_drop_behind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stale_drop_is_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_status_tells_what_the_link_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_device_that_was_down_forwards_when_it_is_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_large_frame_is_not_left_behind_when_the_device_goes_down, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_device_that_vanished_is_taken_up_when_it_is_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_queueing_discipline_sees_what_we_send, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_the_right_the_error_names_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_threads_send_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_ethernet_device_is_refused, set_up, tear_down),
    };
    sandbox_enter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
