/* SPDX-License-Identifier: Apache-2.0 */
/* A test's hand on a device: plain frames out of it and into it, as they are on the wire. */
#ifndef TESTS_NETDEV_WIRE_H
#define TESTS_NETDEV_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Opens device 'name' of the present namespace for wire_send() and wire_receive(). Returns a
 * descriptor that the caller closes; -1 if that fails. */
int wire_open(const char *name);

/* Sends a frame. Returns false if the kernel refuses it. */
bool wire_send(int wire, const void *frame, size_t size);

/* Waits up to 'timeout_ms' for a frame that the device received and stores it, with its VLAN tag,
 * in 'frame', which has 'room' bytes. Returns its size; 0 if none came. */
size_t wire_receive(int wire, uint8_t *frame, size_t room, int timeout_ms);

/* Builds an untagged frame of 'size' bytes from one MAC address to another, with local EtherType
 * 0x88b5 and content that depends on 'seed', in 'frame'. */
void wire_make_frame(uint8_t *frame, size_t size, unsigned seed);

/* Puts a VLAN tag into the frame of 'size' bytes. Returns the new size. */
size_t wire_add_tag(uint8_t *frame, size_t size, uint16_t tpid, uint16_t tci);

#endif
