/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers and wire structures of OpenFlow 1.0.0, under the standard's own constant names. */
#ifndef LIB_OPENFLOW_OPENFLOW_1_0_H
#define LIB_OPENFLOW_OPENFLOW_1_0_H

#include <stdint.h>

#include "lib/byte-order.h"

/* Section numbers are those of the OpenFlow Switch Specification 1.0.0 (December 2009).
 *
 * Structures are called struct ofp10_x; the names without a number (ofp-message.h) are the decoded
 * messages. All integers are big-endian. The structures are packed and may alias, so that a pointer
 * to any byte of a message can be read as one, whatever its alignment; a pointer to a member must
 * not be taken. Paddings are sent as zero and ignored when received. */

/* Attributes of a structure that lies over the bytes of a message. */
#define OFP_WIRE __attribute__((packed, may_alias))

/* General. */
enum {
    OFP10_VERSION = 0x01,            /* 'version' of the header. */
    OFP_MAX_PORT_NAME_LEN = 16,      /* Bytes of a port's name, NUL included (5.2.1). */
    OFP_MAX_TABLE_NAME_LEN = 32,     /* Bytes of a table's name, NUL included (5.3.5). */
    OFP_ETH_ALEN = 6,                /* Bytes of an Ethernet address. */
    OFP_DEFAULT_MISS_SEND_LEN = 128, /* Bytes of a miss that go to the controller (5.3.2). */
    OFP_FLOW_PERMANENT = 0,          /* A timeout that never expires (5.3.3). */
    OFP_DEFAULT_PRIORITY = 0x8000,   /* Priority that tools use if none is given (5.3.3). */
    OFP_TCP_PORT = 6633,             /* The standard's port, for TLS too (4.4). */
    DESC_STR_LEN = 256,              /* Bytes of a description (5.3.5). */
    SERIAL_NUM_LEN = 32,             /* Bytes of a serial number (5.3.5). */
};

#define OFP_NO_BUFFER 0xffffffffu /* buffer_id: the packet is not buffered (5.3.6, 5.4.1). */

/* 5.1 Types of message. */
enum {
    OFPT_HELLO = 0,                     /* Symmetric. */
    OFPT_ERROR = 1,                     /* Symmetric. */
    OFPT_ECHO_REQUEST = 2,              /* Symmetric. */
    OFPT_ECHO_REPLY = 3,                /* Symmetric. */
    OFPT_VENDOR = 4,                    /* Symmetric. */
    OFPT_FEATURES_REQUEST = 5,          /* From the controller. */
    OFPT_FEATURES_REPLY = 6,            /* From the switch. */
    OFPT_GET_CONFIG_REQUEST = 7,        /* From the controller. */
    OFPT_GET_CONFIG_REPLY = 8,          /* From the switch. */
    OFPT_SET_CONFIG = 9,                /* From the controller. */
    OFPT_PACKET_IN = 10,                /* From the switch, unasked. */
    OFPT_FLOW_REMOVED = 11,             /* From the switch, unasked. */
    OFPT_PORT_STATUS = 12,              /* From the switch, unasked. */
    OFPT_PACKET_OUT = 13,               /* From the controller. */
    OFPT_FLOW_MOD = 14,                 /* From the controller. */
    OFPT_PORT_MOD = 15,                 /* From the controller. */
    OFPT_STATS_REQUEST = 16,            /* From the controller. */
    OFPT_STATS_REPLY = 17,              /* From the switch. */
    OFPT_BARRIER_REQUEST = 18,          /* From the controller. */
    OFPT_BARRIER_REPLY = 19,            /* From the switch. */
    OFPT_QUEUE_GET_CONFIG_REQUEST = 20, /* From the controller. */
    OFPT_QUEUE_GET_CONFIG_REPLY = 21,   /* From the switch. */
};

