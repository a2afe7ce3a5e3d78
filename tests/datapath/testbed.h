/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge with memory ports to play frames to, and what comes out of it. */
#ifndef TESTS_DATAPATH_TESTBED_H
#define TESTS_DATAPATH_TESTBED_H

#include "tests/unit.h"

#include <stdbool.h>
#include <stdint.h>

#include "datapath/datapath.h"
#include "lib/bytes.h"
#include "lib/packet/packet.h"

/* A frame that came up, as text. */
struct testbed_upcall {
    enum upcall_reason reason; /* Why. */
    uint16_t in_port;          /* Ingress port. */
    uint16_t max_len;          /* Of the action. */
    uint64_t cookie;           /* Of the rule. */
    struct bytes frame;        /* The frame; owned. */
};

/* A bridge with ports p1 to pN of kind "memory", without rules. */
struct testbed {
    struct workers *w;              /* Threads. */
    struct datapath *dp;            /* The bridge. */
    bool borrows_workers;           /* 'w' belongs to another testbed. */
    int64_t now;                    /* Time. */
    struct testbed_upcall *upcalls; /* What came up, oldest first. */
    size_t n_upcalls;               /* How many. */
    struct ofp_port changed;        /* Last port that changed by itself. */
    unsigned n_changed;             /* How often one did. */
    size_t n_gone;                  /* Rules that were handed over. */
    uint64_t gone_packets;          /* Sum of what they had counted. */
    void (*on_packet)(struct testbed *tb, const struct datapath_upcall *upcall); /* Instead. */
};

/* How to make it. */
struct testbed_config {
    unsigned n_workers;   /* Threads; 0: simulated. */
    unsigned n_ports;     /* Ports. */
    const char *options;  /* Of all ports, after "pN,type=memory"; NULL none. */
    size_t upcall_size;   /* Of the rings. */
    size_t cache_entries; /* Of the caches; 0: 1024. */
    uint32_t max_rules;   /* Per table; 0: 100000. */
    unsigned n_tables;    /* Tables; 0: 1. */
    bool spins;           /* Not simulated although there are no threads. */
};

/* Makes a bridge as 'config' says; testbed_uninit() takes it down. */
void testbed_init(struct testbed *tb, const struct testbed_config *config);
void testbed_uninit(struct testbed *tb);

/* Makes another bridge, without ports, in the threads of 'first': what runs one runs both. It goes
 * before 'first' does. */
void testbed_init_beside(struct testbed *tb, const struct testbed *first, const char *name);

/* Runs until there is nothing left to do; with threads, until a barrier has passed. */
void testbed_run(struct testbed *tb);

/* Adds a port; returns its number. */
uint16_t testbed_add_port(struct testbed *tb, const char *text);

/* Inserts a rule without committing it: a match and actions as users type them. */
struct rule *testbed_insert(struct testbed *tb, const char *match, uint16_t priority,
                            const char *actions);

/* The same for table 'table_id'. */
struct rule *testbed_insert_in(struct testbed *tb, uint8_t table_id, const char *match,
                               uint16_t priority, const char *actions);

/* The same for table 0, committed. */
struct rule *testbed_add(struct testbed *tb, const char *match, uint16_t priority,
                         const char *actions);

/* Lets the frame that 'text' describes come in by port 'port_no'. */
void testbed_inject(struct testbed *tb, uint16_t port_no, const char *text);

/* Sends the frame that 'text' describes as a packet_out. */
void testbed_packet_out(struct testbed *tb, uint16_t in_port, const char *actions,
                        const char *text);

/* Takes the oldest frame that went out of port 'port_no'; false if there is none. */
bool testbed_take(struct testbed *tb, uint16_t port_no, struct bytes *frame);

/* Fails unless the next frame out of port 'port_no' is the one that 'text' describes. */
void testbed_expect(struct testbed *tb, uint16_t port_no, const char *text);

/* Fails if any frame is left in any port. */
void testbed_expect_no_more(struct testbed *tb);

/* Throws away what went out and what came up. */
void testbed_clear(struct testbed *tb);

/* Packets dropped for a reason, given in words. */
uint64_t testbed_drops(const struct testbed *tb, const char *reason);

/* Packets that rule 'rule' has counted. */
uint64_t testbed_packets(const struct testbed *tb, const struct rule *rule);

#endif
