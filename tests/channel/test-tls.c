/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/channel/tls: two sessions back to back, and each way of being refused (A1.20). */
#include "lib/channel/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/bytes.h"
#include "lib/util.h"
#include "tests/channel/certs.h"
#include "tests/channel/fixture.h"
#include "tests/unit.h"

#define BOTH "serverAuth,clientAuth"

static char *directory; /* Where the certificates are. */

/* One side: its configuration, session, and what came out of it. */
struct side {
    struct tls_config *config; /* Owned. */
    struct tls *tls;           /* Owned. */
    struct bytes plain;        /* Received. */
    struct bytes wire;         /* To be given to the other side. */
    int error;                 /* Of the last tls_feed(). */
};

/* Configures a side with the identity 'name', which trusts 'ca'. */
static void configure(struct side *s, const char *name, const char *ca, bool verify_host)
{
    char *key = certs_path(directory, name, "privkey");
    char *certificate = certs_path(directory, name, "cert");
    char *ca_cert = certs_path(directory, ca, "cert");
    char *error = NULL;
    struct tls_files files = {.private_key = key, .certificate = certificate, .ca_cert = ca_cert,
                              .verify_host = verify_host};
    if (tls_config_create(&files, &s->config, &error)) {
        fail_msg("%s", error);
    }
    free(key);
    free(certificate);
    free(ca_cert);
}

static void side_uninit(struct side *s)
{
    tls_destroy(s->tls);
    tls_config_destroy(s->config);
    bytes_uninit(&s->plain);
    bytes_uninit(&s->wire);
    memset(s, 0, sizeof *s);
}

/* Gives 'to' what 'from' wants to send, 'step' bytes at a time.  Returns whether there was any. */
static bool carry(struct side *from, struct side *to, size_t step)
{
    struct bytes wire = from->wire;
    bytes_init(&from->wire);
    for (size_t i = 0; i < wire.size; i += step) {
        size_t size = MIN(step, wire.size - i);
        to->error = tls_feed(to->tls, wire.data + i, size, &to->plain, &to->wire);
    }
    bool any = wire.size > 0;
    bytes_uninit(&wire);
    return any;
}

/* Carries bytes both ways until nobody says anything. */
static void converse(struct side *client, struct side *server, size_t step)
{
    bool any;
    do {
        any = carry(client, server, step);
        any = carry(server, client, step) || any;
    } while (any);
}

/* Begins sessions of both sides and lets them handshake. */
static void handshake(struct side *client, struct side *server, const char *host)
{
    client->tls = tls_create(client->config, false, host);
    server->tls = tls_create(server->config, true, NULL);
    tls_start(client->tls, &client->wire);
    converse(client, server, SIZE_MAX / 2);
}

/* Asserts that what 'from' writes comes out at 'to'. */
static void assert_carries(struct side *from, struct side *to, const char *text)
{
    bytes_clear(&to->plain);
    assert_int_equal(tls_write(from->tls, text, strlen(text), &from->wire), 0);
    converse(from, to, SIZE_MAX / 2);
    assert_int_equal(to->plain.size, strlen(text));
    assert_memory_equal(to->plain.data, text, strlen(text));
}

static void mutual_authentication_carries_bytes_both_ways(void **state UNUSED)
{
    struct side client = {0}, server = {0};
    configure(&client, "switch", "controllerca", false);
    configure(&server, "controller", "switchca", false);
    handshake(&client, &server, "localhost");
    assert_true(tls_is_established(client.tls));
    assert_true(tls_is_established(server.tls));
    assert_contains(tls_describe(client.tls), "TLSv1.3");
    assert_carries(&client, &server, "hello");
    assert_carries(&server, &client, "world");
    side_uninit(&client);
    side_uninit(&server);
}

static void a_switch_may_listen_and_a_controller_dial(void **state UNUSED)
{
    struct side client = {0}, server = {0};
    configure(&client, "controller", "switchca", false);
    configure(&server, "switch", "controllerca", false);
    handshake(&client, &server, NULL);
    assert_carries(&client, &server, "hello");
    side_uninit(&client);
    side_uninit(&server);
}

