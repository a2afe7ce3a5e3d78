/* SPDX-License-Identifier: Apache-2.0 */
/* Devices by libpcap: one of the kernel, captured live, or capture files. */
#include "datapath/netdev/netdev-pcap.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/capture-frame.h"
#include "datapath/netdev/capture-live.h"
#include "datapath/netdev/capture-reader.h"
#include "datapath/netdev/capture-writer.h"
#include "datapath/netdev/device-claim.h"
#include "datapath/netdev/link-status.h"
#include "datapath/netdev/netdev-provider.h"
#include "lib/packet/headers.h"
#include "lib/packet/offload.h"
#include "lib/util.h"
#include "lib/vlog.h"

VLOG_DEFINE_MODULE(netdev_pcap);

/* Theory
 * ======
 *
 * What the two sorts of device have in common is here: frames that libpcap lends for a moment are
 * copied into the thread's pool and their offloads guessed.  A live device is captured as soon as
 * it is up, for libpcap can't be bound to one that is down; from then on it may go down and up.
 * One that vanishes or gets another name is let go, and captured anew when its name is back; what
 * the capture is bound to tells that it was gone even if the index is the same. */

struct netdev_pcap {
    struct netdev base;            /* Base. */
    struct capture_live *live;     /* The device of the kernel; NULL: files. */
    int ifindex;                   /* Index of the device that 'live' captures; 0 none. */
    struct device_claim claim;     /* On that. */
    struct capture_reader *reader; /* in=, or NULL. */
    struct capture_writer *writer; /* out=, or NULL. */
    bool admin_up;                 /* Of files: status to tell. */
    unsigned mtu;                  /* Of files: status to tell. */
    uint8_t hw_addr[6];            /* Of files: status to tell. */
    unsigned n_held;                       /* Packets that the last receive gave out. */
    struct packet *held[PACKET_BATCH_MAX]; /* Those. */
};

static struct netdev_pcap *pcap_cast(const struct netdev *dev)
{
    return CONTAINER_OF(dev, struct netdev_pcap, base);
}

/* Opening -------------------------------------------------------------------------------------- */

/* Checks that no option was given that is for the other sort of device. */
static int check_options(const struct netdev_options *options, bool is_live, char **error)
{
    static const char *const file_keys[] = {"pace", "delay", "mtu", "mac"};
    for (unsigned i = 0; is_live && i < ARRAY_SIZE(file_keys); i++) {
        if (netdev_options_get(options, file_keys[i])) {
            *error = xasprintf("%s: %s= is for capture files: give in=FILE or out=FILE, too",
                               options->name, file_keys[i]);
            return EINVAL;
        }
    }
    if (!is_live && netdev_options_get(options, "host")) {
        *error = xasprintf("%s: host= is for live captures: leave it out, or in= and out=",
                           options->name);
        return EINVAL;
    }
    return 0;
}

/* Captures the device of the name if it is up. Returns 0, also if it is down, or an errno. */
static int start_live(struct netdev_pcap *pcap, const struct netdev_status *status, char **error)
{
    int retval = status->admin_up ? capture_live_start(pcap->live, error) : 0;
    if (retval == ENETDOWN) {
        if (error) {
            free(*error);
        }
        return 0;
    }
    if (!retval && status->admin_up) {
        pcap->ifindex = status->ifindex;
        device_claim_take(&pcap->claim, netdev_name(&pcap->base), pcap->ifindex);
    }
    return retval;
}

/* Makes the sentence for 'retval'; 'reason' is libpcap's, if not NULL. Returns 'retval'. */
static int explain(const char *name, int retval, const char *reason, char **error)
{
    if (retval == ENODEV) {
        *error = xasprintf("%s: there is no such device in this network namespace: create it first "
                           "(ip link add), or add \",optional\" to wait for it", name);
    } else if (retval == EPERM) {
        *error = xasprintf("%s: not permitted to capture: that takes the capability CAP_NET_RAW: "
                           "run as root, or see PRIVILEGES in sluiced(8)", name);
    } else if (retval == EPFNOSUPPORT) {
        *error = xasprintf("%s: not an Ethernet device: only those can be ports", name);
    } else {
        *error = xasprintf("%s: can't capture the device (%s)", name,
                           reason ? reason : strerror(retval));
    }
    return retval;
}

/* Opens a device of the kernel. */
static int open_live(struct netdev_pcap *pcap, char **error)
{
    const char *name = netdev_name(&pcap->base);
    struct netdev_status status;
    struct link_kind kind;
    char *reason = NULL;
    int retval = device_claim_read(&pcap->claim, &pcap->base.options, error);
    if (retval) {
        return retval;
    }
    retval = link_status_get(name, &status, &kind);
    retval = retval ? retval : kind.arphrd == ARPHRD_ETHER ? 0 : EPFNOSUPPORT;
    retval = retval ? retval : capture_live_create(name, pcap->base.n_threads, &pcap->live);
    retval = retval ? retval : start_live(pcap, &status, &reason);
    if (retval) {
        explain(name, retval, reason, error);
        free(reason);
    }
    return retval;
}

