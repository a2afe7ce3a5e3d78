/* SPDX-License-Identifier: Apache-2.0 */
/* Why the datapath dropped packets: the reasons and their words. */
#ifndef DATAPATH_DROPS_H
#define DATAPATH_DROPS_H

/* Each thread counts for each bridge; datapath_get_drops() sums.  What a rule without actions drops
 * is counted by the rule, what a device or a queue drops by the device and the queue. */
enum drop_reason {
    DROP_PORT_DOWN,       /* Received on a port with OFPPC_PORT_DOWN. */
    DROP_NO_RECV,         /* Received on a port with OFPPC_NO_RECV or OFPPC_NO_RECV_STP. */
    DROP_BLOCKED,         /* Received on a port that spanning tree blocks. */
    DROP_RUNT,            /* Shorter than an Ethernet header. */
    DROP_FRAGMENT,        /* An IP fragment under OFPC_FRAG_DROP. */
    DROP_FRAGMENT_LATE,   /* Fragments of what did not become whole in time (OFPC_FRAG_REASM). */
    DROP_FRAGMENT_CROWDED, /* Fragments that made room for others. */
    DROP_FRAGMENT_BAD,    /* Fragments that overlap, contradict each other or are damaged. */
    DROP_MISS,            /* No rule matches, and no controller is connected. */
    DROP_NO_PACKET_IN,    /* No rule matches, and the port has OFPPC_NO_PACKET_IN. */
    DROP_NO_PORT,         /* Output to a port that is not there. */
    DROP_INGRESS,         /* Output to the port it came in by. */
    DROP_NOT_FORWARDING,  /* Output to a port that is down or has OFPPC_NO_FWD. */
    DROP_VLAN,            /* NORMAL: of a VLAN that the port does not carry. */
    DROP_RESERVED,        /* NORMAL: link-local multicast, which a bridge does not forward. */
    DROP_RECURSION,       /* OFPP_TABLE nested too deep. */
    DROP_RESUBMITS,       /* Resubmits nested too deep, or too many. */
    DROP_HOPS,            /* Output to a patch port after PACKET_MAX_HOPS of them. */
    DROP_CROSSINGS_FULL,  /* Output to a patch port while too many packets cross. */
    DROP_NO_QUEUE,        /* Not dropped, but sent by the default queue: there is no such queue. */
    DROP_NO_MEMORY,       /* All buffers of the thread are in use. */
    DROP_UPCALL_QUOTA,    /* To the controller: the port's share of the ring is used up. */
    DROP_UPCALL_FULL,     /* To the controller: the ring is full. */
    DROP_UPCALL_PROTOCOL, /* To a protocol machine: ring full, or too many from the port. */
    DROP_LEARN_FULL,      /* Not dropped, but nothing learnt from it, or no timeout cut: the ring is
                           * full. */
    DROP_LEARN_WAITING,   /* The same: too many rules wait for a flow_mod to be done. */
    DROP_DAMAGED,         /* To the controller: a super-frame that can't be segmented. */
    N_DROP_REASONS
};

/* The reason in words, for people. */
extern const char *const drop_reason_names[N_DROP_REASONS];

#endif
