/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: decodes a message, walks over its entries, and encodes it again. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "tests/fuzz/fuzz.h"
#include "tests/openflow/wire.h"

/* An input is one byte of options and the message. */
enum {
    FROM_CONTROLLER = 1 << 0, /* As a controller's, else as a switch's. */
    KEEP_LENGTH = 1 << 1,     /* Leave the length field as it is, else mend it. */
};

static void walk_flow_stats(struct reader r)
{
    struct ofp_flow_stats fs;
    while (ofp_flow_stats_next(&r, &fs)) {
        action_list_outputs_to(&fs.actions, 1);
        action_list_uninit(&fs.actions);
    }
    promise(r.left == 0);
}

static void walk_nx_flow_stats(struct reader r)
{
    struct ofp_flow_stats fs;
    while (nx_flow_stats_next(&r, &fs)) {
        promise(fs.idle_age >= OFP_AGE_UNKNOWN && fs.hard_age >= OFP_AGE_UNKNOWN);
        action_list_uninit(&fs.actions);
    }
    promise(r.left == 0);
}

static void walk_table_stats(struct reader r)
{
    struct ofp_table_stats ts;
    while (ofp_table_stats_next(&r, &ts)) {
        promise(strlen(ts.name) < sizeof ts.name);
    }
    promise(r.left == 0);
}

static void walk_port_stats(struct reader r)
{
    struct ofp_port_stats ps;
    while (ofp_port_stats_next(&r, &ps)) {
        continue;
    }
    promise(r.left == 0);
}

static void walk_queue_stats(struct reader r)
{
    struct ofp_queue_stats qs;
    while (ofp_queue_stats_next(&r, &qs)) {
        continue;
    }
    promise(r.left == 0);
}

static void walk_ports(struct reader r)
{
    struct ofp_port port;
    while (ofp_port_next(&r, &port)) {
        promise(strlen(port.name) < sizeof port.name);
    }
    promise(r.left == 0);
}

static void walk_queues(struct reader r)
{
    struct ofp_queue queue;
    while (ofp_queue_next(&r, &queue)) {
        continue;
    }
    promise(r.left == 0);
}

/* Walks over the entries of '*m', if it has any, and expects to reach their end. */
static void walk_entries(const struct ofp_message *m)
{
    static void (*const walks[N_OFP_KINDS])(struct reader r) = {
        [OFP_FLOW_STATS_REPLY] = walk_flow_stats,
        [OFP_NXST_FLOW_REPLY] = walk_nx_flow_stats,
        [OFP_TABLE_STATS_REPLY] = walk_table_stats,
        [OFP_PORT_STATS_REPLY] = walk_port_stats,
        [OFP_QUEUE_STATS_REPLY] = walk_queue_stats,
        [OFP_PORT_DESC_REPLY] = walk_ports,
    };
    if (walks[m->kind]) {
        walks[m->kind](m->entries);
    } else if (m->kind == OFP_FEATURES_REPLY) {
        walk_ports(m->features.ports);
    } else if (m->kind == OFP_QUEUE_GET_CONFIG_REPLY) {
        walk_queues(m->queue_config.queues);
    }
}

/* Encodes '*m' and releases it. The caller owns the result. */
static struct bytes *encode(struct ofp_message *m)
{
    struct bytes *msg = ofp_message_encode(m);
    promise(msg != NULL);
    ofp_message_uninit(m);
    return msg;
}

/* What a decoded message is encoded to must decode, and come back as it is. */
static void check_fixed_point(struct ofp_message *m, bool from_controller)
{
    struct ofp_message again;
    struct bytes *once = encode(m);
    promise(!ofp_message_decode(&again, once->data, once->size, from_controller));
    promise(again.kind == m->kind && again.xid == m->xid && again.flags == m->flags);

    struct bytes *twice = encode(&again);
    promise(once->size == twice->size && !memcmp(once->data, twice->data, once->size));
    bytes_destroy(once);
    bytes_destroy(twice);
}

/* Errors can be told to the sender, in a message that can be decoded. */
static void check_error(int error, const void *data, size_t size)
{
    promise(ofperr_is(error));
    struct ofp_message m;
    struct bytes *msg = ofperr_encode(error, data, size);
    promise(!ofp_message_decode(&m, msg->data, msg->size, false) && m.kind == OFP_ERROR);
    bytes_destroy(msg);
}

const uint64_t fuzz_mutations = 10000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size - 1 > OFP_MAX_MESSAGE) {
        return 0;
    }

    bool from_controller = data[0] & FROM_CONTROLLER;
    uint8_t *msg = xmemdup(data + 1, size - 1);
    size--;
    if (!(data[0] & KEEP_LENGTH) && size >= OFP_HEADER_SIZE) {
        put_be16(msg + 2, (uint16_t) size);
    }

    struct ofp_message m;
    int error = ofp_message_decode(&m, msg, size, from_controller);
    if (error) {
        promise(m.kind == N_OFP_KINDS);
        check_error(error, msg, size);
        ofp_message_uninit(&m);
    } else {
        walk_entries(&m);
        check_fixed_point(&m, from_controller);
    }
    free(msg);
    return 0;
}

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    if (index >= n_wire_samples) {
        return NULL;
    }

    const struct wire_sample *s = &wire_samples[index];
    uint8_t *msg = wire_from_hex(s->hex, size);
    uint8_t *seed = xmalloc(*size + 1);
    seed[0] = s->from_controller ? FROM_CONTROLLER : 0;
    memcpy(seed + 1, msg, *size);
    free(msg);
    ++*size;
    return seed;
}
