/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what the switch logs: nobody outside can have it write without end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/vlog.h"
#include "ofproto/scenario.h"
#include "tests/unit.h"

/* Counts a line that has the word 'wanted' in it. */
struct counter {
    const char *wanted;
    unsigned n;
};

static void count_line(const char *module UNUSED, enum vlog_level level UNUSED, const char *text,
                       void *counter_)
{
    struct counter *counter = counter_;
    counter->n += strstr(text, counter->wanted) != NULL;
}

/* Makes a scenario of 'head' and, 'times' times, 'body', and plays it. Returns how many lines with
 * 'wanted' were logged. */
static unsigned lines_with(const char *wanted, const char *head, unsigned times, const char *body)
{
    char path[] = "/tmp/test-log-XXXXXX";
    char *error = NULL;
    struct counter counter = {.wanted = wanted};
    FILE *file = fdopen(mkstemp(path), "w");
    assert_non_null(file);
    fputs(head, file);
    for (unsigned i = 0; i < times; i++) {
        fputs(body, file);
    }
    assert_int_equal(fclose(file), 0);
    vlog_set_sink(count_line, &counter);
    int err = scenario_run(path, &error);
    vlog_set_sink(NULL, NULL);
    unlink(path);
    if (err) {
        print_error("%s\n", error);
    }
    free(error);
    assert_int_equal(err, 0);
    print_message("%u lines\n", counter.n);
    return counter.n;
}

/* Limits are on messages a minute. These cases take seconds, but may have minutes. */

static void a_controller_that_changes_its_role_again_and_again_does_not_fill_it(void **state UNUSED)
{
    assert_in_range(lines_with("its role is",
                               "bridge br0 fail-mode secure ports p1\n"
                               "controller c1 of br0\n"
                               "ignore c1 role_reply\n", 1000,
                               "c1 sends role_request 00000001\n"
                               "c1 sends role_request 00000002\n"),
                    1, 200);
}

static void a_controller_that_comes_and_goes_does_not_fill_it(void **state UNUSED)
{
    assert_in_range(lines_with("c1: connect",
                               "bridge br0 fail-mode secure max-backoff 1s ports p1\n"
                               "controller c1 of br0\n", 1000,
                               "c1 closes\nwait 10s\n"),
                    1, 200);
}

static void who_asks_for_more_ports_than_fit_does_not_fill_it(void **state UNUSED)
{
    assert_in_range(lines_with("not all ports fit",
                               "bridge br0 fail-mode secure ports p0\n"
                               "service s1 of br0\n"
                               "repeat 1400 br0 gets port q$n\n"
                               "ignore s1 features_reply\n", 100,
                               "s1 show\n"),
                    1, 50);
}

static void a_link_that_comes_and_goes_does_not_fill_it(void **state UNUSED)
{
    assert_in_range(lines_with("changed: link",
                               "bridge br0 fail-mode secure ports p1\n", 1000,
                               "p1 link down\np1 link up\np1 link down\np1 link up\n"),
                    1, 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_controller_that_changes_its_role_again_and_again_does_not_fill_it),
        cmocka_unit_test(a_controller_that_comes_and_goes_does_not_fill_it),
        cmocka_unit_test(a_link_that_comes_and_goes_does_not_fill_it),
        cmocka_unit_test(who_asks_for_more_ports_than_fit_does_not_fill_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
