/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of packets share: frames from text, and random numbers. */
#ifndef TESTS_PACKET_TESTING_H
#define TESTS_PACKET_TESTING_H

#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/packet/frame.h"
#include "lib/packet/packet.h"
#include "tests/random.h"
#include "tests/unit.h"

/* Appends the frame of 'text' to '*out'; the test fails if it is wrong. */
static inline void frame_from(const char *text, struct bytes *out)
{
    char *error = NULL;
    int result = frame_build(text, out, &error);
    if (result) {
        print_error("%s\n", error);
    }
    assert_int_equal(result, 0);
}

/* Makes '*p' a packet with the 'size' bytes at 'data' in memory of exactly that size, so that the
 * sanitizer sees every byte read beyond; packet_free() frees it. */
static inline void packet_exact(struct packet *p, const void *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    if (size) {
        memcpy(copy, data, size);
    }
    packet_use(p, copy, size, copy, size);
}

/* The same from text. */
static inline void packet_from(struct packet *p, const char *text)
{
    struct bytes frame = BYTES_INIT;
    frame_from(text, &frame);
    packet_exact(p, frame.data, frame.size);
    bytes_uninit(&frame);
}

/* Frees what packet_exact() or packet_from() made. */
static inline void packet_free(struct packet *p)
{
    free(p->base);
    p->base = p->data = NULL;
}

#endif
