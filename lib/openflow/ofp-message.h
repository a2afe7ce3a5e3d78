/* SPDX-License-Identifier: Apache-2.0 */
/* OpenFlow messages in decoded form: one struct a message, all integers in host order. */
#ifndef LIB_OPENFLOW_OFP_MESSAGE_H
#define LIB_OPENFLOW_OFP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bytes.h"
#include "lib/openflow/nx-match.h"
#include "lib/openflow/ofp-actions.h"
#include "lib/packet/match.h"

/* Life cycle: ofp_message_decode() fills a struct ofp_message and ofp_message_uninit() releases it
 * (ofp-msgs.h); for sending, the caller fills one, or appends to a message begun with
 * ofp_msg_start(). What a member borrows lives as long as the bytes that were decoded.
 *
 * Section numbers are those of the OpenFlow Switch Specification 1.0.0. */

/* Kinds of message: each row of the message table. A statistics body is a kind of its own. */
enum ofp_kind {
    OFP_HELLO,
    OFP_ERROR,
    OFP_ECHO_REQUEST,
    OFP_ECHO_REPLY,
    OFP_VENDOR,
    OFP_FEATURES_REQUEST,
    OFP_FEATURES_REPLY,
    OFP_GET_CONFIG_REQUEST,
    OFP_GET_CONFIG_REPLY,
    OFP_SET_CONFIG,
    OFP_PACKET_IN,
    OFP_FLOW_REMOVED,
    OFP_PORT_STATUS,
    OFP_PACKET_OUT,
    OFP_FLOW_MOD,
    OFP_PORT_MOD,
    OFP_BARRIER_REQUEST,
    OFP_BARRIER_REPLY,
    OFP_QUEUE_GET_CONFIG_REQUEST,
    OFP_QUEUE_GET_CONFIG_REPLY,
    OFP_DESC_REQUEST,
    OFP_DESC_REPLY,
    OFP_FLOW_STATS_REQUEST,
    OFP_FLOW_STATS_REPLY,
    OFP_AGGREGATE_REQUEST,
    OFP_AGGREGATE_REPLY,
    OFP_TABLE_STATS_REQUEST,
    OFP_TABLE_STATS_REPLY,
    OFP_PORT_STATS_REQUEST,
    OFP_PORT_STATS_REPLY,
    OFP_QUEUE_STATS_REQUEST,
    OFP_QUEUE_STATS_REPLY,
    OFP_PORT_DESC_REQUEST, /* Type 13: of later versions, answered at 1.0 too. */
    OFP_PORT_DESC_REPLY,
    OFP_VENDOR_STATS_REQUEST,
    OFP_VENDOR_STATS_REPLY,
    /* Nicira's subtypes that we know; OFP_VENDOR and OFP_VENDOR_STATS_* are all others. */
    OFP_NXT_ROLE_REQUEST,
    OFP_NXT_ROLE_REPLY,
    OFP_NXT_SET_ASYNC_CONFIG,
    OFP_NXT_SET_CONTROLLER_ID,
    OFP_NXT_SET_FLOW_FORMAT,
    OFP_NXT_FLOW_MOD,
    OFP_NXT_FLOW_REMOVED,
    OFP_NXT_FLOW_MOD_TABLE_ID,
    OFP_NXT_SET_PACKET_IN_FORMAT,
    OFP_NXT_PACKET_IN,
    OFP_NXT_FLOW_AGE,
    OFP_NXST_FLOW_REQUEST,
    OFP_NXST_FLOW_REPLY,
    OFP_NXST_AGGREGATE_REQUEST,
    OFP_NXST_AGGREGATE_REPLY,
    N_OFP_KINDS
};

/* Bytes inside a message, borrowed from it. */
struct ofp_data {
    const uint8_t *data; /* First byte. */
    size_t size;         /* Bytes. */
};

/* 5.4.4 OFPT_ERROR. */
struct ofp_error {
    uint16_t type;        /* OFPET_*. */
    uint16_t code;        /* Meaning depends on the type. */
    struct ofp_data data; /* Offending message or text. */
};

/* 5.5.4 OFPT_VENDOR. */
struct ofp_vendor {
    uint32_t vendor;      /* OUI or vendor id. */
    struct ofp_data data; /* What follows the vendor id. */
};

