/* SPDX-License-Identifier: Apache-2.0 */
/* Matches from text: fields and keywords set bits, which may not contradict each other. */
#include "lib/openflow/ofp-parse-match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/byte-order.h"
#include "lib/openflow/nx-fields.h"
#include "lib/openflow/ofp-parse.h"

void ofp_match_text_init(struct ofp_match_text *t)
{
    match_init_any(&t->match);
    t->n = 0;
}

/* Sets 'size' bytes at 'offset' of the match.  Returns false if they contradict what it has. */
static bool set_bits(struct match *m, size_t offset, size_t size, const uint8_t *value,
                     const uint8_t *mask)
{
    uint8_t *old_value = (uint8_t *) &m->flow + offset;
    uint8_t *old_mask = (uint8_t *) &m->mask + offset;
    for (size_t i = 0; i < size; i++) {
        if ((old_value[i] ^ value[i]) & old_mask[i] & mask[i]) {
            return false;
        }
    }
    for (size_t i = 0; i < size; i++) {
        old_value[i] |= value[i] & mask[i];
        old_mask[i] |= mask[i];
    }
    return true;
}

static int contradiction(const struct ofp_word *word, char **error)
{
    *error = xasprintf("%s%s%s contradicts what the text says before: leave one of them out",
                       word->key, word->value ? "=" : "", word->value ? word->value : "");
    return EINVAL;
}

static int take_keyword(struct ofp_match_text *t, const struct ofp_keyword *k,
                        const struct ofp_word *word, char **error)
{
    static const uint8_t ones[2] = {0xff, 0xff};
    uint8_t dl_type[2];
    uint8_t nw_proto = k->nw_proto;
    if (word->value) {
        *error = xasprintf("%s takes no value: leave \"=" OFP_SHOWN "\" out, or name a field, as "
                           "in %s,FIELD=VALUE", word->key, OFP_SHOW(word->value), word->key);
        return EINVAL;
    }
    put_be16(dl_type, k->dl_type);
    if (!set_bits(&t->match, offsetof(struct flow, dl_type), 2, dl_type, ones)
        || (k->nw_proto >= 0
            && !set_bits(&t->match, offsetof(struct flow, nw_proto), 1, &nw_proto, ones))) {
        return contradiction(word, error);
    }
    return 0;
}

/* True if 'value' means that the field does not matter. */
static bool is_wildcard(const struct ofp_field *f, const char *value)
{
    bool any_is_a_port = f->offset == offsetof(struct flow, in_port);
    return !strcmp(value, "*") || (!any_is_a_port && !strcasecmp(value, "any"));
}

static int take_field(struct ofp_match_text *t, const struct ofp_field *f,
                      const struct ofp_word *word, const struct ofp_parse *how, char **error)
{
    struct ofp_field_value v = {.value = {0}};
    if (!f->form->parse) {
        *error = xasprintf("%s can't be matched: leave it out", word->key);
        return EINVAL;
    }
    if (!word->value || !*word->value) {
        *error = xasprintf("%s needs a value, as in %s=VALUE", word->key, word->key);
        return EINVAL;
    }
    if (is_wildcard(f, word->value)) {
        return 0;
    }
    char *wanted = f->form->parse(f, word->value, how, &v);
    if (wanted) {
        *error = xasprintf("%s=" OFP_SHOWN " is not understood: %s takes %s", word->key,
                           OFP_SHOW(word->value), word->key, wanted);
        free(wanted);
        return EINVAL;
    }
    if (!set_bits(&t->match, f->offset, f->size, v.value, v.mask)) {
        return contradiction(word, error);
    }
    if (t->n == OFP_GIVEN_MAX) {
        *error = xasprintf("there are more than %d fields: leave out those that are there twice",
                           OFP_GIVEN_MAX);
        return EINVAL;
    }
    t->given[t->n].field = f;
    t->given[t->n].name = word->key;
    t->given[t->n++].value = word->value;
    return 0;
}

int ofp_match_text_take(struct ofp_match_text *t, const struct ofp_word *word,
                        const struct ofp_parse *how, char **error)
{
    const struct ofp_keyword *k = ofp_keyword_find(word->key);
    const struct ofp_field *f = ofp_field_find(word->key);
    if (k) {
        return take_keyword(t, k, word, error);
    }
    return f ? take_field(t, f, word, how, error) : ENOENT;
}

