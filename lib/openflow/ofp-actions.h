/* SPDX-License-Identifier: Apache-2.0 */
/* Action lists: in memory as the datapath executes them, and on the wire. */
#ifndef LIB_OPENFLOW_OFP_ACTIONS_H
#define LIB_OPENFLOW_OFP_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/byte-order.h"

struct bytes;

/* What an action does; the numbers are ours, the wire's are in the table of ofp-actions.c. */
enum action_type {
    ACTION_OUTPUT,       /* OFPAT_OUTPUT. */
    ACTION_SET_VLAN_VID, /* OFPAT_SET_VLAN_VID. */
    ACTION_SET_VLAN_PCP, /* OFPAT_SET_VLAN_PCP. */
    ACTION_STRIP_VLAN,   /* OFPAT_STRIP_VLAN. */
    ACTION_SET_DL_SRC,   /* OFPAT_SET_DL_SRC. */
    ACTION_SET_DL_DST,   /* OFPAT_SET_DL_DST. */
    ACTION_SET_NW_SRC,   /* OFPAT_SET_NW_SRC. */
    ACTION_SET_NW_DST,   /* OFPAT_SET_NW_DST. */
    ACTION_SET_NW_TOS,   /* OFPAT_SET_NW_TOS. */
    ACTION_SET_TP_SRC,   /* OFPAT_SET_TP_SRC. */
    ACTION_SET_TP_DST,   /* OFPAT_SET_TP_DST. */
    ACTION_ENQUEUE,      /* OFPAT_ENQUEUE. */
    N_ACTIONS
};

/* One action.  Actions stand one behind the other in an action list; each takes 'size' bytes, a
 * multiple of 8, so that later ones (learn, note) can be longer than this struct. */
struct action {
    uint16_t type; /* enum action_type. */
    uint16_t size; /* Bytes to the next action. */
    uint32_t pad;  /* 0. */
    union {
        struct {
            uint16_t port;    /* OFPP_* or port number, host order. */
            uint16_t max_len; /* Bytes for the controller if port is OFPP_CONTROLLER. */
        } output;             /* ACTION_OUTPUT. */
        struct {
            uint16_t port;  /* Port number, OFPP_IN_PORT or OFPP_LOCAL, host order. */
            uint32_t queue; /* Queue id. */
        } enqueue;          /* ACTION_ENQUEUE. */
        uint16_t vlan_vid;  /* 0..4095, host order. */
        uint8_t vlan_pcp;   /* 0..7. */
        uint8_t dl_addr[6]; /* ACTION_SET_DL_*. */
        be32 nw_addr;       /* ACTION_SET_NW_SRC, _DST. */
        uint8_t nw_tos;     /* Upper 6 bits; the lower two are 0. */
        be16 tp_port;       /* ACTION_SET_TP_*. */
        uint64_t word;      /* All of it. */
    };
};

_Static_assert(sizeof(struct action) == 16, "struct action grew");

/* An action list. Empty (size 0, first NULL) means drop. */
struct action_list {
    struct action *first; /* malloc()ed block of 'size' bytes; owned by the list. */
    size_t size;          /* Bytes. */
};

#define ACTION_NEXT(A) ((struct action *) ((char *) (A) + (A)->size))
#define ACTION_END(L) ((struct action *) ((char *) (L)->first + (L)->size))

/* Iterates 'A' (struct action *) over the list 'L' (struct action_list *). */
#define ACTION_FOR_EACH(A, L) \
    for ((A) = (L)->first; (A) != ACTION_END(L); (A) = ACTION_NEXT(A))

void action_list_init(struct action_list *list);
void action_list_uninit(struct action_list *list);
void action_list_clone(struct action_list *dst, const struct action_list *src);
bool action_list_equal(const struct action_list *a, const struct action_list *b);

/* Appends an action of 'type', zeroed, and returns it; valid until the next append. */
struct action *action_list_append(struct action_list *list, enum action_type type);

/* True if the list has an OUTPUT or ENQUEUE to 'port' (the out_port filter, A4.7, A11.7). */
bool action_list_outputs_to(const struct action_list *list, uint16_t port);

/* Decodes 'size' bytes of OpenFlow 1.0 actions at 'data' into '*list' (uninitialised before).
 * Checks lengths, types, ports, arguments (A5.2 ... A5.19); 'in_flow' true for a flow entry (TABLE is
 * refused), false for packet_out. Returns 0 with the list owned by the caller, or an OpenFlow error
 * of type BAD_ACTION with '*list' empty. */
int action_list_decode(struct action_list *list, const void *data, size_t size, bool in_flow);

/* Appends the list in OpenFlow 1.0 wire form to '*out', paddings zero. */
void action_list_encode(const struct action_list *list, struct bytes *out);

#endif