/* 5.1 Header of every message. */
struct ofp10_header {
    uint8_t version; /* OFP10_VERSION. */
    uint8_t type;    /* OFPT_*. */
    be16 length;     /* Bytes of the message, header included. */
    be32 xid;        /* Transaction id; a reply bears the request's. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_header) == 8, "ofp_header");

/* 5.2.1 Port numbers. Physical ports are 1 to OFPP_MAX - 1. */
enum {
    OFPP_MAX = 0xff00,        /* Upper bound of physical port numbers. */
    OFPP_IN_PORT = 0xfff8,    /* Back out of the port it came in by. */
    OFPP_TABLE = 0xfff9,      /* Through the flow table; packet_out only. */
    OFPP_NORMAL = 0xfffa,     /* Ordinary Ethernet switching. */
    OFPP_FLOOD = 0xfffb,      /* All ports but the ingress and those with NO_FLOOD. */
    OFPP_ALL = 0xfffc,        /* All ports but the ingress. */
    OFPP_CONTROLLER = 0xfffd, /* To the controller. */
    OFPP_LOCAL = 0xfffe,      /* The host's own stack. */
    OFPP_NONE = 0xffff,       /* No port. */
};

/* 5.2.1 'config' of a port. */
enum {
    OFPPC_PORT_DOWN = 1 << 0,    /* Administratively down. */
    OFPPC_NO_STP = 1 << 1,       /* No spanning tree on it. */
    OFPPC_NO_RECV = 1 << 2,      /* Drop what it receives but spanning tree frames. */
    OFPPC_NO_RECV_STP = 1 << 3,  /* Drop spanning tree frames received. */
    OFPPC_NO_FLOOD = 1 << 4,     /* No part of OFPP_FLOOD. */
    OFPPC_NO_FWD = 1 << 5,       /* Drop what is forwarded to it. */
    OFPPC_NO_PACKET_IN = 1 << 6, /* No packet_in for its misses. */
};

/* 5.2.1 'state' of a port. */
enum {
    OFPPS_LINK_DOWN = 1 << 0,   /* No carrier. */
    OFPPS_STP_LISTEN = 0 << 8,  /* Spanning tree: listening. */
    OFPPS_STP_LEARN = 1 << 8,   /* Spanning tree: learning. */
    OFPPS_STP_FORWARD = 2 << 8, /* Spanning tree: forwarding. */
    OFPPS_STP_BLOCK = 3 << 8,   /* Spanning tree: blocked. */
    OFPPS_STP_MASK = 3 << 8,    /* Bits of the spanning tree's state. */
};

/* 5.2.1 Features of a port. */
enum {
    OFPPF_10MB_HD = 1 << 0,     /* 10 Mbit/s half duplex. */
    OFPPF_10MB_FD = 1 << 1,     /* 10 Mbit/s full duplex. */
    OFPPF_100MB_HD = 1 << 2,    /* 100 Mbit/s half duplex. */
    OFPPF_100MB_FD = 1 << 3,    /* 100 Mbit/s full duplex. */
    OFPPF_1GB_HD = 1 << 4,      /* 1 Gbit/s half duplex. */
    OFPPF_1GB_FD = 1 << 5,      /* 1 Gbit/s full duplex. */
    OFPPF_10GB_FD = 1 << 6,     /* 10 Gbit/s full duplex. */
    OFPPF_COPPER = 1 << 7,      /* Copper. */
    OFPPF_FIBER = 1 << 8,       /* Fibre. */
    OFPPF_AUTONEG = 1 << 9,     /* Negotiates by itself. */
    OFPPF_PAUSE = 1 << 10,      /* Pause frames. */
    OFPPF_PAUSE_ASYM = 1 << 11, /* Pause frames in one direction. */
};

/* 5.2.1 A port as messages describe it. */
struct ofp10_phy_port {
    be16 port_no;                     /* Number. */
    uint8_t hw_addr[OFP_ETH_ALEN];    /* Ethernet address. */
    char name[OFP_MAX_PORT_NAME_LEN]; /* NUL-terminated. */
    be32 config;                      /* OFPPC_*. */
    be32 state;                       /* OFPPS_*. */
    be32 curr;                        /* OFPPF_*: as it runs. */
    be32 advertised;                  /* OFPPF_*: as it is advertised. */
    be32 supported;                   /* OFPPF_*: what it could. */
    be32 peer;                        /* OFPPF_*: what the peer advertises. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_phy_port) == 48, "ofp_phy_port");

/* 5.2.2 Queues. */
enum {
    OFPQT_NONE = 0,     /* Property: none. */
    OFPQT_MIN_RATE = 1, /* Property: guaranteed rate. */

    OFPQ_MIN_RATE_UNCFG = 0xffff, /* 'rate': not configured; so is anything over 1000. */
};

#define OFPQ_ALL 0xffffffffu /* queue_id: all queues (5.3.5). */

/* 5.2.2 Head of a queue's property. */
struct ofp10_queue_prop_header {
    be16 property;  /* OFPQT_*. */
    be16 len;       /* Bytes, this header included. */
    uint8_t pad[4]; /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_queue_prop_header) == 8, "ofp_queue_prop_header");

/* 5.2.2 OFPQT_MIN_RATE. */
struct ofp10_queue_prop_min_rate {
    struct ofp10_queue_prop_header header; /* OFPQT_MIN_RATE, 16. */
    be16 rate;                             /* In 1/10 of a per cent. */
    uint8_t pad[6];                        /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_queue_prop_min_rate) == 16, "ofp_queue_prop_min_rate");

