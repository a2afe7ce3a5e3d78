/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a frame that a struct frame_spec describes, and back. */
#include "lib/packet/frame-spec.h"

#include <string.h>

#include "lib/packet/checksum.h"
#include "lib/packet/headers.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Encoding appends header after header, outermost first, since all sizes follow from the kind and
 * the payload.  Checksums come last, when everything that they cover is there.
 *
 * Decoding reads what the notation has words for and ignores the rest; frame_print() finds out
 * whether something was lost by encoding again.  So nothing here has to judge a frame.  Only the
 * checksum takes a trick: it is kept as a field if it is not the one that encoding would
 * compute. */

/* Sets of kinds. */
enum {
    TCP = 1 << FRAME_TCP,
    UDP = 1 << FRAME_UDP,
    ICMP = 1 << FRAME_ICMP,
    ARP = 1 << FRAME_ARP,
    ETH = 1 << FRAME_ETH,
    IP = 1 << FRAME_IP,
    OVER_IP = TCP | UDP | 1 << FRAME_SCTP | ICMP | IP,
    ALL = OVER_IP | ARP | ETH,
};

const struct frame_option frame_options[] = {
    [FRAME_ETH_SRC] = {"eth", FRAME_FORM_ETH, OVER_IP | ARP, 0, 0},
    [FRAME_ETH_DST] = {NULL, FRAME_FORM_ETH, OVER_IP | ARP, 0, 0},
    [FRAME_QINQ] = {"qinq", FRAME_FORM_NUMBER, ALL, 0, 0xfff},
    [FRAME_VLAN] = {"vlan", FRAME_FORM_NUMBER, ALL, 0, 0xfff},
    [FRAME_PCP] = {"pcp", FRAME_FORM_NUMBER, ALL, 0, 7},
    [FRAME_SNAP] = {"snap", FRAME_FORM_FLAG, ALL, 0, 0},
    [FRAME_TYPE] = {"type", FRAME_FORM_HEX, ETH, 0, UINT16_MAX},
    [FRAME_PROTO] = {"proto", FRAME_FORM_NUMBER, IP, 0, UINT8_MAX},
    [FRAME_TOS] = {"tos", FRAME_FORM_NUMBER, OVER_IP, 0, UINT8_MAX},
    [FRAME_TTL] = {"ttl", FRAME_FORM_NUMBER, OVER_IP, 0, UINT8_MAX},
    [FRAME_LABEL] = {"label", FRAME_FORM_HEX, OVER_IP, 6, 0xfffff},
    [FRAME_IPID] = {"ipid", FRAME_FORM_NUMBER, OVER_IP, 0, UINT32_MAX},
    [FRAME_DF] = {"df", FRAME_FORM_FLAG, OVER_IP, 4, 0},
    [FRAME_FRAG] = {"frag", FRAME_FORM_FRAG, OVER_IP, 0, IPV6_FRAG_MASK},
    [FRAME_FLAGS] = {"flags", FRAME_FORM_FLAGS, TCP, 0, TCP_FLAGS},
    [FRAME_TCP_SEQ] = {"seq", FRAME_FORM_NUMBER, TCP, 0, UINT32_MAX},
    [FRAME_TCP_ACK] = {"ack", FRAME_FORM_NUMBER, TCP, 0, UINT32_MAX},
    [FRAME_WINDOW] = {"window", FRAME_FORM_NUMBER, TCP, 0, UINT16_MAX},
    [FRAME_ICMP_TYPE] = {"type", FRAME_FORM_NUMBER, ICMP, 0, UINT8_MAX},
    [FRAME_CODE] = {"code", FRAME_FORM_NUMBER, ICMP, 0, UINT8_MAX},
    [FRAME_ID] = {"id", FRAME_FORM_NUMBER, ICMP, 0, UINT16_MAX},
    [FRAME_ICMP_SEQ] = {"seq", FRAME_FORM_NUMBER, ICMP, 0, UINT16_MAX},
    [FRAME_SHA] = {"sha", FRAME_FORM_MAC, ARP, 0, 0},
    [FRAME_THA] = {"tha", FRAME_FORM_MAC, ARP, 0, 0},
    [FRAME_SUM] = {"sum", FRAME_FORM_HEX, TCP | UDP | ICMP, 0, UINT16_MAX},
    [FRAME_BADSUM] = {"badsum", FRAME_FORM_FLAG, TCP | UDP | ICMP, 0, 0},
    [FRAME_NOSUM] = {"nosum", FRAME_FORM_FLAG, UDP, 0, 0},
    [FRAME_SIZE] = {"size", FRAME_FORM_SIZE, OVER_IP, 0, FRAME_MAX_PAYLOAD},
    [FRAME_DATA] = {"data", FRAME_FORM_DATA, OVER_IP | ETH, 0, 0},
    [FRAME_PAD] = {"pad", FRAME_FORM_NUMBER, ALL, 0, FRAME_MAX_PAYLOAD},
};

