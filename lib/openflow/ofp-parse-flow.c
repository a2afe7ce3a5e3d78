/* SPDX-License-Identifier: Apache-2.0 */
/* Flow mods, statistics requests and packet-outs from text. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/cmdl.h"
#include "lib/openflow/ofp-match.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-parse-match.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/packet/frame.h"

/* Where a key may stand: sets of these. */
enum place {
    IN_ADD = 1 << OFPFC_ADD,
    IN_MODIFY = 1 << OFPFC_MODIFY,
    IN_MODIFY_STRICT = 1 << OFPFC_MODIFY_STRICT,
    IN_DELETE = 1 << OFPFC_DELETE,
    IN_DELETE_STRICT = 1 << OFPFC_DELETE_STRICT,
    IN_REQUEST = 1 << (OFPFC_DELETE_STRICT + 1),
    IN_CHANGES = IN_ADD | IN_MODIFY | IN_MODIFY_STRICT, /* What has actions. */
    IN_DELETES = IN_DELETE | IN_DELETE_STRICT,
    IN_ALL = IN_CHANGES | IN_DELETES | IN_REQUEST,
};

/* What is being read: a flow mod, of which a statistics request uses a part. */
struct flow_text {
    struct ofp_flow_mod *fm;  /* Being filled. */
    struct ofp_match_text match; /* Its match. */
    enum place place;         /* What it is. */
    bool has_actions;         /* They were given. */
    bool has_cookie;          /* One to be set was given. */
    const struct ofp_parse *how; /* Names of ports. */
};

/* A key that is no field. */
struct key {
    const char *name;   /* In any case. */
    unsigned places;    /* enum place bits where it may stand. */
    bool needs_value;   /* KEY=VALUE, not KEY alone. */
    const char *remedy; /* Why it may not stand elsewhere, and what to do. */
    /* Takes the value.  Returns NULL or a malloc()ed text that says what it takes. */
    char *(*take)(struct flow_text *t, const struct key *key, const char *value);
    uint16_t flag;      /* For flags: OFPFF_*. */
};

static char *take_u16(const char *value, uint16_t *x)
{
    return str_to_u16(value, 0, x) ? NULL : xstrdup("a number from 0 to 65535");
}

static char *take_priority(struct flow_text *t, const struct key *key UNUSED, const char *value)
{
    return take_u16(value, &t->fm->priority);
}

static char *take_idle_timeout(struct flow_text *t, const struct key *key UNUSED,
                               const char *value)
{
    return take_u16(value, &t->fm->idle_timeout);
}

static char *take_hard_timeout(struct flow_text *t, const struct key *key UNUSED,
                               const char *value)
{
    return take_u16(value, &t->fm->hard_timeout);
}

/* Reads a number of 64 bits; -1 is all of them. */
static bool read_cookie(const char *value, uint64_t *cookie)
{
    *cookie = UINT64_MAX;
    return !strcmp(value, "-1") || str_to_u64(value, 0, cookie);
}

/* VALUE is the cookie to be set, VALUE/MASK those of the rules that are meant (B7). */
static char *take_cookie(struct flow_text *t, const struct key *key UNUSED, const char *value)
{
    struct nx_cookie *which = &t->fm->which;
    char first[32];
    size_t length = strcspn(value, "/");
    snprintf(first, sizeof first, "%.*s", (int) MIN(length, sizeof first), value);
    if (value[length] && t->place == IN_ADD) {
        return xstrdup("no mask where a rule is added: a rule has one cookie");
    }
    if (!value[length] && !(t->place & IN_CHANGES)) {
        return xasprintf("a mask where rules are chosen: try cookie=%s/-1", value);
    }
    if (length >= sizeof first
        || !read_cookie(first, value[length] ? &which->value : &t->fm->cookie)
        || (value[length] && !read_cookie(value + length + 1, &which->mask))) {
        return xstrdup("a number of at most 64 bits, perhaps with /MASK");
    }
    which->value &= which->mask;
    t->has_cookie |= !value[length];
    return NULL;
}

