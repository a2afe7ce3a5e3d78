/* SPDX-License-Identifier: Apache-2.0 */
/* What the spanning tree machine is given and what it tells: the types of stp.h. */
#ifndef OFPROTO_STP_TYPES_H
#define OFPROTO_STP_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/stp-bpdu.h"

enum {
    STP_PORT_MAX = 4095,            /* Highest number of a port (12 bits of the port identifier). */
    STP_PRIORITY_DEFAULT = 32768,   /* Priority of a bridge; a multiple of 4096 (9.2.5). */
    STP_PORT_PRIORITY_DEFAULT = 128, /* Priority of a port; a multiple of 16 (9.2.7). */
    STP_HELLO_DEFAULT = 2,          /* Seconds (table 17-1). */
    STP_MAX_AGE_DEFAULT = 20,       /* Seconds. */
    STP_FORWARD_DELAY_DEFAULT = 15, /* Seconds. */
};

/* Protocol version that a bridge is meant to speak (17.13.4). */
enum stp_version {
    STP_VERSION_STP,  /* Configuration and TCN BPDUs only. */
    STP_VERSION_RSTP, /* RST BPDUs where nobody needs others. */
};

/* What a bridge is given at the start. */
struct stp_config {
    enum stp_version version; /* Protocol. */
    uint8_t mac[6];           /* Address that makes its identifier unique. */
    uint16_t priority;        /* High 16 bits of its identifier; a multiple of 4096. */
    int64_t hello_time;       /* ns. */
    int64_t max_age;          /* ns. */
    int64_t forward_delay;    /* ns; max_age <= 2 * (forward_delay - 1 s) (17.14). */
};

/* Whether an end station is at a port (17.3). */
enum stp_edge {
    STP_EDGE_AUTO, /* If no BPDU comes for 3 s; RSTP only. */
    STP_EDGE_YES,  /* Until a BPDU comes. */
    STP_EDGE_NO,   /* No. */
};

/* What a port is given. */
struct stp_port_config {
    uint32_t cost;           /* Path cost, at least 1. */
    uint8_t priority;        /* A multiple of 16. */
    enum stp_edge edge;      /* End stations. */
    bool is_point_to_point;  /* At most one other bridge is there (RSTP). */
};

/* Role of a port (17.7). */
enum stp_role {
    STP_ROLE_DISABLED,   /* It is down, or takes no part. */
    STP_ROLE_ROOT,       /* The way to the root. */
    STP_ROLE_DESIGNATED, /* The way to the root for others. */
    STP_ROLE_ALTERNATE,  /* Another way to the root. */
    STP_ROLE_BACKUP,     /* Another way to where we are designated. */
    N_STP_ROLES
};

/* State of a port (802.1D-1998, 8.4). In RSTP's words the first three are Discarding. */
enum stp_state {
    STP_DISABLED,   /* Down. */
    STP_BLOCKING,   /* Alternate or backup. */
    STP_LISTENING,  /* Is going to forward. */
    STP_LEARNING,   /* Learns addresses and is going to forward. */
    STP_FORWARDING, /* Forwards. */
    N_STP_STATES
};

/* What a port is like, for people and tests. */
struct stp_port_info {
    uint16_t id;               /* Port identifier: priority and number. */
    uint32_t cost;             /* Path cost. */
    enum stp_role role;        /* Role. */
    enum stp_state state;      /* State. */
    bool is_edge;              /* Taken as an edge port. */
    bool speaks_rstp;          /* Sends RST BPDUs. */
    uint64_t designated_bridge; /* Who is designated on its LAN. */
    uint16_t designated_port;  /* Its port there. */
    uint32_t designated_cost;  /* Its root path cost. */
};

/* What the bridge is like. */
struct stp_info {
    enum stp_version version; /* Protocol. */
    uint64_t bridge;          /* Our identifier. */
    uint64_t root;            /* The root's. */
    uint32_t cost;            /* Our root path cost; 0: we are the root. */
    uint16_t root_port;       /* Number of the root port; 0: none. */
    int64_t hello_time;       /* The root's, ns. */
    int64_t max_age;          /* The root's, ns. */
    int64_t forward_delay;    /* The root's, ns. */
    uint64_t topology_changes; /* How many times ports had addresses to forget. */
};

/* What the machine wants done. */
struct stp_events {
    /* Send '*bpdu' out of port 'number'. */
    void (*send)(void *aux, uint16_t number, const struct bpdu *bpdu);
    /* Port 'number' has another role or state from now on. */
    void (*port_changed)(void *aux, uint16_t number, enum stp_role role, enum stp_state state);
    /* Addresses learnt behind port 'number' may be wrong: forget them at once if 'is_rapid', else
     * age them by the forward delay for as long (17.19.1). */
    void (*flush)(void *aux, uint16_t number, bool is_rapid);
};

#endif
