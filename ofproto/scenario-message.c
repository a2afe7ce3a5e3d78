/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that a peer of a scenario got, compared with what was expected. */
#include "ofproto/scenario-message.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-print.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/frame.h"
#include "lib/util.h"
#include "ofproto/buffers.h"
#include "ofproto/scenario-private.h"
#include "ofproto/scenario-text.h"

enum { ERROR_DATA_MAX = 65523 /* Bytes of the failed message that fit into an error (A1.16). */ };

static const char *const reasons[] = {[OFPR_NO_MATCH] = "no_match", [OFPR_ACTION] = "action"};

/* Describing ----------------------------------------------------------------------------------- */

static void describe_packet_in(const struct ofp_message *m, struct bytes *out)
{
    const struct ofp_packet_in *pin = &m->packet_in;
    bytes_printf(out, "packet_in in_port=%u reason=%s total_len=%u data=%zu ", pin->in_port,
                 pin->reason < ARRAY_SIZE(reasons) ? reasons[pin->reason] : "?", pin->total_len,
                 pin->data.size);
    if (pin->buffer_id == OFP_NO_BUFFER) {
        bytes_printf(out, "buffer=none ");
    } else {
        bytes_printf(out, "buffer=0x%x ", pin->buffer_id);
    }
    if (pin->data.size < pin->total_len) {
        bytes_printf(out, "the start of ");
    }
    frame_print(pin->data.data, pin->data.size, out);
}

/* The OpenFlow error that 'm' tells, or 0 if we have no name for it. */
static int error_of(const struct ofp_message *m, size_t *skip)
{
    return ofperr_from_data(m->error.type, m->error.code, m->error.data.data, m->error.data.size,
                            skip);
}

static void describe_error(const struct ofp_message *m, struct bytes *out)
{
    size_t skip;
    int error = error_of(m, &skip);
    if (error) {
        bytes_printf(out, "error %s", ofperr_name(error));
    } else {
        bytes_printf(out, "error of type %u code %u", m->error.type, m->error.code);
    }
}

/* Everything else, as tools print it but without xid. */
static void describe_text(const struct bytes *msg, struct bytes *out)
{
    struct bytes text = BYTES_INIT;
    ofp_print(&text, msg->data, msg->size, 1);
    char *s = bytes_string(&text);
    char *xid = strstr(s, " (xid=");
    char *end = xid ? strchr(xid, ')') : NULL;
    if (end) {
        bytes_put(out, s, (size_t) (xid - s));
        s = end + 1;
    }
    size_t length = strlen(s);
    while (length && isspace((unsigned char) s[length - 1])) {
        length--;
    }
    bytes_put(out, s, length);
    bytes_uninit(&text);
}

void message_describe(const struct bytes *msg, struct bytes *out)
{
    struct ofp_message m;
    if (!msg->size) {
        bytes_printf(out, "the end of the connection");
        return;
    }
    int error = ofp_message_decode(&m, msg->data, msg->size, false);
    if (!error && m.kind == OFP_PACKET_IN) {
        describe_packet_in(&m, out);
    } else if (!error && m.kind == OFP_ERROR) {
        describe_error(&m, out);
    } else {
        describe_text(msg, out);
    }
    ofp_message_uninit(&m);
}

/* Fails the line: 'msg' is not what 'text' says, because of 'why' if that is not NULL. */
static int mismatch(struct scenario *s, const struct bytes *msg, const char *text, const char *why)
{
    struct bytes came = BYTES_INIT, hex = BYTES_INIT;
    message_describe(msg, &came);
    ofp_print_hex(&hex, msg->data, msg->size, true);
    int err = scenario_fail(s, "not what was expected%s%s\n  expected: %s\n  but came: %s\n%s",
                            why ? ": " : "", why ? why : "", text, bytes_string(&came),
                            bytes_string(&hex));
    bytes_uninit(&came);
    bytes_uninit(&hex);
    return err;
}

/* What holds for every message ----------------------------------------------------------------- */