static char *take_table(struct flow_text *t, const struct key *key UNUSED, const char *value)
{
    uint64_t table;
    if (!str_to_uint(value, 0, 255, &table)) {
        return xstrdup("a number from 0 to 255");
    }
    if (table == OFPTT_EMERG && t->place != IN_REQUEST) {
        t->fm->flags |= OFPFF_EMERG; /* So a flow_mod says it, and dump-flows table=254. */
    } else {
        t->fm->table_id = (uint8_t) table;
    }
    return NULL;
}

static char *take_out_port(struct flow_text *t, const struct key *key UNUSED, const char *value)
{
    return ofp_parse_port(value, t->how, &t->fm->out_port)
               ? NULL
               : xasprintf("a port number, LOCAL, or %s", ofp_port_names(t->how));
}

static char *take_flag(struct flow_text *t, const struct key *key, const char *value)
{
    t->fm->flags |= key->flag;
    return value ? xstrdup("no value") : NULL;
}

/* What dump-flows prints and no flow has: read and forgotten. */
static char *take_nothing(struct flow_text *t UNUSED, const struct key *key UNUSED,
                          const char *value UNUSED)
{
    return NULL;
}

#define NO_DELETE "it means nothing where rules are deleted or listed: leave it out"
#define NO_FILTER "it chooses rules that are deleted or listed only: leave it out"

static const struct key keys[] = {
    {"priority", IN_CHANGES | IN_DELETE_STRICT, true,
     "rules of any priority are meant here: leave it out, or give --strict where rules are deleted",
     take_priority, 0},
    {"idle_timeout", IN_CHANGES, true, NO_DELETE, take_idle_timeout, 0},
    {"hard_timeout", IN_CHANGES, true, NO_DELETE, take_hard_timeout, 0},
    {"cookie", IN_ALL, true, "", take_cookie, 0},
    {"table", IN_ALL, true, "", take_table, 0},
    {"out_port", IN_DELETES | IN_REQUEST, true, NO_FILTER, take_out_port, 0},
    {"send_flow_rem", IN_CHANGES, false, NO_DELETE, take_flag, OFPFF_SEND_FLOW_REM},
    {"check_overlap", IN_CHANGES, false, NO_DELETE, take_flag, OFPFF_CHECK_OVERLAP},
    {"emerg", IN_ALL, false, "", take_flag, OFPFF_EMERG},
    {"duration", IN_ALL, true, "", take_nothing, 0},
    {"n_packets", IN_ALL, true, "", take_nothing, 0},
    {"n_bytes", IN_ALL, true, "", take_nothing, 0},
    {"idle_age", IN_ALL, true, "", take_nothing, 0},
    {"hard_age", IN_ALL, true, "", take_nothing, 0},
};

/* Says that 'word' is neither field nor key. */
static int unknown_word(const struct ofp_word *word, char **error)
{
    const char *nearest = ofp_field_nearest(word->key);
    if (!nearest) {
        nearest = cmdl_nearest(word->key, &keys[0].name, sizeof keys[0], ARRAY_SIZE(keys));
    }
    *error = nearest ? xasprintf("unknown field %s; did you mean %s?", word->key, nearest)
                     : xasprintf("unknown field " OFP_SHOWN ": it is none that can be matched; "
                                 "sluice-ofctl(8) lists these", OFP_SHOW(word->key));
    return EINVAL;
}

/* Takes 'word' by the table of keys. */
static int take_key(struct flow_text *t, const struct ofp_word *word, char **error)
{
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        const struct key *key = &keys[i];
        if (strcasecmp(key->name, word->key)) {
            continue;
        }
        if (!(key->places & t->place)) {
            *error = xasprintf("%s can't stand here: %s", key->name, key->remedy);
            return EINVAL;
        }
        if (key->needs_value && (!word->value || !*word->value)) {
            *error = xasprintf("%s needs a value, as in %s=VALUE", key->name, key->name);
            return EINVAL;
        }
        char *wanted = key->take(t, key, word->value);
        if (wanted) {
            *error = xasprintf("%s=" OFP_SHOWN " is not understood: %s takes %s", key->name,
                               OFP_SHOW(word->value), key->name, wanted);
            free(wanted);
            return EINVAL;
        }
        return 0;
    }
    return unknown_word(word, error);
}

