/* SPDX-License-Identifier: Apache-2.0 */
/* A reliable OpenFlow connection: redials with backoff, probes with ECHO, bounds its queue. */
#ifndef LIB_CHANNEL_RCONN_H
#define LIB_CHANNEL_RCONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;
struct channel_env;
struct rconn;
struct stream;

/* What a message may suffer when the peer does not read (A1.18). */
enum rconn_class {
    RCONN_REPLY,    /* Never dropped: reply, error, flow_removed, port_status, barrier reply. */
    RCONN_PACKET_IN /* Dropped, and counted, when the packet_in budget is full. */
};

/* How a connection is to be kept.  All zero is good for most. */
struct rconn_config {
    int64_t inactivity_probe;  /* Nanoseconds of silence before an ECHO, and again before the drop;
                                * 0 off. */
    int64_t max_backoff;       /* Nanoseconds: ceiling of the doubling from 1 s; 0: 8 s. */
    uint64_t seed;             /* For the jitter. */
    size_t packet_in_bytes;    /* Packet_in bytes that may wait; 0: 1 MiB. */
    size_t packet_in_count;    /* Packet_ins that may wait; 0: 1000. */
    size_t max_bytes;          /* Bytes of all kinds that may wait before the peer is dropped; 0:
                                * 256 MiB. */
    uint16_t default_ports[2]; /* Ports tried where none is given; 0: 6653, 6633. */
    const char *peer_name;     /* As vconn_expect_peer(); NULL: whoever the CA signed.  Copied. */
};

/* What an rconn tells its owner, never from inside a call of the owner's.  The owner may destroy
 * the rconn within any of them. */
struct rconn_handlers {
    /* HELLOs exchanged. */
    void (*connected)(void *aux);
    /* A message other than HELLO and the ECHO_REPLY to our own probe.  Borrowed during the call,
     * not aligned.  The peer's ECHO_REQUEST is the owner's to answer. */
    void (*message)(void *aux, const uint8_t *data, size_t size);
    /* Lost, or an attempt failed ('was_connected'); a dialling rconn goes on trying.  The rconn
     * logs nothing of it. */
    void (*disconnected)(void *aux, bool was_connected, const char *reason);
};

/* Counters. */
struct rconn_stats {
    uint64_t packet_in_dropped; /* PACKET_INs dropped by the bounds. */
    uint64_t messages_sent;     /* Messages given to the stream, probes included. */
    uint64_t messages_received; /* Messages taken from it, HELLO not counted. */
    unsigned attempts;          /* Dials so far, a second port counted as one more. */
    unsigned connections;       /* Of them successful. */
};

/* Dials 'target' and keeps dialling: at once, again at once after an orderly close, else after a
 * backoff of 1 s doubling to max_backoff, with jitter (A1.10; rconn-fsm.h says it exactly).
 * Without a port: 6653, then 6633 if 6653 is refused (A1.2).  Returns 0, or EINVAL with '*error'
 * for a malformed target or one that needs keys that there are not. */
int rconn_create(const struct channel_env *env, const char *target,
                 const struct rconn_config *config, const struct rconn_handlers *handlers,
                 void *aux, struct rconn **r, char **error);

/* Takes over a connected stream (accepted): never redials; after the first loss it is of no use but
 * to be destroyed.  Takes ownership of 's'. */
struct rconn *rconn_from_stream(const struct channel_env *env, struct stream *s,
                                const struct rconn_config *config,
                                const struct rconn_handlers *handlers, void *aux);

/* Closes and frees; what the kernel does not take at once is lost.  Accepts NULL. */
void rconn_destroy(struct rconn *r);

/* If it is not connected, forgets failures and an attempt under way and dials at once: there is
 * reason to believe that it will do better now.  Not for one that was made of a stream. */
void rconn_redial(struct rconn *r);

/* If it is connected, soon ends the connection, with 'reason' (borrowed until then) for the owner,
 * and dials again at once.  Not for one that was made of a stream. */
void rconn_reconnect(struct rconn *r, const char *reason);

/* Changes these two of its configuration, for what comes: the probe of a silence that has begun
 * too. */
void rconn_set_times(struct rconn *r, int64_t inactivity_probe, int64_t max_backoff);

/* Sends; takes ownership.  Returns 0, EAGAIN if a PACKET_IN was dropped, ENOTCONN (dropped).
 *
 * Replies never wait behind packet_ins, of which 64 KiB at most are ahead of them.  When 4 MiB wait
 * nothing more is read until the peer has read on, so that it can't ask for more.  A peer that lets
 * more than max_bytes wait, or reads nothing for two inactivity periods, is dropped. */
int rconn_send(struct rconn *r, struct bytes *msg, enum rconn_class class);

/* As vconn_pause().  Ends with the connection.  Silence does not count meanwhile. */
void rconn_pause(struct rconn *r, bool pause);

/* Are HELLOs exchanged? */
bool rconn_is_connected(const struct rconn *r);

/* Bytes that wait to be sent. */
size_t rconn_backlog(const struct rconn *r);

/* Target as given, or name of the stream. */
const char *rconn_target(const struct rconn *r);

/* Reads the counters. */
void rconn_get_stats(const struct rconn *r, struct rconn_stats *stats);

/* State in one word for people: "CONNECTING", "ACTIVE", "IDLE" (probe sent), "BACKOFF"; "CLOSED" of
 * one that was made of a stream. */
const char *rconn_state(const struct rconn *r);

#endif
