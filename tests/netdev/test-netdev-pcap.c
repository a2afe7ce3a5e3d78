/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of devices by libpcap that are capture files: times, pace, ends, offloads, threads. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "datapath/netdev/capture-frame.h"
#include "datapath/netdev/netdev-provider.h"
#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/packet/frame.h"
#include "lib/packet/offload.h"
#include "lib/util.h"
#include "tests/netdev/device.h"
#include "tests/netdev/sandbox.h"
#include "tests/netdev/wire.h"
#include "tests/unit.h"

enum {
    WAIT_MS = 120000,  /* Longest wait for what must come. */
    GONE_MS = 50,    /* Wait for what must not come. */
};

#define NANO UINT32_C(0xa1b23c4d)  /* Magic number of pcap files with nanoseconds, */
#define MICRO UINT32_C(0xa1b2c3d4) /* and with microseconds. */

struct fixture {
    struct netdev_thread thread; /* Thread 1. */
    struct netdev *dev;          /* Opened by the test. */
    struct netdev *out;          /* Opened by the test. */
    struct packet_batch batch;   /* Last one received. */
    char dir[32];                /* Where files stand. */
    struct bytes file;           /* A capture file in the making, or read. */
    struct bytes text;           /* For device_open(). */
    uint8_t frame[2048];         /* For the test's use. */
};

/* Capture files -------------------------------------------------------------------------------- */

/* Appends 'n' numbers of 32 bits to the file in the making. */
static void put_numbers(struct fixture *f, const uint32_t *numbers, size_t n)
{
    bytes_put(&f->file, numbers, n * sizeof *numbers);
}

/* Begins a file of the sort that 'magic' tells, of link type 'link'. */
static void begin_file(struct fixture *f, uint32_t magic, uint32_t link)
{
    bytes_clear(&f->file);
    put_numbers(f, (uint32_t[]) {magic, 2 | 4 << 16, 0, 0, 262144, link}, 6);
}

/* Adds a frame of 'size' bytes, of which 'captured' stand in the file. */
static void add_frame(struct fixture *f, uint32_t sec, uint32_t fraction, const void *frame,
                      uint32_t captured, uint32_t size)
{
    put_numbers(f, (uint32_t[]) {sec, fraction, captured, size}, 4);
    bytes_put(&f->file, frame, captured);
}

/* Adds the frame that 'text' describes. */
static void add_text(struct fixture *f, uint32_t sec, uint32_t fraction, const char *text)
{
    struct bytes frame = BYTES_INIT;
    char *error = NULL;
    assert_int_equal(frame_build(text, &frame, &error), 0);
    add_frame(f, sec, fraction, frame.data, frame.size, frame.size);
    bytes_uninit(&frame);
}

/* Writes the file in the making to 'name'. */
static void save(struct fixture *f, const char *name)
{
    char *path = xasprintf("%s/%s", f->dir, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(f->file.data, 1, f->file.size, file), f->file.size);
    assert_int_equal(fclose(file), 0);
    free(path);
}

/* Reads file 'name'. */
static void load(struct fixture *f, const char *name)
{
    char *path = xasprintf("%s/%s", f->dir, name), part[4096];
    FILE *file = fopen(path, "re");
    size_t n;
    assert_non_null(file);
    bytes_clear(&f->file);
    while ((n = fread(part, 1, sizeof part, file))) {
        bytes_put(&f->file, part, n);
    }
    fclose(file);
    free(path);
}

/* What stands before a frame in a file, as read by next_record(). */
struct record {
    uint32_t sec, fraction, captured, size; /* As in the file. */
    const uint8_t *frame;                   /* Its bytes. */
};

/* Takes the record at offset '*at' of the file that was read; false at its end. */
static bool next_record(struct fixture *f, size_t *at, struct record *record)
{
    if (*at + 16 > f->file.size) {
        return false;
    }
    memcpy(record, (const char *) f->file.data + *at, 16);
    record->frame = (const uint8_t *) f->file.data + *at + 16;
    *at += 16 + record->captured;
    return *at <= f->file.size;
}

