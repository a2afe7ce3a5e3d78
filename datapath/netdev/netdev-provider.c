/* SPDX-License-Identifier: Apache-2.0 */
/* What all kinds of devices share: life cycle, status, counters, the way in. */
#include "datapath/netdev/netdev-provider.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/rcu.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * Each thread counts in a struct of its own, so nobody contends; a counter is written with relaxed
 * stores, so that whoever sums them up reads whole numbers. What the control thread counts on
 * behalf of the receive side stands in its own struct, number 0.
 *
 * The MTU and the capabilities that netdev_send() looks at are words of their own beside the
 * status: the control thread may change them while workers send.
 *
 * To close a packet socket is to wait until no CPU of the kernel looks at it any more, some ten
 * milliseconds for each; but one grace period of the kernel serves all who wait. So where many
 * devices are closed, threads do it that live no longer. */

/* Reads the status of 'dev' and publishes the MTU. A device that has vanished keeps what it was
 * like. */
static void read_status(struct netdev *dev, struct netdev_status *status)
{
    struct netdev_status new_status = {.present = true};
    if (dev->class->get_status(dev, &new_status)) {
        new_status = dev->status;
        new_status.present = new_status.carrier = new_status.admin_up = false;
        new_status.ifindex = 0;
    }
    __atomic_store_n(&dev->mtu, new_status.mtu, __ATOMIC_RELAXED);
    *status = new_status;
}

int netdev_create(const struct netdev_class *class, const struct netdev_options *options,
                  unsigned n_threads, struct netdev_shared *shared, struct netdev **devp,
                  char **error)
{
    struct netdev *dev = xaligned_alloc(CACHE_LINE, ROUND_UP(class->size, CACHE_LINE));
    memset(dev, 0, class->size);
    dev->class = class;
    dev->n_threads = MAX(n_threads, 1U);
    dev->capabilities = class->capabilities;
    dev->receive_fd = -1;
    netdev_options_clone(&dev->options, options);
    dev->counters = xaligned_alloc(CACHE_LINE, dev->n_threads * sizeof *dev->counters);
    memset(dev->counters, 0, dev->n_threads * sizeof *dev->counters);

    dev->shared = shared;
    int retval = class->open(dev, error);
    if (retval) {
        netdev_options_uninit(&dev->options);
        free(dev->counters);
        free(dev);
        return retval;
    }
    read_status(dev, &dev->status);
    *devp = dev;
    return 0;
}

void netdev_start(struct netdev *dev)
{
    if (dev->class->start) {
        dev->class->start(dev);
    }
}

void netdev_close(struct netdev *dev)
{
    if (dev) {
        dev->class->close(dev);
        netdev_options_uninit(&dev->options);
        free(dev->counters);
        free(dev);
    }
}

void netdev_make_address(const char *name, uint8_t addr[6])
{
    uint64_t hash = hash_string(name, 0);
    memcpy(addr, &hash, 6);
    addr[0] = 2;
}

const char *netdev_name(const struct netdev *dev)
{
    return dev->options.name;
}

const char *netdev_kind(const struct netdev *dev)
{
    return dev->class->kind;
}

bool netdev_class_is_kernels(const struct netdev_class *class,
                             const struct netdev_options *options)
{
    bool is_else = class->else_keys[0] && (netdev_options_get(options, class->else_keys[0])
                                           || netdev_options_get(options, class->else_keys[1]));
    return class->is_kernels && !is_else;
}

bool netdev_is_kernels(const struct netdev *dev, const char *name, int ifindex)
{
    return netdev_class_is_kernels(dev->class, &dev->options)
           && (!strcmp(netdev_name(dev), name) || (ifindex && dev->status.ifindex == ifindex));
}

unsigned netdev_receive(struct netdev *dev, struct netdev_thread *thread,
                        struct packet_batch *batch)
{
    batch->n = 0;
    unsigned n = dev->class->receive(dev, thread, batch);
    uint64_t bytes = 0;
    for (unsigned i = 0; i < n; i++) {
        bytes += batch->packets[i]->size;
    }
    if (n) {
        RCU_ADD(&dev->counters[thread->id].rx_packets, n);
        RCU_ADD(&dev->counters[thread->id].rx_bytes, bytes);
    }
    return n;
}

void netdev_release(struct netdev *dev, struct packet_batch *batch)
{
    if (dev->class->release) {
        dev->class->release(dev, batch);
    }
    batch->n = 0;
}

int netdev_receive_fd(const struct netdev *dev)
{
    return dev->receive_fd;
}

/* True if 'a' and 'b' tell the same. */
static bool status_equal(const struct netdev_status *a, const struct netdev_status *b)
{
    return a->present == b->present && a->admin_up == b->admin_up && a->carrier == b->carrier
           && !memcmp(a->hw_addr, b->hw_addr, sizeof a->hw_addr) && a->mtu == b->mtu
           && a->ifindex == b->ifindex && a->curr == b->curr && a->advertised == b->advertised
           && a->supported == b->supported && a->peer == b->peer;
}

bool netdev_refresh(struct netdev *dev)
{
    struct netdev_status old = dev->status;
    read_status(dev, &dev->status);
    return !status_equal(&old, &dev->status);
}

const struct netdev_status *netdev_status(const struct netdev *dev)
{
    return &dev->status;
}

int netdev_set_admin(struct netdev *dev, bool up)
{
    int error = dev->class->set_admin ? dev->class->set_admin(dev, up) : EOPNOTSUPP;
    netdev_refresh(dev);
    return error;
}

int netdev_set_mtu(struct netdev *dev, unsigned mtu)
{
    int error = dev->class->set_mtu ? dev->class->set_mtu(dev, mtu) : EOPNOTSUPP;
    netdev_refresh(dev);
    return error;
}

void netdev_count_rx_drop(struct netdev *dev, const struct netdev_thread *thread, uint64_t n)
{
    RCU_ADD(&dev->counters[thread ? thread->id : 0].rx_dropped, n);
}

void netdev_count_rx_error(struct netdev *dev, const struct netdev_thread *thread, uint64_t n)
{
    RCU_ADD(&dev->counters[thread ? thread->id : 0].rx_errors, n);
}

const struct netdev_counters *netdev_thread_counters(const struct netdev *dev,
                                                     const struct netdev_thread *thread)
{
    return &dev->counters[thread->id];
}

void netdev_count_lost(struct netdev *dev)
{
    if (dev->class->count_lost) {
        dev->class->count_lost(dev);
    }
}

void netdev_sum_counters(const struct netdev_counters counters[], unsigned n,
                         struct netdev_counters *sum)
{
    enum { N = sizeof(struct netdev_counters) / sizeof(uint64_t) };
    *sum = (struct netdev_counters) {.rx_packets = 0};
    uint64_t *to = (uint64_t *) sum;
    for (unsigned i = 0; i < n; i++) {
        const uint64_t *from = (const uint64_t *) &counters[i];
        for (unsigned j = 0; j < N; j++) {
            to[j] += RCU_READ(&from[j]);
        }
    }
}

void netdev_get_counters(const struct netdev *dev, struct netdev_counters *sum)
{
    netdev_sum_counters(dev->counters, dev->n_threads, sum);
}
