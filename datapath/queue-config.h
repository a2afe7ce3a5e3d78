/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the queues of a port: its cap, and each queue's rates and bounds. */
#ifndef DATAPATH_QUEUE_CONFIG_H
#define DATAPATH_QUEUE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

struct netdev_options;

enum {
    QUEUE_CONFIG_MAX = 64, /* Queues of a port, the default one included. */
    QUEUE_DEFAULT = 0,     /* Number of the queue of whatever is not sent by another one. */
};

/* One queue. */
struct queue_config {
    uint32_t id;       /* Its number. */
    uint64_t min_rate; /* Guaranteed, bit/s; 0 nothing. */
    uint64_t max_rate; /* At most, bit/s; 0 no limit of its own. */
    uint64_t limit;    /* Bytes that may wait before more are dropped; 0 not asked for. */
};

/* All of a port. */
struct queues_config {
    uint64_t max_rate; /* Of the port, bit/s; 0 no cap. */
    bool is_as_device; /* 'max_rate' is the device's speed: nobody asked for it. */
    unsigned n;        /* Elements of 'queues'; 0: the port has neither cap nor queues. */
    struct queue_config queues[QUEUE_CONFIG_MAX]; /* By rising number, the default one first. */
};

/* Takes "max-rate=" and every "queue=" out of 'options' into '*config'. With either of them the
 * port has the default queue, asked for or not. Returns 0, or EINVAL with *error. */
int queues_config_take(struct netdev_options *options, struct queues_config *config, char **error);

/* Completes 'config' of the port 'name' by the speed of its device, bit/s, 0 unknown: guarantees
 * are of something, so a port with one and without a cap of its own is capped by the speed. Returns
 * 0, or EINVAL with *error if the speed is unknown then, or too much is guaranteed. */
int queues_config_complete(struct queues_config *config, const char *name, uint64_t speed,
                           char **error);

/* Bits per second that the OFPPF_* bits in 'features' stand for: the fastest; 0 none. */
uint64_t queues_config_speed(uint32_t features);

#endif
