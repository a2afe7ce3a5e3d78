/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/hash: seeds matter, small inputs spread. */
#include "lib/hash.h"

#include "lib/util.h"
#include "tests/unit.h"

static void equal_input_and_seed_give_equal_hashes(void **state UNUSED)
{
    assert_true(hash_bytes("sluice", 6, 7) == hash_string("sluice", 7));
    assert_true(hash_u32(5, 7) == hash_u32(5, 7));
    assert_true(hash_u64(5, 7) == hash_u64(5, 7));
    assert_true(hash_bytes(NULL, 0, 7) == hash_string("", 7));
}

static void another_seed_gives_another_hash(void **state UNUSED)
{
    assert_true(hash_string("sluice", 7) != hash_string("sluice", 8));
    assert_true(hash_u32(5, 7) != hash_u32(5, 8));
    assert_true(hash_u64(5, 7) != hash_u64(5, 8));
    assert_true(hash_u64(0, 0) != hash_u64(0, 1));
}

/* Hashes 65536 neighbouring numbers, shifted, into as many buckets, and returns the fullest. */
static unsigned fullest_bucket(unsigned shift, unsigned bits_from)
{
    static unsigned buckets[65536];
    unsigned most = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(buckets); i++) {
        buckets[i] = 0;
    }
    for (uint64_t i = 0; i < ARRAY_SIZE(buckets); i++) {
        unsigned *bucket = &buckets[(uint16_t) (hash_u64(i << shift, 1) >> bits_from)];
        most = MAX(most, ++*bucket);
    }
    return most;
}

/* 65536 balls in 65536 bins: the fullest has 8 or so; 14 happens once in 10^6 runs. */
static void neighbours_spread_over_buckets(void **state UNUSED)
{
    for (unsigned shift = 0; shift <= 48; shift += 8) {
        assert_in_range(fullest_bucket(shift, 0), 2, 14);
        assert_in_range(fullest_bucket(shift, 48), 2, 14);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_input_and_seed_give_equal_hashes),
        cmocka_unit_test(another_seed_gives_another_hash),
        cmocka_unit_test(neighbours_spread_over_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
