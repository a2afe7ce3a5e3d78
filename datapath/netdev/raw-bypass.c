/* SPDX-License-Identifier: Apache-2.0 */
/* Whether anybody would miss frames that go past a device's queueing discipline. */
#include "datapath/netdev/raw-bypass.h"

#include <libmnl/libmnl.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "datapath/netdev/egress-watchers.h"
#include "datapath/netdev/netlink.h"

enum {
    TCX_EGRESS = 47, /* BPF_TCX_EGRESS of Linux 6.6, which older headers lack. */
};

/* Any filter in the answer is one too many. */
static int read_filter(const struct nlmsghdr *header, void *found)
{
    *(bool *) found |= header->nlmsg_type == RTM_NEWTFILTER;
    return MNL_CB_OK;
}

/* True if filters stand at the device's egress (clsact). Asked of the queueing discipline, not for
 * it: the answer to that question goes to everybody who listens for news, our monitor included. */
static bool has_filter(int ifindex)
{
    bool found = false;
    struct netlink_request request;
    struct tcmsg *tc = netlink_request_init(&request, RTM_GETTFILTER, NLM_F_DUMP, sizeof *tc);
    tc->tcm_family = AF_UNSPEC;
    tc->tcm_ifindex = ifindex;
    tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS);
    netlink_transact(NETLINK_ROUTE, &request, read_filter, &found);
    return found;
}

/* True if a BPF program is attached to the device's egress (tcx). */
static bool has_tcx(int ifindex)
{
    union bpf_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.query.target_fd = ifindex;
    attr.query.attach_type = TCX_EGRESS;
    return !syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof attr) && attr.query.prog_cnt > 0;
}

/* True if the offload that 'command' (ETHTOOL_G*) asks for is on. */
static bool offload_is_on(int fd, const char *name, uint32_t command)
{
    struct ethtool_value value = {.cmd = command};
    struct ifreq request = {.ifr_data = (void *) &value};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    return !ioctl(fd, SIOCETHTOOL, &request) && value.data;
}

/* True if the device takes super-frames whole. What the kernel has to cut for a device it sends on
 * the way through the queueing discipline only; on the way past it is dropped. */
static bool takes_super_frames(const char *name)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool takes = fd >= 0 && offload_is_on(fd, name, ETHTOOL_GTSO)
                 && offload_is_on(fd, name, ETHTOOL_GTXCSUM);
    if (fd >= 0) {
        close(fd);
    }
    return takes;
}

/* True if a chain or a packet socket that is not 'own' watches the device. */
static bool is_watched(const char *name, int ifindex, ino_t own, struct egress_watchers *watchers)
{
    return egress_watchers_has_chain(watchers, name)
           || egress_watchers_has_listener(watchers, ifindex, own);
}

bool raw_bypass_is_unnoticed(const char *name, int ifindex, const char *qdisc, ino_t own,
                             struct egress_watchers *watchers)
{
    if (strcmp(qdisc, "noqueue") || !takes_super_frames(name) || has_filter(ifindex)
        || has_tcx(ifindex)) {
        return false;
    }
    struct egress_watchers *ours = watchers ? NULL : egress_watchers_create();
    bool watched = is_watched(name, ifindex, own, watchers ? watchers : ours);
    egress_watchers_destroy(ours);
    return !watched;
}
