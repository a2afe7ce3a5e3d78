/* SPDX-License-Identifier: Apache-2.0 */
/* Sending to a kernel device through an AF_PACKET socket, in batches. */
#include "datapath/netdev/raw-send.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/packet/offload.h"
#include "lib/packet/packet.h"
#include "lib/util.h"

/* Theory ======
 *
 * Each frame is one message of two pieces, virtio-net header and frame, and a batch is one
 * sendmmsg(). That call stops at the first message that fails and reports its error only if it was
 * the first in the call; so after a partial send the rest is tried again, and either goes or tells
 * what is wrong.
 *
 * EAGAIN means that frames of ours that are still in the kernel fill the socket's buffer. They
 * leave it while we try, for a veth's receiver runs in this very call; so a few tries more are
 * worth it. ENOBUFS means that the queue behind the socket dropped the frame: what a queue is for.
 * */

enum {
    SEND_QUEUE_SIZE = 4 << 20, /* SO_SNDBUF; the kernel doubles it. */
    SEND_TRIES = 8,            /* Times that a full socket is tried. */
};

struct raw_sender {
    int fd;                                       /* Packet socket of protocol 0: never receives. */
    struct mmsghdr messages[PACKET_BATCH_MAX];    /* Each of two pieces. */
    struct iovec pieces[PACKET_BATCH_MAX][2];     /* Header and frame of each. */
    struct vnet_header headers[PACKET_BATCH_MAX]; /* Headers. */
} CACHE_ALIGNED;

/* Opens the socket. Returns 0 or an errno. */
static int open_socket(int *fdp)
{
    int on = 1, size = SEND_QUEUE_SIZE;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on)) {
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

int raw_sender_open(struct raw_sender **sp)
{
    int fd = -1;
    int error = open_socket(&fd);
    if (error) {
        return error;
    }
    struct raw_sender *s = xaligned_alloc(CACHE_LINE, sizeof *s);
    memset(s, 0, sizeof *s);
    s->fd = fd;
    for (unsigned i = 0; i < PACKET_BATCH_MAX; i++) {
        s->pieces[i][0] = (struct iovec) {&s->headers[i], sizeof s->headers[i]};
        s->messages[i].msg_hdr = (struct msghdr) {.msg_iov = s->pieces[i], .msg_iovlen = 2};
    }
    *sp = s;
    return 0;
}

void raw_sender_close(struct raw_sender *s)
{
    if (s) {
        close(s->fd);
        free(s);
    }
}

int raw_sender_bind(struct raw_sender *s, int ifindex)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = ifindex};
    return bind(s->fd, (struct sockaddr *) &address, sizeof address) ? errno : 0;
}

void raw_sender_set_bypass(struct raw_sender *s, bool bypass)
{
    int value = bypass;
    setsockopt(s->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &value, sizeof value);
}

/* Prepares the messages for 'n' packets. */
static void prepare(struct raw_sender *s, struct packet *const packets[], unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        offload_to_vnet(packets[i], &s->headers[i]);
        s->pieces[i][1] = (struct iovec) {packets[i]->data, packets[i]->size};
    }
}

/* How many of SEND_TRIES an error uses up. ENETDOWN may be old news, which are told only once. */
static unsigned cost_of(int error)
{
    return error == EAGAIN || error == EINTR ? 1 : error == ENETDOWN ? SEND_TRIES / 2 : SEND_TRIES;
}

unsigned raw_sender_send(struct raw_sender *s, struct packet *const packets[], unsigned n,
                         int *error)
{
    unsigned sent = 0;
    prepare(s, packets, n);
    for (unsigned tries = 0; sent < n && tries < SEND_TRIES;) {
        int retval = sendmmsg(s->fd, s->messages + sent, n - sent, MSG_DONTWAIT);
        if (retval > 0) {
            sent += retval;
            tries = 0;
        } else {
            *error = errno;
            tries += cost_of(*error);
        }
    }
    return sent;
}
