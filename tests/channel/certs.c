/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of every quality, for tests of TLS. */
#include "tests/channel/certs.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/util.h"
#include "tests/unit.h"

char *certs_path(const char *directory, const char *name, const char *what)
{
    return xasprintf("%s/%s-%s.pem", directory, name, what);
}

/* Opens DIRECTORY/NAME-WHAT.pem. */
static FILE *open_file(const char *directory, const char *name, const char *what, const char *mode)
{
    char *path = certs_path(directory, name, what);
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    free(path);
    return file;
}

static void add_extension(X509 *certificate, X509 *ca, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, ca, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static X509 *build(const struct cert_spec *spec, EVP_PKEY *key)
{
    X509 *x = X509_new();
    uint32_t serial;
    RAND_bytes((unsigned char *) &serial, sizeof serial);
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), (long) (serial >> 1));
    X509_gmtime_adj(X509_getm_notBefore(x), spec->begins);
    X509_gmtime_adj(X509_getm_notAfter(x), spec->ends ? spec->ends : 24 * 60 * 60);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *) spec->name, -1, -1, 0);
    X509_set_pubkey(x, key);
    return x;
}

void certs_make(const char *directory, const struct cert_spec *spec)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY *ca_key = key;
    X509 *x = build(spec, key);
    X509 *ca = x;
    if (spec->ca) {
        FILE *file = open_file(directory, spec->ca, "privkey", "r");
        ca_key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
        fclose(file);
        file = open_file(directory, spec->ca, "cert", "r");
        ca = PEM_read_X509(file, NULL, NULL, NULL);
        fclose(file);
    }
    X509_set_issuer_name(x, X509_get_subject_name(ca));
    add_extension(x, ca, NID_basic_constraints, spec->purpose ? "CA:FALSE" : "critical,CA:TRUE");
    if (spec->purpose) {
        add_extension(x, ca, NID_ext_key_usage, spec->purpose);
    }
    if (spec->host) {
        add_extension(x, ca, NID_subject_alt_name, spec->host);
    }
    assert_true(X509_sign(x, ca_key, EVP_sha256()) > 0);

    FILE *file = open_file(directory, spec->name, "privkey", "w");
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    file = open_file(directory, spec->name, "cert", "w");
    PEM_write_X509(file, x);
    fclose(file);
    if (spec->ca) {
        X509_free(ca);
        EVP_PKEY_free(ca_key);
    }
    X509_free(x);
    EVP_PKEY_free(key);
}

void certs_make_all(const char *directory, const struct cert_spec *specs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        certs_make(directory, &specs[i]);
    }
}
