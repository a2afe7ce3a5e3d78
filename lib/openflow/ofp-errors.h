/* SPDX-License-Identifier: Apache-2.0 */
/* OpenFlow errors as values of the same int that carries errno. */
#ifndef LIB_OPENFLOW_OFP_ERRORS_H
#define LIB_OPENFLOW_OFP_ERRORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An int result is 0, an errno (positive, below OFPERR_BASE), or one of these. The name says the
 * standard's type and code (5.4.4); the table in ofp-errors.c has the numbers and a text. */
enum ofperr {
    OFPERR_BASE = 1 << 30,
    OFPERR_HELLO_FAILED_INCOMPATIBLE = OFPERR_BASE, /* 0.0 */
    OFPERR_HELLO_FAILED_EPERM,                      /* 0.1 */
    OFPERR_BAD_REQUEST_BAD_VERSION,                 /* 1.0 */
    OFPERR_BAD_REQUEST_BAD_TYPE,                    /* 1.1 */
    OFPERR_BAD_REQUEST_BAD_STAT,                    /* 1.2 */
    OFPERR_BAD_REQUEST_BAD_VENDOR,                  /* 1.3 */
    OFPERR_BAD_REQUEST_BAD_SUBTYPE,                 /* 1.4 */
    OFPERR_BAD_REQUEST_EPERM,                       /* 1.5 */
    OFPERR_BAD_REQUEST_BAD_LEN,                     /* 1.6 */
    OFPERR_BAD_REQUEST_BUFFER_EMPTY,                /* 1.7 */
    OFPERR_BAD_REQUEST_BUFFER_UNKNOWN,              /* 1.8 */
    OFPERR_BAD_ACTION_BAD_TYPE,                     /* 2.0 */
    OFPERR_BAD_ACTION_BAD_LEN,                      /* 2.1 */
    OFPERR_BAD_ACTION_BAD_VENDOR,                   /* 2.2 */
    OFPERR_BAD_ACTION_BAD_VENDOR_TYPE,              /* 2.3 */
    OFPERR_BAD_ACTION_BAD_OUT_PORT,                 /* 2.4 */
    OFPERR_BAD_ACTION_BAD_ARGUMENT,                 /* 2.5 */
    OFPERR_BAD_ACTION_EPERM,                        /* 2.6 */
    OFPERR_BAD_ACTION_TOO_MANY,                     /* 2.7 */
    OFPERR_BAD_ACTION_BAD_QUEUE,                    /* 2.8 */
    OFPERR_FLOW_MOD_FAILED_ALL_TABLES_FULL,         /* 3.0 */
    OFPERR_FLOW_MOD_FAILED_OVERLAP,                 /* 3.1 */
    OFPERR_FLOW_MOD_FAILED_EPERM,                   /* 3.2 */
    OFPERR_FLOW_MOD_FAILED_BAD_EMERG_TIMEOUT,       /* 3.3 */
    OFPERR_FLOW_MOD_FAILED_BAD_COMMAND,             /* 3.4 */
    OFPERR_FLOW_MOD_FAILED_UNSUPPORTED,             /* 3.5 */
    OFPERR_PORT_MOD_FAILED_BAD_PORT,                /* 4.0 */
    OFPERR_PORT_MOD_FAILED_BAD_HW_ADDR,             /* 4.1 */
    OFPERR_QUEUE_OP_FAILED_BAD_PORT,                /* 5.0 */
    OFPERR_QUEUE_OP_FAILED_BAD_QUEUE,               /* 5.1 */
    OFPERR_QUEUE_OP_FAILED_EPERM,                   /* 5.2 */
    OFPERR_NICIRA_FLOW_MOD_BAD_FLAGS,               /* Vendor 0x2320, type 3, code 258. */
    OFPERR_NICIRA_PACKET_OUT_BAD_IN_PORT,           /* Vendor 0x2320, type 1, code 514. */
    OFPERR_NICIRA_BAD_ROLE,                         /* Vendor 0x2320, type 1, code 513. */
    OFPERR_NICIRA_MUST_BE_ZERO,                     /* Vendor 0x2320, type 1, code 515. */
    OFPERR_NXM_INVALID,                             /* Vendor 0x2320, type 1, code 256. */
    OFPERR_NXM_BAD_TYPE,                            /* Vendor 0x2320, type 1, code 257. */
    OFPERR_NXM_BAD_VALUE,                           /* Vendor 0x2320, type 1, code 258. */
    OFPERR_NXM_BAD_MASK,                            /* Vendor 0x2320, type 1, code 259. */
    OFPERR_NXM_BAD_PREREQ,                          /* Vendor 0x2320, type 1, code 260. */
    OFPERR_NXM_DUP_TYPE,                            /* Vendor 0x2320, type 1, code 261. */
    OFPERR_NXM_BAD_WILDCARDS,                       /* Vendor 0x2320, type 1, code 262. */
    OFPERR_NICIRA_BAD_TABLE_ID,                     /* Vendor 0x2320, type 1, code 512. */
    OFPERR_END
};

struct bytes;

/* True if 'error' is an OpenFlow error, not 0 nor an errno. */
bool ofperr_is(int error);

/* Name as 'OFPBAC_BAD_OUT_PORT', as tools print it; for an errno, its text. Constant, or for an
 * errno valid until the thread's next call. */
const char *ofperr_name(int error);

/* One sentence on what it means; for an errno, its text, valid until the thread's next call. */
const char *ofperr_text(int error);

/* The error with 'type' and 'code' or 0 if there is none. */
int ofperr_from_wire(uint16_t type, uint16_t code);

/* The same for an OFPT_ERROR whose data are the 'size' bytes at 'data': recognises vendor errors
 * too (B27). '*skip' is set to the bytes of 'data' that belong to the error itself, before the
 * message that failed: 8 for a vendor error that we know, else 0. */
int ofperr_from_data(uint16_t type, uint16_t code, const void *data, size_t size, size_t *skip);

/* An OFPT_ERROR message for 'error' with the request's xid and as much of the request as fits
 * (A1.16). An errno becomes BAD_REQUEST/EPERM. The caller owns the result. */
struct bytes *ofperr_encode(int error, const void *request, size_t request_size);

/* 'error', one of HELLO_FAILED, with 'text' (ASCII) as data (A1.6). The caller owns the result. */
struct bytes *ofperr_encode_hello(int error, uint32_t xid, const char *text);

#endif
