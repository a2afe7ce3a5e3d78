/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of threads: barriers, atomic changes, exact counters, ports that come and go, idleness. */
#include "datapath/workers.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "datapath/workers-private.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/frame.h"
#include "tests/datapath/testbed.h"

/* Every frame is "udp" with a serial number in its source address and ports for rules to match. */
enum { SERIAL = 14 + 12, PORTS = 14 + 20 };

/* A frame that can be sent with changing numbers. */
struct template {
    struct bytes frame; /* The frame; owned. */
};

static void template_init(struct template *t)
{
    char *error;
    bytes_init(&t->frame);
    assert_int_equal(frame_build("udp(10.0.0.1:0 > 10.0.0.2:0, nosum)", &t->frame, &error), 0);
}

/* Puts the frame into 'dev' as often as it takes until there is room. */
static void send_frame(struct template *t, struct netdev *dev, uint32_t serial, uint32_t ports)
{
    struct packet p;
    put_be32(t->frame.data + SERIAL, serial);
    put_be32(t->frame.data + PORTS, ports);
    packet_use(&p, t->frame.data, t->frame.size, t->frame.data, t->frame.size);
    while (!netdev_memory_inject(dev, &p)) {
        sched_yield();
    }
}

/* Waits until port 'no' has received 'n' frames and they have been forwarded. */
static void wait_received(struct testbed *tb, uint16_t no, uint64_t n)
{
    struct ofp_port_stats stats;
    do {
        sched_yield();
        assert_int_equal(datapath_port_get_stats(tb->dp, no, &stats), 0);
    } while (stats.rx_packets < n);
    testbed_run(tb);
}

/* Takes the serial number of the next frame out of port 'no'; false if there is none. */
static bool take_serial(struct testbed *tb, uint16_t no, uint32_t *serial)
{
    struct bytes frame = BYTES_INIT;
    bool taken = testbed_take(tb, no, &frame);
    if (taken) {
        *serial = get_be32(frame.data + SERIAL);
    }
    bytes_uninit(&frame);
    return taken;
}

/* Takes all frames out of port 'no', whose serial numbers must have the parity 'odd'. Returns their
 * number. */
static unsigned check_parity(struct testbed *tb, uint16_t no, unsigned odd)
{
    uint32_t serial;
    unsigned n = 0;
    while (take_serial(tb, no, &serial)) {
        assert_int_equal(serial % 2, odd);
        n++;
    }
    return n;
}

/* Puts a rule in the place of 'old' that sends to port 2 if 'i' is even, to port 3 if it is odd. */
static struct rule *replace_rule(struct testbed *tb, struct rule *old, uint32_t i)
{
    struct action_list list;
    struct match m;
    action_list_init(&list);
    action_list_append(&list, ACTION_OUTPUT)->output.port = 2 + i % 2;
    minimatch_expand(&old->match, &m);
    struct rule *rule = rule_create(&m, false, 1, &list);
    tables_replace(datapath_tables(tb->dp), old, rule, true, tb->now);
    tables_commit(datapath_tables(tb->dp));
    return rule;
}

/* Changes the rules, waits for a barrier, sends a frame; many times, with other traffic. */
static void check_barriers(unsigned n_workers)
{
    enum { ROUNDS = 10000, LOOK = 1000, NOISE = 3 };
    struct testbed tb;
    struct template t;
    unsigned n = 0;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = n_workers, .n_ports = 4});
    template_init(&t);
    testbed_add(&tb, "in_port=4", 1, "drop");
    struct rule *rule = testbed_add(&tb, "in_port=1", 1, "output:2");
    for (uint32_t i = 1; i <= ROUNDS; i++) {
        for (uint32_t j = 0; j < NOISE; j++) {
            send_frame(&t, datapath_port_netdev(tb.dp, 4), i, i * NOISE + j);
        }
        rule = replace_rule(&tb, rule, i);
        testbed_run(&tb);
        send_frame(&t, datapath_port_netdev(tb.dp, 1), i, 0);
        wait_received(&tb, 1, i);
        if (i % LOOK == 0) {
            n += check_parity(&tb, 2, 0) + check_parity(&tb, 3, 1);
        }
    }
    assert_int_equal(n, ROUNDS);
    assert_int_equal(tb.n_gone, ROUNDS);
    assert_int_equal(testbed_packets(&tb, rule), ROUNDS);
    bytes_uninit(&t.frame);
    testbed_uninit(&tb);
}