_Static_assert(ARRAY_SIZE(frame_options) == FRAME_N_FIELDS, "a row for each field");

const char *const frame_kind_names[] = {
    [FRAME_TCP] = "tcp", [FRAME_UDP] = "udp", [FRAME_SCTP] = "sctp", [FRAME_ICMP] = "icmp",
    [FRAME_IP] = "ip",   [FRAME_ARP] = "arp", [FRAME_ETH] = "eth",
};

_Static_assert(ARRAY_SIZE(frame_kind_names) == FRAME_N_KINDS, "a name for each kind");

const char *const frame_tcp_flags[8] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};

/* What a kind is on the wire. */
struct kind_row {
    uint8_t proto4;      /* enum ip_number over IPv4; 0: the field FRAME_PROTO. */
    uint8_t proto6;      /* The same over IPv6. */
    uint8_t header_size; /* Bytes of L4 header, or of ARP. */
};

static const struct kind_row kind_rows[] = {
    [FRAME_TCP] = {IP_NUMBER_TCP, IP_NUMBER_TCP, sizeof(struct tcp_header)},
    [FRAME_UDP] = {IP_NUMBER_UDP, IP_NUMBER_UDP, sizeof(struct udp_header)},
    [FRAME_SCTP] = {IP_NUMBER_SCTP, IP_NUMBER_SCTP, sizeof(struct sctp_header)},
    [FRAME_ICMP] = {IP_NUMBER_ICMP, IP_NUMBER_ICMPV6, sizeof(struct icmp_header)},
    [FRAME_IP] = {0, 0, 0},
    [FRAME_ARP] = {0, 0, sizeof(struct arp_eth_header)},
    [FRAME_ETH] = {0, 0, 0},
};

_Static_assert(ARRAY_SIZE(kind_rows) == FRAME_N_KINDS, "a row for each kind");

/* Stores the low 6 bytes of 'mac' at 'to'. */
static void put_mac(uint8_t *to, uint64_t mac)
{
    put_be16(to, mac >> 32);
    put_be32(to + 2, mac);
}

/* The MAC address at 'from' as a number. */
static uint64_t get_mac(const uint8_t *from)
{
    return (uint64_t) get_be16(from) << 32 | get_be32(from + 2);
}

/* The MAC address that stands for the IP address 'ip' if nobody gives one. */
static uint64_t mac_of(const uint8_t *ip, bool ipv6)
{
    if (ipv6) {
        uint64_t prefix = ip[0] == 0xff ? 0x3333 : 0x0200;
        return prefix << 32 | get_be32(ip + 12);
    }
    uint32_t address = get_be32(ip);
    return address == UINT32_MAX     ? UINT64_C(0xffffffffffff)
           : address >> 28 == 0xe    ? UINT64_C(0x01005e000000) | (address & 0x7fffff)
                                     : UINT64_C(0x020000000000) | address;
}

void frame_spec_defaults(struct frame_spec *spec)
{
    static const uint64_t defaults[FRAME_N_FIELDS] = {
        [FRAME_QINQ] = FRAME_ABSENT,   [FRAME_VLAN] = FRAME_ABSENT,
        [FRAME_TYPE] = FRAME_ABSENT,   [FRAME_PROTO] = FRAME_ABSENT,
        [FRAME_TTL] = 64,              [FRAME_FRAG] = FRAME_ABSENT,
        [FRAME_FLAGS] = TCP_ACK,       [FRAME_WINDOW] = UINT16_MAX,
        [FRAME_SHA] = FRAME_ABSENT,    [FRAME_THA] = FRAME_ABSENT,
        [FRAME_SUM] = FRAME_ABSENT,
    };
    memcpy(spec->value, defaults, sizeof defaults);
    spec->value[FRAME_ICMP_TYPE] = spec->ipv6 ? 128 : 8;
    if (spec->kind == FRAME_ETH) {
        spec->value[FRAME_ETH_SRC] = get_mac(spec->src);
        spec->value[FRAME_ETH_DST] = get_mac(spec->dst);
    } else {
        spec->value[FRAME_ETH_SRC] = mac_of(spec->src, spec->ipv6);
        spec->value[FRAME_ETH_DST] = spec->kind == FRAME_ARP && spec->arp_op == 1
                                         ? UINT64_C(0xffffffffffff)
                                         : mac_of(spec->dst, spec->ipv6);
    }
}

