/* SPDX-License-Identifier: Apache-2.0 */
/* What a field of a match is to text: a row of the table of fields and the form of its value. */
#ifndef LIB_OPENFLOW_OFP_FIELD_H
#define LIB_OPENFLOW_OFP_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/packet/match.h"

struct bytes;
struct ofp_field;
struct ofp_parse;
struct ofp_print_style;

/* Which network protocol a match has fixed: sets of these say where a field applies. */
enum ofp_l3 {
    OFP_L3_WILD = 1 << 0,  /* dl_type is not given. */
    OFP_L3_IP4 = 1 << 1,   /* 0x0800. */
    OFP_L3_IP6 = 1 << 2,   /* 0x86dd. */
    OFP_L3_ARP = 1 << 3,   /* 0x0806 or 0x8035. */
    OFP_L3_OTHER = 1 << 4, /* Any other. */
    OFP_L3_IP = OFP_L3_IP4 | OFP_L3_IP6,
    OFP_L3_ANY = 0xff,
};

/* Which transport protocol a match has fixed, likewise. */
enum ofp_l4 {
    OFP_L4_NONE = 1 << 0, /* nw_proto is not given, or one without ports. */
    OFP_L4_TCP = 1 << 1,  /* TCP. */
    OFP_L4_UDP = 1 << 2,  /* UDP. */
    OFP_L4_SCTP = 1 << 3, /* SCTP. */
    OFP_L4_ICMP = 1 << 4, /* ICMP over IPv4, or ICMPv6 over IPv6. */
    OFP_L4_PORTS = OFP_L4_TCP | OFP_L4_UDP | OFP_L4_SCTP,
    OFP_L4_ANY = 0xff,
};

enum {
    OFP_FIELD_MAX_SIZE = 16, /* Bytes of the longest field. */
};

/* A value or mask of a field, with the bytes as they stand in struct flow. */
struct ofp_field_value {
    uint8_t value[OFP_FIELD_MAX_SIZE]; /* What the bits must be. */
    uint8_t mask[OFP_FIELD_MAX_SIZE];  /* Which bits count. */
};

/* How the value of a field is written. */
struct ofp_field_form {
    /* Reads 'text' into '*v', which is zero before.  Returns NULL, or a malloc()ed text that says
     * what is expected ("a number from 0 to 255").  NULL: the field can't be matched. */
    char *(*parse)(const struct ofp_field *f, const char *text, const struct ofp_parse *how,
                   struct ofp_field_value *v);
    /* Appends "name=value". 'value' and 'mask' are f->size bytes of a struct flow. */
    void (*print)(struct bytes *out, const struct ofp_field *f, const uint8_t *value,
                  const uint8_t *mask, const struct ofp_print_style *style);
};

/* One field: a row of the table. */
struct ofp_field {
    const char *name;     /* Name that is printed, and one that is read. */
    const char *aliases;  /* Other names that are read, with blanks between; "" if there is none. */
    const struct ofp_field_form *form; /* How its value is written. */
    const char *hint;     /* Keyword that gives what it needs, for the error if that is missing. */
    uint16_t offset;      /* Byte in struct flow. */
    uint8_t size;         /* Bytes there. */
    uint16_t bits;        /* Of fields of 1 or 2 bytes: which bits are its own, as a host number. */
    uint16_t max;         /* Largest number it takes, where 'form' reads a number; 0: all bits. */
    uint8_t needs_l3;     /* OFP_L3_* that it applies to, else it is refused. */
    uint8_t needs_l4;     /* OFP_L4_* that it applies to, else it is refused. */
    uint8_t shown_l3;     /* OFP_L3_* under which it is printed; 0: only a name to be read. */
    uint8_t shown_l4;     /* OFP_L4_* under which it is printed. */
    bool takes_mask;      /* Its number may have a mask. */
    bool is_metadata;     /* It does not stand in frames. */
    bool is_first;        /* It is printed before the keyword. */
};

/* A word that stands for a dl_type and perhaps an nw_proto. */
struct ofp_keyword {
    const char *name; /* As "tcp". */
    uint16_t dl_type; /* Host order. */
    int nw_proto;     /* -1: not fixed. */
};

#endif
