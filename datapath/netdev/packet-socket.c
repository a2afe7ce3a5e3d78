/* SPDX-License-Identifier: Apache-2.0 */
/* To which device a receiving packet socket (AF_PACKET) is bound. */
#include "datapath/netdev/packet-socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdint.h>
#include <sys/socket.h>

enum { NO_TYPE = 0xffff /* Ethernet type that is reserved: no frame has it. */ };

/* Binds to frames of the Ethernet type 'type' that arrive at 'ifindex' (0: at any device). Returns
 * 0 or an errno. */
static int bind_to(int fd, int ifindex, uint16_t type)
{
    const struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                        .sll_protocol = htons(type),
                                        .sll_ifindex = ifindex};
    return bind(fd, (const struct sockaddr *) &address, sizeof address) ? errno : 0;
}

int packet_socket_bind(int fd, int ifindex)
{
    return bind_to(fd, ifindex, ETH_P_ALL);
}

int packet_socket_unbind(int fd)
{
    return bind_to(fd, 0, NO_TYPE);
}

int packet_socket_set_promiscuous(int fd, int ifindex, bool is_on)
{
    const struct packet_mreq promiscuous = {.mr_ifindex = ifindex, .mr_type = PACKET_MR_PROMISC};
    int option = is_on ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP;
    return setsockopt(fd, SOL_PACKET, option, &promiscuous, sizeof promiscuous) ? errno : 0;
}

bool packet_socket_is_bound(int fd, int ifindex)
{
    struct sockaddr_ll address = {.sll_ifindex = 0};
    socklen_t size = sizeof address;
    return !getsockname(fd, (struct sockaddr *) &address, &size)
           && address.sll_ifindex == ifindex;
}
