/* SPDX-License-Identifier: Apache-2.0 */
/* struct ofp_match of OpenFlow 1.0: 40 bytes on the wire to a struct match, and back. */
#include "lib/openflow/ofp-match.h"

#include <assert.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/headers.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Decoding fills in every field that has no wildcard and then takes away, by normalisation, those
 * that cannot apply.  So the text parser, which normalises what users write, and the wire agree by
 * construction.  The result obeys the invariant of struct match: values are 0 where masks are. */

static_assert(sizeof(struct ofp10_match) == OFP10_MATCH_SIZE, "size of a match");
static_assert((int) OFP_DL_TYPE_NOT_ETH_TYPE == (int) FLOW_DL_TYPE_NONE, "wire and flow agree");

/* Parts of vlan_tci. */
enum {
    TCI_VLAN = 0x1fff, /* dl_vlan: VID and presence. */
    TCI_VID = 0x0fff,  /* VLAN id. */
    TCI_PCP = 0xe000,  /* Priority. */
    TCI_PCP_SHIFT = 13, /* First bit of the priority. */
};

enum {
    TOS_MASK = 0xfc, /* The DSCP, which is all of nw_tos that is matched. */
};

/* Fields that depend on others. */
enum {
    NW_TOS = 1 << 0,   /* nw_tos. */
    NW_PROTO = 1 << 1, /* nw_proto. */
    NW_ADDR = 1 << 2,  /* nw_src, nw_dst. */
    TP_PORT = 1 << 3,  /* tp_src, tp_dst, 16 bits. */
    TP_ICMP = 1 << 4,  /* tp_src, tp_dst, 8 bits. */
};

/* What a dl_type brings. */
static const struct {
    uint16_t dl_type; /* Ethernet type. */
    uint8_t fields;   /* Fields that it has. */
} network_layers[] = {
    {ETHER_TYPE_IPV4, NW_TOS | NW_PROTO | NW_ADDR},
    {ETHER_TYPE_IPV6, NW_TOS | NW_PROTO},
    {ETHER_TYPE_ARP, NW_PROTO | NW_ADDR},
    {ETHER_TYPE_RARP, NW_PROTO | NW_ADDR},
};

/* What an nw_proto brings. */
static const struct {
    uint16_t dl_type; /* Ethernet type. */
    uint8_t nw_proto; /* IP protocol. */
    uint8_t fields;   /* Fields that it has. */
} transport_layers[] = {
    {ETHER_TYPE_IPV4, IP_NUMBER_TCP, TP_PORT},  {ETHER_TYPE_IPV6, IP_NUMBER_TCP, TP_PORT},
    {ETHER_TYPE_IPV4, IP_NUMBER_UDP, TP_PORT},  {ETHER_TYPE_IPV6, IP_NUMBER_UDP, TP_PORT},
    {ETHER_TYPE_IPV4, IP_NUMBER_SCTP, TP_PORT}, {ETHER_TYPE_IPV6, IP_NUMBER_SCTP, TP_PORT},
    {ETHER_TYPE_IPV4, IP_NUMBER_ICMP, TP_ICMP}, {ETHER_TYPE_IPV6, IP_NUMBER_ICMPV6, TP_ICMP},
};

/* The fields that 'm' can have by its dl_type. */
static unsigned network_fields(const struct match *m, uint16_t dl_type)
{
    if (m->mask.dl_type != UINT16_MAX) {
        return 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE(network_layers); i++) {
        if (network_layers[i].dl_type == dl_type) {
            return network_layers[i].fields;
        }
    }
    return 0;
}

/* The fields that 'm' can have by its nw_proto. */
static unsigned transport_fields(const struct match *m, uint16_t dl_type)
{
    if (m->mask.nw_proto != UINT8_MAX) {
        return 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE(transport_layers); i++) {
        if (transport_layers[i].nw_proto == m->flow.nw_proto
            && transport_layers[i].dl_type == dl_type) {
            return transport_layers[i].fields;
        }
    }
    return 0;
}

/* Leaves only the bits 'keep' of 'field', value and mask, in the match 'm'. */
#define KEEP_BITS(m, field, keep) ((m)->flow.field &= (keep), (m)->mask.field &= (keep))

void ofp_match_normalize(struct match *m)
{
    uint16_t dl_type = ntohs(m->flow.dl_type);
    unsigned fields = network_fields(m, dl_type);
    if (fields & NW_PROTO) {
        fields |= transport_fields(m, dl_type);
    } else {
        KEEP_BITS(m, nw_proto, 0);
    }
    if (!(fields & NW_TOS)) {
        KEEP_BITS(m, nw_tos, 0);
    }
    if (!(fields & NW_ADDR)) {
        KEEP_BITS(m, nw_src, 0);
        KEEP_BITS(m, nw_dst, 0);
    }
    if (fields & TP_ICMP) {
        m->flow.tp_src &= htons(0xff);
        m->flow.tp_dst &= htons(0xff);
    } else if (!(fields & TP_PORT)) {
        KEEP_BITS(m, tp_src, 0);
        KEEP_BITS(m, tp_dst, 0);
    }
}