static void no_frame_after_a_barrier_meets_the_old_rules(void **state UNUSED)
{
    /* rows: A1.12 A11.15 */
    check_barriers(1);
    check_barriers(2);
}

/* Inserts a rule for frames with 'ports' that sends to port 2. */
static struct rule *insert_for_ports(struct testbed *tb, uint32_t ports)
{
    struct action_list list;
    struct match m;
    match_init_any(&m);
    m.flow.dl_type = htons(0x0800);
    m.flow.nw_proto = 17;
    m.flow.tp_src = htons(ports >> 16);
    m.flow.tp_dst = htons(ports);
    m.mask.dl_type = m.mask.tp_src = m.mask.tp_dst = 0xffff;
    m.mask.nw_proto = 0xff;
    action_list_init(&list);
    action_list_append(&list, ACTION_OUTPUT)->output.port = 2;
    struct rule *rule = rule_create(&m, false, 1, &list);
    assert_int_equal(tables_insert(datapath_tables(tb->dp), 0, rule, tb->now), 0);
    return rule;
}

/* rows: A4.15 */
static void delete_all_is_one_step_to_packets(void **state UNUSED)
{
    /* rows: A4.15. What matches goes to port 2, what misses is flooded to port 3 only. */
    enum { N_RULES = 100000, N_FRAMES = 3000, ROUNDS = 5 };
    struct testbed tb;
    struct template t;
    uint32_t serial, last, sent = 0;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = 1, .n_ports = 3});
    template_init(&t);
    datapath_set_miss(tb.dp, MISS_NORMAL);
    datapath_port_set_config(tb.dp, 2, OFPPC_NO_FLOOD, OFPPC_NO_FLOOD);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t first = sent + 1;
        for (uint32_t i = 0; i < (round ? N_RULES / 10 : N_RULES); i++) {
            insert_for_ports(&tb, i);
        }
        tables_commit(datapath_tables(tb.dp));
        testbed_run(&tb);
        for (int i = 0; i < N_FRAMES; i++) {
            if (i == N_FRAMES / 2) {
                tables_flush(datapath_tables(tb.dp), 0xff, OFPRR_DELETE);
                tables_commit(datapath_tables(tb.dp));
            }
            sent++;
            send_frame(&t, datapath_port_netdev(tb.dp, 1), sent, sent * 7919 % (N_RULES / 10));
        }
        wait_received(&tb, 1, sent);
        for (last = first; take_serial(&tb, 2, &serial); last++) {
            assert_int_equal(serial, last);
        }
        for (; take_serial(&tb, 3, &serial); last++) {
            assert_int_equal(serial, last);
        }
        assert_int_equal(last, sent + 1);
    }
    assert_int_equal(tb.n_gone, N_RULES + (ROUNDS - 1) * (N_RULES / 10));
    bytes_uninit(&t.frame);
    testbed_uninit(&tb);
}

static void counters_of_all_threads_add_up_exactly(void **state UNUSED)
{
    /* rows: A8.11. A million frames over a thousand rules, with caches that are far too small. */
    enum { N_RULES = 1000, ROUNDS = 500 };
    static struct rule *rules[N_RULES];
    struct testbed tb;
    struct template t;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = 2, .n_ports = 3, .cache_entries = 64});
    template_init(&t);
    datapath_port_set_config(tb.dp, 2, OFPPC_NO_FWD, OFPPC_NO_FWD);
    for (uint32_t i = 0; i < N_RULES; i++) {
        rules[i] = insert_for_ports(&tb, i);
    }
    tables_commit(datapath_tables(tb.dp));
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < N_RULES; i++) {
            send_frame(&t, datapath_port_netdev(tb.dp, 1), 0, (i * 3 + round) % N_RULES);
            send_frame(&t, datapath_port_netdev(tb.dp, 3), 0, (i * 7 + round) % N_RULES);
        }
    }
    wait_received(&tb, 1, N_RULES * ROUNDS);
    wait_received(&tb, 3, N_RULES * ROUNDS);
    for (uint32_t i = 0; i < N_RULES; i++) {
        assert_int_equal(testbed_packets(&tb, rules[i]), 2 * ROUNDS);
    }
    /* What is removed under way is handed over with what it has counted. */
    tables_flush(datapath_tables(tb.dp), 0xff, OFPRR_DELETE);
    tables_commit(datapath_tables(tb.dp));
    testbed_run(&tb);
    assert_int_equal(tb.gone_packets, 2 * N_RULES * ROUNDS);
    bytes_uninit(&t.frame);
    testbed_uninit(&tb);
}

