/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the control socket as text. */
#ifndef UTILITIES_CTL_PRINT_H
#define UTILITIES_CTL_PRINT_H

struct json_t;

/* Prints 'result', the answer to a request that begins with the word 'command', to standard output.
 * Whatever it is, text comes of it; of what should have been something else, less.  Control
 * characters of its strings, which others may have chosen, are replaced in it: they could feign
 * lines. */
void ctl_print(const char *command, struct json_t *result);

#endif
