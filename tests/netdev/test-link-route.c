/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what the kernel tells of addresses, routes and neighbours. */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/link-address.h"
#include "datapath/netdev/link-route.h"
#include "lib/util.h"
#include "tests/netdev/sandbox.h"
#include "tests/unit.h"

static struct link_ip ip_of(const char *text)
{
    struct link_ip ip;
    assert_true(link_ip_parse(text, &ip));
    return ip;
}

static void assert_ip(const struct link_ip *ip, const char *expected)
{
    char text[INET6_ADDRSTRLEN];
    assert_string_equal(link_ip_format(ip, text), expected);
}

static void addresses_are_read_and_written(void **state UNUSED)
{
    static const char *const cases[][2] = {
        {"10.0.0.1", "10.0.0.1"}, {"2001:DB8:0::1", "2001:db8::1"}, {"::", "::"},
        {"::ffff:10.0.0.1", "10.0.0.1"}, {"::ffff:a00:1", "10.0.0.1"},
    };
    static const char *const bad[] = {"", "10.0.0", "10.0.0.1.2", "fe80::1%eth0", "[::1]", "ctl"};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct link_ip ip = ip_of(cases[i][0]);
        assert_ip(&ip, cases[i][1]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct link_ip ip;
        assert_false(link_ip_parse(bad[i], &ip));
        assert_int_equal(ip.family, AF_UNSPEC);
        assert_int_equal(link_ip_size(&ip), 0);
        assert_ip(&ip, "");
    }
    struct link_ip a = ip_of("fe80::1"), b = ip_of("fec0::1"), c = ip_of("254.128.0.0");
    assert_true(link_ip_is_link_local(&a));
    assert_false(link_ip_is_link_local(&b));
    assert_false(link_ip_is_link_local(&c));
    assert_false(link_ip_equal(&a, &b));
    assert_true(link_ip_equal(&a, &a));
}

/* The address of 'device' that is 'text', or NULL; '*all' is to be freed. */
static struct link_address *find(const char *device, const char *text, struct link_address **all)
{
    struct link_ip ip = ip_of(text);
    size_t n;
    assert_int_equal(link_addresses_get(if_nametoindex(device), all, &n), 0);
    for (size_t i = 0; i < n; i++) {
        if (link_ip_equal(&(*all)[i].ip, &ip)) {
            return &(*all)[i];
        }
    }
    return NULL;
}

static void assert_address(const char *device, const char *text, bool is_tentative, bool is_dynamic)
{
    struct link_address *all;
    struct link_address *a = find(device, text, &all);
    if (!a) {
        fail_msg("%s has no %s", device, text);
    }
    assert_int_equal(a->is_tentative, is_tentative);
    assert_int_equal(a->is_dynamic, is_dynamic);
    free(all);
}

static void the_addresses_of_an_interface_are_told_and_no_others(void **state UNUSED)
{
    struct link_address *all;
    sandbox_run("ip addr add 10.0.0.1/24 dev v0; ip addr add 10.0.1.1 peer 10.0.1.2 dev v0");
    sandbox_run("ip addr add 2001:db8::1/64 dev v0 nodad; ip addr add 10.0.0.2/24 dev v1");
    sandbox_run("ip addr add 2001:db8::2/64 dev v0 nodad valid_lft 1000 preferred_lft 1000");
    sandbox_run("ip link set v1 down; ip addr add 2001:db8::3/64 dev v1");
    assert_address("v0", "10.0.0.1", false, false);
    assert_address("v0", "10.0.1.1", false, false);
    assert_address("v0", "2001:db8::2", false, true);
    assert_address("v1", "2001:db8::3", true, false);
    assert_null(find("v0", "10.0.0.2", &all));
    free(all);
    assert_null(find("v0", "10.0.1.2", &all));
    free(all);
    size_t n;
    assert_int_equal(link_addresses_get(0, &all, &n), 0);
    assert_int_equal(n, 0);
    free(all);
}

/* Asserts what the kernel says of the way to 'to'. */
static void assert_way(const char *to, const char *device, const char *gateway)
{
    struct link_ip ip = ip_of(to);
    struct link_route route;
    assert_int_equal(link_route_get(&ip, 0, &route), 0);
    assert_int_equal(route.ifindex, if_nametoindex(device));
    assert_ip(&route.gateway, gateway);
}

static void assert_no_way(const char *to, unsigned ifindex)
{
    struct link_ip ip = ip_of(to);
    struct link_route route;
    assert_int_not_equal(link_route_get(&ip, ifindex, &route), 0);
}

static void the_way_to_an_address_is_told(void **state UNUSED)
{
    sandbox_run("ip addr add 10.0.0.1/24 dev v0; ip addr add 2001:db8::1/64 dev v0 nodad");
    assert_no_way("192.0.2.1", 0);
    assert_no_way("2001:db8:1::1", 0);
    assert_way("10.0.0.9", "v0", "");
    assert_way("2001:db8::9", "v0", "");
    sandbox_run("ip route add default via 10.0.0.254");
    sandbox_run("ip route add default via fe80::7 dev v0");
    sandbox_run("ip route add unreachable 2001:db8:2::/48; ip route add blackhole 198.51.100.0/24");
    assert_way("192.0.2.1", "v0", "10.0.0.254");
    assert_way("2001:db8:1::1", "v0", "fe80::7");
    assert_no_way("2001:db8:2::1", 0);
    assert_no_way("198.51.100.1", 0);
    struct link_ip ip = ip_of("fe80::9");
    struct link_route route;
    assert_int_equal(link_route_get(&ip, if_nametoindex("v1"), &route), 0);
    assert_int_equal(route.ifindex, if_nametoindex("v1"));
    assert_int_equal(route.gateway.family, AF_UNSPEC);
}

static void a_neighbour_s_address_is_told_if_it_is_believed(void **state UNUSED)
{
    struct link_ip four = ip_of("10.0.0.9"), six = ip_of("2001:db8::9");
    unsigned ifindex = if_nametoindex("v0");
    uint8_t mac[6];
    sandbox_run("ip addr add 10.0.0.1/24 dev v0; ip addr add 2001:db8::1/64 dev v0 nodad");
    assert_int_equal(link_neighbour_get(ifindex, &six, mac), ENOENT);
    sandbox_run("ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:04 dev v0");
    sandbox_run("ip neigh add 2001:db8::9 lladdr 02:00:00:00:00:06 dev v0 nud stale");
    assert_int_equal(link_neighbour_get(ifindex, &four, mac), 0);
    assert_int_equal(mac[5], 4);
    assert_int_equal(link_neighbour_get(ifindex, &six, mac), 0);
    assert_int_equal(mac[5], 6);
    assert_int_equal(link_neighbour_get(if_nametoindex("v1"), &six, mac), ENOENT);
}

static int set_up(void **state UNUSED)
{
    sandbox_make_veth("v0", "v1");
    sandbox_run("for d in v0 v1; do echo 0 > /proc/sys/net/ipv6/conf/$d/disable_ipv6; done");
    return 0;
}

static int tear_down(void **state UNUSED)
{
    sandbox_run("ip link del v0");
    return 0;
}

int main(void)
{
    sandbox_enter();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test_setup_teardown(the_addresses_of_an_interface_are_told_and_no_others,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_way_to_an_address_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_neighbour_s_address_is_told_if_it_is_believed, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
