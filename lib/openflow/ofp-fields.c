/* SPDX-License-Identifier: Apache-2.0 */
/* The table of match fields: names, place in struct flow, prerequisites, form of the value. */
#include "lib/openflow/ofp-fields.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/byte-order.h"
#include "lib/cmdl.h"
#include "lib/openflow/ofp-field-forms.h"
#include "lib/openflow/ofp-words.h"
#include "lib/util.h"

/* Place and size of a member of struct flow. */
#define AT(MEMBER) \
    .offset = offsetof(struct flow, MEMBER), .size = sizeof(((struct flow *) 0)->MEMBER)

/* Where a field may be given. */
#define NEEDS(L3, L4) .needs_l3 = (L3), .needs_l4 = (L4)

/* Where it is printed; where it has another name than here, that row prints it. */
#define SHOWN(L3, L4) .shown_l3 = (L3), .shown_l4 = (L4)

#define EVERYWHERE NEEDS(OFP_L3_ANY, OFP_L4_ANY), SHOWN(OFP_L3_ANY, OFP_L4_ANY)
#define NOT_ARP (OFP_L3_ANY & ~OFP_L3_ARP)
#define NOT_ICMP (OFP_L4_ANY & ~OFP_L4_ICMP)
#define UNSHOWN SHOWN(0, 0)
#define MASKED .takes_mask = true
#define METADATA .is_metadata = true

/* A register. */
#define REG(N) {"reg" #N, "", &ofp_form_hex_host, NULL, AT(regs[N]), METADATA, EVERYWHERE}

