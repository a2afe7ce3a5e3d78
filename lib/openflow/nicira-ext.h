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

/* Further reasons of a packet_in (B22); those that this switch never gives of itself are later
 * versions' of OpenFlow. */
enum {
    OFPR_NX_INVALID_TTL = 2, /* The TTL was 0, or would have been. */
    OFPR_NX_ACTION_SET = 3,  /* An action set had it sent. */
    OFPR_NX_GROUP = 4,       /* A bucket of a group. */
    OFPR_NX_PACKET_OUT = 5,  /* A packet_out. */
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

/* Form of matches in statistics and flow_removed, in NXT_SET_FLOW_FORMAT (B5). */
enum {
    NX_FLOW_FORMAT_OPENFLOW10 = 0, /* struct ofp_match. */
    NX_FLOW_FORMAT_NXM = 2,        /* Fields one by one. */
};

/* Form of packet_in, in NXT_SET_PACKET_IN_FORMAT (B9). */
enum {
    NX_PACKET_IN_STANDARD = 0, /* OFPT_PACKET_IN. */
    NX_PACKET_IN_NXT = 1,      /* NXT_PACKET_IN. */
    NX_PACKET_IN_NXT2 = 2,     /* NXT_PACKET_IN2. */
};

/* NXT_SET_FLOW_FORMAT and NXT_SET_PACKET_IN_FORMAT. */
struct nx10_set_format {
    struct nx10_vendor_header nxh; /* NXT_SET_FLOW_FORMAT or NXT_SET_PACKET_IN_FORMAT. */
    be32 format;                   /* NX_FLOW_FORMAT_* or NX_PACKET_IN_*. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_set_format) == 20, "nx_set_flow_format");

/* NXT_FLOW_MOD; the match, padded to 8 bytes, and the actions follow. */
struct nx10_flow_mod {
    struct nx10_vendor_header nxh;   /* NXT_FLOW_MOD. */
    struct ofp10_flow_mod_body body; /* What is to be done. */
    be16 match_len;                  /* Bytes of the match without padding. */
    uint8_t pad[6];                  /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_flow_mod) == 48, "nx_flow_mod");

/* NXT_FLOW_REMOVED; the match, padded to 8 bytes, follows. */
struct nx10_flow_removed {
    struct nx10_vendor_header nxh; /* NXT_FLOW_REMOVED. */
    be64 cookie;                   /* As set. */
    be16 priority;                 /* Priority. */
    uint8_t reason;                /* OFPRR_*. */
    uint8_t table_id;              /* The table's number + 1; 0 not told. */
    be32 duration_sec;             /* Seconds alive. */
    be32 duration_nsec;            /* Nanoseconds beyond them. */
    be16 idle_timeout;             /* Seconds. */
    be16 match_len;                /* Bytes of the match without padding. */
    be64 packet_count;             /* Packets. */
    be64 byte_count;               /* Bytes. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_flow_removed) == 56, "nx_flow_removed");

/* NXT_PACKET_IN; the match with the metadata, padded to 8 bytes, two bytes of 0 and the frame
 * follow. */
struct nx10_packet_in {
    struct nx10_vendor_header nxh; /* NXT_PACKET_IN. */
    be32 buffer_id;                /* UINT32_MAX none. */
    be16 total_len;                /* Bytes of the whole frame. */
    uint8_t reason;                /* OFPR_*. */
    uint8_t table_id;              /* Where it missed or matched. */
    be64 cookie;                   /* Of the rule; UINT64_MAX without. */
    be16 match_len;                /* Bytes of the match without padding. */
    uint8_t pad[6];                /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_packet_in) == 40, "nx_packet_in");

/* Head of vendor statistics. */
struct nx10_stats_msg {
    struct ofp10_stats_msg stats; /* OFPST_VENDOR. */
    be32 vendor;                  /* NX_VENDOR_ID. */
    be32 subtype;                 /* NXST_*. */
    uint8_t pad[4];               /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_stats_msg) == 24, "nicira_stats_msg");

/* NXST_FLOW and NXST_AGGREGATE requests; the match, padded to 8 bytes, follows. */
struct nx10_flow_stats_request {
    struct nx10_stats_msg nsm; /* NXST_FLOW or NXST_AGGREGATE. */
    be16 out_port;             /* OFPP_NONE no filter. */
    be16 match_len;            /* Bytes of the match without padding. */
    uint8_t table_id;          /* 0xff all. */
    uint8_t pad[3];            /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_flow_stats_request) == 32, "nx_flow_stats_request");