/* Fills in the VLAN fields. */
static void vlan_decode(const struct ofp10_match *w, uint32_t wildcards, struct match *m)
{
    uint16_t mask = 0;
    uint16_t tci = 0;
    if (!(wildcards & OFPFW_DL_VLAN)) {
        mask |= TCI_VLAN;
        if (w->dl_vlan == htons(OFP_VLAN_NONE)) {
            m->mask.vlan_tci = htons(wildcards & OFPFW_DL_VLAN_PCP ? TCI_VLAN : UINT16_MAX);
            return;
        }
        tci |= FLOW_TCI_PRESENT | (ntohs(w->dl_vlan) & TCI_VID);
    }
    if (!(wildcards & OFPFW_DL_VLAN_PCP)) {
        mask |= TCI_PCP;
        tci |= (w->dl_vlan_pcp << TCI_PCP_SHIFT) & TCI_PCP;
    }
    m->mask.vlan_tci = htons(mask);
    m->flow.vlan_tci = htons(tci);
}

/* Fills in the fields below IP but the VLAN's. */
static void link_decode(const struct ofp10_match *w, uint32_t wildcards, struct match *m)
{
    if (!(wildcards & OFPFW_IN_PORT)) {
        m->mask.in_port = UINT32_MAX;
        m->flow.in_port = ntohs(w->in_port);
    }
    if (!(wildcards & OFPFW_DL_SRC)) {
        memset(m->mask.dl_src, 0xff, sizeof m->mask.dl_src);
        memcpy(m->flow.dl_src, w->dl_src, sizeof m->flow.dl_src);
    }
    if (!(wildcards & OFPFW_DL_DST)) {
        memset(m->mask.dl_dst, 0xff, sizeof m->mask.dl_dst);
        memcpy(m->flow.dl_dst, w->dl_dst, sizeof m->flow.dl_dst);
    }
    if (!(wildcards & OFPFW_DL_TYPE)) {
        m->mask.dl_type = UINT16_MAX;
        m->flow.dl_type = w->dl_type;
    }
}

/* The mask of an IPv4 address of which 'ignored' low bits do not count; 32 and more: none counts
 * (A3.2). */
static be32 ip_mask(unsigned ignored)
{
    return ignored >= 32 ? 0 : htonl(UINT32_MAX << ignored);
}

/* Fills in the fields from IP on. */
static void network_decode(const struct ofp10_match *w, uint32_t wildcards, struct match *m)
{
    if (!(wildcards & OFPFW_NW_TOS)) {
        m->mask.nw_tos = TOS_MASK;
        m->flow.nw_tos = w->nw_tos & TOS_MASK;
    }
    if (!(wildcards & OFPFW_NW_PROTO)) {
        m->mask.nw_proto = UINT8_MAX;
        m->flow.nw_proto = w->nw_proto;
    }
    m->mask.nw_src = ip_mask((wildcards & OFPFW_NW_SRC_MASK) >> OFPFW_NW_SRC_SHIFT);
    m->flow.nw_src = w->nw_src & m->mask.nw_src;
    m->mask.nw_dst = ip_mask((wildcards & OFPFW_NW_DST_MASK) >> OFPFW_NW_DST_SHIFT);
    m->flow.nw_dst = w->nw_dst & m->mask.nw_dst;
    if (!(wildcards & OFPFW_TP_SRC)) {
        m->mask.tp_src = UINT16_MAX;
        m->flow.tp_src = w->tp_src;
    }
    if (!(wildcards & OFPFW_TP_DST)) {
        m->mask.tp_dst = UINT16_MAX;
        m->flow.tp_dst = w->tp_dst;
    }
}

bool ofp_match_decode(const void *data, struct match *m)
{
    const struct ofp10_match *w = data;
    uint32_t wildcards = ntohl(w->wildcards) & OFPFW_ALL;
    match_init_any(m);
    vlan_decode(w, wildcards, m);
    link_decode(w, wildcards, m);
    network_decode(w, wildcards, m);
    ofp_match_normalize(m);
    return !wildcards;
}

/* The number of low bits of an IPv4 address that are not covered by the leading ones of 'mask'. */
static uint32_t ip_ignored(be32 mask)
{
    uint32_t zeros = ~ntohl(mask);
    return zeros ? 32 - (uint32_t) __builtin_clz(zeros) : 0;
}

