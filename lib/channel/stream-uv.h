/* SPDX-License-Identifier: Apache-2.0 */
/* TCP and Unix streams on the event loop. */
#ifndef LIB_CHANNEL_STREAM_UV_H
#define LIB_CHANNEL_STREAM_UV_H

#include <stdint.h>

#include "lib/channel/stream-provider.h"

/* All need env->loop. */

/* Begins to connect to 'host' (name or IP address) and 'port'; its name is 'text'. */
struct stream *stream_uv_dial_tcp(const struct channel_env *env, const char *text, const char *host,
                                  uint16_t port);

/* Begins to connect to the Unix socket 'path'; its name is 'text'. */
struct stream *stream_uv_dial_unix(const struct channel_env *env, const char *text,
                                   const char *path);

/* Takes over the connected socket 'fd', of TCP or else of a Unix socket.  Its name is "tcp:" and
 * the peer's address, or 'text'. */
struct stream *stream_uv_from_fd(const struct channel_env *env, int fd, bool is_tcp,
                                 const char *text);

#endif
