/* SPDX-License-Identifier: Apache-2.0 */
/* Action lists: in memory as the datapath executes them, and on the wire. */
#include "lib/openflow/ofp-actions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * All that is known about an action stands in its row below.  A list is decoded in one walk, in the
 * order of the wire, so that of several faults the first one is reported.  Before it, a walk over
 * the lengths alone counts the actions, so that the list needs one allocation of the right size; it
 * stops where a length makes no sense, which is where the decoding walk fails at the latest. */

/* How an argument is judged. */
enum strictness {
    ANY,            /* Taken as it is. */
    IN_PACKET_OUT,  /* As in a packet_out. */
    IN_FLOW,        /* As in a flow entry. */
};

/* A row of the table of actions. */
struct action_row {
    uint16_t wire_type; /* OFPAT_*. */
    uint16_t wire_size; /* Bytes on the wire, head included. */
    const char *name;   /* As tools list it. */

    /* Copies the argument from the wire to the action, whose union is 0. NULL: it has none. */
    void (*decode)(const void *wire, struct action *a);

    /* Judges the argument: 0 or an OpenFlow error. NULL: any will do. */
    int (*check)(const struct action *a, bool in_flow);

    /* Copies the argument to the wire, where all but the head is 0. NULL: it has none. */
    void (*encode)(const struct action *a, void *wire);
};

/* True if 'port' can be the number of a physical port. */
static bool port_is_physical(uint16_t port)
{
    return port > 0 && port < OFPP_MAX;
}

bool action_port_is_valid(uint16_t port, bool in_flow)
{
    if (port == OFPP_TABLE) {
        return !in_flow;
    }
    return port_is_physical(port) || (port >= OFPP_IN_PORT && port != OFPP_NONE);
}

static void output_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_output *w = wire;
    a->output.port = ntohs(w->port);
    a->output.max_len = ntohs(w->max_len);
}

static int output_check(const struct action *a, bool in_flow)
{
    return action_port_is_valid(a->output.port, in_flow) ? 0 : OFPERR_BAD_ACTION_BAD_OUT_PORT;
}

static void output_encode(const struct action *a, void *wire)
{
    struct ofp10_action_output *w = wire;
    w->port = htons(a->output.port);
    w->max_len = htons(a->output.max_len);
}

static void vlan_vid_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_vlan_vid *w = wire;
    a->vlan_vid = ntohs(w->vlan_vid);
}

static int vlan_vid_check(const struct action *a, bool in_flow UNUSED)
{
    return a->vlan_vid <= 4095 ? 0 : OFPERR_BAD_ACTION_BAD_ARGUMENT;
}

static void vlan_vid_encode(const struct action *a, void *wire)
{
    struct ofp10_action_vlan_vid *w = wire;
    w->vlan_vid = htons(a->vlan_vid);
}

static void vlan_pcp_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_vlan_pcp *w = wire;
    a->vlan_pcp = w->vlan_pcp;
}

static int vlan_pcp_check(const struct action *a, bool in_flow UNUSED)
{
    return a->vlan_pcp <= 7 ? 0 : OFPERR_BAD_ACTION_BAD_ARGUMENT;
}

static void vlan_pcp_encode(const struct action *a, void *wire)
{
    struct ofp10_action_vlan_pcp *w = wire;
    w->vlan_pcp = a->vlan_pcp;
}

static void dl_addr_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_dl_addr *w = wire;
    memcpy(a->dl_addr, w->dl_addr, sizeof a->dl_addr);
}

static void dl_addr_encode(const struct action *a, void *wire)
{
    struct ofp10_action_dl_addr *w = wire;
    memcpy(w->dl_addr, a->dl_addr, sizeof w->dl_addr);
}

static void nw_addr_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_nw_addr *w = wire;
    a->nw_addr = w->nw_addr;
}

static void nw_addr_encode(const struct action *a, void *wire)
{
    struct ofp10_action_nw_addr *w = wire;
    w->nw_addr = a->nw_addr;
}

static void nw_tos_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_nw_tos *w = wire;
    a->nw_tos = w->nw_tos;
}

static int nw_tos_check(const struct action *a, bool in_flow UNUSED)
{
    return a->nw_tos & 0x03 ? OFPERR_BAD_ACTION_BAD_ARGUMENT : 0;
}

