/* SPDX-License-Identifier: Apache-2.0 */
/* To which device a receiving packet socket (AF_PACKET) is bound. */
#ifndef DATAPATH_NETDEV_PACKET_SOCKET_H
#define DATAPATH_NETDEV_PACKET_SOCKET_H

#include <stdbool.h>

/* For the control thread, while another one receives from the socket 'fd' and never notices. */

/* Binds to all frames of the device 'ifindex'; to frames that don't exist. Return 0 or an errno. */
int packet_socket_bind(int fd, int ifindex);
int packet_socket_unbind(int fd);

/* Makes the device 'ifindex' promiscuous, or lets it be as it was; it may be gone then. Returns 0
 * or an errno. */
int packet_socket_set_promiscuous(int fd, int ifindex, bool is_on);

/* Whether it is bound to the device 'ifindex': the kernel ends that when the device goes, even if
 * one with the same index comes. */
bool packet_socket_is_bound(int fd, int ifindex);

#endif
