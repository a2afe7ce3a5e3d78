/* SPDX-License-Identifier: Apache-2.0 */
/* What a fuzz target is. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* A target is one file fuzz-NAME.c with the two functions below.  Linked with -fsanitize=fuzzer it
 * is driven by libFuzzer; linked with standalone.c it needs no more than a C compiler, and is a
 * test that runs the seeds and a fixed number of mutations of them, the same ones every time. */

/* Gives the 'size' bytes at 'data' to what is tested; aborts if a promise is broken. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns seed number 'index' as malloc()ed bytes that the caller frees, with their number in
 * '*size'; NULL if there are not as many. */
uint8_t *fuzz_seed(size_t index, size_t *size);

#endif
