/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the scheduler of queues in virtual time: shares, guarantees, limits, delays, bounds. */
/* rows: A8.2 */
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-options.h"
#include "datapath/queue-scheduler.h"
#include "lib/util.h"

/* A port in virtual time, with sources that keep their queues full or send at a rate. */
struct port {
    struct queue_scheduler *s;          /* The scheduler. */
    int64_t now;                        /* Time. */
    uint32_t sizes[QUEUE_CONFIG_MAX];   /* Of packets that keep a queue full; 0: nothing does. */
    uint64_t sent[QUEUE_CONFIG_MAX];    /* Bytes sent. */
    uint64_t packets[QUEUE_CONFIG_MAX]; /* Packets sent. */
    int64_t longest;                    /* Longest delay of a packet of queue 'watched'. */
    unsigned watched;                   /* Its index. */
};

/* Makes '*port' a port as 'text' asks for. */
static void port_init(struct port *port, const char *text)
{
    struct netdev_options options;
    struct queues_config config;
    char *error = NULL;
    *port = (struct port) {.now = 1000 * SEC, .watched = UINT32_MAX};
    assert_int_equal(netdev_options_parse(text, &options, &error), 0);
    assert_int_equal(queues_config_take(&options, &config, &error), 0);
    assert_int_equal(queues_config_complete(&config, "p", 0, &error), 0);
    port->s = queue_scheduler_create(&config);
    netdev_options_uninit(&options);
}

static void port_uninit(struct port *port)
{
    queue_scheduler_destroy(port->s);
}

/* Puts a packet of 'size' bytes into queue 'i'. */
static bool put(struct port *port, unsigned i, uint32_t size)
{
    static uint8_t frame[PACKET_LARGE];
    struct packet p;
    packet_use(&p, frame, sizeof frame, frame, size);
    p.captured = port->now;
    return queue_scheduler_put(port->s, i, &p);
}

/* Fills the queues that are to be full. */
static void fill(struct port *port)
{
    for (unsigned i = 0; i < port->s->n; i++) {
        while (port->sizes[i] && port->s->queues[i].n_waiting < 3) {
            assert_true(put(port, i, port->sizes[i]));
        }
    }
}

/* Sends what may go now, and counts. */
static void send_due(struct port *port)
{
    struct packet *p;
    unsigned i;
    fill(port);
    while ((p = queue_scheduler_next(port->s, port->now, &i))) {
        port->sent[i] += p->size;
        port->packets[i]++;
        if (i == port->watched) {
            port->longest = MAX(port->longest, port->now - p->captured);
        }
        queue_scheduler_release(port->s, i);
        fill(port);
    }
}

/* Lets 'period' pass: whenever the scheduler wants, it is asked. */
static void run(struct port *port, int64_t period)
{
    int64_t end = port->now + period;
    send_due(port);
    while (queue_scheduler_due(port->s) <= end) {
        assert_true(queue_scheduler_due(port->s) > port->now);
        port->now = queue_scheduler_due(port->s);
        send_due(port);
    }
    port->now = end;
}

/* Forgets what was sent. */
static void forget(struct port *port)
{
    memset(port->sent, 0, sizeof port->sent);
    memset(port->packets, 0, sizeof port->packets);
}

/* Fails unless queue 'i' has sent at 'rate' bit/s for 'period', to some per mille. */
static void expect_rate(const struct port *port, unsigned i, uint64_t rate, int64_t period,
                        unsigned per_mille)
{
    uint64_t bits = rate * (uint64_t) (period / MSEC) / 1000, part = bits * per_mille / 1000;
    assert_in_range(port->sent[i] * 8, bits - part, bits + part);
}

static void guarantees_of_the_whole_port_are_shares(void **state UNUSED)
{
    static const uint32_t sizes[][2] = {{1514, 1514}, {60, 1514}, {1514, 60}, {60000, 60},
                                        {60, 60000}, {9014, 60000}};
    for (unsigned k = 0; k < ARRAY_SIZE(sizes); k++) {
        struct port port;
        port_init(&port, "p,max-rate=100M,queue=1:min-rate=70M,queue=2:min-rate=30M");
        port.sizes[1] = sizes[k][0];
        port.sizes[2] = sizes[k][1];
        run(&port, 100 * MSEC);
        forget(&port);
        run(&port, 10 * SEC);
        expect_rate(&port, 1, 70000000, 10 * SEC, 10);
        expect_rate(&port, 2, 30000000, 10 * SEC, 15);
        port_uninit(&port);
    }
}

/* As after months in which something waited always. */
static void shares_stay_when_virtual_time_has_become_large(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,max-rate=100M,queue=1:min-rate=70M,queue=2:min-rate=30M");
    port.sizes[1] = port.sizes[2] = 1514;
    run(&port, SEC);
    int64_t passed = INT64_MAX - 10 * MSEC - port.s->turn;
    port.s->turn += passed;
    for (unsigned i = 1; i < port.s->n; i++) {
        port.s->queues[i].start += passed;
    }
    forget(&port);
    run(&port, 10 * SEC);
    expect_rate(&port, 1, 70000000, 10 * SEC, 10);
    expect_rate(&port, 2, 30000000, 10 * SEC, 15);
    port_uninit(&port);
}

