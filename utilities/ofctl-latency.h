/* SPDX-License-Identifier: Apache-2.0 */
/* How long answers took: requests and replies, packet_ins and what controllers made of them. */
#ifndef UTILITIES_OFCTL_LATENCY_H
#define UTILITIES_OFCTL_LATENCY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Sums over all connections of a capture. */
struct latencies;

/* What is open on one connection. */
struct latency_session;

/* Sums of nothing yet. */
struct latencies *latencies_create(void);

/* All sessions are gone before.  Accepts NULL. */
void latencies_destroy(struct latencies *all);

/* A connection begins; what it has to tell is added to 'all', which outlives it. */
struct latency_session *latency_session_create(struct latencies *all);

/* The connection is over: what is open has not been answered.  Accepts NULL. */
void latency_session_destroy(struct latency_session *s);

/* The message of 'size' bytes at 'data' went in 'direction' (0 or 1) at 'now' nanoseconds. */
void latency_message(struct latency_session *s, int direction, const uint8_t *data, size_t size,
                     int64_t now);

/* Prints the tables. */
void latencies_print(const struct latencies *all, FILE *stream);

#endif
