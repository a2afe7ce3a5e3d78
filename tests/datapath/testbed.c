/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge with memory ports to play frames to, and what comes out of it. */
#include "tests/datapath/testbed.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/frame.h"

static const struct ofp_parse how = {.port_lookup = NULL};

/* Fails with 'error' unless 'result' is 0. */
static void check(int result, char *error)
{
    if (result) {
        fail_msg("%s", error ? error : strerror(result));
    }
}

/* Keeps what came up. */
static void packet(void *tb_, const struct datapath_upcall *upcall, int64_t now)
{
    struct testbed *tb = tb_;
    assert_int_equal(now, tb->now);
    if (tb->on_packet) {
        tb->on_packet(tb, upcall);
        return;
    }
    tb->upcalls = xrealloc(tb->upcalls, (tb->n_upcalls + 1) * sizeof *tb->upcalls);
    struct testbed_upcall *u = &tb->upcalls[tb->n_upcalls++];
    *u = (struct testbed_upcall) {
        .reason = upcall->reason,
        .in_port = upcall->in_port,
        .max_len = upcall->max_len,
        .cookie = upcall->cookie,
    };
    bytes_put(&u->frame, upcall->packet->data, upcall->packet->size);
}

/* Notes that a port changed. */
static void port_changed(void *tb_, uint8_t reason, const struct ofp_port *port,
                         int64_t now UNUSED)
{
    struct testbed *tb = tb_;
    assert_int_equal(reason, OFPPR_MODIFY);
    tb->changed = *port;
    tb->n_changed++;
}

/* Counts a rule that has gone, and destroys it. */
static void rule_gone(void *tb_, struct rule *rule, const struct rule_counters *counters,
                      bool counters_moved)
{
    struct testbed *tb = tb_;
    tb->n_gone++;
    tb->gone_packets += counters_moved ? 0 : counters->packets;
    rule_destroy(rule);
}

/* Learns nothing. */
static void learn(void *tb UNUSED, const struct learnt_rule *rule UNUSED, int64_t now UNUSED)
{
}

static const struct datapath_upcalls upcalls = {
    .packet = packet,
    .learn = learn,
    .port_changed = port_changed,
    .rule_gone = rule_gone,
};

void testbed_init(struct testbed *tb, const struct testbed_config *config)
{
    const struct workers_config workers = {
        .n = config->n_workers,
        .seed = 1,
        .simulated = !config->n_workers && !config->spins,
        .upcall_size = config->upcall_size,
    };
    const struct datapath_config datapath = {
        .name = "br0",
        .n_tables = config->n_tables ? config->n_tables : 1,
        .max_rules = config->max_rules ? config->max_rules : 100000,
        .cache_entries = config->cache_entries ? config->cache_entries : 1024,
    };
    char *error = NULL;
    *tb = (struct testbed) {.now = 1000 * SEC};
    check(workers_create(&workers, &tb->w, &error), error);
    tb->dp = datapath_create(tb->w, &datapath, &upcalls, tb);
    for (unsigned i = 1; i <= config->n_ports; i++) {
        char text[100];
        snprintf(text, sizeof text, "p%u,type=memory%s%s", i, config->options ? "," : "",
                 config->options ? config->options : "");
        assert_int_equal(testbed_add_port(tb, text), i);
    }
    testbed_run(tb);
}

void testbed_init_beside(struct testbed *tb, const struct testbed *first, const char *name)
{
    const struct datapath_config datapath = {
        .name = name,
        .n_tables = 1,
        .max_rules = 100000,
        .cache_entries = 1024,
    };
    *tb = (struct testbed) {.w = first->w, .borrows_workers = true, .now = first->now};
    tb->dp = datapath_create(tb->w, &datapath, &upcalls, tb);
}

void testbed_uninit(struct testbed *tb)
{
    testbed_clear(tb);
    free(tb->upcalls);
    datapath_destroy(tb->dp);
    if (!tb->borrows_workers) {
        workers_destroy(tb->w);
    }
}

/* Waits until workers_run() has something to do. A test that would wait for ever fails. */
static void wait_for(struct testbed *tb)
{
    struct pollfd pollfd = {.fd = workers_fd(tb->w), .events = POLLIN};
    assert_int_equal(poll(&pollfd, 1, 60000), 1);
}

void testbed_run(struct testbed *tb)
{
    uint64_t token = workers_sync(tb->w);
    for (;;) {
        bool more = workers_run(tb->w, tb->now);
        if (!more && workers_synced(tb->w, token)) {
            return;
        }
        if (!more) {
            wait_for(tb);
        }
    }
}

uint16_t testbed_add_port(struct testbed *tb, const char *text)
{
    char *error = NULL;
    uint16_t added = 0;
    check(datapath_port_add(tb->dp, text, 0, &added, &error), error);
    return added;
}

