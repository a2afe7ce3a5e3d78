/* SPDX-License-Identifier: Apache-2.0 */
/* Devices of the kernel (veth, physical ones, ...) by raw packet sockets. */
#include "datapath/netdev/netdev-raw.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "datapath/netdev/device-claim.h"
#include "datapath/netdev/link-status.h"
#include "datapath/netdev/netdev-provider.h"
#include "datapath/netdev/netdev-shared.h"
#include "datapath/netdev/raw-bypass.h"
#include "datapath/netdev/raw-ring.h"
#include "datapath/netdev/raw-send.h"
#include "lib/packet/offload.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(netdev_raw);

/* Theory
 * ======
 *
 * All sockets are opened at once, with protocol 0, so that nothing is received from a wrong device,
 * and bound afterwards; if the device vanishes or gets another name they are bound to nothing, and
 * bound again when one of its name is there. So no thread ever sees a descriptor change, nor where
 * the ring is.
 *
 * The kernel cuts super-frames for devices that can't, so they are all handed over whole. Only UDP
 * super-frames are younger (Linux 6.2) than the rest; the first one that is refused tells. Past the
 * queueing discipline the kernel cuts nothing but drops what it would have to cut, as if a queue
 * were full; such a super-frame counts as refused, so that it is cut here. */

enum bypass_mode {
    BYPASS_AUTO,
    BYPASS_YES,
    BYPASS_NO,
};

static const char *const bypass_names[] = {
    [BYPASS_AUTO] = "auto",
    [BYPASS_YES] = "yes",
    [BYPASS_NO] = "no",
};

struct netdev_raw {
    struct netdev base;          /* Base. */
    struct raw_ring ring;        /* Receive side. */
    struct raw_sender **senders; /* One per thread. */
    ino_t inode;                 /* Of the receiving socket. */
    int ifindex;                 /* What the sockets are bound to; 0 nothing. */
    bool has_lost;               /* Frames were lost since the ring was last looked at. */
    struct device_claim claim;   /* On that. */
    enum bypass_mode mode;       /* As asked for. */
    bool bypass;                 /* As set; senders read it relaxed. */
};

static struct netdev_raw *raw_cast(const struct netdev *dev)
{
    return CONTAINER_OF(dev, struct netdev_raw, base);
}

/* Goes past the queueing discipline, or through. */
static void set_bypass(struct netdev_raw *raw, bool bypass)
{
    if (raw->bypass != bypass) {
        __atomic_store_n(&raw->bypass, bypass, __ATOMIC_RELAXED);
        VLOG_DBG("%s: sends %s the queueing discipline", netdev_name(&raw->base),
                 bypass ? "past" : "through");
    }
    for (unsigned i = 0; i < raw->base.n_threads; i++) {
        raw_sender_set_bypass(raw->senders[i], bypass);
    }
}

/* Decides about the bypass anew. */
static void update_bypass(struct netdev_raw *raw, const struct link_kind *kind)
{
    const struct netdev_shared *shared = raw->base.shared;
    set_bypass(raw, raw->mode == BYPASS_AUTO
                        ? raw_bypass_is_unnoticed(netdev_name(&raw->base), raw->ifindex,
                                                  kind->qdisc, raw->inode,
                                                  shared ? shared->watchers : NULL)
                        : raw->mode == BYPASS_YES);
}

/* True if the sockets are bound to 'ifindex'. A device that was away between two looks, in another
 * namespace or until it was made anew, may have the index that it had; but the kernel has unbound
 * the sockets. */
static bool is_bound(const struct netdev_raw *raw, int ifindex)
{
    return raw->ifindex == ifindex && raw_ring_is_bound(&raw->ring, ifindex);
}

/* Leaves the device alone that is no longer ours: one that was renamed is still there. */
static void let_go(struct netdev_raw *raw)
{
    if (raw->ifindex) {
        raw_ring_unbind(&raw->ring, raw->ifindex);
        for (unsigned i = 0; i < raw->base.n_threads; i++) {
            raw_sender_bind(raw->senders[i], 0);
        }
        device_claim_release(&raw->claim);
        raw->ifindex = 0;
    }
}

/* Binds all sockets to 'ifindex'. Returns 0 or an errno. */
static int bind_all(struct netdev_raw *raw, int ifindex)
{
    int error = 0;
    for (unsigned i = 0; i < raw->base.n_threads && !error; i++) {
        error = raw_sender_bind(raw->senders[i], ifindex);
    }
    error = error ? error : raw_ring_bind(&raw->ring, ifindex);
    if (!error) {
        raw->ifindex = ifindex;
        device_claim_take(&raw->claim, netdev_name(&raw->base), ifindex);
    }
    return error;
}