static void bytes_may_come_one_at_a_time(void **state UNUSED)
{
    struct side client = {0}, server = {0};
    configure(&client, "switch", "controllerca", false);
    configure(&server, "controller", "switchca", false);
    client.tls = tls_create(client.config, false, NULL);
    server.tls = tls_create(server.config, true, NULL);
    tls_start(client.tls, &client.wire);
    converse(&client, &server, 1);
    tls_write(client.tls, "slow", 4, &client.wire);
    converse(&client, &server, 1);
    assert_memory_equal(server.plain.data, "slow", 4);
    side_uninit(&client);
    side_uninit(&server);
}

static void before_the_handshake_nothing_is_taken(void **state UNUSED)
{
    struct side client = {0}, server = {0};
    configure(&client, "switch", "controllerca", false);
    configure(&server, "controller", "switchca", false);
    client.tls = tls_create(client.config, false, NULL);
    server.tls = tls_create(server.config, true, NULL);
    tls_start(client.tls, &client.wire);
    assert_int_equal(tls_write(client.tls, "early", 5, &client.wire), EPROTO);
    converse(&client, &server, SIZE_MAX / 2);
    assert_int_equal(server.plain.size, 0);
    assert_carries(&client, &server, "later");
    side_uninit(&client);
    side_uninit(&server);
}

/* Bytes on the wire that a byte makes when 'from' writes it. */
static size_t wire_of_a_byte(struct side *from)
{
    size_t before = from->wire.size;
    assert_int_equal(tls_write(from->tls, "x", 1, &from->wire), 0);
    return from->wire.size - before;
}

/* A record in which new keys are asked for comes on top of that of the byte. */
static void new_keys_are_asked_for_before_the_old_ones_have_served_too_long(void **state UNUSED)
{
    enum { MOST = 20 * 1000 * 1000 }; /* Below 2 to the 24.5: RFC 8446, section 5.5. */
    struct side client = {0}, server = {0};
    size_t n = 1, size;
    configure(&client, "switch", "controllerca", false);
    configure(&server, "controller", "switchca", false);
    handshake(&client, &server, NULL);
    for (size = wire_of_a_byte(&client); n < MOST && wire_of_a_byte(&client) == size; n++) {
        if (n % 1000 == 0) {
            carry(&client, &server, SIZE_MAX / 2);
        }
    }
    assert_in_range(n, 1000, MOST - 1);
    converse(&client, &server, SIZE_MAX / 2);
    assert_int_equal(server.error, 0);
    assert_int_equal(server.plain.size, n + 1);
    assert_true(wire_of_a_byte(&server) > size); /* It agrees, and asks for new keys too. */
    converse(&client, &server, SIZE_MAX / 2);
    assert_true(wire_of_a_byte(&client) > size);
    converse(&client, &server, SIZE_MAX / 2);
    assert_int_equal(wire_of_a_byte(&client), size);
    assert_int_equal(wire_of_a_byte(&server), size);
    converse(&client, &server, SIZE_MAX / 2);
    assert_carries(&client, &server, "hello");
    assert_carries(&server, &client, "world");
    side_uninit(&client);
    side_uninit(&server);
}

static void close_notify_is_an_orderly_end(void **state UNUSED)
{
    struct side client = {0}, server = {0};
    configure(&client, "switch", "controllerca", false);
    configure(&server, "controller", "switchca", false);
    handshake(&client, &server, NULL);
    tls_write(client.tls, "last", 4, &client.wire);
    tls_finish(client.tls, &client.wire);
    carry(&client, &server, SIZE_MAX / 2);
    assert_int_equal(server.error, ECONNRESET);
    assert_memory_equal(server.plain.data, "last", 4);
    assert_string_equal(tls_reason(server.tls), "");
    side_uninit(&client);
    side_uninit(&server);
}

static void after_close_notify_the_other_side_may_still_answer(void **state UNUSED)
{
    struct side client = {0}, server = {0};
    configure(&client, "switch", "controllerca", false);
    configure(&server, "controller", "switchca", false);
    handshake(&client, &server, NULL);
    tls_finish(client.tls, &client.wire);
    converse(&client, &server, SIZE_MAX / 2);
    assert_int_equal(server.error, ECONNRESET);
    assert_carries(&server, &client, "answer");
    assert_int_equal(client.error, 0);
    tls_finish(server.tls, &server.wire);
    assert_int_equal(tls_write(server.tls, "x", 1, &server.wire), EPROTO);
    converse(&client, &server, SIZE_MAX / 2);
    assert_int_equal(client.error, ECONNRESET);
    assert_memory_equal(client.plain.data, "answer", client.plain.size);
    side_uninit(&client);
    side_uninit(&server);
}

