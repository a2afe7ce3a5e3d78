/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates of TLS as its sessions see them: in OpenSSL's types. */
#ifndef LIB_CHANNEL_TLS_CONTEXT_H
#define LIB_CHANNEL_TLS_CONTEXT_H

#include <openssl/ssl.h>
#include <stdbool.h>

struct tls_config;

/* The library's context for new sessions; borrowed until the next reload. */
SSL_CTX *tls_config_context(const struct tls_config *config);

/* Are the names of peers to be checked? */
bool tls_config_verifies_host(const struct tls_config *config);

/* Is there no CA yet, so that the first server's is to be trusted? */
bool tls_config_bootstraps(const struct tls_config *config);

/* A server showed 'leaf' and 'chain': finds the CA among them, checks that it signed 'leaf' for a
 * server, stores it in the bootstrap file and trusts it from now on.  Returns 0 (also if a CA was
 * found meanwhile and signed 'leaf'), or EPROTO with '*reason' malloc()ed. */
int tls_config_bootstrap(struct tls_config *config, X509 *leaf, STACK_OF(X509) *chain,
                         char **reason);

/* Names a certificate for people, by its subject.  The caller frees it. */
char *tls_config_describe_certificate(const X509 *certificate);

#endif
