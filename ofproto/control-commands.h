/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the control socket. */
#ifndef OFPROTO_CONTROL_COMMANDS_H
#define OFPROTO_CONTROL_COMMANDS_H

#include <stddef.h>

struct bridge;
struct channel_env;
struct json_t;
struct workers;

/* What the commands work on.  All of it is borrowed and outlives the socket. */
struct control_env {
    const struct channel_env *channel; /* Loop and timers. */
    struct workers *workers;           /* Threads that forward. */
    struct bridge *const *bridges;     /* All bridges. */
    size_t n_bridges;                  /* How many. */
};

/* Does what the 'n' words say.  Returns the result, which the caller owns, or NULL with '*error',
 * which was NULL, a malloc()ed sentence; then nothing has changed.
 *
 * Ports that are removed are closed later: if workers_are_closing() when it returns but not before,
 * the result is true when they no longer are.  And while they are, nothing is done for a command
 * that needs them closed: it returns NULL without a sentence, and is to be given again then. */
struct json_t *control_run(const struct control_env *env, size_t n, const char *const words[],
                           char **error);

#endif
