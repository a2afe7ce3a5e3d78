/* SPDX-License-Identifier: Apache-2.0 */
/* What every file may need: allocation that can't fail, strict number parsers. */
#include "lib/util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BIG_PAGE = 2 << 20 }; /* Bytes of a huge page. */

/* No logging: that might allocate. */
NORETURN void out_of_memory(size_t size)
{
    fprintf(stderr, "out of memory: can't allocate %zu bytes\n", size);
    abort();
}

/* Returns 'p', the result of allocating 'size' bytes, if it is not NULL. */
static void *checked(void *p, size_t size)
{
    if (UNLIKELY(!p)) {
        out_of_memory(size);
    }
    return p;
}

void *xmalloc(size_t size)
{
    return checked(malloc(size ? size : 1), size);
}

void *xzalloc(size_t size)
{
    return checked(calloc(1, size ? size : 1), size);
}

void *xcalloc(size_t n, size_t size)
{
    return n && size ? checked(calloc(n, size), n > SIZE_MAX / size ? SIZE_MAX : n * size)
                     : xzalloc(0);
}

void *xrealloc(void *p, size_t size)
{
    return checked(realloc(p, size ? size : 1), size);
}

void *xaligned_alloc(size_t align, size_t size)
{
    size_t rounded = ROUND_UP(MAX(size, (size_t) 1), align);
    return checked(rounded >= size ? aligned_alloc(align, rounded) : NULL, size);
}

void *xreserve(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        out_of_memory(size);
    }
    size_t small = MIN(size, (size_t) BIG_PAGE);
    madvise(p, small, MADV_NOHUGEPAGE);
    if (size > small) {
        madvise((char *) p + small, size - small, MADV_HUGEPAGE);
    }
    return p;
}

void unreserve(void *p, size_t size)
{
    if (p) {
        munmap(p, size);
    }
}

char *xstrdup(const char *s)
{
    return xmemdup(s, strlen(s) + 1);
}

char *xstrndup(const char *s, size_t n)
{
    size_t length = strnlen(s, n);
    char *copy = xmalloc(length + 1);
    memcpy(copy, s, length);
    copy[length] = '\0';
    return copy;
}

void *xmemdup(const void *p, size_t size)
{
    void *copy = xmalloc(size);
    if (size) {
        memcpy(copy, p, size);
    }
    return copy;
}

char *xasprintf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *s = xvasprintf(format, args);
    va_end(args);
    return s;
}

char *xvasprintf(const char *format, va_list args)
{
    char *s;
    if (vasprintf(&s, format, args) < 0) {
        out_of_memory(strlen(format));
    }
    return s;
}

ssize_t xgetline(char **line, size_t *allocated, FILE *stream)
{
    ssize_t n = getline(line, allocated, stream);
    if (n < 0 && !feof(stream) && !ferror(stream)) {
        out_of_memory(*allocated);
    }
    return n;
}

void str_tame(char *text)
{
    for (; *text; text++) {
        if ((unsigned char) *text < ' ' || *text == 0x7f) {
            *text = '?';
        }
    }
}

/* Returns the value of the digit 'c', or 36 if it is none in any base. */
static unsigned digit_value(char c)
{
    return c >= '0' && c <= '9'   ? (unsigned) (c - '0')
           : c >= 'a' && c <= 'z' ? (unsigned) (c - 'a' + 10)
           : c >= 'A' && c <= 'Z' ? (unsigned) (c - 'A' + 10)
                                  : 36;
}

bool str_to_uint(const char *s, int base, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;
    if (base == 0) {
        bool is_hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
        s += is_hex ? 2 : 0;
        base = is_hex ? 16 : 10;
    }
    if (!*s) {
        return false;
    }
    for (; *s; s++) {
        unsigned digit = digit_value(*s);
        if (digit >= (unsigned) base || __builtin_mul_overflow(sum, (uint64_t) base, &sum)
            || __builtin_add_overflow(sum, (uint64_t) digit, &sum)) {
            return false;
        }
    }
    if (sum > max) {
        return false;
    }
    *value = sum;
    return true;
}

bool str_to_set(const char *s, unsigned min, unsigned max, uint64_t *set)
{
    const char *dash = strchr(s, '-');
    char *begin = xstrndup(s, dash ? (size_t) (dash - s) : SIZE_MAX);
    uint64_t first, last;
    bool is_range = str_to_uint(begin, 10, max, &first)
                    && str_to_uint(dash ? dash + 1 : s, 10, max, &last) && min <= first
                    && first <= last;
    free(begin);
    for (uint64_t i = first; is_range && i <= last; i++) {
        set[i / 64] |= UINT64_C(1) << i % 64;
    }
    return is_range;
}

bool str_to_u16(const char *s, int base, uint16_t *value)
{
    uint64_t x;
    return str_to_uint(s, base, UINT16_MAX, &x) ? (*value = (uint16_t) x, true) : false;
}

bool str_to_u32(const char *s, int base, uint32_t *value)
{
    uint64_t x;
    return str_to_uint(s, base, UINT32_MAX, &x) ? (*value = (uint32_t) x, true) : false;
}

bool str_to_u64(const char *s, int base, uint64_t *value)
{
    return str_to_uint(s, base, UINT64_MAX, value);
}

const char *mac_format(const uint8_t mac[6], char text[MAC_TEXT_SIZE])
{
    snprintf(text, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5]);
    return text;
}
