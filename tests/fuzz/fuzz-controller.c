/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a hostile switch of sluice-controller. */
#include <string.h>

#include "lib/byte-order.h"
#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/rconn.h"
#include "lib/channel/stream.h"
#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/timer-wheel.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "tests/fuzz/fuzz.h"
#include "tests/openflow/wire.h"
#include "utilities/controller-switch.h"

/* An input is a byte with the policy, and steps: a byte that chooses one, and what belongs to it.
 * Whatever the switch says, all that it hears is good OpenFlow of a controller. */
enum {
    STEPS_MAX = 200, /* Steps of an input. */
    ROUNDS_MAX = 100, /* Rounds of delivery until all is at rest. */
};

const uint64_t fuzz_mutations = 400;

/* A controller and its switch, which the input plays. */
struct play {
    struct timer_wheel wheel;    /* Time. */
    struct channel_env env;      /* Of the streams. */
    struct stream *stream;       /* The switch's end; NULL when it is closed. */
    struct controller_switch *c; /* Under test; NULL when it has gone. */
    struct bytes heard;          /* What the switch has heard, not yet looked at. */
    struct reader r;             /* What is left of the input. */
};

/* Looks at the whole messages that came. */
static void check_heard(struct play *p)
{
    while (p->heard.size >= OFP_HEADER_SIZE) {
        struct ofp_message m;
        size_t size = get_be16(p->heard.data + 2);
        promise(size >= OFP_HEADER_SIZE);
        if (p->heard.size < size) {
            break;
        }
        promise(p->heard.data[0] == OFP10_VERSION);
        promise(p->heard.data[1] == OFPT_ECHO_REPLY
                || !ofp_message_decode(&m, p->heard.data, size, true));
        if (p->heard.data[1] != OFPT_ECHO_REPLY) {
            ofp_message_uninit(&m);
        }
        bytes_pull(&p->heard, size);
    }
}

static void on_received(void *aux, const uint8_t *data, size_t size)
{
    struct play *p = aux;
    bytes_put(&p->heard, data, size);
    check_heard(p);
}

static void on_closed(void *aux, int error UNUSED, const char *reason UNUSED)
{
    struct play *p = aux;
    stream_destroy(p->stream);
    p->stream = NULL;
}

static const struct stream_handlers handlers = {.received = on_received, .closed = on_closed};

static void on_gone(void *aux, struct controller_switch *c)
{
    struct play *p = aux;
    p->c = NULL;
    controller_switch_destroy(c);
}

/* Delivers until nothing moves. */
static void settle(struct play *p)
{
    for (int i = 0; i < ROUNDS_MAX && stream_hub_deliver(p->env.hub); i++) {
        continue;
    }
}

static uint8_t next(struct play *p)
{
    const uint8_t *byte = reader_pull(&p->r, 1);
    return byte ? *byte : 0;
}

static void say(struct play *p, const void *data, size_t size)
{
    struct bytes *msg = bytes_create(size);
    bytes_put(msg, data, size);
    stream_send(p->stream, msg);
}

/* Bytes of the input as they are. */
static void step_bytes(struct play *p)
{
    size_t n = MIN((size_t) next(p) + 1, p->r.left);
    say(p, reader_pull(&p->r, n), n);
}

/* A good message with some bytes changed. */
static void step_message(struct play *p)
{
    size_t size;
    uint8_t *msg = wire_from_hex(wire_samples[next(p) % n_wire_samples].hex, &size);
    for (unsigned n = next(p) % 8; n; n--) {
        size_t at = next(p);
        msg[at % size] = next(p);
    }
    say(p, msg, size);
    free(msg);
}

/* A frame from one of a few hosts comes in by one of a few ports. */
static void step_packet_in(struct play *p)
{
    uint8_t frame[60] = {2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 8, 6};
    frame[5] = next(p) % 8;
    frame[11] = next(p) % 8;
    struct ofp_message m = {.version = OFP10_VERSION, .kind = OFP_PACKET_IN};
    m.packet_in = (struct ofp_packet_in){.buffer_id = next(p), .total_len = 60,
                                         .in_port = next(p) % 8,
                                         .data = {.data = frame, .size = sizeof frame}};
    struct bytes *msg = ofp_message_encode(&m);
    stream_send(p->stream, msg);
}

/* Time passes: probes, and the end of who does not answer them. */
static void step_time(struct play *p)
{
    timer_wheel_advance(&p->wheel, timer_wheel_now(&p->wheel) + next(p) * SEC / 4);
}

static void (*const steps[])(struct play *p) = {
    step_bytes, step_message, step_packet_in, step_time,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t hello[] = {OFP10_VERSION, OFPT_HELLO, 0, OFP_HEADER_SIZE, 0, 0, 0, 1};
    static const struct rconn_config config = {.seed = 1, .inactivity_probe = 5 * SEC};
    struct play p = {.r = {data, size}, .heard = BYTES_INIT};
    struct stream *other;
    vlog_set_stderr(false);
    uint8_t options = next(&p);
    const struct controller_policy policy = {
        .hub = options & 1, .no_flow = options & 2, .wildcards = options & 4, .max_idle = 60,
    };
    timer_wheel_init(&p.wheel, SEC);
    p.env = (struct channel_env){.wheel = &p.wheel, .hub = stream_hub_create()};
    stream_pair(&p.env, &p.stream, &other);
    stream_set_handlers(p.stream, &handlers, &p);
    p.c = controller_switch_accept(&p.env, other, &config, &policy, on_gone, &p);
    say(&p, hello, sizeof hello);
    settle(&p);
    for (int i = 0; i < STEPS_MAX && p.r.left && p.stream && p.c; i++) {
        steps[next(&p) % ARRAY_SIZE(steps)](&p);
        settle(&p);
    }
    controller_switch_destroy(p.c);
    stream_destroy(p.stream);
    settle(&p);
    stream_hub_destroy(p.env.hub);
    bytes_uninit(&p.heard);
    timer_wheel_uninit(&p.wheel);
    return 0;
}

/* Steps of each kind, for each policy. */
uint8_t *fuzz_seed(size_t index, size_t *size)
{
    struct bytes out = BYTES_INIT;
    if (index >= n_wire_samples + 8) {
        return NULL;
    }
    bytes_put_u8(&out, (uint8_t) (index % 8));
    if (index < n_wire_samples) {
        bytes_put_u8(&out, 1);
        bytes_put_u8(&out, (uint8_t) index);
        bytes_put_u8(&out, 0);
    }
    for (uint8_t i = 0; i < 20; i++) {
        const uint8_t packet_in[] = {2, i, (uint8_t) (i + 1), i, (uint8_t) (i / 3)};
        bytes_put(&out, packet_in, sizeof packet_in);
    }
    bytes_put(&out, "\3\x30\3\x30\0\x07\1\2\0\x08\0\0\0\1", 14);
    *size = out.size;
    return bytes_steal(&out);
}