const struct ofp_field ofp_fields[] = {
    {"pkt_mark", "", &ofp_form_hex_host, NULL, AT(pkt_mark), METADATA, .is_first = true,
     EVERYWHERE},
    REG(0), REG(1), REG(2), REG(3), REG(4), REG(5), REG(6), REG(7), REG(8), REG(9), REG(10),
    REG(11), REG(12), REG(13), REG(14), REG(15),
    {"tun_id", "tunnel_id", &ofp_form_hex, NULL, AT(tun_id), METADATA, EVERYWHERE},
    {"tun_src", "", &ofp_form_ip4, NULL, AT(tun_src), METADATA, EVERYWHERE},
    {"tun_dst", "", &ofp_form_ip4, NULL, AT(tun_dst), METADATA, EVERYWHERE},
    {"metadata", "", &ofp_form_hex_host, NULL, AT(metadata), METADATA, EVERYWHERE},
    {"in_port", "", &ofp_form_port, NULL, AT(in_port), METADATA, EVERYWHERE},
    {"dl_vlan", "vlan_vid", &ofp_form_vid, NULL, AT(vlan_tci), .bits = 0x1fff, EVERYWHERE},
    {"dl_vlan_pcp", "vlan_pcp", &ofp_form_pcp, NULL, AT(vlan_tci), .bits = 0xe000, .max = 7,
     EVERYWHERE},
    {"vlan_tci", "", &ofp_form_tci, NULL, AT(vlan_tci), .bits = 0xffff,
     NEEDS(OFP_L3_ANY, OFP_L4_ANY), UNSHOWN},
    {"vlan_tci1", "", &ofp_form_tci2_seen, NULL, AT(vlan_tci2), EVERYWHERE},
    {"dl_src", "eth_src", &ofp_form_mac, NULL, AT(dl_src), EVERYWHERE},
    {"dl_dst", "eth_dst", &ofp_form_mac, NULL, AT(dl_dst), EVERYWHERE},
    {"dl_type", "eth_type", &ofp_form_dl_type, NULL, AT(dl_type), EVERYWHERE},
    {"nw_src", "ip_src", &ofp_form_ip4, "ip", AT(nw_src),
     NEEDS(OFP_L3_IP4 | OFP_L3_ARP, OFP_L4_ANY), SHOWN(NOT_ARP, OFP_L4_ANY)},
    {"nw_dst", "ip_dst", &ofp_form_ip4, "ip", AT(nw_dst),
     NEEDS(OFP_L3_IP4 | OFP_L3_ARP, OFP_L4_ANY), SHOWN(NOT_ARP, OFP_L4_ANY)},
    {"arp_spa", "", &ofp_form_ip4, "arp", AT(nw_src), NEEDS(OFP_L3_ARP, OFP_L4_ANY),
     SHOWN(OFP_L3_ARP, OFP_L4_ANY)},
    {"arp_tpa", "", &ofp_form_ip4, "arp", AT(nw_dst), NEEDS(OFP_L3_ARP, OFP_L4_ANY),
     SHOWN(OFP_L3_ARP, OFP_L4_ANY)},
    {"arp_op", "", &ofp_form_number, "arp", AT(nw_proto), NEEDS(OFP_L3_ARP, OFP_L4_ANY),
     SHOWN(OFP_L3_ARP, OFP_L4_ANY)},
    {"arp_sha", "nx_arp_sha", &ofp_form_mac, "arp", AT(arp_sha),
     NEEDS(OFP_L3_ARP, OFP_L4_ANY), SHOWN(OFP_L3_ARP, OFP_L4_ANY)},
    {"arp_tha", "nx_arp_tha", &ofp_form_mac, "arp", AT(arp_tha),
     NEEDS(OFP_L3_ARP, OFP_L4_ANY), SHOWN(OFP_L3_ARP, OFP_L4_ANY)},
    {"ipv6_src", "", &ofp_form_ip6, "ipv6", AT(ipv6_src), NEEDS(OFP_L3_IP6, OFP_L4_ANY),
     SHOWN(OFP_L3_IP6, OFP_L4_ANY)},
    {"ipv6_dst", "", &ofp_form_ip6, "ipv6", AT(ipv6_dst), NEEDS(OFP_L3_IP6, OFP_L4_ANY),
     SHOWN(OFP_L3_IP6, OFP_L4_ANY)},
    {"ipv6_label", "", &ofp_form_label, "ipv6", AT(ipv6_label),
     NEEDS(OFP_L3_IP6, OFP_L4_ANY), SHOWN(OFP_L3_IP6, OFP_L4_ANY)},
    {"nw_proto", "ip_proto", &ofp_form_number, "ip", AT(nw_proto),
     NEEDS(OFP_L3_IP | OFP_L3_ARP, OFP_L4_ANY), SHOWN(NOT_ARP, OFP_L4_ANY)},
    {"nw_tos", "", &ofp_form_tos, "ip", AT(nw_tos), .bits = 0xfc, NEEDS(OFP_L3_IP, OFP_L4_ANY),
     SHOWN(OFP_L3_ANY, OFP_L4_ANY)},
    {"ip_dscp", "", &ofp_form_dscp, "ip", AT(nw_tos), .bits = 0xfc, .max = 63,
     NEEDS(OFP_L3_IP, OFP_L4_ANY), UNSHOWN},
    {"nw_ecn", "ip_ecn", &ofp_form_number, "ip", AT(nw_tos), .bits = 0x03,
     NEEDS(OFP_L3_IP, OFP_L4_ANY), SHOWN(OFP_L3_IP, OFP_L4_ANY)},
    {"nw_ttl", "ip_ttl", &ofp_form_number, "ip", AT(nw_ttl), NEEDS(OFP_L3_IP, OFP_L4_ANY),
     SHOWN(OFP_L3_IP, OFP_L4_ANY)},
    {"nw_frag", "ip_frag", &ofp_form_frag, "ip", AT(nw_frag), NEEDS(OFP_L3_IP, OFP_L4_ANY),
     SHOWN(OFP_L3_IP, OFP_L4_ANY)},
    {"tp_src", "", &ofp_form_number, "tcp", AT(tp_src), MASKED,
     NEEDS(OFP_L3_IP, OFP_L4_PORTS | OFP_L4_ICMP), SHOWN(OFP_L3_ANY, NOT_ICMP)},
    {"tp_dst", "", &ofp_form_number, "tcp", AT(tp_dst), MASKED,
     NEEDS(OFP_L3_IP, OFP_L4_PORTS | OFP_L4_ICMP), SHOWN(OFP_L3_ANY, NOT_ICMP)},
    {"tcp_src", "", &ofp_form_number, "tcp", AT(tp_src), MASKED,
     NEEDS(OFP_L3_IP, OFP_L4_TCP), UNSHOWN},
    {"tcp_dst", "", &ofp_form_number, "tcp", AT(tp_dst), MASKED,
     NEEDS(OFP_L3_IP, OFP_L4_TCP), UNSHOWN},
    {"udp_src", "", &ofp_form_number, "udp", AT(tp_src), MASKED,
     NEEDS(OFP_L3_IP, OFP_L4_UDP), UNSHOWN},
    {"udp_dst", "", &ofp_form_number, "udp", AT(tp_dst), MASKED,
     NEEDS(OFP_L3_IP, OFP_L4_UDP), UNSHOWN},
    {"sctp_src", "", &ofp_form_number, "sctp", AT(tp_src), MASKED,
     NEEDS(OFP_L3_IP, OFP_L4_SCTP), UNSHOWN},
    {"sctp_dst", "", &ofp_form_number, "sctp", AT(tp_dst), MASKED,
     NEEDS(OFP_L3_IP, OFP_L4_SCTP), UNSHOWN},
    {"icmp_type", "icmpv6_type", &ofp_form_number, "icmp", AT(tp_src), .max = 255,
     NEEDS(OFP_L3_IP, OFP_L4_ICMP), SHOWN(OFP_L3_ANY, OFP_L4_ICMP)},
    {"icmp_code", "icmpv6_code", &ofp_form_number, "icmp", AT(tp_dst), .max = 255,
     NEEDS(OFP_L3_IP, OFP_L4_ICMP), SHOWN(OFP_L3_ANY, OFP_L4_ICMP)},
    {"tcp_flags", "", &ofp_form_tcp_flags, "tcp", AT(tcp_flags),
     NEEDS(OFP_L3_IP, OFP_L4_TCP), SHOWN(OFP_L3_IP, OFP_L4_TCP)},
    {"nd_target", "", &ofp_form_ip6, "icmp6", AT(nd_target), NEEDS(OFP_L3_IP6, OFP_L4_ICMP),
     SHOWN(OFP_L3_IP6, OFP_L4_ICMP)},
    {"nd_sll", "", &ofp_form_mac, "icmp6", AT(arp_sha), NEEDS(OFP_L3_IP6, OFP_L4_ICMP),
     SHOWN(OFP_L3_IP6, OFP_L4_ICMP)},
    {"nd_tll", "", &ofp_form_mac, "icmp6", AT(arp_tha), NEEDS(OFP_L3_IP6, OFP_L4_ICMP),
     SHOWN(OFP_L3_IP6, OFP_L4_ICMP)},
};
const size_t ofp_n_fields = ARRAY_SIZE(ofp_fields);

