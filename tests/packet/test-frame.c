/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/packet/frame: bytes of texts, texts of bytes, and clear errors. */
#include "lib/packet/frame.h"

#include <errno.h>

#include "lib/util.h"
#include "tests/packet/testing.h"

static void frames_have_the_bytes_of_the_standards(void **state UNUSED)
{
    static const struct {
        const char *text;  /* The notation. */
        const char *bytes; /* Written by hand. */
    } rows[] = {
        {"arp(request, 10.0.0.1 > 10.0.0.2)",
         "hex ffffffffffff 02000a000001 0806 0001 0800 06 04 0001 02000a000001 0a000001"
         "000000000000 0a000002"},
        {"arp(reply, 10.0.0.2 > 10.0.0.1, vlan 5, pcp 7)",
         "hex 02000a000001 02000a000002 8100 e005 0806 0001 0800 06 04 0002 02000a000002 0a000002"
         "02000a000001 0a000001"},
        {"icmp(10.0.0.1 > 10.0.0.2, id 1, seq 2, data 6162)",
         "hex 02000a000002 02000a000001 0800 4500 001e 0000 0000 40 01 66dd 0a000001 0a000002"
         "08 00 969a 0001 0002 6162"},
        {"udp(10.0.0.1:1 > 10.0.0.2:2, qinq 9, vlan 5, tos 0x10, ttl 1, df, ipid 7, nosum)",
         "hex 02000a000002 02000a000001 88a8 0009 8100 0005 0800 4510 001c 0007 4000 01 11 65b8"
         "0a000001 0a000002 0001 0002 0008 0000"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, flags syn, seq 5, window 10)",
         "hex 02000a000002 02000a000001 0800 4500 0028 0000 0000 40 06 66ce 0a000001 0a000002"
         "0001 0002 00000005 00000000 5002 000a 9bce 0000"},
        {"udp([fc00::1]:1 > [ff02::5]:2, label 0x12345, tos 1, data ff)",
         "hex 333300000005 020000000001 86dd 60112345 0009 11 40"
         "fc000000000000000000000000000001 ff020000000000000000000000000005"
         "0001 0002 0009 05cf ff"},
        {"udp([fc00::1] > [fc00::2], frag 8+, ipid 6, data 0102030405060708)",
         "hex 020000000002 020000000001 86dd 60000000 0010 2c 40"
         "fc000000000000000000000000000001 fc000000000000000000000000000002"
         "11 00 0009 00000006 0102030405060708"},
        {"ip(10.0.0.1 > 224.0.0.5, proto 89, snap, frag 16)",
         "hex 01005e000005 02000a000001 001c aaaa03000000 0800 4500 0014 0000 0002 40 59"
         "9089 0a000001 e0000005"},
        {"eth(02:00:00:00:00:01 > 01:80:c2:00:00:0e, type 0x88cc, data 0207)",
         "hex 0180c200000e 020000000001 88cc 0207"},
        {"eth(02:00:00:00:00:01 > 01:80:c2:00:00:00, data 42 42 03, pad 20)",
         "hex 0180c2000000 020000000001 0003 424203 000000"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bytes built = BYTES_INIT, expected = BYTES_INIT;
        frame_from(rows[i].text, &built);
        frame_from(rows[i].bytes, &expected);
        assert_int_equal(built.size, expected.size);
        assert_memory_equal(built.data, expected.data, built.size);
        bytes_uninit(&built);
        bytes_uninit(&expected);
    }
}

/* The text that frame_print() gives for what 'text' builds; the caller uninits it. */
static struct bytes print_of(const char *text)
{
    struct bytes frame = BYTES_INIT, printed = BYTES_INIT;
    frame_from(text, &frame);
    frame_print(frame.data, frame.size, &printed);
    bytes_uninit(&frame);
    return printed;
}

