/* SPDX-License-Identifier: Apache-2.0 */
/* The cutter of flow texts. */
#include "lib/openflow/ofp-words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/util.h"

static const char separators[] = ", \t\r\n";
static const char blanks[] = " \t";

void ofp_words_init(struct ofp_words *w, const char *text)
{
    bool in_quotes = false;
    w->at = w->copy = xstrdup(text);
    for (char *p = w->copy; *p; p++) {
        in_quotes ^= *p == '"';
        if (*p == '#' && !in_quotes) {
            *p = '\0';
            break;
        }
    }
}

void ofp_words_uninit(struct ofp_words *w)
{
    free(w->copy);
}

bool ofp_words_at_end(struct ofp_words *w)
{
    w->at += strspn(w->at, separators);
    return !*w->at;
}

/* Returns the end of what begins at 'p' and ends at one of 'ends' outside of quotes and of
 * parentheses. */
static char *find_end(char *p, const char *ends)
{
    bool in_quotes = false;
    int depth = 0;
    for (; *p; p++) {
        if (*p == '"') {
            in_quotes = !in_quotes;
        } else if (in_quotes) {
            continue;
        } else if (depth <= 0 && strchr(ends, *p)) {
            break;
        }
        depth += (*p == '(') - (*p == ')');
    }
    return p;
}

/* Takes quotes off 'text' if it begins and ends with one; returns what is left. */
static char *unquote(char *text, bool *was_quoted)
{
    size_t length = strlen(text);
    *was_quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';
    if (*was_quoted) {
        text[length - 1] = '\0';
        return text + 1;
    }
    return text;
}

/* The sign '=', ':' or '(' behind the key that ends at 'end', with blanks before it allowed for '='
 * only; NULL if there is none. */
static char *find_sign(char *end)
{
    char *after = end + strspn(end, blanks);
    return *end == ':' || *end == '(' ? end : *after == '=' ? after : NULL;
}

bool ofp_words_next(struct ofp_words *w, struct ofp_word *word)
{
    bool quoted;
    if (ofp_words_at_end(w)) {
        return false;
    }
    char *key = w->at;
    char *end = find_end(key, ", \t\r\n=:(");
    char *sign = find_sign(end);
    word->value = NULL;
    w->at = end;
    if (sign) {
        char *value = sign + 1;
        w->at = *sign == '(' ? find_end(value, ")") : find_end(value, separators);
        word->value = value;
    }
    if (*w->at) {
        *w->at++ = '\0';
    }
    *end = '\0';
    if (word->value) {
        word->value = unquote(word->value, &quoted);
    }
    word->key = unquote(key, &word->is_quoted);
    return true;
}

char *ofp_words_after(struct ofp_words *w, const char *key)
{
    size_t length = strlen(key);
    if (ofp_words_at_end(w) || strncasecmp(w->at, key, length)) {
        return NULL;
    }
    char *sign = w->at + length + strspn(w->at + length, blanks);
    if (*sign != '=' && *sign != ':') {
        return NULL;
    }
    w->at = sign + strlen(sign);
    return sign + 1;
}
