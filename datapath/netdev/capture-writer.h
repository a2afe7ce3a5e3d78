/* SPDX-License-Identifier: Apache-2.0 */
/* A capture file that is written as the send side of a device. */
#ifndef DATAPATH_NETDEV_CAPTURE_WRITER_H
#define DATAPATH_NETDEV_CAPTURE_WRITER_H

#include <stdint.h>

struct capture_writer;
struct packet;

/* Writes pcap files of Ethernet frames with times in nanoseconds. A frame that was captured, by a
 * device of this kind, keeps its time; any other (one that a controller sent, one from another kind
 * of device) gets that of the batch, mapped to the wall clock as it was when the file was opened.
 *
 * Life cycle: _open(), then either _start(), any number of _send() and _close(), or _close() alone.
 *
 * Threads: _send() is for all threads at once, without a lock, the rest for the control thread. */

/* Opens the file 'path', or makes it. No capture_writer or capture_reader may have it open, nor get
 * it while we have it. 'name' is the device's, for messages, and is borrowed. Returns 0, or an
 * errno with *error a malloc()ed sentence. */
int capture_writer_open(const char *name, const char *path, struct capture_writer **writer,
                        char **error);

/* Empties the file: once, before anything is sent. If that fails it is logged, and what is sent is
 * lost. */
void capture_writer_start(struct capture_writer *writer);

/* Removes the file if it was made here and not started. Accepts NULL. */
void capture_writer_close(struct capture_writer *writer);

/* Appends 'n' packets, up to PACKET_BATCH_MAX, at time 'now' of CLOCK_MONOTONIC. Returns how many
 * were written whole; if that is less than 'n', *error is an errno, and nothing is written any
 * more. */
unsigned capture_writer_send(struct capture_writer *writer, int64_t now,
                             struct packet *const packets[], unsigned n, int *error);

#endif