/* 5.2.2 A queue; its properties follow. */
struct ofp10_packet_queue {
    be32 queue_id;  /* Number. */
    be16 len;       /* Bytes, properties included. */
    uint8_t pad[2]; /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_packet_queue) == 8, "ofp_packet_queue");

/* 5.2.3 Wildcards. A set bit: the field is not compared. nw_src and nw_dst have six bits each, the
 * number of low bits that are not compared; 32 and more: none is. */
enum {
    OFPFW_IN_PORT = 1 << 0,     /* in_port. */
    OFPFW_DL_VLAN = 1 << 1,     /* dl_vlan. */
    OFPFW_DL_SRC = 1 << 2,      /* dl_src. */
    OFPFW_DL_DST = 1 << 3,      /* dl_dst. */
    OFPFW_DL_TYPE = 1 << 4,     /* dl_type. */
    OFPFW_NW_PROTO = 1 << 5,    /* nw_proto. */
    OFPFW_TP_SRC = 1 << 6,      /* tp_src. */
    OFPFW_TP_DST = 1 << 7,      /* tp_dst. */
    OFPFW_NW_SRC_SHIFT = 8,     /* First bit of nw_src's count. */
    OFPFW_NW_SRC_BITS = 6,      /* Bits of the count. */
    OFPFW_NW_SRC_MASK = 63 << OFPFW_NW_SRC_SHIFT, /* The count. */
    OFPFW_NW_SRC_ALL = 32 << OFPFW_NW_SRC_SHIFT,  /* Nothing of nw_src is compared. */
    OFPFW_NW_DST_SHIFT = 14,    /* First bit of nw_dst's count. */
    OFPFW_NW_DST_BITS = 6,      /* Bits of the count. */
    OFPFW_NW_DST_MASK = 63 << OFPFW_NW_DST_SHIFT, /* The count. */
    OFPFW_NW_DST_ALL = 32 << OFPFW_NW_DST_SHIFT,  /* Nothing of nw_dst is compared. */
    OFPFW_DL_VLAN_PCP = 1 << 20, /* dl_vlan_pcp. */
    OFPFW_NW_TOS = 1 << 21,      /* nw_tos. */
    OFPFW_ALL = (1 << 22) - 1,   /* All of them; the bits above are ignored. */
};

/* 5.2.3 Values of fields. */
enum {
    OFP_VLAN_NONE = 0xffff,               /* dl_vlan: no tag. */
    OFP_DL_TYPE_ETH2_CUTOFF = 0x0600,     /* Least Ethernet II type. */
    OFP_DL_TYPE_NOT_ETH_TYPE = 0x05ff,    /* dl_type of a frame that has none. */
};

