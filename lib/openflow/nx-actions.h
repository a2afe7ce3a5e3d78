/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/openflow: rows of the table of actions, and the hooks of Nicira's ones. */
#ifndef LIB_OPENFLOW_NX_ACTIONS_H
#define LIB_OPENFLOW_NX_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/openflow/ofp-action.h"

/* A row of the table of actions. */
struct action_row {
    uint16_t wire_type; /* OFPAT_*. */
    uint16_t subtype;   /* NXAST_* if that is OFPAT_VENDOR. */
    uint16_t wire_size; /* Bytes on the wire, head included; the least if 'is_open'. */
    bool is_open;       /* It may be longer. */

    /* Bytes of the action at 'wire', whose lengths are right, in memory. NULL: those of struct
     * action. */
    size_t (*size)(const void *wire);

    /* Copies the argument from the wire, where the lengths are right, to the action, which is 0
     * but for type and size. Returns 0 or an OpenFlow error. NULL: it has none. */
    int (*decode)(const void *wire, struct action *a);

    /* Judges the argument: 0 or an OpenFlow error. NULL: any will do. */
    int (*check)(const struct action *a, bool in_flow);

    /* Bytes of the action on the wire. NULL: 'wire_size'. */
    size_t (*wire_size_of)(const struct action *a);

    /* Copies the argument to the wire, where all but the head is 0. NULL: it has none. */
    void (*encode)(const struct action *a, void *wire);
};

/* Makes '*s', which is 0, the 'n_bits' bits from 'offset' on of the field with 'header'. Returns 0,
 * or BAD_ARGUMENT if there is no such field, it has no such bits, or it can't be written although
 * 'is_written'. */
int nx_decode_subfield(struct nx_subfield *s, uint32_t header, unsigned offset, unsigned n_bits,
                       bool is_written);

/* Bytes in memory of an ACTION_NOTE of 'size' bytes, and bytes of the note on the wire if 'size'
 * are to be in it. */
size_t nx_note_memory_size(size_t size);
size_t nx_note_padded(size_t size);

/* Sets learn->end_size to what fills the action up on the wire. */
void nx_learn_pad(struct action_learn *learn);

/* The first field to be matched by what 'learn' learns that packets with the numbers before it need
 * not have, or NULL: a TCP port needs an Ethernet type and a protocol. */
const struct nx_field *nx_learn_misfit(const struct action_learn *learn);

/* Whether what is learnt may match these bits: some of them only of a field that takes a mask, for
 * nobody could be told of another match. */
bool nx_learn_can_match(const struct nx_subfield *bits);

/* Hooks of the actions that they are named after. */
int nx_resubmit_decode(const void *wire, struct action *a);
int nx_resubmit_table_decode(const void *wire, struct action *a);
int nx_resubmit_check(const struct action *a, bool in_flow);
void nx_resubmit_encode(const struct action *a, void *wire);
void nx_resubmit_table_encode(const struct action *a, void *wire);
int nx_set_tunnel_decode(const void *wire, struct action *a);
void nx_set_tunnel_encode(const struct action *a, void *wire);
int nx_set_tunnel64_decode(const void *wire, struct action *a);
void nx_set_tunnel64_encode(const struct action *a, void *wire);
int nx_set_queue_decode(const void *wire, struct action *a);
void nx_set_queue_encode(const struct action *a, void *wire);
size_t nx_note_size(const void *wire);
size_t nx_note_wire_size(const struct action *a);
int nx_note_decode(const void *wire, struct action *a);
void nx_note_encode(const struct action *a, void *wire);
size_t nx_reg_move_size(const void *wire);
int nx_reg_move_decode(const void *wire, struct action *a);
void nx_reg_move_encode(const struct action *a, void *wire);
size_t nx_reg_load_size(const void *wire);
int nx_reg_load_decode(const void *wire, struct action *a);
void nx_reg_load_encode(const struct action *a, void *wire);
size_t nx_output_reg_size(const void *wire);
int nx_output_reg_decode(const void *wire, struct action *a);
void nx_output_reg_encode(const struct action *a, void *wire);
size_t nx_learn_size(const void *wire);
size_t nx_learn_wire_size(const struct action *a);
int nx_learn_decode(const void *wire, struct action *a);
int nx_learn_check(const struct action *a, bool in_flow);
void nx_learn_encode(const struct action *a, void *wire);
int nx_fin_timeout_decode(const void *wire, struct action *a);
void nx_fin_timeout_encode(const struct action *a, void *wire);
int nx_controller_decode(const void *wire, struct action *a);
void nx_controller_encode(const struct action *a, void *wire);

#endif