/* 5.2.1 A physical port. */
struct ofp_port {
    uint16_t port_no;    /* Number or OFPP_LOCAL. */
    uint8_t hw_addr[6];  /* Address. */
    char name[16];       /* NUL-terminated. */
    uint32_t config;     /* OFPPC_* bits. */
    uint32_t state;      /* OFPPS_* bits. */
    uint32_t curr;       /* OFPPF_* bits: current features. */
    uint32_t advertised; /* Features advertised. */
    uint32_t supported;  /* Features supported. */
    uint32_t peer;       /* Features advertised by the peer. */
};

/* 5.3.1 Features reply. */
struct ofp_features {
    uint64_t datapath_id;  /* Low 48 bits are an address. */
    uint32_t n_buffers;    /* Packets buffered at once. */
    uint8_t n_tables;      /* Tables. */
    uint32_t capabilities; /* OFPC_* bits. */
    uint32_t actions;      /* Bit 1 << OFPAT_*. */
    struct reader ports;   /* Ports that follow: ofp_port_next(). */
};

/* 5.3.2 Switch configuration. */
struct ofp_switch_config {
    uint16_t flags;         /* OFPC_FRAG_*. */
    uint16_t miss_send_len; /* Bytes of a miss to send. */
};

/* 5.4.1 Packet in, in either form; the last three members are for NXT_PACKET_IN alone (B9). */
struct ofp_packet_in {
    uint32_t buffer_id;    /* OFP_NO_BUFFER none. */
    uint16_t total_len;    /* Bytes of the whole frame. */
    uint16_t in_port;      /* Port it came in by; part of 'metadata' in NXT_PACKET_IN. */
    uint8_t reason;        /* OFPR_*. */
    struct ofp_data data;  /* Frame or its start. */
    uint8_t table_id;      /* Where it missed or matched. */
    uint64_t cookie;       /* Of the rule; UINT64_MAX without. */
    struct match metadata; /* What is known of the packet beside the frame: in_port, registers. */
};

/* 5.4.2 Flow removed, in either form. */
struct ofp_flow_removed {
    uint8_t table_id;       /* NXT_FLOW_REMOVED: the table, 0xff not told. */
    struct match match;     /* Fields. */
    uint64_t cookie;        /* As set. */
    uint16_t priority;      /* As sent. */
    uint8_t reason;         /* OFPRR_*. */
    uint32_t duration_sec;  /* Seconds alive. */
    uint32_t duration_nsec; /* Nanoseconds beyond them. */
    uint16_t idle_timeout;  /* Seconds. */
    uint64_t packet_count;  /* Packets. */
    uint64_t byte_count;    /* Bytes. */
};

/* 5.4.3 Port status. */
struct ofp_port_status {
    uint8_t reason;       /* OFPPR_*. */
    struct ofp_port port; /* The port as it is now. */
};

/* 5.3.6 Packet out. */
struct ofp_packet_out {
    uint32_t buffer_id;         /* OFP_NO_BUFFER: 'data' has the frame. */
    uint16_t in_port;           /* OFPP_NONE if none; any number, not judged by decoding (A6.8). */
    struct action_list actions; /* Owned by the message; a handler may steal it. */
    struct ofp_data data;       /* Frame; without meaning if there is a buffer_id. */
};

/* 5.3.3 Flow mod, in either form. */
struct ofp_flow_mod {
    struct match match;         /* Normalised (A3.12). */
    bool exact;                 /* No wildcards as sent: beats every other rule (A11.21). */
    uint64_t cookie;            /* Opaque; UINT64_MAX: MODIFY leaves the old one. */
    struct nx_cookie which;     /* NXT_FLOW_MOD: cookies of the rules it concerns (B7). */
    uint8_t table_id;           /* OFPTT_ALL not given; decoding does not look for it (B3). */
    uint16_t command;           /* OFPFC_*; 16 bits as sent, not judged by decoding. */
    uint16_t idle_timeout;      /* Seconds, 0 never. */
    uint16_t hard_timeout;      /* Seconds, 0 never. */
    uint16_t priority;          /* As sent. */
    uint32_t buffer_id;         /* OFP_NO_BUFFER none. */
    uint16_t out_port;          /* OFPP_NONE no filter. */
    uint16_t flags;             /* OFPFF_*; as sent, not judged by decoding. */
    struct action_list actions; /* Owned by the message; a handler may steal it. */
};

