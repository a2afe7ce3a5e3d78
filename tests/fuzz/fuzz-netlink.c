/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a kernel that answers nonsense by netlink. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "datapath/netdev/link-address.h"
#include "datapath/netdev/link-monitor.h"
#include "datapath/netdev/link-route.h"
#include "datapath/netdev/link-status.h"
#include "datapath/netdev/netdev.h"
#include "datapath/netdev/raw-bypass.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

/* An input is a byte that chooses who asks, and what the kernel answers in one datagram. */

enum { IFINDEX = 3 /* Interface that is asked about. */ };

const uint64_t fuzz_mutations = 20000;

/* The kernel, in place of the library's sockets ------------------------------------------------ */

static const uint8_t *answer; /* What comes next, */
static size_t answer_size;    /* so many bytes. */
static bool is_news;          /* Nobody asked: when there is no more, none is waited for. */

struct mnl_socket *mnl_socket_open2(int bus UNUSED, int flags UNUSED)
{
    static int any;
    return (struct mnl_socket *) (void *) &any;
}

int mnl_socket_bind(struct mnl_socket *s UNUSED, unsigned groups UNUSED, pid_t pid UNUSED)
{
    return 0;
}

int mnl_socket_setsockopt(const struct mnl_socket *s UNUSED, int type UNUSED, void *value UNUSED,
                          socklen_t size UNUSED)
{
    return 0;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *s UNUSED, const void *data UNUSED, size_t size)
{
    return (ssize_t) size;
}

/* Mends the lengths of the messages in the 'n' bytes at 'buffer': the library does not survive some
 * of those that no kernel gives. Returns how many bytes are messages. */
static size_t mend_lengths(uint8_t *buffer, size_t n)
{
    size_t at = 0;
    while (n - at >= sizeof(struct nlmsghdr)) {
        struct nlmsghdr h;
        memcpy(&h, buffer + at, sizeof h);
        if (h.nlmsg_len < sizeof h || h.nlmsg_len > n - at) {
            h.nlmsg_len = (uint32_t) (n - at);
            memcpy(buffer + at, &h, sizeof h);
        }
        at = MIN(at + NLMSG_ALIGN(h.nlmsg_len), n);
    }
    return at;
}

/* One datagram, then an error. */
ssize_t mnl_socket_recvfrom(const struct mnl_socket *s UNUSED, void *buffer, size_t size)
{
    if (!answer) {
        errno = is_news ? EAGAIN : EIO;
        return -1;
    }
    size_t n = MIN(size, answer_size);
    memcpy(buffer, answer, n);
    answer = NULL;
    return (ssize_t) mend_lengths(buffer, n);
}

int mnl_socket_close(struct mnl_socket *s UNUSED)
{
    return 0;
}

int mnl_socket_get_fd(const struct mnl_socket *s UNUSED)
{
    return -1;
}

unsigned mnl_socket_get_portid(const struct mnl_socket *s UNUSED)
{
    return 0;
}

/* Who asks ------------------------------------------------------------------------------------- */

static void ask_status(void)
{
    struct netdev_status status;
    struct link_kind kind;
    link_status_get("fuzz0", &status, &kind);
    promise(memchr(kind.kind, 0, sizeof kind.kind) && memchr(kind.qdisc, 0, sizeof kind.qdisc));
}

static void ask_addresses(void)
{
    struct link_address *addresses = NULL;
    size_t n = 0;
    if (!link_addresses_get(IFINDEX, &addresses, &n)) {
        for (size_t i = 0; i < n; i++) {
            promise(link_ip_size(&addresses[i].ip) > 0);
        }
        free(addresses);
    }
}

static void ask_route(void)
{
    struct link_ip to;
    struct link_route route;
    promise(link_ip_parse("fc00::1", &to));
    link_route_get(&to, IFINDEX, &route);
    promise(route.gateway.family == AF_UNSPEC || route.gateway.family == AF_INET6);
}

static void ask_neighbour(void)
{
    struct link_ip ip;
    uint8_t mac[6] = {0};
    promise(link_ip_parse("10.0.0.1", &ip));
    link_neighbour_get(IFINDEX, &ip, mac);
}

static void ask_bypass(void)
{
    raw_bypass_is_unnoticed("fuzz0", IFINDEX, "noqueue", 0, NULL);
}

static void changed(void *aux UNUSED, int ifindex UNUSED, const char *name)
{
    promise(!name || strlen(name) < 40000);
}

static void hear_news(void)
{
    struct link_monitor *m;
    is_news = true;
    promise(!link_monitor_create(&m));
    while (link_monitor_run(m, 2, changed, NULL)) {
    }
    link_monitor_destroy(m);
    is_news = false;
}

