/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking OpenFlow client: open, send, receive one message, with a deadline for everything. */
#ifndef UTILITIES_OFCTL_CLIENT_H
#define UTILITIES_OFCTL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;
struct tls_files;

/* One connection to a switch, and the event loop under it.  Single thread.
 *
 * Errors of all functions are an errno, with *error a malloc()ed sentence that names the target. */
struct client;

/* Connects to 'target' (a stream's name) and exchanges HELLOs.  'tls' may have nothing but NULLs.
 * 'timeout' in nanoseconds is for all that the client does from now on; 0: none. */
int client_open(const char *target, const struct tls_files *tls, int64_t timeout,
                struct client **client, char **error);

/* Closes and frees.  Accepts NULL. */
void client_close(struct client *c);

/* A transaction id that has not been used. */
uint32_t client_next_xid(struct client *c);

/* Queues 'msg' and takes ownership; waits while much is queued, so that memory stays small. */
void client_send(struct client *c, struct bytes *msg);

/* Waits for a message.  ECHO_REQUESTs are answered and not returned, unless client_show_echo() was
 * called.  Returns 0 with '*msg', which the caller owns; ECONNRESET or another errno if the
 * connection is dead, ETIMEDOUT. */
int client_receive(struct client *c, struct bytes **msg, char **error);

/* ECHO_REQUESTs are answered and returned too. */
void client_show_echo(struct client *c);

/* True until the connection is lost or the time is up. */
bool client_is_open(const struct client *c);

/* Nanoseconds of a clock that only goes forward. */
int64_t client_now(void);

#endif
