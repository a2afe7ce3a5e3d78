/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a scenario: blanks, periods, bytes, wild cards. */
#include "ofproto/scenario-text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

/* Words ---------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return isspace((unsigned char) c);
}

/* The first character of 's' that is not blank. */
static char *skip_blanks(char *s)
{
    while (is_blank(*s)) {
        s++;
    }
    return s;
}

char *text_word(char **text)
{
    char *word = skip_blanks(*text);
    char *end = word;
    if (!*word) {
        return NULL;
    }
    while (*end && !is_blank(*end)) {
        end++;
    }
    *text = *end ? skip_blanks(end + 1) : end;
    *end = '\0';
    return word;
}

bool text_skip(char **text, const char *word)
{
    size_t length = strlen(word);
    char *s = skip_blanks(*text);
    if (strncmp(s, word, length) || (s[length] && !is_blank(s[length]))) {
        return false;
    }
    *text = skip_blanks(s + length);
    return true;
}

unsigned text_count(char **text)
{
    char *end;
    char *s = skip_blanks(*text);
    unsigned long n = strtoul(s, &end, 10);
    if (!isdigit((unsigned char) *s) || !text_skip(&end, "x") || n > UINT32_MAX) {
        return 1;
    }
    *text = end;
    return (unsigned) n;
}

char *text_value(char *word, const char *key)
{
    size_t length = strlen(key);
    return !strncmp(word, key, length) && word[length] == '=' ? word + length + 1 : NULL;
}

#define PERIOD_MAX 1e18 /* Nanoseconds of the longest period, some thirty years. */

bool text_period(const char *word, int64_t *period)
{
    static const struct {
        const char *unit; /* As written. */
        int64_t ns;       /* Nanoseconds. */
    } units[] = {{"ms", MSEC}, {"s", SEC}, {"m", 60 * SEC}, {"h", 3600 * SEC}};
    char *end;
    double x = strtod(word, &end);
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        double ns = x * (double) units[i].ns + 0.5;
        if (isdigit((unsigned char) *word) && ns <= PERIOD_MAX && !strcmp(end, units[i].unit)) {
            *period = (int64_t) ns;
            return true;
        }
    }
    return false;
}

/* Wild cards ----------------------------------------------------------------------------------- */

/* A copy of 's' with each run of blanks as one, and none at the ends. The caller owns it. */
static char *squeezed(const char *s)
{
    char *copy = xmalloc(strlen(s) + 1);
    char *out = copy;
    for (; *s; s++) {
        if (!is_blank(*s)) {
            *out++ = *s;
        } else if (out > copy && out[-1] != ' ') {
            *out++ = ' ';
        }
    }
    out -= out > copy && out[-1] == ' ';
    *out = '\0';
    return copy;
}

/* Compares from the left. A wild card first takes nothing; when the comparison fails later, the
 * last one takes a character more, which is enough: an earlier one could only have left less. */
static bool matches(const char *pattern, const char *text)
{
    const char *after = NULL, *taken = NULL;
    while (*text || *pattern) {
        if (!strncmp(pattern, "...", 3)) {
            pattern += 3;
            after = pattern;
            taken = text;
        } else if (*text && *pattern == *text) {
            pattern++;
            text++;
        } else if (after && *taken) {
            pattern = after;
            text = ++taken;
        } else {
            return false;
        }
    }
    return true;
}

bool text_matches(const char *pattern, const char *text)
{
    char *p = squeezed(pattern);
    char *t = squeezed(text);
    bool is_match = matches(p, t);
    free(p);
    free(t);
    return is_match;
}

/* Bytes ---------------------------------------------------------------------------------------- */

enum { REPEAT_MAX = 1 << 20 /* Bytes that a repetition makes at most. */ };

/* Value of the hexadecimal digit 'c', or -1. */
static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *d = c ? strchr(digits, tolower((unsigned char) c)) : NULL;
    return d ? (int) (d - digits) : -1;
}

/* Takes "*N" off '*s'. Returns N; 1 if it is not there, 0 if it makes no sense. */
static unsigned long take_times(const char **s)
{
    char *end;
    if (**s != '*') {
        return 1;
    }
    unsigned long n = isdigit((unsigned char) (*s)[1]) ? strtoul(*s + 1, &end, 10) : 0;
    *s = n ? end : *s;
    return n <= REPEAT_MAX ? n : 0;
}

/* Takes one byte, with its repetition, off '*s'. Returns false if there is none. */
static bool take_byte(struct text_bytes *tb, const char **s)
{
    const char *p = *s;
    bool is_any = p[0] == '?' && p[1] == '?';
    if (!is_any && (digit(p[0]) < 0 || digit(p[1]) < 0)) {
        return false;
    }
    int value = is_any ? 0 : digit(p[0]) << 4 | digit(p[1]);
    *s = p + 2;
    unsigned long n = take_times(s);
    memset(bytes_put_uninit(&tb->value, n), value, n);
    memset(bytes_put_uninit(&tb->mask, n), is_any ? 0 : 0xff, n);
    return n;
}

/* Takes the ")" of a group that began at byte 'start', with its repetition, off '*s'. */
static bool take_group_end(struct text_bytes *tb, size_t start, const char **s)
{
    (*s)++;
    unsigned long n = take_times(s);
    size_t size = tb->value.size - start;
    if (!n || n * size > REPEAT_MAX) {
        return false;
    }
    bytes_reserve(&tb->value, n * size);
    bytes_reserve(&tb->mask, n * size);
    for (; n > 1; n--) {
        memcpy(bytes_put_uninit(&tb->value, size), bytes_at(&tb->value, start), size);
        memcpy(bytes_put_uninit(&tb->mask, size), bytes_at(&tb->mask, start), size);
    }
    return true;
}

/* Takes the next thing, which '*s' does not begin with a blank, off it. 'start' is where the group
 * begins that is open. */
static bool take_bytes(struct text_bytes *tb, size_t *start, const char **s)
{
    if (**s == '(') {
        *start = tb->value.size;
        (*s)++;
        return true;
    }
    return **s == ')' ? take_group_end(tb, *start, s) : take_byte(tb, s);
}

int text_bytes_parse(struct text_bytes *tb, const char *text, char **error)
{
    const char *s = text;
    size_t start = 0;
    *tb = (struct text_bytes){.is_open = false};
    for (;;) {
        while (is_blank(*s)) {
            s++;
        }
        if (!*s || (tb->is_open = !strcmp(s, "..."))) {
            return 0;
        }
        if (!take_bytes(tb, &start, &s)) {
            *error = xasprintf("\"%.12s\" is no byte in hexadecimal digits; 00*N repeats one, "
                               "(0011)*N a group", s);
            text_bytes_uninit(tb);
            return EINVAL;
        }
    }
}

void text_bytes_uninit(struct text_bytes *tb)
{
    bytes_uninit(&tb->value);
    bytes_uninit(&tb->mask);
}

bool text_bytes_match(const struct text_bytes *tb, const void *data, size_t size)
{
    const uint8_t *p = data;
    if (size < tb->value.size || (size > tb->value.size && !tb->is_open)) {
        return false;
    }
    for (size_t i = 0; i < tb->value.size; i++) {
        if ((p[i] ^ tb->value.data[i]) & tb->mask.data[i]) {
            return false;
        }
    }
    return true;
}
