/* SPDX-License-Identifier: Apache-2.0 */
/* What an OpenFlow switch is told at its start. */
#ifndef OFPROTO_OFPROTO_CONFIG_H
#define OFPROTO_OFPROTO_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/stp-settings.h"

/* What to do about packets that no rule matches while no controller is there (A9.4). */
enum fail_mode {
    FAIL_DEFAULT,    /* Standalone without a controller, secure with one. */
    FAIL_SECURE,     /* Keep the rules, drop what they do not match. */
    FAIL_STANDALONE, /* After three probe intervals become a learning switch. */
    FAIL_EMERGENCY,  /* After three probe intervals use the emergency table (A9.3). */
};

struct ofproto_config {
    const char *name;         /* Bridge name. */
    uint64_t datapath_id;     /* Datapath id. */
    enum fail_mode fail_mode; /* Without a controller. */
    uint32_t max_rules;       /* Rules that fit into a table; 0: default. */
    bool evicts;              /* A full table makes room instead of refusing (A4.12). */
    int64_t inactivity_probe; /* Nanoseconds; 0 off. */
    int64_t max_backoff;      /* Nanoseconds. */
    int64_t mac_ageing;       /* Nanoseconds until NORMAL forgets an address; 0: default. */
    struct stp_settings stp;  /* Spanning tree. */
    uint64_t seed;            /* For hashes and jitter. */
    const char *dp_desc;      /* Text for people, or NULL. */
    const char *serial;       /* Serial number, or NULL. */
    bool in_band;             /* The controllers are reached through the bridge (A1.21). */
    const char *in_band_remote; /* Target of one more of them, or NULL: for simulation. */
};

#endif