/* Closes what has been opened. */
static void close_all(struct netdev_raw *raw)
{
    for (unsigned i = 0; raw->senders && i < raw->base.n_threads; i++) {
        raw_sender_close(raw->senders[i]);
    }
    free(raw->senders);
    raw_ring_close(&raw->ring);
    device_claim_release(&raw->claim);
}

/* The transmit queue that thread 'i' may have for itself. The control thread has none if workers,
 * who send more, are there. */
static int queue_of(const struct netdev_raw *raw, unsigned i)
{
    return raw->base.n_threads > 1 ? (int) i - 1 : (int) i;
}

/* Opens ring and senders, bound to nothing. Returns 0 or an errno. */
static int open_all(struct netdev_raw *raw, unsigned n_slots)
{
    struct stat status;
    struct netdev_shared *shared = raw->base.shared;
    bool has_ring = shared && raw_ring_stock_take(&shared->rings, n_slots, &raw->ring);
    int error = has_ring ? 0 : raw_ring_open(&raw->ring, n_slots);
    if (error) {
        return error;
    }
    raw->base.receive_fd = raw->ring.fd;
    raw->inode = fstat(raw->ring.fd, &status) ? 0 : status.st_ino;
    raw->senders = xcalloc(raw->base.n_threads, sizeof *raw->senders);
    for (unsigned i = 0; i < raw->base.n_threads && !error; i++) {
        error = raw_sender_open(&raw->senders[i], queue_of(raw, i),
                                shared ? &shared->unused : NULL);
    }
    if (error) {
        close_all(raw);
    }
    return error;
}

/* Reads bypass= and host=. */
static int read_choices(struct netdev_raw *raw, char **error)
{
    const struct netdev_options *options = &raw->base.options;
    unsigned mode;
    int retval = netdev_options_get_choice(options, "bypass", bypass_names,
                                           ARRAY_SIZE(bypass_names), &mode, error);
    if (!retval) {
        raw->mode = mode;
        retval = device_claim_read(&raw->claim, options, error);
    }
    return retval;
}

/* Makes the sentence for 'error' of a system call. Returns 'error'. */
static int explain(const char *name, int error, char **text)
{
    if (error == EPERM || error == EACCES) {
        *text = xasprintf("%s: not permitted to open packet sockets: that takes the capability "
                          "CAP_NET_RAW: run as root, or see PRIVILEGES in sluiced(8)",
                          name);
    } else {
        *text = xasprintf("%s: can't open the device (%s)", name, strerror(error));
    }
    return error;
}

/* Looks whether the device is there and fit. Returns 0 with its ifindex, or an errno with *error.
 * */
static int look_at_device(const struct netdev *dev, int *ifindex, char **error)
{
    const char *name = netdev_name(dev);
    struct netdev_status status;
    struct link_kind kind;
    int retval = link_status_get(name, &status, &kind);
    if (retval == ENODEV) {
        *error = xasprintf("%s: there is no such device in this network namespace: create it first "
                           "(ip link add), or add \",optional\" to wait for it",
                           name);
        return retval;
    } else if (retval) {
        return explain(name, retval, error);
    } else if (kind.arphrd != ARPHRD_ETHER) {
        *error = xasprintf("%s: not an Ethernet device%s%s%s: only those can be ports", name,
                           kind.kind[0] ? " (" : "", kind.kind, kind.kind[0] ? ")" : "");
        return EPFNOSUPPORT;
    }
    *ifindex = status.ifindex;
    return 0;
}

static int raw_open(struct netdev *dev, char **error)
{
    struct netdev_raw *raw = raw_cast(dev);
    unsigned n_slots;
    int ifindex = 0;
    raw->claim = (struct device_claim) DEVICE_CLAIM_INIT;
    int retval = netdev_options_get_number(&dev->options, "ring", 64, 1 << 20, RAW_RING_SLOTS,
                                           &n_slots, error);
    retval = retval ? retval : read_choices(raw, error);
    retval = retval ? retval : look_at_device(dev, &ifindex, error);
    if (retval) {
        return retval;
    }
    retval = open_all(raw, n_slots);
    if (!retval) {
        retval = bind_all(raw, ifindex);
        if (retval) {
            close_all(raw);
        }
    }
    return retval ? explain(netdev_name(dev), retval, error) : 0;
}

