/* SPDX-License-Identifier: Apache-2.0 */
/* The way out of every device: size check, finishing and cutting what it can't take, counting. */
#include <errno.h>
#include <string.h>

#include "datapath/netdev/netdev-provider.h"
#include "datapath/netdev/tunnel-bundle.h"
#include "lib/byte-order.h"
#include "lib/packet/headers.h"
#include "lib/packet/offload.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Frames are collected in 'run' until it is full or the last packet has been seen, and handed to
 * the device together. A frame that the device can't take as it is is cut by offload_segment(),
 * which builds one piece after the other in the same memory; so each piece is copied into the
 * thread's pool before it joins the run. A copy costs a tenth of the system call that it saves.
 * When the pool is exhausted the run is sent and with that its copies come back; a piece that finds
 * no copy even then is sent alone. Order is kept always: whatever goes out goes through the run.
 *
 * The pieces of a tunnel over UDP go as bundles to devices that cut UDP; see tunnel-bundle.c. */

/* Frames on their way out of one device, in one call. */
struct way_out {
    struct netdev *dev;                    /* Device. */
    struct netdev_thread *thread;          /* Sender. */
    struct netdev_counters *counters;      /* The sender's. */
    unsigned n;                            /* Frames in 'run'. */
    uint32_t copies;                       /* Bit i: run[i] is a copy of ours. */
    struct packet *run[PACKET_BATCH_MAX];  /* Frames that fit the device. */
    unsigned capabilities;                 /* OFFLOAD_* that the device takes. */
    unsigned n_cuts;                       /* Times that a flush has used the scratch memory. */
    struct tunnel_bundle bundle;           /* What stands behind the run, of the present packet. */
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
    bool tagged = p->size >= 14 && headers_is_tpid(get_be16(p->data + 12));
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
    netdev_count(&out->counters->tx_packets, to - from);
    netdev_count(&out->counters->tx_bytes, bytes);
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
            netdev_count(&out->counters->tx_dropped, 1);
        } else if (error == EMSGSIZE || error == EINVAL) {
            netdev_count(&out->counters->tx_errors, 1);
        } else {
            netdev_count(&out->counters->tx_dropped, out->n - from);
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
            out->n_cuts++;
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

/* Takes one finished frame from offload_segment(). */
static void way_out_emit(void *out_, struct packet *frame)
{
    struct way_out *out = out_;
    unsigned n_cuts = out->n_cuts;
    struct packet *copy = packet_copy(out->thread->pool, frame);
    if (!copy) {
        way_out_flush(out);
        if (UNLIKELY(out->n_cuts != n_cuts)) {
            /* The memory that 'frame' was built in has other content now. */
            netdev_count(&out->counters->tx_dropped, 1);
            return;
        }
        copy = packet_copy(out->thread->pool, frame);
    }
    if (copy) {
        way_out_add(out, copy, true);
    } else {
        way_out_add(out, frame, false);
        way_out_flush(out);
    }
}

/* Adds 'bundle' to the run unless it is NULL. */
static void way_out_add_bundle(struct way_out *out, struct packet *bundle)
{
    if (bundle) {
        way_out_add(out, bundle, true);
    }
}

/* Takes one finished frame of a tunnel over UDP from offload_segment(). */
static void way_out_pack(void *out_, struct packet *frame)
{
    struct way_out *out = out_;
    struct packet_pool *pool = out->thread->pool;
    if (LIKELY(tunnel_bundle_add(&out->bundle, frame, pool))) {
        return;
    }
    unsigned n_cuts = out->n_cuts;
    struct packet *full = tunnel_bundle_take(&out->bundle);
    bool added = full && tunnel_bundle_add(&out->bundle, frame, pool);
    way_out_add_bundle(out, full);
    if (!added && out->n_cuts == n_cuts) {
        way_out_emit(out, frame);
    } else if (!added) {
        netdev_count(&out->counters->tx_dropped, 1);
    }
}

/* Adds what 'p' is made of to the run, cut and finished. */
static void way_out_cut(struct way_out *out, const struct packet *p)
{
    bool packs = out->capabilities & OFFLOAD_USO && tunnel_bundle_init(&out->bundle, p);
    if (offload_segment(p, out->thread->scratch, packs ? way_out_pack : way_out_emit, out)) {
        netdev_count(&out->counters->tx_errors, 1);
    }
    if (packs) {
        way_out_add_bundle(out, tunnel_bundle_take(&out->bundle));
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
            netdev_count(&out.counters->tx_errors, 1);
        } else if (LIKELY(offload_can_pass(p, out.capabilities))) {
            way_out_add(&out, p, false);
        } else {
            way_out_cut(&out, p);
        }
    }
    way_out_flush(&out);
}
