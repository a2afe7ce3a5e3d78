/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates of a program, for all its TLS sessions. */
#ifndef LIB_CHANNEL_TLS_CONFIG_H
#define LIB_CHANNEL_TLS_CONFIG_H

#include <stdbool.h>

struct tls_config;

/* Files of a program's identity. */
struct tls_files {
    const char *private_key;  /* PEM file, not encrypted. */
    const char *certificate;  /* PEM file, chain allowed. */
    const char *ca_cert;      /* PEM file: who may sign the peer.  NULL with bootstrap_ca. */
    const char *bootstrap_ca; /* Like ca_cert, but if the file is missing the CA of the first server
                               * that is dialled is trusted and stored there.  May be NULL. */
    const char *peer_ca_cert; /* PEM file: CA certificates sent along, so that peers that bootstrap
                               * learn them.  May be NULL. */
    bool verify_host;         /* Compare the peer's name with the one dialled. */
    bool may_wait;            /* Files may be pipes, which are waited for: nothing else is done. */
};

/* Returns 0 with '*config', or an errno with '*error' naming the file and the remedy.  The strings
 * of 'files' are copied. */
int tls_config_create(const struct tls_files *files, struct tls_config **config, char **error);

/* Frees; sessions live on.  Accepts NULL. */
void tls_config_destroy(struct tls_config *config);

/* Reads the files again if they changed; on error the old ones stay.  Returns 0 (also if nothing
 * changed), or an errno with '*error' naming the file; the same fault is reported once only, until
 * the files change again.  Streams call it before each handshake. */
int tls_config_reload(struct tls_config *config, char **error);

#endif