static void printed_frames_are_written_as_they_were(void **state UNUSED)
{
    static const char *const texts[] = {
        "tcp(10.0.0.1:1234 > 10.0.0.2:80)",
        "tcp(10.0.0.1:1234 > 10.0.0.2:80, vlan 5)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, flags fin|syn|rst|psh|ack|urg|ece|cwr, seq 1, ack 2, "
        "window 3, size 4)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, flags none)",
        "tcp(10.0.0.1:1 > 10.0.0.2:2, flags 0x102)",
        "tcp([fc00::1]:1 > [fc00::2]:2, eth 02:00:00:00:00:02 > 02:00:00:00:00:02, tos 4, "
        "label 0x0012, frag 0+)",
        "udp(10.0.0.1:1 > 255.255.255.255:2, qinq 9, vlan 5, pcp 3, ttl 3, ipid 9, df, nosum)",
        "udp(10.0.0.1:1 > 10.0.0.2:2, sum 0x1234, data 00ff)",
        "udp(10.0.0.1 > 10.0.0.2, frag 8+, size 16)",
        "sctp([fc00::1]:1 > [fc00::2]:2, qinq 0, size 4)",
        "icmp(10.0.0.1 > 10.0.0.2, type 0, code 2, id 1, seq 7, size 56)",
        "icmp([fc00::1] > [fc00::2], type 1)",
        "ip(10.0.0.1 > 10.0.0.2, proto 47, size 1)",
        "ip([fc00::1] > [fc00::2], snap, proto 59, pad 100)",
        "arp(request, 10.0.0.1 > 10.0.0.2, pad 60)",
        "arp(reply, 10.0.0.1 > 10.0.0.2, eth 02:00:00:00:00:01 > 02:00:00:00:00:02)",
        "arp(9, 10.0.0.1 > 10.0.0.2, sha 02:00:00:00:00:01, tha 02:00:00:00:00:02)",
        "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, type 0x88cc, data 0001)",
        "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, vlan 3, snap, type 0x88cc, data 00, pad 60)",
        "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, data 424203, pad 60)",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct bytes printed = print_of(texts[i]);
        assert_string_equal(bytes_string(&printed), texts[i]);
        bytes_uninit(&printed);
    }
}

static void what_the_notation_has_no_words_for_is_hex(void **state UNUSED)
{
    static const char *const texts[] = {
        "hex 00",
        "hex 020000000002020000000001810010050800", /* DEI. */
        ("hex 02000a00000202000a00000108004600002000000000401164c80a0000010a00000201010101"
         "0001000200080000"), /* IP options. */
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct bytes printed = print_of(texts[i]);
        assert_string_equal(bytes_string(&printed), texts[i]);
        bytes_uninit(&printed);
    }
}

static void any_bytes_survive_printing_and_building(void **state UNUSED)
{
    static const char *const texts[] = {
        "tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, size 20, pad 100)",
        "udp([fc00::1]:1 > [fc00::2]:2, frag 0+, size 16)",
        "arp(request, 10.0.0.1 > 10.0.0.2, snap)",
        "eth(02:00:00:00:00:01 > 02:00:00:00:00:02, qinq 5, data 424203, pad 60)",
        "sctp(10.0.0.1:1 > 10.0.0.2:2)",
    };
    uint64_t seed = 8;
    for (int round = 0; round < 5000; round++) {
        struct bytes frame = BYTES_INIT, printed = BYTES_INIT, again = BYTES_INIT;
        frame_from(texts[round % ARRAY_SIZE(texts)], &frame);
        for (uint32_t n = random_below(&seed, 4); n > 0; n--) {
            frame.data[random_below(&seed, frame.size)] = random_next(&seed);
        }
        size_t size = random_below(&seed, 3) ? frame.size : random_below(&seed, frame.size + 1);
        uint8_t *exact = xmemdup(frame.data, size);
        frame_print(exact, size, &printed);
        frame_from(bytes_string(&printed), &again);
        assert_int_equal(again.size, size);
        assert_memory_equal(again.data, exact, size);
        free(exact);
        bytes_uninit(&frame);
        bytes_uninit(&printed);
        bytes_uninit(&again);
    }
}

