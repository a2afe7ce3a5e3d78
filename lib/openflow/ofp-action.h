/* SPDX-License-Identifier: Apache-2.0 */
/* One action in memory: what it does and its arguments. */
#ifndef LIB_OPENFLOW_OFP_ACTION_H
#define LIB_OPENFLOW_OFP_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/byte-order.h"
#include "lib/openflow/nx-fields.h"

/* Lists of them are in ofp-actions.h. */

/* What an action does; the numbers are ours, the wire's are in the table of ofp-actions.c. */
enum action_type {
    ACTION_OUTPUT,       /* OFPAT_OUTPUT. */
    ACTION_SET_VLAN_VID, /* OFPAT_SET_VLAN_VID. */
    ACTION_SET_VLAN_PCP, /* OFPAT_SET_VLAN_PCP. */
    ACTION_STRIP_VLAN,   /* OFPAT_STRIP_VLAN. */
    ACTION_SET_DL_SRC,   /* OFPAT_SET_DL_SRC. */
    ACTION_SET_DL_DST,   /* OFPAT_SET_DL_DST. */
    ACTION_SET_NW_SRC,   /* OFPAT_SET_NW_SRC. */
    ACTION_SET_NW_DST,   /* OFPAT_SET_NW_DST. */
    ACTION_SET_NW_TOS,   /* OFPAT_SET_NW_TOS. */
    ACTION_SET_TP_SRC,   /* OFPAT_SET_TP_SRC. */
    ACTION_SET_TP_DST,   /* OFPAT_SET_TP_DST. */
    ACTION_ENQUEUE,      /* OFPAT_ENQUEUE. */
    N_STANDARD_ACTIONS,  /* Number of those; from here on NXAST_* of OFPAT_VENDOR. */
    ACTION_RESUBMIT = N_STANDARD_ACTIONS, /* NXAST_RESUBMIT. */
    ACTION_SET_TUNNEL,     /* NXAST_SET_TUNNEL. */
    ACTION_SET_QUEUE,      /* NXAST_SET_QUEUE. */
    ACTION_POP_QUEUE,      /* NXAST_POP_QUEUE. */
    ACTION_REG_MOVE,       /* NXAST_REG_MOVE: struct action_reg_move. */
    ACTION_REG_LOAD,       /* NXAST_REG_LOAD: struct action_reg_load. */
    ACTION_NOTE,           /* NXAST_NOTE: action_note(). */
    ACTION_SET_TUNNEL64,   /* NXAST_SET_TUNNEL64. */
    ACTION_RESUBMIT_TABLE, /* NXAST_RESUBMIT_TABLE. */
    ACTION_OUTPUT_REG,     /* NXAST_OUTPUT_REG: struct action_output_reg. */
    ACTION_LEARN,          /* NXAST_LEARN: struct action_learn. */
    ACTION_EXIT,           /* NXAST_EXIT. */
    ACTION_DEC_TTL,        /* NXAST_DEC_TTL. */
    ACTION_FIN_TIMEOUT,    /* NXAST_FIN_TIMEOUT. */
    ACTION_CONTROLLER,     /* NXAST_CONTROLLER. */
    N_ACTIONS
};

enum { ACTION_THIS_TABLE = 0xff }; /* Of a resubmit: the table of the rule itself. */

/* One action.  Actions stand one behind the other in an action list; each takes 'size' bytes, a
 * multiple of 8: some are longer than this struct, which is then their first member.  Bytes that
 * the type does not use are 0, so that lists can be compared as bytes. */
