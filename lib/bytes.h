/* SPDX-License-Identifier: Apache-2.0 */
/* A growable buffer of bytes, to write messages and text into, with a bounded reader. */
#ifndef LIB_BYTES_H
#define LIB_BYTES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/byte-order.h"
#include "lib/util.h"

/* Bytes that grow at the end and may be taken off in front.  The buffer owns its memory.
 *
 * Life cycle: bytes_init() and bytes_uninit() for one in place (all zero is initialised too),
 * bytes_create() and bytes_destroy() for one on the heap.  Pointers into 'data' are valid until
 * the next function that may grow the buffer; offsets stay valid until bytes_pull().
 *
 * Threads: the owner's only. */
struct bytes {
    uint8_t *data;    /* First byte; may be NULL while 'size' is 0. */
    size_t size;      /* Bytes in use. */
    size_t allocated; /* Bytes from 'data' to the end of the memory. */
    size_t pulled;    /* Bytes from the start of the memory to 'data'. */
};

/* A struct bytes that is empty. */
#define BYTES_INIT ((struct bytes){.data = NULL})

/* Makes 'b' empty, without memory. */
void bytes_init(struct bytes *b);

/* Frees the memory of 'b' and makes it empty; it may be used again. */
void bytes_uninit(struct bytes *b);

/* Returns a new empty buffer with room for 'hint' bytes; the caller destroys it. */
struct bytes *bytes_create(size_t hint);

/* Frees 'b' and its memory.  'b' may be NULL. */
void bytes_destroy(struct bytes *b);

/* Returns a new buffer with a copy of the content of 'b'; the caller destroys it. */
struct bytes *bytes_clone(const struct bytes *b);

/* Drops the content and keeps the memory. */
void bytes_clear(struct bytes *b);

/* Makes room for 'n' more bytes, so that adding them moves nothing. */
void bytes_reserve(struct bytes *b, size_t n);

/* Drops all but the first 'size' bytes, if there are more. */
void bytes_truncate(struct bytes *b, size_t size);

/* Drops the first 'n' bytes; there must be as many.  Moves nothing. */
void bytes_pull(struct bytes *b, size_t n);

/* Gives the content away: returns the memory, which begins with the content and goes to the
 * caller, who frees it with free(), and makes 'b' empty.  NULL if there never was any. */
void *bytes_steal(struct bytes *b) MUST_CHECK;

/* Adds 'n' bytes of any content at the end and returns the first of them. */
void *bytes_put_uninit(struct bytes *b, size_t n);

/* Adds 'n' bytes of zero at the end and returns the first of them. */
void *bytes_put_zeros(struct bytes *b, size_t n);

/* Adds a copy of the 'n' bytes at 'p', which may not stand in 'b' itself, and returns the first. */
void *bytes_put(struct bytes *b, const void *p, size_t n);

/* Adds the byte 'x'. */
void bytes_put_u8(struct bytes *b, uint8_t x);

/* Adds the host number 'x' as 2 bytes in network byte order. */
void bytes_put_be16(struct bytes *b, uint16_t x);

/* Adds the host number 'x' as 4 bytes in network byte order. */
void bytes_put_be32(struct bytes *b, uint32_t x);

/* Adds the host number 'x' as 8 bytes in network byte order. */
void bytes_put_be64(struct bytes *b, uint64_t x);

/* Adds text at the end, without a NUL, made as printf() would. */
void bytes_printf(struct bytes *b, const char *format, ...) PRINTF_FORMAT(2, 3);

/* Adds text at the end, without a NUL, made as vprintf() would. */
void bytes_vprintf(struct bytes *b, const char *format, va_list args) PRINTF_FORMAT(2, 0);

/* Returns the content as a string: it stands in 'b', a NUL behind it does not count in 'size'.
 * Borrowed until 'b' changes. */
char *bytes_string(struct bytes *b);

/* Returns the byte at offset 'at', which is at most 'size'. */
static inline void *bytes_at(const struct bytes *b, size_t at)
{
    return b->data + at;
}

/* A walk over bytes that somebody else owns, which never leaves them. */
struct reader {
    const uint8_t *data; /* Next byte to be read. */
    size_t left;         /* Bytes from there to the end. */
};

/* Makes 'r' a reader of the 'n' bytes at 'p'. */
static inline void reader_init(struct reader *r, const void *p, size_t n)
{
    r->data = (const uint8_t *) p;
    r->left = n;
}

/* Takes the next 'n' bytes and returns the first of them; if there are not as many, takes nothing
 * and returns NULL.  The bytes have any alignment. */
static inline const void *reader_pull(struct reader *r, size_t n)
{
    const uint8_t *p = r->data;
    if (n > r->left) {
        return NULL;
    }
    if (n) {
        r->data += n;
        r->left -= n;
    }
    return p;
}

/* Takes the next 'n' bytes into 'part', a reader of its own; false and nothing if too few. */
static inline bool reader_split(struct reader *r, size_t n, struct reader *part)
{
    if (n > r->left) {
        return false;
    }
    reader_init(part, r->data, n);
    reader_pull(r, n);
    return true;
}

/* Each of these takes a number that stands there in network byte order and stores it in 'x' as a
 * host number; returns false and does nothing if the bytes are too few. */

/* Takes 1 byte. */
static inline bool reader_u8(struct reader *r, uint8_t *x)
{
    const uint8_t *p = (const uint8_t *) reader_pull(r, 1);
    return p ? (*x = *p, true) : false;
}

/* Takes 2 bytes. */
static inline bool reader_be16(struct reader *r, uint16_t *x)
{
    const void *p = reader_pull(r, sizeof *x);
    return p ? (*x = get_be16(p), true) : false;
}

/* Takes 4 bytes. */
static inline bool reader_be32(struct reader *r, uint32_t *x)
{
    const void *p = reader_pull(r, sizeof *x);
    return p ? (*x = get_be32(p), true) : false;
}

/* Takes 8 bytes. */
static inline bool reader_be64(struct reader *r, uint64_t *x)
{
    const void *p = reader_pull(r, sizeof *x);
    return p ? (*x = get_be64(p), true) : false;
}

#endif