static void nw_tos_encode(const struct action *a, void *wire)
{
    struct ofp10_action_nw_tos *w = wire;
    w->nw_tos = a->nw_tos;
}

static void tp_port_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_tp_port *w = wire;
    a->tp_port = w->tp_port;
}

static void tp_port_encode(const struct action *a, void *wire)
{
    struct ofp10_action_tp_port *w = wire;
    w->tp_port = a->tp_port;
}

static void enqueue_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_enqueue *w = wire;
    a->enqueue.port = ntohs(w->port);
    a->enqueue.queue = ntohl(w->queue_id);
}

/* A queue belongs to a physical port, IN_PORT or LOCAL (A5.17); whether it exists is not known
 * here. */
static int enqueue_check(const struct action *a, bool in_flow UNUSED)
{
    uint16_t port = a->enqueue.port;
    bool valid = port_is_physical(port) || port == OFPP_IN_PORT || port == OFPP_LOCAL;
    return valid ? 0 : OFPERR_BAD_ACTION_BAD_OUT_PORT;
}

static void enqueue_encode(const struct action *a, void *wire)
{
    struct ofp10_action_enqueue *w = wire;
    w->port = htons(a->enqueue.port);
    w->queue_id = htonl(a->enqueue.queue);
}

static const struct action_row actions[] = {
    [ACTION_OUTPUT] = {OFPAT_OUTPUT, sizeof(struct ofp10_action_output), "output",
                       output_decode, output_check, output_encode},
    [ACTION_SET_VLAN_VID] = {OFPAT_SET_VLAN_VID, sizeof(struct ofp10_action_vlan_vid),
                             "set_vlan_vid", vlan_vid_decode, vlan_vid_check, vlan_vid_encode},
    [ACTION_SET_VLAN_PCP] = {OFPAT_SET_VLAN_PCP, sizeof(struct ofp10_action_vlan_pcp),
                             "set_vlan_pcp", vlan_pcp_decode, vlan_pcp_check, vlan_pcp_encode},
    [ACTION_STRIP_VLAN] = {OFPAT_STRIP_VLAN, sizeof(struct ofp10_action_header), "strip_vlan",
                           NULL, NULL, NULL},
    [ACTION_SET_DL_SRC] = {OFPAT_SET_DL_SRC, sizeof(struct ofp10_action_dl_addr), "mod_dl_src",
                           dl_addr_decode, NULL, dl_addr_encode},
    [ACTION_SET_DL_DST] = {OFPAT_SET_DL_DST, sizeof(struct ofp10_action_dl_addr), "mod_dl_dst",
                           dl_addr_decode, NULL, dl_addr_encode},
    [ACTION_SET_NW_SRC] = {OFPAT_SET_NW_SRC, sizeof(struct ofp10_action_nw_addr), "mod_nw_src",
                           nw_addr_decode, NULL, nw_addr_encode},
    [ACTION_SET_NW_DST] = {OFPAT_SET_NW_DST, sizeof(struct ofp10_action_nw_addr), "mod_nw_dst",
                           nw_addr_decode, NULL, nw_addr_encode},
    [ACTION_SET_NW_TOS] = {OFPAT_SET_NW_TOS, sizeof(struct ofp10_action_nw_tos), "mod_nw_tos",
                           nw_tos_decode, nw_tos_check, nw_tos_encode},
    [ACTION_SET_TP_SRC] = {OFPAT_SET_TP_SRC, sizeof(struct ofp10_action_tp_port), "mod_tp_src",
                           tp_port_decode, NULL, tp_port_encode},
    [ACTION_SET_TP_DST] = {OFPAT_SET_TP_DST, sizeof(struct ofp10_action_tp_port), "mod_tp_dst",
                           tp_port_decode, NULL, tp_port_encode},
    [ACTION_ENQUEUE] = {OFPAT_ENQUEUE, sizeof(struct ofp10_action_enqueue), "enqueue",
                        enqueue_decode, enqueue_check, enqueue_encode},
};
static_assert(ARRAY_SIZE(actions) == N_ACTIONS, "an action has no row");

