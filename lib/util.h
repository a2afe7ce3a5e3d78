/* SPDX-License-Identifier: Apache-2.0 */
/* What every file may need: allocation that can't fail, small macros, strict number parsers. */
#ifndef LIB_UTIL_H
#define LIB_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Time.  All times are int64_t nanoseconds of CLOCK_MONOTONIC, all periods int64_t nanoseconds. */
#define USEC 1000LL       /* Nanoseconds in a microsecond. */
#define MSEC 1000000LL    /* Nanoseconds in a millisecond. */
#define SEC  1000000000LL /* Nanoseconds in a second. */

/* Bytes in a cache line; words of different threads stand on different ones. */
#define CACHE_LINE 64
/* After a member or a struct: it begins at a cache line of its own. */
#define CACHE_ALIGNED __attribute__((aligned(CACHE_LINE)))

/* For the compiler. */
#define LIKELY(x)                __builtin_expect(!!(x), 1)            /* 'x' is true, mostly. */
#define UNLIKELY(x)              __builtin_expect(!!(x), 0)            /* 'x' is false, mostly. */
#define NORETURN                 __attribute__((noreturn))             /* Does not come back. */
#define UNUSED                   __attribute__((unused))               /* May stay unused. */
#define MUST_CHECK               __attribute__((warn_unused_result))   /* Result is an order. */
#define PRINTF_FORMAT(fmt, args) __attribute__((format(printf, fmt, args))) /* Like printf(). */

/* Number of elements of 'array', which must be an array and not a pointer. */
#define ARRAY_SIZE(array) \
    (sizeof(array) / sizeof((array)[0]) + \
     0 * sizeof(char[1 - 2 * !!__builtin_types_compatible_p(__typeof__(array), \
                                                            __typeof__(&(array)[0]))]))

/* The 'type' whose member 'member' stands at 'pointer'. */
#define CONTAINER_OF(pointer, type, member) \
    ((type *) (void *) ((char *) (uintptr_t) (pointer) - offsetof(type, member)))

/* The smaller and the larger of two numbers of one type; each is evaluated once. */
#undef MIN /* <sys/param.h>, which <uv.h> includes, has others. */
#undef MAX
#define MIN(a, b) PICK_(a, <, b, __COUNTER__)
#define MAX(a, b) PICK_(a, >, b, __COUNTER__)

/* For MIN and MAX only: unique names, so that they can be nested without shadowing. */
#define PICK_(a, op, b, id) PICK_AS_(a, op, b, id)
#define PICK_AS_(a, op, b, id) \
    ({ \
        __auto_type pick_a_##id = (a); \
        __auto_type pick_b_##id = (b); \
        pick_a_##id op pick_b_##id ? pick_a_##id : pick_b_##id; \
    })

/* 'x' divided by 'y', rounded up; 'x' rounded up to a multiple of 'y'.  Not negative. */
#define DIV_ROUND_UP(x, y) (((x) + ((y) - 1)) / (y))
#define ROUND_UP(x, y)     (DIV_ROUND_UP(x, y) * (y))

/* Is the unsigned number 'x' a power of two?  (0 is none.) */
#define IS_POW2(x) ((x) != 0 && ((x) & ((x) - 1)) == 0)

/* Allocation.  These never return NULL (xmemdup() of 0 bytes included): when memory is exhausted
 * they write one line to standard error and abort.  The caller owns the result and frees it with
 * free().  Any thread. */

/* Returns 'size' bytes with any content. */
void *xmalloc(size_t size) __attribute__((malloc, alloc_size(1), returns_nonnull));

/* Returns 'size' bytes of zero. */
void *xzalloc(size_t size) __attribute__((malloc, alloc_size(1), returns_nonnull));

/* Returns 'n' times 'size' bytes of zero; a product that overflows counts as exhaustion. */
void *xcalloc(size_t n, size_t size) __attribute__((malloc, alloc_size(1, 2), returns_nonnull));

/* Returns 'p' (or NULL) grown or shrunk to 'size' bytes, as realloc() does. */
void *xrealloc(void *p, size_t size) __attribute__((alloc_size(2), returns_nonnull));

/* Reserves 'size' bytes of zeros: memory is taken when it is touched, beyond the first 2 MB in huge
 * pages if there are any.  Begins at a page.  Freed with unreserve(), not with free(). */
void *xreserve(size_t size) __attribute__((malloc, alloc_size(1), returns_nonnull));

/* Gives the 'size' bytes of xreserve() at 'p' back; accepts NULL. */
void unreserve(void *p, size_t size);

/* Returns 'size' bytes at a multiple of 'align', a power of two, with any content. */
void *xaligned_alloc(size_t align, size_t size)
    __attribute__((malloc, alloc_align(1), alloc_size(2), returns_nonnull));

/* Returns a copy of the string 's'. */
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));

/* Returns a copy of the string 's', of its first 'n' characters at most. */
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));

/* Returns a copy of the 'size' bytes at 'p', which may be NULL if 'size' is 0. */
void *xmemdup(const void *p, size_t size) __attribute__((malloc, returns_nonnull));

/* Returns a new string made as printf() would. */
char *xasprintf(const char *format, ...) PRINTF_FORMAT(1, 2) __attribute__((returns_nonnull));

/* Returns a new string made as vprintf() would. */
char *xvasprintf(const char *format, va_list args) PRINTF_FORMAT(1, 0)
    __attribute__((returns_nonnull));

/* As getline(), whose -1 means the end of the file or that memory is exhausted: then this ends the
 * process too.  After -1 ferror() tells whether reading failed. */
ssize_t xgetline(char **line, size_t *allocated, FILE *stream) MUST_CHECK;

/* For memory that comes from elsewhere and could not be had: what the above do, 'size' being the
 * bytes that were wanted. */
NORETURN void out_of_memory(size_t size);

/* Strict parsers.  The whole of 's' must be one number: no white space, no sign, no rest, nothing
 * missing.  'base' is 2 to 36, or 0 for "0x" hexadecimal and else decimal (a leading 0 does not
 * mean octal).  Each returns true and stores the number, or returns false and stores nothing. */

/* A number of at most 'max'. */
bool str_to_uint(const char *s, int base, uint64_t max, uint64_t *value) MUST_CHECK;

/* "N" or "N-N", decimal numbers from 'min' to 'max', the first no more than the second: sets their
 * bits in 'set', the number N being bit N % 64 of word N / 64. */
bool str_to_set(const char *s, unsigned min, unsigned max, uint64_t *set) MUST_CHECK;

/* A number of at most 16 bits. */
bool str_to_u16(const char *s, int base, uint16_t *value) MUST_CHECK;

/* A number of at most 32 bits. */
bool str_to_u32(const char *s, int base, uint32_t *value) MUST_CHECK;

/* A number of at most 64 bits. */
bool str_to_u64(const char *s, int base, uint64_t *value) MUST_CHECK;

/* Replaces control characters of 'text' by '?': they could break a line or drive a terminal. */
void str_tame(char *text);

/* Ethernet addresses --------------------------------------------------------------------------- */

enum { MAC_TEXT_SIZE = 18 /* Bytes of an Ethernet address as text, NUL included. */ };

/* Writes 'mac' to 'text' as "00:11:22:33:44:55"; returns 'text'. */
const char *mac_format(const uint8_t mac[6], char text[MAC_TEXT_SIZE]);

#endif
