/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what a user says about the spanning tree of a bridge. */
/* rows: A7.7 */
#include "ofproto/stp-settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "tests/unit.h"

static void the_standard_s_numbers_are_the_default(void **state UNUSED)
{
    struct stp_settings s = {.blocks_receive = true};
    char *error = NULL;
    assert_int_equal(stp_settings_parse("stp", &s, &error), 0);
    assert_true(s.is_on && s.blocks_receive);
    assert_int_equal(s.config.version, STP_VERSION_STP);
    assert_int_equal(s.config.priority, 32768);
    assert_int_equal(s.config.hello_time, 2 * SEC);
    assert_int_equal(s.config.max_age, 20 * SEC);
    assert_int_equal(s.config.forward_delay, 15 * SEC);
}

static void everything_can_be_said(void **state UNUSED)
{
    struct stp_settings s = {.is_on = false};
    char *error = NULL;
    assert_int_equal(stp_settings_parse("rstp,priority=61440,hello=1,max-age=6,forward-delay=4",
                                        &s, &error), 0);
    assert_int_equal(s.config.version, STP_VERSION_RSTP);
    assert_int_equal(s.config.priority, 61440);
    assert_int_equal(s.config.forward_delay, 4 * SEC);
    assert_int_equal(stp_settings_parse("no", &s, &error), 0);
    assert_false(s.is_on);
}

static void what_makes_no_sense_is_refused(void **state UNUSED)
{
    static const struct {
        const char *text;  /* What is said. */
        const char *words; /* In the answer. */
    } cases[] = {
        {"mstp", "stp, rstp or no"},
        {"", "\"\": it is stp, rstp or no"},
        {",priority=4096", "stp, rstp or no"},
        {"stp,priority=100", "multiple of 4096"},
        {"stp,priority=65536", "from 0 to 61440"},
        {"stp,hello=0", "from 1 to 10"},
        {"stp,forward-delay=4", "give one from 6 to 6"},
        {"stp,hello=10", "give one from 22 to 28"},
        {"stp,colour=red", "there is no colour="},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct stp_settings s = {.is_on = false};
        char *error = NULL;
        assert_int_equal(stp_settings_parse(cases[i].text, &s, &error), EINVAL);
        if (!strstr(error, cases[i].words) || strchr(error, '\n')) {
            fail_msg("%s: %s", cases[i].text, error);
        }
        free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standard_s_numbers_are_the_default),
        cmocka_unit_test(everything_can_be_said),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
