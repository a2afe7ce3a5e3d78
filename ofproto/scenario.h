/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios: whole switches in simulation, driven and judged by a text that can be read aloud. */
#ifndef OFPROTO_SCENARIO_H
#define OFPROTO_SCENARIO_H

#include <stdio.h>

/* A scenario is a text file, one event or expectation a line; doc/scenarios.md has its grammar. It
 * runs without devices, sockets, threads and real time: the same text gives the same bytes on
 * every machine.
 *
 * Threads: the caller's only. */

/* Runs the scenario in the file 'path' to its end, or to its first failure. Returns 0, or an errno
 * with '*error' a malloc()ed text that names the line, what was expected there and what came. */
int scenario_run(const char *path, char **error);

/* Prints every word that a line can begin with, what follows it and what it does. */
void scenario_print_help(FILE *stream);

#endif
