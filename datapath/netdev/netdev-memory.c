/* SPDX-License-Identifier: Apache-2.0 */
/* Devices in memory, for simulation and tests: frames are put in and taken out by calls. */
#include "datapath/netdev/netdev-memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "datapath/netdev/netdev-provider.h"
#include "lib/bytes.h"
#include "lib/packet/offload.h"
#include "lib/util.h"

/* Theory ======
 *
 * Two queues of packet clones under one lock. The lock is allowed here because this kind is not
 * made for speed. The eventfd is readable exactly while the receive queue holds something, since
 * both change under the lock. */

/* Frames that wait, linked by 'next_free', which a packet outside any pool has no other use for. */
struct queue {
    struct packet *head; /* Oldest, a clone; owned. NULL if there is none. */
    struct packet *tail; /* Newest. */
    unsigned n;          /* How many. */
};

struct netdev_memory {
    struct netdev base;                     /* Base. */
    pthread_mutex_t lock;                   /* Protects all that follows but 'held'. */
    struct queue in;                        /* To be received. */
    struct queue out;                       /* Sent. */
    int eventfd;                            /* Readable while 'in' holds something. */
    bool admin_up;                          /* Status to tell. */
    bool carrier;                           /* Status to tell. */
    bool present;                           /* Status to tell. */
    unsigned mtu;                           /* Status to tell. */
    uint8_t hw_addr[6];                     /* Status to tell; does not change. */
    struct packet *held[PACKET_BATCH_MAX];  /* Given out by the last receive; its thread's. */
    unsigned n_held;                        /* How many. */
};

static struct netdev_memory *memory_cast(const struct netdev *dev)
{
    return CONTAINER_OF(dev, struct netdev_memory, base);
}

/* Appends a clone of 'p'; false if the queue is full. */
static bool queue_push(struct queue *q, const struct packet *p)
{
    if (q->n == NETDEV_MEMORY_QUEUE) {
        return false;
    }
    struct packet *clone = packet_clone(p);
    *(q->head ? &q->tail->next_free : &q->head) = clone;
    q->tail = clone;
    q->n++;
    return true;
}

/* Takes the oldest packet, which the caller frees; NULL if there is none. */
static struct packet *queue_pop(struct queue *q)
{
    struct packet *p = q->head;
    if (p) {
        q->head = p->next_free;
        q->n--;
    }
    return p;
}

/* Frees all packets of 'q'. */
static void queue_clear(struct queue *q)
{
    struct packet *p;
    while ((p = queue_pop(q))) {
        free(p);
    }
}

/* The address of a device without mac=: see the header. */
static void default_address(const char *name, uint8_t addr[6])
{
    size_t length = strlen(name);
    while (length && name[length - 1] >= '0' && name[length - 1] <= '9') {
        length--;
    }
    unsigned long number = strtoul(name + length, NULL, 10);
    memcpy(addr, (uint8_t[6]) {2, 0, 0, 0, number >> 8, number}, 6);
}

static int memory_open(struct netdev *dev, char **error)
{
    struct netdev_memory *m = memory_cast(dev);
    bool offload, given;
    default_address(dev->options.name, m->hw_addr);
    int retval = netdev_options_get_number(&dev->options, "mtu", 0, 65535, 1500, &m->mtu, error);
    retval = retval ? retval
                    : netdev_options_get_bool(&dev->options, "offload", false, &offload, error);
    retval = retval ? retval
                    : netdev_options_get_address(&dev->options, "mac", m->hw_addr, &given, error);
    if (retval) {
        return retval;
    }
    m->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (m->eventfd < 0) {
        retval = errno;
        *error = xasprintf("%s: can't make an eventfd (%s)", dev->options.name, strerror(retval));
        return retval;
    }
    dev->receive_fd = m->eventfd;
    pthread_mutex_init(&m->lock, NULL);
    dev->capabilities = offload ? OFFLOAD_ALL : 0;
    m->admin_up = m->carrier = m->present = true;
    return 0;
}

static void memory_release(struct netdev *dev, struct packet_batch *batch UNUSED)
{
    struct netdev_memory *m = memory_cast(dev);
    while (m->n_held) {
        free(m->held[--m->n_held]);
    }
}

static void memory_close(struct netdev *dev)
{
    struct netdev_memory *m = memory_cast(dev);
    memory_release(dev, NULL);
    queue_clear(&m->in);
    queue_clear(&m->out);
    close(m->eventfd);
    pthread_mutex_destroy(&m->lock);
}

