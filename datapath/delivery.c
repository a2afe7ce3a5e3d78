/* SPDX-License-Identifier: Apache-2.0 */
/* What threads bring up in their rings, handed to the owners of the bridges that it is about. */
#include "datapath/delivery.h"

#include <assert.h>

#include "datapath/datapath-private.h"
#include "datapath/pipeline.h"
#include "datapath/port.h"
#include "datapath/upcall.h"
#include "datapath/workers-private.h"
#include "lib/packet/offload.h"

enum {
    UPCALLS_A_RUN = 256,  /* Frames taken from the rings in one delivery_run(). */
    LEARNS_A_RUN = 128,   /* Learnt rules, and packets that wait for them, taken likewise. */
    UPCALLS_A_TURN = 32,  /* Frames taken from one ring before the next ring's turn. */
};

/* The bridge with 'id', or NULL. */
static struct datapath *find_datapath(const struct workers *w, uint64_t id)
{
    struct datapath *dp;
    LIST_FOR_EACH (dp, in_workers, &w->datapaths) {
        if (dp->id == id) {
            return dp;
        }
    }
    return NULL;
}

/* A record on its way to the owner of its bridge. */
struct delivery {
    struct datapath *dp;           /* Bridge. */
    struct datapath_upcall upcall; /* What is told. */
    int64_t now;                   /* Time. */
    unsigned n;                    /* Frames so far. */
};

/* Hands one real frame of the record to the owner. */
static void deliver_frame(void *delivery, struct packet *frame)
{
    struct delivery *d = delivery;
    d->upcall.packet = frame;
    d->n++;
    d->dp->upcalls.packet(d->dp->aux, &d->upcall, d->now);
}

/* Sends what was to be sent when all that came before it in the lane had been done. */
static unsigned deliver_output(struct workers *w, struct datapath *dp,
                               const struct upcall_record *r, int64_t now UNUSED)
{
    struct packet p;
    struct flow flow;
    uint8_t *frame = (uint8_t *) (uintptr_t) r->frame;
    struct port *port = port_map_get(&dp->ports, r->out_port);
    packet_use(&p, frame, r->frame_size, frame, r->frame_size);
    flow_extract(&p, &flow); /* For the offsets, which cutting it into fragments needs. */
    p.offload = r->offload;
    p.captured = r->captured;
    p.hops = r->hops;
    if (port && port->id == r->port) {
        pipeline_output(&w->workers[0].fw, port, &p, r->queue);
    } else {
        datapath_drop(dp, 0, DROP_NO_PORT, 1);
    }
    return 1;
}

/* Tells the owner of bridge 'dp' of the rule whose connection ends, if it is still that one. */
static unsigned deliver_fin(struct workers *w UNUSED, struct datapath *dp,
                            const struct upcall_record *r, int64_t now)
{
    const struct rule_key *key = (const void *) r->frame;
    struct rule *rule = tables_find(dp->tables, (uint8_t) key->table_id, &key->match,
                                    key->precedence);
    if (rule && rule_has_fin(rule)) {
        dp->upcalls.connection_ended(dp->aux, rule, now);
    }
    return 1;
}

/* Hands what is learnt to the owner of bridge 'dp'. */
static unsigned deliver_learnt(struct workers *w UNUSED, struct datapath *dp,
                               const struct upcall_record *r, int64_t now)
{
    dp->upcalls.learn(dp->aux, (const void *) r->frame, now);
    return 1;
}

/* Hands the frames of record 'r' to the owner of bridge 'dp'. Returns how many there were. */
static unsigned deliver_frames(struct workers *w, struct datapath *dp,
                               const struct upcall_record *r, int64_t now)
{
    struct delivery d = {
        .dp = dp,
        .upcall = {
            .reason = r->reason,
            .packet_in_reason = r->packet_in_reason,
            .in_port = r->in_port,
            .max_len = r->max_len,
            .controller_id = r->controller_id,
            .cookie = r->cookie,
            .table_id = r->table_id,
            .metadata = upcall_metadata(r),
        },
        .now = now,
    };
    struct packet p;
    uint8_t *frame = (uint8_t *) (uintptr_t) r->frame;
    packet_use(&p, frame, r->frame_size, frame, r->frame_size);
    p.in_port = r->in_port;
    p.offload = r->offload;
    if (offload_segment(&p, w->scratch, deliver_frame, &d)) {
        datapath_drop(dp, 0, DROP_DAMAGED, 1);
    }
    return d.n;
}

/* Hands record 'r' of each reason to the owner of bridge 'dp'. Returns for how many frames it
 * counts. */
static unsigned (*const deliver[])(struct workers *w, struct datapath *dp,
                                   const struct upcall_record *r, int64_t now) = {
    [UPCALL_MISS] = deliver_frames,
    [UPCALL_ACTION] = deliver_frames,
    [UPCALL_PROTOCOL] = deliver_frames,
    [UPCALL_LEARN] = deliver_learnt,
    [UPCALL_FIN] = deliver_fin,
    [UPCALL_OUTPUT] = deliver_output,
};
static_assert(ARRAY_SIZE(deliver) == N_UPCALL_REASONS, "every reason has its way");

/* Counts that record 'r' of thread 'i' is done with, in the share that it was part of. */
static void give_back(struct workers *w, unsigned i, const struct datapath *dp,
                      const struct upcall_record *r)
{
    if (r->reason == UPCALL_OUTPUT) {
        upcall_quota_take(&w->workers[i].fw.deferred, r);
        return;
    }
    struct port *port = dp && r->port ? port_map_get(&dp->ports, r->in_port) : NULL;
    if (port && port->id == r->port) {
        upcall_quota_take(&port->threads[i].quota, r);
    }
}

/* Handles records of 'lane' in the ring of thread 'i' until they have made up for 'budget' frames,
 * the last one perhaps for more. Returns for how many. */
static unsigned run_ring(struct workers *w, unsigned i, enum upcall_lane lane, unsigned budget,
                         int64_t now)
{
    struct upcall_ring *ring = w->workers[i].fw.upcalls;
    const struct upcall_record *r;
    unsigned n = 0;
    while (n < budget && (r = upcall_ring_peek(ring, lane))) {
        struct datapath *dp = find_datapath(w, r->datapath);
        give_back(w, i, dp, r);
        n += dp ? MAX(deliver[r->reason](w, dp, r, now), 1U) : 1;
        upcall_ring_pop(ring, lane);
    }
    return n;
}

/* Handles frames of 'lane' in all rings in turn, as long as '*budget', counted down, lasts. */
static void run_lane(struct workers *w, enum upcall_lane lane, unsigned *budget, int64_t now)
{
    unsigned idle = 0;
    while (*budget && idle < workers_n_threads(w)) {
        unsigned n = run_ring(w, w->next_ring, lane, MIN(*budget, (unsigned) UPCALLS_A_TURN), now);
        w->next_ring = (w->next_ring + 1) % workers_n_threads(w);
        idle = n ? 0 : idle + 1;
        *budget -= MIN(*budget, n);
    }
}

bool delivery_run(struct workers *w, int64_t now)
{
    unsigned budget = UPCALLS_A_RUN, learns = LEARNS_A_RUN;
    for (int lane = 0; lane < N_UPCALL_LANES; lane++) {
        run_lane(w, lane, lane == UPCALL_LANE_LEARN ? &learns : &budget, now);
    }
    return !budget || !learns;
}

bool delivery_is_due(const struct workers *w)
{
    for (unsigned i = 0; i < workers_n_threads(w); i++) {
        if (!upcall_ring_is_empty(w->workers[i].fw.upcalls)) {
            return true;
        }
    }
    return false;
}
