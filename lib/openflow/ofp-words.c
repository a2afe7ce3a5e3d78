/* SPDX-License-Identifier: Apache-2.0 */
/* The cutter of flow texts. */
#include "lib/openflow/ofp-words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/util.h"

static const char separators[] = ", \t\r\n";
static const char blanks[] = " \t";

/* A sign that opens something. */
static const struct pair {
    char open;        /* It. */
    char close;       /* What ends it. */
    const char *name; /* Of both together. */
} pairs[] = {
    {'(', ')', "parenthesis"},
    {'[', ']', "bracket"},
    {'"', '"', "quote"},
};

/* The pair that 'c' opens or, if 'closes', ends; NULL if there is none. */
static const struct pair *find_pair(char c, bool closes)
{
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        if (c == (closes ? pairs[i].close : pairs[i].open)) {
            return &pairs[i];
        }
    }
    return NULL;
}

/* Bytes of the word that ends at 'p', as far as they are shown. */
static int word_before(const char *text, const char *p)
{
    enum { WORD_SHOWN = 32 };
    int n = 0;
    while (n < WORD_SHOWN && p - n > text && !strchr(separators, p[-n - 1])) {
        n++;
    }
    return n;
}

/* Says that what 'p' opens is not closed. */
static int unclosed(const char *text, const char *p, char **error)
{
    const struct pair *pair = find_pair(*p, false);
    int n = word_before(text, p);
    *error = xasprintf("the %s that %.*s opens is not closed: add %c", pair->name, n + 1, p - n,
                       pair->close);
    return EINVAL;
}

/* Says that 'p' closes what is not open. */
static int unopened(const char *text, const char *p, char **error)
{
    int n = word_before(text, p);
    *error = xasprintf("there is no %s that the %c of %.*s closes: leave it out",
                       find_pair(*p, true)->name, *p, n + 1, p - n);
    return EINVAL;
}

int ofp_words_check(const char *text, char **error)
{
    enum { DEPTH_MAX = 8 };
    const char *open[DEPTH_MAX];
    size_t depth = 0;
    for (const char *p = text; *p; p++) {
        const char *last = depth ? open[depth - 1] : NULL;
        bool in_quotes = last && *last == '"';
        if (*p == '#' && !in_quotes) {
            break;
        }
        if (last && *p == find_pair(*last, false)->close) {
            depth--;
        } else if (!in_quotes && find_pair(*p, false)) {
            if (depth == DEPTH_MAX) {
                *error = xasprintf("parentheses are nested deeper than %d: leave some out",
                                   DEPTH_MAX);
                return EINVAL;
            }
            open[depth++] = p;
        } else if (!in_quotes && find_pair(*p, true)) {
            return last ? unclosed(text, last, error) : unopened(text, p, error);
        }
    }
    return depth ? unclosed(text, open[depth - 1], error) : 0;
}

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

size_t ofp_words_span(const char *text, const char *ends)
{
    bool in_quotes = false;
    int depth = 0;
    const char *p = text;
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
    return p - text;
}

/* The end of what begins at 'p', as ofp_words_span() knows it. */
static char *find_end(char *p, const char *ends)
{
    return p + ofp_words_span(p, ends);
}

/* Takes the quotes off the key if it begins and ends with one. */
static void unquote(struct ofp_word *word)
{
    size_t length = strlen(word->key);
    word->is_quoted = length >= 2 && word->key[0] == '"' && word->key[length - 1] == '"';
    if (word->is_quoted) {
        word->key[length - 1] = '\0';
        word->key++;
    }
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
    word->key = key;
    unquote(word);
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

bool ofp_words_have(const char *list, const char *name, size_t length)
{
    while (*list) {
        size_t word = strcspn(list, " ");
        if (word == length && !strncasecmp(list, name, word)) {
            return true;
        }
        list += word + strspn(list + word, " ");
    }
    return false;
}
