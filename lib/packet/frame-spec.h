/* SPDX-License-Identifier: Apache-2.0 */
/* A frame between its text and its bytes; private to the files frame*.c. */
#ifndef LIB_PACKET_FRAME_SPEC_H
#define LIB_PACKET_FRAME_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bytes.h"

/* The words before the parenthesis. */
enum frame_kind {
    FRAME_TCP,
    FRAME_UDP,
    FRAME_SCTP,
    FRAME_ICMP,
    FRAME_IP,
    FRAME_ARP,
    FRAME_ETH,
    FRAME_N_KINDS,
};

/* What options set; the order is that of the text. */
enum frame_field {
    FRAME_ETH_SRC, /* MAC address as a number. */
    FRAME_ETH_DST, /* MAC address as a number. */
    FRAME_QINQ,
    FRAME_VLAN,
    FRAME_PCP,
    FRAME_SNAP,
    FRAME_TYPE,
    FRAME_PROTO,
    FRAME_TOS,
    FRAME_TTL,
    FRAME_LABEL,
    FRAME_IPID,
    FRAME_DF,
    FRAME_FRAG, /* Offset in bytes, and 1 if more follow. */
    FRAME_FLAGS,
    FRAME_TCP_SEQ,
    FRAME_TCP_ACK,
    FRAME_WINDOW,
    FRAME_ICMP_TYPE,
    FRAME_CODE,
    FRAME_ID,
    FRAME_ICMP_SEQ,
    FRAME_SHA, /* MAC address as a number; absent: the Ethernet source. */
    FRAME_THA, /* MAC address as a number; absent: the Ethernet destination, in a request 0. */
    FRAME_SUM,
    FRAME_BADSUM,
    FRAME_NOSUM,
    FRAME_SIZE, /* Bytes of payload that count up from 0. */
    FRAME_DATA, /* Bytes of any other payload. */
    FRAME_PAD,
    FRAME_N_FIELDS,
};

/* How the value of an option is written. */
enum frame_form {
    FRAME_FORM_FLAG,   /* Not at all. */
    FRAME_FORM_NUMBER, /* Decimal. */
    FRAME_FORM_HEX,    /* 0x. */
    FRAME_FORM_ETH,    /* MAC > MAC: two fields. */
    FRAME_FORM_MAC,    /* MAC. */
    FRAME_FORM_FRAG,   /* Offset and perhaps '+'. */
    FRAME_FORM_FLAGS,  /* Names of TCP flags. */
    FRAME_FORM_SIZE,   /* Decimal; makes payload. */
    FRAME_FORM_DATA,   /* Hexadecimal digits of the payload. */
    FRAME_N_FORMS,
};

/* An option. */
struct frame_option {
    const char *word;     /* Its name; NULL: written with the field before. */
    enum frame_form form; /* How its value is written. */
    unsigned kinds;       /* Bit k: enum frame_kind k has it, if the IP version fits too. */
    uint8_t version;      /* 4 or 6: over that IP version only; 0: any. */
    uint64_t max;         /* The largest number. */
};

/* By enum frame_field. */
extern const struct frame_option frame_options[];

/* By enum frame_kind. */
extern const char *const frame_kind_names[];

/* By bit of the flags, low bit first. */
extern const char *const frame_tcp_flags[8];

/* Value of a field that is not there; flags that are there are 1. */
#define FRAME_ABSENT UINT64_MAX

enum {
    FRAME_MAX_PAYLOAD = 65000, /* Bytes of payload at most. */
};

/* A frame taken apart. */
struct frame_spec {
    enum frame_kind kind;           /* What it is. */
    bool ipv6;                      /* Addresses are IPv6. */
    uint8_t src[16];                /* IPv4 or IPv6 address; eth: MAC address. */
    uint8_t dst[16];                /* IPv4 or IPv6 address; eth: MAC address. */
    uint16_t tp_src;                /* L4 port, host order. */
    uint16_t tp_dst;                /* L4 port, host order. */
    uint16_t arp_op;                /* ARP operation, host order. */
    uint64_t value[FRAME_N_FIELDS]; /* Fields, host order. */
    struct bytes payload;           /* What comes last; owned. */
};

/* Sets all fields to what they are if no option says otherwise, given everything before 'value'. */
void frame_spec_defaults(struct frame_spec *spec);

/* True if 'spec' is a fragment without L4 header. */
bool frame_spec_is_later_fragment(const struct frame_spec *spec);

/* True if frames like 'spec' (its kind and IP version) have option 'field' with a word of its
 * own. */
bool frame_spec_has(const struct frame_spec *spec, enum frame_field field);

/* Appends the bytes of 'spec' to 'out'. */
void frame_spec_encode(const struct frame_spec *spec, struct bytes *out);

/* Takes the frame apart as well as the notation can: encoding may give other bytes. Returns false
 * if there is no way; 'spec' has a payload to be freed in either case. */
bool frame_spec_decode(const void *data, size_t size, struct frame_spec *spec);

#endif
