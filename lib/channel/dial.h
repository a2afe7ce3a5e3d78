/* SPDX-License-Identifier: Apache-2.0 */
/* From the name of a host to a TCP connection with it, at one of its addresses. */
#ifndef LIB_CHANNEL_DIAL_H
#define LIB_CHANNEL_DIAL_H

#include <stdint.h>

#include "lib/list.h"
#include "lib/timer-wheel.h"

struct addrinfo;
struct channel_env;
struct lookup;

/* The name is looked up, for 30 s at most.  Then its addresses are tried in the order in which the
 * lookup gave them: the next one when one fails, and also when none has answered for 1 s.  Those
 * that were begun before go on, and the first that answers is the one.  10 s after the last address
 * was begun it is given up.
 *
 * Where several addresses fail, one that refused is the one that counts: there a host is, and
 * nobody listens.  Else it is the last one.
 *
 * It stands in its owner's struct.  Once done() was called, or after dial_cancel(), nothing is left
 * of it, and it may be started again. */
struct dial {
    const struct channel_env *env; /* Borrowed. */
    /* The end: 'fd' is a connected socket, which becomes the owner's, or -1 with 'error', an errno,
     * and what went wrong in two parts, "WHAT: DETAIL". */
    void (*done)(void *aux, int fd, int error, const char *what, const char *detail);
    void *aux;                  /* Argument of done(). */
    struct lookup *lookup;      /* Under way, or NULL. */
    struct addrinfo *addresses; /* What the lookup gave; owned. */
    struct addrinfo *next;      /* Next to be tried, in 'addresses'. */
    struct list attempts;       /* Of struct attempt: under way. */
    struct timer patience;      /* Begins the next address. */
    struct timer limit;         /* Ends the lookup, then the attempts. */
    int error;                  /* Errno of the attempts that failed. */
};

/* Begins to connect to 'host', a name or an IP address, and 'port'.  done() is called once: from
 * the loop; or, if there is an error at once, from within. */
void dial_start(struct dial *d, const struct channel_env *env, const char *host, uint16_t port,
                void (*done)(void *aux, int fd, int error, const char *what, const char *detail),
                void *aux);

/* Gives up what is under way.  For a dial that was never started, all zero, it does nothing. */
void dial_cancel(struct dial *d);

#endif
