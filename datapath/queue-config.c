/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of the queues of a port: its cap, and each queue's rates and bounds. */
#include "datapath/queue-config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netdev-options.h"
#include "lib/openflow/openflow-1.0.h"
#include "lib/util.h"

#define RATE_MIN 1000ULL          /* Bits per second of the slowest rate. */
#define RATE_MAX 1000000000000ULL /* And of the fastest. */

enum {
    LIMIT_MIN = 2048,             /* Bytes that a queue holds at least, */
    LIMIT_MAX = 64 * 1024 * 1024, /* and at most. */
};

/* What a letter behind a number multiplies it by. */
static const struct {
    char letter;       /* Small or capital. */
    uint64_t factor;   /* Multiplier. */
} suffixes[] = {
    {'k', 1000ULL},
    {'m', 1000000ULL},
    {'g', 1000000000ULL},
};

/* Stores the number in 'text', which may end with a suffix. False if there is none from 'min' to
 * 'max'. Changes 'text'. */
static bool parse_number(char *text, uint64_t min, uint64_t max, uint64_t *number)
{
    size_t length = strlen(text);
    uint64_t factor = 1;
    for (unsigned i = 0; length && i < ARRAY_SIZE(suffixes); i++) {
        if ((text[length - 1] | 0x20) == suffixes[i].letter) {
            factor = suffixes[i].factor;
            text[length - 1] = '\0';
            break;
        }
    }
    if (!str_to_uint(text, 10, max / factor, number)) {
        return false;
    }
    *number *= factor;
    return *number >= min;
}

/* The words that a queue can have after its number. */
static const struct {
    const char *key;   /* With "=". */
    uint64_t min, max; /* Bounds of its value. */
    size_t offset;     /* Of the uint64_t in struct queue_config. */
} keys[] = {
    {"min-rate=", RATE_MIN, RATE_MAX, offsetof(struct queue_config, min_rate)},
    {"max-rate=", RATE_MIN, RATE_MAX, offsetof(struct queue_config, max_rate)},
    {"limit=", LIMIT_MIN, LIMIT_MAX, offsetof(struct queue_config, limit)},
};

/* Stores what 'word' says in 'q'. False if it is no such word, or a second one. */
static bool parse_word(char *word, struct queue_config *q)
{
    for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
        uint64_t *to = (uint64_t *) (void *) ((char *) q + keys[i].offset);
        size_t length = strlen(keys[i].key);
        if (!strncmp(word, keys[i].key, length)) {
            return !*to && parse_number(word + length, keys[i].min, keys[i].max, to);
        }
    }
    return false;
}

/* Stores the queue that 'text' describes in 'q'. False if it is none. Changes 'text'. */
static bool parse_queue(char *text, struct queue_config *q)
{
    char *rest = text, *word = strsep(&rest, ":");
    if (!str_to_u32(word, 0, &q->id) || q->id == OFPQ_ALL) {
        return false;
    }
    while ((word = strsep(&rest, ":"))) {
        if (!parse_word(word, q)) {
            return false;
        }
    }
    return !q->max_rate || q->min_rate <= q->max_rate;
}

/* Puts 'q' in its place in 'config'. False if there is no room, or one of its number already. */
static bool add_queue(struct queues_config *config, const struct queue_config *q)
{
    unsigned at = 0;
    while (at < config->n && config->queues[at].id < q->id) {
        at++;
    }
    if (config->n == QUEUE_CONFIG_MAX || (at < config->n && config->queues[at].id == q->id)) {
        return false;
    }
    memmove(&config->queues[at + 1], &config->queues[at],
            (config->n - at) * sizeof config->queues[0]);
    config->queues[at] = *q;
    config->n++;
    return true;
}

/* Takes one queue with the 'text' (taken over). Returns 0 or EINVAL. */
static int take_queue(const char *name, char *text, struct queues_config *config, char **error)
{
    struct queue_config q = {.id = 0};
    char *copy = xstrdup(text);
    int err = 0;
    if (!parse_queue(copy, &q)) {
        *error = xasprintf("%s: queue=%s: a queue is its number, then what it has of "
                           ":min-rate=RATE, :max-rate=RATE (not less) and :limit=BYTES; rates in "
                           "bit/s are from 1k to 1000G, limits from %d to %d bytes", name, text,
                           LIMIT_MIN, LIMIT_MAX);
        err = EINVAL;
    } else if (!add_queue(config, &q)) {
        *error = xasprintf("%s: queue=%s: each queue is given once, and a port has at most %d, "
                           "the default one included", name, text, QUEUE_CONFIG_MAX);
        err = EINVAL;
    }
    free(copy);
    free(text);
    return err;
}

/* Takes the cap with the 'text' (NULL: none; taken over). Returns 0 or EINVAL. */
static int take_max_rate(const char *name, char *text, struct queues_config *config, char **error)
{
    char *copy = text ? xstrdup(text) : NULL;
    int err = copy && !parse_number(copy, RATE_MIN, RATE_MAX, &config->max_rate) ? EINVAL : 0;
    if (err) {
        *error = xasprintf("%s: max-rate=%s: a rate in bit/s is from 1k to 1000G, such as 100M",
                           name, text);
    }
    free(copy);
    free(text);
    return err;
}

int queues_config_take(struct netdev_options *options, struct queues_config *config, char **error)
{
    static const struct queue_config otherwise = {.id = QUEUE_DEFAULT};
    char *text;
    *config = (struct queues_config) {.n = 0};
    int err = take_max_rate(options->name, netdev_options_take(options, "max-rate"), config, error);
    while (!err && (text = netdev_options_take(options, "queue"))) {
        err = take_queue(options->name, text, config, error);
    }
    if (!err && (config->max_rate || config->n) && !add_queue(config, &otherwise)
        && config->n == QUEUE_CONFIG_MAX && config->queues[0].id != QUEUE_DEFAULT) {
        *error = xasprintf("%s: a port has at most %d queues, the default one included",
                           options->name, QUEUE_CONFIG_MAX);
        err = EINVAL;
    }
    return err;
}

int queues_config_complete(struct queues_config *config, const char *name, uint64_t speed,
                           char **error)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < config->n; i++) {
        sum += config->queues[i].min_rate;
    }
    if (sum && !config->max_rate && !speed) {
        *error = xasprintf("%s: a queue has min-rate=, but the speed of the device is not known: "
                           "give the port max-rate=, of which it is a part", name);
        return EINVAL;
    }
    config->is_as_device = sum && !config->max_rate;
    config->max_rate = config->is_as_device ? speed : config->max_rate;
    if (sum > config->max_rate && config->max_rate) {
        *error = xasprintf("%s: the queues' min-rate= are %llu bit/s together, but the port has "
                           "%llu: guarantee less", name, (unsigned long long) sum,
                           (unsigned long long) config->max_rate);
        return EINVAL;
    }
    return 0;
}

uint64_t queues_config_speed(uint32_t features)
{
    static const struct {
        uint32_t bits;  /* OFPPF_*. */
        uint64_t speed; /* In bit/s. */
    } speeds[] = {
        {OFPPF_10GB_FD, 10000000000ULL},
        {OFPPF_1GB_HD | OFPPF_1GB_FD, 1000000000ULL},
        {OFPPF_100MB_HD | OFPPF_100MB_FD, 100000000ULL},
        {OFPPF_10MB_HD | OFPPF_10MB_FD, 10000000ULL},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(speeds); i++) {
        if (features & speeds[i].bits) {
            return speeds[i].speed;
        }
    }
    return 0;
}