/* Puts the directory of the files in place of each '@' in 'text'. */
static const char *expand(struct fixture *f, const char *text)
{
    bytes_clear(&f->text);
    for (const char *at; (at = strchr(text, '@')); text = at + 1) {
        bytes_printf(&f->text, "%.*s%s", (int) (at - text), text, f->dir);
    }
    bytes_printf(&f->text, "%s", text);
    return bytes_string(&f->text);
}

/* Opens the device that 'text' names; '@' stands for the directory of the files. */
static struct netdev *open_at(struct fixture *f, const char *text)
{
    return device_open(expand(f, text));
}

/* Fails unless opening 'text' fails with 'error' and says 'says'. */
static void expect_refusal(struct fixture *f, const char *text, int error, const char *says)
{
    char *why;
    assert_int_equal(device_open_error(expand(f, text), &why), error);
    if (!strstr(why, says)) {
        fail_msg("\"%s\" does not say \"%s\"", why, says);
    }
    free(why);
}

/* Moves all that 'dev' has now to 'out'. Returns how many frames. */
static unsigned move(struct fixture *f)
{
    unsigned n = 0;
    while (netdev_receive(f->dev, &f->thread, &f->batch)) {
        n += f->batch.n;
        netdev_send(f->out, &f->thread, f->batch.packets, f->batch.n);
        netdev_release(f->dev, &f->batch);
    }
    netdev_release(f->dev, &f->batch);
    return n;
}

/* Receives at 'now'; returns how many frames came. */
static unsigned receive_at(struct fixture *f, int64_t now)
{
    f->thread.now = now;
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

static int64_t clock_now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * SEC + t.tv_nsec;
}

static int set_up(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);
    device_thread_init(&f->thread, 1);
    f->thread.now = clock_now(CLOCK_MONOTONIC);
    strcpy(f->dir, "/tmp/test-pcap-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    netdev_close(f->dev);
    netdev_close(f->out);
    sandbox_try("rm -r %s", f->dir);
    device_thread_uninit(&f->thread);
    bytes_uninit(&f->file);
    bytes_uninit(&f->text);
    free(f);
    return 0;
}

static void a_file_goes_through_unchanged_nanoseconds_included(void **state)
{
    struct fixture *f = *state;
    struct bytes before = BYTES_INIT;
    begin_file(f, NANO, 1);
    for (unsigned i = 0; i < 100; i++) {
        wire_make_frame(f->frame, 60 + 14 * i, i);
        add_frame(f, 1700000000 + i, 123456789 + i, f->frame, 60 + 14 * i, 60 + 14 * i);
    }
    save(f, "a.pcap");
    bytes_put(&before, f->file.data, f->file.size);
    f->dev = open_at(f, "p1,type=pcap,in=@/a.pcap,delay=0");
    f->out = open_at(f, "p2,type=pcap,out=@/b.pcap");
    assert_int_equal(move(f), 100);
    load(f, "b.pcap");
    assert_int_equal(f->file.size, before.size);
    assert_memory_equal(f->file.data, before.data, before.size);
    assert_int_equal(device_counters(f->dev).rx_packets, 100);
    assert_int_equal(device_counters(f->out).tx_packets, 100);
    bytes_uninit(&before);
}

static void microseconds_become_nanoseconds(void **state)
{
    struct fixture *f = *state;
    struct record r;
    size_t at = 24;
    begin_file(f, MICRO, 1);
    add_text(f, 5, 999999, "arp(request, 10.0.0.1 > 10.0.0.2)");
    save(f, "a.pcap");
    f->dev = open_at(f, "p1,type=pcap,in=@/a.pcap,delay=0");
    f->out = open_at(f, "p2,type=pcap,out=@/b.pcap");
    assert_int_equal(move(f), 1);
    load(f, "b.pcap");
    assert_true(next_record(f, &at, &r));
    assert_int_equal(r.sec, 5);
    assert_int_equal(r.fraction, 999999000);
}

static void frames_that_were_not_captured_get_the_wall_clock(void **state)
{
    struct fixture *f = *state;
    struct record first, second;
    size_t at = 24;
    f->out = open_at(f, "p2,type=pcap,out=@/b.pcap");
    wire_make_frame(f->frame, 60, 1);
    int64_t wall = clock_now(CLOCK_REALTIME);
    f->thread.now = clock_now(CLOCK_MONOTONIC);
    device_send(f->out, &f->thread, f->frame, 60);
    f->thread.now += 3600 * SEC + 1;
    device_send(f->out, &f->thread, f->frame, 60);
    load(f, "b.pcap");
    assert_true(next_record(f, &at, &first) && next_record(f, &at, &second));
    int64_t a = first.sec * SEC + first.fraction, b = second.sec * SEC + second.fraction;
    assert_int_equal(b - a, 3600 * SEC + 1);
    assert_true(a > wall - 600 * SEC && a < wall + 600 * SEC);
}

