/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of queues on ports: several threads into one, waking in time, what is refused. */
#include "tests/unit.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "datapath/netdev/netdev-memory.h"
#include "datapath/queue-config.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "tests/datapath/testbed.h"

enum { FRAMES = 400, SIZE = 542 }; /* Frames that each of two ports sends, and their bytes. */

/* Returns the time. */
static int64_t clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SEC + t.tv_nsec;
}

/* Sum of the counters of all queues of port 'port_no'. */
static struct ofp_queue_stats sum(const struct testbed *tb, uint16_t port_no)
{
    struct datapath_queue queues[8];
    struct ofp_queue_stats s = {.port_no = port_no};
    size_t n = datapath_queue_list(tb->dp, port_no, queues, ARRAY_SIZE(queues));
    for (size_t i = 0; i < n; i++) {
        s.tx_packets += queues[i].stats.tx_packets;
        s.tx_bytes += queues[i].stats.tx_bytes;
        s.tx_errors += queues[i].stats.tx_errors;
    }
    return s;
}

/* Takes frames out of port 'port_no' and runs until all 'n' were sent or lost. */
static void wait_sent(struct testbed *tb, uint16_t port_no, uint64_t n)
{
    struct bytes frame = BYTES_INIT;
    int64_t end = clock_now() + 60 * SEC;
    for (;;) {
        struct ofp_queue_stats s = sum(tb, port_no);
        while (testbed_take(tb, port_no, &frame)) {
            bytes_clear(&frame);
        }
        if (s.tx_packets + s.tx_errors == n) {
            break;
        }
        assert_true(clock_now() < end);
        workers_run(tb->w, clock_now());
    }
    bytes_uninit(&frame);
}

/* Takes frames out of port 'port_no' and runs until it has sent or lost 'n'. Returns what it has
 * counted. */
static struct ofp_port_stats wait_port(struct testbed *tb, uint16_t port_no, uint64_t n)
{
    struct bytes frame = BYTES_INIT;
    struct ofp_port_stats port;
    int64_t end = clock_now() + 60 * SEC;
    do {
        assert_true(clock_now() < end);
        workers_run(tb->w, clock_now());
        while (testbed_take(tb, port_no, &frame)) {
            bytes_clear(&frame);
        }
        assert_int_equal(datapath_port_get_stats(tb->dp, port_no, &port), 0);
    } while (port.tx_packets + port.tx_dropped < n);
    bytes_uninit(&frame);
    assert_int_equal(port.tx_packets + port.tx_dropped, n);
    return port;
}

/* rows: A8.9 T12. Two ports whose threads differ, and the control thread, send to a third one by
 * its queues. */
static void all_threads_share_the_queues_of_a_port(void **state UNUSED)
{
    struct testbed tb;
    struct ofp_port_stats port;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = 2, .n_ports = 2});
    assert_int_equal(testbed_add_port(&tb, "q,type=memory,max-rate=200M,queue=1:min-rate=140M,"
                                           "queue=2:min-rate=60M"), 3);
    testbed_add(&tb, "in_port=1", 1, "enqueue:3:1");
    testbed_add(&tb, "in_port=2", 1, "enqueue:3:2");
    for (int i = 0; i < FRAMES; i++) {
        testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2, size 500)");
        testbed_inject(&tb, 2, "udp(10.0.0.1:2 > 10.0.0.2:2, size 500)");
        testbed_packet_out(&tb, OFPP_NONE, "output:3", "udp(10.0.0.1:3 > 10.0.0.2:2, size 500)");
        workers_run(tb.w, tb.now);
    }
    wait_sent(&tb, 3, 3 * FRAMES);
    struct ofp_queue_stats s = sum(&tb, 3);
    assert_int_equal(datapath_port_get_stats(tb.dp, 3, &port), 0);
    assert_int_equal(s.tx_packets, port.tx_packets);
    assert_int_equal(s.tx_bytes, s.tx_packets * SIZE);
    assert_int_equal(s.tx_bytes, port.tx_bytes);
    assert_int_equal(s.tx_errors, port.tx_dropped);
    testbed_uninit(&tb);
}

