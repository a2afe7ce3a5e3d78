/* SPDX-License-Identifier: Apache-2.0 */
/* All that ofproto sees of the datapath: threads, bridges' ports and tables, upcalls. */
#ifndef DATAPATH_DATAPATH_H
#define DATAPATH_DATAPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/datapath-owner.h"
#include "datapath/drops.h"
#include "datapath/mac-learning.h"
#include "datapath/packet-out.h"
#include "datapath/tables.h"
#include "datapath/workers.h"
#include "lib/openflow/ofp-message.h"

/* The threads are in workers.h, which this header includes, what the owner of a bridge gives and
 * gets in datapath-owner.h.
 *
 * Threads: every function here is called by the control thread; workers are fed inside. Ownership:
 * workers outlive their datapaths. Time: 'now' as everywhere. */

struct datapath;
struct flow_cache_stats;
struct port_settings;
struct queues_config;
struct table_cache_stats;

/* Makes a bridge's packet path without ports, forwarded by 'w'. 'upcalls' are copied and called
 * with 'aux'; '*config' is borrowed during the call only. */
struct datapath *datapath_create(struct workers *w, const struct datapath_config *config,
                                 const struct datapath_upcalls *upcalls, void *aux);

/* Removes the ports, waits until every thread has passed and frees all. Accepts NULL. */
void datapath_destroy(struct datapath *dp);

/* The tables, for tables_insert() and friends. Changes become visible with tables_commit(). */
struct tables *datapath_tables(struct datapath *dp);

/* What becomes of packets that no rule matches, from now on. */
void datapath_set_miss(struct datapath *dp, enum datapath_miss miss);

/* Fragments: OFPC_FRAG_NORMAL, _DROP, _REASM (IPv4's; those of a packet that come in by one port),
 * or 3 (Nicira: first fragments keep their ports). */
void datapath_set_frag_mode(struct datapath *dp, uint16_t mode);

/* Adds a port with the device that 'text' describes ("NAME[,type=KIND][,ofport=N][,optional]...");
 * number 'port_no', or 0: ofport= if given, else the lowest free from 1 on. OFPP_LOCAL may be asked
 * for. Returns 0 with *added the number, or an errno with *error. */
int datapath_port_add(struct datapath *dp, const char *text, uint16_t port_no, uint16_t *added,
                      char **error);

/* Removes a port. Its device, which is left as it was found, is closed later, when no thread uses
 * it: workers_are_closing() tells. Returns 0 or ENODEV. */
int datapath_port_remove(struct datapath *dp, uint16_t port_no);

/* Next port after 'port_no' by rising number (start with 0; LOCAL last); 0 at the end. */
uint16_t datapath_port_next(const struct datapath *dp, uint16_t port_no);

/* Number of the port whose device has 'name'; 0 if none. */
uint16_t datapath_port_find(const struct datapath *dp, const char *name);

/* Description as FEATURES_REPLY shows it (5.2.1). ENODEV if there is no such port. */
int datapath_port_get(const struct datapath *dp, uint16_t port_no, struct ofp_port *port);
int datapath_port_get_stats(const struct datapath *dp, uint16_t port_no,
                            struct ofp_port_stats *stats);

/* A queue of a port: as it is configured and what it has counted. */
struct datapath_queue {
    struct ofp_queue config;      /* Number and guarantee (5.2.2). */
    struct ofp_queue_stats stats; /* Counters (5.3.5). */
};

/* Fills up to 'room' of 'queues' by rising number; returns how many the port has (maybe more): 0 if
 * none are configured, or there is no such port. */
size_t datapath_queue_list(const struct datapath *dp, uint16_t port_no,
                           struct datapath_queue *queues, size_t room);

/* True if the port 'port_no' has the queue 'id' configured. */
bool datapath_has_queue(const struct datapath *dp, uint16_t port_no, uint32_t id);

/* The cap and the queues of the port 'port_no' as they are in force, NULL if it has none or is not
 * there (struct queues_config: queue-config.h). Borrowed until they change. */
const struct queues_config *datapath_port_queues(const struct datapath *dp, uint16_t port_no);

/* Gives the port 'port_no', which is there, the cap and the queues of 'text' ("max-rate=RATE,
 * queue=N:..." as for datapath_port_add(), or "none") in place of those that it has. What waited is
 * lost; a queue whose number stays counts on, and what one that goes has counted goes with it, but
 * not from the port's counters. Returns 0, or EINVAL with *error. */