static void at_the_end_of_the_file_the_link_goes_down(void **state)
{
    struct fixture *f = *state;
    begin_file(f, NANO, 1);
    for (unsigned i = 0; i < PACKET_BATCH_MAX + 1; i++) {
        add_text(f, i, 0, "arp(request, 10.0.0.1 > 10.0.0.2)");
    }
    save(f, "a.pcap");
    f->dev = open_at(f, "p1,type=pcap,in=@/a.pcap,delay=0");
    assert_true(is_readable(f->dev, WAIT_MS));
    assert_int_equal(receive_at(f, f->thread.now), PACKET_BATCH_MAX);
    assert_true(is_readable(f->dev, WAIT_MS));
    assert_true(netdev_status(f->dev)->carrier);
    assert_false(netdev_refresh(f->dev));
    assert_int_equal(receive_at(f, f->thread.now), 1);
    assert_true(netdev_refresh(f->dev));
    assert_true(netdev_status(f->dev)->present && netdev_status(f->dev)->admin_up);
    assert_false(netdev_status(f->dev)->carrier);
    assert_false(is_readable(f->dev, GONE_MS));
    assert_int_equal(receive_at(f, f->thread.now), 0);
}

static void without_a_file_to_read_the_link_stays_up(void **state)
{
    struct fixture *f = *state;
    f->dev = open_at(f, "p1,type=pcap,out=@/b.pcap,mac=02:00:00:00:00:07");
    assert_int_equal(receive_at(f, f->thread.now), 0);
    assert_false(netdev_refresh(f->dev));
    assert_true(netdev_status(f->dev)->carrier);
    assert_int_equal(netdev_status(f->dev)->mtu, 1500);
    assert_int_equal(netdev_status(f->dev)->hw_addr[5], 7);
    assert_int_equal(netdev_receive_fd(f->dev), -1);
}

static void frames_come_at_the_pace_of_the_record(void **state)
{
    struct fixture *f = *state;
    const int64_t t = 1000 * SEC;
    begin_file(f, NANO, 1);
    add_text(f, 77, 900000000, "arp(request, 10.0.0.1 > 10.0.0.2)");
    add_text(f, 79, 400000001, "arp(request, 10.0.0.1 > 10.0.0.2)");
    add_text(f, 79, 400000001, "arp(request, 10.0.0.1 > 10.0.0.2)");
    add_text(f, 70, 0, "arp(request, 10.0.0.1 > 10.0.0.2)");
    add_text(f, 77 + 3600, 900000000, "arp(request, 10.0.0.1 > 10.0.0.2)");
    save(f, "a.pcap");
    f->dev = open_at(f, "p1,type=pcap,in=@/a.pcap,pace=recorded");
    assert_int_equal(receive_at(f, t), 0);
    assert_int_equal(receive_at(f, t + SEC - 1), 0);
    assert_int_equal(receive_at(f, t + SEC), 1);
    assert_int_equal(receive_at(f, t + SEC + 1500 * MSEC), 0);
    assert_int_equal(receive_at(f, t + SEC + 1500 * MSEC + 1), 3);
    assert_int_equal(receive_at(f, t + 3601 * SEC - 1), 0);
    assert_int_equal(receive_at(f, t + 3601 * SEC), 1);
    assert_true(netdev_refresh(f->dev));
}

static void the_descriptor_is_readable_when_a_frame_is_due(void **state)
{
    struct fixture *f = *state;
    unsigned n = 0;
    begin_file(f, NANO, 1);
    for (unsigned i = 0; i < 5; i++) {
        add_text(f, 7, i * 10000000, "arp(request, 10.0.0.1 > 10.0.0.2)");
    }
    save(f, "a.pcap");
    f->dev = open_at(f, "p1,type=pcap,in=@/a.pcap,pace=recorded,delay=0");
    while (netdev_status(f->dev)->carrier) {
        assert_true(is_readable(f->dev, WAIT_MS));
        n += receive_at(f, clock_now(CLOCK_MONOTONIC));
        netdev_refresh(f->dev);
    }
    assert_int_equal(n, 5);
    assert_false(is_readable(f->dev, 0));
}

