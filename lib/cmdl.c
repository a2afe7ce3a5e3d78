/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: one table of options and one of commands give parser, help and errors. */
#include "lib/cmdl.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"

enum {
    HELP_COLUMN = 28,  /* Column where the text of the help begins. */
    HELP_WIDTH = 80,   /* Columns of the help. */
    NEAREST_MAX = 48,  /* Characters of a word that may be near to another. */
    SECONDS_MAX = 86400, /* Largest period that an option takes: a day. */
};

/* What cmdl_parse() works with. */
struct parse {
    const struct cmdl_option *options; /* Rows. */
    size_t n;                          /* Number of rows. */
    int argc;                          /* Words of the command line, */
    char **argv;                       /* borrowed. */
    int at;                            /* Index of the word that is being parsed. */
    void *aux;                         /* For the rows' 'set'. */
    char **error;                      /* Where the error text goes. */
};

/* May the argument of 'option' be left out? */
static bool is_argument_optional(const struct cmdl_option *option)
{
    return option->argument && option->argument[0] == '[';
}

/* Hands 'value' to 'option', which the user wrote as 'shown'. */
static int set_option(struct parse *p, const struct cmdl_option *option, const char *shown,
                      const char *value)
{
    char *reason = NULL;
    int error = option->set(p->aux, value, &reason);
    if (!error) {
        free(reason);
        return CMDL_OK;
    }
    *p->error = reason  ? xasprintf("%s: %s", shown, reason)
                : value ? xasprintf("%s: bad value '%s' (%s)", shown, value, strerror(error))
                        : xasprintf("%s: %s", shown, strerror(error));
    free(reason);
    return CMDL_USAGE;
}

/* Finds the argument of 'option', 'attached' if not NULL, and hands it over. */
static int take_argument(struct parse *p, const struct cmdl_option *option, const char *shown,
                         const char *attached)
{
    if (!attached && option->argument && !is_argument_optional(option)) {
        if (p->at + 1 >= p->argc) {
            *p->error = xasprintf("%s needs an argument: %s", shown, option->argument);
            return CMDL_USAGE;
        }
        attached = p->argv[++p->at];
    }
    return set_option(p, option, shown, attached);
}

/* Returns the option with the long name that is the 'length' characters at 'name', or NULL. */
static const struct cmdl_option *find_long(const struct parse *p, const char *name, size_t length)
{
    for (size_t i = 0; i < p->n; i++) {
        if (strlen(p->options[i].name) == length && !memcmp(p->options[i].name, name, length)) {
            return &p->options[i];
        }
    }
    return NULL;
}

/* Parses "--name" and "--name=VALUE". */
static int parse_long(struct parse *p, const char *word)
{
    size_t length = strcspn(word + 2, "=");
    const char *value = word[2 + length] ? word + 2 + length + 1 : NULL;
    char *shown = xasprintf("%.*s", (int) length + 2, word);
    const struct cmdl_option *option = find_long(p, word + 2, length);
    int retval = CMDL_USAGE;
    if (!option) {
        const char *nearest = p->n ? cmdl_nearest(shown + 2, &p->options[0].name,
                                                  sizeof p->options[0], p->n) : NULL;
        *p->error = nearest ? xasprintf("no option %s; did you mean --%s?", shown, nearest)
                            : xasprintf("no option %s; --help lists them", shown);
    } else if (value && !option->argument) {
        *p->error = xasprintf("%s takes no argument", shown);
    } else {
        retval = take_argument(p, option, shown, value);
    }
    free(shown);
    return retval;
}

/* Returns the option with the short name 'letter', or NULL. */
static const struct cmdl_option *find_short(const struct parse *p, char letter)
{
    for (size_t i = 0; i < p->n; i++) {
        if (letter && p->options[i].letter == letter) {
            return &p->options[i];
        }
    }
    return NULL;
}

/* Parses "-x", "-xVALUE" and, without arguments, "-xyz". */
static int parse_short(struct parse *p, const char *word)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const char shown[] = {'-', *letter, '\0'};
        const struct cmdl_option *option = find_short(p, *letter);
        if (!option) {
            *p->error = xasprintf("no option %s; --help lists them", shown);
            return CMDL_USAGE;
        }
        if (option->argument) {
            return take_argument(p, option, shown, letter[1] ? letter + 1 : NULL);
        }
        int retval = set_option(p, option, shown, NULL);
        if (retval) {
            return retval;
        }
    }
    return CMDL_OK;
}

int cmdl_parse(const struct cmdl_option *options, size_t n, int argc, char *argv[], void *aux,
               int *first_positional, char **error)
{
    struct parse p = {options, n, argc, argv, 1, aux, error};
    int retval = CMDL_OK;
    *error = NULL;
    for (; !retval && p.at < argc && argv[p.at][0] == '-' && argv[p.at][1]; p.at++) {
        const char *word = argv[p.at];
        if (!strcmp(word, "--")) {
            p.at++;
            break;
        }
        retval = word[1] == '-' ? parse_long(&p, word) : parse_short(&p, word);
    }
    *first_positional = p.at;
    return retval;
}

int cmdl_set_seconds(const char *value, uint64_t least, int64_t *period, char **error)
{
    uint64_t n;
    if (!str_to_uint(value, 10, SECONDS_MAX, &n) || n < least) {
        *error = xasprintf("%s: give a number of seconds from %d to %d", value, (int) least,
                           SECONDS_MAX);
        return EINVAL;
    }
    *period = (int64_t) n * SEC;
    return 0;
}

