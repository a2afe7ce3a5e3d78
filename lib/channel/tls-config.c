/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates of TLS: read from files, again when they change, or learned from a peer. */
#include "lib/channel/tls-config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/channel/tls-context.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(tls);

/* The files, in the order of being read. */
enum file { PRIVATE_KEY, CERTIFICATE, CA_CERT, PEER_CA_CERT, N_FILES };

/* What to call a file, and what to do if it can't be read. */
static const struct {
    const char *what;   /* Name for people. */
    const char *remedy; /* What to do. */
} file_texts[] = {
    [PRIVATE_KEY] = {"private key", "make one with 'sluice-pki req+sign NAME'"},
    [CERTIFICATE] = {"certificate", "make one with 'sluice-pki req+sign NAME'"},
    [CA_CERT] = {"CA certificate", "copy the peer's cacert.pem from where 'sluice-pki init' ran"},
    [PEER_CA_CERT] = {"CA certificate to be sent", "copy the cacert.pem of our own authority"},
};
static_assert(ARRAY_SIZE(file_texts) == N_FILES, "each file has its texts");

/* What tells whether a file changed. */
struct stamp {
    struct timespec mtime; /* Time of the last change; 0 of a file that is not there. */
    off_t size;            /* Bytes. */
    ino_t ino;             /* Inode. */
};

struct tls_config {
    char *paths[N_FILES];         /* NULL if not given; owned. */
    struct stamp stamps[N_FILES]; /* As they were when they were last read. */
    SSL_CTX *context;             /* For new sessions; sessions hold references. */
    bool may_bootstrap;           /* Is CA_CERT a bootstrap file? */
    bool bootstraps;              /* Is it still missing? */
    bool verify_host;             /* Are names checked? */
    bool may_wait;                /* May reading a file wait? */
};

/* Text of the library's last error; where it only says that PEM is concerned, what that means. */
static const char *library_error(void)
{
    unsigned long code = ERR_peek_last_error();
    bool is_vague = ERR_GET_REASON(code) == ERR_R_PEM_LIB || ERR_GET_LIB(code) == ERR_LIB_PEM
                    || !ERR_reason_error_string(code);
    const char *text = is_vague ? "there is none in it in PEM form, or it is damaged"
                                : ERR_reason_error_string(code);
    ERR_clear_error();
    return text;
}

/* True if 'path' has nothing that is called 'wanted', but something called 'other', as PEM files
 * name what is in them, perhaps with words before it. */
static bool is_other(const char *path, const char *wanted, const char *other)
{
    FILE *file = fopen(path, "r");
    char line[80];
    bool has[2] = {false};
    while (file && fgets(line, sizeof line, file)) {
        bool begins = !strncmp(line, "-----BEGIN ", 11);
        has[0] |= begins && strstr(line, wanted);
        has[1] |= begins && strstr(line, other);
    }
    if (file) {
        fclose(file);
    }
    return has[1] && !has[0];
}

/* What is wrong with file 'i', a private key or a certificate, if it is the other one of the two;
 * else NULL. */
static const char *swapped(const struct tls_config *config, enum file i)
{
    static const char *const names[] = {
        [PRIVATE_KEY] = "PRIVATE KEY-----", [CERTIFICATE] = "CERTIFICATE-----",
    };
    if (i == PRIVATE_KEY && is_other(config->paths[i], names[i], names[CERTIFICATE])) {
        return "it is a certificate";
    } else if (i == CERTIFICATE && is_other(config->paths[i], names[i], names[PRIVATE_KEY])) {
        return "it is a private key";
    }
    return NULL;
}

/* Makes '*error' for file 'i', because of 'why', or because it can't be read at all. */
static int refuse(const struct tls_config *config, enum file i, const char *why, char **error)
{
    const char *is = swapped(config, i);
    if (is) {
        *error = xasprintf("%s %s: %s: perhaps --private-key and --certificate are swapped",
                           file_texts[i].what, config->paths[i], is);
        return EINVAL;
    }
    *error = xasprintf("%s %s: %s; %s", file_texts[i].what, config->paths[i],
                       access(config->paths[i], R_OK) ? strerror(errno) : why,
                       file_texts[i].remedy);
    return EINVAL;
}

static struct stamp stamp_of(const char *path)
{
    struct stat st;
    if (!path || stat(path, &st)) {
        return (struct stamp){.size = 0};
    }
    return (struct stamp){.mtime = st.st_mtim, .size = st.st_size, .ino = st.st_ino};
}

static bool stamp_equal(const struct stamp *a, const struct stamp *b)
{
    return a->mtime.tv_sec == b->mtime.tv_sec && a->mtime.tv_nsec == b->mtime.tv_nsec
           && a->size == b->size && a->ino == b->ino;
}

/* Refuses an encrypted key instead of asking the terminal. */
static int no_password(char *buf, int size, int for_writing, void *aux)
{
    (void) buf;
    (void) size;
    (void) for_writing;
    (void) aux;
    return -1;
}

/* A context with what is promised to everybody, without keys. */
static SSL_CTX *create_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)) {
        abort();
    }
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION
                                     | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return context;
}

