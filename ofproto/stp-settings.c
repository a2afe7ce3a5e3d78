/* SPDX-License-Identifier: Apache-2.0 */
/* What a user says about the spanning tree of a bridge, and its reading. */
#include "ofproto/stp-settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-options.h"
#include "lib/util.h"

enum {
    PRIORITY_STEP = 4096,   /* Priorities are multiples of it. */
    PRIORITY_MAX = 61440,   /* The highest one. */
    HELLO_MAX = 10,         /* Seconds (802.1D-1998, table 8-3). */
    MAX_AGE_MIN = 6,        /* Seconds. */
    MAX_AGE_MAX = 40,       /* Seconds. */
    FORWARD_DELAY_MIN = 4,  /* Seconds. */
    FORWARD_DELAY_MAX = 30, /* Seconds. */
};

/* The numbers as typed; times in seconds. */
struct numbers {
    unsigned priority;      /* Of the bridge. */
    unsigned hello;         /* Hello time. */
    unsigned max_age;       /* Max age. */
    unsigned forward_delay; /* Forward delay. */
};

/* Takes a number from 'min' to 'max' as 'key' out of 'o', if it is there. */
static int take(struct netdev_options *o, const char *key, unsigned min, unsigned max,
                unsigned *value, char **error)
{
    int err = netdev_options_get_number(o, key, min, max, *value, value, error);
    free(netdev_options_take(o, key));
    return err;
}

/* Checks what the numbers must be together. */
static int check(const struct numbers *n, char **error)
{
    if (n->priority % PRIORITY_STEP) {
        *error = xasprintf("priority=%u: give a multiple of %d up to %d", n->priority,
                           PRIORITY_STEP, PRIORITY_MAX);
        return EINVAL;
    }
    if (2 * (n->forward_delay - 1) < n->max_age || n->max_age < 2 * (n->hello + 1)) {
        *error = xasprintf("max-age=%u does not go with hello=%u and forward-delay=%u: give one "
                           "from %u to %u, or other times", n->max_age, n->hello,
                           n->forward_delay, 2 * (n->hello + 1), 2 * (n->forward_delay - 1));
        return EINVAL;
    }
    return 0;
}

/* Takes the numbers. */
static int take_numbers(struct netdev_options *o, struct numbers *n, char **error)
{
    int err = take(o, "priority", 0, PRIORITY_MAX, &n->priority, error);
    err = err ? err : take(o, "hello", 1, HELLO_MAX, &n->hello, error);
    err = err ? err : take(o, "max-age", MAX_AGE_MIN, MAX_AGE_MAX, &n->max_age, error);
    err = err ? err : take(o, "forward-delay", FORWARD_DELAY_MIN, FORWARD_DELAY_MAX,
                           &n->forward_delay, error);
    if (!err && o->n) {
        *error = xasprintf("%s: there is no %s=: give priority=, hello=, max-age= or "
                           "forward-delay=", o->name, o->options[0].key);
        err = EINVAL;
    }
    return err ? err : check(n, error);
}

/* Reads the mode. */
static int read_mode(const char *mode, struct stp_settings *s, char **error)
{
    bool is_rstp = !strcmp(mode, "rstp");
    s->is_on = is_rstp || !strcmp(mode, "stp");
    s->config.version = is_rstp ? STP_VERSION_RSTP : STP_VERSION_STP;
    if (!s->is_on && strcmp(mode, "no")) {
        *error = xasprintf("%s: it is stp, rstp or no", mode);
        return EINVAL;
    }
    return 0;
}

int stp_settings_parse(const char *text, struct stp_settings *s, char **error)
{
    struct netdev_options o;
    struct numbers n = {STP_PRIORITY_DEFAULT, STP_HELLO_DEFAULT, STP_MAX_AGE_DEFAULT,
                        STP_FORWARD_DELAY_DEFAULT};
    if (!*text || *text == ',') {
        return read_mode("\"\"", s, error);
    }
    int err = netdev_options_parse(text, &o, error);
    if (err) {
        return err;
    }
    err = read_mode(o.name, s, error);
    err = err ? err : take_numbers(&o, &n, error);
    s->config.priority = (uint16_t) n.priority;
    s->config.hello_time = n.hello * SEC;
    s->config.max_age = n.max_age * SEC;
    s->config.forward_delay = n.forward_delay * SEC;
    netdev_options_uninit(&o);
    return err;
}
