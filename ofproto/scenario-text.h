/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a scenario: blanks, periods, bytes, wild cards. */
#ifndef OFPROTO_SCENARIO_TEXT_H
#define OFPROTO_SCENARIO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bytes.h"

/* Pure functions, for any thread. */

/* Takes the first word off '*text': ends it with a NUL and moves '*text' to what follows, blanks
 * and line ends skipped. Returns the word, which stands in the text, or NULL at the end. */
char *text_word(char **text);

/* Takes the word 'word' off '*text' if it is the first. */
bool text_skip(char **text, const char *word);

/* Takes "N x" off '*text' if that is how it begins; returns N, or 1. */
unsigned text_count(char **text);

/* If 'word' is "KEY=VALUE" with this key returns VALUE, which stands in it, else NULL. */
char *text_value(char *word, const char *key);

/* Reads a period: a number with an optional fraction and one of the units ms, s, m, h. Returns
 * false if it is none. */
bool text_period(const char *word, int64_t *period);

/* Compares 'text' with 'pattern', in which "..." stands for anything, also nothing. Any run of
 * blanks and line ends counts as one blank, at the ends as none. */
bool text_matches(const char *pattern, const char *text);

/* Bytes as a scenario writes them: hexadecimal digits, blanks between bytes as you like; "0a*N"
 * repeats a byte N times, "(0001 02)*N" a group, which has no group in it; "??" means any byte, and
 * "..." at the end any more bytes. */
struct text_bytes {
    struct bytes value; /* The bytes; owned. */
    struct bytes mask;  /* As many: 0xff compares, 0 does not; owned. */
    bool is_open;       /* Any more bytes may follow. */
};

/* Reads 'text'. Returns 0, or EINVAL with '*error' malloc()ed and nothing to release. */
int text_bytes_parse(struct text_bytes *tb, const char *text, char **error);
void text_bytes_uninit(struct text_bytes *tb);

/* Compares. */
bool text_bytes_match(const struct text_bytes *tb, const void *data, size_t size);

#endif
