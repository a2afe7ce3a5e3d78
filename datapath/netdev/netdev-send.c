/* SPDX-License-Identifier: Apache-2.0 */
/* The way out of every device: size check, finishing and cutting what it can't take, counting. */
#include <errno.h>

#include "datapath/netdev/netdev-provider.h"
#include "datapath/netdev/tunnel-bundle.h"
#include "lib/byte-order.h"
#include "lib/packet/cutter.h"
#include "lib/packet/fragment.h"
#include "lib/packet/headers.h"
#include "lib/packet/offload.h"
#include "lib/rcu.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Frames are collected in 'run' until it is full or the last packet has been seen, and handed to
 * the device together. A frame that the device can't take as it is is cut, and finished, into
 * packets of the thread's pool, which join the run. When the pool is exhausted the run is sent and
 * with that its copies come back; a piece that finds no room even then is built in the scratch
 * memory and sent alone. Order is kept always: whatever goes out goes through the run.
 *
 * The pieces of a tunnel over UDP go as bundles to devices that cut UDP; see tunnel-bundle.c. The
 * bundle that is being packed stands behind the run, and joins it before anything else does. */

/* Frames on their way out of one device, in one call. */
struct way_out {
    struct netdev *dev;                    /* Device. */
    struct netdev_thread *thread;          /* Sender. */
    struct netdev_counters *counters;      /* The sender's. */
    unsigned n;                            /* Frames in 'run'. */
    uint32_t copies;                       /* Bit i: run[i] is a copy of ours. */
    struct packet *run[PACKET_BATCH_MAX];  /* Frames that fit the device. */
    unsigned capabilities;                 /* OFFLOAD_* that the device takes. */
    struct tunnel_bundle bundle;           /* What stands behind the run. */
};

/* Bytes of the largest frame that 'p' stands for: a super-frame is as large as its pieces. */
static uint32_t frame_size(const struct packet *p)
{
    const struct packet_offload *o = &p->offload;
    return o->gso ? MIN(offload_header_size(p) + o->gso_size, p->size) : p->size;
}

/* True if 'p' is not longer than the MTU allows. The first tag does not count (IEEE 802.3, 3.2.7).
 * */
static bool size_fits(const struct netdev *dev, const struct packet *p)
{
    unsigned mtu = __atomic_load_n(&dev->mtu, __ATOMIC_RELAXED);
    uint32_t size = frame_size(p), max = mtu + sizeof(struct eth_header);
    if (LIKELY(!mtu || size <= max)) {
        return true;
    }
    bool tagged = p->size >= sizeof(struct eth_header)
                  && headers_is_tpid(get_be16(p->data + 2 * ETHER_ADDR_SIZE));
    return tagged && size <= max + sizeof(struct vlan_header);
}

static void way_out_cut(struct way_out *out, const struct packet *p);

/* Counts run[from] .. run[to - 1] as sent. */
static void count_sent(struct way_out *out, unsigned from, unsigned to)
{
    uint64_t bytes = 0;
    for (unsigned i = from; i < to; i++) {
        bytes += out->run[i]->size;
    }
    RCU_ADD(&out->counters->tx_packets, to - from);
    RCU_ADD(&out->counters->tx_bytes, bytes);
}

/* Hands run[from] and what follows to the device until all are sent or lost. Returns 'out->n'; or
 * the index of a super-frame that the device refused, to be cut. */
static unsigned run_send(struct way_out *out, unsigned from)
{
    while (from < out->n) {
        int error = 0;
        unsigned sent = out->dev->class->send(out->dev, out->thread, out->run + from,
                                              out->n - from, &error);
        count_sent(out, from, from + sent);
        from += sent;
        if (from >= out->n) {
            break;
        } else if (error == EINVAL && out->run[from]->offload.gso) {
            return from;
        } else if (error == ENOBUFS) {
            RCU_ADD(&out->counters->tx_dropped, 1);
        } else if (error == EMSGSIZE || error == EINVAL) {
            RCU_ADD(&out->counters->tx_errors, 1);
        } else {
            RCU_ADD(&out->counters->tx_dropped, out->n - from);
            break;
        }
        from++;
    }
    return out->n;
}

/* Sends the run and empties it. */
static void way_out_flush(struct way_out *out)
{
    for (unsigned from = 0; from < out->n; from++) {
        from = run_send(out, from);
        if (from < out->n) {
            struct way_out pieces = {.dev = out->dev, .thread = out->thread,
                                     .counters = out->counters};
            way_out_cut(&pieces, out->run[from]);
            way_out_flush(&pieces);
        }
    }
    for (; out->copies; out->copies &= out->copies - 1) {
        packet_pool_put(out->run[__builtin_ctz(out->copies)]);
    }
    out->n = 0;
}

