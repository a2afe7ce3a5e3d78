/* SPDX-License-Identifier: Apache-2.0 */
/* Super-frames for the tests of offloads, and the judge of what they are cut into. */
#include "tests/packet/cutting.h"

#include "lib/packet/offload.h"
#include "lib/util.h"
#include "tests/packet/testing.h"

void tunnel_from(struct packet *p, const char *outer, const char *inner)
{
    struct bytes frame = BYTES_INIT, text = BYTES_INIT;
    frame_from(inner, &frame);
    bytes_printf(&text, "%s", outer);
    for (size_t i = 0; i < frame.size; i++) {
        bytes_printf(&text, "%02x", frame.data[i]);
    }
    bytes_printf(&text, ")");
    packet_from(p, bytes_string(&text));
    bytes_uninit(&frame);
    bytes_uninit(&text);
}

void unfinish(struct packet *p)
{
    struct oracle o;
    oracle_check(p->data, p->size, &o);
    size_t offset = o.proto == 6 ? 16 : 6, start = o.l4 - p->data;
    size_t l4_size = p->size - start;
    put_be16(p->data + start + offset, oracle_pseudo(o.ip, o.ipv6, o.proto, l4_size));
    p->offload = (struct packet_offload) {
        .flags = PACKET_CSUM_PARTIAL, .csum_start = start, .csum_offset = offset,
        .header_size = o.payload - p->data,
    };
}

void make_super(struct packet *p, uint16_t gso_size)
{
    struct oracle o;
    oracle_check(p->data, p->size, &o);
    unfinish(p);
    p->offload.gso = o.proto == 17 ? PACKET_GSO_UDP : o.ipv6 ? PACKET_GSO_TCP6 : PACKET_GSO_TCP4;
    p->offload.gso_size = gso_size;
}

void catch_frame(void *aux, struct packet *frame)
{
    struct catch *c = aux;
    struct oracle o;
    oracle_check(frame->data, frame->size, &o);
    c->size += frame->size;
    assert_int_equal(frame->offload.flags | frame->offload.gso, 0);
    assert_int_equal(packet_headroom(frame), PACKET_HEADROOM);
    assert_int_equal(o.n_ids, c->original.n_ids);
    assert_int_equal(o.n_udp_sums, c->original.n_udp_sums);
    for (unsigned i = 0; i < o.n_ids; i++) {
        assert_int_equal(o.ids[i], (uint16_t) (c->original.ids[i] + c->n));
    }
    for (unsigned i = 0; i < o.n_udp_sums; i++) {
        assert_int_equal(!o.udp_sums[i], !c->original.udp_sums[i]);
    }
    bool last = c->n == c->wanted - 1;
    assert_true(last ? o.payload_size <= c->gso_size : o.payload_size == c->gso_size);
    assert_memory_equal(o.l4, c->original.l4, 4); /* Ports. */
    if (o.proto == 6) {
        unsigned flags = o.l4[13], all = c->original.l4[13];
        uint32_t seq = get_be32(c->original.l4 + 4) + c->payload.size;
        assert_int_equal(get_be32(o.l4 + 4), seq);
        assert_int_equal(flags & 0x09, last ? all & 0x09 : 0);     /* FIN, PSH. */
        assert_int_equal(flags & 0x80, c->n == 0 ? all & 0x80 : 0); /* CWR. */
        assert_int_equal(flags & 0x76, all & 0x76);
    } else {
        assert_true(get_be16(o.l4 + 6) != 0);
    }
    bytes_put(&c->payload, o.payload, o.payload_size);
    c->last = *frame;
    c->n++;
}

void check_cut(struct packet *p, uint16_t gso_size)
{
    struct bytes original = BYTES_INIT;
    bytes_put(&original, p->data, p->size);
    struct catch c = {.payload = BYTES_INIT, .gso_size = gso_size};
    oracle_check(original.data, original.size, &c.original);
    c.wanted = DIV_ROUND_UP(c.original.payload_size, gso_size);

    make_super(p, gso_size);
    p->in_port = 11;
    p->hops = 2;
    uint8_t *before = xmemdup(p->data, p->size), *scratch = xmalloc(PACKET_LARGE);
    assert_int_equal(offload_segment(p, scratch, catch_frame, &c), 0);
    assert_memory_equal(p->data, before, p->size);
    assert_int_equal(c.n, c.wanted);
    assert_int_equal(offload_wire_size(p), c.size);
    assert_int_equal(c.payload.size, c.original.payload_size);
    assert_memory_equal(c.payload.data, c.original.payload, c.payload.size);
    assert_int_equal(c.last.in_port, 11);
    assert_int_equal(c.last.hops, 2);
    free(before);
    free(scratch);
    bytes_uninit(&original);
    bytes_uninit(&c.payload);
}
