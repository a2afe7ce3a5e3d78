/* SPDX-License-Identifier: Apache-2.0 */
/* Super-frames for the tests of offloads, and the judge of what they are cut into. */
#ifndef TESTS_PACKET_CUTTING_H
#define TESTS_PACKET_CUTTING_H

#include <stddef.h>
#include <stdint.h>

#include "lib/bytes.h"
#include "lib/packet/packet.h"
#include "tests/packet/oracle.h"

/* What came out of offload_segment(). */
struct catch {
    struct bytes payload;    /* All payload, one after the other. */
    struct oracle original;  /* The super-frame before it was one. */
    unsigned n;              /* Frames so far. */
    unsigned wanted;         /* Frames to come in all. */
    size_t size;             /* Bytes of all frames so far. */
    size_t gso_size;         /* Payload of each frame but the last. */
    struct packet last;      /* The last frame; 'data' is no longer valid. */
};

/* Builds in '*p' the frame of 'inner' inside the one of 'outer', which ends in an open "data ...".
 * packet_free() frees it. */
void tunnel_from(struct packet *p, const char *outer, const char *inner);

/* Makes the innermost checksum of 'p', which is right, unfinished, and sets the metadata. */
void unfinish(struct packet *p);

/* Makes 'p' a super-frame of segments of 'gso_size' bytes. */
void make_super(struct packet *p, uint16_t gso_size);

/* For offload_segment(): judges 'frame' and keeps its payload in 'aux', a struct catch, whose owner
 * frees that. */
void catch_frame(void *aux, struct packet *frame);

/* Cuts 'p', a right frame, as a super-frame of 'gso_size', and judges all that comes out. */
void check_cut(struct packet *p, uint16_t gso_size);

#endif