/* Each way of being refused for a certificate: who is at fault, and what both sides say. */
static const struct refusal {
    const char *client;    /* Identity of the client ... */
    const char *client_ca; /* ... and whom it trusts. */
    const char *server;    /* Identity of the server ... */
    const char *server_ca; /* ... and whom it trusts. */
    bool by_server;        /* Who refuses? */
    const char *reason;    /* What the one who refuses says. */
    const char *told;      /* What the other one learns. */
} refusals[] = {
    {"stranger", "controllerca", "controller", "switchca", true, "wrong CA", "wrong CA"},
    {"selfsigned", "controllerca", "controller", "switchca", true, "wrong CA", "wrong CA"},
    {"controller", "controllerca", "controller", "switchca", true, "wrong CA", "wrong CA"},
    {"expired", "controllerca", "controller", "switchca", true, "expired", "expired"},
    {"future", "controllerca", "controller", "switchca", true, "not yet valid", "refused our"},
    {"serveronly", "controllerca", "controller", "switchca", true, "wrong purpose",
     "wrong purpose"},
    {"switch", "switchca", "controller", "switchca", false, "wrong CA", "wrong CA"},
    {"switch", "switchca", "expired", "switchca", false, "expired", "expired"},
    {"switch", "switchca", "future", "switchca", false, "not yet valid", "refused our"},
    {"switch", "switchca", "clientonly", "switchca", false, "wrong purpose", "wrong purpose"},
};

/* rows: A1.20 */
static void a_bad_certificate_is_refused_with_its_reason_on_both_sides(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct side client = {0}, server = {0};
        configure(&client, r->client, r->client_ca, false);
        configure(&server, r->server, r->server_ca, false);
        handshake(&client, &server, NULL);
        struct side *refuser = r->by_server ? &server : &client;
        struct side *other = r->by_server ? &client : &server;
        assert_false(tls_is_established(refuser->tls));
        assert_int_equal(refuser->error, EPROTO);
        assert_contains(tls_reason(refuser->tls), r->reason);
        assert_contains(tls_reason(refuser->tls), r->by_server ? r->client : r->server);
        assert_int_equal(other->error, EPROTO);
        assert_contains(tls_reason(other->tls), r->told);
        side_uninit(&client);
        side_uninit(&server);
    }
}

static void names_are_compared_only_if_asked(void **state UNUSED)
{
    static const struct {
        bool verify;
        const char *host;
        bool ok;
    } cases[] = {
        {false, "elsewhere.example", true}, {true, "localhost", true},
        {true, "elsewhere.example", false}, {true, "127.0.0.1", true},
        {true, "10.0.0.1", false}, {true, "::1", true}, {true, "::2", false},
        {true, "fe80::1%eth0", true}, {true, "fe80::2%eth0", false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct side client = {0}, server = {0};
        configure(&client, "switch", "controllerca", cases[i].verify);
        configure(&server, "controller", "switchca", false);
        handshake(&client, &server, cases[i].host);
        assert_int_equal(tls_is_established(client.tls), cases[i].ok);
        if (!cases[i].ok) {
            assert_contains(tls_reason(client.tls), "wrong name");
            assert_contains(tls_reason(server.tls), "not for the host that the peer dialled");
        }
        side_uninit(&client);
        side_uninit(&server);
    }
}

/* A foreign TLS client of OpenSSL's, without our rules. */
struct foreigner {
    SSL_CTX *context; /* Owned. */
    SSL *ssl;         /* Owned. */
    BIO *in, *out;    /* Owned by 'ssl'. */
};

static void foreigner_init(struct foreigner *f, int version, const char *identity)
{
    f->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(f->context, 0);
    SSL_CTX_set_min_proto_version(f->context, version ? version : TLS1_VERSION);
    SSL_CTX_set_max_proto_version(f->context, version);
    if (identity) {
        char *key = certs_path(directory, identity, "privkey");
        char *certificate = certs_path(directory, identity, "cert");
        SSL_CTX_use_certificate_file(f->context, certificate, SSL_FILETYPE_PEM);
        SSL_CTX_use_PrivateKey_file(f->context, key, SSL_FILETYPE_PEM);
        free(key);
        free(certificate);
    }
    f->ssl = SSL_new(f->context);
    f->in = BIO_new(BIO_s_mem());
    f->out = BIO_new(BIO_s_mem());
    SSL_set_bio(f->ssl, f->in, f->out);
    SSL_set_connect_state(f->ssl);
}

static void foreigner_uninit(struct foreigner *f)
{
    SSL_free(f->ssl);
    SSL_CTX_free(f->context);
    ERR_clear_error();
}

/* Lets the foreigner and our server talk until neither says anything. */
static void foreigner_converse(struct foreigner *f, struct side *server)
{
    char buf[65536];
    for (int i = 0; i < 20; i++) {
        SSL_read(f->ssl, buf, sizeof buf);
        int n = BIO_read(f->out, buf, sizeof buf);
        if (n > 0) {
            server->error = tls_feed(server->tls, buf, (size_t) n, &server->plain, &server->wire);
        }
        BIO_write(f->in, server->wire.data, (int) server->wire.size);
        bytes_clear(&server->wire);
    }
    ERR_clear_error();
}

static void a_client_without_a_certificate_is_refused(void **state UNUSED)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
        struct side server = {0};
        struct foreigner f;
        configure(&server, "controller", "switchca", false);
        server.tls = tls_create(server.config, true, NULL);
        foreigner_init(&f, versions[i], NULL);
        foreigner_converse(&f, &server);
        assert_false(tls_is_established(server.tls));
        assert_int_equal(server.error, EPROTO);
        assert_contains(tls_reason(server.tls), "no certificate");
        foreigner_uninit(&f);
        side_uninit(&server);
    }
}

