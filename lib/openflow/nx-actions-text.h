/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/openflow: Nicira's actions, and what is written like them, as text. */
#ifndef LIB_OPENFLOW_NX_ACTIONS_TEXT_H
#define LIB_OPENFLOW_NX_ACTIONS_TEXT_H

#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"

/* Each nx_parse_*() reads the argument 'text' ("" if there is none) of the word it is named after
 * and appends what it makes to 'list'.  Returns NULL, or a malloc()ed text of what is wrong and
 * what to write instead, which ends a sentence behind "WORD:TEXT is not understood: ". */
typedef char *nx_parse_action(const char *text, const struct ofp_parse *how,
                              struct action_list *list);

nx_parse_action nx_parse_output;     /* A port, or bits of a field. */
nx_parse_action nx_parse_move;       /* "BITS->BITS". */
nx_parse_action nx_parse_load;       /* "NUMBER->BITS". */
nx_parse_action nx_parse_learn;      /* Settings of the rule and specs, with commas between. */
nx_parse_action nx_parse_fin_timeout; /* "idle_timeout=5,hard_timeout=10", each may be left out. */
nx_parse_action nx_parse_controller; /* "128", "max_len=128,id=1,reason=action", or nothing. */
nx_parse_action nx_parse_resubmit;   /* "PORT", "PORT,TABLE", ",TABLE". */
nx_parse_action nx_parse_set_tunnel; /* A key: set_tunnel64 if it has more than 32 bits. */
nx_parse_action nx_parse_set_tunnel64; /* A key. */
nx_parse_action nx_parse_set_queue;  /* A queue id. */
nx_parse_action nx_parse_pop_queue;  /* Nothing. */
nx_parse_action nx_parse_note;       /* Bytes in hex, with dots between. */
nx_parse_action nx_parse_exit;       /* Nothing. */
nx_parse_action nx_parse_dec_ttl;    /* Nothing. */

/* Appends the name of the reason of a packet_in, or its number. */
void nx_print_reason(struct bytes *out, uint8_t reason);

/* Makes '*to', which is 0, the same as 'from', paddings 0. */
void nx_subfield_assign(struct nx_subfield *to, const struct nx_subfield *from);

/* Reads bits of a field, or of one that can be written: the whole of 'text'.  Returns NULL or as
 * above. */
char *nx_parse_bits(const char *text, struct nx_subfield *s);
char *nx_parse_target(const char *text, struct nx_subfield *s);

/* Reads the number 'text' of at most 128 bits: decimal, "0x" hexadecimal, Ethernet or IPv4 address.
 * False if it is none. */
bool nx_parse_value(const char *text, nx_value *value);

/* Appends 'value' in hexadecimal with "0x". */
void nx_print_value(struct bytes *out, nx_value value);

/* Each nx_print_*() appends the argument of an action, and its name where the form depends on it.
 */
typedef void nx_print_action(struct bytes *out, const struct action *a,
                             const struct ofp_print_style *style);

nx_print_action nx_print_resubmit;   /* "resubmit:2", "resubmit(,1)". */
nx_print_action nx_print_set_tunnel; /* "0x5". */
nx_print_action nx_print_set_queue;  /* "5". */
nx_print_action nx_print_move;       /* "NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]". */
nx_print_action nx_print_load;       /* "0x5->NXM_NX_REG0[0..15]". */
nx_print_action nx_print_output_reg; /* "NXM_NX_REG0[]". */
nx_print_action nx_print_learn;      /* "table=1,...)". */
nx_print_action nx_print_fin_timeout; /* "idle_timeout=5)". */
nx_print_action nx_print_note;       /* "00.11". */
nx_print_action nx_print_controller; /* "controller(...)", or as an output if that says it all. */

#endif
