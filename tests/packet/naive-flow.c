/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a frame byte by byte, each with its own check, one question after the other. */
#include "tests/packet/naive-flow.h"

#include <string.h>

/* Some bytes: a frame or what a header counts as its payload. */
struct view {
    const uint8_t *data; /* First byte. */
    size_t size;         /* How many. */
};

/* What is left of 'v' behind its first 'n' bytes. */
static struct view behind(struct view v, size_t n)
{
    return n > v.size ? (struct view) {v.data, 0} : (struct view) {v.data + n, v.size - n};
}

/* No more than the first 'n' bytes of 'v'. */
static struct view first(struct view v, size_t n)
{
    return (struct view) {v.data, n < v.size ? n : v.size};
}

/* Byte 'i' of 'v', or 0 if there is none. */
static unsigned byte(struct view v, size_t i)
{
    return i < v.size ? v.data[i] : 0;
}

/* The two bytes at 'i', in host order. */
static unsigned pair(struct view v, size_t i)
{
    return byte(v, i) << 8 | byte(v, i + 1);
}

/* Copies 'n' bytes at 'i'. */
static void copy(void *to, struct view v, size_t i, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        ((uint8_t *) to)[k] = byte(v, i + k);
    }
}

static void naive_arp(struct packet *p, struct flow *flow, struct view v)
{
    unsigned hln = byte(v, 4), pln = byte(v, 5);
    if (v.size < 8 || v.size < 8 + 2 * (hln + pln)) {
        return;
    }
    p->l3_offset = v.data - p->data;
    flow->nw_proto = pair(v, 6) % 256;
    if (hln == 6) {
        copy(flow->arp_sha, v, 8, 6);
        copy(flow->arp_tha, v, 8 + hln + pln, 6);
    }
    if (pair(v, 2) == 0x0800 && pln == 4) {
        copy(&flow->nw_src, v, 8 + hln, 4);
        copy(&flow->nw_dst, v, 8 + hln + pln + hln, 4);
    }
}

static void naive_nd(struct flow *flow, struct view v)
{
    if (v.size < 24) {
        return;
    }
    copy(flow->nd_target, v, 8, 16);
    bool source = false, target = false;
    v = behind(v, 24);
    for (int i = 0; i < 8; i++) {
        unsigned type = byte(v, 0), size = byte(v, 1) * 8;
        if (size == 0 || size > v.size) {
            return;
        }
        if (type == 1 && !source) {
            source = true;
            copy(flow->arp_sha, v, 2, 6);
        }
        if (type == 2 && !target) {
            target = true;
            copy(flow->arp_tha, v, 2, 6);
        }
        v = behind(v, size);
    }
}

/* 'v': from the L4 header to the datagram's end; 'whole': no fragment. */
static void naive_l4(struct packet *p, struct flow *flow, unsigned proto, struct view v,
                     unsigned version, bool whole)
{
    bool ports = proto == 6 || proto == 17 || proto == 132;
    bool icmp = (proto == 1 && version == 4) || (proto == 58 && version == 6);
    size_t need = proto == 6 ? 20 : proto == 132 ? 12 : proto == 58 ? 4 : 8;
    flow->nw_proto = proto;
    if (!ports && !icmp) {
        return;
    }
    if (v.size < need) {
        flow->nw_proto = whole ? 0 : proto;
        return;
    }
    p->l4_offset = v.data - p->data;
    if (proto == 6) {
        flow->tcp_flags = htons(pair(v, 12) % 4096);
    }
    if (!whole) {
        return;
    }
    if (ports) {
        flow->tp_src = htons(pair(v, 0));
        flow->tp_dst = htons(pair(v, 2));
    } else {
        flow->tp_src = htons(byte(v, 0));
        flow->tp_dst = htons(byte(v, 1));
    }
    if (proto == 58 && (byte(v, 0) == 135 || byte(v, 0) == 136)) {
        naive_nd(flow, v);
    }
}

