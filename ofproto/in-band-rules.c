/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of in-band control as text, made of what is known of the network. */
#include "ofproto/in-band-rules.h"

#include <stdlib.h>

#include "lib/bytes.h"
#include "lib/util.h"

/* The rules
 * =========
 *
 * IPv4. Of the LOCAL port's Ethernet address: its DHCP, its ARP requests and the replies to it, and
 * what routers tell it of packets too large. Of each end's address, and of the router's on the way
 * to it: ARP from it, to it and about it. Of each end's address and port: TCP from it and to it.
 * The latter two let through also what is for a switch beyond this one: it asks for the
 * controller's address by our ports, and nobody would answer for us.
 *
 * IPv6 is the same with neighbour discovery in place of ARP, but for three things.
 *
 * Who asks for a neighbour need not ask from the address that he talks from: routers, and everybody
 * who only probes, use a link-local one. So what asks for, or answers about, an address of LOCAL
 * passes whoever sent it; and as we can't know the addresses of switches beyond us, what the next
 * on the way asks, and the answers to him, pass by his Ethernet address.
 *
 * Whether somebody else has an address is found out before it is used, and he who has it answers to
 * all nodes. What is about an address of LOCAL passes, but we may be told of a new address later
 * than such an answer comes. So until LOCAL has an address and a way to each controller, all
 * answers to all nodes pass.
 *
 * A way out may be known from router advertisements alone, to all nodes, and end if no more come.
 * Those of the router on the way pass; until there is a way, any; and any where LOCAL's addresses
 * are advertised, but no router is on the way, so that we can't tell whose they are. */

#define ALL_NODES "33:33:00:00:00:01" /* Ethernet address of ff02::1. */

/* ICMPv6 types. */
enum {
    PACKET_TOO_BIG = 2,
    ROUTER_SOLICITATION = 133,
    ROUTER_ADVERTISEMENT,
    NEIGHBOUR_SOLICITATION,
    NEIGHBOUR_ADVERTISEMENT,
};

/* A rule for an ICMPv6 type where 'field' is 'value'. What is about the link is true only if it has
 * the hop limit of a packet that no router has touched. */
static void put_icmp6(struct bytes *out, int type, const char *field, const char *value)
{
    const char *ttl = type >= ROUTER_SOLICITATION ? ",nw_ttl=255" : "";
    bytes_printf(out, "icmp6,icmp_type=%d,icmp_code=0%s,%s=%s\n", type, ttl, field, value);
}

/* The LOCAL port ------------------------------------------------------------------------------- */

/* Rules for the LOCAL port over IPv4. */
static void put_local_ip4(struct bytes *out, const struct in_band_facts *facts)
{
    char mac[MAC_TEXT_SIZE];
    mac_format(facts->mac, mac);
    bytes_printf(out, "udp,in_port=LOCAL,dl_src=%s,tp_src=68,tp_dst=67\n", mac);
    bytes_printf(out, "udp,dl_dst=%s,tp_src=67,tp_dst=68\n", mac);
    bytes_printf(out, "arp,dl_src=%s,nw_proto=1\n", mac);
    bytes_printf(out, "arp,dl_dst=%s,nw_proto=2\n", mac);
    bytes_printf(out, "icmp,dl_dst=%s,icmp_type=3,icmp_code=4\n", mac);
}

/* Rules for LOCAL's IPv6 address 'ip', also while it is tentative. */
static void put_own_ip6(struct bytes *out, const struct link_ip *ip)
{
    char text[INET6_ADDRSTRLEN];
    link_ip_format(ip, text);
    put_icmp6(out, NEIGHBOUR_SOLICITATION, "nd_target", text);
    put_icmp6(out, NEIGHBOUR_ADVERTISEMENT, "nd_target", text);
}

/* Rules for the LOCAL port over IPv6. */
static void put_local_ip6(struct bytes *out, const struct in_band_facts *facts)
{
    char mac[MAC_TEXT_SIZE];
    mac_format(facts->mac, mac);
    bytes_printf(out, "udp6,in_port=LOCAL,dl_src=%s,tp_src=546,tp_dst=547\n", mac);
    bytes_printf(out, "udp6,dl_dst=%s,tp_src=547,tp_dst=546\n", mac);
    put_icmp6(out, PACKET_TOO_BIG, "dl_dst", mac);
    put_icmp6(out, ROUTER_SOLICITATION, "dl_src", mac);
    put_icmp6(out, ROUTER_ADVERTISEMENT, "dl_dst", mac);
    put_icmp6(out, NEIGHBOUR_SOLICITATION, "dl_src", mac);
    put_icmp6(out, NEIGHBOUR_ADVERTISEMENT, "dl_dst", mac);
    for (size_t i = 0; i < facts->n_addresses; i++) {
        if (facts->addresses[i].ip.family == AF_INET6) {
            put_own_ip6(out, &facts->addresses[i].ip);
        }
    }
    if (!facts->is_settled) {
        put_icmp6(out, NEIGHBOUR_ADVERTISEMENT, "dl_dst", ALL_NODES);
    }
    if (!facts->is_settled || facts->needs_adverts) {
        put_icmp6(out, ROUTER_ADVERTISEMENT, "dl_dst", ALL_NODES);
    }
}