bool frame_spec_has(const struct frame_spec *spec, enum frame_field field)
{
    const struct frame_option *option = &frame_options[field];
    return option->word && option->kinds & 1u << spec->kind
           && (!option->version || option->version == (spec->ipv6 ? 6 : 4));
}

/* True if the fragment's fields say that it is one. */
static bool is_fragment(const struct frame_spec *spec)
{
    return spec->value[FRAME_FRAG] != FRAME_ABSENT;
}

bool frame_spec_is_later_fragment(const struct frame_spec *spec)
{
    return is_fragment(spec) && spec->value[FRAME_FRAG] > 1;
}

/* Protocol number of the IP packet. */
static uint8_t proto_of(const struct frame_spec *spec)
{
    const struct kind_row *row = &kind_rows[spec->kind];
    return spec->kind == FRAME_IP ? spec->value[FRAME_PROTO]
                                  : (spec->ipv6 ? row->proto6 : row->proto4);
}

/* Bytes of L4 header and payload, or of the ARP packet. */
static size_t l4_size(const struct frame_spec *spec)
{
    size_t header = frame_spec_is_later_fragment(spec) ? 0 : kind_rows[spec->kind].header_size;
    return header + spec->payload.size;
}

/* Bytes behind the EtherType. */
static size_t l3_size(const struct frame_spec *spec)
{
    size_t header = spec->kind == FRAME_ETH || spec->kind == FRAME_ARP ? 0
                    : spec->ipv6 ? sizeof(struct ipv6_header)
                                       + (is_fragment(spec) ? sizeof(struct ipv6_frag_header) : 0)
                                 : sizeof(struct ipv4_header);
    return header + l4_size(spec);
}

/* Appends addresses, tags, and EtherType or LLC/SNAP. */
static void encode_l2(const struct frame_spec *spec, struct bytes *out)
{
    const uint64_t *value = spec->value;
    uint64_t type = spec->kind == FRAME_ETH   ? value[FRAME_TYPE]
                    : spec->kind == FRAME_ARP ? ETHER_TYPE_ARP
                    : spec->ipv6              ? ETHER_TYPE_IPV6
                                              : ETHER_TYPE_IPV4;
    put_mac(bytes_put_uninit(out, ETHER_ADDR_SIZE), value[FRAME_ETH_DST]);
    put_mac(bytes_put_uninit(out, ETHER_ADDR_SIZE), value[FRAME_ETH_SRC]);
    if (value[FRAME_QINQ] != FRAME_ABSENT) {
        bytes_put_be16(out, ETHER_TYPE_QINQ);
        bytes_put_be16(out, value[FRAME_QINQ]);
    }
    if (value[FRAME_VLAN] != FRAME_ABSENT) {
        bytes_put_be16(out, ETHER_TYPE_VLAN);
        bytes_put_be16(out, value[FRAME_PCP] << 13 | value[FRAME_VLAN]);
    }
    if (value[FRAME_SNAP]) {
        bytes_put_be16(out, sizeof(struct snap_header) + l3_size(spec));
        bytes_put(out, "\xaa\xaa\x03\0\0\0", 6);
    }
    bytes_put_be16(out, type == FRAME_ABSENT ? l3_size(spec) : type);
}