static void ports_come_and_go_under_traffic(void **state UNUSED)
{
    enum { ROUNDS = 200, BURST = 20 };
    struct testbed tb;
    struct template t;
    uint32_t serial, sent = 0, got = 0;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = 2, .n_ports = 3});
    template_init(&t);
    testbed_add(&tb, "in_port=1", 2, "output:2,all,output:9,controller:10");
    testbed_add(&tb, "", 1, "normal");
    for (int round = 0; round < ROUNDS; round++) {
        assert_int_equal(testbed_add_port(&tb, "x,type=memory,ofport=9"), 9);
        for (int i = 0; i < BURST; i++) {
            send_frame(&t, datapath_port_netdev(tb.dp, 1), ++sent, 0);
            send_frame(&t, datapath_port_netdev(tb.dp, 9), 0, 0);
        }
        workers_run(tb.w, tb.now);
        assert_int_equal(datapath_port_remove(tb.dp, 9), 0);
        if (round % 2) {
            wait_received(&tb, 1, sent);
            while (take_serial(&tb, 2, &serial)) {
                got = MAX(got, serial);
            }
            testbed_clear(&tb);
        }
    }
    assert_int_equal(got, sent);
    bytes_uninit(&t.frame);
    testbed_uninit(&tb);
}

static void a_removed_port_is_closed_when_no_thread_uses_it(void **state UNUSED)
{
    for (unsigned n = 0; n <= 2; n++) {
        struct testbed tb;
        testbed_init(&tb, &(struct testbed_config) {.n_workers = n, .n_ports = 3});
        assert_false(workers_are_closing(tb.w));
        for (uint16_t port_no = 1; port_no <= 3; port_no++) {
            testbed_inject(&tb, port_no, "udp(10.0.0.1:1 > 10.0.0.2:2)");
            assert_int_equal(datapath_port_remove(tb.dp, port_no), 0);
            assert_true(workers_are_closing(tb.w));
        }
        assert_int_equal(datapath_port_remove(tb.dp, 3), ENODEV);
        for (bool more = true; more || workers_are_closing(tb.w);) {
            struct pollfd pollfd = {.fd = workers_fd(tb.w), .events = POLLIN};
            assert_true(more || poll(&pollfd, 1, 60000) == 1);
            more = workers_run(tb.w, tb.now);
        }
        assert_int_equal(testbed_add_port(&tb, "p1,type=memory"), 1);
        testbed_uninit(&tb);
    }
}

static void a_packet_that_comes_up_wakes_the_control_thread(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = 1, .n_ports = 1});
    for (size_t i = 1; i <= 500; i++) {
        testbed_inject(&tb, 1, "udp(10.0.0.1:1 > 10.0.0.2:2)");
        while (tb.n_upcalls < i) {
            struct pollfd pollfd = {.fd = workers_fd(tb.w), .events = POLLIN};
            assert_int_equal(poll(&pollfd, 1, 60000), 1);
            while (workers_run(tb.w, tb.now)) {
            }
        }
    }
    testbed_uninit(&tb);
}

