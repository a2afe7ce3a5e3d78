/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the rules of in-band control: which ones there are for what is known. */
/* rows: A1.21 */
#include "ofproto/in-band-rules.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/util.h"
#include "tests/unit.h"

#define MAC "02:00:00:00:00:01"
#define NEXT "02:00:00:00:00:09"

/* Facts about a LOCAL port with the address MAC and nothing else. */
static struct in_band_facts local(void)
{
    return (struct in_band_facts){.mac = {2, 0, 0, 0, 0, 1}, .is_settled = true};
}

/* Adds the end 'text' with one port. */
static struct in_band_end *add(struct in_band_facts *facts, const char *text, uint16_t port)
{
    struct link_ip ip;
    assert_true(link_ip_parse(text, &ip));
    struct in_band_end *end = in_band_facts_add_end(facts, &ip);
    end->ports[0] = port;
    return end;
}

/* Lets LOCAL have the address 'text'. */
static void add_address(struct in_band_facts *facts, const char *text)
{
    size_t n = facts->n_addresses++;
    facts->addresses = xrealloc(facts->addresses, (n + 1) * sizeof *facts->addresses);
    facts->addresses[n] = (struct link_address){.is_tentative = false};
    assert_true(link_ip_parse(text, &facts->addresses[n].ip));
}

/* True if 'line' is one of the lines of 'text'. */
static bool has_line(const char *text, const char *line)
{
    size_t length = strlen(line);
    for (const char *p = text; (p = strstr(p, line)); p++) {
        if ((p == text || p[-1] == '\n') && p[length] == '\n') {
            return true;
        }
    }
    return false;
}

/* Asserts that the rules of 'facts', which are released, are 'expected', in any order and perhaps
 * several times, and that all of them can be read as flows. */
static void assert_rules(struct in_band_facts *facts, const char *expected)
{
    struct bytes text = BYTES_INIT;
    in_band_rules_put(&text, facts);
    char *copy = xstrdup(bytes_string(&text)), *rest = copy;
    for (char *line; (line = strtok_r(rest, "\n", &rest));) {
        struct match match;
        char *error = NULL;
        if (ofp_parse_match(&match, line, &(struct ofp_parse){0}, &error)) {
            fail_msg("%s: %s", line, error);
        }
        if (!has_line(expected, line)) {
            fail_msg("not expected: %s", line);
        }
    }
    free(copy);
    char *wanted = xstrdup(expected);
    rest = wanted;
    for (char *line; (line = strtok_r(rest, "\n", &rest));) {
        if (!has_line(bytes_string(&text), line)) {
            fail_msg("missing: %s", line);
        }
    }
    free(wanted);
    bytes_uninit(&text);
    in_band_facts_uninit(facts);
}

#define LOCAL_IP4                                          \
    "udp,in_port=LOCAL,dl_src=" MAC ",tp_src=68,tp_dst=67\n" \
    "udp,dl_dst=" MAC ",tp_src=67,tp_dst=68\n"               \
    "arp,dl_src=" MAC ",nw_proto=1\n"                        \
    "arp,dl_dst=" MAC ",nw_proto=2\n"                        \
    "icmp,dl_dst=" MAC ",icmp_type=3,icmp_code=4\n"

#define ND(TYPE) "icmp6,icmp_type=" #TYPE ",icmp_code=0,nw_ttl=255,"

#define LOCAL_IP6                                              \
    "udp6,in_port=LOCAL,dl_src=" MAC ",tp_src=546,tp_dst=547\n" \
    "udp6,dl_dst=" MAC ",tp_src=547,tp_dst=546\n"               \
    "icmp6,icmp_type=2,icmp_code=0,dl_dst=" MAC "\n"            \
    ND(133) "dl_src=" MAC "\n" ND(134) "dl_dst=" MAC "\n"       \
    ND(135) "dl_src=" MAC "\n" ND(136) "dl_dst=" MAC "\n"

#define NEIGHBOUR(IP)                                         \
    ND(135) "nd_target=" IP "\n" ND(136) "nd_target=" IP "\n" \
    ND(135) "ipv6_src=" IP "\n" ND(136) "ipv6_dst=" IP "\n"

#define CHANNEL_IP6                          \
    "tcp6,ipv6_src=2001:db8::9,tp_src=1\n"   \
    "tcp6,ipv6_dst=2001:db8::9,tp_dst=1\n"