static void tls_1_0_and_1_1_are_refused_and_1_2_is_not(void **state UNUSED)
{
    static const struct {
        int version;
        bool ok;
    } cases[] = {{TLS1_VERSION, false}, {TLS1_1_VERSION, false}, {TLS1_2_VERSION, true}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct side server = {0};
        struct foreigner f;
        configure(&server, "controller", "switchca", false);
        server.tls = tls_create(server.config, true, NULL);
        foreigner_init(&f, cases[i].version, "switch");
        foreigner_converse(&f, &server);
        assert_int_equal(tls_is_established(server.tls), cases[i].ok);
        if (!cases[i].ok) {
            assert_contains(tls_reason(server.tls), "protocol too old");
        }
        foreigner_uninit(&f);
        side_uninit(&server);
    }
}

static void renegotiation_is_declined(void **state UNUSED)
{
    struct side server = {0};
    struct foreigner f;
    char buf[4096];
    configure(&server, "controller", "switchca", false);
    server.tls = tls_create(server.config, true, NULL);
    foreigner_init(&f, TLS1_2_VERSION, "switch");
    foreigner_converse(&f, &server);
    assert_true(tls_is_established(server.tls));

    SSL_renegotiate(f.ssl);
    SSL_do_handshake(f.ssl);
    int n = BIO_read(f.out, buf, sizeof buf);
    assert_true(n > 0);
    server.error = tls_feed(server.tls, buf, (size_t) n, &server.plain, &server.wire);
    assert_int_equal(server.error, 0);
    BIO_write(f.in, server.wire.data, (int) server.wire.size);
    ERR_clear_error();
    assert_true(SSL_read(f.ssl, buf, sizeof buf) <= 0);
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
    foreigner_uninit(&f);
    side_uninit(&server);
}

static void no_session_tickets_are_given(void **state UNUSED)
{
    struct side server = {0};
    struct foreigner f;
    configure(&server, "controller", "switchca", false);
    server.tls = tls_create(server.config, true, NULL);
    foreigner_init(&f, TLS1_3_VERSION, "switch");
    foreigner_converse(&f, &server);
    assert_true(tls_is_established(server.tls));
    assert_false(SSL_SESSION_has_ticket(SSL_get_session(f.ssl)));
    foreigner_uninit(&f);
    side_uninit(&server);
}