static void what_is_not_whole_is_counted(void **state)
{
    struct fixture *f = *state;
    wire_make_frame(f->frame, 100, 1);
    begin_file(f, NANO, 1);
    add_frame(f, 1, 0, f->frame, 60, 100);
    add_frame(f, 1, 0, f->frame, 13, 13);
    add_frame(f, 1, 0, f->frame, 14, 14);
    add_frame(f, 1, 0, f->frame, 100, 100);
    f->file.size -= 1;
    save(f, "a.pcap");
    f->dev = open_at(f, "p1,type=pcap,in=@/a.pcap,delay=0");
    assert_int_equal(receive_at(f, f->thread.now), 1);
    assert_int_equal(device_counters(f->dev).rx_dropped, 1);
    assert_int_equal(device_counters(f->dev).rx_errors, 1);
    assert_true(netdev_refresh(f->dev));
    assert_false(netdev_status(f->dev)->carrier);
}

/* Leaves the TCP checksum of the frame at 'data' unfinished. */
static void make_unfinished(uint8_t *data, size_t size)
{
    uint32_t sum = 6 + size - 34;
    for (unsigned i = 26; i < 34; i += 2) {
        sum += get_be16(data + i);
    }
    put_be16(data + 50, (sum & 0xffff) + (sum >> 16));
}

static void super_frames_of_a_file_are_cut_on_the_way_out(void **state)
{
    struct fixture *f = *state;
    struct bytes frame = BYTES_INIT, wanted = BYTES_INIT;
    struct record r;
    size_t at = 24;
    char *error = NULL;
    assert_int_equal(frame_build("tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)", &frame, &error), 0);
    make_unfinished(frame.data, frame.size);
    begin_file(f, NANO, 1);
    add_frame(f, 9, 8, frame.data, frame.size, frame.size);
    save(f, "a.pcap");
    f->dev = open_at(f, "p1,type=pcap,in=@/a.pcap,delay=0");
    f->out = open_at(f, "p2,type=pcap,out=@/b.pcap");
    assert_int_equal(move(f), 1);
    assert_int_equal(device_counters(f->out).tx_packets, 3);
    load(f, "b.pcap");
    assert_int_equal(frame_build("tcp(10.0.0.1:1 > 10.0.0.2:2, size 1460)", &wanted, &error), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(next_record(f, &at, &r));
        assert_int_equal(r.sec * SEC + r.fraction, 9 * SEC + 8);
        assert_int_equal(r.size, i < 2 ? 1514 : 54 + 80);
        if (!i) {
            assert_memory_equal(r.frame, wanted.data, wanted.size);
        }
    }
    bytes_uninit(&frame);
    bytes_uninit(&wanted);
}

static void what_makes_no_sense_is_refused(void **state)
{
    struct fixture *f = *state;
    begin_file(f, NANO, 1);
    save(f, "a.pcap");
    begin_file(f, NANO, 113);
    save(f, "cooked.pcap");
    expect_refusal(f, "p1,type=pcap,in=@/none.pcap", ENOENT, "can't read this file (No such file");
    expect_refusal(f, "p1,type=pcap,in=@", EINVAL, "not a regular file");
    assert_int_equal(mkfifo(expand(f, "@/fifo"), 0600), 0);
    expect_refusal(f, "p1,type=pcap,in=@/fifo", EINVAL, "not a regular file");
    expect_refusal(f, "p1,type=pcap,in=/proc/self/maps", EINVAL, "not a capture file");
    expect_refusal(f, "p1,type=pcap,in=@/cooked.pcap", EINVAL, "not a capture of Ethernet frames");
    expect_refusal(f, "p1,type=pcap,in=@/a.pcap,out=@/a.pcap", EBUSY, "choose another");
    expect_refusal(f, "p1,type=pcap,out=@/none/b.pcap", ENOENT, "can't write a capture");
    expect_refusal(f, "p1,type=pcap,out=/dev/null", EINVAL, "not a regular file");
    expect_refusal(f, "p1,type=pcap,in=@/a.pcap,pace=fast", EINVAL, "pace= takes asap or recorded");
    expect_refusal(f, "p1,type=pcap,in=@/a.pcap,host=keep", EINVAL, "host= is for live captures");
    expect_refusal(f, "v0,type=pcap,mtu=9000", EINVAL, "mtu= is for capture files");
    expect_refusal(f, "no-such-device,type=pcap", ENODEV, "there is no such device");
    expect_refusal(f, "lo,type=pcap", EPFNOSUPPORT, "not an Ethernet device");
    load(f, "a.pcap");
    assert_int_equal(f->file.size, 24);
}

