/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge as configured: its switch, ports, controllers and management sockets. */
#ifndef OFPROTO_BRIDGE_H
#define OFPROTO_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ofproto/listeners.h"
#include "ofproto/ofproto.h"

struct bridge;

/* Strings in order; owns them. */
struct strings {
    char **s; /* Strings, each owned. */
    size_t n; /* How many. */
};

/* Adds a copy of 's'. */
void strings_add(struct strings *strings, const char *s);

/* What a user says about one bridge. */
struct bridge_config {
    char *name;                 /* Owned. */
    bool has_datapath_id;       /* 'datapath_id' was given. */
    uint64_t datapath_id;       /* Datapath id. */
    enum fail_mode fail_mode;   /* Without a controller. */
    bool no_local;              /* No LOCAL port. */
    bool evicts;                /* A full table makes room instead of refusing. */
    uint32_t max_rules;         /* 0 default. */
    int64_t mac_ageing;         /* Nanoseconds; 0 default. */
    struct stp_settings stp;    /* Spanning tree. */
    char *dp_desc;              /* Owned; NULL: the name. */
    char *serial;               /* Owned; NULL none. */
    bool in_band;               /* The controllers are reached through the bridge. */
    char *in_band_remote;       /* Target of one more of them, for simulation. Owned; NULL none. */
    struct strings ports;       /* Texts of --port. */
    struct strings controllers; /* Active targets. */
    struct strings listeners;   /* Passive targets. */
};
void bridge_config_init(struct bridge_config *config, const char *name);
void bridge_config_uninit(struct bridge_config *config);

/* What all bridges of a program share. */
struct bridge_env {
    const struct channel_env *channel; /* Loop, timers, keys. */
    struct workers *workers;           /* Threads. */
    const char *run_dir;               /* Where management sockets stand; NULL none. */
    const char *ovs_dir;               /* Where links for ovs-ofctl stand; NULL none. */
    const char *state_dir;             /* Where identities are kept; NULL nowhere. */
    int64_t inactivity_probe;          /* Nanoseconds; 0 off. */
    int64_t max_backoff;               /* Nanoseconds. */
    uint64_t seed;                     /* For hashes and jitter. */
};

/* Brings a bridge up as 'config' says: all of it or nothing. Ports with an explicit number come
 * first, then the others in order (decisions on port numbers are in the manual). Returns 0, or
 * an errno with *error. */
int bridge_create(const struct bridge_env *env, const struct bridge_config *config,
                  struct bridge **b, char **error);

/* Takes the bridge down, its ports and sockets with it. Accepts NULL. */
void bridge_destroy(struct bridge *b);

/* Does what is due. True: wants to be called again at once. */
bool bridge_run(struct bridge *b, int64_t now);

/* Adds a controller or a listener while it runs, in the words of --controller and --listen; removes
 * one by its target. What controllers have set up stays, and who came in by a listener stays
 * connected. Return 0, or an errno with '*error'; then nothing has changed. */
int bridge_add_controller(struct bridge *b, const char *text, char **error);
int bridge_remove_controller(struct bridge *b, const char *target, char **error);
int bridge_add_listener(struct bridge *b, const char *text, char **error);
int bridge_remove_listener(struct bridge *b, const char *target, char **error);

/* Fills '*info' about listener 'i' that was asked for. False if there are only so many. */
bool bridge_get_listener(const struct bridge *b, size_t i, struct listener_info *info);

/* Its name, and the switch that it is. Borrowed. */
const char *bridge_name(const struct bridge *b);
struct ofproto *bridge_ofproto(struct bridge *b);

#endif