/* Appends the IPv4 header. */
static void encode_ipv4(const struct frame_spec *spec, struct bytes *out)
{
    const uint64_t *value = spec->value;
    uint16_t frag = value[FRAME_DF] ? IPV4_DF : 0;
    if (is_fragment(spec)) {
        frag |= value[FRAME_FRAG] >> 3 | (value[FRAME_FRAG] & 1 ? IPV4_MF : 0);
    }
    struct ipv4_header ip = {
        .version_ihl = 0x45,
        .tos = value[FRAME_TOS],
        .total_size = htons(l3_size(spec)),
        .id = htons(value[FRAME_IPID]),
        .frag = htons(frag),
        .ttl = value[FRAME_TTL],
        .proto = proto_of(spec),
    };
    memcpy(&ip.src, spec->src, sizeof ip.src);
    memcpy(&ip.dst, spec->dst, sizeof ip.dst);
    ip.checksum = checksum_finish(checksum_add(0, &ip, sizeof ip));
    bytes_put(out, &ip, sizeof ip);
}

/* Appends the IPv6 header, and the fragment header if it is one. */
static void encode_ipv6(const struct frame_spec *spec, struct bytes *out)
{
    const uint64_t *value = spec->value;
    struct ipv6_header ip = {
        .version_class_label = htonl(6u << 28 | value[FRAME_TOS] << 20 | value[FRAME_LABEL]),
        .payload_size = htons(l3_size(spec) - sizeof ip),
        .next = is_fragment(spec) ? IP_NUMBER_FRAGMENT : proto_of(spec),
        .hop_limit = value[FRAME_TTL],
    };
    memcpy(ip.src, spec->src, sizeof ip.src);
    memcpy(ip.dst, spec->dst, sizeof ip.dst);
    bytes_put(out, &ip, sizeof ip);
    if (is_fragment(spec)) {
        struct ipv6_frag_header frag = {
            .next = proto_of(spec),
            .frag = htons(value[FRAME_FRAG]),
            .id = htonl(value[FRAME_IPID]),
        };
        bytes_put(out, &frag, sizeof frag);
    }
}

/* Appends the TCP header. */
static void encode_tcp(const struct frame_spec *spec, struct bytes *out)
{
    struct tcp_header tcp = {
        .src = htons(spec->tp_src),
        .dst = htons(spec->tp_dst),
        .seq = htonl(spec->value[FRAME_TCP_SEQ]),
        .ack = htonl(spec->value[FRAME_TCP_ACK]),
        .size_flags = htons(5 << 12 | spec->value[FRAME_FLAGS]),
        .window = htons(spec->value[FRAME_WINDOW]),
    };
    bytes_put(out, &tcp, sizeof tcp);
}

/* Appends the UDP header. */
static void encode_udp(const struct frame_spec *spec, struct bytes *out)
{
    struct udp_header udp = {
        .src = htons(spec->tp_src),
        .dst = htons(spec->tp_dst),
        .size = htons(l4_size(spec)),
    };
    bytes_put(out, &udp, sizeof udp);
}

/* Appends the SCTP header. */
static void encode_sctp(const struct frame_spec *spec, struct bytes *out)
{
    struct sctp_header sctp = {.src = htons(spec->tp_src), .dst = htons(spec->tp_dst)};
    bytes_put(out, &sctp, sizeof sctp);
}

/* Appends the ICMP or ICMPv6 header. */
static void encode_icmp(const struct frame_spec *spec, struct bytes *out)
{
    struct icmp_header icmp = {
        .type = spec->value[FRAME_ICMP_TYPE],
        .code = spec->value[FRAME_CODE],
        .id = htons(spec->value[FRAME_ID]),
        .seq = htons(spec->value[FRAME_ICMP_SEQ]),
    };
    bytes_put(out, &icmp, sizeof icmp);
}

/* Appends the ARP packet. */
static void encode_arp(const struct frame_spec *spec, struct bytes *out)
{
    const uint64_t *value = spec->value;
    uint64_t tha = spec->arp_op == 1 ? 0 : value[FRAME_ETH_DST];
    struct arp_eth_header arp = {
        .arp = {
            .hrd = htons(1),
            .pro = htons(ETHER_TYPE_IPV4),
            .hln = ETHER_ADDR_SIZE,
            .pln = sizeof arp.spa,
            .op = htons(spec->arp_op),
        },
    };
    put_mac(arp.sha, value[FRAME_SHA] == FRAME_ABSENT ? value[FRAME_ETH_SRC] : value[FRAME_SHA]);
    put_mac(arp.tha, value[FRAME_THA] == FRAME_ABSENT ? tha : value[FRAME_THA]);
    memcpy(&arp.spa, spec->src, sizeof arp.spa);
    memcpy(&arp.tpa, spec->dst, sizeof arp.tpa);
    bytes_put(out, &arp, sizeof arp);
}

