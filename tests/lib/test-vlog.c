/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/vlog: levels, limits and destinations. */
#include "lib/vlog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bytes.h"
#include "tests/unit.h"

VLOG_DEFINE_MODULE(test);

/* A second module, so that levels can differ. */
static struct vlog_module other = {.name = "other", .level = VLOG_LEVEL_INFO};

/* Writes each message as "module:level:text;" into the struct bytes 'aux'. */
static void sink(const char *module, enum vlog_level level, const char *text, void *aux)
{
    bytes_printf(aux, "%s:%s:%s;", module, vlog_level_name(level), text);
}

static int start(void **state)
{
    struct bytes *seen = bytes_create(0);
    vlog_set_sink(sink, seen);
    *state = seen;
    return vlog_set_level("any", VLOG_LEVEL_INFO);
}

static int stop(void **state)
{
    vlog_set_sink(NULL, NULL);
    bytes_destroy(*state);
    return 0;
}

static void only_messages_up_to_the_level_come_through(void **state)
{
    VLOG_ERR("e%d", 1);
    VLOG_DBG("d%d", 1);
    assert_int_equal(vlog_set_level("test", VLOG_LEVEL_ERR), 0);
    VLOG_WARN("w2");
    VLOG_ERR("e2");
    assert_int_equal(vlog_set_level("test", VLOG_LEVEL_DBG), 0);
    VLOG_DBG("d3");
    assert_int_equal(vlog_set_level("test", VLOG_LEVEL_OFF), 0);
    VLOG_ERR("e4");
    assert_string_equal(bytes_string(*state), "test:err:e1;test:err:e2;test:dbg:d3;");
}

static void arguments_are_not_evaluated_below_the_level(void **state UNUSED)
{
    int n = 0;
    VLOG_DBG("%d", n++);
    VLOG_INFO("%d", n++);
    assert_int_equal(n, 1);
    assert_false(VLOG_IS_ENABLED(VLOG_LEVEL_DBG));
}

static void errno_survives_a_message(void **state UNUSED)
{
    errno = ENOTTY;
    VLOG_INFO("x");
    assert_int_equal(errno, ENOTTY);
}

static void a_message_is_one_line_whatever_a_peer_put_in_it(void **state)
{
    VLOG_INFO("name %s", "a\nb\033[1m\x7f");
    assert_string_equal(bytes_string(*state), "test:info:name a?b?[1m?;");
}

static void a_limit_swallows_and_tells_how_many(void **state)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(1, 2);
    for (int i = 0; i < 5; i++) {
        VLOG_WARN_RL(&limit, "m%d", i);
    }
    assert_string_equal(bytes_string(*state), "test:warn:m0;test:warn:m1;");
    bytes_clear(*state);
    token_bucket_init(&limit.bucket, 1, 120);
    VLOG_WARN_RL(&limit, "m5");
    VLOG_WARN_RL(&limit, "m6");
    assert_string_equal(bytes_string(*state),
                        "test:warn:m5 (and 3 like it not shown);test:warn:m6;");
}

static void specifications_set_levels_of_one_or_all(void **state UNUSED)
{
    char *error = NULL;
    assert_int_equal(vlog_parse_level_spec("warn,other:dbg", &error), 0);
    assert_null(error);
    assert_int_equal(vlog_this_module.level, VLOG_LEVEL_WARN);
    assert_int_equal(other.level, VLOG_LEVEL_DBG);
    assert_int_equal(vlog_parse_level_spec("any:off", &error), 0);
    assert_int_equal(other.level, VLOG_LEVEL_OFF);
    assert_int_equal(vlog_set_level("nobody", VLOG_LEVEL_DBG), ENOENT);
}

static void a_wrong_specification_changes_nothing(void **state UNUSED)
{
    static const struct {
        const char *spec;
        const char *named;
    } cases[] = {
        {"dbg,nobody:dbg", "'nobody'"}, {"dbg,other:loud", "'loud'"}, {"", "''"},
        {"dbg,", "''"},                 {":dbg", "''"},               {"other:", "''"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *error = NULL;
        assert_int_equal(vlog_parse_level_spec(cases[i].spec, &error), EINVAL);
        assert_non_null(strstr(error, cases[i].named));
        free(error);
        assert_int_equal(vlog_this_module.level, VLOG_LEVEL_INFO);
    }
}

static void list_level(const char *name, enum vlog_level level, void *aux)
{
    bytes_printf(aux, "%s=%s ", name, vlog_level_name(level));
}

static void modules_are_listed_by_name_once(void **state)
{
    static struct vlog_module twin = {.name = "other", .level = VLOG_LEVEL_INFO};
    vlog_register(&twin);
    vlog_set_level("other", VLOG_LEVEL_WARN);
    vlog_for_each_module(list_level, *state);
    assert_string_equal(bytes_string(*state), "other=warn test=info ");
}

/* Returns the content of the file 'path'; the caller destroys it. */
static struct bytes *read_file(const char *path)
{
    struct bytes *b = bytes_create(4096);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    b->size = fread(b->data, 1, b->allocated, file);
    fclose(file);
    return b;
}

static void a_rotated_file_is_opened_again(void **state UNUSED)
{
    char path[] = "/tmp/test-vlog-XXXXXX";
    close(mkstemp(path));
    char *rotated = xasprintf("%s.1", path);
    vlog_set_sink(NULL, NULL);
    vlog_set_stderr(false);
    assert_int_equal(vlog_set_file("/no/such/folder/log"), ENOENT);
    assert_int_equal(vlog_set_file(path), 0);
    VLOG_INFO("one");
    assert_int_equal(rename(path, rotated), 0);
    VLOG_INFO("two");
    assert_int_equal(vlog_reopen_file(), 0);
    VLOG_INFO("three");
    assert_int_equal(vlog_set_file(NULL), 0);
    assert_int_equal(vlog_reopen_file(), 0);
    vlog_set_stderr(true);
    struct bytes *before = read_file(rotated), *after = read_file(path);
    unlink(path);
    unlink(rotated);
    assert_non_null(strstr(bytes_string(before), "Z|test|info|one\n"));
    assert_non_null(strstr(bytes_string(before), "two\n"));
    assert_non_null(strstr(bytes_string(after), "three\n"));
    assert_null(strstr(bytes_string(after), "two"));
    bytes_destroy(before);
    bytes_destroy(after);
    free(rotated);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_messages_up_to_the_level_come_through, start, stop),
        cmocka_unit_test_setup_teardown(arguments_are_not_evaluated_below_the_level, start, stop),
        cmocka_unit_test_setup_teardown(errno_survives_a_message, start, stop),
        cmocka_unit_test_setup_teardown(a_message_is_one_line_whatever_a_peer_put_in_it, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_limit_swallows_and_tells_how_many, start, stop),
        cmocka_unit_test_setup_teardown(specifications_set_levels_of_one_or_all, start, stop),
        cmocka_unit_test_setup_teardown(a_wrong_specification_changes_nothing, start, stop),
        cmocka_unit_test_setup_teardown(modules_are_listed_by_name_once, start, stop),
        cmocka_unit_test_setup_teardown(a_rotated_file_is_opened_again, start, stop),
    };
    vlog_register(&other);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
