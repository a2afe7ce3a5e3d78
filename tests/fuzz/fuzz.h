/* SPDX-License-Identifier: Apache-2.0 */
/* What a fuzz target is. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A target is one file fuzz-NAME.c with the two functions and the number below.  Linked with
 * -fsanitize=fuzzer it is driven by libFuzzer; linked with standalone.c it needs no more than a C
 * compiler, and is a test that runs inputs which once failed, the seeds, and a fixed number of
 * mutations of them, the same ones every time. */

/* Gives the 'size' bytes at 'data' to what is tested; aborts if a promise is broken. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns seed number 'index' as malloc()ed bytes that the caller frees, with their number in
 * '*size'; NULL if there are not as many. */
uint8_t *fuzz_seed(size_t index, size_t *size);

/* Mutations of each seed that standalone.c runs: so many that it takes a second or two. */
extern const uint64_t fuzz_mutations;

/* Aborts if 'condition' does not hold; in any build. */
static inline void promise(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* The bytes at 'data', but no more than 'max', as a string that the caller frees. */
static inline char *fuzz_text(const uint8_t *data, size_t size, size_t max)
{
    size = size < max ? size : max;
    char *text = calloc(1, size + 1);
    promise(text != NULL);
    memcpy(text, data, size);
    return text;
}

/* fuzz_seed() for a target whose seeds are the 'n' texts 'seeds'. */
static inline uint8_t *fuzz_text_seed(const char *const seeds[], size_t n, size_t index,
                                      size_t *size)
{
    if (index >= n) {
        return NULL;
    }
    *size = strlen(seeds[index]);
    return (uint8_t *) fuzz_text((const uint8_t *) seeds[index], *size, *size);
}

#endif
