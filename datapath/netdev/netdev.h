/* SPDX-License-Identifier: Apache-2.0 */
/* Devices under ports: opening by kind, receiving and sending batches, status, counters. */
#ifndef DATAPATH_NETDEV_NETDEV_H
#define DATAPATH_NETDEV_NETDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/packet/packet.h"

/* Life cycle: netdev_options_parse(), netdev_open(), use, netdev_close(). Threads: see the contract in
 * netdev-provider.h. */

struct netdev;

/* A forwarding thread as devices see it. Belongs to that thread. */
struct netdev_thread {
    unsigned id;              /* 0 is the control thread, workers count from 1. */
    struct packet_pool *pool; /* Buffers for received frames and for copies. */
    void *scratch;            /* PACKET_LARGE bytes for segmentation and long reads. */
    int64_t now;              /* Time of this batch, nanoseconds. */
};

/* One key=value. */
struct netdev_option {
    char *key;   /* Key; owned. */
    char *value; /* Value; owned. */
};

/* "NAME[,type=KIND][,key=value]...": what --port is given. */
struct netdev_options {
    char *name;                    /* Device name; owned. */
    char *kind;                    /* Kind, or NULL: tap if the device is a tap, else raw. Owned. */
    struct netdev_option *options; /* The rest, in order; owned. */
    size_t n;                      /* How many. */
};

/* Parses 'text'. Returns 0, or EINVAL with *error a malloc()ed sentence. */
int netdev_options_parse(const char *text, struct netdev_options *options, char **error);
void netdev_options_uninit(struct netdev_options *options);
void netdev_options_clone(struct netdev_options *dst, const struct netdev_options *src);

/* Value of 'key', or NULL. */
const char *netdev_options_get(const struct netdev_options *options, const char *key);

/* What a device is like. */
struct netdev_status {
    bool present;         /* It exists. */
    bool admin_up;        /* Administratively up. */
    bool carrier;         /* It has a carrier. */
    uint8_t hw_addr[6];   /* Address. */
    unsigned mtu;         /* Bytes of payload; 0 unknown. */
    int ifindex;          /* Interface index; 0 none. */
    uint32_t curr;        /* OFPPF_* bits: current features (5.2.1); 0 unknown. */
    uint32_t advertised;  /* OFPPF_* bits. */
    uint32_t supported;   /* OFPPF_* bits. */
    uint32_t peer;        /* OFPPF_* bits. */
};

/* Counters of one thread, or their sum. */
struct netdev_counters {
    uint64_t rx_packets; /* Frames received; a super-frame counts as one. */
    uint64_t rx_bytes;   /* Their bytes, without FCS. */
    uint64_t rx_dropped; /* Frames lost before we had them (ring full, truncated). */
    uint64_t rx_errors;  /* Frames we could not make sense of. */
    uint64_t tx_packets; /* Frames sent. */
    uint64_t tx_bytes;   /* Their bytes. */
    uint64_t tx_dropped; /* Frames not sent. */
    uint64_t tx_errors;  /* Frames too long for the device, or damaged. */
} __attribute__((aligned(64)));

/* Opens a device of the kind that 'options' name; clones 'options'. Returns 0 with *dev, or an errno with
 * *error a malloc()ed sentence that names the device and the remedy. */
int netdev_open(const struct netdev_options *options, unsigned n_threads, struct netdev **dev,
                char **error);
void netdev_close(struct netdev *dev);

const char *netdev_name(const struct netdev *dev);
const char *netdev_kind(const struct netdev *dev);

/* As the hooks, with counting. */
unsigned netdev_receive(struct netdev *dev, struct netdev_thread *thread, struct packet_batch *batch);
void netdev_release(struct netdev *dev, struct packet_batch *batch);
int netdev_receive_fd(const struct netdev *dev);

/* Sends 'n' packets. What the device cannot take as it is (partial checksums, super-frames, tunnel
 * super-frames) is finished and segmented here, into copies; the packets themselves are unchanged.
 * Frames longer than the MTU allows are counted as tx_errors. Counts everything. */
void netdev_send(struct netdev *dev, struct netdev_thread *thread, struct packet *const packets[],
                 unsigned n);

/* Reads the status again into the device; true if anything changed. Control thread. */
bool netdev_refresh(struct netdev *dev);
const struct netdev_status *netdev_status(const struct netdev *dev);
int netdev_set_admin(struct netdev *dev, bool up);
int netdev_set_mtu(struct netdev *dev, unsigned mtu);

/* Sum over all threads; exact for what has been handed over (relaxed atomics). */
void netdev_get_counters(const struct netdev *dev, struct netdev_counters *sum);

#endif