/* The checksum that the L4 header at 'l4' of 'spec' should have. */
static be16 right_sum(const struct frame_spec *spec, const uint8_t *l4, size_t size)
{
    uint8_t ip[sizeof(struct ipv6_header)] = {0};
    uint32_t sum = 0;
    if (spec->ipv6) {
        memcpy(ip + offsetof(struct ipv6_header, src), spec->src, 16);
        memcpy(ip + offsetof(struct ipv6_header, dst), spec->dst, 16);
        sum = checksum_pseudo6(ip, proto_of(spec), size);
    } else if (spec->kind != FRAME_ICMP) {
        memcpy(ip + offsetof(struct ipv4_header, src), spec->src, 4);
        memcpy(ip + offsetof(struct ipv4_header, dst), spec->dst, 4);
        sum = checksum_pseudo4(ip, proto_of(spec), size);
    }
    be16 right = checksum_finish(checksum_add(sum, l4, size));
    return spec->kind == FRAME_UDP && !right ? UINT16_MAX : right;
}

/* Stores the checksum of the L4 header at 'l4', whose field is 0. */
static void encode_sum(const struct frame_spec *spec, uint8_t *l4, size_t size)
{
    const uint64_t *value = spec->value;
    size_t field = headers_l4[proto_of(spec)].checksum;
    if (spec->kind == FRAME_SCTP) {
        uint32_t crc = checksum_crc32c(l4, size);
        memcpy(l4 + field, &crc, sizeof crc);
    } else if (value[FRAME_SUM] != FRAME_ABSENT) {
        put_be16(l4 + field, value[FRAME_SUM]);
    } else if (!value[FRAME_NOSUM]) {
        be16 sum = right_sum(spec, l4, size);
        if (value[FRAME_BADSUM]) {
            sum = sum == 0x5555 ? 0xaaaa : sum ^ 0x5555;
        }
        memcpy(l4 + field, &sum, sizeof sum);
    }
}

/* Appends L4 header and payload. */
static void encode_l4(const struct frame_spec *spec, struct bytes *out)
{
    static void (*const encoders[FRAME_N_KINDS])(const struct frame_spec *, struct bytes *) = {
        [FRAME_TCP] = encode_tcp,   [FRAME_UDP] = encode_udp, [FRAME_SCTP] = encode_sctp,
        [FRAME_ICMP] = encode_icmp, [FRAME_ARP] = encode_arp,
    };
    size_t start = out->size;
    bool header = encoders[spec->kind] && !frame_spec_is_later_fragment(spec);
    if (header) {
        encoders[spec->kind](spec, out);
    }
    bytes_put(out, spec->payload.data, spec->payload.size);
    if (header && spec->kind != FRAME_ARP) {
        encode_sum(spec, out->data + start, out->size - start);
    }
}

void frame_spec_encode(const struct frame_spec *spec, struct bytes *out)
{
    size_t start = out->size;
    encode_l2(spec, out);
    if (spec->kind != FRAME_ETH && spec->kind != FRAME_ARP) {
        (spec->ipv6 ? encode_ipv6 : encode_ipv4)(spec, out);
    }
    encode_l4(spec, out);
    size_t size = out->size - start;
    if (size < spec->value[FRAME_PAD]) {
        bytes_put_zeros(out, spec->value[FRAME_PAD] - size);
    }
}

/* Keeps the payload of 'size' bytes at 'data', as a size if it counts up from 0. */
static void decode_payload(const uint8_t *data, size_t size, struct frame_spec *spec)
{
    bool counts = spec->kind != FRAME_ETH;
    for (size_t i = 0; counts && i < size; i++) {
        counts = data[i] == (uint8_t) i;
    }
    spec->value[counts ? FRAME_SIZE : FRAME_DATA] = size;
    bytes_put(&spec->payload, data, size);
}

