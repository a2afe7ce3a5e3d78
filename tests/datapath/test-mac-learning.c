/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the table of learnt addresses: ageing, moves, shares, threads. */
#include "datapath/mac-learning.h"

#include "tests/unit.h"

#include <pthread.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

enum { N = 8192 };

static const int64_t start = 5000 * SEC;

/* The unicast address number 'n'. */
static const uint8_t *mac(uint8_t addr[6], uint32_t n)
{
    addr[0] = 2;
    addr[1] = 0;
    put_be32(addr + 2, n);
    return addr;
}

static bool learn(struct mac_table *t, uint16_t vlan, uint32_t n, uint16_t port, int64_t now)
{
    uint8_t addr[6];
    return mac_table_learn(t, vlan, mac(addr, n), port, now);
}

static uint16_t lookup(const struct mac_table *t, uint16_t vlan, uint32_t n, int64_t now)
{
    uint8_t addr[6];
    return mac_table_lookup(t, vlan, mac(addr, n), now);
}

static void what_was_learnt_is_found_in_its_vlan_only(void **state UNUSED)
{
    struct mac_table *t = mac_table_create(N, 300 * SEC, 1);
    assert_int_equal(lookup(t, 0, 7, start), OFPP_NONE);
    assert_true(learn(t, 0, 7, 3, start));
    assert_false(learn(t, 0, 7, 3, start));
    assert_true(learn(t, 5, 7, 4, start));
    assert_int_equal(lookup(t, 0, 7, start), 3);
    assert_int_equal(lookup(t, 5, 7, start), 4);
    assert_int_equal(lookup(t, 6, 7, start), OFPP_NONE);
    mac_table_destroy(t);
}

static void an_address_that_moves_is_found_at_its_new_port(void **state UNUSED)
{
    struct mac_table *t = mac_table_create(N, 300 * SEC, 1);
    assert_true(learn(t, 0, 7, 3, start));
    assert_true(learn(t, 0, 7, OFPP_LOCAL, start + SEC));
    assert_int_equal(lookup(t, 0, 7, start + SEC), OFPP_LOCAL);
    struct mac_entry entry;
    assert_int_equal(mac_table_list(t, start + SEC, &entry, 1), 1);
    assert_int_equal(entry.port, OFPP_LOCAL);
    mac_table_destroy(t);
}

static void addresses_age_from_when_they_were_last_seen(void **state UNUSED)
{
    struct mac_table *t = mac_table_create(N, 300 * SEC, 1);
    assert_true(learn(t, 0, 7, 3, start));
    assert_int_equal(lookup(t, 0, 7, start + 299 * SEC), 3);
    assert_false(learn(t, 0, 7, 3, start + 299 * SEC));
    assert_int_equal(lookup(t, 0, 7, start + 598 * SEC), 3);
    assert_int_equal(lookup(t, 0, 7, start + 600 * SEC), OFPP_NONE);
    assert_int_equal(mac_table_list(t, start + 600 * SEC, NULL, 0), 0);
    assert_true(learn(t, 0, 7, 3, start + 601 * SEC));
    mac_table_destroy(t);
}

static void what_has_aged_fast_does_not_come_back(void **state UNUSED)
{
    struct mac_table *t = mac_table_create(N, 300 * SEC, 1);
    learn(t, 0, 7, 3, start);
    learn(t, 0, 8, 3, start + 90 * SEC);
    mac_table_set_ageing(t, 15 * SEC, start + 100 * SEC);
    assert_int_equal(lookup(t, 0, 7, start + 100 * SEC), OFPP_NONE);
    assert_int_equal(lookup(t, 0, 8, start + 100 * SEC), 3);
    mac_table_set_ageing(t, 300 * SEC, start + 101 * SEC);
    assert_int_equal(lookup(t, 0, 7, start + 101 * SEC), OFPP_NONE);
    assert_int_equal(lookup(t, 0, 8, start + 101 * SEC), 3);
    mac_table_destroy(t);
}

static void multicast_addresses_are_not_learnt(void **state UNUSED)
{
    struct mac_table *t = mac_table_create(N, 300 * SEC, 1);
    const uint8_t addr[6] = {1, 0, 0x5e, 0, 0, 1};
    assert_false(mac_table_learn(t, 0, addr, 3, start));
    assert_int_equal(mac_table_lookup(t, 0, addr, start), OFPP_NONE);
    mac_table_destroy(t);
}

