/* SPDX-License-Identifier: Apache-2.0 */
/* Putting the fragments of IPv4 datagrams together again, in bounded memory and time. */
#ifndef LIB_PACKET_REASSEMBLY_H
#define LIB_PACKET_REASSEMBLY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/packet/flow.h"
#include "lib/packet/packet.h"
#include "lib/util.h"

/* A reassembly holds fragments until their datagram is whole.  Fragments belong together if they
 * agree in all that RFC 791 names (addresses, protocol, identification) and in what rules match
 * besides: the bridge, the port they came in by, Ethernet addresses and tag.  So the whole packet
 * has one port and one sender, and nobody can slip a piece into what came in by another port.
 *
 * Limits: REASSEMBLY_MAX datagrams at a time, REASSEMBLY_QUOTA of one source (a port's address), of
 * 64 KiB each and REASSEMBLY_SEC after their first fragment came.  The oldest one, of the source or
 * of all, makes room for a new one: fragments of a datagram come close together, so what is old is
 * what will not become whole.  Fragments that overlap or contradict each other end their datagram.
 *
 * All memory is taken by reassembly_create(), and touched when it is needed.
 *
 * Threads: one. */
struct reassembly;

enum {
    REASSEMBLY_MAX = 128,  /* Datagrams at a time. */
    REASSEMBLY_QUOTA = 32, /* Of one source. */
    REASSEMBLY_SEC = 30,   /* Seconds that they have to become whole. */
};

/* Why fragments were dropped. */
enum reassembly_reason {
    REASSEMBLY_LATE,    /* Their datagram did not become whole in time. */
    REASSEMBLY_CROWDED, /* They made room for others. */
    REASSEMBLY_BAD,     /* They overlap, contradict each other or are damaged. */
    N_REASSEMBLY_REASONS
};

struct reassembly *reassembly_create(void);

/* With all packets that it has given. Accepts NULL. */
void reassembly_destroy(struct reassembly *r);

/* Takes a copy of the fragment 'p' of the bridge with the id 'bridge', received at 'now';
 * flow_extract() has made 'flow' of it.  Returns the whole packet if 'p' was the last that was
 * missing: it lives until reassembly_recycle(), may be changed, and has PACKET_FRAGMENTS. Otherwise
 * NULL. Adds the number of fragments that were dropped meanwhile, of whatever datagram, to
 * 'drops'. */
struct packet *reassembly_add(struct reassembly *r, uint64_t bridge, const struct flow *flow,
                              const struct packet *p, int64_t now,
                              unsigned drops[N_REASSEMBLY_REASONS]);

/* Takes all packets back that reassembly_add() has returned. */
void reassembly_recycle(struct reassembly *r);

#endif
