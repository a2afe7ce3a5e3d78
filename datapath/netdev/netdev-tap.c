/* SPDX-License-Identifier: Apache-2.0 */
/* TAP devices: the host's end is an interface, ours a descriptor. */
#include "datapath/netdev/netdev-tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "datapath/netdev/link-status.h"
#include "datapath/netdev/netdev-provider.h"
#include "datapath/netdev/tap-device.h"
#include "lib/packet/headers.h"
#include "lib/packet/offload.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(netdev_tap);

/* Theory
 * ======
 *
 * A frame is read into a small packet, and what does not fit there into the thread's scratch
 * memory; only then is it known whether it was a super-frame, which moves to a large packet.
 * Writing has no state, so all threads share the descriptor.
 *
 * When somebody deletes the device our descriptor stays, attached to nothing, and may be attached
 * again to a device of the name; threads that use it meanwhile get errors. Unattached it reports an
 * error to poll for ever, so the descriptor that threads wait on is another, an epoll set that
 * holds it only as long as the device is there.
 *
 * Attached we are to the device, not to its name: a device that is renamed stays ours, and one of
 * its old name is none of our business. One that was moved to another network namespace is still
 * attached, but rtnetlink does not show it to us: its status stays as it was, save that it is taken
 * to be up, for it went there to be used, and we can't change it.
 *
 * A tap that was there before us gets its address and MTU back in the end, unless somebody has
 * changed them after us. Whether it is up is not ours to take back: whoever had it taken down meant
 * it, and would not like it to be up when the switch is started anew. */

enum {
    TAP_MTU_MIN = 68,    /* What the kernel takes. */
    TAP_MTU_MAX = 65521,
};

/* What of an interface is ours to change. */
struct looks {
    bool has_hw_addr;                 /* There is an address: */
    uint8_t hw_addr[ETHER_ADDR_SIZE]; /* this one. */
    unsigned mtu;                     /* MTU; 0: there is none. */
};

struct netdev_tap {
    struct netdev base;                     /* Base. */
    int fd;                                 /* The tap. */
    int epoll;                              /* Holds 'fd' while it is attached. */
    bool attached;                          /* Is it? */
    bool made;                              /* We made it, it goes when 'fd' closes. */
    bool was_busy;                          /* Somebody had it open when we wanted it last. */
    struct looks asked;                     /* By the options: whenever it is attached. */
    struct looks found;                     /* How it was before we changed it, unless 'made'. */
    struct looks given;                     /* What we gave it last. */
    unsigned n_held;                        /* Packets that the last receive gave out. */
    struct packet *held[PACKET_BATCH_MAX];  /* Those. */
};

static struct netdev_tap *tap_cast(const struct netdev *dev)
{
    return CONTAINER_OF(dev, struct netdev_tap, base);
}

/* Remembers that the tap is attached or not, and waits for it accordingly. */
static void set_attached(struct netdev_tap *tap, bool attached)
{
    if (tap->attached != attached) {
        struct epoll_event event = {.events = EPOLLIN};
        tap->attached = attached;
        epoll_ctl(tap->epoll, attached ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, tap->fd, &event);
    }
}

/* Makes the sentence for 'error' of attaching. Returns 'error'. */
static int explain(const struct netdev_tap *tap, int error, char **text)
{
    const char *name = netdev_name(&tap->base);
    if (error == EBUSY) {
        *text = xasprintf("%s: another program has this tap open: end it, or give it another tap",
                          name);
    } else if (error == EPERM || error == EACCES) {
        *text = xasprintf("%s: not permitted to open this tap: run as root, or let root make it "
                          "for you (ip tuntap add %s mode tap user NAME)",
                          name, name);
    } else {
        *text = xasprintf("%s: can't open the tap (%s)", name, strerror(error));
    }
    return error;
}

