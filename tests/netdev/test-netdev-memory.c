/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of devices in memory, and with them of the way out and the counters of all devices. */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "datapath/netdev/netdev-provider.h"
#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/packet/checksum.h"
#include "lib/packet/offload.h"
#include "lib/util.h"
#include "tests/netdev/device.h"
#include "tests/netdev/wire.h"
#include "tests/unit.h"

enum {
    TCP_HEADERS = 14 + 20 + 20, /* Ethernet, IPv4, TCP. */
};

/* A frame with the memory that it stands in. */
struct frame {
    struct packet packet;          /* Describes it. */
    uint8_t memory[PACKET_LARGE];  /* Holds it. */
};

/* Starts a frame of 'size' bytes. */
static uint8_t *frame_init(struct frame *f, size_t size)
{
    packet_use(&f->packet, f->memory, sizeof f->memory, f->memory + PACKET_HEADROOM, size);
    return f->packet.data;
}

/* A TCP segment over IPv4 with 'payload' bytes and an unfinished checksum; a super-frame if it has
 * more than 'mss'. */
static void frame_init_tcp(struct frame *f, size_t payload, uint16_t mss)
{
    static const uint8_t ip[20] = {0x45, 0, 0,  0, 0, 1, 0x40, 0, 64, 6,
                                   0,    0, 10, 0, 0, 1, 10,   0, 0,  2};
    uint8_t *d = frame_init(f, TCP_HEADERS + payload);
    wire_make_frame(d, TCP_HEADERS + payload, 1);
    put_be16(d + 12, 0x0800);
    memcpy(d + 14, ip, sizeof ip);
    put_be16(d + 16, 40 + payload);
    be16 sum = checksum_finish(checksum_add(0, d + 14, 20));
    memcpy(d + 24, &sum, 2);
    memset(d + 34, 0, 20);
    d[46] = 5 << 4;
    d[47] = 0x18;
    sum = ~checksum_finish(checksum_pseudo4(d + 14, 6, 20 + payload));
    memcpy(d + 50, &sum, 2);
    f->packet.offload = (struct packet_offload) {.flags = PACKET_CSUM_PARTIAL,
                                                 .csum_start = 34,
                                                 .csum_offset = 16,
                                                 .header_size = TCP_HEADERS};
    if (payload > mss) {
        f->packet.offload.gso = PACKET_GSO_TCP4;
        f->packet.offload.gso_size = mss;
    }
}

/* True if the TCP checksum of the frame of 'size' bytes is right. */
static bool tcp_sum_is_right(const uint8_t *d, size_t size)
{
    uint32_t pseudo = checksum_pseudo4(d + 14, 6, size - 34);
    return !checksum_finish(checksum_add(pseudo, d + 34, size - 34));
}

/* Is the descriptor of 'dev' readable now? */
static bool is_readable(const struct netdev *dev)
{
    struct pollfd pollfd = {.fd = netdev_receive_fd(dev), .events = POLLIN};
    return poll(&pollfd, 1, 0) == 1;
}

/* A device, a thread and a frame, made for each test. */
struct fixture {
    struct netdev_thread thread; /* Thread 1. */
    struct netdev *dev;          /* Opened by the test. */
    struct bytes out;            /* Frames taken out. */
    struct frame frame;          /* For the test's use. */
};

static int set_up(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);
    device_thread_init(&f->thread, 1);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    netdev_close(f->dev);
    bytes_uninit(&f->out);
    device_thread_uninit(&f->thread);
    free(f);
    return 0;
}

static void frames_come_out_as_they_were_put_in(void **state)
{
    struct fixture *f = *state;
    struct packet_batch batch;
    f->dev = device_open("p1,type=memory");
    frame_init_tcp(&f->frame, 3000, 1000);
    assert_false(is_readable(f->dev));
    assert_true(netdev_memory_inject(f->dev, &f->frame.packet));
    assert_true(is_readable(f->dev));
    assert_int_equal(netdev_receive(f->dev, &f->thread, &batch), 1);
    assert_int_equal(batch.packets[0]->size, f->frame.packet.size);
    assert_memory_equal(batch.packets[0]->data, f->frame.packet.data, f->frame.packet.size);
    assert_int_equal(batch.packets[0]->offload.gso, PACKET_GSO_TCP4);
    assert_int_equal(batch.packets[0]->offload.gso_size, 1000);
    netdev_release(f->dev, &batch);
    assert_false(is_readable(f->dev));
    assert_int_equal(device_counters(f->dev).rx_packets, 1);
    assert_int_equal(device_counters(f->dev).rx_bytes, f->frame.packet.size);
}

static void the_receive_queue_is_bounded(void **state)
{
    struct fixture *f = *state;
    struct packet_batch batch;
    unsigned received = 0;
    f->dev = device_open("p1,type=memory");
    wire_make_frame(frame_init(&f->frame, 60), 60, 0);
    for (unsigned i = 0; i < NETDEV_MEMORY_QUEUE; i++) {
        assert_true(netdev_memory_inject(f->dev, &f->frame.packet));
    }
    assert_false(netdev_memory_inject(f->dev, &f->frame.packet));
    while (netdev_receive(f->dev, &f->thread, &batch)) {
        received += batch.n;
        netdev_release(f->dev, &batch);
    }
    assert_int_equal(received, NETDEV_MEMORY_QUEUE);
}

