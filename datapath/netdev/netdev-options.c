/* SPDX-License-Identifier: Apache-2.0 */
/* Taking apart what is asked of a device. */
#include "datapath/netdev/netdev-options.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/util.h"

/* Adds 'key' and 'value' (taken over) to 'options'. */
static void options_add(struct netdev_options *options, char *key, char *value)
{
    options->options = xrealloc(options->options, (options->n + 1) * sizeof *options->options);
    options->options[options->n++] = (struct netdev_option) {key, value};
}

/* Keys that may be given several times: each one stands there by itself. */
static bool is_list(const char *key)
{
    return !strcmp(key, "queue");
}

/* Adds one "key=value" or "key", 'length' characters at 'text', to 'options'. */
static int options_add_text(struct netdev_options *options, const char *text, size_t length,
                            char **error)
{
    const char *equals = memchr(text, '=', length);
    size_t key_length = equals ? (size_t) (equals - text) : length;
    if (!key_length) {
        *error = xasprintf("%s: \"%.*s\" is no option: write key=value", options->name,
                           (int) length, text);
        return EINVAL;
    }
    char *key = xstrndup(text, key_length);
    char *value = equals ? xstrndup(equals + 1, length - key_length - 1) : xstrdup("yes");
    bool is_type = !strcmp(key, "type");
    bool is_there = is_type ? options->kind != NULL : netdev_options_get(options, key) != NULL;
    if (is_there && !is_list(key)) {
        *error = xasprintf("%s: %s= is given twice: give it once", options->name, key);
        free(key);
        free(value);
        return EINVAL;
    }
    if (is_type) {
        options->kind = value;
        free(key);
    } else {
        options_add(options, key, value);
    }
    return 0;
}

int netdev_options_parse(const char *text, struct netdev_options *options, char **error)
{
    size_t length = strcspn(text, ",");
    *options = (struct netdev_options) {.n = 0};
    if (!length) {
        *error = xasprintf("\"%s\": a device's name comes first: NAME[,type=KIND][,key=value]...",
                           text);
        return EINVAL;
    }
    options->name = xstrndup(text, length);
    for (text += length; *text; text += length) {
        text++;
        length = strcspn(text, ",");
        int retval = options_add_text(options, text, length, error);
        if (retval) {
            netdev_options_uninit(options);
            return retval;
        }
    }
    return 0;
}

void netdev_options_uninit(struct netdev_options *options)
{
    for (size_t i = 0; i < options->n; i++) {
        free(options->options[i].key);
        free(options->options[i].value);
    }
    free(options->options);
    free(options->name);
    free(options->kind);
    *options = (struct netdev_options) {.n = 0};
}

void netdev_options_clone(struct netdev_options *dst, const struct netdev_options *src)
{
    *dst = (struct netdev_options) {.name = src->name ? xstrdup(src->name) : NULL,
                                    .kind = src->kind ? xstrdup(src->kind) : NULL};
    for (size_t i = 0; i < src->n; i++) {
        options_add(dst, xstrdup(src->options[i].key), xstrdup(src->options[i].value));
    }
}

/* The option 'key', or NULL. */
static struct netdev_option *options_find(const struct netdev_options *options, const char *key)
{
    for (size_t i = 0; i < options->n; i++) {
        if (!strcmp(options->options[i].key, key)) {
            return &options->options[i];
        }
    }
    return NULL;
}

const char *netdev_options_get(const struct netdev_options *options, const char *key)
{
    const struct netdev_option *option = options_find(options, key);
    return option ? option->value : NULL;
}

char *netdev_options_take(struct netdev_options *options, const char *key)
{
    struct netdev_option *option = options_find(options, key);
    if (!option) {
        return NULL;
    }
    char *value = option->value;
    free(option->key);
    options->n--;
    memmove(option, option + 1,
            (char *) (options->options + options->n) - (char *) option);
    return value;
}

/* Complains that 'value' of 'key' is not 'wanted'. Returns EINVAL. */
static int options_complain(const struct netdev_options *options, const char *key,
                            const char *value, const char *wanted, char **error)
{
    *error = xasprintf("%s: %s=%s: %s= takes %s", options->name, key, value, key, wanted);
    return EINVAL;
}

int netdev_options_get_bool(const struct netdev_options *options, const char *key, bool otherwise,
                            bool *value, char **error)
{
    const char *text = netdev_options_get(options, key);
    *value = text ? !strcmp(text, "yes") : otherwise;
    return text && !*value && strcmp(text, "no")
               ? options_complain(options, key, text, "yes or no", error)
               : 0;
}

int netdev_options_get_number(const struct netdev_options *options, const char *key, unsigned min,
                              unsigned max, unsigned otherwise, unsigned *value, char **error)
{
    const char *text = netdev_options_get(options, key);
    uint64_t number = otherwise;
    if (text && (!str_to_uint(text, 0, max, &number) || number < min)) {
        char *wanted = xasprintf("a number from %u to %u", min, max);
        options_complain(options, key, text, wanted, error);
        free(wanted);
        return EINVAL;
    }
    *value = number;
    return 0;
}

/* Appends "a, b or c". */
static void put_words(struct bytes *text, const char *const words[], unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        bytes_printf(text, "%s%s", !i ? "" : i + 1 < n ? ", " : " or ", words[i]);
    }
}

int netdev_options_get_choice(const struct netdev_options *options, const char *key,
                              const char *const words[], unsigned n, unsigned *value,
                              char **error)
{
    const char *text = netdev_options_get(options, key);
    struct bytes wanted = BYTES_INIT;
    *value = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!text || !strcmp(text, words[i])) {
            *value = i;
            return 0;
        }
    }
    put_words(&wanted, words, n);
    int retval = options_complain(options, key, text, bytes_string(&wanted), error);
    bytes_uninit(&wanted);
    return retval;
}

int netdev_options_get_address(const struct netdev_options *options, const char *key,
                               unsigned char addr[6], bool *given, char **error)
{
    const char *text = netdev_options_get(options, key);
    unsigned char a[6];
    int end = 0;
    *given = text != NULL;
    if (!text) {
        return 0;
    }
    int n = sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &a[0], &a[1], &a[2], &a[3],
                   &a[4], &a[5], &end);
    if (n != 6 || text[end] || a[0] & 1) {
        return options_complain(options, key, text,
                                "an address like 02:00:00:00:00:01 that is not multicast", error);
    }
    memcpy(addr, a, sizeof a);
    return 0;
}