/* Complains that 'kind' is no tap. Returns EINVAL. */
static int complain_kind(const char *name, const struct link_kind *kind, char **error)
{
    *error = xasprintf("%s: this device is not a tap but %s%s: leave out type=tap", name,
                       kind->kind[0] ? "of kind " : "a physical one", kind->kind);
    return EINVAL;
}

/* Reads the options about looks. Returns 0 or EINVAL. */
static int read_options(struct netdev_tap *tap, char **error)
{
    const struct netdev_options *options = &tap->base.options;
    int retval = netdev_options_get_address(options, "mac", tap->asked.hw_addr,
                                            &tap->asked.has_hw_addr, error);
    return retval ? retval
                  : netdev_options_get_number(options, "mtu", TAP_MTU_MIN, TAP_MTU_MAX, 0,
                                              &tap->asked.mtu, error);
}

/* Gives the interface, which is called 'name' now, the address 'addr'. Returns 0 or an errno. */
static int give_hw_addr(struct netdev_tap *tap, const char *name,
                        const uint8_t addr[ETHER_ADDR_SIZE])
{
    int error = link_status_set_address(name, addr);
    if (!error) {
        tap->given.has_hw_addr = true;
        memcpy(tap->given.hw_addr, addr, ETHER_ADDR_SIZE);
    }
    return error;
}

/* The same with an MTU. */
static int give_mtu(struct netdev_tap *tap, const char *name, unsigned mtu)
{
    int error = link_status_set_mtu(name, mtu);
    tap->given.mtu = error ? tap->given.mtu : mtu;
    return error;
}

/* Gives the interface what the options ask for. Returns 0, or an errno with *error. */
static int apply_options(struct netdev_tap *tap, char **error)
{
    const char *name = netdev_name(&tap->base);
    int retval = tap->asked.has_hw_addr ? give_hw_addr(tap, name, tap->asked.hw_addr) : 0;
    if (retval) {
        *error = xasprintf("%s: can't set the address (%s)", name, strerror(retval));
        return retval;
    }
    retval = tap->asked.mtu ? give_mtu(tap, name, tap->asked.mtu) : 0;
    if (retval) {
        *error = xasprintf("%s: can't set the MTU to %u (%s)", name, tap->asked.mtu,
                           strerror(retval));
    }
    return retval;
}

/* Attaches to the tap of our name, of 'kind' and now with 'status', or makes it if 'kind' is NULL;
 * then gives it what the options ask for. Returns 0, or an errno with *error. */
static int attach(struct netdev_tap *tap, const struct netdev_status *status,
                  const struct link_kind *kind, char **error)
{
    unsigned capabilities;
    int retval = tap_device_attach(tap->fd, netdev_name(&tap->base), kind, &capabilities);
    if (retval) {
        return explain(tap, retval, error);
    }
    __atomic_store_n(&tap->base.capabilities, capabilities, __ATOMIC_RELAXED);
    set_attached(tap, true);
    tap->made = !kind;
    tap->given = (struct looks) {.mtu = 0};
    tap->found = (struct looks) {.has_hw_addr = true, .mtu = status->mtu};
    memcpy(tap->found.hw_addr, status->hw_addr, ETHER_ADDR_SIZE);
    return apply_options(tap, error);
}

/* Opens the descriptors and attaches. Returns 0, or an errno with *error. */
static int attach_first(struct netdev_tap *tap, char **error)
{
    const char *name = netdev_name(&tap->base);
    struct netdev_status status = {.present = false};
    struct link_kind kind;
    if (strchr(name, '%')) {
        *error = xasprintf("%s: the kernel would put a number in the place of %%: give the name "
                           "that the device is to have", name);
        return EINVAL;
    }
    int retval = link_status_get(name, &status, &kind);
    bool is_there = !retval;
    if (retval && retval != ENODEV) {
        return explain(tap, retval, error);
    }
    if (is_there && !kind.is_tap) {
        return complain_kind(name, &kind, error);
    }
    retval = tap_device_open(&tap->fd);
    if (retval) {
        *error = xasprintf("%s: can't open /dev/net/tun (%s): the kernel must have TAP and let "
                           "this user open that file",
                           name, strerror(retval));
        return retval;
    }
    tap->base.receive_fd = tap->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (tap->epoll < 0) {
        return explain(tap, errno, error);
    }
    retval = attach(tap, &status, is_there ? &kind : NULL, error);
    return retval || is_there ? retval
                              : tap_device_set_owner(tap->fd, &tap->base.options, error);
}

