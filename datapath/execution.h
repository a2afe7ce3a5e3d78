/* SPDX-License-Identifier: Apache-2.0 */
/* An action list in execution on one packet: where it is and what it has come to. */
#ifndef DATAPATH_EXECUTION_H
#define DATAPATH_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "datapath/forwarder.h"
#include "lib/openflow/ofp-actions.h"
#include "lib/packet/flow.h"

struct datapath;
struct execution;
struct rule;

enum {
    EXECUTION_DEPTH = 64,      /* Rules in one another at most (resubmit). */
    EXECUTION_RESUBMITS = 4096, /* Resubmits of one packet at most. */
};

/* What actions need of the storey above them. */
struct action_sink {
    /* OFPP_TABLE: looks the packet of 'x' up as it is now and does what is found; the packet is
     * held, so that it stays as it is. */
    void (*table)(struct execution *x);
    /* Looks the packet of 'x' up in table 'table_id', as if it came in by 'in_port', and goes on
     * with the actions found, if any, as a part of 'x'. */
    void (*resubmit)(struct execution *x, uint32_t in_port, uint8_t table_id);
};

/* Whether to go on. */
enum execution_stop {
    EXECUTION_GOES_ON,    /* With the next action. */
    EXECUTION_STOPS_RULE, /* With what stands behind the resubmit to this rule. */
    EXECUTION_STOPS,      /* Not at all. */
};

/* An action list in execution. The caller fills it. Threads: the forwarder's, as an online RCU
 * reader.
 *
 * The flow is the packet's as the last lookup saw it, and what only the flow has: registers and
 * other metadata. An action that changes the frame does not change the flow: execution_flow()
 * makes up for that when somebody asks. So a list that nobody asks in pays nothing for it. */
struct execution {
    struct forwarder *fw;           /* Thread; borrowed. */
    struct datapath *dp;            /* Bridge; borrowed. */
    const struct action_sink *sink; /* What is above; borrowed. */
    struct packet *packet;          /* As modified so far; its in_port is where it came in by, and
                                     * flow_extract() has set its offsets. Borrowed. */
    struct flow *flow;              /* Of the packet, but see execution_flow(). Borrowed. */
    uint64_t version;               /* Of the tables. */
    struct rule *rule;              /* Whose list it is; NULL for a packet_out. Borrowed. */
    uint32_t size;                  /* Of the frame as received: what rules count. */
    uint16_t n_resubmits;           /* So far. */
    uint8_t depth;                  /* Resubmits that this one is in. */
    uint8_t table_id;               /* Of the rule. */
    uint8_t stop;                   /* enum execution_stop. */
    bool has_changed;               /* The frame, since the flow was extracted. */
};

/* Reads the flow of 'p', of a fragment as the mode of 'dp' wants it. */
void execution_extract(const struct datapath *dp, struct packet *p, struct flow *flow);

/* The packet of 'x' for a change of its bytes, or NULL if there is no buffer for a copy; then 'x'
 * stops. */
struct packet *execution_writable(struct execution *x);

/* Replaces the packet of 'x' by a copy that has headroom; NULL if there is no buffer, and 'x'
 * stops. */
struct packet *execution_with_headroom(struct execution *x);

/* The flow of the packet of 'x' as it is now, with its metadata; may be changed. */
struct flow *execution_flow(struct execution *x);

/* The same for actions that read fields: with the ports, or ICMP type and code, of a first
 * fragment, which lookups may not see (OFPC_FRAG_NORMAL). In '*copy' if need be. */
const struct flow *execution_fields(struct execution *x, struct flow *copy);

#endif
