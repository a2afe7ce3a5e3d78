/* SPDX-License-Identifier: Apache-2.0 */
/* Action lists from text: one row of the table for each word that is an action. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/byte-order.h"
#include "lib/cmdl.h"
#include "lib/openflow/nx-actions-text.h"
#include "lib/openflow/ofp-field-forms.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-words.h"
#include "lib/openflow/openflow-1.0.h"

/* A word that is an action. */
struct action_word {
    const char *name;      /* In any case. */
    enum action_type type; /* What it makes; N_ACTIONS: nothing (drop). */
    uint16_t port;         /* ACTION_OUTPUT to a port of the standard's: which; else 0. */
    /* Reads the argument 'text' ("" if there is none) into '*a'.  Returns NULL, or a malloc()ed
     * text that says what the action takes. */
    char *(*parse)(const char *text, const struct ofp_parse *how, struct action *a);
    nx_parse_action *append; /* Instead of that: does all by itself, and says what is wrong. */
};

static char *parse_number(const char *text, uint64_t max, uint64_t *x)
{
    return str_to_uint(text, 0, max, x) ? NULL
                                        : xasprintf("a number from 0 to %llu",
                                                    (unsigned long long) max);
}

/* No argument. */
static char *parse_none(const char *text, const struct ofp_parse *how UNUSED,
                        struct action *a UNUSED)
{
    return *text ? xstrdup("no argument") : NULL;
}

static char *parse_vlan_vid(const char *text, const struct ofp_parse *how UNUSED,
                            struct action *a)
{
    uint64_t x = 0;
    char *wanted = parse_number(text, 4095, &x);
    a->vlan_vid = x;
    return wanted;
}

static char *parse_vlan_pcp(const char *text, const struct ofp_parse *how UNUSED,
                            struct action *a)
{
    uint64_t x = 0;
    char *wanted = parse_number(text, 7, &x);
    a->vlan_pcp = x;
    return wanted;
}

static char *parse_dl_addr(const char *text, const struct ofp_parse *how UNUSED, struct action *a)
{
    return ofp_parse_mac(text, a->dl_addr) ? NULL
                                           : xstrdup("an Ethernet address as 02:00:00:00:00:01");
}

static char *parse_nw_addr(const char *text, const struct ofp_parse *how UNUSED, struct action *a)
{
    return inet_pton(AF_INET, text, &a->nw_addr) == 1 ? NULL : xstrdup("an IPv4 address");
}

static char *parse_nw_tos(const char *text, const struct ofp_parse *how UNUSED, struct action *a)
{
    uint64_t x = 0;
    char *wanted = parse_number(text, 255, &x);
    if (wanted || x & 3) {
        free(wanted);
        return xstrdup("a multiple of 4 from 0 to 252: the DSCP is the upper 6 bits");
    }
    a->nw_tos = x;
    return NULL;
}

static char *parse_tp_port(const char *text, const struct ofp_parse *how UNUSED, struct action *a)
{
    uint64_t x = 0;
    char *wanted = parse_number(text, UINT16_MAX, &x);
    a->tp_port = htons(x);
    return wanted;
}

/* enqueue:PORT:QUEUE or enqueue(PORT,QUEUE). */
static char *parse_enqueue(const char *text, const struct ofp_parse *how, struct action *a)
{
    size_t length = ofp_words_span(text, ":,");
    const char *separator = text + length;
    char *port = xasprintf("%.*s", (int) length, text);
    bool good = *separator && ofp_parse_port(port, how, &a->enqueue.port)
                && str_to_u32(separator + 1, 0, &a->enqueue.queue)
                && ((a->enqueue.port > 0 && a->enqueue.port < OFPP_MAX)
                    || a->enqueue.port == OFPP_IN_PORT || a->enqueue.port == OFPP_LOCAL);
    free(port);
    return good ? NULL : xstrdup("a port (1 to 65279, IN_PORT or LOCAL) and the number of a queue, "
                                 "as enqueue:PORT:QUEUE");
}

/* Row of a word with 'append'. */
#define NX_WORD(word) {.name = #word, .append = nx_parse_##word}

