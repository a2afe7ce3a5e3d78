/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/util: macros, allocation, number parsers. */
#include "lib/util.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit.h"

static void min_and_max_evaluate_once_and_nest(void **state UNUSED)
{
    int i = 5;
    assert_int_equal(MIN(i++, 7), 5);
    assert_int_equal(i, 6);
    assert_int_equal(MAX(1, MIN(MAX(2, 9), 4)), 4);
}

static void rounding_and_powers_of_two(void **state UNUSED)
{
    assert_int_equal(ROUND_UP(0, 8), 0);
    assert_int_equal(ROUND_UP(1, 8), 8);
    assert_int_equal(ROUND_UP(16, 8), 16);
    assert_int_equal(DIV_ROUND_UP(17, 8), 3);
    assert_true(IS_POW2(1U) && IS_POW2(1ULL << 63));
    assert_false(IS_POW2(0U) || IS_POW2(6U));
}

static void container_of_finds_the_struct_around_a_member(void **state UNUSED)
{
    struct outer {
        int a;
        char b;
    } outer;
    assert_ptr_equal(CONTAINER_OF(&outer.b, struct outer, b), &outer);
    int array[7];
    assert_int_equal(ARRAY_SIZE(array), 7);
}

static void allocations_of_nothing_are_not_null(void **state UNUSED)
{
    void *all[] = {xmalloc(0),         xzalloc(0), xcalloc(0, 5), xrealloc(NULL, 0),
                   xmemdup(NULL, 0), xaligned_alloc(64, 0)};
    for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
        assert_non_null(all[i]);
        free(all[i]);
    }
}

static void allocations_are_zeroed_and_aligned(void **state UNUSED)
{
    static const char zeros[100];
    char *p = xcalloc(10, 10);
    assert_memory_equal(p, zeros, 100);
    free(p);
    p = xaligned_alloc(256, 3);
    assert_int_equal((uintptr_t) p % 256, 0);
    free(p);
}

static void strings_are_formatted_and_copied(void **state UNUSED)
{
    char *s = xasprintf("%s-%d", "port", 7);
    char *copy = xstrdup(s);
    assert_string_equal(copy, "port-7");
    free(s);
    free(copy);
}

static void numbers_are_parsed_to_the_last_character(void **state UNUSED)
{
    static const struct {
        const char *text;
        int base;
        bool is_valid;
        uint64_t value;
    } cases[] = {
        {"0", 10, true, 0},
        {"65535", 10, true, 65535},
        {"65536", 10, false, 0},
        {"18446744073709551616", 10, false, 0},
        {"", 10, false, 0},
        {" 1", 10, false, 0},
        {"1 ", 10, false, 0},
        {"+1", 10, false, 0},
        {"-1", 10, false, 0},
        {"1x", 10, false, 0},
        {"0x", 0, false, 0},
        {"0x1F", 0, true, 31},
        {"010", 0, true, 10},
        {"1f", 0, false, 0},
        {"1f", 16, true, 31},
        {"0x1f", 16, false, 0},
        {"102", 2, false, 0},
        {"101", 2, true, 5},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint16_t x = 4711;
        assert_int_equal(str_to_u16(cases[i].text, cases[i].base, &x), cases[i].is_valid);
        assert_int_equal(x, cases[i].is_valid ? cases[i].value : 4711);
    }
}

static void the_largest_numbers_fit(void **state UNUSED)
{
    uint64_t u64;
    uint32_t u32;
    assert_true(str_to_u64("18446744073709551615", 10, &u64) && u64 == UINT64_MAX);
    assert_true(str_to_u64("0xffffffffffffffff", 0, &u64) && u64 == UINT64_MAX);
    assert_false(str_to_u64("0x10000000000000000", 0, &u64));
    assert_true(str_to_u32("4294967295", 10, &u32) && u32 == UINT32_MAX);
    assert_false(str_to_u32("4294967296", 10, &u32));
}

static void ranges_of_numbers_become_a_set(void **state UNUSED)
{
    static const char *const bad[] = {"", "-", "1-", "-1", "2-1", "x", "1-2-3", "0", "0-3", "100",
                                      "99-100"};
    uint64_t set[2] = {0, 0};
    assert_true(str_to_set("62-65", 1, 99, set) && str_to_set("1", 1, 99, set));
    assert_true(set[0] == (UINT64_C(3) << 62 | 2) && set[1] == 3);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        uint64_t none[2] = {0, 0};
        assert_false(str_to_set(bad[i], 1, 99, none));
        assert_true(!none[0] && !none[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(min_and_max_evaluate_once_and_nest),
        cmocka_unit_test(rounding_and_powers_of_two),
        cmocka_unit_test(container_of_finds_the_struct_around_a_member),
        cmocka_unit_test(allocations_of_nothing_are_not_null),
        cmocka_unit_test(allocations_are_zeroed_and_aligned),
        cmocka_unit_test(strings_are_formatted_and_copied),
        cmocka_unit_test(numbers_are_parsed_to_the_last_character),
        cmocka_unit_test(the_largest_numbers_fit),
        cmocka_unit_test(ranges_of_numbers_become_a_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
