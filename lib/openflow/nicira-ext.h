/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the Nicira extensions to OpenFlow 1.0. */
#ifndef LIB_OPENFLOW_NICIRA_EXT_H
#define LIB_OPENFLOW_NICIRA_EXT_H

#include <stdint.h>

#include "lib/byte-order.h"
#include "lib/openflow/openflow-1.0.h"

enum {
    NX_VENDOR_ID = 0x00002320, /* Nicira. */
    BSN_VENDOR_ID = 0x005c16c7, /* Big Switch Networks: known by number, refused (B29). */
};

/* Subtypes of OFPT_VENDOR messages. */
enum {
    NXT_ROLE_REQUEST = 10,         /* Ask for a role (B1). */
    NXT_ROLE_REPLY = 11,           /* The role now. */
    NXT_SET_FLOW_FORMAT = 12,      /* OpenFlow 1.0 or NXM matches (B5). */
    NXT_FLOW_MOD = 13,             /* Flow mod with an NXM match (B7). */
    NXT_FLOW_REMOVED = 14,         /* Flow removed with an NXM match (B8). */
    NXT_FLOW_MOD_TABLE_ID = 15,    /* Table in the high byte of 'command' (B3). */
    NXT_SET_PACKET_IN_FORMAT = 16, /* Standard or NXM packet in (B9). */
    NXT_PACKET_IN = 17,            /* Packet in with metadata (B9). */
    NXT_FLOW_AGE = 18,             /* Ages in flow statistics (B10). */
    NXT_SET_ASYNC_CONFIG = 19,     /* Which messages come unasked (B11). */
    NXT_SET_CONTROLLER_ID = 20,    /* Number of this controller (B12). */
    NXT_FLOW_MONITOR_CANCEL = 21,  /* End a flow monitor (B13). */
    NXT_FLOW_MONITOR_PAUSED = 22,  /* A flow monitor fell behind. */
    NXT_FLOW_MONITOR_RESUMED = 23, /* A flow monitor caught up. */
    NXT_RESUME = 28,               /* Go on with a packet (B9). */
    NXT_PACKET_IN2 = 30,           /* Extensible packet in (B9). */
};

/* Subtypes of OFPST_VENDOR statistics. */
enum {
    NXST_FLOW = 0,         /* Rules with NXM matches (B14). */
    NXST_AGGREGATE = 1,    /* Rules summed (B14). */
    NXST_FLOW_MONITOR = 2, /* Begin a flow monitor (B13). */
};

/* Subtypes of OFPAT_VENDOR actions. */
enum {
    NXAST_RESUBMIT = 1,        /* Look up again with another in_port (B15). */
    NXAST_SET_TUNNEL = 2,      /* 32-bit tunnel key (B19). */
    NXAST_SET_QUEUE = 4,       /* Queue for later outputs (B20). */
    NXAST_POP_QUEUE = 5,       /* Queue as before (B20). */
    NXAST_REG_MOVE = 6,        /* Copy bits between fields (B16). */
    NXAST_REG_LOAD = 7,        /* Load bits of a field (B16). */
    NXAST_NOTE = 8,            /* Bytes without effect (B18). */
    NXAST_SET_TUNNEL64 = 9,    /* 64-bit tunnel key (B19). */
    NXAST_MULTIPATH = 10,      /* Choose a link by hash (B21). */
    NXAST_BUNDLE = 12,         /* Choose a member (B21). */
    NXAST_BUNDLE_LOAD = 13,    /* Choose a member into a field (B21). */
    NXAST_RESUBMIT_TABLE = 14, /* Look up again in a table (B15). */
    NXAST_OUTPUT_REG = 15,     /* Output to the port in a field (B16). */
    NXAST_LEARN = 16,          /* Add a rule (B17). */
    NXAST_EXIT = 17,           /* End all processing (B18). */
    NXAST_DEC_TTL = 18,        /* Decrement the TTL (B22). */
    NXAST_FIN_TIMEOUT = 19,    /* Shorter timeouts after FIN or RST (B23). */
    NXAST_CONTROLLER = 20,     /* To a controller with a reason (B22). */
    NXAST_DEC_TTL_CNT_IDS = 21, /* Decrement the TTL, tell these controllers (B22). */
    NXAST_WRITE_METADATA = 22, /* Write metadata (B16). */
    NXAST_PUSH_MPLS = 23,      /* Push an MPLS label (B22). */
    NXAST_POP_MPLS = 24,       /* Pop an MPLS label (B22). */
    NXAST_SET_MPLS_TTL = 25,   /* Set the MPLS TTL (B22). */
    NXAST_DEC_MPLS_TTL = 26,   /* Decrement the MPLS TTL (B22). */
    NXAST_STACK_PUSH = 27,     /* Push a field on the stack (B16). */
    NXAST_STACK_POP = 28,      /* Pop a field off the stack (B16). */
    NXAST_SAMPLE = 29,         /* Sample packets (B26). */
    NXAST_CONJUNCTION = 34,    /* Part of a conjunctive match (B24). */
    NXAST_CT = 35,             /* Connection tracking (B25). */
    NXAST_NAT = 36,            /* Address translation (B25). */
    NXAST_OUTPUT_TRUNC = 39,   /* Output cut short (B26). */
    NXAST_CLONE = 42,          /* Actions on a copy (B26). */
    NXAST_CHECK_PKT_LARGER = 49, /* Compare the frame's size (B26). */
};