int datapath_port_set_queues(struct datapath *dp, uint16_t port_no, const char *text,
                             char **error);

/* Sets the OFPPC_* bits in 'mask' to 'config'; PORT_DOWN sets the device too. ENODEV, or the
 * device's errno. */
int datapath_port_set_config(struct datapath *dp, uint16_t port_no, uint32_t config, uint32_t mask);

/* State of a port in the spanning tree. */
struct datapath_tree {
    bool is_on;           /* It takes part: BPDUs that come in are UPCALL_PROTOCOL. */
    uint32_t state;       /* OFPPS_STP_*; FLOOD and NORMAL leave it alone unless it is FORWARD. */
    bool learns;          /* NORMAL learns from it. */
    bool blocks_receive;  /* While it does not forward, frames are dropped before the table. */
};

/* Sets that state (A7.7, A11.24). ENODEV if there is no such port. Not told by port_changed(). */
int datapath_port_set_tree(struct datapath *dp, uint16_t port_no, const struct datapath_tree *tree);

/* Sends 'packet' out of a port past tables and configuration. It is borrowed. */
void datapath_port_send(struct datapath *dp, uint16_t port_no, struct packet *packet, int64_t now);

/* What the user says of a port; NULL if there is no such port. Borrowed. */
const struct port_settings *datapath_port_settings(const struct datapath *dp, uint16_t port_no);

/* The device, for simulation and tests (netdev_memory_*); NULL if there is no such port. */
struct netdev *datapath_port_netdev(struct datapath *dp, uint16_t port_no);

/* What the port is on: a kind of device, "patch", or "none" while the device is missing or if there
 * is no such port. */
const char *datapath_port_kind(struct datapath *dp, uint16_t port_no);

/* Runs 'actions' on 'packet' as a packet_out from 'in_port' (A6.7-A6.10) and flushes what goes out.
 * The packet is borrowed and may be changed. TABLE looks up with in_port and counts. Returns how
 * many packets were sent out of ports for it. */
size_t datapath_execute(struct datapath *dp, struct packet *packet, uint16_t in_port,
                        const struct action_list *actions, int64_t now);

/* Goes on with 'po' likewise until it is done or an action is after which about 'budget' packets
 * have been sent. Returns how many were. */
size_t datapath_execute_some(struct datapath *dp, struct packet_out *po, size_t budget,
                             int64_t now);

/* Forgets learnt addresses: of one port, or all with OFPP_NONE. */
void datapath_mac_flush(struct datapath *dp, uint16_t port_no);

/* Forgets them of many ports at once, those below 'n' whose bit is set: see mac-learning.h. */
void datapath_mac_flush_ports(struct datapath *dp, const uint64_t ports[], size_t n);

/* Learnt addresses are forgotten after 'ageing' nanoseconds from now on; 0: as configured. */
void datapath_set_mac_ageing(struct datapath *dp, int64_t ageing, int64_t now);

/* Changes what is configured: 'mac_ageing' and 'blocks_new_ports' of struct datapath_config. The
 * former holds when datapath_set_mac_ageing() says so. */
void datapath_configure_mac_ageing(struct datapath *dp, int64_t ageing);
int64_t datapath_get_mac_ageing(const struct datapath *dp);
void datapath_block_new_ports(struct datapath *dp, bool blocks);

/* Copies up to 'n' learnt addresses to 'entries', in no order that means anything; returns how many
 * there are (maybe more than 'n'). */
size_t datapath_mac_list(const struct datapath *dp, int64_t now, struct mac_entry *entries,
                         size_t n);

/* Packets dropped by reason since the start, for people. */
struct drop_counter {
    const char *reason; /* In words. */
    uint64_t n;         /* Packets. */
};

/* Fills up to 'n' of 'drops', in a fixed order; returns how many reasons there are (maybe more). */
size_t datapath_get_drops(const struct datapath *dp, struct drop_counter *drops, size_t n);

/* Counts a packet that the owner of 'dp' dropped, after it came up. */
void datapath_count_drop(struct datapath *dp, enum drop_reason reason);

/* Sums what the threads' caches of flows have done (struct flow_cache_stats: flow-cache.h). */
void datapath_get_cache_stats(const struct datapath *dp, struct flow_cache_stats *sum);

/* Sums what their caches for resubmits have done (struct table_cache_stats: table-cache.h). */
void datapath_get_resubmit_stats(const struct datapath *dp, struct table_cache_stats *sum);

#endif
