/* SPDX-License-Identifier: Apache-2.0 */
/* Nicira's actions, and what is written like them, as text. */
#include "lib/openflow/nx-actions-text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/openflow/nicira-ext.h"
#include "lib/openflow/ofp-field-forms.h"
#include "lib/openflow/ofp-words.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

/* Fields: move, load, output ------------------------------------------------------------------- */

void nx_subfield_assign(struct nx_subfield *to, const struct nx_subfield *from)
{
    to->field = from->field;
    to->offset = from->offset;
    to->n_bits = from->n_bits;
}

bool nx_parse_value(const char *text, nx_value *value)
{
    uint8_t mac[6];
    struct in_addr ip;
    uint64_t x;
    *value = 0;
    if (str_to_u64(text, 0, &x)) {
        *value = x;
        return true;
    }
    if (ofp_parse_mac(text, mac)) {
        *value = (nx_value) get_be16(mac) << 32 | get_be32(mac + 2);
        return true;
    }
    if (inet_pton(AF_INET, text, &ip) == 1) {
        *value = ntohl(ip.s_addr);
        return true;
    }
    if (strncasecmp(text, "0x", 2) || strlen(text) <= 2 || strlen(text) > 34) {
        return false;
    }
    for (text += 2; isxdigit((unsigned char) *text); text++) {
        const char digit[] = {*text, '\0'};
        *value = *value << 4 | (str_to_uint(digit, 16, 15, &x) ? x : 0);
    }
    return !*text;
}

void nx_print_value(struct bytes *out, nx_value value)
{
    uint64_t high = (uint64_t) (value >> 64), low = (uint64_t) value;
    if (high) {
        bytes_printf(out, "0x%" PRIx64 "%016" PRIx64, high, low);
    } else {
        bytes_printf(out, low ? "0x%" PRIx64 : "%" PRIx64, low);
    }
}

char *nx_parse_bits(const char *text, struct nx_subfield *s)
{
    const char *end;
    char *error = nx_subfield_parse(s, text, &end);
    return error || !*end ? error
                          : xasprintf("nothing may stand behind %.*s; leave %s out",
                                      (int) (end - text), text, end);
}

char *nx_parse_target(const char *text, struct nx_subfield *s)
{
    char *error = nx_parse_bits(text, s);
    return error || s->field->is_writable ? error
                                          : xasprintf("%s can't be changed; give a field that "
                                                      "can, as NXM_NX_REG0[]", s->field->name);
}

/* Cuts 'text' at "->": a copy of what stands before, which the caller frees, and 'target', what
 * stands behind. 'example' shows such an action. */
static char *parse_arrow(const char *text, const char *example, char **source,
                         struct nx_subfield *target)
{
    const char *arrow = strstr(text, "->");
    if (!arrow) {
        return xasprintf("a source and a target with -> between are needed; write it as %s",
                         example);
    }
    char *error = nx_parse_target(arrow + 2, target);
    *source = error ? NULL : xasprintf("%.*s", (int) (arrow - text), text);
    return error;
}

char *nx_parse_move(const char *text, const struct ofp_parse *how UNUSED, struct action_list *list)
{
    struct nx_subfield from, to;
    char *source;
    char *error = parse_arrow(text, "move:NXM_NX_REG0[]->NXM_NX_REG1[]", &source, &to);
    if (error) {
        return error;
    }
    error = nx_parse_bits(source, &from);
    free(source);
    if (!error && from.n_bits != to.n_bits) {
        error = xasprintf("the source has %u bits and the target %u; give both as many",
                          from.n_bits, to.n_bits);
    }
    if (!error) {
        struct action_reg_move *move = (struct action_reg_move *) action_list_append_long(
            list, ACTION_REG_MOVE, sizeof *move);
        nx_subfield_assign(&move->from, &from);
        nx_subfield_assign(&move->to, &to);
    }
    return error;
}