/* From OFPAT_* to our number. A hole reads as ACTION_OUTPUT: compare with the row's wire_type. */
static const uint8_t action_of_wire_type[] = {
    [OFPAT_OUTPUT] = ACTION_OUTPUT,
    [OFPAT_SET_VLAN_VID] = ACTION_SET_VLAN_VID,
    [OFPAT_SET_VLAN_PCP] = ACTION_SET_VLAN_PCP,
    [OFPAT_STRIP_VLAN] = ACTION_STRIP_VLAN,
    [OFPAT_SET_DL_SRC] = ACTION_SET_DL_SRC,
    [OFPAT_SET_DL_DST] = ACTION_SET_DL_DST,
    [OFPAT_SET_NW_SRC] = ACTION_SET_NW_SRC,
    [OFPAT_SET_NW_DST] = ACTION_SET_NW_DST,
    [OFPAT_SET_NW_TOS] = ACTION_SET_NW_TOS,
    [OFPAT_SET_TP_SRC] = ACTION_SET_TP_SRC,
    [OFPAT_SET_TP_DST] = ACTION_SET_TP_DST,
    [OFPAT_ENQUEUE] = ACTION_ENQUEUE,
};

void action_list_init(struct action_list *list)
{
    list->first = NULL;
    list->size = 0;
}

void action_list_uninit(struct action_list *list)
{
    free(list->first);
    action_list_init(list);
}

void action_list_clone(struct action_list *dst, const struct action_list *src)
{
    dst->size = src->size;
    dst->first = src->size ? xmemdup(src->first, src->size) : NULL;
}

bool action_list_equal(const struct action_list *a, const struct action_list *b)
{
    return a->size == b->size && (!a->size || !memcmp(a->first, b->first, a->size));
}

struct action *action_list_append(struct action_list *list, enum action_type type)
{
    list->first = xrealloc(list->first, list->size + sizeof *list->first);

    struct action *a = ACTION_END(list);
    *a = (struct action){.type = type, .size = sizeof *a};
    list->size += sizeof *a;
    return a;
}

/* True if 'a' sends the packet somewhere. */
static bool action_is_output(const struct action *a)
{
    return a->type == ACTION_OUTPUT || a->type == ACTION_ENQUEUE;
}

bool action_list_outputs_to(const struct action_list *list, uint16_t port)
{
    static_assert(offsetof(struct action, output.port) == offsetof(struct action, enqueue.port),
                  "the port of both stands in the same place");
    const struct action *a;
    ACTION_FOR_EACH (a, list) {
        if (action_is_output(a) && a->output.port == port) {
            return true;
        }
    }
    return false;
}

/* The error for the vendor action at 'w' of 'size' bytes: we have none of any vendor yet. */
static int vendor_action_error(const struct ofp10_action_vendor *w, size_t size)
{
    if (ntohl(w->vendor) != NX_VENDOR_ID) {
        return OFPERR_BAD_ACTION_BAD_VENDOR;
    }
    return size < sizeof(struct nx10_action_header) ? OFPERR_BAD_ACTION_BAD_LEN
                                                    : OFPERR_BAD_ACTION_BAD_VENDOR_TYPE;
}

/* Checks the head of the action at the start of the 'size' bytes at 'data' (at least one). Returns
 * 0 and its row, or an OpenFlow error. */
static int action_row_find(const void *data, size_t size, const struct action_row **row)
{
    const struct ofp10_action_header *w = data;
    if (size < sizeof *w) {
        return OFPERR_BAD_ACTION_BAD_LEN;
    }

    uint16_t type = ntohs(w->type);
    uint16_t wire_size = ntohs(w->len);
    if (wire_size < sizeof *w || wire_size % 8 || wire_size > size) {
        return OFPERR_BAD_ACTION_BAD_LEN;
    }
    if (type == OFPAT_VENDOR) {
        return vendor_action_error(data, wire_size);
    }
    if (type >= ARRAY_SIZE(action_of_wire_type)) {
        return OFPERR_BAD_ACTION_BAD_TYPE;
    }
    *row = &actions[action_of_wire_type[type]];
    if ((*row)->wire_type != type) {
        return OFPERR_BAD_ACTION_BAD_TYPE;
    }
    return wire_size == (*row)->wire_size ? 0 : OFPERR_BAD_ACTION_BAD_LEN;
}

/* Makes '*a' the action at 'wire', whose row is 'row' and whose lengths are right. */
static void action_decode(const struct action_row *row, const void *wire, struct action *a)
{
    *a = (struct action){.type = (uint16_t) (row - actions), .size = sizeof *a};
    if (row->decode) {
        row->decode(wire, a);
    }
}

