/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the messages about queues. */
#include <stdlib.h>
#include <string.h>

#include "lib/openflow/ofp-errors.h"
#include "lib/openflow/ofp-msgs.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"
#include "tests/openflow/wire.h"
#include "tests/unit.h"

/* Compares 'msg' with 'hex'. */
static void assert_bytes(const struct bytes *msg, const char *hex)
{
    size_t size;
    uint8_t *wanted = wire_from_hex(hex, &size);
    assert_int_equal(msg->size, size);
    assert_memory_equal(msg->data, wanted, size);
    free(wanted);
}

/* Decodes the queue config reply 'hex' and returns the error; with 0 its queues are in 'queues',
 * and their number, at most 4, in '*n'. */
static int decode_config(const char *hex, struct ofp_queue queues[4], size_t *n)
{
    size_t size;
    uint8_t *data = wire_from_hex(hex, &size);
    struct ofp_message m;
    int error = ofp_message_decode(&m, data, size, false);
    *n = 0;
    while (!error && *n < 4 && ofp_queue_next(&m.queue_config.queues, &queues[*n])) {
        ++*n;
    }
    free(data);
    return error;
}

/* rows: A8.1 */
static void queue_config_has_a_minimum_rate_or_none(void **state UNUSED)
{
    struct ofp_queue limited = {.queue_id = 1, .min_rate = 200};
    struct ofp_queue free_queue = {.queue_id = 2, .min_rate = UINT16_MAX};
    struct bytes *msg = ofp_msg_start(OFP_QUEUE_GET_CONFIG_REPLY, 0x11);
    ofp_queue_config_put(msg, 1);
    assert_true(ofp_queue_put(msg, &limited));
    assert_true(ofp_queue_put(msg, &free_queue));
    ofp_msg_finish(msg);
    assert_bytes(msg, "01 15 0030 00000011 0001 00*6 "
                      "00000001 0018 0000 0001 0010 00000000 00c8 00*6 "
                      "00000002 0008 0000");

    struct ofp_message m;
    struct ofp_queue queue;
    assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
    assert_int_equal(m.queue_config.port_no, 1);
    assert_true(ofp_queue_next(&m.queue_config.queues, &queue));
    assert_int_equal(queue.queue_id, 1);
    assert_int_equal(queue.min_rate, 200);
    assert_true(ofp_queue_next(&m.queue_config.queues, &queue));
    assert_int_equal(queue.queue_id, 2);
    assert_int_equal(queue.min_rate, UINT16_MAX);
    assert_false(ofp_queue_next(&m.queue_config.queues, &queue));
    bytes_destroy(msg);
}