void nx_print_move(struct bytes *out, const struct action *a,
                   const struct ofp_print_style *style UNUSED)
{
    const struct action_reg_move *move = (const struct action_reg_move *) a;
    nx_subfield_print(out, &move->from);
    bytes_printf(out, "->");
    nx_subfield_print(out, &move->to);
}

/* Appends loads of 'value' to 'to', in pieces of 64 bits. */
static void append_loads(struct action_list *list, const struct nx_subfield *to, nx_value value)
{
    for (unsigned done = 0; done < to->n_bits; done += 64) {
        struct action_reg_load *load = (struct action_reg_load *) action_list_append_long(
            list, ACTION_REG_LOAD, sizeof *load);
        unsigned n_bits = MIN(to->n_bits - done, 64u);
        uint64_t piece = (uint64_t) (value >> done);
        load->action.value = n_bits < 64 ? piece & ((UINT64_C(1) << n_bits) - 1) : piece;
        load->to.field = to->field;
        load->to.offset = (uint16_t) (to->offset + done);
        load->to.n_bits = (uint16_t) n_bits;
    }
}

char *nx_parse_load(const char *text, const struct ofp_parse *how UNUSED, struct action_list *list)
{
    struct nx_subfield to;
    char *source;
    nx_value value;
    char *error = parse_arrow(text, "load:5->NXM_NX_REG0[0..15]", &source, &to);
    if (error) {
        return error;
    }
    if (!nx_parse_value(source, &value) || (to.n_bits < 128 && value >> to.n_bits)) {
        error = xasprintf("\"%s\" is no number that fits into %u bits; give one, as 0x1, or "
                          "name more bits behind ->", source, to.n_bits);
    } else {
        append_loads(list, &to, value);
    }
    free(source);
    return error;
}

void nx_print_load(struct bytes *out, const struct action *a,
                   const struct ofp_print_style *style UNUSED)
{
    const struct action_reg_load *load = (const struct action_reg_load *) a;
    nx_print_value(out, a->value);
    bytes_printf(out, "->");
    nx_subfield_print(out, &load->to);
}

/* output:NXM_NX_REG0[]. */
static char *parse_output_reg(const char *text, struct action_list *list)
{
    struct nx_subfield from;
    char *error = nx_parse_bits(text, &from);
    if (!error && from.n_bits > 64) {
        error = xasprintf("%s has %u bits, and a port number has 16; give 64 at most",
                          from.field->name, from.n_bits);
    }
    if (!error) {
        struct action_output_reg *output = (struct action_output_reg *) action_list_append_long(
            list, ACTION_OUTPUT_REG, sizeof *output);
        nx_subfield_assign(&output->from, &from);
        output->action.output.max_len = UINT16_MAX;
    }
    return error;
}

void nx_print_output_reg(struct bytes *out, const struct action *a,
                         const struct ofp_print_style *style UNUSED)
{
    nx_subfield_print(out, &((const struct action_output_reg *) a)->from);
}

/* output, controller --------------------------------------------------------------------------- */

char *nx_parse_output(const char *text, const struct ofp_parse *how, struct action_list *list)
{
    uint16_t port;
    if (text[0] != '"' && strchr(text, '[')) {
        return parse_output_reg(text, list);
    }
    if (!ofp_parse_port(text, how, &port)) {
        return xasprintf("output takes a port number, or %s", ofp_port_names(how));
    }
    struct action *output = action_list_append(list, ACTION_OUTPUT);
    output->output.port = port;
    output->output.max_len = port == OFPP_CONTROLLER ? UINT16_MAX : 0;
    return NULL;
}

static const char *const reasons[] = {
    [OFPR_NO_MATCH] = "no_match",
    [OFPR_ACTION] = "action",
    [OFPR_NX_INVALID_TTL] = "invalid_ttl",
    [OFPR_NX_ACTION_SET] = "action_set",
    [OFPR_NX_GROUP] = "group",
    [OFPR_NX_PACKET_OUT] = "packet_out",
};

