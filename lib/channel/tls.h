/* SPDX-License-Identifier: Apache-2.0 */
/* TLS as a pure transform over memory: plain bytes in and out, wire bytes in and out, no socket. */
#ifndef LIB_CHANNEL_TLS_H
#define LIB_CHANNEL_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;
struct tls;
struct tls_config;

/* Files of a program's identity. Read again for new handshakes when they change (tls_config_reload()). */
struct tls_files {
    const char *private_key;  /* PEM file. */
    const char *certificate;  /* PEM file, chain allowed. */
    const char *ca_cert;      /* PEM file: who may sign the peer. */
    const char *bootstrap_ca; /* Like ca_cert, but if the file is missing the first peer's CA is stored there. */
    bool verify_host;         /* Compare the peer's name with the one dialled. */
};

/* Returns 0 with *config, or an errno with *error naming the file and the remedy. */
int tls_config_create(const struct tls_files *files, struct tls_config **config, char **error);
void tls_config_destroy(struct tls_config *config);

/* Reads the files again if they changed; on error the old ones stay. */
int tls_config_reload(struct tls_config *config, char **error);

/* A TLS session over nothing. 'host' is the name dialled (client) or NULL (server). */
struct tls *tls_create(struct tls_config *config, bool server, const char *host);
void tls_destroy(struct tls *t);

/* Wire bytes from the peer go in; plain bytes that result are appended to 'plain', wire bytes to be sent to
 * 'wire' (handshake, alerts). Returns 0, ECONNRESET after close_notify, EPROTO with tls_reason(). */
int tls_feed(struct tls *t, const void *data, size_t size, struct bytes *plain, struct bytes *wire);

/* Plain bytes to send become wire bytes; before the handshake is done they wait inside. */
int tls_write(struct tls *t, const void *data, size_t size, struct bytes *wire);

/* Starts the handshake (client) or ends the session (close_notify). */
int tls_start(struct tls *t, struct bytes *wire);
void tls_finish(struct tls *t, struct bytes *wire);
bool tls_is_established(const struct tls *t);

/* Why it failed, for people: names wrong CA, expired, not yet valid, no certificate, wrong purpose ... */
const char *tls_reason(const struct tls *t);

#endif