/* With threads and without: what waits goes, though nothing else happens, and no earlier. */
static void what_waits_goes_in_time(void **state UNUSED)
{
    for (unsigned n_workers = 0; n_workers < 2; n_workers++) {
        struct testbed tb;
        testbed_init(&tb, &(struct testbed_config) {.n_workers = n_workers, .spins = true});
        testbed_add_port(&tb, "q,type=memory,max-rate=1M");
        tb.now = clock_now();
        int64_t start = tb.now;
        for (int i = 0; i < 10; i++) {
            testbed_packet_out(&tb, OFPP_NONE, "output:1",
                               "udp(10.0.0.1:3 > 10.0.0.2:2, size 958)");
        }
        while (sum(&tb, 1).tx_packets < 10) {
            struct pollfd pollfd = {.fd = workers_fd(tb.w), .events = POLLIN};
            assert_true(clock_now() < start + 60 * SEC);
            assert_true(poll(&pollfd, 1, n_workers ? 1 : 60000) >= 0);
            while (workers_run(tb.w, clock_now())) {
            }
        }
        /* 10000 bytes, of which 2 * 1514 could go at once. */
        assert_true(clock_now() - start >= (10000 - 3028) * 8 * USEC);
        testbed_uninit(&tb);
    }
}

/* Sends what came up back by a queue. */
static void answer_by_a_queue(struct testbed *tb, const struct datapath_upcall *upcall UNUSED)
{
    testbed_packet_out(tb, OFPP_NONE, "enqueue:2:1", "udp(10.0.0.1:3 > 10.0.0.2:2)");
}

/* Runs at the time of the clock until there is nothing left to do. */
static void run_now(struct testbed *tb)
{
    do {
        tb->now = clock_now();
    } while (workers_run(tb->w, tb->now));
}

/* Without threads: what the answer to an upcall puts into a queue, after the queues were served,
 * does not wait for something else to happen. */
static void an_answer_by_a_queue_goes_at_once(void **state UNUSED)
{
    struct testbed tb;
    struct ofp_port_stats port;
    testbed_init(&tb, &(struct testbed_config) {.spins = true, .n_ports = 1});
    testbed_add_port(&tb, "q,type=memory,queue=1");
    run_now(&tb);
    tb.on_packet = answer_by_a_queue;
    testbed_packet_out(&tb, 1, "controller", "udp(10.0.0.2:2 > 10.0.0.1:3)");
    do {
        struct pollfd pollfd = {.fd = workers_fd(tb.w), .events = POLLIN};
        assert_int_equal(poll(&pollfd, 1, 60000), 1);
        run_now(&tb);
        assert_int_equal(datapath_port_get_stats(tb.dp, 2, &port), 0);
    } while (!port.tx_packets);
    testbed_uninit(&tb);
}

/* The port goes while threads send to it and packets wait. */
static void a_port_goes_with_what_waits(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = 2, .n_ports = 2});
    testbed_add(&tb, "", 1, "enqueue:3:1");
    for (int round = 0; round < 50; round++) {
        assert_int_equal(testbed_add_port(&tb, "q,type=memory,ofport=3,max-rate=1M,queue=1"), 3);
        for (int i = 0; i < 20; i++) {
            testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2, size 500)");
            testbed_inject(&tb, 2, "udp(10.0.0.1:2 > 10.0.0.2:2, size 500)");
            workers_run(tb.w, tb.now);
        }
        assert_int_equal(datapath_port_remove(tb.dp, 3), 0);
        if (round % 2) {
            testbed_run(&tb);
        }
    }
    testbed_uninit(&tb);
}

/* Gives port 'port_no' the queues of 'text'. */
static void set_queues(struct testbed *tb, uint16_t port_no, const char *text)
{
    char *error = NULL;
    if (datapath_port_set_queues(tb->dp, port_no, text, &error)) {
        fail_msg("%s", error);
    }
}

/* The queues change again and again while threads send: no packet is forgotten. */
static void queues_are_exchanged_under_way(void **state UNUSED)
{
    static const char *const texts[] = {
        "max-rate=1G,queue=1", "max-rate=10M,queue=1:min-rate=1M,queue=2", "queue=2", "queue=7",
    };
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = 2, .n_ports = 3});
    set_queues(&tb, 3, "queue=1,queue=2");
    testbed_run(&tb);
    testbed_add(&tb, "in_port=1", 1, "enqueue:3:1");
    testbed_add(&tb, "in_port=2", 1, "enqueue:3:2");
    for (int i = 0; i < FRAMES; i++) {
        testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2, size 500)");
        testbed_inject(&tb, 2, "udp(10.0.0.1:2 > 10.0.0.2:2, size 500)");
        workers_run(tb.w, tb.now);
        set_queues(&tb, 3, texts[i % ARRAY_SIZE(texts)]);
    }
    struct ofp_port_stats port = wait_port(&tb, 3, 2 * FRAMES);
    testbed_run(&tb);
    struct ofp_queue_stats s = sum(&tb, 3);
    assert_true(s.tx_packets <= port.tx_packets);
    assert_true(s.tx_errors <= port.tx_dropped);
    testbed_uninit(&tb);
}

