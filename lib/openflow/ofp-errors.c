/* SPDX-License-Identifier: Apache-2.0 */
/* OpenFlow errors as values of the same int that carries errno. */
#include "lib/openflow/ofp-errors.h"

#include <assert.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* A row of the table of errors. */
struct error_row {
    uint32_t vendor;  /* 0: of the standard. */
    uint16_t type;    /* OFPET_*, or the vendor's type. */
    uint16_t code;    /* Code of the type. */
    const char *name; /* As tools print it. */
    const char *text; /* What it means. */
};

/* The row of an error's index; for an OFPERR_* name. */
#define ROW(error) [(error) - OFPERR_BASE]

static const struct error_row errors[] = {
    ROW(OFPERR_HELLO_FAILED_INCOMPATIBLE) = {0, OFPET_HELLO_FAILED, OFPHFC_INCOMPATIBLE,
        "OFPHFC_INCOMPATIBLE", "the peers have no OpenFlow version in common"},
    ROW(OFPERR_HELLO_FAILED_EPERM) = {0, OFPET_HELLO_FAILED, OFPHFC_EPERM,
        "OFPHFC_EPERM", "this peer may not connect"},
    ROW(OFPERR_BAD_REQUEST_BAD_VERSION) = {0, OFPET_BAD_REQUEST, OFPBRC_BAD_VERSION,
        "OFPBRC_BAD_VERSION", "the message has another version than the one agreed on"},
    ROW(OFPERR_BAD_REQUEST_BAD_TYPE) = {0, OFPET_BAD_REQUEST, OFPBRC_BAD_TYPE,
        "OFPBRC_BAD_TYPE", "the type of message is unknown or not one to be sent to a switch"},
    ROW(OFPERR_BAD_REQUEST_BAD_STAT) = {0, OFPET_BAD_REQUEST, OFPBRC_BAD_STAT,
        "OFPBRC_BAD_STAT", "the type of statistics is unknown"},
    ROW(OFPERR_BAD_REQUEST_BAD_VENDOR) = {0, OFPET_BAD_REQUEST, OFPBRC_BAD_VENDOR,
        "OFPBRC_BAD_VENDOR", "the vendor is unknown"},
    ROW(OFPERR_BAD_REQUEST_BAD_SUBTYPE) = {0, OFPET_BAD_REQUEST, OFPBRC_BAD_SUBTYPE,
        "OFPBRC_BAD_SUBTYPE", "the vendor's type of message is unknown"},
    ROW(OFPERR_BAD_REQUEST_EPERM) = {0, OFPET_BAD_REQUEST, OFPBRC_EPERM,
        "OFPBRC_EPERM", "this controller may not do that"},
    ROW(OFPERR_BAD_REQUEST_BAD_LEN) = {0, OFPET_BAD_REQUEST, OFPBRC_BAD_LEN,
        "OFPBRC_BAD_LEN", "the length is wrong for the type of message"},
    ROW(OFPERR_BAD_REQUEST_BUFFER_EMPTY) = {0, OFPET_BAD_REQUEST, OFPBRC_BUFFER_EMPTY,
        "OFPBRC_BUFFER_EMPTY", "the buffered packet has been used already"},
    ROW(OFPERR_BAD_REQUEST_BUFFER_UNKNOWN) = {0, OFPET_BAD_REQUEST, OFPBRC_BUFFER_UNKNOWN,
        "OFPBRC_BUFFER_UNKNOWN", "there is no such packet buffer, or not any more"},
    ROW(OFPERR_BAD_ACTION_BAD_TYPE) = {0, OFPET_BAD_ACTION, OFPBAC_BAD_TYPE,
        "OFPBAC_BAD_TYPE", "the type of action is unknown"},
    ROW(OFPERR_BAD_ACTION_BAD_LEN) = {0, OFPET_BAD_ACTION, OFPBAC_BAD_LEN,
        "OFPBAC_BAD_LEN", "the length of an action is wrong"},
    ROW(OFPERR_BAD_ACTION_BAD_VENDOR) = {0, OFPET_BAD_ACTION, OFPBAC_BAD_VENDOR,
        "OFPBAC_BAD_VENDOR", "the vendor of an action is unknown"},
    ROW(OFPERR_BAD_ACTION_BAD_VENDOR_TYPE) = {0, OFPET_BAD_ACTION, OFPBAC_BAD_VENDOR_TYPE,
        "OFPBAC_BAD_VENDOR_TYPE", "the vendor's type of action is unknown"},
    ROW(OFPERR_BAD_ACTION_BAD_OUT_PORT) = {0, OFPET_BAD_ACTION, OFPBAC_BAD_OUT_PORT,
        "OFPBAC_BAD_OUT_PORT", "an action sends to a port that can't be sent to"},
    ROW(OFPERR_BAD_ACTION_BAD_ARGUMENT) = {0, OFPET_BAD_ACTION, OFPBAC_BAD_ARGUMENT,
        "OFPBAC_BAD_ARGUMENT", "the argument of an action is out of range"},
    ROW(OFPERR_BAD_ACTION_EPERM) = {0, OFPET_BAD_ACTION, OFPBAC_EPERM,
        "OFPBAC_EPERM", "this controller may not use that action"},
    ROW(OFPERR_BAD_ACTION_TOO_MANY) = {0, OFPET_BAD_ACTION, OFPBAC_TOO_MANY,
        "OFPBAC_TOO_MANY", "the list of actions is too long"},
    ROW(OFPERR_BAD_ACTION_BAD_QUEUE) = {0, OFPET_BAD_ACTION, OFPBAC_BAD_QUEUE,
        "OFPBAC_BAD_QUEUE", "the port has no such queue"},
    ROW(OFPERR_FLOW_MOD_FAILED_ALL_TABLES_FULL) = {0, OFPET_FLOW_MOD_FAILED,
        OFPFMFC_ALL_TABLES_FULL, "OFPFMFC_TABLE_FULL", "the flow tables are full"},
    ROW(OFPERR_FLOW_MOD_FAILED_OVERLAP) = {0, OFPET_FLOW_MOD_FAILED, OFPFMFC_OVERLAP,
        "OFPFMFC_OVERLAP", "the rule overlaps another of its priority"},
    ROW(OFPERR_FLOW_MOD_FAILED_EPERM) = {0, OFPET_FLOW_MOD_FAILED, OFPFMFC_EPERM,
        "OFPFMFC_EPERM", "this controller may not have that rule"},
    ROW(OFPERR_FLOW_MOD_FAILED_BAD_EMERG_TIMEOUT) = {0, OFPET_FLOW_MOD_FAILED,
        OFPFMFC_BAD_EMERG_TIMEOUT, "OFPFMFC_BAD_EMERG_TIMEOUT",
        "an emergency rule can't have a timeout"},
    ROW(OFPERR_FLOW_MOD_FAILED_BAD_COMMAND) = {0, OFPET_FLOW_MOD_FAILED, OFPFMFC_BAD_COMMAND,
        "OFPFMFC_BAD_COMMAND", "the command is unknown"},
    ROW(OFPERR_FLOW_MOD_FAILED_UNSUPPORTED) = {0, OFPET_FLOW_MOD_FAILED, OFPFMFC_UNSUPPORTED,
        "OFPFMFC_UNSUPPORTED", "the flow_mod asks for something that is not supported"},
    ROW(OFPERR_PORT_MOD_FAILED_BAD_PORT) = {0, OFPET_PORT_MOD_FAILED, OFPPMFC_BAD_PORT,
        "OFPPMFC_BAD_PORT", "there is no such port"},
    ROW(OFPERR_PORT_MOD_FAILED_BAD_HW_ADDR) = {0, OFPET_PORT_MOD_FAILED, OFPPMFC_BAD_HW_ADDR,
        "OFPPMFC_BAD_HW_ADDR", "the hardware address is not the port's"},
    ROW(OFPERR_QUEUE_OP_FAILED_BAD_PORT) = {0, OFPET_QUEUE_OP_FAILED, OFPQOFC_BAD_PORT,
        "OFPQOFC_BAD_PORT", "there is no such port, or it has no queues"},
    ROW(OFPERR_QUEUE_OP_FAILED_BAD_QUEUE) = {0, OFPET_QUEUE_OP_FAILED, OFPQOFC_BAD_QUEUE,
        "OFPQOFC_BAD_QUEUE", "the port has no such queue"},
    ROW(OFPERR_QUEUE_OP_FAILED_EPERM) = {0, OFPET_QUEUE_OP_FAILED, OFPQOFC_EPERM,
        "OFPQOFC_EPERM", "this controller may not see that queue"},
    ROW(OFPERR_NICIRA_FLOW_MOD_BAD_FLAGS) = {NX_VENDOR_ID, OFPET_FLOW_MOD_FAILED, 258,
        "OFPFMFC_BAD_FLAGS", "a flag of the flow_mod is unknown"},
    ROW(OFPERR_NICIRA_PACKET_OUT_BAD_IN_PORT) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 514,
        "OFPBRC_BAD_PORT", "a packet can't come from that in_port"},
    ROW(OFPERR_NICIRA_BAD_ROLE) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 513,
        "OFPRRFC_BAD_ROLE", "there is no such role"},
    ROW(OFPERR_NICIRA_MUST_BE_ZERO) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 515,
        "NXBRC_MUST_BE_ZERO", "bytes that have to be zero are not"},
    ROW(OFPERR_NXM_INVALID) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 256,
        "NXBRC_NXM_INVALID", "the list of fields in the match is cut off or has no sense"},
    ROW(OFPERR_NXM_BAD_TYPE) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 257,
        "NXBRC_NXM_BAD_TYPE", "a field of the match is unknown or may not stand there"},
    ROW(OFPERR_NXM_BAD_VALUE) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 258,
        "OFPBMC_BAD_VALUE", "a field of the match can't have that value"},
    ROW(OFPERR_NXM_BAD_MASK) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 259,
        "OFPBMC_BAD_MASK", "a field of the match can't have that mask"},
    ROW(OFPERR_NXM_BAD_PREREQ) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 260,
        "OFPBMC_BAD_PREREQ", "a field of the match stands before what it needs, or without it"},
    ROW(OFPERR_NXM_DUP_TYPE) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 261,
        "OFPBMC_DUP_FIELD", "a field stands twice in the match"},
    ROW(OFPERR_NXM_BAD_WILDCARDS) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 262,
        "OFPBMC_BAD_WILDCARDS", "a value in the match has bits that its mask leaves out"},
    ROW(OFPERR_NICIRA_BAD_TABLE_ID) = {NX_VENDOR_ID, OFPET_BAD_REQUEST, 512,
        "OFPBRC_BAD_TABLE_ID", "there is no such table"},
};
static_assert(ARRAY_SIZE(errors) == OFPERR_END - OFPERR_BASE, "an error has no row");

