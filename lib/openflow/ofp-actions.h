/* SPDX-License-Identifier: Apache-2.0 */
/* Action lists: in memory as the datapath executes them, and on the wire. */
#ifndef LIB_OPENFLOW_OFP_ACTIONS_H
#define LIB_OPENFLOW_OFP_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/openflow/ofp-action.h"

struct bytes;

/* An action list says, in order, what is done with a packet.
 *
 * Life cycle: a list is initialised by action_list_init(), action_list_clone() or one of the
 * decoders, and released by action_list_uninit(). It may be given away by copying the struct and
 * calling action_list_init() on the old place.
 *
 * Threads: a list that is no longer changed may be read by any number of threads. */

enum {
    ACTION_MAX_OUTPUTS = 2048, /* Outputs of any kind in a list; more are TOO_MANY (A5.19). */
    /* Bytes on the wire of the actions of one rule: so many fit into its statistics entry, with
     * the 24 bytes of the message's head, the 48 of the entry's and up to 1024 of its match
     * (NXST_FLOW; 12 and 88 in OFPST_FLOW). More are TOO_MANY. */
    ACTION_MAX_WIRE_SIZE = (65535 - 24 - 48 - 1024) / 8 * 8,
};

/* An action list. Empty (size 0, first NULL) means drop. */
struct action_list {
    struct action *first; /* malloc()ed block of 'size' bytes; owned by the list. */
    size_t size;          /* Bytes. */
};

/* The action behind 'A', and the end of the list 'L', NULL if the list is empty.  It is reckoned as
 * a number, for nothing may be added to a null pointer. */
#define ACTION_NEXT(A) ((struct action *) ((char *) (A) + (A)->size))
#define ACTION_END(L) ((struct action *) ((uintptr_t) (L)->first + (L)->size))

/* Iterates 'A' (struct action *) over the list 'L' (struct action_list *). */
#define ACTION_FOR_EACH(A, L) \
    for ((A) = (L)->first; (A) != ACTION_END(L); (A) = ACTION_NEXT(A))

/* Makes '*list' empty, whatever it was before: nothing is released. */
void action_list_init(struct action_list *list);

/* Releases the actions and makes '*list' empty. */
void action_list_uninit(struct action_list *list);

/* Makes '*dst' (uninitialised before) a copy of '*src'; the caller owns it. */
void action_list_clone(struct action_list *dst, const struct action_list *src);

/* True if both lists have the same actions in the same order. */
bool action_list_equal(const struct action_list *a, const struct action_list *b);

/* Appends an action of 'type', zeroed, and returns it; valid until the next append. */
struct action *action_list_append(struct action_list *list, enum action_type type);

/* The same for an action of 'size' bytes, at least those of the struct, a multiple of 8. */
struct action *action_list_append_long(struct action_list *list, enum action_type type,
                                       size_t size);

/* Appends an ACTION_NOTE of 'size' bytes, which become 6 or 6 and a multiple of 8 by zeros. */
void action_list_append_note(struct action_list *list, const void *data, size_t size);

/* True if the list has an OUTPUT or ENQUEUE to 'port', or for CONTROLLER that action (the out_port
 * filter, A4.7, A11.7). */
bool action_list_outputs_to(const struct action_list *list, uint16_t port);

/* Decodes 'size' bytes of OpenFlow 1.0 actions at 'data' into '*list' (uninitialised before).
 * Checks lengths, types, ports, arguments (A5.2 ... A5.19); 'in_flow' true for a flow entry (TABLE
 * is refused), false for packet_out. The first fault in the order of the wire decides. Returns 0
 * with the list owned by the caller, or an OpenFlow error of type BAD_ACTION with '*list' empty. */
int action_list_decode(struct action_list *list, const void *data, size_t size, bool in_flow);

/* The same for what another switch reports: types and lengths are checked, but ports, arguments and
 * numbers of actions are taken as they are, for other switches allow what we refuse. */
int action_list_decode_any(struct action_list *list, const void *data, size_t size);

/* What action_list_decode_any() would return, without a list. */
int action_list_validate_any(const void *data, size_t size);

/* Appends the list in OpenFlow 1.0 wire form to '*out', paddings zero. */
void action_list_encode(const struct action_list *list, struct bytes *out);

/* Bytes that action_list_encode() appends. */
size_t action_list_wire_size(const struct action_list *list);

/* True if a packet may be sent to 'port' by OUTPUT: 1 ... 0xfeff and the reserved ports but NONE;
 * TABLE not from a flow entry (A5.4, A5.6, A11.8, A11.18). */
bool action_port_is_valid(uint16_t port, bool in_flow);

/* Bit 1 << OFPAT_* for every action of the standard: 'actions' of the features reply (A2.3). */
uint32_t action_bitmap(void);

#endif