static void a_worker_that_never_sleeps_answers_requests(void **state UNUSED)
{
    struct wakeup control;
    struct worker worker;
    struct rcu *rcu = rcu_create(1);
    assert_int_equal(wakeup_init(&control), 0);
    assert_int_equal(worker_init(&worker, 1, 0, rcu, &control), 0);
    struct pollfd pollfd = {.fd = wakeup_fd(&control), .events = POLLIN};
    rcu_online(rcu, 0);
    for (int i = 0; i < 10; i++) {
        uint64_t token = rcu_start(rcu);
        wakeup_request(&control);
        wakeup_arm(&control);
        assert_false(rcu_passed(rcu, token));
        assert_int_equal(poll(&pollfd, 1, 0), 0);
        worker_poll(&worker, 0);
        assert_true(rcu_passed(rcu, token));
        assert_int_equal(poll(&pollfd, 1, 0), 1);
        wakeup_clear(&control);
        worker_poll(&worker, 0);
        assert_int_equal(poll(&pollfd, 1, 0), 0);
    }
    rcu_offline(rcu, 0);
    worker_uninit(&worker);
    wakeup_uninit(&control);
    rcu_destroy(rcu);
}

/* Whether all workers sleep and have no command to look at. */
static bool is_everybody_asleep(const struct testbed *tb)
{
    for (unsigned i = 1; i <= tb->w->n; i++) {
        struct pollfd pollfd = {.fd = tb->w->workers[i].command_fd, .events = POLLIN};
        if (!rcu_is_offline(tb->w->rcu, i - 1) || poll(&pollfd, 1, 0)) {
            return false;
        }
    }
    return true;
}

static void idle_ports_wake_nobody(void **state UNUSED)
{
    struct testbed tb;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = 2, .n_ports = 100});
    while (!is_everybody_asleep(&tb)) {
        sched_yield();
    }
    uint64_t before = workers_wakeups(tb.w);
    for (int i = 0; i < 1000; i++) {
        struct rule *rule = testbed_add(&tb, "tcp", 1, "output:1");
        testbed_packet_out(&tb, OFPP_NONE, "output:1", "udp(10.0.0.1:1 > 10.0.0.2:2)");
        tables_remove(datapath_tables(tb.dp), rule);
        tables_commit(datapath_tables(tb.dp));
        tb.now += SEC;
        testbed_run(&tb);
    }
    assert_int_equal(workers_wakeups(tb.w), before);
    assert_true(workers_are_alive(tb.w, tb.now + 1000 * SEC));
    testbed_uninit(&tb);
}

/* Handles an upcall by a packet_out, as a controller would. */
static void answer(struct testbed *tb, const struct datapath_upcall *upcall)
{
    struct packet *p = packet_clone(upcall->packet);
    struct action_list list;
    action_list_init(&list);
    action_list_append(&list, ACTION_OUTPUT)->output.port = 2;
    datapath_execute(tb->dp, p, upcall->in_port, &list, tb->now);
    action_list_uninit(&list);
    free(p);
}

static void the_control_thread_sends_beside_the_workers(void **state UNUSED)
{
    enum { N_FRAMES = 2000 };
    struct testbed tb;
    struct template t;
    uint32_t serial, seen = 0;
    testbed_init(&tb, &(struct testbed_config) {.n_workers = 2, .n_ports = 3});
    template_init(&t);
    tb.on_packet = answer;
    testbed_add(&tb, "in_port=3", 1, "output:2");
    for (uint32_t i = 1; i <= N_FRAMES; i++) {
        send_frame(&t, datapath_port_netdev(tb.dp, 1), i, 0);
        send_frame(&t, datapath_port_netdev(tb.dp, 3), i, 0);
        if (i % 100 == 0) {
            wait_received(&tb, 1, i);
            wait_received(&tb, 3, i);
        }
    }
    while (take_serial(&tb, 2, &serial)) {
        seen++;
    }
    assert_int_equal(seen, 2 * N_FRAMES);
    bytes_uninit(&t.frame);
    testbed_uninit(&tb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_frame_after_a_barrier_meets_the_old_rules),
        cmocka_unit_test(delete_all_is_one_step_to_packets),
        cmocka_unit_test(counters_of_all_threads_add_up_exactly),
        cmocka_unit_test(ports_come_and_go_under_traffic),
        cmocka_unit_test(a_removed_port_is_closed_when_no_thread_uses_it),
        cmocka_unit_test(a_packet_that_comes_up_wakes_the_control_thread),
        cmocka_unit_test(a_worker_that_never_sleeps_answers_requests),
        cmocka_unit_test(idle_ports_wake_nobody),
        cmocka_unit_test(the_control_thread_sends_beside_the_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
