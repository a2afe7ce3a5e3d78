/* SPDX-License-Identifier: Apache-2.0 */
/* Listening TCP and Unix sockets on the event loop. */
#ifndef LIB_CHANNEL_STREAM_LISTEN_H
#define LIB_CHANNEL_STREAM_LISTEN_H

#include <stdint.h>

#include "lib/channel/stream-name.h"
#include "lib/channel/stream-provider.h"

/* Each listens as 'name', the parts of 'text', says, and gives 'acceptor' the streams.  Returns 0
 * with '*l', or an errno with '*error' a malloc()ed sentence.  They need env->loop. */

/* On TCP; 'port' is that of the name or the default one. */
int stream_listen_tcp(const struct channel_env *env, const char *text,
                      const struct stream_name *name, uint16_t port,
                      const struct stream_acceptor *acceptor, struct stream_listener **l,
                      char **error);

/* On a Unix socket. */
int stream_listen_unix(const struct channel_env *env, const char *text,
                       const struct stream_name *name, const struct stream_acceptor *acceptor,
                       struct stream_listener **l, char **error);

#endif