/* Roles of a controller in NXT_ROLE_REQUEST and _REPLY (B1). */
enum {
    NX_ROLE_OTHER = 0,     /* Full access. */
    NX_ROLE_PRIMARY = 1,   /* Full access, at most one controller ("master" on older tools). */
    NX_ROLE_SECONDARY = 2, /* Reads only ("slave" on older tools). */
};

/* Further 'flags' values of the switch configuration (A3.9, B22). */
enum {
    OFPC_FRAG_NX_MATCH = 3, /* The first fragment keeps its ports; nw_frag can be matched. */
    OFPC_NX_INVALID_TTL = 1 << 2, /* This controller wants packet_ins with OFPR_NX_INVALID_TTL. */
};

/* A further reason of a packet_in (B22). */
enum {
    OFPR_NX_INVALID_TTL = 2, /* The TTL was 0, or would have been. */
};

/* Head of a vendor message. */
struct nx10_vendor_header {
    struct ofp10_header header; /* OFPT_VENDOR. */
    be32 vendor;                /* NX_VENDOR_ID. */
    be32 subtype;               /* NXT_*. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_vendor_header) == 16, "nicira_header");

/* NXT_ROLE_REQUEST and NXT_ROLE_REPLY. */
struct nx10_role_request {
    struct nx10_vendor_header nxh; /* NXT_ROLE_REQUEST or NXT_ROLE_REPLY. */
    be32 role;                     /* NX_ROLE_*. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_role_request) == 20, "nx_role_request");

/* NXT_SET_ASYNC_CONFIG. Of each pair, [0] is for the roles other and primary, [1] for secondary. */
struct nx10_async_config {
    struct nx10_vendor_header nxh; /* NXT_SET_ASYNC_CONFIG. */
    be32 packet_in_mask[2];        /* Bit 1 << OFPR_*. */
    be32 port_status_mask[2];      /* Bit 1 << OFPPR_*. */
    be32 flow_removed_mask[2];     /* Bit 1 << OFPRR_*. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_async_config) == 40, "nx_async_config");

/* NXT_SET_CONTROLLER_ID. */
struct nx10_controller_id {
    struct nx10_vendor_header nxh; /* NXT_SET_CONTROLLER_ID. */
    uint8_t zero[6];               /* 0. */
    be16 controller_id;            /* Number of this controller. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_controller_id) == 24, "nx_controller_id");

/* NXT_FLOW_MOD_TABLE_ID. */
struct nx10_flow_mod_table_id {
    struct nx10_vendor_header nxh; /* NXT_FLOW_MOD_TABLE_ID. */
    uint8_t set;                   /* Not 0: the high byte of 'command' is the table. */
    uint8_t pad[7];                /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_flow_mod_table_id) == 24, "nx_flow_mod_table_id");

/* Head of an action. */
struct nx10_action_header {
    be16 type;      /* OFPAT_VENDOR. */
    be16 len;       /* Bytes, a multiple of 8. */
    be32 vendor;    /* NX_VENDOR_ID. */
    be16 subtype;   /* NXAST_*. */
    uint8_t pad[6]; /* 0, or the action's arguments. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_header) == 16, "nx_action_header");

/* Body of an OFPT_ERROR of type OFPET_VENDOR, code 0 (B27); the failed message follows. */
struct nx10_vendor_error {
    be32 vendor; /* NX_VENDOR_ID. */
    be16 type;   /* The vendor's own type. */
    be16 code;   /* The vendor's own code. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_vendor_error) == 8, "nx_vendor_error");

#endif
