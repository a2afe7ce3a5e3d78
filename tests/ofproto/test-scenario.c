/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of scenarios themselves: that they fail where they should, and say why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/scenario-text.h"
#include "ofproto/scenario.h"
#include "tests/unit.h"

/* Runs 'text' as a scenario. Returns its failure, or NULL; the caller frees it. */
static char *play(const char *text)
{
    char path[] = "/tmp/test-scenario-XXXXXX";
    char *error = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    int err = scenario_run(path, &error);
    unlink(path);
    assert_int_equal(err != 0, error != NULL);
    return error;
}

static void assert_passes(const char *text)
{
    char *error = play(text);
    if (error) {
        print_error("%s\n", error);
    }
    assert_null(error);
}

/* 'text' fails in 'line', and the failure has 'what' in it. */
static void assert_fails(const char *text, unsigned line, const char *what)
{
    char *error = play(text);
    assert_non_null(error);
    char *where = xasprintf(":%u: at ", line);
    if (!strstr(error, where) || !strstr(error, what)) {
        print_error("expected in line %u: %s\ncame: %s\n", line, what, error);
    }
    assert_non_null(strstr(error, where));
    assert_non_null(strstr(error, what));
    free(where);
    free(error);
}

#define BEGIN "bridge br0 fail-mode secure ports p1 p2\nservice s1 of br0\n"
#define FRAME "udp(10.0.0.1:1 > 10.0.0.2:2)"

static void an_empty_scenario_passes(void **state UNUSED)
{
    assert_passes("");
    assert_passes("# nothing\n\n   \n");
}

static void a_frame_that_does_not_come_is_a_failure(void **state UNUSED)
{
    assert_fails(BEGIN "p1 receives " FRAME "\nexpect p2 sends " FRAME "\n", 4,
                 "expected: " FRAME "\n  but came: nothing");
}

static void a_frame_that_was_not_expected_is_a_failure_at_the_next_event(void **state UNUSED)
{
    assert_fails(BEGIN "s1 add-flow actions=output:2\np1 receives " FRAME "\nwait 1s\n", 5,
                 "but came: " FRAME);
}

static void a_frame_that_was_not_expected_is_a_failure_at_the_end(void **state UNUSED)
{
    assert_fails(BEGIN "s1 add-flow actions=output:2\np1 receives " FRAME "\n", 4, "p2 did not");
}

static void another_frame_is_a_failure_that_shows_both(void **state UNUSED)
{
    assert_fails(BEGIN "s1 add-flow actions=mod_tp_dst:3,output:2\np1 receives " FRAME
                       "\nexpect p2 sends " FRAME "\n", 5,
                 "expected: " FRAME "\n  but came: udp(10.0.0.1:1 > 10.0.0.2:3)");
}

static void a_message_that_was_not_expected_is_a_failure(void **state UNUSED)
{
    assert_fails(BEGIN "s1 barrier\ns1 barrier\n", 4, "but came: OFPT_BARRIER_REPLY:");
}

static void another_message_is_a_failure_that_shows_both(void **state UNUSED)
{
    assert_fails(BEGIN "s1 barrier\nexpect s1 gets error OFPBRC_BAD_LEN\n", 4,
                 "expected: error OFPBRC_BAD_LEN\n  but came: OFPT_BARRIER_REPLY:");
    assert_fails(BEGIN "s1 with size=9 barrier\nexpect s1 gets error OFPBRC_BAD_TYPE\n", 4,
                 "but came: error OFPBRC_BAD_LEN");
}

static void a_connection_that_ends_is_a_failure_unless_expected(void **state UNUSED)
{
    assert_fails(BEGIN "s1 sends hex 0102000000000000\nwait 1s\n", 4, "the end of the connection");
    assert_passes(BEGIN "s1 sends hex 0102000000000000\nexpect s1 is closed\nwait 1s\n");
}

