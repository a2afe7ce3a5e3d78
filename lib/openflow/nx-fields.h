/* SPDX-License-Identifier: Apache-2.0 */
/* The fields that Nicira's extensions name: their numbers, and their bits in a struct flow. */
#ifndef LIB_OPENFLOW_NX_FIELDS_H
#define LIB_OPENFLOW_NX_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/packet/match.h"

struct bytes;

/* A field has a header of 32 bits (class 16, field 7, "has mask" 1, bytes that follow 8), which
 * stands in matches (nx-match.h) and in actions. Its value is a number, most significant bit first
 * on the wire; bit 0 is the least significant one. In a struct flow it is a member or some bits of
 * one.
 *
 * Threads: any. Loads and stores are good for the packet path: nothing waits or allocates. */

/* A value or mask of a field; only the low n_bits can be set. */
typedef unsigned __int128 nx_value;

/* What a packet must be to have a field. */
enum nx_prereq {
    NX_PREREQ_NONE,       /* Any packet. */
    NX_PREREQ_ARP,        /* ARP or RARP. */
    NX_PREREQ_IPV4,       /* IPv4. */
    NX_PREREQ_IPV6,       /* IPv6. */
    NX_PREREQ_IP,         /* IPv4 or IPv6. */
    NX_PREREQ_TCP,        /* TCP over either. */
    NX_PREREQ_UDP,        /* UDP over either. */
    NX_PREREQ_SCTP,       /* SCTP over either. */
    NX_PREREQ_ICMPV4,     /* ICMP over IPv4. */
    NX_PREREQ_ICMPV6,     /* ICMPv6 over IPv6. */
    NX_PREREQ_ND,         /* Neighbour discovery: solicitation or advertisement. */
    NX_PREREQ_ND_SOLICIT, /* Neighbour solicitation. */
    NX_PREREQ_ND_ADVERT,  /* Neighbour advertisement. */
    N_NX_PREREQS
};

/* A row of the table. */
struct nx_field {
    const char *name;      /* As "NXM_OF_ETH_SRC". */
    const char *words;     /* Its names in flow texts, with blanks between. */
    uint32_t header;       /* Without mask. */
    uint16_t offset;       /* Byte of the member of struct flow. */
    uint8_t size;          /* Bytes of the member, */
    bool is_host;          /* which is in host order, else in network order. */
    uint32_t bits;         /* Bits of the member that are the field's; 0: all. */
    uint8_t wire_size;     /* Bytes of a value. */
    uint8_t n_bits;        /* Bits of a value, of which none above 'bits' is set. */
    uint8_t prereq;        /* enum nx_prereq. */
    bool is_maskable;      /* Matches may have any mask. */
    bool is_writable;      /* Actions may change it. */
};

/* All of them, each behind those that it needs. */
extern const struct nx_field nx_fields[];
extern const size_t nx_n_fields;

enum {
    NX_HEADER_MASKED = 1 << 8, /* Bit of a header: a mask follows the value. */
    NX_HEADER_LENGTH = 0xff,   /* Bits of a header: bytes that follow it. */
};

/* The header of the pseudo field that stands for the cookie in requests (B7): no field of packets,
 * so it is not in the table. */
extern const uint32_t nx_cookie_header;

/* Returns the field with 'header', which must have no mask, or NULL. */
const struct nx_field *nx_field_by_header(uint32_t header);

/* Returns the field called by the first 'length' bytes of 'name' (any case), or NULL. */
const struct nx_field *nx_field_by_name(const char *name, size_t length);

/* True if packets of 'm' have the field for sure. */
bool nx_field_fits_match(const struct nx_field *f, const struct match *m);

/* True if a packet with 'flow' has the field. */
bool nx_field_fits_flow(const struct nx_field *f, const struct flow *flow);

/* All bits that a value can have. */
nx_value nx_field_ones(const struct nx_field *f);

/* Returns the field's value; stores one, all other bits untouched. */
nx_value nx_field_load(const struct nx_field *f, const struct flow *flow);
void nx_field_store(const struct nx_field *f, nx_value value, struct flow *flow);

/* Makes 'm' compare the bits 'mask' of the field with those of 'value', and other bits as before.
 * With all bits the result is the one that OpenFlow 1.0's own match of that field has. */
void nx_field_match(const struct nx_field *f, nx_value value, nx_value mask, struct match *m);

/* A range of bits of a field. */
struct nx_subfield {
    const struct nx_field *field; /* The field. */
    uint16_t offset;              /* First bit. */
    uint16_t n_bits;              /* How many, not 0; not over the end. */
};

/* Returns the bits as a number: the lowest 64, if there are more. */
uint64_t nx_subfield_get(const struct nx_subfield *s, const struct flow *flow);

/* Sets the bits to the lowest ones of 'value'. */
void nx_subfield_set(const struct nx_subfield *s, uint64_t value, struct flow *flow);

/* Sets the bits 'to' of '*out' to the bits 'from' of 'in', which has as many; the flows may be the
 * same and the ranges may overlap. */
void nx_subfield_copy(const struct nx_subfield *from, const struct flow *in,
                      const struct nx_subfield *to, struct flow *out);

/* Reads "NAME[]", "NAME[BIT]" or "NAME[FIRST..LAST]" ("NAME" alone: all) from the start of 'text';
 * '*end' is set behind it.  Returns NULL, or a malloc()ed "WHAT IS WRONG; REMEDY". */
char *nx_subfield_parse(struct nx_subfield *s, const char *text, const char **end);

/* Appends it in that form. */
void nx_subfield_print(struct bytes *out, const struct nx_subfield *s);

#endif
