/* SPDX-License-Identifier: Apache-2.0 */
/* A test's hand on a device: plain frames out of it and into it, as they are on the wire. */
#include "tests/netdev/wire.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/byte-order.h"

int wire_open(const char *name)
{
    int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_protocol = htons(ETH_P_ALL),
                                  .sll_ifindex = if_nametoindex(name)};
    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on);
    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    if (fd >= 0 && bind(fd, (struct sockaddr *) &address, sizeof address)) {
        close(fd);
        return -1;
    }
    return fd;
}

bool wire_send(int wire, const void *frame, size_t size)
{
    return send(wire, frame, size, 0) == (ssize_t) size;
}

size_t wire_add_tag(uint8_t *frame, size_t size, uint16_t tpid, uint16_t tci)
{
    memmove(frame + 16, frame + 12, size - 12);
    put_be16(frame + 12, tpid);
    put_be16(frame + 14, tci);
    return size + 4;
}

size_t wire_receive(int wire, uint8_t *frame, size_t room, int timeout_ms)
{
    char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))] __attribute__((aligned(8)));
    struct pollfd pollfd = {.fd = wire, .events = POLLIN};
    struct iovec iov = {frame, room - 4};
    struct msghdr message = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    if (poll(&pollfd, 1, timeout_ms) <= 0) {
        return 0;
    }
    ssize_t n = recvmsg(wire, &message, MSG_DONTWAIT);
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (c) {
        struct tpacket_auxdata aux;
        memcpy(&aux, CMSG_DATA(c), sizeof aux);
        if (aux.tp_status & TP_STATUS_VLAN_VALID) {
            n = wire_add_tag(frame, n, aux.tp_vlan_tpid, aux.tp_vlan_tci);
        }
    }
    return n > 0 ? n : 0;
}

void wire_make_frame(uint8_t *frame, size_t size, unsigned seed)
{
    static const uint8_t addresses[] = {2, 0, 0, 0, 0, 0xbb, 2, 0, 0, 0, 0, 0xaa};
    memcpy(frame, addresses, sizeof addresses);
    put_be16(frame + 12, 0x88b5);
    for (size_t i = 14; i < size; i++) {
        frame[i] = seed * 31 + i * 7;
    }
    if (size >= 18) {
        put_be32(frame + 14, seed);
    }
}
