/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket: a daemon's bridges are asked and changed over it while they run. */
#ifndef OFPROTO_CONTROL_H
#define OFPROTO_CONTROL_H

#include "ofproto/control-commands.h"

struct bytes;
struct control;

/* Whoever can open the socket (mode 0600) writes lines and reads one line of answer to each, in
 * order.  A request is a JSON array of words, as on a command line:
 *
 *     ["port", "add", "br0", "veth1,ofport=3"]
 *
 * An answer is a JSON object with just one member, "result" (of any type; null if there is nothing
 * to tell) or "error" (one sentence):
 *
 *     {"result": {"port_no": 3}}
 *
 * Requests that are many at once are answered a few in each turn of the loop, and no more of them
 * than the peer reads the answers of; nothing more is read meanwhile.
 *
 * The commands are the table in control-commands.c; ["help"] lists them.  Control goes with the
 * daemon, not with OpenFlow: a controller can't do what it does.
 *
 * Threads: the control thread. */

/* Listens at the Unix socket 'path'.  Returns 0 with '*control', or an errno with '*error'. */
int control_create(const struct control_env *env, const char *path, struct control **control,
                   char **error);

/* Does what the 'size' bytes of a line say; returns the line that answers, owned by the caller. */
struct bytes *control_answer(const struct control_env *env, const char *line, size_t size);

/* Ends all sessions and removes the socket.  Accepts NULL. */
void control_destroy(struct control *control);

#endif
