/* SPDX-License-Identifier: Apache-2.0 */
/* What a forwarding thread owns: buffers, upcall ring, transmit queues it has filled. */
#include "datapath/forwarder.h"

#include <stdlib.h>

#include "lib/packet/reassembly.h"
#include "lib/util.h"

/* Buffers: a batch of super-frames, each received into a large one, and copies of them that go out
 * differently.  Memory that is never used is never touched. */
enum {
    N_SMALL = 2048, /* Small buffers. */
    N_LARGE = 128,  /* Large buffers. */
};

void forwarder_init(struct forwarder *fw, unsigned id, size_t upcall_size, struct wakeup *control)
{
    *fw = (struct forwarder) {
        .netdev = {
            .id = id,
            .pool = packet_pool_create(N_SMALL, N_LARGE),
            .scratch = xmalloc(PACKET_LARGE),
        },
        .upcalls = upcall_ring_create(upcall_size),
        .control = control,
        .learnt = xmalloc(LEARNT_MAX_SIZE),
    };
}

void forwarder_uninit(struct forwarder *fw)
{
    reassembly_destroy(fw->reassembly);
    packet_pool_destroy(fw->netdev.pool);
    free(fw->netdev.scratch);
    upcall_ring_destroy(fw->upcalls);
    free(fw->learnt);
}
