/* SPDX-License-Identifier: Apache-2.0 */
/* TLS sessions of OpenSSL over memory. */
#include "lib/channel/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/channel/tls-context.h"
#include "lib/channel/tls-reason.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * A session reads from one memory BIO and writes to another.  tls_feed() puts what came into the
 * first, lets the session work until it wants more, and takes everything out of the second; so
 * between calls the first holds at most the beginning of a record or of a handshake message, which
 * the library bounds, and the second nothing.  MAX_WIRE is there in case the library changes.
 *
 * A client of TLS 1.3 is established before the server has judged its certificate: the refusal
 * comes as an alert to the first read.  So errors of reading are explained the same way as those of
 * the handshake.
 *
 * Keys serve for so many records only (RFC 8446, section 5.5): with AES-GCM 24 million, which a
 * busy connection has sent in days, and some live for months.  So TLS 1.3 is asked for new ones in
 * both directions long before that.  TLS 1.2 can't change them without the renegotiation that
 * nobody wants. */

enum {
    FEED_BYTES = 64 * 1024, /* Bytes from the peer that the session gets at once. */
    MAX_WIRE = 1024 * 1024, /* Bytes from the peer that may wait for their rest. */
    READ_BYTES = 16 * 1024, /* Plain bytes of a record. */
    KEY_RECORDS = 1 << 20,  /* Records, of both directions, that keys serve for. */
};

struct tls {
    struct tls_config *config; /* Keys; borrowed. */
    SSL *ssl;                  /* The library's session. */
    BIO *in;                   /* Wire bytes from the peer; owned by 'ssl'. */
    BIO *out;                  /* Wire bytes to the peer; owned by 'ssl'. */
    bool server;               /* Are we the server? */
    bool is_established;       /* Is the handshake done? */
    bool is_bootstrapping;     /* Does this session trust whatever CA it is shown? */
    size_t n_records;          /* Records since we last asked for new keys. */
    int error;                 /* 0, or the errno that ended the session. */
    char *reason;              /* Why, or NULL; owned. */
    char *subject;             /* Certificate that was refused, or NULL; owned. */
    char *description;         /* Protocol and cipher, or NULL; owned. */
};

/* Called for each certificate of the peer's chain: remembers the one that is refused. */
static int certificate_checked(int ok, X509_STORE_CTX *context)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *t = SSL_get_app_data(ssl);
    X509 *certificate = X509_STORE_CTX_get_current_cert(context);
    if (ok || t->is_bootstrapping) {
        return 1;
    }
    free(t->subject);
    t->subject = certificate ? tls_config_describe_certificate(certificate) : NULL;
    return 0;
}

/* Tells the session whom it talks to: for the peer's choice of certificate, and for our check. The
 * zone of a link-local address (%eth0) is our business alone, no part of the peer's name. */
static void set_host(struct tls *t, const char *name)
{
    struct in6_addr address;
    char *host = xstrdup(name);
    if (strchr(host, ':')) {
        host[strcspn(host, "%")] = '\0';
    }
    bool is_address = inet_pton(AF_INET, host, &address) == 1
                      || inet_pton(AF_INET6, host, &address) == 1;
    if (!is_address) {
        SSL_set_tlsext_host_name(t->ssl, host);
    }
    if (tls_config_verifies_host(t->config)) {
        if (is_address) {
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(t->ssl), host);
        } else {
            SSL_set1_host(t->ssl, host);
        }
    }
    free(host);
}

struct tls *tls_create(struct tls_config *config, bool server, const char *host)
{
    struct tls *t = xzalloc(sizeof *t);
    t->config = config;
    t->server = server;
    t->is_bootstrapping = !server && tls_config_bootstraps(config);
    t->ssl = SSL_new(tls_config_context(config));
    t->in = BIO_new(BIO_s_mem());
    t->out = BIO_new(BIO_s_mem());
    if (!t->ssl || !t->in || !t->out) {
        abort();
    }
    SSL_set_bio(t->ssl, t->in, t->out);
    SSL_set_app_data(t->ssl, t);
    SSL_set_verify(t->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                   certificate_checked);
    if (server) {
        SSL_set_accept_state(t->ssl);
    } else {
        SSL_set_connect_state(t->ssl);
        if (host) {
            set_host(t, host);
        }
    }
    return t;
}

void tls_destroy(struct tls *t)
{
    if (t) {
        SSL_free(t->ssl);
        free(t->reason);
        free(t->subject);
        free(t->description);
        free(t);
    }
}

/* Takes what the session wants to send. */
static void take_wire(struct tls *t, struct bytes *wire)
{
    size_t size = BIO_ctrl_pending(t->out);
    if (size) {
        BIO_read(t->out, bytes_put_uninit(wire, size), (int) size);
    }
}

/* Ends the session with 'error'; 'reason', malloc()ed, becomes ours. */
static int end(struct tls *t, int error, char *reason)
{
    t->error = error;
    free(t->reason);
    t->reason = reason;
    return error;
}

/* Makes the reason for a failure of the library's. */
static int end_with_library_error(struct tls *t)
{
    unsigned long code = ERR_peek_error();
    long verified = SSL_get_verify_result(t->ssl);
    bool refused = ERR_GET_LIB(code) == ERR_LIB_SSL
                   && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED;
    char *reason = refused ? tls_reason_verify(verified, t->subject ? t->subject : "?", t->server)
                           : tls_reason_error(code);
    ERR_clear_error();
    return end(t, EPROTO, reason);
}

