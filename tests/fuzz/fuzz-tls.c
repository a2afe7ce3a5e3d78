/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: TLS sessions whose wire bytes somebody cuts, changes, drops and invents. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <errno.h>
#include <openssl/rand.h>
#include <string.h>
#include <unistd.h>

#include "lib/bytes.h"
#include "lib/channel/tls.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "tests/channel/certs.h"
#include "tests/fuzz/fuzz.h"

/* An input is steps, each a byte that chooses one and the side that it begins at, and a byte 'n'.
 *
 * The side 0 is a client, 1 a server. Whatever is done to the bytes between, what a side reads is
 * what the other wrote, or the beginning of it. */
enum {
    WRITTEN_MAX = 1 << 16, /* Plain bytes that a side writes. */
    N_SIDES = 2,           /* Sides. */
};

const uint64_t fuzz_mutations = 150;

/* One end. */
struct side {
    struct tls *tls;       /* Session; owned. */
    struct bytes wire;     /* On its way to the other side. */
    struct bytes plain;    /* Received. */
    struct bytes written;  /* Sent by the owner. */
    int error;             /* The end of the session; 0 not yet. */
};

static struct tls_config *configs[N_SIDES]; /* Identities, made once. */
static uint64_t random_state;               /* Of what OpenSSL takes for random. */

static int fill(unsigned char *buffer, int size)
{
    for (int i = 0; i < size; i++) {
        random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
        buffer[i] = (unsigned char) (random_state >> 56);
    }
    return 1;
}

static int always(void)
{
    return 1;
}

/* Reads the identity 'name'. */
static struct tls_config *configure(const char *directory, const char *name)
{
    char *key = xasprintf("%s/%s-privkey.pem", directory, name);
    char *certificate = xasprintf("%s/%s-cert.pem", directory, name);
    char *ca = xasprintf("%s/ca-cert.pem", directory);
    const struct tls_files files = {.private_key = key, .certificate = certificate, .ca_cert = ca};
    struct tls_config *config;
    char *error = NULL;
    promise(!tls_config_create(&files, &config, &error));
    free(key);
    free(certificate);
    free(ca);
    return config;
}

