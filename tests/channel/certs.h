/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of every quality, for tests of TLS. */
#ifndef TESTS_CHANNEL_CERTS_H
#define TESTS_CHANNEL_CERTS_H

#include <stddef.h>

/* What a certificate is to be like.  All zero: a CA that signed itself, valid for a day. */
struct cert_spec {
    const char *name;    /* Files DIR/NAME-privkey.pem and DIR/NAME-cert.pem; common name. */
    const char *ca;      /* Name of the CA that signs; NULL: it signs itself. */
    const char *purpose; /* Extended key usage; NULL: none, and it is a CA. */
    const char *host;    /* Subject alternative name such as "DNS:localhost"; NULL: none. */
    long begins;         /* Seconds from now when it becomes valid. */
    long ends;           /* Seconds from now when it expires; 0: a day. */
};

/* DIRECTORY/NAME-WHAT.pem, where 'what' is "privkey" or "cert"; the caller frees it. */
char *certs_path(const char *directory, const char *name, const char *what);

/* Makes key and certificate. */
void certs_make(const char *directory, const struct cert_spec *spec);

/* Makes the 'n' of 'specs', a CA before what it signs. */
void certs_make_all(const char *directory, const struct cert_spec *specs, size_t n);

#endif
