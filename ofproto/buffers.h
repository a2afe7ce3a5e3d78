/* SPDX-License-Identifier: Apache-2.0 */
/* Packets kept for controllers that were sent only their start. */
#ifndef OFPROTO_BUFFERS_H
#define OFPROTO_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/util.h"

struct buffers;
struct packet;

/* A bridge's packet buffers (sections 5.3.1, 5.4.1), shared by its connections: the first use
 * wins.
 *
 * An id is a slot's index and a generation, so that an old id never names a newer packet. A
 * packet that nobody asked for within BUFFERS_AGE is forgotten. Bounded in number and in bytes.
 *
 * Threads: the control thread. */

enum {
    BUFFERS_DEFAULT = 1024,          /* Packets: n_buffers of FEATURES_REPLY. */
    BUFFERS_MAX_BYTES = 8 << 20,     /* Bytes of all packets together. */
    BUFFERS_MAX_PEERS = 64,          /* Peers that can be told apart. */
};
#define BUFFERS_AGE (5 * SEC) /* Nanoseconds until a packet is forgotten. */

/* Room for 'n' packets, a power of two. */
struct buffers *buffers_create(unsigned n);

/* Frees the packets too. Accepts NULL. */
void buffers_destroy(struct buffers *b);

/* Packets that fit in: n_buffers of FEATURES_REPLY. */
unsigned buffers_capacity(const struct buffers *b);

/* Keeps a copy of 'p'. Returns its id, or OFP_NO_BUFFER if there is no room. */
uint32_t buffers_put(struct buffers *b, const struct packet *p, int64_t now);

/* Notes that 'peer' (below BUFFERS_MAX_PEERS) was told of 'id'. */
void buffers_tell(struct buffers *b, uint32_t id, unsigned peer);

/* Forgets 'id' if no peer was told of it. */
void buffers_drop_untold(struct buffers *b, uint32_t id);

/* Forgets what only 'peer' knew: it is gone. */
void buffers_forget_peer(struct buffers *b, unsigned peer);

/* Takes the packet 'id' out: *p is the caller's, to be released with free(). Returns 0,
 * BUFFER_EMPTY if it was used already, or BUFFER_UNKNOWN if it never was or has aged (A6.5). */
int buffers_take(struct buffers *b, uint32_t id, struct packet **p, int64_t now);

/* True, with the port by which it came in, if the packet 'id' is kept. */
bool buffers_get_port(const struct buffers *b, uint32_t id, uint32_t *in_port);

/* Packets kept now. */
unsigned buffers_count(const struct buffers *b);

#endif
