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
 * The removal of a port is answered when its device is closed, which is when the threads that
 * forward have let go of it: the session waits.  Others wait if they are about to add or remove a
 * port, and are served in the order in which they came to wait.
 *
 * The commands are the table in control-commands.c; ["help"] lists them.  Control goes with the
 * daemon, not with OpenFlow: a controller can't do what it does.
 *
 * Threads: the control thread. */

/* Listens at the Unix socket 'path'.  Returns 0 with '*control', or an errno with '*error'. */
int control_create(const struct control_env *env, const char *path, struct control **control,
                   char **error);

/* Goes on with sessions that wait for removed ports to be closed: to be called in each turn of the
 * loop after workers_run() and before the bridges'.  Accepts NULL. */
void control_go_on(struct control *control);

/* Does what the 'size' bytes of a line say.  Returns the line that answers, owned by the caller, or
 * NULL if the request has to wait: control_run() says when, and when the answer is true. */
struct bytes *control_answer(const struct control_env *env, const char *line, size_t size);

/* Ends all sessions and removes the socket.  Accepts NULL. */
void control_destroy(struct control *control);

#endif