/* Reads "actions=..." if it comes next. */
static int take_actions(struct flow_text *t, struct ofp_words *words, char **error)
{
    char *text = ofp_words_after(words, "actions");
    text = text ? text : ofp_words_after(words, "action");
    if (!text) {
        return 0;
    }
    if (!(t->place & IN_CHANGES)) {
        *error = xstrdup("actions can't stand here: rules are chosen by their fields only, leave "
                         "actions= out");
        return EINVAL;
    }
    t->has_actions = true;
    return ofp_parse_actions(&t->fm->actions, text, true, t->how, error);
}

/* Reads all of 'words'. */
static int take_words(struct flow_text *t, struct ofp_words *words, char **error)
{
    struct ofp_word word;
    while (!ofp_words_at_end(words)) {
        int result = take_actions(t, words, error);
        if (!result && ofp_words_next(words, &word)) {
            result = ofp_match_text_take(&t->match, &word, t->how, error);
            result = result == ENOENT ? take_key(t, &word, error) : result;
        }
        if (result) {
            return result;
        }
    }
    if ((t->place & IN_CHANGES) && !t->has_actions) {
        *error = xstrdup("must specify an action: add actions=..., or actions=drop to drop");
        return EINVAL;
    }
    return ofp_match_text_finish(&t->match, error);
}

/* Prepares '*t' to read a flow of kind 'place' into '*fm', which gets its defaults. */
static void flow_text_init(struct flow_text *t, struct ofp_flow_mod *fm, enum place place,
                           const struct ofp_parse *how)
{
    *fm = (struct ofp_flow_mod){
        .priority = OFP_DEFAULT_PRIORITY, .buffer_id = OFP_NO_BUFFER, .out_port = OFPP_NONE,
        .table_id = OFPTT_ALL};
    action_list_init(&fm->actions);
    ofp_match_text_init(&t->match);
    t->fm = fm;
    t->place = place;
    t->has_actions = false;
    t->has_cookie = false;
    t->how = how;
}

/* The command that 'text' begins with; moves '*text' behind it.  OFPFC_ADD without. */
static int take_command(const char **text)
{
    static const struct {
        const char *name; /* The word. */
        int command;      /* OFPFC_*. */
    } commands[] = {
        {"add", OFPFC_ADD},
        {"modify", OFPFC_MODIFY},
        {"modify_strict", OFPFC_MODIFY_STRICT},
        {"delete", OFPFC_DELETE},
        {"delete_strict", OFPFC_DELETE_STRICT},
    };
    const char *start = *text + strspn(*text, " \t");
    size_t length = strcspn(start, " \t\r\n,");
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (strlen(commands[i].name) == length
            && !strncasecmp(start, commands[i].name, length)) {
            *text = start + length;
            return commands[i].command;
        }
    }
    return OFPFC_ADD;
}

/* Refuses the emergency table together with another one. */
static int check_emergency(const struct ofp_flow_mod *fm, char **error)
{
    bool is_other = fm->table_id != OFPTT_ALL && fm->table_id != OFPTT_EMERG;
    if (!(fm->flags & OFPFF_EMERG) || !is_other) {
        return 0;
    }
    *error = xasprintf("emerg is a table of its own, and not part of table=%u: leave one of them "
                       "out", fm->table_id);
    return EINVAL;
}

int ofp_parse_flow_mod(struct ofp_flow_mod *fm, const char *text, int command,
                       const struct ofp_parse *how, char **error)
{
    struct flow_text t;
    struct ofp_words words;
    command = command < 0 ? take_command(&text) : command;
    flow_text_init(&t, fm, 1 << command, how);
    ofp_words_init(&words, text);
    int result = ofp_words_check(text, error);
    result = result ? result : take_words(&t, &words, error);
    ofp_words_uninit(&words);
    result = result ? result : check_emergency(fm, error);
    if (result) {
        action_list_uninit(&fm->actions);
        return result;
    }
    fm->command = command;
    fm->match = t.match.match;
    fm->exact = ofp_match_is_exact(&fm->match);
    if (fm->which.mask && !t.has_cookie) {
        fm->cookie = UINT64_MAX;
    }
    return 0;
}

