/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: hostile bytes in arbitrary pieces are framed as a naive reading frames them. */
#include <string.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/channel/vconn.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

/* An input is a byte, the number of the message in whose handler the vconn is destroyed (0 never),
 * and steps: up to LAST_PIECE a piece of as many bytes and one, which follow; above it one of
 * other_steps. */
enum {
    LAST_PIECE = 0xdf,
};

const uint64_t fuzz_mutations = 20000;

/* A connection under attack. */
struct attack {
    struct timer_wheel wheel; /* The clock. */
    struct channel_env env;   /* What connections need. */
    struct stream *peer;      /* The attacker's end; NULL: it has closed. */
    struct vconn *vconn;      /* The victim; NULL: destroyed. */
    bool is_connected;        /* connected() came. */
    bool is_closed;           /* closed() came. */
    bool is_paused;           /* vconn_pause() holds. */
    unsigned destroy_at;      /* Destroy it in the handler of this message. */
    unsigned n_messages;      /* Delivered. */
    struct bytes sent;        /* All that the attacker sent. */
    struct bytes delivered;   /* All messages that were delivered. */
};

static void connected(void *aux)
{
    struct attack *a = aux;
    promise(!a->is_connected && !a->is_closed);
    a->is_connected = true;
}

static void message(void *aux, const uint8_t *data, size_t size)
{
    struct attack *a = aux;
    promise(a->is_connected && !a->is_closed && !a->is_paused);
    promise(size >= sizeof(struct ofp10_header) && get_be16(data + 2) == size);
    bytes_put(&a->delivered, data, size);
    if (++a->n_messages == a->destroy_at) {
        vconn_destroy(a->vconn);
        a->vconn = NULL;
    }
}

static void closed(void *aux, int error UNUSED, const char *reason)
{
    struct attack *a = aux;
    promise(!a->is_closed && reason);
    a->is_closed = true;
}

static const struct vconn_handlers handlers = {
    .connected = connected, .message = message, .closed = closed,
};

static const struct stream_handlers peer_handlers = {.received = NULL};

/* Lets everything happen that happens now. */
static void settle(struct attack *a)
{
    do {
        timer_wheel_advance(&a->wheel, timer_wheel_now(&a->wheel));
    } while (a->peer && stream_pair_deliver(a->peer));
}

static void step_pause(struct attack *a)
{
    if (a->is_connected && !a->is_closed) {
        a->is_paused = true;
        vconn_pause(a->vconn, true);
    }
}

static void step_resume(struct attack *a)
{
    if (a->is_connected && !a->is_closed) {
        a->is_paused = false;
        vconn_pause(a->vconn, false);
    }
}

static void step_wait(struct attack *a)
{
    timer_wheel_advance(&a->wheel, timer_wheel_now(&a->wheel) + SEC);
}

static void step_answer(struct attack *a)
{
    static const uint8_t reply[] = {1, OFPT_ECHO_REPLY, 0, 8, 0, 0, 0, 1};
    struct bytes *msg = bytes_create(sizeof reply);
    bytes_put(msg, reply, sizeof reply);
    vconn_send(a->vconn, msg);
}

static void step_shutdown(struct attack *a)
{
    stream_shutdown(a->peer);
}

static void (*const other_steps[])(struct attack *a) = {
    step_pause, step_resume, step_wait, step_answer, step_shutdown, settle,
};

/* Sends a piece. */
static void send_piece(struct attack *a, const uint8_t *data, size_t size)
{
    struct bytes *msg = bytes_create(size);
    bytes_put(msg, data, size);
    bytes_put(&a->sent, data, size);
    stream_send(a->peer, msg);
}

/* Does the steps in 'r', until the vconn is destroyed. */
static void play(struct attack *a, struct reader *r)
{
    bool is_shut = false;
    while (r->left && a->vconn) {
        uint8_t op = *(const uint8_t *) reader_pull(r, 1);
        if (op > LAST_PIECE) {
            void (*step)(struct attack *a) = other_steps[op % ARRAY_SIZE(other_steps)];
            is_shut |= step == step_shutdown;
            step(a);
        } else {
            size_t size = MIN((size_t) op + 1, r->left);
            const uint8_t *data = reader_pull(r, size);
            if (!is_shut && size) {
                send_piece(a, data, size);
            }
        }
        if (!(op & 1)) {
            settle(a);
        }
    }
}

/* What should have been delivered of 'sent', if nothing but the bytes decided. */
static void frame(const struct bytes *sent, struct bytes *out)
{
    size_t at = 0;
    bool is_open = false;
    while (sent->size - at >= 8) {
        const uint8_t *m = sent->data + at;
        size_t size = get_be16(m + 2);
        if (size < 8 || size > sent->size - at) {
            return;
        }
        if (!is_open && (m[1] != OFPT_HELLO || m[0] < OFP10_VERSION)) {
            return;
        }
        is_open = true;
        if (m[1] != OFPT_HELLO) {
            bytes_put(out, m, size);
        }
        at += size;
    }
}

/* Compares: all of it came, unless the vconn was destroyed or too slow to say HELLO. */
static void judge(const struct attack *a)
{
    struct bytes expected = BYTES_INIT;
    frame(&a->sent, &expected);
    promise(a->delivered.size <= expected.size);
    promise(!a->delivered.size
            || !memcmp(a->delivered.data, expected.data, a->delivered.size));
    if (a->vconn && a->is_connected) {
        promise(a->delivered.size == expected.size);
    }
    bytes_uninit(&expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) {
        return 0;
    }
    struct attack a = {.destroy_at = data[0] % 32};
    struct stream *victim;
    struct reader r;
    timer_wheel_init(&a.wheel, SEC);
    a.env.wheel = &a.wheel;
    stream_pair(&a.env, &a.peer, &victim);
    stream_set_handlers(a.peer, &peer_handlers, NULL);
    a.vconn = vconn_from_stream(&a.env, victim, &handlers, &a);
    reader_init(&r, data + 1, size - 1);
    play(&a, &r);
    if (a.vconn) {
        step_resume(&a);
        settle(&a);
    }
    judge(&a);
    vconn_destroy(a.vconn);
    stream_destroy(a.peer);
    bytes_uninit(&a.sent);
    bytes_uninit(&a.delivered);
    timer_wheel_uninit(&a.wheel);
    return 0;
}

static const char hello_and_echo[] =
    "\0\x07\1\0\0\x08\0\0\0\1\x0f\1\2\0\x10\0\0\0\2abcdefgh\xe0";
static const char one_by_one[] =
    "\2\0\1\0\4\0\0\0\0\0\x08\0\0\0\0\0\0\0\1\x0f\1\2\0\x08\0\0\0\2\1\3\0\x08\0\0\0\3\xe4";
static const char within_messages[] =
    "\0\x09\4\0\0\x0c\0\0\0\1\0\1\x08\0\x08\1\x12\0\x08\0\0\0\xe2\4\2\1\2\0\x09\xe3\0x\xe1\xe4";
static const char bad_length[] = "\0\x0f\1\0\0\x08\0\0\0\1\1\2\0\7\0\0\0\2\xe4";

static const struct {
    const char *data; /* Bytes. */
    size_t size;      /* How many. */
} seeds[] = {
    {hello_and_echo, sizeof hello_and_echo - 1},
    {one_by_one, sizeof one_by_one - 1},
    {within_messages, sizeof within_messages - 1},
    {bad_length, sizeof bad_length - 1},
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    if (index >= ARRAY_SIZE(seeds)) {
        return NULL;
    }
    *size = seeds[index].size;
    return xmemdup(seeds[index].data, *size);
}
