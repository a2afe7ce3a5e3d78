/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of sluiced: its table of options and what they amount to. */
#ifndef UTILITIES_SLUICED_OPTIONS_H
#define UTILITIES_SLUICED_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/channel/channel.h"
#include "lib/channel/tls.h"
#include "ofproto/bridge.h"

/* All that a command line says. */
struct sluiced_options {
    struct bridge_config *bridges; /* In order; owned. */
    size_t n_bridges;              /* How many. */
    struct tls_files tls;          /* Borrowed from argv. */
    unsigned workers;              /* Worker threads. */
    int64_t max_backoff;           /* Nanoseconds. */
    int64_t inactivity_probe;      /* Nanoseconds; 0 off. */
    const char *state_dir;         /* Or NULL. */
    const char *run_dir;           /* Or NULL: the default. */
    const char *ctl;               /* Control socket, or NULL: sluiced.ctl in the run directory. */
    struct socket_access sockets;  /* Mode and group of Unix sockets. */
    bool ovs_names;                /* Links for ovs-ofctl. */
    const char *pidfile;           /* Or NULL. */
    bool detach;                   /* Go to the background. */
    const char *log_file;          /* Or NULL. */
    bool syslog;                   /* Log to syslog. */
    const char *scenario;          /* --sim FILE, or NULL. */
    bool scenario_help;            /* --sim-help. */
    bool help;                     /* --help. */
    bool version;                  /* --version. */
};

/* Parses; on an error returns the exit code with *error, else 0. */
int sluiced_options_parse(struct sluiced_options *o, int argc, char *argv[], char **error);
void sluiced_options_uninit(struct sluiced_options *o);
void sluiced_options_print_help(void);

#endif
