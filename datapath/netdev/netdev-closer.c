/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that are closed in threads of their own, as the kernel may take its time. */
#include "datapath/netdev/netdev-closer.h"

#include <pthread.h>
#include <stdlib.h>

#include "datapath/netdev/netdev-provider.h"
#include "lib/parallel.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * For every packet socket the kernel waits until no processor can still look at it, some 20 ms, and
 * a raw device has many: together more than 100 ms, in which the control thread answered nobody,
 * and forwarded nothing where there are no workers. */

enum { CLOSING_MAX = 64 /* Threads at a time; for more, one of them is waited for. */ };

/* A device that is being closed. */
struct closing {
    struct list node;             /* In closer->closing. */
    struct netdev_closer *closer; /* Owner. */
    struct netdev *dev;           /* The device; owned. */
    pthread_t thread;             /* Who closes it. */
    bool is_done;                 /* It is closed. Atomic. */
};

void netdev_closer_init(struct netdev_closer *c, void (*wake)(void *aux), void *aux)
{
    *c = (struct netdev_closer) {.wake = wake, .aux = aux};
    list_init(&c->closing);
}

/* Main function of a thread. */
static void *close_one(void *closing_)
{
    struct closing *closing = closing_;
    struct netdev_closer *c = closing->closer;
    netdev_close(closing->dev);
    __atomic_store_n(&closing->is_done, true, __ATOMIC_RELEASE);
    c->wake(c->aux);
    return NULL;
}

/* Waits for the thread's end, which is near if the device is closed. */
static void finish(struct closing *closing)
{
    pthread_join(closing->thread, NULL);
    list_remove(&closing->node);
    closing->closer->n--;
    free(closing);
}

void netdev_closer_uninit(struct netdev_closer *c)
{
    struct closing *closing, *next;
    LIST_FOR_EACH_SAFE (closing, next, node, &c->closing) {
        finish(closing);
    }
}

/* Sees to it that there may be one more thread: waits for the first, which is through soonest. */
static void make_room(struct netdev_closer *c)
{
    if (c->n >= CLOSING_MAX) {
        netdev_closer_run(c);
    }
    if (c->n >= CLOSING_MAX) {
        finish(CONTAINER_OF(list_front(&c->closing), struct closing, node));
    }
}

void netdev_closer_close(struct netdev_closer *c, struct netdev *dev)
{
    if (!dev || !dev->class->closes_slowly) {
        netdev_close(dev);
        return;
    }
    make_room(c);
    struct closing *closing = xmalloc(sizeof *closing);
    *closing = (struct closing) {.closer = c, .dev = dev};
    if (parallel_start(&closing->thread, close_one, closing)) {
        netdev_close(dev);
        free(closing);
        return;
    }
    list_push_back(&c->closing, &closing->node);
    c->n++;
}

/* Whether its thread has done its work. */
static bool is_done(const struct closing *closing)
{
    return __atomic_load_n(&closing->is_done, __ATOMIC_ACQUIRE);
}

bool netdev_closer_has_news(const struct netdev_closer *c)
{
    struct closing *closing;
    LIST_FOR_EACH (closing, node, &c->closing) {
        if (is_done(closing)) {
            return true;
        }
    }
    return false;
}

void netdev_closer_run(struct netdev_closer *c)
{
    struct closing *closing, *next;
    LIST_FOR_EACH_SAFE (closing, next, node, &c->closing) {
        if (is_done(closing)) {
            finish(closing);
        }
    }
}

bool netdev_closer_is_busy(const struct netdev_closer *c)
{
    return c->n > 0;
}
