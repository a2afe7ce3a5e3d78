/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/bytes: the growable buffer and its reader. */
#include "lib/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "tests/unit.h"

static void numbers_are_written_in_network_order(void **state UNUSED)
{
    static const uint8_t expected[] = {1, 1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 'x'};
    struct bytes b = BYTES_INIT;
    bytes_put_u8(&b, 1);
    bytes_put_be16(&b, 0x0102);
    bytes_put_be32(&b, 0x01020304);
    bytes_put_be64(&b, 0x0102030405060708);
    bytes_put_zeros(&b, 2);
    bytes_put(&b, "x", 1);
    assert_int_equal(b.size, sizeof expected);
    assert_memory_equal(b.data, expected, sizeof expected);
    bytes_uninit(&b);
    assert_null(b.data);
}

static void text_of_any_length_is_added(void **state UNUSED)
{
    struct bytes *b = bytes_create(0);
    assert_string_equal(bytes_string(b), "");
    bytes_printf(b, "%0200d", 1);
    bytes_printf(b, "%s", "");
    bytes_printf(b, "-%d", 7);
    assert_int_equal(b->size, 202);
    assert_int_equal(strlen(bytes_string(b)), 202);
    assert_string_equal(bytes_string(b) + 199, "1-7");
    bytes_destroy(b);
    bytes_destroy(NULL);
}

static void clone_clear_and_truncate(void **state UNUSED)
{
    struct bytes *b = bytes_create(10);
    bytes_put(b, "abcdef", 6);
    bytes_pull(b, 2);
    struct bytes *clone = bytes_clone(b);
    bytes_truncate(b, 3);
    bytes_truncate(b, 5);
    assert_string_equal(bytes_string(b), "cde");
    assert_string_equal(bytes_string(clone), "cdef");
    bytes_clear(b);
    assert_int_equal(b->size, 0);
    assert_int_equal(b->pulled, 0);
    bytes_destroy(b);
    bytes_destroy(clone);
}

static void reserved_room_keeps_pointers_valid(void **state UNUSED)
{
    struct bytes b = BYTES_INIT;
    bytes_reserve(&b, 1000);
    uint8_t *first = bytes_put_uninit(&b, 1);
    bytes_put_zeros(&b, 999);
    assert_ptr_equal(first, b.data);
    bytes_uninit(&b);
}

static void stolen_content_begins_at_the_memory(void **state UNUSED)
{
    struct bytes b = BYTES_INIT;
    bytes_put(&b, "abcdef", 7);
    bytes_pull(&b, 3);
    char *memory = bytes_steal(&b);
    assert_string_equal(memory, "def");
    assert_int_equal(b.size, 0);
    free(memory);
    assert_null(bytes_steal(&b));
}

/* A stream: a growing counter goes in at the end and is taken off in front. */
static void putting_and_pulling_at_random_keeps_the_order(void **state UNUSED)
{
    struct bytes b = BYTES_INIT;
    uint32_t in = 0, out = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        uint64_t random = hash_u32(i, 3);
        for (uint32_t n = (uint32_t) (random % 8); n; n--) {
            bytes_put_be32(&b, in++);
        }
        for (uint32_t n = (uint32_t) (random / 8 % 9); n && b.size; n--) {
            assert_int_equal(get_be32(b.data), out++);
            bytes_pull(&b, 4);
        }
        assert_int_equal(b.size, (in - out) * 4);
    }
    assert_in_range(b.allocated + b.pulled, 0, 1 << 20);
    bytes_uninit(&b);
}

static void a_reader_takes_numbers_until_too_few_bytes_are_left(void **state UNUSED)
{
    static const uint8_t wire[] = {1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 9};
    struct reader r;
    uint8_t u8;
    uint16_t u16 = 77;
    uint32_t u32;
    uint64_t u64;
    reader_init(&r, wire, sizeof wire);
    assert_true(reader_u8(&r, &u8) && u8 == 1);
    assert_true(reader_be16(&r, &u16) && u16 == 2);
    assert_true(reader_be32(&r, &u32) && u32 == 3);
    assert_true(reader_be64(&r, &u64) && u64 == 4);
    assert_false(reader_be16(&r, &u16));
    assert_int_equal(u16, 2);
    assert_int_equal(r.left, 1);
    assert_null(reader_pull(&r, SIZE_MAX));
    assert_ptr_equal(reader_pull(&r, 1), wire + 15);
    assert_null(reader_pull(&r, 1));
    assert_non_null(reader_pull(&r, 0));
}

static void a_part_of_a_reader_ends_where_it_was_told(void **state UNUSED)
{
    static const uint8_t wire[] = {1, 2, 3, 4};
    struct reader r, part;
    uint8_t u8;
    reader_init(&r, wire, sizeof wire);
    assert_false(reader_split(&r, 5, &part));
    assert_true(reader_split(&r, 1, &part));
    assert_true(reader_u8(&part, &u8) && u8 == 1);
    assert_false(reader_u8(&part, &u8));
    assert_true(reader_u8(&r, &u8) && u8 == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_in_network_order),
        cmocka_unit_test(text_of_any_length_is_added),
        cmocka_unit_test(clone_clear_and_truncate),
        cmocka_unit_test(reserved_room_keeps_pointers_valid),
        cmocka_unit_test(stolen_content_begins_at_the_memory),
        cmocka_unit_test(putting_and_pulling_at_random_keeps_the_order),
        cmocka_unit_test(a_reader_takes_numbers_until_too_few_bytes_are_left),
        cmocka_unit_test(a_part_of_a_reader_ends_where_it_was_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