int ofp_parse_flow_request(struct ofp_flow_stats_request *req, const char *text,
                           const struct ofp_parse *how, char **error)
{
    struct ofp_flow_mod fm;
    struct flow_text t;
    struct ofp_words words;
    flow_text_init(&t, &fm, IN_REQUEST, how);
    text = text ? text : "";
    ofp_words_init(&words, text);
    int result = ofp_words_check(text, error);
    result = result ? result : take_words(&t, &words, error);
    ofp_words_uninit(&words);
    result = result ? result : check_emergency(&fm, error);
    if (!result) {
        *req = (struct ofp_flow_stats_request){
            .match = t.match.match, .which = fm.which, .out_port = fm.out_port,
            .table_id = fm.flags & OFPFF_EMERG ? OFPTT_EMERG : fm.table_id};
    }
    return result;
}

bool ofp_parse_is_blank(const char *text)
{
    struct ofp_words words;
    if (!strncmp(text, "OFPST_FLOW reply", 16) || !strncmp(text, "NXST_FLOW reply", 15)) {
        return true;
    }
    ofp_words_init(&words, text);
    bool blank = ofp_words_at_end(&words);
    ofp_words_uninit(&words);
    return blank;
}

/* Reads the frame of a packet-out: hex digits, or the notation of lib/packet/frame.h. */
static int take_packet(const struct ofp_word *word, struct bytes *frame, char **error)
{
    if (!word->value || !*word->value) {
        *error = xstrdup("packet needs a value: packet=HEX");
        return EINVAL;
    }
    if (!ofp_parse_hex(word->value, frame)) {
        char *reason;
        if (frame_build(word->value, frame, &reason)) {
            *error = xasprintf("packet=" OFP_SHOWN " is not understood: give the frame in hex "
                               "digits", OFP_SHOW(word->value));
            free(reason);
            return EINVAL;
        }
    }
    return 0;
}

/* Reads one word of a packet-out. */
static int take_packet_out_word(struct ofp_packet_out *po, const struct ofp_word *word,
                                struct bytes *frame, const struct ofp_parse *how, char **error)
{
    if (!strcasecmp(word->key, "packet")) {
        return take_packet(word, frame, error);
    }
    if (strcasecmp(word->key, "in_port")) {
        *error = xasprintf("unknown field " OFP_SHOWN ": a packet-out has in_port, packet and "
                           "actions", OFP_SHOW(word->key));
        return EINVAL;
    }
    if (!word->value || !ofp_parse_port(word->value, how, &po->in_port)) {
        const char *value = word->value ? word->value : "";
        *error = xasprintf("in_port=" OFP_SHOWN " is not understood: in_port takes a port number, "
                           "LOCAL, NONE, CONTROLLER, or %s", OFP_SHOW(value), ofp_port_names(how));
        return EINVAL;
    }
    return 0;
}

int ofp_parse_packet_out(struct ofp_packet_out *po, const char *text, struct bytes *frame,
                         const struct ofp_parse *how, char **error)
{
    struct ofp_words words;
    struct ofp_word word;
    int result = ofp_words_check(text, error);
    *po = (struct ofp_packet_out){.buffer_id = OFP_NO_BUFFER, .in_port = OFPP_NONE};
    action_list_init(&po->actions);
    ofp_words_init(&words, text);
    while (!result && !ofp_words_at_end(&words)) {
        char *actions = ofp_words_after(&words, "actions");
        actions = actions ? actions : ofp_words_after(&words, "action");
        if (actions) {
            result = ofp_parse_actions(&po->actions, actions, false, how, error);
        } else if (ofp_words_next(&words, &word)) {
            result = take_packet_out_word(po, &word, frame, how, error);
        }
    }
    ofp_words_uninit(&words);
    if (!result && !frame->size) {
        *error = xstrdup("must specify a packet: add packet=HEX");
        result = EINVAL;
    }
    po->data = (struct ofp_data){.data = frame->data, .size = frame->size};
    result = result ? result : ofp_check_packet_out_size(po, error);
    if (result) {
        action_list_uninit(&po->actions);
    }
    return result;
}

int ofp_check_packet_out_size(const struct ofp_packet_out *po, char **error)
{
    size_t actions = action_list_wire_size(&po->actions);
    size_t max = OFP_MAX_MESSAGE - sizeof(struct ofp10_packet_out);
    if (actions <= max && po->data.size <= max - actions) {
        return 0;
    }
    *error = xasprintf("the packet has %zu bytes and its actions take %zu, and a message has room "
                       "for %zu together: send a shorter packet", po->data.size, actions, max);
    return EINVAL;
}