struct rule *testbed_insert_in(struct testbed *tb, uint8_t table_id, const char *match,
                               uint16_t priority, const char *actions)
{
    struct match m;
    struct action_list list;
    char *error = NULL;
    check(ofp_parse_match(&m, match, &how, &error), error);
    check(ofp_parse_actions(&list, actions, true, &how, &error), error);
    struct rule *rule = rule_create(&m, false, priority, &list);
    check(tables_insert(datapath_tables(tb->dp), table_id, rule, tb->now), NULL);
    return rule;
}

struct rule *testbed_insert(struct testbed *tb, const char *match, uint16_t priority,
                            const char *actions)
{
    return testbed_insert_in(tb, 0, match, priority, actions);
}

struct rule *testbed_add(struct testbed *tb, const char *match, uint16_t priority,
                         const char *actions)
{
    struct rule *rule = testbed_insert(tb, match, priority, actions);
    tables_commit(datapath_tables(tb->dp));
    return rule;
}

/* Makes '*p' the packet that 'text' describes, in the memory of 'frame'. */
static void packet_from(struct packet *p, struct bytes *frame, const char *text)
{
    char *error = NULL;
    bytes_put_zeros(frame, PACKET_HEADROOM);
    check(frame_build(text, frame, &error), error);
    packet_use(p, frame->data, frame->size, frame->data + PACKET_HEADROOM,
               frame->size - PACKET_HEADROOM);
}

void testbed_inject(struct testbed *tb, uint16_t port_no, const char *text)
{
    struct bytes frame = BYTES_INIT;
    struct packet p;
    packet_from(&p, &frame, text);
    assert_true(netdev_memory_inject(datapath_port_netdev(tb->dp, port_no), &p));
    bytes_uninit(&frame);
}

void testbed_packet_out(struct testbed *tb, uint16_t in_port, const char *actions,
                        const char *text)
{
    struct bytes frame = BYTES_INIT;
    struct action_list list;
    struct packet p;
    char *error = NULL;
    packet_from(&p, &frame, text);
    check(ofp_parse_actions(&list, actions, false, &how, &error), error);
    datapath_execute(tb->dp, &p, in_port, &list, tb->now);
    action_list_uninit(&list);
    bytes_uninit(&frame);
}

bool testbed_take(struct testbed *tb, uint16_t port_no, struct bytes *frame)
{
    struct netdev *dev = datapath_port_netdev(tb->dp, port_no);
    return dev && netdev_memory_take(dev, frame, NULL);
}

void testbed_expect(struct testbed *tb, uint16_t port_no, const char *text)
{
    struct bytes got = BYTES_INIT, wanted = BYTES_INIT, got_text = BYTES_INIT;
    char *error = NULL;
    check(frame_build(text, &wanted, &error), error);
    if (!testbed_take(tb, port_no, &got)) {
        fail_msg("port %u: nothing came out, expected %s", port_no, text);
    }
    if (got.size != wanted.size || memcmp(got.data, wanted.data, got.size)) {
        frame_print(got.data, got.size, &got_text);
        fail_msg("port %u: got %s, expected %s", port_no, bytes_string(&got_text), text);
    }
    bytes_uninit(&got);
    bytes_uninit(&wanted);
}

void testbed_expect_no_more(struct testbed *tb)
{
    struct bytes frame = BYTES_INIT, text = BYTES_INIT;
    for (uint16_t no = 0; (no = datapath_port_next(tb->dp, no));) {
        if (testbed_take(tb, no, &frame)) {
            frame_print(frame.data, frame.size, &text);
            fail_msg("port %u: unexpected %s", no, bytes_string(&text));
        }
    }
    bytes_uninit(&frame);
}

void testbed_clear(struct testbed *tb)
{
    struct bytes frame = BYTES_INIT;
    for (uint16_t no = 0; (no = datapath_port_next(tb->dp, no));) {
        while (testbed_take(tb, no, &frame)) {
            bytes_clear(&frame);
        }
    }
    bytes_uninit(&frame);
    while (tb->n_upcalls) {
        bytes_uninit(&tb->upcalls[--tb->n_upcalls].frame);
    }
}

uint64_t testbed_drops(const struct testbed *tb, const char *reason)
{
    struct drop_counter drops[64];
    size_t n = datapath_get_drops(tb->dp, drops, ARRAY_SIZE(drops));
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(drops[i].reason, reason)) {
            return drops[i].n;
        }
    }
    fail_msg("no such reason: %s", reason);
    return 0;
}

uint64_t testbed_packets(const struct testbed *tb, const struct rule *rule)
{
    struct rule_counters counters;
    tables_get_counters(datapath_tables(tb->dp), rule, &counters);
    return counters.packets;
}
