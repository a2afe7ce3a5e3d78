/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: hostile names of devices with options, of streams with rights, and of ports. */
#include <errno.h>
#include <string.h>

#include "datapath/netdev/netdev-options.h"
#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/util.h"
#include "ofproto/rights.h"
#include "tests/fuzz/fuzz.h"

/* An input is a byte that chooses a reader below, and a line of text. */

const uint64_t fuzz_mutations = 10000;

/* A refusal has one sentence, and takes it. */
static void check_refusal(int err, char *error)
{
    promise(err == EINVAL && error && *error);
    promise(!strchr(error, '\n'));
    free(error);
}

/* Both have the same options. */
static bool options_equal(const struct netdev_options *a, const struct netdev_options *b)
{
    bool equal = !strcmp(a->name, b->name) && !a->kind == !b->kind && a->n == b->n
                 && (!a->kind || !strcmp(a->kind, b->kind));
    for (size_t i = 0; equal && i < a->n; i++) {
        equal = !strcmp(a->options[i].key, b->options[i].key)
                && !strcmp(a->options[i].value, b->options[i].value);
    }
    return equal;
}

/* Options written out and read again are the same. */
static void check_options_text(const struct netdev_options *options)
{
    struct bytes text = BYTES_INIT;
    struct netdev_options again;
    char *error = NULL;
    bytes_printf(&text, "%s", options->name);
    for (size_t i = 0; i < options->n; i++) {
        bytes_printf(&text, ",%s=%s", options->options[i].key, options->options[i].value);
    }
    if (options->kind) {
        bytes_printf(&text, ",type=%s", options->kind);
    }
    promise(!netdev_options_parse(bytes_string(&text), &again, &error));
    promise(options_equal(options, &again));
    netdev_options_uninit(&again);
    bytes_uninit(&text);
}

/* The values of 'key' by all readers. */
static void read_values(const struct netdev_options *options, const char *key)
{
    unsigned char addr[6];
    bool yes = false;
    unsigned n = 0;
    char *error = NULL;
    int err = netdev_options_get_bool(options, key, true, &yes, &error);
    if (err) {
        check_refusal(err, error);
    }
    error = NULL;
    err = netdev_options_get_number(options, key, 1, 1000, 5, &n, &error);
    if (err) {
        check_refusal(err, error);
    } else {
        promise(n >= 1 && n <= 1000);
    }
    error = NULL;
    err = netdev_options_get_address(options, key, addr, &yes, &error);
    if (err) {
        check_refusal(err, error);
    } else {
        promise(!yes || !(addr[0] & 1));
    }
}

static void read_options(const char *text)
{
    struct netdev_options options, copy = {.n = 0};
    char *error = NULL;
    int err = netdev_options_parse(text, &options, &error);
    if (err) {
        check_refusal(err, error);
        return;
    }
    promise(*options.name);
    check_options_text(&options);
    for (size_t i = 0; i < options.n; i++) {
        read_values(&options, options.options[i].key);
    }
    netdev_options_clone(&copy, &options);
    promise(options_equal(&options, &copy));
    if (copy.n) {
        char *value = netdev_options_take(&copy, options.options[0].key);
        promise(value && copy.n + 1 == options.n);
        free(value);
    }
    netdev_options_uninit(&copy);
    netdev_options_uninit(&options);
}

static void read_stream_name(const char *text)
{
    const struct channel_env env = {.hub = NULL};
    char *error = NULL;
    int err = stream_check_name(&env, text, &error);
    if (err) {
        check_refusal(err, error);
    } else {
        promise(!stream_name_is_passive(text));
    }
}

static void read_port(const char *text)
{
    const struct ofp_parse how = {.port_lookup = NULL};
    uint16_t port;
    ofp_parse_port(text, &how, &port);
}

static void read_rights(const char *text)
{
    struct rights *rights;
    char *target, *error = NULL;
    int err = rights_parse(text, &target, &rights, &error);
    if (err) {
        check_refusal(err, error);
        return;
    }
    promise(!strncmp(text, target, strlen(target)) && !rights == !text[strlen(target)]);
    promise(!rights || !strcmp(rights->text, text + strlen(target) + 1));
    promise(!rights || rights->has_ports || rights->quota || rights->peer);
    rights_unref(rights);
    free(target);
}

static void (*const readers[])(const char *text) = {
    read_options, read_stream_name, read_port, read_rights,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size) {
        char *text = fuzz_text(data + 1, size - 1, 10000);
        text[strcspn(text, "\n")] = '\0';
        readers[data[0] % ARRAY_SIZE(readers)](text);
        free(text);
    }
    return 0;
}

/* The first letter is the reader: its code modulo 4. */
static const char *const seeds[] = {
    "\0veth1,type=raw,ofport=3,mac=02:00:00:00:00:01,host=keep,queue,mtu=9000",
    "\0p1,type=memory,offload=yes,mtu=0,a=b=c",
    "\1tcp:[fe80::1%eth0]:6653",
    "\1tls:controller.example:6653",
    "\1ssl:10.0.0.1",
    "\1unix:/run/sluice/br0.mgmt",
    "\1ptcp:6653:[::1]",
    "\1punix:a",
    "\1pssl::0.0.0.0",
    "\1memory:c1",
    "\2in_port",
    "\2\"veth1\"",
    "\0020xfffe",
    "\3tcp:[::1]:6653,ports=1-4+7+LOCAL,flows=1000",
    "\3ptls:,peer=red,ports=none",
    "\3unix:/a,b,flows=0",
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    if (index >= ARRAY_SIZE(seeds)) {
        return NULL;
    }
    *size = 1 + strlen(seeds[index] + 1);
    return xmemdup(seeds[index], *size);
}