static void flows_are_compared_as_a_whole(void **state UNUSED)
{
    const char *const flow = BEGIN "s1 add-flow cookie=7,in_port=1,actions=output:2\n";
    static const struct {
        const char *expected; /* Continuation line. */
        bool passes;          /* Whether it is so. */
    } cases[] = {
        {"in_port=1 actions=output:2", true},
        {"cookie=0x7, n_packets=0, in_port=1 actions=output:2", true},
        {"cookie=0x8, in_port=1 actions=output:2", false},
        {"in_port=1 actions=output:1", false},
        {"actions=output:2", false},
        {"priority=5,in_port=1 actions=output:2", false},
        {"in_port=1 actions=output:2\n  in_port=1 actions=output:2", false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *text = xasprintf("%sexpect br0 has flows\n  %s\n", flow, cases[i].expected);
        char *error = play(text);
        assert_int_equal(!error, cases[i].passes);
        free(error);
        free(text);
    }
}

static void counters_are_compared(void **state UNUSED)
{
    assert_passes(BEGIN "p1 receives 3 x " FRAME "\nexpect p1 counts rx_packets=3 rx_bytes=126\n");
    assert_fails(BEGIN "p1 receives 3 x " FRAME "\nexpect p1 counts rx_packets=4\n", 4,
                 "expected rx_packets=4, but it is 3");
    assert_fails(BEGIN "expect p1 counts frobs=4\n", 3, "there is no counter for \"frobs=4\"");
}

static void mistakes_are_named(void **state UNUSED)
{
    assert_fails("frob\n", 1, "there is no port, controller, service or bridge called \"frob\"");
    assert_fails(BEGIN "p1 frobs\n", 3, "unknown word \"frobs\"; here can stand: receives, link");
    assert_fails(BEGIN "expect p1 frobs\n", 3, "here can stand: sends, counts");
    assert_fails(BEGIN "bridge br0\n", 3, "there is something called br0 already");
    assert_fails(BEGIN "controller c1 of br1\n", 3, "there is no bridge called \"br1\"");
    assert_fails("bridge br0 frob 7 ports p1\n", 1, "\"frob\" is no option of a bridge");
    assert_fails(BEGIN "wait soon\n", 3, "\"soon\" is no period");
    assert_fails(BEGIN "wait 2s\nat 1s\n", 4, "that is past");
    assert_fails(BEGIN "p1 receives tpc(10.0.0.1:1 > 10.0.0.2:2)\n", 3, "tpc");
    assert_fails(BEGIN "s1 add-flow in_prot=1,actions=drop\n", 3, "in_prot");
    assert_fails(BEGIN "s1 sends frob_request\n", 3, "there is no message \"frob_request\"");
    assert_fails(BEGIN "s1 sends hex 0g\n", 3, "\"0g\" is no byte");
    assert_fails(BEGIN "s1 packet-out buffer=b1\n", 3, "buffer=b1");
    assert_fails(BEGIN "s1 mod-port p1 purple\n", 3, "\"purple\" is nothing that mod-port");
    assert_fails(BEGIN "s1 with 100=00 barrier\n", 3, "100");
    assert_fails(BEGIN "cable p1 p2\ncable p1 p2\n", 4, "p1 has a cable already");
    assert_fails(BEGIN "seed 4\n", 3, "before the first bridge");
}

static void a_frame_that_goes_round_for_ever_is_told(void **state UNUSED)
{
    assert_fails("bridge br0 ports p1 p2 p3\ncable p2 p3\n"
                 "p1 receives arp(request, 10.0.0.1 > 10.0.0.2)\n",
                 3, "the switch never comes to rest");
}

static void a_missing_file_is_named(void **state UNUSED)
{
    char *error = NULL;
    assert_int_not_equal(scenario_run("/nonexistent/a.sim", &error), 0);
    assert_string_equal(error, "/nonexistent/a.sim: No such file or directory");
    free(error);
}

static void repeated_lines_count_up(void **state UNUSED)
{
    assert_passes(BEGIN "repeat 3 s1 add-flow in_port=$n,actions=output:$n\nexpect br0 has flows\n"
                        " in_port=1 actions=output:1\n in_port=2 actions=output:2\n"
                        " in_port=3 actions=output:3\n");
}

static void joined_events_happen_before_their_effects(void **state UNUSED)
{
    assert_passes(BEGIN "s1 barrier & s1 barrier\nexpect s1 gets 2 x barrier_reply\n");
}

static void cables_carry_frames_between_bridges(void **state UNUSED)
{
    assert_passes("bridge a ports a1 a2\nbridge b ports b1 b2\ncable a2 b1\n"
                  "a1 receives " FRAME "\nexpect b2 sends " FRAME "\n");
}

static void texts_match_with_wild_cards(void **state UNUSED)
{
    static const struct {
        const char *pattern; /* With "...". */
        const char *text;    /* To be compared. */
        bool is_match;       /* Whether it fits. */
    } cases[] = {
        {"", "", true},          {"...", "", true},          {"...", "abc", true},
        {"abc", "abc", true},    {"abc", "ab", false},       {"ab", "abc", false},
        {"a...c", "abbc", true}, {"a...c", "abbcd", false},  {"a...b...c", "aXbYbZc", true},
        {"...b", "abab", true},  {"a b", " a \n  b ", true}, {"a b", "ab", false},
        {"a...b", "a", false},   {"...a...", "bab", true},   {"ab...ab", "ab", false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(text_matches(cases[i].pattern, cases[i].text), cases[i].is_match);
    }
}

static void bytes_are_read_with_repetitions(void **state UNUSED)
{
    static const uint8_t data[] = {1, 2, 2, 3, 4, 3, 4, 9};
    static const struct {
        const char *text; /* Bytes. */
        bool is_match;    /* Whether they are 'data'. */
    } cases[] = {
        {"0102 02 0304 0304 09", true}, {"01 02*2 (03 04)*2 09", true}, {"01 ...", true},
        {"01 ??*6 09", true},           {"01 02*2 (03 ?\?)*2 09", true}, {"0102", false},
        {"01020203040304 0900", false}, {"...", true},                  {"01 03 ...", false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct text_bytes tb;
        char *error = NULL;
        assert_int_equal(text_bytes_parse(&tb, cases[i].text, &error), 0);
        assert_int_equal(text_bytes_match(&tb, data, sizeof data), cases[i].is_match);
        text_bytes_uninit(&tb);
    }
}

static void bad_bytes_are_refused(void **state UNUSED)
{
    static const char *const bad[] = {"0", "0x", "00*", "00*x", "00*0", "00*99999999", "?",
                                      "(00)*0", "(00*1000000)*1000000", "zz"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct text_bytes tb;
        char *error = NULL;
        assert_int_not_equal(text_bytes_parse(&tb, bad[i], &error), 0);
        assert_non_null(error);
        free(error);
    }
}

static void periods_have_units(void **state UNUSED)
{
    static const struct {
        const char *text; /* As written. */
        int64_t ns;       /* Nanoseconds; -1: none. */
    } cases[] = {{"0s", 0},           {"5s", 5 * SEC},     {"2.5s", 2500 * MSEC}, {"7ms", 7 * MSEC},
                 {"3m", 180 * SEC},   {"1h", 3600 * SEC},  {"5", -1},             {"s", -1},
                 {"-1s", -1},         {"1x", -1},          {"1 s", -1},           {"1e99s", -1},
                 {"200000h", 720000000 * SEC}, {"1000000h", -1}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        int64_t ns = -1;
        assert_int_equal(text_period(cases[i].text, &ns), cases[i].ns >= 0);
        assert_int_equal(ns, cases[i].ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_scenario_passes),
        cmocka_unit_test(a_frame_that_does_not_come_is_a_failure),
        cmocka_unit_test(a_frame_that_was_not_expected_is_a_failure_at_the_next_event),
        cmocka_unit_test(a_frame_that_was_not_expected_is_a_failure_at_the_end),
        cmocka_unit_test(another_frame_is_a_failure_that_shows_both),
        cmocka_unit_test(a_message_that_was_not_expected_is_a_failure),
        cmocka_unit_test(another_message_is_a_failure_that_shows_both),
        cmocka_unit_test(a_connection_that_ends_is_a_failure_unless_expected),
        cmocka_unit_test(flows_are_compared_as_a_whole),
        cmocka_unit_test(counters_are_compared),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(a_frame_that_goes_round_for_ever_is_told),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(repeated_lines_count_up),
        cmocka_unit_test(joined_events_happen_before_their_effects),
        cmocka_unit_test(cables_carry_frames_between_bridges),
        cmocka_unit_test(texts_match_with_wild_cards),
        cmocka_unit_test(bytes_are_read_with_repetitions),
        cmocka_unit_test(bad_bytes_are_refused),
        cmocka_unit_test(periods_have_units),
    };
    vlog_set_level("any", VLOG_LEVEL_ERR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
