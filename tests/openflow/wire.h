/* SPDX-License-Identifier: Apache-2.0 */
/* Messages written by hand for the tests of the wire: hexadecimal notation and a sample of each. */
#ifndef TESTS_OPENFLOW_WIRE_H
#define TESTS_OPENFLOW_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/openflow/ofp-message.h"

/* A message as hexadecimal digits: two a byte, blanks anywhere; "*N" after a byte: N of it. */

/* Returns the bytes of 'hex' and their number in '*size'. The block is no larger, so that a read
 * beyond it is found; the caller frees it. Aborts if 'hex' is no such text. */
uint8_t *wire_from_hex(const char *hex, size_t *size);

/* Returns a block of exactly 'size' bytes with the first ones of 'data'; a header in it is given
 * that length. The caller frees it. */
uint8_t *wire_cut(const uint8_t *data, size_t data_size, size_t size);

/* What decoding says of 'list' once it is encoded: 0, or an OpenFlow error. */
int wire_check_actions(const struct action_list *list, bool in_flow);

/* A message as the standard writes it. */
struct wire_sample {
    const char *name;     /* For messages of the test. */
    enum ofp_kind kind;   /* What it decodes to. */
    bool from_controller; /* Which side sends it; symmetric ones: either. */
    const char *hex;      /* Its bytes. Encoding what it decodes to gives them back. */
};

/* At least one sample of every kind. */
extern const struct wire_sample wire_samples[];
extern const size_t n_wire_samples;

#endif
