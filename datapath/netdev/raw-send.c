/* SPDX-License-Identifier: Apache-2.0 */
/* Sending to a kernel device in batches, through the cheapest socket for each frame. */
#include "datapath/netdev/raw-send.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "datapath/netdev/raw-xdp.h"
#include "lib/packet/offload.h"
#include "lib/packet/packet.h"
#include "lib/util.h"

/* Theory
 * ======
 *
 * A frame goes one of three ways: a finished one through an AF_XDP socket, if the queueing
 * discipline is to be passed by and a socket can be had; or through a plain packet socket; and a
 * frame with something left to do through a packet socket that takes a virtio-net header before
 * it. Each way has sent its frames when its system call returns, so one way after the other keeps
 * their order.
 *
 * On a packet socket each frame is one message and the frames in a row that go that way are one
 * sendmmsg(). That call stops at the first message that fails and reports its error only if it was
 * the first in the call; so after a partial send the rest is tried again, and either goes or tells
 * what is wrong.
 *
 * EAGAIN means that frames of ours that are still in the kernel fill the socket's buffer. They
 * leave it while we try, for a veth's receiver runs in this very call; so a few tries more are
 * worth it. ENOBUFS means that the queue behind the socket dropped the frame: what a queue is for.
 *
 * The control thread exchanges the AF_XDP socket while the sending thread may be in the middle of a
 * batch. The sender says so in 'is_sending' before it reads 'xdp'; the control thread writes 'xdp'
 * before it reads 'is_sending'. So if it finds nobody sending, nobody has the old socket any more;
 * otherwise the old one is kept until it finds that, or until the sender is closed.
 *
 * The kernel frees a queue some time after its socket was closed. So a device that has none for us
 * is asked a few times more. Closing takes long. So where there is no need for a new socket the old
 * one is put aside, to be closed together with those of other devices: somebody who captures on all
 * devices takes it from all of them at once. */

enum {
    SEND_QUEUE_SIZE = 4 << 20, /* SO_SNDBUF; the kernel doubles it. */
    SEND_TRIES = 8,            /* Times that a full socket is tried. */
    XDP_TRIES = 8,             /* Times that a device is asked for an AF_XDP socket. */
};

/* The ways to send; those before N_SOCKETS have a packet socket. */
enum way {
    PLAIN,            /* Nothing but the frame. */
    DESCRIBED,        /* Behind a virtio-net header that says what is left to do. */
    N_SOCKETS,
    FAST = N_SOCKETS, /* AF_XDP. */
};

struct raw_sender {
    int fds[N_SOCKETS];                           /* Sockets of protocol 0: never receive. */
    struct raw_xdp *xdp;                          /* Or NULL. Atomic, see above. */
    bool is_sending;                              /* Atomic, see above. */
    struct mmsghdr messages[PACKET_BATCH_MAX];    /* Of one piece or two. */
    struct iovec pieces[PACKET_BATCH_MAX][2];     /* Header and frame of each. */
    struct vnet_header headers[PACKET_BATCH_MAX]; /* Headers. */

    /* The control thread's. */
    struct raw_xdp *retired; /* AF_XDP socket that may still be in use, or NULL. */
    struct raw_xdp **unused; /* Where it is put aside then; borrowed. NULL: nowhere. */
    int queue;               /* For AF_XDP; or RAW_SENDER_NO_QUEUE. */
    int ifindex;             /* Device, or 0. */
    bool bypass;             /* As set. */
    unsigned xdp_tries;      /* Times in a row that the device had no AF_XDP socket for us. */
} CACHE_ALIGNED;

/* Opens the socket for 'way'. Returns 0 or an errno. */
static int open_socket(enum way way, int *fdp)
{
    int described = way == DESCRIBED, size = SEND_QUEUE_SIZE;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &described, sizeof described)) {
        int error = errno;
        close(fd);
        return error;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size)) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    }
    *fdp = fd;
    return 0;
}

int raw_sender_open(struct raw_sender **sp, int queue, struct raw_xdp **unused)
{
    struct raw_sender *s = xaligned_alloc(CACHE_LINE, sizeof *s);
    memset(s, 0, sizeof *s);
    s->queue = queue;
    s->unused = unused;
    s->fds[PLAIN] = s->fds[DESCRIBED] = -1;
    for (enum way way = 0; way < N_SOCKETS; way++) {
        int error = open_socket(way, &s->fds[way]);
        if (error) {
            raw_sender_close(s);
            return error;
        }
    }
    for (unsigned i = 0; i < PACKET_BATCH_MAX; i++) {
        s->pieces[i][0] = (struct iovec) {&s->headers[i], sizeof s->headers[i]};
    }
    *sp = s;
    return 0;
}

/* True if there should be an AF_XDP socket. */
static bool wants_xdp(const struct raw_sender *s)
{
    return s->queue >= 0 && s->bypass && s->ifindex && s->xdp_tries < XDP_TRIES;
}

/* Gets rid of the retired socket if nobody is in the middle of a batch. */
static void drop_retired(struct raw_sender *s)
{
    if (!s->retired || __atomic_load_n(&s->is_sending, __ATOMIC_SEQ_CST)) {
        return;
    }
    if (s->unused && !wants_xdp(s)) {
        raw_xdp_put_aside(s->retired, s->unused);
    } else {
        raw_xdp_close(s->retired);
    }
    s->retired = NULL;
}