/* Returns the row of 'name', or NULL with '*error' naming the nearest. */
static const struct cmdl_command *find_command(const struct cmdl_command *commands, size_t n,
                                               const char *name, char **error)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(commands[i].name, name)) {
            return &commands[i];
        }
    }
    const char *nearest = n ? cmdl_nearest(name, &commands[0].name, sizeof commands[0], n) : NULL;
    *error = nearest ? xasprintf("no command '%s'; did you mean '%s'?", name, nearest)
                     : xasprintf("no command '%s'; --help lists them", name);
    return NULL;
}

int cmdl_run(const struct cmdl_command *commands, size_t n, struct cmdl_context *context, int argc,
             char *argv[], char **error)
{
    *error = NULL;
    if (argc < 1) {
        *error = xstrdup("a command is missing; --help lists them");
        return CMDL_USAGE;
    }
    const struct cmdl_command *command = find_command(commands, n, argv[0], error);
    if (!command) {
        return CMDL_USAGE;
    }
    if (argc - 1 < command->min_args || argc - 1 > command->max_args) {
        *error = xasprintf("too %s arguments; usage: %s%s%s",
                           argc - 1 < command->min_args ? "few" : "many", command->name,
                           *command->arguments ? " " : "", command->arguments);
        return CMDL_USAGE;
    }
    return command->run(context, argc, argv);
}

/* Prints spaces until 'column', in a new line if the present column, '*at', is beyond. */
static void print_indent(FILE *stream, int *at, int column)
{
    if (*at >= column) {
        fputc('\n', stream);
        *at = 0;
    }
    fprintf(stream, "%*s", column - *at, "");
    *at = column;
}

/* Prints one row of the help: 'left' in the left column, 'help' wrapped in the right one. */
static void print_row(FILE *stream, const char *left, const char *help)
{
    int at = fprintf(stream, "  %s", left);
    at = at < HELP_COLUMN - 1 ? at : HELP_COLUMN;
    print_indent(stream, &at, HELP_COLUMN);
    while (*help) {
        size_t length = strcspn(help, " \n");
        if (at > HELP_COLUMN && at + 1 + (int) length > HELP_WIDTH) {
            print_indent(stream, &at, HELP_COLUMN);
        }
        at += fprintf(stream, "%s%.*s", at > HELP_COLUMN ? " " : "", (int) length, help);
        help += length;
        if (*help == '\n') {
            print_indent(stream, &at, HELP_COLUMN);
        }
        help += *help ? 1 : 0;
    }
    fputc('\n', stream);
}

/* Prints the row of 'option'. */
static void print_option(FILE *stream, const struct cmdl_option *option)
{
    struct bytes left = BYTES_INIT;
    bytes_printf(&left, option->letter ? "-%c, " : "    ", option->letter);
    bytes_printf(&left, "--%s", option->name);
    if (is_argument_optional(option)) {
        bytes_printf(&left, "[=%s", option->argument + 1);
    } else if (option->argument) {
        bytes_printf(&left, "=%s", option->argument);
    }
    print_row(stream, bytes_string(&left), option->help);
    bytes_uninit(&left);
}

/* Prints the row of 'command'. */
static void print_command(FILE *stream, const struct cmdl_command *command)
{
    char *left = xasprintf("%s%s%s", command->name, *command->arguments ? " " : "",
                           command->arguments);
    print_row(stream, left, command->help);
    free(left);
}

void cmdl_print_help(FILE *stream, const char *program, const char *synopsis,
                     const struct cmdl_option *options, size_t n_options,
                     const struct cmdl_command *commands, size_t n_commands)
{
    fprintf(stream, "usage: %s%s%s\n", program, *synopsis ? " " : "", synopsis);
    fputs(n_commands ? "\nCommands:\n" : "", stream);
    for (size_t i = 0; i < n_commands; i++) {
        if (*commands[i].help) {
            print_command(stream, &commands[i]);
        }
    }
    fputs(n_options ? "\nOptions:\n" : "", stream);
    for (size_t i = 0; i < n_options; i++) {
        if (*options[i].help) {
            print_option(stream, &options[i]);
        }
    }
}

/* Returns how many letters must be changed, added, left out or swapped with the next to make 'b' of
 * 'a' (each at most once): the optimal string alignment distance, row by row. */
static unsigned distance(const char *a, const char *b)
{
    unsigned rows[3][NEAREST_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    size_t b_length = strlen(b);
    for (size_t j = 0; j <= b_length; j++) {
        row[j] = (unsigned) j;
    }
    for (size_t i = 1; a[i - 1]; i++) {
        unsigned *oldest = before;
        before = above;
        above = row;
        row = oldest;
        row[0] = (unsigned) i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = MIN(MIN(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = MIN(row[j], before[j - 2] + 1);
            }
        }
    }
    return row[b_length];
}

/* Returns how far 'name' is from 'word'; UINT_MAX for too far.  A beginning of it is near. */
static unsigned remoteness(const char *word, const char *name)
{
    size_t length = strlen(word);
    if (length > NEAREST_MAX || strlen(name) > NEAREST_MAX) {
        return -1U;
    }
    if (length >= 3 && !strncmp(word, name, length)) {
        return 1;
    }
    unsigned d = distance(word, name);
    return d <= 1 + length / 4 && d < length ? d : -1U;
}

const char *cmdl_nearest(const char *word, const void *names, size_t stride, size_t n)
{
    const char *nearest = NULL;
    unsigned least = -1U;
    for (size_t i = 0; i < n; i++) {
        const char *name;
        memcpy(&name, (const char *) names + i * stride, sizeof name);
        unsigned d = remoteness(word, name);
        if (d < least) {
            least = d;
            nearest = name;
        }
    }
    return nearest;
}

int cmdl_finish(const char *program, int code)
{
    int error = fflush(stdout) ? errno : ferror(stdout) ? EIO : 0;
    if (error) {
        fprintf(stderr, "%s: standard output: %s\n", program, strerror(error));
        return code ? code : CMDL_FAILED;
    }
    return code;
}
