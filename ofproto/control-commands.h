/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the control socket. */
#ifndef OFPROTO_CONTROL_COMMANDS_H
#define OFPROTO_CONTROL_COMMANDS_H

#include <stddef.h>

struct control_env;
struct json_t;

/* Does what the 'n' words say.  Returns the result, which the caller owns, or NULL with '*error' a
 * malloc()ed sentence; then nothing has changed. */
struct json_t *control_run(const struct control_env *env, size_t n, const char *const words[],
                           char **error);

#endif
