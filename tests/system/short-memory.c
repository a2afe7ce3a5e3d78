/* SPDX-License-Identifier: Apache-2.0 */
/* A library to be loaded first, which lets the Nth allocation fail, or all from there on. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What the environment says:
 *
 *     FAIL_AT=N        number of the allocation that fails
 *     FAIL_ON=1        those after it fail too
 *     FAIL_LATER=1     they are counted from SIGUSR2 on, else from the start
 *     FAIL_COUNT=FILE  where their number is written at the end */

/* What stands behind the C library's malloc() and the like. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);

static int64_t fail_at; /* Number of the allocation that fails; 0: none does. */
static bool fail_on;    /* Those after it fail too. */
static int64_t count;   /* Allocations until now. */

/* Begins to count. */
static void begin(int number)
{
    (void) number;
    __atomic_store_n(&count, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&fail_at, atoll(getenv("FAIL_AT")), __ATOMIC_RELAXED);
}

/* Reads what is wanted; allocations before that are the loader's. */
__attribute__((constructor)) static void load(void)
{
    fail_on = getenv("FAIL_ON") != NULL;
    if (getenv("FAIL_LATER")) {
        signal(SIGUSR2, begin);
    } else if (getenv("FAIL_AT")) {
        begin(0);
    }
}

/* Tells how many there were. */
__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAIL_COUNT");
    long long n = __atomic_load_n(&count, __ATOMIC_RELAXED);
    FILE *f = path ? fopen(path, "w") : NULL;
    if (f) {
        fprintf(f, "%lld\n", n);
        fclose(f);
    }
}

/* Counts an allocation.  True if it fails. */
static bool fails(void)
{
    int64_t n = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
    int64_t at = __atomic_load_n(&fail_at, __ATOMIC_RELAXED);
    if (at && (n == at || (fail_on && n > at))) {
        errno = ENOMEM;
        return true;
    }
    return false;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    return fails() ? NULL : __libc_realloc(p, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    return fails() ? NULL : __libc_memalign(align, size);
}

void *memalign(size_t align, size_t size)
{
    return fails() ? NULL : __libc_memalign(align, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
    *p = fails() ? NULL : __libc_memalign(align, size);
    return *p ? 0 : ENOMEM;
}
