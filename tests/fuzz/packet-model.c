/* SPDX-License-Identifier: Apache-2.0 */
/* What actions make of a frame, written without lib/packet: slowly and plainly. */
#include "tests/fuzz/packet-model.h"

#include <string.h>

#include "lib/util.h"

/* Theory
 * ======
 *
 * A change must keep a checksum as right or as wrong as it was: the difference between the sum that
 * is stored and the sum of the bytes does not change.  So the model sums all bytes up before and
 * after, where the switch only looks at the field.  Sums are numbers modulo 65535. */

enum { TCP = 6, UDP = 17, SCTP = 132, FRAGMENT = 44, EXT_MAX = 8 };

/* Where things are in a frame; 0: not there. */
struct view {
    size_t ip;     /* IP header. */
    unsigned v;    /* 4, 6 or 0. */
    size_t end;    /* End of the datagram. */
    size_t l4;     /* Header of TCP, UDP or SCTP, whole. */
    unsigned next; /* IP protocol. */
    bool fragment; /* Of a datagram. */
    size_t sum;    /* Checksum of TCP or UDP. */
};

static unsigned load16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static void store16(uint8_t *p, unsigned x)
{
    p[0] = (uint8_t) (x >> 8);
    p[1] = (uint8_t) x;
}

static bool is_tag(unsigned type)
{
    return type == 0x8100 || type == 0x88a8;
}

/* Sum of the words of 'size' bytes, modulo 65535. */
static unsigned sum_of(const uint8_t *p, size_t size)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum += i & 1 ? p[i] : (unsigned) p[i] << 8;
    }
    return sum % 65535;
}