/* The ends ------------------------------------------------------------------------------------- */

/* Rules for the ARP of 'ip'. */
static void put_arp(struct bytes *out, const struct link_ip *ip)
{
    char text[INET6_ADDRSTRLEN];
    link_ip_format(ip, text);
    bytes_printf(out, "arp,nw_src=%s\n", text);
    bytes_printf(out, "arp,nw_dst=%s\n", text);
}

/* Rules for the neighbour discovery of 'ip'. */
static void put_discovery(struct bytes *out, const struct link_ip *ip)
{
    char text[INET6_ADDRSTRLEN];
    put_own_ip6(out, ip);
    link_ip_format(ip, text);
    put_icmp6(out, NEIGHBOUR_SOLICITATION, "ipv6_src", text);
    put_icmp6(out, NEIGHBOUR_ADVERTISEMENT, "ipv6_dst", text);
}

/* Rules for the IPv6 router on the way to 'end', or for the controller itself if there is none, by
 * Ethernet address; and for what the router advertises. */
static void put_next_ip6(struct bytes *out, const struct in_band_end *end)
{
    bool has_gateway = end->gateway.family == AF_INET6;
    if (has_gateway) {
        char text[INET6_ADDRSTRLEN];
        put_discovery(out, &end->gateway);
        put_icmp6(out, ROUTER_ADVERTISEMENT, "ipv6_src", link_ip_format(&end->gateway, text));
    }
    if (end->has_next_mac) {
        char mac[MAC_TEXT_SIZE];
        mac_format(end->next_mac, mac);
        put_icmp6(out, NEIGHBOUR_SOLICITATION, "dl_src", mac);
        put_icmp6(out, NEIGHBOUR_ADVERTISEMENT, "dl_dst", mac);
        if (has_gateway) {
            put_icmp6(out, ROUTER_ADVERTISEMENT, "dl_src", mac);
        }
    }
}

/* Rules for TCP from and to 'end'. */
static void put_tcp(struct bytes *out, const struct in_band_end *end)
{
    char text[INET6_ADDRSTRLEN];
    bool is_ip6 = end->ip.family == AF_INET6;
    const char *prefix = is_ip6 ? "tcp6,ipv6" : "tcp,nw";
    link_ip_format(&end->ip, text);
    for (size_t i = 0; i < IN_BAND_PORTS && end->ports[i]; i++) {
        bytes_printf(out, "%s_src=%s,tp_src=%u\n", prefix, text, end->ports[i]);
        bytes_printf(out, "%s_dst=%s,tp_dst=%u\n", prefix, text, end->ports[i]);
    }
}

/* All rules for 'end'. */
static void put_end(struct bytes *out, const struct in_band_end *end)
{
    if (end->ip.family == AF_INET6) {
        put_discovery(out, &end->ip);
        put_next_ip6(out, end);
    } else {
        put_arp(out, &end->ip);
        if (end->gateway.family == AF_INET) {
            put_arp(out, &end->gateway);
        }
    }
    put_tcp(out, end);
}

/* All of them ---------------------------------------------------------------------------------- */

/* True if an end is of 'family'. */
static bool has_family(const struct in_band_facts *facts, int family)
{
    for (size_t i = 0; i < facts->n_ends; i++) {
        if (facts->ends[i].ip.family == family) {
            return true;
        }
    }
    return false;
}

void in_band_rules_put(struct bytes *out, const struct in_band_facts *facts)
{
    if (has_family(facts, AF_INET)) {
        put_local_ip4(out, facts);
    }
    if (has_family(facts, AF_INET6)) {
        put_local_ip6(out, facts);
    }
    for (size_t i = 0; i < facts->n_ends; i++) {
        put_end(out, &facts->ends[i]);
    }
}

struct in_band_end *in_band_facts_add_end(struct in_band_facts *facts, const struct link_ip *ip)
{
    facts->ends = xrealloc(facts->ends, (facts->n_ends + 1) * sizeof *facts->ends);
    struct in_band_end *end = &facts->ends[facts->n_ends++];
    *end = (struct in_band_end){.ip = *ip};
    return end;
}

void in_band_facts_uninit(struct in_band_facts *facts)
{
    free(facts->addresses);
    free(facts->ends);
    *facts = (struct in_band_facts){.n_ends = 0};
}
