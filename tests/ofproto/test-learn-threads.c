/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what packets teach while several threads forward: nothing is lost, doubled or left. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "datapath/netdev/netdev-memory.h"
#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/packet/frame.h"
#include "lib/util.h"
#include "ofproto/flow-mod.h"
#include "ofproto/ofproto-private.h"
#include "ofproto/ofproto.h"
#include "tests/unit.h"

/* Host i sends by port 1 + i % PORTS, from the address 02:00:00:00 and i. */
enum {
    WORKERS = 3,       /* Threads. */
    PORTS = 4,         /* Ports. */
    HOSTS = 4000,      /* Addresses. */
    ROUNDS = 3,        /* Frames of each host before it is looked who is known. */
    BURST = 64,        /* Frames of one port at once. */
    DST = 0, SRC = 6,  /* Bytes of a frame. */
    FLAGS = 14 + 20 + 13, /* Byte of a frame: its TCP flags. */
    FIN = 1, ACK = 16, /* TCP flags. */
    TRIES = 1000,      /* How often something is looked for. */
};

/* A switch with threads, and who sends to it. */
struct fixture {
    struct timer_wheel wheel;   /* Its timers. */
    struct channel_env env;     /* For the switch. */
    struct workers *workers;    /* Threads. */
    struct ofproto *p;          /* The switch. */
    struct netdev *devs[PORTS + 1]; /* By port. */
    int64_t skew;               /* How much further the control thread's clock is. */
    struct bytes frame;         /* A TCP frame to send; owned. */
    uint64_t n_sent;            /* Frames sent. */
    pthread_t sender;           /* Who sends. */
    bool stop;                  /* The sender is to end. Atomic. */
};

static int64_t now(const struct fixture *f)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SEC + t.tv_nsec + f->skew;
}

/* One turn of the control thread, which takes out what the switch has sent too. True if it wants
 * another. */
static bool turn(struct fixture *f)
{
    struct bytes taken = BYTES_INIT;
    timer_wheel_advance(&f->wheel, now(f));
    bool more = workers_run(f->workers, now(f));
    more |= ofproto_run(f->p, now(f));
    for (int i = 1; i <= PORTS; i++) {
        while (netdev_memory_take(f->devs[i], &taken, NULL)) {
            taken.size = 0;
        }
    }
    bytes_uninit(&taken);
    return more;
}

/* Turns until all that was removed has gone, and all is done that had come up before. */
static void settle(struct fixture *f)
{
    uint64_t token = workers_sync(f->workers);
    while (turn(f) || !workers_synced(f->workers, token)) {
        sched_yield();
    }
}

/* Does a flow_mod. */
static void flow_mod(struct fixture *f, int command, const char *text)
{
    const struct ofp_parse how = {.port_lookup = NULL};
    struct ofconn nobody;
    struct ofp_message m;
    char *error = NULL;
    memset(&nobody, 0, sizeof nobody);
    nobody.cm = f->p->connmgr;
    memset(&m, 0, sizeof m);
    if (ofp_parse_flow_mod(&m.flow_mod, text, command, &how, &error)) {
        fail_msg("%s", error);
    }
    assert_int_equal(flow_mod_handle(f->p, &nobody, &m), 0);
    action_list_uninit(&m.flow_mod.actions);
}

