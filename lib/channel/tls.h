/* SPDX-License-Identifier: Apache-2.0 */
/* TLS as a pure transform over memory: plain bytes in and out, wire bytes in and out, no socket. */
#ifndef LIB_CHANNEL_TLS_H
#define LIB_CHANNEL_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/channel/tls-config.h"

struct bytes;
struct tls;

/* What is promised: authentication is mutual, always; each side's certificate must be signed by the
 * other's CA, be valid now and be meant for its role (extended key usage clientAuth or serverAuth,
 * if it names any); at least TLS 1.2; no renegotiation, no session tickets, no compression.
 *
 * Threads: one at a time for a config and its sessions. */

/* A TLS session over nothing.  'host' is the name dialled (client) or NULL (server).  'config'
 * outlives it. */
struct tls *tls_create(struct tls_config *config, bool server, const char *host);

/* Frees; sends nothing.  Accepts NULL. */
void tls_destroy(struct tls *t);

/* Wire bytes from the peer go in; plain bytes that result are appended to 'plain', wire bytes to be
 * sent to 'wire' (handshake, alerts).  Returns 0, ECONNRESET after the peer's orderly close_notify,
 * or EPROTO with tls_reason(); after an error nothing more is received, but 'wire' has still to be
 * sent. */
int tls_feed(struct tls *t, const void *data, size_t size, struct bytes *plain, struct bytes *wire);

/* Plain bytes to send become wire bytes, after the peer's close_notify too.  Returns 0, or EPROTO
 * (the handshake is not done, the session has failed, or we have finished it): nothing was taken
 * then. */
int tls_write(struct tls *t, const void *data, size_t size, struct bytes *wire);

/* Starts the handshake (a client speaks first; a server's waits for the peer). */
int tls_start(struct tls *t, struct bytes *wire);

/* Ends our side of the session: close_notify goes to 'wire'. */
void tls_finish(struct tls *t, struct bytes *wire);

/* Is the handshake done?  Stays true when the session ends. */
bool tls_is_established(const struct tls *t);

/* Protocol and cipher for people, e.g. "TLSv1.3 TLS_AES_256_GCM_SHA384". */
const char *tls_describe(const struct tls *t);

/* Checks, once the handshake is done, that the peer's certificate is that of 'name': its common
 * name, or a DNS name among the alternative ones, is that, in letters of either case.  A pattern
 * such as *.example.com in a certificate is no name.  Returns NULL; or a malloc()ed sentence that
 * says whose certificate it is. */
char *tls_check_peer(const struct tls *t, const char *name);

/* Why it failed, for people: names wrong CA, expired, not yet valid, no certificate, wrong purpose,
 * wrong name ...; "" if it did not. */
const char *tls_reason(const struct tls *t);

#endif