/* Reads the options of in=. */
static int read_pace(const struct netdev_options *options, struct capture_pace *pace, char **error)
{
    static const char *const paces[] = {"asap", "recorded"};
    unsigned number, delay = 0;
    int retval = netdev_options_get_choice(options, "pace", paces, ARRAY_SIZE(paces), &number,
                                           error);
    retval = retval ? retval
                    : netdev_options_get_number(options, "delay", 0, 86400, 1, &delay, error);
    *pace = (struct capture_pace) {.as_recorded = number, .delay = delay * SEC};
    return retval;
}

/* Opens capture files. */
static int open_files(struct netdev_pcap *pcap, const char *in, const char *out, char **error)
{
    const struct netdev_options *options = &pcap->base.options;
    struct capture_pace pace;
    bool given;
    netdev_make_address(options->name, pcap->hw_addr);
    pcap->admin_up = true;
    int retval = read_pace(options, &pace, error);
    retval = retval ? retval
                    : netdev_options_get_number(options, "mtu", 0, 65535, 1500, &pcap->mtu, error);
    retval = retval ? retval : netdev_options_get_address(options, "mac", pcap->hw_addr, &given,
                                                          error);
    if (!retval && in) {
        retval = capture_reader_open(options->name, in, &pace, &pcap->reader, error);
    }
    if (!retval && out) {
        retval = capture_writer_open(options->name, out, &pcap->writer, error);
    }
    return retval;
}

static void pcap_release(struct netdev *dev, struct packet_batch *batch UNUSED)
{
    struct netdev_pcap *pcap = pcap_cast(dev);
    while (pcap->n_held) {
        packet_pool_put(pcap->held[--pcap->n_held]);
    }
}

static void pcap_class_close(struct netdev *dev)
{
    struct netdev_pcap *pcap = pcap_cast(dev);
    pcap_release(dev, NULL);
    capture_live_destroy(pcap->live);
    capture_reader_close(pcap->reader);
    capture_writer_close(pcap->writer);
    device_claim_release(&pcap->claim);
}

static int pcap_class_open(struct netdev *dev, char **error)
{
    struct netdev_pcap *pcap = pcap_cast(dev);
    const char *in = netdev_options_get(&dev->options, "in");
    const char *out = netdev_options_get(&dev->options, "out");
    bool is_live = netdev_class_is_kernels(dev->class, &dev->options);
    pcap->claim = (struct device_claim) DEVICE_CLAIM_INIT;
    int retval = check_options(&dev->options, is_live, error);
    if (!retval) {
        retval = is_live ? open_live(pcap, error) : open_files(pcap, in, out, error);
    }
    if (retval) {
        pcap_class_close(dev);
        return retval;
    }
    dev->receive_fd = pcap->live     ? capture_live_fd(pcap->live)
                      : pcap->reader ? capture_reader_fd(pcap->reader)
                                     : -1;
    return 0;
}

static void pcap_start(struct netdev *dev)
{
    struct netdev_pcap *pcap = pcap_cast(dev);
    if (pcap->writer) {
        capture_writer_start(pcap->writer);
    }
}

/* Frames --------------------------------------------------------------------------------------- */

/* Takes the next frame of either sort. False if there is none now. */
static bool next_frame(struct netdev_pcap *pcap, int64_t now, struct capture_frame *frame)
{
    return pcap->live     ? capture_live_next(pcap->live, frame)
           : pcap->reader ? capture_reader_next(pcap->reader, now, frame)
                          : false;
}

/* A frame that the capture holds only the beginning of is lost; tells why. */
static void complain_cut(const struct netdev_pcap *pcap)
{
    static struct vlog_limit limit = VLOG_LIMIT_INIT(1, 1);
    VLOG_WARN_RL(&limit, "%s: frames are lost because they were captured in part: capture with a "
                         "larger snapshot length", netdev_name(&pcap->base));
}

/* Copies 'frame' into a packet of the thread's. Returns NULL, having counted why, if it can't. */
static struct packet *take_frame(struct netdev_pcap *pcap, struct netdev_thread *thread,
                                 const struct capture_frame *frame)
{
    if (frame->size < sizeof(struct eth_header)) {
        netdev_count_rx_error(&pcap->base, thread, 1);
        return NULL;
    }
    struct packet *p = frame->is_whole ? packet_pool_get(thread->pool, frame->size) : NULL;
    if (!p) {
        netdev_count_rx_drop(&pcap->base, thread, 1);
        if (!frame->is_whole) {
            complain_cut(pcap);
        }
        return NULL;
    }
    memcpy(p->data, frame->data, frame->size);
    p->size = frame->size;
    p->captured = frame->time;
    offload_guess(p, __atomic_load_n(&pcap->base.mtu, __ATOMIC_RELAXED));
    return p;
}

