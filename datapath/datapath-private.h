/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a bridge's packet path, for the files of this folder alone. */
#ifndef DATAPATH_DATAPATH_PRIVATE_H
#define DATAPATH_DATAPATH_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "datapath/datapath-owner.h"
#include "datapath/drops.h"
#include "datapath/port-map.h"
#include "datapath/tables.h"
#include "lib/list.h"
#include "lib/rcu.h"
#include "lib/util.h"

struct flow_cache;
struct forwarder;
struct mac_table;
struct netdev;
struct table_cache;
struct workers;

/* What one thread has for one bridge. */
struct datapath_thread {
    struct flow_cache *cache;       /* Where packets begin; its own. */
    struct table_cache *later;      /* For resubmits; its own. */
    uint64_t drops[N_DROP_REASONS]; /* Packets dropped. Atomic, the thread's. */
} CACHE_ALIGNED;

/* Members marked (A) are written by the control thread, read by all and atomic; the others of the
 * first group don't change. */
struct datapath {
    uint64_t id;            /* No two bridges ever have the same. */
    struct tables *tables;  /* Rules; owned. */
    struct mac_table *macs; /* For NORMAL; owned. */
    struct port_map ports;  /* Ports by number. */
    uint32_t miss;          /* enum datapath_miss (A). */
    uint32_t frag_mode;     /* OFPC_FRAG_*, or 3; 2 bits (A). */

    /* For the control thread. */
    char *name;                      /* Bridge name; owned. */
    struct workers *workers;         /* Threads; borrowed. */
    struct list in_workers;          /* In the list of bridges there. */
    struct datapath_upcalls upcalls; /* What to tell whom. */
    void *aux;                       /* For them. */
    bool blocks_new_ports;           /* As configured. */
    int64_t mac_ageing;              /* Nanoseconds until a learnt address is forgotten. */
    uint16_t last_look;              /* Port whose device was looked at last without news. */
    unsigned looks_due;              /* Steps from there that are to be taken soon. */

    unsigned n_threads;               /* Number of elements of 'threads'. */
    struct datapath_thread threads[]; /* By number of the thread. */
};

/* Counts 'n' packets that thread 'id' dropped for 'reason'. */
static inline void datapath_drop(struct datapath *dp, unsigned id, enum drop_reason reason,
                                 uint64_t n)
{
    RCU_ADD(&dp->threads[id].drops[reason], n);
}

#endif