static void a_peer_that_speaks_no_tls_is_told_from_one_that_does(void **state UNUSED)
{
    static const uint8_t hello[] = {1, 0, 0, 8, 0, 0, 0, 1};
    struct side server = {0};
    configure(&server, "controller", "switchca", false);
    server.tls = tls_create(server.config, true, NULL);
    server.error = tls_feed(server.tls, hello, sizeof hello, &server.plain, &server.wire);
    assert_int_equal(server.error, EPROTO);
    assert_contains(tls_reason(server.tls), "does not speak TLS");
    side_uninit(&server);
}

/* Copies the identity 'from' over that of 'to', as an administrator would. */
static void replace_identity(const char *from, const char *to)
{
    static const char *const what[] = {"privkey", "cert"};
    for (size_t i = 0; i < ARRAY_SIZE(what); i++) {
        char *source = certs_path(directory, from, what[i]);
        char *target = certs_path(directory, to, what[i]);
        char *command = xasprintf("cp %s %s.new && mv %s.new %s", source, target, target, target);
        assert_int_equal(system(command), 0);
        free(command);
        free(source);
        free(target);
    }
}

/* rows: A1.20 */
static void keys_are_rotated_without_a_restart(void **state UNUSED)
{
    struct side client = {0}, server = {0}, later = {0};
    char *error = NULL;
    replace_identity("switch", "rotating");
    configure(&client, "rotating", "controllerca", false);
    configure(&server, "controller", "switchca", false);
    handshake(&client, &server, NULL);

    replace_identity("expired", "rotating");
    assert_int_equal(tls_config_reload(client.config, &error), 0);
    assert_carries(&client, &server, "a live session goes on");

    configure(&later, "controller", "switchca", false);
    tls_destroy(client.tls);
    handshake(&client, &later, NULL);
    assert_contains(tls_reason(later.tls), "expired");

    replace_identity("switch", "rotating");
    assert_int_equal(tls_config_reload(client.config, &error), 0);
    tls_destroy(client.tls);
    tls_destroy(later.tls);
    handshake(&client, &later, NULL);
    assert_true(tls_is_established(later.tls));
    side_uninit(&client);
    side_uninit(&server);
    side_uninit(&later);
}

static void a_broken_file_leaves_the_old_keys_in_use_and_is_told_once(void **state UNUSED)
{
    struct side client = {0}, server = {0};
    char *error = NULL;
    replace_identity("switch", "rotating");
    configure(&client, "rotating", "controllerca", false);
    configure(&server, "controller", "switchca", false);
    char *path = certs_path(directory, "rotating", "cert");
    FILE *file = fopen(path, "w");
    fputs("nonsense", file);
    fclose(file);
    assert_int_equal(tls_config_reload(client.config, &error), EINVAL);
    assert_contains(error, path);
    free(error);
    free(path);
    assert_int_equal(tls_config_reload(client.config, &error), 0);
    handshake(&client, &server, NULL);
    assert_true(tls_is_established(server.tls));
    side_uninit(&client);
    side_uninit(&server);
}

/* Configures a switch that has no CA yet, and a controller that sends its CA along, or not. */
static void configure_bootstrap(struct side *client, struct side *server, const char *controller,
                                const char *sent_ca)
{
    char *key = certs_path(directory, "switch", "privkey");
    char *certificate = certs_path(directory, "switch", "cert");
    char *learned = certs_path(directory, "learned", "cert");
    char *controller_key = certs_path(directory, controller, "privkey");
    char *controller_certificate = certs_path(directory, controller, "cert");
    char *switch_ca = certs_path(directory, "switchca", "cert");
    char *ca = sent_ca ? certs_path(directory, sent_ca, "cert") : NULL;
    struct tls_files ours = {.private_key = key, .certificate = certificate,
                             .bootstrap_ca = learned};
    struct tls_files theirs = {.private_key = controller_key, .ca_cert = switch_ca,
                               .certificate = controller_certificate, .peer_ca_cert = ca};
    char *error = NULL;
    if (tls_config_create(&ours, &client->config, &error)
        || tls_config_create(&theirs, &server->config, &error)) {
        fail_msg("%s", error);
    }
    free(key);
    free(certificate);
    free(learned);
    free(controller_key);
    free(controller_certificate);
    free(switch_ca);
    free(ca);
}

