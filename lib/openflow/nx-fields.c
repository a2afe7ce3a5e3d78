/* SPDX-License-Identifier: Apache-2.0 */
/* The fields that Nicira's extensions name: their numbers, and their bits in a struct flow. */
#include "lib/openflow/nx-fields.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/ofp-words.h"
#include "lib/packet/headers.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * A member of struct flow is read as one number, whatever its size and order, and so is a value on
 * the wire.  The two can have different widths (in_port has 16 bits there and 32 here, an ICMP type
 * 8 and 16), but bit i of the one is bit i of the other.  A match of all bits of a value compares
 * all bits of the member, so that the same match in OpenFlow 1.0's form is the same struct match.
 *
 * Fields stand behind those that they need, so whoever writes a match in this order obeys the rule
 * that prerequisites come first. */

/* <netinet/in.h> has numbers of these names. */
#undef IP_TOS
#undef IP_TTL

/* Classes of headers: what OpenFlow 1.0 has, what Nicira added, and OpenFlow 1.2's own, of which a
 * few have no other number. */
enum {
    CLASS_OF = 0x0000,
    CLASS_NX = 0x0001,
    CLASS_OXM = 0x8000,
};

#define HEADER(CLASS, NUMBER, SIZE) ((uint32_t) (CLASS) << 16 | (NUMBER) << 9 | (SIZE))

const uint32_t nx_cookie_header = HEADER(CLASS_NX, 30, 8);

/* Name, number, bytes of a value, bits of it. */
#define FIELD(CLASS, PREFIX, NAME, NUMBER, SIZE, BITS) \
    .name = PREFIX #NAME, .header = HEADER(CLASS, NUMBER, SIZE), .wire_size = (SIZE), \
    .n_bits = (BITS)
#define OF(NAME, NUMBER, SIZE) FIELD(CLASS_OF, "NXM_OF_", NAME, NUMBER, SIZE, 8 * (SIZE))
#define NX(NAME, NUMBER, SIZE, BITS) FIELD(CLASS_NX, "NXM_NX_", NAME, NUMBER, SIZE, BITS)
#define OXM(NAME, NUMBER, SIZE) FIELD(CLASS_OXM, "OXM_OF_", NAME, NUMBER, SIZE, 8 * (SIZE))

/* Place in struct flow. */
#define AT(MEMBER) \
    .offset = offsetof(struct flow, MEMBER), .size = sizeof(((struct flow *) 0)->MEMBER)
#define HOST .is_host = true

#define NEEDS(PREREQ) .prereq = NX_PREREQ_##PREREQ
#define MASKABLE .is_maskable = true
#define WRITABLE .is_writable = true

