/* SPDX-License-Identifier: Apache-2.0 */
/* Streams in memory, for simulation and tests. */
#ifndef LIB_CHANNEL_STREAM_MEMORY_H
#define LIB_CHANNEL_STREAM_MEMORY_H

#include "lib/channel/stream-name.h"
#include "lib/channel/stream-provider.h"

/* Begins to connect to whoever listens in env->hub as name->host; its name is 'text'. */
struct stream *stream_memory_dial(const struct channel_env *env, const char *text,
                                  const struct stream_name *name);

/* Listens in env->hub as name->host.  Returns 0 with '*l', or EADDRINUSE with '*error'. */
int stream_memory_listen(const struct channel_env *env, const char *text,
                         const struct stream_name *name, const struct stream_acceptor *acceptor,
                         struct stream_listener **l, char **error);

#endif
