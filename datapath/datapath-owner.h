/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner of a bridge's packet path gives and gets: settings, and packets that come up. */
#ifndef DATAPATH_DATAPATH_OWNER_H
#define DATAPATH_DATAPATH_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/rule.h"
#include "lib/openflow/nx-learn.h"
#include "lib/openflow/ofp-message.h"
#include "lib/packet/packet.h"

/* Why a packet comes up. */
enum upcall_reason {
    UPCALL_MISS,       /* OFPR_NO_MATCH. */
    UPCALL_ACTION,     /* OFPR_ACTION: output to CONTROLLER. */
    UPCALL_PROTOCOL,   /* BPDU, LACP ...: for a protocol machine. */
    UPCALL_LEARN,      /* No packet: a learnt rule. */
    UPCALL_FIN,        /* No packet: a rule whose connection ends. */
    UPCALL_OUTPUT,     /* Not for the owner: to be sent when what came up before has been done. */
    N_UPCALL_REASONS
};

/* A packet from below: one real frame, finished and segmented. Borrowed during the call. */
struct datapath_upcall {
    enum upcall_reason reason; /* Why. */
    uint8_t packet_in_reason;  /* OFPR_* to be told, but for UPCALL_PROTOCOL. */
    uint16_t in_port;          /* OpenFlow port. */
    uint16_t max_len;          /* UPCALL_ACTION: the action's. */
    uint64_t cookie;           /* Of the rule; UINT64_MAX without. */
    uint8_t table_id;          /* Where it missed or matched. */
    uint16_t controller_id;    /* Which controllers it is for: NXT_SET_CONTROLLER_ID; 0 usually. */
    const struct flow_metadata *metadata; /* What the packet has beside the frame; NULL none. */
    const struct packet *packet; /* The frame. */
};

/* What the datapath tells its owner, always from within workers_run() (rule_gone also from
 * tables_run() in workers_run()). The struct the upper storey hands down. */
struct datapath_upcalls {
    void (*packet)(void *aux, const struct datapath_upcall *upcall, int64_t now);
    /* A packet taught a rule that does not stand as it should: to be added, or changed as a
     * modify_strict does. Borrowed. */
    void (*learn)(void *aux, const struct learnt_rule *learnt, int64_t now);
    /* A FIN or RST met a fin_timeout of 'rule', which is in the next version of the tables: once a
     * rule. */
    void (*connection_ended)(void *aux, struct rule *rule, int64_t now);
    /* A port changed by itself: 'reason' OFPPR_ADD, DELETE, MODIFY. Not called for what the owner
     * did. */
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
    unsigned n_own_tables;  /* Tables of the switch's own, of which the last is the front table. */
    uint32_t max_rules;     /* Per table. */
    size_t cache_entries;   /* Per thread; 0: default. */
    bool blocks_new_ports;  /* New ports are blocked until datapath_port_set_tree(). */
    int64_t mac_ageing;     /* Nanoseconds until a learnt address is forgotten; 0: 300 s. */
};

#endif
