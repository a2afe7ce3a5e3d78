/* SPDX-License-Identifier: Apache-2.0 */
/* What a user says about a port itself, not about its device: VLANs and spanning tree. */
#ifndef DATAPATH_PORT_SETTINGS_H
#define DATAPATH_PORT_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct netdev_options;

/* Doesn't change while the port is there. A struct of zeros is the default of VLANs. */

enum {
    PORT_STP_COST_MAX = 200000000, /* Highest path cost (802.1D-2004, table 17-3). */
    PORT_STP_PRIORITY = 128,       /* Priority by default. */
};

/* What NORMAL takes in and sends out by a port. */
enum vlan_mode {
    VLAN_TRUNK,           /* Many VLANs, tagged; frames without tag are of VLAN 0. */
    VLAN_ACCESS,          /* One VLAN, without tag. */
    VLAN_NATIVE_TAGGED,   /* A trunk; frames without tag are of the native VLAN. */
    VLAN_NATIVE_UNTAGGED, /* The same, and those of the native VLAN leave without tag. */
};

/* Whether an end station is there, as spanning tree is told. */
enum port_edge {
    PORT_EDGE_AUTO, /* If no BPDU comes. */
    PORT_EDGE_YES,  /* Yes. */
    PORT_EDGE_NO,   /* No. */
};

struct port_settings {
    enum vlan_mode vlan_mode; /* Kind of port. */
    uint16_t tag;             /* VLAN of an access port; native VLAN. */
    bool has_trunks;          /* A trunk carries those in 'trunks' only. */
    uint64_t trunks[64];      /* A bit for each VLAN. */

    uint32_t stp_cost;        /* Path cost; 0: by its speed. */
    uint8_t stp_priority;     /* A multiple of 16. */
    enum port_edge stp_edge;  /* End stations. */
};

/* Takes the keys tag=, trunks=, vlan-mode=, stp-cost=, stp-priority= and stp-edge= out of 'options'
 * into '*settings'. Returns 0, or EINVAL with *error a malloc()ed sentence. */
int port_settings_take(struct netdev_options *options, struct port_settings *settings,
                       char **error);

/* The mode as vlan-mode= has it. */
const char *port_settings_mode_name(enum vlan_mode mode);

/* Whether frames of 'vlan' may come in and go out. */
static inline bool port_settings_carries(const struct port_settings *s, uint16_t vlan)
{
    return s->vlan_mode == VLAN_ACCESS ? vlan == s->tag
           : !s->has_trunks || s->trunks[vlan / 64] >> vlan % 64 & 1;
}

#endif
