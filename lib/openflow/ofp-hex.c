/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in hexadecimal: dumped for people, and read from text. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "lib/openflow/ofp-parse.h"
#include "lib/openflow/ofp-print.h"

enum { PER_LINE = 16 /* Bytes in a line. */ };

/* Appends one line of 'n' bytes, the first of which has the offset 'offset'. */
static void print_line(struct bytes *out, const uint8_t *p, size_t n, size_t offset, bool text)
{
    bytes_printf(out, "%08zx ", offset);
    for (size_t i = 0; i < (text ? PER_LINE : n); i++) {
        char before = i == PER_LINE / 2 && n >= PER_LINE / 2 ? '-' : ' ';
        if (i < n) {
            bytes_printf(out, "%c%02x", before, p[i]);
        } else {
            bytes_printf(out, "%c  ", before);
        }
    }
    if (text) {
        bytes_printf(out, " |");
        for (size_t i = 0; i < PER_LINE; i++) {
            bytes_put_u8(out, i >= n ? ' ' : isascii(p[i]) && isprint(p[i]) ? p[i] : '.');
        }
        bytes_put_u8(out, '|');
    }
    bytes_put_u8(out, '\n');
}

void ofp_print_hex(struct bytes *out, const void *data, size_t size, bool text)
{
    const uint8_t *p = data;
    for (size_t i = 0; i < size; i += PER_LINE) {
        print_line(out, p + i, MIN(size - i, (size_t) PER_LINE), i, text);
    }
}

/* The value of a hex digit, or -1. */
static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *p = c ? strchr(digits, tolower((unsigned char) c)) : NULL;
    return p ? (int) (p - digits) : -1;
}

bool ofp_parse_hex(const char *text, struct bytes *out)
{
    size_t before = out->size;
    while (*text) {
        if (isspace((unsigned char) *text)) {
            text++;
            continue;
        }
        int high = digit(text[0]);
        int low = high < 0 ? -1 : digit(text[1]);
        if (low < 0) {
            bytes_truncate(out, before);
            return false;
        }
        bytes_put_u8(out, high << 4 | low);
        text += 2;
    }
    return true;
}
