/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: one table of options and one of commands give parser, help and errors. */
#ifndef LIB_CMDL_H
#define LIB_CMDL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/util.h"

/* Options
 * =======
 *
 * A program has one table of its options.  Long options are written --name, --name=VALUE or --name
 * VALUE, short ones -x, -xVALUE or -x VALUE; "--" ends the options.  Options are handed to 'set' in
 * the order of the command line and may be repeated: what repeating means is for 'set' to say.
 * --help and --version are rows like all others.
 *
 * Errors are one line without a newline, in '*error', which the caller frees.  Wrong usage is
 * CMDL_USAGE, the exit code that programs give for it. */

enum {
    CMDL_OK = 0,     /* Done; also the exit code. */
    CMDL_FAILED = 1, /* What was asked for failed; also the exit code. */
    CMDL_USAGE = 2,  /* Option, command or arguments wrong; also the exit code. */
};

/* One option. */
struct cmdl_option {
    const char *name;     /* Long name without "--". */
    char letter;          /* Short name, or 0. */
    const char *argument; /* Name of the argument in the help ("FILE"), "[X]" if it may be left
                           * out (it must then follow '='), or NULL if there is none. */
    const char *help;     /* What it does, for the help; may be several lines.  An empty string
                           * hides the option. */
    /* Takes the option.  'aux' is what cmdl_parse() was given; 'value' the argument or NULL,
     * borrowed from argv, which lives as long as the program.  Returns 0, or an errno with '*error'
     * a text from malloc() that says what is wrong with the value (or NULL: plain "bad value"). */
    int (*set)(void *aux, const char *value, char **error);
};

/* Parses argv[1] to argv[argc - 1] with the 'n' rows of 'options'.  Parsing stops at the first word
 * that is no option, at "--" (which it skips) and at the end; '*first_positional' becomes the index
 * in argv of what is left.  Returns CMDL_OK, or CMDL_USAGE with '*error' naming the option and, if
 * its name is unknown, the nearest one that there is. */
int cmdl_parse(const struct cmdl_option *options, size_t n, int argc, char *argv[], void *aux,
               int *first_positional, char **error);

/* Setters that several programs have.  The first two stand at a file's top level; 'struct_' is the
 * type of what cmdl_parse()'s 'aux' points to. */

/* Defines set_NAME(), which keeps the value, borrowed, as the 'const char *' MEMBER. */
#define CMDL_DEFINE_SET_STRING(NAME, struct_, MEMBER) \
    static int set_##NAME(void *aux, const char *value, char **error UNUSED) \
    { \
        ((struct_ *) aux)->MEMBER = value; \
        return 0; \
    }

/* Defines set_NAME(), which sets the 'bool' MEMBER. */
#define CMDL_DEFINE_SET_FLAG(NAME, struct_, MEMBER) \
    static int set_##NAME(void *aux, const char *value UNUSED, char **error UNUSED) \
    { \
        ((struct_ *) aux)->MEMBER = true; \
        return 0; \
    }

/* Reads 'value', a number of seconds from 'least' to 86400, into '*period', nanoseconds.  Returns
 * 0, or EINVAL with '*error' as a row's 'set' does. */
int cmdl_set_seconds(const char *value, uint64_t least, int64_t *period, char **error);

/* Commands
 * ======== */

/* What the commands of a program share; the program defines its members. */
struct cmdl_context;

/* One command: the first word after the options. */
struct cmdl_command {
    const char *name;      /* The word. */
    int min_args;          /* Words that must follow it. */
    int max_args;          /* Words that may follow it; INT_MAX for any number. */
    const char *arguments; /* Their names in the help: "BRIDGE [FLOW]"; "" if there are none. */
    const char *help;      /* What it does, for the help; an empty string hides the command. */
    /* Does it.  argv[0] is the command's name, argv[1] to argv[argc - 1] its arguments.  Returns
     * the program's exit code. */
    int (*run)(struct cmdl_context *context, int argc, char *argv[]);
};

/* Runs the command argv[0] of the 'n' rows of 'commands' with the other words as arguments.
 * Returns what it returns and sets '*error' to NULL; or CMDL_USAGE with '*error' if there is no
 * word, no such command (names the nearest), or too many or too few arguments (names them). */
int cmdl_run(const struct cmdl_command *commands, size_t n, struct cmdl_context *context, int argc,
             char *argv[], char **error);

/* Prints help: "usage: PROGRAM SYNOPSIS", then the commands (NULL with 0 if there are none), then
 * the options, in two columns wrapped for 80 columns. */
void cmdl_print_help(FILE *stream, const char *program, const char *synopsis,
                     const struct cmdl_option *options, size_t n_options,
                     const struct cmdl_command *commands, size_t n_commands);

/* Ends the output of 'program', which is about to exit with 'code'. Returns that code; or, if not
 * all that was printed to standard output has arrived, CMDL_FAILED, after a line on standard
 * error. */
int cmdl_finish(const char *program, int code);

/* Returns which of the 'n' names, each at 'stride' bytes after the one before, is so near to 'word'
 * that it may have been meant; NULL if none is.  'names' points to the first const char *. */
const char *cmdl_nearest(const char *word, const void *names, size_t stride, size_t n);

#endif