static void without_a_controller_there_are_none(void **state UNUSED)
{
    struct in_band_facts facts = local();
    add_address(&facts, "10.0.0.1");
    add_address(&facts, "2001:db8::1");
    assert_rules(&facts, "");
}

static void over_ipv4_arp_dhcp_and_the_channel_pass(void **state UNUSED)
{
    struct in_band_facts facts = local();
    add_address(&facts, "2001:db8::1");
    struct in_band_end *end = add(&facts, "10.0.0.9", 6653);
    end->ports[1] = 6633;
    link_ip_parse("10.0.0.254", &end->gateway);
    assert_rules(&facts, LOCAL_IP4
                 "arp,nw_src=10.0.0.9\narp,nw_dst=10.0.0.9\n"
                 "arp,nw_src=10.0.0.254\narp,nw_dst=10.0.0.254\n"
                 "tcp,nw_src=10.0.0.9,tp_src=6653\ntcp,nw_dst=10.0.0.9,tp_dst=6653\n"
                 "tcp,nw_src=10.0.0.9,tp_src=6633\ntcp,nw_dst=10.0.0.9,tp_dst=6633\n");
}

static void over_ipv6_neighbour_discovery_and_the_channel_pass(void **state UNUSED)
{
    struct in_band_facts facts = local();
    add_address(&facts, "10.0.0.1");
    add_address(&facts, "2001:db8::1");
    struct in_band_end *end = add(&facts, "2001:db8::9", 1);
    end->has_next_mac = true;
    memcpy(end->next_mac, (uint8_t[]){2, 0, 0, 0, 0, 9}, 6);
    assert_rules(&facts, LOCAL_IP6
                 ND(135) "nd_target=2001:db8::1\n" ND(136) "nd_target=2001:db8::1\n"
                 NEIGHBOUR("2001:db8::9")
                 ND(135) "dl_src=" NEXT "\n" ND(136) "dl_dst=" NEXT "\n"
                 CHANNEL_IP6);
}

static void of_routers_only_the_one_on_the_way_may_advertise(void **state UNUSED)
{
    struct in_band_facts facts = local();
    struct in_band_end *end = add(&facts, "2001:db8::9", 1);
    link_ip_parse("fe80::7", &end->gateway);
    end->has_next_mac = true;
    memcpy(end->next_mac, (uint8_t[]){2, 0, 0, 0, 0, 9}, 6);
    assert_rules(&facts, LOCAL_IP6 NEIGHBOUR("2001:db8::9") NEIGHBOUR("fe80::7")
                 ND(134) "ipv6_src=fe80::7\n" ND(134) "dl_src=" NEXT "\n"
                 ND(135) "dl_src=" NEXT "\n" ND(136) "dl_dst=" NEXT "\n"
                 CHANNEL_IP6);
}

static void until_there_is_a_way_what_is_told_to_all_nodes_passes(void **state UNUSED)
{
    struct in_band_facts facts = local();
    facts.is_settled = false;
    add(&facts, "2001:db8::9", 1);
    assert_rules(&facts, LOCAL_IP6 NEIGHBOUR("2001:db8::9") CHANNEL_IP6
                 ND(134) "dl_dst=33:33:00:00:00:01\n" ND(136) "dl_dst=33:33:00:00:00:01\n");
}

static void addresses_that_are_advertised_by_who_knows_whom_are_kept(void **state UNUSED)
{
    struct in_band_facts facts = local();
    facts.needs_adverts = true;
    add(&facts, "2001:db8::9", 1);
    assert_rules(&facts, LOCAL_IP6 NEIGHBOUR("2001:db8::9") CHANNEL_IP6
                 ND(134) "dl_dst=33:33:00:00:00:01\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_controller_there_are_none),
        cmocka_unit_test(over_ipv4_arp_dhcp_and_the_channel_pass),
        cmocka_unit_test(over_ipv6_neighbour_discovery_and_the_channel_pass),
        cmocka_unit_test(of_routers_only_the_one_on_the_way_may_advertise),
        cmocka_unit_test(until_there_is_a_way_what_is_told_to_all_nodes_passes),
        cmocka_unit_test(addresses_that_are_advertised_by_who_knows_whom_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