static void raw_close(struct netdev *dev)
{
    close_all(raw_cast(dev));
}

static unsigned raw_receive(struct netdev *dev, struct netdev_thread *thread,
                            struct packet_batch *batch)
{
    return raw_ring_receive(&raw_cast(dev)->ring, dev, thread, batch);
}

static void raw_release(struct netdev *dev, struct packet_batch *batch UNUSED)
{
    raw_ring_release(&raw_cast(dev)->ring);
}

static unsigned raw_send(struct netdev *dev, struct netdev_thread *thread,
                         struct packet *const packets[], unsigned n, int *error)
{
    struct netdev_raw *raw = raw_cast(dev);
    unsigned sent = raw_sender_send(raw->senders[thread->id], packets, n, error);
    if (LIKELY(sent == n) || !packets[sent]->offload.gso) {
        return sent;
    } else if (*error == EINVAL && packets[sent]->offload.gso == PACKET_GSO_UDP) {
        __atomic_fetch_and(&dev->capabilities, ~OFFLOAD_USO, __ATOMIC_RELAXED);
    } else if (*error == ENOBUFS && __atomic_load_n(&raw->bypass, __ATOMIC_RELAXED)) {
        *error = EINVAL;
    }
    return sent;
}

/* Binds to a device that came, or came back. Returns 0 or an errno. */
static int take_up(struct netdev_raw *raw, int ifindex, const struct link_kind *kind)
{
    let_go(raw);
    int error = kind->arphrd == ARPHRD_ETHER ? bind_all(raw, ifindex) : EPFNOSUPPORT;
    if (error) {
        static struct vlog_limit limit = VLOG_LIMIT_INIT(1, 5);
        VLOG_WARN_RL(&limit, "%s: a device of the name is there, but can't be used (%s)",
                     netdev_name(&raw->base), strerror(error));
    }
    return error;
}

static void raw_count_lost(struct netdev *dev)
{
    struct netdev_raw *raw = raw_cast(dev);
    unsigned lost = raw_ring_lost(&raw->ring);
    raw->has_lost |= lost;
    netdev_count_rx_drop(dev, NULL, lost);
}

/* Sees to it that the kernel puts frames into the ring; if that fails the device is let go. */
static void keep_receiving(struct netdev_raw *raw)
{
    raw_count_lost(&raw->base);
    bool is_stuck = raw_ring_is_stuck(&raw->ring, raw->has_lost);
    raw->has_lost = false;
    if (is_stuck && raw->ifindex) {
        static struct vlog_limit limit = VLOG_LIMIT_INIT(1, 5);
        VLOG_WARN_RL(&limit, "%s: the kernel stopped receiving, so frames were lost: it does after "
                     "a super-frame that it can't describe, of UDP fragmentation (UFO) or SCTP: "
                     "turn these offloads off where the frames come from", netdev_name(&raw->base));
        if (raw_ring_renew(&raw->ring, raw->ifindex)) {
            let_go(raw);
        }
    }
}

static int raw_get_status(struct netdev *dev, struct netdev_status *status)
{
    struct netdev_raw *raw = raw_cast(dev);
    struct link_kind kind;
    int error = link_status_get(netdev_name(dev), status, &kind);
    if (error == ENODEV) {
        let_go(raw);
        return ENODEV;
    } else if (error) {
        *status = dev->status;
        return 0;
    }
    keep_receiving(raw);
    if (!is_bound(raw, status->ifindex) && take_up(raw, status->ifindex, &kind)) {
        return ENODEV;
    }
    device_claim_look(&raw->claim, netdev_name(dev), raw->ifindex);
    update_bypass(raw, &kind);
    return 0;
}

static int raw_set_admin(struct netdev *dev, bool up)
{
    return link_status_set_admin(netdev_name(dev), up);
}

static int raw_set_mtu(struct netdev *dev, unsigned mtu)
{
    return link_status_set_mtu(netdev_name(dev), mtu);
}

const struct netdev_class netdev_raw_class = {
    .kind = "raw",
    .size = sizeof(struct netdev_raw),
    .options = "host bypass ring",
    .capabilities = OFFLOAD_ALL,
    .is_kernels = true,
    .closes_slowly = true,
    .open = raw_open,
    .close = raw_close,
    .receive = raw_receive,
    .release = raw_release,
    .send = raw_send,
    .count_lost = raw_count_lost,
    .get_status = raw_get_status,
    .set_admin = raw_set_admin,
    .set_mtu = raw_set_mtu,
};
