/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of sluice-controller: its table of options and what they amount to. */
#ifndef UTILITIES_CONTROLLER_OPTIONS_H
#define UTILITIES_CONTROLLER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/channel/rconn.h"
#include "lib/channel/tls-config.h"
#include "utilities/controller-switch.h"

/* Everything that a command line says.  Strings are borrowed from argv. */
struct controller_options {
    struct controller_policy policy; /* How to control. */
    struct rconn_config rconn;       /* How to keep connections; the seed is not set. */
    struct tls_files tls;            /* Keys; all NULL if none were given. */
    const char **targets;            /* Where to listen and to dial; owned array. */
    size_t n_targets;                /* Number of them. */
    const char *pidfile;             /* NULL: none. */
    const char *log_file;            /* NULL: none. */
    bool detach;                     /* Go to the background. */
    bool help;                       /* Print help and nothing else. */
    bool version;                    /* Print the version and nothing else. */
};

/* Parses the command line; options and targets may be mixed.  Returns 0; or CMDL_USAGE with
 * '*error'.  In any case uninit it. */
int controller_options_parse(struct controller_options *o, int argc, char *argv[], char **error);
void controller_options_uninit(struct controller_options *o);

/* Prints the help to standard output. */
void controller_options_print_help(void);

#endif
