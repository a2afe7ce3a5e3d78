/* SPDX-License-Identifier: Apache-2.0 */
/* The table of learnt Ethernet addresses: which address was seen behind which port. */
#ifndef DATAPATH_MAC_LEARNING_H
#define DATAPATH_MAC_LEARNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One table serves all threads of a bridge.  Keys are (VLAN id, address), 0 stands for "no tag".
 * It has a fixed number of entries.  An entry that was not seen for the ageing time counts as
 * absent.
 *
 * A full table is shared fairly: a newcomer takes the place of an entry of the port that holds
 * most, and never that of a port which holds less than its own, so a port that invents addresses
 * displaces its own.
 *
 * Threads: any, but for create and destroy.  No function waits, but for those that flush, which may
 * have to wait for a few instructions of another thread. */
struct mac_table;

/* An entry as told to people. */
struct mac_entry {
    uint8_t mac[6]; /* Address. */
    uint16_t vlan;  /* VLAN id, 0 without tag. */
    uint16_t port;  /* OpenFlow port. */
    int64_t age;    /* Nanoseconds since it was seen, to about half a second. */
};

/* Returns a table of about 'n_entries' (rounded up) that forgets after 'ageing' nanoseconds. */
struct mac_table *mac_table_create(size_t n_entries, int64_t ageing, uint64_t seed);
void mac_table_destroy(struct mac_table *t);

/* Port behind which (vlan, mac) was seen, or OFPP_NONE. */
uint16_t mac_table_lookup(const struct mac_table *t, uint16_t vlan, const uint8_t mac[6],
                          int64_t now);

/* Notes that (vlan, mac) was seen behind 'port'. Not noted: multicast addresses, newcomers of a
 * port that holds most where there is no room, and what meets another thread at work in the same
 * place (the next packet will do). True if the address is new or has moved. */
bool mac_table_learn(struct mac_table *t, uint16_t vlan, const uint8_t mac[6], uint16_t port,
                     int64_t now);

/* Forgets after 'ageing' nanoseconds from now on; what has aged before does not come back. Control
 * thread; may wait as mac_table_flush() may. */
void mac_table_set_ageing(struct mac_table *t, int64_t ageing, int64_t now);

/* Forgets what was seen behind 'port', or everything with OFPP_NONE. */
void mac_table_flush(struct mac_table *t, uint16_t port);

/* Forgets at once what was seen behind the ports below 'n' whose bit is set: of port p that is bit
 * p % 64 of ports[p / 64]. */
void mac_table_flush_ports(struct mac_table *t, const uint64_t ports[], size_t n);

/* Copies up to 'n' entries that have not aged to 'entries', in no order that means anything, and
 * returns how many there are (maybe more than 'n'). */
size_t mac_table_list(const struct mac_table *t, int64_t now, struct mac_entry *entries, size_t n);

#endif