/* 5.3.3 Port mod. */
struct ofp_port_mod {
    uint16_t port_no;   /* Port. */
    uint8_t hw_addr[6]; /* Must be the port's. */
    uint32_t config;    /* OFPPC_* values. */
    uint32_t mask;      /* OFPPC_* bits to change. */
    uint32_t advertise; /* OFPPF_*; 0 leaves it. */
};

/* 5.3.5 Description of the switch. Strings are NUL-terminated. */
struct ofp_desc {
    char mfr_desc[257];   /* Manufacturer. */
    char hw_desc[257];    /* Hardware. */
    char sw_desc[257];    /* Software. */
    char serial_num[33];  /* Serial number. */
    char dp_desc[257];    /* Human-readable name of the switch. */
};

/* 5.3.5 Flow and aggregate statistics request, in either form. */
struct ofp_flow_stats_request {
    struct match match;     /* Normalised. */
    struct nx_cookie which; /* NXST_*: cookies of the rules wanted. */
    uint8_t table_id;       /* 0xff all, 0xfe emergency. */
    uint16_t out_port;      /* OFPP_NONE no filter. */
};

enum { OFP_AGE_UNKNOWN = -1 /* idle_age, hard_age: not told. */ };

/* One entry of a flow statistics reply. The match is shown normalised: an entry that was sent
 * without wildcards can have some here (A3.12). */
struct ofp_flow_stats {
    struct match match;         /* Fields. */
    bool exact;                 /* Decoding: shown without wildcards. Encoding ignores it. */
    uint8_t table_id;           /* Table. */
    uint32_t duration_sec;      /* Seconds alive. */
    uint32_t duration_nsec;     /* Nanoseconds beyond them. */
    uint16_t priority;          /* As sent. */
    uint16_t idle_timeout;      /* Seconds. */
    uint16_t hard_timeout;      /* Seconds. */
    int32_t idle_age;           /* NXST_FLOW: seconds since the last packet; -1 not told (B10). */
    int32_t hard_age;           /* NXST_FLOW: seconds since the last change; -1 not told (B10). */
    uint64_t cookie;            /* Opaque. */
    uint64_t packet_count;      /* Packets. */
    uint64_t byte_count;        /* Bytes. */
    struct action_list actions; /* Of ofp_flow_stats_next(): the caller's. Encoding borrows it. */
};

/* 5.3.5 Aggregate reply. */
struct ofp_aggregate {
    uint64_t packet_count; /* Packets. */
    uint64_t byte_count;   /* Bytes. */
    uint32_t flow_count;   /* Flows. */
};

/* 5.3.5 One entry of a table statistics reply. */
struct ofp_table_stats {
    uint8_t table_id;       /* Number. */
    char name[33];          /* NUL-terminated. */
    uint32_t wildcards;     /* OFPFW_* it supports. */
    uint32_t max_entries;   /* How many fit. */
    uint32_t active_count;  /* How many there are. */
    uint64_t lookup_count;  /* Packets looked up. */
    uint64_t matched_count; /* Packets that hit. */
};

/* 5.3.5 One entry of a port statistics reply; UINT64_MAX: not known. */
struct ofp_port_stats {
    uint16_t port_no;      /* Port. */
    uint64_t rx_packets;   /* Frames received. */
    uint64_t tx_packets;   /* Frames sent. */
    uint64_t rx_bytes;     /* Bytes received. */
    uint64_t tx_bytes;     /* Bytes sent. */
    uint64_t rx_dropped;   /* Received, dropped. */
    uint64_t tx_dropped;   /* Not sent. */
    uint64_t rx_errors;    /* Receive errors. */
    uint64_t tx_errors;    /* Send errors. */
    uint64_t rx_frame_err; /* Alignment errors. */
    uint64_t rx_over_err;  /* Overruns. */
    uint64_t rx_crc_err;   /* CRC errors. */
    uint64_t collisions;   /* Collisions. */
};