/* Reads the fields of the L4 header at 'l4'. */
static void decode_l4(const uint8_t *l4, struct frame_spec *spec)
{
    uint64_t *value = spec->value;
    if (spec->kind == FRAME_ICMP) {
        const struct icmp_header *icmp = (const void *) l4;
        value[FRAME_ICMP_TYPE] = icmp->type;
        value[FRAME_CODE] = icmp->code;
        value[FRAME_ID] = ntohs(icmp->id);
        value[FRAME_ICMP_SEQ] = ntohs(icmp->seq);
        return;
    }
    spec->tp_src = get_be16(l4);
    spec->tp_dst = get_be16(l4 + 2);
    if (spec->kind == FRAME_TCP) {
        const struct tcp_header *tcp = (const void *) l4;
        value[FRAME_TCP_SEQ] = ntohl(tcp->seq);
        value[FRAME_TCP_ACK] = ntohl(tcp->ack);
        value[FRAME_FLAGS] = ntohs(tcp->size_flags) & TCP_FLAGS;
        value[FRAME_WINDOW] = ntohs(tcp->window);
    }
}

/* Keeps the checksum of the L4 header at 'l4' if it is not right. */
static void decode_sum(const uint8_t *l4, size_t size, struct frame_spec *spec)
{
    uint16_t stored = get_be16(l4 + headers_l4[proto_of(spec)].checksum);
    if (spec->kind == FRAME_SCTP) {
        return;
    }
    struct bytes copy = BYTES_INIT;
    uint8_t *zeroed = bytes_put(&copy, l4, size);
    put_be16(zeroed + headers_l4[proto_of(spec)].checksum, 0);
    if (spec->kind == FRAME_UDP && !stored) {
        spec->value[FRAME_NOSUM] = 1;
    } else if (stored != ntohs(right_sum(spec, zeroed, size))) {
        spec->value[FRAME_SUM] = stored;
    }
    bytes_uninit(&copy);
}

/* Which kind 'spec' is with protocol 'proto'. */
static enum frame_kind kind_of(const struct frame_spec *spec, uint8_t proto)
{
    for (enum frame_kind kind = FRAME_TCP; kind < FRAME_IP; kind++) {
        if (proto == (spec->ipv6 ? kind_rows[kind].proto6 : kind_rows[kind].proto4)) {
            return kind;
        }
    }
    return FRAME_IP;
}

/* Reads addresses, kind and fields of the IP packet at 'ip'. */
static void decode_ip_header(const uint8_t *ip, const struct ip_info *info, struct frame_spec *spec)
{
    uint64_t *value = spec->value;
    size_t address = spec->ipv6 ? 16 : 4;
    const uint8_t *src = ip + (spec->ipv6 ? offsetof(struct ipv6_header, src)
                                          : offsetof(struct ipv4_header, src));
    spec->kind = kind_of(spec, info->proto);
    memcpy(spec->src, src, address);
    memcpy(spec->dst, src + address, address);
    frame_spec_defaults(spec);
    if (spec->kind == FRAME_IP) {
        value[FRAME_PROTO] = info->proto;
    }
    if (spec->ipv6) {
        uint32_t first = get_be32(ip);
        value[FRAME_TOS] = first >> 20 & 0xff;
        value[FRAME_LABEL] = first & 0xfffff;
        value[FRAME_TTL] = ((const struct ipv6_header *) ip)->hop_limit;
        if (ip[offsetof(struct ipv6_header, next)] == IP_NUMBER_FRAGMENT
            && info->l4_offset >= sizeof(struct ipv6_header) + sizeof(struct ipv6_frag_header)) {
            const struct ipv6_frag_header *frag = (const void *) (ip + sizeof(struct ipv6_header));
            value[FRAME_FRAG] = ntohs(frag->frag) & (IPV6_FRAG_MASK | IPV6_MF);
            value[FRAME_IPID] = ntohl(frag->id);
        }
        return;
    }
    const struct ipv4_header *h = (const void *) ip;
    uint16_t frag = ntohs(h->frag);
    value[FRAME_TOS] = h->tos;
    value[FRAME_TTL] = h->ttl;
    value[FRAME_IPID] = ntohs(h->id);
    value[FRAME_DF] = (frag & IPV4_DF) != 0;
    if (info->fragment) {
        value[FRAME_FRAG] = (frag & IPV4_FRAG_MASK) << 3 | (frag & IPV4_MF ? 1 : 0);
    }
}

