/* SPDX-License-Identifier: Apache-2.0 */
/* One direction of a TCP connection, put in order from the segments of a capture. */
#include "utilities/tcp-stream.h"

#include <stdlib.h>

/* Sequence numbers are compared as differences modulo 2^32, so that they may wrap. */

/* Data beyond a gap. */
struct piece {
    struct list node;  /* In tcp_stream.waiting. */
    uint32_t seq;      /* Sequence number of the first byte. */
    struct bytes data; /* At least one byte. */
};

static void piece_destroy(struct tcp_stream *s, struct piece *p)
{
    list_remove(&p->node);
    s->n_waiting--;
    s->waiting_size -= p->data.size;
    bytes_uninit(&p->data);
    free(p);
}

/* The first piece that waits, or NULL. */
static struct piece *first_piece(const struct tcp_stream *s)
{
    return list_is_empty(&s->waiting) ? NULL : CONTAINER_OF(s->waiting.next, struct piece, node);
}

void tcp_stream_init(struct tcp_stream *s)
{
    *s = (struct tcp_stream){.is_started = false};
    list_init(&s->waiting);
}

void tcp_stream_uninit(struct tcp_stream *s)
{
    for (struct piece *p; (p = first_piece(s));) {
        piece_destroy(s, p);
    }
    bytes_uninit(&s->data);
}

/* Appends what is new of the bytes from 'seq' on, which is not beyond s->next. */
static void append(struct tcp_stream *s, uint32_t seq, const uint8_t *data, size_t size)
{
    uint32_t old = s->next - seq;
    if (old < size) {
        bytes_put(&s->data, data + old, size - old);
        s->next += (uint32_t) (size - old);
    }
}

/* Appends the pieces that follow without a gap. */
static void append_waiting(struct tcp_stream *s)
{
    for (struct piece *p; (p = first_piece(s)) && (int32_t) (p->seq - s->next) <= 0;) {
        append(s, p->seq, p->data.data, p->data.size);
        piece_destroy(s, p);
    }
}

/* Keeps data that is beyond a gap: behind what begins before it or with it.  Most segments are in
 * order but for one that is missing, so the place is looked for from the end. */
static void keep(struct tcp_stream *s, uint32_t seq, const void *data, size_t size)
{
    struct piece *p = xzalloc(sizeof *p);
    struct list *after = s->waiting.prev;
    p->seq = seq;
    bytes_put(&p->data, data, size);
    while (after != &s->waiting
           && (int32_t) (CONTAINER_OF(after, struct piece, node)->seq - seq) > 0) {
        after = after->prev;
    }
    list_insert(after->next, &p->node);
    s->n_waiting++;
    s->waiting_size += size;
}

void tcp_stream_add(struct tcp_stream *s, uint32_t seq, bool syn, const void *data, size_t size)
{
    seq += syn;
    if (!s->is_started && (syn || size)) {
        s->is_started = true;
        s->first = s->next = seq;
    }
    if (!size) {
        return;
    }
    if ((int32_t) (seq - s->next) > 0) {
        keep(s, seq, data, size);
    } else {
        append(s, seq, data, size);
        append_waiting(s);
    }
}

bool tcp_stream_skip(struct tcp_stream *s)
{
    const struct piece *p = first_piece(s);
    if (p) {
        s->lost += p->seq - s->next + s->data.size;
        s->next = p->seq;
        bytes_clear(&s->data);
        append_waiting(s);
    }
    return p;
}
