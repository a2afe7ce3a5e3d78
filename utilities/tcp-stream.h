/* SPDX-License-Identifier: Apache-2.0 */
/* One direction of a TCP connection, put in order from the segments of a capture. */
#ifndef UTILITIES_TCP_STREAM_H
#define UTILITIES_TCP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bytes.h"
#include "lib/list.h"

/* Segments may come late, twice, overlapping, or be missing from the capture.  A stream whose SYN
 * is not in the capture begins with the first segment that has data.
 *
 * Life cycle: tcp_stream_init(), tcp_stream_uninit().  Single thread. */
struct tcp_stream {
    bool is_started;     /* 'next' is known. */
    uint32_t first;      /* Sequence number of the first byte. */
    uint32_t next;       /* Sequence number of the byte behind 'data'. */
    struct bytes data;   /* Bytes in order that the owner has not taken yet. */
    struct list waiting; /* Pieces beyond a gap, by sequence number; owned. */
    size_t n_waiting;    /* How many. */
    size_t waiting_size; /* Bytes in them. */
    uint64_t lost;       /* Bytes that were skipped. */
};

/* A stream that has not begun. */
void tcp_stream_init(struct tcp_stream *s);

/* Releases what the stream owns. */
void tcp_stream_uninit(struct tcp_stream *s);

/* Takes a segment: its sequence number, whether it has SYN, and its data.  What is in order now is
 * in s->data.  It may cost as much as looking at all pieces that wait: the owner skips gaps before
 * there are too many. */
void tcp_stream_add(struct tcp_stream *s, uint32_t seq, bool syn, const void *data, size_t size);

/* Gives up the bytes that are missing in front of the first piece that waits: s->data is what
 * follows them.  False if nothing waits. */
bool tcp_stream_skip(struct tcp_stream *s);

#endif
