/* SPDX-License-Identifier: Apache-2.0 */
/* Networks of spanning tree machines in virtual time, for their tests. */
#ifndef TESTS_OFPROTO_STP_NET_H
#define TESTS_OFPROTO_STP_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bytes.h"
#include "ofproto/stp.h"

enum {
    NET_BRIDGES = 10, /* Bridges at most. */
    NET_PORTS = 8,    /* Ports of a bridge at most; their numbers count from 1. */
    NET_LANS = 40,    /* LANs at most, numbered from 0. */
    NET_ID_BASE = 0x100, /* Low bits of the address of bridge 0. */
};

/* A port as its bridge tells of it. */
struct net_port {
    int lan;              /* LAN that it is on; -1 none. */
    uint32_t cost;        /* Path cost. */
    enum stp_role role;   /* Role, as told. */
    enum stp_state state; /* State, as told. */
    unsigned flushes;     /* How often it was to be flushed. */
    unsigned sent[3];     /* BPDUs sent, by kind. */
    struct bpdu last;     /* The last one sent. */
};

/* A bridge. */
struct net_bridge {
    struct stp *stp;                         /* Machine; NULL: none, or switched off. */
    uint64_t id;                             /* Its identifier. */
    struct net_port ports[NET_PORTS + 1];    /* By number. */
};

/* All of it. BPDUs go through their bytes. */
struct net {
    struct net_bridge bridges[NET_BRIDGES]; /* Bridges by number. */
    bool is_lan_down[NET_LANS];             /* Nothing gets through, though links are up. */
    int64_t now;                            /* Time, ns. */
    struct bytes flying;                    /* Frames on their way. */
    bool checks_loops;                      /* Fails if ever there is a loop. */
};

/* Default settings of bridge 'i'. */
struct stp_config net_config(int i, enum stp_version version);

/* A network without bridges; its end. */
void net_init(struct net *net);
void net_uninit(struct net *net);

/* The same before and after a case, with '*state' the network; it checks for loops. */
int net_setup(void **state);
int net_teardown(void **state);
#define NET_CASE(NAME) cmocka_unit_test_setup_teardown(NAME, net_setup, net_teardown)

/* Makes bridge 'i', and one with the default settings. */
void net_add_bridge(struct net *net, int i, const struct stp_config *config);
void net_make_bridge(struct net *net, int i, enum stp_version version);

/* Makes bridges 0 to n - 1 in a ring: port 1 of each leads to the next one's port 2, by the LAN of
 * its number. Those in 'stp' (a bit each) speak STP only. */
void net_make_ring(struct net *net, int n, unsigned stp);

/* Switches bridge 'i' off. */
void net_kill_bridge(struct net *net, int i);

/* Puts port 'number' of bridge 'i' on 'lan' and enables it. */
void net_connect(struct net *net, int i, uint16_t number, int lan,
                 const struct stp_port_config *config);

/* The same with the default settings. */
void net_link(struct net *net, int i, uint16_t number, int lan);

/* Settings of a port by default. */
extern const struct stp_port_config net_port_config;

/* All ports on 'lan' see their link go down, or up. */
void net_set_lan(struct net *net, int lan, bool up);

/* Bridge 'i' receives 'bpdu' by port 'number'. */
void net_receive(struct net *net, int i, uint16_t number, const struct bpdu *bpdu);

/* Lets time pass, up to 'seconds' from now. */
void net_run(struct net *net, double seconds);

/* Is there a loop of forwarding ports? */
bool net_has_loop(const struct net *net);

/* A number less than 'n' of the sequence 'seed'. */
int net_draw(unsigned *seed, int n);

/* Lets the network come to rest, then of LANs 0 to n_lans - 1 some change, a random time of less
 * than 'seconds' apart, and then it come to rest again. Both times the tree is checked. */
void net_shake(struct net *net, unsigned *seed, int n_lans, int seconds);

/* Checks role and state of port 'number' of bridge 'i'. */
void net_assert_port(const struct net *net, int i, int number, enum stp_role role,
                     enum stp_state state);

/* Checks that the tree is what it ought to be by definition: root, costs, no loop, all connected
 * that can be. */
void net_check_tree(const struct net *net);

#endif
