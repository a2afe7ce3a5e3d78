/* SPDX-License-Identifier: Apache-2.0 */
/* Whole messages as text: the table of kinds, the header line, errors, hellos and echoes. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-print-kinds.h"
#include "lib/openflow/openflow-1.0.h"

enum {
    NESTED_MAX = 8,  /* Errors in each other that are told; more are shown as bytes. */
    ERROR_SIZE = 12, /* Bytes of an OFPT_ERROR before its data (5.4.4). */
    CAUSE_MAX = 4096, /* Bytes of text that tell of what the error is about. */
    WHOLE = 3,        /* Verbosity at which there may be more. */
};

static ofp_print_kind print_hello, print_error, print_echo, print_vendor_stats, print_nothing;

/* How each kind is printed. */
static ofp_print_kind *const kinds[] = {
    [OFP_HELLO] = print_hello,
    [OFP_ERROR] = print_error,
    [OFP_ECHO_REQUEST] = print_echo,
    [OFP_ECHO_REPLY] = print_echo,
    [OFP_VENDOR] = ofp_print_vendor,
    [OFP_FEATURES_REQUEST] = print_nothing,
    [OFP_FEATURES_REPLY] = ofp_print_features_reply,
    [OFP_GET_CONFIG_REQUEST] = print_nothing,
    [OFP_GET_CONFIG_REPLY] = ofp_print_switch_config,
    [OFP_SET_CONFIG] = ofp_print_switch_config,
    [OFP_PACKET_IN] = ofp_print_packet_in,
    [OFP_FLOW_REMOVED] = ofp_print_flow_removed,
    [OFP_PORT_STATUS] = ofp_print_port_status,
    [OFP_PACKET_OUT] = ofp_print_packet_out,
    [OFP_FLOW_MOD] = ofp_print_flow_mod,
    [OFP_PORT_MOD] = ofp_print_port_mod,
    [OFP_BARRIER_REQUEST] = print_nothing,
    [OFP_BARRIER_REPLY] = print_nothing,
    [OFP_QUEUE_GET_CONFIG_REQUEST] = ofp_print_port_request,
    [OFP_QUEUE_GET_CONFIG_REPLY] = ofp_print_queue_config,
    [OFP_DESC_REQUEST] = print_nothing,
    [OFP_DESC_REPLY] = ofp_print_desc,
    [OFP_FLOW_STATS_REQUEST] = ofp_print_flow_request,
    [OFP_FLOW_STATS_REPLY] = ofp_print_flow_reply,
    [OFP_AGGREGATE_REQUEST] = ofp_print_flow_request,
    [OFP_AGGREGATE_REPLY] = ofp_print_aggregate,
    [OFP_TABLE_STATS_REQUEST] = print_nothing,
    [OFP_TABLE_STATS_REPLY] = ofp_print_table_stats,
    [OFP_PORT_STATS_REQUEST] = ofp_print_port_stats_request,
    [OFP_PORT_STATS_REPLY] = ofp_print_port_stats,
    [OFP_QUEUE_STATS_REQUEST] = ofp_print_queue_stats_request,
    [OFP_QUEUE_STATS_REPLY] = ofp_print_queue_stats,
    [OFP_PORT_DESC_REQUEST] = ofp_print_port_desc_request,
    [OFP_PORT_DESC_REPLY] = ofp_print_port_desc,
    [OFP_VENDOR_STATS_REQUEST] = print_vendor_stats,
    [OFP_VENDOR_STATS_REPLY] = print_vendor_stats,
    [OFP_NXT_ROLE_REQUEST] = ofp_print_role,
    [OFP_NXT_ROLE_REPLY] = ofp_print_role,
    [OFP_NXT_SET_ASYNC_CONFIG] = ofp_print_async_config,
    [OFP_NXT_SET_CONTROLLER_ID] = ofp_print_controller_id,
    [OFP_NXT_SET_FLOW_FORMAT] = ofp_print_flow_format,
    [OFP_NXT_FLOW_MOD] = ofp_print_flow_mod,
    [OFP_NXT_FLOW_REMOVED] = ofp_print_flow_removed,
    [OFP_NXT_FLOW_MOD_TABLE_ID] = ofp_print_table_id,
    [OFP_NXT_SET_PACKET_IN_FORMAT] = ofp_print_packet_in_format,
    [OFP_NXT_PACKET_IN] = ofp_print_nx_packet_in,
    [OFP_NXT_FLOW_AGE] = print_nothing,
    [OFP_NXST_FLOW_REQUEST] = ofp_print_flow_request,
    [OFP_NXST_FLOW_REPLY] = ofp_print_flow_reply,
    [OFP_NXST_AGGREGATE_REQUEST] = ofp_print_flow_request,
    [OFP_NXST_AGGREGATE_REPLY] = ofp_print_aggregate,
};
_Static_assert(ARRAY_SIZE(kinds) == N_OFP_KINDS, "a kind of message has no text");

/* Names of the versions of the header. */
static const char *const versions[] = {NULL, "", " (OF1.1)", " (OF1.2)", " (OF1.3)", " (OF1.4)",
                                       " (OF1.5)"};

