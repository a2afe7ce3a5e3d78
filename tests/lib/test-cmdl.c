/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/cmdl: options, commands, errors and help. */
#include "lib/cmdl.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "tests/unit.h"

/* Each 'set' writes what it got into the struct bytes 'aux'. */
static int set_port(void *aux, const char *value, char **error)
{
    if (!strcmp(value, "bad")) {
        *error = xstrdup("no device 'bad'");
        return ENODEV;
    }
    bytes_printf(aux, "port=%s;", value);
    return 0;
}

static int set_verbose(void *aux, const char *value, char **error UNUSED)
{
    bytes_printf(aux, "verbose=%s;", value ? value : "none");
    return 0;
}

static int set_quiet(void *aux, const char *value, char **error UNUSED)
{
    assert_null(value);
    bytes_printf(aux, "quiet;");
    return 0;
}

static int set_number(void *aux, const char *value, char **error UNUSED)
{
    uint32_t n;
    if (!str_to_u32(value, 10, &n)) {
        return EINVAL;
    }
    bytes_printf(aux, "number=%u;", n);
    return 0;
}

static const struct cmdl_option options[] = {
    {"port", 'p', "DEVICE", "Add a port on DEVICE.", set_port},
    {"verbose", 'v', "[SPEC]", "Log more.", set_verbose},
    {"quiet", 'q', NULL, "Log less, so that only what went wrong is to be seen in the log "
                         "and nothing else at all.\nTwice: nothing.", set_quiet},
    {"number", 0, "N", "A number.", set_number},
    {"controller-with-a-long-name", 'c', "TARGET", "Who is in charge.", set_port},
    {"secret", 0, NULL, "", set_quiet},
};

/* Parses the words of 'line' (at most 15, single spaces) and returns the code.  'got' gets what the
 * options did and, after '|', the words that were left; or '!' and the error. */
static int parse(const char *line, struct bytes *got)
{
    char *argv[17] = {xstrdup("prog")}, *rest = xstrdup(line), *error;
    char *save = NULL;
    int argc = 1, first;
    for (char *word = strtok_r(rest, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        argv[argc++] = word;
    }
    bytes_clear(got);
    int retval = cmdl_parse(options, ARRAY_SIZE(options), argc, argv, got, &first, &error);
    if (retval) {
        bytes_printf(got, "!%s", error);
    }
    for (int i = first; !retval && i < argc; i++) {
        bytes_printf(got, "|%s", argv[i]);
    }
    free(error);
    free(rest);
    free(argv[0]);
    return retval;
}

static void options_are_taken_in_order_until_the_first_other_word(void **state UNUSED)
{
    static const struct {
        const char *line;
        const char *got;
    } cases[] = {
        {"", ""},
        {"--port a --port=b -pc -p d", "port=a;port=b;port=c;port=d;"},
        {"--port=", "port=;"},
        {"-q word --port a", "quiet;|word|--port|a"},
        {"-q -- --port a", "quiet;|--port|a"},
        {"-q - x", "quiet;|-|x"},
        {"--port -- x", "port=--;|x"},
        {"-qv -qpx", "quiet;verbose=none;quiet;port=x;"},
        {"-v x", "verbose=none;|x"},
        {"-vx --verbose=y --verbose z", "verbose=x;verbose=y;verbose=none;|z"},
        {"--number 7", "number=7;"},
        {"--secret", "quiet;"},
    };
    struct bytes got = BYTES_INIT;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(parse(cases[i].line, &got), CMDL_OK);
        assert_string_equal(bytes_string(&got), cases[i].got);
    }
    bytes_uninit(&got);
}

static void errors_name_the_option_and_the_remedy(void **state UNUSED)
{
    static const struct {
        const char *line;
        const char *got;
    } cases[] = {
        {"--prot a", "!no option --prot; did you mean --port?"},
        {"--prot=a", "!no option --prot; did you mean --port?"},
        {"--cont", "!no option --cont; did you mean --controller-with-a-long-name?"},
        {"--wombat", "!no option --wombat; --help lists them"},
        {"-x", "!no option -x; --help lists them"},
        {"-qx", "quiet;!no option -x; --help lists them"},
        {"--port", "!--port needs an argument: DEVICE"},
        {"-qp", "quiet;!-p needs an argument: DEVICE"},
        {"--quiet=1", "!--quiet takes no argument"},
        {"--port bad", "!--port: no device 'bad'"},
        {"--number x", "!--number: bad value 'x' (Invalid argument)"},
    };
    struct bytes got = BYTES_INIT;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(parse(cases[i].line, &got), CMDL_USAGE);
        assert_string_equal(bytes_string(&got), cases[i].got);
    }
    bytes_uninit(&got);
}

struct cmdl_context {
    int argc;         /* What the last command got. */
    const char *name; /* Its argv[0]. */
};

static int run_any(struct cmdl_context *context, int argc, char *argv[])
{
    context->argc = argc;
    context->name = argv[0];
    return CMDL_FAILED;
}