/* Gives a tap that was there before us back what nobody has changed after us. */
static void restore(const struct netdev_tap *tap)
{
    char name[TAP_DEVICE_NAME_SIZE];
    struct netdev_status status;
    if (tap->made || tap_device_find(tap->fd, name) || link_status_get(name, &status, NULL)) {
        return;
    }
    if (tap->given.has_hw_addr
        && !memcmp(status.hw_addr, tap->given.hw_addr, sizeof status.hw_addr)) {
        link_status_set_address(name, tap->found.hw_addr);
    }
    if (tap->given.mtu && status.mtu == tap->given.mtu) {
        link_status_set_mtu(name, tap->found.mtu);
    }
}

static void tap_close(struct netdev *dev)
{
    struct netdev_tap *tap = tap_cast(dev);
    if (tap->fd >= 0) {
        restore(tap);
        tap_device_restore(tap->fd);
        close(tap->fd);
    }
    if (tap->epoll >= 0) {
        close(tap->epoll);
    }
}

static int tap_open(struct netdev *dev, char **error)
{
    struct netdev_tap *tap = tap_cast(dev);
    tap->fd = tap->epoll = -1;
    int retval = read_options(tap, error);
    retval = retval ? retval : attach_first(tap, error);
    if (retval) {
        tap_close(dev);
    }
    return retval;
}

/* Moves a frame of 'size' bytes, begun in 'p' and continued in 'rest', to a large packet. Returns
 * it, or NULL if the pool has none left. */
static struct packet *join_large(struct netdev_thread *thread, const struct packet *p, size_t size,
                                 const void *rest)
{
    struct packet *large = packet_pool_get(thread->pool, size);
    size_t room = packet_tailroom(p);
    if (large) {
        memcpy(large->data, p->data, room);
        memcpy(large->data + room, rest, size - room);
        large->size = size;
    }
    return large;
}

/* Takes the 'size' bytes that were read into 'p' and the scratch memory. Returns the packet; or
 * NULL, having counted why. */
static struct packet *take_frame(struct netdev_tap *tap, struct netdev_thread *thread,
                                 struct packet *p, size_t size, const struct vnet_header *vnet)
{
    if (size > packet_tailroom(p)) {
        struct packet *large = join_large(thread, p, size, thread->scratch);
        packet_pool_put(p);
        p = large;
    } else {
        p->size = size;
    }
    if (!p) {
        netdev_count_rx_drop(&tap->base, thread, 1);
    } else if (p->size < sizeof(struct eth_header) || offload_from_vnet(p, vnet)) {
        netdev_count_rx_error(&tap->base, thread, 1);
        packet_pool_put(p);
        p = NULL;
    }
    return p;
}

/* The pool is exhausted: loses a frame rather than have it wake us for ever. */
static void lose_frame(struct netdev_tap *tap, struct netdev_thread *thread)
{
    if (read(tap->fd, thread->scratch, PACKET_LARGE) > 0) {
        netdev_count_rx_drop(&tap->base, thread, 1);
    }
}