static void naive_ipv4(struct packet *p, struct flow *flow, struct view v)
{
    size_t header = byte(v, 0) % 16 * 4;
    if (v.size < 20 || header < 20 || v.size < header) {
        return;
    }
    p->l3_offset = v.data - p->data;
    flow->nw_tos = byte(v, 1);
    flow->nw_ttl = byte(v, 8);
    copy(&flow->nw_src, v, 12, 4);
    copy(&flow->nw_dst, v, 16, 4);
    bool more = byte(v, 6) & 0x20;
    unsigned offset = pair(v, 6) % 8192;
    if (more || offset) {
        flow->nw_frag = FLOW_FRAG_ANY;
    }
    if (offset) {
        flow->nw_frag |= FLOW_FRAG_LATER;
        flow->nw_proto = byte(v, 9);
        return;
    }
    naive_l4(p, flow, byte(v, 9), behind(first(v, pair(v, 2)), header), 4, !more);
}

/* True if 'proto' is an extension header. */
static bool is_extension(unsigned proto)
{
    static const unsigned all[] = {0, 43, 44, 51, 60, 135, 139, 140};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (proto == all[i]) {
            return true;
        }
    }
    return false;
}

static void naive_ipv6(struct packet *p, struct flow *flow, struct view v)
{
    if (v.size < 40) {
        return;
    }
    p->l3_offset = v.data - p->data;
    flow->nw_tos = pair(v, 0) >> 4 & 0xff;
    flow->nw_ttl = byte(v, 7);
    flow->ipv6_label = htonl(byte(v, 1) % 16 << 16 | pair(v, 2));
    copy(flow->ipv6_src, v, 8, 16);
    copy(flow->ipv6_dst, v, 24, 16);

    unsigned next = byte(v, 6);
    v = first(behind(v, 40), pair(v, 4));
    for (int i = 0; is_extension(next); i++) {
        size_t size = next == 44 ? 8 : next == 51 ? byte(v, 1) * 4 + 8 : byte(v, 1) * 8 + 8;
        if (i == 8 || v.size < 8 || v.size < size) {
            flow->nw_proto = 0;
            return;
        }
        if (next == 44) {
            flow->nw_frag |= byte(v, 3) % 2 ? FLOW_FRAG_ANY : 0;
            if (pair(v, 2) >> 3) {
                flow->nw_frag |= FLOW_FRAG_ANY | FLOW_FRAG_LATER;
                flow->nw_proto = byte(v, 0);
                return;
            }
        }
        next = byte(v, 0);
        v = behind(v, size);
    }
    naive_l4(p, flow, next, v, 6, !flow->nw_frag);
}

/* True if a tag with something behind it stands at 'at' of 'v'. */
static bool is_tag(struct view v, size_t at)
{
    return v.size >= at + 6 && (pair(v, at) == 0x8100 || pair(v, at) == 0x88a8);
}

void naive_flow_extract(struct packet *p, struct flow *flow)
{
    struct view v = {p->data, p->size};
    memset(flow, 0, sizeof *flow);
    flow->in_port = p->in_port;
    p->l3_offset = p->l4_offset = UINT16_MAX;
    if (v.size < 14) {
        return;
    }
    copy(flow->dl_dst, v, 0, 6);
    copy(flow->dl_src, v, 6, 6);
    size_t at = 12;
    if (is_tag(v, 12)) {
        flow->vlan_tci = htons(pair(v, 14) | 0x1000);
        at = 16;
        if (is_tag(v, 16)) {
            flow->vlan_tci2 = htons(pair(v, 18) | 0x1000);
        }
    }
    unsigned type = pair(v, at);
    v = behind(v, at + 2);
    if (type < 0x600) {
        bool snap = v.size >= 8 && pair(v, 0) == 0xaaaa && byte(v, 2) == 3 && byte(v, 3) == 0
                    && pair(v, 4) == 0 && pair(v, 6) >= 0x600;
        type = snap ? pair(v, 6) : 0x05ff;
        v = behind(v, 8);
    }
    flow->dl_type = htons(type);
    if (type == 0x0800) {
        naive_ipv4(p, flow, v);
    } else if (type == 0x86dd) {
        naive_ipv6(p, flow, v);
    } else if (type == 0x0806 || type == 0x8035) {
        naive_arp(p, flow, v);
    }
}