/* Reads the IP packet of EtherType 'type' at 'ip'; what lies behind its end is padding. */
static bool decode_ip(uint16_t type, const uint8_t *ip, size_t size, struct frame_spec *spec)
{
    struct ip_info info;
    spec->ipv6 = type == ETHER_TYPE_IPV6;
    if (!headers_parse_ip(type, ip, size, &info)) {
        return false;
    }
    decode_ip_header(ip, &info, spec);
    const uint8_t *l4 = ip + info.l4_offset;
    size_t left = info.end - info.l4_offset;
    size_t header = frame_spec_is_later_fragment(spec) ? 0 : kind_rows[spec->kind].header_size;
    if (left < header) {
        return false;
    }
    if (header) {
        decode_l4(l4, spec);
        decode_sum(l4, left, spec);
    }
    decode_payload(l4 + header, left - header, spec);
    return true;
}

/* Reads the ARP packet at 'data' in the frame at 'eth'. */
static bool decode_arp(const struct eth_header *eth, const uint8_t *data, size_t size,
                       struct frame_spec *spec)
{
    const struct arp_eth_header *arp = (const void *) data;
    if (size < sizeof *arp) {
        return false;
    }
    spec->kind = FRAME_ARP;
    spec->arp_op = ntohs(arp->arp.op);
    memcpy(spec->src, &arp->spa, sizeof arp->spa);
    memcpy(spec->dst, &arp->tpa, sizeof arp->tpa);
    frame_spec_defaults(spec);

    uint64_t sha = get_mac(arp->sha), tha = get_mac(arp->tha);
    spec->value[FRAME_SHA] = sha == get_mac(eth->src) ? FRAME_ABSENT : sha;
    uint64_t usual = spec->arp_op == 1 ? 0 : get_mac(eth->dst);
    spec->value[FRAME_THA] = tha == usual ? FRAME_ABSENT : tha;
    return true;
}

/* Reads a frame of which we know no more than that it is Ethernet; what lies behind its 802.3
 * length is padding. */
static void decode_eth(const struct eth_header *eth, uint16_t type, const uint8_t *data,
                       size_t size, struct frame_spec *spec)
{
    size_t snap = type ? sizeof(struct snap_header) : 0;
    size_t length = get_be16(data - snap - sizeof(be16));
    if (length < ETHER_TYPE_MIN && length >= snap && length - snap < size) {
        size = length - snap;
    }
    spec->kind = FRAME_ETH;
    spec->ipv6 = false;
    memcpy(spec->src, eth->src, sizeof eth->src);
    memcpy(spec->dst, eth->dst, sizeof eth->dst);
    frame_spec_defaults(spec);
    spec->value[FRAME_TYPE] = type ? type : FRAME_ABSENT;
    decode_payload(data, size, spec);
}

/* Reads the tags of the frame. Returns the offset of what follows: EtherType or length. */
static size_t decode_tags(const uint8_t *data, struct frame_spec *spec)
{
    size_t at = offsetof(struct eth_header, type);
    if (get_be16(data + at) == ETHER_TYPE_QINQ) {
        spec->value[FRAME_QINQ] = get_be16(data + at + 2) & 0xfff;
        at += sizeof(struct vlan_header);
    }
    if (get_be16(data + at) == ETHER_TYPE_VLAN) {
        spec->value[FRAME_VLAN] = get_be16(data + at + 2) & 0xfff;
        spec->value[FRAME_PCP] = get_be16(data + at + 2) >> 13;
        at += sizeof(struct vlan_header);
    }
    return at;
}

bool frame_spec_decode(const void *data, size_t size, struct frame_spec *spec)
{
    const struct eth_header *eth = data;
    uint16_t type;
    *spec = (struct frame_spec) {.payload = BYTES_INIT};
    size_t offset = headers_skip_l2(data, size, &type);
    if (!offset || size - offset > FRAME_MAX_PAYLOAD) {
        return false;
    }
    const uint8_t *l3 = (const uint8_t *) data + offset;
    if (!(type == ETHER_TYPE_ARP ? decode_arp(eth, l3, size - offset, spec)
                                 : decode_ip(type, l3, size - offset, spec))) {
        decode_eth(eth, type, l3, size - offset, spec);
    }
    spec->value[FRAME_ETH_SRC] = get_mac(eth->src);
    spec->value[FRAME_ETH_DST] = get_mac(eth->dst);
    size_t at = decode_tags(data, spec);
    spec->value[FRAME_SNAP] = type && get_be16((const uint8_t *) data + at) < ETHER_TYPE_MIN;
    spec->value[FRAME_PAD] = offset + l3_size(spec) < size ? size : 0;
    return true;
}