static void many_ports_are_flushed_at_once(void **state UNUSED)
{
    enum { PORTS = 192 };
    const uint64_t ports[PORTS / 64] = {UINT64_C(1) << 2 | UINT64_C(1) << 63, 0, 1};
    struct mac_table *t = mac_table_create(N, 300 * SEC, 1);
    for (uint16_t port = 0; port < PORTS + 100; port++) {
        assert_true(learn(t, 0, port, port, start));
    }
    mac_table_flush_ports(t, ports, PORTS);
    for (uint16_t port = 0; port < PORTS + 100; port++) {
        bool is_gone = port == 2 || port == 63 || port == 128;
        assert_int_equal(lookup(t, 0, port, start), is_gone ? OFPP_NONE : port);
    }
    mac_table_destroy(t);
}

static void flush_forgets_one_port_or_all(void **state UNUSED)
{
    struct mac_table *t = mac_table_create(N, 300 * SEC, 1);
    for (uint32_t i = 0; i < 300; i++) {
        learn(t, i % 2, i, 1 + i % 3, start);
    }
    mac_table_flush(t, 2);
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(lookup(t, i % 2, i, start), i % 3 == 1 ? OFPP_NONE : 1 + i % 3);
    }
    mac_table_flush(t, OFPP_NONE);
    assert_int_equal(mac_table_list(t, start, NULL, 0), 0);
    mac_table_destroy(t);
}

static void a_port_that_invents_addresses_displaces_its_own(void **state UNUSED)
{
    struct mac_table *t = mac_table_create(N, 300 * SEC, 1);
    for (uint32_t i = 0; i < 500; i++) {
        assert_true(learn(t, 0, i, 1, start));
    }
    for (uint32_t i = 0; i < 100000; i++) {
        learn(t, 0, 1000000 + i, 2, start + i * USEC);
    }
    for (uint32_t i = 0; i < 500; i++) {
        assert_int_equal(lookup(t, 0, i, start + SEC), 1);
    }
    assert_in_range(mac_table_list(t, start + SEC, NULL, 0), N * 9 / 10, N);
    /* A full table still has room for others. */
    for (uint32_t i = 0; i < 100; i++) {
        assert_true(learn(t, 0, 2000000 + i, 3, start + SEC));
    }
    mac_table_destroy(t);
}

/* A thread that learns and looks up.  Address n is only ever seen behind the ports 1 + n % 4 and
 * 5 + n % 4 in VLAN n % 7. */
struct learner {
    struct mac_table *t; /* Shared table. */
    uint64_t seed;       /* Own sequence. */
};

static void *learn_at_random(void *learner_)
{
    struct learner *l = learner_;
    for (int i = 0; i < 100000; i++) {
        l->seed = l->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t n = (l->seed >> 33) % 4000;
        uint16_t low = 1 + n % 4, found = lookup(l->t, n % 7, n, start);
        assert_true(found == OFPP_NONE || found == low || found == low + 4);
        learn(l->t, n % 7, n, l->seed >> 63 ? low : low + 4, start + i * MSEC);
    }
    return NULL;
}

static void threads_never_see_an_address_behind_a_port_where_it_was_not(void **state UNUSED)
{
    struct mac_table *t = mac_table_create(1024, 300 * SEC, 1);
    struct learner learners[3] = {{t, 1}, {t, 2}, {t, 3}};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, learn_at_random, &learners[i]), 0);
    }
    for (int i = 0; i < 20; i++) {
        mac_table_flush(t, i % 9);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    /* The last flushes may have come after the last that was learnt. */
    assert_in_range(mac_table_list(t, start, NULL, 0), 0, 1024);
    /* A port that holds nothing yet finds room. */
    assert_true(learn(t, 0, 5000, 9, start));
    assert_int_equal(lookup(t, 0, 5000, start), 9);
    mac_table_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_learnt_is_found_in_its_vlan_only),
        cmocka_unit_test(an_address_that_moves_is_found_at_its_new_port),
        cmocka_unit_test(addresses_age_from_when_they_were_last_seen),
        cmocka_unit_test(what_has_aged_fast_does_not_come_back),
        cmocka_unit_test(multicast_addresses_are_not_learnt),
        cmocka_unit_test(many_ports_are_flushed_at_once),
        cmocka_unit_test(flush_forgets_one_port_or_all),
        cmocka_unit_test(a_port_that_invents_addresses_displaces_its_own),
        cmocka_unit_test(threads_never_see_an_address_behind_a_port_where_it_was_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