static int print_nothing(struct bytes *out UNUSED, const struct ofp_message *m UNUSED,
                         const struct ofp_print_how *how UNUSED)
{
    return 0;
}

/* We know no vendor's statistics. */
static int print_vendor_stats(struct bytes *out UNUSED, const struct ofp_message *m,
                              const struct ofp_print_how *how UNUSED)
{
    return ofp_vendor_error(m->vendor_stats.vendor);
}

/* Finds the version bitmap among the elements of a hello (OpenFlow 1.3.1, 7.5.1).  Returns false if
 * the body is not made of elements. */
static bool hello_bitmap(struct reader r, uint32_t *bitmap)
{
    uint16_t type, size;
    while (r.left) {
        struct reader element = r;
        if (!reader_be16(&element, &type) || !reader_be16(&element, &size) || size < 4
            || !reader_pull(&r, MIN(ROUND_UP((size_t) size, 8), r.left))) {
            return false;
        }
        if (type == 1 && size >= 8 && !reader_be32(&element, bitmap)) {
            return false;
        }
    }
    return true;
}

static int print_hello(struct bytes *out, const struct ofp_message *m,
                       const struct ofp_print_how *how UNUSED)
{
    struct reader body;
    uint32_t bitmap = m->version >= 31 ? UINT32_MAX - 1 : (2u << m->version) - 2;
    const char *separator = "";
    reader_init(&body, m->body.data, m->body.size);
    bool understood = hello_bitmap(body, &bitmap);
    bytes_printf(out, "\n version bitmap: ");
    for (unsigned i = 0; i < 32; i++) {
        if (bitmap & 1u << i) {
            bytes_printf(out, "%s0x%02x", separator, i);
            separator = ", ";
        }
    }
    bytes_put_u8(out, '\n');
    if (!understood) {
        bytes_printf(out, " unknown data in hello:\n");
        ofp_print_hex(out, m->raw, m->raw_size, true);
    }
    return 0;
}

/* The text that explains why versions do not agree. */
static void print_text(struct bytes *out, const uint8_t *p, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool plain = isascii(p[i]) && isprint(p[i]) && p[i] != '"' && p[i] != '\\';
        bytes_printf(out, plain ? "%c" : "\\%03o", p[i]);
    }
    bytes_put_u8(out, '\n');
}

/* How many errors are about each other in the error 'e', as far as NESTED_MAX. */
static unsigned count_nested(const struct ofp_error *e)
{
    const uint8_t *data = e->data.data;
    size_t size = e->data.size, skip;
    uint16_t type = e->type, code = e->code;
    unsigned n = 0;
    while (n < NESTED_MAX && ofperr_from_data(type, code, data, size, &skip)) {
        data += skip;
        size -= skip;
        if (size < ERROR_SIZE || data[1] != OFPT_ERROR) {
            break;
        }
        type = get_be16(data + OFP_HEADER_SIZE);
        code = get_be16(data + OFP_HEADER_SIZE + 2);
        data += ERROR_SIZE;
        size -= ERROR_SIZE;
        n++;
    }
    return n;
}

/* Cuts what stands from 'start' on short if it is long, between two lines if it has short ones. */
static void shorten(struct bytes *out, size_t start)
{
    size_t end = start + CAUSE_MAX;
    if (out->size <= end) {
        return;
    }
    const uint8_t *newline = memrchr(out->data + end - CAUSE_MAX / 2, '\n', CAUSE_MAX / 2);
    size_t size = out->size;
    bytes_truncate(out, newline ? (size_t) (newline - out->data) : end);
    bytes_printf(out, "%s\n(***%zu more characters are left out***)\n", newline ? "" : "...",
                 size - out->size);
}

static int print_error(struct bytes *out, const struct ofp_message *m,
                       const struct ofp_print_how *how)
{
    const struct ofp_error *e = &m->error;
    size_t skip;
    int error = ofperr_from_data(e->type, e->code, e->data.data, e->data.size, &skip);
    if (!error) {
        return OFPERR_BAD_REQUEST_BAD_LEN;
    }
    bytes_printf(out, " %s\n", ofperr_name(error));
    size_t start = out->size;
    if (e->type == OFPET_HELLO_FAILED) {
        print_text(out, e->data.data, e->data.size);
    } else if (count_nested(e) == NESTED_MAX) {
        ofp_print_hex(out, e->data.data, e->data.size, true);
    } else {
        ofp_print_styled(out, e->data.data + skip, e->data.size - skip, 1, how->style);
    }
    if (how->verbosity < WHOLE) {
        shorten(out, start);
    }
    return 0;
}

static int print_echo(struct bytes *out, const struct ofp_message *m,
                      const struct ofp_print_how *how)
{
    bytes_printf(out, " %zu bytes of payload\n", m->body.size);
    if (how->verbosity > 1) {
        ofp_print_hex(out, m->body.data, m->body.size, true);
    }
    return 0;
}