/* The handshake is done: checks what a bootstrapping client has put off. */
static int established(struct tls *t)
{
    char *reason;
    if (t->is_bootstrapping) {
        int retval = tls_config_bootstrap(t->config, SSL_get0_peer_certificate(t->ssl),
                                          SSL_get_peer_cert_chain(t->ssl), &reason);
        if (retval) {
            SSL_shutdown(t->ssl);
            return end(t, EPROTO, reason);
        }
        t->is_bootstrapping = false;
    }
    t->is_established = true;
    t->description = xasprintf("%s %s", SSL_get_version(t->ssl), SSL_get_cipher_name(t->ssl));
    return 0;
}

/* Goes on with the handshake as far as it goes. */
static int handshake(struct tls *t)
{
    ERR_clear_error();
    int retval = SSL_do_handshake(t->ssl);
    if (retval == 1) {
        return established(t);
    }
    return SSL_get_error(t->ssl, retval) == SSL_ERROR_WANT_READ ? 0 : end_with_library_error(t);
}

/* Decrypts all that came. */
static int decrypt(struct tls *t, struct bytes *plain)
{
    for (;;) {
        size_t n = 0;
        bytes_reserve(plain, READ_BYTES);
        ERR_clear_error();
        int retval = SSL_read_ex(t->ssl, plain->data + plain->size, READ_BYTES, &n);
        if (retval <= 0) {
            int error = SSL_get_error(t->ssl, retval);
            return error == SSL_ERROR_WANT_READ     ? 0
                   : error == SSL_ERROR_ZERO_RETURN ? end(t, ECONNRESET, NULL)
                                                    : end_with_library_error(t);
        }
        bytes_put_uninit(plain, n);
        t->n_records++;
    }
}

/* Works on a part of what came that the library can hold. */
static int feed(struct tls *t, const uint8_t *data, size_t size, struct bytes *plain)
{
    BIO_write(t->in, data, (int) size);
    int retval = t->is_established ? 0 : handshake(t);
    if (!retval && t->is_established) {
        retval = decrypt(t, plain);
    }
    if (!retval && BIO_ctrl_pending(t->in) > MAX_WIRE) {
        retval = end(t, EPROTO, xstrdup("the peer sends a record without end"));
    }
    return retval;
}

int tls_feed(struct tls *t, const void *data, size_t size, struct bytes *plain, struct bytes *wire)
{
    const uint8_t *p = (const uint8_t *) data;
    int retval = t->error;
    while (size && !retval) {
        size_t n = MIN(size, (size_t) FEED_BYTES);
        retval = feed(t, p, n, plain);
        p += n;
        size -= n;
    }
    take_wire(t, wire);
    return retval;
}

/* Can bytes be sent?  Each direction has its own end: the peer's close_notify is not ours. */
static bool may_write(const struct tls *t)
{
    return t->is_established && (!t->error || t->error == ECONNRESET);
}

/* Asks for new keys, which come with what is written next, if the old ones have served. */
static void renew_keys(struct tls *t)
{
    if (t->n_records >= KEY_RECORDS && SSL_version(t->ssl) == TLS1_3_VERSION
        && SSL_key_update(t->ssl, SSL_KEY_UPDATE_REQUESTED)) {
        t->n_records = 0;
    }
}

/* The memory below always has room. */
int tls_write(struct tls *t, const void *data, size_t size, struct bytes *wire)
{
    size_t written;
    if (!may_write(t)) {
        return EPROTO;
    }
    ERR_clear_error();
    renew_keys(t);
    t->n_records += DIV_ROUND_UP(size, (size_t) READ_BYTES);
    bool is_written = !size || SSL_write_ex(t->ssl, data, size, &written);
    int retval = is_written ? 0 : end_with_library_error(t);
    take_wire(t, wire);
    return retval;
}

int tls_start(struct tls *t, struct bytes *wire)
{
    int retval = handshake(t);
    take_wire(t, wire);
    return retval;
}

void tls_finish(struct tls *t, struct bytes *wire)
{
    if (may_write(t)) {
        ERR_clear_error();
        SSL_shutdown(t->ssl);
        ERR_clear_error();
        take_wire(t, wire);
    }
}

bool tls_is_established(const struct tls *t)
{
    return t->is_established;
}

const char *tls_describe(const struct tls *t)
{
    return t->description ? t->description : "";
}

char *tls_check_peer(const struct tls *t, const char *name)
{
    const unsigned flags = X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS;
    X509 *certificate = SSL_get0_peer_certificate(t->ssl);
    if (!certificate) {
        return xasprintf("the peer has shown no certificate, but has to be %s", name);
    }
    if (X509_check_host(certificate, name, strlen(name), flags, NULL) == 1) {
        return NULL;
    }
    char *subject = tls_config_describe_certificate(certificate);
    char *text = xasprintf("the certificate of %s is not that of %s", subject, name);
    free(subject);
    return text;
}

const char *tls_reason(const struct tls *t)
{
    return t->reason ? t->reason : "";
}
