/* SPDX-License-Identifier: Apache-2.0 */
/* The ring that carries packets from a forwarding thread up to the control thread. */
#ifndef DATAPATH_UPCALL_H
#define DATAPATH_UPCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/packet/flow.h"
#include "lib/packet/packet.h"
#include "lib/util.h"

/* Each forwarding thread has one ring, which it alone fills and the control thread alone empties.
 * A ring has lanes, so that protocol packets never wait behind misses.  Records hold a copy of
 * the frame.
 *
 * Shares.  Whoever fills gives the quota of the ingress port, or that of what it defers
 * (forwarder.h).  A record is taken only if its quota then has no more bytes in the lane than
 * remain free.  So one port alone gets half of the lane, n ports a share of 1/(n + 1) each, and
 * there is always room for a port that had nothing in it.
 *
 * Threads: upcall_ring_put() by the filler; peek and pop by the emptier; create and destroy while
 * nobody uses it.  No function waits. */
struct upcall_ring;

/* Lanes, in the order in which they are to be emptied. */
enum upcall_lane {
    UPCALL_LANE_PROTOCOL, /* For protocol machines; no shares. */
    UPCALL_LANE_LEARN,    /* Rules learnt, and those whose connections end (in place of a frame:
                           * struct learnt_rule, struct rule_key); no shares. Packets that are to be
                           * sent when what they teach has been learnt, which have one. */
    UPCALL_LANE_PACKET,   /* Misses and output to CONTROLLER. */
    N_UPCALL_LANES
};

/* What one port, or all that a thread defers, has in a lane of one ring. Zeroed at first; must live
 * while it fills. */
struct upcall_quota {
    uint64_t put;   /* Bytes put so far, by the filler. Atomic. */
    uint64_t taken; /* Bytes taken out so far, by the emptier. Atomic. */
};

/* A record; the frame follows, then the packet's metadata if there is any. */
struct upcall_record {
    uint32_t size;       /* Bytes to the next record, a multiple of 8. */
    uint32_t frame_size; /* Bytes of the frame. */
    uint64_t datapath;   /* Which bridge: its id. */
    uint64_t port;       /* Which incarnation of the port: its id; 0 none. */
    union {
        uint64_t cookie;  /* Of the rule; UINT64_MAX without. */
        int64_t captured; /* UPCALL_OUTPUT: as in struct packet. */
    };
    union {
        struct {
            uint16_t max_len;       /* Of the action. */
            uint16_t controller_id; /* Of the action; 0 usually. */
        };
        uint32_t queue; /* UPCALL_OUTPUT: queue to go through. */
    };
    union {
        uint16_t in_port;  /* Ingress port's number. */
        uint16_t out_port; /* UPCALL_OUTPUT: number of the port with the id 'port'. */
    };
    uint8_t reason;      /* enum upcall_reason. */
    union {
        uint8_t packet_in_reason; /* OFPR_* to be told. */
        uint8_t hops;             /* UPCALL_OUTPUT: as in struct packet. */
    };
    uint8_t table_id;    /* Where it missed or matched. */
    bool is_filler;      /* For the ring: nothing but the rest of the memory. */
    bool has_metadata;   /* A struct flow_metadata stands behind the frame: upcall_metadata(). */
    struct packet_offload offload; /* What is left to do on the frame. */
    uint8_t frame[] __attribute__((aligned(8))); /* The frame. */
};

/* What became of a record. */
enum upcall_put {
    UPCALL_PUT,        /* It is in the ring. */
    UPCALL_OVER_QUOTA, /* The port has its share. */
    UPCALL_FULL,       /* There is no room. */
};

/* Returns a ring whose packet lane has 'size' bytes, rounded up to a power of two; 0: 1 MiB. */
struct upcall_ring *upcall_ring_create(size_t size);
void upcall_ring_destroy(struct upcall_ring *r);

/* Filler: puts a copy of 'record' (its 'size', 'is_filler', 'has_metadata' and what concerns the
 * frame are filled in here), of the frame 'p' and of 'metadata' into 'lane'. 'metadata' and 'quota'
 * may be NULL. The caller wakes the emptier afterwards. */
enum upcall_put upcall_ring_put(struct upcall_ring *r, enum upcall_lane lane,
                                const struct upcall_record *record, const struct packet *p,
                                const struct flow_metadata *metadata, struct upcall_quota *quota);

/* The metadata of 'record', which lives as long as the record does; NULL if there is none. */
const struct flow_metadata *upcall_metadata(const struct upcall_record *record);

/* Filler: where the record ends that was put into 'lane' last, and whether the emptier is done with
 * the one that ended at 'position'. */
uint64_t upcall_ring_position(const struct upcall_ring *r, enum upcall_lane lane);
bool upcall_ring_is_taken(const struct upcall_ring *r, enum upcall_lane lane, uint64_t position);

/* Emptier: the oldest record of 'lane', which stays until upcall_ring_pop(), or NULL. */
const struct upcall_record *upcall_ring_peek(struct upcall_ring *r, enum upcall_lane lane);
void upcall_ring_pop(struct upcall_ring *r, enum upcall_lane lane);

/* Emptier: 'record' no longer counts for 'quota'. */
void upcall_quota_take(struct upcall_quota *quota, const struct upcall_record *record);

/* Emptier: true if there is no record in any lane. */
bool upcall_ring_is_empty(struct upcall_ring *r);

#endif
