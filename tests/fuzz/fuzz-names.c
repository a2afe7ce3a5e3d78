/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: hostile names of devices, streams and ports, and what else is set by a line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datapath/netdev/netdev-options.h"
#include "datapath/port-settings.h"
#include "datapath/queue-config.h"
#include "lib/bytes.h"
#include "lib/channel/channel.h"
#include "lib/channel/stream.h"
#include "lib/openflow/ofp-parse.h"
#include "lib/util.h"
#include "lib/vlog.h"
#include "ofproto/identity.h"
#include "ofproto/rights.h"
#include "ofproto/stp-settings.h"
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

static void read_spanning_tree(const char *text)
{
    struct stp_settings s = {.is_on = false};
    char *error = NULL;
    int err = stp_settings_parse(text, &s, &error);
    if (err) {
        check_refusal(err, error);
    } else {
        const struct stp_config *c = &s.config;
        promise(c->priority % 4096 == 0 && c->max_age <= 2 * (c->forward_delay - SEC));
    }
}

/* What a port takes of its options for queues and NORMAL. */
static void read_port_options(const char *text)
{
    struct netdev_options options;
    struct queues_config queues;
    struct port_settings settings;
    char *error = NULL;
    if (netdev_options_parse(text, &options, &error)) {
        free(error);
        return;
    }
    int err = queues_config_take(&options, &queues, &error);
    err = err ? err : queues_config_complete(&queues, "p", 1000000000, &error);
    err = err ? err : port_settings_take(&options, &settings, &error);
    if (err) {
        check_refusal(err, error);
    } else {
        promise(queues.n <= QUEUE_CONFIG_MAX && settings.tag < 4096);
        for (unsigned i = 1; i < queues.n; i++) {
            promise(queues.queues[i - 1].id < queues.queues[i].id);
        }
    }
    netdev_options_uninit(&options);
}

static void read_log_levels(const char *text)
{
    char *error = NULL;
    int err = vlog_parse_level_spec(text, &error);
    if (err) {
        check_refusal(err, error);
    }
}

/* Runs 'read' on a file 'name' of 'text' in a directory of this run's own. */
static void with_file(const char *name, const char *text, void (*read)(const char *directory))
{
    char directory[] = "/tmp/fuzz-names.XXXXXX";
    promise(mkdtemp(directory) != NULL);
    char *path = xasprintf("%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    promise(file && fputs(text, file) >= 0 && !fclose(file));
    read(directory);
    unlink(path);
    rmdir(directory);
    free(path);
}

static void read_identity(const char *directory)
{
    struct identity identity;
    char *error = NULL;
    int err = identity_get(directory, "br0", &identity, &error);
    if (err) {
        check_refusal(err, error);
    } else {
        promise(identity.datapath_id && !(identity.hw_addr[0] & 1));
    }
}

static void read_state(const char *text)
{
    with_file("br0.identity", text, read_identity);
}

static void (*const readers[])(const char *text) = {
    read_options,      read_stream_name, read_port,  read_rights, read_spanning_tree,
    read_port_options, read_log_levels,  read_state,
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

/* The first letter is the reader: its code modulo 8. */
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
    "\4rstp,priority=4096,hello=1,max-age=8,forward-delay=5",
    "\4no",
    "\5p,max-rate=9M,queue=1:min-rate=3M:max-rate=4M:limit=5000,queue=7",
    "\5p,tag=5,trunks=5+7+100-199,vlan-mode=native-tagged,stp-cost=4,stp-priority=16,stp-edge=no",
    "\6warn,stp:dbg,any:off",
    "\7datapath-id 020000000001 local-address 020000000002",
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    if (index >= ARRAY_SIZE(seeds)) {
        return NULL;
    }
    *size = 1 + strlen(seeds[index] + 1);
    return xmemdup(seeds[index], *size);
}
