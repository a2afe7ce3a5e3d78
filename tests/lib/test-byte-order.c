/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/byte-order: loads and stores at any alignment. */
#include "lib/byte-order.h"

#include "lib/util.h"
#include "tests/unit.h"

static const uint8_t wire[] = {0xff, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};

static void loads_read_the_first_byte_as_the_highest(void **state UNUSED)
{
    assert_int_equal(get_be16(wire + 1), 0x0102);
    assert_int_equal(get_be32(wire + 1), 0x01020304);
    assert_true(get_be64(wire + 1) == 0x0102030405060708ULL);
}

static void stores_write_what_loads_read(void **state UNUSED)
{
    uint8_t out[9] = {0xff};
    put_be64(out + 1, 0x0102030405060708ULL);
    assert_memory_equal(out, wire, sizeof wire);
    put_be32(out + 1, 0x01020304);
    put_be16(out + 5, 0x0506);
    assert_memory_equal(out, wire, sizeof wire);
}

static void htonll_and_ntohll_are_inverse(void **state UNUSED)
{
    be64 be = htonll(0x0102030405060708ULL);
    assert_memory_equal(&be, wire + 1, 8);
    assert_true(ntohll(be) == 0x0102030405060708ULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_read_the_first_byte_as_the_highest),
        cmocka_unit_test(stores_write_what_loads_read),
        cmocka_unit_test(htonll_and_ntohll_are_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
