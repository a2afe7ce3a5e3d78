/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of offload_guess(): what a frame without metadata must have been. */
#include "lib/packet/offload.h"

#include "lib/util.h"
#include "tests/packet/cutting.h"
#include "tests/packet/oracle.h"
#include "tests/packet/testing.h"

static void guess_recognises_unfinished_checksums(void **state UNUSED)
{
    static const char *const texts[] = {
        "tcp(10.0.0.1:1 > 10.0.0.2:2, size 100)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, pad 60)",
        "udp([fc00::1]:1 > [fc00::2]:2, qinq 3, vlan 5, size 5)",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct packet p, q;
        packet_from(&p, texts[i]);
        offload_guess(&p, 1500);
        assert_int_equal(p.offload.flags | p.offload.gso, 0);
        if (!strstr(texts[i], "pad")) {
            unfinish(&p);
            packet_exact(&q, p.data, p.size);
            offload_guess(&q, 1500);
            assert_int_equal(q.offload.flags, PACKET_CSUM_PARTIAL);
            assert_int_equal(q.offload.csum_start, p.offload.csum_start);
            assert_int_equal(q.offload.csum_offset, p.offload.csum_offset);
            assert_int_equal(q.offload.gso, PACKET_GSO_NONE);
            packet_free(&q);
        }
        packet_free(&p);
    }
}

static void guess_leaves_other_frames_alone(void **state UNUSED)
{
    static const char *const texts[] = {
        "udp(10.0.0.1:1 > 10.0.0.2:2, nosum, size 100)",
        "udp(10.0.0.1:1 > 10.0.0.2:2, size 3000)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, badsum)",
        "tcp(10.0.0.1 > 10.0.0.2, frag 8, size 3000)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, size 1460)",
        "arp(request, 10.0.0.1 > 10.0.0.2)",
        "icmp(10.0.0.1 > 10.0.0.2, sum 0, size 3000)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000, pad 3060)", /* No device makes such a thing. */
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct packet p;
        packet_from(&p, texts[i]);
        offload_guess(&p, 1500);
        assert_int_equal(p.offload.flags | p.offload.gso, 0);
        packet_free(&p);
    }
}

static void guess_makes_no_segments_of_an_mtu_without_room_for_payload(void **state UNUSED)
{
    struct packet p;
    packet_from(&p, "tcp(10.0.0.1:1 > 10.0.0.2:2, size 100)");
    for (unsigned mtu = 0; mtu <= 40; mtu++) {
        offload_guess(&p, mtu);
        assert_int_equal(p.offload.gso, PACKET_GSO_NONE);
    }
    offload_guess(&p, 41);
    assert_int_equal(p.offload.gso_size, 1);
    packet_free(&p);
}

static void guess_does_not_take_a_right_checksum_for_an_unfinished_one(void **state UNUSED)
{
    /* The payload is such that the right checksum is the pseudo header's sum. */
    struct packet p;
    struct oracle o;
    packet_from(&p, "udp(10.0.0.1:1 > 10.0.0.2:2, data 0000)");
    uint16_t pseudo = oracle_pseudo(p.data + 14, false, 17, p.size - 34);
    put_be16(p.data + 40, pseudo);
    put_be16(p.data + 42, ~oracle_sum(pseudo, p.data + 34, p.size - 34));
    oracle_check(p.data, p.size, &o);
    offload_guess(&p, 1500);
    assert_int_equal(p.offload.flags, 0);
    packet_free(&p);
}

/* Guesses on a super-frame 'p', a right frame, and judges what it is cut into. */
static void check_guessed(struct packet *p, unsigned mtu, uint16_t gso_size)
{
    struct catch c = {.gso_size = gso_size};
    struct bytes original = BYTES_INIT;
    bytes_put(&original, p->data, p->size);
    oracle_check(original.data, original.size, &c.original);
    c.wanted = DIV_ROUND_UP(c.original.payload_size, gso_size);
    unfinish(p);
    offload_guess(p, mtu);
    assert_int_equal(p->offload.flags, PACKET_CSUM_PARTIAL);
    assert_int_equal(p->offload.gso_size, gso_size);
    uint8_t *scratch = xmalloc(PACKET_LARGE);
    assert_int_equal(offload_segment(p, scratch, catch_frame, &c), 0);
    assert_int_equal(c.n, c.wanted);
    assert_memory_equal(c.payload.data, c.original.payload, c.original.payload_size);
    free(scratch);
    bytes_uninit(&c.payload);
    bytes_uninit(&original);
}

static void guess_recognises_super_frames_by_the_mtu(void **state UNUSED)
{
    static const struct {
        const char *text;
        uint16_t gso_size;
    } rows[] = {
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, size 1461)", 1460},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, qinq 8, vlan 5, size 20000)", 1460},
        {"tcp([fc00::1]:1 > [fc00::2]:2, size 20000)", 1440},
    };
    struct packet p;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        packet_from(&p, rows[i].text);
        check_guessed(&p, 1500, rows[i].gso_size);
        packet_free(&p);
    }
    tunnel_from(&p, "udp(1.0.0.1:5 > 1.0.0.2:4789, data 0800000000000700 ",
                "tcp(10.0.0.1:1 > 10.0.0.2:2, size 3000)");
    check_guessed(&p, 1500, 1500 - 20 - 8 - 8 - 14 - 40);
    packet_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guess_recognises_unfinished_checksums),
        cmocka_unit_test(guess_leaves_other_frames_alone),
        cmocka_unit_test(guess_makes_no_segments_of_an_mtu_without_room_for_payload),
        cmocka_unit_test(guess_does_not_take_a_right_checksum_for_an_unfinished_one),
        cmocka_unit_test(guess_recognises_super_frames_by_the_mtu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
