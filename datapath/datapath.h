/* SPDX-License-Identifier: Apache-2.0 */
/* All that ofproto sees of the datapath: threads, bridges' ports and tables, upcalls. */
#ifndef DATAPATH_DATAPATH_H
#define DATAPATH_DATAPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/tables.h"
#include "lib/openflow/ofp-message.h"

/* Threads: every function here is called by the control thread; workers are started, stopped and fed inside.
 * Ownership: workers outlive their datapaths. Time: 'now' as everywhere. */

/* Threads ------------------------------------------------------------------------------------------------ */

struct workers;

struct workers_config {
    unsigned n;         /* Worker threads; 0: the control thread forwards in workers_run(). */
    uint64_t seed;      /* For all hashes. */
    bool simulated;     /* No threads, no rtnetlink, time only from workers_run(). */
    size_t upcall_size; /* Bytes of each worker's ring of misses; 0: default 1 MiB. */
};

/* Starts the threads. Returns 0, or an errno with *error a malloc()ed sentence. */
int workers_create(const struct workers_config *config, struct workers **w, char **error);

/* Stops and joins them. All datapaths are gone before. Accepts NULL. */
void workers_destroy(struct workers *w);

/* An epoll descriptor that is readable when workers_run() has something to do. */
int workers_fd(const struct workers *w);

/* Handles upcalls (bounded per call), news of links, reclaimed rules and passed barriers; with n = 0 forwards
 * packets too. True if it wants to be called again at once. */
bool workers_run(struct workers *w, int64_t now);

/* True if every worker reported quiescence or slept within the last second before 'now' (A1.9). */
bool workers_are_alive(struct workers *w, int64_t now);

/* Starts a barrier: the token has passed when no thread can see what was before, every rule removed before has
 * been handed to rule_gone and every packet_out has left. workers_fd() becomes readable when it passes. */
uint64_t workers_sync(struct workers *w);
bool workers_synced(struct workers *w, uint64_t token);

/* Ports and tables of one bridge ---------------------------------------------------------------------------- */

struct datapath;

/* Why a packet comes up. */
enum upcall_reason {
    UPCALL_MISS,       /* OFPR_NO_MATCH. */
    UPCALL_ACTION,     /* OFPR_ACTION: output to CONTROLLER. */
    UPCALL_PROTOCOL,   /* BPDU, LACP ...: for a protocol machine. */
    N_UPCALL_REASONS
};

/* A packet from below: one real frame, finished and segmented. Borrowed during the call. */
struct datapath_upcall {
    enum upcall_reason reason; /* Why. */
    uint16_t in_port;          /* OpenFlow port. */
    uint16_t max_len;          /* UPCALL_ACTION: the action's. */
    uint64_t cookie;           /* Of the rule; UINT64_MAX without. */
    uint8_t table_id;          /* Where it missed or matched. */
    const struct packet *packet; /* The frame. */
};

/* What the datapath tells its owner, always from within workers_run() (rule_gone also from tables_run() in
 * workers_run()). The struct the upper storey hands down. */
struct datapath_upcalls {
    void (*packet)(void *aux, const struct datapath_upcall *upcall, int64_t now);
    /* A port changed by itself: 'reason' OFPPR_ADD, DELETE, MODIFY. Not called for what the owner did. */
    void (*port_changed)(void *aux, uint8_t reason, const struct ofp_port *port, int64_t now);
    /* As in struct tables_config. */
    void (*rule_gone)(void *aux, struct rule *rule, const struct rule_counters *counters,
                      bool counters_moved);
};

/* What becomes of a packet that matches no rule. */
enum datapath_miss {
    MISS_CONTROLLER, /* Upcall. */
    MISS_DROP,       /* Dropped (fail-secure, no controller connected). */
    MISS_NORMAL,     /* Forwarded by NORMAL (standalone). */
};

struct datapath_config {
    const char *name;       /* Bridge name. */
    unsigned n_tables;      /* Tables. */
    uint32_t max_rules;     /* Per table. */
    size_t cache_entries;   /* Per thread; 0: default. */
    int64_t mac_ageing;     /* Nanoseconds until a learnt address is forgotten; 0: 300 s. */
};

struct datapath *datapath_create(struct workers *w, const struct datapath_config *config,
                                 const struct datapath_upcalls *upcalls, void *aux);
void datapath_destroy(struct datapath *dp);

/* The tables, for tables_insert() and friends. Changes become visible with tables_commit(). */
struct tables *datapath_tables(struct datapath *dp);

void datapath_set_miss(struct datapath *dp, enum datapath_miss miss);

/* Fragments: OFPC_FRAG_NORMAL, OFPC_FRAG_DROP, or 3 (Nicira: first fragments keep their ports). */
void datapath_set_frag_mode(struct datapath *dp, uint16_t mode);

/* Adds a port with the device that 'text' describes ("NAME[,type=KIND][,ofport=N][,optional]..."); number
 * 'port_no', or 0: ofport= if given, else the lowest free from 1 on. OFPP_LOCAL may be asked for. Returns 0
 * with *added the number, or an errno with *error. */
int datapath_port_add(struct datapath *dp, const char *text, uint16_t port_no, uint16_t *added,
                      char **error);
int datapath_port_remove(struct datapath *dp, uint16_t port_no);

/* Next port after 'port_no' by rising number (start with 0; LOCAL last); 0 at the end. */
uint16_t datapath_port_next(const struct datapath *dp, uint16_t port_no);

/* Number of the port whose device has 'name'; 0 if none. */
uint16_t datapath_port_find(const struct datapath *dp, const char *name);

/* Description as FEATURES_REPLY shows it (5.2.1). ENODEV if there is no such port. */
int datapath_port_get(const struct datapath *dp, uint16_t port_no, struct ofp_port *port);
int datapath_port_get_stats(const struct datapath *dp, uint16_t port_no,
                            struct ofp_port_stats *stats);

/* Sets the OFPPC_* bits in 'mask' to 'config'; PORT_DOWN sets the device too. ENODEV, or the device's errno. */
int datapath_port_set_config(struct datapath *dp, uint16_t port_no, uint32_t config, uint32_t mask);

/* The device, for simulation and tests (netdev_memory_*); NULL if there is no such port. */
struct netdev *datapath_port_netdev(struct datapath *dp, uint16_t port_no);

/* Runs 'actions' on 'packet' as a packet_out from 'in_port' (A6.7-A6.10) and flushes what goes out. The packet
 * is borrowed and may be changed. TABLE looks up with in_port and counts. */
void datapath_execute(struct datapath *dp, struct packet *packet, uint16_t in_port,
                      const struct action_list *actions, int64_t now);

/* Forgets learnt addresses: of one port, or all with OFPP_NONE. */
void datapath_mac_flush(struct datapath *dp, uint16_t port_no);

/* Packets dropped by reason since the start, for people. */
struct drop_counter {
    const char *reason; /* In words. */
    uint64_t n;         /* Packets. */
};
size_t datapath_get_drops(const struct datapath *dp, struct drop_counter *drops, size_t n);

#endif
