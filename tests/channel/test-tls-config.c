/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of lib/channel/tls-config: files of keys and certificates that can't be used. */
#include "lib/channel/tls-config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/util.h"
#include "tests/channel/certs.h"
#include "tests/channel/fixture.h"
#include "tests/unit.h"

static char *directory; /* Where the certificates are. */

static void a_missing_or_wrong_file_is_named_with_a_remedy(void **state UNUSED)
{
    char *key = certs_path(directory, "switch", "privkey");
    char *other_key = certs_path(directory, "controller", "privkey");
    char *certificate = certs_path(directory, "switch", "cert");
    char *fifo = certs_path(directory, "fifo", "privkey");
    char *damaged = certs_path(directory, "damaged", "privkey");
    const struct {
        struct tls_files files;
        const char *text;
    } cases[] = {
        {{NULL, certificate, certificate, NULL, NULL, false, false}, "--private-key"},
        {{key, NULL, certificate, NULL, NULL, false, false}, "--certificate"},
        {{key, certificate, NULL, NULL, NULL, false, false}, "--ca-cert"},
        {{key, certificate, certificate, "/x", NULL, false, false}, "exclude each other"},
        {{"/nowhere/key.pem", certificate, certificate, NULL, NULL, false, false},
         "/nowhere/key.pem"},
        {{key, "/nowhere/cert.pem", certificate, NULL, NULL, false, false}, "sluice-pki"},
        {{key, certificate, "/nowhere/ca.pem", NULL, NULL, false, false}, "/nowhere/ca.pem"},
        {{other_key, certificate, certificate, NULL, NULL, false, false}, "does not belong to"},
        {{certificate, key, certificate, NULL, NULL, false, false},
         "it is a certificate: perhaps --private-key and --certificate are swapped"},
        {{key, key, certificate, NULL, NULL, false, false},
         "it is a private key: perhaps --private-key and --certificate are swapped"},
        {{key, certificate, certificate, NULL, "/nowhere/x.pem", false, false}, "/nowhere/x.pem"},
        {{fifo, certificate, certificate, NULL, NULL, false, false}, "not a regular file"},
        {{damaged, certificate, certificate, NULL, NULL, false, false}, "or it is damaged"},
        {{key, damaged, certificate, NULL, NULL, false, false}, "or it is damaged"},
        {{key, certificate, damaged, NULL, NULL, false, false}, "or it is damaged"},
        {{key, certificate, certificate, NULL, damaged, false, false}, "or it is damaged"},
    };
    FILE *file = fopen(damaged, "w");
    assert_true(fputs("-----BEGIN OTHER-----\nx\n", file) >= 0 && !fclose(file));
    assert_int_equal(mkfifo(fifo, 0600), 0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct tls_config *config;
        char *error = NULL;
        assert_int_not_equal(tls_config_create(&cases[i].files, &config, &error), 0);
        assert_contains(error, cases[i].text);
        free(error);
    }
    unlink(fifo);
    unlink(damaged);
    free(fifo);
    free(damaged);
    free(key);
    free(other_key);
    free(certificate);
}

static void an_encrypted_key_is_refused_without_asking_the_terminal(void **state UNUSED)
{
    char *key = certs_path(directory, "encrypted", "privkey");
    char *certificate = certs_path(directory, "switch", "cert");
    char *plain = certs_path(directory, "switch", "privkey");
    char *command = xasprintf("openssl pkey -in %s -aes128 -passout pass:x -out %s", plain, key);
    assert_int_equal(system(command), 0);
    struct tls_files files = {.private_key = key, .certificate = certificate,
                              .ca_cert = certificate};
    struct tls_config *config;
    char *error = NULL;
    assert_int_equal(tls_config_create(&files, &config, &error), EINVAL);
    assert_contains(error, "encrypted");
    free(error);
    free(command);
    free(plain);
    free(key);
    free(certificate);
}

static int make_certificates(void **state UNUSED)
{
    static const struct cert_spec specs[] = {{.name = "switch"}, {.name = "controller"}};
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
        cmocka_unit_test(a_missing_or_wrong_file_is_named_with_a_remedy),
        cmocka_unit_test(an_encrypted_key_is_refused_without_asking_the_terminal),
    };
    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