/* 5.2.3 A match. */
struct ofp10_match {
    be32 wildcards;               /* OFPFW_*. */
    be16 in_port;                 /* Port. */
    uint8_t dl_src[OFP_ETH_ALEN]; /* Ethernet source. */
    uint8_t dl_dst[OFP_ETH_ALEN]; /* Ethernet destination. */
    be16 dl_vlan;                 /* VLAN id, OFP_VLAN_NONE untagged. */
    uint8_t dl_vlan_pcp;          /* VLAN priority, 0..7. */
    uint8_t pad1;                 /* 0. */
    be16 dl_type;                 /* Ethernet type. */
    uint8_t nw_tos;               /* DSCP in the upper 6 bits. */
    uint8_t nw_proto;             /* IP protocol or low byte of the ARP opcode. */
    uint8_t pad2[2];              /* 0. */
    be32 nw_src;                  /* IPv4 source or ARP SPA. */
    be32 nw_dst;                  /* IPv4 destination or ARP TPA. */
    be16 tp_src;                  /* TCP, UDP source port or ICMP type. */
    be16 tp_dst;                  /* TCP, UDP destination port or ICMP code. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_match) == 40, "ofp_match");

/* 5.2.4 Types of action. */
enum {
    OFPAT_OUTPUT = 0,       /* Send out of a port. */
    OFPAT_SET_VLAN_VID = 1, /* Set the VLAN id, adding a tag if there is none. */
    OFPAT_SET_VLAN_PCP = 2, /* Set the VLAN priority, adding a tag if there is none. */
    OFPAT_STRIP_VLAN = 3,   /* Take the outermost tag off. */
    OFPAT_SET_DL_SRC = 4,   /* Set the Ethernet source. */
    OFPAT_SET_DL_DST = 5,   /* Set the Ethernet destination. */
    OFPAT_SET_NW_SRC = 6,   /* Set the IPv4 source. */
    OFPAT_SET_NW_DST = 7,   /* Set the IPv4 destination. */
    OFPAT_SET_NW_TOS = 8,   /* Set the DSCP. */
    OFPAT_SET_TP_SRC = 9,   /* Set the TCP or UDP source port. */
    OFPAT_SET_TP_DST = 10,  /* Set the TCP or UDP destination port. */
    OFPAT_ENQUEUE = 11,     /* Send out of a port by a queue. */
    OFPAT_VENDOR = 0xffff,  /* A vendor's. */
};

/* 5.2.4 Head of an action, and all of OFPAT_STRIP_VLAN. */
struct ofp10_action_header {
    be16 type;      /* OFPAT_*. */
    be16 len;       /* Bytes, this header included; a multiple of 8. */
    uint8_t pad[4]; /* 0, or the action's argument. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_action_header) == 8, "ofp_action_header");

/* 5.2.4 OFPAT_OUTPUT. */
struct ofp10_action_output {
    be16 type;    /* OFPAT_OUTPUT. */
    be16 len;     /* 8. */
    be16 port;    /* Where to. */
    be16 max_len; /* Bytes that the controller gets. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_action_output) == 8, "ofp_action_output");

/* 5.2.4 OFPAT_SET_VLAN_VID. */
struct ofp10_action_vlan_vid {
    be16 type;      /* OFPAT_SET_VLAN_VID. */
    be16 len;       /* 8. */
    be16 vlan_vid;  /* 0..4095. */
    uint8_t pad[2]; /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_action_vlan_vid) == 8, "ofp_action_vlan_vid");

/* 5.2.4 OFPAT_SET_VLAN_PCP. */
struct ofp10_action_vlan_pcp {
    be16 type;        /* OFPAT_SET_VLAN_PCP. */
    be16 len;         /* 8. */
    uint8_t vlan_pcp; /* 0..7. */
    uint8_t pad[3];   /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_action_vlan_pcp) == 8, "ofp_action_vlan_pcp");

/* 5.2.4 OFPAT_SET_DL_SRC, OFPAT_SET_DL_DST. */
struct ofp10_action_dl_addr {
    be16 type;                     /* OFPAT_SET_DL_SRC or _DST. */
    be16 len;                      /* 16. */
    uint8_t dl_addr[OFP_ETH_ALEN]; /* Ethernet address. */
    uint8_t pad[6];                /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_action_dl_addr) == 16, "ofp_action_dl_addr");

/* 5.2.4 OFPAT_SET_NW_SRC, OFPAT_SET_NW_DST. */
struct ofp10_action_nw_addr {
    be16 type;    /* OFPAT_SET_NW_SRC or _DST. */
    be16 len;     /* 8. */
    be32 nw_addr; /* IPv4 address. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_action_nw_addr) == 8, "ofp_action_nw_addr");

/* 5.2.4 OFPAT_SET_NW_TOS. */
struct ofp10_action_nw_tos {
    be16 type;      /* OFPAT_SET_NW_TOS. */
    be16 len;       /* 8. */
    uint8_t nw_tos; /* DSCP in the upper 6 bits. */
    uint8_t pad[3]; /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_action_nw_tos) == 8, "ofp_action_nw_tos");

/* 5.2.4 OFPAT_SET_TP_SRC, OFPAT_SET_TP_DST. */
struct ofp10_action_tp_port {
    be16 type;      /* OFPAT_SET_TP_SRC or _DST. */
    be16 len;       /* 8. */
    be16 tp_port;   /* TCP or UDP port. */
    uint8_t pad[2]; /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_action_tp_port) == 8, "ofp_action_tp_port");

