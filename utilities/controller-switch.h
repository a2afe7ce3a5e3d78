/* SPDX-License-Identifier: Apache-2.0 */
/* One switch of sluice-controller: its handshake, and answers to its packets. */
#ifndef UTILITIES_CONTROLLER_SWITCH_H
#define UTILITIES_CONTROLLER_SWITCH_H

#include <stdbool.h>
#include <stdint.h>

struct channel_env;
struct controller_switch;
struct rconn_config;
struct stream;

/* How switches are to be controlled. */
struct controller_policy {
    bool hub;          /* Flood everything, learn nothing. */
    bool no_flow;      /* Send packets only, set up no flows. */
    bool wildcards;    /* Flows by port, addresses and VLAN, not by all 12 fields. */
    bool mute;         /* Answer nothing but HELLO. */
    uint16_t max_idle; /* Idle timeout of flows, s; 0 permanent. */
    uint16_t priority; /* Of flows. */
};

/* Called when a switch that dialled us is gone; it must be destroyed. */
typedef void controller_switch_gone(void *aux, struct controller_switch *s);

/* A switch that listens at 'target': it is dialled, again and again.  'policy' is borrowed.
 * Returns 0, or EINVAL with '*error' for a bad target. */
int controller_switch_dial(const struct channel_env *env, const char *target,
                           const struct rconn_config *config,
                           const struct controller_policy *policy, struct controller_switch **s,
                           char **error);

/* A switch that has dialled us.  Takes ownership of 'stream'. */
struct controller_switch *controller_switch_accept(const struct channel_env *env,
                                                   struct stream *stream,
                                                   const struct rconn_config *config,
                                                   const struct controller_policy *policy,
                                                   controller_switch_gone *gone, void *aux);

/* Closes the connection and frees.  Accepts NULL. */
void controller_switch_destroy(struct controller_switch *s);

#endif
