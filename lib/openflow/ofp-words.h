/* SPDX-License-Identifier: Apache-2.0 */
/* Flow texts cut into words: KEY, KEY=VALUE, KEY:VALUE, KEY(VALUE). */
#ifndef LIB_OPENFLOW_OFP_WORDS_H
#define LIB_OPENFLOW_OFP_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* A cursor over a copy of the text, which it cuts up. */
struct ofp_words {
    char *copy; /* Owned. */
    char *at;   /* What is left. */
};

/* One word; both strings are borrowed from the cursor. */
struct ofp_word {
    char *key;      /* What stands before '=', ':' or '(', without quotes. */
    char *value;    /* What stands behind it, with its quotes if it has some: they make a name of a
                     * port of what would be a number or a reserved port.  NULL if there is no
                     * such sign. */
    bool is_quoted; /* The key stood in quotes. */
};

/* Refuses with EINVAL and '*error' a text with a parenthesis, bracket or quote that is not closed,
 * or closed without being open; else 0.  Comments count for nothing. */
int ofp_words_check(const char *text, char **error);

/* Begins with a copy of 'text' up to a comment, which "#" begins. */
void ofp_words_init(struct ofp_words *w, const char *text);
void ofp_words_uninit(struct ofp_words *w);

/* Takes the next word; false at the end.  Commas and blanks part words, except in quotes and in
 * parentheses. */
bool ofp_words_next(struct ofp_words *w, struct ofp_word *word);

/* For errors: the format and the arguments of a text of which only the beginning is shown if it is
 * long. */
#define OFP_SHOWN "%.*s%s"
#define OFP_SHOW(text) OFP_SHOWN_MAX, (text), strlen(text) > OFP_SHOWN_MAX ? "..." : ""
enum { OFP_SHOWN_MAX = 160 /* Bytes. */ };

/* Bytes of 'text' before the first of 'ends' outside of quotes and of parentheses, or all. */
size_t ofp_words_span(const char *text, const char *ends);

/* If the next word's key is 'key' (any case) with '=' or ':', takes all that is left of the text
 * and returns what follows the sign, borrowed; else NULL. */
char *ofp_words_after(struct ofp_words *w, const char *key);

/* True if nothing but separators is left. */
bool ofp_words_at_end(struct ofp_words *w);

/* True if the 'length' bytes at 'name' (any case) are one of the words in 'list', which have blanks
 * between. */
bool ofp_words_have(const char *list, const char *name, size_t length);

#endif
