/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups of host names that hold nobody up: each has a thread of its own. */
#include "lib/channel/lookup.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "lib/parallel.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * The C library's lookup can't be interrupted, and waits for a name server that is dead for half a
 * minute or more.  libuv's pool has few threads, of which names that hang take all there are for
 * them, and a loop does not end before they do.  So each lookup has a thread, which nobody waits
 * for: it is detached, the struct belongs to it and to the loop's handle, whoever is last frees it,
 * and a program may end without it.
 *
 * The handle may be told only as long as it is open, which the lock is for.
 *
 * Threads don't pile up: who dials waits long for a lookup, pauses between attempts, and the C
 * library gives up in time. */

struct lookup {
    uv_async_t async;           /* Tells the loop that the thread is done. */
    pthread_mutex_t lock;       /* Guards what follows, up to 'refs'. */
    bool is_closing;            /* 'async' may not be told any more. */
    int error;                  /* Of getaddrinfo(). */
    struct addrinfo *addresses; /* What was found; owned. */
    unsigned refs;              /* Of the handle and the thread; atomic. */
    char *host;                 /* What to look up. */
    char service[8];            /* The port. */
    void (*done)(void *aux, int error, struct addrinfo *addresses); /* The owner's. */
    void *aux;                  /* Argument of done(). */
};

static void unref(struct lookup *l)
{
    if (__atomic_sub_fetch(&l->refs, 1, __ATOMIC_ACQ_REL) == 0) {
        if (l->addresses) {
            freeaddrinfo(l->addresses);
        }
        pthread_mutex_destroy(&l->lock);
        free(l->host);
        free(l);
    }
}

/* The thread.  No AI_ADDRCONFIG: with it neither 127.0.0.1 nor what /etc/hosts says is found on a
 * machine that has no other address than IPv6's link-local ones. */
static void *look_up(void *aux)
{
    struct lookup *l = (struct lookup *) aux;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    int error = getaddrinfo(l->host, l->service, &hints, &addresses);
    pthread_mutex_lock(&l->lock);
    l->error = error;
    l->addresses = error ? NULL : addresses;
    if (!l->is_closing) {
        uv_async_send(&l->async);
    }
    pthread_mutex_unlock(&l->lock);
    unref(l);
    return NULL;
}

static void async_closed(uv_handle_t *handle)
{
    unref(CONTAINER_OF((void *) handle, struct lookup, async));
}

void lookup_abandon(struct lookup *l)
{
    if (l) {
        pthread_mutex_lock(&l->lock);
        l->is_closing = true;
        pthread_mutex_unlock(&l->lock);
        uv_close((uv_handle_t *) &l->async, async_closed);
    }
}

/* The thread is done. */
static void looked_up(uv_async_t *async)
{
    struct lookup *l = CONTAINER_OF(async, struct lookup, async);
    pthread_mutex_lock(&l->lock);
    struct addrinfo *addresses = l->addresses;
    int error = l->error;
    l->addresses = NULL;
    pthread_mutex_unlock(&l->lock);
    lookup_abandon(l);
    l->done(l->aux, error, addresses);
}

/* Starts the thread, detached and without signals, which are the loop's.  Returns 0 or an errno. */
static int start_thread(struct lookup *l)
{
    pthread_t thread;
    int err = parallel_start(&thread, look_up, l);
    if (!err) {
        pthread_detach(thread);
    }
    return err;
}

int lookup_start(struct uv_loop_s *loop, const char *host, uint16_t port,
                 void (*done)(void *aux, int error, struct addrinfo *addresses), void *aux,
                 struct lookup **lookup)
{
    struct lookup *l = xzalloc(sizeof *l);
    l->done = done;
    l->aux = aux;
    l->refs = 2;
    l->host = xstrdup(host);
    snprintf(l->service, sizeof l->service, "%u", (unsigned) port);
    pthread_mutex_init(&l->lock, NULL);
    uv_async_init(loop, &l->async, looked_up);
    int err = start_thread(l);
    if (err) {
        lookup_abandon(l);
        unref(l);
        return err;
    }
    *lookup = l;
    return 0;
}
