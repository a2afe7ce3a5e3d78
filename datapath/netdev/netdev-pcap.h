/* SPDX-License-Identifier: Apache-2.0 */
/* Devices by libpcap: one of the kernel, captured live, or capture files. */
#ifndef DATAPATH_NETDEV_NETDEV_PCAP_H
#define DATAPATH_NETDEV_NETDEV_PCAP_H

struct netdev_class;

/* Kind "pcap".  Without in= and out= it is the device of the kernel that has the name, which must
 * be there.  Options:
 *
 *     host=drop     (default) keeps the host's own stack from seeing what the device receives
 *     host=keep     leaves it in
 *
 * With one of them, or both, there is no such device, and the name is only the port's:
 *
 *     in=FILE       what is received: the frames of a pcap or pcapng file. At its end the link goes
 *                   down. Without it nothing is received and the link stays up.
 *     pace=asap     (default) one after the other as fast as they are taken
 *     pace=recorded at the distances that their times have in the file
 *     delay=SECONDS from the start to the first frame, default 1: a switch that starts has its
 *                   other ports and rules in place by then
 *     out=FILE      where to write what is sent, a pcap file with nanoseconds, emptied first.
 *                   Without it what is sent is thrown away.
 *     mtu=N         default 1500, 0 unlimited
 *     mac=ADDRESS   default: made up from the name
 *
 * A capture tells nothing of offloads: a checksum that looks unfinished is taken to be, and TCP
 * beyond the MTU for a super-frame. Sent frames are finished and cut always.
 *
 * Times: a frame that this kind received bears the time of its capture; as long as it is forwarded,
 * changed or cut or not, out= writes that time, of whatever port. */
extern const struct netdev_class netdev_pcap_class;

#endif