void nx_print_reason(struct bytes *out, uint8_t reason)
{
    if (reason < ARRAY_SIZE(reasons)) {
        bytes_printf(out, "%s", reasons[reason]);
    } else {
        bytes_printf(out, "%u", reason);
    }
}

/* Reads the name of a reason, or the number of one without; false if it is neither. */
static bool parse_reason(const char *text, uint8_t *reason)
{
    uint64_t number;
    if (str_to_uint(text, 0, UINT8_MAX, &number)) {
        *reason = (uint8_t) number;
        return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
        if (!strcasecmp(text, reasons[i])) {
            *reason = (uint8_t) i;
            return true;
        }
    }
    return false;
}

/* Lets 'take' put each word of 'text' into '*a'. False if it can't use one. */
static bool take_options(const char *text, bool (*take)(const struct ofp_word *, struct action *),
                         struct action *a)
{
    struct ofp_words words;
    struct ofp_word word;
    bool good = true;
    ofp_words_init(&words, text);
    while (good && ofp_words_next(&words, &word)) {
        good = take(&word, a);
    }
    ofp_words_uninit(&words);
    return good;
}

/* Takes one option of "controller" into '*a'; false if it is none. */
static bool take_controller_option(const struct ofp_word *word, struct action *a)
{
    if (!word->value) {
        return str_to_u16(word->key, 0, &a->controller.max_len);
    }
    if (!strcasecmp(word->key, "max_len")) {
        return str_to_u16(word->value, 0, &a->controller.max_len);
    }
    if (!strcasecmp(word->key, "id")) {
        return str_to_u16(word->value, 0, &a->controller.id);
    }
    return !strcasecmp(word->key, "reason") && parse_reason(word->value, &a->controller.reason);
}

/* What a plain output to CONTROLLER says too is one. */
char *nx_parse_controller(const char *text, const struct ofp_parse *how UNUSED,
                          struct action_list *list)
{
    struct action a = {.word = 0};
    a.controller.max_len = UINT16_MAX;
    a.controller.reason = OFPR_ACTION;
    if (!take_options(text, take_controller_option, &a)) {
        return xstrdup("controller takes the number of bytes to send, from 0 to 65535, or in "
                       "parentheses max_len=, id= (both numbers) and reason= (action, no_match, "
                       "invalid_ttl or a number)");
    }
    if (a.controller.id || a.controller.reason != OFPR_ACTION) {
        action_list_append(list, ACTION_CONTROLLER)->word = a.word;
    } else {
        struct action *output = action_list_append(list, ACTION_OUTPUT);
        output->output.port = OFPP_CONTROLLER;
        output->output.max_len = a.controller.max_len;
    }
    return NULL;
}

void nx_print_controller(struct bytes *out, const struct action *a,
                         const struct ofp_print_style *style UNUSED)
{
    uint8_t reason = a->controller.reason;
    const char *separator = "";
    if (reason == OFPR_ACTION && !a->controller.id) {
        bytes_printf(out, "CONTROLLER:%u", a->controller.max_len);
        return;
    }
    bytes_printf(out, "controller(");
    if (reason != OFPR_ACTION) {
        bytes_printf(out, "reason=");
        nx_print_reason(out, reason);
        separator = ",";
    }
    if (a->controller.max_len != UINT16_MAX) {
        bytes_printf(out, "%smax_len=%u", separator, a->controller.max_len);
        separator = ",";
    }
    if (a->controller.id) {
        bytes_printf(out, "%sid=%u", separator, a->controller.id);
    }
    bytes_printf(out, ")");
}

/* fin_timeout ---------------------------------------------------------------------------------- */