/* The keywords. */
static const struct ofp_keyword keywords[] = {
    {"ip", 0x0800, -1},      {"icmp", 0x0800, 1},     {"tcp", 0x0800, 6},
    {"udp", 0x0800, 17},     {"sctp", 0x0800, 132},   {"ipv6", 0x86dd, -1},
    {"icmp6", 0x86dd, 58},   {"tcp6", 0x86dd, 6},     {"udp6", 0x86dd, 17},
    {"sctp6", 0x86dd, 132},  {"arp", 0x0806, -1},     {"rarp", 0x8035, -1},
    {"mpls", 0x8847, -1},    {"mplsm", 0x8848, -1},
};

const struct ofp_field *ofp_field_find(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < ofp_n_fields; i++) {
        const struct ofp_field *f = &ofp_fields[i];
        if (!strcasecmp(f->name, name) || ofp_words_have(f->aliases, name, length)) {
            return f;
        }
    }
    return NULL;
}

const struct ofp_keyword *ofp_keyword_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
        if (!strcasecmp(keywords[i].name, name)) {
            return &keywords[i];
        }
    }
    return NULL;
}

const struct ofp_keyword *ofp_keyword_of(const struct match *m)
{
    const struct ofp_keyword *best = NULL;
    if (m->mask.dl_type != 0xffff) {
        return NULL;
    }
    int proto = m->mask.nw_proto == 0xff ? m->flow.nw_proto : -1;
    for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
        const struct ofp_keyword *k = &keywords[i];
        if (k->dl_type == ntohs(m->flow.dl_type)
            && (k->nw_proto == proto || (k->nw_proto < 0 && !best))) {
            best = k;
        }
    }
    return best;
}

enum ofp_l3 ofp_match_l3(const struct match *m)
{
    if (m->mask.dl_type != 0xffff) {
        return OFP_L3_WILD;
    }
    switch (ntohs(m->flow.dl_type)) {
    case 0x0800: return OFP_L3_IP4;
    case 0x86dd: return OFP_L3_IP6;
    case 0x0806:
    case 0x8035: return OFP_L3_ARP;
    default: return OFP_L3_OTHER;
    }
}

enum ofp_l4 ofp_match_l4(const struct match *m)
{
    enum ofp_l3 l3 = ofp_match_l3(m);
    if (!(l3 & OFP_L3_IP) || m->mask.nw_proto != 0xff) {
        return OFP_L4_NONE;
    }
    switch (m->flow.nw_proto) {
    case 6: return OFP_L4_TCP;
    case 17: return OFP_L4_UDP;
    case 132: return OFP_L4_SCTP;
    case 1: return l3 == OFP_L3_IP4 ? OFP_L4_ICMP : OFP_L4_NONE;
    case 58: return l3 == OFP_L3_IP6 ? OFP_L4_ICMP : OFP_L4_NONE;
    default: return OFP_L4_NONE;
    }
}

const char *ofp_field_nearest(const char *word)
{
    const char *found = cmdl_nearest(word, &ofp_fields[0].name, sizeof ofp_fields[0], ofp_n_fields);
    return found ? found
                 : cmdl_nearest(word, &keywords[0].name, sizeof keywords[0],
                                ARRAY_SIZE(keywords));
}