/* An entry of an NXST_FLOW reply; the match, padded to 8 bytes, and the actions follow. */
struct nx10_flow_stats {
    be16 length;        /* Bytes of the entry. */
    uint8_t table_id;   /* Table. */
    uint8_t pad;        /* 0. */
    be32 duration_sec;  /* Seconds alive. */
    be32 duration_nsec; /* Nanoseconds beyond them. */
    be16 priority;      /* Priority. */
    be16 idle_timeout;  /* Seconds. */
    be16 hard_timeout;  /* Seconds. */
    be16 match_len;     /* Bytes of the match without padding. */
    be16 idle_age;      /* Seconds since the last packet + 1; 0 not told (B10). */
    be16 hard_age;      /* Seconds since the last change + 1; 0 not told (B10). */
    be64 cookie;        /* As set. */
    be64 packet_count;  /* Packets. */
    be64 byte_count;    /* Bytes. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_flow_stats) == 48, "nx_flow_stats");

/* NXST_AGGREGATE reply. */
struct nx10_aggregate_stats {
    struct nx10_stats_msg nsm;        /* NXST_AGGREGATE. */
    struct ofp10_aggregate_stats sum; /* As in OFPST_AGGREGATE. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_aggregate_stats) == 48, "nx_aggregate_stats_reply");

/* Head of an action. */
struct nx10_action_header {
    be16 type;      /* OFPAT_VENDOR. */
    be16 len;       /* Bytes, a multiple of 8. */
    be32 vendor;    /* NX_VENDOR_ID. */
    be16 subtype;   /* NXAST_*. */
    uint8_t pad[6]; /* 0, or the action's arguments. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_header) == 16, "nx_action_header");

/* NXAST_RESUBMIT and NXAST_RESUBMIT_TABLE. */
struct nx10_action_resubmit {
    be16 type;      /* OFPAT_VENDOR. */
    be16 len;       /* 16. */
    be32 vendor;    /* NX_VENDOR_ID. */
    be16 subtype;   /* NXAST_RESUBMIT, NXAST_RESUBMIT_TABLE. */
    be16 in_port;   /* Ingress port of the lookup. */
    uint8_t table;  /* NXAST_RESUBMIT_TABLE: table, or 0xff. */
    uint8_t pad[3]; /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_resubmit) == 16, "nx_action_resubmit");

/* NXAST_SET_TUNNEL. */
struct nx10_action_set_tunnel {
    be16 type;      /* OFPAT_VENDOR. */
    be16 len;       /* 16. */
    be32 vendor;    /* NX_VENDOR_ID. */
    be16 subtype;   /* NXAST_SET_TUNNEL. */
    uint8_t pad[2]; /* 0. */
    be32 tun_id;    /* Key. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_set_tunnel) == 16, "nx_action_set_tunnel");

/* NXAST_SET_TUNNEL64. */
struct nx10_action_set_tunnel64 {
    be16 type;      /* OFPAT_VENDOR. */
    be16 len;       /* 24. */
    be32 vendor;    /* NX_VENDOR_ID. */
    be16 subtype;   /* NXAST_SET_TUNNEL64. */
    uint8_t pad[6]; /* 0. */
    be64 tun_id;    /* Key. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_set_tunnel64) == 24, "nx_action_set_tunnel64");

/* NXAST_SET_QUEUE. */
struct nx10_action_set_queue {
    be16 type;      /* OFPAT_VENDOR. */
    be16 len;       /* 16. */
    be32 vendor;    /* NX_VENDOR_ID. */
    be16 subtype;   /* NXAST_SET_QUEUE. */
    uint8_t pad[2]; /* 0. */
    be32 queue_id;  /* Queue. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_set_queue) == 16, "nx_action_set_queue");

/* NXAST_NOTE. */
struct nx10_action_note {
    be16 type;       /* OFPAT_VENDOR. */
    be16 len;        /* 16 or more. */
    be32 vendor;     /* NX_VENDOR_ID. */
    be16 subtype;    /* NXAST_NOTE. */
    uint8_t note[6]; /* Any bytes; more may follow. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_note) == 16, "nx_action_note");

/* NXAST_REG_MOVE. */
struct nx10_action_reg_move {
    be16 type;    /* OFPAT_VENDOR. */
    be16 len;     /* 24. */
    be32 vendor;  /* NX_VENDOR_ID. */
    be16 subtype; /* NXAST_REG_MOVE. */
    be16 n_bits;  /* Bits to copy. */
    be16 src_ofs; /* First bit of the source. */
    be16 dst_ofs; /* First bit of the destination. */
    be32 src;     /* Header of the source. */
    be32 dst;     /* Header of the destination. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_reg_move) == 24, "nx_action_reg_move");

/* NXAST_REG_LOAD. */
struct nx10_action_reg_load {
    be16 type;      /* OFPAT_VENDOR. */
    be16 len;       /* 24. */
    be32 vendor;    /* NX_VENDOR_ID. */
    be16 subtype;   /* NXAST_REG_LOAD. */
    be16 ofs_nbits; /* First bit << 6 | bits - 1. */
    be32 dst;       /* Header of the destination. */
    be64 value;     /* What to store. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_reg_load) == 24, "nx_action_reg_load");

/* NXAST_OUTPUT_REG. */
struct nx10_action_output_reg {
    be16 type;       /* OFPAT_VENDOR. */
    be16 len;        /* 24. */
    be32 vendor;     /* NX_VENDOR_ID. */
    be16 subtype;    /* NXAST_OUTPUT_REG. */
    be16 ofs_nbits;  /* First bit << 6 | bits - 1. */
    be32 src;        /* Header of the source. */
    be16 max_len;    /* Bytes to send if the port is the controller. */
    uint8_t zero[6]; /* Must be 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_output_reg) == 24, "nx_action_output_reg");

/* NXAST_LEARN; specs follow, then zeros up to a multiple of 8 bytes. */
struct nx10_action_learn {
    be16 type;             /* OFPAT_VENDOR. */
    be16 len;              /* 32 or more. */
    be32 vendor;           /* NX_VENDOR_ID. */
    be16 subtype;          /* NXAST_LEARN. */
    be16 idle_timeout;     /* Seconds, 0 never. */
    be16 hard_timeout;     /* Seconds, 0 never. */
    be16 priority;         /* Priority. */
    be64 cookie;           /* Cookie. */
    be16 flags;            /* NX_LEARN_F_*. */
    uint8_t table_id;      /* Table. */
    uint8_t pad;           /* Must be 0. */
    be16 fin_idle_timeout; /* Seconds idle after a FIN. */
    be16 fin_hard_timeout; /* Seconds after a FIN. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_learn) == 32, "nx_action_learn");

/* Bits of 'flags' of a learn action. */
enum {
    NX_LEARN_F_SEND_FLOW_REM = 1 << 0,  /* The rule has OFPFF_SEND_FLOW_REM. */
    NX_LEARN_F_DELETE_LEARNED = 1 << 1, /* Learnt rules go with the rules that teach them. */
    NX_LEARN_F_ALL = NX_LEARN_F_SEND_FLOW_REM | NX_LEARN_F_DELETE_LEARNED, /* Those there are. */
};

/* Bits of the head of a spec of a learn action; a head of 0 ends the specs. */
enum {
    NX_LEARN_N_BITS_MASK = 0x3ff,      /* Bits of source and destination. */
    NX_LEARN_SRC_IMMEDIATE = 1 << 13,  /* The source is a number, else bits of a field. */
    NX_LEARN_DST_SHIFT = 11,           /* What it makes, from this bit on: */
    NX_LEARN_DST_MATCH = 0,            /* a part of the match, */
    NX_LEARN_DST_LOAD = 1,             /* an action that loads, */
    NX_LEARN_DST_OUTPUT = 2,           /* an action that sends. */
    NX_LEARN_RESERVED = 3 << 14,       /* Bits that must be 0. */
};

/* NXAST_FIN_TIMEOUT. */
struct nx10_action_fin_timeout {
    be16 type;             /* OFPAT_VENDOR. */
    be16 len;              /* 16. */
    be32 vendor;           /* NX_VENDOR_ID. */
    be16 subtype;          /* NXAST_FIN_TIMEOUT. */
    be16 fin_idle_timeout; /* Seconds idle, 0 as it is. */
    be16 fin_hard_timeout; /* Seconds, 0 as it is. */
    uint8_t pad[2];        /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_fin_timeout) == 16, "nx_action_fin_timeout");

/* NXAST_CONTROLLER. */
struct nx10_action_controller {
    be16 type;          /* OFPAT_VENDOR. */
    be16 len;           /* 16. */
    be32 vendor;        /* NX_VENDOR_ID. */
    be16 subtype;       /* NXAST_CONTROLLER. */
    be16 max_len;       /* Bytes to send. */
    be16 controller_id; /* Which controllers. */
    uint8_t reason;     /* OFPR_*. */
    uint8_t zero;       /* Must be 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_action_controller) == 16, "nx_action_controller");

/* Body of an OFPT_ERROR of type OFPET_VENDOR, code 0 (B27); the failed message follows. */
struct nx10_vendor_error {
    be32 vendor; /* NX_VENDOR_ID. */
    be16 type;   /* The vendor's own type. */
    be16 code;   /* The vendor's own code. */
} OFP_WIRE;
_Static_assert(sizeof(struct nx10_vendor_error) == 8, "nx_vendor_error");

#endif