/* 5.2.4 OFPAT_ENQUEUE. */
struct ofp10_action_enqueue {
    be16 type;      /* OFPAT_ENQUEUE. */
    be16 len;       /* 16. */
    be16 port;      /* Port that the queue belongs to. */
    uint8_t pad[6]; /* 0. */
    be32 queue_id;  /* Queue. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_action_enqueue) == 16, "ofp_action_enqueue");

/* 5.2.4 Head of OFPAT_VENDOR. */
struct ofp10_action_vendor {
    be16 type;   /* OFPAT_VENDOR. */
    be16 len;    /* Bytes, a multiple of 8. */
    be32 vendor; /* Vendor id. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_action_vendor) == 8, "ofp_action_vendor");

/* 5.3.1 Capabilities of a switch. */
enum {
    OFPC_FLOW_STATS = 1 << 0,   /* Flow statistics. */
    OFPC_TABLE_STATS = 1 << 1,  /* Table statistics. */
    OFPC_PORT_STATS = 1 << 2,   /* Port statistics. */
    OFPC_STP = 1 << 3,          /* 802.1D spanning tree. */
    OFPC_RESERVED = 1 << 4,     /* Must be 0. */
    OFPC_IP_REASM = 1 << 5,     /* Reassembles IP fragments. */
    OFPC_QUEUE_STATS = 1 << 6,  /* Queue statistics. */
    OFPC_ARP_MATCH_IP = 1 << 7, /* Matches IP addresses in ARP. */
};

/* 5.3.1 Features reply; ports follow. */
struct ofp10_switch_features {
    struct ofp10_header header; /* OFPT_FEATURES_REPLY. */
    be64 datapath_id;           /* Low 48 bits an address, high 16 free. */
    be32 n_buffers;             /* Packets that can be buffered at once. */
    uint8_t n_tables;           /* Tables. */
    uint8_t pad[3];             /* 0. */
    be32 capabilities;          /* OFPC_*. */
    be32 actions;               /* 1 << OFPAT_*. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_switch_features) == 32, "ofp_switch_features");

/* 5.3.2 'flags' of the configuration. */
enum {
    OFPC_FRAG_NORMAL = 0, /* Fragments are forwarded as they are. */
    OFPC_FRAG_DROP = 1,   /* Fragments are dropped. */
    OFPC_FRAG_REASM = 2,  /* Fragments are put together. */
    OFPC_FRAG_MASK = 3,   /* Bits of the above. */
};

/* 5.3.2 Set config, get config reply. */
struct ofp10_switch_config {
    struct ofp10_header header; /* OFPT_SET_CONFIG or OFPT_GET_CONFIG_REPLY. */
    be16 flags;                 /* OFPC_FRAG_*. */
    be16 miss_send_len;         /* Bytes of a miss that go to the controller. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_switch_config) == 12, "ofp_switch_config");

/* 5.3.3 'command' of a flow mod. */
enum {
    OFPFC_ADD = 0,           /* New rule. */
    OFPFC_MODIFY = 1,        /* Change all that match. */
    OFPFC_MODIFY_STRICT = 2, /* Change the one that is the same. */
    OFPFC_DELETE = 3,        /* Delete all that match. */
    OFPFC_DELETE_STRICT = 4, /* Delete the one that is the same. */
};

/* 5.3.3 'flags' of a flow mod. */
enum {
    OFPFF_SEND_FLOW_REM = 1 << 0,  /* Tell when it is removed. */
    OFPFF_CHECK_OVERLAP = 1 << 1,  /* Refuse if it overlaps another of its priority. */
    OFPFF_EMERG = 1 << 2,          /* For the emergency table. */
};

/* 5.3.3 The part of a flow mod that Nicira's has too. */
struct ofp10_flow_mod_body {
    be64 cookie;       /* Opaque to the switch. */
    be16 command;      /* OFPFC_*. */
    be16 idle_timeout; /* Seconds without a packet, 0 never. */
    be16 hard_timeout; /* Seconds, 0 never. */
    be16 priority;     /* Higher wins. */
    be32 buffer_id;    /* Packet to apply it to, or OFP_NO_BUFFER. */
    be16 out_port;     /* DELETE*: only rules that output there; OFPP_NONE no filter. */
    be16 flags;        /* OFPFF_*. */
} OFP_WIRE;

/* 5.3.3 Flow mod; actions follow. */
struct ofp10_flow_mod {
    struct ofp10_header header;      /* OFPT_FLOW_MOD. */
    struct ofp10_match match;        /* Fields. */
    struct ofp10_flow_mod_body body; /* What is to be done. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_flow_mod) == 72, "ofp_flow_mod");

/* 5.3.3 Port mod. */
struct ofp10_port_mod {
    struct ofp10_header header;    /* OFPT_PORT_MOD. */
    be16 port_no;                  /* Port. */
    uint8_t hw_addr[OFP_ETH_ALEN]; /* Must be the port's. */
    be32 config;                   /* OFPPC_* values. */
    be32 mask;                     /* OFPPC_* bits to change. */
    be32 advertise;                /* OFPPF_*; 0 leaves it. */
    uint8_t pad[4];                /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_port_mod) == 32, "ofp_port_mod");

/* 5.3.5 Types of statistics. */
enum {
    OFPST_DESC = 0,        /* Description of the switch. */
    OFPST_FLOW = 1,        /* Rules one by one. */
    OFPST_AGGREGATE = 2,   /* Rules summed. */
    OFPST_TABLE = 3,       /* Tables. */
    OFPST_PORT = 4,        /* Ports. */
    OFPST_QUEUE = 5,       /* Queues. */
    OFPST_PORT_DESC = 13,  /* Descriptions of ports: of OpenFlow 1.3, answered at 1.0 too. */
    OFPST_VENDOR = 0xffff, /* A vendor's. */
};

/* 5.3.5 'flags' of a statistics reply. */
enum {
    OFPSF_REPLY_MORE = 1 << 0, /* Another message follows. */
};

/* 5.3.5 Head of a statistics request or reply. */
struct ofp10_stats_msg {
    struct ofp10_header header; /* OFPT_STATS_REQUEST or OFPT_STATS_REPLY. */
    be16 type;                  /* OFPST_*. */
    be16 flags;                 /* Reply: OFPSF_*. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_stats_msg) == 12, "ofp_stats_request");

/* 5.3.5 OFPST_DESC reply. */
struct ofp10_desc_stats {
    char mfr_desc[DESC_STR_LEN];     /* Manufacturer. */
    char hw_desc[DESC_STR_LEN];      /* Hardware. */
    char sw_desc[DESC_STR_LEN];      /* Software. */
    char serial_num[SERIAL_NUM_LEN]; /* Serial number. */
    char dp_desc[DESC_STR_LEN];      /* Readable name of the switch. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_desc_stats) == 1056, "ofp_desc_stats");

/* 5.3.5 'table_id' of a request. */
enum {
    OFPTT_ALL = 0xff,   /* All tables. */
    OFPTT_EMERG = 0xfe, /* The emergency table. */
};

/* 5.3.5 OFPST_FLOW and OFPST_AGGREGATE request. */
struct ofp10_flow_stats_request {
    struct ofp10_match match; /* Fields. */
    uint8_t table_id;         /* Table or OFPTT_*. */
    uint8_t pad;              /* 0. */
    be16 out_port;            /* Only rules that output there; OFPP_NONE no filter. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_flow_stats_request) == 44, "ofp_flow_stats_request");

/* 5.3.5 One rule of an OFPST_FLOW reply; actions follow. */
struct ofp10_flow_stats {
    be16 length;              /* Bytes of the entry, actions included. */
    uint8_t table_id;         /* Table. */
    uint8_t pad;              /* 0. */
    struct ofp10_match match; /* Fields. */
    be32 duration_sec;        /* Seconds alive. */
    be32 duration_nsec;       /* Nanoseconds beyond them. */
    be16 priority;            /* Higher wins. */
    be16 idle_timeout;        /* Seconds, 0 never. */
    be16 hard_timeout;        /* Seconds, 0 never. */
    uint8_t pad2[6];          /* 0. */
    be64 cookie;              /* Opaque. */
    be64 packet_count;        /* Packets. */
    be64 byte_count;          /* Bytes. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_flow_stats) == 88, "ofp_flow_stats");

/* 5.3.5 OFPST_AGGREGATE reply. */
struct ofp10_aggregate_stats {
    be64 packet_count; /* Packets. */
    be64 byte_count;   /* Bytes. */
    be32 flow_count;   /* Rules. */
    uint8_t pad[4];    /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_aggregate_stats) == 24, "ofp_aggregate_stats_reply");

/* 5.3.5 One table of an OFPST_TABLE reply. */
struct ofp10_table_stats {
    uint8_t table_id;                  /* Number; lower ones are looked up first. */
    uint8_t pad[3];                    /* 0. */
    char name[OFP_MAX_TABLE_NAME_LEN]; /* NUL-terminated. */
    be32 wildcards;                    /* OFPFW_* that it supports. */
    be32 max_entries;                  /* Rules that fit. */
    be32 active_count;                 /* Rules in it. */
    be64 lookup_count;                 /* Packets looked up. */
    be64 matched_count;                /* Packets that hit. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_table_stats) == 64, "ofp_table_stats");

/* 5.3.5 OFPST_PORT request. */
struct ofp10_port_stats_request {
    be16 port_no;   /* Port, OFPP_NONE all. */
    uint8_t pad[6]; /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_port_stats_request) == 8, "ofp_port_stats_request");

/* 5.3.5 One port of an OFPST_PORT reply; a counter of all ones is not available. */
struct ofp10_port_stats {
    be16 port_no;      /* Port. */
    uint8_t pad[6];    /* 0. */
    be64 rx_packets;   /* Packets received. */
    be64 tx_packets;   /* Packets sent. */
    be64 rx_bytes;     /* Bytes received. */
    be64 tx_bytes;     /* Bytes sent. */
    be64 rx_dropped;   /* Received packets dropped. */
    be64 tx_dropped;   /* Packets not sent. */
    be64 rx_errors;    /* Receive errors. */
    be64 tx_errors;    /* Send errors. */
    be64 rx_frame_err; /* Alignment errors. */
    be64 rx_over_err;  /* Overruns. */
    be64 rx_crc_err;   /* CRC errors. */
    be64 collisions;   /* Collisions. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_port_stats) == 104, "ofp_port_stats");

/* 5.3.5 OFPST_QUEUE request. */
struct ofp10_queue_stats_request {
    be16 port_no;   /* Port, OFPP_ALL all. */
    uint8_t pad[2]; /* 0. */
    be32 queue_id;  /* Queue, OFPQ_ALL all. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_queue_stats_request) == 8, "ofp_queue_stats_request");

/* 5.3.5 One queue of an OFPST_QUEUE reply. */
struct ofp10_queue_stats {
    be16 port_no;    /* Port. */
    uint8_t pad[2];  /* 0. */
    be32 queue_id;   /* Queue. */
    be64 tx_bytes;   /* Bytes sent. */
    be64 tx_packets; /* Packets sent. */
    be64 tx_errors;  /* Packets lost to overrun. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_queue_stats) == 32, "ofp_queue_stats");

/* 5.3.6 Packet out; actions and then the frame follow. */
struct ofp10_packet_out {
    struct ofp10_header header; /* OFPT_PACKET_OUT. */
    be32 buffer_id;             /* Buffered packet, or OFP_NO_BUFFER. */
    be16 in_port;               /* Port it is taken to come from, or OFPP_NONE. */
    be16 actions_len;           /* Bytes of actions. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_packet_out) == 16, "ofp_packet_out");

/* 5.3.4 Queue config request. */
struct ofp10_queue_get_config_request {
    struct ofp10_header header; /* OFPT_QUEUE_GET_CONFIG_REQUEST. */
    be16 port;                  /* Port. */
    uint8_t pad[2];             /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_queue_get_config_request) == 12, "ofp_queue_get_config");

/* 5.3.4 Queue config reply; queues follow. */
struct ofp10_queue_get_config_reply {
    struct ofp10_header header; /* OFPT_QUEUE_GET_CONFIG_REPLY. */
    be16 port;                  /* Port. */
    uint8_t pad[6];             /* 0. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_queue_get_config_reply) == 16, "ofp_queue_get_config_reply");

/* 5.4.1 'reason' of a packet in. */
enum {
    OFPR_NO_MATCH = 0, /* No rule matched. */
    OFPR_ACTION = 1,   /* An action said so. */
};

/* 5.4.1 Packet in. The standard's struct is 20 bytes long for its alignment, yet the frame begins
 * at offset 18; so this one ends there. */
struct ofp10_packet_in {
    struct ofp10_header header; /* OFPT_PACKET_IN. */
    be32 buffer_id;             /* Where it is buffered, or OFP_NO_BUFFER. */
    be16 total_len;             /* Bytes of the whole frame. */
    be16 in_port;               /* Port it came in by. */
    uint8_t reason;             /* OFPR_*. */
    uint8_t pad;                /* 0. */
    uint8_t data[];             /* The frame or its start. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_packet_in) == 18, "ofp_packet_in");
_Static_assert(__builtin_offsetof(struct ofp10_packet_in, data) == 18, "ofp_packet_in.data");

/* 5.4.2 'reason' of a flow removed. */
enum {
    OFPRR_IDLE_TIMEOUT = 0, /* No packet for idle_timeout. */
    OFPRR_HARD_TIMEOUT = 1, /* hard_timeout has passed. */
    OFPRR_DELETE = 2,       /* Deleted by a flow mod. */
};

/* 5.4.2 Flow removed. */
struct ofp10_flow_removed {
    struct ofp10_header header; /* OFPT_FLOW_REMOVED. */
    struct ofp10_match match;   /* Fields. */
    be64 cookie;                /* Opaque. */
    be16 priority;              /* Higher wins. */
    uint8_t reason;             /* OFPRR_*. */
    uint8_t pad;                /* 0. */
    be32 duration_sec;          /* Seconds alive. */
    be32 duration_nsec;         /* Nanoseconds beyond them. */
    be16 idle_timeout;          /* Seconds, as set. */
    uint8_t pad2[2];            /* 0. */
    be64 packet_count;          /* Packets. */
    be64 byte_count;            /* Bytes. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_flow_removed) == 88, "ofp_flow_removed");

/* 5.4.3 'reason' of a port status. */
enum {
    OFPPR_ADD = 0,    /* The port is new. */
    OFPPR_DELETE = 1, /* The port is gone. */
    OFPPR_MODIFY = 2, /* Something about it changed. */
};

/* 5.4.3 Port status. */
struct ofp10_port_status {
    struct ofp10_header header; /* OFPT_PORT_STATUS. */
    uint8_t reason;             /* OFPPR_*. */
    uint8_t pad[7];             /* 0. */
    struct ofp10_phy_port desc; /* The port. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_port_status) == 64, "ofp_port_status");

/* 5.4.4 Types of error. */
enum {
    OFPET_HELLO_FAILED = 0,    /* Hello failed. */
    OFPET_BAD_REQUEST = 1,     /* Request not understood. */
    OFPET_BAD_ACTION = 2,      /* Error in an action. */
    OFPET_FLOW_MOD_FAILED = 3, /* Flow table not changed. */
    OFPET_PORT_MOD_FAILED = 4, /* Port not changed. */
    OFPET_QUEUE_OP_FAILED = 5, /* Queue request failed. */
    OFPET_VENDOR = 0xb0c2,     /* A vendor's: see nicira-ext.h. */
};

/* 5.4.4 Codes of each type of error. */
enum {
    /* OFPET_HELLO_FAILED. */
    OFPHFC_INCOMPATIBLE = 0, /* No version in common. */
    OFPHFC_EPERM = 1,        /* Not allowed. */
    /* OFPET_BAD_REQUEST. */
    OFPBRC_BAD_VERSION = 0,    /* Version not the one agreed on. */
    OFPBRC_BAD_TYPE = 1,       /* Type unknown. */
    OFPBRC_BAD_STAT = 2,       /* Type of statistics unknown. */
    OFPBRC_BAD_VENDOR = 3,     /* Vendor unknown. */
    OFPBRC_BAD_SUBTYPE = 4,    /* Vendor's subtype unknown. */
    OFPBRC_EPERM = 5,          /* Not allowed. */
    OFPBRC_BAD_LEN = 6,        /* Wrong length for the type. */
    OFPBRC_BUFFER_EMPTY = 7,   /* Buffer has been used. */
    OFPBRC_BUFFER_UNKNOWN = 8, /* No such buffer. */
    /* OFPET_BAD_ACTION. */
    OFPBAC_BAD_TYPE = 0,        /* Type unknown. */
    OFPBAC_BAD_LEN = 1,         /* Wrong length. */
    OFPBAC_BAD_VENDOR = 2,      /* Vendor unknown. */
    OFPBAC_BAD_VENDOR_TYPE = 3, /* Vendor's type unknown. */
    OFPBAC_BAD_OUT_PORT = 4,    /* Not a port to send to. */
    OFPBAC_BAD_ARGUMENT = 5,    /* Argument out of range. */
    OFPBAC_EPERM = 6,           /* Not allowed. */
    OFPBAC_TOO_MANY = 7,        /* Too many actions. */
    OFPBAC_BAD_QUEUE = 8,       /* No such queue. */
    /* OFPET_FLOW_MOD_FAILED. */
    OFPFMFC_ALL_TABLES_FULL = 0,   /* No room. */
    OFPFMFC_OVERLAP = 1,           /* Overlaps, and CHECK_OVERLAP is set. */
    OFPFMFC_EPERM = 2,             /* Not allowed. */
    OFPFMFC_BAD_EMERG_TIMEOUT = 3, /* Emergency rule with a timeout. */
    OFPFMFC_BAD_COMMAND = 4,       /* Command unknown. */
    OFPFMFC_UNSUPPORTED = 5,       /* Actions can't be done in that order. */
    /* OFPET_PORT_MOD_FAILED. */
    OFPPMFC_BAD_PORT = 0,    /* No such port. */
    OFPPMFC_BAD_HW_ADDR = 1, /* Address is not the port's. */
    /* OFPET_QUEUE_OP_FAILED. */
    OFPQOFC_BAD_PORT = 0,  /* No such port. */
    OFPQOFC_BAD_QUEUE = 1, /* No such queue. */
    OFPQOFC_EPERM = 2,     /* Not allowed. */
};

/* 5.4.4 Error; data follow. */
struct ofp10_error_msg {
    struct ofp10_header header; /* OFPT_ERROR. */
    be16 type;                  /* OFPET_*. */
    be16 code;                  /* Depends on the type. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_error_msg) == 12, "ofp_error_msg");

/* 5.5.4 Vendor message; data follow. */
struct ofp10_vendor_header {
    struct ofp10_header header; /* OFPT_VENDOR. */
    be32 vendor;                /* Vendor id. */
} OFP_WIRE;
_Static_assert(sizeof(struct ofp10_vendor_header) == 12, "ofp_vendor_header");

#endif
