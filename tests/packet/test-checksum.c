/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/packet/checksum: against the RFCs' examples and a sum of 16-bit words. */
#include "lib/packet/checksum.h"

#include "lib/util.h"
#include "tests/packet/testing.h"

/* The checksum as RFC 1071 defines it, word after word, in host order. */
static uint16_t naive_checksum(const uint8_t *data, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum += i % 2 ? data[i] : data[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return ~sum;
}

static void checksum_of_rfc1071_example(void **state UNUSED)
{
    static const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    assert_int_equal(ntohs(checksum_finish(checksum_add(0, data, sizeof data))), 0x220d);
}

static void checksum_equals_naive_sum_at_all_sizes_and_alignments(void **state UNUSED)
{
    uint8_t data[300];
    uint64_t seed = 1;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = i % 3 ? random_next(&seed) : 0xff;
    }
    for (size_t start = 0; start < 17; start++) {
        for (size_t size = 0; start + size <= sizeof data; size++) {
            be16 sum = checksum_finish(checksum_add(0, data + start, size));
            assert_int_equal(ntohs(sum), naive_checksum(data + start, size));
        }
    }
}

static void checksum_copy_copies_and_sums_at_all_sizes_and_alignments(void **state UNUSED)
{
    uint8_t data[200], copy[sizeof data + 1];
    uint64_t seed = 5;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = i % 3 ? random_next(&seed) : 0xff;
    }
    for (size_t start = 0; start < 9; start++) {
        for (size_t size = 0; start + size <= sizeof data; size++) {
            memset(copy, 0x55, sizeof copy);
            uint32_t sum = checksum_copy(0x12345678, copy, data + start, size);
            assert_int_equal(checksum_finish(sum),
                             checksum_finish(checksum_add(0x12345678, data + start, size)));
            assert_memory_equal(copy, data + start, size);
            assert_int_equal(copy[size], 0x55);
        }
    }
}

static void checksum_loses_no_carry_in_64_kib_of_ones(void **state UNUSED)
{
    static uint8_t data[65536];
    memset(data, 0xff, sizeof data);
    assert_int_equal(checksum_finish(checksum_add(0, data, sizeof data)), 0);
    assert_int_equal(checksum_finish(checksum_add(UINT32_MAX, data, sizeof data)), 0);

    /* The fold of the 64-bit sum carries too, whatever the byte order. */
    uint32_t one = 1;
    memcpy(data + 8, &one, sizeof one);
    assert_int_equal(ntohs(checksum_finish(checksum_add(0, data, 12))), naive_checksum(data, 12));
}

static void checksum_of_pieces_equals_that_of_the_whole(void **state UNUSED)
{
    uint8_t data[256];
    uint64_t seed = 2;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = random_next(&seed);
    }
    for (size_t cut = 0; cut < sizeof data; cut += 2) {
        uint32_t sum = checksum_add(0, data, cut);
        sum = checksum_add(sum, data + cut, sizeof data - cut - 1);
        assert_int_equal(ntohs(checksum_finish(sum)), naive_checksum(data, sizeof data - 1));
    }
}

static void checksum_update_equals_checksum_of_changed_data(void **state UNUSED)
{
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        be16 words[8];
        for (size_t w = 0; w < ARRAY_SIZE(words); w++) {
            uint32_t r = random_next(&seed);
            words[w] = r & 0x30000 ? r : r & 0x40000 ? 0xffff : 0;
        }
        words[7] |= 1; /* Data of only zeros has no checksum that can be updated. */
        be16 sum = checksum_finish(checksum_add(0, words, sizeof words));
        be32 from, to = random_next(&seed);
        memcpy(&from, &words[2], sizeof from);
        memcpy(&words[2], &to, sizeof to);
        sum = checksum_update32(sum, from, to);
        sum = checksum_update16(sum, words[5], to);
        words[5] = to;
        assert_int_equal(sum, checksum_finish(checksum_add(0, words, sizeof words)));
    }
}

static void checksum_update_of_rfc1624_example_is_not_minus_zero(void **state UNUSED)
{
    be16 sum = checksum_update16(htons(0xdd2f), htons(0x5555), htons(0x3285));
    assert_int_equal(ntohs(sum), 0x0000);
}

static void unfinished_checksum_can_be_updated_by_complementing(void **state UNUSED)
{
    uint8_t ip[20] = {0};
    put_be32(ip + 12, 0x0a000001);
    put_be32(ip + 16, 0x0a000002);
    be16 unfinished = ~checksum_finish(checksum_pseudo4(ip, 6, 1000));
    put_be32(ip + 16, 0xc0a80105);
    unfinished = ~checksum_update32(~unfinished, htonl(0x0a000002), htonl(0xc0a80105));
    assert_int_equal(unfinished, (be16) ~checksum_finish(checksum_pseudo4(ip, 6, 1000)));
}

static void pseudo_headers_are_those_of_rfc768_and_rfc8200(void **state UNUSED)
{
    uint8_t ip4[20] = {0}, ip6[40] = {0};
    static const uint8_t pseudo4[12] = {10, 0, 0, 1, 10, 0, 0, 2, 0, 17, 0, 9};
    uint8_t pseudo6[40] = {0};
    memcpy(ip4 + 12, pseudo4, 8);
    for (int i = 0; i < 32; i++) {
        pseudo6[i] = ip6[8 + i] = 3 * i + 1;
    }
    put_be32(pseudo6 + 32, 70000);
    pseudo6[39] = 58;
    assert_int_equal(ntohs(checksum_finish(checksum_pseudo4(ip4, 17, 9))),
                     naive_checksum(pseudo4, sizeof pseudo4));
    assert_int_equal(ntohs(checksum_finish(checksum_pseudo6(ip6, 58, 70000))),
                     naive_checksum(pseudo6, sizeof pseudo6));
}

static void crc32c_of_rfc3720_examples(void **state UNUSED)
{
    uint8_t data[32];
    memset(data, 0, sizeof data);
    assert_int_equal(le32toh(checksum_crc32c(data, sizeof data)), 0x8a9136aa);
    memset(data, 0xff, sizeof data);
    assert_int_equal(le32toh(checksum_crc32c(data, sizeof data)), 0x62a8ab43);
    for (int i = 0; i < 32; i++) {
        data[i] = i;
    }
    assert_int_equal(le32toh(checksum_crc32c(data, sizeof data)), 0x46dd794e);
    assert_int_equal(le32toh(checksum_crc32c("123456789", 9)), 0xe3069283);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksum_of_rfc1071_example),
        cmocka_unit_test(checksum_equals_naive_sum_at_all_sizes_and_alignments),
        cmocka_unit_test(checksum_copy_copies_and_sums_at_all_sizes_and_alignments),
        cmocka_unit_test(checksum_loses_no_carry_in_64_kib_of_ones),
        cmocka_unit_test(checksum_of_pieces_equals_that_of_the_whole),
        cmocka_unit_test(checksum_update_equals_checksum_of_changed_data),
        cmocka_unit_test(checksum_update_of_rfc1624_example_is_not_minus_zero),
        cmocka_unit_test(unfinished_checksum_can_be_updated_by_complementing),
        cmocka_unit_test(pseudo_headers_are_those_of_rfc768_and_rfc8200),
        cmocka_unit_test(crc32c_of_rfc3720_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