static int load_private_key(struct tls_config *config, SSL_CTX *context, char **error)
{
    const char *path = config->paths[PRIVATE_KEY];
    if (SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) == 1) {
        return 0;
    }
    unsigned long code = ERR_peek_error();
    bool encrypted = ERR_GET_LIB(code) == ERR_LIB_PEM
                     && (ERR_GET_REASON(code) == PEM_R_BAD_PASSWORD_READ
                         || ERR_GET_REASON(code) == PEM_R_PROBLEMS_GETTING_PASSWORD);
    return refuse(config, PRIVATE_KEY,
                  encrypted ? "it is encrypted, which a daemon can't use" : library_error(), error);
}

static int load_certificate(struct tls_config *config, SSL_CTX *context, char **error)
{
    if (SSL_CTX_use_certificate_chain_file(context, config->paths[CERTIFICATE]) != 1) {
        return refuse(config, CERTIFICATE, library_error(), error);
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        ERR_clear_error();
        *error = xasprintf("certificate %s does not belong to private key %s: give the pair that "
                           "was made together", config->paths[CERTIFICATE],
                           config->paths[PRIVATE_KEY]);
        return EINVAL;
    }
    return 0;
}

/* The CA that peers must be signed by; a bootstrap file may be missing. */
static int load_ca_cert(struct tls_config *config, SSL_CTX *context, char **error)
{
    const char *path = config->paths[CA_CERT];
    config->bootstraps = config->may_bootstrap && access(path, F_OK);
    if (config->bootstraps) {
        return 0;
    }
    if (SSL_CTX_load_verify_file(context, path) != 1) {
        return refuse(config, CA_CERT, library_error(), error);
    }
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(path));
    ERR_clear_error();
    return 0;
}

/* CA certificates that are sent along, to peers that bootstrap. */
static int load_peer_ca_cert(struct tls_config *config, SSL_CTX *context, char **error)
{
    BIO *file = BIO_new_file(config->paths[PEER_CA_CERT], "r");
    X509 *certificate;
    unsigned n = 0;
    while (file && (certificate = PEM_read_bio_X509(file, NULL, no_password, NULL))) {
        SSL_CTX_add_extra_chain_cert(context, certificate);
        n++;
    }
    BIO_free(file);
    int retval = n ? 0 : refuse(config, PEER_CA_CERT, library_error(), error);
    ERR_clear_error();
    return retval;
}

static int (*const loaders[])(struct tls_config *, SSL_CTX *, char **error) = {
    [PRIVATE_KEY] = load_private_key,
    [CERTIFICATE] = load_certificate,
    [CA_CERT] = load_ca_cert,
    [PEER_CA_CERT] = load_peer_ca_cert,
};
static_assert(ARRAY_SIZE(loaders) == N_FILES, "each file has its loader");

/* Reads file 'i', unless it is something on which that could wait for ever. */
static int load_file(struct tls_config *config, enum file i, SSL_CTX *context, char **error)
{
    struct stat st;
    if (!config->may_wait && !stat(config->paths[i], &st) && !S_ISREG(st.st_mode)) {
        *error = xasprintf("%s %s: not a regular file; %s", file_texts[i].what, config->paths[i],
                           file_texts[i].remedy);
        return EINVAL;
    }
    ERR_clear_error();
    return loaders[i](config, context, error);
}

/* Reads all files into a new context, which replaces the old one if all is well. */
static int load(struct tls_config *config, char **error)
{
    SSL_CTX *context = create_context();
    bool bootstraps = config->bootstraps;
    int retval = 0;
    for (int i = 0; i < N_FILES; i++) {
        config->stamps[i] = stamp_of(config->paths[i]);
    }
    for (int i = 0; i < N_FILES && !retval; i++) {
        if (config->paths[i]) {
            retval = load_file(config, i, context, error);
        }
    }
    if (retval) {
        config->bootstraps = bootstraps;
        SSL_CTX_free(context);
        return retval;
    }
    SSL_CTX_free(config->context);
    config->context = context;
    return 0;
}

/* Names the option whose file is missing, or returns NULL. */
static const char *missing_option(const struct tls_files *files)
{
    return !files->private_key                        ? "--private-key"
           : !files->certificate                      ? "--certificate"
           : !files->ca_cert && !files->bootstrap_ca ? "--ca-cert"
                                                      : NULL;
}

/* For the library: allocation that ends the process when memory is exhausted, as lib/util does. */
static void *library_malloc(size_t size, const char *file UNUSED, int line UNUSED)
{
    return xmalloc(size);
}

static void *library_realloc(void *p, size_t size, const char *file UNUSED, int line UNUSED)
{
    return xrealloc(p, size);
}

static void library_free(void *p, const char *file UNUSED, int line UNUSED)
{
    free(p);
}

