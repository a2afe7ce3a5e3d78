/* SPDX-License-Identifier: Apache-2.0 */
/* Whether anybody would miss frames that go past a device's queueing discipline. */
#include "datapath/netdev/raw-bypass.h"

#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
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

#include "datapath/netdev/netlink.h"

enum {
    TCX_EGRESS = 47, /* BPF_TCX_EGRESS of Linux 6.6, which older headers lack. */
    HOOK_EGRESS = 1, /* NF_NETDEV_EGRESS, likewise (5.16). */
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

/* A search for a chain at the egress of a device. */
struct chain_search {
    const char *name;  /* The device. */
    uint32_t hook;     /* Hook of the chain at hand. */
    bool names_device; /* The chain at hand is on the device. */
    bool found;        /* There was one. */
};

/* True if 'attr' is the string 'name'. */
static bool is_name(const struct nlattr *attr, const char *name)
{
    return netlink_attr_is(attr, MNL_TYPE_NUL_STRING) && !strcmp(mnl_attr_get_str(attr), name);
}

/* Reads the hook of a chain, and its devices, one by name or several in a nest. */
static int read_hook(const struct nlattr *attr, void *search_)
{
    struct chain_search *search = search_;
    switch (mnl_attr_get_type(attr)) {
    case NFTA_HOOK_HOOKNUM:
        if (netlink_attr_is(attr, MNL_TYPE_U32)) {
            search->hook = be32toh(mnl_attr_get_u32(attr));
        }
        break;
    case NFTA_HOOK_DEV:
        search->names_device |= is_name(attr, search->name);
        break;
    case NFTA_HOOK_DEVS: {
        const struct nlattr *device;
        mnl_attr_for_each_nested(device, attr) {
            search->names_device |= is_name(device, search->name);
        }
        break;
    }
    }
    return MNL_CB_OK;
}

static int read_chain_attribute(const struct nlattr *attr, void *search)
{
    bool is_hook = mnl_attr_get_type(attr) == NFTA_CHAIN_HOOK;
    return is_hook ? mnl_attr_parse_nested(attr, read_hook, search) : MNL_CB_OK;
}

static int read_chain(const struct nlmsghdr *header, void *search_)
{
    struct chain_search *search = search_;
    search->hook = UINT32_MAX;
    search->names_device = false;
    if (mnl_nlmsg_get_payload_len(header) < sizeof(struct nfgenmsg)) {
        return MNL_CB_OK;
    }
    int retval = mnl_attr_parse(header, sizeof(struct nfgenmsg), read_chain_attribute, search);
    search->found |= search->hook == HOOK_EGRESS && search->names_device;
    return retval;
}

/* True if an nftables chain stands at the device's egress. */
static bool has_egress_chain(const char *name)
{
    struct chain_search search = {.name = name};
    struct netlink_request request;
    struct nfgenmsg *nf = netlink_request_init(
        &request, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, NLM_F_DUMP, sizeof *nf);
    nf->nfgen_family = NFPROTO_NETDEV;
    nf->version = NFNETLINK_V0;
    int error = netlink_transact(NETLINK_NETFILTER, &request, read_chain, &search);
    return search.found || error == EINTR;
}

/* True if a packet socket of somebody else receives what the device sends: one for all protocols,
 * on this device or on all. */
static bool has_listener(int ifindex, ino_t own)
{
    char line[256];
    bool found = false;
    FILE *file = fopen("/proc/thread-self/net/packet", "re");
    if (!file) {
        return true;
    }
    while (!found && fgets(line, sizeof line, file)) {
        unsigned protocol;
        int on;
        unsigned long inode;
        found = sscanf(line, "%*x %*d %*d %x %d %*d %*u %*u %lu", &protocol, &on, &inode) == 3
                && protocol == ETH_P_ALL && (on == ifindex || on == 0)
                && inode != own;
    }
    fclose(file);
    return found;
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

bool raw_bypass_is_unnoticed(const char *name, int ifindex, const char *qdisc, ino_t own)
{
    return !strcmp(qdisc, "noqueue") && takes_super_frames(name) && !has_filter(ifindex)
           && !has_tcx(ifindex) && !has_egress_chain(name) && !has_listener(ifindex, own);
}