static unsigned tap_receive(struct netdev *dev, struct netdev_thread *thread,
                            struct packet_batch *batch)
{
    struct netdev_tap *tap = tap_cast(dev);
    for (unsigned i = 0; i < PACKET_BATCH_MAX; i++) {
        struct vnet_header vnet;
        struct packet *p = packet_pool_get(thread->pool, PACKET_SMALL - PACKET_HEADROOM);
        if (!p) {
            if (!i) {
                lose_frame(tap, thread);
            }
            break;
        }
        struct iovec iov[] = {{&vnet, sizeof vnet},
                              {p->data, packet_tailroom(p)},
                              {thread->scratch, PACKET_LARGE}};
        ssize_t n = readv(tap->fd, iov, ARRAY_SIZE(iov));
        if (n < (ssize_t) sizeof vnet) {
            packet_pool_put(p);
            break;
        }
        p = take_frame(tap, thread, p, n - sizeof vnet, &vnet);
        if (p) {
            batch->packets[batch->n++] = tap->held[tap->n_held++] = p;
        }
    }
    return batch->n;
}

static void tap_release(struct netdev *dev, struct packet_batch *batch UNUSED)
{
    struct netdev_tap *tap = tap_cast(dev);
    while (tap->n_held) {
        packet_pool_put(tap->held[--tap->n_held]);
    }
}

static unsigned tap_send(struct netdev *dev, struct netdev_thread *thread UNUSED,
                         struct packet *const packets[], unsigned n, int *error)
{
    for (unsigned i = 0; i < n; i++) {
        struct vnet_header vnet;
        offload_to_vnet(packets[i], &vnet);
        struct iovec iov[] = {{&vnet, sizeof vnet}, {packets[i]->data, packets[i]->size}};
        if (writev(tap_cast(dev)->fd, iov, ARRAY_SIZE(iov)) < 0) {
            *error = errno == EAGAIN || errno == ENOMEM ? ENOBUFS : errno;
            return i;
        }
    }
    return n;
}

/* Attaches to a tap of our name that was made anew. False if there is none, or it can't be had.
 * Whoever makes one has it open at first, which is not worth a word. */
static bool attach_again(struct netdev_tap *tap)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(1, 5);
    struct netdev_status status;
    struct link_kind kind;
    char *error = NULL;
    if (link_status_get(netdev_name(&tap->base), &status, &kind) || !kind.is_tap) {
        return false;
    }
    int retval = attach(tap, &status, &kind, &error);
    if (retval && (retval != EBUSY || tap->was_busy)) {
        VLOG_WARN_RL(&limit, "%s", error);
    }
    tap->was_busy = retval == EBUSY;
    free(error);
    return tap->attached;
}

static int tap_get_status(struct netdev *dev, struct netdev_status *status)
{
    struct netdev_tap *tap = tap_cast(dev);
    char name[TAP_DEVICE_NAME_SIZE];
    set_attached(tap, tap_device_is_attached(tap->fd));
    if (!tap->attached && !attach_again(tap)) {
        return ENODEV;
    }
    int error = tap_device_find(tap->fd, name);
    bool is_away = error == EOPNOTSUPP;
    error = error ? error : link_status_get(name, status, NULL);
    if (error) {
        *status = dev->status;
        status->present = true;
        status->admin_up |= is_away;
        status->carrier |= is_away;
    }
    return 0;
}

static int tap_set_admin(struct netdev *dev, bool up)
{
    char name[TAP_DEVICE_NAME_SIZE];
    int error = tap_device_find(tap_cast(dev)->fd, name);
    return error ? error : link_status_set_admin(name, up);
}

static int tap_set_mtu(struct netdev *dev, unsigned mtu)
{
    struct netdev_tap *tap = tap_cast(dev);
    char name[TAP_DEVICE_NAME_SIZE];
    int error = tap_device_find(tap->fd, name);
    return error ? error : give_mtu(tap, name, MIN(mtu, (unsigned) TAP_MTU_MAX));
}

const struct netdev_class netdev_tap_class = {
    .kind = "tap",
    .size = sizeof(struct netdev_tap),
    .options = "owner group mac mtu",
    .capabilities = OFFLOAD_ALL,
    .is_kernels = true,
    .open = tap_open,
    .close = tap_close,
    .receive = tap_receive,
    .release = tap_release,
    .send = tap_send,
    .get_status = tap_get_status,
    .set_admin = tap_set_admin,
    .set_mtu = tap_set_mtu,
};