static void what_one_leaves_others_get(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,max-rate=100M,queue=1:min-rate=70M,queue=2:min-rate=30M");
    port.sizes[2] = 1514;
    run(&port, 5 * SEC);
    expect_rate(&port, 2, 100000000, 5 * SEC, 2);
    forget(&port);
    port.sizes[1] = 1514;
    run(&port, SEC);
    expect_rate(&port, 1, 70000000, SEC, 10);
    port_uninit(&port);
}

static void what_nobody_is_guaranteed_is_shared_evenly(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,max-rate=90M,queue=1:min-rate=20M,queue=2:min-rate=40M");
    port.sizes[0] = port.sizes[1] = port.sizes[2] = 1000;
    run(&port, 10 * SEC);
    expect_rate(&port, 0, 10000000, 10 * SEC, 10);
    expect_rate(&port, 1, 30000000, 10 * SEC, 10);
    expect_rate(&port, 2, 50000000, 10 * SEC, 10);
    port_uninit(&port);
}

static void nobody_starves_where_all_is_guaranteed(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,max-rate=10M,queue=1:min-rate=10M");
    port.sizes[0] = 60;
    port.sizes[1] = 1514;
    run(&port, 10 * SEC);
    assert_true(port.sent[0] * 8 >= 90000);
    expect_rate(&port, 1, 10000000, 10 * SEC, 3);
    port_uninit(&port);
}

static void a_limit_holds_and_others_get_the_rest(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,max-rate=100M,queue=1:max-rate=10M,queue=2");
    port.sizes[1] = 1514;
    run(&port, 5 * SEC);
    expect_rate(&port, 1, 10000000, 5 * SEC, 3);
    forget(&port);
    port.sizes[2] = 1514;
    run(&port, 5 * SEC);
    expect_rate(&port, 1, 10000000, 5 * SEC, 3);
    expect_rate(&port, 2, 90000000, 5 * SEC, 3);
    port_uninit(&port);
}

/* A queue that its limit held below its share has saved nothing up against others. */
static void a_limit_saves_nothing_up(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,max-rate=100M,queue=1:min-rate=60M:max-rate=65M,queue=2:min-rate=10M,"
                     "queue=3:min-rate=30M");
    port.sizes[1] = port.sizes[2] = 1514;
    run(&port, 10 * SEC);
    expect_rate(&port, 1, 65000000, 10 * SEC, 3);
    forget(&port);
    port.sizes[3] = 1514;
    run(&port, SEC);
    expect_rate(&port, 1, 60000000, SEC, 10);
    expect_rate(&port, 2, 10000000, SEC, 30);
    expect_rate(&port, 3, 30000000, SEC, 10);
    port_uninit(&port);
}

static void the_cap_holds_for_packets_larger_than_its_bucket(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,max-rate=1M");
    port.sizes[0] = 65000;
    run(&port, 100 * SEC);
    expect_rate(&port, 0, 1000000, 100 * SEC, 10);
    port_uninit(&port);
}

/* As much goes at once as is sent in 5 ms, and never more in any time. */
static void a_burst_is_bounded(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,max-rate=80M");
    for (int i = 0; i < 10; i++) {
        run(&port, SEC);
        forget(&port);
        for (int k = 0; k < 80; k++) {
            assert_true(put(&port, 0, 1000));
        }
        run(&port, 0);
        assert_int_equal(port.sent[0], 50000);
        run(&port, MSEC);
        assert_int_equal(port.sent[0], 60000);
        run(&port, MSEC);
        assert_int_equal(port.sent[0], 70000);
    }
    port_uninit(&port);
}

/* Rows of voice next to a bulk queue that is always full: a packet waits for one of the others. */
static void a_queue_with_little_to_send_waits_shortly(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,max-rate=10M,queue=1:min-rate=1M,queue=2:min-rate=9M");
    port.sizes[2] = 1514;
    port.watched = 1;
    run(&port, SEC);
    for (int i = 0; i < 500; i++) {
        assert_true(put(&port, 1, 200));
        run(&port, 20 * MSEC);
    }
    assert_int_equal(port.packets[1], 500);
    assert_true(port.longest <= 2 * 1514 * 8 * SEC / 10000000 + 200 * 8 * SEC / 10000000);
    port_uninit(&port);
}

static void without_a_cap_nothing_waits(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,queue=1,queue=2");
    for (int i = 0; i < 100; i++) {
        assert_true(put(&port, i % 3, 1000));
    }
    assert_true(queue_scheduler_due(port.s) <= port.now);
    run(&port, 0);
    assert_int_equal(port.packets[0] + port.packets[1] + port.packets[2], 100);
    assert_int_equal(queue_scheduler_due(port.s), INT64_MAX);
    port_uninit(&port);
}