/* True if all 6 bytes of 'mask' are ones. */
static bool eth_mask_is_exact(const uint8_t mask[OFP_ETH_ALEN])
{
    static const uint8_t ones[OFP_ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    return !memcmp(mask, ones, sizeof ones);
}

/* Writes the VLAN fields. Returns their wildcards. */
static uint32_t vlan_encode(const struct match *m, struct ofp10_match *w)
{
    uint16_t mask = ntohs(m->mask.vlan_tci);
    uint16_t tci = ntohs(m->flow.vlan_tci);
    uint32_t wildcards = 0;
    if (mask & FLOW_TCI_PRESENT && !(tci & FLOW_TCI_PRESENT) && tci) {
        return OFPFW_DL_VLAN | OFPFW_DL_VLAN_PCP; /* A number without a tag: can't be told. */
    }
    if ((mask & TCI_VLAN) == TCI_VLAN) {
        w->dl_vlan = htons(tci & FLOW_TCI_PRESENT ? tci & TCI_VID : OFP_VLAN_NONE);
    } else if (mask & FLOW_TCI_PRESENT && !(tci & FLOW_TCI_PRESENT)) {
        w->dl_vlan = htons(OFP_VLAN_NONE);
    } else {
        wildcards |= OFPFW_DL_VLAN;
    }
    if ((mask & TCI_PCP) == TCI_PCP) {
        w->dl_vlan_pcp = (uint8_t) (tci >> TCI_PCP_SHIFT);
    } else {
        wildcards |= OFPFW_DL_VLAN_PCP;
    }
    return wildcards;
}

/* Writes the fields below IP but the VLAN's. Returns their wildcards. */
static uint32_t link_encode(const struct match *m, struct ofp10_match *w)
{
    uint32_t wildcards = 0;
    if (m->mask.in_port == UINT32_MAX) {
        w->in_port = htons((uint16_t) m->flow.in_port);
    } else {
        wildcards |= OFPFW_IN_PORT;
    }
    if (eth_mask_is_exact(m->mask.dl_src)) {
        memcpy(w->dl_src, m->flow.dl_src, sizeof w->dl_src);
    } else {
        wildcards |= OFPFW_DL_SRC;
    }
    if (eth_mask_is_exact(m->mask.dl_dst)) {
        memcpy(w->dl_dst, m->flow.dl_dst, sizeof w->dl_dst);
    } else {
        wildcards |= OFPFW_DL_DST;
    }
    if (m->mask.dl_type == UINT16_MAX) {
        w->dl_type = m->flow.dl_type;
    } else {
        wildcards |= OFPFW_DL_TYPE;
    }
    return wildcards;
}

/* Writes the fields from IP on. Returns their wildcards. */
static uint32_t network_encode(const struct match *m, struct ofp10_match *w)
{
    uint32_t src_ignored = ip_ignored(m->mask.nw_src);
    uint32_t dst_ignored = ip_ignored(m->mask.nw_dst);
    uint32_t wildcards = src_ignored << OFPFW_NW_SRC_SHIFT | dst_ignored << OFPFW_NW_DST_SHIFT;
    w->nw_src = m->flow.nw_src & ip_mask(src_ignored);
    w->nw_dst = m->flow.nw_dst & ip_mask(dst_ignored);
    if ((m->mask.nw_tos & TOS_MASK) == TOS_MASK) {
        w->nw_tos = m->flow.nw_tos & TOS_MASK;
    } else {
        wildcards |= OFPFW_NW_TOS;
    }
    if (m->mask.nw_proto == UINT8_MAX) {
        w->nw_proto = m->flow.nw_proto;
    } else {
        wildcards |= OFPFW_NW_PROTO;
    }
    if (m->mask.tp_src == UINT16_MAX) {
        w->tp_src = m->flow.tp_src;
    } else {
        wildcards |= OFPFW_TP_SRC;
    }
    if (m->mask.tp_dst == UINT16_MAX) {
        w->tp_dst = m->flow.tp_dst;
    } else {
        wildcards |= OFPFW_TP_DST;
    }
    return wildcards;
}

void ofp_match_encode(const struct match *m, bool exact, struct bytes *out)
{
    struct ofp10_match *w = bytes_put_zeros(out, sizeof *w);
    uint32_t wildcards = vlan_encode(m, w) | link_encode(m, w) | network_encode(m, w);
    w->wildcards = htonl(exact ? 0 : wildcards);
}

bool ofp_match_is_exact(const struct match *m)
{
    struct bytes wire = BYTES_INIT;
    struct match again;
    ofp_match_encode(m, false, &wire);
    bool exact = ofp_match_decode(wire.data, &again);
    bytes_uninit(&wire);
    return exact && match_equal(&again, m);
}