static void (*const askers[])(void) = {
    ask_status, ask_addresses, ask_route, ask_neighbour, ask_bypass, hear_news,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size) {
        answer = data + 1;
        answer_size = size - 1;
        askers[data[0] % ARRAY_SIZE(askers)]();
    }
    return 0;
}

/* Seeds ---------------------------------------------------------------------------------------- */

/* A link with all that is looked at. */
static void put_link(struct nlmsghdr *h)
{
    struct ifinfomsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);
    h->nlmsg_type = RTM_NEWLINK;
    info->ifi_index = IFINDEX;
    info->ifi_type = ARPHRD_ETHER;
    mnl_attr_put_strz(h, IFLA_IFNAME, "fuzz0");
    mnl_attr_put(h, IFLA_ADDRESS, 6, "\2\0\0\0\0\1");
    mnl_attr_put_u32(h, IFLA_MTU, 1500);
    mnl_attr_put_strz(h, IFLA_QDISC, "noqueue");
    mnl_attr_put_u8(h, IFLA_CARRIER, 1);
    struct nlattr *kind = mnl_attr_nest_start(h, IFLA_LINKINFO);
    mnl_attr_put_strz(h, IFLA_INFO_KIND, "tun");
    struct nlattr *tun = mnl_attr_nest_start(h, IFLA_INFO_DATA);
    mnl_attr_put_u8(h, IFLA_TUN_TYPE, IFF_TAP);
    mnl_attr_put_u8(h, IFLA_TUN_MULTI_QUEUE, 1);
    mnl_attr_nest_end(h, tun);
    mnl_attr_nest_end(h, kind);
}

static void put_address(struct nlmsghdr *h)
{
    struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);
    h->nlmsg_type = RTM_NEWADDR;
    info->ifa_index = IFINDEX;
    mnl_attr_put(h, IFA_ADDRESS, 16, "\xfc\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
    mnl_attr_put_u32(h, IFA_LOCAL, 0x0100000a);
}

static void put_route(struct nlmsghdr *h)
{
    struct rtmsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);
    h->nlmsg_type = RTM_NEWROUTE;
    info->rtm_type = RTN_UNICAST;
    mnl_attr_put(h, RTA_GATEWAY, 16, "\xfc\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2");
    mnl_attr_put_u32(h, RTA_OIF, IFINDEX);
}

static void put_neighbour(struct nlmsghdr *h)
{
    struct ndmsg *info = mnl_nlmsg_put_extra_header(h, sizeof *info);
    h->nlmsg_type = RTM_NEWNEIGH;
    info->ndm_state = NUD_REACHABLE;
    mnl_attr_put(h, NDA_LLADDR, 6, "\2\0\0\0\0\1");
}

static void put_chain(struct nlmsghdr *h)
{
    mnl_nlmsg_put_extra_header(h, sizeof(struct nfgenmsg));
    h->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN;
    struct nlattr *hook = mnl_attr_nest_start(h, NFTA_CHAIN_HOOK);
    mnl_attr_put_u32(h, NFTA_HOOK_HOOKNUM, 0x01000000);
    mnl_attr_put_strz(h, NFTA_HOOK_DEV, "fuzz0");
    struct nlattr *devices = mnl_attr_nest_start(h, NFTA_HOOK_DEVS);
    mnl_attr_put_strz(h, NFTA_DEVICE_NAME, "fuzz1");
    mnl_attr_nest_end(h, devices);
    mnl_attr_nest_end(h, hook);
}

static void put_qdisc(struct nlmsghdr *h)
{
    struct tcmsg *tc = mnl_nlmsg_put_extra_header(h, sizeof *tc);
    h->nlmsg_type = RTM_NEWQDISC;
    tc->tcm_ifindex = 1;
}

/* What each asker wants to hear, and the news of a queueing discipline. */
static void (*const seeds[])(struct nlmsghdr *h) = {
    put_link, put_address, put_route, put_neighbour, put_chain, put_link, put_qdisc,
};

uint8_t *fuzz_seed(size_t index, size_t *size)
{
    if (index >= ARRAY_SIZE(seeds)) {
        return NULL;
    }
    char memory[1024] __attribute__((aligned(8)));
    struct nlmsghdr *h = mnl_nlmsg_put_header(memory);
    seeds[index](h);
    *size = 1 + h->nlmsg_len;
    uint8_t *seed = xmalloc(*size);
    seed[0] = (uint8_t) MIN(index, ARRAY_SIZE(askers) - 1);
    memcpy(seed + 1, memory, h->nlmsg_len);
    return seed;
}