/* Judges the argument of 'a', and counts in '*n_outputs' how often the packet is sent. */
static int action_check(const struct action *a, enum strictness strictness, size_t *n_outputs)
{
    if (strictness == ANY) {
        return 0;
    }
    if (action_is_output(a) && ++*n_outputs > ACTION_MAX_OUTPUTS) {
        return OFPERR_BAD_ACTION_TOO_MANY;
    }
    const struct action_row *row = &actions[a->type];
    return row->check ? row->check(a, strictness == IN_FLOW) : 0;
}

/* Number of actions in the 'size' bytes at 'data', up to the first whose length makes no sense. */
static size_t count_actions(const uint8_t *data, size_t size)
{
    size_t n = 0;
    while (size >= sizeof(struct ofp10_action_header)) {
        size_t wire_size = get_be16(data + offsetof(struct ofp10_action_header, len));
        if (wire_size < sizeof(struct ofp10_action_header) || wire_size > size) {
            break;
        }
        data += wire_size;
        size -= wire_size;
        n++;
    }
    return n;
}

/* Walks over the 'size' bytes at 'data' and stores the actions at 'first', where there is room for
 * count_actions(); or only checks them, if 'first' is NULL. */
static int decode_into(struct action *first, const uint8_t *data, size_t size,
                       enum strictness strictness)
{
    size_t n_outputs = 0;
    while (size > 0) {
        const struct action_row *row;
        int error = action_row_find(data, size, &row);
        if (error) {
            return error;
        }

        struct action a;
        action_decode(row, data, &a);
        error = action_check(&a, strictness, &n_outputs);
        if (error) {
            return error;
        }
        if (first) {
            *first++ = a;
        }
        data += row->wire_size;
        size -= row->wire_size;
    }
    return 0;
}

/* Decodes as action_list_decode() says. */
static int list_decode(struct action_list *list, const void *data, size_t size,
                       enum strictness strictness)
{
    action_list_init(list);
    if (!size) {
        return 0;
    }
    if (strictness == IN_FLOW && size > ACTION_MAX_WIRE_SIZE) {
        return OFPERR_BAD_ACTION_TOO_MANY;
    }

    size_t list_size = count_actions(data, size) * sizeof(struct action);
    struct action *first = xmalloc(list_size);
    int error = decode_into(first, data, size, strictness);
    if (error) {
        free(first);
        return error;
    }
    list->first = first;
    list->size = list_size;
    return 0;
}

int action_list_decode(struct action_list *list, const void *data, size_t size, bool in_flow)
{
    return list_decode(list, data, size, in_flow ? IN_FLOW : IN_PACKET_OUT);
}

int action_list_decode_any(struct action_list *list, const void *data, size_t size)
{
    return list_decode(list, data, size, ANY);
}

int action_list_validate_any(const void *data, size_t size)
{
    return decode_into(NULL, data, size, ANY);
}

int action_list_check(const struct action_list *list, bool in_flow)
{
    if (in_flow && action_list_wire_size(list) > ACTION_MAX_WIRE_SIZE) {
        return OFPERR_BAD_ACTION_TOO_MANY;
    }

    size_t n_outputs = 0;
    const struct action *a;
    ACTION_FOR_EACH (a, list) {
        int error = action_check(a, in_flow ? IN_FLOW : IN_PACKET_OUT, &n_outputs);
        if (error) {
            return error;
        }
    }
    return 0;
}

void action_list_encode(const struct action_list *list, struct bytes *out)
{
    const struct action *a;
    ACTION_FOR_EACH (a, list) {
        const struct action_row *row = &actions[a->type];
        struct ofp10_action_header *w = bytes_put_zeros(out, row->wire_size);
        w->type = htons(row->wire_type);
        w->len = htons(row->wire_size);
        if (row->encode) {
            row->encode(a, w);
        }
    }
}

size_t action_list_wire_size(const struct action_list *list)
{
    size_t size = 0;
    const struct action *a;
    ACTION_FOR_EACH (a, list) {
        size += actions[a->type].wire_size;
    }
    return size;
}

const char *action_name(enum action_type type)
{
    return actions[type].name;
}

uint32_t action_bitmap(void)
{
    uint32_t bitmap = 0;
    for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
        bitmap |= UINT32_C(1) << actions[i].wire_type;
    }
    return bitmap;
}