static int setup(void **state)
{
    const struct ofproto_config config = {.name = "br0", .fail_mode = FAIL_SECURE, .seed = 1};
    const struct workers_config threads = {.n = WORKERS, .seed = 1};
    struct fixture *f = xzalloc(sizeof *f);
    char *error = NULL;
    uint16_t added;
    timer_wheel_init(&f->wheel, now(f));
    f->env.wheel = &f->wheel;
    assert_int_equal(workers_create(&threads, &f->workers, &error), 0);
    f->p = ofproto_create(&f->env, f->workers, &config);
    for (uint16_t i = 1; i <= PORTS; i++) {
        char name[32];
        snprintf(name, sizeof name, "p%u,type=memory", i);
        assert_int_equal(ofproto_port_add(f->p, name, i, &added, &error), 0);
        f->devs[i] = datapath_port_netdev(ofproto_datapath(f->p), i);
    }
    bytes_init(&f->frame);
    assert_int_equal(frame_build("tcp(10.0.0.1:1 > 10.0.0.2:2)", &f->frame, &error), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    ofproto_destroy(f->p);
    workers_destroy(f->workers);
    timer_wheel_uninit(&f->wheel);
    bytes_uninit(&f->frame);
    free(f);
    return 0;
}

/* Writes the address of 'host' at 'to'. */
static void put_address(uint8_t *to, unsigned host)
{
    put_be16(to, 0x0200);
    put_be32(to + 2, host);
}

static uint16_t port_of(unsigned host)
{
    return (uint16_t) (1 + host % PORTS);
}

/* Sends a frame from host 'src' to host 'dst'; false if the port has no room. */
static bool send_frame(struct fixture *f, unsigned src, unsigned dst, uint8_t flags)
{
    struct packet p;
    put_address(f->frame.data + SRC, src);
    put_address(f->frame.data + DST, dst);
    f->frame.data[FLAGS] = flags;
    packet_use(&p, f->frame.data, f->frame.size, f->frame.data, f->frame.size);
    bool sent = netdev_memory_inject(f->devs[port_of(src)], &p);
    f->n_sent += sent;
    return sent;
}

/* A thread: all hosts send again and again until it is told to stop, bursts of one port between
 * those of others. */
static void *sender(void *f_)
{
    struct fixture *f = f_;
    for (unsigned i = 0; !__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE); i++) {
        unsigned port = i / BURST % PORTS, k = i / (BURST * PORTS) * BURST + i % BURST;
        unsigned src = (k * PORTS + port) % HOSTS;
        while (!send_frame(f, src, (src * 7 + i) % HOSTS, ACK)) {
            sched_yield();
        }
    }
    return NULL;
}

static void start_sender(struct fixture *f)
{
    f->stop = false;
    assert_int_equal(pthread_create(&f->sender, NULL, sender, f), 0);
}

static void stop_sender(struct fixture *f)
{
    __atomic_store_n(&f->stop, true, __ATOMIC_RELEASE);
    pthread_join(f->sender, NULL);
}

/* Frames that all ports have received. */
static uint64_t count_received(const struct fixture *f)
{
    struct ofp_port_stats stats;
    uint64_t n = 0;
    for (uint16_t i = 1; i <= PORTS; i++) {
        assert_int_equal(datapath_port_get_stats(f->p->dp, i, &stats), 0);
        n += stats.rx_packets;
    }
    return n;
}

/* Turns until 'n' frames have been received in all. */
static void receive(struct fixture *f, uint64_t n)
{
    while (count_received(f) < n) {
        turn(f);
    }
}

/* Turns until all that has been sent is done with: a thread may have been busy with the last of it
 * when it was looked whether anything had come up. */
static void quieten(struct fixture *f)
{
    receive(f, f->n_sent);
    settle(f);
    settle(f);
}

/* The rule by which 'host' is known, or NULL. */
static struct rule *find_host(const struct fixture *f, unsigned host)
{
    struct match m;
    match_init_any(&m);
    put_address(m.flow.dl_dst, host);
    memset(m.mask.dl_dst, 0xff, sizeof m.mask.dl_dst);
    return tables_find(f->p->tables, 1, &m, rule_precedence(false, 32768));
}

/* Lets hosts of which 'is_done' is not true send to a host with 'flags' until it is for all. */
static void send_until(struct fixture *f, bool (*is_done)(const struct rule *rule), uint8_t flags)
{
    bool all = false;
    for (int i = 0; i < TRIES && !all; i++) {
        all = true;
        for (unsigned host = 0; host < HOSTS; host++) {
            struct rule *rule = find_host(f, host);
            if (!rule || !is_done(rule)) {
                send_frame(f, rule ? (host + 1) % HOSTS : host, host, flags);
                all = false;
            }
        }
        quieten(f);
    }
    assert_true(all);
}

static bool is_there(const struct rule *rule UNUSED)
{
    return true;
}

static bool is_cut(const struct rule *rule)
{
    return rule->idle_timeout == 1000;
}

/* Rules of table 'table_id'. */
static unsigned count_rules(const struct fixture *f, uint8_t table_id)
{
    struct table_summary s;
    tables_get_summary(f->p->tables, table_id, &s);
    return s.n_rules;
}

/* What 'rule' has counted. */
static uint64_t packets(const struct fixture *f, const struct rule *rule)
{
    struct rule_counters counters;
    tables_get_counters(f->p->tables, rule, &counters);
    return counters.packets;
}

/* Turns until all is quiet, and checks that each frame went out as often as the rules say; 'flood'
 * sends out of all ports but one. */