/* Whether the xid is right; else why not. */
static const char *check_xid(const struct peer *p, const struct ofp_message *m)
{
    switch (m->kind) {
    case OFP_HELLO:
    case OFP_ECHO_REQUEST:
        return NULL;
    case OFP_PACKET_IN:
    case OFP_FLOW_REMOVED:
    case OFP_NXT_PACKET_IN:
    case OFP_NXT_FLOW_REMOVED:
    case OFP_PORT_STATUS:
        return m->xid ? "it answers nothing, so its xid must be 0" : NULL;
    default:
        return peer_find_sent(p, m->xid) ? NULL : "its xid is that of no message that was sent";
    }
}

/* Whether the error 'm' brings the message that failed, or a text; else why not. */
static const char *check_error_data(const struct peer *p, const struct ofp_message *m)
{
    size_t skip;
    const struct bytes *sent = peer_find_sent(p, m->xid);
    const struct ofp_data *d = &m->error.data;
    error_of(m, &skip);
    if (m->error.type == OFPET_HELLO_FAILED) {
        for (size_t i = 0; i < d->size; i++) {
            if (!isprint(d->data[i])) {
                return "its text is not printable";
            }
        }
        return NULL;
    }
    if (d->size - skip != MIN(sent->size, ERROR_DATA_MAX - skip)) {
        return "it does not bring the whole message that failed";
    }
    return memcmp(d->data + skip, sent->data, d->size - skip)
               ? "it brings another message than the one that failed" : NULL;
}

/* Particular expectations ---------------------------------------------------------------------- */

/* A message and what it is compared with. */
struct comparison {
    struct scenario *s;          /* The run. */
    const struct ofp_message *m; /* What came, decoded. */
    const struct bytes *msg;     /* The same, as bytes. */
    char *text;                  /* What was expected, after the word that chose the row. */
};

/* The parts of a packet_in that can be named. Each returns whether it is as 'value' says. */
static bool is_in_port(const struct comparison *c, const char *value)
{
    uint16_t port;
    return ofp_parse_port(value, &(struct ofp_parse){0}, &port)
           && port == c->m->packet_in.in_port;
}

static bool is_reason(const struct comparison *c, const char *value)
{
    uint8_t reason = c->m->packet_in.reason;
    return reason < ARRAY_SIZE(reasons) && !strcmp(value, reasons[reason]);
}

static bool is_total_len(const struct comparison *c, const char *value)
{
    uint16_t n;
    return str_to_u16(value, 0, &n) && n == c->m->packet_in.total_len;
}

static bool is_data(const struct comparison *c, const char *value)
{
    uint16_t n;
    return str_to_u16(value, 0, &n) && n == c->m->packet_in.data.size;
}

/* "none", "yes", or a name: new ones get the id, known ones must have it. */
static bool is_buffer(const struct comparison *c, const char *value)
{
    uint32_t id = c->m->packet_in.buffer_id;
    const struct scenario_buffer *buffer = scenario_find_buffer(c->s, value);
    if (!strcmp(value, "none")) {
        return id == OFP_NO_BUFFER;
    }
    if (!buffer && strcmp(value, "yes") && id != OFP_NO_BUFFER) {
        scenario_name_buffer(c->s, value, id);
    }
    return buffer ? buffer->id == id : id != OFP_NO_BUFFER;
}

static const struct packet_in_part {
    const char *key;                                              /* In "KEY=VALUE". */
    bool (*is)(const struct comparison *c, const char *value); /* Compares. */
} packet_in_parts[] = {
    {"in_port", is_in_port}, {"reason", is_reason}, {"total_len", is_total_len},
    {"data", is_data},       {"buffer", is_buffer},
};

/* Compares one "KEY=VALUE", and notes which it was in the bits '*seen'. */
static bool match_part(const struct comparison *c, char *word, unsigned *seen)
{
    for (size_t i = 0; i < ARRAY_SIZE(packet_in_parts); i++) {
        const char *value = text_value(word, packet_in_parts[i].key);
        if (value) {
            *seen |= 1u << i;
            return packet_in_parts[i].is(c, value);
        }
    }
    return false;
}