/* Refuses a type or code of ICMP, given as tp_src or tp_dst, that has more than 8 bits (A3.8). */
static int check_icmp(const struct match *m, char **error)
{
    unsigned type = ntohs(m->flow.tp_src), code = ntohs(m->flow.tp_dst);
    if (ofp_match_l4(m) != OFP_L4_ICMP) {
        return 0;
    }
    if ((m->mask.tp_src && m->mask.tp_src != 0xffff)
        || (m->mask.tp_dst && m->mask.tp_dst != 0xffff)) {
        *error = xstrdup("type and code of ICMP can't have a mask: give a number alone");
        return EINVAL;
    }
    if (type > UINT8_MAX || code > UINT8_MAX) {
        *error = xasprintf("tp_%s=%u does not apply to ICMP, where it is the %s: give a number "
                           "from 0 to 255", type > UINT8_MAX ? "src" : "dst",
                           type > UINT8_MAX ? type : code, type > UINT8_MAX ? "type" : "code");
        return EINVAL;
    }
    return 0;
}

/* Refuses ports and flags of TCP where only later fragments match, which have none. */
static int check_later(const struct ofp_match_text *t, char **error)
{
    bool is_later = t->match.flow.nw_frag & FLOW_FRAG_LATER
                    && ofp_match_l4(&t->match) & OFP_L4_PORTS;
    for (size_t i = 0; is_later && i < t->n; i++) {
        if (t->given[i].field->needs_l4 != OFP_L4_ANY) {
            *error = xasprintf("%s is in no later fragment: leave %s=%s out, or nw_frag",
                               t->given[i].name, t->given[i].name, t->given[i].value);
            return EINVAL;
        }
    }
    return 0;
}

/* Refuses a field of neighbour discovery without the type of message that has it. */
static int check_nd(const struct ofp_match_text *t, char **error)
{
    for (size_t i = 0; i < t->n; i++) {
        const char *name = t->given[i].field->name;
        const struct nx_field *f = nx_field_by_name(name, strlen(name));
        if (f && !strncmp(name, "nd_", 3) && !nx_field_fits_match(f, &t->match)) {
            *error = xasprintf("%s needs a type of message; did you mean "
                               "icmp6,icmp_type=%s,icmp_code=0,%s=%s?", name,
                               strcmp(name, "nd_tll") ? "135" : "136", name, t->given[i].value);
            return EINVAL;
        }
    }
    return 0;
}

int ofp_match_text_finish(const struct ofp_match_text *t, char **error)
{
    enum ofp_l3 l3 = ofp_match_l3(&t->match);
    enum ofp_l4 l4 = ofp_match_l4(&t->match);
    for (size_t i = 0; i < t->n; i++) {
        const struct ofp_field *f = t->given[i].field;
        if (f->needs_l3 & l3 && f->needs_l4 & l4) {
            continue;
        }
        bool is_free = l3 == OFP_L3_WILD
                       || (f->needs_l3 & l3 && t->match.mask.nw_proto != 0xff);
        *error = xasprintf(is_free ? "%s needs %s; did you mean %s,%s=%s?"
                                   : "%s does not apply to this %s; it does in %s,%s=%s",
                           t->given[i].name, f->needs_l4 == OFP_L4_ANY ? "dl_type" : "nw_proto",
                           f->hint, t->given[i].name, t->given[i].value);
        return EINVAL;
    }
    int result = check_icmp(&t->match, error);
    result = result ? result : check_later(t, error);
    return result ? result : check_nd(t, error);
}

int ofp_parse_match(struct match *m, const char *text, const struct ofp_parse *how, char **error)
{
    struct ofp_match_text t;
    struct ofp_words words;
    struct ofp_word word;
    int result = ofp_words_check(text, error);
    ofp_match_text_init(&t);
    ofp_words_init(&words, text);
    while (!result && ofp_words_next(&words, &word)) {
        result = ofp_match_text_take(&t, &word, how, error);
        if (result == ENOENT) {
            const char *nearest = ofp_field_nearest(word.key);
            *error = nearest ? xasprintf("unknown field %s; did you mean %s?", word.key, nearest)
                             : xasprintf("unknown field " OFP_SHOWN, OFP_SHOW(word.key));
            result = EINVAL;
        }
    }
    result = result ? result : ofp_match_text_finish(&t, error);
    if (!result) {
        *m = t.match;
    }
    ofp_words_uninit(&words);
    return result;
}
