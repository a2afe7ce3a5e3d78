/* SPDX-License-Identifier: Apache-2.0 */
/* Where a bridge listens for connections, and with which rights they come in. */
#ifndef OFPROTO_LISTENERS_H
#define OFPROTO_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/list.h"

struct channel_env;
struct rights;
struct stream;

/* Hands the connected 's' over; it came in by a listener with 'rights' (borrowed, may be NULL),
 * that was added for snooping or not. */
typedef void listeners_accept(void *aux, struct stream *s, struct rights *rights, bool is_snoop);

/* What is told of one that listens; all is borrowed. */
struct listener_info {
    const char *target;          /* As given, without rights. */
    uint16_t port;               /* TCP port that it listens on, host order; 0 none. */
    const struct rights *rights; /* Of who comes in, or NULL. */
};

/* Threads: the control thread. */
struct listeners {
    const struct channel_env *env; /* For streams; borrowed. */
    listeners_accept *accept;      /* Called for each connection. */
    void *aux;                     /* For it. */
    struct list list;              /* struct listener, in the order of adding. */
};

/* None, at first. */
void listeners_init(struct listeners *ls, const struct channel_env *env, listeners_accept *accept,
                    void *aux);

/* Listens no more; who has come in stays. */
void listeners_uninit(struct listeners *ls);

/* Listens at 'text', a target with rights (ofproto/rights.h), which all that come in by it have
 * together. Returns 0, or an errno with '*error'. */
int listeners_add(struct listeners *ls, const char *text, bool is_snoop, char **error);

/* Listens no more at that target, which was added. False if there is none. */
bool listeners_remove(struct listeners *ls, const char *target);

/* Fills '*info' about number 'i', valid as long as it listens. False if there are only so many. */
bool listeners_get(const struct listeners *ls, size_t i, struct listener_info *info);

#endif
