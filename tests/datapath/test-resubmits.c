/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of resubmits: a bridge that remembers what they found beside one that has just begun. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-memory.h"
#include "datapath/table-cache.h"
#include "tests/datapath/rule-maker.h"
#include "tests/datapath/testbed.h"

/* Rules come and go at random in several tables that send packets on to each other, rewriting them
 * and passing registers.  A bridge that has had them all the time, and frames through them, must do
 * with new frames, byte by byte and rule by rule, what a bridge does that was made a moment ago. */

enum {
    N_TABLES = 4,
    N_PORTS = 3,
    N_RULES = 40,  /* Rules at a time. */
    ROUNDS = 150,  /* Changes, and comparisons. */
    N_FRAMES = 24, /* Frames in a comparison. */
    TEXT = 200,    /* Bytes of a text. */
};

/* A rule as text. */
struct text_rule {
    uint8_t table_id;  /* Table. */
    uint16_t priority; /* Its own. */
    char match[TEXT];
    char actions[TEXT];
    struct rule *old;  /* In the bridge that remembers. */
    struct rule *new;  /* In the new one. */
    uint64_t before;   /* Packets that 'old' had counted before a comparison. */
};

/* The bridge that remembers, and the rules. */
struct play {
    struct testbed tb;
    struct text_rule rules[N_RULES];
    uint16_t priority; /* Last one given. */
    uint64_t random;   /* Sequence. */
};

/* A number less than 'n'. */
static unsigned below(struct play *p, unsigned n)
{
    return (unsigned) (next_random(&p->random) % n);
}

/* What rules look at, with a number in it. */
static const char *const matches[] = {
    "",
    "in_port=%u",
    "udp,nw_dst=10.0.0.%u",
    "ip,nw_dst=10.0.0.%u/31",
    "udp,tp_dst=%u",
    "udp,tp_src=%u,reg1=0",
    "reg0=%u",
    "reg1=%u/1",
    "udp,reg0=%u,nw_src=10.0.0.0/30",
    "dl_vlan=%u",
    "dl_dst=02:00:0a:00:00:0%u",
    "ip,nw_ttl=%u",
};

/* What they do before they send a packet on. */
static const char *const changes[] = {
    "load:%u->NXM_NX_REG0[],",
    "load:%u->NXM_NX_REG1[4..7],",
    "move:NXM_OF_UDP_SRC[]->NXM_NX_REG1[0..15],",
    "move:NXM_NX_REG0[0..7]->NXM_OF_IP_DST[0..7],",
    "mod_nw_dst:10.0.0.%u,",
    "mod_tp_dst:%u,",
    "mod_vlan_vid:%u,",
    "mod_dl_dst:02:00:0a:00:00:0%u,",
    "strip_vlan,",
    "dec_ttl,",
    "output:%u,",
    "",
};

/* Appends the pattern 'pattern' with a small number to 'text'. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void append(struct play *p, char *text, const char *pattern)
{
    size_t length = strlen(text);
    snprintf(text + length, TEXT - length, pattern, 1 + below(p, N_PORTS));
}

/* Makes 'r' a random rule; its priority is nobody else's. */
static void make_random(struct play *p, struct text_rule *r)
{
    r->table_id = (uint8_t) below(p, N_TABLES);
    r->priority = ++p->priority;
    r->match[0] = r->actions[0] = '\0';
    append(p, r->match, matches[below(p, ARRAY_SIZE(matches))]);
    append(p, r->actions, changes[below(p, ARRAY_SIZE(changes))]);
    append(p, r->actions, changes[below(p, ARRAY_SIZE(changes))]);
    if (r->table_id + 1 < N_TABLES && below(p, 5)) {
        size_t length = strlen(r->actions);
        snprintf(r->actions + length, TEXT - length, "resubmit(%s,%u),",
                 below(p, 4) ? "" : "2", r->table_id + 1 + below(p, N_TABLES - r->table_id - 1));
    }
    append(p, r->actions, "output:%u");
}