static unsigned pcap_receive(struct netdev *dev, struct netdev_thread *thread,
                             struct packet_batch *batch)
{
    struct netdev_pcap *pcap = pcap_cast(dev);
    struct capture_frame frame;
    for (unsigned i = 0; i < PACKET_BATCH_MAX && next_frame(pcap, thread->now, &frame); i++) {
        struct packet *p = take_frame(pcap, thread, &frame);
        if (p) {
            batch->packets[batch->n++] = pcap->held[pcap->n_held++] = p;
        }
    }
    return batch->n;
}

static unsigned pcap_send(struct netdev *dev, struct netdev_thread *thread,
                          struct packet *const packets[], unsigned n, int *error)
{
    struct netdev_pcap *pcap = pcap_cast(dev);
    return pcap->live     ? capture_live_send(pcap->live, thread->id, packets, n, error)
           : pcap->writer ? capture_writer_send(pcap->writer, thread->now, packets, n, error)
                          : n;
}

/* Status --------------------------------------------------------------------------------------- */

static void pcap_count_lost(struct netdev *dev)
{
    struct netdev_pcap *pcap = pcap_cast(dev);
    if (pcap->live) {
        netdev_count_rx_drop(dev, NULL, capture_live_lost(pcap->live));
    }
}

/* Leaves the device alone that is no longer ours: one that was renamed is still there. */
static void let_go(struct netdev_pcap *pcap)
{
    if (pcap->ifindex) {
        pcap_count_lost(&pcap->base);
        capture_live_stop(pcap->live, pcap->ifindex);
        device_claim_release(&pcap->claim);
        pcap->ifindex = 0;
    }
}

/* Reads the status of a device of the kernel, and captures it if it has come, or come up. */
static int get_live_status(struct netdev_pcap *pcap, struct netdev_status *status)
{
    const char *name = netdev_name(&pcap->base);
    struct link_kind kind;
    int error = link_status_get(name, status, &kind);
    if (error == ENODEV) {
        let_go(pcap);
        return ENODEV;
    } else if (error) {
        *status = pcap->base.status;
        return 0;
    }
    if (status->ifindex != pcap->ifindex || !capture_live_is_bound(pcap->live, pcap->ifindex)) {
        char *reason = NULL;
        let_go(pcap);
        error = kind.arphrd == ARPHRD_ETHER ? start_live(pcap, status, &reason) : EPFNOSUPPORT;
        if (error) {
            static struct vlog_limit limit = VLOG_LIMIT_INIT(1, 5);
            VLOG_WARN_RL(&limit, "%s: a device of the name is there, but can't be captured (%s)",
                         name, reason ? reason : strerror(error));
            free(reason);
            return ENODEV;
        }
    }
    if (pcap->ifindex) {
        device_claim_look(&pcap->claim, name, pcap->ifindex);
    }
    return 0;
}

static int pcap_get_status(struct netdev *dev, struct netdev_status *status)
{
    struct netdev_pcap *pcap = pcap_cast(dev);
    if (pcap->live) {
        return get_live_status(pcap, status);
    }
    *status = (struct netdev_status) {
        .present = true,
        .admin_up = pcap->admin_up,
        .carrier = !pcap->reader || !capture_reader_has_ended(pcap->reader),
        .mtu = pcap->mtu,
    };
    memcpy(status->hw_addr, pcap->hw_addr, sizeof status->hw_addr);
    return 0;
}

static int pcap_set_admin(struct netdev *dev, bool up)
{
    struct netdev_pcap *pcap = pcap_cast(dev);
    if (pcap->live) {
        return link_status_set_admin(netdev_name(dev), up);
    }
    pcap->admin_up = up;
    return 0;
}

static int pcap_set_mtu(struct netdev *dev, unsigned mtu)
{
    struct netdev_pcap *pcap = pcap_cast(dev);
    if (pcap->live) {
        return link_status_set_mtu(netdev_name(dev), mtu);
    }
    pcap->mtu = mtu;
    return 0;
}

const struct netdev_class netdev_pcap_class = {
    .kind = "pcap",
    .size = sizeof(struct netdev_pcap),
    .options = "host in out pace delay mtu mac",
    .capabilities = 0,
    .is_kernels = true,
    .else_keys = {"in", "out"},
    .open = pcap_class_open,
    .start = pcap_start,
    .close = pcap_class_close,
    .receive = pcap_receive,
    .release = pcap_release,
    .send = pcap_send,
    .count_lost = pcap_count_lost,
    .get_status = pcap_get_status,
    .set_admin = pcap_set_admin,
    .set_mtu = pcap_set_mtu,
};
