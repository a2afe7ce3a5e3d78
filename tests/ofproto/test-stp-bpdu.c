/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the bytes of BPDUs. */
/* rows: A7.7 */
#include <errno.h>
#include <string.h>

#include "lib/util.h"
#include "ofproto/stp-bpdu.h"
#include "tests/unit.h"

static const uint8_t mac[6] = {0x02, 0, 0, 0, 0, 0x0a};

/* A configuration BPDU as 802.1D-1998, figure 9-1, has it. */
static const uint8_t config_frame[BPDU_FRAME_SIZE] = {
    0x01, 0x80, 0xc2, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x0a, /* Addresses. */
    0x00, 0x26, 0x42, 0x42, 0x03,                                           /* Size, LLC. */
    0x00, 0x00, 0x00, 0x00,                                                 /* Kind. */
    0x81,                                                                   /* TC, TC ack. */
    0x80, 0x00, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,                         /* Root. */
    0x00, 0x00, 0x00, 0x13,                                                 /* Cost 19. */
    0x80, 0x00, 0x00, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,                         /* Bridge. */
    0x80, 0x02,                                                             /* Port. */
    0x01, 0x00, 0x14, 0x00, 0x02, 0x00, 0x0f, 0x00,                         /* Times. */
};

/* The same BPDU. */
static const struct bpdu config_bpdu = {
    .kind = BPDU_CONFIG,
    .flags = BPDU_TOPOLOGY_CHANGE | BPDU_TC_ACK,
    .root = 0x8000001122334455,
    .cost = 19,
    .bridge = 0x800000aabbccddee,
    .port = 0x8002,
    .message_age = SEC,
    .max_age = 20 * SEC,
    .hello_time = 2 * SEC,
    .forward_delay = 15 * SEC,
};

static void assert_same(const struct bpdu *a, const struct bpdu *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->root, b->root);
    assert_int_equal(a->cost, b->cost);
    assert_int_equal(a->bridge, b->bridge);
    assert_int_equal(a->port, b->port);
    assert_int_equal(a->message_age, b->message_age);
    assert_int_equal(a->max_age, b->max_age);
    assert_int_equal(a->hello_time, b->hello_time);
    assert_int_equal(a->forward_delay, b->forward_delay);
}

static void a_configuration_bpdu_is_the_standard_s(void **state UNUSED)
{
    uint8_t frame[BPDU_FRAME_SIZE];
    struct bpdu b;
    bpdu_encode(&config_bpdu, mac, frame);
    assert_memory_equal(frame, config_frame, sizeof frame);
    assert_int_equal(bpdu_decode(config_frame, sizeof config_frame, &b), 0);
    assert_same(&b, &config_bpdu);
}

static void a_tcn_bpdu_is_the_standard_s(void **state UNUSED)
{
    static const uint8_t expected[BPDU_FRAME_SIZE] = {
        0x01, 0x80, 0xc2, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x0a,
        0x00, 0x07, 0x42, 0x42, 0x03, 0x00, 0x00, 0x00, 0x80,
    };
    const struct bpdu tcn = {.kind = BPDU_TCN};
    uint8_t frame[BPDU_FRAME_SIZE];
    struct bpdu b;
    bpdu_encode(&tcn, mac, frame);
    assert_memory_equal(frame, expected, sizeof frame);
    assert_int_equal(bpdu_decode(expected, sizeof expected, &b), 0);
    assert_same(&b, &tcn);
}

static void an_rst_bpdu_is_the_standard_s(void **state UNUSED)
{
    struct bpdu rst = config_bpdu, b;
    uint8_t frame[BPDU_FRAME_SIZE];
    rst.kind = BPDU_RST;
    rst.flags = BPDU_ROLE_DESIGNATED << BPDU_ROLE_SHIFT | BPDU_PROPOSAL;
    bpdu_encode(&rst, mac, frame);
    assert_int_equal(frame[13], 39);
    assert_int_equal(frame[19], 2);
    assert_int_equal(frame[20], 2);
    assert_int_equal(frame[21], 0x0e);
    assert_int_equal(frame[52], 0);
    assert_int_equal(bpdu_decode(frame, sizeof frame, &b), 0);
    assert_same(&b, &rst);
}

/* The frame of 'config_frame' with one byte changed. */
static int decode_with(size_t at, uint8_t byte)
{
    uint8_t frame[BPDU_FRAME_SIZE];
    struct bpdu b;
    memcpy(frame, config_frame, sizeof frame);
    frame[at] = byte;
    return bpdu_decode(frame, sizeof frame, &b);
}

/* 802.1D-2004, 9.3.4: of what is too old only configuration BPDUs are ignored. */
static void what_is_no_bpdu_is_ignored(void **state UNUSED)
{
    struct bpdu b = config_bpdu;
    uint8_t frame[BPDU_FRAME_SIZE];
    b.kind = BPDU_RST;
    bpdu_encode(&b, mac, frame);
    assert_int_equal(decode_with(13, 0x25), EBADMSG);
    assert_int_equal(decode_with(13, 0x2f), EBADMSG);
    assert_int_equal(decode_with(14, 0xaa), EBADMSG);
    assert_int_equal(decode_with(17, 0x01), EBADMSG);
    assert_int_equal(decode_with(20, 0x03), EBADMSG);
    assert_int_equal(decode_with(20, 0x02), EBADMSG);
    assert_int_equal(decode_with(44, 0x14), EBADMSG);
    assert_int_equal(decode_with(44, 0x13), 0);
    assert_int_equal(decode_with(19, 0x03), 0);
    frame[44] = 0x14;
    assert_int_equal(bpdu_decode(frame, sizeof frame, &b), 0);
    for (size_t size = 0; size < 14 + 3 + 35; size++) {
        assert_int_equal(bpdu_decode(config_frame, size, &b), EBADMSG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_configuration_bpdu_is_the_standard_s),
        cmocka_unit_test(a_tcn_bpdu_is_the_standard_s),
        cmocka_unit_test(an_rst_bpdu_is_the_standard_s),
        cmocka_unit_test(what_is_no_bpdu_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