static const struct action_word action_words[] = {
    NX_WORD(output),
    NX_WORD(controller),
    NX_WORD(resubmit),
    NX_WORD(set_tunnel),
    NX_WORD(set_tunnel64),
    NX_WORD(set_queue),
    NX_WORD(pop_queue),
    NX_WORD(move),
    NX_WORD(load),
    NX_WORD(learn),
    NX_WORD(fin_timeout),
    NX_WORD(note),
    NX_WORD(exit),
    NX_WORD(dec_ttl),
    {"enqueue", ACTION_ENQUEUE, 0, parse_enqueue, NULL},
    {"in_port", ACTION_OUTPUT, OFPP_IN_PORT, parse_none, NULL},
    {"table", ACTION_OUTPUT, OFPP_TABLE, parse_none, NULL},
    {"normal", ACTION_OUTPUT, OFPP_NORMAL, parse_none, NULL},
    {"flood", ACTION_OUTPUT, OFPP_FLOOD, parse_none, NULL},
    {"all", ACTION_OUTPUT, OFPP_ALL, parse_none, NULL},
    {"local", ACTION_OUTPUT, OFPP_LOCAL, parse_none, NULL},
    {"mod_vlan_vid", ACTION_SET_VLAN_VID, 0, parse_vlan_vid, NULL},
    {"set_vlan_vid", ACTION_SET_VLAN_VID, 0, parse_vlan_vid, NULL},
    {"mod_vlan_pcp", ACTION_SET_VLAN_PCP, 0, parse_vlan_pcp, NULL},
    {"set_vlan_pcp", ACTION_SET_VLAN_PCP, 0, parse_vlan_pcp, NULL},
    {"strip_vlan", ACTION_STRIP_VLAN, 0, parse_none, NULL},
    {"pop_vlan", ACTION_STRIP_VLAN, 0, parse_none, NULL},
    {"mod_dl_src", ACTION_SET_DL_SRC, 0, parse_dl_addr, NULL},
    {"mod_dl_dst", ACTION_SET_DL_DST, 0, parse_dl_addr, NULL},
    {"mod_nw_src", ACTION_SET_NW_SRC, 0, parse_nw_addr, NULL},
    {"mod_nw_dst", ACTION_SET_NW_DST, 0, parse_nw_addr, NULL},
    {"mod_nw_tos", ACTION_SET_NW_TOS, 0, parse_nw_tos, NULL},
    {"mod_tp_src", ACTION_SET_TP_SRC, 0, parse_tp_port, NULL},
    {"mod_tp_dst", ACTION_SET_TP_DST, 0, parse_tp_port, NULL},
    {"drop", N_ACTIONS, 0, parse_none, NULL},
};

static const struct action_word *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(action_words); i++) {
        if (!strcasecmp(action_words[i].name, name)) {
            return &action_words[i];
        }
    }
    return NULL;
}

/* Actions of later versions and of others, which people know, and what does the same here. */
static const struct {
    const char *name;    /* As typed. */
    const char *instead; /* Of the actions above; "" if there is none. */
} foreign_actions[] = {
    {"group", ""},
    {"meter", ""},
    {"goto_table", "resubmit(,TABLE)"},
    {"apply_actions", "the actions alone"},
    {"write_actions", ""},
    {"clear_actions", ""},
    {"write_metadata", "load:NUMBER->NXM_NX_REG0[]"},
    {"set_field", "load:NUMBER->FIELD[], or mod_nw_src and its like"},
    {"push_vlan", "mod_vlan_vid"},
    {"push_mpls", ""},
    {"pop_mpls", ""},
    {"ct", ""},
    {"nat", ""},
    {"clone", ""},
    {"conjunction", ""},
    {"multipath", ""},
    {"bundle", ""},
    {"sample", ""},
};

/* Says that 'word' is an action that OpenFlow 1.0 and we don't have. False if it isn't. */
static bool tell_foreign(const struct ofp_word *word, char **error)
{
    for (size_t i = 0; i < ARRAY_SIZE(foreign_actions); i++) {
        const char *instead = foreign_actions[i].instead;
        if (!strcasecmp(foreign_actions[i].name, word->key)) {
            *error = xasprintf("%s is no action of OpenFlow 1.0%s%s", word->key,
                               *instead ? "; write " : ", and nothing here does the same", instead);
            return true;
        }
    }
    return false;
}

/* Says that 'word' is no action. */
static int unknown_action(const struct ofp_word *word, const struct ofp_parse *how, char **error)
{
    if (tell_foreign(word, error)) {
        return EINVAL;
    }
    if (!*word->key) {
        *error = xstrdup("an action has no name: write it as output:1");
        return EINVAL;
    }
    if (word->is_quoted) {
        *error = xasprintf("there is no port \"" OFP_SHOWN "\": in quotes stands only %s",
                           OFP_SHOW(word->key), ofp_port_names(how));
        return EINVAL;
    }
    const char *nearest = cmdl_nearest(word->key, &action_words[0].name, sizeof action_words[0],
                                       ARRAY_SIZE(action_words));
    *error = nearest ? xasprintf("unknown action %s; did you mean %s?", word->key, nearest)
                     : xasprintf("unknown action " OFP_SHOWN ": it is no action of OpenFlow 1.0, "
                                 "a port number, or %s", OFP_SHOW(word->key), ofp_port_names(how));
    return EINVAL;
}

