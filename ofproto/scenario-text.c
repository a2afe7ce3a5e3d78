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

bool text_period(const char *word, int64_t *period)
{
    static const struct {
        const char *unit; /* As written. */
        int64_t ns;       /* Nanoseconds. */
    } units[] = {{"ms", MSEC}, {"s", SEC}, {"m", 60 * SEC}, {"h", 3600 * SEC}};
    char *end;
    double x = strtod(word, &end);
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (isdigit((unsigned char) *word) && x <= 1e6 && !strcmp(end, units[i].unit)) {
            *period = (int64_t) (x * (double) units[i].ns + 0.5);
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

/* Compares from the left. A wild card first takes nothing; when the comparison fails later, the last
 * one takes a character more, which is enough: an earlier one could only have left less. */
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

/* Value of the hexadecimal digit 'c', or -1. */
static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *d = c ? strchr(digits, tolower((unsigned char) c)) : NULL;
    return d ? (int) (d - digits) : -1;
}

/* Takes one byte, with its repetition, off '*s'. Returns false if there is none. */
static bool take_byte(struct text_bytes *tb, const char **s)
{
    const char *p = *s;
    bool is_any = p[0] == '?' && p[1] == '?';
    unsigned long n = 1;
    if (!is_any && (digit(p[0]) < 0 || digit(p[1]) < 0)) {
        return false;
    }
    int value = is_any ? 0 : digit(p[0]) << 4 | digit(p[1]);
    p += 2;
    if (*p == '*') {
        char *end;
        n = strtoul(p + 1, &end, 10);
        if (!isdigit((unsigned char) p[1]) || n > 1 << 20) {
            return false;
        }
        p = end;
    }
    memset(bytes_put_uninit(&tb->value, n), value, n);
    memset(bytes_put_uninit(&tb->mask, n), is_any ? 0 : 0xff, n);
    *s = p;
    return true;
}

int text_bytes_parse(struct text_bytes *tb, const char *text, char **error)
{
    const char *s = text;
    *tb = (struct text_bytes){.is_open = false};
    for (;;) {
        while (is_blank(*s)) {
            s++;
        }
        if (!*s || (tb->is_open = !strcmp(s, "..."))) {
            return 0;
        }
        if (!take_byte(tb, &s)) {
            *error = xasprintf("\"%.12s\" is no byte in hexadecimal digits; 00*N repeats one", s);
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
