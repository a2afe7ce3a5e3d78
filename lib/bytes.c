/* SPDX-License-Identifier: Apache-2.0 */
/* A growable buffer of bytes, to write messages and text into. */
#include "lib/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The memory starts 'pulled' bytes before 'data' and ends 'allocated' bytes after it.  It grows to
 * at least twice the content, so that adding n bytes one by one costs O(n); what was pulled off in
 * front is used again before more memory is asked for. */

enum { SMALLEST = 64 }; /* Bytes allocated at first, at least. */

void bytes_init(struct bytes *b)
{
    *b = BYTES_INIT;
}

void bytes_uninit(struct bytes *b)
{
    free(bytes_steal(b));
}

struct bytes *bytes_create(size_t hint)
{
    struct bytes *b = xzalloc(sizeof *b);
    bytes_reserve(b, hint);
    return b;
}

void bytes_destroy(struct bytes *b)
{
    if (b) {
        bytes_uninit(b);
        free(b);
    }
}

struct bytes *bytes_clone(const struct bytes *b)
{
    struct bytes *clone = bytes_create(b->size);
    bytes_put(clone, b->data, b->size);
    return clone;
}

void bytes_clear(struct bytes *b)
{
    b->size = 0;
    if (b->pulled) {
        b->data -= b->pulled;
        b->allocated += b->pulled;
        b->pulled = 0;
    }
}

/* Moves the content to the start of the memory. */
static void close_gap(struct bytes *b)
{
    if (b->pulled) {
        uint8_t *start = b->data - b->pulled;
        memmove(start, b->data, b->size);
        b->data = start;
        b->allocated += b->pulled;
        b->pulled = 0;
    }
}

void bytes_reserve(struct bytes *b, size_t n)
{
    size_t needed;
    if (n <= b->allocated - b->size) {
        return;
    }
    if (__builtin_add_overflow(b->size, n, &needed)) {
        needed = SIZE_MAX;
    }
    bool is_roomy = b->pulled >= b->size; /* Else moving would cost more than it yields. */
    close_gap(b);
    if (!is_roomy || needed > b->allocated) {
        size_t doubled = b->allocated < SIZE_MAX / 2 ? b->allocated * 2 : SIZE_MAX;
        b->allocated = MAX(needed, MAX(doubled, (size_t) SMALLEST));
        b->data = xrealloc(b->data, b->allocated);
    }
}

void bytes_truncate(struct bytes *b, size_t size)
{
    b->size = MIN(b->size, size);
}

void bytes_pull(struct bytes *b, size_t n)
{
    if (n == b->size) {
        bytes_clear(b);
        return;
    }
    b->data += n;
    b->size -= n;
    b->allocated -= n;
    b->pulled += n;
}

void *bytes_steal(struct bytes *b)
{
    close_gap(b);
    void *memory = b->data;
    bytes_init(b);
    return memory;
}

void *bytes_put_uninit(struct bytes *b, size_t n)
{
    bytes_reserve(b, MAX(n, (size_t) 1));
    void *p = b->data + b->size;
    b->size += n;
    return p;
}

void *bytes_put_zeros(struct bytes *b, size_t n)
{
    return memset(bytes_put_uninit(b, n), 0, n);
}

void *bytes_put(struct bytes *b, const void *p, size_t n)
{
    void *to = bytes_put_uninit(b, n);
    return n ? memcpy(to, p, n) : to;
}

void bytes_put_u8(struct bytes *b, uint8_t x)
{
    *(uint8_t *) bytes_put_uninit(b, sizeof x) = x;
}

void bytes_put_be16(struct bytes *b, uint16_t x)
{
    put_be16(bytes_put_uninit(b, sizeof x), x);
}

void bytes_put_be32(struct bytes *b, uint32_t x)
{
    put_be32(bytes_put_uninit(b, sizeof x), x);
}

void bytes_put_be64(struct bytes *b, uint64_t x)
{
    put_be64(bytes_put_uninit(b, sizeof x), x);
}

void bytes_printf(struct bytes *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bytes_vprintf(b, format, args);
    va_end(args);
}

void bytes_vprintf(struct bytes *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t room = b->allocated - b->size;
    int length = vsnprintf(room ? (char *) b->data + b->size : NULL, room, format, args);
    if (length > 0) {
        if ((size_t) length >= room) {
            bytes_reserve(b, (size_t) length + 1);
            vsnprintf((char *) b->data + b->size, (size_t) length + 1, format, again);
        }
        b->size += (size_t) length;
    }
    va_end(again);
}

char *bytes_string(struct bytes *b)
{
    bytes_reserve(b, 1);
    b->data[b->size] = '\0';
    return (char *) b->data;
}
