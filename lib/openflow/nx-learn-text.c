/* SPDX-License-Identifier: Apache-2.0 */
/* The learn action as text. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/bytes.h"
#include "lib/openflow/nx-actions-text.h"
#include "lib/openflow/nx-actions.h"
#include "lib/openflow/ofp-words.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

enum { DEFAULT_PRIORITY = 32768 };

/* A learn action being read: its head, and room for all specs. */
struct learn_text {
    struct action_learn head;                  /* Head. */
    struct learn_spec specs[LEARN_MAX_SPECS];  /* Specs. */
};

/* Printing ------------------------------------------------------------------------------------- */

/* Appends a source. */
static void print_source(struct bytes *out, const struct learn_spec *spec)
{
    if (spec->from.field) {
        nx_subfield_print(out, &spec->from);
    } else {
        nx_print_value(out, (nx_value) spec->value[0] << 64 | spec->value[1]);
    }
}

static void print_match(struct bytes *out, const struct learn_spec *spec)
{
    const struct nx_subfield *from = &spec->from, *to = &spec->to;
    nx_subfield_print(out, to);
    if (from->field != to->field || from->offset != to->offset) {
        bytes_printf(out, "=");
        print_source(out, spec);
    }
}

static void print_load(struct bytes *out, const struct learn_spec *spec)
{
    bytes_printf(out, "load:");
    print_source(out, spec);
    bytes_printf(out, "->");
    nx_subfield_print(out, &spec->to);
}

static void print_output(struct bytes *out, const struct learn_spec *spec)
{
    bytes_printf(out, "output:");
    nx_subfield_print(out, &spec->from);
}

static void (*const spec_printers[])(struct bytes *out, const struct learn_spec *spec) = {
    [LEARN_MATCH] = print_match,
    [LEARN_LOAD] = print_load,
    [LEARN_OUTPUT] = print_output,
};

void nx_print_learn(struct bytes *out, const struct action *a,
                    const struct ofp_print_style *style UNUSED)
{
    const struct action_learn *learn = (const struct action_learn *) a;
    bytes_printf(out, "learn(table=%u", learn->table_id);
    if (learn->idle_timeout) {
        bytes_printf(out, ",idle_timeout=%u", learn->idle_timeout);
    }
    if (learn->hard_timeout) {
        bytes_printf(out, ",hard_timeout=%u", learn->hard_timeout);
    }
    if (learn->fin_idle_timeout) {
        bytes_printf(out, ",fin_idle_timeout=%u", learn->fin_idle_timeout);
    }
    if (learn->fin_hard_timeout) {
        bytes_printf(out, ",fin_hard_timeout=%u", learn->fin_hard_timeout);
    }
    if (learn->priority != DEFAULT_PRIORITY) {
        bytes_printf(out, ",priority=%u", learn->priority);
    }
    if (learn->flags & OFPFF_SEND_FLOW_REM) {
        bytes_printf(out, ",send_flow_rem");
    }
    if (learn->deletes_learnt) {
        bytes_printf(out, ",delete_learned");
    }
    if (a->cookie) {
        bytes_printf(out, ",cookie=0x%" PRIx64, a->cookie);
    }
    for (size_t i = 0; i < learn->n_specs; i++) {
        bytes_printf(out, ",");
        spec_printers[learn->specs[i].kind](out, &learn->specs[i]);
    }
    bytes_printf(out, ")");
}

/* Parsing -------------------------------------------------------------------------------------- */

/* Whether 'text' begins with the name of a field. */
static bool is_field(const char *text)
{
    return nx_field_by_name(text, strcspn(text, "[],:()/- \t\r\n"));
}

/* Reads a source of 'n_bits' bits: bits of a field, or a number. */
static char *parse_source(const char *text, unsigned n_bits, struct learn_spec *spec)
{
    struct nx_subfield from;
    nx_value value;
    const char *end;
    spec->n_bits = (uint16_t) n_bits;
    if (nx_parse_value(text, &value)) {
        spec->value[0] = (uint64_t) (value >> 64);
        spec->value[1] = (uint64_t) value;
        return n_bits < 128 && value >> n_bits
                   ? xasprintf("%s does not fit into %u bits; give a smaller number", text, n_bits)
                   : NULL;
    }
    char *error = nx_subfield_parse(&from, text, &end);
    if (error && !is_field(text)) {
        free(error);
        error = xasprintf("%s is neither a number nor a field; give one of %u bits",
                          *text ? text : "an empty word", n_bits);
    } else if (!error && *end) {
        error = xasprintf("nothing may stand behind %.*s; leave %s out", (int) (end - text), text,
                          end);
    } else if (!error && from.n_bits != n_bits) {
        error = xasprintf("%s has %u bits and the target %u; give both as many", text, from.n_bits,
                          n_bits);
    }
    if (!error) {
        nx_subfield_assign(&spec->from, &from);
    }
    return error;
}

/* "output:BITS". */
static char *parse_output_spec(char *value, struct learn_spec *spec)
{
    struct nx_subfield from;
    char *error = nx_parse_bits(value, &from);
    spec->kind = LEARN_OUTPUT;
    return error ? error : parse_source(value, from.n_bits, spec);
}

/* "load:SOURCE->BITS". */
static char *parse_load_spec(char *value, struct learn_spec *spec)
{
    struct nx_subfield to;
    char *arrow = strstr(value, "->");
    spec->kind = LEARN_LOAD;
    if (!arrow) {
        return xstrdup("a source and a target with -> between are needed; write it as "
                       "load:NXM_NX_REG0[]->NXM_NX_REG1[]");
    }
    *arrow = '\0';
    char *error = nx_parse_target(arrow + 2, &to);
    if (error) {
        return error;
    }
    nx_subfield_assign(&spec->to, &to);
    return parse_source(value, to.n_bits, spec);
}

