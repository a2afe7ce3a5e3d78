/* SPDX-License-Identifier: Apache-2.0 */
/* Why a TLS handshake failed, in words. */
#include "lib/channel/tls-reason.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stddef.h>

#include "lib/util.h"

/* The library itself says "certificate verify failed" whatever the cause; the cause is a number of
 * its own.  An alert says what the peer thinks of us. */

/* What a verification result means; %s is the certificate. */
struct verify_reason {
    long code;        /* X509_V_ERR_*. */
    const char *text; /* What is wrong and the remedy. */
};

#define WRONG_CA "wrong CA: the peer's certificate (%s) is not signed by a CA that we trust"

static const struct verify_reason verify_reasons[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, WRONG_CA},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, WRONG_CA},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, WRONG_CA},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, WRONG_CA},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
     "wrong CA: the peer's certificate (%s) is signed by itself and not by a CA that we trust"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE,
     "wrong CA: the signature of the peer's certificate (%s) does not fit the CA that we trust"},
    {X509_V_ERR_CERT_HAS_EXPIRED,
     "expired: the peer's certificate (%s) is no longer valid; have it signed anew"},
    {X509_V_ERR_CERT_NOT_YET_VALID,
     "not yet valid: the peer's certificate (%s) becomes valid later; check both clocks"},
    {X509_V_ERR_CERT_REVOKED, "revoked: the CA has revoked the peer's certificate (%s)"},
    {X509_V_ERR_HOSTNAME_MISMATCH,
     "wrong name: the peer's certificate (%s) is not for the host that was dialled"},
    {X509_V_ERR_IP_ADDRESS_MISMATCH,
     "wrong name: the peer's certificate (%s) is not for the address that was dialled"},
    {X509_V_ERR_EE_KEY_TOO_SMALL, "weak key: the key of the peer's certificate (%s) is too short"},
    {X509_V_ERR_CA_KEY_TOO_SMALL, "weak key: the key of the peer's CA (%s) is too short"},
    {X509_V_ERR_CA_MD_TOO_WEAK,
     "weak hash: the peer's certificate (%s) is signed with an outdated hash"},
};

/* What an error of the library's means. */
struct error_reason {
    int code;         /* SSL_R_*. */
    const char *text; /* The whole sentence. */
};

static const struct error_reason error_reasons[] = {
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE,
     "no certificate: the peer sent none; give it --private-key and --certificate"},
    {SSL_R_NO_SHARED_CIPHER, "the peer has no cipher in common with us"},
    {SSL_R_UNSUPPORTED_PROTOCOL, "protocol too old: the peer does not speak TLS 1.2 or later"},
    {SSL_R_VERSION_TOO_LOW, "protocol too old: the peer does not speak TLS 1.2 or later"},
    {SSL_R_WRONG_VERSION_NUMBER, "the peer does not speak TLS: perhaps it expects tcp:"},
    {SSL_R_HTTP_REQUEST, "the peer does not speak TLS: it sent an HTTP request"},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, "the peer closed within the handshake"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
     "no certificate: the peer wants one from us (alert certificate_required)"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
     "the peer refused the handshake (alert handshake_failure): it may want a certificate"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA,
     "wrong CA: the peer does not trust the CA of our certificate (alert unknown_ca)"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
     "expired: the peer says so of our certificate (alert certificate_expired)"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
     "revoked: the peer says so of our certificate (alert certificate_revoked)"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
     "the peer refused our certificate (alert bad_certificate): perhaps it is not for the host "
     "that the peer dialled (--verify-host), or not yet valid"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
     "wrong purpose: the peer refused our certificate (alert unsupported_certificate)"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
     "the peer refused our certificate (alert certificate_unknown)"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
     "the peer speaks no version of TLS that we do, 1.2 or later (alert protocol_version)"},
};

char *tls_reason_verify(long code, const char *subject, bool server)
{
    if (code == X509_V_ERR_INVALID_PURPOSE) {
        return xasprintf("wrong purpose: the peer's certificate (%s) is not meant for a TLS %s",
                         subject, server ? "client" : "server");
    }
    for (size_t i = 0; i < ARRAY_SIZE(verify_reasons); i++) {
        if (verify_reasons[i].code == code) {
            return xasprintf(verify_reasons[i].text, subject);
        }
    }
    return xasprintf("the peer's certificate (%s) was refused: %s", subject,
                     X509_verify_cert_error_string(code));
}

char *tls_reason_error(unsigned long code)
{
    int reason = ERR_GET_REASON(code);
    if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
        for (size_t i = 0; i < ARRAY_SIZE(error_reasons); i++) {
            if (error_reasons[i].code == reason) {
                return xstrdup(error_reasons[i].text);
            }
        }
    }
    const char *text = ERR_reason_error_string(code);
    return xasprintf("TLS failed: %s", text ? text : "protocol error");
}