/* Opens the device that 'text' names, and closes it before it was started. */
static void refuse_later(struct fixture *f, const char *text)
{
    struct netdev_options options;
    struct netdev *dev;
    char *error;
    assert_int_equal(netdev_options_parse(expand(f, text), &options, &error), 0);
    assert_int_equal(netdev_open(&options, 1, NULL, &dev, &error), 0);
    netdev_options_uninit(&options);
    netdev_close(dev);
}

static void a_file_keeps_what_it_has_until_the_port_starts(void **state)
{
    struct fixture *f = *state;
    begin_file(f, NANO, 1);
    add_text(f, 1, 0, "arp(request, 10.0.0.1 > 10.0.0.2)");
    size_t size = f->file.size;
    save(f, "b.pcap");
    refuse_later(f, "p1,type=pcap,out=@/b.pcap");
    refuse_later(f, "p1,type=pcap,out=@/new.pcap");
    load(f, "b.pcap");
    assert_int_equal(f->file.size, size);
    assert_int_equal(access(expand(f, "@/new.pcap"), F_OK), -1);
    f->out = open_at(f, "p1,type=pcap,out=@/b.pcap");
    load(f, "b.pcap");
    assert_int_equal(f->file.size, 24);
}

static void a_file_that_a_port_writes_or_reads_is_no_other_ports(void **state)
{
    struct fixture *f = *state;
    begin_file(f, NANO, 1);
    add_text(f, 1, 0, "arp(request, 10.0.0.1 > 10.0.0.2)");
    save(f, "a.pcap");
    save(f, "b.pcap");
    sandbox_run("ln %s/a.pcap %s/a-too.pcap && ln -s b.pcap %s/b-too.pcap", f->dir, f->dir, f->dir);
    f->dev = open_at(f, "p1,type=pcap,in=@/a.pcap,delay=0");
    f->out = open_at(f, "p2,type=pcap,out=@/b.pcap");
    assert_int_equal(move(f), 1);
    expect_refusal(f, "p3,type=pcap,out=@/a.pcap", EBUSY, "reads this file or writes to it");
    expect_refusal(f, "p3,type=pcap,out=@/a-too.pcap", EBUSY, "reads this file or writes to it");
    expect_refusal(f, "p3,type=pcap,out=@/b.pcap", EBUSY, "reads this file or writes to it");
    expect_refusal(f, "p3,type=pcap,out=@/b-too.pcap", EBUSY, "reads this file or writes to it");
    expect_refusal(f, "p3,type=pcap,in=@/b-too.pcap", EBUSY, "writes to this file");
    netdev_close(f->dev);
    f->dev = open_at(f, "p3,type=pcap,in=@/a-too.pcap");
    netdev_close(open_at(f, "p4,type=pcap,in=@/a.pcap"));
    load(f, "b.pcap");
    assert_true(f->file.size > 24);
    netdev_close(f->out);
    f->out = open_at(f, "p3,type=pcap,out=@/b.pcap");
}

/* One of the threads of the next test. */
struct sender {
    struct netdev *out; /* Where to. */
    unsigned id;        /* Thread. */
};

enum {
    N_BATCHES = 200, /* Batches that each thread sends, */
    N_FRAMES = 20,   /* and frames in each. */
};