/* Compares the frame: the data are its start, all of it unless data=N was said. */
static int check_frame(const struct comparison *c, const char *text, unsigned seen)
{
    const struct ofp_packet_in *pin = &c->m->packet_in;
    struct bytes frame = BYTES_INIT;
    char *error = NULL;
    int err = scenario_check(c->s, frame_build(text, &frame, &error), &error);
    bool is_same = !err && pin->data.size <= frame.size
                   && !memcmp(pin->data.data, frame.data, pin->data.size)
                   && (seen & 1 << 2 || pin->total_len == frame.size)
                   && (seen & 1 << 3 || pin->data.size == frame.size);
    bytes_uninit(&frame);
    return err ? err : is_same ? 0 : ENOENT;
}

/* "packet_in [KEY=VALUE]... [FRAME]". */
static int check_packet_in(struct comparison *c)
{
    unsigned seen = 0;
    if (c->m->kind != OFP_PACKET_IN) {
        return ENOENT;
    }
    while (*c->text && strcspn(c->text, "=") < strcspn(c->text, " (")) {
        if (!match_part(c, text_word(&c->text), &seen)) {
            return ENOENT;
        }
    }
    return *c->text ? check_frame(c, c->text, seen) : 0;
}

/* "error NAME". */
static int check_error(struct comparison *c)
{
    size_t skip;
    const char *name = text_word(&c->text);
    int error = c->m->kind == OFP_ERROR ? error_of(c->m, &skip) : 0;
    return error && name && !strcmp(name, ofperr_name(error)) ? 0 : ENOENT;
}

/* "hex BYTES". */
static int check_hex(struct comparison *c)
{
    struct text_bytes tb;
    char *error = NULL;
    int err = scenario_check(c->s, text_bytes_parse(&tb, c->text, &error), &error);
    if (!err) {
        err = text_bytes_match(&tb, c->msg->data, c->msg->size) ? 0 : ENOENT;
        text_bytes_uninit(&tb);
    }
    return err;
}

/* Expectations that begin with a word of their own. Each returns 0, ENOENT if the message is
 * another, or an errno after scenario_fail(). */
static const struct expectation {
    const char *word;                     /* The word. */
    int (*check)(struct comparison *c); /* Compares. */
} expectations[] = {
    {"packet_in", check_packet_in}, {"error", check_error}, {"hex", check_hex},
};

/* The name of a kind alone, or a text. */
static int check_text(struct comparison *c)
{
    struct bytes text = BYTES_INIT;
    enum ofp_kind kind = peer_kind_from_name(c->text);
    message_describe(c->msg, &text);
    bool is_match = (kind < N_OFP_KINDS && kind == c->m->kind)
                    || text_matches(c->text, bytes_string(&text));
    bytes_uninit(&text);
    return is_match ? 0 : ENOENT;
}

/* Compares by the row that the first word chooses. */
static int check_particular(struct comparison *c)
{
    for (size_t i = 0; i < ARRAY_SIZE(expectations); i++) {
        if (text_skip(&c->text, expectations[i].word)) {
            return expectations[i].check(c);
        }
    }
    return check_text(c);
}

int message_check(struct scenario *s, const struct peer *p, const struct bytes *msg,
                  const char *text)
{
    struct ofp_message m;
    const char *why = NULL;
    char *copy = xstrdup(text);
    int err = ENOENT;
    if (!ofp_message_decode(&m, msg->data, msg->size, false)) {
        why = check_xid(p, &m);
        why = !why && m.kind == OFP_ERROR ? check_error_data(p, &m) : why;
    }
    if (!why) {
        struct comparison c = {.s = s, .m = &m, .msg = msg, .text = copy};
        err = check_particular(&c);
    }
    ofp_message_uninit(&m);
    free(copy);
    return err == ENOENT ? mismatch(s, msg, text, why) : err;
}