/* The CRC of SCTP, bit by bit. */
static uint32_t crc_of(const uint8_t *p, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size * 8; i++) {
        crc ^= p[i / 8] >> i % 8 & 1;
        crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

/* Finds what stands behind IPv6 and its extensions. */
static void view_ipv6(struct view *v, const uint8_t *d, size_t size)
{
    size_t at = v->ip + 40, payload = load16(d + v->ip + 4);
    v->end = MIN(at + payload, size);
    v->next = d[v->ip + 6];
    for (int i = 0; strchr("\x2b\x2c\x33\x3c\x87\x8b\x8c", (int) v->next); i++) {
        unsigned units = v->next == FRAGMENT ? 0 : v->next == 51 ? 4 : 8;
        size_t step = 8 + units * (at + 8 > v->end ? 0 : d[at + 1]);
        if (i == EXT_MAX || at + step > v->end) {
            v->next = 255;
            return;
        }
        unsigned where = v->next == FRAGMENT ? load16(d + at + 2) : 0;
        v->fragment |= (where & 0xfff9) != 0;
        v->next = d[at];
        at += step;
        if (where & 0xfff8) {
            v->next = 255;
            return;
        }
    }
    v->l4 = at;
}

/* Finds what stands behind IPv4. */
static void view_ipv4(struct view *v, const uint8_t *d, size_t size)
{
    size_t header = (d[v->ip] & 15) * 4u, total = load16(d + v->ip + 2);
    unsigned where = load16(d + v->ip + 6);
    if (header < 20 || v->ip + header > size) {
        v->v = 0;
        return;
    }
    v->end = MIN(v->ip + MAX(total, header), size);
    v->fragment = where & 0x3fff;
    v->next = where & 0x1fff ? 255 : d[v->ip + 9];
    v->l4 = v->ip + header;
}

/* Drops from '*v' an L4 header that is not one of ours, or not whole. */
static void view_l4(struct view *v)
{
    size_t min = v->next == TCP ? 20 : v->next == UDP ? 8 : v->next == SCTP ? 12 : SIZE_MAX;
    if (!v->l4 || v->end < v->l4 || v->end - v->l4 < min) {
        v->l4 = 0;
    } else if (v->next != SCTP) {
        v->sum = v->l4 + (v->next == TCP ? 16 : 6);
    }
}

/* Looks at the frame of 'size' bytes at 'd'. */
static void view(struct view *v, const uint8_t *d, size_t size)
{
    size_t at = 12;
    *v = (struct view) {.v = 0};
    if (is_tag(load16(d + at)) && size >= 18) {
        at = 16;
    }
    unsigned type = load16(d + at);
    at += 2;
    if (type < 0x600) {
        if (size - at < 8 || memcmp(d + at, "\xaa\xaa\x03\0\0\0", 6)) {
            return;
        }
        type = load16(d + at + 6);
        at += 8;
    }
    v->ip = at;
    if (type == 0x0800 && size - at >= 20) {
        v->v = 4;
        view_ipv4(v, d, size);
    } else if (type == 0x86dd && size - at >= 40) {
        v->v = 6;
        view_ipv6(v, d, size);
    }
    view_l4(v);
}

/* Sum of the pseudo header. */
static unsigned pseudo(const struct view *v, const uint8_t *d)
{
    size_t size = v->end - v->l4;
    unsigned addresses = v->v == 4 ? sum_of(d + v->ip + 12, 8) : sum_of(d + v->ip + 8, 32);
    return (unsigned) ((addresses + size + v->next) % 65535);
}

/* Sum that the checksum of TCP or UDP covers, itself included. */
static unsigned l4_sum(const struct view *v, const uint8_t *d)
{
    return (pseudo(v, d) + sum_of(d + v->l4, v->end - v->l4)) % 65535;
}

/* Makes the checksum at 'p' less by 'by'. */
static void lessen(uint8_t *p, unsigned by)
{
    unsigned sum = (load16(p) + 2 * 65535 - by) % 65535;
    store16(p, sum ? sum : 65535);
}

/* Copies 'size' bytes of 'from' to 'to' in 'm' and mends the checksums that 'v' tells of. */
static void change(struct model *m, const struct view *v, size_t to, const void *from, size_t size)
{
    uint8_t *d = m->data;
    bool has_sum = v->sum && (v->next == TCP || load16(d + v->sum));
    bool has_crc = v->l4 && v->next == SCTP && to >= v->l4;
    unsigned ip_before = sum_of(d + v->ip, 20), l4_before = has_sum ? l4_sum(v, d) : 0;
    uint32_t crc = has_crc ? crc_of(d + v->l4, v->end - v->l4) : 0;
    memcpy(d + to, from, size);
    if (v->v == 4 && to < v->ip + 20) {
        lessen(d + v->ip + 10, (sum_of(d + v->ip, 20) + 65535 - ip_before) % 65535);
    }
    if (has_sum) {
        unsigned by = (l4_sum(v, d) + 65535 - l4_before) % 65535;
        if (by) {
            lessen(d + v->sum, by);
        }
    }
    if (has_crc) {
        crc ^= crc_of(d + v->l4, v->end - v->l4);
        for (int i = 0; i < 4; i++) {
            d[v->l4 + 8 + i] ^= (uint8_t) (crc >> 8 * i);
        }
    }
}

bool model_can_finish(const uint8_t *data, size_t size, const struct vnet_header *vnet)
{
    struct view v;
    view(&v, data, size);
    return vnet->csum_offset != 8 || v.end == size;
}

void model_init(struct model *m, const uint8_t *data, size_t size, const struct vnet_header *vnet)
{
    size_t start = vnet->csum_start, at = start + vnet->csum_offset;
    memcpy(m->data, data, size);
    m->size = size;
    if (!(vnet->flags & 1)) {
        return;
    } else if (vnet->csum_offset != 8) {
        unsigned sum = 65535 - sum_of(data + start, size - start);
        store16(m->data + at, sum);
    } else if (size - start >= 12) {
        memset(m->data + at, 0, 4);
        uint32_t crc = crc_of(m->data + start, size - start);
        for (int i = 0; i < 4; i++) {
            m->data[at + i] = (uint8_t) (crc >> 8 * i);
        }
    }
}

void model_set_vlan(struct model *m, uint16_t mask, uint16_t value)
{
    if (m->size >= 18 && is_tag(load16(m->data + 12))) {
        store16(m->data + 14, (load16(m->data + 14) & ~(unsigned) mask) | value);
    } else {
        memmove(m->data + 16, m->data + 12, m->size - 12);
        store16(m->data + 12, 0x8100);
        store16(m->data + 14, value);
        m->size += 4;
    }
}

void model_strip_vlan(struct model *m)
{
    if (m->size >= 18 && is_tag(load16(m->data + 12))) {
        m->size -= 4;
        memmove(m->data + 12, m->data + 16, m->size - 12);
    }
}

void model_set_nw(struct model *m, size_t offset, uint32_t ip)
{
    struct view v;
    uint8_t bytes[4] = {(uint8_t) (ip >> 24), (uint8_t) (ip >> 16), (uint8_t) (ip >> 8),
                        (uint8_t) ip};
    view(&v, m->data, m->size);
    if (v.v == 4) {
        change(m, &v, v.ip + offset, bytes, 4);
    }
}

void model_set_tos(struct model *m, uint8_t tos)
{
    struct view v;
    view(&v, m->data, m->size);
    uint8_t *ip = m->data + v.ip;
    if (v.v == 4) {
        uint8_t byte = (uint8_t) (tos | (ip[1] & 3));
        change(m, &v, v.ip + 1, &byte, 1);
    } else if (v.v == 6) {
        ip[0] = (uint8_t) ((ip[0] & 0xf0) | tos >> 4);
        ip[1] = (uint8_t) ((tos << 4 & 0xc0) | (ip[1] & 0x3f));
    }
}

void model_set_tp(struct model *m, size_t offset, uint16_t port)
{
    struct view v;
    uint8_t bytes[2] = {(uint8_t) (port >> 8), (uint8_t) port};
    view(&v, m->data, m->size);
    if (v.l4 && !(v.next == SCTP && v.fragment)) {
        change(m, &v, v.l4 + offset, bytes, 2);
    }
}

/* Makes the checksum at 'p' the same for both zeros. */
static void unite_zeros(uint8_t *p)
{
    if (load16(p) == 65535) {
        store16(p, 0);
    }
}

bool model_equal(const struct bytes *expected, const uint8_t *data, size_t size)
{
    static uint8_t a[MODEL_FRAME_MAX + MODEL_ROOM], b[sizeof a];
    struct view v;
    if (expected->size != size) {
        return false;
    }
    memcpy(a, expected->data, size);
    memcpy(b, data, size);
    view(&v, a, size);
    if (v.v == 4) {
        unite_zeros(a + v.ip + 10);
        unite_zeros(b + v.ip + 10);
    }
    if (v.sum && v.next == TCP) {
        unite_zeros(a + v.sum);
        unite_zeros(b + v.sum);
    }
    return !memcmp(a, b, size);
}

bool model_has_headers(const struct bytes *expected, const uint8_t *data, size_t size)
{
    uint8_t head[MODEL_FRAME_MAX + MODEL_ROOM];
    struct view v;
    view(&v, expected->data, expected->size);
    size_t end = v.l4 + 4;
    if (!v.l4 || size < end) {
        return false;
    }
    memcpy(head, expected->data, end);
    if (v.v == 4) {
        memcpy(head + v.ip + 2, data + v.ip + 2, 4);
        memcpy(head + v.ip + 10, data + v.ip + 10, 2);
    } else {
        memcpy(head + v.ip + 4, data + v.ip + 4, 2);
    }
    return !memcmp(head, data, end);
}

bool model_is_right(const uint8_t *data, size_t size)
{
    struct view v;
    view(&v, data, size);
    bool right = !v.v || v.end == size;
    right &= v.v != 4 || !sum_of(data + v.ip, (data[v.ip] & 15) * 4u);
    if (v.sum && !v.fragment && (v.next == TCP || load16(data + v.sum))) {
        right &= !l4_sum(&v, data);
    }
    return right;
}

size_t model_l4(const uint8_t *data, size_t size)
{
    struct view v;
    view(&v, data, size);
    return v.sum ? v.l4 : 0;
}

size_t model_payload(const uint8_t *data, size_t size)
{
    struct view v;
    view(&v, data, size);
    return !v.sum ? 0 : size - v.l4 - (v.next == TCP ? (data[v.l4 + 12] >> 4) * 4u : 8);
}

unsigned model_ip_version(const uint8_t *data, size_t size)
{
    struct view v;
    view(&v, data, size);
    return v.v;
}
