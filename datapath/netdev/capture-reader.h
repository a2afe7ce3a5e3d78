/* SPDX-License-Identifier: Apache-2.0 */
/* A capture file that is played as the receive side of a device. */
#ifndef DATAPATH_NETDEV_CAPTURE_READER_H
#define DATAPATH_NETDEV_CAPTURE_READER_H

#include <stdbool.h>
#include <stdint.h>

struct capture_frame;
struct capture_reader;

/* Reads pcap and pcapng files of Ethernet frames.
 *
 * Life cycle: capture_reader_open(), capture_reader_next() until it has ended,
 * capture_reader_close().
 *
 * Threads: _open() and _close() are the control thread's, _next() is the receiving thread's, the
 * rest is for any. */

/* When frames are due. */
struct capture_pace {
    bool as_recorded; /* At the distances of their times in the file; else all at once. */
    int64_t delay;    /* Nanoseconds from the first capture_reader_next() to the first frame. */
};

/* Opens the regular file 'path', which no capture_writer may have open, nor get while we have it.
 * 'name' is the device's, for messages, and is borrowed. Returns 0, or an errno with *error a
 * malloc()ed sentence. */
int capture_reader_open(const char *name, const char *path, const struct capture_pace *pace,
                        struct capture_reader **reader, char **error);

/* Accepts NULL. */
void capture_reader_close(struct capture_reader *reader);

/* Takes the next frame if it is due at 'now', a time of CLOCK_MONOTONIC. False if none is. */
bool capture_reader_next(struct capture_reader *reader, int64_t now, struct capture_frame *frame);

/* Whether there is no frame left. */
bool capture_reader_has_ended(const struct capture_reader *reader);

/* Descriptor that is readable from when a frame is due until it has been taken. */
int capture_reader_fd(const struct capture_reader *reader);

#endif