/* Makes the eventfd readable ('readable') or not. The caller holds the lock. */
static void set_readable(struct netdev_memory *m, bool readable)
{
    uint64_t value = 1;
    ssize_t n = readable ? write(m->eventfd, &value, sizeof value)
                         : read(m->eventfd, &value, sizeof value);
    (void) n;
}

static unsigned memory_receive(struct netdev *dev, struct netdev_thread *thread UNUSED,
                               struct packet_batch *batch)
{
    struct netdev_memory *m = memory_cast(dev);
    pthread_mutex_lock(&m->lock);
    while (batch->n < PACKET_BATCH_MAX && m->in.n && m->present) {
        batch->packets[batch->n++] = m->held[m->n_held++] = queue_pop(&m->in);
    }
    if (!m->in.n) {
        set_readable(m, false);
    }
    pthread_mutex_unlock(&m->lock);
    return batch->n;
}

static unsigned memory_send(struct netdev *dev, struct netdev_thread *thread UNUSED,
                            struct packet *const packets[], unsigned n, int *error)
{
    struct netdev_memory *m = memory_cast(dev);
    unsigned sent = 0;
    pthread_mutex_lock(&m->lock);
    *error = m->present && m->admin_up ? ENOBUFS : ENETDOWN;
    while (sent < n && *error == ENOBUFS && queue_push(&m->out, packets[sent])) {
        sent++;
    }
    pthread_mutex_unlock(&m->lock);
    return sent;
}

static int memory_get_status(struct netdev *dev, struct netdev_status *status)
{
    struct netdev_memory *m = memory_cast(dev);
    pthread_mutex_lock(&m->lock);
    *status = (struct netdev_status) {.present = true,
                                      .admin_up = m->admin_up,
                                      .carrier = m->carrier,
                                      .mtu = m->mtu};
    memcpy(status->hw_addr, m->hw_addr, sizeof status->hw_addr);
    int error = m->present ? 0 : ENODEV;
    pthread_mutex_unlock(&m->lock);
    return error;
}

static int memory_set_admin(struct netdev *dev, bool up)
{
    struct netdev_memory *m = memory_cast(dev);
    pthread_mutex_lock(&m->lock);
    m->admin_up = up;
    pthread_mutex_unlock(&m->lock);
    return 0;
}

static int memory_set_mtu(struct netdev *dev, unsigned mtu)
{
    struct netdev_memory *m = memory_cast(dev);
    pthread_mutex_lock(&m->lock);
    m->mtu = mtu;
    pthread_mutex_unlock(&m->lock);
    return 0;
}

bool netdev_memory_inject(struct netdev *dev, const struct packet *p)
{
    struct netdev_memory *m = memory_cast(dev);
    pthread_mutex_lock(&m->lock);
    bool ok = queue_push(&m->in, p);
    set_readable(m, true);
    pthread_mutex_unlock(&m->lock);
    return ok;
}

bool netdev_memory_take(struct netdev *dev, struct bytes *frame, struct packet_offload *offload)
{
    struct netdev_memory *m = memory_cast(dev);
    pthread_mutex_lock(&m->lock);
    struct packet *p = queue_pop(&m->out);
    pthread_mutex_unlock(&m->lock);
    if (!p) {
        return false;
    }
    bytes_put(frame, p->data, p->size);
    if (offload) {
        *offload = p->offload;
    }
    free(p);
    return true;
}

void netdev_memory_set_link(struct netdev *dev, bool carrier)
{
    struct netdev_memory *m = memory_cast(dev);
    pthread_mutex_lock(&m->lock);
    m->carrier = carrier;
    pthread_mutex_unlock(&m->lock);
}

void netdev_memory_set_present(struct netdev *dev, bool present)
{
    struct netdev_memory *m = memory_cast(dev);
    pthread_mutex_lock(&m->lock);
    m->present = present;
    if (!present) {
        queue_clear(&m->in);
        set_readable(m, false);
    }
    pthread_mutex_unlock(&m->lock);
}

const struct netdev_class netdev_memory_class = {
    .kind = "memory",
    .size = sizeof(struct netdev_memory),
    .options = "mtu mac offload",
    .capabilities = OFFLOAD_ALL,
    .open = memory_open,
    .close = memory_close,
    .receive = memory_receive,
    .release = memory_release,
    .send = memory_send,
    .get_status = memory_get_status,
    .set_admin = memory_set_admin,
    .set_mtu = memory_set_mtu,
};
