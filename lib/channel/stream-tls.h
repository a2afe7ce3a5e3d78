/* SPDX-License-Identifier: Apache-2.0 */
/* Streams that carry another stream's bytes in TLS. */
#ifndef LIB_CHANNEL_STREAM_TLS_H
#define LIB_CHANNEL_STREAM_TLS_H

#include "lib/channel/stream-provider.h"

/* All need env->tls. */

/* A TLS client to 'host' over 'inner', which is connecting and whose owner it becomes; its name is
 * 'text'. */
struct stream *stream_tls_client(const struct channel_env *env, const char *text, const char *host,
                                 struct stream *inner);

/* A listener that handshakes with what 'inner' accepts and then gives it to 'acceptor'.  First make
 * it, then 'inner' with stream_tls_acceptor() as its acceptor, then give it to the listener, which
 * becomes its owner. */
struct stream_listener *stream_tls_listener_create(const struct channel_env *env,
                                                   const struct stream_acceptor *acceptor);
struct stream_acceptor stream_tls_acceptor(struct stream_listener *l);
void stream_tls_listener_set_inner(struct stream_listener *l, struct stream_listener *inner);

#endif
