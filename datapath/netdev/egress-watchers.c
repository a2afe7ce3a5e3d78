/* SPDX-License-Identifier: Apache-2.0 */
/* Who watches what devices send: packet sockets and nftables chains, read once for many devices. */
#include "datapath/netdev/egress-watchers.h"

#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/netdev/netlink.h"
#include "lib/util.h"

enum {
    HOOK_EGRESS = 1, /* NF_NETDEV_EGRESS of Linux 5.16, which older headers lack. */
};

/* A packet socket for all protocols. */
struct listener {
    int ifindex; /* Device that it is bound to; 0 all. */
    ino_t inode; /* Of the socket. */
};

/* A device with a chain at its egress. */
struct chained {
    char name[IF_NAMESIZE]; /* Of the device. */
};

struct egress_watchers {
    struct listener *listeners; /* By ifindex; owned. */
    size_t n_listeners;         /* Their number. */
    size_t max_listeners;       /* Room for so many. */
    struct chained *chained;    /* In any order, for they are few; owned. */
    size_t n_chained;           /* Their number. */
    size_t max_chained;         /* Room for so many. */
    bool has_read_listeners;    /* In this round. */
    bool has_read_chains;       /* In this round. */
    bool doubts_listeners;      /* They could not be read. */
    bool doubts_chains;         /* They changed meanwhile. */
};

struct egress_watchers *egress_watchers_create(void)
{
    return xcalloc(1, sizeof(struct egress_watchers));
}

void egress_watchers_destroy(struct egress_watchers *w)
{
    if (w) {
        free(w->listeners);
        free(w->chained);
        free(w);
    }
}

void egress_watchers_forget(struct egress_watchers *w)
{
    w->has_read_listeners = w->has_read_chains = false;
}

/* Adds a listener. */
static void add_listener(struct egress_watchers *w, int ifindex, ino_t inode)
{
    if (w->n_listeners == w->max_listeners) {
        w->max_listeners = MAX(2 * w->max_listeners, (size_t) 16);
        w->listeners = xrealloc(w->listeners, w->max_listeners * sizeof *w->listeners);
    }
    w->listeners[w->n_listeners++] = (struct listener) {ifindex, inode};
}

/* Adds a device, unless no device can have the name. */
static void add_chained(struct egress_watchers *w, const char *name)
{
    if (strlen(name) >= IF_NAMESIZE) {
        return;
    }
    if (w->n_chained == w->max_chained) {
        w->max_chained = MAX(2 * w->max_chained, (size_t) 16);
        w->chained = xrealloc(w->chained, w->max_chained * sizeof *w->chained);
    }
    snprintf(w->chained[w->n_chained++].name, IF_NAMESIZE, "%s", name);
}

/* Listeners by ifindex. */
static int compare_listeners(const void *a_, const void *b_)
{
    const struct listener *a = a_, *b = b_;
    return (a->ifindex > b->ifindex) - (a->ifindex < b->ifindex);
}

/* Reads all listeners. */
static void read_listeners(struct egress_watchers *w)
{
    char line[256];
    FILE *file = fopen("/proc/thread-self/net/packet", "re");
    w->has_read_listeners = true;
    w->doubts_listeners = !file;
    w->n_listeners = 0;
    while (file && fgets(line, sizeof line, file)) {
        unsigned protocol;
        int on;
        unsigned long inode;
        if (sscanf(line, "%*x %*d %*d %x %d %*d %*u %*u %lu", &protocol, &on, &inode) == 3
            && protocol == ETH_P_ALL) {
            add_listener(w, on, inode);
        }
    }
    if (file) {
        fclose(file);
    }
    if (w->n_listeners) {
        qsort(w->listeners, w->n_listeners, sizeof *w->listeners, compare_listeners);
    }
}

/* True if 'hook' of a chain is at the egress. */
static bool is_egress(const struct nlattr *hook)
{
    const struct nlattr *attr;
    bool egress = false;
    mnl_attr_for_each_nested(attr, hook) {
        if (mnl_attr_get_type(attr) == NFTA_HOOK_HOOKNUM && netlink_attr_is(attr, MNL_TYPE_U32)) {
            egress = be32toh(mnl_attr_get_u32(attr)) == HOOK_EGRESS;
        }
    }
    return egress;
}

/* Adds the device that 'attr' names, if it is a string. */
static void read_device(struct egress_watchers *w, const struct nlattr *attr)
{
    if (netlink_attr_is(attr, MNL_TYPE_NUL_STRING)) {
        add_chained(w, mnl_attr_get_str(attr));
    }
}

/* Adds the devices of 'hook', one by name or several in a nest. */
static void read_devices(struct egress_watchers *w, const struct nlattr *hook)
{
    const struct nlattr *attr, *device;
    mnl_attr_for_each_nested(attr, hook) {
        if (mnl_attr_get_type(attr) == NFTA_HOOK_DEV) {
            read_device(w, attr);
        } else if (mnl_attr_get_type(attr) == NFTA_HOOK_DEVS) {
            mnl_attr_for_each_nested(device, attr) {
                read_device(w, device);
            }
        }
    }
}

static int read_chain(const struct nlmsghdr *header, void *w)
{
    const struct nlattr *attr;
    if (mnl_nlmsg_get_payload_len(header) >= sizeof(struct nfgenmsg)) {
        mnl_attr_for_each(attr, header, sizeof(struct nfgenmsg)) {
            if (mnl_attr_get_type(attr) == NFTA_CHAIN_HOOK && is_egress(attr)) {
                read_devices(w, attr);
            }
        }
    }
    return MNL_CB_OK;
}

/* Reads all chains. */
static void read_chains(struct egress_watchers *w)
{
    struct netlink_request request;
    struct nfgenmsg *nf = netlink_request_init(
        &request, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, NLM_F_DUMP, sizeof *nf);
    nf->nfgen_family = NFPROTO_NETDEV;
    nf->version = NFNETLINK_V0;
    w->has_read_chains = true;
    w->n_chained = 0;
    w->doubts_chains = netlink_transact(NETLINK_NETFILTER, &request, read_chain, w) == EINTR;
}

/* Number of the first listener on 'ifindex' or a greater one. */
static size_t find_listener(const struct egress_watchers *w, int ifindex)
{
    size_t low = 0, high = w->n_listeners;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (w->listeners[middle].ifindex < ifindex) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* True if a socket that is not 'own' listens on exactly 'ifindex'. */
static bool is_listened_to(const struct egress_watchers *w, int ifindex, ino_t own)
{
    for (size_t i = find_listener(w, ifindex);
         i < w->n_listeners && w->listeners[i].ifindex == ifindex; i++) {
        if (w->listeners[i].inode != own) {
            return true;
        }
    }
    return false;
}

bool egress_watchers_has_listener(struct egress_watchers *w, int ifindex, ino_t own)
{
    if (!w->has_read_listeners) {
        read_listeners(w);
    }
    return w->doubts_listeners || is_listened_to(w, ifindex, own) || is_listened_to(w, 0, own);
}

bool egress_watchers_has_chain(struct egress_watchers *w, const char *name)
{
    if (!w->has_read_chains) {
        read_chains(w);
    }
    for (size_t i = 0; i < w->n_chained; i++) {
        if (!strcmp(w->chained[i].name, name)) {
            return true;
        }
    }
    return w->doubts_chains;
}