static void a_queue_holds_so_many_packets_and_bytes(void **state UNUSED)
{
    struct port port;
    unsigned n = 0;
    port_init(&port, "p,max-rate=1M,queue=1:limit=10000");
    while (put(&port, 0, 60)) {
        n++;
    }
    assert_int_equal(n, 1000);
    for (n = 0; put(&port, 1, 1500);) {
        n++;
    }
    assert_int_equal(n, 7);
    run(&port, 100 * SEC);
    assert_int_equal(port.packets[0], 1000);
    assert_int_equal(port.packets[1], 7);
    assert_true(put(&port, 1, 65000));
    assert_false(put(&port, 1, 60));
    port_uninit(&port);
}

/* A super-frame of 10 segments of 1000 bytes, with 54 bytes of headers each. */
static void a_super_frame_counts_with_all_its_headers(void **state UNUSED)
{
    static uint8_t frame[10054];
    struct port port;
    struct packet p;
    unsigned i;
    port_init(&port, "p,max-rate=1M");
    packet_use(&p, frame, sizeof frame, frame, sizeof frame);
    p.offload = (struct packet_offload) {
        .flags = PACKET_CSUM_PARTIAL,
        .gso = PACKET_GSO_TCP4,
        .gso_size = 1000,
        .csum_start = 34,
        .header_size = 54,
    };
    assert_true(queue_scheduler_put(port.s, 0, &p));
    assert_int_equal(port.s->queues[0].bytes_waiting, 10540);
    assert_true(put(&port, 0, 60));
    assert_non_null(queue_scheduler_next(port.s, port.now, &i));
    assert_int_equal(port.s->queues[0].bytes_waiting, 60);
    assert_null(queue_scheduler_next(port.s, port.now, &i));
    /* The bucket holds 2 * 1514 bytes: 7512 are missing, and the 60 are to be there. */
    assert_int_equal(queue_scheduler_due(port.s) - port.now, (10540 - 2 * 1514 + 60) * 8 * USEC);
    port_uninit(&port);
}

static void the_default_queue_takes_what_belongs_to_no_other(void **state UNUSED)
{
    struct port port;
    port_init(&port, "p,queue=5,queue=9");
    assert_int_equal(queue_scheduler_find(port.s, 0), 0);
    assert_int_equal(queue_scheduler_find(port.s, 5), 1);
    assert_int_equal(queue_scheduler_find(port.s, 9), 2);
    assert_int_equal(queue_scheduler_find(port.s, 6), 0);
    port_uninit(&port);
}

/* Any queues of any rates and sizes of packets, all full: each gets what it is guaranteed. */
static void guarantees_hold_for_all_kinds_of_queues(void **state UNUSED)
{
    srand(1);
    for (int k = 0; k < 100; k++) {
        struct port port;
        unsigned n = 1 + rand() % 8, left = 1000, rates[8];
        char text[500] = "p,max-rate=1000k";
        for (unsigned i = 0; i < n; i++) {
            rates[i] = 10 + rand() % (left / (n - i) - 10);
            left -= rates[i];
            sprintf(text + strlen(text), ",queue=%u:min-rate=%uk", i + 1, rates[i]);
        }
        port_init(&port, text);
        for (unsigned i = 0; i < n; i++) {
            port.sizes[i + 1] = 60 + rand() % 3000;
        }
        run(&port, 60 * SEC);
        for (unsigned i = 0; i < n; i++) {
            uint64_t bits = rates[i] * 1000 * 60ULL;
            assert_true(port.sent[i + 1] * 8 >= bits * 99 / 100 - 3100 * 8 * 2);
        }
        port_uninit(&port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guarantees_of_the_whole_port_are_shares),
        cmocka_unit_test(shares_stay_when_virtual_time_has_become_large),
        cmocka_unit_test(what_one_leaves_others_get),
        cmocka_unit_test(what_nobody_is_guaranteed_is_shared_evenly),
        cmocka_unit_test(nobody_starves_where_all_is_guaranteed),
        cmocka_unit_test(a_limit_holds_and_others_get_the_rest),
        cmocka_unit_test(a_limit_saves_nothing_up),
        cmocka_unit_test(the_cap_holds_for_packets_larger_than_its_bucket),
        cmocka_unit_test(a_burst_is_bounded),
        cmocka_unit_test(a_queue_with_little_to_send_waits_shortly),
        cmocka_unit_test(without_a_cap_nothing_waits),
        cmocka_unit_test(a_queue_holds_so_many_packets_and_bytes),
        cmocka_unit_test(a_super_frame_counts_with_all_its_headers),
        cmocka_unit_test(the_default_queue_takes_what_belongs_to_no_other),
        cmocka_unit_test(guarantees_hold_for_all_kinds_of_queues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
