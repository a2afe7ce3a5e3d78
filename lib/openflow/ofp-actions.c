/* SPDX-License-Identifier: Apache-2.0 */
/* Action lists: in memory as the datapath executes them, and on the wire. */
#include "lib/openflow/ofp-actions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/nx-actions.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * All that is known about an action stands in its row below.  A list is decoded in one walk, in the
 * order of the wire, so that of several faults the first one is reported.  Before it, a walk over
 * the heads alone sums the sizes up, so that the list needs one allocation of the right size; it
 * stops at a wrong head, which is where the decoding walk fails at the latest. */

/* How an argument is judged. */
enum strictness {
    ANY,            /* Taken as it is. */
    IN_PACKET_OUT,  /* As in a packet_out. */
    IN_FLOW,        /* As in a flow entry. */
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

static int output_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_output *w = wire;
    a->output.port = ntohs(w->port);
    a->output.max_len = ntohs(w->max_len);
    return 0;
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

static int vlan_vid_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_vlan_vid *w = wire;
    a->vlan_vid = ntohs(w->vlan_vid);
    return 0;
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

static int vlan_pcp_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_vlan_pcp *w = wire;
    a->vlan_pcp = w->vlan_pcp;
    return 0;
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

static int dl_addr_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_dl_addr *w = wire;
    memcpy(a->dl_addr, w->dl_addr, sizeof a->dl_addr);
    return 0;
}

static void dl_addr_encode(const struct action *a, void *wire)
{
    struct ofp10_action_dl_addr *w = wire;
    memcpy(w->dl_addr, a->dl_addr, sizeof w->dl_addr);
}

static int nw_addr_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_nw_addr *w = wire;
    a->nw_addr = w->nw_addr;
    return 0;
}

static void nw_addr_encode(const struct action *a, void *wire)
{
    struct ofp10_action_nw_addr *w = wire;
    w->nw_addr = a->nw_addr;
}

static int nw_tos_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_nw_tos *w = wire;
    a->nw_tos = w->nw_tos;
    return 0;
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

static int tp_port_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_tp_port *w = wire;
    a->tp_port = w->tp_port;
    return 0;
}

static void tp_port_encode(const struct action *a, void *wire)
{
    struct ofp10_action_tp_port *w = wire;
    w->tp_port = a->tp_port;
}