/* rows: A8.9 T12. A queue of the same number goes on counting; what others had goes with them. */
static void queues_that_stay_count_on(void **state UNUSED)
{
    struct testbed tb;
    struct datapath_queue q[3];
    struct ofp_port_stats port;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 1});
    testbed_add_port(&tb, "q,type=memory,queue=1,queue=2");
    testbed_add(&tb, "", 1, "enqueue:2:1,enqueue:2:2,enqueue:2:2");
    for (int i = 0; i < 10; i++) {
        testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2, size 958)");
    }
    testbed_run(&tb);
    set_queues(&tb, 2, "max-rate=1M,queue=1");
    for (int retired = 0; retired < 2; retired++) {
        assert_int_equal(datapath_queue_list(tb.dp, 2, q, 3), 2);
        assert_int_equal(q[0].stats.tx_packets, 0);
        assert_int_equal(q[1].stats.tx_packets, 10);
        assert_int_equal(datapath_port_get_stats(tb.dp, 2, &port), 0);
        assert_int_equal(port.tx_packets, 30);
        testbed_run(&tb);
    }

    /* 3 may go at once, and what waits is lost. */
    testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2, size 958)");
    testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2, size 958)");
    testbed_run(&tb);
    set_queues(&tb, 2, "queue=1,queue=2");
    for (int retired = 0; retired < 2; retired++) {
        assert_int_equal(datapath_queue_list(tb.dp, 2, q, 3), 3);
        assert_int_equal(q[1].stats.tx_packets + q[1].stats.tx_errors, 12 - !retired);
        assert_int_equal(q[2].stats.tx_packets + q[2].stats.tx_errors, 0);
        testbed_run(&tb);
    }
    assert_int_equal(sum(&tb, 2).tx_packets, 13);
    assert_int_equal(sum(&tb, 2).tx_errors, 3);
    testbed_uninit(&tb);
}

/* All queues go, and what waits there; the port counts on, and may have queues again. */
static void a_port_without_queues_again_is_plain(void **state UNUSED)
{
    for (unsigned n_workers = 0; n_workers < 3; n_workers++) {
        struct testbed tb;
        struct datapath_queue q;
        testbed_init(&tb, &(struct testbed_config) {.n_ports = 2, .n_workers = n_workers});
        set_queues(&tb, 1, "none");
        set_queues(&tb, 2, "max-rate=1k,queue=1");
        for (int i = 0; i < 10; i++) {
            testbed_packet_out(&tb, OFPP_NONE, "enqueue:2:1",
                               "udp(10.0.0.1:3 > 10.0.0.2:2, size 958)");
        }
        set_queues(&tb, 2, "none");
        assert_null(datapath_port_queues(tb.dp, 2));
        assert_false(datapath_has_queue(tb.dp, 2, 0));
        assert_int_equal(datapath_queue_list(tb.dp, 2, &q, 1), 0);
        uint64_t sent = wait_port(&tb, 2, 10).tx_packets;
        assert_true(sent < 4);
        for (int i = 0; i < 100; i++) {
            testbed_packet_out(&tb, OFPP_NONE, "enqueue:2:1", "udp(10.0.0.1:3 > 10.0.0.2:2)");
        }
        struct ofp_port_stats port = wait_port(&tb, 2, 110);
        assert_int_equal(port.tx_packets, sent + 100);
        assert_int_equal(port.tx_dropped, 10 - sent);
        set_queues(&tb, 2, "queue=1,queue=5");
        testbed_packet_out(&tb, OFPP_NONE, "enqueue:2:5", "udp(10.0.0.1:3 > 10.0.0.2:2)");
        wait_sent(&tb, 2, 1);
        set_queues(&tb, 2, "none");
        set_queues(&tb, 2, "queue=1,queue=5");
        assert_int_equal(sum(&tb, 2).tx_packets, 0);
        assert_int_equal(datapath_port_queues(tb.dp, 2)->n, 3);
        testbed_uninit(&tb);
    }
}

/* Queues come and go while threads send by them, with and without a grace period between. */
static void queues_come_and_go_under_way(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = 2, .n_ports = 3});
    testbed_add(&tb, "in_port=1", 1, "enqueue:3:1");
    testbed_add(&tb, "in_port=2", 1, "enqueue:3:2");
    for (int i = 0; i < FRAMES; i++) {
        testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2, size 500)");
        testbed_inject(&tb, 2, "udp(10.0.0.1:2 > 10.0.0.2:2, size 500)");
        if (i % 3) {
            workers_run(tb.w, tb.now);
        }
        set_queues(&tb, 3, i % 2 ? "queue=1,queue=2" : "none");
    }
    wait_port(&tb, 3, 2 * FRAMES);
    testbed_uninit(&tb);
}