/* "BITS=SOURCE", or "BITS" for both. */
static char *parse_match_spec(const char *key, const char *value, struct learn_spec *spec)
{
    struct nx_subfield to;
    if (!is_field(key)) {
        return xasprintf("%s is neither a field nor a setting of learn; write FIELD, FIELD=SOURCE, "
                         "load:SOURCE->FIELD, output:FIELD, or a setting as priority=5", key);
    }
    char *error = nx_parse_bits(key, &to);
    spec->kind = LEARN_MATCH;
    if (error) {
        return error;
    }
    if (!nx_learn_can_match(&to)) {
        return xasprintf("%s is matched whole or not at all; write %s[]", to.field->name,
                         to.field->name);
    }
    nx_subfield_assign(&spec->to, &to);
    if (!value) {
        nx_subfield_assign(&spec->from, &to);
        spec->n_bits = to.n_bits;
        return NULL;
    }
    return parse_source(value, to.n_bits, spec);
}

/* Takes a setting without a value, as take_setting() does. */
static bool take_flag(const struct ofp_word *word, struct action_learn *learn, char **error)
{
    if (!strcasecmp(word->key, "send_flow_rem")) {
        learn->flags |= OFPFF_SEND_FLOW_REM;
    } else if (!strcasecmp(word->key, "delete_learned")) {
        learn->deletes_learnt = true;
    } else {
        return false;
    }
    *error = word->value ? xasprintf("%s takes no value; leave =%s out", word->key, word->value)
                         : NULL;
    return true;
}

/* Takes a setting of the rule.  Returns false if 'word' is none; else '*error' says what is wrong,
 * if anything. */
static bool take_setting(const struct ofp_word *word, struct action_learn *learn, char **error)
{
    const struct {
        const char *key; /* Its name. */
        uint16_t *at;    /* Where it goes. */
    } numbers[] = {
        {"idle_timeout", &learn->idle_timeout},
        {"hard_timeout", &learn->hard_timeout},
        {"fin_idle_timeout", &learn->fin_idle_timeout},
        {"fin_hard_timeout", &learn->fin_hard_timeout},
        {"priority", &learn->priority},
    };
    uint64_t table;
    bool good = true;
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        if (!strcasecmp(word->key, numbers[i].key)) {
            good = word->value && str_to_u16(word->value, 0, numbers[i].at);
            *error = good ? NULL : xasprintf("%s takes a number from 0 to 65535", numbers[i].key);
            return true;
        }
    }
    if (!strcasecmp(word->key, "table")) {
        good = word->value && str_to_uint(word->value, 0, OFPTT_EMERG - 1, &table);
        learn->table_id = good ? (uint8_t) table : 0;
        *error = good ? NULL : xstrdup("table takes a number from 0 to 253");
    } else if (!strcasecmp(word->key, "cookie")) {
        good = word->value && str_to_u64(word->value, 0, &learn->action.cookie);
        *error = good ? NULL : xstrdup("cookie takes a number of up to 64 bits");
    } else {
        return take_flag(word, learn, error);
    }
    return true;
}

/* Takes one word.  Returns NULL, or what is wrong. */
static char *take_word(const struct ofp_word *word, struct learn_text *t)
{
    char *error = NULL;
    if (take_setting(word, &t->head, &error)) {
        return error;
    }
    if (t->head.n_specs == LEARN_MAX_SPECS) {
        return xasprintf("a learn has at most %d specs; leave some out, or write several learns",
                         LEARN_MAX_SPECS);
    }
    struct learn_spec *spec = &t->specs[t->head.n_specs++];
    if (word->value && !strcasecmp(word->key, "output")) {
        return parse_output_spec(word->value, spec);
    }
    if (word->value && !strcasecmp(word->key, "load")) {
        return parse_load_spec(word->value, spec);
    }
    return parse_match_spec(word->key, word->value, spec);
}

/* Appends what 't' has. Returns NULL, or what is expected. */
static char *append_learn(struct action_list *list, const struct learn_text *t)
{
    size_t specs_size = t->head.n_specs * sizeof t->specs[0];
    struct action_learn *learn = (struct action_learn *) action_list_append_long(
        list, ACTION_LEARN, sizeof *learn + specs_size);
    struct action head = learn->action;
    *learn = t->head;
    learn->action = head;
    learn->action.cookie = t->head.action.cookie;
    memcpy(learn->specs, t->specs, specs_size);
    nx_learn_pad(learn);
    const struct nx_field *misfit = nx_learn_misfit(learn);
    return misfit ? xasprintf("packets need not have %s; write before it what they must be, as "
                              "eth_type=0x800,ip_proto=6 before a TCP port", misfit->name) : NULL;
}

char *nx_parse_learn(const char *text, const struct ofp_parse *how UNUSED,
                     struct action_list *list)
{
    struct learn_text *t = xzalloc(sizeof *t);
    struct ofp_words words;
    struct ofp_word word;
    char *error = NULL;
    t->head.priority = DEFAULT_PRIORITY;
    t->head.table_id = 1;
    ofp_words_init(&words, text);
    while (!error && ofp_words_next(&words, &word)) {
        error = take_word(&word, t);
    }
    ofp_words_uninit(&words);
    error = error ? error : append_learn(list, t);
    free(t);
    return error;
}
