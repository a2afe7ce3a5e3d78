/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: hostile super-frames of tunnels, packed for the kernel and cut apart again. */
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/tunnel-bundle.h"
#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/packet/cutter.h"
#include "lib/packet/frame.h"
#include "lib/packet/offload.h"
#include "lib/packet/packet.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

/* An input is the kind of the super-frame, its segment size, where its checksum starts, and the
 * frame. What is packed and cut apart has to be what is cut without packing, but that an outer UDP
 * checksum of 0 may have come to be. */
enum {
    HEAD = 5,         /* Bytes in front of the frame. */
    FRAMES_MAX = 100, /* Frames that are compared. */
    N_LARGE = 4,      /* Large packets of the pool. */
};

const uint64_t fuzz_mutations = 20000;

/* Frames in order. */
struct frames {
    unsigned n;                     /* How many. */
    struct bytes frame[FRAMES_MAX]; /* Each. */
};

static void keep_frame(void *frames, struct packet *frame)
{
    struct frames *f = frames;
    if (f->n < FRAMES_MAX) {
        f->frame[f->n] = (struct bytes) BYTES_INIT;
        bytes_put(&f->frame[f->n++], frame->data, frame->size);
    }
}

static void frames_free(struct frames *f)
{
    for (unsigned i = 0; i < f->n; i++) {
        bytes_uninit(&f->frame[i]);
    }
}

/* Cuts the bundle apart, and notes where its outer UDP checksum is. */
static void cut_bundle(struct tunnel_bundle *b, void *scratch, struct frames *frames,
                       uint32_t *sum_at)
{
    *sum_at = b->header_size - 2;
    struct packet *bundle = tunnel_bundle_take(b);
    promise(offload_can_pass(bundle, OFFLOAD_ALL));
    promise(!offload_segment(bundle, scratch, keep_frame, frames));
    packet_pool_put(bundle);
}

/* Packs 'p' and cuts the bundles. False if it can't be packed. */
static bool pack_and_cut(const struct packet *p, struct packet_pool *pool, void *scratch,
                         struct frames *frames, uint32_t *sum_at)
{
    struct tunnel_bundle b = {.packet = NULL};
    struct cutter c;
    if (cutter_init(&c, p) || !tunnel_bundle_takes(&c)) {
        return false;
    }
    while (cutter_next_size(&c)) {
        if (!tunnel_bundle_add(&b, &c, pool)) {
            if (!b.packet) {
                return false;
            }
            cut_bundle(&b, scratch, frames, sum_at);
            promise(tunnel_bundle_add(&b, &c, pool));
        }
    }
    if (b.packet) {
        cut_bundle(&b, scratch, frames, sum_at);
    }
    return true;
}

static void check_equal(const struct frames *direct, const struct frames *again, uint32_t sum_at)
{
    promise(direct->n == again->n);
    for (unsigned i = 0; i < direct->n; i++) {
        const struct bytes *x = &direct->frame[i], *y = &again->frame[i];
        promise(x->size == y->size && x->size >= sum_at + 2);
        if (!get_be16(x->data + sum_at)) {
            memcpy(x->data + sum_at, y->data + sum_at, 2);
        }
        promise(!memcmp(x->data, y->data, x->size));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct packet_pool *pool;
    static void *scratch;
    pool = pool ? pool : packet_pool_create(N_LARGE, N_LARGE);
    scratch = scratch ? scratch : xmalloc(PACKET_LARGE);
    if (size < HEAD + 14 || size > UINT16_MAX) {
        return 0;
    }
    uint8_t *copy = xmemdup(data + HEAD, size - HEAD);
    struct packet p;
    packet_use(&p, copy, size - HEAD, copy, size - HEAD);
    p.offload = (struct packet_offload){
        .flags = PACKET_CSUM_PARTIAL, .gso = data[0] % 2 ? PACKET_GSO_TCP6 : PACKET_GSO_TCP4,
        .gso_size = get_be16(data + 1), .csum_start = get_be16(data + 3), .csum_offset = 16,
    };
    struct frames direct = {.n = 0}, again = {.n = 0};
    uint32_t sum_at = 0;
    if (p.offload.gso_size && pack_and_cut(&p, pool, scratch, &again, &sum_at)) {
        promise(!offload_segment(&p, scratch, keep_frame, &direct));
        check_equal(&direct, &again, sum_at);
    }
    promise(packet_pool_count(pool) == 2 * N_LARGE);
    frames_free(&direct);
    frames_free(&again);
    free(copy);
    return 0;
}

/* Tunnels: the outer frame up to the inner one. */
static const char *const tunnels[] = {
    "udp(192.168.0.1:40000 > 192.168.0.2:4789, data 0800000000000700",
    "udp(192.168.0.1:40000 > 192.168.0.2:4789, vlan 7, data 0800000000000700",
    "udp([fc00::1]:40000 > [fc00::2]:4789, data 0800000000000700",
    "udp(192.168.0.1:40000 > 192.168.0.2:6081, data 0000655800000700",
};

/* What they carry. */
static const char *const inner_frames[] = {
    "tcp(10.0.0.1:1 > 10.0.0.2:2, flags ack|psh, size 1500)",
    "tcp([fc00::3]:1 > [fc00::4]:2, flags ack, size 1500)",
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    struct bytes out = BYTES_INIT, inner = BYTES_INIT, text = BYTES_INIT;
    char *error = NULL;
    if (index >= ARRAY_SIZE(tunnels) * ARRAY_SIZE(inner_frames)) {
        return NULL;
    }
    size_t kind = index % ARRAY_SIZE(inner_frames);
    promise(!frame_build(inner_frames[kind], &inner, &error));
    bytes_printf(&text, "%s", tunnels[index / ARRAY_SIZE(inner_frames)]);
    for (size_t i = 0; i < inner.size; i++) {
        bytes_printf(&text, "%02x", inner.data[i]);
    }
    bytes_printf(&text, ")");
    bytes_put_zeros(&out, HEAD);
    promise(!frame_build(bytes_string(&text), &out, &error));
    out.data[0] = (uint8_t) kind;
    put_be16(out.data + 1, 200);
    put_be16(out.data + 3, (uint16_t) (out.size - HEAD - 1500 - 20));
    bytes_uninit(&inner);
    bytes_uninit(&text);
    *size = out.size;
    return bytes_steal(&out);
}
