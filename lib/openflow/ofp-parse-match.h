/* SPDX-License-Identifier: Apache-2.0 */
/* A match collected word by word, with its prerequisites checked at the end. */
#ifndef LIB_OPENFLOW_OFP_PARSE_MATCH_H
#define LIB_OPENFLOW_OFP_PARSE_MATCH_H

#include "lib/openflow/ofp-fields.h"
#include "lib/openflow/ofp-words.h"

enum { OFP_GIVEN_MAX = 64 /* Fields in one text at most. */ };

/* What has been given so far.  Values are borrowed from the words. */
struct ofp_match_text {
    struct match match;  /* Bits given. */
    size_t n;            /* Fields given. */
    struct {
        const struct ofp_field *field; /* The field, */
        const char *name;              /* its name as typed */
        const char *value;             /* and its value. */
    } given[OFP_GIVEN_MAX];
};

/* Nothing given yet. Nothing needs to be released. */
void ofp_match_text_init(struct ofp_match_text *t);

/* Takes 'word' if it is a field or a keyword.  Returns 0; ENOENT if it is neither; EINVAL with
 * '*error' set. */
int ofp_match_text_take(struct ofp_match_text *t, const struct ofp_word *word,
                        const struct ofp_parse *how, char **error);

/* Checks that each field has what it needs.  Returns 0 or EINVAL with '*error' set. */
int ofp_match_text_finish(const struct ofp_match_text *t, char **error);

#endif
