/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the spanning tree machine, which its parts share. */
#ifndef OFPROTO_STP_PRIVATE_H
#define OFPROTO_STP_PRIVATE_H

#include "lib/list.h"
#include "ofproto/stp-types.h"

/* Names of variables and timers are those of 802.1D-2004, 17.17 to 17.19, where the standard's
 * learning and forwarding, which here are what learn and forward want at once, are not told apart
 * from those.  Timers are the times when they end; a timer runs while that lies in the future. */

/* A priority vector (17.5) without the port that it came in by. The smaller is the better. */
struct stp_vector {
    uint64_t root;   /* Root identifier. */
    uint32_t cost;   /* Root path cost. */
    uint64_t bridge; /* Designated bridge. */
    uint16_t port;   /* Designated port. */
};

/* The times that go with a vector, ns (17.18.8). */
struct stp_times {
    int64_t message_age;   /* Age. */
    int64_t max_age;       /* The root's. */
    int64_t hello_time;    /* The root's. */
    int64_t forward_delay; /* The root's. */
};

/* Where a port's vector comes from (17.19.10). */
enum stp_info_is {
    STP_INFO_DISABLED, /* The port is disabled. */
    STP_INFO_AGED,     /* Nowhere: what was received is too old. */
    STP_INFO_MINE,     /* From this bridge. */
    STP_INFO_RECEIVED, /* From the designated bridge. */
};

/* States of the topology change machine (17.31) that last. */
enum stp_tc_state {
    STP_TC_INACTIVE, /* Does not learn. */
    STP_TC_LEARNING, /* Learns, but is no part of the active topology. */
    STP_TC_ACTIVE,   /* Part of the active topology. */
};

struct stp_port {
    struct list node;              /* In stp->ports, by rising number. */
    struct stp *stp;               /* Bridge. */
    uint16_t number;               /* 1 to STP_PORT_MAX. */
    struct stp_port_config config; /* As given. */
    bool enabled;                  /* portEnabled: its link is up. */

    enum stp_info_is info_is;         /* Where 'priority' comes from. */
    struct stp_vector priority;       /* portPriority: the best that was heard on its LAN. */
    struct stp_times times;           /* portTimes: those that go with it. */
    struct stp_vector designated;     /* designatedPriority: what we would say there. */
    enum stp_role role;               /* Role. */
    enum stp_role selected_role;      /* Role that it ought to have. */
    bool reselect;                    /* Roles are to be chosen anew. */
    bool selected;                    /* 'selected_role' is up to date. */
    bool updt_info;                   /* 'priority' is to become 'designated'. */

    bool learn;     /* Learns. */
    bool forward;   /* Forwards. */
    bool agree;     /* All others are in step with what the root port heard. */
    bool agreed;    /* The other end agrees. */
    bool proposed;  /* The other end asks. */
    bool proposing; /* We ask. */
    bool sync;      /* It is to get into step. */
    bool synced;    /* It is in step. */
    bool re_root;   /* It is to give way to a new root port. */
    bool disputed;  /* The other end takes itself for designated too. */

    bool oper_edge; /* Taken as an edge port. */
    bool send_rstp; /* Sends RST BPDUs. */
    bool new_info;  /* A BPDU is to be sent. */

    enum stp_tc_state tc_state; /* Of the topology change machine. */
    bool rcvd_tc;               /* A BPDU with the flag came. */
    bool rcvd_tcn;              /* A TCN BPDU came. */
    bool rcvd_tc_ack;           /* A TCN BPDU of ours was acknowledged. */
    bool tc_prop;               /* Another port has seen a change. */
    bool tc_ack;                /* A TCN BPDU is to be acknowledged. */

    int64_t edge_delay;  /* edgeDelayWhile: after it an edge port can be seen. */
    int64_t fd;          /* fdWhile: listening or learning. */
    int64_t hello_when;  /* helloWhen: next BPDU in turn. */
    int64_t mdelay;      /* mdelayWhile: no other protocol until then. */
    int64_t rb;          /* rbWhile: it was a backup port a moment ago. */
    int64_t rcvd_info;   /* rcvdInfoWhile: what was received is good. */
    int64_t rr;          /* rrWhile: it was a root port a moment ago. */
    int64_t tc;          /* tcWhile: tells of a topology change. */
    int64_t tx_decay;    /* When 'tx_count' falls next. */
    unsigned tx_count;   /* txCount: BPDUs sent in the last second or so. */

    enum stp_role told_role;   /* As the owner knows it. */
    enum stp_state told_state; /* As the owner knows it. */
};

struct stp {
    struct stp_config config; /* As given. */
    struct stp_events events; /* What to tell. */
    void *aux;                /* Goes with them. */
    uint64_t id;              /* Bridge identifier. */
    struct list ports;        /* struct stp_port, by rising number; owned. */
    struct stp_vector root_priority; /* The best vector of all. */
    struct stp_times root_times;     /* Those that go with it. */
    struct stp_port *root_port;      /* Where it came from; NULL: we are the root. */
    int64_t now;                     /* Time of what is being done. */
    int64_t ran;                     /* Timers up to then have ended: 'now', if nothing is late. */
    uint64_t topology_changes;       /* Calls of events.flush. */
};

/* Is the timer that ends at 'end' running? */
static inline bool stp_is_running(const struct stp_port *p, int64_t end)
{
    return end > p->stp->ran;
}

/* Is what the roles machine wants to see true: nothing waits to be chosen or updated? */
static inline bool stp_port_is_settled(const struct stp_port *p)
{
    return p->selected && !p->updt_info;
}

/* Does the bridge speak RSTP at all (17.20.11)? */
static inline bool stp_is_rapid(const struct stp *stp)
{
    return stp->config.version == STP_VERSION_RSTP;
}

/* The port's identifier (9.2.7). */
static inline uint16_t stp_port_id(const struct stp_port *p)
{
    return (uint16_t) (p->config.priority << 8 | p->number);
}

#endif