static int enqueue_decode(const void *wire, struct action *a)
{
    const struct ofp10_action_enqueue *w = wire;
    a->enqueue.port = ntohs(w->port);
    a->enqueue.queue = ntohl(w->queue_id);
    return 0;
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

/* Row of the standard's action 'type' with the struct ofp10_action_'wire'; the rest are its
 * hooks. */
#define ROW(type, wire, ...) \
    [ACTION_##type] = {.wire_type = OFPAT_##type, .wire_size = sizeof(struct ofp10_action_##wire), \
                       __VA_ARGS__}

/* The same for one of Nicira's. */
#define NX_ROW(type, wire, ...) \
    [ACTION_##type] = {.wire_type = OFPAT_VENDOR, .subtype = NXAST_##type, \
                       .wire_size = sizeof(struct nx10_action_##wire), __VA_ARGS__}

/* The hooks of an action with an argument. */
#define CODEC(x) .decode = x##_decode, .encode = x##_encode

static const struct action_row actions[] = {
    ROW(OUTPUT, output, CODEC(output), .check = output_check),
    ROW(SET_VLAN_VID, vlan_vid, CODEC(vlan_vid), .check = vlan_vid_check),
    ROW(SET_VLAN_PCP, vlan_pcp, CODEC(vlan_pcp), .check = vlan_pcp_check),
    ROW(STRIP_VLAN, header),
    ROW(SET_DL_SRC, dl_addr, CODEC(dl_addr)),
    ROW(SET_DL_DST, dl_addr, CODEC(dl_addr)),
    ROW(SET_NW_SRC, nw_addr, CODEC(nw_addr)),
    ROW(SET_NW_DST, nw_addr, CODEC(nw_addr)),
    ROW(SET_NW_TOS, nw_tos, CODEC(nw_tos), .check = nw_tos_check),
    ROW(SET_TP_SRC, tp_port, CODEC(tp_port)),
    ROW(SET_TP_DST, tp_port, CODEC(tp_port)),
    ROW(ENQUEUE, enqueue, CODEC(enqueue), .check = enqueue_check),
    NX_ROW(RESUBMIT, resubmit, CODEC(nx_resubmit), .check = nx_resubmit_check),
    NX_ROW(SET_TUNNEL, set_tunnel, CODEC(nx_set_tunnel)),
    NX_ROW(SET_QUEUE, set_queue, CODEC(nx_set_queue)),
    NX_ROW(POP_QUEUE, header),
    NX_ROW(REG_MOVE, reg_move, CODEC(nx_reg_move), .size = nx_reg_move_size),
    NX_ROW(REG_LOAD, reg_load, CODEC(nx_reg_load), .size = nx_reg_load_size),
    NX_ROW(NOTE, note, CODEC(nx_note), .is_open = true, .size = nx_note_size,
           .wire_size_of = nx_note_wire_size),
    NX_ROW(SET_TUNNEL64, set_tunnel64, CODEC(nx_set_tunnel64)),
    NX_ROW(RESUBMIT_TABLE, resubmit, CODEC(nx_resubmit_table), .check = nx_resubmit_check),
    NX_ROW(OUTPUT_REG, output_reg, CODEC(nx_output_reg), .size = nx_output_reg_size),
    NX_ROW(LEARN, learn, CODEC(nx_learn), .is_open = true, .size = nx_learn_size,
           .check = nx_learn_check, .wire_size_of = nx_learn_wire_size),
    NX_ROW(EXIT, header),
    NX_ROW(DEC_TTL, header),
    NX_ROW(FIN_TIMEOUT, fin_timeout, CODEC(nx_fin_timeout)),
    NX_ROW(CONTROLLER, controller, CODEC(nx_controller)),
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

/* The same from NXAST_*. A hole reads as ACTION_OUTPUT, which is no vendor's. */
static const uint8_t action_of_subtype[] = {
    [NXAST_RESUBMIT] = ACTION_RESUBMIT,
    [NXAST_SET_TUNNEL] = ACTION_SET_TUNNEL,
    [NXAST_SET_QUEUE] = ACTION_SET_QUEUE,
    [NXAST_POP_QUEUE] = ACTION_POP_QUEUE,
    [NXAST_REG_MOVE] = ACTION_REG_MOVE,
    [NXAST_REG_LOAD] = ACTION_REG_LOAD,
    [NXAST_NOTE] = ACTION_NOTE,
    [NXAST_SET_TUNNEL64] = ACTION_SET_TUNNEL64,
    [NXAST_RESUBMIT_TABLE] = ACTION_RESUBMIT_TABLE,
    [NXAST_OUTPUT_REG] = ACTION_OUTPUT_REG,
    [NXAST_LEARN] = ACTION_LEARN,
    [NXAST_EXIT] = ACTION_EXIT,
    [NXAST_DEC_TTL] = ACTION_DEC_TTL,
    [NXAST_FIN_TIMEOUT] = ACTION_FIN_TIMEOUT,
    [NXAST_CONTROLLER] = ACTION_CONTROLLER,
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

struct action *action_list_append_long(struct action_list *list, enum action_type type,
                                       size_t size)
{
    list->first = xrealloc(list->first, list->size + size);

    struct action *a = ACTION_END(list);
    memset(a, 0, size);
    a->type = type;
    a->size = (uint16_t) size;
    list->size += size;
    return a;
}

struct action *action_list_append(struct action_list *list, enum action_type type)
{
    return action_list_append_long(list, type, sizeof *list->first);
}

void action_list_append_note(struct action_list *list, const void *data, size_t size)
{
    size_t padded = nx_note_padded(size);
    struct action *a = action_list_append_long(list, ACTION_NOTE, nx_note_memory_size(padded));
    a->note_size = (uint32_t) padded;
    if (size) {
        memcpy(action_note(a), data, size);
    }
}

/* True if 'a' sends the packet to a port that it names. */
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
        if (action_is_output(a) ? a->output.port == port
                                : a->type == ACTION_CONTROLLER && port == OFPP_CONTROLLER) {
            return true;
        }
    }
    return false;
}

/* Finds the row of the vendor action of 'size' bytes at 'w'. Returns 0 or an OpenFlow error. */
static int vendor_row_find(const struct nx10_action_header *w, size_t size,
                           const struct action_row **row)
{
    if (ntohl(w->vendor) != NX_VENDOR_ID) {
        return OFPERR_BAD_ACTION_BAD_VENDOR;
    }
    if (size < sizeof *w) {
        return OFPERR_BAD_ACTION_BAD_LEN;
    }
    uint16_t subtype = ntohs(w->subtype);
    if (subtype >= ARRAY_SIZE(action_of_subtype) || !action_of_subtype[subtype]) {
        return OFPERR_BAD_ACTION_BAD_VENDOR_TYPE;
    }
    *row = &actions[action_of_subtype[subtype]];
    return 0;
}

/* Finds the row of the standard's action 'type'. Returns 0 or an OpenFlow error. */
static int standard_row_find(uint16_t type, const struct action_row **row)
{
    if (type >= ARRAY_SIZE(action_of_wire_type)) {
        return OFPERR_BAD_ACTION_BAD_TYPE;
    }
    *row = &actions[action_of_wire_type[type]];
    return (*row)->wire_type == type ? 0 : OFPERR_BAD_ACTION_BAD_TYPE;
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
    int error = type == OFPAT_VENDOR ? vendor_row_find(data, wire_size, row)
                                     : standard_row_find(type, row);
    if (error) {
        return error;
    }
    bool good = (*row)->is_open ? wire_size >= (*row)->wire_size : wire_size == (*row)->wire_size;
    return good ? 0 : OFPERR_BAD_ACTION_BAD_LEN;
}

/* Bytes on the wire of the action at 'wire', whose head is right. */
static size_t wire_size_at(const void *wire)
{
    return ntohs(((const struct ofp10_action_header *) wire)->len);
}

/* Bytes in memory of the action at 'wire', whose row is 'row' and whose lengths are right. */
static size_t size_at(const struct action_row *row, const void *wire)
{
    return row->size ? row->size(wire) : sizeof(struct action);
}

/* Judges the argument of 'a', and counts in '*n_outputs' how often the packet is sent. */
static int action_check(const struct action *a, enum strictness strictness, size_t *n_outputs)
{
    if (strictness == ANY) {
        return 0;
    }
    bool sends = action_is_output(a) || a->type == ACTION_CONTROLLER
                 || a->type == ACTION_OUTPUT_REG;
    if (sends && ++*n_outputs > ACTION_MAX_OUTPUTS) {
        return OFPERR_BAD_ACTION_TOO_MANY;
    }
    const struct action_row *row = &actions[a->type];
    return row->check ? row->check(a, strictness == IN_FLOW) : 0;
}

/* Bytes in memory of the actions in the 'size' bytes at 'data', up to the first with a fault. */
static size_t decoded_size(const uint8_t *data, size_t size)
{
    size_t total = 0;
    const struct action_row *row;
    while (size > 0 && !action_row_find(data, size, &row)) {
        size_t wire_size = wire_size_at(data);
        total += size_at(row, data);
        data += wire_size;
        size -= wire_size;
    }
    return total;
}

/* Decodes the action at the start of the 'size' bytes at 'data' to '*a'. */
static int decode_one(struct action *a, const uint8_t *data, size_t size,
                      enum strictness strictness, size_t *n_outputs)
{
    const struct action_row *row;
    int error = action_row_find(data, size, &row);
    if (error) {
        return error;
    }
    size_t in_memory = size_at(row, data);
    memset(a, 0, in_memory);
    a->type = (uint16_t) (row - actions);
    a->size = (uint16_t) in_memory;
    error = row->decode ? row->decode(data, a) : 0;
    return error ? error : action_check(a, strictness, n_outputs);
}

/* Walks over the 'size' bytes at 'data' and stores the actions at 'a', where there is room for
 * decoded_size(). */
static int decode_into(struct action *a, const uint8_t *data, size_t size,
                       enum strictness strictness)
{
    size_t n_outputs = 0;
    while (size > 0) {
        int error = decode_one(a, data, size, strictness, &n_outputs);
        if (error) {
            return error;
        }
        size_t wire_size = wire_size_at(data);
        a = ACTION_NEXT(a);
        data += wire_size;
        size -= wire_size;
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

    size_t list_size = decoded_size(data, size);
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
    struct action_list list;
    int error = list_decode(&list, data, size, ANY);
    action_list_uninit(&list);
    return error;
}

/* Bytes of 'a' on the wire. */
static size_t action_wire_size(const struct action *a)
{
    const struct action_row *row = &actions[a->type];
    return row->wire_size_of ? row->wire_size_of(a) : row->wire_size;
}

void action_list_encode(const struct action_list *list, struct bytes *out)
{
    const struct action *a;
    ACTION_FOR_EACH (a, list) {
        const struct action_row *row = &actions[a->type];
        size_t wire_size = action_wire_size(a);
        struct ofp10_action_header *w = bytes_put_zeros(out, wire_size);
        w->type = htons(row->wire_type);
        w->len = htons((uint16_t) wire_size);
        if (row->wire_type == OFPAT_VENDOR) {
            struct nx10_action_header *nx = (void *) w;
            nx->vendor = htonl(NX_VENDOR_ID);
            nx->subtype = htons(row->subtype);
        }
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
        size += action_wire_size(a);
    }
    return size;
}

uint32_t action_bitmap(void)
{
    uint32_t bitmap = 0;
    for (size_t i = 0; i < N_STANDARD_ACTIONS; i++) {
        bitmap |= UINT32_C(1) << actions[i].wire_type;
    }
    return bitmap;
}