static void a_full_transmit_queue_drops_and_counts(void **state)
{
    struct fixture *f = *state;
    struct packet *packets[40];
    f->dev = device_open("p1,type=memory");
    wire_make_frame(frame_init(&f->frame, 60), 60, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(packets); i++) {
        packets[i] = &f->frame.packet;
    }
    for (unsigned i = 0; i < 110; i++) {
        netdev_send(f->dev, &f->thread, packets, ARRAY_SIZE(packets));
    }
    assert_int_equal(device_counters(f->dev).tx_packets, NETDEV_MEMORY_QUEUE);
    assert_int_equal(device_counters(f->dev).tx_bytes, NETDEV_MEMORY_QUEUE * 60);
    assert_int_equal(device_counters(f->dev).tx_dropped, 110 * 40 - NETDEV_MEMORY_QUEUE);
}

static void a_super_frame_is_cut_for_a_device_that_can_not(void **state)
{
    struct fixture *f = *state;
    struct packet *p = &f->frame.packet;
    f->dev = device_open("p1,type=memory");
    frame_init_tcp(&f->frame, 60000, 1448);
    netdev_send(f->dev, &f->thread, &p, 1);

    size_t at = 0;
    unsigned n = 0;
    struct packet_offload offload;
    while (netdev_memory_take(f->dev, &f->out, &offload)) {
        assert_int_equal(offload.flags, 0);
        assert_int_equal(offload.gso, PACKET_GSO_NONE);
        assert_true(tcp_sum_is_right(f->out.data, f->out.size));
        assert_int_equal(get_be32(f->out.data + 38), at);
        assert_memory_equal(f->out.data + TCP_HEADERS, p->data + TCP_HEADERS + at,
                            f->out.size - TCP_HEADERS);
        at += f->out.size - TCP_HEADERS;
        n++;
        bytes_clear(&f->out);
    }
    assert_int_equal(at, 60000);
    assert_int_equal(n, 42);
    assert_int_equal(device_counters(f->dev).tx_packets, n);
    assert_int_equal(p->offload.gso, PACKET_GSO_TCP4);
}

static void cutting_keeps_the_order_even_without_any_pool_packet(void **state)
{
    struct fixture *f = *state;
    struct frame *small = xmalloc(sizeof *small);
    struct packet *packets[] = {&small->packet, &f->frame.packet, &small->packet};
    f->dev = device_open("p1,type=memory");
    packet_pool_destroy(f->thread.pool);
    f->thread.pool = packet_pool_create(0, 0);
    frame_init_tcp(&f->frame, 5000, 1000);
    wire_make_frame(frame_init(small, 60), 60, 9);
    netdev_send(f->dev, &f->thread, packets, 3);

    for (unsigned i = 0; i < 7; i++) {
        assert_true(netdev_memory_take(f->dev, &f->out, NULL));
        assert_int_equal(f->out.size, i == 0 || i == 6 ? 60 : TCP_HEADERS + 1000);
        if (i > 0 && i < 6) {
            assert_int_equal(get_be32(f->out.data + 38), (i - 1) * 1000);
        }
        bytes_clear(&f->out);
    }
    assert_false(netdev_memory_take(f->dev, &f->out, NULL));
    free(small);
}

static void a_partial_checksum_is_finished_for_a_device_that_can_not(void **state)
{
    struct fixture *f = *state;
    struct packet *p = &f->frame.packet;
    f->dev = device_open("p1,type=memory");
    frame_init_tcp(&f->frame, 100, 1448);
    assert_false(tcp_sum_is_right(p->data, p->size));
    netdev_send(f->dev, &f->thread, &p, 1);
    assert_true(netdev_memory_take(f->dev, &f->out, NULL));
    assert_true(tcp_sum_is_right(f->out.data, f->out.size));
    assert_false(tcp_sum_is_right(p->data, p->size));
}

static void a_device_with_offloads_gets_super_frames_whole(void **state)
{
    struct fixture *f = *state;
    struct packet *p = &f->frame.packet;
    struct packet_offload offload;
    f->dev = device_open("p1,type=memory,offload=yes");
    frame_init_tcp(&f->frame, 60000, 1448);
    netdev_send(f->dev, &f->thread, &p, 1);
    assert_true(netdev_memory_take(f->dev, &f->out, &offload));
    assert_int_equal(f->out.size, p->size);
    assert_int_equal(offload.gso_size, 1448);
    assert_int_equal(offload.flags, PACKET_CSUM_PARTIAL);
}

