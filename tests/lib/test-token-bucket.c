/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/token-bucket: bursts, rates and when to come back. */
#include "lib/token-bucket.h"

#include "tests/unit.h"

static void a_full_bucket_gives_its_burst_at_once(void **state UNUSED)
{
    struct token_bucket tb;
    token_bucket_init(&tb, 10, 3);
    for (int i = 0; i < 3; i++) {
        assert_true(token_bucket_take(&tb, 1, 5 * SEC));
    }
    assert_false(token_bucket_take(&tb, 1, 5 * SEC));
    assert_true(token_bucket_ready_at(&tb, 1) == 5 * SEC + 100 * MSEC);
    assert_false(token_bucket_take(&tb, 1, 5 * SEC + 100 * MSEC - 1));
    assert_true(token_bucket_take(&tb, 1, 5 * SEC + 100 * MSEC));
}

static void it_never_holds_more_than_its_burst(void **state UNUSED)
{
    struct token_bucket tb;
    token_bucket_init(&tb, 1000, 5);
    assert_false(token_bucket_take(&tb, 6, 0));
    assert_true(token_bucket_ready_at(&tb, 6) == INT64_MAX);
    assert_true(token_bucket_take(&tb, 5, 0));
    assert_true(token_bucket_take(&tb, 5, 3600 * SEC));
    assert_false(token_bucket_take(&tb, 1, 3600 * SEC));
}

static void without_a_rate_it_gives_its_burst_once(void **state UNUSED)
{
    struct token_bucket tb;
    token_bucket_init(&tb, 0, 2);
    assert_true(token_bucket_ready_at(&tb, 2) <= 0);
    assert_true(token_bucket_take(&tb, 2, 0));
    assert_false(token_bucket_take(&tb, 1, INT64_MAX / 4));
    assert_true(token_bucket_ready_at(&tb, 1) == INT64_MAX);
    assert_true(token_bucket_take(&tb, 0, 1));
}

/* Taking whenever it is ready must give rate tokens a second, for rates that divide no second. */
static void the_rate_is_kept_over_a_long_time(void **state UNUSED)
{
    static const uint64_t rates[] = {1, 3, 7, 1000, 333333, 1000000};
    for (unsigned i = 0; i < ARRAY_SIZE(rates); i++) {
        struct token_bucket tb;
        int64_t now = 0;
        uint64_t taken = 0;
        token_bucket_init(&tb, rates[i], 1);
        while (taken <= MIN(rates[i] * 10, (uint64_t) 100000)) {
            assert_true(token_bucket_take(&tb, 1, now));
            assert_false(token_bucket_take(&tb, 1, now));
            taken++;
            now = token_bucket_ready_at(&tb, 1);
        }
        int64_t ideal = (int64_t) (taken * SEC / rates[i]);
        assert_true(now >= ideal && now - ideal <= (int64_t) taken);
    }
}

static void a_charge_makes_debts_that_are_paid_first(void **state UNUSED)
{
    struct token_bucket tb;
    token_bucket_init(&tb, 1000, 100);
    token_bucket_charge(&tb, 350, 5 * SEC);
    assert_int_equal(token_bucket_ready_at(&tb, 1), 5 * SEC + 251 * MSEC);
    assert_false(token_bucket_take(&tb, 1, 5 * SEC + 250 * MSEC));
    assert_true(token_bucket_take(&tb, 1, 5 * SEC + 251 * MSEC));
    token_bucket_charge(&tb, 50, 9 * SEC);
    assert_true(token_bucket_take(&tb, 50, 9 * SEC));
    assert_false(token_bucket_take(&tb, 1, 9 * SEC));
}

static void large_bursts_and_slow_rates_do_not_overflow(void **state UNUSED)
{
    struct token_bucket tb;
    token_bucket_init(&tb, 1, UINT64_MAX);
    assert_true(token_bucket_take(&tb, UINT64_MAX, INT64_MAX / 4));
    token_bucket_init(&tb, UINT64_MAX, UINT64_MAX);
    assert_true(token_bucket_take(&tb, UINT64_MAX, 0));
    assert_true(token_bucket_take(&tb, UINT64_MAX, SEC));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_bucket_gives_its_burst_at_once),
        cmocka_unit_test(it_never_holds_more_than_its_burst),
        cmocka_unit_test(without_a_rate_it_gives_its_burst_once),
        cmocka_unit_test(the_rate_is_kept_over_a_long_time),
        cmocka_unit_test(a_charge_makes_debts_that_are_paid_first),
        cmocka_unit_test(large_bursts_and_slow_rates_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