/* Takes one option of "fin_timeout" into '*a'; false if it is none. */
static bool take_fin_option(const struct ofp_word *word, struct action *a)
{
    if (!word->value) {
        return false;
    }
    if (!strcasecmp(word->key, "idle_timeout")) {
        return str_to_u16(word->value, 0, &a->fin_timeout.idle);
    }
    return !strcasecmp(word->key, "hard_timeout")
           && str_to_u16(word->value, 0, &a->fin_timeout.hard);
}

char *nx_parse_fin_timeout(const char *text, const struct ofp_parse *how UNUSED,
                           struct action_list *list)
{
    struct action a = {.word = 0};
    if (!take_options(text, take_fin_option, &a)) {
        return xstrdup("fin_timeout takes in parentheses idle_timeout= and hard_timeout=, seconds "
                       "from 0 to 65535");
    }
    action_list_append(list, ACTION_FIN_TIMEOUT)->word = a.word;
    return NULL;
}

void nx_print_fin_timeout(struct bytes *out, const struct action *a,
                          const struct ofp_print_style *style UNUSED)
{
    uint16_t idle = a->fin_timeout.idle, hard = a->fin_timeout.hard;
    if (idle) {
        bytes_printf(out, "idle_timeout=%u%s", idle, hard ? "," : "");
    }
    if (hard) {
        bytes_printf(out, "hard_timeout=%u", hard);
    }
    bytes_printf(out, ")");
}

/* resubmit ------------------------------------------------------------------------------------- */

/* Reads "PORT", "PORT,TABLE" or ",TABLE" from 'text', which is cut up; false if it is neither. */
static bool read_resubmit(char *text, const struct ofp_parse *how, struct action *a)
{
    char *comma = text + ofp_words_span(text, ",");
    uint64_t table = ACTION_THIS_TABLE;
    bool has_table = *comma;
    if (has_table) {
        *comma++ = '\0';
        comma += strspn(comma, " ");
        if (*comma && !str_to_uint(comma, 0, UINT8_MAX, &table)) {
            return false;
        }
    }
    a->resubmit.table_id = (uint8_t) table;
    a->resubmit.in_port = OFPP_IN_PORT;
    if (!*text) {
        return has_table && *comma;
    }
    return ofp_parse_port(text, how, &a->resubmit.in_port);
}

char *nx_parse_resubmit(const char *text, const struct ofp_parse *how, struct action_list *list)
{
    struct action a = {.word = 0};
    char *copy = xstrdup(text);
    bool good = read_resubmit(copy, how, &a) && a.resubmit.table_id != OFPTT_EMERG;
    free(copy);
    if (!good) {
        return xstrdup("resubmit takes an ingress port, a table from 0 to 253, or both, as "
                       "resubmit:PORT, resubmit(,TABLE), resubmit(PORT,TABLE)");
    }
    enum action_type type = a.resubmit.table_id == ACTION_THIS_TABLE ? ACTION_RESUBMIT
                                                                     : ACTION_RESUBMIT_TABLE;
    action_list_append(list, type)->word = a.word;
    return NULL;
}

void nx_print_resubmit(struct bytes *out, const struct action *a,
                       const struct ofp_print_style *style)
{
    bool has_port = a->resubmit.in_port != OFPP_IN_PORT;
    if (a->resubmit.table_id == ACTION_THIS_TABLE) {
        bytes_printf(out, "resubmit:");
        ofp_print_port_styled(out, a->resubmit.in_port, style);
        return;
    }
    bytes_printf(out, "resubmit(");
    if (has_port) {
        ofp_print_port_styled(out, a->resubmit.in_port, style);
    }
    bytes_printf(out, ",%u)", a->resubmit.table_id);
}

/* set_tunnel, set_queue ------------------------------------------------------------------------ */

/* Appends the action 'type' with the key 'text', of at most 'max'. */
static char *parse_key(const char *text, struct action_list *list, enum action_type type)
{
    uint64_t key;
    if (!str_to_u64(text, 0, &key)) {
        return xstrdup("a tunnel key is a number of up to 64 bits");
    }
    type = key > UINT32_MAX ? ACTION_SET_TUNNEL64 : type;
    action_list_append(list, type)->tun_id = key;
    return NULL;
}

