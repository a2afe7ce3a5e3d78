/* SPDX-License-Identifier: Apache-2.0 */
/* A device of the kernel, captured and injected into by libpcap. */
#include "datapath/netdev/capture-live.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datapath/netdev/capture-frame.h"
#include "datapath/netdev/packet-socket.h"
#include "lib/packet/packet.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * A pcap_t is for one thread, so the receiving side has one and every sender another, whose filter
 * lets nothing in.
 *
 * A pcap_t is bound to its device for life.  When another device of the name comes, and whenever
 * the device has become usable at last, new ones are made and laid beside the old ones; each thread
 * takes its own at its next call and closes the one that it had.  So nobody closes what another
 * uses.  The descriptor to wait on is an epoll set: the receiver's descriptor joins it when it is
 * made and leaves it when it is closed.
 *
 * A device that is only renamed stays bound.  capture_live_stop() ends that behind libpcap's back:
 * it binds the sockets to frames that don't exist, which the threads never notice.
 *
 * Immediate mode hands frames over as they come, from a ring whose slots all have room for a
 * super-frame of TCP.  A slot is at least as large as the next power of two, so it is made a little
 * smaller than 64 KiB; no TCP of Linux fills that.  libpcap puts VLAN tags back where they were. */

enum {
    SLOT_SIZE = 1 << 16,          /* Bytes of a slot in the receiver's ring. */
    RING_SIZE = 512 * SLOT_SIZE,  /* Bytes of the ring. */
    SNAP_SIZE = SLOT_SIZE - 128,  /* Bytes of a frame at most: a slot has a head, too. */
    SEND_RING_SIZE = 1 << 16,     /* Bytes of the ring of senders, who receive nothing. */
    SEND_TRIES = 8,               /* Times that a full socket is tried. */
};

/* What one thread has. */
struct slot {
    pcap_t *pcap; /* In use, or NULL. The thread's. */
    pcap_t *next; /* To be used instead, or NULL. Atomic. */
    int socket;   /* Of the newest of them; -1 none, or stopped. The control thread's. */
} CACHE_ALIGNED;

struct capture_live {
    const char *name;    /* Of the device; borrowed. */
    int epoll;           /* Holds the receiver's descriptor. */
    unsigned n_slots;    /* Number of elements of 'slots'. */
    struct slot slots[]; /* The receiver, then the senders by thread. */
};

int capture_live_create(const char *name, unsigned n_threads, struct capture_live **livep)
{
    size_t size = sizeof(struct capture_live) + (n_threads + 1) * sizeof(struct slot);
    struct capture_live *live = xaligned_alloc(CACHE_LINE, ROUND_UP(size, (size_t) CACHE_LINE));
    memset(live, 0, size);
    live->name = name;
    live->epoll = epoll_create1(EPOLL_CLOEXEC);
    live->n_slots = n_threads + 1;
    for (unsigned i = 0; i < live->n_slots; i++) {
        live->slots[i].socket = -1;
    }
    if (live->epoll < 0) {
        int error = errno;
        free(live);
        return error;
    }
    *livep = live;
    return 0;
}

/* Closes 'pcap' unless it is NULL. */
static void close_pcap(pcap_t *pcap)
{
    if (pcap) {
        pcap_close(pcap);
    }
}

void capture_live_destroy(struct capture_live *live)
{
    if (live) {
        for (unsigned i = 0; i < live->n_slots; i++) {
            close_pcap(live->slots[i].pcap);
            close_pcap(live->slots[i].next);
        }
        close(live->epoll);
        free(live);
    }
}

/* What the thread of 'slot' has now, or NULL. */
static pcap_t *slot_get(struct slot *slot)
{
    if (UNLIKELY(__atomic_load_n(&slot->next, __ATOMIC_RELAXED) != NULL)) {
        pcap_t *next = __atomic_exchange_n(&slot->next, NULL, __ATOMIC_ACQ_REL);
        if (next) {
            close_pcap(slot->pcap);
            slot->pcap = next;
        }
    }
    return slot->pcap;
}

/* Lets the thread of 'slot' have 'pcap' from its next call on. */
static void slot_put(struct slot *slot, pcap_t *pcap)
{
    slot->socket = pcap_fileno(pcap);
    close_pcap(__atomic_exchange_n(&slot->next, pcap, __ATOMIC_ACQ_REL));
}

/* The errno for what pcap_activate() returned. */
static int error_of(int result)
{
    static const struct {
        int result; /* PCAP_ERROR_*. */
        int error;  /* errno. */
    } rows[] = {
        {PCAP_ERROR_NO_SUCH_DEVICE, ENODEV},
        {PCAP_ERROR_IFACE_NOT_UP, ENETDOWN},
        {PCAP_ERROR_PERM_DENIED, EPERM},
        {PCAP_ERROR_PROMISC_PERM_DENIED, EPERM},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].result == result) {
            return rows[i].error;
        }
    }
    return EIO;
}

/* Makes 'pcap', activated, what a sender wants: blind. Returns 0 or -1. */
static int make_blind(pcap_t *pcap)
{
    struct bpf_insn nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct bpf_program filter = {.bf_len = 1, .bf_insns = &nothing};
    return pcap_setfilter(pcap, &filter);
}

