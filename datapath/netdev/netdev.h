/* SPDX-License-Identifier: Apache-2.0 */
/* Devices under ports: opening by kind, receiving and sending batches, status, counters. */
#ifndef DATAPATH_NETDEV_NETDEV_H
#define DATAPATH_NETDEV_NETDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/netdev/netdev-options.h"
#include "lib/packet/packet.h"

/* Life cycle: netdev_options_parse(), netdev_open(), netdev_start(), use, netdev_close(). A device
 * that vanishes stays open, not present, and is taken up again when one of its name is back:
 * netdev_refresh() does both.
 *
 * Threads: netdev_receive(), netdev_release() and netdev_receive_fd() are for the one thread that
 * owns the receive side, netdev_send() for every thread with its own struct netdev_thread; the rest
 * is for the control thread, which calls netdev_close() when no other thread uses the device any
 * more. netdev_get_counters() is for any thread. Nothing blocks. */

struct netdev_shared;
struct netdev;

/* A forwarding thread as devices see it. Belongs to that thread. */
struct netdev_thread {
    unsigned id;              /* 0 is the control thread, workers count from 1. */
    struct packet_pool *pool; /* Buffers for received frames and for copies. */
    void *scratch;            /* PACKET_LARGE bytes for segmentation and long reads. */
    int64_t now;              /* Time of this batch, nanoseconds. */
};

/* What a device is like. */
struct netdev_status {
    bool present;        /* It exists. */
    bool admin_up;       /* Administratively up. */
    bool carrier;        /* It has a carrier. */
    uint8_t hw_addr[6];  /* Address. */
    unsigned mtu;        /* Bytes of payload; 0 unknown. */
    int ifindex;         /* Interface index; 0 none. */
    uint32_t curr;       /* OFPPF_* bits: current features (5.2.1); 0 unknown. */
    uint32_t advertised; /* OFPPF_* bits. */
    uint32_t supported;  /* OFPPF_* bits. */
    uint32_t peer;       /* OFPPF_* bits. */
};

/* Counters of one thread, or their sum. */
struct netdev_counters {
    uint64_t rx_packets; /* Frames received; a super-frame counts as one. */
    uint64_t rx_bytes;   /* Their bytes, without FCS. */
    uint64_t rx_dropped; /* Frames lost before we had them (ring full, truncated). */
    uint64_t rx_errors;  /* Frames we could not make sense of. */
    uint64_t tx_packets; /* Frames sent; a super-frame that the device took whole counts as one. */
    uint64_t tx_bytes;   /* Their bytes. */
    uint64_t tx_dropped; /* Frames not sent. */
    uint64_t tx_errors;  /* Frames too long for the device, or damaged. */
} __attribute__((aligned(64)));

/* Opens a device of the kind that 'options' name, for threads with ids below 'n_threads'; clones
 * 'options'. 'shared' (borrowed until it is closed) may be NULL. Returns 0 with *dev, or an errno
 * with *error a malloc()ed sentence that names the device and the remedy. */
int netdev_open(const struct netdev_options *options, unsigned n_threads,
                struct netdev_shared *shared, struct netdev **dev, char **error);

/* Does what can't be undone, such as emptying a capture file. To be called once: when nothing can
 * refuse 'dev' any more, and before anybody sends by it. */
void netdev_start(struct netdev *dev);

/* Closes 'dev', which may be NULL, and undoes what opening it did to the system. A device that was
 * there before stays up or down as netdev_set_admin() left it; a raw or pcap one has its MTU as
 * netdev_set_mtu() left it, a tap gets back the one that it had. */
void netdev_close(struct netdev *dev);

/* Makes up an address for a device without one: locally administered, and by the name alone, so
 * that it is the same in every run. */
void netdev_make_address(const char *name, uint8_t addr[6]);

/* Its name, and its kind ("raw", "tap", ...). */
const char *netdev_name(const struct netdev *dev);
const char *netdev_kind(const struct netdev *dev);

/* True if 'options' ask for a device of the kernel, be it there or not. */
bool netdev_options_want_kernels(const struct netdev_options *options);

/* True if 'dev' is the kernel's device 'name', which may be missing, or the one of index 'ifindex'
 * (0: none), for a device can have several names. */
bool netdev_is_kernels(const struct netdev *dev, const char *name, int ifindex);

/* Fills 'batch' with up to PACKET_BATCH_MAX frames and counts them. Returns how many; 0 if there is
 * nothing now. They are borrowed until netdev_release(), which must follow before the next receive.
 * */
unsigned netdev_receive(struct netdev *dev, struct netdev_thread *thread,
                        struct packet_batch *batch);

/* Gives the frames of the last netdev_receive() back. */
void netdev_release(struct netdev *dev, struct packet_batch *batch);

/* Descriptor that becomes readable when netdev_receive() has something; -1 if none. It stays the
 * same until netdev_close(), also while the device is not present. An error condition alone
 * (EPOLLERR) is cured by some calls of netdev_receive(), which find nothing. */
int netdev_receive_fd(const struct netdev *dev);

/* Sends 'n' packets, any number. What the device cannot take as it is (partial checksums,
 * super-frames, tunnel super-frames) is finished and segmented here, into copies; the packets
 * themselves are unchanged. Frames longer than the MTU allows, one VLAN tag not counted, go as IPv4
 * fragments if they have PACKET_FRAGMENTS, or else are counted as tx_errors. Counts everything. */
void netdev_send(struct netdev *dev, struct netdev_thread *thread, struct packet *const packets[],
                 unsigned n);

/* Reads the status again; true if anything changed. Call it on every news of the link monitor, and
 * once a second or so: that is when a raw device notices captures and queueing disciplines on it.
 * */
bool netdev_refresh(struct netdev *dev);

/* The status as last read; borrowed. */
const struct netdev_status *netdev_status(const struct netdev *dev);

/* Sets the device administratively up or down. Returns 0, EOPNOTSUPP or another errno. Reads the
 * status again. */
int netdev_set_admin(struct netdev *dev, bool up);

/* Sets the MTU, in the same way; a tap gets the most that it can have if that is less. */
int netdev_set_mtu(struct netdev *dev, unsigned mtu);

/* Counters of 'thread' alone, which reads them; borrowed. */
const struct netdev_counters *netdev_thread_counters(const struct netdev *dev,
                                                     const struct netdev_thread *thread);

/* Asks the kernel which frames it has lost, which is cheap, so that netdev_get_counters() tells it.
 * Control thread. */
void netdev_count_lost(struct netdev *dev);

/* Sum of the 'n' 'counters', each of which its own thread may be changing. Any thread. */
void netdev_sum_counters(const struct netdev_counters counters[], unsigned n,
                         struct netdev_counters *sum);

/* Sum over all threads; exact for what has been handed over (relaxed atomics). */
void netdev_get_counters(const struct netdev *dev, struct netdev_counters *sum);

#endif