/* Rules that enqueue to what is not there send by the default queue, or by none, and are counted.
 */
static void a_queue_that_is_not_there_is_counted(void **state UNUSED)
{
    static const struct {
        const char *queues; /* Of port 2, */
        uint64_t n;         /* and how many packets of three are counted. */
    } cases[] = {{"queue=1,queue=2", 0}, {"queue=2", 1}, {"max-rate=1G", 2}, {"none", 2}};
    static const char words[] = "enqueued to a queue that is not there: sent by the default one";
    struct testbed tb;
    uint64_t expected = 0;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 2});
    testbed_add(&tb, "in_port=1", 1, "enqueue:2:1,enqueue:2:2,enqueue:2:0,set_queue:1,output:2");
    testbed_add(&tb, "in_port=2", 1, "enqueue:in_port:1");
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        set_queues(&tb, 2, cases[i].queues);
        testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2)");
        testbed_run(&tb);
        expected += cases[i].n;
        assert_int_equal(testbed_drops(&tb, words), expected);
        for (int k = 0; k < 4; k++) {
            testbed_expect(&tb, 2, "udp(10.0.0.1:1 > 10.0.0.2:2)");
        }
        testbed_inject(&tb, 2, "udp(10.0.0.1:1 > 10.0.0.2:2)");
        testbed_run(&tb);
        expected += i > 0;
        assert_int_equal(testbed_drops(&tb, words), expected);
        testbed_expect(&tb, 2, "udp(10.0.0.1:1 > 10.0.0.2:2)");
    }
    testbed_uninit(&tb);
}

/* A queue that the action list names applies to that output alone. */
static void an_enqueue_concerns_one_output(void **state UNUSED)
{
    struct testbed tb;
    struct datapath_queue queues[2];
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 1});
    testbed_add_port(&tb, "q,type=memory,queue=1");
    testbed_add(&tb, "in_port=1", 1, "enqueue:2:1,output:2,enqueue:2:1,mod_tp_dst:9,all");
    testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2)");
    testbed_run(&tb);
    assert_int_equal(datapath_queue_list(tb.dp, 2, queues, 2), 2);
    assert_int_equal(queues[0].stats.tx_packets, 2);
    assert_int_equal(queues[1].stats.tx_packets, 2);
    testbed_uninit(&tb);
}

/* Adding the port 'text' fails with a sentence that has 'words'. */
static void refuse(struct testbed *tb, const char *text, const char *words)
{
    char *error = NULL;
    uint16_t added;
    assert_int_equal(datapath_port_add(tb->dp, text, 0, &added, &error), EINVAL);
    if (!strstr(error, words)) {
        fail_msg("%s: %s", text, error);
    }
    free(error);
}

static void what_a_port_cannot_have_is_refused(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_ports = 1});
    refuse(&tb, "a,type=patch,peer=b,max-rate=1M", "a patch port has no queues");
    refuse(&tb, "a,type=memory,queue=1:min-rate=1M", "speed of the device is not known");
    refuse(&tb, "a,type=memory,queue=one", "a queue is its number");
    static const char *const texts[] = {
        "", "mtu=5", "queue=1,mtu=5", "type=raw,queue=1", "queue=x",
    };
    for (unsigned i = 0; i < ARRAY_SIZE(texts); i++) {
        char *error = NULL;
        assert_int_equal(datapath_port_set_queues(tb.dp, 1, texts[i], &error), EINVAL);
        free(error);
    }
    assert_int_equal(datapath_queue_list(tb.dp, 1, NULL, 0), 0);
    testbed_uninit(&tb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_threads_share_the_queues_of_a_port),
        cmocka_unit_test(what_waits_goes_in_time),
        cmocka_unit_test(an_answer_by_a_queue_goes_at_once),
        cmocka_unit_test(a_port_goes_with_what_waits),
        cmocka_unit_test(queues_are_exchanged_under_way),
        cmocka_unit_test(queues_that_stay_count_on),
        cmocka_unit_test(a_port_without_queues_again_is_plain),
        cmocka_unit_test(queues_come_and_go_under_way),
        cmocka_unit_test(a_queue_that_is_not_there_is_counted),
        cmocka_unit_test(an_enqueue_concerns_one_output),
        cmocka_unit_test(what_a_port_cannot_have_is_refused),
    };
    assert_int_equal(vlog_parse_level_spec("queues:err", NULL), 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