/* 5.3.5 One entry of a queue statistics reply. */
struct ofp_queue_stats {
    uint16_t port_no;    /* Port. */
    uint32_t queue_id;   /* Queue. */
    uint64_t tx_bytes;   /* Bytes sent. */
    uint64_t tx_packets; /* Packets sent. */
    uint64_t tx_errors;  /* Packets lost to overrun. */
};

/* 5.3.5 Which port and queue a statistics request asks for. */
struct ofp_queue_stats_request {
    uint16_t port_no;  /* OFPP_ALL or OFPP_NONE: all. */
    uint32_t queue_id; /* UINT32_MAX: all. */
};

/* 5.2.2 One queue of a queue config reply. */
struct ofp_queue {
    uint32_t queue_id; /* Queue. */
    uint16_t min_rate; /* 1/10 %; UINT16_MAX none. */
};

/* 5.3.4 Queue config reply. */
struct ofp_queue_config {
    uint16_t port_no;     /* Port. */
    struct reader queues; /* ofp_queue_next(). */
};

/* 5.3.5 Vendor statistics, either way. */
struct ofp_vendor_stats {
    uint32_t vendor;      /* Vendor id. */
    struct ofp_data data; /* What follows. */
};

/* NXT_SET_ASYNC_CONFIG: which messages come unasked (B11). Bit N of a set is for reason N; [0] for
 * the roles other and primary, [1] for secondary. */
struct ofp_async_config {
    uint32_t packet_in[2];    /* OFPR_*. */
    uint32_t port_status[2];  /* OFPPR_*. */
    uint32_t flow_removed[2]; /* OFPRR_*. */
};

/* A message.  Decoding borrows the bytes it is given; ofp_message_uninit() releases what decoding
 * allocated (action lists), not the bytes. */
struct ofp_message {
    uint8_t version;    /* Wire version of the header. */
    enum ofp_kind kind; /* Which member of the union. */
    uint32_t xid;       /* Transaction id. */
    uint16_t flags;     /* Statistics: flags (OFPSF_REPLY_MORE). */
    const uint8_t *raw; /* All bytes of the message, borrowed. */
    size_t raw_size;    /* Bytes. */
    union {
        struct ofp_data body;       /* HELLO, ECHO_*: bytes after the header. */
        struct ofp_error error;     /* ERROR. */
        struct ofp_vendor vendor;   /* VENDOR. */
        struct ofp_features features;                       /* FEATURES_REPLY. */
        struct ofp_switch_config config;                    /* SET_CONFIG, GET_CONFIG_REPLY. */
        struct ofp_packet_in packet_in;                     /* PACKET_IN, NXT_PACKET_IN. */
        struct ofp_flow_removed flow_removed;               /* FLOW_REMOVED, NXT_FLOW_REMOVED. */
        struct ofp_port_status port_status;                 /* PORT_STATUS. */
        struct ofp_packet_out packet_out;                   /* PACKET_OUT. */
        struct ofp_flow_mod flow_mod;                       /* FLOW_MOD, NXT_FLOW_MOD. */
        struct ofp_port_mod port_mod;                       /* PORT_MOD. */
        uint16_t port_no;                                   /* *_REQUEST with a port alone. */
        struct ofp_queue_config queue_config;               /* QUEUE_GET_CONFIG_REPLY. */
        struct ofp_desc desc;                               /* DESC_REPLY. */
        struct ofp_flow_stats_request flow_stats_request;   /* FLOW and AGGREGATE requests. */
        struct ofp_aggregate aggregate;                     /* AGGREGATE replies. */
        struct ofp_queue_stats_request queue_stats_request; /* QUEUE_STATS_REQUEST. */
        struct reader entries;               /* Other statistics replies: *_next(). */
        struct ofp_vendor_stats vendor_stats; /* VENDOR_STATS_*. */
        uint32_t role;                        /* NXT_ROLE_*: NX_ROLE_*. */
        struct ofp_async_config async_config; /* NXT_SET_ASYNC_CONFIG. */
        uint16_t controller_id;               /* NXT_SET_CONTROLLER_ID. */
        uint32_t format;                      /* NXT_SET_FLOW_FORMAT, _PACKET_IN_FORMAT. */
        bool is_set;                          /* NXT_FLOW_MOD_TABLE_ID: on. */
    };
};

#endif
