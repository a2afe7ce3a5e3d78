/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kinds of devices, and opening a device of the right one. */
#include "datapath/netdev/netdev-registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/link-status.h"
#include "datapath/netdev/netdev-memory.h"
#include "datapath/netdev/netdev-pcap.h"
#include "datapath/netdev/netdev-provider.h"
#include "datapath/netdev/netdev-raw.h"
#include "datapath/netdev/netdev-tap.h"
#include "datapath/netdev/netdev.h"
#include "lib/bytes.h"
#include "lib/util.h"

static const struct netdev_class *const classes[] = {
    &netdev_raw_class,
    &netdev_tap_class,
    &netdev_memory_class,
    &netdev_pcap_class,
};

const struct netdev_class *netdev_class_find(const char *kind)
{
    for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
        if (!strcmp(classes[i]->kind, kind)) {
            return classes[i];
        }
    }
    return NULL;
}

/* The kind of a device that nobody has named: tap if it is one, else raw. */
static const char *default_kind(const char *name)
{
    struct netdev_status status;
    struct link_kind kind;
    return !link_status_get(name, &status, &kind) && kind.is_tap ? "tap" : "raw";
}

/* Complains that there is no kind called 'kind'. Returns EINVAL. */
static int complain_kind(const char *name, const char *kind, char **error)
{
    struct bytes text = BYTES_INIT;
    bytes_printf(&text, "%s: type=%s: there is no such kind of device: it can be", name, kind);
    for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
        bytes_printf(&text, "%s %s", i ? "," : "", classes[i]->kind);
    }
    bytes_printf(&text, "; or patch, between bridges");
    *error = xstrdup(bytes_string(&text));
    bytes_uninit(&text);
    return EINVAL;
}

/* True if 'word' is one of the space-separated 'words'. */
static bool word_is_in(const char *word, const char *words)
{
    size_t length = strlen(word);
    for (const char *p = words; *p; p += strcspn(p, " "), p += strspn(p, " ")) {
        if (strcspn(p, " ") == length && !memcmp(p, word, length)) {
            return true;
        }
    }
    return false;
}

/* Checks that 'class' knows all 'options'. */
static int check_options(const struct netdev_class *class, const struct netdev_options *options,
                         char **error)
{
    for (size_t i = 0; i < options->n; i++) {
        const struct netdev_option *option = &options->options[i];
        if (!word_is_in(option->key, class->options)) {
            *error = xasprintf("%s: \"%s\" is no option of kind %s: it knows %s (a device whose "
                               "name has a comma must be renamed)",
                               options->name, option->key, class->kind, class->options);
            return EINVAL;
        }
    }
    return 0;
}

bool netdev_options_want_kernels(const struct netdev_options *options)
{
    const struct netdev_class *class = options->kind ? netdev_class_find(options->kind) : NULL;
    return class ? netdev_class_is_kernels(class, options) : !options->kind;
}

int netdev_open(const struct netdev_options *options, unsigned n_threads,
                struct netdev_shared *shared, struct netdev **dev, char **error)
{
    if (strlen(options->name) > NETDEV_NAME_MAX) {
        *error = xasprintf("%s: the name is too long: a device's name has at most %d characters",
                           options->name, NETDEV_NAME_MAX);
        return ENAMETOOLONG;
    }
    const char *kind = options->kind ? options->kind : default_kind(options->name);
    const struct netdev_class *class = netdev_class_find(kind);
    int retval = class ? check_options(class, options, error)
                       : complain_kind(options->name, kind, error);
    return retval ? retval : netdev_create(class, options, n_threads, shared, dev, error);
}