struct action {
    uint16_t type; /* enum action_type. */
    uint16_t size; /* Bytes to the next action. */
    uint32_t pad;  /* 0. */
    union {
        struct {
            uint16_t port;    /* OFPP_* or port number, host order. */
            uint16_t max_len; /* Bytes for the controller if port is OFPP_CONTROLLER. */
        } output;             /* ACTION_OUTPUT; ACTION_OUTPUT_REG: max_len alone. */
        struct {
            uint16_t port;  /* Port number, OFPP_IN_PORT or OFPP_LOCAL, host order. */
            uint32_t queue; /* Queue id. */
        } enqueue;          /* ACTION_ENQUEUE. */
        uint16_t vlan_vid;  /* 0..4095, host order. */
        uint8_t vlan_pcp;   /* 0..7. */
        uint8_t dl_addr[6]; /* ACTION_SET_DL_*. */
        be32 nw_addr;       /* ACTION_SET_NW_SRC, _DST. */
        uint8_t nw_tos;     /* Upper 6 bits; the lower two are 0. */
        be16 tp_port;       /* ACTION_SET_TP_*. */
        struct {
            uint16_t in_port; /* Ingress port of the lookup; OFPP_IN_PORT: that of the packet. */
            uint8_t table_id; /* Table, or ACTION_THIS_TABLE. */
        } resubmit;           /* ACTION_RESUBMIT, ACTION_RESUBMIT_TABLE. */
        struct {
            uint16_t max_len; /* Bytes for the controller. */
            uint16_t id;      /* Which controllers: those of this number. */
            uint8_t reason;   /* OFPR_*. */
        } controller;         /* ACTION_CONTROLLER. */
        struct {
            uint16_t idle; /* Seconds; 0: as it is. */
            uint16_t hard; /* Seconds; 0: as it is. */
        } fin_timeout;     /* ACTION_FIN_TIMEOUT: the rule has no longer ones after a FIN or RST. */
        uint64_t tun_id;      /* ACTION_SET_TUNNEL, ACTION_SET_TUNNEL64: the key, host order. */
        uint32_t queue;       /* ACTION_SET_QUEUE: queue id. */
        uint32_t note_size;   /* ACTION_NOTE: bytes of the note. */
        uint64_t value;       /* ACTION_REG_LOAD: what to store, in the lowest bits. */
        uint64_t cookie;      /* ACTION_LEARN: of the rule. */
        uint64_t word;        /* All of it. */
    };
};

_Static_assert(sizeof(struct action) == 16, "struct action grew");

/* ACTION_REG_MOVE: copies bits. */
struct action_reg_move {
    struct action action;    /* Head. */
    struct nx_subfield from; /* These, */
    struct nx_subfield to;   /* to these, which are as many. */
};

/* ACTION_REG_LOAD: stores action.value. */
struct action_reg_load {
    struct action action;  /* Head. */
    struct nx_subfield to; /* Where: at most 64 bits. */
};

/* ACTION_OUTPUT_REG: sends to the port that a field has the number of. */
struct action_output_reg {
    struct action action;    /* Head. */
    struct nx_subfield from; /* The port: at most 16 bits count. */
};

/* What a spec of a learn action makes. */
enum learn_kind {
    LEARN_MATCH,  /* A field of the match. */
    LEARN_LOAD,   /* An action that loads a field. */
    LEARN_OUTPUT, /* An output to the port that is the source, a field. */
};

/* A spec of a learn action. */
struct learn_spec {
    struct nx_subfield from; /* Source: bits of the packet; without a field it is 'value'. */
    struct nx_subfield to;   /* Destination, which has as many bits; without a field for outputs. */
    uint64_t value[2];       /* Source: the number's upper and lower 64 bits. */
    uint16_t n_bits;         /* Bits of source and destination. */
    uint16_t kind;           /* enum learn_kind. */
    uint32_t pad;            /* 0. */
};

enum { LEARN_MAX_SPECS = 128 /* Specs of one learn action; more are TOO_MANY. */ };

/* ACTION_LEARN: adds a rule or changes one, as a modify_strict does. */
struct action_learn {
    struct action action;       /* Head. */
    uint16_t idle_timeout;      /* Seconds, 0 never. */
    uint16_t hard_timeout;      /* Seconds since it was last learnt, 0 never. */
    uint16_t priority;          /* Priority. */
    uint16_t flags;             /* OFPFF_*: of these SEND_FLOW_REM. */
    uint16_t fin_idle_timeout;  /* Idle seconds after a FIN, 0 as before. */
    uint16_t fin_hard_timeout;  /* Seconds after a FIN, counted as hard_timeout; 0 as before. */
    uint8_t table_id;           /* Table. */
    bool deletes_learnt;        /* Rules of table and cookie go when none teaches them. */
    uint8_t pad[6];             /* 0. */
    uint16_t end_size;          /* Bytes behind the specs on the wire, all 0. */
    uint16_t n_specs;           /* Number of specs. */
    struct learn_spec specs[];  /* What it matches and does. */
};

/* The a->note_size bytes of the ACTION_NOTE 'a'. */
static inline uint8_t *action_note(const struct action *a)
{
    return (uint8_t *) (uintptr_t) (&a->note_size + 1);
}

#endif