static void badsum_is_wrong_and_nothing_else_changes(void **state UNUSED)
{
    struct bytes good = BYTES_INIT, bad = BYTES_INIT;
    frame_from("udp(10.0.0.1:1 > 10.0.0.2:2, size 5)", &good);
    frame_from("udp(10.0.0.1:1 > 10.0.0.2:2, size 5, badsum)", &bad);
    assert_int_equal(good.size, bad.size);
    assert_memory_not_equal(good.data + 40, bad.data + 40, 2);
    assert_memory_equal(good.data, bad.data, 40);
    assert_memory_equal(good.data + 42, bad.data + 42, good.size - 42);
    bytes_uninit(&good);
    bytes_uninit(&bad);
}

static void errors_name_the_word_and_change_nothing(void **state UNUSED)
{
    static const struct {
        const char *text; /* Wrong. */
        const char *word; /* What the sentence must contain. */
    } rows[] = {
        {"", "a kind of frame"},
        {"tpc(10.0.0.1:1 > 10.0.0.2:2)", "'tpc'"},
        {"tcp 10.0.0.1:1 > 10.0.0.2:2", "'('"},
        {"tcp(10.0.0:1 > 10.0.0.2:2)", "'10.0.0'"},
        {"tcp(10.0.0.1:99999 > 10.0.0.2:2)", "'99999'"},
        {"tcp(10.0.0.1:1 10.0.0.2:2)", "'>'"},
        {"tcp(10.0.0.1:1 > [fc00::1]:2)", "IPv6"},
        {"tcp([fc00::1:1 > [fc00::1]:2)", "']'"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, vlam 5)", "'vlam'"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, vlan)", "vlan"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 4096)", "4095"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, vlan 5, vlan 6)", "twice"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, pcp 6)", "needs vlan"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, flags syn|fun)", "'fun'"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, nosum)", "'nosum'"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, label 1)", "'label'"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, data 123)", "half"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, size 1, data 12)", "exclude"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, frag 9)", "multiple of 8"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2, frag 8)", "no ports"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2", "')'"},
        {"tcp(10.0.0.1:1 > 10.0.0.2:2) x", "'x'"},
        {"ip(10.0.0.1 > 10.0.0.2)", "proto"},
        {"arp(ask, 10.0.0.1 > 10.0.0.2)", "'ask'"},
        {"arp(request, [fc00::1] > [fc00::2])", "IPv4"},
        {"eth(02:00:00:00:00:1 > 02:00:00:00:00:02)", "02:00:00:00:00:1"},
        {"eth(02:00:00:00:00:01 > 02:00:00:00:00-02)", "MAC"},
        {"eth(02:00:00:00:00:01 > 02:00:00:00:00:02, snap)", "type"},
        {"eth(02:00:00:00:00:01 > 02:00:00:00:00:02, ttl 5)", "'ttl'"},
        {"hex 0g", "half"},
        {"hex 00 zz", "'zz'"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bytes out = BYTES_INIT;
        char *error = NULL;
        bytes_printf(&out, "before");
        assert_int_equal(frame_build(rows[i].text, &out, &error), EINVAL);
        assert_non_null(error);
        if (!strstr(error, rows[i].word)) {
            fail_msg("'%s' has no %s", error, rows[i].word);
        }
        assert_string_equal(bytes_string(&out), "before");
        free(error);
        bytes_uninit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_have_the_bytes_of_the_standards),
        cmocka_unit_test(printed_frames_are_written_as_they_were),
        cmocka_unit_test(what_the_notation_has_no_words_for_is_hex),
        cmocka_unit_test(any_bytes_survive_printing_and_building),
        cmocka_unit_test(badsum_is_wrong_and_nothing_else_changes),
        cmocka_unit_test(errors_name_the_word_and_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