bool ofperr_is(int error)
{
    return error >= OFPERR_BASE && error < OFPERR_END;
}

/* The row of 'error', of BAD_REQUEST/EPERM if it is no OpenFlow error. */
static const struct error_row *error_row(int error)
{
    return &errors[(ofperr_is(error) ? error : OFPERR_BAD_REQUEST_EPERM) - OFPERR_BASE];
}

const char *ofperr_name(int error)
{
    return ofperr_is(error) ? error_row(error)->name : strerror(error);
}

const char *ofperr_text(int error)
{
    return ofperr_is(error) ? error_row(error)->text : strerror(error);
}

/* The error of 'vendor' (0: the standard) with 'type' and 'code', or 0. */
static int find_error(uint32_t vendor, uint16_t type, uint16_t code)
{
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        const struct error_row *row = &errors[i];
        if (row->vendor == vendor && row->type == type && row->code == code) {
            return OFPERR_BASE + (int) i;
        }
    }
    return 0;
}

int ofperr_from_wire(uint16_t type, uint16_t code)
{
    return find_error(0, type, code);
}

int ofperr_from_data(uint16_t type, uint16_t code, const void *data, size_t size, size_t *skip)
{
    const struct nx10_vendor_error *w = data;
    *skip = 0;
    if (type != OFPET_VENDOR) {
        return find_error(0, type, code);
    }
    if (code != 0 || size < sizeof *w || !w->vendor) {
        return 0;
    }

    int error = find_error(ntohl(w->vendor), ntohs(w->type), ntohs(w->code));
    if (error) {
        *skip = sizeof *w;
    }
    return error;
}