/* Lets 'pcap', activated, see nothing that this host sends. libpcap alone would throw it away only
 * after it has taken up room in the ring. Returns 0 or -1. */
static int ignore_outgoing(pcap_t *pcap)
{
    int on = 1;
    setsockopt(pcap_fileno(pcap), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    return pcap_setdirection(pcap, PCAP_D_IN);
}

/* Activates 'pcap' as the receiver or as a sender. Returns 0 or an errno. */
static int activate(pcap_t *pcap, bool is_receiver)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_set_snaplen(pcap, is_receiver ? SNAP_SIZE : 1);
    pcap_set_buffer_size(pcap, is_receiver ? RING_SIZE : SEND_RING_SIZE);
    pcap_set_promisc(pcap, is_receiver);
    pcap_set_immediate_mode(pcap, 1);
    pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
    int result = pcap_activate(pcap);
    if (result < 0) {
        return error_of(result);
    } else if (pcap_datalink(pcap) != DLT_EN10MB) {
        return EPFNOSUPPORT;
    }
    result = pcap_setnonblock(pcap, 1, reason);
    result = result ? result
             : is_receiver ? ignore_outgoing(pcap)
                           : make_blind(pcap);
    return result ? EIO : 0;
}

/* Makes the pcap_t of the receiver or of a sender. Returns 0 or an errno, with a text in *error. */
static int open_pcap(const char *name, bool is_receiver, pcap_t **pcapp, char **error)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_create(name, reason);
    int err = pcap ? activate(pcap, is_receiver) : EIO;
    if (!err) {
        *pcapp = pcap;
        return 0;
    }
    if (error) {
        const char *text = pcap ? pcap_geterr(pcap) : reason;
        *error = xstrdup(*text && err == EIO ? text : strerror(err));
    }
    close_pcap(pcap);
    return err;
}

/* Watches the new receiver. Returns 0 or an errno. */
static int watch(struct capture_live *live, pcap_t *pcap)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fd = pcap_get_selectable_fd(pcap);
    return epoll_ctl(live->epoll, EPOLL_CTL_ADD, fd, &event) ? errno : 0;
}

int capture_live_start(struct capture_live *live, char **error)
{
    pcap_t **made = xcalloc(live->n_slots, sizeof *made);
    int err = 0;
    for (unsigned i = 0; i < live->n_slots && !err; i++) {
        err = open_pcap(live->name, i == 0, &made[i], error);
    }
    if (!err) {
        err = watch(live, made[0]);
        if (err && error) {
            *error = xstrdup(strerror(err));
        }
    }
    for (unsigned i = 0; i < live->n_slots; i++) {
        if (err) {
            close_pcap(made[i]);
        } else {
            slot_put(&live->slots[i], made[i]);
        }
    }
    free(made);
    return err;
}

void capture_live_stop(struct capture_live *live, int ifindex)
{
    for (unsigned i = 0; i < live->n_slots; i++) {
        struct slot *slot = &live->slots[i];
        if (slot->socket >= 0) {
            packet_socket_set_promiscuous(slot->socket, ifindex, false);
            packet_socket_unbind(slot->socket);
            slot->socket = -1;
        }
    }
}

bool capture_live_is_bound(const struct capture_live *live, int ifindex)
{
    int fd = live->slots[0].socket;
    return fd >= 0 && packet_socket_is_bound(fd, ifindex);
}

bool capture_live_next(struct capture_live *live, struct capture_frame *frame)
{
    pcap_t *pcap = slot_get(&live->slots[0]);
    struct pcap_pkthdr *header;
    const u_char *data;
    if (!pcap || pcap_next_ex(pcap, &header, &data) != 1) {
        return false;
    }
    *frame = (struct capture_frame) {
        .data = data,
        .size = header->caplen,
        .is_whole = header->caplen >= header->len,
        .time = capture_time(header->ts.tv_sec, header->ts.tv_usec),
    };
    return true;
}

/* Sends 'p'. Returns 0 or an errno. */
static int inject(pcap_t *pcap, const struct packet *p)
{
    int error = 0;
    for (unsigned tries = 0; tries < SEND_TRIES; tries++) {
        errno = EIO;
        if (pcap_inject(pcap, p->data, p->size) >= 0) {
            return 0;
        }
        error = errno;
        if (error != EAGAIN && error != EINTR && error != ENETDOWN) {
            break;
        }
    }
    return error == EAGAIN || error == EINTR ? ENOBUFS : error;
}

unsigned capture_live_send(struct capture_live *live, unsigned id, struct packet *const packets[],
                           unsigned n, int *error)
{
    pcap_t *pcap = slot_get(&live->slots[1 + id]);
    unsigned sent = 0;
    *error = pcap ? 0 : ENETDOWN;
    while (sent < n && !*error) {
        *error = inject(pcap, packets[sent]);
        sent += !*error;
    }
    return sent;
}

unsigned capture_live_lost(struct capture_live *live)
{
    struct tpacket_stats stats = {.tp_drops = 0};
    socklen_t size = sizeof stats;
    int fd = live->slots[0].socket;
    return fd < 0 || getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size)
               ? 0
               : stats.tp_drops;
}

int capture_live_fd(const struct capture_live *live)
{
    return live->epoll;
}
