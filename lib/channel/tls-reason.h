/* SPDX-License-Identifier: Apache-2.0 */
/* Why a TLS handshake failed, in words. */
#ifndef LIB_CHANNEL_TLS_REASON_H
#define LIB_CHANNEL_TLS_REASON_H

#include <stdbool.h>

/* The peer's certificate was refused with the verification result 'code' (X509_V_ERR_*).  'subject'
 * names the certificate, 'server' tells whether we are the server.  The caller frees it. */
char *tls_reason_verify(long code, const char *subject, bool server);

/* The error 'code' of the library's queue (ERR_get_error()).  The caller frees it. */
char *tls_reason_error(unsigned long code);

#endif