/* An OFPT_ERROR begun: header and numbers of 'row', with room for 'hint' bytes more. */
static struct bytes *error_start(const struct error_row *row, uint32_t xid, size_t hint)
{
    struct bytes *msg = bytes_create(sizeof(struct ofp10_error_msg)
                                     + sizeof(struct nx10_vendor_error) + hint);
    struct ofp10_error_msg *w = bytes_put_zeros(msg, sizeof *w);
    w->header.version = OFP10_VERSION;
    w->header.type = OFPT_ERROR;
    w->header.xid = htonl(xid);
    w->type = htons(row->vendor ? OFPET_VENDOR : row->type);
    w->code = htons(row->vendor ? 0 : row->code);
    if (row->vendor) {
        bytes_put_be32(msg, row->vendor);
        bytes_put_be16(msg, row->type);
        bytes_put_be16(msg, row->code);
    }
    return msg;
}

/* Appends as many of the 'size' bytes at 'data' as a message holds and writes its length. */
static void error_finish(struct bytes *msg, const void *data, size_t size)
{
    bytes_put(msg, data, MIN(size, UINT16_MAX - msg->size));
    struct ofp10_header *header = bytes_at(msg, 0);
    header->length = htons((uint16_t) msg->size);
}

struct bytes *ofperr_encode(int error, const void *request, size_t request_size)
{
    const struct ofp10_header *header = request;
    uint32_t xid = request_size >= sizeof *header ? ntohl(header->xid) : 0;
    struct bytes *msg = error_start(error_row(error), xid, request_size);
    error_finish(msg, request, request_size);
    return msg;
}

struct bytes *ofperr_encode_hello(int error, uint32_t xid, const char *text)
{
    size_t size = strlen(text);
    struct bytes *msg = error_start(error_row(error), xid, size);
    error_finish(msg, text, size);
    return msg;
}