/* Sees to it that there is an AF_XDP socket if there should be one, and none if not. The old one
 * goes first: a queue takes but one. */
static void review_xdp(struct raw_sender *s)
{
    if (s->xdp && (!wants_xdp(s) || raw_xdp_is_broken(s->xdp))) {
        s->retired = __atomic_exchange_n(&s->xdp, NULL, __ATOMIC_SEQ_CST);
    }
    drop_retired(s);
    if (wants_xdp(s) && !s->xdp && !s->retired) {
        struct raw_xdp *xdp = raw_xdp_open(s->ifindex, (unsigned) s->queue);
        __atomic_store_n(&s->xdp, xdp, __ATOMIC_SEQ_CST);
        s->xdp_tries = xdp ? 0 : s->xdp_tries + 1;
    }
}

void raw_sender_close(struct raw_sender *s)
{
    if (!s) {
        return;
    }
    raw_xdp_close(s->xdp);
    raw_xdp_close(s->retired);
    for (enum way way = 0; way < N_SOCKETS; way++) {
        if (s->fds[way] >= 0) {
            close(s->fds[way]);
        }
    }
    free(s);
}

int raw_sender_bind(struct raw_sender *s, int ifindex)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = ifindex};
    s->ifindex = 0;
    s->xdp_tries = 0;
    review_xdp(s);
    for (enum way way = 0; way < N_SOCKETS; way++) {
        if (bind(s->fds[way], (struct sockaddr *) &address, sizeof address)) {
            return errno;
        }
    }
    s->ifindex = ifindex;
    review_xdp(s);
    return 0;
}

void raw_sender_set_bypass(struct raw_sender *s, bool bypass)
{
    int value = bypass;
    for (enum way way = 0; way < N_SOCKETS && s->bypass != bypass; way++) {
        setsockopt(s->fds[way], SOL_PACKET, PACKET_QDISC_BYPASS, &value, sizeof value);
    }
    s->bypass = bypass;
    review_xdp(s);
}

/* The way that 'p' goes. */
static enum way way_of(const struct raw_xdp *xdp, const struct packet *p)
{
    if (p->offload.gso || p->offload.flags & PACKET_CSUM_PARTIAL) {
        return DESCRIBED;
    }
    return xdp && raw_xdp_takes(p) ? FAST : PLAIN;
}

/* Prepares the messages for 'n' packets that go through a packet socket. */
static void prepare(struct raw_sender *s, enum way way, struct packet *const packets[], unsigned n)
{
    unsigned first = way == DESCRIBED ? 0 : 1;
    for (unsigned i = 0; i < n; i++) {
        if (way == DESCRIBED) {
            offload_to_vnet(packets[i], &s->headers[i]);
        }
        s->pieces[i][1] = (struct iovec) {packets[i]->data, packets[i]->size};
        s->messages[i].msg_hdr.msg_iov = &s->pieces[i][first];
        s->messages[i].msg_hdr.msg_iovlen = 2 - first;
    }
}

/* Sends 'n' packets through the packet socket of 'way'. Returns how many went out; if none did,
 * *error is why. */
static unsigned send_messages(struct raw_sender *s, enum way way, struct packet *const packets[],
                              unsigned n, int *error)
{
    prepare(s, way, packets, n);
    int sent = sendmmsg(s->fds[way], s->messages, n, MSG_DONTWAIT);
    *error = sent > 0 ? 0 : errno;
    return sent > 0 ? (unsigned) sent : 0;
}

/* How many of SEND_TRIES an error uses up. ENETDOWN may be old news, which are told only once. */
static unsigned cost_of(int error)
{
    return error == EAGAIN || error == EINTR ? 1 : error == ENETDOWN ? SEND_TRIES / 2 : SEND_TRIES;
}

/* Sends 'n' packets by and by. Returns how many went out; if not all, *error is why. */
static unsigned send_all(struct raw_sender *s, struct raw_xdp *xdp, struct packet *const packets[],
                         unsigned n, int *error)
{
    unsigned sent = 0;
    for (unsigned tries = 0; sent < n && tries < SEND_TRIES;) {
        unsigned end = sent + 1;
        enum way way = way_of(xdp, packets[sent]);
        while (end < n && way_of(xdp, packets[end]) == way) {
            end++;
        }
        *error = 0;
        unsigned k = way == FAST
                     ? raw_xdp_send(xdp, packets + sent, end - sent, error)
                     : send_messages(s, way, packets + sent, end - sent, error);
        sent += k;
        if (*error == EXFULL) {
            xdp = NULL;
        } else {
            tries = *error ? tries + cost_of(*error) : 0;
        }
    }
    return sent;
}

unsigned raw_sender_send(struct raw_sender *s, struct packet *const packets[], unsigned n,
                         int *error)
{
    __atomic_store_n(&s->is_sending, true, __ATOMIC_SEQ_CST);
    struct raw_xdp *xdp = __atomic_load_n(&s->xdp, __ATOMIC_SEQ_CST);
    xdp = xdp && !raw_xdp_is_broken(xdp) ? xdp : NULL;
    unsigned sent = send_all(s, xdp, packets, n, error);
    __atomic_store_n(&s->is_sending, false, __ATOMIC_RELEASE);
    return sent;
}