/* Makes the identities, and randomness that is the same each time. */
static void prepare(void)
{
    static const RAND_METHOD method = {.bytes = fill, .pseudorand = fill, .status = always};
    static const char *const names[] = {"switch", "controller", "ca"};
    char directory[] = "/tmp/fuzz-tls-XXXXXX";
    RAND_set_rand_method(&method);
    promise(mkdtemp(directory));
    certs_make(directory, &(struct cert_spec) {.name = "ca"});
    for (size_t i = 0; i < N_SIDES; i++) {
        certs_make(directory, &(struct cert_spec) {.name = names[i], .ca = "ca",
                                                   .purpose = "serverAuth,clientAuth"});
        configs[i] = configure(directory, names[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char *key = xasprintf("%s/%s-privkey.pem", directory, names[i]);
        char *certificate = xasprintf("%s/%s-cert.pem", directory, names[i]);
        unlink(key);
        unlink(certificate);
        free(key);
        free(certificate);
    }
    rmdir(directory);
}

/* Gives 's' bytes that are said to come from the other side. */
static void feed(struct side *s, const void *data, size_t size)
{
    uint8_t *copy = xmemdup(data, size);
    int error = tls_feed(s->tls, copy, size, &s->plain, &s->wire);
    free(copy);
    promise(!error || error == ECONNRESET || error == EPROTO);
    promise(error != EPROTO || *tls_reason(s->tls));
    promise(!s->error || error);
    s->error = error;
}

/* Carries up to 'n' bytes. */
static void carry(struct side *from, struct side *to, size_t n)
{
    n = MIN(n, from->wire.size);
    uint8_t *part = xmemdup(from->wire.data, n);
    bytes_pull(&from->wire, n);
    feed(to, part, n);
    free(part);
}

static void step_carry(struct side *from, struct side *to, uint8_t n)
{
    carry(from, to, n);
}

static void step_carry_all(struct side *from, struct side *to, uint8_t n UNUSED)
{
    carry(from, to, SIZE_MAX);
}

/* Lets them talk as if nobody were between. */
static void step_converse(struct side *from, struct side *to, uint8_t n UNUSED)
{
    while (from->wire.size || to->wire.size) {
        carry(from, to, SIZE_MAX);
        carry(to, from, SIZE_MAX);
    }
}

static void step_drop(struct side *from, struct side *to UNUSED, uint8_t n)
{
    bytes_pull(&from->wire, MIN((size_t) n, from->wire.size));
}

/* Changes the first byte that is on its way. */
static void step_change(struct side *from, struct side *to UNUSED, uint8_t n)
{
    if (from->wire.size) {
        from->wire.data[0] ^= n;
    }
}

/* Puts a record's header, or 'n' alone, before what is on its way. */
static void step_invent(struct side *from UNUSED, struct side *to, uint8_t n)
{
    const uint8_t header[] = {(uint8_t) (20 + n % 8), 3, 3, 0, n};
    feed(to, n & 1 ? header : &n, n & 1 ? sizeof header : 1);
}

/* Sends what is on its way twice. */
static void step_repeat(struct side *from, struct side *to, uint8_t n)
{
    size_t size = MIN(from->wire.size, (size_t) n * 8);
    uint8_t *copy = xmemdup(from->wire.data, size);
    feed(to, copy, size);
    free(copy);
}

static void step_write(struct side *from, struct side *to UNUSED, uint8_t n)
{
    uint8_t text[256 * 17];
    size_t size = n * 17u;
    memset(text, n, sizeof text);
    if (from->written.size + size <= WRITTEN_MAX
        && !tls_write(from->tls, text, size, &from->wire)) {
        bytes_put(&from->written, text, size);
    }
}

static void step_finish(struct side *from, struct side *to UNUSED, uint8_t n)
{
    if (n > 200) {
        tls_finish(from->tls, &from->wire);
    }
}

static void (*const steps[])(struct side *from, struct side *to, uint8_t n) = {
    step_converse, step_carry, step_carry_all, step_drop, step_change, step_invent, step_repeat,
    step_write, step_finish,
};

/* What 'to' read is what 'from' wrote, as far as it came. */
static void judge(const struct side *from, const struct side *to)
{
    promise(to->plain.size <= from->written.size);
    promise(!to->plain.size || !memcmp(to->plain.data, from->written.data, to->plain.size));
    promise(!to->plain.size || tls_is_established(to->tls));
    promise(*tls_describe(to->tls) || !tls_is_established(to->tls));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vlog_set_stderr(false);
    if (!configs[0]) {
        random_state = 1;
        prepare();
    }
    random_state = 2;
    struct side sides[N_SIDES] = {{.error = 0}};
    sides[0].tls = tls_create(configs[0], false, "localhost");
    sides[1].tls = tls_create(configs[1], true, NULL);
    tls_start(sides[0].tls, &sides[0].wire);
    tls_start(sides[1].tls, &sides[1].wire);
    for (size_t i = 0; i + 1 < MIN(size, (size_t) 400); i += 2) {
        size_t from = data[i] >> 7;
        steps[(data[i] & 0x7f) % ARRAY_SIZE(steps)](&sides[from], &sides[!from], data[i + 1]);
    }
    for (size_t i = 0; i < N_SIDES; i++) {
        judge(&sides[i], &sides[!i]);
    }
    for (size_t i = 0; i < N_SIDES; i++) {
        tls_destroy(sides[i].tls);
        bytes_uninit(&sides[i].wire);
        bytes_uninit(&sides[i].plain);
        bytes_uninit(&sides[i].written);
    }
    return 0;
}

/* Pairs of letters; + 0x80: begun by the server. */
static const char *const seeds[] = {
    "\x01\x05\x01\xff\x02\1\x82\1\x07\x20\x02\1\x82\1\x87\x30\x82\1\x08\xff\x02\1",
    "\x07\x10\x87\x11\x12\x01\x87\x90\x07\xff\x12\x01\x88\xf0\x12\x01",
    "\x02\1\x82\1\x04\x01\x02\1\x82\1",
    "\x05\x05\x05\x07\x85\x09\x85\x0b\x85\x0d\x06\x40",
    "\x12\x01\x07\x40\x06\xff\x12\x01\x07\x05\x03\x09\x12\x01",
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    return fuzz_text_seed(seeds, ARRAY_SIZE(seeds), index, size);
}