/* Puts 'r' into 'tb'. */
static struct rule *insert(struct testbed *tb, const struct text_rule *r)
{
    return testbed_insert_in(tb, r->table_id, r->match, r->priority, r->actions);
}

/* Puts a frame into 'text'. */
static void make_frame(struct play *p, char *text)
{
    snprintf(text, TEXT, "udp(10.0.0.%u:%u > 10.0.0.%u:%u, ttl %u%s)", 1 + below(p, 4),
             1 + below(p, 3), 1 + below(p, 4), 1 + below(p, 3), 1 + below(p, 4),
             below(p, 3) ? "" : ", vlan 2");
}

/* Replaces a rule by another one. */
static void change(struct play *p)
{
    struct text_rule *r = &p->rules[below(p, N_RULES)];
    tables_remove(datapath_tables(p->tb.dp), r->old);
    make_random(p, r);
    r->old = insert(&p->tb, r);
    tables_commit(datapath_tables(p->tb.dp));
    testbed_run(&p->tb);
}

/* Fails unless the same came out of port 'port_no' of both. */
static void compare_port(struct testbed *a, struct testbed *b, uint16_t port_no)
{
    struct bytes x = BYTES_INIT, y = BYTES_INIT;
    bool has_more;
    do {
        bytes_clear(&x);
        bytes_clear(&y);
        has_more = testbed_take(a, port_no, &x);
        assert_int_equal(testbed_take(b, port_no, &y), has_more);
        assert_int_equal(x.size, y.size);
        if (has_more) {
            assert_memory_equal(x.data, y.data, x.size);
        }
    } while (has_more);
    bytes_uninit(&x);
    bytes_uninit(&y);
}

/* Sends frames through the bridge and through a new one with the same rules, and compares. */
static void compare(struct play *p)
{
    struct testbed new;
    testbed_init(&new, &(struct testbed_config) {.n_ports = N_PORTS, .n_tables = N_TABLES});
    for (unsigned i = 0; i < N_RULES; i++) {
        struct text_rule *r = &p->rules[i];
        r->new = insert(&new, r);
        r->before = testbed_packets(&p->tb, r->old);
    }
    tables_commit(datapath_tables(new.dp));
    for (unsigned i = 0; i < N_FRAMES; i++) {
        char text[TEXT];
        uint16_t port_no = (uint16_t) (1 + below(p, N_PORTS));
        make_frame(p, text);
        testbed_inject(&p->tb, port_no, text);
        testbed_inject(&new, port_no, text);
    }
    testbed_run(&p->tb);
    testbed_run(&new);
    for (uint16_t i = 1; i <= N_PORTS; i++) {
        compare_port(&p->tb, &new, i);
    }
    for (unsigned i = 0; i < N_RULES; i++) {
        const struct text_rule *r = &p->rules[i];
        assert_int_equal(testbed_packets(&p->tb, r->old) - r->before,
                         testbed_packets(&new, r->new));
    }
    assert_int_equal(p->tb.n_upcalls, new.n_upcalls);
    testbed_clear(&p->tb);
    testbed_uninit(&new);
}

static void nobody_can_tell_what_is_remembered_from_what_is_looked_up(void **state UNUSED)
{
    struct table_cache_stats stats;
    struct play p = {.random = 1};
    testbed_init(&p.tb, &(struct testbed_config) {.n_ports = N_PORTS, .n_tables = N_TABLES});
    for (unsigned i = 0; i < N_RULES; i++) {
        make_random(&p, &p.rules[i]);
        p.rules[i].old = insert(&p.tb, &p.rules[i]);
    }
    tables_commit(datapath_tables(p.tb.dp));
    for (int i = 0; i < ROUNDS; i++) {
        compare(&p);
        change(&p);
    }
    datapath_get_resubmit_stats(p.tb.dp, &stats);
    assert_in_range(stats.hits, 100, UINT32_MAX);
    assert_in_range(stats.misses, 100, UINT32_MAX);
    testbed_uninit(&p.tb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_can_tell_what_is_remembered_from_what_is_looked_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
