/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of a thread on their way through patch ports into other bridges. */
#include "datapath/crossing.h"

#include <assert.h>

#include "datapath/datapath-private.h"
#include "datapath/patch.h"
#include "datapath/port.h"
#include "datapath/transmit.h"
#include "lib/packet/packet.h"

/* Theory
 * ======
 *
 * The queue is a ring, oldest first, so packets are handled in order of their hops.  It holds the
 * packet itself, which counts in packet->refs as in a transmit queue: who wants to change it takes
 * a copy as long as it waits here or there.  A packet may wait several times, for several ports and
 * after different numbers of hops; so both stand in the queue and are written into the packet when
 * it is taken.
 *
 * Bridges can be patched in rings, in which a flood doubles with each hop.  The hops end such a
 * storm, and the size of the ring bounds what it can cost: as each packet is one hop further than
 * the one it comes from, no more than FORWARDER_CROSSINGS times PACKET_MAX_HOPS packets can cross
 * before a batch ends. */

static_assert(PACKET_MAX_HOPS <= UINT8_MAX, "hops fit into a packet");
static_assert(IS_POW2(FORWARDER_CROSSINGS), "positions in the ring wrap around");

/* Whether 'p' can cross to 'peer' (NULL: none); if not, '*reason' tells why. */
static bool admit(const struct forwarder *fw, const struct port *peer, const struct packet *p,
                  enum drop_reason *reason)
{
    *reason = !peer ? DROP_NOT_FORWARDING
              : p->hops >= PACKET_MAX_HOPS ? DROP_HOPS
                                           : DROP_CROSSINGS_FULL;
    return peer && p->hops < PACKET_MAX_HOPS && fw->n_crossings < FORWARDER_CROSSINGS;
}

void crossing_add(struct forwarder *fw, struct port *port, struct packet *p)
{
    struct netdev_counters *counters = &port->patch->counters[fw->netdev.id];
    struct port *peer = RCU_GET(&port->patch->peer);
    enum drop_reason reason;
    if (!admit(fw, peer, p, &reason)) {
        datapath_drop(port->dp, fw->netdev.id, reason, 1);
        RCU_ADD(&counters->tx_dropped, 1);
        return;
    }
    if (UNLIKELY(p->refs == UINT16_MAX)) {
        transmit_flush(fw);
    }
    p->refs++;
    unsigned at = (fw->first_crossing + fw->n_crossings++) % FORWARDER_CROSSINGS;
    fw->crossings[at] = (struct crossing) {peer, p, p->hops + 1};
    RCU_ADD(&counters->tx_packets, 1);
    RCU_ADD(&counters->tx_bytes, p->size);
}

/* Whether 'a' and 'b' can be handled together: they get the same port and the same hops. */
static bool is_alike(const struct crossing *a, const struct crossing *b)
{
    return a->port == b->port && a->hops == b->hops;
}

struct port *crossing_take(struct forwarder *fw, struct packet_batch *batch)
{
    const struct crossing *first = &fw->crossings[fw->first_crossing], *c = first;
    uint64_t bytes = 0;
    batch->n = 0;
    while (fw->n_crossings && batch->n < PACKET_BATCH_MAX && is_alike(c, first)) {
        c->packet->hops = c->hops;
        batch->packets[batch->n++] = c->packet;
        bytes += c->packet->size;
        fw->first_crossing = (fw->first_crossing + 1) % FORWARDER_CROSSINGS;
        fw->n_crossings--;
        c = &fw->crossings[fw->first_crossing];
    }
    if (!batch->n) {
        return NULL;
    }
    struct netdev_counters *counters = &first->port->patch->counters[fw->netdev.id];
    RCU_ADD(&counters->rx_packets, batch->n);
    RCU_ADD(&counters->rx_bytes, bytes);
    return first->port;
}
