/* SPDX-License-Identifier: Apache-2.0 */
/* All that ofproto sees of the datapath: threads, bridges' ports and tables, upcalls. */
#ifndef DATAPATH_DATAPATH_H
#define DATAPATH_DATAPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/datapath-owner.h"
#include "datapath/datapath-ports.h"
#include "datapath/drops.h"
#include "datapath/mac-learning.h"
#include "datapath/packet-out.h"
#include "datapath/queue-ports.h"
#include "datapath/tables.h"
#include "datapath/workers.h"

/* What this header includes is a part of it: the threads in workers.h, what the owner of a bridge
 * gives and gets in datapath-owner.h, its ports in datapath-ports.h, their queues in queue-ports.h.
 *
 * Threads: every function here is called by the control thread; workers are fed inside. Ownership:
 * workers outlive their datapaths. Time: 'now' as everywhere. */

struct datapath;
struct flow_cache_stats;
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

/* Sends 'packet' out of a port past tables and configuration. It is borrowed. */
void datapath_port_send(struct datapath *dp, uint16_t port_no, struct packet *packet, int64_t now);

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