static void the_mtu_limits_frames_and_pieces_but_not_their_tag(void **state)
{
    static const struct {
        size_t size;   /* Bytes of the frame. */
        uint16_t tpid; /* Its tag, or 0. */
        bool fits;     /* With an MTU of 1000. */
    } rows[] = {{1014, 0, true},       {1015, 0, false},      {1018, 0x8100, true},
                {1019, 0x8100, false}, {1018, 0x88a8, true},  {1018, 0, false}};
    struct fixture *f = *state;
    struct packet *p = &f->frame.packet;
    f->dev = device_open("p1,type=memory,mtu=1000,offload=yes");
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        wire_make_frame(frame_init(&f->frame, rows[i].size), rows[i].size, i);
        if (rows[i].tpid) {
            put_be16(p->data + 12, rows[i].tpid);
        }
        netdev_send(f->dev, &f->thread, &p, 1);
        assert_int_equal(netdev_memory_take(f->dev, &f->out, NULL), rows[i].fits);
    }
    assert_int_equal(device_counters(f->dev).tx_errors, 3);

    frame_init_tcp(&f->frame, 5000, 960);
    netdev_send(f->dev, &f->thread, &p, 1);
    assert_true(netdev_memory_take(f->dev, &f->out, NULL));
    frame_init_tcp(&f->frame, 5000, 961);
    netdev_send(f->dev, &f->thread, &p, 1);
    assert_false(netdev_memory_take(f->dev, &f->out, NULL));
    assert_int_equal(device_counters(f->dev).tx_errors, 4);
}

static void the_status_follows_the_link_when_refreshed(void **state)
{
    struct fixture *f = *state;
    f->dev = device_open("p258,type=memory,mtu=2000");
    const struct netdev_status *status = netdev_status(f->dev);
    assert_true(status->present && status->admin_up && status->carrier);
    assert_int_equal(status->mtu, 2000);
    assert_memory_equal(status->hw_addr, ((uint8_t[6]) {2, 0, 0, 0, 1, 2}), 6);
    assert_false(netdev_refresh(f->dev));

    netdev_memory_set_link(f->dev, false);
    assert_true(status->carrier);
    assert_true(netdev_refresh(f->dev));
    assert_false(status->carrier);

    assert_int_equal(netdev_set_admin(f->dev, false), 0);
    assert_false(status->admin_up);
    assert_int_equal(netdev_set_mtu(f->dev, 1500), 0);
    assert_int_equal(status->mtu, 1500);
}

static void a_device_that_is_gone_keeps_its_address_and_loses_frames(void **state)
{
    struct fixture *f = *state;
    struct packet *p = &f->frame.packet;
    f->dev = device_open("p1,type=memory,mac=02:00:00:00:07:07");
    wire_make_frame(frame_init(&f->frame, 60), 60, 0);
    netdev_memory_set_present(f->dev, false);
    assert_true(netdev_refresh(f->dev));
    assert_false(netdev_status(f->dev)->present);
    assert_false(netdev_status(f->dev)->carrier);
    assert_memory_equal(netdev_status(f->dev)->hw_addr, ((uint8_t[6]) {2, 0, 0, 0, 7, 7}), 6);
    netdev_send(f->dev, &f->thread, &p, 1);
    assert_int_equal(device_counters(f->dev).tx_dropped, 1);
    netdev_memory_set_present(f->dev, true);
    assert_true(netdev_refresh(f->dev));
    netdev_send(f->dev, &f->thread, &p, 1);
    assert_int_equal(device_counters(f->dev).tx_packets, 1);
}

enum {
    STRESS_FRAMES = 2000, /* Frames that each thread of the next test sends. */
};

/* Sends STRESS_FRAMES frames as the thread 'thread_' of the device in its scratch word. */
static void *stress(void *thread_)
{
    struct netdev_thread *thread = thread_;
    struct frame *frame = xmalloc(sizeof *frame);
    struct packet *p = &frame->packet;
    struct netdev *dev = thread->scratch;
    for (unsigned i = 0; i < STRESS_FRAMES; i++) {
        wire_make_frame(frame_init(frame, 60), 60, i);
        netdev_send(dev, thread, &p, 1);
    }
    free(frame);
    return NULL;
}

static void two_threads_send_while_a_third_counts(void **state)
{
    struct fixture *f = *state;
    struct netdev_thread threads[2];
    pthread_t ids[2];
    f->dev = device_open("p1,type=memory");
    for (unsigned i = 0; i < 2; i++) {
        threads[i] = (struct netdev_thread) {.id = i, .scratch = f->dev};
        pthread_create(&ids[i], NULL, stress, &threads[i]);
    }
    while (device_counters(f->dev).tx_packets < 2 * STRESS_FRAMES) {
        netdev_refresh(f->dev);
    }
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(ids[i], NULL);
    }
    assert_int_equal(device_counters(f->dev).tx_bytes, 2 * STRESS_FRAMES * 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_come_out_as_they_were_put_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_receive_queue_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_transmit_queue_drops_and_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_super_frame_is_cut_for_a_device_that_can_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(cutting_keeps_the_order_even_without_any_pool_packet,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_partial_checksum_is_finished_for_a_device_that_can_not,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_device_with_offloads_gets_super_frames_whole, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_mtu_limits_frames_and_pieces_but_not_their_tag, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_status_follows_the_link_when_refreshed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_device_that_is_gone_keeps_its_address_and_loses_frames,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_threads_send_while_a_third_counts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