static void *send_batches(void *sender_)
{
    const struct sender *sender = sender_;
    struct netdev_thread thread;
    uint8_t frame[1000];
    struct packet packet, *packets[N_FRAMES];
    device_thread_init(&thread, sender->id);
    memset(frame, 0x40 + sender->id, sizeof frame);
    packet_use(&packet, frame, sizeof frame, frame, 300 + 400 * sender->id);
    for (unsigned i = 0; i < N_FRAMES; i++) {
        packets[i] = &packet;
    }
    for (unsigned i = 0; i < N_BATCHES; i++) {
        netdev_send(sender->out, &thread, packets, N_FRAMES);
    }
    device_thread_uninit(&thread);
    return NULL;
}

static void threads_write_to_one_file_without_mixing_frames(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[2];
    unsigned counts[2] = {0, 0};
    struct record r;
    size_t at = 24;
    f->out = open_at(f, "p2,type=pcap,out=@/b.pcap");
    struct sender senders[] = {{f->out, 0}, {f->out, 1}};
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, send_batches, &senders[i]), 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    load(f, "b.pcap");
    while (next_record(f, &at, &r)) {
        unsigned id = r.frame[0] - 0x40;
        assert_true(id < 2);
        assert_int_equal(r.size, 300 + 400 * id);
        for (unsigned i = 1; i < r.size; i++) {
            assert_int_equal(r.frame[i], r.frame[0]);
        }
        counts[id]++;
    }
    assert_int_equal(at, f->file.size);
    assert_int_equal(counts[0], N_BATCHES * N_FRAMES);
    assert_int_equal(counts[1], N_BATCHES * N_FRAMES);
}

static void a_file_that_can_not_grow_ends(void **state)
{
    struct fixture *f = *state;
    struct rlimit before, limit = {.rlim_cur = 24 + 2 * (16 + 60) + 30};
    f->out = open_at(f, "p2,type=pcap,out=@/b.pcap");
    wire_make_frame(f->frame, 60, 1);
    getrlimit(RLIMIT_FSIZE, &before);
    limit.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    for (unsigned i = 0; i < 5; i++) {
        device_send(f->out, &f->thread, f->frame, 60);
    }
    setrlimit(RLIMIT_FSIZE, &before);
    device_send(f->out, &f->thread, f->frame, 60);
    assert_int_equal(device_counters(f->out).tx_packets, 2);
    assert_int_equal(device_counters(f->out).tx_dropped, 4);
    load(f, "b.pcap");
    assert_int_equal(f->file.size, 24 + 2 * (16 + 60));
}

static void times_that_no_clock_shows_are_bounded(void **state UNUSED)
{
    const int64_t last = capture_time(INT64_MAX, 0);
    assert_int_equal(capture_time(1000000000, 5), 1000000000 * SEC + 5);
    assert_int_equal(capture_time(UINT32_MAX, 999999999), UINT32_MAX * SEC + 999999999);
    assert_int_equal(capture_time((int32_t) UINT32_MAX, 7), UINT32_MAX * SEC + 7);
    assert_int_equal(capture_time(INT32_MIN, 0), (1LL << 31) * SEC);
    assert_int_equal(capture_time(INT32_MIN - 1LL, 7), 7);
    assert_int_equal(capture_time(INT64_MIN, INT64_MIN), 0);
    assert_int_equal(last / SEC, INT64_MAX / 2 / SEC);
    assert_true(capture_time(INT64_MAX, INT64_MAX) >= last);
}

int main(void)
{
#define CASE(NAME) cmocka_unit_test_setup_teardown(NAME, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_file_goes_through_unchanged_nanoseconds_included),
        CASE(microseconds_become_nanoseconds),
        CASE(frames_that_were_not_captured_get_the_wall_clock),
        CASE(at_the_end_of_the_file_the_link_goes_down),
        CASE(without_a_file_to_read_the_link_stays_up),
        CASE(frames_come_at_the_pace_of_the_record),
        CASE(the_descriptor_is_readable_when_a_frame_is_due),
        CASE(what_is_not_whole_is_counted),
        CASE(super_frames_of_a_file_are_cut_on_the_way_out),
        CASE(what_makes_no_sense_is_refused),
        CASE(a_file_keeps_what_it_has_until_the_port_starts),
        CASE(a_file_that_a_port_writes_or_reads_is_no_other_ports),
        CASE(threads_write_to_one_file_without_mixing_frames),
        CASE(a_file_that_can_not_grow_ends),
        CASE(times_that_no_clock_shows_are_bounded),
    };
    sandbox_enter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
