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
 *     daemon_start(&daemon, true, "/run/x.pid", &error);   forks; the parent waits inside
 *     ... open ports and sockets; exit with an error message if that fails ...
 *     daemon_ready(&daemon);                               the parent exits with 0
 *     ... work ...
 *     daemon_stop(&daemon);                                removes the pid file
 *
 * If the child exits or dies before daemon_ready(), the parent exits with the child's code (1 if a
 * signal killed it).  Until then standard error is the user's.
 *
 * In the foreground the same calls only keep the pid file.
 *
 * The pid file holds the pid in decimal and a newline and is locked with fcntl() while the process
 * lives.  One that is left over from a process that died is not locked, and is taken over.
 *
 * Threads: the main thread; daemon_start() before there are others. */
struct daemon {
    char *pidfile;    /* Path of the pid file, owned; NULL if there is none. */
    int pidfile_fd;   /* The pid file, locked; -1 if there is none. */
    int ready_fd;     /* Pipe to the parent that waits; -1 if none does. */
    pid_t pid;        /* Process that made the pid file; a fork of it must not remove it. */
};

/* Opens /dev/null for each of standard input, output and error that is not open: else the next
 * files opened would be taken for them.  To be called before anything is opened. */
void daemon_fill_standard_files(void);

/* Waits until processes of this program's name that were killed, as far as /proc shows them, are
 * gone: a process that kill() has returned for goes on holding its ports, sockets and locks until
 * the kernel has closed them, with many devices for a second or more.  So a start right behind a
 * kill -9 finds them free.  Gives up after 10 seconds.  Returns how many it waited for; whoever is
 * alive is not waited for. */
unsigned daemon_await_killed(void);

/* Forks if 'background', then makes and locks the pid file 'pidfile' (NULL: none), whose path is
 * copied.  With 'background' it returns in the child only, in a session of its own; the working
 * directory stays.
 *
 * Returns 0; or an errno with '*error' a text that the caller frees, and 'd' needs no stop.
 * EEXIST: another process holds the lock; the text names its pid. */
int daemon_start(struct daemon *d, bool background, const char *pidfile, char **error) MUST_CHECK;

/* Tells the waiting parent that all is well, and points standard input, output and error at
 * /dev/null.  Without a parent that waits, does nothing. */
void daemon_ready(struct daemon *d);

/* Removes the pid file, unless another one stands in its place, and gives up its lock.  Does
 * nothing the second time. */
void daemon_stop(struct daemon *d);

/* Stores the pid of the process that holds the lock of 'pidfile' in '*pid', or 0 if there is no
 * such file or nobody holds the lock.  Returns 0 or an errno.  Not for the process that holds the
 * lock: it would see none and, as fcntl() locks are, lose it. */
int daemon_read_pidfile(const char *pidfile, pid_t *pid) MUST_CHECK;

#endif