/* A register. */
#define REG(N) \
    {NX(REG##N, N, 4, 32), .words = "reg" #N, AT(regs[N]), HOST, MASKABLE, WRITABLE}

const struct nx_field nx_fields[] = {
    {OF(IN_PORT, 0, 2), .words = "in_port", AT(in_port), HOST, WRITABLE},
    {OF(ETH_SRC, 2, 6), .words = "eth_src dl_src", AT(dl_src), MASKABLE, WRITABLE},
    {OF(ETH_DST, 1, 6), .words = "eth_dst dl_dst", AT(dl_dst), MASKABLE, WRITABLE},
    {OF(VLAN_TCI, 4, 2), .words = "vlan_tci", AT(vlan_tci), MASKABLE, WRITABLE},
    {OF(ETH_TYPE, 3, 2), .words = "eth_type dl_type", AT(dl_type)},

    {OF(IP_TOS, 5, 1), .words = "nw_tos", AT(nw_tos), .bits = 0xfc, NEEDS(IP), WRITABLE},
    {NX(IP_ECN, 28, 1, 2), .words = "nw_ecn ip_ecn", AT(nw_tos), .bits = 0x03, NEEDS(IP),
     WRITABLE},
    {NX(IP_TTL, 29, 1, 8), .words = "nw_ttl ip_ttl", AT(nw_ttl), NEEDS(IP), WRITABLE},
    {NX(IP_FRAG, 26, 1, 2), .words = "ip_frag nw_frag", AT(nw_frag), .bits = 0x03, NEEDS(IP),
     MASKABLE},
    {OF(IP_PROTO, 6, 1), .words = "ip_proto nw_proto", AT(nw_proto), NEEDS(IP)},
    {OF(IP_SRC, 7, 4), .words = "ip_src nw_src", AT(nw_src), NEEDS(IPV4), MASKABLE, WRITABLE},
    {OF(IP_DST, 8, 4), .words = "ip_dst nw_dst", AT(nw_dst), NEEDS(IPV4), MASKABLE, WRITABLE},
    {NX(IPV6_SRC, 19, 16, 128), .words = "ipv6_src", AT(ipv6_src), NEEDS(IPV6), MASKABLE,
     WRITABLE},
    {NX(IPV6_DST, 20, 16, 128), .words = "ipv6_dst", AT(ipv6_dst), NEEDS(IPV6), MASKABLE,
     WRITABLE},
    {NX(IPV6_LABEL, 27, 4, 20), .words = "ipv6_label", AT(ipv6_label), .bits = 0xfffff,
     NEEDS(IPV6), MASKABLE, WRITABLE},

    {OF(TCP_SRC, 9, 2), .words = "tcp_src", AT(tp_src), NEEDS(TCP), MASKABLE, WRITABLE},
    {OF(TCP_DST, 10, 2), .words = "tcp_dst", AT(tp_dst), NEEDS(TCP), MASKABLE, WRITABLE},
    {NX(TCP_FLAGS, 34, 2, 12), .words = "tcp_flags", AT(tcp_flags), .bits = 0xfff, NEEDS(TCP),
     MASKABLE},
    {OF(UDP_SRC, 11, 2), .words = "udp_src", AT(tp_src), NEEDS(UDP), MASKABLE, WRITABLE},
    {OF(UDP_DST, 12, 2), .words = "udp_dst", AT(tp_dst), NEEDS(UDP), MASKABLE, WRITABLE},
    {OXM(SCTP_SRC, 17, 2), .words = "sctp_src", AT(tp_src), NEEDS(SCTP), MASKABLE, WRITABLE},
    {OXM(SCTP_DST, 18, 2), .words = "sctp_dst", AT(tp_dst), NEEDS(SCTP), MASKABLE, WRITABLE},
    {OF(ICMP_TYPE, 13, 1), .words = "icmp_type", AT(tp_src), NEEDS(ICMPV4), WRITABLE},
    {OF(ICMP_CODE, 14, 1), .words = "icmp_code", AT(tp_dst), NEEDS(ICMPV4), WRITABLE},
    {NX(ICMPV6_TYPE, 21, 1, 8), .words = "icmpv6_type", AT(tp_src), NEEDS(ICMPV6), WRITABLE},
    {NX(ICMPV6_CODE, 22, 1, 8), .words = "icmpv6_code", AT(tp_dst), NEEDS(ICMPV6), WRITABLE},
    {NX(ND_TARGET, 23, 16, 128), .words = "nd_target", AT(nd_target), NEEDS(ND), MASKABLE},
    {NX(ND_SLL, 24, 6, 48), .words = "nd_sll", AT(arp_sha), NEEDS(ND_SOLICIT), MASKABLE},
    {NX(ND_TLL, 25, 6, 48), .words = "nd_tll", AT(arp_tha), NEEDS(ND_ADVERT), MASKABLE},

    {OF(ARP_OP, 15, 2), .words = "arp_op", AT(nw_proto), NEEDS(ARP), WRITABLE},
    {OF(ARP_SPA, 16, 4), .words = "arp_spa", AT(nw_src), NEEDS(ARP), MASKABLE, WRITABLE},
    {OF(ARP_TPA, 17, 4), .words = "arp_tpa", AT(nw_dst), NEEDS(ARP), MASKABLE, WRITABLE},
    {NX(ARP_SHA, 17, 6, 48), .words = "arp_sha", AT(arp_sha), NEEDS(ARP), MASKABLE, WRITABLE},
    {NX(ARP_THA, 18, 6, 48), .words = "arp_tha", AT(arp_tha), NEEDS(ARP), MASKABLE, WRITABLE},

    {NX(TUN_ID, 16, 8, 64), .words = "tun_id tunnel_id", AT(tun_id), MASKABLE, WRITABLE},
    {NX(TUN_IPV4_SRC, 31, 4, 32), .words = "tun_src", AT(tun_src), MASKABLE, WRITABLE},
    {NX(TUN_IPV4_DST, 32, 4, 32), .words = "tun_dst", AT(tun_dst), MASKABLE, WRITABLE},
    REG(0), REG(1), REG(2), REG(3), REG(4), REG(5), REG(6), REG(7), REG(8), REG(9), REG(10),
    REG(11), REG(12), REG(13), REG(14), REG(15),
    {NX(PKT_MARK, 33, 4, 32), .words = "pkt_mark", AT(pkt_mark), HOST, MASKABLE, WRITABLE},
    {OXM(METADATA, 2, 8), .words = "metadata", AT(metadata), HOST, MASKABLE, WRITABLE},
};
const size_t nx_n_fields = ARRAY_SIZE(nx_fields);

/* Finding -------------------------------------------------------------------------------------- */

const struct nx_field *nx_field_by_header(uint32_t header)
{
    for (size_t i = 0; i < nx_n_fields; i++) {
        if (nx_fields[i].header == header) {
            return &nx_fields[i];
        }
    }
    return NULL;
}

const struct nx_field *nx_field_by_name(const char *name, size_t length)
{
    for (size_t i = 0; i < nx_n_fields; i++) {
        const struct nx_field *f = &nx_fields[i];
        if (ofp_words_have(f->name, name, length) || ofp_words_have(f->words, name, length)) {
            return f;
        }
    }
    return NULL;
}

/* Prerequisites -------------------------------------------------------------------------------- */

/* Ethernet types that a prerequisite allows. */
#define ARP .dl_types = {ETHER_TYPE_ARP, ETHER_TYPE_RARP}
#define IPV4 .dl_types = {ETHER_TYPE_IPV4, ETHER_TYPE_IPV4}
#define IPV6 .dl_types = {ETHER_TYPE_IPV6, ETHER_TYPE_IPV6}
#define IP .dl_types = {ETHER_TYPE_IPV4, ETHER_TYPE_IPV6}

/* What a prerequisite asks for; 0: nothing. */
static const struct {
    uint16_t dl_types[2]; /* One of these. */
    uint8_t nw_proto;     /* This. */
    uint8_t types[2];     /* One of these types of ICMPv6, with code 0. */
} prereqs[] = {
    [NX_PREREQ_NONE] = {.nw_proto = 0},
    [NX_PREREQ_ARP] = {ARP},
    [NX_PREREQ_IPV4] = {IPV4},
    [NX_PREREQ_IPV6] = {IPV6},
    [NX_PREREQ_IP] = {IP},
    [NX_PREREQ_TCP] = {IP, .nw_proto = IP_NUMBER_TCP},
    [NX_PREREQ_UDP] = {IP, .nw_proto = IP_NUMBER_UDP},
    [NX_PREREQ_SCTP] = {IP, .nw_proto = IP_NUMBER_SCTP},
    [NX_PREREQ_ICMPV4] = {IPV4, .nw_proto = IP_NUMBER_ICMP},
    [NX_PREREQ_ICMPV6] = {IPV6, .nw_proto = IP_NUMBER_ICMPV6},
    [NX_PREREQ_ND] = {IPV6, .nw_proto = IP_NUMBER_ICMPV6, .types = {ND_SOLICIT, ND_ADVERT}},
    [NX_PREREQ_ND_SOLICIT] = {IPV6, .nw_proto = IP_NUMBER_ICMPV6,
                              .types = {ND_SOLICIT, ND_SOLICIT}},
    [NX_PREREQ_ND_ADVERT] = {IPV6, .nw_proto = IP_NUMBER_ICMPV6, .types = {ND_ADVERT, ND_ADVERT}},
};
static_assert(ARRAY_SIZE(prereqs) == N_NX_PREREQS, "a prerequisite has no row");

bool nx_field_fits_flow(const struct nx_field *f, const struct flow *flow)
{
    const uint16_t *dl_types = prereqs[f->prereq].dl_types;
    const uint8_t *types = prereqs[f->prereq].types;
    uint16_t dl_type = ntohs(flow->dl_type);
    uint16_t type = ntohs(flow->tp_src);
    if (dl_types[0] && dl_type != dl_types[0] && dl_type != dl_types[1]) {
        return false;
    }
    if (prereqs[f->prereq].nw_proto && flow->nw_proto != prereqs[f->prereq].nw_proto) {
        return false;
    }
    return !types[0] || ((type == types[0] || type == types[1]) && !flow->tp_dst);
}

bool nx_field_fits_match(const struct nx_field *f, const struct match *m)
{
    /* Values that are not compared are 0; the only 0 that is asked for is ICMPv6's code. */
    return nx_field_fits_flow(f, &m->flow)
           && (!prereqs[f->prereq].dl_types[0] || m->mask.dl_type == UINT16_MAX)
           && (!prereqs[f->prereq].nw_proto || m->mask.nw_proto == UINT8_MAX)
           && (!prereqs[f->prereq].types[0]
               || (m->mask.tp_src == UINT16_MAX && m->mask.tp_dst == UINT16_MAX));
}

/* Bits ----------------------------------------------------------------------------------------- */

/* A number with the 'n' lowest bits set. */
static nx_value low_ones(unsigned n)
{
    return n >= 128 ? ~(nx_value) 0 : ((nx_value) 1 << n) - 1;
}

/* The bits of the member that belong to the field. */
static nx_value member_bits(const struct nx_field *f)
{
    return f->bits ? f->bits : low_ones(8u * f->size);
}

nx_value nx_field_ones(const struct nx_field *f)
{
    return low_ones(f->n_bits) & member_bits(f);
}

/* The member, of at most 8 bytes, as a number. */
static uint64_t word_load(const struct nx_field *f, const struct flow *flow)
{
    const uint8_t *p = (const uint8_t *) flow + f->offset;
    uint64_t word = 0;
    uint32_t half;
    if (f->size == sizeof half) {
        memcpy(&half, p, sizeof half);
        return f->is_host ? half : ntohl(half);
    }
    if (f->is_host) {
        memcpy(&word, p, sizeof word);
        return word;
    }
    for (unsigned i = 0; i < f->size; i++) {
        word = word << 8 | p[i];
    }
    return word;
}

/* Makes the member, of at most 8 bytes, the number 'word'. */
static void word_store(const struct nx_field *f, uint64_t word, struct flow *flow)
{
    uint8_t *p = (uint8_t *) flow + f->offset;
    uint32_t half = (uint32_t) word;
    if (f->size == sizeof half) {
        half = f->is_host ? half : htonl(half);
        memcpy(p, &half, sizeof half);
    } else if (f->is_host) {
        memcpy(p, &word, sizeof word);
    } else {
        for (unsigned i = f->size; i-- > 0; word >>= 8) {
            p[i] = (uint8_t) word;
        }
    }
}

/* The member as a number. */
static nx_value member_load(const struct nx_field *f, const struct flow *flow)
{
    const uint8_t *p = (const uint8_t *) flow + f->offset;
    nx_value value = 0;
    if (f->size <= sizeof(uint64_t)) {
        return word_load(f, flow);
    }
    for (unsigned i = 0; i < f->size; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

/* Makes the member the number 'value'. */
static void member_store(const struct nx_field *f, nx_value value, struct flow *flow)
{
    uint8_t *p = (uint8_t *) flow + f->offset;
    if (f->size <= sizeof(uint64_t)) {
        word_store(f, (uint64_t) value, flow);
        return;
    }
    for (unsigned i = f->size; i-- > 0; value >>= 8) {
        p[i] = (uint8_t) value;
    }
}

nx_value nx_field_load(const struct nx_field *f, const struct flow *flow)
{
    return member_load(f, flow) & nx_field_ones(f);
}

/* Makes the bits 'which' of the member those of 'value'. */
static void store_bits(const struct nx_field *f, nx_value value, nx_value which,
                       struct flow *flow)
{
    which &= member_bits(f);
    member_store(f, (member_load(f, flow) & ~which) | (value & which), flow);
}

void nx_field_store(const struct nx_field *f, nx_value value, struct flow *flow)
{
    store_bits(f, value & nx_field_ones(f), member_bits(f), flow);
}

void nx_field_match(const struct nx_field *f, nx_value value, nx_value mask, struct match *m)
{
    mask &= nx_field_ones(f);
    store_bits(f, value & mask, mask, &m->flow);
    mask |= nx_field_load(f, &m->mask);
    store_bits(f, mask == nx_field_ones(f) ? member_bits(f) : mask, member_bits(f), &m->mask);
}

/* Ranges --------------------------------------------------------------------------------------- */

/* Ranges of members of at most 8 bytes, which nearly all are, are dealt with in one word: actions
 * on registers are the common thing between tables. */

/* A word with the 'n' lowest bits set. */
static uint64_t word_ones(unsigned n)
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

/* The bits of the member, of at most 8 bytes, that belong to the field. */
static uint64_t word_bits(const struct nx_field *f)
{
    return f->bits ? f->bits : word_ones(8u * f->size);
}

/* The bits as a number. */
static nx_value range_load(const struct nx_subfield *s, const struct flow *flow)
{
    const struct nx_field *f = s->field;
    if (LIKELY(f->size <= sizeof(uint64_t))) {
        uint64_t word = word_load(f, flow) & word_bits(f) & word_ones(f->n_bits);
        return word >> s->offset & word_ones(s->n_bits);
    }
    return nx_field_load(s->field, flow) >> s->offset & low_ones(s->n_bits);
}

/* Makes the bits those of 'value'. */
static void range_store(const struct nx_subfield *s, nx_value value, struct flow *flow)
{
    const struct nx_field *f = s->field;
    if (LIKELY(f->size <= sizeof(uint64_t))) {
        uint64_t old = word_load(f, flow), bits = word_bits(f);
        uint64_t which = word_ones(s->n_bits) << s->offset;
        uint64_t new = (old & ~which) | ((uint64_t) value << s->offset & which);
        word_store(f, (old & ~bits) | (new & bits & word_ones(f->n_bits)), flow);
        return;
    }
    nx_value old = nx_field_load(s->field, flow);
    nx_value which = low_ones(s->n_bits) << s->offset;
    nx_field_store(s->field, (old & ~which) | (value << s->offset & which), flow);
}

uint64_t nx_subfield_get(const struct nx_subfield *s, const struct flow *flow)
{
    return (uint64_t) range_load(s, flow);
}

void nx_subfield_set(const struct nx_subfield *s, uint64_t value, struct flow *flow)
{
    range_store(s, value, flow);
}

void nx_subfield_copy(const struct nx_subfield *from, const struct flow *in,
                      const struct nx_subfield *to, struct flow *out)
{
    range_store(to, range_load(from, in), out);
}

/* Text ----------------------------------------------------------------------------------------- */

/* Reads a decimal number at '*text' and moves '*text' behind it; false if there is none. */
static bool take_number(const char **text, unsigned *number)
{
    size_t n = strspn(*text, "0123456789");
    *number = 0;
    for (size_t i = 0; i < n && *number < 1000; i++) {
        *number = *number * 10 + (unsigned) ((*text)[i] - '0');
    }
    *text += n;
    return n > 0;
}

/* Reads "[]", "[BIT]" or "[FIRST..LAST]" at '*text'.  False if it is none of them. */
static bool take_range(const char **text, const struct nx_field *f, unsigned *first,
                       unsigned *last)
{
    const char *p = *text + 1;
    *first = 0;
    *last = f->n_bits - 1u;
    if (*p != ']') {
        if (!take_number(&p, first)) {
            return false;
        }
        *last = *first;
        if (!strncmp(p, "..", 2)) {
            p += 2;
            if (!take_number(&p, last)) {
                return false;
            }
        }
    }
    *text = p + 1;
    return *p == ']';
}

char *nx_subfield_parse(struct nx_subfield *s, const char *text, const char **end)
{
    const char *start = text;
    size_t length = strcspn(text, "[],:()/- \t\r\n");
    const struct nx_field *f = nx_field_by_name(text, length);
    unsigned first = 0, last = f ? f->n_bits - 1u : 0;
    if (!f) {
        return length ? xasprintf("%.*s is no field; give one as NXM_NX_REG0[0..15]",
                                  (int) length, text)
                      : xstrdup("a field is missing; give one as NXM_NX_REG0[0..15]");
    }
    text += length;
    if (*text == '[' && !take_range(&text, f, &first, &last)) {
        return xasprintf("%s names no bits; write %.*s[0..15], [3] for one, [] for all", start,
                         (int) length, start);
    }
    if (last < first) {
        return xasprintf("bits %u..%u are the wrong way round; write [%u..%u]", first, last, last,
                         first);
    }
    if (last >= f->n_bits) {
        return xasprintf("%.*s has no bit %u; its bits are 0 to %u", (int) length, start, last,
                         f->n_bits - 1u);
    }
    *s = (struct nx_subfield){.field = f, .offset = first, .n_bits = last - first + 1};
    *end = text;
    return NULL;
}

void nx_subfield_print(struct bytes *out, const struct nx_subfield *s)
{
    bytes_printf(out, "%s[", s->field->name);
    if (s->n_bits == 1 && s->field->n_bits > 1) {
        bytes_printf(out, "%u", s->offset);
    } else if (s->n_bits < s->field->n_bits) {
        bytes_printf(out, "%u..%u", s->offset, s->offset + s->n_bits - 1);
    }
    bytes_put_u8(out, ']');
}
