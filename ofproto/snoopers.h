/* SPDX-License-Identifier: Apache-2.0 */
/* Those who get a copy of every message between a bridge and its controllers. */
#ifndef OFPROTO_SNOOPERS_H
#define OFPROTO_SNOOPERS_H

#include <stddef.h>

#include "lib/list.h"

struct channel_env;
struct rconn_config;
struct stream;

/* What they say themselves means nothing. Copies are dropped if they don't read.
 *
 * Threads: the control thread. */
struct snoopers {
    const struct channel_env *env; /* For their connections; borrowed. */
    struct list list;              /* struct snooper. */
};

/* Nobody, at first. */
void snoopers_init(struct snoopers *snoopers, const struct channel_env *env);
void snoopers_uninit(struct snoopers *snoopers);

/* Adds who has connected by 's'; takes ownership. */
void snoopers_add(struct snoopers *snoopers, struct stream *s, const struct rconn_config *config);

/* Gives each a copy of a message. */
void snoopers_tell(struct snoopers *snoopers, const void *data, size_t size);

/* Forgets who has gone. */
void snoopers_run(struct snoopers *snoopers);

#endif