/* Refuses ports that no switch takes. */
static int check_output(const struct action *a, bool in_flow, char **error)
{
    uint16_t port = a->output.port;
    if (a->type != ACTION_OUTPUT || action_port_is_valid(port, in_flow)) {
        return 0;
    }
    *error = port == OFPP_TABLE
                 ? xstrdup("output to TABLE is possible in a packet-out only, not in a flow")
                 : xasprintf("output to port %u is not possible: ports are 1 to 65279, and "
                             "IN_PORT, NORMAL, FLOOD, ALL, CONTROLLER, LOCAL",
                             port);
    return EINVAL;
}

/* Appends the action of 'row' with the argument 'text'.  Returns NULL, or what is wrong. */
static char *append_action(struct action_list *actions, const struct action_word *row,
                           const char *text, const struct ofp_parse *how)
{
    if (row->append) {
        return row->append(text, how, actions);
    }
    struct action made = {.word = 0}; /* All of it: what is appended is compared whole. */
    made.output.port = row->port;
    char *wanted = row->parse(text, how, &made);
    if (!wanted) {
        action_list_append(actions, row->type)->word = made.word;
        return NULL;
    }
    char *reason = xasprintf("%s takes %s", row->name, wanted);
    free(wanted);
    return reason;
}

/* Reads 'word', whose row is 'row', and appends what it makes. */
static int take_action(struct action_list *actions, const struct action_word *row,
                       const struct ofp_word *word, const struct ofp_parse *how, char **error)
{
    const char *text = word->value ? word->value : "";
    char *reason = append_action(actions, row, text, how);
    if (reason) {
        *error = *text ? xasprintf("%s:" OFP_SHOWN " is not understood: %s", row->name,
                                   OFP_SHOW(text), reason)
                       : xasprintf("%s needs an argument: %s", row->name, reason);
        free(reason);
        return EINVAL;
    }
    return 0;
}

/* True if 'word' is a bare port: a number, or a name, which in quotes is never one of ours. */
static bool take_port(struct action_list *actions, const struct ofp_word *word,
                      const struct ofp_parse *how)
{
    uint16_t port;
    bool is_port = !word->value
                   && (word->is_quoted ? how && how->port_lookup
                                             && how->port_lookup(how->aux, word->key, &port)
                                       : ofp_parse_port(word->key, how, &port));
    if (is_port) {
        action_list_append(actions, ACTION_OUTPUT)->output.port = port;
    }
    return is_port;
}

/* Makes an action of 'word' and appends it. */
static int take(struct action_list *actions, const struct ofp_word *word, bool in_flow,
                const struct ofp_parse *how, char **error)
{
    const struct action_word *row = word->is_quoted ? NULL : find(word->key);
    size_t before = actions->size;
    if (row && take_action(actions, row, word, how, error)) {
        return EINVAL;
    }
    if (!row && !take_port(actions, word, how)) {
        return unknown_action(word, how, error);
    }
    const struct action *made = (const void *) ((const char *) actions->first + before);
    return check_output(made, in_flow, error);
}

/* Appends all of 'words'; "drop" must stand alone. */
static int take_all(struct action_list *actions, struct ofp_words *words, bool in_flow,
                    const struct ofp_parse *how, char **error)
{
    struct ofp_word word;
    bool drops = false;
    size_t n = 0;
    for (; ofp_words_next(words, &word); n++) {
        if (!word.is_quoted && !strcasecmp(word.key, "drop") && !(word.value && *word.value)) {
            drops = true;
        } else if (take(actions, &word, in_flow, how, error)) {
            return EINVAL;
        }
    }
    if (drops && n > 1) {
        *error = xstrdup("drop must be the only action: leave it out, or the others");
        return EINVAL;
    }
    if (n > ACTION_MAX_OUTPUTS) {
        *error = xasprintf("there are %zu actions, and %d at most are possible", n,
                           ACTION_MAX_OUTPUTS);
        return EINVAL;
    }
    return 0;
}

/* Refuses what no message has room for: of a flow's actions its statistics entry, of a packet-out's
 * the message itself. */
static int check_size(const struct action_list *actions, bool in_flow, char **error)
{
    size_t size = action_list_wire_size(actions);
    size_t max = in_flow ? (size_t) ACTION_MAX_WIRE_SIZE
                         : OFP_MAX_MESSAGE - sizeof(struct ofp10_packet_out);
    if (size <= max) {
        return 0;
    }
    *error = xasprintf("the actions take %zu bytes in a message, and %zu at most are possible: "
                       "leave some out", size, max);
    return EINVAL;
}

int ofp_parse_actions(struct action_list *actions, const char *text, bool in_flow,
                      const struct ofp_parse *how, char **error)
{
    struct ofp_words words;
    action_list_init(actions);
    ofp_words_init(&words, text);
    int result = ofp_words_check(text, error);
    result = result ? result : take_all(actions, &words, in_flow, how, error);
    result = result ? result : check_size(actions, in_flow, error);
    if (result) {
        action_list_uninit(actions);
    }
    ofp_words_uninit(&words);
    return result;
}
