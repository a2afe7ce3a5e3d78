/* SPDX-License-Identifier: Apache-2.0 */
/* Matches, and the fields of frames, as text. */
#include "lib/openflow/ofp-print.h"

#include <stdlib.h>
#include <string.h>

#include "lib/byte-order.h"
#include "lib/openflow/ofp-fields.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/packet.h"

/* A transport header's checksum, for the end of a frame's line. */
struct checksum_place {
    uint8_t nw_proto;   /* IP protocol. */
    const char *name;   /* As printed. */
    uint8_t offset;     /* Bytes from the transport header. */
    uint8_t size;       /* 2 or 4 bytes. */
    uint8_t header;     /* Bytes that the header must have. */
};

static const struct checksum_place checksum_places[] = {
    {6, "tcp_csum", 16, 2, 20},   {17, "udp_csum", 6, 2, 8},   {132, "sctp_csum", 8, 4, 12},
    {1, "icmp_csum", 2, 2, 8},    {58, "icmp6_csum", 2, 2, 4},
};

/* True if any of the field's bits is in the mask 'm'. */
static bool is_given(const struct ofp_field *f, const struct match *m)
{
    const uint8_t *mask = (const uint8_t *) &m->mask + f->offset;
    if (f->bits) {
        return ((f->size == 1 ? *mask : get_be16(mask)) & f->bits) != 0;
    }
    for (size_t i = 0; i < f->size; i++) {
        if (mask[i]) {
            return true;
        }
    }
    return false;
}

/* True if the keyword 'k' (or NULL), which has been printed, says the field already. */
static bool is_said(const struct ofp_field *f, const struct ofp_keyword *k)
{
    return k && (f->offset == offsetof(struct flow, dl_type)
                 || (f->offset == offsetof(struct flow, nw_proto) && k->nw_proto >= 0));
}

/* Appends a comma if text follows something in the list that starts at 'start'. */
static void separate(struct bytes *out, size_t start)
{
    if (out->size > start) {
        bytes_put_u8(out, ',');
    }
}

/* True if the field is printed of a match with these protocols. */
static bool is_shown(const struct ofp_field *f, const struct match *m, enum ofp_l3 l3,
                     enum ofp_l4 l4)
{
    return (f->shown_l3 & l3) && (f->shown_l4 & l4) && is_given(f, m);
}

/* Appends "name=value". */
static void print_field(struct bytes *out, const struct ofp_field *f, const struct match *m,
                        const struct ofp_print_style *style)
{
    f->form->print(out, f, (const uint8_t *) &m->flow + f->offset,
                   (const uint8_t *) &m->mask + f->offset, style);
}

void ofp_print_each_field(const struct match *m, const struct ofp_print_style *style,
                          void (*each)(void *aux, const char *name, const char *value), void *aux)
{
    struct bytes out = BYTES_INIT;
    for (size_t i = 0; i < ofp_n_fields; i++) {
        bytes_clear(&out);
        if (is_shown(&ofp_fields[i], m, ofp_match_l3(m), ofp_match_l4(m))) {
            print_field(&out, &ofp_fields[i], m, style);
        }
        char *text = bytes_string(&out);
        char *value = strchr(text, '=');
        if (value) {
            *value = '\0';
            each(aux, text, value + 1);
        }
    }
    bytes_uninit(&out);
}

/* Appends the field 'f' of 'm' to the list that starts at 'start', unless it prints nothing. */
static void print_one(struct bytes *out, size_t start, const struct ofp_field *f,
                      const struct match *m, const struct ofp_print_style *style)
{
    size_t before = out->size;
    separate(out, start);
    size_t after = out->size;
    print_field(out, f, m, style);
    if (out->size == after) {
        bytes_truncate(out, before);
    }
}

/* Appends the fields of 'm', those before the keyword or the others, to the list that starts at
 * 'start'. */
static void print_some(struct bytes *out, size_t start, const struct match *m, bool first,
                       const struct ofp_keyword *keyword, const struct ofp_print_style *style)
{
    enum ofp_l3 l3 = ofp_match_l3(m);
    enum ofp_l4 l4 = ofp_match_l4(m);
    for (size_t i = 0; i < ofp_n_fields; i++) {
        const struct ofp_field *f = &ofp_fields[i];
        if (f->is_first == first && is_shown(f, m, l3, l4) && !is_said(f, keyword)) {
            print_one(out, start, f, m, style);
        }
    }
}

/* Appends the fields of 'm' to the list that starts at 'start'. */
static void print_fields(struct bytes *out, size_t start, const struct match *m,
                         const struct ofp_print_style *style)
{
    const struct ofp_keyword *keyword = ofp_keyword_of(m);
    print_some(out, start, m, true, NULL, style);
    if (keyword) {
        separate(out, start);
        bytes_printf(out, "%s", keyword->name);
    }
    print_some(out, start, m, false, keyword, style);
}

void ofp_print_rule(struct bytes *out, const struct match *m, uint16_t priority,
                    const struct ofp_print_style *style)
{
    size_t start = out->size;
    if (priority != OFP_DEFAULT_PRIORITY) {
        bytes_printf(out, "priority=%u", priority);
    }
    print_fields(out, start, m, style);
}

void ofp_print_match(struct bytes *out, const struct match *m)
{
    ofp_print_rule(out, m, OFP_DEFAULT_PRIORITY, NULL);
}

/* Makes '*m' the match of all fields that a frame with m->flow has, but its port. */
static void match_all_fields(struct match *m)
{
    bool later = m->flow.nw_frag & FLOW_FRAG_LATER;
    bool is_nd = m->flow.nw_proto == 58
                 && (m->flow.tp_src == htons(135) || m->flow.tp_src == htons(136));
    memset(&m->mask, 0, sizeof m->mask);
    m->mask.dl_type = 0xffff;
    for (size_t i = 0; i < ofp_n_fields; i++) {
        const struct ofp_field *f = &ofp_fields[i];
        if (f->is_metadata || !(f->needs_l3 & ofp_match_l3(m)) || !(f->needs_l4 & ofp_match_l4(m))
            || (later && f->needs_l4 != OFP_L4_ANY)
            || (!is_nd && f->needs_l3 == OFP_L3_IP6 && f->needs_l4 == OFP_L4_ICMP)) {
            continue;
        }
        memset((uint8_t *) &m->mask + f->offset, 0xff, f->size);
    }
    if (!m->flow.vlan_tci) {
        m->mask.vlan_tci2 = 0;
    }
}

/* Appends the transport checksum of a frame that has one. */
static void print_checksum(struct bytes *out, const struct packet *p, const struct match *m)
{
    if (!(ofp_match_l3(m) & OFP_L3_IP) || p->l4_offset == UINT16_MAX) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(checksum_places); i++) {
        const struct checksum_place *c = &checksum_places[i];
        if (c->nw_proto == m->flow.nw_proto && p->size >= (size_t) p->l4_offset + c->header) {
            const uint8_t *sum = p->data + p->l4_offset + c->offset;
            bytes_printf(out, " %s:%x", c->name, c->size == 2 ? get_be16(sum) : get_be32(sum));
        }
    }
}

void ofp_print_frame(struct bytes *out, const void *data, size_t size)
{
    void *copy = xmemdup(data, size);
    struct packet p;
    struct match m;
    packet_use(&p, copy, size, copy, size);
    p.in_port = 0;
    flow_extract(&p, &m.flow);
    flow_add_fragment_ports(&p, &m.flow);
    match_all_fields(&m);
    print_fields(out, out->size, &m, NULL);
    print_checksum(out, &p, &m);
    free(copy);
}
