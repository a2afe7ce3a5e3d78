/* SPDX-License-Identifier: Apache-2.0 */
/* A reliable OpenFlow connection: redials with backoff, probes with ECHO, bounds what waits to be sent. */
#ifndef LIB_CHANNEL_RCONN_H
#define LIB_CHANNEL_RCONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;
struct channel_env;
struct rconn;
struct vconn;

/* What a message may suffer when the peer does not read (A1.18). */
enum rconn_class {
    RCONN_REPLY,    /* Never dropped: reply, error, flow_removed, port_status, barrier reply. */
    RCONN_PACKET_IN /* Dropped, and counted, when the packet_in budget is full. */
};

struct rconn_config {
    int64_t inactivity_probe; /* Nanoseconds of silence before an ECHO, and again before the drop; 0 off. */
    int64_t max_backoff;      /* Nanoseconds: ceiling of the doubling from 1 s. */
    uint64_t seed;            /* For the jitter. */
    size_t packet_in_bytes;   /* Packet_in bytes that may wait; 0: default 1 MiB. */
    size_t packet_in_count;   /* Packet_ins that may wait; 0: default 1000. */
};

struct rconn_handlers {
    void (*connected)(void *aux);
    /* A message other than HELLO and the ECHO_REPLY to our own probe. Borrowed during the call. */
    void (*message)(void *aux, const uint8_t *data, size_t size);
    /* Lost, or an attempt failed ('was_connected'); a dialling rconn goes on trying. */
    void (*disconnected)(void *aux, bool was_connected, const char *reason);
};

struct rconn_stats {
    uint64_t packet_in_dropped; /* PACKET_INs dropped by the bounds. */
    uint64_t messages_sent;     /* Messages given to the stream. */
    uint64_t messages_received; /* Messages taken from it. */
    unsigned attempts;          /* Dials so far. */
    unsigned connections;       /* Of them successful. */
};

/* Dials 'target' and keeps dialling: at once, again at once after an orderly close, else after a backoff of
 * 1 s doubling to max_backoff, with jitter (A1.10). Without a port: 6653, then 6633 if 6653 is refused
 * (A1.2). Returns 0, or EINVAL with *error for a malformed target. */
int rconn_create(const struct channel_env *env, const char *target, const struct rconn_config *config,
                 const struct rconn_handlers *handlers, void *aux, struct rconn **r, char **error);

/* Takes over a connected vconn's stream (accepted): never redials; dies at the first loss. Takes ownership. */
struct stream;
struct rconn *rconn_from_stream(const struct channel_env *env, struct stream *s,
                                const struct rconn_config *config,
                                const struct rconn_handlers *handlers, void *aux);
void rconn_destroy(struct rconn *r);

/* Sends; takes ownership. Returns 0, EAGAIN if a PACKET_IN was dropped, ENOTCONN (dropped). When RCONN_REPLY
 * messages pile up beyond 4 MiB the reader is paused until the peer reads (memory stays bounded). */
int rconn_send(struct rconn *r, struct bytes *msg, enum rconn_class class);

void rconn_pause(struct rconn *r, bool pause); /* As vconn_pause(). */
bool rconn_is_connected(const struct rconn *r);
size_t rconn_backlog(const struct rconn *r);
const char *rconn_target(const struct rconn *r);
void rconn_get_stats(const struct rconn *r, struct rconn_stats *stats);

/* State in one word for people: "CONNECTING", "ACTIVE", "IDLE" (probe sent), "BACKOFF". */
const char *rconn_state(const struct rconn *r);

/* The vconn if connected, else NULL (for its stream's addresses). */
struct vconn *rconn_vconn(struct rconn *r);

#endif
