/* SPDX-License-Identifier: Apache-2.0 */
/* What programs that serve until a signal ends them have in common. */
#ifndef UTILITIES_SERVICE_H
#define UTILITIES_SERVICE_H

#include <uv.h>

struct tls_config;

/* The signals of a program: SIGTERM and SIGINT stop its loop; at SIGHUP the log file, which may
 * have been rotated, is opened again, and the keys, which may have been renewed, are read again. */
struct service {
    struct tls_config *const *tls; /* Where its keys are, NULL there if it has none; borrowed. */
    uv_signal_t signals[3];        /* SIGTERM, SIGINT, SIGHUP. */
};

/* Raises the limit of descriptors, for many connections need many, and ignores SIGPIPE. */
void service_prepare(void);

/* Has 'loop' heed signals.  To be called before anything is started that must be undone at the end:
 * a signal that comes meanwhile is heeded when all is up.  Returns 0, or an errno with '*error' a
 * malloc()ed sentence. */
int service_watch_signals(struct service *s, uv_loop_t *loop, struct tls_config *const *tls,
                          char **error);

/* Closes all handles of 'loop', and it. */
void service_close_loop(uv_loop_t *loop);

#endif
