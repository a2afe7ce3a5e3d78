/* SPDX-License-Identifier: Apache-2.0 */
/* Who a bridge is: datapath id and address of LOCAL, random once and stable then. */
#ifndef OFPROTO_IDENTITY_H
#define OFPROTO_IDENTITY_H

#include <stdint.h>

/* The two are independent of each other (one derived from the other collides with the addresses of
 * hosts in tests that number both from 1) and locally administered. */
struct identity {
    uint64_t datapath_id; /* Top 16 bits 0. */
    uint8_t hw_addr[6];   /* Address of LOCAL. */
};

/* Reads the identity of 'bridge' from the directory 'state', or makes one and writes it there;
 * with 'state' NULL derives it from this machine's id and the name. Returns 0, or an errno with
 * *error naming the file. */
int identity_get(const char *state, const char *bridge, struct identity *identity, char **error);

/* Reads a datapath id as people write it: 1 to 16 hexadecimal digits, not all 0. Returns 0, or
 * EINVAL with '*error'; then '*id' is what it was. */
int identity_parse_datapath_id(const char *text, uint64_t *id, char **error);

#endif
