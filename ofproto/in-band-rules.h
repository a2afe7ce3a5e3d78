/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of in-band control as text, made of what is known of the network. */
#ifndef OFPROTO_IN_BAND_RULES_H
#define OFPROTO_IN_BAND_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/netdev/link-address.h"

struct bytes;

enum { IN_BAND_PORTS = 2 /* TCP ports that a controller may be at. */ };

/* An end of the secure channel: a controller, or one of our own addresses where we listen. */
struct in_band_end {
    struct link_ip ip;             /* Address. */
    uint16_t ports[IN_BAND_PORTS]; /* TCP ports, host order; 0: none. */
    struct link_ip gateway;        /* Router on the way there, or none. */
    bool has_next_mac;             /* 'next_mac' is known. */
    uint8_t next_mac[6];           /* Of the router, or of the controller if there is none. */
};

/* What is known. */
struct in_band_facts {
    uint8_t mac[6];                 /* Of the LOCAL port. */
    struct link_address *addresses; /* Of the LOCAL port; owned. */
    size_t n_addresses;             /* How many. */
    struct in_band_end *ends;       /* Of all channels; owned. */
    size_t n_ends;                  /* How many. */
    bool is_settled;                /* IPv6: LOCAL has an address, and a way to each controller. */
    bool needs_adverts;             /* IPv6: LOCAL's addresses end without router advertisements
                                     * that may come from anybody. */
};

/* Appends to '*out' a line for each rule that 'facts' ask for: a match in the syntax of
 * ofp_parse_flow_mod(). The same line may come twice. Of an IP version that no end has there are
 * none. Threads: any. */
void in_band_rules_put(struct bytes *out, const struct in_band_facts *facts);

/* Adds an end with address 'ip' and no ports, and returns it; valid until the next one is added. */
struct in_band_end *in_band_facts_add_end(struct in_band_facts *facts, const struct link_ip *ip);

/* Frees what 'facts' own. */
void in_band_facts_uninit(struct in_band_facts *facts);

#endif
