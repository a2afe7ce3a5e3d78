/* SPDX-License-Identifier: Apache-2.0 */
/* The frames that bridges send each other for the spanning tree: their content and their bytes. */
#ifndef OFPROTO_STP_BPDU_H
#define OFPROTO_STP_BPDU_H

#include <stddef.h>
#include <stdint.h>

/* Times in BPDUs are in units of 1/256 s, here in nanoseconds.  Numbers are in host byte order.
 * Threads: any; nothing is kept. */

enum {
    BPDU_FRAME_SIZE = 60,      /* Bytes of a frame that bpdu_encode() makes, padded. */
    BPDU_TIME_MAX_SEC = 255,   /* Seconds that fit into a time. */
};

/* What a BPDU is. */
enum bpdu_kind {
    BPDU_CONFIG, /* Configuration BPDU (802.1D, 9.3.1). */
    BPDU_TCN,    /* Topology Change Notification BPDU (9.3.2): nothing but its kind. */
    BPDU_RST,    /* Rapid Spanning Tree BPDU (9.3.3). */
};

/* Bits of 'flags' (9.3.3); a configuration BPDU has the first and the last only. */
enum bpdu_flags {
    BPDU_TOPOLOGY_CHANGE = 1 << 0, /* The topology has changed. */
    BPDU_PROPOSAL = 1 << 1,        /* Asks to be let forward at once. */
    BPDU_ROLE_SHIFT = 2,           /* Where the role of the port stands. */
    BPDU_ROLE_MASK = 3 << 2,       /* enum bpdu_role, shifted. */
    BPDU_LEARNING = 1 << 4,        /* The sender learns. */
    BPDU_FORWARDING = 1 << 5,      /* The sender forwards. */
    BPDU_AGREEMENT = 1 << 6,       /* The answer to a proposal. */
    BPDU_TC_ACK = 1 << 7,          /* A TCN BPDU came. */
};

/* Role of the port that sent it (9.2.9). */
enum bpdu_role {
    BPDU_ROLE_UNKNOWN,    /* Is taken as a designated port's. */
    BPDU_ROLE_ALTERNATE,  /* Alternate or backup port. */
    BPDU_ROLE_ROOT,       /* Root port. */
    BPDU_ROLE_DESIGNATED, /* Designated port. */
};

/* A BPDU. */
struct bpdu {
    enum bpdu_kind kind;   /* Which; of a TCN the rest is 0. */
    uint8_t flags;         /* BPDU_*. */
    uint64_t root;         /* Root identifier. */
    uint32_t cost;         /* Root path cost. */
    uint64_t bridge;       /* Bridge identifier of the sender. */
    uint16_t port;         /* Port identifier of the sender. */
    int64_t message_age;   /* Age of what it says, ns. */
    int64_t max_age;       /* Age at which that is worth nothing, ns. */
    int64_t hello_time;    /* Interval of the root, ns. */
    int64_t forward_delay; /* Time of listening, and of learning, ns. */
};

/* Reads the frame of 'size' bytes at 'frame', which came to 01:80:C2:00:00:00.  Returns 0, or
 * EBADMSG if it is no BPDU, or one that is to be ignored (9.3.4). */
int bpdu_decode(const uint8_t *frame, size_t size, struct bpdu *bpdu);

/* Makes 'frame' the Ethernet frame, with its LLC header, in which the port with the address 'src'
 * sends '*bpdu'. */
void bpdu_encode(const struct bpdu *bpdu, const uint8_t src[6], uint8_t frame[BPDU_FRAME_SIZE]);

#endif