static const struct cmdl_command commands[] = {
    {"show", 1, 1, "BRIDGE", "Show a bridge.", run_any},
    {"dump-flows", 1, 2, "BRIDGE [FLOW]", "Show flows.", run_any},
    {"ping", 0, INT_MAX, "", "Ping.", run_any},
    {"hidden", 0, 0, "", "", run_any},
};

/* Runs up to 3 words as a command and returns the code; '*error' goes to the caller. */
static int run(struct cmdl_context *context, char *a, char *b, char *c, char **error)
{
    char *argv[] = {a, b, c, NULL};
    int argc = 0;
    while (argv[argc]) {
        argc++;
    }
    return cmdl_run(commands, ARRAY_SIZE(commands), context, argc, argv, error);
}

static void a_command_gets_its_arguments_and_gives_the_exit_code(void **state UNUSED)
{
    struct cmdl_context context = {0};
    char *error;
    assert_int_equal(run(&context, "dump-flows", "br0", NULL, &error), CMDL_FAILED);
    assert_null(error);
    assert_int_equal(context.argc, 2);
    assert_string_equal(context.name, "dump-flows");
    assert_int_equal(run(&context, "ping", "a", "b", &error), CMDL_FAILED);
    assert_int_equal(context.argc, 3);
}

static void wrong_commands_are_explained(void **state UNUSED)
{
    static const struct {
        char *words[3];
        const char *error;
    } cases[] = {
        {{NULL}, "a command is missing; --help lists them"},
        {{"dump-flow"}, "no command 'dump-flow'; did you mean 'dump-flows'?"},
        {{"wombat"}, "no command 'wombat'; --help lists them"},
        {{"show"}, "too few arguments; usage: show BRIDGE"},
        {{"show", "a", "b"}, "too many arguments; usage: show BRIDGE"},
        {{"hidden", "a"}, "too many arguments; usage: hidden"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *const *w = cases[i].words;
        char *error;
        assert_int_equal(run(NULL, w[0], w[1], w[2], &error), CMDL_USAGE);
        assert_string_equal(error, cases[i].error);
        free(error);
    }
}

static void help_is_wrapped_in_two_columns(void **state UNUSED)
{
    static const char expected[] =
        "usage: prog [OPTIONS] COMMAND\n"
        "\n"
        "Commands:\n"
        "  show BRIDGE               Show a bridge.\n"
        "  dump-flows BRIDGE [FLOW]  Show flows.\n"
        "  ping                      Ping.\n"
        "\n"
        "Options:\n"
        "  -p, --port=DEVICE         Add a port on DEVICE.\n"
        "  -v, --verbose[=SPEC]      Log more.\n"
        "  -q, --quiet               Log less, so that only what went wrong is to be seen\n"
        "                            in the log and nothing else at all.\n"
        "                            Twice: nothing.\n"
        "      --number=N            A number.\n"
        "  -c, --controller-with-a-long-name=TARGET\n"
        "                            Who is in charge.\n";
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    cmdl_print_help(stream, "prog", "[OPTIONS] COMMAND", options, ARRAY_SIZE(options), commands,
                    ARRAY_SIZE(commands));
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
}

static void near_words_are_found_and_far_ones_are_not(void **state UNUSED)
{
    static const char *const names[] = {"show", "ping", "probe", "snoop"};
    static const struct {
        const char *word;
        const char *nearest;
    } cases[] = {
        {"shwo", "show"}, {"shows", "show"}, {"snop", "snoop"}, {"pro", "probe"}, {"p", NULL},
        {"", NULL},       {"xyzzy", NULL},
        {"a-word-that-is-so-long-that-nobody-can-have-meant-it-at-all", NULL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *nearest = cmdl_nearest(cases[i].word, names, sizeof names[0],
                                           ARRAY_SIZE(names));
        if (cases[i].nearest) {
            assert_string_equal(nearest, cases[i].nearest);
        } else {
            assert_null(nearest);
        }
    }
}

static void seconds_are_read_within_bounds(void **state UNUSED)
{
    static const struct {
        const char *value; /* As typed. */
        uint64_t least;    /* Fewest. */
        int64_t period;    /* What comes; -1 if it is refused. */
    } cases[] = {
        {"0", 0, 0}, {"1", 1, SEC}, {"86400", 1, 86400 * SEC}, {"0", 1, -1}, {"86401", 0, -1},
        {"-1", 0, -1}, {"1.5", 0, -1}, {"", 0, -1},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        int64_t period = -1;
        char *error = NULL;
        int got = cmdl_set_seconds(cases[i].value, cases[i].least, &period, &error);
        assert_int_equal(got, cases[i].period < 0 ? EINVAL : 0);
        assert_int_equal(period, cases[i].period);
        assert_int_equal(!!error, cases[i].period < 0);
        assert_true(!error || strstr(error, "to 86400"));
        free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_taken_in_order_until_the_first_other_word),
        cmocka_unit_test(errors_name_the_option_and_the_remedy),
        cmocka_unit_test(seconds_are_read_within_bounds),
        cmocka_unit_test(a_command_gets_its_arguments_and_gives_the_exit_code),
        cmocka_unit_test(wrong_commands_are_explained),
        cmocka_unit_test(help_is_wrapped_in_two_columns),
        cmocka_unit_test(near_words_are_found_and_far_ones_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