static void unknown_properties_of_a_queue_are_skipped(void **state UNUSED)
{
    struct ofp_queue queues[4];
    size_t n;
    assert_int_equal(decode_config("01 15 0040 00000011 0001 00*6 "
                                   "00000001 0028 0000 "
                                   "0077 0010 00000000 00*8 "
                                   "0001 0010 00000000 0064 00*6 "
                                   "00000002 0008 0000", queues, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(queues[0].min_rate, 100);
    assert_int_equal(queues[1].min_rate, UINT16_MAX);
}

static void queues_whose_lengths_lie_are_bad_len(void **state UNUSED)
{
    static const char *const hexes[] = {
        "01 15 0014 00000011 0001 00*6 00000001",                           /* Cut off. */
        "01 15 0018 00000011 0001 00*6 00000001 0000 0000",                 /* Length 0. */
        "01 15 0018 00000011 0001 00*6 00000001 0007 0000",                 /* Too short. */
        "01 15 0018 00000011 0001 00*6 00000001 0009 0000",                 /* Too long. */
        "01 15 0018 00000011 0001 00*6 00000001 ffff 0000",                 /* Far too long. */
        "01 15 001c 00000011 0001 00*6 00000001 000c 0000 0001 0010",       /* Half a property. */
        "01 15 0020 00000011 0001 00*6 00000001 0010 0000 0001 0000 00*4",  /* Property of 0. */
        "01 15 0020 00000011 0001 00*6 00000001 0010 0000 0001 0010 00*4",  /* Beyond its queue. */
        "01 15 0020 00000011 0001 00*6 00000001 0010 0000 0001 0008 00*4",  /* Without a rate. */
        "01 15 0028 00000011 0001 00*6 00000001 0010 0000 0001 0010 00*12", /* Into the next. */
    };
    for (size_t i = 0; i < ARRAY_SIZE(hexes); i++) {
        struct ofp_queue queues[4];
        size_t n;
        assert_int_equal(decode_config(hexes[i], queues, &n), OFPERR_BAD_REQUEST_BAD_LEN);
    }
}

static void queue_that_does_not_fit_is_not_put(void **state UNUSED)
{
    struct ofp_queue queue = {.min_rate = UINT16_MAX};
    struct bytes *msg = ofp_msg_start(OFP_QUEUE_GET_CONFIG_REPLY, 0);
    ofp_queue_config_put(msg, 1);
    unsigned n = 0;
    while (ofp_queue_put(msg, &queue)) {
        n++;
    }
    assert_int_equal(n, (65535 - 16) / 8);
    assert_int_equal(msg->size, 16 + n * 8);
    ofp_msg_finish(msg);
    bytes_destroy(msg);
}

static void queue_config_request_names_a_port(void **state UNUSED)
{
    struct ofp_message m = {.kind = OFP_QUEUE_GET_CONFIG_REQUEST, .xid = 0x11, .port_no = 0xfffe};
    struct bytes *msg = ofp_message_encode(&m);
    assert_bytes(msg, "01 14 000c 00000011 fffe 0000");
    struct ofp_message again;
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, true), 0);
    assert_int_equal(again.port_no, 0xfffe);
    bytes_destroy(msg);
}

/* rows: A8.9 */
static void queue_stats_request_names_port_and_queue(void **state UNUSED)
{
    struct ofp_message m = {
        .kind = OFP_QUEUE_STATS_REQUEST,
        .xid = 0x17,
        .queue_stats_request = {.port_no = OFPP_ALL, .queue_id = OFPQ_ALL},
    };
    struct bytes *msg = ofp_message_encode(&m);
    assert_bytes(msg, "01 10 0014 00000017 0005 0000 fffc 0000 ffffffff");
    struct ofp_message again;
    assert_int_equal(ofp_message_decode(&again, msg->data, msg->size, true), 0);
    assert_int_equal(again.queue_stats_request.port_no, OFPP_ALL);
    assert_int_equal(again.queue_stats_request.queue_id, OFPQ_ALL);
    bytes_destroy(msg);
}

/* rows: A8.9 */
static void queue_stats_are_32_bytes(void **state UNUSED)
{
    struct ofp_queue_stats qs = {.port_no = 1, .queue_id = 7, .tx_bytes = 100, .tx_packets = 2,
                                 .tx_errors = 3};
    struct bytes *msg = ofp_msg_start(OFP_QUEUE_STATS_REPLY, 0x17);
    ofp_queue_stats_put(msg, &qs);
    ofp_msg_finish(msg);
    assert_bytes(msg, "01 11 002c 00000017 0005 0000 0001 0000 00000007 "
                      "0000000000000064 0000000000000002 0000000000000003");

    struct ofp_message m;
    struct ofp_queue_stats again = {0};
    assert_int_equal(ofp_message_decode(&m, msg->data, msg->size, false), 0);
    assert_true(ofp_queue_stats_next(&m.entries, &again));
    assert_int_equal(again.port_no, 1);
    assert_int_equal(again.queue_id, 7);
    assert_int_equal(again.tx_bytes, 100);
    assert_int_equal(again.tx_packets, 2);
    assert_int_equal(again.tx_errors, 3);
    assert_false(ofp_queue_stats_next(&m.entries, &again));
    bytes_destroy(msg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue_config_has_a_minimum_rate_or_none),
        cmocka_unit_test(unknown_properties_of_a_queue_are_skipped),
        cmocka_unit_test(queues_whose_lengths_lie_are_bad_len),
        cmocka_unit_test(queue_that_does_not_fit_is_not_put),
        cmocka_unit_test(queue_config_request_names_a_port),
        cmocka_unit_test(queue_stats_request_names_port_and_queue),
        cmocka_unit_test(queue_stats_are_32_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