int tls_config_create(const struct tls_files *files, struct tls_config **config, char **error)
{
    CRYPTO_set_mem_functions(library_malloc, library_realloc, library_free);
    const char *missing = missing_option(files);
    if (missing) {
        *error = xasprintf("TLS needs --private-key, --certificate and --ca-cert: %s is missing",
                           missing);
        return EINVAL;
    }
    if (files->ca_cert && files->bootstrap_ca) {
        *error = xstrdup("--ca-cert and --bootstrap-ca-cert exclude each other: give one of them");
        return EINVAL;
    }
    struct tls_config *c = xzalloc(sizeof *c);
    const char *ca = files->ca_cert ? files->ca_cert : files->bootstrap_ca;
    c->paths[PRIVATE_KEY] = xstrdup(files->private_key);
    c->paths[CERTIFICATE] = xstrdup(files->certificate);
    c->paths[CA_CERT] = xstrdup(ca);
    c->paths[PEER_CA_CERT] = files->peer_ca_cert ? xstrdup(files->peer_ca_cert) : NULL;
    c->may_bootstrap = !files->ca_cert;
    c->verify_host = files->verify_host;
    c->may_wait = files->may_wait;
    int retval = load(c, error);
    if (retval) {
        tls_config_destroy(c);
        return retval;
    }
    *config = c;
    return 0;
}

void tls_config_destroy(struct tls_config *config)
{
    if (config) {
        for (int i = 0; i < N_FILES; i++) {
            free(config->paths[i]);
        }
        SSL_CTX_free(config->context);
        free(config);
    }
}

int tls_config_reload(struct tls_config *config, char **error)
{
    for (int i = 0; i < N_FILES; i++) {
        struct stamp now = stamp_of(config->paths[i]);
        if (!stamp_equal(&now, &config->stamps[i])) {
            return load(config, error);
        }
    }
    return 0;
}

SSL_CTX *tls_config_context(const struct tls_config *config)
{
    return config->context;
}

bool tls_config_verifies_host(const struct tls_config *config)
{
    return config->verify_host;
}

bool tls_config_bootstraps(const struct tls_config *config)
{
    return config->bootstraps;
}

char *tls_config_describe_certificate(const X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0,
                       XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char *data;
    long size = BIO_get_mem_data(bio, &data);
    char *text = xasprintf("%.*s", (int) size, data);
    BIO_free(bio);
    return text;
}

/* Does 'store' make 'leaf' a valid server? */
static bool store_trusts(X509_STORE *store, X509 *leaf, STACK_OF(X509) *chain)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool ok = context && X509_STORE_CTX_init(context, store, leaf, chain)
              && X509_STORE_CTX_set_default(context, "ssl_server")
              && X509_verify_cert(context) == 1;
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return ok;
}

/* Does 'ca' alone make 'leaf' a valid server? */
static bool ca_signed(X509 *ca, X509 *leaf, STACK_OF(X509) *chain)
{
    X509_STORE *store = X509_STORE_new();
    bool ok = store && X509_STORE_add_cert(store, ca) && store_trusts(store, leaf, chain);
    X509_STORE_free(store);
    return ok;
}

/* Returns the self-signed CA of 'leaf' among 'chain', or NULL. */
static X509 *find_ca(X509 *leaf, STACK_OF(X509) *chain)
{
    for (int i = sk_X509_num(chain) - 1; i >= 0; i--) {
        X509 *ca = sk_X509_value(chain, i);
        if (X509_cmp(ca, leaf) && X509_check_ca(ca) && X509_self_signed(ca, 1) == 1
            && ca_signed(ca, leaf, chain)) {
            return ca;
        }
    }
    return NULL;
}

/* Writes 'ca' to the new file 'path'.  Returns 0 or an errno; a file that is there already wins. */
static int store_ca(X509 *ca, const char *path)
{
    char *new_path = xasprintf("%s.new", path);
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;
    PEM_write_bio_X509(bio, ca);
    long size = BIO_get_mem_data(bio, &data);
    int fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    int error = 0;
    if (fd < 0 || write(fd, data, (size_t) size) != size || fsync(fd) || link(new_path, path)) {
        error = errno ? errno : EIO;
    }
    if (fd >= 0) {
        close(fd);
        unlink(new_path);
    }
    BIO_free(bio);
    free(new_path);
    return error == EEXIST ? 0 : error;
}

int tls_config_bootstrap(struct tls_config *config, X509 *leaf, STACK_OF(X509) *chain,
                         char **reason)
{
    const char *path = config->paths[CA_CERT];
    X509 *ca = leaf ? find_ca(leaf, chain) : NULL;
    if (!ca) {
        *reason = xstrdup("no CA to bootstrap from: the peer must send its CA certificate along "
                          "(sluice-controller: --peer-ca-cert)");
        return EPROTO;
    }
    int error = config->bootstraps ? store_ca(ca, path) : 0;
    if (error) {
        *reason = xasprintf("bootstrap CA certificate %s: %s", path, strerror(error));
        return EPROTO;
    }
    if (tls_config_reload(config, reason)) {
        return EPROTO;
    }
    if (!store_trusts(SSL_CTX_get_cert_store(config->context), leaf, chain)) {
        *reason = xasprintf("wrong CA: another one was stored in %s meanwhile", path);
        return EPROTO;
    }
    char *subject = tls_config_describe_certificate(ca);
    VLOG_INFO("trusting the CA %s of the first peer, stored in %s", subject, path);
    free(subject);
    return 0;
}