static void bootstrapping_trusts_the_first_ca_for_ever(void **state UNUSED)
{
    static const struct {
        const char *controller;
        const char *sent_ca;
        const char *reason; /* NULL: it works. */
    } peers[] = {
        {"controller", NULL, "must send its CA"},
        {"controller", "otherca", "must send its CA"},
        {"controller", "controllerca", NULL},
        {"stranger", "otherca", "wrong CA"},
        {"controller", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
        struct side client = {0}, server = {0};
        configure_bootstrap(&client, &server, peers[i].controller, peers[i].sent_ca);
        handshake(&client, &server, NULL);
        assert_int_equal(tls_is_established(client.tls), !peers[i].reason);
        if (peers[i].reason) {
            assert_contains(tls_reason(client.tls), peers[i].reason);
        } else {
            assert_carries(&client, &server, "hello");
        }
        side_uninit(&client);
        side_uninit(&server);
    }
    char *learned = certs_path(directory, "learned", "cert");
    struct stat st;
    assert_int_equal(stat(learned, &st), 0);
    assert_int_equal(st.st_mode & 022, 0);
    free(learned);
}

static void a_listener_does_not_bootstrap(void **state UNUSED)
{
    struct side client = {0}, server = {0};
    char *learned = certs_path(directory, "learned", "cert");
    unlink(learned);
    configure_bootstrap(&client, &server, "controller", "controllerca");
    client.tls = tls_create(client.config, true, NULL);
    server.tls = tls_create(server.config, false, NULL);
    tls_start(server.tls, &server.wire);
    converse(&server, &client, SIZE_MAX / 2);
    assert_false(tls_is_established(client.tls));
    assert_contains(tls_reason(client.tls), "wrong CA");
    assert_int_equal(access(learned, F_OK), -1);
    free(learned);
    side_uninit(&client);
    side_uninit(&server);
}

static int make_certificates(void **state UNUSED)
{
    static const struct cert_spec specs[] = {
        {.name = "switchca"},
        {.name = "controllerca"},
        {.name = "otherca"},
        {.name = "switch", .ca = "switchca", .purpose = BOTH},
        {.name = "rotating", .ca = "switchca", .purpose = BOTH},
        {.name = "controller", .ca = "controllerca", .purpose = BOTH,
         .host = "DNS:localhost,IP:127.0.0.1,IP:::1,IP:fe80::1"},
        {.name = "stranger", .ca = "otherca", .purpose = BOTH},
        {.name = "selfsigned", .purpose = BOTH},
        {.name = "expired", .ca = "switchca", .purpose = BOTH, .begins = -7200, .ends = -3600},
        {.name = "future", .ca = "switchca", .purpose = BOTH, .begins = 3600, .ends = 7200},
        {.name = "serveronly", .ca = "switchca", .purpose = "serverAuth"},
        {.name = "clientonly", .ca = "switchca", .purpose = "clientAuth"},
    };
    directory = temporary_create();
    certs_make_all(directory, specs, ARRAY_SIZE(specs));
    return 0;
}

static int remove_certificates(void **state UNUSED)
{
    temporary_remove(directory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutual_authentication_carries_bytes_both_ways),
        cmocka_unit_test(a_switch_may_listen_and_a_controller_dial),
        cmocka_unit_test(bytes_may_come_one_at_a_time),
        cmocka_unit_test(before_the_handshake_nothing_is_taken),
        cmocka_unit_test(new_keys_are_asked_for_before_the_old_ones_have_served_too_long),
        cmocka_unit_test(close_notify_is_an_orderly_end),
        cmocka_unit_test(after_close_notify_the_other_side_may_still_answer),
        cmocka_unit_test(a_bad_certificate_is_refused_with_its_reason_on_both_sides),
        cmocka_unit_test(names_are_compared_only_if_asked),
        cmocka_unit_test(a_client_without_a_certificate_is_refused),
        cmocka_unit_test(tls_1_0_and_1_1_are_refused_and_1_2_is_not),
        cmocka_unit_test(renegotiation_is_declined),
        cmocka_unit_test(no_session_tickets_are_given),
        cmocka_unit_test(a_peer_that_speaks_no_tls_is_told_from_one_that_does),
        cmocka_unit_test(keys_are_rotated_without_a_restart),
        cmocka_unit_test(a_broken_file_leaves_the_old_keys_in_use_and_is_told_once),
        cmocka_unit_test(bootstrapping_trusts_the_first_ca_for_ever),
        cmocka_unit_test(a_listener_does_not_bootstrap),
    };
    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