static void check_frames(struct fixture *f, const struct rule *flood)
{
    uint64_t expected = 0, sent = 0;
    quieten(f);
    for (unsigned host = 0; host < HOSTS; host++) {
        const struct rule *rule = find_host(f, host);
        expected += rule ? packets(f, rule) : 0;
    }
    assert_int_equal(expected + packets(f, flood), f->n_sent);
    expected += packets(f, flood) * (PORTS - 1);
    for (uint16_t i = 1; i <= PORTS; i++) {
        struct ofp_port_stats stats;
        assert_int_equal(datapath_port_get_stats(f->p->dp, i, &stats), 0);
        sent += stats.tx_packets + stats.tx_dropped;
    }
    struct drop_counter drops[64];
    size_t n = datapath_get_drops(f->p->dp, drops, ARRAY_SIZE(drops));
    for (size_t i = 0; i < n; i++) {
        expected -= strcmp(drops[i].reason, "output to the ingress port") ? 0 : drops[i].n;
    }
    assert_int_equal(sent, expected);
}

static void assert_no_timers(const struct ofproto *p)
{
    for (size_t i = 0; i < ARRAY_SIZE(p->expiries); i++) {
        assert_true(list_is_empty(&p->expiries[i]));
    }
}

#define TEACH "table=0,actions=learn(table=1,cookie=0x5,delete_learned," \
              "fin_idle_timeout=1000,idle_timeout=10000,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]," \
              "output:NXM_OF_IN_PORT[]),resubmit(,1)"

/* Thousands of hosts at once, then the end of them all.
 *
 * rows: B15 B17 B23 */
static void every_address_is_learnt_once_and_forgotten(void **state)
{
    struct fixture *f = *state;
    struct match any;
    match_init_any(&any);
    flow_mod(f, OFPFC_ADD, TEACH);
    flow_mod(f, OFPFC_ADD, "table=1,priority=0,actions=flood");
    const struct rule *flood = tables_find(f->p->tables, 1, &any, rule_precedence(false, 0));
    start_sender(f);
    receive(f, (uint64_t) HOSTS * ROUNDS);
    stop_sender(f);
    quieten(f);
    send_until(f, is_there, ACK);
    assert_int_equal(count_rules(f, 1), HOSTS + 1);
    for (unsigned host = 0; host < HOSTS; host++) {
        const struct rule *rule = find_host(f, host);
        assert_int_equal(rule->modified, rule->created);
        assert_true(action_list_outputs_to(&rule->actions, port_of(host)));
    }
    check_frames(f, flood);
    /* A FIN cuts each; then nothing comes, and all are gone. */
    send_until(f, is_cut, FIN | ACK);
    for (int i = 0; i < 2; i++) {
        f->skew += 1001 * SEC;
        settle(f);
    }
    assert_int_equal(count_rules(f, 1), 1);
    assert_no_timers(f->p);
}

/* After a pause of the process the threads may still have to count what used the rule meanwhile; a
 * hard timeout asks nobody.
 *
 * rows: A4.14 */
static void an_idle_timeout_that_is_found_late_is_judged_again(void **state)
{
    struct fixture *f = *state;
    flow_mod(f, OFPFC_ADD, "in_port=1,idle_timeout=5,actions=drop");
    flow_mod(f, OFPFC_ADD, "in_port=2,idle_timeout=5,hard_timeout=6,actions=drop");
    f->skew += 60 * SEC;
    turn(f);
    assert_int_equal(count_rules(f, 0), 1);
    f->skew += SEC;
    settle(f);
    assert_int_equal(count_rules(f, 0), 0);
    assert_no_timers(f->p);
}

/* rows: B17 */
static void nothing_is_learnt_from_a_rule_that_is_gone(void **state)
{
    struct fixture *f = *state;
    start_sender(f);
    for (int i = 0; i < 50; i++) {
        flow_mod(f, OFPFC_ADD, TEACH);
        while (count_rules(f, 1) < 50) {
            turn(f);
        }
        flow_mod(f, OFPFC_DELETE_STRICT, "table=0");
        assert_int_equal(count_rules(f, 1), 0);
        receive(f, count_received(f) + 1000);
        settle(f);
        assert_int_equal(count_rules(f, 1), 0);
    }
    stop_sender(f);
    settle(f);
    assert_no_timers(f->p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_address_is_learnt_once_and_forgotten, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_idle_timeout_that_is_found_late_is_judged_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nothing_is_learnt_from_a_rule_that_is_gone, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