char *nx_parse_set_tunnel(const char *text, const struct ofp_parse *how UNUSED,
                          struct action_list *list)
{
    return parse_key(text, list, ACTION_SET_TUNNEL);
}

char *nx_parse_set_tunnel64(const char *text, const struct ofp_parse *how UNUSED,
                            struct action_list *list)
{
    return parse_key(text, list, ACTION_SET_TUNNEL64);
}

void nx_print_set_tunnel(struct bytes *out, const struct action *a,
                         const struct ofp_print_style *style UNUSED)
{
    bytes_printf(out, "0x%" PRIx64, a->tun_id);
}

char *nx_parse_set_queue(const char *text, const struct ofp_parse *how UNUSED,
                         struct action_list *list)
{
    uint32_t queue;
    if (!str_to_u32(text, 0, &queue)) {
        return xstrdup("set_queue takes the number of a queue");
    }
    action_list_append(list, ACTION_SET_QUEUE)->queue = queue;
    return NULL;
}

void nx_print_set_queue(struct bytes *out, const struct action *a,
                        const struct ofp_print_style *style UNUSED)
{
    bytes_printf(out, "%" PRIu32, a->queue);
}

/* note ----------------------------------------------------------------------------------------- */

/* Bytes of the longest note that fits into a rule's actions, behind its head of 10. */
enum { MAX_NOTE = ACTION_MAX_WIRE_SIZE - offsetof(struct nx10_action_note, note) };

/* Reads one byte in two hex digits; false if it is none. */
static bool read_byte(const char *text, uint8_t *byte)
{
    const char digits[] = {text[0], text[0] ? text[1] : '\0', '\0'};
    uint64_t x;
    if (strlen(digits) != 2 || !str_to_uint(digits, 16, UINT8_MAX, &x)) {
        return false;
    }
    *byte = (uint8_t) x;
    return true;
}

char *nx_parse_note(const char *text, const struct ofp_parse *how UNUSED, struct action_list *list)
{
    struct bytes note = BYTES_INIT;
    uint8_t byte;
    char *error = NULL;
    while (*text && read_byte(text, &byte)) {
        bytes_put_u8(&note, byte);
        text += 2;
        text += *text == '.';
    }
    if (*text) {
        error = xstrdup("note takes bytes of two hex digits, with dots between, as note:00.11.22");
    } else if (note.size > MAX_NOTE) {
        error = xasprintf("a note of %zu bytes is too long: give %d at most", note.size, MAX_NOTE);
    } else {
        action_list_append_note(list, note.data, note.size);
    }
    bytes_uninit(&note);
    return error;
}

void nx_print_note(struct bytes *out, const struct action *a,
                   const struct ofp_print_style *style UNUSED)
{
    const uint8_t *note = action_note(a);
    for (uint32_t i = 0; i < a->note_size; i++) {
        bytes_printf(out, "%s%02x", i ? "." : "", note[i]);
    }
}

/* Without arguments ---------------------------------------------------------------------------- */

/* Appends the action 'type', which takes no argument. */
static char *parse_bare(const char *text, struct action_list *list, enum action_type type)
{
    if (*text) {
        return xstrdup("it takes no argument; leave that out");
    }
    action_list_append(list, type);
    return NULL;
}

char *nx_parse_pop_queue(const char *text, const struct ofp_parse *how UNUSED,
                         struct action_list *list)
{
    return parse_bare(text, list, ACTION_POP_QUEUE);
}

char *nx_parse_exit(const char *text, const struct ofp_parse *how UNUSED, struct action_list *list)
{
    return parse_bare(text, list, ACTION_EXIT);
}

char *nx_parse_dec_ttl(const char *text, const struct ofp_parse *how UNUSED,
                       struct action_list *list)
{
    return parse_bare(text, list, ACTION_DEC_TTL);
}
