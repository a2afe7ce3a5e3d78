/* SPDX-License-Identifier: Apache-2.0 */
/* Judging a frame header by header, with a checksum word by word. */
#include "tests/packet/oracle.h"

#include "tests/packet/testing.h"

/* The two bytes at 'p', in host order. */
static unsigned pair(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

uint16_t oracle_sum(uint32_t sum, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        sum += i % 2 ? data[i] : data[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

uint16_t oracle_pseudo(const uint8_t *ip, bool ipv6, unsigned proto, size_t l4_size)
{
    uint8_t end[8] = {l4_size >> 24, l4_size >> 16, l4_size >> 8, l4_size, 0, 0, 0, proto};
    uint16_t sum = ipv6 ? oracle_sum(0, ip + 8, 32) : oracle_sum(0, ip + 12, 8);
    return oracle_sum(sum, end, sizeof end);
}

static void check_l3(const uint8_t *ip, size_t size, unsigned type, struct oracle *o);

static void check_ethernet(const uint8_t *eth, size_t size, struct oracle *o)
{
    assert_true(size >= 14);
    size_t at = 12;
    while (pair(eth + at) == 0x8100 || pair(eth + at) == 0x88a8) {
        at += 4;
        assert_true(size >= at + 2);
    }
    check_l3(eth + at + 2, size - at - 2, pair(eth + at), o);
}

/* Fails unless the checksum of the L4 header is right. */
static void check_sum(const uint8_t *ip, bool ipv6, unsigned proto, const uint8_t *l4, size_t size)
{
    uint16_t pseudo = oracle_pseudo(ip, ipv6, proto, size);
    assert_int_equal(oracle_sum(pseudo, l4, size), 0xffff);
}

static void check_tunnel(const uint8_t *l4, size_t size, unsigned proto, struct oracle *o)
{
    if (proto == 17 && pair(l4 + 2) == 4789) {
        o->udp_sums[o->n_udp_sums++] = pair(l4 + 6);
        check_ethernet(l4 + 16, size - 16, o);
    } else if (proto == 17 && pair(l4 + 2) == 6081) {
        size_t options = l4[8] % 64 * 4;
        o->udp_sums[o->n_udp_sums++] = pair(l4 + 6);
        check_ethernet(l4 + 16 + options, size - 16 - options, o);
    } else if (proto == 47) {
        size_t header = 4 + (l4[0] & 0x80 ? 4 : 0) + (l4[0] & 0x20 ? 4 : 0);
        if (l4[0] & 0x80) {
            assert_int_equal(oracle_sum(0, l4, size), 0xffff);
        }
        if (pair(l4 + 2) == 0x6558) {
            check_ethernet(l4 + header, size - header, o);
        } else {
            check_l3(l4 + header, size - header, pair(l4 + 2), o);
        }
    } else if (proto == 4 || proto == 41) {
        check_l3(l4, size, proto == 4 ? 0x0800 : 0x86dd, o);
    }
}

static void check_l3(const uint8_t *ip, size_t size, unsigned type, struct oracle *o)
{
    assert_true(type == 0x0800 || type == 0x86dd);
    bool ipv6 = type == 0x86dd;
    size_t header = ipv6 ? 40 : ip[0] % 16 * 4;
    unsigned proto = ipv6 ? ip[6] : ip[9];
    assert_true(size >= header);
    if (ipv6) {
        assert_int_equal(pair(ip + 4) + 40, size);
    } else {
        assert_int_equal(pair(ip + 2), size);
        assert_int_equal(oracle_sum(0, ip, header), 0xffff);
        o->ids[o->n_ids++] = pair(ip + 4);
    }
    const uint8_t *l4 = ip + header;
    size -= header;
    *o = (struct oracle) {
        .ip = ip, .l4 = l4, .proto = proto, .ipv6 = ipv6, .n_ids = o->n_ids,
        .n_udp_sums = o->n_udp_sums, .ids = {o->ids[0], o->ids[1], o->ids[2]},
        .udp_sums = {o->udp_sums[0], o->udp_sums[1]},
    };
    if (proto == 6) {
        size_t tcp = (l4[12] >> 4) * 4;
        check_sum(ip, ipv6, proto, l4, size);
        o->payload = l4 + tcp;
        o->payload_size = size - tcp;
    } else if (proto == 17) {
        assert_int_equal(pair(l4 + 4), size);
        if (pair(l4 + 6)) {
            check_sum(ip, ipv6, proto, l4, size);
        }
        o->payload = l4 + 8;
        o->payload_size = size - 8;
    }
    check_tunnel(l4, size, proto, o);
}

void oracle_check(const uint8_t *frame, size_t size, struct oracle *o)
{
    *o = (struct oracle) {.n_ids = 0};
    check_ethernet(frame, size, o);
}
