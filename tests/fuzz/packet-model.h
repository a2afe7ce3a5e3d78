/* SPDX-License-Identifier: Apache-2.0 */
/* What actions make of a frame, written without lib/packet: slowly and plainly. */
#ifndef TESTS_FUZZ_PACKET_MODEL_H
#define TESTS_FUZZ_PACKET_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bytes.h"
#include "lib/packet/offload.h"

enum {
    MODEL_FRAME_MAX = 4096, /* Bytes of a frame that comes in. */
    MODEL_ROOM = 256,       /* Bytes for the tags that are added. */
};

/* A frame whose checksums are finished. */
struct model {
    uint8_t data[MODEL_FRAME_MAX + MODEL_ROOM]; /* Its bytes. */
    size_t size;                                /* How many. */
};

/* Whether it makes no difference to the model when a checksum is finished: not so for a CRC that
 * covers bytes behind the datagram, because SCTP's own does not. */
bool model_can_finish(const uint8_t *data, size_t size, const struct vnet_header *vnet);

/* Makes '*m' of the frame of 'size' bytes at 'data', finishing what 'vnet' says. */
void model_init(struct model *m, const uint8_t *data, size_t size, const struct vnet_header *vnet);

/* Sets the bits 'mask' of the outer tag to 'value', or adds a tag with 'value'. */
void model_set_vlan(struct model *m, uint16_t mask, uint16_t value);

/* Takes the outer tag off, if there is one. */
void model_strip_vlan(struct model *m);

/* Sets the IPv4 address at 'offset' of the header, if there is one; 'ip' in host order. */
void model_set_nw(struct model *m, size_t offset, uint32_t ip);

/* Sets the upper six bits of TOS or traffic class. */
void model_set_tos(struct model *m, uint8_t tos);

/* Sets the port at 'offset' of TCP, UDP or SCTP. */
void model_set_tp(struct model *m, size_t offset, uint16_t port);

/* Whether a frame is the expected one.  The two zeros of a checksum are the same but in UDP. */
bool model_equal(const struct bytes *expected, const uint8_t *data, size_t size);

/* Whether a frame has the headers of the longer one that is expected, from which it was cut: all up
 * to the ports but what each frame has for itself, sizes, identification and checksums. */
bool model_has_headers(const struct bytes *expected, const uint8_t *data, size_t size);

/* Whether sizes and checksums of outer IP and, in whole packets, of TCP and UDP are right. */
bool model_is_right(const uint8_t *data, size_t size);

/* Bytes of TCP's or UDP's payload in a frame. */
size_t model_payload(const uint8_t *data, size_t size);

/* Offset of the outer TCP or UDP header; 0 if there is none. */
size_t model_l4(const uint8_t *data, size_t size);

/* Version of the outer IP header; 0 if there is none. */
unsigned model_ip_version(const uint8_t *data, size_t size);

#endif