/* "NAME (OF1.3) (xid=0x1):". */
static void print_header(struct bytes *out, const char *name, const struct ofp_message *m)
{
    const char *version = m->version < ARRAY_SIZE(versions) ? versions[m->version] : NULL;
    bytes_printf(out, "%s", name);
    if (version) {
        bytes_printf(out, "%s", version);
    } else {
        bytes_printf(out, " (OF 0x%02x)", m->version);
    }
    bytes_printf(out, " (xid=0x%" PRIx32 "):", m->xid);
}

/* " flags=[more]" and what else the flags of statistics say. */
static void print_stats_flags(struct bytes *out, const struct ofp_message *m)
{
    uint16_t flags = m->flags;
    if (!flags) {
        return;
    }
    bytes_printf(out, " flags=");
    if (m->raw[1] == OFPT_STATS_REPLY && flags & OFPSF_REPLY_MORE) {
        bytes_printf(out, "[more]");
        flags &= ~OFPSF_REPLY_MORE;
    }
    if (flags) {
        bytes_printf(out, "[***unknown flags 0x%04x***]", flags);
    }
}

/* The name of the kind that 'm' is or would be; NULL if it has none that we know. */
static const char *name_of(const struct ofp_message *m)
{
    switch (m->kind) {
    case OFP_VENDOR: return ofp_print_vendor_name(m);
    case OFP_VENDOR_STATS_REQUEST:
    case OFP_VENDOR_STATS_REPLY:
    case N_OFP_KINDS: return NULL;
    default: return ofp_kind_name(m->kind);
    }
}

/* Decodes in either direction.  m->kind is right after errors too, as far as it can be known. */
static int decode(struct ofp_message *m, const void *data, size_t size)
{
    int error = ofp_message_decode(m, data, size, true);
    if (error == OFPERR_BAD_REQUEST_BAD_TYPE) {
        error = ofp_message_decode(m, data, size, false);
    }
    if (error) {
        m->kind = ofp_kind_of(data, size);
    }
    return error;
}

/* True if 'error' means that the message was not even recognised by type and length. */
static bool is_header_error(int error)
{
    return error >= OFPERR_BAD_REQUEST_BAD_VERSION && error <= OFPERR_BAD_REQUEST_BAD_LEN;
}

/* What is wrong, in place of the body. */
static void print_decode_error(struct bytes *out, int error, const void *data, size_t size)
{
    if (out->size && out->data[out->size - 1] == ':') {
        bytes_put_u8(out, ' ');
    }
    bytes_printf(out, "***decode error: %s***\n", ofperr_name(error));
    ofp_print_hex(out, data, size, true);
}

/* A message whose length field is right. */
static void print_whole(struct bytes *out, const void *data, size_t size,
                        const struct ofp_print_how *how)
{
    struct ofp_message m = {.kind = N_OFP_KINDS};
    int error = decode(&m, data, size);
    const char *name = is_header_error(error) ? NULL : name_of(&m);
    if (name) {
        print_header(out, name, &m);
    }
    if (!error) {
        size_t start = out->size;
        print_stats_flags(out, &m);
        error = kinds[m.kind](out, &m, how);
        ofp_message_uninit(&m);
        bytes_truncate(out, error ? start : out->size);
    }
    if (error) {
        print_decode_error(out, error, data, size);
    } else if (out->data[out->size - 1] != '\n') {
        bytes_put_u8(out, '\n');
    }
}

/* The header of a message of which only the first 'size' of 'length' bytes are there. */
static void print_truncated(struct bytes *out, const void *data, size_t size, size_t length)
{
    struct ofp_message m = {.version = *(const uint8_t *) data,
                            .xid = get_be32((const uint8_t *) data + 4),
                            .kind = ofp_kind_of(data, size)};
    const char *name = name_of(&m);
    if (name) {
        print_header(out, name, &m);
        bytes_put_u8(out, '\n');
    }
    bytes_printf(out, "(***truncated to %zu bytes from %zu***)\n", size, length);
}

void ofp_print_styled(struct bytes *out, const void *data, size_t size, int verbosity,
                      const struct ofp_print_style *style)
{
    const struct ofp_print_how how = {.verbosity = verbosity, .style = style};
    size_t length = size >= OFP_HEADER_SIZE ? get_be16((const uint8_t *) data + 2) : 0;
    if (!size) {
        bytes_printf(out, "OpenFlow message is empty\n");
        return;
    }
    if (size >= OFP_HEADER_SIZE && length == size) {
        print_whole(out, data, size, &how);
        return;
    }
    if (size < OFP_HEADER_SIZE) {
        bytes_printf(out, "OpenFlow packet too short (only %zu bytes):\n", size);
    } else if (length < size) {
        bytes_printf(out, "(***only uses %zu bytes out of %zu***)\n", length, size);
    } else {
        print_truncated(out, data, size, length);
    }
    ofp_print_hex(out, data, size, true);
}

void ofp_print(struct bytes *out, const void *data, size_t size, int verbosity)
{
    ofp_print_styled(out, data, size, verbosity, NULL);
}
