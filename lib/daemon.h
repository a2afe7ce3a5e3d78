/* SPDX-License-Identifier: Apache-2.0 */
/* Life in the background: going there, telling the parent, and the pid file. */
#ifndef LIB_DAEMON_H
#define LIB_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/util.h"

/* A program goes to the background in two steps, so that whoever started it learns whether it came
 * up:
 *
 *     daemon_start(true, "/run/x.pid", &error);  forks; the parent waits inside
 *     ... open ports and sockets; exit with an error message if that fails ...
 *     daemon_ready();                            the parent exits with 0
 *
 * If the child exits or dies before daemon_ready(), the parent exits with the child's code (1 if a
 * signal killed it).  Until then standard error is the user's.
 *
 * In the foreground the same two calls only keep the pid file.
 *
 * Threads: the main thread, before there are others. */

/* Forks if 'background', then makes and locks the pid file 'pidfile' (NULL: none).  The file holds
 * the pid in decimal and a newline, is locked with fcntl() while the process lives, and is removed
 * when it exits (by exit() or by return from main()).  A file that is left over but not locked is
 * taken over.
 *
 * Returns 0, or an errno with '*error' a text that the caller frees: EEXIST if another process holds
 * the lock, naming its pid.  With 'background' it returns in the child only. */
int daemon_start(bool background, const char *pidfile, char **error) MUST_CHECK;

/* Tells the waiting parent that all is well, and points standard input, output and error at
 * /dev/null.  Without a parent that waits, does nothing. */
void daemon_ready(void);

/* Removes the pid file and its lock, if there is one.  Runs by itself at exit; after a fork(), only
 * in the process that made the file. */
void daemon_remove_pidfile(void);

/* Stores the pid of the process that holds the lock of 'pidfile' in '*pid', or 0 if there is no such
 * file or nobody holds the lock.  Returns 0 or an errno. */
int daemon_read_pidfile(const char *pidfile, pid_t *pid) MUST_CHECK;

#endif
