/* SPDX-License-Identifier: Apache-2.0 */
/* What a learning controller knows of one switch: which address is behind which port. */
#ifndef UTILITIES_LEARNING_H
#define UTILITIES_LEARNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flow;
struct learning;

/* Entries do not age.  A switch that has a flow for the packets of a host no longer shows them to
 * the controller, so that silence proves nothing; and a host that moves shows up at once, because
 * its flows name the old port.  When the table is full, the entry that was used least recently
 * goes.
 *
 * Threads: the owner's only. */

/* What to do with a packet. */
enum verdict {
    VERDICT_DROP,  /* Nothing: it is link-local, or its receiver is where it came from. */
    VERDICT_FLOOD, /* Its receiver is many, or unknown. */
    VERDICT_OUTPUT /* To one port. */
};

/* The answer to a packet. */
struct decision {
    enum verdict verdict; /* What to do. */
    uint16_t port;        /* VERDICT_OUTPUT: where to. */
    bool has_moved;       /* The sender was behind another port: flows to it are wrong. */
};

/* Returns an empty table for at most 'max' addresses; the caller destroys it. */
struct learning *learning_create(size_t max, uint32_t seed);
void learning_destroy(struct learning *l);

/* Learns from a packet with the fields 'flow' and says what to do with it.  Of one that came in by
 * a number that is no port it learns nothing. */
struct decision learning_decide(struct learning *l, const struct flow *flow);

/* Forgets everything behind 'port', which is gone or down.  Returns the number of addresses; it
 * costs no more than that. */
size_t learning_forget_port(struct learning *l, uint16_t port);

/* Number of addresses known. */
size_t learning_count(const struct learning *l);

#endif