/* Adds 'p' to the run, as a copy of ours if 'copy'. */
static void way_out_add(struct way_out *out, struct packet *p, bool copy)
{
    out->copies |= (uint32_t) copy << out->n;
    out->run[out->n++] = p;
    if (out->n == PACKET_BATCH_MAX) {
        way_out_flush(out);
    }
}

/* Adds the bundle to the run if there is one. */
static void way_out_close_bundle(struct way_out *out)
{
    if (out->bundle.packet) {
        way_out_add(out, tunnel_bundle_take(&out->bundle), true);
    }
}

/* Returns a packet for a frame of 'size' bytes, for way_out_add_built(): one of the pool, if need
 * be after sending the run, or 'lone' in the scratch memory. */
static struct packet *way_out_room(struct way_out *out, size_t size, struct packet *lone)
{
    struct netdev_thread *thread = out->thread;
    struct packet *p = packet_pool_get(thread->pool, size);
    if (!p) {
        way_out_flush(out);
        p = packet_pool_get(thread->pool, size);
    }
    if (!p) {
        p = lone;
        packet_use(p, thread->scratch, PACKET_LARGE,
                   (uint8_t *) thread->scratch + PACKET_HEADROOM, 0);
    }
    return p;
}

/* Adds 'p' of way_out_room() to the run. */
static void way_out_add_built(struct way_out *out, struct packet *p)
{
    bool lone = !p->pool;
    way_out_add(out, p, !lone);
    if (lone) {
        way_out_flush(out);
    }
}

/* Packs the next frame of 'c' into the bundle. Returns false if it can't be. */
static bool way_out_pack(struct way_out *out, struct cutter *c)
{
    struct packet_pool *pool = out->thread->pool;
    if (LIKELY(tunnel_bundle_add(&out->bundle, c, pool))) {
        return true;
    } else if (!out->bundle.packet) {
        return false;
    }
    way_out_close_bundle(out);
    return tunnel_bundle_add(&out->bundle, c, pool);
}

/* Adds what the super-frame 'p' is made of to the run. */
static void way_out_cut(struct way_out *out, const struct packet *p)
{
    struct cutter c;
    if (cutter_init(&c, p)) {
        RCU_ADD(&out->counters->tx_errors, 1);
        return;
    }
    bool packs = out->capabilities & OFFLOAD_USO && tunnel_bundle_takes(&c);
    while (cutter_next_size(&c)) {
        if (!packs || !way_out_pack(out, &c)) {
            struct packet lone;
            way_out_close_bundle(out);
            struct packet *frame = way_out_room(out, cutter_next_size(&c), &lone);
            cutter_next(&c, frame);
            way_out_add_built(out, frame);
        }
    }
}

/* Adds a copy of the ordinary frame 'p' with its checksum finished to the run. */
static void way_out_finish(struct way_out *out, const struct packet *p)
{
    struct packet lone;
    if (p->size > PACKET_LARGE - PACKET_HEADROOM) {
        RCU_ADD(&out->counters->tx_errors, 1);
        return;
    }
    way_out_close_bundle(out);
    struct packet *frame = way_out_room(out, p->size, &lone);
    packet_copy_frame(frame, p);
    offload_finish_checksum(frame);
    way_out_add_built(out, frame);
}

/* Adds 'p', which fits the MTU, to the run, with what is to be done first. */
static void way_out_put(struct way_out *out, struct packet *p)
{
    if (LIKELY(offload_can_pass(p, out->capabilities))) {
        way_out_close_bundle(out);
        way_out_add(out, p, false);
    } else if (p->offload.gso) {
        way_out_cut(out, p);
    } else {
        way_out_finish(out, p);
    }
}

/* Adds the fragments of 'p', which is too long, to the run if it may be sent so. */
static void way_out_fragment(struct way_out *out, const struct packet *p)
{
    unsigned mtu = __atomic_load_n(&out->dev->mtu, __ATOMIC_RELAXED);
    struct fragment_cut c;
    if (!(p->offload.flags & PACKET_FRAGMENTS) || fragment_init(&c, p, mtu)) {
        RCU_ADD(&out->counters->tx_errors, 1);
        return;
    }
    way_out_close_bundle(out);
    while (fragment_next_size(&c)) {
        struct packet lone;
        struct packet *frame = way_out_room(out, fragment_next_size(&c), &lone);
        fragment_next(&c, frame);
        way_out_add_built(out, frame);
    }
}

void netdev_send(struct netdev *dev, struct netdev_thread *thread, struct packet *const packets[],
                 unsigned n)
{
    struct way_out out = {.dev = dev, .thread = thread, .counters = &dev->counters[thread->id]};
    out.capabilities = __atomic_load_n(&dev->capabilities, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < n; i++) {
        struct packet *p = packets[i];
        if (UNLIKELY(!size_fits(dev, p))) {
            way_out_fragment(&out, p);
        } else {
            way_out_put(&out, p);
        }
    }
    way_out_close_bundle(&out);
    way_out_flush(&out);
}
